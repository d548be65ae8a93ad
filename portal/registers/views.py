"""Pages of registers: overview, list, one row, entering, editing, removing, history, suggestions. One set for all of them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import registers
from portal.filters import search_by_name
from portal.models import Region
from portal.registers import Kind, Register, RegisterField
from portal.registers.actions import keep_row, remove_row, reveal_phone
from portal.registers.deeds import deeds_of
from portal.registers.fields import code_field
from portal.registers.filters import search_rows
from portal.registers.forms import ReasonForm, RegisterForm
from portal.registers.history import history
from portal.registers.lists import cell, columns_of, list_context
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
    register = registers.register(slug)
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
    found = registers.registers_for(request.user)
    floors = [
        (
            title,
            [(one, one.scoped(request.user).count()) for one in members],
        )
        for title, members in registers.by_group(found).items()
    ]
    return render(request, "registers/index.html", {"section": "registers", "floors": floors})


# --- the list -------------------------------------------------------------------------------------------------------------


@require_safe
def register_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows in this person's scope: searched, filtered, sorted, counted; their columns as this person chose them."""
    register = register_or_404(request, slug)
    if register.list_url_name and request.resolver_match.url_name != register.list_url_name:
        return redirect(f"{register.list_url()}?{request.GET.urlencode()}".rstrip("?"))
    context = list_context(request, register)
    if not request.headers.get("X-Fragment"):
        return render(request, "registers/list.html", context)
    context["enter_url"] = _enter_url(register, request) if context["may_keep"] else ""
    return render(request, "registers/_rows.html", context)


def _enter_url(register: Register, request: HttpRequest) -> str:
    """The form for another row that refers to the same as this list's."""
    names = {field.name for field in register.all_fields if field.kind is Kind.REFERENCE}
    query = {name: value for name, value in request.GET.items() if name in names}
    return reverse("register-enter", args=[register.slug], query=query or None)


@require_POST
def choose_columns(request: HttpRequest, slug: str) -> HttpResponse:
    """Remember which columns this person wants to see in the register's list; none chosen is the register's own."""
    register = register_or_404(request, slug)
    known = [column.name for column in columns_of(register, request.user)]
    columns = [name for name in known if name in request.POST.getlist("column")]
    if columns and "reset" not in request.POST:
        request.user.column_choices[slug] = columns
    else:
        request.user.column_choices.pop(slug, None)
    request.user.save(update_fields=["column_choices"])
    query = request.POST.get("query", "")
    return redirect(f"{register.list_url()}{query if query.startswith('?') else ''}")


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
        "section": register.section,
        "register": register,
        "row": row,
        "may_keep": not register.obstacle_to_change(row) and request.user.has_perm(register.keep, row),
        "may_reveal": bool(getattr(row, "phone", "")) and request.user.has_perm(Permission.REVEAL_PERSONS, row),
        "warnings": register.warnings(row),
        "deeds": deeds_of(register, row, request.user),
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
    target, other = getattr(row, field.source.name), registers.register_of(field.target)
    return other.detail_url(target) if target is not None and other and user.has_perm(other.view, target) else ""


def tabs(register: Register, row: Model, user) -> list[tuple[Register, str, int]]:
    """The registers with rows about this one: register, its list's address, and how many there are in the person's scope."""
    code = getattr(row, code_field(register.model))
    found: dict[str, tuple[Register, str, int]] = {}
    for other, name in register.children():
        if user.has_perm(other.view) and other.slug not in found:
            rows = other.scoped(user).filter(**{name: row})
            found[other.slug] = other, other.list_url(**{name: str(code)}), rows.count()
    return list(found.values())


@require_http_methods(["GET", "HEAD", "POST"])
def enter_row(request: HttpRequest, slug: str) -> HttpResponse:
    """The form for a new row; what the address names (``?estate=E00043``) is filled in."""
    register = register_or_404(request, slug, "keep")
    if not register.may_enter(request.user):
        raise PermissionDenied
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
    context = {"section": register.section, "register": register, "row": row, "form": form, "conflict": conflict}
    status = 409 if conflict else 422 if form.is_bound and form.errors else 200
    return render(request, "registers/form.html", context, status=status)


def _after_saving(request: HttpRequest, register: Register, row: Model, *, is_new: bool) -> HttpResponse:
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
        told = str(row)
        try:
            remove_row(register, row, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Removed: %(what)s.") % {"what": told})
            return redirect(register.list_url())
    context = {"section": register.section, "register": register, "row": row, "form": form}
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
    if not hasattr(row, "phone"):
        raise Http404
    form, phone = ReasonForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        phone = reveal_phone(register, row, by=request.user, reason=form.cleaned_data["reason"])
    elif not request.user.has_perm(Permission.REVEAL_PERSONS, row):
        raise PermissionDenied
    context = {"section": register.section, "register": register, "row": row, "form": form, "phone": phone}
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
        rows = search_rows(register, register.scoped(request.user), text)
        code = code_field(register.model)
        found = [(getattr(row, code), str(row)) for row in rows.order_by(*register.order)[:SUGGESTIONS]] if text else []
    return JsonResponse({"found": [{"code": code, "name": place(name)} for code, name in found]})


def _places(request: HttpRequest, text: str) -> list[tuple[str, str]]:
    if not text:
        return []
    scope = Region.objects.for_user(request.user, Permission.VIEW_ESTATES).plain().select_related("parent")
    rows = search_by_name(scope, text, "code").order_by("path")[:SUGGESTIONS]
    return [(row.code, f"{row.parent.name}·{row.name}" if row.parent else row.name) for row in rows]
