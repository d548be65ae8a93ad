"""What every deed on a case has in common: lock the file, check who acts and what they saw, write, tell."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from casedesk.models import CaseFile
from casedesk.situation import Situation
from portal.models import User
from portal.workflow import LostRace, MoveRefused, move


def begin(file: CaseFile, *, by: User | None, permission: str, seen: int | None) -> Situation:
    """Lock the file of a case for the rest of the transaction, and read it anew.

    ``seen`` is the version that the person had before their eyes; ``None`` where nobody looked (the system).

    Raises:
        PermissionDenied: ``by`` does not hold ``permission`` for this case.
        LostRace: somebody else changed it since.
    """
    locked = CaseFile.objects.with_case().select_for_update(of=("self",)).get(pk=file.pk)
    if by is not None and not by.has_perm(permission, locked.case):
        raise PermissionDenied
    if seen is not None and seen != locked.version:
        raise LostRace
    return Situation(locked, by)


def refuse(obstacle: str) -> None:
    """Raise ``MoveRefused`` with ``obstacle``, if there is one."""
    if obstacle:
        raise MoveRefused(obstacle)


def put(
    file: CaseFile, to: str, *, verb: str, by: User | None, now: datetime, reason: str = "", **changes: Any
) -> None:
    """Move the file to a status, one version on."""
    move(
        file, to, moves=CaseFile.MOVES, verb=verb, by=by, reason=reason, status_changed_at=now, version=file.version + 1,
        **changes,
    )  # fmt: skip


def keep(file: CaseFile, **changes: Any) -> None:
    """Change columns of a locked file whose status stays, one version on."""
    changes["version"] = file.version + 1
    CaseFile.objects.filter(pk=file.pk).update(**changes)
    for name, value in changes.items():
        setattr(file, name, value)


def change_case(file: CaseFile, **changes: Any) -> None:
    """Change columns of the case, whose file is locked."""
    type(file.case)._base_manager.filter(pk=file.case.pk).update(**changes)
    for name, value in changes.items():
        setattr(file.case, name, value)


def followers(file: CaseFile, *statuses: str) -> list[CaseFile]:
    """The cases about the same matter that stand in ``statuses`` and go along with this one, locked."""
    rows = CaseFile.objects.with_case().filter(duplicate_of=file, round=1, status__in=statuses)
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def demand_text(text: str, longest: int, field: str = "text") -> str:
    """``text`` without white space around it.

    Raises:
        ValidationError: it is empty or longer than ``longest`` signs; the message stands at ``field``.
    """
    given = text.strip()
    if not given:
        raise ValidationError({field: [_("This field is required.")]})
    if len(given) > longest:
        raise ValidationError({field: [_("At most %(count)d signs.") % {"count": longest}]})
    return given
