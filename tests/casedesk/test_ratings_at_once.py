"""Two who rate at once: on real connections, with what is committed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.utils import timezone, translation

from casedesk.actions import ratings, reviews
from casedesk.models import CaseFile, OutcomeRating, RatingLink
from estates.models import Estate
from evaluations.models import AppraisalCase
from portal.workflow import MoveRefused

NOW = timezone.now()


@pytest.fixture
def files(django_db_setup, django_db_blocker):
    """Six handled cases that every connection sees; removed in the end with all that was written about them."""
    with django_db_blocker.unblock():
        yield [_handled(number) for number in range(6)]
        with connection.cursor() as cursor:
            cursor.execute(
                """TRUNCATE casedesk_casefile, casedesk_casefileevent, casedesk_caseevent, casedesk_outcomerating,
                   casedesk_outcomeratingevent, casedesk_ratinglink, casedesk_ratingreview, casedesk_ratingreviewevent,
                   portal_auditentry, portal_notice, evaluations_appraisalcaseevent CASCADE"""
            )
        AppraisalCase.objects.filter(source="race").delete()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE evaluations_appraisalcaseevent")


def _handled(number: int) -> CaseFile:
    day = timedelta(days=1)
    case = AppraisalCase.objects.create(
        source="race", case_no=f"R{number}", estate=Estate.objects.order_by("pk")[0], category="other",
        reported_at=NOW - 2 * day, accept_due_at=NOW - day, accepted_at=NOW - day, handle_due_at=NOW, handled_at=NOW - day,
    )  # fmt: skip
    file = CaseFile.objects.create(
        case=case, tracking_code=f"RACE{number}", channel="web", text="Race", status="handled", status_changed_at=NOW,
        rating_until=NOW + day,
    )  # fmt: skip
    RatingLink.objects.create(
        case=case, round=1, token_hash=ratings.token_hash(f"token{number}"), made_at=NOW, until=NOW + day
    )  # fmt: skip
    return file


def together(*deeds):
    """What each of ``deeds`` gave, all begun at the same moment."""
    start = Barrier(len(deeds), timeout=20)

    def run(deed):
        start.wait()
        try:
            return deed()
        except MoveRefused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds), initializer=lambda: translation.activate("en")) as pool:
        return list(pool.map(run, deeds))


def by_link(number, level=5, **more):
    return lambda: ratings.rate_by_link(f"token{number}", level=level, resolved="yes", text="", now=NOW, **more)


def test_one_link_sent_twice_rates_once(files):
    outcomes = together(*[by_link(0, level) for level in (1, 3, 5, 5)])
    assert sum(isinstance(one, OutcomeRating) for one in outcomes) == 1
    assert all("works once" in str(one) for one in outcomes if isinstance(one, MoveRefused))
    assert OutcomeRating.objects.count() == 1


def test_link_and_code_at_once_rate_once(files):
    def by_code():
        return ratings.rate(files[0], level=2, resolved="no", channel="code", now=NOW)

    outcomes = together(by_link(0), by_code)
    rated = [one for one in outcomes if isinstance(one, OutcomeRating)]
    assert len(rated) == OutcomeRating.objects.count() == 1
    assert AppraisalCase.objects.get(pk=files[0].pk).rating == rated[0].level


def test_a_burst_that_comes_all_at_once_is_seen_as_one(files):
    together(*[by_link(number, device="d") for number in range(6)])
    statuses = list(OutcomeRating.objects.values_list("status", flat=True))
    assert statuses == ["held"] * 6
    assert not AppraisalCase.objects.filter(source="race").exclude(rating=None).exists()


def test_two_clocks_at_once_close_each_case_once(files):
    late = NOW + timedelta(days=2)
    outcomes = together(*[lambda: reviews.keep_rating_clocks(late)["closed"] for _clock in range(3)])
    assert sum(outcomes) == 6
    assert CaseFile.objects.filter(close_reason="unrated").count() == 6
