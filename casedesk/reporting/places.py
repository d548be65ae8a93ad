"""Neighbourhoods as a resident finds them: by name, pinyin, code or street; a code that was merged away still leads there."""

from django.db.models import QuerySet

from estates.models import Estate
from portal.filters import LONGEST, search_by_name
from portal.integrity.merging import successor

SHOWN = 12


def estates() -> QuerySet[Estate]:
    """Neighbourhoods with the places up to the district."""
    places = ("community", "community__parent", "community__parent__parent")
    rows = Estate.objects.select_related(places[-1])
    return rows.defer(*(f"{place}__boundary" for place in places))


def estate_of(code: str) -> Estate | None:
    """The neighbourhood with ``code``, or the one that it was merged into."""
    code = code.replace("\x00", "")[:40]
    found = estates().filter(code=code).first() if code else None
    if found is None and code:
        kept = successor(Estate, code)
        found = estates().filter(pk=kept.pk).first() if kept else None
    return found


def find(text: str) -> list[Estate]:
    """Up to twelve neighbourhoods for ``text``; one more where there are more. Several words must all fit."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    if not text:
        return []
    rows = search_by_name(estates(), text, "code")
    found = list(rows.order_by("pinyin", "code")[: SHOWN + 1])
    if not found and len(words := text.split()) > 1:  # "Donghu Garden, Luojiashan street"
        *rest, last = words[:4]
        rows = estates()
        for word in rest:
            rows = search_by_name(rows, word, "code")
        found = list(rows.filter(community__parent__name__contains=last).order_by("pinyin", "code")[: SHOWN + 1])
    return found
