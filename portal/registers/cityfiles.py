"""Registers in the city package: ``<slug>.csv`` with the register's field names as header, loaded all or nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, models, transaction
from django.db.backends.postgresql.psycopg_any import Range
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from portal.citypackage import BadValue, Loading, Tally, choice, read_csv, text, truth
from portal.registers.actions import put
from portal.registers.declaration import Register
from portal.registers.fields import Kind, RegisterField
from portal.rules import is_id_number

LONGEST = 10_000


class RegisterFile:
    """One register's file. A row is found by the register's key: new ones are created, changed ones updated."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.file = f"{register.slug}.csv"

    def load(self, path: Path, loading: Loading) -> Tally:
        register, fields = self.register, self.register.all_fields
        known = {
            field.name: loading.codes(field.target, field.target_code)
            for field in fields
            if field.kind is Kind.REFERENCE
        }
        existing = {_key(register, row): row for row in register.model._base_manager.all()}
        tally, seen, created, changed = Tally(), {}, [], []
        columns, with_default = [field.name for field in fields], _with_default(fields)
        for line, values in read_csv(path, columns, loading):
            try:
                parsed = {
                    field.name: parse(field, value, known.get(field.name))
                    for field, value in zip(fields, values, strict=True)
                }
                row = register.model()
                _put(register, row, parsed, with_default)
                key = _key(register, row)
                if key in seen:
                    reason = _("“%(code)s” stands already in line %(line)d.")
                    raise BadValue(columns[0], reason % {"code": "·".join(map(str, key)), "line": seen[key]})
                seen[key] = line
                old = existing.get(key)
                if old is None:
                    row.clean()
                    created.append(row)
                elif _same(register, old, row):
                    tally.unchanged += 1
                else:
                    _put(register, old, parsed, with_default)
                    old.clean()
                    changed.append(old)
            except BadValue as bad:
                loading.problem(self.file, line, *bad.args)
            except ValidationError as error:
                for name, reason in messages_of(error):
                    loading.problem(self.file, line, name, reason)
        self._write(created, changed, loading)
        loading.forget_codes(register.model)
        tally.created, tally.updated = len(created), len(changed)
        return tally

    def _write(self, created: list[models.Model], changed: list[models.Model], loading: Loading) -> None:
        model = self.register.model
        names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
        try:
            with transaction.atomic():
                model._base_manager.bulk_update(changed, names, batch_size=1000)
                model._base_manager.bulk_create(created, batch_size=2000)
        except DatabaseError as error:
            loading.problem(self.file, 0, "", str(error).strip().replace("\n", " ")[:300])


def _key(register: Register, row: models.Model) -> tuple:
    key = []
    for name in register.key:
        field = register.model._meta.get_field(name)
        value = getattr(row, field.attname)
        key.append(value.lower if isinstance(value, Range) else value)
    return tuple(key)


def _same(register: Register, old: models.Model, new: models.Model) -> bool:
    return all(
        _comparable(getattr(old, field.source.attname)) == _comparable(getattr(new, field.source.attname))
        for field in register.all_fields
        if field.source is not None
    )


def _comparable(value: Any) -> Any:
    """Spans by their days: PostgreSQL writes an open start with another bracket than Python."""
    return (value.lower, value.upper) if isinstance(value, Range) else value


def _put(register: Register, row: models.Model, parsed: dict[str, Any], with_default: list[str]) -> None:
    """Set the row's values; where a field of ``with_default`` is empty, its default stands."""
    unsaid = [name for name in with_default if parsed[name] is None]
    put(register, row, {name: value for name, value in parsed.items() if name not in unsaid} if unsaid else parsed)


def _with_default(fields: Sequence[RegisterField]) -> list[str]:
    sources = {field.name: field.source for field in fields if field.source is not None}
    return [name for name, source in sources.items() if not source.null and source.has_default()]


def messages_of(error: ValidationError) -> list[tuple[str, str]]:
    """Field (empty for the row as a whole) and message of everything that a validation found."""
    if not hasattr(error, "error_dict"):
        return [("", message) for message in error.messages]
    return [
        ("" if name == NON_FIELD_ERRORS else name, message)
        for name, messages in error.message_dict.items()
        for message in messages
    ]


class OptionalColumns:
    """Further columns of a hand-written city file: fields that a register declares, read as its own file reads them."""

    def __init__(self, register: Register, names: tuple[str, ...], loading: Loading) -> None:
        self.fields = {field.name: field for field in register.all_fields if field.name in names}
        self.known = {
            name: loading.codes(field.target, field.target_code)
            for name, field in self.fields.items()
            if field.kind is Kind.REFERENCE
        }

    def read(self, values: dict[str, str]) -> dict[str, Any]:
        """Model column → value. Raises :class:`BadValue`."""
        found = {}
        for name, value in values.items():
            field = self.fields[name]
            parsed = parse(field, value, self.known.get(name))
            if parsed is None and not field.source.null:
                parsed = field.source.get_default()
            found[field.source.attname] = parsed.pk if isinstance(parsed, models.Model) else parsed
        return found


def parse(field: RegisterField, value: str, known: dict[str, models.Model] | None = None) -> Any:
    """The value that a city package's cell means; empty is ``None``, for texts the empty text.

    Raises:
        BadValue: the cell does not say a value of this field.
    """
    name = field.name
    if not value and field.required:
        raise BadValue(name, _("is empty."))
    match field.kind:
        case Kind.TRUTH:
            return truth(name, value)
        case Kind.TEXT | Kind.LONG_TEXT | Kind.PHONE:
            return text(name, value, getattr(field.source, "max_length", None) or LONGEST, required=False)
        case Kind.CHOICES:
            values = [choice(name, one, [code for code, _label in field.choices]) for one in value.split("|") if one]
            return values
    if not value:
        return "" if field.kind in (Kind.CHOICE, Kind.ID_NUMBER) else None
    return _parse_filled(field, value, known)


def _parse_filled(field: RegisterField, value: str, known: dict[str, models.Model] | None) -> Any:
    name = field.name
    match field.kind:
        case Kind.CHOICE:
            return choice(name, value, [code for code, _label in field.choices])
        case Kind.REFERENCE:
            found = (known or {}).get(value)
            if found is None:
                raise BadValue(name, _("unknown code “%(code)s”.") % {"code": value[:60]})
            return found
        case Kind.DATE | Kind.FIRST_DAY | Kind.LAST_DAY:
            return _day(name, value)
        case Kind.MOMENT:
            return _moment(name, value)
        case Kind.WHOLE:
            if not (value.isascii() and value.isdigit() and len(value) < 10):
                raise BadValue(name, _("“%(value)s” is not a whole number.") % {"value": value[:30]})
            return int(value)
        case Kind.DECIMAL:
            return _decimal(name, value)
        case Kind.ID_NUMBER:
            if not is_id_number(value):
                raise BadValue(name, _("Not an identity card number: 18 signs, the last one a check sign."))
    return value


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BadValue(name, _("“%(value)s” is not a date such as 2021-10-31.") % {"value": value[:30]}) from error


def _moment(name: str, value: str) -> datetime:
    try:
        found = parse_datetime(value)
    except ValueError:
        found = None
    if found is None:
        raise BadValue(name, _("“%(value)s” is not a time such as 2021-10-31T15:20+08:00.") % {"value": value[:40]})
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _decimal(name: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadValue(name, _("“%(value)s” is not a number.") % {"value": value[:30]})
    return number
