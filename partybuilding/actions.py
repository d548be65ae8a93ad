"""Writes of Party building with a consequence: appoint and end cross-appointments, change an enterprise's coverage."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from partybuilding.models import CrossAppointment, PartyCoverage, PartyOrganisation, Person
from portal.dated import ONE_DAY, day_after
from portal.models import User
from portal.roles import Permission
from portal.workflow import LostRace, demand_reason, record


@transaction.atomic
def appoint(*, first_day: date, last_day: date | None = None, by: User, **facts: Any) -> CrossAppointment:
    """Appoint a person across, in force from ``first_day`` to ``last_day`` (``None``: until it is ended).

    ``facts`` are the other fields of :class:`CrossAppointment`.

    Raises:
        ValidationError: a fact is missing or wrong, or the person holds the same appointment on some of these days.
        PermissionDenied: ``by`` does not keep the place of the committee.
    """
    appointment = CrossAppointment(valid=_span(first_day, last_day), **facts)
    appointment.full_clean()
    appointment.save()
    _require_keeping(appointment, by)
    record(
        "appoint",
        appointment,
        by=by,
        **_of("cross-appointments", appointment),
        person=appointment.person.code,
        first_day=str(first_day),
    )
    return appointment


@transaction.atomic
def end_appointment(appointment: CrossAppointment, *, last_day: date, reason: str, by: User) -> None:
    """End an open appointment; ``last_day`` is the last day in office.

    Raises:
        ValidationError: the last day is before the first, or no reason was given.
        PermissionDenied: ``by`` does not keep the place of the committee.
        LostRace: it has been ended meanwhile.
    """
    demand_reason(reason)
    _require_keeping(appointment, by)
    _end(appointment, last_day)
    row = _of("cross-appointments", appointment)
    record("end_appointment", appointment, by=by, reason=reason, **row, last_day=str(last_day))


@transaction.atomic
def change_coverage(
    enterprise: Enterprise,
    *,
    way: str,
    organisation: PartyOrganisation | None = None,
    instructor: Person | None = None,
    first_day: date,
    reason: str,
    by: User,
) -> PartyCoverage:
    """Cover ``enterprise`` in another way from ``first_day``: the present coverage ends the day before, all or nothing.

    Raises:
        ValidationError: way and organisation or instructor do not fit, the present coverage begins on that day or later,
            or no reason was given.
        PermissionDenied: ``by`` does not keep this enterprise.
        LostRace: somebody else changed the coverage first.
    """
    demand_reason(reason)
    present = PartyCoverage.objects.filter(enterprise=enterprise, valid__upper_inf=True).first()
    if present is not None:
        _end(present, first_day - ONE_DAY)
    coverage = PartyCoverage(
        enterprise=enterprise, way=way, organisation=organisation, instructor=instructor, valid=_span(first_day, None)
    )
    coverage.full_clean()
    coverage.save()
    _require_keeping(coverage, by)
    before = present.way if present is not None else ""
    row = _of("party-coverage", coverage)
    record("change_coverage", coverage, by=by, reason=reason, **row, before=before, after=way, first_day=str(first_day))
    return coverage


def _of(slug: str, row: models.Model) -> dict[str, Any]:
    """By what the history of a register's row finds its deeds."""
    return {"register": slug, "pk": row.pk}


def _span(first_day: date, last_day: date | None) -> DateRange:
    if last_day is not None and last_day < first_day:
        raise ValidationError({"valid": _("The last day is before the first day.")})
    return DateRange(first_day, day_after(last_day))


def _end(row: CrossAppointment | PartyCoverage, last_day: date) -> None:
    """Close the open span of ``row``, if nobody has closed it meanwhile."""
    if row.valid.lower is not None and last_day < row.valid.lower:
        raise ValidationError({"valid": _("It would end before it began on %(day)s.") % {"day": row.valid.lower}})
    span = DateRange(row.valid.lower, day_after(last_day))
    ended = type(row)._base_manager.filter(pk=row.pk, valid__upper_inf=True).update(valid=span)
    if not ended:
        raise LostRace
    row.valid = span


def _require_keeping(row: models.Model, by: User) -> None:
    if not by.has_perm(Permission.KEEP_PARTY, row):
        raise PermissionDenied
