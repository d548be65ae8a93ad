"""Who served whom before, hand-overs, and the project managers in charge."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from evaluations.samplecity import names
from evaluations.samplecity.city import City, Table, between, table, truth
from evaluations.samplecity.old import MARKET, Spell

_DOCUMENTS = "竣工图、设备档案、业主清册、公共收益账目"


class Change(NamedTuple):
    """An estate passed from one enterprise (empty: none) to another (empty: its residents) on a day."""

    estate: str
    before: str
    after: str
    day: date


def changes(city: City, modes: dict[str, list[Spell]]) -> list[Change]:
    """Old neighbourhoods that changed mode, and professional ones that changed their enterprise.

    A newcomer serves something else since ever and keeps a predecessor that still serves: on every day the same enterprises
    have projects.
    """
    found = [
        Change(code, theirs[0].enterprise, theirs[1].enterprise, theirs[1].first)
        for code, theirs in modes.items()
        if len(theirs) == 2
    ]
    rng = city.rng("hand-overs")
    firms = sorted(uscc for theirs in city.firms.values() for uscc in theirs)
    for uscc in sorted(city.served):
        theirs = city.served[uscc]
        if len(theirs) < 4 or rng.random() >= 0.4:
            continue
        taken = next((estate for estate in theirs[1:] if estate.kind == "professional"), None)
        if taken is not None:
            former = rng.choice([firm for firm in rng.sample(firms, 3) if firm != uscc])
            found.append(Change(taken.code, former, uscc, between(rng, date(2019, 2, 1), date(2021, 8, 31))))
    return found


def tables(city: City, modes: dict[str, list[Spell]], changed: list[Change]) -> Iterator[Table]:
    spans: list[tuple] = []
    for one in changed:
        spans.append((one.estate, one.before, "", one.day - timedelta(days=1)))
        if one.after:
            spans.append((one.estate, one.after, one.day, ""))
    yield table("service-assignments", "estate enterprise valid_from valid_to", spans)
    yield table(
        "hand-overs", "estate from_enterprise to_enterprise handed_over_on documents note",
        [(one.estate, one.before, one.after, one.day, _DOCUMENTS, "") for one in changed if one.after]
        + [
            (code, "", theirs[0].enterprise, theirs[0].first, "", "原无物业服务")
            for code, theirs in modes.items()
            if theirs[0].mode == MARKET
        ],
    )  # fmt: skip
    yield from _managers(city, {one.estate: one.day for one in changed if one.after})


def _managers(city: City, since: dict[str, date]) -> Iterator[Table]:
    """A manager has up to three neighbourhoods of one enterprise; four left for another enterprise and are still named."""
    rng = city.rng("managers")
    managers, appointments = [], []
    for uscc, theirs in city.served.items():
        homes = [estate for estate in theirs if estate.kind != "non_residential"]
        while homes:
            number = len(managers) + 1
            code = f"PM-{number:05d}"
            managers.append([code, names.person(rng), "", names.phone(1, number), uscc, truth(rng.random() < 0.22)])
            for estate in homes[:3]:
                first = since.get(estate.code) or between(rng, date(2018, 7, 1), date(2021, 9, 30))
                appointments.append((estate.code, code, first, ""))
            homes = homes[3:]
    for place in range(100, len(managers), 600)[:4]:
        managers[place][4] = managers[place + 50][4]
    for place in (300, 900):  # entered twice
        managers.append([f"PM-{len(managers) + 1:05d}", *managers[place][1:]])
    yield table("project-managers", "code name id_number phone enterprise is_party_member", managers)
    yield table("manager-appointments", "estate manager valid_from valid_to", appointments)
