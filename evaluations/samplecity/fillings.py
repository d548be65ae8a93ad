"""All further registers of the sample city, one table each, in an order in which what others refer to comes first."""

from collections.abc import Iterator
from datetime import date

from evaluations.samplecity import (
    committees,
    contracts,
    cross,
    desk,
    disclosures,
    filings,
    funds,
    graduates,
    honours,
    old,
    party,
    programme,
    service,
    staff,
    standards,
)
from evaluations.samplecity.city import City, Table
from evaluations.samplecity.people import People
from evaluations.samplecity.registers import Registers


def tables(registers: Registers, seed: int, as_of: date) -> Iterator[Table]:
    """The tables. What is dated by the report depends on the seed alone; what goes on is as it stood when ``as_of`` began."""
    city = City(registers, seed, as_of)
    modes = old.spells(city)
    changed = service.changes(city, modes)
    signed = contracts.contracts(city, modes, changed)
    bound = cross.pairs(city)
    under_contract, both_ways = contracts.under_contract(city, signed), bound.both_ways()
    red = {
        estate.code
        for estate in city.old
        if (estate.community_code, estate.enterprise_uscc) in both_ways and estate.code in under_contract
    }
    people = People(city)
    yield from staff.tables(city)
    yield from honours.tables(city, party.organised(city))
    yield from service.tables(city, modes, changed)
    yield from old.tables(city, modes, red)
    yield from standards.tables()
    yield from contracts.tables(city, signed)
    yield from filings.tables(city, changed, signed)
    yield from disclosures.tables(city)
    yield from committees.tables(city)
    yield from funds.tables(city)
    yield from party.tables(city, people)
    yield from cross.tables(city, people, bound)
    yield from graduates.tables(city, people)
    yield people.table()
    yield from programme.tables()
    yield from desk.tables(city)
