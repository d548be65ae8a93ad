"""The dispatch catalogue, and the visits of the service march with what was found on them."""

from collections.abc import Iterator
from datetime import date, timedelta

from evaluations.samplecity import figures
from evaluations.samplecity.city import City, Table, between, table, truth
from evaluations.samplecity.programme import campaigns

_CATALOGUE = "样例〔2021〕2号"

# Who answers for each kind of matter, and until when: acceptance limit and unit, handling limit and unit. Utilities and lifts
# at once, ordinary matters in a week, hard ones in two or three: the limits of the city's platform in working days.
_ENTERPRISE, _STREET, _AGENCY = "enterprise", "street", "agency"
_ITEMS = (
    ("property_service", "Property service", _ENTERPRISE, "", 24, "hours", 5, "workdays", False),
    ("cleaning", "Cleaning", _ENTERPRISE, "", 24, "hours", 3, "workdays", False),
    ("leaks_repair", "Leaks and repairs", _ENTERPRISE, "", 24, "hours", 10, "workdays", False),
    ("lifts", "Lifts", _ENTERPRISE, "", 2, "hours", 24, "hours", True),
    ("parking", "Parking", _ENTERPRISE, "", 24, "hours", 5, "workdays", False),
    ("fees_disclosure", "Fees and disclosure", _ENTERPRISE, "", 24, "hours", 10, "workdays", False),
    ("security", "Security", _ENTERPRISE, "", 24, "hours", 5, "workdays", False),
    ("greenery", "Greenery", _ENTERPRISE, "", 24, "hours", 10, "workdays", False),
    ("fire_safety", "Fire safety", _AGENCY, "fire", 2, "hours", 5, "workdays", False),
    ("water_power", "Water and power", _AGENCY, "water", 2, "hours", 24, "hours", True),
    ("gas", "Gas", _AGENCY, "gas", 2, "hours", 24, "hours", True),
    ("noise", "Noise", _AGENCY, "ecology", 24, "hours", 5, "workdays", False),
    ("cooking_fumes", "Cooking fumes", _AGENCY, "ecology", 24, "hours", 5, "workdays", False),
    ("illegal_building", "Illegal building", _AGENCY, "urban-management", 24, "hours", 15, "workdays", False),
    ("dogs", "Dogs", _AGENCY, "police", 24, "hours", 5, "workdays", False),
    ("owners_committee", "Owners' committee", _STREET, "", 1, "workdays", 15, "workdays", False),
    ("other", "Other matters", _STREET, "", 1, "workdays", 5, "workdays", False),
)  # fmt: skip

# What is found on a visit, kind by kind, and who answers for it.
_FOUND = {
    "违章搭建整治": ("illegal_building", "楼顶搭建阳光房", "城市管理部门"),
    "电梯安全": ("lifts", "电梯年检标志过期未换", "质监部门"),
    "消防通道畅通": ("fire_safety", "消防车通道停放车辆", "消防部门"),
    "二次供水": ("water_power", "二次供水水箱未按期清洗", "供水单位"),
    "文明养犬": ("dogs", "犬只未登记、遛犬不牵绳", "公安部门"),
    "油烟噪音治理": ("cooking_fumes", "临街餐饮油烟直排", "生态环境部门"),
    "垃圾分类": ("cleaning", "分类投放点满溢", "城市管理部门"),
    "停车秩序": ("parking", "非机动车占用单元门口", "公安部门"),
    "绿化养护": ("greenery", "树枝遮挡低层采光", "园林部门"),
    "电动车充电安全": ("fire_safety", "飞线充电", "消防部门"),
    "防汛排涝": ("leaks_repair", "地下车库排水沟堵塞", "城市管理部门"),
    "维修资金使用": ("fees_disclosure", "维修资金使用情况未公示", "维修资金中心"),
}
_BESIDES = (
    ("property_service", "服务电话无人接听", "物业服务企业"),
    ("cleaning", "楼道堆放杂物", "物业服务企业"),
    ("security", "单元门禁损坏", "物业服务企业"),
    ("leaks_repair", "楼顶渗漏", "物业服务企业"),
)
_VISITS_A_MONTH = 15
_REPLIES = (
    ("MB-01", "solved", "", "已维修", "已于……完成维修，并现场检查，目前使用正常。"),
    ("MB-02", "solved", "", "已清理", "已于……完成清理，今后每日巡查……次，防止再次堆放。"),
    ("MB-03", "solved", "fire_safety", "通道已恢复畅通", "已劝离占用消防通道的……辆车辆，重新划线并安排夜间值守。"),
    ("MB-04", "partly", "", "部分解决", "已完成……；其余部分因……，计划于……前完成。"),
    ("MB-05", "not_now", "", "暂不能解决", "因……，目前暂不能解决；临时措施为……，进展将另行告知。"),
)
"""Templates of feedback: code, result, category (empty: any), title, text."""


def tables(city: City) -> Iterator[Table]:
    yield table("dispatch-catalogues", "document effective_from note", [(_CATALOGUE, date(2021, 1, 1), "")])
    yield table(
        "catalogue-items",
        "version position category name_en party_kind agency accept_limit accept_unit handle_limit handle_unit "
        "emergency_accept_hours emergency_handle_hours is_public is_automatic",
        [
            (_CATALOGUE, place, category, name, party, agency, accept, accept_unit, handle, handle_unit, 2, 24,
             truth(category != "other"), truth(automatic))
            for place, (category, name, party, agency, accept, accept_unit, handle, handle_unit, automatic)
            in enumerate(_ITEMS, start=1)
        ],
    )  # fmt: skip
    yield table("reply-templates", "code result category title text", _REPLIES)
    yield from _march(city)


def _march(city: City) -> Iterator[Table]:
    """One visit in each district a month; all that was found in those years is settled."""
    rng = city.rng("service march")
    by_district: dict[str, list[str]] = {}
    for estate in city.registers.estates:
        if estate.kind != "non_residential":
            by_district.setdefault(city.district_of(estate), []).append(estate.code)
    visits, issues = [], []
    for month, theme, partners, _status in campaigns():
        for number, district in enumerate(sorted(by_district)[:_VISITS_A_MONTH], start=1):
            code, day = f"FWH-{month:%Y%m}-{number:02d}", between(rng, month, month + timedelta(days=27))
            present = "、".join(rng.sample(partners.split("、"), 3))
            visits.append((code, rng.choice(by_district[district]), day, present, rng.randint(12, 60), ""))
            found = [_FOUND[theme], *rng.sample(_BESIDES, rng.randint(0, 2))]
            for place, (category, text, responsible) in enumerate(found, start=1):
                on_the_spot = rng.random() < 0.35
                due = day + timedelta(days=rng.choice((7, 15, 30)))
                settled = day if on_the_spot else between(rng, day + timedelta(days=1), due)
                result = "on_the_spot" if on_the_spot else "settled"
                issues.append((f"{code}-{place}", code, category, text, responsible, due, result, settled))
    assert len({visit[0] for visit in visits}) == figures.CAMPAIGNS * _VISITS_A_MONTH
    yield table("campaign-visits", "code estate held_on partners participants note", visits)
    yield table("campaign-issues", "code visit category text responsible due_on result settled_on", issues)
