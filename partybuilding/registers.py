"""The registers of Party building. They name persons and Party membership: only for those who hold ``party.view``."""

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from partybuilding import rules
from partybuilding.deeds import APPOINTMENT_DEEDS, COVERAGE_DEEDS, PERSON_DEEDS
from partybuilding.models import (
    CadrePairing,
    CrossAppointment,
    GraduateRecruit,
    MeetingDecision,
    MentorAssignment,
    PartyActivity,
    PartyCoverage,
    PartyOrganisation,
    Person,
    ProgrammeMilestone,
    RecruitmentIntake,
    SupervisionVisit,
    Training,
    TripartiteMeeting,
)
from portal.registers import Computed, ComputedFacet, Register
from portal.roles import Permission

IN_FORCE = ComputedFacet.yes_no(
    "in_force",
    gettext_lazy("In force"),
    lambda: Q(valid__contains=timezone.localdate()),
    yes=gettext_lazy("Today"),
    no=gettext_lazy("Earlier or later"),
)


class PartyRegister(Register):
    """What all registers of this app have in common."""

    view, keep = Permission.VIEW_PARTY, Permission.KEEP_PARTY


def _day(day) -> str:
    return day.isoformat() if day else ""


class Organisations(PartyRegister):
    slug = "party-organisations"
    model = PartyOrganisation
    icon = "flag"
    key = ("code",)
    fields = (
        "code", "name", "level", "kind", "region", "enterprise", "secretary", "members", "founded_on", "dissolved_on",
    )  # fmt: skip
    columns = ("code", "name", "level", "kind", "region", "enterprise", "members", "last_activity")
    computed = (Computed("last_activity", gettext_lazy("last activity"), lambda row: _day(row.last_activity_on)),)
    facets = ("level", "kind")
    search = ("code", "name", "enterprise__name")
    order = ("pinyin", "code")
    sample = {"code": "PO-0001", "name": "某某物业服务有限公司党支部", "founded_on": "2018-05-01", "members": "5"}

    def prepare(self, rows):
        return rows.with_last_activity()


class Coverage(PartyRegister):
    slug = "party-coverage"
    deeds = COVERAGE_DEEDS
    model = PartyCoverage
    icon = "shield-check"
    key = ("enterprise", "valid")
    fields = ("enterprise", "way", "organisation", "instructor", "valid")
    columns = ("enterprise", "way", "organisation", "instructor", "valid_from", "valid_to")
    facets = ("way",)
    computed_facets = (IN_FORCE,)
    search = ("enterprise__name", "enterprise__uscc", "organisation__name", "instructor__name")
    order = ("enterprise__pinyin", "-valid")
    aliases = {
        "way": {
            "单独建": "standalone",
            "联合建": "joint",
            "挂靠建": "attached",
            "党建指导员": "instructor",
            "派": "instructor",
        }
    }

    def warnings(self, row):
        members = row.organisation.members if row.organisation else None
        if not rules.too_few_for_standalone(row.way, members):
            return []
        return [
            _("An organisation of its own has %(members)d Party members; from %(least)d an enterprise builds its own.")
            % {"members": members, "least": rules.STANDALONE_MIN_MEMBERS}
        ]


class Activities(PartyRegister):
    slug = "party-activities"
    model = PartyActivity
    icon = "calendar-event"
    key = ("organisation", "held_on", "title")
    fields = ("organisation", "held_on", "kind", "title", "attendance")
    columns = ("held_on", "organisation", "kind", "title", "attendance")
    facets = ("kind",)
    search = ("title", "organisation__name")
    order = ("-held_on", "organisation", "title")


class Persons(PartyRegister):
    slug = "persons"
    deeds = PERSON_DEEDS
    model = Person
    icon = "users"
    key = ("code",)
    fields = ("code", "name", "id_number", "phone", "region", "home_body", "post", "is_party_member", "enterprise")
    columns = ("code", "name", "region", "home_body", "post", "is_party_member", "enterprise")
    facets = ("is_party_member",)
    search = ("code", "name", "home_body")
    order = ("pinyin", "code")
    sample = {"code": "P-0001", "name": "张某某", "home_body": "某某社区居民委员会", "post": "副主任"}


class Appointments(PartyRegister):
    slug = "cross-appointments"
    deeds = APPOINTMENT_DEEDS
    model = CrossAppointment
    icon = "arrows-exchange"
    key = ("code",)
    fields = (
        "code", "person", "direction", "post", "enterprise", "committee_kind", "region", "estate", "valid", "unpaid",
        "document_no",
    )  # fmt: skip
    columns = ("code", "person", "direction", "post", "enterprise", "region", "valid_from", "valid_to", "visit_due")
    facets = ("direction", "post", "committee_kind")
    computed = (Computed("visit_due", gettext_lazy("next visit due"), lambda row: _visit_due(row)),)
    computed_facets = (
        IN_FORCE,
        ComputedFacet.yes_no(
            "visit",
            gettext_lazy("Supervision visit"),
            lambda: CrossAppointment.objects.all().visit_overdue_on(timezone.localdate()),
            yes=pgettext_lazy("visit", "Overdue"),
            no=pgettext_lazy("visit", "Not overdue"),
        ),
    )
    search = ("code", "person__name", "enterprise__name", "document_no")
    order = ("region__path", "code")
    aliases = {"post": {"义务质量总监": "quality_supervisor"}}

    def prepare(self, rows):
        return rows.with_last_visit()


def _visit_due(row) -> str:
    """When a supervisor in office should visit next; empty for everybody else."""
    is_open = row.valid is not None and row.valid.upper is None
    if row.post != CrossAppointment.Post.QUALITY_SUPERVISOR or not is_open:
        return ""
    return _day(row.visit_due_on(row.last_visit_on)) or _("now")


class Visits(PartyRegister):
    slug = "supervision-visits"
    model = SupervisionVisit
    icon = "walk"
    key = ("appointment", "estate", "visited_on")
    fields = ("appointment", "estate", "visited_on", "findings")
    columns = ("visited_on", "appointment", "estate", "findings")
    search = ("appointment__code", "appointment__person__name", "estate__name", "findings")
    order = ("-visited_on", "appointment")


class Meetings(PartyRegister):
    slug = "tripartite-meetings"
    model = TripartiteMeeting
    icon = "users-group"
    key = ("code",)
    fields = (
        "code", "community", "estate", "held_on", "subject", "attendees_residents_committee",
        "attendees_owners_committee", "attendees_enterprise",
    )  # fmt: skip
    columns = ("code", "held_on", "community", "estate", "subject")
    search = ("code", "subject", "estate__name")
    order = ("-held_on", "code")

    def warnings(self, row):
        return [] if row.all_three_present else [_("Not all three parties were present.")]


class Decisions(PartyRegister):
    slug = "meeting-decisions"
    model = MeetingDecision
    icon = "gavel"
    key = ("meeting", "number")
    fields = ("meeting", "number", "text", "responsible", "due_on", "done_on")
    columns = ("meeting", "number", "text", "responsible", "due_on", "done_on")
    search = ("meeting__code", "text", "responsible")
    order = ("meeting", "number")


class Intakes(PartyRegister):
    slug = "recruitment-intakes"
    model = RecruitmentIntake
    icon = "school"
    key = ("code",)
    fields = ("code", "title", "year", "kind", "district")
    columns = ("code", "title", "year", "kind", "district")
    facets = ("kind", "year")
    search = ("code", "title")
    order = ("-year", "code")
    aliases = {"kind": {"统一招考": "unified_exam"}}


class Recruits(PartyRegister):
    slug = "graduate-recruits"
    model = GraduateRecruit
    icon = "user-star"
    key = ("code",)
    fields = (
        "code", "name", "id_number", "phone", "intake", "district", "is_party_member", "degree", "university_tier",
        "enterprise", "hired_on", "left_on", "leave_reason", "duties",
    )  # fmt: skip
    columns = (
        "code", "name", "intake", "district", "degree", "university_tier", "is_party_member", "enterprise",
        "missing_mentors",
    )  # fmt: skip
    facets = ("degree", "university_tier", "is_party_member", "leave_reason")
    computed = (Computed("missing_mentors", gettext_lazy("mentors missing"), lambda row: _missing_mentors(row)),)
    computed_facets = (
        ComputedFacet.yes_no(
            "mentors",
            gettext_lazy("Mentors"),
            lambda: GraduateRecruit.objects.all().lacking_mentors_on(timezone.localdate()),
            yes=gettext_lazy("Missing for over 30 days"),
            no=gettext_lazy("Complete or not due"),
        ),
    )
    search = ("code", "name", "enterprise__name")
    order = ("pinyin", "code")
    sample = {"code": "GR-2017-0001", "name": "李某某", "hired_on": "2017-08-01"}

    def prepare(self, rows):
        present = MentorAssignment.objects.on(timezone.localdate())
        return rows.prefetch_related(Prefetch("mentors", present, to_attr="present_mentors"))


def _missing_mentors(row) -> str:
    """The kinds of mentor that a recruit at work lacks."""
    if row.hired_on is None or row.left_on is not None:
        return ""
    labels = dict(MentorAssignment.Kind.choices)
    return "、".join(str(labels[kind]) for kind in rules.missing_mentors([one.kind for one in row.present_mentors]))


class Mentors(PartyRegister):
    slug = "mentor-assignments"
    model = MentorAssignment
    icon = "user-heart"
    key = ("recruit", "kind", "valid")
    fields = ("recruit", "kind", "mentor", "valid")
    columns = ("recruit", "kind", "mentor", "valid_from", "valid_to")
    facets = ("kind",)
    computed_facets = (IN_FORCE,)
    search = ("recruit__name", "recruit__code", "mentor__name")
    order = ("recruit__pinyin", "kind", "-valid")

    def warnings(self, row):
        if row.kind == MentorAssignment.Kind.PARTY and not row.mentor.is_party_member:
            return [_("The Party-building mentor is not recorded as a Party member.")]
        return []


class Pairings(PartyRegister):
    slug = "cadre-pairings"
    model = CadrePairing
    icon = "link"
    key = ("recruit", "cadre", "valid")
    fields = ("recruit", "cadre", "valid")
    columns = ("recruit", "cadre", "valid_from", "valid_to")
    search = ("recruit__name", "recruit__code", "cadre__name")
    order = ("recruit__pinyin", "-valid")


class Trainings(PartyRegister):
    slug = "trainings"
    model = Training
    icon = "book"
    key = ("recruit", "held_on", "title")
    fields = ("recruit", "title", "held_on", "hours")
    columns = ("held_on", "title", "recruit", "hours")
    search = ("title", "recruit__name", "recruit__code")
    order = ("-held_on", "title", "recruit")


class Milestones(PartyRegister):
    slug = "programme-milestones"
    model = ProgrammeMilestone
    icon = "timeline-event"
    key = ("code",)
    fields = ("code", "kind", "on_date", "precision", "note")
    columns = ("code", "kind", "on_date", "precision", "note")
    facets = ("kind",)
    search = ("code", "note")
    order = ("on_date", "code")


REGISTERS = [
    Persons, Organisations, Coverage, Activities, Appointments, Visits, Meetings, Decisions, Intakes, Recruits, Mentors,
    Pairings, Trainings, Milestones,
]  # fmt: skip
"""In the order in which a city package must be loaded: what others refer to comes first."""
