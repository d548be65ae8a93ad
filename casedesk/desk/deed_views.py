"""The page of a deed: the form with what follows, and the deed itself. One for all of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from casedesk import photos
from casedesk.actions import handling
from casedesk.desk import deeds, forms
from casedesk.models import CaseFile, CasePhoto, ReplyTemplate
from casedesk.situation import Situation
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused


def file_or_404(request: HttpRequest, pk: int) -> CaseFile:
    """The file of a case that this person may see."""
    return get_object_or_404(CaseFile.objects.for_user(request.user, Permission.VIEW_CASES).with_case(), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def case_deed(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask for what a deed needs and say what follows (GET), and do it (POST)."""
    file, deed = file_or_404(request, pk), deeds.DEEDS.get(verb)
    if deed is None:
        raise Http404
    if not request.user.has_perm(deed.permission, file.case):
        raise PermissionDenied
    situation, now = Situation(file, request.user), timezone.now()
    refusal = _refusal(deed, situation, now)
    if request.method != "POST":
        return _ask(request, deed, situation, deed.form(situation=situation, initial=_begun(request)), refusal)
    form = deed.form(request.POST, request.FILES, situation=situation)
    if refusal:
        return _ask(request, deed, situation, form, refusal, status=409)
    if not form.is_valid():
        return _ask(request, deed, situation, form, "", status=422)
    if isinstance(form, forms.HandleForm) and not form.cleaned_data["confirmed"]:
        warnings = _warnings(request, situation, form, now)
        if warnings:
            return _ask(request, deed, situation, _to_confirm(form, situation), "", warnings=warnings)
    return _do(request, deed, situation, form, now)


def _begun(request: HttpRequest) -> dict[str, Any]:
    """What a reply begins with: the words of the template that the address names."""
    code = request.GET.get("template", "")
    chosen = ReplyTemplate.objects.filter(code=code).first() if code else None
    return {"text": chosen.text, "result": chosen.result, "finished_at": timezone.now()} if chosen else {}


def _refusal(deed: deeds.Deed, situation: Situation, now) -> str:
    if not deed.applies(situation):
        state = situation.file.get_status_display()
        return _("This is not possible from the present state: %(state)s.") % {"state": state}
    return deed.obstacle(situation, now)


def _warnings(request: HttpRequest, situation: Situation, form: forms.HandleForm, now) -> list[str]:
    """What to think about before a reply goes out. The photographs are kept, so that they need not be chosen again."""
    given = form.cleaned_data
    taken = given["photos"]
    found = handling.reply_warnings(
        situation.file, text=given["text"], result=given["result"], new_photos=len(taken)
    )  # fmt: skip
    if found and taken:
        with photos.cleaned_on_failure(), transaction.atomic():
            for photograph in taken:
                photos.store_photo(
                    situation.case, photograph, kind=CasePhoto.Kind.HANDLED, now=now, by=request.user,
                    round=situation.file.round,
                )  # fmt: skip
        kept = ngettext("%(count)d photograph was kept.", "%(count)d photographs were kept.", len(taken))
        messages.info(request, kept % {"count": len(taken)})
    return found


def _to_confirm(form: forms.HandleForm, situation: Situation) -> forms.HandleForm:
    data = form.data.copy()
    data["confirmed"] = "on"
    confirm = forms.HandleForm(data, situation=situation)
    confirm.is_valid()
    return confirm


def _ask(
    request: HttpRequest,
    deed: deeds.Deed,
    situation: Situation,
    form: forms.DeedForm,
    refusal: str,
    *,
    warnings: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    is_reply = isinstance(form, forms.HandleForm)
    context = {
        "section": "cases",
        "file": situation.file,
        "case": situation.case,
        "deed": deed,
        "form": form,
        "refusal": refusal,
        "warnings": warnings,
        "photos": CasePhoto.objects.filter(case=situation.case, kind=CasePhoto.Kind.HANDLED, round=situation.file.round)
        if is_reply
        else [],
        "templates": ReplyTemplate.objects.fitting(situation.case.category) if is_reply else [],
        "is_late": is_reply and handling.is_late(situation.file, timezone.now()),
        "photos_lost": is_reply and bool(request.FILES) and not warnings,
    }
    return render(request, "casedesk/case/deed.html", context, status=status)


def _do(request: HttpRequest, deed: deeds.Deed, situation: Situation, form: forms.DeedForm, now) -> HttpResponse:
    who = {"by": request.user, "now": now, "seen": form.cleaned_data["seen"]}
    try:
        deed.run(situation, form, who)
    except ValidationError as error:
        form.take(error)
        return _ask(request, deed, situation, form, "", status=422)
    except MoveRefused as refused:
        return _ask(request, deed, situation, form, str(refused), status=409)
    except LostRace:
        messages.error(
            request, _("Somebody else changed this case meanwhile. Nothing was done; look at it as it is now.")
        )
        return redirect("case-detail", situation.case.pk)
    messages.success(request, str(deed.done))
    return redirect("case-detail", situation.case.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def case_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the reporter's telephone number once, for a reason that is recorded first."""
    file = file_or_404(request, pk)
    situation = Situation(file, request.user)
    if not may_reveal(situation):
        raise PermissionDenied
    form = forms.ReasonForm(request.POST or None, situation=situation)
    phone, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            phone = handling.reveal_phone(
                file, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )  # fmt: skip
        else:
            status = 422
    context = {"section": "cases", "file": file, "case": file.case, "form": form, "phone": phone}
    response = render(request, "casedesk/case/phone.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def may_reveal(situation: Situation) -> bool:
    """Whether the person may see the reporter's number: by right, or as a member of the lead while the case is in hand."""
    return bool(situation.file.phone) and handling.may_reveal_phone(situation)
