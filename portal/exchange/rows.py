"""From the cells of a file to rows of a register: read, resolved in the person's scope, compared with what is kept, and validated."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields.ranges import RangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from portal.dated import day_after
from portal.models import User
from portal.persons import id_hash, masked_phone
from portal.registers import Kind, Register, RegisterField
from portal.registers.cityfiles import messages_of
from portal.spreadsheets.cells import BadCell, shown
from portal.spreadsheets.files import BadFile, Row
from portal.spreadsheets.reading import Sheet

Say = Callable[[int, str, str, Any], None]
"""Told of a problem: row, column (identifier; empty for the row as a whole), reason, raw value."""

_PERSONAL = (Kind.PHONE, Kind.ID_NUMBER)


@dataclass(slots=True)
class Parsed:
    """A row whose cells could be read: values by column of the model."""

    number: int
    values: dict[str, Any]
    related: dict[str, models.Model]
    phone: str | None = None
    key: tuple = ()


@dataclass(slots=True)
class Ready:
    """A row to be written: a new one, or a changed one with the version that was seen and what changes."""

    number: int
    row: models.Model
    seen: str | None
    changes: list[tuple[RegisterField, str, str]] = field(default_factory=list)


class RowReader:
    """Reads rows of one register for one person; remembers keys and references over all sheets."""

    def __init__(self, register: Register, user: User) -> None:
        self.register, self.model, self.user = register, register.model, user
        self.unchanged = 0
        self._seen: dict[Any, int] = {}
        self._plans: list[SheetPlan] = []
        self._known: dict[str, dict[str, models.Model | None]] = {}
        self._kept = register.scoped(user, register.keep)
        self._key = [self.model._meta.get_field(name) for name in register.key]
        self._has_names = hasattr(self.model, "name_forms")

    def sheet(self, sheet: Sheet) -> "SheetPlan":
        self._plans.append(SheetPlan(self.register, sheet, len(self._plans)))
        return self._plans[-1]

    def ready(self, plan: "SheetPlan", rows: list[Row], say: Say) -> Iterator[Ready]:
        """The rows that change something; problems of the others are told, those that are already so are counted."""
        cells_of = dict(rows)

        def tell(number: int, column: str, reason: str) -> None:
            say(number, column, reason, plan.raw(cells_of[number], column))

        read = [(number, plan.read(cells, lambda *args, number=number: tell(number, *args))) for number, cells in rows]
        loose, plan.loose = plan.loose, []
        self._resolve(plan, [values for _number, values in read if values is not None], loose)
        for told, one, code in loose:
            if self._known[one.name].get(code) is None:
                told(one.name, _no_such(one, code))
        parsed = []
        for number, values in read:
            found = self._parse(plan, number, values, tell) if values is not None else None
            if found is not None and self._is_first(plan, found, tell):
                parsed.append(found)
        existing = self._existing(plan, parsed)
        changed = {}
        for one in parsed:
            old = existing.get(one.key)
            if old is not None:
                if not self._fit_phone(one, old, tell):
                    continue
                if all(old[name] == value for name, value in one.values.items()):
                    self.unchanged += 1
                else:
                    changed[old["pk"]] = one
        instances = self._instances(changed)
        for one in parsed:
            old = existing.get(one.key)
            if old is None:
                ready = self._new(plan, one, tell)
            elif changed.get(old["pk"]) is one and old["pk"] in instances:
                ready = self._changed(one, instances[old["pk"]], old, tell)
            else:
                continue
            if ready is not None:
                yield ready

    # --- references ---

    def _resolve(self, plan: "SheetPlan", rows: list[list], loose: list[tuple]) -> None:
        """Look up the codes that these rows refer to and that are not known yet: one question per reference."""
        for place, one in plan.references:
            known = self._known.setdefault(one.name, {})
            wanted = {values[place] for values in rows} | {code for _tell, field, code in loose if field is one}
            wanted -= known.keys() | {None}
            if wanted:
                targets = self.register.resolvable(one, self.user).filter(**{f"{one.target_code}__in": wanted})
                known.update(dict.fromkeys(wanted))
                known.update({str(getattr(target, one.target_code)): target for target in targets})

    # --- one row ---

    def _parse(self, plan: "SheetPlan", number: int, values: list, tell) -> Parsed | None:
        found, good = {}, True
        one = Parsed(number, found, {})
        for place, attname, empty in plan.plain:
            value = values[place]
            found[attname] = empty if value is None else value
        for place, reference in plan.references:
            code = values[place]
            target = self._known[reference.name].get(code) if code is not None else None
            if code is not None and target is None:
                tell(number, reference.name, _no_such(reference, code))
                good = False
            found[reference.source.attname] = target.pk if target is not None else None
            one.related[reference.source.name] = target
        for name, lower, upper, last in plan.spans:
            first_day, last_day = values[lower], values[upper]
            if first_day is not None and last_day is not None and last_day < first_day:
                tell(number, last, _("The last day is before the first day."))
                good = False
            else:
                found[name] = _span(self.model, name, first_day, last_day)
        if plan.phone is not None:
            one.phone = values[plan.phone] or ""
            if "*" not in one.phone:
                found["phone"] = one.phone
        if plan.id_number is not None and values[plan.id_number]:
            found["id_hash"] = id_hash(values[plan.id_number])
        if not good:
            return None
        one.key = tuple([_bare(found[part.attname]) for part in self._key])
        return one

    def _is_first(self, plan: "SheetPlan", one: Parsed, tell) -> bool:
        key = one.key if len(one.key) > 1 else one.key[0]
        place = plan.ordinal << 32 | one.number  # one number, for there are many
        before = self._seen.setdefault(key, place)
        if before == place:
            return True
        sheet, number = self._plans[before >> 32].sheet.name, before & 0xFFFFFFFF
        reason = _("The same record stands in row %(row)d already: keep one of them.") % {"row": number}
        if sheet != plan.sheet.name:
            reason = _("The same record stands in sheet “%(sheet)s”, row %(row)d already: keep one of them.") % {
                "sheet": sheet, "row": number,
            }  # fmt: skip
        tell(one.number, plan.key_column, reason)
        return False

    def _fit_phone(self, one: Parsed, old: dict[str, Any], tell) -> bool:
        """A masked number stands for the one that is kept, if it is that one's mask."""
        if one.phone and "*" in one.phone and masked_phone(old["phone"]) != one.phone:
            tell(one.number, "phone", _("This masked number is not the one on record: enter the whole number."))
            return False
        return True

    # --- what is kept ---

    def _existing(self, plan: "SheetPlan", parsed: list[Parsed]) -> dict[tuple, dict[str, Any]]:
        """The rows that this person keeps under these keys: their values, by key."""
        if not parsed:
            return {}
        rows = self._kept
        for place, one in enumerate(self._key):
            values = {row.key[place] for row in parsed}
            if None not in values and not isinstance(one, RangeField):
                rows = rows.filter(**{f"{one.attname}__in": values})
        names = list(dict.fromkeys([*plan.attnames, *(one.attname for one in self._key)]))
        table = self.model._meta.db_table
        rows = rows.annotate(_seen=RawSQL(f'"{table}".xmin::text', []))
        found = {}
        for pk, seen, *values in rows.order_by().values_list("pk", "_seen", *names):
            old = dict(zip(names, values, strict=True))
            key = tuple(_bare(old[one.attname]) for one in self._key)
            found[key] = old | {"pk": pk, "seen": seen}
        return found

    def _instances(self, changed: dict[int, Parsed]) -> dict[int, models.Model]:
        return self.register.with_references(self.model._base_manager.all()).in_bulk(list(changed)) if changed else {}

    def _new(self, plan: "SheetPlan", one: Parsed, tell) -> Ready | None:
        if plan.missing:
            title = "、".join(str(missing.title) for missing in plan.missing)
            tell(
                one.number,
                "",
                _("This record is new, and the file has no column for: %(columns)s.") % {"columns": title},
            )
            return None
        if one.phone and "*" in one.phone:
            tell(one.number, "phone", _("This record is new: enter the whole number."))
            return None
        given = one.values.get
        row = self.model(*[given(name, default) for name, default in plan.defaults])
        for name, make in plan.made:
            if name not in one.values:
                setattr(row, name, make())
        self._put(row, Parsed(one.number, {}, one.related))
        return Ready(one.number, row, None) if self._is_valid(row, one.number, tell) else None

    def _changed(self, one: Parsed, row: models.Model, old: dict[str, Any], tell) -> Ready | None:
        differing = {name for name, value in one.values.items() if old[name] != value}
        fields = [field for field in self.register.all_fields if field.source and field.source.attname in differing]
        if obstacle := self.register.obstacle_to_change(row):
            tell(one.number, "", obstacle)
            return None
        before = {field.name: field.text(row) for field in fields}
        self._put(row, one)
        if not self._is_valid(row, one.number, tell):
            return None
        after = {field.name: field.text(row) for field in fields}
        changes = [
            (field, before[field.name], after[field.name])
            for field in fields
            if before[field.name] != after[field.name]
        ]
        return Ready(one.number, row, old["seen"], changes)

    def _put(self, row: models.Model, one: Parsed) -> None:
        for name, value in one.values.items():
            setattr(row, name, value)
        for name, target in one.related.items():
            if target is not None:
                row._state.fields_cache[name] = target  # its id is set already
        if self._has_names and (row.pk is None or "name" in one.values):
            row.name_forms()

    def _is_valid(self, row: models.Model, number: int, tell) -> bool:
        try:
            row.clean()
            self.register.check(row)
        except ValidationError as error:
            for name, reason in messages_of(error):
                tell(number, name, reason)
            return False
        return True


class SheetPlan:
    """How the cells of one sheet become values: which column is read by what, and where its value goes."""

    def __init__(self, register: Register, sheet: Sheet, ordinal: int) -> None:
        self.sheet, self.ordinal = sheet, ordinal
        self.reads: list[tuple[int, Any, RegisterField]] = []
        self.plain: list[tuple[int, str, Any]] = []
        self.references: list[tuple[int, RegisterField]] = []
        self.loose: list[tuple[Callable[[str, str], None], RegisterField, str]] = []
        """References of rows that have a bad cell elsewhere: looked up only to tell every error at once."""
        self.phone: int | None = None
        self.id_number: int | None = None
        spans: dict[str, list] = {}
        for index, column in sheet.places:
            if column.read is None:
                continue
            one: RegisterField = column.extra["field"]
            place = len(self.reads)
            self.reads.append((index, column.read, one))
            match one.kind:
                case Kind.REFERENCE:
                    self.references.append((place, one))
                case Kind.PHONE:
                    self.phone = place
                case Kind.ID_NUMBER:
                    self.id_number = place
                case Kind.FIRST_DAY:
                    spans.setdefault(one.source.attname, [None, None])[0] = place
                case Kind.LAST_DAY:
                    spans.setdefault(one.source.attname, [None, None])[1] = place
                case _:
                    self.plain.append((place, one.source.attname, _empty(one)))
        if any(None in bounds for bounds in spans.values()):
            raise BadFile(
                _("A first day and its last day belong together: the file has a column for one of them only.")
            )
        self.spans = [(name, lower, upper, f"{name}_to") for name, (lower, upper) in spans.items()]
        self.width = max(index for index, _read, _field in self.reads) + 1
        here = {one.name for _index, _read, one in self.reads}
        self.missing = [
            one for one in register.all_fields if one.required and one.name not in here | set(register.fixed)
        ]
        self.attnames = [attname for _place, attname, _empty in self.plain]
        self.attnames += [one.source.attname for _place, one in self.references]
        self.attnames += [name for name, *_places in self.spans]
        self.attnames += ["phone"] if self.phone is not None else []
        self.attnames += ["id_hash"] if self.id_number is not None else []
        fields = register.model._meta.concrete_fields
        fields = register.model._meta.concrete_fields
        made = [field for field in fields if field.has_default() and callable(field.default)]
        self.made = [(field.attname, field.get_default) for field in made]
        self.defaults = [(field.attname, None if field in made else field.get_default()) for field in fields]
        self.key_column = next((column.name for _index, column in sheet.places if column.is_key), "")
        self._required = [place for place, (_index, _read, one) in enumerate(self.reads) if one.required]
        self._places = {column.name: index for index, column in sheet.places}
        self._who = self._places.get("name", self._places.get(self.key_column))
        self._personal = {one.name for _index, _read, one in self.reads if one.kind in _PERSONAL}

    def read(self, cells: list, tell: Callable[[str, str], None]) -> list | None:
        """Values in the order of the sheet's columns; ``None`` after every bad cell was told."""
        if len(cells) < self.width:
            cells = [*cells, *[""] * (self.width - len(cells))]
        try:
            values = [read(cells[index]) for index, read, _field in self.reads]
        except BadCell:
            return self._tell_all(cells, tell)
        for place in self._required:
            if values[place] is None:
                return self._tell_all(cells, tell)
        return values

    def _tell_all(self, cells: list, tell: Callable[[str, str], None]) -> None:
        for index, read, one in self.reads:
            try:
                value = read(cells[index])
            except BadCell as bad:
                tell(one.name, bad.reason)
                continue
            if value is None and one.required:
                tell(one.name, _("Empty, but required."))
            elif value is not None and one.kind is Kind.REFERENCE:
                self.loose.append((tell, one, value))

    def raw(self, cells: list, column: str) -> str:
        """The cell as a page may quote it: personal numbers are masked."""
        index = self._places.get(column)
        text = shown(cells[index]) if index is not None and index < len(cells) else ""
        return text if column not in self._personal else masked_phone(text)

    def who(self, cells: list) -> Any:
        """The raw cell that names the row for a person: its name, else its first key."""
        return cells[self._who] if self._who is not None and self._who < len(cells) else ""


def _empty(one: RegisterField) -> Any:
    """The value of an empty cell."""
    if one.source.null:
        return None
    if one.source.has_default():
        return one.source.get_default()
    return [] if one.kind is Kind.CHOICES else False if one.kind is Kind.TRUTH else ""


def _bare(value: Any) -> Any:
    """A part of a key as it is compared: a span is known by its first day."""
    return value.lower if isinstance(value, DateRange) else value


def _span(model: type[models.Model], name: str, first_day: Any, last_day: Any) -> DateRange | None:
    """The span as the database gives it back, so that equal spans compare equal."""
    if first_day is None and last_day is None and model._meta.get_field(name).null:
        return None
    return DateRange(first_day, day_after(last_day), "()" if first_day is None else "[)")


def _no_such(one: RegisterField, code: str) -> str:
    what = one.target._meta.verbose_name
    return _("No record “%(code)s” among what you may refer to (%(what)s).") % {"code": code[:60], "what": what}
