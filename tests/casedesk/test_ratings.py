"""A resident's rating, from the invitation to what it counts."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from casedesk.actions import contacts, ratings, reviews
from casedesk.models import CaseEvent, CaseFile, OutcomeRating, RatingLink
from enterprises.models import EnterpriseMembership, ProjectManager
from portal.models import AuditEntry, JobRun
from portal.notices.models import Notice
from portal.workflow import MoveRefused
from tests.casedesk.rated import LATER, MINUTE, fresh, handled, rate, rating_of, token_of


@pytest.fixture
def file(desk):
    return handled(desk)


def test_a_link_is_kept_as_a_hash_only_and_rates_once(file):
    token = token_of(file)
    assert not RatingLink.objects.filter(token_hash__contains=token).exists()
    ratings.rate_by_link(token, level=5, resolved="yes", text="Thanks", now=LATER)
    with pytest.raises(ratings.LinkRefused, match="used already"):
        ratings.rate_by_link(token, level=1, resolved="no", text="", now=LATER)


def test_a_link_of_no_use_says_why(file):
    with pytest.raises(ratings.LinkRefused, match="not known"):
        ratings.link_of("nonsense", now=LATER)
    with pytest.raises(ratings.LinkRefused, match="over"):
        ratings.link_of(token_of(file), now=file.rating_until)


def test_a_second_invitation_voids_the_first(file):
    first = token_of(file)
    ratings.invite_rating(file, now=LATER)
    with pytest.raises(ratings.LinkRefused, match="used already"):
        ratings.link_of(first, now=LATER)
    assert token_of(file) != first


def test_a_satisfied_rating_writes_the_facts_and_closes_the_case(file):
    rate(file, 4, "partly", text=" Nearly done ")
    file = fresh(file)
    assert (file.case.rating, file.case.resolved, file.case.rated_at) == (4, "partly", LATER)
    assert (file.status, file.close_reason, file.closed_at) == ("closed", "rated", LATER)
    assert OutcomeRating.objects.get().text == "Nearly done"


def test_a_dissatisfied_rating_leaves_the_case_waiting_for_a_review_or_a_second_handling(file):
    rate(file, 2, "no")
    file = fresh(file)
    assert (file.case.rating, file.case.resolved, file.status) == (2, "no", "handled")


def test_a_round_is_rated_once_whatever_the_way(file):
    rate(file, 5)
    with pytest.raises(MoveRefused, match="rated once"):
        rate(file, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeRating.objects.create(
            case=file.case, level=1, resolved="no", channel="code", at=LATER, status_changed_at=LATER
        )


def test_what_is_not_handled_or_no_longer_waits_is_not_rated(desk, file):
    with pytest.raises(MoveRefused, match="not been handled"):
        rate(desk.accepted())
    with pytest.raises(MoveRefused, match="over"):
        rate(file, now=file.rating_until)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"level": 6}, "level"),
        ({"level": 0}, "level"),
        ({"resolved": "perhaps"}, "resolved"),
        ({"text": "x" * 501}, "text"),
    ],
)
def test_an_answer_of_no_form_is_refused_with_its_field(file, bad, field):
    with pytest.raises(ValidationError) as refused:
        rate(file, **bad)
    assert list(refused.value.message_dict) == [field]
    assert not OutcomeRating.objects.exists()


def test_facts_that_are_there_are_not_written_over(file):
    type(file.case).objects.filter(pk=file.pk).update(rating=2, rated_at=LATER)
    rate(file, 5)
    assert fresh(file).case.rating == 2


# --- signs ----------------------------------------------------------------------------------------------------------------


def test_a_telephone_of_service_or_office_is_held_and_writes_no_facts(desk):
    enterprise = desk.enterprise
    ProjectManager.objects.create(code="PM1", name="Li", enterprise=enterprise, phone="139-1234 5678")
    file = handled(desk, phone="+86 13912345678")
    assert (rate(file).status, rating_of(file).hold_reason) == ("held", "staff_phone")
    file = fresh(file)
    assert (file.case.rating, file.case.rated_at, file.status) == (None, None, "handled")


def test_an_enterprises_telephone_is_held(desk):
    enterprise = desk.enterprise
    type(enterprise).objects.filter(pk=enterprise.pk).update(phone="027-8765 4321")
    assert rate(handled(desk, phone="02787654321")).hold_reason == "staff_phone"


def test_a_device_on_which_staff_signed_in_is_held(file):
    assert rate(file, staff_device=True).hold_reason == "shared_device"


def test_a_code_that_the_rated_body_handed_out_is_held(desk):
    own = handled(desk, by=desk.colleague, channel="telephone")
    assert rate(own).hold_reason == "entered_by_rated"
    others = handled(desk, by=desk.street_staff, channel="telephone")
    assert rate(others).status == "counted"


def test_one_device_for_three_reporters_is_held_and_for_one_reporters_three_cases_is_not(desk):
    for day in range(2):
        assert rate(handled(desk), device="d1", now=LATER + timedelta(hours=day)).status == "counted"
    assert rate(handled(desk), device="d1", now=LATER + timedelta(hours=9)).hold_reason == "shared_device"
    for minute in range(3):
        own = handled(desk, phone="13988887777")
        assert rate(own, device="d2", level=3, now=LATER + minute * MINUTE).status == "counted"


def test_a_burst_holds_its_first_ratings_too_and_takes_their_facts_back(desk, settings):
    settings.RATING_BURSTS = {"network": 3, "top_of_estate": 99}
    files = [handled(desk) for _number in range(3)]
    for minute, file in enumerate(files):
        rate(file, 3, network="n1", now=LATER + minute * MINUTE)
    assert set(OutcomeRating.objects.values_list("status", "hold_reason")) == {("held", "burst")}
    assert {fresh(file).case.rating for file in files} == {None}
    assert CaseEvent.objects.filter(kind="rating_held").count() == 3


def test_many_top_ratings_for_one_neighbourhood_are_a_burst(desk):
    given = [rate(handled(desk), now=LATER + minute * MINUTE) for minute in range(5)]
    assert [one.status for one in given] == ["counted"] * 4 + ["held"]
    assert OutcomeRating.objects.filter(status="held").count() == 5


def test_a_callback_is_no_part_of_a_burst(desk):
    for minute in range(6):
        rate(handled(desk), channel="telephone", by=desk.city, recording_ref="R1", now=LATER + minute * MINUTE)
    assert not OutcomeRating.objects.filter(status="held").exists()


# --- what is held ---------------------------------------------------------------------------------------------------------


def test_a_released_rating_counts_from_its_release(desk, file):
    rating = rate(file, 5, staff_device=True)
    released_at = LATER + timedelta(days=1)
    ratings.check(rating, release=True, by=desk.officer, reason="The neighbour lent a telephone", now=released_at)
    file = fresh(file)
    assert (file.case.rating, file.case.rated_at, file.status) == (5, released_at, "closed")
    assert AuditEntry.objects.filter(verb="ratings.release", reason__contains="lent").exists()


def test_a_rejected_rating_stays_readable_and_counts_never(desk, file):
    rating = rate(file, 5, staff_device=True)
    ratings.check(rating, release=False, by=desk.officer, reason="The manager's own", now=LATER)
    assert (rating_of(file).status, rating_of(file).level, fresh(file).case.rating) == ("rejected", 5, None)
    reviews.keep_rating_clocks(file.rating_until)
    assert fresh(file).close_reason == "unrated"


def test_who_belongs_to_the_rated_party_or_has_no_right_decides_nothing(desk, file):
    rating = rate(file, 5, staff_device=True)
    EnterpriseMembership.objects.create(user=desk.officer, enterprise=desk.enterprise)
    with pytest.raises(MoveRefused, match="own work"):
        ratings.check(rating, release=True, by=desk.officer, reason="why not", now=LATER)
    for other in (desk.staff, desk.street_staff, desk.fire):
        with pytest.raises(PermissionDenied):
            ratings.check(rating, release=True, by=other, reason="why not", now=LATER)
    with pytest.raises(ValidationError):
        ratings.check(rating, release=True, by=desk.city, reason=" ", now=LATER)
    assert rating_of(file).status == "held"


def test_an_official_holds_a_good_rating_and_somebody_else_decides(desk, file):
    rating = rate(file, 5)
    ratings.hold(rating, by=desk.city, reason="The resident says they never rated", now=LATER)
    assert fresh(file).case.rating is None
    with pytest.raises(MoveRefused, match="Somebody else"):
        ratings.check(rating_of(file), release=True, by=desk.city, reason="on second thoughts", now=LATER)
    ratings.check(rating_of(file), release=True, by=desk.other_officer, reason="Called: it was them", now=LATER)
    assert fresh(file).case.rating == 5


def test_a_bad_rating_cannot_be_held(desk, file):
    rating = rate(file, 1, "no")
    with pytest.raises(MoveRefused, match="bad rating"):
        ratings.hold(rating, by=desk.city, reason="inconvenient", now=LATER)


def test_a_rating_is_never_deleted(file):
    rate(file)
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        OutcomeRating.objects.all().delete()


# --- another contact ------------------------------------------------------------------------------------------------------


def test_after_a_change_of_contact_the_old_link_is_void_and_the_rating_held(desk, file):
    old = token_of(file)
    contacts.change_contact(
        file, phone="13911112222", email="", by=desk.city, reason="She has a new number", seen=file.version, now=LATER
    )
    with pytest.raises(ratings.LinkRefused):
        ratings.link_of(old, now=LATER)
    assert (
        ratings.rate_by_link(token_of(file), level=5, resolved="yes", text="", now=LATER).hold_reason
        == "contact_changed"
    )
    assert CaseEvent.objects.filter(kind="contact_changed").exists()
    assert "13911112222" not in str(list(AuditEntry.objects.values())) + str(list(CaseEvent.objects.values()))


@pytest.mark.parametrize("contact", [("", ""), ("not a number", ""), ("", "no@"), ("1" * 30, "")])
def test_a_contact_of_no_form_is_refused(desk, file, contact):
    with pytest.raises(ValidationError):
        contacts.change_contact(
            file, phone=contact[0], email=contact[1], by=desk.city, reason="why", seen=None, now=LATER
        )
    assert fresh(file).contact_changed_at is None


def test_the_rated_party_does_not_change_the_contact(desk, file):
    with pytest.raises(PermissionDenied):
        contacts.change_contact(file, phone="13911112222", email="", by=desk.staff, reason="mine", seen=None, now=LATER)


# --- by the clock ---------------------------------------------------------------------------------------------------------


def test_what_nobody_rates_in_time_is_closed_once(file):
    assert reviews.keep_rating_clocks(file.rating_until - timedelta(seconds=1)) == {"reopened": 0, "closed": 0}
    assert reviews.keep_rating_clocks(file.rating_until) == {"reopened": 0, "closed": 1}
    assert reviews.keep_rating_clocks(file.rating_until) == {"reopened": 0, "closed": 0}
    assert fresh(file).close_reason == "unrated"
    assert CaseFile.objects.get().closed_at == file.rating_until


def test_the_command_keeps_the_clocks(file):
    out = StringIO()
    call_command("keep_rating_clocks", now=file.rating_until.isoformat(), stdout=out)
    assert out.getvalue() == "0 reopened, 1 closed.\n"
    assert JobRun.objects.get(job="cases.rating_clocks").outcome == "0 reopened, 1 closed"


def test_a_used_link_is_forgotten_by_the_outbox(file):
    token = token_of(file)
    ratings.rate_by_link(token, level=5, resolved="yes", text="", now=LATER)
    assert not Notice.objects.filter(url__contains=token).exists()


def test_a_held_rating_keeps_the_case_from_closing_as_unrated(file):
    rate(file, 5, staff_device=True)
    assert reviews.keep_rating_clocks(file.rating_until)["closed"] == 0
