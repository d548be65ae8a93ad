"""The list of cases, in the scope of whoever looks, newest first."""

import hashlib
from datetime import datetime

from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casedesk.models import CaseFile
from estates.models import Estate
from evaluations import clocks
from evaluations.filters import STAGES, CaseFilter
from evaluations.models import AppraisalCase
from evaluations.views.cases import latest_period, with_parties
from portal.listing import ROWS
from portal.models import Region
from portal.roles import Permission

COUNTED_AT_MOST = 10_000
"""Counting a million rows exactly helps nobody: above this the list says "10,000+"."""
PERIODS = 24
ON_THE_DESK = (*CaseFile.OPEN, CaseFile.Status.HANDLED)
"""Statuses that the list can be narrowed to: those that few cases are in, and that an index knows."""


@require_safe
@permission_required(Permission.VIEW_CASES, raise_exception=True)
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases of this person's scope, newest first; the latest half month unless they ask for something else."""
    latest = latest_period()
    asked = request.GET.copy()
    if latest and not any(name in asked for name in ("period", "q", "estate", "stage", "desk")):
        asked["period"] = str(latest)
    found = CaseFilter(
        asked, queryset=AppraisalCase.objects.for_user(request.user, Permission.VIEW_CASES), request=request
    )
    rows = _on_the_desk(found.qs, asked.get("desk", "")) if not found.errors else found.qs.none()
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
        "statuses": [(status.value, status.label) for status in ON_THE_DESK],
        "places": _places(request.user),
        "estate": _estate(request.user, asked.get("estate", "")),
    }
    return render(request, "casedesk/case/list.html", context | page)


def _on_the_desk(rows: QuerySet[AppraisalCase], status: str) -> QuerySet[AppraisalCase]:
    """Those whose file stands in ``status``; all of them for a text that is none."""
    if status not in ON_THE_DESK:
        return rows
    return rows.filter(pk__in=CaseFile.objects.filter(status=status).values("pk"))


def _places(user) -> dict:
    """What the list can be narrowed to: districts for who sees several, else the streets of their district."""
    regions = Region.objects.for_user(user, Permission.VIEW_CASES).only("code", "name")
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
    """One page and one row more. First which, then what: in one statement the planner would join a million cases with
    everything that a line shows, because so many joins are more than it rearranges.
    """
    wanted = list(rows.values_list("pk", flat=True)[: ROWS + 1])
    known = with_parties(AppraisalCase.objects.all()).in_bulk(wanted)
    return [known[pk] for pk in wanted if pk in known]


def _count(rows: QuerySet[AppraisalCase], user, asked: QueryDict) -> int:
    """How many there are, counted up to one more than :data:`COUNTED_AT_MOST`; at most a minute old."""
    filters = sorted((name, asked.getlist(name)) for name in (*CaseFilter.base_filters, "desk") if name in asked)
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
