"""The right of reply beside an entry: written by a party in charge, checked by an official of the city, then shown and frozen."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from evaluations.models import EntryReply, Ranking, RankingEntry
from evaluations.objections import telling
from evaluations.objections.raising import party_of
from portal.models import User
from portal.roles import Permission
from portal.workflow import MoveRefused, demand_reason, move, record

Status = EntryReply.Status
OPEN_IN = (Ranking.Status.NOTICE, Ranking.Status.PUBLISHED)


@transaction.atomic
def write(entry: RankingEntry, text: str, *, by: User, now: datetime) -> EntryReply:
    """Write a reply beside an entry that is on notice or published; one that waits to be checked is replaced by it.

    Raises:
        PermissionDenied: ``by`` speaks for no party of this entry.
        MoveRefused: the ranking is neither on notice nor published.
        ValidationError: no text, or more than :attr:`EntryReply.LONGEST` signs.
    """
    party = party_of(by, entry, Permission.REPLY)
    if party is None:
        raise PermissionDenied
    ranking = Ranking.objects.select_for_update(of=("self",)).get(
        pk=entry.ranking_id
    )  # replies come one after the other
    if ranking.status not in OPEN_IN:
        raise MoveRefused(_("A reply is written while the ranking is on public notice or published."))
    reply = EntryReply(
        ranking=ranking, period=ranking.period, estate_code=entry.estate_code, estate_name=entry.estate_name,
        party=party.kind, party_code=party.code, party_name=party.name, text=text.strip(), written_by=by,
        written_at=now, status_changed_at=now,
    )  # fmt: skip
    reply.full_clean(validate_constraints=False)
    for waiting in _of_party(reply, Status.SUBMITTED):
        move(waiting, Status.REPLACED, moves=EntryReply.MOVES, verb="replies.replace", by=by)
    reply.save()
    record("replies.write", reply, by=by, pk=reply.pk)
    telling.reply_written(reply)
    return reply


@transaction.atomic
def approve(reply: EntryReply, *, by: User, now: datetime) -> None:
    """Show a reply beside the entry; the one that the party had there is replaced.

    Raises:
        PermissionDenied: ``by`` wrote it, or does not check replies.
        MoveRefused, LostRace: as for every move.
    """
    _refuse_author(reply, by)
    for shown in _of_party(reply, Status.APPROVED):
        move(shown, Status.REPLACED, moves=EntryReply.MOVES, verb="replies.replace", by=by)
    move(reply, Status.APPROVED, moves=EntryReply.MOVES, verb="replies.approve", by=by, checked_by=by, checked_at=now)
    telling.reply_checked(reply)


@transaction.atomic
def send_back(reply: EntryReply, *, by: User, now: datetime, reason: str) -> None:
    """Do not show a reply; its author reads why and may write another.

    Raises:
        PermissionDenied: ``by`` wrote it, or does not check replies.
        ValidationError: no reason.
        MoveRefused, LostRace: as for every move.
    """
    _refuse_author(reply, by)
    reason = demand_reason(reason)
    move(
        reply, Status.SENT_BACK, moves=EntryReply.MOVES, verb="replies.send_back", by=by, reason=reason, checked_by=by,
        checked_at=now, return_reason=reason,
    )  # fmt: skip
    telling.reply_checked(reply)


def _refuse_author(reply: EntryReply, by: User) -> None:
    if reply.written_by_id == by.pk:
        raise PermissionDenied


def _of_party(reply: EntryReply, status: Status) -> list[EntryReply]:
    same = EntryReply.objects.filter(
        period=reply.period,
        estate_code=reply.estate_code,
        party=reply.party,
        party_code=reply.party_code,
        status=status,
    )
    return list(same.exclude(pk=reply.pk).select_for_update())
