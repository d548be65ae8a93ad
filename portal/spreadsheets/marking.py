"""Gives a file back with what is wrong in it: the same file, a column of errors at its end, the wrong cells marked.

A workbook is edited as it streams by: the XML of its sheets is rewritten row by row and everything else is copied, so formats,
drop-downs and other sheets stay, and memory does not grow with it. A workbook whose XML is written in an unusual way is made
anew with its values only.
"""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from io import StringIO
from pathlib import Path, PurePosixPath

from portal.spreadsheets.cells import Reader, as_text
from portal.spreadsheets.columns import Column, Form, letters
from portal.spreadsheets.files import csv_rows
from portal.spreadsheets.reading import Sheet, Table
from portal.spreadsheets.writing import Sink, escaped, workbook

ERRORS = "import_errors"
"""Identifier of the column of errors, by which a marked file is known when it comes back."""
_CHUNK = 2**18
_ROW_NUMBER = re.compile(rb'<row\b[^>]*?\sr="(\d+)"')
_CELL = re.compile(rb"<c\b[^>]*?(?:/>|>.*?</c>)", re.DOTALL)
_PLACE = re.compile(rb'\sr="([A-Z]+)\d+"')
_STYLE = re.compile(rb'\ss="(\d+)"')
_COLOUR = "FFFBD9CB"


@dataclass(frozen=True)
class Wrong:
    """One thing wrong: in which sheet, row and column (an identifier; empty for the row as a whole), and why."""

    sheet: str
    row: int
    column: str
    reason: str


class _Unusual(Exception):
    """XML that this module does not edit."""


def marked(
    path: Path, file_name: str, sheets: Iterable[Sheet], problems: Iterable[Wrong], title: str
) -> Iterator[bytes]:
    """The file at ``path`` with its errors, piece by piece; ``title`` heads the column of errors."""
    by_sheet: dict[str, dict[int, list[Wrong]]] = {}
    for problem in problems:
        by_sheet.setdefault(problem.sheet, {}).setdefault(problem.row, []).append(problem)
    known = {sheet.name: sheet for sheet in sheets}
    with open(path, "rb") as raw:
        is_workbook = raw.read(2) == b"PK"
    if not is_workbook:
        yield from _marked_csv(path, next(iter(known.values())), by_sheet, title)
        return
    try:
        edit = _Edit(path, known, by_sheet, title)
    except _Unusual:
        yield from _anew(path, file_name, known, by_sheet, title)
        return
    yield from edit.pieces()


def _error_place(sheet: Sheet) -> int:
    """The index of the column of errors: where one stands already, else after the last column."""
    return next((index for index, column in sheet.places if column.name == ERRORS), sheet.width)


def _told(sheet: Sheet, problems: list[Wrong]) -> str:
    """All reasons of a row, each with its column's title."""
    titles = {column.name: column.title for _index, column in sheet.places}
    return "\n".join(
        f"{titles.get(problem.column, problem.column)}: {problem.reason}" if problem.column else problem.reason
        for problem in problems
    )


# --- a workbook, edited ---------------------------------------------------------------------------------------------------


class _Edit:
    """One pass over a workbook."""

    def __init__(
        self, path: Path, sheets: Mapping[str, Sheet], problems: Mapping[str, Mapping[int, list[Wrong]]], title: str
    ) -> None:
        self._packed = zipfile.ZipFile(path)
        self._title = title
        self._parts = {part: sheets[name] for name, part in self._sheet_parts() if name in sheets}
        if len(self._parts) < len(sheets):
            raise _Unusual
        self._problems = problems
        for part in self._parts:
            with self._packed.open(part) as xml:
                start = xml.read(_CHUNK)
            if b"<sheetData" not in start or (b"<row" in start and not _ROW_NUMBER.search(start)):
                raise _Unusual
            first = _CELL.search(start)
            if first and not _PLACE.search(first[0]):
                raise _Unusual
        self._styles = _Styles(self._read("xl/styles.xml"))

    def _read(self, name: str) -> str:
        try:
            return self._packed.read(name).decode()
        except (KeyError, UnicodeDecodeError) as error:
            raise _Unusual from error

    def _sheet_parts(self) -> Iterator[tuple[str, str]]:
        """Name of each sheet and of the part that holds it."""
        relations = {}
        for tag in re.findall(r"<Relationship\b[^>]*>", self._read("xl/_rels/workbook.xml.rels")):
            values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            relations[values.get("Id")] = values.get("Target", "")
        for tag in re.findall(r"<sheet\b[^>]*>", self._read("xl/workbook.xml")):
            name, relation = re.search(r'\sname="([^"]*)"', tag), re.search(r'\s\w+:id="([^"]*)"', tag)
            target = relations.get(relation[1]) if relation else None
            if name and target:
                part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
                yield unescape(name[1]), part

    def pieces(self) -> Iterator[bytes]:
        sink = Sink()
        with self._packed, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as out:
            last = [name for name in self._packed.namelist() if name != "xl/styles.xml"]
            for name in last:
                with self._packed.open(name) as source, out.open(name, "w") as target:
                    parts = (
                        self._marked_rows(name, source)
                        if name in self._parts
                        else iter(lambda: source.read(_CHUNK), b"")
                    )
                    for part in parts:
                        target.write(part)
                        yield sink.take()
            out.writestr("xl/styles.xml", self._styles.text())  # last: by now it is known which formats are marked
        yield sink.take()

    def _marked_rows(self, name: str, source) -> Iterator[bytes]:
        sheet = self._parts[name]
        problems = self._problems.get(sheet.name, {})
        place = letters(_error_place(sheet)).encode()
        replaces = any(column.name == ERRORS for _index, column in sheet.places)
        rest, before_rows = b"", True
        for chunk in iter(lambda: source.read(_CHUNK), b""):
            rest += chunk
            *rows, rest = rest.split(b"</row>")
            done = []
            for row in rows:
                if before_rows:
                    row, before_rows = self._widened(row, _error_place(sheet)), False
                number = _ROW_NUMBER.search(row)
                at = int(number[1]) if number else 0
                if at == sheet.header_row:
                    row = self._edited(row, at, sheet, [], place, self._title)
                elif at in problems:
                    row = self._edited(row, at, sheet, problems[at], place, _told(sheet, problems[at]))
                elif replaces and at and b'"' + place + number[1] + b'"' in row:
                    row = self._edited(row, at, sheet, [], place, "")
                done.append(row + b"</row>")
            yield b"".join(done)
        yield rest

    def _edited(self, row: bytes, at: int, sheet: Sheet, problems: list[Wrong], place: bytes, text: str) -> bytes:
        """A row with its wrong cells marked and ``text`` in the column of errors."""
        start = row.index(b"<row")
        lead, body = row[:start], row[start:]
        end = body.index(b">") + 1
        if body[end - 2 : end] == b"/>":  # an empty row before the one that ends here
            end = body.rindex(b"<row") + body[body.rindex(b"<row") :].index(b">") + 1
        opening, content = re.sub(rb'\sspans="[^"]*"', b"", body[:end]), body[end:]
        cells = {}
        for cell in _CELL.findall(content):
            where = _PLACE.search(cell)
            if where:
                cells[where[1]] = cell
        wrong = {problem.column for problem in problems}
        for index, column in sheet.places:
            if column.name in wrong:
                self._mark(cells, letters(index).encode(), at)
        if text:
            style = self._styles.header if at == sheet.header_row else self._styles.reason
            cells[place] = (
                f'<c r="{place.decode()}{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escaped(text)}</t></is></c>'
            ).encode()
        else:
            cells.pop(place, None)
        return lead + opening + b"".join(cells[one] for one in sorted(cells, key=lambda one: (len(one), one)))

    def _mark(self, cells: dict[bytes, bytes], place: bytes, at: int) -> None:
        cell = cells.get(place)
        if cell is None:
            cells[place] = b'<c r="%s%d" s="%d"/>' % (place, at, self._styles.marked(0))
            return
        opening = cell[: cell.index(b">") + 1]
        style = _STYLE.search(opening)
        new = b' s="%d"' % self._styles.marked(int(style[1]) if style else 0)
        edited = _STYLE.sub(new, opening) if style else opening.replace(b"<c", b"<c" + new, 1)
        cells[place] = edited + cell[len(opening) :]

    @staticmethod
    def _widened(start: bytes, index: int) -> bytes:
        """What stands before the rows, with a wide column of errors where that column has no width of its own."""
        number = index + 1
        wide = b'<col min="%d" max="%d" width="60" customWidth="1"/>' % (number, number)
        widths = re.search(rb"<cols>(.*?)</cols>", start, re.DOTALL)
        if widths is None:
            return start.replace(b"<sheetData", b"<cols>" + wide + b"</cols><sheetData", 1)
        last = max((int(one) for one in re.findall(rb'\smax="(\d+)"', widths[1])), default=0)
        return start.replace(b"</cols>", wide + b"</cols>", 1) if last < number else start


class _Styles:
    """The formats of a workbook, to which those of wrong cells are added as they are needed."""

    def __init__(self, xml: str) -> None:
        found = re.search(r"(<cellXfs\b[^>]*>)(.*?)(</cellXfs>)", xml, re.DOTALL)
        fills = re.search(r"<fills\b[^>]*>(.*?)</fills>", xml, re.DOTALL)
        fonts = re.search(r"<fonts\b[^>]*>(.*?)</fonts>", xml, re.DOTALL)
        if not (found and fills and fonts):
            raise _Unusual
        self._xml = xml
        self._formats = re.findall(r"<xf\b[^>]*?/>|<xf\b.*?</xf>", found[2], re.DOTALL)
        self._fill = len(re.findall(r"<fill>|<fill\s", fills[1]))
        self._font = len(re.findall(r"<font>|<font\s|<font/>", fonts[1]))
        self._marked: dict[int, int] = {}
        font = f'fontId="{self._font}" applyFont="1"'
        wrapped = '<alignment vertical="top" wrapText="1"/>'
        self.reason = self._add(
            f'<xf numFmtId="0" {font} fillId="0" borderId="0" xfId="0" applyAlignment="1">{wrapped}</xf>'
        )
        self.header = self._add(f'<xf numFmtId="0" {font} fillId="{self._fill}" borderId="0" xfId="0" applyFill="1"/>')

    def _add(self, xf: str) -> int:
        self._formats.append(xf)
        return len(self._formats) - 1

    def marked(self, style: int) -> int:
        """The format that is ``style`` with the colour of a wrong cell."""
        if style not in self._marked:
            if style >= len(self._formats):
                style = 0
            opening, close, rest = self._formats[style].partition(">")
            slash = "/" if opening.endswith("/") else ""
            opening = re.sub(r'\s(?:fillId|applyFill)="[^"]*"', "", opening.removesuffix("/"))
            self._marked[style] = self._add(f'{opening} fillId="{self._fill}" applyFill="1"{slash}{close}{rest}')
        return self._marked[style]

    def text(self) -> str:
        fill = f'<fill><patternFill patternType="solid"><fgColor rgb="{_COLOUR}"/><bgColor indexed="64"/></patternFill></fill>'
        font = '<font><b/><sz val="11"/><color rgb="FFA8310A"/><name val="Calibri"/><family val="2"/></font>'
        xml = _with_one_more(self._xml, "fills", self._fill + 1, fill)
        xml = _with_one_more(xml, "fonts", self._font + 1, font)
        formats = f'<cellXfs count="{len(self._formats)}">{"".join(self._formats)}</cellXfs>'
        return re.sub(r"<cellXfs\b.*?</cellXfs>", lambda _match: formats, xml, count=1, flags=re.DOTALL)


def _with_one_more(xml: str, group: str, count: int, one: str) -> str:
    xml = re.sub(rf'(<{group}\b[^>]*?)\scount="\d+"', rf'\1 count="{count}"', xml, count=1)
    return xml.replace(f"</{group}>", f"{one}</{group}>", 1)


# --- made anew ------------------------------------------------------------------------------------------------------------


def _anew(
    path: Path,
    file_name: str,
    sheets: Mapping[str, Sheet],
    problems: Mapping[str, Mapping[int, list[Wrong]]],
    title: str,
) -> Iterator[bytes]:
    """A workbook of the values alone: the first sheet that has a header of ours."""
    sheet = next(iter(sheets.values()))
    wrong = problems.get(sheet.name, {})
    places = [(index, column) for index, column in sheet.places if column.name != ERRORS]
    columns = [Column(column.name, column.title, None) for _index, column in places]
    columns.append(Column(ERRORS, title, None, form=Form.LONG_TEXT))

    def rows() -> Iterator[list[str]]:
        known = [column for _index, column in sheet.places]
        for found, batch in Table(path, file_name, known):
            for number, cells in batch if found.name == sheet.name else ():
                values = [as_text(cells[index]) if index < len(cells) else "" for index, _column in places]
                yield [*values, _told(sheet, wrong.get(number, []))]

    return workbook(columns, rows(), title=sheet.name)


def _marked_csv(
    path: Path, sheet: Sheet, problems: Mapping[str, Mapping[int, list[Wrong]]], title: str
) -> Iterator[bytes]:
    wrong, place = problems.get(sheet.name, {}), _error_place(sheet)
    buffer = StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for batch in csv_rows(path):
        for number, cells in batch:
            cells = [f"'{cell}" if cell[:1] in ("=", "@", "\t", "\r") else cell for cell in cells]
            cells = (cells + [""] * place)[: max(place, len(cells))]
            told = title if number == sheet.header_row else _told(sheet, wrong.get(number, []))
            writer.writerow([*cells[:place], told, *cells[place + 1 :]])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def column_of_errors(title: str, titles: Iterable[str] = (), read: Reader | None = None) -> Column:
    """The column by which a file that was marked is understood when it comes back."""
    return Column(ERRORS, title, read, titles=tuple(titles), form=Form.LONG_TEXT)
