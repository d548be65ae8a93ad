"""Calling residents back: whom the lot gave to this person today, and what they said."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from casedesk.actions import callbacks
from casedesk.actions.ratings import obstacle_to_call_back, obstacle_to_rate
from casedesk.models import CaseFile, Handling
from casedesk.rating.forms import CallbackForm
from portal.roles import Permission
from portal.workflow import MoveRefused


@require_safe
@permission_required(Permission.CALL_BACK, raise_exception=True)
def queue(request: HttpRequest) -> HttpResponse:
    """Today's draw of this person, with how often each was called in vain."""
    now = timezone.now()
    files = callbacks.drawn_today(request.user, now=now)
    vain = callbacks.attempts_of([file.pk for file in files])
    context = {
        "section": "callbacks",
        "rows": [(file, vain.get(file.pk, 0)) for file in files],
        "waiting": callbacks.to_call(request.user, now=now).count(),
        "attempts": callbacks.ATTEMPTS,
    }
    return render(request, "casedesk/rating/callbacks.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.CALL_BACK, raise_exception=True)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: show the number (recorded), enter the answer, or note that nobody answered."""
    scope = CaseFile.objects.for_user(request.user, Permission.CALL_BACK)
    file, now = get_object_or_404(scope.with_case(), pk=pk), timezone.now()
    deed = request.POST.get("deed", "rate") if request.method == "POST" else ""
    form = CallbackForm(request.POST if deed == "rate" else None)
    phone, status = "", 200
    try:
        if deed == "phone":
            phone = callbacks.number_to_call(file, by=request.user, now=now)
        elif deed == "not-reached":
            callbacks.not_reached(file, by=request.user, now=now)
            messages.success(request, _("Noted: nobody answered."))
            return redirect("callbacks")
        elif deed and form.is_valid():
            callbacks.enter_callback(file, by=request.user, now=now, **form.cleaned_data)
            messages.success(request, _("The resident's rating was entered."))
            return redirect("callbacks")
        elif deed:
            status = 422
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("callbacks")
    except ValidationError as error:
        status = 422
        for name, texts in error.message_dict.items():
            form.add_error(name if name in form.fields else None, texts)
    context = {
        "section": "callbacks",
        "file": file,
        "case": file.case,
        "form": form,
        "phone": phone,
        "vain": callbacks.attempts_of([file.pk]).get(file.pk, 0),
        "handling": Handling.objects.filter(case=file.case, round=file.round).first(),
        "refusal": obstacle_to_call_back(file, request.user) or obstacle_to_rate(file, now=now),
    }
    return render(request, "casedesk/rating/callback.html", context, status=status)
