"""What the resident says of the outcome, and how a rating that is doubted is checked."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casedesk.models.files import CaseScopedQuerySet
from evaluations.models import AppraisalCase
from portal.models import User, keeps_history
from portal.roles import Permission
from portal.workflow import Moves


class RatingLink(models.Model):
    """A link by which the reporter rates one round, once. Only the hash of its token is kept."""

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rating_link_one_unused", fields=["case", "round"], condition=Q(used_at=None))
        ]

    def __str__(self):
        return f"{self.case_id} · {self.round}"


@keeps_history()
class OutcomeRating(models.Model):
    """A resident's answer of one round: *solved?* apart from *satisfied?*. Only the first round's counts in rankings.

    Device and network are kept as keyed hashes, for signs of rating in bursts. A held rating does not count until released.
    """

    class Channel(models.TextChoices):
        LINK = "link", _("One-use link")
        CODE = "code", _("Tracking code")
        TELEPHONE = "telephone", _("Telephone callback")
        OPEN311 = "open311", "Open311"

    class Status(models.TextChoices):
        COUNTED = "counted", _("Counted")
        HELD = "held", _("Held for a check")
        REJECTED = "rejected", _("Not from a resident, not counted")
        WITHDRAWN = "withdrawn", _("Withdrawn on review")

    MOVES: ClassVar[Moves] = {
        (Status.HELD, Status.COUNTED): Permission.DECIDE_CASES,
        (Status.HELD, Status.REJECTED): Permission.DECIDE_CASES,
        (Status.COUNTED, Status.HELD): Permission.DECIDE_CASES,
        (Status.COUNTED, Status.WITHDRAWN): Permission.DECIDE_CASES,
    }

    class Hold(models.TextChoices):
        BURST = "burst", _("Many ratings in a short time")
        SHARED_DEVICE = "shared_device", _("One device rated several cases")
        CONTACT_CHANGED = "contact_changed", _("The contact was changed before")
        STAFF_PHONE = "staff_phone", _("The telephone belongs to somebody in service or office")
        ENTERED_BY_RATED = "entered_by_rated", _("Given by a code that the rated body itself handed out")
        BY_HAND = "by_hand", _("Doubted by an official")

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField(default=1)
    level = models.SmallIntegerField(_("satisfied?"), choices=AppraisalCase.Rating)
    resolved = models.CharField(_("solved?"), max_length=6, choices=AppraisalCase.Resolved)
    text = models.TextField(_("remark"), max_length=500, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    at = models.DateTimeField(_("given"))
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who called back; empty: the resident."),
    )
    recording_ref = models.CharField(_("reference of the recording"), max_length=100, blank=True)
    device_hash = models.CharField(max_length=64, blank=True, editable=False)
    network_hash = models.CharField(max_length=64, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.COUNTED)
    status_changed_at = models.DateTimeField()
    hold_reason = models.CharField(_("held because"), max_length=16, choices=Hold, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    check_reason = models.TextField(max_length=500, blank=True)

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome rating")
        verbose_name_plural = _("outcome ratings")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(name="outcome_rating_once_per_round", fields=["case", "round"]),
            models.CheckConstraint(name="outcome_rating_level", condition=Q(level__range=(1, 5))),
            models.CheckConstraint(
                name="outcome_rating_held_has_a_reason",
                condition=~Q(status__in=["held", "rejected"]) | ~Q(hold_reason=""),
            ),
            models.CheckConstraint(
                name="outcome_rating_callback_names_who_called",
                condition=Q(channel="telephone", by__isnull=False) | ~Q(channel="telephone") & Q(by=None),
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="outcome_rating_at"),
            models.Index(fields=["device_hash", "at"], name="outcome_rating_device", condition=~Q(device_hash="")),
            models.Index(fields=["network_hash", "at"], name="outcome_rating_network", condition=~Q(network_hash="")),
            models.Index(fields=["at"], name="outcome_rating_held", condition=Q(status="held")),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self):
        return f"{self.case} · {self.round}"


class RatingReviewQuerySet(CaseScopedQuerySet):
    case_lookup = "rating__case"
    path_lookup = "rating__case__estate__community__path"


@keeps_history()
class RatingReview(models.Model):
    """A bad rating that the rated party doubts: it stands, or is withdrawn on a coded ground with evidence by a second person."""

    class Ground(models.TextChoices):
        NOT_THE_MATTER = "not_the_matter", _("It is about another matter")
        MISTAKEN_LEVEL = "mistaken_level", _("The resident says that the level was chosen by mistake")
        FACTS_UNTRUE = "facts_untrue", _("What it says did not happen")
        MALICIOUS = "malicious", _("Malicious, shown by evidence")

    class Status(models.TextChoices):
        PENDING = "pending", _("Under review")
        UPHELD = "upheld", _("Stands")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: ClassVar[Moves] = {
        (Status.PENDING, Status.UPHELD): Permission.DECIDE_CASES,
        (Status.PENDING, Status.WITHDRAWN): Permission.DECIDE_CASES,
    }

    rating = models.ForeignKey(OutcomeRating, models.PROTECT, related_name="reviews")
    ground = models.CharField(_("ground"), max_length=16, choices=Ground)
    evidence = models.TextField(_("evidence"), max_length=1000)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_at = models.DateTimeField(_("to be decided by"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    status_changed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.TextField(max_length=1000, blank=True)

    objects = RatingReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review of a rating")
        verbose_name_plural = _("reviews of ratings")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(name="rating_review_once", fields=["rating"]),
            models.CheckConstraint(name="rating_review_has_evidence", condition=~Q(evidence="")),
            models.CheckConstraint(
                name="rating_review_decided_by_a_second_person",
                condition=Q(status="pending", decided_by=None)
                | Q(decided_by__isnull=False)
                & ~Q(status="pending")
                & ~Q(decided_by=F("asked_by"))
                & ~Q(decision_reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.rating}"
