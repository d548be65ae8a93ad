"""The register of neighbourhoods: what each person finds there, and what they do not."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enterprises.models import Enterprise
from estates.models import Estate
from tests import world


@pytest.fixture
def client() -> Client:
    """A visitor whose browser asks for English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def east(db) -> Estate:
    return Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("code").first()


@pytest.fixture
def west(db) -> Estate:
    return Estate.objects.filter(community__path__contains=f"/{world.WEST}/").order_by("code").first()


def codes(response) -> set[str]:
    return {estate.code for estate in response.context["page"].object_list}


def test_list_holds_the_own_district_and_nothing_else(client, people, east, west):
    client.force_login(people.officer_east)
    response = client.get(reverse("estate-list"))
    inside = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").count()
    assert response.context["page"].paginator.count == inside
    text = b"".join(client.get(reverse("estate-list"), {"page": page}).content for page in (1, 2, 3))
    assert east.code.encode() in text
    assert west.code.encode() not in text


def test_another_districts_neighbourhood_does_not_exist(client, people, west):
    client.force_login(people.officer_east)
    assert client.get(reverse("estate-detail", args=[west.code])).status_code == 404
    assert client.get(reverse("estate-appraisal", args=[west.code])).status_code == 404
    assert codes(client.get(reverse("estate-list"), {"q": west.code})) == set()
    found = client.get(reverse("search"), {"q": west.code}).context["found"]
    assert all(not group.rows for group in found)


def test_city_official_sees_every_neighbourhood(client, people, east, west):
    client.force_login(people.auditor)
    assert client.get(reverse("estate-detail", args=[west.code])).status_code == 200
    assert client.get(reverse("estate-list")).context["page"].paginator.count == Estate.objects.count()


def test_facets_count_under_the_other_choices_only(client, people):
    client.force_login(people.auditor)
    response = client.get(reverse("estate-list"), {"kind": "old"})
    kinds = next(facet for facet in response.context["facets"] if facet.name == "kind")
    assert {option.value: option.count for option in kinds.options} == {
        kind: Estate.objects.filter(kind=kind).count()
        for kind in Estate.objects.values_list("kind", flat=True).distinct()
    }
    districts = next(facet for facet in response.context["facets"] if facet.name == "district")
    old_in_east = Estate.objects.filter(kind="old", community__path__contains=f"/{world.EAST}/").count()
    assert {option.value: option.count for option in districts.options}[world.EAST] == old_in_east
    assert response.context["page"].paginator.count == Estate.objects.filter(kind="old").count()


def test_filters_of_the_page_agree_with_its_count(client, people):
    client.force_login(people.auditor)
    for filters in (
        {"served": "no"},
        {"district": world.WEST},
        {"district": world.WEST, "kind": "professional"},
        {"q": "zz"},
    ):
        response = client.get(reverse("estate-list"), filters)
        rows = sum(
            len(client.get(reverse("estate-list"), filters | {"page": page}).context["page"].object_list)
            for page in (1, 2, 3)
            if page <= response.context["page"].paginator.num_pages
        )
        assert rows == response.context["page"].paginator.count


def test_a_filter_that_is_none_is_named_and_finds_nothing(client, people):
    client.force_login(people.auditor)
    response = client.get(reverse("estate-list"), {"kind": "castle"})
    assert response.status_code == 200
    assert "A filter was not understood" in response.content.decode()
    assert not response.context["page"].object_list


def test_sorting_by_households_puts_unknown_last(client, people):
    Estate.objects.filter(pk=Estate.objects.order_by("pk").first().pk).update(households=None)
    client.force_login(people.auditor)
    page = client.get(reverse("estate-list"), {"sort": "-households"}).context["page"]
    shown = [estate.households for estate in page.object_list]
    assert None not in shown
    assert shown == sorted(shown, reverse=True)


def test_list_costs_the_same_queries_for_5_and_for_25_rows(client, people):
    client.force_login(people.officer_east)

    def queries(filters) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("estate-list"), filters)
        return len(captured)

    few = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pinyin")[:1].get()
    queries({})
    assert queries({"q": few.name}) <= queries({}) == queries({"sort": "-name"})


def test_detail_shows_every_assignment(client, people, east):
    client.force_login(people.officer_east)
    response = client.get(reverse("estate-detail", args=[east.code]))
    for assignment in east.assignments.all():
        assert assignment.enterprise.uscc in response.content.decode()


def test_appraisal_is_a_part_and_a_page(client, people, published, east):
    client.force_login(people.officer_east)
    address = reverse("estate-appraisal", args=[east.code])
    part = client.get(address, headers={"X-Fragment": "1"}).content.decode()
    assert "<html" not in part
    assert "Latest cases" in part
    assert "<html" in client.get(address).content.decode()


def test_draft_rankings_do_not_show_in_the_history(client, people, draft, east):
    client.force_login(people.officer_east)
    assert not client.get(reverse("estate-appraisal", args=[east.code])).context["history"]


def test_inspector_sees_no_cases_on_the_appraisal(client, people):
    client.force_login(people.inspector_east)
    own = Estate.objects.for_user(people.inspector_east, "estates.view").first()
    response = client.get(reverse("estate-appraisal", args=[own.code]))
    assert response.context["cases"] == []


def test_what_an_enterprise_serves_is_cut_to_the_scope(client, people):
    client.force_login(people.officer_east)
    for enterprise in Enterprise.objects.all():
        page = client.get(reverse("enterprise-estates", args=[enterprise.uscc])).context["page"]
        assert all(f"/{world.EAST}/" in estate.community.path for estate in page.object_list)


def test_register_is_refused_to_who_may_not_view_it(client, people):
    client.force_login(people.handler_fire)
    assert client.get(reverse("estate-list")).status_code == 403
    client.force_login(people.nobody)
    assert client.get(reverse("estate-list")).status_code == 403
