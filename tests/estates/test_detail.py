"""The page of a neighbourhood, what an enterprise serves, and the compliance calendar."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enterprises.models import Enterprise, ProjectManager
from estates.models import (
    CommitteeMember,
    DisclosureCategory,
    DisclosureItem,
    Estate,
    FundingRecord,
    ManagerAppointment,
    OwnersCommittee,
    RenovationItem,
    ServiceAssignment,
    ServiceContract,
    StageChange,
)
from estates.profile import path, serving
from partybuilding.models import CrossAppointment, PartyCoverage, Person
from portal.models import Region
from tests import world
from tests.estates import rows
from tests.estates.rows import span

TODAY = timezone.localdate()


@pytest.fixture
def client(people) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(people.officer_east)
    return client


@pytest.fixture
def estate(db) -> Estate:
    """An old neighbourhood of the east district, served by one enterprise."""
    return rows.estate_in(world.EAST, kind="old", lifts=0, has_fire_equipment=False, built_year=1987)


@pytest.fixture
def firm(estate) -> Enterprise:
    ServiceAssignment.objects.filter(estate=estate).delete()
    firm = rows.enterprise()
    ServiceAssignment.objects.create(estate=estate, enterprise=firm, valid=span("2017-10-01"))
    return firm


def page(client: Client, estate: Estate) -> str:
    response = client.get(reverse("estate-detail", args=[estate.code]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_end_dates_are_last_days(client, estate, firm):
    ServiceAssignment.objects.create(estate=estate, enterprise=rows.enterprise(1), valid=span(None, "2017-10-01"))
    text = page(client, estate)
    assert "before the record – 2017-09-30" in text
    assert "2017-10-01 – still" in text


def test_modes_tell_ever_from_now(client, estate, firm):
    rows.mode(
        estate, mode="resident_self_management", enterprise=None, responsible_person="李玉兰",
        valid=span("2016-05-01", "2017-10-01"),
    ).save()  # fmt: skip
    rows.mode(estate, enterprise=firm, valid=span("2017-10-01")).save()
    response = client.get(reverse("estate-detail", args=[estate.code]))
    assert response.context["modes"].now.mode == "market_takeover"
    assert response.context["modes"].ever == ["Resident self-management", "Market takeover"]
    assert "2016-05-01 – 2017-09-30" in response.content.decode()


def test_old_modes_are_shown_without_a_present_one(client, estate, firm):
    rows.mode(estate, enterprise=firm, valid=span("2016-05-01", "2017-10-01")).save()
    response = client.get(reverse("estate-detail", args=[estate.code]))
    assert response.context["modes"].now is None
    assert "in no mode" in response.content.decode()


def test_path_shows_the_rule_of_each_stage(client, estate, firm):
    StageChange.objects.create(estate=estate, from_stage="none", stage="professional", changed_on=date(2017, 10, 1))
    StageChange.objects.create(estate=estate, from_stage="professional", stage="red", changed_on=date(2018, 12, 1))
    shown = client.get(reverse("estate-detail", args=[estate.code])).context["path"]
    assert [step.stage.value for step in shown.steps if step.is_now] == ["red"]
    assert (shown.recorded, shown.by_rule) == ("red", "none")
    professional = shown.steps[2]
    assert (professional.since, professional.until) == (date(2017, 10, 1), date(2018, 12, 1))
    assert [met for _text, met in professional.criteria] == [False]
    assert "Red property service" in page(client, estate)


def test_rule_of_the_red_stage_asks_party_building(estate, firm):
    rows.contract(estate, enterprise=firm, valid=span("2021-01-01", "2099-01-01")).save()
    person = Person.objects.create(code="P-1", name="王秀兰", region=estate.community, enterprise=firm)

    def by_rule() -> str:
        return path(estate, serving(estate, TODAY), None).by_rule

    def across(code: str, direction: str, post: str) -> None:
        CrossAppointment.objects.create(
            code=code, person=person, direction=direction, post=post, enterprise=firm, committee_kind="residents",
            region=estate.community, valid=span("2021-01-01"),
        )  # fmt: skip

    assert by_rule() == "professional"
    PartyCoverage.objects.create(enterprise=firm, way="instructor", instructor=person, valid=span("2021-01-01"))
    across("CA-1", "committee_to_enterprise", "quality_supervisor")
    assert by_rule() == "professional"
    across("CA-2", "enterprise_to_committee", "committee_member")
    assert by_rule() == "red"


def test_a_contract_of_a_former_enterprise_does_not_count(estate, firm):
    rows.contract(estate, enterprise=rows.enterprise(1), valid=span("2021-01-01", "2099-01-01")).save()
    assert path(estate, serving(estate, TODAY), None).by_rule == "none"


def test_contract_with_its_filing_manager_and_fee(client, estate, firm):
    rows.contract(estate, enterprise=firm, fee_yuan_m2_month="1.85", valid=span("2021-01-01", "2099-01-01")).save()
    manager = ProjectManager.objects.create(code="PM-1", name="刘建平", enterprise=firm, phone="13812341234")
    ManagerAppointment.objects.create(estate=estate, manager=manager, valid=span("2021-09-03"))
    assert "not filed" in page(client, estate)
    rows.accepted(estate, "service_contract", "BA-7", enterprise=firm)
    text = page(client, estate)
    for told in ("C-1", "2021-01-01 – 2098-12-31", "BA-7", "Liujianping", "1.85"):
        assert told in text
    assert "13812341234" not in text


def test_committee_is_red_by_rule(client, estate):
    committee = OwnersCommittee.objects.create(
        code="YWH-1", estate=estate, size=3, valid=span("2021-06-18", str(TODAY.replace(day=1) + timedelta(days=400)))
    )
    for number, party in enumerate((True, True, False)):
        CommitteeMember.objects.create(
            committee=committee, name=f"委员{number}", is_party_member=party, valid=span("2021-06-18")
        )
    assert "at least half of its members are Party members" in page(client, estate)
    CommitteeMember.objects.filter(name="委员0").update(is_party_member=False)
    assert "no Party group, and Party members are fewer than half" in page(client, estate)
    assert "委员1" not in page(client, estate)


def test_funds_in_ten_thousands(client, estate):
    for year, cost in ((2018, 142_000), (2020, 3_715_000)):
        funding = FundingRecord.objects.create(
            code=f"ZJ-{year}", year=year, kind="environment", allocated_yuan=10**9, source_level="city",
            district=Region.objects.get(code=world.EAST),
        )  # fmt: skip
        RenovationItem.objects.create(funding=funding, estate=estate, cost_yuan=cost, works="道路")
    text = page(client, estate)
    for shown in ("14.20", "371.50", "385.70"):
        assert shown in text


def test_the_page_costs_the_same_queries_whatever_is_on_record(client, estate, firm):
    address = reverse("estate-detail", args=[estate.code])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    rows.mode(estate, enterprise=firm, valid=span("2010-01-01", "2011-01-01")).save()
    rows.contract(estate, enterprise=firm, valid=span("2021-01-01", "2099-01-01")).save()
    funding = FundingRecord.objects.create(code="Z", year=2018, kind="environment", planned_yuan=1, source_level="city")
    RenovationItem.objects.create(funding=funding, estate=estate, cost_yuan=1)
    queries()
    before = queries()
    for year in (2011, 2012, 2013, 2014):
        rows.mode(estate, enterprise=rows.enterprise(year % 3), valid=span(f"{year}-01-01", f"{year + 1}-01-01")).save()
        ServiceAssignment.objects.create(
            estate=estate, enterprise=rows.enterprise(year % 3), valid=span(f"{year}-01-01", f"{year + 1}-01-01")
        )
        StageChange.objects.create(
            estate=estate, from_stage="none" if year % 2 else "red", stage="red" if year % 2 else "none", reason="x",
            changed_on=date(year, 1, 1),
        )  # fmt: skip
        more = FundingRecord.objects.create(
            code=f"Z-{year}", year=year, kind="environment", planned_yuan=1, source_level="city"
        )
        RenovationItem.objects.create(funding=more, estate=estate, cost_yuan=1)
    assert queries() == before


def test_other_districts_page_is_404(client):
    west = rows.estate_in(world.WEST)
    assert client.get(reverse("estate-detail", args=[west.code])).status_code == 404


# --- what an enterprise serves ------------------------------------------------------------------------------------------


def test_portfolio_is_weighed_and_cut_to_the_scope(client, people, estate, firm):
    ServiceAssignment.objects.filter(enterprise=firm).exclude(estate=estate).delete()
    Estate.objects.filter(pk=estate.pk).update(floor_area_m2=30_000, households=100)
    others = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").exclude(pk=estate.pk).order_by("code")
    other = others[0]
    Estate.objects.filter(pk=other.pk).update(kind="professional", floor_area_m2=10_000, households=300)
    west = rows.estate_in(world.WEST)
    for served in (other, west):
        ServiceAssignment.objects.filter(estate=served).delete()
        ServiceAssignment.objects.create(estate=served, enterprise=firm, valid=span("2020-01-01"))
    address = reverse("enterprise-estates", args=[firm.uscc])
    held = client.get(address).context["portfolio"]
    assert [(share.label, share.estates) for share in held.shares] == [
        ("Professionally served", 1),
        ("Old neighbourhood", 1),
    ]
    assert (held.area_m2, held.households) == (40_000, 400)
    assert [area for _share, area, _homes in held.weighed] == [(10_000, 40_000), (30_000, 40_000)]
    client.force_login(people.computer)
    assert client.get(address).context["portfolio"].estates == 3


def test_contracts_that_run_out_soon(client, estate, firm):
    def contract(number: str, end: date) -> None:
        ServiceContract.objects.create(
            number=number, estate=estate, enterprise=firm, kind="owners", valid=span("2001-01-01", str(end))
        )

    contract("PAST", TODAY)
    contract("TODAY", TODAY + timedelta(days=1))
    contract("SOON", TODAY + timedelta(days=150))
    contract("LATER", TODAY + timedelta(days=200))
    ending = client.get(reverse("enterprise-estates", args=[firm.uscc])).context["ending"]
    assert [one.number for one in ending] == ["TODAY", "SOON"]


# --- compliance calendar ------------------------------------------------------------------------------------------------


def test_calendar_shows_missing_and_late_and_leads_to_the_form(client, estate, firm):
    response = client.get(reverse("compliance"), {"category": "COMMON_REVENUE"})
    owed = [due for due, _missing in response.context["owed"]]
    assert len(owed) == 4
    category = DisclosureCategory.objects.get(code="COMMON_REVENUE")
    posted = owed[0].due_on + timedelta(days=3)
    DisclosureItem.objects.create(
        estate=estate, category=category, period=str(owed[0].period), content="收支", posted_on=posted
    )
    response = client.get(reverse("compliance"), {"category": "COMMON_REVENUE", "street": estate.community.parent.code})
    line = next(line for line in response.context["lines"] if line.estate == estate)
    first, second = line.cells[0][1], line.cells[1][1]
    assert (first.posted_on, first.days_late) == (posted, 3)
    assert second.is_missing
    assert second.days_late == (TODAY - owed[1].due_on).days
    assert f"estate={estate.code}&amp;category=COMMON_REVENUE&amp;period={owed[1].period}" in response.content.decode()


def test_calendar_is_cut_to_the_scope_and_paged(client):
    response = client.get(reverse("compliance"))
    inside = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").count()
    assert response.context["page"].paginator.count == inside
    assert len(response.context["lines"]) <= 25
    assert world.WEST not in {code for code, _label in response.context["form"].fields["district"].choices}
    outside = client.get(reverse("compliance"), {"district": world.WEST})
    assert "district" in outside.context["form"].errors


def test_only_what_is_missing(client, estate, firm):
    for due, _missing in client.get(reverse("compliance")).context["owed"]:
        DisclosureItem.objects.create(
            estate=estate, category=due.category, period=str(due.period), content="x", posted_on=due.due_on
        )
    street = estate.community.parent.code
    lines = client.get(reverse("compliance"), {"missing": "on", "street": street}).context["lines"]
    assert estate not in {line.estate for line in lines}
    assert estate in {line.estate for line in client.get(reverse("compliance"), {"street": street}).context["lines"]}


def test_calendar_costs_the_same_queries_for_one_street_and_for_all(client, estate, firm):
    def queries(**filters) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("compliance"), filters)
        return len(captured)

    queries()
    assert queries(category="FEE_STANDARD") == queries()


def test_who_may_not_keep_is_not_led_to_the_form(client, people, estate, firm):
    client.force_login(people.auditor)
    assert "/disclosures/new/" not in client.get(reverse("compliance")).content.decode()
    client.force_login(people.nobody)
    assert client.get(reverse("compliance")).status_code == 403
