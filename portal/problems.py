"""Errors of the API as RFC 9457 problem details: one shape for all of them, ``application/problem+json``."""

from http import HTTPStatus
from math import ceil

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from rest_framework import exceptions, renderers, serializers, status
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"


class ProblemRenderer(renderers.JSONRenderer):
    media_type = CONTENT_TYPE
    format = "problem"


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The request is too large.")
    default_code = "too_large"


class Gone(exceptions.APIException):
    """What was published here is no longer; the message says why."""

    status_code = status.HTTP_410_GONE
    default_detail = gettext_lazy("This was withdrawn.")
    default_code = "gone"


class Unprocessable(exceptions.APIException):
    """Well formed, and nothing of it could be taken. ``extra`` are further members of the problem."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = gettext_lazy("Nothing of this could be taken; see errors.")
    default_code = "unprocessable"

    def __init__(self, **extra) -> None:
        super().__init__()
        self.extra = extra


class ErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(
        allow_blank=True, help_text="JSON pointer into the body, or the query parameter's name."
    )
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """Problem details of RFC 9457. The texts follow ``Accept-Language``; ``status`` and ``pointer`` are for programs."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ErrorSerializer(many=True, required=False)


def handler(error, context):
    """DRF's exception handler, answering with a problem. Unexpected errors stay Django's (500, reported)."""
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _problem(response.status_code, error)
    if isinstance(error, exceptions.Throttled):
        response.headers["Retry-After"] = str(max(1, ceil(error.wait or 60)))
    response.headers["Cache-Control"] = "no-store"
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = (ProblemRenderer(), CONTENT_TYPE)
    return response


def _problem(code: int, error: exceptions.APIException) -> dict:
    problem = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code}
    if isinstance(error, exceptions.ValidationError):
        problem["detail"] = _("The request has invalid values; see errors.")
        problem["errors"] = _flat(error.detail)
    else:
        problem["detail"] = str(error.detail)
    return problem | getattr(error, "extra", {})


def _flat(detail, where: str = "") -> list[dict]:
    """DRF's nested messages as a list of ``{"pointer": "/field", "detail": "..."}``."""
    if isinstance(detail, dict):
        return [
            row
            for key, inner in detail.items()
            for row in _flat(inner, f"{where}/{key}" if key != "non_field_errors" else where)
        ]
    if isinstance(detail, list):
        return [row for inner in detail for row in _flat(inner, where)]
    return [{"pointer": where, "detail": str(detail)}]


# --- outside DRF's views: URLs that no view answers, and errors that nobody foresaw ---------------------------------------


def _plain(code: int, detail: str) -> HttpResponse:
    problem = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code, "detail": detail}
    response = HttpResponse(ProblemRenderer().render(problem), status=code, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def no_such_address(request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """The view of every API address that is none; a reader who left out the last slash is shown the way."""
    if request.method in ("GET", "HEAD") and not request.path.endswith("/"):
        meant = resolve(request.path_info + "/")
        if meant.func is not no_such_address:
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
    return _plain(404, _("There is nothing at this address."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler400`` of the whole site."""
    if not is_api(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return _plain(413, str(TooLarge.default_detail))
    return _plain(400, _("The request is malformed."))


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500`` of the whole site."""
    if not is_api(request):
        return defaults.server_error(request)
    return _plain(500, _("Something went wrong here; it has been reported."))
