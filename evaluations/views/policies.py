"""Ranking policies: the records and proposals, one with what it changes and its trial run, and the deeds of two persons."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluations import rules
from evaluations.models import Ranking, RankingPolicy
from evaluations.models.policies import RULE_FIELDS
from evaluations.objections.forms import ReasonForm, add_errors
from evaluations.policies import actions, trial
from evaluations.policies.forms import LEVEL_LABELS, LEVELS, PolicyForm
from portal.models import AuditEntry, JobRun
from portal.roles import Permission
from portal.rules import CHINA, HalfMonth
from portal.workflow import LostRace, MoveRefused

FIRST = (
    "window_periods", "weight_acceptance", "weight_handling", "weight_satisfaction", "level_weights", "gate_acceptance",
    "gate_handling", "gate_ratings", "list_size", "notice_days", "objection_days", "decide_days",
)  # fmt: skip
"""What a proposal begins with: the fields of the record in force."""


def _for_viewers(request: HttpRequest) -> None:
    if not request.user.has_perm(Permission.VIEW_RANKINGS):
        raise Http404


def _policy(pk: int) -> RankingPolicy:
    return get_object_or_404(RankingPolicy.objects.select_related("proposed_by", "decided_by"), pk=pk)


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """Proposals first, then the records in the order in which they are in force."""
    _for_viewers(request)
    every = RankingPolicy.objects.select_related("proposed_by", "decided_by")
    today = timezone.now().astimezone(CHINA).date()
    approved = every.approved()
    context = {
        "section": "ranking-policies",
        "proposals": every.filter(status="proposed"),
        "approved": approved,
        "in_force": approved.filter(effective_from__lte=today).first(),
        "closed": every.filter(status__in=("rejected", "withdrawn")),
        "may_propose": request.user.has_perm(Permission.PROPOSE_POLICIES),
    }
    return render(request, "evaluations/policies/list.html", context)


@require_safe
def policy_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One policy: what it changes field by field, its trial run, and who may do what with it."""
    _for_viewers(request)
    return _page(request, _policy(pk))


def _page(request: HttpRequest, policy: RankingPolicy, status: int = 200, **more) -> HttpResponse:
    user, now = request.user, timezone.now()
    before = actions.predecessor(policy)
    is_open = policy.status == "proposed"
    running = JobRun.objects.filter(job="policies.try", subject=str(policy.pk)).first() if is_open else None
    context = {
        "section": "ranking-policies",
        "policy": policy,
        "before": before,
        "lines": compared(before, policy),
        "trial": policy.trial_run,
        "is_tried": actions.is_tried(policy),
        "trial_periods": trial.last_periods(),
        "running": running if running and running.status != "done" else None,
        "is_open": is_open,
        "is_own": policy.proposed_by_id == user.pk,
        "may_try": is_open
        and (user.has_perm(Permission.PROPOSE_POLICIES) or user.has_perm(Permission.APPROVE_POLICIES)),
        "obstacle": actions.obstacle_to_approving(policy, by=user, now=now) if is_open else "",
        "may_decide": is_open and user.has_perm(Permission.APPROVE_POLICIES),
        "rankings": Ranking.objects.filter(policy=policy).count(),
        "audit": _audit_trail(policy),
        "form": ReasonForm(),
        "seen": _seen(policy),
    } | more
    return render(request, "evaluations/policies/policy.html", context, status=status)


DEEDS = {
    "policies.propose": gettext_lazy("proposed it"),
    "policies.revise": gettext_lazy("changed the proposal"),
    "policies.try": gettext_lazy("tried it on the last rankings"),
    "policies.approve": gettext_lazy("approved it"),
    "policies.reject": gettext_lazy("rejected it"),
    "policies.withdraw": gettext_lazy("withdrew the proposal"),
}


def _audit_trail(policy: RankingPolicy) -> list[AuditEntry]:
    """What was done with a policy, newest first; each with its deed in words."""
    entries = AuditEntry.objects.filter(subject_type="rankingpolicy", subject=str(policy)).select_related("by")
    found = list(entries[:20])
    for entry in found:
        entry.deed = DEEDS.get(entry.verb, entry.verb)
    return found


def compared(before: RankingPolicy | None, after: RankingPolicy) -> list[dict]:
    """The fields of both records in words, each with whether it differs."""
    lines = []
    for name in RULE_FIELDS:
        if name == "level_weights":
            lines += [
                _line(str(LEVEL_LABELS[level]), before and _level(before, level), _level(after, level))
                for level in LEVELS
            ]
            continue
        title = str(RankingPolicy._meta.get_field(name).verbose_name)
        lines.append(_line(title, before and _text(before, name), _text(after, name)))
    return lines


def _line(title: str, old: str | None, new: str) -> dict:
    return {"title": title, "old": old, "new": new, "differs": old is not None and old != new}


def _text(policy: RankingPolicy, name: str) -> str:
    value = getattr(policy, name)
    return f"{value.normalize():f}" if name.startswith("weight_") else str(value)


def _level(policy: RankingPolicy, level: int) -> str:
    return f"{policy.rule.level_weights[level].normalize():f}"


# --- proposing -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def policy_new(request: HttpRequest) -> HttpResponse:
    """Propose a policy, beginning with the one in force."""
    _proposer(request)
    model = RankingPolicy.objects.approved().first()
    now = timezone.now()
    instance = RankingPolicy(**{name: getattr(model, name) for name in FIRST} if model else {})
    instance.effective_from = HalfMonth.containing(now).shift(1).start.date()
    form = PolicyForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        try:
            policy = actions.propose(form.values, by=request.user, now=now)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Proposed. Try it on the last rankings; somebody else approves it."))
            return redirect("policy", policy.pk)
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own proposal."""
    _proposer(request)
    policy = _policy(pk)
    if policy.status != "proposed" or policy.proposed_by_id != request.user.pk:
        raise PermissionDenied
    form = PolicyForm(request.POST or None, instance=policy)
    if request.method == "POST" and form.is_valid():
        try:
            actions.revise(policy, form.values, by=request.user, now=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        except LostRace:
            messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
            return redirect("policy", pk)
        else:
            messages.success(request, _("The proposal was changed; its trial run is void."))
            return redirect("policy", pk)
    return _form(request, form, policy)


def _proposer(request: HttpRequest) -> None:
    _for_viewers(request)
    if not request.user.has_perm(Permission.PROPOSE_POLICIES):
        raise PermissionDenied


def _form(request: HttpRequest, form: PolicyForm, policy: RankingPolicy | None) -> HttpResponse:
    context = {"section": "ranking-policies", "form": form, "policy": policy}
    return render(request, "evaluations/policies/form.html", context, status=422 if form.errors else 200)


# --- deeds ---------------------------------------------------------------------------------------------------------------


@require_POST
def policy_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a proposal on the last ranked periods."""
    _for_viewers(request)
    policy = _policy(pk)
    try:
        done = actions.start_trial(policy, by=request.user, now=timezone.now())
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("Tried; the outcome is below.") if done else _("A worker tries it; the outcome appears here.")
        )
    return redirect("policy", pk)


@require_POST
def policy_deed(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Approve, reject or withdraw a proposal, as it was seen."""
    _for_viewers(request)
    policy, by = _policy(pk), request.user
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:1000]
    deeds = {
        "approve": (lambda: actions.approve(policy, by=by, now=timezone.now(), reason=reason), _("Approved. It can never be changed any more.")),
        "reject": (lambda: actions.reject(policy, by=by, reason=reason), _("Rejected.")),
        "withdraw": (lambda: actions.withdraw(policy, by=by, reason=reason), _("The proposal was withdrawn.")),
    }  # fmt: skip
    if verb not in deeds:
        raise Http404
    if request.POST.get("seen") != _seen(policy):
        messages.error(
            request, _("The proposal has changed since you opened it. Nothing was done; look at it as it is now.")
        )
        return redirect("policy", pk)
    run, done = deeds[verb]
    try:
        run()
    except ValidationError as error:
        return _page(request, policy, status=422, errors=error.messages)
    except LostRace:
        messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("policy", pk)


def _seen(policy: RankingPolicy) -> str:
    """What a decision is about: the state and the rule that the person had before them."""
    return f"{policy.status}:{rules.digest(policy.as_manifest())[:16]}"
