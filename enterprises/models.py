"""Who serves: property enterprises, and who works for them in the portal."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.rules import is_credit_code
from portal.models import ScopedQuerySet, User, keeps_history
from portal.names import initials, pinyin
from portal.roles import ROLES, Role


def validate_credit_code(value: str) -> None:
    if not is_credit_code(value):
        raise ValidationError(_("Not a unified social credit code: 18 signs, the last one a check digit (GB 32100)."))


class EnterpriseQuerySet(ScopedQuerySet):
    """An enterprise is a subject of the whole city: it serves across districts and its licence is public record.

    So whoever may view enterprises in any place reaches all of them, and enterprise staff their own. What an enterprise
    serves, and how it was judged there, is scoped by place on the floors above.
    """

    def scope(self, user, permission: str) -> Q:
        if not user.is_authenticated or not user.is_active or not user.token_allows(permission):
            return Q(pk__in=[])
        return Q() if user.reach(permission) else Q(pk__in=enterprises_of(user, permission))


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
