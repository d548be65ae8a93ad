"""My work, the case's page and its deeds in the browser: scope, constant cost, refusals with reasons, two people at once."""

from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from casedesk import parties
from casedesk.actions import dispatch, exclusion, handling
from casedesk.desk import duties, queues
from casedesk.models import CaseEvent, CaseFile, CasePhoto, Dispatch, ReplyTemplate, Supervision
from portal.models import AuditEntry
from tests.casedesk.desk import HOUR

DAY = timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now() - 3 * HOUR


def signed_in(user) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def deed(file, verb: str) -> str:
    return reverse("case-deed", args=[file.pk, verb])


def shown(client, queue: str) -> list[int]:
    return [row.file.pk for row in client.get(reverse("my-work"), {"queue": queue}).context["page"].object_list]


# --- My work --------------------------------------------------------------------------------------------------------------


def test_each_role_finds_its_own_work(desk, people, now):
    waiting = desk.matter(now=now)
    sent = desk.dispatched(now=now + HOUR)
    in_hand = desk.accepted(now=now + 2 * HOUR)
    assert shown(signed_in(desk.officer), "to-dispatch") == [waiting.pk]
    staff = signed_in(desk.staff)
    assert shown(staff, "to-accept") == [sent.pk]
    assert shown(staff, "to-handle") == [in_hand.pk]
    names = {queue.name for queue, _count in staff.get(reverse("my-work")).context["tabs"]}
    assert names == {"to-accept", "to-handle", "to-answer"}
    assert shown(signed_in(people.officer_west), "to-dispatch") == []
    assert shown(signed_in(people.handler_fire), "to-accept") == []
    auditor = signed_in(people.auditor).get(reverse("my-work"))
    assert b"No queue is yours" in auditor.content


def test_what_is_due_first_stands_first_and_lateness_is_told(desk):
    moment = timezone.now()
    fresh = desk.matter(now=moment)
    late = desk.matter(now=moment - 2 * DAY)
    urgent = desk.matter("no such category", urgency="emergency", now=moment - HOUR)
    client = signed_in(desk.officer)
    page = client.get(reverse("my-work"), {"queue": "to-dispatch"})
    assert page.context["page"].object_list[0].file == late
    assert {row.file.pk for row in page.context["page"].object_list} == {fresh.pk, late.pk, urgent.pk}
    assert page.context["page"].object_list[0].is_late


def test_objections_extensions_and_supervision_reach_whoever_decides(desk, now):
    objected, asked, supervised = desk.dispatched(now=now), desk.accepted(now=now), desk.accepted(now=now)
    dispatch.object_to_dispatch(objected, reason="not ours", by=desk.staff, now=now, seen=None)
    handling.ask_extension(asked, workdays=2, reason="parts", by=desk.staff, now=now + HOUR, seen=None)
    officer = signed_in(desk.officer)
    assert shown(officer, "objections") == [objected.pk]
    assert shown(officer, "extensions") == [asked.pk]
    officer.post(deed(supervised, "supervise"), {"seen": supervised.version, "demand": "Hurry."})
    assert shown(officer, "supervision") == [supervised.pk]
    assert shown(signed_in(desk.city), "supervision") == []
    assert shown(signed_in(desk.staff), "to-answer") == [supervised.pk]


@pytest.mark.parametrize("queue", ["to-dispatch", "to-accept"])
def test_a_queue_costs_the_same_whatever_its_rows(desk, now, queue):
    make = desk.matter if queue == "to-dispatch" else desk.dispatched
    client = signed_in(desk.officer if queue == "to-dispatch" else desk.staff)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("my-work"), {"queue": queue}).status_code == 200
        return len(captured)

    make(now=now)
    cost()
    few = cost()
    for category in ("cleaning", "dogs", "fire_safety", "property_service"):
        make(category=category, now=now)
    assert cost() == few


def test_an_unknown_queue_is_the_first_with_rows(desk, now):
    desk.dispatched(now=now)
    page = signed_in(desk.staff).get(reverse("my-work"), {"queue": "nonsense"})
    assert page.context["queue"].name == "to-accept"


# --- many at once ---------------------------------------------------------------------------------------------------------


def test_many_are_shown_before_they_are_sent(desk, people, now):
    first, second = desk.matter(now=now), desk.matter("fire_safety", now=now)
    client = signed_in(desk.officer)
    ticked = {"case": [f"{first.pk}:1", f"{second.pk}:1"]}
    asked = client.post(reverse("bulk-dispatch"), ticked)
    assert asked.context["ready"] == 2
    assert not Dispatch.objects.exists()
    done = client.post(reverse("bulk-dispatch"), ticked | {"confirmed": "1"})
    assert done.status_code == 302
    assert set(CaseFile.objects.values_list("status", flat=True)) == {"dispatched"}
    again = client.post(reverse("bulk-dispatch"), ticked | {"confirmed": "1"})
    assert again.status_code == 409
    assert b"Somebody else changed it" in again.content


def test_nobody_dispatches_what_they_do_not_see(desk, people, now):
    file = desk.matter(now=now)
    ticked = {"case": [f"{file.pk}:1", "x:y", "99999999999999999999:1"], "confirmed": "1"}
    assert signed_in(people.officer_west).post(reverse("bulk-dispatch"), ticked).status_code == 302
    assert desk.again(file).status == "submitted"
    assert signed_in(desk.staff).post(reverse("bulk-dispatch"), ticked).status_code == 403


# --- the case -------------------------------------------------------------------------------------------------------------


def test_the_page_shows_steps_clocks_and_who_did_what(desk, now):
    file = desk.accepted(now=now + 2 * HOUR)
    page = signed_in(desk.officer).get(reverse("case-detail", args=[file.pk]))
    assert [step.title for step in page.context["steps"]] == [
        "Online appraisal", "Online dispatch", "Handling and feedback", "Outcome rating", "Supervision", "Ranking",
    ]  # fmt: skip
    assert [step.is_now for step in page.context["steps"]] == [False, False, True, False, False, False]
    assert page.context["clocks"][1].limit.startswith("5 working days")
    assert [event.kind for event in page.context["events"]] == ["accepted", "dispatched", "reported"]
    assert b"13800001234" not in page.content
    assert b"138****1234" in page.content


def test_another_districts_case_and_its_deeds_do_not_exist(desk, people, now):
    file = desk.matter(now=now)
    client = signed_in(people.officer_west)
    for address in (
        reverse("case-detail", args=[file.pk]),
        deed(file, "dispatch"),
        reverse("case-phone", args=[file.pk]),
    ):
        assert client.get(address).status_code == 404
        if "do" in address:
            assert client.post(address, {"seen": 1, "to": "proposed"}).status_code == 404


def test_a_closed_deed_says_why(desk, now):
    file = desk.dispatched(now=now)
    page = signed_in(desk.street_staff).get(reverse("case-detail", args=[file.pk]))
    assert b"Only a member of the leading party does this" in page.content
    answer = signed_in(desk.street_staff).post(deed(file, "accept"), {"seen": file.version})
    assert answer.status_code == 409
    assert desk.again(file).status == "dispatched"
    assert signed_in(desk.officer).post(deed(file, "accept"), {"seen": file.version}).status_code == 403
    assert signed_in(desk.officer).get(deed(file, "fly")).status_code == 404


def test_a_case_is_walked_through_by_its_pages(desk, people, now):
    file = desk.matter(now=now)
    officer, staff = signed_in(desk.officer), signed_in(desk.staff)
    assert officer.get(deed(file, "dispatch")).status_code == 200
    sent = {"seen": 1, "to": "proposed", "joint": ["street"], "note": "soon"}
    assert officer.post(deed(file, "dispatch"), sent).status_code == 302
    assert staff.post(deed(file, "accept"), {"seen": 2}).status_code == 302
    assert staff.post(deed(file, "ask-extension"), {"seen": 3, "workdays": 3, "reason": "parts"}).status_code == 302
    assert officer.post(deed(file, "grant-extension"), {"seen": 4}).status_code == 302
    page = staff.get(reverse("case-detail", args=[file.pk]))
    assert "extended by 3 working days" in page.context["clocks"][1].limit
    assert page.context["reply"] is not None
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    reply = {"seen": 5, "result": "solved", "text": "灯已换好", "finished_at": moment, "late_reason": ""}
    asked = staff.post(deed(file, "handle"), reply)
    assert asked.status_code == 200
    assert b"no photograph" in asked.content
    assert staff.post(deed(file, "handle"), reply | {"confirmed": "on"}).status_code == 302
    assert desk.again(file).status == "handled"
    kinds = list(CaseEvent.objects.filter(case=file.case).values_list("kind", flat=True))
    assert kinds == ["reported", "dispatched", "accepted", "extension_asked", "extended", "handled"]


def test_a_feedback_may_begin_with_a_template_of_its_category(desk, now):
    ReplyTemplate.objects.create(code="T1", result="partly", title="Half done", text="Done …; the rest by ….")
    ReplyTemplate.objects.create(code="T2", result="solved", category="dogs", title="Dog found", text="The dog ….")
    file, client = desk.accepted(now=now), signed_in(desk.staff)
    page = client.get(reverse("case-detail", args=[file.pk])).content.decode()
    assert "Half done" in page and "Dog found" not in page
    form = client.get(deed(file, "handle"), {"template": "T1"}).context["form"]
    assert (form["text"].value(), form["result"].value()) == ("Done …; the rest by ….", "partly")
    assert not client.get(deed(file, "handle"), {"template": "none"}).context["form"]["text"].value()


def test_a_photograph_comes_with_the_feedback(desk, now, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    file = desk.accepted(now=now + 2 * HOUR)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    reply = {"seen": file.version, "result": "solved", "text": "灯已换好", "finished_at": moment}
    upload = SimpleUploadedFile("lamp.jpg", picture.getvalue(), "image/jpeg")
    assert signed_in(desk.staff).post(deed(file, "handle"), reply | {"photos": upload}).status_code == 302
    assert CasePhoto.objects.get(case=file.case).kind == "handled"
    page = signed_in(desk.officer).get(reverse("case-detail", args=[file.pk]))
    assert len(page.context["events"][0].photos) == 1


def test_of_two_people_the_second_is_told(desk, now):
    file = desk.dispatched(now=now)
    first, second = signed_in(desk.staff), signed_in(desk.colleague)
    assert first.post(deed(file, "accept"), {"seen": file.version}).status_code == 302
    late = second.post(deed(file, "object"), {"seen": file.version, "reason": "not ours"})
    assert late.status_code == 409
    stale = second.post(
        deed(file, "ask-extension"), {"seen": file.version, "workdays": 1, "reason": "parts"}, follow=True
    )
    assert b"Somebody else changed this case meanwhile" in stale.content


def test_faulty_input_is_named_and_nothing_is_done(desk, now):
    file = desk.matter(now=now)
    client = signed_in(desk.officer)
    for wrong in ({"to": "agency"}, {"to": "uscc", "uscc": "nothing"}, {"to": "moon"}, {}):
        assert client.post(deed(file, "dispatch"), {"seen": 1} | wrong).status_code == 422
    assert client.post(deed(file, "link"), {"seen": 1, "primary": "PY-1", "reason": "x"}).status_code == 422
    assert desk.again(file).version == 1


def test_every_deed_on_offer_has_its_page(desk, people, now):
    files = [desk.matter(now=now), desk.dispatched(now=now), desk.accepted(now=now), desk.handled(now=now + 2 * HOUR)]
    dispatch.object_to_dispatch(files[1], reason="not ours", by=desk.staff, now=now, seen=None)
    handling.ask_extension(files[2], workdays=2, reason="parts", by=desk.staff, now=now, seen=None)
    seen = set()
    for user in (desk.officer, desk.staff):
        client = signed_in(user)
        for file in files:
            page = client.get(reverse("case-detail", args=[file.pk]))
            if page.status_code == 404:  # not theirs yet
                continue
            for offer in page.context["offers"]:
                if offer.deed.verb in seen:
                    continue
                seen.add(offer.deed.verb)
                assert client.get(deed(file, offer.deed.verb)).status_code == 200
    assert {"dispatch", "uphold", "dismiss", "grant-extension", "exclude", "reclassify", "link", "note"} <= seen


def test_a_number_is_shown_for_a_reason_that_is_recorded(desk, people, now):
    file = desk.accepted(now=now)
    address = reverse("case-phone", args=[file.pk])
    staff = signed_in(desk.staff)
    assert staff.post(address, {"seen": file.version, "reason": " "}).status_code == 422
    assert not AuditEntry.objects.filter(verb="reveal").exists()
    shown_once = staff.post(address, {"seen": file.version, "reason": "to make an appointment"})
    assert b"13800001234" in shown_once.content
    assert AuditEntry.objects.get(verb="reveal").by == desk.staff
    assert not CaseEvent.objects.get(case=file.case, kind="note").is_public
    assert signed_in(people.auditor).get(address).status_code == 403
    assert signed_in(desk.street_staff).get(address).status_code == 403
    assert signed_in(desk.officer).get(address).status_code == 200


def test_the_page_of_a_case_costs_the_same_however_long_its_story(desk, now):
    file = desk.accepted(now=now)
    client = signed_in(desk.staff)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("case-detail", args=[file.pk]))
        return len(captured)

    cost()
    few = cost()
    for number in range(5):
        exclusion.add_note(file, text=f"note {number}", by=desk.staff, now=now)
    assert cost() == few


def test_the_list_is_narrowed_to_what_waits_on_the_desk(desk, people, now):
    waiting = desk.matter(now=now)
    page = signed_in(people.auditor).get(reverse("case-list"), {"desk": "submitted"})
    assert [case.pk for case in page.context["cases"]] == [waiting.pk]
    assert signed_in(people.auditor).get(reverse("case-list"), {"desk": "moon"}).status_code == 200


def test_a_street_in_charge_costs_no_statement_per_row(desk, people, now):
    for _number in range(3):
        desk.dispatched(category="dogs", party=desk.street, now=now)
    client = signed_in(people.auditor)
    parameters = {"estate": desk.estate.code, "desk": "dispatched"}
    client.get(reverse("case-list"), parameters)
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(reverse("case-list"), parameters).context["cases"]) == 3
    CaseFile.objects.filter(pk__in=[file.pk for file in CaseFile.objects.order_by("pk")[:2]]).update(status="submitted")
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("case-list"), parameters)
    assert len(one) == len(three)


# --- duties ---------------------------------------------------------------------------------------------------------------


def test_what_waits_stands_on_the_home_page(desk, now):
    desk.matter(now=now - 2 * DAY)
    page = signed_in(desk.officer).get(reverse("home"))
    assert page.status_code == 200
    (duty,) = [one for one in duties.duties(desk.officer) if one.count]
    assert (duty.count, duty.note) == (1, "1 is late")
    assert duties.figures(desk.staff)[0].value == 0


def test_proposals_of_many_are_those_of_each(desk, now):
    files = [desk.matter(category, now=now) for category in ("cleaning", "dogs", "fire_safety", "nothing")]
    found = queues.proposed_parties(CaseFile.objects.with_case().filter(pk__in=[file.pk for file in files]))
    assert found == {file.pk: parties.proposed_party(file.item, file.case) for file in files}


def test_supervision_by_command_runs_twice_without_harm(desk):
    file, told = desk.accepted(), StringIO()
    late = (file.case.handle_due_at + 25 * HOUR).isoformat()
    for _time in range(2):
        call_command("raise_supervisions", now=late, stdout=told)
    assert told.getvalue().splitlines() == ["1 raised", "0 raised"]
    assert Supervision.objects.filter(case=file.case).count() == 1
