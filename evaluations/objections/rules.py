"""What one case adds to a window, and when objections are open. Plain functions of plain values.

Source: ranking policy, "Which cases count, and when" (the same rule as the statement in ``evaluations.counting``).
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from evaluations.rules import Counts

MARK_WORKDAYS = 1
"""Working days within which an objection is marked beside the entry. Source: ranking policy, "Snapshot, manifest, publication"."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Signs of an objection's number: none that are mistaken for another when they are read out."""


class CaseFacts(NamedTuple):
    """The facts of a case that count in rankings; ``estate`` is where it counts."""

    estate: str
    accept_due_at: datetime
    accepted_at: datetime | None
    handle_due_at: datetime
    handled_at: datetime | None
    rating: int | None
    resolved: str
    rated_at: datetime | None
    rating_withdrawn: bool
    excluded: str

    @property
    def moments(self) -> list[datetime]:
        """When its stages count: acceptance, handling and the rating, as far as they do."""
        if self.excluded:
            return []
        stages = [_first(self.accepted_at, self.accept_due_at), _first(self.handled_at, self.handle_due_at)]
        if self.rating is not None and self.rated_at is not None and not self.rating_withdrawn:
            stages.append(self.rated_at)
        return stages


def counted(case: CaseFacts, start: datetime, end: datetime, level_weights: Mapping[int, Decimal]) -> Counts:
    """What the case adds to the six counts of its neighbourhood in the window ``[start, end)``."""
    if case.excluded:
        return Counts(0, 0, 0, 0, 0, Decimal(0))
    accept_due = start <= _first(case.accepted_at, case.accept_due_at) < end
    handle_due = start <= _first(case.handled_at, case.handle_due_at) < end
    unsolved = case.resolved == "no" and not case.rating_withdrawn and case.rated_at is not None and case.rated_at < end
    rated = (
        case.rating is not None
        and case.rated_at is not None
        and not case.rating_withdrawn
        and start <= case.rated_at < end
    )
    return Counts(
        int(accept_due),
        int(accept_due and case.accepted_at is not None and case.accepted_at <= case.accept_due_at),
        int(handle_due),
        int(handle_due and case.handled_at is not None and case.handled_at <= case.handle_due_at and not unsolved),
        int(rated),
        level_weights[case.rating] if rated and case.rating is not None else Decimal(0),
    )


def _first(moment: datetime | None, due: datetime) -> datetime:
    return due if moment is None else min(moment, due)


def new_number() -> str:
    """A number that nobody can guess: ``YY-7KQ3-XM4P``; 31 to the power of 8 of them."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"YY-{signs[:4]}-{signs[4:]}"


def tail(phone: str) -> str:
    """The last four digits of a telephone number."""
    return "".join(sign for sign in phone if sign.isdigit())[-4:]
