"""Public money and what was done with it, the platforms of emergency repair and their orders. All sums are the report's."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from evaluations.samplecity import figures
from evaluations.samplecity.city import City, Table, between, table
from evaluations.samplecity.figures import Money
from evaluations.samplecity.registers import Estate, shared_out
from portal.rules import CHINA

ORDERS, LATELY = 900, 40
_WORKS = {
    "environment": ("清理楼道、疏通下水道", "补种绿化、修补道路", "拆除违建、规整线缆", "修缮路灯、粉刷外墙"),
    "old_renovation": ("雨污分流、屋面防水、加装电梯", "管网改造、外墙修缮、停车位改造", "道路、绿化、安防综合改造"),
}
_KINDS = {
    "lift": 14, "fire_equipment": 4, "facade": 7, "wall_or_road": 6, "leak": 22, "drains": 26, "water_supply": 12,
    "power": 7, "other": 2,
}  # fmt: skip
_COLUMNS = "code year kind district platform planned_yuan allocated_yuan spent_yuan source_level document_no"


def tables(city: City) -> Iterator[Table]:
    platforms = _platforms(city)
    yield table("repair-platforms", "code name district hotline staff_count valid_from valid_to", platforms)
    fundings: list[tuple] = []
    renovations: list[tuple] = []
    old: dict[str, list[Estate]] = {}
    for estate in city.old:
        old.setdefault(city.district_of(estate), []).append(estate)
    for year, kind, money in (
        (2018, "environment", figures.ENVIRONMENT_2018),
        (2019, "environment", figures.ENVIRONMENT_2019),
        (2020, "old_renovation", figures.RENOVATION_2020),
    ):
        rng = city.rng(f"money {year}")
        chosen = _chosen(old, money, rng)
        weights = [float(len(theirs)) for theirs in chosen.values()]
        for (district, theirs), yuan in zip(chosen.items(), shared_out(money.yuan, weights, least=1), strict=True):
            row = _funding(year, kind, district, "", yuan, rng, overspent=len(fundings) in (3, 20))
            fundings.append(row)
            renovations += _renovations(row, theirs, rng)
    rng = city.rng("subsidies")
    weights = [float(len(theirs)) for theirs in old.values()]
    for district, yuan in zip(old, shared_out(figures.FEE_SUBSIDY_2018, weights), strict=True):
        fundings.append(_funding(2018, "fee_subsidy", district, "", yuan, rng))
    weights = [float(row[4]) for row in platforms]
    for row, yuan in zip(platforms, shared_out(figures.REPAIR_YUAN, weights), strict=True):
        fundings.append(_funding(2019, "emergency_repair", row[2], row[0], yuan, rng))
    yield table("fundings", _COLUMNS, fundings)
    yield table("renovations", "funding estate works cost_yuan completed_on", renovations)
    yield table(
        "repair-orders",
        "number platform estate kind reported_at responded_at arrived_at finished_at cost_yuan fund_source",
        _orders(city, platforms, old),
    )


def _chosen(old: dict[str, list[Estate]], money: Money, rng: Random) -> dict[str, list[Estate]]:
    """District → the neighbourhoods that the money reached, together as many as the report says."""
    pool = [estate.code for theirs in old.values() for estate in theirs]
    codes = set(rng.sample(pool, money.estates))
    found = {district: [one for one in theirs if one.code in codes] for district, theirs in old.items()}
    return {district: theirs for district, theirs in found.items() if theirs}


def _funding(
    year: int, kind: str, district: str, platform: str, yuan: int, rng: Random, *, overspent: bool = False
) -> tuple:
    """Planned, allocated (the report's amount) and spent. Two districts spent more than they had."""
    short = {"environment": "HJ", "fee_subsidy": "BT", "old_renovation": "GZ", "emergency_repair": "YJ"}[kind]
    code = f"ZJ-{year}-{short}-{platform or district}"
    spent = round(yuan * 1.04) if overspent else round(yuan * rng.uniform(0.93, 1.0))
    planned = round(yuan * rng.uniform(0.95, 1.15), -2)
    level = "city" if kind in ("environment", "old_renovation") else "district"
    return code, year, kind, district, platform, planned, yuan, spent, level, f"样财〔{year}〕{rng.randint(10, 199)}号"


def _renovations(funding: tuple, estates: list[Estate], rng: Random) -> Iterator[tuple]:
    """What was spent in each neighbourhood; together it is what the district spent."""
    year, kind, spent = funding[1], funding[2], funding[7]
    weights = [int(estate.households) ** 0.7 * rng.uniform(0.6, 1.4) for estate in estates]
    for estate, yuan in zip(estates, shared_out(spent, weights), strict=True):
        yield (
            funding[0],
            estate.code,
            rng.choice(_WORKS[kind]),
            yuan,
            between(rng, date(year, 4, 1), date(year, 12, 28)),
        )


def _platforms(city: City) -> list[tuple]:
    """One or more in each district: more where more is old."""
    rng = city.rng("platforms")
    old = Counter(city.district_of(estate) for estate in city.old)
    counts = shared_out(figures.REPAIR_PLATFORMS, [old[code] for code in city.districts], least=1)
    staff = iter(shared_out(figures.REPAIR_STAFF, [rng.uniform(0.7, 1.5) for _one in range(sum(counts))], least=6))
    rows = []
    for (district, name), count in zip(city.districts.items(), counts, strict=True):
        for number in range(1, count + 1):
            title = f"{name}应急维修平台" + (f"第{'一二三四五六七八九'[number - 1]}站" if count > 1 else "")
            first = between(rng, date(2018, 3, 1), date(2019, 4, 30))
            rows.append(
                (f"YJ-{district}-{number}", title, district, f"027-0000{len(rows) + 1:04d}", next(staff), first, "")
            )
    return rows


def _orders(city: City, platforms: list[tuple], old: dict[str, list[Estate]]) -> Iterator[tuple]:
    """Orders of the last half year, as they stood when the day of the sample began."""
    rng = city.rng("repair orders")
    now = datetime(city.as_of.year, city.as_of.month, city.as_of.day, tzinfo=CHINA)
    spans = [2 * 24 * 60] * LATELY + [180 * 24 * 60] * (ORDERS - LATELY)
    moments = sorted(now - timedelta(minutes=rng.randint(1, span)) for span in spans)
    for number, reported in enumerate(moments, start=1):
        platform = rng.choice(platforms)
        estate = rng.choice(old[platform[2]])
        on_time = rng.random() < 0.9
        responded = reported + timedelta(minutes=rng.randint(2, 15) if on_time else rng.randint(16, 70))
        arrived = responded + timedelta(minutes=rng.randint(12, 40) if on_time else rng.randint(40, 180))
        finished = arrived + timedelta(minutes=rng.randint(40, 60 * 30))
        known = [
            moment.isoformat(timespec="minutes") if moment < now else "" for moment in (responded, arrived, finished)
        ]
        paid = (rng.randint(2, 180) * 50, rng.choice(("residents", "subsidy", "subsidy", "maintenance_fund")))
        yield (
            f"QX-{reported:%Y%m}-{number:05d}", platform[0], estate.code,
            rng.choices(list(_KINDS), list(_KINDS.values()))[0], reported.isoformat(timespec="minutes"), *known,
            *(paid if known[-1] else ("", "")),
        )  # fmt: skip
