"""The reporter follows the case: tracking code and four digits open it, for two hours, with its photographs."""

import hmac

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from casedesk import photos
from casedesk.models import CaseFile, CasePhoto
from casedesk.networks import is_within, keyed, network_hash
from casedesk.reporting import links
from casedesk.reporting.forms import TypedField
from casedesk.reporting.standing import Standing, digits_of
from casedesk.reporting.wording import clean_line, clean_phone
from portal.forms import StyledWidgets
from portal.middleware import public

TRIES_PER_NETWORK, TRIES_PER_CODE = 30, 10
"""In ten minutes, and in an hour. A code has 50 bits: guessing one is hopeless, guessing the digits of a known one is not."""


class StatusForm(StyledWidgets, forms.Form):
    code = TypedField(
        label=gettext_lazy("Tracking code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    digits = TypedField(
        label=gettext_lazy("Last four digits of your telephone"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=gettext_lazy("If you gave no telephone number: the last four digits of the case number."),
    )

    def clean_code(self):
        return clean_line(self.cleaned_data["code"], 40).upper().replace(" ", "").replace("-", "")

    def clean_digits(self):
        return clean_phone(self.cleaned_data["digits"])[-4:]


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Asks for code and digits. A wrong code and wrong digits get the same answer."""
    form = StatusForm(request.POST or None)
    code_status = 200
    if request.method == "POST":
        code_status = 422
        if form.is_valid():
            code, digits = form.cleaned_data["code"], form.cleaned_data["digits"]
            if not may_try(request, code):
                form.add_error(None, _("Too many tries. Wait an hour and try again."))
                code_status = 429
            elif file := find_file(code, digits):
                return redirect("report-case", links.view_of(file))
            else:
                form.add_error(None, _("No case has this code with these digits. Check both."))
    return render(request, "casedesk/report/status.html", {"section": "follow", "form": form}, status=code_status)


def may_try(request: HttpRequest, code: str) -> bool:
    near = is_within(f"tries:{network_hash(request)}", TRIES_PER_NETWORK, 600)
    return is_within(f"tries:{keyed('code', code)}", TRIES_PER_CODE, 3600) and near


def find_file(code: str, digits: str) -> CaseFile | None:
    """The file with this tracking code whose four digits are these. Takes as long for a code that does not exist."""
    file = CaseFile.objects.select_related("case").filter(tracking_code=code.replace("\x00", "")).first()
    expected = digits_of(file) if file else "none"
    is_right = hmac.compare_digest(expected.encode(), digits.encode())
    return file if is_right else None


@public
@never_cache
@require_safe
def case(request: HttpRequest, view: str) -> HttpResponse:
    """The case as its reporter may see it."""
    file = links.file_of(view)
    if file is None:
        return redirect("report-status")
    context = {"section": "follow", "standing": Standing(file, timezone.now()), "view": view}
    return render(request, "casedesk/report/case.html", context)


@public
@require_safe
def photo(request: HttpRequest, view: str, pk: int) -> HttpResponse:
    """A photograph of the reporter's own case, as long as the case is open to them."""
    file = links.file_of(view)
    if file is None:
        raise Http404
    shown = (CasePhoto.Kind.REPORTED, CasePhoto.Kind.HANDLED)
    return send_photo(request, get_object_or_404(CasePhoto, pk=pk, case=file.case_id, kind__in=shown))


def send_photo(request: HttpRequest, photo: CasePhoto) -> HttpResponse:
    """The JPEG of ``photo`` (``?small`` its thumbnail), to be kept by the asking browser alone."""
    try:
        file = photos.open_photo(photo, thumbnail="small" in request.GET)
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(file, content_type="image/jpeg", filename=f"photo-{photo.pk}.jpg")
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
