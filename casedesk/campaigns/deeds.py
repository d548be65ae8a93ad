"""What may be done with an issue of the service march beyond editing it."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casedesk.actions import campaigns
from portal.registers.deeds import Deed
from portal.roles import Permission


class MakeCase(Deed):
    verb = "make-case"
    title = gettext_lazy("Make it a case")
    icon = "message-report"
    permission = Permission.ENTER_CASES
    fields = required = ("category",)

    def obstacle(self, row):
        return campaigns.obstacle_to_case(row)

    def initial(self, row):
        return {"category": row.category}

    def notes(self, row):
        return [row.text]

    def consequences(self, row, values):
        return [_("A case is opened today, with the due times of the dispatch catalogue, and waits for dispatch.")]

    def perform(self, row, values, *, by):
        file = campaigns.make_case(row, category=values["category"], by=by, now=timezone.now())
        return _("Case %(number)s was opened.") % {"number": file.case.case_no}
