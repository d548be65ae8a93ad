"""The programme's course and what is counted for the whole city once a year or month."""

from collections.abc import Iterator
from datetime import date

from evaluations.samplecity import figures
from evaluations.samplecity.city import Table, table

_MILESTONES = (
    ("start", date(2017, 1, 1), "year", "“红色物业”工作启动"),
    ("proposal", date(2017, 1, 1), "month", "提出实施“红色引擎工程”"),
    ("party_congress", date(2017, 1, 22), "day", "市第十三次党代会"),
    ("pilot", date(2017, 1, 1), "year", "试点"),
    ("external_recognition", date(2017, 7, 1), "month", "全国城市基层党建工作经验交流座谈会"),
    ("gov_work_report", date(2018, 1, 1), "year", "纳入市政府工作报告实事"),
    ("gov_work_report", date(2019, 1, 1), "year", "纳入市政府工作报告实事"),
    ("old_full_coverage", date(2018, 1, 1), "year", "老旧小区物业服务有效覆盖"),
    ("regulation", date(2019, 1, 1), "day", "新修订的《武汉市物业管理条例》施行"),
)
# The report names the first four; the others are invented, so that there are as many as it counts.
_PARTNERS = (
    "城市管理部门", "质监部门", "消防部门", "供水单位", "公安部门", "生态环境部门", "市场监管部门", "卫生健康部门", "园林部门",
    "民政部门", "供电单位", "燃气单位", "通信单位", "社区居民委员会", "维修资金中心",
)  # fmt: skip
_THEMES = (
    "违章搭建整治", "电梯安全", "消防通道畅通", "二次供水", "文明养犬", "油烟噪音治理", "垃圾分类", "停车秩序", "绿化养护",
    "电动车充电安全", "防汛排涝", "维修资金使用",
)  # fmt: skip


def tables() -> Iterator[Table]:
    yield table(
        "programme-milestones", "code kind on_date precision note",
        [(f"LC-{number:02d}", *row) for number, row in enumerate(_MILESTONES, start=1)],
    )  # fmt: skip
    yield table(
        "satisfaction-indices", "year value method_version note",
        [(year, value, "2017", "全市住宅小区物业服务满意度综合指数") for year, value in figures.SATISFACTION.items()],
    )  # fmt: skip
    yield table(
        "evaluation-rounds", "year title published_on",
        [(year, f"{year}年度物业服务质量考评", date(year, 10, 20)) for year in figures.EVALUATION_YEARS],
    )  # fmt: skip
    yield table("service-campaigns", "month theme partners status", campaigns())


def campaigns() -> Iterator[tuple]:
    """One theme a month; every partner takes part now and then."""
    year, month = figures.CAMPAIGNS_FROM
    partners = _PARTNERS[: figures.CAMPAIGN_PARTNERS]
    for number in range(figures.CAMPAIGNS):
        day = date(year + (month - 1 + number) // 12, (month - 1 + number) % 12 + 1, 1)
        there = [partners[(number + step * step) % len(partners)] for step in range(5)]
        yield day, _THEMES[number % len(_THEMES)], "、".join(dict.fromkeys(there)), "held"
