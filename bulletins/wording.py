"""The bulletin in the words of an official document: what its codes are called, the text that is proposed, its figures.

The document is Chinese whatever language the reader's pages have; names are frozen with the tables.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import translation

from bulletins.rules import Month, percent
from evaluations.templatetags import appraisal
from portal.models import Region

MASTHEAD = "住宅小区公共服务评议情况通报"
REPORTS_TO = "市委办公厅，市政府办公厅。"
SENT_TO = "各区人民政府、各功能区管委会，市直有关部门。"
NOTHING = "—"
UNRANKED = "样本不足"
HIGH, LOW = 95, 75
"""Scores from which, and below which, the text counts units. Assumption: as bulletins of this kind do."""

PARTIES = {
    "enterprise": "物业服务企业",
    "department": "公共管理部门本级",
    "station": "基层站所",
    "utility": "公用事业单位",
    "street": "街道办事处",
    "nobody": "未明确责任单位",
}
UNITS = {"districts": "区（功能区）", "departments": "部门", "stations": "站所", "utilities": "单位"}


def party(code: str) -> str:
    return PARTIES[code]


def _in_chinese(words: Mapping[str, Any], code: str) -> str:
    with translation.override("zh-hans"):
        return str(words.get(code, code))


def category(code: str) -> str:
    return _in_chinese(appraisal.CATEGORIES, code)


def channel(code: str) -> str:
    return _in_chinese(appraisal.SOURCES, code)


def exclusion(code: str) -> str:
    return _in_chinese(appraisal.EXCLUSIONS, code)


def peer_group(code: str) -> str:
    return _in_chinese(dict(Region.PeerGroup.choices), code) or "未分组"


def title(month: Month) -> str:
    return f"{month.year}年{month.month}月份住宅小区公共服务评议情况"


def printed(value: Any) -> str:
    """A value of the tables as it stands in every form of the document."""
    if value is None or value == "":
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else str(value)


# --- figures of the text ------------------------------------------------------------------------------------------------


def figures(tables: Mapping[str, Any], captions: Mapping[str, str]) -> dict[str, str]:
    """Every figure that the text may name, as printed: ``{"city.received": "28,069", "districts.top": "江汉区、洪山区、…"}``.

    ``captions``: the numbers of the document's tables, ``{"districts": "表1"}``.
    """
    month = Month.parse(tables["month"])
    following = month.shift(1)
    found = {
        "month": f"{month.month}月份",
        "year": f"{month.year}年",
        "month.next": f"{following.month}月",
        "city.name": tables["publisher"]["city"] or "全市",
        "bureau": tables["publisher"]["bureau"] or "本办",
        "gate": printed(tables["gates"]["acceptance"]),
        "score.high": printed(HIGH),
        "score.low": printed(LOW),
    }
    found |= {f"city.{name}": printed(value) for name, value in tables["city"].items()}
    found["city.change_words"] = _change_words(tables["city"])
    found["city.daily_mean"] = f"{Decimal(tables['city']['daily_mean']):,}"
    for name in ("districts", "departments", "stations", "utilities"):
        found |= _of_units(name, tables[name])
    for name in (
        "districts",
        "departments",
        "stations",
        "utilities",
        "peer_groups",
        "parties",
        "channels",
        "categories",
    ):
        for row in tables[name]:
            found |= {f"{name}.{row['code']}.{measure}": printed(value) for measure, value in row.items()}
    first = tables["categories"][:5]
    found |= {
        "categories.first": "、".join(row["name"] for row in first) or NOTHING,
        "categories.first_count": printed(len(first)),
        "categories.first_share": _share(first, tables["city"]["received"]),
        "channels.words": "、".join(f"{row['name']}{printed(row['received'])}件" for row in tables["channels"])
        or NOTHING,
    }
    found |= {f"figures.{row['key']}": printed(row["value"]) for row in tables["figures"]}
    found |= {f"table.{name}": caption for name, caption in captions.items()}
    return found


def _change_words(city: Mapping[str, Any]) -> str:
    if not city["received_before"]:
        return "上月无可比数据"
    if not city["change"]:
        return "与上月持平"
    word, trend = ("增加", "上升") if city["change"] > 0 else ("减少", "下降")
    return f"比上月{word}{abs(city['change']):,}件，{trend}{city['change_rate'].lstrip('-')}%"


def _share(rows: Sequence[Mapping[str, Any]], whole: int) -> str:
    return percent(sum(row["received"] for row in rows), whole) or NOTHING


def _of_units(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Of one kind of unit: how many, the first and the last three by name, how many above and below a line."""
    placed = [row for row in rows if row["rank"] is not None]
    few = min(3, len(placed) // 2)
    late = max(rows, key=lambda row: row["late"], default=None)
    return {
        f"{name}.count": printed(len(rows)),
        f"{name}.ranked": printed(len(placed)),
        f"{name}.not_ranked": printed(len(rows) - len(placed)),
        f"{name}.few": printed(few),
        f"{name}.first": "、".join(row["name"] for row in placed[:few]) or NOTHING,
        f"{name}.last": "、".join(row["name"] for row in placed[len(placed) - few :]) or NOTHING,
        f"{name}.high": printed(sum(Decimal(row["score_exact"]) >= HIGH for row in placed)),
        f"{name}.low": printed(sum(Decimal(row["score_exact"]) < LOW for row in placed)),
        f"{name}.latest": late["name"] if late else NOTHING,
        f"{name}.latest_count": printed(late["late"]) if late else NOTHING,
    }


# --- the text that is proposed ------------------------------------------------------------------------------------------

_OPENING = """{{month}}，全市住宅小区公共服务管理线上评议共受理案件{{city.received}}件，有效评价{{city.ratings}}件。根据问题受理、处置和满意率情况，对各区、各公共管理部门和基层站所进行排名，现将有关情况通报如下。
一、总体情况
受理案件{{city.change_words}}，日均{{city.daily_mean}}件。按渠道分：{{channels.words}}。不计入评议的案件{{city.excluded}}件。
全市受理率{{city.acceptance}}%、处置率{{city.handling}}%、满意率{{city.satisfaction}}%。逾期办结{{city.late}}件；收到不满意评价{{city.bad}}件，经复核撤回{{city.bad_withdrawn}}件，有效{{city.bad_standing}}件。{{categories.first}}等{{categories.first_count}}类问题合计占案件总数的{{categories.first_share}}%。
[[channels]]"""

_DISTRICTS = """各区评议情况
参加排名的区（功能区）共{{districts.ranked}}个，综合得分靠前的为{{districts.first}}，靠后的为{{districts.last}}。分项情况见{{table.districts}}。
[[districts]]"""

_DEPARTMENTS = """公共管理部门评议情况
参加排名的公共管理部门共{{departments.ranked}}个，{{departments.first}}得分靠前，{{departments.last}}得分靠后。分项情况见{{table.departments}}。
[[departments]]"""

_UTILITIES = """公用事业单位评议情况
供水、供电、供气等公用事业单位单独列出，分项情况见{{table.utilities}}。
[[utilities]]"""

_STATIONS = """基层站所评议情况
计入评议的案件在{{gate}}件以上并参加排名的基层站所共{{stations.ranked}}个，其中得分{{score.high}}分以上{{stations.high}}个，{{score.low}}分以下{{stations.low}}个；样本不足、未参加排名的{{stations.not_ranked}}个。站所名单和分项得分见附件。"""

_PROBLEMS = """存在的主要问题
（一）部分案件逾期办结。{{month}}应办结案件{{city.handle_due}}件，逾期办结{{city.late}}件，占{{city.late_rate}}%，其中{{districts.latest}}{{districts.latest_count}}件，数量最多。
（二）部分问题未真正解决。按期答复后居民反映仍未解决{{city.unresolved}}件，有效不满意评价{{city.bad_standing}}件，办理实效有待提高。
（三）问题类别较为集中。{{categories.first}}等问题反映较多，源头治理仍需加强。"""

_NEXT = """下一步工作要求
（一）压实责任。得分靠后的区和部门要逐项查找原因，于{{month.next}}底前向{{bureau}}报送整改情况。
（二）限时办结。对逾期和评价不满意的案件逐件回访，再次处置并反馈居民。
（三）源头治理。连续进入后十名的小区，由所在街道会同社区、业主委员会和物业服务企业制定治理方案，区房管部门跟踪督办。"""

_NUMERALS = "一二三四五六七八九十"


def proposed(tables: Mapping[str, Any]) -> str:
    """The text proposed for a month: a section for each kind of unit that had cases, numbered on."""
    sections = [_DISTRICTS]
    sections += [
        text
        for name, text in (("departments", _DEPARTMENTS), ("utilities", _UTILITIES), ("stations", _STATIONS))
        if tables[name]
    ]
    sections += [_PROBLEMS, _NEXT]
    numbered = [f"{_NUMERALS[place]}、{text}" for place, text in enumerate(sections, start=1)]
    return "\n".join([_OPENING, *numbered])
