"""Due times of a case: from the catalogue's limits and the calendar of working days, kept so that a page can explain them."""

from datetime import date, datetime
from typing import Any

from casedesk.models import CaseFile, CatalogueItem, CatalogueVersion
from portal.rules import CHINA
from portal.workdays.calendar import work_calendar
from portal.workdays.rules import Due, Limit, Skipped, Unit

DEFAULT_ACCEPT, DEFAULT_HANDLE = Limit(24, Unit.HOURS), Limit(5, Unit.WORKDAYS)
"""Limits of a matter that no catalogue in force names. Assumption; the catalogue is where a city sets its own."""


def item_for(category: str, day: date) -> CatalogueItem | None:
    """The item ``category`` of the catalogue in force on ``day``."""
    version = CatalogueVersion.objects.filter(effective_from__lte=day).order_by("-effective_from").first()
    return version.items.select_related("agency").filter(category=category).first() if version else None


def items_in_force(day: date) -> list[CatalogueItem]:
    """All items of the catalogue in force on ``day``, in its order."""
    version = CatalogueVersion.objects.filter(effective_from__lte=day).order_by("-effective_from").first()
    return list(version.items.select_related("agency")) if version else []


def due_times(item: CatalogueItem | None, urgency: str, reported_at: datetime) -> tuple[Due, Due]:
    """When acceptance and handling are due; both run from the report."""
    accept, handle = _limits(item, urgency)
    calendar = work_calendar()
    return calendar.due(reported_at, accept), calendar.due(reported_at, handle)


def _limits(item: CatalogueItem | None, urgency: str) -> tuple[Limit, Limit]:
    if item is None:
        return DEFAULT_ACCEPT, DEFAULT_HANDLE
    if urgency == CaseFile.Urgency.EMERGENCY:
        return Limit(item.emergency_accept_hours, Unit.HOURS), Limit(item.emergency_handle_hours, Unit.HOURS)
    return Limit(item.accept_limit, Unit(item.accept_unit)), Limit(item.handle_limit, Unit(item.handle_unit))


def as_data(due: Due) -> dict[str, Any]:
    """A due time as JSON, with everything that explains it."""
    return {
        "at": due.at.isoformat(),
        "limit": [due.limit.amount, due.limit.unit],
        "skipped": [[one.first.isoformat(), one.last.isoformat(), one.name] for one in due.skipped],
        "made_up": [day.isoformat() for day in due.made_up],
        "provisional_years": list(due.provisional_years),
    }


def from_data(data: dict[str, Any]) -> Due:
    """What :func:`as_data` wrote."""
    day = date.fromisoformat
    return Due(
        datetime.fromisoformat(data["at"]).astimezone(CHINA),
        Limit(data["limit"][0], Unit(data["limit"][1])),
        tuple(Skipped(day(first), day(last), name) for first, last, name in data["skipped"]),
        tuple(map(day, data["made_up"])),
        tuple(data["provisional_years"]),
    )
