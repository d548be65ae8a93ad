"""Posters with the QR code of a neighbourhood, and which codes fell silent. For those who take cases in."""

from dataclasses import dataclass

import segno
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from casedesk.qr.scans import Scans, scans_of
from estates.models import Estate
from portal.models import Region
from portal.roles import Permission

MOST_POSTERS = 200
"""Posters of one page: a larger street is printed community by community."""
ROWS = 50


@dataclass(frozen=True)
class Poster:
    """A neighbourhood with its short address and the code that leads there."""

    estate: Estate
    address: str
    svg: SafeString


def _poster(request: HttpRequest, estate: Estate) -> Poster:
    address = request.build_absolute_uri(reverse("report-qr", args=[estate.code]))
    # Level Q: a quarter of the code may be torn or dirty. The address stands beneath in words.
    svg = segno.make(address, error="q", micro=False).svg_inline(scale=1, omitsize=True, border=4)
    return Poster(estate, address.removeprefix("https://").removeprefix("http://").rstrip("/"), mark_safe(svg))


def _scope(request: HttpRequest):
    if not request.user.has_perm(Permission.ENTER_CASES):
        raise PermissionDenied
    rows = Estate.objects.for_user(request.user, Permission.ENTER_CASES)
    return rows.select_related("community__parent").defer("community__boundary", "community__parent__boundary")


@require_safe
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """The poster of one neighbourhood, and how often it was scanned."""
    if "\x00" in code:
        raise Http404
    estate = get_object_or_404(_scope(request), code=code)
    scans = scans_of([estate], timezone.now()).get(estate.pk, Scans())
    context = {"section": "qr", "posters": [_poster(request, estate)], "place": estate, "scans": scans}
    return render(request, "casedesk/qr/posters.html", context)


@require_safe
def posters(request: HttpRequest, code: str) -> HttpResponse:
    """The posters of a street or a community, one to a page of A4."""
    levels = (Region.Level.STREET, Region.Level.COMMUNITY)
    place = get_object_or_404(Region.objects.plain(), code=code, level__in=levels)
    rows = _scope(request).filter(community__path__startswith=place.path).order_by("community__code", "pinyin", "code")
    total = rows.count()
    if not total:
        raise Http404
    communities = Region.objects.plain().filter(parent=place, level=Region.Level.COMMUNITY).order_by("code")
    context = {
        "section": "qr",
        "place": place,
        "posters": [_poster(request, estate) for estate in rows[:MOST_POSTERS]],
        "left_out": max(0, total - MOST_POSTERS),
        "communities": communities if total > MOST_POSTERS else [],
    }
    return render(request, "casedesk/qr/posters.html", context)


@require_safe
def streets(request: HttpRequest) -> HttpResponse:
    """Streets in scope with the scans of their codes; those neighbourhoods first whose code fell silent."""
    scope = _scope(request).order_by("community__parent__code", "pinyin", "code")
    now = timezone.now()
    scans = scans_of(scope.order_by().values("pk"), now)
    silent = [pk for pk, one in scans.items() if one.fell_silent]
    fallen = [(estate, scans[estate.pk]) for estate in scope.filter(pk__in=silent[:500])]
    found = Region.objects.plain().filter(pk__in=scope.order_by().values("community__parent")).select_related("parent")
    page = Paginator(found.order_by("path"), ROWS).get_page(request.GET.get("page"))
    of_street = dict.fromkeys([street.pk for street in page], (0, 0))
    for pk, street in scope.filter(pk__in=list(scans)).order_by().values_list("pk", "community__parent"):
        if street in of_street:
            lately, before = of_street[street]
            of_street[street] = (lately + scans[pk].lately, before + scans[pk].before)
    context = {
        "section": "qr",
        "silent": fallen,
        "page": page,
        "lines": [(street, *of_street[street.pk]) for street in page],
    }
    return render(request, "casedesk/qr/streets.html", context)
