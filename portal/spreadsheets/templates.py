"""The template workbook of a register: header, sample row and drop-downs on the first sheet, instructions on the second."""

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from portal.spreadsheets.cells import BadCell
from portal.spreadsheets.columns import Column, Form, letters
from portal.spreadsheets.writing import cell_format, head, sheet_name

ROWS_WITH_LISTS = 50_000
"""Rows under the header that offer the drop-downs."""
_LONGEST_LIST = 250
"""Characters of a drop-down that stands with its cell; a longer one is read from a hidden sheet."""
_TITLE_SIZE, _MARGIN = 14, 4


def template(columns: Sequence[Column], *, title: str) -> bytes:
    """The template as an .xlsx file. The sample row is recognised and left out when the file comes back."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet(sheet_name(title))
    head(book, sheet, columns)
    _instructions(book, columns, title)
    lists = None
    for index, column in enumerate(columns):
        _sample(book, sheet, index, column)
        if column.words:
            source: list[str] | str = list(column.words)
            if len(",".join(source)) > _LONGEST_LIST or any("," in word for word in source):
                lists = lists or book.add_worksheet("_lists")
                for row, word in enumerate(source):
                    lists.write_string(row, index, word)
                where = letters(index)
                source = f"=_lists!${where}$1:${where}${len(source)}"
            sheet.data_validation(
                1, index, ROWS_WITH_LISTS, index,
                {
                    "validate": "list", "source": source, "error_type": "warning",
                    "error_title": column.title[:32], "error_message": _("Choose from the list."),
                },
            )  # fmt: skip
    if lists is not None:
        lists.hide()
    book.close()
    return made.getvalue()


def _sample(book, sheet, index: int, column: Column) -> None:
    """The sample value as the column reads it, in grey italics."""
    if column.sample in ("", None):
        return
    faint = book.add_format(cell_format(column) | {"italic": True, "font_color": "#586373"})
    try:
        value = column.read(column.sample) if column.read is not None else column.sample
    except BadCell:
        value = column.sample
    if column.form is Form.DAY and isinstance(value, date) and not isinstance(value, datetime):
        sheet.write_datetime(1, index, value, faint)
    elif column.form in (Form.WHOLE, Form.YEAR, Form.DECIMAL) and not isinstance(value, str):
        sheet.write_number(1, index, value, faint)
    else:
        sheet.write_string(1, index, str(column.sample), faint)


def _instructions(book, columns: Sequence[Column], title: str) -> None:
    sheet = book.add_worksheet(sheet_name(_("Instructions")))
    bold = book.add_format({"bold": True, "bg_color": "#E7EFF7", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": _TITLE_SIZE}))
    notes = [
        _("Enter one record per row on the first sheet; the grey sample row may stay, it is left out."),
        _("A record with the same key as one in the register changes that one; others are new."),
        _(
            "Columns may stand in any order. A column that you delete stays as it is in the register; an empty cell empties it."
        ),
        _("Uploading changes nothing yet: you first see what would be new, changed or wrong."),
    ]
    for row, note in enumerate(notes, start=1):
        sheet.write_string(row, 0, note)
    first = len(notes) + 2
    headings = [_("Column"), _("Identifier"), _("Required"), _("Format"), _("Allowed values"), _("Meaning")]
    for place, (heading, width) in enumerate(zip(headings, (26, 26, 10, 34, 50, 70), strict=True)):
        sheet.write_string(first, place, heading, bold)
        sheet.set_column(place, place, width)
    for row, column in enumerate(columns, start=first + 1):
        needed = _("key") if column.is_key else _("yes") if column.required else _("no")
        texts = [column.title, column.name, needed, column.format, "、".join(column.words), column.help]
        for place, text in enumerate(texts):
            sheet.write_string(row, place, text, wrapped)
    sheet.freeze_panes(first + 1, 0)
