"""Clients of the API: a stranger's, and one with a token."""

import json

import pytest
from django.core.cache import cache
from django.test import Client

from portal.documents import published as documents
from tests import world

API = "/api/v1/"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Ready documents and throttles outlive a test's transaction; they start empty."""
    documents.forget_all()
    cache.clear()
    yield
    documents.forget_all()
    cache.clear()


@pytest.fixture
def client() -> Client:
    """A stranger, who reads English."""
    return Client(headers={"accept-language": "en"})


def client_of(user, *permissions: str) -> Client:
    """A REST client with a token of ``user``; without ``permissions`` the token may all that an API client may."""
    token = world.token_for(user, *permissions)
    return Client(headers={"authorization": f"Token {token}", "accept-language": "en"})


@pytest.fixture
def api(people) -> Client:
    """The city's API client."""
    return client_of(people.api_client)


def post(client: Client, content, **headers):
    """Send JSON to the cases."""
    body = content if isinstance(content, (bytes, str)) else json.dumps(content)
    return client.post(API + "cases/", body, content_type="application/json", headers=headers)


def problem(response, status: int) -> dict:
    """The problem that ``response`` is, after checking its form."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    content = json.loads(response.content)
    assert content["status"] == status
    assert content["type"] == "about:blank"
    assert content["title"]
    assert content["detail"]
    return content
