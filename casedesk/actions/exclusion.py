"""What keeps a case out of the rankings, what changes its category, and notes: all with a reason, all to be taken back."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casedesk import limits
from casedesk.actions.deeds import begin, change_case, demand_text, keep, put, refuse
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, Extension
from portal.models import User
from portal.roles import Permission
from portal.rules import CHINA
from portal.workflow import demand_reason, record

Kind, Status = CaseEvent.Kind, CaseFile.Status


class Ground(models.TextChoices):
    """Why a case counts nowhere. Its number, its text and its timeline stay, and the share of exclusions is published."""

    OUT_OF_SCOPE = "out_of_scope", gettext_lazy("Not a matter of neighbourhood services")
    DUPLICATE = "duplicate", gettext_lazy("The same person's same report again")
    MALICIOUS = "malicious", gettext_lazy("Malicious, shown by evidence")
    NOT_IN_CITY = "not_in_city", gettext_lazy("Not in this city")
    EMERGENCY_SERVICE = "emergency_service", gettext_lazy("For the emergency services, passed on to them")
    COURT = "court", gettext_lazy("Before a court or an arbitration body")
    TEST = "test", gettext_lazy("A trial of the system")


@transaction.atomic
def propose_exclusion(
    file: CaseFile, *, ground: str, reason: str, by: User, now: datetime, seen: int | None
) -> CaseFile:
    """The first of the two persons that an exclusion after a bad rating takes.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; where one person is enough none proposes.
        ValidationError: an unknown ground, no reason.
    """
    situation = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen)
    refuse(situation.obstacle_to_propose_exclusion())
    given = _check(ground, reason)
    keep(situation.file)
    record("cases.propose_exclusion", situation.case, by=by, reason=given, ground=ground)
    tell(situation.case, Kind.NOTE, at=now, by=by, text=given, is_public=False, proposes_exclusion=ground)
    return situation.file


@transaction.atomic
def exclude_case(file: CaseFile, *, ground: str, reason: str, by: User, now: datetime, seen: int | None) -> CaseFile:
    """Keep a case out of every ranking to come; its resident reads why.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; after a bad rating somebody else has to propose it first.
        ValidationError: an unknown ground, no reason.
    """
    situation = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen)
    refuse(situation.obstacle_to_exclude())
    given, locked = _check(ground, reason), situation.file
    before = {
        "status": locked.status,
        "closed_at": locked.closed_at.isoformat() if locked.closed_at else "",
        "close_reason": locked.close_reason,
    }
    change_case(locked, excluded=ground)
    put(
        locked, Status.EXCLUDED, verb="cases.exclude", by=by, now=now, reason=given, closed_at=None, close_reason=""
    )  # fmt: skip
    tell(situation.case, Kind.EXCLUDED, at=now, by=by, text=given, ground=ground, before=before)
    return locked


@transaction.atomic
def include_case(file: CaseFile, *, reason: str, by: User, now: datetime, seen: int | None) -> CaseFile:
    """Take an exclusion back: the case stands where it stood, its due times unchanged.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed.
        ValidationError: no reason.
    """
    situation = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen)
    refuse(situation.obstacle_to_include())
    given = demand_reason(reason)
    told = CaseEvent.objects.filter(case=situation.case, kind=Kind.EXCLUDED).order_by("-at", "-pk").first()
    before = told.data["before"] if told else {"status": Status.SUBMITTED, "closed_at": "", "close_reason": ""}
    closed_at = datetime.fromisoformat(before["closed_at"]) if before["closed_at"] else None
    change_case(situation.file, excluded="")
    put(
        situation.file, before["status"], verb="cases.include", by=by, now=now, reason=given, closed_at=closed_at,
        close_reason=before["close_reason"],
    )  # fmt: skip
    tell(situation.case, Kind.INCLUDED, at=now, by=by, text=given)
    return situation.file


def _check(ground: str, reason: str) -> str:
    if ground not in Ground.values:
        raise ValidationError({"ground": [_("Choose the ground.")]})
    return demand_reason(reason)


@transaction.atomic
def reclassify_case(
    file: CaseFile, *, category: str, urgency: str, reason: str, by: User, now: datetime, seen: int | None
) -> CaseFile:
    """Give a case another category or urgency. Its due times are computed anew from the report, and the timeline says which
    were before; what was done already, and an extension that was granted, stay.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed.
        ValidationError: no such category in the catalogue of that day, nothing changes, no reason.
    """
    situation = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen)
    refuse(situation.obstacle_to_reclassify())
    given, locked, case = demand_reason(reason), situation.file, situation.case
    if urgency not in CaseFile.Urgency.values:
        raise ValidationError({"urgency": [_("Choose the urgency.")]})
    if (category, urgency) == (case.category, locked.urgency):
        raise ValidationError({"category": [_("Nothing would change.")]})
    item = limits.item_for(category, case.reported_at.astimezone(CHINA).date())
    if item is None:
        raise ValidationError(
            {"category": [_("The catalogue in force on the day of the report has no such category.")]}
        )
    accept, handle = limits.due_times(item, urgency, case.reported_at)
    was = {"category": case.category, "urgency": locked.urgency, **_due_times(locked)}
    times: dict[str, datetime] = {}
    clocks: dict[str, object] = {}
    if case.accepted_at is None:
        times["accept_due_at"], clocks["accept_clock"] = accept.at, limits.as_data(accept)
    if not Extension.objects.filter(case=case, status=Extension.Status.APPROVED).exists():
        due = max(handle.at, times.get("accept_due_at", case.accept_due_at))
        times["handle_due_at"], clocks["handle_clock"] = due, limits.as_data(handle)
    change_case(locked, category=category, **times)
    keep(locked, item=item, urgency=urgency, **clocks)
    record("cases.reclassify", case, by=by, reason=given, was=was, category=category, urgency=urgency)
    tell(
        case, Kind.RECLASSIFIED, at=now, by=by, text=given, was=was, category=category, urgency=urgency,
        **_due_times(locked),
    )  # fmt: skip
    return locked


def _due_times(file: CaseFile) -> dict[str, Any]:
    return {
        "accept_due_at": file.case.accept_due_at.isoformat(),
        "handle_due_at": file.case.handle_due_at.isoformat(),
    }


@transaction.atomic
def add_note(file: CaseFile, *, text: str, by: User, now: datetime) -> CaseEvent:
    """Write a note into the timeline, for those who work on the case; the resident does not read it.

    Raises:
        PermissionDenied: ``by`` neither decides on nor handles the case.
        ValidationError: no text.
    """
    handles = by.has_perm(Permission.HANDLE_CASES, file.case)
    situation = begin(
        file, by=by, permission=Permission.HANDLE_CASES if handles else Permission.DECIDE_CASES, seen=None
    )  # fmt: skip
    given = demand_text(text, 1000)
    record("cases.note", situation.case, by=by)
    return tell(situation.case, Kind.NOTE, at=now, by=by, text=given, is_public=False)
