"""Of which places a person may read the overview, as a list to choose from."""

from typing import NamedTuple

from django.db.models import Q

from portal.models import Region
from portal.roles import Permission

Level = Region.Level


class Group(NamedTuple):
    """A district with its streets; the city stands in a group without a title."""

    title: str
    places: list[Region]


def places_of(user) -> list[Region]:
    """The places where ``user`` sees neighbourhoods, down to streets, each district before its streets; largest first.

    A person granted a single community reads that. Enterprise staff have no place.
    """
    inside = Q(pk__in=[])
    for path in user.reach(Permission.VIEW_ESTATES):
        inside |= Q(path__startswith=path) & ~Q(level=Level.COMMUNITY) | Q(path=path)
    return list(Region.objects.plain().select_related("parent").filter(inside).order_by("path"))


def grouped(places: list[Region]) -> list[Group]:
    """``places`` for a list to choose from."""
    groups: list[Group] = []
    for place in places:
        if place.level == Level.CITY:
            groups.append(Group("", [place]))
        elif place.level == Level.DISTRICT or not groups:
            title = place.name if place.level == Level.DISTRICT else place.parent.name
            groups.append(Group(title, [place]))
        else:
            groups[-1].places.append(place)
    return groups


def is_exact(user, place: Region) -> bool:
    """Whether ``user`` may see Party data of ``place``, so that persons are counted to the last one."""
    return user.has_perm(Permission.VIEW_PARTY) and any(
        place.path.startswith(path) for path in user.reach(Permission.VIEW_PARTY)
    )
