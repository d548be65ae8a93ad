"""Fixtures of the case desk's tests."""

import pytest
from django.test import Client

from tests.casedesk import desk as desk_world


@pytest.fixture
def desk(people) -> desk_world.Desk:
    return desk_world.settle_desk(people)


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})
