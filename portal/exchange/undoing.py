"""Takes an import back: new rows go, changed ones are as before, while nobody touched them later.

Touched is a row whose version (PostgreSQL's ``xmin``) is no longer the one that the import wrote. A database that was restored from
a dump has other versions: there, earlier imports can no longer be undone.
"""

from django.db import connection
from django.db.models import QuerySet

from portal.exchange.models import ImportBatch, ImportedRow
from portal.exchange.staging import columns_of, quoted
from portal.models import User
from portal.registers import Register

SHOWN = 50
AT_A_TIME = 500
"""Rows removed by one statement. The time that the triggers of one take grows with the square of its rows."""


def touched_later(register: Register, batch: ImportBatch) -> list[str]:
    """Rows of the batch that are no longer as it left them, by what they are called (at most :data:`SHOWN`). The others are locked."""
    table, key = _names(register)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE {key} IN (SELECT subject_pk FROM portal_importedrow WHERE batch_id = %s) "
            f"ORDER BY {key} FOR UPDATE",
            [batch.pk],
        )
        cursor.execute(
            f"""
            SELECT r.subject_pk, r.line FROM portal_importedrow r LEFT JOIN {table} t ON t.{key} = r.subject_pk
            WHERE r.batch_id = %s AND t.xmin::text IS DISTINCT FROM r.after ->> 'xmin'
            ORDER BY r.line LIMIT {SHOWN:d}
            """,
            [batch.pk],
        )
        touched = [pk for pk, _line in cursor.fetchall()]
    rows = register.model._base_manager.in_bulk(touched)
    return [str(rows[pk]) if pk in rows else f"#{pk}" for pk in touched]


def outside(register: Register, batch: ImportBatch, by: User) -> bool:
    """Whether rows of the batch, as they are now, lie out of what ``by`` keeps."""
    written = register.model._base_manager.filter(pk__in=_ids(batch)).order_by()
    kept = register.scoped(by, register.keep).order_by()
    return written.exclude(pk__in=kept.values("pk")).exists()


def obstacle(register: Register, batch: ImportBatch) -> str:
    """Why one of the batch's rows has to stay as it is; empty when none has to."""
    if type(register).obstacle_to_change is Register.obstacle_to_change:
        return ""
    rows = register.with_references(register.model._base_manager.filter(pk__in=_ids(batch)))
    return next(filter(None, map(register.obstacle_to_change, rows.iterator())), "")


def _ids(batch: ImportBatch) -> QuerySet:
    return ImportedRow.objects.filter(batch=batch).values("subject_pk")


def take_back(register: Register, batch: ImportBatch) -> None:
    """Remove the batch's new rows, then restore its changed ones.

    Raises:
        IntegrityError: other records refer to a new row, or stand in a restored one's place.
    """
    table, key = _names(register)
    names = [quoted(field.column) for field in columns_of(register.model)[1:]]
    changes = ", ".join(f"{name} = (old).{name}" for name in names)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT subject_pk FROM portal_importedrow WHERE batch_id = %s AND before IS NULL ORDER BY 1", [batch.pk]
        )
        new = [pk for (pk,) in cursor.fetchall()]
        for start in range(0, len(new), AT_A_TIME):
            cursor.execute(f"DELETE FROM {table} WHERE {key} = ANY(%s)", [new[start : start + AT_A_TIME]])
        cursor.execute(
            f"UPDATE {table} t SET {changes} FROM (SELECT subject_pk, jsonb_populate_record(NULL::{table}, before) AS old "
            f"FROM portal_importedrow WHERE batch_id = %s AND before IS NOT NULL) r WHERE t.{key} = r.subject_pk",
            [batch.pk],
        )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _names(register: Register) -> tuple[str, str]:
    meta = register.model._meta
    return quoted(meta.db_table), quoted(meta.pk.column)
