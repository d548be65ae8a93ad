"""What a policy would have made of the last rankings: computed from the cases as they are now, and stored nowhere but here.

Both policies are applied to the same cases, so that what differs is the policy's doing. Source: ranking statistics, policy
record ("simulated on the last three periods before it can start").
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import nlargest, nsmallest
from typing import Any

from evaluations import counting, differences, rules
from evaluations.counting import Counted
from evaluations.models import Ranking, RankingPolicy
from portal.rules import HalfMonth

PERIODS = 3
MOVERS = 10
DRAWS = 100
SPREAD = 0.2
"""How far each weight is drawn away from the policy's, as a part of it, before the three sum to 1 again."""


@dataclass(frozen=True)
class Nearby:
    """A listed neighbourhood and the share of nearby weightings in which it stays on its list, in percent."""

    code: str
    name: str
    list: str
    share: int


def last_periods() -> list[HalfMonth]:
    """The last ranked periods, newest first: published ones, or, before anything is published, computed ones."""
    rankings = Ranking.objects.order_by("-period")
    published = rankings.published().values_list("period", flat=True).distinct()[:PERIODS]
    known = list(published) or list(rankings.values_list("period", flat=True).distinct()[:PERIODS])
    return [HalfMonth.parse(period) for period in known]


def run(policy: RankingPolicy, *, against: RankingPolicy, now: datetime) -> dict[str, Any]:
    """The trial run of ``policy`` against the one in force, as plain data: per period who enters and leaves the lists, the
    biggest movers and how many are ranked; and how firmly the newest lists hold under nearby weightings.
    """
    tables = Tables()
    periods = last_periods()
    return {
        "rule": policy.as_manifest(),
        "against": against.document,
        "at": now.isoformat(),
        "periods": [_compared(period, policy.rule, against.rule, tables) for period in periods],
        "nearby": [one.__dict__ for one in nearby(tables.get(periods[0], policy.rule), policy.rule)] if periods else [],
        "draws": DRAWS,
        "spread": int(SPREAD * 100),
    }


class Tables:
    """Counted cases, once for each window and set of level weights: two policies that differ elsewhere share them."""

    def __init__(self) -> None:
        self._counted: dict[tuple[object, ...], list[Counted]] = {}

    def get(self, period: HalfMonth, rule: rules.Policy) -> list[Counted]:
        key = (str(period), rule.window_periods, tuple(sorted(rule.level_weights.items())))
        if key not in self._counted:
            start = period.shift(1 - rule.window_periods).start
            last_day = (period.end - timedelta(days=1)).date()
            self._counted[key] = counting.count(start, period.end, last_day, rule)
        return self._counted[key]


def _compared(period: HalfMonth, new: rules.Policy, old: rules.Policy, tables: Tables) -> dict[str, Any]:
    before, after = _standings(period, old, tables), _standings(period, new, tables)
    found = differences.between(before, after)
    return {
        "period": str(period),
        "eligible": [found.eligible_before, found.eligible_after],
        "lists": [[which, what, [_line(one) for one in who]] for which, what, who in found.lists],
        "moved": len(found.moved),
        "movers": [_line(one) for one in found.moved[:MOVERS]],
    }


def _standings(period: HalfMonth, rule: rules.Policy, tables: Tables) -> list[differences.Standing]:
    counted = tables.get(period, rule)
    return differences.computed(counted, rules.place([(row.district_code, row.counts) for row in counted], rule))


def _line(change: differences.Change) -> dict[str, Any]:
    def rank_of(standing: differences.Standing | None) -> int | None:
        return standing.rank if standing else None

    return {
        "code": change.any.code, "name": change.any.name, "district": change.any.district,
        "before": rank_of(change.before), "after": rank_of(change.after), "places": change.places,
    }  # fmt: skip


# --- how firmly the lists hold -------------------------------------------------------------------------------------------


def nearby(counted: Sequence[Counted], rule: rules.Policy) -> list[Nearby]:
    """In which share of nearby weightings each listed neighbourhood stays on its list; first list first, by rank.

    The weightings are drawn with a seed that follows from the weights: the same policy and cases give the same shares.
    Floating point is enough for a share; ranks themselves are never computed so.
    """
    placed = rules.place([(row.district_code, row.counts) for row in counted], rule)
    eligible = [(row, at) for row, at in zip(counted, placed, strict=True) if at.rank is not None]
    length = min(rule.list_size, len(eligible) // 2)
    if not length:
        return []
    rates = [_rates(row.counts) for row, _at in eligible]
    stays = {rules.TOP: [0] * len(eligible), rules.BOTTOM: [0] * len(eligible)}
    for weights in _weightings(rule):
        accept, handle, satisfy = weights
        scores = [accept * rate[0] + handle * rate[1] + satisfy * rate[2] for rate in rates]
        top_line, bottom_line = nlargest(length, scores)[-1], nsmallest(length, scores)[-1]
        for place, score in enumerate(scores):
            stays[rules.TOP][place] += score >= top_line - 1e-12
            stays[rules.BOTTOM][place] += score <= bottom_line + 1e-12
    listed = [(row, at, place) for place, (row, at) in enumerate(eligible) if at.list]
    listed.sort(key=lambda one: (one[1].list != rules.TOP, one[1].rank, one[0].estate_code))
    return [
        Nearby(row.estate_code, row.estate_name, at.list, round(100 * stays[at.list][place] / DRAWS))
        for row, at, place in listed
    ]


def _rates(counts: rules.Counts) -> tuple[float, float, float]:
    def rate(numerator: int | Decimal, denominator: int) -> float:
        return float(numerator) / denominator if denominator else 0.0

    return rate(*counts.acceptance), rate(*counts.handling), rate(*counts.satisfaction)


def _weightings(rule: rules.Policy) -> list[tuple[float, float, float]]:
    weights = [float(weight) for _name, weight, _gate in rule.parts]
    draw = random.Random("/".join(str(weight) for weight in weights))
    drawn = []
    for _ in range(DRAWS):
        moved = [weight * (1 + draw.uniform(-SPREAD, SPREAD)) for weight in weights]
        accept, handle, satisfy = (weight / sum(moved) for weight in moved)
        drawn.append((accept, handle, satisfy))
    return drawn
