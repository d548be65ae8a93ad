"""What a visitor of the demo finds: the bulletin of one month published, that of the next one as a draft."""

from datetime import datetime, timedelta

from django.db import transaction

from bulletins import actions
from bulletins.desk import months_to_compose
from bulletins.models import MonthlyBulletin
from bulletins.rules import Month
from evaluations.tour import COMPUTER, REVIEWER, SIGNER
from portal.models import User


def months(now: datetime) -> list[Month]:
    """The months to show, oldest first: the last two ended ones with cases, as long as there is no bulletin at all."""
    return [] if MonthlyBulletin.objects.exists() else months_to_compose(now, most=2)[::-1]


@transaction.atomic
def show(now: datetime) -> None:
    """Publish the first of :func:`months` and leave the last as a draft: all of it or nothing. Each step is dated when it
    would have been done, but never after ``now``."""
    composer, reviewer, signer = (User.objects.get(username=name) for name in (COMPUTER, REVIEWER, SIGNER))
    found = months(now)
    for month in found:

        def after(days: int, month: Month = month) -> datetime:
            return min(month.end + timedelta(days=days, hours=9), now)

        bulletin = actions.compose_bulletin(month, by=composer, now=after(7))
        if month != found[-1]:
            actions.submit_bulletin(bulletin, by=composer, now=after(7))
            actions.review_bulletin(bulletin, by=reviewer, now=after(8))
            actions.sign_bulletin(bulletin, by=signer, now=after(9))
            actions.publish_bulletin(bulletin, by=signer, now=after(9))
