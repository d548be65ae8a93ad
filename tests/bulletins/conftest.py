"""A bulletin of the golden city's October, in each of its states."""

from datetime import datetime

import pytest

from bulletins import actions
from bulletins.rules import Month
from portal.documents import published as documents
from portal.rules import CHINA

OCTOBER = Month(2021, 10)
NOW = datetime(2021, 11, 10, 9, tzinfo=CHINA)


@pytest.fixture(autouse=True)
def _nothing_is_kept():
    documents.forget_all()
    yield
    documents.forget_all()


@pytest.fixture
def bulletin(people):
    """October as a draft that ``people.computer`` composed."""
    return actions.compose_bulletin(OCTOBER, by=people.computer, now=NOW)


@pytest.fixture
def reviewed(bulletin, people):
    actions.submit_bulletin(bulletin, by=people.computer, now=NOW)
    actions.review_bulletin(bulletin, by=people.reviewer, now=NOW)
    return bulletin


@pytest.fixture
def signed(reviewed, people):
    actions.sign_bulletin(reviewed, by=people.signer, now=NOW)
    return reviewed


@pytest.fixture
def issued(signed, people):
    """October, published."""
    actions.publish_bulletin(signed, by=people.signer, now=NOW)
    return signed
