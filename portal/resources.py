"""The ground floor's files of the city package: the city, its places and its agencies."""

from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from portal.citypackage import BadValue, KeyedRows, Loading, Tally, choice, read_json, text, upsert
from portal.models import Agency, CityProfile, Region
from portal.names import romanised

CITY_CODE = "city"
"""Code of the city's own region where ``city.json`` names none."""


class CityJson:
    """``city.json``: what the pages call the city and its publisher."""

    file = "city.json"

    def load(self, path: Path, loading: Loading) -> Tally:
        content = read_json(path, loading)
        if content is None:
            return Tally()
        name = content.get("name")
        if not isinstance(name, str) or not name or len(name) > 100:
            loading.problem(
                self.file, 0, "name", _("is empty or longer than %(longest)d characters.") % {"longest": 100}
            )
            return Tally()
        region = the_city(code=str(content.get("code") or CITY_CODE)[:20], name=name)
        tally = upsert(Region, "code", {region.code: {"name": name}})
        texts = {key: str(content.get(key) or "")[:200] for key in ("bureau", "bureau_en", "map_approval")}
        CityProfile.objects.update_or_create(
            region=region, defaults={"name_en": str(content.get("name_en") or romanised(name))[:100], **texts}
        )
        return tally


def the_city(*, code: str = CITY_CODE, name: str = "") -> Region:
    """The city's own region, made where there is none yet."""
    region = Region.objects.filter(level=Region.Level.CITY).first()
    if region is None:
        region = Region(level=Region.Level.CITY, code=code, name=name or "城市", path=f"{code}/")
        region.name_forms()
        region.save()
        CityProfile.objects.create(region=region, name_en=romanised(region.name))
    return region


class RegionRows(KeyedRows):
    model = Region
    level: str
    parent_level: str

    def prepare(self, loading):
        parents = Region.objects.filter(level=self.parent_level)
        self.parents = {region.code: region for region in parents}
        self.others = dict(Region.objects.exclude(level=self.level).values_list("code", "level"))

    def _place(self, code: str, name: str, parent: Region) -> dict:
        if code in self.others:
            raise BadValue("code", _("“%(code)s” is already the code of another kind of place.") % {"code": code})
        code = text("code", code, 20)
        return {
            "level": self.level,
            "name": text("name", name, 100),
            "parent_id": parent.pk,
            "path": f"{parent.path}{code}/",
        }


class DistrictRows(RegionRows):
    file, columns = "districts.csv", ("code", "name", "kind", "peer_group")
    level, parent_level = Region.Level.DISTRICT, Region.Level.CITY

    def prepare(self, loading):
        self.city = the_city()
        super().prepare(loading)

    def fields(self, code, name, kind, peer_group):
        return self._place(code, name, self.city) | {
            "kind": choice("kind", kind, Region.Kind.values),
            "peer_group": choice("peer_group", peer_group, Region.PeerGroup.values),
        }


class StreetRows(RegionRows):
    file, columns = "streets.csv", ("code", "name", "district_code")
    level, parent_level = Region.Level.STREET, Region.Level.DISTRICT

    def fields(self, code, name, district_code):
        return self._place(code, name, self.reference("district_code", district_code, self.parents, Region))

    def finish(self, loading):
        """A street that changed its managing district takes its communities along."""
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE portal_region child SET path = parent.path || child.code || '/'
                   FROM portal_region parent
                   WHERE child.parent_id = parent.id AND child.level = 'community'
                     AND child.path <> parent.path || child.code || '/'"""
            )


class CommunityRows(RegionRows):
    file, columns = "communities.csv", ("code", "name", "street_code")
    level, parent_level = Region.Level.COMMUNITY, Region.Level.STREET

    def fields(self, code, name, street_code):
        return self._place(code, name, self.reference("street_code", street_code, self.parents, Region))


class AgencyRows(KeyedRows):
    """Agencies; a station's department may stand anywhere in the same file."""

    file, columns = "agencies.csv", ("code", "name", "kind", "parent_code")
    model = Agency
    reserved = "enterprise"

    def prepare(self, loading):
        self.parents: dict[str, str] = {}

    def fields(self, code, name, kind, parent_code):
        if code == self.reserved:
            raise BadValue("code", _("“enterprise” is kept for the enterprise in charge."))
        text("code", code, 50)
        if parent_code:
            self.parents[code] = parent_code
        return {"name": text("name", name, 200), "kind": choice("kind", kind, Agency.Kind.values)}

    def finish(self, loading):
        known = {agency.code: agency for agency in Agency.objects.all()}
        for code, parent_code in self.parents.items():
            try:
                parent = self.reference("parent_code", parent_code, known, Agency)
            except BadValue as bad:
                loading.problem(self.file, 0, bad.args[0], f"{code}: {bad.args[1]}")
                continue
            if code in known and known[code].parent_id != parent.pk:
                Agency.objects.filter(code=code).update(parent=parent)


class BoundariesGeoJson:
    """``districts.geojson``: each feature's ``id`` (or ``properties.code``) is a district's code."""

    file = "districts.geojson"

    def load(self, path: Path, loading: Loading) -> Tally:
        content = read_json(path, loading)
        if content is None:
            return Tally()
        features = content.get("features")
        if not isinstance(features, list):
            loading.problem(self.file, 0, "features", _("this column is missing."))
            return Tally()
        districts = {region.code: region for region in Region.objects.districts()}
        tally = Tally()
        for number, feature in enumerate(features, start=1):
            code = str(feature.get("id") or (feature.get("properties") or {}).get("code") or "")
            district = districts.get(code)
            if district is None:
                loading.problem(
                    self.file, 0, f"features[{number}].id", _("unknown code “%(code)s”.") % {"code": code[:60]}
                )
            elif district.boundary != feature:
                district.boundary = feature
                district.save(update_fields=["boundary"])
                tally.updated += 1
            else:
                tally.unchanged += 1
        return tally
