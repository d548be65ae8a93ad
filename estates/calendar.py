"""When a disclosure is due: quarters and years, and the days by which each must be posted. Plain functions of plain values."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

OBJECTION_ANSWER_DAYS = 3
"""Calendar days in which an owner's objection is answered. Source: Liaocheng's regulation; assumption that it holds here too."""

POSTED_AT_LEAST_DAYS = 15
"""Days for which an item stays up. Source: Hangzhou's regulation, art. 30."""

_ID = re.compile(r"(?P<year>[12][0-9]{3})(?:Q(?P<quarter>[1-4]))?", re.ASCII)


class Cadence(StrEnum):
    """How often a disclosure is made."""

    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class CountedFrom(StrEnum):
    """Which end of the period the time for posting is counted from."""

    START = "start"
    END = "end"


@dataclass(frozen=True, order=True)
class Period:
    """A calendar year (quarter 0) or a quarter of one. The id is ``2021`` or ``2021Q3``."""

    year: int
    quarter: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period with the id ``text``.

        Raises:
            ValueError: the text is not an id such as ``2021`` or ``2021Q3``.
        """
        found = _ID.fullmatch(text)
        if not found:
            raise ValueError(text)
        return cls(int(found["year"]), int(found["quarter"] or 0))

    @classmethod
    def containing(cls, day: date, cadence: str) -> Self:
        return cls(day.year, (day.month + 2) // 3 if cadence == Cadence.QUARTERLY else 0)

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def cadence(self) -> Cadence:
        return Cadence.QUARTERLY if self.quarter else Cadence.YEARLY

    @property
    def first_day(self) -> date:
        return date(self.year, self.quarter * 3 - 2 if self.quarter else 1, 1)

    @property
    def last_day(self) -> date:
        month = self.quarter * 3 or 12
        return date(self.year, month, calendar.monthrange(self.year, month)[1])

    def shift(self, count: int) -> Self:
        """The period of the same length ``count`` later (earlier where negative)."""
        if not self.quarter:
            return type(self)(self.year + count)
        years, quarter = divmod(self.year * 4 + self.quarter - 1 + count, 4)
        return type(self)(years, quarter + 1)

    def due_on(self, counted_from: str, days: int) -> date:
        """The last day on which a disclosure for this period is in time: ``days`` after its first or last day."""
        return (self.first_day if counted_from == CountedFrom.START else self.last_day) + timedelta(days=days)


def latest_due(cadence: str, counted_from: str, days: int, today: date, count: int) -> list[Period]:
    """The last ``count`` periods whose time for posting is over on ``today``, newest first.

    A period whose last day for posting is ``today`` is not among them yet.
    """
    period = Period.containing(today, cadence)
    # Time counted from the end of a period, or many days from its start, runs out in a later one.
    while period.due_on(counted_from, days) >= today:
        period = period.shift(-1)
    return [period.shift(-back) for back in range(count)]


def days_late(due_on: date, done_on: date | None, today: date) -> int:
    """Days after ``due_on`` on which it was done, or ``today`` while it was not; 0 when in time."""
    return max(0, ((done_on or today) - due_on).days)


def answer_due_on(raised_on: date) -> date:
    """The last day on which an objection raised on ``raised_on`` is answered in time."""
    return raised_on + timedelta(days=OBJECTION_ANSWER_DAYS)
