"""The tables of a bulletin: counted by the ranking's rule, pooled, gated, and adding up."""

from copy import deepcopy
from decimal import Decimal

import pytest

from bulletins import counting, sources
from bulletins.composition import compose
from bulletins.rules import ADDED, PARTITIONS, Month, differences
from evaluations import rules
from evaluations.actions import policy_in_force
from evaluations.counting import count
from evaluations.models import AppraisalCase
from evaluations.summaries import score_of
from tests.bulletins.conftest import OCTOBER

pytestmark = pytest.mark.django_db


def tables(min_items: int = 30):
    return compose(OCTOBER, policy_in_force(OCTOBER.halves[1]), min_items)


def test_the_city_and_its_districts_are_the_rankings_counts_over_the_month_pooled():
    policy = policy_in_force(OCTOBER.halves[1]).rule
    by_estate = count(OCTOBER.start, OCTOBER.end, OCTOBER.halves[1].start.date(), policy)
    tally = counting.tally(OCTOBER, policy)
    zero = rules.Counts(0, 0, 0, 0, 0, Decimal(0))
    assert tally.city.counts == sum((row.counts for row in by_estate), zero)
    for code, its in tally.districts.items():
        assert its.counts == sum((row.counts for row in by_estate if row.district_code == code), zero)


def test_each_case_counts_once_per_stage_over_the_months():
    policy = policy_in_force(OCTOBER.halves[1]).rule
    months = [Month(2021, number) for number in range(8, 13)] + [Month(2022, 1)]
    tallies = [counting.tally(month, policy).city for month in months]
    valid = AppraisalCase.objects.filter(excluded="").exclude(estate__kind="non_residential")
    assert sum(tally.counts.accept_due for tally in tallies) == valid.count()
    assert (
        sum(tally.received for tally in tallies)
        == AppraisalCase.objects.exclude(estate__kind="non_residential").count()
    )


def test_every_partition_adds_to_the_city():
    made = tables()
    assert differences(made) == []
    for name in PARTITIONS:
        assert sum(row["received"] for row in made[name]) == made["city"]["received"], name
    assert {"received", "bad", "ratings"} <= set(ADDED)


def test_a_sum_that_does_not_agree_is_named_with_its_difference():
    made = deepcopy(tables())
    made["districts"][0]["received"] += 3
    made["channels"][0]["received"] -= 1
    found = {(at.where, at.measure): at.parts - at.whole for at in differences(made)}
    assert found == {("districts", "received"): 3, ("channels", "received"): -1}


def test_a_district_has_the_score_of_its_pooled_counts_and_its_place():
    made, policy = tables(), policy_in_force(OCTOBER.halves[1]).rule
    tally = counting.tally(OCTOBER, policy)
    for row in made["districts"]:
        assert row["score_exact"] == f"{score_of(tally.districts[row['code']].counts, policy):.4f}"
    assert [row["rank"] for row in made["districts"]] == [1, 2, 3]
    assert {row["peer_rank"] for row in made["districts"]} <= {1, 2, 3}


def test_a_unit_with_fewer_cases_than_the_gate_is_listed_and_not_ranked():
    rows = {row["code"]: row for row in tables(min_items=30)["departments"]}
    most = max(row["accept_due"] for row in rows.values())
    gated = tables(min_items=most)["departments"]
    assert [row["code"] for row in gated if row["rank"] is not None] == [
        code for code, row in rows.items() if row["accept_due"] == most
    ]
    below = [row for row in gated if row["rank"] is None]
    assert below and all(row["score"] is None and row["accept_due"] < most for row in below)


def test_a_stations_cases_are_its_departments_too():
    AppraisalCase.objects.filter(
        agency__code="urban-management", estate__community__parent__parent__code="990101"
    ).update(agency=_agency("um-990101"))
    made = tables()
    stations = {row["code"]: row for row in made["stations"]}
    departments = {row["code"]: row for row in made["departments"]}
    assert stations["um-990101"]["department"] == "urban-management"
    assert stations["um-990101"]["received"] < departments["urban-management"]["received"]
    assert differences(made) == []


def test_excluded_cases_are_received_and_count_nowhere():
    before = tables()
    case = AppraisalCase.objects.filter(
        reported_at__gte=OCTOBER.start, reported_at__lt=OCTOBER.end, excluded="", accept_counted_at__lt=OCTOBER.end
    ).exclude(estate__kind="non_residential")[0]
    AppraisalCase.objects.filter(pk=case.pk).update(excluded="duplicate")
    after = tables()
    assert after["city"]["received"] == before["city"]["received"]
    assert after["city"]["excluded"] == before["city"]["excluded"] + 1
    assert after["city"]["accept_due"] == before["city"]["accept_due"] - 1
    assert differences(after) == []


def test_other_apps_may_add_figures_whose_parts_must_add_up(monkeypatch):
    from django.apps import apps

    row = {"key": "desk.reopened", "title": "重新办理", "value": 5, "unit": "件", "parts": (2, 2)}
    monkeypatch.setattr(apps.get_app_config("portal"), "bulletin_figures", lambda month: [row], raising=False)
    assert sources.figures(OCTOBER)[0]["parts"] == [2, 2]
    (difference,) = differences(tables())
    assert (difference.where, difference.parts, difference.whole) == ("desk.reopened", 4, 5)


def _agency(code):
    from portal.models import Agency

    return Agency.objects.get(code=code)
