"""Celery's way in: parse the arguments, call one action. Every task may run twice, or twice at once."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from evaluations import actions
from evaluations.models import RankingPolicy
from evaluations.policies import actions as policies
from portal.jobs import job_run
from portal.rules import HalfMonth


@shared_task
def compute_ranking(period: str) -> str:
    """Compute one period (``2021-10-H2``) into a draft; its digest."""
    with job_run("rankings.compute", period) as run:
        computed = actions.compute_ranking(HalfMonth.parse(period), now=timezone.now())
        run.outcome = (
            f"r{computed.ranking.revision} {computed.ranking.digest[:12]} {'new' if computed.is_new else 'unchanged'}"
        )
    return computed.ranking.digest


@shared_task
def catch_up_rankings(now: str | None = None) -> list[str]:
    """Compute every ended half month that has cases and no ranking, oldest first; their ids. ``now`` is ISO text."""
    moment = datetime.fromisoformat(now) if now else timezone.now()
    missed = [str(period) for period in actions.missed_periods(moment)]
    for period in missed:
        compute_ranking(period)
    return missed


@shared_task
def try_policy(pk: int) -> None:
    """Try a policy proposal on the last ranked periods."""
    with job_run("policies.try", str(pk)) as run:
        policy = RankingPolicy.objects.get(pk=pk)
        policies.run_trial(policy, now=timezone.now())
        run.outcome = str(policy)[:500]
