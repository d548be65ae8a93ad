"""The demo's desk: cases in every state on the whole sample city, nothing in the future, nothing in a ranked window."""

from collections import Counter
from datetime import datetime

import pytest
from django.apps import apps

from casedesk import tour as desk_tour
from casedesk.models import (
    CampaignIssue,
    CaseEvent,
    CaseFile,
    Dispatch,
    Extension,
    OutcomeRating,
    RatingReview,
    Supervision,
)
from evaluations import tour
from evaluations.models import AppraisalCase
from portal.rules import CHINA

pytestmark = [pytest.mark.city, pytest.mark.django_db, pytest.mark.usefixtures("sample_city")]


def test_the_demo_shows_a_living_desk():
    now = datetime(2021, 11, 18, 12, tzinfo=CHINA)
    tour.settle_accounts("password")
    for _title, run in apps.get_app_config("casedesk").demo_cases(now):
        run()
    statuses = Counter(CaseFile.objects.values_list("status", flat=True))
    assert set(statuses) == set(CaseFile.Status)
    assert statuses.total() >= 60
    assert set(OutcomeRating.objects.values_list("status", flat=True)) == set(OutcomeRating.Status)
    assert set(Dispatch.objects.values_list("status", flat=True)) >= {
        "sent",
        "objected",
        "dismissed",
        "upheld",
        "accepted",
    }
    assert {"pending", "withdrawn", "upheld"} == set(RatingReview.objects.values_list("status", flat=True))
    assert set(Extension.objects.values_list("status", flat=True)) == set(Extension.Status)
    assert set(Supervision.objects.values_list("trigger", flat=True)) >= {"overdue", "no_lead", "by_supervisor"}
    assert CaseFile.objects.exclude(duplicate_of=None).count() == 3
    assert CampaignIssue.objects.filter(result="case", case__isnull=False).exists()
    assert not CaseEvent.objects.filter(at__gt=now).exists()
    assert not AppraisalCase.objects.filter(source="portal", reported_at__gt=now).exists()
    assert list(apps.get_app_config("casedesk").demo_cases(now)) == []
    assert not desk_tour.is_wanted()
