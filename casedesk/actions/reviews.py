"""What follows a bad rating: a review that the rated party asks for, or a second handling. One of the two always comes.

Assumption: a review is asked for within two working days and decided within five. Where nobody asked in time, and where nobody
decided in time, the case is handled again: silence is not held against the resident.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from casedesk import limits, parties
from casedesk.actions.deeds import begin, demand_text, put, refuse
from casedesk.actions.ratings import BAD, is_bad, obstacle_to_decide, rated_party
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, OutcomeRating, RatingReview
from evaluations.models import AppraisalCase
from portal.models import User
from portal.roles import Permission
from portal.workdays.calendar import work_calendar
from portal.workdays.rules import Limit, Unit
from portal.workflow import MoveRefused, demand_reason, move, record

Status = RatingReview.Status
ASK_WITHIN, DECIDE_WITHIN = Limit(2, Unit.WORKDAYS), Limit(5, Unit.WORKDAYS)
LONGEST = 1000
AT_ONCE = 200
"""Cases that one run of the clock takes; the next run takes the rest."""


def ask_until(rating: OutcomeRating) -> datetime:
    """Until when a review of a counted rating can be asked for."""
    return work_calendar().due(rating.status_changed_at, ASK_WITHIN).at


def obstacle_to_ask(file: CaseFile, rating: OutcomeRating, by: User | None, *, now: datetime) -> str:
    """Why ``by`` cannot ask for a review of ``rating``; empty where they can."""
    if rating.status != OutcomeRating.Status.COUNTED or not is_bad(rating):
        return _("Only a rating that counts and is dissatisfied or “not solved” is reviewed.")
    if rating.round != file.round or file.status != CaseFile.Status.HANDLED:
        return _("The case is being handled again already.")
    if RatingReview.objects.filter(rating=rating).exists():
        return _("A review of this rating has been asked for already; there is one.")
    if now >= ask_until(rating):
        return _("The time to ask for a review is over.")
    if by is not None and not parties.acts_for(by, rated_party(file), Permission.HANDLE_CASES):
        return _("Only a member of the rated party asks for a review.")
    return ""


@transaction.atomic
def ask_review(rating: OutcomeRating, *, by: User, ground: str, evidence: str, now: datetime) -> RatingReview:
    """Doubt a bad rating on behalf of the rated party, on a coded ground with evidence; decided by somebody else.

    Raises:
        PermissionDenied, MoveRefused: ``by`` may not, or not now.
        ValidationError: no such ground, or no evidence.
    """
    file = begin(CaseFile(pk=rating.case_id), by=by, permission=Permission.HANDLE_CASES, seen=None).file
    rating = OutcomeRating.objects.select_for_update(of=("self",)).select_related("case").get(pk=rating.pk)
    refuse(obstacle_to_ask(file, rating, by, now=now))
    if ground not in RatingReview.Ground.values:
        raise ValidationError({"ground": [_("Choose a ground.")]})
    due = work_calendar().due(now, DECIDE_WITHIN)
    review: RatingReview = RatingReview.objects.create(
        rating=rating, ground=ground, evidence=demand_text(evidence, LONGEST, "evidence"), asked_at=now, asked_by=by,
        due_at=due.at, status_changed_at=now,
    )  # fmt: skip
    record("ratings.ask_review", file.case, by=by, ground=ground, round=rating.round)
    tell(
        file.case, CaseEvent.Kind.REVIEW_ASKED, at=now, by=by, party=rated_party(file), is_public=False, text=review.evidence,
        round=rating.round, ground=ground, due=limits.as_data(due),
    )  # fmt: skip
    return review


@transaction.atomic
def decide_review(review: RatingReview, *, withdraw: bool, by: User, reason: str, now: datetime) -> None:
    """Decide on a review. Upheld: the case is handled again. Withdrawn: the rating stays readable and counts no longer.

    Raises:
        PermissionDenied: ``by`` decides nothing for this case.
        MoveRefused, LostRace: ``by`` asked for the review or belongs to the rated party, or it has been decided.
        ValidationError: no reason was given.
    """
    case_id = OutcomeRating.objects.values_list("case", flat=True).get(pk=review.rating_id)
    file = begin(CaseFile(pk=case_id), by=by, permission=Permission.DECIDE_CASES, seen=None).file
    review = RatingReview.objects.select_for_update(of=("self",)).select_related("rating").get(pk=review.pk)
    refuse(obstacle_to_decide_review(file, review, by))
    reason = demand_reason(reason)
    move(
        review, Status.WITHDRAWN if withdraw else Status.UPHELD, moves=RatingReview.MOVES,
        verb="ratings.withdraw" if withdraw else "ratings.uphold", by=by, reason=reason, status_changed_at=now, decided_by=by,
        decision_reason=reason,
    )  # fmt: skip
    if withdraw:
        _withdraw(file, review.rating, by=by, reason=reason, now=now)
    tell(
        file.case, CaseEvent.Kind.REVIEW_WITHDRAWN if withdraw else CaseEvent.Kind.REVIEW_UPHELD, at=now, by=by, text=reason,
        round=review.rating.round, ground=review.ground,
    )  # fmt: skip
    if not _still_waits(file, review.rating):
        return  # nobody decided in time, and the case is handled again already
    if withdraw:
        put(
            file, CaseFile.Status.CLOSED, verb="cases.close", by=by, now=now, closed_at=now,
            close_reason=CaseFile.CloseReason.RATED,
        )  # fmt: skip
        tell(file.case, CaseEvent.Kind.CLOSED, at=now, by=by, reason=str(CaseFile.CloseReason.RATED))
    else:
        _reopen(file, by=by, reason=reason, now=now)


def obstacle_to_decide_review(file: CaseFile, review: RatingReview, by: User) -> str:
    """Why ``by`` cannot decide on ``review``; empty where they can."""
    if review.status != Status.PENDING:
        return _("This review has been decided.")
    if review.asked_by_id == by.pk:
        return _("A review is decided by somebody else than who asked for it.")
    return obstacle_to_decide(file, by)


def _still_waits(file: CaseFile, rating: OutcomeRating) -> bool:
    return bool(file.status == CaseFile.Status.HANDLED and file.round == rating.round)


def _withdraw(file: CaseFile, rating: OutcomeRating, *, by: User, reason: str, now: datetime) -> None:
    counted_at = rating.status_changed_at
    move(
        rating, OutcomeRating.Status.WITHDRAWN, moves=OutcomeRating.MOVES, verb="ratings.withdraw", by=by, reason=reason,
        status_changed_at=now, checked_by=by, check_reason=reason[:500],
    )  # fmt: skip
    if rating.round == 1:
        AppraisalCase.objects.filter(pk=file.pk, rated_at=counted_at, rating=rating.level).update(rating_withdrawn=True)


# --- a further round ----------------------------------------------------------------------------------------------------


@transaction.atomic
def reopen_case(file: CaseFile, *, by: User, reason: str, seen: int | None, now: datetime) -> None:
    """Have a closed case handled again: the resident shows that the matter is not settled.

    Raises:
        PermissionDenied, LostRace, MoveRefused, ValidationError: as every deed.
    """
    file = begin(file, by=by, permission=Permission.DECIDE_CASES, seen=seen).file
    if file.status != CaseFile.Status.CLOSED:
        raise MoveRefused(_("Only a closed case is reopened by hand."))
    _reopen(file, by=by, reason=demand_reason(reason), now=now)


def _reopen(file: CaseFile, *, by: User | None, reason: str, now: datetime) -> None:
    """A new round with the same lead; its due time is the handling limit of the case, from now. The first round's facts stay."""
    _accept, due = limits.due_times(file.item, file.urgency, now)
    put(
        file, CaseFile.Status.REOPENED, verb="cases.reopen", by=by, now=now, reason=reason, round=file.round + 1,
        round_opened_at=now, round_due_at=due.at, rating_until=None, closed_at=None, close_reason="",
    )  # fmt: skip
    tell(
        file.case, CaseEvent.Kind.REOPENED, at=now, by=by, party=rated_party(file), text=reason, round=file.round,
        due=limits.as_data(due),
    )  # fmt: skip


# --- by the clock -------------------------------------------------------------------------------------------------------


def keep_rating_clocks(now: datetime) -> dict[str, int]:
    """Reopen what was rated badly and is not under review in time; close what nobody rated in time. How many of each.

    May run twice or twice at once: each case is looked at again under its lock.
    """
    return {"reopened": _reopen_dissatisfied(now), "closed": _close_unrated(now)}


def _reopen_dissatisfied(now: datetime) -> int:
    """Cases whose counted dissatisfied rating nobody doubted in time, or whose review nobody decided in time."""
    ratings = OutcomeRating.objects.filter(
        BAD,
        status=OutcomeRating.Status.COUNTED,
        case__in=CaseFile.objects.filter(status=CaseFile.Status.HANDLED).values("case"),
    )
    reopened = 0
    for case_id, rating_id in ratings.order_by("at").values_list("case", "pk"):
        reopened += _reopen_if_due(case_id, rating_id, now)
        if reopened >= AT_ONCE:
            break
    return reopened


@transaction.atomic
def _reopen_if_due(case_id: int, rating_id: int, now: datetime) -> bool:
    file = begin(CaseFile(pk=case_id), by=None, permission=Permission.DECIDE_CASES, seen=None).file
    rating = OutcomeRating.objects.get(pk=rating_id)
    review = RatingReview.objects.filter(rating=rating).first()
    until = ask_until(rating) if review is None else review.due_at
    counts = rating.status == OutcomeRating.Status.COUNTED
    if not counts or not _still_waits(file, rating) or now < until or (review and review.status != Status.PENDING):
        return False
    late = _("No review was asked for in time.") if review is None else _("The review was not decided in time.")
    _reopen(file, by=None, reason=_("The resident was dissatisfied, or it is not solved.") + " " + late, now=now)
    return True


def _close_unrated(now: datetime) -> int:
    rated = OutcomeRating.objects.filter(case=OuterRef("case"), round=OuterRef("round"))
    waiting = CaseFile.objects.filter(
        ~Exists(rated.exclude(status=OutcomeRating.Status.REJECTED)),
        status=CaseFile.Status.HANDLED,
        rating_until__lte=now,
    )
    return sum(
        _close_if_unrated(pk, now) for pk in waiting.order_by("rating_until").values_list("pk", flat=True)[:AT_ONCE]
    )


@transaction.atomic
def _close_if_unrated(pk: int, now: datetime) -> bool:
    file = begin(CaseFile(pk=pk), by=None, permission=Permission.DECIDE_CASES, seen=None).file
    rated = OutcomeRating.objects.filter(case=file.case, round=file.round).exclude(status=OutcomeRating.Status.REJECTED)
    is_due = file.status == CaseFile.Status.HANDLED and file.rating_until is not None and file.rating_until <= now
    if not is_due or rated.exists():
        return False
    put(
        file, CaseFile.Status.CLOSED, verb="cases.close", by=None, now=now, closed_at=now,
        close_reason=CaseFile.CloseReason.UNRATED,
    )  # fmt: skip
    tell(file.case, CaseEvent.Kind.CLOSED, at=now, reason=str(CaseFile.CloseReason.UNRATED))
    return True
