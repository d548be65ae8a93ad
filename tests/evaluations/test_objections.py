"""Objections to a ranking and replies beside an entry: who may, until when, what follows, and what the database keeps."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from rest_framework.settings import api_settings

from enterprises.models import EnterpriseMembership
from evaluations import actions, differences
from evaluations.counting import count
from evaluations.models import AppraisalCase, CaseCorrection, EntryReply, Ranking, RankingEntry, RankingObjection
from evaluations.objections import corrections, deciding, evidence, raising, replies, rules, summing
from evaluations.objections.corrections import Correction
from evaluations.rules import Counts
from portal.documents.published import forget_all
from portal.models import AuditEntry
from portal.notices.models import Notice
from portal.rules import HalfMonth
from portal.workflow import LostRace, MoveRefused
from tests import world

NOW = timezone.now()
PERIOD = HalfMonth.parse(world.PERIOD)
PHONE = "13912345678"
Status = RankingObjection.Status


@pytest.fixture
def client() -> Client:
    cache.clear()
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def case(db) -> AppraisalCase:
    """A case whose bad rating counts in the golden ranking."""
    counted = AppraisalCase.objects.filter(excluded="", rating_withdrawn=False).exclude(estate__kind="non_residential")
    found = (
        counted.filter(rating=1, rated_at__lt=PERIOD.end, rated_at__gte=PERIOD.start).select_related("estate").first()
    )
    assert found is not None
    return found


def entry_of(ranking: Ranking, case: AppraisalCase) -> RankingEntry:
    return RankingEntry.objects.select_related("ranking").get(ranking=ranking, estate_code=case.estate.code)


def objection_to(ranking: Ranking, case: AppraisalCase, now=NOW, phone=PHONE, address="192.0.2.1") -> RankingObjection:
    claim = raising.Claim("wrong_fact", "The rating was another one.", [case.case_no])
    return raising.raise_as_resident(entry_of(ranking, case), claim, phone=phone, address=address, now=now)


def better(case: AppraisalCase) -> list[Correction]:
    return [Correction(case, {"rating": 5, "resolved": "yes"})]


@pytest.fixture
def marked(on_notice, case, people):
    """An objection that ``people.reviewer`` marked."""
    objection = objection_to(on_notice, case)
    deciding.mark(objection, by=people.reviewer, now=NOW)
    return objection


# --- raising -------------------------------------------------------------------------------------------------------------


def test_an_objection_has_a_number_two_due_times_and_tells_the_city(on_notice, case, people):
    objection = objection_to(on_notice, case)
    assert objection.number.startswith("YY-") and objection.status == Status.RECEIVED
    assert NOW < objection.mark_due_at < objection.decide_due_at
    told = Notice.objects.filter(kind="objection-received").values_list("user__username", flat=True)
    assert set(told) == {"computer", "reviewer", "signer"}
    assert AuditEntry.objects.filter(verb="objections.raise", subject=objection.number, by=None).exists()
    assert PHONE not in str(list(AuditEntry.objects.values_list("details", "reason")))


def test_objections_are_taken_on_notice_and_some_working_days_after(draft, people, case):
    with pytest.raises(MoveRefused):
        objection_to(draft, case)
    actions.submit_for_review(draft, by=people.computer, now=NOW)
    with pytest.raises(MoveRefused):
        objection_to(draft, case)
    actions.start_notice(draft, by=people.reviewer, now=NOW - timedelta(days=30))
    actions.publish(draft, by=people.signer, now=NOW)
    until = raising.open_until(draft)
    assert until > NOW + timedelta(days=10)
    assert objection_to(draft, case, now=until - timedelta(seconds=1)).was_published
    with pytest.raises(MoveRefused, match="no longer taken"):
        objection_to(draft, case, now=until)


def test_one_address_one_telephone_and_one_entry_take_so_many(on_notice, case):
    for phone in range(5):
        objection_to(on_notice, case, phone=f"1380000000{phone}")
    with pytest.raises(raising.TooMany):
        objection_to(on_notice, case, phone="13800000009")
    objection_to(on_notice, case, now=NOW + timedelta(hours=2))
    for place in range(2):
        objection_to(on_notice, case, now=NOW + timedelta(hours=2), address=f"192.0.2.{place + 9}")
    with pytest.raises(raising.TooMany, match="telephone"):
        objection_to(on_notice, case, now=NOW + timedelta(hours=2), address="192.0.2.99")


def test_a_party_speaks_for_its_own_neighbourhoods_only(on_notice, people):
    claim = raising.Claim("other", "This is not so.")
    uscc = EnterpriseMembership.objects.get(user=people.staff_of_enterprise).enterprise.uscc
    own = on_notice.entries.filter(enterprise_uscc=uscc).select_related("ranking").first()
    objection = raising.raise_as_party(own, claim, by=people.staff_of_enterprise, now=NOW)
    assert (objection.party, objection.phone, objection.raised_by) == ("enterprise", "", people.staff_of_enterprise)
    with_its_cases = AppraisalCase.objects.filter(enterprise__uscc=uscc).values("estate__code")
    strange = on_notice.entries.exclude(enterprise_uscc=uscc).exclude(estate_code__in=with_its_cases).first()
    for person, entry in ((people.staff_of_enterprise, strange), (people.auditor, own), (people.nobody, own)):
        with pytest.raises(PermissionDenied):
            raising.raise_as_party(entry, claim, by=person, now=NOW)
    east = on_notice.entries.filter(district_code=world.EAST).select_related("ranking").first()
    assert raising.raise_as_party(east, claim, by=people.officer_east, now=NOW).party == "district"
    with pytest.raises(PermissionDenied):
        raising.raise_as_party(east, claim, by=people.officer_west, now=NOW)
    street = people.street_staff_east.grants.get().region
    there = on_notice.entries.filter(street_code=street.code).first()
    assert raising.raise_as_party(there, claim, by=people.street_staff_east, now=NOW).party_name == street.name


def test_the_database_keeps_what_was_said(marked):
    for change in (
        {"text": "another"},
        {"phone": "13900000000"},
        {"received_at": NOW + timedelta(hours=1)},
        {"estate_code": "E1"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            RankingObjection.objects.filter(pk=marked.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingObjection.objects.filter(pk=marked.pk).delete()


# --- deciding ------------------------------------------------------------------------------------------------------------


def test_publication_waits_for_the_decision(marked, on_notice, people):
    with pytest.raises(MoveRefused, match=marked.number):
        actions.publish(on_notice, by=people.signer, now=NOW)
    deciding.dismiss(marked, by=people.signer, now=NOW, reason="The rating stands.")
    actions.publish(on_notice, by=people.reviewer, now=NOW)
    assert on_notice.status == Ranking.Status.PUBLISHED


def test_neither_marker_nor_author_decides(marked, people):
    for person in (people.reviewer, people.computer, people.auditor, people.officer_east, people.nobody):
        with pytest.raises(PermissionDenied):
            deciding.dismiss(marked, by=person, now=NOW, reason="Because.")
    for column in ("reviewer", "computer"):
        with pytest.raises(DatabaseError), transaction.atomic():
            RankingObjection.objects.filter(pk=marked.pk).update(
                status="dismissed", decided_at=NOW, decision_reason="x", decided_by=getattr(people, column)
            )


def test_a_decision_needs_a_mark_and_a_reason_and_is_final(on_notice, case, people):
    objection = objection_to(on_notice, case)
    with pytest.raises(MoveRefused, match="marked first"):
        deciding.dismiss(objection, by=people.signer, now=NOW, reason="No.")
    deciding.mark(objection, by=people.reviewer, now=NOW)
    objection.refresh_from_db()
    with pytest.raises(ValidationError):
        deciding.dismiss(objection, by=people.signer, now=NOW, reason="  ")
    seen_before = RankingObjection.objects.get(pk=objection.pk)
    deciding.dismiss(objection, by=people.signer, now=NOW, reason="It stands.")
    with pytest.raises(LostRace):
        deciding.uphold(seen_before, better(case), by=people.signer, now=NOW, reason="No, it does not.")
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingObjection.objects.filter(pk=objection.pk).update(decision_reason="another")


def test_upheld_on_notice_the_case_is_put_right_and_the_ranking_goes_back(marked, on_notice, case, people):
    digest = on_notice.digest
    draft = deciding.uphold(marked, better(case), by=people.signer, now=NOW, reason="The resident gave five.")
    on_notice.refresh_from_db()
    marked.refresh_from_db()
    assert draft == on_notice and on_notice.status == Ranking.Status.DRAFT and on_notice.digest != digest
    assert on_notice.computed_by == people.signer and marked.number in on_notice.reason
    assert marked.effect["recounted"] == 1 and marked.led_to == on_notice
    correction = CaseCorrection.objects.get()
    assert correction.changed == {"rating": [1, 5], "resolved": [correction.changed["resolved"][0], "yes"]}
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseCorrection.objects.update(reason="another")
    with pytest.raises(MoveRefused):
        actions.submit_for_review(on_notice, by=people.signer, now=NOW)
        actions.start_notice(on_notice, by=people.reviewer, now=NOW - timedelta(days=9))
        actions.publish(on_notice, by=people.signer, now=NOW)


def test_upheld_after_publication_there_is_a_revision_that_says_what_changed(published, case, people, client):
    objection = objection_to(published, case, now=NOW + timedelta(minutes=1))
    deciding.mark(objection, by=people.reviewer, now=NOW)
    draft = deciding.uphold(objection, better(case), by=people.signer, now=NOW, reason="The resident gave five.")
    published.refresh_from_db()
    assert (draft.revision, draft.status, published.status) == (2, "draft", "published")
    address = reverse("public-ranking-differences", args=[world.PERIOD])
    assert client.get(address).status_code == 404
    actions.submit_for_review(draft, by=people.computer, now=NOW)
    actions.start_notice(draft, by=people.reviewer, now=NOW - timedelta(days=9))
    actions.publish(draft, by=people.reviewer, now=NOW)
    page = client.get(address)
    assert page.status_code == 200
    assert [change.any.code for change in page.context["found"].recounted] == [case.estate.code]
    assert "The resident gave five." in page.content.decode()


def test_upheld_without_anything_put_right_is_refused_whole(marked, case, people):
    with pytest.raises(ValidationError, match="puts something right"):
        deciding.uphold(marked, [], by=people.signer, now=NOW, reason="Yes.")
    with pytest.raises(ValidationError):
        deciding.uphold(marked, [Correction(case, {"rating": case.rating})], by=people.signer, now=NOW, reason="Yes.")
    with pytest.raises(ValidationError, match="contradict"):
        wrong = Correction(case, {"handled_at": case.reported_at - timedelta(days=1)})
        deciding.uphold(marked, [wrong], by=people.signer, now=NOW, reason="Yes.")
    marked.refresh_from_db()
    assert marked.status == Status.MARKED and not CaseCorrection.objects.exists()


def test_only_facts_that_count_are_put_right(case, people):
    with pytest.raises(ValidationError, match="facts that count"):
        corrections.correct_case(case, {"case_no": "1"}, by=people.signer, now=NOW, reason="Because.")
    with pytest.raises(PermissionDenied):
        corrections.correct_case(case, {"rating": 5}, by=people.officer_east, now=NOW, reason="Because.")


def test_the_recount_shows_what_an_upheld_objection_does_and_writes_nothing(marked, case, people):
    audit = AuditEntry.objects.count()
    found = corrections.recount(marked, better(case), by=people.signer, now=NOW)
    assert (len(found.recounted), AuditEntry.objects.count(), CaseCorrection.objects.count()) == (1, audit, 0)
    deciding.uphold(marked, better(case), by=people.signer, now=NOW, reason="So it was.")
    after = differences.stored(corrections.latest_revision(world.PERIOD))
    standing = next(one for one in after if one.code == case.estate.code)
    assert found.recounted[0].after == standing


def test_other_rankings_that_counted_the_case_are_named(published, case, people):
    later = actions.compute_ranking(PERIOD.shift(1), now=NOW, by=people.computer).ranking
    objection = objection_to(published, case, now=NOW + timedelta(minutes=1))
    deciding.mark(objection, by=people.reviewer, now=NOW)
    deciding.uphold(objection, better(case), by=people.signer, now=NOW, reason="The resident gave five.")
    assert [one["title"] for one in CaseCorrection.objects.get().ripple] == [str(later)]


def test_the_pure_rule_counts_each_case_as_the_statement_does(db):
    from evaluations.models import RankingPolicy

    rule = RankingPolicy.objects.approved().first().rule
    start, end = PERIOD.shift(1 - rule.window_periods).start, PERIOD.end
    sums: dict[str, Counts] = {}
    for case in AppraisalCase.objects.select_related("estate").iterator():
        facts = corrections.facts_of(case)
        counted = rules.counted(facts, start, end, rule.level_weights)
        sums[facts.estate] = sums.get(facts.estate, Counts(0, 0, 0, 0, 0, 0)) + counted
    for row in count(start, end, (end - timedelta(days=1)).date(), rule):
        assert sums.get(row.estate_code, Counts(0, 0, 0, 0, 0, 0)) == row.counts, row.estate_code


@pytest.mark.django_db(transaction=False)
def test_an_objection_is_decided_by_one_of_two(marked, case, people):
    """The second finds it decided, whatever it wanted."""
    other = RankingObjection.objects.get(pk=marked.pk)
    deciding.uphold(marked, better(case), by=people.signer, now=NOW, reason="Yes.")
    with pytest.raises((LostRace, MoveRefused)):
        deciding.dismiss(other, by=people.computer, now=NOW, reason="No.")


# --- phone, evidence, withdrawal -----------------------------------------------------------------------------------------


def test_the_telephone_is_masked_and_shown_with_a_reason_on_record(client, marked, people):
    address = reverse("ranking-objection", args=[marked.number])
    client.force_login(people.signer)
    assert PHONE not in client.get(address).content.decode()
    asked = reverse("ranking-objection-phone", args=[marked.number])
    assert client.post(asked, {"reason": ""}).status_code == 422
    page = client.post(asked, {"reason": "To ask which case is meant."})
    assert PHONE in page.content.decode() and page["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(verb="reveal", subject=marked.number, by=people.signer).count() == 1
    client.force_login(people.auditor)
    assert client.post(asked, {"reason": "Curious."}).status_code == 403


def photo(**more) -> bytes:
    image, file = Image.new("RGB", (40, 30), "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x9286] = "SECRET PLACE"
    exif[0x010F] = "SECRET PHONE MAKER"
    image.save(file, "JPEG", exif=exif, **more)
    return file.getvalue()


def test_photos_lose_their_metadata_and_other_files_are_refused():
    assert b"SECRET" in photo()
    (clean,) = evidence.checked([SimpleUploadedFile("../../etc/my photo.JPG", photo())])
    assert b"SECRET" not in clean.content and clean.name == "my photo.jpg"
    bad = {
        "x.jpg": b"<script>alert(1)</script>", "x.svg": b"<svg onload='x'/>", "x.pdf": b"%PDF-1.4 no end",
        "x.png": photo()[:50], "x.exe": b"MZ" * 99,
    }  # fmt: skip
    for name, content in bad.items():
        with pytest.raises(ValidationError, match="neither an image"):
            evidence.checked([SimpleUploadedFile(name, content)])
    with pytest.raises(ValidationError, match="At most"):
        evidence.checked([SimpleUploadedFile("x.jpg", photo())] * 5)
    with pytest.raises(ValidationError, match="larger"):
        evidence.checked([SimpleUploadedFile("x.jpg", b"0" * (evidence.MAX_BYTES + 1))])


def test_evidence_is_given_to_those_who_see_the_objection(client, on_notice, case, people, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    clean = evidence.checked([SimpleUploadedFile("proof.jpg", photo())])
    entry = on_notice.entries.filter(district_code=world.EAST).select_related("ranking").first()
    claim = raising.Claim("other", "See the photo.", files=clean)
    objection = raising.raise_as_party(entry, claim, by=people.officer_east, now=NOW)
    address = reverse("ranking-objection-file", args=[objection.number, objection.files.get().pk])
    got = {}
    for name in ("signer", "auditor", "officer_east", "officer_west", "staff_of_enterprise", "nobody"):
        client.force_login(getattr(people, name))
        got[name] = client.get(address).status_code
    assert got == {
        "signer": 200, "auditor": 200, "officer_east": 200, "officer_west": 404, "staff_of_enterprise": 404, "nobody": 404,
    }  # fmt: skip
    client.force_login(people.signer)
    response = client.get(address)
    assert response["Content-Disposition"].startswith("attachment") and "sandbox" in response["Content-Security-Policy"]


def test_whoever_raised_it_withdraws_it_and_nobody_else(on_notice, case, people):
    objection = objection_to(on_notice, case)
    with pytest.raises(PermissionDenied):
        raising.withdraw(objection, by=people.signer)
    raising.withdraw(objection, by=None)
    assert objection.status == Status.WITHDRAWN
    with pytest.raises(MoveRefused):
        raising.withdraw(objection, by=None)


# --- pages ---------------------------------------------------------------------------------------------------------------


def form_of(ranking: Ranking, case: AppraisalCase) -> str:
    return reverse("public-objection-new", args=[ranking.period, case.estate.code])


def test_a_resident_objects_without_sign_in_and_follows_it(client, on_notice, case):
    page = client.get(form_of(on_notice, case))
    assert page.status_code == 200 and page["Cache-Control"].startswith("max-age=0")
    said = {"ground": "wrong_fact", "text": "It was handled on the 3rd.", "case_numbers": case.case_no, "phone": PHONE}
    done = client.post(form_of(on_notice, case), said | {"files": SimpleUploadedFile("a.jpg", photo())})
    objection = RankingObjection.objects.get()
    assert objection.number in done.content.decode() and objection.files.count() == 1
    status = reverse("objection-status")
    wrong = client.post(status, {"number": objection.number, "tail": "0000"})
    assert wrong.status_code == 404 and "No objection has" in wrong.content.decode()
    right = client.post(status, {"number": objection.number.lower(), "tail": PHONE[-4:]})
    assert right.status_code == 200 and "Received" in right.content.decode()
    assert PHONE not in right.content.decode()
    client.post(status, {"number": objection.number, "tail": PHONE[-4:], "withdraw": "1"})
    objection.refresh_from_db()
    assert objection.status == Status.WITHDRAWN


def test_a_number_cannot_be_tried_out(client, on_notice, case):
    objection = objection_to(on_notice, case)
    answers = [
        client.post(reverse("objection-status"), {"number": objection.number, "tail": f"{tail:04d}"}).status_code
        for tail in range(12)
    ]
    assert answers[:10] == [404] * 10 and answers[10:] == [429, 429]


def test_a_number_written_otherwise_is_the_same_number(client, on_notice, case):
    number = objection_to(on_notice, case).number
    spellings = [number[:at] + " " * width + number[at:] for at in range(1, 7) for width in (1, 2)]
    answers = [
        client.post(reverse("objection-status"), {"number": one, "tail": "0000"}).status_code for one in spellings
    ]
    assert answers == [404] * 10 + [429] * 2


def test_a_telephone_written_otherwise_is_the_same_telephone(on_notice, case):
    for place, phone in enumerate(("13912345678", "139 1234 5678", "139-1234-5678")):
        objection_to(on_notice, case, phone=phone, address=f"192.0.2.{place}")
    with pytest.raises(raising.TooMany, match="telephone"):
        objection_to(on_notice, case, phone="1391 2345678", address="192.0.2.9")


def test_behind_a_proxy_residents_do_not_share_one_limit(client, on_notice, case, monkeypatch):
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    said = {"ground": "wrong_fact", "text": "It was handled on the 3rd."}
    for place in range(7):
        sent = {"phone": f"1380000010{place}"}
        answer = client.post(form_of(on_notice, case), said | sent, headers={"x-forwarded-for": f"192.0.2.{place}"})
        assert answer.status_code == 200, place
    for place in range(6):
        sent = {"phone": f"1380000020{place}"}
        told = client.post(
            form_of(on_notice, case), said | sent, headers={"x-forwarded-for": f"1.1.1.{place}, 192.0.2.77"}
        )
    assert told.status_code == 429


def test_bad_input_gets_one_message_per_field(client, on_notice, case):
    address = form_of(on_notice, case)
    said = {"ground": "nonsense", "text": "x\x00", "case_numbers": " ".join(map(str, range(99))), "phone": "call me"}
    page = client.post(address, said)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"ground", "text", "case_numbers", "phone"}
    assert not RankingObjection.objects.exists()
    assert client.post(address, said | {"website": "http://x"}).status_code == 200
    assert not RankingObjection.objects.exists()
    assert client.get(reverse("public-objection-new", args=[on_notice.period, "no-such"])).status_code == 404
    assert client.get(reverse("public-objection-new", args=["2021-13-H9", case.estate.code])).status_code == 404


def test_the_entry_is_marked_for_everybody_once_an_official_marked_it(client, on_notice, case, people):
    objection = objection_to(on_notice, case)
    assert summing.marks_of(world.PERIOD) == {}
    deciding.mark(objection, by=people.reviewer, now=NOW)
    assert summing.marks_of(world.PERIOD) == {case.estate.code: "pending"}
    page = client.get(reverse("public-neighbourhood", args=[case.estate.code])).content.decode()
    assert "Objection being examined" in page
    deciding.dismiss(objection, by=people.signer, now=NOW, reason="It stands.")
    assert summing.marks_of(world.PERIOD) == {case.estate.code: "dismissed"}
    numbers = summing.numbers_of(world.PERIOD)
    assert (numbers.received, numbers.undecided, numbers.dismissed, numbers.upheld) == (1, 0, 1, 0)


def test_the_decision_page_previews_and_decides(client, marked, case, people):
    address = reverse("ranking-objection-decide", args=[marked.number])
    client.force_login(people.reviewer)
    assert client.get(address).status_code == 302
    client.force_login(people.signer)
    page = client.get(address)
    (form,) = page.context["forms"]
    said = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    said = {
        name: value.strftime("%Y-%m-%dT%H:%M:%S") if hasattr(value, "strftime") else value
        for name, value in said.items()
    }
    local = {
        name: timezone.localtime(form.initial[name.split("-")[-1]]).strftime("%Y-%m-%dT%H:%M:%S")
        for name in said if name.endswith("_at") and form.initial.get(name.split("-")[-1])
    }  # fmt: skip
    said |= local | {"seen": page.context["form"]["seen"].value(), "looked_at": page.context["looked_at"]}
    said |= {
        f"case-{case.pk}-rating": "5",
        f"case-{case.pk}-resolved": "yes",
        "reason": "Five it was.",
        "decision": "upheld",
    }
    preview = client.post(address, said | {"preview": "1"})
    assert preview.status_code == 200 and len(preview.context["found"].recounted) == 1
    assert not CaseCorrection.objects.exists()
    both = client.post(address, said | {"decision": "dismissed"})
    assert both.status_code == 422 and "puts nothing right" in both.content.decode()
    stale = client.post(address, said | {"seen": "x"})
    assert stale.status_code == 302 and not CaseCorrection.objects.exists()
    assert client.post(address, said).status_code == 302
    marked.refresh_from_db()
    assert marked.status == Status.UPHELD
    assert set(CaseCorrection.objects.get().changed) == {"rating", "resolved"}


def test_who_sees_which_objections(client, marked, people):
    got = {}
    for name in ("signer", "auditor", "officer_east", "street_staff_east", "inspector_east", "nobody"):
        client.force_login(getattr(people, name))
        got[name] = (
            client.get(reverse("ranking-objection-list")).status_code,
            client.get(reverse("ranking-objection", args=[marked.number])).status_code,
        )
    assert got == {
        "signer": (200, 200), "auditor": (200, 200), "officer_east": (200, 404), "street_staff_east": (200, 404),
        "inspector_east": (403, 404), "nobody": (403, 404),
    }  # fmt: skip
    for name in ("auditor", "officer_east"):
        client.force_login(getattr(people, name))
        answer = client.post(reverse("ranking-objection-mark", args=[marked.number])).status_code
        assert answer == {"auditor": 403, "officer_east": 404}[name]


# --- replies -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_entry(on_notice, people) -> RankingEntry:
    uscc = EnterpriseMembership.objects.get(user=people.staff_of_enterprise).enterprise.uscc
    return on_notice.entries.filter(enterprise_uscc=uscc).select_related("ranking").first()


def test_a_reply_shows_once_the_city_has_checked_it(client, own_entry, people):
    reply = replies.write(own_entry, "The lift was replaced in October.", by=people.staff_of_enterprise, now=NOW)
    address = reverse("public-neighbourhood", args=[own_entry.estate_code])
    assert reply.text not in client.get(address).content.decode()
    with pytest.raises(PermissionDenied):
        replies.approve(reply, by=people.officer_east, now=NOW)
    replies.approve(reply, by=people.reviewer, now=NOW)
    forget_all()
    assert reply.text in client.get(address).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        EntryReply.objects.filter(pk=reply.pk).update(text="another")


def test_one_current_reply_per_party(own_entry, people):
    first = replies.write(own_entry, "First.", by=people.staff_of_enterprise, now=NOW)
    second = replies.write(own_entry, "Second.", by=people.staff_of_enterprise, now=NOW)
    first.refresh_from_db()
    assert first.status == "replaced"
    replies.approve(second, by=people.reviewer, now=NOW)
    third = replies.write(own_entry, "Third.", by=people.staff_of_enterprise, now=NOW)
    assert [one.text for one in EntryReply.objects.public()] == ["Second."]
    replies.approve(third, by=people.reviewer, now=NOW)
    assert [one.text for one in EntryReply.objects.public()] == ["Third."]
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryReply.objects.filter(pk=second.pk).update(written_at=second.written_at)
        EntryReply.objects.create(
            ranking=own_entry.ranking, period=third.period, estate_code=third.estate_code, estate_name="x", party=third.party,
            party_code=third.party_code, party_name="x", text="x", written_by=people.nobody, written_at=NOW,
            status="approved", status_changed_at=NOW, checked_by=people.signer, checked_at=NOW,
        )  # fmt: skip


def test_a_reply_sent_back_says_why_and_is_never_shown(client, own_entry, people):
    client.force_login(people.staff_of_enterprise)
    written = client.post(
        reverse("ranking-reply-new", args=[own_entry.ranking.period, own_entry.estate_code]), {"text": "Li Si lies."}
    )
    assert written.status_code == 302
    reply = EntryReply.objects.get()
    client.force_login(people.signer)
    page = reverse("ranking-reply", args=[reply.pk])
    assert client.post(page, {"reason": ""}).status_code == 422
    client.post(page, {"reason": "Name no person."})
    reply.refresh_from_db()
    assert (reply.status, reply.return_reason) == ("sent_back", "Name no person.")
    client.force_login(people.officer_west)
    assert client.get(page).status_code == 404
    assert client.get(
        reverse("ranking-reply-new", args=[own_entry.ranking.period, own_entry.estate_code])
    ).status_code in (403, 404)
    with pytest.raises(ValidationError):
        replies.write(own_entry, "x" * 501, by=people.staff_of_enterprise, now=NOW)


def test_the_api_gives_numbers_and_replies_to_everybody_and_rows_to_officials(
    client, published, own_entry, case, people
):
    objection_to(published, case, now=NOW + timedelta(minutes=1))
    reply = replies.write(own_entry, "We have four lifts now.", by=people.staff_of_enterprise, now=NOW)
    replies.approve(reply, by=people.reviewer, now=NOW)
    numbers = client.get(f"/api/v1/rankings/{world.PERIOD}/objections/").json()
    assert (numbers["received"], numbers["undecided"], numbers["upheld"]) == (1, 1, 0)
    shown = client.get(f"/api/v1/rankings/{world.PERIOD}/replies/").json()["results"]
    assert [(one["estate_code"], one["text"]) for one in shown] == [(own_entry.estate_code, reply.text)]
    assert "written_by" not in shown[0]
    assert client.get("/api/v1/ranking-objections/").status_code == 401
    client.force_login(people.officer_east)
    client.force_login(people.auditor)
    rows = client.get(
        "/api/v1/ranking-objections/",
        headers={"Authorization": f"Token {world.token_for(people.auditor, 'rankings.view')}"},
    )
    assert rows.status_code == 200 and PHONE not in rows.content.decode()
    assert [row["estate_code"] for row in rows.json()["results"]] == [case.estate.code]


def test_the_page_of_an_upheld_objection_says_in_words_what_was_put_right(client, marked, case, people):
    deciding.uphold(marked, better(case), by=people.signer, now=NOW, reason="The resident gave five.")
    client.force_login(people.auditor)
    page = client.get(reverse("ranking-objection", args=[marked.number]))
    (correction,) = page.context["corrections"]
    assert ("rating", "Very dissatisfied", "Very satisfied") in [tuple(map(str, line)) for line in correction.lines]
