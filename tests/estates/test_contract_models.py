"""What the registers of contracts, standards and filings never take."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from estates.models import Filing, FilingDocument, ServiceContract, ServiceGrade, ServiceStandard, StandardItem
from tests import world
from tests.estates.rows import DAY, accepted, contract, estate_in, filing, refused, says, span

# --- contracts and standards ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("contract_has_both_ends", {"valid": span("2021-01-01")}),
        ("contract_has_both_ends", {"valid": span(None, "2021-01-01")}),
        ("contract_span_is_not_empty", {"valid": span("2021-01-01", "2021-01-01")}),
        ("emergency_contract_at_most_half_a_year", {"kind": "emergency", "valid": span("2021-01-01", "2021-07-04")}),
        ("contract_fee_not_negative", {"fee_yuan_m2_month": "-0.01"}),
    ],
)
def test_the_database_refuses_an_impossible_contract(old, constraint, values):
    row = contract(old, **values)
    with pytest.raises(ValidationError):
        row.full_clean()
    with refused(constraint), transaction.atomic():
        row.save()


def test_an_emergency_contract_may_run_183_days(old):
    row = contract(old, kind="emergency", valid=span("2021-01-01", "2021-07-03"))
    assert (row.valid.upper - row.valid.lower).days == 183
    row.full_clean()
    row.save()


def test_contracts_that_end_from_one_day_to_another(old):
    contract(old).save()
    last = date(2023, 12, 31)
    assert ServiceContract.objects.ending(last, last).count() == 1
    assert ServiceContract.objects.ending(last + timedelta(days=1), last + timedelta(days=9)).count() == 0
    assert ServiceContract.objects.ending(last - timedelta(days=9), last - timedelta(days=1)).count() == 0


def test_a_contract_number_stands_once(old):
    contract(old).save()
    with refused("number"), transaction.atomic():
        contract(old).save()


def test_a_grade_for_old_neighbourhoods_fits_no_other(old, standard):
    basic = ServiceGrade.objects.create(code="O1", standard=standard, applies_to="old", level=1, name="基本")
    contract(old, grade=basic).full_clean()
    says(contract(estate_in(world.WEST, kind="professional"), grade=basic), "grade")


def test_standards_have_grades_and_grades_have_items_once(standard):
    with refused("standard_repealed_after_effect"), transaction.atomic():
        ServiceStandard.objects.filter(pk=standard.pk).update(repealed_on=standard.effective_on)
    grade = ServiceGrade.objects.create(code="G1", standard=standard, level=1, name="一级")
    with refused("grade_once"), transaction.atomic():
        ServiceGrade.objects.create(code="G2", standard=standard, level=1, name="又一级")
    with refused("grade_level_positive"), transaction.atomic():
        ServiceGrade.objects.create(code="G0", standard=standard, level=0, name="零级")
    StandardItem.objects.create(grade=grade, number="1.1", section="基本", text="设置服务台")
    with refused("standard_item_once"), transaction.atomic():
        StandardItem.objects.create(grade=grade, number="1.1", section="基本", text="又一条")


# --- filings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("filing_has_its_enterprise", {"kind": "handover", "enterprise": None}),
        ("filing_has_its_enterprise", {"kind": "service_contract", "enterprise": None}),
        ("filing_has_its_enterprise", {"kind": "preliminary_contract", "enterprise": None}),
        ("filing_due_after_its_trigger", {"due_on": DAY - timedelta(days=1)}),
        ("filing_submitted_unless_draft", {"status": "submitted"}),
        ("filing_decided_has_its_day", {"status": "accepted", "submitted_on": DAY}),
        ("filing_decided_has_its_day", {"status": "submitted", "submitted_on": DAY, "decided_on": DAY}),
        ("filing_sent_back_has_a_reason", {"status": "rejected", "submitted_on": DAY, "decided_on": DAY}),
        ("filing_sent_back_has_a_reason", {"status": "correction_requested", "submitted_on": DAY}),
    ],
)
def test_the_database_refuses_a_contradictory_filing(old, constraint, values):
    with refused(constraint), transaction.atomic():
        filing(old, **values).save()


def test_a_filing_supersedes_another_one_and_is_superseded_once(old):
    first = accepted(old, "area", "A-1")
    with refused("filing_supersedes_another"), transaction.atomic():
        Filing.objects.filter(pk=first.pk).update(supersedes=first.pk)
    filing(old, "area", "A-2", supersedes=first).save()
    with refused("supersedes"), transaction.atomic():
        filing(old, "area", "A-3", supersedes=first).save()


def test_a_filing_supersedes_one_of_its_kind_and_place(old):
    first = accepted(old, "area", "A-1")
    says(filing(old, "tender", supersedes=first), "supersedes")
    says(filing(estate_in(world.WEST), "area", "A-9", supersedes=first), "supersedes")
    filing(old, "area", "A-2", supersedes=first).clean()


def test_when_a_filing_is_due_follows_from_its_kind(old):
    row = filing(old, "area", due_on=None)
    row.full_clean()
    assert row.due_on == date(2021, 3, 31)
    assert row.days_late(date(2021, 4, 2)) == 2
    row.submitted_on = date(2021, 4, 1)
    assert row.days_late(date(2021, 12, 1)) == 1


def test_a_document_stands_once(old):
    row = filing(old)
    row.save()
    FilingDocument.objects.create(filing=row, kind="area_plan", title="图", received_on=DAY)
    with refused("filing_document_once"), transaction.atomic():
        FilingDocument.objects.create(filing=row, kind="area_plan", title="图", received_on=DAY)
