"""What everybody may read of rankings: pages, files, feed. Every state, both languages, and the stored numbers on them."""

import csv
import html
import io
import re
import zipfile
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from estates.models import Estate
from evaluations import actions, rules, snapshots, summaries
from evaluations.models import AppraisalCase, Ranking
from portal.context import forget_city
from portal.documents import published as documents
from portal.rules import HalfMonth
from tests import world

NOW = timezone.now()
HERE = f"/rankings/{world.PERIOD}/"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    documents.forget_all()
    yield
    documents.forget_all()


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def correction(published, people):
    """Revision 2 of the golden ranking, a draft."""
    counted = AppraisalCase.objects.filter(excluded="", rating_withdrawn=False, estate__in=Estate.objects.residential())
    period = HalfMonth.parse(world.PERIOD)
    case = counted.filter(rating=1, rated_at__lt=period.end, rated_at__gte=period.start).first()
    AppraisalCase.objects.filter(pk=case.pk).update(rating=5, resolved="yes")
    return actions.compute_ranking(period, now=NOW, by=people.computer, reason="One rating was wrong").ranking


def on_notice_now(ranking, people, days_ago: int = 0):
    actions.submit_for_review(ranking, by=people.computer, now=NOW)
    actions.start_notice(ranking, by=people.reviewer, now=NOW - timedelta(days=days_ago))
    documents.forget_all()


def publish(ranking, people):
    on_notice_now(ranking, people, days_ago=30)
    actions.publish(ranking, by=people.signer, now=NOW)
    documents.forget_all()


def words(response) -> str:
    """The text of a page, without tags and with single spaces."""
    without_tags = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(without_tags))


# --- what exists -------------------------------------------------------------------------------------------------------


def test_before_the_first_publication_the_front_page_says_so(client, db):
    response = client.get("/")
    assert response.status_code == 200
    assert "No ranking has been published yet" in words(response)


@pytest.mark.parametrize("page", ["", "entries/", "not-ranked/", ".csv", ".xlsx"])
def test_a_draft_does_not_exist(client, draft, people, page):
    address = HERE + page if not page.startswith(".") else HERE.rstrip("/") + page
    assert client.get(address).status_code == 404
    actions.submit_for_review(draft, by=people.computer, now=NOW)
    documents.forget_all()
    assert client.get(address).status_code == 404
    assert client.get("/").status_code == 200


def test_a_signed_in_official_sees_no_draft_either(draft, people):
    client = Client()
    client.force_login(people.computer)
    assert client.get(HERE).status_code == 404


def test_a_ranking_on_notice_has_a_page_with_a_warning_and_no_files(client, draft, people):
    on_notice_now(draft, people)
    page = client.get(HERE)
    assert page.status_code == 200
    assert f"On public notice until {timezone.localtime(draft.notice_until):%Y-%m-%d %H:%M}" in words(page)
    assert "may still change" in words(page)
    assert client.get(HERE + "entries/").status_code == 200
    for file in ("csv", "xlsx"):
        assert client.get(f"/rankings/{world.PERIOD}.{file}").status_code == 404
    assert "Public notice" in words(client.get("/"))


@pytest.mark.parametrize("period", ["2021-10-H3", "2021-13-H1", "foo", "2030-01-H1", "2021-10-2"])
def test_a_period_without_ranking_is_404_and_offers_the_latest(client, published, period):
    response = client.get(f"/rankings/{period}/")
    assert response.status_code == 404
    assert HERE in response.content.decode()


@pytest.mark.parametrize("revision", ["2", "0", "x", "-1", "1%00"])
def test_an_unknown_revision_is_404(client, published, revision):
    assert client.get(f"{HERE}?revision={revision}").status_code == 404


def test_the_front_page_is_the_latest_and_the_switch_works_without_javascript(client, published):
    assert "Ranking of 16–31 October 2021" in words(client.get("/"))
    assert client.get(f"/?period={world.PERIOD}").headers["Location"] == HERE


# --- corrections and withdrawal ----------------------------------------------------------------------------------------


def test_a_correction_on_notice_is_announced_but_the_published_one_stays_the_answer(client, correction, people):
    assert "correction" not in words(client.get(HERE)).split("How it is computed")[0]
    on_notice_now(correction, people)
    page = words(client.get(HERE))
    assert "A correction is on public notice One rating was wrong" in page
    assert published_digest(world.PERIOD) in page
    assert correction.digest in words(client.get(f"{HERE}?revision=2"))


def published_digest(period: str) -> str:
    return Ranking.objects.published().get(period=period).digest


def test_a_superseded_revision_stays_readable_and_points_to_the_newer_one(client, published, correction, people):
    publish(correction, people)
    old = client.get(f"{HERE}?revision=1")
    assert "Revision 1 was replaced What changed and why, in revision 2: One rating was wrong" in words(old)
    assert f'href="{HERE}?revision=2"' in old.content.decode()
    assert published.digest in words(old)
    new = words(client.get(HERE))
    assert "Revision 2: what changed and why One rating was wrong" in new
    assert correction.digest in new
    assert client.get(f"/rankings/{world.PERIOD}.csv?revision=1").status_code == 200


def test_a_withdrawn_ranking_says_why_and_shows_no_entries(client, published, people):
    entry = published.entries.filter(list=rules.TOP).first()
    actions.withdraw(published, by=people.signer, now=NOW, reason="Wrong import of cases")
    documents.forget_all()
    page = client.get(HERE)
    assert page.status_code == 200
    assert "Reason: Wrong import of cases" in words(page)
    assert entry.estate_code not in page.content.decode()
    for part in ("entries/", "not-ranked/"):
        assert client.get(HERE + part).status_code == 404
    assert client.get(f"/rankings/{world.PERIOD}.csv").status_code == 404
    assert client.get(f"/neighbourhoods/{entry.estate_code}/").status_code == 404
    assert "No ranking has been published yet" in words(client.get("/"))


# --- the numbers -------------------------------------------------------------------------------------------------------


def printed(value, places: int = 2) -> str:
    return str(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def rows_of(page, table_class: str) -> list[list[str]]:
    """Cells of the body rows of every table of that class, in order."""
    tables = re.findall(rf'<table class="[^"]*{table_class}[^"]*".*?</table>', page.content.decode(), re.S)
    rows = [row for table in tables for row in re.findall(r"<tr\b.*?</tr>", table.split("<tbody>")[1], re.S)]
    return [
        [
            re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", cell))).strip()
            for cell in re.findall(r"<td.*?</td>", row, re.S)
        ]
        for row in rows
    ]


def test_both_lists_show_the_stored_entries_last_ones_worst_first(client, published):
    shown = rows_of(client.get(HERE), "table-rank")
    top = list(published.entries.filter(list=rules.TOP).order_by("rank", "estate_code"))
    bottom = list(published.entries.filter(list=rules.BOTTOM).order_by("-rank", "-estate_code"))
    assert top and bottom
    assert [(row[0], row[-1]) for row in shown] == [(str(entry.rank), printed(entry.score)) for entry in top + bottom]
    first = top[0].counts
    assert shown[0][3] == printed(Decimal(100 * first.accept_on_time) / first.accept_due, 1)


def test_districts_are_pooled_counts_scored_by_the_same_rule(client, published):
    lines = summaries.district_table(published)
    assert sum(line.ranked for line in lines) == published.eligible
    assert sum(line.not_ranked for line in lines) == published.not_ranked
    scorer = rules.Scorer(snapshots.policy_of(published))
    for line in lines:
        pooled = published.entries.filter(district_code=line.code).pooled()
        assert line.counts == pooled
        assert line.score == (scorer.score(pooled) if scorer.is_eligible(pooled) else None)
    shown = rows_of(client.get(HERE), "table-units")
    assert [row[2] for row in shown] == ["—" if line.score is None else printed(line.score) for line in lines]


def test_the_distribution_counts_everybody_once(published):
    spread = summaries.distribution(published)
    assert sum(band.top + band.others + band.bottom for band in spread.bands) == published.eligible
    for band in spread.bands:
        inside = published.entries.filter(score__gte=band.start, score__lt=band.end if band.end < 100 else 101)
        assert inside.count() == band.top + band.others + band.bottom


def test_spread_of_nothing_of_one_and_of_all_equal():
    assert summaries.spread([]).median is None
    hundred = summaries.spread([(Decimal("100.0000"), "")] * 3)
    assert [(band.start, band.end, band.others) for band in hundred.bands] == [(Decimal("99.5"), Decimal("100.0"), 3)]
    assert summaries.spread([(Decimal("0.0000"), "bottom")]).bands[0].bottom == 1


def test_a_reader_with_a_pocket_calculator_arrives_at_the_score(client, published):
    """The sum on the page is typed in as it stands; it gives the score of every neighbourhood tried."""
    for entry in published.entries.filter(eligible=True).order_by("estate_code")[:8]:
        page = words(client.get(f"/neighbourhoods/{entry.estate_code}/"))
        found = re.search(r"pocket calculator: (.*?) = ([0-9.]+)", page)
        assert found
        total = sum(
            (Decimal(weight) * Decimal(numerator) / Decimal(denominator))
            for weight, numerator, denominator in re.findall(r"([0-9.]+) × ([0-9.]+) ÷ ([0-9.]+)", found[1])
        )
        assert printed(total, 4) == found[2] == str(entry.score)
        assert f"Why rank {entry.rank} of {published.eligible}" in page


def test_all_entries_are_listed_by_rank(client, published):
    shown = [row[0] for page in (1, 2) for row in rows_of(client.get(f"{HERE}entries/?page={page}"), "table-entries")]
    ranks = published.entries.filter(eligible=True).order_by("rank", "estate_code").values_list("rank", flat=True)
    assert shown[: len(ranks)] == [str(rank) for rank in ranks]


def test_entries_filter_by_district_and_by_name_and_sort(client, published):
    entry = published.entries.filter(eligible=True).first()
    estate = Estate.objects.get(code=entry.estate_code)
    of_district = rows_of(client.get(f"{HERE}entries/?district={entry.district_code}"), "table-entries")
    assert len(of_district) == published.entries.filter(eligible=True, district_code=entry.district_code).count()
    for text in (entry.estate_name, estate.initials, entry.estate_code):
        assert f"/neighbourhoods/{entry.estate_code}/" in client.get(f"{HERE}entries/", {"q": text}).content.decode()
    assert "Nothing found" in words(client.get(f"{HERE}entries/", {"q": "no such name"}))
    rates = [float(row[4]) for row in rows_of(client.get(f"{HERE}entries/?sort=-acceptance"), "table-entries")]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("query", ["sort=drop", "page=99", "page=x", "q=%00%27%25", "district=%00", "q=" + "a" * 500])
def test_odd_addresses_of_the_list_are_answered(client, published, query):
    assert client.get(f"{HERE}entries/?{query}").status_code == 200
    assert client.get(f"{HERE}not-ranked/?{query}").status_code == 200


def test_who_is_not_ranked_is_listed_with_counts_and_what_is_missing(client, published):
    page = client.get(f"{HERE}not-ranked/")
    rows = rows_of(page, "table-missing")
    assert len(rows) == published.not_ranked > 0
    stored = published.entries.filter(eligible=False).order_by("estate_code")
    assert [(row[1], row[2]) for row in rows] == [
        (f"{entry.accept_on_time} of {entry.accept_due}", f"{entry.handle_on_time} of {entry.handle_due}")
        for entry in stored
    ]
    short = stored.first()
    missing = rules.Scorer(snapshots.policy_of(published)).shortfalls(short.counts)
    assert missing
    alone = words(client.get(f"/neighbourhoods/{short.estate_code}/"))
    assert "Not ranked: too few cases" in alone
    for count in missing.values():
        assert re.search(rf"\b{count} (acceptance|handling|rating)", alone)


def test_a_neighbourhood_that_nobody_published_is_404(client, draft):
    code = draft.entries.first().estate_code
    assert client.get(f"/neighbourhoods/{code}/").status_code == 404
    assert client.get("/neighbourhoods/nobody/").status_code == 404


# --- files and feed ----------------------------------------------------------------------------------------------------


def test_the_csv_has_every_entry_with_its_names(client, published):
    response = client.get(f"/rankings/{world.PERIOD}.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"ranking-{world.PERIOD}-r1.csv" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    stored = {entry.estate_code: entry for entry in published.entries.all()}
    assert len(rows) == len(stored)
    for row in rows:
        entry = stored[row["estate_code"]]
        assert row["estate_name"] == entry.estate_name
        assert row["score"] == ("" if entry.score is None else str(entry.score))
        assert row["rank"] == ("" if entry.rank is None else str(entry.rank))


def sheet_of(workbook: bytes, number: int) -> list[list]:
    """Rows of a sheet: texts as they are, numbers as floats."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        root = ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))

    def value(cell):
        text = "".join(node.text or "" for node in cell.iter() if node.tag in (f"{space}t", f"{space}v"))
        return text if cell.get("t") == "inlineStr" else float(text) if text else ""

    return [[value(cell) for cell in row] for row in root.iter(f"{space}row")]


def test_the_workbook_says_the_same_as_the_csv(client, published):
    content = client.get(f"/rankings/{world.PERIOD}.xlsx").content
    sheet, about = (sheet_of(content, number) for number in (1, 2))
    lines = list(csv.reader(io.StringIO(client.get(f"/rankings/{world.PERIOD}.csv").content.decode())))
    assert sheet[0] == lines[0]
    score = sheet[0].index("score")
    assert [row[0] for row in sheet] == [row[0] for row in lines]
    assert [row[score] or "" for row in sheet[1:]] == [float(row[score]) if row[score] else "" for row in lines[1:]]
    assert ["SHA-256", published.digest] in about


def test_the_feed_tells_of_publication_correction_and_withdrawal(client, published, correction, people):
    feed = client.get("/rankings/feed/")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert feed.content.decode().count("<entry>") == 1
    publish(correction, people)
    text = client.get("/rankings/feed/").content.decode()
    assert text.count("<entry>") == 2
    assert "corrected, revision 2" in text
    assert "One rating was wrong" in text
    actions.withdraw(correction, by=people.signer, now=NOW, reason="Wrong import")
    documents.forget_all()
    text = client.get("/rankings/feed/").content.decode()
    assert "withdrawn" in text
    assert "Wrong import" in text


# --- for everybody -----------------------------------------------------------------------------------------------------

PAGES = ["/", HERE, HERE + "entries/", HERE + "not-ranked/", "/rankings/feed/"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_need_no_session_and_set_no_cookie(client, published, page):
    response = client.get(page)
    assert response.status_code == 200
    assert not response.cookies
    assert response.headers["Cache-Control"].startswith("public")
    assert "csrfmiddlewaretoken" not in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_once_made_costs_no_query(client, published, page):
    first = client.get(page)
    with CaptureQueriesContext(connection) as queries:
        again = client.get(page)
    assert again.content == first.content
    assert len(queries) == 0
    assert client.get(page, headers={"if-none-match": first.headers["ETag"]}).status_code == 304


def test_pages_come_in_english_and_by_default_in_chinese(published):
    assert '<html lang="en"' in Client(headers={"accept-language": "en"}).get(HERE).content.decode()
    chinese = Client().get(HERE).content.decode()
    assert '<html lang="zh-CN"' in chinese
    assert "2021年10月下半月" in chinese
    chosen = Client(headers={"accept-language": "zh"})
    chosen.cookies["language"] = "en"
    assert "16–31 October 2021" in chosen.get(HERE).content.decode()


def test_names_are_romanised_in_english_and_as_written_in_chinese(client, published):
    entry = published.entries.filter(list=rules.TOP).order_by("rank").first()
    assert entry.district_name in Client().get(HERE).content.decode()
    assert entry.district_name not in client.get(HERE).content.decode()


@pytest.mark.parametrize("page", [HERE, HERE + "entries/", HERE + "not-ranked/"])
def test_queries_do_not_grow_with_rankings(client, published, people, page):
    def queries() -> int:
        documents.forget_all()
        forget_city()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    before = queries()
    for period in ("2021-09-H2", "2021-10-H1"):
        publish(actions.compute_ranking(HalfMonth.parse(period), now=NOW, by=people.computer).ranking, people)
    assert queries() == before <= 7


def test_queries_of_a_neighbourhood_do_not_grow_with_its_history(client, published, people):
    code = published.entries.filter(eligible=True).first().estate_code
    address = reverse("public-neighbourhood", args=[code])

    def queries() -> int:
        documents.forget_all()
        forget_city()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    before = queries()
    publish(actions.compute_ranking(HalfMonth.parse("2021-10-H1"), now=NOW, by=people.computer).ranking, people)
    assert queries() == before


def test_change_is_against_the_previous_published_ranking(client, people, db):
    for period in ("2021-10-H1", world.PERIOD):
        ranking = actions.compute_ranking(HalfMonth.parse(period), now=NOW, by=people.computer).ranking
        publish(ranking, people)
    shown = rows_of(client.get(HERE), "table-rank")
    top = list(ranking.entries.filter(list=rules.TOP).order_by("rank", "estate_code"))
    expected = [
        "new" if entry.change is None else "level" if entry.change == 0
        else f"{'up' if entry.change > 0 else 'down'} {abs(entry.change)}"
        for entry in top
    ]  # fmt: skip
    assert [row[1] for row in shown[: len(top)]] == expected
    assert any(entry.change for entry in top)
