"""Why a neighbourhood stands where it stands: for everybody, and for officials before publication. Page and PDF."""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evaluations.models import Ranking
from evaluations.publication import publication_version
from evaluations.views.public import FOR_EVERYBODY, MAX_AGE, Periods, no_ranking
from evaluations.views.review import for_viewers
from evaluations.why.documents import pdf
from evaluations.why.reading import Why, links, why
from evaluations.why.wording import sections, title
from portal.documents.fonts import GlyphsMissing
from portal.documents.pdf import CONTENT_TYPE
from portal.documents.published import published_document
from portal.middleware import public

Status = Ranking.Status


# --- for everybody -----------------------------------------------------------------------------------------------------


@public
@require_safe
@FOR_EVERYBODY
def of_everybody(request: HttpRequest, code: str) -> HttpResponse:
    """One neighbourhood in one ranking that is open to everybody; without ``?period=`` in the latest published."""
    periods = Periods.load()
    ranking = _ranking_of_everybody(request, periods)
    if ranking is None:
        return no_ranking(request, request.GET.get("period", ""), periods)
    found = _why(ranking, code)
    return render(request, "evaluations/why/public.html", _context(found) | {"section": "ranking"})


@public
@require_safe
@published_document(publication_version, max_age=MAX_AGE, by_language=True)
def pdf_of_everybody(request: HttpRequest, code: str) -> HttpResponse:
    """The same as a file."""
    ranking = _ranking_of_everybody(request, Periods.load())
    if ranking is None:
        raise Http404
    return _as_file(_why(ranking, code))


def _ranking_of_everybody(request: HttpRequest, periods: Periods) -> Ranking | None:
    period = request.GET.get("period", "")
    ranking = periods.find(period, request.GET.get("revision", "")) if period else periods.latest()
    return None if ranking is None or ranking.status == Status.WITHDRAWN else ranking


# --- for officials -----------------------------------------------------------------------------------------------------


@require_safe
def of_officials(request: HttpRequest, period: str, revision: int, code: str) -> HttpResponse:
    """One neighbourhood in a ranking of any state, for those who may see rankings before publication."""
    found = _why(_ranking_of_officials(request, period, revision), code)
    return render(request, "evaluations/why/official.html", _context(found) | {"section": "rankings-desk"})


@require_safe
def pdf_of_officials(request: HttpRequest, period: str, revision: int, code: str) -> HttpResponse:
    response = _as_file(_why(_ranking_of_officials(request, period, revision), code))
    response["Cache-Control"] = "private, no-store"
    return response


def _ranking_of_officials(request: HttpRequest, period: str, revision: int) -> Ranking:
    for_viewers(request)
    return get_object_or_404(Ranking.objects.select_related("previous"), period=period, revision=revision)


# --- both --------------------------------------------------------------------------------------------------------------


def _why(ranking: Ranking, code: str) -> Why:
    found = None if "\x00" in code else why(ranking, code)
    if found is None:
        raise Http404
    return found


def _context(found: Why) -> dict:
    return {
        "why": found,
        "entry": found.entry,
        "ranking": found.ranking,
        "heading": title(found),
        "sections": sections(found),
        "links": links(found),
    }


def _as_file(found: Why) -> HttpResponse:
    try:
        content = pdf(found)
    except GlyphsMissing as lacking:
        return HttpResponse(str(lacking), status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    name = f"why-{found.entry.estate_code}-{found.ranking.period}.pdf"
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    return response
