"""The list of a register: searched, filtered, sorted, counted, in the columns that a person chose."""

from dataclasses import replace

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, Model, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_filters import FilterSet

from portal.listing import ROWS, Chip, Column, Cube, Facet, chips, sorting
from portal.models import Region, ScopedQuerySet
from portal.registers.declaration import Register, register_of
from portal.registers.fields import Computed, Kind, RegisterField
from portal.registers.filters import filter_of
from portal.roles import Permission
from portal.templatetags.portal import place

ListColumn = RegisterField | Computed


def list_context(request: HttpRequest, register: Register, scope: QuerySet | None = None) -> dict:
    """What a list's template shows of the rows in this person's scope, or of a part of them that is given as ``scope``."""
    if scope is None:
        scope = register.scoped(request.user)
    found = filter_of(register)(request.GET, queryset=scope, request=request)
    shown = chosen_columns(register, request.user)
    headings, order = sorting([_column(column) for column in shown], request.GET.get("sort", ""))
    if not order or not request.GET.get("sort"):  # the register's own order, which no heading stands for
        order = list(register.order)
        headings = [
            replace(one, aria_sort=one.aria_sort and "none", target=one.column.key) if one.target else one
            for one in headings
        ]
    rows = found.qs.order_by(*order)
    cube = _cube(register, _without_facets(register, found, scope), request)
    page = _page(register, rows, cube.total, request.GET.get("page"))
    facets = _facets(register, cube, request)
    return {
        "section": register.section,
        "register": register,
        "may_keep": register.may_enter(request.user),
        "page": page,
        "rows": [(row, register.detail_url(row), [cell(column, row) for column in shown]) for row in page.object_list],
        "shown": shown,
        "all_columns": columns_of(register, request.user),
        "headings": headings,
        "facets": facets,
        "chips": chips(request.GET, facets) + _reference_chips(register, request),
        "text": request.GET.get("q", ""),
        "problems": found.errors,
    }


# --- columns --------------------------------------------------------------------------------------------------------------


def columns_of(register: Register, user) -> list[ListColumn]:
    """Every column that ``user`` may choose for the register's list."""
    fields = [field for field in register.fields_for(user) if field.kind is not Kind.ID_NUMBER]
    return [*fields, *register.computed]


def chosen_columns(register: Register, user) -> list[ListColumn]:
    """The columns this person chose for the register's list, else its own."""
    by_name = {column.name: column for column in columns_of(register, user)}
    names = user.column_choices.get(register.slug) or _first_columns(register)
    return [by_name[name] for name in names if name in by_name]


def _first_columns(register: Register) -> list[str]:
    names = []
    spans = {field.source.name for field in register.all_fields if field.kind is Kind.FIRST_DAY}
    for name in register.columns:
        names += [f"{name}_from", f"{name}_to"] if name in spans else [name]
    return names


def _column(column: ListColumn) -> Column:
    if isinstance(column, Computed):
        return Column(column.name, column.title, column.order_by, numeric=column.numeric)
    if column.kind is Kind.PHONE:  # the order would tell what the mask hides
        return Column(column.name, column.title)
    if column.kind is Kind.REFERENCE:
        target = {one.name for one in column.target._meta.concrete_fields}
        lookup = f"{column.source.name}__{'pinyin' if 'pinyin' in target else column.target_code}"
    elif column.name == "name" and any(one.name == "pinyin" for one in column.source.model._meta.concrete_fields):
        lookup = "pinyin"
    else:
        lookup = column.source.name
    return Column(column.name, column.title, (lookup, "pk"), numeric=column.numeric)


def cell(column: ListColumn, row: Model) -> tuple[str, bool]:
    """What stands in a cell, and whether it is a number."""
    if column.kind is Kind.WHOLE:
        value = column.value(row)
        return ("" if value is None else str(value) if "year" in column.name else f"{value:,}"), True
    text = column.text(row)
    return (place(text) if column.kind is Kind.REFERENCE or column.name == "name" else text), column.numeric


# --- facets ---------------------------------------------------------------------------------------------------------------


def _without_facets(register: Register, found: FilterSet, scope: QuerySet) -> QuerySet:
    """The rows under everything but the facets: those count under each other's choices."""
    facets = _facet_names(register)
    rows = scope
    for name, value in found.form.cleaned_data.items():
        if name not in facets:
            rows = found.filters[name].filter(rows, value)
    return rows


def _facet_names(register: Register) -> list[str]:
    computed = [facet.name for facet in register.computed_facets]
    return [*register.facets, *computed, *(("district", "street") if register.is_placed else ())]


def _cube(register: Register, rows: QuerySet, request: HttpRequest) -> Cube:
    """Rows counted by all facets at once, so that each facet's counts follow the choices in the others."""
    expressions = {f"facet_{facet.name}": facet.expression() for facet in register.computed_facets}
    if register.is_placed:
        expressions["facet_district"] = F(register.place_lookup("district"))
        if _sees_streets(request):
            expressions["facet_street"] = _street_code(register, request.GET.get("district", ""))
    names = [*register.facets, *expressions]
    if not names:
        return Cube((), [(rows.count(),)], {})
    counted = rows.annotate(**expressions).order_by().values_list(*names).annotate(count=Count("*"))
    cells = [(*map(_choice_text, values[:-1]), values[-1]) for values in counted]
    return Cube([name.removeprefix("facet_") for name in names], cells, request.GET)


def _street_code(register: Register, district: str) -> F | Case:
    """The street's code; only inside the chosen district, because no other street can be chosen then."""
    street = F(register.place_lookup("street"))
    if not district:
        return street
    inside = When(**{register.place_lookup("district"): district}, then=street)
    return Case(inside, default=Value(""))


def _choice_text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _sees_streets(request: HttpRequest) -> bool:
    """Streets are offered where they are chosen from: inside one district."""
    paths = request.user.reach(Permission.VIEW_ESTATES)
    return bool(request.GET.get("district") or request.GET.get("street")) or (len(paths) == 1 and "" not in paths)


def _facets(register: Register, cube: Cube, request: HttpRequest) -> list[Facet]:
    fields = {field.name: field for field in register.all_fields}
    found = [cube.facet(name, fields[name].title, _labels(fields[name], cube)) for name in register.facets]
    found += [cube.facet(facet.name, facet.title, facet.labels) for facet in register.computed_facets]
    places = [(name, title) for name, title in (("district", _("District")), ("street", _("Street")))]
    found += [cube.facet(name, title, _place_labels(cube, name)) for name, title in places if name in cube.names]
    return [facet for facet in found if len(facet.options) > 1 or facet.chosen]


def _labels(field: RegisterField, cube: Cube) -> list[tuple[str, str]]:
    if field.kind is Kind.TRUTH:
        return [("true", _("Yes")), ("false", _("No"))]
    if field.kind is Kind.CHOICE:
        return list(field.choices)
    return [(value, value) for value in sorted(_values(cube, field.name), reverse=True)]


def _place_labels(cube: Cube, name: str) -> list[tuple[str, str]]:
    regions = Region.objects.filter(code__in=_values(cube, name)).order_by("code").values_list("code", "name")
    return [(code, place(text)) for code, text in regions]


def _values(cube: Cube, name: str) -> set[str]:
    at = cube.names.index(name)
    return {values[at] for values, _count in cube.cells if values[at]}


def _reference_chips(register: Register, request: HttpRequest) -> list[Chip]:
    found = []
    for field in register.all_fields:
        code = request.GET.get(field.name)
        if field.kind is Kind.REFERENCE and code:
            rest = request.GET.copy()
            rest.pop(field.name)
            target = _named(register, field, request.user).filter(**{field.target_code: code}).first()
            found.append(Chip(f"{field.title}: {target or code}", f"?{rest.urlencode()}"))
    return found


def _named(register: Register, field: RegisterField, user) -> QuerySet:
    """The rows that a chip may name: those that ``user`` sees, and places. Of others the code stands for itself."""
    other, rows = register_of(field.target), field.target._default_manager.all()
    if other is None:
        return register.resolvable(field, user)
    return rows.for_user(user, other.view) if isinstance(rows, ScopedQuerySet) else rows


# --- rows -----------------------------------------------------------------------------------------------------------------


def _page(register: Register, rows: QuerySet, count: int, number: str | None) -> Page:
    """One page, in one statement: inside it the narrow one that finds which, so that a deep page sorts no more than ids."""
    paginator = Paginator(rows.values("pk"), ROWS)
    paginator.count = count  # the facets have counted already
    page = paginator.get_page(number)
    shown = register.model._default_manager.filter(pk__in=page.object_list).order_by(*rows.query.order_by)
    page.object_list = list(register.prepare(register.with_references(shown)))
    return page
