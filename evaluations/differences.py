"""What differs between two answers for the same period: who enters and leaves the lists, who moves, whose counts changed.

The same comparison serves two revisions, the recount of an objection before it is decided, and the trial run of a policy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from evaluations import rules
from evaluations.counting import Counted
from evaluations.models import Ranking


class Standing(NamedTuple):
    """A neighbourhood as it stands in one answer."""

    code: str
    name: str
    district: str
    enterprise: str
    counts: rules.Counts
    score: Decimal | None
    rank: int | None
    list: str


@dataclass(frozen=True)
class Change:
    """One neighbourhood in both answers; one of them may be missing."""

    before: Standing | None
    after: Standing | None

    @property
    def any(self) -> Standing:
        standing = self.after or self.before
        assert standing is not None
        return standing

    @property
    def places(self) -> int | None:
        """Places won (positive) or lost, where it is ranked in both."""
        if self.before is None or self.after is None or self.before.rank is None or self.after.rank is None:
            return None
        return self.before.rank - self.after.rank

    @property
    def counts_differ(self) -> bool:
        return (self.before and self.before.counts) != (self.after and self.after.counts)

    def list_of(self, which: str) -> str:
        standing = self.before if which == "before" else self.after
        return standing.list if standing else rules.NO_LIST


@dataclass(frozen=True)
class Differences:
    """``changes`` are the neighbourhoods in which anything differs, listed ones first, then by places moved."""

    eligible_before: int
    eligible_after: int
    changes: list[Change] = field(default_factory=list)

    def entered(self, which: str) -> list[Change]:
        """Who stands on the list ``which`` now and did not before."""
        return [one for one in self.changes if one.list_of("after") == which != one.list_of("before")]

    def left(self, which: str) -> list[Change]:
        return [one for one in self.changes if one.list_of("before") == which != one.list_of("after")]

    @property
    def lists(self) -> list[tuple[str, str, list[Change]]]:
        """The four groups of entering and leaving: ``(list, "entered" or "left", who)``."""
        return [
            (rules.TOP, "entered", self.entered(rules.TOP)), (rules.TOP, "left", self.left(rules.TOP)),
            (rules.BOTTOM, "entered", self.entered(rules.BOTTOM)), (rules.BOTTOM, "left", self.left(rules.BOTTOM)),
        ]  # fmt: skip

    @property
    def moved(self) -> list[Change]:
        """Whose rank changed, most places first."""
        return sorted(
            (one for one in self.changes if one.places), key=lambda one: (-abs(one.places or 0), one.any.code)
        )

    @property
    def recounted(self) -> list[Change]:
        """Whose counts changed."""
        return [one for one in self.changes if one.counts_differ]

    def summary(self) -> dict[str, int]:
        """Numbers of neighbourhoods, as they are stored with a decision."""
        return {
            "recounted": len(self.recounted),
            "moved": len(self.moved),
            "entered_top": len(self.entered(rules.TOP)),
            "left_top": len(self.left(rules.TOP)),
            "entered_bottom": len(self.entered(rules.BOTTOM)),
            "left_bottom": len(self.left(rules.BOTTOM)),
        }


def between(before: Iterable[Standing], after: Iterable[Standing]) -> Differences:
    """The differences from ``before`` to ``after``."""
    old = {standing.code: standing for standing in before}
    new = {standing.code: standing for standing in after}
    changes = [
        Change(old.get(code), new.get(code))
        for code in sorted(old.keys() | new.keys())
        if _compared(old.get(code)) != _compared(new.get(code))
    ]
    listed = sorted(changes, key=lambda one: (one.list_of("before") == one.list_of("after"), -abs(one.places or 0)))
    return Differences(_eligible(old.values()), _eligible(new.values()), listed)


def _compared(standing: Standing | None) -> tuple[object, ...] | None:
    return standing and (standing.counts, standing.score, standing.rank, standing.list)


def _eligible(standings: Iterable[Standing]) -> int:
    return sum(standing.rank is not None for standing in standings)


def stored(ranking: Ranking) -> list[Standing]:
    """How everybody stands in a stored ranking."""
    columns = ("estate_code", "estate_name", "district_name", "enterprise_name", *rules.Counts._fields)
    rows = ranking.entries.values_list(*columns, "score", "rank", "list")
    return [
        Standing(row[0], row[1], row[2], row[3], rules.Counts(*row[4:10]), row[10], row[11], row[12]) for row in rows
    ]


def computed(counted: Sequence[Counted], placed: Sequence[rules.Placed]) -> list[Standing]:
    """How everybody stands in an answer that was not stored."""
    return [
        Standing(
            row.estate_code,
            row.estate_name,
            row.district_name,
            row.enterprise_name,
            row.counts,
            at.score,
            at.rank,
            at.list,
        )
        for row, at in zip(counted, placed, strict=True)
    ]
