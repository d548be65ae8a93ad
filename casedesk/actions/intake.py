"""How a matter becomes a case that the portal carries."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from casedesk import limits, numbers
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile
from estates.models import Estate
from evaluations.models import AppraisalCase
from portal.models import User
from portal.persons import phone_hash
from portal.rules import CHINA
from portal.workflow import record

SOURCE = "portal"
"""``AppraisalCase.source`` of what the portal itself took in."""


@dataclass(frozen=True)
class Reporter:
    """Who reports, and how to reach them; every part may be empty. Never shown in public."""

    name: str = ""
    phone: str = ""
    email: str = ""
    place: str = ""


@transaction.atomic
def open_case(
    *,
    estate: Estate,
    category: str,
    text: str,
    channel: str,
    reporter: Reporter,
    now: datetime,
    by: User | None = None,
    urgency: str = CaseFile.Urgency.NORMAL,
    position: tuple[Decimal, Decimal] | None = None,
) -> CaseFile:
    """Take a matter in: number, due times by the catalogue in force, tracking code, first event; waiting for dispatch.

    ``by`` is who entered it for the resident, ``None`` the resident. ``position`` is (longitude, latitude), kept in private.
    """
    item = limits.item_for(category, now.astimezone(CHINA).date())
    accept, handle = limits.due_times(item, urgency, now)
    case = AppraisalCase.objects.create(
        source=SOURCE,
        case_no=numbers.next_number(numbers.CASES, now),
        estate=estate,
        category=category,
        reported_at=now,
        accept_due_at=accept.at,
        handle_due_at=max(handle.at, accept.at),
    )
    longitude, latitude = position or (None, None)
    file = CaseFile.objects.create(
        case=case,
        tracking_code=numbers.tracking_code(),
        channel=channel,
        urgency=urgency,
        item=item,
        text=text,
        place=reporter.place,
        longitude=longitude,
        latitude=latitude,
        reporter_name=reporter.name,
        phone=reporter.phone,
        phone_hash=phone_hash(reporter.phone) if reporter.phone else "",
        email=reporter.email,
        entered_by=by,
        status_changed_at=now,
        accept_clock=limits.as_data(accept),
        handle_clock=limits.as_data(handle),
    )
    tell(case, CaseEvent.Kind.REPORTED, at=now, by=by, text=text, channel=channel)
    record("cases.enter", case, by=by, channel=channel)
    return file
