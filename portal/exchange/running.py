"""Jobs over one row that people wait for: one at a time, with progress that others see while the work is not yet committed."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import psycopg2
from django.db import connection

LOCKS = 7_240
"""First half of the advisory locks' numbers; the second is the batch's."""
EVERY = 0.3
"""Seconds between two reports."""


def take(number: int) -> bool:
    """Hold ``number`` until the transaction ends; false where another process does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCKS, number % 2**31])
        return cursor.fetchone()[0]


def is_held(number: int) -> bool:
    """Whether some process is at work on ``number`` now. Its death, however violent, lets go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [LOCKS, number % 2**31],
        )
        return cursor.fetchone()[0]


class Progress:
    """Reports through a connection of its own, for the work's own transaction is seen by nobody until it ends."""

    def __init__(self, table: str, pk: int) -> None:
        self._statement = (
            f"UPDATE {table} SET rows_done = %s, rows_total = greatest(rows_total, %s, %s) WHERE id = {pk:d}"
        )
        self._connection = None
        self._next = 0.0

    def __call__(self, done: int, total: int = 0) -> None:
        if monotonic() < self._next:
            return
        self._next = monotonic() + EVERY
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(**_parameters())
                self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute(self._statement, [done, done, total])
        except psycopg2.Error:  # the work goes on without a picture of it
            logging.getLogger(__name__).warning("no progress can be shown", exc_info=True)
            self._next = float("inf")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _parameters() -> dict:
    names = ("dbname", "user", "password", "host", "port", "sslmode")
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in names}
    return parameters | {"options": "-c lock_timeout=500"}


@contextmanager
def progress(table: str, pk: int) -> Iterator[Progress]:
    """A :class:`Progress` for the row ``pk`` of ``table``, closed at the end."""
    reporting = Progress(table, pk)
    try:
        yield reporting
    finally:
        reporting.close()


@contextmanager
def few_collections() -> Iterator[None]:
    """Let Python look for cycles of garbage a hundred times less often: rows by the ten thousand make none, and looking is dear."""
    before = gc.get_threshold()
    gc.set_threshold(before[0] * 100, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
