"""The demo shows one published bulletin and one draft, and nothing a second time."""

from datetime import datetime

import pytest
from django.apps import apps

from bulletins.models import MonthlyBulletin
from evaluations import tour
from portal.rules import CHINA

pytestmark = pytest.mark.django_db


def test_the_demo_has_a_published_bulletin_and_a_draft():
    now = datetime(2021, 11, 18, 12, tzinfo=CHINA)
    tour.settle_accounts("password")
    for _title, run in apps.get_app_config("bulletins").demo_steps(now):
        run()
    shown = MonthlyBulletin.objects.order_by("month").values_list("month", "status", "number")
    assert list(shown) == [("2021-09", "published", 1), ("2021-10", "draft", 2)]
    assert list(apps.get_app_config("bulletins").demo_steps(now)) == []
