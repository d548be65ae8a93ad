"""What was shown to owners within the last year, with gaps; objections, answered or not; periodic reports."""

from collections.abc import Iterator
from datetime import date, timedelta

from estates import calendar
from evaluations.samplecity.city import City, Table, between, table

# Category → cadence, which end of the period time is counted from, days, and words. As the portal's own categories have them.
_CATEGORIES = {
    "SERVICE_STANDARD": ("yearly", "start", 30, "服务内容、服务标准和项目负责人"),
    "FEE_STANDARD": ("yearly", "start", 30, "收费项目、收费标准和减免办法"),
    "COMMON_REVENUE": ("quarterly", "end", 30, "公共收益收支明细及结余"),
    "CONTRACT_PERFORMANCE": ("yearly", "end", 90, "上年度合同履行情况和物业费收支"),
}
_PERIODS = {"quarterly": 4, "yearly": 1}
_FAITHFUL = {"professional": 0.9, "non_residential": 0.8, "old": 0.7}
"""Of each kind so many post everything; the others miss some, or most."""
_OBJECTIONS = (
    "公共收益没有写明广告位收入",
    "停车费收支与实际不符",
    "公示内容看不清",
    "没有公示电梯维保费用",
    "公示牌已被遮挡",
)
OBJECTIONS, REPORTS = 260, 1_200


def tables(city: City) -> Iterator[Table]:
    rng = city.rng("disclosures")
    dues = [
        (category, str(period), period.due_on(counted_from, days), words)
        for category, (cadence, counted_from, days, words) in _CATEGORIES.items()
        for period in calendar.latest_due(cadence, counted_from, days, city.as_of, _PERIODS[cadence])
    ]
    posted = []
    for estate in city.registers.estates:
        if not estate.enterprise_uscc:
            continue
        diligence = 1.0 if rng.random() < _FAITHFUL[estate.kind] else rng.uniform(0.2, 0.9)
        for category, period, due_on, words in dues:
            chance = rng.random()
            if chance >= diligence:
                continue
            late = chance > 0.93 * diligence
            day = due_on + timedelta(days=rng.randint(1, 25)) if late else due_on - timedelta(days=rng.randint(0, 22))
            if day < city.as_of:
                stays = day + timedelta(days=10 if rng.random() < 0.02 else 30)
                posted.append((estate.code, category, period, words, day, "小区公示栏", stays))
    yield table("disclosures", "estate category period content posted_on evidence expires_on", posted)
    yield table(
        "disclosure-objections", "number estate category period raised_on text due_on answer answered_on",
        _objections(city, posted),
    )  # fmt: skip
    yield table("periodic-reports", "estate enterprise period submitted_on summary", _reports(city))


def _objections(city: City, posted: list[tuple]) -> Iterator[tuple]:
    """Objections to what was posted in the last months; the youngest are still open, and some old ones too."""
    rng = city.rng("objections")
    lately = [row for row in posted if (city.as_of - row[4]).days < 150]
    for number, row in enumerate(rng.sample(lately, min(OBJECTIONS, len(lately))), start=1):
        raised = between(rng, row[4], city.ago(1))
        answered = raised + timedelta(days=rng.randint(0, 3) if rng.random() < 0.85 else rng.randint(4, 12))
        is_open = answered >= city.as_of or rng.random() < 0.04
        yield (
            f"YY-{number:04d}", *row[:3], raised, rng.choice(_OBJECTIONS), calendar.answer_due_on(raised),
            *(("", "") if is_open else ("已核实并重新公示", answered)),
        )  # fmt: skip


def _reports(city: City) -> Iterator[tuple]:
    rng = city.rng("reports")
    year = city.as_of.year - 1
    served = [one for one in city.registers.estates if one.enterprise_uscc and one.kind == "professional"]
    for estate in rng.sample(served, REPORTS):
        day = between(rng, date(year + 1, 1, 5), min(date(year + 1, 4, 30), city.as_of))
        yield estate.code, estate.enterprise_uscc, str(year), day, "全年收支、维修和业主意见处理情况"
