"""The rankings desk: from draft to publication by different people, every refusal in words, nothing done twice."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from evaluations import actions
from evaluations.desk import DEEDS
from evaluations.models import AppraisalCase, Ranking
from portal.models import AuditEntry
from portal.rules import HalfMonth
from tests import world


@pytest.fixture
def client() -> Client:
    """A visitor whose browser asks for English."""
    return Client(headers={"Accept-Language": "en"})


def address(ranking: Ranking, verb: str) -> str:
    return reverse("ranking-deed", args=[ranking.period, ranking.revision, verb])


def review(ranking: Ranking) -> str:
    return reverse("ranking-review", args=[ranking.period, ranking.revision])


def seen(ranking: Ranking) -> str:
    return f"{ranking.status}:{ranking.digest}"


def do(client, person, ranking: Ranking, verb: str, **fields):
    """Sign in as ``person``, open the page that asks, and answer it as it stands."""
    client.force_login(person)
    form = client.get(address(ranking, verb)).context["form"]
    return client.post(address(ranking, verb), {"seen": form["seen"].value()} | fields, follow=True)


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def change_a_case() -> None:
    """A correction that changes the ranking: one more case of the window counts nowhere."""
    period = HalfMonth.parse(world.PERIOD)
    case = AppraisalCase.objects.filter(
        excluded="", accept_counted_at__gte=period.start, accept_counted_at__lt=period.end
    ).exclude(estate__kind="non_residential")
    AppraisalCase.objects.filter(pk=case.order_by("pk").first().pk).update(excluded="duplicate")


def test_draft_to_publication_by_two_people(client, people, draft):
    assert "Submitted for review" in said(do(client, people.computer, draft, "submit"))
    draft.refresh_from_db()
    assert "public notice has begun" in said(do(client, people.reviewer, draft, "start-notice"))
    Ranking.objects.filter(pk=draft.pk).update(notice_until=timezone.now())
    draft.refresh_from_db()
    assert "Published" in said(do(client, people.signer, draft, "publish"))
    draft.refresh_from_db()
    assert (draft.status, draft.signed_by) == (Ranking.Status.PUBLISHED, people.signer)
    page = client.get(review(draft)).content.decode()
    assert "signed and published" in page
    assert "Draft a correction" in page


def test_signer_is_not_the_author(client, people, on_notice):
    client.force_login(people.computer)
    assert "The signer neither computed nor submitted it" in client.get(review(on_notice)).content.decode()
    response = client.post(address(on_notice, "publish"), {"seen": seen(on_notice)}, follow=True)
    assert "Cannot be published yet" in said(response)
    on_notice.refresh_from_db()
    assert on_notice.status == Ranking.Status.NOTICE


def test_publication_waits_for_the_end_of_the_notice(client, people, draft):
    do(client, people.computer, draft, "submit")
    do(client, people.reviewer, draft, "start-notice")
    draft.refresh_from_db()
    client.force_login(people.signer)
    page = client.get(review(draft)).content.decode()
    assert "Not yet: The public notice is over" in page
    assert f'href="{address(draft, "publish")}"' not in page
    assert "Cannot be published yet" in said(client.post(address(draft, "publish"), {"seen": seen(draft)}, follow=True))


def test_submitting_twice_does_it_once_and_says_so(client, people, draft):
    client.force_login(people.computer)
    fields = {"seen": seen(draft)}
    client.post(address(draft, "submit"), fields)
    again = client.post(address(draft, "submit"), fields, follow=True)
    assert "Nothing was done" in said(again)
    assert AuditEntry.objects.filter(verb="rankings.submit", subject=str(draft)).count() == 1


def test_a_decision_about_another_content_is_not_carried_out(client, people, draft):
    old = seen(draft)
    change_a_case()
    actions.compute_ranking(draft.half_month, now=timezone.now(), by=people.computer)
    client.force_login(people.computer)
    assert "Nothing was done" in said(client.post(address(draft, "submit"), {"seen": old}, follow=True))
    draft.refresh_from_db()
    assert draft.status == Ranking.Status.DRAFT


def test_a_lost_race_is_one_clear_message(client, people, draft, monkeypatch):
    from portal.workflow import LostRace

    def lose(*args, **kwargs):
        raise LostRace

    monkeypatch.setattr(actions, "submit_for_review", lose)
    assert "Somebody else was faster" in said(do(client, people.computer, draft, "submit"))


@pytest.mark.parametrize(
    ("verb", "fixture"), [("send-back", "on_notice"), ("withdraw", "published"), ("correct", "published")]
)
def test_a_reason_is_asked_for_and_kept(client, people, verb, fixture, request):
    ranking = request.getfixturevalue(fixture)
    client.force_login(people.reviewer)
    for empty in ("", "   "):
        response = client.post(address(ranking, verb), {"seen": seen(ranking), "reason": empty})
        assert response.status_code == 422
        assert "A reason is needed." in response.content.decode()
    ranking.refresh_from_db()
    assert ranking.status == (Ranking.Status.NOTICE if fixture == "on_notice" else Ranking.Status.PUBLISHED)


def test_sending_back_returns_it_to_its_author_with_the_reason(client, people, on_notice):
    do(client, people.reviewer, on_notice, "send-back", reason="One case belongs to another estate.")
    on_notice.refresh_from_db()
    assert on_notice.status == Ranking.Status.DRAFT
    assert "One case belongs to another estate." in client.get(review(on_notice)).content.decode()


def test_recomputing_a_draft(client, people, draft):
    before = draft.digest
    assert "nothing was changed" in said(do(client, people.computer, draft, "recompute"))
    change_a_case()
    assert "Computed again" in said(do(client, people.computer, draft, "recompute"))
    draft.refresh_from_db()
    assert draft.digest != before
    assert draft.revision == 1


def test_notice_is_refused_once_cases_were_corrected(client, people, draft):
    do(client, people.computer, draft, "submit")
    draft.refresh_from_db()
    change_a_case()
    client.force_login(people.reviewer)
    assert "Cases were corrected since this was computed" in client.get(review(draft)).content.decode()
    response = client.post(address(draft, "start-notice"), {"seen": seen(draft)}, follow=True)
    assert "Cases were corrected since this was computed" in said(response)


def test_correction_is_a_new_revision_with_its_changes(client, people, published):
    same = do(client, people.computer, published, "correct", reason="A duplicate was found.")
    assert "nothing to correct" in said(same)
    change_a_case()
    do(client, people.computer, published, "correct", reason="A duplicate was found.")
    second = Ranking.objects.get(period=published.period, revision=2)
    response = client.get(review(second), {"tab": "changes"})
    assert response.context["page"].paginator.count >= 1
    assert "A duplicate was found." in response.content.decode()
    published.refresh_from_db()
    assert published.status == Ranking.Status.PUBLISHED
    assert "There is a later revision already." in client.get(review(published)).content.decode()


def test_withdrawal_keeps_the_public_reason(client, people, published):
    do(client, people.signer, published, "withdraw", reason="Wrong data from one source.")
    published.refresh_from_db()
    assert (published.status, published.withdrawal_reason) == (Ranking.Status.WITHDRAWN, "Wrong data from one source.")


def test_desk_does_not_exist_for_who_may_not_see_rankings(client, people, draft):
    for person in (
        people.officer_east,
        people.street_staff_east,
        people.inspector_east,
        people.handler_fire,
        people.nobody,
    ):
        client.force_login(person)
        for page in (reverse("ranking-list"), review(draft), address(draft, "submit"),
                     reverse("ranking-export", args=[draft.period, 1, "csv"])):  # fmt: skip
            assert client.get(page).status_code == 404
        assert client.post(address(draft, "submit"), {"seen": seen(draft)}).status_code == 403
        assert client.post(reverse("ranking-compute"), {"period": world.PERIOD}).status_code == 403


def test_auditor_reads_and_may_do_nothing(client, people, draft):
    client.force_login(people.auditor)
    page = client.get(review(draft))
    assert page.status_code == 200
    assert "You do not hold the right" in page.content.decode()
    for verb in DEEDS:
        assert client.post(address(draft, verb), {"seen": seen(draft), "reason": "because"}).status_code == 403
    draft.refresh_from_db()
    assert draft.status == Ranking.Status.DRAFT


def test_unknown_rankings_and_deeds_are_not_found(client, people, draft):
    client.force_login(people.computer)
    assert client.get(reverse("ranking-review", args=["2021-10-H2", 9])).status_code == 404
    assert client.get(reverse("ranking-review", args=["nonsense", 1])).status_code == 404
    assert client.get(address(draft, "burn")).status_code == 404
    assert client.get(reverse("ranking-export", args=[draft.period, 1, "pdf"])).status_code == 404


def test_every_tab_shows_its_rows(client, people, draft):
    client.force_login(people.auditor)
    lists = client.get(review(draft)).context
    assert {row.estate_code for row in lists["top"]} == set(
        draft.entries.filter(list="top").values_list("estate_code", flat=True)
    )
    assert [row.from_bottom for row in lists["bottom"]] == sorted(row.from_bottom for row in lists["bottom"])
    assert client.get(review(draft), {"tab": "ranked"}).context["page"].paginator.count == draft.eligible
    unranked = client.get(review(draft), {"tab": "unranked"})
    assert unranked.context["page"].paginator.count == draft.not_ranked
    assert all(row.lacks for row in unranked.context["page"].object_list)
    assert client.get(review(draft), {"tab": "no such"}).context["tab"] == "lists"
    one = client.get(review(draft), {"tab": "ranked", "district": world.EAST}).context["page"]
    assert {row.district_code for row in one.object_list} == {world.EAST}


def test_parts_of_a_score_add_up_to_it(client, people, draft):
    client.force_login(people.auditor)
    for row in client.get(review(draft), {"tab": "ranked"}).context["page"].object_list:
        assert abs(sum(part.points for part in row.parts) - row.score) < 0.0001


def test_ties_are_flagged(client, people, draft):
    first, second = draft.entries.filter(eligible=True).order_by("rank")[:2]
    draft.entries.filter(pk=second.pk).update(rank=first.rank)
    client.force_login(people.auditor)
    rows = client.get(review(draft), {"tab": "ranked"}).context["page"].object_list
    ranks = [row.rank for row in rows]
    assert sum(row.is_tied for row in rows) >= 2
    assert all(row.is_tied == (ranks.count(row.rank) > 1) for row in rows)


def test_export_of_a_draft(client, people, draft):
    client.force_login(people.auditor)
    text = client.get(reverse("ranking-export", args=[draft.period, 1, "csv"]))
    assert text.content.decode().count("\n") == draft.eligible + draft.not_ranked + 1
    assert "draft" in text["Content-Disposition"]
    book = load_workbook(io.BytesIO(client.get(reverse("ranking-export", args=[draft.period, 1, "xlsx"])).content))
    assert book.worksheets[0].max_row == draft.eligible + draft.not_ranked + 1


def test_missed_period_is_computed_from_the_list(client, people):
    client.force_login(people.computer)
    missed = client.get(reverse("ranking-list")).context["missed"]
    assert str(missed[0]) < world.PERIOD
    response = client.post(reverse("ranking-compute"), {"period": world.PERIOD}, follow=True)
    assert Ranking.objects.get().computed_by == people.computer
    assert "Computed:" in said(response)


@pytest.mark.parametrize(
    ("period", "message"), [("2021-13-H1", "is not a half month"), ("2999-01-H1", "has not ended"), ("1990-01-H1", "")]
)
def test_a_period_that_cannot_be_computed_is_refused_in_words(client, people, period, message):
    client.force_login(people.computer)
    response = client.post(reverse("ranking-compute"), {"period": period}, follow=True)
    assert message in said(response)
    assert said(response)
    assert not Ranking.objects.exists()


def test_reading_changes_nothing(client, people, draft):
    client.force_login(people.computer)
    for verb in DEEDS:
        assert client.get(address(draft, verb)).status_code == 200
    assert client.get(reverse("ranking-compute")).status_code == 405
    draft.refresh_from_db()
    assert draft.status == Ranking.Status.DRAFT
