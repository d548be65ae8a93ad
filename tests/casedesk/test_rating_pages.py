"""The resident's pages of rating, and the desk's."""

import pytest
import time_machine
from django.test import Client

from casedesk.actions import callbacks, reviews
from casedesk.models import CaseEvent, OutcomeRating, RatingReview
from casedesk.reporting.standing import Standing
from casedesk.signs import DEVICE, WORKED_HERE
from enterprises.models import EnterpriseMembership
from portal.models import AuditEntry
from tests.casedesk.rated import LATER, fresh, handled, link_path, rate, rating_of

ANSWER = {"resolved": "yes", "level": "5", "text": "Quick"}


@pytest.fixture(autouse=True)
def _then():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def file(desk):
    return handled(desk)


def signed_in(user) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


# --- by link ----------------------------------------------------------------------------------------------------------------


def test_opening_the_link_rates_nothing_however_often(file):
    for _time in range(3):
        response = Client(headers={"Accept-Language": "en"}).get(link_path(file))
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
    Client(headers={"Accept-Language": "en"}).head(link_path(file))
    assert not OutcomeRating.objects.exists()


def test_two_questions_apart_and_nothing_chosen_beforehand(file):
    html = Client(headers={"Accept-Language": "en"}).get(link_path(file)).content.decode()
    assert html.count('type="radio"') == 8
    assert "checked" not in html
    assert "灯已换好" in html


def test_sending_the_form_rates_once(file):
    path = link_path(file)
    first = Client(headers={"Accept-Language": "en"}).post(path, ANSWER)
    assert (first.status_code, first["Location"]) == (302, "/rate/thanks/")
    again = Client(headers={"Accept-Language": "en"}).post(path, ANSWER | {"level": "1"})
    assert again.status_code == 410
    assert "works once" in again.content.decode()
    assert "/rate/" in again.content.decode()
    assert rating_of(file).level == 5


def test_an_incomplete_answer_keeps_what_was_said(file):
    response = Client(headers={"Accept-Language": "en"}).post(
        link_path(file), {"level": "2", "text": "Not <b>done</b>"}
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert "Say whether the matter is solved." in html
    assert "Not &lt;b&gt;done&lt;/b&gt;" in html
    assert html.count("checked") == 1
    assert not OutcomeRating.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [
        {"level": "9"}, {"level": "-1"}, {"level": "５０"}, {"resolved": "perhaps"}, {"text": "x" * 501}, {"level": "1; DROP"}, {"text": "a\x00b"},
    ],
)  # fmt: skip
def test_hostile_answers_are_refused(file, answer):
    assert Client(headers={"Accept-Language": "en"}).post(link_path(file), ANSWER | answer).status_code == 422
    assert not OutcomeRating.objects.exists()


def test_a_remark_keeps_no_control_signs(file):
    Client(headers={"Accept-Language": "en"}).post(link_path(file), ANSWER | {"text": "fine\x1b[31m\u202eenif"})
    assert rating_of(file).text == "fine[31menif"


@pytest.mark.parametrize("token", ["x", "%00", "%F0%9F%98%80", "a" * 2000, "..%2f..", "'--", "thanks%20"])
def test_a_link_that_nobody_sent_is_told_plainly(db, token):
    assert Client(headers={"Accept-Language": "en"}).get(f"/rate/{token}/").status_code in (404, 410)


def test_whoever_is_signed_in_cannot_rate(desk, file):
    client = signed_in(desk.staff)
    assert client.get(link_path(file)).status_code == 403
    assert client.post(link_path(file), ANSWER).status_code == 403
    assert not OutcomeRating.objects.exists()


def test_a_browser_in_which_staff_signed_in_stays_marked(desk, file):
    client = signed_in(desk.staff)
    client.get("/home/")
    assert client.cookies[WORKED_HERE].value == "1"
    client.logout()
    client.cookies[WORKED_HERE] = "1"
    assert client.post(link_path(file), ANSWER)["Location"] == "/rate/thanks/?checked"
    assert rating_of(file).hold_reason == "shared_device"


def test_a_public_page_marks_nobody(desk):
    client = signed_in(desk.staff)
    client.get("/report/status/")
    assert WORKED_HERE not in client.cookies


def test_one_browser_is_known_again_by_its_cookie_only_as_a_hash(desk):
    client = Client(headers={"Accept-Language": "en"})
    for number in range(2):
        path = link_path(handled(desk))
        client.get(path)
        client.post(path, ANSWER | {"level": str(number + 1)})
    hashes = set(OutcomeRating.objects.values_list("device_hash", flat=True))
    assert len(hashes) == 1
    assert client.cookies[DEVICE].value not in hashes.pop()


# --- by code ----------------------------------------------------------------------------------------------------------------


def test_code_and_digits_open_the_form_and_the_link_is_void_afterwards(file):
    client, link = Client(headers={"Accept-Language": "en"}), link_path(file)
    opened = client.post("/rate/", {"code": file.tracking_code.lower(), "digits": file.phone[-4:]})
    assert opened.status_code == 302
    assert client.get(opened["Location"]).status_code == 200
    assert client.post(opened["Location"], ANSWER).status_code == 302
    assert rating_of(file).channel == "code"
    assert Client(headers={"Accept-Language": "en"}).post(link, ANSWER).status_code == 410


def test_wrong_digits_and_a_wrong_code_get_the_same_answer(file):
    wrong = [{"code": file.tracking_code, "digits": "0000"}, {"code": "ABCDEFGHJK", "digits": file.phone[-4:]}]
    answers = [Client(headers={"Accept-Language": "en"}).post("/rate/", one) for one in wrong]
    assert [one.status_code for one in answers] == [422, 422]
    assert [b"No case has this code" in one.content for one in answers] == [True, True]


def test_guessing_is_stopped(file):
    tries = [
        Client(headers={"Accept-Language": "en"})
        .post("/rate/", {"code": file.tracking_code, "digits": f"{n:04}"})
        .status_code
        for n in range(12)
    ]
    assert tries[-1] == 429


def test_a_forged_view_asks_for_the_code(file):
    assert Client(headers={"Accept-Language": "en"}).get("/rate/case/forged/")["Location"] == "/rate/"


# --- the desk ---------------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_is_held_in_scope_only(desk, people, file):
    rate(file, 5, staff_device=True)
    assert file.case.case_no in signed_in(desk.officer).get("/desk/ratings/").content.decode()
    assert file.case.case_no not in signed_in(people.officer_west).get("/desk/ratings/").content.decode()
    assert signed_in(desk.staff).get("/desk/ratings/").status_code == 403


def test_another_places_rating_does_not_exist(people, file):
    rating = rate(file, 5, staff_device=True)
    assert signed_in(people.officer_west).get(f"/desk/ratings/{rating.pk}/release/").status_code == 404
    assert (
        signed_in(people.officer_west).post(f"/desk/ratings/{rating.pk}/release/", {"reason": "x"}).status_code == 404
    )


def test_an_official_releases_with_a_reason(desk, file):
    rating = rate(file, 5, staff_device=True)
    client = signed_in(desk.officer)
    assert client.get(f"/desk/ratings/{rating.pk}/release/").status_code == 200
    assert client.post(f"/desk/ratings/{rating.pk}/release/", {"reason": " "}).status_code == 422
    assert rating_of(file).status == "held"
    assert client.post(f"/desk/ratings/{rating.pk}/release/", {"reason": "Called them"}).status_code == 302
    assert rating_of(file).status == "counted"


def test_the_rated_party_asks_and_somebody_else_withdraws(desk, file):
    rating = rate(file, 1, "no")
    asked = {"ground": "facts_untrue", "evidence": "The record of the lift says so."}
    assert signed_in(desk.staff).post(f"/desk/ratings/{rating.pk}/ask-review/", asked).status_code == 302
    assert signed_in(desk.staff).post(f"/desk/ratings/{rating.pk}/withdraw/", {"reason": "x"}).status_code == 403
    assert (
        "The record of the lift" in signed_in(desk.officer).get(f"/desk/ratings/{rating.pk}/withdraw/").content.decode()
    )
    assert signed_in(desk.officer).post(f"/desk/ratings/{rating.pk}/withdraw/", {"reason": "Shown"}).status_code == 302
    assert RatingReview.objects.get().status == "withdrawn"
    assert signed_in(desk.officer).get("/desk/ratings/?tab=checked").status_code == 200


@pytest.mark.parametrize("tab", ["held", "reviews", "bad", "checked", "nonsense"])
def test_each_list_opens(desk, file, tab):
    rating = rate(file, 1, "no")
    reviews.ask_review(rating, by=desk.staff, ground="malicious", evidence="Said so", now=LATER)
    assert signed_in(desk.officer).get(f"/desk/ratings/?tab={tab}").status_code == 200


def test_a_contact_is_changed_with_a_reason_and_never_shown_whole(desk, file):
    client = signed_in(desk.officer)
    page = client.get(f"/desk/contacts/{file.pk}/").content.decode()
    assert file.phone not in page
    data = {"phone": "139 1111 2222", "email": "", "reason": "She came to the counter", "seen": file.version}
    assert client.post(f"/desk/contacts/{file.pk}/", data | {"reason": ""}).status_code == 422
    assert client.post(f"/desk/contacts/{file.pk}/", data).status_code == 302
    assert fresh(file).contact_changed_at is not None
    client.post(f"/desk/contacts/{file.pk}/", data | {"phone": "13933334444"})  # an old version
    assert fresh(file).phone == "139 1111 2222"


# --- callback ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def next_day():
    with time_machine.travel(LATER + callbacks.AFTER, tick=False):
        yield LATER + callbacks.AFTER


def test_the_lot_is_the_same_all_day_and_its_number_is_shown_on_record(desk, next_day):
    files = [handled(desk) for _number in range(4)]
    first = [one.pk for one in callbacks.drawn_today(desk.officer, now=next_day)]
    assert sorted(first) == sorted(one.pk for one in files)
    rate(fresh(files[0]), 5, now=next_day)
    rest = [pk for pk in first if pk != files[0].pk]
    assert [one.pk for one in callbacks.drawn_today(desk.officer, now=next_day)] == rest
    client = signed_in(desk.officer)
    page = client.get(f"/desk/callbacks/{rest[0]}/").content.decode()
    assert "139****" in page
    assert client.get("/desk/callbacks/").status_code == 200
    assert not AuditEntry.objects.filter(verb="cases.reveal_phone").exists()
    shown = client.post(f"/desk/callbacks/{rest[0]}/", {"deed": "phone"}).content.decode()
    assert callbacks.CaseFile.objects.get(pk=rest[0]).phone in shown
    assert AuditEntry.objects.filter(verb="cases.reveal_phone", by=desk.officer).count() == 1


def test_a_callback_is_entered_with_its_recording(desk, next_day, file):
    client, answer = signed_in(desk.officer), ANSWER | {"deed": "rate"}
    assert client.post(f"/desk/callbacks/{file.pk}/", answer).status_code == 422
    assert client.post(f"/desk/callbacks/{file.pk}/", answer | {"recording_ref": "R-77"}).status_code == 302
    rating = rating_of(file)
    assert (rating.channel, rating.by, rating.recording_ref, rating.status) == (
        "telephone",
        desk.officer,
        "R-77",
        "counted",
    )


def test_three_vain_calls_are_enough(desk, next_day, file):
    client = signed_in(desk.officer)
    for _time in range(3):
        client.post(f"/desk/callbacks/{file.pk}/", {"deed": "not-reached"})
    assert callbacks.attempts_of([file.pk]) == {file.pk: 3}
    assert callbacks.drawn_today(desk.officer, now=next_day) == []
    assert CaseEvent.objects.filter(case=file.case, data__callback="not_reached", is_public=False).count() == 3


def test_who_handled_a_case_or_may_not_call_does_not(desk, people, next_day, file):
    EnterpriseMembership.objects.create(user=desk.officer, enterprise=desk.enterprise)
    assert callbacks.drawn_today(desk.officer, now=next_day) == []
    client = signed_in(desk.officer)
    client.post(f"/desk/callbacks/{file.pk}/", ANSWER | {"deed": "rate", "recording_ref": "R"})
    assert not OutcomeRating.objects.exists()
    assert signed_in(desk.staff).get("/desk/callbacks/").status_code == 403
    assert signed_in(people.officer_west).get(f"/desk/callbacks/{file.pk}/").status_code == 404


def test_what_was_rated_does_not_wait_for_the_rating(desk):
    """A rating that is held, or a bad one, is an answer: the resident is not asked again."""
    file = handled(desk)
    standing = Standing(fresh(file), LATER)
    assert standing.rating_url
    rate(file, staff_device=True)
    standing = Standing(fresh(file), LATER)
    assert (standing.rating_url, standing.state) == ("", "Handled and rated")
    assert "checked" in standing.next_step
