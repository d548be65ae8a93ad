"""Registers of owners' committees: terms, members, meetings, and the cases in which they are formed."""

from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from estates import calendar
from estates import committee_rules as rules
from estates.models import CommitteeMeeting, CommitteeMember, FormationCase, FormationStep, OwnersCommittee
from estates.reasons import late
from estates.registers.estates import BY_ESTATE, EstatesRegister
from portal.registers import Computed, ComputedFacet
from portal.roles import Permission

_COMMITTEE = ("committee__code", "committee__estate__name", "committee__estate__initials")

TERM = ComputedFacet(
    "term", gettext_lazy("term"),
    lambda: Case(
        When(valid__contains=timezone.localdate(), then=Value("running")),
        When(valid__startswith__gt=timezone.localdate(), then=Value("ahead")),
        default=Value("over"),
    ),
    (("running", pgettext_lazy("term", "Running")), ("ahead", pgettext_lazy("term", "Still ahead")), ("over", pgettext_lazy("term", "Over"))),
)  # fmt: skip
ENDING = ComputedFacet.yes_no(
    "ending",
    gettext_lazy("Runs out"),
    lambda: OwnersCommittee.objects.all().running_out_on(timezone.localdate()),
    yes=gettext_lazy("Within six months"),
    no=gettext_lazy("Later, or over"),
)
OPEN = ComputedFacet.yes_no(
    "open",
    pgettext_lazy("case", "open"),
    lambda: Q(closed_on=None),
    yes=gettext_lazy("Yes"),
    no=gettext_lazy("No"),
)


class OwnersCommittees(EstatesRegister):
    slug = "owners-committees"
    model = OwnersCommittee
    icon = "users-group"
    key = ("code",)
    fields = ("code", "estate", "kind", "valid", "elected_on", "filed_on", "size", "party_group_on")
    columns = ("code", "estate", "kind", "valid", "size", "red")
    facets = ("kind",)
    computed_facets = (TERM, ENDING)
    computed = (Computed("red", pgettext_lazy("committee", "red"), lambda row: _("yes") if row.is_red else _("no")),)
    search = ("code", *BY_ESTATE)
    order = ("-valid", "code")
    sample = {"code": "YWH-0001", "kind": "owners", "size": "7"}

    def prepare(self, rows):
        return rows.with_members(timezone.localdate())

    def warnings(self, row):
        today = timezone.localdate()
        return [*_term_warnings(row, today), *_size_warnings(row), *_filing_warnings(row, today)]


def _term_warnings(row, today):
    found = []
    match rules.term_fault(row.kind, row.valid.lower, row.last_day):
        case rules.TermFault.TOO_SHORT:
            found.append(_("This term is shorter than the law has it."))
        case rules.TermFault.TOO_LONG:
            found.append(_("This term is longer than the law has it."))
    if rules.is_running_out(row.last_day, today):
        found.append(_("This term runs out on %(day)s.") % {"day": row.last_day})
    if row.valid.lower <= today <= row.last_day:
        met = row.meetings.filter(held_on__lte=today).order_by("-held_on").values_list("held_on", flat=True).first()
        if rules.has_not_met(met, row.valid.lower, today):
            found.append(_("No meeting is on record for %(days)d days.") % {"days": rules.MEETING_INTERVAL_DAYS})
    return found


def _size_warnings(row):
    least = rules.least_size(row.estate.households)
    text = _("A committee of this neighbourhood should have %(least)d seats or more.")
    return [text % {"least": least}] if row.size < least else []


def _filing_warnings(row, today):
    if row.filing_due_on is None:
        return []
    days = calendar.days_late(row.filing_due_on, row.filed_on, today)
    return [_("Filed late.") if row.filed_on else _("Its filing is overdue.")] if days else []


class CommitteeMembers(EstatesRegister):
    """Names and Party membership: for those who may view persons of Party building only."""

    slug = "committee-members"
    model = CommitteeMember
    view, keep = Permission.VIEW_PARTY, Permission.KEEP_PARTY
    icon = "user-check"
    key = ("committee", "name")
    fields = ("committee", "name", "role", "is_party_member", "works_for_enterprise", "valid")
    columns = ("name", "committee", "role", "is_party_member", "valid")
    facets = ("role", "is_party_member", "works_for_enterprise")
    search = _COMMITTEE
    order = ("pinyin", "name", "pk")

    def warnings(self, row):
        text = _(
            "A member who is, or whose close relative is, employed by the serving enterprise should not be elected."
        )
        return [text] if row.works_for_enterprise else []


class CommitteeMeetings(EstatesRegister):
    slug = "committee-meetings"
    model = CommitteeMeeting
    icon = "calendar-event"
    key = ("committee", "held_on", "subject")
    fields = ("committee", "held_on", "subject")
    columns = ("held_on", "committee", "subject")
    search = (*_COMMITTEE, "subject")
    order = ("-held_on", "pk")


class FormationCases(EstatesRegister):
    slug = "formation-cases"
    model = FormationCase
    icon = "stairs-up"
    key = ("code",)
    fields = ("code", "estate", "applied_on", "blocked_reason", "closed_on", "outcome")
    columns = ("code", "estate", "applied_on", "step", "blocked_reason", "outcome")
    facets = ("outcome",)
    computed_facets = (OPEN,)
    computed = (Computed("step", gettext_lazy("step under way"), lambda row: _step_under_way(row)),)
    search = ("code", *BY_ESTATE, "blocked_reason")
    order = ("-applied_on", "code")

    def prepare(self, rows):
        return rows.prefetch_related("steps")

    def warnings(self, row):
        if row.closed_on:
            return []
        today = timezone.localdate()
        overdue = [step for step in row.steps.all() if step.done_on is None and step.due_on < today]
        text = _("“%(step)s” was due on %(day)s.")
        return [text % {"step": step.get_step_display(), "day": step.due_on} for step in overdue]


def _step_under_way(row) -> str:
    if row.closed_on:
        return ""
    step = rules.next_step(one.step for one in row.steps.all() if one.done_on)
    return str(FormationStep.Step(step).label) if step else ""


class FormationSteps(EstatesRegister):
    slug = "formation-steps"
    model = FormationStep
    icon = "stairs"
    key = ("case", "step")
    fields = ("case", "step", "due_on", "done_on")
    columns = ("case", "step", "due_on", "done_on")
    facets = ("step",)
    search = ("case__code", "case__estate__name", "case__estate__initials")
    order = ("due_on", "pk")

    def warnings(self, row):
        return late(calendar.days_late(row.due_on, row.done_on, timezone.localdate()))
