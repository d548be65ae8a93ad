"""Rules of filings, contracts, modes and stages, as plain functions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estates import rules
from estates.models import Filing, FilingDocument, Stage
from estates.rules import Obstacle, StageFacts

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
kinds = st.sampled_from(sorted(rules.FILING_DUE_DAYS))


def test_rules_and_models_name_the_same_things():
    assert set(rules.FILING_DUE_DAYS) == set(rules.REQUIRED_DOCUMENTS) == set(Filing.Kind.values)
    assert frozenset().union(*rules.REQUIRED_DOCUMENTS.values()) <= set(FilingDocument.Kind.values)
    assert rules.AGREEMENT_APPROVAL in FilingDocument.Kind.values
    assert list(rules.STAGES) == Stage.values
    assert {name for names in rules.STAGE_CRITERIA.values() for name in names} == set(StageFacts._fields)


@pytest.mark.parametrize(
    ("kind", "last_day"),
    [
        ("area", date(2021, 3, 31)),
        ("tender", date(2021, 3, 16)),
        ("preliminary_contract", date(2021, 3, 16)),
        ("handover", date(2021, 3, 16)),
        ("service_contract", date(2021, 3, 16)),
    ],
)
def test_a_filing_is_due_so_many_days_after_its_trigger(kind, last_day):
    assert rules.due_on(kind, date(2021, 3, 1)) == last_day


@given(due=days, submitted=st.none() | days, today=days)
def test_late_is_counted_to_the_submission_and_only_without_one_to_today(due, submitted, today):
    late = rules.days_late(due, submitted, today)
    assert late >= 0
    assert (late == 0) == ((submitted or today) <= due)
    if submitted is not None:
        assert late == rules.days_late(due, submitted, today + timedelta(days=100))


@given(kind=kinds, held=st.sets(st.sampled_from(FilingDocument.Kind.values)))
def test_what_is_missing_and_what_is_held_make_up_what_is_required(kind, held):
    missing = rules.missing_documents(kind, held)
    assert set(missing) | (held & rules.REQUIRED_DOCUMENTS[kind]) == rules.REQUIRED_DOCUMENTS[kind]
    assert rules.missing_documents(kind, held | set(missing)) == []


@given(kind=kinds, accepted=st.sets(kinds), documents=st.sets(st.sampled_from(FilingDocument.Kind.values)))
def test_the_order_of_filings(kind, accepted, documents):
    found = rules.order_obstacles(kind, accepted, documents)
    assert (Obstacle.AREA_FIRST in found) == (kind != "area" and "area" not in accepted)
    by_agreement = "agreement_approval" in documents
    assert (Obstacle.TENDER_OR_APPROVAL_FIRST in found) == (
        kind == "preliminary_contract" and "tender" not in accepted and not by_agreement
    )
    assert rules.order_obstacles(kind, {"area", "tender"}, documents) == []


def test_a_handover_accepted_on_the_first_day_is_in_time():
    start = date(2021, 7, 1)
    assert rules.assignment_warnings(start, start) == []
    assert rules.assignment_warnings(start, start + timedelta(days=1)) == [Obstacle.HANDOVER_FIRST]
    assert rules.assignment_warnings(start, None) == [Obstacle.HANDOVER_FIRST]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2021, 8, 31), 6, date(2022, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2021, 6, 30), 6, date(2021, 12, 30)),
        (date(2021, 12, 31), 0, date(2021, 12, 31)),
        (date(2021, 1, 31), 11, date(2021, 12, 31)),
    ],
)
def test_months_later_stays_in_the_month(day, months, later):
    assert rules.months_later(day, months) == later


@given(day=days, months=st.integers(0, 60))
def test_months_later_keeps_the_day_or_takes_the_last(day, months):
    later = rules.months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_a_contract_runs_out_within_six_months():
    today = date(2021, 10, 15)
    assert rules.is_running_out(today, today)
    assert rules.is_running_out(date(2022, 4, 15), today)
    assert not rules.is_running_out(date(2022, 4, 16), today)
    assert not rules.is_running_out(today - timedelta(days=1), today), "it has ended"


@given(before=st.sampled_from(rules.STAGES), after=st.sampled_from(rules.STAGES))
def test_a_stage_goes_up_stays_or_goes_down(before, after):
    assert rules.goes_down(before, after) + rules.goes_down(after, before) == (before != after)


@given(facts=st.builds(StageFacts, *[st.booleans()] * len(StageFacts._fields)))
def test_the_stage_by_rule_meets_its_criteria_and_no_higher_one_does(facts):
    stage = rules.stage_by_rule(facts)
    assert all(one.met for one in rules.criteria(stage, facts))
    higher = rules.STAGES[rules.STAGES.index(stage) + 1 :]
    assert not any(all(one.met for one in rules.criteria(other, facts)) for other in higher)


def test_red_is_professional_with_the_party_on_both_sides():
    assert rules.stage_by_rule(StageFacts(False, True, True, True, True)) == "red"
    assert rules.stage_by_rule(StageFacts(False, True, True, True, False)) == "professional"
    assert rules.stage_by_rule(StageFacts(True, False, True, True, True)) == "self_managed"
    assert rules.stage_by_rule(StageFacts(False, False, False, False, False)) == "none"
