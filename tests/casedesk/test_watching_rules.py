"""The rules of bursts, lots and spikes, on plain values."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casedesk.watching.rules import BurstRule, Given, before_cut, burst, drawn, publishable, shared_device, spike
from portal.rules import CHINA, HalfMonth

T = datetime(2021, 11, 10, 12, tzinfo=CHINA)
RULE = BurstRule()
RATINGS = st.builds(
    Given,
    pk=st.integers(1, 10_000),
    at=st.integers(0, 3000).map(lambda seconds: T - timedelta(seconds=seconds)),
    level=st.integers(1, 5),
    reporter=st.sampled_from("abcdefghijklmn"),
    estate=st.integers(1, 3),
    device=st.sampled_from(["", "d1", "d2"]),
    network=st.sampled_from(["", "n1"]),
    party=st.sampled_from(["", "p1", "p2"]),
)
NEW = st.builds(
    Given, pk=st.just(0), at=st.just(T), level=st.integers(1, 5), reporter=st.just("z"), estate=st.integers(1, 3),
    device=st.sampled_from(["", "d1"]), network=st.sampled_from(["", "n1"]), party=st.sampled_from(["", "p1"]),
)  # fmt: skip
MANY = st.lists(RATINGS, max_size=20, unique_by=lambda one: one.pk)

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(NEW, MANY)
def test_a_burst_holds_its_newest_and_only_recent_ones(new, earlier):
    found = burst(new, earlier, RULE)
    recent = {one.pk for one in earlier if new.at - one.at < RULE.window}
    assert found <= recent | {new.pk}
    assert not found or new.pk in found


@unhurried
@given(NEW, MANY)
def test_the_order_of_ratings_makes_no_difference(new, earlier):
    assert burst(new, earlier, RULE) == burst(new, earlier[::-1], RULE)


@unhurried
@given(NEW, MANY)
def test_a_stricter_rule_never_finds_less(new, earlier):
    strict = BurstRule(device=2, network=2, top_of_estate=2, top_of_party=2)
    assert burst(new, earlier, RULE) <= burst(new, earlier, strict)


@unhurried
@given(NEW, MANY, RATINGS)
def test_another_rating_never_makes_a_burst_smaller(new, earlier, more):
    assert burst(new, earlier, RULE) <= burst(new, [*(one for one in earlier if one.pk != more.pk), more], RULE) | {
        more.pk
    }


@unhurried
@given(NEW, MANY)
def test_one_reporter_alone_is_no_burst(new, earlier):
    own = [Given(**(vars(one) | {"reporter": "z"})) for one in earlier]
    assert burst(new, own, RULE) == frozenset()


def test_the_thresholds_are_exact():
    def on_device(count):
        return [Given(n, T - timedelta(minutes=n), 3, f"r{n}", 1, device="d") for n in range(1, count)]

    new = Given(0, T, 3, "r0", 1, device="d")
    assert burst(new, on_device(2), RULE) == frozenset()
    assert burst(new, on_device(3), RULE) == {0, 1, 2}
    assert burst(new, [Given(n, T - RULE.window, 3, f"r{n}", 1, device="d") for n in (1, 2)], RULE) == frozenset()


def test_a_threshold_below_one_is_no_rule():
    with pytest.raises(ValueError):
        BurstRule(device=0)


def test_a_device_is_shared_by_so_many_reporters():
    assert not shared_device(["a", "a", "b"], RULE)
    assert shared_device(["a", "b", "c"], RULE)


@unhurried
@given(st.sets(st.integers(1, 10**6), max_size=60), st.integers(0, 30))
def test_a_draw_is_of_the_pool_and_each_case_keeps_its_lot(pool, count):
    day = date(2021, 11, 10)
    chosen = drawn(pool, day, count, "key")
    assert len(chosen) == min(count, len(pool))
    assert set(chosen) <= pool
    assert drawn(sorted(pool), day, count, "key") == chosen
    if chosen:
        assert drawn(pool - {chosen[0]}, day, count - 1, "key") == chosen[1:]


def test_a_draw_changes_with_the_day_and_the_key():
    pool = range(1000)
    day = date(2021, 11, 10)
    draws = {tuple(drawn(pool, *which)) for which in ((day, 20, "a"), (day + timedelta(1), 20, "a"), (day, 20, "b"))}
    assert len(draws) == 3


@pytest.mark.parametrize(
    ("text", "is_before"),
    [
        ("2021-11-13 23:59:59", False), ("2021-11-14 00:00:00", True), ("2021-11-15 23:59:59", True),
        ("2021-11-16 00:00:00", False), ("2021-11-29 00:00:00", True), ("2021-11-28 23:59:59", False),
        ("2021-02-27 00:00:00", True), ("2021-12-31 23:59:59", True),
    ],
)  # fmt: skip
def test_the_last_48_hours_before_the_cut(text, is_before):
    assert before_cut(datetime.fromisoformat(text).replace(tzinfo=CHINA)) is is_before


def test_a_spike_is_a_rate_per_day_against_a_rate_per_day():
    period = HalfMonth(2021, 11, 1)
    even = [(date(2021, 11, day), 4) for day in range(1, 16)]
    assert spike(even, period).ratio == 1
    rush = [(date(2021, 11, day), 4 if day < 14 else 12) for day in range(1, 16)]
    assert (spike(rush, period).ratio, spike(rush, period).at_cut, spike(rush, period).before) == (3, 24, 52)
    assert spike([(date(2021, 11, 15), 9), (date(2021, 10, 31), 99)], period).ratio is None


@unhurried
@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_only_enough_is_published(total, least):
    assert publishable(total, least) == (total >= least)
