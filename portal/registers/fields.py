"""What a register's row is made of: one :class:`RegisterField` per value that people enter, exchange and read.

A list, a form, a workbook and the API of a register all walk the same fields, so they cannot disagree about a row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Case, Exists, Expression, Q, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.dated import last_day
from portal.persons import AbstractPerson, masked_phone


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    PHONE = "phone"
    ID_NUMBER = "id_number"  # written, never read: only its hash is kept
    WHOLE = "whole"
    DECIMAL = "decimal"
    DATE = "date"
    MOMENT = "moment"
    TRUTH = "truth"
    CHOICE = "choice"
    CHOICES = "choices"
    REFERENCE = "reference"
    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"


@dataclass(frozen=True)
class RegisterField:
    """One value of a row. ``name`` is its English identifier, ``source`` the model field behind it (none for an ID number)."""

    name: str
    kind: Kind
    title: str | Promise
    required: bool
    help: str | Promise
    source: models.Field | None = None

    @property
    def choices(self) -> list[tuple[str, str | Promise]]:
        """Values and labels of a choice; empty for other kinds."""
        if self.kind is Kind.CHOICE:
            return [pair for pair in self.source.choices if pair[0] != ""]
        return list(self.source.base_field.choices) if self.kind is Kind.CHOICES else []

    @property
    def target(self) -> type[models.Model]:
        """The model that a reference refers to."""
        return self.source.remote_field.model

    @property
    def target_code(self) -> str:
        """The target's field that a reference is written as."""
        return code_field(self.target)

    @property
    def numeric(self) -> bool:
        return self.kind in (Kind.WHOLE, Kind.DECIMAL)

    def value(self, row: models.Model) -> Any:
        """The value as the API gives it: codes of references, days of spans, masked telephone numbers, ``None`` for unknown."""
        if self.kind is Kind.ID_NUMBER:
            return None
        value = getattr(row, self.source.name)
        match self.kind:
            case Kind.REFERENCE:
                return getattr(value, self.target_code) if value is not None else None
            case Kind.FIRST_DAY:
                return value.lower if value is not None else None
            case Kind.LAST_DAY:
                return last_day(value)
            case Kind.PHONE:
                return masked_phone(value)
        return value

    def text(self, row: models.Model) -> str:
        """The value as a person reads it; empty for unknown."""
        if self.kind is Kind.REFERENCE:
            target = getattr(row, self.source.name)
            return str(target) if target is not None else ""
        return self.text_of(self.value(row))

    def text_of(self, value: Any) -> str:
        """How a value of this field reads, as :meth:`value` gives it."""
        if value is None or value == "":
            return ""
        match self.kind:
            case Kind.TRUTH:
                return _("yes") if value else _("no")
            case Kind.CHOICE:
                return str(dict(self.choices).get(value, value))
            case Kind.CHOICES:
                labels = dict(self.choices)
                return "、".join(str(labels.get(one, one)) for one in value)
        if isinstance(value, datetime):
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return f"{value:,.0f}" if value >= 1000 and value == value.to_integral_value() else f"{value:,f}"
        return str(value)


@dataclass(frozen=True)
class Computed:
    """A column of a list that is no field of the row: where it lies, who serves it. Shown only; not exchanged."""

    name: str
    title: str | Promise
    read: Callable[[models.Model], str]
    order_by: tuple[str, ...] = ()
    numeric: bool = False
    kind: None = None

    def text(self, row: models.Model) -> str:
        return self.read(row)


@dataclass(frozen=True)
class ComputedFacet:
    """A facet that is no field of the row: an expression over the rows, and the labels of its values."""

    name: str
    title: str | Promise
    expression: Callable[[], Expression]
    labels: tuple[tuple[str, str | Promise], ...]

    @classmethod
    def yes_no(
        cls,
        name: str,
        title: str | Promise,
        condition: Callable[[], Q | Exists],
        *,
        yes: str | Promise,
        no: str | Promise,
    ) -> "ComputedFacet":
        """A facet that tells the rows that fulfil a condition (``yes``) from the others (``no``)."""
        return cls(
            name,
            title,
            lambda: Case(When(condition(), then=Value("yes")), default=Value("no")),
            (("yes", yes), ("no", no)),
        )


@cache
def code_field(model: type[models.Model]) -> str:
    """The field by which others refer to a row of ``model``."""
    names = {field.name for field in model._meta.get_fields()}
    return next(
        name for name in ("code", "uscc", "number", "username", "document", "pk") if name in names or name == "pk"
    )


def fields_of(model: type[models.Model], names: tuple[str, ...]) -> Iterator[RegisterField]:
    """The register fields that the model's fields ``names`` stand for; a span of days is two."""
    for name in names:
        if name == "id_number" and issubclass(model, AbstractPerson):
            yield RegisterField(
                name, Kind.ID_NUMBER, gettext_lazy("identity card number"), False,
                gettext_lazy("18 signs. Only a keyed hash of it is kept; it is never shown again."),
            )  # fmt: skip
            continue
        field = model._meta.get_field(name)
        if isinstance(field, DateRangeField):
            title = field.verbose_name
            yield RegisterField(
                f"{name}_from", Kind.FIRST_DAY, format_lazy(gettext_lazy("{what}, from"), what=title), False,
                field.help_text or gettext_lazy("The first day. Empty: since before the record."), field,
            )  # fmt: skip
            yield RegisterField(
                f"{name}_to", Kind.LAST_DAY, format_lazy(gettext_lazy("{what}, to"), what=title), False,
                field.help_text or gettext_lazy("The last day. Empty: still."), field,
            )  # fmt: skip
            continue
        yield RegisterField(name, _kind(field), field.verbose_name, _required(field), field.help_text, field)


def _required(field: models.Field) -> bool:
    return not field.blank and not field.null and not field.has_default()


def _kind(field: models.Field) -> Kind:
    if field.is_relation:
        return Kind.REFERENCE
    if field.name == "phone":
        return Kind.PHONE
    if field.choices:
        return Kind.CHOICE
    if isinstance(field, ArrayField) and field.base_field.choices:
        return Kind.CHOICES
    kinds = (
        (models.BooleanField, Kind.TRUTH),
        (models.DateTimeField, Kind.MOMENT),
        (models.DateField, Kind.DATE),
        (models.DecimalField, Kind.DECIMAL),
        (models.IntegerField, Kind.WHOLE),
        (models.TextField, Kind.LONG_TEXT),
    )
    return next((kind for model_field, kind in kinds if isinstance(field, model_field)), Kind.TEXT)
