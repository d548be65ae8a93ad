"""Fixtures shared by all tests: the golden city is in every test database; people and rankings are made where asked."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from portal.rules import HalfMonth
from tests import world


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The golden city, loaded once per test database."""
    from portal.models import Region

    with django_db_blocker.unblock():
        if not Region.objects.exists():
            world.load_golden_city()


@pytest.fixture(autouse=True)
def _quick_and_english(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with translation.override("en"):
        yield


@pytest.fixture
def people(db) -> world.People:
    return world.settle_people()


@pytest.fixture
def draft(db, people):
    """The golden ranking as a draft that ``people.computer`` computed."""
    from evaluations import actions

    return actions.compute_ranking(HalfMonth.parse(world.PERIOD), now=timezone.now(), by=people.computer).ranking


@pytest.fixture
def on_notice(draft, people):
    """The golden ranking on public notice, which is over by now."""
    from evaluations import actions

    actions.submit_for_review(draft, by=people.computer, now=timezone.now())
    actions.start_notice(draft, by=people.reviewer, now=timezone.now() - timedelta(days=30))
    return draft


@pytest.fixture
def published(on_notice, people):
    """The golden ranking, published."""
    from evaluations import actions

    actions.publish(on_notice, by=people.signer, now=timezone.now())
    return on_notice
