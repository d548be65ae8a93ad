"""Pages of neighbourhoods: the register, one neighbourhood, and what an enterprise serves."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Func,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from enterprises.models import Enterprise
from estates.filters import EstateFilter
from estates.models import Estate, ServiceAssignment
from portal.listing import ROWS, Column, Cube, Facet, chips, sorting
from portal.models import Region
from portal.roles import Permission
from portal.templatetags.portal import place

COLUMNS = (
    Column("name", gettext_lazy("Neighbourhood"), ("pinyin", "code")),
    Column("kind", gettext_lazy("Kind"), ("kind", "pinyin", "code")),
    Column("place", gettext_lazy("Place"), ("community__path", "pinyin", "code")),
    Column("households", gettext_lazy("Households"), ("households", "code"), numeric=True),
    Column("area", gettext_lazy("Floor area, m²"), ("floor_area_m2", "code"), numeric=True),
    Column("enterprise", gettext_lazy("Served by")),
)
FACETS = ("kind", "district", "street", "served")


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def estate_list(request: HttpRequest) -> HttpResponse:
    """The neighbourhoods of this person's scope: searched, filtered, sorted, counted."""
    scope = Estate.objects.for_user(request.user, Permission.VIEW_ESTATES)
    found = EstateFilter(request.GET, queryset=scope, request=request)
    headings, order = sorting(COLUMNS, request.GET.get("sort", ""))
    searched = EstateFilter({"q": request.GET.get("q", "")}, queryset=scope, request=request).qs
    cube = _cube(searched, request.GET, by_street=_sees_streets(request))
    page = _page(found.qs.order_by(*order), cube.total, request.GET.get("page"))
    facets = _facets(cube, request.GET.get("district", ""))
    context = {
        "section": "estates",
        "page": page,
        "headings": headings,
        "facets": facets,
        "chips": chips(request.GET, facets),
        "text": request.GET.get("q", ""),
        "problems": found.errors,
    }
    return render(request, "estates/list.html", context)


def with_service(estates: QuerySet[Estate]) -> QuerySet[Estate]:
    """With their places, and who serves them now as ``serving`` (a list of one or none)."""
    current = ServiceAssignment.objects.current().select_related("enterprise")
    return with_places(estates).prefetch_related(Prefetch("assignments", queryset=current, to_attr="serving"))


def with_places(estates: QuerySet[Estate]) -> QuerySet[Estate]:
    """With community, street and district; without the boundaries, which no list shows."""
    above = ("community", "community__parent", "community__parent__parent")
    return estates.select_related(above[-1]).defer(*(f"{region}__boundary" for region in above))


def _page(rows: QuerySet[Estate], count: int, number: str | None) -> Page:
    """One page: first which, by the narrow statement, then what stands in its rows. A deep page sorts no more than ids."""
    paginator = Paginator(rows.values_list("pk", flat=True), ROWS)
    paginator.count = count  # the facets have counted already
    page = paginator.get_page(number)
    wanted = list(page.object_list)
    known = with_service(Estate.objects.all()).in_bulk(wanted)
    page.object_list = [known[pk] for pk in wanted if pk in known]
    return page


def _sees_streets(request: HttpRequest) -> bool:
    """Streets are counted where they are chosen from: inside one district."""
    return bool(request.GET.get("district") or request.GET.get("street")) or "" not in request.user.reach(
        Permission.VIEW_ESTATES
    )


def _cube(rows: QuerySet[Estate], chosen, *, by_street: bool) -> Cube:
    """Counts by kind, district, street and whether somebody serves there."""
    path = F("community__path")
    cells = (
        rows.order_by()
        .annotate(current=FilteredRelation("assignments", condition=Q(assignments__valid__upper_inf=True)))
        .values(
            "kind",
            district_code=Func(path, Value("/"), Value(2), function="split_part", output_field=CharField()),
            street_code=Func(path, Value("/"), Value(3), function="split_part", output_field=CharField())
            if by_street
            else Value(""),
            is_served=ExpressionWrapper(Q(current__isnull=False), output_field=BooleanField()),
        )
        .annotate(rows=Count("pk"))
        .values_list("kind", "district_code", "street_code", "is_served", "rows")
    )
    return Cube(FACETS, [(*cell[:3], "yes" if cell[3] else "no", cell[4]) for cell in cells], chosen)


def _facets(cube: Cube, district: str) -> list[Facet]:
    codes = {values[1] for values, _count in cube.cells}
    if len(codes) == 1 or district:
        codes |= {values[2] for values, _count in cube.cells if values[2] and (not district or values[1] == district)}
    names = dict(Region.objects.filter(code__in=codes).order_by("code").values_list("code", "name"))
    labels = [(code, place(name)) for code, name in names.items()]
    facets = [
        cube.facet("kind", _("Kind"), Estate.Kind.choices),
        cube.facet("served", _("Service"), [("yes", _("Served")), ("no", _("Not served"))]),
        cube.facet("district", _("District"), labels),
        cube.facet("street", _("Street"), labels),
    ]
    return [facet for facet in facets if len(facet.options) > 1 or facet.chosen]


@require_safe
def estate_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One neighbourhood: its facts and who serves it from when to when. Upper floors add their part by URL."""
    scope = Estate.objects.for_user(request.user, Permission.VIEW_ESTATES)
    estate = get_object_or_404(with_places(scope), code=code)
    assignments = estate.assignments.select_related("enterprise").order_by(F("valid").desc())
    return render(request, "estates/detail.html", {"section": "estates", "estate": estate, "assignments": assignments})


@require_safe
def enterprise_estates(request: HttpRequest, uscc: str) -> HttpResponse:
    """What an enterprise serves in this person's scope: a part of its page, and a page of its own."""
    enterprises = Enterprise.objects.for_user(request.user, Permission.VIEW_ENTERPRISES)
    enterprise = get_object_or_404(enterprises, uscc=uscc)
    served = ServiceAssignment.objects.current().filter(enterprise=enterprise)
    scope = Estate.objects.for_user(request.user, Permission.VIEW_ESTATES).filter(pk__in=served.values("estate_id"))
    page = Paginator(with_places(scope).order_by("pinyin", "code"), ROWS).get_page(request.GET.get("page"))
    template = "estates/_served.html" if request.headers.get("X-Fragment") else "estates/served.html"
    return render(request, template, {"section": "enterprises", "enterprise": enterprise, "page": page})
