"""The snapshot of a ranking: what is remembered of inputs and outcome, its manifest, and how it is written and checked."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from evaluations import rules
from evaluations.counting import Counted
from evaluations.models import Ranking, RankingEntry

MANIFEST_COLUMNS = (
    "estate_code", "estate_name", "estate_kind", "district_code", "district_name", "street_code", "street_name",
    "enterprise_uscc", "enterprise_name", "accept_due", "accept_on_time", "handle_due", "handle_on_time", "ratings",
    "satisfied_weight", "eligible", "score", "rank", "district_rank", "list",
)  # fmt: skip


class Before(NamedTuple):
    """Where a neighbourhood stood in the previous published ranking."""

    rank: int
    from_bottom: int
    score: object
    list: str
    streak: int


class Comparison(NamedTuple):
    previous_rank: int | None
    previous_score: object
    change: int | None
    streak: int


def manifest(period: str, window: tuple, policy: Mapping, policy_rule: rules.Policy, rows: Iterable[Sequence]) -> dict:
    """Inputs and outcome of a ranking, without times of computing: the same inputs give the same manifest.

    ``rows`` are in the order of :data:`MANIFEST_COLUMNS`, sorted by neighbourhood code.
    """
    unit = policy_rule.level_decimals
    start, end = (moment.isoformat() for moment in window)
    return {
        "format": 1,
        "period": period,
        "window": {"start": start, "end": end},
        "policy": policy,
        "columns": MANIFEST_COLUMNS,
        "rows": [
            (*row[:14], f"{row[14]:.{unit}f}", row[15], None if row[16] is None else f"{row[16]:.4f}", *row[17:])
            for row in rows
        ],
    }


def manifest_rows(counted: Sequence[Counted], placed: Sequence[rules.Placed]) -> list[tuple]:
    """Rows for :func:`manifest` from a fresh count."""
    return [
        (*row[:9], *row.counts, at.score is not None, at.score, at.rank, at.district_rank, at.list)
        for row, at in zip(counted, placed, strict=True)
    ]


def stored_rows(ranking: Ranking) -> list[tuple]:
    """Rows for :func:`manifest` from what is stored."""
    return sorted(ranking.entries.values_list(*MANIFEST_COLUMNS), key=lambda row: row[0])


def stored_manifest(ranking: Ranking) -> dict:
    """The manifest of a stored ranking, from its rows."""
    half_month = ranking.half_month
    rule = policy_of(ranking)
    start = half_month.shift(1 - rule.window_periods).start
    return manifest(ranking.period, (start, half_month.end), ranking.policy_snapshot, rule, stored_rows(ranking))


def policy_of(ranking: Ranking) -> rules.Policy:
    """The policy as it was applied, from the snapshot and not from today's record."""
    return rules.Policy.parse(ranking.policy_snapshot)


def differences(ranking: Ranking) -> list[str]:
    """What a recomputation from the stored counts gives otherwise: scores, ranks, lists, digest. Empty when all agree."""
    rule = policy_of(ranking)
    rows = stored_rows(ranking)
    placed = rules.place([(row[3], rules.Counts(*row[9:15])) for row in rows], rule)
    found = []
    for row, at in zip(rows, placed, strict=True):
        expected = (at.score is not None, at.score, at.rank, at.district_rank, at.list)
        if row[15:] != expected:
            found.append(f"{row[0]}: stored {row[15:]}, recomputed {expected}")
    digest = rules.digest(stored_manifest(ranking))
    if digest != ranking.digest:
        found.append(f"digest: stored {ranking.digest}, recomputed {digest}")
    return found


def standing_in(previous: Ranking | None) -> dict[str, Before]:
    """Where each ranked neighbourhood stood in ``previous``."""
    if previous is None:
        return {}
    ranked = previous.entries.filter(eligible=True)
    return {row[0]: Before(*row[1:]) for row in ranked.values_list("estate_code", *Before._fields)}


def compare(rank: int | None, from_bottom: int | None, listed: str, before: Before | None) -> Comparison:
    """How a neighbourhood stands against the previous published ranking; all empty where it is new or not ranked."""
    if rank is None or from_bottom is None:
        return Comparison(None, None, None, 0)
    if before is None:
        return Comparison(None, None, None, 1 if listed else 0)
    streak = 0 if not listed else before.streak + 1 if before.list == listed else 1
    change = rules.change(listed, (rank, from_bottom), (before.rank, before.from_bottom))
    return Comparison(before.rank, before.score, change, streak)


_ENTRY_COLUMNS = (
    "ranking_id", *Counted._fields[:9], *rules.Counts._fields, "eligible", *rules.Placed._fields, *Comparison._fields,
)  # fmt: skip


def write_entries(
    ranking: Ranking, counted: Sequence[Counted], placed: Sequence[rules.Placed], before: Mapping[str, Before]
) -> None:
    """Replace the entries of a draft, by COPY: a city's thousands of rows in one go."""
    RankingEntry.objects.filter(ranking=ranking).delete()
    lines = io.StringIO()
    for row, at in zip(counted, placed, strict=True):
        comparison = compare(at.rank, at.from_bottom, at.list, before.get(row.estate_code))
        values = (*row.counts, "f" if at.score is None else "t", *at, *comparison)
        numbers = "\t".join([r"\N" if value is None else str(value) for value in values])
        lines.write(f"{ranking.pk}\t{_copied(row[:9])}\t{numbers}\n")
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY evaluations_rankingentry ({', '.join(_ENTRY_COLUMNS)}) FROM STDIN", lines)


def _copied(texts: Sequence[str]) -> str:
    """Texts as COPY reads them."""
    line = "\t".join(texts)
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") >= len(texts):
        return "\t".join([text.translate(_ESCAPES) for text in texts])
    return line


_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def refresh_comparison(ranking: Ranking, previous: Ranking | None) -> None:
    """Compare a ranking that is not frozen yet with ``previous`` anew."""
    before = standing_in(previous)
    entries = list(ranking.entries.filter(eligible=True))
    for entry in entries:
        comparison = compare(entry.rank, entry.from_bottom, entry.list, before.get(entry.estate_code))
        for name, value in comparison._asdict().items():
            setattr(entry, name, value)
    RankingEntry.objects.bulk_update(entries, Comparison._fields, batch_size=500)
