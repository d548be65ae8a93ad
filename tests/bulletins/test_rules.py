"""The rules of the bulletin: months, rates, placeholders, length."""

from decimal import Decimal

import pytest

from bulletins.rules import Month, UnknownFigures, filled, length, numbers_by_hand, percent, rounded
from portal.documents.official import Heading, Paragraph, Table, blocks_of


@pytest.mark.parametrize("text", ["2021-13", "2021-00", "21-10", "2021-10-H2", "２０２１-10", "2021-10\n", ""])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError):
        Month.parse(text)


def test_a_month_is_both_its_half_months():
    december = Month.parse("2021-12")
    first, second = december.halves
    assert (december.start, december.end) == (first.start, second.end)
    assert first.end == second.start
    assert str(december.shift(1)) == "2022-01" and str(Month(2021, 1).shift(-1)) == "2020-12"
    assert Month(2024, 2).days == 29


def test_rates_are_rounded_half_up_once():
    assert percent(1, 8) == "12.5" and percent(1, 16) == "6.3" and percent(Decimal("0.9"), 1) == "90.0"
    assert percent(0, 5) == "0.0" and percent(3, 0) is None
    assert rounded(Decimal("2.345"), 2) == "2.35"


def test_placeholders_are_filled_and_unknown_ones_are_all_named():
    assert filled("共{{ a.b }}件，{{c}}", {"a.b": "1,234", "c": "x"}) == "共1,234件，x"
    with pytest.raises(UnknownFigures) as unknown:
        filled("{{x}}{{a}}{{y}}{{x}}", {"a": "1"})
    assert unknown.value.names == ["x", "y"]


def test_numbers_typed_by_hand_are_found():
    assert numbers_by_hand("{{a.1}}件，抽查400份，占31.6%。\n[[districts]]") == ["400", "31.6%"]


def test_length_counts_signs_without_space_and_tables():
    assert length("一、总体 情况\n[[districts]]\n好。") == 8


def test_lines_become_headings_leads_and_tables():
    table = Table("表1", ("a",), (("1",),), (1,))
    made = blocks_of("开头。\n一、总体情况\n\n（一）压实责任。各区要整改。\n[[t]]", {"t": table})
    assert made == (Paragraph("开头。"), Heading("一、总体情况"), Paragraph("各区要整改。", "（一）压实责任。"), table)
    with pytest.raises(KeyError):
        blocks_of("[[none]]", {})
