"""The city that every page names: read once, and again when it changes."""

from portal import context
from portal.models import CityProfile, Region
from portal.templatetags.portal import city_name


def names() -> str:
    return city_name(context.city())


def test_a_second_page_does_not_read_it_again(db, django_assert_num_queries):
    context.city()
    with django_assert_num_queries(0):
        assert names()


def test_a_changed_profile_shows_at_once(db):
    assert names() != "Riverside"
    profile = CityProfile.objects.get()
    profile.name_en = "Riverside"
    profile.save()
    assert names() == "Riverside"


def test_a_renamed_city_shows_at_once(db):
    CityProfile.objects.update(name_en="")
    context.forget_city()
    city = Region.objects.get(level=Region.Level.CITY)
    before = names()
    city.name = "江城"
    city.save()
    assert names() != before


def test_another_place_that_is_saved_is_no_reason_to_ask_again(db, django_assert_num_queries):
    context.city()
    Region.objects.filter(level=Region.Level.DISTRICT).earliest("code").save()
    with django_assert_num_queries(0):
        context.city()


def test_a_change_of_another_process_shows_within_a_minute(db, monkeypatch):
    before = names()
    CityProfile.objects.update(name_en="Riverside")
    assert names() == before
    now = context.time.monotonic()
    monkeypatch.setattr(context.time, "monotonic", lambda: now + 61)
    assert names() == "Riverside"


def test_an_installation_without_a_city_has_pages_too(db):
    CityProfile.objects.all().delete()
    assert context.city() is None
    assert names() == "City"
