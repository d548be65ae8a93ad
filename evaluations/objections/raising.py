"""How an objection comes in, who may raise it on whose behalf, and how whoever raised it follows or withdraws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from enterprises.models import EnterpriseMembership
from estates.models import Estate
from evaluations.models import AppraisalCase, Party, Ranking, RankingEntry, RankingObjection
from evaluations.objections import evidence, rules, telling
from portal.models import Region, User
from portal.roles import Permission
from portal.workdays.calendar import work_calendar
from portal.workflow import MoveRefused, move, record

Status = RankingObjection.Status

PER_SENDER, SENDER_SPAN = 5, timedelta(hours=1)
PER_PHONE, PHONE_SPAN = 3, timedelta(days=1)
PER_ENTRY, ENTRY_SPAN = 30, timedelta(days=1)
"""How many objections of residents are taken from one address, one telephone, for one entry; beyond that they wait."""


class TooMany(MoveRefused):
    """More objections than are taken at once; the message says when to come back."""


@dataclass(frozen=True)
class PartyOf:
    """On whose behalf a person speaks: kind, code, name as it is today."""

    kind: Party
    code: str
    name: str


# --- when and for whom ---------------------------------------------------------------------------------------------------


def open_until(ranking: Ranking) -> datetime | None:
    """Until when objections are taken: the end of the notice while on notice (it may be later), then the days after
    publication that the policy gives; ``None`` where they are not taken at all.
    """
    if ranking.status == Ranking.Status.NOTICE:
        return ranking.notice_until
    if ranking.status == Ranking.Status.PUBLISHED and ranking.published_at:
        return work_calendar().add_workdays(ranking.published_at, ranking.policy.objection_days).at
    return None


def is_open(ranking: Ranking, now: datetime) -> bool:
    """Whether objections are taken now: as long as it is on notice, and for the policy's working days after publication."""
    if ranking.status == Ranking.Status.NOTICE:
        return True
    until = open_until(ranking)
    return until is not None and now < until


def party_of(user: User, entry: RankingEntry, permission: Permission) -> PartyOf | None:
    """On whose behalf ``user`` may speak about an entry: the enterprise in charge or one with cases there, an agency with
    cases there, the street office, the district; ``None`` for a stranger.
    """
    if not user.is_authenticated or not user.has_perm(permission):
        return None
    return _enterprise(user, entry) or _agency(user, entry, permission) or _place(user, entry, permission)


def _enterprise(user: User, entry: RankingEntry) -> PartyOf | None:
    memberships = EnterpriseMembership.objects.filter(user=user).select_related("enterprise").order_by("pk")
    for membership in memberships:
        enterprise = membership.enterprise
        has_cases = AppraisalCase.objects.filter(estate__code=entry.estate_code, enterprise=enterprise)
        if enterprise.uscc == entry.enterprise_uscc or has_cases.exists():
            return PartyOf(Party.ENTERPRISE, enterprise.uscc, enterprise.name)
    return None


def _agency(user: User, entry: RankingEntry, permission: Permission) -> PartyOf | None:
    cases = AppraisalCase.objects.filter(estate__code=entry.estate_code, agency__in=user.agencies_with(permission))
    case = cases.select_related("agency").order_by("agency__code").first()
    return PartyOf(Party.AGENCY, case.agency.code, case.agency.name) if case and case.agency else None


def _place(user: User, entry: RankingEntry, permission: Permission) -> PartyOf | None:
    estate = Estate.objects.filter(code=entry.estate_code).select_related("community__parent__parent").first()
    if estate is None:
        return None
    street = estate.community.parent
    reached = [path for path in user.reach(permission) if path and estate.community.path.startswith(path)]
    if not reached:
        return None
    widest = Region.objects.get(path=min(reached, key=len))
    if widest.level == Region.Level.DISTRICT:
        return PartyOf(Party.DISTRICT, widest.code, widest.name)
    return PartyOf(Party.STREET, street.code, street.name)


# --- raising -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """What an objection says: a coded ground, words, the case numbers concerned, and files already checked."""

    ground: str
    text: str
    case_numbers: Sequence[str] = ()
    files: Sequence[evidence.Clean] = ()


def sender_of(address: str) -> str:
    """The keyed hash of a network address: enough to count by, not to find anybody."""
    return salted_hmac("evaluations.objections.sender", address, algorithm="sha256").hexdigest()


@transaction.atomic
def raise_as_resident(
    entry: RankingEntry, claim: Claim, *, phone: str, address: str, now: datetime
) -> RankingObjection:
    """An objection of a resident, who leaves a telephone number; no sign-in.

    Raises:
        MoveRefused: the ranking takes no objections now.
        TooMany: more than are taken from this address or telephone, or for this entry.
        ValidationError: a field, by its name.
    """
    sender, phone = sender_of(address), phone.replace(" ", "").replace("-", "")  # one number, however it is written
    ranking = _open_ranking(entry, now)  # locked: whoever floods waits in line, and is counted
    _refuse_floods(entry, sender, phone, now)
    return _enter(ranking, entry, claim, now=now, by=None, phone=phone, sender=sender)


@transaction.atomic
def raise_as_party(entry: RankingEntry, claim: Claim, *, by: User, now: datetime) -> RankingObjection:
    """An objection of a party that answers for the neighbourhood.

    Raises:
        PermissionDenied: ``by`` speaks for no party of this entry.
        MoveRefused: the ranking takes no objections now.
        ValidationError: a field, by its name.
    """
    party = party_of(by, entry, Permission.OBJECT)
    if party is None:
        raise PermissionDenied
    ranking = _open_ranking(entry, now)
    return _enter(ranking, entry, claim, now=now, by=by, party=party.kind, party_name=party.name)


def _open_ranking(entry: RankingEntry, now: datetime) -> Ranking:
    rows = Ranking.objects.select_for_update(of=("self",)).select_related("policy")
    ranking: Ranking = rows.get(pk=entry.ranking_id)
    if not is_open(ranking, now):
        raise MoveRefused(_("Objections to this ranking are no longer taken."))
    return ranking


def _refuse_floods(entry: RankingEntry, sender: str, phone: str, now: datetime) -> None:
    received = RankingObjection.objects.filter(raised_by=None)
    of_sender = received.filter(sender=sender, received_at__gt=now - SENDER_SPAN)
    of_phone = received.filter(phone=phone, received_at__gt=now - PHONE_SPAN)
    of_entry = received.filter(estate_code=entry.estate_code, received_at__gt=now - ENTRY_SPAN)
    if of_sender.count() >= PER_SENDER:
        raise TooMany(_("Too many objections came from here within an hour; try again later."))
    if of_phone.count() >= PER_PHONE:
        raise TooMany(_("This telephone number has raised several objections today; try again tomorrow."))
    if of_entry.count() >= PER_ENTRY:
        raise TooMany(_("Many objections to this entry came in today; they are being examined. Try again tomorrow."))


def _enter(
    ranking: Ranking, entry: RankingEntry, claim: Claim, *, now: datetime, by: User | None, **whose: Any
) -> RankingObjection:
    calendar = work_calendar()
    objection = RankingObjection(
        number=rules.new_number(), ranking=ranking, estate_code=entry.estate_code, estate_name=entry.estate_name,
        raised_by=by, ground=claim.ground, text=claim.text.strip(), case_numbers=list(dict.fromkeys(claim.case_numbers)),
        received_at=now, status_changed_at=now, was_published=ranking.status == Ranking.Status.PUBLISHED,
        mark_due_at=calendar.add_workdays(now, rules.MARK_WORKDAYS).at,
        decide_due_at=calendar.add_workdays(now, ranking.policy.decide_days).at, **whose,
    )  # fmt: skip
    objection.full_clean()
    objection.save()
    with evidence.keeping(objection, claim.files):
        record("objections.raise", objection, by=by, pk=objection.pk, ranking=str(ranking), estate=entry.estate_code)
        telling.received(objection)
    return objection


# --- following and withdrawing -------------------------------------------------------------------------------------------


def as_number(typed: str) -> str:
    """An objection's number as it is kept, however it was typed: what is looked up is also what tries are counted by."""
    return "".join(typed.split()).upper()


def find(number: str, phone_tail: str) -> RankingObjection | None:
    """A resident's objection by its number and the last four digits of the telephone; ``None`` whatever of the two is wrong."""
    rows = RankingObjection.objects.select_related("ranking").filter(number=as_number(number), raised_by=None)
    objection = rows.first()
    expected = rules.tail(objection.phone) if objection else "----"
    agrees = constant_time_compare(expected, phone_tail.strip())
    return objection if objection and agrees else None


@transaction.atomic
def withdraw(objection: RankingObjection, *, by: User | None) -> None:
    """Withdrawn by whoever raised it: the person signed in, or (``by=None``) the resident who proved number and telephone.

    Raises:
        PermissionDenied: somebody else raised it.
        MoveRefused, LostRace: it was decided, or somebody is deciding.
    """
    if objection.raised_by_id != (by.pk if by else None):
        raise PermissionDenied
    move(
        objection, Status.WITHDRAWN, moves=RankingObjection.MOVES, verb="objections.withdraw", by=by,
        reason=_("Withdrawn by whoever raised it."),
    )  # fmt: skip
