"""The check digit of GB 32100."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.rules import ALPHABET, check_digit, is_credit_code
from tests.world import GOLDEN

bodies = st.text(ALPHABET, min_size=17, max_size=17)


def test_the_standard_s_published_example():
    """GB 32100-2015 works the code 91350100M000100Y43 as its example."""
    assert is_credit_code("91350100M000100Y43")


def test_every_golden_enterprise_has_a_right_code():
    with open(GOLDEN / "enterprises.csv") as file:
        assert all(is_credit_code(row["uscc"]) for row in csv.DictReader(file))


@given(bodies, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_always_found(body, place, sign):
    code = body + check_digit(body)
    if code[place] != sign:
        assert not is_credit_code(code[:place] + sign + code[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "9" * 17, "91350100M000100Y4I", "91350100m000100y43", "９1350100M000100Y43", "91350100M000100Y430"]
)
def test_what_is_no_code_is_refused(text):
    assert not is_credit_code(text)
