"""Contracts of property service."""

from datetime import timedelta

from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from estates.models.estates import Estate, ServedSpanQuerySet
from estates.models.standards import ServiceGrade
from estates.rules import CONTRACT_NOTICE_MONTHS, EMERGENCY_CONTRACT_MAX_DAYS, months_later
from portal.dated import span_not_empty
from portal.models import keeps_history


class ServiceContractQuerySet(ServedSpanQuerySet):
    def ending(self, first, last):
        """Those whose last day lies from ``first`` to ``last`` (dates, both included)."""
        return self.filter(self.ending_in(first, last))

    def running_out_on(self, today) -> Q:
        """The condition of :func:`rules.is_running_out` on ``today`` (a date)."""
        return self.ending_in(today, months_later(today, CONTRACT_NOTICE_MONTHS))

    @staticmethod
    def ending_in(first, last) -> Q:
        """The condition of :meth:`ending`."""
        return Q(valid__endswith__gt=first, valid__endswith__lte=last + timedelta(days=1))


@keeps_history()
class ServiceContract(models.Model):
    """What an enterprise promises for a neighbourhood: the grade, the fee, from when to when.

    Preliminary contracts are the developer's, for the time before the owners decide; an emergency contract bridges at most
    half a year after a company left. Source: Beijing's regulation, art. 77; 183 days are this portal's reading of six months.
    """

    class Kind(models.TextChoices):
        PRELIMINARY = "preliminary", _("Preliminary service contract")
        OWNERS = "owners", _("Owners' service contract")
        EMERGENCY = "emergency", _("Emergency service contract")

    number = models.CharField(_("contract number"), max_length=60, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="contracts", verbose_name=Estate._meta.verbose_name)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("enterprise"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    grade = models.ForeignKey(
        ServiceGrade, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service grade")
    )
    fee_yuan_m2_month = models.DecimalField(
        _("fee (yuan per m² and month)"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    valid = DateRangeField(_("in force"), help_text=_("A contract has a first and a last day."))
    note = models.TextField(_("note"), blank=True)

    objects = ServiceContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("service contract")
        verbose_name_plural = _("service contracts")
        ordering = ["estate", "-valid", "number"]
        constraints = [
            span_not_empty("contract_span_is_not_empty"),
            models.CheckConstraint(
                name="contract_has_both_ends",
                condition=Q(valid__lower_inf=False, valid__upper_inf=False),
                violation_error_message=_("A contract needs a first and a last day."),
            ),
            models.CheckConstraint(
                name="emergency_contract_at_most_half_a_year",
                condition=~Q(kind="emergency")
                | Q(
                    LessThanOrEqual(
                        F("valid__endswith") - F("valid__startswith"),
                        Value(timedelta(days=EMERGENCY_CONTRACT_MAX_DAYS)),
                    )
                ),
                violation_error_message=_("An emergency contract runs 183 days at most."),
            ),
            models.CheckConstraint(
                name="contract_fee_not_negative",
                condition=Q(fee_yuan_m2_month=None) | Q(fee_yuan_m2_month__gte=0),
                violation_error_message=_("A fee cannot be negative."),
            ),
        ]

    def __str__(self):
        return self.number

    def clean(self):
        if self.grade_id and self.estate_id:
            old_grade = self.grade.applies_to == ServiceGrade.AppliesTo.OLD
            if old_grade and self.estate.kind != Estate.Kind.OLD:
                raise ValidationError({"grade": _("This grade is for old neighbourhoods only; choose a general one.")})
