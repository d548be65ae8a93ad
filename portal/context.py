"""What the frame of every page shows: the city's name, the menu of this person, the language."""

import time

from django.apps import apps
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.functional import SimpleLazyObject

from portal.models import CityProfile, Region
from portal.notices.views import unread_count

MINUTE = 60
"""Seconds for which a process may show the city by a name that another process has changed since."""


def frame(request):
    return {
        "city": SimpleLazyObject(city),
        "menu": SimpleLazyObject(lambda: menu(request.user)),
        "unread_notices": SimpleLazyObject(lambda: unread_count(request.user)),
    }


_remembered: tuple[float, CityProfile | None] | None = None


def city() -> CityProfile | None:
    """The profile with its region, read once a minute: every page names the city, and it changes once in years."""
    global _remembered
    known = _remembered
    if known is None or time.monotonic() - known[0] > MINUTE:
        profile = CityProfile.objects.select_related("region").defer("region__boundary").first()
        _remembered = known = (time.monotonic(), profile)
    return known[1]


def forget_city() -> None:
    """Read it again for the next page."""
    global _remembered
    _remembered = None


@receiver([post_save, post_delete], sender=CityProfile)
@receiver([post_save, post_delete], sender=Region)
def _city_may_have_changed(instance: CityProfile | Region, **_rest) -> None:
    """Forget now, and once more when it counts: in between another thread may have read what was."""
    if isinstance(instance, CityProfile) or instance.level == Region.Level.CITY:
        forget_city()
        transaction.on_commit(forget_city)


def menu(user) -> list:
    """The entries that the installed apps offer this person, grouped as they name them, what stands last at the end."""
    entries = [entry for config in apps.get_app_configs() for entry in getattr(config, "menu", ())]
    entries.sort(key=lambda entry: entry.is_last)
    return [entry for entry in entries if user.has_perm(entry.permission)]
