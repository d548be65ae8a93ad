"""Numbers without gaps, and codes that cannot be guessed."""

import secrets
from datetime import datetime

from django.db import connection

from portal.rules import CHINA

CASES, SUPERVISIONS = "PY", "DB"
"""Series of numbers: 评议 and 督办."""

_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which are misread on paper."""


def next_number(series: str, now: datetime) -> str:
    """The next number of ``series`` on the day of ``now`` (Asia/Shanghai), such as ``PY-20211108-003126``.

    Called inside the transaction that uses it: a rollback gives the number back, so there are no gaps.
    """
    day = now.astimezone(CHINA).date()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO casedesk_numberseries (series, day, last) VALUES (%s, %s, 1)
               ON CONFLICT (series, day) DO UPDATE SET last = casedesk_numberseries.last + 1 RETURNING last""",
            [series, day],
        )
        (number,) = cursor.fetchone()
    return f"{series}-{day:%Y%m%d}-{number:06d}"


def tracking_code() -> str:
    """Ten signs, 50 bits: with the telephone's last four digits it shows a case to its reporter."""
    return "".join(secrets.choice(_SIGNS) for _ in range(10))
