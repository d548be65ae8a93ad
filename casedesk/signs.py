"""What a rating came with: the device as a keyed hash, and whether device or telephone belong to service or office."""

import secrets

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from casedesk.networks import keyed
from casedesk.watching.rules import BurstRule
from enterprises.models import Enterprise
from portal.persons import AbstractPerson, phone_hash

DEVICE, WORKED_HERE = "device", "worked_here"
"""Cookies: a number by which one device is known again, and the mark that somebody in office or service signed in on it."""
_YEAR = 365 * 86_400


def burst_rule() -> BurstRule:
    """The thresholds in force: ``settings.RATING_BURSTS`` over the defaults."""
    return BurstRule(**getattr(settings, "RATING_BURSTS", {}))


def device_of(request: HttpRequest) -> str:
    """The keyed hash of the device's number; empty where it keeps no cookies."""
    number = request.COOKIES.get(DEVICE, "")
    return keyed("device", number) if 16 <= len(number) <= 64 else ""


def know_again(request: HttpRequest, response: HttpResponse) -> None:
    """Give the device a number, if it has none. Only pages on which something is rated do that."""
    if not device_of(request):
        response.set_cookie(
            DEVICE, secrets.token_urlsafe(24), max_age=_YEAR, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip


class StaffDevice:
    """Middleware: a browser on which somebody signed in is marked, so that a rating given on it is held for a check."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # A public page or the API looks at nobody, and must not begin to.
        official = getattr(request, "is_official_page", False)
        if official and WORKED_HERE not in request.COOKIES and request.user.is_authenticated:
            response.set_cookie(
                WORKED_HERE, "1", max_age=_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
        return response

    def process_view(self, request, view, args, kwargs):
        request.is_official_page = not (getattr(view, "is_public", False) or request.path.startswith("/api/"))


def is_staff_device(request: HttpRequest) -> bool:
    return WORKED_HERE in request.COOKIES


def is_staff_phone(phone: str) -> bool:
    """Whether a register names ``phone``: an enterprise's, or that of any person whom a register keeps."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    if len(digits) < 5:
        return False
    wanted = phone_hash(phone)
    ending = "[ -]*".join(digits[-5:]) + "[ -]*$"  # the whole number is compared below, whatever its spaces and prefix
    return any(
        phone_hash(known) == wanted
        for model in _with_phones()
        for known in model._base_manager.filter(phone__regex=ending).values_list("phone", flat=True)
    )


def _with_phones() -> list:
    persons = [model for model in apps.get_models() if issubclass(model, AbstractPerson)]
    return [Enterprise, *persons]
