"""The one way out: a message goes through a gateway, which answers with its reference.

A city that sends SMS through a provider, or uses WeChat, writes a class with ``send`` and names it in ``NOTICE_GATEWAY``.
"""

import logging
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from portal.persons import masked_phone

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """What leaves the portal. ``key`` is the same in every attempt: a gateway that knows keys sends it once."""

    key: str
    to: str
    title: str
    body: str
    url: str = ""

    @property
    def text(self) -> str:
        """Title, text and full address, as they stand in an SMS or an e-mail."""
        return "\n".join(part for part in (self.title, self.body, self.url) if part)


class Gateway(Protocol):
    def send(self, message: Message) -> str:
        """Hand ``message`` over and return the gateway's reference for it; any exception means that it was not taken."""


class ConsoleGateway:
    """Writes to the log instead of sending, the number masked: for the trial, and until a provider is chosen."""

    def send(self, message: Message) -> str:
        _log.warning("SMS to %s: %s", masked_phone(message.to), message.text.replace("\n", " "))
        return f"console-{message.key}"


class EmailGateway:
    """Django's e-mail, as ``EMAIL_BACKEND`` says."""

    def send(self, message: Message) -> str:
        reference = f"<{message.key}@{urlsplit(settings.PORTAL_URL).hostname}>"
        EmailMessage(
            message.title,
            "\n\n".join(part for part in (message.body, message.url) if part),
            to=[message.to],
            headers={"Message-ID": reference, "Auto-Submitted": "auto-generated"},
        ).send()
        return reference


@cache
def _made(path: str) -> Gateway:
    return import_string(path)()


def gateway_for(channel: str) -> Gateway:
    """The gateway of a channel (``email`` or ``sms``), made once per process."""
    return EmailGateway() if channel == "email" else _made(settings.NOTICE_GATEWAY)
