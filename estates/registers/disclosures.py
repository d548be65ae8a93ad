"""Registers of the disclosures: categories, what was posted, objections, and periodic reports."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estates import calendar
from estates.models import DisclosureCategory, DisclosureItem, DisclosureObjection, PeriodicReport
from estates.reasons import late
from estates.registers.estates import BY_ESTATE, EstatesRegister
from portal.registers import ComputedFacet

ANSWERED = ComputedFacet.yes_no(
    "answered",
    gettext_lazy("answered"),
    lambda: Q(answered_on__isnull=False),
    yes=gettext_lazy("Yes"),
    no=gettext_lazy("No"),
)


class DisclosureCategories(EstatesRegister):
    slug = "disclosure-categories"
    model = DisclosureCategory
    icon = "category"
    key = ("code",)
    fields = ("code", "name", "cadence", "counted_from", "due_days")
    columns = ("name", "code", "cadence", "counted_from", "due_days")
    facets = ("cadence",)
    search = ("code", "name")
    order = ("code",)
    sample = {
        "code": "COMMON_REVENUE", "name": "公共收益收支", "cadence": "quarterly", "counted_from": "end", "due_days": "30",
    }  # fmt: skip


class Disclosures(EstatesRegister):
    slug = "disclosures"
    model = DisclosureItem
    icon = "speakerphone"
    key = ("estate", "category", "period")
    fields = ("estate", "category", "period", "content", "posted_on", "evidence", "expires_on")
    columns = ("estate", "category", "period", "posted_on")
    search = (*BY_ESTATE, "category__name", "period", "content")
    order = ("-posted_on", "estate", "category")
    sample = {"category": "COMMON_REVENUE", "period": "2021Q3", "posted_on": "2021-10-12"}

    def warnings(self, row):
        found = late(row.days_late)
        if row.expires_on and (row.expires_on - row.posted_on).days < calendar.POSTED_AT_LEAST_DAYS:
            text = _("It stays up for fewer than %(days)d days.")
            found.append(text % {"days": calendar.POSTED_AT_LEAST_DAYS})
        return found


class DisclosureObjections(EstatesRegister):
    slug = "disclosure-objections"
    model = DisclosureObjection
    icon = "message-report"
    key = ("number",)
    fields = ("number", "estate", "category", "period", "raised_on", "text", "due_on", "answer", "answered_on")
    fixed = ("due_on",)
    columns = ("number", "estate", "category", "period", "raised_on", "due_on", "answered_on")
    computed_facets = (ANSWERED,)
    search = ("number", *BY_ESTATE, "category__name", "period", "text")
    order = ("-raised_on", "number")

    def warnings(self, row):
        return late(row.days_late(timezone.localdate()))


class PeriodicReports(EstatesRegister):
    slug = "periodic-reports"
    model = PeriodicReport
    icon = "report"
    key = ("estate", "enterprise", "period")
    fields = ("estate", "enterprise", "period", "submitted_on", "summary")
    columns = ("estate", "enterprise", "period", "submitted_on")
    search = (*BY_ESTATE, "enterprise__name", "enterprise__initials", "period")
    order = ("-period", "estate")
