"""Who is told what about objections and replies: the city's officials what waits for them, the others what became of theirs."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from evaluations.models import EntryReply, Ranking, RankingObjection
from portal.models import Region, User
from portal.notices.actions import notify
from portal.roles import Permission, roles_with

OUTCOMES = {
    RankingObjection.Status.UPHELD: _("Your objection {number} was upheld"),
    RankingObjection.Status.DISMISSED: _("Your objection {number} was dismissed"),
}


def holders(permission: Permission) -> Iterable[User]:
    """The active people who hold a city-wide permission."""
    return User.objects.filter(
        is_active=True, grants__role__in=roles_with(permission), grants__region__level=Region.Level.CITY
    ).distinct()


def received(objection: RankingObjection) -> None:
    """Tell the city's officials that an objection is to be marked."""
    title = format_lazy(
        _("Objection {number} to the ranking {ranking} is to be marked"),
        number=objection.number,
        ranking=objection.ranking,
    )
    for official in holders(Permission.HANDLE_OBJECTIONS):
        notify(
            "objection-received", to=official, title=title, url=reverse("ranking-objection", args=[objection.number]),
            subject=str(objection), dedupe_key=f"objection-received-{objection.pk}",
        )  # fmt: skip


def marked(objection: RankingObjection) -> None:
    """Tell whoever raised it that it is being examined."""
    _tell(
        objection,
        "objection-marked",
        format_lazy(_("Your objection {number} is being examined"), number=objection.number),
    )


def decided(objection: RankingObjection) -> None:
    """Tell whoever raised it how it was decided; the reason stands on its page."""
    _tell(objection, "objection-decided", format_lazy(OUTCOMES[objection.status], number=objection.number))


def _tell(objection: RankingObjection, kind: str, title: Promise) -> None:
    page = "ranking-objection" if objection.raised_by_id else "objection-status"
    url = reverse(page, args=[objection.number]) if objection.raised_by_id else reverse(page)
    notify(
        kind, to=objection.raised_by or objection.phone.replace(" ", "").replace("-", ""), title=title, url=url,
        subject=str(objection), dedupe_key=f"{kind}-{objection.pk}",
    )  # fmt: skip


def recomputed(ranking: Ranking, objection: RankingObjection) -> None:
    """Tell the city's officials that an upheld objection left a draft to submit."""
    title = format_lazy(
        _("Ranking {ranking} was computed again after objection {number}"), ranking=ranking, number=objection.number
    )
    url = reverse("ranking-review", args=[ranking.period, ranking.revision])
    for official in holders(Permission.COMPUTE_RANKINGS):
        notify(
            "ranking-recomputed", to=official, title=title, url=url, subject=str(ranking),
            dedupe_key=f"ranking-recomputed-{objection.pk}",
        )  # fmt: skip


def reply_written(reply: EntryReply) -> None:
    """Tell the city's officials that a reply is to be checked."""
    title = format_lazy(
        _("A reply of {party} beside an entry of {period} is to be checked"),
        party=reply.party_name,
        period=reply.period,
    )
    for official in holders(Permission.HANDLE_OBJECTIONS):
        notify(
            "reply-written", to=official, title=title, url=reverse("ranking-reply", args=[reply.pk]), subject=str(reply),
            dedupe_key=f"reply-written-{reply.pk}",
        )  # fmt: skip


def reply_checked(reply: EntryReply) -> None:
    """Tell its author whether the reply is shown."""
    shown = reply.status == EntryReply.Status.APPROVED
    title = _("Your reply stands beside the entry of {period}") if shown else _("Your reply for {period} was sent back")
    notify(
        "reply-checked", to=reply.written_by, title=format_lazy(title, period=reply.period), body=reply.return_reason,
        url=reverse("ranking-reply", args=[reply.pk]), subject=str(reply), dedupe_key=f"reply-checked-{reply.pk}",
    )  # fmt: skip
