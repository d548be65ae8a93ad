"""Supervision by the superior: raised by a rule or a person, answered by the lead, sent back or closed by who holds it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from casedesk import numbers, parties, rules
from casedesk.actions.deeds import begin, demand_text, keep, refuse
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, Dispatch, OutcomeRating, Supervision, SupervisionAnswer
from casedesk.situation import (
    Situation,
    due_at,
    obstacle_to_answer,
    obstacle_to_close,
    obstacle_to_return,
    obstacle_to_supervise,
)
from portal.models import Grant, Region, User
from portal.roles import Permission, roles_with
from portal.workdays.calendar import work_calendar
from portal.workdays.rules import Limit, Unit
from portal.workflow import demand_reason, move, record

ANSWER_LIMIT = Limit(3, Unit.WORKDAYS)
"""How long a supervised party may take to answer. Assumption."""

DEMANDS = {
    rules.OVERDUE: gettext_lazy("It is overdue by more than a day. Deal with it at once, and answer what held it up."),
    rules.DISSATISFIED_TWICE: gettext_lazy(
        "The resident was dissatisfied twice. Handle it anew, and answer what changes."
    ),
    rules.REOPENED_THRICE: gettext_lazy("It was reopened three times. Handle it for good, and answer how."),
    rules.NO_LEAD: gettext_lazy("Three dispatches found no lead. It is dispatched from here."),
}
Kind, Trigger = CaseEvent.Kind, Supervision.Trigger


# --- by rule --------------------------------------------------------------------------------------------------------------


def raise_supervisions(now: datetime) -> int:
    """Raise every supervision that a rule asks for at ``now``; how many. A second run raises none.

    Each case is looked at again under its lock, so that two runs at once raise none twice.
    """
    held = held_posts()
    return sum(_raise_for(pk, held, now) for pk in _candidates(now))


def _candidates(now: datetime) -> list[int]:
    late = now - rules.OVERDUE_AFTER
    is_late = (
        Q(status__in=("submitted", "dispatched"), case__accepted_at=None, case__accept_due_at__lt=late)
        | Q(status__in=("submitted", "dispatched", "accepted"), case__handle_due_at__lt=late)
        | Q(status="reopened", round_due_at__lt=late)
    )
    files = CaseFile.objects.filter(
        is_late | Q(round__gt=rules.REOPENINGS) | Q(passes__gte=rules.PASSES_WITHOUT_LEAD), status__in=CaseFile.OPEN
    )
    bad = OutcomeRating.objects.filter(level__lte=rules.DISSATISFIED, status=OutcomeRating.Status.COUNTED, round__gt=1)
    open_ones = CaseFile.objects.filter(
        status__in=(*CaseFile.OPEN, CaseFile.Status.HANDLED), case__in=bad.values("case")
    )
    return sorted({*files.values_list("pk", flat=True), *open_ones.values_list("pk", flat=True)})


@transaction.atomic
def _raise_for(pk: int, held: set[str], now: datetime) -> int:
    file = CaseFile.objects.with_case().select_for_update(of=("self",)).get(pk=pk)
    standing = Supervision.objects.filter(case=file.case).exclude(status=Supervision.Status.CLOSED)
    taken = set(standing.values_list("trigger", flat=True))
    found = [trigger for trigger in rules.triggers(_standing(file), now) if trigger not in taken]
    for trigger in found:
        _raise(file, trigger, office=_office(file, trigger, held), demand=_demand(trigger), by=None, now=now)
    return len(found)


def _standing(file: CaseFile) -> rules.Standing:
    bad = OutcomeRating.objects.filter(
        case=file.case, level__lte=rules.DISSATISFIED, status=OutcomeRating.Status.COUNTED
    ).order_by("round")
    raised = Supervision.objects.filter(case=file.case).values("trigger").order_by().annotate(last=Max("raised_at"))
    has_lead = file.status not in (CaseFile.Status.SUBMITTED, CaseFile.Status.DISPATCHED)
    return rules.Standing(
        due=due_at(file),
        bad_rounds=list(bad.values_list("at", flat=True)),
        round=file.round,
        round_opened_at=file.round_opened_at,
        passes=file.passes,
        has_lead=has_lead,
        raised={row["trigger"]: row["last"] for row in raised},
    )


def _demand(trigger: str) -> str:
    with override(settings.LANGUAGE_CODE):  # a document of the office: it speaks the city's language
        return str(DEMANDS[trigger])


def held_posts() -> set[str]:
    """Paths of the places in which an active person may supervise."""
    grants = Grant.objects.filter(
        role__in=roles_with(Permission.SUPERVISE_CASES), region__isnull=False, user__is_active=True
    )
    return set(grants.values_list("region__path", flat=True).distinct())


def _office(file: CaseFile, trigger: str, held: set[str]) -> Region:
    """The lowest post above the lead that somebody holds, the city where nobody does."""
    by_path = {place.path: place for place in parties.posts(file.case)}
    lead = "" if trigger == Trigger.NO_LEAD else _lead_kind(file)
    return by_path[rules.post_above(rules.ladder(list(by_path), lead), held)]


def _lead_kind(file: CaseFile) -> str:
    row = Dispatch.objects.filter(case=file.case, status__in=Dispatch.STANDING).first()
    return parties.FIELDS[type(row.party)] if row else ""


def raise_no_lead(file: CaseFile, *, now: datetime) -> Supervision | None:
    """Hand a case that three dispatches brought no lead to the superior, in the caller's transaction; once."""
    if file.passes < rules.PASSES_WITHOUT_LEAD:
        return None
    standing = Supervision.objects.filter(case=file.case, trigger=Trigger.NO_LEAD)
    if standing.exclude(status=Supervision.Status.CLOSED).exists():
        return None
    office = _office(file, Trigger.NO_LEAD, held_posts())
    return _raise(file, Trigger.NO_LEAD, office=office, demand=_demand(Trigger.NO_LEAD), by=None, now=now)


def _raise(file: CaseFile, trigger: str, *, office: Region, demand: str, by: User | None, now: datetime) -> Supervision:
    row = Supervision.objects.create(
        number=numbers.next_number(numbers.SUPERVISIONS, now),
        case=file.case,
        trigger=trigger,
        level=office.level,
        office=office,
        raised_at=now,
        raised_by=by,
        demand=demand,
        due_at=work_calendar().due(now, ANSWER_LIMIT).at,
        status_changed_at=now,
    )
    keep(file)
    tell(
        file.case, Kind.SUPERVISED, at=now, by=by, party=office, text=demand, number=row.number, trigger=str(trigger),
        due_at=row.due_at.isoformat(),
    )  # fmt: skip
    record("cases.supervise", file.case, by=by, reason=demand, number=row.number, trigger=str(trigger))
    return row


# --- by people ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def supervise_case(file: CaseFile, *, demand: str, by: User, now: datetime, seen: int | None) -> Supervision:
    """Raise a supervision by hand, held by the highest post of ``by`` around the case.

    Raises:
        PermissionDenied, MoveRefused, LostRace: as for every deed; one by hand stands already.
        ValidationError: nothing is demanded.
    """
    situation = begin(file, by=by, permission=Permission.SUPERVISE_CASES, seen=seen)
    refuse(obstacle_to_supervise(situation))
    given = demand_text(demand, 500, "demand")
    return _raise(
        situation.file, Trigger.BY_SUPERVISOR, office=_post_of(by, situation.file), demand=given, by=by, now=now
    )


def _post_of(by: User, file: CaseFile) -> Region:
    street, district, city = parties.posts(file.case)
    reach = by.reach(Permission.SUPERVISE_CASES)
    return next((post for post in (city, district) if any(post.path.startswith(path) for path in reach)), street)


@transaction.atomic
def answer_supervision(
    supervision: Supervision, *, text: str, by: User, now: datetime, seen: int | None
) -> Supervision:
    """The lead answers. Raises as every deed does; only a member of the lead answers."""
    situation, row = _begin(supervision, by=by, permission=Permission.HANDLE_CASES, seen=seen)
    refuse(obstacle_to_answer(situation, row))
    given = demand_text(text, 1000)
    SupervisionAnswer.objects.create(supervision=row, at=now, by=by, party=str(situation.lead), text=given)
    _move(row, Supervision.Status.ANSWERED, verb="cases.answer_supervision", by=by, now=now)
    keep(situation.file)
    tell(situation.case, Kind.SUPERVISION_ANSWERED, at=now, by=by, party=situation.lead, text=given, number=row.number)
    return row


@transaction.atomic
def return_supervision(
    supervision: Supervision, *, reason: str, by: User, now: datetime, seen: int | None
) -> Supervision:
    """The answer does not do: it is to be answered anew, with a new due time. Raises as every deed does."""
    situation, row = _begin(supervision, by=by, permission=Permission.SUPERVISE_CASES, seen=seen)
    refuse(obstacle_to_return(situation, row))
    given = demand_reason(reason)
    due = work_calendar().due(now, ANSWER_LIMIT).at
    _move(row, Supervision.Status.OPEN, verb="cases.return_supervision", by=by, now=now, reason=given, due_at=due)
    keep(situation.file)
    tell(
        situation.case, Kind.SUPERVISED, at=now, by=by, party=row.office, text=given, number=row.number, returned=True,
        due_at=due.isoformat(),
    )  # fmt: skip
    return row


@transaction.atomic
def close_supervision(
    supervision: Supervision, *, reason: str, by: User, now: datetime, seen: int | None
) -> Supervision:
    """Whoever holds the post closes it, with a reason. Raises as every deed does."""
    situation, row = _begin(supervision, by=by, permission=Permission.SUPERVISE_CASES, seen=seen)
    refuse(obstacle_to_close(situation, row))
    _close(situation.file, row, reason=demand_reason(reason), by=by, now=now)
    return row


def close_no_lead(file: CaseFile, *, now: datetime) -> None:
    """A lead has accepted: the supervision for want of one is over. In the caller's transaction."""
    standing = Supervision.objects.filter(case=file.case, trigger=Trigger.NO_LEAD)
    for row in standing.exclude(status=Supervision.Status.CLOSED):
        _close(file, row, reason=_("A lead has accepted the case."), by=None, now=now)


def _begin(supervision: Supervision, *, by: User, permission: str, seen: int | None) -> tuple[Situation, Supervision]:
    situation = begin(CaseFile(pk=supervision.case_id), by=by, permission=permission, seen=seen)
    return situation, Supervision.objects.select_related("office").get(pk=supervision.pk)


def _close(file: CaseFile, row: Supervision, *, reason: str, by: User | None, now: datetime) -> None:
    _move(
        row, Supervision.Status.CLOSED, verb="cases.close_supervision", by=by, now=now, reason=reason, closed_by=by,
        close_reason=reason,
    )  # fmt: skip
    keep(file)
    tell(file.case, Kind.SUPERVISION_CLOSED, at=now, by=by, party=row.office, text=reason, number=row.number)


def _move(
    row: Supervision, to: str, *, verb: str, by: User | None, now: datetime, reason: str = "", **changes: object
) -> None:
    move(row, to, moves=Supervision.MOVES, verb=verb, by=by, reason=reason, status_changed_at=now, **changes)
