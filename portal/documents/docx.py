"""An official document as a Word file. It names the fonts that the standard asks for; the reader's machine has them."""

from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from portal.documents.official import Appendix, Block, Heading, OfficialDocument, Paragraph, Table

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

TITLE_FONT, BODY_FONT, HEADING_FONT, LEAD_FONT, LATIN_FONT = (
    "方正小标宋_GBK", "仿宋_GB2312", "黑体", "楷体_GB2312", "Times New Roman",
)  # fmt: skip
BODY, TITLE, MASTHEAD, FOOT, CELL = Pt(16), Pt(22), Pt(36), Pt(14), Pt(10.5)
"""三号, 二号, the masthead, 四号, 五号."""
RED = RGBColor(0xC8, 0x10, 0x2E)
TEXT_WIDTH = 156
"""Millimetres between the margins."""
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


def docx(document: OfficialDocument) -> bytes:
    """The Word file; the same document gives the same texts as its PDF and page."""
    return _Writer(document).write()


class _Writer:
    def __init__(self, document: OfficialDocument) -> None:
        self.document = document
        self.word = Document()

    def write(self) -> bytes:
        document = self.document
        self._set_page()
        self._set_styles()
        self._head()
        for line in document.title:
            self._line(line, TITLE_FONT, TITLE, align=WD_ALIGN_PARAGRAPH.CENTER, pitch=Pt(32))
        self._line("", BODY_FONT, BODY)
        self._blocks(document.body)
        self._signature()
        for place, appendix in enumerate(document.appendices, start=1):
            self._appendix(document.appendix_mark(place), appendix)
        self._foot()
        self._page_numbers()
        properties = self.word.core_properties
        properties.title, properties.author, properties.language = (
            document.plain_title, document.issuer, document.language,
        )  # fmt: skip
        properties.created = properties.modified = _UNDATED
        made = BytesIO()
        self.word.save(made)
        return made.getvalue()

    # --- the page ---------------------------------------------------------------------------------------------------------

    def _set_page(self) -> None:
        section = self.word.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)
        grid = section._sectPr.find(qn("w:docGrid"))
        if grid is None:
            grid = OxmlElement("w:docGrid")
            section._sectPr.append(grid)
        # 22 lines in 225 mm, 28 signs of 16 pt in 156 mm: pitch in twips, narrowing in 1/4096 pt.
        for name, value in (("type", "linesAndChars"), ("linePitch", "579"), ("charSpace", "-849")):
            grid.set(qn(f"w:{name}"), value)

    def _set_styles(self) -> None:
        style = self.word.styles["Normal"]
        style.font.size = BODY
        self._name_fonts(style.font, style.element.get_or_add_rPr(), BODY_FONT)
        language = OxmlElement("w:lang")
        language.set(qn("w:eastAsia"), self.document.language)
        style.element.get_or_add_rPr().append(language)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        heading = self.word.styles["Heading 1"]
        heading.font.size, heading.font.bold, heading.font.color.rgb = BODY, False, RGBColor(0, 0, 0)
        self._name_fonts(heading.font, heading.element.get_or_add_rPr(), HEADING_FONT)
        heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(0)
        heading.paragraph_format.first_line_indent = Emu(2 * BODY)

    @staticmethod
    def _name_fonts(font, properties, east_asian: str) -> None:
        fonts = properties.get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme would win over the name
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        font.name = LATIN_FONT
        fonts.set(qn("w:eastAsia"), east_asian)

    def _page_numbers(self) -> None:
        """— 1 — in 四号宋体: outside, one sign from the edge; so left and right pages differ."""
        self.word.settings.odd_and_even_pages_header_footer = True
        section = self.word.sections[0]
        for footer, align in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ):
            paragraph = footer.paragraphs[0]
            paragraph.alignment = align
            paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = FOOT
            self._run(paragraph, "— ", "宋体", FOOT)
            self._field(self._run(paragraph, "", "宋体", FOOT), "PAGE")
            self._run(paragraph, " —", "宋体", FOOT)

    @staticmethod
    def _field(run, instruction: str) -> None:
        for kind in ("begin", None, "end"):
            element = OxmlElement("w:instrText" if kind is None else "w:fldChar")
            if kind is None:
                element.text = instruction
            else:
                element.set(qn("w:fldCharType"), kind)
            run._r.append(element)

    # --- texts ------------------------------------------------------------------------------------------------------------

    def _run(self, paragraph, text: str, font: str, size, colour: RGBColor | None = None):
        run = paragraph.add_run(text)
        run.font.size = size
        self._name_fonts(run.font, run._r.get_or_add_rPr(), font)
        if colour is not None:
            run.font.color.rgb = colour
        return run

    def _line(self, text: str, font: str, size, *, align=None, pitch=None, colour=None, right=None, before=None):
        paragraph = self.word.add_paragraph()
        paragraph.alignment = align
        if pitch is not None:
            paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
            paragraph.paragraph_format.line_spacing = pitch
        if right is not None:
            paragraph.paragraph_format.right_indent = right
        if before is not None:
            paragraph.paragraph_format.space_before = before
        if text:
            self._run(paragraph, text, font, size, colour)
        return paragraph

    def _head(self) -> None:
        document = self.document
        for mark in document.marks:
            self._line(mark, HEADING_FONT, FOOT, align=WD_ALIGN_PARAGRAPH.CENTER)
        if document.masthead:
            size = min(MASTHEAD, Pt(int(TEXT_WIDTH / 25.4 * 72 / len(document.masthead))))
            self._line(
                document.masthead,
                TITLE_FONT,
                size,
                align=WD_ALIGN_PARAGRAPH.CENTER,
                pitch=Emu(int(size * 1.4)),
                colour=RED,
            )
        if document.number:
            self._line(document.number, BODY_FONT, BODY, align=WD_ALIGN_PARAGRAPH.CENTER, before=Pt(8))
        if document.masthead:
            self._rule_under(self._ends(document.issuer, document.dated), "C8102E", 16)
            self._line("", BODY_FONT, BODY)

    def _ends(self, left: str, right: str, size=BODY):
        """One line with a text at each end."""
        paragraph = self.word.add_paragraph()
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
        self._run(paragraph, f"{left}\t{right}", BODY_FONT, size)
        return paragraph

    @staticmethod
    def _rule_under(paragraph, colour: str, eighths: int, edge: str = "bottom") -> None:
        properties = paragraph._p.get_or_add_pPr()
        borders = properties.find(qn("w:pBdr"))
        if borders is None:
            borders = _put(properties, "w:pBdr")
        rule = OxmlElement(f"w:{edge}")
        for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
            rule.set(qn(f"w:{name}"), value)
        borders.append(rule)

    def _blocks(self, blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            if isinstance(block, Heading):
                self._run(self.word.add_paragraph(style="Heading 1"), block.text, HEADING_FONT, BODY)
            elif isinstance(block, Paragraph):
                self._paragraph(block)
            else:
                self._table(block)

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self.word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        paragraph.paragraph_format.first_line_indent = Emu(2 * BODY)
        if block.lead:
            self._run(paragraph, block.lead, LEAD_FONT, BODY)
        if block.text:
            self._run(paragraph, block.text, BODY_FONT, BODY)

    def _table(self, block: Table) -> None:
        self._line(
            block.caption, HEADING_FONT, Pt(12), align=WD_ALIGN_PARAGRAPH.CENTER
        ).paragraph_format.keep_with_next = True
        made = self.word.add_table(rows=1, cols=len(block.headings), style="Table Grid")
        made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        repeat = OxmlElement("w:tblHeader")
        made.rows[0]._tr.get_or_add_trPr().append(repeat)
        for cell, text in zip(made.rows[0].cells, block.headings, strict=True):
            self._cell(cell, text, HEADING_FONT)
        for row in block.rows:
            for place, (cell, text) in enumerate(zip(made.add_row().cells, row, strict=True)):
                self._cell(cell, text, "宋体", left=place == 0)
        whole = sum(block.widths)
        for column, share in zip(made.columns, block.widths, strict=True):
            column.width = Mm(TEXT_WIDTH * share / whole)
            for cell in column.cells:
                cell.width = Mm(TEXT_WIDTH * share / whole)
        if block.note:
            self._line(block.note, "宋体", CELL)

    def _cell(self, cell, text: str, font: str, left: bool = False) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.alignment = None if left else WD_ALIGN_PARAGRAPH.CENTER
        _put(paragraph._p.get_or_add_pPr(), "w:snapToGrid").set(qn("w:val"), "0")
        self._run(paragraph, text, font, CELL)

    # --- what ends it -----------------------------------------------------------------------------------------------------

    def _signature(self) -> None:
        document = self.document
        lines = document.attachment_lines
        if lines:
            self._line("", BODY_FONT, BODY)
        for lead, text in lines:
            paragraph = self._line(f"{lead}{text}", BODY_FONT, BODY)
            paragraph.paragraph_format.left_indent = Emu(BODY * (2 if lead else 5))
        self._line("", BODY_FONT, BODY)
        self._line("", BODY_FONT, BODY)
        longer = max(0, width(document.issuer) - width(document.dated))
        right = (2 if longer else 4) * BODY
        self._line(document.issuer, BODY_FONT, BODY, align=WD_ALIGN_PARAGRAPH.RIGHT, right=Emu(right))
        self._line(
            document.dated, BODY_FONT, BODY, align=WD_ALIGN_PARAGRAPH.RIGHT, right=Emu(int(right + longer / 2 * BODY))
        )

    def _appendix(self, mark: str, appendix: Appendix) -> None:
        paragraph = self._line("", HEADING_FONT, BODY)
        paragraph.add_run().add_break(WD_BREAK.PAGE)
        self._run(paragraph, mark, HEADING_FONT, BODY)
        self._line("", BODY_FONT, BODY)
        self._line(appendix.title, TITLE_FONT, TITLE, align=WD_ALIGN_PARAGRAPH.CENTER, pitch=Pt(32))
        self._line("", BODY_FONT, BODY)
        self._blocks(appendix.blocks)

    def _foot(self) -> None:
        """版记: whom it goes to, who printed it and when, between rules."""
        document = self.document
        lines = [self._line(line, BODY_FONT, FOOT) for line in document.foot_lines]
        if document.printed_by or document.printed_line:
            lines.append(self._ends(document.printed_by, document.printed_line, FOOT))
        if not lines:
            return
        lines[0].paragraph_format.space_before = Pt(28)
        self._rule_under(lines[0], "000000", 8, "top")
        for line in lines[:-1]:
            self._rule_under(line, "000000", 4)
            line.paragraph_format.keep_with_next = True
        self._rule_under(lines[-1], "000000", 8)


_ORDER = ("w:keepNext", "w:pBdr", "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr")
"""The properties of a paragraph that are used here, in the order that the format demands."""


def _put(properties, name: str):
    """A new property of a paragraph, in its place."""
    element = OxmlElement(name)
    properties.insert_element_before(element, *_ORDER[_ORDER.index(name) + 1 :])
    return element


def width(text: str) -> float:
    """How many full signs a text is wide: one of Latin script is half."""
    return sum(1 if ord(sign) > 0x2E7F else 0.5 for sign in text)
