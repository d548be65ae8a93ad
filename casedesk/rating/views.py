"""The resident rates: by the link that was sent, or by tracking code and four digits. On a telephone, without JavaScript.

Opening a page rates nothing: mail programs open links before their readers do. Only sending the form does.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from casedesk import signs
from casedesk.actions import ratings
from casedesk.actions.ratings import LinkRefused, obstacle_to_rate
from casedesk.models import CaseFile, Handling, OutcomeRating
from casedesk.networks import network_hash
from casedesk.rating.forms import RatingForm
from casedesk.reporting import links
from casedesk.reporting.status import StatusForm, find_file, may_try
from portal.middleware import public
from portal.workflow import MoveRefused

Give = Callable[..., OutcomeRating]


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The form behind a link; its token is what entitles to rate."""
    try:
        link = ratings.link_of(token, now=timezone.now())
    except LinkRefused as refusal:
        return _refused(request, str(refusal))

    def give(**answer: Any) -> OutcomeRating:
        return ratings.rate_by_link(token, **answer)

    return _page(request, CaseFile.objects.with_case().get(pk=link.case_id), give)


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    """Asks for tracking code and digits. A wrong code and wrong digits get the same answer."""
    form, status = StatusForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            code, digits = form.cleaned_data["code"], form.cleaned_data["digits"]
            if not may_try(request, code):
                form.add_error(None, _("Too many tries. Wait an hour and try again."))
                status = 429
            elif file := find_file(code, digits):
                return redirect("rating-of-case", links.view_of(file))
            else:
                form.add_error(None, _("No case has this code with these digits. Check both."))
    return render(request, "casedesk/rating/by_code.html", {"section": "follow", "form": form}, status=status)


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_case(request: HttpRequest, view: str) -> HttpResponse:
    """The form of whoever gave code and digits, open for two hours."""
    file = links.file_of(view)
    if file is None:
        return redirect("rating-by-code")

    def give(**answer: Any) -> OutcomeRating:
        return ratings.rate(file, channel=OutcomeRating.Channel.CODE, **answer)

    return _page(request, file, give)


@public
@never_cache
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """After rating; the same page again and again rates nothing again."""
    return render(request, "casedesk/rating/thanks.html", {"section": "follow", "is_held": "checked" in request.GET})


def _page(request: HttpRequest, file: CaseFile, give: Give) -> HttpResponse:
    if request.user.is_authenticated:
        return render(request, "casedesk/rating/staff.html", {"section": "follow"}, status=403)
    if obstacle := obstacle_to_rate(file, now=timezone.now()):
        return _refused(request, obstacle, file)
    form = RatingForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, file, form, 422 if request.method == "POST" else 200)
    try:
        rating = give(
            **form.cleaned_data, device=signs.device_of(request), network=network_hash(request),
            staff_device=signs.is_staff_device(request), now=timezone.now(),
        )  # fmt: skip
    except MoveRefused as refusal:
        return _refused(request, str(refusal), file)
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            form.add_error(name if name in form.fields else None, texts)
        return _form(request, file, form, 422)
    response = redirect("rating-thanks")
    if rating.status == OutcomeRating.Status.HELD:
        response["Location"] += "?checked"
    return response


def _form(request: HttpRequest, file: CaseFile, form: RatingForm, status: int) -> HttpResponse:
    handling = Handling.objects.filter(case=file.case, round=file.round).first()
    context = {"section": "follow", "file": file, "case": file.case, "form": form, "handling": handling}
    response = render(request, "casedesk/rating/form.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    signs.know_again(request, response)
    return response


def _refused(request: HttpRequest, why: str, file: CaseFile | None = None) -> HttpResponse:
    """What cannot be rated says so plainly, and offers the other way."""
    context = {"section": "follow", "why": why, "case": file.case if file else None}
    return render(request, "casedesk/rating/refused.html", context, status=410)
