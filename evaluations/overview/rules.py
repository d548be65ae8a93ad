"""Pure rules of the overview: how a printed figure is read, and when a counted one agrees with it."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

Figure = Decimal | str
"""A number, or a day, month or sum written out (``2017-01-22``, ``2018-09``, ``3+1``)."""

_NUMBER = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<more>\+?)(?P<about> \(approx\.\))?")
_LARGE_UNIT = re.compile(r"[0-9](?:\.[0-9]+)?[万亿]")


class Verdict(StrEnum):
    """How the report's figure and the counted one stand to each other."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CONTRADICTS_ITSELF = "report_contradicts_itself"
    NOT_DERIVABLE = "not_derivable"


@dataclass(frozen=True)
class Printed:
    """A figure as a report prints it. ``floor``: "and more" (余); ``about``: 约; ``step``: the unit of its last stated digit."""

    figure: Figure
    floor: bool = False
    about: bool = False
    step: Decimal = Decimal(0)

    def agrees_with(self, counted: Figure) -> bool:
        """Whether ``counted`` is what the report prints: at least a floor, and rounded half up to the stated digits."""
        if isinstance(self.figure, str) or isinstance(counted, str):
            return self.figure == counted
        if self.floor:
            return counted >= self.figure
        if self.step:
            return (counted / self.step).quantize(Decimal(1), ROUND_HALF_UP) * self.step == self.figure
        return counted == self.figure


def read_printed(value: str, quote: str = "") -> Printed:
    """What ``value`` says, such as ``2200+`` or ``120000 (approx.)``; anything that is no number stays text.

    A figure that is about so much, or is quoted in 万 or 亿, is stated to its last digit other than zero: 3.86亿 to the million.
    """
    found = _NUMBER.fullmatch(value)
    if not found:
        return Printed(value)
    number, about = Decimal(found["number"]), bool(found["about"])
    step = Decimal(0)
    if number and (about or _LARGE_UNIT.search(quote)):
        step = Decimal(1).scaleb(int(number.normalize().as_tuple().exponent))
    return Printed(number, bool(found["more"]), about, step)


def verdict(printed: Printed, counted: Figure | None, *, contradicts_itself: bool = False) -> Verdict:
    """How ``printed`` and ``counted`` (``None``: nothing is on record) stand to each other.

    ``contradicts_itself``: the report says two things that cannot both hold, and the records show how they came about.
    """
    if contradicts_itself:
        return Verdict.CONTRADICTS_ITSELF
    return Verdict.AGREES if counted is not None and printed.agrees_with(counted) else Verdict.DIFFERS


def quarter_end(day: date) -> date:
    """The last day of the last full quarter: ``day`` itself if it ends one."""
    first_of_next = (day + timedelta(days=1)).replace(day=1)
    return first_of_next.replace(month=(first_of_next.month - 1) // 3 * 3 + 1) - timedelta(days=1)
