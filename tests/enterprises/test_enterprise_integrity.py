"""Integrity checks of enterprises and project managers."""

from datetime import date

import pytest
import time_machine

from enterprises.models import Enterprise, HeadcountReturn, ProjectManager
from enterprises.rules import headcount_year_due
from portal.integrity.checks import check
from portal.models import Region
from tests import world
from tests.estates.rows import enterprise


def found(key: str, user) -> set:
    return set(check(key).findings(user))


@pytest.fixture
def two(db) -> tuple[Enterprise, Enterprise]:
    """One enterprise of each district, which serves nowhere."""
    east, west = enterprise(0), enterprise(1)
    for row, code in ((east, world.EAST), (west, world.WEST)):
        row.presences.all().delete()
        row.registered_district = Region.objects.get(code=code)
        row.save()
    return east, west


def test_without_a_registered_district(people, two):
    east, _west = two
    others = set(Enterprise.objects.exclude(pk__in=[row.pk for row in two]))
    assert found("enterprises-without-district", people.officer_east) == others
    Enterprise.objects.filter(pk=east.pk).update(registered_district=None)
    assert east in found("enterprises-without-district", people.officer_east)


@pytest.mark.parametrize(("today", "year"), [("2021-03-31", 2019), ("2021-04-01", 2020), ("2021-12-31", 2020)])
def test_return_of_last_year_is_missed_from_april_on(people, two, today, year):
    assert headcount_year_due(date.fromisoformat(today)) == year
    east, west = two
    with time_machine.travel(f"{today}T04:00:00Z", tick=False):
        assert east in found("headcount-missing", people.officer_east)
        assert west not in found("headcount-missing", people.officer_east)
        HeadcountReturn.objects.create(enterprise=east, year=year, headcount=3)
        assert east not in found("headcount-missing", people.officer_east)


def test_same_name_but_for_signs_and_legal_form(people, two):
    east, west = two
    third = enterprise(2, registered_district=Region.objects.get(code=world.EAST))
    for row, name in (
        (east, "东湖物业（武汉）有限公司"),
        (third, "东湖物业(武汉) 有限责任公司"),
        (west, "东湖物业武汉公司"),
    ):
        Enterprise.objects.filter(pk=row.pk).update(name=name)
    assert {east, third} == found("duplicate-enterprises", people.officer_east)
    assert {east, third, west} == found("duplicate-enterprises", people.computer)


def test_managers_with_one_name_and_one_number(people, two):
    east, west = two
    one, same, _other_number, _elsewhere = (
        ProjectManager.objects.create(code=f"M-{number}", name="王五", phone=phone, enterprise=of)
        for number, (phone, of) in enumerate(
            [("13812345678", east), ("13812345678", east), ("13800000000", east), ("13812345678", west)]
        )
    )
    ProjectManager.objects.create(code="M-5", name="李四", enterprise=east)
    ProjectManager.objects.create(code="M-6", name="李四", enterprise=east)
    assert found("duplicate-project-managers", people.officer_east) == {one, same}
