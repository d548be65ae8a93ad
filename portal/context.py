"""What the frame of every page shows: the city's name, the menu of this person, the language."""

from django.apps import apps
from django.utils.functional import SimpleLazyObject

from portal.models import CityProfile


def frame(request):
    return {
        "city": SimpleLazyObject(city),
        "menu": SimpleLazyObject(lambda: menu(request.user)),
    }


def city() -> CityProfile | None:
    return CityProfile.objects.select_related("region").first()


def menu(user) -> list:
    """The entries that the installed apps offer this person, grouped as they name them."""
    entries = [entry for config in apps.get_app_configs() for entry in getattr(config, "menu", ())]
    return [entry for entry in entries if user.has_perm(entry.permission)]
