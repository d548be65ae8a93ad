"""How often the QR codes are opened: counts per neighbourhood and day, nothing about who.

Source: checks in 2019 found QR codes hidden or out of date; where a code that was used falls silent, somebody should look.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, Sum

from casedesk.models import QrScan
from estates.models import Estate
from portal.rules import CHINA

LATELY, BEFORE = 7, 28
"""Days in which a code fell silent, and days before them in which it was used."""
USED = 8
"""Scans in the days before from which silence says something: two in a week. Assumption."""


@dataclass(frozen=True)
class Scans:
    """Scans of one neighbourhood in the last seven days and in the 28 before."""

    lately: int = 0
    before: int = 0

    @property
    def fell_silent(self) -> bool:
        """Whether a code that was used is not opened any more: it may be hidden, torn off or pasted over."""
        return self.lately == 0 and self.before >= USED


def count_scan(estate: Estate, now: datetime) -> None:
    """One more scan of ``estate`` on the day of ``now``."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO casedesk_qrscan (estate_id, day, count) VALUES (%s, %s, 1)
               ON CONFLICT (estate_id, day) DO UPDATE SET count = casedesk_qrscan.count + 1""",
            [estate.pk, now.astimezone(CHINA).date()],
        )


def scans_of(estates: Iterable[Estate], now: datetime) -> dict[int, Scans]:
    """Scans by the id of the neighbourhood; those never scanned are left out. One query."""
    today = now.astimezone(CHINA).date()
    since = today - timedelta(days=LATELY - 1)
    rows = QrScan.objects.filter(estate__in=estates, day__gte=since - timedelta(days=BEFORE))
    counted = rows.values("estate").annotate(
        lately=Sum("count", filter=Q(day__gte=since), default=0),
        before=Sum("count", filter=Q(day__lt=since), default=0),
    )
    return {row["estate"]: Scans(row["lately"], row["before"]) for row in counted.order_by()}
