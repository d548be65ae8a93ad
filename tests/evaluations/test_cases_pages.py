"""Pages of cases: scope, the default half month, positions instead of page numbers, clocks and what a case counts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from evaluations import clocks
from evaluations.models import AppraisalCase
from portal.rules import HalfMonth
from tests import world


@pytest.fixture
def client() -> Client:
    """A visitor whose browser asks for English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def in_west(db) -> AppraisalCase:
    return AppraisalCase.objects.filter(estate__community__path__contains=f"/{world.WEST}/").first()


def pages(client, filters) -> list[list[int]]:
    """Ids of the cases, page by page, following "older"."""
    found, where = [], ""
    while True:
        context = client.get(reverse("case-list"), filters | ({"before": where} if where else {})).context
        found.append([case.pk for case in context["cases"]])
        where = context["older"]
        if not where:
            return found


def test_another_districts_case_does_not_exist(client, people, in_west):
    client.force_login(people.officer_east)
    assert client.get(reverse("case-detail", args=[in_west.pk])).status_code == 404
    assert client.get(reverse("case-list"), {"period": "", "q": in_west.case_no}).context["count"] == 0
    assert all(not group.rows for group in client.get(reverse("search"), {"q": in_west.case_no}).context["found"])
    client.force_login(people.officer_west)
    assert client.get(reverse("case-detail", args=[in_west.pk])).status_code == 200


def test_list_begins_with_the_latest_half_month(client, people):
    client.force_login(people.auditor)
    context = client.get(reverse("case-list")).context
    newest = AppraisalCase.objects.order_by("-reported_at").first()
    period = HalfMonth.containing(newest.reported_at)
    assert context["asked"]["period"] == str(period)
    assert context["cases"][0].reported_at == newest.reported_at
    expected = AppraisalCase.objects.filter(reported_at__gte=period.start, reported_at__lt=period.end).count()
    assert context["count"] == expected


def test_pages_hold_every_case_once_in_order(client, people):
    client.force_login(people.officer_east)
    filters = {"period": "2021-10-H2", "stage": "rated"}
    seen = [pk for page in pages(client, filters) for pk in page]
    scope = AppraisalCase.objects.for_user(people.officer_east, "cases.view").filter(excluded="", rating__isnull=False)
    period = HalfMonth.parse("2021-10-H2")
    expected = scope.filter(rating_withdrawn=False, reported_at__gte=period.start, reported_at__lt=period.end)
    assert seen == list(expected.order_by("-reported_at", "-pk").values_list("pk", flat=True))
    assert len(seen) > 25


def test_newer_leads_back_to_the_page_before(client, people):
    client.force_login(people.auditor)
    first = client.get(reverse("case-list"), {"period": ""}).context
    second = client.get(reverse("case-list"), {"period": "", "before": first["older"]}).context
    back = client.get(reverse("case-list"), {"period": "", "after": second["newer"]}).context
    assert [case.pk for case in back["cases"]] == [case.pk for case in first["cases"]]


@pytest.mark.parametrize("position", ["nonsense", "2021-10-20T10:00:00_5", "2021-10-20T10:00:00+08:00_x", "_"])
def test_a_position_that_is_none_is_the_first_page(client, people, position):
    client.force_login(people.auditor)
    response = client.get(reverse("case-list"), {"period": "", "before": position})
    assert response.status_code == 200
    assert len(response.context["cases"]) == 25


def test_handler_sees_the_cases_of_their_agency_only(client, people):
    client.force_login(people.handler_fire)
    cases = client.get(reverse("case-list"), {"period": ""}).context["cases"]
    assert cases
    assert {case.agency.code for case in cases} == {"fire"}


def test_list_costs_the_same_queries_whatever_its_rows(client, people):
    client.force_login(people.officer_east)
    one = AppraisalCase.objects.for_user(people.officer_east, "cases.view").first()

    def queries(filters) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("case-list"), filters)
        return len(captured)

    for filters in ({"period": "", "q": one.case_no}, {"period": ""}):
        queries(filters)
    assert queries({"period": "", "q": one.case_no}) == queries({"period": ""})


def test_bad_filter_is_named(client, people):
    client.force_login(people.auditor)
    response = client.get(reverse("case-list"), {"period": "2021-13-H9"})
    assert "A filter was not understood" in response.content.decode()
    assert response.context["cases"] == []


def test_cases_are_refused_to_who_may_not_view_them(client, people):
    client.force_login(people.inspector_east)
    assert client.get(reverse("case-list")).status_code == 403


def test_detail_of_every_kind_of_case_renders(client, people):
    client.force_login(people.auditor)
    kinds = [
        AppraisalCase.objects.exclude(excluded="").first(),
        AppraisalCase.objects.filter(accepted_at=None).first(),
        AppraisalCase.objects.filter(handled_at=None, accepted_at__isnull=False).first(),
        AppraisalCase.objects.filter(rating_withdrawn=True).first(),
        AppraisalCase.objects.filter(estate__kind="non_residential").first(),
        AppraisalCase.objects.filter(resolved="no").first(),
    ]
    assert any(kinds)
    for case in filter(None, kinds):
        assert client.get(reverse("case-detail", args=[case.pk])).status_code == 200


def made(**changes) -> AppraisalCase:
    reported = HalfMonth.parse("2021-10-H2").start + timedelta(days=2)
    facts = {
        "reported_at": reported,
        "accept_due_at": reported + timedelta(hours=24),
        "accepted_at": reported + timedelta(hours=5),
        "handle_due_at": reported + timedelta(days=7),
        "handled_at": reported + timedelta(days=3),
    }
    return AppraisalCase(**facts | changes)


def test_clock_on_time_late_running_and_overdue():
    case = made()
    acceptance, handling = clocks.clocks(case, timezone.now())
    assert (acceptance.state, acceptance.span) == (clocks.ON_TIME, timedelta(hours=5))
    assert handling.state == clocks.ON_TIME
    late = made(handled_at=case.handle_due_at + timedelta(seconds=1))
    assert clocks.clocks(late, timezone.now())[1].state == clocks.LATE
    open_case = made(handled_at=None)
    before, after = case.handle_due_at - timedelta(hours=1), case.handle_due_at + timedelta(hours=2)
    assert clocks.pressing(open_case, before).state == clocks.RUNNING
    assert clocks.pressing(open_case, after).span == timedelta(hours=2)
    assert clocks.pressing(open_case, after).state == clocks.OVERDUE


def test_what_an_unhandled_case_counts_when_it_falls_due():
    case = made(accepted_at=None, handled_at=None)
    acceptance, handling = clocks.counting(case, timezone.now(), 3)
    assert (acceptance.counted_at, acceptance.is_good) == (case.accept_due_at, False)
    assert (handling.counted_at, handling.is_good) == (case.handle_due_at, False)
    assert (str(handling.first), str(handling.last)) == ("2021-10-H2", "2021-11-H2")


def test_an_excluded_case_counts_nowhere():
    assert clocks.counting(made(excluded="duplicate"), timezone.now(), 3) == []


def test_unresolved_spoils_a_handling_from_its_time_on_unless_withdrawn():
    rated = made().handled_at + timedelta(days=1)
    handling = clocks.counting(made(rating=2, resolved="no", rated_at=rated), timezone.now(), 3)[1]
    assert handling.is_good
    assert handling.spoilt_at == rated
    withdrawn = clocks.counting(made(rating=2, resolved="no", rated_at=rated, rating_withdrawn=True), timezone.now(), 3)
    assert withdrawn[1].spoilt_at is None
    assert [line.stage for line in withdrawn] == ["acceptance", "handling"]
