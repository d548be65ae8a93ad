"""Writes to a register by hand: keep a row (enter or edit), remove a row, reveal a telephone number."""

import json
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import ProtectedError, RestrictedError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from portal.dated import day_after
from portal.models import AuditEntry, User
from portal.persons import id_hash
from portal.registers.declaration import Register, values_of
from portal.registers.fields import Kind
from portal.roles import Permission
from portal.workflow import LostRace, demand_reason, record

Row = Any
"""A row of the register's model, whichever that is."""


def version(register: Register, row: Row) -> str:
    """A short digest of a row's values: the same as long as nobody changed it.

    It is keyed, for it stands in a form: nobody can try what a value that they may not read would make of it.
    """
    values = values_of(register, row) | {"phone": getattr(row, "phone", "")}  # the whole number, not its mask
    text = json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return salted_hmac("portal.registers.version", text, algorithm="sha256").hexdigest()[:16]


def put(register: Register, row: Row, values: dict[str, Any]) -> None:
    """Set ``row``'s model fields from register values (references as rows, spans as their two days); nothing is saved.

    A masked telephone number leaves the number as it is; an empty ID number leaves the hash.
    """
    spans: dict[str, list[Any]] = {}
    for field in register.all_fields:
        if field.name not in values:
            continue
        value = values[field.name]
        if field.source is None:  # an identity card number
            if value:
                row.id_hash = id_hash(value)
        elif field.kind in (Kind.FIRST_DAY, Kind.LAST_DAY):
            bounds = spans.setdefault(field.source.name, [None, None])
            bounds[field.kind is Kind.LAST_DAY] = day_after(value) if field.kind is Kind.LAST_DAY else value
        elif field.kind is Kind.PHONE and "*" in (value or ""):
            continue
        else:
            setattr(row, field.source.name, value)
    for name, (lower, upper) in spans.items():
        if lower is not None and upper is not None and upper <= lower:
            raise ValidationError({name: _("The last day is before the first day.")})
        setattr(row, name, DateRange(lower, upper))
    if hasattr(row, "name_forms"):
        row.name_forms()


@transaction.atomic
def keep_row(register: Register, row: Row, values: dict[str, Any], *, by: User, seen: str | None = None) -> Row:
    """Enter ``row`` into the register, or edit it, with ``values`` (field name → value); the saved row.

    ``seen`` is the :func:`version` that the person had before their eyes when editing.

    Raises:
        PermissionDenied: the person keeps no row of this register, or may not enter one of the values.
        ValidationError: a value or a rule, by field; the row would lie outside the person's place, or stays as it is.
        LostRace: somebody changed the row since ``seen``; nothing was changed.
    """
    if not by.has_perm(register.keep) or values.keys() - {field.name for field in register.writable_for(by)}:
        raise PermissionDenied
    is_new = row.pk is None
    if not is_new:
        row = register.rows(by, register.keep).select_for_update(of=("self",)).get(pk=row.pk)
        if seen is not None and seen != version(register, row):
            raise LostRace
        if obstacle := register.obstacle_to_change(row):
            raise ValidationError({NON_FIELD_ERRORS: [obstacle]})
    before = {} if is_new else values_of(register, row)
    put(register, row, values)
    row.full_clean()
    register.check(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # a constraint that only the database can judge
        raise ValidationError({NON_FIELD_ERRORS: [constraint_message(register.model, error)]}) from error
    if not register.rows(by, register.keep).filter(pk=row.pk).exists():
        raise ValidationError({NON_FIELD_ERRORS: [outside_message()]})
    after = values_of(register, row)
    changed = {
        name: [_plain(before.get(name)), _plain(value)] for name, value in after.items() if before.get(name) != value
    }
    if is_new or changed:
        record("enter" if is_new else "edit", row, by=by, register=register.slug, pk=row.pk, changed=changed)
    return row


@transaction.atomic
def remove_row(register: Register, row: Row, *, by: User, reason: str) -> None:
    """Remove a row that was entered by mistake; its history stays.

    Raises:
        PermissionDenied: the person may not keep this row.
        ValidationError: other records refer to it, it stays for good, or no reason was given.
    """
    if not by.has_perm(register.keep, row):
        raise PermissionDenied
    demand_reason(reason)
    if obstacle := register.obstacle_to_removal(row):
        raise ValidationError(obstacle)
    if holders := _holders_in_registers(register, row):
        raise ValidationError(_refers(holders))
    values = {name: _plain(value) for name, value in values_of(register, row).items()}
    record("remove", row, by=by, reason=reason, register=register.slug, pk=row.pk, values=values)
    try:
        row.delete()
    except (ProtectedError, RestrictedError) as error:
        raise ValidationError(_refers({str(other._meta.verbose_name) for other in _holders(error)})) from error


def _refers(names: set[str]) -> str:
    told = _("Other records refer to this one: %(records)s. Remove or change those first.")
    return told % {"records": "、".join(sorted(names))}


def _holders_in_registers(register: Register, row: Row) -> set[str]:
    """What the records of other registers are called that refer to ``row``: none goes along unseen when it is removed."""
    return {
        str(other.singular)
        for other, name in register.children()
        if other.model._base_manager.filter(**{name: row.pk}).exists()
    }


def _holders(error: ProtectedError | RestrictedError) -> list[Row]:
    return list(getattr(error, "protected_objects", ()) or getattr(error, "restricted_objects", ()))


@transaction.atomic
def reveal_phone(register: Register, row: Row, *, by: User, reason: str) -> str:
    """The whole telephone number of a row; who read it, when and why is recorded before it is given.

    Raises:
        PermissionDenied: the person may not reveal it.
        ValidationError: no reason was given.
    """
    if not by.has_perm(Permission.REVEAL_PERSONS, row) or not by.has_perm(register.view, row):
        raise PermissionDenied
    demand_reason(reason)
    entry: AuditEntry = record("reveal", row, by=by, reason=reason, register=register.slug, pk=row.pk)
    assert entry.pk
    return str(row.phone)


def outside_message() -> str:
    return _("This record would lie outside the place that you keep.")


def constraint_message(model: type[models.Model], error: IntegrityError) -> str:
    """What the violated constraint says, in the person's language."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return str(constraint.get_violation_error_message())
    return _("The record contradicts another one (%(name)s).") % {"name": name or "?"}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str | list) else str(value)
