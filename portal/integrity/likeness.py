"""What makes two rows look like one thing: names that read the same, and what else must agree."""

from dataclasses import dataclass, field

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower
from django.utils.functional import Promise

SIGNS = r"""[][[:space:][:punct:]（）()【】《》〈〉“”‘’·•、，。：；—–－_]"""
"""Signs that tell no two names apart."""


class Normal(Func):
    """A text in its compatibility form: full-width signs become plain ones."""

    function = "normalize"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = TextField()


def _without(expression, pattern: str) -> Func:
    everywhere = Value("g")
    return Func(expression, Value(pattern), Value(""), everywhere, function="regexp_replace", output_field=TextField())


def plain_name(endings: str = "", column: str = "name") -> Func:
    """A name without signs, width and letter case; ``endings`` (a regular expression) is cut off its end."""
    name = _without(Lower(Normal(F(column))), SIGNS)
    return _without(name, f"({endings})$") if endings else name


@dataclass(frozen=True)
class Likeness:
    """Rows are alike where ``name`` (an expression) and the columns ``alike`` agree. ``among`` are the rows that can be judged."""

    why: str | Promise
    name: Func
    alike: tuple[str, ...] = ()
    among: Q = field(default_factory=Q)

    def keyed(self, rows: QuerySet) -> QuerySet:
        """The rows that can be judged, with ``likeness``, the text by which they are compared."""
        return rows.filter(self.among).annotate(likeness=self.name)

    def with_twin(self, rows: QuerySet) -> QuerySet:
        """Those of ``rows`` that are like another of ``rows``, with ``likeness``."""
        same = {column: OuterRef(column) for column in self.alike}
        twins = self.keyed(rows).filter(**same, likeness=OuterRef("likeness")).exclude(pk=OuterRef("pk"))
        return self.keyed(rows).filter(Exists(twins))

    def group(self, row) -> tuple:
        """What a row of :meth:`with_twin` has in common with its twins."""
        return (row.likeness, *(getattr(row, column) for column in self.alike))
