"""The ranking policy: a record that two persons decide on, or that a city's document brings with it."""

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from evaluations import rules
from portal.models import User, keeps_history
from portal.roles import Permission
from portal.workflow import Moves

WEIGHT = {"max_digits": 6, "decimal_places": 4}

RULE_FIELDS = (
    "document", "effective_from", "window_periods", "weight_acceptance", "weight_handling", "weight_satisfaction",
    "level_weights", "gate_acceptance", "gate_handling", "gate_ratings", "list_size", "notice_days", "objection_days",
    "decide_days",
)  # fmt: skip
"""What a policy record says; the rest is how it came about."""


class RankingPolicyQuerySet(models.QuerySet):
    def approved(self):
        """Those that may be applied."""
        return self.filter(status=RankingPolicy.Status.APPROVED)


@keeps_history(exclude=("trial_run",))
class RankingPolicy(models.Model):
    """A policy record: in force from its date until a later one, and known by its document number. Data, never code.

    Proposed by one person and approved by another, never for a half month that has begun before the approval. A record
    that came with the city's files (``policy.json``) was decided outside the portal: it is approved by its document.
    The database keeps an approved record, and every record that a ranking has applied, as it is.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Origin(models.TextChoices):
        PORTAL = "portal", _("Two persons in the portal")
        DOCUMENT = "document", _("By document, with the city's files")

    MOVES: ClassVar[Moves] = {
        (Status.PROPOSED, Status.APPROVED): Permission.APPROVE_POLICIES,
        (Status.PROPOSED, Status.REJECTED): Permission.APPROVE_POLICIES,
        (Status.PROPOSED, Status.WITHDRAWN): Permission.PROPOSE_POLICIES,
    }

    document = models.CharField(_("document"), max_length=200, unique=True)
    effective_from = models.DateField(_("in force from"))
    window_periods = models.PositiveSmallIntegerField(_("window (half months)"))
    weight_acceptance = models.DecimalField(_("weight of acceptance"), **WEIGHT)
    weight_handling = models.DecimalField(_("weight of handling"), **WEIGHT)
    weight_satisfaction = models.DecimalField(_("weight of satisfaction"), **WEIGHT)
    level_weights = models.JSONField(_("weights of the rating levels"), help_text=_('{"5": "1", ..., "1": "0"}'))
    gate_acceptance = models.PositiveIntegerField(_("gate: acceptances"))
    gate_handling = models.PositiveIntegerField(_("gate: handlings"))
    gate_ratings = models.PositiveIntegerField(_("gate: ratings"))
    list_size = models.PositiveIntegerField(_("list size"))
    notice_days = models.PositiveSmallIntegerField(_("public notice (days)"), default=3)
    objection_days = models.PositiveSmallIntegerField(_("objections after publication (working days)"), default=10)
    decide_days = models.PositiveSmallIntegerField(_("decision on an objection (working days)"), default=5)

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    status_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    origin = models.CharField(_("decided"), max_length=10, choices=Origin, default=Origin.PORTAL)
    grounds = models.TextField(_("why it changes"), blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    trial_run = models.JSONField(null=True, blank=True, editable=False)

    objects = RankingPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("ranking policy")
        verbose_name_plural = _("ranking policies")
        ordering = ["-effective_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="policy_weights_sum_to_one",
                condition=Q(weight_acceptance=Decimal(1) - F("weight_handling") - F("weight_satisfaction")),
                violation_error_message=_("The three weights do not sum to 1."),
            ),
            models.UniqueConstraint(
                name="policy_one_in_force_from_a_day",
                fields=["effective_from"],
                condition=Q(status="approved"),
                violation_error_message=_("Another approved policy is in force from the same day."),
            ),
            models.CheckConstraint(
                name="policy_takes_two_persons",
                condition=Q(origin="document")
                | Q(proposed_by__isnull=False)
                & (~Q(status__in=["approved", "rejected"]) | Q(decided_by__isnull=False))
                & (~Q(status="approved") | Q(approved_at__isnull=False))
                & (Q(decided_by=None) | ~Q(decided_by=F("proposed_by"))),
                violation_error_message=_("Whoever proposed a policy does not decide on it."),
            ),
            models.CheckConstraint(
                name="policy_begins_with_a_half_month",
                condition=Q(origin="document") | Q(effective_from__day__in=[1, 16]),
                violation_error_message=_("A policy begins on the 1st or the 16th of a month."),
            ),
            models.CheckConstraint(
                name="policy_is_never_retroactive",
                condition=Q(origin="document") | Q(approved_at=None) | Q(effective_from__gte=TruncDate("approved_at")),
                violation_error_message=_("A policy is never in force from a day before its approval."),
            ),
            models.CheckConstraint(
                name="policy_from_a_document_is_approved", condition=Q(origin="portal") | Q(status="approved")
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="decided_is_frozen",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(*RULE_FIELDS, "origin", "proposed_by", "decided_by", "approved_at"),
                func="""
                IF (OLD.status <> 'proposed' AND OLD.origin = 'portal')
                   OR EXISTS (SELECT 1 FROM evaluations_ranking r WHERE r.policy_id = OLD.id) THEN
                    RAISE EXCEPTION 'policy % is frozen', OLD.document USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="decided_stays_decided",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("status"),
                func="""
                IF OLD.status <> 'proposed' THEN
                    RAISE EXCEPTION 'policy % was decided', OLD.document USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="decided_is_not_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__origin="portal"),
            ),
            # What was published under one rule is not to be recomputed under another: whoever brings it in.
            pgtrigger.Trigger(
                name="never_retroactive",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                IF NEW.status = 'approved'
                   AND (TG_OP = 'INSERT' OR OLD.status <> 'approved' OR OLD.effective_from <> NEW.effective_from)
                   AND EXISTS (SELECT 1 FROM evaluations_ranking r WHERE r.status IN ('published', 'superseded', 'withdrawn')
                       AND (left(r.period, 7) || CASE right(r.period, 1) WHEN '1' THEN '-01' ELSE '-16' END)::date
                           >= NEW.effective_from) THEN
                    RAISE EXCEPTION 'policy % is retroactive', NEW.document USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return self.document[:100]

    @property
    def rule(self) -> rules.Policy:
        """The record as the rules read it."""
        return rules.Policy(
            window_periods=self.window_periods,
            weight_acceptance=Decimal(self.weight_acceptance),
            weight_handling=Decimal(self.weight_handling),
            weight_satisfaction=Decimal(self.weight_satisfaction),
            level_weights={int(level): Decimal(weight) for level, weight in self.level_weights.items()},
            gate_acceptance=self.gate_acceptance,
            gate_handling=self.gate_handling,
            gate_ratings=self.gate_ratings,
            list_size=self.list_size,
        )

    def as_manifest(self) -> dict:
        """The record in the manifest and in the API: decimals as strings in their shortest form."""

        def short(number) -> str:
            return f"{Decimal(number).normalize():f}"

        return {
            "document": self.document,
            "effective_from": self.effective_from.isoformat(),
            "window_periods": self.window_periods,
            "weights": {
                "acceptance": short(self.weight_acceptance),
                "handling": short(self.weight_handling),
                "satisfaction": short(self.weight_satisfaction),
            },
            "level_weights": {level: short(weight) for level, weight in sorted(self.level_weights.items())},
            "gates": {"acceptance": self.gate_acceptance, "handling": self.gate_handling, "ratings": self.gate_ratings},
            "list_size": self.list_size,
        }
