"""The monthly bulletin's rules: its month, rates as printed, who is ranked, which sums must agree, figures in the text. Pure.

Source: ranking policy, "Which cases count, and when" and "Rates and score"; the bulletin of units asks for rates, ranks and a
table of units with too few cases. Sums are validated before anything is signed.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, Self

from evaluations.rules import Counts, Policy, place
from portal.rules import CHINA, HalfMonth

MONTH_FORM = r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$"
LONGEST_NARRATIVE = 4000
"""Signs of the filled text. Assumption: the length that rules on relieving lower levels set for reports on one topic."""
MIN_ITEMS = 30
"""Assumption: with fewer cases counted in the month a unit is listed, and not ranked."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in Asia/Shanghai, half-open: both its half months. The id is ``2021-10``."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month with the id ``text``.

        Raises:
            ValueError: the text is not an id such as ``2021-10``.
        """
        if not re.fullmatch(MONTH_FORM, text, re.ASCII):
            raise ValueError(text)
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def containing(cls, moment: datetime) -> Self:
        """The month in which an aware ``moment`` falls by the clock of Shanghai."""
        local = moment.astimezone(CHINA)
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=CHINA)

    @property
    def end(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return self.shift(1).start

    @property
    def days(self) -> int:
        return monthrange(self.year, self.month)[1]

    @property
    def halves(self) -> tuple[HalfMonth, HalfMonth]:
        return HalfMonth(self.year, self.month, 1), HalfMonth(self.year, self.month, 2)

    def shift(self, count: int) -> Self:
        """The month ``count`` later (earlier where negative)."""
        months = self.year * 12 + self.month - 1 + count
        return type(self)(months // 12, months % 12 + 1)


# --- numbers as they are printed ------------------------------------------------------------------------------------------


def rounded(number: Decimal, places: int) -> str:
    """A number rounded half up once, as it stands in every form of the bulletin."""
    return f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)}"


def percent(numerator: Decimal | int, denominator: Decimal | int) -> str | None:
    """A rate in percent with one decimal; ``None`` where nothing was counted."""
    if not denominator:
        return None
    return rounded(Decimal(numerator) * 100 / Decimal(denominator), 1)


# --- units ----------------------------------------------------------------------------------------------------------------


class Tally(NamedTuple):
    """What one unit (the city, a district, a department, a channel) had in the month.

    ``received``: cases reported in the month, ``excluded`` of them count nowhere. The six counts are those of the ranking.
    ``late``: counted handlings that were not done by their due time; ``unresolved``: done in time, and the resident said no.
    ``bad``: dissatisfied ratings given in the month, ``bad_withdrawn`` of them withdrawn on review; ``rated`` and
    ``rated_withdrawn`` likewise for all ratings.
    """

    received: int
    excluded: int
    counts: Counts
    late: int
    unresolved: int
    rated: int
    rated_withdrawn: int
    bad: int
    bad_withdrawn: int

    def __add__(self, other: "Tally") -> "Tally":  # type: ignore[override]
        pairs: Iterable[tuple[Any, Any]] = zip(self, other, strict=True)
        return Tally(*(a + b for a, b in pairs))


NOTHING = Tally(0, 0, Counts(0, 0, 0, 0, 0, Decimal(0)), 0, 0, 0, 0, 0, 0)


def measures(tally: Tally, level_decimals: int) -> dict[str, Any]:
    """The tally as the frozen tables keep it: counts as numbers, rates as printed."""
    counts = tally.counts
    return {
        "received": tally.received,
        "excluded": tally.excluded,
        "accept_due": counts.accept_due,
        "accept_on_time": counts.accept_on_time,
        "handle_due": counts.handle_due,
        "handle_on_time": counts.handle_on_time,
        "late": tally.late,
        "unresolved": tally.unresolved,
        "ratings": counts.ratings,
        "satisfied_weight": f"{counts.satisfied_weight:.{level_decimals}f}",
        "rated": tally.rated,
        "rated_withdrawn": tally.rated_withdrawn,
        "bad": tally.bad,
        "bad_withdrawn": tally.bad_withdrawn,
        "bad_standing": tally.bad - tally.bad_withdrawn,
        "acceptance": percent(*counts.acceptance),
        "handling": percent(*counts.handling),
        "satisfaction": percent(*counts.satisfaction),
        "late_rate": percent(tally.late, counts.handle_due),
    }


ADDED = (
    "received", "excluded", "accept_due", "accept_on_time", "handle_due", "handle_on_time", "late", "unresolved",
    "ratings", "satisfied_weight", "rated", "rated_withdrawn", "bad", "bad_withdrawn", "bad_standing",
)  # fmt: skip
"""The measures of parts that must add to the measures of the whole."""


def gated(policy: Policy, min_items: int) -> Policy:
    """The ranking's policy for units: never ranked with fewer than ``min_items`` cases counted for acceptance."""
    return replace(policy, gate_acceptance=max(min_items, policy.gate_acceptance))


def ranked(units: Sequence[tuple[dict[str, Any], Tally]], policy: Policy, min_items: int) -> list[dict[str, Any]]:
    """Rows with score and rank, best first; those with too few cases last, by code, with neither.

    The score is that of the ranking over pooled counts; ranks are those of competition (1-2-2-4) on four decimals.
    """
    placed = place([("", tally.counts) for _, tally in units], gated(policy, min_items))
    rows = [
        unit
        | measures(tally, policy.level_decimals)
        | {
            "score": None if at.score is None else rounded(at.score, 2),
            "score_exact": None if at.score is None else f"{at.score:.4f}",
            "rank": at.rank,
        }
        for (unit, tally), at in zip(units, placed, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["code"]))


# --- sums that must agree -------------------------------------------------------------------------------------------------


class Difference(NamedTuple):
    """A sum that does not agree: where, which measure, what the parts give and what the whole says."""

    where: str
    measure: str
    parts: Decimal
    whole: Decimal


PARTITIONS = ("districts", "peer_groups", "parties", "channels", "categories")
"""Tables whose rows split up the whole city."""


def differences(tables: Mapping[str, Any]) -> list[Difference]:
    """Every sum of the tables that does not agree; empty where all do. Source: totals are validated before publishing."""
    city = tables["city"]
    found = [
        difference
        for name in PARTITIONS
        for measure in ADDED
        for difference in _compared(name, measure, [row[measure] for row in tables[name]], city[measure])
    ]
    parties = {row["code"]: row for row in tables["parties"]}
    of_departments = [row for row in tables["stations"] if row["department"]]
    for measure in ADDED:
        below = sum(Decimal(str(row[measure])) for row in of_departments)
        for name, whole in (
            ("departments", Decimal(str(parties["department"][measure])) + below),
            ("stations", parties["station"][measure]),
            ("utilities", parties["utility"][measure]),
        ):
            found += _compared(name, measure, [row[measure] for row in tables[name]], whole)
    for row in [city, *(row for name in ("districts", "departments", "stations", "utilities") for row in tables[name])]:
        at = row.get("code", "city")
        found += _compared(at, "handle_due", [row["handle_on_time"], row["late"], row["unresolved"]], row["handle_due"])
        found += _compared(at, "bad", [row["bad_withdrawn"], row["bad_standing"]], row["bad"])
        found += _compared(at, "rated", [row["rated_withdrawn"], row["ratings"]], row["rated"])
    found += _compared("exclusions", "excluded", [row["count"] for row in tables["exclusions"]], city["excluded"])
    for row in tables["figures"]:
        if row.get("parts"):
            found += _compared(row["key"], "value", row["parts"], row["value"])
    return found


def _compared(where: str, measure: str, parts: Iterable[Any], whole: Any) -> list[Difference]:
    total = sum((Decimal(str(part)) for part in parts), Decimal(0))
    return [] if total == Decimal(str(whole)) else [Difference(where, measure, total, Decimal(str(whole)))]


# --- figures in the text --------------------------------------------------------------------------------------------------

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NUMBER = re.compile(r"[0-9][0-9,.]*[0-9]%?|[0-9]%?")


class UnknownFigures(ValueError):
    """Placeholders that name no figure of the tables; ``names`` are they."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        super().__init__(", ".join(names))


def filled(text: str, figures: Mapping[str, str]) -> str:
    """``text`` with each ``{{name}}`` replaced by its figure.

    Raises:
        UnknownFigures: there are placeholders without a figure; all are named.
    """
    unknown = sorted({name for name in _PLACEHOLDER.findall(text) if name not in figures})
    if unknown:
        raise UnknownFigures(unknown)
    return _PLACEHOLDER.sub(lambda found: figures[found[1]], text)


def numbers_by_hand(text: str) -> list[str]:
    """Numbers that stand in the text itself and not in a placeholder: a reviewer looks at each."""
    return _NUMBER.findall(_PLACEHOLDER.sub("", re.sub(r"\[\[[^\]]*\]\]", "", text)))


def length(text: str) -> int:
    """Signs of a filled text without white space and without the lines that stand for tables."""
    return len(re.sub(r"\s", "", re.sub(r"\[\[[^\]]*\]\]", "", text)))
