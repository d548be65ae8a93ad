"""What residents report: taken once, within limits, kept through errors, followed by code and digits."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from casedesk.actions.intake import Reporter, Sender, TooMany, file_report
from casedesk.models import CaseEvent, CaseFile, CasePhoto, QrScan, Receipt
from casedesk.qr.scans import Scans, count_scan, scans_of
from casedesk.reporting import links, wording
from casedesk.rules import likeness
from tests.casedesk.desk import NOW
from tests.casedesk.test_photos import picture

TEXT = "3 栋电梯从昨晚起停运，老人下不了楼。"
PHONE = "138 0000 1234"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    cache.clear()


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


class Resident:
    """Somebody with a telephone at the page of a neighbourhood."""

    def __init__(self, estate, clock, client=None):
        self.client, self.clock = client or Client(), clock
        self.address = f"/report/?n={estate.code}"

    def open(self) -> str:
        """The form's token, as the page has it."""
        page = self.client.get(self.address).content.decode()
        return re.search(r'name="form" value="([^"]+)"', page).group(1)

    def send(self, *, seconds: int = 20, token: str | None = None, follow: bool = False, **fields):
        token = token or self.open()
        self.clock.shift(timedelta(seconds=seconds))
        given = {"text": TEXT, "phone": PHONE, "category": "lifts", "form": token} | fields
        return self.client.post(self.address, given, follow=follow, headers={"accept-language": "en"})


@pytest.fixture
def resident(desk, clock) -> Resident:
    return Resident(desk.estate, clock)


# --- taken --------------------------------------------------------------------------------------------------------------


def test_a_report_becomes_a_case_with_photos_and_a_receipt(resident, desk):
    response = resident.send(photos=[picture(), picture(format="PNG")], follow=True)
    file = CaseFile.objects.get()
    page = response.content.decode()
    assert (file.text, file.phone, file.channel, file.case.category) == (TEXT, PHONE, "web", "lifts")
    assert (file.case.estate, file.entered_by, file.case.reported_at) == (desk.estate, None, timezone.now())
    assert CasePhoto.objects.filter(case=file.case, kind="reported").count() == 2
    assert response.redirect_chain[0][0].startswith("/report/done/")
    assert file.tracking_code in page and file.case.case_no in page and "5 working days" in page
    assert PHONE not in page and "13800001234" not in page
    assert response.client.cookies == {}


def test_the_same_form_twice_is_one_case(resident):
    token = resident.open()
    first, second = resident.send(token=token), resident.send(token=token, seconds=1)
    assert CaseFile.objects.count() == 1 and Receipt.objects.count() == 1
    assert links.file_of(first.url.split("/")[-2]) == links.file_of(second.url.split("/")[-2])


def test_the_same_words_from_the_same_person_are_one_case_within_ten_minutes(resident):
    resident.send()
    resident.send()
    resident.send(phone="")  # another person
    resident.send(phone="", seconds=5)
    assert CaseFile.objects.count() == 2
    resident.send(seconds=700)
    assert CaseFile.objects.count() == 3


def test_another_matter_from_a_form_gone_back_to_is_another_case(resident):
    token = resident.open()
    resident.send(token=token)
    resident.send(token=token, text="垃圾三天没有清运。")
    assert CaseFile.objects.count() == 2


@pytest.mark.parametrize(
    ("category", "text", "expected"),
    [
        ("lifts", "有狗乱跑", "lifts"),
        ("", "楼下电梯坏了，还有狗", "lifts"),
        ("", "说不清楚的事", "other"),
        ("nonsense", "保洁不到位", "cleaning"),
    ],
)
def test_the_kind_is_what_was_chosen_else_what_the_text_speaks_of(resident, category, text, expected):
    from django.utils import translation

    with translation.override("zh-hans"):
        token = resident.open()
        resident.clock.shift(timedelta(seconds=20))
        resident.client.post(
            resident.address, {"text": text, "category": category, "form": token}, headers={"accept-language": "zh-CN"}
        )
    assert CaseFile.objects.get().case.category == expected


def test_control_signs_are_taken_out_and_lines_kept(resident):
    resident.send(text="  3 栋\x00\x07 漏水\r\n\r\n\r\n\r\n\u202e从\x85昨晚起  ", phone="１３８００００１２３４")
    file = CaseFile.objects.get()
    assert file.text == "3 栋 漏水\n\n从昨晚起"
    assert file.phone == "13800001234"


# --- not taken ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "  "}, "Say what happened"),
        ({"text": "灯"}, "in a few words"),
        ({"text": "灯" * 2001}, "2001 characters"),
        ({"phone": "call me"}, "Not a telephone number"),
        ({"website": "http://spam.example"}, "faster than people write"),
        ({"seconds": 1}, "faster than people write"),
        ({"seconds": 90_000}, "open for too long"),
        ({"token": "forged"}, "open for too long"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(resident, fields, message):
    response = resident.send(**({"text": TEXT} | fields))
    page = response.content.decode()
    assert response.status_code == 422 and message in page
    assert fields.get("text", TEXT).strip() in page
    assert not CaseFile.objects.exists()


def test_a_form_that_was_open_for_too_long_can_be_sent_again(resident):
    page = resident.send(seconds=90_000).content.decode()
    token = re.search(r'name="form" value="([^"]+)"', page).group(1)
    assert resident.send(token=token, seconds=0).status_code == 302


def test_twelve_photos_or_a_file_that_is_none_are_refused_and_nothing_is_half_done(resident, tmp_path):
    assert "At most 9" in resident.send(photos=[picture() for _ in range(12)]).content.decode()
    bad = picture()
    bad.file.seek(0)
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = resident.send(photos=[bad, SimpleUploadedFile("<b>.svg", b"<svg/>")])
    page = response.content.decode()
    assert response.status_code == 422 and "cannot be read as a photo" in page and "<b>.svg" not in page
    assert not CaseFile.objects.exists() and list(tmp_path.rglob("*.jpg")) == []


def test_ten_megabytes_of_text_are_refused_without_an_error_of_ours(resident):
    response = resident.send(text="灯" * 4_000_000)
    assert response.status_code in (400, 413)
    assert not CaseFile.objects.exists()


def test_a_body_that_claims_to_be_huge_is_not_read(resident):
    response = resident.client.post(resident.address, {"text": "x"}, CONTENT_LENGTH=str(2**30))
    assert response.status_code == 413


def test_one_network_and_one_telephone_have_their_limits(resident, settings):
    settings.REPORTS_PER_NETWORK, settings.REPORTS_PER_PHONE = 4, 2
    for number in range(2):
        assert resident.send(text=f"第 {number} 件事情").status_code == 302
    refused = resident.send(text="第三件事情")
    assert refused.status_code == 429 and "this telephone" in refused.content.decode()
    for number in range(2):
        assert resident.send(text=f"又一件 {number}", phone="").status_code == 302
    refused = resident.send(text="第五件事情", phone="")
    assert refused.status_code == 429 and "this network" in refused.content.decode()
    assert resident.send(text="过了一小时", phone="", seconds=3700).status_code == 302


def test_a_refused_report_leaves_no_number_behind(resident, settings, desk):
    settings.REPORTS_PER_NETWORK = 0
    resident.send()
    settings.REPORTS_PER_NETWORK = 9
    resident.send()
    assert CaseFile.objects.get().case.case_no.endswith("-000001")


def test_another_system_has_no_network_to_limit(desk, settings):
    settings.REPORTS_PER_NETWORK = 0
    one = {"estate": desk.estate, "category": "lifts", "text": TEXT, "reporter": Reporter(), "now": NOW}
    assert file_report(**one, sender=Sender("t1", "open311")).is_new
    with pytest.raises(TooMany):
        file_report(**one, sender=Sender("t2", "web", "network"))


# --- which neighbourhood ----------------------------------------------------------------------------------------------------


def test_a_neighbourhood_is_found_by_name_code_pinyin_and_street(desk, db):
    estate = desk.estate
    for text in (estate.name, estate.code, estate.initials, f"{estate.name} {estate.community.parent.name}"):
        page = Client().get("/report/places/", {"q": text}, headers={"accept-language": "zh-CN"}).content.decode()
        assert f"?n={estate.code}" in page, text
    assert (
        "No neighbourhood"
        in Client().get("/report/", {"q": "<script>"}, headers={"accept-language": "en"}).content.decode()
    )
    assert Client().get("/report/?n=\x00").status_code in (200, 404)
    assert Client().get("/report/?n=NOWHERE").status_code == 404


def test_searching_without_end_finds_nothing_any_more(desk, monkeypatch):
    monkeypatch.setattr("casedesk.reporting.views.SEARCHES_PER_MINUTE", 2)
    found = [b"?n=" in Client().get("/report/places/", {"q": desk.estate.name}).content for _ in range(3)]
    assert found == [True, True, False]


def test_a_qr_code_counts_preselects_and_names_the_channel(resident, desk):
    response = resident.client.get(f"/r/{desk.estate.code}/")
    assert response.status_code == 302
    assert response.url == f"/report/?n={desk.estate.code}&via=qr"
    resident.address = response.url
    resident.send(via="qr")
    assert CaseFile.objects.get().channel == "qr"
    Client().head(f"/r/{desk.estate.code}/")
    Client().get(f"/r/{desk.estate.code}/")
    assert QrScan.objects.get().count == 2
    assert Client().get("/r/NOWHERE/").status_code == 404


def test_a_code_that_was_used_and_is_not_opened_any_more_fell_silent(desk):
    for days in range(8, 16):
        count_scan(desk.estate, NOW - timedelta(days=days))
    assert scans_of([desk.estate], NOW)[desk.estate.pk] == Scans(0, 8)
    assert scans_of([desk.estate], NOW)[desk.estate.pk].fell_silent
    count_scan(desk.estate, NOW)
    assert not scans_of([desk.estate], NOW)[desk.estate.pk].fell_silent


def test_posters_are_printed_in_scope(desk, people):
    client = Client()
    client.force_login(desk.street_staff)
    page = client.get(f"/estates/{desk.estate.code}/qr/").content.decode()
    assert "<svg" in page and f"testserver/r/{desk.estate.code}" in page
    assert desk.estate.name in client.get(f"/desk/qr/{desk.street.code}/").content.decode()
    assert client.get("/desk/qr/").status_code == 200
    client.force_login(people.officer_west)
    assert client.get(f"/estates/{desk.estate.code}/qr/").status_code == 404
    assert client.get(f"/desk/qr/{desk.street.code}/").status_code == 404
    client.force_login(people.auditor)
    assert client.get(f"/estates/{desk.estate.code}/qr/").status_code == 403


# --- followed -------------------------------------------------------------------------------------------------------------


def ask(code: str, digits: str):
    return Client().post("/report/status/", {"code": code, "digits": digits}, headers={"accept-language": "en"})


def test_code_and_digits_open_the_case_and_nothing_else_does(desk):
    file = desk.matter()
    code = file.tracking_code
    opened = ask(f" {code[:5].lower()}-{code[5:]} ", "1234")
    assert opened.status_code == 302
    page = Client().get(opened.url).content.decode()
    assert file.text in page and file.case.case_no in page
    wrong_digits, wrong_code = ask(code, "0000"), ask("ABCDEFGH23", "1234")

    def message(response):
        return re.search(r'role="alert".*?</div>', response.content.decode(), re.S).group()

    assert wrong_digits.status_code == wrong_code.status_code == 422
    assert message(wrong_digits) == message(wrong_code)
    assert ask(code, "").status_code == ask("\x00", "1234").status_code == 422


def test_without_a_telephone_the_case_number_gives_the_digits(desk):
    file = desk.matter(reporter=Reporter())
    assert ask(file.tracking_code, file.case.case_no[-4:]).status_code == 302
    assert ask(file.tracking_code, "1234").status_code == 422


def test_digits_of_a_known_code_cannot_be_tried_through(desk, monkeypatch):
    file = desk.matter()
    for _ in range(10):
        ask(file.tracking_code, "0000")
    assert ask(file.tracking_code, "1234").status_code == 429
    cache.clear()
    monkeypatch.setattr("casedesk.reporting.status.TRIES_PER_NETWORK", 3)
    assert [ask(f"ABCDEFGH2{n}", "1234").status_code for n in range(2, 6)] == [422, 422, 422, 429]


def test_the_address_of_an_opened_case_closes_after_two_hours(desk, clock):
    view = links.view_of(desk.matter())
    assert Client().get(f"/report/case/{view}/").status_code == 200
    clock.shift(timedelta(hours=2, seconds=1))
    assert Client().get(f"/report/case/{view}/").url == "/report/status/"
    assert Client().get(f"/report/case/{view[:-2]}xx/").status_code == 302


def test_the_reporter_sees_who_holds_it_until_when_and_public_events_alone(desk):
    file = desk.dispatched()
    from casedesk.events import tell

    tell(file.case, CaseEvent.Kind.NOTE, at=NOW, text="INTERNAL", is_public=False)
    page = Client().get(f"/report/case/{links.view_of(file)}/", headers={"accept-language": "zh-CN"}).content.decode()
    assert str(desk.enterprise) in page and "2021-11-11 10:00" in page
    assert "INTERNAL" not in page and "13800001234" not in page and "li@example.org" not in page
    assert desk.officer.name not in page


def test_own_photos_are_seen_and_no_others(resident, desk, clock):
    resident.send(photos=[picture()])
    file, photo = CaseFile.objects.get(), CasePhoto.objects.get()
    other = desk.matter(text="别的事情")
    own = Client().get(f"/report/case/{links.view_of(file)}/photos/{photo.pk}/")
    assert own.status_code == 200 and own["Cache-Control"].startswith("private")
    assert Client().get(f"/report/case/{links.view_of(other)}/photos/{photo.pk}/").status_code == 404


# --- entered at the desk ----------------------------------------------------------------------------------------------------


def entry(client, estate, **fields):
    given = {"estate": estate.code, "category": "lifts", "urgency": "normal", "text": TEXT, "phone": "13900005678"}
    return client.post("/desk/enter/", given | fields, headers={"accept-language": "en"})


def test_a_call_is_entered_in_scope_and_told_back(desk, people):
    client = Client()
    client.force_login(desk.street_staff)
    response = entry(client, desk.estate, urgency="emergency", name="李阿姨", place="3 栋")
    file = CaseFile.objects.get()
    assert (file.channel, file.entered_by, file.urgency) == ("telephone", desk.street_staff, "emergency")
    page = client.get(response.url, headers={"accept-language": "en"}).content.decode()
    assert file.tracking_code in page and "24 hours" in page
    client.force_login(desk.officer)
    assert client.get(response.url).status_code == 404  # the code is the caller's
    client.force_login(people.officer_west)
    assert "no such neighbourhood" in entry(client, desk.estate).content.decode()
    client.force_login(people.auditor)
    assert entry(client, desk.estate).status_code == 403


def test_likely_cases_are_asked_about_and_linked(desk):
    first = desk.matter("lifts", text="3 栋电梯停运了，老人下不了楼", now=timezone.now())
    client = Client()
    client.force_login(desk.officer)
    asked = entry(client, desk.estate)
    assert asked.status_code == 200 and first.case.case_no in asked.content.decode()
    assert CaseFile.objects.count() == 1
    entry(client, desk.estate, same_as=str(first.pk))
    second = CaseFile.objects.exclude(pk=first.pk).get()
    assert second.duplicate_of == first
    entry(client, desk.estate, same_as="new", text="另一部电梯有异响")
    assert CaseFile.objects.count() == 3


def test_who_may_not_link_leaves_a_note(desk):
    first = desk.matter("lifts", text="3 栋电梯停运了，老人下不了楼", now=timezone.now())
    client = Client()
    client.force_login(desk.street_staff)
    entry(client, desk.estate, same_as=str(first.pk))
    second = CaseFile.objects.exclude(pk=first.pk).get()
    note = CaseEvent.objects.get(case=second.case, kind="note")
    assert first.case.case_no in note.text and not note.is_public


def test_likely_cases_follow_while_somebody_types(desk):
    first = desk.matter("lifts", text=TEXT, now=timezone.now())
    client = Client()
    client.force_login(desk.officer)
    page = client.get(
        "/desk/enter/likely/", {"estate": desk.estate.code, "category": "lifts", "text": TEXT, "urgency": "normal"}
    )
    assert first.case.case_no in page.content.decode()
    assert likeness(TEXT, TEXT) == 1


def test_words_are_made_storable():
    assert wording.clean_line("a\nb\x00  c", 4) == "a b "
    assert wording.clean_phone("（027）8888–7777") == "027-8888-7777"


def test_receipts_are_forgotten_after_a_month_and_orphans_swept(resident, clock):
    from casedesk.tasks import tidy_intake

    resident.send(photos=[picture()])
    assert tidy_intake() == 0 and Receipt.objects.count() == 1
    clock.shift(timedelta(days=31))
    tidy_intake()
    assert Receipt.objects.count() == 0 and CaseFile.objects.count() == 1 and CasePhoto.objects.count() == 1
