"""The overview to take away: a Word document as one reads it, a workbook as one calculates with it."""

from io import BytesIO

import xlsxwriter
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from evaluations.overview import wording
from evaluations.overview.lines import Overview

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_GREY = RGBColor(0x58, 0x63, 0x73)
_WIDTHS = (7.6, 3.2, 3.4, 2.8)
"""Of the columns, in cm; together the width of an A4 page within its margins."""


def docx(found: Overview, city: str) -> bytes:
    """The overview as a Word document: title, what it speaks of, one table a section. ``city``: its name, for the title."""
    document = Document()
    _set_page(document)
    title = document.add_paragraph(_("Annual overview of property management"), style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    where = city if found.compares else f"{city} · {found.region.name}"
    document.core_properties.title = f"{where} · {title.text}"
    document.core_properties.author = city
    head = document.add_paragraph(where)
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, value in wording.facts(found)[1:]:
        _add_small(document.add_paragraph(), f"{name}: {value}")
    for table in wording.tables(found):
        document.add_paragraph(table.title, style="Heading 2")
        _add_table(document, wording.headings(found), table)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def _set_page(document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    for name, size in (("Normal", 10.5), ("Title", 20), ("Heading 2", 13)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), RGBColor(0x1D, 0x27, 0x33)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme would win over the name
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        style.font.name = "Times New Roman"
        fonts.set(qn("w:eastAsia"), "SimSun" if name == "Normal" else "SimHei")
    language = document.styles["Normal"].element.get_or_add_rPr()
    language.append(
        language.makeelement(qn("w:lang"), {qn("w:eastAsia"): "en-US" if get_language() == "en" else "zh-CN"})
    )


def _add_table(document, headings: list[str], table: wording.Table) -> None:
    made = document.add_table(rows=1, cols=len(headings), style="Table Grid")
    made.autofit = False
    for cell, heading in zip(made.rows[0].cells, headings, strict=True):
        cell.paragraphs[0].add_run(heading).bold = True
    repeat = made.rows[0]._tr.get_or_add_trPr()
    repeat.append(repeat.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
    for row in table.rows:
        cells = made.add_row().cells
        cells[0].paragraphs[0].add_run(row.title)
        _add_small(cells[0].add_paragraph(), row.text)
        if row.explanation:
            _add_small(cells[0].add_paragraph(), row.explanation)
        for cell, value in zip(cells[1:], (row.counted, row.said, row.verdict), strict=False):
            cell.paragraphs[0].add_run(value)
        for cell in cells[1:3]:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for column, width in zip(made.columns, _WIDTHS, strict=False):
        for cell in column.cells:
            cell.width = Cm(width)


def _add_small(paragraph, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(8.5), _GREY
    paragraph.paragraph_format.space_after = Pt(0)


def xlsx(found: Overview) -> bytes:
    """The overview as a workbook: figures as plain numbers in the unit beside them, and a sheet that says what they are."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(_("Annual overview"))
        columns = [(_("Section"), 18), (_("Figure"), 34), (_("Counted"), 16), (_("Unit"), 14)]
        if found.compares:
            columns += [
                (_("Report of 2021"), 22),
                (_("Verdict"), 20),
                (_("Words of the report"), 30),
                (_("Remark"), 60),
            ]
        columns += [(_("Definition"), 70), (_("Key"), 34)]
        for place, (title, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, title, head)
        sheet.freeze_panes(1, 2)
        number = 0
        for table in wording.tables(found):
            for row in table.rows:
                number += 1
                _write_row(sheet, number, table.title, row, found.compares, wrapped)
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
        about = book.add_worksheet(_("About"))
        about.set_column(0, 0, 28)
        about.set_column(1, 1, 70)
        for place, (name, value) in enumerate(wording.facts(found)):
            about.write_string(place, 0, name)
            about.write_string(place, 1, value)
    return made.getvalue()


def _write_row(sheet, number: int, section: str, row: wording.Row, compares: bool, wrapped) -> None:
    value = row.line.counted
    sheet.write_string(number, 0, section)
    sheet.write_string(number, 1, row.title, wrapped)
    if value is None:
        sheet.write_string(number, 2, row.counted)
    elif isinstance(value, str):
        sheet.write_string(number, 2, value)
    else:
        sheet.write_number(number, 2, value)
    sheet.write_string(number, 3, str(row.line.definition.unit.label))
    texts = [row.said, row.verdict, row.quote, row.explanation] if compares else []
    for place, text in enumerate([*texts, row.text, row.line.key], start=4):
        sheet.write_string(number, place, text, wrapped)
