"""The desk's rules: likeness of replies, the ladder of posts that is never empty, what raises a supervision and what does not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk import rules
from portal.rules import CHINA

PLACES = ("city/district/street/", "city/district/", "city/")
LEADS = ("enterprise", "street", "agency", "")
NOW = datetime(2021, 11, 17, 12, tzinfo=CHINA)
HOUR = timedelta(hours=1)

QUIET = rules.Standing(
    due=NOW, bad_rounds=(), round=1, round_opened_at=None, passes=0, has_lead=True, raised={}
)  # fmt: skip


# --- the ladder -----------------------------------------------------------------------------------------------------------


@given(st.sampled_from(LEADS), st.sets(st.sampled_from(PLACES)))
def test_a_supervision_is_never_nobodys_and_never_below_the_lead(lead, held):
    posts = rules.ladder(PLACES, lead)
    post = rules.post_above(posts, held)
    assert post in posts
    assert post in held or (post == PLACES[-1] and not held & set(posts))
    assert not any(below in held for below in posts[: posts.index(post)])


@given(st.sampled_from(LEADS), st.sets(st.sampled_from(PLACES)), st.sampled_from(PLACES))
def test_a_post_that_falls_vacant_never_sends_it_down(lead, held, vacated):
    posts = list(rules.ladder(PLACES, lead))
    before, after = rules.post_above(posts, held), rules.post_above(posts, held - {vacated})
    assert posts.index(after) >= posts.index(before)


@pytest.mark.parametrize(
    ("lead", "first"), [("enterprise", PLACES[0]), ("street", PLACES[1]), ("agency", PLACES[1]), ("", PLACES[2])]
)
def test_the_first_post_is_the_one_above_the_lead(lead, first):
    assert rules.ladder(PLACES, lead)[0] == first


# --- what raises one ------------------------------------------------------------------------------------------------------


def test_overdue_by_exactly_a_day_is_not_yet_more_than_a_day():
    assert rules.triggers(QUIET, NOW + 24 * HOUR) == []
    assert rules.triggers(QUIET, NOW + 24 * HOUR + timedelta(seconds=1)) == ["overdue"]


def test_each_cause_raises_one():
    late, again = NOW + 30 * HOUR, {"overdue": NOW + 25 * HOUR}
    assert rules.triggers(replace(QUIET, raised=again), late) == []
    assert rules.triggers(replace(QUIET, raised={"overdue": NOW - HOUR}), late) == ["overdue"]  # of an earlier due time


def test_bad_rounds_reopenings_and_passes():
    assert rules.triggers(replace(QUIET, bad_rounds=(NOW,)), NOW) == []
    bad = replace(QUIET, bad_rounds=(NOW - HOUR, NOW))
    assert rules.triggers(bad, NOW) == ["dissatisfied_twice"]
    assert rules.triggers(replace(bad, raised={"dissatisfied_twice": NOW}), NOW) == []
    assert rules.triggers(replace(QUIET, round=3, round_opened_at=NOW), NOW) == []
    assert rules.triggers(replace(QUIET, round=4, round_opened_at=NOW), NOW) == ["reopened_thrice"]
    assert rules.triggers(replace(QUIET, passes=3), NOW) == []
    assert rules.triggers(replace(QUIET, passes=3, has_lead=False), NOW) == ["no_lead"]


@given(st.integers(0, 100), st.integers(0, 5), st.integers(1, 6), st.integers(0, 5), st.booleans(), st.integers(0, 200))
def test_once_raised_the_same_state_raises_nothing(due, bad, round_, passes, has_lead, now):
    moment = NOW + now * HOUR
    standing = rules.Standing(
        due=NOW + due * HOUR, bad_rounds=[NOW] * bad, round=round_, round_opened_at=NOW, passes=passes, has_lead=has_lead,
        raised={},
    )  # fmt: skip
    found = rules.triggers(standing, moment)
    assert rules.triggers(replace(standing, raised=dict.fromkeys(found, moment)), moment) == []


# --- replies --------------------------------------------------------------------------------------------------------------


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    share = rules.likeness(one, other)
    assert 0 <= share <= 1
    assert share == rules.likeness(other, one)


def test_numbers_and_line_breaks_hide_no_copy():
    first = "11月12日已劝离车辆4台，并发放责令改正通知书。"
    assert rules.likeness(first, "11月15日已劝离车辆6台，\n并发放责令改正通知书。") == 1
    assert rules.likeness(first, "更换了三楼的灯管") < 0.2
    assert rules.most_alike("x", []) == 0
