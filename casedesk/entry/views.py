"""Cases entered for residents who call or come: written down once, compared with likely ones, told back."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from casedesk.actions.intake import Reporter, Sender, file_report
from casedesk.actions.links import link_duplicate
from casedesk.entry.forms import NEW, EntryForm
from casedesk.entry.likely import Alike, alike
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile
from casedesk.reporting.standing import Standing
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """The form. Where likely cases exist, the second sending says whether it is one of them; then it is taken in."""
    _demand(request)
    if request.method != "POST":
        return _form(request, EntryForm(user=request.user, initial={"estate": request.GET.get("estate", "")}))
    form = EntryForm(request.POST, user=request.user)
    if not form.is_valid():
        return _form(request, form, likely=_likely(request, form), status=422)
    likely = _likely(request, form)
    same_as = request.POST.get("same_as", "")
    primary = next((one.file for one in likely if str(one.file.pk) == same_as), None)
    if likely and primary is None and same_as != NEW:
        return _form(request, form, likely=likely, asks=True)
    file = _take(request, form)
    if primary is not None and primary.pk != file.pk:
        _link(request, file, primary)
    return redirect("desk-entered", file.pk)


def _demand(request: HttpRequest) -> None:
    if not request.user.has_perm(Permission.ENTER_CASES):
        raise PermissionDenied


def _form(
    request: HttpRequest, form: EntryForm, *, likely: list[Alike] | None = None, asks: bool = False, status: int = 200
) -> HttpResponse:
    context = {"section": "desk-enter", "form": form, "likely": likely or [], "asks": asks}
    context["same_as"] = request.POST.get("same_as", "")
    return render(request, "casedesk/entry/form.html", context, status=status)


def _likely(request: HttpRequest, form: EntryForm) -> list[Alike]:
    given = form.cleaned_data
    if not all(given.get(name) for name in ("estate", "category", "text")):
        return []
    return alike(given["estate"], given["category"], given["text"], by=request.user, now=timezone.now())


def _take(request: HttpRequest, form: EntryForm) -> CaseFile:
    given = form.cleaned_data
    return file_report(
        estate=given["estate"],
        category=given["category"],
        text=given["text"],
        urgency=given["urgency"],
        reporter=Reporter(name=given["name"], phone=given["phone"], place=given["place"]),
        sender=Sender(given["form"], CaseFile.Channel.TELEPHONE),
        by=request.user,
        now=timezone.now(),
    ).file


def _link(request: HttpRequest, file: CaseFile, primary: CaseFile) -> None:
    """Let the case go along with ``primary``; who may not link leaves a note for those who dispatch."""
    reason, now = _("Named by the caller as the same matter."), timezone.now()
    try:
        link_duplicate(file, primary=primary, reason=reason, by=request.user, now=now, seen=None)
    except (PermissionDenied, MoveRefused, LostRace, ValidationError):
        note = _("May be the same matter as %(number)s.") % {"number": primary.case.case_no}
        tell(file.case, CaseEvent.Kind.NOTE, at=now, by=request.user, text=note, is_public=False)


@never_cache
@require_safe
def likely_cases(request: HttpRequest) -> HttpResponse:
    """Likely cases for what is typed so far: the part of the form that follows while somebody types."""
    _demand(request)
    form = EntryForm(request.GET, user=request.user)
    form.is_valid()
    context = {"likely": _likely(request, form), "same_as": request.GET.get("same_as", "")}
    return render(request, "casedesk/entry/_likely.html", context)


@never_cache
@require_safe
def entered(request: HttpRequest, pk: int) -> HttpResponse:
    """What to tell the caller. For whoever entered the case; the tracking code is the caller's."""
    _demand(request)
    scope = CaseFile.objects.for_user(request.user, Permission.ENTER_CASES).filter(entered_by=request.user)
    file = get_object_or_404(scope.select_related("case__estate__community__parent__parent"), pk=pk)
    if file.channel != CaseFile.Channel.TELEPHONE:
        raise Http404
    context = {"section": "desk-enter", "standing": Standing(file, timezone.now())}
    return render(request, "casedesk/entry/entered.html", context)
