"""Who reads and keeps which rows of Party building."""

from datetime import date

import pytest

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
from portal.registers import registers
from portal.roles import Permission
from tests.partybuilding.making import since

VIEW, KEEP = Permission.VIEW_PARTY, Permission.KEEP_PARTY


@pytest.fixture
def rows_of_east(make):
    """One row of every placed model, all in the eastern district."""
    person, organisation = make.person(), make.organisation()
    appointment, recruit = make.appointment(person=person), make.recruit()
    meeting = TripartiteMeeting.objects.create(
        code="M1", community=make.community, held_on=date(2021, 3, 1), subject="停车"
    )
    return [
        person,
        organisation,
        PartyActivity.objects.create(organisation=organisation, kind="other", held_on=date(2021, 1, 1), title="活动"),
        make.coverage(instructor=person),
        appointment,
        SupervisionVisit.objects.create(appointment=appointment, estate=make.estate(), visited_on=date(2021, 1, 1)),
        meeting,
        MeetingDecision.objects.create(
            meeting=meeting, number=1, text="划线", responsible="物业", due_on=date(2021, 4, 1)
        ),
        make.intake(kind="district", district=make.east),
        recruit,
        MentorAssignment.objects.create(recruit=recruit, mentor=person, kind="party", valid=since(2018)),
        CadrePairing.objects.create(recruit=recruit, cadre=person, valid=since(2018)),
        Training.objects.create(recruit=recruit, title="消防", held_on=date(2018, 5, 1), hours=2),
    ]


def test_a_district_reads_and_keeps_its_own_rows_and_no_other_district_does(rows_of_east, people, organiser, make):
    from enterprises.models import EnterprisePresence

    EnterprisePresence.objects.filter(enterprise=make.enterprise, district=make.west).delete()
    for row in rows_of_east:
        rows = type(row).objects
        for official in (people.officer_east, organiser.east, people.computer):
            assert rows.for_user(official, VIEW).filter(pk=row.pk).exists(), row
            assert rows.for_user(official, KEEP).filter(pk=row.pk).exists(), row
        for official in (people.officer_west, organiser.west):
            assert not rows.for_user(official, VIEW).filter(pk=row.pk).exists(), row
            assert not rows.for_user(official, KEEP).filter(pk=row.pk).exists(), row


def test_people_without_the_right_see_no_row_at_all(rows_of_east, people):
    for row in rows_of_east:
        for person in (people.street_staff_east, people.auditor, people.api_client, people.staff_of_enterprise):
            assert not person.has_perm(VIEW)
            assert not type(row).objects.for_user(person, VIEW).exists(), row


def test_the_citys_intakes_and_milestones_are_read_everywhere_and_kept_by_the_city(make, people):
    intake = make.intake()
    milestone = ProgrammeMilestone.objects.create(code="m", kind="start", on_date=date(2017, 1, 1), precision="year")
    for row in (intake, milestone):
        rows = type(row).objects
        assert rows.for_user(people.officer_west, VIEW).filter(pk=row.pk).exists()
        assert not rows.for_user(people.officer_west, KEEP).filter(pk=row.pk).exists()
        assert rows.for_user(people.computer, KEEP).filter(pk=row.pk).exists()
        assert not rows.for_user(people.nobody, VIEW).exists()
        assert not rows.for_user(people.auditor, VIEW).exists()


def test_every_register_of_party_building_asks_for_the_right_to_party_data():
    models = {
        CadrePairing, CrossAppointment, GraduateRecruit, MeetingDecision, MentorAssignment, PartyActivity,
        PartyCoverage, PartyOrganisation, Person, ProgrammeMilestone, RecruitmentIntake, SupervisionVisit, Training,
        TripartiteMeeting,
    }  # fmt: skip
    found = [one for one in registers() if one.model in models]
    assert {one.model for one in found} == models
    assert {(one.view, one.keep) for one in found} == {(VIEW, KEEP)}
