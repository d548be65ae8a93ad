"""The service march: visits under the theme of their month, issues settled or made cases, and the page that counts them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from casedesk.actions.campaigns import make_case
from casedesk.models import CampaignIssue, CampaignVisit, CaseFile
from evaluations.models import ServiceCampaign
from portal.registers import register
from portal.registers.actions import keep_row, remove_row
from portal.workflow import MoveRefused
from tests.casedesk.desk import NOW

pytestmark = pytest.mark.django_db

MONTH = date(2021, 11, 1)


@pytest.fixture
def visit(desk):
    ServiceCampaign.objects.create(month=MONTH, theme="消防通道畅通", partners="消防部门、城管部门")
    values = {
        "code": "V1",
        "estate": desk.estate,
        "held_on": date(2021, 11, 6),
        "partners": "消防部门",
        "participants": 12,
    }
    return keep_row(register("campaign-visits"), CampaignVisit(), values | {"note": ""}, by=desk.street_staff)


def issue(visit, desk, code="I1", **more):
    values = {
        "code": code, "visit": visit, "category": "fire_safety", "text": "三单元消防通道堆物", "responsible": "消防部门",
        "due_on": date(2021, 11, 20), "result": "open", "settled_on": None,
    } | more  # fmt: skip
    return keep_row(register("campaign-issues"), CampaignIssue(), values, by=desk.street_staff)


def test_the_day_says_under_which_theme_a_visit_was(visit, desk):
    assert visit.campaign.theme == "消防通道畅通"
    values = {"code": "V2", "estate": desk.estate, "held_on": date(2021, 12, 1)}
    with pytest.raises(ValidationError, match="No service march of this month"):
        keep_row(register("campaign-visits"), CampaignVisit(), values, by=desk.street_staff)


def test_an_issue_becomes_a_case_once_and_then_lives_at_the_desk(visit, desk):
    found = issue(visit, desk)
    with pytest.raises(PermissionDenied):
        make_case(found, category="fire_safety", by=desk.staff, now=NOW)
    file = make_case(found, category="fire_safety", by=desk.street_staff, now=NOW)
    found.refresh_from_db()
    assert (found.result, found.case, file.channel) == ("case", file.case, CaseFile.Channel.CAMPAIGN)
    assert file.case.estate == desk.estate
    with pytest.raises(MoveRefused, match=file.case.case_no):
        make_case(found, category="fire_safety", by=desk.street_staff, now=NOW)
    with pytest.raises(ValidationError, match="has become case"):
        remove_row(register("campaign-issues"), found, by=desk.street_staff, reason="x")


def test_no_issue_is_called_a_case_without_one(visit, desk):
    with pytest.raises(ValidationError, match="Make it a case"):
        issue(visit, desk, result="case")
    with pytest.raises(ValidationError, match="Give the day"):
        issue(visit, desk, result="settled")


def test_the_page_counts_what_is_in_scope(visit, desk, people, client):
    issue(visit, desk, "I1", due_on=date(2021, 11, 8))
    issue(visit, desk, "I2", result="on_the_spot", settled_on=visit.held_on, responsible="城管部门")
    make_case(issue(visit, desk, "I3"), category="fire_safety", by=desk.street_staff, now=NOW)
    client.force_login(desk.officer)
    response = client.get(reverse("campaign", args=["2021-11"]))
    found = response.context["found"]
    assert (len(found.visits), found.estates, found.total.found, found.total.settled, found.total.cases) == (
        1,
        1,
        3,
        1,
        1,
    )
    assert {line.name: (line.found, line.late) for line in found.by_unit} == {"消防部门": (2, 1), "城管部门": (1, 0)}
    assert "Waiting for dispatch" in response.text
    client.force_login(people.officer_west)
    found = client.get(reverse("campaigns")).context["found"]
    assert (found.visits, found.issues, found.total.found) == ([], [], 0)
    assert client.get(reverse("campaign", args=["2001-01"])).status_code == 404


def test_the_deed_is_offered_at_the_issue(visit, desk, client):
    found = issue(visit, desk)
    client.force_login(desk.street_staff)
    page = client.get(reverse("register-row", args=["campaign-issues", found.pk]))
    assert "Make it a case" in page.text
    address = reverse("register-deed", args=["campaign-issues", found.pk, "make-case"])
    client.post(address, {"category": "fire_safety", "confirmed": "on"}, follow=True)
    found.refresh_from_db()
    assert found.case is not None
    assert found.case.reported_at - NOW > timedelta(0)
