"""An official document (公文) as data. ``docx``, ``typesetting`` and ``templates/documents/official.html`` set the same texts, so
that nothing can differ between them.

Source of the form: GB/T 9704-2012 (A4, margins 37/35/28/26 mm, 22 lines of 28 signs, the order and look of its parts).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

NUMBER_FORM = r"^[^〔〕]+〔[0-9]{4}〕[1-9][0-9]*号$"
"""发文字号: the office's short name, the year in hexagonal brackets, the number without leading zeros."""


@dataclass(frozen=True)
class Heading:
    """A heading of the first level (一、): 黑体."""

    kind: ClassVar[str] = "heading"
    text: str

    def texts(self) -> Iterator[str]:
        yield self.text


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. ``lead``: its first words in 楷体, the heading of the second level (（一）)."""

    kind: ClassVar[str] = "paragraph"
    text: str
    lead: str = ""

    def texts(self) -> Iterator[str]:
        yield self.lead + self.text


@dataclass(frozen=True)
class Table:
    """A table with its caption above and ``note`` beneath. ``widths``: shares of the width, one per column."""

    kind: ClassVar[str] = "table"
    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    note: str = ""

    def texts(self) -> Iterator[str]:
        yield self.caption
        yield from self.headings
        for row in self.rows:
            yield from row
        yield self.note


Block = Heading | Paragraph | Table


@dataclass(frozen=True)
class Appendix:
    """An annex on a page of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class OfficialDocument:
    """All parts in the order in which they stand; an empty part is left out.

    ``sent_to`` are ``(报 or 送 or 抄送, whom)`` lines of the foot. Dates are texts with Arabic numerals.
    """

    masthead: str
    number: str
    issuer: str
    dated: str
    title: tuple[str, ...]
    body: tuple[Block, ...]
    appendices: tuple[Appendix, ...] = ()
    sent_to: tuple[tuple[str, str], ...] = ()
    printed_by: str = ""
    printed_on: str = ""
    language: str = "zh-CN"
    marks: tuple[str, ...] = field(default=())
    """What stands above everything in a file that is not in force: a draft, superseded, withdrawn."""

    @property
    def plain_title(self) -> str:
        return "".join(self.title)

    @property
    def attachment_lines(self) -> list[tuple[str, str]]:
        """附件说明: ``(附件： or nothing, text)``, numbered where there is more than one, without a stop at the end."""
        titles = [appendix.title for appendix in self.appendices]
        if len(titles) > 1:
            titles = [f"{place}. {title}" for place, title in enumerate(titles, start=1)]
        return [("附件：" if place == 0 else "", title) for place, title in enumerate(titles)]

    def appendix_mark(self, place: int) -> str:
        """What stands at the head of an annex."""
        return f"附件{place}" if len(self.appendices) > 1 else "附件"

    @property
    def foot_lines(self) -> list[str]:
        return [f"{kind}：{whom}" for kind, whom in self.sent_to]

    @property
    def printed_line(self) -> str:
        return f"{self.printed_on}印发" if self.printed_on else ""

    def texts(self) -> Iterator[str]:
        """Every text of it, to be looked through: for glyphs, for numbers."""
        yield from (*self.marks, self.masthead, self.number, self.issuer, self.dated, *self.title)
        for block in self.body:
            yield from block.texts()
        for lead, text in self.attachment_lines:
            yield lead + text
        for place, appendix in enumerate(self.appendices, start=1):
            yield self.appendix_mark(place)
            yield appendix.title
            for block in appendix.blocks:
                yield from block.texts()
        yield from self.foot_lines
        yield from (self.printed_by, self.printed_line)


_NUMERAL = "[一二三四五六七八九十]+"
_HEADING = re.compile(rf"{_NUMERAL}、")
_LEAD = re.compile(rf"（{_NUMERAL}）[^。]*。?")


def blocks_of(text: str, tables: Mapping[str, Table]) -> tuple[Block, ...]:
    """The blocks of a text in which each line is a paragraph, read by its own numbering: ``一、`` begins a heading, ``（一）`` a
    paragraph whose first sentence is its lead. A line ``[[name]]`` stands for that table.

    Raises:
        KeyError: there is no such table.
    """
    found: list[Block] = []
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        if line.startswith("[[") and line.endswith("]]"):
            found.append(tables[line[2:-2].strip()])
        elif _HEADING.match(line):
            found.append(Heading(line))
        elif lead := _LEAD.match(line):
            found.append(Paragraph(line[lead.end() :], lead[0]))
        else:
            found.append(Paragraph(line))
    return tuple(found)
