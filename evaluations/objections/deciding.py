"""What officials do with an objection: mark it, decide it, read its telephone number. Atomic, audited, never by the same person."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations import differences
from evaluations.models import Ranking, RankingObjection
from evaluations.objections import corrections, telling
from evaluations.objections.corrections import Correction
from portal.models import AuditEntry, User
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused, demand_reason, move, record

Status = RankingObjection.Status


@transaction.atomic
def mark(objection: RankingObjection, *, by: User, now: datetime) -> None:
    """Take an objection up: from now on the entry is marked "objection pending" for everybody.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every move.
    """
    move(
        objection,
        Status.MARKED,
        moves=RankingObjection.MOVES,
        verb="objections.mark",
        by=by,
        marked_at=now,
        marked_by=by,
    )
    telling.marked(objection)


def obstacle_to_deciding(objection: RankingObjection, by: User) -> str:
    """Why ``by`` cannot decide this objection, or an empty text."""
    if not by.has_perm(Permission.HANDLE_OBJECTIONS):
        return _("You do not hold the right “%(right)s”.") % {"right": Permission.HANDLE_OBJECTIONS.label}
    if objection.status == Status.RECEIVED:
        return _("It is marked first; somebody else decides then.")
    if objection.status != Status.MARKED:
        return _("It has been closed: %(state)s.") % {"state": objection.get_status_display()}
    if by.pk == objection.marked_by_id:
        return _("You marked it; somebody else decides.")
    if by.pk == objection.raised_by_id:
        return _("You raised it; somebody else decides.")
    if by.pk in (objection.ranking.computed_by_id, objection.ranking.submitted_by_id):
        return _("You computed or submitted the ranking; somebody else decides.")
    return ""


@transaction.atomic
def dismiss(objection: RankingObjection, *, by: User, now: datetime, reason: str) -> None:
    """Decide that the ranking stands; whoever raised it reads the reason.

    Raises:
        PermissionDenied: ``by`` may not decide this one.
        MoveRefused, LostRace: as for every move; it was decided meanwhile.
        ValidationError: no reason.
    """
    objection = _locked(objection, by)
    _decide(objection, Status.DISMISSED, by=by, now=now, reason=demand_reason(reason))


@transaction.atomic
def uphold(
    objection: RankingObjection, wrong: Sequence[Correction], *, by: User, now: datetime, reason: str
) -> Ranking | None:
    """Decide that the ranking is wrong: the cases are put right, and the period is computed again; the draft that results.

    On notice the ranking goes back to draft under the same revision; a published one gets a new revision, which names the
    reason. ``None``: the corrected facts leave the ranking as it is (say, a time that was late and stays late).

    Raises:
        PermissionDenied: ``by`` may not decide this one.
        MoveRefused, LostRace: as for every move; it was decided meanwhile.
        ValidationError: no reason; a correction that is none; nothing is put right at all.
    """
    reason = demand_reason(reason)
    objection = _locked(objection, by)
    period = objection.ranking.period
    before = differences.stored(corrections.latest_revision(period))
    for case, changes in sorted(wrong, key=lambda one: one.case.pk):
        corrections.correct_case(case, changes, by=by, now=now, reason=reason, objection=objection)
    _decide(objection, Status.UPHELD, by=by, now=now, reason=reason)
    told = _("Objection %(number)s upheld: %(reason)s") % {"number": objection.number, "reason": reason}
    draft = corrections.recompute(period, by=by, now=now, reason=told)
    if draft is None and not wrong:
        raise ValidationError(_("An objection that is upheld puts something right: say which case, and what of it."))
    if draft is not None:
        objection.led_to = draft
        objection.effect = differences.between(before, differences.stored(draft)).summary()
        objection.save(update_fields=["led_to", "effect"])
        telling.recomputed(draft, objection)
    return draft


def _locked(objection: RankingObjection, by: User) -> RankingObjection:
    """The objection as it is now, held until the end of the transaction."""
    rows = RankingObjection.objects.select_for_update(of=("self",)).select_related("ranking", "raised_by")
    fresh: RankingObjection = rows.get(pk=objection.pk)
    if fresh.status in (*RankingObjection.DECIDED, Status.WITHDRAWN) and objection.status == Status.MARKED:
        raise LostRace
    if obstacle := obstacle_to_deciding(fresh, by):
        if fresh.status == Status.MARKED:
            raise PermissionDenied(obstacle)
        raise MoveRefused(obstacle)
    return fresh


def _decide(objection: RankingObjection, to: Status, *, by: User, now: datetime, reason: str) -> None:
    move(
        objection, to, moves=RankingObjection.MOVES, verb="objections.decide", by=by, reason=reason, decided_at=now,
        decided_by=by, decision_reason=reason,
    )  # fmt: skip
    telling.decided(objection)


@transaction.atomic
def reveal_phone(objection: RankingObjection, *, by: User, reason: str) -> str:
    """The resident's whole telephone number; who read it, when and why is recorded before it is given.

    Raises:
        PermissionDenied: ``by`` does not handle objections, or a party raised it.
        ValidationError: no reason.
    """
    if not by.has_perm(Permission.HANDLE_OBJECTIONS) or not objection.phone:
        raise PermissionDenied
    entry: AuditEntry = record("reveal", objection, by=by, reason=demand_reason(reason), pk=objection.pk)
    assert entry.pk
    return str(objection.phone)
