"""What is counted for the whole city once a year or once a month."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from evaluations.models import EvaluationRound, SatisfactionIndex, ServiceCampaign
from portal.roles import Permission


def test_a_year_has_one_index_between_0_and_100_points(db):
    SatisfactionIndex.objects.create(year=2020, value=Decimal("82.8"), method_version="2017")
    with pytest.raises(IntegrityError), transaction.atomic():
        SatisfactionIndex.objects.create(year=2020, value=Decimal("81"), method_version="2021")
    with pytest.raises(IntegrityError, match="satisfaction_index_in_points"), transaction.atomic():
        SatisfactionIndex.objects.create(year=2021, value=Decimal("100.01"), method_version="2017")


def test_a_round_is_published_in_its_year_or_later(db):
    with pytest.raises(ValidationError):
        EvaluationRound(year=2021, title="2021", published_on=date(2020, 12, 31)).clean()
    EvaluationRound(year=2021, title="2021", published_on=date(2022, 3, 1)).clean()


def test_a_month_has_one_theme_and_is_named_by_its_first_day(db):
    row = ServiceCampaign(month=date(2018, 9, 1), theme="垃圾分类", partners="城管、消防\n 供水 ；消防")
    row.full_clean()
    row.save()
    assert row.partner_names == ["城管", "消防", "供水"]
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceCampaign.objects.create(month=date(2018, 9, 1), theme="养犬")
    late = ServiceCampaign(month=date(2018, 10, 2), theme="养犬")
    with pytest.raises(ValidationError):
        late.full_clean()
    with pytest.raises(IntegrityError, match="service_campaign_month_is_a_first_day"), transaction.atomic():
        late.save()


def test_every_place_reads_them_and_the_city_keeps_them(people):
    row = SatisfactionIndex.objects.create(year=2020, value=Decimal("82.8"), method_version="2017")
    for reader in (people.officer_east, people.street_staff_east, people.staff_of_enterprise):
        assert SatisfactionIndex.objects.for_user(reader, Permission.VIEW_ESTATES).get() == row
    assert not SatisfactionIndex.objects.for_user(people.officer_east, Permission.KEEP_ESTATES).exists()
    assert SatisfactionIndex.objects.for_user(people.computer, Permission.KEEP_ESTATES).exists()
    assert not SatisfactionIndex.objects.for_user(people.nobody, Permission.VIEW_ESTATES).exists()
