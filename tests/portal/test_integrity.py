"""The pages of data integrity and the duties of the home page, as an official meets them."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from estates.models import Estate, OwnersCommittee, ServiceAssignment
from portal.integrity.checks import check, checks, checks_for, count
from portal.integrity.models import Merge
from portal.registers import register
from tests import world
from tests.estates.rows import contract, estate_in, filing, mode


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def client(people) -> Client:
    """The district official of the east, whose browser asks for English."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(people.officer_east)
    return client


@pytest.fixture
def twins(db) -> tuple[Estate, Estate]:
    keep, drop = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[:2]
    drop.assignments.all().delete()
    for row, name in ((keep, "东湖花园"), (drop, "东湖花园小区")):
        row.name, row.community_id = name, keep.community_id
        row.save()
    return keep, drop


def compare(one, other) -> str:
    return reverse("integrity-compare", args=["estates", one.pk, other.pk])


# --- checks ---------------------------------------------------------------------------------------------------------------


def test_keys_are_unique_and_registers_exist():
    assert len({one.key for one in checks()}) == len(checks())
    assert all(one.kept_in for one in checks())


def test_counts_are_those_of_the_findings_in_one_statement(people):
    found = checks_for(people.officer_east)
    count(people.officer_east, found)
    with CaptureQueriesContext(connection) as captured:
        counts = count(people.officer_east, found)
    assert len(captured) == 1
    assert counts == {one.key: one.findings(people.officer_east).count() for one in found}
    assert any(counts.values())


def test_page_links_every_check_that_found_something(client, people):
    response = client.get(reverse("integrity"))
    shown = {one.key: number for _floor, members in response.context["floors"] for one, number in members}
    assert set(shown) == {one.key for one in checks_for(people.officer_east)}
    text = response.content.decode()
    for key, number in shown.items():
        assert (reverse("integrity-check", args=[key]) in text) is bool(number)


@pytest.mark.parametrize("key", [one.key for one in checks()])
def test_every_check_opens_with_the_rows_it_counts(client, people, key):
    response = client.get(reverse("integrity-check", args=[key]))
    assert response.status_code == 200
    assert response.context["page"].paginator.count == check(key).findings(people.officer_east).count()


def test_rows_open_where_they_are_corrected(client, people):
    estate = Estate.objects.filter(community__path__contains=f"/{world.EAST}/", kind="old").order_by("pk")[0]
    address = reverse("register-edit", args=["estates", estate.pk])
    assert address in client.get(reverse("integrity-check", args=["old-without-mode"])).content.decode()
    client.force_login(people.auditor)
    text = client.get(reverse("integrity-check", args=["old-without-mode"])).content.decode()
    assert address not in text
    assert reverse("estate-detail", args=[estate.code]) in text


def test_findings_are_searched_and_filtered_as_the_register_is(client, people):
    client.force_login(people.auditor)
    address = reverse("integrity-check", args=["old-without-mode"])
    inside = client.get(address, {"district": world.EAST}).context["page"].paginator.count
    assert inside == check("old-without-mode").findings(people.officer_east).count()
    assert client.get(address, {"q": "no such name"}).context["page"].paginator.count == 0


def test_pages_take_the_same_queries_for_few_and_many_findings(client):
    def queries(name, *args) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name, args=args)).status_code == 200
        return len(captured)

    for name, *args in (("integrity",), ("integrity-check", "old-without-mode")):
        queries(name, *args)
        before = queries(name, *args)
        for estate in Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[:10]:
            Estate.objects.filter(pk=estate.pk).update(kind="old")
        assert queries(name, *args) == before <= 20


def test_who_may_not_see_registers_is_refused(client, people):
    for person in (people.handler_fire, people.nobody):
        client.force_login(person)
        assert client.get(reverse("integrity")).status_code == 403
        assert client.get(reverse("integrity-merges")).status_code == 403
        assert client.get(reverse("integrity-check", args=["old-without-mode"])).status_code == 403
    client.force_login(people.auditor)
    assert client.get(reverse("integrity-check", args=["enterprises-uncovered"])).status_code == 403
    assert client.get(reverse("integrity-check", args=["no-such-check"])).status_code == 404


# --- twins and merges -----------------------------------------------------------------------------------------------------


def test_twins_are_listed_with_their_comparison(client, twins):
    keep, drop = twins
    text = client.get(reverse("integrity-check", args=["duplicate-estates"])).content.decode()
    assert compare(keep, drop) in text


def test_comparison_shows_what_differs_and_what_refers(client, twins):
    keep, drop = twins
    contract(drop).save()
    response = client.get(compare(keep, drop))
    differing = {field.name for field, _texts, differs in response.context["lines"] if differs}
    assert {"code", "name"} <= differing
    assert "community" not in differing
    assert ("service contracts", [0, 1]) in response.context["references"]


def test_merge_from_the_page_and_back(client, twins):
    keep, drop = twins
    response = client.post(compare(keep, drop), {"keep": keep.pk, "reason": "同一小区"})
    assert response["Location"] == reverse("estate-detail", args=[keep.code])
    done = Merge.objects.get()
    assert "同一小区" in client.get(reverse("integrity-merges")).content.decode()
    undo = reverse("integrity-undo", args=[done.pk])
    assert client.post(undo, {"reason": ""}).status_code == 422
    assert client.post(undo, {"reason": "两个小区"})["Location"] == reverse("estate-detail", args=[drop.code])
    assert Estate.objects.filter(pk=drop.pk).exists()
    assert client.post(undo, {"reason": "两个小区"}).status_code == 409


def test_the_other_one_may_stay(client, twins):
    keep, drop = twins
    client.post(compare(keep, drop), {"keep": drop.pk, "reason": "同一小区"})
    assert list(Estate.objects.filter(pk__in=[keep.pk, drop.pk])) == [drop]


def test_what_is_in_the_way_is_named_and_linked(client, twins):
    keep, drop = twins
    ServiceAssignment.objects.filter(estate=keep).delete()
    rows = [
        ServiceAssignment.objects.create(
            estate=estate, enterprise=contract(estate).enterprise, valid=DateRange(date(2020, month, 1), None)
        )
        for month, estate in enumerate((keep, drop), start=1)
    ]
    response = client.post(compare(keep, drop), {"keep": keep.pk, "reason": "同一小区"})
    assert response.status_code == 409
    assert reverse("register-row", args=["service-assignments", rows[1].pk]) in response.content.decode()
    assert not Merge.objects.exists()


def test_merge_needs_a_reason_and_both_records(client, people, twins):
    keep, drop = twins
    assert client.post(compare(keep, drop), {"keep": keep.pk, "reason": ""}).status_code == 422
    west = Estate.objects.filter(community__path__contains=f"/{world.WEST}/").order_by("pk")[0]
    assert client.post(compare(keep, west), {"keep": keep.pk, "reason": "同一小区"}).status_code == 404
    client.force_login(people.auditor)
    assert client.get(compare(keep, drop)).status_code == 200
    assert client.post(compare(keep, drop), {"keep": keep.pk, "reason": "同一小区"}).status_code == 403
    assert client.get(reverse("integrity-compare", args=["contracts", 1, 2])).status_code == 404


def test_merges_of_another_district_are_not_shown(client, people, twins):
    keep, drop = twins
    client.post(compare(keep, drop), {"keep": keep.pk, "reason": "同一小区"})
    done = Merge.objects.get()
    client.force_login(people.officer_west)
    assert not client.get(reverse("integrity-merges")).context["page"].object_list
    assert client.get(reverse("integrity-undo", args=[done.pk])).status_code == 404


# --- duties -----------------------------------------------------------------------------------------------------------------


def duties(client) -> dict:
    cache.clear()
    cards = client.get(reverse("home")).context["cards"]
    card = next((card for card in cards if card.template == "duties/card.html"), None)
    return {str(duty.title): duty for duty in card.context["duties"]} if card else {}


def plant_duties(district) -> None:
    today, estate = timezone.localdate(), estate_in(district)
    for place, (state, late) in enumerate([("submitted", 0), ("submitted", 9), ("draft", 0)]):
        row = filing(estate, "area", f"F-{district}-{place}", status=state)
        row.submitted_on = None if state == "draft" else row.due_on + timedelta(days=late)
        row.save()
    for place, days in enumerate((1, 150, 400)):
        term = DateRange(today - timedelta(days=30), today + timedelta(days=days))
        contract(estate, number=f"C-{district}-{place}", valid=term).save()
    term = DateRange(today - timedelta(days=400), today + timedelta(days=90))
    OwnersCommittee.objects.create(code=f"K-{district}", estate=estate, size=3, valid=term)


def test_duties_count_the_own_district_and_link_to_exactly_those_rows(client):
    plant_duties(world.EAST)
    plant_duties(world.WEST)
    found = duties(client)
    assert found["Filings to decide"].count == 2
    assert found["Filings to decide"].note == "1 handed in late"
    assert found["Contracts that run out within six months"].count == 2
    assert found["Committee terms that run out within six months"].count == 1
    for duty in found.values():
        context = client.get(duty.url).context
        behind = context["page"].paginator.count if "page" in context else context["total"]
        assert behind == duty.count, duty.title
    assert client.get(found["Filings to decide"].note_url).context["page"].paginator.count == 1


def test_oldest_filing_comes_first_and_the_late_one_is_marked(client):
    plant_duties(world.EAST)
    items = duties(client)["Filings to decide"].items
    assert [item.since for item in items] == sorted(item.since for item in items)
    assert [item.late for item in items] == ["", "9 days late"]


def test_who_keeps_nothing_has_no_duties(client, people):
    client.force_login(people.inspector_east)
    assert not duties(client)


def test_home_takes_the_same_queries_however_much_waits(client):
    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("home"))
        return len(captured)

    plant_duties(world.EAST)
    queries()
    before = queries()
    estate = estate_in(world.EAST)
    for place in range(12):
        row = filing(estate, "area", f"F-more-{place}", status="submitted")
        row.submitted_on = row.due_on
        row.save()
    mode(Estate.objects.filter(community__path__contains=f"/{world.EAST}/", kind="old").order_by("pk")[0]).save()
    assert queries() == before <= 35


def test_choices_of_the_lists_agree_with_the_rules(client, people):
    plant_duties(world.EAST)
    rows = register("contracts").rows(people.officer_east)
    ending = client.get(register("contracts").list_url(ending="yes")).context["page"].object_list
    today = timezone.localdate()
    assert {row.pk for row in ending} == {row.pk for row in rows if today < row.valid.upper <= today + timedelta(200)}
