"""Sending a case to whom it concerns, and what becomes of it when they object or it is called back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casedesk import parties
from casedesk.actions.deeds import begin, change_case, demand_text, followers, keep, put, refuse
from casedesk.actions.supervision import raise_no_lead
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, Dispatch, JointHandler
from casedesk.parties import Party
from casedesk.situation import Situation
from portal.models import Region, User
from portal.roles import Permission
from portal.workdays.calendar import work_calendar
from portal.workdays.rules import Limit, Unit
from portal.workflow import LostRace, MoveRefused, demand_reason, move

REVIEW_LIMIT = Limit(1, Unit.WORKDAYS)
"""How long an objection to a dispatch may wait for its decision. Assumption."""
MOST_JOINT = 5
Kind, Status = CaseEvent.Kind, CaseFile.Status


@transaction.atomic
def dispatch_case(
    file: CaseFile,
    *,
    party: Party,
    joint: Sequence[Party] = (),
    note: str = "",
    by: User | None,
    now: datetime,
    seen: int | None,
) -> CaseFile:
    """Send a waiting case to ``party`` as lead and ``joint`` as helpers; the cases that follow it go along.

    Raises:
        PermissionDenied: ``by`` does not dispatch cases there.
        MoveRefused: it does not wait for dispatch, follows another, or is for the superior to dispatch.
        ValidationError: a party that cannot have it, or one named twice.
        LostRace: somebody else was first.
    """
    situation = begin(file, by=by, permission=Permission.DISPATCH_CASES, seen=seen)
    refuse(situation.obstacle_to_dispatch())
    _check_parties(situation.file, party, joint)
    _send(situation.file, party, joint, note, by=by, now=now, actor=by)
    for follower in followers(situation.file, Status.SUBMITTED):
        _send(follower, party, joint, note, by=by, now=now, actor=None)
    return situation.file


def _check_parties(file: CaseFile, party: Party, joint: Sequence[Party]) -> None:
    if len(joint) > MOST_JOINT:
        raise ValidationError({"joint": [_("At most %(count)d joint handlers.") % {"count": MOST_JOINT}]})
    named = [party, *joint]
    if len({(type(one), one.pk) for one in named}) < len(named):
        raise ValidationError({"joint": [_("A party is named twice.")]})
    _street, district, _city = parties.posts(file.case)
    for one in named:
        if isinstance(one, Region) and (one.level != Region.Level.STREET or one.parent_id != district.pk):
            raise ValidationError({"party": [_("Not a street office of this district.")]})


def _send(
    file: CaseFile,
    party: Party,
    joint: Sequence[Party],
    note: str,
    *,
    by: User | None,
    now: datetime,
    actor: User | None,
) -> None:
    """``actor`` is whose right the move takes: a case that follows another moves with it by the system."""
    last = Dispatch.objects.filter(case=file.case).order_by("-seq").first()
    row = Dispatch.objects.create(
        case=file.case,
        seq=last.seq + 1 if last else 1,
        status_changed_at=now,
        sent_at=now,
        sent_by=by,
        note=note.strip(),
        **parties.as_fields(party),
    )
    JointHandler.objects.bulk_create(JointHandler(dispatch=row, **parties.as_fields(one)) for one in joint)
    change_case(file, **parties.as_fields(party))
    put(file, Status.DISPATCHED, verb="cases.dispatch", by=actor, now=now, reason=note.strip())
    helpers = [str(one) for one in joint]
    tell(file.case, Kind.DISPATCHED, at=now, by=by, party=party, text=note.strip(), seq=row.seq, joint=helpers)


# --- by the catalogue -----------------------------------------------------------------------------------------------------


def goes_at_once(file: CaseFile) -> bool:
    """Whether the catalogue sends a fresh case without waiting for somebody to look: clear matters, and emergencies."""
    is_fresh = file.status == Status.SUBMITTED and file.passes == 0 and file.duplicate_of_id is None
    is_clear = file.item is not None and (file.item.is_automatic or file.urgency == CaseFile.Urgency.EMERGENCY)
    return is_fresh and is_clear


def dispatch_at_once(file: CaseFile, *, now: datetime) -> bool:
    """Dispatch a fresh case by the catalogue if it goes at once and somebody answers for it there; whether it went."""
    party = parties.proposed_party(file.item, file.case) if goes_at_once(file) else None
    if party is None:
        return False
    try:
        dispatch_case(file, party=party, by=None, now=now, seen=None)
    except MoveRefused:  # somebody else was first
        return False
    return True


def dispatch_by_catalogue(now: datetime) -> int:
    """Dispatch every waiting case that goes at once; how many. A second run finds none."""
    waiting = CaseFile.objects.with_case().filter(status=Status.SUBMITTED, passes=0, duplicate_of=None)
    return sum(dispatch_at_once(file, now=now) for file in waiting.exclude(item=None) if goes_at_once(file))


@dataclass(frozen=True)
class Outcome:
    """What became of one case of many: the party it went to, or why it did not."""

    file: CaseFile
    party: Party | None
    refusal: str = ""


def dispatch_many(chosen: Iterable[tuple[CaseFile, int]], *, by: User, now: datetime) -> list[Outcome]:
    """Dispatch each case of ``chosen`` (with the version seen) to whom the catalogue names; each wholly or not at all."""
    outcomes = []
    for file, seen in chosen:
        party = parties.proposed_party(file.item, file.case)
        if party is None:
            outcomes.append(Outcome(file, None, _("The catalogue names nobody; dispatch it by hand.")))
            continue
        try:
            outcomes.append(Outcome(dispatch_case(file, party=party, by=by, now=now, seen=seen), party))
        except MoveRefused as refused:
            outcomes.append(Outcome(file, None, str(refused)))
        except LostRace:
            outcomes.append(Outcome(file, None, _("Somebody else changed it in the meantime.")))
        except PermissionDenied:
            outcomes.append(Outcome(file, None, _("You do not dispatch cases there.")))
    return outcomes


# --- objection and recall -------------------------------------------------------------------------------------------------


@transaction.atomic
def object_to_dispatch(file: CaseFile, *, reason: str, by: User, now: datetime, seen: int | None) -> CaseFile:
    """The lead says that the case is not theirs; somebody else decides within a working day. The clocks run on.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; only a member of the lead may object, once per dispatch.
        ValidationError: no reason.
    """
    situation = begin(file, by=by, permission=Permission.HANDLE_CASES, seen=seen)
    refuse(situation.obstacle_to_object())
    given = demand_text(reason, 1000, "reason")
    row = _standing(situation)
    due = work_calendar().due(now, REVIEW_LIMIT)
    move(
        row, Dispatch.Status.OBJECTED, moves=Dispatch.MOVES, verb="cases.object", by=by, reason=given,
        status_changed_at=now, objected_at=now, objected_by=by, objection=given, review_due_at=due.at,
    )  # fmt: skip
    keep(situation.file)
    tell(
        situation.case, Kind.OBJECTED, at=now, by=by, party=row.party, text=given, is_public=False,
        review_due_at=due.at.isoformat(),
    )  # fmt: skip
    return situation.file


@transaction.atomic
def uphold_objection(file: CaseFile, *, reason: str, by: User, now: datetime, seen: int | None) -> CaseFile:
    """The objection is right: the case waits for dispatch again, one more pass without a lead.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; not by who raised it.
        ValidationError: no reason.
    """
    situation, row, given = _begin_review(file, reason, by, seen)
    _review(row, Dispatch.Status.UPHELD, given, by=by, now=now, verb="cases.uphold_objection")
    _back_to_dispatch(situation.file, by=by, now=now, verb="cases.return", reason=given, counts=True, actor=by)
    tell(situation.case, Kind.OBJECTION_UPHELD, at=now, by=by, text=given, is_public=False, party=row.party)
    _recall_followers(situation.file, row, by=by, now=now, reason=given)
    return situation.file


@transaction.atomic
def dismiss_objection(file: CaseFile, *, reason: str, by: User, now: datetime, seen: int | None) -> CaseFile:
    """The objection is wrong: the lead has to accept.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; not by who raised it.
        ValidationError: no reason.
    """
    situation, row, given = _begin_review(file, reason, by, seen)
    _review(row, Dispatch.Status.DISMISSED, given, by=by, now=now, verb="cases.dismiss_objection")
    keep(situation.file)
    tell(situation.case, Kind.OBJECTION_DISMISSED, at=now, by=by, text=given, is_public=False, party=row.party)
    return situation.file


@transaction.atomic
def recall_dispatch(file: CaseFile, *, reason: str, by: User, now: datetime, seen: int | None) -> CaseFile:
    """Take a case back from its lead, so that it can be sent to another. One that nobody had accepted counts as a pass.

    A first acceptance stays a fact of the case. Assumption: it was the first lead's, in time or not.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed.
        ValidationError: no reason.
    """
    situation = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen)
    refuse(situation.obstacle_to_recall())
    given = demand_reason(reason)
    row = _standing(situation)
    had_lead = row.status == Dispatch.Status.ACCEPTED
    move(
        row, Dispatch.Status.RECALLED, moves=Dispatch.MOVES, verb="cases.recall_dispatch", by=by, reason=given,
        status_changed_at=now,
    )  # fmt: skip
    _back_to_dispatch(
        situation.file, by=by, now=now, verb="cases.recall", reason=given, counts=not had_lead, actor=by
    )  # fmt: skip
    tell(situation.case, Kind.RECALLED, at=now, by=by, text=given, party=row.party, is_public=False)
    _recall_followers(situation.file, row, by=by, now=now, reason=given)
    return situation.file


def _standing(situation: Situation) -> Dispatch:
    assert situation.dispatch is not None  # the obstacles have looked
    return situation.dispatch


def _begin_review(file: CaseFile, reason: str, by: User, seen: int | None) -> tuple[Situation, Dispatch, str]:
    situation = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen)
    refuse(situation.obstacle_to_review())
    return situation, _standing(situation), demand_reason(reason)


def _review(row: Dispatch, to: str, reason: str, *, by: User, now: datetime, verb: str) -> None:
    move(
        row, to, moves=Dispatch.MOVES, verb=verb, by=by, reason=reason, status_changed_at=now, reviewed_by=by,
        review_reason=reason,
    )  # fmt: skip


def _back_to_dispatch(
    file: CaseFile, *, by: User | None, now: datetime, verb: str, reason: str, counts: bool, actor: User | None
) -> None:
    change_case(file, enterprise=None, agency=None, street=None)
    put(file, Status.SUBMITTED, verb=verb, by=actor, now=now, reason=reason, passes=file.passes + counts)
    if counts:
        raise_no_lead(file, now=now)


def _recall_followers(file: CaseFile, row: Dispatch, *, by: User, now: datetime, reason: str) -> None:
    """The cases that went along come back with it; the passes are counted once, on the case that they follow."""
    for follower in followers(file, Status.DISPATCHED, Status.ACCEPTED):
        for theirs in Dispatch.objects.filter(case=follower.case, status__in=Dispatch.STANDING):
            move(
                theirs, Dispatch.Status.RECALLED, moves=Dispatch.MOVES, verb="cases.recall_dispatch", by=None,
                reason=reason, status_changed_at=now,
            )  # fmt: skip
        _back_to_dispatch(follower, by=by, now=now, verb="cases.recall", reason=reason, counts=False, actor=None)
        tell(follower.case, Kind.RECALLED, at=now, by=by, text=reason, party=row.party, is_public=False)
