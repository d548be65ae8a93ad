"""When a limit ends: working days on the announced calendar, hours on the clock. Plain functions of plain values.

Sources: Civil Code (2020) art. 201: the day on which a period begins is not counted, a period in hours runs from its moment;
art. 203: the last day ends at 24:00. Administrative Licensing Law art. 82: days are working days, statutory holidays are none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.rules import CHINA

WEEKEND = "weekend"
"""What a skipped Saturday or Sunday is called where no holiday was announced for it."""

_DAY = timedelta(days=1)


class Unit(StrEnum):
    WORKDAYS = "workdays"
    HOURS = "hours"


@dataclass(frozen=True)
class Limit:
    """How long something may take: at least one working day or hour."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"a limit of {self.amount} {self.unit}")


@dataclass(frozen=True)
class AnnouncedDay:
    """A day that the yearly notice names: a holiday, or a weekend day worked in return. ``name`` is the holiday's key or words."""

    is_workday: bool
    name: str


@dataclass(frozen=True)
class Skipped:
    """Days in a row, both included, that were not counted, and why (a holiday's name or :data:`WEEKEND`)."""

    first: date
    last: date
    name: str


@dataclass(frozen=True)
class Due:
    """The end of a limit.

    ``at`` is the first moment that is late: what happens before it is in time. ``skipped`` and ``made_up`` (weekend days that
    are worked) are what a person needs to count it again. ``is_provisional``: days of a year whose holidays nobody has
    announced were counted from Monday to Friday, so ``at`` may move.
    """

    at: datetime
    limit: Limit
    skipped: tuple[Skipped, ...] = ()
    made_up: tuple[date, ...] = ()
    provisional_years: tuple[int, ...] = ()

    @property
    def is_provisional(self) -> bool:
        return bool(self.provisional_years)

    @property
    def last_day(self) -> date:
        """The day in Shanghai on which it is still in time; of a limit in working days all of it."""
        return (self.at.astimezone(CHINA) - timedelta(microseconds=1)).date()


@dataclass(frozen=True)
class WorkCalendar:
    """The announced days and the years that have been announced; every other day is a working day from Monday to Friday."""

    days: Mapping[date, AnnouncedDay] = field(default_factory=dict)
    announced_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        announced = self.days.get(day)
        return day.weekday() < 5 if announced is None else announced.is_workday

    def is_announced(self, day: date) -> bool:
        return day.year in self.announced_years

    def due(self, moment: datetime, limit: Limit) -> Due:
        """When ``limit`` ends that begins at an aware ``moment``."""
        if limit.unit is Unit.HOURS:
            return self.add_hours(moment, limit.amount)
        return self.add_workdays(moment, limit.amount)

    def add_workdays(self, moment: datetime, amount: int) -> Due:
        """The end of ``amount`` working days from an aware ``moment``: 24:00 in Shanghai of the last of them.

        The day of the moment is not counted, so it makes no difference whether that one is a working day.

        Raises:
            ValueError: the moment is naive, or the amount less than one.
        """
        limit, day = Limit(amount, Unit.WORKDAYS), _day_of(moment)
        counted, passed = 0, []
        while counted < amount:
            day += _DAY
            passed.append(day)
            counted += self.is_workday(day)
        return Due(
            datetime.combine(day + _DAY, time(), CHINA),
            limit,
            tuple(self._skipped(passed)),
            tuple(day for day in passed if day.weekday() >= 5 and self.is_workday(day)),
            tuple(sorted({day.year for day in passed} - self.announced_years)),
        )

    def add_hours(self, moment: datetime, hours: int) -> Due:
        """``hours`` on the clock from an aware ``moment``, by night and on holidays too.

        Raises:
            ValueError: the moment is naive, or the hours less than one.
        """
        _day_of(moment)
        return Due(moment + timedelta(hours=hours), Limit(hours, Unit.HOURS))

    def workdays_between(self, start: datetime, end: datetime) -> int:
        """Working days from the day after ``start`` up to the day of ``end``: what a limit used up, counted as it is set."""
        day, last, counted = _day_of(start), _day_of(end), 0
        while day < last:
            day += _DAY
            counted += self.is_workday(day)
        return counted

    def _skipped(self, passed: list[date]) -> Iterator[Skipped]:
        run: list[date] = []
        name = ""
        for day in passed:
            announced = self.days.get(day)
            called = announced.name if announced else WEEKEND
            off = not self.is_workday(day)
            if run and (not off or called != name):
                yield Skipped(run[0], run[-1], name)
                run = []
            if off:
                run.append(day)
                name = called
        # the last day passed is always a working day, so no run is left over


def _day_of(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("a naive moment has no day")
    return moment.astimezone(CHINA).date()
