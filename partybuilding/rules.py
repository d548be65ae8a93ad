"""Pure rules of Party building: ways of coverage, visits, mentors, shares, and figures that betray nobody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

INSTRUCTOR = "instructor"
"""The way of coverage by a person; all others are by an organisation."""

STANDALONE_MIN_MEMBERS = 3
"""Party members from which an enterprise builds an organisation of its own. Assumption, after Xiaogan's line of three."""

VISIT_INTERVAL = timedelta(days=90)
"""A quality supervisor visits at least this often. Assumption: the report says "regularly"."""

MENTORS_WITHIN = timedelta(days=30)
"""A recruit has both mentors so many days after the first day at work. Assumption: the report names no term."""

MENTOR_KINDS = frozenset({"party", "property"})
"""The two mentors. Source: 2021 report, section 7.4."""

LEAST_CELL = 3
"""Fewer persons than this are never shown as a figure of their own to people without the right to Party data."""


def coverage_fits(way: str, *, has_organisation: bool, has_instructor: bool) -> bool:
    """Whether a way of coverage goes with what it names: an instructor is a person, every other way an organisation."""
    return (has_organisation, has_instructor) == ((False, True) if way == INSTRUCTOR else (True, False))


def too_few_for_standalone(way: str, members: int | None) -> bool:
    """Whether an organisation of its own has fewer members than the line; an unknown number of members is no finding."""
    return way == "standalone" and members is not None and members < STANDALONE_MIN_MEMBERS


def visit_due_on(appointed_on: date | None, last_visit_on: date | None) -> date | None:
    """The day by which a supervisor's next visit is due; ``None`` where neither day is known."""
    known = [day for day in (appointed_on, last_visit_on) if day is not None]
    return max(known) + VISIT_INTERVAL if known else None


def is_visit_overdue(appointed_on: date | None, last_visit_on: date | None, today: date) -> bool:
    """Whether the next visit should have been made before ``today``. A supervisor of unknown begin who never visited is overdue."""
    due = visit_due_on(appointed_on, last_visit_on)
    return due is None or due < today


def missing_mentors(current: Collection[str]) -> list[str]:
    """The kinds of mentor that a recruit lacks, given the kinds of the present ones."""
    return sorted(MENTOR_KINDS - set(current))


def share(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole`` in percent, two decimals, rounded half up once: 314 of 355 is 88.45. ``None`` of nothing."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Cell:
    """One figure of an aggregate: the groups it counts and how many. ``count`` is ``None`` where even all together are too few."""

    labels: tuple[str, ...]
    count: int | None


def merge_small_cells(cells: Mapping[str, int], least: int = LEAST_CELL) -> list[Cell]:
    """The figures of ``cells`` (group → persons) with groups under ``least`` counted together, largest first.

    Groups of nobody are left out. Where the small groups together are still too few, the smallest other group joins them, so
    that nothing can be found by subtracting from the total. If everything together is too few, one cell without a count is left.
    """
    filled = sorted(((count, label) for label, count in cells.items() if count > 0), reverse=True)
    shown = [(count, label) for count, label in filled if count >= least]
    small = [(count, label) for count, label in filled if count < least]
    while small and shown and sum(count for count, _label in small) < least:
        small.insert(0, shown.pop())
    result = [Cell((label,), count) for count, label in shown]
    if small:
        together = sum(count for count, _label in small)
        result.append(Cell(tuple(label for _count, label in small), together if together >= least else None))
    return result
