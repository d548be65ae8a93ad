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


HINTS: dict[str, str] = {
    "lifts": "电梯 困人 lift elevator",
    "lift": "电梯 困人 lift elevator",
    "cleaning": "垃圾 保洁 清扫 卫生 异味 garbage rubbish dirty",
    "dogs": "狗 犬 dog",
    "parking": "停车 车位 占道 parking",
    "leaks_repair": "漏水 渗水 维修 损坏 leak broken",
    "fire_safety": "消防 飞线 灭火器 通道堵 hydrant fire",
    "water_power": "停水 停电 水压 water power",
    "illegal_building": "违建 违章 搭建 占用",
    "cooking_fumes": "油烟 fumes",
    "fumes_noise": "油烟 噪音 噪声 扰民 fumes noise",
    "noise": "噪音 噪声 扰民 noise",
    "fees": "收费 物业费 缴费 fee",
    "fees_disclosure": "收费 物业费 公示 公共收益 fee",
    "security": "门禁 保安 被盗 监控 stolen",
    "greenery": "绿化 树 草坪 tree",
    "owners_committee": "业委会 业主大会 committee",
}
"""Words by which residents speak of the usual kinds. Whoever dispatches corrects a wrong guess."""


def guess(text: str, items: Iterable[CatalogueItem]) -> str:
    """The category that ``text`` speaks of first, by its name or a usual word for it; ``other`` where it speaks of none."""
    found = []
    lowered = text.casefold()
    for item in items:
        for word in _words(item):
            place = lowered.find(word)
            if place >= 0:
                found.append((place, -len(word), item.category))
    return min(found)[2] if found else OTHER


def _words(item: CatalogueItem) -> set[str]:
    names = {item.category, item.name_en, str(category_name(item.category))}
    return {name.casefold() for name in names if len(name) >= 2} | set(HINTS.get(item.category, "").split())
