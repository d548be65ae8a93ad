"""Tags and filters of the pages: icons, place names, periods and numbers."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from html import escape

from django import template
from django.conf import settings
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.dated import last_day
from portal.names import romanised
from portal.rules import HalfMonth

register = template.Library()
ICONS = settings.BASE_DIR / "node_modules/@tabler/icons/icons"
MISSING = "—"


@register.simple_tag
def icon(name: str, css: str = "") -> str:
    """A Tabler icon inline, decorative: the word beside it says the same."""
    return mark_safe(_svg(name).replace('class="icon"', f'class="icon {css}"' if css else 'class="icon"'))


@cache
def _svg(name: str) -> str:
    style, stem = ("filled", name.removeprefix("filled-")) if name.startswith("filled-") else ("outline", name)
    source = (ICONS / style / f"{stem}.svg").read_text()
    shapes = "".join(re.findall(r"<(?:path|circle|rect|line|ellipse|polyline|polygon)\b[^>]*/>", source))
    paint = (
        'fill="currentColor"'
        if style == "filled"
        else 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<svg class="icon" width="20" height="20" viewBox="0 0 24 24" {paint} aria-hidden="true">{shapes}</svg>'


@register.filter
def place(name: str) -> str:
    """A name of a place, body or person in the page's language: as written, or in Latin letters."""
    return romanised(name) if name and get_language() == "en" else name


@register.filter
def place_of(row) -> str:
    """What a row is called, in the page's language."""
    return place(str(row))


def keeps_together(text: str) -> bool:
    """Whether a cell stays on one line: codes, days and other short signs, but not names."""
    return len(text) <= 24 and text.isascii() and " " not in text


@register.filter
def days(span) -> str:
    """A span of days with its last day: 2017-10-01 – 2018-09-30; an open end is "still"."""
    first = span.lower.isoformat() if span.lower else _("before the record")
    end = last_day(span)
    return f"{first} – {end.isoformat() if end else _('still')}"


@register.filter
def ten_thousands(yuan) -> str:
    """Money in 万元, two decimals."""
    return MISSING if yuan is None else decimals(Decimal(yuan) / 10_000)


@register.filter
def period(value: HalfMonth | str) -> str:
    """2021年10月下半月, or ``16–31 October 2021``."""
    half_month = value if isinstance(value, HalfMonth) else HalfMonth.parse(value)
    if get_language() == "en":
        return f"{half_month.first_day}–{half_month.last_day} {date_format(half_month.start, 'F Y')}"
    return f"{half_month.year}年{half_month.month}月{'上' if half_month.half == 1 else '下'}半月"


@register.filter
def period_short(value: HalfMonth | str) -> str:
    """10月下, or ``Oct 16–31``."""
    half_month = value if isinstance(value, HalfMonth) else HalfMonth.parse(value)
    if get_language() == "en":
        return f"{date_format(half_month.start, 'M')} {half_month.first_day}–{half_month.last_day}"
    return f"{half_month.month}月{'上' if half_month.half == 1 else '下'}"


@register.filter
def number(value) -> str:
    """A count with thousands separators; missing is a dash, zero is 0."""
    return MISSING if value is None else f"{value:,}"


@register.filter
def decimals(value, places: int = 2) -> str:
    """A number rounded half up to so many decimals."""
    if value is None:
        return MISSING
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


@register.filter
def plain(value) -> str:
    """A number in its shortest decimal form, as one types it into a calculator: 27.9000 gives 27.9."""
    return MISSING if value is None else f"{Decimal(value).normalize():f}"


@register.filter
def area(square_metres) -> str:
    """A floor area in large units: 3.86 亿㎡, 5,995.8 万㎡, or ``59.96 million m²``."""
    if square_metres is None:
        return MISSING
    if get_language() == "en":
        return f"{decimals(Decimal(square_metres) / 10**6)} million m²"
    if square_metres >= 10**8:
        return f"{decimals(Decimal(square_metres) / 10**8)} 亿㎡"
    return f"{decimals(Decimal(square_metres) / 10**4, 1)} 万㎡"


@register.filter
def percent(value: tuple | None, places: int = 1) -> str:
    """A rate from ``(numerator, denominator)`` in percent, rounded half up once."""
    if value is None or not value[1]:
        return MISSING
    numerator, denominator = (Decimal(part) for part in value)
    unit = Decimal(1).scaleb(-places)
    return f"{(numerator * 100 / denominator).quantize(unit, ROUND_HALF_UP)}"


@register.filter
def moment(value) -> str:
    """11-12 15:20, by the clock of Shanghai."""
    return MISSING if value is None else f"{localtime(value):%m-%d %H:%M}"


@register.filter
def full_moment(value) -> str:
    """2021-11-12 15:20, by the clock of Shanghai."""
    return MISSING if value is None else f"{localtime(value):%Y-%m-%d %H:%M}"


@register.filter
def span(value) -> str:
    """A duration in its two largest units: 3 d 7 h, 12 h 26 min, 5 min."""
    if value is None:
        return MISSING
    days, minutes = divmod(int(abs(value).total_seconds() // 60), 1440)
    hours, minutes = divmod(minutes, 60)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d min") % {"minutes": minutes}


@register.filter
def absolute(value: int) -> int:
    return abs(value)


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """The page's query string with some parameters changed; an empty value removes one."""
    parameters = dict(context["request"].GET.lists())
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = [value]
    return f"?{urlencode(parameters, doseq=True)}"


@register.simple_tag
def other_language() -> dict:
    """The language that the switch offers: its code and its own name."""
    return (
        {"code": "zh-hans", "name": "中文", "lang": "zh-CN"}
        if get_language() == "en"
        else {"code": "en", "name": "English", "lang": "en"}
    )


@register.filter
def city_name(profile) -> str:
    if profile is None or not profile:
        return _("City")
    return (profile.name_en or romanised(profile.region.name)) if get_language() == "en" else profile.region.name


@register.filter
def bureau_name(profile) -> str:
    if profile is None or not profile:
        return ""
    return (profile.bureau_en or profile.bureau) if get_language() == "en" else profile.bureau


@register.simple_tag
def list_cells(address: str, cells: list[tuple[str, bool]]) -> str:
    """The cells of one row of a list, the first a link to ``address``. A tag, because a page has some hundred of them; and
    everything is escaped as plain text, because nothing in a register is markup.
    """
    (first, _numeric), *others = cells
    nowrap = " text-nowrap" if keeps_together(first) else ""
    link = f'<a class="text-body fw-bold{nowrap}" href="{escape(address)}">{escape(first) or MISSING}</a>'
    rest = [f"<td{_cell_class(text, numeric)}>{escape(text) or MISSING}</td>" for text, numeric in others]
    return mark_safe(f'<td class="td-main">{link}</td>{"".join(rest)}')


def _cell_class(text: str, numeric: bool) -> str:
    return ' class="num"' if numeric else ' class="text-nowrap"' if keeps_together(text) else ""
