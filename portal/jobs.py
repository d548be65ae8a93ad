"""Background jobs, made visible: a ``JobRun`` row per run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from portal.models import JobRun

LOST_AFTER = timedelta(hours=1)
"""A run that has not ended by then was killed: no job of ours takes nearly as long."""


@contextmanager
def job_run(job: str, subject: str) -> Iterator[JobRun]:
    """Run the body as ``job`` for ``subject``; the row says how it ended, and an error is raised on."""
    lost = JobRun.objects.filter(status=JobRun.Status.RUNNING, started_at__lt=timezone.now() - LOST_AFTER)
    lost.update(status=JobRun.Status.FAILED, outcome="killed before it ended", finished_at=timezone.now())
    run = JobRun.objects.create(job=job, subject=subject)
    try:
        yield run
    except Exception as error:
        run.status, run.outcome = JobRun.Status.FAILED, f"{type(error).__name__}: {error}"[:500]
        raise
    else:
        run.status = JobRun.Status.DONE
    finally:
        run.finished_at = timezone.now()
        run.save()


def enqueue(task: str, *arguments: object) -> None:
    """Give ``task`` (its dotted name) to a worker.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    from portal.celery import app, prepare_filesystem_broker  # not at the top: only those who send need Celery

    prepare_filesystem_broker()
    app.send_task(task, arguments, retry=False)
