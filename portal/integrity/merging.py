"""Merging two rows of a register that stand for one thing, and undoing it exactly.

The dropped row is deleted rather than marked. A mark would have to be respected by every list, count, ranking and form, for
ever; a deleted row is nowhere by itself, and comes back unchanged because the database's own image of it is kept. Published
rankings name neighbourhoods and enterprises by text, so a merge cannot touch them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pghistory.models
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.integrity.models import Merge, MergeStep
from portal.models import User
from portal.registers import Register, register_of
from portal.registers.actions import constraint_message
from portal.registers.fields import code_field
from portal.workflow import LostRace, demand_reason, record

MOST_CONFLICTS = 20
"""So many conflicts are told at once."""


@dataclass(frozen=True)
class Conflict:
    """A row that cannot be moved to the kept row, and why."""

    row: models.Model
    message: str


class MergeRefused(Exception):
    """The merge, or its undoing, is not possible; nothing was changed. ``conflicts`` are the rows in the way."""

    def __init__(self, message: str, conflicts: list[Conflict] | None = None) -> None:
        super().__init__(message)
        self.conflicts = conflicts or []


@transaction.atomic
def merge(keep: models.Model, drop: models.Model, *, by: User, reason: str) -> Merge:
    """Let ``keep`` take over whatever refers to ``drop``, a row of the same register, and delete ``drop``.

    A row that says of ``drop`` exactly what another says of ``keep`` is absorbed: deleted with it, restored by undoing.

    Raises:
        PermissionDenied: the person does not keep both rows.
        ValidationError: no reason was given.
        LostRace: one of the two rows is gone.
        MergeRefused: rows contradict each other (two services on one day, two entries of one key), or both are one row.
    """
    register = _register_of(keep)
    demand_reason(reason)
    if type(keep) is not type(drop) or keep.pk == drop.pk:
        raise MergeRefused(_("Choose two different records of one register."))
    keep, drop = _locked(keep, drop)
    if not by.has_perm(register.keep, keep) or not by.has_perm(register.keep, drop):
        raise PermissionDenied
    done = Merge.objects.create(
        model=keep._meta.label_lower, by=by, reason=reason.strip(),
        kept_id=keep.pk, kept_code=_code(keep), kept_name=str(keep)[:200],
        dropped_id=drop.pk, dropped_code=_code(drop), dropped_name=str(drop)[:200],
    )  # fmt: skip
    conflicts: list[Conflict] = []
    for number, (model, field) in enumerate(relations(type(keep)), start=1):
        conflicts += _take_over(done, number, model, field, keep, drop)
    if conflicts:
        raise MergeRefused(
            _("Some records contradict each other. Correct or remove them first; nothing was merged."),
            conflicts[:MOST_CONFLICTS],
        )
    _step(done, 0, type(keep), "", absorbed=[drop.pk])
    connection.check_constraints()  # a reference that came up meanwhile is found here, not at the end
    record("merge", keep, by=by, reason=reason, register=register.slug, pk=keep.pk, merge=done.pk, dropped=_code(drop))
    return done


@transaction.atomic
def undo_merge(done: Merge, *, by: User, reason: str) -> models.Model:
    """Bring back the dropped row, and whatever was moved or absorbed; the restored row.

    Rows that were moved and have been removed, or given to a third row since, stay as they are.

    Raises:
        PermissionDenied: the person keeps the kept row no more, or would not keep the restored one.
        ValidationError: no reason was given.
        LostRace: it is undone already.
        MergeRefused: a later merge must be undone first, or the code is in use again.
    """
    demand_reason(reason)
    done = Merge.objects.select_for_update().get(pk=done.pk)
    if done.undone_at is not None:
        raise LostRace
    model = apps.get_model(done.model)
    kept = model._base_manager.select_for_update().filter(pk=done.kept_id).first()
    if kept is None:
        raise MergeRefused(
            _("“%(name)s” was itself merged into another record, or removed: undo that first.")
            % {"name": done.kept_name}
        )
    register = _register_of(kept)
    if not by.has_perm(register.keep, kept):
        raise PermissionDenied
    if Merge.objects.standing().filter(model=done.model, kept_id=done.kept_id, pk__gt=done.pk).exists():
        raise MergeRefused(
            _("Another record was merged into “%(name)s” since: undo that merge first.") % {"name": kept}
        )
    _give_back(done, model)
    for config in apps.get_app_configs():
        getattr(config, "after_undone_merge", lambda row: None)(kept)
    restored = model._default_manager.for_user(by, register.keep).filter(pk=done.dropped_id).first()
    if restored is None:
        raise PermissionDenied
    done.undone_at, done.undone_by, done.undo_reason = timezone.now(), by, reason.strip()
    done.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    for row in (kept, restored):
        record("undo_merge", row, by=by, reason=reason, register=register.slug, pk=row.pk, merge=done.pk)
    return restored


def relations(model: type[models.Model]) -> list[tuple[type[models.Model], models.Field]]:
    """Every foreign key to ``model``, upper apps included: first those of rows that the database's triggers keep.

    The triggers then find these rows in place and add none, so that undoing leaves none behind. History rows are left out:
    they tell what was.
    """
    found = [
        (relation.related_model, relation.field)
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or relation.one_to_one)
        and not issubclass(relation.related_model, pghistory.models.Event)
    ]
    return sorted(found, key=lambda pair: register_of(pair[0]) is not None)


def successors(model: type[models.Model]) -> dict[str, int]:
    """Code of each row that was merged into another → id of the row that stands for it now, over several merges.

    What still arrives under a dropped code (a case from another system, a bookmark) finds its way by it. One query.
    """
    found = Merge.objects.standing().filter(model=model._meta.label_lower)
    merges = list(found.values_list("dropped_code", "dropped_id", "kept_id"))
    kept = {dropped_id: kept_id for _code, dropped_id, kept_id in merges}

    def last(pk: int) -> int:
        while pk in kept:
            pk = kept[pk]
        return pk

    return {code: last(kept_id) for code, _dropped_id, kept_id in merges}


def successor(model: type[models.Model], code: str) -> models.Model | None:
    """The row that stands for the one that had ``code`` before it was merged; none where there was no merge."""
    pk = successors(model).get(code)
    return model._base_manager.filter(pk=pk).first() if pk is not None else None


def merges_for(user, registers: list[Register]) -> QuerySet[Merge]:
    """The merges of ``registers`` whose kept row ``user`` may see."""
    found = models.Q(pk__in=[])
    for register in registers:
        rows = register.scoped(user).order_by()
        found |= models.Q(model=register.model._meta.label_lower, kept_id__in=rows.values("pk"))
    return Merge.objects.filter(found).select_related("by", "undone_by")


# --- one relation -----------------------------------------------------------------------------------------------------


def _take_over(
    done: Merge, number: int, model: type[models.Model], field: models.Field, keep: models.Model, drop: models.Model
) -> list[Conflict]:
    """Move the rows of one relation, absorb those that say nothing new; the rows that can be neither."""
    rows = model._base_manager.filter(**{field.name: drop})
    absorbed = _repeated(model, field, keep, drop)
    moved = sorted(rows.exclude(pk__in=absorbed).values_list("pk", flat=True))
    _step(done, number, model, field.name, moved=moved, absorbed=absorbed)
    if not moved:
        return []
    try:
        with transaction.atomic():
            rows.update(**{field.name: keep})
    except IntegrityError:
        return list(_conflicts(model, field, keep, moved))
    return []


def _conflicts(
    model: type[models.Model], field: models.Field, keep: models.Model, ids: list[int]
) -> Iterator[Conflict]:
    """The rows that the database does not let go, tried one by one."""
    for row in model._base_manager.filter(pk__in=ids):
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=row.pk).update(**{field.name: keep})
        except IntegrityError as error:
            both = _("Each of the two has such a record, and only one may.")
            yield Conflict(row, both if field.unique else constraint_message(model, error))


def _repeated(model: type[models.Model], field: models.Field, keep: models.Model, drop: models.Model) -> list[int]:
    """Ids of rows about ``drop`` that another row about ``keep`` repeats in every value, and to which nothing refers."""
    if _is_named(model, field):
        return []
    table, column = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(field.column)
    without = [model._meta.pk.column, field.column]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT one.{model._meta.pk.column} FROM {table} one WHERE one.{column} = %s AND to_jsonb(one) - %s::text[] IN"
            f" (SELECT to_jsonb(other) - %s::text[] FROM {table} other WHERE other.{column} = %s)",
            [drop.pk, without, without, keep.pk],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    for other, reference in relations(model) if ids else ():
        used = other._base_manager.filter(**{f"{reference.name}__in": ids})
        ids = sorted(set(ids) - set(used.values_list(reference.attname, flat=True)))
    return ids


def _is_named(model: type[models.Model], field: models.Field) -> bool:
    """Whether rows have a name of their own, so that no two are the same but for what they refer to."""
    if any(other.unique and not other.primary_key and other is not field for other in model._meta.concrete_fields):
        return True
    return any(
        isinstance(constraint, models.UniqueConstraint) and constraint.fields and field.name not in constraint.fields
        and constraint.condition is None
        for constraint in model._meta.constraints
    )  # fmt: skip


# --- images of rows -----------------------------------------------------------------------------------------------------


def _step(
    done: Merge,
    number: int,
    model: type[models.Model],
    field: str,
    *,
    absorbed: list[int],
    moved: list[int] | None = None,
) -> None:
    """Keep what is about to happen to one relation, and delete the ``absorbed`` rows (ids).

    The database makes the images of rows, so that no value passes through a conversion.
    """
    if not moved and not absorbed:
        return
    pk, table = model._meta.pk.column, connection.ops.quote_name(model._meta.db_table)
    images = f"(SELECT jsonb_agg(to_jsonb(one) ORDER BY one.{pk}) FROM {table} one WHERE one.{pk} = ANY(%s))"
    MergeStep.objects.create(
        merge=done, number=number, model=model._meta.label_lower, field=field, moved=moved or [],
        absorbed=RawSQL(images, [absorbed], output_field=models.JSONField()) if absorbed else [],
    )  # fmt: skip
    rows = model._base_manager.filter(pk__in=absorbed)
    rows._raw_delete(rows.db)


def _give_back(done: Merge, model: type[models.Model]) -> None:
    try:
        with transaction.atomic():
            for step in done.steps.order_by("number").defer("absorbed"):
                other = apps.get_model(step.model)
                if step.moved:
                    rows = other._base_manager.filter(**{"pk__in": step.moved, step.field: done.kept_id})
                    rows.update(**{step.field: done.dropped_id})
                _restore(step, other)
            connection.check_constraints()
    except IntegrityError as error:
        raise MergeRefused(
            _("It cannot be undone as the records stand now: %(why)s") % {"why": constraint_message(model, error)}
        ) from error


def _restore(step: MergeStep, model: type[models.Model]) -> None:
    """Insert the images of a step, under their own ids."""
    table, quote = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in model._meta.concrete_fields if not field.generated)
    steps = quote(MergeStep._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset("
            f"NULL::{table}, (SELECT absorbed FROM {steps} WHERE id = %s))",
            [step.pk],
        )


# --- rows, registers and codes ------------------------------------------------------------------------------------------


def _register_of(row: models.Model) -> Register:
    register = register_of(type(row))
    if register is None:
        raise LookupError(row._meta.label)
    return register


def _code(row: models.Model) -> str:
    return str(getattr(row, code_field(type(row))))


def _locked(*rows: models.Model) -> list[models.Model]:
    """The rows as they are now, locked in the order of their ids so that two merges cannot wait for each other."""
    ids = [row.pk for row in rows]
    found = {row.pk: row for row in type(rows[0])._base_manager.select_for_update().filter(pk__in=ids).order_by("pk")}
    if len(found) != len(ids):
        raise LostRace
    return [found[pk] for pk in ids]
