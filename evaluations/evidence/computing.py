"""The evidence of a ranking: taken from its stored counts when it is submitted and when its notice begins, then frozen.

It is not part of computing a draft, which nobody but its author reads and whose time is measured. What it is taken from
(the prior) is stored with the ranking, so that the same numbers follow from what is stored at any later time.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from evaluations import counting
from evaluations.evidence import rules
from evaluations.models import Ranking, RankingEntry
from evaluations.rules import Counts
from evaluations.snapshots import policy_of

PERIODS_OF_A_PRIOR = 4

_COLUMNS = ("estate_code", "estate_kind", "eligible", "list", *Counts._fields)


def take_evidence(ranking: Ranking) -> None:
    """Compute and store the evidence of a ranking that is not frozen yet, and of each of its entries."""
    codes, units = units_of(ranking)
    sources = earlier_rankings(ranking)
    prior = prior_from(sources, units)
    ranking.evidence = {
        "format": 1,
        "prior": rules.prior_as_json(prior),
        "prior_from": [f"{source.period} r{source.revision}" for source in sources],
    }
    Ranking.objects.filter(pk=ranking.pk).update(evidence=ranking.evidence)
    policy = policy_of(ranking)
    parties = counting.count_by_party(ranking.window_start, ranking.window_end, policy)
    weighed = rules.weighed(units, prior_as_stored(ranking), policy)
    contents = [
        as_json(evidence) | _parties(unit.counts, parties.get(code, {}))
        for code, unit, evidence in zip(codes, units, weighed, strict=True)
    ]
    _write(ranking, codes, contents)


def units_of(ranking: Ranking) -> tuple[list[str], list[rules.Unit]]:
    """Codes and what is known of each neighbourhood, from the stored rows."""
    rows = ranking.entries.order_by("estate_code").values_list(*_COLUMNS)
    return [row[0] for row in rows], [rules.Unit(row[1], Counts(*row[4:]), row[2], row[3]) for row in rows]


def earlier_rankings(ranking: Ranking) -> list[Ranking]:
    """Those whose counts make the prior: the newest published ones of earlier periods, at most four, newest first."""
    earlier = Ranking.objects.published().filter(period__lt=ranking.period)
    return list(earlier.order_by("-period")[:PERIODS_OF_A_PRIOR])


def prior_from(sources: Sequence[Ranking], units: Sequence[rules.Unit]) -> dict[str, dict[str, rules.Beta]]:
    """What was usual in the earlier rankings, one prior for each kind of neighbourhood and rate.

    Each neighbourhood in each earlier ranking is one observation. Where there is no earlier ranking, the ranking's own counts
    take their place. Assumption: windows that overlap do not disturb a moment of some thousand observations.
    """
    if sources:
        rows = RankingEntry.objects.filter(ranking__in=sources).values_list("estate_kind", *Counts._fields)
        observed = [(row[0], Counts(*row[1:])) for row in rows]
    else:
        observed = [(unit.stratum, unit.counts) for unit in units]
    return rules.priors(observed, {unit.stratum for unit in units})


def prior_as_stored(ranking: Ranking) -> dict[str, dict[str, rules.Beta]]:
    return rules.prior_from_json(ranking.evidence["prior"])


def as_json(evidence: rules.Evidence) -> dict[str, Any]:
    return {
        "label": evidence.label,
        "score": str(evidence.score),
        "deviation": str(evidence.deviation),
        "ranks": list(evidence.span) if evidence.span else None,
    }


def _parties(counts: Counts, parties: dict[str, Counts]) -> dict[str, Any]:
    """Who answers for the cases; left out where cases were corrected since they were counted, so that no sum contradicts."""
    total = sum(parties.values(), Counts(0, 0, 0, 0, 0, 0))
    if total != counts:
        return {}
    return {"parties": {party: rules.as_list(parties[party]) for party in rules.PARTIES if party in parties}}


def _write(ranking: Ranking, codes: Sequence[str], contents: Sequence[dict[str, Any]]) -> None:
    """Into the entries, by code; what stands there already is left alone."""
    stored = dict(ranking.entries.values_list("estate_code", "evidence"))
    changed = [(code, content) for code, content in zip(codes, contents, strict=True) if stored[code] != content]
    texts = [json.dumps(content, separators=(",", ":")) for _, content in changed]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE evaluations_rankingentry entry SET evidence = its.content::jsonb
               FROM unnest(%s::text[], %s::text[]) AS its (code, content)
               WHERE entry.ranking_id = %s AND entry.estate_code = its.code""",
            [[code for code, _ in changed], texts, ranking.pk],
        )


# --- checking ------------------------------------------------------------------------------------------------------------


def evidence_differences(ranking: Ranking) -> list[str]:
    """Where the stored evidence is not what follows from the stored counts; empty when all agree or none was taken."""
    if ranking.evidence is None:
        return []
    codes, units = units_of(ranking)
    found = _prior_differences(ranking, units)
    weighed = rules.weighed(units, prior_as_stored(ranking), policy_of(ranking))
    stored = dict(ranking.entries.values_list("estate_code", "evidence"))
    for code, unit, evidence in zip(codes, units, weighed, strict=True):
        its = dict(stored[code] or {})
        parties = its.pop("parties", None)
        if its != as_json(evidence):
            found.append(f"{code}: evidence stored {its}, recomputed {as_json(evidence)}")
        if parties is not None and _sum(parties) != unit.counts:
            found.append(f"{code}: the counts by who answers do not add up")
    return found


def _prior_differences(ranking: Ranking, units: Sequence[rules.Unit]) -> list[str]:
    names = ranking.evidence["prior_from"]
    sources = [Ranking.objects.get(period=period, revision=revision[1:]) for period, revision in map(str.split, names)]
    prior = rules.prior_as_json(prior_from(sources, units))
    return (
        [] if prior == ranking.evidence["prior"] else [f"prior: stored {ranking.evidence['prior']}, recomputed {prior}"]
    )


def _sum(parties: dict[str, list[Any]]) -> Counts:
    return sum(map(rules.from_list, parties.values()), Counts(0, 0, 0, 0, 0, 0))
