"""The funnel: how far a rate may lie from the common one by chance, given how many cases stand behind it. Pure.

Sources: Spiegelhalter 2005, "Funnel plots for comparing institutional performance" (exact binomial limits, over-dispersion);
Benjamini & Hochberg 1995 (how many alarms among thousands are false).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, floor, fsum, lgamma, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

ALERT, ALARM = (0.025, 0.975), (0.001, 0.999)
"""The limits: one in twenty lies outside the first by chance, one in five hundred outside the second."""
FALSE_ALARMS = 0.05
"""The share of false ones that is accepted among the alarms."""
WINSORISED = 0.1

_normal = NormalDist()


@lru_cache(maxsize=4096)
def _distribution(trials: int, rate: float) -> tuple[float, ...]:
    """The probability of at most 0, 1, ... ``trials`` successes."""
    if rate <= 0:
        return (1.0,) * (trials + 1)
    if rate >= 1:
        return (0.0,) * trials + (1.0,)
    whole, yes, no = lgamma(trials + 1), log(rate), log(1 - rate)
    found, total = [], 0.0
    for k in range(trials + 1):
        total += exp(whole - lgamma(k + 1) - lgamma(trials - k + 1) + k * yes + (trials - k) * no)
        found.append(min(total, 1.0))
    found[-1] = 1.0
    return tuple(found)


def quantile(trials: int, rate: float, share: float) -> int:
    """The least number of successes that at least ``share`` of all samples do not exceed."""
    return next(k for k, at_most in enumerate(_distribution(trials, rate)) if at_most >= share)


class Limits(NamedTuple):
    """Rates between 0 and 1, from the outer lower limit to the outer upper one."""

    alarm_low: float
    alert_low: float
    alert_high: float
    alarm_high: float


def limits(trials: int, rate: float, dispersion: float = 1.0) -> Limits:
    """Exact binomial limits around ``rate``, widened by the root of ``dispersion`` where that is above 1."""
    wider = sqrt(max(dispersion, 1.0))

    def limit(share: float) -> float:
        exact = quantile(trials, rate, share) / trials
        return min(1.0, max(0.0, rate + (exact - rate) * wider))

    return Limits(limit(ALARM[0]), limit(ALERT[0]), limit(ALERT[1]), limit(ALARM[1]))


def dispersion(pairs: Iterable[tuple[float, int]], rate: float) -> float:
    """How much more rates vary than chance explains: the mean squared z, a tenth at each end drawn in; 1 is chance alone."""
    if not 0 < rate < 1:
        return 1.0
    scores = sorted((k / d - rate) / sqrt(rate * (1 - rate) / d) for k, d in pairs if d)
    if not scores:
        return 1.0
    cut = floor(len(scores) * WINSORISED)
    low, high = scores[cut], scores[len(scores) - 1 - cut]
    return fsum(min(max(score, low), high) ** 2 for score in scores) / len(scores)


def chance(successes: float, trials: int, rate: float, dispersed: float = 1.0) -> float:
    """How likely a rate so far from ``rate``, on either side, is by chance: exact binomial, eased where rates are dispersed.

    A number of successes that is not whole is taken to the next whole one towards the common rate.
    """
    if not trials or not 0 < rate < 1:
        return 1.0
    at_most = _distribution(trials, rate)
    below = at_most[ceil(successes - 1e-9)]
    under = floor(successes + 1e-9) - 1
    above = 1.0 - (at_most[under] if under >= 0 else 0.0)
    tail = min(below, above)
    if dispersed > 1 and 0 < tail < 0.5:
        tail = _normal.cdf(_normal.inv_cdf(max(tail, 1e-300)) / sqrt(dispersed))
    return max(0.0, min(1.0, 2 * tail))


def alarms(chances: Sequence[float], share: float = FALSE_ALARMS) -> list[bool]:
    """Which of them are alarms, so that among the alarms at most ``share`` are false (Benjamini-Hochberg)."""
    order = sorted(chances)
    line = max((p for place, p in enumerate(order, start=1) if p <= share * place / len(order)), default=-1.0)
    return [p <= line for p in chances]


@dataclass(frozen=True)
class Dot:
    """One unit: what was counted, how likely it is by chance, between which limits it lies."""

    successes: float
    trials: int
    chance: float
    limits: Limits
    is_alarm: bool

    @property
    def rate(self) -> float:
        return self.successes / self.trials

    @property
    def zone(self) -> int:
        """0 inside both limits, 1 outside the inner, 2 outside the outer one."""
        if not self.limits.alarm_low <= self.rate <= self.limits.alarm_high:
            return 2
        return 0 if self.limits.alert_low <= self.rate <= self.limits.alert_high else 1


@dataclass(frozen=True)
class Funnel:
    """``centre`` is the pooled rate; ``dots`` in the order given, ``None`` for a unit without cases."""

    centre: float
    dispersion: float
    dots: list[Dot | None]


def funnel(pairs: Sequence[tuple[float, int]]) -> Funnel | None:
    """The funnel of ``(successes, trials)``; ``None`` where nothing was counted."""
    counted = [(k, d) for k, d in pairs if d]
    if not counted:
        return None
    centre = fsum(k for k, _ in counted) / sum(d for _, d in counted)
    dispersed = dispersion(counted, centre)
    chances = {pair: chance(*pair, centre, dispersed) for pair in set(counted)}
    is_alarm = dict(zip(counted, alarms([chances[pair] for pair in counted]), strict=True))
    limits_of = {d: limits(d, centre, dispersed) for d in {d for _, d in counted}}
    dots = [Dot(k, d, chances[k, d], limits_of[d], is_alarm[k, d]) if d else None for k, d in pairs]
    return Funnel(centre, dispersed, dots)


def curve(most: int, rate: float, dispersed: float, steps: int = 40) -> list[tuple[int, Limits]]:
    """The limits at some forty numbers of cases up to ``most``, close together where they bend."""
    numbers = sorted({max(1, round(most * (step / steps) ** 2)) for step in range(1, steps + 1)})
    return [(trials, limits(trials, rate, dispersed)) for trials in numbers]
