"""Exports of a register: what the list shows, in every column that an import reads; streamed, or made as a job when long."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, override
from kombu.exceptions import OperationalError

from portal import registers
from portal.exchange import files
from portal.exchange.columns import columns_of, exported_values
from portal.exchange.models import RegisterExport
from portal.exchange.running import Progress, progress
from portal.jobs import enqueue
from portal.models import AuditEntry, User
from portal.registers import Register
from portal.registers.filters import filter_of
from portal.spreadsheets.writing import comma_separated, workbook

FORMATS = {
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "csv-gb18030": ("csv", "text/csv; charset=gb18030"),
}
"""Format → suffix and media type."""
KEPT_DAYS = 7
LONG = 20_000
"""Rows from which an export is a job."""


def rows_for(register: Register, user: User, query: QueryDict) -> QuerySet:
    """The rows that the list with this address shows ``user``, in the register's order."""
    scope = register.scoped(user)
    return filter_of(register)(query, queryset=scope).qs.order_by(*register.order)


def file_name(register: Register, form: str) -> str:
    return f"{register.title} {timezone.localdate():%Y-%m-%d}.{FORMATS[form][0]}"


def content(
    register: Register, user: User, rows: QuerySet, form: str, count: int, report: Progress | None = None
) -> Iterator[bytes]:
    """The file, piece by piece."""
    columns = columns_of(register, user, export=True)
    values = exported_values(columns, rows)
    if report is not None:
        values = _counted(values, report, count)
    if form == "xlsx":
        return workbook(columns, values, title=str(register.title), count=count)
    return comma_separated(columns, values, encoding="gb18030" if form == "csv-gb18030" else "utf-8-sig")


def record_export(register: Register, user: User, count: int, query: str) -> None:
    """Write down that rows left the portal."""
    AuditEntry.objects.create(
        verb="export",
        subject_type="register",
        subject=register.slug,
        by=user,
        details={"rows": count, "query": query[:500]},
    )


def ask(register: Register, query: QueryDict, form: str, count: int, *, by: User) -> RegisterExport:
    """Ask for a long export; a worker makes it."""
    asked = RegisterExport.objects.create(
        register=register.slug, query=query.urlencode(), format=form, language=get_language() or "", asked_by=by,
        folder=files.new_folder("exports"), rows_total=count,
    )  # fmt: skip

    def give_to_worker() -> None:
        try:
            enqueue("portal.tasks.make_export", asked.pk)
        except OperationalError:
            RegisterExport.objects.filter(pk=asked.pk).update(status=RegisterExport.Status.FAILED)

    transaction.on_commit(give_to_worker)
    return asked


def path_of(export: RegisterExport) -> Path:
    return files.folder_of("exports", export.folder) / "file"


def make(export: RegisterExport) -> None:
    """Make the file of a waiting export; made before, nothing is done."""
    if export.status == RegisterExport.Status.DONE:
        return
    register, user = registers.register(export.register), export.asked_by
    assert register is not None, export.register
    with override(export.language), progress("portal_registerexport", export.pk) as report:
        rows = rows_for(register, user, QueryDict(export.query))
        count = rows.count()
        pieces = content(register, user, rows, export.format, count, report)
        path = path_of(export)
        path.parent.mkdir(parents=True, exist_ok=True)
        files.store(path, pieces)
        record_export(register, user, count, export.query)
    RegisterExport.objects.filter(pk=export.pk).update(
        status=RegisterExport.Status.DONE, rows_total=count, rows_done=count, finished_at=timezone.now()
    )


def _counted(values: Iterator[list], report: Progress, total: int) -> Iterator[list]:
    for number, row in enumerate(values, start=1):
        if number % 500 == 0:
            report(number, total)
        yield row


def forget_old(now: datetime) -> int:
    """Remove exports that were made :data:`KEPT_DAYS` ago; how many."""
    old = RegisterExport.objects.filter(asked_at__lt=now - timedelta(days=KEPT_DAYS))
    for export in old:
        files.forget("exports", export.folder)
    return old.delete()[0]
