"""Supervision by the superior (督办): raised by a rule or a person, with a level, a due time and answers."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casedesk.models.files import CaseScopedQuerySet
from evaluations.models import AppraisalCase
from portal.models import Region, User, keeps_history
from portal.roles import Permission
from portal.workflow import Moves


@keeps_history()
class Supervision(models.Model):
    """One supervision of a case. ``office`` is the place whose supervisors hold it: never an empty post."""

    class Trigger(models.TextChoices):
        OVERDUE = "overdue", _("Overdue by more than a day")
        DISSATISFIED_TWICE = "dissatisfied_twice", _("Two rounds rated dissatisfied")
        REOPENED_THRICE = "reopened_thrice", _("Reopened three times")
        NO_LEAD = "no_lead", _("Three dispatches without a lead")
        BY_SUPERVISOR = "by_supervisor", _("Raised by a supervisor")

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")

    MOVES: ClassVar[Moves] = {
        (Status.OPEN, Status.ANSWERED): Permission.HANDLE_CASES,
        (Status.ANSWERED, Status.OPEN): Permission.SUPERVISE_CASES,
        (Status.ANSWERED, Status.CLOSED): Permission.SUPERVISE_CASES,
        (Status.OPEN, Status.CLOSED): Permission.SUPERVISE_CASES,
    }

    number = models.CharField(_("number"), max_length=30, unique=True)
    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+")
    trigger = models.CharField(_("raised because"), max_length=20, choices=Trigger)
    level = models.CharField(_("level"), max_length=10, choices=Region.Level)
    office = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("held by"))
    raised_at = models.DateTimeField(_("raised"))
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    demand = models.TextField(_("what is demanded"), max_length=500)
    due_at = models.DateTimeField(_("to be answered by"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    status_changed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    close_reason = models.TextField(max_length=500, blank=True)

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("supervision")
        verbose_name_plural = _("supervisions")
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                name="supervision_one_open_per_trigger",
                fields=["case", "trigger"],
                condition=~Q(status="closed"),
            ),
            models.CheckConstraint(
                name="supervision_by_rule_or_by_a_person",
                condition=Q(trigger="by_supervisor", raised_by__isnull=False)
                | ~Q(trigger="by_supervisor") & Q(raised_by=None),
            ),
        ]

    def __str__(self):
        return self.number


class SupervisionAnswer(models.Model):
    """What the supervised party answered. Insert-only."""

    supervision = models.ForeignKey(Supervision, models.PROTECT, related_name="answers")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    party = models.CharField(max_length=200)
    text = models.TextField(_("answer"), max_length=1000)

    class Meta:
        verbose_name = _("answer to a supervision")
        verbose_name_plural = _("answers to supervisions")
        ordering = ["at", "id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.supervision} · {self.at:%F}"
