"""Another telephone or e-mail address of a reporter: seldom needed, and the way in which ratings were once taken over."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from casedesk.actions.deeds import begin, keep, refuse
from casedesk.actions.ratings import invite_rating, obstacle_to_decide
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, OutcomeRating
from portal.models import User
from portal.persons import PHONE, phone_hash
from portal.roles import Permission
from portal.workflow import demand_reason, record

LONGEST = {"phone": 20, "email": 254}


@transaction.atomic
def change_contact(
    file: CaseFile, *, phone: str, email: str, by: User, reason: str, seen: int | None, now: datetime
) -> CaseFile:
    """Give a case another contact. The old one is told, a link given out is void, and a rating given afterwards is held.

    Raises:
        PermissionDenied, LostRace: as every deed.
        MoveRefused: ``by`` handled the case or belongs to the rated party.
        ValidationError: no reason, an address of no form, or nothing changed.
    """
    file = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen).file
    refuse(obstacle_to_decide(file, by))
    phone, email, reason = phone.strip(), email.strip(), demand_reason(reason)
    _check(file, phone, email)
    record(
        "cases.change_contact", file.case, by=by, reason=reason, phone=phone != file.phone, email=email != file.email
    )
    tell(
        file.case, CaseEvent.Kind.CONTACT_CHANGED, at=now, by=by, text=reason, is_public=True
    )  # while it is the old one
    rated = OutcomeRating.objects.filter(case=file.case, round=file.round).exists()
    keep(file, phone=phone, email=email, phone_hash=phone_hash(phone) if phone else "", contact_changed_at=now)
    if file.status == CaseFile.Status.HANDLED and not rated:
        invite_rating(file, now=now)
    return file


def _check(file: CaseFile, phone: str, email: str) -> None:
    if (phone, email) == (file.phone, file.email):
        raise ValidationError({"phone": [_("This is the contact already.")]})
    if not phone and not email:
        raise ValidationError({"phone": [_("Give a telephone number or an e-mail address.")]})
    if phone:
        _valid(PHONE, phone, "phone")
    if email:
        _valid(validate_email, email, "email")


def _valid(validator: object, value: str, field: str) -> None:
    try:
        validator(value)  # type: ignore[operator]
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    if len(value) > LONGEST[field]:
        raise ValidationError({field: [_("This is too long.")]})
