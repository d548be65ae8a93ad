"""The overview itself: the figures of a place on a day, beside the report's own where the place is the whole city."""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from evaluations.overview.counting import Records
from evaluations.overview.definition import Definition, Text
from evaluations.overview.definitions import SECTIONS
from evaluations.overview.people import TooFew
from evaluations.overview.rules import Figure, Printed, Verdict, read_printed, verdict
from portal.models import Region

REPORT_DAY = date(2021, 10, 31)
"""The day of which the report speaks. Source: 2021 report, section 1 ("as of October 2021")."""


class Reported(NamedTuple):
    """A figure of the report: as printed, how it is read, the day it speaks of (empty: not said), the words around it."""

    value: str
    printed: Printed
    as_of: str
    quote: str


@cache
def reported() -> dict[str, Reported]:
    """The report's figures by key, in the order of the report."""
    with open(Path(__file__).parent / "figures.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["key"]: Reported(
            row["value"],
            read_printed(row["value"], row["quote"]),
            row["as_of"] if row["as_of"][:1].isdigit() else "",
            row["quote"],
        )
        for row in rows
    }


@dataclass(frozen=True)
class Line:
    """One figure. ``counted``: ``None`` where nothing is on record or nothing can be; ``too_few``: persons, not shown.

    ``reported`` and ``verdict`` are ``None`` for anything less than the whole city.
    """

    definition: Definition
    counted: Figure | None
    too_few: bool
    reported: Reported | None
    verdict: Verdict | None

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def explanation(self) -> Text:
        """What the reader should know of the report's figure."""
        if self.verdict is Verdict.CONTRADICTS_ITSELF:
            return self.definition.contradiction
        return self.definition.note if self.verdict else ""


class Part(NamedTuple):
    code: str
    title: Text
    lines: list[Line]


@dataclass(frozen=True)
class Overview:
    region: Region
    day: date
    exact: bool
    parts: list[Part]

    @property
    def compares(self) -> bool:
        """Whether the report's figures stand beside the counted ones: the report speaks of the whole city only."""
        return self.region.level == Region.Level.CITY

    @cached_property
    def lines(self) -> list[Line]:
        return [line for part in self.parts for line in part.lines]

    @cached_property
    def verdicts(self) -> dict[Verdict, int]:
        """How many lines have each verdict."""
        counts = Counter(line.verdict for line in self.lines)
        return {one: counts[one] for one in Verdict}

    @property
    def is_empty(self) -> bool:
        """Whether the registers hold nothing of the place on the day."""
        return not any(line.counted for line in self.lines if line.key in _HOLDINGS)


_HOLDINGS = {
    "enterprise.total", "enterprise.with_projects", "project.professional.count", "project.nonresidential.count", "old.count",
}  # fmt: skip


def overview(region: Region, day: date, *, exact: bool = True) -> Overview:
    """The figures of ``region`` on ``day`` that are counted for a place of its level.

    ``exact``: persons are counted to the last one; otherwise a group of fewer than three is not shown.
    """
    records = Records(region, day, exact)
    compares = region.level == Region.Level.CITY
    parts = []
    for section in SECTIONS:
        lines = [
            _line(definition, records, compares)
            for definition in section.definitions
            if region.level in definition.levels and (compares or (definition.count and not definition.repeats))
        ]
        if lines:
            parts.append(Part(section.code, section.title, lines))
    return Overview(region, day, exact, parts)


def _line(definition: Definition, records: Records, compares: bool) -> Line:
    found = definition.count(records) if definition.count else None
    too_few = isinstance(found, TooFew)
    counted = None if too_few else Decimal(found) if isinstance(found, int) else found
    if not compares:
        return Line(definition, counted, too_few, None, None)
    said = reported()[definition.key]
    return Line(definition, counted, too_few, said, _verdict(definition, said, counted, too_few))


def _verdict(definition: Definition, said: Reported, counted: Figure | None, too_few: bool) -> Verdict:
    if definition.count is None or too_few:
        return Verdict.NOT_DERIVABLE
    explained = bool(definition.contradiction) and definition.reconciled in (None, counted) and counted is not None
    return verdict(said.printed, counted, contradicts_itself=explained)
