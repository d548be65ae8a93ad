"""The sample city's registers: agencies, enterprises and estates, adding up exactly to the report's figures."""

import csv
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
UTILITIES = {"gas": "市燃气供应单位", "heat": "市集中供热单位", "telecom": "市通信运营单位"}
"""Public utilities, each for the whole city."""

# Old neighbourhoods stand in the old town; new estates and offices everywhere, a little more in the new districts.
_OLD_TOWN = {"central": 6.0, "functional": 1.5, "new": 1.0}


class Enterprise(NamedTuple):
    uscc: str
    name: str
    origin: str
    is_public_benefit: str
    is_branch: str = "false"
    parent_company: str = ""
    registered_district: str = ""
    founded_on: date | str = ""
    legal_representative: str = ""
    phone: str = ""
    formation_method: str = ""
    formed_by: str = ""


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
    use_class: str
    address: str
    built_year: int
    delivered_on: date
    buildings: int
    lifts: int
    has_fire_equipment: str


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
    estates = _estates(places, sites, served, rng, Random(f"{seed} estates"))
    homes = _homes(sites, served, benefit)
    described = _described(enterprises, homes, places, Random(f"{seed} enterprises"))
    return Registers(places, _agencies(places), described, estates)


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
    utilities = [Agency(code, name, "utility", "") for code, name in UTILITIES.items()]
    return departments + stations + utilities


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
    founded = shared_out(
        figures.ENTERPRISES_PUBLIC_BENEFIT, [old[district[0]] for district in places.districts], least=1
    )
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


def _homes(sites: list["_Site"], served: list[str], benefit: dict[str, list[Enterprise]]) -> dict[str, str]:
    """Code → the district in which an enterprise is registered: its founder's, else the one where it serves most."""
    homes = {enterprise.uscc: district for district, theirs in benefit.items() for enterprise in theirs}
    serving: dict[str, Counter[str]] = {}
    for site, uscc in zip(sites, served, strict=True):
        serving.setdefault(uscc, Counter())[site.district_code] += 1
    return {uscc: max(sorted(where), key=where.__getitem__) for uscc, where in serving.items()} | homes


def _described(enterprises: list[Enterprise], homes: dict[str, str], places: Places, rng: Random) -> list[Enterprise]:
    """The enterprises with what else is on record about them."""
    everywhere = [district[0] for district in places.districts]
    methods = ["new", "new", "new", "restructured", "introduced"]
    described = []
    for number, enterprise in enumerate(enterprises):
        district = homes.get(enterprise.uscc) or rng.choice(everywhere)
        benefit, branch = enterprise.is_public_benefit == "true", enterprise.origin == "out_of_town"
        first, last = (date(2017, 3, 1), date(2017, 4, 30)) if benefit else (date(1994, 1, 1), date(2016, 12, 31))
        described.append(
            enterprise._replace(
                is_branch="true" if branch else "false",
                parent_company=enterprise.name.removesuffix("武汉分公司") if branch else "",
                registered_district=district,
                founded_on=first + timedelta(days=rng.randint(0, (last - first).days)),
                legal_representative=names.person(rng),
                phone=names.phone(0, number),
                formation_method=methods[number % len(methods)] if benefit else "",
                formed_by=district if benefit else "",
            )
        )
    return described


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
    """Each public-benefit enterprise takes old neighbourhoods of its own district: the more where there are more."""
    takers = [(district, enterprise) for district, theirs in benefit.items() for enterprise in theirs]
    waiting: dict[str, list[int]] = {}
    for place in old:
        waiting.setdefault(sites[place].district_code, []).append(place)
    weights = [len(waiting[district]) / len(benefit[district]) for district, _enterprise in takers]
    shares = shared_out(figures.OLD_SERVED_BY_PUBLIC_BENEFIT, weights, least=1)
    return {
        waiting[district].pop(): enterprise
        for (district, enterprise), share in zip(takers, shares, strict=True)
        for _number in range(share)
    }


_USES = {"commercial": 0.38, "office": 0.30, "industrial": 0.14, "school": 0.09, "hospital": 0.05, "other": 0.04}
_BUILT = {"professional": (1996, 2016), "non_residential": (1990, 2016), "old": (1962, 1999)}


def _estates(places: Places, sites: list[_Site], uscc: list[str], rng: Random, more: Random) -> list[Estate]:
    """The estates; ``more`` are the chances of what was added to them later, so that names and sizes stay as they were."""
    households, areas = _sizes(sites, rng)
    streets = {code: name for code, name, _district in places.streets}
    estate_names = names.EstateNames(rng)
    numbers: Counter[str] = Counter()
    estates = []
    for place, site in enumerate(sites):
        numbers[site.street_code] += 1
        code = f"E{site.street_code}-{numbers[site.street_code]:03d}"
        name = estate_names.give(site.street_code, site.kind)
        estate = (code, name, site.kind, site.community_code, households.get(place, ""), areas[place], uscc[place])
        estates.append(Estate(*estate, *_details(site.kind, streets[site.street_code], areas[place], more)))
    return _odd_ones(estates)


def _details(kind: str, street: str, area: int, rng: Random) -> tuple[str, str, int, date, int, int, str]:
    """Use, address, year of building, day of delivery, buildings, lifts, fire equipment."""
    use = rng.choices(list(_USES), list(_USES.values()))[0] if kind == "non_residential" else "residential"
    year = rng.randint(*_BUILT[kind])
    buildings = max(1, round(area / rng.uniform(3_000, 9_000)))
    lifts = 0 if kind == "old" and rng.random() < 0.93 else round(buildings * rng.uniform(0.4, 2.0))
    delivered = date(year, rng.randint(1, 12), rng.randint(1, 28))
    fire = kind != "old" or lifts > 0 or rng.random() < 0.08
    return use, f"{street}{rng.randint(1, 680)}号", year, delivered, buildings, lifts, "true" if fire else "false"


def _odd_ones(estates: list[Estate]) -> list[Estate]:
    """What somebody should look into: areas that were exchanged, so that they no longer go with the households, and
    neighbours that bear the same name. No sum changes."""
    found = list(estates)
    professional = sorted(
        (place for place, estate in enumerate(found) if estate.kind == "professional"),
        key=lambda place: (found[place].floor_area_m2, found[place].code),
    )
    for number in range(3):
        small, large = professional[number], professional[-1 - number]
        areas = found[small].floor_area_m2, found[large].floor_area_m2
        found[small] = found[small]._replace(floor_area_m2=areas[1])
        found[large] = found[large]._replace(floor_area_m2=areas[0])
    neighbours = [
        place
        for place, (before, after) in enumerate(itertools.pairwise(found))
        if before.kind == after.kind == "professional" and before.community_code == after.community_code
    ]
    for place in neighbours[5::60][:4]:
        found[place + 1] = found[place + 1]._replace(name=found[place].name, address=found[place].address)
    return found


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
