"""Cases about the same matter go along with one of them. None is closed for it: each keeps its own facts and its own rating."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casedesk import parties
from casedesk.actions.deeds import begin, change_case, keep, put, refuse
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, Dispatch, JointHandler
from casedesk.situation import UNDO_WITHIN
from portal.models import User
from portal.roles import Permission
from portal.workflow import demand_reason, move, record

Status = CaseFile.Status
LEADING = (Status.SUBMITTED, Status.DISPATCHED, Status.ACCEPTED)


@transaction.atomic
def link_duplicate(
    file: CaseFile, *, primary: CaseFile, reason: str, by: User, now: datetime, seen: int | None
) -> CaseFile:
    """Let a case go along with ``primary`` from now on: it is dispatched, accepted and handled with it.

    Raises:
        PermissionDenied: ``by`` does not dispatch both cases.
        MoveRefused: one is in a state for it no more, or linked already.
        ValidationError: not the same neighbourhood, more than 30 days apart, no reason.
        LostRace: somebody else changed it.
    """
    first, second = sorted([file.pk, primary.pk])  # one order of locks, whoever links whom
    locked = {
        pk: begin(CaseFile(pk=pk), by=by, permission=Permission.DISPATCH_CASES, seen=seen if pk == file.pk else None)
        for pk in dict.fromkeys([first, second])
    }
    given = demand_reason(reason)
    if len(locked) < 2:
        raise ValidationError({"primary": [_("A case cannot follow itself.")]})
    situation, leading = locked[file.pk], locked[primary.pk].file
    refuse(situation.obstacle_to_link())
    _check_primary(situation.file, leading)
    _take_out_of_dispatch(situation.file, now=now)
    keep(situation.file, duplicate_of=leading)
    keep(leading)
    record("cases.link", situation.case, by=by, reason=given, to=str(leading.case))
    number = leading.case.case_no
    tell(situation.case, CaseEvent.Kind.LINKED, at=now, by=by, text=given, is_public=True, to=number)
    tell(
        leading.case, CaseEvent.Kind.LINKED, at=now, by=by, text=given, is_public=False, of=situation.case.case_no
    )  # fmt: skip
    _catch_up(situation.file, leading, by=by, now=now)
    return situation.file


def _check_primary(file: CaseFile, leading: CaseFile) -> None:
    if leading.duplicate_of_id:
        raise ValidationError({"primary": [_("That case follows another one itself.")]})
    if leading.status not in LEADING or leading.round > 1:
        raise ValidationError({"primary": [_("That case has been handled already.")]})
    if leading.case.estate_id != file.case.estate_id:
        raise ValidationError({"primary": [_("That case is of another neighbourhood.")]})
    if abs(leading.case.reported_at - file.case.reported_at) > UNDO_WITHIN:
        raise ValidationError({"primary": [_("The two were reported more than 30 days apart.")]})


def _take_out_of_dispatch(file: CaseFile, *, now: datetime) -> None:
    """A dispatch of its own that nobody has accepted is over: it goes with the other one now."""
    if file.status != Status.DISPATCHED:
        return
    for row in Dispatch.objects.filter(case=file.case, status__in=Dispatch.STANDING):
        if row.status == Dispatch.Status.OBJECTED:
            refuse(_("The objection to the dispatch has not been decided yet."))
        move(
            row, Dispatch.Status.RECALLED, moves=Dispatch.MOVES, verb="cases.recall_dispatch", by=None,
            status_changed_at=now,
        )  # fmt: skip
    change_case(file, enterprise=None, agency=None, street=None)
    put(file, Status.SUBMITTED, verb="cases.recall", by=None, now=now)


def _catch_up(file: CaseFile, leading: CaseFile, *, by: User, now: datetime) -> None:
    """Bring a fresh follower to where the case that it follows stands."""
    row = parties.standing_dispatch(leading.case)
    if row is None:
        return
    last = Dispatch.objects.filter(case=file.case).order_by("-seq").first()
    status = Dispatch.Status.ACCEPTED if leading.status == Status.ACCEPTED else Dispatch.Status.SENT
    theirs = Dispatch.objects.create(
        case=file.case, seq=last.seq + 1 if last else 1, status=status, status_changed_at=now, sent_at=now, sent_by=by,
        note=row.note, accepted_by=row.accepted_by if status == Dispatch.Status.ACCEPTED else None,
        **parties.as_fields(row.party),
    )  # fmt: skip
    helpers = [one.party for one in row.joint_handlers.all()]
    JointHandler.objects.bulk_create(JointHandler(dispatch=theirs, **parties.as_fields(one)) for one in helpers)
    change_case(file, **parties.as_fields(row.party))
    put(file, Status.DISPATCHED, verb="cases.dispatch", by=None, now=now)
    tell(file.case, CaseEvent.Kind.DISPATCHED, at=now, by=by, party=row.party, seq=theirs.seq)
    if status == Dispatch.Status.ACCEPTED:
        change_case(file, accepted_at=file.case.accepted_at or now)
        put(file, Status.ACCEPTED, verb="cases.accept", by=None, now=now)
        tell(file.case, CaseEvent.Kind.ACCEPTED, at=now, by=row.accepted_by, party=row.party)


@transaction.atomic
def unlink_duplicate(file: CaseFile, *, reason: str, by: User, now: datetime, seen: int | None) -> CaseFile:
    """Take a link back within 30 days, before the case was handled; it goes on alone from where it stands.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed.
        ValidationError: no reason.
    """
    situation = begin(file, by=by, permission=Permission.DISPATCH_CASES, seen=seen)
    refuse(situation.obstacle_to_unlink(now))
    given = demand_reason(reason)
    leading = CaseFile.objects.select_related("case").get(duplicates=situation.file).case
    keep(situation.file, duplicate_of=None)
    record("cases.unlink", situation.case, by=by, reason=given, to=str(leading))
    tell(situation.case, CaseEvent.Kind.UNLINKED, at=now, by=by, text=given, to=leading.case_no)
    tell(leading, CaseEvent.Kind.UNLINKED, at=now, by=by, text=given, is_public=False, of=situation.case.case_no)
    return situation.file
