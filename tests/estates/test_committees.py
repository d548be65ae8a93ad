"""Owners' committees: terms, seats, "red" by rule, meetings, formation, and who may read names."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given
from hypothesis import strategies as st

from estates import committee_rules as rules
from estates.models import CommitteeMeeting, CommitteeMember, Estate, FormationCase, FormationStep, OwnersCommittee
from estates.registers import CommitteeMembers, FormationCases, OwnersCommittees
from tests import world

TODAY = date(2021, 11, 18)
TERM = DateRange(date(2019, 1, 1), date(2024, 1, 1))


# --- rules ------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 20), st.integers(0, 20), st.booleans())
def test_red_by_party_group_or_half_of_the_members(members, party, group):
    party = min(party, members)
    assert rules.is_red(group, members, party) == (group or (members > 0 and party / members >= 0.5))


@pytest.mark.parametrize(
    ("kind", "last", "fault"),
    [
        ("owners", date(2021, 12, 30), "too_short"),
        ("owners", date(2021, 12, 31), None),
        ("owners", date(2023, 12, 31), None),
        ("owners", date(2024, 1, 1), "too_long"),
        ("stand_in", date(2019, 6, 1), None),
        ("stand_in", date(2022, 1, 1), "too_long"),
    ],
)
def test_length_of_a_term(kind, last, fault):
    assert rules.term_fault(kind, date(2019, 1, 1), last) == fault


def test_running_out_is_six_months_ahead():
    assert rules.is_running_out(date(2022, 5, 18), TODAY)
    assert not rules.is_running_out(date(2022, 5, 19), TODAY)
    assert rules.is_running_out(TODAY, TODAY)
    assert not rules.is_running_out(TODAY - timedelta(days=1), TODAY)


def test_sixty_days_without_meeting():
    assert not rules.has_not_met(TODAY - timedelta(days=60), date(2019, 1, 1), TODAY)
    assert rules.has_not_met(TODAY - timedelta(days=61), date(2019, 1, 1), TODAY)
    assert not rules.has_not_met(None, TODAY - timedelta(days=10), TODAY)
    assert not rules.has_not_met(date(2018, 12, 1), TODAY - timedelta(days=10), TODAY)


def test_small_neighbourhoods_have_small_committees():
    assert [rules.least_size(households) for households in (100, 101, None)] == [3, 5, 5]


def test_steps_follow_one_another():
    days = [rules.step_due_on(step, TODAY) for step in rules.FORMATION_STEPS]
    assert days == sorted(days) and days[0] > TODAY
    assert rules.next_step(["prepare"]) == "nominate"
    assert rules.next_step(["nominate"]) == "prepare"
    assert rules.next_step(rules.FORMATION_STEPS) is None
    assert [step for step, _label in FormationStep.Step.choices] == list(rules.FORMATION_STEPS)


# --- committees -------------------------------------------------------------------------------------------------------


@pytest.fixture
def estate(db):
    return Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[0]


def committee(estate, code="YWH-1", valid=TERM, size=5, **values):
    return OwnersCommittee(estate=estate, code=code, valid=valid, size=size, **values)


@pytest.fixture
def seated(estate):
    """A committee in office."""
    row = committee(estate)
    row.save()
    return row


def member(row, name="王五", **values):
    return CommitteeMember.objects.create(committee=row, name=name, **({"valid": TERM} | values))


@pytest.mark.parametrize(("size", "fits"), [(1, False), (3, True), (4, False), (7, True)])
def test_seats_are_odd(estate, size, fits):
    row = committee(estate, size=size)
    if fits:
        row.full_clean()
        row.save()
        return
    with pytest.raises(ValidationError):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("valid", [DateRange(date(2019, 1, 1), None), DateRange(None, date(2024, 1, 1))])
def test_a_term_has_both_ends(estate, valid):
    with pytest.raises(ValidationError):
        committee(estate, valid=valid).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        committee(estate, valid=valid).save()


def test_terms_of_a_neighbourhood_do_not_overlap(seated, estate):
    with pytest.raises(IntegrityError), transaction.atomic():
        committee(estate, code="YWH-2", valid=DateRange(date(2023, 12, 31), date(2028, 1, 1))).save()
    committee(estate, code="YWH-2", valid=DateRange(date(2024, 1, 1), date(2029, 1, 1))).save()


def test_terms_that_run_out_are_found_as_the_rule_has_it(seated):
    committees = OwnersCommittee.objects
    assert seated.last_day == date(2023, 12, 31)
    for day in (date(2023, 6, 29), date(2023, 6, 30), date(2023, 12, 31), date(2024, 1, 1)):
        assert committees.running_out(day).exists() == rules.is_running_out(seated.last_day, day), day


def test_red_counts_the_members_of_the_day(seated):
    member(seated, "王一", is_party_member=True)
    member(seated, "王二", is_party_member=False)
    member(seated, "王三", is_party_member=True, valid=DateRange(date(2019, 1, 1), date(2021, 1, 1)))
    member(seated, "王四", is_party_member=None, valid=DateRange(date(2021, 12, 1), date(2024, 1, 1)))

    def red(day):
        return OwnersCommittee.objects.with_members(day).get().is_red

    assert red(TODAY)
    assert not red(date(2021, 12, 2))
    OwnersCommittee.objects.update(party_group_on=date(2021, 1, 1))
    assert red(date(2021, 12, 2))


def test_one_chair_at_a_time(seated):
    member(seated, "王一", role="chair", valid=DateRange(date(2019, 1, 1), date(2021, 1, 1)))
    with pytest.raises(IntegrityError), transaction.atomic():
        member(seated, "王二", role="chair")
    member(seated, "王二", role="chair", valid=DateRange(date(2021, 1, 1), date(2024, 1, 1)))
    member(seated, "王三")


def test_a_committee_knows_its_last_meeting(seated):
    CommitteeMeeting.objects.create(committee=seated, held_on=TODAY - timedelta(days=60), subject="公共收益")
    assert OwnersCommittee.objects.with_last_meeting().get().last_meeting_on == TODAY - timedelta(days=60)


def test_warnings_of_a_committee(estate, time_machine_at_today):
    estate.households = 800
    row = committee(estate, valid=DateRange(date(2020, 1, 1), date(2022, 1, 1)), size=3, elected_on=date(2019, 11, 1))
    row.save()
    assert OwnersCommittees().warnings(row) == [
        "This term is shorter than the law has it.",
        "This term runs out on 2021-12-31.",
        "No meeting is on record for 60 days.",
        "A committee of this neighbourhood should have 5 seats or more.",
        "Its filing is overdue.",
    ]


@pytest.fixture
def time_machine_at_today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)


# --- formation --------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(estate):
    return FormationCase.objects.create(estate=estate, code="CL-1", applied_on=date(2021, 6, 1))


def test_one_open_case_per_neighbourhood(case, estate):
    with pytest.raises(ValidationError):
        FormationCase(estate=estate, code="CL-2", applied_on=TODAY).full_clean()
    FormationCase.objects.update(closed_on=TODAY, outcome="failed")
    FormationCase(estate=estate, code="CL-2", applied_on=TODAY).full_clean()


@pytest.mark.parametrize(
    "values", [{"closed_on": TODAY}, {"outcome": "formed"}, {"closed_on": date(2021, 5, 1), "outcome": "failed"}]
)
def test_a_case_is_closed_with_an_outcome_after_its_application(case, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        FormationCase.objects.update(**values)


def test_steps_are_due_after_the_application(case, time_machine_at_today):
    step = FormationStep(case=case, step="prepare")
    step.full_clean()
    step.save()
    assert step.due_on == date(2021, 7, 31)
    FormationStep.objects.create(case=case, step="elect", due_on=date(2021, 12, 31))
    assert FormationStep.objects.overdue(TODAY).get() == step
    assert FormationCases().warnings(case) == ["“Prepare” was due on 2021-07-31."]
    with pytest.raises(ValidationError) as refused:
        FormationStep(case=case, step="file", done_on=date(2021, 5, 1)).full_clean()
    assert list(refused.value.message_dict) == ["done_on"]
    FormationCase.objects.update(closed_on=TODAY, outcome="withdrawn")
    assert not FormationStep.objects.overdue(TODAY).exists()


# --- who reads what ---------------------------------------------------------------------------------------------------


def test_names_are_for_those_who_may_view_persons(seated, people):
    member(seated)
    register = CommitteeMembers()
    readers = {person.username for person in people if register.rows(person).exists()}
    assert readers == {"computer", "reviewer", "signer", "officer_east"}
    assert OwnersCommittees().rows(people.auditor).exists()
    assert not OwnersCommittees().rows(people.officer_west).exists()


def test_the_member_page_of_another_role_is_refused(client, seated, people):
    member(seated)
    client.force_login(people.street_staff_east)
    assert client.get("/registers/committee-members/").status_code == 403
    client.force_login(people.officer_east)
    assert "王五" in client.get("/registers/committee-members/").content.decode()


def test_a_list_page_costs_the_same_with_more_rows(client, seated, people, django_assert_max_num_queries):
    client.force_login(people.officer_east)
    for number, estate in enumerate(Estate.objects.filter(community__path__contains=f"/{world.EAST}/")[1:12]):
        row = committee(estate, code=f"YWH-M{number}")
        row.save()
        member(row, is_party_member=True)
    with django_assert_max_num_queries(25):
        page = client.get("/registers/owners-committees/")
    assert page.status_code == 200
