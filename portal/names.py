"""Chinese names in Latin letters: for search by initials, for sorting, and for the English pages."""

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

# How a Chinese place name ends, and what English calls that kind of place. Longest first.
_KINDS = (
    ("街道办事处", "Subdistrict"),
    ("街道", "Subdistrict"),
    ("社区", "Community"),
    ("区", "District"),
    ("市", "City"),
    ("镇", "Town"),
    ("乡", "Township"),
    ("村", "Village"),
)


def pinyin(name: str) -> str:
    """Lower-case syllables joined by spaces: the key by which names are sorted."""
    return " ".join(lazy_pinyin(name)).lower()[:400]


def initials(name: str) -> str:
    """First letters, lower case: 武昌 gives ``wc``. Digits and Latin letters stand for themselves."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors=lambda rest: list(rest))).replace(" ", "").lower()[:100]


@lru_cache(maxsize=20_000)
def romanised(name: str) -> str:
    """A name as the English pages write it: 江岸区 gives ``Jiang'an``, 东湖社区 gives ``Donghu Community``.

    A district loses its ending (the column says that it is one); every other kind of place keeps its English word.
    """
    if not re.search(r"[一-鿿]", name):
        return name
    for ending, word in _KINDS:
        if name.endswith(ending) and len(name) > len(ending):
            stem = _joined(name[: -len(ending)])
            return stem if word == "District" else f"{stem} {word}"
    return _joined(name)


def _joined(name: str) -> str:
    syllables = lazy_pinyin(name)
    text = syllables[0] if syllables else ""
    for syllable in syllables[1:]:
        apostrophe = "'" if syllable[:1] in "aeo" and text[-1:].isalpha() else ""
        text += apostrophe + syllable
    return text[:1].upper() + text[1:]
