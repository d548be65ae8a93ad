"""From which network a stranger asks, as a keyed hash, and how often. Addresses are never kept."""

import hashlib
import hmac
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle


def network_hash(request: HttpRequest) -> str:
    """The keyed hash of the asking address; of IPv6 its /64, which is what one household gets. ``NUM_PROXIES`` is respected."""
    address = SimpleRateThrottle.get_ident(SimpleRateThrottle, request)  # type: ignore[arg-type]
    try:
        parsed = ip_address(address)
    except ValueError:
        pass  # a server on a socket names no address
    else:
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
            address = parsed.exploded[:19]
    return keyed("network", address)


def keyed(purpose: str, text: str) -> str:
    """A keyed hash for ``purpose`` that says nothing about ``text``."""
    return hmac.new(settings.PERSON_KEY.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def is_within(key: str, most: int, seconds: int) -> bool:
    """Count one more under ``key``; whether that is at most the ``most``-th since the first within ``seconds``.

    With Redis all processes count together, without it each process counts for itself: so this bounds guessing and
    crowding, while what must hold exactly (reports taken in) is counted in the database.
    """
    name = f"casedesk:{key}"
    if cache.add(name, 1, seconds):
        return most >= 1
    try:
        return cache.incr(name) <= most
    except ValueError:  # ran out between the two
        cache.add(name, 1, seconds)
        return True
