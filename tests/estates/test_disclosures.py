"""Disclosures: periods and due days, what a row must be, and the calendar in which what is missing is a row."""

import itertools
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given
from hypothesis import strategies as st

from estates import calendar
from estates.calendar import Period
from estates.compliance import compliance_calendar, count_missing, dues, with_missing
from estates.models import (
    DisclosureCategory,
    DisclosureItem,
    DisclosureObjection,
    Estate,
    PeriodicReport,
    ServiceAssignment,
)

TODAY = date(2021, 11, 18)
RULES = st.tuples(
    st.sampled_from(list(calendar.Cadence)), st.sampled_from(list(calendar.CountedFrom)), st.integers(0, 366)
)
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "21", "2021Q0", "2021Q5", "2021-Q1", "2021q1", "2021年", "２０２１", "2021Q1\n"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError):
        Period.parse(text)


@given(DAYS, st.sampled_from(list(calendar.Cadence)), st.integers(-40, 40))
def test_periods_tile_the_calendar(day, cadence, count):
    period = Period.containing(day, cadence)
    assert period.first_day <= day <= period.last_day
    assert Period.parse(str(period)) == period
    assert period.cadence == cadence
    assert period.shift(count).shift(-count) == period
    assert period.shift(1).first_day == period.last_day + timedelta(days=1)


@given(RULES, DAYS, st.integers(1, 6))
def test_the_latest_due_are_over_and_the_next_is_not(rule, today, count):
    cadence, counted_from, days = rule
    found = calendar.latest_due(cadence, counted_from, days, today, count)
    assert len(found) == count
    assert all(period.due_on(counted_from, days) < today for period in found)
    assert found[0].shift(1).due_on(counted_from, days) >= today
    assert all(newer == older.shift(1) for newer, older in itertools.pairwise(found))


def test_the_last_day_for_posting_is_still_in_time():
    rule = ("quarterly", "end", 30)
    assert str(calendar.latest_due(*rule, date(2021, 10, 30), 1)[0]) == "2021Q2"
    assert str(calendar.latest_due(*rule, date(2021, 10, 31), 1)[0]) == "2021Q3"
    assert calendar.days_late(date(2021, 10, 30), date(2021, 10, 30), TODAY) == 0
    assert calendar.days_late(date(2021, 10, 30), None, date(2021, 10, 31)) == 1


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def categories(db):
    """The categories of the city, by code."""
    return {category.code: category for category in DisclosureCategory.objects.all()}


@pytest.fixture
def estate(db):
    return Estate.objects.filter(pk__in=ServiceAssignment.objects.current().values("estate")).order_by("pk")[0]


def item(estate, category, period, posted_on=date(2021, 10, 12), **values):
    return DisclosureItem(
        estate=estate, category=category, period=period, content="公示", posted_on=posted_on, **values
    )


def test_a_new_city_has_four_categories(categories):
    quarterly = {code for code, category in categories.items() if category.cadence == "quarterly"}
    assert set(categories) == {"SERVICE_STANDARD", "FEE_STANDARD", "COMMON_REVENUE", "CONTRACT_PERFORMANCE"}
    assert quarterly == {"COMMON_REVENUE"}


@pytest.mark.parametrize(
    ("code", "period"), [("COMMON_REVENUE", "2021"), ("FEE_STANDARD", "2021Q1"), ("FEE_STANDARD", "x")]
)
def test_the_period_must_fit_the_category(categories, estate, code, period):
    with pytest.raises(ValidationError) as refused:
        item(estate, categories[code], period).full_clean()
    assert "period" in refused.value.message_dict


def test_one_item_per_period(categories, estate):
    item(estate, categories["COMMON_REVENUE"], "2021Q3").save()
    with pytest.raises(ValidationError):
        item(estate, categories["COMMON_REVENUE"], "2021Q3").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        item(estate, categories["COMMON_REVENUE"], "2021Q3").save()


def test_an_item_knows_when_it_was_due(categories, estate):
    late = item(estate, categories["COMMON_REVENUE"], "2021Q3", posted_on=date(2021, 11, 2))
    assert (late.due_on, late.days_late) == (date(2021, 10, 30), 3)


def test_an_objection_is_due_in_three_days_and_may_be_about_an_absence(categories, estate):
    objection = DisclosureObjection(
        number="YY-1", estate=estate, category=categories["COMMON_REVENUE"], period="2021Q3", raised_on=date(2021, 11, 1),
        text="未公示",
    )  # fmt: skip
    objection.full_clean()
    objection.save()
    assert objection.due_on == date(2021, 11, 4)
    assert objection.days_late(date(2021, 11, 4)) == 0
    assert objection.days_late(date(2021, 11, 6)) == 2


def test_an_answer_has_text_and_day(categories, estate):
    objection = DisclosureObjection(
        number="YY-1", estate=estate, category=categories["COMMON_REVENUE"], period="2021Q3", raised_on=date(2021, 11, 1),
        text="未公示", answer="已补",
    )  # fmt: skip
    with pytest.raises(ValidationError):
        objection.full_clean()


def test_a_report_is_not_submitted_before_its_period(estate):
    report = PeriodicReport(
        estate=estate, enterprise=estate.assignments.get().enterprise, period="2021Q3", submitted_on=date(2021, 6, 1)
    )
    with pytest.raises(ValidationError) as refused:
        report.full_clean()
    assert "submitted_on" in refused.value.message_dict


# --- the calendar -----------------------------------------------------------------------------------------------------


def rows_of(estate, owed):
    estates = Estate.objects.filter(pk=estate.pk)
    return {(row.due.category.code, str(row.due.period)): row for row in compliance_calendar(estates, TODAY, owed)}


def serve(estate, valid):
    """The only assignment of ``estate``, now in force over ``valid``."""
    ServiceAssignment.objects.filter(estate=estate).update(valid=valid)


def test_what_is_missing_is_a_row(categories, estate):
    serve(estate, DateRange(date(2015, 1, 1), None))
    item(estate, categories["COMMON_REVENUE"], "2021Q3", posted_on=date(2021, 11, 2)).save()
    item(estate, categories["FEE_STANDARD"], "2021", posted_on=date(2021, 1, 5)).save()
    found = rows_of(estate, dues(TODAY))
    assert set(found) == {
        ("COMMON_REVENUE", "2021Q3"), ("COMMON_REVENUE", "2021Q2"), ("COMMON_REVENUE", "2021Q1"),
        ("COMMON_REVENUE", "2020Q4"), ("CONTRACT_PERFORMANCE", "2020"), ("FEE_STANDARD", "2021"),
        ("SERVICE_STANDARD", "2021"),
    }  # fmt: skip
    assert [key for key, row in found.items() if not row.is_missing] == [
        ("COMMON_REVENUE", "2021Q3"),
        ("FEE_STANDARD", "2021"),
    ]
    assert found["COMMON_REVENUE", "2021Q3"].days_late == 3
    assert found["FEE_STANDARD", "2021"].days_late == 0
    assert found["COMMON_REVENUE", "2021Q2"].days_late == (TODAY - date(2021, 7, 30)).days


def test_nothing_is_due_from_nobody(categories, estate):
    serve(estate, DateRange(date(2021, 8, 1), None))
    assert set(rows_of(estate, dues(TODAY))) == {("COMMON_REVENUE", "2021Q3")}


def test_the_enterprise_of_the_due_day_owes(categories, estate):
    former = ServiceAssignment.objects.get(estate=estate)
    other = ServiceAssignment.objects.exclude(enterprise=former.enterprise).first().enterprise
    serve(estate, DateRange(date(2015, 1, 1), date(2021, 10, 1)))
    ServiceAssignment.objects.create(estate=estate, enterprise=other, valid=DateRange(date(2021, 10, 1), None))
    found = rows_of(estate, dues(TODAY))
    assert found["COMMON_REVENUE", "2021Q3"].enterprise == other
    assert found["COMMON_REVENUE", "2021Q2"].enterprise == former.enterprise


def test_counts_agree_with_the_rows(categories, estate):
    serve(estate, DateRange(date(2021, 6, 1), None))
    item(estate, categories["COMMON_REVENUE"], "2021Q3").save()
    owed = dues(TODAY)
    rows = list(compliance_calendar(Estate.objects.all(), TODAY, owed))
    counted = count_missing(Estate.objects.all(), owed)
    assert sum(counted.values()) == sum(row.is_missing for row in rows) > 0
    by_estate = {one.pk: one.missing_disclosures for one in with_missing(Estate.objects.all(), owed)}
    assert by_estate[estate.pk] == 1
    assert sum(by_estate.values()) == sum(counted.values())


def test_a_page_costs_the_same_however_many_rows(categories, django_assert_num_queries):
    owed = dues(TODAY)
    for size in (1, 25):
        with django_assert_num_queries(3):
            assert list(compliance_calendar(Estate.objects.order_by("code")[:size], TODAY, owed)) is not None
    with django_assert_num_queries(1):
        count_missing(Estate.objects.all(), owed)


def test_a_district_sees_its_own_only(categories, people, estate):
    item(estate, categories["COMMON_REVENUE"], "2021Q3").save()
    seen = [
        bool(DisclosureItem.objects.for_user(official, "estates.view"))
        for official in (people.officer_east, people.officer_west, people.computer)
    ]
    assert seen[2] and seen[0] != seen[1]
    staff = people.staff_of_enterprise
    own = DisclosureItem.objects.for_user(staff, "estates.view").exists()
    assert own == Estate.objects.for_user(staff, "estates.view").filter(pk=estate.pk).exists()


def test_only_the_city_keeps_categories(categories, people):
    assert DisclosureCategory.objects.for_user(people.officer_east, "estates.view").count() == 4
    assert not DisclosureCategory.objects.for_user(people.officer_east, "estates.keep").exists()
    assert DisclosureCategory.objects.for_user(people.computer, "estates.keep").count() == 4
