"""Stored rankings, summed up for a reader: districts, distribution, comparison, a score worked out. Nothing is stored here.

Cockpit, review and public pages read the same functions, so they cannot disagree.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from evaluations import rules
from evaluations.models import Ranking, RankingEntry
from evaluations.snapshots import policy_of

PART_NAMES = {"acceptance": _("Acceptance rate"), "handling": _("Handling rate"), "ratings": _("Satisfaction rate")}
_MISSING = {
    "acceptance": ngettext_lazy("%(count)s acceptance", "%(count)s acceptances", "count"),
    "handling": ngettext_lazy("%(count)s handling", "%(count)s handlings", "count"),
    "ratings": ngettext_lazy("%(count)s rating", "%(count)s ratings", "count"),
}


# --- a score, worked out -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One of the three rates of a score: ``points`` are out of ``weight`` x 100, exact, ``None`` where nothing was counted."""

    name: str
    title: str | Promise
    weight: Decimal
    numerator: Decimal | int
    denominator: int
    points: Decimal | None

    @property
    def rate(self) -> tuple[Decimal | int, int]:
        return self.numerator, self.denominator

    @property
    def full(self) -> Decimal:
        """What it is worth at most."""
        return self.weight * 100


def worked_out(counts: rules.Counts, policy: rules.Policy) -> list[Part]:
    """The parts of a score with their numbers; ``points`` to ten decimals, so that no rounding shows in what is printed."""
    rates = {"acceptance": counts.acceptance, "handling": counts.handling, "ratings": counts.satisfaction}
    parts = []
    for name, weight, _gate in policy.parts:
        numerator, denominator = rates[name]
        points = None
        if denominator:
            exact = Fraction(weight) * 100 * Fraction(numerator) / denominator
            points = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("1e-10"))
        parts.append(Part(name, PART_NAMES[name], weight, numerator, denominator, points))
    return parts


def score_of(counts: rules.Counts, policy: rules.Policy) -> Decimal | None:
    """The score of pooled counts by the ranking's own rule; ``None`` under the gates."""
    scorer = rules.Scorer(policy)
    return scorer.score(counts) if scorer.is_eligible(counts) else None


def missing(counts: rules.Counts, policy: rules.Policy) -> list[str]:
    """What a neighbourhood lacks to be ranked, in words: ``["2 ratings"]``."""
    return [_MISSING[name] % {"count": count} for name, count in rules.Scorer(policy).shortfalls(counts).items()]


# --- districts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DistrictLine:
    """One managing district in a ranking: the counts of all its neighbourhoods pooled, and scored by the same rule.

    ``place`` is its place among the districts (competition ranking); no score and no place under the gates.
    """

    code: str
    name: str
    counts: rules.Counts
    score: Decimal | None
    place: int | None
    ranked: int
    not_ranked: int
    on_top: int
    on_bottom: int


def district_table(ranking: Ranking) -> list[DistrictLine]:
    """The districts of a ranking, best score first, those without a score last. One query."""
    policy = policy_of(ranking)
    sums = {name: Sum(name) for name in rules.Counts._fields}
    rows = list(
        ranking.entries.values("district_code", "district_name")
        .annotate(
            **sums,
            ranked=Count("pk", filter=Q(eligible=True)),
            not_ranked=Count("pk", filter=Q(eligible=False)),
            on_top=Count("pk", filter=Q(list=rules.TOP)),
            on_bottom=Count("pk", filter=Q(list=rules.BOTTOM)),
        )
        .order_by("district_code")
    )
    counts = [rules.Counts(*(row[name] for name in rules.Counts._fields)) for row in rows]
    placed = rules.place([(row["district_code"], its) for row, its in zip(rows, counts, strict=True)], policy)
    lines = [
        DistrictLine(
            row["district_code"], row["district_name"], its, at.score, at.rank,
            row["ranked"], row["not_ranked"], row["on_top"], row["on_bottom"],
        )
        for row, its, at in zip(rows, counts, placed, strict=True)
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.place is None, line.place, line.code))


# --- distribution ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Band:
    """Scores in ``[start, end)`` (the last band holds 100 too): how many, and how many of them on a list."""

    start: Decimal
    end: Decimal
    bottom: int
    others: int
    top: int


@dataclass(frozen=True)
class Distribution:
    bands: list[Band]
    median: Decimal | None
    lowest_top: Decimal | None
    highest_bottom: Decimal | None
    others: int
    """Ranked, and on neither list."""


_WIDTHS = [Decimal(width) for width in ("0.5", "1", "2", "5", "10")]
MOST_BANDS = 20


def distribution(ranking: Ranking) -> Distribution:
    """How the scores of the ranked neighbourhoods are spread. One query."""
    return spread(list(ranking.entries.filter(eligible=True).order_by("score").values_list("score", "list")))


def spread(rows: Sequence[tuple[Decimal, str]]) -> Distribution:
    """Bands over ``(score, list)`` rows in ascending order: round widths, at most :data:`MOST_BANDS`, no gap between them."""
    if not rows:
        return Distribution([], None, None, None, 0)
    scores = [score for score, _list in rows]
    low, high = scores[0], scores[-1]
    width = next((width for width in _WIDTHS if (high - low) / width < MOST_BANDS - 1), _WIDTHS[-1])
    first, last = int(low // width), int(min(high, Decimal("99.9999")) // width)
    first = min(first, last)
    counted = Counter((max(first, min(int(score // width), last)), listed) for score, listed in rows)
    bands = [
        Band(
            number * width, (number + 1) * width,
            counted[number, rules.BOTTOM], counted[number, rules.NO_LIST], counted[number, rules.TOP],
        )
        for number in range(first, last + 1)
    ]  # fmt: skip
    middle = len(scores) // 2
    median = scores[middle] if len(scores) % 2 else (scores[middle - 1] + scores[middle]) / 2
    top = [score for score, listed in rows if listed == rules.TOP]
    bottom = [score for score, listed in rows if listed == rules.BOTTOM]
    return Distribution(
        bands, median, min(top, default=None), max(bottom, default=None), len(rows) - len(top) - len(bottom)
    )


# --- comparison with the previous published ranking ----------------------------------------------------------------------


@dataclass(frozen=True)
class ComparisonNumbers:
    """A ranking beside the one it is compared with. ``up`` and ``down`` count places by the rule of change."""

    up: int
    down: int
    level: int
    new: int
    dropped_out: int
    """Ranked then, not ranked now."""
    stayed_on_top: int
    stayed_on_bottom: int
    largest_rise: RankingEntry | None
    largest_fall: RankingEntry | None


def comparison(ranking: Ranking) -> ComparisonNumbers | None:
    """What moved since ``ranking.previous``, from the stored changes; ``None`` where there is nothing to compare. Four queries."""
    if ranking.previous_id is None:
        return None
    ranked = ranking.entries.filter(eligible=True)
    numbers = ranked.aggregate(
        up=Count("pk", filter=Q(change__gt=0)),
        down=Count("pk", filter=Q(change__lt=0)),
        level=Count("pk", filter=Q(change=0)),
        new=Count("pk", filter=Q(change=None)),
        stayed_on_top=Count("pk", filter=Q(list=rules.TOP, streak__gt=1)),
        stayed_on_bottom=Count("pk", filter=Q(list=rules.BOTTOM, streak__gt=1)),
    )
    before = RankingEntry.objects.filter(ranking=ranking.previous_id, eligible=True)
    return ComparisonNumbers(
        **numbers,
        dropped_out=before.exclude(estate_code__in=ranked.values("estate_code")).count(),
        largest_rise=ranked.filter(change__gt=0).order_by("-change", "rank").first(),
        largest_fall=ranked.filter(change__lt=0).order_by("change", "rank").first(),
    )
