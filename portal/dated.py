"""Facts with a beginning and an end: one in force at a time, and the past stays readable.

A span of days is a ``DateRangeField`` named ``valid``: its first day counts, its upper bound is the first day after, an
open end means "still". People read and write the last day instead (see :func:`last_day`).
"""

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from portal.models import ScopedQuerySet

ONE_DAY = timedelta(days=1)


class SpanQuerySet(ScopedQuerySet):
    """Rows in force over the span ``valid``."""

    def current(self):
        """Those that have no end yet."""
        return self.filter(valid__upper_inf=True)

    def on(self, day: date):
        """Those in force on ``day``."""
        return self.filter(valid__contains=day)


def no_overlap(name: str, *columns: str, condition: Q | None = None) -> ExclusionConstraint:
    """No two rows that agree in ``columns`` (whole numbers, such as ``estate_id``; an empty one counts as 0) may be in force on the same day.

    The columns are resolved by the fields' names, because only those are replaced by the row's values when a form is checked.
    ``int8range`` stands for equality, because PostgreSQL from the wheel has no ``btree_gist``.
    """

    def number(column: str) -> Func:
        value = Coalesce(F(column.removesuffix("_id")), models.Value(0), output_field=models.BigIntegerField())
        return Func(value, value, models.Value("[]"), function="int8range")

    expressions = [(number(column), RangeOperators.EQUAL) for column in columns]
    return ExclusionConstraint(
        name=name,
        expressions=[*expressions, ("valid", RangeOperators.OVERLAPS)],
        condition=condition,
        violation_error_message=_("Another record is in force on some of these days: end that one first."),
    )


def span_not_empty(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(valid__isempty=False),
        violation_error_message=_("The last day is before the first day."),
    )


def last_day(span) -> date | None:
    """The last day of a span, which is what people call its end; ``None`` while it is open."""
    return span.upper - ONE_DAY if span is not None and span.upper is not None else None


def day_after(day: date | None) -> date | None:
    """The upper bound of a span that people say ends on ``day``."""
    return day + ONE_DAY if day is not None else None
