"""What the leading party does with a case: accept it, ask for more time, tell what was done."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casedesk import limits, parties, rules
from casedesk.actions.deeds import begin, change_case, demand_text, followers, keep, put, refuse
from casedesk.actions.ratings import invite_rating
from casedesk.actions.supervision import close_no_lead
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, CasePhoto, Dispatch, Extension, Handling, JointHandler
from casedesk.situation import IN_HAND, Situation
from portal.models import User
from portal.roles import Permission
from portal.workdays.calendar import work_calendar
from portal.workdays.rules import Due
from portal.workflow import demand_reason, move, record

LONGEST_EXTENSION = 10
"""Working days that an extension may add at most. Assumption."""
RATING_DAYS = 7
"""Days in which the resident may rate. Assumption."""
COMPARED = 20
"""Earlier replies of the same party that a new one is compared with."""
Kind, Status = CaseEvent.Kind, CaseFile.Status


# --- acceptance -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def accept_case(file: CaseFile, *, by: User, now: datetime, seen: int | None) -> CaseFile:
    """The leading party takes the case; the cases that follow it are accepted with it, each with its own due time.

    Raises:
        PermissionDenied: ``by`` handles no cases there.
        MoveRefused: not a member of the lead, an objection waits, or it is in another state.
        LostRace: somebody else was first.
    """
    situation = begin(file, by=by, permission=Permission.HANDLE_CASES, seen=seen)
    refuse(situation.obstacle_to_accept())
    _accept(situation.file, by=by, now=now, actor=by)
    for follower in followers(situation.file, Status.DISPATCHED):
        _accept(follower, by=by, now=now, actor=None)
    return situation.file


def _accept(file: CaseFile, *, by: User, now: datetime, actor: User | None) -> None:
    row = parties.standing_dispatch(file.case)
    assert row is not None
    move(
        row, Dispatch.Status.ACCEPTED, moves=Dispatch.MOVES, verb="cases.accept_dispatch", by=actor, accepted_by=by,
        status_changed_at=now,
    )  # fmt: skip
    change_case(file, accepted_at=file.case.accepted_at or now)
    put(file, Status.ACCEPTED, verb="cases.accept", by=actor, now=now)
    tell(file.case, Kind.ACCEPTED, at=now, by=by, party=row.party)
    close_no_lead(file, now=now)


# --- more time ------------------------------------------------------------------------------------------------------------


def extended_due(file: CaseFile, workdays: int) -> Due:
    """The due time of handling, ``workdays`` working days later, and how it was counted."""
    last_moment = file.case.handle_due_at - timedelta(microseconds=1)  # 24:00 belongs to the day that it ends
    return work_calendar().add_workdays(last_moment, workdays)


@transaction.atomic
def ask_extension(
    file: CaseFile, *, workdays: int, reason: str, by: User, now: datetime, seen: int | None
) -> Extension:
    """The lead asks for 1 to 10 more working days, once, before the due time.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed.
        ValidationError: no reason, or another number of days.
    """
    situation = begin(file, by=by, permission=Permission.HANDLE_CASES, seen=seen)
    refuse(situation.obstacle_to_extension(now))
    given = demand_text(reason, 500, "reason")
    if not 1 <= workdays <= LONGEST_EXTENSION:
        raise ValidationError({"workdays": [_("From 1 to %(most)d working days.") % {"most": LONGEST_EXTENSION}]})
    due = extended_due(situation.file, workdays)
    row = Extension.objects.create(
        case=situation.case, status_changed_at=now, reason=given, asked_at=now, asked_by=by,
        old_due_at=situation.case.handle_due_at, new_due_at=due.at,
    )  # fmt: skip
    keep(situation.file)
    record("cases.ask_extension", situation.case, by=by, reason=given, workdays=workdays)
    tell(
        situation.case, Kind.EXTENSION_ASKED, at=now, by=by, party=situation.lead, text=given, is_public=False,
        workdays=workdays, new_due_at=due.at.isoformat(),
    )  # fmt: skip
    return row


@transaction.atomic
def decide_extension(
    file: CaseFile, *, approve: bool, reason: str, by: User, now: datetime, seen: int | None
) -> Extension:
    """Somebody else grants or refuses the time that was asked for; granted, the resident is told and the cases that follow
    get it too.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; not by who asked.
        ValidationError: refused without a reason.
    """
    situation = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen)
    refuse(situation.obstacle_to_decide_extension())
    row = situation.extension
    assert row is not None
    given = reason.strip() if approve else demand_reason(reason)
    to = Extension.Status.APPROVED if approve else Extension.Status.REFUSED
    move(
        row, to, moves=Extension.MOVES, verb=f"cases.{'extend' if approve else 'refuse_extension'}", by=by, reason=given,
        status_changed_at=now, decided_at=now, decided_by=by, decision_reason=given,
    )  # fmt: skip
    if approve:
        _extend(situation.file, row, by=by, now=now, reason=given)
    else:
        keep(situation.file)
        tell(situation.case, Kind.EXTENSION_REFUSED, at=now, by=by, text=given, is_public=False)
    return row


def _extend(file: CaseFile, row: Extension, *, by: User, now: datetime, reason: str) -> None:
    due = _as_asked(file, row)
    _write_extension(file, row.new_due_at, due, by=by, now=now, reason=row.reason)
    for follower in followers(file, Status.ACCEPTED):
        if follower.case.handle_due_at < row.new_due_at:
            Extension.objects.create(
                case=follower.case, status=Extension.Status.APPROVED, status_changed_at=now, reason=row.reason,
                asked_at=row.asked_at, asked_by=row.asked_by, old_due_at=follower.case.handle_due_at,
                new_due_at=row.new_due_at, decided_at=now, decided_by=by, decision_reason=reason,
            )  # fmt: skip
            _write_extension(follower, row.new_due_at, due, by=by, now=now, reason=row.reason)


def _as_asked(file: CaseFile, row: Extension) -> Due:
    """How the new due time was counted when it was asked for."""
    day = 0
    while (due := extended_due(file, day := day + 1)).at < row.new_due_at and day < LONGEST_EXTENSION:
        pass
    return replace(due, at=row.new_due_at)


def _write_extension(file: CaseFile, at: datetime, due: Due, *, by: User, now: datetime, reason: str) -> None:
    clock = (file.handle_clock or {}) | {"extension": limits.as_data(due)}
    change_case(file, handle_due_at=at)
    keep(file, handle_clock=clock)
    tell(file.case, Kind.EXTENDED, at=now, by=by, text=reason, new_due_at=at.isoformat())


# --- feedback -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def handle_case(
    file: CaseFile,
    *,
    result: str,
    text: str,
    finished_at: datetime,
    late_reason: str = "",
    by: User,
    now: datetime,
    seen: int | None,
) -> Handling:
    """Tell the resident what was done; they are asked to rate it. In the first round this is when the case was handled.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; only a member of the lead.
        ValidationError: a text is missing or too long, the time is not between report and now, late without a reason.
    """
    situation = begin(file, by=by, permission=Permission.HANDLE_CASES, seen=seen)
    refuse(situation.obstacle_to_handle())
    given = demand_text(text, 500)
    _check_reply(situation, result, finished_at, late_reason, now)
    told = (result, given, finished_at, late_reason.strip())
    row = _handle(situation.file, situation.lead, told, by=by, now=now, actor=by)
    if situation.file.round == 1:
        for follower in followers(situation.file, Status.ACCEPTED):
            _handle(follower, situation.lead, told, by=by, now=now, actor=None)
    return row


def _check_reply(situation: Situation, result: str, finished_at: datetime, late_reason: str, now: datetime) -> None:
    if result not in Handling.Result.values:
        raise ValidationError({"result": [_("Choose what came of it.")]})
    begun = situation.file.round_opened_at or situation.case.reported_at
    if not begun.replace(second=0, microsecond=0) <= finished_at <= now:  # people give minutes
        raise ValidationError({"finished_at": [_("The work ended between the report and now.")]})
    if is_late(situation.file, now) and not late_reason.strip():
        raise ValidationError({"late_reason": [_("It is overdue: say why.")]})


def is_late(file: CaseFile, now: datetime) -> bool:
    """Whether the feedback of this round is overdue at ``now``."""
    due = file.round_due_at or file.case.handle_due_at
    return now > due


def _handle(
    file: CaseFile,
    party: parties.Party | None,
    told: tuple[str, str, datetime, str],
    *,
    by: User,
    now: datetime,
    actor: User | None,
) -> Handling:
    result, text, finished_at, late_reason = told
    row = Handling.objects.create(
        case=file.case, round=file.round, result=result, text=text, finished_at=finished_at, late_reason=late_reason,
        at=now, by=by, party=str(party),
    )  # fmt: skip
    if file.round == 1 and file.case.handled_at is None:
        change_case(file, handled_at=now)
    until = now + timedelta(days=RATING_DAYS)
    put(file, Status.HANDLED, verb="cases.handle", by=actor, now=now, rating_until=until)
    tell(file.case, Kind.HANDLED, at=now, by=by, party=party, text=text, round=file.round, result=result)
    invite_rating(file, now=now)
    return row


def reply_warnings(file: CaseFile, *, text: str, result: str, new_photos: int = 0) -> list[str]:
    """What somebody should think about before sending a reply, in their language; none of it forbids sending.

    ``new_photos`` are those that come with the reply and are not stored yet.
    """
    found = []
    if rules.most_alike(text, earlier_replies(file)) >= rules.COPIED:
        found.append(_("This reads like an earlier reply of the same party. Say what was done in this case."))
    photos = CasePhoto.objects.filter(case=file.case, kind=CasePhoto.Kind.HANDLED, round=file.round)
    if result != Handling.Result.NOT_NOW and not new_photos and not photos.exists():
        found.append(_("There is no photograph or document of the result. For physical matters one is expected."))
    return found


def earlier_replies(file: CaseFile) -> list[str]:
    """The texts of the latest replies of the leading party, this case's rounds before included."""
    row = parties.standing_dispatch(file.case)
    if row is None:
        return []
    same = {f"{name}_id": getattr(row, f"{name}_id") for name in parties.FIELDS.values()}
    theirs = Dispatch.objects.filter(**same, status=Dispatch.Status.ACCEPTED).order_by("-pk")[:COMPARED]
    cases = list(theirs.values_list("case", flat=True))
    return list(Handling.objects.filter(case__in=cases).order_by("-at")[:COMPARED].values_list("text", flat=True))


# --- the reporter ---------------------------------------------------------------------------------------------------------


def may_reveal_phone(situation: Situation) -> bool:
    """Whether the person may read the reporter's number: by right, or as a member of the lead while the case is in hand."""
    by = situation.by
    if by is None:
        return False
    in_hand = situation.file.status in IN_HAND and situation.is_lead
    return in_hand or by.has_perm(Permission.REVEAL_PERSONS, situation.case)


@transaction.atomic
def reveal_phone(file: CaseFile, *, reason: str, by: User, now: datetime) -> str:
    """The reporter's whole number; who read it, when and why stands in the record and in the timeline first.

    Raises:
        PermissionDenied: ``by`` may not read it.
        ValidationError: no reason.
    """
    situation = begin(file, by=by, permission=Permission.VIEW_CASES, seen=None)
    if not may_reveal_phone(situation):
        raise PermissionDenied
    given = demand_reason(reason)
    record("reveal", situation.case, by=by, reason=given, pk=situation.case.pk)
    tell(situation.case, Kind.NOTE, at=now, by=by, text=given, is_public=False, revealed="phone")
    return situation.file.phone


# --- joint handlers -------------------------------------------------------------------------------------------------------


@transaction.atomic
def answer_as_joint(joint: JointHandler, *, text: str, by: User, now: datetime) -> JointHandler:
    """A party that helps the lead says what it did; once.

    Raises:
        PermissionDenied: ``by`` is no member of that party.
        MoveRefused: it has answered, or the dispatch is over.
        ValidationError: no text.
    """
    row = JointHandler.objects.select_for_update(of=("self",)).select_related("dispatch__case").get(pk=joint.pk)
    situation = begin(CaseFile(pk=row.dispatch.case_id), by=by, permission=Permission.HANDLE_CASES, seen=None)
    refuse(obstacle_to_answer_as_joint(row, by))
    given = demand_text(text, 1000)
    JointHandler.objects.filter(pk=row.pk).update(answered_at=now, answered_by=by, answer=given)
    row.refresh_from_db()
    keep(situation.file)
    record("cases.answer_as_joint", situation.case, by=by)
    tell(situation.case, Kind.JOINT_ANSWERED, at=now, by=by, party=row.party, text=given, is_public=False)
    return row


def obstacle_to_answer_as_joint(row: JointHandler, by: User) -> str:
    """Why ``by`` cannot answer for a joint handler, in their language."""
    if row.dispatch.status not in Dispatch.STANDING:
        return _("This dispatch is over.")
    if row.answered_at:
        return _("It has answered already.")
    if not parties.acts_for(by, row.party, Permission.HANDLE_CASES):
        return _("Only a member of this party does this: %(party)s.") % {"party": row.party}
    return ""
