"""Why a neighbourhood stands where it stands: one object in page, PDF and API."""

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone, translation

from evaluations import actions, rules
from evaluations.models import RankingEntry
from evaluations.why.documents import pdf
from evaluations.why.reading import why
from evaluations.why.rules import moved, points, rounded, with_one_more
from evaluations.why.wording import sections, signed
from portal.documents.published import forget_all
from portal.rules import HalfMonth
from tests import world


@pytest.fixture
def client(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture(autouse=True)
def _nothing_on_the_shelf():
    forget_all()


def code_of(ranking, **wanted) -> str:
    return ranking.entries.filter(**wanted).order_by("rank", "estate_code").first().estate_code


def address(code: str, ranking, ending: str = "/") -> str:
    return f"/neighbourhoods/{code}/why{ending}?period={ranking.period}"


# --- rules --------------------------------------------------------------------------------------------------------------

COUNTS = rules.Counts(20, 18, 20, 15, 10, Decimal("7.9"))


def test_points_and_what_moved_them(published):
    policy = why(published, code_of(published, rank=1)).policy
    now, then = points(COUNTS, policy), points(COUNTS._replace(accept_on_time=15, ratings=0), policy)
    assert now == {"acceptance": 27, "handling": Fraction(45, 2), "ratings": Fraction(158, 5)}
    assert moved(now, then) == {"acceptance": Decimal("4.5000"), "handling": Decimal("0.0000"), "ratings": None}


def test_rounding_is_half_up_on_both_sides_of_zero():
    assert rounded(Fraction(5, 100_000)) == Decimal("0.0001")
    assert rounded(Fraction(-5, 100_000)) == Decimal("-0.0001")
    assert str(rounded(Fraction(-1, 10**9))) == "0.0000"
    assert [signed(Decimal(n)) for n in ("1.5", "-1.5", "0.0000")] == ["+1.5", "−1.5", "0.0000"]
    assert signed(None) == "—"


def test_one_more_counts_once(published):
    policy = why(published, code_of(published, rank=1)).policy
    assert with_one_more(COUNTS, "rating", policy) == COUNTS._replace(ratings=11, satisfied_weight=Decimal("8.9"))
    assert with_one_more(COUNTS, "handling", policy) == COUNTS._replace(handle_due=21, handle_on_time=16)
    assert with_one_more(COUNTS, "acceptance", policy) == COUNTS._replace(accept_due=21, accept_on_time=19)


# --- the object ---------------------------------------------------------------------------------------------------------


def test_every_score_follows_from_the_printed_numbers(published):
    """With a pocket calculator: 100 x weight x successes / counted, added up, rounded once."""
    for entry in published.entries.filter(eligible=True):
        content = why(published, entry.estate_code).to_dict()
        total = sum(
            100 * Fraction(rate["weight"]) * Fraction(rate["successes"]) / rate["counted"] for rate in content["rates"]
        )
        assert rounded(total) == Decimal(content["score"]) == entry.score
        assert (content["rank"], content["higher"]) == (entry.rank, entry.rank - 1)


def test_what_one_more_would_do_is_what_a_ranking_with_one_more_does(published):
    """Place everybody again with the one count changed: the same score and rank."""
    entries = list(published.entries.all())
    for entry in entries[::7]:
        found = why(published, entry.estate_code)
        for step in found.one_more:
            rows = [
                (e.district_code, with_one_more(e.counts, step.what, found.policy) if e == entry else e.counts)
                for e in entries
            ]
            placed = dict(zip(entries, rules.place(rows, found.policy), strict=True))[entry]
            assert (step.score, step.rank) == (placed.score, placed.rank)


def test_the_unranked_get_their_gates_and_no_rank(published):
    found = why(published, code_of(published, eligible=False))
    content = found.to_dict()
    assert (content["rank"], content["score"], content["list"], content["higher"]) == (None, None, None, None)
    assert not all(gate["met"] for gate in content["gates"])
    assert "Missing to be ranked" in " ".join(text for part in sections(found) for text in part.texts)


def test_ties_are_counted(draft):
    first, second = draft.entries.filter(rank__in=(1, 2)).order_by("rank")[:2]
    RankingEntry.objects.filter(pk=second.pk).update(score=first.score, rank=1)
    assert why(draft, first.estate_code).sharing == 1


def test_nobody_is_nobody(published):
    assert why(published, "E99999") is None


@pytest.fixture
def later(published, people):
    """The half month after the published one, published."""
    period = HalfMonth.parse(world.PERIOD).shift(1)
    ranking = actions.compute_ranking(period, now=period.end, by=people.computer).ranking
    actions.submit_for_review(ranking, by=people.computer, now=timezone.now())
    actions.start_notice(ranking, by=people.reviewer, now=timezone.now() - timedelta(days=30))
    actions.publish(ranking, by=people.signer, now=timezone.now())
    return ranking


def test_what_changed_sums_up_to_the_difference_of_the_scores(published, later):
    both = set(published.entries.filter(eligible=True).values_list("estate_code", flat=True))
    both &= set(later.entries.filter(eligible=True).values_list("estate_code", flat=True))
    assert both
    for code in both:
        content = why(later, code).to_dict()
        then = content["previous"]
        assert then["period"] == published.period
        total = sum(Decimal(value) for value in then["moved"].values())
        assert abs(total - (Decimal(content["score"]) - Decimal(then["score"]))) <= Decimal("0.0002")


def test_the_object_takes_few_statements(published, django_assert_max_num_queries):
    code = code_of(published, rank=3)
    with django_assert_max_num_queries(9):
        why(published, code).to_dict()


# --- page, PDF, API -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [{"rank": 1}, {"eligible": False}], ids=["ranked", "not ranked"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_page_pdf_and_api_say_the_same(published, client, wanted, language):
    code = code_of(published, **wanted)
    client.cookies["django_language"] = language
    page = client.get(address(code, published))
    assert page.status_code == 200
    document = client.get(address(code, published, ".pdf"))
    assert (document.status_code, document["Content-Type"]) == (200, "application/pdf")
    assert document.content.startswith(b"%PDF")
    content = client.get(f"/api/v1/estates/{code}/why/?period={published.period}").json()
    with translation.override("en"):
        expected = why(published, code).to_dict()
    links = content.pop("links")
    assert links.pop("pdf").endswith(expected["links"]["pdf"])
    assert content == {name: json.loads(json.dumps(value)) for name, value in expected.items() if name != "links"}
    html = page.content.decode()
    for rate in content["rates"]:
        assert f">{rate['successes']}<" in html
    if content["score"]:
        assert content["score"] in html


def test_the_pdf_is_made_the_same_again(published):
    found = why(published, code_of(published, rank=2))
    assert pdf(found) == pdf(found)


def test_documents_are_known_again_by_their_etag(published, client):
    code = code_of(published, rank=1)
    for path in (address(code, published), address(code, published, ".pdf"), f"/api/v1/estates/{code}/why/"):
        first = client.get(path)
        assert client.get(path, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_without_a_period_it_is_the_latest_published(published, later, client):
    code = code_of(later, rank=1)
    assert client.get(f"/api/v1/estates/{code}/why/").json()["period"] == later.period
    assert client.get(f"/neighbourhoods/{code}/why/").context["ranking"] == later


def test_before_publication_it_does_not_exist_for_the_public(draft, client):
    code = code_of(draft, rank=1)
    api = f"/api/v1/estates/{code}/why/"
    for path in (address(code, draft), address(code, draft, ".pdf"), api, f"{api}?period={draft.period}"):
        assert client.get(path).status_code == 404


def test_on_notice_the_page_is_open_and_the_api_is_not(on_notice, client):
    code = code_of(on_notice, rank=1)
    assert client.get(address(code, on_notice)).status_code == 200
    assert client.get(f"/api/v1/estates/{code}/why/?period={on_notice.period}").status_code == 404


def test_a_withdrawn_ranking_explains_nothing_any_more(published, people, client):
    code = code_of(published, rank=1)
    actions.withdraw(published, by=people.signer, now=timezone.now(), reason="wrong cases")
    assert client.get(address(code, published)).status_code == 404
    assert client.get(address(code, published, ".pdf")).status_code == 404
    assert client.get(f"/api/v1/estates/{code}/why/?period={published.period}").status_code == 410


@pytest.mark.parametrize(
    "path", ["/neighbourhoods/E99999/why/", "/neighbourhoods/%00/why/", "/api/v1/estates/E99999/why/"]
)
def test_who_is_in_no_ranking_is_not_found(published, client, path):
    assert client.get(path).status_code == 404


def test_officials_see_it_under_review(draft, people, client):
    actions.submit_for_review(draft, by=people.computer, now=timezone.now())
    path = f"/rankings-desk/{draft.period}/{draft.revision}/why/{code_of(draft, rank=1)}"
    assert client.get(f"{path}/").status_code == 302
    client.force_login(people.officer_west)
    assert (client.get(f"{path}/").status_code, client.get(f"{path}.pdf").status_code) == (404, 404)
    client.force_login(people.reviewer)
    assert "How certain this is" in client.get(f"{path}/").content.decode()
    assert client.get(f"{path}.pdf")["Cache-Control"] == "private, no-store"


def test_a_draft_without_evidence_says_so(draft, people, client):
    client.force_login(people.reviewer)
    page = client.get(f"/rankings-desk/{draft.period}/{draft.revision}/why/{code_of(draft, rank=1)}/")
    assert "No evidence was recorded" in page.content.decode()


# --- the lists ----------------------------------------------------------------------------------------------------------


def test_lists_carry_the_label_the_link_and_the_sentence(published, client):
    for path in ("/", f"/rankings/{published.period}/entries/", f"/rankings/{published.period}/not-ranked/"):
        html = client.get(path).content.decode()
        assert "/why/" in html
        assert "ranked is who has at least 10 acceptances" in html
    html = client.get(f"/rankings/{published.period}/entries/").content.decode()
    assert "sufficient" in html
