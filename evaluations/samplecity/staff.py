"""What enterprises report every year: how many people they employ.

What was reported by October 2021 adds up to the report's workforce; the last year's returns follow, with a few missing.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from enterprises.rules import headcount_year_due
from evaluations.samplecity import figures
from evaluations.samplecity.city import City, Table, between, table
from evaluations.samplecity.registers import shared_out

YEARS = (2019, 2020)
"""The years with returns in October 2021."""
_MISSING = 24


def tables(city: City) -> Iterator[Table]:
    rng = city.rng("headcount")
    enterprises = city.registers.enterprises
    area = {
        uscc: sum(estate.floor_area_m2 for estate in theirs) + 20_000 for uscc, theirs in sorted(city.served.items())
    }
    weights = [area.get(one.uscc, 20_000) ** 0.8 * rng.uniform(0.7, 1.3) for one in enterprises]
    rows = []
    for one, headcount in zip(enterprises, shared_out(figures.WORKFORCE, weights, least=3), strict=True):
        if rng.random() < 0.75:
            before = max(1, round(headcount * rng.uniform(0.85, 1.1)))
            rows.append((one.uscc, YEARS[0], before, between(rng, date(2020, 1, 6), date(2020, 5, 31))))
        first = date(2021, 1, 4)
        rows.append((one.uscc, YEARS[1], headcount, between(rng, first, first + timedelta(days=100))))
    rows += _last_year(city, {row[0]: row[2] for row in rows})
    yield table("headcount-returns", "enterprise year headcount reported_on", rows)


def _last_year(city: City, before: dict[str, int]) -> Iterator[tuple]:
    """The returns that were due on the day of the sample, unless they are among the report's."""
    year = headcount_year_due(city.as_of)
    if year <= YEARS[-1]:
        return
    rng = city.rng("headcount last year")
    missing = set(rng.sample(sorted(before), _MISSING))
    for uscc, headcount in before.items():
        day = between(rng, date(year + 1, 1, 4), date(year + 1, 3, 31))
        changed = max(1, round(headcount * rng.uniform(0.85, 1.15)))
        if uscc not in missing and day < city.as_of:
            yield uscc, year, changed, day
