"""The monthly bulletin: what is frozen of a month, its text, and who drafted, reviewed and signed it."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from bulletins.rules import LONGEST_NARRATIVE, MIN_ITEMS, MONTH_FORM, Month
from portal.documents.official import NUMBER_FORM
from portal.models import User
from portal.roles import Permission
from portal.workflow import Moves


class IsNoAuthor(Func):
    """Whether the person in a column is none of ``authors``; an empty column is nobody."""

    template = "(%(expressions)s IS NULL OR NOT (%(expressions)s = ANY (authors)))"
    output_field = models.BooleanField()
    conditional = True


class BulletinQuerySet(models.QuerySet):
    def published(self):
        """The one valid bulletin of each month."""
        return self.filter(status=MonthlyBulletin.Status.PUBLISHED)

    def readable(self):
        """What the public may open: published ones, what they replaced, and the notice that one was withdrawn."""
        return self.filter(status__in=MonthlyBulletin.PUBLISHED_ONCE)

    def open(self):
        return self.filter(status__in=MonthlyBulletin.OPEN)

    def latest_first(self):
        return self.order_by("-month", "-revision")


class MonthlyBulletin(models.Model):
    """《住宅小区公共服务评议情况通报》 of one month. Once signed it is frozen by the database; a correction is a new revision."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        SIGNED = "signed", _("Signed")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (Status.DRAFT, Status.IN_REVIEW, Status.SIGNED)
    FROZEN = (Status.SIGNED, Status.PUBLISHED, Status.SUPERSEDED, Status.WITHDRAWN)
    PUBLISHED_ONCE = (Status.PUBLISHED, Status.SUPERSEDED, Status.WITHDRAWN)

    MOVES: ClassVar[Moves] = {
        (Status.DRAFT, Status.IN_REVIEW): Permission.DRAFT_BULLETINS,
        (Status.IN_REVIEW, Status.DRAFT): Permission.REVIEW_BULLETINS,
        (Status.IN_REVIEW, Status.SIGNED): Permission.SIGN_BULLETINS,
        (Status.SIGNED, Status.PUBLISHED): Permission.SIGN_BULLETINS,
        (Status.PUBLISHED, Status.SUPERSEDED): Permission.SIGN_BULLETINS,
        (Status.PUBLISHED, Status.WITHDRAWN): Permission.SIGN_BULLETINS,
    }

    month = models.CharField(_("month"), max_length=7, help_text="2021-10")
    number = models.PositiveSmallIntegerField(_("number within the year"))
    serial = models.PositiveSmallIntegerField(_("number of all"))
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    title = models.CharField(_("title"), max_length=100)
    document_number = models.CharField(
        _("document number"),
        max_length=60,
        blank=True,
        help_text=_("As the office numbers its documents, with hexagonal brackets: 〔2021〕11号. It may stay empty."),
    )
    dated = models.DateField(_("date of the document"))
    reports_to = models.CharField(_("reported to"), max_length=300, blank=True)
    sent_to = models.CharField(_("sent to"), max_length=300, blank=True)
    min_items = models.PositiveSmallIntegerField(_("fewest cases of a ranked unit"), default=MIN_ITEMS)
    tables = models.JSONField(_("tables"))
    narrative = models.TextField(_("text"), max_length=3 * LONGEST_NARRATIVE)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    status_changed_at = models.DateTimeField()
    digest = models.CharField("SHA-256", max_length=64)
    reason = models.TextField(_("what changed and why"), blank=True)

    authors = ArrayField(models.IntegerField(), default=list)
    """Ids of everybody who composed, edited or submitted it: none of them reviews or signs."""
    composed_at = models.DateTimeField(_("composed"))
    composed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.TextField(blank=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly bulletin")
        verbose_name_plural = _("monthly bulletins")
        ordering = ["-month", "-revision"]
        constraints = [
            models.UniqueConstraint(name="bulletin_revision_once", fields=["month", "revision"]),
            models.UniqueConstraint(
                name="bulletin_one_published_per_month", fields=["month"], condition=Q(status="published")
            ),
            models.UniqueConstraint(
                name="bulletin_one_open_per_month",
                fields=["month"],
                condition=Q(status__in=["draft", "in_review", "signed"]),
            ),
            models.UniqueConstraint(name="bulletin_serial_once", fields=["serial", "revision"]),
            models.CheckConstraint(name="bulletin_month_id", condition=Q(month__regex=MONTH_FORM)),
            models.CheckConstraint(
                name="bulletin_document_number_form",
                condition=Q(document_number="") | Q(document_number__regex=NUMBER_FORM),
            ),
            models.CheckConstraint(name="bulletin_signer_is_no_author", condition=IsNoAuthor(F("signed_by"))),
            models.CheckConstraint(name="bulletin_reviewer_is_no_author", condition=IsNoAuthor(F("reviewed_by"))),
            models.CheckConstraint(
                name="bulletin_signed_was_reviewed",
                condition=~Q(status__in=["signed", "published", "superseded", "withdrawn"])
                | Q(signed_at__isnull=False, signed_by__isnull=False, reviewed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="bulletin_published_has_a_time",
                condition=~Q(status__in=["published", "superseded", "withdrawn"])
                | Q(published_at__isnull=False, published_by__isnull=False),
            ),
            models.CheckConstraint(
                name="bulletin_withdrawn_has_a_reason",
                condition=~Q(status="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
            ),
            models.CheckConstraint(name="bulletin_correction_has_a_reason", condition=Q(revision=1) | ~Q(reason="")),
        ]
        triggers = [
            pgtrigger.Protect(
                name="signed_is_not_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=["signed", "published", "superseded", "withdrawn"]),
            ),
            # What may still change on a signed one is that it was published, replaced or withdrawn, when, by whom and why.
            pgtrigger.Trigger(
                name="signed_is_frozen",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(
                    exclude=[
                        "status", "status_changed_at", "published_at", "published_by", "withdrawn_at", "withdrawal_reason",
                    ]
                ),
                func="""
                IF OLD.status IN ('signed', 'published', 'superseded', 'withdrawn') THEN
                    RAISE EXCEPTION 'bulletin % is frozen', OLD.month USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="signed_only_goes_on",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(
                    "status", "published_at", "published_by", "withdrawn_at", "withdrawal_reason"
                ),
                func="""
                IF OLD.status IN ('superseded', 'withdrawn')
                    OR OLD.status = 'signed' AND NEW.status <> 'published'
                    OR OLD.status = 'published' AND (
                        NEW.status NOT IN ('superseded', 'withdrawn')
                        OR NEW.published_at IS DISTINCT FROM OLD.published_at
                        OR NEW.published_by_id IS DISTINCT FROM OLD.published_by_id)
                THEN
                    RAISE EXCEPTION 'bulletin % is frozen', OLD.month USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.month} r{self.revision}"

    @property
    def of(self) -> Month:
        """The month that it is about."""
        return Month.parse(self.month)

    @property
    def manifest(self) -> dict:
        """What was signed: everything that a reader sees, without who and when it was signed."""
        names = ("month", "number", "serial", "revision", "title", "document_number", "reports_to", "sent_to", "reason")
        return {name: getattr(self, name) for name in names} | {
            "dated": self.dated.isoformat(),
            "min_items": self.min_items,
            "tables": self.tables,
            "narrative": self.narrative,
        }
