"""The funnel: exact limits, dispersion, alarms, and its page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.evidence import funnel
from tests import world


@pytest.fixture
def client(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.mark.parametrize(
    ("trials", "alert", "alarm"),
    [(5, (0.40, 1.0), (0.20, 1.0)), (20, (0.60, 0.95), (0.50, 1.0)), (100, (0.72, 0.88), (0.67, 0.91))],
)
def test_exact_limits_around_four_fifths(trials, alert, alarm):
    limits = funnel.limits(trials, 0.8)
    assert (limits.alert_low, limits.alert_high) == pytest.approx(alert)
    assert (limits.alarm_low, limits.alarm_high) == pytest.approx(alarm)


def test_dispersion_widens_the_limits_and_never_narrows_them():
    assert funnel.limits(100, 0.8, 4).alert_low == pytest.approx(0.8 - 2 * 0.08)
    assert funnel.limits(100, 0.8, 0.25) == funnel.limits(100, 0.8)


def test_dispersion_by_hand():
    """z of 60, 80 and 100 of 100 around .8 are -5, 0 and 5: with three units nothing is drawn in."""
    assert funnel.dispersion([(60, 100), (80, 100), (100, 100)], 0.8) == pytest.approx(50 / 3)


def test_chance_is_exact_and_two_sided():
    assert funnel.chance(0, 3, 0.5) == pytest.approx(2 * 0.125)
    assert funnel.chance(3, 3, 0.5) == pytest.approx(2 * 0.125)
    assert funnel.chance(2, 4, 0.5) == 1.0
    assert funnel.chance(2.5, 3, 0.5) == funnel.chance(2, 3, 0.5)
    assert funnel.chance(0, 3, 0.5, dispersed=4) > funnel.chance(0, 3, 0.5)


def test_alarms_are_those_of_benjamini_and_hochberg():
    """Of five at 5 %: the lines are .01, .02, .03, .04, .05; .03 passes because .03 at place three does."""
    assert funnel.alarms([0.009, 0.9, 0.03, 0.021, 0.2]) == [True, False, True, True, False]
    assert funnel.alarms([0.2, 0.3]) == [False, False]
    assert funnel.alarms([]) == []


def test_no_unit_one_unit_and_all_perfect():
    assert funnel.funnel([]) is None
    assert funnel.funnel([(0, 0)]) is None
    one = funnel.funnel([(3, 4)])
    assert not one.dots[0].is_alarm
    perfect = funnel.funnel([(4, 4), (10, 10), (0, 0)])
    assert [dot and dot.zone for dot in perfect.dots] == [0, 0, None]


def test_one_far_from_many_is_an_alarm():
    found = funnel.funnel([(18, 20)] * 60 + [(17, 20)] * 60 + [(2, 20)])
    assert [place for place, dot in enumerate(found.dots) if dot.is_alarm] == [120]
    assert found.dots[-1].zone == 2


@given(st.integers(1, 300), st.floats(0.01, 0.99))
def test_limits_are_in_order(trials, rate):
    limits = funnel.limits(trials, rate)
    assert 0 <= limits.alarm_low <= limits.alert_low <= limits.alert_high <= limits.alarm_high <= 1


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: (min(pair), max(pair))), max_size=15)
)
def test_equal_counts_give_equal_dots(pairs):
    found = funnel.funnel(pairs)
    dots = found.dots if found else [None] * len(pairs)
    seen = dict(zip(pairs, dots, strict=True))
    assert [seen[pair] for pair in pairs] == dots


# --- the page -----------------------------------------------------------------------------------------------------------


def address(ranking) -> str:
    return f"/rankings-desk/{ranking.period}/{ranking.revision}/funnel/"


def test_the_page_shows_every_rate_with_its_alarms_first(draft, people, client):
    client.force_login(people.reviewer)
    for rate in ("acceptance", "handling", "ratings", "nonsense"):
        page = client.get(address(draft), {"rate": rate})
        assert page.status_code == 200
        alarms = [line.dot.is_alarm for line in page.context["page"]]
        assert alarms == sorted(alarms, reverse=True)
        assert sum(count for *_, count in page.context["points"]) == page.context["counted"]
    old = client.get(address(draft), {"kind": "old"})
    assert {line.entry.estate_kind for line in old.context["page"]} == {"old"}


def test_the_page_is_for_those_who_may_see_rankings_before_publication(draft, people, client):
    assert client.get(address(draft)).status_code == 302
    client.force_login(people.officer_east)
    assert client.get(address(draft)).status_code == 404
    client.force_login(people.auditor)
    assert client.get(address(draft)).status_code == 200
    assert client.get(f"/rankings-desk/{world.PERIOD}/9/funnel/").status_code == 404


def test_a_rate_without_cases_says_so(draft, people, client):
    draft.entries.update(ratings=0, satisfied_weight=0)
    client.force_login(people.reviewer)
    assert "Nothing was counted" in client.get(address(draft), {"rate": "ratings"}).content.decode()
