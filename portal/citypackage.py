"""The city package: a folder of CSV and JSON files from which a city comes in, all or nothing.

Each app offers the files it reads (``AppConfig.city_files``); this module walks them floor by floor in one transaction,
names every bad row, and undoes everything when there was one. Source: ranking policy, "The city package".
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from portal.integrity.merging import successors


class Problem(NamedTuple):
    """One thing wrong in a package. ``line`` counts from 1 (the header); 0 is the file as a whole."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = self.file
        if self.line:
            where += _(", line %(line)d") % {"line": self.line}
        if self.column:
            where += _(", column %(column)s") % {"column": self.column}
        return f"{where}: {self.reason}"


class BadPackage(Exception):
    """The package was refused and nothing of it was kept; every problem has been reported by then."""


@dataclass
class Tally:
    """What became of a file's rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged


@dataclass
class Loading:
    """One run over a package: where problems go, what was loaded, which rows were bad."""

    directory: Path
    say: Callable[[Problem], None]
    progress: Callable[[str, int], Any] = lambda file, size: nullcontext(lambda done: None)
    problems: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    bad_codes: set[tuple[type[models.Model], str]] = field(default_factory=set)
    _codes: dict[type[models.Model], dict[str, models.Model]] = field(default_factory=dict)

    def codes(self, model: type[models.Model], code: str) -> dict[str, models.Model]:
        """The rows of ``model`` by their field ``code``, read once as long as none is loaded."""
        if model not in self._codes:
            rows = model._base_manager.all()
            if hasattr(model, "boundary"):
                rows = rows.defer("boundary")
            self._codes[model] = {str(getattr(row, code)): row for row in rows}
        return self._codes[model]

    def forget_codes(self, model: type[models.Model]) -> None:
        """Rows of ``model`` were written: what refers to them has to read them again."""
        self._codes.pop(model, None)

    def problem(self, file: str, line: int, column: str, reason: str) -> None:
        self.problems += 1
        self.say(Problem(file, line, column, reason))


class CityFile(Protocol):
    """One file of the package, as an app reads it."""

    file: str

    def load(self, path: Path, loading: Loading) -> Tally: ...


def city_files() -> list[CityFile]:
    """The files that the installed apps read, ground floor first: their own, then one for each other register of theirs."""
    from portal.registers import by_need, register
    from portal.registers.cityfiles import RegisterFile

    found: list[CityFile] = []
    for config in apps.get_app_configs():
        own = list(getattr(config, "city_files", ()))
        declared = [register(one.slug) for one in getattr(config, "registers", ())]
        files = {city_file.file for city_file in own}
        found += own + [RegisterFile(one) for one in by_need(declared) if f"{one.slug}.csv" not in files]
    return found


def load(loading: Loading) -> dict[str, Tally]:
    """Load every file of ``loading.directory`` that some app reads, in one transaction.

    Raises:
        BadPackage: the folder holds none of the files, or there was a problem; nothing was kept.
    """
    present = [(city_file, loading.directory / city_file.file) for city_file in city_files()]
    present = [(city_file, path) for city_file, path in present if path.is_file()]
    if not present:
        loading.problem(
            str(loading.directory), 0, "", _("no file of a city package here; see README, “Your own city”.")
        )
        raise BadPackage
    with transaction.atomic():
        for city_file, path in present:
            loading.tallies[city_file.file] = city_file.load(path, loading)
        if loading.problems:
            raise BadPackage
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return loading.tallies


# --- reading ----------------------------------------------------------------------------------------------------------


def read_csv(
    path: Path, columns: Sequence[str], loading: Loading, optional: Sequence[str] = ()
) -> Iterator[tuple[int, list]]:
    """Line number and values (in the order of ``columns``) of each whole row; what is not one is reported and left out.

    Values of ``optional`` columns follow; ``None`` where the file has no such column. The file is streamed: memory does
    not grow with it.
    """
    name = path.name
    with open(path, "rb") as raw, loading.progress(name, path.stat().st_size) as advance:
        head = raw.read(4)
        if not head:
            loading.problem(name, 0, "", _("the file is empty; it needs a header line."))
            return
        if head.startswith(b"\xef\xbb\xbf"):
            loading.problem(name, 1, "", _("starts with a byte-order mark; save as UTF-8 without BOM."))
            return
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            loading.problem(name, 1, "", _("is UTF-16; save as UTF-8."))
            return
        raw.seek(0)
        rows = csv.reader(_decoded(raw, name, loading, advance), strict=True)
        try:
            header = next(rows, [])
            order = _order(header, columns, name, loading)
            if order is None:
                return
            order += [header.index(column) if column in header else None for column in optional]
            straight = order == list(range(len(header)))
            for row in rows:
                if len(row) != len(header):
                    if row:
                        reason = _("%(found)d values where the header has %(expected)d.")
                        loading.problem(name, rows.line_num, "", reason % {"found": len(row), "expected": len(header)})
                    continue
                yield rows.line_num, row if straight else [None if place is None else row[place] for place in order]
        except csv.Error as error:
            loading.problem(name, rows.line_num, "", _("not readable as CSV (%(error)s).") % {"error": error})


def _decoded(raw, name: str, loading: Loading, advance) -> Iterator[str]:
    done = 0
    for number, line in enumerate(raw, start=1):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            loading.problem(name, number, "", _encoding_reason(line))
            return
        if "\x00" in text:
            loading.problem(name, number, "", _("has a NUL character."))
            return
        done += len(line)
        if number % 1000 == 0:
            advance(done)
            done = 0
        yield text
    advance(done)


def _encoding_reason(line: bytes) -> str:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return _("is not UTF-8; save the file as UTF-8.")
    return _("is not UTF-8 (it looks like GBK); save the file as UTF-8.")


def _order(header: list[str], columns: Sequence[str], name: str, loading: Loading) -> list[int | None] | None:
    missing = [column for column in columns if column not in header]
    for column in missing:
        loading.problem(name, 1, column, _("this column is missing."))
    if len(set(header)) != len(header):
        double = next(column for column in header if header.count(column) > 1)
        loading.problem(name, 1, double, _("this column stands twice."))
        return None
    return None if missing else [header.index(column) for column in columns]


def read_json(path: Path, loading: Loading) -> dict | None:
    """The object in a JSON file, or ``None`` after a problem was reported."""
    try:
        content = json.loads(path.read_bytes().decode())
    except UnicodeDecodeError as error:
        loading.problem(path.name, 0, "", _encoding_reason(error.object))
    except json.JSONDecodeError as error:
        loading.problem(path.name, error.lineno, "", _("not readable as JSON (%(error)s).") % {"error": error.msg})
    else:
        if isinstance(content, dict):
            return content
        loading.problem(path.name, 1, "", _("is not a JSON object."))
    return None


# --- checking ---------------------------------------------------------------------------------------------------------


class BadValue(Exception):
    """A value that a column does not take: column and reason."""


def text(column: str, value: str, longest: int, *, required: bool = True) -> str:
    if required and not value:
        raise BadValue(column, _("is empty."))
    if len(value) > longest:
        raise BadValue(column, _("is longer than %(longest)d characters.") % {"longest": longest})
    if value != value.strip():
        raise BadValue(column, _("begins or ends with white space."))
    return value


def choice(column: str, value: str, choices: Iterable[str]) -> str:
    if value not in choices:
        raise BadValue(
            column, _("“%(value)s” is none of: %(choices)s.") % {"value": value[:60], "choices": ", ".join(choices)}
        )
    return value


def truth(column: str, value: str) -> bool:
    """``true`` or ``false``; empty is false."""
    return choice(column, value.lower() or "false", ("true", "false")) == "true"


# --- writing ----------------------------------------------------------------------------------------------------------


class KeyedRows:
    """A CSV file whose rows have a natural key: the shared part of every register.

    A subclass names ``file``, ``columns`` (the key first), ``model`` and ``key`` (the model's field), and turns a row's
    values into the model's fields in :meth:`fields`, raising :class:`BadValue` for what it does not take. ``optional``
    columns are model fields that a register declares too; where the file lacks one, the rows keep what they have.
    """

    file: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    model: type[models.Model]
    key: str = "code"

    def prepare(self, loading: Loading) -> None:
        """Look up what the rows refer to, once."""

    def fields(self, *values: str) -> dict[str, Any]:
        raise NotImplementedError

    def more(self, values: dict[str, str]) -> dict[str, Any]:
        """The model's fields from the optional columns that the file has."""
        return {}

    def finish(self, loading: Loading) -> None:
        """What follows from the rows as a whole."""

    def load(self, path: Path, loading: Loading) -> Tally:
        self.loading = loading
        self.prepare(loading)
        seen: dict[str, int] = {}
        rows: dict[str, dict[str, Any]] = {}
        merged = successors(self.model)
        for line, values in read_csv(path, self.columns, loading, self.optional):
            code, needed = values[0], len(self.columns)
            try:
                if code in seen:
                    reason = _("“%(code)s” stands already in line %(line)d.")
                    raise BadValue(self.columns[0], reason % {"code": code, "line": seen[code]})
                seen[code] = line
                if code in merged:
                    reason = _("“%(code)s” was merged into another record; leave the row out, or undo the merge.")
                    raise BadValue(self.columns[0], reason % {"code": code})
                further = dict(zip(self.optional, values[needed:], strict=True))
                present = {name: value for name, value in further.items() if value is not None}
                rows[code] = self.fields(*values[:needed]) | (self.more(present) if present else {})
            except BadValue as bad:
                loading.bad_codes.add((self.model, code))
                loading.problem(self.file, line, *bad.args)
        tally = upsert(self.model, self.key, rows)
        loading.forget_codes(self.model)
        self.finish(loading)
        return tally

    def reference(self, column: str, code: str, known: dict[str, Any], model: type[models.Model]) -> Any:
        """What ``code`` refers to among ``known``.

        Raises:
            BadValue: nothing has that code. Where the code's own row was bad, that has been reported: the reason says so.
        """
        found = known.get(code)
        if found is None:
            if (model, code) in self.loading.bad_codes:
                raise BadValue(column, _("“%(code)s” is a row with an error of its own.") % {"code": code})
            raise BadValue(column, _("unknown code “%(code)s”.") % {"code": code[:60]})
        return found


def upsert(model: type[models.Model], key: str, rows: dict[str, dict[str, Any]]) -> Tally:
    """Create or update ``model`` rows by their natural ``key``; rows that are already so are not touched."""
    tally = Tally()
    if not rows:
        return tally
    existing = {getattr(row, key): row for row in model._base_manager.filter(**{f"{key}__in": list(rows)})}
    created, changed = [], []
    names = list(next(iter(rows.values())))
    for code, values in rows.items():
        row = existing.get(code)
        if row is None:
            row = model(**{key: code}, **values)
            created.append(row)
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
        else:
            tally.unchanged += 1
            continue
        if hasattr(row, "name_forms"):
            row.name_forms()
    model._base_manager.bulk_create(created, batch_size=2000)
    if changed:
        derived = ["pinyin", "initials"] if hasattr(model, "name_forms") else []
        model._base_manager.bulk_update(changed, [*names, *derived], batch_size=1000)
    tally.created, tally.updated = len(created), len(changed)
    return tally
