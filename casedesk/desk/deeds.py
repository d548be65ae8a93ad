"""What may be done with a case and by whom: each deed names its action, its form and why it may be closed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casedesk import parties, photos, situation
from casedesk.actions import dispatch, exclusion, handling, links, reviews, supervision
from casedesk.desk import forms
from casedesk.models import CaseFile, CasePhoto, JointHandler, Supervision
from casedesk.situation import Situation
from portal.models import User
from portal.roles import Permission

Status, P = CaseFile.Status, Permission
Obstacle = Callable[[Situation, datetime], str]


@dataclass(frozen=True)
class Deed:
    """One deed. ``applies``: whether it is offered at all; ``obstacle``: why it is closed now, the text beside its grey button.

    ``run`` gets the case's situation, the form (valid) and who acts when; it raises what its action raises.
    """

    verb: str
    title: str | Promise
    done: str | Promise
    icon: str
    permission: Permission
    form: type[forms.DeedForm]
    applies: Callable[[Situation], bool]
    obstacle: Obstacle
    run: Callable[[Situation, Any, Mapping[str, Any]], object]
    consequence: str | Promise = ""
    is_next_step: bool = False
    is_harmful: bool = False


def _in(*statuses: str) -> Callable[[Situation], bool]:
    return lambda s: s.file.status in statuses


def _objected(s: Situation) -> bool:
    return s.dispatch is not None and s.dispatch.status == "objected"


def _asked(s: Situation) -> bool:
    return s.extension is not None and s.extension.status == "asked"


def _supervision(s: Situation, *statuses: str) -> Supervision | None:
    return next((one for one in s.supervisions if one.status in statuses), None)


def _mine(s: Situation, *statuses: str) -> Supervision | None:
    """The supervision in ``statuses`` that the person holds, else the first."""
    found = [one for one in s.supervisions if one.status in statuses]
    held = [one for one in found if situation.holds_office(s.by, one, P.SUPERVISE_CASES)]
    return (held or found or [None])[0]


def _joint(s: Situation) -> JointHandler | None:
    """The joint handler of this case as whose member the person may answer."""
    if s.dispatch is None or s.by is None:
        return None
    rows = s.dispatch.joint_handlers.select_related("enterprise", "agency", "street")
    return next((one for one in rows if parties.acts_for(s.by, one.party, P.HANDLE_CASES)), None)


def _dispatch(s: Situation, form: forms.DispatchForm, who: Mapping[str, Any]) -> None:
    dispatch.dispatch_case(
        s.file, party=form.party, joint=form.joint_parties, note=form.cleaned_data["note"], **who
    )  # fmt: skip


def _handle(s: Situation, form: forms.HandleForm, who: Mapping[str, Any]) -> None:
    given = form.cleaned_data
    told = {name: given[name] for name in ("result", "text", "finished_at", "late_reason")}
    with photos.cleaned_on_failure(), transaction.atomic():
        round_ = s.file.round
        handling.handle_case(s.file, **told, **who)
        for photograph in given["photos"]:
            photos.store_photo(
                s.case, photograph, kind=CasePhoto.Kind.HANDLED, now=who["now"], by=who["by"], round=round_
            )  # fmt: skip


def _exclude(s: Situation, form: forms.ExclusionForm, who: Mapping[str, Any]) -> None:
    exclusion.exclude_case(s.file, ground=form.cleaned_data["ground"], reason=form.cleaned_data["reason"], **who)


def _reclassify(s: Situation, form: forms.ReclassifyForm, who: Mapping[str, Any]) -> None:
    asked = {name: form.cleaned_data[name] for name in ("category", "urgency", "reason")}
    exclusion.reclassify_case(s.file, **asked, **who)


def _link(s: Situation, form: forms.LinkForm, who: Mapping[str, Any]) -> None:
    links.link_duplicate(s.file, primary=form.cleaned_data["primary"], reason=form.cleaned_data["reason"], **who)


def _note(s: Situation, form: forms.NoteForm, who: Mapping[str, Any]) -> None:
    exclusion.add_note(s.file, text=form.cleaned_data["text"], by=who["by"], now=who["now"])


def _answer_as_joint(s: Situation, form: forms.AnswerForm, who: Mapping[str, Any]) -> None:
    row = _joint(s)
    assert row is not None
    handling.answer_as_joint(row, text=form.cleaned_data["text"], by=who["by"], now=who["now"])


def _with_reason(action: Callable[..., object]) -> Callable[[Situation, Any, Mapping[str, Any]], object]:
    return lambda s, form, who: action(s.file, reason=form.cleaned_data["reason"], **who)


def _on_supervision(
    action: Callable[..., object], find: Callable[[Situation], Supervision | None], name: str
) -> Callable[[Situation, Any, Mapping[str, Any]], object]:
    return lambda s, form, who: action(find(s), **{name: form.cleaned_data[name]}, **who)


def _on(find: Callable[[Situation], Supervision | None], obstacle: Callable[[Situation, Supervision], str]) -> Obstacle:
    return lambda s, now: obstacle(s, row) if (row := find(s)) else ""


def _open(s: Situation) -> Supervision | None:
    return _supervision(s, "open")


def _answered(s: Situation) -> Supervision | None:
    return _mine(s, "answered")


def _standing(s: Situation) -> Supervision | None:
    return _mine(s, "open", "answered")


DEEDS = {
    deed.verb: deed
    for deed in (
        Deed(
            "dispatch", _("Dispatch"), _("Dispatched."), "send", P.DISPATCH_CASES, forms.DispatchForm,
            _in(Status.SUBMITTED), lambda s, now: s.obstacle_to_dispatch(), _dispatch,
            _("The leading party and the joint handlers are told. The clocks have been running since the report."),
            is_next_step=True,
        ),
        Deed(
            "accept", _("Accept"), _("Accepted."), "circle-check", P.HANDLE_CASES, forms.DeedForm,
            _in(Status.DISPATCHED), lambda s, now: s.obstacle_to_accept(),
            lambda s, form, who: handling.accept_case(s.file, **who),
            _("Your body answers for the case from now on; the resident reads that."), is_next_step=True,
        ),
        Deed(
            "object", _("Object to the dispatch"), _("Objected. Somebody else decides within a working day."),
            "arrow-back-up", P.HANDLE_CASES, forms.ReasonForm, _in(Status.DISPATCHED),
            lambda s, now: s.obstacle_to_object(), _with_reason(dispatch.object_to_dispatch),
            _("Somebody else decides within a working day. The clocks run on."),
        ),
        Deed(
            "uphold", _("Uphold the objection"), _("Upheld: the case waits for dispatch again."), "gavel", P.DECIDE_CASES,
            forms.ReasonForm, _objected, lambda s, now: s.obstacle_to_review(), _with_reason(dispatch.uphold_objection),
            _("The case waits for dispatch again, with one more pass without a lead."),
        ),
        Deed(
            "dismiss", _("Dismiss the objection"), _("Dismissed: the lead has to accept."), "gavel", P.DECIDE_CASES,
            forms.ReasonForm, _objected, lambda s, now: s.obstacle_to_review(), _with_reason(dispatch.dismiss_objection),
            _("The lead has to accept; it cannot object to this dispatch again."),
        ),
        Deed(
            "recall", _("Recall and dispatch anew"), _("Recalled: the case waits for dispatch."), "user-share",
            P.DECIDE_CASES, forms.ReasonForm, _in(Status.DISPATCHED, Status.ACCEPTED),
            lambda s, now: s.obstacle_to_recall(), _with_reason(dispatch.recall_dispatch),
            _("The lead loses the case. Recalled before acceptance it counts as a pass without a lead."), is_harmful=True,
        ),
        Deed(
            "ask-extension", _("Ask for more time"), _("Asked. Somebody else decides."), "clock-plus", P.HANDLE_CASES,
            forms.ExtensionForm, _in(Status.ACCEPTED), lambda s, now: s.obstacle_to_extension(now),
            lambda s, form, who: handling.ask_extension(
                s.file, workdays=form.cleaned_data["workdays"], reason=form.cleaned_data["reason"], **who
            ),
            _("Possible once. Until it is granted the due time stays."),
        ),
        Deed(
            "grant-extension", _("Grant more time"), _("Granted; the resident is told."), "clock-check", P.DECIDE_CASES,
            forms.DecisionForm, _asked, lambda s, now: s.obstacle_to_decide_extension(),
            lambda s, form, who: handling.decide_extension(
                s.file, approve=True, reason=form.cleaned_data["reason"], **who
            ),
            _("The due time of handling moves, and the resident is told the new one with the reason."),
        ),
        Deed(
            "refuse-extension", _("Refuse more time"), _("Refused; the due time stays."), "clock-x", P.DECIDE_CASES,
            forms.ReasonForm, _asked, lambda s, now: s.obstacle_to_decide_extension(),
            lambda s, form, who: handling.decide_extension(
                s.file, approve=False, reason=form.cleaned_data["reason"], **who
            ),
            _("The due time stays."),
        ),
        Deed(
            "handle", _("Send the feedback"), _("Sent; the resident is asked to rate it."), "send", P.HANDLE_CASES,
            forms.HandleForm, _in(*situation.IN_HAND), lambda s, now: s.obstacle_to_handle(), _handle,
            _("The resident reads it and is asked to rate it."), is_next_step=True,
        ),
        Deed(
            "joint-answer", _("Answer as joint handler"), _("Answered."), "message-2", P.HANDLE_CASES, forms.AnswerForm,
            lambda s: _joint(s) is not None,
            lambda s, now: handling.obstacle_to_answer_as_joint(_joint(s), s.by), _answer_as_joint,
            _("The lead and the offices read it; the resident does not."),
        ),
        Deed(
            "answer-supervision", _("Answer the supervision"), _("Answered."), "message-2", P.HANDLE_CASES,
            forms.AnswerForm, lambda s: _open(s) is not None, _on(_open, situation.obstacle_to_answer),
            _on_supervision(supervision.answer_supervision, _open, "text"), _("The post that holds it reads the answer."),
        ),
        Deed(
            "supervise", _("Raise a supervision"), _("Raised."), "speakerphone", P.SUPERVISE_CASES, forms.DemandForm,
            _in(Status.SUBMITTED, Status.DISPATCHED, Status.ACCEPTED, Status.REOPENED, Status.HANDLED),
            lambda s, now: situation.obstacle_to_supervise(s),
            lambda s, form, who: supervision.supervise_case(s.file, demand=form.cleaned_data["demand"], **who),
            _("The lead has three working days to answer. The resident reads that there is a supervision."),
        ),
        Deed(
            "return-supervision", _("Send the answer back"), _("Sent back."), "arrow-back-up", P.SUPERVISE_CASES,
            forms.ReasonForm, lambda s: _answered(s) is not None, _on(_answered, situation.obstacle_to_return),
            _on_supervision(supervision.return_supervision, _answered, "reason"), _("The lead has to answer anew."),
        ),
        Deed(
            "close-supervision", _("Close the supervision"), _("Closed."), "circle-check", P.SUPERVISE_CASES,
            forms.ReasonForm, lambda s: _standing(s) is not None, _on(_standing, situation.obstacle_to_close),
            _on_supervision(supervision.close_supervision, _standing, "reason"), _("The reason stays in the record."),
        ),
        Deed(
            "link", _("Link with another case"), _("Linked: it goes along from now on."), "link", P.DISPATCH_CASES,
            forms.LinkForm, lambda s: s.file.duplicate_of_id is None and s.file.status in (Status.SUBMITTED, Status.DISPATCHED),
            lambda s, now: s.obstacle_to_link(), _link,
            _("It is dispatched, accepted and handled with the other case, and keeps its own due times and its own rating."),
        ),
        Deed(
            "unlink", _("Take the link back"), _("Taken back: it goes on alone."), "unlink", P.DISPATCH_CASES,
            forms.ReasonForm, lambda s: s.file.duplicate_of_id is not None, lambda s, now: s.obstacle_to_unlink(now),
            _with_reason(links.unlink_duplicate), _("It goes on alone from where it stands."),
        ),
        Deed(
            "reclassify", _("Change category or urgency"), _("Changed; the due times were computed anew."), "category",
            P.DECIDE_CASES, forms.ReclassifyForm, _in(Status.SUBMITTED, Status.DISPATCHED, Status.ACCEPTED),
            lambda s, now: s.obstacle_to_reclassify(), _reclassify,
            _("The due times are computed anew from the report. The timeline says what they were and why they changed."),
        ),
        Deed(
            "propose-exclusion", _("Propose exclusion"), _("Proposed. Somebody else decides."), "ban", P.DECIDE_CASES,
            forms.ExclusionForm, lambda s: s.is_badly_rated and s.file.status != Status.EXCLUDED and s.proposal is None,
            lambda s, now: s.obstacle_to_propose_exclusion(),
            lambda s, form, who: exclusion.propose_exclusion(
                s.file, ground=form.cleaned_data["ground"], reason=form.cleaned_data["reason"], **who
            ),
            _("The resident was not satisfied: a second person has to exclude the case."),
        ),
        Deed(
            "exclude", _("Exclude"), _("Excluded: it counts nowhere."), "ban", P.DECIDE_CASES, forms.ExclusionForm,
            lambda s: s.file.status != Status.EXCLUDED and (not s.is_badly_rated or s.proposal is not None),
            lambda s, now: s.obstacle_to_exclude(), _exclude,
            _("It counts in no ranking to come, and the resident reads why. The share of exclusions is published."),
            is_harmful=True,
        ),
        Deed(
            "include", _("Take the exclusion back"), _("Taken back: it stands where it stood."), "arrow-back-up",
            P.DECIDE_CASES, forms.ReasonForm, _in(Status.EXCLUDED), lambda s, now: s.obstacle_to_include(),
            _with_reason(exclusion.include_case), _("It stands where it stood; its due times are unchanged."),
        ),
        Deed(
            "reopen", _("Have it handled again"), _("Reopened: the same lead handles it again."), "refresh", P.DECIDE_CASES,
            forms.ReasonForm, _in(Status.CLOSED), lambda s, now: "", _with_reason(reviews.reopen_case),
            _("A new round with its own due time. What the first round counts in rankings stays."),
        ),
        Deed(
            "note", _("Write a note"), _("Noted."), "note", P.VIEW_CASES, forms.NoteForm,
            lambda s: s.by is not None and any(s.by.has_perm(p, s.case) for p in (P.HANDLE_CASES, P.DECIDE_CASES)),
            lambda s, now: "", _note,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A deed as offered to one person: possible now, or closed with the reason beside the grey button."""

    deed: Deed
    refusal: str


def offers(s: Situation, by: User, now: datetime) -> list[Offer]:
    """What the present state offers to ``by``, the next step first."""
    held = {permission: by.has_perm(permission, s.case) for permission in {deed.permission for deed in DEEDS.values()}}
    found = [
        Offer(deed, deed.obstacle(s, now))
        for deed in DEEDS.values()
        if held[deed.permission] and deed.applies(s)
    ]  # fmt: skip
    return sorted(found, key=lambda offer: (not offer.deed.is_next_step, bool(offer.refusal)))
