"""Cases: the scoped list, one case with its clocks, and a neighbourhood's appraisal for the page of the floor below."""

import hashlib
from datetime import datetime

from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from estates.models import Estate
from evaluations import actions, clocks, rules
from evaluations.filters import STAGES, CaseFilter
from evaluations.models import AppraisalCase, Ranking, RankingEntry
from portal.listing import ROWS
from portal.models import Region
from portal.roles import Permission
from portal.rules import HalfMonth

COUNTED_AT_MOST = 10_000
"""Counting a million rows exactly helps nobody: above this the list says "10,000+"."""
PERIODS = 24
_PLACES = ("estate__community", "estate__community__parent", "estate__community__parent__parent")


def with_parties(cases: QuerySet[AppraisalCase]) -> QuerySet[AppraisalCase]:
    """With who is responsible and where it is; without the boundaries, which no list shows."""
    return cases.select_related("enterprise", "agency", _PLACES[-1]).defer(
        *(f"{region}__boundary" for region in _PLACES)
    )


@require_safe
@permission_required(Permission.VIEW_CASES, raise_exception=True)
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases of this person's scope, newest first; the latest half month unless they ask for something else."""
    latest = latest_period()
    asked = request.GET.copy()
    if latest and not any(name in asked for name in ("period", "q", "estate", "stage")):
        asked["period"] = str(latest)
    found = CaseFilter(
        asked, queryset=AppraisalCase.objects.for_user(request.user, Permission.VIEW_CASES), request=request
    )
    rows = found.qs if not found.errors else found.qs.none()
    page = _slice(rows, request.GET)
    count = _count(rows, request.user, asked)
    now = timezone.now()
    for case in page["cases"]:
        case.clock = clocks.pressing(case, now)
    context = {
        "section": "cases",
        "asked": asked,
        "latest": latest,
        "count": min(count, COUNTED_AT_MOST),
        "is_more": count > COUNTED_AT_MOST,
        "problems": found.errors,
        "periods": [latest.shift(-back) for back in range(PERIODS)] if latest else [],
        "stages": STAGES,
        "places": _places(request.user),
        "estate": _estate(request.user, asked.get("estate", "")),
    }
    return render(request, "evaluations/cases/list.html", context | page)


def latest_period() -> HalfMonth | None:
    """The half month of the newest report in the city."""
    newest = AppraisalCase.objects.aggregate(newest=Max("reported_at"))["newest"]
    return HalfMonth.containing(newest) if newest else None


def _places(user) -> dict:
    """What the list can be narrowed to: districts for who sees several, else the streets of their district."""
    regions = Region.objects.for_user(user, Permission.VIEW_CASES).plain()
    districts = list(regions.districts())
    if len(districts) > 1:
        return {"name": "district", "title": _("District"), "all": _("All districts"), "options": districts}
    streets = list(regions.filter(level=Region.Level.STREET))
    return (
        {"name": "street", "title": _("Street"), "all": _("All streets"), "options": streets}
        if len(streets) > 1
        else {}
    )


def _estate(user, code: str) -> Estate | None:
    return Estate.objects.for_user(user, Permission.VIEW_CASES).filter(code=code).first() if code else None


def _slice(rows: QuerySet[AppraisalCase], parameters: QueryDict) -> dict:
    """One page by position ``(reported_at, id)``: page 4,000 costs what page 1 costs. ``before`` and ``after`` are positions."""
    before, after = _position(parameters.get("before")), _position(parameters.get("after"))
    if after:
        newer = rows.filter(reported_at__gte=after[0]).exclude(reported_at=after[0], pk__lte=after[1])
        cases = _fetched(newer.order_by("reported_at", "pk"))
        has_newer, has_older, cases = len(cases) > ROWS, True, cases[:ROWS][::-1]
    else:
        if before:
            rows = rows.filter(reported_at__lte=before[0]).exclude(reported_at=before[0], pk__gte=before[1])
        cases = _fetched(rows.order_by("-reported_at", "-pk"))
        has_newer, has_older, cases = before is not None, len(cases) > ROWS, cases[:ROWS]
    return {
        "cases": cases,
        "newer": _as_position(cases[0]) if cases and has_newer else "",
        "older": _as_position(cases[-1]) if cases and has_older else "",
    }


def _fetched(rows: QuerySet[AppraisalCase]) -> list[AppraisalCase]:
    """One page and one row more. The narrow statement inside says which: a wide one tempts the planner to join all."""
    wanted = AppraisalCase.objects.filter(pk__in=rows.values("pk")[: ROWS + 1])
    return list(with_parties(wanted).order_by(*rows.query.order_by))


def _count(rows: QuerySet[AppraisalCase], user, asked: QueryDict) -> int:
    """How many there are, counted up to one more than :data:`COUNTED_AT_MOST`; at most a minute old."""
    filters = sorted((name, asked.getlist(name)) for name in CaseFilter.base_filters if name in asked)
    key = f"cases {user.pk} {hashlib.sha256(repr(filters).encode()).hexdigest()}".replace(" ", "_")
    return cache.get_or_set(key, lambda: rows.order_by()[: COUNTED_AT_MOST + 1].count(), 60)


def _as_position(case: AppraisalCase) -> str:
    return f"{case.reported_at.isoformat()}_{case.pk}"


def _position(text: str | None) -> tuple[datetime, int] | None:
    """A position in the list; ``None`` for none, or for a text that is none: the first page then."""
    try:
        moment, _sign, number = (text or "").rpartition("_")
        at, pk = datetime.fromisoformat(moment), int(number)
    except ValueError:
        return None
    return (at, pk) if at.tzinfo and 0 < pk < 2**63 else None


@require_safe
def case_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: its stages and clocks, who is responsible, and what it counts in which ranking."""
    scope = AppraisalCase.objects.for_user(request.user, Permission.VIEW_CASES)
    case = get_object_or_404(with_parties(scope), pk=pk)
    now = timezone.now()
    policy = _policy(HalfMonth.containing(case.reported_at))
    related = scope.filter(estate=case.estate_id).exclude(pk=case.pk).order_by("-reported_at", "-pk")[:5]
    context = {
        "section": "cases",
        "case": case,
        "clocks": clocks.clocks(case, now),
        "pressing": clocks.pressing(case, now),
        "counting": clocks.counting(case, now, policy.window_periods) if policy else [],
        "level_weight": policy.level_weights[case.rating] if policy and case.rating else None,
        "is_ranked_kind": case.estate.kind != Estate.Kind.NON_RESIDENTIAL,
        "related": related,
    }
    return render(request, "evaluations/cases/detail.html", context)


def _policy(period: HalfMonth) -> rules.Policy | None:
    try:
        return actions.policy_in_force(period).rule
    except actions.RankingRefused:
        return None


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
    recent = (
        list(cases.select_related("enterprise", "agency").order_by("-reported_at", "-pk")[:10]) if may_see_cases else []
    )
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
