"""The whole job ``compute_ranking`` against the best single statement by hand, on the same cases in the same run."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction

from bench.report import Line, Report
from evaluations import actions, rules
from evaluations.counting import WINDOW_CONDITION
from evaluations.models import Ranking, RankingEntry
from portal.rules import HalfMonth

LIMIT = (Path(__file__).parent / "limit.sql").read_text()
COMPARED = (*rules.Counts._fields, "eligible", *rules.Placed._fields)


def make_limit_table() -> None:
    """A table like that of the entries, with the same indexes and constraints."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_limit")
        cursor.execute("CREATE TABLE bench_limit (LIKE evaluations_rankingentry INCLUDING ALL)")
        cursor.execute(
            "ALTER TABLE bench_limit ADD FOREIGN KEY (ranking_id) REFERENCES evaluations_ranking DEFERRABLE INITIALLY DEFERRED"
        )


def limit_parameters(period: HalfMonth, rule: rules.Policy, ranking_id: int) -> dict:
    """Parameters of ``limit.sql``, which takes policies whose three weights are all above 0."""
    return {
        "start": period.shift(1 - rule.window_periods).start, "end": period.end, "ranking": ranking_id,
        "wa": rule.weight_acceptance, "wh": rule.weight_handling, "ws": rule.weight_satisfaction,
        "gate_acceptance": rule.gate_acceptance, "gate_handling": rule.gate_handling, "gate_ratings": rule.gate_ratings,
        "list_size": rule.list_size, "weights": [int(rule.level_weights[level] * 10_000) for level in range(1, 6)],
    }  # fmt: skip


def run_limit(period: HalfMonth, ranking: Ranking) -> None:
    """Fill ``bench_limit`` for ``period`` in one transaction; the ranking's row is there only for the foreign key."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LIMIT, limit_parameters(period, ranking.policy.rule, ranking.pk))


def run_portal(period: HalfMonth) -> Ranking:
    """The first computation of ``period``."""
    return actions.compute_ranking(period, now=period.end + timedelta(hours=1)).ranking


def disagreements(ranking: Ranking) -> list[str]:
    """Neighbourhoods for which the limit and the portal do not say the same, to the last digit."""
    columns = ", ".join(("estate_code", *COMPARED))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM bench_limit")
        by_hand = {row[0]: row[1:] for row in cursor.fetchall()}
    ours = {row[0]: row[1:] for row in ranking.entries.values_list("estate_code", *COMPARED)}
    return sorted(code for code in by_hand.keys() | ours.keys() if by_hand.get(code) != ours.get(code))


def compare(period: HalfMonth, repetitions: int) -> tuple[list[float], list[float], int]:
    """Milliseconds of portal and limit, taken in turns after a warm-up, and the cases in the window.

    Raises:
        AssertionError: the two do not give the same ranking, which makes any time worthless.
    """
    make_limit_table()
    portal_ms, limit_ms = [], []
    ranking = run_portal(period)
    for _ in range(repetitions + 1):
        limit_ms.append(_timed(run_limit, period, ranking))
        wrong = disagreements(ranking)
        assert not wrong, f"limit and portal disagree on {len(wrong)} neighbourhoods, such as {wrong[:3]}"
        _clear(ranking)
        portal_ms.append(_timed(run_portal, period))
        ranking = Ranking.objects.get(period=str(period))
    _clear(ranking)
    return portal_ms[1:], limit_ms[1:], _cases_in_window(period, ranking)


def _clear(ranking: Ranking) -> None:
    """Undo both computations, and leave no dead rows for the next one to step over."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_limit")
        RankingEntry.objects.filter(ranking=ranking).delete()
        Ranking.objects.filter(pk=ranking.pk).delete()
        if not connection.in_atomic_block:
            cursor.execute("VACUUM evaluations_rankingentry")


def _timed(run: Callable[..., object], *arguments: object) -> float:
    begun = time.perf_counter()
    run(*arguments)
    return (time.perf_counter() - begun) * 1000


def _cases_in_window(period: HalfMonth, ranking: Ranking) -> int:
    window = {"start": ranking.window_start, "end": ranking.window_end}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM evaluations_appraisalcase WHERE {WINDOW_CONDITION}", window)
        return cursor.fetchone()[0]


def measure(report: Report, period: HalfMonth, history: int, bar: float, repetitions: int) -> float:
    """Report the medians of one period; returns the portal's best, in milliseconds."""
    portal, limit, cases = compare(period, repetitions)
    what = f"compute_ranking, {cases:,} cases in window, {history / 1e6:g} M of history"
    report.add(Line(what, statistics.median(portal), "ms", bar=bar, peer=statistics.median(limit), peer_name="limit"))
    return min(portal)
