"""The service march (物业服务行): visits of the month's theme, and what was found on them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estates.models import Estate
from evaluations.models import AppraisalCase, ServiceCampaign
from portal.models import ScopedQuerySet, keeps_history


class CampaignVisitQuerySet(ScopedQuerySet):
    path_lookup = "estate__community__path"


class CampaignIssueQuerySet(ScopedQuerySet):
    path_lookup = "visit__estate__community__path"


@keeps_history()
class CampaignVisit(models.Model):
    """A visit to a neighbourhood under the theme of a month."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    campaign = models.ForeignKey(ServiceCampaign, models.PROTECT, related_name="+", verbose_name=_("service march"))
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("neighbourhood"))
    held_on = models.DateField(_("held on"))
    partners = models.CharField(_("partners present"), max_length=300, blank=True)
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = CampaignVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit of the service march")
        verbose_name_plural = _("visits of the service march")
        ordering = ["-held_on", "code"]
        constraints = [
            models.UniqueConstraint(name="campaign_visit_once", fields=["campaign", "estate", "held_on"]),
        ]

    def __str__(self):
        return f"{self.held_on} {self.estate}"

    def clean_fields(self, exclude=None):
        super().clean_fields(exclude={*(exclude or ()), "campaign"})  # follows from the day, in clean

    def clean(self):
        """There is one theme a month, so the day says under which one a visit was."""
        if self.held_on is None:
            return
        found = ServiceCampaign.objects.filter(month=self.held_on.replace(day=1)).first()
        if found is None:
            raise ValidationError({"held_on": _("No service march of this month is on record; enter its theme first.")})
        self.campaign = found


@keeps_history()
class CampaignIssue(models.Model):
    """Something found on a visit: settled on the spot, followed up, or made a case."""

    class Result(models.TextChoices):
        OPEN = "open", _("Open")
        ON_THE_SPOT = "on_the_spot", _("Settled on the spot")
        SETTLED = "settled", _("Settled later")
        CASE = "case", _("Made a case")

    code = models.CharField(_("code"), max_length=40, unique=True)
    visit = models.ForeignKey(CampaignVisit, models.PROTECT, related_name="issues", verbose_name=_("visit"))
    category = models.CharField(_("category"), max_length=60)
    text = models.TextField(_("what was found"), max_length=1000)
    responsible = models.CharField(_("responsible"), max_length=100, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=12, choices=Result, default=Result.OPEN)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    case = models.OneToOneField(
        AppraisalCase, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("case")
    )

    objects = CampaignIssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue of the service march")
        verbose_name_plural = _("issues of the service march")
        ordering = ["visit", "code"]
        constraints = [
            models.CheckConstraint(
                name="campaign_issue_case_agrees",
                condition=Q(result="case", case__isnull=False) | ~Q(result="case") & Q(case=None),
            ),
            models.CheckConstraint(
                name="campaign_issue_settled_has_a_day",
                condition=Q(result__in=["on_the_spot", "settled"], settled_on__isnull=False)
                | ~Q(result__in=["on_the_spot", "settled"]) & Q(settled_on=None),
                violation_error_message=_("Give the day exactly where the issue is settled."),
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.category}"

    def clean(self):
        if self.result == self.Result.CASE and self.case_id is None:
            raise ValidationError({"result": _("An issue becomes a case by the deed “Make it a case”.")})
