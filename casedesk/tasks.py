"""Celery's way in: one action per task. Every task may run twice, or twice at once."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from casedesk import photos
from casedesk.actions import dispatch, intake, reviews, supervision
from portal.jobs import job_run


@shared_task
def keep_rating_clocks(now: str | None = None) -> dict[str, int]:
    """Reopen badly rated cases that nobody doubted in time, close those that nobody rated in time. ``now`` is ISO text."""
    moment = datetime.fromisoformat(now) if now else timezone.now()
    with job_run("cases.rating_clocks", moment.isoformat(timespec="minutes")) as run:
        done = reviews.keep_rating_clocks(moment)
        run.outcome = f"{done['reopened']} reopened, {done['closed']} closed"
    return done


@shared_task
def raise_supervisions(now: str | None = None) -> int:
    """Raise every supervision that a rule asks for; how many. ``now`` is ISO text."""
    moment = datetime.fromisoformat(now) if now else timezone.now()
    with job_run("cases.supervise", moment.isoformat(timespec="minutes")) as run:
        raised = supervision.raise_supervisions(moment)
        run.outcome = f"{raised} raised"
    return raised


@shared_task
def dispatch_by_catalogue(now: str | None = None) -> int:
    """Dispatch what goes at once and could not when it was reported; how many. ``now`` is ISO text."""
    return dispatch.dispatch_by_catalogue(datetime.fromisoformat(now) if now else timezone.now())


@shared_task
def tidy_intake(now: str | None = None) -> int:
    """Forget receipts that have served, sweep up photographs whose case never came about; how many photographs."""
    moment = datetime.fromisoformat(now) if now else timezone.now()
    with job_run("cases.tidy", moment.isoformat(timespec="minutes")) as run:
        forgotten, swept = intake.forget_receipts(moment), photos.sweep_orphans(moment)
        run.outcome = f"{forgotten} receipts forgotten, {swept} photographs without a case removed"
    return swept
