"""Integrity checks of neighbourhoods: each finds the row that was planted for it, and nothing of another district."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from enterprises.models import Enterprise, ProjectManager
from enterprises.rules import check_digit
from estates.models import (
    CommitteeMember,
    Estate,
    Filing,
    FundingRecord,
    ManagerAppointment,
    OldNeighbourhood,
    OwnersCommittee,
    ServiceAssignment,
)
from portal.integrity.checks import check
from portal.models import Region
from tests import world
from tests.estates.rows import accepted, contract, enterprise, estate_in, mode, span


def found(key: str, user) -> set:
    return set(check(key).findings(user))


def old(district: str = world.EAST) -> Estate:
    return Estate.objects.filter(community__path__contains=f"/{district}/", kind="old").order_by("code")[0]


def served(district: str = world.EAST) -> Estate:
    estate = estate_in(district)
    estate.assignments.all().delete()
    ServiceAssignment.objects.create(estate=estate, enterprise=enterprise(), valid=span("2021-01-01"))
    return estate


def others() -> Enterprise:
    return enterprise(1)


def plant_old_without_mode(district):
    return old(district)


def plant_unserved(district):
    estate = estate_in(district, kind="professional")
    estate.assignments.all().delete()
    return estate


def plant_area(district):
    return estate_in(district, kind="professional", households=100, floor_area_m2=50_001)


def plant_no_households(district):
    return estate_in(district, kind="professional", households=None)


def plant_duplicate(district):
    one, two = Estate.objects.filter(community__path__contains=f"/{district}/").order_by("pk")[:2]
    Estate.objects.filter(pk=one.pk).update(name="东湖（花园）一期")
    Estate.objects.filter(pk=two.pk).update(name="东湖花园 一期小区", community=one.community_id)
    return one, two


def plant_without_contract(district):
    return served(district).assignments.get()


def plant_out_of_business(district):
    assignment = served(district).assignments.get()
    body = f"9142{district}7MA00000"[:17]
    assignment.enterprise = Enterprise.objects.create(
        uscc=body + check_digit(body),
        name="某某物业",
        origin="local",
        status="deregistered",
        status_since=date(2020, 1, 1),
    )
    assignment.save()
    return assignment


def plant_manager(district):
    estate = served(district)
    manager = ProjectManager.objects.create(code=f"M-{district}", name="王五", enterprise=others())
    return ManagerAppointment.objects.create(estate=estate, manager=manager, valid=span("2021-01-01"))


def plant_overlap(district):
    estate = estate_in(district)
    rows = [
        contract(estate, number=f"A-{district}"),
        contract(estate, number=f"B-{district}", valid=span("2023-12-31", "2026-01-01")),
    ]
    for row in [*rows, contract(estate, number=f"C-{district}", valid=span("2026-01-01", "2027-01-01"))]:
        row.save()
    return tuple(rows)


def plant_not_old(district):
    return OldNeighbourhood.objects.create(
        estate=estate_in(district, kind="professional"), origin="old_estate", registered=span("2018-01-01")
    )


def plant_mode(district):
    estate = old(district)
    estate.assignments.all().delete()
    ServiceAssignment.objects.create(estate=estate, enterprise=others(), valid=span("2021-01-01"))
    row = mode(estate)
    row.save()
    return row


def committee(district) -> OwnersCommittee:
    today = timezone.localdate()
    term = DateRange(today - timedelta(days=400), today + timedelta(days=700))
    return OwnersCommittee.objects.create(code=f"K-{district}", estate=estate_in(district), size=3, valid=term)


def plant_even(district):
    row = committee(district)
    for name in ("甲", "乙"):
        CommitteeMember.objects.create(committee=row, name=name, valid=DateRange(row.valid.lower, None))
    return row


def plant_outside_term(district):
    row = committee(district)
    CommitteeMember.objects.create(committee=row, name="甲", valid=row.valid)
    return CommitteeMember.objects.create(committee=row, name="乙", valid=DateRange(row.valid.lower, None))


def plant_spent(district):
    place = Region.objects.get(code=district)
    facts = {"year": 2021, "kind": "environment", "district": place, "source_level": "city", "allocated_yuan": 100}
    FundingRecord.objects.create(code=f"OK-{district}", spent_yuan=100, **facts)
    return FundingRecord.objects.create(code=f"N-{district}", spent_yuan="100.01", **facts)


PLANTS = {
    "old-without-mode": plant_old_without_mode,
    "professional-unserved": plant_unserved,
    "area-implausible": plant_area,
    "measures-missing": plant_no_households,
    "duplicate-estates": plant_duplicate,
    "service-without-contract": plant_without_contract,
    "service-without-contract-filing": plant_without_contract,
    "service-before-handover": plant_without_contract,
    "service-out-of-business": plant_out_of_business,
    "manager-of-another-enterprise": plant_manager,
    "contracts-overlap": plant_overlap,
    "registered-though-not-old": plant_not_old,
    "mode-contradicts": plant_mode,
    "committee-even": plant_even,
    "member-outside-term": plant_outside_term,
    "spent-too-much": plant_spent,
}


@pytest.mark.parametrize("key", PLANTS)
def test_check_finds_what_was_planted_in_the_own_district_only(key, people):
    before = found(key, people.officer_east)
    east, west = PLANTS[key](world.EAST), PLANTS[key](world.WEST)
    mine = set(east) if isinstance(east, tuple) else {east}
    theirs = set(west) if isinstance(west, tuple) else {west}
    now = found(key, people.officer_east)
    assert mine <= now
    assert not theirs & now
    assert now <= mine | before
    assert mine | theirs <= found(key, people.computer)


def test_a_present_mode_is_enough(people):
    estate = old()
    assert estate in found("old-without-mode", people.officer_east)
    mode(estate).save()
    assert estate not in found("old-without-mode", people.officer_east)


def test_contract_and_filings_settle_an_assignment(people):
    assignment = served().assignments.get()
    today = timezone.localdate()
    keys = ("service-without-contract", "service-without-contract-filing", "service-before-handover")
    assert all(assignment in found(key, people.officer_east) for key in keys)
    accepted(assignment.estate, "service_contract")
    handover = accepted(assignment.estate, "handover")
    contract(assignment.estate, valid=DateRange(today, today + timedelta(days=1))).save()
    assert [key for key in keys if assignment in found(key, people.officer_east)] == ["service-before-handover"]
    Filing.objects.filter(pk=handover.pk).update(decided_on=assignment.valid.lower)
    assert assignment not in found("service-before-handover", people.officer_east)


def test_area_between_the_limits_is_no_finding(people):
    for area in (2_000, 50_000):
        estate = estate_in(world.EAST, kind="professional", households=100, floor_area_m2=area)
        assert estate not in found("area-implausible", people.officer_east)
    assert estate_in(world.EAST, households=100, floor_area_m2=1_999) in found("area-implausible", people.officer_east)


def test_names_that_differ_in_more_than_signs_are_no_duplicates(people):
    one, two = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[:2]
    Estate.objects.filter(pk=one.pk).update(name="东湖花园一期")
    Estate.objects.filter(pk=two.pk).update(name="东湖花园二期", community=one.community_id)
    assert not {one, two} & found("duplicate-estates", people.officer_east)


def test_members_of_committees_are_for_those_who_may_see_persons(people):
    plant_outside_term(world.EAST)
    assert not check("member-outside-term").is_open_to(people.auditor)
    assert not found("member-outside-term", people.auditor)
