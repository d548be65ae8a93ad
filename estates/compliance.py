"""The compliance calendar: what was due to be shown to owners, and whether it was. What is missing is a row, not a silence.

A disclosure is due from whoever serves the neighbourhood on the day on which it is due; where no enterprise serves on that
day (self-managed and unserved neighbourhoods, those not delivered yet), nothing is due.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from enterprises.models import Enterprise
from estates import calendar
from estates.calendar import Period
from estates.models import DisclosureCategory, DisclosureItem, Estate, ServiceAssignment

PAST_PERIODS = {calendar.Cadence.QUARTERLY: 4, calendar.Cadence.YEARLY: 1}
"""How many past periods of each cadence a page looks back on: one year."""


@dataclass(frozen=True)
class Due:
    """One disclosure that every served neighbourhood owes for a period."""

    category: DisclosureCategory
    period: Period
    due_on: date


@dataclass(frozen=True)
class CalendarRow:
    """What one neighbourhood owed, and what became of it. ``posted_on`` is empty while it is missing."""

    estate: Estate
    enterprise: Enterprise
    due: Due
    posted_on: date | None
    days_late: int

    @property
    def is_missing(self) -> bool:
        return self.posted_on is None


def dues(today: date, past_periods: dict[str, int] = PAST_PERIODS) -> list[Due]:
    """What has become due before ``today``: the last ``past_periods`` of each cadence, by category, newest first. One query."""
    return [
        Due(category, period, period.due_on(category.counted_from, category.due_days))
        for category in DisclosureCategory.objects.order_by("code")
        for period in calendar.latest_due(
            category.cadence, category.counted_from, category.due_days, today, past_periods[category.cadence]
        )
    ]


def compliance_calendar(estates: Iterable[Estate], today: date, owed: list[Due]) -> Iterator[CalendarRow]:
    """The rows of ``estates`` (a page of them), by neighbourhood in their order and then as ``owed`` is. Three queries."""
    shown = list(estates)
    ids = [estate.pk for estate in shown]
    serving: dict[int, list[ServiceAssignment]] = {}
    for assignment in ServiceAssignment.objects.filter(estate__in=ids).select_related("enterprise"):
        serving.setdefault(assignment.estate_id, []).append(assignment)
    items = DisclosureItem.objects.filter(estate__in=ids, period__in={str(due.period) for due in owed})
    posted = {
        (estate, category, period): day
        for estate, category, period, day in items.values_list("estate", "category", "period", "posted_on")
    }
    for estate in shown:
        for due in owed:
            served = next((one for one in serving.get(estate.pk, ()) if due.due_on in one.valid), None)
            if served is None:
                continue
            day = posted.get((estate.pk, due.category.pk, str(due.period)))
            yield CalendarRow(estate, served.enterprise, due, day, calendar.days_late(due.due_on, day, today))


def with_missing(estates: QuerySet[Estate], owed: list[Due]) -> QuerySet[Estate]:
    """``estates`` with ``missing_disclosures``, the number of ``owed`` disclosures that each lacks."""
    missing = Value(0, output_field=IntegerField())
    for due in owed:
        missing += Case(When(_lacks(due), then=1), default=0, output_field=IntegerField())
    return estates.annotate(missing_disclosures=missing)


def count_missing(estates: QuerySet[Estate], owed: list[Due]) -> dict[Due, int]:
    """How many of ``estates`` lack each of the ``owed`` disclosures. One query."""
    marks = {f"due_{number}": _lacks(due) for number, due in enumerate(owed)}
    if not marks:
        return {}
    counted = estates.order_by().annotate(
        **{f"{name}_lacks": Case(When(lacks, then=1)) for name, lacks in marks.items()}
    )
    numbers = counted.aggregate(**{name: Count(F(f"{name}_lacks")) for name in marks})
    return {due: numbers[f"due_{number}"] for number, due in enumerate(owed)}


def _lacks(due: Due) -> Q:
    """That a neighbourhood was served on the day and nothing is posted for the period."""
    served = ServiceAssignment.objects.filter(estate=OuterRef("pk"), valid__contains=due.due_on)
    posted = DisclosureItem.objects.filter(estate=OuterRef("pk"), category=due.category, period=str(due.period))
    return Exists(served) & ~Exists(posted)
