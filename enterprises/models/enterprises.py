"""Property enterprises, what they report every year, and who works for them in the portal."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.rules import is_credit_code
from portal.models import Region, ScopedQuerySet, User, keeps_history
from portal.names import initials, pinyin
from portal.persons import PHONE
from portal.roles import KEEPING, ROLES, Role

YEARS = (1981, 2100)
"""The years that a record may be about. The first property enterprise of the country was founded in 1981."""


def validate_credit_code(value: str) -> None:
    if not is_credit_code(value):
        raise ValidationError(_("Not a unified social credit code: 18 signs, the last one a check digit (GB 32100)."))


class EnterpriseScopedQuerySet(ScopedQuerySet):
    """Rows that hang on an enterprise (lookup ``enterprise_lookup``), and the enterprises themselves.

    An enterprise works across districts. A place sees those that are registered in its district, that have served in its
    district (:class:`EnterprisePresence`), and those for which no district is recorded yet. Only the district where it is
    registered, or the city, may keep it. Enterprise staff see their own.
    """

    enterprise_lookup = "enterprise"

    def scope(self, user, permission: str) -> Q:
        nothing = Q(pk__in=[])
        if not user.is_authenticated or not user.is_active or not user.token_allows(permission):
            return nothing
        paths = user.reach(permission)
        if "" in paths:
            return Q()
        prefix = f"{self.enterprise_lookup}__" if self.enterprise_lookup else ""
        own = Q(**{f"{prefix}pk__in": enterprises_of(user, permission)})
        if not paths:
            return own
        districts = {district_path(path) for path in paths}
        registered = Q(**{f"{prefix}registered_district__path__in": districts})
        if permission in KEEPING:
            return own | registered
        present = EnterprisePresence.objects.filter(district__path__in=districts).values("enterprise")
        return own | registered | Q(**{f"{prefix}registered_district": None}) | Q(**{f"{prefix}pk__in": present})


def district_path(path: str) -> str:
    """The path of the district in which the place with ``path`` (a district, street or community) lies."""
    return "".join(f"{code}/" for code in path.split("/")[:2])


class EnterpriseQuerySet(EnterpriseScopedQuerySet):
    enterprise_lookup = ""


@keeps_history()
class Enterprise(models.Model):
    """A property service enterprise; branches of enterprises from elsewhere that serve here are included.

    Source: Wuhan's measure on credit information of property enterprises (2019), art. 2.
    """

    class Origin(models.TextChoices):
        LOCAL = "local", _("Local")
        OUT_OF_TOWN = "out_of_town", _("Out of town")

    class FormationMethod(models.TextChoices):
        """How a district came by its public-benefit enterprise. Source: 2021 report, section 7.3."""

        NEW = "new", _("Newly founded")
        RESTRUCTURED = "restructured", _("Restructured")
        INTRODUCED = "introduced", _("Introduced from outside")

    class Status(models.TextChoices):
        ACTIVE = "active", _("In business")
        SUSPENDED = "suspended", _("Suspended")
        DEREGISTERED = "deregistered", _("Deregistered")

    uscc = models.CharField(
        _("unified social credit code"), max_length=18, unique=True, validators=[validate_credit_code]
    )
    name = models.CharField(_("name"), max_length=200)
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    origin = models.CharField(_("origin"), max_length=12, choices=Origin)
    is_branch = models.BooleanField(
        _("branch"), default=False, help_text=_("A local branch without legal personality of its own.")
    )
    parent_company = models.CharField(
        _("parent company"), max_length=200, blank=True, help_text=_("Of a branch: the enterprise that it belongs to.")
    )
    registered_district = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("registered in"),
        help_text=_("The district that keeps this record. Empty: only the city does."),
    )  # fmt: skip
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True, validators=[PHONE])
    is_public_benefit = models.BooleanField(_("public-benefit"), default=False)
    formation_method = models.CharField(
        _("formed by way of"), max_length=12, choices=FormationMethod, blank=True,
        help_text=_("Public-benefit enterprises only."),
    )  # fmt: skip
    formed_by = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("formed by district"),
        help_text=_("Public-benefit enterprises only."),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.ACTIVE)
    status_since = models.DateField(_("status since"), null=True, blank=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
        ordering = ["pinyin", "uscc"]
        constraints = [
            models.CheckConstraint(
                name="enterprise_code_has_18_signs", condition=Q(uscc__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$")
            ),
            models.CheckConstraint(
                name="enterprise_formation_of_public_benefit",
                condition=Q(is_public_benefit=True) | Q(formation_method="", formed_by=None),
                violation_error_message=_("Only a public-benefit enterprise has a way and a district of formation."),
            ),
            models.CheckConstraint(
                name="enterprise_parent_of_branch",
                condition=Q(is_branch=True) | Q(parent_company=""),
                violation_error_message=_("Only a branch has a parent company."),
            ),
            models.CheckConstraint(
                name="enterprise_end_has_a_day",
                condition=Q(status="active") | Q(status_since__isnull=False),
                violation_error_message=_("Say since when the enterprise has been out of business."),
            ),
            models.CheckConstraint(
                name="enterprise_status_after_founding",
                condition=Q(founded_on=None) | Q(status_since=None) | Q(status_since__gte=F("founded_on")),
                violation_error_message=_("The status cannot begin before the enterprise was founded."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        problems: dict[str, list] = {}
        for field, place in (("registered_district", self.registered_district), ("formed_by", self.formed_by)):
            if place is not None and place.level != Region.Level.DISTRICT:
                problems[field] = [_("“%(place)s” is no district; give a district.") % {"place": place}]
        if not self.is_public_benefit:
            for field in ("formation_method", "formed_by"):
                if getattr(self, field):
                    problems[field] = [_("Only for a public-benefit enterprise: leave empty, or mark it as one.")]
        if self.parent_company and not self.is_branch:
            problems["parent_company"] = [_("Only for a branch: leave empty, or mark it as one.")]
        if self.status != self.Status.ACTIVE and self.status_since is None:
            problems["status_since"] = [_("Say since when the enterprise has been out of business.")]
        if self.founded_on is not None and self.founded_on > timezone.localdate():
            problems["founded_on"] = [_("This day is yet to come.")]
        if self.founded_on and self.status_since and self.status_since < self.founded_on:
            problems["status_since"] = [_("The status cannot begin before the enterprise was founded.")]
        if problems:
            raise ValidationError(problems)

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)


class EnterprisePresence(models.Model):
    """An enterprise serves or has served in a district. Kept by a trigger on the records of who serves which neighbourhood."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="presences")
    district = models.ForeignKey(Region, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("presence in a district")
        constraints = [models.UniqueConstraint(name="presence_once", fields=["enterprise", "district"])]

    def __str__(self):
        return f"{self.enterprise} · {self.district}"


class HeadcountReturnQuerySet(EnterpriseScopedQuerySet):
    def latest(self, year: int):
        """The last return of each enterprise for ``year`` or a year before."""
        return self.filter(year__lte=year).order_by("enterprise_id", "-year").distinct("enterprise_id")


@keeps_history()
class HeadcountReturn(models.Model):
    """How many people an enterprise employed at the end of a year, as it reported."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="headcount_returns", verbose_name=_("enterprise")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    headcount = models.PositiveIntegerField(_("employees (persons)"), help_text=_("At the end of the year."))
    reported_on = models.DateField(_("reported on"), null=True, blank=True)

    objects = HeadcountReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("headcount return")
        verbose_name_plural = _("headcount returns")
        ordering = ["-year", "enterprise"]
        constraints = [
            models.UniqueConstraint(
                name="headcount_once_a_year",
                fields=["enterprise", "year"],
                violation_error_message=_("This enterprise has a return for this year already; edit that one."),
            ),
            models.CheckConstraint(
                name="headcount_year_plausible",
                condition=Q(year__range=YEARS),
                violation_error_message=_("This is no plausible year."),
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.year}"

    def clean(self):
        if self.year is not None and self.year > timezone.localdate().year:
            raise ValidationError({"year": _("This year is yet to come.")})
        if self.year and self.reported_on and self.reported_on.year < self.year:
            raise ValidationError({"reported_on": _("A return cannot be reported before its year.")})


@keeps_history()
class EnterpriseMembership(models.Model):
    """A person works for an enterprise in the portal, with the role of enterprise staff."""

    user = models.ForeignKey(User, models.CASCADE, related_name="enterprise_memberships")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="memberships")

    class Meta:
        verbose_name = _("enterprise membership")
        constraints = [models.UniqueConstraint(name="enterprise_membership_once", fields=["user", "enterprise"])]

    def __str__(self):
        return f"{self.user} · {self.enterprise}"


def enterprises_of(user, permission: str) -> list[int]:
    """Ids of the enterprises for which ``user`` holds ``permission`` as their staff.

    Looked up once per user object, as grants are. Ids and not a subquery: for almost everybody the list is empty, and the
    condition then leaves the statement instead of spoiling its plan.
    """
    if permission not in ROLES[Role.ENTERPRISE_STAFF]:
        return []
    if not hasattr(user, "_enterprise_ids"):
        user._enterprise_ids = list(
            EnterpriseMembership.objects.filter(user=user).values_list("enterprise_id", flat=True)
        )
    return user._enterprise_ids
