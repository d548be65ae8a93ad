"""Registers of neighbourhoods: what they are, who serves them, who manages them, and hand-overs."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estates.deeds import ESTATE_DEEDS
from estates.models import Estate, HandOver, ManagerAppointment, ServiceAssignment
from estates.places import with_service
from estates.reasons import assignment_warnings
from portal.registers import Computed, ComputedFacet, Register
from portal.roles import Permission
from portal.templatetags.portal import place

BY_ESTATE = ("estate__name", "estate__initials", "estate__code")
"""Where a search looks in rows that hang on a neighbourhood."""
BY_SERVICE = ("estate__name", "estate__initials", "enterprise__name", "enterprise__initials")
"""Where it looks in rows about an enterprise's service of a neighbourhood."""


def _place(estate: Estate) -> str:
    street = estate.community.parent
    return f"{place(street.parent.name)} · {place(street.name)}"


def _serving(estate: Estate) -> str:
    return "、".join(place(assignment.enterprise.name) for assignment in estate.serving)


class EstatesRegister(Register):
    """What all registers of this app have in common."""

    view, keep = Permission.VIEW_ESTATES, Permission.KEEP_ESTATES


class Estates(EstatesRegister):
    slug = "estates"
    model = Estate
    icon = "building-community"
    key = ("code",)
    fields = (
        "code", "name", "kind", "use_class", "community", "address", "longitude", "latitude", "built_year",
        "delivered_on", "buildings", "households", "floor_area_m2", "lifts", "has_fire_equipment",
    )  # fmt: skip
    columns = ("name", "code", "kind", "place", "households", "floor_area_m2", "enterprise")
    facets = ("kind", "use_class")
    computed = (
        Computed("place", _("Place"), _place, ("community__path", "pk")),
        Computed("enterprise", _("Served by"), _serving),
    )
    deeds = ESTATE_DEEDS
    computed_facets = (
        ComputedFacet.yes_no("served", _("Service"), lambda: Q(is_served=True), yes=_("Served"), no=_("Not served")),
    )
    search = ("address",)
    order = ("pinyin", "code")
    section = "estates"
    has_own_api = True
    list_url_name = "estate-list"
    detail_url_name = "estate-detail"
    sample = {
        "code": "E-0001", "name": "东湖花园", "kind": "professional", "use_class": "residential",
        "households": "1020", "floor_area_m2": "121300.50", "built_year": "1998",
    }  # fmt: skip

    def prepare(self, rows):
        return with_service(rows)


class ServiceAssignments(EstatesRegister):
    slug = "service-assignments"
    model = ServiceAssignment
    icon = "arrows-exchange"
    key = ("estate", "valid")
    fields = ("estate", "enterprise", "valid")
    columns = ("estate", "enterprise", "valid")
    search = BY_SERVICE
    order = ("estate", "-valid")

    def warnings(self, row):
        return assignment_warnings(row)


class ManagerAppointments(EstatesRegister):
    slug = "manager-appointments"
    model = ManagerAppointment
    icon = "user-check"
    key = ("estate", "valid")
    fields = ("estate", "manager", "valid")
    columns = ("estate", "manager", "valid")
    search = ("estate__name", "estate__initials", "manager__name", "manager__initials")
    order = ("estate", "-valid")


class HandOvers(EstatesRegister):
    slug = "hand-overs"
    model = HandOver
    icon = "transfer"
    key = ("estate", "handed_over_on")
    fields = ("estate", "from_enterprise", "to_enterprise", "handed_over_on", "documents", "note")
    columns = ("estate", "from_enterprise", "to_enterprise", "handed_over_on")
    search = ("estate__name", "estate__initials", "from_enterprise__name", "to_enterprise__name")
    order = ("-handed_over_on", "estate")
