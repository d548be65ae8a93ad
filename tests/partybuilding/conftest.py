"""Who keeps the registers of Party building, one for each district."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def organiser(people, make) -> SimpleNamespace:
    """One official of the organisation department for each district."""
    from portal.models import Grant, User
    from portal.roles import Role

    def person(name, region):
        user = User.objects.create(username=name)
        Grant.objects.create(user=user, role=Role.ORGANISATION_DEPARTMENT, region=region)
        return user

    return SimpleNamespace(east=person("organiser_east", make.east), west=person("organiser_west", make.west))
