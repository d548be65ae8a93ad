"""Who serves: property enterprises, and who works for them in the portal."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.rules import is_credit_code
from portal.models import Region, ScopedQuerySet, User, keeps_history
from portal.names import initials, pinyin
from portal.roles import KEEPING, ROLES, Role


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
    """A property service enterprise; branches of enterprises from elsewhere that serve here are included."""

    class Origin(models.TextChoices):
        LOCAL = "local", _("Local")
        OUT_OF_TOWN = "out_of_town", _("Out of town")

    uscc = models.CharField(
        _("unified social credit code"), max_length=18, unique=True, validators=[validate_credit_code]
    )
    name = models.CharField(_("name"), max_length=200)
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    origin = models.CharField(_("origin"), max_length=12, choices=Origin)
    is_public_benefit = models.BooleanField(_("public-benefit"), default=False)
    registered_district = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("registered in")
    )

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
        ordering = ["pinyin", "uscc"]
        constraints = [
            models.CheckConstraint(
                name="enterprise_code_has_18_signs", condition=Q(uscc__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$")
            ),
        ]

    def __str__(self):
        return self.name

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
