"""Places people live in, and who serves them from when to when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, enterprises_of
from portal.models import Region, ScopedQuerySet, keeps_history
from portal.names import initials, pinyin


class EstateQuerySet(ScopedQuerySet):
    path_lookup = "community__path"

    def member_scope(self, user, permission: str) -> Q:
        served = ServiceAssignment.objects.current().filter(enterprise__in=enterprises_of(user, permission))
        return Q(pk__in=served.values("estate_id"))

    def residential(self):
        """Those that a ranking is about. Source: ranking policy, "Who is ranked"."""
        return self.exclude(kind=Estate.Kind.NON_RESIDENTIAL)


@keeps_history()
class Estate(models.Model):
    """A neighbourhood or another project under property management. The same name may stand in two streets: the code is the key."""

    class Kind(models.TextChoices):
        PROFESSIONAL = "professional", _("Professionally served")
        NON_RESIDENTIAL = "non_residential", _("Non-residential")
        OLD = "old", _("Old neighbourhood")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    community = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("community"))
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    floor_area_m2 = models.DecimalField(_("floor area (m²)"), max_digits=12, decimal_places=2, null=True, blank=True)

    objects = EstateQuerySet.as_manager()

    class Meta:
        verbose_name = _("neighbourhood")
        verbose_name_plural = _("neighbourhoods")
        ordering = ["pinyin", "code"]
        constraints = [
            models.CheckConstraint(
                name="estate_area_positive", condition=Q(floor_area_m2__gt=0) | Q(floor_area_m2=None)
            ),
        ]

    def __str__(self):
        return self.name

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)


class ServiceAssignmentQuerySet(models.QuerySet):
    def current(self):
        return self.filter(valid__upper_inf=True)

    def on(self, day):
        """Those in force on ``day`` (a date)."""
        return self.filter(valid__contains=day)


@keeps_history()
class ServiceAssignment(models.Model):
    """An enterprise serves a neighbourhood over a span of days; an open start is "since before the record", an open end "still".

    One area is served by one enterprise at a time: the database excludes overlaps.
    """

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="assignments")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    valid = DateRangeField(_("in force"))

    objects = ServiceAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("service assignment")
        ordering = ["estate", "valid"]
        constraints = [
            ExclusionConstraint(
                name="one_enterprise_per_estate_at_a_time",
                # int8range, because the trial's PostgreSQL has no btree_gist
                expressions=[
                    (
                        Func(F("estate_id"), F("estate_id"), models.Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="assignment_span_is_not_empty", condition=Q(valid__isempty=False)),
        ]

    def __str__(self):
        return f"{self.estate} · {self.enterprise}"
