"""Cases that may be about the same matter: same neighbourhood, same kind, within two weeks; the likest text first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from casedesk.models import CaseFile
from casedesk.rules import likeness
from estates.models import Estate
from portal.models import User
from portal.roles import Permission

WITHIN = timedelta(days=14)
SHOWN, COMPARED = 5, 200
LIKE = 0.25
"""Likeness from which two texts probably tell the same. Assumption."""


@dataclass(frozen=True)
class Alike:
    """A file and how like its text is, in per cent."""

    file: CaseFile
    percent: int

    @property
    def is_likely(self) -> bool:
        return self.percent >= LIKE * 100


def alike(estate: Estate, category: str, text: str, *, by: User, now: datetime) -> list[Alike]:
    """Up to five, of those that ``by`` may see."""
    rows = CaseFile.objects.for_user(by, Permission.VIEW_CASES).filter(
        case__estate=estate, case__category=category, case__reported_at__gt=now - WITHIN, duplicate_of=None
    )
    rows = rows.exclude(status=CaseFile.Status.EXCLUDED).select_related("case")
    latest = list(rows.order_by("-case__reported_at")[:COMPARED])
    found = [Alike(file, round(likeness(text, file.text) * 100)) for file in latest]
    return sorted(found, key=lambda one: -one.percent)[:SHOWN]
