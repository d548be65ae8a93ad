"""Appointing, ending, changing coverage: all or nothing, recorded, in one's own place only."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partybuilding import actions
from partybuilding.apps import PartybuildingConfig
from partybuilding.models import (
    CrossAppointment,
    GraduateRecruit,
    MentorAssignment,
    PartyCoverage,
    PartyOrganisation,
    SupervisionVisit,
)
from partybuilding.registers import Appointments, Coverage, Organisations, Recruits
from portal.models import AuditEntry
from portal.registers import register
from portal.workflow import LostRace
from tests.partybuilding.making import since


def facts(make, **values):
    person = values.pop("person", None) or make.person()
    return {
        "code": "C1", "person": person, "direction": "committee_to_enterprise", "post": "quality_supervisor",
        "enterprise": make.enterprise, "committee_kind": "residents", "region": make.community, **values,
    }  # fmt: skip


def test_an_appointment_is_made_ended_and_recorded(make, organiser):
    row = actions.appoint(first_day=date(2020, 1, 1), by=organiser.east, **facts(make))
    actions.end_appointment(row, last_day=date(2021, 12, 31), reason="换届", by=organiser.east)
    row.refresh_from_db()
    assert row.valid.upper == date(2022, 1, 1)
    assert [entry.verb for entry in AuditEntry.objects.filter(subject_type="crossappointment").order_by("id")] == [
        "appoint", "end_appointment",
    ]  # fmt: skip


def test_an_appointment_ends_once_with_a_reason_and_not_before_it_began(make, organiser):
    row = actions.appoint(first_day=date(2020, 1, 1), by=organiser.east, **facts(make))
    with pytest.raises(ValidationError):
        actions.end_appointment(row, last_day=date(2019, 12, 31), reason="换届", by=organiser.east)
    with pytest.raises(ValidationError):
        actions.end_appointment(row, last_day=date(2020, 12, 31), reason=" ", by=organiser.east)
    seen_by_another = CrossAppointment.objects.get(pk=row.pk)
    actions.end_appointment(row, last_day=date(2020, 12, 31), reason="换届", by=organiser.east)
    with pytest.raises(LostRace):
        actions.end_appointment(seen_by_another, last_day=date(2021, 12, 31), reason="换届", by=organiser.east)


def test_another_district_neither_appoints_nor_ends(make, organiser):
    with pytest.raises(PermissionDenied):
        actions.appoint(first_day=date(2020, 1, 1), by=organiser.west, **facts(make))
    assert not CrossAppointment.objects.exists()
    row = make.appointment()
    with pytest.raises(PermissionDenied):
        actions.end_appointment(row, last_day=date(2021, 1, 1), reason="换届", by=organiser.west)


def test_a_second_appointment_to_the_same_enterprise_is_refused_in_words(make, organiser):
    person = make.person()
    actions.appoint(first_day=date(2020, 1, 1), by=organiser.east, **facts(make, person=person))
    with pytest.raises(ValidationError, match="in force on some of these days"):
        actions.appoint(first_day=date(2021, 1, 1), by=organiser.east, **facts(make, person=person, code="C2"))


def test_changed_coverage_follows_the_former_without_a_gap(make, organiser):
    former = make.coverage(valid=since(2018))
    organisation = make.organisation(members=5)
    actions.change_coverage(
        make.enterprise, way="standalone", organisation=organisation, first_day=date(2020, 7, 1), reason="建支部",
        by=organiser.east,
    )  # fmt: skip
    former.refresh_from_db()
    assert former.valid.upper == date(2020, 7, 1)
    day = date(2020, 6, 30)
    assert PartyCoverage.objects.on(day).get().way == "instructor"
    assert PartyCoverage.objects.on(day + timedelta(1)).get().way == "standalone"
    assert AuditEntry.objects.get(verb="change_coverage").details["before"] == "instructor"


def test_a_change_of_coverage_that_fails_leaves_the_former_in_force(make, organiser):
    former = make.coverage(valid=since(2018))
    for wrong in ({"way": "joint"}, {"way": "instructor", "organisation": make.organisation()}):
        with pytest.raises(ValidationError):
            actions.change_coverage(
                make.enterprise, first_day=date(2020, 7, 1), reason="建支部", by=organiser.east, **wrong
            )
    with pytest.raises(PermissionDenied):
        actions.change_coverage(
            make.enterprise, way="instructor", instructor=make.person(), first_day=date(2020, 7, 1), reason="换人",
            by=organiser.west,
        )  # fmt: skip
    former.refresh_from_db()
    assert former.valid.upper is None


def test_only_an_organisation_opens_the_way_to_a_demonstration_award(make):
    from types import SimpleNamespace

    demo, stars = SimpleNamespace(award="demo_project"), SimpleNamespace(award="five_star")
    obstacles = PartybuildingConfig.award_obstacles
    assert obstacles(demo, make.enterprise)
    assert not obstacles(stars, make.enterprise)
    former = make.coverage()
    assert obstacles(demo, make.enterprise)
    former.delete()
    make.coverage(way="attached", organisation=make.organisation(enterprise=make.other_enterprise))
    assert not obstacles(demo, make.enterprise)


def test_the_overdue_list_is_the_rule(make):
    today = timezone.localdate()
    fresh = make.appointment(valid=_from(today - timedelta(90)))
    old = make.appointment(valid=_from(today - timedelta(91)))
    unknown = make.appointment(valid=_from(None))
    visited = make.appointment(valid=_from(today - timedelta(500)))
    SupervisionVisit.objects.create(appointment=visited, estate=make.estate(), visited_on=today - timedelta(90))
    late = make.appointment(valid=_from(today - timedelta(500)))
    SupervisionVisit.objects.create(appointment=late, estate=make.estate(), visited_on=today - timedelta(91))
    make.appointment(post="deputy_manager", valid=_from(today - timedelta(500)))
    assert set(CrossAppointment.objects.visit_overdue(today)) == {old, unknown, late}
    rows = {row.pk: Appointments().prepare(CrossAppointment.objects.all()).get(pk=row.pk) for row in (fresh, unknown)}
    assert register("cross-appointments").computed[0].text(rows[fresh.pk]) == today.isoformat()
    assert register("cross-appointments").computed[0].text(rows[unknown.pk]) == "now"


def test_the_list_counts_and_finds_overdue_supervisors(make, organiser):
    today = timezone.localdate()
    late = make.appointment(valid=_from(today - timedelta(200)))
    fresh = make.appointment(valid=_from(today))
    client = Client()
    client.cookies["language"] = "en"
    client.force_login(organiser.east)
    url = reverse("register-list", args=["cross-appointments"])
    assert "Not overdue" in client.get(url).content.decode()
    found = client.get(url, {"visit": "yes"}).content.decode()
    assert late.code in found
    assert fresh.code not in found


def _from(day):
    from django.db.backends.postgresql.psycopg_any import DateRange

    return DateRange(day, None)


def test_recruits_at_work_for_over_thirty_days_lacking_a_mentor_are_listed(make):
    today = timezone.localdate()
    long_ago = {"enterprise": make.enterprise, "hired_on": today - timedelta(31)}
    both, one = make.recruit(**long_ago), make.recruit(**long_ago)
    make.recruit(enterprise=make.enterprise, hired_on=today - timedelta(30))
    make.recruit(**long_ago, left_on=today - timedelta(1), leave_reason="family")
    for kind in ("party", "property"):
        MentorAssignment.objects.create(recruit=both, mentor=make.person(), kind=kind, valid=since(2018))
    MentorAssignment.objects.create(recruit=one, mentor=make.person(), kind="party", valid=since(2018))
    assert list(GraduateRecruit.objects.lacking_mentors(today)) == [one]
    shown = Recruits().prepare(GraduateRecruit.objects.all()).get(pk=one.pk)
    assert Recruits().computed[0].text(shown) == "Property mentor"


def test_an_organisation_of_its_own_with_two_members_is_warned_about(make):
    organisation = make.organisation(members=2)
    row = make.coverage(way="standalone", organisation=organisation)
    assert len(Coverage().warnings(row)) == 1
    organisation.members = 3
    assert Coverage().warnings(row) == []
    shown = Organisations().prepare(PartyOrganisation.objects.all()).get()
    assert Organisations().computed[0].text(shown) == ""
