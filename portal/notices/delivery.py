"""Sending what waits in the outbox.

Each notice is sent under its row's lock, which other workers skip, so two workers never send one notice at once, and a task
that runs twice finds nothing left. A worker that dies between the gateway's answer and the commit leaves the notice queued: it
is sent at least once, and never lost. The message's key is the same then, so that a gateway that knows keys drops the second.
"""

import logging
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.notices.gateways import Message, gateway_for
from portal.notices.models import Notice
from portal.rules import wait_before_retry

_log = logging.getLogger(__name__)

AT_MOST = 1000
"""Notices in one run; the next run takes the rest."""


def send_waiting(now: datetime | None = None) -> dict[str, int]:
    """Send what is due at ``now``; how many were sent, and how many failed."""
    tally = {"sent": 0, "failed": 0}
    for _number in range(AT_MOST):
        outcome = _send_next(now or timezone.now())
        if outcome is None:
            break
        tally["sent" if outcome else "failed"] += 1
    return tally


@transaction.atomic
def _send_next(now: datetime) -> bool | None:
    """Send the one that waits longest; ``None``: none does."""
    notice = Notice.objects.waiting(now).select_for_update(skip_locked=True, of=("self",)).first()
    if notice is None:
        return None
    notice.attempts += 1
    notice.status_changed_at = now
    try:
        notice.reference = gateway_for(notice.channel).send(_message(notice))[:200]
    except Exception as error:
        _log.warning("Notice %s was not taken: %s", notice.pk, type(error).__name__)
        wait = wait_before_retry(notice.attempts)
        notice.status = Notice.Status.GIVEN_UP if wait is None else Notice.Status.FAILED
        notice.next_try_at = None if wait is None else now + wait
        notice.error = _without_recipient(f"{type(error).__name__}: {error}", notice)[:500]
    else:
        notice.status, notice.sent_at, notice.next_try_at, notice.error = Notice.Status.SENT, now, None, ""
    notice.save()
    return notice.status == Notice.Status.SENT


def _message(notice: Notice) -> Message:
    url = urljoin(settings.PORTAL_URL, notice.url) if notice.url else ""
    return Message(f"notice-{notice.pk}", notice.phone or notice.email, notice.title, notice.body, url)


def _without_recipient(text: str, notice: Notice) -> str:
    """A gateway's complaint often repeats the number; the outbox shows it masked only."""
    return text.replace(notice.phone or notice.email, notice.recipient)
