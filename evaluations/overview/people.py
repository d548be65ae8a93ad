"""Counts of persons. Whoever may not see Party data gets no figure from which fewer than three persons could be told."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import CharField, Count, F, Func, Q, QuerySet, Value
from django.db.models.functions import ExtractYear

from partybuilding.models import CrossAppointment, GraduateRecruit, RecruitmentIntake
from partybuilding.rules import merge_small_cells
from portal.models import Region

EXAM_YEAR = 2017
"""The unified examination that the report tells of. Source: 2021 report, section 7.4."""

_DEPTH = {Region.Level.CITY: 1, Region.Level.DISTRICT: 2, Region.Level.STREET: 3, Region.Level.COMMUNITY: 4}


class TooFew:
    """In the place of a number of persons that is not shown."""


TOO_FEW = TooFew()
Persons = int | TooFew


@dataclass(frozen=True)
class People:
    """Persons of ``region`` on ``day``; ``exact``: down to the last one.

    A place's figure could be had by subtracting its neighbours' from the whole. So the neighbours are counted too, groups
    under three are merged with the next larger one, and a merged figure is not shown. The same goes for the rest of a group.
    """

    region: Region
    day: date
    exact: bool

    def appointed(self, group: str) -> Persons:
        """Persons among the ``supervisors`` or the ``heads``."""
        return self._shown({place: row[group] for place, row in self._appointed.items()})

    def recruits(self, group: str) -> Persons:
        """Recruits: ``persons``, of them ``members``; ``exam``, of them ``exam_members``, ``exam_masters``, ``exam_elite``."""
        rows = self._recruits
        shown = self._shown({place: row[group] for place, row in rows.items()})
        whole = "exam" if group.startswith("exam_") else "persons" if group == "members" else None
        if whole is None or self.exact or isinstance(shown, TooFew):
            return shown
        rest = self._shown({place: row[whole] - row[group] for place, row in rows.items()})
        return TOO_FEW if isinstance(rest, TooFew) or isinstance(self.recruits(whole), TooFew) else shown

    @cached_property
    def recruiting_years(self) -> int:
        """Calendar years in which somebody was hired."""
        hired = self._hired.filter(district__path__startswith=self.region.path)
        return hired.aggregate(years=Count(ExtractYear("hired_on"), distinct=True))["years"]

    @property
    def _hired(self) -> QuerySet:
        hired = Q(hired_on__lte=self.day) | Q(hired_on=None, intake__year__lte=self.day.year)
        return GraduateRecruit.objects.filter(hired).order_by()

    @cached_property
    def _recruits(self) -> dict[str, dict[str, int]]:
        exam = Q(intake__year=EXAM_YEAR, intake__kind=RecruitmentIntake.Kind.UNIFIED_EXAM)
        tiers = GraduateRecruit.UniversityTier
        return self._by_place(
            self._hired,
            "district__path",
            persons=Count("pk"),
            members=Count("pk", filter=Q(is_party_member=True)),
            exam=Count("pk", filter=exam),
            exam_members=Count("pk", filter=exam & Q(is_party_member=True)),
            exam_masters=Count("pk", filter=exam & Q(degree=GraduateRecruit.Degree.MASTER)),
            exam_elite=Count("pk", filter=exam & Q(university_tier__in=[tiers.TIER_985, tiers.TIER_211])),
        )

    @cached_property
    def _appointed(self) -> dict[str, dict[str, int]]:
        heads = Q(direction=CrossAppointment.Direction.ENTERPRISE_TO_COMMITTEE)
        return self._by_place(
            CrossAppointment.objects.on(self.day).order_by(),
            "region__path",
            supervisors=Count("person", filter=Q(post=CrossAppointment.Post.QUALITY_SUPERVISOR), distinct=True),
            heads=Count("person", filter=heads, distinct=True),
        )

    def _by_place(self, rows: QuerySet, path: str, **counts: Count) -> dict[str, dict[str, int]]:
        """Code of the place → its counts; the region's neighbours among them unless the count may be exact."""
        around = self.region if self.exact or self.region.parent is None else self.region.parent
        depth = Value(_DEPTH[self.region.level])
        place = Func(F(path), Value("/"), depth, function="split_part", output_field=CharField())
        found = rows.filter(**{f"{path}__startswith": around.path}).values(place=place).annotate(**counts)
        return {row["place"]: row for row in found}

    def _shown(self, counts: dict[str, int]) -> Persons:
        own = self.region.path.split("/")[-2]
        count = counts.get(own, 0)
        if self.exact or not count:
            return count
        cell = next(cell for cell in merge_small_cells(counts) if own in cell.labels)
        return count if cell.labels == (own,) and cell.count is not None else TOO_FEW
