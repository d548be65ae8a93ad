"""A small world of Party building in the golden city: enterprises of two districts, persons, organisations, recruits."""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from enterprises.models import Enterprise
from estates.models import Estate
from partybuilding.models import (
    CrossAppointment,
    GraduateRecruit,
    PartyCoverage,
    PartyOrganisation,
    Person,
    RecruitmentIntake,
)
from portal.models import Region
from tests import world


def since(year: int, month: int = 1, day: int = 1) -> DateRange:
    return DateRange(date(year, month, day), None)


class Making:
    """Makes rows with plausible values; give only what the test is about."""

    def __init__(self):
        self.count = 0
        self.east, self.west = (Region.objects.get(code=code) for code in (world.EAST, world.WEST))
        self.community = self.communities(self.east)[0]
        self.west_community = self.communities(self.west)[0]
        self.enterprise, self.other_enterprise = Enterprise.objects.order_by("pk")[:2]
        Enterprise.objects.filter(pk=self.enterprise.pk).update(registered_district=self.east)
        Enterprise.objects.filter(pk=self.other_enterprise.pk).update(registered_district=self.west)
        self.enterprise.refresh_from_db()
        self.other_enterprise.refresh_from_db()

    def communities(self, district):
        return Region.objects.filter(level="community", path__startswith=district.path).order_by("code")

    def _code(self, letters):
        self.count += 1
        return f"{letters}-{self.count:04d}"

    def _saved(self, row):
        row.name_forms()
        row.save()
        return row

    def person(self, **values) -> Person:
        return self._saved(Person(**{"code": self._code("P"), "name": "王五", "region": self.community} | values))

    def organisation(self, **values) -> PartyOrganisation:
        facts = {"level": "enterprise", "kind": "branch", "region": self.east, "enterprise": self.enterprise}
        return self._saved(PartyOrganisation(**{"code": self._code("O"), "name": "某支部"} | facts | values))

    def coverage(self, **values) -> PartyCoverage:
        facts = {"enterprise": self.enterprise, "way": "instructor", "valid": since(2018)}
        if values.get("way", "instructor") == "instructor" and "instructor" not in values:
            values["instructor"] = self.person()
        return PartyCoverage.objects.create(**facts | values)

    def appointment(self, **values) -> CrossAppointment:
        facts = {
            "direction": "committee_to_enterprise", "post": "quality_supervisor", "enterprise": self.enterprise,
            "committee_kind": "residents", "region": self.community, "valid": since(2020),
        }  # fmt: skip
        if "person" not in values:
            values["person"] = self.person()
        return CrossAppointment.objects.create(**{"code": self._code("C")} | facts | values)

    def intake(self, **values) -> RecruitmentIntake:
        facts = {"title": "2017年统一招考", "year": 2017, "kind": "unified_exam"}
        return RecruitmentIntake.objects.create(**{"code": self._code("I")} | facts | values)

    def recruit(self, **values) -> GraduateRecruit:
        facts = {"name": "李四", "district": self.east, "degree": "bachelor", "university_tier": "985"}
        if "intake" not in values:
            values["intake"] = RecruitmentIntake.objects.first() or self.intake()
        return self._saved(GraduateRecruit(**{"code": self._code("G")} | facts | values))

    def estate(self, district=None) -> Estate:
        return Estate.objects.filter(community__path__startswith=(district or self.east).path).order_by("pk")[0]
