"""Chinese names in Latin letters: for search by initials, for sorting, and for the English pages."""

import re
from functools import lru_cache
from itertools import groupby

from pypinyin import lazy_pinyin
from pypinyin.constants import RE_HANS
from pypinyin.seg.mmseg import seg

# How the name of a Chinese place or body ends, and what English calls that kind. Longest first.
_KINDS = (
    ("物业服务有限公司", "Property Services Co., Ltd."),
    ("物业管理有限公司", "Property Management Co., Ltd."),
    ("经济技术开发区", "Economic Development Zone"),
    ("生态旅游风景区", "Scenic Area"),
    ("新技术开发区", "High-tech Development Zone"),
    ("街道办事处", "Subdistrict"),
    ("有限公司", "Co., Ltd."),
    ("办事处", "Subdistrict"),
    ("管委会", "Administration"),
    ("分公司", "Branch"),
    ("开发区", "Development Zone"),
    ("风景区", "Scenic Area"),
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
    return " ".join(syllable for syllable, _is_word in _syllables(name)).lower()[:400]


def initials(name: str) -> str:
    """First letters, lower case: 武昌 gives ``wc``. Digits and Latin letters stand for themselves."""
    letters = "".join(syllable if is_word else syllable[:1] for syllable, is_word in _syllables(name))
    return letters.replace(" ", "").lower()[:100]


@lru_cache(maxsize=256)  # both forms of a name are asked for one after the other
def _syllables(name: str) -> list[tuple[str, bool]]:
    """A Latin syllable for each Chinese sign; what stands between them is a word of its own, and marked as such."""
    found: list[tuple[str, bool]] = []
    for is_chinese, signs in groupby(name, _is_chinese):
        run = "".join(signs)
        if is_chinese:
            for word in seg.cut(run):
                found += _syllables_of(word)
        else:
            found.append((run, True))
    return found


@lru_cache(maxsize=20_000)
def _is_chinese(sign: str) -> bool:
    return RE_HANS.match(sign) is not None


@lru_cache(maxsize=20_000)  # names are made of the same few thousand words, and a look-up is dear
def _syllables_of(word: str) -> list[tuple[str, bool]]:
    parts = lazy_pinyin([word], errors=lambda rest: ["\0" + rest])
    return [(part.removeprefix("\0"), part.startswith("\0")) for part in parts]


@lru_cache(maxsize=20_000)
def romanised(name: str) -> str:
    """A name as the English pages write it: 江岸区 gives ``Jiang'an``, 东湖社区 gives ``Donghu Community``.

    A district loses its ending (the column says that it is one); every other kind of place keeps its English word.
    """
    if not re.search(r"[一-鿿]", name):
        return name
    company, seat, branch = name.partition("有限公司")
    if seat and branch:
        return f"{romanised(company + seat)}, {romanised(branch)}"
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
