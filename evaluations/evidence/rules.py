"""How certain rates, scores and ranks are. Pure; floats, with sums that do not depend on the order of what is summed.

Sources: Wilson 1927 (interval of a rate); Laird & Louis 1989 (shrunk estimates); Mogstad, Romano, Shaikh & Wilhelm 2023
(spans of ranks, the version that looks at one unit at a time).

The successes of the satisfaction rate are the sum of the level weights, the same numerator as in the policy score, so that
the interval lies around the rate that is printed. It need not be whole. A value between 0 and 1 varies at most as much
as one that is either 0 or 1, so the interval is at most a little too wide, and the prior of the satisfaction rate weighs
at most a little too much.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, sqrt
from statistics import median
from typing import Any, NamedTuple

from evaluations.rules import TOP, Counts, Policy

Z = 1.959963984540054
"""Two-sided 95 %: intervals of rates, spans of ranks."""
Z_ONE_SIDED = 1.6448536269514722
"""One-sided 95 %: on which side of the median a score lies."""
RATINGS_FOR_SUFFICIENT = 10

RATES = ("acceptance", "handling", "ratings")
SUFFICIENT, MODERATE, INSUFFICIENT = "sufficient", "moderate", "insufficient"

KAPPA_LOWEST, KAPPA_HIGHEST, RHO_LOWEST = 2.0, 500.0, 1e-4
UNITS_FOR_A_STRATUM = 10
"""Assumption: fewer observations do not tell how a stratum's rates vary; it takes the prior of all strata together."""


class Interval(NamedTuple):
    low: float
    high: float


def wilson(successes: float | Decimal, trials: int, z: float = Z) -> Interval | None:
    """The Wilson interval of a rate, between 0 and 1; ``None`` where nothing was counted."""
    if not trials:
        return None
    rate, square = float(successes) / trials, z * z
    centre = (rate + square / (2 * trials)) / (1 + square / trials)
    half = z * sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


# --- the prior: what is usual --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Beta:
    """What is usual for one rate: ``mean``, and ``weight``, the number of cases that it counts for. Rounded as it is stored."""

    mean: float
    weight: float

    def shrunk(self, successes: float, trials: int) -> float:
        return (successes + self.weight * self.mean) / (trials + self.weight)

    def variance(self, successes: float, trials: int) -> float:
        """Of the rate, when both the prior and the cases are known."""
        a = successes + self.weight * self.mean
        b = trials - successes + self.weight * (1 - self.mean)
        return a * b / ((a + b) ** 2 * (a + b + 1))


FLAT = Beta(0.5, KAPPA_LOWEST)
"""Nothing is known: every rate is as likely as any other."""


def fitted(observed: Iterable[tuple[float, int]]) -> Beta:
    """The beta prior of ``(successes, trials)`` by the method of moments; those without trials tell nothing.

    The mean is rounded to six decimals and the weight to three, as they are stored: whoever computes from what is stored
    gets the same numbers.
    """
    pairs = [(float(k), d) for k, d in observed if d]
    units, trials = len(pairs), sum(d for _, d in pairs)
    if not trials:
        return FLAT
    successes = fsum(k for k, _ in pairs)
    mean = successes / trials
    return Beta(round(mean, 6), round(_weight(pairs, units, trials, successes), 3))


def _weight(pairs: Sequence[tuple[float, int]], units: int, trials: int, successes: float) -> float:
    if units < 2 or trials == units:
        return KAPPA_HIGHEST
    squares = fsum(k * k / d for k, d in pairs)
    between = (squares - successes * successes / trials) / (units - 1)
    within = (successes - squares) / (trials - units)
    usual = (trials - sum(d * d for _, d in pairs) / trials) / (units - 1)
    spread = between + (usual - 1) * within
    rho = (between - within) / spread if spread > 0 else 0.0
    if rho <= 0:
        return KAPPA_HIGHEST
    rho = max(rho, RHO_LOWEST)
    return min(max((1 - rho) / rho, KAPPA_LOWEST), KAPPA_HIGHEST)


Prior = Mapping[str, Beta]
"""For each of :data:`RATES`."""


def pairs_of(counts: Counts) -> dict[str, tuple[float, int]]:
    """``(successes, trials)`` of each rate."""
    return {
        "acceptance": (counts.accept_on_time, counts.accept_due),
        "handling": (counts.handle_on_time, counts.handle_due),
        "ratings": (float(counts.satisfied_weight), counts.ratings),
    }


def priors(observed: Sequence[tuple[str, Counts]], strata: Iterable[str]) -> dict[str, dict[str, Beta]]:
    """A prior for each stratum and rate from ``(stratum, counts)``; a stratum hardly observed takes that of them all."""
    pairs = [(stratum, pairs_of(counts)) for stratum, counts in observed]
    everybody = {rate: fitted(pair[rate] for _, pair in pairs) for rate in RATES}
    found = {}
    for stratum in sorted(set(strata)):
        its = [pair for name, pair in pairs if name == stratum]
        enough = len(its) >= UNITS_FOR_A_STRATUM
        found[stratum] = {rate: fitted(pair[rate] for pair in its) for rate in RATES} if enough else everybody
    return found


# --- scores, spans of ranks, words ---------------------------------------------------------------------------------------


class Shrunk(NamedTuple):
    """A score drawn towards what is usual, and its standard deviation; both from 0 to 100."""

    score: float
    deviation: float


def shrunk(counts: Counts, prior: Prior, policy: Policy) -> Shrunk:
    """The policy's weighted sum of the shrunk rates.

    Assumption: the three rates are independent, so their variances add up.
    """
    pairs = pairs_of(counts)
    weighted = [(float(weight), prior[rate], *pairs[rate]) for rate, weight, _gate in policy.parts]
    score = sum(weight * beta.shrunk(k, d) for weight, beta, k, d in weighted)
    variance = sum(weight * weight * beta.variance(k, d) for weight, beta, k, d in weighted)
    return Shrunk(100 * score, 100 * sqrt(variance))


class Span(NamedTuple):
    """Ranks that cannot be told apart from a unit's own: ``best`` to ``worst``."""

    best: int
    worst: int


def spans(scores: Sequence[Shrunk], z: float = Z) -> list[Span]:
    """For each unit 1 + the number clearly better, to all less the number clearly worse, in the order given.

    ``j`` is clearly better than ``i`` when their scores are further apart than ``z`` standard deviations of the difference.
    Units are compared pair by pair only where the least and the greatest deviation leave it open.
    """
    units = len(scores)
    order = sorted(range(units), key=lambda place: scores[place].score)
    rising = [scores[place].score for place in order]
    variances = [z * z * scores[place].deviation ** 2 for place in order]
    least, most = min(variances, default=0.0), max(variances, default=0.0)
    better, worse = [0] * units, [0] * units
    begin = [0] * (units + 1)  # from this place on, all are clearly better than so many more
    for here in range(units):
        mine, variance = rising[here], variances[here]
        near, far = sqrt(variance + least), sqrt(variance + most)
        first_open = bisect_right(rising, mine + near, here)
        first_clear = bisect_right(rising, mine + far, first_open)
        better[here] = units - first_clear
        begin[first_clear] += 1
        for other in range(first_open, first_clear):
            apart = rising[other] - mine
            if apart * apart > variance + variances[other]:
                better[here] += 1
                worse[other] += 1
    found = [Span(1, units)] * units
    below = 0
    for here in range(units):
        below += begin[here]
        found[order[here]] = Span(1 + better[here], units - worse[here] - below)
    return found


def label(score: Shrunk, middle: float, ratings: int, listed: str = "") -> str:
    """How well a score is told from the ``middle`` (the median of its stratum): sufficient, moderate or insufficient.

    Whoever stands on a list is asked about that list's side, the others about the side on which they are.
    """
    above = listed == TOP if listed else score.score >= middle
    apart = score.score - middle if above else middle - score.score
    if apart <= Z_ONE_SIDED * score.deviation:
        return INSUFFICIENT
    return SUFFICIENT if ratings >= RATINGS_FOR_SUFFICIENT else MODERATE


class Unit(NamedTuple):
    """What is asked about: a neighbourhood of a ranking."""

    stratum: str
    counts: Counts
    eligible: bool
    listed: str


class Evidence(NamedTuple):
    """What is known about one score; no span and no label where the unit is not ranked."""

    score: Decimal
    deviation: Decimal
    span: Span | None
    label: str | None


FOUR = Decimal("0.0001")


def weighed(units: Sequence[Unit], prior: Mapping[str, Prior], policy: Policy) -> list[Evidence]:
    """The evidence of each unit, in the order given. Equal counts in one stratum and list give equal evidence."""
    scores = [shrunk(unit.counts, prior[unit.stratum], policy) for unit in units]
    ranked = [place for place, unit in enumerate(units) if unit.eligible]
    span_of = dict(zip(ranked, spans([scores[place] for place in ranked]), strict=True))
    by_stratum: dict[str, list[float]] = {}
    for place in ranked:
        by_stratum.setdefault(units[place].stratum, []).append(scores[place].score)
    middle = {stratum: median(its) for stratum, its in by_stratum.items()}
    return [
        Evidence(
            four(score.score), four(score.deviation), span_of.get(place),
            label(score, middle[unit.stratum], unit.counts.ratings, unit.listed) if unit.eligible else None,
        )
        for place, (unit, score) in enumerate(zip(units, scores, strict=True))
    ]  # fmt: skip


def four(number: float) -> Decimal:
    return Decimal(repr(number)).quantize(FOUR)


# --- who answers for the cases -------------------------------------------------------------------------------------------

ENTERPRISE, AUTHORITIES, NOBODY = "enterprise", "authorities", "nobody"
PARTIES = (ENTERPRISE, AUTHORITIES, NOBODY)
"""The enterprise in charge; a department, station or street; no party named."""


def as_list(counts: Counts) -> list[Any]:
    """Counts as JSON keeps them: the weight is text in its shortest form."""
    return [*counts[:5], f"{Decimal(counts.satisfied_weight).normalize():f}"]


def from_list(values: Sequence[Any]) -> Counts:
    accept_due, accept_on_time, handle_due, handle_on_time, ratings, weight = values
    return Counts(accept_due, accept_on_time, handle_due, handle_on_time, ratings, Decimal(weight))


def prior_as_json(prior: Mapping[str, Prior]) -> dict[str, Any]:
    return {
        stratum: {rate: {"mean": f"{beta.mean:.6f}", "weight": f"{beta.weight:.3f}"} for rate, beta in rates.items()}
        for stratum, rates in prior.items()
    }


def prior_from_json(content: Mapping[str, Any]) -> dict[str, dict[str, Beta]]:
    return {
        stratum: {rate: Beta(float(beta["mean"]), float(beta["weight"])) for rate, beta in rates.items()}
        for stratum, rates in content.items()
    }
