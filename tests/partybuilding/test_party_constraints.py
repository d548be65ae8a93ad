"""What the database never takes, tried past forms and ``clean``; and what an official is told instead."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from partybuilding.models import (
    CadrePairing,
    CrossAppointment,
    MeetingDecision,
    MentorAssignment,
    PartyActivity,
    PartyCoverage,
    ProgrammeMilestone,
    SupervisionVisit,
    Training,
    TripartiteMeeting,
)
from portal.persons import id_hash
from tests.partybuilding.making import since


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


def told(row, *fields):
    with pytest.raises(ValidationError) as caught:
        row.clean()
    assert set(caught.value.message_dict) == set(fields)


# --- persons and organisations --------------------------------------------------------------------------------------------


def test_an_identity_card_number_belongs_to_one_person_and_none_is_no_number(make):
    make.person()
    make.person()
    make.person(id_hash=id_hash("11010519491231002X"))
    with refused("person_id_number_once"), transaction.atomic():
        make.person(id_hash=id_hash("11010519491231002x "))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("organisation_host_only_in_enterprises", {"enterprise": None}),
        ("organisation_host_only_in_enterprises", {"level": "district"}),
        ("organisation_industry_committee_of_a_district_or_city", {"kind": "industry_committee"}),
        (
            "organisation_dissolved_after_founded",
            {"founded_on": date(2019, 1, 2), "dissolved_on": date(2019, 1, 1)},
        ),
    ],
)
def test_the_database_refuses_contradictions_of_an_organisation(make, constraint, values):
    with refused(constraint), transaction.atomic():
        make.organisation(**values)


def test_a_place_has_one_standing_industry_committee(make):
    facts = {"level": "district", "kind": "industry_committee", "enterprise": None}
    first = make.organisation(**facts)
    with refused("organisation_one_industry_committee_per_place"), transaction.atomic():
        make.organisation(**facts)
    first.dissolved_on = date(2021, 1, 1)
    first.save()
    make.organisation(**facts)


def test_a_district_committee_stands_in_a_district(make):
    facts = {"level": "district", "kind": "industry_committee", "enterprise": None}
    told(make.organisation(**facts, region=make.community), "region")


def test_an_activity_is_kept_once(make):
    facts = {"organisation": make.organisation(), "kind": "party_lesson", "held_on": date(2021, 5, 1), "title": "党课"}
    PartyActivity.objects.create(**facts)
    with refused("party_activity_once"), transaction.atomic():
        PartyActivity.objects.create(**facts)


# --- coverage -------------------------------------------------------------------------------------------------------------


def test_an_enterprise_is_covered_in_one_way_at_a_time(make):
    make.coverage(valid=DateRange(date(2018, 1, 1), date(2019, 1, 1)))
    make.coverage(valid=since(2019), way="joint", organisation=make.organisation())
    with refused("coverage_one_way_at_a_time"), transaction.atomic():
        make.coverage(valid=since(2020))
    make.coverage(enterprise=make.other_enterprise, valid=since(2020))


@pytest.mark.parametrize("way", ["standalone", "joint", "attached", "instructor"])
@pytest.mark.parametrize("both", [True, False])
def test_coverage_names_an_organisation_or_an_instructor_never_both_or_none(make, way, both):
    who = {"organisation": make.organisation() if both else None, "instructor": make.person() if both else None}
    with refused("coverage_instructor_or_organisation"), transaction.atomic():
        make.coverage(way=way, **who)
    field = "instructor" if way == "instructor" else "organisation"
    told(PartyCoverage(enterprise=make.enterprise, way=way, valid=since(2018), **who), field)


def test_a_span_of_no_days_is_refused(make):
    with refused("coverage_span_not_empty"), transaction.atomic():
        make.coverage(valid=DateRange(date(2018, 1, 1), date(2018, 1, 1)))


def test_an_organisation_of_its_own_is_hosted_by_the_enterprise(make):
    elsewhere = make.organisation(enterprise=make.other_enterprise)
    told(PartyCoverage(enterprise=make.enterprise, way="standalone", organisation=elsewhere), "organisation")
    PartyCoverage(enterprise=make.enterprise, way="attached", organisation=elsewhere).clean()


# --- cross-appointments ---------------------------------------------------------------------------------------------------


def test_the_same_person_is_not_appointed_twice_to_the_same_host(make):
    person = make.person()
    make.appointment(person=person)
    with refused("appointment_once_per_enterprise"), transaction.atomic():
        make.appointment(person=person, post="deputy_manager", valid=since(2021))
    make.appointment(person=person, enterprise=make.other_enterprise)


@pytest.mark.parametrize("kind", ["party", "residents"])
def test_a_head_sits_once_on_a_committee(make, kind):
    facts = {
        "person": make.person(enterprise=make.enterprise), "direction": "enterprise_to_committee",
        "post": "committee_member", "committee_kind": kind,
    }  # fmt: skip
    make.appointment(**facts)
    with refused(f"appointment_once_per_{kind}_committee"), transaction.atomic():
        make.appointment(**facts)
    make.appointment(**facts | {"region": make.west_community})


def test_a_post_belongs_to_its_direction_and_a_supervisor_is_unpaid(make):
    with refused("appointment_post_fits_direction"), transaction.atomic():
        make.appointment(post="committee_member")
    with refused("appointment_supervisor_is_unpaid"), transaction.atomic():
        make.appointment(unpaid=False)
    make.appointment(post="deputy_manager", unpaid=False)


def test_posts_of_the_two_directions_are_all_posts():
    posts = {*CrossAppointment.IN_ENTERPRISES, *CrossAppointment.ON_COMMITTEES}
    assert posts == set(CrossAppointment.Post)


def test_nobody_supervises_who_pays_them(make):
    paid = make.person(enterprise=make.enterprise)
    told(make.appointment(person=paid), "person")
    over = DateRange(date(2018, 1, 1), date(2019, 1, 1))
    make.appointment(person=make.person(enterprise=make.enterprise), valid=over).clean()


def test_a_head_on_a_committee_works_for_the_enterprise(make):
    facts = {"direction": "enterprise_to_committee", "post": "committee_member"}
    told(make.appointment(**facts), "person")
    make.appointment(person=make.person(enterprise=make.enterprise), **facts).clean()


def test_committees_are_of_streets_and_communities(make):
    told(make.appointment(region=make.east), "region")


def test_visits_are_made_by_supervisors_within_their_term(make):
    supervisor, estate = make.appointment(), make.estate()
    SupervisionVisit(appointment=supervisor, estate=estate, visited_on=date(2020, 1, 1)).clean()
    told(SupervisionVisit(appointment=supervisor, estate=estate, visited_on=date(2019, 12, 31)), "visited_on")
    deputy = make.appointment(post="deputy_manager")
    told(SupervisionVisit(appointment=deputy, estate=estate, visited_on=date(2020, 5, 1)), "appointment")


def test_the_same_visit_is_kept_once(make):
    facts = {"appointment": make.appointment(), "estate": make.estate(), "visited_on": date(2020, 5, 1)}
    SupervisionVisit.objects.create(**facts)
    with refused("supervision_visit_once"), transaction.atomic():
        SupervisionVisit.objects.create(**facts)


def test_decisions_are_numbered_and_due_after_their_meeting(make):
    meeting = TripartiteMeeting.objects.create(
        code="M1", community=make.community, held_on=date(2021, 3, 1), subject="停车"
    )
    facts = {"meeting": meeting, "text": "划线", "responsible": "物业", "due_on": date(2021, 4, 1)}
    first = MeetingDecision.objects.create(number=1, **facts)
    with refused("meeting_decision_number_once"), transaction.atomic():
        MeetingDecision.objects.create(number=1, **facts)
    with refused("meeting_decision_numbers_from_one"), transaction.atomic():
        MeetingDecision.objects.create(number=0, **facts)
    first.done_on = date(2021, 2, 1)
    told(first, "done_on")
    assert list(MeetingDecision.objects.overdue(date(2021, 4, 2))) == [first]
    assert not MeetingDecision.objects.overdue(date(2021, 4, 1))


def test_a_meeting_is_about_a_neighbourhood_of_its_community(make):
    meeting = TripartiteMeeting(
        code="M1", community=make.west_community, estate=make.estate(), held_on=date(2021, 3, 1)
    )
    told(meeting, "estate")
    told(TripartiteMeeting(code="M2", community=make.east, held_on=date(2021, 3, 1)), "community")


# --- graduates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("recruit_employed_since_a_day", {"with_enterprise": True}),
        ("recruit_left_after_hired", {"left_on": date(2019, 1, 1), "leave_reason": "family"}),
        (
            "recruit_left_after_hired",
            {"hired_on": date(2019, 2, 1), "left_on": date(2019, 1, 1), "leave_reason": "family"},
        ),
        ("recruit_left_when_and_why", {"hired_on": date(2018, 2, 1), "left_on": date(2019, 1, 1)}),
        ("recruit_left_when_and_why", {"hired_on": date(2018, 2, 1), "leave_reason": "family"}),
    ],
)
def test_the_database_refuses_contradictions_of_a_recruit(make, constraint, values):
    if values.pop("with_enterprise", False):
        values = {"enterprise": make.enterprise}
    with refused(constraint), transaction.atomic():
        make.recruit(**values)


def test_two_recruits_do_not_share_an_identity_card_number(make):
    make.recruit(id_hash=id_hash("11010519491231002X"))
    with refused("recruit_id_number_once"), transaction.atomic():
        make.recruit(id_hash=id_hash("11010519491231002X"))


def test_a_recruit_is_hired_in_a_district_after_the_intake_with_each_duty_once(make):
    told(make.recruit(hired_on=date(2016, 12, 31)), "hired_on")
    told(make.recruit(district=make.community), "district")
    told(make.recruit(duties=["liaison", "liaison"]), "duties")


def test_the_unified_exam_is_the_citys_and_a_districts_recruitment_names_it(make):
    with refused("intake_of_the_city_or_a_district"), transaction.atomic():
        make.intake(kind="district")
    with refused("intake_of_the_city_or_a_district"), transaction.atomic():
        make.intake(district=make.east)


@pytest.mark.parametrize("kind", ["party", "property"])
def test_a_recruit_has_one_mentor_of_a_kind_at_a_time(make, kind):
    recruit, mentor = make.recruit(), make.person()
    MentorAssignment.objects.create(recruit=recruit, mentor=mentor, kind=kind, valid=since(2018))
    other = "party" if kind == "property" else "property"
    MentorAssignment.objects.create(recruit=recruit, mentor=mentor, kind=other, valid=since(2018))
    with refused(f"mentor_one_{kind}_mentor_at_a_time"), transaction.atomic():
        MentorAssignment.objects.create(recruit=recruit, mentor=make.person(), kind=kind, valid=since(2019))


def test_a_cadre_is_paired_once_with_a_recruit_at_a_time(make):
    facts = {"recruit": make.recruit(), "cadre": make.person()}
    CadrePairing.objects.create(**facts, valid=since(2018))
    with refused("pairing_once_at_a_time"), transaction.atomic():
        CadrePairing.objects.create(**facts, valid=since(2019))


def test_a_training_lasts_and_is_kept_once(make):
    facts = {"recruit": make.recruit(), "title": "消防", "held_on": date(2018, 5, 1)}
    Training.objects.create(**facts, hours=2)
    with refused("training_once"), transaction.atomic():
        Training.objects.create(**facts, hours=3)
    with refused("training_hours_positive"), transaction.atomic():
        Training.objects.create(**facts | {"title": "电梯"}, hours=0)


# --- programme ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "precision", "reads"),
    [
        (date(2017, 1, 1), "year", "2017"),
        (date(2017, 7, 1), "month", "2017-07"),
        (date(2017, 1, 22), "day", "2017-01-22"),
    ],
)
def test_a_milestone_reads_as_far_as_it_is_known(db, day, precision, reads):
    row = ProgrammeMilestone(code="m", kind="start", on_date=day, precision=precision)
    row.full_clean()
    row.save()
    assert row.known_date == reads


@pytest.mark.parametrize(("day", "precision"), [(date(2017, 2, 1), "year"), (date(2017, 7, 2), "month")])
def test_a_milestone_known_to_the_month_is_on_its_first_day(db, day, precision):
    row = ProgrammeMilestone(code="m", kind="start", on_date=day, precision=precision)
    with pytest.raises(ValidationError):
        row.full_clean()
    with refused("milestone_on_the_first_day_of_what_is_known"), transaction.atomic():
        row.save()
