"""Service contracts: one after another in each neighbourhood, so that some run out soon on whatever day the sample is of."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from evaluations.samplecity.city import City, Table, between, table, years_later
from evaluations.samplecity.old import Spell
from evaluations.samplecity.registers import Estate
from evaluations.samplecity.service import Change
from evaluations.samplecity.standards import GRADES, OLD_GRADE

ONE_DAY = timedelta(days=1)
KEPT_DAYS = 400
"""So long a contract that has ended stays in the package."""
EMERGENCY_DAYS = 120
_WRONG = 6
"""Contracts with another enterprise than the one that serves."""


class Contract(NamedTuple):
    number: str
    estate: str
    enterprise: str
    kind: str
    grade: str
    fee: str
    signed_on: date
    first: date
    last: date
    note: str = ""


def contracts(city: City, modes: dict[str, list[Spell]], changed: list[Change]) -> list[Contract]:
    """The contracts in force on the day of the sample and those that ended lately; some were not followed by another."""
    rng = city.rng("contracts")
    since = {one.estate: one.day for one in changed}
    found = []
    for estate in city.registers.estates:
        chance = rng.random()
        if not estate.enterprise_uscc:
            continue
        first = since.get(estate.code)
        if first is None:
            first = (
                modes[estate.code][-1].first
                if estate.code in modes
                else between(rng, date(2014, 1, 1), date(2018, 12, 31))
            )
        bridged = estate.code in since and estate.kind == "professional" and chance < 0.05
        found += _chain(estate, first, bridged, city.as_of, rng)
    others = [contract for contract in found if contract.last >= city.as_of][50::700][:_WRONG]
    wrong = {contract.number: found[place * 37 + 1].enterprise for place, contract in enumerate(others)}
    return [contract._replace(enterprise=wrong.get(contract.number, contract.enterprise)) for contract in found]


def _chain(estate: Estate, first: date, bridged: bool, as_of: date, rng: Random) -> list[Contract]:
    """The contracts of an estate since ``first``; ``bridged``: an emergency contract came before. The last two at most."""
    made = []
    years = rng.randint(2, 3) if estate.kind == "old" else rng.randint(3, 5)
    level = min(5, max(1, round(rng.gauss(2.6, 0.9))))
    grade = OLD_GRADE if estate.kind == "old" else GRADES[level]
    fee = rng.uniform(0.3, 0.9) if estate.kind == "old" else rng.uniform(0.5, 0.8) * (level + 1)
    unfollowed = rng.random() < 0.04
    if bridged:
        last = first + timedelta(days=EMERGENCY_DAYS - 1)
        made.append(_contract(estate, "emergency", grade, fee, first, last, 0))
        first = last + ONE_DAY
    number = 1
    while first <= as_of:
        after = years_later(first, years)
        kind = "preliminary" if number == 1 and estate.built_year >= 2014 else "owners"
        if unfollowed and made and (as_of - first).days < KEPT_DAYS:
            break
        made.append(_contract(estate, kind, grade, fee, first, after - ONE_DAY, number))
        first, number = after, number + 1
    return [one for one in made[-2:] if (as_of - one.last).days < KEPT_DAYS or one.kind == "emergency"]


def _contract(estate: Estate, kind: str, grade: str, fee: float, first: date, last: date, number: int) -> Contract:
    return Contract(
        f"WY-{first:%Y}-{estate.code[1:]}-{number}", estate.code, estate.enterprise_uscc, kind, grade, f"{fee:.2f}",
        first - timedelta(days=20), first, last,
    )  # fmt: skip


def tables(city: City, made: list[Contract]) -> Iterator[Table]:
    yield table(
        "contracts", "number estate enterprise kind grade fee_yuan_m2_month signed_on valid_from valid_to note", made
    )


def under_contract(city: City, made: list[Contract]) -> set[str]:
    """Neighbourhoods whose enterprise serves under a contract in force on the day of the sample."""
    return {
        one.estate
        for one in made
        if one.first <= city.as_of <= one.last and city.estates[one.estate].enterprise_uscc == one.enterprise
    }
