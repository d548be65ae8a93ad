"""Clients of Open311 that nobody here wrote file a case with a running server and follow it."""

import json

import pytest
from civicbot.http import HttpError, HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from georeport import GeoReport

from tests.e2e.conftest import served

pytestmark = pytest.mark.e2e

SETTLE = """
import datetime
from casedesk.models import CatalogueItem, CatalogueVersion
from portal.models import Grant, Region, User
from tests.world import token_for
version, _ = CatalogueVersion.objects.get_or_create(document="clients", effective_from=datetime.date(2021, 1, 1))
CatalogueItem.objects.get_or_create(version=version, category="lifts", defaults={"name_en": "Lifts"})
user, _ = User.objects.get_or_create(username="open311_client")
Grant.objects.get_or_create(user=user, role="api_client", region=Region.objects.get(level="city"))
print("KEY", token_for(user))
"""


@pytest.fixture(scope="module")
def site(trial):
    """The address of the API and a key for it."""
    told = trial.manage("shell", "-c", SETTLE)
    key = next(line.split()[1] for line in told.splitlines() if line.startswith("KEY "))
    with served(trial) as address:
        yield f"{address}/open311/v2", key


def test_a_foreign_client_files_a_case_and_follows_it(site, trial):
    address, key = site
    endpoint = Endpoint("here", "Here", address, write=True)
    client = Open311Client(endpoint, transport=HttpTransport(rate_limiter=RateLimiter(0)))
    assert "lifts" in [service["service_code"] for service in client.list_services()]
    filed = client.create_request(
        "lifts", api_key=key, dry_run=False, confirm="SEND", validate_remote=True, address_string="E00003",
        description="3 栋电梯停运 & 老人下不了楼", phone="13800001234", attributes={"estate": "E00003"},
    )  # fmt: skip
    (answer,) = filed.response
    number = answer["service_request_id"]
    assert trial.query("SELECT channel, text FROM casedesk_casefile WHERE tracking_code = %s", answer["token"]) == [
        ("open311", "3 栋电梯停运 & 老人下不了楼")
    ]
    followed = client.get_request(number)
    assert followed is not None and (followed["status"], followed["address_id"]) == ("open", "E00003")
    assert client.get_token(answer["token"])[0]["service_request_id"] == number
    assert [row["service_request_id"] for row in client.list_requests(service_request_ids=[number])] == [number]
    assert "13800001234" not in json.dumps(client.list_requests())


def test_a_foreign_client_is_told_what_is_wrong(site):
    client = Open311Client(
        Endpoint("here", "Here", site[0], write=True), transport=HttpTransport(rate_limiter=RateLimiter(0))
    )
    with pytest.raises(HttpError) as refused:
        client.create_request("lifts", api_key="wrong", dry_run=False, confirm="SEND", address_string="somewhere")
    assert refused.value.status == 403 and json.loads(refused.value.body)[0]["code"] == 403


@pytest.mark.parametrize("form", ["json", "xml"])
def test_another_client_reads_both_formats(form, site):
    client = GeoReport(site[0], output_format=form)
    services = client.get_service_list()
    assert "lifts" in [service["service_code"] for service in services]
    assert client.get_service_definition("lifts")["service_code"] == "lifts"
    requests = client.get_service_requests(status="open")
    rows = requests if isinstance(requests, list) else [requests]  # one in XML is no list to this client
    number = rows[0]["service_request_id"]
    assert client.get_service_request(number)["service_request_id"] == number
