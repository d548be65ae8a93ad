"""What the commands of the evaluations share."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from evaluations.models import Ranking
from portal.rules import HalfMonth


def parse_period(text: str) -> HalfMonth:
    """The half month named on a command line.

    Raises:
        CommandError: the text is no id of a half month.
    """
    try:
        return HalfMonth.parse(text)
    except ValueError as error:
        raise CommandError(_("“%(text)s” is not a half month such as 2021-10-H2.") % {"text": text}) from error


def find_ranking(period: str, revision: int | None) -> Ranking:
    """The named revision, else the newest.

    Raises:
        CommandError: there is none.
    """
    rankings = Ranking.objects.filter(period=str(parse_period(period)))
    if revision is not None:
        rankings = rankings.filter(revision=revision)
    ranking = rankings.order_by("-revision").first()
    if ranking is None:
        raise CommandError(_("There is no ranking of %(period)s; compute it first.") % {"period": period})
    return ranking


def padded(text: str, width: int) -> str:
    """``text`` filled up to ``width`` columns of a terminal, where a Chinese sign takes two."""
    return text + " " * (width - sum(2 if ord(sign) > 0x2E7F else 1 for sign in text))
