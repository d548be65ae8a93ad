"""From draft to publication by different people; every refusal in words; what is signed never changes."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import DatabaseError

from bulletins import actions
from bulletins.models import MonthlyBulletin
from bulletins.rules import Month
from evaluations.models import AppraisalCase
from evaluations.rules import digest
from portal.models import AuditEntry
from portal.webhooks.models import WebhookEvent
from tests.bulletins.conftest import NOW, OCTOBER

pytestmark = pytest.mark.django_db


def edit(bulletin, by, **changes):
    actions.edit_bulletin(bulletin, by=by, seen=bulletin.digest, **changes)


def test_a_month_is_composed_into_a_draft_with_a_text_and_numbers(bulletin, people):
    assert (bulletin.status, bulletin.number, bulletin.serial, bulletin.revision) == ("draft", 1, 1, 1)
    assert bulletin.title == "2021年10月份住宅小区公共服务评议情况"
    assert bulletin.authors == [people.computer.pk]
    assert all(check.holds for check in actions.checks(bulletin)), actions.checks(bulletin)
    september = actions.compose_bulletin(Month(2021, 9), by=people.computer, now=NOW)
    assert (september.number, september.serial) == (2, 2)


def test_only_ended_months_with_cases_are_composed_and_only_by_drafters(people):
    with pytest.raises(actions.BulletinRefused, match="has not ended"):
        actions.compose_bulletin(Month(2021, 11), by=people.computer, now=NOW)
    with pytest.raises(actions.BulletinRefused, match="no cases"):
        actions.compose_bulletin(Month(2019, 1), by=people.computer, now=NOW)
    for person in (people.officer_east, people.auditor):
        with pytest.raises(PermissionDenied):
            actions.compose_bulletin(OCTOBER, by=person, now=NOW)


def test_the_digest_is_that_of_everything_a_reader_sees(bulletin, people):
    before = bulletin.digest
    assert before == digest(bulletin.manifest)
    edit(bulletin, people.computer, title="2021年10月份评议情况")
    bulletin.refresh_from_db()
    assert bulletin.digest == digest(bulletin.manifest) != before


def test_an_unknown_figure_table_or_sign_is_refused_and_nothing_is_saved(bulletin, people):
    for text, said in (
        ("{{city.acept}}", "city.acept"),
        ("[[nothing]]", "nothing"),
        ("好" * 4001, "4001"),
        ("笑😀", "1F600"),
    ):
        with pytest.raises(ValidationError, match=said):
            edit(bulletin, people.computer, narrative=text)
        assert MonthlyBulletin.objects.get().narrative != text


def test_who_edits_becomes_an_author_and_a_stale_page_changes_nothing(bulletin, people):
    stale = bulletin.digest
    edit(bulletin, people.reviewer, narrative="好。")
    assert bulletin.authors == [people.computer.pk, people.reviewer.pk]
    with pytest.raises(actions.BulletinRefused, match="Somebody else"):
        actions.edit_bulletin(bulletin, by=people.computer, seen=stale, narrative="不好。")


def test_sums_that_do_not_agree_stop_it_and_the_difference_is_named(bulletin, people):
    bulletin.tables["districts"][0]["received"] += 3
    bulletin.save()
    with pytest.raises(actions.BulletinRefused, match=r"districts, received.*difference of \+3"):
        actions.submit_bulletin(bulletin, by=people.computer, now=NOW)


def test_cases_that_changed_since_stop_it(bulletin, people):
    case = AppraisalCase.objects.filter(reported_at__gte=OCTOBER.start, reported_at__lt=OCTOBER.end, excluded="")[0]
    AppraisalCase.objects.filter(pk=case.pk).update(excluded="duplicate")
    with pytest.raises(actions.BulletinRefused, match="cases still give"):
        actions.submit_bulletin(bulletin, by=people.computer, now=NOW)
    again = actions.compose_bulletin(OCTOBER, by=people.computer, now=NOW)
    assert again.pk == bulletin.pk and again.narrative == bulletin.narrative
    actions.submit_bulletin(again, by=people.computer, now=NOW)


def test_an_author_neither_reviews_nor_signs(bulletin, people):
    edit(bulletin, people.reviewer, narrative="{{city.received}}件。")
    actions.submit_bulletin(bulletin, by=people.computer, now=NOW)
    for author in (people.computer, people.reviewer):
        with pytest.raises(actions.BulletinRefused, match="neither reviews nor signs"):
            actions.review_bulletin(bulletin, by=author, now=NOW)
    with pytest.raises(actions.BulletinRefused, match="Nobody has reviewed"):
        actions.sign_bulletin(bulletin, by=people.signer, now=NOW)
    actions.review_bulletin(bulletin, by=people.signer, now=NOW)
    for author in (people.computer, people.reviewer):
        with pytest.raises(actions.BulletinRefused, match="neither reviews nor signs"):
            actions.sign_bulletin(bulletin, by=author, now=NOW)
        with pytest.raises(IntegrityError, match="signer_is_no_author"), transaction.atomic():
            MonthlyBulletin.objects.update(signed_by=author)
        with pytest.raises(IntegrityError, match="reviewer_is_no_author"), transaction.atomic():
            MonthlyBulletin.objects.update(reviewed_by=author)


def test_a_review_that_was_sent_back_is_void(reviewed, people):
    actions.send_back_bulletin(reviewed, by=people.reviewer, reason="数字有误")
    assert (reviewed.status, reviewed.reviewed_by) == ("draft", None)


def test_what_is_signed_never_changes(signed):
    rows = MonthlyBulletin.objects.filter(pk=signed.pk)
    for change in ({"narrative": "x"}, {"tables": {}}, {"signed_by": None}, {"title": "x"}, {"status": "draft"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
        rows.delete()


def test_publication_is_told_and_recorded(issued):
    event = WebhookEvent.objects.get(kind="bulletin.published")
    assert event.payload["month"] == "2021-10" and event.payload["digest"] == issued.digest
    verbs = list(
        AuditEntry.objects.filter(subject_type="monthlybulletin").order_by("id").values_list("verb", flat=True)
    )
    assert verbs == [f"bulletins.{verb}" for verb in ("compose", "submit", "review", "sign", "publish")]


def test_a_correction_is_a_new_revision_with_a_reason_and_replaces_the_old_one(issued, people):
    with pytest.raises(actions.BulletinRefused, match="needs a reason"):
        actions.compose_bulletin(OCTOBER, by=people.computer, now=NOW)
    correction = actions.compose_bulletin(OCTOBER, by=people.computer, now=NOW, reason="一件案件重复")
    assert (correction.revision, correction.number, correction.serial) == (2, issued.number, issued.serial)
    actions.submit_bulletin(correction, by=people.computer, now=NOW)
    actions.review_bulletin(correction, by=people.reviewer, now=NOW)
    actions.sign_bulletin(correction, by=people.signer, now=NOW)
    assert MonthlyBulletin.objects.published().get() == issued
    actions.publish_bulletin(correction, by=people.signer, now=NOW)
    issued.refresh_from_db()
    assert issued.status == "superseded"
    assert MonthlyBulletin.objects.published().get() == correction


def test_a_withdrawal_needs_a_reason_and_is_final(issued, people):
    with pytest.raises(ValidationError):
        actions.withdraw_bulletin(issued, by=people.signer, now=NOW, reason="  ")
    actions.withdraw_bulletin(issued, by=people.signer, now=NOW, reason="来源有误")
    assert WebhookEvent.objects.filter(kind="bulletin.withdrawn").exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        MonthlyBulletin.objects.update(status="published")
