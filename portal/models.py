"""Places and bodies, people and grants, the city's profile, jobs and the audit log."""

from functools import cached_property

import pghistory
import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from portal import roles
from portal.names import initials, pinyin
from portal.roles import Role


def keeps_history(exclude: tuple[str, ...] = ()):
    """Class decorator: the database records a row's state before each update and before its deletion (the row is the rest)."""
    return pghistory.track(
        pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), exclude=list(exclude) or None
    )


class ScopedQuerySet(models.QuerySet):
    """Rows that lie in a place. Every list, count, search, export and API fetch goes through :meth:`for_user`."""

    path_lookup = "path"
    """The lookup from this model to ``Region.path``."""

    def for_user(self, user, permission: str):
        """The rows that ``user`` may reach with ``permission``; none for a stranger."""
        return self.filter(self.scope(user, permission))

    def scope(self, user, permission: str) -> Q:
        nothing = Q(pk__in=[])
        if not user.is_authenticated or not user.is_active:
            return nothing
        if not user.token_allows(permission):
            return nothing
        paths = user.reach(permission)
        if "" in paths:
            return Q()
        inside = nothing
        for path in paths:
            inside |= Q(**{f"{self.path_lookup}__startswith": path})
        return inside | self.member_scope(user, permission)

    def member_scope(self, user, permission: str) -> Q:
        """Rows reached by membership of an agency or enterprise rather than by place."""
        return Q(pk__in=[])


class CityWideQuerySet(ScopedQuerySet):
    """Rows that belong to the whole city (a yearly index, a round of awards): whoever holds the permission anywhere reads them,
    only the city keeps them.
    """

    path_lookup = ""

    def scope(self, user, permission: str) -> Q:
        holds = user.is_authenticated and user.has_perm(permission)
        if holds and (permission not in roles.KEEPING or "" in user.reach(permission)):
            return Q()
        return Q(pk__in=[])


class RegionQuerySet(ScopedQuerySet):
    def districts(self):
        return self.filter(level=Region.Level.DISTRICT).order_by("code")

    def plain(self):
        """Without the boundaries: a list that shows names should not read polygons."""
        return self.defer("boundary")


def _code_in_path(position: int) -> Func:
    return Func(F("path"), Value("/"), Value(position), function="split_part")


class Region(models.Model):
    """A place. ``parent`` is the *managing* parent: a functional zone manages streets whose official code begins with
    another district's. ``path`` is the codes from the top, each followed by a slash, so "inside" is a prefix test. ``district_code`` and
    ``street_code`` are of the district and the street that it lies in or is; empty above them.
    """

    class Level(models.TextChoices):
        CITY = "city", _("City")
        DISTRICT = "district", _("District")
        STREET = "street", _("Street")
        COMMUNITY = "community", _("Community")

    class Kind(models.TextChoices):
        ADMINISTRATIVE = "administrative", _("Administrative district")
        FUNCTIONAL_ZONE = "functional_zone", _("Functional zone")

    class PeerGroup(models.TextChoices):
        CENTRAL = "central", _("Central")
        NEW = "new", _("New")
        FUNCTIONAL = "functional", _("Functional")

    level = models.CharField(_("level"), max_length=10, choices=Level)
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    pinyin = models.CharField(max_length=400, blank=True, editable=False)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=90, unique=True)
    # What lists are counted by, read off the path once rather than for every row of every list.
    district_code = models.GeneratedField(
        expression=_code_in_path(2), output_field=models.CharField(max_length=90), db_persist=True
    )
    street_code = models.GeneratedField(
        expression=_code_in_path(3), output_field=models.CharField(max_length=90), db_persist=True
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, blank=True)
    peer_group = models.CharField(_("peer group"), max_length=12, choices=PeerGroup, blank=True)
    boundary = models.JSONField(_("boundary"), null=True, blank=True, help_text=_("A GeoJSON feature."))

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="region_only_the_city_has_no_parent",
                condition=Q(level="city", parent=None) | (~Q(level="city") & Q(parent__isnull=False)),
            ),
            models.CheckConstraint(name="region_kind_of_districts", condition=Q(level="district") ^ Q(kind="")),
        ]

    def __str__(self):
        return self.name

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)


class CityProfile(models.Model):
    """What the pages call the city and its publisher. One city per installation; it is data, never code."""

    region = models.OneToOneField(Region, models.CASCADE, primary_key=True, related_name="profile")
    name_en = models.CharField(max_length=100, blank=True)
    bureau = models.CharField(_("publishing bureau"), max_length=200, blank=True)
    bureau_en = models.CharField(max_length=200, blank=True)
    map_approval = models.CharField(_("map approval number"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("city profile")

    def __str__(self):
        return self.region.name


class Agency(models.Model):
    """A body of the line departments: a department, or a station under one."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("Department")
        STATION = "station", _("Station")
        UTILITY = "utility", _("Utility")

    code = models.CharField(_("code"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["code"]

    def __str__(self):
        return self.name


@keeps_history(exclude=("password", "last_login", "column_choices"))
class User(AbstractUser):
    """A person or a service account. Rights come from grants, never from Django's own permission tables."""

    first_name = None
    last_name = None
    name = models.CharField(_("name"), max_length=100, blank=True)
    column_choices = models.JSONField(default=dict, editable=False)
    """Slug of a register → the columns to show in its list. Here, because this row is read with every page anyway."""

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return str(self)

    @cached_property
    def _grants(self) -> list["Grant"]:
        return list(self.grants.select_related("region", "agency").defer("region__boundary"))

    def reach(self, permission: str) -> list[str]:
        """Paths of the places in which this person holds ``permission``; the empty path is everywhere."""
        if self.is_superuser:
            return [""]
        holders = roles.roles_with(permission)
        places = [grant.region for grant in self._grants if grant.region and grant.role in holders]
        if any(place.level == Region.Level.CITY for place in places):
            return [""]
        if permission in roles.CITY_WIDE:
            return []
        return sorted({place.path for place in places})

    def agencies_with(self, permission: str) -> list[int]:
        """Ids of the agencies for which this person holds ``permission``."""
        holders = roles.roles_with(permission)
        return [grant.agency_id for grant in self._grants if grant.agency_id and grant.role in holders]

    def token_allows(self, permission: str) -> bool:
        """False when this request came with a token that was not given ``permission``."""
        token = getattr(self, "api_token", None)
        return token is None or permission in token.permissions

    def may(self, permission: str) -> bool:
        """Whether this person holds ``permission`` anywhere at all."""
        return self.has_perm(permission)

    @property
    def role_labels(self) -> list[str]:
        return [grant.get_role_display() for grant in self._grants]


@keeps_history()
class Grant(models.Model):
    """Who has which role where: in a place, or for the agency whose member the person is."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(
                name="grant_once", fields=["user", "role", "region", "agency"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="grant_reaches_a_place_or_an_agency",
                condition=Q(role=Role.AGENCY_HANDLER, agency__isnull=False, region=None)
                | (Q(role__in=sorted(roles.REGIONAL_ROLES), region__isnull=False, agency=None)),
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()} · {self.region or self.agency}"


class ApiToken(AbstractAuthToken):
    """A token for a REST client. It may do what it was given, and never more than its account."""

    label = models.CharField(_("label"), max_length=100, blank=True)
    permissions = ArrayField(
        models.CharField(max_length=40, choices=roles.permission_choices), default=list, blank=True
    )

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")


class JobRun(models.Model):
    """One run of a background job, for the people who wait for it."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    job = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, help_text=_("What it is for: a period or a day."))
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    outcome = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("job run")
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["job", "-started_at"], name="jobrun_latest")]

    def __str__(self):
        return f"{self.job} {self.subject} {self.status}"


class AuditEntry(models.Model):
    """One deed of a person or a job: who, what, on which record, why. Append-only; it knows its subjects by text alone."""

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text=_("Empty: the system."))
    verb = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject = models.CharField(max_length=100)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["subject_type", "subject", "-at"], name="audit_of_a_subject")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.at:%F %T} {self.verb} {self.subject}"


from portal.exchange.models import ImportBatch, ImportedRow, RegisterExport  # noqa: E402, F401 - Django looks here
from portal.integrity.models import Merge, MergeStep  # noqa: E402, F401 - Django looks here
from portal.notices.models import Notice  # noqa: E402, F401 - Django looks here
from portal.webhooks.models import WebhookDelivery, WebhookEvent, WebhookTarget  # noqa: E402, F401 - Django looks here
from portal.workdays.models import CalendarDay, CalendarYear  # noqa: E402, F401 - Django looks here
