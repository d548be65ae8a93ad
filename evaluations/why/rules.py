"""What moved a score, and what one more matter would do to it. Pure, exact."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from evaluations.rules import SCORE_DECIMALS, Counts, Policy

UNIT = Decimal(1).scaleb(-SCORE_DECIMALS)


def points(counts: Counts, policy: Policy) -> dict[str, Fraction | None]:
    """The exact points of each rate, out of 100 x its weight; ``None`` where nothing was counted."""
    rates: dict[str, tuple[Decimal, int]] = {
        "acceptance": (Decimal(counts.accept_on_time), counts.accept_due),
        "handling": (Decimal(counts.handle_on_time), counts.handle_due),
        "ratings": counts.satisfaction,
    }
    return {
        name: Fraction(weight) * 100 * Fraction(rates[name][0]) / rates[name][1] if rates[name][1] else None
        for name, weight, _gate in policy.parts
    }


def moved(now: Mapping[str, Fraction | None], then: Mapping[str, Fraction | None]) -> dict[str, Decimal | None]:
    """By how many points each rate moved the score, rounded to its four decimals; ``None`` where one side has no rate."""
    found: dict[str, Decimal | None] = {}
    for name, value in now.items():
        before = then.get(name)
        found[name] = None if value is None or before is None else rounded(value - before)
    return found


def rounded(number: Fraction) -> Decimal:
    """Half up, away from zero, to the decimals of a score."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return exact.quantize(UNIT, ROUND_HALF_UP) + 0  # no minus before a zero


ONE_MORE = ("rating", "handling", "acceptance")


def with_one_more(counts: Counts, what: str, policy: Policy) -> Counts:
    """The counts with one matter more that went well: a rating of the best level, a handling or an acceptance on time."""
    if what == "rating":
        best = max(policy.level_weights.values())
        return counts._replace(ratings=counts.ratings + 1, satisfied_weight=counts.satisfied_weight + best)
    if what == "handling":
        return counts._replace(handle_due=counts.handle_due + 1, handle_on_time=counts.handle_on_time + 1)
    return counts._replace(accept_due=counts.accept_due + 1, accept_on_time=counts.accept_on_time + 1)
