"""The estates' file of the city package."""

from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from estates.actions import assign_enterprises
from estates.models import Estate
from portal.citypackage import BadValue, KeyedRows, choice, text
from portal.models import Region
from portal.registers import register
from portal.registers.cityfiles import OptionalColumns


class EstateRows(KeyedRows):
    file = "estates.csv"
    columns = ("code", "name", "kind", "community_code", "households", "floor_area_m2", "enterprise_uscc")
    optional = (
        "use_class", "address", "longitude", "latitude", "built_year", "delivered_on", "buildings", "lifts",
        "has_fire_equipment",
    )  # fmt: skip
    model = Estate

    def more(self, values):
        return self.further.read(values)

    def prepare(self, loading):
        self.further = OptionalColumns(register("estates"), self.optional, loading)
        self.communities = dict(Region.objects.filter(level=Region.Level.COMMUNITY).values_list("code", "pk"))
        self.enterprises = dict(Enterprise.objects.values_list("uscc", "pk"))
        self.served: dict[str, int] = {}

    def fields(self, code, name, kind, community_code, households, floor_area_m2, enterprise_uscc):
        if enterprise_uscc:
            self.served[code] = self.reference("enterprise_uscc", enterprise_uscc, self.enterprises, Enterprise)
        text("code", code, 40)
        return {
            "name": text("name", name, 200),
            "kind": choice("kind", kind, Estate.Kind.values),
            "community_id": self.reference("community_code", community_code, self.communities, Region),
            "households": _households(households),
            "floor_area_m2": _area(floor_area_m2),
        }

    def finish(self, loading):
        ids = dict(Estate.objects.filter(code__in=list(self.served)).values_list("code", "pk"))
        assign_enterprises(
            {ids[code]: enterprise for code, enterprise in self.served.items() if code in ids}, on=timezone.localdate()
        )


def _households(value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 7 or int(value) > 1_000_000:
        raise BadValue(
            "households", _("“%(value)s” is not a whole number from 0 to 1,000,000.") % {"value": value[:30]}
        )
    return int(value)


def _area(value: str) -> Decimal | None:
    if not value:
        return None
    try:
        area = Decimal(value)
        if not 0 < area < 10**10 or area != round(area, 2):
            raise InvalidOperation
    except InvalidOperation as error:
        reason = _("“%(value)s” is not an area in m² above 0 with at most two decimals.")
        raise BadValue("floor_area_m2", reason % {"value": value[:30]}) from error
    return area
