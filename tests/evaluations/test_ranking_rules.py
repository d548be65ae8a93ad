"""Properties of the ranking rule, whatever the counts."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations import rules

LEVELS = {5: Decimal(1), 4: Decimal(1), 3: Decimal("0.9"), 2: Decimal(0), 1: Decimal(0)}


def policy(**changes) -> rules.Policy:
    record = {
        "window_periods": 3, "weight_acceptance": Decimal("0.30"), "weight_handling": Decimal("0.30"),
        "weight_satisfaction": Decimal("0.40"), "level_weights": LEVELS, "gate_acceptance": 10, "gate_handling": 10,
        "gate_ratings": 10, "list_size": 10,
    }  # fmt: skip
    return rules.Policy(**(record | changes))


@st.composite
def counts(draw, least: int = 0, most: int = 400) -> rules.Counts:
    accept, handle, ratings = (draw(st.integers(least, most)) for _ in range(3))
    tenths = draw(st.integers(0, ratings * 10))
    return rules.Counts(
        accept, draw(st.integers(0, accept)), handle, draw(st.integers(0, handle)), ratings, Decimal(tenths) / 10
    )


cities = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), counts()), max_size=60)
small_cities = st.lists(st.tuples(st.sampled_from(["a", "b"]), counts(least=10, most=12)), max_size=40)


@given(counts(least=1))
def test_score_is_the_exact_fraction_rounded_half_up_once(each):
    exact = 100 * (
        Fraction(3, 10) * Fraction(each.accept_on_time, each.accept_due)
        + Fraction(3, 10) * Fraction(each.handle_on_time, each.handle_due)
        + Fraction(4, 10) * Fraction(each.satisfied_weight) / each.ratings
    )
    rounded = Decimal((exact * 10_000 + Fraction(1, 2)).__floor__()).scaleb(-4)
    score = rules.Scorer(policy()).score(each)
    assert score == rounded
    assert 0 <= score <= 100
    assert -score.as_tuple().exponent == 4


@given(counts(least=10))
def test_one_more_satisfied_rating_never_lowers_a_score(each):
    scorer = rules.Scorer(policy())
    better = each._replace(ratings=each.ratings + 1, satisfied_weight=each.satisfied_weight + 1)
    assert scorer.score(better) >= scorer.score(each)


@given(counts(least=10))
def test_one_more_late_handling_never_raises_a_score(each):
    scorer = rules.Scorer(policy())
    assert scorer.score(each._replace(handle_due=each.handle_due + 1)) <= scorer.score(each)


@given(cities | small_cities, st.randoms())
def test_order_of_input_never_changes_a_rank(city, random):
    placed = rules.place(city, policy())
    order = list(range(len(city)))
    random.shuffle(order)
    shuffled = rules.place([city[place] for place in order], policy())
    assert [shuffled[order.index(place)] for place in range(len(city))] == placed


@given(cities | small_cities)
def test_ranks_are_competition_ranks_and_equal_scores_share_one(city):
    placed = [at for at in rules.place(city, policy()) if at.score is not None]
    for at in placed:
        assert at.rank == 1 + sum(other.score > at.score for other in placed)
        assert at.from_bottom == 1 + sum(other.score < at.score for other in placed)


@given(cities | small_cities)
def test_district_ranks_are_the_same_rule_inside_the_district(city):
    placed = list(zip(city, rules.place(city, policy()), strict=True))
    for (district, _), at in placed:
        if at.score is not None:
            peers = [other for (theirs, _), other in placed if theirs == district and other.score is not None]
            assert at.district_rank == 1 + sum(other.score > at.score for other in peers)


@given(cities | small_cities)
def test_lists_take_the_same_number_from_both_ends_and_nobody_stands_on_both(city):
    placed = [at for at in rules.place(city, policy()) if at.score is not None]
    length = min(10, len(placed) // 2)
    for at in placed:
        top, bottom = at.rank <= length, at.from_bottom <= length
        assert at.list == (rules.TOP if top and not bottom else rules.BOTTOM if bottom and not top else rules.NO_LIST)


@given(cities)
def test_gates_decide_who_is_ranked(city):
    for (_, each), at in zip(city, rules.place(city, policy()), strict=True):
        eligible = each.accept_due >= 10 and each.handle_due >= 10 and each.ratings >= 10
        assert (at.score is not None) == eligible == (not rules.Scorer(policy()).shortfalls(each))


FULL = rules.Counts(10, 10, 10, 10, 10, Decimal(10))
HALF = rules.Counts(10, 5, 10, 5, 10, Decimal(5))
FEW = rules.Counts(9, 9, 9, 9, 9, Decimal(9))


@pytest.mark.parametrize(
    ("city", "ranks", "lists"),
    [
        ([], [], []),
        ([FEW], [None], [""]),
        ([FULL], [1], [""]),
        ([FULL, HALF], [1, 2], ["top", "bottom"]),
        ([HALF] * 30, [1] * 30, [""] * 30),
        ([FULL, HALF, HALF], [1, 2, 2], ["top", "bottom", "bottom"]),
    ],
    ids=["nobody", "too few", "one", "two", "all tied", "a tie at the line lengthens the list"],
)
def test_edge_cities_give_a_valid_answer(city, ranks, lists):
    placed = rules.place([("a", each) for each in city], policy())
    assert [at.rank for at in placed] == ranks
    assert [at.list for at in placed] == lists


def test_worked_example_with_a_pocket_calculator():
    """30 x 36/38 + 30 x 33/40 + 40 x 14.9/17 = 88.2299..., the golden city's E00012."""
    each = rules.Counts(38, 36, 40, 33, 17, Decimal("14.9"))
    by_hand = (30 * Decimal(36) / 38 + 30 * Decimal(33) / 40 + 40 * Decimal("14.9") / 17).quantize(
        Decimal("0.0001"), ROUND_HALF_UP
    )
    assert rules.Scorer(policy()).score(each) == by_hand == Decimal("88.2299")


def test_a_rate_of_weight_zero_takes_no_part():
    record = policy(weight_satisfaction=Decimal(0), weight_handling=Decimal("0.70"), gate_ratings=0)
    each = rules.Counts(10, 10, 10, 5, 0, Decimal(0))
    assert rules.Scorer(record).score(each) == Decimal("65.0000")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weight_acceptance": Decimal("0.31")}, "weights"),
        ({"gate_ratings": 0}, "gates.ratings"),
        ({"level_weights": {5: Decimal(1)}}, "level_weights"),
        ({"list_size": 0}, "list_size"),
        ({"window_periods": 0}, "window_periods"),
    ],
)
def test_a_policy_that_contradicts_the_rule_is_refused(changes, field):
    with pytest.raises(rules.PolicyError, match=field):
        policy(**changes)


@pytest.mark.parametrize(
    ("listed", "now", "before", "expected"),
    [
        ("top", (1, 50), (4, 40), 3),
        ("", (20, 31), (10, 40), -10),
        ("bottom", (212, 1), (227, 5), -4),
        ("bottom", (40, 11), (45, 6), 5),
    ],
)
def test_change_is_counted_from_the_top_and_in_the_last_ten_from_the_bottom(listed, now, before, expected):
    assert rules.change(listed, now, before) == expected


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    assert rules.digest({"b": 1, "a": "区"}) == rules.digest({"a": "区", "b": 1})
    assert rules.canonical_json({"b": 1, "a": "区"}) == '{"a":"区","b":1}'.encode()
