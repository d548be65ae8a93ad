"""The local standard of service: its versions, their grades, and what each grade demands."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.models import CityWideQuerySet, keeps_history


@keeps_history()
class ServiceStandard(models.Model):
    """One version of the service grade standard. Source: 2021 report, section 8: a local standard issued with the market regulator."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    version = models.CharField(_("version"), max_length=40)
    effective_on = models.DateField(_("effective on"))
    repealed_on = models.DateField(
        _("repealed on"), null=True, blank=True, help_text=_("The first day on which it no longer applies.")
    )

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("service standard")
        verbose_name_plural = _("service standards")
        ordering = ["-effective_on", "code"]
        constraints = [
            models.CheckConstraint(
                name="standard_repealed_after_effect",
                condition=Q(repealed_on=None) | Q(repealed_on__gt=F("effective_on")),
                violation_error_message=_("A standard can be repealed only after it took effect."),
            )
        ]

    def __str__(self):
        return f"{self.title} ({self.version})"


@keeps_history()
class ServiceGrade(models.Model):
    """A grade of a standard, which a contract may promise. Level 1 is the most basic one.

    Assumption: five general grades and one basic grade for old neighbourhoods; they are rows, so that a city may have others.
    """

    class AppliesTo(models.TextChoices):
        GENERAL = "general", _("General")
        OLD = "old", _("Old neighbourhoods")

    code = models.CharField(_("code"), max_length=40, unique=True)
    standard = models.ForeignKey(
        ServiceStandard, models.PROTECT, related_name="grades", verbose_name=_("service standard")
    )
    applies_to = models.CharField(_("applies to"), max_length=8, choices=AppliesTo, default=AppliesTo.GENERAL)
    level = models.PositiveSmallIntegerField(_("level"), help_text=_("1 is the most basic grade."))
    name = models.CharField(_("name"), max_length=100)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("service grade")
        verbose_name_plural = _("service grades")
        ordering = ["standard", "applies_to", "level"]
        constraints = [
            models.UniqueConstraint(name="grade_once", fields=["standard", "applies_to", "level"]),
            models.CheckConstraint(
                name="grade_level_positive",
                condition=Q(level__gte=1),
                violation_error_message=_("Levels count from 1."),
            ),
        ]

    def __str__(self):
        return self.name


@keeps_history()
class StandardItem(models.Model):
    """One demand of a grade, with how it is measured and the value it must reach."""

    grade = models.ForeignKey(ServiceGrade, models.CASCADE, related_name="items", verbose_name=_("service grade"))
    number = models.CharField(_("number"), max_length=20)
    section = models.CharField(_("section"), max_length=100)
    text = models.TextField(_("text"))
    measure = models.CharField(
        _("measure"), max_length=200, blank=True, help_text=_("What is counted or timed, with its unit.")
    )
    threshold = models.CharField(_("threshold"), max_length=100, blank=True, help_text=_("Such as ≥ 80 % or ≤ 15 min."))

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("standard item")
        verbose_name_plural = _("standard items")
        ordering = ["grade", "number"]
        constraints = [models.UniqueConstraint(name="standard_item_once", fields=["grade", "number"])]

    def __str__(self):
        return f"{self.number} {self.text[:40]}"
