"""One POST to an address that a person typed in: it must not become a way into the city's own network.

The host is looked up once and the connection goes to the address that was checked, so a name cannot answer differently the
second time. No redirect is followed, at most :data:`ANSWER` bytes of the answer are read, and all of it takes at most
:data:`TIMEOUT`. ``WEBHOOK_ALLOW_PRIVATE`` lifts the check of addresses, for tests and for receivers in the same network.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

TIMEOUT = 10
"""Seconds for the whole exchange."""

ANSWER = 1024

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AddressRefused(Exception):
    """The address is none that the portal connects to; the message says why, in the reader's language."""


def check_url(url: str) -> None:
    """Whether ``url`` may be a target, as far as it can be told without a look-up.

    Raises:
        AddressRefused: it is not https (to this machine itself http, where that is allowed), or names a private address.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused(_("This is not an address.")) from error
    own = settings.WEBHOOK_ALLOW_PRIVATE and host in LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and own):
        raise AddressRefused(_("The address must begin with https://."))
    if not host or parts.username or parts.password or parts.fragment:
        raise AddressRefused(_("Give a host and a path only, without user name and fragment."))
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost" and not own:
            raise AddressRefused(_("This address lies within the portal's own network.")) from None
    else:
        _refuse_private(str(address))


_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""Addresses that stand for the IPv4 address in their last four bytes. Source: RFC 6052 (NAT64), RFC 4291 2.5.5.1."""


def _refuse_private(text: str) -> None:
    address = ipaddress.ip_address(text.partition("%")[0])
    meant = [address, *_carried(address)]
    if not settings.WEBHOOK_ALLOW_PRIVATE and any(not one.is_global or one.is_multicast for one in meant):
        raise AddressRefused(_("This address lies within the portal's own network."))


def _carried(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, 6to4, translated."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    last = ipaddress.IPv4Address(address.packed[-4:])
    translated = last if any(address in network for network in _TRANSLATED) else None
    return [one for one in (address.ipv4_mapped, address.sixtofour, translated) if one is not None]


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST ``body`` to ``url`` and return the status of the answer.

    Raises:
        AddressRefused: the address, or one that its host name stands for, is none that the portal connects to.
        OSError, http.client.HTTPException: there was no answer, or not in time.
    """
    check_url(url)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _Pinned(parts.hostname, port, _address(parts.hostname, port), encrypted=parts.scheme == "https")
    watch = threading.Timer(TIMEOUT, connection.give_up)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        answer.read(ANSWER)
        return answer.status
    except ValueError as error:  # what http.client says of a connection that was taken away
        raise TimeoutError("no answer in time") from error
    finally:
        watch.cancel()
        connection.close()


def _address(host: str, port: int) -> str:
    """The first address that ``host`` stands for; all of them must be allowed."""
    found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        _refuse_private(address)
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to ``address`` that speaks to ``host``: its certificate and ``Host`` header are the host's."""

    def __init__(self, host: str, port: int, address: str, *, encrypted: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self.address, self.encrypted = address, encrypted
        self.default_port = 443 if encrypted else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), TIMEOUT)
        if self.encrypted:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def give_up(self) -> None:
        """Break off, from another thread: whoever sends one byte a second would never time out."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
