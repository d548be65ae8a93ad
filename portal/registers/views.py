"""Pages of registers: overview, list, one row, entering, editing, removing, history, suggestions. One set for all of them."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import registers as declared_registers
from portal.listing import ROWS, Column, Cube, Facet, chips, sorting
from portal.models import ColumnChoice, Region
from portal.registers import Kind, Register, RegisterField
from portal.registers.actions import keep_row, remove_row, reveal_phone
from portal.registers.filters import code_in_path, filter_of, search_rows
from portal.registers.forms import ReasonForm, RegisterForm
from portal.registers.history import history
from portal.roles import Permission
from portal.templatetags.portal import place
from portal.workflow import LostRace

SUGGESTIONS = 12


def register_or_404(request: HttpRequest, slug: str, permission: str = "view") -> Register:
    """The register ``slug`` that this person may ``view`` or ``keep``.

    Raises:
        Http404: there is no such register.
        PermissionDenied: this person may not.
    """
    register = declared_registers.register(slug)
    if register is None:
        raise Http404
    if not request.user.has_perm(getattr(register, permission)):
        raise PermissionDenied
    return register


def row_or_404(request: HttpRequest, register: Register, pk: int, permission: str = "view") -> Model:
    return get_object_or_404(register.rows(request.user, getattr(register, permission)), pk=pk)


@require_safe
def register_index(request: HttpRequest) -> HttpResponse:
    """All registers that this person may view, with how many rows lie in their scope."""
    found = declared_registers.registers_for(request.user)
    groups = [
        (
            title,
            [(one, one.model._default_manager.for_user(request.user, one.view).count()) for one in members],
        )
        for title, members in declared_registers.by_group(found).items()
    ]
    return render(request, "registers/index.html", {"section": "registers", "groups": groups})


# --- the list -------------------------------------------------------------------------------------------------------------


@require_safe
def register_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows in this person's scope: searched, filtered, sorted, counted; their columns as this person chose them."""
    register = register_or_404(request, slug)
    return render_list(request, register)


def render_list(request: HttpRequest, register: Register) -> HttpResponse:
    scope = register.model._default_manager.for_user(request.user, register.view)
    found = filter_of(register)(request.GET, queryset=scope, request=request)
    shown = chosen_columns(register, request.user)
    headings, order = sorting([_column(field) for field in shown], request.GET.get("sort", ""))
    if not request.GET.get("sort"):
        order = list(register.order)
    cube = _cube(register, _without_facets(register, request, scope), request)
    page = _page(register, found.qs.order_by(*order), cube.total, request.GET.get("page"))
    facets = _facets(register, cube, request)
    context = {
        "section": section(register),
        "register": register,
        "may_keep": request.user.has_perm(register.keep),
        "page": page,
        "rows": [(row, register.detail_url(row), [cell(field, row) for field in shown]) for row in page.object_list],
        "shown": shown,
        "all_columns": [field for field in register.fields_for(request.user) if field.kind is not Kind.ID_NUMBER],
        "headings": headings,
        "facets": facets,
        "chips": chips(request.GET, facets) + _reference_chips(register, request),
        "text": request.GET.get("q", ""),
        "problems": found.errors,
    }
    fragment = request.headers.get("X-Fragment")
    return render(request, "registers/_rows.html" if fragment else "registers/list.html", context)


def section(register: Register) -> str:
    return register.slug if register.slug in ("estates", "enterprises") else "registers"


def chosen_columns(register: Register, user) -> list[RegisterField]:
    """The columns this person chose for the register's list, else its own."""
    by_name = {field.name: field for field in register.fields_for(user) if field.kind is not Kind.ID_NUMBER}
    choice = ColumnChoice.objects.filter(user=user, register=register.slug).first()
    names = choice.columns if choice else _expanded(register)
    return [by_name[name] for name in names if name in by_name] or list(by_name.values())[:6]


def _expanded(register: Register) -> list[str]:
    wanted = set(register.columns)
    names = [
        field.name
        for field in register.all_fields
        if field.name in wanted or (field.source is not None and field.source.name in wanted)
    ]
    return sorted(names, key=lambda name: _place_of(register, name))


def _place_of(register: Register, name: str) -> int:
    return next(
        (at for at, column in enumerate(register.columns) if name in (column, f"{column}_from", f"{column}_to")), 99
    )


def _column(field: RegisterField) -> Column:
    if field.kind is Kind.REFERENCE:
        target = {one.name for one in field.target._meta.concrete_fields}
        lookup = f"{field.source.name}__{'pinyin' if 'pinyin' in target else field.target_code}"
    else:
        lookup = field.source.name
    return Column(field.name, field.title, (lookup, "pk"), numeric=field.numeric)


def cell(field: RegisterField, row: Model) -> tuple[str, bool]:
    """What stands in a cell, and whether it is a number."""
    if field.kind is Kind.WHOLE:
        value = field.value(row)
        return ("" if value is None else str(value) if "year" in field.name else f"{value:,}"), True
    text = field.text(row)
    return (place(text) if field.kind is Kind.REFERENCE or field.name == "name" else text), field.numeric


def _without_facets(register: Register, request: HttpRequest, scope: QuerySet) -> QuerySet:
    """The rows under everything but the facets: those count under each other's choices."""
    kept = {name: value for name, value in request.GET.items() if name not in facet_names(register)}
    return filter_of(register)(kept, queryset=scope, request=request).qs


def facet_names(register: Register) -> list[str]:
    return [*register.facets, *(("district", "street") if register.is_placed else ())]


def _cube(register: Register, rows: QuerySet, request: HttpRequest) -> Cube:
    names = list(register.facets)
    if register.is_placed:
        path = register.path_lookup
        rows = rows.annotate(district_code=code_in_path(path, 2))
        names.append("district_code")
        if _sees_streets(request):
            rows = rows.annotate(street_code=code_in_path(path, 3))
            names.append("street_code")
    if not names:
        return Cube((), [(rows.count(),)], {})
    counted = rows.order_by().values_list(*names).annotate(count=Count("pk"))
    cells = [(*map(_choice_text, values[:-1]), values[-1]) for values in counted]
    return Cube([name.removesuffix("_code") for name in names], cells, request.GET)


def _choice_text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _sees_streets(request: HttpRequest) -> bool:
    """Streets are offered where they are chosen from: inside one district."""
    paths = request.user.reach(Permission.VIEW_ESTATES)
    return bool(request.GET.get("district") or request.GET.get("street")) or (len(paths) == 1 and "" not in paths)


def _facets(register: Register, cube: Cube, request: HttpRequest) -> list[Facet]:
    fields = {field.name: field for field in register.all_fields}
    found = []
    for name in register.facets:
        field = fields[name]
        found.append(cube.facet(name, field.title, _labels(field, cube, name)))
    for name, title in (("district", _("District")), ("street", _("Street"))):
        if name in cube.names:
            at = cube.names.index(name)
            codes = {values[at] for values, _count in cube.cells if values[at]}
            names = Region.objects.filter(code__in=codes).order_by("code").values_list("code", "name")
            found.append(cube.facet(name, title, [(code, place(text)) for code, text in names]))
    return [facet for facet in found if len(facet.options) > 1 or facet.chosen]


def _labels(field: RegisterField, cube: Cube, name: str) -> list[tuple[str, str]]:
    if field.kind is Kind.TRUTH:
        return [("true", _("Yes")), ("false", _("No"))]
    if field.kind is Kind.CHOICE:
        return list(field.choices)
    at = cube.names.index(name)
    values = {values[at] for values, _count in cube.cells if values[at]}
    return [(value, value) for value in sorted(values, reverse=True)]


def _reference_chips(register: Register, request: HttpRequest):
    from portal.listing import Chip

    found = []
    for field in register.all_fields:
        code = request.GET.get(field.name)
        if field.kind is Kind.REFERENCE and code:
            rest = request.GET.copy()
            rest.pop(field.name)
            target = register.resolvable(field, request.user).filter(**{field.target_code: code}).first()
            found.append(Chip(f"{field.title}: {target or code}", f"?{rest.urlencode()}"))
    return found


def _page(register: Register, rows: QuerySet, count: int, number: str | None) -> Page:
    """One page: first which, by the narrow statement, then what stands in its rows. A deep page sorts no more than ids."""
    paginator = Paginator(rows.values_list("pk", flat=True), ROWS)
    paginator.count = count  # the facets have counted already
    page = paginator.get_page(number)
    wanted = list(page.object_list)
    known = register.with_references(register.model._default_manager.all()).in_bulk(wanted)
    page.object_list = [known[pk] for pk in wanted if pk in known]
    return page


@require_POST
def choose_columns(request: HttpRequest, slug: str) -> HttpResponse:
    """Remember which columns this person wants to see in the register's list; none chosen is the register's own."""
    register = register_or_404(request, slug)
    known = [field.name for field in register.fields_for(request.user)]
    columns = [name for name in known if name in request.POST.getlist("column")]
    if columns and "reset" not in request.POST:
        ColumnChoice.objects.update_or_create(user=request.user, register=slug, defaults={"columns": columns})
    else:
        ColumnChoice.objects.filter(user=request.user, register=slug).delete()
    query = request.POST.get("query", "")
    return redirect(f"{list_address(register)}{query if query.startswith('?') else ''}")


def list_address(register: Register) -> str:
    return register.list_url()


# --- one row ----------------------------------------------------------------------------------------------------------------


@require_safe
def register_row(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One row: its values, what it refers to, and the rows of other registers that refer to it."""
    register = register_or_404(request, slug)
    row = row_or_404(request, register, pk)
    if register.detail_url_name:
        return redirect(register.detail_url(row))
    context = row_context(request, register, row) | {"facts": facts(register, row, request.user)}
    return render(request, "registers/row.html", context)


def row_context(request: HttpRequest, register: Register, row: Model) -> dict:
    """What every page of one row shows around its content."""
    return {
        "section": section(register),
        "register": register,
        "row": row,
        "may_keep": request.user.has_perm(register.keep, row),
        "may_reveal": bool(getattr(row, "phone", "")) and request.user.has_perm(Permission.REVEAL_PERSONS),
        "warnings": register.warnings(row),
        "tabs": tabs(register, row, request.user),
    }


def facts(register: Register, row: Model, user) -> list[tuple[RegisterField, str, str]]:
    """Field, text and address (empty where there is nothing to follow) of each value that ``user`` may read."""
    found = []
    for field in register.fields_for(user):
        if field.kind is Kind.ID_NUMBER:
            continue
        text, _numeric = cell(field, row)
        found.append((field, text, _address(field, row, user)))
    return found


def _address(field: RegisterField, row: Model, user) -> str:
    if field.kind is not Kind.REFERENCE:
        return ""
    target, other = getattr(row, field.source.name), declared_registers.declaration.register_of(field.target)
    return other.detail_url(target) if target is not None and other and user.has_perm(other.view, target) else ""


def tabs(register: Register, row: Model, user) -> list[tuple[Register, str, str]]:
    """The registers with rows about this one: register, its list's address, and the address to enter another."""
    code = getattr(row, declared_registers.declaration.code_field(register.model))
    found = []
    for other, name in register.children():
        if user.has_perm(other.view) and other.slug not in {one.slug for one, *_rest in found}:
            found.append((other, other.list_url(**{name: str(code)}), name))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def enter_row(request: HttpRequest, slug: str) -> HttpResponse:
    """The form for a new row; what the address names (``?estate=E00043``) is filled in."""
    register = register_or_404(request, slug, "keep")
    return _form(request, register, register.model(), initial={name: request.GET[name] for name in request.GET})


@require_http_methods(["GET", "HEAD", "POST"])
def edit_row(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    register = register_or_404(request, slug)
    row = row_or_404(request, register, pk)
    if not request.user.has_perm(register.keep, row):
        raise PermissionDenied
    return _form(request, register, row)


def _form(request: HttpRequest, register: Register, row: Model, initial: dict | None = None) -> HttpResponse:
    form = RegisterForm(
        request.POST or None, register=register, user=request.user, row=row if row.pk else None, initial=initial or {}
    )
    conflict = False
    if request.method == "POST" and form.is_valid():
        try:
            kept = keep_row(register, row, form.values(), by=request.user, seen=form.cleaned_data["seen"] or None)
        except ValidationError as error:
            form.take(error)
        except LostRace:
            conflict = True
        else:
            return _after_saving(request, register, kept, is_new=row.pk is None or form.row is None)
    context = {"section": section(register), "register": register, "row": row, "form": form, "conflict": conflict}
    status = 409 if conflict else 422 if form.is_bound and form.errors else 200
    return render(request, "registers/form.html", context, status=status)


def _after_saving(request: HttpRequest, register: Register, row: Model, *, is_new: bool) -> HttpResponse:
    from django.contrib import messages

    told = _("Entered: %(what)s.") if is_new else _("Saved: %(what)s.")
    messages.success(request, told % {"what": row})
    for warning in register.warnings(row):
        messages.warning(request, warning)
    return redirect(register.detail_url(row))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask for a reason, then remove a row that was entered by mistake."""
    register = register_or_404(request, slug)
    row = row_or_404(request, register, pk)
    if not request.user.has_perm(register.keep, row):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        from django.contrib import messages

        told = str(row)
        try:
            remove_row(register, row, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Removed: %(what)s.") % {"what": told})
            return redirect(list_address(register))
    context = {"section": section(register), "register": register, "row": row, "form": form}
    return render(request, "registers/remove.html", context, status=422 if form.is_bound and form.errors else 200)


@require_safe
def register_history(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    register = register_or_404(request, slug)
    row = row_or_404(request, register, pk)
    versions = history(register, row, register.fields_for(request.user))
    return render(request, "registers/history.html", row_context(request, register, row) | {"versions": versions})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a whole telephone number, once, to whoever gives a reason."""
    register = register_or_404(request, slug)
    row = row_or_404(request, register, pk)
    form, phone = ReasonForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        phone = reveal_phone(register, row, by=request.user, reason=form.cleaned_data["reason"])
    elif not request.user.has_perm(Permission.REVEAL_PERSONS):
        raise PermissionDenied
    context = {"section": section(register), "register": register, "row": row, "form": form, "phone": phone}
    return render(request, "registers/reveal.html", context)


# --- suggestions ------------------------------------------------------------------------------------------------------------


@require_safe
def suggest(request: HttpRequest, slug: str) -> JsonResponse:
    """Up to a dozen codes with their names for ``?q=``, in this person's scope: what to type into a reference."""
    text = request.GET.get("q", "").strip()[:100]
    if slug == "places":
        found = _places(request, text)
    else:
        register = register_or_404(request, slug)
        rows = search_rows(register, register.model._default_manager.for_user(request.user, register.view), text)
        code = declared_registers.declaration.code_field(register.model)
        found = [(getattr(row, code), str(row)) for row in rows.order_by(*register.order)[:SUGGESTIONS]] if text else []
    return JsonResponse({"found": [{"code": code, "name": place(name)} for code, name in found]})


def _places(request: HttpRequest, text: str) -> list[tuple[str, str]]:
    from portal.filters import search_by_name

    if not text:
        return []
    scope = Region.objects.for_user(request.user, Permission.VIEW_ESTATES).plain().select_related("parent")
    rows = search_by_name(scope, text, "code").order_by("path")[:SUGGESTIONS]
    return [(row.code, f"{row.parent.name}·{row.name}" if row.parent else row.name) for row in rows]
