"""How a matter becomes a case that the portal carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from casedesk import limits, numbers, photos
from casedesk.actions.dispatch import dispatch_at_once
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, CasePhoto, Receipt
from casedesk.networks import keyed
from casedesk.photos import Photograph
from estates.models import Estate
from evaluations.intake import OF_THE_PORTAL
from evaluations.models import AppraisalCase
from portal.models import User
from portal.persons import phone_hash
from portal.rules import CHINA
from portal.workflow import record

SOURCE = OF_THE_PORTAL
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
    """Take a matter in: number, due times by the catalogue in force, tracking code, first event; waiting for
    dispatch, unless the catalogue sends such matters at once.

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
    if dispatch_at_once(file, now=now):
        file.refresh_from_db()
    return file


# --- what residents and other systems file --------------------------------------------------------------------------------

SAME_MATTER = timedelta(minutes=10)
"""The same words about the same neighbourhood from the same person within this time are one report. Assumption."""


class TooMany(Exception):
    """So many reports came from this network or telephone that this one is not taken; the message says what to do."""


@dataclass(frozen=True)
class Filed:
    """What became of a report: its file, and whether it is a new one."""

    file: CaseFile
    is_new: bool


@dataclass(frozen=True)
class Sender:
    """Where a report comes from. ``token`` names the form: the same form again is the same report.

    ``network_hash`` is empty for another system, which has a limit of its own.
    """

    token: str
    channel: str
    network_hash: str = ""


def file_report(
    *,
    estate: Estate,
    category: str,
    text: str,
    reporter: Reporter,
    sender: Sender,
    now: datetime,
    photographs: Sequence[Photograph] = (),
    by: User | None = None,
    urgency: str = CaseFile.Urgency.NORMAL,
    position: tuple[Decimal, Decimal] | None = None,
) -> Filed:
    """Take a report in exactly once, with its photographs; ``by`` is who files for the resident.

    Raises:
        TooMany: the limits of its network or telephone are reached; nothing was taken in.
    """
    with photos.cleaned_on_failure(), transaction.atomic():
        _one_at_a_time(sender.network_hash, f"estate {estate.pk}")
        known = _known(estate, text, reporter, sender, now)
        if known is None:
            _demand_within_limits(reporter, sender, now)
            file = open_case(
                estate=estate, category=category, text=text, channel=sender.channel, reporter=reporter, now=now, by=by,
                urgency=urgency, position=position,
            )  # fmt: skip
            for photograph in photographs:
                photos.store_photo(file.case, photograph, kind=CasePhoto.Kind.REPORTED, now=now, by=by)
        file = known or file
        Receipt.objects.get_or_create(
            token_hash=keyed("form", sender.token),
            defaults={"case": file.case, "network_hash": sender.network_hash, "at": now},
        )
    return Filed(file, is_new=known is None)


def _one_at_a_time(*keys: str) -> None:
    """Let reports that share a key pass one after the other, until the transaction ends. All take the keys in this order."""
    with connection.cursor() as cursor:
        for key in filter(None, keys):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 311))", [key])


def _known(estate: Estate, text: str, reporter: Reporter, sender: Sender, now: datetime) -> CaseFile | None:
    """The file that this report already is, if it is one."""
    files = CaseFile.objects.select_related("case__estate")
    receipt = Receipt.objects.filter(token_hash=keyed("form", sender.token)).first()
    if receipt is not None:
        known: CaseFile = files.get(case=receipt.case_id)
        if (known.text, known.case.estate_id) == (
            text,
            estate.pk,
        ):  # else somebody went back and wrote of another matter
            return known
    same = files.filter(case__estate=estate, case__reported_at__gt=now - SAME_MATTER, text=text)
    if reporter.phone:
        return same.filter(phone_hash=phone_hash(reporter.phone)).first()
    if not sender.network_hash:
        return None
    near = Receipt.objects.filter(network_hash=sender.network_hash, at__gt=now - SAME_MATTER)
    return same.filter(phone="", case__in=near.values("case")).first()


def _demand_within_limits(reporter: Reporter, sender: Sender, now: datetime) -> None:
    if sender.network_hash:
        near = Receipt.objects.filter(network_hash=sender.network_hash, at__gt=now - timedelta(hours=1))
        if near.count() >= settings.REPORTS_PER_NETWORK:
            raise TooMany(
                _("Too many reports came from this network within an hour. Try again later, or call the street office.")
            )
    if reporter.phone and sender.channel in (CaseFile.Channel.WEB, CaseFile.Channel.QR, CaseFile.Channel.OPEN311):
        own = CaseFile.objects.filter(
            phone_hash=phone_hash(reporter.phone), case__reported_at__gt=now - timedelta(days=1)
        )
        if own.count() >= settings.REPORTS_PER_PHONE:
            raise TooMany(
                _("Too many reports came from this telephone today. Try again tomorrow, or call the street office.")
            )


RECEIPTS_LAST = timedelta(days=30)


def forget_receipts(now: datetime) -> int:
    """Delete receipts older than 30 days, and with them from which networks reports came; how many."""
    forgotten, _rows = Receipt.objects.filter(at__lt=now - RECEIPTS_LAST).delete()
    return int(forgotten)
