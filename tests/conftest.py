"""Fixtures shared by all tests: the golden city is in every test database; people and rankings are made where asked."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from portal.context import forget_city
from portal.rules import HalfMonth
from tests import world


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The golden city, loaded once per test database."""
    from portal.models import Region

    with django_db_blocker.unblock():
        if not Region.objects.exists():
            world.load_golden_city()


@pytest.fixture(scope="module")
def sample_city(django_db_setup, django_db_blocker, tmp_path_factory):
    """The sample city of 18 November 2021 with hardly any cases, beside the golden city, until the module's tests are done."""
    from django.db import connection, transaction

    from evaluations.samplecity import package
    from portal import citypackage
    from portal.models import Region

    folder = tmp_path_factory.mktemp("city")
    with django_db_blocker.unblock(), transaction.atomic():
        Region.objects.filter(level=Region.Level.CITY).update(code=package.CITY["code"])
        package.write(folder, as_of=world.SAMPLE_DAY, seed=7, cases_per_half_month=20)
        with translation.override("en"):
            citypackage.load(citypackage.Loading(folder, say=world.fail))
        with connection.cursor() as cursor:  # now, or every test's end would check all of it again
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield folder
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _city_of_this_test():
    """What a test's end rolls back is told to nobody, so no test starts with the city of another."""
    forget_city()


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


@pytest.fixture
def make(db):
    """Makes rows of Party building."""
    from tests.partybuilding.making import Making

    return Making()
