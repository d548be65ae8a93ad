"""What a cell means. Each function makes a reader for one kind of value: raw cell in, value out, ``None`` for an empty cell.

A raw cell is what a workbook or a CSV file gives: text, number, truth, day, moment. Readers raise :class:`BadCell` with the
reason in the person's language. They forgive how things are written (full-width signs, stray spaces, ``2021年3月5日``,
Excel's serial days) and never guess what was meant.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from portal.rules import CHINA

Reader = Callable[[Any], Any]

_UNSEEN = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD, *range(32), 0x7F])
for _kept in (0x09, 0x0A):
    del _UNSEEN[_kept]
_UNSEEN[0xA0] = " "
_EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's 1900 system for every serial after its invented 29 February 1900."""
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 73_415
"""18 May 1927 to 31 December 2100. Smaller numbers are rather years or counts than days."""
_EXACT = 10**15
"""Excel keeps fifteen digits of a number."""
_DAY = re.compile(r"([0-9]{4})([年/.-])([0-9]{1,2})([月/.-])([0-9]{1,2})(日|号)?")
_MONTH = re.compile(r"[0-9]{4}(年[0-9]{1,2}月?|[/.-][0-9]{1,2}|年)?")
_CLOCK = re.compile(
    r"([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:\.[0-9]+)?秒?|分)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DASHES = str.maketrans("−–—﹣", "----")
_SEPARATORS = re.compile(r"[、,;|\n/]")
_TRUTHS = {
    **dict.fromkeys(("是", "有", "对", "真", "true", "yes", "y", "t", "1", "√", "✓", "☑"), True),
    **dict.fromkeys(("否", "无", "没有", "不是", "错", "假", "false", "no", "n", "f", "0", "×", "x", "☐"), False),
}


class BadCell(ValueError):
    """A cell that does not say a value of its column. The argument is the reason, in the person's language."""

    @property
    def reason(self) -> str:
        return self.args[0]


def is_empty(value: Any) -> bool:
    """Whether nobody would see anything in the cell."""
    return value is None or value == "" or (isinstance(value, str) and not trimmed(value))


def trimmed(value: str) -> str:
    """Without unseen signs and without space at both ends, ideographic space included."""
    return (value if value.isascii() and value.isprintable() else value.translate(_UNSEEN)).strip()


def half_width(value: str) -> str:
    """Digits, letters and signs in half width, without any space: how codes and numbers are compared."""
    return "".join(unicodedata.normalize("NFKC", value.translate(_UNSEEN)).split())


def _in_one_line(value: str) -> str:
    """Half width with single spaces, none beside the signs of a date."""
    written = " ".join(unicodedata.normalize("NFKC", value.translate(_UNSEEN)).translate(_DASHES).split())
    return re.sub(r" ?([年月/.-]) ?", r"\1", written)


def folded(value: str) -> str:
    """How titles and words of a list are compared: width, case, space and the marks of required columns do not count."""
    return re.sub(r"[*＊:：]", "", half_width(value)).casefold()


def shown(value: Any) -> str:
    """A raw cell as a message or a page quotes it, at most 60 signs."""
    return as_text(value)[:60] if value is not None else ""


def as_text(value: Any) -> str:
    """A raw cell as text: whole numbers without a fraction, days as 2021-03-05."""
    if isinstance(value, str):
        return trimmed(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**20 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "minutes")
    return "" if value is None else str(value)


def text(longest: int) -> Reader:
    """Text of at most so many characters; punctuation and inner space stay as they are."""

    def read(value: Any) -> str | None:
        if type(value) is not str:
            value = as_text(value)
        elif not (value.isascii() and value.isprintable()):
            value = value.translate(_UNSEEN)
        value = value.strip()
        if len(value) > longest:
            raise BadCell(
                _("Longer than %(longest)d characters (%(found)d).") % {"longest": longest, "found": len(value)}
            )
        return value or None

    return read


def code(longest: int, *, upper: bool = False) -> Reader:
    """A code, number or telephone number: half width, no space; with ``upper``, capital letters."""

    def read(value: Any) -> str | None:
        if type(value) is str:
            found = value if value.isascii() and value.isalnum() else half_width(value).translate(_DASHES)
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT:
            raise BadCell(_("Excel kept only 15 digits of this number. Format the column as text and enter it again."))
        else:
            found = as_text(value)
        if len(found) > longest:
            raise BadCell(
                _("Longer than %(longest)d characters (%(found)d).") % {"longest": longest, "found": len(found)}
            )
        return (found.upper() if upper else found) or None

    return read


def decimal(digits: int, places: int, lowest: Decimal | None = None, highest: Decimal | None = None) -> Reader:
    """A number of at most ``digits`` digits, ``places`` of them after the point."""
    unit = Decimal(1).scaleb(-places)
    limit = Decimal(10) ** (digits - places)

    def read(value: Any) -> Decimal | None:
        number = _number(value)
        if number is None:
            return None
        if abs(number) >= limit:
            raise BadCell(_("“%(value)s” is too large.") % {"value": shown(value)})
        exact = number.quantize(unit)
        if exact != number:
            raise BadCell(
                _("“%(value)s” has more than %(places)d decimal places.") % {"value": shown(value), "places": places}
            )
        _within(exact, lowest, highest)
        return exact

    return read


def whole(lowest: int | None = None, highest: int | None = None) -> Reader:
    """A whole number within bounds, thousands separators or not."""

    def read(value: Any) -> int | None:
        if type(value) is float and value.is_integer() and abs(value) < _EXACT:
            found = int(value)
        else:
            number = _number(value)
            if number is None:
                return None
            if abs(number) >= _EXACT:
                raise BadCell(_("“%(value)s” is too large.") % {"value": shown(value)})
            if number != number.to_integral_value():
                raise BadCell(_("“%(value)s” is not a whole number.") % {"value": shown(value)})
            found = int(number)
        _within(found, lowest, highest)
        return found

    return read


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool | date | time | timedelta):
        raise BadCell(_("“%(value)s” is not a number. Format the column as a number.") % {"value": shown(value)})
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, float):
        written = f"{value:.15g}"  # the digits that Excel shows, not those of the binary fraction
    else:
        written = half_width(value or "").translate(_DASHES)
        if not written:
            return None
        if _GROUPED.fullmatch(written):
            written = written.replace(",", "")
        if not _PLAIN.fullmatch(written):
            raise BadCell(_("“%(value)s” is not a number: digits only, without a unit.") % {"value": shown(value)})
    try:
        number = Decimal(written)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadCell(_("“%(value)s” is not a number: digits only, without a unit.") % {"value": shown(value)})
    return number


def _within(number, lowest, highest) -> None:
    if lowest is not None and number < lowest:
        raise BadCell(_("%(value)s is less than %(limit)s.") % {"value": number, "limit": lowest})
    if highest is not None and number > highest:
        raise BadCell(_("%(value)s is more than %(limit)s.") % {"value": number, "limit": highest})


def day() -> Reader:
    """A day: ``2021-3-5``, ``2021/3/5``, ``2021.3.5``, ``2021年3月5日``, ``20210305``, a date cell, an Excel serial day."""
    known: dict[Any, date] = {}  # the same few hundred days come again and again

    def read(value: Any) -> date | None:
        if type(value) is date:
            return value
        if isinstance(value, datetime):
            return value.date()
        if type(value) is str and value in known:
            return known[value]
        found = _day(value)
        if type(value) is str and found is not None and len(known) < 10_000:
            known[value] = found
        return found

    return read


def _day(value: Any) -> date | None:
    if isinstance(value, bool | time | timedelta):
        raise _no_day(value)
    if isinstance(value, int | float):
        return _day_of_number(float(value), value)
    written = _in_one_line(value or "")
    if not written:
        return None
    if written.isdigit() and written.isascii():
        if len(written) == 8:
            return _calendar_day(written[:4], written[4:6], written[6:], value)
        return _day_of_number(float(written[:12]), value)
    found = _DAY.match(written)
    if found and _rest_is_midnight(written[found.end() :]) and (found[2] == "年") == (found[4] == "月"):
        return _calendar_day(found[1], found[3], found[5], value)
    if _MONTH.fullmatch(written):
        raise BadCell(_("“%(value)s” does not say the day. Write it as 2021-03-05.") % {"value": shown(value)})
    raise _no_day(value)


def _rest_is_midnight(rest: str) -> bool:
    return not rest or bool(re.fullmatch(r"[T ]?0{1,2}(:00){1,2}(\.0+)?", rest))


def _day_of_number(number: float, value: Any) -> date:
    if 19_000_101 <= number <= 21_001_231 and number.is_integer():
        written = str(int(number))
        return _calendar_day(written[:4], written[4:6], written[6:], value)
    if _FIRST_SERIAL <= number < _LAST_SERIAL + 1:
        return _EPOCH + timedelta(days=int(number))
    if 1900 <= number <= 2100:
        raise BadCell(_("“%(value)s” does not say the day. Write it as 2021-03-05.") % {"value": shown(value)})
    raise _no_day(value)


def _calendar_day(year: str, month: str, day_of_month: str, value: Any) -> date:
    try:
        return date(int(year), int(month), int(day_of_month))
    except ValueError as error:
        raise BadCell(_("There is no day “%(value)s” in the calendar.") % {"value": shown(value)}) from error


def _no_day(value: Any) -> BadCell:
    return BadCell(_("“%(value)s” is not a date. Write it as 2021-03-05.") % {"value": shown(value)})


def moment() -> Reader:
    """A point in time, by the clock of Shanghai unless it says another: a day as above, then ``15:20`` or ``15时20分``."""

    def read(value: Any) -> datetime | None:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=CHINA)
        if isinstance(value, date):
            return datetime.combine(value, time.min, CHINA)
        if isinstance(value, float) and _FIRST_SERIAL <= value < _LAST_SERIAL + 1:
            seconds = round(value * 86_400)
            return datetime.combine(_EPOCH, time.min, CHINA) + timedelta(seconds=seconds)
        if not isinstance(value, str):
            found = _day(value)
            return None if found is None else datetime.combine(found, time.min, CHINA)
        written = _in_one_line(value)
        if not written:
            return None
        start = _DAY.match(written)
        if not start:
            return datetime.combine(_day(value), time.min, CHINA)
        on = _calendar_day(start[1], start[3], start[5], value)
        rest = written[start.end() :].lstrip("T ").replace(" ", "")
        return datetime.combine(on, *_clock(rest, value)) if rest else datetime.combine(on, time.min, CHINA)

    return read


def _clock(written: str, value: Any) -> tuple:
    found = _CLOCK.fullmatch(written)
    try:
        if found is None:
            raise ValueError(written)
        at = time(int(found[1]), int(found[2]), int(found[3] or 0))
        zone = datetime.strptime(found[4], "%z").tzinfo if found[4] else CHINA
    except ValueError as error:
        reason = _("“%(value)s” is not a time. Write it as 2021-03-05 15:20.")
        raise BadCell(reason % {"value": shown(value)}) from error
    return at, zone


def truth() -> Reader:
    """Yes or no in Chinese, English, signs, 1 and 0."""

    def read(value: Any) -> bool | None:
        if type(value) is bool:
            return value
        found = _TRUTHS.get(value)
        if found is None:
            written = folded(as_text(value))
            if not written:
                return None
            found = _TRUTHS.get(written)
        if found is None:
            raise BadCell(_("“%(value)s” is neither yes nor no.") % {"value": shown(value)})
        return found

    return read


def choice(words: Mapping[str, str], labels: Iterable[str]) -> Reader:
    """One of a list. ``words`` maps every accepted word to its value; ``labels`` are shown where none fits."""
    by_word = {folded(word): value for word, value in words.items()}
    labels = list(labels)

    def read(value: Any) -> str | None:
        found = by_word.get(value)
        if found is not None:
            return found
        written = folded(as_text(value))
        if not written:
            return None
        found = by_word.get(written)
        if found is None:
            raise BadCell(_none_of(value, labels))
        return found

    return read


def choices(words: Mapping[str, str], labels: Iterable[str]) -> Reader:
    """Several of a list, parted by ``、`` or comma; each once, in the order of writing."""
    one = choice(words, labels)

    def read(value: Any) -> list[str] | None:
        parts = _SEPARATORS.split(unicodedata.normalize("NFKC", as_text(value)))
        found = [one(part) for part in parts if not is_empty(part)]
        return list(dict.fromkeys(found)) or None

    return read


def _none_of(value: Any, labels: list[str]) -> str:
    near = get_close_matches(as_text(value), labels, n=1, cutoff=0.5)
    if near:
        return _("“%(value)s” is not in the list. Perhaps “%(near)s”?") % {"value": shown(value), "near": near[0]}
    listed = "、".join(labels[:12]) + ("…" if len(labels) > 12 else "")
    return _("“%(value)s” is not in the list: %(listed)s.") % {"value": shown(value), "listed": listed}
