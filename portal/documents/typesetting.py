"""An official document as a PDF: the grid of the standard, 22 lines of 28 signs on each page, with the open fonts inside.

Songti stands in for 仿宋 and 小标宋, and its bold for 楷体, because the named fonts may not be passed on.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from portal.documents.docx import width
from portal.documents.fonts import Face, demand_glyphs
from portal.documents.official import Block, Heading, OfficialDocument, Paragraph, Table
from portal.documents.pdf import Pdf

TOP, BOTTOM, LEFT, RIGHT = 37.0, 297 - 35.0, 28.0, 210 - 26.0
WIDTH = RIGHT - LEFT
LINE, SIGN = 225 / 22, WIDTH / 28
"""Pitch of lines and of signs, in millimetres."""
POINT = 25.4 / 72
BODY, TITLE, FOOT, CAPTION, CELL = 16.0, 22.0, 14.0, 12.0, 10.5
MOST_MASTHEAD = 36.0
NARROWING = SIGN - BODY * POINT
_PAGE_NUMBER = "— 0123456789"
CELL_LINE, CELL_PAD = 4.9, 1.2

# A sign that may not begin a line stays with what is before it, one that may not end a line with what is after it.
_TOKENS = re.compile(r"[（《“‘〔\[(]*(?:[!-~]+ ?|.)[，。、；：？！）》”’〕％\])—…]*", re.DOTALL)


class Run(NamedTuple):
    """A stretch of text in one face."""

    text: str
    face: Face


class SetLine(NamedTuple):
    """A line that has been broken: its runs, where it begins (mm from the left), and by how much its signs are spread."""

    runs: list[Run]
    indent: float
    spread: float


def pdf(document: OfficialDocument) -> bytes:
    """The file; the same document gives the same bytes.

    Raises:
        GlyphsMissing: the fonts lack a sign of it.
    """
    text = "".join(document.texts())
    for face in (Face.SERIF, Face.SERIF_BOLD, Face.SANS):
        demand_glyphs(text, face)
    return _Setter(document).made()


class _Sheet(Pdf):
    """A page with its number outside at the foot: — 1 —."""

    def footer(self) -> None:
        self.use(Face.SERIF, FOOT)
        self.set_char_spacing(0)
        number = f"— {self.page_no()} —"
        wide = self.get_string_width(number)
        left = RIGHT - SIGN - wide if self.page_no() % 2 else LEFT + SIGN
        self.text(left, BOTTOM + 9, number)


class _Setter:
    def __init__(self, document: OfficialDocument) -> None:
        self.document = document
        self.pdf = _Sheet(
            title=document.plain_title, author=document.issuer, language=document.language,
            signs="".join(document.texts()) + _PAGE_NUMBER,
        )  # fmt: skip
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margins(LEFT, TOP, 210 - RIGHT)
        self.pdf.add_page()
        self.y = TOP

    def made(self) -> bytes:
        document = self.document
        self._head()
        for line in document.title:
            self._centred(line, Face.SERIF_BOLD, TITLE, 32 * POINT)
        self.y += LINE * 0.6
        self._blocks(document.body)
        self._signature()
        for place, appendix in enumerate(document.appendices, start=1):
            self._new_page()
            self._flush([Run(document.appendix_mark(place), Face.SANS)])
            self.y += LINE * 0.5
            self._centred(appendix.title, Face.SERIF_BOLD, TITLE, 32 * POINT)
            self.y += LINE * 0.6
            self._blocks(appendix.blocks)
        self._foot()
        return self.pdf.made()

    # --- where on the page ------------------------------------------------------------------------------------------------

    def _new_page(self) -> None:
        self.pdf.add_page()
        self.y = TOP

    def _room(self, height: float) -> None:
        """Begin a new page unless so much is free on this one."""
        if self.y + height > BOTTOM + 0.01 and self.y > TOP:
            self._new_page()

    def _text(
        self, x: float, y: float, height: float, text: str, face: Face, points: float, spread: float = 0
    ) -> float:
        """Draw in a line of ``height`` whose top is ``y``, centred upright; gives the width."""
        self.pdf.use(face, points)
        self.pdf.set_char_spacing(spread)
        self.pdf.text(x, y + height / 2 + points * POINT * 0.36, text)

    def _width(self, text: str, face: Face, points: float, spread: float = 0) -> float:
        """As the font says; asked so often that it is summed here and not by fpdf2."""
        self.pdf.use(face, points)
        widths = self.pdf.current_font.cw
        return sum([widths[ord(sign)] for sign in text]) * points * POINT / 1000 + spread * len(text)

    def _rule(self, y: float, points: float, colour: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(points * POINT)
        self.pdf.line(LEFT, y, RIGHT, y)
        self.pdf.set_draw_color(0, 0, 0)

    # --- lines ------------------------------------------------------------------------------------------------------------

    def _broken(self, runs: Sequence[Run], points: float, wide: float, first: float, spread: float) -> list[SetLine]:
        """``runs`` broken into lines ``wide`` mm long, the first begun ``first`` mm in; all but the last are filled out."""
        lines: list[list[Run]] = [[]]
        used = first
        for run in runs:
            for token in _TOKENS.findall(run.text):
                need = self._width(token, run.face, points, spread)
                for piece in self._pieces(token, run.face, points, wide, spread) if need > wide else [token]:
                    its = self._width(piece, run.face, points, spread)
                    if used + its - self._trailing(piece, points) > wide + 0.05 and lines[-1]:
                        lines.append([])
                        used = 0.0
                    if lines[-1] and lines[-1][-1].face is run.face:
                        lines[-1][-1] = Run(lines[-1][-1].text + piece, run.face)
                    else:
                        lines[-1].append(Run(piece, run.face))
                    used += its
        made = []
        for place, line in enumerate(lines):
            indent = first if place == 0 else 0.0
            if place < len(lines) - 1:
                line = [*line[:-1], Run(line[-1].text.rstrip(" "), line[-1].face)]
            signs = sum(len(run.text) for run in line)
            its = sum(self._width(run.text, run.face, points, spread) for run in line)
            free = wide - indent - its
            extra = free / max(1, signs - 1) if place < len(lines) - 1 and free < 4 * SIGN else 0.0
            made.append(SetLine(line, indent, spread + extra))
        return made

    def _pieces(self, token: str, face: Face, points: float, wide: float, spread: float) -> list[str]:
        """A token longer than a line, sign by sign."""
        return list(token)

    @staticmethod
    def _trailing(token: str, points: float) -> float:
        """A stop at a line's end may hang over by half its width, which is empty."""
        return points * POINT / 2 if token[-1] in "，。、；：）》”’〕" else 0.0

    def _flush(self, runs: Sequence[Run], indent: float = 0.0, left: float = 0.0) -> None:
        """Body text, filled out, over as many pages as it takes."""
        for line in self._broken(runs, BODY, WIDTH - left, indent, NARROWING):
            self._room(LINE)
            x = LEFT + left + line.indent
            for run in line.runs:
                self._text(x, self.y, LINE, run.text, run.face, BODY, line.spread)
                x += self._width(run.text, run.face, BODY, line.spread)
            self.y += LINE

    def _centred(self, text: str, face: Face, points: float, height: float) -> None:
        for line in self._broken([Run(text, face)], points, WIDTH, 0.0, 0.0):
            self._room(height)
            content = "".join(run.text for run in line.runs)
            self._text(LEFT + (WIDTH - self._width(content, face, points)) / 2, self.y, height, content, face, points)
            self.y += height

    def _ended(self, left: str, right: str, points: float, height: float, inset: float = 0.0) -> None:
        self._text(LEFT + inset, self.y, height, left, Face.SERIF, points)
        wide = self._width(right, Face.SERIF, points)
        self._text(RIGHT - inset - wide, self.y, height, right, Face.SERIF, points)
        self.y += height

    # --- parts ------------------------------------------------------------------------------------------------------------

    def _head(self) -> None:
        document = self.document
        for mark in document.marks:
            self._centred(mark, Face.SANS, FOOT, 8)
        if document.masthead:
            points = min(MOST_MASTHEAD, WIDTH / POINT / width(document.masthead))
            self.pdf.set_text_color(0xC8, 0x10, 0x2E)
            self._centred(document.masthead, Face.SERIF_BOLD, points, points * POINT * 1.4)
            self.pdf.set_text_color(0, 0, 0)
            self.y += 3
        if document.number:
            self._centred(document.number, Face.SERIF, BODY, LINE)
        if document.masthead:
            self._ended(document.issuer, document.dated, BODY, LINE)
            self._rule(self.y + 0.5, 2, (0xC8, 0x10, 0x2E))
            self.y += LINE

    def _blocks(self, blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            if isinstance(block, Heading):
                self._room(2 * LINE)
                self._flush([Run(block.text, Face.SANS)], indent=2 * SIGN)
            elif isinstance(block, Paragraph):
                runs = [Run(block.lead, Face.SERIF_BOLD), Run(block.text, Face.SERIF)]
                self._flush([run for run in runs if run.text], indent=2 * SIGN)
            else:
                self._table(block)

    def _table(self, block: Table) -> None:
        whole = sum(block.widths)
        widths = [WIDTH * share / whole for share in block.widths]
        head, head_height = self._row(block.headings, widths, Face.SANS)
        rows = [self._row(row, widths, Face.SERIF) for row in block.rows]
        self.y += 1.5
        self._room(8 + head_height + sum(height for _cells, height in rows[:3]))
        self._centred(block.caption, Face.SANS, CAPTION, 8)
        self._draw_row(head, head_height, widths, Face.SANS)
        for cells, height in rows:
            if self.y + height > BOTTOM:
                self._new_page()
                self._draw_row(head, head_height, widths, Face.SANS)
            self._draw_row(cells, height, widths, Face.SERIF)
        self.y += 1
        if block.note:
            for line in self._broken([Run(block.note, Face.SERIF)], CELL, WIDTH, 0.0, 0.0):
                self._room(CELL_LINE)
                self._text(LEFT, self.y, CELL_LINE, "".join(run.text for run in line.runs), Face.SERIF, CELL)
                self.y += CELL_LINE
        self.y += 2

    def _row(self, texts: Sequence[str], widths: Sequence[float], face: Face) -> tuple[list[list[str]], float]:
        cells = [
            [
                "".join(run.text for run in line.runs)
                for line in self._broken([Run(text, face)], CELL, wide - 2, 0.0, 0.0)
            ]
            for text, wide in zip(texts, widths, strict=True)
        ]
        return cells, max(len(cell) for cell in cells) * CELL_LINE + CELL_PAD

    def _draw_row(self, cells: list[list[str]], height: float, widths: Sequence[float], face: Face) -> None:
        self.pdf.set_line_width(0.5 * POINT)
        x = LEFT
        for place, (lines, wide) in enumerate(zip(cells, widths, strict=True)):
            self.pdf.rect(x, self.y, wide, height)
            y = self.y + (height - len(lines) * CELL_LINE) / 2
            for line in lines:
                inset = 1.0 if place == 0 and face is not Face.SANS else (wide - self._width(line, face, CELL)) / 2
                self._text(x + inset, y, CELL_LINE, line, face, CELL)
                y += CELL_LINE
            x += wide
        self.y += height

    def _signature(self) -> None:
        document = self.document
        lines = document.attachment_lines
        if lines:
            self.y += LINE / 2
        for lead, text in lines:
            self._flush([Run(f"{lead}{text}", Face.SERIF)], left=(2 if lead else 5) * SIGN)
        self._room(3 * LINE)
        self.y += LINE
        issuer = self._width(document.issuer, Face.SERIF, BODY)
        dated = self._width(document.dated, Face.SERIF, BODY)
        right = (2 if issuer > dated else 4) * SIGN
        self._text(RIGHT - right - issuer, self.y, LINE, document.issuer, Face.SERIF, BODY)
        self.y += LINE
        middle = RIGHT - right - max(issuer, dated) / 2 if issuer > dated else RIGHT - right - dated / 2
        self._text(middle - dated / 2, self.y, LINE, document.dated, Face.SERIF, BODY)
        self.y += LINE

    def _foot(self) -> None:
        document = self.document
        height = 22 * POINT
        texts = [
            line
            for text in document.foot_lines
            for line in self._broken([Run(text, Face.SERIF)], FOOT, WIDTH - 10, 0.0, 0.0)
        ]
        ends = bool(document.printed_by or document.printed_line)
        needed = (len(texts) + ends) * height
        if not needed:
            return
        self._room(needed + LINE)
        self.y = BOTTOM - needed
        self._rule(self.y, 1)
        for place, line in enumerate(texts):
            self._text(LEFT + 5, self.y, height, "".join(run.text for run in line.runs), Face.SERIF, FOOT)
            self.y += height
            self._rule(self.y, 0.5 if ends or place + 1 < len(texts) else 1)
        if ends:
            self._ended(document.printed_by, document.printed_line, FOOT, height, inset=5)
            self._rule(self.y, 1)
