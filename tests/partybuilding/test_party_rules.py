"""The pure rules of Party building."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuilding import rules

DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
CELLS = st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 12), max_size=8)


@pytest.mark.parametrize(("part", "printed"), [(314, "88.45"), (121, "34.08"), (120, "33.80")])
def test_shares_of_the_355_recruits_of_2017_print_as_in_the_report(part, printed):
    assert str(rules.share(part, 355)) == printed


def test_a_share_of_nothing_is_unknown_and_half_a_hundredth_rounds_up():
    assert rules.share(0, 0) is None
    assert rules.share(1, 800) == Decimal("0.13")


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_right_to_half_a_hundredth(part, whole):
    assert abs(Decimal(part) * 100 / whole - rules.share(part, whole)) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("way", "organisation", "instructor", "fits"),
    [
        ("standalone", True, False, True),
        ("joint", True, False, True),
        ("attached", False, False, False),
        ("joint", True, True, False),
        ("instructor", False, True, True),
        ("instructor", True, True, False),
        ("instructor", True, False, False),
    ],
)
def test_an_instructor_is_a_person_and_every_other_way_an_organisation(way, organisation, instructor, fits):
    assert rules.coverage_fits(way, has_organisation=organisation, has_instructor=instructor) is fits


def test_only_an_organisation_of_its_own_is_held_to_three_members():
    assert rules.too_few_for_standalone("standalone", 2)
    assert not rules.too_few_for_standalone("standalone", 3)
    assert not rules.too_few_for_standalone("standalone", None)
    assert not rules.too_few_for_standalone("joint", 1)


def test_a_visit_is_overdue_after_ninety_days_counted_from_the_later_of_begin_and_last_visit():
    begun, visited = date(2021, 1, 1), date(2021, 3, 1)
    assert rules.visit_due_on(begun, visited) == visited + timedelta(90)
    assert not rules.is_visit_overdue(begun, None, begun + timedelta(90))
    assert rules.is_visit_overdue(begun, None, begun + timedelta(91))
    assert rules.is_visit_overdue(None, None, begun)


@given(DAYS, st.none() | DAYS, DAYS)
def test_a_visit_never_makes_the_next_one_due_earlier(begun, visited, today):
    if not rules.is_visit_overdue(begun, None, today):
        assert not rules.is_visit_overdue(begun, visited, today)


def test_a_recruit_needs_both_mentors():
    assert rules.missing_mentors([]) == ["party", "property"]
    assert rules.missing_mentors(["party"]) == ["property"]
    assert rules.missing_mentors(["property", "party"]) == []


@given(CELLS)
def test_merged_figures_never_show_a_group_under_three_and_lose_nobody(cells):
    merged = rules.merge_small_cells(cells)
    total = sum(cells.values())
    assert all(cell.count is None or cell.count >= rules.LEAST_CELL for cell in merged)
    assert sorted(label for cell in merged for label in cell.labels) == sorted(k for k, count in cells.items() if count)
    if any(cell.count is None for cell in merged):
        assert len(merged) == 1
        assert total < rules.LEAST_CELL
    else:
        assert sum(cell.count for cell in merged) == total


def test_a_lonely_small_group_takes_the_smallest_other_one_with_it():
    merged = rules.merge_small_cells({"a": 10, "b": 4, "c": 1})
    assert [(set(cell.labels), cell.count) for cell in merged] == [({"a"}, 10), ({"b", "c"}, 5)]


@given(CELLS)
def test_exact_figures_are_the_cells_themselves(cells):
    merged = rules.merge_small_cells(cells, least=1)
    assert {cell.labels[0]: cell.count for cell in merged} == {label: n for label, n in cells.items() if n}
