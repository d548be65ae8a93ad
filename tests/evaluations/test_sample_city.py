"""The sample city: the same for the same seed and date, adding up to the report's figures, and loadable."""

import csv
from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from enterprises.rules import is_credit_code
from estates.models import Estate, ServiceAssignment
from evaluations import intake
from evaluations.models import AppraisalCase
from evaluations.samplecity import figures, package, registers
from evaluations.samplecity.cases import CATEGORIES, periods_before
from portal.models import Region
from portal.registers import registers as all_registers

DAY = date(2021, 11, 18)
OF_THE_REPORT = (
    "enterprises headcount-returns award-grants old-neighbourhoods mode-assignments party-coverage party-organisations "
    "fundings renovations repair-platforms graduate-recruits service-campaigns satisfaction-indices "
    "dispatch-catalogues catalogue-items reply-templates campaign-visits campaign-issues"
).split()
"""Registers that the report's figures come from: the same on whatever day the sample is of."""
OTHERWISE_FILLED = {"disclosure-categories", "calendar-years", "calendar-days"}  # by migrations


def write(directory, day=DAY, seed=7, cases=400):
    package.write(directory, as_of=day, seed=seed, cases_per_half_month=cases)
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def rows(directory, file):
    with open(directory / file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory = tmp_path_factory.mktemp("sample")
    write(directory)
    return directory


def test_same_seed_and_date_give_the_same_bytes(folder, tmp_path):
    assert write(tmp_path) == {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_another_seed_gives_another_city(folder, tmp_path):
    other = write(tmp_path, seed=8)
    assert other["estates.csv"] != (folder / "estates.csv").read_bytes()
    assert other["cases.csv"] != (folder / "cases.csv").read_bytes()


def test_a_later_date_continues_the_same_city(folder, tmp_path):
    later = write(tmp_path, day=date(2021, 12, 3))
    assert later["estates.csv"] == (folder / "estates.csv").read_bytes()
    for slug in OF_THE_REPORT:
        assert later[f"{slug}.csv"] == (folder / f"{slug}.csv").read_bytes(), slug
    before = {row["case_no"]: row for row in rows(folder, "cases.csv")}
    after = {row["case_no"]: row for row in rows(tmp_path, "cases.csv")}
    both = before.keys() & after.keys()
    assert len(both) > 1000
    fixed = ("estate_code", "category", "responsible", "reported_at", "accept_due_at", "handle_due_at", "excluded")
    for number in both:
        assert [before[number][name] for name in fixed] == [after[number][name] for name in fixed]
        for name in ("accepted_at", "handled_at", "rated_at"):
            assert before[number][name] in ("", after[number][name])
    assert any(not before[number]["handled_at"] and after[number]["handled_at"] for number in both)


@pytest.mark.parametrize(
    ("kind", "totals"),
    [
        ("professional", figures.PROFESSIONAL),
        ("non_residential", figures.NON_RESIDENTIAL),
        ("old", figures.OLD),
    ],
)
def test_estates_add_up_to_the_report_exactly(folder, kind, totals):
    estates = [row for row in rows(folder, "estates.csv") if row["kind"] == kind]
    assert len(estates) == totals.estates
    assert sum(int(row["floor_area_m2"]) for row in estates) == totals.floor_area_m2
    assert sum(int(row["households"] or 0) for row in estates) == (totals.households or 0)


def test_enterprises_are_those_of_the_report(folder):
    enterprises = rows(folder, "enterprises.csv")
    assert (
        len(enterprises)
        == 2200
        == len({row["uscc"] for row in enterprises})
        == len({row["name"] for row in enterprises})
    )
    assert all(is_credit_code(row["uscc"]) for row in enterprises)
    assert Counter((row["origin"], row["is_public_benefit"]) for row in enterprises) == {
        ("local", "true"): 31,
        ("out_of_town", "false"): 210,
        ("local", "false"): 2200 - 31 - 210,
    }


def test_who_serves_whom_is_as_the_report_says(folder):
    benefit = {row["uscc"] for row in rows(folder, "enterprises.csv") if row["is_public_benefit"] == "true"}
    estates = rows(folder, "estates.csv")
    served_by = {row["enterprise_uscc"] for row in estates} - {""}
    assert len(served_by) == 1462
    assert benefit <= served_by
    without = [row for row in estates if not row["enterprise_uscc"]]
    assert len(without) == 526
    assert {row["kind"] for row in without} == {"old"}
    in_custody = [row for row in estates if row["enterprise_uscc"] in benefit]
    assert len(in_custody) == 199
    assert {row["kind"] for row in in_custody} == {"old"}


def test_every_case_passes_the_intake_and_none_knows_the_future(folder):
    estates = {row["code"]: number for number, row in enumerate(rows(folder, "estates.csv"))}
    agencies = {row["code"]: number for number, row in enumerate(rows(folder, "agencies.csv"))}
    references = intake.References(estates, agencies)
    cases = rows(folder, "cases.csv")
    for line, case in enumerate(cases, start=2):
        assert isinstance(intake.check(line, list(case.values()), references), intake.StagedCase), case
        assert max(case["reported_at"], case["accepted_at"], case["handled_at"], case["rated_at"]) < f"{DAY}T"
    assert {case["category"] for case in cases} == {category.code for category in CATEGORIES}
    assert {case["source"] for case in cases} == {"hotline", "web", "wechat", "counter"}
    assert len({case["case_no"] for case in cases}) == len(cases)


def test_cases_are_of_the_six_half_months_before_the_day(folder):
    wanted = [str(period) for period in periods_before(DAY, 6)]
    assert wanted == ["2021-08-H2", "2021-09-H1", "2021-09-H2", "2021-10-H1", "2021-10-H2", "2021-11-H1"]
    found = Counter(
        row["reported_at"][:7] + ("-H1" if row["reported_at"][8:10] < "16" else "-H2")
        for row in rows(folder, "cases.csv")
    )
    assert sorted(found) == wanted
    assert all(370 <= count <= 430 for count in found.values())


def test_the_half_month_that_ends_today_is_the_last():
    assert str(periods_before(date(2021, 11, 16), 1)[0]) == "2021-11-H1"
    assert str(periods_before(date(2021, 11, 15), 1)[0]) == "2021-10-H2"
    assert str(periods_before(date(2022, 1, 1), 1)[0]) == "2021-12-H2"


@given(
    total=st.integers(0, 10**9),
    weights=st.lists(st.floats(0.001, 1000), min_size=1, max_size=50),
)
def test_what_is_shared_out_is_all_of_it(total, weights):
    parts = registers.shared_out(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0


def test_too_little_for_everybody_is_refused():
    with pytest.raises(ValueError):
        registers.shared_out(5, [1, 1, 1], least=2)


def of(directory, slug, **wanted):
    """The rows of a register with these values."""
    return [row for row in rows(directory, f"{slug}.csv") if all(row[name] == value for name, value in wanted.items())]


def yuan(directory, year, kind):
    return sum(int(row["allocated_yuan"]) for row in of(directory, "fundings", year=str(year), kind=kind))


def test_every_register_has_its_file_with_its_fields(folder):
    for register in all_registers():
        if register.slug in OTHERWISE_FILLED:
            continue
        found = rows(folder, f"{register.slug}.csv")
        assert found, register.slug
        if register.slug not in ("enterprises", "estates"):
            assert list(found[0]) == [field.name for field in register.all_fields], register.slug


def test_the_workforce_is_the_sum_of_the_latest_returns(folder):
    returns = of(folder, "headcount-returns")
    latest = {row["enterprise"]: int(row["headcount"]) for row in sorted(returns, key=lambda row: row["year"])}
    assert len(latest) == 2200
    assert sum(latest.values()) == 120_000


def test_public_benefit_enterprises_were_formed_in_2017_by_every_district(folder):
    benefit = of(folder, "enterprises", is_public_benefit="true")
    assert {row["founded_on"][:4] for row in benefit} == {"2017"}
    assert {row["formation_method"] for row in benefit} == {"new", "restructured", "introduced"}
    assert len({row["formed_by"] for row in benefit}) == 15
    assert all(row["registered_district"] for row in rows(folder, "enterprises.csv"))


@pytest.mark.parametrize("day", ["2019-07-01", "2021-10-31", "9999-12-31"])
def test_modes_ever_and_now(folder, day):
    known = [row for row in rows(folder, "mode-assignments.csv") if row["valid_from"] <= day]
    now = [row for row in known if day <= (row["valid_to"] or day)]
    assert Counter(row["mode"] for row in now) == {
        "market_takeover": 382,
        "public_benefit_custody": 199,
        "guided_comanagement": 967,
        "resident_self_management": 526,
    }
    assert len({row["estate"] for row in now}) == 2074 == len(rows(folder, "old-neighbourhoods.csv"))
    custody = {row["estate"] for row in known if row["mode"] == "public_benefit_custody"}
    assert len(custody) == 382
    market = {row["estate"] for row in known if row["mode"] in ("market_takeover", "guided_comanagement")}
    assert len(market) == 1692


def test_party_coverage_holds_in_both_readings(folder):
    now = of(folder, "party-coverage", valid_to="")
    assert Counter(row["way"] for row in now) == {"standalone": 560, "joint": 120, "attached": 32, "instructor": 750}
    assert {row["enterprise"] for row in now} == {row["enterprise_uscc"] for row in rows(folder, "estates.csv")} - {""}
    assert len({row["instructor"] for row in now} - {""}) == 750
    organisations = rows(folder, "party-organisations.csv")
    assert sum(row["enterprise"] != "" for row in organisations) == 712
    committees = Counter(row["level"] for row in organisations if row["kind"] == "industry_committee")
    assert committees == {"city": 1, "district": 15}


def test_persons_on_either_side(folder):
    now = of(folder, "cross-appointments", valid_to="")
    supervisors = {row["person"] for row in now if row["post"] == "quality_supervisor"}
    heads = {row["person"] for row in now if row["direction"] == "enterprise_to_committee"}
    assert (len(supervisors), len(heads)) == (1343, 785)
    again = {row["person"] for row in rows(folder, "cross-appointments.csv") if row["valid_to"] > "2021-10-31"}
    assert again <= supervisors


def test_recruits_and_the_unified_examination(folder):
    recruits = rows(folder, "graduate-recruits.csv")
    assert len(recruits) == 3499 == len({row["code"] for row in recruits})
    assert sum(row["is_party_member"] == "true" for row in recruits) == 1004
    exam = [row for row in recruits if row["intake"] == "ZK-2017"]
    shares = (
        sum(row["is_party_member"] == "true" for row in exam),
        sum(row["degree"] == "master" for row in exam),
        sum(row["university_tier"] in ("985", "211") for row in exam),
    )
    assert (len(exam), shares) == (355, (314, 121, 120))
    assert {row["hired_on"][:4] for row in recruits} == {"2017", "2018"}
    mentors = rows(folder, "mentor-assignments.csv")
    assert Counter(row["kind"] for row in mentors) == {"party": 3499, "property": 3499}


def test_honours_go_to_enterprises_with_a_party_organisation(folder):
    covered = {row["enterprise"] for row in of(folder, "party-coverage", valid_to="") if row["way"] != "instructor"}
    granted: dict[str, set[str]] = {}
    for row in rows(folder, "award-grants.csv"):
        granted.setdefault(row["round"].rstrip("0123456789"), set()).add(row["enterprise"])
    assert {award: len(enterprises) for award, enterprises in granted.items()} == {
        "FIVE-STAR-": 34,
        "DEMO-": 81,
        "QUALITY-": 1,
    }
    assert granted["DEMO-"] <= covered


def test_public_money_and_where_it_went(folder):
    assert yuan(folder, 2018, "environment") == 290_000_000
    assert yuan(folder, 2018, "fee_subsidy") == 99_360_000
    assert yuan(folder, 2019, "environment") == 683_000_000
    assert yuan(folder, 2020, "old_renovation") == 1_030_000_000
    assert yuan(folder, 2019, "emergency_repair") == 7_265_500
    year_of = {row["code"]: row["year"] for row in rows(folder, "fundings.csv")}
    reached = {(year_of[row["funding"]], row["estate"]) for row in rows(folder, "renovations.csv")}
    assert Counter(year for year, _estate in reached) == {"2018": 2017, "2019": 2074, "2020": 276}
    platforms = rows(folder, "repair-platforms.csv")
    assert (len(platforms), sum(int(row["staff_count"]) for row in platforms)) == (28, 386)
    assert len({row["district"] for row in platforms}) == 15


def test_every_neighbourhood_that_changed_hands_has_no_gap(folder):
    spans: dict[str, list[dict]] = {}
    for row in rows(folder, "service-assignments.csv"):
        spans.setdefault(row["estate"], []).append(row)
    serving = {row["code"]: row["enterprise_uscc"] for row in rows(folder, "estates.csv")}
    for estate, (before, *after) in spans.items():
        assert before["valid_from"] == ""
        assert (after[-1]["enterprise"] if after else "") == serving[estate]
        if after:
            assert date.fromisoformat(after[0]["valid_from"]) == date.fromisoformat(before["valid_to"]) + timedelta(1)


def test_there_is_something_to_do(folder):
    assert {row["status"] for row in rows(folder, "filings.csv")} == {
        "draft", "submitted", "correction_requested", "accepted", "rejected", "superseded", "expired",
    }  # fmt: skip
    half_a_year = str(DAY + timedelta(days=182))
    assert sum(str(DAY) <= row["valid_to"] <= half_a_year for row in rows(folder, "contracts.csv")) > 100
    assert sum(str(DAY) <= row["valid_to"] <= half_a_year for row in rows(folder, "owners-committees.csv")) > 20
    assert sum(row["closed_on"] == "" for row in rows(folder, "formation-cases.csv")) > 20
    assert any(row["answered_on"] == "" for row in rows(folder, "disclosure-objections.csv"))
    assert any(row["finished_at"] == "" for row in rows(folder, "repair-orders.csv"))


def test_no_number_can_be_anybodys(folder):
    for file in ("persons", "project-managers", "graduate-recruits", "enterprises"):
        found = rows(folder, f"{file}.csv")
        assert {row["phone"][:3] for row in found} == {"100"}
        assert {row.get("id_number", "") for row in found} == {""}


@pytest.mark.city
@pytest.mark.django_db
def test_the_command_loads_what_it_writes_and_twice_changes_nothing(tmp_path, capsys):
    def sample():
        call_command("sample_city", as_of=DAY, seed=7, output=tmp_path, cases=50)
        return capsys.readouterr().out

    Region.objects.filter(level=Region.Level.CITY).update(code=package.CITY["code"])  # the golden city's was another
    before = AppraisalCase.objects.count()
    sample()
    assert Estate.objects.filter(code__startswith="E420").count() == 3175 + 1931 + 2074
    serving = ServiceAssignment.objects.current().filter(estate__code__startswith="E420")
    assert serving.count() == 7180 - 526
    assert serving.values("enterprise").distinct().count() == 1462
    added = AppraisalCase.objects.count() - before
    assert added == len(rows(tmp_path, "cases.csv"))
    again = sample()
    assert f"cases.csv: 0 new, 0 changed, {added} unchanged" in again
    files = [line for line in again.splitlines() if ".csv: " in line]
    assert len(files) > 40
    assert [line for line in files if ": 0 new, 0 changed, " not in line] == []
