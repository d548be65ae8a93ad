"""A notice and what became of it. The row is outbox and record in one."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.persons import masked_phone
from portal.roles import Permission

PHONE_IN_TEXT = r"(^|[^0-9])1[3-9][0-9]{9}($|[^0-9])"
"""A mobile number standing in a text, for Python and for PostgreSQL."""


class NoticeQuerySet(models.QuerySet):
    def of(self, user):
        """What ``user`` reads in the portal, unread first, newest first."""
        return self.filter(user=user, channel=Notice.Channel.PORTAL).order_by(
            models.F("read_at").desc(nulls_first=True), "-created_at", "-pk"
        )

    def unread(self, user):
        return self.filter(user=user, channel=Notice.Channel.PORTAL, read_at=None)

    def outgoing(self):
        """What leaves the portal."""
        return self.exclude(channel=Notice.Channel.PORTAL)

    def waiting(self, now):
        """What is to be sent at ``now``, oldest first."""
        return self.filter(status__in=Notice.WAITING, next_try_at__lte=now).order_by("next_try_at", "pk")


class Notice(models.Model):
    """One notice to one recipient over one channel: a user, or a telephone number or e-mail address of somebody outside.

    A notice in the portal is sent by being there. Of all others ``queued`` and ``failed`` wait for ``next_try_at``;
    ``given_up`` waits for a person. ``dedupe_key`` tells two notices apart: of one key, recipient and channel there is one.
    """

    class Channel(models.TextChoices):
        PORTAL = "portal", _("In the portal")
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed, is tried again")
        GIVEN_UP = "given_up", _("Given up")

    WAITING = (Status.QUEUED, Status.FAILED)
    MOVES: ClassVar[dict[tuple[str, str], str]] = {
        (Status.FAILED, Status.QUEUED): Permission.KEEP_NOTICES,
        (Status.GIVEN_UP, Status.QUEUED): Permission.KEEP_NOTICES,
    }
    """What a person may do. The sending itself is no deed of anybody: the row is its record."""

    kind = models.SlugField(_("kind"), max_length=60)
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    phone = models.CharField(_("telephone"), max_length=30, blank=True, help_text=_("Shown masked everywhere."))
    email = models.EmailField(_("e-mail"), blank=True)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    translations = models.JSONField(default=dict, help_text=_("Title and text in the other languages."))
    url = models.CharField(max_length=500, blank=True, help_text=_("Path of the page that it is about."))
    subject = models.CharField(_("subject"), max_length=100, blank=True, help_text=_("The record that it is about."))
    dedupe_key = models.CharField(max_length=200)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    status_changed_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    reference = models.CharField(_("gateway's reference"), max_length=200, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notices_of_a_person", condition=Q(channel="portal")),
            models.Index(fields=["user"], name="notices_unread", condition=Q(channel="portal", read_at=None)),
            models.Index(fields=["next_try_at"], name="notices_waiting", condition=Q(status__in=["queued", "failed"])),
            models.Index(fields=["-created_at"], name="notices_outgoing", condition=~Q(channel="portal")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="notice_once", fields=["dedupe_key", "channel", "user", "phone", "email"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="notice_has_a_recipient_of_its_channel",
                condition=Q(channel="portal", user__isnull=False, phone="", email="")
                | (Q(channel="sms", email="") & ~Q(phone=""))
                | (Q(channel="email", phone="") & ~Q(email="")),
            ),
            models.CheckConstraint(
                name="notice_text_without_telephone",
                condition=~Q(title__regex=PHONE_IN_TEXT) & ~Q(body__regex=PHONE_IN_TEXT),
            ),
            models.CheckConstraint(
                name="notice_waits_for_a_moment",
                condition=Q(status__in=["queued", "failed"], next_try_at__isnull=False, sent_at=None)
                | Q(status="sent", next_try_at=None, sent_at__isnull=False)
                | Q(status="given_up", next_try_at=None, sent_at=None),
            ),
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"

    @property
    def recipient(self) -> str:
        """The recipient as it may be shown: a number masked, an address with its first sign only."""
        if self.user is not None:
            return str(self.user)
        if self.phone:
            return masked_phone(self.phone)
        name, at, host = self.email.partition("@")
        return f"{name[:1]}***{at}{host}"

    @property
    def told_title(self) -> str:
        """The title in the reader's language."""
        return self.translations.get(get_language() or "", {}).get("title") or self.title

    @property
    def told_body(self) -> str:
        return self.translations.get(get_language() or "", {}).get("body") or self.body
