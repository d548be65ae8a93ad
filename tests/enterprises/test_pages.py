"""The register of enterprises: a subject of the whole city, except for an enterprise's own staff."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enterprises.models import Enterprise


@pytest.fixture
def client() -> Client:
    """A visitor whose browser asks for English."""
    return Client(headers={"Accept-Language": "en"})


def test_district_official_sees_every_enterprise(client, people):
    client.force_login(people.officer_east)
    response = client.get(reverse("enterprise-list"))
    assert response.context["page"].paginator.count == Enterprise.objects.count()


def test_staff_see_their_own_enterprise_and_no_other(client, people):
    client.force_login(people.staff_of_enterprise)
    own = people.staff_of_enterprise.enterprise_memberships.get().enterprise
    other = Enterprise.objects.exclude(pk=own.pk).first()
    page = client.get(reverse("enterprise-list")).context["page"]
    assert [enterprise.uscc for enterprise in page.object_list] == [own.uscc]
    assert client.get(reverse("enterprise-detail", args=[own.uscc])).status_code == 200
    assert client.get(reverse("enterprise-detail", args=[other.uscc])).status_code == 404
    assert client.get(reverse("enterprise-estates", args=[other.uscc])).status_code == 404


def test_search_by_code_and_by_pinyin_initials(client, people):
    client.force_login(people.auditor)
    one = Enterprise.objects.order_by("uscc").first()
    for text in (one.uscc, one.uscc.lower(), one.initials, one.name):
        page = client.get(reverse("enterprise-list"), {"q": text}).context["page"]
        assert one.uscc in {enterprise.uscc for enterprise in page.object_list}


def test_filters_find_exactly_what_the_figures_count(client, people):
    client.force_login(people.auditor)
    for filters, count in (
        ({"origin": "local"}, Enterprise.objects.filter(origin="local").count()),
        ({"is_public_benefit": "true"}, Enterprise.objects.filter(is_public_benefit=True).count()),
    ):
        page = client.get(reverse("enterprise-list"), filters).context["page"]
        assert page.paginator.count == count == len(page.object_list)


def test_list_costs_the_same_queries_for_one_row_and_for_all(client, people):
    client.force_login(people.auditor)
    one = Enterprise.objects.order_by("uscc").first()

    def queries(filters) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("enterprise-list"), filters)
        return len(captured)

    queries({})
    assert queries({"q": one.uscc}) == queries({})


def test_register_is_refused_to_who_may_not_view_it(client, people):
    client.force_login(people.nobody)
    assert client.get(reverse("enterprise-list")).status_code == 403
