"""The dispatch catalogue, which the city keeps, and the service march, kept by whoever takes matters in; read by who sees cases."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casedesk.campaigns.deeds import MakeCase
from casedesk.models import CampaignIssue, CampaignVisit, CatalogueItem, CatalogueVersion, ReplyTemplate
from evaluations.templatetags.appraisal import category
from portal.registers import Computed, Register
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


class ReplyTemplates(Register):
    slug = "reply-templates"
    model = ReplyTemplate
    view, keep = Permission.VIEW_CASES, Permission.KEEP_CATALOGUE
    icon = "template"
    key = ("code",)
    fields = ("code", "result", "category", "title", "text")
    columns = ("code", "title", "result", "category", "text")
    facets = ("result",)
    search = ("code", "title", "text")
    order = ("result", "code")
    sample = {"code": "MB-01", "result": "solved", "title": "已维修", "text": "已于……完成维修，并现场检查无异常。"}


class CampaignVisits(Register):
    slug = "campaign-visits"
    model = CampaignVisit
    view, keep = Permission.VIEW_CASES, Permission.ENTER_CASES
    icon = "walk"
    key = ("code",)
    fields = ("code", "estate", "held_on", "partners", "participants", "note")
    columns = ("code", "held_on", "theme", "estate", "partners", "participants")
    computed = (Computed("theme", gettext_lazy("theme"), lambda row: row.campaign.theme, ("campaign__theme",)),)
    search = ("code", "estate__name", "campaign__theme", "partners", "note")
    order = ("-held_on", "code")
    sample = {"code": "FWH-2018-09-01", "held_on": "2018-09-15", "partners": "城管部门、消防部门", "participants": "24"}

    def prepare(self, rows):
        return rows.select_related("campaign")


class CampaignIssues(Register):
    slug = "campaign-issues"
    model = CampaignIssue
    view, keep = Permission.VIEW_CASES, Permission.ENTER_CASES
    icon = "list-details"
    key = ("code",)
    fields = ("code", "visit", "category", "text", "responsible", "due_on", "result", "settled_on")
    columns = ("code", "visit", "kind_of_matter", "responsible", "due_on", "result", "settled_on")
    facets = ("result",)
    computed = (
        Computed("kind_of_matter", gettext_lazy("category"), lambda row: str(category(row.category)), ("category",)),
    )
    search = ("code", "category", "text", "responsible", "visit__estate__name")
    order = ("-visit__held_on", "code")
    deeds = (MakeCase(),)
    sample = {
        "code": "FWH-2018-09-01-1", "visit": "FWH-2018-09-01", "category": "fire_safety", "text": "楼道堆放杂物",
        "responsible": "消防部门", "due_on": "2018-09-30", "result": "open",
    }  # fmt: skip

    def with_references(self, rows):
        return super().with_references(rows).select_related("visit__estate")

    def obstacle_to_change(self, row):
        if row.case_id is None:
            return ""
        return _("It has become case %(number)s, which is worked on at the desk.") % {"number": row.case}


REGISTERS = [CatalogueVersions, CatalogueItems, ReplyTemplates, CampaignVisits, CampaignIssues]
