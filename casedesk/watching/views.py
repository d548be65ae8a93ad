"""The page of whoever watches for gaming, the lists behind its numbers, and the page that everybody reads."""

from datetime import datetime

from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casedesk.models import CaseEvent, OutcomeRating
from casedesk.watching import counting, rules
from enterprises.models import Enterprise
from evaluations.models import AppraisalCase
from portal.api import csv_text
from portal.listing import ROWS
from portal.middleware import public
from portal.models import Agency, Region
from portal.roles import Permission
from portal.rules import HalfMonth

PERIODS = 12
"""Half months to choose from."""
FRESH = 600
"""Seconds for which published rates are kept: they are as of a moment in the last ten minutes."""
CLUSTERS = 20
UNITS = 50
"""Units on a page, the largest first."""


def periods(now: datetime, *, ended: bool = False) -> list[HalfMonth]:
    """The half months to choose from, newest first: up to the present one or the last report, whichever is earlier."""
    newest = AppraisalCase.objects.aggregate(newest=Max("reported_at"))["newest"]
    last = HalfMonth.containing(min(newest, now) if newest else now)
    if ended and last.end > now:
        last = last.shift(-1)
    return [last.shift(-back) for back in range(PERIODS)]


def _chosen(request: HttpRequest, choices: list[HalfMonth]) -> HalfMonth:
    """What ``?period=`` asks for.

    Raises:
        Http404: it is no half month, or one after those that can be chosen.
    """
    text = request.GET.get("period", "")
    if not text:
        return choices[0]
    try:
        period = HalfMonth.parse(text)
    except ValueError as error:
        raise Http404 from error
    if period > choices[0] or period.year < 2000:
        raise Http404
    return period


# --- in office --------------------------------------------------------------------------------------------------------------


@require_safe
@permission_required(Permission.WATCH_CASES, raise_exception=True)
def watch(request: HttpRequest) -> HttpResponse:
    """Units by half month with what they have had excluded, extended, withdrawn; closures by day; devices; cross-rating."""
    choices = periods(timezone.now())
    period = _chosen(request, choices)
    units = counting.by_unit(period, request.user)
    days = counting.closures_by_day(period, request.user)
    clusters = counting.clusters(period)
    context = {
        "section": "watch",
        "period": period,
        "periods": sorted({*choices, period}, reverse=True),
        "page": Paginator(units, UNITS).get_page(request.GET.get("page")),
        "total": counting.whole(units),
        "shares": counting.SHARES,
        "days": days,
        "busiest": max((count for _day, count in days), default=0),
        "cut_from": period.last_day - 1,
        "spike": rules.spike(days, period),
        "has_ended": period.end <= timezone.now(),
        "clusters": clusters[:CLUSTERS],
        "more_clusters": max(len(clusters) - CLUSTERS, 0),
        "crossings": counting.crossings(period, request.user),
        "now": timezone.now(),
    }
    return render(request, "casedesk/watching/watch.html", context)


@require_safe
@permission_required(Permission.WATCH_CASES, raise_exception=True)
def units_csv(request: HttpRequest) -> HttpResponse:
    """The units of a half month with all counts, as CSV."""
    period = _chosen(request, periods(timezone.now()))
    rows = [
        {"unit": row.key, "name": row.name, **{key: row.counts.get(key, 0) for key in counting.MEASURES}}
        for row in counting.by_unit(period, request.user)
    ]
    text = csv_text(["unit", "name", *counting.MEASURES], rows)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="watch-{period}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@permission_required(Permission.WATCH_CASES, raise_exception=True)
def watched_cases(request: HttpRequest) -> HttpResponse:
    """The rows behind a number: a measure, of a unit where one is named, of a device where one is."""
    period = _chosen(request, periods(timezone.now()))
    measure = counting.MEASURES.get(request.GET.get("what", ""))
    if measure is None:
        raise Http404
    rows = counting.rows_of(measure.key, period, request.user)
    unit = request.GET.get("unit", "")
    if unit:
        rows = counting.of_unit(rows, unit)
        if rows is None:
            raise Http404
    if device := request.GET.get("device", ""):
        if rows.model is not OutcomeRating:
            raise Http404
        rows = rows.filter(device_hash__startswith=device[:64])
    page = Paginator(_listed(rows), ROWS).get_page(request.GET.get("page"))
    context = {
        "section": "watch",
        "period": period,
        "measure": measure,
        "unit_name": _unit_name(unit),
        "unit": unit,
        "device": device[:8],
        "kind": _KINDS[rows.model],
        "page": page,
    }
    return render(request, "casedesk/watching/cases.html", context)


_KINDS = {AppraisalCase: "case", OutcomeRating: "rating", CaseEvent: "event"}


def _listed(rows: QuerySet) -> QuerySet:
    if rows.model is AppraisalCase:
        return rows.select_related("estate", "enterprise", "agency", "street").order_by("-reported_at", "-pk")
    parties = ("case__estate", "case__enterprise", "case__agency", "case__street")
    return rows.select_related(*parties).order_by("-at", "-pk")


def _unit_name(unit: str) -> str:
    if not unit:
        return ""
    kind, _sign, pk = unit.partition(":")
    models: dict[str, type[Enterprise | Agency | Region]] = counting.UNIT
    found = models[kind].objects.filter(pk=pk).first() if kind in models else None
    return str(found) if found else _("Nobody yet")


# --- for everybody ------------------------------------------------------------------------------------------------------------


def published(period: HalfMonth) -> dict:
    """The public rates of an ended half month, at most ten minutes old, with the moment of counting."""

    def count() -> dict:
        return counting.published(period) | {"as_of": timezone.now()}

    return cache.get_or_set(f"casedesk.integrity.{period}", count, FRESH)


@public
@require_safe
def integrity(request: HttpRequest) -> HttpResponse:
    """How much is excluded, extended, withdrawn, held and rejected: of the city, its districts and its larger units."""
    choices = periods(timezone.now(), ended=True)
    period = _chosen(request, choices)
    found = published(period)
    context = {
        "section": "integrity",
        "period": period,
        "periods": sorted({*choices, period}, reverse=True),
        "found": found,
        "tables": [("districts", _("Districts"), found["districts"]), ("units", _("Units"), found["units"])],
        "shares": [counting.MEASURES[key] for key in counting.PUBLIC],
        "least": counting.LEAST,
    }
    response = render(request, "casedesk/watching/integrity.html", context)
    response["Cache-Control"] = f"public, max-age={FRESH // 10}"
    return response
