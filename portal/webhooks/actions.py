"""Telling other systems: an event, and a delivery to each target that wants it, in the caller's transaction."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from portal.models import User
from portal.notices.actions import send_after_commit
from portal.roles import Permission
from portal.webhooks.client import check_url
from portal.webhooks.models import WebhookDelivery, WebhookEvent, WebhookTarget, new_secret
from portal.workflow import move, record

Status = WebhookDelivery.Status
TASK = "portal.tasks.send_webhooks"


@transaction.atomic
def emit(kind: str, payload: dict[str, Any], *, key: str = "", now: datetime | None = None) -> WebhookEvent:
    """Write an event of ``kind`` (one that an app declares in ``event_kinds``) and queue it for the targets that want it.

    ``payload`` is public: everybody reads it at ``/api/v1/events/``. Emitting the same ``key`` (default: a digest of the
    payload) again changes nothing.
    """
    now = now or timezone.now()
    key = key or hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    _in_the_order_of_commits()
    event, is_new = WebhookEvent.objects.get_or_create(kind=kind, key=key, defaults={"payload": payload, "at": now})
    if is_new:
        _queue(event, now=now)
    return event


def _in_the_order_of_commits() -> None:
    """A second event waits until the first is committed: a client that asks for what came ``after`` a number misses none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('webhook events'))")


def _queue(event: WebhookEvent, *, now: datetime) -> int:
    """Deliveries to the active targets that want the event and have none yet; how many."""
    known = event.deliveries.values("target")
    targets = WebhookTarget.objects.filter(is_active=True, kinds__contains=[event.kind]).exclude(pk__in=known)
    made = WebhookDelivery.objects.bulk_create(
        [WebhookDelivery(event=event, target=target, created_at=now, next_try_at=now) for target in targets],
        ignore_conflicts=True,
    )
    if made:
        send_after_commit(TASK)
    return len(made)


@transaction.atomic
def replay(event: WebhookEvent, *, by: User, now: datetime) -> int:
    """Send an event again to every active target that wants it, also to those added since; to how many."""
    _demand(by)
    deliveries = event.deliveries.filter(target__is_active=True).exclude(status=Status.QUEUED)
    for delivery in deliveries.select_related("event", "target"):
        send_again(delivery, by=by, now=now)
    _queue(event, now=now)
    record("webhooks.replay", event, by=by)
    return int(event.deliveries.filter(status=Status.QUEUED).count())


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, by: User, now: datetime) -> None:
    """Queue a delivery from the first attempt on, one that arrived too.

    Raises:
        PermissionDenied: ``by`` does not keep the webhooks.
        LostRace, MoveRefused: somebody or the worker was quicker, or it is queued anyway.
    """
    move(
        delivery, Status.QUEUED, moves=WebhookDelivery.MOVES, verb="webhooks.send_again", by=by,
        attempts=0, next_try_at=now, error="",
    )  # fmt: skip
    send_after_commit(TASK)


@transaction.atomic
def keep_target(target: WebhookTarget, *, by: User) -> WebhookTarget:
    """Write a target as it was entered.

    Raises:
        AddressRefused: the portal would not connect to its address.
        PermissionDenied: ``by`` does not keep the webhooks.
    """
    _demand(by)
    check_url(target.url)
    target.save()
    record("webhooks.keep", target, by=by, url=target.url, kinds=target.kinds, is_active=target.is_active)
    return target


def _demand(by: User) -> None:
    if not by.has_perm(Permission.KEEP_WEBHOOKS):
        raise PermissionDenied


@transaction.atomic
def renew_secret(target: WebhookTarget, *, by: User) -> str:
    """Give the target another secret and return it, to be shown once; what is sent from now on is signed with it."""
    _demand(by)
    target.secret = new_secret()
    target.save(update_fields=["secret"])
    record("webhooks.renew_secret", target, by=by)
    return target.secret
