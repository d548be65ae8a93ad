"""Webhooks against a real receiver: signed, tried again, sent again, and no way into the city's own network."""

import hashlib
import hmac
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction
from django.db.utils import InternalError
from django.test import Client
from django.utils import timezone

from evaluations import actions as rankings
from portal.models import AuditEntry
from portal.webhooks import actions, client, delivery
from portal.webhooks.kinds import event_kinds
from portal.webhooks.models import WebhookDelivery, WebhookEvent, WebhookTarget
from portal.workflow import MoveRefused

KIND = "ranking.published"


class Receiver:
    """Another system, on this machine: keeps what it gets and answers with ``status``."""

    def __init__(self, port=0):
        receiver, self.got, self.status, self.pause = self, [], 200, 0.0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(receiver.pause)
                receiver.got.append((dict(self.headers), body, self.path))
                self.send_response(receiver.status)
                if receiver.status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook?for=city"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def target(db, receiver):
    return WebhookTarget.objects.create(name="archive", url=receiver.url, kinds=[KIND])


def is_signed(headers: dict, body: bytes, secret: str) -> bool:
    """As a receiver checks it, from the description alone."""
    signed = dict(part.split("=", 1) for part in headers["Portal-Signature"].split(","))
    expected = hmac.new(secret.encode(), f"{signed['t']}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signed["v1"], expected) and abs(int(signed["t"]) - time.time()) < delivery.TOLERANCE


# --- telling ----------------------------------------------------------------------------------------------------------------


def test_an_event_arrives_signed(target, receiver):
    event = actions.emit(KIND, {"period": "2021-10-H2", "名": "值"})
    assert delivery.send_waiting() == {"sent": 1, "failed": 0}
    ((headers, body, path),) = receiver.got
    assert is_signed(headers, body, target.secret)
    assert not is_signed(headers, body + b" ", target.secret)
    assert not is_signed(headers, body, "another secret")
    assert (headers["Portal-Event"], headers["Portal-Event-Id"]) == (KIND, str(event.uuid))
    assert path == "/hook?for=city"
    told = json.loads(body)
    assert (told["id"], told["kind"], told["data"]["名"]) == (str(event.uuid), KIND, "值")
    sent = WebhookDelivery.objects.get()
    assert (sent.status, sent.response_status, sent.attempts) == ("sent", 200, 1)


def test_only_who_wants_the_kind_and_is_active_is_told(target, receiver):
    WebhookTarget.objects.create(name="other", url=receiver.url, kinds=["ranking.withdrawn"])
    WebhookTarget.objects.create(name="off", url=receiver.url, kinds=[KIND], is_active=False)
    actions.emit(KIND, {"n": 1})
    assert WebhookDelivery.objects.get().target == target


def test_emitting_twice_tells_once(target):
    assert actions.emit(KIND, {"n": 1}) == actions.emit(KIND, {"n": 1})
    assert actions.emit(KIND, {"n": 2}, key="2021-10-H2/1") == actions.emit(KIND, {"n": 3}, key="2021-10-H2/1")
    assert WebhookDelivery.objects.count() == 2


def test_an_event_falls_with_the_deed_that_it_tells_of(target):
    with transaction.atomic():
        actions.emit(KIND, {"n": 1})
        transaction.set_rollback(True)
    assert not WebhookEvent.objects.exists()


def test_an_event_never_changes(target):
    event = actions.emit(KIND, {"n": 1})
    with pytest.raises(InternalError), transaction.atomic():
        WebhookEvent.objects.filter(pk=event.pk).update(kind="x")


def test_a_receiver_that_fails_is_tried_again_until_it_takes_it(target, receiver):
    receiver.status = 503
    actions.emit(KIND, {"n": 1})
    now = timezone.now()
    assert delivery.send_waiting(now) == {"sent": 0, "failed": 1}
    failed = WebhookDelivery.objects.get()
    assert (failed.status, failed.response_status, failed.error) == ("failed", 503, "HTTP 503")
    assert failed.next_try_at == now + timedelta(minutes=1)
    assert delivery.send_waiting(now) == {"sent": 0, "failed": 0}
    receiver.status = 204
    assert delivery.send_waiting(now + timedelta(minutes=1)) == {"sent": 1, "failed": 0}
    ids = {headers["Portal-Event-Id"] for headers, _body, _path in receiver.got}
    assert len(receiver.got) == 2
    assert len(ids) == 1


def test_a_receiver_that_is_down_is_given_up_after_a_day_and_sent_again_by_hand(target, receiver, people):
    receiver.stop()
    actions.emit(KIND, {"n": 1})
    now = begun = timezone.now()
    while (row := WebhookDelivery.objects.get()).status != "given_up":
        assert delivery.send_waiting(now)["failed"] == 1
        row.refresh_from_db()
        now = row.next_try_at or now
    assert timedelta(hours=24) <= now - begun <= timedelta(hours=25)
    assert "ConnectionRefusedError" in row.error
    revived = Receiver(receiver.port)
    try:
        actions.send_again(row, by=people.computer, now=now)
        assert delivery.send_waiting(now)["sent"] == 1
    finally:
        revived.stop()
    assert len(revived.got) == 1
    receiver.stop = lambda: None


def test_a_redirect_is_not_followed(target, receiver):
    receiver.status = 302
    actions.emit(KIND, {"n": 1})
    delivery.send_waiting()
    assert WebhookDelivery.objects.get().error == "HTTP 302"
    assert [path for _headers, _body, path in receiver.got] == ["/hook?for=city"]


def test_a_receiver_that_never_answers_is_left_in_time(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    monkeypatch.setattr(client, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(OSError):
            client.post(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"{}", {})
        assert time.monotonic() - begun < 2


def test_a_receiver_that_drips_is_left_in_time(settings, monkeypatch):
    """One byte now and then resets a socket's own timeout; the whole exchange has one too."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    monkeypatch.setattr(client, "TIMEOUT", 0.4)
    server = socket.create_server(("127.0.0.1", 0))

    def drip():
        peer, _address = server.accept()
        with peer, pytest.raises(OSError):
            for _byte in range(100):
                peer.sendall(b"H" if not _byte else b"T")
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    begun = time.monotonic()
    with server, pytest.raises((OSError, client.http.client.HTTPException)):
        client.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
    assert time.monotonic() - begun < 2


@pytest.fixture
def committed(django_db_setup, django_db_blocker, receiver):
    """The database as several workers see it: what is written is committed, and removed in the end."""
    with django_db_blocker.unblock():
        yield WebhookTarget.objects.create(name="archive", url=receiver.url, kinds=[KIND])
        WebhookTarget.objects.all().delete()
        with pgtrigger.ignore("portal.WebhookEvent:append_only"):
            WebhookEvent.objects.all().delete()


def test_two_workers_at_once_send_each_delivery_once(committed, receiver):
    for number in range(8):
        actions.emit(KIND, {"n": number})
    receiver.pause = 0.02
    together = threading.Barrier(2, timeout=10)

    def work():
        together.wait()
        try:
            return delivery.send_waiting()["sent"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        sent = [run.result() for run in [pool.submit(work) for _worker in range(2)]]
    assert sum(sent) == 8
    assert min(sent) > 0
    assert len({headers["Portal-Event-Id"] for headers, _body, _path in receiver.got}) == len(receiver.got) == 8


def test_a_worker_that_dies_while_sending_leaves_the_delivery_queued(committed, monkeypatch):
    actions.emit(KIND, {"n": 1})

    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(client, "post", killed)
        with pytest.raises(KeyboardInterrupt):
            delivery.send_waiting()
    assert WebhookDelivery.objects.get().status == "queued"
    assert delivery.send_waiting()["sent"] == 1


# --- where to ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://archive.example/", "ftp://archive.example/", "https://", "https://user:pass@archive.example/",
        "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/",
        "https://[::1]/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/", "https://224.0.0.1/",
        "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[2002:a00:1::]/", "https://[::127.0.0.1]/",
        "https://0.0.0.0/", "https://100.64.0.1/", "https://archive.example:x/", "http://127.0.0.1:80/",
    ],
)  # fmt: skip
def test_an_address_within_the_network_or_without_https_is_refused(settings, url):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    with pytest.raises(client.AddressRefused):
        client.check_url(url)


def test_a_public_address_is_taken(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    client.check_url("https://archive.example/hook?for=city")
    client.check_url("https://8.8.8.8/")


def test_a_name_that_stands_for_a_private_address_is_refused_before_connecting(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    asked = []

    def look_up(host, port, **_more):
        asked.append(host)
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))
        return [public, (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.8", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", lambda *_arguments: pytest.fail("connected"))
    with pytest.raises(client.AddressRefused):
        client.post("https://rebinding.example/", b"{}", {})
    assert asked == ["rebinding.example"]


def test_the_connection_goes_to_the_address_that_was_checked(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    reached = []

    def connect(address, *_arguments):
        reached.append(address)
        raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_more: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        client.post("https://archive.example/", b"{}", {})
    assert reached == [("93.184.216.34", 443)]


def test_the_database_keeps_no_other_address(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookTarget.objects.create(name="x", url="http://archive.example/", kinds=[KIND])


# --- pages -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def city(people, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    city = Client(headers={"Accept-Language": "en"})
    city.force_login(people.computer)
    return city


def test_a_secret_is_shown_once(city):
    page = city.post(
        "/webhooks/new/", {"name": "archive", "url": "http://127.0.0.1:9/", "kinds": [KIND], "is_active": "on"}
    )
    target = WebhookTarget.objects.get()
    assert target.secret in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    for path in (
        "/webhooks/",
        f"/webhooks/{target.pk}/",
        f"/webhooks/{target.pk}/edit/",
        f"/webhooks/{target.pk}/secret/",
    ):
        assert target.secret not in city.get(path).content.decode()
    old = target.secret
    assert old not in city.post(f"/webhooks/{target.pk}/secret/").content.decode()
    target.refresh_from_db()
    assert target.secret != old
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"webhooks.keep", "webhooks.renew_secret"}


def test_a_wrong_address_is_told_at_its_field(city, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    page = city.post("/webhooks/new/", {"name": "archive", "url": "https://10.0.0.1/", "kinds": [KIND]})
    assert page.status_code == 422
    assert "own network" in page.content.decode()
    assert not WebhookTarget.objects.exists()


def test_the_log_tells_what_failed_and_an_event_is_sent_again(city, target, receiver):
    receiver.status = 500
    event = actions.emit(KIND, {"n": 1})
    delivery.send_waiting()
    assert "HTTP 500" in city.get(f"/webhooks/{target.pk}/").content.decode()
    later = WebhookTarget.objects.create(name="later", url=receiver.url, kinds=[KIND])
    receiver.status = 200
    city.post(f"/webhooks/events/{event.pk}/replay/")
    assert delivery.send_waiting()["sent"] == 2
    assert set(event.deliveries.values_list("target", "status")) == {(target.pk, "sent"), (later.pk, "sent")}
    row = event.deliveries.get(target=target)
    city.post(f"/webhooks/deliveries/{row.pk}/send-again/")
    assert delivery.send_waiting()["sent"] == 1
    assert city.get(f"/webhooks/events/{event.pk}/").status_code == 200
    assert city.get("/webhooks/").status_code == 200


def test_webhooks_are_the_city_office_s(people, target):
    actions.emit(KIND, {"n": 1})
    row = WebhookDelivery.objects.get()
    browser = Client(headers={"Accept-Language": "en"})
    for person in (people.officer_east, people.auditor, people.nobody):
        browser.force_login(person)
        for path in (
            "",
            "new/",
            f"{target.pk}/",
            f"{target.pk}/edit/",
            f"{target.pk}/secret/",
            f"events/{row.event_id}/",
        ):
            assert browser.get(f"/webhooks/{path}").status_code == 403
        assert browser.post(f"/webhooks/deliveries/{row.pk}/send-again/").status_code == 403
    with pytest.raises(PermissionDenied):
        actions.replay(row.event, by=people.officer_east, now=timezone.now())
    with pytest.raises(MoveRefused):
        actions.send_again(row, by=people.computer, now=timezone.now())


# --- rankings and the API -------------------------------------------------------------------------------------------------------


def test_publication_and_withdrawal_are_told(published, people):
    now = timezone.now()
    rankings.withdraw(published, by=people.signer, now=now, reason="wrong window")
    told = list(WebhookEvent.objects.order_by("pk").values_list("kind", "payload__period", "payload__reason"))
    assert told == [
        ("ranking.published", published.period, ""),
        ("ranking.withdrawn", published.period, "wrong window"),
    ]
    assert {kind for kind, _period, _reason in told} <= set(event_kinds())


def test_a_client_catches_up_by_number(db, monkeypatch):
    monkeypatch.setattr("portal.webhooks.api.PAGE_SIZE", 2)
    for number in range(3):
        actions.emit(KIND, {"n": number})
    browser, seen, address = Client(headers={"Accept-Language": "en"}), [], "/api/v1/events/"
    while address:
        answer = browser.get(address).json()
        seen += [event["data"]["n"] for event in answer["results"]]
        address = answer["next"]
    assert seen == [0, 1, 2]
    assert browser.get(f"/api/v1/events/?after={answer['last']}").json() == {
        "next": None, "last": answer["last"], "results": [],
    }  # fmt: skip


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=99999999999999999", "after=", "since=1"])
def test_a_bad_number_is_a_problem(db, query):
    answer = Client(headers={"Accept-Language": "en"}).get(f"/api/v1/events/?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_the_description_tells_how_to_check_a_signature(db):
    described = Client(headers={"Accept-Language": "en"}).get("/api/v1/schema/?format=json").json()
    assert "HMAC-SHA256" in described["webhooks"]["published-event"]["post"]["description"]
    assert "/api/v1/events/" in described["paths"]
