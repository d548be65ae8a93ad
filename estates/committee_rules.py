"""Rules of owners' committees, as plain functions of plain values. They report; no election is ever blocked by them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from estates.rules import months_later

SMALL_ESTATE_HOUSEHOLDS = 100
"""Up to so many households a committee of three is enough. Source: Beijing's regulation, art. 39."""

EXPIRY_NOTICE_MONTHS = 6
"""Months ahead in which a term counts as running out. Source: Beijing's regulation, art. 49."""

MEETING_INTERVAL_DAYS = 60
"""Days within which a committee meets again. Source: Beijing's regulation, art. 45: at least every two months."""

FILING_DAYS = 30
"""Days from the election to the filing. Source: the State Council's regulation on property management, art. 16."""

TERM_YEARS = {"owners": (3, 5), "stand_in": (0, 3)}
"""Shortest and longest term. Source: Hangzhou's regulation, art. 33 (owners); Beijing's regulation, art. 58 (stand-in)."""

FORMATION_STEPS = ("prepare", "nominate", "elect", "file")
"""The steps in which a committee comes about, in their order."""

STEP_DUE_DAYS: Mapping[str, int] = {"prepare": 60, "nominate": 90, "elect": 150, "file": 180}
"""Days from the application to the end of each step. Assumption: 60, 30, 60 and, by law, 30 days one after another."""


def least_size(households: int | None) -> int:
    """The smallest lawful committee of a neighbourhood with so many households (unknown: as a large one)."""
    return 3 if households is not None and households <= SMALL_ESTATE_HOUSEHOLDS else 5


def is_red(has_party_group: bool, members: int, party_members: int) -> bool:
    """Whether a committee is a "red" one: it has a Party group, or at least half of its members are Party members.

    Assumption, after the 2021 report's draft guidance on "red owners' committees", which gives no measure.
    """
    return has_party_group or (members > 0 and 2 * party_members >= members)


class TermFault(StrEnum):
    """What is wrong with the length of a term."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


def term_fault(kind: str, first_day: date, last_day: date) -> TermFault | None:
    """Whether a term with these days, both included, is shorter or longer than the law has it for ``kind``."""
    shortest, longest = (months_later(first_day, 12 * years) - timedelta(days=1) for years in TERM_YEARS[kind])
    if last_day < shortest:
        return TermFault.TOO_SHORT
    return TermFault.TOO_LONG if last_day > longest else None


def notice_until(today: date) -> date:
    """The last day of a term that counts as running out on ``today``."""
    return months_later(today, EXPIRY_NOTICE_MONTHS)


def is_running_out(last_day: date, today: date) -> bool:
    """Whether a term with this last day is still running and ends within the notice."""
    return today <= last_day <= notice_until(today)


def has_not_met(last_meeting: date | None, term_began: date, today: date) -> bool:
    """Whether the last meeting, or the term's beginning where there was none, lies longer back than the interval."""
    since = max(last_meeting, term_began) if last_meeting else term_began
    return (today - since).days > MEETING_INTERVAL_DAYS


def filing_due_on(elected_on: date) -> date:
    """The last day on which an election is filed in time."""
    return elected_on + timedelta(days=FILING_DAYS)


def step_due_on(step: str, applied_on: date) -> date:
    """The day by which a step of a formation should be over."""
    return applied_on + timedelta(days=STEP_DUE_DAYS[step])


def next_step(done: Iterable[str]) -> str | None:
    """The first step that is not done; ``None`` when all are."""
    finished = set(done)
    return next((step for step in FORMATION_STEPS if step not in finished), None)
