"""The sample city's registers: agencies, enterprises and estates, adding up exactly to the report's figures."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

from enterprises.rules import check_digit
from evaluations.samplecity import figures, names

# What the urban services are called; each has a station in every managing district.
DEPARTMENTS = {
    "housing": ("住房保障和房屋管理", "房管"),
    "urban-management": ("城市管理", "城管"),
    "fire": ("消防救援", "消防"),
    "water": ("供水", "供水"),
    "power": ("供电", "供电"),
    "market": ("市场监督管理", "市场监管"),
    "police": ("公安", "公安"),
    "ecology": ("生态环境", "生态环境"),
}
# Old neighbourhoods stand in the old town; new estates and offices everywhere, a little more in the new districts.
_OLD_TOWN = {"central": 6.0, "functional": 1.5, "new": 1.0}


class Enterprise(NamedTuple):
    uscc: str
    name: str
    origin: str
    is_public_benefit: str


class Agency(NamedTuple):
    code: str
    name: str
    kind: str
    parent_code: str


class Estate(NamedTuple):
    code: str
    name: str
    kind: str
    community_code: str
    households: int | str
    floor_area_m2: int
    enterprise_uscc: str


@dataclass(frozen=True)
class Places:
    """The places of a city package: districts ``(code, name, kind, peer_group)``, streets and communities ``(code, name,
    parent code)``."""

    districts: list[list[str]]
    streets: list[list[str]]
    communities: list[list[str]]

    @classmethod
    def read(cls, directory: Path) -> "Places":
        return cls(*(_rows(directory / f"{file}.csv") for file in ("districts", "streets", "communities")))

    def district_of_streets(self) -> dict[str, str]:
        return {code: district for code, _name, district in self.streets}


@dataclass(frozen=True)
class Registers:
    places: Places
    agencies: list[Agency]
    enterprises: list[Enterprise]
    estates: list[Estate]


def _rows(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return list(rows)


def make(places: Places, seed: int) -> Registers:
    """All registers of the sample city; they depend on the seed alone, not on a date."""
    rng = Random(f"{seed} registers")
    sites = _sites(places, rng)
    enterprises, benefit = _enterprises(places, sites, rng)
    served = _served(sites, enterprises, benefit, rng)
    return Registers(places, _agencies(places), enterprises, _estates(sites, served, rng))


def shared_out(total: int, weights: Sequence[float], least: int = 0) -> list[int]:
    """Whole numbers in proportion to ``weights``, each at least ``least``, that sum to ``total`` exactly.

    What rounding down leaves over goes to the largest remainders, the earlier of equals first.
    """
    rest = total - least * len(weights)
    if rest < 0:
        raise ValueError(f"{total} cannot be shared out as at least {least} to each of {len(weights)}")
    unit = rest / sum(weights)
    parts = [int(weight * unit) for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: parts[place] - weights[place] * unit)
    for place in by_remainder[: rest - sum(parts)]:
        parts[place] += 1
    return [part + least for part in parts]


def _agencies(places: Places) -> list[Agency]:
    departments = [Agency(code, f"市{name}部门", "department", "") for code, (name, _short) in DEPARTMENTS.items()]
    stations = [
        Agency(station(code, district[0]), f"{district[1]}{short}站", "station", code)
        for code, (_name, short) in DEPARTMENTS.items()
        for district in places.districts
    ]
    return departments + stations


def station(department: str, district_code: str) -> str:
    """Code of a department's station in a district."""
    return f"{department}-{district_code}"


def _uscc(number: int) -> str:
    """A valid code that nobody bears: organisation numbers beginning with XY have not been given out."""
    body = f"91420100XY{number:07d}"
    return body + check_digit(body)


def _enterprises(
    places: Places, sites: list["_Site"], rng: Random
) -> tuple[list[Enterprise], dict[str, list[Enterprise]]]:
    """All enterprises, and the public-benefit ones by the district that founded them: more where more is old."""
    brands = names.enterprise_brands(rng)
    old = Counter(site.district_code for site in sites if site.kind == "old")
    founded = shared_out(figures.ENTERPRISES_PUBLIC_BENEFIT, [old[district[0]] for district in places.districts])
    benefit: dict[str, list[Enterprise]] = {}
    made: list[Enterprise] = []
    for (code, name, *_), count in zip(places.districts, founded, strict=True):
        for _number in range(count):
            title = names.public_benefit_enterprise(name, next(brands))
            made.append(Enterprise(_uscc(len(made) + 1), title, "local", "true"))
            benefit.setdefault(code, []).append(made[-1])
    for _number in range(figures.ENTERPRISES_OUT_OF_TOWN):
        title = names.out_of_town_enterprise(next(brands), rng)
        made.append(Enterprise(_uscc(len(made) + 1), title, "out_of_town", "false"))
    while len(made) < figures.ENTERPRISES:
        made.append(Enterprise(_uscc(len(made) + 1), names.local_enterprise(next(brands)), "local", "false"))
    return made, benefit


class _Site(NamedTuple):
    kind: str
    community_code: str
    street_code: str
    district_code: str


def _sites(places: Places, rng: Random) -> list[_Site]:
    """Where each estate stands, by street. Villages have none."""
    district_of = places.district_of_streets()
    peer_group = {code: group for code, _name, _kind, group in places.districts}
    towns = [row for row in places.communities if "社区" in row[1] or "居委会" in row[1]]
    density = [rng.lognormvariate(0, 0.6) for _row in towns]
    sites = []
    for kind, totals in _KINDS.items():
        weights = density
        if kind == "old":
            weights = [
                weight * _OLD_TOWN[peer_group[district_of[row[2]]]] for row, weight in zip(towns, density, strict=True)
            ]
        for code, _name, street in rng.choices(towns, cum_weights=list(accumulate(weights)), k=totals.estates):
            sites.append(_Site(kind, code, street, district_of[street]))
    sites.sort(key=lambda site: site.street_code)
    return sites


_KINDS = {
    "professional": figures.PROFESSIONAL,
    "non_residential": figures.NON_RESIDENTIAL,
    "old": figures.OLD,
}


def _served(
    sites: list[_Site], enterprises: list[Enterprise], benefit: dict[str, list[Enterprise]], rng: Random
) -> list[str]:
    """The code of the enterprise in charge of each site; empty where residents manage themselves."""
    uscc = [""] * len(sites)
    old = [place for place, site in enumerate(sites) if site.kind == "old"]
    rng.shuffle(old)
    custody = _public_benefit_custody(old, sites, benefit)
    for place, enterprise in custody.items():
        uscc[place] = enterprise.uscc
    others = [place for place in old if place not in custody]
    self_managed = set(others[: figures.OLD_SELF_MANAGED])
    market = [place for place in range(len(sites)) if place not in custody and place not in self_managed]
    rng.shuffle(market)
    firms = [enterprise.uscc for enterprise in enterprises if enterprise.is_public_benefit == "false"]
    active = rng.sample(firms, figures.ENTERPRISES_WITH_PROJECTS - figures.ENTERPRISES_PUBLIC_BENEFIT)
    sizes = shared_out(len(market), [rng.lognormvariate(0, 1.0) for _firm in active], least=1)
    in_charge = [firm for firm, size in zip(active, sizes, strict=True) for _number in range(size)]
    for place, firm in zip(market, in_charge, strict=True):
        uscc[place] = firm
    return uscc


def _public_benefit_custody(
    old: list[int], sites: list[_Site], benefit: dict[str, list[Enterprise]]
) -> dict[int, Enterprise]:
    """Each public-benefit enterprise takes old neighbourhoods of its own district, about as many as the others do."""
    takers = [(district, enterprise) for district, theirs in benefit.items() for enterprise in theirs]
    shares = shared_out(figures.OLD_SERVED_BY_PUBLIC_BENEFIT, [1.0] * len(takers))
    waiting: dict[str, list[int]] = {}
    for place in old:
        waiting.setdefault(sites[place].district_code, []).append(place)
    return {
        waiting[district].pop(): enterprise
        for (district, enterprise), share in zip(takers, shares, strict=True)
        for _number in range(share)
    }


def _estates(sites: list[_Site], uscc: list[str], rng: Random) -> list[Estate]:
    households, areas = _sizes(sites, rng)
    estate_names = names.EstateNames(rng)
    numbers: Counter[str] = Counter()
    estates = []
    for place, site in enumerate(sites):
        numbers[site.street_code] += 1
        code = f"E{site.street_code}-{numbers[site.street_code]:03d}"
        name = estate_names.give(site.street_code, site.kind)
        estates.append(
            Estate(code, name, site.kind, site.community_code, households.get(place, ""), areas[place], uscc[place])
        )
    return estates


def _sizes(sites: list[_Site], rng: Random) -> tuple[dict[int, int], dict[int, int]]:
    """Households and floor area (m²) by place in ``sites``; each kind sums to its total exactly."""
    households: dict[int, int] = {}
    areas: dict[int, int] = {}
    for kind, totals in _KINDS.items():
        places = [place for place, site in enumerate(sites) if site.kind == kind]
        sizes = [rng.lognormvariate(0, 0.7) for _place in places]
        if totals.households is not None:
            counts = shared_out(totals.households, sizes, least=24)
            households |= dict(zip(places, counts, strict=True))
            sizes = [count * rng.uniform(0.75, 1.25) for count in counts]
        areas |= dict(zip(places, shared_out(totals.floor_area_m2, sizes, least=600), strict=True))
    return households, areas
