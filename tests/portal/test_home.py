"""The home page: each role's own scope, and every number opens exactly the rows that it counts."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from enterprises.models import Enterprise
from estates.models import Estate
from evaluations import home as appraisal_home
from evaluations.models import AppraisalCase, RankingEntry
from tests import world


@pytest.fixture
def client() -> Client:
    """A visitor whose browser asks for English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


def page(client, person):
    client.force_login(person)
    response = client.get(reverse("home"))
    assert response.status_code == 200
    return response


def card(response, template: str):
    return next((card.context for card in response.context["cards"] if card.template.endswith(template)), None)


def test_home_of_every_person_opens(client, people, published):
    for person in people:
        assert page(client, person).context["cards"]


def test_stranger_is_asked_to_sign_in(client, db):
    assert client.get(reverse("home")).status_code == 302


def test_every_figure_counts_the_rows_behind_its_link(client, people):
    for person in (people.auditor, people.officer_east, people.staff_of_enterprise, people.handler_fire):
        for figure in page(client, person).context["figures"]:
            behind = client.get(figure.url).context
            assert figure.value == (behind["page"].paginator.count if "page" in behind else behind["count"])


def test_figures_stay_in_the_district(client, people):
    values = {str(figure.title): figure.value for figure in page(client, people.officer_east).context["figures"]}
    inside = Estate.objects.filter(community__path__contains=f"/{world.EAST}/")
    assert values["Old neighbourhoods"] == inside.filter(kind="old").count()
    assert values["Enterprises"] == Enterprise.objects.count()


def test_work_is_of_the_own_scope(client, people):
    work = card(page(client, people.officer_east), "to_do.html")
    scope = AppraisalCase.objects.filter(estate__community__path__contains=f"/{world.EAST}/")
    assert work["work"].overdue == scope.overdue().count()
    assert work["work"].open == scope.unhandled().count()
    assert all(f"/{world.EAST}/" in case.estate.community.path for case in work["cases"])


def test_city_official_compares_districts_and_district_official_streets(client, people, published):
    city = card(page(client, people.auditor), "places.html")
    assert {line["region"].code for line in city["lines"]} == {world.EAST, world.WEST, world.ZONE}
    district = card(page(client, people.officer_east), "places.html")
    assert {line["region"].level for line in district["lines"]} == {"street"}
    assert all(f"/{world.EAST}/" in line["region"].path for line in district["lines"])
    assert sum(line["work"][0] for line in district["lines"]) == next(
        line["work"][0] for line in city["lines"] if line["region"].code == world.EAST
    )


def test_scores_of_districts_are_those_of_the_public_page(client, people, published):
    from evaluations.summaries import district_table

    lines = card(page(client, people.auditor), "places.html")["lines"]
    assert {line["region"].code: line["score"] for line in lines} == {
        row.code: row.score for row in district_table(published)
    }


def test_trend_pools_the_own_scope_only(client, people, published):
    points = card(page(client, people.officer_east), "trend.html")["points"]
    own = RankingEntry.objects.filter(ranking=published, district_code=world.EAST).pooled()
    assert points == [(published, own)]
    street = people.street_staff_east.grants.get().region
    points = card(page(client, people.street_staff_east), "trend.html")["points"]
    assert points[0][1] == RankingEntry.objects.filter(ranking=published, street_code=street.code).pooled()


def test_drafts_show_only_to_who_may_see_them(client, people, draft):
    assert card(page(client, people.computer), "progress.html")["ranking"] == draft
    assert card(page(client, people.officer_east), "progress.html")["ranking"] is None


def test_missed_periods_are_offered_to_who_may_compute(client, people):
    assert card(page(client, people.computer), "to_do.html")["missed"]
    assert not card(page(client, people.auditor), "to_do.html")["missed"]


def test_menu_holds_what_the_person_may_open(client, people):
    for person in people:
        response = page(client, person)
        for entry in response.context["menu"]:
            assert client.get(reverse(entry.url_name)).status_code == 200
    assert not page(client, people.nobody).context["menu"]


def test_person_without_a_role_is_told_what_to_do(client, people):
    assert "You have no role yet" in page(client, people.nobody).content.decode()


def test_number_of_queries_does_not_grow_with_the_cases(client, people, published, django_assert_max_num_queries):
    page(client, people.officer_east)
    with django_assert_max_num_queries(20):
        client.get(reverse("home"))


def test_scope_of_two_districts_lists_both(people):
    from portal.models import Grant, Region, User

    both = User.objects.create(username="both")
    for code in (world.EAST, world.WEST):
        Grant.objects.create(user=both, role="district_official", region=Region.objects.get(code=code))
    scope = appraisal_home.scope_of(both)
    assert scope.field == "district_code"
    assert {region.code for region in scope.regions} == {world.EAST, world.WEST}
