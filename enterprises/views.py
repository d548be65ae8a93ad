"""Pages of enterprises: the register and one enterprise."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from enterprises.filters import EnterpriseFilter
from enterprises.models import Enterprise
from portal.listing import ROWS, Column, Cube, chips, sorting
from portal.roles import Permission

COLUMNS = (
    Column("name", gettext_lazy("Enterprise"), ("pinyin", "uscc")),
    Column("uscc", gettext_lazy("Unified social credit code"), ("uscc",)),
    Column("origin", gettext_lazy("Origin"), ("origin", "pinyin", "uscc")),
    Column("benefit", gettext_lazy("Public-benefit"), ("-is_public_benefit", "pinyin", "uscc")),
)


@require_safe
@permission_required(Permission.VIEW_ENTERPRISES, raise_exception=True)
def enterprise_list(request: HttpRequest) -> HttpResponse:
    """The enterprises that this person may see: searched, filtered, sorted, counted."""
    scope = Enterprise.objects.for_user(request.user, Permission.VIEW_ENTERPRISES)
    found = EnterpriseFilter(request.GET, queryset=scope, request=request)
    headings, order = sorting(COLUMNS, request.GET.get("sort", ""))
    searched = EnterpriseFilter({"q": request.GET.get("q", "")}, queryset=scope, request=request).qs
    cells = searched.order_by().values("origin", "is_public_benefit").annotate(rows=Count("pk"))
    cube = Cube(
        ("origin", "is_public_benefit"),
        [(cell["origin"], str(cell["is_public_benefit"]).lower(), cell["rows"]) for cell in cells],
        request.GET,
    )
    paginator = Paginator(found.qs.order_by(*order), ROWS)
    paginator.count = cube.total  # the facets have counted already
    facets = [
        cube.facet("origin", _("Origin"), Enterprise.Origin.choices),
        cube.facet("is_public_benefit", _("Public-benefit"), [("true", _("Public-benefit")), ("false", _("Others"))]),
    ]
    facets = [facet for facet in facets if len(facet.options) > 1 or facet.chosen]
    context = {
        "section": "enterprises",
        "page": paginator.get_page(request.GET.get("page")),
        "headings": headings,
        "facets": facets,
        "chips": chips(request.GET, facets),
        "text": request.GET.get("q", ""),
        "problems": found.errors,
    }
    return render(request, "enterprises/list.html", context)


@require_safe
def enterprise_detail(request: HttpRequest, uscc: str) -> HttpResponse:
    """One enterprise. What it serves in this person's scope comes from the floor above, by URL."""
    scope = Enterprise.objects.for_user(request.user, Permission.VIEW_ENTERPRISES)
    enterprise = get_object_or_404(scope, uscc=uscc)
    return render(request, "enterprises/detail.html", {"section": "enterprises", "enterprise": enterprise})
