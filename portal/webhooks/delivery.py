"""Sending what waits, signed.

As in ``portal.notices.delivery``: under the row's lock, so two workers never send one delivery at once; at least once, with the
event's id the same in every attempt, by which a receiver recognises what it has seen.
"""

import hashlib
import hmac
import http.client
import json
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.rules import wait_before_retry
from portal.webhooks import client
from portal.webhooks.models import WebhookDelivery, WebhookEvent

Status = WebhookDelivery.Status
AT_MOST = 500
TOLERANCE = 300
"""Seconds by which a receiver should let the signed time differ from its own clock."""


def envelope(event: WebhookEvent) -> dict:
    """An event as it is told: number, id, kind, time and data."""
    return {
        "number": event.pk,
        "id": str(event.uuid),
        "kind": event.kind,
        "at": timezone.localtime(event.at).isoformat(),
        "data": event.payload,
    }


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 (hex) with ``secret`` of the timestamp (Unix seconds), a full stop and the body."""
    return hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()


def headers(delivery: WebhookDelivery, body: bytes, now: datetime) -> dict[str, str]:
    timestamp = int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "property-portal-webhooks/1",
        "Portal-Event": delivery.event.kind,
        "Portal-Event-Id": str(delivery.event.uuid),
        "Portal-Signature": f"t={timestamp},v1={signature(delivery.target.secret, timestamp, body)}",
    }


def send_waiting(now: datetime | None = None) -> dict[str, int]:
    """Send what is due at ``now``; how many arrived, and how many failed."""
    tally = {"sent": 0, "failed": 0}
    for _number in range(AT_MOST):
        outcome = _send_next(now or timezone.now())
        if outcome is None:
            break
        tally["sent" if outcome else "failed"] += 1
    return tally


@transaction.atomic
def _send_next(now: datetime) -> bool | None:
    """Send the one that waits longest; ``None``: none does. Targets that are switched off wait."""
    waiting = WebhookDelivery.objects.filter(status__in=WebhookDelivery.WAITING, next_try_at__lte=now)
    waiting = waiting.filter(target__is_active=True).order_by("next_try_at", "pk").select_related("event", "target")
    delivery = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if delivery is None:
        return None
    delivery.attempts += 1
    delivery.status_changed_at = now
    delivery.response_status, delivery.error = _attempt(delivery, now)
    if not delivery.error:
        delivery.status, delivery.sent_at, delivery.next_try_at = Status.SENT, now, None
    else:
        wait = wait_before_retry(delivery.attempts)
        delivery.status = Status.GIVEN_UP if wait is None else Status.FAILED
        delivery.next_try_at = None if wait is None else now + wait
    delivery.save()
    return delivery.status == Status.SENT


def _attempt(delivery: WebhookDelivery, now: datetime) -> tuple[int | None, str]:
    """Status of the answer, if there was one, and what was wrong, if anything."""
    body = json.dumps(envelope(delivery.event), ensure_ascii=False, sort_keys=True).encode()
    try:
        status = client.post(delivery.target.url, body, headers(delivery, body, now))
    except client.AddressRefused as error:
        return None, str(error)[:500]
    except (OSError, http.client.HTTPException) as error:
        return None, f"{type(error).__name__}: {error}"[:500]
    return status, "" if 200 <= status < 300 else f"HTTP {status}"
