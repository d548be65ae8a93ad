"""Reads a file as a table: finds the header, leaves out what is blank, and refuses what is no table with one clear message."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from portal.spreadsheets.cells import BadCell, as_text, folded, is_empty
from portal.spreadsheets.columns import Column, by_header, letters
from portal.spreadsheets.files import BadFile, Row, expected_rows, sheets_of

MOST_COLUMNS = 200
MOST_ROWS = 200_000
HEADER_WITHIN = 30
"""Rows with something in them among which the header is looked for."""
_NOT_A_LETTER = re.compile(r"[\W_]+")


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
        """About how many rows there will be; 0 where that cannot be known. For the progress."""
        return min(expected_rows(self.path), MOST_ROWS)

    def __iter__(self) -> Iterator[tuple[Sheet, list[Row]]]:
        best: tuple[int, list[str]] | None = None
        for name, batches in sheets_of(self.path, self.file_name):
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
