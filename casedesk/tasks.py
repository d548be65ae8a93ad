"""Celery's way in: one action per task. Every task may run twice, or twice at once."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from casedesk.actions import reviews
from portal.jobs import job_run


@shared_task
def keep_rating_clocks(now: str | None = None) -> dict[str, int]:
    """Reopen badly rated cases that nobody doubted in time, close those that nobody rated in time. ``now`` is ISO text."""
    moment = datetime.fromisoformat(now) if now else timezone.now()
    with job_run("cases.rating_clocks", moment.isoformat(timespec="minutes")) as run:
        done = reviews.keep_rating_clocks(moment)
        run.outcome = f"{done['reopened']} reopened, {done['closed']} closed"
    return done
