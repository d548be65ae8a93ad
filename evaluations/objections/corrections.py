"""Cases put right after an objection: one recorded action, the documents it reaches, and the recount that follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from estates.models import Estate
from evaluations import actions, differences
from evaluations.models import AppraisalCase, CaseCorrection, Ranking, RankingObjection
from evaluations.objections import rules
from evaluations.rules import Counts
from evaluations.snapshots import policy_of
from portal.models import User
from portal.registers.actions import constraint_message
from portal.roles import Permission
from portal.rules import HalfMonth
from portal.workflow import LostRace, demand_reason, record

FACTS = (
    "estate", "accept_due_at", "accepted_at", "handle_due_at", "handled_at", "rating", "resolved", "rated_at",
    "rating_withdrawn", "excluded",
)  # fmt: skip
"""What of a case counts in a ranking, and so may be put right after an objection."""


class Correction(NamedTuple):
    """A case and the facts that it should have had: field → value."""

    case: AppraisalCase
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Ripple:
    """Another document that had counted the case as it was: what it is called and where it stands."""

    title: str
    state: str
    url: str

    def as_json(self) -> dict[str, str]:
        return {"title": self.title, "state": self.state, "url": self.url}


def facts_of(case: AppraisalCase) -> rules.CaseFacts:
    """The facts of a case as the rules read them."""
    values = {name: getattr(case, name) for name in FACTS}
    return rules.CaseFacts(**values | {"estate": case.estate.code})


@transaction.atomic
def correct_case(
    case: AppraisalCase,
    changes: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
    reason: str,
    objection: RankingObjection | None = None,
) -> CaseCorrection:
    """Put right the facts of ``case`` that count (:data:`FACTS`; ``estate`` as a row), and name whatever had counted it.

    Raises:
        PermissionDenied: ``by`` does not decide on objections.
        ValidationError: no reason; a fact that does not count; nothing differs; the facts contradict each other.
    """
    if not by.has_perm(Permission.HANDLE_OBJECTIONS):
        raise PermissionDenied
    demand_reason(reason)
    if changes.keys() - set(FACTS):
        raise ValidationError(_("Only the facts that count in a ranking are put right here."))
    case = AppraisalCase.objects.select_for_update(of=("self",)).select_related("estate").get(pk=case.pk)
    before = facts_of(case)
    changed = {
        name: [_plain(getattr(case, name)), _plain(value)]
        for name, value in changes.items()
        if getattr(case, name) != value
    }
    if not changed:
        raise ValidationError(_("Case %(case)s is already so; nothing would be put right.") % {"case": case.case_no})
    for name in changed:
        setattr(case, name, changes[name])
    _save(case)
    ripple = rippled(before, facts_of(case), besides=objection.ranking if objection else None)
    correction = CaseCorrection.objects.create(
        case=case,
        objection=objection,
        changed=changed,
        reason=reason,
        by=by,
        at=now,
        ripple=[one.as_json() for one in ripple],
    )
    record(
        "cases.correct", case, by=by, reason=reason, pk=case.pk, changed=changed,
        objection=str(objection or ""), ripple=[one.title for one in ripple],
    )  # fmt: skip
    return correction


def _save(case: AppraisalCase) -> None:
    try:
        with transaction.atomic():
            case.full_clean(exclude=["enterprise", "agency", "street"], validate_unique=False)
            case.save()
    except IntegrityError as error:
        raise ValidationError(constraint_message(AppraisalCase, error)) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Estate):
        return value.code
    return value.isoformat() if isinstance(value, datetime) else value


# --- what else had counted it --------------------------------------------------------------------------------------------


def rippled(before: rules.CaseFacts, after: rules.CaseFacts, *, besides: Ranking | None) -> list[Ripple]:
    """Rankings whose counts the correction would change, and documents of other apps that say so of themselves
    (``AppConfig.documents_counting(before, after)``).
    """
    rankings = Ranking.objects.exclude(status=Ranking.Status.SUPERSEDED)
    if besides is not None:
        rankings = rankings.exclude(period=besides.period)
    found = [_as_ripple(ranking) for ranking in rankings if _counts_differ(ranking, before, after)]
    for config in apps.get_app_configs():
        found += getattr(config, "documents_counting", lambda before, after: [])(before, after)
    return found


def _counts_differ(ranking: Ranking, before: rules.CaseFacts, after: rules.CaseFacts) -> bool:
    moments = before.moments + after.moments
    if not any(ranking.window_start <= moment < ranking.window_end for moment in moments):
        return False
    weights = policy_of(ranking).level_weights

    def counted(case: rules.CaseFacts) -> tuple[str, Counts]:
        return case.estate, rules.counted(case, ranking.window_start, ranking.window_end, weights)

    return bool(counted(before) != counted(after))


def _as_ripple(ranking: Ranking) -> Ripple:
    url = f"/rankings-desk/{ranking.period}/{ranking.revision}/"
    return Ripple(str(ranking), ranking.status, url)


# --- the recount ---------------------------------------------------------------------------------------------------------


class _Undo(Exception):
    pass


def recount(
    objection: RankingObjection, corrections: Iterable[Correction], *, by: User, now: datetime
) -> differences.Differences:
    """What the ranking would be with these corrections, against what it is; nothing stays written.

    Raises:
        PermissionDenied, ValidationError: as for :func:`correct_case`.
    """
    found = None
    try:
        with transaction.atomic():
            for case, changes in corrections:
                correct_case(case, changes, by=by, now=now, reason="recount", objection=objection)
            latest = latest_revision(objection.ranking.period)
            outcome = actions.outcome_now(latest.half_month, latest.policy)
            found = differences.between(
                differences.stored(latest), differences.computed(outcome.counted, outcome.placed)
            )
            raise _Undo
    except _Undo:
        assert found is not None
        return found


def latest_revision(period: str) -> Ranking:
    """The newest revision of a period, whatever its state."""
    ranking: Ranking = Ranking.objects.filter(period=period).select_related("policy").latest("revision")
    return ranking


def recompute(period: str, *, by: User, now: datetime, reason: str) -> Ranking | None:
    """Compute a period again after its cases were put right, under the policy that it has; the draft, or ``None`` where the
    cases give what is there.

    What is under review or on notice goes back to draft; what was published gets a new revision. ``by`` becomes its author.

    Raises:
        PermissionDenied: ``by`` may not compute or send back.
    """
    actions.lock_period(HalfMonth.parse(period))
    latest = latest_revision(period)
    if (
        latest.status == Ranking.Status.WITHDRAWN
        or actions.outcome_now(latest.half_month, latest.policy).digest == latest.digest
    ):
        return None
    if latest.status in (Ranking.Status.IN_REVIEW, Ranking.Status.NOTICE):
        actions.send_back(latest, by=by, reason=reason)
    if latest.status == Ranking.Status.DRAFT and latest.reason:
        reason = f"{latest.reason}\n{reason}"
    computed = actions.compute_ranking(
        latest.half_month, now=now, by=by, reason=reason, document=latest.policy.document
    )
    if not computed.is_new:
        raise LostRace
    return computed.ranking
