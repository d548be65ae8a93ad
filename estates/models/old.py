"""Old neighbourhoods: why they are in the register, how they are served, how far they have come, and what service costs."""

from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from estates.models.estates import Estate, EstateScopedQuerySet, EstateSpanQuerySet, must_be_community
from portal.dated import no_overlap, span_not_empty
from portal.models import Region, keeps_history


class OldNeighbourhoodQuerySet(EstateScopedQuerySet):
    def current(self):
        """Those that are still in the register."""
        return self.filter(registered__upper_inf=True)

    def on(self, day):
        """Those in the register on ``day`` (a date)."""
        return self.filter(registered__contains=day)


@keeps_history()
class OldNeighbourhood(models.Model):
    """A neighbourhood in the register of old neighbourhoods, from when to when. Source: 2021 report, section 7.3."""

    class Origin(models.TextChoices):
        OLD_ESTATE = "old_estate", _("Old estate")
        SCATTERED_PATCH = "scattered_patch", _("Scattered residential patch")
        ABANDONED = "abandoned", _("Abandoned by its company")

    estate = models.OneToOneField(
        Estate, models.CASCADE, related_name="old_neighbourhood", verbose_name=Estate._meta.verbose_name
    )
    origin = models.CharField(_("origin"), max_length=16, choices=Origin)
    registered = DateRangeField(_("in the register"))

    objects = OldNeighbourhoodQuerySet.as_manager()

    class Meta:
        verbose_name = _("old neighbourhood")
        verbose_name_plural = _("old neighbourhoods")
        ordering = ["estate"]
        constraints = [
            models.CheckConstraint(name="old_neighbourhood_span_is_not_empty", condition=Q(registered__isempty=False))
        ]

    def __str__(self):
        return str(self.estate)

    def clean(self):
        must_be_old(self)


def must_be_old(row: models.Model) -> None:
    """Raise ``ValidationError`` where ``row.estate`` is not of the kind "old neighbourhood"."""
    if row.estate_id and row.estate.kind != Estate.Kind.OLD:
        raise ValidationError(
            {"estate": _("“%(estate)s” is not an old neighbourhood; change its kind first.") % {"estate": row.estate}}
        )


class Mode(models.TextChoices):
    """How an old neighbourhood is served. The report names the same four in two vocabularies: see :data:`MODE_ALIASES`."""

    MARKET_TAKEOVER = "market_takeover", _("Market takeover")
    PUBLIC_BENEFIT_CUSTODY = "public_benefit_custody", _("Public-benefit custody")
    GUIDED_COMANAGEMENT = "guided_comanagement", _("Guided co-management")
    RESIDENT_SELF_MANAGEMENT = "resident_self_management", _("Resident self-management")


MODE_ALIASES = {
    "专业化企业承接": Mode.MARKET_TAKEOVER.value,
    "市场化企业接管": Mode.MARKET_TAKEOVER.value,
    "公益性企业托管": Mode.PUBLIC_BENEFIT_CUSTODY.value,
    "专业化企业指导帮扶与社区共管": Mode.GUIDED_COMANAGEMENT.value,
    "社区与市场化企业共管": Mode.GUIDED_COMANAGEMENT.value,
    "社区与企业共管": Mode.GUIDED_COMANAGEMENT.value,
    "自助型物业规范提升": Mode.RESIDENT_SELF_MANAGEMENT.value,
    "居民自管": Mode.RESIDENT_SELF_MANAGEMENT.value,
}
"""The words of the report's prose and of its counts. Source: 2021 report, section 7.3."""


@keeps_history()
class ModeAssignment(models.Model):
    """An old neighbourhood is served in one mode over a span of days; so "ever" and "now" are different questions.

    What each mode needs is held by the database, except what lies in other tables: that a custodian is a public-benefit
    enterprise, and that lifts and fire equipment are left to a professional firm. Sources: 2021 report, section 7.3 (the
    four modes); Shanghai's regulation, art. 53 (lifts and fire equipment).
    """

    estate = models.ForeignKey(
        Estate, models.CASCADE, related_name="mode_assignments", verbose_name=Estate._meta.verbose_name
    )
    mode = models.CharField(_("mode"), max_length=24, choices=Mode)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("enterprise"),
        help_text=_("Needed by every mode except resident self-management."),
    )  # fmt: skip
    partner_community = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("partner community"),
        help_text=_("Needed by guided co-management."),
    )  # fmt: skip
    responsible_person = models.CharField(
        _("responsible person"), max_length=100, blank=True, help_text=_("Needed by resident self-management.")
    )
    maintenance_contract = models.CharField(
        _("maintenance contract"), max_length=200, blank=True,
        help_text=_("Number of the contract by which a professional firm keeps lifts and fire equipment."),
    )  # fmt: skip
    valid = DateRangeField(_("in force"))
    decided_by = models.CharField(
        _("decided by"), max_length=200, blank=True, help_text=_("The owners, the residents' committee, the street …")
    )
    evidence = models.TextField(_("evidence"), blank=True)

    objects = EstateSpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("mode assignment")
        verbose_name_plural = _("mode assignments")
        ordering = ["estate", "valid"]
        constraints = [
            no_overlap("one_mode_per_estate_at_a_time", "estate_id"),
            span_not_empty("mode_span_is_not_empty"),
            models.CheckConstraint(
                name="mode_has_its_enterprise",
                condition=Q(mode=Mode.RESIDENT_SELF_MANAGEMENT) | Q(enterprise__isnull=False),
                violation_error_message=_("This mode needs an enterprise."),
            ),
            models.CheckConstraint(
                name="mode_has_its_community",
                condition=~Q(mode=Mode.GUIDED_COMANAGEMENT) | Q(partner_community__isnull=False),
                violation_error_message=_("Guided co-management needs a partner community."),
            ),
            models.CheckConstraint(
                name="mode_has_its_responsible_person",
                condition=~Q(mode=Mode.RESIDENT_SELF_MANAGEMENT) | ~Q(responsible_person=""),
                violation_error_message=_("Resident self-management needs a responsible person."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.get_mode_display()}"

    def clean(self):
        must_be_old(self)
        must_be_community(self, "partner_community")
        custody = self.mode == Mode.PUBLIC_BENEFIT_CUSTODY
        if custody and self.enterprise_id and not self.enterprise.is_public_benefit:
            raise ValidationError(
                {
                    "enterprise": _("Custody needs a public-benefit enterprise; “%(name)s” is not one.")
                    % {"name": self.enterprise}
                }
            )
        self_managed = self.mode == Mode.RESIDENT_SELF_MANAGEMENT
        if self_managed and not self.maintenance_contract and self.estate_id and self.estate.needs_equipment_upkeep:
            raise ValidationError(
                {
                    "maintenance_contract": _(
                        "There are lifts or fire equipment: give the contract of the firm that keeps them."
                    )
                }
            )


class Stage(models.TextChoices):
    """The development path of an old neighbourhood. Source: 2021 report, section 7.3; the steps are not the modes."""

    NONE = "none", _("No property service")
    SELF_MANAGED = "self_managed", _("Self-managed property service")
    PROFESSIONAL = "professional", _("Professional property service")
    RED = "red", _("Red property service")


_DOWN = (
    Q(from_stage=Stage.SELF_MANAGED, stage=Stage.NONE)
    | Q(from_stage=Stage.PROFESSIONAL, stage__in=[Stage.NONE, Stage.SELF_MANAGED])
    | Q(from_stage=Stage.RED, stage__in=[Stage.NONE, Stage.SELF_MANAGED, Stage.PROFESSIONAL])
)


@keeps_history()
class StageChange(models.Model):
    """An old neighbourhood moves along the development path; whoever moves it down says why."""

    estate = models.ForeignKey(
        Estate, models.CASCADE, related_name="stage_changes", verbose_name=Estate._meta.verbose_name
    )
    from_stage = models.CharField(_("from stage"), max_length=14, choices=Stage, default=Stage.NONE)
    stage = models.CharField(_("stage"), max_length=14, choices=Stage)
    changed_on = models.DateField(_("changed on"))
    reason = models.TextField(_("reason"), blank=True, help_text=_("Needed where the stage goes down."))

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        ordering = ["estate", "changed_on"]
        constraints = [
            models.UniqueConstraint(name="stage_change_once_a_day", fields=["estate", "changed_on"]),
            models.CheckConstraint(
                name="stage_change_changes",
                condition=~Q(stage=F("from_stage")),
                violation_error_message=_("The stage must differ from the one before."),
            ),
            models.CheckConstraint(
                name="stage_down_has_a_reason",
                condition=~_DOWN | ~Q(reason=""),
                violation_error_message=_("The stage goes down: give a reason."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.get_stage_display()}"

    def clean(self):
        must_be_old(self)


@keeps_history()
class FeePolicy(models.Model):
    """What residents pay and what the public adds, over a span of days. Fees differ inside one mode, so this stands alone."""

    class Kind(models.TextChoices):
        CHARGED = "charged", _("Charged")
        LOW_PAID = "low_paid", _("Low-price paid service")
        FREE = "free", _("Free of charge")

    estate = models.ForeignKey(
        Estate, models.CASCADE, related_name="fee_policies", verbose_name=Estate._meta.verbose_name
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    yuan_m2_month = models.DecimalField(
        _("fee (yuan per m² and month)"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    subsidy_yuan_year = models.DecimalField(
        _("subsidy (yuan per year)"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    valid = DateRangeField(_("in force"))

    objects = EstateSpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("fee policy")
        verbose_name_plural = _("fee policies")
        ordering = ["estate", "valid"]
        constraints = [
            no_overlap("one_fee_policy_per_estate_at_a_time", "estate_id"),
            span_not_empty("fee_policy_span_is_not_empty"),
            models.CheckConstraint(
                name="fee_policy_fee_fits_its_kind",
                condition=Q(kind="free", yuan_m2_month=None)
                | (~Q(kind="free") & Q(yuan_m2_month__gt=0, yuan_m2_month__isnull=False)),
                violation_error_message=_("Free service has no fee; any other kind needs one above 0."),
            ),
            models.CheckConstraint(
                name="fee_policy_subsidy_not_negative",
                condition=Q(subsidy_yuan_year=None) | Q(subsidy_yuan_year__gte=0),
                violation_error_message=_("A subsidy cannot be negative."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.get_kind_display()}"
