"""Half-monthly rankings: the snapshot and its entries."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from evaluations import rules
from evaluations.models.policies import RankingPolicy
from portal.models import User
from portal.roles import Permission
from portal.rules import HalfMonth
from portal.workflow import Moves


class RankingQuerySet(models.QuerySet):
    def published(self):
        """The one valid answer of each period."""
        return self.filter(status=Ranking.Status.PUBLISHED)

    def readable(self):
        """What the public may open: published ones, what they replaced, and the notice that one was withdrawn."""
        return self.filter(status__in=Ranking.PUBLISHED_ONCE)

    def open(self):
        return self.filter(status__in=Ranking.OPEN)

    def latest_first(self):
        return self.order_by("-period", "-revision")


class Ranking(models.Model):
    """A computed ranking of one period. Once published it is frozen by the database; a correction is a new revision."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        NOTICE = "notice", pgettext_lazy("status", "Public notice")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (Status.DRAFT, Status.IN_REVIEW, Status.NOTICE)
    PUBLISHED_ONCE = (Status.PUBLISHED, Status.SUPERSEDED, Status.WITHDRAWN)

    MOVES: ClassVar[Moves] = {
        (Status.DRAFT, Status.IN_REVIEW): Permission.COMPUTE_RANKINGS,
        (Status.IN_REVIEW, Status.DRAFT): Permission.REVIEW_RANKINGS,
        (Status.IN_REVIEW, Status.NOTICE): Permission.REVIEW_RANKINGS,
        (Status.NOTICE, Status.DRAFT): Permission.REVIEW_RANKINGS,
        (Status.NOTICE, Status.PUBLISHED): Permission.SIGN_RANKINGS,
        (Status.PUBLISHED, Status.SUPERSEDED): Permission.SIGN_RANKINGS,
        (Status.PUBLISHED, Status.WITHDRAWN): Permission.WITHDRAW_RANKINGS,
    }

    period = models.CharField(_("period"), max_length=10, help_text="2021-10-H2")
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    policy = models.ForeignKey(RankingPolicy, models.PROTECT, related_name="+", verbose_name=_("policy"))
    window_start = models.DateTimeField(_("window from"))
    window_end = models.DateTimeField(_("cut-off"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    status_changed_at = models.DateTimeField()
    digest = models.CharField("SHA-256", max_length=64)
    policy_snapshot = models.JSONField(_("policy as applied"))
    reason = models.TextField(_("what changed and why"), blank=True)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    eligible = models.PositiveIntegerField(_("ranked"), default=0)
    not_ranked = models.PositiveIntegerField(_("not ranked"), default=0)
    accept_due = models.PositiveIntegerField(default=0)
    accept_on_time = models.PositiveIntegerField(default=0)
    handle_due = models.PositiveIntegerField(default=0)
    handle_on_time = models.PositiveIntegerField(default=0)
    ratings = models.PositiveIntegerField(default=0)
    satisfied_weight = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    evidence = models.JSONField(
        null=True, editable=False, help_text=_("How certain its scores are: the assumptions; empty for older ones.")
    )

    computed_at = models.DateTimeField(_("computed"))
    computed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    notice_from = models.DateTimeField(null=True, blank=True)
    notice_until = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.TextField(blank=True)

    objects = RankingQuerySet.as_manager()

    class Meta:
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")
        ordering = ["-period", "-revision"]
        constraints = [
            models.UniqueConstraint(name="ranking_revision_once", fields=["period", "revision"]),
            models.UniqueConstraint(
                name="ranking_one_published_per_period", fields=["period"], condition=Q(status="published")
            ),
            models.UniqueConstraint(
                name="ranking_one_open_per_period",
                fields=["period"],
                condition=Q(status__in=["draft", "in_review", "notice"]),
            ),
            models.CheckConstraint(
                name="ranking_period_id", condition=Q(period__regex=r"^\d{4}-(0[1-9]|1[0-2])-H[12]$")
            ),
            models.CheckConstraint(name="ranking_window_in_order", condition=Q(window_start__lt=F("window_end"))),
            models.CheckConstraint(
                name="ranking_signer_is_not_the_author",
                condition=Q(signed_by=None)
                | (
                    (Q(computed_by=None) | ~Q(signed_by=F("computed_by")))
                    & (Q(submitted_by=None) | ~Q(signed_by=F("submitted_by")))
                ),
            ),
            models.CheckConstraint(
                name="ranking_published_is_signed",
                condition=~Q(status__in=["published", "superseded", "withdrawn"])
                | Q(published_at__isnull=False, signed_by__isnull=False, notice_from__isnull=False),
            ),
            models.CheckConstraint(
                name="ranking_withdrawn_has_a_reason",
                condition=~Q(status="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
            ),
            models.CheckConstraint(name="ranking_correction_has_a_reason", condition=Q(revision=1) | ~Q(reason="")),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_is_not_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=["published", "superseded", "withdrawn"]),
            ),
            # What may still change on a published one is that it was replaced or withdrawn, when and why.
            pgtrigger.Trigger(
                name="published_is_frozen",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(
                    exclude=["status", "status_changed_at", "withdrawn_at", "withdrawal_reason"]
                ),
                func="""
                IF OLD.status IN ('published', 'superseded', 'withdrawn') THEN
                    RAISE EXCEPTION 'ranking % is frozen', OLD.period USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="published_only_ends",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("status", "withdrawn_at", "withdrawal_reason"),
                func="""
                IF OLD.status IN ('superseded', 'withdrawn')
                   OR (OLD.status = 'published' AND NEW.status NOT IN ('superseded', 'withdrawn')) THEN
                    RAISE EXCEPTION 'ranking % does not go back to %', OLD.period, NEW.status
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.period} r{self.revision}"

    @property
    def half_month(self) -> HalfMonth:
        return HalfMonth.parse(self.period)

    @property
    def counts(self) -> rules.Counts:
        """Pooled counts of all its neighbourhoods."""
        return counts_of(self)


class RankingEntryQuerySet(models.QuerySet):
    def listed(self):
        return self.order_by(F("rank").asc(nulls_last=True), "estate_code")

    def pooled(self) -> rules.Counts:
        """The six counts of these entries, summed."""
        sums = self.aggregate(**{name: models.Sum(name) for name in rules.Counts._fields})
        return rules.Counts(*(sums[name] or 0 for name in rules.Counts._fields))


class RankingEntry(models.Model):
    """One neighbourhood in a ranking, with names as they were at the cut-off: it stands without the registers."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="entries", db_index=False)
    estate_code = models.CharField(max_length=40)
    estate_name = models.CharField(max_length=200)
    estate_kind = models.CharField(max_length=16)
    district_code = models.CharField(max_length=20)
    district_name = models.CharField(max_length=100)
    street_code = models.CharField(max_length=20)
    street_name = models.CharField(max_length=100)
    enterprise_uscc = models.CharField(max_length=18, blank=True)
    enterprise_name = models.CharField(max_length=200, blank=True)

    accept_due = models.PositiveIntegerField()
    accept_on_time = models.PositiveIntegerField()
    handle_due = models.PositiveIntegerField()
    handle_on_time = models.PositiveIntegerField()
    ratings = models.PositiveIntegerField()
    satisfied_weight = models.DecimalField(max_digits=14, decimal_places=4)

    eligible = models.BooleanField()
    score = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    rank = models.PositiveIntegerField(null=True)
    from_bottom = models.PositiveIntegerField(null=True)
    district_rank = models.PositiveIntegerField(null=True)
    list = models.CharField(max_length=6, blank=True)

    previous_rank = models.PositiveIntegerField(null=True)
    previous_score = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    change = models.IntegerField(null=True)
    streak = models.PositiveSmallIntegerField(default=0)
    evidence = models.JSONField(
        null=True, editable=False, help_text=_("How certain the score is: intervals, shrunk score, label.")
    )

    objects = RankingEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ranking entry")
        constraints = [
            models.UniqueConstraint(name="entry_once_per_ranking", fields=["ranking", "estate_code"]),
            models.CheckConstraint(
                name="entry_ranked_or_not",
                condition=Q(eligible=True, score__isnull=False, rank__isnull=False, district_rank__isnull=False)
                | Q(eligible=False, score=None, rank=None, district_rank=None, list=""),
            ),
            models.CheckConstraint(
                name="entry_counts_in_order",
                condition=Q(accept_on_time__lte=F("accept_due"))
                & Q(handle_on_time__lte=F("handle_due"))
                & Q(satisfied_weight__lte=F("ratings")),
            ),
        ]
        indexes = [models.Index(fields=["estate_code", "ranking"], name="entry_history")]
        triggers = [
            pgtrigger.Trigger(
                name="published_entries_are_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                IF EXISTS (SELECT 1 FROM evaluations_ranking r WHERE r.id = OLD.ranking_id
                           AND r.status NOT IN ('draft', 'in_review')) THEN
                    RAISE EXCEPTION 'entries of ranking % are frozen', OLD.ranking_id USING ERRCODE = 'restrict_violation';
                END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="published_entries_are_complete",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="added"),
                func="""
                IF EXISTS (SELECT 1 FROM evaluations_ranking r WHERE r.id IN (SELECT DISTINCT ranking_id FROM added)
                           AND r.status <> 'draft') THEN
                    RAISE EXCEPTION 'entries are added to drafts only' USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.ranking_id} {self.estate_code}"

    @property
    def counts(self) -> rules.Counts:
        return counts_of(self)


def counts_of(row: Ranking | RankingEntry) -> rules.Counts:
    """The six counts stored on a row."""
    return rules.Counts(*(getattr(row, name) for name in rules.Counts._fields))
