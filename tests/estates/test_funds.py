"""Public money, renovation, and emergency repair."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from estates.models import EmergencyRepairPlatform, Estate, FundingRecord, RenovationItem, RepairOrder
from estates.registers import Fundings, RepairOrders
from portal.models import Region
from portal.rules import CHINA
from tests import world

REPORTED = datetime(2021, 10, 8, 9, 0, tzinfo=CHINA)


def at(minutes):
    return None if minutes is None else REPORTED + timedelta(minutes=minutes)


@pytest.fixture
def east(db):
    return Region.objects.get(code=world.EAST)


@pytest.fixture
def estate(db):
    return Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[0]


@pytest.fixture
def platform(east):
    row = EmergencyRepairPlatform(
        code="YJ-1", name="甲区应急维修平台", district=east, hotline="027-85400000", staff_count=14,
        valid=DateRange(date(2018, 1, 1), None),
    )  # fmt: skip
    row.name_forms()
    row.full_clean()
    row.save()
    return row


def funding(code="ZJ-1", **values):
    facts = {"year": 2018, "kind": "environment", "source_level": "city", "allocated_yuan": Decimal("290000000.00")}
    return FundingRecord(code=code, **(facts | values))


# --- money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"allocated_yuan": Decimal("-0.01")},
        {"planned_yuan": Decimal("-1")},
        {"spent_yuan": Decimal("-1")},
        {"allocated_yuan": None},
        {"year": 18},
    ],
)
def test_money_is_there_and_never_negative(db, values):
    with pytest.raises(ValidationError):
        funding(**values).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        funding(**values).save()


def test_more_may_be_spent_than_allocated_but_is_remarked(db):
    row = funding(spent_yuan=Decimal("300000000.00"))
    row.full_clean()
    assert Fundings().warnings(row) == ["More was spent than was allocated."]
    assert Fundings().warnings(funding()) == []


def test_only_emergency_money_goes_to_a_platform(platform, east):
    funding("ZJ-2", kind="emergency_repair", platform=platform, district=east).full_clean()
    with pytest.raises(ValidationError):
        funding("ZJ-3", platform=platform, district=east).full_clean()
    with pytest.raises(ValidationError) as refused:
        funding("ZJ-4", kind="emergency_repair", platform=platform).full_clean()
    assert "platform" in refused.value.message_dict


def test_a_street_is_no_district(db, east):
    with pytest.raises(ValidationError) as refused:
        funding(district=east.children.first()).full_clean()
    assert list(refused.value.message_dict) == ["district"]


def test_money_of_the_city_is_seen_by_the_city(people, east):
    funding().save()
    funding("ZJ-2", district=east).save()
    seen = [
        set(FundingRecord.objects.for_user(person, "estates.view").values_list("code", flat=True))
        for person in (people.computer, people.officer_east, people.officer_west)
    ]
    assert seen == [{"ZJ-1", "ZJ-2"}, {"ZJ-2"}, set()]


def test_a_neighbourhood_is_renovated_once_per_record(estate):
    row = funding()
    row.save()
    RenovationItem.objects.create(funding=row, estate=estate, cost_yuan=Decimal("1200000"))
    with pytest.raises(IntegrityError), transaction.atomic():
        RenovationItem.objects.create(funding=row, estate=estate)
    with pytest.raises(IntegrityError), transaction.atomic():
        RenovationItem.objects.update(cost_yuan=Decimal("-1"))


# --- emergency repair -------------------------------------------------------------------------------------------------


def order(platform, estate, responded=None, arrived=None, finished=None, **values):
    return RepairOrder(
        number="WX-1", platform=platform, estate=estate, kind="lift", reported_at=REPORTED, responded_at=at(responded),
        arrived_at=at(arrived), finished_at=at(finished), **values,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("responded", "arrived", "finished"),
    [(None, None, None), (0, 0, 0), (5, 40, 90), (None, 40, 90), (None, None, 90), (5, None, 90)],
)
def test_times_in_their_order(platform, estate, responded, arrived, finished):
    row = order(platform, estate, responded, arrived, finished)
    row.full_clean()
    row.save()


@pytest.mark.parametrize(
    ("responded", "arrived", "finished"),
    [(-1, None, None), (None, -1, None), (5, 4, None), (5, 40, 39), (5, None, 4), (None, None, -1)],
)
def test_times_out_of_order(platform, estate, responded, arrived, finished):
    row = order(platform, estate, responded, arrived, finished)
    with pytest.raises(ValidationError):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_minutes_and_targets(platform, estate):
    row = order(platform, estate, 16, 61)
    assert (row.response_minutes, row.arrival_minutes) == (16, 61)
    assert RepairOrders().warnings(row) == [
        "Answered after 16 minutes; 15 are the target.",
        "Arrived after 61 minutes; 60 are the target.",
    ]
    assert RepairOrders().warnings(order(platform, estate, 15, 60)) == []
    assert order(platform, estate).response_minutes is None


def test_a_district_reads_its_platforms_in_the_browser(client, platform, estate, people):
    order(platform, estate, 5, 40, 90).save()
    for person, reads in ((people.officer_east, True), (people.officer_west, False)):
        client.force_login(person)
        assert ("甲区应急维修平台" in client.get("/registers/repair-platforms/").content.decode()) == reads
        assert ("WX-1" in client.get("/registers/repair-orders/").content.decode()) == reads
