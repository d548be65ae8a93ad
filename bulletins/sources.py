"""Figures that other apps add to a bulletin: any installed app may say something about a month."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.utils import translation

from bulletins.rules import Month


@dataclass(frozen=True)
class Figure:
    """One row: a stable ``key`` (``desk.extensions``), its title in the document's words, a whole number or a text as printed.

    ``parts``, where given, must add to ``value``: the bulletin cannot be signed otherwise.
    """

    key: str
    title: str
    value: int | str
    unit: str = ""
    parts: Sequence[int] = ()


def figures(month: Month) -> list[dict]:
    """What ``AppConfig.bulletin_figures(month: str)`` of the installed apps gives, ground floor first.

    An app returns mappings with the fields of :class:`Figure`, so that it need not know this app.
    """
    with translation.override("zh-hans"):  # the document's language, whoever composes it
        made = [
            Figure(**row)
            for config in apps.get_app_configs()
            if hasattr(config, "bulletin_figures")
            for row in config.bulletin_figures(str(month))
        ]
    return [
        {"key": row.key, "title": str(row.title), "value": row.value, "unit": str(row.unit), "parts": list(row.parts)}
        for row in made
    ]
