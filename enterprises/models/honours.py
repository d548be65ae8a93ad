"""Honours: rounds in which an award is given, and who was given it; a grant can be revoked, never forgotten."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models.enterprises import YEARS, Enterprise, EnterpriseScopedQuerySet
from enterprises.rules import DIMENSIONS, MOST_STARS
from portal.models import CityWideQuerySet, keeps_history


@keeps_history()
class AwardRound(models.Model):
    """One round of an award: what was given, for which year, by whom."""

    class Award(models.TextChoices):
        """Source: 2021 report, sections 7.2 and 7.5."""

        FIVE_STAR = "five_star", _("Five-star enterprise")
        DEMO_PROJECT = "demo_project", _("Demonstration project")
        QUALITY_DEMO = "quality_demo", _("Quality demonstration")

    code = models.CharField(_("code"), max_length=40, unique=True)
    award = models.CharField(_("award"), max_length=12, choices=Award)
    year = models.PositiveSmallIntegerField(_("year"))
    title = models.CharField(_("title"), max_length=200)
    awarding_body = models.CharField(_("awarding body"), max_length=200, blank=True)
    announced_on = models.DateField(_("announced on"), null=True, blank=True)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("award round")
        verbose_name_plural = _("award rounds")
        ordering = ["-year", "code"]
        constraints = [
            models.CheckConstraint(
                name="award_round_year_plausible",
                condition=Q(year__range=YEARS),
                violation_error_message=_("This is no plausible year."),
            ),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        if self.year and self.announced_on and self.announced_on.year < self.year:
            raise ValidationError({"announced_on": _("A round cannot be announced before its year.")})


class AwardGrantQuerySet(EnterpriseScopedQuerySet):
    def standing(self, day: date):
        """Those granted by ``day`` and not revoked by then."""
        return self.filter(Q(revoked_on=None) | Q(revoked_on__gt=day), granted_on__lte=day)


def _stars(title) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(title, null=True, blank=True, validators=[MaxValueValidator(MOST_STARS)])


@keeps_history()
class AwardGrant(models.Model):
    """An enterprise, or one project of it, was given the award of a round. The five dimensions belong to five stars only."""

    round = models.ForeignKey(AwardRound, models.PROTECT, related_name="grants", verbose_name=_("award round"))
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="award_grants", verbose_name=_("enterprise")
    )
    project_name = models.CharField(
        _("project"), max_length=200, blank=True, help_text=_("Empty: the enterprise as a whole.")
    )
    organisation = _stars(_("organisation building (0–5)"))
    backbone_team = _stars(_("backbone team (0–5)"))
    service_quality = _stars(_("service quality (0–5)"))
    operation = _stars(_("operation and management (0–5)"))
    public_image = _stars(_("public image (0–5)"))
    granted_on = models.DateField(_("granted on"))
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    revoke_reason = models.TextField(_("reason of revocation"), blank=True)

    objects = AwardGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("award grant")
        verbose_name_plural = _("award grants")
        ordering = ["-granted_on", "round", "enterprise"]
        constraints = [
            models.UniqueConstraint(
                name="award_granted_once",
                fields=["round", "enterprise", "project_name"],
                violation_error_message=_("This was granted in this round already."),
            ),
            models.CheckConstraint(
                name="award_five_dimensions_or_none",
                condition=Q(**dict.fromkeys(DIMENSIONS))
                | Q(  # an empty one must be named: comparing it gives "unknown", which a check lets pass
                    **{f"{name}__isnull": False for name in DIMENSIONS},
                    **{f"{name}__lte": MOST_STARS for name in DIMENSIONS},
                ),
                violation_error_message=_("Rate all five dimensions from 0 to 5, or none."),
            ),
            models.CheckConstraint(
                name="award_revoked_with_reason",
                condition=Q(revoked_on=None, revoke_reason="") | (Q(revoked_on__isnull=False) & ~Q(revoke_reason="")),
                violation_error_message=_("A revocation takes a day and a reason."),
            ),
            models.CheckConstraint(
                name="award_revoked_after_grant",
                condition=Q(revoked_on=None) | Q(revoked_on__gte=F("granted_on")),
                violation_error_message=_("A grant cannot be revoked before it was given."),
            ),
        ]

    def __str__(self):
        return f"{self.round} · {self.project_name or self.enterprise}"

    @property
    def dimensions(self) -> dict[str, int | None]:
        """Stars per dimension, by the dimension's name."""
        return {name: getattr(self, name) for name in DIMENSIONS}

    def clean(self):
        if self.round_id is None:
            return
        if self.round.award == AwardRound.Award.FIVE_STAR:
            if self.project_name:
                raise ValidationError({"project_name": _("Five stars are given to an enterprise; leave empty.")})
            return
        rated = [name for name, stars in self.dimensions.items() if stars is not None]
        if rated:
            raise ValidationError({rated[0]: _("Only five-star enterprises are rated by dimension; leave empty.")})
