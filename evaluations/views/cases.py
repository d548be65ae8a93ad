"""A neighbourhood's appraisal for the page of the floor below, and what every list of cases has in common."""

from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from estates.models import Estate
from evaluations import clocks
from evaluations.models import AppraisalCase, Ranking, RankingEntry
from portal.roles import Permission
from portal.rules import HalfMonth

_PLACES = ("estate__community", "estate__community__parent", "estate__community__parent__parent")


def with_parties(cases: QuerySet[AppraisalCase]) -> QuerySet[AppraisalCase]:
    """With who is responsible and where it is; without the boundaries, which no list shows."""
    return cases.select_related("enterprise", "agency", "street", _PLACES[-1]).defer(
        "street__boundary", *(f"{region}__boundary" for region in _PLACES)
    )


def latest_period() -> HalfMonth | None:
    """The half month of the newest report in the city."""
    newest = AppraisalCase.objects.aggregate(newest=Max("reported_at"))["newest"]
    return HalfMonth.containing(newest) if newest else None


@require_safe
def estate_appraisal(request: HttpRequest, code: str) -> HttpResponse:
    """A neighbourhood's published rankings and its latest cases: a part of its page, and a page of its own."""
    estate = get_object_or_404(Estate.objects.for_user(request.user, Permission.VIEW_ESTATES), code=code)
    history = list(
        RankingEntry.objects.filter(estate_code=code, ranking__status=Ranking.Status.PUBLISHED)
        .select_related("ranking")
        .order_by("-ranking__period")[:24]
    )
    may_see_cases = request.user.has_perm(Permission.VIEW_CASES)
    cases = AppraisalCase.objects.for_user(request.user, Permission.VIEW_CASES).filter(estate=estate)
    now = timezone.now()
    recent = list(with_parties(cases).order_by("-reported_at", "-pk")[:10]) if may_see_cases else []
    for case in recent:
        case.clock = clocks.pressing(case, now)
    context = {
        "section": "estates",
        "estate": estate,
        "history": history,
        "may_see_cases": may_see_cases,
        "cases": recent,
    }
    template = "_appraisal.html" if request.headers.get("X-Fragment") else "appraisal.html"
    return render(request, f"evaluations/cases/{template}", context)
