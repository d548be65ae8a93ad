"""How figures are written on the page, in the document and in the terminal: the same words everywhere."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from evaluations.overview.definition import Form, Unit
from evaluations.overview.lines import Line, Overview
from evaluations.overview.rules import Figure, Printed, Verdict
from partybuilding.rules import LEAST_CELL
from portal.templatetags.portal import MISSING


def verdict_title(verdict: Verdict) -> str:
    return {
        Verdict.AGREES: _("agrees"),
        Verdict.DIFFERS: _("differs"),
        Verdict.CONTRADICTS_ITSELF: _("the report contradicts itself"),
        Verdict.NOT_DERIVABLE: _("not derivable"),
    }[verdict]


def figure(value: Figure | None, unit: Unit) -> str:
    """``value`` with its unit: 2,200 enterprises, 3.86 亿 m², 726.55 万元, 88.45 %. Missing is a dash."""
    if value is None:
        return MISSING
    return f"{number(value, unit)} {large_unit(value, unit)}".rstrip()


def number(value: Figure, unit: Unit) -> str:
    """``value`` without its unit, large sums of area and money in the large unit of the language."""
    if isinstance(value, str):
        return value
    if unit.form is Form.YEAR:
        return f"{value:f}"
    if unit.form is Form.SHARE:
        return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP)}"
    factor = _factor(value, unit)
    if factor:
        return f"{(value / factor).quantize(Decimal('0.01'), ROUND_HALF_UP):,}"
    return f"{value.normalize():,f}"


def large_unit(value: Figure, unit: Unit) -> str:
    """The unit beside :func:`number`."""
    factor = _factor(value, unit)
    area = unit.form is Form.AREA
    if factor == 10**8:
        return _("100 million m²") if area else _("100 million yuan")
    if factor == 10**4:
        return _("10,000 m²") if area else _("10,000 yuan")
    if factor == 10**6:
        return _("million m²") if area else _("million yuan")
    return str(unit.label)


def _factor(value: Figure, unit: Unit) -> int:
    """What an area or a sum of money is divided by to be read: millions, or 万 and 亿."""
    if isinstance(value, str) or unit.form not in (Form.AREA, Form.MONEY):
        return 0
    steps = (10**6,) if get_language() == "en" else (10**8, 10**4)
    return next((step for step in steps if abs(value) >= step), 0)


def counted(line: Line) -> str:
    """The counted figure, or that the persons are too few to be shown."""
    if line.too_few:
        return _("fewer than %(least)d, or merged") % {"least": LEAST_CELL}
    return figure(line.counted, line.definition.unit)


def printed(value: Printed, unit: Unit) -> str:
    """The report's figure, as vague as the report is."""
    if value.floor:
        words = {"number": number(value.figure, unit), "unit": large_unit(value.figure, unit)}
        return _("%(number)s or more %(unit)s") % words
    text = figure(value.figure, unit)
    return _("about %(figure)s") % {"figure": text} if value.about else text


def said(line: Line) -> str:
    """The report's figure of a line; empty where there is none."""
    return printed(line.reported.printed, line.definition.unit) if line.reported else ""


class Row(NamedTuple):
    """A line as it is read: on the page and in the document alike. ``counted`` is ``number`` and ``unit`` in one."""

    line: Line
    title: str
    text: str
    counted: str
    number: str
    unit: str
    said: str
    verdict: str
    explanation: str
    quote: str


class Table(NamedTuple):
    code: str
    title: str
    rows: list[Row]


def row(line: Line) -> Row:
    title, value, unit = str(line.definition.title), line.counted, line.definition.unit
    return Row(
        line,
        _("%(figure)s (printed again)") % {"figure": title} if line.definition.repeats else title,
        str(line.definition.text),
        counted(line),
        MISSING if value is None else number(value, unit),
        "" if value is None else large_unit(value, unit),
        said(line),
        verdict_title(line.verdict) if line.verdict else "",
        str(line.explanation),
        line.reported.quote if line.reported else "",
    )


def tables(found: Overview) -> list[Table]:
    """The whole overview in words, section by section."""
    return [Table(part.code, str(part.title), [row(line) for line in part.lines]) for part in found.parts]


def headings(found: Overview) -> list[str]:
    """The headings of the columns."""
    own = [_("Figure"), _("Counted")]
    return [*own, _("Report of 2021"), _("Verdict")] if found.compares else own


def facts(found: Overview) -> list[tuple[str, str]]:
    """What a file says of itself."""
    rows = [(_("Place"), found.region.name), (_("As of"), found.day.isoformat())]
    if found.compares:
        rows.append(
            (_("Report"), _("The 2021 report of the city's property management research group, 18 November 2021"))
        )
        rows += [(verdict_title(one), str(count)) for one, count in found.verdicts.items()]
    if not found.exact:
        rows.append(
            (
                _("Persons"),
                _("As of the last full quarter; groups under %(least)d are not shown.") % {"least": LEAST_CELL},
            )
        )
    return rows
