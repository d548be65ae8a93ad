"""Rankings carried all the way to publication, by people of the bench."""

from datetime import timedelta

from evaluations import actions
from portal.models import Grant, Region, User
from portal.roles import Role
from portal.rules import HalfMonth


def person(name: str, role: Role, region: Region | None = None) -> User:
    """A person with ``role`` in ``region`` (default: the city)."""
    user, is_new = User.objects.get_or_create(username=name)
    if is_new:
        Grant.objects.create(user=user, role=role, region=region or Region.objects.get(level=Region.Level.CITY))
    return user


def publish(last: HalfMonth, count: int) -> None:
    """The ``count`` rankings that end with ``last``, published one after another; what is published already stays."""
    author, signer = person("author", Role.CITY_OFFICIAL), person("signer", Role.CITY_OFFICIAL)
    for back in reversed(range(count)):
        period = last.shift(-back)
        ranking = actions.compute_ranking(period, now=period.end, by=author).ranking
        if ranking.status != ranking.Status.DRAFT:
            continue
        actions.submit_for_review(ranking, by=author, now=period.end)
        actions.start_notice(ranking, by=signer, now=period.end)
        actions.publish(ranking, by=signer, now=period.end + timedelta(days=30))
