"""The annual overview: rules of reading and verdict, counts of "ever" and "now" per place and day, the page, the files."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from docx import Document

from enterprises.models import AwardGrant, AwardRound, Enterprise, HeadcountReturn
from estates.models import (
    EmergencyRepairPlatform,
    Estate,
    FundingRecord,
    ModeAssignment,
    OldNeighbourhood,
    RenovationItem,
    ServiceAssignment,
)
from evaluations.models import EvaluationRound, SatisfactionIndex, ServiceCampaign
from evaluations.overview import wording
from evaluations.overview.definitions import SECTIONS
from evaluations.overview.lines import REPORT_DAY, overview, reported
from evaluations.overview.places import places_of
from evaluations.overview.rules import Verdict, quarter_end, read_printed, verdict
from partybuilding.models import ProgrammeMilestone
from portal.models import Region
from tests.partybuilding.making import since
from tests.world import EAST, WEST

DAY = date(2020, 6, 30)


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "quote", "counted", "agrees"),
    [
        ("2200+", "2200余家", 2200, True),
        ("2200+", "2200余家", 2291, True),
        ("2200+", "2200余家", 2199, False),
        ("120000 (approx.)", "约12万人", 120_000, True),
        ("120000 (approx.)", "约12万人", 115_000, True),
        ("120000 (approx.)", "约12万人", 124_999, True),
        ("120000 (approx.)", "约12万人", 125_000, False),
        ("120000 (approx.)", "约12万人", 114_999, False),
        ("59958200 (approx.)", "约5995.82万", "59958249.99", True),
        ("59958200 (approx.)", "约5995.82万", "59958250", False),
        ("386000000", "总面积3.86亿平方米", 386_499_999, True),
        ("386000000", "总面积3.86亿平方米", 386_500_000, False),
        ("7265500", "726.55万元", 7_265_500, True),
        ("382", "接管382个", 382, True),
        ("382", "接管382个", 383, False),
        ("88.45", "88.45%", "88.45", True),
        ("88.45", "88.45%", "88.46", False),
        ("100", "覆盖率100%", "100.00", True),
    ],
)
def test_a_figure_agrees_as_far_as_it_is_stated(value, quote, counted, agrees):
    assert read_printed(value, quote).agrees_with(Decimal(counted)) is agrees


@pytest.mark.parametrize("text", ["3+1", "2017-01-22", "2018-09"])
def test_days_months_and_sums_are_compared_as_written(text):
    printed = read_printed(text)
    assert not printed.floor
    assert printed.agrees_with(text)
    assert not printed.agrees_with("4")
    assert not printed.agrees_with(Decimal(4))


def test_nothing_on_record_differs():
    assert verdict(read_printed("5"), None) is Verdict.DIFFERS
    assert verdict(read_printed("5"), Decimal(5)) is Verdict.AGREES
    assert verdict(read_printed("5"), Decimal(9), contradicts_itself=True) is Verdict.CONTRADICTS_ITSELF


def test_every_figure_of_the_report_has_one_definition_and_the_other_way_round():
    keys = [definition.key for section in SECTIONS for definition in section.definitions]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(reported())
    assert len(keys) == 113
    repeats = {one.repeats for section in SECTIONS for one in section.definitions} - {""}
    assert repeats <= set(keys)


# --- small worlds -----------------------------------------------------------------------------------------------------


@pytest.fixture
def city(db):
    return Region.objects.get(level="city")


@pytest.fixture
def east(db):
    return Region.objects.get(code=EAST)


@pytest.fixture
def west(db):
    return Region.objects.get(code=WEST)


def counted(place, day=DAY, **options):
    """Key → counted figure; a figure of persons that is not shown is "few"."""
    found = overview(place, day, **options)
    return {line.key: "few" if line.too_few else line.counted for line in found.lines}


def old(district, number=0, registered=None):
    """An old neighbourhood of ``district``, in the register since 2016."""
    estate = Estate.objects.filter(community__path__startswith=district.path).order_by("code")[number]
    Estate.objects.filter(pk=estate.pk).update(kind="old", floor_area_m2=1000, households=20)
    OldNeighbourhood.objects.create(
        estate=estate, origin="old_estate", registered=registered or DateRange(date(2016, 1, 1), None)
    )
    return estate


def mode(estate, kind, first, last=None):
    return ModeAssignment.objects.create(
        estate=estate,
        mode=kind,
        enterprise=Enterprise.objects.order_by("pk")[0],
        partner_community=estate.community if kind == "guided_comanagement" else None,
        valid=DateRange(first, last),
    )


def test_ever_and_now_are_two_questions(city, east, west):
    mode(old(east), "public_benefit_custody", date(2017, 5, 1), date(2019, 1, 1))
    mode(Estate.objects.get(mode_assignments__isnull=False), "guided_comanagement", date(2019, 1, 1))
    mode(old(east, 1), "public_benefit_custody", date(2018, 5, 1))
    mode(old(west), "market_takeover", date(2018, 5, 1))

    def modes(place, day):
        found = counted(place, day)
        return tuple(
            found[key]
            for key in ("mode.ever_taken_by_public_benefit", "mode.public_benefit", "mode.shared", "mode.market")
        )

    assert modes(city, date(2017, 4, 30)) == (0, 0, 0, 0)
    assert modes(city, date(2017, 5, 1)) == (1, 1, 0, 0)
    assert modes(city, date(2018, 12, 31)) == (2, 2, 0, 1)
    assert modes(city, date(2019, 1, 1)) == (2, 1, 1, 1)
    assert modes(east, date(2019, 1, 1)) == (2, 1, 1, 0)
    assert modes(west, date(2019, 1, 1)) == (0, 0, 0, 1)
    found = counted(city)
    assert found["mode.professional_or_paired"] == 2
    assert found["mode.ever_taken_period"] == 2
    assert found["mode.coverage_rate"] == 100


def test_who_left_the_register_is_neither_counted_nor_covered(city, east):
    estate = old(east, registered=DateRange(date(2016, 1, 1), date(2020, 1, 1)))
    mode(estate, "market_takeover", date(2018, 1, 1))
    before, after = counted(city, date(2019, 12, 31)), counted(city, date(2020, 1, 1))
    assert (before["old.count"], before["old.area"], before["old.households"]) == (1, 1000, 20)
    assert (before["mode.market"], before["mode.coverage_rate"]) == (1, 100)
    assert (after["old.count"], after["old.area"], after["mode.market"], after["mode.coverage_rate"]) == (0, 0, 0, None)


def test_a_street_counts_its_own(city, east):
    estate = old(east)
    own = Region.objects.get(pk=estate.community.parent_id)
    other = east.children.exclude(pk=own.pk).order_by("code").first()
    assert counted(own)["old.count"] == 1
    assert counted(other)["old.count"] == 0


def test_enterprises_in_business_on_the_day(city, east, west):
    Enterprise.objects.update(founded_on=date(2010, 1, 1), registered_district=west, origin="local")
    one, two = Enterprise.objects.order_by("pk")[:2]
    everybody = Enterprise.objects.count()
    Enterprise.objects.filter(pk=one.pk).update(founded_on=date(2020, 7, 1), registered_district=east)
    Enterprise.objects.filter(pk=two.pk).update(status="deregistered", status_since=date(2020, 6, 30))
    assert counted(city, date(2020, 6, 29))["enterprise.total"] == everybody - 1
    assert counted(city, date(2020, 6, 30))["enterprise.total"] == everybody - 2
    assert counted(city, date(2020, 7, 1))["enterprise.total"] == everybody - 1
    assert counted(east, date(2020, 7, 1))["enterprise.local"] == 1
    for year, headcount in ((2018, 10), (2019, 12), (2020, 99)):
        HeadcountReturn.objects.create(enterprise=one, year=year, headcount=headcount)
    HeadcountReturn.objects.create(enterprise=two, year=2018, headcount=5)
    assert counted(city, date(2020, 6, 29))["enterprise.workforce"] == 5
    assert counted(city, date(2020, 7, 1))["enterprise.workforce"] == 12
    assert counted(west, date(2020, 7, 1))["enterprise.workforce"] == 0


def test_coverage_counts_enterprises_that_serve(make, city, east, west):
    joint = make.organisation(kind="joint_branch")
    serving = counted(city)["enterprise.with_projects"]
    make.coverage(way="joint", organisation=joint, valid=DateRange(date(2018, 1, 1), date(2020, 6, 1)))
    make.coverage(valid=since(2020, 6))
    make.coverage(enterprise=make.other_enterprise, way="joint", organisation=joint)
    idle = Enterprise.objects.create(uscc="91420100XY9999999L", name="空闲物业", origin="local")
    make.coverage(enterprise=idle)
    may, june = counted(city, date(2020, 5, 31)), counted(city, date(2020, 6, 1))
    assert (may["party.org_count"], may["party.instructors"]) == (2, 0)
    assert (june["party.org_count"], june["party.instructors"]) == (1, 1)
    assert june["enterprise.with_projects"] == serving


def test_industry_committees_stand_from_their_founding_to_their_dissolution(make, city, east, west):
    facts = {"kind": "industry_committee", "enterprise": None}
    make.organisation(level="city", region=city, founded_on=date(2018, 1, 1), **facts)
    make.organisation(level="district", region=east, dissolved_on=date(2020, 6, 30), **facts)
    make.organisation(level="district", region=west, **facts)
    assert counted(city, date(2017, 12, 31))["party.city_industry_committee"] == 0
    assert counted(city, date(2020, 6, 29))["party.district_committees"] == 2
    assert counted(city, date(2020, 6, 30))["party.district_committees"] == 1
    assert counted(east, date(2020, 6, 29))["party.district_committees"] == 1
    assert "party.city_industry_committee" not in counted(east)


def test_a_person_with_two_posts_counts_once(make, city, east, west):
    person = make.person()
    make.appointment(person=person, valid=DateRange(date(2018, 1, 1), date(2020, 1, 1)))
    make.appointment(person=person, enterprise=make.other_enterprise)
    make.appointment(region=make.west_community)
    head = {"direction": "enterprise_to_committee", "post": "committee_member"}
    make.appointment(person=make.person(enterprise=make.enterprise), **head)
    found = counted(city)
    assert (found["cross.quality_supervisors"], found["cross.managers_on_committees"]) == (2, 1)
    assert counted(city, date(2019, 6, 1))["cross.quality_supervisors"] == 1
    assert counted(east)["cross.quality_supervisors"] == 1
    assert counted(west)["cross.managers_on_committees"] == 0


def test_recruits_are_counted_once_hired_whether_they_left_or_not(make, city, east, west):
    gone = {"left_on": date(2019, 1, 1), "leave_reason": "family"}
    make.recruit(hired_on=date(2017, 7, 1), is_party_member=True, degree="master", **gone)
    make.recruit(hired_on=date(2018, 7, 1), university_tier="other")
    make.recruit(hired_on=date(2018, 7, 1), is_party_member=True, university_tier="211", district=west)
    make.recruit(hired_on=date(2020, 7, 1))
    other = make.intake(kind="enterprise", year=2018, title="企业自招")
    make.recruit(hired_on=date(2018, 7, 1), intake=other)
    found = counted(city)
    assert (found["graduate.recruited"], found["graduate.party_members"], found["graduate.exam_2017"]) == (4, 2, 3)
    shares = [found[f"graduate.exam_2017.{name}_share"] for name in ("party", "master", "elite")]
    assert shares == [Decimal("66.67"), Decimal("33.33"), Decimal("66.67")]
    assert (found["graduate.period"], found["graduate.exam_2017_year"]) == (2, 2017)
    assert counted(city, date(2017, 12, 31))["graduate.recruited"] == 1
    assert counted(west)["graduate.recruited"] == 1


def test_who_may_not_see_persons_gets_no_group_under_three(make, city, east, west):
    for number in range(6):
        make.recruit(hired_on=date(2018, 1, 1), is_party_member=number < 2, district=east)
    exact, merged = counted(city), counted(city, exact=False)
    assert (exact["graduate.recruited"], exact["graduate.party_members"]) == (6, 2)
    assert (merged["graduate.recruited"], merged["graduate.party_members"]) == (6, "few")
    assert merged["graduate.exam_2017.party_share"] == "few"
    for _number in range(2):
        make.recruit(hired_on=date(2018, 1, 1), district=west)
    assert counted(west)["graduate.recruited"] == 2
    assert counted(west, exact=False)["graduate.recruited"] == "few"
    # East's six would tell West's two by subtraction from the city's eight.
    assert counted(east, exact=False)["graduate.recruited"] == "few"
    assert counted(city, exact=False)["graduate.recruited"] == 8


def test_a_group_is_not_shown_where_its_rest_is_small(make, city):
    for number in range(6):
        make.recruit(hired_on=date(2018, 1, 1), is_party_member=number > 0)
    assert counted(city, exact=False)["graduate.party_members"] == "few"


def test_a_revoked_honour_no_longer_counts(make, city, east):
    five = AwardRound.objects.create(code="F", award="five_star", year=2017, title="五星")
    demo = [
        AwardRound.objects.create(code=f"D{year}", award="demo_project", year=year, title="示范")
        for year in (2018, 2019)
    ]
    AwardGrant.objects.create(
        round=five,
        enterprise=make.enterprise,
        granted_on=date(2017, 12, 1),
        revoked_on=date(2020, 6, 30),
        revoke_reason="x",
    )
    for number, award_round in enumerate(demo):
        AwardGrant.objects.create(
            round=award_round,
            enterprise=make.enterprise,
            project_name=f"{number}",
            granted_on=date(2018 + number, 12, 1),
        )
    AwardGrant.objects.create(round=demo[0], enterprise=make.other_enterprise, granted_on=date(2018, 12, 1))
    make.coverage(way="standalone", organisation=make.organisation())
    before, after = counted(city, date(2020, 6, 29)), counted(city, date(2020, 6, 30))
    assert (before["award.five_star_enterprises"], before["award.five_star_year"]) == (1, 2017)
    assert after["award.five_star_enterprises"] == 0
    assert (after["award.demo_enterprises"], after["award.demo_years"]) == (2, 2)
    assert after["award.demo_with_party_org_rate"] == 50
    assert counted(city, date(2018, 12, 31))["award.demo_years"] == 1
    assert counted(east)["award.demo_enterprises"] == 1


def test_money_by_year_purpose_and_district(city, east, west):
    def money(code, year, kind, yuan, district):
        return FundingRecord.objects.create(
            code=code, year=year, kind=kind, allocated_yuan=yuan, district=district, source_level="city"
        )

    whole = money("A", 2018, "environment", 100, None)
    money("B", 2018, "environment", 50, east)
    money("C", 2018, "fee_subsidy", 7, west)
    money("D", 2019, "environment", 1, west)
    money("E", 2020, "emergency_repair", 3, west)
    for number, done in enumerate((date(2018, 12, 1), date(2020, 12, 1), None)):
        RenovationItem.objects.create(funding=whole, estate=old(east, number), completed_on=done)
    found = counted(city)
    assert (found["money.2018.environment"], found["money.2018.fee_subsidy"], found["repair.investment"]) == (150, 7, 3)
    assert (found["money.2018.neighbourhoods"], found["money.2018.year"], found["money.2020.year"]) == (2, 2018, None)
    assert counted(city, date(2018, 6, 1))["money.2019.environment"] == 0
    assert (counted(east)["money.2018.environment"], counted(west)["money.2018.environment"]) == (50, 0)
    assert counted(west)["money.2018.neighbourhoods"] == 0
    assert "money.2018.environment" not in counted(east.children.first())


def test_repair_platforms_in_operation(city, east, west):
    for code, district, staff, valid in (
        ("P1", east, 10, DateRange(date(2018, 1, 1), date(2020, 6, 30))),
        ("P2", west, 7, DateRange(date(2019, 1, 1), None)),
    ):
        EmergencyRepairPlatform.objects.create(code=code, name=code, district=district, staff_count=staff, valid=valid)
    assert (counted(city)["repair.platforms"], counted(city)["repair.team_size"]) == (1, 7)
    assert counted(city, date(2020, 6, 29))["repair.team_size"] == 17
    assert counted(east)["repair.platforms"] == 0


def test_what_is_counted_once_a_year_or_month(city):
    SatisfactionIndex.objects.create(year=2019, value=81, method_version="a")
    SatisfactionIndex.objects.create(year=2020, value="82.8", method_version="a")
    EvaluationRound.objects.create(year=2018, title="2018", published_on=date(2019, 2, 1))
    EvaluationRound.objects.create(year=2019, title="2019", published_on=date(2020, 7, 1))
    ServiceCampaign.objects.create(month=date(2018, 9, 1), theme="a", partners="城管\n消防", status="held")
    ServiceCampaign.objects.create(month=date(2018, 10, 1), theme="b", partners="消防、供水", status="held")
    ServiceCampaign.objects.create(month=date(2018, 11, 1), theme="c", partners="质监", status="planned")
    ProgrammeMilestone.objects.create(code="a", kind="gov_work_report", on_date=date(2018, 1, 1), precision="year")
    ProgrammeMilestone.objects.create(code="b", kind="gov_work_report", on_date=date(2019, 1, 1), precision="year")
    ProgrammeMilestone.objects.create(code="c", kind="proposal", on_date=date(2017, 1, 1), precision="month")
    found = counted(city)
    assert (found["satisfaction.2019"], found["satisfaction.2020"], found["satisfaction.2018"]) == (
        81,
        Decimal("82.8"),
        None,
    )
    assert counted(city, date(2019, 12, 31))["satisfaction.2020"] is None
    assert found["supervision.evaluation_years"] == 1
    assert (found["governance.campaign_sessions"], found["governance.campaign_departments"]) == (2, 3)
    assert found["governance.campaign_start"] == "2018-09"
    assert (found["programme.gov_report_item_year_1"], found["programme.gov_report_item_year_2"]) == (2018, 2019)
    assert found["programme.proposed_in"] == "2017-01"
    assert counted(city, date(2018, 6, 1))["programme.gov_report_item_year_2"] is None


def test_a_contradiction_holds_only_while_the_records_bear_it_out(city, east):
    key = "mode.ever_taken_by_public_benefit"
    mode(old(east), "public_benefit_custody", date(2017, 5, 1))
    line = next(line for line in overview(city, REPORT_DAY).lines if line.key == key)
    assert line.verdict is Verdict.DIFFERS
    reconciled = next(one for section in SECTIONS for one in section.definitions if one.key == key).reconciled
    assert reconciled == 382


# --- page and files ---------------------------------------------------------------------------------------------------


def page(user, address="/overview/", **query):
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client.get(address, query)


def test_a_city_official_reads_the_report_beside_the_counts(people):
    response = page(people.computer)
    text = response.content.decode()
    assert response.status_code == 200
    assert "物业服务项目3175个" in text
    assert "differs" in text
    assert f'value="{EAST}"' in text


def test_a_district_official_reads_the_own_district_and_its_streets_only(people, east, west):
    response = page(people.officer_east)
    text = response.content.decode()
    assert f'value="{EAST}" selected' in text
    assert f'value="{WEST}"' not in text
    assert "3175" not in text
    assert all(place.path.startswith(east.path) for place in places_of(people.officer_east))
    street = east.children.first()
    assert page(people.officer_east, region=street.code).status_code == 200
    for address in ("/overview/", "/overview/annual-overview.docx", "/overview/annual-overview.xlsx"):
        assert page(people.officer_east, address, region=WEST).status_code == 404
        assert page(people.officer_east, address, region=west.children.first().code).status_code == 404
        assert page(people.officer_east, address, region=Region.objects.get(level="city").code).status_code == 404


def test_street_staff_reads_the_own_street_only(people, east):
    own = people.street_staff_east.grants.get().region
    assert [place.pk for place in places_of(people.street_staff_east)] == [own.pk]
    assert page(people.street_staff_east, region=EAST).status_code == 404


def test_who_has_no_place_is_told_so(people):
    response = page(people.staff_of_enterprise)
    assert response.status_code == 200
    assert "You have no place to look at" in response.content.decode()
    assert page(people.staff_of_enterprise, "/overview/annual-overview.docx").status_code == 404


def test_who_sees_no_neighbourhoods_is_refused(people):
    assert page(people.nobody).status_code == 403
    assert page(people.handler_fire, "/overview/annual-overview.xlsx").status_code == 403


def test_the_auditor_sees_no_small_group_of_persons(make, people, city):
    make.recruit(hired_on=date(2018, 1, 1), is_party_member=True)
    assert "fewer than 3" in page(people.auditor).content.decode()
    assert "fewer than 3" not in page(people.computer).content.decode()


def test_a_day_that_is_none_or_yet_to_come_is_refused_and_today_shown(people):
    for day in ("2021-13-01", "2999-01-01", "x"):
        response = page(people.computer, as_of=day)
        assert response.status_code == 200
        assert "id_as_of-error" in response.content.decode()


def test_before_anything_was_there_the_page_says_so(people, city):
    Enterprise.objects.update(founded_on=date(2010, 1, 1))
    Estate.objects.update(delivered_on=date(2010, 1, 1))
    ServiceAssignment.objects.update(valid=DateRange(date(2010, 1, 1), None))
    assert "Nothing is on record here on this day" in page(people.computer, as_of="2009-12-31").content.decode()
    assert "Nothing is on record here on this day" not in page(people.computer, as_of="2010-01-01").content.decode()


@pytest.mark.parametrize("place", ["city", "east"])
def test_the_files_hold_the_figures_of_the_page(place, people, request):
    region = request.getfixturevalue(place)
    query = {"region": region.code, "as_of": "2021-10-31"}
    found = overview(region, REPORT_DAY)
    text = page(people.computer, **query).content.decode()
    document = Document(io.BytesIO(page(people.computer, "/overview/annual-overview.docx", **query).content))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows[1:]]
    assert len(rows) == len(found.lines)
    for row, line in zip(rows, found.lines, strict=True):
        shown = wording.row(line)
        assert row[0].split("\n")[:2] == [shown.title, shown.text]
        assert row[1] == shown.counted
        assert f">{shown.counted}</td>" in text
        assert row[2:] == ([shown.said, shown.verdict] if found.compares else [])
    book = openpyxl.load_workbook(io.BytesIO(page(people.computer, "/overview/annual-overview.xlsx", **query).content))
    sheet = list(book.worksheets[0].iter_rows(values_only=True))
    key, column = sheet[0].index("Key"), sheet[0].index("Counted")
    assert [row[key] for row in sheet[1:]] == [line.key for line in found.lines]
    for row, line in zip(sheet[1:], found.lines, strict=True):
        value = line.counted
        assert row[column] == ("—" if value is None else value if isinstance(value, str) else float(value))


def test_the_overview_is_a_few_statements_however_much_is_on_record(make, city, django_assert_max_num_queries):
    for _number in range(20):
        make.recruit(hired_on=date(2018, 1, 1))
        make.appointment()
    with django_assert_max_num_queries(26):
        overview(city, DAY)


# --- command ----------------------------------------------------------------------------------------------------------


def test_the_command_prints_a_table_or_csv_and_is_strict_on_request(db, capsys):
    call_command("report_2021")
    assert "Old neighbourhoods" in capsys.readouterr().out
    call_command("report_2021", csv=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "key,definition,reported,counted,verdict"
    assert len(lines) == 114
    assert lines[1].startswith("enterprise.total,")
    with pytest.raises(CommandError, match="figures differ"):
        call_command("report_2021", strict=True)
    capsys.readouterr()
    call_command("report_2021", region=EAST, strict=True)
    assert "differs" not in capsys.readouterr().out
    with pytest.raises(CommandError, match="no place with the code"):
        call_command("report_2021", region="nowhere")


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2021-10-31", "2021-09-30"),
        ("2021-09-30", "2021-09-30"),
        ("2021-01-01", "2020-12-31"),
        ("2021-12-31", "2021-12-31"),
    ],
)
def test_persons_are_told_by_the_quarter_to_whom_they_are_not_told_each(day, end):
    assert quarter_end(date.fromisoformat(day)) == date.fromisoformat(end)
