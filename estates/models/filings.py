"""The five filings: what must be filed with the district office before, when and after an enterprise begins to serve."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, enterprises_of
from estates import rules
from estates.models.estates import Estate, EstateScopedQuerySet, ServedScopedQuerySet
from portal.models import User, keeps_history
from portal.roles import Permission
from portal.workflow import Moves


@keeps_history()
class Filing(models.Model):
    """One filing of one neighbourhood. Source: 2021 report, section 7.2 (the five filings); time limits: :mod:`estates.rules`.

    ``due_on`` follows from kind and ``triggered_on``; status, decision and ``submitted_on`` are written by actions only.
    """

    class Kind(models.TextChoices):
        AREA = "area", _("Property management area")
        TENDER = "tender", _("Preliminary tender")
        PRELIMINARY_CONTRACT = "preliminary_contract", _("Preliminary service contract")
        HANDOVER = "handover", _("Handover inspection")
        SERVICE_CONTRACT = "service_contract", _("Service contract")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        CORRECTION_REQUESTED = "correction_requested", _("Correction requested")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        SUPERSEDED = "superseded", _("Superseded")
        EXPIRED = "expired", _("Expired")

    MOVES: ClassVar[Moves] = {
        (Status.DRAFT, Status.SUBMITTED): Permission.KEEP_ESTATES,
        (Status.CORRECTION_REQUESTED, Status.SUBMITTED): Permission.KEEP_ESTATES,
        (Status.SUBMITTED, Status.CORRECTION_REQUESTED): Permission.DECIDE_FILINGS,
        (Status.SUBMITTED, Status.ACCEPTED): Permission.DECIDE_FILINGS,
        (Status.SUBMITTED, Status.REJECTED): Permission.DECIDE_FILINGS,
        (Status.ACCEPTED, Status.SUPERSEDED): Permission.DECIDE_FILINGS,
        (Status.ACCEPTED, Status.EXPIRED): Permission.DECIDE_FILINGS,
    }

    number = models.CharField(_("filing number"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="filings", verbose_name=Estate._meta.verbose_name)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("enterprise"),
        help_text=_("Needed from the preliminary contract on."),
    )  # fmt: skip
    applicant = models.CharField(
        _("applicant"), max_length=200, help_text=_("The developer, the enterprise or the owners' committee.")
    )
    triggered_on = models.DateField(
        _("counted from"), help_text=_("The day of the permit, the award, the signature or the inspection.")
    )
    due_on = models.DateField(_("due on"), editable=False)
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.DRAFT)
    status_changed_at = models.DateTimeField(_("status changed at"), default=timezone.now, editable=False)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    reason = models.TextField(_("reason"), blank=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name=_("supersedes"),
        help_text=_("The accepted filing of the same kind that this one replaces."),
    )  # fmt: skip

    objects = ServedScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("filing")
        verbose_name_plural = _("filings")
        ordering = ["-triggered_on", "number"]
        indexes = [models.Index(fields=["status", "due_on"], name="filing_status_due")]
        constraints = [
            models.CheckConstraint(
                name="filing_has_its_enterprise",
                condition=Q(kind__in=["area", "tender"]) | Q(enterprise__isnull=False),
                violation_error_message=_("A filing of this kind names the enterprise."),
            ),
            models.CheckConstraint(name="filing_due_after_its_trigger", condition=Q(due_on__gte=F("triggered_on"))),
            models.CheckConstraint(
                name="filing_submitted_unless_draft",
                condition=Q(status="draft") | Q(submitted_on__isnull=False),
                violation_error_message=_("A filing that is no draft has a day of submission."),
            ),
            models.CheckConstraint(
                name="filing_decided_has_its_day",
                condition=Q(status__in=["draft", "submitted", "correction_requested"], decided_on=None)
                | Q(status__in=["accepted", "rejected", "superseded", "expired"], decided_on__isnull=False),
                violation_error_message=_("A decided filing has a day of decision, an open one has none."),
            ),
            models.CheckConstraint(
                name="filing_sent_back_has_a_reason",
                condition=~Q(status__in=["correction_requested", "rejected"]) | ~Q(reason=""),
                violation_error_message=_("Give a reason."),
            ),
            models.CheckConstraint(name="filing_supersedes_another", condition=~Q(supersedes=F("id"))),
        ]

    def __str__(self):
        return self.number

    def clean(self):
        if self.kind and self.triggered_on:
            self.due_on = rules.due_on(self.kind, self.triggered_on)
        former = self.supersedes if self.supersedes_id else None
        if former is not None and (former.kind, former.estate_id) != (self.kind, self.estate_id):
            raise ValidationError(
                {
                    "supersedes": _(
                        "A filing supersedes one of the same kind and neighbourhood; “%(number)s” is another."
                    )
                    % {"number": former}
                }
            )

    def days_late(self, today) -> int:
        """Days by which it was submitted late, or is late by ``today`` (a date) while it is a draft; 0 in time."""
        return rules.days_late(self.due_on, self.submitted_on, today)


class FilingDocumentQuerySet(EstateScopedQuerySet):
    path_lookup = "filing__estate__community__path"

    def member_scope(self, user, permission: str) -> Q:
        return Q(filing__enterprise__in=enterprises_of(user, permission))


@keeps_history()
class FilingDocument(models.Model):
    """A document that was handed in with a filing. Which kinds a filing needs: :data:`estates.rules.REQUIRED_DOCUMENTS`."""

    class Kind(models.TextChoices):
        APPLICATION = "application", _("Application form")
        PLANNING_PERMIT = "planning_permit", _("Planning permit")
        AREA_PLAN = "area_plan", _("Plan of the area")
        RESIDENTS_COMMITTEE_OPINION = "residents_committee_opinion", _("Opinion of the residents' committee")
        TENDER_NOTICE = "tender_notice", _("Tender notice")
        TENDER_DOCUMENTS = "tender_documents", _("Tender documents")
        BID_EVALUATION = "bid_evaluation", _("Report on the bids")
        AWARD_NOTICE = "award_notice", _("Notice of award")
        AGREEMENT_APPROVAL = "agreement_approval", _("Approval to choose by agreement")
        CONTRACT = "contract", _("Contract")
        INTERIM_RULES = "interim_rules", _("Interim rules of the neighbourhood")
        HANDOVER_AGREEMENT = "handover_agreement", _("Handover agreement")
        INSPECTION_RECORD = "inspection_record", _("Record of the inspection")
        HANDOVER_LIST = "handover_list", _("List of what was handed over")
        OWNERS_RESOLUTION = "owners_resolution", _("Resolution of the owners")
        OTHER = "other", _("Other")

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="documents", verbose_name=_("filing"))
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    reference_no = models.CharField(_("reference number"), max_length=100, blank=True)
    received_on = models.DateField(_("received on"))

    objects = FilingDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("filing document")
        verbose_name_plural = _("filing documents")
        ordering = ["filing", "kind", "title"]
        constraints = [models.UniqueConstraint(name="filing_document_once", fields=["filing", "kind", "title"])]

    def __str__(self):
        return f"{self.filing} · {self.title}"
