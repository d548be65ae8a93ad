"""The bulletins desk: list, one bulletin with its checks, editing, and the deeds that move it on."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bulletins import actions, desk
from bulletins.exports import FORMS, file_name
from bulletins.forms import BulletinForm, ComposeForm, DeedForm
from bulletins.models import MonthlyBulletin
from bulletins.official import figures, official, text
from bulletins.rules import LONGEST_NARRATIVE, MIN_ITEMS, UnknownFigures, differences, length, numbers_by_hand
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused

PEOPLE = ("composed_by", "submitted_by", "reviewed_by", "signed_by", "published_by")
HEAVY = ("tables", "narrative")
ROWS = ("districts", "departments", "stations", "utilities", "peer_groups", "parties", "channels", "categories")
"""Tables whose rows the text may name one by one."""
SECTION = {"section": "bulletins-desk"}


def _for_viewers(request: HttpRequest) -> None:
    """To whoever may not see bulletins before publication, the desk does not exist."""
    if not request.user.has_perm(Permission.VIEW_BULLETINS):
        raise Http404


def _bulletin(month: str, revision: int) -> MonthlyBulletin:
    return get_object_or_404(MonthlyBulletin.objects.select_related(*PEOPLE), month=month, revision=revision)


@require_safe
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """All bulletins of all states, open ones first; the months that have none."""
    _for_viewers(request)
    return _list(request, ComposeForm(initial={"min_items": MIN_ITEMS}))


def _list(request: HttpRequest, form: ComposeForm, status: int = 200) -> HttpResponse:
    bulletins = MonthlyBulletin.objects.select_related(*PEOPLE).defer(*HEAVY).latest_first()
    context = SECTION | {
        "open": bulletins.open(),
        "page": Paginator(bulletins.exclude(status__in=MonthlyBulletin.OPEN), 24).get_page(request.GET.get("page")),
        "months": desk.months_to_compose(timezone.now()),
        "may_draft": request.user.has_perm(Permission.DRAFT_BULLETINS),
        "form": form,
    }
    return render(request, "bulletins/list.html", context, status=status)


@require_POST
def bulletin_compose(request: HttpRequest) -> HttpResponse:
    """Compose a month into a draft."""
    if not request.user.has_perm(Permission.DRAFT_BULLETINS):
        raise PermissionDenied
    form = ComposeForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    month = form.cleaned_data["month"]
    try:
        bulletin = actions.compose_bulletin(
            month, by=request.user, now=timezone.now(), min_items=form.cleaned_data["min_items"]
        )
    except MoveRefused as refused:
        messages.error(request, str(refused))
        return redirect("bulletin-list")
    messages.success(request, _("Composed; read the text and submit it."))
    return redirect("bulletin-review", bulletin.month, bulletin.revision)


@require_safe
def bulletin_review(request: HttpRequest, month: str, revision: int) -> HttpResponse:
    """One bulletin: the document as it will be, its checks and steps, and who may do what next."""
    _for_viewers(request)
    bulletin = _bulletin(month, revision)
    checks = desk.checks_of(bulletin)
    others = MonthlyBulletin.objects.filter(month=month).exclude(pk=bulletin.pk).defer(*HEAVY)
    context = SECTION | _readable(bulletin) | {
        "bulletin": bulletin,
        "steps": desk.steps(bulletin),
        "all_done": bulletin.status in MonthlyBulletin.PUBLISHED_ONCE,
        "checks": checks,
        "checks_held": sum(check.holds for check in checks),
        "differences": differences(bulletin.tables) if checks else [],
        "by_hand": numbers_by_hand(bulletin.narrative) if checks else [],
        "offers": desk.offers(bulletin, by=request.user, checks=checks),
        "audit": desk.audit_trail(bulletin),
        "authors": desk.authors_of(bulletin),
        "others": others.latest_first(),
        "may_edit": bulletin.status == MonthlyBulletin.Status.DRAFT
        and request.user.has_perm(Permission.DRAFT_BULLETINS),
        "longest": LONGEST_NARRATIVE,
    }  # fmt: skip
    return render(request, "bulletins/review.html", context)


def _readable(bulletin: MonthlyBulletin) -> dict:
    """The document and the length of its text, where the text can be filled."""
    try:
        return {"document": official(bulletin), "length": length(text(bulletin))}
    except (UnknownFigures, KeyError):
        return {"document": None, "length": 0}


@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_edit(request: HttpRequest, month: str, revision: int) -> HttpResponse:
    """Edit the texts of a draft, with the figures beside them that the text may name."""
    if request.method == "POST" and not request.user.has_perm(Permission.DRAFT_BULLETINS):
        raise PermissionDenied
    _for_viewers(request)
    bulletin = _bulletin(month, revision)
    form = BulletinForm(request.POST or None, instance=bulletin, initial={"seen": bulletin.digest})
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in BulletinForm.Meta.fields}
        try:
            actions.edit_bulletin(bulletin, by=request.user, seen=form.cleaned_data["seen"], **changes)
        except ValidationError as error:
            form.add_error(None, error)
        except MoveRefused as refused:
            messages.error(request, str(refused))
            return redirect("bulletin-review", month, revision)
        else:
            messages.success(request, _("Saved."))
            return redirect("bulletin-review", month, revision)
    context = SECTION | {
        "bulletin": bulletin,
        "form": form,
        **_figures_to_name(bulletin),
        "longest": LONGEST_NARRATIVE,
        "may_edit": bulletin.status == MonthlyBulletin.Status.DRAFT
        and request.user.has_perm(Permission.DRAFT_BULLETINS),
    }
    return render(request, "bulletins/edit.html", context, status=422 if form.is_bound else 200)


def _figures_to_name(bulletin: MonthlyBulletin) -> dict:
    """The figures that the text may name: those of the whole, and which rows have some of their own."""
    found = figures(bulletin)
    own = {f"{name}.{row['code']}." for name in ROWS for row in bulletin.tables[name]}
    return {
        "figures": [(name, value) for name, value in sorted(found.items()) if f"{name.rpartition('.')[0]}." not in own],
        "rows": [(name, bulletin.tables[name]) for name in ROWS if bulletin.tables[name]],
        "measures": [name for name in bulletin.tables["districts"][0] if name != "code"]
        if bulletin.tables["districts"]
        else [],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_deed(request: HttpRequest, month: str, revision: int, verb: str) -> HttpResponse:
    """Ask before it is done (GET), and do it (POST): one deed, one action."""
    deed = desk.DEEDS.get(verb)
    if deed is None:
        raise Http404
    if request.method == "POST" and not request.user.has_perm(deed.permission):
        raise PermissionDenied
    _for_viewers(request)
    bulletin = _bulletin(month, revision)
    if request.method != "POST":
        return _ask(request, deed, bulletin, DeedForm(deed=deed, initial={"seen": _seen(bulletin)}))
    form = DeedForm(request.POST, deed=deed)
    if not form.is_valid():
        return _ask(request, deed, bulletin, form, status=422)
    if form.cleaned_data["seen"] != _seen(bulletin):
        messages.error(
            request, _("This bulletin has changed since you opened it. Nothing was done; look at it as it is now.")
        )
        return redirect("bulletin-review", month, revision)
    return _do(request, deed, bulletin, form.cleaned_data.get("reason", ""), timezone.now())


def _seen(bulletin: MonthlyBulletin) -> str:
    """What a decision is about: the state and the content that the person had before them."""
    return f"{bulletin.status}:{bulletin.reviewed_by_id}:{bulletin.digest}"


def _ask(request, deed: desk.Deed, bulletin: MonthlyBulletin, form: DeedForm, status: int = 200) -> HttpResponse:
    checks = desk.checks_of(bulletin) if deed.is_next_step else []
    context = SECTION | {
        "bulletin": bulletin,
        "deed": deed,
        "form": form,
        "refusal": desk.refusal(deed, bulletin, by=request.user, checks=checks),
    }
    return render(request, "bulletins/deed.html", context, status=status)


def _do(request, deed: desk.Deed, bulletin: MonthlyBulletin, reason: str, now: datetime) -> HttpResponse:
    try:
        bulletin = deed.run(bulletin, request.user, now, reason) or bulletin
    except LostRace:
        messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
    except MoveRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, str(deed.done))
    return redirect("bulletin-review", bulletin.month, bulletin.revision)


@require_safe
def bulletin_export(request: HttpRequest, month: str, revision: int, form: str) -> HttpResponse:
    """The bulletin as a file, drafts included; a draft says in it that it is one."""
    _for_viewers(request)
    bulletin = _bulletin(month, revision)
    if form not in FORMS:
        raise Http404
    content_type, make = FORMS[form]
    try:
        content = make(bulletin)
    except (UnknownFigures, KeyError) as fault:
        messages.error(request, _("The text has a fault; edit it first."))
        if bulletin.status != MonthlyBulletin.Status.DRAFT:
            raise Http404 from fault
        return redirect("bulletin-edit", month, revision)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{file_name(bulletin, form)}"'
    response["Cache-Control"] = "private, no-store"
    return response
