"""To whom a case was sent, what they answered, and more time granted."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casedesk.models.files import CaseScopedQuerySet
from enterprises.models import Enterprise
from evaluations.models import AppraisalCase
from portal.models import Agency, Region, User, keeps_history
from portal.roles import Permission
from portal.workflow import Moves


def one_party(name: str) -> models.CheckConstraint:
    """Exactly one of enterprise, agency and street."""
    return models.CheckConstraint(
        name=name,
        condition=Q(enterprise__isnull=False, agency=None, street=None)
        | Q(enterprise=None, agency__isnull=False, street=None)
        | Q(enterprise=None, agency=None, street__isnull=False),
    )


class WithParty(models.Model):
    """A row that names one party: an enterprise, an agency (department, station, utility) or a street office."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    street = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def party(self) -> Enterprise | Agency | Region:
        return self.enterprise or self.agency or self.street


@keeps_history()
class Dispatch(WithParty):
    """A case sent to a lead. Each pass is a row; at most one of a case is open."""

    class Status(models.TextChoices):
        SENT = "sent", _("Sent")
        OBJECTED = "objected", _("Objected to")
        DISMISSED = "dismissed", _("Objection dismissed")
        ACCEPTED = "accepted", _("Accepted")
        UPHELD = "upheld", _("Objection upheld")
        RECALLED = "recalled", _("Recalled")

    STANDING = (Status.SENT, Status.OBJECTED, Status.DISMISSED, Status.ACCEPTED)

    MOVES: ClassVar[Moves] = {
        (Status.SENT, Status.ACCEPTED): Permission.HANDLE_CASES,
        (Status.DISMISSED, Status.ACCEPTED): Permission.HANDLE_CASES,
        (Status.SENT, Status.OBJECTED): Permission.HANDLE_CASES,
        (Status.OBJECTED, Status.UPHELD): Permission.DECIDE_CASES,
        (Status.OBJECTED, Status.DISMISSED): Permission.DECIDE_CASES,
        (Status.SENT, Status.RECALLED): Permission.DECIDE_CASES,
        (Status.DISMISSED, Status.RECALLED): Permission.DECIDE_CASES,
        (Status.ACCEPTED, Status.RECALLED): Permission.DECIDE_CASES,
    }

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+")
    seq = models.PositiveSmallIntegerField(_("pass"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SENT)
    status_changed_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text=_("Empty: by the catalogue.")
    )
    note = models.TextField(_("note"), max_length=500, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    objected_at = models.DateTimeField(null=True, blank=True)
    objected_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    objection = models.TextField(_("objection"), max_length=1000, blank=True)
    review_due_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    review_reason = models.TextField(max_length=1000, blank=True)

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ["case", "seq"]
        constraints = [
            one_party("dispatch_to_one_party"),
            models.UniqueConstraint(name="dispatch_once_per_pass", fields=["case", "seq"]),
            models.UniqueConstraint(
                name="dispatch_one_standing_per_case",
                fields=["case"],
                condition=Q(status__in=["sent", "objected", "dismissed", "accepted"]),
            ),
            models.CheckConstraint(
                name="dispatch_objection_has_reason_and_time",
                condition=Q(objected_at=None, objected_by=None, objection="")
                | Q(objected_at__isnull=False, objected_by__isnull=False) & ~Q(objection=""),
            ),
            models.CheckConstraint(
                name="dispatch_objection_decided_by_somebody_else",
                condition=Q(reviewed_by=None)
                | (Q(objected_by__isnull=False) & ~Q(reviewed_by=F("objected_by")) & ~Q(review_reason="")),
            ),
        ]

    def __str__(self):
        return f"{self.case} · {self.seq}"


@keeps_history()
class JointHandler(WithParty):
    """A party that helps the lead of a dispatch, with its own answer."""

    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="joint_handlers")
    note = models.CharField(_("what is asked of it"), max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.TextField(_("answer"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("joint handler")
        verbose_name_plural = _("joint handlers")
        ordering = ["id"]
        constraints = [
            one_party("joint_handler_is_one_party"),
            models.UniqueConstraint(
                name="joint_handler_once", fields=["dispatch", "enterprise", "agency", "street"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="joint_answer_has_time_and_person",
                condition=Q(answered_at=None, answered_by=None, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
            ),
        ]

    def __str__(self):
        return str(self.party)


@keeps_history()
class Extension(models.Model):
    """More time to handle a case: asked for with a reason, decided by somebody else, granted once."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    MOVES: ClassVar[Moves] = {
        (Status.ASKED, Status.APPROVED): Permission.DECIDE_CASES,
        (Status.ASKED, Status.REFUSED): Permission.DECIDE_CASES,
    }

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ASKED)
    status_changed_at = models.DateTimeField()
    reason = models.TextField(_("reason"), max_length=500)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    old_due_at = models.DateTimeField()
    new_due_at = models.DateTimeField(_("new due time"))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.TextField(max_length=500, blank=True)

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                name="extension_once_per_case", fields=["case"], condition=Q(status__in=["asked", "approved"])
            ),
            models.CheckConstraint(name="extension_is_later", condition=Q(new_due_at__gt=F("old_due_at"))),
            models.CheckConstraint(
                name="extension_decided_by_somebody_else",
                condition=Q(status="asked", decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(status="asked")
                & ~Q(decided_by=F("asked_by")),
            ),
        ]

    def __str__(self):
        return f"{self.case} → {self.new_due_at:%F %H:%M}"
