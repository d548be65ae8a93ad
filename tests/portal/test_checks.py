"""Production refuses to start half-configured."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from portal import checks


@pytest.fixture
def production(settings):
    settings.PRODUCTION, settings.DEBUG = True, False
    settings.SECRET_KEY, settings.REDIS_URL = "a secret of its own", "redis://127.0.0.1:1/0"
    settings.PERSON_KEY, settings.PORTAL_URL = "a key of its own", "https://portal.example"
    return settings


def test_a_configured_production_starts(production, db):
    assert checks.production_is_configured(None) == []
    checks.refuse_unfit_production()


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("DEBUG", True, "DEBUG"),
        ("REDIS_URL", "", "REDIS_URL"),
        ("SECRET_KEY", None, "SECRET_KEY"),
        ("PERSON_KEY", None, "PERSON_KEY"),
        ("PORTAL_URL", "http://127.0.0.1:8000", "PORTAL_URL"),
    ],
)
def test_production_refuses(production, db, name, value, word):
    setattr(production, name, value if value is not None else production.TRIAL_SECRET)
    with pytest.raises(ImproperlyConfigured, match=word):
        checks.refuse_unfit_production()


def test_production_refuses_an_old_schema(production, db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'evaluations' AND name >= '0004'")
    with pytest.raises(ImproperlyConfigured, match="migrations"):
        checks.refuse_unfit_production()


def test_the_trial_starts_without_any_of_it(settings, db):
    settings.PRODUCTION = False
    assert checks.production_is_configured(None) == []
    checks.refuse_unfit_production()
