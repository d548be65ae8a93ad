"""What a figure of the overview is: its words, its unit, how it is counted, and what is to be known of the report's own."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from evaluations.overview.counting import Records
from evaluations.overview.people import TooFew
from evaluations.overview.rules import Figure
from portal.models import Region

Text = str | Promise
Counted = Figure | int | TooFew | None


class Form(StrEnum):
    """How a figure is written."""

    NUMBER = "number"
    AREA = "area"
    MONEY = "money"
    SHARE = "share"
    YEAR = "year"
    TEXT = "text"


class Unit(NamedTuple):
    label: Text
    form: Form = Form.NUMBER


AREA, YUAN = Unit(pgettext_lazy("unit", "m²"), Form.AREA), Unit(pgettext_lazy("unit", "yuan"), Form.MONEY)
PERCENT, POINTS = Unit("%", Form.SHARE), Unit(pgettext_lazy("unit", "points"), Form.SHARE)
YEAR, TEXT = Unit("", Form.YEAR), Unit("", Form.TEXT)
ENTERPRISES, PERSONS = Unit(pgettext_lazy("unit", "enterprises")), Unit(pgettext_lazy("unit", "persons"))
PROJECTS, NEIGHBOURHOODS, HOUSEHOLDS = (
    Unit(pgettext_lazy("unit", "projects")),
    Unit(pgettext_lazy("unit", "neighbourhoods")),
    Unit(pgettext_lazy("unit", "households")),
)
KINDS, YEARS, ORGANISATIONS = (
    Unit(pgettext_lazy("unit", "kinds")),
    Unit(pgettext_lazy("unit", "years")),
    Unit(pgettext_lazy("unit", "organisations")),
)

CITY, DISTRICT = (Region.Level.CITY,), (Region.Level.CITY, Region.Level.DISTRICT)
PLACES = tuple(Region.Level)


@dataclass(frozen=True)
class Definition:
    """One figure. Without ``count`` it is not derivable, and ``text`` says why.

    ``levels``: the places for which it is counted. ``note``: what readers of the report should know about its figure.
    ``contradiction``: how the report contradicts itself; ``reconciled`` is then what the records must give for that
    explanation to hold (``None``: anything). ``repeats``: the key of the same figure, which the report prints again here.
    """

    key: str
    title: Text
    text: Text
    unit: Unit = TEXT
    count: Callable[[Records], Counted] | None = None
    levels: tuple[Region.Level, ...] = PLACES
    note: Text = ""
    contradiction: Text = ""
    reconciled: int | None = None
    repeats: str = ""


class Section(NamedTuple):
    code: str
    title: Text
    definitions: tuple[Definition, ...]
