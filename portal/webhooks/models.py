"""Whom to tell, what happened, and what became of telling it."""

import secrets
import uuid
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.models import CityWideQuerySet, keeps_history
from portal.roles import Permission


def new_secret() -> str:
    return secrets.token_urlsafe(32)


@keeps_history(exclude=("secret",))
class WebhookTarget(models.Model):
    """An address of another system, and the kinds of events it is told of. Its secret signs what is sent; it is shown once."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    url = models.URLField(_("address"), max_length=500, help_text=_("Begins with https://."))
    secret = models.CharField(max_length=100, default=new_secret, editable=False)
    kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    is_active = models.BooleanField(_("active"), default=True)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="webhook_over_https_or_to_this_machine",
                condition=Q(url__startswith="https://") | Q(url__regex=r"^http://(127\.0\.0\.1|localhost|\[::1\])[:/]"),
            ),
            models.CheckConstraint(name="webhook_wants_something", condition=~Q(kinds=[])),
        ]

    def __str__(self):
        return self.name


class WebhookEvent(models.Model):
    """Something that happened, as told to everybody. Numbered in the order of commits, so that ``after=`` misses none."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(max_length=200, help_text=_("What makes it one event, however often it is emitted."))
    payload = models.JSONField()
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(name="event_once", fields=["kind", "key"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.kind} {self.key}"


class WebhookDelivery(models.Model):
    """An event on its way to a target. ``queued`` and ``failed`` wait for ``next_try_at``; ``given_up`` waits for a person."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed, is tried again")
        GIVEN_UP = "given_up", _("Given up")

    WAITING = (Status.QUEUED, Status.FAILED)
    MOVES: ClassVar[dict[tuple[str, str], str]] = {
        (Status.SENT, Status.QUEUED): Permission.KEEP_WEBHOOKS,
        (Status.FAILED, Status.QUEUED): Permission.KEEP_WEBHOOKS,
        (Status.GIVEN_UP, Status.QUEUED): Permission.KEEP_WEBHOOKS,
    }
    """What a person may do: send again. The sending itself is no deed of anybody: the row is its record."""

    event = models.ForeignKey(WebhookEvent, models.PROTECT, related_name="deliveries")
    target = models.ForeignKey(WebhookTarget, models.CASCADE, related_name="deliveries")
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    status_changed_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["next_try_at"], name="webhooks_waiting", condition=Q(status__in=["queued", "failed"]))
        ]
        constraints = [
            models.UniqueConstraint(name="webhook_delivery_once", fields=["event", "target"]),
            models.CheckConstraint(
                name="webhook_waits_for_a_moment",
                condition=Q(status__in=["queued", "failed"], next_try_at__isnull=False)
                | Q(status="sent", next_try_at=None, sent_at__isnull=False)
                | Q(status="given_up", next_try_at=None),
            ),
        ]

    def __str__(self):
        return f"{self.event} → {self.target}"
