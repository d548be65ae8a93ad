"""Registers of the service grade standard, which the city keeps."""

from estates.models import ServiceGrade, ServiceStandard, StandardItem
from estates.registers.estates import EstatesRegister


class ServiceStandards(EstatesRegister):
    slug = "service-standards"
    model = ServiceStandard
    icon = "book-2"
    key = ("code",)
    fields = ("code", "title", "version", "effective_on", "repealed_on")
    columns = ("code", "title", "version", "effective_on", "repealed_on")
    search = ("code", "title", "version")
    order = ("-effective_on", "code")


class ServiceGrades(EstatesRegister):
    slug = "service-grades"
    model = ServiceGrade
    icon = "stars"
    key = ("code",)
    fields = ("code", "standard", "applies_to", "level", "name")
    columns = ("code", "name", "standard", "applies_to", "level")
    facets = ("applies_to",)
    search = ("code", "name", "standard__title")
    order = ("standard", "applies_to", "level")


class StandardItems(EstatesRegister):
    slug = "standard-items"
    model = StandardItem
    icon = "list-check"
    key = ("grade", "number")
    fields = ("grade", "number", "section", "text", "measure", "threshold")
    columns = ("grade", "number", "section", "text", "threshold")
    search = ("number", "section", "text")
    order = ("grade", "number")
