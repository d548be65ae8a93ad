"""The city package: loaded twice changes nothing; one bad row rejects all of it and is named."""

import csv
import json
import shutil

import pytest
from django.core.management import CommandError, call_command

from enterprises.models import Enterprise
from estates.models import Estate, ServiceAssignment
from evaluations.models import AppraisalCase, RankingPolicy
from portal import citypackage
from portal.models import Agency, Region
from tests.world import GOLDEN

pytestmark = pytest.mark.django_db

CASE = {
    "case_no": "T1", "source": "web", "estate_code": "E00001", "category": "lift", "responsible": "enterprise",
    "reported_at": "2021-10-18T09:00:00+08:00", "accept_due_at": "2021-10-19T09:00:00+08:00", "accepted_at": "",
    "handle_due_at": "2021-10-25T09:00:00+08:00", "handled_at": "", "rating": "", "resolved": "", "rated_at": "",
    "rating_withdrawn": "", "excluded": "",
}  # fmt: skip


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def write_cases(folder, *changes):
    rows = [CASE | change for change in changes]
    write(folder / "cases.csv", list(CASE), [list(row.values()) for row in rows])


def load(folder) -> list[str]:
    """The problems of a package; empty when it was loaded."""
    found: list[citypackage.Problem] = []
    try:
        citypackage.load(citypackage.Loading(folder, say=found.append))
    except citypackage.BadPackage:
        assert found
    return [str(problem) for problem in found]


def snapshot():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Region, Agency, Enterprise, Estate, ServiceAssignment, AppraisalCase, RankingPolicy)
    ]


def test_loading_twice_changes_nothing():
    before = snapshot()
    assert load(GOLDEN) == []
    assert snapshot() == before


def test_a_later_file_updates(tmp_path):
    write_cases(tmp_path, {})
    assert load(tmp_path) == []
    write_cases(tmp_path, {"accepted_at": "2021-10-18T10:00:00+08:00"}, {"case_no": "T2"})
    assert load(tmp_path) == []
    assert AppraisalCase.objects.get(case_no="T1").accepted_at is not None
    assert AppraisalCase.objects.filter(case_no__in=["T1", "T2"]).count() == 2


def test_the_same_number_from_two_sources_is_two_cases(tmp_path):
    write_cases(tmp_path, {}, {"source": "hotline"})
    assert load(tmp_path) == []
    assert AppraisalCase.objects.filter(case_no="T1").count() == 2


def test_a_case_knows_the_enterprise_in_charge_on_its_day(tmp_path):
    write_cases(tmp_path, {})
    load(tmp_path)
    estate = Estate.objects.get(code="E00001")
    assert AppraisalCase.objects.get(case_no="T1").enterprise == estate.assignments.get().enterprise


def test_an_estate_that_changes_hands_keeps_its_past(tmp_path):
    estate = Estate.objects.get(code="E00001")
    old = estate.assignments.get().enterprise
    new = Enterprise.objects.exclude(pk=old.pk).first()
    header = ("code", "name", "kind", "community_code", "households", "floor_area_m2", "enterprise_uscc")
    row = (
        estate.code,
        estate.name,
        estate.kind,
        estate.community.code,
        estate.households,
        estate.floor_area_m2,
        new.uscc,
    )
    write(tmp_path / "estates.csv", header, [row])
    assert load(tmp_path) == []
    past, current = estate.assignments.order_by("valid")
    assert (past.enterprise, current.enterprise) == (old, new)
    assert past.valid.upper == current.valid.lower
    assert current.valid.upper is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"estate_code": "NOPE"}, "line 2, column estate_code: unknown code “NOPE”"),
        ({"responsible": "nobody"}, "line 2, column responsible"),
        ({"case_no": ""}, "line 2, column case_no: is empty"),
        ({"case_no": "x" * 61}, "line 2, column case_no: is longer than 60"),
        ({"reported_at": ""}, "line 2, column reported_at: is empty"),
        ({"reported_at": "2021-10-18T09:00:00"}, "column reported_at: “2021-10-18T09:00:00” has no offset"),
        ({"reported_at": "18.10.2021"}, "column reported_at: “18.10.2021” is not a time"),
        ({"reported_at": "0001-01-01T00:00:00+14:00"}, "column reported_at"),
        ({"accept_due_at": "2021-10-17T09:00:00+08:00"}, "column accept_due_at: lies before the report"),
        ({"handle_due_at": "2021-10-17T09:00:00+08:00"}, "column handle_due_at: lies before the report"),
        ({"accepted_at": "2021-10-17T09:00:00+08:00"}, "column accepted_at: lies before the report"),
        ({"handled_at": "2021-10-17T09:00:00+08:00"}, "column handled_at: lies before the report"),
        ({"handled_at": "2021-10-20T09:00:00+08:00"}, "column handled_at: is given, but the case was never accepted"),
        ({"rating": "6"}, "column rating: “6” is not a whole number from 1 to 5"),
        ({"rating": "0"}, "column rating"),
        ({"rating": "４"}, "column rating"),
        ({"rating": "4"}, "column rated_at: is empty although there is an answer"),
        ({"resolved": "maybe"}, "column resolved"),
        ({"rating_withdrawn": "perhaps"}, "column rating_withdrawn"),
        ({"rated_at": "2021-10-20T09:00:00+08:00"}, "column rated_at: is given without"),
    ],
    ids=lambda value: "-".join(value) + str(next(iter(value.values())))[:12] if isinstance(value, dict) else "",
)
def test_a_bad_case_is_named_by_line_and_column_and_nothing_is_loaded(tmp_path, change, words):
    write_cases(tmp_path, change, {"case_no": "good"})
    problems = load(tmp_path)
    assert any(words in problem for problem in problems), problems
    assert not AppraisalCase.objects.filter(case_no="good").exists()


def test_every_bad_row_is_named(tmp_path):
    write_cases(tmp_path, {"rating": "9"}, {"case_no": "T2"}, {"case_no": "T3", "estate_code": "NOPE"})
    problems = load(tmp_path)
    assert [problem.split(":")[0] for problem in problems] == [
        "cases.csv, line 2, column rating",
        "cases.csv, line 4, column estate_code",
    ]


def test_a_duplicate_inside_a_file_is_named_with_both_lines(tmp_path):
    write_cases(tmp_path, {}, {"case_no": "T2"}, {})
    assert load(tmp_path) == ["cases.csv, line 4, column case_no: “T1” stands already in line 2."]


HEADER = "uscc,name,origin,is_public_benefit\n"
GOOD_ROW = "91350100M000100Y43,样例物业,local,false\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "enterprises.csv: the file is empty"),
        (b"\xef\xbb\xbf" + (HEADER + GOOD_ROW).encode(), "line 1: starts with a byte-order mark"),
        ((HEADER + GOOD_ROW).encode("gbk"), "line 2: is not UTF-8 (it looks like GBK)"),
        ((HEADER + GOOD_ROW).encode("utf-16"), "line 1: is UTF-16"),
        (b"uscc,name,origin\n", "line 1, column is_public_benefit: this column is missing"),
        (b"uscc,uscc,name,origin,is_public_benefit\n", "line 1, column uscc: this column stands twice"),
        ((HEADER + "a,b\n").encode(), "line 2: 2 values where the header has 4"),
        ((HEADER + GOOD_ROW.replace("Y43", "Y44")).encode(), "line 2, column uscc"),
        ((HEADER + GOOD_ROW + GOOD_ROW).encode(), "line 3, column uscc: “91350100M000100Y43” stands already in line 2"),
        ((HEADER + GOOD_ROW.replace("local", "moon")).encode(), "line 2, column origin"),
        ((HEADER + GOOD_ROW.replace("false", "no")).encode(), "line 2, column is_public_benefit"),
        ((HEADER + '"open\n').encode(), "not readable as CSV"),
        ((HEADER + "a\x00b,c,local,false\n").encode(), "line 2: has a NUL character"),
    ],
    ids=[
        "empty", "bom", "gbk", "utf-16", "missing column", "double column", "short row", "check digit", "duplicate",
        "origin", "truth", "open quote", "nul",
    ],
)  # fmt: skip
def test_a_bad_file_gets_one_clear_message(tmp_path, content, words):
    (tmp_path / "enterprises.csv").write_bytes(content)
    problems = load(tmp_path)
    assert len(problems) == 1
    assert words in problems[0]
    assert not Enterprise.objects.filter(uscc="91350100M000100Y43").exists()


def test_a_reference_to_a_bad_row_says_so(tmp_path):
    for name in ("districts", "streets"):
        shutil.copy(GOLDEN / f"{name}.csv", tmp_path)
    text = (
        (tmp_path / "districts.csv")
        .read_text()
        .replace("990101,甲区", "999999,甲区")
        .replace("administrative", "moon", 1)
    )
    (tmp_path / "districts.csv").write_text(text)
    streets = (tmp_path / "streets.csv").read_text().replace("990101\n", "999999\n")
    (tmp_path / "streets.csv").write_text(streets)
    problems = load(tmp_path)
    assert any("districts.csv" in problem and "kind" in problem for problem in problems)
    assert any("“999999” is a row with an error of its own" in problem for problem in problems)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": {"acceptance": "0.5", "handling": "0.5", "satisfaction": "0.5"}}, "weights: do not sum to 1"),
        ({"gates": {"acceptance": 0, "handling": 10, "ratings": 10}}, "gates.acceptance"),
        ({"list_size": None}, "missing or not of its form"),
        ({"effective_from": "yesterday"}, "missing or not of its form"),
        ({"document": ""}, "missing or not of its form"),
    ],
)
def test_a_bad_policy_is_refused(tmp_path, change, words):
    (tmp_path / "policy.json").write_text(json.dumps(POLICY | change))
    assert words in load(tmp_path)[0]


POLICY = {
    "document": "T-1", "effective_from": "2021-01-01", "window_periods": 3,
    "weights": {"acceptance": "0.30", "handling": "0.30", "satisfaction": "0.40"},
    "level_weights": {"5": "1", "4": "1", "3": "0.9", "2": "0", "1": "0"},
    "gates": {"acceptance": 10, "handling": 10, "ratings": 10}, "list_size": 10,
}  # fmt: skip


def test_a_good_policy_is_loaded_and_loading_it_again_changes_nothing(tmp_path):
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))
    assert load(tmp_path) == []
    before = snapshot()
    assert load(tmp_path) == []
    assert snapshot() == before
    shortest = POLICY | {"weights": {"acceptance": "0.3", "handling": "0.3", "satisfaction": "0.4"}}
    assert RankingPolicy.objects.get(document="T-1").as_manifest() == shortest


def test_another_city_is_another_folder(tmp_path):
    (tmp_path / "city.json").write_text(json.dumps({"name": "样例市", "name_en": "Sample", "bureau": "样例局"}))
    assert load(tmp_path) == []
    city = Region.objects.get(level="city")
    assert (city.name, city.profile.name_en, city.profile.bureau) == ("样例市", "Sample", "样例局")


def test_a_street_that_changes_its_managing_district_takes_its_communities_along(tmp_path):
    street = Region.objects.filter(level="street").order_by("code").first()
    other = Region.objects.districts().exclude(pk=street.parent_id).first()
    write(tmp_path / "streets.csv", ("code", "name", "district_code"), [(street.code, street.name, other.code)])
    assert load(tmp_path) == []
    assert all(community.path.startswith(other.path) for community in street.children.all())


def test_the_command_exits_with_an_error_and_names_the_rows(tmp_path, capsys):
    write_cases(tmp_path, {"rating": "9"})
    with pytest.raises(CommandError, match="Nothing was loaded: 1 problems"):
        call_command("load_city", tmp_path)
    assert "cases.csv, line 2, column rating" in capsys.readouterr().err


def test_a_folder_without_a_package_is_said_so(tmp_path, capsys):
    with pytest.raises(CommandError):
        call_command("load_city", tmp_path)
    with pytest.raises(CommandError, match="not a folder"):
        call_command("load_city", tmp_path / "nowhere")
