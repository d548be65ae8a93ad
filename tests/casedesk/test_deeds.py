"""Deeds on a case: who may, in which state, what stays a fact, and what happens when two act at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casedesk.actions import dispatch, exclusion, handling, links, supervision
from casedesk.models import CaseEvent, CaseFile, Dispatch, Extension, Handling, Supervision
from enterprises.models import Enterprise
from evaluations.models import AppraisalCase
from portal.models import Agency, AuditEntry, Grant, Region
from portal.notices.models import Notice
from portal.workflow import LostRace, MoveRefused
from tests.casedesk.desk import HOUR, NOW

DAY = timedelta(days=1)


def kinds(file) -> list[str]:
    return list(CaseEvent.objects.filter(case=file.case).values_list("kind", flat=True))


# --- the straight way -----------------------------------------------------------------------------------------------------


def test_a_case_goes_from_report_to_feedback(desk):
    file = desk.handled()
    assert file.status == "handled"
    assert file.case.enterprise == desk.enterprise
    assert file.case.accepted_at == NOW + 2 * HOUR
    assert file.case.handled_at == NOW + 5 * HOUR
    assert file.rating_until == NOW + 5 * HOUR + 7 * DAY
    assert kinds(file) == ["reported", "dispatched", "accepted", "handled"]
    verbs = set(AuditEntry.objects.filter(subject=str(file.case)).values_list("verb", flat=True))
    assert verbs == {"cases.enter", "cases.dispatch", "cases.accept", "cases.handle"}


def test_each_deed_makes_a_version_and_the_older_one_loses(desk):
    file = desk.matter()
    dispatch.dispatch_case(file, party=desk.enterprise, by=desk.officer, now=NOW, seen=1)
    with pytest.raises(LostRace):
        dispatch.dispatch_case(file, party=desk.enterprise, by=desk.other_officer, now=NOW, seen=1)
    assert desk.again(file).version == 2
    assert Dispatch.objects.filter(case=file.case).count() == 1


def test_a_joint_handler_sees_the_case_and_answers_once(desk, people):
    file = desk.matter()
    fire = Agency.objects.get(code="fire")
    assert not people.handler_fire.has_perm("cases.view", file.case)
    dispatch.dispatch_case(file, party=desk.enterprise, joint=[fire], by=desk.officer, now=NOW, seen=1)
    assert people.handler_fire.has_perm("cases.view", file.case)
    helper = Dispatch.objects.get(case=file.case).joint_handlers.get()
    with pytest.raises(MoveRefused, match="Only a member"):
        handling.answer_as_joint(helper, text="seen", by=desk.staff, now=NOW)
    handling.answer_as_joint(helper, text="seen", by=people.handler_fire, now=NOW)
    with pytest.raises(MoveRefused, match="answered already"):
        handling.answer_as_joint(helper, text="again", by=people.handler_fire, now=NOW)
    with pytest.raises(MoveRefused, match="Only a member"):  # it helps, it does not lead
        handling.accept_case(file, by=people.handler_fire, now=NOW, seen=None)


# --- who and when ---------------------------------------------------------------------------------------------------------


def test_only_the_lead_accepts(desk, people):
    file = desk.dispatched()
    for person in (desk.officer, desk.city, people.auditor, people.handler_fire, people.nobody):
        with pytest.raises(PermissionDenied):
            handling.accept_case(file, by=person, now=NOW + HOUR, seen=file.version)
    with pytest.raises(MoveRefused, match="Only a member of the leading party"):
        handling.accept_case(file, by=desk.street_staff, now=NOW + HOUR, seen=file.version)
    handling.accept_case(file, by=desk.colleague, now=NOW + HOUR, seen=file.version)


def test_the_catalogue_sends_to_enterprise_street_and_department(desk, people):
    for category, member in (("cleaning", desk.staff), ("dogs", desk.street_staff), ("fire_safety", desk.fire)):
        file = desk.matter(category)
        (outcome,) = dispatch.dispatch_many([(file, file.version)], by=desk.officer, now=NOW)
        assert not outcome.refusal
        handling.accept_case(outcome.file, by=member, now=NOW + HOUR, seen=None)


def test_another_districts_officer_dispatches_nothing_here(desk, people):
    with pytest.raises(PermissionDenied):
        dispatch.dispatch_case(desk.matter(), party=desk.enterprise, by=people.officer_west, now=NOW, seen=1)


def test_a_street_of_another_district_cannot_be_lead(desk):
    elsewhere = Region.objects.filter(level="street").exclude(parent=desk.street.parent).first()
    with pytest.raises(ValidationError, match="Not a street office of this district"):
        dispatch.dispatch_case(desk.matter(), party=elsewhere, by=desk.officer, now=NOW, seen=1)


def test_a_party_is_named_once(desk):
    with pytest.raises(ValidationError, match="named twice"):
        dispatch.dispatch_case(
            desk.matter(), party=desk.enterprise, joint=[desk.enterprise], by=desk.officer, now=NOW, seen=1
        )


def test_clear_matters_and_emergencies_go_at_once_and_only_once(desk):
    clear, urgent, other = desk.matter("lifts"), desk.matter("cleaning", urgency="emergency"), desk.matter("cleaning")
    assert dispatch.dispatch_by_catalogue(NOW) == 0
    assert [clear.status, urgent.status] == ["dispatched", "dispatched"]
    assert desk.again(other).status == "submitted"
    assert Dispatch.objects.filter(case=clear.case).get().sent_by is None


def test_of_many_each_goes_or_says_why_not(desk, people):
    fine, stale, gone = desk.matter(), desk.matter(), desk.dispatched()
    unknown = desk.matter("no such category")
    outcomes = dispatch.dispatch_many(
        [(fine, 1), (stale, 7), (gone, gone.version), (unknown, 1)], by=desk.officer, now=NOW + HOUR
    )
    assert [bool(one.refusal) for one in outcomes] == [False, True, True, True]
    assert desk.again(fine).status == "dispatched"
    assert [desk.again(one).status for one in (stale, unknown)] == ["submitted", "submitted"]
    refused = dispatch.dispatch_many([(stale, 1)], by=people.officer_west, now=NOW)
    assert refused[0].refusal


# --- objection ------------------------------------------------------------------------------------------------------------


def test_an_upheld_objection_counts_a_pass_and_the_third_is_the_superiors(desk):
    file = desk.matter()
    for count in (1, 2, 3):
        file = dispatch.dispatch_case(file, party=desk.enterprise, by=desk.officer, now=NOW, seen=file.version)
        file = dispatch.object_to_dispatch(file, reason="not ours", by=desk.staff, now=NOW, seen=file.version)
        file = dispatch.uphold_objection(file, reason="right", by=desk.other_officer, now=NOW, seen=file.version)
        assert (file.passes, file.status, file.case.enterprise) == (count, "submitted", None)
    held = Supervision.objects.get(case=file.case)
    assert (held.trigger, held.level, held.number) == ("no_lead", "city", "DB-20211110-000001")
    with pytest.raises(MoveRefused, match="found no lead"):
        dispatch.dispatch_case(file, party=desk.enterprise, by=desk.officer, now=NOW, seen=None)
    assert supervision.raise_supervisions(NOW + HOUR) == 0
    dispatch.dispatch_case(file, party=desk.enterprise, by=desk.city, now=NOW, seen=None)
    handling.accept_case(file, by=desk.staff, now=NOW + HOUR, seen=None)
    held.refresh_from_db()
    assert held.status == "closed"


def test_an_objection_is_due_in_a_working_day_and_decided_by_somebody_else(desk):
    file = desk.dispatched()
    file = dispatch.object_to_dispatch(file, reason="not ours", by=desk.staff, now=NOW, seen=file.version)
    row = Dispatch.objects.get(case=file.case)
    assert row.review_due_at == (NOW + 2 * DAY).replace(hour=0)
    with pytest.raises(MoveRefused, match="not been decided"):
        handling.accept_case(file, by=desk.staff, now=NOW, seen=None)
    with pytest.raises(PermissionDenied):
        dispatch.dismiss_objection(file, reason="yours", by=desk.colleague, now=NOW, seen=None)
    with pytest.raises(ValidationError, match="reason"):
        dispatch.dismiss_objection(file, reason=" ", by=desk.officer, now=NOW, seen=None)
    dispatch.dismiss_objection(file, reason="yours", by=desk.officer, now=NOW, seen=None)
    with pytest.raises(MoveRefused, match="was dismissed"):
        dispatch.object_to_dispatch(file, reason="still not", by=desk.staff, now=NOW, seen=None)
    assert handling.accept_case(file, by=desk.staff, now=NOW, seen=None).passes == 0


def test_a_recall_before_acceptance_counts_as_a_pass_one_after_does_not(desk):
    file = desk.dispatched()
    file = dispatch.recall_dispatch(file, reason="wrong one", by=desk.officer, now=NOW + HOUR, seen=file.version)
    assert (file.passes, file.status) == (1, "submitted")
    file = desk.accepted()
    file = dispatch.recall_dispatch(file, reason="they left", by=desk.officer, now=NOW + 3 * HOUR, seen=file.version)
    assert (file.passes, file.case.accepted_at) == (0, NOW + 2 * HOUR)
    other = Enterprise.objects.exclude(pk=desk.enterprise.pk).first()
    file = dispatch.dispatch_case(file, party=other, by=desk.officer, now=NOW + 4 * HOUR, seen=file.version)
    assert Dispatch.objects.filter(case=file.case).count() == 2


# --- more time ------------------------------------------------------------------------------------------------------------


def test_an_extension_is_granted_once_by_somebody_else_and_moves_the_due_time(desk):
    file = desk.accepted()
    due = file.case.handle_due_at
    assert due == (NOW + 8 * DAY).replace(hour=0)  # five working days from a Wednesday: all of the next Wednesday
    handling.ask_extension(file, workdays=2, reason="parts", by=desk.staff, now=NOW + DAY, seen=file.version)
    with pytest.raises(MoveRefused, match="asked for already"):
        handling.ask_extension(file, workdays=2, reason="parts", by=desk.colleague, now=NOW + DAY, seen=None)
    with pytest.raises(PermissionDenied):
        handling.decide_extension(file, approve=True, reason="", by=desk.colleague, now=NOW + DAY, seen=None)
    row = handling.decide_extension(file, approve=True, reason="", by=desk.officer, now=NOW + DAY, seen=None)
    file = desk.again(file)
    assert row.new_due_at == file.case.handle_due_at == due + 2 * DAY
    assert file.handle_clock["extension"]["limit"] == [2, "workdays"]
    with pytest.raises(MoveRefused, match="extended once"):
        handling.ask_extension(file, workdays=1, reason="more", by=desk.staff, now=NOW + DAY, seen=None)
    assert Notice.objects.filter(kind="case-extended", email="li@example.org").count() == 1


@pytest.mark.parametrize("workdays", [0, 11])
def test_an_extension_adds_one_to_ten_working_days(desk, workdays):
    with pytest.raises(ValidationError, match="working days"):
        handling.ask_extension(
            desk.accepted(), workdays=workdays, reason="parts", by=desk.staff, now=NOW + DAY, seen=None
        )


def test_a_refused_extension_changes_nothing_and_needs_a_reason(desk):
    file = desk.accepted()
    handling.ask_extension(file, workdays=2, reason="parts", by=desk.staff, now=NOW + DAY, seen=None)
    with pytest.raises(ValidationError, match="reason"):
        handling.decide_extension(file, approve=False, reason="", by=desk.officer, now=NOW + DAY, seen=None)
    handling.decide_extension(file, approve=False, reason="no", by=desk.officer, now=NOW + DAY, seen=None)
    assert desk.again(file).case.handle_due_at == file.case.handle_due_at
    assert Extension.objects.get(case=file.case).status == "refused"


def test_no_extension_after_the_due_time(desk):
    with pytest.raises(MoveRefused, match="has passed"):
        handling.ask_extension(
            desk.accepted(), workdays=2, reason="parts", by=desk.staff, now=NOW + 9 * DAY, seen=None
        )  # fmt: skip


# --- feedback -------------------------------------------------------------------------------------------------------------


def test_late_feedback_says_why(desk):
    file = desk.accepted()
    late = file.case.handle_due_at + HOUR
    with pytest.raises(ValidationError, match="say why"):
        desk.handle(file, now=late)
    assert desk.handle(file, now=late, late_reason="no parts").late_reason == "no parts"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "长" * 501}, "text"),
        ({"result": "magic"}, "result"),
        ({"finished_at": NOW - HOUR}, "finished_at"),
        ({"finished_at": NOW + 2 * DAY}, "finished_at"),
    ],
)
def test_feedback_that_is_wrong_is_refused_by_field(desk, wrong, field):
    file = desk.accepted()
    with pytest.raises(ValidationError) as refused:
        desk.handle(file, now=NOW + DAY, **wrong)
    assert list(refused.value.message_dict) == [field]
    assert not Handling.objects.filter(case=file.case).exists()


def test_a_copied_reply_and_a_missing_photograph_are_warned_of(desk):
    desk.handle(desk.accepted(), now=NOW + DAY, text="已安排工作人员到现场处理完毕，感谢您的反馈与支持。")
    file = desk.accepted()
    copied = handling.reply_warnings(file, text="已安排工作人员到现场处理完毕,感谢您的反馈与支持", result="solved")
    assert len(copied) == 2
    assert handling.reply_warnings(file, text="换了三楼和五楼的灯管", result="not_now") == []


def test_a_later_round_leaves_the_facts_of_the_first(desk):
    file = desk.handled()
    CaseFile.objects.filter(pk=file.pk).update(
        status="reopened", round=2, round_opened_at=NOW + DAY, round_due_at=NOW + 3 * DAY
    )
    desk.handle(desk.again(file), now=NOW + 2 * DAY, text="又修了一次")
    file = desk.again(file)
    assert (file.status, file.case.handled_at) == ("handled", NOW + 5 * HOUR)
    assert list(Handling.objects.filter(case=file.case).values_list("round", flat=True)) == [1, 2]


# --- cases about the same matter ------------------------------------------------------------------------------------------


def test_linked_cases_go_along_and_keep_their_own_facts(desk):
    first, second = desk.matter(), desk.matter(now=NOW + HOUR)
    second = links.link_duplicate(second, primary=first, reason="same lamp", by=desk.officer, now=NOW + HOUR, seen=1)
    with pytest.raises(MoveRefused, match="goes along"):
        dispatch.dispatch_case(second, party=desk.enterprise, by=desk.officer, now=NOW + HOUR, seen=None)
    first = dispatch.dispatch_case(
        desk.again(first), party=desk.enterprise, by=desk.officer, now=NOW + 2 * HOUR, seen=None
    )
    first = handling.accept_case(first, by=desk.staff, now=NOW + 3 * HOUR, seen=None)
    desk.handle(first, now=NOW + 4 * HOUR)
    second = desk.again(second)
    assert (second.status, second.case.accepted_at, second.case.handled_at) == (
        "handled", NOW + 3 * HOUR, NOW + 4 * HOUR,
    )  # fmt: skip
    assert second.case.accept_due_at == NOW + HOUR + DAY
    assert second.rating_until == NOW + 4 * HOUR + 7 * DAY


def test_a_link_to_a_case_in_hand_catches_up_and_can_be_taken_back(desk):
    first = desk.accepted()
    second = desk.matter(now=NOW + 3 * HOUR)
    second = links.link_duplicate(second, primary=first, reason="same", by=desk.officer, now=NOW + 4 * HOUR, seen=1)
    assert (second.status, second.case.accepted_at) == ("accepted", NOW + 4 * HOUR)
    second = links.unlink_duplicate(second, reason="not the same", by=desk.officer, now=NOW + 5 * HOUR, seen=None)
    desk.handle(desk.again(first), now=NOW + 6 * HOUR)
    assert desk.again(second).status == "accepted"
    desk.handle(desk.again(second), now=NOW + 7 * HOUR)


def test_a_link_is_refused_where_it_makes_no_sense(desk):
    first, second = desk.matter(), desk.matter()
    links.link_duplicate(second, primary=first, reason="same", by=desk.officer, now=NOW, seen=None)
    third, handled = desk.matter(), desk.handled()
    late = desk.matter(now=NOW + 31 * DAY)
    for file, primary in ((third, second), (third, third), (third, handled), (late, first)):
        with pytest.raises(ValidationError):
            links.link_duplicate(file, primary=primary, reason="same", by=desk.officer, now=NOW, seen=None)
    with pytest.raises(MoveRefused, match="linked already"):
        links.link_duplicate(second, primary=third, reason="same", by=desk.officer, now=NOW, seen=None)
    with pytest.raises(MoveRefused, match="within 30 days"):
        links.unlink_duplicate(second, reason="no", by=desk.officer, now=NOW + 31 * DAY, seen=None)


# --- exclusion, category, notes -------------------------------------------------------------------------------------------


def test_an_exclusion_is_taken_back_to_where_the_case_stood(desk):
    file = desk.accepted()
    file = exclusion.exclude_case(
        file, ground="out_of_scope", reason="a private dispute", by=desk.officer, now=NOW, seen=None
    )
    assert (file.status, file.case.excluded) == ("excluded", "out_of_scope")
    file = exclusion.include_case(file, reason="it is ours", by=desk.officer, now=NOW, seen=None)
    assert (file.status, file.case.excluded) == ("accepted", "")
    desk.handle(file, now=NOW + 4 * HOUR)


def test_after_a_bad_rating_an_exclusion_takes_two_people(desk):
    file = desk.handled()
    AppraisalCase.objects.filter(pk=file.pk).update(rating=1, resolved="no", rated_at=NOW + DAY)
    given = {"ground": "malicious", "reason": "see recording", "now": NOW + DAY, "seen": None}
    with pytest.raises(MoveRefused, match="another one decides"):
        exclusion.exclude_case(file, by=desk.officer, **given)
    exclusion.propose_exclusion(file, by=desk.officer, **given)
    with pytest.raises(MoveRefused, match="another one decides"):
        exclusion.exclude_case(file, by=desk.officer, **given)
    assert exclusion.exclude_case(file, by=desk.other_officer, **given).status == "excluded"


def test_the_handler_excludes_nothing(desk):
    with pytest.raises(PermissionDenied):
        exclusion.exclude_case(desk.accepted(), ground="malicious", reason="x", by=desk.staff, now=NOW, seen=None)


def test_another_category_computes_the_due_times_anew_and_says_what_they_were(desk):
    file = desk.dispatched()
    was = file.case.handle_due_at
    file = exclusion.reclassify_case(
        file, category="cleaning", urgency="normal", reason="wrong", by=desk.officer, now=NOW + HOUR, seen=None
    )
    assert file.case.handle_due_at == (NOW + 3 * DAY).replace(hour=0) < was
    event = CaseEvent.objects.get(case=file.case, kind="reclassified")
    assert event.is_public
    assert event.data["was"]["handle_due_at"] == was.isoformat()
    assert event.data["handle_due_at"] == file.case.handle_due_at.isoformat()
    with pytest.raises(ValidationError, match="Nothing would change"):
        exclusion.reclassify_case(
            file, category="cleaning", urgency="normal", reason="x", by=desk.officer, now=NOW, seen=None
        )
    with pytest.raises(ValidationError, match="no such category"):
        exclusion.reclassify_case(
            file, category="moon", urgency="normal", reason="x", by=desk.officer, now=NOW, seen=None
        )


def test_a_note_is_not_for_the_resident(desk, people):
    file = desk.accepted()
    assert not exclusion.add_note(file, text="called twice", by=desk.staff, now=NOW).is_public
    with pytest.raises(PermissionDenied):
        exclusion.add_note(file, text="hello", by=people.officer_west, now=NOW)


# --- supervision ----------------------------------------------------------------------------------------------------------


def test_what_is_overdue_by_a_day_is_supervised_once(desk):
    file = desk.accepted()
    due = file.case.handle_due_at
    assert supervision.raise_supervisions(due + 24 * HOUR) == 0
    assert supervision.raise_supervisions(due + 25 * HOUR) == 1
    assert supervision.raise_supervisions(due + 26 * HOUR) == 0
    row = Supervision.objects.get(case=file.case)
    assert (row.trigger, row.level, row.office.level) == ("overdue", "district", "district")
    supervision.close_supervision(row, reason="promised", by=desk.officer, now=due + 27 * HOUR, seen=None)
    assert supervision.raise_supervisions(due + 28 * HOUR) == 0


def test_a_supervision_is_answered_by_the_lead_and_decided_by_the_post(desk, people):
    file = desk.accepted()
    row = supervision.supervise_case(file, demand="Hurry.", by=desk.city, now=NOW + DAY, seen=None)
    assert (row.level, row.due_at) == ("city", (NOW + 7 * DAY).replace(hour=0))
    with pytest.raises(MoveRefused, match="open already"):
        supervision.supervise_case(file, demand="Again.", by=desk.officer, now=NOW + DAY, seen=None)
    with pytest.raises(PermissionDenied):
        supervision.answer_supervision(row, text="soon", by=desk.officer, now=NOW + DAY, seen=None)
    supervision.answer_supervision(row, text="soon", by=desk.staff, now=NOW + DAY, seen=None)
    with pytest.raises(MoveRefused, match="holds this supervision"):
        supervision.return_supervision(row, reason="when?", by=desk.officer, now=NOW + DAY, seen=None)
    supervision.return_supervision(row, reason="when?", by=desk.city, now=NOW + 2 * DAY, seen=None)
    supervision.answer_supervision(row, text="on Friday", by=desk.colleague, now=NOW + 2 * DAY, seen=None)
    supervision.close_supervision(row, reason="done", by=desk.city, now=NOW + 3 * DAY, seen=None)
    row.refresh_from_db()
    assert (row.status, row.answers.count()) == ("closed", 2)
    with pytest.raises(MoveRefused, match="closed already"):
        supervision.close_supervision(row, reason="done", by=desk.city, now=NOW + 3 * DAY, seen=None)


def test_a_vacant_district_falls_to_the_city(desk):
    file = desk.accepted()
    Grant.objects.filter(region=desk.street.parent).update(region=Region.objects.get(level="city"))
    supervision.raise_supervisions(file.case.handle_due_at + 25 * HOUR)
    assert Supervision.objects.get(case=file.case).level == "city"


def test_where_nobody_holds_any_post_it_is_still_the_citys(desk):
    file = desk.accepted()
    Grant.objects.all().delete()
    supervision.raise_supervisions(file.case.handle_due_at + 25 * HOUR)
    assert Supervision.objects.get(case=file.case).level == "city"
