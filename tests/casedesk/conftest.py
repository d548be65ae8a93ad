"""Fixtures of the case desk's tests."""

import pytest

from tests.casedesk import desk as desk_world


@pytest.fixture
def desk(people) -> desk_world.Desk:
    return desk_world.settle_desk(people)
