"""What waits for an official: counts of what to decide, to renew and to correct, each with the list of exactly those rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.home import HomeCard
from portal.integrity.checks import checks_for, total
from portal.roles import KEEPING


@dataclass(frozen=True)
class DutyItem:
    """One of the rows behind a duty: what it is, where it lies, since when it waits, and whether it is late."""

    title: str
    place: str
    url: str
    since: str
    late: str = ""


@dataclass(frozen=True)
class Duty:
    """Something to do: ``count`` rows, listed at ``url``. ``note`` says what of them is urgent. ``items`` are the first of them."""

    title: str | Promise
    icon: str
    count: int
    url: str
    note: str = ""
    note_url: str = ""
    items: Sequence[DutyItem] = ()


def duties(user) -> list[Duty]:
    """The duties of all installed apps (``AppConfig.duties``) that have rows, ground floor first, and the integrity findings."""
    found = [duty for config in apps.get_app_configs() for duty in getattr(config, "duties", lambda user: [])(user)]
    if checks_for(user):
        found.append(Duty(_("Findings of data integrity"), "stethoscope", total(user), reverse("integrity")))
    return [duty for duty in found if duty.count]


def cards(user) -> list[HomeCard]:
    """The card of duties, for whoever keeps or decides anything."""
    if not any(user.has_perm(permission) for permission in KEEPING):
        return []
    found = duties(user)
    items = [item for duty in found for item in duty.items]
    return [HomeCard("duties/card.html", 12, 5, {"duties": found, "items": items})]
