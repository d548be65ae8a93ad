"""Deeds on neighbourhoods: hand-over, mode, stage, and the way of a filing."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from enterprises.models import Enterprise, ProjectManager
from estates import actions
from estates.models import (
    Estate,
    Filing,
    FilingDocument,
    HandOver,
    ManagerAppointment,
    Mode,
    ModeAssignment,
    ServiceAssignment,
    StageChange,
)
from estates.reasons import assignment_warnings, filing_obstacles, filing_warnings
from portal.models import AuditEntry
from portal.workflow import LostRace, MoveRefused
from tests.estates.rows import accepted, enterprise, estate_in, filing, hand_in, mode, span

DAY = date(2021, 3, 1)
NEXT = date(2021, 7, 1)


@pytest.fixture
def estate(db):
    row = estate_in(kind=Estate.Kind.OLD)
    ServiceAssignment.objects.filter(estate=row).delete()
    return row


@pytest.fixture
def by(people):
    return people.officer_east


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


# --- hand-over --------------------------------------------------------------------------------------------------------


def test_a_hand_over_ends_one_assignment_and_begins_the_next(estate, by):
    former, newcomer = enterprise(0), enterprise(1)
    ServiceAssignment.objects.create(estate=estate, enterprise=former, valid=span("2020-01-01"))
    managers = [ProjectManager.objects.create(code=f"M{n}", name="经理", enterprise=former) for n in range(2)]
    ManagerAppointment.objects.create(estate=estate, manager=managers[0], valid=span("2020-01-01"))
    row = actions.hand_over(estate, newcomer, on=NEXT, by=by, documents="竣工图")
    assert (row.from_enterprise, row.to_enterprise, row.handed_over_on) == (former, newcomer, NEXT)
    spans = dict(ServiceAssignment.objects.filter(estate=estate).values_list("enterprise", "valid"))
    assert spans == {former.pk: span("2020-01-01", "2021-07-01"), newcomer.pk: span("2021-07-01")}
    assert not ManagerAppointment.objects.current().filter(estate=estate).exists(), "the manager leaves with the former"
    entry = AuditEntry.objects.get(verb="estates.hand_over")
    assert (entry.by, entry.details["before"], entry.details["after"]) == (by, former.uscc, newcomer.uscc)


def test_a_hand_over_where_nobody_served(estate, by):
    row = actions.hand_over(estate, enterprise(0), on=NEXT, by=by)
    assert row.from_enterprise is None
    assert ServiceAssignment.objects.current().get(estate=estate).valid == span("2021-07-01")


def test_a_newcomers_own_manager_stays(estate, by):
    former, newcomer = enterprise(0), enterprise(1)
    ServiceAssignment.objects.create(estate=estate, enterprise=former, valid=span("2020-01-01"))
    manager = ProjectManager.objects.create(code="M", name="经理", enterprise=newcomer)
    ManagerAppointment.objects.create(estate=estate, manager=manager, valid=span("2021-07-01"))
    actions.hand_over(estate, newcomer, on=NEXT, by=by)
    assert ManagerAppointment.objects.current().filter(estate=estate).exists()


def test_a_refused_hand_over_changes_nothing(estate, by, people):
    former = enterprise(0)
    ServiceAssignment.objects.create(estate=estate, enterprise=former, valid=span("2021-07-01"))
    with pytest.raises(MoveRefused, match="serves this neighbourhood already"):
        actions.hand_over(estate, former, on=date(2022, 1, 1), by=by)
    with pytest.raises(MoveRefused, match="must be later"):
        actions.hand_over(estate, enterprise(1), on=NEXT, by=by)
    with pytest.raises(MoveRefused, match="out of business"):
        gone = enterprise(1, status=Enterprise.Status.DEREGISTERED, status_since=DAY)
        actions.hand_over(estate, gone, on=date(2022, 1, 1), by=by)
    for stranger in (people.officer_west, people.street_staff_east, people.staff_of_enterprise, people.nobody):
        with pytest.raises(PermissionDenied):
            actions.hand_over(estate, enterprise(2), on=date(2022, 1, 1), by=stranger)
    assert ServiceAssignment.objects.get(estate=estate).valid == span("2021-07-01")
    assert not HandOver.objects.filter(estate=estate).exists()
    assert "estates.hand_over" not in verbs()


def test_a_hand_over_into_known_later_days_is_refused_whole(estate, by):
    ServiceAssignment.objects.create(estate=estate, enterprise=enterprise(0), valid=span("2020-01-01", "2022-01-01"))
    with pytest.raises(ValidationError):
        actions.hand_over(estate, enterprise(1), on=NEXT, by=by)
    assert ServiceAssignment.objects.filter(estate=estate).count() == 1


def test_who_starts_without_an_accepted_handover_filing_is_warned_of(estate, by):
    actions.hand_over(estate, enterprise(0), on=NEXT, by=by)
    assignment = ServiceAssignment.objects.current().get(estate=estate)
    assert len(assignment_warnings(assignment)) == 1
    accepted(estate, "handover")
    assert assignment_warnings(assignment) == []
    assignment.valid = span(None, None)
    assert assignment_warnings(assignment) == []


# --- mode and stage ---------------------------------------------------------------------------------------------------


def test_a_change_of_mode_ends_the_former(estate, by):
    mode(estate, valid=span("2018-01-01")).save()
    row = actions.change_mode(
        estate, Mode.RESIDENT_SELF_MANAGEMENT, on=NEXT, by=by, responsible_person="张三", decided_by="居民会议"
    )
    assert row.valid == span("2021-07-01")
    assert ModeAssignment.objects.get(estate=estate, mode=Mode.MARKET_TAKEOVER).valid == span(
        "2018-01-01", "2021-07-01"
    )
    entry = AuditEntry.objects.get(verb="estates.change_mode")
    assert (entry.details["before"], entry.details["after"]) == ("market_takeover", "resident_self_management")


def test_a_refused_change_of_mode_leaves_the_former_open(estate, by, people):
    mode(estate, valid=span("2018-01-01")).save()
    with pytest.raises(ValidationError):
        actions.change_mode(estate, Mode.GUIDED_COMANAGEMENT, on=NEXT, by=by, enterprise=enterprise())
    with pytest.raises(ValidationError):
        actions.change_mode(
            estate, Mode.PUBLIC_BENEFIT_CUSTODY, on=NEXT, by=by, enterprise=enterprise(is_public_benefit=False)
        )
    with pytest.raises(ValidationError):
        actions.change_mode(estate, "sold", on=NEXT, by=by, enterprise=enterprise())
    with pytest.raises(MoveRefused):
        actions.change_mode(estate, Mode.MARKET_TAKEOVER, on=date(2018, 1, 1), by=by, enterprise=enterprise())
    with pytest.raises(PermissionDenied):
        actions.change_mode(estate, Mode.MARKET_TAKEOVER, on=NEXT, by=people.officer_west, enterprise=enterprise())
    assert ModeAssignment.objects.get(estate=estate).valid == span("2018-01-01")


def test_a_stage_moves_from_the_last_one(estate, by, people):
    assert actions.change_stage(estate, "professional", on=DAY, by=by).from_stage == "none"
    with pytest.raises(MoveRefused, match="must be later"):
        actions.change_stage(estate, "red", on=DAY, by=by)
    with pytest.raises(ValidationError):
        actions.change_stage(estate, "none", on=NEXT, by=by, reason="  ")
    with pytest.raises(ValidationError):
        actions.change_stage(estate, "professional", on=NEXT, by=by)
    with pytest.raises(PermissionDenied):
        actions.change_stage(estate, "red", on=NEXT, by=people.officer_west)
    down = actions.change_stage(estate, "none", on=NEXT, by=by, reason="企业撤出")
    assert (down.from_stage, down.stage) == ("professional", "none")
    assert StageChange.objects.filter(estate=estate).count() == 2


# --- filings ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def area(estate):
    row = filing(estate, "area")
    row.save()
    hand_in(row)
    return row


def test_a_filing_is_submitted_corrected_and_accepted(area, by):
    actions.submit_filing(area, submitted_on=date(2021, 3, 31), by=by)
    actions.request_correction(area, reason="图纸不清", by=by)
    assert (area.status, area.reason) == ("correction_requested", "图纸不清")
    actions.submit_filing(area, submitted_on=date(2021, 4, 20), by=by)
    assert area.submitted_on == date(2021, 3, 31), "the day on which it first came in"
    assert area.days_late(date(2021, 12, 1)) == 0
    actions.accept_filing(area, decided_on=date(2021, 4, 22), by=by)
    area.refresh_from_db()
    assert (area.status, area.decided_on, area.decided_by, area.reason) == ("accepted", date(2021, 4, 22), by, "")
    assert verbs()[-4:] == ["filings.submit", "filings.request_correction", "filings.submit", "filings.accept"]


def test_a_rejected_filing_says_why_and_stays_rejected(area, by):
    actions.submit_filing(area, submitted_on=DAY, by=by)
    with pytest.raises(ValidationError, match="reason"):
        actions.reject_filing(area, decided_on=DAY, reason=" ", by=by)
    actions.reject_filing(area, decided_on=DAY, reason="不属本区", by=by)
    for again in (
        lambda: actions.submit_filing(area, submitted_on=DAY, by=by),
        lambda: actions.accept_filing(area, decided_on=DAY, by=by),
        lambda: actions.request_correction(area, reason="x", by=by),
    ):
        with pytest.raises(MoveRefused):
            again()


def test_days_of_a_filing_follow_each_other(area, by):
    with pytest.raises(ValidationError):
        actions.submit_filing(area, submitted_on=DAY - timedelta(days=1), by=by)
    actions.submit_filing(area, submitted_on=DAY, by=by)
    with pytest.raises(ValidationError):
        actions.accept_filing(area, decided_on=DAY - timedelta(days=1), by=by)
    with pytest.raises(ValidationError):
        actions.reject_filing(area, decided_on=DAY - timedelta(days=1), reason="x", by=by)


def test_a_draft_cannot_be_decided(area, by):
    with pytest.raises(MoveRefused):
        actions.accept_filing(area, decided_on=DAY, by=by)


def test_missing_documents_stop_a_filing(area, by):
    FilingDocument.objects.filter(filing=area, kind="area_plan").delete()
    actions.submit_filing(area, submitted_on=DAY, by=by)
    with pytest.raises(MoveRefused, match="Plan of the area"):
        actions.accept_filing(area, decided_on=DAY, by=by)
    hand_in(area, "area_plan")
    actions.accept_filing(area, decided_on=DAY, by=by)


@pytest.mark.parametrize("kind", ["tender", "preliminary_contract", "handover", "service_contract"])
def test_the_area_comes_first(estate, by, kind):
    row = filing(estate, kind)
    row.save()
    hand_in(row)
    actions.submit_filing(row, submitted_on=DAY, by=by)
    with pytest.raises(MoveRefused, match="area must be accepted first"):
        actions.accept_filing(row, decided_on=DAY, by=by)
    accepted(estate, "area")
    if kind == "preliminary_contract":
        accepted(estate, "tender")
    actions.accept_filing(row, decided_on=DAY, by=by)


def test_an_area_of_another_neighbourhood_or_one_not_accepted_does_not_count(estate, by, area):
    accepted(estate_in("990102"), "area", "A-2")
    row = filing(estate, "tender")
    row.save()
    hand_in(row)
    assert len(filing_obstacles(row)) == 1


def test_a_preliminary_contract_needs_a_tender_or_an_approval(estate, by):
    accepted(estate, "area")
    row = filing(estate, "preliminary_contract")
    row.save()
    hand_in(row)
    actions.submit_filing(row, submitted_on=DAY, by=by)
    with pytest.raises(MoveRefused, match="tender"):
        actions.accept_filing(row, decided_on=DAY, by=by)
    hand_in(row, "agreement_approval")
    actions.accept_filing(row, decided_on=DAY, by=by)


def test_accepting_the_successor_supersedes_the_former(estate, by):
    former = accepted(estate, "area", "A-1")
    row = filing(estate, "area", "A-2", supersedes=former)
    row.save()
    hand_in(row)
    actions.submit_filing(row, submitted_on=DAY, by=by)
    actions.accept_filing(row, decided_on=DAY, by=by)
    former.refresh_from_db()
    assert (former.status, row.status) == ("superseded", "accepted")
    assert former.decided_on == DAY


def test_a_successor_of_what_is_not_accepted_is_refused_whole(estate, by, area):
    row = filing(estate, "area", "A-2", supersedes=area)
    row.save()
    hand_in(row)
    actions.submit_filing(row, submitted_on=DAY, by=by)
    with pytest.raises(MoveRefused):
        actions.accept_filing(row, decided_on=DAY, by=by)
    assert Filing.objects.get(pk=row.pk).status == "submitted"


def test_only_who_holds_the_place_moves_a_filing(area, people, by):
    strangers = (people.officer_west, people.street_staff_east, people.auditor, people.staff_of_enterprise)
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            actions.submit_filing(area, submitted_on=DAY, by=stranger)
    actions.submit_filing(area, submitted_on=DAY, by=by)
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            actions.accept_filing(area, decided_on=DAY, by=stranger)
        with pytest.raises(PermissionDenied):
            actions.reject_filing(area, decided_on=DAY, reason="x", by=stranger)
        with pytest.raises(PermissionDenied):
            actions.request_correction(area, reason="x", by=stranger)
    assert Filing.objects.get(pk=area.pk).status == "submitted"


def test_two_officials_decide_and_the_first_one_wins(area, by):
    actions.submit_filing(area, submitted_on=DAY, by=by)
    seen_by_the_second = Filing.objects.get(pk=area.pk)
    actions.accept_filing(area, decided_on=DAY, by=by)
    with pytest.raises(LostRace):
        actions.reject_filing(seen_by_the_second, decided_on=DAY, reason="x", by=by)
    assert Filing.objects.get(pk=area.pk).status == "accepted"


def test_warnings_tell_lateness_and_what_is_missing_until_it_is_decided(estate, by, area):
    FilingDocument.objects.filter(filing=area).delete()
    late, missing = filing_warnings(area, date(2021, 4, 1))
    assert late == "1 day late."
    assert "Documents are missing" in missing
    assert filing_warnings(accepted(estate, "area", "A-2"), date(2022, 1, 1)) == []
