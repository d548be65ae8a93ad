"""Background jobs, made visible: a ``JobRun`` row per run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from portal.models import JobRun


@contextmanager
def job_run(job: str, subject: str) -> Iterator[JobRun]:
    """Run the body as ``job`` for ``subject``; the row says how it ended, and an error is raised on."""
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
