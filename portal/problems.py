"""Errors of the API as RFC 9457 problem details: one shape for all of them, ``application/problem+json``."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, renderers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The request is too large.")
    default_code = "too_large"


def handler(error, context):
    """DRF's exception handler, answering with a problem. Unexpected errors stay Django's (500, reported)."""
    if isinstance(error, RequestDataTooBig):
        error = PayloadTooLarge()
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _problem(response.status_code, error)
    response.content_type = CONTENT_TYPE
    context["request"].accepted_renderer = renderers.JSONRenderer()
    return response


def _problem(code: int, error: exceptions.APIException) -> dict:
    problem = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code}
    if isinstance(error, exceptions.ValidationError):
        problem["detail"] = _("The request has invalid values; see errors.")
        problem["errors"] = _flat(error.detail)
    else:
        problem["detail"] = str(error.detail)
    return problem


def _flat(detail, where: str = "") -> list[dict]:
    """DRF's nested messages as a list of ``{"pointer": "/field", "detail": "..."}``."""
    if isinstance(detail, dict):
        return [row for key, inner in detail.items() for row in _flat(inner, f"{where}/{key}" if key != "non_field_errors" else where)]
    if isinstance(detail, list):
        return [row for inner in detail for row in _flat(inner, where)]
    return [{"pointer": where, "detail": str(detail)}]


def not_found(request, exception=None) -> HttpResponse:
    """For API addresses that no view answers."""
    response = Response(_problem(404, exceptions.NotFound()), status=404, content_type=CONTENT_TYPE)
    response.accepted_renderer, response.accepted_media_type, response.renderer_context = (
        renderers.JSONRenderer(),
        "application/json",
        {},
    )
    return response.render()
