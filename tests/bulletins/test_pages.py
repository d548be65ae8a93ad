"""The desk's pages and the public ones: who sees what, and what each refusal says."""

import pytest
from django.test import Client
from django.urls import reverse

from bulletins.models import MonthlyBulletin
from tests.bulletins.conftest import OCTOBER

pytestmark = pytest.mark.django_db
REVIEW = ("bulletin-review", ["2021-10", 1])


def at(name, *args):
    return reverse(name, args=args)


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


def as_(client, person):
    client.force_login(person)
    return client


def deed(client, verb, **given):
    address = at("bulletin-deed", "2021-10", 1, verb)
    asked = client.get(address)
    assert asked.status_code == 200, asked.content
    return client.post(address, {"seen": asked.context["form"].initial["seen"], **given}, follow=True)


def test_a_bulletin_goes_through_all_hands_by_their_pages(client, people):
    as_(client, people.computer)
    listed = client.get(at("bulletin-list"))
    assert "2021-10" in listed.content.decode()
    made = client.post(at("bulletin-compose"), {"month": "2021-10", "min_items": "30"}, follow=True)
    assert made.status_code == 200 and "Composed" in made.content.decode()
    page = client.get(at("bulletin-edit", "2021-10", 1))
    fields = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    fields["dated"] = "2021-11-10"
    fields["document_number"] = "武物管办〔2021〕11号"
    saved = client.post(at("bulletin-edit", "2021-10", 1), fields, follow=True)
    assert "Saved" in saved.content.decode()
    assert "Submitted" in deed(client, "submit").content.decode()
    as_(client, people.reviewer)
    assert "review is passed" in deed(client, "review").content.decode()
    as_(client, people.signer)
    assert "Signed." in deed(client, "sign").content.decode()
    assert client.get("/bulletins/2021-10/").status_code == 404
    assert "Published." in deed(client, "publish").content.decode()
    client.logout()
    public = client.get("/bulletins/2021-10/").content.decode()
    assert "武物管办〔2021〕11号" in public and "住宅小区公共服务评议情况通报" in public
    assert "2021-10" in client.get("/bulletins/").content.decode()


def test_a_faulty_edit_says_what_is_wrong_and_keeps_what_was_typed(client, people, bulletin):
    as_(client, people.computer)
    page = client.get(at("bulletin-edit", "2021-10", 1))
    fields = {name: page.context["form"][name].value() for name in page.context["form"].fields} | {
        "dated": "2021-11-10"
    }
    answer = client.post(at("bulletin-edit", "2021-10", 1), fields | {"narrative": "共{{city.nothing}}件"})
    assert answer.status_code == 422
    assert "{{city.nothing}}" in answer.content.decode() and "no such figure" in answer.content.decode()
    answer = client.post(at("bulletin-edit", "2021-10", 1), fields | {"document_number": "武物管办[2021]011号"})
    assert answer.status_code == 422 and "hexagonal" in answer.content.decode()
    stored = MonthlyBulletin.objects.get()
    assert stored.narrative == bulletin.narrative and stored.document_number == ""


def test_the_page_names_sums_that_do_not_agree(client, people, bulletin):
    bulletin.tables["channels"][0]["received"] += 7
    bulletin.save()
    page = as_(client, people.computer).get(reverse(REVIEW[0], args=REVIEW[1])).content.decode()
    assert "Sums that do not agree" in page and "channels" in page
    assert "Not yet: The parts of every table add to the total — no." in page


def test_the_desk_does_not_exist_for_others_and_the_auditor_only_reads(client, people, bulletin):
    pages = [at("bulletin-list"), reverse(REVIEW[0], args=REVIEW[1]), at("bulletin-export", "2021-10", 1, "csv")]
    for person in (people.officer_east, people.handler_fire, people.nobody):
        assert {as_(client, person).get(page).status_code for page in pages} == {404}
    as_(client, people.auditor)
    assert {client.get(page).status_code for page in pages} == {200}
    assert client.post(at("bulletin-compose"), {"month": "2021-09", "min_items": "30"}).status_code == 403
    assert client.post(at("bulletin-deed", "2021-10", 1, "submit"), {"seen": "x"}).status_code == 403
    assert client.post(at("bulletin-edit", "2021-10", 1), {"title": "x"}).status_code == 403


def test_a_decision_about_what_has_changed_meanwhile_does_nothing(client, people, bulletin):
    as_(client, people.computer)
    answer = client.post(at("bulletin-deed", "2021-10", 1, "submit"), {"seen": "draft:None:old"}, follow=True)
    assert "has changed since" in answer.content.decode()
    assert MonthlyBulletin.objects.get().status == "draft"


def test_unpublished_ones_do_not_exist_for_the_public(client, signed):
    for page in (
        "/bulletins/2021-10/",
        "/bulletins/2021-10.pdf",
        "/bulletins/2021-10.csv",
        "/bulletins/2021-09/",
        "/bulletins/2021-13/",
    ):
        assert client.get(page).status_code == 404, page
    assert "No bulletin has been published yet" in client.get("/bulletins/").content.decode()


def test_a_withdrawn_one_says_why_and_gives_no_files(client, people, issued):
    as_(client, people.signer)
    assert "A reason is needed" in deed(client, "withdraw", reason=" ").content.decode()
    assert "Withdrawn." in deed(client, "withdraw", reason="来源数据有误").content.decode()
    client.logout()
    page = client.get("/bulletins/2021-10/")
    assert page.status_code == 200 and "来源数据有误" in page.content.decode()
    assert "gw-table" not in page.content.decode()
    assert client.get("/bulletins/2021-10.docx").status_code == 404


def test_a_correction_is_drafted_with_its_public_reason(client, people, issued):
    as_(client, people.computer)
    answer = deed(client, "correct", reason="一件重复案件更正")
    assert "A correction was drafted" in answer.content.decode()
    correction = MonthlyBulletin.objects.get(revision=2)
    assert correction.reason == "一件重复案件更正"
    assert "本期为更正件" in answer.content.decode()
    assert "later revision" in client.get(at("bulletin-deed", "2021-10", 1, "correct")).content.decode()


def test_the_month_picker_offers_ended_months_without_a_bulletin(client, people, issued):
    page = as_(client, people.computer).get(at("bulletin-list"))
    months = [str(month) for month in page.context["months"]]
    assert str(OCTOBER) not in months and "2021-09" in months
    answer = client.post(at("bulletin-compose"), {"month": "2021-9", "min_items": "0"})
    assert answer.status_code == 422 and "not a month" in answer.content.decode()
