"""The life of a ranking policy: proposed, tried, approved by another person, or not. Atomic and audited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from evaluations.models import Ranking, RankingPolicy
from evaluations.models.policies import RULE_FIELDS
from evaluations.policies import trial
from portal.jobs import enqueue
from portal.models import User
from portal.registers.actions import constraint_message
from portal.roles import Permission
from portal.rules import CHINA, HalfMonth
from portal.workflow import LostRace, MoveRefused, demand_reason, move, record

Status = RankingPolicy.Status

LARGE = 100_000
"""Cases in the windows of a trial run above which a worker does it: below, it takes less than two seconds."""


def predecessor(policy: RankingPolicy) -> RankingPolicy | None:
    """The approved record that ``policy`` would replace: the one in force before its first day."""
    earlier = RankingPolicy.objects.approved().filter(effective_from__lt=policy.effective_from)
    found: RankingPolicy | None = earlier.exclude(pk=policy.pk).order_by("-effective_from").first()
    return found


@transaction.atomic
def propose(values: Mapping[str, Any], *, by: User, now: datetime) -> RankingPolicy:
    """Propose a policy with the fields of :data:`RULE_FIELDS` and ``grounds``.

    Raises:
        PermissionDenied: ``by`` may not propose.
        ValidationError: a field, by its name.
    """
    _demand(by, Permission.PROPOSE_POLICIES)
    policy = RankingPolicy(proposed_by=by, proposed_at=now, status_changed_at=now)
    _put(policy, values, now)
    record("policies.propose", policy, by=by, reason=policy.grounds, pk=policy.pk, rule=policy.as_manifest())
    return policy


@transaction.atomic
def revise(policy: RankingPolicy, values: Mapping[str, Any], *, by: User, now: datetime) -> RankingPolicy:
    """Change a proposal; only its proposer does. Its trial run is void.

    Raises:
        PermissionDenied: somebody else proposed it.
        LostRace: it was decided meanwhile.
        ValidationError: a field, by its name.
    """
    _demand(by, Permission.PROPOSE_POLICIES)
    policy = RankingPolicy.objects.select_for_update().get(pk=policy.pk)
    if policy.status != Status.PROPOSED:
        raise LostRace
    if policy.proposed_by_id != by.pk:
        raise PermissionDenied
    policy.trial_run = None
    _put(policy, values, now)
    record("policies.revise", policy, by=by, reason=policy.grounds, pk=policy.pk, rule=policy.as_manifest())
    return policy


def _put(policy: RankingPolicy, values: Mapping[str, Any], now: datetime) -> None:
    unknown = values.keys() - {*RULE_FIELDS, "grounds"}
    assert not unknown, unknown
    for name, value in values.items():
        setattr(policy, name, value)
    demand_reason(policy.grounds, "grounds")
    if obstacle := obstacle_to_beginning(policy, now):
        raise ValidationError({"effective_from": [obstacle]})
    policy.full_clean()
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError as error:
        raise ValidationError(constraint_message(RankingPolicy, error)) from error


def obstacle_to_beginning(policy: RankingPolicy, now: datetime) -> str:
    """Why a policy cannot be in force from its day, decided ``now``; empty where it can. Never retroactive."""
    day = policy.effective_from
    if day.day not in (1, 16):
        return _("A policy begins on the 1st or the 16th of a month.")
    if day < now.astimezone(CHINA).date():
        return _("This day has passed; a policy is never retroactive.")
    period = HalfMonth(day.year, day.month, 1 if day.day == 1 else 2)
    if Ranking.objects.filter(period__gte=str(period)).exists():
        return _("A ranking of %(period)s or later has been computed; a policy is never retroactive.") % {
            "period": period
        }
    same = RankingPolicy.objects.approved().filter(effective_from=day).exclude(pk=policy.pk).first()
    return _("“%(document)s” is in force from the same day.") % {"document": same} if same else ""


# --- trial ---------------------------------------------------------------------------------------------------------------


def is_tried(policy: RankingPolicy) -> bool:
    """Whether the trial run on record is one of this very rule against the policy that it replaces."""
    before = predecessor(policy)
    run = policy.trial_run or {}
    return run.get("rule") == policy.as_manifest() and run.get("against") == (before.document if before else None)


def start_trial(policy: RankingPolicy, *, by: User, now: datetime) -> bool:
    """Try a proposal on the last ranked periods: here and now while that is quick, else by a worker; whether it is done.

    Raises:
        PermissionDenied: ``by`` may neither propose nor approve.
        MoveRefused: it was decided, there is nothing to compare with, or no worker can be reached.
    """
    if not (by.has_perm(Permission.PROPOSE_POLICIES) or by.has_perm(Permission.APPROVE_POLICIES)):
        raise PermissionDenied
    if policy.status != Status.PROPOSED:
        raise MoveRefused(_("It was decided; only a proposal is tried."))
    if predecessor(policy) is None:
        raise MoveRefused(_("There is no policy in force to compare it with."))
    record("policies.try", policy, by=by, pk=policy.pk)
    if _cases_in_question() <= LARGE:
        run_trial(policy, now=now)
        return True
    try:
        enqueue("evaluations.tasks.try_policy", policy.pk)
    except OperationalError as error:
        raise MoveRefused(_("No worker can be reached; try again later.")) from error
    return False


def run_trial(policy: RankingPolicy, *, now: datetime) -> None:
    """Compute the trial run and keep it with the proposal, if that is still the same one."""
    before = predecessor(policy)
    if before is None:
        return
    found = trial.run(policy, against=before, now=now)
    with transaction.atomic():
        fresh = RankingPolicy.objects.select_for_update().get(pk=policy.pk)
        if fresh.status == Status.PROPOSED and fresh.as_manifest() == found["rule"]:
            fresh.trial_run = found
            fresh.save(update_fields=["trial_run"])
    policy.trial_run = found


def _cases_in_question() -> int:
    """How many acceptances the last ranked periods counted: what a trial run has to read again."""
    periods = [str(period) for period in trial.last_periods()]
    newest: dict[str, int] = dict(
        Ranking.objects.filter(period__in=periods).order_by("revision").values_list("period", "accept_due")
    )
    return sum(newest.values())


# --- decision ------------------------------------------------------------------------------------------------------------


def obstacle_to_approving(policy: RankingPolicy, *, by: User, now: datetime) -> str:
    """Why ``by`` cannot approve this policy now, or an empty text."""
    if not by.has_perm(Permission.APPROVE_POLICIES):
        return _("You do not hold the right “%(right)s”.") % {"right": Permission.APPROVE_POLICIES.label}
    if policy.status != Status.PROPOSED:
        return _("It was decided: %(state)s.") % {"state": policy.get_status_display()}
    if policy.proposed_by_id == by.pk:
        return _("You proposed it; somebody else approves.")
    if obstacle := obstacle_to_beginning(policy, now):
        return obstacle
    if trial.last_periods() and predecessor(policy) and not is_tried(policy):
        return _("It is tried on the last rankings first.")
    return ""


@transaction.atomic
def approve(policy: RankingPolicy, *, by: User, now: datetime, reason: str = "") -> None:
    """Approve a proposal; from its first day on rankings apply it, and it can never be changed.

    Raises:
        PermissionDenied: ``by`` may not approve, or proposed it.
        MoveRefused: its day has passed, a ranking was computed since, it was not tried, or another begins that day.
        LostRace: it was decided or changed meanwhile.
    """
    _demand(by, Permission.APPROVE_POLICIES)
    fresh = _undecided(policy)
    if fresh.proposed_by_id == by.pk:
        raise PermissionDenied
    if obstacle := obstacle_to_approving(fresh, by=by, now=now):
        raise MoveRefused(obstacle)
    try:
        with transaction.atomic():
            move(
                policy, Status.APPROVED, moves=RankingPolicy.MOVES, verb="policies.approve", by=by, reason=reason,
                decided_by=by, approved_at=now, decision_reason=reason,
            )  # fmt: skip
    except IntegrityError as error:
        raise MoveRefused(constraint_message(RankingPolicy, error)) from error


@transaction.atomic
def reject(policy: RankingPolicy, *, by: User, reason: str) -> None:
    """Do not approve a proposal; its proposer reads why.

    Raises:
        PermissionDenied: ``by`` may not approve, or proposed it.
        ValidationError: no reason.
        LostRace: it was decided or changed meanwhile.
    """
    _demand(by, Permission.APPROVE_POLICIES)
    reason = demand_reason(reason)
    if _undecided(policy).proposed_by_id == by.pk:
        raise PermissionDenied
    move(
        policy, Status.REJECTED, moves=RankingPolicy.MOVES, verb="policies.reject", by=by, reason=reason, decided_by=by,
        decision_reason=reason,
    )  # fmt: skip


@transaction.atomic
def withdraw(policy: RankingPolicy, *, by: User, reason: str = "") -> None:
    """Its proposer takes a proposal back.

    Raises:
        PermissionDenied: somebody else proposed it.
        LostRace: it was decided meanwhile.
    """
    _demand(by, Permission.PROPOSE_POLICIES)
    if _undecided(policy).proposed_by_id != by.pk:
        raise PermissionDenied
    move(policy, Status.WITHDRAWN, moves=RankingPolicy.MOVES, verb="policies.withdraw", by=by, reason=reason)


def _undecided(policy: RankingPolicy) -> RankingPolicy:
    """The proposal as it is now, held until the end of the transaction, if it is the one that the caller saw."""
    fresh: RankingPolicy = RankingPolicy.objects.select_for_update().get(pk=policy.pk)
    same = fresh.as_manifest() == policy.as_manifest() and fresh.grounds == policy.grounds
    if fresh.status != Status.PROPOSED or policy.status != Status.PROPOSED or not same:
        raise LostRace
    return fresh


def _demand(person: User, permission: Permission) -> None:
    if not person.has_perm(permission):
        raise PermissionDenied
