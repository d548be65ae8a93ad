"""Rows of the estates' registers for tests: valid ones in the golden city, which a test then breaks."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange

from enterprises.models import Enterprise
from estates import rules
from estates.models import Estate, Filing, FilingDocument, Mode, ModeAssignment, ServiceContract
from portal.models import Region
from tests import world

DAY = date(2021, 3, 1)


def span(lower=None, upper=None) -> DateRange:
    return DateRange(date.fromisoformat(lower) if lower else None, date.fromisoformat(upper) if upper else None)


def estate_in(district: str = world.EAST, **values) -> Estate:
    """A neighbourhood of the golden city in ``district`` (code), with ``values`` saved."""
    row = Estate.objects.filter(community__path__contains=f"/{district}/").order_by("code").first()
    assert row is not None
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def enterprise(place: int = 0, **values) -> Enterprise:
    row = Enterprise.objects.order_by("uscc")[place]
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def community_of(estate: Estate) -> Region:
    return Region.objects.get(pk=estate.community_id)


def contract(estate: Estate, **values) -> ServiceContract:
    return ServiceContract(
        **{
            "number": "C-1", "estate": estate, "enterprise": enterprise(), "kind": "owners",
            "valid": span("2021-01-01", "2024-01-01"), **values,
        }
    )  # fmt: skip


def mode(estate: Estate, **values) -> ModeAssignment:
    return ModeAssignment(
        **{
            "estate": estate, "mode": Mode.MARKET_TAKEOVER, "enterprise": enterprise(),
            "valid": span("2021-01-01"), **values,
        }
    )  # fmt: skip


def filing(estate: Estate, kind: str = "area", number: str = "", **values) -> Filing:
    row = Filing(
        **{
            "number": number or f"F-{kind}", "kind": kind, "estate": estate, "applicant": "开发公司",
            "triggered_on": DAY, "due_on": rules.due_on(kind, DAY),
            "enterprise": None if kind in ("area", "tender") else enterprise(), **values,
        }
    )  # fmt: skip
    return row


def hand_in(filing: Filing, *kinds: str) -> None:
    """Documents of ``kinds``, or all that the filing needs."""
    for kind in kinds or rules.REQUIRED_DOCUMENTS[filing.kind]:
        FilingDocument.objects.create(filing=filing, kind=kind, title=kind, received_on=DAY)


def accepted(estate: Estate, kind: str, number: str = "", **values) -> Filing:
    """A saved filing that was accepted, without going through the actions."""
    row = filing(estate, kind, number, status="accepted", submitted_on=DAY, decided_on=DAY, **values)
    row.save()
    return row


def refused(constraint: str):
    """The database itself says no, by this constraint."""
    return pytest.raises(IntegrityError, match=constraint)


def says(row, *fields):
    """``clean`` objects to exactly these fields."""
    with pytest.raises(ValidationError) as caught:
        row.clean()
    assert set(caught.value.error_dict) == set(fields)
