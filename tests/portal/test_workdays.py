"""Working time: when a limit ends, what it skips, and how that is told."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.rules import CHINA
from portal.workdays.calendar import explain, work_calendar
from portal.workdays.models import CalendarDay, CalendarYear, Holiday
from portal.workdays.rules import WEEKEND, AnnouncedDay, Limit, Skipped, Unit, WorkCalendar


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


NATIONAL_DAY_2021 = WorkCalendar(
    {date(2021, 10, day): AnnouncedDay(False, "national_day") for day in range(1, 8)}
    | {date(2021, 9, 26): AnnouncedDay(True, "national_day"), date(2021, 10, 9): AnnouncedDay(True, "national_day")},
    frozenset({2021}),
)

SATURDAY = date(2021, 1, 2)
moments = st.datetimes(datetime(2021, 1, 1), datetime(2021, 12, 31)).map(lambda at: at.replace(tzinfo=CHINA))


def calendar_of(holidays: set[int], weekends: set[int]) -> WorkCalendar:
    """The days after :data:`SATURDAY` that are off, and the Saturdays among which are worked, by number."""
    off = {SATURDAY + timedelta(days=number): AnnouncedDay(False, "ab"[number % 2]) for number in holidays}
    worked = {SATURDAY + timedelta(weeks=number): AnnouncedDay(True, "made up") for number in weekends}
    return WorkCalendar(off | worked, frozenset({2021}))


calendars = st.builds(calendar_of, st.sets(st.integers(0, 400), max_size=20), st.sets(st.integers(0, 60), max_size=6))
unhurried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
amounts = st.integers(1, 40)


# --- the rules ------------------------------------------------------------------------------------------------------------


def test_three_working_days_from_30_september_2021_skip_the_national_day():
    due = NATIONAL_DAY_2021.add_workdays(moment("2021-09-30T16:20"), 3)
    assert due.at == moment("2021-10-12T00:00")  # 8, 9 (made up) and 11 October; the 11th ends at 24:00
    assert due.last_day == date(2021, 10, 11)
    assert due.skipped == (
        Skipped(date(2021, 10, 1), date(2021, 10, 7), "national_day"),
        Skipped(date(2021, 10, 10), date(2021, 10, 10), WEEKEND),
    )
    assert due.made_up == (date(2021, 10, 9),)
    assert not due.is_provisional


@pytest.mark.parametrize(
    ("begun", "amount", "last_day"),
    [
        ("2021-11-01T00:00", 1, "2021-11-02"),  # a Monday's first moment is still that Monday, which is not counted
        ("2021-11-01T23:59", 1, "2021-11-02"),
        ("2021-11-05T09:00", 1, "2021-11-08"),  # Friday to Monday
        ("2021-11-06T09:00", 1, "2021-11-08"),  # a Saturday is not counted either way
        ("2021-11-07T09:00", 1, "2021-11-08"),
        ("2021-09-25T09:00", 1, "2021-09-26"),  # the Sunday that is worked
        ("2021-10-03T09:00", 2, "2021-10-09"),  # within the holiday
    ],
)
def test_the_day_it_begins_is_not_counted(begun, amount, last_day):
    assert NATIONAL_DAY_2021.add_workdays(moment(begun), amount).last_day == date.fromisoformat(last_day)


def test_the_day_is_shanghai_s():
    """17:00 in London on Thursday is Friday 01:00 here."""
    due = WorkCalendar().add_workdays(datetime.fromisoformat("2021-11-04T17:00+00:00"), 1)
    assert due.last_day == date(2021, 11, 8)


def test_hours_run_by_night_and_on_holidays():
    due = NATIONAL_DAY_2021.due(moment("2021-10-01T20:00"), Limit(24, Unit.HOURS))
    assert due.at == moment("2021-10-02T20:00")
    assert (due.skipped, due.is_provisional, due.limit.amount) == ((), False, 24)


def test_a_year_nobody_announced_counts_monday_to_friday_and_says_so():
    due = NATIONAL_DAY_2021.add_workdays(moment("2021-12-30T10:00"), 2)
    assert due.last_day == date(2022, 1, 3)
    assert due.provisional_years == (2022,)
    assert not NATIONAL_DAY_2021.add_workdays(moment("2021-12-29T10:00"), 2).is_provisional


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_limit(amount):
    with pytest.raises(ValueError, match="limit"):
        WorkCalendar().add_workdays(moment("2021-10-01T00:00"), amount)
    with pytest.raises(ValueError, match="limit"):
        Limit(amount, Unit.HOURS)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="naive"):
        WorkCalendar().add_workdays(datetime(2021, 10, 1), 1)
    with pytest.raises(ValueError, match="naive"):
        WorkCalendar().add_hours(datetime(2021, 10, 1), 1)


@unhurried
@given(calendars, moments, amounts)
def test_exactly_so_many_working_days_lie_between(calendar, begun, amount):
    due = calendar.add_workdays(begun, amount)
    first = begun.date() + timedelta(days=1)
    passed = [first + timedelta(days=n) for n in range((due.last_day - first).days + 1)]
    assert sum(map(calendar.is_workday, passed)) == amount
    assert calendar.is_workday(due.last_day)
    assert calendar.workdays_between(begun, due.at - timedelta(seconds=1)) == amount
    skipped = [one.first + timedelta(days=n) for one in due.skipped for n in range((one.last - one.first).days + 1)]
    assert sorted(skipped) == [day for day in passed if not calendar.is_workday(day)]
    assert set(due.made_up) == {day for day in passed if day.weekday() >= 5 and calendar.is_workday(day)}


@unhurried
@given(calendars, moments, moments, amounts)
def test_later_begun_is_never_sooner_due(calendar, one, other, amount):
    early, late = sorted((one, other))
    assert calendar.add_workdays(early, amount).at <= calendar.add_workdays(late, amount).at


@unhurried
@given(calendars, moments, amounts)
def test_another_working_day_is_a_later_end(calendar, begun, amount):
    assert calendar.add_workdays(begun, amount).at < calendar.add_workdays(begun, amount + 1).at


# --- in words -------------------------------------------------------------------------------------------------------------


def test_a_due_time_is_told_so_that_it_can_be_counted_again():
    due = NATIONAL_DAY_2021.add_workdays(moment("2021-09-30T16:20"), 1)
    assert explain(due) == "1 working day; skips 1–7 October (National Day)"
    assert explain(NATIONAL_DAY_2021.add_workdays(moment("2021-09-30T16:20"), 3)) == (
        "3 working days; skips 1–7 October (National Day), the weekend of 10 October; "
        "counts the make-up working day 9 October"
    )
    assert explain(WorkCalendar().add_hours(moment("2021-09-30T16:20"), 24)) == "24 hours"


def test_the_provisional_is_told_as_such():
    told = explain(NATIONAL_DAY_2021.add_workdays(moment("2021-12-30T10:00"), 7))
    assert "2 weekends" in told
    assert "the holidays of 2022 have not been announced" in told


def test_days_are_written_the_chinese_way_in_chinese():
    due = NATIONAL_DAY_2021.add_workdays(moment("2021-09-30T16:20"), 1)
    with translation.override("zh-hans"):
        assert "10月1日至7日" in explain(due)


# --- the calendar as kept ---------------------------------------------------------------------------------------------------


def test_a_fresh_database_knows_what_was_announced(db):
    calendar = work_calendar()
    assert set(range(2018, 2027)) <= calendar.announced_years
    assert not calendar.is_workday(date(2021, 10, 7))
    assert calendar.is_workday(date(2021, 10, 9))
    assert not calendar.is_workday(date(2022, 1, 31))
    assert calendar.add_workdays(moment("2021-09-30T16:20"), 3).last_day == date(2021, 10, 11)


def test_seeding_again_changes_nothing_and_keeps_what_the_city_corrected(db, capsys):
    CalendarDay.objects.filter(day="2021-10-07").delete()
    before = CalendarDay.objects.count()
    call_command("seed_calendar")
    assert CalendarDay.objects.count() == before
    CalendarYear.objects.filter(year=2021).delete()
    CalendarDay.objects.filter(day__year=2021).delete()
    call_command("seed_calendar", year=2021)
    assert "1 years" in capsys.readouterr().out
    assert not work_calendar().is_workday(date(2021, 10, 7))


def test_the_calendar_is_read_once_until_a_row_changes(db, django_assert_num_queries):
    work_calendar()
    with django_assert_num_queries(1):
        assert not work_calendar().is_workday(date(2021, 10, 7))
    CalendarDay.objects.filter(day="2021-10-07").delete()
    assert work_calendar().is_workday(date(2021, 10, 7))
    with transaction.atomic():
        CalendarYear.objects.filter(year=2021).delete()
        assert 2021 not in work_calendar().announced_years
        transaction.set_rollback(True)
    assert 2021 in work_calendar().announced_years


def test_only_a_weekend_day_is_made_up(db):
    day = CalendarDay(day=date(2027, 9, 30), is_workday=True, holiday=Holiday.NATIONAL_DAY)
    with pytest.raises(ValidationError, match="weekend"):
        day.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        day.save()


def test_another_occasion_is_named(db):
    with pytest.raises(ValidationError, match="occasion"):
        CalendarDay(day=date(2027, 9, 3), holiday=Holiday.OTHER).full_clean()
    CalendarDay.objects.create(day=date(2027, 9, 3), holiday=Holiday.OTHER, note="纪念日")
    due = work_calendar().add_workdays(moment("2027-09-02T10:00"), 1)
    assert due.skipped[0].name == "纪念日"
    assert "3 September (纪念日)" in explain(due)


# --- pages ------------------------------------------------------------------------------------------------------------------


def test_the_city_keeps_the_calendar_and_who_sees_cases_reads_it(people):
    client = Client()
    client.force_login(people.computer)
    day = {"day": "2027-10-01", "is_workday": "false", "holiday": "national_day", "note": ""}
    assert client.post("/registers/calendar-days/new/", day).status_code == 302
    assert client.post("/registers/calendar-years/new/", {"year": "2027", "document": "x"}).status_code == 302
    assert not work_calendar().is_workday(date(2027, 10, 1))
    assert work_calendar().is_announced(date(2027, 10, 1))
    for person in (people.handler_fire, people.officer_east):
        client.force_login(person)
        assert client.get("/registers/calendar-days/").status_code == 200
        assert client.post("/registers/calendar-days/new/", day).status_code == 403
