"""The rankings desk: all rankings, one ranking under review, and the deeds that move it on."""

import io
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluations import actions, desk, exports, rules, snapshots, summaries
from evaluations.forms import DeedForm
from evaluations.models import Ranking
from portal.models import JobRun
from portal.roles import Permission
from portal.rules import HalfMonth
from portal.workflow import LostRace, MoveRefused

ROWS = 100
PEOPLE = ("computed_by", "submitted_by", "reviewed_by", "signed_by")


def for_viewers(request: HttpRequest) -> None:
    """To whoever may not see rankings before publication, the desk does not exist."""
    if not request.user.has_perm(Permission.VIEW_RANKINGS):
        raise Http404


def _ranking(period: str, revision: int) -> Ranking:
    return get_object_or_404(
        Ranking.objects.select_related(*PEOPLE, "previous", "policy"), period=period, revision=revision
    )


@require_safe
def ranking_list(request: HttpRequest) -> HttpResponse:
    """All rankings of all states, open ones first; missed periods; the latest runs of the job."""
    for_viewers(request)
    rankings = Ranking.objects.select_related(*PEOPLE).latest_first()
    page = Paginator(rankings.exclude(status__in=Ranking.OPEN), 24).get_page(request.GET.get("page"))
    context = {
        "section": "rankings-desk",
        "open": rankings.open(),
        "page": page,
        "missed": actions.missed_periods(timezone.now()),
        "may_compute": request.user.has_perm(Permission.COMPUTE_RANKINGS),
        "job_runs": JobRun.objects.filter(job="rankings.compute").order_by("-started_at")[:8],
    }
    return render(request, "evaluations/review/list.html", context)


@require_POST
def ranking_compute(request: HttpRequest) -> HttpResponse:
    """Compute one period into a draft."""
    if not request.user.has_perm(Permission.COMPUTE_RANKINGS):
        raise PermissionDenied
    text = request.POST.get("period", "")
    try:
        computed = actions.compute_ranking(HalfMonth.parse(text), now=timezone.now(), by=request.user)
    except ValueError:
        messages.error(request, _("“%(text)s” is not a half month such as 2021-10-H2.") % {"text": text[:40]})
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if computed.is_new:
            messages.success(request, _("Computed: %(count)d ranked.") % {"count": computed.ranking.eligible})
        else:
            messages.info(request, _("The cases still give this ranking; nothing was changed."))
        return redirect("ranking-review", computed.ranking.period, computed.ranking.revision)
    return redirect("ranking-list")


@require_safe
def ranking_review(request: HttpRequest, period: str, revision: int) -> HttpResponse:
    """One ranking: steps, lists with their scores taken apart, comparison, checks, and who may do what next."""
    for_viewers(request)
    ranking, now = _ranking(period, revision), timezone.now()
    checks = desk.checks_of(ranking, by=request.user, now=now)
    previous = ranking.previous or actions.previous_published(ranking)
    corrected = desk.corrected_revision(ranking) if ranking.revision > 1 else None
    context = {
        "section": "rankings-desk",
        "ranking": ranking,
        "parts": summaries.worked_out(ranking.counts, snapshots.policy_of(ranking)),
        "steps": desk.steps(ranking),
        "checks": checks,
        "checks_held": sum(check.holds for check in checks),
        "offers": desk.offers(ranking, by=request.user, checks=checks),
        "audit": desk.audit_trail(ranking),
        "previous": previous,
        "corrected": corrected,
        "figures": summaries.distribution(ranking),
        "previous_figures": summaries.distribution(previous) if previous else None,
        "comparison": summaries.comparison(ranking),
        "newcomers": desk.newcomers(ranking) if ranking.previous_id else None,
        "revisions": Ranking.objects.filter(period=ranking.period).exclude(pk=ranking.pk).order_by("-revision"),
    }
    return render(request, "evaluations/review/review.html", context | _tab(request, ranking, corrected))


def _tab(request: HttpRequest, ranking: Ranking, corrected: Ranking | None) -> dict:
    """What the chosen tab shows; an unknown one is the first."""
    tab = request.GET.get("tab", "lists")
    page = request.GET.get("page")
    listed = ranking.entries.listed()
    if tab == "changes" and corrected is not None:
        return {"tab": tab, "page": Paginator(desk.changes(ranking, corrected), ROWS).get_page(page)}
    if tab in ("ranked", "unranked"):
        rows = listed.filter(eligible=tab == "ranked")
        district = request.GET.get("district", "")
        if district:
            rows = rows.filter(district_code=district)
        shown = Paginator(rows, ROWS).get_page(page)
        shown.object_list = desk.decorated(list(shown.object_list), ranking)
        return {"tab": tab, "page": shown, "district": district, "districts": _districts(ranking)}
    rows = desk.decorated(list(listed.exclude(list=rules.NO_LIST)), ranking)
    top = [row for row in rows if row.list == rules.TOP]
    bottom = sorted(
        (row for row in rows if row.list == rules.BOTTOM), key=lambda row: (row.from_bottom, row.estate_code)
    )
    return {"tab": "lists", "top": top, "bottom": bottom}


def _districts(ranking: Ranking) -> list[tuple[str, str]]:
    return list(ranking.entries.values_list("district_code", "district_name").distinct().order_by("district_code"))


@require_http_methods(["GET", "HEAD", "POST"])
def ranking_deed(request: HttpRequest, period: str, revision: int, verb: str) -> HttpResponse:
    """Ask before it is done (GET), and do it (POST): one deed, one action."""
    deed = desk.DEEDS.get(verb)
    if deed is None:
        raise Http404
    if request.method == "POST" and not request.user.has_perm(deed.permission):
        raise PermissionDenied
    for_viewers(request)
    ranking, now = _ranking(period, revision), timezone.now()
    if request.method != "POST":
        return _ask(request, deed, ranking, DeedForm(deed=deed, initial={"seen": _seen(ranking)}), now)
    form = DeedForm(request.POST, deed=deed)
    if not form.is_valid():
        return _ask(request, deed, ranking, form, now, status=422)
    if form.cleaned_data["seen"] != _seen(ranking):
        messages.error(
            request, _("This ranking has changed since you opened it. Nothing was done; look at it as it is now.")
        )
        return redirect("ranking-review", period, revision)
    return _do(request, deed, ranking, form.cleaned_data.get("reason", ""), now)


def _seen(ranking: Ranking) -> str:
    """What a decision is about: the state and the content that the person had before them."""
    return f"{ranking.status}:{ranking.digest}"


def _ask(request, deed: desk.Deed, ranking: Ranking, form: DeedForm, now: datetime, status: int = 200) -> HttpResponse:
    checks = desk.checks_of(ranking, by=request.user, now=now) if deed.is_next_step else []
    context = {
        "section": "rankings-desk",
        "ranking": ranking,
        "deed": deed,
        "form": form,
        "refusal": desk.refusal(deed, ranking, by=request.user, checks=checks),
    }
    return render(request, "evaluations/review/deed.html", context, status=status)


def _do(request: HttpRequest, deed: desk.Deed, ranking: Ranking, reason: str, now: datetime) -> HttpResponse:
    try:
        ranking = deed.run(ranking, request.user, now, reason)
    except LostRace:
        messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(deed.done))
    return redirect("ranking-review", ranking.period, ranking.revision)


@require_safe
def ranking_export(request: HttpRequest, period: str, revision: int, form: str) -> HttpResponse:
    """The ranking as a file, drafts included."""
    for_viewers(request)
    ranking = _ranking(period, revision)
    if form == "csv":
        text = io.StringIO()
        exports.write_csv(ranking, text)
        response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    elif form == "xlsx":
        file = io.BytesIO()
        exports.write_xlsx(ranking, file)
        response = HttpResponse(
            file.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    else:
        raise Http404
    state = "" if ranking.status in Ranking.PUBLISHED_ONCE else f"-{ranking.status}"
    response["Content-Disposition"] = f'attachment; filename="ranking-{period}-r{revision}{state}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response
