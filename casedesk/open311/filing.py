"""POST of a service request: who files, what and where, taken in like every report."""

from typing import Any
from uuid import uuid4

from django.core.validators import validate_email
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed

from casedesk import limits, photos
from casedesk.actions.intake import Filed, Reporter, Sender, TooMany, file_report
from casedesk.models import CaseFile
from casedesk.networks import is_within
from casedesk.open311 import kinds, locations
from casedesk.open311.answers import Refused, moment
from casedesk.reporting.wording import LONGEST, clean_line, clean_phone, clean_text
from estates.models import Estate
from portal.backends import TokenAuthentication
from portal.models import User
from portal.persons import PHONE
from portal.roles import Permission
from portal.workdays.calendar import explain

FILED_PER_MINUTE = 600
"""Requests of one account. Assumption; a city's hotline files a tenth of that."""


def account(key: str) -> User | None:
    """Whose ``api_key`` (an API token that may submit cases) it is; none for the empty one.

    Raises:
        Refused: the key is wrong, expired, or may not submit cases (403).
    """
    if not key:
        return None
    try:
        user, _token = TokenAuthentication().authenticate_credentials(key[:200].encode("utf-8", "replace"))
    except AuthenticationFailed as error:
        raise Refused(403, _("api_key is not valid.")) from error
    if not (user.token_allows(Permission.SUBMIT_CASES) and user.has_perm(Permission.SUBMIT_CASES)):
        raise Refused(403, _("This api_key may not submit cases."))
    return user


def file_request(request: HttpRequest) -> dict[str, Any]:
    """Take the request in; its answer.

    Raises:
        Refused: no key (403), no such service or jurisdiction (404), anything else that is wrong (400), too many (429).
    """
    given = request.POST
    user = account(given.get("api_key", ""))
    if user is None:
        raise Refused(403, _("api_key is missing: it is needed to file."))
    if not is_within(f"open311:{user.pk}", FILED_PER_MINUTE, 60):
        raise Refused(429, _("Too many requests with this api_key. Try again in a minute."))
    code = given.get("service_code", "").strip()
    if not code:
        raise Refused(400, _("service_code is missing."))
    kinds.find(code)
    at = locations.position(given.get("lat", ""), given.get("long", ""))
    try:
        filed = file_report(
            estate=_estate(given, user, at),
            category=code,
            text=_text(given),
            reporter=_reporter(given),
            sender=Sender(uuid4().hex, CaseFile.Channel.OPEN311),
            photographs=photos.read_photos(request.FILES.getlist("media")),
            by=user,
            position=at,
            now=timezone.now(),
        )
    except TooMany as refused:
        raise Refused(429, str(refused)) from refused
    return _answer(filed)


def _estate(given: QueryDict, user: User, at) -> Estate:
    where = locations.jurisdiction(given.get("jurisdiction_id", ""))
    scope = Estate.objects.for_user(user, Permission.SUBMIT_CASES)
    code = given.get(f"attribute[{kinds.ESTATE}]", "").strip() or given.get("address_id", "").strip()
    address = given.get("address_string", "").strip()
    if not (code or address or at or isinstance(where, Estate)):
        raise Refused(400, _("The place is missing: send lat and long, address_string or address_id."))
    return locations.neighbourhood(locations.within(scope, where), code=code, address=address, at=at)


def _text(given: QueryDict) -> str:
    text = clean_text(given.get("description", ""))
    if not text:
        raise Refused(400, _("description is missing: say what happened."))
    media = clean_line(given.get("media_url", ""), 500)
    if media.startswith(("https://", "http://")):  # named, never fetched: it may lead anywhere
        text = f"{text}\n{media}"
    if len(text) > LONGEST:
        raise Refused(
            400,
            _("description has %(count)d characters; at most %(most)d can be taken.")
            % {"count": len(text), "most": LONGEST},
        )
    return text


def _reporter(given: QueryDict) -> Reporter:
    name = clean_line(f"{given.get('first_name', '')} {given.get('last_name', '')}", 60)
    phone, email = clean_phone(given.get("phone", "")), clean_line(given.get("email", ""), 254)
    if phone:
        PHONE(phone)
    if email:
        validate_email(email)
    return Reporter(name=name, phone=phone, email=email, place=clean_line(given.get("address_string", ""), 100))


def _answer(filed: Filed) -> dict[str, Any]:
    file = filed.file
    due = limits.from_data(file.handle_clock) if file.handle_clock else None
    notice = _("Handled at the latest by %(moment)s (%(explained)s). Tracking code for the resident: %(code)s.") % {
        "moment": moment(file.case.handle_due_at), "explained": explain(due) if due else "", "code": file.tracking_code,
    }  # fmt: skip
    return {
        "service_request_id": file.case.case_no,
        "token": file.tracking_code,
        "service_notice": notice,
        "account_id": None,
    }
