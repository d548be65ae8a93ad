"""Pages of data integrity: the checks with their counts, one check's rows, pairs side by side, merges and their undoing."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import registers
from portal.integrity.checks import Check, by_floor, check, checks, checks_for, count
from portal.integrity.merging import MergeRefused, merge, merges_for, relations, successor, undo_merge
from portal.integrity.models import Merge
from portal.listing import ROWS
from portal.registers import Kind, Register
from portal.registers.fields import code_field
from portal.registers.forms import ReasonForm
from portal.registers.lists import cell, list_context
from portal.roles import Permission
from portal.templatetags.portal import place
from portal.workflow import LostRace

SECTION = "integrity"


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def index(request: HttpRequest) -> HttpResponse:
    """The checks that are open to this person, with how many rows of their scope each one finds."""
    found = checks_for(request.user)
    counts = count(request.user, found)
    floors = [(title, [(one, counts[one.key]) for one in members]) for title, members in by_floor(found).items()]
    context = {
        "section": SECTION,
        "floors": floors,
        "total": sum(counts.values()),
        "may_merge": bool(_mergeable(request.user)),
    }
    return render(request, "integrity/index.html", context)


@require_safe
def findings(request: HttpRequest, key: str) -> HttpResponse:
    """The rows that a check finds, as a list to work through: every row opens where it is corrected."""
    found = _check_or_404(request, key)
    if found.likeness is not None:
        return _alike(request, found)
    register = found.kept_in
    context = list_context(request, register, found.findings(request.user))
    editable = _keepable(request.user, register, [row for row, *_rest in context["rows"]])
    context["rows"] = [
        (row, reverse("register-edit", args=[register.slug, row.pk]) if row.pk in editable else address, cells)
        for row, address, cells in context["rows"]
    ]
    context |= {"section": SECTION, "check": found, "rows_open_to_edit": bool(editable)}
    template = "registers/_rows.html" if request.headers.get("X-Fragment") else "integrity/findings.html"
    return render(request, template, context)


def _check_or_404(request: HttpRequest, key: str) -> Check:
    found = check(key)
    if found is None:
        raise Http404
    if not found.is_open_to(request.user):
        raise PermissionDenied
    return found


def _keepable(user, register: Register, rows: list[Model]) -> set[int]:
    """Ids of those ``rows`` that ``user`` keeps."""
    if not rows or not user.has_perm(register.keep):
        return set()
    kept = register.scoped(user, register.keep).order_by()
    return set(kept.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))


# --- rows that may stand for one thing --------------------------------------------------------------------------------------


def _alike(request: HttpRequest, found: Check) -> HttpResponse:
    """Rows that look alike, twins side by side in the list, each with the address of the comparison with the next one."""
    register, likeness = found.kept_in, found.likeness
    rows = register.with_references(found.findings(request.user)).order_by(*likeness.alike, "likeness", "pk")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    groups: dict[tuple, list[Model]] = {}
    for row in page.object_list:
        groups.setdefault(likeness.group(row), []).append(row)
    twins = _twins(found, request.user, [members[0] for members in groups.values() if len(members) == 1])
    lines = []
    for members in groups.values():
        others = members[1:] or [twins[row.pk] for row in members if row.pk in twins]
        told = [(row, register.detail_url(row), _code(row)) for row in members]
        lines.append((told, [_pair(register, members[0], other) for other in others]))
    context = {"section": SECTION, "check": found, "register": register, "page": page, "lines": lines}
    return render(request, "integrity/alike.html", context)


def _pair(register: Register, one: Model, other: Model) -> tuple[str, str]:
    """Address of the comparison of two rows, and what the second is called there."""
    return reverse("integrity-compare", args=[register.slug, one.pk, other.pk]), f"{place(str(other))} {_code(other)}"


def _code(row: Model) -> str:
    return str(getattr(row, code_field(type(row))))


def _twins(found: Check, user, lonely: list[Model]) -> dict[int, Model]:
    """A twin for each row that a page's edge parted from its own: row's id → twin."""
    if not lonely:
        return {}
    keys = {found.likeness.group(row): row.pk for row in lonely}
    near = found.findings(user).filter(likeness__in=[row.likeness for row in lonely]).exclude(pk__in=keys.values())
    return {keys[found.likeness.group(row)]: row for row in near if found.likeness.group(row) in keys}


def _compared(register: Register, user) -> list:
    return [field for field in register.fields_for(user) if field.kind is not Kind.ID_NUMBER]


def _mergeable(user) -> list[Register]:
    """The registers whose rows can be merged, as far as ``user`` may see them."""
    return [one.kept_in for one in checks_for(user) if one.likeness is not None]


def _mergeable_or_404(request: HttpRequest, slug: str) -> Register:
    register = registers.register(slug)
    if register is None or slug not in {one.register for one in checks() if one.likeness is not None}:
        raise Http404
    if not request.user.has_perm(register.view):
        raise PermissionDenied
    return register


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest, slug: str, one: int, other: int) -> HttpResponse:
    """Two rows side by side: what differs, what refers to each; whoever keeps both chooses which one stays, and why."""
    register = _mergeable_or_404(request, slug)
    rows = [get_object_or_404(register.rows(request.user), pk=pk) for pk in (one, other)]
    may_merge = len(_keepable(request.user, register, rows)) == 2
    form, conflicts, refused = ReasonForm(request.POST or None), [], ""
    if request.method == "POST" and form.is_valid():
        keep, drop = rows if request.POST.get("keep") == str(one) else reversed(rows)
        try:
            merge(keep, drop, by=request.user, reason=form.cleaned_data["reason"])
        except MergeRefused as error:
            refused, conflicts = str(error), [_told(conflict, request.user) for conflict in error.conflicts]
        except LostRace:
            refused = _("Somebody else merged or removed one of the two meanwhile.")
        else:
            messages.success(request, _("Merged: “%(what)s” took over everything.") % {"what": keep})
            return redirect(register.detail_url(keep))
    context = {
        "section": SECTION, "register": register, "rows": rows, "form": form, "may_merge": may_merge,
        "lines": [_line(field, rows) for field in _compared(register, request.user)],
        "references": _references(rows, request.user), "refused": refused, "conflicts": conflicts,
        "keep": request.POST.get("keep", str(one)),
    }  # fmt: skip
    status = 409 if refused else 422 if form.is_bound and form.errors else 200
    return render(request, "integrity/compare.html", context, status=status)


def _line(field, rows: list[Model]) -> tuple:
    texts = [cell(field, row)[0] for row in rows]
    return field, texts, texts[0] != texts[1]


def _references(rows: list[Model], user) -> list[tuple[str, list[int]]]:
    """Title of each register with records about one of the rows that ``user`` may view, and how many about each."""
    found: dict[str, list[int]] = {}
    for model, field in relations(type(rows[0])):
        register = registers.register_of(model)
        if register is None or not user.has_perm(register.view):
            continue
        about = model._default_manager.for_user(user, register.view).filter(**{f"{field.name}__in": rows}).order_by()
        counts = dict(about.values_list(field.attname).annotate(Count("pk")))
        if counts:
            before = found.get(str(register.title), [0, 0])
            found[str(register.title)] = [old + counts.get(row.pk, 0) for old, row in zip(before, rows, strict=True)]
    return sorted(found.items())


def _told(conflict, user) -> tuple[str, str, str, str]:
    """Kind, name, message and address of a row that is in the way; of one out of sight no more than that there is one."""
    row, register = conflict.row, registers.register_of(type(conflict.row))
    if register is not None and not user.has_perm(register.view, row):
        return str(row._meta.verbose_name), _("a record out of your sight: ask the city's office"), "", ""
    address = register.detail_url(row) if register else ""
    return str(row._meta.verbose_name), str(row), conflict.message, address


# --- merges and their undoing -------------------------------------------------------------------------------------------


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def merge_list(request: HttpRequest) -> HttpResponse:
    """What was merged in this person's scope, newest first."""
    merges = merges_for(request.user, _mergeable(request.user))
    page = Paginator(merges, ROWS).get_page(request.GET.get("page"))
    for done in page.object_list:
        done.register = _register_of(done)
    return render(request, "integrity/merges.html", {"section": SECTION, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason, then undo a merge."""
    done = get_object_or_404(merges_for(request.user, _mergeable(request.user)), pk=pk)
    register = _register_of(done)
    if not request.user.has_perm(register.keep):
        raise PermissionDenied
    form, refused = ReasonForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            restored = undo_merge(done, by=request.user, reason=form.cleaned_data["reason"])
        except MergeRefused as error:
            refused = str(error)
        except LostRace:
            refused = _("Somebody else undid this merge meanwhile.")
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Undone: “%(what)s” is back, with everything it had.") % {"what": restored})
            return redirect(register.detail_url(restored))
    moved = {step.model: len(step.moved) for step in done.steps.defer("absorbed") if step.moved}
    context = {
        "section": SECTION, "merge": done, "register": register, "form": form, "refused": refused,
        "moved": sum(moved.values()),
    }  # fmt: skip
    status = 409 if refused else 422 if form.is_bound and form.errors else 200
    return render(request, "integrity/undo.html", context, status=status)


def _register_of(done: Merge) -> Register:
    return next(one for one in registers.registers() if one.model._meta.label_lower == done.model)


def to_successor_or_404(register: Register, rows: QuerySet, code: str) -> HttpResponse:
    """Where the row that had ``code`` went when it was merged, if its successor is among ``rows``.

    Raises:
        Http404: there was no such row, or its successor is out of reach.
    """
    kept = successor(register.model, code)
    if kept is None or not rows.filter(pk=kept.pk).exists():
        raise Http404
    return redirect(register.detail_url(kept))
