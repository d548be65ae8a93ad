"""The object as a PDF: the same sections as the page, one after another."""

from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import XPos, YPos
from fpdf.fonts import FontFace

from evaluations.why.reading import Why
from evaluations.why.wording import Section, Table, sections, title
from portal.documents.fonts import Face
from portal.documents.pdf import Pdf
from portal.templatetags.portal import full_moment, period, place

LEFT, WIDTH = 20, 170
BODY, LEADING = 9.5, 5.2
"""Points, and millimetres from line to line."""
GREY = 88


class _Sheet(Pdf):
    """With the ranking and the page's number at the foot of each page."""

    def __init__(self, *, foot: str, **options) -> None:
        super().__init__(**options)
        self._foot = foot
        self.set_margins(LEFT, 18)
        self.set_auto_page_break(True, 20)

    def footer(self) -> None:
        self.set_y(-14)
        self.use(Face.SANS, 7.5)
        self.cell(WIDTH - 20, 4, self._foot)
        self.cell(20, 4, f"{self.page_no()} / {{nb}}", align="R")

    def line(self, text: str, points: float = BODY, leading: float = LEADING) -> None:
        """One paragraph over the whole width. Headings differ by size: a second face would double the time of making."""
        self.use(Face.SANS, points)
        self.multi_cell(WIDTH, leading, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def pdf(why: Why) -> bytes:
    """The document in the language in force.

    Raises:
        portal.documents.fonts.GlyphsMissing: a name has a sign that no font here can draw.
    """
    ranking, entry = why.ranking, why.entry
    name = place(entry.estate_name)
    foot = f"{ranking.period} r{ranking.revision} · {entry.estate_code} · SHA-256 {ranking.digest[:16]}"
    sheet = _Sheet(
        title=f"{name} · {title(why)}", language="en" if get_language() == "en" else "zh-CN", foot=foot,
        dated=ranking.published_at or ranking.computed_at,
    )  # fmt: skip
    sheet.add_page()
    sheet.line(name, 16, 8)
    sheet.line(title(why), 12, 7)
    for text in _about(why):
        sheet.line(text)
    for section in sections(why):
        _write(sheet, section)
    return sheet.made()


def _about(why: Why) -> Sequence[str]:
    ranking, entry = why.ranking, why.entry
    where = [place(entry.district_name), place(entry.street_name)]
    if entry.enterprise_name:
        where.append(place(entry.enterprise_name))
    status = _("Ranking of %(period)s") % {"period": period(ranking.period)}
    state = f"{status} · {_('revision')} {ranking.revision} · {ranking.get_status_display()}"
    cut = f"{_('Cut-off')} {full_moment(ranking.window_end)} · {_('Policy')} {ranking.policy_snapshot['document']}"
    return " · ".join(where), state, cut


def _write(sheet: _Sheet, section: Section) -> None:
    lines = (
        len(section.texts)
        + len(section.notes)
        + len(section.points)
        + 1.4 * len(section.table.rows if section.table else ())
    )
    if sheet.will_page_break(min(18 + lines * LEADING, 220)):
        sheet.add_page()
    sheet.ln(3.5)
    sheet.line(section.title, 11, 6.5)
    for text in section.texts:
        sheet.line(text)
    if section.table:
        _table(sheet, section.table)
    for text in section.notes:
        sheet.line(text, 8, 4.4)
    for point in section.points:
        sheet.line(f"· {point}")


def _table(sheet: _Sheet, table: Table) -> None:
    columns = len(table.head)
    first = 46 if columns > 4 else 60
    widths = (first, *[(WIDTH - first) / (columns - 1)] * (columns - 1))
    sheet.use(Face.SANS, 8.5)
    sheet.ln(1)
    head = FontFace(color=GREY)
    align = ("LEFT", *["RIGHT"] * (columns - 1))
    with sheet.table(
        width=WIDTH, col_widths=widths, text_align=align, line_height=LEADING, headings_style=head,
        borders_layout="HORIZONTAL_LINES", padding=(0.4, 1),
    ) as drawn:  # fmt: skip
        for cells in (table.head, *table.rows):
            drawn.row([str(cell) for cell in cells])
    sheet.ln(1)
