"""Counts the records of a place as they stood on a day. Each group of figures is one statement, made when first asked for.

A record counts from its first day on (founding, hiring, announcement, lower bound) and no longer after its last, so "ever"
and "now" differ. Where a record has no such day, it counts as always there.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import ExtractYear

from enterprises.models import AwardGrant, Enterprise, HeadcountReturn
from estates.models import (
    DisclosureCategory,
    EmergencyRepairPlatform,
    Estate,
    FundingRecord,
    Mode,
    ModeAssignment,
    OldNeighbourhood,
    RenovationItem,
    ServiceAssignment,
)
from evaluations.models import EvaluationRound, RankingPolicy, SatisfactionIndex, ServiceCampaign
from evaluations.overview.people import People
from evaluations.overview.rules import quarter_end
from partybuilding.models import PartyCoverage, PartyOrganisation, ProgrammeMilestone, RecruitmentIntake
from portal.models import Region

PUBLIC_BENEFIT_FOUNDED_BY = date(2018, 12, 31)
"""The report says 2017 and "two years". Source: 2021 report, section 7.3."""


def begun(field: str, day: date) -> Q:
    """``field`` is a day up to ``day``, or unknown."""
    return Q(**{field: None}) | Q(**{f"{field}__lte": day})


def not_ended(field: str, day: date) -> Q:
    """``field`` is a day after ``day``, or there is none."""
    return Q(**{field: None}) | Q(**{f"{field}__gt": day})


@dataclass(frozen=True)
class Records:
    """The records of ``region`` (city, district, street or community) on ``day``. ``exact``: persons are counted to the last one."""

    region: Region
    day: date
    exact: bool = True

    @property
    def is_city(self) -> bool:
        return self.region.level == Region.Level.CITY

    def inside(self, lookup: str) -> Q:
        """The condition that the path in ``lookup`` lies in the region. The city has all, rows without a district too."""
        return Q() if self.is_city else Q(**{f"{lookup}__startswith": self.region.path})

    # --- enterprises --------------------------------------------------------------------------------------------------

    def in_business(self, prefix: str = "") -> Q:
        gone = Q(**{f"{prefix}status": Enterprise.Status.ACTIVE}) | Q(**{f"{prefix}status_since__gt": self.day})
        return begun(f"{prefix}founded_on", self.day) & gone

    @cached_property
    def enterprises(self) -> dict:
        by_2018 = Q(is_public_benefit=True, founded_on__lte=min(self.day, PUBLIC_BENEFIT_FOUNDED_BY))
        business = self.in_business()
        return Enterprise.objects.filter(self.inside("registered_district__path")).aggregate(
            total=Count("pk", filter=business),
            local=Count("pk", filter=business & Q(origin=Enterprise.Origin.LOCAL)),
            out_of_town=Count("pk", filter=business & Q(origin=Enterprise.Origin.OUT_OF_TOWN)),
            public_benefit=Count("pk", filter=business & Q(is_public_benefit=True)),
            founded_by_2018=Count("pk", filter=by_2018),
            founding_year=Min(
                ExtractYear("founded_on"),
                filter=Q(is_public_benefit=True, formation_method=Enterprise.FormationMethod.NEW)
                & Q(founded_on__lte=self.day),
            ),
        )

    @cached_property
    def workforce(self) -> int:
        known = Q(reported_on__lte=self.day) | Q(reported_on=None, year__lt=self.day.year)
        rows = HeadcountReturn.objects.filter(self.inside("enterprise__registered_district__path"), known)
        latest = rows.filter(self.in_business("enterprise__")).latest(self.day.year)
        rows = HeadcountReturn.objects.filter(pk__in=latest.values("pk"))
        return rows.aggregate(sum=Sum("headcount", default=0))["sum"]

    @cached_property
    def _serving(self) -> QuerySet:
        rows = ServiceAssignment.objects.on(self.day).filter(self.inside("estate__community__path"))
        return rows.order_by().values("enterprise")

    @cached_property
    def serving(self) -> int:
        return self._serving.distinct().count()

    # --- projects and old neighbourhoods ------------------------------------------------------------------------------

    @cached_property
    def projects(self) -> dict:
        rows = Estate.objects.filter(self.inside("community__path"), begun("delivered_on", self.day))
        professional = Q(kind=Estate.Kind.PROFESSIONAL)
        elsewhere = Q(kind=Estate.Kind.NON_RESIDENTIAL) | ~Q(use_class=Estate.UseClass.RESIDENTIAL)
        return rows.aggregate(
            professional=Count("pk", filter=professional),
            professional_area=Sum("floor_area_m2", filter=professional, default=Decimal(0)),
            professional_households=Sum("households", filter=professional, default=0),
            nonresidential=Count("pk", filter=elsewhere),
            nonresidential_area=Sum("floor_area_m2", filter=elsewhere, default=Decimal(0)),
        )

    @cached_property
    def old(self) -> dict:
        rows = OldNeighbourhood.objects.on(self.day).filter(self.inside("estate__community__path"))
        return rows.aggregate(
            count=Count("pk"),
            area=Sum("estate__floor_area_m2", default=Decimal(0)),
            households=Sum("estate__households", default=0),
        )

    @cached_property
    def modes(self) -> dict:
        """``now_<mode>``, ``now``, ``ever_custody``, ``ever_professional``: neighbourhoods; ``custody_years``: in which it began."""
        begun_by_day = Q(valid__startswith=None) | Q(valid__startswith__lte=self.day)
        now = Q(valid__contains=self.day, estate__old_neighbourhood__registered__contains=self.day)
        custody = begun_by_day & Q(mode=Mode.PUBLIC_BENEFIT_CUSTODY)
        by_professionals = Q(mode__in=[Mode.MARKET_TAKEOVER, Mode.GUIDED_COMANAGEMENT])
        return ModeAssignment.objects.filter(self.inside("estate__community__path")).aggregate(
            now=Count("estate", filter=now, distinct=True),
            ever_custody=Count("estate", filter=custody, distinct=True),
            custody_years=Count(ExtractYear("valid__startswith"), filter=custody, distinct=True),
            ever_professional=Count("estate", filter=begun_by_day & by_professionals, distinct=True),
            **{f"now_{mode.value}": Count("estate", filter=now & Q(mode=mode), distinct=True) for mode in Mode},
        )

    # --- Party building -----------------------------------------------------------------------------------------------

    @cached_property
    def organisations(self) -> dict:
        standing = begun("founded_on", self.day) & not_ended("dissolved_on", self.day)
        committee = Q(kind=PartyOrganisation.Kind.INDUSTRY_COMMITTEE)
        rows = PartyOrganisation.objects.filter(self.inside("region__path"), standing)
        return rows.aggregate(
            city=Count("pk", filter=committee & Q(level=PartyOrganisation.Level.CITY)),
            districts=Count("region", filter=committee & Q(level=PartyOrganisation.Level.DISTRICT), distinct=True),
        )

    @cached_property
    def coverage(self) -> dict:
        """Of the enterprises that serve: how many an organisation covers, how many an instructor."""
        instructor = Q(way=PartyCoverage.Way.INSTRUCTOR)
        rows = PartyCoverage.objects.on(self.day).filter(enterprise__in=self._serving)
        return rows.aggregate(
            organisation=Count("enterprise", filter=~instructor, distinct=True),
            instructor=Count("enterprise", filter=instructor, distinct=True),
        )

    @cached_property
    def people(self) -> People:
        """Persons; for who may not see each of them as of the last full quarter, so that no two days tell one person apart."""
        return People(self.region, self.day if self.exact else quarter_end(self.day), self.exact)

    @cached_property
    def exam_year(self) -> int | None:
        """The year of the first intake by unified examination."""
        exams = RecruitmentIntake.objects.filter(kind=RecruitmentIntake.Kind.UNIFIED_EXAM, year__lte=self.day.year)
        return exams.aggregate(year=Min("year"))["year"]

    # --- honours ------------------------------------------------------------------------------------------------------

    @cached_property
    def honours(self) -> dict:
        """Enterprises with an award that stands on the day, and the years of their rounds."""
        five_star, demo = Q(round__award="five_star"), Q(round__award="demo_project")
        organised = PartyCoverage.objects.on(self.day).by_organisation().order_by().values("enterprise")
        rows = AwardGrant.objects.standing(self.day).filter(self.inside("enterprise__registered_district__path"))
        return rows.aggregate(
            five_star_year=Min("round__year", filter=five_star),
            five_star_2017=Count("enterprise", filter=five_star & Q(round__year=2017), distinct=True),
            demo=Count("enterprise", filter=demo, distinct=True),
            demo_years=Count("round__year", filter=demo, distinct=True),
            demo_organised=Count("enterprise", filter=demo & Q(enterprise__in=organised), distinct=True),
            quality_demo=Count("enterprise", filter=Q(round__award="quality_demo"), distinct=True),
        )

    # --- public money and repair --------------------------------------------------------------------------------------

    @cached_property
    def money(self) -> dict[tuple[int, str], Decimal]:
        """(year, purpose) → yuan allocated."""
        rows = FundingRecord.objects.filter(self.inside("district__path"), year__lte=self.day.year).order_by()
        found = rows.values_list("year", "kind").annotate(yuan=Sum("allocated_yuan", default=Decimal(0)))
        return {(year, kind): yuan for year, kind, yuan in found}

    @cached_property
    def renovated(self) -> dict[tuple[int, str], int]:
        """(year of the money, purpose) → neighbourhoods."""
        rows = RenovationItem.objects.filter(
            self.inside("estate__community__path"), begun("completed_on", self.day), funding__year__lte=self.day.year
        ).order_by()
        found = rows.values_list("funding__year", "funding__kind").annotate(estates=Count("estate", distinct=True))
        return {(year, kind): estates for year, kind, estates in found}

    @cached_property
    def platforms(self) -> dict:
        rows = EmergencyRepairPlatform.objects.on(self.day).filter(self.inside("district__path"))
        return rows.aggregate(count=Count("pk"), staff=Sum("staff_count", default=0))

    # --- of the whole city --------------------------------------------------------------------------------------------

    @cached_property
    def satisfaction(self) -> dict[int, Decimal]:
        return dict(SatisfactionIndex.objects.filter(year__lte=self.day.year).values_list("year", "value"))

    @cached_property
    def evaluation_rounds(self) -> int:
        return EvaluationRound.objects.filter(published_on__lte=self.day).count()

    @cached_property
    def campaigns(self) -> list[ServiceCampaign]:
        return list(ServiceCampaign.objects.filter(month__lte=self.day, status="held").order_by("month"))

    @cached_property
    def _milestones(self) -> list[ProgrammeMilestone]:
        return list(ProgrammeMilestone.objects.filter(on_date__lte=self.day).order_by("on_date", "code"))

    def milestone(self, kind: str, place: int = 0) -> str | None:
        """When the milestone of ``kind`` number ``place`` (from 0) was, as far as it is known; ``None`` if there is none."""
        found = [one.known_date for one in self._milestones if one.kind == kind]
        return found[place] if place < len(found) else None

    @cached_property
    def list_size(self) -> int | None:
        rows = RankingPolicy.objects.approved().filter(effective_from__lte=self.day).order_by("-effective_from")
        return rows.values_list("list_size", flat=True).first()

    @cached_property
    def disclosure_categories(self) -> int:
        return DisclosureCategory.objects.count()
