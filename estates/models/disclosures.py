"""What owners must be shown, what was posted, what owners object to, and the enterprises' periodic reports."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises.models import Enterprise
from estates import calendar
from estates.models.estates import Estate, EstateScopedQuerySet, ServedScopedQuerySet
from portal.models import CityWideQuerySet, keeps_history

PERIOD_PATTERN = r"^[12][0-9]{3}(Q[1-4])?$"
NOT_A_PERIOD = _("Not a period: write 2021 for a year, 2021Q3 for a quarter.")


def parse_period(text: str) -> calendar.Period:
    """The period with the id ``text``; a ``ValidationError`` for ``period`` where it is none."""
    try:
        return calendar.Period.parse(text)
    except ValueError:
        raise ValidationError({"period": NOT_A_PERIOD}) from None


def must_fit_category(row: models.Model) -> None:
    """Raise ``ValidationError`` unless ``row.period`` is a period as ``row.category`` has them."""
    period = parse_period(row.period)
    if row.category_id and period.cadence != row.category.cadence:
        quarterly = row.category.cadence == calendar.Cadence.QUARTERLY
        expected = _("This disclosure is quarterly; write the quarter, such as 2021Q3.")
        raise ValidationError(
            {"period": expected if quarterly else _("This disclosure is yearly; write the year, such as 2021.")}
        )


@keeps_history()
class DisclosureCategory(models.Model):
    """Something that owners must be shown regularly. Source: 2021 report, section 7.2 ("four disclosures and one supervision").

    Assumption: the report does not name the four; they are rows, so that a city may have others.
    """

    class Cadence(models.TextChoices):
        QUARTERLY = "quarterly", _("Quarterly")
        YEARLY = "yearly", _("Yearly")

    class CountedFrom(models.TextChoices):
        START = "start", _("First day of the period")
        END = "end", _("Last day of the period")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    cadence = models.CharField(_("how often"), max_length=10, choices=Cadence)
    counted_from = models.CharField(
        _("time counted from"), max_length=5, choices=CountedFrom, default=CountedFrom.END,
        help_text=_("Prices are shown from the period's first day on; accounts can only follow its last day."),
    )  # fmt: skip
    due_days = models.PositiveSmallIntegerField(
        _("days for posting"), default=30, help_text=_("Calendar days after that day in which posting is in time.")
    )

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("disclosure category")
        verbose_name_plural = _("disclosure categories")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="disclosure_due_within_a_year",
                condition=Q(due_days__lte=366),
                violation_error_message=_("Days for posting are at most 366."),
            )
        ]

    def __str__(self):
        return self.name


@keeps_history()
class DisclosureItem(models.Model):
    """What was posted for a neighbourhood in one category and period. That nothing was posted is told by :mod:`estates.compliance`."""

    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="disclosures", verbose_name=Estate._meta.verbose_name
    )
    category = models.ForeignKey(
        DisclosureCategory, models.PROTECT, related_name="+", verbose_name=_("disclosure category")
    )
    period = models.CharField(
        pgettext_lazy("disclosure", "period"), max_length=6, help_text=_("A year such as 2021, or a quarter: 2021Q3.")
    )
    content = models.TextField(_("content"), help_text=_("What was posted, in its own words or as a summary."))
    posted_on = models.DateField(_("posted on"))
    evidence = models.CharField(
        _("evidence"),
        max_length=500,
        blank=True,
        help_text=_("Where it hangs or can be read; number of the photograph."),
    )
    expires_on = models.DateField(
        _("stays up until"), null=True, blank=True, help_text=_("The last day on which it hangs there.")
    )

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["-posted_on", "estate", "category"]
        constraints = [
            models.UniqueConstraint(name="disclosure_once_per_period", fields=["estate", "category", "period"]),
            models.CheckConstraint(
                name="disclosure_period_is_one",
                condition=Q(period__regex=PERIOD_PATTERN),
                violation_error_message=NOT_A_PERIOD,
            ),
            models.CheckConstraint(
                name="disclosure_up_before_down",
                condition=Q(expires_on=None) | Q(expires_on__gte=F("posted_on")),
                violation_error_message=_("It cannot be taken down before it is posted: check both days."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.category} · {self.period}"

    def clean(self):
        must_fit_category(self)

    @property
    def due_on(self):
        """The last day on which posting was in time."""
        period = calendar.Period.parse(self.period)
        return period.due_on(self.category.counted_from, self.category.due_days)

    @property
    def days_late(self) -> int:
        return calendar.days_late(self.due_on, self.posted_on, self.posted_on)


@keeps_history()
class DisclosureObjection(models.Model):
    """An owner objects to a disclosure, or to its absence: it names category and period rather than an item that may not exist.

    The owner's name is not kept.
    """

    number = models.CharField(_("number"), max_length=60, unique=True)
    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="objections", verbose_name=Estate._meta.verbose_name
    )
    category = models.ForeignKey(
        DisclosureCategory, models.PROTECT, related_name="+", verbose_name=_("disclosure category")
    )
    period = models.CharField(
        pgettext_lazy("disclosure", "period"), max_length=6, help_text=_("A year such as 2021, or a quarter: 2021Q3.")
    )
    raised_on = models.DateField(_("raised on"))
    text = models.TextField(_("objection"), help_text=_("Without names or telephone numbers of owners."))
    due_on = models.DateField(_("answer due on"), editable=False)
    answer = models.TextField(_("answer"), blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection to a disclosure")
        verbose_name_plural = _("objections to disclosures")
        ordering = ["-raised_on", "number"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(answered_on=None), name="objection_open_due"),
        ]
        constraints = [
            models.CheckConstraint(
                name="objection_period_is_one",
                condition=Q(period__regex=PERIOD_PATTERN),
                violation_error_message=NOT_A_PERIOD,
            ),
            models.CheckConstraint(
                name="objection_answered_with_day_and_text",
                condition=Q(answered_on=None, answer="") | (Q(answered_on__isnull=False) & ~Q(answer="")),
                violation_error_message=_("Give both the answer and its day, or neither."),
            ),
            models.CheckConstraint(
                name="objection_answered_after_raised",
                condition=Q(answered_on=None) | Q(answered_on__gte=F("raised_on")),
                violation_error_message=_("It was answered before it was raised: check both days."),
            ),
            models.CheckConstraint(name="objection_due_after_raised", condition=Q(due_on__gte=F("raised_on"))),
        ]

    def __str__(self):
        return self.number

    def clean(self):
        if self.raised_on:
            self.due_on = calendar.answer_due_on(self.raised_on)
        must_fit_category(self)

    def days_late(self, today) -> int:
        """Days by which it was answered late, or is late by ``today`` (a date) while unanswered; 0 in time."""
        return calendar.days_late(self.due_on, self.answered_on, today)


@keeps_history()
class PeriodicReport(models.Model):
    """The report that an enterprise hands in on a neighbourhood for a year or a quarter."""

    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="periodic_reports", verbose_name=Estate._meta.verbose_name
    )
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("enterprise"))
    period = models.CharField(
        pgettext_lazy("disclosure", "period"), max_length=6, help_text=_("A year such as 2021, or a quarter: 2021Q3.")
    )
    submitted_on = models.DateField(_("submitted on"))
    summary = models.TextField(_("summary"), blank=True)

    objects = ServedScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("periodic report")
        verbose_name_plural = _("periodic reports")
        ordering = ["-period", "estate"]
        constraints = [
            models.UniqueConstraint(name="periodic_report_once", fields=["estate", "enterprise", "period"]),
            models.CheckConstraint(
                name="periodic_report_period_is_one",
                condition=Q(period__regex=PERIOD_PATTERN),
                violation_error_message=NOT_A_PERIOD,
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.enterprise} · {self.period}"

    def clean(self):
        period = parse_period(self.period)
        if self.submitted_on and self.submitted_on < period.first_day:
            raise ValidationError({"submitted_on": _("It was submitted before its period began: check the period.")})
