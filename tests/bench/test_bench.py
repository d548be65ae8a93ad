"""The limit of ``make bench`` is the rule written a second time, in SQL: it and the portal must say the same of every row."""

from datetime import date
from decimal import Decimal

import pytest

from bench import city, ranking
from bench.__main__ import arguments
from bench.report import Line
from evaluations.models import RankingPolicy
from portal.rules import HalfMonth

PERIOD = HalfMonth.parse("2021-10-H2")
TINY = city.Size(districts=4, streets=8, communities=20, enterprises=5, residential=150, non_residential=10)


@pytest.fixture
def cases(db):
    city.build(TINY)
    city.add_cases(4000, PERIOD.shift(-4).start, PERIOD.shift(1).end, prefix="C")


def both() -> tuple:
    """The portal's ranking, and where the limit says otherwise."""
    ranking.make_limit_table()
    ours = ranking.run_portal(PERIOD)
    ranking.run_limit(PERIOD, ours)
    return ours, ranking.disagreements(ours)


def test_limit_and_portal_agree_on_every_neighbourhood(cases):
    ours, wrong = both()
    assert ours.eligible > 20 and ours.not_ranked > 20, "the city has both kinds"
    assert wrong == []


def test_they_agree_under_another_policy(cases):
    RankingPolicy.objects.create(
        document="odd", status="approved", origin="document", effective_from=date(2021, 10, 1), window_periods=2, weight_acceptance=Decimal("0.2501"),
        weight_handling=Decimal("0.3333"), weight_satisfaction=Decimal("0.4166"), gate_acceptance=3, gate_handling=2,
        gate_ratings=4, list_size=200, level_weights={"5": "1", "4": "0.875", "3": "0.5", "2": "0.0625", "1": "0.01"},
    )  # fmt: skip
    ours, wrong = both()
    assert ours.policy.document == "odd" and ours.eligible > 20
    assert wrong == []


def test_a_difference_is_seen(cases):
    ours, _ = both()
    entry = ours.entries.filter(eligible=True).first()
    ours.entries.filter(pk=entry.pk).update(score=entry.score - Decimal("0.0001"))
    assert ranking.disagreements(ours) == [entry.estate_code]


def test_a_bar_bounds_the_ratio_where_there_is_a_peer_and_the_figure_where_there_is_none():
    assert Line("slow", 170, "ms", bar=1.6, peer=100).met is False
    assert Line("quick", 150, "ms", bar=1.6, peer=100).met is True
    assert Line("many", 500, "req/s", bar=4, at_least=True, peer=100).met is True
    assert Line("few", 2400, "req/s", bar=2500, at_least=True).met is False
    assert Line("told", 1, "s").met is None


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit):
        arguments(["ranking", "speed"])
    assert "speed" in capsys.readouterr().err
