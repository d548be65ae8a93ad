"""The half month falls where the calendar of Shanghai says, whatever the clock of the server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import CHINA, HalfMonth

half_months = st.builds(HalfMonth, st.integers(1990, 2100), st.integers(1, 12), st.integers(1, 2))


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        ("2021-10-15T23:59:59.999999+08:00", "2021-10-H1"),
        ("2021-10-16T00:00:00+08:00", "2021-10-H2"),
        ("2021-10-15T16:00:00+00:00", "2021-10-H2"),
        ("2021-10-31T23:59:59+08:00", "2021-10-H2"),
        ("2021-11-01T00:00:00+08:00", "2021-11-H1"),
        ("2021-02-28T23:59:59+08:00", "2021-02-H2"),
        ("2024-02-29T23:59:59+08:00", "2024-02-H2"),
        ("2021-04-30T23:59:59+08:00", "2021-04-H2"),
        ("2021-12-31T23:59:59+08:00", "2021-12-H2"),
        ("2021-12-31T16:00:00+00:00", "2022-01-H1"),
        ("2022-01-01T00:00:00+08:00", "2022-01-H1"),
    ],
)
def test_a_moment_falls_where_the_calendar_says(moment, period):
    assert str(HalfMonth.containing(datetime.fromisoformat(moment))) == period


@given(half_months)
def test_half_months_follow_each_other_without_gap_or_overlap(period):
    assert period.shift(1).start == period.end
    assert period.shift(1).shift(-1) == period
    assert HalfMonth.containing(period.start) == period
    assert HalfMonth.containing(period.end - timedelta(microseconds=1)) == period
    assert HalfMonth.containing(period.start - timedelta(microseconds=1)) == period.shift(-1)
    assert HalfMonth.parse(str(period)) == period
    assert period.last_day == (period.end - timedelta(days=1)).day


@given(st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)))
def test_the_zone_of_the_clock_does_not_matter(moment):
    assert HalfMonth.containing(moment.replace(tzinfo=UTC)) == HalfMonth.containing(
        moment.replace(tzinfo=UTC).astimezone(CHINA)
    )


@pytest.mark.parametrize(
    "text", ["", "2021-10", "2021-10-2", "2021-13-H1", "2021-10-H3", "2021-10-h2", "２０２１-10-H2", "2021-10-H2 "]
)
def test_what_is_no_half_month_is_refused(text):
    with pytest.raises(ValueError):
        HalfMonth.parse(text)
