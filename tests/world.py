"""The small world of the tests: the golden city and the people who work in it.

The golden city (``tests/golden``, from the ranking policy's golden folder) has three managing districts, six streets and
60 estates; 甲区 and 乙区 are administrative, 990190 is a functional zone.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.contrib.auth.hashers import make_password

from enterprises.models import EnterpriseMembership
from estates.models import ServiceAssignment
from portal import citypackage
from portal.models import Agency, ApiToken, Grant, Region, User
from portal.roles import ROLES, Role

GOLDEN = Path(__file__).parent / "golden"
PERIOD = "2021-10-H2"
PASSWORD = "correct horse battery"

SAMPLE_DAY = date(2021, 11, 18)
"""The day on which the sample city stands, where it is loaded whole."""

EAST, WEST, ZONE = "990101", "990102", "990190"
"""Codes of the three districts."""


def load_golden_city() -> None:
    """Load the golden package; a problem in it fails the tests at once."""
    citypackage.load(citypackage.Loading(GOLDEN, say=fail))


def fail(problem):
    raise AssertionError(str(problem))


@dataclass(frozen=True)
class People:
    """One person per role. ``computer``, ``reviewer`` and ``signer`` are city officials."""

    computer: User
    reviewer: User
    signer: User
    officer_east: User
    officer_west: User
    street_staff_east: User
    inspector_east: User
    handler_fire: User
    staff_of_enterprise: User
    auditor: User
    api_client: User
    nobody: User

    def __iter__(self):
        return iter(vars(self).values())


def settle_people() -> People:
    """Create the people of the world with their grants. They all have the same password."""
    city = Region.objects.get(level=Region.Level.CITY)
    east, west = Region.objects.get(code=EAST), Region.objects.get(code=WEST)
    street = east.children.order_by("code").first()
    password = make_password(PASSWORD)

    def person(
        username: str, role: Role | None = None, region: Region | None = None, agency: Agency | None = None
    ) -> User:
        user = User.objects.create(username=username, name=username.replace("_", " ").title(), password=password)
        if role:
            Grant.objects.create(user=user, role=role, region=region, agency=agency)
        return user

    staff = person("staff_of_enterprise")
    served = ServiceAssignment.objects.current().order_by("pk").first()
    assert served is not None
    EnterpriseMembership.objects.create(user=staff, enterprise=served.enterprise)
    return People(
        computer=person("computer", Role.CITY_OFFICIAL, city),
        reviewer=person("reviewer", Role.CITY_OFFICIAL, city),
        signer=person("signer", Role.CITY_OFFICIAL, city),
        officer_east=person("officer_east", Role.DISTRICT_OFFICIAL, east),
        officer_west=person("officer_west", Role.DISTRICT_OFFICIAL, west),
        street_staff_east=person("street_staff_east", Role.STREET_STAFF, street),
        inspector_east=person("inspector_east", Role.INSPECTOR, street),
        handler_fire=person("handler_fire", Role.AGENCY_HANDLER, agency=Agency.objects.get(code="fire")),
        staff_of_enterprise=staff,
        auditor=person("auditor", Role.AUDITOR, city),
        api_client=person("api_client", Role.API_CLIENT, city),
        nobody=person("nobody"),
    )


def token_for(user: User, *permissions: str) -> str:
    """A fresh API token of ``user`` with ``permissions`` (default: all that an API client may)."""
    _row, token = ApiToken.objects.create(user=user, permissions=list(permissions or ROLES[Role.API_CLIENT]))
    return token
