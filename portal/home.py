"""What the installed apps put on a person's home page: figures of their registers, and cards. Only the person's own scope."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.utils.functional import Promise


@dataclass(frozen=True)
class HomeFigure:
    """A headline number; ``url`` lists the very rows it counts. ``notes`` are ``(text, url)`` beneath it, the url may be empty."""

    title: str | Promise
    value: int
    url: str
    notes: Sequence[tuple[str | Promise, str]] = ()


@dataclass(frozen=True)
class HomeCard:
    """A card: a template that sees ``context`` as its own, ``width`` of twelve columns on a wide screen, and its place."""

    template: str
    width: int
    order: int
    context: dict[str, Any] = field(default_factory=dict)


def figures(user) -> list[HomeFigure]:
    """Figures of all installed apps, ground floor first (``AppConfig.home_figures``)."""
    return [figure for config in apps.get_app_configs() for figure in _ask(config, "home_figures", user)]


def cards(user) -> list[HomeCard]:
    """Cards of all installed apps in the order that they ask for (``AppConfig.home_cards``)."""
    found = [card for config in apps.get_app_configs() for card in _ask(config, "home_cards", user)]
    return sorted(found, key=lambda card: card.order)


def _ask(config, hook: str, user) -> list:
    return getattr(config, hook)(user) if hasattr(config, hook) else []
