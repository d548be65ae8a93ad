"""Deeds of Party building, as its registers offer them; the writing is :mod:`partybuilding.actions`'s."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partybuilding import actions
from portal.dated import ONE_DAY, last_day
from portal.registers.deeds import Deed
from portal.roles import Permission


class PartyDeed(Deed):
    permission = Permission.KEEP_PARTY


class Appoint(PartyDeed):
    verb = "appoint"
    title = gettext_lazy("Appoint across")
    icon = "arrows-exchange"
    source = "cross-appointments"
    fields = (
        "code", "direction", "post", "enterprise", "committee_kind", "region", "estate", "valid_from", "valid_to",
        "unpaid", "document_no",
    )  # fmt: skip
    required = ("code", "direction", "post", "enterprise", "committee_kind", "region", "valid_from")
    labels = {
        "valid_from": gettext_lazy("first day in office"),
        "valid_to": gettext_lazy("last day in office (empty: until it is ended)"),
    }

    def initial(self, row):
        return {"valid_from": timezone.localdate(), "unpaid": True, "region": row.region.code}

    def perform(self, row, values, *, by):
        facts = {name: value for name, value in values.items() if name not in ("valid_from", "valid_to")}
        made = actions.appoint(
            first_day=values["valid_from"], last_day=values["valid_to"], by=by, person=row, **facts
        )  # fmt: skip
        return _("Appointed: %(what)s.") % {"what": made}


class EndAppointment(PartyDeed):
    verb = "end"
    title = gettext_lazy("End the appointment")
    icon = "calendar-off"
    fields = required = ("valid_to",)
    labels = {"valid_to": gettext_lazy("last day in office")}
    asks_reason = True

    def obstacle(self, row):
        if row.valid.upper is None:
            return ""
        return _("This appointment has a last day already: %(day)s.") % {"day": last_day(row.valid)}

    def initial(self, row):
        return {"valid_to": timezone.localdate()}

    def perform(self, row, values, *, by):
        actions.end_appointment(row, last_day=values["valid_to"], reason=values["reason"], by=by)
        return _("Ended as of %(day)s: %(what)s.") % {"day": values["valid_to"], "what": row}


class ChangeCoverage(PartyDeed):
    verb = "change"
    title = gettext_lazy("Change the way of coverage")
    icon = "replace"
    fields = ("way", "organisation", "instructor", "valid_from")
    required = ("way", "valid_from")
    labels = {"valid_from": gettext_lazy("first day in the new way")}
    asks_reason = True

    def obstacle(self, row):
        return "" if row.valid.upper is None else _("This coverage has ended; change the present one.")

    def initial(self, row):
        return {"valid_from": timezone.localdate()}

    def consequences(self, row, values):
        text = _("The present way (%(way)s) ends on %(day)s.")
        return [text % {"way": row.get_way_display(), "day": values["valid_from"] - ONE_DAY}]

    def perform(self, row, values, *, by):
        facts = {name: values[name] for name in ("way", "organisation", "instructor", "reason")}
        made = actions.change_coverage(row.enterprise, first_day=values["valid_from"], by=by, **facts)
        return _("Covered in another way: %(what)s.") % {"what": made}


PERSON_DEEDS = (Appoint(),)
APPOINTMENT_DEEDS = (EndAppointment(),)
COVERAGE_DEEDS = (ChangeCoverage(),)
