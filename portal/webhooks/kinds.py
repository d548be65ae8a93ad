"""What can be told to other systems: the kinds of events that the installed apps declare."""

from django.apps import apps
from django.utils.functional import Promise


def event_kinds() -> dict[str, str | Promise]:
    """Kind → title, ground floor first (``AppConfig.event_kinds``)."""
    return {
        kind: title for config in apps.get_app_configs() for kind, title in getattr(config, "event_kinds", {}).items()
    }
