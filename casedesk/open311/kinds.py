"""Kinds of matters as services: those of the catalogue in force that are offered to residents."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from casedesk import limits
from casedesk.models import CatalogueItem
from casedesk.open311.answers import Refused
from casedesk.reporting.wording import HINTS, OTHER, name_of
from evaluations.templatetags.appraisal import category as category_name
from portal.rules import CHINA

ESTATE = "estate"
"""The attribute that names the neighbourhood by its code."""


def offered() -> list[CatalogueItem]:
    """Items that residents may choose."""
    return [item for item in limits.items_in_force(timezone.now().astimezone(CHINA).date()) if item.is_public]


def find(code: str) -> CatalogueItem | None:
    """The offered item with ``code``; ``None`` is the service "something else", which no catalogue needs to name.

    Raises:
        Refused: there is no such service (404).
    """
    item = next((item for item in offered() if item.category == code), None)
    if item is None and code != OTHER:
        raise Refused(404, _("There is no service “%(code)s”; GET services names them.") % {"code": code[:60]})
    return item


def services() -> list[dict[str, Any]]:
    """The service list."""
    items = offered()
    rows = [_service(item) for item in items]
    if OTHER not in {item.category for item in items}:
        rows.append(
            {
                "service_code": OTHER,
                "service_name": str(category_name(OTHER)),
                "description": _("Somebody looks at it and finds who answers for it."),
                "metadata": True,
                "type": "realtime",
                "keywords": OTHER,
                "group": _("other"),
            }
        )
    return rows


def _service(item: CatalogueItem) -> dict[str, Any]:
    words = dict.fromkeys([item.category, item.name_en, str(category_name(item.category))])
    words |= dict.fromkeys(HINTS.get(item.category, "").split())
    return {
        "service_code": item.category,
        "service_name": name_of(item),
        "description": _("Goes to: %(party)s.") % {"party": item.agency or item.get_party_kind_display()},
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join(filter(None, words)),
        "group": str(item.get_party_kind_display()),
    }


def definition(code: str) -> dict[str, Any]:
    """The service definition: one attribute, which is not required where the place says enough."""
    find(code)
    return {
        "service_code": code,
        "attributes": [
            {
                "variable": True,
                "code": ESTATE,
                "datatype": "string",
                "required": False,
                "datatype_description": _("The code of the neighbourhood, as on its QR code, or its exact name."),
                "order": 1,
                "description": _("Neighbourhood; needed where address or position do not lead to one."),
                "values": [],
            }
        ],
    }
