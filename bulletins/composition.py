"""The tables of a bulletin, composed from the cases of its month. What is composed is frozen; nothing is computed again later."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from bulletins import counting, sources, wording
from bulletins.rules import NOTHING, Month, Tally, gated, measures, percent, ranked, rounded
from evaluations import rules
from evaluations.models import Ranking, RankingPolicy
from portal.context import city
from portal.models import Agency, Region

Kind = Agency.Kind


def compose(month: Month, policy_record: RankingPolicy, min_items: int) -> dict[str, Any]:
    """The tables of ``month`` as they follow from the cases now: plain data, the same for the same cases."""
    policy = policy_record.rule
    tallies = counting.tally(month, policy)
    before = counting.received(month.shift(-1))
    districts = list(Region.objects.districts().values_list("code", "name", "peer_group"))
    agencies = list(Agency.objects.values_list("id", "code", "name", "kind", "parent_id").order_by("code"))
    profile = city()
    return {
        "month": str(month),
        "start": month.start.isoformat(),
        "end": month.end.isoformat(),
        "publisher": {"city": profile.region.name if profile else "", "bureau": profile.bureau if profile else ""},
        "policy": policy_record.as_manifest(),
        "gates": _gates(gated(policy, min_items)),
        "city": _city(month, tallies.city, before, policy),
        "districts": _districts(districts, tallies.districts, policy, min_items),
        "peer_groups": _named(_peer_groups(districts, tallies.districts, policy), wording.peer_group),
        "departments": _departments(agencies, tallies.agencies, policy, min_items),
        "stations": _stations(agencies, tallies.agencies, policy, min_items),
        "utilities": _agencies(agencies, Kind.UTILITY, tallies.agencies, policy, min_items),
        "parties": _named(
            _plain({code: tallies.parties.get(code, NOTHING) for code in wording.PARTIES}, policy), wording.party
        ),
        "channels": _named(_channels(tallies.channels, before, tallies.city.received, policy), wording.channel),
        "categories": _named(_categories(tallies.categories, tallies.city.received, policy), wording.category),
        "exclusions": [
            {"code": code, "name": wording.exclusion(code), "count": count}
            for code, count in sorted(tallies.exclusions.items())
        ],
        "lists": _lists(month),
        "figures": sources.figures(month),
    }


def _gates(policy: rules.Policy) -> dict[str, int]:
    return {"acceptance": policy.gate_acceptance, "handling": policy.gate_handling, "ratings": policy.gate_ratings}


def _city(month: Month, tally: Tally, before: Mapping[str, int], policy: rules.Policy) -> dict[str, Any]:
    earlier = sum(before.values())
    return (
        measures(tally, policy.level_decimals)
        | _change(tally.received, earlier)
        | {"days": month.days, "daily_mean": rounded(Decimal(tally.received) / month.days, 1)}
    )


def _change(received: int, earlier: int) -> dict[str, Any]:
    """Against the month before; no rate where nothing was received then."""
    return {
        "received_before": earlier,
        "change": received - earlier,
        "change_rate": percent(received - earlier, earlier) if earlier else None,
    }


def _districts(districts: list[tuple], tallies: Mapping[str, Tally], policy, min_items: int) -> list[dict[str, Any]]:
    units = [
        ({"code": code, "name": name, "peer_group": group}, tallies.get(code, NOTHING))
        for code, name, group in districts
    ]
    rows = ranked(units, policy, min_items)
    for row in rows:  # its place among its peers, by the same rank
        peers = [peer for peer in rows if peer["peer_group"] == row["peer_group"] and peer["rank"] is not None]
        row["peers"] = len(peers)
        row["peer_rank"] = row["rank"] and 1 + sum(peer["rank"] < row["rank"] for peer in peers)
    return rows


def _peer_groups(districts: list[tuple], tallies: Mapping[str, Tally], policy: rules.Policy) -> list[dict[str, Any]]:
    pooled: dict[str, Tally] = {}
    for code, _name, group in districts:
        pooled[group] = pooled.get(group, NOTHING) + tallies.get(code, NOTHING)
    return _plain(pooled, policy)


def _plain(tallies: Mapping[str, Tally], policy: rules.Policy) -> list[dict[str, Any]]:
    return [{"code": code} | measures(tally, policy.level_decimals) for code, tally in tallies.items()]


def _named(rows: list[dict[str, Any]], name_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """Rows of codes with the word that the document has for each: frozen with them."""
    return [{"code": row["code"], "name": name_of(row["code"])} | row for row in rows]


def _agencies(agencies: list[tuple], kind: str, tallies, policy, min_items: int) -> list[dict[str, Any]]:
    units = [
        ({"code": code, "name": name}, tallies.get(pk, NOTHING))
        for pk, code, name, its_kind, _parent in agencies
        if its_kind == kind
    ]
    return ranked([unit for unit in units if unit[1] != NOTHING], policy, min_items)


def _stations(agencies: list[tuple], tallies: Mapping[int, Tally], policy, min_items: int) -> list[dict[str, Any]]:
    code_of, department_of = {pk: code for pk, code, *_rest in agencies}, _departments_of(agencies)
    of_code = {code_of[pk]: code_of[department] for pk, department in department_of.items()}
    rows = _agencies(agencies, Kind.STATION, tallies, policy, min_items)
    return [row | {"department": of_code.get(row["code"], "")} for row in rows]


def _departments(agencies: list[tuple], tallies: Mapping[int, Tally], policy, min_items: int) -> list[dict[str, Any]]:
    """Each department with the stations under it, whose work is its work."""
    department_of = _departments_of(agencies)
    pooled: dict[int, Tally] = {}
    for pk, tally in tallies.items():
        if pk in department_of:
            department = department_of[pk]
            pooled[department] = pooled.get(department, NOTHING) + tally
    units = [({"code": code, "name": name}, pooled[pk]) for pk, code, name, _kind, _parent in agencies if pk in pooled]
    return ranked(units, policy, min_items)


def _departments_of(agencies: list[tuple]) -> dict[int, int]:
    """The department of each department and station that has one, by id; a utility answers for itself."""
    kind_of = {pk: kind for pk, _code, _name, kind, _parent in agencies}
    parent_of = {pk: parent for pk, _code, _name, _kind, parent in agencies}
    found = {}
    for pk, kind in kind_of.items():
        at = None if kind == Kind.UTILITY else pk
        while at is not None and kind_of[at] != Kind.DEPARTMENT:
            at = parent_of[at]
        if at is not None:
            found[pk] = at
    return found


def _channels(tallies: Mapping[str, Tally], before: Mapping[str, int], whole: int, policy) -> list[dict[str, Any]]:
    rows = [
        row | _change(row["received"], before.get(row["code"], 0)) | {"share": percent(row["received"], whole)}
        for row in _plain({code: tallies.get(code, NOTHING) for code in sorted({*tallies, *before})}, policy)
    ]
    return sorted(rows, key=lambda row: (-row["received"], row["code"]))


def _categories(tallies: Mapping[str, Tally], whole: int, policy: rules.Policy) -> list[dict[str, Any]]:
    rows = [row | {"share": percent(row["received"], whole)} for row in _plain(tallies, policy)]
    return sorted(rows, key=lambda row: (-row["received"], row["code"]))


def _lists(month: Month) -> list[dict[str, Any]]:
    """First and last ten of both half months, as they were published; a half month without a publication is left out."""
    found = []
    halves = [str(half) for half in month.halves]
    for ranking in Ranking.objects.published().filter(period__in=halves).order_by("period"):
        listed = ranking.entries.exclude(list=rules.NO_LIST).order_by("rank", "estate_code")
        columns = ("rank", "estate_code", "estate_name", "district_name", "enterprise_name", "score", "list")
        rows = [dict(zip(columns, row, strict=True)) for row in listed.values_list(*columns)]
        for row in rows:
            row["score"] = rounded(row["score"], 2)
        found.append(
            {
                "period": ranking.period,
                "revision": ranking.revision,
                "digest": ranking.digest,
                "top": _without_list(row for row in rows if row["list"] == rules.TOP),
                "bottom": _without_list(row for row in rows if row["list"] == rules.BOTTOM),
            }
        )
    return found


def _without_list(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "list"} for row in rows]
