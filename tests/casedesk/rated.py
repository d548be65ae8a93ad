"""Cases on their way to a rating, for the tests of ratings and of what watches them."""

from datetime import timedelta
from itertools import count

from casedesk.actions import ratings
from casedesk.actions.intake import Reporter
from casedesk.models import CaseFile, OutcomeRating
from portal.notices.models import Notice
from tests.casedesk.desk import HOUR, NOW, Desk

HANDLED = NOW + 5 * HOUR
LATER = HANDLED + 5 * HOUR
MINUTE = timedelta(minutes=1)
_PHONES = count(13900000001)


def handled(desk: Desk, *, phone: str | None = None, email: str = "", now=HANDLED, **more) -> CaseFile:
    """A handled case whose reporter, another one each time, was asked to rate it."""
    return desk.handled(
        reporter=Reporter(phone=str(next(_PHONES)) if phone is None else phone, email=email), now=now, **more
    )


def rate(file: CaseFile, level: int = 5, resolved: str = "yes", *, now=LATER, **more) -> OutcomeRating:
    more.setdefault("channel", OutcomeRating.Channel.CODE)
    return ratings.rate(file, level=level, resolved=resolved, now=now, **more)


def fresh(file: CaseFile) -> CaseFile:
    return CaseFile.objects.with_case().get(pk=file.pk)


def rating_of(file: CaseFile) -> OutcomeRating:
    """The rating of the present round."""
    return OutcomeRating.objects.get(case=file.case, round=fresh(file).round)


def link_path(file: CaseFile) -> str:
    """The path of the link that the reporter of ``file`` was sent last."""
    return Notice.objects.filter(kind="rating-invited", subject=file.case.case_no).order_by("-pk")[0].url


def token_of(file: CaseFile) -> str:
    return link_path(file).rstrip("/").rpartition("/")[2]
