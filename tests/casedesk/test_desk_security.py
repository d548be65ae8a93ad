"""Holes that were open once: one person where two are needed, another's cases, more than was asked for."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from casedesk.actions import callbacks, contacts, dispatch, exclusion, handling, ratings, reviews, supervision
from casedesk.actions.intake import Reporter
from casedesk.models import CaseFile, OutcomeRating
from enterprises.models import EnterpriseMembership
from estates.models import Estate
from portal.workflow import MoveRefused
from tests import world
from tests.casedesk.desk import HOUR
from tests.casedesk.rated import HANDLED, LATER, fresh, handled, rate, rating_of
from tests.casedesk.test_photos import picture

OUT = {"ground": "malicious", "reason": "Shown by evidence"}


@pytest.fixture(autouse=True)
def _then():
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- two persons ----------------------------------------------------------------------------------------------------------


def test_a_bad_rating_that_is_held_keeps_one_person_from_excluding_the_case(desk):
    file = handled(desk)
    rate(file, 1, "no", staff_device=True)
    file = fresh(file)
    with pytest.raises(MoveRefused, match="another one decides"):
        exclusion.exclude_case(file, by=desk.officer, now=LATER, seen=file.version, **OUT)


def test_a_bad_rating_of_a_later_round_keeps_one_person_from_excluding_the_case(desk):
    file = handled(desk)
    rate(file, 5)
    reviews.reopen_case(file, by=desk.officer, reason="Again", seen=None, now=LATER)
    desk.handle(fresh(file), now=LATER + HOUR)
    rate(file, 1, "no", now=LATER + 2 * HOUR)
    file = fresh(file)
    with pytest.raises(MoveRefused, match="another one decides"):
        exclusion.exclude_case(file, by=desk.officer, now=LATER + 3 * HOUR, seen=file.version, **OUT)


def test_a_proposal_excludes_once(desk):
    file = handled(desk)
    rate(file, 1, "no")
    exclusion.propose_exclusion(fresh(file), by=desk.officer, now=LATER, seen=None, **OUT)
    exclusion.exclude_case(file, by=desk.other_officer, now=LATER + HOUR, seen=None, **OUT)
    exclusion.include_case(file, by=desk.officer, reason="A mistake", now=LATER + 2 * HOUR, seen=None)
    with pytest.raises(MoveRefused, match="another one decides"):
        exclusion.exclude_case(file, by=desk.other_officer, now=LATER + 3 * HOUR, seen=None, **OUT)


def test_nobody_excludes_a_badly_rated_case_of_their_own_body(desk):
    file = handled(desk)
    rate(file, 1, "no")
    EnterpriseMembership.objects.create(user=desk.other_officer, enterprise=desk.enterprise)
    with pytest.raises(MoveRefused, match="own work or body"):
        exclusion.propose_exclusion(file, by=desk.other_officer, now=LATER, seen=None, **OUT)
    exclusion.propose_exclusion(file, by=desk.officer, now=LATER, seen=None, **OUT)
    with pytest.raises(MoveRefused, match="own work or body"):
        exclusion.exclude_case(file, by=desk.other_officer, now=LATER, seen=None, **OUT)


def test_who_changed_the_contact_does_not_release_what_was_rated_through_it(desk):
    file = handled(desk)
    contacts.change_contact(
        file, phone="13700000009", email="", by=desk.officer, reason="Called", seen=None, now=HANDLED + HOUR
    )
    rate(file)
    with pytest.raises(MoveRefused, match="Somebody else"):
        ratings.check(rating_of(file), release=True, by=desk.officer, reason="Looks right", now=LATER)
    ratings.check(rating_of(file), release=True, by=desk.other_officer, reason="Asked them", now=LATER)


def test_who_wrote_a_callback_down_does_not_release_it(desk):
    desk.enterprise.phone = "13700000010"
    desk.enterprise.save()
    file = handled(desk, phone="13700000010")
    rate(file, channel=OutcomeRating.Channel.TELEPHONE, by=desk.officer, recording_ref="R")
    with pytest.raises(MoveRefused, match="Somebody else"):
        ratings.check(rating_of(file), release=True, by=desk.officer, reason="Heard it", now=LATER)


def test_nobody_closes_a_supervision_of_their_own_body(desk):
    file = desk.accepted()
    row = supervision.supervise_case(file, demand="Answer", by=desk.officer, now=LATER, seen=None)
    EnterpriseMembership.objects.create(user=desk.other_officer, enterprise=desk.enterprise)
    with pytest.raises(MoveRefused, match="own work or body"):
        supervision.close_supervision(row, reason="Fine", by=desk.other_officer, now=LATER, seen=None)


# --- another's cases ------------------------------------------------------------------------------------------------------


def elsewhere() -> Estate:
    found = Estate.objects.filter(community__path__contains=f"/{world.WEST}/").first()
    assert found is not None
    return found


def test_ratings_beside_one_are_those_that_the_reader_decides_on(desk, people):
    mine = handled(desk)
    other = desk.matter(estate=elsewhere(), reporter=Reporter(phone="13600000001"), now=HANDLED - 3 * HOUR)
    for deed in (
        lambda: dispatch.dispatch_case(other, party=desk.enterprise, by=people.officer_west, now=HANDLED, seen=None),
        lambda: handling.accept_case(other, by=desk.staff, now=HANDLED, seen=None),
        lambda: desk.handle(fresh(other), now=HANDLED),
    ):
        deed()
    rate(other, device="d" * 64)
    rate(mine, 1, "no", device="d" * 64)
    pk, number = rating_of(mine).pk, other.case.case_no
    assert number not in signed_in(desk.officer).get(f"/desk/ratings/{pk}/hold/").content.decode()
    for verb in ("ask-review",):
        page = signed_in(desk.colleague).get(f"/desk/ratings/{pk}/{verb}/")
        assert page.status_code == 200
        assert number not in page.content.decode()
    assert number in signed_in(people.computer).get(f"/desk/ratings/{pk}/hold/").content.decode()


@pytest.mark.parametrize("path", [
    "/cases/{pk}/", "/cases/{pk}/phone/", "/desk/contacts/{pk}/", "/desk/callbacks/{pk}/", "/desk/enter/{pk}/",
    "/cases/photos/{photo}/", "/desk/ratings/{rating}/release/", "/desk/ratings/{rating}/uphold/",
    *(f"/cases/{{pk}}/{verb}/" for verb in ("dispatch", "recall", "exclude", "note", "supervise", "link", "reopen")),
])  # fmt: skip
def test_a_case_of_another_district_does_not_exist(desk, people, path, settings, tmp_path):
    from casedesk import photos
    from casedesk.models import CasePhoto

    settings.DATA_DIR = tmp_path
    file = handled(desk)
    rate(file, 1, "no", staff_device=True)
    photo = photos.add_photo(file.case, picture(), kind=CasePhoto.Kind.REPORTED, now=LATER)
    address = path.format(pk=file.pk, photo=photo.pk, rating=rating_of(file).pk)
    client = signed_in(people.officer_west)
    assert client.get(address).status_code in (403, 404)
    assert client.post(address, {"reason": "Because", "seen": fresh(file).version}).status_code in (403, 404, 405)
    assert client.get(address).status_code == 404


# --- more than was asked for ----------------------------------------------------------------------------------------------


def test_the_address_of_a_photograph_opens_neither_the_case_nor_its_rating(desk, people, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    key = world.token_for(people.api_client)
    filed = Client().post("/open311/v2/requests.json", {
        "api_key": key, "service_code": "lifts", "description": "电梯停运，老人困在里面", "phone": "13800001234",
        "address_id": desk.estate.code, "media": picture(),
    })  # fmt: skip
    assert filed.status_code == 201, filed.content
    number = filed.json()[0]["service_request_id"]
    (row,) = Client().get(f"/open311/v2/requests/{number}.json", {"api_key": key}).json()
    path = row["media_url"].removeprefix("http://testserver")
    assert Client().get(path)["Content-Type"] == "image/jpeg"
    for part in path.strip("/").split("/"):
        assert Client().get(f"/report/case/{part}/").status_code in (302, 404)
        assert Client().get(f"/report/done/{part}/").status_code in (302, 404)
        assert Client().get(f"/rate/case/{part}/").status_code in (302, 404)
    with time_machine.travel(LATER + timedelta(hours=3), tick=False):
        assert Client().get(path).status_code == 404


def test_nobody_reads_the_number_of_a_resident_whom_the_lot_did_not_give_them(desk, monkeypatch):
    file = handled(desk)
    with time_machine.travel(LATER + callbacks.AFTER, tick=False):
        client = signed_in(desk.officer)
        monkeypatch.setattr(callbacks, "A_DAY", 0)
        page = client.post(f"/desk/callbacks/{file.pk}/", {"deed": "phone"}, follow=True).content.decode()
        assert CaseFile.objects.get(pk=file.pk).phone not in page


def test_signs_that_no_text_holds_are_no_failure_of_the_server(desk, people):
    client = signed_in(people.computer)
    for path in (
        "/desk/watch/cases/?what=shared&device=%00", "/desk/watch/cases/?what=excluded&unit=enterprise:%00",
        "/desk/watch/cases/?what=excluded&unit=enterprise:x", "/cases/?estate=%00&q=%00", "/cases/?before=%00",
        "/desk/enter/?estate=%00", "/desk/enter/likely/?estate=%00&text=%00", "/report/?n=%00&q=%00", "/r/%00/",
        "/open311/v2/requests.json?jurisdiction_id=%00", "/open311/v2/requests.json?api_key=%00",
        "/open311/v2/requests.json?service_code=%00&status=%00", "/open311/v2/requests/%00.json",
        "/open311/v2/tokens/%00.json", "/open311/v2/services/%00.json", "/rate/%00/", "/rankings-desk/objections/?period=%00",
        "/service-march/%00/", "/desk/qr/%00/", "/estates/%00/qr/", "/outbox/?status=%00", "/bulletins/2021-10/?revision=%00",
        "/desk/watch/?period=%00", "/integrity-of-appraisal/?period=%00",
    ):  # fmt: skip
        assert client.get(path).status_code < 500, path
    key = world.token_for(people.api_client)
    for name in (
        "service_code",
        "jurisdiction_id",
        "address_id",
        "address_string",
        "description",
        "first_name",
        "email",
    ):
        given = {"api_key": key, "service_code": "lifts", "description": "电梯", "address_id": desk.estate.code}
        answer = Client().post("/open311/v2/requests.json", given | {name: "a\x00b"})
        assert answer.status_code < 500, name
