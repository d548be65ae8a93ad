"""Imports: upload, check (a dry run), apply, discard, undo. Only the uploader, only while they may keep the register."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from portal import registers
from portal.exchange import files, undoing
from portal.exchange.checking import Check
from portal.exchange.columns import columns_of, errors_column
from portal.exchange.models import ImportBatch
from portal.exchange.running import few_collections, is_held, progress, take
from portal.exchange.staging import Stage
from portal.jobs import enqueue
from portal.models import JobRun, User
from portal.registers import Register
from portal.spreadsheets.files import BadFile
from portal.spreadsheets.marking import Wrong, marked
from portal.spreadsheets.reading import Sheet
from portal.workflow import LostRace, MoveRefused, record

Status = ImportBatch.Status
SMALL = 150_000
"""Bytes of a file that is checked and applied while the person waits: about 2,000 rows. Larger ones are jobs."""
LOST_AFTER = timedelta(seconds=15)
"""A batch at work that no process holds after that was left behind by a dead one."""
KEPT_DAYS = 7
"""Days after which an unconfirmed upload is discarded, and the files of an applied one are removed."""


def register_of(batch: ImportBatch) -> Register:
    found = registers.register(batch.register)
    assert found is not None, batch.register
    return found


def path_of(batch: ImportBatch, name: str = "upload") -> Path:
    """``upload`` (the file as it came), ``rows`` (ready to be written), ``problems`` or ``sheets``."""
    return files.folder_of("imports", batch.folder) / name


def is_small(batch: ImportBatch) -> bool:
    path = path_of(batch)
    return path.exists() and path.stat().st_size <= SMALL


def upload(register: Register, file: "UploadedFile[Any]", *, by: User) -> ImportBatch:
    """Store a file for ``register``; nothing of it is read yet.

    Raises:
        PermissionDenied: the person keeps no row of this register.
    """
    if not by.has_perm(register.keep):
        raise PermissionDenied
    folder = files.new_folder("imports")
    digest = files.store(files.folder_of("imports", folder) / "upload", file.chunks())
    return ImportBatch.objects.create(
        register=register.slug, file_name=(file.name or "?")[-200:], folder=folder, sha256=digest,
        language=get_language() or "", uploaded_by=by,
    )  # fmt: skip


def claim(batch: ImportBatch, to: ImportBatch.Status, *, by: User) -> None:
    """Take the batch to ``checking`` or ``applying``; the work itself follows, here or in a worker.

    Raises:
        PermissionDenied: not the uploader, or they may no longer keep the register.
        LostRace: it is no longer in a state from which this is possible.
    """
    _may(batch, by)
    origins = {Status.CHECKING: (Status.UPLOADED, Status.CHECKED, Status.FAILED), Status.APPLYING: (Status.CHECKED,)}[
        to
    ]
    _move(batch, origins, to, failure="", rows_done=0)


def check(batch: ImportBatch) -> None:
    """Read the file of a ``checking`` batch and try its rows against the database; nothing is changed in the register.

    The batch ends as ``checked`` with its counts and problems, or as ``failed`` where the file is no table. Another process at
    work on it: nothing is done.
    """
    with transaction.atomic(), override(batch.language), progress("portal_importbatch", batch.pk) as report:
        if not take(batch.pk) or not ImportBatch.objects.filter(pk=batch.pk, status=Status.CHECKING).exists():
            return
        checked = Check(register_of(batch), batch.uploaded_by, batch.file_name, path_of(batch).parent, report)
        try:
            checked.run()
        except BadFile as bad:
            _move(batch, (Status.CHECKING,), Status.FAILED, failure=bad.reason[:1000])
        else:
            _move(batch, (Status.CHECKING,), Status.CHECKED, **checked.outcome())


def apply(batch: ImportBatch) -> None:
    """Write the checked rows of an ``applying`` batch: all of them in one transaction, recorded as one deed.

    Where the register changed since the check so that a row cannot be written as it was shown, nothing is written and the batch
    is ``uploaded`` again, with the reason: it has to be checked anew.
    """
    register, by = register_of(batch), batch.uploaded_by
    try:
        with transaction.atomic(), override(batch.language), progress("portal_importbatch", batch.pk) as report:
            if not take(batch.pk) or not ImportBatch.objects.filter(pk=batch.pk, status=Status.APPLYING).exists():
                return
            if not by.has_perm(register.keep):
                raise PermissionDenied
            stage = Stage(register.model, path_of(batch, "rows"))
            stage.leave_out(json.loads(path_of(batch, "left_out").read_text()))
            changed = stage.changed_meanwhile()
            if changed:
                raise _Stale(_("%(count)d rows were changed by others since the check.") % {"count": len(changed)})
            kept = register.scoped(by, register.keep)
            if stage.outside(kept):  # the changed ones as they are now; the new ones are not there yet
                raise _Stale(_some_lie_elsewhere())
            stage.remember_before()
            stage.move_all(lambda done: report(done, stage.last))
            if stage.outside(kept):
                raise _Stale(_some_lie_elsewhere())
            stage.keep_rows(batch.pk)
            record(
                "import", batch, by=by, register=register.slug, new=batch.new, changed=batch.changed, left_out=batch.wrong,
                file=batch.file_name, sha256=batch.sha256,
            )  # fmt: skip
            _move(batch, (Status.APPLYING,), Status.APPLIED, applied_at=timezone.now(), rows_done=batch.to_write)
    except (_Stale, IntegrityError, PermissionDenied) as error:
        reason = str(error) if isinstance(error, _Stale) else ""
        with override(batch.language):
            told = _("The register has changed since the check; nothing was written.")
        _move(batch, (Status.APPLYING,), Status.UPLOADED, failure=f"{told} {reason}".strip()[:1000])


def _some_lie_elsewhere() -> str:
    return _("Some rows no longer lie in the place that you keep.")


class _Stale(Exception):
    """The register is not as it was when the batch was checked."""


def start(batch: ImportBatch, to: ImportBatch.Status, *, by: User) -> None:
    """Claim the batch and do the work: here while it is small, else by a worker once the transaction is committed.

    Raises:
        PermissionDenied, LostRace: as for :func:`claim`.
    """
    claim(batch, to, by=by)
    if is_small(batch):
        run(batch, to)
        return

    def give_to_worker() -> None:
        try:
            enqueue("portal.tasks.run_import", batch.pk, str(to))
        except OperationalError as error:
            _move(batch, (to,), Status.FAILED, failure=_error_told(error))

    transaction.on_commit(give_to_worker)


def run(batch: ImportBatch, to: str) -> None:
    """Do the work of a claimed batch: check or apply. What nobody foresaw leaves it ``failed``, to be run again."""
    work = {Status.CHECKING: check, Status.APPLYING: apply}[Status(to)]
    try:
        with few_collections():
            work(batch)
    except Exception as error:
        with suppress(LostRace):
            _move(batch, (Status.CHECKING, Status.APPLYING), Status.FAILED, failure=_error_told(error))
        raise


def _error_told(error: Exception) -> str:
    return _("An error in the portal (%(kind)s); nothing was written.") % {"kind": type(error).__name__}


def discard(batch: ImportBatch, *, by: User) -> None:
    """Drop a batch that was not applied, with its files."""
    _may(batch, by)
    _move(batch, (Status.UPLOADED, Status.CHECKED, Status.FAILED), Status.DISCARDED)
    files.forget("imports", batch.folder)


def undo(batch: ImportBatch, *, by: User, reason: str = "") -> None:
    """Take back everything that an applied batch wrote.

    Raises:
        MoveRefused: somebody changed its rows later, other records refer to them, one of them stays for good, or they lie
            elsewhere by now; the message says which.
        PermissionDenied, LostRace: as for :func:`claim`.
    """
    _may(batch, by)
    register = register_of(batch)
    try:
        with transaction.atomic():
            if not take(batch.pk) or not ImportBatch.objects.filter(pk=batch.pk, status=Status.APPLIED).exists():
                raise LostRace
            touched = undoing.touched_later(register, batch)
            if touched:
                listed = "、".join(touched[:10]) + ("…" if len(touched) > 10 else "")
                raise MoveRefused(
                    _("%(count)d rows were changed after the import: %(rows)s. Nothing was undone.")
                    % {"count": len(touched), "rows": listed}
                )
            obstacle = undoing.obstacle(register, batch)
            if obstacle:
                raise MoveRefused(obstacle)
            if undoing.outside(register, batch, by):
                raise MoveRefused(_some_lie_elsewhere())
            undoing.take_back(register, batch)
            if undoing.outside(register, batch, by):
                raise MoveRefused(_some_lie_elsewhere())
            record("undo_import", batch, by=by, reason=reason, register=register.slug)
            _move(batch, (Status.APPLIED,), Status.UNDONE, undone_at=timezone.now())
    except IntegrityError as error:
        raise MoveRefused(
            _("Other records refer to rows of this import, or stand in their place by now. Nothing was undone.")
        ) from error


def look(batch: ImportBatch) -> ImportBatch:
    """The batch as it is; one whose worker died is ``failed``, for nothing of its work was kept, and can be run again."""
    if batch.status not in (Status.CHECKING, Status.APPLYING) or timezone.now() - batch.status_changed_at < LOST_AFTER:
        return batch
    runs = JobRun.objects.filter(job__startswith="imports.", subject=str(batch.pk), status=JobRun.Status.RUNNING)
    if is_held(batch.pk) or not (runs.exists() or is_small(batch)):  # at work, or waiting for a worker
        return batch
    told = _("The work was interrupted; nothing was written. Run it again.")
    try:
        _move(batch, (batch.status,), Status.FAILED, failure=told)
    except LostRace:
        batch.refresh_from_db()
    else:
        runs.update(status=JobRun.Status.FAILED, outcome="killed before it ended", finished_at=timezone.now())
    return batch


def forget_old(now: Any) -> int:
    """Discard what nobody confirmed and remove files that nobody needs, after :data:`KEPT_DAYS`; how many batches."""
    old = ImportBatch.objects.filter(status_changed_at__lt=now - timedelta(days=KEPT_DAYS))
    done = 0
    for batch in old.filter(status__in=(Status.UPLOADED, Status.CHECKED, Status.FAILED)):
        _move(batch, (batch.status,), Status.DISCARDED)
        done += 1
    for batch in old.filter(status__in=(Status.DISCARDED, Status.APPLIED, Status.UNDONE)).iterator():
        if path_of(batch).parent.exists():
            files.forget("imports", batch.folder)
            done += 1
    return done


def marked_file(batch: ImportBatch) -> Iterator[bytes]:
    """The uploaded file with its errors, piece by piece; titles and reasons in the language of the check."""
    register = register_of(batch)
    with override(batch.language):
        columns = {column.name: column for column in columns_of(register, batch.uploaded_by)}
        title = str(errors_column().title)
    sheets = [
        Sheet(
            one["name"], one["header_row"], [(index, columns[name]) for index, name in one["places"] if name in columns],
            width=one["width"],
        )
        for one in batch.preview["sheets"]
    ]  # fmt: skip
    with open(path_of(batch, "problems"), encoding="utf-8") as lines:
        problems = [Wrong(**json.loads(line)) for line in lines]
    return marked(path_of(batch), batch.file_name, sheets, problems, title)


def _may(batch: ImportBatch, by: User) -> None:
    if batch.uploaded_by_id != by.pk or not by.has_perm(register_of(batch).keep):
        raise PermissionDenied


def _move(batch: ImportBatch, origins: Iterable[str], to: str, **changes: Any) -> None:
    changes |= {"status": to, "status_changed_at": timezone.now()}
    if not ImportBatch.objects.filter(pk=batch.pk, status__in=origins).update(**changes):
        raise LostRace
    for name, value in changes.items():
        setattr(batch, name, value)
