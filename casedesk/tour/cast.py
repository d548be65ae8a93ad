"""Who acts in the demo's cases, and where: the demo's accounts, the neighbourhoods in their district."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from enterprises.models import Enterprise
from estates.models import Estate, ServiceAssignment
from evaluations.models import Ranking
from portal.models import Agency, Region, User
from portal.roles import Role

CITY, DISTRICT, OTHER_DISTRICT, STREET = "wang", "chen", "xu", "liu"
COMPANY, STATION, FIRE, UTILITY = "zhao", "sun", "luo", "he"
"""User names of the demo's accounts: ``evaluations.tour`` settles them."""


@dataclass(frozen=True)
class Players:
    """``since``: nothing is dated earlier, for rankings have counted it. ``homes`` are served by the enterprise of the demo's
    account, ``near`` lie in the street, ``around`` in the district; all by code.
    """

    now: datetime
    since: datetime | None
    people: dict[str, User]
    enterprise: Enterprise
    district: Region
    street: Region
    agencies: dict[str, Agency]
    homes: list[Estate]
    near: list[Estate]
    around: list[Estate]

    def party(self, name: str) -> Enterprise | Agency | Region:
        """The body for which the account ``name`` acts."""
        if name == COMPANY:
            return self.enterprise
        return self.street if name == STREET else self.agencies[name]


def players(now: datetime) -> Players | None:
    """The accounts and what they see; ``None`` where one of them is missing."""
    names = (CITY, DISTRICT, OTHER_DISTRICT, STREET, COMPANY, STATION, FIRE, UTILITY)
    people = User.objects.filter(username__in=names).in_bulk(field_name="username")
    if len(people) < len(names):
        return None
    street = people[STREET].grants.get(role=Role.STREET_STAFF).region
    assert street is not None
    district = street.parent
    served = ServiceAssignment.objects.current().filter(
        enterprise__in=Enterprise.objects.filter(pk__in=_enterprises(people[COMPANY])),
        estate__community__path__startswith=district.path,
    )
    counted = Counter(served.values_list("enterprise", flat=True))
    if not counted:
        return None
    enterprise = Enterprise.objects.get(pk=counted.most_common(1)[0][0])
    estates = Estate.objects.exclude(kind=Estate.Kind.NON_RESIDENTIAL).order_by("code")
    newest = Ranking.objects.order_by("-window_end").values_list("window_end", flat=True).first()
    return Players(
        now=now,
        since=newest,
        people=people,
        enterprise=enterprise,
        district=district,
        street=street,
        agencies={name: people[name].grants.get(role=Role.AGENCY_HANDLER).agency for name in (STATION, FIRE, UTILITY)},
        homes=list(estates.filter(pk__in=served.filter(enterprise=enterprise).values("estate"))),
        near=list(estates.filter(community__parent=street)[:20]),
        around=list(estates.filter(community__path__startswith=district.path)[:60]),
    )


def _enterprises(user: User) -> list[int]:
    from enterprises.models import enterprises_of
    from portal.roles import Permission

    return list(enterprises_of(user, Permission.HANDLE_CASES))
