"""Calling residents back (回访): whom, drawn by lot each day; what they say, or that they could not be reached."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from casedesk.actions.deeds import begin, refuse
from casedesk.actions.ratings import Channel, obstacle_to_call_back, obstacle_to_rate, rate
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, Dispatch, Handling, OutcomeRating
from casedesk.watching import rules
from portal.models import User
from portal.roles import Permission
from portal.rules import CHINA
from portal.workflow import MoveRefused, record

A_DAY, ATTEMPTS = 20, 3
"""How many a person is offered in a day, and after how many vain calls a case is left alone. Assumption."""
POOL = 5000
"""Among how many of the cases longest handled is drawn; more than a city has open in the days for rating."""
AFTER = timedelta(hours=24)
"""A resident has a day to rate by the link before anybody calls. Assumption."""
NOT_REACHED = "not_reached"


def to_call(by: User, *, now: datetime) -> QuerySet[CaseFile]:
    """Handled cases in the scope of ``by`` that nobody has rated in their present round and whose reporter left a number."""
    rated = OutcomeRating.objects.filter(case=OuterRef("case"), round=OuterRef("round"))
    handled = Handling.objects.filter(case=OuterRef("case"), by=by)
    accepted = Dispatch.objects.filter(case=OuterRef("case"), accepted_by=by)
    rows: QuerySet[CaseFile] = CaseFile.objects.for_user(by, Permission.CALL_BACK)
    return rows.filter(
        ~Exists(rated),
        ~Exists(handled),
        ~Exists(accepted),
        status=CaseFile.Status.HANDLED,
        rating_until__gt=now,
        status_changed_at__lte=now - AFTER,
    ).exclude(phone="")


def drawn_today(by: User, *, now: datetime) -> list[CaseFile]:
    """Whom ``by`` calls today: drawn at random from those who may be called, the same all day long.

    Nobody chooses whom to ask. What was called in vain :data:`ATTEMPTS` times, and what ``by`` has an interest in, is left out.
    """
    pool = to_call(by, now=now).order_by("status_changed_at", "pk").values_list("pk", flat=True)[:POOL]
    day = now.astimezone(CHINA).date()
    chosen = rules.drawn(pool, day, 2 * A_DAY, settings.SECRET_KEY)
    files = CaseFile.objects.with_case().in_bulk(chosen)
    vain = attempts_of(chosen)
    serves = by.has_perm(Permission.HANDLE_CASES)  # else no party of theirs can be the rated one
    free = (
        files[pk]
        for pk in chosen
        if vain.get(pk, 0) < ATTEMPTS and not (serves and obstacle_to_call_back(files[pk], by))
    )
    return [file for file, _place in zip(free, range(A_DAY), strict=False)]


def attempts_of(cases: list[int]) -> dict[int, int]:
    """How often each of ``cases`` was called in vain in its present round."""
    rounds = dict(CaseFile.objects.filter(pk__in=cases).values_list("pk", "round"))
    notes = CaseEvent.objects.filter(case__in=cases, kind=CaseEvent.Kind.NOTE, data__callback=NOT_REACHED)
    found: dict[int, int] = {}
    for case, data in notes.values_list("case", "data"):
        if data.get("round") == rounds[case]:
            found[case] = found.get(case, 0) + 1
    return found


@transaction.atomic
def enter_callback(
    file: CaseFile, *, level: int, resolved: str, text: str, recording_ref: str, by: User, now: datetime
) -> OutcomeRating:
    """Write down what the resident said on the telephone; raises as :func:`casedesk.actions.ratings.rate`."""
    return rate(
        file,
        level=level,
        resolved=resolved,
        text=text,
        channel=Channel.TELEPHONE,
        by=by,
        recording_ref=recording_ref,
        now=now,
    )


@transaction.atomic
def not_reached(file: CaseFile, *, by: User, now: datetime) -> None:
    """Note that nobody answered; raises as :func:`number_to_call`."""
    file = _callable(file, by, now)
    record("cases.callback_not_reached", file.case, by=by, round=file.round)
    tell(file.case, CaseEvent.Kind.NOTE, at=now, by=by, is_public=False, callback=NOT_REACHED, round=file.round)


@transaction.atomic
def number_to_call(file: CaseFile, *, by: User, now: datetime) -> str:
    """The reporter's number, for the call; who read it and when is recorded.

    Raises:
        PermissionDenied: ``by`` may not call back for this case.
        MoveRefused: ``by`` has an interest in it, the lot gave it to nobody or another, or there is nothing to ask.
        ValidationError: the reporter left no number.
    """
    file = _callable(file, by, now)
    if file.pk not in {one.pk for one in drawn_today(by, now=now)}:
        raise MoveRefused(_("This resident is not among those whom you call today."))
    if not file.phone:
        raise ValidationError({"phone": [_("The reporter left no telephone number.")]})
    record("cases.reveal_phone", file.case, by=by, reason="callback", round=file.round)
    return str(file.phone)


def _callable(file: CaseFile, by: User, now: datetime) -> CaseFile:
    file = begin(file, by=by, permission=Permission.CALL_BACK, seen=None).file
    refuse(obstacle_to_call_back(file, by) or obstacle_to_rate(file, now=now))
    return file
