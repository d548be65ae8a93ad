"""What cells mean, however they are written."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import CHINA
from portal.spreadsheets import cells
from portal.spreadsheets.cells import BadCell

DAYS = st.dates(date(1900, 3, 1), date(2100, 12, 31))
SPACE = st.text(" \t\n　\xa0​﻿", max_size=3)


def wide(text: str) -> str:
    """In full width, as Chinese input methods write digits and letters."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def reason(read, value) -> str:
    with pytest.raises(BadCell) as refused:
        read(value)
    return refused.value.reason


@given(
    DAYS,
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d 00:00:00"]),
    SPACE,
    st.booleans(),
)
def test_a_day_is_understood_however_it_is_written(day, form, space, in_full_width):
    written = space + day.strftime(form) + space
    assert cells.day()(wide(written) if in_full_width else written) == day


@given(DAYS)
def test_a_day_needs_no_leading_zeros(day):
    assert cells.day()(f"{day.year}-{day.month}-{day.day}") == day
    assert cells.day()(f"{day.year}年{day.month}月{day.day}日") == day


@given(st.dates(date(1927, 6, 1), date(2100, 12, 31)), st.booleans())
def test_a_serial_number_of_excel_is_a_day(day, as_text):
    serial = (day - date(1899, 12, 30)).days
    assert cells.day()(str(serial) if as_text else float(serial)) == day


@given(DAYS)
def test_a_date_cell_is_its_day(day):
    assert cells.day()(day) == day == cells.day()(datetime(day.year, day.month, day.day, 15, 30))


@pytest.mark.parametrize(
    "value", ["2021", 2021.0, "2021年3月", "2021-3", "2021.13.05", "2021-2-30", "昨天", 12.0, True]
)
def test_what_is_no_day_is_not_guessed(value):
    assert reason(cells.day(), value)


@given(st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)))  # summer time ended in 1991
def test_a_moment_is_understood_however_it_is_written(moment):
    moment = moment.replace(microsecond=0)
    want = moment.replace(tzinfo=CHINA)
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    read = cells.moment()
    assert read(moment) == want == read(moment.isoformat()) == read(moment.isoformat(" ") + "+08:00")
    assert abs(read(serial) - want) <= timedelta(seconds=1)
    assert read(moment.strftime("%Y年%m月%d日 %H时%M分")) == want.replace(second=0)


@given(st.decimals(-(10**8), 10**8, places=2), SPACE, st.booleans(), st.booleans())
def test_a_number_is_understood_with_separators_and_in_full_width(number, space, grouped, in_full_width):
    written = f"{number:,}" if grouped else f"{number}"
    assert cells.decimal(12, 2)(space + (wide(written) if in_full_width else written) + space) == number


@given(st.decimals(-(10**8), 10**8, places=2))
def test_a_number_cell_is_the_number_that_excel_shows(number):
    assert cells.decimal(12, 2)(float(number)) == number


def test_sums_of_binary_fractions_are_what_excel_shows():
    assert cells.decimal(5, 2)(0.1 + 0.2) == Decimal("0.30")


@pytest.mark.parametrize(
    "value", ["12户", "1,23", "12%", "一", "1e999", float("nan"), float("inf"), True, date(2021, 1, 1)]
)
def test_what_is_no_number_is_refused(value):
    assert reason(cells.decimal(12, 2), value)
    assert reason(cells.whole(), value)


def test_numbers_keep_their_bounds_and_places():
    assert "decimal" in reason(cells.decimal(8, 2), "1.005")
    assert "large" in reason(cells.decimal(4, 2), "100")
    assert "less than" in reason(cells.whole(0, 5), -1.0)
    assert "whole" in reason(cells.whole(), 1.5)
    assert cells.whole(0, 5)("５") == 5


@given(st.text("ABCDEFGHJKLMN0123456789-", min_size=1, max_size=18), SPACE)
def test_a_code_is_read_in_half_width_without_space(code, space):
    assert cells.code(20)(space + wide(code) + space) == code


def test_a_code_that_excel_took_for_a_number_keeps_its_digits_or_is_refused():
    assert cells.code(20)(1001.0) == "1001"
    assert "15 digits" in reason(cells.code(20), 420100199001011234.0)


@given(SPACE, st.sampled_from(["武汉市（东湖）物业", "A、B；C", "甲 乙"]))
def test_a_name_keeps_its_punctuation(space, name):
    assert cells.text(100)(space + name + space) == name


def test_text_is_measured_after_trimming():
    assert cells.text(2)("　甲乙 ") == "甲乙"
    assert "Longer than 2" in reason(cells.text(2), "甲乙丙")


@pytest.mark.parametrize("value", ["是", "有", "true", "TRUE", "Yes", "１", 1.0, 1, True, "√"])
def test_yes(value):
    assert cells.truth()(value) is True


@pytest.mark.parametrize("value", ["否", "无", "false", "No", "０", 0.0, 0, False, "×"])
def test_no(value):
    assert cells.truth()(value) is False


def test_a_choice_is_its_value_label_or_alias_and_a_near_miss_is_named():
    read = cells.choice(
        {"old": "old", "老旧小区": "old", "Old estate": "old", "商务": "office"}, ["老旧小区", "商务写字楼"]
    )
    assert read("OLD") == read("老旧 小区") == read("old estate") == "old"
    assert "老旧小区" in reason(read, "老旧的小区")
    assert cells.choices({"a": "a", "b": "b"}, ["a", "b"])("a、b，a") == ["a", "b"]


@given(
    st.sampled_from(
        [cells.text(9), cells.code(9), cells.day(), cells.moment(), cells.whole(), cells.decimal(5, 1), cells.truth()]
    ),
    SPACE,
)
def test_what_looks_empty_is_empty(read, space):
    assert read(space) is None and read(None) is None and read("") is None


@given(
    st.sampled_from(
        [cells.text(9), cells.code(9), cells.day(), cells.moment(), cells.whole(), cells.decimal(5, 1), cells.truth()]
    ),
    st.one_of(
        st.text(max_size=30),
        st.floats(),
        st.integers(),
        st.dates(),
        st.datetimes(),
        st.times(),
        st.timedeltas(),
        st.booleans(),
    ),
)
def test_nothing_that_a_cell_can_hold_breaks_a_reader(read, value):
    try:
        read(value)
    except BadCell as refused:
        assert refused.reason
