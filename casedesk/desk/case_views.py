"""One case with everything that is known of it and may be done with it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casedesk.actions import handling
from casedesk.desk import case as casepage
from casedesk.desk import deeds, forms
from casedesk.desk.deed_views import may_reveal
from casedesk.models import CaseFile, CasePhoto, JointHandler, ReplyTemplate
from casedesk.rating import panel
from casedesk.situation import IN_HAND, Situation
from estates.models import Estate
from evaluations import actions, clocks, rules
from evaluations.models import AppraisalCase
from evaluations.views.cases import with_parties
from portal.roles import Permission
from portal.rules import HalfMonth

ALIKE_SHOWN = 5


@require_safe
def case_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: its steps and clocks, who is responsible, what it counts in which ranking; and, where the portal carries it,
    the file with its timeline and what this person may do.
    """
    scope = AppraisalCase.objects.for_user(request.user, Permission.VIEW_CASES)
    case = get_object_or_404(with_parties(scope), pk=pk)
    now = timezone.now()
    file = CaseFile.objects.with_case().filter(pk=pk).first()
    situation = Situation(file, request.user) if file else None
    policy = _policy(HalfMonth.containing(case.reported_at))
    counting = clocks.counting(case, now, policy.window_periods) if policy else []
    alike = list(casepage.alike(case, with_parties(scope))[: ALIKE_SHOWN + 1])
    for other in alike:
        other.clock = clocks.pressing(other, now)
    context = {
        "section": "cases",
        "case": case,
        "file": file,
        "steps": casepage.steps(case, situation, casepage.first_sent(case) if file else None, counting),
        "clocks": casepage.explained_clocks(case, situation, now),
        "pressing": _pressing(case, file, now),
        "counting": counting,
        "level_weight": policy.level_weights[case.rating] if policy and case.rating else None,
        "is_ranked_kind": case.estate.kind != Estate.Kind.NON_RESIDENTIAL,
        "entry": casepage.standing_in_ranking(case, request.user),
        "alike": alike[:ALIKE_SHOWN],
        "more_alike": len(alike) > ALIKE_SHOWN,
    }
    if situation:
        context |= _of_the_file(situation, request, now)
    return render(request, "casedesk/case/detail.html", context)


def _of_the_file(situation: Situation, request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the page shows of a case that the portal carries."""
    file = situation.file
    offers = deeds.offers(situation, request.user, now)
    reply = next((offer for offer in offers if offer.deed.verb == "handle"), None)
    may_reply = reply is not None and not reply.refusal
    joint = (
        JointHandler.objects.filter(dispatch=situation.dispatch) if situation.dispatch else JointHandler.objects.none()
    )
    return {
        "lead": situation.lead,
        "joint": list(joint.select_related("enterprise", "agency", "street").defer("street__boundary")),
        "primary": situation.primary,
        "followers": list(file.duplicates.select_related("case")),
        "supervisions": situation.supervisions,
        "events": casepage.timeline(situation.case),
        "offers": [offer for offer in offers if offer.deed.verb != "handle"],
        "reply": forms.HandleForm(situation=situation, initial={"finished_at": now}) if may_reply else None,
        "reply_deed": deeds.DEEDS["handle"],
        "photos": CasePhoto.objects.filter(case=file.case, kind=CasePhoto.Kind.HANDLED, round=file.round)
        if may_reply
        else [],
        "templates": ReplyTemplate.objects.fitting(file.case.category) if may_reply else [],
        "is_late": file.status in IN_HAND and handling.is_late(file, now),
        "reporter_name": casepage.masked_name(file.reporter_name),
        "may_reveal": may_reveal(situation),
        "may_change_contact": request.user.has_perm(Permission.DECIDE_CASES, situation.case),
        "rating_lines": panel.lines(file, by=request.user, now=now),
    }


def _pressing(case: AppraisalCase, file: CaseFile | None, now: datetime) -> clocks.Clock | None:
    """The clock of the badge: a later round's own, else the case's."""
    if file and file.status == CaseFile.Status.REOPENED and file.round_due_at and file.round_opened_at:
        return clocks.clock("handling", file.round_opened_at, file.round_due_at, None, now)
    return clocks.pressing(case, now)


def _policy(period: HalfMonth) -> rules.Policy | None:
    try:
        return actions.policy_in_force(period).rule
    except actions.RankingRefused:
        return None
