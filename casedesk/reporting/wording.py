"""What residents write, made storable; what kinds of matters are called; which kind a text speaks of."""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import get_language

from casedesk.models import CatalogueItem
from evaluations.templatetags.appraisal import category as category_name

OTHER = "other"
"""The category of a matter that no kind of the catalogue fits."""

LONGEST = 2000

# Control characters but line feed and tab; surrogates; signs that turn the direction of writing around.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")


def clean_text(text: str) -> str:
    """``text`` without control characters and white space around it; line ends as line feeds, at most one empty line."""
    text = _NO_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def clean_line(text: str, longest: int) -> str:
    """``text`` as one line of at most ``longest`` characters."""
    return " ".join(clean_text(text).split())[:longest]


def clean_phone(text: str) -> str:
    """A telephone number with ASCII digits, however it was typed."""
    text = unicodedata.normalize("NFKC", clean_line(text, 40)).replace("(", "").replace(")", "-")
    return re.sub(r"[–—−·.]", "-", text).strip("- ")


def name_of(item: CatalogueItem) -> str:
    """What the kind of matter is called in the reader's language."""
    if get_language() == "en" and item.name_en:
        return item.name_en
    return str(category_name(item.category))


def guess(text: str, items: Iterable[CatalogueItem]) -> str:
    """The category whose name, or its first two signs, ``text`` speaks of first; ``other`` where it speaks of none."""
    found = []
    lowered = text.casefold()
    for item in items:
        for word in _words(item):
            place = lowered.find(word)
            if place >= 0:
                found.append((place, item.category))
    return min(found)[1] if found else OTHER


def _words(item: CatalogueItem) -> set[str]:
    names = {item.category, item.name_en, str(category_name(item.category))}
    words = {name.casefold() for name in names if len(name) >= 2}
    return words | {name[:2] for name in names if len(name) > 2 and not name.isascii()}
