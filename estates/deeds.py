"""Deeds on neighbourhoods and on filings, as their registers offer them; the writing is :mod:`estates.actions`'s."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estates import actions, rules
from estates.models import Estate, Filing, ModeAssignment, ServiceAssignment, Stage, StageChange
from estates.reasons import filing_obstacles, filing_warnings, handover_warnings
from portal.dated import ONE_DAY
from portal.registers.deeds import Deed
from portal.roles import Permission
from portal.templatetags.portal import place

Status = Filing.Status


class EstateDeed(Deed):
    permission = Permission.KEEP_ESTATES


class HandOverEstate(EstateDeed):
    verb = "hand-over"
    title = gettext_lazy("Hand over")
    icon = "transfer"
    source = "hand-overs"
    fields = ("to_enterprise", "handed_over_on", "documents", "note")
    required = ("to_enterprise", "handed_over_on")

    def initial(self, row):
        return {"handed_over_on": timezone.localdate()}

    def notes(self, row):
        serving = _serving(row)
        if serving is None:
            return [_("Nobody serves this neighbourhood now.")]
        return [_("Now served by: %(name)s") % {"name": place(serving.enterprise.name)}]

    def consequences(self, row, values):
        day, newcomer, serving = values["handed_over_on"], values["to_enterprise"], _serving(row)
        found = [_("%(name)s serves from %(day)s on.") % {"name": place(newcomer.name), "day": day}]
        if serving is not None:
            text = _("The last day of %(name)s and of its project manager here is %(day)s.")
            found.append(text % {"name": place(serving.enterprise.name), "day": day - ONE_DAY})
        return found + handover_warnings(row.pk, newcomer.pk, day)

    def perform(self, row, values, *, by):
        made = actions.hand_over(
            row, values["to_enterprise"], on=values["handed_over_on"], by=by,
            documents=values["documents"], note=values["note"],
        )  # fmt: skip
        return _("Handed over to %(name)s as of %(day)s.") % {
            "name": place(made.to_enterprise.name),
            "day": made.handed_over_on,
        }


def _serving(estate: Estate) -> ServiceAssignment | None:
    return ServiceAssignment.objects.current().filter(estate=estate).select_related("enterprise").first()


class OldOnly(EstateDeed):
    """Modes and stages belong to old neighbourhoods."""

    def applies(self, row):
        return row.kind == Estate.Kind.OLD


class ChangeMode(OldOnly):
    verb = "change-mode"
    title = gettext_lazy("Change the service mode")
    icon = "route"
    source = "mode-assignments"
    fields = (
        "mode", "enterprise", "partner_community", "responsible_person", "maintenance_contract", "valid_from",
        "decided_by", "evidence",
    )  # fmt: skip
    required = ("mode", "valid_from")
    labels = {"valid_from": gettext_lazy("first day in this mode")}

    def initial(self, row):
        return {"valid_from": timezone.localdate()}

    def notes(self, row):
        current = _mode(row)
        if current is None:
            return [_("No mode is recorded yet.")]
        return [_("Now: %(mode)s") % {"mode": current.get_mode_display()}]

    def consequences(self, row, values):
        current, day = _mode(row), values["valid_from"]
        if current is None:
            return []
        text = _("The present mode (%(mode)s) ends on %(day)s.")
        return [text % {"mode": current.get_mode_display(), "day": day - ONE_DAY}]

    def perform(self, row, values, *, by):
        facts = {name: values[name] for name in self.fields if name not in ("mode", "valid_from")}
        made = actions.change_mode(row, values["mode"], on=values["valid_from"], by=by, **facts)
        return _("%(mode)s as of %(day)s.") % {"mode": made.get_mode_display(), "day": values["valid_from"]}


def _mode(estate: Estate) -> ModeAssignment | None:
    return ModeAssignment.objects.current().filter(estate=estate).first()


class ChangeStage(OldOnly):
    verb = "change-stage"
    title = gettext_lazy("Change the stage")
    icon = "stairs-up"
    source = "stage-changes"
    fields = ("stage", "changed_on", "reason")
    required = ("stage", "changed_on")

    def initial(self, row):
        return {"changed_on": timezone.localdate()}

    def notes(self, row):
        return [_("Now: %(stage)s") % {"stage": _stage(row).label}]

    def consequences(self, row, values):
        before, after = _stage(row), Stage(values["stage"])
        found = [_("From “%(before)s” to “%(after)s”.") % {"before": before.label, "after": after.label}]
        if rules.goes_down(before, after):
            found.append(_("The neighbourhood loses ground: the reason stays in the record."))
        return found

    def perform(self, row, values, *, by):
        made = actions.change_stage(row, values["stage"], on=values["changed_on"], by=by, reason=values["reason"])
        return _("%(stage)s as of %(day)s.") % {"stage": made.get_stage_display(), "day": made.changed_on}


def _stage(estate: Estate) -> Stage:
    last = StageChange.objects.filter(estate=estate).order_by("-changed_on").first()
    return Stage(last.stage) if last is not None else Stage.NONE


# --- filings ----------------------------------------------------------------------------------------------------------


class SubmitFiling(EstateDeed):
    verb = "submit"
    title = gettext_lazy("Submit")
    icon = "send"
    fields = required = ("submitted_on",)
    labels = {"submitted_on": gettext_lazy("came in on")}

    def obstacle(self, row):
        if row.status in (Status.DRAFT, Status.CORRECTION_REQUESTED):
            return ""
        return _wrong_state(row)

    def initial(self, row):
        return {"submitted_on": row.submitted_on or timezone.localdate()}

    def notes(self, row):
        return [
            _("In time until %(day)s.") % {"day": row.due_on},
            *filing_warnings(row, timezone.localdate()),
        ]

    def consequences(self, row, values):
        text = _("The district office decides it; it cannot be edited back into a draft.")
        return [text, *filing_obstacles(row)]

    def perform(self, row, values, *, by):
        actions.submit_filing(row, submitted_on=values["submitted_on"], by=by)
        return _("Submitted: %(what)s.") % {"what": row}


class FilingDecision(Deed):
    permission = Permission.DECIDE_FILINGS

    def obstacle(self, row):
        return "" if row.status == Status.SUBMITTED else _wrong_state(row)

    def notes(self, row):
        return filing_warnings(row, timezone.localdate())

    def initial(self, row):
        return {"decided_on": timezone.localdate()}


class RequestCorrection(FilingDecision):
    verb = "request-correction"
    title = gettext_lazy("Request a correction")
    icon = "arrow-back-up"
    fields = required = ("reason",)
    labels = {"reason": gettext_lazy("what to correct (the applicant reads it)")}

    def consequences(self, row, values):
        return [_("It goes back to the applicant, who submits it again; the day on which it first came in stays.")]

    def perform(self, row, values, *, by):
        actions.request_correction(row, reason=values["reason"], by=by)
        return _("Sent back for correction: %(what)s.") % {"what": row}


class AcceptFiling(FilingDecision):
    verb = "accept"
    title = gettext_lazy("Accept")
    icon = "circle-check"
    fields = required = ("number", "decided_on")

    def obstacle(self, row):
        return super().obstacle(row) or " ".join(filing_obstacles(row))

    def initial(self, row):
        return super().initial(row) | {"number": row.number}

    def consequences(self, row, values):
        found = [_("It is on file under the number %(number)s.") % {"number": values["number"]}]
        if row.supersedes_id:
            found.append(_("%(number)s is superseded in the same moment.") % {"number": row.supersedes})
        return found

    def perform(self, row, values, *, by):
        actions.accept_filing(row, decided_on=values["decided_on"], number=values["number"], by=by)
        return _("Accepted: %(what)s.") % {"what": row}


class RejectFiling(FilingDecision):
    verb = "reject"
    title = gettext_lazy("Reject")
    icon = "circle-x"
    fields = required = ("reason", "decided_on")
    labels = {"reason": gettext_lazy("reason (the applicant reads it)")}
    is_harmful = True

    def consequences(self, row, values):
        return [_("This filing is closed for good; a new one must be filed.")]

    def perform(self, row, values, *, by):
        actions.reject_filing(row, decided_on=values["decided_on"], reason=values["reason"], by=by)
        return _("Rejected: %(what)s.") % {"what": row}


def _wrong_state(filing: Filing) -> str:
    text = _("This is not possible from the present state: %(state)s.")
    return text % {"state": filing.get_status_display()}


ESTATE_DEEDS = (HandOverEstate(), ChangeMode(), ChangeStage())
FILING_DEEDS = (SubmitFiling(), RequestCorrection(), AcceptFiling(), RejectFiling())
