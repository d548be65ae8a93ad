"""Writes tables: workbooks and CSV files, streamed, so that memory does not grow with their rows.

A workbook is a skeleton made by XlsxWriter (formats, widths, frozen header, filter) into which the rows are streamed as they
come. Text is written as text: a code keeps its zeros, and ``= + - @`` never starts a formula.
"""

import csv
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from portal.rules import CHINA
from portal.spreadsheets.columns import Column, Form, letters
from portal.spreadsheets.files import FORMULA_SIGNS

ROWS_AT_A_TIME = 500
_SHEET = "xl/worksheets/sheet1.xml"
_EPOCH_DAY = date(1899, 12, 30).toordinal()
_FIRST_DAY = date(1900, 3, 1)
"""Earlier days have no serial number that every program reads alike; they are written as text."""
_UNSAFE = re.compile("[&<>\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")
_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

Cell = Callable[[Any, int], str]


def workbook(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, title: str, count: int | None = None
) -> Iterator[bytes]:
    """A workbook with one sheet ``title``: the header, then ``rows`` (values in the order of ``columns``), piece by piece.

    ``count`` is how many rows there will be, where that is known: the filter then spans them.
    """
    skeleton = zipfile.ZipFile(BytesIO(_skeleton(columns, title, count)))
    sheet = skeleton.read(_SHEET).decode()
    before, row_of_formats, after = re.split(r'(<row r="2".*?</row>)', sheet, maxsplit=1, flags=re.DOTALL)
    if count is not None:
        last = f"{letters(len(columns) - 1)}{count + 1}"
        before = re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}"/>', before)
    styles = [int(style) for style in re.findall(r'<c r="[A-Z]+2" s="(\d+)"', row_of_formats)]
    cells = [_cell(column, letters(index), styles[index]) for index, column in enumerate(columns)]
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=2) as packed:
        for name in skeleton.namelist():
            if name != _SHEET:
                packed.writestr(name, skeleton.read(name))
        with packed.open(_SHEET, "w") as part:
            part.write(before.encode())
            for piece in _rows(cells, rows):
                part.write(piece.encode())
                yield sink.take()
            part.write(after.encode())
    yield sink.take()


class Sink:
    """A file that only takes: what was written is handed on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts = []
        return taken


def _skeleton(columns: Sequence[Column], title: str, count: int | None) -> bytes:
    """The workbook with its header and, in row 2, an empty cell of each column's format."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet(sheet_name(title))
    head(book, sheet, columns)
    for index, column in enumerate(columns):
        sheet.write_blank(1, index, None, book.add_format(cell_format(column)))
    sheet.autofilter(0, 0, max(count or 0, 1), len(columns) - 1)
    book.close()
    return made.getvalue()


def sheet_name(title: str) -> str:
    """``title`` as Excel allows it over a sheet: at most 31 characters, none of ``[]:*?/\\``, no apostrophe at an end."""
    return re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:31] or "1"


def head(book, sheet, columns: Sequence[Column]) -> None:
    """The header row, frozen, with widths; required columns are marked with ``*`` and in bold colour."""
    plain = book.add_format({"bold": True, "bg_color": "#E7EFF7", "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    needed = book.add_format(
        {
            "bold": True,
            "bg_color": "#E7EFF7",
            "font_color": "#A61C1C",
            "bottom": 1,
            "text_wrap": True,
            "valign": "vcenter",
        }
    )
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width, book.add_format(cell_format(column)))
        title = f"{column.title}*" if column.required else column.title
        sheet.write_string(0, index, title, needed if column.required else plain)
    sheet.freeze_panes(1, 0)


def cell_format(column: Column) -> dict[str, Any]:
    """The format of a column's cells, as XlsxWriter names its properties."""
    match column.form:
        case Form.WHOLE:
            return {"num_format": "#,##0"}
        case Form.YEAR:
            return {"num_format": "0"}
        case Form.DECIMAL:
            return {"num_format": "#,##0" + ("." + "0" * column.places if column.places else "")}
        case Form.DAY:
            return {"num_format": "yyyy-mm-dd"}
        case Form.MOMENT:
            return {"num_format": "yyyy-mm-dd hh:mm"}
        case Form.LONG_TEXT:
            return {"num_format": "@", "text_wrap": True, "valign": "top"}
    return {"num_format": "@"}


def _rows(cells: list[Cell], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    made: list[str] = []
    for number, values in enumerate(rows, start=2):
        made.append(f'<row r="{number}">')
        made += [
            cell(value, number) for cell, value in zip(cells, values, strict=True) if value is not None and value != ""
        ]
        made.append("</row>")
        if number % ROWS_AT_A_TIME == 0:
            yield "".join(made)
            made = []
    yield "".join(made)


def _cell(column: Column, where: str, style: int) -> Cell:
    start, middle = f'<c r="{where}', f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
    number_middle = f'" s="{style}"><v>'

    def text(value: Any, row: int) -> str:
        return f"{start}{row}{middle}{escaped(value)}</t></is></c>"

    def number(value: Any, row: int) -> str:
        return f"{start}{row}{number_middle}{value}</v></c>"

    def day(value: date, row: int) -> str:
        if value < _FIRST_DAY:
            return text(value.isoformat(), row)
        return f"{start}{row}{number_middle}{value.toordinal() - _EPOCH_DAY}</v></c>"

    def moment(value: datetime, row: int) -> str:
        return f"{start}{row}{number_middle}{serial(value)}</v></c>"

    numeric = {Form.WHOLE: number, Form.YEAR: number, Form.DECIMAL: number, Form.DAY: day, Form.MOMENT: moment}
    return numeric.get(column.form, text)


def serial(value: datetime) -> str:
    """Excel's number of a moment, by the clock of Shanghai."""
    local = value.astimezone(CHINA)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return f"{local.toordinal() - _EPOCH_DAY + Decimal(seconds) / 86_400:.10f}"


def escaped(text: Any) -> str:
    """Text as it may stand in a workbook's XML; signs that XML does not know are left out."""
    text = str(text)
    if not _UNSAFE.search(text):
        return text
    text = _LOOKS_ESCAPED.sub("_x005F_", _NO_XML.sub("", text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- CSV ------------------------------------------------------------------------------------------------------------------


def comma_separated(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8-sig"
) -> Iterator[bytes]:
    """A CSV file piece by piece. ``utf-8-sig`` has the byte-order mark by which Excel knows UTF-8; or ``gb18030``."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    texts = [column.form in (Form.TEXT, Form.LONG_TEXT) for column in columns]
    writer.writerow([guarded(column.title) for column in columns])
    first = "\ufeff" if encoding == "utf-8-sig" else ""
    encoding = encoding.removesuffix("-sig")
    for number, values in enumerate(rows, start=1):
        writer.writerow(
            [guarded(value) if is_text else _csv_value(value) for is_text, value in zip(texts, values, strict=True)]
        )
        if number % ROWS_AT_A_TIME == 0:
            yield (first + buffer.getvalue()).encode(encoding)
            first = ""
            buffer.seek(0)
            buffer.truncate()
    yield (first + buffer.getvalue()).encode(encoding)


def guarded(value: Any) -> str:
    """Text that no program takes for a formula; an import takes the apostrophe off again."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _csv_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else str(value)
