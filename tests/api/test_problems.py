"""Every error under /api/ has one shape, in the reader's language."""

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from evaluations.api import rankings
from tests.api.conftest import API, problem


@pytest.mark.parametrize(
    "address", ["/api", "/api/", "/api/v2/", "/api/v1/x/y/z", "/api/v1/estates/E00001/x", "/api/v1/%00"]
)
def test_unknown_addresses(client, db, address):
    problem(client.get(address, follow=True), 404)


def test_a_missing_slash_is_added_for_readers_and_refused_to_writers(client, db):
    response = client.get("/api/v1/estates?page=2")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/estates/?page=2")
    problem(client.post("/api/v1/cases", "{}", content_type="application/json"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_methods_that_are_not_offered(client, published, method):
    response = getattr(client, method)(API + "rankings/latest/")
    problem(response, 405)
    assert "GET" in response["Allow"]


def test_media_types_that_are_not_offered(client, published):
    problem(client.get(API + "rankings/latest/", headers={"accept": "image/png"}), 406)
    problem(client.get(API + "rankings/latest/?format=xml"), 404)


def test_texts_follow_the_readers_language(client, db):
    chinese = problem(client.get(API + "rankings/latest/", headers={"accept-language": "zh-CN"}), 404)
    english = problem(client.get(API + "rankings/latest/", headers={"accept-language": "en"}), 404)
    assert chinese["status"] == english["status"]
    assert chinese["detail"] != english["detail"]


def test_too_many_requests_say_how_long_to_wait(client, published, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    answers = [client.get(f"{API}rankings/?page_size={size}") for size in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    problem(answers[2], 429)
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    ready = client.get(f"{API}rankings/?page_size=1")
    assert ready.status_code == 200  # what is ready costs nothing and is not counted


def test_a_forged_address_does_not_escape_the_throttle(client, published, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    for number in range(3):
        answer = client.get(f"{API}rankings/?page_size={number + 1}", headers={"x-forwarded-for": f"10.0.0.{number}"})
    assert answer.status_code == 429


def test_accounts_are_throttled_apart(people, api, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    cache.clear()
    assert [api.get(API + "estates/").status_code for _ in range(3)] == [200, 200, 429]
    other = Client()
    other.force_login(people.officer_east)
    assert other.get(API + "estates/").status_code == 200


def test_an_unforeseen_error_is_a_problem_that_tells_nothing(published, monkeypatch):
    def broken(*args):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(rankings, "header", broken)
    response = Client(raise_request_exception=False, headers={"accept-language": "en"}).get(API + "rankings/latest/")
    assert "secret" not in response.content.decode()
    problem(response, 500)


def test_a_session_needs_its_csrf_token_to_write(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.api_client)
    problem(client.post(API + "cases/", "{}", content_type="application/json"), 403)


def test_a_host_that_is_not_ours(client, db):
    problem(client.get(API, headers={"host": "evil.example"}), 400)
