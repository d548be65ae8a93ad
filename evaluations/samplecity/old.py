"""Old neighbourhoods: how each has been served since 2017, what its residents pay, how far it has come.

The report's two numbers of public-benefit custody are both true here: 382 neighbourhoods were ever in it, 199 still are, and
the other 183 went over to co-management. So are both readings of 1,692: what never was in custody, and what market
enterprises ever took over or were paired with, the self-managed ones among them that outgrew their partner. Nothing changes
mode after June 2019, so that the counts hold on every later day.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from evaluations.samplecity import figures, names
from evaluations.samplecity.city import END, START, City, Table, between, table
from evaluations.samplecity.registers import Estate

MARKET, CUSTODY = "market_takeover", "public_benefit_custody"
GUIDED, SELF = "guided_comanagement", "resident_self_management"
ONE_DAY = timedelta(days=1)


class Spell(NamedTuple):
    """An old neighbourhood was served in one mode from ``first`` to ``last`` (empty: still) by an enterprise (empty: none)."""

    mode: str
    enterprise: str
    first: date
    last: date | None = None


def spells(city: City) -> dict[str, list[Spell]]:
    """Neighbourhood → its modes one after another, the present one last."""
    rng = city.rng("modes")
    benefit = {enterprise.uscc for theirs in city.public_benefit.values() for enterprise in theirs}
    found: dict[str, list[Spell]] = {}
    market, self_managed = [], []
    for estate in city.old:
        if estate.enterprise_uscc in benefit:
            found[estate.code] = [Spell(CUSTODY, estate.enterprise_uscc, between(rng, START, END))]
        else:
            (market if estate.enterprise_uscc else self_managed).append(estate)
    rng.shuffle(market)
    rng.shuffle(self_managed)
    taken_over = figures.OLD_TAKEN_OVER_BY_MARKET
    returned = figures.OLD_EVER_IN_PUBLIC_BENEFIT_CUSTODY - figures.OLD_SERVED_BY_PUBLIC_BENEFIT
    outgrown = figures.OLD_EVER_TAKEN_OVER_OR_PAIRED - taken_over - figures.OLD_CO_MANAGED
    for place, estate in enumerate(market):
        if place < taken_over:
            found[estate.code] = [Spell(MARKET, estate.enterprise_uscc, between(rng, date(2017, 9, 1), END))]
        elif place < taken_over + returned:
            custodian = rng.choice(city.public_benefit[city.district_of(estate)]).uscc
            found[estate.code] = _two(Spell(CUSTODY, custodian, START), GUIDED, estate.enterprise_uscc, 180, rng)
        else:
            found[estate.code] = [Spell(GUIDED, estate.enterprise_uscc, between(rng, date(2017, 9, 1), END))]
    for place, estate in enumerate(self_managed):
        if place < outgrown:
            partner = rng.choice(city.firms[city.district_of(estate)])
            found[estate.code] = _two(Spell(GUIDED, partner, START), SELF, "", 0, rng)
        else:
            found[estate.code] = [Spell(SELF, "", between(rng, date(2017, 9, 1), END))]
    return {estate.code: found[estate.code] for estate in city.old}


def _two(former: Spell, mode: str, enterprise: str, later: int, rng: Random) -> list[Spell]:
    """A mode that began by March 2018, and another one since a day from July 2018 to (``later`` days after) December."""
    change = between(rng, date(2018, 7, 1), END + timedelta(days=later))
    first = between(rng, former.first, date(2018, 3, 31))
    return [former._replace(first=first, last=change - ONE_DAY), Spell(mode, enterprise, change)]


def tables(city: City, modes: dict[str, list[Spell]], red: set[str]) -> Iterator[Table]:
    """``red``: the neighbourhoods that have come to the end of the development path."""
    rng = city.rng("old")
    origins = {"old_estate": 0.62, "scattered_patch": 0.24, "abandoned": 0.14}
    yield table(
        "old-neighbourhoods", "estate origin registered_from registered_to",
        (
            (code, rng.choices(list(origins), list(origins.values()))[0], between(rng, date(2016, 10, 1), date(2017, 4, 28)), "")
            for code in modes
        ),
    )  # fmt: skip
    yield table(
        "mode-assignments",
        "estate mode enterprise partner_community responsible_person maintenance_contract valid_from valid_to decided_by "
        "evidence",
        _assignments(city, modes),
    )
    yield table("stage-changes", "estate from_stage stage changed_on reason", _stages(city, modes, red))
    yield table("fee-policies", "estate kind yuan_m2_month subsidy_yuan_year valid_from valid_to", _fees(city, modes))


def _assignments(city: City, modes: dict[str, list[Spell]]) -> Iterator[tuple]:
    rng = city.rng("mode assignments")
    decided = {MARKET: "业主大会", CUSTODY: "街道办事处", GUIDED: "居民委员会", SELF: "居民代表会议"}
    for code, theirs in modes.items():
        estate = city.estates[code]
        equipped = estate.lifts or estate.has_fire_equipment == "true"
        for spell in theirs:
            person = names.person(rng) if spell.mode == SELF else ""
            upkeep = f"WB-{spell.first:%Y}-{code[1:]}" if spell.mode == SELF and equipped else ""
            evidence = f"{decided[spell.mode]}决议 {spell.first:%Y}-{rng.randint(1, 90):02d}"
            yield (
                code, spell.mode, spell.enterprise, estate.community_code if spell.mode == GUIDED else "", person, upkeep,
                spell.first, spell.last or "", decided[spell.mode], evidence,
            )  # fmt: skip


def _stages(city: City, modes: dict[str, list[Spell]], red: set[str]) -> Iterator[tuple]:
    """The path of each neighbourhood; three of them have a change that does not follow from the one before."""
    rng = city.rng("stages")
    wrong = 3
    for code, theirs in modes.items():
        first, now = theirs[0], theirs[-1]
        if now.mode != SELF:
            yield code, "none", "professional", first.first, ""
            if code in red:
                day = between(rng, date(2019, 7, 1), date(2020, 12, 31))
                yield code, "self_managed" if wrong > 0 else "professional", "red", day, ""
                wrong -= 1
        elif len(theirs) == 2 and rng.random() < 0.1:
            yield code, "none", "professional", first.first, ""
            yield code, "professional", "self_managed", now.first, "结对帮扶期满,居民决定自管"
        else:
            yield code, "none", "self_managed", now.first, ""


def _fees(city: City, modes: dict[str, list[Spell]]) -> Iterator[tuple]:
    rng = city.rng("fees")
    shares = {MARKET: (0.9, 0.1), CUSTODY: (0.0, 0.88), GUIDED: (0.15, 0.75), SELF: (0.0, 0.45)}
    for code, theirs in modes.items():
        now = theirs[-1]
        charged, low_paid = shares[now.mode]
        chance = rng.random()
        kind = "charged" if chance < charged else "low_paid" if chance < charged + low_paid else "free"
        fee = {"charged": f"{rng.uniform(0.6, 1.2):.2f}", "low_paid": f"{rng.uniform(0.1, 0.5):.2f}", "free": ""}[kind]
        subsidy = "" if kind == "charged" else f"{_subsidy(city.estates[code], rng)}.00"
        yield code, kind, fee, subsidy, now.first, ""


def _subsidy(estate: Estate, rng: Random) -> int:
    """Yuan a year, in hundreds: some 30 to 90 for each household."""
    return 100 * max(1, round(int(estate.households) * rng.uniform(0.3, 0.9)))
