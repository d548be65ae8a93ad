"""Registers of old neighbourhoods: the register itself, modes, stages and fee policies."""

from django.utils.translation import gettext as _

from estates.models import MODE_ALIASES, FeePolicy, ModeAssignment, OldNeighbourhood, StageChange
from estates.registers.estates import BY_ESTATE, EstatesRegister


class OldNeighbourhoods(EstatesRegister):
    slug = "old-neighbourhoods"
    model = OldNeighbourhood
    icon = "building-cottage"
    key = ("estate",)
    fields = ("estate", "origin", "registered")
    columns = ("estate", "origin", "registered")
    facets = ("origin",)
    search = BY_ESTATE
    order = ("estate",)
    aliases = {
        "origin": {"老旧小区": "old_estate", "零星住宅片": "scattered_patch", "物业弃管小区": "abandoned"},
    }


class ModeAssignments(EstatesRegister):
    slug = "mode-assignments"
    model = ModeAssignment
    icon = "route"
    key = ("estate", "valid")
    fields = (
        "estate", "mode", "enterprise", "partner_community", "responsible_person", "maintenance_contract", "valid",
        "decided_by", "evidence",
    )  # fmt: skip
    columns = ("estate", "mode", "enterprise", "valid")
    facets = ("mode",)
    search = (*BY_ESTATE, "enterprise__name", "enterprise__initials")
    order = ("estate", "-valid")
    aliases = {"mode": MODE_ALIASES}


class StageChanges(EstatesRegister):
    slug = "stage-changes"
    model = StageChange
    icon = "stairs-up"
    key = ("estate", "changed_on")
    fields = ("estate", "from_stage", "stage", "changed_on", "reason")
    columns = ("estate", "from_stage", "stage", "changed_on")
    facets = ("stage",)
    search = BY_ESTATE
    order = ("-changed_on", "estate")

    def warnings(self, row):
        before = StageChange.objects.filter(estate=row.estate_id, changed_on__lt=row.changed_on)
        earlier = before.order_by("-changed_on").first()
        if earlier is None or earlier.stage == row.from_stage:
            return []
        text = _("The change before this one led to “%(stage)s”; correct one of the two.")
        return [text % {"stage": earlier.get_stage_display()}]


class FeePolicies(EstatesRegister):
    slug = "fee-policies"
    model = FeePolicy
    icon = "coin-yuan"
    key = ("estate", "valid")
    fields = ("estate", "kind", "yuan_m2_month", "subsidy_yuan_year", "valid")
    columns = ("estate", "kind", "yuan_m2_month", "subsidy_yuan_year", "valid")
    facets = ("kind",)
    search = BY_ESTATE
    order = ("estate", "-valid")
    aliases = {"kind": {"低价有偿": "low_paid"}}
