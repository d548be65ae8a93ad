"""Published rankings in the API: exact, stable, cacheable, and nothing before its time."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.utils import timezone

from evaluations import actions
from evaluations.exports import FIRST_COLUMNS
from portal.documents import published as documents
from portal.rules import HalfMonth
from tests import world
from tests.api.conftest import API, problem

RANKING = API + "rankings/2021-10-H2/"
ENTRIES = RANKING + "entries/"


def publish_revision(people, reason: str):
    """Correct one case of the golden city and publish the ranking again."""
    from evaluations.models import AppraisalCase

    case = AppraisalCase.objects.filter(estate__code="E00010", rating=5, rating_withdrawn=False).latest("rated_at")
    AppraisalCase.objects.filter(pk=case.pk).update(excluded="duplicate")
    ranking = actions.compute_ranking(
        HalfMonth.parse(world.PERIOD), now=timezone.now(), by=people.computer, reason=reason
    ).ranking
    actions.submit_for_review(ranking, by=people.computer, now=timezone.now())
    actions.start_notice(ranking, by=people.reviewer, now=timezone.now() - timedelta(days=30))
    actions.publish(ranking, by=people.signer, now=timezone.now())
    documents.forget_all()
    return ranking


def rows_of(text: str) -> list[dict]:
    return list(csv.DictReader(StringIO(text)))


def test_csv_of_all_entries_is_the_golden_answer(client, published):
    names = ",".join(FIRST_COLUMNS)
    response = client.get(f"{ENTRIES}?format=csv&fields={names}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.decode() == (world.GOLDEN / "expected-2021-10-H2.csv").read_text()


def test_json_entries_are_the_golden_answer(client, published):
    expected = rows_of((world.GOLDEN / "expected-2021-10-H2.csv").read_text())
    found = client.get(ENTRIES + "?page_size=1000").json()
    assert found["count"] == len(expected)
    for row, wanted in zip(found["results"], expected, strict=True):
        assert row["score"] == (wanted["score"] or None)
        assert str(row["rank"] or "") == wanted["rank"]
        assert row["satisfied_weight"] == wanted["satisfied_weight"]
        assert (row["list"] or "") == wanted["list"]


def test_latest_has_header_and_both_lists(client, published):
    latest = client.get(API + "rankings/latest/").json()
    assert (latest["period"], latest["revision"], latest["digest"]) == (world.PERIOD, 1, published.digest)
    assert latest["policy"] == published.policy_snapshot
    assert [row["rank"] for row in latest["top"]][:3] == [1, 2, 3]
    assert {row["list"] for row in latest["bottom"]} == {"bottom"}
    as_csv = client.get(API + "rankings/latest/", headers={"accept": "text/csv"})
    assert [row["estate_code"] for row in rows_of(as_csv.content.decode())] == [
        row["estate_code"] for row in latest["top"] + latest["bottom"]
    ]


@pytest.mark.parametrize("state", ["draft", "in_review", "notice"])
def test_what_is_not_published_does_not_exist(client, draft, people, state):
    if state != "draft":
        actions.submit_for_review(draft, by=people.computer, now=timezone.now())
    if state == "notice":
        actions.start_notice(draft, by=people.reviewer, now=timezone.now())
    for address in (
        RANKING,
        ENTRIES,
        RANKING + "?revision=1",
        API + "rankings/latest/",
        API + "estates/E00010/rankings/",
    ):
        problem(client.get(address), 404)
    assert client.get(API + "rankings/").json()["results"] == []


def test_pages_and_cursors_walk_the_same_rows_in_the_same_order(client, published):
    for query in ("", "ordering=-score&", "ordering=district_rank&", "ordering=-change&", "eligible=false&"):
        whole = [row["estate_code"] for row in client.get(f"{ENTRIES}?{query}page_size=1000").json()["results"]]
        assert len(set(whole)) == len(whole) > 0
        for start in ("page=1", "cursor="):
            address, walked = f"{ENTRIES}?{query}{start}&page_size=7", []
            while address:
                page = client.get(address).json()
                walked += [row["estate_code"] for row in page["results"]]
                address = page["next"]
            assert walked == whole, (query, start)


def test_rows_without_a_value_come_last_in_both_directions(client, published):
    for ordering in ("score", "-score"):
        scores = [row["score"] for row in client.get(f"{ENTRIES}?ordering={ordering}&page_size=1000").json()["results"]]
        ranked = [score for score in scores if score]
        assert scores == ranked + [None] * (len(scores) - len(ranked))
        assert ranked == sorted(ranked, key=float, reverse=ordering == "-score")


def test_filters_narrow(client, published):
    def rows(query):
        return client.get(f"{ENTRIES}?page_size=1000&{query}").json()["results"]

    assert {row["district_code"] for row in rows("district=990190")} == {"990190"}
    assert {row["list"] for row in rows("list=top")} == {"top"}
    assert {row["list"] for row in rows("list=none")} == {None}
    assert {row["eligible"] for row in rows("eligible=false")} == {False}
    assert rows("district=nowhere") == []
    assert list(rows("fields=score,estate_code")[0]) == ["score", "estate_code"]


@pytest.mark.parametrize(
    "query",
    [
        "ordering=estate_name", "ordering=--rank", "fields=pk", "fields=", "list=both", "eligible=maybe", "page=0",
        "page=x", "page=99999999999999999999", "page=%C2%B2", "page_size=0", "page_size=1001",
        "cursor=%00", "page=x&cursor=", "distict=990101", "revision=x", "revision=-1",
        "revision=99999999999", "district=%00",
    ],
)  # fmt: skip
def test_bad_parameters_are_named(client, published, query):
    found = problem(client.get(f"{ENTRIES}?{query}"), 400)
    assert found["errors"][0]["pointer"].startswith("/")


def test_a_cursor_is_no_good_in_another_order_or_with_another_signature(client, published):
    cursor = client.get(ENTRIES + "?cursor=&page_size=3").json()["next"].split("cursor=")[1].split("&")[0]
    for query in (
        f"ordering=score&cursor={cursor}",
        f"cursor={cursor[:-2]}xx",
        "cursor=abc",
        "cursor=%FF",
        "cursor=:::",
    ):
        problem(client.get(f"{ENTRIES}?{query}"), 404)


def test_a_page_beyond_the_end_is_not_there(client, published):
    problem(client.get(ENTRIES + "?page=99"), 404)


@pytest.mark.parametrize(
    "address",
    ["rankings/2021-10-H3/", "rankings/2021-13-H1/", "rankings/%00/", "rankings/%ff/", "estates/%00/rankings/",
     "estates/%ff%fe/rankings/", "estates/" + "9" * 5000 + "/rankings/", "nothing/", "rankings/latest/x"],
)  # fmt: skip
def test_addresses_that_are_none_are_problems_too(client, published, address):
    problem(client.get(API + address), 404)


def test_the_history_of_one_neighbourhood(client, published):
    history = client.get(API + "estates/E00010/rankings/").json()
    assert [(row["period"], row["rank"], row["score"]) for row in history["results"]] == [(world.PERIOD, 1, "96.7594")]
    problem(client.get(API + "estates/NOBODY/rankings/"), 404)


# --- caching ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", [API + "rankings/", API + "rankings/latest/", RANKING, ENTRIES, API + "estates/E00010/rankings/"]
)
def test_a_strong_tag_answers_304_without_a_body(client, published, address):
    first = client.get(address)
    assert first["ETag"].startswith('"')
    assert first["Cache-Control"] == "public, max-age=60, must-revalidate"
    again = client.get(address, headers={"if-none-match": f'"other", {first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get(address, headers={"if-none-match": '"other"'}).status_code == 200
    head = client.head(address)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    assert head["Content-Length"] == str(len(first.content))


def test_representations_have_their_own_tags_and_vary_says_by_what(client, published):
    plain = client.get(ENTRIES)
    as_csv = client.get(ENTRIES, headers={"accept": "text/csv"})
    packed = client.get(ENTRIES, headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len({plain["ETag"], as_csv["ETag"], packed["ETag"]}) == 3
    varies = {name.strip() for name in plain["Vary"].split(",")}
    assert varies == {"Accept", "Accept-Encoding"}


def test_a_ready_document_costs_no_query(client, published, django_assert_num_queries):
    client.get(ENTRIES)
    with django_assert_num_queries(0):
        assert client.get(ENTRIES).status_code == 200
        assert client.get(ENTRIES, headers={"accept-language": "zh"}).status_code == 200


def test_the_order_of_parameters_makes_no_other_document(client, published, django_assert_num_queries):
    client.get(ENTRIES + "?district=990101&page_size=5")
    with django_assert_num_queries(0):
        client.get(ENTRIES + "?page_size=5&district=990101")


def test_a_correction_supersedes_and_the_old_revision_stays(client, published, people):
    before = client.get(ENTRIES + "?revision=1").content
    publish_revision(people, "a case was counted twice")
    new, old = client.get(RANKING).json(), client.get(RANKING + "?revision=1")
    assert (new["revision"], new["reason"]) == (2, "a case was counted twice")
    assert old.json()["status"] == "superseded"
    assert old["Cache-Control"] == documents.IMMUTABLE
    assert "immutable" in client.get(RANKING + "?revision=2")["Cache-Control"]
    assert client.get(ENTRIES + "?revision=1").content == before
    assert client.get(ENTRIES).json() != client.get(ENTRIES + "?revision=1").json()
    assert [row["revision"] for row in client.get(API + "rankings/").json()["results"]] == [2, 1]
    assert [row["revision"] for row in client.get(API + "estates/E00010/rankings/").json()["results"]] == [2]
    problem(client.get(RANKING + "?revision=3"), 404)


def test_a_withdrawn_ranking_says_why_and_gives_no_rows(client, published, people):
    actions.withdraw(published, by=people.signer, now=timezone.now(), reason="the wrong month was loaded")
    documents.forget_all()
    header = client.get(RANKING).json()
    assert (header["status"], header["withdrawal_reason"]) == ("withdrawn", "the wrong month was loaded")
    assert "the wrong month was loaded" in problem(client.get(ENTRIES), 410)["detail"]
    problem(client.get(ENTRIES + "?format=csv"), 410)
    problem(client.get(API + "rankings/latest/"), 404)
    problem(client.get(API + "estates/E00010/rankings/"), 404)
