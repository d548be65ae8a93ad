"""Lists of registers: columns to sort by, facets with counts, chips of what is applied. One query counts every facet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.functional import Promise

ROWS = 25
"""Rows on a page of a register."""


@dataclass(frozen=True)
class Column:
    """A column of a list; ``order_by`` are the lookups that sort by it, none where it cannot be sorted by."""

    key: str
    title: str | Promise
    order_by: tuple[str, ...] = ()
    numeric: bool = False


@dataclass(frozen=True)
class Heading:
    """A column as its header shows it. ``target`` is the ``sort`` value behind its link."""

    column: Column
    aria_sort: str
    target: str


def sorting(columns: Sequence[Column], wanted: str) -> tuple[list[Heading], list[str | OrderBy]]:
    """Headings, and the lookups to order by, for ``?sort=key`` or ``?sort=-key``; an unknown key is the first column.

    Columns of which none sorts give no lookups.
    """
    by_key = {column.key: column for column in columns if column.order_by}
    descending, key = wanted.startswith("-"), wanted.removeprefix("-")
    if key not in by_key:
        descending, key = False, next(iter(by_key), "")
    headings = []
    for column in columns:
        if not column.order_by:
            headings.append(Heading(column, "", ""))
        elif column.key == key:
            aria, target = ("descending", key) if descending else ("ascending", f"-{key}")
            headings.append(Heading(column, aria, target))
        else:
            headings.append(Heading(column, "none", column.key))
    if not by_key:
        return headings, []
    chosen = by_key[key]
    order: list[str | OrderBy] = (
        [_reversed(lookup) for lookup in chosen.order_by] if descending else list(chosen.order_by)
    )
    if descending and chosen.numeric:
        order[0] = F(chosen.order_by[0]).desc(nulls_last=True)  # unknown is not the largest
    return headings, order


def _reversed(lookup: str) -> str:
    return lookup[1:] if lookup.startswith("-") else f"-{lookup}"


@dataclass(frozen=True)
class Option:
    value: str
    label: str | Promise
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    title: str | Promise
    options: list[Option]
    total: int
    """Rows when nothing is chosen here."""

    @property
    def chosen(self) -> Option | None:
        return next((option for option in self.options if option.is_chosen), None)


@dataclass(frozen=True)
class Chip:
    """Something that is applied to the list now; ``target`` is the query string without it."""

    label: str | Promise
    target: str


def chips(parameters: QueryDict, facets: Iterable[Facet]) -> list[Chip]:
    """What is applied: the search text and the chosen options."""
    applied = [("q", f"“{parameters['q']}”")] if parameters.get("q") else []
    applied += [(facet.name, facet.chosen.label) for facet in facets if facet.chosen]
    found = []
    for name, label in applied:
        rest = parameters.copy()
        rest.pop(name, None)
        rest.pop("page", None)
        found.append(Chip(label, f"?{rest.urlencode()}"))
    return found


class Cube:
    """Counts of rows by a few columns, from one ``GROUP BY``: each facet's counts under the choices of all the others."""

    def __init__(self, names: Sequence[str], cells: Iterable[tuple], chosen: Mapping[str, str]) -> None:
        self.names = list(names)
        self.cells = [(tuple(str(value) for value in cell[:-1]), cell[-1]) for cell in cells]
        self.chosen = {name: chosen[name] for name in self.names if chosen.get(name)}

    @property
    def total(self) -> int:
        """Rows under all choices."""
        return sum(count for _values, count in self._under(self.chosen))

    def facet(self, name: str, title: str | Promise, labels: Iterable[tuple[str, str | Promise]]) -> Facet:
        """The facet ``name`` with its options in the order of ``labels``; an option without rows is left out unless chosen."""
        place, others = self.names.index(name), {key: value for key, value in self.chosen.items() if key != name}
        counts: Counter[str] = Counter()
        for values, count in self._under(others):
            counts[values[place]] += count
        chosen = self.chosen.get(name, "")
        options = [
            Option(value, label, counts[value], value == chosen)
            for value, label in labels
            if counts[value] or value == chosen
        ]
        return Facet(name, title, options, sum(counts.values()))

    def _under(self, choices: Mapping[str, str]) -> list[tuple[tuple[str, ...], int]]:
        wanted = [(self.names.index(name), value) for name, value in choices.items()]
        return [cell for cell in self.cells if all(cell[0][place] == value for place, value in wanted)]
