"""An old neighbourhood and a standard of service, for tests of the registers that hang on them."""

from datetime import date

import pytest

from estates.models import Estate, ServiceAssignment, ServiceStandard
from tests.estates.rows import estate_in


@pytest.fixture
def old(db):
    """An old neighbourhood in the eastern district, served by nobody."""
    estate = estate_in(kind=Estate.Kind.OLD)
    ServiceAssignment.objects.filter(estate=estate).delete()
    return estate


@pytest.fixture
def standard(db):
    return ServiceStandard.objects.create(
        code="S1", title="服务等级标准", version="2018", effective_on=date(2018, 1, 1)
    )
