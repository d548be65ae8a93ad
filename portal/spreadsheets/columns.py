"""A column of a spreadsheet: how its header may read, what its cells mean, how they are written and explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.spreadsheets.cells import Reader, folded


class Form(StrEnum):
    """How a cell is formatted."""

    TEXT = "text"  # codes too: a number with leading zeros stays what it is
    LONG_TEXT = "long_text"
    WHOLE = "whole"
    YEAR = "year"
    DECIMAL = "decimal"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """``name`` is the English identifier, ``title`` the header we write, ``titles`` every other header that means it.

    ``words`` are the allowed words of a list in the order of the drop-down. A column with ``read`` of ``None`` is written for
    people and ignored when it comes back.
    """

    name: str
    title: str
    read: Reader | None
    titles: Sequence[str] = ()
    form: Form = Form.TEXT
    required: bool = False
    places: int = 0
    help: str = ""
    format: str = ""
    words: Sequence[str] = ()
    sample: Any = ""
    is_key: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def width(self) -> int:
        """Width in characters of half width."""
        title = sum(2 if ord(sign) > 0x2E80 else 1 for sign in self.title) + 3
        least = {Form.TEXT: 14, Form.LONG_TEXT: 40, Form.DAY: 12, Form.MOMENT: 17}.get(self.form, 10)
        return min(60, max(title, least))


def letters(index: int) -> str:
    """The letters over a column, counted from 0: 0 is A, 26 is AA."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(65 + rest) + found
    return found


def by_header(columns: Sequence[Column]) -> dict[str, Column]:
    """Every header that means one of ``columns``, folded."""
    found: dict[str, Column] = {}
    for column in columns:
        for title in (column.name, column.title, *column.titles):
            found.setdefault(folded(title), column)
    return found
