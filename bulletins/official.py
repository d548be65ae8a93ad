"""A bulletin as an official document: its tables and its text from what is frozen, and from nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bulletins import wording
from bulletins.models import MonthlyBulletin
from bulletins.rules import filled
from bulletins.wording import UNRANKED, printed
from portal.documents.official import Appendix, Block, OfficialDocument, Paragraph, Table, blocks_of
from portal.rules import HalfMonth

Status = MonthlyBulletin.Status

_MARKS = {
    Status.DRAFT: "（草稿，未签发）",
    Status.IN_REVIEW: "（送审稿，未签发）",
    Status.SIGNED: "（已签发，未公布）",
    Status.SUPERSEDED: "（本件已由更正件代替）",
    Status.WITHDRAWN: "（本件已撤回）",
}
_UNIT_COLUMNS = ("score", "rank", "accept_due", "acceptance", "handling", "satisfaction", "late")
_UNIT_HEADINGS = (
    "综合得分", "位次", "计入案件（件）", "受理率（%）", "处置率（%）", "满意率（%）", "逾期办结（件）",
)  # fmt: skip
_UNIT_WIDTHS = (3.3, 1.35, 1.35, 1.4, 1.1, 1.1, 1.1, 1.4)
_IN_TEXT = ("channels", "districts", "departments", "utilities")
"""Tables that the text may show, in the order of their numbers."""


def captions(tables: Mapping[str, Any]) -> dict[str, str]:
    """The number of each table that the text may show: ``{"districts": "表2"}``."""
    return {name: f"表{place}" for place, name in enumerate((name for name in _IN_TEXT if tables[name]), start=1)}


def figures(bulletin: MonthlyBulletin) -> dict[str, str]:
    return wording.figures(bulletin.tables, captions(bulletin.tables))


def text(bulletin: MonthlyBulletin) -> str:
    """The narrative with its figures.

    Raises:
        UnknownFigures: a placeholder names no figure of the tables.
    """
    return filled(bulletin.narrative, figures(bulletin))


def official(bulletin: MonthlyBulletin) -> OfficialDocument:
    """The document in all its parts.

    Raises:
        UnknownFigures: a placeholder names no figure of the tables.
        KeyError: the text asks for a table that there is not.
    """
    tables = bulletin.tables
    bureau, dated = tables["publisher"]["bureau"], _day(bulletin.dated)
    body = blocks_of(text(bulletin), _text_tables(tables))
    if bulletin.reason and bulletin.revision > 1:
        body = (Paragraph(f"本期为更正件，代替此前公布的同期通报。更正内容和理由：{bulletin.reason}"), *body)
    number = f"{bulletin.of.year}年第{bulletin.number}期（总第{bulletin.serial}期）"
    sent_to = [("报", bulletin.reports_to), ("送", bulletin.sent_to)]
    return OfficialDocument(
        masthead=wording.MASTHEAD,
        number=f"{bulletin.document_number}　{number}" if bulletin.document_number else number,
        issuer=bureau,
        dated=dated,
        title=_title_lines(bulletin.title),
        body=body,
        appendices=_appendices(bulletin),
        sent_to=tuple((kind, whom) for kind, whom in sent_to if whom),
        printed_by=bureau,
        printed_on=dated,
        marks=(_MARKS[Status(bulletin.status)],) if bulletin.status in _MARKS else (),
    )


def _day(day) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _title_lines(title: str) -> tuple[str, ...]:
    """The title as it is broken: after the month, where it begins with one."""
    head, mark, tail = title.partition("月份")
    return (head + mark, tail) if mark and tail else (title,)


# --- tables -------------------------------------------------------------------------------------------------------------


def _text_tables(tables: Mapping[str, Any]) -> dict[str, Table]:
    number = captions(tables)
    titles = {
        "districts": "各区（功能区）评议情况",
        "departments": "公共管理部门评议情况",
        "utilities": "公用事业单位评议情况",
    }
    made = {
        name: unit_table(f"{number[name]}　{title}", wording.UNITS[name], tables[name], _note(tables))
        for name, title in titles.items()
        if name in number
    }
    if "channels" in number:
        made["channels"] = channel_table(f"{number['channels']}　各渠道受理情况", tables)
    return made


def _note(tables: Mapping[str, Any]) -> str:
    gates = tables["gates"]
    return (
        f"注：计入案件为本月受理环节评议到期的案件。受理不足{gates['acceptance']}件、处置不足{gates['handling']}件"
        f"或评价不足{gates['ratings']}件的，列为“{UNRANKED}”，不参加排名。"
    )


def unit_table(caption: str, unit: str, rows: Sequence[Mapping[str, Any]], note: str = "") -> Table:
    """Units with score, rank, cases and rates; one with too few cases says so in place of its rank."""
    lines = []
    for row in rows:
        values = [printed(row[name]) for name in _UNIT_COLUMNS]
        if row["rank"] is None:
            values[1] = UNRANKED
        lines.append((row["name"], *values))
    return Table(caption, (unit, *_UNIT_HEADINGS), tuple(lines), _UNIT_WIDTHS, note)


def channel_table(caption: str, tables: Mapping[str, Any]) -> Table:
    """What came by each channel, against the month before, with the total."""
    rows = [
        (
            row["name"],
            *(printed(row[name]) for name in ("received", "share", "received_before", "change", "change_rate")),
        )
        for row in tables["channels"]
    ]
    city = tables["city"]
    total = ("合计", *(printed(city[name]) for name in ("received",)), wording.NOTHING)
    rows.append((*total, *(printed(city[name]) for name in ("received_before", "change", "change_rate"))))
    headings = ("渠道", "受理案件（件）", "占比（%）", "上月（件）", "增减（件）", "增减（%）")
    return Table(caption, headings, tuple(rows), (2, 1.4, 1.2, 1.3, 1.3, 1.2))


def _party_table(tables: Mapping[str, Any]) -> Table:
    names = ("received", "accept_due", "acceptance", "handling", "satisfaction", "late", "bad_standing")
    headings = (
        "责任主体", "受理案件（件）", "计入案件（件）", "受理率（%）", "处置率（%）", "满意率（%）", "逾期办结（件）", "有效不满意（件）",
    )  # fmt: skip
    rows = [(row["name"], *(printed(row[name]) for name in names)) for row in tables["parties"]]
    rows.append(("合计", *(printed(tables["city"][name]) for name in names)))
    return Table("按责任主体分", headings, tuple(rows), (2.5, 1.4, 1.4, 1.1, 1.1, 1.1, 1.4, 1.4))


def _category_table(tables: Mapping[str, Any]) -> Table:
    names = ("received", "share", "acceptance", "handling", "satisfaction", "late")
    headings = (
        "问题类别",
        "受理案件（件）",
        "占比（%）",
        "受理率（%）",
        "处置率（%）",
        "满意率（%）",
        "逾期办结（件）",
    )
    rows = [(row["name"], *(printed(row[name]) for name in names)) for row in tables["categories"]]
    return Table("按问题类别分", headings, tuple(rows), (2.4, 1.4, 1.1, 1.1, 1.1, 1.1, 1.4))


def _peer_table(tables: Mapping[str, Any]) -> Table:
    names = ("received", "accept_due", "acceptance", "handling", "satisfaction", "late")
    headings = (
        "分组",
        "受理案件（件）",
        "计入案件（件）",
        "受理率（%）",
        "处置率（%）",
        "满意率（%）",
        "逾期办结（件）",
    )
    rows = []
    for group in tables["peer_groups"]:
        rows.append((group["name"], *(printed(group[name]) for name in names)))
        for row in tables["districts"]:
            if row["peer_group"] == group["code"]:
                place = f"（组内第{row['peer_rank']}位）" if row["peer_rank"] else f"（{UNRANKED}）"
                rows.append((f"　{row['name']}{place}", *(printed(row[name]) for name in names)))
    return Table("区（功能区）分组情况", headings, tuple(rows), (3.6, 1.4, 1.4, 1.1, 1.1, 1.1, 1.4))


def _quality_table(tables: Mapping[str, Any]) -> Table:
    city = tables["city"]
    rows = [
        ("收到评价", printed(city["rated"]), "件"),
        ("　其中：经复核撤回", printed(city["rated_withdrawn"]), "件"),
        ("收到不满意评价", printed(city["bad"]), "件"),
        ("　其中：经复核撤回", printed(city["bad_withdrawn"]), "件"),
        ("　其中：有效", printed(city["bad_standing"]), "件"),
        ("按期答复后居民反映未解决", printed(city["unresolved"]), "件"),
        ("不计入评议的案件", printed(city["excluded"]), "件"),
        *((f"　其中：{row['name']}", printed(row["count"]), "件") for row in tables["exclusions"]),
        *((row["title"], printed(row["value"]), row["unit"]) for row in tables["figures"]),
    ]
    return Table("评价和不计入评议的案件", ("项目", "数量", "单位"), tuple(rows), (4, 1.5, 1))


# --- annexes ------------------------------------------------------------------------------------------------------------


def _appendices(bulletin: MonthlyBulletin) -> tuple[Appendix, ...]:
    tables, month = bulletin.tables, f"{bulletin.of.month}月份"
    made = []
    if tables["stations"]:
        made.append(Appendix(f"{month}基层站所评议情况", tuple(_station_blocks(tables))))
    if tables["lists"]:
        made.append(Appendix(f"{month}前十后十小区名单", tuple(_list_blocks(tables["lists"]))))
    blocks = (_peer_table(tables), _party_table(tables), _category_table(tables), _quality_table(tables))
    made.append(Appendix(f"{month}评议分类数据", blocks))
    return tuple(made)


def _station_blocks(tables: Mapping[str, Any]) -> Iterable[Block]:
    ranked = [row for row in tables["stations"] if row["rank"] is not None]
    others = [row for row in tables["stations"] if row["rank"] is None]
    if ranked:
        yield unit_table("参加排名的站所", wording.UNITS["stations"], ranked, _note(tables))
    if others:
        yield unit_table(
            "样本不足、未参加排名的站所", wording.UNITS["stations"], others, "" if ranked else _note(tables)
        )


def _list_blocks(lists: Sequence[Mapping[str, Any]]) -> Iterable[Block]:
    headings = ("小区", "位次", "区（功能区）", "物业服务企业", "综合得分")
    for published in lists:
        half = HalfMonth.parse(published["period"])
        for name, title in (("top", "前十名"), ("bottom", "后十名")):
            rows = [
                (
                    row["estate_name"],
                    printed(row["rank"]),
                    row["district_name"],
                    row["enterprise_name"] or "无",
                    row["score"],
                )
                for row in published[name]
            ]
            caption = f"{half.month}月{'上' if half.half == 1 else '下'}半月{title}"
            yield Table(caption, headings, tuple(rows), (2.2, 0.7, 1.9, 3.9, 1.0))
