"""The city that the further registers are about: who serves where, and the days between which things happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from evaluations.samplecity.registers import Enterprise, Estate, Registers

START, END = date(2017, 5, 1), date(2018, 12, 31)
"""The public-benefit enterprises stand; every old neighbourhood has its mode. Source: 2021 report, section 7.3."""


class Table(NamedTuple):
    """One register's file: ``<slug>.csv``, the register's fields as its header."""

    slug: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def table(slug: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> Table:
    """A table whose ``columns`` are written in one line, with spaces between."""
    return Table(slug, tuple(columns.split()), list(rows))


@dataclass(frozen=True)
class City:
    """Registers with the ways between them. What depends on the day of the sample asks ``as_of``; the rest must not."""

    registers: Registers
    seed: int
    as_of: date

    def rng(self, purpose: str) -> Random:
        """Chances of one purpose: one register more or less changes no other."""
        return Random(f"{self.seed} {purpose}")

    def ago(self, days: int) -> date:
        return self.as_of - timedelta(days=days)

    @cached_property
    def districts(self) -> dict[str, str]:
        """Code → name."""
        return {code: name for code, name, *_rest in self.registers.places.districts}

    @cached_property
    def streets(self) -> dict[str, tuple[str, str]]:
        """Code → name and district."""
        return {code: (name, district) for code, name, district in self.registers.places.streets}

    @cached_property
    def communities(self) -> dict[str, tuple[str, str]]:
        """Code → name and street."""
        return {code: (name, street) for code, name, street in self.registers.places.communities}

    @cached_property
    def estates(self) -> dict[str, Estate]:
        return {estate.code: estate for estate in self.registers.estates}

    @cached_property
    def enterprises(self) -> dict[str, Enterprise]:
        return {enterprise.uscc: enterprise for enterprise in self.registers.enterprises}

    @cached_property
    def old(self) -> list[Estate]:
        return [estate for estate in self.registers.estates if estate.kind == "old"]

    @cached_property
    def served(self) -> dict[str, list[Estate]]:
        """Enterprise → what it serves now."""
        found: dict[str, list[Estate]] = {}
        for estate in self.registers.estates:
            if estate.enterprise_uscc:
                found.setdefault(estate.enterprise_uscc, []).append(estate)
        return found

    @cached_property
    def public_benefit(self) -> dict[str, list[Enterprise]]:
        """District → the public-benefit enterprises that it formed."""
        found: dict[str, list[Enterprise]] = {}
        for enterprise in self.registers.enterprises:
            if enterprise.formed_by:
                found.setdefault(enterprise.formed_by, []).append(enterprise)
        return found

    @cached_property
    def firms(self) -> dict[str, list[str]]:
        """District → the enterprises registered there that serve somewhere and are no public-benefit ones."""
        found: dict[str, list[str]] = {}
        for uscc in self.served:
            enterprise = self.enterprises[uscc]
            if enterprise.is_public_benefit == "false":
                found.setdefault(enterprise.registered_district, []).append(uscc)
        return found

    def street_of(self, estate: Estate) -> str:
        return self.communities[estate.community_code][1]

    def district_of(self, estate: Estate) -> str:
        return self.streets[self.street_of(estate)][1]


def between(rng: Random, first: date, last: date) -> date:
    """A day from ``first`` to ``last``, both included."""
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))


def years_later(day: date, years: int) -> date:
    """The same day ``years`` later; 28 February instead of the 29th."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def truth(value: object) -> str:
    return "true" if value else "false"
