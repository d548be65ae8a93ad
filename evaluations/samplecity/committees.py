"""Owners' committees in their terms, with members and meetings, and the cases in which committees are being formed."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from estates.committee_rules import FORMATION_STEPS, STEP_DUE_DAYS
from evaluations.samplecity import names
from evaluations.samplecity.city import City, Table, between, table, truth, years_later
from evaluations.samplecity.registers import Estate

COMMITTEES, STAND_INS, FORMATIONS = 620, 40, 130
_SUBJECTS = (
    "公共收益使用方案",
    "物业服务合同续签",
    "停车管理办法",
    "维修资金使用",
    "充电设施安装",
    "物业服务满意度测评",
)
_BLOCKS = ("", "", "", "报名人数不足", "业主信息移交不全", "分期开发尚未交付完毕", "共用设施权属未分割")


def tables(city: City) -> Iterator[Table]:
    rng = city.rng("committees")
    homes = [estate for estate in city.registers.estates if estate.kind == "professional"]
    chosen = rng.sample(homes, COMMITTEES + STAND_INS + FORMATIONS)
    committees, members, meetings = [], [], []
    for place, estate in enumerate(chosen[: COMMITTEES + STAND_INS]):
        row = _committee(estate, place >= COMMITTEES, city.as_of, rng)
        committees.append(row)
        members += _members(row, rng)
        meetings += _meetings(row, city, rng)
    yield table(
        "owners-committees", "code estate kind valid_from valid_to elected_on filed_on size party_group_on", committees
    )
    yield table(
        "committee-members", "committee name role is_party_member works_for_enterprise valid_from valid_to", members
    )
    yield table("committee-meetings", "committee held_on subject", meetings)
    yield from _formations(chosen[COMMITTEES + STAND_INS :], city)


def _committee(estate: Estate, stand_in: bool, as_of: date, rng: Random) -> tuple:
    """The committee in its present term; a few terms are over and nobody was elected since."""
    years = 2 if stand_in else rng.choice((3, 4, 5, 5))
    first = between(rng, date(2014, 1, 1), date(2014, 1, 1) + timedelta(days=365 * years))
    number, late = 1, rng.random() < 0.05
    while years_later(first, years) <= as_of:
        if late and (as_of - years_later(first, years)).days < 365:
            break
        first, number = years_later(first, years), number + 1
    elected = first - timedelta(days=rng.randint(5, 25))
    filed = elected + timedelta(days=rng.randint(5, 29) if rng.random() < 0.9 else rng.randint(31, 80))
    size = rng.choice((5, 5, 7, 7, 9)) if int(estate.households) > 100 or rng.random() < 0.2 else 3
    group = between(rng, first, first + timedelta(days=120)) if rng.random() < 0.35 else ""
    if group and group >= as_of:
        group = ""
    return (
        f"YWH-{estate.code[1:]}-{number}", estate.code, "stand_in" if stand_in else "owners", first,
        years_later(first, years) - timedelta(days=1), elected, filed if filed < as_of else "", size, group,
    )  # fmt: skip


def _members(committee: tuple, rng: Random) -> Iterator[tuple]:
    code, first, last, size = committee[0], committee[3], committee[4], committee[7]
    share = rng.uniform(0.1, 0.8)
    given: set[str] = set()
    while len(given) < size:
        name = names.person(rng)
        if name in given:
            continue
        role = "chair" if not given else "deputy" if len(given) == 1 else "member"
        given.add(name)
        tied = truth(rng.random() < 0.004)
        yield code, name, role, truth(rng.random() < share), tied, first, last


def _meetings(committee: tuple, city: City, rng: Random) -> Iterator[tuple]:
    """Two meetings within the last four months; one in eight committees has not met for longer than it should."""
    latest = rng.randint(70, 200) if rng.random() < 0.12 else rng.randint(1, 55)
    for days in (latest, latest + rng.randint(40, 60)):
        day = city.ago(days)
        if committee[3] <= day <= committee[4]:
            yield committee[0], day, rng.choice(_SUBJECTS)


def _formations(estates: list[Estate], city: City) -> Iterator[Table]:
    """Cases of the last year and a half. Each step takes about as long as it may, or longer where something blocks it."""
    rng = city.rng("formations")
    cases, steps = [], []
    for number, estate in enumerate(estates, start=1):
        applied = city.ago(rng.randint(10, 420))
        blocked = rng.choice(_BLOCKS)
        pace = rng.uniform(1.4, 3.0) if blocked else rng.uniform(0.6, 1.05)
        code = f"CL-{number:04d}"
        done: list[date | str] = []
        for step in FORMATION_STEPS:
            day = applied + timedelta(days=round(STEP_DUE_DAYS[step] * pace))
            done.append(day if day < city.as_of else "")
            steps.append((code, step, applied + timedelta(days=STEP_DUE_DAYS[step]), done[-1]))
        closed, outcome = (done[-1], "formed" if rng.random() < 0.85 else "stand_in") if done[-1] else ("", "")
        if not closed and (city.as_of - applied).days > 330:
            closed, outcome = city.ago(rng.randint(1, 20)), rng.choice(("withdrawn", "failed"))
        cases.append((code, estate.code, applied, "" if outcome == "formed" else blocked, closed, outcome))
    yield table("formation-cases", "code estate applied_on blocked_reason closed_on outcome", cases)
    yield table("formation-steps", "case step due_on done_on", steps)
