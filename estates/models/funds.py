"""Public money, what was renovated with it, and the platforms for emergency repair. Money is in yuan."""

from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from estates.models.estates import Estate, EstateScopedQuerySet
from portal.dated import SpanQuerySet, span_not_empty
from portal.models import Region, ScopedQuerySet, keeps_history
from portal.names import initials, pinyin
from portal.persons import PHONE


def must_be_district(row: models.Model) -> None:
    """Raise ``ValidationError`` unless ``row.district`` is empty or a district."""
    place = row.district if row.district_id else None
    if place is not None and place.level != Region.Level.DISTRICT:
        raise ValidationError({"district": _("“%(place)s” is not a district; choose one.") % {"place": place}})


class OfDistrictQuerySet(ScopedQuerySet):
    """Rows that hang on a district (``district``); one without a district is the city's, and only the city sees it."""

    path_lookup = "district__path"


class EmergencyRepairPlatformQuerySet(SpanQuerySet, OfDistrictQuerySet):
    pass


@keeps_history()
class EmergencyRepairPlatform(models.Model):
    """A platform that repairs what cannot wait; a district may have several. What was put into it: :class:`FundingRecord`."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    pinyin = models.CharField(max_length=400, blank=True, editable=False)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("district"))
    hotline = models.CharField(_("hotline"), max_length=20, blank=True, validators=[PHONE])
    staff_count = models.PositiveIntegerField(_("repair staff"), null=True, blank=True)
    valid = DateRangeField(_("in operation"))

    objects = EmergencyRepairPlatformQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency repair platform")
        verbose_name_plural = _("emergency repair platforms")
        ordering = ["district", "pinyin", "code"]
        constraints = [span_not_empty("repair_platform_span_is_not_empty")]

    def __str__(self):
        return self.name

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)

    def clean(self):
        must_be_district(self)


@keeps_history()
class FundingRecord(models.Model):
    """Public money of a year for one purpose. The figures of the 2021 report are sums of ``allocated_yuan``.

    More may be spent than was allocated: that is no error of the record but something to look into.
    """

    class Kind(models.TextChoices):
        ENVIRONMENT = "environment", _("Environment of old neighbourhoods")
        FEE_SUBSIDY = "fee_subsidy", _("Fee subsidy")
        OLD_RENOVATION = "old_renovation", _("Renovation of old neighbourhoods")
        EMERGENCY_REPAIR = "emergency_repair", _("Emergency repair")

    class SourceLevel(models.TextChoices):
        CITY = "city", _("City")
        DISTRICT = "district", _("District")
        OTHER = "other", _("Other")

    code = models.CharField(_("code"), max_length=40, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    district = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("district"),
        help_text=_("Where it is spent. Empty: the whole city."),
    )  # fmt: skip
    platform = models.ForeignKey(
        EmergencyRepairPlatform, models.PROTECT, null=True, blank=True, related_name="fundings",
        verbose_name=_("emergency repair platform"), help_text=_("Only of money for emergency repair."),
    )  # fmt: skip
    planned_yuan = models.DecimalField(_("planned (yuan)"), max_digits=16, decimal_places=2, null=True, blank=True)
    allocated_yuan = models.DecimalField(_("allocated (yuan)"), max_digits=16, decimal_places=2, null=True, blank=True)
    spent_yuan = models.DecimalField(_("spent (yuan)"), max_digits=16, decimal_places=2, null=True, blank=True)
    source_level = models.CharField(_("paid by"), max_length=8, choices=SourceLevel)
    document_no = models.CharField(_("document number"), max_length=100, blank=True)

    objects = OfDistrictQuerySet.as_manager()

    class Meta:
        verbose_name = _("funding record")
        verbose_name_plural = _("funding records")
        ordering = ["-year", "kind", "code"]
        constraints = [
            models.CheckConstraint(
                name="funding_is_not_negative",
                condition=(Q(planned_yuan=None) | Q(planned_yuan__gte=0))
                & (Q(allocated_yuan=None) | Q(allocated_yuan__gte=0))
                & (Q(spent_yuan=None) | Q(spent_yuan__gte=0)),
                violation_error_message=_("Money is never negative."),
            ),
            models.CheckConstraint(
                name="funding_has_an_amount",
                condition=Q(planned_yuan__isnull=False) | Q(allocated_yuan__isnull=False) | Q(spent_yuan__isnull=False),
                violation_error_message=_("Give at least one of the three amounts."),
            ),
            models.CheckConstraint(
                name="funding_platform_of_emergency_repair",
                condition=Q(platform=None) | Q(kind="emergency_repair"),
                violation_error_message=_("Only money for emergency repair goes to a platform."),
            ),
            models.CheckConstraint(
                name="funding_year_is_plausible",
                condition=Q(year__range=(1949, 2200)),
                violation_error_message=_("The year must be written with four digits, such as 2021."),
            ),
        ]

    def __str__(self):
        return f"{self.year} · {self.get_kind_display()} ({self.code})"

    def clean(self):
        must_be_district(self)
        if self.platform_id and self.platform.district_id != self.district_id:
            raise ValidationError({"platform": _("This platform is of another district; choose one of this district.")})


@keeps_history()
class RenovationItem(models.Model):
    """What was done in a neighbourhood with a year's money."""

    funding = models.ForeignKey(
        FundingRecord, models.PROTECT, related_name="renovations", verbose_name=_("funding record")
    )
    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="renovations", verbose_name=Estate._meta.verbose_name
    )
    works = models.TextField(pgettext_lazy("renovation", "works"), blank=True)
    cost_yuan = models.DecimalField(_("cost (yuan)"), max_digits=16, decimal_places=2, null=True, blank=True)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("renovation")
        verbose_name_plural = _("renovations")
        ordering = ["funding", "estate"]
        constraints = [
            models.UniqueConstraint(name="renovation_once_per_funding", fields=["funding", "estate"]),
            models.CheckConstraint(
                name="renovation_cost_is_not_negative",
                condition=Q(cost_yuan=None) | Q(cost_yuan__gte=0),
                violation_error_message=_("Money is never negative."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.funding}"


@keeps_history()
class RepairOrder(models.Model):
    """An order to a platform for emergency repair, with the times at which somebody answered, came and finished."""

    RESPOND_MINUTES = 15
    """Minutes to the answer. Source: the first district repair centre answers within 15 minutes."""
    ARRIVE_MINUTES = 60
    """Minutes to the arrival. Assumption."""

    class Kind(models.TextChoices):
        LIFT = "lift", _("Lift")
        FIRE_EQUIPMENT = "fire_equipment", _("Fire equipment")
        FACADE = "facade", _("Facade")
        WALL_OR_ROAD = "wall_or_road", _("Collapse of wall or road")
        LEAK = "leak", _("Leak of roof or wall")
        DRAINS = "drains", _("Drains")
        WATER_SUPPLY = "water_supply", _("Pumps and water supply")
        POWER = "power", _("Power supply")
        OTHER = "other", _("Other")

    class FundSource(models.TextChoices):
        RESIDENTS = "residents", _("Residents")
        SUBSIDY = "subsidy", _("Subsidy")
        MAINTENANCE_FUND = "maintenance_fund", _("Maintenance fund")

    number = models.CharField(_("order number"), max_length=60, unique=True)
    platform = models.ForeignKey(
        EmergencyRepairPlatform, models.PROTECT, related_name="orders", verbose_name=_("emergency repair platform")
    )
    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="repair_orders", verbose_name=Estate._meta.verbose_name
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    reported_at = models.DateTimeField(_("reported at"))
    responded_at = models.DateTimeField(_("responded at"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    cost_yuan = models.DecimalField(_("cost (yuan)"), max_digits=16, decimal_places=2, null=True, blank=True)
    fund_source = models.CharField(_("paid from"), max_length=16, choices=FundSource, blank=True)

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair order")
        verbose_name_plural = _("repair orders")
        ordering = ["-reported_at", "number"]
        constraints = [
            models.CheckConstraint(
                name="repair_responded_after_reported",
                condition=Q(responded_at=None) | Q(responded_at__gte=F("reported_at")),
                violation_error_message=_("The response lies before the report: check both times."),
            ),
            models.CheckConstraint(
                name="repair_arrived_after_responded",
                condition=Q(arrived_at=None) | Q(arrived_at__gte=Coalesce("responded_at", "reported_at")),
                violation_error_message=_("The arrival lies before the report or the response: check the times."),
            ),
            models.CheckConstraint(
                name="repair_finished_after_arrived",
                condition=Q(finished_at=None)
                | Q(finished_at__gte=Coalesce("arrived_at", "responded_at", "reported_at")),
                violation_error_message=_("The end lies before the arrival: check the times."),
            ),
            models.CheckConstraint(
                name="repair_cost_is_not_negative",
                condition=Q(cost_yuan=None) | Q(cost_yuan__gte=0),
                violation_error_message=_("Money is never negative."),
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def response_minutes(self) -> int | None:
        """Whole minutes from the report to the response; ``None`` while there is none."""
        return self._minutes_to(self.responded_at)

    @property
    def arrival_minutes(self) -> int | None:
        """Whole minutes from the report to the arrival; ``None`` before it."""
        return self._minutes_to(self.arrived_at)

    def _minutes_to(self, moment) -> int | None:
        return int((moment - self.reported_at).total_seconds() // 60) if moment else None
