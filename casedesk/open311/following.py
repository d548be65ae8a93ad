"""GET of service requests: how cases stand. Open to everybody, and so without a word of the resident.

What the caller filed with its own ``api_key`` is shown to it with the text and its photograph.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casedesk.models import CaseFile, CasePhoto, Dispatch
from casedesk.open311.answers import Refused, moment
from casedesk.reporting import links
from estates.models import Estate
from evaluations.templatetags.appraisal import category as category_name
from portal.models import Region, User
from portal.rules import CHINA
from portal.templatetags.portal import place

MOST_ROWS, MOST_DAYS = 1000, 90
"""Source: GeoReport v2, "Response Volume"."""

Status = CaseFile.Status
STATUSES = {"open": CaseFile.OPEN, "closed": (Status.HANDLED, Status.CLOSED, Status.EXCLUDED)}


def asked(given: QueryDict, where: Region | Estate | None) -> QuerySet[CaseFile]:
    """The page of files that the parameters ask for, newest first.

    Raises:
        Refused: a parameter has no meaning (400).
    """
    rows = CaseFile.objects.select_related("case")
    if isinstance(where, Estate):
        rows = rows.filter(case__estate=where)
    elif where is not None:
        rows = rows.filter(case__estate__community__path__startswith=where.path)
    numbers = _list(given, "service_request_id")
    if numbers:  # "This overrides all other arguments."
        return rows.filter(case__case_no__in=numbers[:MOST_ROWS], case__source="portal").order_by(
            "-case__reported_at", "-pk"
        )
    rows = rows.filter(_dates(given))
    if codes := _list(given, "service_code"):
        rows = rows.filter(case__category__in=codes)
    if statuses := _list(given, "status"):
        unknown = set(statuses) - set(STATUSES)
        if unknown:
            raise Refused(400, _("status is open or closed, not “%(status)s”.") % {"status": sorted(unknown)[0][:30]})
        rows = rows.filter(status__in=[one for status in statuses for one in STATUSES[status]])
    if after := given.get("updated_after", "").strip():
        rows = rows.filter(status_changed_at__gt=_moment(after, "updated_after"))
    size = _number(given, "page_size", MOST_ROWS, MOST_ROWS)
    start = (_number(given, "page", 1, 10_000) - 1) * size
    return rows.order_by("-case__reported_at", "-pk")[start : start + size]


def _list(given: QueryDict, name: str) -> list[str]:
    """Comma-delimited, or declared several times."""
    values = (part.strip() for value in given.getlist(name) for part in value.replace("\x00", "").split(","))
    return [value for value in values if value]


def _dates(given: QueryDict) -> Q:
    first, last = given.get("start_date", "").strip(), given.get("end_date", "").strip()
    end = _moment(last, "end_date") if last else None
    start = _moment(first, "start_date") if first else (end or timezone.now()) - timedelta(days=MOST_DAYS)
    if end is None:
        end = start + timedelta(days=MOST_DAYS) if first else None
    if end is not None and end < start:
        raise Refused(400, _("end_date lies before start_date."))
    if end is not None and end - start > timedelta(days=MOST_DAYS):
        raise Refused(400, _("start_date and end_date lie at most %(days)d days apart.") % {"days": MOST_DAYS})
    within = Q(case__reported_at__gte=start)
    return within & Q(case__reported_at__lte=end) if end else within


def _moment(text: str, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that nobody encoded arrives as a space
        found = found if found.tzinfo else found.replace(tzinfo=CHINA)
        if not 1990 <= found.year <= 2100:
            raise ValueError
    except ValueError as error:
        raise Refused(400, _("%(name)s is a time such as 2021-11-08T00:00:00+08:00.") % {"name": name}) from error
    return found


def _number(given: QueryDict, name: str, default: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text) >= 1):
        raise Refused(400, _("%(name)s is a whole number from 1.") % {"name": name})
    return min(int(text), most)


# --- as rows --------------------------------------------------------------------------------------------------------------


def as_rows(files: Iterable[CaseFile], request: HttpRequest, caller: User | None) -> list[dict[str, Any]]:
    """The fields of the specification for each file: four queries, however many."""
    files = list(files)
    estates = _estates({file.case.estate_id for file in files})
    parties = _parties([file.pk for file in files])
    own = [file.pk for file in files if caller is not None and file.entered_by_id == caller.pk]
    photos = _photos(own)
    rows = []
    for file in files:
        is_own = caller is not None and file.entered_by_id == caller.pk
        rows.append(
            _row(file, estates[file.case.estate_id], parties.get(file.pk), is_own, photos.get(file.pk), request)
        )
    return rows


def _row(file: CaseFile, estate: Estate, party: object, is_own: bool, photo: int | None, request: HttpRequest) -> dict:
    case, community = file.case, estate.community
    media = reverse("open311-photo", args=[links.address_of(photo)]) if photo else None
    return {
        "service_request_id": case.case_no,
        "status": "open" if file.status in CaseFile.OPEN else "closed",
        "status_notes": str(file.get_status_display()),
        "service_name": str(category_name(case.category)),
        "service_code": case.category,
        "description": file.text if is_own else None,
        "agency_responsible": str(party) if party else None,
        "service_notice": None,
        "requested_datetime": moment(case.reported_at),
        "updated_datetime": moment(file.status_changed_at),
        "expected_datetime": moment(file.round_due_at or case.handle_due_at),
        "address": ", ".join(
            place(one) for one in (estate.name, community.name, community.parent.name, community.parent.parent.name)
        ),
        "address_id": estate.code,
        "zipcode": None,
        "lat": float(estate.latitude) if estate.latitude is not None else None,
        "long": float(estate.longitude) if estate.longitude is not None else None,
        "media_url": request.build_absolute_uri(media) if media else None,
    }


def _estates(ids: set[int]) -> dict[int, Estate]:
    up = ("community", "community__parent", "community__parent__parent")
    rows = Estate.objects.select_related(up[-1]).defer(*(f"{one}__boundary" for one in up))
    return rows.in_bulk(ids)


def _parties(ids: list[int]) -> dict[int, object]:
    rows = Dispatch.objects.filter(case__in=ids, status__in=Dispatch.STANDING)
    rows = rows.select_related("enterprise", "agency", "street").defer("street__boundary")
    return {row.case_id: row.party for row in rows}


def _photos(ids: list[int]) -> dict[int, int]:
    rows = CasePhoto.objects.filter(case__in=ids, kind=CasePhoto.Kind.REPORTED).order_by("-added_at", "-pk")
    return dict(rows.values_list("case", "pk"))
