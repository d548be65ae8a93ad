"""Notices: written with the deed, sent once, tried again, never showing a number; the daily digest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError

from portal.models import AuditEntry, User
from portal.notices import actions, delivery, digest, gateways
from portal.notices.gateways import Message
from portal.notices.models import Notice
from portal.rules import CHINA, wait_before_retry
from portal.workflow import MoveRefused

PHONE = "13800000001"
NOW = datetime(2021, 11, 18, 9, 0, tzinfo=CHINA)
THURSDAY, SATURDAY, HOLIDAY, MADE_UP = date(2021, 11, 18), date(2021, 11, 20), date(2021, 10, 7), date(2021, 10, 9)


class Recorder:
    """A gateway that remembers what it was given, and fails as often as it is told."""

    def __init__(self):
        self.taken, self.failures, self.complaint = [], 0, "no route"

    def send(self, message: Message) -> str:
        if self.failures:
            self.failures -= 1
            raise ConnectionError(self.complaint)
        self.taken.append(message)
        return f"ref-{len(self.taken)}"


@pytest.fixture
def gateway(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(delivery, "gateway_for", lambda channel: recorder)
    return recorder


def tell(to, key="case-1", **more):
    actions.notify(
        "case-due", to=to, title="A case is due", body="Answer it.", url="/cases/1/", dedupe_key=key, now=NOW, **more
    )


# --- writing ----------------------------------------------------------------------------------------------------------------


def test_a_user_is_told_in_the_portal_at_once(people):
    tell(people.computer)
    notice = Notice.objects.get()
    assert (notice.channel, notice.status, notice.sent_at, notice.user) == ("portal", "sent", NOW, people.computer)


def test_the_same_notice_is_written_once_per_recipient_and_channel(people):
    people.computer.email = "computer@city.example"
    for _time in range(2):
        tell(people.computer, channels=["portal", "email"])
        tell(people.reviewer)
        tell(PHONE)
    assert sorted(Notice.objects.values_list("channel", flat=True)) == ["email", "portal", "portal", "sms"]


def test_a_notice_falls_with_the_deed_that_it_tells_of(people):
    with transaction.atomic():
        tell(people.computer)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_a_user_without_an_address_gets_no_e_mail(people):
    tell(people.computer, channels=["portal", "email"])
    assert Notice.objects.get().channel == "portal"


@pytest.mark.parametrize(("to", "channels"), [(PHONE, ["portal"]), ("a@b.example", ["sms"]), ("user", ["sms"])])
def test_a_channel_that_cannot_reach_the_recipient_is_refused(people, to, channels):
    with pytest.raises(ValueError, match="no way to reach"):
        tell(people.computer if to == "user" else to, channels=channels)


def test_no_telephone_number_stands_in_a_text(db):
    with pytest.raises(ValueError, match="telephone"):
        actions.notify("x", to=PHONE, title="x", body=f"Call {PHONE}.", dedupe_key="1")
    actions.notify("x", to=PHONE, title="Case 20211113800000001", body="", dedupe_key="2")  # digits of another kind
    with pytest.raises(IntegrityError, match="notice_text_without_telephone"), transaction.atomic():
        Notice.objects.update(body=f"Call {PHONE}.")


def test_a_lazy_text_is_read_in_the_reader_s_language(people):
    actions.notify("x", to=people.computer, title=gettext_lazy("Save"), dedupe_key="1")
    notice = Notice.objects.get()
    assert notice.told_title == "Save"
    with translation.override("zh-hans"):
        assert notice.told_title == notice.title == "保存"


def test_one_worker_is_asked_once_after_the_commit(people, monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr(actions, "enqueue", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(3):
            tell(PHONE, f"case-{number}")
        tell(people.computer)
    assert asked == ["portal.tasks.send_notices"]


def test_a_broker_out_of_reach_loses_nothing(db, monkeypatch, django_capture_on_commit_callbacks, caplog):
    def unreachable(task):
        raise OperationalError

    monkeypatch.setattr(actions, "enqueue", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        tell(PHONE)
    assert Notice.objects.get().status == "queued"
    assert "waits for beat" in caplog.text


# --- sending ----------------------------------------------------------------------------------------------------------------


def test_what_waits_is_sent_once_and_the_reference_kept(db, gateway, settings):
    settings.PORTAL_URL = "https://portal.example"
    tell(PHONE)
    assert delivery.send_waiting(NOW) == {"sent": 1, "failed": 0}
    assert delivery.send_waiting(NOW) == {"sent": 0, "failed": 0}
    notice = Notice.objects.get()
    (message,) = gateway.taken
    assert (notice.status, notice.reference, notice.attempts) == ("sent", "ref-1", 1)
    assert (message.to, message.url) == (PHONE, "https://portal.example/cases/1/")
    assert message.key == f"notice-{notice.pk}"


def test_a_failure_is_tried_again_later_and_later_then_given_up(db, gateway):
    tell(PHONE)
    gateway.failures = 100
    now, waits = NOW, []
    while (notice := Notice.objects.get()).status != "given_up":
        assert delivery.send_waiting(now) == {"sent": 0, "failed": 1}
        assert delivery.send_waiting(now) == {"sent": 0, "failed": 0}
        notice.refresh_from_db()
        if notice.next_try_at:
            waits.append(notice.next_try_at - now)
            now = notice.next_try_at
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) == timedelta(hours=24, minutes=4)
    assert notice.attempts == len(waits) + 1
    assert notice.error == "ConnectionError: no route"


def test_waiting_ends_after_a_day():
    assert wait_before_retry(1) == timedelta(minutes=1)
    assert wait_before_retry(9) == timedelta(hours=6)
    assert wait_before_retry(10) is None


def test_a_gateway_s_complaint_is_kept_without_the_number(db, gateway):
    gateway.failures, gateway.complaint = 1, f"bad number {PHONE}"
    tell(PHONE)
    delivery.send_waiting(NOW)
    assert Notice.objects.get().error == "ConnectionError: bad number 138****0001"


def test_the_console_gateway_writes_the_number_masked(db, caplog):
    tell(PHONE)
    delivery.send_waiting(NOW)
    assert "138****0001" in caplog.text
    assert PHONE not in caplog.text
    assert Notice.objects.get().reference.startswith("console-notice-")


def test_e_mail_goes_through_django_s_mail(db, people):
    people.computer.email = "computer@city.example"
    tell(people.computer, channels=["email"])
    tell("resident@home.example")
    assert delivery.send_waiting(NOW)["sent"] == 2
    assert [message.to for message in mail.outbox] == [["computer@city.example"], ["resident@home.example"]]
    assert mail.outbox[0].extra_headers["Message-ID"] == Notice.objects.order_by("pk")[0].reference


def test_a_city_names_its_own_gateway(settings):
    settings.NOTICE_GATEWAY = f"{__name__}.Recorder"
    assert isinstance(gateways.gateway_for("sms"), Recorder)


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """The database as several workers see it: what is written is committed, and removed in the end."""
    with django_db_blocker.unblock():
        yield
        Notice.objects.all().delete()


def test_two_workers_at_once_send_each_notice_once(committed, gateway):
    for number in range(12):
        tell(PHONE, f"case-{number}")
    together = Barrier(3, timeout=10)

    def work():
        together.wait()
        try:
            return delivery.send_waiting(timezone.now())["sent"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        sent = [run.result() for run in [pool.submit(work) for _worker in range(3)]]
    assert sum(sent) == 12
    assert len({message.key for message in gateway.taken}) == len(gateway.taken) == 12


def test_a_worker_that_dies_while_sending_leaves_the_notice_queued(committed, monkeypatch, gateway):
    tell(PHONE)

    def killed(message):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(gateway, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            delivery.send_waiting(NOW)
    assert Notice.objects.get().status == "queued"
    assert delivery.send_waiting(NOW)["sent"] == 1


# --- pages --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(people):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(people.computer)
    return client


def test_a_person_reads_their_own_notices_unread_first(client, people):
    tell(people.computer, "old")
    actions.mark_read(people.computer, now=NOW)
    tell(people.computer, "new")
    tell(people.reviewer, "other")
    page = client.get("/notices/")
    assert [notice.dedupe_key for notice in page.context["page"]] == ["new", "old"]
    assert "Notices, 1 unread" in page.content.decode()


def test_opening_marks_as_read_and_leads_to_the_page(client, people):
    tell(people.computer)
    notice = Notice.objects.get()
    assert client.get(f"/notices/{notice.pk}/open/").status_code == 405
    assert client.post(f"/notices/{notice.pk}/open/")["Location"] == "/cases/1/"
    notice.refresh_from_db()
    assert notice.read_at
    assert "Notices, 0 unread" in client.get("/notices/").content.decode()


def test_a_notice_leads_nowhere_else(client, people):
    actions.notify("x", to=people.computer, title="x", url="https://evil.example/", dedupe_key="1")
    assert client.post(f"/notices/{Notice.objects.get().pk}/open/")["Location"] == "/notices/"


def test_somebody_else_s_notice_does_not_exist(client, people):
    tell(people.reviewer)
    assert client.post(f"/notices/{Notice.objects.get().pk}/open/").status_code == 404


def test_all_are_read_at_once(client, people):
    for number in range(3):
        tell(people.computer, f"case-{number}")
    client.post("/notices/read/")
    assert not Notice.objects.unread(people.computer).exists()


def test_the_outbox_shows_failures_masked_and_sends_again(client, gateway):
    gateway.failures = 1
    tell(PHONE)
    delivery.send_waiting(NOW)
    page = client.get("/outbox/?status=failed").content.decode()
    assert "138****0001" in page
    assert PHONE not in page
    notice = Notice.objects.get()
    client.post(f"/outbox/{notice.pk}/send-again/")
    assert delivery.send_waiting(timezone.now())["sent"] == 1
    assert AuditEntry.objects.filter(verb="notices.send_again").count() == 1
    assert "nothing was changed" in client.post(f"/outbox/{notice.pk}/send-again/", follow=True).content.decode()


def test_the_outbox_is_the_city_office_s(people, gateway):
    tell(PHONE)
    notice = Notice.objects.get()
    client = Client(headers={"Accept-Language": "en"})
    for person in (people.officer_east, people.auditor, people.nobody):
        client.force_login(person)
        assert client.get("/outbox/").status_code == 403
        assert client.post(f"/outbox/{notice.pk}/send-again/").status_code == 403
    with pytest.raises(MoveRefused):
        actions.send_again(notice, by=people.computer, now=NOW)
    Notice.objects.update(status="failed")
    notice.refresh_from_db()
    with pytest.raises(PermissionDenied):
        actions.send_again(notice, by=people.officer_east, now=NOW)


def test_the_bell_costs_one_query(client, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as queries:
        client.get("/notices/")
    unread = [query for query in queries.captured_queries if "read_at" in query["sql"] and "LIMIT 100" in query["sql"]]
    assert len(unread) == 1


# --- the digest ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def duties(monkeypatch):
    """What waits: two matters for the computer, nothing for anybody else."""
    from portal.duties import Duty

    def found(user):
        return [Duty("Filings to decide", "x", 2, "/x/", "1 overdue")] if user.username == "computer" else []

    monkeypatch.setattr(digest, "duties", found)


def test_each_person_with_duties_gets_one_digest_a_day(people, duties):
    User.objects.filter(pk=people.computer.pk).update(email="computer@city.example")
    assert digest.send_digests(THURSDAY) == 1
    assert digest.send_digests(THURSDAY) == 0
    assert digest.send_digests(THURSDAY + timedelta(days=1)) == 1
    notices = Notice.objects.filter(dedupe_key="digest:2021-11-18")
    assert {notice.channel for notice in notices} == {"portal", "email"}
    assert "1 overdue" in notices[0].body
    assert notices[0].told_title.startswith("2021-11-18")


@pytest.mark.parametrize(("day", "count"), [(SATURDAY, 0), (HOLIDAY, 0), (MADE_UP, 1)])
def test_there_is_no_digest_on_a_day_off(people, duties, day, count):
    assert digest.send_digests(day) == count


def test_the_digest_of_a_day_by_hand(people, duties, capsys):
    call_command("send_digest", day=THURSDAY)
    assert capsys.readouterr().out == "1 digests.\n"


def test_the_real_duties_make_a_digest(people):
    digest.send_digests(THURSDAY)
    assert not Notice.objects.filter(user=people.nobody).exists()


def test_whoever_left_gets_none(people, duties):
    User.objects.filter(pk=people.computer.pk).update(is_active=False)
    assert digest.send_digests(THURSDAY) == 0


def test_a_notice_knows_no_state_between(db):
    tell(PHONE)
    for change in ({"status": "sent"}, {"next_try_at": None}, {"phone": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.update(**change)
    assert connection.vendor == "postgresql"
