"""The tags that write most of a list: cells as plain text, and addresses with one thing changed."""

from types import SimpleNamespace

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from portal.templatetags.portal import list_cells, query


@given(st.text(alphabet="<>&\"' a李", max_size=12), st.text(alphabet="<>&\"' a", max_size=12), st.booleans())
def test_whatever_stands_in_a_cell_is_text(name, address, numeric):
    html = list_cells(address, [(name, False), (name, numeric)])
    for mark in ('<td class="td-main">', "<td>", '<td class="num">', '<td class="text-nowrap">', "</td>", "</a>"):
        html = html.replace(mark, "")
    link, _, text = html.partition(">")
    assert link.startswith('<a class="')
    assert link.count('"') == 4, "the address stays inside its quotes"
    assert not set("<>\"'") & set(text)


def test_an_empty_cell_is_a_dash():
    assert list_cells("/a/", [("", False), ("", True)]).count("—") == 2


def test_a_cell_says_how_it_stands():
    html = list_cells("/a/", [("东湖花园", False), ("E-1", False), ("12", True), ("a b", False)])
    assert html == (
        '<td class="td-main"><a class="text-body fw-bold" href="/a/">东湖花园</a></td>'
        '<td class="text-nowrap">E-1</td><td class="num">12</td><td>a b</td>'
    )


def changed(address: str, **changes) -> str:
    return query({"request": SimpleNamespace(GET=QueryDict(address))}, **changes)


def test_an_address_keeps_what_is_not_changed():
    assert changed("q=湖&kind=old&kind=other&page=3", page="") == "?q=%E6%B9%96&kind=old&kind=other"
    assert changed("kind=old&kind=other", kind="x", page=2) == "?kind=x&page=2"
    assert changed("page=3", page=None) == "?"
    assert changed("", q='a&b="') == "?q=a%26b%3D%22"
