"""The dispatch catalogue as registers: whoever sees cases reads it, the city keeps it."""

from casedesk.models import CatalogueItem, CatalogueVersion
from portal.registers import Register
from portal.roles import Permission


class CatalogueVersions(Register):
    slug = "dispatch-catalogues"
    model = CatalogueVersion
    view, keep = Permission.VIEW_CASES, Permission.KEEP_CATALOGUE
    icon = "book"
    key = ("document",)
    fields = ("document", "effective_from", "note")
    columns = ("document", "effective_from", "note")
    search = ("document", "note")
    order = ("-effective_from",)
    sample = {"document": "样例〔2021〕2号", "effective_from": "2021-01-01"}


class CatalogueItems(Register):
    slug = "catalogue-items"
    model = CatalogueItem
    view, keep = Permission.VIEW_CASES, Permission.KEEP_CATALOGUE
    icon = "list-check"
    key = ("version", "category")
    fields = (
        "version", "position", "category", "name_en", "party_kind", "agency", "accept_limit", "accept_unit", "handle_limit",
        "handle_unit", "emergency_accept_hours", "emergency_handle_hours", "is_public", "is_automatic",
    )  # fmt: skip
    columns = ("version", "category", "party_kind", "agency", "accept_limit", "handle_limit", "is_automatic")
    facets = ("party_kind", "is_public", "is_automatic")
    search = ("category", "name_en")
    order = ("version", "position", "category")
    sample = {
        "version": "样例〔2021〕2号", "category": "fire_safety", "party_kind": "enterprise", "accept_limit": "24",
        "accept_unit": "hours", "handle_limit": "5", "handle_unit": "workdays",
    }  # fmt: skip


REGISTERS = [CatalogueVersions, CatalogueItems]
