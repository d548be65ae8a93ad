"""Telling somebody something: a row in the outbox, in the caller's transaction. Sent after the commit, by a worker."""

import logging
import re
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from kombu.exceptions import OperationalError

from portal.jobs import enqueue
from portal.models import User
from portal.notices.models import PHONE_IN_TEXT, Notice
from portal.workflow import move

Channel, Status = Notice.Channel, Notice.Status

_log = logging.getLogger(__name__)


@transaction.atomic
def notify(
    kind: str,
    *,
    to: User | str,
    title: str | Promise,
    body: str | Promise = "",
    url: str = "",
    subject: str = "",
    dedupe_key: str,
    channels: Iterable[str] | None = None,
    now: datetime | None = None,
) -> None:
    """Put a notice of ``kind`` (a slug) into the outbox, once per channel; the same ``dedupe_key`` for the same recipient
    and channel is the same notice and written only once.

    ``to`` is a user, or the telephone number or e-mail address of somebody outside. Without ``channels`` a user is told in
    the portal, others as their address says; a user without an e-mail address gets none. ``url`` is a path of this portal.
    Lazy texts are kept in all languages and shown in the reader's; plain ones as they are. E-mail and SMS go out in the
    city's language (``LANGUAGE_CODE``).

    Raises:
        ValueError: a text holds a mobile number, or a channel cannot reach the recipient at all.
    """
    now = now or timezone.now()
    addresses = _addresses(to, channels)
    texts = {code: _texts(title, body, code) for code, _name in settings.LANGUAGES}
    official = texts.pop(settings.LANGUAGE_CODE)
    for text in (official, *texts.values()):
        if any(re.search(PHONE_IN_TEXT, part) for part in text.values()):
            raise ValueError("a notice never carries a telephone number")
    different = {code: text for code, text in texts.items() if text != official}
    notices = [
        Notice(
            kind=kind, channel=channel, **address, **official, translations=different, url=url, subject=subject[:100],
            dedupe_key=dedupe_key, created_at=now, status_changed_at=now, **_beginning(channel, now),
        )
        for channel, address in addresses.items()
    ]  # fmt: skip
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if set(addresses) - {Channel.PORTAL}:
        send_after_commit("portal.tasks.send_notices")


def _addresses(to: User | str, channels: Iterable[str] | None) -> dict[str, dict[str, User | str]]:
    """Channel → the columns that say who is reached over it."""
    if isinstance(to, str):
        found: dict[str, dict[str, User | str]] = (
            {Channel.EMAIL: {"email": to}} if "@" in to else {Channel.SMS: {"phone": to}}
        )
    else:
        found = {Channel.PORTAL: {"user": to}}
        if to.email:
            found[Channel.EMAIL] = {"user": to, "email": to.email}
    if channels is None:
        return found if isinstance(to, str) else {Channel.PORTAL: found[Channel.PORTAL]}
    wanted = list(channels)
    impossible = set(wanted) - set(found) - (set() if isinstance(to, str) else {Channel.EMAIL})
    if impossible:
        raise ValueError(f"no way to reach the recipient by {', '.join(sorted(impossible))}")
    return {channel: found[channel] for channel in wanted if channel in found}


def _texts(title: str | Promise, body: str | Promise, language: str) -> dict[str, str]:
    with translation.override(language):
        return {"title": str(title)[:200], "body": str(body)}


def _beginning(channel: str, now: datetime) -> dict[str, object]:
    if channel == Channel.PORTAL:
        return {"status": Status.SENT, "sent_at": now}
    return {"status": Status.QUEUED, "next_try_at": now}


def send_after_commit(task: str) -> None:
    """Have a worker run ``task`` once this transaction is committed; once, however often it is asked for.

    A broker out of reach loses nothing: beat asks again every minute.
    """
    if not any(getattr(entry[1], "task", "") == task for entry in connection.run_on_commit):
        transaction.on_commit(_Sending(task))


class _Sending:
    def __init__(self, task: str) -> None:
        self.task = task

    def __call__(self) -> None:
        try:
            enqueue(self.task)
        except OperationalError:
            _log.warning("The broker cannot be reached; %s waits for beat.", self.task)


def send_again(notice: Notice, *, by: User, now: datetime) -> None:
    """Queue a notice that failed, from the first attempt on.

    Raises:
        PermissionDenied: ``by`` does not keep the outbox.
        MoveRefused, LostRace: it is not one that failed, any more.
    """
    with transaction.atomic():
        move(
            notice, Status.QUEUED, moves=Notice.MOVES, verb="notices.send_again", by=by, attempts=0, next_try_at=now,
            error="",
        )  # fmt: skip
        send_after_commit("portal.tasks.send_notices")


def mark_read(user: User, *, now: datetime, pk: int | None = None) -> int:
    """Mark one notice of ``user``, or all of them, as read; how many were not."""
    unread = Notice.objects.unread(user)
    if pk is not None:
        unread = unread.filter(pk=pk)
    return int(unread.update(read_at=now))
