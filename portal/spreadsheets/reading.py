"""Reads .xlsx and .csv files row by row: finds the header, leaves out what is blank, and refuses what is no table with one clear message."""

import csv
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from portal.spreadsheets.cells import BadCell, as_text, folded, is_empty
from portal.spreadsheets.columns import Column, by_header, letters

MOST_COLUMNS = 200
MOST_ROWS = 200_000
MOST_BYTES = 60 * 2**20
"""Of the file as uploaded."""
MOST_UNPACKED = 600 * 2**20
MEMORY_MB, SECONDS = 1200, 120
"""What reading one workbook may take; a workbook of 200,000 rows takes a third of it."""
HEADER_WITHIN = 30
"""Rows with something in them among which the header is looked for."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""With these a program takes a text for a formula."""
_CHILD = Path(__file__).with_name("child.py")
_SHEET_PART = re.compile(r"xl/worksheets/sheet[0-9]+\.xml")
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+[0-9]+:[A-Z]+([0-9]{1,7})"')
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_A_LETTER = re.compile(r"[\W_]+")

Row = tuple[int, list]
"""Row number as the person sees it, from 1, and the raw cells."""


class BadFile(Exception):
    """The file as a whole cannot be read as a table; the argument says why and what to do, in the person's language."""

    @property
    def reason(self) -> str:
        return self.args[0]


@dataclass
class Sheet:
    """A sheet whose header was understood. ``places`` are the columns that were found, with their index in a row."""

    name: str
    header_row: int
    places: list[tuple[int, Column]]
    ignored: list[str] = field(default_factory=list)
    """Headers that mean none of the columns."""
    width: int = 0
    first: int = 0
    last: int = 0

    def cell(self, column: str, row: int) -> str:
        """The position as people read it: C47; the row alone where the sheet has no such column."""
        index = next((index for index, one in self.places if one.name == column), None)
        return str(row) if index is None else f"{letters(index)}{row}"


@dataclass
class Table:
    """A file to be read as rows of ``columns``. Iterating gives ``(sheet, rows)``, a few hundred rows at a time.

    After that, ``sheets`` are those that had a header of ours, ``skipped`` the names of the others, ``blank`` counts rows
    without content, sample rows included.

    Raises (while iterating):
        BadFile: no table, no header, too large, locked.
    """

    path: Path
    file_name: str
    columns: Sequence[Column]
    passed_over: Collection[str] = ()
    """Names of sheets that are not looked at: instructions."""
    sheets: list[Sheet] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    blank: int = 0
    rows: int = 0

    def expected(self) -> int:
        """About how many rows there will be, as the file itself says at its start; 0 where it does not. For the progress."""
        try:
            with zipfile.ZipFile(self.path) as packed:
                starts = [packed.open(name).read(2000) for name in packed.namelist() if _SHEET_PART.fullmatch(name)]
            said = [int(found[1]) - 1 for found in map(_DIMENSION.search, starts) if found]
            return min(sum(said), MOST_ROWS)
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError):
            with open(self.path, "rb") as raw:
                return min(sum(chunk.count(b"\n") for chunk in iter(lambda: raw.read(2**20), b"")), MOST_ROWS)

    def __iter__(self) -> Iterator[tuple[Sheet, list[Row]]]:
        best: tuple[int, list[str]] | None = None
        for name, batches in self._sheets():
            rows = _Ahead(batches)
            if name in self.passed_over:
                rows.drain()
                continue
            head = rows.first(HEADER_WITHIN)
            found = _header(name, head, self.columns)
            if isinstance(found, Sheet):
                self.sheets.append(found)
                yield from self._rows_of(found, rows)
            else:
                self.skipped.append(name)
                if best is None or found[0] > best[0]:
                    best = found
                rows.drain()
        if not self.sheets:
            raise BadFile(_no_header(best))

    def _rows_of(self, sheet: Sheet, rows: "_Ahead") -> Iterator[tuple[Sheet, list[Row]]]:
        sample = [(index, column, _meaning(column, column.sample)) for index, column in sheet.places if column.read]
        has_sample = any(meaning is not None for _index, _column, meaning in sample)
        indexes = [index for index, _column in sheet.places]
        for batch in rows:
            kept = []
            for number, cells in batch:
                if number <= sheet.header_row:
                    continue
                if len(cells) > MOST_COLUMNS:
                    raise BadFile(_("More than %(most)d columns are filled.") % {"most": MOST_COLUMNS})
                sheet.width = max(sheet.width, len(cells))
                if _is_blank(cells, indexes) or (has_sample and _is_sample(cells, sample)):
                    self.blank += 1
                    continue
                kept.append((number, cells))
            if kept:
                sheet.first = sheet.first or kept[0][0]
                sheet.last = kept[-1][0]
                self.rows += len(kept)
                if self.rows > MOST_ROWS:
                    raise BadFile(_("More than %(most)s rows: split the file.") % {"most": f"{MOST_ROWS:,}"})
                yield sheet, kept

    def _sheets(self) -> Iterator[tuple[str, Iterator[list[Row]]]]:
        """Name and rows of each sheet in turn."""
        size = self.path.stat().st_size
        if size == 0:
            raise BadFile(_("The file is empty."))
        if size > MOST_BYTES:
            raise BadFile(_("The file is larger than %(most)d MB: split it.") % {"most": MOST_BYTES // 2**20})
        with open(self.path, "rb") as raw:
            start = raw.read(8)
        if start.startswith(b"PK"):
            refuse_bombs(self.path)
            yield from self._workbook()
        elif start == _OLE:
            raise BadFile(_ole_reason(self.path))
        else:
            yield self.file_name, csv_rows(self.path)

    def _workbook(self) -> Iterator[tuple[str, Iterator[list[Row]]]]:
        with _ChildProcess(self.path) as child:
            for message in child:
                if message[0] == "sheet":
                    yield message[1], self._batches(child)

    def _batches(self, child: "_ChildProcess") -> Iterator[list[Row]]:
        for message in child:
            if message[0] == "end":
                return
            yield message


class _Ahead:
    """Batches of rows of which the first can be looked at before they are gone through."""

    def __init__(self, batches: Iterator[list[Row]]) -> None:
        self._batches, self._seen = batches, []

    def first(self, count: int) -> list[Row]:
        while sum(map(len, self._seen)) < count:
            batch = next(self._batches, None)
            if batch is None:
                break
            self._seen.append(batch)
        return [row for batch in self._seen for row in batch][:count]

    def __iter__(self) -> Iterator[list[Row]]:
        yield from self._seen
        self._seen = []
        yield from self._batches

    def drain(self) -> None:
        for _batch in self._batches:
            pass


# --- the header -----------------------------------------------------------------------------------------------------------


def _bare(title: str) -> str:
    return _NOT_A_LETTER.sub("", folded(title))


def _header(name: str, rows: list[Row], columns: Sequence[Column]) -> Sheet | tuple[int, list[str]]:
    """The sheet with its header, or how many columns the likeliest row has and the key columns that it lacks.

    The header is the row that names most columns, alone or, where cells are merged over it, together with the row above.
    """
    meant = {_bare(title): column for title, column in by_header(columns).items()}
    best: tuple[int, int, dict[int, Column], list[str]] = (0, 0, {}, [])
    above: list[str] = []
    for number, cells in rows:
        titles = [as_text(cell) for cell in cells[: MOST_COLUMNS + 1]]
        for candidates in ([[title] for title in titles], _merged(above, titles)):
            found = {}
            for index, readings in enumerate(candidates):
                column = next((meant[_bare(one)] for one in readings if _bare(one) in meant), None)
                if column is not None:
                    found[index] = column
            if len(found) > best[0]:
                best = (len(found), number, found, [readings[0] for readings in candidates])
        above = titles
    count, number, found, titles = best
    if len(titles) > MOST_COLUMNS:
        raise BadFile(_("More than %(most)d columns are filled.") % {"most": MOST_COLUMNS})
    names = [column.name for column in found.values()]
    missing = [column.title for column in columns if column.is_key and column.name not in names]
    if missing or not found:
        return count, missing
    double = next((column.title for column in found.values() if names.count(column.name) > 1), None)
    if double:
        raise BadFile(_("Sheet “%(sheet)s”: the column “%(column)s” stands twice.") % {"sheet": name, "column": double})
    ignored = [title for index, title in enumerate(titles) if title and index not in found]
    return Sheet(name, number, sorted(found.items(), key=lambda pair: pair[0]), ignored, len(titles))


def _merged(above: list[str], titles: list[str]) -> list[list[str]]:
    """How each title of two rows may read, of which cells of the upper one are merged sideways or down."""
    over, found = "", []
    for index in range(max(len(above), len(titles))):
        top = above[index] if index < len(above) else ""
        own = titles[index] if index < len(titles) else ""
        over = top or (over if own else "")
        found.append([own, f"{over}{own}"] if own else [over])
    return found


def _is_blank(cells: list, indexes: list[int]) -> bool:
    return all(index >= len(cells) or is_empty(cells[index]) for index in indexes)


def _is_sample(cells: list, sample: list[tuple[int, Column, Any]]) -> bool:
    for index, column, meaning in sample:
        if _meaning(column, cells[index] if index < len(cells) else None) != meaning:
            return False
    return True


def _meaning(column: Column, cell: Any) -> Any:
    try:
        return column.read(cell)
    except BadCell:
        return as_text(cell)


def _no_header(best: tuple[int, list[str]] | None) -> str:
    if best is None:
        return _("The file has no visible sheet.")
    count, missing = best
    if count:
        return _("No header row: these columns are missing: %(columns)s. Use the template.") % {
            "columns": "、".join(missing)
        }
    return _("No header row was found that names the columns of this register. Use the template.")


# --- workbooks ------------------------------------------------------------------------------------------------------------


def refuse_bombs(path: Path) -> None:
    """Read the directory of a packed file before anything of it is unpacked.

    Raises:
        BadFile: damaged, no workbook, or larger unpacked than a workbook of ours can be.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(_("The file is damaged: open it in Excel and save it again.")) from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
        raise BadFile(_("This is not an Excel workbook. Save it as .xlsx or .csv."))
    if "xl/workbook.bin" in names:
        raise BadFile(_("This is a binary workbook (.xlsb). Save it as .xlsx."))
    if len(entries) > 5000 or len(names) < len(entries) or sum(one.file_size for one in entries) > MOST_UNPACKED:
        raise BadFile(_("The workbook unpacks to more than a workbook of this size can hold; it was not opened."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile(_locked())


def _locked() -> str:
    return _("The workbook is protected by a password. Remove the password and upload it again.")


def _ole_reason(path: Path) -> str:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return _locked()
    return _("This is an old workbook (.xls). Save it as .xlsx.")


class _CellsOnly(pickle.Unpickler):
    """Takes days and times out of the child's messages and nothing else that has a class."""

    allowed = {("datetime", one.__name__): one for one in (date, datetime, time, timedelta)}

    def find_class(self, module: str, name: str) -> Any:
        return self.allowed[module, name]


class _ChildProcess:
    """The messages of ``child.py`` about one workbook."""

    def __init__(self, path: Path) -> None:
        self._command = [sys.executable, "-I", str(_CHILD), str(path), str(MEMORY_MB), str(SECONDS)]

    def __enter__(self) -> "_ChildProcess":
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(self, *error) -> None:
        self._process.kill()
        self._process.stdout.close()
        self._process.wait()

    def __iter__(self) -> "_ChildProcess":
        return self

    def __next__(self) -> Any:
        try:
            message = _CellsOnly(self._process.stdout).load()
        except (EOFError, pickle.UnpicklingError, KeyError, ValueError) as error:
            if isinstance(error, EOFError) and self._process.wait() == 0:
                raise StopIteration from None
            raise BadFile(self._why(self._process.wait())) from error
        if message[0] == "error":
            raise BadFile({"password": _locked(), "memory": self._why(-6)}.get(message[1]) or self._why(1))
        return message

    @staticmethod
    def _why(status: int) -> str:
        if status < 0:
            return _(
                "Reading this workbook takes too much memory or time: delete the empty rows and columns beyond your data, "
                "or split it."
            )
        return _("The file is damaged: open it in Excel and save it again.")


# --- CSV ------------------------------------------------------------------------------------------------------------------


def csv_rows(path: Path) -> Iterator[list[Row]]:
    """Rows of a CSV file, a few hundred at a time: UTF-8 with or without byte-order mark, or GB18030; comma, semicolon or tab.

    Raises:
        BadFile: another encoding, or not CSV.
    """
    encoding = _encoding(path)
    with open(path, encoding=encoding, newline="") as file:
        start = file.read(20_000)
        if "\x00" in start:
            raise BadFile(_("This is neither a workbook nor a CSV file."))
        head = "\n".join(start.splitlines()[:5])
        delimiter = max(",;\t", key=head.count)
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter)
        batch: list[Row] = []
        number = 0
        try:
            for number, cells in enumerate(rows, start=1):
                if any(cells):
                    batch.append((number, [_unguarded(cell) for cell in cells]))
                if len(batch) == 500:
                    yield batch
                    batch = []
        except csv.Error as error:
            raise BadFile(
                _("Row %(row)d is not readable as CSV (%(error)s).") % {"row": number + 1, "error": error}
            ) from error
        if batch:
            yield batch


def _unguarded(cell: str) -> str:
    """Without the apostrophe by which an export keeps a text from being taken for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_SIGNS else cell


def _encoding(path: Path) -> str:
    with open(path, "rb") as raw:
        start = raw.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadFile(_("The file is UTF-16 (“Unicode text”). Save it as CSV UTF-8."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with open(path, encoding=encoding, newline="") as file:
                while file.read(2**20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadFile(_("The encoding of this file is neither UTF-8 nor GB18030. Save it as CSV UTF-8."))
