"""The page of whoever watches for gaming, the cases behind each number, and what everybody reads."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from casedesk.actions import exclusion, handling, ratings, reviews
from casedesk.models import OutcomeRating
from casedesk.watching import counting
from enterprises.models import Enterprise, ProjectManager
from evaluations.models import AppraisalCase
from portal.rules import HalfMonth
from tests import world
from tests.casedesk.desk import HOUR, NOW
from tests.casedesk.rated import HANDLED, LATER, MINUTE, fresh, handled, rate, rating_of

PERIOD = HalfMonth(2021, 11, 1)


@pytest.fixture(autouse=True)
def _then(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    with time_machine.travel(LATER + timedelta(days=10), tick=False):
        yield


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def gamed(desk):
    """Six cases of one enterprise: one excluded, one extended, one withdrawn on review, one held, one rated at once, one plain."""
    excluded = desk.matter()
    exclusion.exclude_case(excluded, ground="out_of_scope", reason="No", by=desk.officer, now=NOW, seen=None)
    extended = desk.accepted()
    handling.ask_extension(extended, workdays=2, reason="Parts", by=desk.staff, now=NOW + 3 * HOUR, seen=None)
    handling.decide_extension(extended, approve=True, reason="", by=desk.officer, now=NOW + 4 * HOUR, seen=None)
    withdrawn = handled(desk)
    rate(withdrawn, 1, "no")
    review = reviews.ask_review(rating_of(withdrawn), by=desk.staff, ground="malicious", evidence="Shown", now=LATER)
    reviews.decide_review(review, withdraw=True, by=desk.officer, reason="Shown", now=LATER)
    rate(handled(desk), 5, staff_device=True, now=LATER + HOUR)
    rate(handled(desk), 4, now=HANDLED + 5 * MINUTE)
    return desk


def unit_of(desk) -> counting.Row:
    rows = {row.key: row for row in counting.by_unit(PERIOD, None)}
    return rows[f"enterprise:{desk.enterprise.pk}"]


def shares(row) -> dict:
    return {share.measure.key: share.pair for share in row.shares}


def test_each_share_is_of_its_own_cohort(gamed):
    found = shares(unit_of(gamed))
    assert found["extended"] == (1, 4)
    assert found["withdrawn"] == (1, 1)
    assert found["held"] == (1, 3)
    assert found["rejected"] == (0, 3)
    assert found["quick"] == (1, 2)
    assert shares(counting.whole(counting.by_unit(PERIOD, None)))["excluded"] == (1, 5)


def test_every_number_equals_the_list_behind_it(gamed):
    client = signed_in(gamed.city)
    for row in counting.by_unit(PERIOD, gamed.city):
        for key, count in row.counts.items():
            query = {"period": str(PERIOD), "what": key, "unit": row.key}
            page = client.get("/desk/watch/cases/", query)
            assert page.context["page"].paginator.count == count, (row.key, key)


def test_the_page_and_its_csv_agree(gamed):
    client = signed_in(gamed.city)
    page = client.get(f"/desk/watch/?period={PERIOD}")
    assert page.status_code == 200
    rows = list(csv.DictReader(io.StringIO(client.get(f"/desk/watch/units.csv?period={PERIOD}").content.decode())))
    assert [row["unit"] for row in rows] == [row.key for row in page.context["page"]]
    assert sum(int(row["excluded"]) for row in rows) == 1


def test_only_the_city_and_the_auditor_watch(desk, people):
    assert signed_in(people.auditor).get("/desk/watch/").status_code == 200
    for user in (desk.officer, desk.staff, desk.street_staff, people.nobody):
        for path in ("/desk/watch/", "/desk/watch/units.csv", "/desk/watch/cases/?what=cases"):
            assert signed_in(user).get(path).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "what=nonsense", "what=", "what=cases&unit=enterprise:x", "what=cases&unit=table:1", "what=cases&device=ab",
        "what=cases&period=2021-13-H1", "what=cases&period=2999-01-H1", "what=cases&unit=enterprise:99999999999999999999",
    ],
)  # fmt: skip
def test_a_list_of_no_such_thing_is_404(people, query):
    assert signed_in(people.auditor).get(f"/desk/watch/cases/?{query}").status_code == 404


def test_closures_by_day_and_in_the_last_two_days(desk):
    for day in (0, 4, 5, 5):
        handled(desk, now=HANDLED + timedelta(days=day))
    days = dict(counting.closures_by_day(PERIOD, None))
    assert (len(days), sum(days.values())) == (15, 4)
    assert shares(unit_of(desk))["at_cut"] == (3, 4)


def test_a_device_of_two_reporters_is_a_cluster_and_leads_to_its_ratings(desk):
    for number in range(2):
        rate(handled(desk), 3, device="a" * 64, now=LATER + number * HOUR)
    rate(handled(desk), 3, device="b" * 64)
    (cluster,) = counting.clusters(PERIOD)
    assert (cluster.ratings, cluster.reporters, cluster.units) == (2, 2, 1)
    client = signed_in(desk.city)
    listed = client.get("/desk/watch/cases/", {"period": str(PERIOD), "what": "ratings", "device": cluster.device})
    assert listed.context["page"].paginator.count == 2
    assert shares(unit_of(desk))["shared"] == (2, 3)


def test_telephones_that_rate_each_others_work_are_shown(desk):
    other = Enterprise.objects.exclude(pk=desk.enterprise.pk).order_by("pk")[0]
    ProjectManager.objects.create(code="PM9", name="Li", enterprise=other, phone="13712345678")
    ProjectManager.objects.create(code="PM8", name="Wu", enterprise=desk.enterprise, phone="13787654321")
    rate(handled(desk, phone="137 1234 5678"), 5)
    theirs = handled(desk, phone="13787654321")
    AppraisalCase.objects.filter(pk=theirs.pk).update(enterprise=other)
    rate(fresh(theirs), 5)
    found = {(one.rater, one.rated): one.is_mutual for one in counting.crossings(PERIOD, None)}
    assert found == {(other.name, desk.enterprise.name): True, (desk.enterprise.name, other.name): True}
    assert other.name in signed_in(desk.city).get(f"/desk/watch/?period={PERIOD}").content.decode()


# --- for everybody ----------------------------------------------------------------------------------------------------------


def test_everybody_reads_the_rates_of_places_and_units_with_enough_cases(gamed, monkeypatch):
    page = Client().get(f"/integrity-of-appraisal/?period={PERIOD}")
    assert page.status_code == 200
    assert gamed.enterprise.name not in page.content.decode()
    monkeypatch.setattr(counting, "LEAST", 3)
    assert gamed.enterprise.name in Client().get(f"/integrity-of-appraisal/?period={PERIOD}").content.decode()
    body = Client().get(f"/api/v1/appraisal/integrity/?period={PERIOD}").json()
    assert body["city"]["excluded"] == {"count": 1, "of": 5}
    assert body["city"]["withdrawn"] == {"count": 1, "of": 1}
    (unit,) = body["units"]
    assert (unit["name"], unit["held"]) == (gamed.enterprise.name, {"count": 1, "of": 3})
    assert [one["code"] for one in body["districts"]] == [world.EAST]


def test_a_half_month_that_has_not_ended_is_not_public(db):
    for path in ("/integrity-of-appraisal/", "/api/v1/appraisal/integrity/"):
        assert Client().get(f"{path}?period=2021-11-H2").status_code == 404
        assert Client().get(f"{path}?period=1999-01-H1").status_code in (400, 404)
        assert Client().get(path).status_code == 200
    assert Client().get("/api/v1/appraisal/integrity/?period=soon").status_code == 400
    assert Client().get("/api/v1/appraisal/integrity/?other=1").status_code == 400


def test_the_bulletin_gets_the_counts_of_its_month(gamed):
    rows = apps.get_app_config("casedesk").bulletin_figures("2021-11")
    assert {row["key"]: row["value"] for row in rows} == {
        "casedesk.excluded": 1, "casedesk.extended": 1, "casedesk.withdrawn": 1, "casedesk.held": 1, "casedesk.rejected": 0,
    }  # fmt: skip


def test_a_rejected_rating_is_counted_in_public(desk):
    file = handled(desk)
    rating = rate(file, 5, staff_device=True)
    ratings.check(rating, release=False, by=desk.officer, reason="Their own", now=LATER)
    assert OutcomeRating.objects.get().status == "rejected"
    assert Client().get(f"/api/v1/appraisal/integrity/?period={PERIOD}").json()["city"]["rejected"] == {
        "count": 1,
        "of": 1,
    }
