"""The resident's pages, open to everybody: choose the neighbourhood, say what happened, see that it was taken.

No cookie is set and no session is opened; what would protect a session (a CSRF token) has nothing to protect here.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from casedesk import limits, photos
from casedesk.actions.intake import Reporter, Sender, TooMany, file_report
from casedesk.networks import is_within, network_hash
from casedesk.qr.scans import count_scan
from casedesk.reporting import links, places, wording
from casedesk.reporting.forms import ReportForm
from casedesk.reporting.standing import Standing
from estates.models import Estate
from portal.middleware import public
from portal.rules import CHINA

MAX_BODY = photos.MOST * photos.MAX_BYTES + 2**20
"""Bytes of a whole report; a larger one is not read."""
SEARCHES_PER_MINUTE = 120


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form for ``?n=CODE``; without it the search for a neighbourhood. POST takes the report in."""
    code = request.GET.get("n", "")
    estate = places.estate_of(code)
    if estate is None:
        return _search(request, unknown=code)
    items = [item for item in limits.items_in_force(timezone.now().astimezone(CHINA).date()) if item.is_public]
    if request.method != "POST":
        return _form(request, estate, ReportForm(items=items, initial={"via": request.GET.get("via", "")}))
    if _length(request) > MAX_BODY:
        return _form(request, estate, ReportForm(items=items), too_large=True, status=413)
    form = ReportForm(request.POST, request.FILES, items=items)
    if not form.is_valid():
        return _form(request, estate, form, status=422)
    return _take(request, estate, form)


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() else 0


def _take(request: HttpRequest, estate: Estate, form: ReportForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        filed = file_report(
            estate=estate,
            category=given["category"] or wording.guess(given["text"], form.items),
            text=given["text"],
            reporter=Reporter(phone=given["phone"]),
            sender=Sender(given["form"], given["via"], network_hash(request)),
            photographs=given["photos"],
            now=timezone.now(),
        )
    except TooMany as refused:
        form.add_error(None, str(refused))
        return _form(request, estate, form, status=429)
    return redirect("report-done", links.view_of(filed.file))


def _form(
    request: HttpRequest, estate: Estate, form: ReportForm, *, too_large: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "section": "report",
        "estate": estate,
        "form": form,
        "token": _token(form),
        "kinds": [(item.category, wording.name_of(item)) for item in form.items],
        "other": wording.OTHER,
        "too_large": too_large,
        "most_photos": photos.MOST,
        "accepted": photos.ACCEPTED,
        "photos_lost": form.is_bound and bool(request.FILES),
        "via": form.data.get("via", "") if form.is_bound else form.initial.get("via", ""),
    }
    return render(request, "casedesk/report/form.html", context, status=status)


def _token(form: ReportForm) -> str:
    """The form keeps its token through errors, so that it is taken once; one that cannot be used gets another."""
    given = form.data.get("form", "") if form.is_bound else ""
    if given and links.form_state(given) in ("", "quick"):
        return given
    return links.new_form(shown_before=links.QUICKEST if form.is_bound else timedelta(0))


# --- which neighbourhood --------------------------------------------------------------------------------------------------


def _search(request: HttpRequest, unknown: str = "") -> HttpResponse:
    text = request.GET.get("q", "")[:100]
    context = {"section": "report", "unknown": unknown, **_found(request, text)}
    return render(request, "casedesk/report/search.html", context, status=404 if unknown else 200)


def _found(request: HttpRequest, text: str) -> dict:
    found = places.find(text) if is_within(f"search:{network_hash(request)}", SEARCHES_PER_MINUTE, 60) else []
    return {"text": text.replace("\x00", ""), "found": found[: places.SHOWN], "has_more": len(found) > places.SHOWN}


@public
@never_cache
@require_safe
def found_places(request: HttpRequest) -> HttpResponse:
    """The list of neighbourhoods for ``?q=``: what the search page shows while somebody types."""
    return render(request, "casedesk/report/_found.html", _found(request, request.GET.get("q", "")[:100]))


@public
@never_cache
@require_safe
def by_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The short address behind a QR code: counted per day, then the form of that neighbourhood."""
    estate = places.estate_of(code)
    if estate is None:
        return _search(request, unknown=code)
    if request.method == "GET":
        count_scan(estate, timezone.now())
    response = redirect("report")
    response["Location"] += f"?n={estate.code}&via=qr"
    return response


# --- taken ----------------------------------------------------------------------------------------------------------------


@public
@never_cache
@require_safe
def done(request: HttpRequest, view: str) -> HttpResponse:
    """The receipt: number, tracking code, who answers until when. For two hours; to be noted or printed."""
    file = links.file_of(view)
    if file is None:
        return redirect("report-status")
    context = {"section": "report", "standing": Standing(file, timezone.now()), "view": view}
    return render(request, "casedesk/report/done.html", context)
