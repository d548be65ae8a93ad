"""The addresses of Open311 GeoReport v2."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from casedesk.models import CaseFile, CatalogueVersion
from casedesk.networks import is_within, network_hash
from casedesk.open311 import following, kinds, locations
from casedesk.open311.answers import Refused, answer, errors, in_its_format
from casedesk.open311.filing import account, file_request
from casedesk.reporting import links
from casedesk.reporting.status import send_photo
from casedesk.reporting.views import MAX_BODY
from portal.context import city
from portal.middleware import public

READ_PER_MINUTE = 300
"""Requests of one network. Assumption."""
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def _demand_patience(request: HttpRequest) -> None:
    if not is_within(f"open311:{network_hash(request)}", READ_PER_MINUTE, 60):
        raise Refused(429, _("Too many requests from this network. Try again in a minute."))


@public
@require_safe
@in_its_format
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Where the API is and in which formats."""
    version = CatalogueVersion.objects.order_by("-effective_from").first()
    changed = version.effective_from.isoformat() if version else "2021-01-01"
    profile = city()
    data = {
        "changeset": f"{changed}T00:00:00+08:00",
        "contact": (profile.bureau if profile else "") or _("the publisher of this portal"),
        "key_service": _("The city issues API tokens that may submit cases; ask the contact."),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": request.build_absolute_uri("/open311/v2"),
                "changeset": f"{changed}T00:00:00+08:00",
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return answer(form, "discovery", "", data)


@public
@require_safe
@in_its_format
def services(request: HttpRequest, form: str) -> HttpResponse:
    locations.jurisdiction(request.GET.get("jurisdiction_id", ""))
    return answer(form, "services", "service", kinds.services())


@public
@require_safe
@in_its_format
def definition(request: HttpRequest, code: str, form: str) -> HttpResponse:
    locations.jurisdiction(request.GET.get("jurisdiction_id", ""))
    return answer(form, "service_definition", "", kinds.definition(code))


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@in_its_format
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """GET: how cases stand. POST: file one."""
    if request.method == "POST":
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > MAX_BODY:
            raise Refused(413, _("The request is too large."))
        return answer(form, "service_requests", "request", [file_request(request)], 201)
    _demand_patience(request)
    where = locations.jurisdiction(request.GET.get("jurisdiction_id", ""))
    caller = account(request.GET.get("api_key", ""))
    rows = following.as_rows(following.asked(request.GET, where), request, caller)
    return answer(form, "service_requests", "request", rows)


@public
@require_safe
@in_its_format
def one_request(request: HttpRequest, number: str, form: str) -> HttpResponse:
    _demand_patience(request)
    locations.jurisdiction(request.GET.get("jurisdiction_id", ""))
    caller = account(request.GET.get("api_key", ""))
    file = _of_portal().filter(case__case_no=number.replace("\x00", "")).first()
    if file is None:
        raise Refused(404, _("There is no service request “%(number)s”.") % {"number": number[:60]})
    return answer(form, "service_requests", "request", following.as_rows([file], request, caller))


@public
@require_safe
@in_its_format
def token(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """The number of the case with this tracking code."""
    _demand_patience(request)
    file = _of_portal().filter(tracking_code=token.replace("\x00", "")).first()
    if file is None:
        raise Refused(404, _("There is no token “%(token)s”.") % {"token": token[:60]})
    row = {"service_request_id": file.case.case_no, "token": file.tracking_code}
    return answer(form, "service_requests", "request", [row])


@public
@require_safe
def photo(request: HttpRequest, address: str) -> HttpResponse:
    """The photograph of a request, as its ``media_url`` names it; it opens neither the case nor its rating."""
    found = links.photo_of(address)
    if found is None:
        raise Http404
    return send_photo(request, found)


def _of_portal():
    return CaseFile.objects.select_related("case").filter(case__source="portal")


@public
@csrf_exempt
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Every other address: the specification knows these and no more."""
    form = "json" if rest.endswith(".json") else "xml"
    message = _("There is nothing here. Addresses end in .xml or .json: discovery, services, requests, tokens.")
    return errors(form, 404, message)
