"""The page of an enterprise: facts, honours, headcount, managers, and how Party building covers it."""

from datetime import date

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enterprises.models import AwardGrant, AwardRound, Enterprise, HeadcountReturn, ProjectManager
from partybuilding.models import PartyCoverage, PartyOrganisation, Person
from portal.models import Region
from tests import world


@pytest.fixture
def client(people) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(people.officer_east)
    return client


@pytest.fixture
def firm(db) -> Enterprise:
    firm = Enterprise.objects.order_by("uscc").first()
    firm.registered_district = Region.objects.get(code=world.EAST)
    firm.phone, firm.legal_representative = "13812345678", "张建国"
    firm.save()
    return firm


def page(client: Client, firm: Enterprise, name: str = "enterprise-detail", **headers) -> str:
    response = client.get(reverse(name, args=[firm.uscc]), headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def award(firm: Enterprise, code: str, **values) -> AwardGrant:
    held = AwardRound.objects.create(code=code, award="quality_demo", year=2020, title=f"Round {code}")
    return AwardGrant.objects.create(round=held, enterprise=firm, granted_on=date(2020, 5, 1), **values)


def test_honours_stand_or_are_revoked_with_the_reason(client, firm):
    award(firm, "A")
    award(firm, "B", revoked_on=date(2021, 5, 1), revoke_reason="safety accident")
    text = page(client, firm)
    for told in ("Round A", "standing", "Round B", "revoked", "2021-05-01 · safety accident"):
        assert told in text


def test_telephone_numbers_are_masked(client, firm):
    ProjectManager.objects.create(code="PM-1", name="刘建平", enterprise=firm, phone="13900005207")
    text = page(client, firm)
    assert "138****5678" in text
    assert "139****5207" in text
    assert "13812345678" not in text
    assert "13900005207" not in text


def test_party_membership_of_managers_is_for_party_building_only(client, people, firm):
    ProjectManager.objects.create(code="PM-1", name="刘建平", enterprise=firm, is_party_member=True)
    assert "Party member" in page(client, firm)
    client.force_login(people.auditor)
    assert "Party member" not in page(client, firm)


def test_headcounts_by_year(client, firm):
    for year, persons in ((2019, 310), (2020, 342)):
        HeadcountReturn.objects.create(enterprise=firm, year=year, headcount=persons)
    text = page(client, firm)
    assert text.index("342") < text.index("310")


def test_out_of_business_is_told_first(client, firm):
    Enterprise.objects.filter(pk=firm.pk).update(status="deregistered", status_since=date(2021, 1, 1))
    assert "Deregistered" in page(client, firm).split("</h1>")[0]


def test_page_costs_the_same_queries_for_one_row_and_for_many(client, firm):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, firm)
        return len(captured)

    award(firm, "A")
    ProjectManager.objects.create(code="PM-0", name="刘建平", enterprise=firm)
    HeadcountReturn.objects.create(enterprise=firm, year=2001, headcount=1)
    queries()
    before = queries()
    for number in range(1, 5):
        award(firm, f"A-{number}")
        ProjectManager.objects.create(code=f"PM-{number}", name="刘建平", enterprise=firm)
        HeadcountReturn.objects.create(enterprise=firm, year=2001 + number, headcount=1)
    assert queries() == before


# --- the part of Party building ------------------------------------------------------------------------------------------


@pytest.fixture
def instructor(firm) -> PartyCoverage:
    place = Region.objects.get(code=world.EAST)
    person = Person.objects.create(code="P-1", name="王秀兰", region=place)
    return PartyCoverage.objects.create(
        enterprise=firm, way="instructor", instructor=person, valid=DateRange(date(2020, 1, 1), None)
    )


def test_instructor_is_named_to_party_building_only(client, people, firm, instructor):
    assert "Wangxiulan" in page(client, firm, "enterprise-party")
    for who in (people.auditor, people.inspector_east, people.street_staff_east):
        client.force_login(who)
        text = page(client, firm, "enterprise-party")
        assert "Party-building instructor" in text
        assert "Wangxiulan" not in text
        assert "王秀兰" not in text


def test_way_and_organisation_are_told_to_everybody(client, people, firm):
    organisation = PartyOrganisation.objects.create(
        code="PO-1", name="Joint branch", level="community", kind="joint_branch", region=Region.objects.get(code=world.EAST),
        members=7,
    )  # fmt: skip
    PartyCoverage.objects.create(
        enterprise=firm, way="joint", organisation=organisation, valid=DateRange(date(2020, 1, 1), None)
    )
    client.force_login(people.auditor)
    text = page(client, firm, "enterprise-party")
    assert "Joint organisation" in text
    assert "Joint branch" in text
    assert "7 Party members" not in text


def test_part_and_page(client, firm, instructor):
    assert "<html" not in page(client, firm, "enterprise-party", **{"X-Fragment": "1"})
    assert "<html" in page(client, firm, "enterprise-party")
    assert reverse("enterprise-party", args=[firm.uscc]) in page(client, firm)


def test_not_covered_is_said_and_can_be_mended(client, people, firm):
    text = page(client, firm, "enterprise-party")
    assert "not covered" in text
    assert f"/registers/party-coverage/new/?enterprise={firm.uscc}" in text
    client.force_login(people.auditor)
    assert "/registers/party-coverage/" not in page(client, firm, "enterprise-party")


def test_other_enterprises_staff_find_nothing(client, people, firm):
    own = people.staff_of_enterprise.enterprise_memberships.get().enterprise
    other = Enterprise.objects.exclude(pk=own.pk).first()
    client.force_login(people.staff_of_enterprise)
    for name in ("enterprise-detail", "enterprise-party"):
        assert client.get(reverse(name, args=[other.uscc])).status_code == 404
        assert client.get(reverse(name, args=[own.uscc])).status_code == 200
