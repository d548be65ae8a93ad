"""The sample city: the same for the same seed and date, adding up to the report's figures, and loadable."""

import csv
from collections import Counter
from datetime import date

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

DAY = date(2021, 11, 18)


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


@pytest.mark.django_db
def test_the_command_loads_what_it_writes_and_twice_changes_nothing(tmp_path, capsys):
    def sample():
        call_command("sample_city", as_of=DAY, seed=7, output=tmp_path, cases=50)
        return capsys.readouterr().out

    before = AppraisalCase.objects.count()
    sample()
    assert Estate.objects.filter(code__startswith="E420").count() == 3175 + 1931 + 2074
    assert ServiceAssignment.objects.filter(estate__code__startswith="E420").count() == 7180 - 526
    added = AppraisalCase.objects.count() - before
    assert added == len(rows(tmp_path, "cases.csv"))
    assert f"cases.csv: 0 new, 0 changed, {added} unchanged" in sample()
