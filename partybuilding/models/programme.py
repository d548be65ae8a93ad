"""Milestones of the city's programme: what the report tells of its course."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.models import CityWideQuerySet, keeps_history


@keeps_history()
class ProgrammeMilestone(models.Model):
    """A dated step of the programme. The day is known to the year, the month or the day."""

    class Kind(models.TextChoices):
        START = "start", _("Start")
        PROPOSAL = "proposal", _("Proposal")
        PARTY_CONGRESS = "party_congress", _("Party congress")
        GOV_WORK_REPORT = "gov_work_report", _("Government work report")
        PILOT = "pilot", _("Pilot")
        EXTERNAL_RECOGNITION = "external_recognition", _("Recognition from outside")
        OLD_FULL_COVERAGE = "old_full_coverage", _("Full coverage of old neighbourhoods")
        REGULATION = "regulation", _("Regulation in force")

    class Precision(models.TextChoices):
        YEAR = "year", _("Year")
        MONTH = "month", _("Month")
        DAY = "day", _("Day")

    FORMATS = {Precision.YEAR: "%Y", Precision.MONTH: "%Y-%m", Precision.DAY: "%Y-%m-%d"}

    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    on_date = models.DateField(_("on"), help_text=_("The first day of the year or month, where no day is known."))
    precision = models.CharField(_("known to the"), max_length=6, choices=Precision, default=Precision.DAY)
    note = models.TextField(_("note"), blank=True)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone of the programme")
        verbose_name_plural = _("milestones of the programme")
        ordering = ["on_date", "code"]
        constraints = [
            models.CheckConstraint(
                name="milestone_on_the_first_day_of_what_is_known",
                condition=Q(precision="day")
                | Q(precision="month", on_date__day=1)
                | Q(precision="year", on_date__day=1, on_date__month=1),
                violation_error_message=_("Where only the year or month is known, give its first day."),
            ),
        ]

    def __str__(self):
        return f"{self.known_date} {self.get_kind_display()}"

    @property
    def known_date(self) -> str:
        """The date as far as it is known: 2017, 2017-07 or 2017-01-22."""
        return self.on_date.strftime(self.FORMATS[self.precision])
