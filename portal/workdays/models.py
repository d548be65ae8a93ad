"""The days that the State Council's yearly notice names, and which years have been announced."""

import calendar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.models import CityWideQuerySet, keeps_history


class Holiday(models.TextChoices):
    """Statutory holidays (Regulation on public holidays for festivals and memorial days); other occasions are named in the note."""

    NEW_YEAR = "new_year", _("New Year's Day")
    SPRING_FESTIVAL = "spring_festival", _("Spring Festival")
    TOMB_SWEEPING = "tomb_sweeping", _("Tomb-Sweeping Day")
    LABOUR_DAY = "labour_day", _("Labour Day")
    DRAGON_BOAT = "dragon_boat", _("Dragon Boat Festival")
    MID_AUTUMN = "mid_autumn", _("Mid-Autumn Festival")
    NATIONAL_DAY = "national_day", _("National Day")
    OTHER = "other", _("Other")


@keeps_history()
class CalendarYear(models.Model):
    """A year whose holidays have been announced, and by which document. Until then its days count from Monday to Friday."""

    year = models.PositiveSmallIntegerField(
        _("year"), unique=True, validators=[MinValueValidator(1950), MaxValueValidator(2100)]
    )
    document = models.CharField(_("document"), max_length=200, blank=True, help_text=_("The notice that announced it."))

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("announced year")
        verbose_name_plural = _("announced years")
        ordering = ["-year"]

    def __str__(self):
        return str(self.year)


@keeps_history()
class CalendarDay(models.Model):
    """A day that the notice names: a holiday (weekend days within it too), or a weekend day that is worked instead."""

    day = models.DateField(_("day"), unique=True)
    is_workday = models.BooleanField(
        _("working day"), default=False, help_text=_("Yes: a weekend day that is worked in return. No: a holiday.")
    )
    holiday = models.CharField(_("holiday"), max_length=20, choices=Holiday)
    note = models.CharField(
        _("note"), max_length=200, blank=True, help_text=_("Names the occasion where it is another.")
    )

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("announced day")
        verbose_name_plural = _("calendar of working days")
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                name="calendar_day_worked_is_a_weekend", condition=Q(is_workday=False) | Q(day__iso_week_day__gte=6)
            ),
            models.CheckConstraint(name="calendar_day_other_is_named", condition=~Q(holiday="other", note="")),
        ]

    def __str__(self):
        return f"{self.day:%Y-%m-%d}"

    def clean(self):
        if self.is_workday and self.day and self.day.weekday() <= calendar.FRIDAY:
            raise ValidationError(
                {"is_workday": _("Monday to Friday are working days by themselves; only a weekend day is made up.")}
            )
        if self.holiday == Holiday.OTHER and not self.note:
            raise ValidationError({"note": _("Say which occasion it is.")})

    @property
    def name(self) -> str:
        """What the rules carry for it: the holiday's key, or the words of another occasion."""
        return self.note if self.holiday == Holiday.OTHER else self.holiday
