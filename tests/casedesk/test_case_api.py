"""One case in the API: where it stands, its clocks and events; in scope only, and without a word about the resident."""

from rest_framework.test import APIClient

from casedesk.actions import dispatch
from evaluations.models import AppraisalCase
from tests import world
from tests.casedesk.desk import HOUR, NOW


def read(user, case):
    client = APIClient(headers={"Accept-Language": "en"})
    client.credentials(HTTP_AUTHORIZATION=f"Token {world.token_for(user)}")
    return client.get(f"/api/v1/cases/{case.source}/{case.case_no}/")


def test_a_case_of_the_desk_tells_status_clocks_and_events(desk, people):
    file = desk.accepted()
    answer = read(people.api_client, file.case)
    assert answer.status_code == 200
    data = answer.json()
    assert (data["status"], data["round"], data["responsible"]) == ("accepted", 1, str(desk.enterprise))
    assert [stage["stage"] for stage in data["stages"]] == ["acceptance", "handling"]
    assert data["stages"][0]["state"] == "on_time"
    assert data["stages"][1]["limit"].startswith("5 ")
    assert [event["kind"] for event in data["events"]] == ["reported", "dispatched", "accepted"]
    for secret in ("13800001234", "138****1234", "走道灯不亮", file.tracking_code, "li@example.org"):
        assert secret not in answer.content.decode()


def test_what_is_not_for_the_resident_is_no_event_here(desk, people):
    file = desk.dispatched()
    dispatch.object_to_dispatch(file, reason="not ours", by=desk.staff, now=NOW + HOUR, seen=None)
    assert "objected" not in [event["kind"] for event in read(people.api_client, file.case).json()["events"]]


def test_a_case_of_another_system_has_no_status(people):
    case = AppraisalCase.objects.exclude(source="portal").first()
    data = read(people.api_client, case).json()
    assert (data["status"], data["events"]) == (None, [])


def test_out_of_scope_it_does_not_exist(desk, people):
    file = desk.matter()
    assert read(people.officer_west, file.case).status_code == 404
    assert APIClient().get(f"/api/v1/cases/portal/{file.case.case_no}/").status_code == 401
