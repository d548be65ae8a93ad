"""Open311 GeoReport v2, format by format: filed by key, followed by anybody, no word of a resident to strangers."""

import json
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from casedesk.models import CaseFile, CasePhoto
from estates.models import Estate
from tests import world
from tests.casedesk.desk import NOW
from tests.casedesk.test_photos import picture

V2 = "/open311/v2"
TEXT = "3 栋电梯停运 & <b>老人</b>下不了楼"


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def key(desk, people) -> str:
    return world.token_for(people.api_client)


def get(path: str, **parameters):
    return Client().get(V2 + path, parameters, headers={"accept-language": "en"})


def xml(response) -> ElementTree.Element:
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert response.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    return ElementTree.fromstring(response.content)


def post(key: str, form: str = "json", **fields):
    given = {"api_key": key, "service_code": "lifts", "description": TEXT, "phone": "13800001234"} | fields
    body = {name: value for name, value in given.items() if value is not None}
    return Client().post(f"{V2}/requests.{form}", body, headers={"accept-language": "en"})


def filed(key: str, desk, **fields) -> dict:
    response = post(key, address_id=desk.estate.code, **fields)
    assert response.status_code == 201, response.content
    (row,) = response.json()
    return row


# --- discovery and services --------------------------------------------------------------------------------------------


def test_discovery_says_where_and_in_which_formats(desk):
    found = get("/discovery.json").json()
    (endpoint,) = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    root = xml(get("/discovery.xml"))
    assert root.tag == "discovery"
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]
    assert Client().get("/open311/discovery.json").status_code == 200


def test_the_services_are_those_of_the_catalogue_in_force(desk):
    rows = get("/services.json").json()
    assert [row["service_code"] for row in rows] == [
        "property_service", "cleaning", "dogs", "fire_safety", "lifts", "other",
    ]  # fmt: skip
    assert set(rows[0]) == {
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
    }  # fmt: skip
    assert (rows[0]["metadata"], rows[0]["type"]) == (True, "realtime")
    root = xml(get("/services.xml"))
    assert root.tag == "services"
    assert [one.findtext("service_code") for one in root.findall("service")] == [row["service_code"] for row in rows]
    assert root.find("service").findtext("metadata") == "true"


def test_a_definition_asks_for_the_neighbourhood(desk):
    found = get("/services/lifts.json").json()
    assert found["service_code"] == "lifts"
    (attribute,) = found["attributes"]
    assert set(attribute) == {
        "variable", "code", "datatype", "required", "datatype_description", "order", "description", "values",
    }  # fmt: skip
    root = xml(get("/services/lifts.xml"))
    assert root.tag == "service_definition" and root.findtext("attributes/attribute/code") == "estate"
    assert get("/services/nonsense.json").status_code == 404


# --- filing ---------------------------------------------------------------------------------------------------------------


def test_a_request_becomes_a_case_and_its_number_is_returned(key, desk, people):
    row = filed(
        key, desk, first_name="梅", last_name="李", email="li@example.org", media_url="https://example.org/1.jpg"
    )
    file = CaseFile.objects.get()
    assert row["service_request_id"] == file.case.case_no and row["token"] == file.tracking_code
    assert file.tracking_code in row["service_notice"]
    assert (file.channel, file.entered_by, file.case.estate) == ("open311", people.api_client, desk.estate)
    assert (file.reporter_name, file.phone, file.email) == ("梅 李", "13800001234", "li@example.org")
    assert file.text == f"{TEXT}\nhttps://example.org/1.jpg"


def test_the_answer_in_xml(key, desk):
    root = xml(post(key, "xml", address_id=desk.estate.code))
    assert root.tag == "service_requests"
    assert root.findtext("request/service_request_id") == CaseFile.objects.get().case.case_no
    assert root.find("request/account_id") is not None


def test_the_same_request_again_is_the_same_case(key, desk):
    assert filed(key, desk)["service_request_id"] == filed(key, desk)["service_request_id"]


def test_a_photo_may_come_along(key, desk):
    filed(key, desk, media=picture())
    assert CasePhoto.objects.count() == 1
    assert post(key, address_id=desk.estate.code, media=picture(name="x.jpg", format="GIF")).status_code == 400


def place_estate(desk) -> Estate:
    Estate.objects.filter(pk=desk.estate.pk).update(longitude=Decimal("114.3"), latitude=Decimal("30.6"))
    Estate.objects.exclude(pk=desk.estate.pk).filter(pk__lt=20).update(longitude=114, latitude=30)
    return desk.estate


@pytest.mark.parametrize("way", ["attribute", "attribute by name", "address_id", "address", "position", "jurisdiction"])
def test_the_neighbourhood_is_found_in_every_way(way, key, desk):
    estate = place_estate(desk)
    given = {
        "attribute": {"attribute[estate]": estate.code},
        "attribute by name": {"attribute[estate]": estate.name},
        "address_id": {"address_id": estate.code},
        "address": {"address_string": f"某市某区 {estate.name} 3 栋"},
        "position": {"lat": "30.6030", "long": "114.3"},  # 334 m away
        "jurisdiction": {"jurisdiction_id": estate.code, "address_string": "3 栋"},
    }[way]
    assert post(key, **given).status_code == 201
    file = CaseFile.objects.get()
    assert file.case.estate == estate
    if way == "position":
        assert (file.longitude, file.latitude) == (Decimal("114.300000"), Decimal("30.603000"))


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"api_key": None, "address_id": "E00001"}, 403, "api_key is missing"),
        ({"api_key": "wrong\u00e9", "address_id": "E00001"}, 403, "api_key is not valid"),
        ({"service_code": None, "address_id": "E00001"}, 400, "service_code is missing"),
        ({"service_code": "nonsense", "address_id": "E00001"}, 404, "no service"),
        ({"description": " \x00 ", "address_id": "E00001"}, 400, "description is missing"),
        ({"description": "x" * 2001, "address_id": "E00001"}, 400, "2001 characters"),
        ({}, 400, "place is missing"),
        ({"address_id": "NOWHERE"}, 400, "No neighbourhood has the code"),
        ({"address_string": "somewhere"}, 400, "fits no neighbourhood"),
        ({"lat": "30.7", "long": "114.3"}, 400, "fits no neighbourhood"),
        ({"lat": "30.6"}, 400, "both are sent"),
        ({"lat": "NaN", "long": "1"}, 400, ""),
        ({"lat": "91", "long": "1"}, 400, "between -90 and 90"),
        ({"jurisdiction_id": "nowhere", "address_id": "E00001"}, 404, "no jurisdiction"),
        ({"phone": "call me", "address_id": "E00001"}, 400, "Not a telephone number"),
        ({"email": "nobody", "address_id": "E00001"}, 400, "email"),
    ],
)
def test_what_is_wrong_is_told_in_both_formats(fields, status, message, key, desk):
    place_estate(desk)
    answer = post(key, **fields)
    (error,) = answer.json()
    assert (answer.status_code, error["code"]) == (status, status)
    assert message in error["description"]
    root = xml(post(key, "xml", **fields))
    assert (root.tag, root.findtext("error/code")) == ("errors", str(status))
    assert not CaseFile.objects.exists()


def test_a_key_files_in_its_scope_only_and_only_what_it_may(desk, people):
    from portal.models import Grant, Region, User

    client = User.objects.create(username="west_client")
    Grant.objects.create(user=client, role="api_client", region=Region.objects.get(code=world.WEST))
    assert post(world.token_for(client), address_id=desk.estate.code).status_code == 400
    assert post(world.token_for(people.api_client, "cases.view"), address_id=desk.estate.code).status_code == 403
    assert post(world.token_for(people.auditor, "cases.submit"), address_id=desk.estate.code).status_code == 403


# --- following --------------------------------------------------------------------------------------------------------------

FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
]  # fmt: skip


def test_anybody_follows_without_a_word_of_the_resident(key, desk):
    row = filed(key, desk, media=picture(), email="li@example.org")
    number = row["service_request_id"]
    answer = get(f"/requests/{number}.json")
    (shown,) = answer.json()
    assert list(shown) == FIELDS
    assert (shown["status"], shown["description"], shown["media_url"]) == ("open", None, None)
    assert (shown["requested_datetime"], shown["expected_datetime"]) == (
        "2021-11-10T10:00:00+08:00", "2021-11-18T00:00:00+08:00",
    )  # fmt: skip
    for secret in ("13800001234", "li@example.org", "老人"):
        assert secret not in answer.content.decode()
    root = xml(get(f"/requests/{number}.xml"))
    assert root.tag == "service_requests"
    assert [one.tag for one in root.find("request")] == FIELDS
    assert get(f"/requests/{number}.json", api_key="wrong").status_code == 403


def test_who_filed_sees_its_own_text_and_photo(key, desk):
    number = filed(key, desk, media=picture())["service_request_id"]
    (shown,) = get(f"/requests/{number}.json", api_key=key).json()
    assert shown["description"] == TEXT
    assert Client().get(shown["media_url"])["Content-Type"] == "image/jpeg"
    assert xml(get(f"/requests/{number}.xml", api_key=key)).findtext("request/description") == TEXT


def test_a_token_leads_to_the_number(key, desk):
    row = filed(key, desk)
    found = get(f"/tokens/{row['token']}.json").json()
    assert found == [{"service_request_id": row["service_request_id"], "token": row["token"]}]
    assert xml(get(f"/tokens/{row['token']}.xml")).findtext("request/token") == row["token"]
    assert get("/tokens/NOTHING.json").status_code == 404


def numbers(**parameters) -> list[str]:
    answer = get("/requests.json", **parameters)
    assert answer.status_code == 200, answer.content
    return [row["service_request_id"] for row in answer.json()]


def test_requests_are_listed_by_what_the_specification_names(desk):
    old = desk.matter(now=NOW - timedelta(days=100)).case.case_no
    dirt = desk.dispatched(category="cleaning", now=NOW - timedelta(days=2))
    done = desk.handled(category="dogs", now=NOW - timedelta(days=1), text="狗")
    cleaning = dirt.case.case_no
    assert old not in numbers() and cleaning in numbers()
    assert numbers(service_request_id=f"{old},{cleaning}", status="closed") == [cleaning, old]
    assert numbers(service_code="cleaning,nonsense") == [cleaning]
    assert cleaning in numbers(status="open") and cleaning not in numbers(status="closed")
    assert numbers(status="closed") == [done.case.case_no]
    assert numbers(start_date="2021-08-01T00:00:00Z", end_date="2021-08-31T00:00:00Z") == [old]
    assert numbers(start_date="2021-08-01T00:00:00+08:00") == [old]
    everything = numbers(status="open,closed")
    assert [numbers(page_size="1", page=str(page)) for page in (1, 2)] == [[one] for one in everything[:2]]
    assert numbers(updated_after="2021-11-10T10:00:00Z") == []
    assert numbers(jurisdiction_id=world.WEST) == []
    assert set(numbers(jurisdiction_id=world.EAST)) == set(everything) == set(numbers(jurisdiction_id=desk.estate.code))
    (row,) = get("/requests.json", service_code="cleaning").json()
    assert row["agency_responsible"] == str(desk.enterprise)


@pytest.mark.parametrize(
    "parameters",
    [
        {"status": "lost"},
        {"start_date": "yesterday"},
        {"start_date": "2021-01-01T00:00:00Z", "end_date": "2021-11-01T00:00:00Z"},
        {"start_date": "2021-11-02T00:00:00Z", "end_date": "2021-11-01T00:00:00Z"},
        {"start_date": "0001-01-01T00:00:00Z"},
        {"page_size": "0"},
        {"page": "-1"},
        {"page": "9" * 30},
        {"updated_after": "\x00"},
    ],
)
def test_parameters_without_meaning_are_refused(parameters, desk):
    answer = get("/requests.json", **parameters)
    assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)


def test_a_list_costs_the_same_whatever_its_length(desk, django_assert_max_num_queries):
    for number in range(5):
        desk.dispatched(now=NOW - timedelta(hours=5), text=f"事 {number}")
    with django_assert_max_num_queries(5):
        assert len(numbers()) == 5


@pytest.mark.parametrize(
    "path", ["", "/", "/services", "/requests.html", "/requests/x", "/nothing.json", "/services/\x01.json"]
)
def test_every_other_address_is_told_so_in_a_format(path, desk):
    answer = Client().get(V2 + path)
    assert answer.status_code == 404
    assert json.loads(answer.content)[0]["code"] == 404 if path.endswith("json") else xml(answer).tag == "errors"


def test_signs_that_xml_cannot_hold_are_left_out(key, desk):
    number = filed(key, desk, description="a\x0b\x1fb\ufffe c")["service_request_id"]
    assert "b" in xml(get(f"/requests/{number}.xml", api_key=key)).findtext("request/description")


def test_reading_without_end_is_slowed_down(desk, monkeypatch):
    monkeypatch.setattr("casedesk.open311.views.READ_PER_MINUTE", 1)
    assert [get("/requests.json").status_code for _ in range(2)] == [200, 429]
