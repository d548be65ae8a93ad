"""Rows on their way into a register's table: written beside it first, then moved in as a set, each bad one found.

Works on the connection's open transaction. The rows come as a file in PostgreSQL's COPY format that :class:`StageFile` writes.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.ranges import RangeField
from django.db import DatabaseError, connection, models, transaction

STAGE, BEFORE = "import_stage", "import_before"
NULL = "\\N"
SLICE = 5000
"""Rows that are moved between two reports of progress."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


# --- the file -------------------------------------------------------------------------------------------------------------


class StageFile:
    """Writes model instances as lines for COPY: ordinal, whether new, the version seen, then every column."""

    def __init__(self, path: Path, model: type[models.Model]) -> None:
        self._file = open(path, "w", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by the with statement around it
        self._writers = [(field.attname, _text_of(field)) for field in columns_of(model)]
        self._moments = [field for field in columns_of(model) if getattr(field, "auto_now", False)]
        self._moments += [field for field in columns_of(model) if getattr(field, "auto_now_add", False)]

    def __enter__(self) -> "StageFile":
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def add(self, line: int, row: models.Model, *, seen: str | None) -> None:
        """Write ``row``; ``seen`` is the version of the row that it changes, none for a new one, which has its id by now."""
        for field in self._moments:
            field.pre_save(row, seen is None)
        values = row.__dict__
        parts = [NULL if values[name] is None else write(values[name]) for name, write in self._writers]
        self._file.write(f"{line}\t{'t' if seen is None else 'f'}\t{seen or NULL}\t" + "\t".join(parts) + "\n")


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Ids for so many new rows; nobody else gets them, whether they are used or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [quoted(model._meta.db_table), model._meta.pk.column, count],
        )
        return [number for (number,) in cursor.fetchall()]


def columns_of(model: type[models.Model]) -> list[models.Field]:
    """The model's columns, primary key first."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    return sorted(fields, key=lambda field: not field.primary_key)


def _text_of(field: models.Field) -> Callable[[Any], str]:
    if isinstance(field, models.CharField | models.TextField):
        return lambda value: value.translate(_ESCAPES)
    if isinstance(field, models.BooleanField):
        return lambda value: "t" if value else "f"
    if isinstance(field, RangeField):
        return _range
    if isinstance(field, ArrayField):
        return _array
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    if isinstance(field, models.ForeignKey | models.AutoField | models.IntegerField | models.DecimalField):
        return str
    if isinstance(field, models.DateField):
        return datetime.isoformat if isinstance(field, models.DateTimeField) else lambda value: value.isoformat()
    return lambda value: str(field.get_db_prep_save(value, connection)).translate(_ESCAPES)


def _range(value: Any) -> str:
    if value.isempty:
        return "empty"
    lower, upper = ("" if bound is None else str(bound) for bound in (value.lower, value.upper))
    return f"[{lower},{upper})" if lower else f"({lower},{upper})"


def _array(value: Iterable[Any]) -> str:
    parts = ("NULL" if one is None else '"' + str(one).replace("\\", "\\\\").replace('"', '\\"') + '"' for one in value)
    return ("{" + ",".join(parts) + "}").translate(_ESCAPES)


# --- the table ------------------------------------------------------------------------------------------------------------


class Stage:
    """The staged rows of one model, in the open transaction; gone with it."""

    def __init__(self, model: type[models.Model], path: Path) -> None:
        self.model = model
        self.table, self.key = quoted(model._meta.db_table), quoted(model._meta.pk.column)
        self.columns = [quoted(field.column) for field in columns_of(model)]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{STAGE}, pg_temp.{BEFORE}")
            cursor.execute(
                f"CREATE TEMP TABLE {STAGE} ON COMMIT DROP AS "
                f"SELECT 0 AS _line, true AS _new, '' AS _seen, t.* FROM {self.table} t WITH NO DATA"
            )
            with open(path, encoding="utf-8", newline="\n") as lines:
                names = ", ".join(["_line", "_new", "_seen", *self.columns])
                cursor.copy_expert(f"COPY {STAGE} ({names}) FROM STDIN", lines)
            cursor.execute(f"CREATE INDEX ON {STAGE} (_line)")
            cursor.execute(
                f"SELECT coalesce(max(_line), 0), count(*) FILTER (WHERE _new), count(*) FILTER (WHERE NOT _new) FROM {STAGE}"
            )
            self.last, *counts = cursor.fetchone()
            self.kinds = [kind for kind, count in zip((False, True), reversed(counts), strict=True) if count]

    def _lines(self, statement: str, parameters: list | None = None) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [line for (line,) in cursor.fetchall()]

    def leave_out(self, lines: Iterable[int]) -> None:
        self._lines(f"DELETE FROM {STAGE} WHERE _line = ANY(%s) RETURNING _line", [list(lines)])

    def changed_meanwhile(self) -> list[int]:
        """Lines whose row is not as it was seen, or gone. The others are locked until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM {self.table} WHERE {self.key} IN (SELECT {self.key} FROM {STAGE} WHERE NOT _new) "
                f"ORDER BY {self.key} FOR UPDATE"
            )
        return self._lines(
            f"SELECT s._line FROM {STAGE} s LEFT JOIN {self.table} t USING ({self.key}) "
            "WHERE NOT s._new AND t.xmin::text IS DISTINCT FROM s._seen ORDER BY 1"
        )

    def remember_before(self) -> None:
        """Keep the rows to be changed as they are, for :meth:`keep_rows`."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE {BEFORE} ON COMMIT DROP AS SELECT t.{self.key} AS id, to_jsonb(t) AS before "
                f"FROM {self.table} t JOIN {STAGE} s USING ({self.key}) WHERE NOT s._new"
            )

    def keep_rows(self, batch_id: int) -> None:
        """Write an ``ImportedRow`` for each row moved."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO portal_importedrow (batch_id, line, subject_pk, before, after) "
                f"SELECT %s, s._line, t.{self.key}, b.before, jsonb_build_object('xmin', t.xmin::text) FROM {STAGE} s "
                f"JOIN {self.table} t USING ({self.key}) LEFT JOIN {BEFORE} b ON b.id = t.{self.key}",
                [batch_id],
            )

    def move_all(self, progress: Callable[[int], None] = lambda done: None) -> None:
        """Move every row in: changed ones first, for those may make room for new ones.

        Raises:
            DatabaseError: a constraint refuses a row; the transaction is broken.
        """
        for part, is_new in enumerate(self.kinds):
            for start in range(0, self.last + 1, SLICE):
                self._move(is_new, start, start + SLICE)
                progress((part * self.last + min(start + SLICE, self.last)) // len(self.kinds))
        self.judge()

    def judge(self) -> None:
        """Let the constraints that wait for the end of the transaction speak now."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def try_all(self) -> Iterator[tuple[int, DatabaseError]]:
        """Move every row in that the database takes; line and error of each that it refuses.

        A refused row is tried once more at the end: another row may have made room for it.
        """
        refused: list[int] = []
        for is_new in self.kinds:
            for start in range(0, self.last + 1, SLICE):
                refused += [line for line, _error in self._try(is_new, start, start + SLICE)]
        for line in refused:
            for is_new in self.kinds:
                yield from self._try(is_new, line, line + 1)

    def _try(self, is_new: bool, start: int, end: int) -> Iterator[tuple[int, DatabaseError]]:
        try:
            with transaction.atomic():
                self._move(is_new, start, end)
                self.judge()
        except DatabaseError as error:
            if end - start == 1:
                yield start, error
            else:
                middle = (start + end) // 2
                yield from self._try(is_new, start, middle)
                yield from self._try(is_new, middle, end)

    def _move(self, is_new: bool, start: int, end: int) -> None:
        names = ", ".join(self.columns)
        rows = f"_line >= {start:d} AND _line < {end:d}"
        if is_new:
            statement = (
                f"INSERT INTO {self.table} ({names}) SELECT {names} FROM {STAGE} WHERE _new AND {rows} ORDER BY _line"
            )
        else:
            changes = ", ".join(f"{name} = s.{name}" for name in self.columns[1:])
            statement = f"UPDATE {self.table} t SET {changes} FROM {STAGE} s WHERE t.{self.key} = s.{self.key} AND NOT s._new AND {rows}"
        with connection.cursor() as cursor:
            cursor.execute(statement)

    def outside(self, kept: models.QuerySet) -> list[int]:
        """Lines whose row lies outside ``kept``, once it has been moved in."""
        statement, parameters = kept.order_by().values("pk").query.sql_with_params()
        return self._lines(
            f"SELECT s._line FROM {STAGE} s JOIN {self.table} t USING ({self.key}) "
            f"WHERE s.{self.key} NOT IN ({statement}) ORDER BY 1",
            list(parameters),
        )
