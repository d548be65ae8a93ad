"""What a file holds before anything of it is understood: .xlsx and .csv as sheets of raw rows, and what is refused at the door."""

import csv
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

MOST_BYTES = 60 * 2**20
"""Of the file as uploaded."""
MOST_UNPACKED = 600 * 2**20
MEMORY_MB, SECONDS = 1200, 120
"""What reading one workbook may take; a workbook of 200,000 rows takes a third of it."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""With these a program takes a text for a formula."""
_CHILD = Path(__file__).with_name("child.py")
_SHEET_PART = re.compile(r"xl/worksheets/sheet[0-9]+\.xml")
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+[0-9]+:[A-Z]+([0-9]{1,7})"')
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Row = tuple[int, list]
"""Row number as the person sees it, from 1, and the raw cells."""


class BadFile(Exception):
    """The file as a whole cannot be read as a table; the argument says why and what to do, in the person's language."""

    @property
    def reason(self) -> str:
        return self.args[0]


def sheets_of(path: Path, file_name: str) -> Iterator[tuple[str, Iterator[list[Row]]]]:
    """Name and rows of each visible sheet in turn; a CSV file is one sheet, called ``file_name``.

    Raises (while iterating):
        BadFile: neither a workbook nor CSV, empty, too large, damaged or locked.
    """
    size = path.stat().st_size
    if size == 0:
        raise BadFile(_("The file is empty."))
    if size > MOST_BYTES:
        raise BadFile(_("The file is larger than %(most)d MB: split it.") % {"most": MOST_BYTES // 2**20})
    with open(path, "rb") as raw:
        start = raw.read(8)
    if start.startswith(b"PK"):
        refuse_bombs(path)
        yield from _workbook(path)
    elif start == _OLE:
        raise BadFile(_ole_reason(path))
    else:
        yield file_name, csv_rows(path)


def expected_rows(path: Path) -> int:
    """About how many rows there are, as a workbook itself says at its start, or by the lines of another file; 0 for unknown."""
    try:
        with zipfile.ZipFile(path) as packed:
            starts = [packed.open(name).read(2000) for name in packed.namelist() if _SHEET_PART.fullmatch(name)]
        return sum(int(found[1]) - 1 for found in map(_DIMENSION.search, starts) if found)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError):
        with open(path, "rb") as raw:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: raw.read(2**20), b""))


# --- workbooks ------------------------------------------------------------------------------------------------------------


def _workbook(path: Path) -> Iterator[tuple[str, Iterator[list[Row]]]]:
    with _ChildProcess(path) as child:
        for message in child:
            if message[0] == "sheet":
                yield message[1], _batches(child)


def _batches(child: "_ChildProcess") -> Iterator[list[Row]]:
    for message in child:
        if message[0] == "end":
            return
        yield message


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
