"""The month of the service march that the demo is in: visits in the district, issues settled, open and made cases."""

from datetime import timedelta

from casedesk.actions.campaigns import make_case
from casedesk.models import CampaignIssue, CampaignVisit
from casedesk.tour import cast
from casedesk.tour.cast import Players
from evaluations.models import ServiceCampaign
from portal.rules import CHINA

THEME, PARTNERS = "电动车充电安全", "消防部门、城市管理部门、公安部门、供电单位、社区居民委员会"
Result = CampaignIssue.Result
# Days ago, partners present, participants; then what was found: kind, words, who answers, days to settle it, result.
VISITS = (
    (12, "消防部门、供电单位", 32, (
        ("fire_safety", "5栋架空层集中充电未装喷淋", "消防部门", 15, Result.OPEN),
        ("fire_safety", "3处飞线充电", "消防部门", 7, Result.ON_THE_SPOT),
        ("property_service", "车棚照明损坏", "物业服务企业", 7, Result.SETTLED),
    )),
    (9, "消防部门、城市管理部门", 26, (
        ("fire_safety", "门厅停放电动车11辆", "消防部门", 7, Result.CASE),
        ("cleaning", "楼道堆放杂物", "物业服务企业", 5, Result.SETTLED),
    )),
    (6, "公安部门、社区居民委员会", 41, (
        ("parking", "充电车位被机动车占用", "公安部门", 3, Result.OPEN),
        ("security", "车棚无监控", "物业服务企业", 15, Result.CASE),
        ("fire_safety", "灭火器过期", "物业服务企业", 3, Result.ON_THE_SPOT),
    )),
    (3, "消防部门、公安部门、供电单位", 38, (
        ("fire_safety", "配电箱无漏电保护", "供电单位", 10, Result.OPEN),
    )),
)  # fmt: skip


def hold(players: Players) -> None:
    """Enter the visits, each under the month in which it lies; a month without a theme gets the demo's."""
    today = players.now.astimezone(CHINA).date()
    by = players.people[cast.DISTRICT]
    for number, (days, partners, participants, found) in enumerate(VISITS, start=1):
        day = today - timedelta(days=days)
        ServiceCampaign.objects.get_or_create(month=day.replace(day=1), defaults={"theme": THEME, "partners": PARTNERS})
        visit = CampaignVisit(
            code=f"FWH-{day:%Y%m%d}", estate=players.homes[number * 3 % len(players.homes)], held_on=day, partners=partners,
            participants=participants,
        )  # fmt: skip
        visit.clean()
        visit.save()
        for place, (category, text, responsible, due, result) in enumerate(found, start=1):
            settled = {Result.ON_THE_SPOT: day, Result.SETTLED: day + timedelta(days=2)}.get(result)
            issue = CampaignIssue.objects.create(
                code=f"{visit.code}-{place}", visit=visit, category=category, text=text, responsible=responsible,
                due_on=day + timedelta(days=due), result=Result.OPEN if result == Result.CASE else result,
                settled_on=settled,
            )  # fmt: skip
            if result == Result.CASE:
                at = players.now - timedelta(days=days) + timedelta(hours=1)
                make_case(issue, category=category, by=by, now=max(at, players.since) if players.since else at)
