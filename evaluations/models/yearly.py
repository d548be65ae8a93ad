"""What is counted once a year or once a month for the whole city: satisfaction, evaluation rounds, the service march."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.models import CityWideQuerySet, keeps_history

YEAR = (MinValueValidator(1990), MaxValueValidator(2100))


@keeps_history()
class SatisfactionIndex(models.Model):
    """The composite satisfaction index of a year. Years of different methods must not be joined by a line."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True, validators=YEAR)
    value = models.DecimalField(_("index (points)"), max_digits=5, decimal_places=2)
    method_version = models.CharField(
        _("method"), max_length=40, help_text=_("Years with the same method can be compared.")
    )
    note = models.TextField(_("note"), blank=True)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("satisfaction index")
        verbose_name_plural = _("satisfaction indices")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                name="satisfaction_index_in_points",
                condition=Q(value__gte=0, value__lte=100),
                violation_error_message=_("The index is between 0 and 100 points."),
            ),
        ]

    def __str__(self):
        return f"{self.year}: {self.value}"


@keeps_history()
class EvaluationRound(models.Model):
    """A yearly evaluation of service quality."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True, validators=YEAR)
    title = models.CharField(_("title"), max_length=200)
    published_on = models.DateField(_("published on"), null=True, blank=True)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation round")
        verbose_name_plural = _("evaluation rounds")
        ordering = ["-year"]

    def __str__(self):
        return self.title

    def clean(self):
        if self.published_on and self.year and self.published_on.year < self.year:
            raise ValidationError({"published_on": _("This day is before the year that was evaluated.")})


@keeps_history()
class ServiceCampaign(models.Model):
    """One month of the service march: a theme, and the bodies that go into the neighbourhoods with it."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")

    month = models.DateField(_("month"), unique=True, help_text=_("Its first day. One theme a month."))
    theme = models.CharField(_("theme"), max_length=200)
    partners = models.TextField(_("partners"), blank=True, help_text=_("Departments and units, one per line."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("service march")
        verbose_name_plural = _("service marches")
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(
                name="service_campaign_month_is_a_first_day",
                condition=Q(month__day=1),
                violation_error_message=_("Give the first day of the month."),
            ),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.theme}"

    @property
    def partner_names(self) -> list[str]:
        """The partners, each once, in the order written; lines, ``、`` and ``;`` part them."""
        names = (name.strip() for name in re.split(r"[\n、;；]", self.partners))
        return list(dict.fromkeys(name for name in names if name))
