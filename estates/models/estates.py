"""Neighbourhoods and other projects, who serves them from when to when, and who manages them on site."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, enterprises_of
from portal.dated import SpanQuerySet, no_overlap, span_not_empty
from portal.models import Region, ScopedQuerySet, keeps_history
from portal.names import initials, pinyin


class EstateQuerySet(ScopedQuerySet):
    path_lookup = "community__path"

    def member_scope(self, user, permission: str) -> Q:
        return Q(pk__in=served_by_members(user, permission))

    def residential(self):
        """Those that a ranking is about. Source: ranking policy, "Who is ranked"."""
        return self.exclude(kind=Estate.Kind.NON_RESIDENTIAL)


class EstateScopedQuerySet(ScopedQuerySet):
    """Rows that hang on a neighbourhood (``estate``). Enterprise staff reach those of what their enterprise serves now."""

    path_lookup = "estate__community__path"

    def member_scope(self, user, permission: str) -> Q:
        return Q(estate__in=served_by_members(user, permission))


class EstateSpanQuerySet(SpanQuerySet, EstateScopedQuerySet):
    """Rows of a neighbourhood that are in force over the span ``valid``."""


class ServedScopedQuerySet(EstateScopedQuerySet):
    """Rows of a neighbourhood that name an ``enterprise``: its staff reach its own, and no predecessor's."""

    def member_scope(self, user, permission: str) -> Q:
        return Q(enterprise__in=enterprises_of(user, permission))


class ServedSpanQuerySet(SpanQuerySet, ServedScopedQuerySet):
    """Rows that name an ``enterprise`` and are in force over the span ``valid``."""


class ServiceAssignmentQuerySet(ServedSpanQuerySet):
    pass


def served_by_members(user, permission: str):
    """Ids of the neighbourhoods that the enterprises of ``user`` serve now, as a subquery."""
    served = ServiceAssignment.objects.current().filter(enterprise__in=enterprises_of(user, permission))
    return served.values("estate_id")


_PRESENCE = """
INSERT INTO enterprises_enterprisepresence (enterprise_id, district_id)
SELECT DISTINCT assignment.enterprise_id, street.parent_id
FROM {source}
JOIN portal_region community ON community.id = {community}
JOIN portal_region street ON street.id = community.parent_id
WHERE {condition} AND NOT EXISTS (
    SELECT FROM enterprises_enterprisepresence known
    WHERE known.enterprise_id = assignment.enterprise_id AND known.district_id = street.parent_id
)
ON CONFLICT DO NOTHING;
RETURN NULL;
"""

PRESENCE_OF_ASSIGNMENT = _PRESENCE.format(
    source="(SELECT NEW.enterprise_id) assignment JOIN estates_estate estate ON estate.id = NEW.estate_id",
    community="estate.community_id",
    condition="street.parent_id IS NOT NULL",
)
PRESENCE_OF_ESTATE = _PRESENCE.format(
    source="estates_serviceassignment assignment",
    community="NEW.community_id",
    condition="street.parent_id IS NOT NULL AND assignment.estate_id = NEW.id",
)

_IS_SERVED = (
    "EXISTS (SELECT FROM estates_serviceassignment one WHERE one.estate_id = {estate} AND upper_inf(one.valid))"
)
IS_SERVED = f"NEW.is_served = {_IS_SERVED.format(estate='NEW.id')}; RETURN NEW;"
SERVICE_CHANGED = f"""
UPDATE estates_estate estate SET is_served = NOT is_served
WHERE id IN (OLD.estate_id, NEW.estate_id) AND is_served <> {_IS_SERVED.format(estate="estate.id")};
RETURN NULL;
"""


@keeps_history(exclude=("is_served",))
class Estate(models.Model):
    """A neighbourhood or another project under property management. The same name may stand in two streets: the code is the key."""

    class Kind(models.TextChoices):
        PROFESSIONAL = "professional", _("Professionally served")
        NON_RESIDENTIAL = "non_residential", _("Non-residential")
        OLD = "old", _("Old neighbourhood")

    class UseClass(models.TextChoices):
        RESIDENTIAL = "residential", _("Residential")
        COMMERCIAL = "commercial", _("Commercial")
        OFFICE = "office", _("Office")
        INDUSTRIAL = "industrial", _("Industrial")
        SCHOOL = "school", _("School")
        HOSPITAL = "hospital", _("Hospital")
        OTHER = "other", _("Other")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    use_class = models.CharField(_("use"), max_length=12, choices=UseClass, default=UseClass.RESIDENTIAL)
    community = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("community"))
    address = models.CharField(_("address"), max_length=300, blank=True)
    longitude = models.DecimalField(
        _("longitude (°)"), max_digits=9, decimal_places=6, null=True, blank=True, help_text=_("East is positive.")
    )
    latitude = models.DecimalField(
        _("latitude (°)"), max_digits=9, decimal_places=6, null=True, blank=True, help_text=_("North is positive.")
    )
    built_year = models.PositiveSmallIntegerField(_("built in"), null=True, blank=True)
    delivered_on = models.DateField(
        _("delivered on"), null=True, blank=True, help_text=_("The day on which owners could first move in.")
    )
    buildings = models.PositiveIntegerField(_("buildings"), null=True, blank=True)
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    floor_area_m2 = models.DecimalField(_("floor area (m²)"), max_digits=12, decimal_places=2, null=True, blank=True)
    lifts = models.PositiveIntegerField(_("lifts"), null=True, blank=True)
    has_fire_equipment = models.BooleanField(
        _("has fire equipment"), null=True, blank=True, help_text=_("Alarms, sprinklers or hydrants of its own.")
    )
    # Derived, so that lists count it without a look at the assignments; triggers here and there keep it, whatever is written.
    is_served = models.BooleanField(editable=False, db_default=False)

    objects = EstateQuerySet.as_manager()

    class Meta:
        verbose_name = _("neighbourhood")
        verbose_name_plural = _("neighbourhoods")
        ordering = ["pinyin", "code"]
        constraints = [
            models.CheckConstraint(
                name="estate_area_positive",
                condition=Q(floor_area_m2__gt=0) | Q(floor_area_m2=None),
                violation_error_message=_("The floor area must be above 0 m²; leave it empty if it is unknown."),
            ),
            models.CheckConstraint(
                name="estate_point_is_whole_and_on_earth",
                condition=Q(longitude=None, latitude=None)
                | Q(
                    longitude__range=(-180, 180),
                    latitude__range=(-90, 90),
                    longitude__isnull=False,
                    latitude__isnull=False,
                ),
                violation_error_message=_("Give both longitude and latitude in degrees, or neither."),
            ),
            models.CheckConstraint(
                name="estate_built_year_is_plausible",
                condition=Q(built_year=None) | Q(built_year__range=(1840, 2200)),
                violation_error_message=_("The year of building must be written with four digits, such as 1998."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="presence",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("community_id"),
                condition=pgtrigger.Q(old__community__df=pgtrigger.F("new__community")),
                func=PRESENCE_OF_ESTATE,
            ),
            pgtrigger.Trigger(
                name="is_served",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("is_served"),
                func=IS_SERVED,
            ),
        ]

    def __str__(self):
        return self.name

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)

    def clean(self):
        must_be_community(self, "community")

    @property
    def needs_equipment_upkeep(self) -> bool:
        """Lifts and fire equipment are left to professional firms, whoever else serves. Source: Shanghai's regulation, art. 53."""
        return bool(self.lifts) or bool(self.has_fire_equipment)


def must_be_community(row: models.Model, name: str) -> None:
    """Raise ``ValidationError`` unless ``row``'s reference ``name`` is empty or a community."""
    place = getattr(row, name) if getattr(row, f"{name}_id") else None
    if place is not None and place.level != Region.Level.COMMUNITY:
        raise ValidationError({name: _("“%(place)s” is not a community; choose one.") % {"place": place}})


@keeps_history()
class ServiceAssignment(models.Model):
    """An enterprise serves a neighbourhood over a span of days; an open start is "since before the record", an open end "still".

    One area is served by one enterprise at a time: the database excludes overlaps. A trigger notes the enterprise's
    presence in the managing district, so that the district sees it in its register of enterprises; another keeps
    ``Estate.is_served``, which is whether an assignment with an open end exists.
    """

    estate = models.ForeignKey(
        Estate, models.CASCADE, related_name="assignments", verbose_name=Estate._meta.verbose_name
    )
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("enterprise"))
    valid = DateRangeField(_("in force"))

    objects = ServiceAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("service assignment")
        verbose_name_plural = _("service assignments")
        ordering = ["estate", "valid"]
        constraints = [
            ExclusionConstraint(
                name="one_enterprise_per_estate_at_a_time",
                # int8range, because the trial's PostgreSQL has no btree_gist; the field's name and not its column's,
                # because only that is replaced by the row's value when a form is checked
                expressions=[
                    (
                        Func(F("estate"), F("estate"), models.Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_(
                    "Another enterprise serves this neighbourhood on some of these days; end that assignment first."
                ),
            ),
            models.CheckConstraint(name="assignment_span_is_not_empty", condition=Q(valid__isempty=False)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="presence",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("estate_id", "enterprise_id"),
                func=PRESENCE_OF_ASSIGNMENT,
            ),
            pgtrigger.Trigger(
                name="service_changed",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("estate_id", "valid") | pgtrigger.Delete,
                func=SERVICE_CHANGED,
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.enterprise}"


@keeps_history()
class ManagerAppointment(models.Model):
    """A project manager is in charge of a neighbourhood over a span of days, one at a time.

    Lists name the manager beside neighbourhood and enterprise, and points follow the person.
    """

    estate = models.ForeignKey(
        Estate, models.CASCADE, related_name="manager_appointments", verbose_name=Estate._meta.verbose_name
    )
    manager = models.ForeignKey(
        "enterprises.ProjectManager", models.PROTECT, related_name="+", verbose_name=_("project manager")
    )
    valid = DateRangeField(_("in force"))

    objects = EstateSpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("manager appointment")
        verbose_name_plural = _("manager appointments")
        ordering = ["estate", "valid"]
        constraints = [
            no_overlap("one_manager_per_estate_at_a_time", "estate_id"),
            span_not_empty("manager_appointment_span_is_not_empty"),
        ]

    def __str__(self):
        return f"{self.estate} · {self.manager}"


@keeps_history()
class HandOver(models.Model):
    """A neighbourhood passes from one enterprise (none: nobody served it) to another."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="handovers", verbose_name=Estate._meta.verbose_name)
    from_enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("handed over by")
    )
    to_enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("taken over by"))
    handed_over_on = models.DateField(
        _("handed over on"), help_text=_("The first day of the enterprise that takes over.")
    )
    documents = models.TextField(
        _("documents handed over"), blank=True, help_text=_("Drawings, equipment files, accounts, owners' list.")
    )
    note = models.TextField(_("note"), blank=True)

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering = ["estate", "handed_over_on"]
        constraints = [
            models.UniqueConstraint(name="handover_once_a_day", fields=["estate", "handed_over_on"]),
            models.CheckConstraint(
                name="handover_between_two",
                condition=Q(from_enterprise=None) | ~Q(from_enterprise=F("to_enterprise")),
                violation_error_message=_("An enterprise cannot hand over to itself."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.handed_over_on}"
