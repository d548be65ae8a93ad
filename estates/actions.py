"""Writes with a consequence: who serves a neighbourhood and how, its stage, and its filings. Atomic, audited; the actor is ``by``."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from estates import rules
from estates.models import (
    Estate,
    Filing,
    HandOver,
    ManagerAppointment,
    ModeAssignment,
    ServiceAssignment,
    Stage,
    StageChange,
)
from estates.reasons import filing_obstacles
from portal.models import Region, User
from portal.roles import Permission
from portal.workflow import MoveRefused, move, record

Status = Filing.Status


@transaction.atomic
def assign_enterprises(enterprise_of: Mapping[int, int], *, on: date) -> int:
    """Let each estate (id) be served by an enterprise (id) from the day ``on``; the number of estates that changed hands.

    An estate without any record gets one with an open start: nobody knows since when. A record that began on ``on`` itself
    is corrected rather than ended.
    """
    latest = {row.estate_id: row for row in ServiceAssignment.objects.current().filter(estate__in=list(enterprise_of))}
    known = set(ServiceAssignment.objects.filter(estate__in=list(enterprise_of)).values_list("estate_id", flat=True))
    new, changed = [], 0
    for estate_id, enterprise_id in enterprise_of.items():
        current = latest.get(estate_id)
        if current is not None and current.enterprise_id == enterprise_id:
            continue
        changed += 1
        if current is not None and current.valid.lower is not None and current.valid.lower >= on:
            current.enterprise_id = enterprise_id
            current.save(update_fields=["enterprise"])
            continue
        if current is not None:
            current.valid = DateRange(current.valid.lower, on)
            current.save(update_fields=["valid"])
        start = on if estate_id in known else None
        new.append(ServiceAssignment(estate_id=estate_id, enterprise_id=enterprise_id, valid=DateRange(start, None)))
    ServiceAssignment.objects.bulk_create(new, batch_size=2000)
    return changed


def note_presences(row: models.Model) -> None:
    """Let the database note again where an enterprise serves: after a merge is undone, as it went on serving meanwhile."""
    if isinstance(row, Enterprise):
        ServiceAssignment.objects.filter(enterprise=row).update(enterprise=row)


# --- service and modes ------------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(
    estate: Estate, to_enterprise: Enterprise, *, on: date, by: User, documents: str = "", note: str = ""
) -> HandOver:
    """Let ``to_enterprise`` serve ``estate`` from the day ``on``: the present assignment, and the former enterprise's
    manager, end the day before. The record of the hand-over.

    Raises:
        PermissionDenied: the person does not keep this neighbourhood.
        MoveRefused: the enterprise serves it already or is out of business, or the present assignment began no earlier.
        ValidationError: the days overlap with another record.
    """
    _lock(estate, by=by)
    if to_enterprise.status != Enterprise.Status.ACTIVE:
        raise MoveRefused(_("“%(name)s” is out of business.") % {"name": to_enterprise})
    current = ServiceAssignment.objects.current().filter(estate=estate).select_related("enterprise").first()
    former = current.enterprise if current is not None else None
    if former == to_enterprise:
        raise MoveRefused(_("“%(name)s” serves this neighbourhood already.") % {"name": to_enterprise})
    _end(current, on)
    if former is not None:
        _end(ManagerAppointment.objects.current().filter(estate=estate, manager__enterprise=former).first(), on)
    _keep(ServiceAssignment(estate=estate, enterprise=to_enterprise, valid=DateRange(on, None)))
    handover = HandOver(
        estate=estate,
        from_enterprise=former,
        to_enterprise=to_enterprise,
        handed_over_on=on,
        documents=documents,
        note=note,
    )
    _keep(handover)
    record(
        "estates.hand_over", handover, by=by, pk=handover.pk, estate=estate.code,
        before=former.uscc if former is not None else "", after=to_enterprise.uscc,
    )  # fmt: skip
    return handover


@transaction.atomic
def change_mode(
    estate: Estate,
    mode: str,
    *,
    on: date,
    by: User,
    enterprise: Enterprise | None = None,
    partner_community: Region | None = None,
    responsible_person: str = "",
    maintenance_contract: str = "",
    decided_by: str = "",
    evidence: str = "",
) -> ModeAssignment:
    """Serve the old neighbourhood ``estate`` in ``mode`` from the day ``on``; the present mode ends the day before.

    The same mode with another enterprise is a change too.

    Raises:
        PermissionDenied: the person does not keep this neighbourhood.
        MoveRefused: the present mode began no earlier.
        ValidationError: the mode lacks something it needs (see :class:`ModeAssignment`), or the days overlap.
    """
    _lock(estate, by=by)
    current = ModeAssignment.objects.current().filter(estate=estate).first()
    _end(current, on)
    new = ModeAssignment(
        estate=estate,
        mode=mode,
        enterprise=enterprise,
        partner_community=partner_community,
        responsible_person=responsible_person,
        maintenance_contract=maintenance_contract,
        decided_by=decided_by,
        evidence=evidence,
        valid=DateRange(on, None),
    )
    _keep(new)
    before = current.mode if current is not None else ""
    record("estates.change_mode", new, by=by, pk=new.pk, estate=estate.code, before=before, after=mode)
    return new


@transaction.atomic
def change_stage(estate: Estate, stage: str, *, on: date, by: User, reason: str = "") -> StageChange:
    """Move the old neighbourhood ``estate`` to ``stage`` as of the day ``on``; a move down needs a ``reason``.

    Raises:
        PermissionDenied: the person does not keep this neighbourhood.
        MoveRefused: the last change is not earlier than ``on``.
        ValidationError: it is at this stage already, or the reason is missing.
    """
    _lock(estate, by=by)
    last = StageChange.objects.filter(estate=estate).order_by("-changed_on").first()
    if last is not None and last.changed_on >= on:
        raise MoveRefused(
            _("The stage changed on %(day)s already; this change must be later.") % {"day": last.changed_on}
        )
    before = last.stage if last is not None else Stage.NONE.value
    change = StageChange(estate=estate, from_stage=before, stage=stage, changed_on=on, reason=reason.strip())
    _keep(change)
    record("estates.change_stage", change, by=by, reason=reason, pk=change.pk, before=before, after=stage)
    return change


def _lock(estate: Estate, *, by: User) -> None:
    """One change of an estate at a time, by somebody who keeps it."""
    if not by.has_perm(Permission.KEEP_ESTATES, estate):
        raise PermissionDenied
    Estate.objects.select_for_update().get(pk=estate.pk)


def _end(row: ServiceAssignment | ManagerAppointment | ModeAssignment | None, on: date) -> None:
    """End ``row``, if any, so that ``on`` is the first day after."""
    if row is None:
        return
    if row.valid.lower is not None and row.valid.lower >= on:
        raise MoveRefused(
            _("The present record (%(record)s) began on %(day)s; the change must be later.")
            % {"record": row, "day": row.valid.lower}
        )
    row.valid = DateRange(row.valid.lower, on)
    row.save(update_fields=["valid"])


def _keep(row: models.Model) -> None:
    row.full_clean()
    row.save()


# --- filings ----------------------------------------------------------------------------------------------------------


def submit_filing(filing: Filing, *, submitted_on: date, by: User) -> None:
    """Hand in a draft, or one that was sent back. ``submitted_on`` is the day it came in, which may be late.

    A corrected filing keeps the day on which it first came in: whoever was in time stays in time.

    Raises:
        PermissionDenied: the person does not keep this filing.
        MoveRefused: the filing is neither a draft nor sent back.
        ValidationError: it came in before the day it counts from.
        LostRace: somebody moved it first.
    """
    _permit(Permission.KEEP_ESTATES, filing, by=by)
    if submitted_on < filing.triggered_on:
        raise ValidationError({"submitted_on": _("A filing cannot come in before the day from which it is counted.")})
    first_came_in = filing.submitted_on or submitted_on
    due = rules.due_on(filing.kind, filing.triggered_on)
    move(
        filing, Status.SUBMITTED, moves=Filing.MOVES, verb="filings.submit", by=by,
        submitted_on=first_came_in, due_on=due,
    )  # fmt: skip


@transaction.atomic
def request_correction(filing: Filing, *, reason: str, by: User) -> None:
    """Send a submitted filing back; ``reason`` says what to correct.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as :func:`submit_filing`.
        ValidationError: no reason was given.
    """
    _permit(Permission.DECIDE_FILINGS, filing, by=by)
    _demand(reason)
    _decide(filing, Status.CORRECTION_REQUESTED, verb="filings.request_correction", reason=reason.strip(), by=by)


@transaction.atomic
def accept_filing(filing: Filing, *, decided_on: date, by: User, number: str = "") -> None:
    """Accept a submitted filing, under another ``number`` if one is given; the one that it supersedes is superseded in the
    same moment.

    Raises:
        PermissionDenied: the person does not decide filings of this place.
        MoveRefused: it is not submitted, a required document is missing, an earlier filing must come first, or the one that
            it supersedes is not accepted.
        ValidationError: the decision lies before the submission, or another filing has the number.
        LostRace: somebody moved one of the two first.
    """
    _permit(Permission.DECIDE_FILINGS, filing, by=by)
    _check_day(filing, decided_on)
    number = number.strip() or filing.number
    if Filing.objects.filter(number=number).exclude(pk=filing.pk).exists():
        raise ValidationError({"number": _("Another filing has this number.")})
    Estate.objects.select_for_update().get(pk=filing.estate_id)  # what must come first stays so until this is done
    obstacles = filing_obstacles(filing) if filing.status == Status.SUBMITTED else []
    if obstacles:
        raise MoveRefused(" ".join(obstacles))
    former = Filing.objects.get(pk=filing.supersedes_id) if filing.supersedes_id else None
    if former is not None:
        move(former, Status.SUPERSEDED, moves=Filing.MOVES, verb="filings.supersede", by=by, reason=filing.number)
    _decide(
        filing, Status.ACCEPTED, verb="filings.accept", reason="", by=by,
        number=number, decided_on=decided_on, decided_by=by,
    )  # fmt: skip


@transaction.atomic
def reject_filing(filing: Filing, *, decided_on: date, reason: str, by: User) -> None:
    """Reject a submitted filing for good; a new one must be filed.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as :func:`accept_filing`.
        ValidationError: no reason was given, or the decision lies before the submission.
    """
    _permit(Permission.DECIDE_FILINGS, filing, by=by)
    _demand(reason)
    _check_day(filing, decided_on)
    _decide(
        filing, Status.REJECTED, verb="filings.reject", reason=reason.strip(), by=by,
        decided_on=decided_on, decided_by=by,
    )  # fmt: skip


def _decide(filing: Filing, to: str, *, verb: str, reason: str, by: User, **changes: Any) -> None:
    """Move a submitted filing on, with the reason that the applicant reads. Runs in the caller's transaction."""
    Filing.objects.filter(pk=filing.pk, status=Status.SUBMITTED).update(reason=reason)
    move(filing, to, moves=Filing.MOVES, verb=verb, by=by, reason=reason, **changes)
    filing.reason = reason


def _permit(permission: Permission, filing: Filing, *, by: User) -> None:
    if not by.has_perm(permission, filing):
        raise PermissionDenied


def _demand(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason; the applicant reads it.")})


def _check_day(filing: Filing, decided_on: date) -> None:
    if filing.submitted_on is not None and decided_on < filing.submitted_on:
        raise ValidationError({"decided_on": _("A filing cannot be decided before it came in.")})
