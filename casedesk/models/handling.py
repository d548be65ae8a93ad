"""What was done about a matter, told to the resident. One per round."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casedesk.models.files import CaseScopedQuerySet
from evaluations.models import AppraisalCase
from portal.models import CityWideQuerySet, User, keeps_history


class Handling(models.Model):
    """The feedback of one round. Insert-only: what was told stays told."""

    class Result(models.TextChoices):
        SOLVED = "solved", _("Solved")
        PARTLY = "partly", _("Partly solved")
        NOT_NOW = "not_now", _("Cannot be solved now")

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField(default=1)
    result = models.CharField(_("result"), max_length=8, choices=Result)
    text = models.TextField(_("what was done"), max_length=500)
    finished_at = models.DateTimeField(_("finished"), help_text=_("When the work on the spot was done."))
    late_reason = models.TextField(_("why late"), max_length=500, blank=True)
    at = models.DateTimeField(_("told"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    party = models.CharField(_("by whom"), max_length=200, help_text=_("The body, as named then."))

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("handling")
        verbose_name_plural = _("handlings")
        ordering = ["case", "round"]
        constraints = [
            models.UniqueConstraint(name="handling_once_per_round", fields=["case", "round"]),
            models.CheckConstraint(name="handling_says_what_was_done", condition=~Q(text="")),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.case} · {self.round}"


class ReplyTemplateQuerySet(CityWideQuerySet):
    def fitting(self, category: str):
        """Those for matters of ``category``, and those for all."""
        return self.filter(category__in=("", category))


@keeps_history()
class ReplyTemplate(models.Model):
    """Words with which a feedback of one result may begin. Whoever handles fills in what was done."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    result = models.CharField(_("result"), max_length=8, choices=Handling.Result)
    category = models.CharField(
        _("category"), max_length=60, blank=True, help_text=_("Empty: for matters of every category.")
    )
    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(_("text"), max_length=500, help_text=_("Put “……” where something has to be filled in."))

    objects = ReplyTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ["result", "code"]
        constraints = [models.CheckConstraint(name="reply_template_says_something", condition=~Q(text=""))]

    def __str__(self):
        return self.title
