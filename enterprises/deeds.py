"""Deeds on enterprises and their honours, as their registers offer them; the writing is :mod:`enterprises.actions`'s."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises import actions
from enterprises.models import Enterprise
from enterprises.rules import DIMENSIONS
from portal.registers.deeds import Deed
from portal.roles import Permission


class GrantAward(Deed):
    verb = "grant-award"
    title = gettext_lazy("Grant an award")
    icon = "award"
    permission = Permission.KEEP_ENTERPRISES
    source = "award-grants"
    fields = ("round", "project_name", "granted_on", *DIMENSIONS)
    required = ("round", "granted_on")

    def obstacle(self, row):
        return _("The enterprise is deregistered.") if row.status == Enterprise.Status.DEREGISTERED else ""

    def initial(self, row):
        return {"granted_on": timezone.localdate()}

    def notes(self, row):
        return [_("The five dimensions belong to five-star enterprises only; leave them empty otherwise.")]

    def consequences(self, row, values):
        return [_("A grant is never removed; it can be revoked with a reason.")]

    def perform(self, row, values, *, by):
        rated = {name: values[name] for name in DIMENSIONS if values[name] is not None}
        grant = actions.grant_award(
            values["round"], row, by=by, granted_on=values["granted_on"], project_name=values["project_name"],
            dimensions=rated,
        )  # fmt: skip
        return _("Granted: %(what)s.") % {"what": grant}


class RevokeAward(Deed):
    verb = "revoke"
    title = gettext_lazy("Revoke")
    icon = "award-off"
    permission = Permission.KEEP_ENTERPRISES
    fields = required = ("revoked_on", "revoke_reason")
    is_harmful = True

    def obstacle(self, row):
        return _("This award was revoked already.") if row.revoked_on else ""

    def initial(self, row):
        return {"revoked_on": timezone.localdate()}

    def consequences(self, row, values):
        return [_("The enterprise no longer holds this award; grant and reason stay in the record.")]

    def perform(self, row, values, *, by):
        actions.revoke_award(row, by=by, reason=values["revoke_reason"], revoked_on=values["revoked_on"])
        return _("Revoked: %(what)s.") % {"what": row}


ENTERPRISE_DEEDS = (GrantAward(),)
GRANT_DEEDS = (RevokeAward(),)
