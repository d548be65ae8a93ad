"""Registers of what is counted for the whole city: everybody who sees neighbourhoods reads them, the city keeps them."""

from evaluations.models import EvaluationRound, SatisfactionIndex, ServiceCampaign
from portal.registers import Register
from portal.roles import Permission


class EvaluationsRegister(Register):
    """What all registers of this app have in common."""

    view, keep = Permission.VIEW_ESTATES, Permission.KEEP_ESTATES


class SatisfactionIndices(EvaluationsRegister):
    slug = "satisfaction-indices"
    model = SatisfactionIndex
    icon = "mood-smile"
    key = ("year",)
    fields = ("year", "value", "method_version", "note")
    columns = ("year", "value", "method_version", "note")
    search = ("note",)
    order = ("-year",)
    sample = {"year": "2020", "value": "82.8", "method_version": "2017"}


class EvaluationRounds(EvaluationsRegister):
    slug = "evaluation-rounds"
    model = EvaluationRound
    icon = "award"
    key = ("year",)
    fields = ("year", "title", "published_on")
    columns = ("year", "title", "published_on")
    search = ("title",)
    order = ("-year",)


class ServiceCampaigns(EvaluationsRegister):
    slug = "service-campaigns"
    model = ServiceCampaign
    icon = "speakerphone"
    key = ("month",)
    fields = ("month", "theme", "partners", "status")
    columns = ("month", "theme", "partners", "status")
    facets = ("status",)
    search = ("theme", "partners")
    order = ("-month",)
    sample = {"month": "2018-09-01", "theme": "垃圾分类", "partners": "城管部门、消防部门"}


REGISTERS = [SatisfactionIndices, EvaluationRounds, ServiceCampaigns]
