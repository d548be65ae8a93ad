"""How a status changes, and how a deed is written down. Every app's MOVES table is walked through :func:`move`."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.models import AuditEntry, User

Moves = Mapping[tuple[str, str], str]
"""``(from, to)`` statuses to the permission that the move takes."""


class LostRace(Exception):
    """Somebody else moved the row first; nothing was changed."""


class MoveRefused(Exception):
    """The row may not move so, for a reason that the person can be told (the message, in their language)."""


def record(verb: str, subject: models.Model, *, by: User | None, reason: str = "", **details: Any) -> AuditEntry:
    """Write one deed into the audit log, in the caller's transaction. ``by=None`` is the system."""
    return AuditEntry.objects.create(
        verb=verb, subject_type=subject._meta.model_name, subject=str(subject), by=by, reason=reason, details=details
    )


def demand_reason(reason: str, field: str = "reason") -> str:
    """``reason`` without white space around it.

    Raises:
        ValidationError: there is none; the message stands at ``field``.
    """
    given = reason.strip()
    if not given:
        raise ValidationError({field: [_("Give a reason; it stays in the record.")]})
    return given


@transaction.atomic
def move(
    row: models.Model, to: str, *, moves: Moves, verb: str, by: User | None, reason: str = "", **changes: Any
) -> None:
    """Change ``row.status`` to ``to`` with ``changes`` to other columns, and record ``verb``, all or nothing.

    The update is conditional on the status that the caller saw. ``status_changed_at`` is now, unless it stands in ``changes``.
    ``by=None`` is the system, which needs no permission.

    Raises:
        MoveRefused: the table has no such move.
        PermissionDenied: the person does not hold the permission of the move.
        LostRace: the row has left the status that the caller saw.
    """
    permission = moves.get((row.status, to))
    if permission is None:
        raise MoveRefused(
            _("This is not possible from the present state: %(state)s.") % {"state": row.get_status_display()}
        )
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied
    changes = {"status_changed_at": timezone.now()} | changes | {"status": to}
    before = row.status
    moved = type(row)._base_manager.filter(pk=row.pk, status=before).update(**changes)
    if not moved:
        raise LostRace
    for name, value in changes.items():
        setattr(row, name, value)
    record(verb, row, by=by, reason=reason, pk=row.pk, before=before, after=to)
