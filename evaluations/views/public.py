"""The public pages of rankings: open to everybody, the same for everybody, served as ready documents.

A page shows what is stored; the only states it knows are those of :data:`evaluations.publication.ON_THE_PAGE`. Everything
else does not exist here (404).
"""

import io
from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import DecimalField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, NullIf
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from estates.models import Estate
from evaluations import exports, rules, summaries
from evaluations.models import Ranking, RankingEntry
from evaluations.publication import ON_THE_PAGE, publication_version
from evaluations.snapshots import policy_of
from evaluations.why.wording import window_sentence
from portal.documents.published import published_document
from portal.filters import LONGEST, search_by_name
from portal.middleware import public
from portal.rules import HalfMonth

Status = Ranking.Status
PAGE_SIZE = 50
MAX_AGE = 0
"""A page may be kept, and is asked for anew each time (a 304 costs nothing): whoever publishes sees it published."""
PERIODS_BESIDE = 3
"""How many periods the switcher shows on each side of the one on the page."""
FOR_EVERYBODY = published_document(publication_version, max_age=MAX_AGE, by_language=True)

_PREFERRED = (Status.PUBLISHED, Status.NOTICE, Status.WITHDRAWN, Status.SUPERSEDED)
"""Which revision the address of a period means."""


@dataclass(frozen=True)
class Periods:
    """What is open to everybody: for each period its revisions, newest first; periods in order of time."""

    revisions: dict[str, list[Ranking]]

    @classmethod
    def load(cls) -> "Periods":
        """One query."""
        revisions: dict[str, list[Ranking]] = {}
        for ranking in Ranking.objects.filter(status__in=ON_THE_PAGE).order_by("period", "-revision"):
            revisions.setdefault(ranking.period, []).append(ranking)
        return cls(revisions)

    def valid(self, period: str) -> Ranking:
        """The revision that the period's address means."""
        return min(self.revisions[period], key=lambda ranking: _PREFERRED.index(Status(ranking.status)))

    def find(self, period: str, revision: str) -> Ranking | None:
        if period not in self.revisions:
            return None
        if not revision:
            return self.valid(period)
        return next((ranking for ranking in self.revisions[period] if str(ranking.revision) == revision), None)

    def by_pk(self, pk: int | None) -> Ranking | None:
        return next((ranking for their in self.revisions.values() for ranking in their if ranking.pk == pk), None)

    def latest(self) -> Ranking | None:
        """The newest published one."""
        published = (self.valid(period) for period in reversed(self.revisions))
        return next((ranking for ranking in published if ranking.status == Status.PUBLISHED), None)

    def around(self, period: str) -> dict:
        """What the period switcher shows."""
        every = [self.valid(known) for known in self.revisions]
        here = list(self.revisions).index(period)
        first = max(0, min(here - PERIODS_BESIDE, len(every) - 2 * PERIODS_BESIDE - 1))
        return {
            "previous": every[here - 1] if here else None,
            "next": every[here + 1] if here + 1 < len(every) else None,
            "near": every[first : first + 2 * PERIODS_BESIDE + 1],
            "all": every[::-1],
        }


def _frame_of(ranking: Ranking, periods: Periods) -> dict:
    """What every page about one ranking says at its top."""
    half_month, policy = ranking.half_month, policy_of(ranking)
    newer = [other for other in periods.revisions[ranking.period] if other.revision > ranking.revision]
    return {
        "section": "ranking",
        "ranking": ranking,
        "policy": policy,
        "sentence": window_sentence(ranking, policy),
        "switcher": periods.around(ranking.period),
        "window": [half_month.shift(count) for count in range(1 - policy.window_periods, 1)],
        "window_last_moment": ranking.window_end - timedelta(microseconds=1),
        "which": "" if periods.valid(ranking.period) == ranking else f"?revision={ranking.revision}",
        "replaced_by": min(
            (other for other in newer if other.status != Status.NOTICE), key=lambda other: other.revision, default=None
        ),
        "correction_on_notice": next((other for other in newer if other.status == Status.NOTICE), None),
        "revisions": periods.revisions[ranking.period],
        "compared_with": periods.by_pk(ranking.previous_id),
        "everybody": ranking.eligible + ranking.not_ranked,
        "has_files": ranking.status in (Status.PUBLISHED, Status.SUPERSEDED),
    }


def no_ranking(request: HttpRequest, period: str, periods: Periods) -> HttpResponse:
    """404 that offers the latest ranking; the same for a period of no form and one that nobody may see yet."""
    try:
        half_month = HalfMonth.parse(period)
    except ValueError:
        half_month = None
    context = {"section": "ranking", "half_month": half_month, "latest": periods.latest()}
    return render(request, "evaluations/public/no_ranking.html", context, status=404)


# --- the ranking -------------------------------------------------------------------------------------------------------


@public
@require_safe
@FOR_EVERYBODY
def latest(request: HttpRequest) -> HttpResponse:
    """The latest published ranking. ``?period=`` goes to another: the switcher's way without JavaScript."""
    wanted = request.GET.get("period", "")
    periods = Periods.load()
    if wanted in periods.revisions:
        return redirect("public-ranking-period", wanted)
    ranking = periods.latest()
    if ranking is None:
        on_notice = [periods.valid(period) for period in reversed(periods.revisions)]
        return render(request, "evaluations/public/nothing_yet.html", {"section": "ranking", "open": on_notice})
    return _ranking_page(request, ranking, periods)


@public
@require_safe
@FOR_EVERYBODY
def of_period(request: HttpRequest, period: str) -> HttpResponse:
    """One period's ranking; ``?revision=`` opens another revision of it."""
    periods = Periods.load()
    ranking = periods.find(period, request.GET.get("revision", ""))
    if ranking is None:
        return no_ranking(request, period, periods)
    return _ranking_page(request, ranking, periods)


def _ranking_page(request: HttpRequest, ranking: Ranking, periods: Periods) -> HttpResponse:
    context = _frame_of(ranking, periods)
    if ranking.status != Status.WITHDRAWN:
        context |= _contents(ranking, context["policy"])
    return render(request, "evaluations/public/ranking.html", context)


def _contents(ranking: Ranking, policy: rules.Policy) -> dict:
    """Lists, districts, distribution and the worked example: three queries."""
    listed = list(ranking.entries.exclude(list=rules.NO_LIST).order_by("rank", "estate_code"))
    top = [entry for entry in listed if entry.list == rules.TOP]
    bottom = [entry for entry in reversed(listed) if entry.list == rules.BOTTOM]
    example = next((entry for entry in top if entry.score < 100), top[0] if top else None)
    if example is None and ranking.eligible:
        example = ranking.entries.listed().first()
    return {
        "top": top,
        "bottom": bottom,
        "length": min(policy.list_size, ranking.eligible // 2),
        "districts": summaries.district_table(ranking),
        "distribution": summaries.distribution(ranking),
        "levels": [(LEVELS[level], policy.level_weights[level]) for level in (5, 4, 3, 2, 1)],
        "city_parts": summaries.worked_out(ranking.counts, policy),
        "city_score": summaries.score_of(ranking.counts, policy),
        "example": example,
        "example_parts": summaries.worked_out(example.counts, policy) if example else [],
    }


LEVELS = {
    5: _("very satisfied"),
    4: _("satisfied"),
    3: _("fairly satisfied"),
    2: _("dissatisfied"),
    1: _("very dissatisfied"),
}


# --- all entries -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column that can be sorted: its name in the address and which way the first click goes."""

    name: str
    title: object
    first: str
    css: str = "num"


COLUMNS = (
    Column("rank", _("Rank"), "rank", "rk"),
    Column("acceptance", _("Acceptance rate"), "-acceptance"),
    Column("handling", _("Handling rate"), "-handling"),
    Column("satisfaction", _("Satisfaction rate"), "-satisfaction"),
    Column("cases", pgettext_lazy("number", "Cases"), "-cases"),
)


def _rate(numerator: str, denominator: str):
    return Cast(F(numerator), DecimalField(max_digits=18, decimal_places=4)) / NullIf(F(denominator), Value(0))


SORTS = {
    "rank": F("rank"),
    "acceptance": _rate("accept_on_time", "accept_due"),
    "handling": _rate("handle_on_time", "handle_due"),
    "satisfaction": _rate("satisfied_weight", "ratings"),
    "cases": F("accept_due"),
}


def _sorted(rows: QuerySet, sort: str) -> tuple[QuerySet, str]:
    """Rows in the order that ``sort`` names (``-`` before it: descending), else by rank; and the name that holds."""
    if sort.removeprefix("-") not in SORTS:
        sort = "rank"
    by = SORTS[sort.removeprefix("-")]
    order = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    return rows.order_by(order, F("rank").asc(nulls_last=True), "estate_code"), sort


def _filtered(request: HttpRequest, rows: QuerySet) -> tuple[QuerySet, dict]:
    """Rows of the district and the name that the visitor asks for, and what the form shows of it."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    district = request.GET.get("district", "").replace("\x00", "")[:20]
    if text:
        known = search_by_name(Estate.objects.all(), text, "code")
        rows = rows.filter(Q(estate_name__icontains=text) | Q(estate_code__in=known.values("code")))
    if district:
        rows = rows.filter(district_code=district)
    if street := request.GET.get("street", "").replace("\x00", "")[:20]:  # linked from the officials' home
        rows = rows.filter(street_code=street)
    return rows, {"text": text, "district": district}


def _listing(request: HttpRequest, period: str, *, eligible: bool) -> tuple[Ranking, dict] | HttpResponse:
    periods = Periods.load()
    ranking = periods.find(period, request.GET.get("revision", ""))
    if ranking is None or ranking.status == Status.WITHDRAWN:
        return no_ranking(request, period, periods)
    everybody = ranking.entries.filter(eligible=eligible)
    rows, shown = _filtered(request, everybody)
    rows, sort = _sorted(rows, request.GET.get("sort", ""))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    districts = everybody.order_by("district_code").values_list("district_code", "district_name").distinct()
    return ranking, {
        **_frame_of(ranking, periods),
        **shown,
        "sort": sort,
        "columns": COLUMNS,
        "page": page,
        "page_numbers": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "district_choices": list(districts),
    }


@public
@require_safe
@FOR_EVERYBODY
def entries(request: HttpRequest, period: str) -> HttpResponse:
    """Everybody who is ranked: filter by district and name, sort, page by page."""
    listing = _listing(request, period, eligible=True)
    if isinstance(listing, HttpResponse):
        return listing
    return render(request, "evaluations/public/entries.html", listing[1])


@public
@require_safe
@FOR_EVERYBODY
def not_ranked(request: HttpRequest, period: str) -> HttpResponse:
    """Who has too few cases to be ranked: their counts, and what is missing."""
    listing = _listing(request, period, eligible=False)
    if isinstance(listing, HttpResponse):
        return listing
    _ranking, context = listing
    context["lines"] = [(entry, summaries.missing(entry.counts, context["policy"])) for entry in context["page"]]
    return render(request, "evaluations/public/not_ranked.html", context)


# --- one neighbourhood ---------------------------------------------------------------------------------------------------


@public
@require_safe
@FOR_EVERYBODY
def neighbourhood(request: HttpRequest, code: str) -> HttpResponse:
    """One neighbourhood over the published rankings (and one on notice), and why it stands where it stands in one of them.

    ``?period=`` (and ``?revision=``) choose the one that is worked out; without it, the latest published.
    """
    if "\x00" in code:
        raise Http404
    history = list(
        RankingEntry.objects.filter(estate_code=code, ranking__status__in=(Status.PUBLISHED, Status.NOTICE))
        .select_related("ranking")
        .order_by("-ranking__period", "-ranking__revision")
    )
    if not history:
        raise Http404
    entry = _chosen(request, history)
    if entry is None:
        raise Http404
    policy = policy_of(entry.ranking)
    same_score = entry.ranking.entries.filter(score=entry.score) if entry.eligible else RankingEntry.objects.none()
    in_district = entry.ranking.entries.filter(eligible=True, district_code=entry.district_code)
    context = {
        "section": "ranking",
        "entry": entry,
        "ranking": entry.ranking,
        "history": history,
        "scored": [past for past in reversed(history) if past.eligible and past.ranking.status == Status.PUBLISHED],
        "policy": policy,
        "parts": summaries.worked_out(entry.counts, policy),
        "missing": summaries.missing(entry.counts, policy),
        "window_last_moment": entry.ranking.window_end - timedelta(microseconds=1),
        "higher": entry.rank - 1 if entry.rank else 0,
        "sharing": same_score.count() - 1 if entry.eligible else 0,
        "ranked_in_district": in_district.count(),
    }
    return render(request, "evaluations/public/neighbourhood.html", context)


def _chosen(request: HttpRequest, history: list[RankingEntry]) -> RankingEntry | None:
    period, revision = request.GET.get("period", ""), request.GET.get("revision", "")
    if revision:
        return next((e for e in history if e.ranking.period == period and str(e.ranking.revision) == revision), None)
    if period:
        history = [entry for entry in history if entry.ranking.period == period]
    published = (entry for entry in history if entry.ranking.status == Status.PUBLISHED)
    return next(published, history[0] if history else None)


# --- files -------------------------------------------------------------------------------------------------------------


def _ranking_of_file(request: HttpRequest, period: str) -> Ranking:
    ranking = Periods.load().find(period, request.GET.get("revision", ""))
    if ranking is None or ranking.status not in (Status.PUBLISHED, Status.SUPERSEDED):
        raise Http404
    return ranking


def _as_file(content: bytes, content_type: str, ranking: Ranking, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = f"ranking-{ranking.period}-r{ranking.revision}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public
@require_safe
@published_document(publication_version, max_age=MAX_AGE)
def csv_file(request: HttpRequest, period: str) -> HttpResponse:
    """All entries as CSV, UTF-8 without a BOM: for programs. Who wants to open it in a spreadsheet takes the workbook."""
    ranking = _ranking_of_file(request, period)
    text = io.StringIO()
    exports.write_csv(ranking, text)
    return _as_file(text.getvalue().encode(), "text/csv; charset=utf-8", ranking, "csv")


@public
@require_safe
@FOR_EVERYBODY
def xlsx_file(request: HttpRequest, period: str) -> HttpResponse:
    """All entries as a workbook, with a sheet that says what they are."""
    ranking = _ranking_of_file(request, period)
    file = io.BytesIO()
    exports.write_xlsx(ranking, file)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _as_file(file.getvalue(), kind, ranking, "xlsx")
