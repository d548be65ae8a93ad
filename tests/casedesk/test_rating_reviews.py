"""What follows a bad rating: a review with a second person, or a second handling."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from casedesk.actions import reviews
from casedesk.models import CaseEvent, OutcomeRating, RatingReview
from enterprises.models import EnterpriseMembership
from portal.workflow import MoveRefused
from tests.casedesk.desk import HOUR
from tests.casedesk.rated import LATER, fresh, handled, rate, rating_of

EVIDENCE = {"ground": "not_the_matter", "evidence": "The remark is about the lift; this was about rubbish."}


@pytest.fixture
def bad(desk):
    """A case whose reporter was dissatisfied."""
    file = handled(desk)
    rate(file, 1, "no")
    return fresh(file)


@pytest.fixture
def review(desk, bad):
    return reviews.ask_review(rating_of(bad), by=desk.staff, now=LATER + HOUR, **EVIDENCE)


def decide(review, by, *, withdraw, now=LATER + 2 * HOUR, reason="Read both"):
    reviews.decide_review(review, withdraw=withdraw, by=by, reason=reason, now=now)


def test_a_review_is_due_after_five_working_days(review):
    assert f"{review.due_at.astimezone():%F %R}" == "2021-11-18 00:00"  # asked on Wednesday, 10 November


@pytest.mark.parametrize("who", ["street_staff", "fire", "city", "officer"])
def test_only_the_rated_party_asks(desk, bad, who):
    with pytest.raises((PermissionDenied, MoveRefused)):
        reviews.ask_review(rating_of(bad), by=getattr(desk, who), now=LATER, **EVIDENCE)


@pytest.mark.parametrize("change", [{"ground": "unfair"}, {"ground": ""}, {"evidence": "  "}, {"evidence": "x" * 1001}])
def test_a_review_needs_a_coded_ground_and_evidence(desk, bad, change):
    with pytest.raises(ValidationError):
        reviews.ask_review(rating_of(bad), by=desk.staff, now=LATER, **(EVIDENCE | change))
    assert not RatingReview.objects.exists()


def test_a_review_is_asked_once_and_in_time(desk, bad, review):
    with pytest.raises(MoveRefused, match="already"):
        reviews.ask_review(rating_of(bad), by=desk.colleague, now=LATER + HOUR, **EVIDENCE)
    other = handled(desk)
    rate(other, 2, "no")
    with pytest.raises(MoveRefused, match="over"):
        reviews.ask_review(rating_of(other), by=desk.staff, now=reviews.ask_until(rating_of(other)), **EVIDENCE)


def test_a_good_rating_is_not_reviewed(desk):
    file = handled(desk)
    rate(file, 3)
    with pytest.raises(MoveRefused, match="not solved"):
        reviews.ask_review(rating_of(file), by=desk.staff, now=LATER, **EVIDENCE)


def test_not_solved_is_handled_again_even_where_the_resident_is_satisfied(desk):
    file = handled(desk)
    rate(file, 4, "no")
    assert fresh(file).status == "handled"
    assert reviews.keep_rating_clocks(reviews.ask_until(rating_of(file)))["reopened"] == 1


def test_what_cannot_be_solved_now_is_closed_where_the_resident_is_satisfied(desk):
    file = desk.accepted()
    desk.handle(file, now=LATER - HOUR, result="not_now", text="The pipe belongs to the next year's programme")
    rate(fresh(file), 4, "no")
    assert fresh(file).status == "closed"


def test_a_withdrawn_rating_stays_readable_and_counts_no_longer(desk, bad, review):
    decide(review, desk.officer, withdraw=True)
    file = fresh(bad)
    assert (file.case.rating, file.case.rating_withdrawn, file.status) == (1, True, "closed")
    assert (rating_of(bad).status, rating_of(bad).level) == ("withdrawn", 1)
    assert CaseEvent.objects.filter(kind="review_withdrawn", is_public=True, text="Read both").exists()


def test_an_upheld_rating_leads_to_a_second_handling_by_the_same_lead(desk, bad, review):
    before = bad.case
    decide(review, desk.officer, withdraw=False)
    file = fresh(bad)
    assert (file.status, file.round, file.round_opened_at) == ("reopened", 2, LATER + 2 * HOUR)
    assert file.round_due_at > LATER + timedelta(days=5)
    assert (file.case.rating, file.case.handled_at, file.case.handle_due_at) == (
        1,
        before.handled_at,
        before.handle_due_at,
    )
    desk.handle(file, now=LATER + 9 * HOUR)
    assert fresh(bad).case.handled_at == before.handled_at


def test_a_later_rounds_rating_never_touches_the_first_rounds_facts(desk, bad, review):
    decide(review, desk.officer, withdraw=False)
    desk.handle(fresh(bad), now=LATER + 9 * HOUR)
    rate(fresh(bad), 5, now=LATER + 10 * HOUR)
    file = fresh(bad)
    assert (file.case.rating, file.case.rated_at, file.case.resolved, file.status) == (1, LATER, "no", "closed")
    assert OutcomeRating.objects.filter(case=bad.case).count() == 2


def test_who_asked_or_belongs_to_the_rated_party_does_not_decide(desk, bad, review):
    EnterpriseMembership.objects.create(user=desk.officer, enterprise=desk.enterprise)
    with pytest.raises(MoveRefused):
        decide(review, desk.officer, withdraw=True)
    for other in (desk.staff, desk.street_staff):
        with pytest.raises(PermissionDenied):
            decide(review, other, withdraw=True)
    with pytest.raises(ValidationError):
        decide(review, desk.city, withdraw=True, reason=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        RatingReview.objects.filter(pk=review.pk).update(
            status="withdrawn", decided_by=review.asked_by, decision_reason="mine"
        )


def test_a_review_is_decided_once(desk, bad, review):
    decide(review, desk.officer, withdraw=True)
    with pytest.raises(MoveRefused, match="has been decided"):
        decide(review, desk.city, withdraw=False)
    assert fresh(bad).round == 1


def test_what_nobody_doubts_in_time_is_handled_again_once(bad):
    until = reviews.ask_until(rating_of(bad))
    assert reviews.keep_rating_clocks(until - timedelta(seconds=1))["reopened"] == 0
    assert reviews.keep_rating_clocks(until)["reopened"] == 1
    assert reviews.keep_rating_clocks(until)["reopened"] == 0
    assert (fresh(bad).round, fresh(bad).status) == (2, "reopened")


def test_a_review_that_nobody_decides_in_time_is_not_held_against_the_resident(desk, bad, review):
    assert reviews.keep_rating_clocks(review.due_at - timedelta(seconds=1))["reopened"] == 0
    assert reviews.keep_rating_clocks(review.due_at)["reopened"] == 1
    decide(review, desk.officer, withdraw=True, now=review.due_at + HOUR)
    file = fresh(bad)
    assert (file.status, file.round, file.case.rating_withdrawn) == ("reopened", 2, True)


def test_a_dissatisfied_case_is_never_closed_as_unrated(bad):
    reviews.keep_rating_clocks(bad.rating_until)
    assert fresh(bad).status == "reopened"


def test_an_official_reopens_a_closed_case_with_a_reason(desk):
    file = handled(desk)
    rate(file, 5)
    with pytest.raises(ValidationError):
        reviews.reopen_case(fresh(file), by=desk.officer, reason="", seen=None, now=LATER + HOUR)
    reviews.reopen_case(
        fresh(file), by=desk.officer, reason="It broke again", seen=fresh(file).version, now=LATER + HOUR
    )
    assert (fresh(file).status, fresh(file).round, fresh(file).case.rating) == ("reopened", 2, 5)
