"""Where a request is: a jurisdiction, an address or a position, each brought down to a neighbourhood."""

from decimal import Decimal, InvalidOperation
from math import asin, cos, radians, sin, sqrt

from django.db.models import CharField, F, QuerySet, Value
from django.utils.translation import gettext as _

from casedesk.open311.answers import Refused
from casedesk.reporting.places import estate_of
from estates.models import Estate
from portal.models import Region

NEAREST = 500
"""Metres from a position to the point of a neighbourhood at most. Assumption: most are not wider."""
_EARTH = 6_371_008.8
"""Mean radius in metres."""


def jurisdiction(code: str) -> Region | Estate | None:
    """What ``jurisdiction_id`` names: a place by its code, a neighbourhood by its; ``None`` is the whole city.

    Raises:
        Refused: it names nothing (404).
    """
    code = code.replace("\x00", "").strip()[:100]
    if not code:
        return None
    place = Region.objects.plain().filter(code=code).first()
    if place is not None:
        return None if place.level == Region.Level.CITY else place
    if estate := estate_of(code):
        return estate
    raise Refused(
        404, _("There is no jurisdiction “%(code)s”; leave jurisdiction_id empty for the whole city.") % {"code": code}
    )


def within(rows: QuerySet[Estate], where: Region | Estate | None) -> QuerySet[Estate]:
    """Those of ``rows`` in a jurisdiction."""
    if isinstance(where, Estate):
        return rows.filter(pk=where.pk)
    return rows.filter(community__path__startswith=where.path) if where else rows


def position(latitude: str, longitude: str) -> tuple[Decimal, Decimal] | None:
    """(longitude, latitude) in degrees WGS 84, or ``None`` for neither.

    Raises:
        Refused: one is missing, or they are not on earth (400).
    """
    if not latitude.strip() and not longitude.strip():
        return None
    try:
        north, east = (round(Decimal(text.strip()), 6) for text in (latitude, longitude))
        is_on_earth = abs(north) <= 90 and abs(east) <= 180
    except InvalidOperation as error:  # also of a comparison with what is not a number
        raise Refused(400, _("lat and long are decimal degrees, and both are sent.")) from error
    if not is_on_earth:
        raise Refused(400, _("lat lies between -90 and 90, long between -180 and 180."))
    return east, north


def neighbourhood(rows: QuerySet[Estate], *, code: str, address: str, at: tuple[Decimal, Decimal] | None) -> Estate:
    """The neighbourhood of ``rows`` that is meant: by code (or exact name), by its name in an address, by position.

    Raises:
        Refused: none or several fit; the message says what to send (400).
    """
    if code:
        found = _by_code(rows, code)
        if found is None:
            raise Refused(400, _("No neighbourhood has the code or name “%(code)s”.") % {"code": code[:60]})
        return found
    only = list(rows[:2])
    if len(only) == 1:  # the jurisdiction is one neighbourhood
        return only[0]
    found = _in_address(rows, address) or (_nearest(rows, at) if at else None)
    if found is None:
        raise Refused(
            400,
            _(
                "The place fits no neighbourhood. Send its code as address_id or attribute[estate], its full name in"
                " address_string, or lat and long within %(metres)d m of it."
            )
            % {"metres": NEAREST},
        )
    return found


def _by_code(rows: QuerySet[Estate], code: str) -> Estate | None:
    code = code.replace("\x00", "").strip()[:200]
    meant = estate_of(code)
    if meant is not None:
        return rows.filter(pk=meant.pk).first()
    named = list(rows.filter(name=code)[:2])
    return named[0] if len(named) == 1 else None


def _in_address(rows: QuerySet[Estate], address: str) -> Estate | None:
    """The one whose name stands in ``address``: the longest name; of several, the one whose street or district does too."""
    address = address.replace("\x00", "").strip()[:300]
    if not address:
        return None
    told = rows.alias(told=Value(address, output_field=CharField())).filter(told__contains=F("name"))
    found = list(told.select_related("community__parent__parent").order_by("code")[:200])
    longest = max((len(estate.name) for estate in found), default=0)
    found = [estate for estate in found if len(estate.name) == longest]
    for places in (lambda one: one.community.parent, lambda one: one.community.parent.parent):
        if len(found) > 1:
            found = [estate for estate in found if places(estate).name in address] or found
    if len(found) > 1:
        raise Refused(
            400,
            _(
                "%(count)d neighbourhoods have this name. Add the street to address_string, or send the code as address_id."
            )
            % {"count": len(found)},
        )
    return found[0] if found else None


def _nearest(rows: QuerySet[Estate], at: tuple[Decimal, Decimal]) -> Estate | None:
    east, north = float(at[0]), float(at[1])
    up = NEAREST / 111_000
    aside = up / max(0.01, cos(radians(north)))
    box = rows.filter(
        latitude__range=(round(north - up, 6), round(north + up, 6)),
        longitude__range=(round(east - aside, 6), round(east + aside, 6)),
    )
    near = [(_metres(north, east, float(one.latitude), float(one.longitude)), one.code, one) for one in box[:500]]
    found = min(near, default=None)
    return found[2] if found and found[0] <= NEAREST else None


def _metres(north: float, east: float, other_north: float, other_east: float) -> float:
    """Great-circle distance (haversine)."""
    up, aside = radians(other_north - north) / 2, radians(other_east - east) / 2
    chord = sin(up) ** 2 + cos(radians(north)) * cos(radians(other_north)) * sin(aside) ** 2
    return 2 * _EARTH * asin(sqrt(chord))
