"""Registers of public money: funding, renovation, and emergency repair."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estates.models import EmergencyRepairPlatform, FundingRecord, RenovationItem, RepairOrder
from estates.registers.estates import BY_ESTATE, EstatesRegister
from portal.registers import Computed


class Fundings(EstatesRegister):
    slug = "fundings"
    model = FundingRecord
    icon = "coins"
    key = ("code",)
    fields = (
        "code", "year", "kind", "district", "platform", "planned_yuan", "allocated_yuan", "spent_yuan", "source_level",
        "document_no",
    )  # fmt: skip
    columns = ("code", "year", "kind", "district", "planned_yuan", "allocated_yuan", "spent_yuan")
    facets = ("year", "kind", "source_level")
    search = ("code", "document_no", "district__name", "platform__name")
    order = ("-year", "kind", "code")
    sample = {
        "code": "ZJ-2021-001", "year": "2021", "kind": "environment", "allocated_yuan": "1250000.00",
        "source_level": "city",
    }  # fmt: skip

    def warnings(self, row):
        overspent = (
            row.spent_yuan is not None and row.allocated_yuan is not None and row.spent_yuan > row.allocated_yuan
        )
        return [_("More was spent than was allocated.")] if overspent else []


class Renovations(EstatesRegister):
    slug = "renovations"
    model = RenovationItem
    icon = "crane"
    key = ("funding", "estate")
    fields = ("funding", "estate", "works", "cost_yuan", "completed_on")
    columns = ("estate", "funding", "works", "cost_yuan", "completed_on")
    search = (*BY_ESTATE, "funding__code", "works")
    order = ("-funding__year", "estate", "pk")


class RepairPlatforms(EstatesRegister):
    slug = "repair-platforms"
    model = EmergencyRepairPlatform
    icon = "tool"
    key = ("code",)
    fields = ("code", "name", "district", "hotline", "staff_count", "valid")
    columns = ("name", "code", "district", "hotline", "staff_count", "valid")
    search = ("code", "district__name")
    order = ("pinyin", "code")


class RepairOrders(EstatesRegister):
    slug = "repair-orders"
    model = RepairOrder
    icon = "urgent"
    key = ("number",)
    fields = (
        "number", "platform", "estate", "kind", "reported_at", "responded_at", "arrived_at", "finished_at", "cost_yuan",
        "fund_source",
    )  # fmt: skip
    columns = ("number", "estate", "platform", "kind", "reported_at", "response_minutes", "finished_at")
    facets = ("kind", "fund_source")
    computed = (
        Computed(
            "response_minutes",
            gettext_lazy("response (minutes)"),
            lambda row: _whole(row.response_minutes),
            numeric=True,
        ),
    )
    search = ("number", *BY_ESTATE, "platform__name")
    order = ("-reported_at", "number")

    def warnings(self, row):
        found = []
        if row.response_minutes is not None and row.response_minutes > row.RESPOND_MINUTES:
            text = _("Answered after %(took)d minutes; %(limit)d are the target.")
            found.append(text % {"took": row.response_minutes, "limit": row.RESPOND_MINUTES})
        if row.arrival_minutes is not None and row.arrival_minutes > row.ARRIVE_MINUTES:
            text = _("Arrived after %(took)d minutes; %(limit)d are the target.")
            found.append(text % {"took": row.arrival_minutes, "limit": row.ARRIVE_MINUTES})
        return found


def _whole(minutes: int | None) -> str:
    return "" if minutes is None else str(minutes)
