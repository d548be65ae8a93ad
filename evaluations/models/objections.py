"""What people hold against a ranking: objections with their evidence, corrections of cases, replies beside an entry."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from evaluations.models.cases import AppraisalCase
from evaluations.models.rankings import Ranking
from portal.models import CityWideQuerySet, User
from portal.persons import PHONE, masked_phone
from portal.roles import Permission
from portal.workflow import Moves


class Party(models.TextChoices):
    """On whose behalf a signed-in person speaks."""

    ENTERPRISE = "enterprise", _("Enterprise")
    AGENCY = "agency", _("Agency")
    STREET = "street", _("Street")
    DISTRICT = "district", _("District")


class RankingObjectionQuerySet(CityWideQuerySet):
    """The city's officials see all with their permission; whoever raised one sees that one."""

    def scope(self, user, permission: str) -> Q:
        by_permission = super().scope(user, permission)
        is_everything = not by_permission
        return by_permission if is_everything or not user.is_authenticated else by_permission | Q(raised_by=user.pk)

    def undecided(self):
        return self.filter(status__in=RankingObjection.UNDECIDED)

    def shown(self):
        """Those that stand beside an entry for everybody: an official has marked it."""
        return self.exclude(marked_at=None).exclude(status=RankingObjection.Status.WITHDRAWN)


class RankingObjection(models.Model):
    """Somebody says that a neighbourhood stands wrongly in a ranking, and why.

    Raised by a party that is signed in, or by a resident who leaves a telephone number; marked beside the entry within one
    working day; decided by somebody who neither marked it nor raised it, nor computed or submitted the ranking.
    Source: ranking policy, "Snapshot, manifest, publication". What was said is frozen by the database.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("objection", "Received")
        MARKED = "marked", pgettext_lazy("objection", "Being examined")
        UPHELD = "upheld", pgettext_lazy("objection", "Upheld")
        DISMISSED = "dismissed", pgettext_lazy("objection", "Dismissed")
        WITHDRAWN = "withdrawn", pgettext_lazy("objection", "Withdrawn")

    UNDECIDED = (Status.RECEIVED, Status.MARKED)
    DECIDED = (Status.UPHELD, Status.DISMISSED)

    MOVES: ClassVar[Moves] = {
        (Status.RECEIVED, Status.MARKED): Permission.HANDLE_OBJECTIONS,
        (Status.MARKED, Status.UPHELD): Permission.HANDLE_OBJECTIONS,
        (Status.MARKED, Status.DISMISSED): Permission.HANDLE_OBJECTIONS,
        (Status.RECEIVED, Status.WITHDRAWN): Permission.OBJECT,
        (Status.MARKED, Status.WITHDRAWN): Permission.OBJECT,
    }

    class Ground(models.TextChoices):
        WRONG_FACT = "wrong_fact", _("A time, a rating or another fact is wrong")
        WRONG_ATTRIBUTION = "wrong_attribution", _("The case belongs to another neighbourhood")
        DUPLICATE = "duplicate", _("The same matter is counted twice")
        WRONGLY_EXCLUDED = "wrongly_excluded", _("A case was left out that should count")
        RULE_MISAPPLIED = "rule_misapplied", _("The rule was misapplied")
        OTHER = "other", pgettext_lazy("ground", "Something else")

    number = models.CharField(_("number"), max_length=16, unique=True)
    ranking = models.ForeignKey(Ranking, models.PROTECT, related_name="+", verbose_name=_("ranking"))
    estate_code = models.CharField(_("neighbourhood"), max_length=40)
    estate_name = models.CharField(max_length=200)
    party = models.CharField(
        _("raised by"), max_length=10, choices=Party, blank=True, help_text=_("Empty: a resident.")
    )
    party_name = models.CharField(max_length=200, blank=True)
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    phone = models.CharField(_("telephone"), max_length=20, blank=True, validators=[PHONE])
    sender = models.CharField(
        max_length=64, blank=True, editable=False, help_text=_("Keyed hash of the address it came from.")
    )
    ground = models.CharField(_("ground"), max_length=20, choices=Ground)
    text = models.TextField(_("what is wrong"))
    case_numbers = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("case numbers"))
    received_at = models.DateTimeField(_("received"))
    was_published = models.BooleanField(default=False, help_text=_("Received after the publication."))
    mark_due_at = models.DateTimeField(_("to be marked by"))
    decide_due_at = models.DateTimeField(_("to be decided by"))

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    status_changed_at = models.DateTimeField()
    marked_at = models.DateTimeField(_("marked"), null=True, blank=True)
    marked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    effect = models.JSONField(
        null=True, blank=True, help_text=_("What the recount changed, in counts of neighbourhoods.")
    )
    led_to = models.ForeignKey(Ranking, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RankingObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["decide_due_at", "pk"]
        indexes = [
            models.Index(fields=["ranking", "estate_code"], name="objection_of_an_entry"),
            models.Index(fields=["sender", "-received_at"], name="objection_of_a_sender"),
        ]
        constraints = [
            models.CheckConstraint(
                name="objection_by_a_party_or_a_resident",
                condition=Q(party="", party_name="", raised_by=None) & ~Q(phone="")
                | (~Q(party="") & ~Q(party_name="") & Q(raised_by__isnull=False, phone="", sender="")),
            ),
            models.CheckConstraint(
                name="objection_marked_has_a_marker",
                condition=Q(marked_at=None, marked_by=None) | Q(marked_at__isnull=False, marked_by__isnull=False),
            ),
            models.CheckConstraint(
                name="objection_state_agrees",
                condition=Q(status="received", marked_at=None, decided_at=None)
                | Q(status="marked", marked_at__isnull=False, decided_at=None)
                | Q(status="withdrawn", decided_at=None)
                | Q(status__in=["upheld", "dismissed"], marked_at__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="objection_decided_with_a_reason",
                condition=Q(decided_at=None, decided_by=None, decision_reason="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision_reason="")),
            ),
            models.CheckConstraint(
                name="objection_decider_is_another",
                condition=Q(decided_by=None)
                | (~Q(decided_by=F("marked_by")) & (Q(raised_by=None) | ~Q(decided_by=F("raised_by")))),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="objection_is_not_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="what_was_said_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "number",
                    "ranking",
                    "estate_code",
                    "estate_name",
                    "party",
                    "party_name",
                    "raised_by",
                    "phone",
                    "sender",
                    "ground",
                    "text",
                    "case_numbers",
                    "received_at",
                    "was_published",
                    "mark_due_at",
                    "decide_due_at",
                ),
            ),
            pgtrigger.Trigger(
                name="decision_is_final",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(
                    "status", "marked_by", "marked_at", "decided_by", "decided_at", "decision_reason"
                ),
                func="""
                IF OLD.status IN ('upheld', 'dismissed', 'withdrawn') THEN
                    RAISE EXCEPTION 'objection % was decided', OLD.number USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="decider_is_no_author",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("decided_by"),
                func="""
                IF EXISTS (SELECT 1 FROM evaluations_ranking r WHERE r.id = NEW.ranking_id
                           AND NEW.decided_by_id IN (r.computed_by_id, r.submitted_by_id)) THEN
                    RAISE EXCEPTION 'objection % is decided by an author of the ranking', NEW.number
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def masked_phone(self) -> str:
        return masked_phone(self.phone)

    @property
    def is_undecided(self) -> bool:
        return self.status in self.UNDECIDED

    @property
    def due_at(self):
        """When the next step is due: marking, then the decision; ``None`` once there is none."""
        return {self.Status.RECEIVED: self.mark_due_at, self.Status.MARKED: self.decide_due_at}.get(self.status)


class ObjectionFile(models.Model):
    """Evidence that came with an objection: an image without its metadata, or a PDF. Insert-only."""

    objection = models.ForeignKey(RankingObjection, models.PROTECT, related_name="files")
    folder = models.CharField(max_length=32, editable=False)
    name = models.CharField(_("file"), max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]
        triggers = [pgtrigger.Protect(name="evidence_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return self.name


class CaseCorrection(models.Model):
    """A case's counted facts were put right after an objection: what stood there, what stands there now. Insert-only."""

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+", verbose_name=_("case"))
    objection = models.ForeignKey(RankingObjection, models.PROTECT, null=True, blank=True, related_name="corrections")
    changed = models.JSONField(_("changed"), help_text=_('{"rated_at": ["before", "after"]}'))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("corrected"))
    ripple = models.JSONField(default=list, help_text=_("Other documents that had counted the case as it was."))

    class Meta:
        verbose_name = _("correction of a case")
        verbose_name_plural = _("corrections of cases")
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(name="correction_has_a_reason", condition=~Q(reason=""))]
        triggers = [pgtrigger.Protect(name="correction_is_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.case} {self.at:%F}"


class EntryReplyQuerySet(CityWideQuerySet):
    """The city's officials see all with their permission; whoever wrote one sees that one."""

    def scope(self, user, permission: str) -> Q:
        by_permission = super().scope(user, permission)
        is_everything = not by_permission
        return by_permission if is_everything or not user.is_authenticated else by_permission | Q(written_by=user.pk)

    def public(self):
        return self.filter(status=EntryReply.Status.APPROVED)


class EntryReply(models.Model):
    """The right of reply: what a party in charge says beside an entry, shown once an official of the city has checked it.

    It belongs to the period: a corrected revision shows it too, with the revision for which it was written. One current
    reply per party; a newer one replaces it when it is approved.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("reply", "To be checked")
        APPROVED = "approved", pgettext_lazy("reply", "Shown")
        SENT_BACK = "sent_back", pgettext_lazy("reply", "Sent back")
        REPLACED = "replaced", pgettext_lazy("reply", "Replaced")

    MOVES: ClassVar[Moves] = {
        (Status.SUBMITTED, Status.APPROVED): Permission.HANDLE_OBJECTIONS,
        (Status.SUBMITTED, Status.SENT_BACK): Permission.HANDLE_OBJECTIONS,
        (Status.SUBMITTED, Status.REPLACED): Permission.REPLY,
        (Status.APPROVED, Status.REPLACED): Permission.HANDLE_OBJECTIONS,
    }
    LONGEST = 500

    ranking = models.ForeignKey(Ranking, models.PROTECT, related_name="+", verbose_name=_("ranking"))
    period = models.CharField(max_length=10, editable=False)
    estate_code = models.CharField(_("neighbourhood"), max_length=40)
    estate_name = models.CharField(max_length=200)
    party = models.CharField(_("on behalf of"), max_length=10, choices=Party)
    party_code = models.CharField(max_length=50)
    party_name = models.CharField(max_length=200)
    text = models.CharField(_("reply"), max_length=LONGEST)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SUBMITTED)
    status_changed_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(_("why it was sent back"), blank=True)

    objects = EntryReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="reply_one_waiting_per_party", fields=["period", "estate_code", "party", "party_code"],
                condition=Q(status="submitted"),
            ),
            models.UniqueConstraint(
                name="reply_one_shown_per_party", fields=["period", "estate_code", "party", "party_code"],
                condition=Q(status="approved"),
            ),
            models.CheckConstraint(
                name="reply_checked_by_another",
                condition=Q(status__in=["submitted", "replaced"])
                | (Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(checked_by=F("written_by"))),
            ),
            models.CheckConstraint(
                name="reply_sent_back_with_a_reason", condition=~Q(status="sent_back") | ~Q(return_reason="")
            ),
            models.CheckConstraint(name="reply_says_something", condition=~Q(text="")),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="reply_is_not_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="reply_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "ranking",
                    "period",
                    "estate_code",
                    "estate_name",
                    "party",
                    "party_code",
                    "party_name",
                    "text",
                    "written_by",
                    "written_at",
                ),
            ),
            pgtrigger.Trigger(
                name="reply_check_is_final",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("status", "return_reason"),
                func="""
                IF OLD.status IN ('sent_back', 'replaced') THEN
                    RAISE EXCEPTION 'reply % was checked', OLD.id USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.period} {self.estate_code} {self.party_name}"[:100]
