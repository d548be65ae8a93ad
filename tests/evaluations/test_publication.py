"""From draft to publication and after: who may do what, what is refused, and what the database keeps whatever happens."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from estates.models import Estate
from evaluations import actions
from evaluations.models import AppraisalCase, Ranking, RankingEntry
from portal.models import AuditEntry
from portal.rules import HalfMonth
from portal.workflow import LostRace, MoveRefused
from tests import world

NOW = timezone.now()
PERIOD = HalfMonth.parse(world.PERIOD)


def correct_a_case():
    """A correction that changes the golden ranking."""
    counted = AppraisalCase.objects.filter(excluded="", rating_withdrawn=False, estate__in=Estate.objects.residential())
    case = counted.filter(rating=1, rated_at__lt=PERIOD.end, rated_at__gte=PERIOD.start).first()
    AppraisalCase.objects.filter(pk=case.pk).update(rating=5, resolved="yes")


def test_the_whole_way_by_three_people(published, people):
    assert published.status == Ranking.Status.PUBLISHED
    assert (published.computed_by, published.submitted_by, published.signed_by) == (
        people.computer,
        people.computer,
        people.signer,
    )
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", "by__username"))
    assert verbs == [
        ("rankings.compute", "computer"), ("rankings.submit", "computer"),
        ("rankings.start_notice", "reviewer"), ("rankings.publish", "signer"),
    ]  # fmt: skip


def test_two_people_are_enough_and_one_is_not(on_notice, people):
    with pytest.raises(MoveRefused, match="signer"):
        actions.publish(on_notice, by=people.computer, now=NOW)
    actions.publish(on_notice, by=people.reviewer, now=NOW)
    assert on_notice.status == Ranking.Status.PUBLISHED


def test_the_database_refuses_an_author_as_signer(on_notice, people):
    with pytest.raises(IntegrityError, match="ranking_signer_is_not_the_author"), transaction.atomic():
        Ranking.objects.filter(pk=on_notice.pk).update(status="published", signed_by=people.computer, published_at=NOW)


def test_publishing_waits_for_the_end_of_the_notice(draft, people):
    actions.submit_for_review(draft, by=people.computer, now=NOW)
    actions.start_notice(draft, by=people.reviewer, now=NOW)
    assert draft.notice_until == NOW + timedelta(days=3)
    with pytest.raises(MoveRefused, match="notice is over"):
        actions.publish(draft, by=people.signer, now=NOW + timedelta(days=2, hours=23))
    actions.publish(draft, by=people.signer, now=NOW + timedelta(days=3))


@pytest.mark.parametrize("name", ["officer_east", "inspector_east", "auditor", "api_client", "nobody"])
def test_others_may_do_none_of_it(draft, people, name):
    somebody = getattr(people, name)
    with pytest.raises(PermissionDenied):
        actions.compute_ranking(PERIOD, now=NOW, by=somebody)
    with pytest.raises(PermissionDenied):
        actions.submit_for_review(draft, by=somebody, now=NOW)
    draft.refresh_from_db()
    assert draft.status == Ranking.Status.DRAFT


def test_a_district_official_s_grant_reaches_no_city_wide_deed(people):
    from portal.models import Grant, Region

    Grant.objects.create(user=people.nobody, role="city_official", region=Region.objects.get(code=world.EAST))
    with pytest.raises(PermissionDenied):
        actions.compute_ranking(PERIOD, now=NOW, by=people.nobody)


def test_steps_cannot_be_skipped(draft, people):
    with pytest.raises(MoveRefused):
        actions.start_notice(draft, by=people.reviewer, now=NOW)
    with pytest.raises(MoveRefused):
        actions.withdraw(draft, by=people.reviewer, now=NOW, reason="x")


def test_sending_back_needs_a_reason_and_clears_the_notice(on_notice, people):
    with pytest.raises(MoveRefused):
        actions.send_back(on_notice, by=people.reviewer, reason=" ")
    actions.send_back(on_notice, by=people.reviewer, reason="A case was linked twice.")
    on_notice.refresh_from_db()
    assert (on_notice.status, on_notice.notice_from, on_notice.reviewed_by) == ("draft", None, None)
    assert AuditEntry.objects.latest("id").reason == "A case was linked twice."


def test_whoever_is_second_loses_the_race_and_changes_nothing(draft, people):
    same = Ranking.objects.get(pk=draft.pk)
    actions.submit_for_review(draft, by=people.computer, now=NOW)
    with pytest.raises(LostRace):
        actions.submit_for_review(same, by=people.reviewer, now=NOW)
    draft.refresh_from_db()
    assert draft.submitted_by == people.computer
    assert AuditEntry.objects.filter(verb="rankings.submit").count() == 1


def test_a_case_corrected_during_the_notice_stops_publication(on_notice, people):
    correct_a_case()
    with pytest.raises(MoveRefused, match="cases still give"):
        actions.publish(on_notice, by=people.signer, now=NOW)
    with pytest.raises(MoveRefused, match="send it back"):
        actions.compute_ranking(PERIOD, now=NOW, by=people.computer)
    actions.send_back(on_notice, by=people.reviewer, reason="Corrected case.")
    assert actions.compute_ranking(PERIOD, now=NOW, by=people.computer).is_new


def test_a_correction_is_a_revision_with_a_reason_and_the_old_one_stays(published, people):
    correct_a_case()
    with pytest.raises(MoveRefused, match="needs a reason"):
        actions.compute_ranking(PERIOD, now=NOW, by=people.computer)
    before = list(published.entries.order_by("pk").values())
    revision = actions.compute_ranking(
        PERIOD, now=NOW, by=people.computer, reason="A rating was entered wrongly."
    ).ranking
    assert revision.revision == 2
    assert revision.digest != published.digest
    actions.submit_for_review(revision, by=people.computer, now=NOW)
    actions.start_notice(revision, by=people.reviewer, now=NOW - timedelta(days=30))
    actions.publish(revision, by=people.signer, now=NOW)
    published.refresh_from_db()
    assert (published.status, revision.status) == (Ranking.Status.SUPERSEDED, Ranking.Status.PUBLISHED)
    assert list(published.entries.order_by("pk").values()) == before
    assert list(Ranking.objects.published()) == [revision]


def test_withdrawing_needs_a_reason_and_ends_it(published, people):
    with pytest.raises(MoveRefused):
        actions.withdraw(published, by=people.reviewer, now=NOW, reason="")
    actions.withdraw(published, by=people.reviewer, now=NOW, reason="Cases of one source were lost.")
    published.refresh_from_db()
    assert (published.status, published.withdrawal_reason) == ("withdrawn", "Cases of one source were lost.")
    with pytest.raises(MoveRefused):
        actions.withdraw(published, by=people.reviewer, now=NOW, reason="again")


FROZEN = [
    "UPDATE evaluations_ranking SET eligible = eligible + 1 WHERE id = %s",
    "UPDATE evaluations_ranking SET digest = '' WHERE id = %s",
    "UPDATE evaluations_ranking SET status = 'draft' WHERE id = %s",
    "UPDATE evaluations_ranking SET withdrawal_reason = 'x' WHERE id = %s",
    "DELETE FROM evaluations_ranking WHERE id = %s",
    "UPDATE evaluations_rankingentry SET score = score + 1 WHERE eligible AND ranking_id = %s",
    "UPDATE evaluations_rankingentry SET estate_name = 'x' WHERE ranking_id = %s",
    "DELETE FROM evaluations_rankingentry WHERE ranking_id = %s",
    """INSERT INTO evaluations_rankingentry (ranking_id, estate_code, estate_name, estate_kind, district_code, district_name,
        street_code, street_name, enterprise_uscc, enterprise_name, accept_due, accept_on_time, handle_due, handle_on_time,
        ratings, satisfied_weight, eligible, list, streak)
        VALUES (%s, 'X', 'X', 'old', 'X', 'X', 'X', 'X', '', '', 0, 0, 0, 0, 0, 0, false, '', 0)""",
]


@pytest.mark.parametrize("statement", FROZEN, ids=lambda statement: " ".join(statement.split()[:6]))
def test_what_is_published_cannot_be_changed_even_by_raw_sql(published, statement):
    refused = pytest.raises(DatabaseError, match="frozen|does not go back|drafts only|delete|withdrawal")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [published.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_entries_on_notice_are_frozen_too(on_notice):
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        RankingEntry.objects.filter(ranking=on_notice, rank=1).update(rank=2)


def test_one_open_and_one_published_ranking_per_period(published):
    same = Ranking.objects.get(pk=published.pk)
    same.pk, same.revision, same.reason = None, 2, "x"
    with pytest.raises(IntegrityError, match="ranking_one_published_per_period"), transaction.atomic():
        same.save()


def test_the_audit_log_is_append_only(draft):
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.update(reason="never happened")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_history_of_a_case_is_recorded_by_the_database_even_for_raw_sql(db):
    from django.apps import apps

    case = AppraisalCase.objects.first()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE evaluations_appraisalcase SET category = 'other' WHERE id = %s", [case.pk])
    event = apps.get_model("evaluations", "AppraisalCaseEvent").objects.get(pgh_obj_id=case.pk)
    assert event.category == case.category


def test_comparison_is_with_the_latest_published_of_an_earlier_period(db, people):
    def published_ranking(text):
        ranking = actions.compute_ranking(HalfMonth.parse(text), now=NOW, by=people.computer).ranking
        actions.submit_for_review(ranking, by=people.computer, now=NOW)
        actions.start_notice(ranking, by=people.reviewer, now=NOW - timedelta(days=30))
        actions.publish(ranking, by=people.signer, now=NOW)
        return ranking

    later = actions.compute_ranking(PERIOD, now=NOW, by=people.computer).ranking
    assert not later.entries.exclude(change=None).exists()
    earlier = published_ranking("2021-10-H1")
    actions.submit_for_review(later, by=people.computer, now=NOW)
    actions.start_notice(later, by=people.reviewer, now=NOW - timedelta(days=30))
    later.refresh_from_db()
    assert later.previous == earlier
    before = {entry.estate_code: entry for entry in earlier.entries.filter(eligible=True)}
    compared = 0
    for entry in later.entries.filter(eligible=True):
        was = before.get(entry.estate_code)
        if was is None:
            assert (entry.previous_rank, entry.change) == (None, None)
            continue
        compared += 1
        assert entry.previous_rank == was.rank
        expected = entry.from_bottom - was.from_bottom if entry.list == "bottom" else was.rank - entry.rank
        assert entry.change == expected
        if entry.list and entry.list == was.list:
            assert entry.streak == 2
    assert compared > 10
    actions.publish(later, by=people.signer, now=NOW)


def test_catching_up_computes_missed_periods_oldest_first(db):
    from evaluations.tasks import catch_up_rankings
    from portal.models import JobRun

    now = "2021-11-16T01:10:00+08:00"
    done = catch_up_rankings(now)
    assert done == sorted(done)
    assert world.PERIOD in done
    assert catch_up_rankings(now) == []
    assert Ranking.objects.count() == len(done)
    assert set(JobRun.objects.values_list("status", flat=True)) == {"done"}
