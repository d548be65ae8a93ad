"""The service grade standard: five general grades and a basic one for old neighbourhoods, with what each demands."""

from collections.abc import Iterator
from datetime import date

from evaluations.samplecity.city import Table, table

STANDARD = "ZZWYFW-2019"
GRADES = {level: f"{STANDARD}-{level}" for level in range(1, 6)}
"""Level → code of the general grade."""
OLD_GRADE = f"{STANDARD}-L"
_NUMERALS = "一二三四五"

# Section, demand, measure, and the thresholds from the most basic grade to the highest, the old neighbourhoods' one first.
_ITEMS = (
    ("基本要求", "建立党组织或接受党建指导员指导,公示党员身份", "公示", "有 有 有 有 有 有"),
    ("基本要求", "公示服务内容、收费标准和投诉电话", "公示", "有 有 有 有 有 有"),
    ("客户服务", "受理业主报修和咨询", "每日时数", "≥8 ≥8 ≥10 ≥12 ≥16 24"),
    ("客户服务", "每年征询业主意见并公布满意率", "满意率(%)", "≥70 ≥75 ≥78 ≥80 ≥85 ≥90"),
    ("秩序维护", "主要出入口有人值守", "每日时数", "≥8 ≥12 ≥16 24 24 24"),
    ("秩序维护", "小区巡查", "每日次数", "≥2 ≥3 ≥4 ≥6 ≥8 ≥12"),
    ("保洁", "楼道清扫", "每周次数", "≥1 ≥2 ≥3 ≥5 ≥7 ≥7"),
    ("保洁", "生活垃圾清运", "每日次数", "≥1 ≥1 ≥1 ≥2 ≥2 ≥2"),
    ("绿化养护", "修剪草坪和绿篱", "每年次数", "≥2 ≥3 ≥4 ≥6 ≥8 ≥10"),
    ("设施维护", "急修到场时间", "分钟", "≤60 ≤60 ≤45 ≤30 ≤20 ≤15"),
    ("设施维护", "电梯困人到场时间", "分钟", "≤30 ≤30 ≤30 ≤30 ≤20 ≤15"),
    ("设施维护", "消防设施检查", "每月次数", "≥1 ≥1 ≥1 ≥2 ≥2 ≥4"),
)


def tables() -> Iterator[Table]:
    yield table(
        "service-standards", "code title version effective_on repealed_on",
        [(STANDARD, "住宅物业服务等级标准", "2019", date(2019, 7, 1), "")],
    )  # fmt: skip
    grades = [(OLD_GRADE, STANDARD, "old", 1, "老旧小区基本服务")]
    grades += [(code, STANDARD, "general", level, f"{_NUMERALS[level - 1]}级服务") for level, code in GRADES.items()]
    yield table("service-grades", "code standard applies_to level name", grades)
    yield table(
        "standard-items", "grade number section text measure threshold",
        [
            (grade[0], f"{number:02d}", section, text, measure, thresholds.split()[place])
            for place, grade in enumerate(grades)
            for number, (section, text, measure, thresholds) in enumerate(_ITEMS, start=1)
        ],
    )  # fmt: skip
