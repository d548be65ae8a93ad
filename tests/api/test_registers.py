"""Registers in the API: who gets what, and what is out of scope does not exist."""

import csv
from io import StringIO

import pytest
from django.test import Client

from estates.models import Estate, ServiceAssignment
from portal.roles import Permission
from tests import world
from tests.api.conftest import API, client_of, problem

PLACES = ("regions/", "enterprises/", "estates/", "cases/")

MAY = {
    #                        regions enterprises estates cases
    "computer": (200, 200, 200, 200),
    "reviewer": (200, 200, 200, 200),
    "signer": (200, 200, 200, 200),
    "officer_east": (200, 200, 200, 200),
    "officer_west": (200, 200, 200, 200),
    "street_staff_east": (200, 200, 200, 200),
    "inspector_east": (200, 200, 200, 403),
    "handler_fire": (403, 403, 403, 200),
    "staff_of_enterprise": (200, 200, 200, 200),
    "auditor": (200, 200, 200, 200),
    "api_client": (200, 200, 200, 200),
    "nobody": (403, 403, 403, 403),
}  # fmt: skip


def inside(district: str):
    return Estate.objects.filter(community__parent__parent__code=district)


@pytest.mark.parametrize("name", MAY)
def test_each_role_at_each_register(people, name):
    client = Client()
    client.force_login(getattr(people, name))
    assert tuple(client.get(API + place).status_code for place in PLACES) == MAY[name]


@pytest.mark.parametrize("place", PLACES)
def test_a_stranger_is_asked_for_credentials(client, db, place):
    response = client.get(API + place)
    problem(response, 401)
    assert response["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("token", ["nonsense", "", "a b", "x" * 10_000, "\xff"])
def test_a_bad_token_is_refused(client, db, token):
    problem(client.get(API + "estates/", headers={"authorization": f"Token {token}"}), 401)


@pytest.mark.parametrize("place", PLACES)
def test_a_token_may_only_what_it_was_given(people, place):
    wanted = {"regions/": "estates.view", "estates/": "estates.view", "enterprises/": "enterprises.view"}.get(
        place, "cases.view"
    )
    others = [permission for permission in Permission if permission not in (wanted, Permission.SUBMIT_CASES)]
    assert client_of(people.api_client, wanted).get(API + place).status_code == 200
    problem(client_of(people.api_client, *others).get(API + place), 403)


def test_a_token_gives_nothing_that_its_account_lacks(people):
    problem(client_of(people.nobody, *Permission).get(API + "estates/"), 403)


def test_a_superusers_token_is_bounded_too(people):
    people.nobody.is_superuser = True
    people.nobody.save()
    client = client_of(people.nobody, Permission.VIEW_ENTERPRISES)
    assert client.get(API + "enterprises/").json()["count"] > 0
    problem(client.get(API + "estates/"), 403)


def test_estates_are_those_of_the_district(people):
    client = client_of(people.officer_east, "estates.view")
    mine, other = inside(world.EAST), inside(world.WEST).first()
    found = client.get(API + "estates/?page_size=1000").json()
    assert {row["code"] for row in found["results"]} == set(mine.values_list("code", flat=True))
    assert {row["district_code"] for row in found["results"]} == {world.EAST}
    assert client.get(f"{API}estates/{mine.first().code}/").status_code == 200
    problem(client.get(f"{API}estates/{other.code}/"), 404)
    assert client.get(f"{API}estates/?q={other.code}").json()["count"] == 0
    assert client.get(f"{API}estates/?district={world.WEST}").json()["count"] == 0


def test_staff_see_what_their_enterprise_serves(people):
    own = people.staff_of_enterprise.enterprise_memberships.get().enterprise
    client = Client()
    client.force_login(people.staff_of_enterprise)
    served = ServiceAssignment.objects.current().filter(enterprise=own)
    found = client.get(API + "estates/?page_size=1000").json()["results"]
    assert {row["code"] for row in found} == set(served.values_list("estate__code", flat=True))
    assert {row["enterprise_uscc"] for row in found} == {own.uscc}
    assert [row["uscc"] for row in client.get(API + "enterprises/").json()["results"]] == [own.uscc]


def test_search_finds_by_name_code_and_initials(api):
    for text in ("样例小区001", "E00001", "ylxq001", "YLXQ001", "yangli%20xiaoqu001"):
        assert [row["code"] for row in api.get(f"{API}estates/?q={text}").json()["results"]] == ["E00001"], text
    problem(api.get(f"{API}estates/?q={'x' * 101}"), 400)
    for query in ("kind=castle", "kind=", "served=maybe"):
        problem(api.get(f"{API}estates/?{query}"), 400)
    problem(api.get(f"{API}enterprises/?is_public_benefit=1"), 400)


def test_a_register_as_csv(api):
    response = api.get(API + "estates/?page_size=3", headers={"accept": "text/csv"})
    rows = list(csv.DictReader(StringIO(response.content.decode())))
    assert [row["code"] for row in rows] == [
        row["code"] for row in api.get(API + "estates/?page_size=3").json()["results"]
    ]
    assert 'rel="next"' in response["Link"]


def test_a_name_never_starts_a_formula(api):
    Estate.objects.filter(code="E00001").update(name="=1+1")
    response = api.get(API + "estates/?q=E00001&format=csv")
    assert next(csv.DictReader(StringIO(response.content.decode())))["name"] == "'=1+1"


@pytest.mark.parametrize("query", ["page=0", "page_size=5000", "q=%00", "sort=name", "page=" + "9" * 5000])
@pytest.mark.parametrize("place", PLACES[:3])
def test_bad_parameters_are_named(api, place, query):
    problem(api.get(f"{API}{place}?{query}"), 400)


@pytest.mark.parametrize(
    "address", ["estates/%00/", "estates/%ff/", "enterprises/%F0%9F%98%80/", "estates/" + "a" * 61 + "/"]
)
def test_codes_that_are_none(api, address):
    problem(api.get(API + address), 404)


@pytest.mark.parametrize("count", [5, 25])
def test_a_list_takes_the_same_queries_for_few_rows_and_for_many(api, django_assert_max_num_queries, count):
    with django_assert_max_num_queries(8):
        assert len(api.get(f"{API}estates/?page_size={count}").json()["results"]) == count


def test_the_root_names_everything(client, db):
    for address in client.get(API).json().values():
        assert client.get(address).status_code in (200, 401, 404)
