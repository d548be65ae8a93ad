"""Who is told of what, in which words."""

import re

from django.utils import translation

from casedesk.actions import contacts, dispatch, exclusion, handling, reviews, supervision
from casedesk.actions.intake import Reporter
from casedesk.events import tell
from casedesk.models import CaseEvent
from enterprises.models import EnterpriseMembership
from portal.models import User
from portal.notices.models import Notice
from tests.casedesk.desk import HOUR, NOW
from tests.casedesk.rated import LATER, fresh, handled, rate, rating_of

PHONE = "13912347986"


def of_reporter(file, channel="sms"):
    return list(
        Notice.objects.filter(channel=channel, subject=file.case.case_no).order_by("pk").values_list("kind", flat=True)
    )


def of_user(user):
    return list(Notice.objects.filter(user=user, channel="portal").order_by("pk").values_list("kind", flat=True))


def test_the_reporter_hears_of_each_step_by_sms_and_e_mail(desk):
    file = handled(desk, phone=PHONE, email="li@example.org")
    steps = ["case-reported", "case-dispatched", "case-accepted", "rating-invited"]
    assert of_reporter(file) == of_reporter(file, "email") == steps


def test_who_left_no_address_is_told_nothing(desk):
    handled(desk, phone="")
    assert not Notice.objects.exclude(channel="portal").exists()


def test_texts_are_in_both_languages_short_and_without_personal_data(desk):
    file = handled(desk, phone=PHONE)
    for notice in Notice.objects.all():
        texts = [notice.title, notice.body, *(text for both in notice.translations.values() for text in both.values())]
        assert all(len(text) <= 240 for text in texts)
        assert not any(word in " ".join(texts) for word in (PHONE, PHONE[-4:], file.text))
    received = Notice.objects.get(kind="case-reported")
    assert file.tracking_code in received.body
    with translation.override("en"):
        assert received.told_title == f"Case {file.case.case_no} has been received"


def test_the_invitation_carries_the_link(desk):
    file = handled(desk, phone=PHONE)
    assert re.fullmatch(r"/rate/[\w-]{22}/", Notice.objects.get(kind="rating-invited").url)
    assert of_reporter(file)[-1] == "rating-invited"


def test_the_members_of_a_small_body_are_told_and_of_a_large_one_by_the_digest_only(desk):
    desk.dispatched()
    assert of_user(desk.staff) == of_user(desk.colleague) == ["case-dispatched"]
    for number in range(6):
        EnterpriseMembership.objects.create(user=User.objects.create(username=f"m{number}"), enterprise=desk.enterprise)
    desk.dispatched()
    assert of_user(desk.staff) == ["case-dispatched"]


def test_an_emergency_reaches_every_member(desk):
    for number in range(6):
        EnterpriseMembership.objects.create(user=User.objects.create(username=f"m{number}"), enterprise=desk.enterprise)
    desk.matter(urgency="emergency")  # dispatched at once
    assert Notice.objects.filter(kind="case-dispatched", channel="portal").count() == 8


def test_nobody_is_told_of_their_own_deed(desk):
    file = desk.accepted()
    handling.ask_extension(file, workdays=2, reason="Parts", by=desk.staff, now=NOW + 3 * HOUR, seen=None)
    handling.decide_extension(file, approve=True, reason="", by=desk.officer, now=NOW + 4 * HOUR, seen=None)
    assert of_user(desk.staff)[-1] == "case-extended"
    assert of_user(desk.officer) == []


def test_an_extension_tells_the_new_time_and_the_reason_without_numbers(desk):
    file = desk.accepted(reporter=Reporter(phone=PHONE))
    reason = "Parts are late, ask 13812345678"
    handling.ask_extension(file, workdays=2, reason=reason, by=desk.staff, now=NOW + 3 * HOUR, seen=None)
    handling.decide_extension(file, approve=True, reason="", by=desk.officer, now=NOW + 4 * HOUR, seen=None)
    told = Notice.objects.get(kind="case-extended", channel="sms")
    assert "***" in told.body
    assert "13812345678" not in told.body + told.title + str(told.translations)
    assert f"{fresh(file).case.handle_due_at.astimezone():%Y-%m-%d}" in told.title


def test_a_refused_extension_and_a_decided_objection_reach_who_asked(desk):
    file = desk.dispatched()
    dispatch.object_to_dispatch(file, reason="Not ours", by=desk.staff, now=NOW + 2 * HOUR, seen=None)
    dispatch.dismiss_objection(file, reason="It is", by=desk.officer, now=NOW + 3 * HOUR, seen=None)
    handling.accept_case(file, by=desk.staff, now=NOW + 4 * HOUR, seen=None)
    handling.ask_extension(file, workdays=2, reason="Parts", by=desk.staff, now=NOW + 5 * HOUR, seen=None)
    handling.decide_extension(file, approve=False, reason="No", by=desk.officer, now=NOW + 6 * HOUR, seen=None)
    assert of_user(desk.staff) == ["case-dispatched", "case-objection-dismissed", "case-extension-refused"]


def test_a_supervision_reaches_the_lead(desk):
    file = desk.accepted()
    supervision.supervise_case(file, demand="Today", by=desk.officer, now=NOW + 3 * HOUR, seen=None)
    assert of_user(desk.staff)[-1] == "case-supervised"


def test_a_bad_rating_reaches_the_lead_without_the_residents_words(desk):
    file = handled(desk, phone=PHONE)
    rate(file, 1, "no", text="Ask Wang Wu in 3-201")
    (told,) = Notice.objects.filter(user=desk.staff, kind="case-rated")
    assert told.body == ""
    rate(handled(desk), 5)
    assert Notice.objects.filter(kind="case-rated", user=desk.staff).count() == 1


def test_a_review_and_a_second_handling_are_told_to_both_sides(desk):
    file = handled(desk, phone=PHONE)
    rate(file, 1, "no")
    review = reviews.ask_review(rating_of(file), by=desk.staff, ground="malicious", evidence="Shown", now=LATER)
    reviews.decide_review(review, withdraw=False, by=desk.officer, reason="Not shown", now=LATER + HOUR)
    assert of_reporter(file)[-2:] == ["case-review-upheld", "case-reopened"]
    assert of_user(desk.staff)[-2:] == ["case-review-upheld", "case-reopened"]


def test_the_old_contact_is_told_of_its_change(desk):
    file = handled(desk, phone=PHONE)
    contacts.change_contact(file, phone="13955556666", email="", by=desk.city, reason="New", seen=None, now=LATER)
    assert Notice.objects.get(kind="case-contact-changed").phone == PHONE
    assert Notice.objects.filter(kind="rating-invited").order_by("-pk")[0].phone == "13955556666"


def test_an_exclusion_is_told_with_its_reason(desk):
    file = desk.matter(reporter=Reporter(phone=PHONE))
    exclusion.exclude_case(
        file, ground="out_of_scope", reason="A matter of the court", by=desk.officer, now=NOW, seen=None
    )
    assert "A matter of the court" in Notice.objects.get(kind="case-excluded").body


def test_what_the_reporter_may_not_read_is_not_told_them(desk):
    file = desk.matter(reporter=Reporter(phone=PHONE))
    tell(file.case, CaseEvent.Kind.EXCLUDED, at=NOW, text="inside", is_public=False)
    assert of_reporter(file) == ["case-reported"]


def test_a_case_of_another_system_tells_nobody(desk):
    file = desk.matter()
    Notice.objects.all().delete()
    other = type(file.case).objects.exclude(source="portal").first()
    tell(other, CaseEvent.Kind.ACCEPTED, at=NOW)
    assert not Notice.objects.exists()
