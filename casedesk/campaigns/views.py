"""The service march month by month: theme, partners, visits, what was found and what became of it."""

from datetime import date

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casedesk.campaigns import counting
from evaluations.models import ServiceCampaign
from portal.registers import register
from portal.roles import Permission

MOST = 100
"""Visits and issues shown on the page; the registers show all."""


@require_safe
@permission_required(Permission.VIEW_CASES, raise_exception=True)
def campaign(request: HttpRequest, month: str = "") -> HttpResponse:
    """One month, by its ``YYYY-MM``; without it the latest that has begun."""
    today = timezone.localdate()
    months = list(ServiceCampaign.objects.all())
    chosen = _chosen(months, month, today)
    found = counting.month(chosen, request.user, today) if chosen else None
    visits, issues = register("campaign-visits"), register("campaign-issues")
    context = {
        "section": "campaigns",
        "months": months,
        "found": found,
        "rows": [(issue, found.files.get(issue.case_id)) for issue in found.issues[:MOST]] if found else [],
        "most": f":{MOST}",
        "visits": visits,
        "issues": issues,
        "may_enter_visit": bool(visits and visits.may_enter(request.user)),
        "today": today,
    }
    return render(request, "casedesk/campaigns/campaign.html", context)


def _chosen(months: list[ServiceCampaign], text: str, today: date) -> ServiceCampaign | None:
    """The campaign that is asked for.

    Raises:
        Http404: there is none of that month.
    """
    if text:
        found = next((one for one in months if f"{one.month:%Y-%m}" == text), None)
        if found is None:
            raise Http404
        return found
    begun = [one for one in months if one.month <= today]
    return (begun or months or [None])[0]
