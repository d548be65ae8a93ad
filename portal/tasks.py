"""Celery's way in to the ground floor's jobs: parse the arguments, call one action. Every task may run twice, or twice at once."""

from celery import shared_task
from django.utils import timezone

from portal.exchange import actions, exporting
from portal.exchange.models import ImportBatch, RegisterExport
from portal.jobs import job_run
from portal.notices import delivery as notices
from portal.notices.digest import send_digests
from portal.webhooks import delivery as webhooks


@shared_task
def run_import(pk: int, to: str) -> None:
    """Check (``checking``) or apply (``applying``) an import that was claimed for it."""
    batch = ImportBatch.objects.select_related("uploaded_by").get(pk=pk)
    if batch.status != to:
        return
    with job_run(f"imports.{to}", str(pk)) as run:
        actions.run(batch, to)
        batch.refresh_from_db()
        run.outcome = f"{batch.status}: {batch.new} new, {batch.changed} changed, {batch.wrong} wrong"


@shared_task
def make_export(pk: int) -> None:
    """Make a long export's file."""
    export = RegisterExport.objects.select_related("asked_by").get(pk=pk)
    with job_run("exports.make", str(pk)) as run:
        try:
            exporting.make(export)
        except Exception:
            RegisterExport.objects.filter(pk=pk).update(status=RegisterExport.Status.FAILED, finished_at=timezone.now())
            raise
        run.outcome = f"{export.register}: {export.rows_total} rows"


@shared_task
def forget_old_files() -> int:
    """Discard unconfirmed imports and remove old files; how many."""
    return actions.forget_old(timezone.now()) + exporting.forget_old(timezone.now())


@shared_task
def send_notices() -> dict[str, int]:
    """Send what waits in the outbox."""
    return notices.send_waiting()


@shared_task
def send_webhooks() -> dict[str, int]:
    """Tell other systems what waits to be told."""
    return webhooks.send_waiting()


@shared_task
def send_digest() -> None:
    """Tell everybody what waits for them today, if today is a working day."""
    day = timezone.localdate()
    with job_run("notices.digest", f"{day}") as run:
        run.outcome = f"{send_digests(day)} digests"
