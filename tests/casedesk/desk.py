"""A small case desk for the tests: a catalogue, members of each kind of party, and matters at any step."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casedesk.actions import dispatch, handling
from casedesk.actions.intake import Reporter, open_case
from casedesk.models import CaseFile, CatalogueItem, CatalogueVersion
from enterprises.models import Enterprise, EnterpriseMembership
from estates.models import Estate, ServiceAssignment
from portal.models import Agency, Grant, Region, User
from portal.roles import Role
from portal.rules import CHINA
from tests import world

NOW = datetime(2021, 11, 10, 10, 0, tzinfo=CHINA)
"""A Wednesday without a holiday near it."""
HOUR = timedelta(hours=1)


def catalogue() -> CatalogueVersion:
    version = CatalogueVersion.objects.create(document="Catalogue of the tests", effective_from=date(2021, 1, 1))
    fire = Agency.objects.get(code="fire")
    for place, (category, more) in enumerate(
        {
            "property_service": {},
            "cleaning": {"handle_limit": 2},
            "dogs": {"party_kind": "street"},
            "fire_safety": {"party_kind": "agency", "agency": fire},
            "lifts": {"is_automatic": True},
        }.items()
    ):
        CatalogueItem.objects.create(version=version, position=place, category=category, **more)
    return version


@dataclass(frozen=True)
class Desk:
    """``estate`` lies in the eastern district; ``staff`` serve it, ``street_staff`` work at its street office."""

    estate: Estate
    enterprise: Enterprise
    street: Region
    officer: User
    other_officer: User
    staff: User
    colleague: User
    street_staff: User
    fire: User
    city: User

    def matter(self, category: str = "property_service", *, now: datetime = NOW, **more) -> CaseFile:
        """A fresh matter of the neighbourhood."""
        reporter = more.pop("reporter", Reporter(phone="13800001234", email="li@example.org"))
        more = {"text": "走道灯不亮", "channel": CaseFile.Channel.WEB} | more
        return open_case(estate=more.pop("estate", self.estate), category=category, reporter=reporter, now=now, **more)

    def dispatched(self, *, now: datetime = NOW + HOUR, party=None, **more) -> CaseFile:
        """Reported an hour before."""
        file = self.matter(now=now - HOUR, **more)
        return dispatch.dispatch_case(file, party=party or self.enterprise, by=self.officer, now=now, seen=file.version)

    def accepted(self, *, now: datetime = NOW + 2 * HOUR, **more) -> CaseFile:
        """Dispatched an hour before."""
        file = self.dispatched(now=now - HOUR, **more)
        return handling.accept_case(file, by=self.staff, now=now, seen=file.version)

    def handled(self, *, now: datetime = NOW + 5 * HOUR, **more) -> CaseFile:
        """Accepted three hours before."""
        file = self.accepted(now=now - 3 * HOUR, **more)
        self.handle(file, now=now)
        return self.again(file)

    def handle(self, file: CaseFile, *, now: datetime, text: str = "灯已换好", **more):
        more = {"result": "solved", "finished_at": now, "by": self.staff, "seen": file.version} | more
        return handling.handle_case(file, text=text, now=now, **more)

    @staticmethod
    def again(file: CaseFile) -> CaseFile:
        """The file as it is now."""
        return CaseFile.objects.with_case().get(pk=file.pk)


def settle_desk(people: world.People) -> Desk:
    """The desk of ``people``, with a catalogue."""
    catalogue()
    served = (
        ServiceAssignment.objects.current()
        .filter(estate__community__path__contains=f"/{world.EAST}/")
        .select_related("enterprise", "estate__community__parent")
        .order_by("pk")
        .first()
    )
    assert served is not None
    street = served.estate.community.parent

    def person(name: str, role: Role | None = None, region: Region | None = None) -> User:
        user = User.objects.create(username=name, name=name.title())
        if role:
            Grant.objects.create(user=user, role=role, region=region)
        return user

    staff, colleague = person("desk_staff"), person("desk_colleague")
    for one in (staff, colleague):
        EnterpriseMembership.objects.create(user=one, enterprise=served.enterprise)
    return Desk(
        estate=served.estate,
        enterprise=served.enterprise,
        street=street,
        officer=people.officer_east,
        other_officer=person("desk_officer", Role.DISTRICT_OFFICIAL, Region.objects.get(code=world.EAST)),
        staff=staff,
        colleague=colleague,
        street_staff=person("desk_street", Role.STREET_STAFF, street),
        fire=people.handler_fire,
        city=people.computer,
    )
