"""Pure rules of the ground floor: the half month, identity card numbers, waiting between attempts."""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_ID = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])-H(?P<half>[12])")

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_id_number(text: str) -> bool:
    """Whether ``text`` is a citizen identity number: 17 digits and a check sign (GB 11643-1999; ``X`` is ten)."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text, re.ASCII):
        return False
    total = sum(int(sign) * weight for sign, weight in zip(text, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[17]


@dataclass(frozen=True, order=True)
class HalfMonth:
    """Half a calendar month in Asia/Shanghai: half 1 is days 1-15, half 2 is day 16 to the month's end.

    The span is half-open, ``[start, end)``. The id is ``2021-10-H2``. Source: ranking policy, "Period".
    """

    year: int
    month: int
    half: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The half month with the id ``text``.

        Raises:
            ValueError: the text is not an id such as ``2021-10-H2``.
        """
        found = _ID.fullmatch(text)
        if not found or int(found["year"]) < 1900:
            raise ValueError(text)
        return cls(int(found["year"]), int(found["month"]), int(found["half"]))

    @classmethod
    def containing(cls, moment: datetime) -> Self:
        """The half month in which an aware ``moment`` falls by the clock of Shanghai."""
        local = moment.astimezone(CHINA)
        return cls(local.year, local.month, 1 if local.day <= 15 else 2)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-H{self.half}"

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1 if self.half == 1 else 16, tzinfo=CHINA)

    @property
    def end(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return self.shift(1).start

    @property
    def first_day(self) -> int:
        return 1 if self.half == 1 else 16

    @property
    def last_day(self) -> int:
        return 15 if self.half == 1 else calendar.monthrange(self.year, self.month)[1]

    def shift(self, count: int) -> Self:
        """The half month ``count`` later (earlier where negative)."""
        months, half = divmod((self.year * 12 + self.month - 1) * 2 + self.half - 1 + count, 2)
        return type(self)(months // 12, months % 12 + 1, half + 1)


_RETRY_AFTER_MINUTES = (1, 3, 9, 27, 81, 243, 360, 360, 360)


def wait_before_retry(attempts: int) -> timedelta | None:
    """How long to wait after ``attempts`` (1 or more) failed ones: three times as long each time, at most 6 hours; ``None``:
    give up, a day after the first. Assumption: a receiver that is down for a day is a matter for people.
    """
    if attempts > len(_RETRY_AFTER_MINUTES):
        return None
    return timedelta(minutes=_RETRY_AFTER_MINUTES[attempts - 1])
