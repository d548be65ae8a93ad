"""Intervals, priors, shrunk scores and spans of ranks: golden values and properties."""

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations import rules as ranking_rules
from evaluations.evidence import rules
from evaluations.evidence.rules import Beta, Shrunk, Span, Unit
from evaluations.rules import Counts

POLICY = ranking_rules.Policy(
    3, Decimal("0.30"), Decimal("0.30"), Decimal("0.40"),
    {5: Decimal(1), 4: Decimal(1), 3: Decimal("0.9"), 2: Decimal(0), 1: Decimal(0)}, 10, 10, 10, 10,
)  # fmt: skip
USUAL = {"acceptance": Beta(0.97, 50), "handling": Beta(0.9, 20), "ratings": Beta(0.8, 12)}


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 1, 0, 0.793451),
        (1, 1, 0.206549, 1),
        (1, 2, 0.094531, 0.905469),
        (10, 100, 0.055229, 0.174366),
        (50, 100, 0.403832, 0.596168),
        (180, 200, 0.850594, 0.934330),
    ],
)
def test_wilson_intervals_are_the_published_ones(successes, trials, low, high):
    assert rules.wilson(successes, trials) == pytest.approx((low, high), abs=5e-7)


def test_nothing_counted_has_no_interval():
    assert rules.wilson(0, 0) is None


def test_a_weighted_rate_lies_inside_its_interval():
    """27.9 of 30 from level weights: the interval is around the rate that is printed."""
    low, high = rules.wilson(Decimal("27.9"), 30)
    assert low < 0.93 < high
    assert rules.wilson(27, 30).low < low < rules.wilson(28, 30).low


@pytest.mark.parametrize(
    ("successes", "trials", "shrunk"),
    [(0, 1, 0.738), (1, 1, 0.815), (3, 5, 0.741), (10, 10, 0.891), (45, 50, 0.881), (180, 200, 0.894)],
)
def test_shrunk_rates_are_the_worked_examples(successes, trials, shrunk):
    assert Beta(0.8, 12).shrunk(successes, trials) == pytest.approx(shrunk, abs=5e-4)


def test_the_variance_is_that_of_a_beta_distribution():
    assert Beta(0.8, 12).variance(3, 5) == pytest.approx(12.6 * 4.4 / (17**2 * 18))


def test_a_prior_is_found_again_in_what_it_made():
    """2,000 units whose true rates come from Beta(.8, 12)."""
    draw = random.Random(11)
    observed = []
    for _ in range(2000):
        rate, cases = draw.betavariate(9.6, 2.4), draw.randint(5, 60)
        observed.append((sum(draw.random() < rate for _ in range(cases)), cases))
    prior = rules.fitted(observed)
    assert prior.mean == pytest.approx(0.8, abs=0.01)
    assert prior.weight == pytest.approx(12, abs=2)


def test_a_prior_worked_out_by_hand():
    """18 and 13 of 20: m .775, MSB .625, MSW 6.35/38, n0 20, so rho .120476 and a weight of 7.300."""
    within = 6.35 / 38
    rho = (0.625 - within) / (0.625 + 19 * within)
    assert rules.fitted([(18, 20), (13, 20)]) == Beta(0.775, round((1 - rho) / rho, 3))
    assert rules.fitted([(8, 10), (2, 10)]).weight == 2  # further apart than the least weight tells
    assert rules.fitted([(8, 10), (7, 10)]).weight == 500  # closer together than chance would have it


@pytest.mark.parametrize(
    ("observed", "mean", "weight"),
    [
        ([], 0.5, 2),
        ([(0, 0), (0, 0)], 0.5, 2),
        ([(3, 4)], 0.75, 500),
        ([(1, 1), (0, 1)], 0.5, 500),
        ([(10, 10), (20, 20)], 1, 500),
    ],
    ids=["nobody", "nothing counted", "one unit", "one case each", "all perfect"],
)
def test_where_nothing_can_be_estimated_the_prior_says_so(observed, mean, weight):
    assert rules.fitted(observed) == Beta(mean, weight)


def test_a_stratum_hardly_observed_takes_the_prior_of_all():
    many = [("professional", Counts(20, 18 + i % 3, 20, 17 + i % 4, 20, Decimal(15 + i % 5))) for i in range(30)]
    few = [("old", Counts(20, 2, 20, 2, 20, Decimal(2)))]
    found = rules.priors(many + few, {"old", "professional"})
    assert found["old"]["acceptance"].mean < found["professional"]["acceptance"].mean
    assert found["old"]["acceptance"] == rules.fitted([(c.accept_on_time, c.accept_due) for _s, c in many + few])


# --- spans of ranks -----------------------------------------------------------------------------------------------------


def test_spans_of_a_small_city_by_hand():
    """Deviation 1 each: the difference has 1.414, times 1.96 is 2.77. 90 and 88 are not apart, 90 and 85 are."""
    assert rules.spans([Shrunk(90, 1), Shrunk(88, 1), Shrunk(85, 1)]) == [Span(1, 2), Span(1, 2), Span(3, 3)]
    assert rules.spans([Shrunk(90, 1), Shrunk(88, 1), Shrunk(86, 1)]) == [Span(1, 2), Span(1, 3), Span(2, 3)]
    assert rules.spans([Shrunk(90, 1), Shrunk(88, 9), Shrunk(85, 1)]) == [Span(1, 2), Span(1, 3), Span(2, 3)]


def test_no_unit_one_unit_and_all_equal():
    assert rules.spans([]) == []
    assert rules.spans([Shrunk(90, 1)]) == [Span(1, 1)]
    assert rules.spans([Shrunk(90, 0)] * 3) == [Span(1, 3)] * 3


SCORES = st.lists(
    st.builds(Shrunk, st.integers(500, 1000).map(lambda n: n / 10), st.integers(1, 80).map(lambda n: n / 10)),
    max_size=40,
)


@given(SCORES)
@settings(max_examples=60)
def test_spans_are_those_of_all_pairs(scores):
    def apart(better, worse):
        gap = better.score - worse.score
        return gap > 0 and gap * gap > rules.Z**2 * (better.deviation**2 + worse.deviation**2)

    expected = [
        Span(1 + sum(apart(other, unit) for other in scores), len(scores) - sum(apart(unit, other) for other in scores))
        for unit in scores
    ]
    assert rules.spans(scores) == expected


# --- properties ----------------------------------------------------------------------------------------------------------


@st.composite
def counts(draw):
    accept, handle, ratings = (draw(st.integers(0, 30)) for _ in range(3))
    return Counts(
        accept, draw(st.integers(0, accept)), handle, draw(st.integers(0, handle)), ratings,
        Decimal(draw(st.integers(0, 10 * ratings))) / 10,
    )  # fmt: skip


@st.composite
def units(draw):
    its = draw(counts())
    eligible = its.accept_due >= 10 and its.handle_due >= 10 and its.ratings >= 10
    return Unit(draw(st.sampled_from(["professional", "old"])), its, eligible, "")


@given(st.lists(units(), min_size=1, max_size=25), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_input_changes_nothing(given_units, shuffler):
    def evidence(them):
        prior = rules.priors([(u.stratum, u.counts) for u in them], {u.stratum for u in them})
        return rules.prior_as_json(prior), dict(zip(map(id, them), rules.weighed(them, prior, POLICY), strict=True))

    shuffled = given_units[:]
    shuffler.shuffle(shuffled)
    assert evidence(given_units) == evidence(shuffled)


@given(counts())
def test_one_more_satisfied_rating_never_lowers_the_shrunk_score(its):
    more = its._replace(ratings=its.ratings + 1, satisfied_weight=its.satisfied_weight + 1)
    assert rules.shrunk(more, USUAL, POLICY).score >= rules.shrunk(its, USUAL, POLICY).score


@given(counts(), st.lists(units(), max_size=10))
def test_equal_counts_give_equal_evidence(its, others):
    eligible = its.accept_due >= 10 and its.handle_due >= 10 and its.ratings >= 10
    twin = Unit("old", its, eligible, "")
    prior = {"old": USUAL, "professional": USUAL}
    first, *_, last = rules.weighed([twin, *others, twin], prior, POLICY)
    assert first == last


@given(counts())
def test_a_shrunk_rate_lies_between_the_rate_and_the_usual(its):
    for rate, (successes, trials) in rules.pairs_of(its).items():
        beta = USUAL[rate]
        ends = sorted((successes / trials if trials else beta.mean, beta.mean))
        assert ends[0] - 1e-9 <= beta.shrunk(successes, trials) <= ends[1] + 1e-9


def test_labels():
    clear = Shrunk(80, 2)
    assert rules.label(clear, 90, 10, ranking_rules.BOTTOM) == rules.SUFFICIENT
    assert rules.label(clear, 90, 9, ranking_rules.BOTTOM) == rules.MODERATE
    assert rules.label(clear, 83, 10, ranking_rules.BOTTOM) == rules.INSUFFICIENT
    assert rules.label(clear, 90, 10, ranking_rules.TOP) == rules.INSUFFICIENT
    assert rules.label(Shrunk(98, 2), 90, 10, ranking_rules.TOP) == rules.SUFFICIENT
    assert rules.label(Shrunk(98, 2), 90, 10) == rules.label(clear, 90, 10) == rules.SUFFICIENT


def test_what_is_not_ranked_has_no_span_and_no_label():
    few = Unit("old", Counts(1, 1, 1, 0, 0, Decimal(0)), False, "")
    found = rules.weighed([few], {"old": USUAL}, POLICY)[0]
    assert (found.span, found.label) == (None, None)
    assert 0 < found.score < 100


def test_evidence_survives_its_way_through_json():
    prior = {"old": USUAL}
    assert rules.prior_from_json(rules.prior_as_json(prior)) == prior
    its = Counts(40, 40, 42, 41, 19, Decimal("17.8000"))
    assert rules.as_list(its) == [40, 40, 42, 41, 19, "17.8"]
    assert rules.from_list(rules.as_list(its)) == its
