"""The object, and how it is read from a stored ranking: half a dozen statements for one neighbourhood."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from evaluations import rules
from evaluations.evidence.rules import PARTIES, Interval, from_list, wilson
from evaluations.models import Ranking, RankingEntry
from evaluations.snapshots import policy_of
from evaluations.summaries import Part, worked_out
from evaluations.why.rules import ONE_MORE, moved, points, with_one_more
from portal.rules import CHINA


@dataclass(frozen=True)
class Gate:
    """How many of one stage must have been counted to be ranked, and how many were."""

    name: str
    needed: int
    counted: int

    @property
    def is_met(self) -> bool:
        return self.counted >= self.needed


@dataclass(frozen=True)
class Since:
    """The previous published ranking: what was counted then, and by how many points each rate has moved the score."""

    period: str
    revision: int
    counts: rules.Counts
    score: Decimal | None
    rank: int | None
    ranked: int
    moved: dict[str, Decimal | None]
    same_policy: bool


@dataclass(frozen=True)
class OneMore:
    """What one more matter that goes well would do, all others staying as they are; no score where it would not be ranked yet."""

    what: str
    score: Decimal | None
    rank: int | None


@dataclass(frozen=True)
class Why:
    """Everything about one neighbourhood in one ranking. Numbers are those that are stored, or follow from them exactly."""

    ranking: Ranking
    entry: RankingEntry
    policy: rules.Policy
    parts: list[Part]
    intervals: dict[str, Interval | None]
    gates: list[Gate]
    higher: int
    sharing: int
    ranked_in_district: int
    since: Since | None
    one_more: list[OneMore]
    parties: dict[str, rules.Counts]

    @property
    def counts(self) -> rules.Counts:
        return self.entry.counts

    @property
    def evidence(self) -> dict[str, Any] | None:
        """As it is stored: label, shrunk score, deviation, span of ranks; ``None`` where none was taken."""
        return self.entry.evidence

    def one_more_of(self, what: str) -> OneMore:
        return next(step for step in self.one_more if step.what == what)

    def to_dict(self) -> dict[str, Any]:
        """As JSON writes it: decimals are text, rates are counts, intervals are percent with two decimals."""
        return _as_dict(self)


def why(ranking: Ranking, code: str) -> Why | None:
    """The neighbourhood ``code`` in ``ranking``; ``None`` where the ranking has no such neighbourhood."""
    entry = ranking.entries.filter(estate_code=code).first()
    if entry is None:
        return None
    entry.ranking = ranking
    policy, counts = policy_of(ranking), entry.counts
    ranked = ranking.entries.filter(eligible=True)
    return Why(
        ranking=ranking,
        entry=entry,
        policy=policy,
        parts=worked_out(counts, policy),
        intervals={part.name: wilson(part.numerator, part.denominator) for part in worked_out(counts, policy)},
        gates=_gates(counts, policy),
        higher=entry.rank - 1 if entry.rank else 0,
        sharing=ranked.filter(score=entry.score).count() - 1 if entry.eligible else 0,
        ranked_in_district=ranked.filter(district_code=entry.district_code).count(),
        since=_since(ranking, entry, policy),
        one_more=[_one_more(what, ranking, entry, policy) for what in ONE_MORE],
        parties=_parties(entry),
    )


def _gates(counts: rules.Counts, policy: rules.Policy) -> list[Gate]:
    counted = {"acceptance": counts.accept_due, "handling": counts.handle_due, "ratings": counts.ratings}
    return [Gate(name, gate, counted[name]) for name, weight, gate in policy.parts if weight]


def _since(ranking: Ranking, entry: RankingEntry, policy: rules.Policy) -> Since | None:
    previous = ranking.previous
    then = previous.entries.filter(estate_code=entry.estate_code).first() if previous else None
    if previous is None or then is None:
        return None
    old = policy_of(previous)
    return Since(
        previous.period, previous.revision, then.counts, then.score, then.rank, previous.eligible,
        moved(points(entry.counts, policy), points(then.counts, old)), old == policy,
    )  # fmt: skip


def _one_more(what: str, ranking: Ranking, entry: RankingEntry, policy: rules.Policy) -> OneMore:
    counts, scorer = with_one_more(entry.counts, what, policy), rules.Scorer(policy)
    if not scorer.is_eligible(counts):
        return OneMore(what, None, None)
    score = scorer.score(counts)
    higher = ranking.entries.filter(eligible=True, score__gt=score).exclude(pk=entry.pk)
    return OneMore(what, score, higher.count() + 1)


def _parties(entry: RankingEntry) -> dict[str, rules.Counts]:
    stored = (entry.evidence or {}).get("parties", {})
    return {party: from_list(stored[party]) for party in PARTIES if party in stored}


# --- as JSON -------------------------------------------------------------------------------------------------------------


def _as_dict(why: Why) -> dict[str, Any]:
    entry, ranking = why.entry, why.ranking
    return {
        "estate_code": entry.estate_code,
        "estate_name": entry.estate_name,
        "estate_kind": entry.estate_kind,
        "district_code": entry.district_code,
        "district_name": entry.district_name,
        "street_code": entry.street_code,
        "street_name": entry.street_name,
        "enterprise_uscc": entry.enterprise_uscc,
        "enterprise_name": entry.enterprise_name,
        "period": ranking.period,
        "revision": ranking.revision,
        "status": ranking.status,
        "digest": ranking.digest,
        "policy": ranking.policy_snapshot["document"],
        "window": {"start": _moment(ranking.window_start), "end": _moment(ranking.window_end)},
        "eligible": entry.eligible,
        "gates": [
            {"name": gate.name, "needed": gate.needed, "counted": gate.counted, "met": gate.is_met}
            for gate in why.gates
        ],
        "rates": [_rate(part, why.intervals[part.name]) for part in why.parts],
        "score": _text(entry.score),
        "rank": entry.rank,
        "ranked": ranking.eligible,
        "higher": why.higher if entry.eligible else None,
        "sharing": why.sharing if entry.eligible else None,
        "district_rank": entry.district_rank,
        "ranked_in_district": why.ranked_in_district,
        "list": entry.list or None,
        "previous": _previous(why.since) if why.since else None,
        "one_more": [{"what": step.what, "score": _text(step.score), "rank": step.rank} for step in why.one_more],
        "evidence": _evidence(why.evidence) if why.evidence else None,
        "parties": [{"party": party} | _counts(counts) for party, counts in why.parties.items()],
        "links": links(why),
    }


def links(why: Why) -> dict[str, str]:
    """Paths of pages and documents about this neighbourhood in this ranking."""
    query = f"?period={why.ranking.period}&revision={why.ranking.revision}"
    return {
        "page": reverse("public-why", args=[why.entry.estate_code]) + query,
        "pdf": reverse("public-why-pdf", args=[why.entry.estate_code]) + query,
        "ranking": reverse("public-ranking-period", args=[why.ranking.period]) + f"?revision={why.ranking.revision}",
    }


def _rate(part: Part, interval: Interval | None) -> dict[str, Any]:
    return {
        "name": part.name,
        "weight": f"{part.weight.normalize():f}",
        "successes": f"{Decimal(part.numerator).normalize():f}",
        "counted": part.denominator,
        "points": _text(part.points),
        "interval": [f"{100 * end:.2f}" for end in interval] if interval else None,
    }


def _previous(since: Since) -> dict[str, Any]:
    return {
        "period": since.period,
        "revision": since.revision,
        "score": _text(since.score),
        "rank": since.rank,
        "ranked": since.ranked,
        "same_policy": since.same_policy,
        "counts": _counts(since.counts),
        "moved": {name: _text(value) for name, value in since.moved.items()},
    }


def _evidence(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in ("label", "score", "deviation", "ranks")}


def _counts(counts: rules.Counts) -> dict[str, Any]:
    return counts._asdict() | {"satisfied_weight": f"{Decimal(counts.satisfied_weight).normalize():f}"}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _moment(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat()
