"""The ratings of a case as its page in office shows them, and what this person can do with them."""

from dataclasses import dataclass
from datetime import datetime

from casedesk.actions import ratings
from casedesk.actions.reviews import ask_until, obstacle_to_ask, obstacle_to_decide_review
from casedesk.models import CaseFile, CasePhoto, OutcomeRating, RatingReview
from casedesk.rating.desk import DEEDS, Deed
from portal.models import User
from portal.roles import Permission

Status = OutcomeRating.Status


@dataclass(frozen=True)
class Offer:
    """A deed that concerns this rating now; ``refusal`` says why this person cannot do it."""

    deed: Deed
    refusal: str


@dataclass(frozen=True)
class Line:
    """One round's rating with its review, and the deeds on offer."""

    rating: OutcomeRating
    review: RatingReview | None
    photos: list[CasePhoto]
    ask_until: datetime | None
    offers: list[Offer]


def lines(file: CaseFile, *, by: User, now: datetime) -> list[Line]:
    """The ratings of a case, newest round first."""
    rows = OutcomeRating.objects.filter(case=file.case).select_related("by", "checked_by", "case").order_by("-round")
    found = []
    for rating in rows:
        review = RatingReview.objects.filter(rating=rating).select_related("asked_by", "decided_by").first()
        photos = CasePhoto.objects.filter(case=file.case, kind=CasePhoto.Kind.EVIDENCE, round=rating.round)
        until = None if obstacle_to_ask(file, rating, None, now=now) else ask_until(rating)
        found.append(Line(rating, review, list(photos), until, _offers(file, rating, review, by, now)))
    return found


def _offers(file: CaseFile, rating: OutcomeRating, review: RatingReview | None, by: User, now: datetime) -> list[Offer]:
    offers = []
    if by.has_perm(Permission.HANDLE_CASES, file.case) and not obstacle_to_ask(file, rating, None, now=now):
        offers.append(Offer(DEEDS["ask-review"], obstacle_to_ask(file, rating, by, now=now)))
    if not by.has_perm(Permission.DECIDE_CASES, file.case):
        return offers
    if review is not None and review.status == RatingReview.Status.PENDING:
        refusal = obstacle_to_decide_review(file, review, by)
        offers += [Offer(DEEDS[verb], refusal) for verb in ("uphold", "withdraw")]
    if rating.status == Status.HELD:
        refusal = ratings.obstacle_to_check(file, rating, by)
        offers += [Offer(DEEDS[verb], refusal) for verb in ("release", "reject")]
    elif rating.status == Status.COUNTED and not ratings.is_bad(rating):
        offers.append(Offer(DEEDS["hold"], ratings.obstacle_to_check(file, rating, by, hold=True)))
    return offers
