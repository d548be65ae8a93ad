"""The columns of a register's workbooks, made from its fields: the same for template, import and export."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import (
    DecimalValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
)
from django.db import connection, models
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.persons import masked_phone
from portal.registers import Kind, Register, RegisterField
from portal.rules import is_id_number
from portal.spreadsheets import cells
from portal.spreadsheets.cells import BadCell, Reader
from portal.spreadsheets.columns import Column, Form
from portal.spreadsheets.marking import column_of_errors

CODES = ("code", "number", "uscc", "document_no", "reference_no")
"""Text fields that are read as codes: half width, without space."""
LONGEST = 10_000
_FORMS = {
    Kind.LONG_TEXT: Form.LONG_TEXT, Kind.WHOLE: Form.WHOLE, Kind.DECIMAL: Form.DECIMAL, Kind.DATE: Form.DAY,
    Kind.FIRST_DAY: Form.DAY, Kind.LAST_DAY: Form.DAY, Kind.MOMENT: Form.MOMENT,
}  # fmt: skip


def columns_of(register: Register, user, *, export: bool = False) -> list[Column]:
    """The columns that ``user`` exchanges with the register, titles in the current language.

    An export also has the names beside the codes of references, and no identity card number; an import takes every column
    that an export has and ignores those that are for reading only.
    """
    found: list[Column] = []
    for field in register.fields_for(user):
        if export and field.kind is Kind.ID_NUMBER:
            continue
        found.append(_column(register, field))
        if field.kind is Kind.REFERENCE and (export or _has_name(field)):
            found.append(_name_column(field))
    return found if export else [*found, errors_column()]


def template_columns(register: Register, user) -> list[Column]:
    """Those that somebody fills in."""
    return [column for column in columns_of(register, user) if column.read is not None]


def errors_column() -> Column:
    return column_of_errors(_("Errors"), in_every_language(lambda: _("Errors")))


def in_every_language(say: Callable[[], str]) -> list[str]:
    """What ``say()`` is in each of the portal's languages."""
    found = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.append(str(say()))
    return found


def _column(register: Register, field: RegisterField) -> Column:
    read = None if field.name in register.fixed else _reader(register, field)
    is_year = field.kind is Kind.WHOLE and "year" in field.name
    return Column(
        field.name,
        capfirst(str(field.title)),
        read,
        titles=in_every_language(lambda: field.title),
        form=Form.YEAR if is_year else _FORMS.get(field.kind, Form.TEXT),
        required=field.required,
        places=getattr(field.source, "decimal_places", 0) or 0,
        help=str(field.help or ""),
        format=_format(field),
        words=_words(field),
        sample=next((one for one in _samples(register, field) if _reads(read, one)), ""),
        is_key=field.name in {one.name for one in register.key_fields},
        extra={"field": field},
    )


def _name_column(field: RegisterField) -> Column:
    def title() -> str:
        return _("%(what)s (name)") % {"what": field.title}

    return Column(
        f"{field.name}_name", capfirst(title()), None, titles=in_every_language(title), extra={"names": field}
    )


def _has_name(field: RegisterField) -> bool:
    return _name_lookup(field) is not None


def _name_lookup(field: RegisterField) -> str | None:
    names = {one.name for one in field.target._meta.concrete_fields}
    name = next((one for one in ("name", "title") if one in names), None)
    return f"{field.source.name}__{name}" if name else None


# --- reading --------------------------------------------------------------------------------------------------------------


def _reader(register: Register, field: RegisterField) -> Reader:
    """What reads a cell of the field: values as the model's column holds them; references and telephones as text."""
    source = field.source
    longest = getattr(source, "max_length", None) or LONGEST
    match field.kind:
        case Kind.ID_NUMBER:
            return _id_number(cells.code(40, upper=True))
        case Kind.REFERENCE:
            return cells.code(100, upper=field.target_code == "uscc")
        case Kind.PHONE:
            return _validated(cells.code(longest), source, spare="*")
        case Kind.DATE | Kind.FIRST_DAY | Kind.LAST_DAY:
            return cells.day()
        case Kind.MOMENT:
            return cells.moment()
        case Kind.TRUTH:
            return cells.truth()
        case Kind.CHOICE:
            return cells.choice(_accepted(register, field), _words(field))
        case Kind.CHOICES:
            return cells.choices(_accepted(register, field), _words(field))
        case Kind.WHOLE:
            return _validated(cells.whole(*_bounds(source)), source)
        case Kind.DECIMAL:
            return _validated(cells.decimal(source.max_digits, source.decimal_places, *_bounds(source)), source)
    if field.name in CODES:
        return _validated(cells.code(longest, upper=field.name == "uscc"), source)
    return _validated(cells.text(longest), source)


def _validated(read: Reader, source: models.Field, spare: str = "") -> Reader:
    """``read``, then the field's own validators; a text that holds ``spare`` is none of their business."""
    plain = (
        MaxLengthValidator,
        MinValueValidator,
        MaxValueValidator,
        DecimalValidator,
        ProhibitNullCharactersValidator,
    )
    validators = [one for one in source.validators if not isinstance(one, plain)]
    if not validators:
        return read

    def validated(value: Any) -> Any:
        found = read(value)
        if found is not None and not (spare and spare in found):
            try:
                for validate in validators:
                    validate(found)
            except ValidationError as error:
                raise BadCell(" ".join(error.messages)) from error
        return found

    return validated


def _bounds(source: models.Field) -> tuple[Any, Any]:
    """The least and the greatest value that the field and its column take."""
    lowest = [_limit(one) for one in source.validators if isinstance(one, MinValueValidator)]
    highest = [_limit(one) for one in source.validators if isinstance(one, MaxValueValidator)]
    if isinstance(source, models.IntegerField):
        low, high = connection.ops.integer_field_range(source.get_internal_type())
        lowest += [low] if low is not None else []
        highest += [high] if high is not None else []
    return max(lowest, default=None), min(highest, default=None)


def _limit(validator) -> Any:
    return validator.limit_value() if callable(validator.limit_value) else validator.limit_value


def _id_number(read: Reader) -> Reader:
    def checked(value: Any) -> str | None:
        found = read(value)
        if found is not None and not is_id_number(found):
            raise BadCell(_("Not an identity card number: 18 signs, the last one a check sign."))
        return found

    return checked


def _accepted(register: Register, field: RegisterField) -> dict[str, str]:
    """Every word that means a value: the value itself, its label in each language, the register's further words."""
    found = {str(value): str(value) for value, _label in field.choices}
    for value, label in field.choices:
        for word in in_every_language(lambda label=label: label):
            found.setdefault(word, str(value))
    return found | {word: str(value) for word, value in register.aliases.get(field.name, {}).items()}


def _words(field: RegisterField) -> list[str]:
    if field.kind is Kind.TRUTH:
        return [_("yes"), _("no")]
    return [str(label) for _value, label in field.choices]


def _samples(register: Register, field: RegisterField) -> list[str]:
    """Values that might stand in the sample row, best first."""
    given = register.sample.get(field.name)
    if given is not None:
        return [str(dict(field.choices).get(given, given)) if field.kind is Kind.CHOICE else given]
    match field.kind:
        case Kind.CHOICE | Kind.CHOICES | Kind.TRUTH:
            return _words(field)[:1]
        case Kind.DATE | Kind.FIRST_DAY:
            return ["2021-03-05"]
        case Kind.WHOLE:
            return ["2021"] if "year" in field.name else ["12", "5", "1"]
        case Kind.DECIMAL:
            return ["1.5", "1"]
        case Kind.TEXT | Kind.REFERENCE:
            return [_("sample")] if field.required else []
    return []


def _reads(read: Reader | None, text: str) -> bool:
    try:
        return read is not None and read(text) is not None
    except BadCell:
        return False


def _format(field: RegisterField) -> str:
    match field.kind:
        case Kind.REFERENCE:
            return _("code of: %(what)s") % {"what": field.target._meta.verbose_name}
        case Kind.DATE | Kind.FIRST_DAY | Kind.LAST_DAY:
            return _("date, such as 2021-03-05")
        case Kind.MOMENT:
            return _("time, such as 2021-03-05 15:20")
        case Kind.WHOLE:
            return _("whole number")
        case Kind.DECIMAL:
            return _("number, at most %(places)d decimal places") % {"places": field.source.decimal_places}
        case Kind.TRUTH:
            return _("yes or no")
        case Kind.CHOICE:
            return _("one of the list")
        case Kind.CHOICES:
            return _("one or more of the list, parted by commas")
        case Kind.PHONE:
            return _("telephone number; one shown as 138****1234 stays as it is")
        case Kind.ID_NUMBER:
            return _("18 signs; empty leaves it as it is")
    longest = getattr(field.source, "max_length", None)
    return _("text, at most %(longest)d characters") % {"longest": longest} if longest else _("text")


# --- writing --------------------------------------------------------------------------------------------------------------


def exported_values(columns: list[Column], rows: QuerySet) -> Iterator[list[Any]]:
    """Values of ``rows`` in the order of ``columns`` (of an export), read a few thousand at a time.

    Labels are of the language in force at the call, not of that in which the rows are read.
    """
    lookups, writers = [], []
    for column in columns:
        field: RegisterField = column.extra.get("field") or column.extra["names"]
        if "names" in column.extra:
            lookups.append(_name_lookup(field) or f"{field.source.name}__{field.target_code}")
            writers.append(None)
        else:
            is_reference = field.kind is Kind.REFERENCE
            lookups.append(f"{field.source.name}__{field.target_code}" if is_reference else field.source.name)
            writers.append(_writer(field))
    converted = [(place, write) for place, write in enumerate(writers) if write is not None]

    def read() -> Iterator[list[Any]]:
        for values in rows.values_list(*lookups).iterator(chunk_size=2000):
            row = list(values)
            for place, write in converted:
                if row[place] is not None:
                    row[place] = write(row[place])
            yield row

    return read()


def _writer(field: RegisterField) -> Callable[[Any], Any] | None:
    match field.kind:
        case Kind.TRUTH:
            words = {True: _("yes"), False: _("no")}
            return words.__getitem__
        case Kind.CHOICE:
            labels = {value: str(label) for value, label in field.choices}
            return lambda value: labels.get(value, value)
        case Kind.CHOICES:
            labels = {value: str(label) for value, label in field.choices}
            return lambda values: "、".join(labels.get(value, value) for value in values)
        case Kind.FIRST_DAY:
            return lambda span: span.lower
        case Kind.LAST_DAY:
            return lambda span: span.upper - timedelta(days=1) if span.upper is not None else None
        case Kind.PHONE:
            return masked_phone
    return None
