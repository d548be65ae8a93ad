"""Every write with a consequence on bulletins. Atomic, audited; the actor is named ``by``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bulletins import wording
from bulletins.composition import compose
from bulletins.models import MonthlyBulletin
from bulletins.official import figures, official
from bulletins.rules import LONGEST_NARRATIVE, MIN_ITEMS, Difference, Month, UnknownFigures, differences, filled, length
from evaluations.actions import policy_in_force
from evaluations.counting import has_cases_before
from evaluations.models import Ranking
from evaluations.rules import digest
from portal.documents.fonts import Face, GlyphsMissing, demand_glyphs
from portal.models import User
from portal.roles import Permission
from portal.rules import CHINA
from portal.webhooks.actions import emit
from portal.workflow import MoveRefused, demand_reason, move, record

Status = MonthlyBulletin.Status
PUBLISHED, WITHDRAWN = "bulletin.published", "bulletin.withdrawn"
"""Kinds of events that other systems are told of."""


class BulletinRefused(MoveRefused):
    """What was asked of a bulletin cannot be done; the message says why and what to do."""


@dataclass(frozen=True)
class Check:
    """One condition before a bulletin goes on: whether it holds, and what it says."""

    name: str
    holds: bool
    text: str
    detail: str = ""


# --- draft --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def compose_bulletin(
    month: Month, *, by: User, now: datetime, reason: str = "", min_items: int = MIN_ITEMS
) -> MonthlyBulletin:
    """Compose the tables of ``month`` into a draft, or into the draft that there is (its text stays); ``by`` becomes an author.

    A month whose bulletin was published gets a new revision, which needs a ``reason``: what changed and why.

    Raises:
        BulletinRefused: the month has not ended, has no cases or no policy; its bulletin is in review or signed; or a
            correction has no reason.
        PermissionDenied: ``by`` may not draft bulletins.
    """
    if not by.has_perm(Permission.DRAFT_BULLETINS):
        raise PermissionDenied
    if now < month.end:
        raise BulletinRefused(_("%(month)s has not ended yet.") % {"month": month})
    if not has_cases_before(month.end):
        raise BulletinRefused(_("There are no cases before the end of %(month)s.") % {"month": month})
    _lock()
    latest = MonthlyBulletin.objects.filter(month=str(month)).order_by("-revision").first()
    bulletin = _revision_to_write(latest, month, reason)
    policy = policy_in_force(month.halves[1])
    bulletin.min_items = min_items
    bulletin.tables = compose(month, policy, min_items)
    if not bulletin.narrative:
        bulletin.narrative = wording.proposed(bulletin.tables)
    bulletin.status, bulletin.status_changed_at = Status.DRAFT, now
    bulletin.composed_at, bulletin.composed_by, bulletin.dated = now, by, now.astimezone(CHINA).date()
    bulletin.submitted_at = bulletin.submitted_by = bulletin.reviewed_at = bulletin.reviewed_by = None
    _store(bulletin, by)
    record("bulletins.compose", bulletin, by=by, reason=reason, digest=bulletin.digest)
    return bulletin


def _lock() -> None:
    """Numbers are given one after the other, and whoever composes the same month at the same time waits here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('bulletins'))")


def _revision_to_write(latest: MonthlyBulletin | None, month: Month, reason: str) -> MonthlyBulletin:
    if latest is None:
        return _first_of(month)
    if latest.status == Status.DRAFT:
        latest.reason = reason or latest.reason
        return latest
    if latest.status in MonthlyBulletin.OPEN:
        raise BulletinRefused(
            _("The bulletin of %(month)s is %(state)s; it can be composed again only as a draft.")
            % {"month": month, "state": latest.get_status_display()}
        )
    if not reason.strip():
        raise BulletinRefused(
            _(
                "The bulletin of %(month)s was published. A correction is a new revision and needs a reason: what changed and why."
            )
            % {"month": month}
        )
    kept = ("month", "number", "serial", "title", "document_number", "reports_to", "sent_to", "narrative")
    return MonthlyBulletin(
        revision=latest.revision + 1, reason=reason.strip(), **{name: getattr(latest, name) for name in kept}
    )


def _first_of(month: Month) -> MonthlyBulletin:
    """The next number of the year and of all."""
    given = MonthlyBulletin.objects.aggregate(serial=Max("serial"))
    of_year = MonthlyBulletin.objects.filter(month__startswith=f"{month.year}-").aggregate(number=Max("number"))
    return MonthlyBulletin(
        month=str(month),
        number=(of_year["number"] or 0) + 1,
        serial=(given["serial"] or 0) + 1,
        title=wording.title(month),
        reports_to=wording.REPORTS_TO,
        sent_to=wording.SENT_TO,
    )


def _store(bulletin: MonthlyBulletin, author: User) -> None:
    if author.pk not in bulletin.authors:
        bulletin.authors = [*bulletin.authors, author.pk]
    bulletin.digest = digest(bulletin.manifest)
    bulletin.save()


@transaction.atomic
def edit_bulletin(bulletin: MonthlyBulletin, *, by: User, seen: str, **changes: Any) -> None:
    """Change texts of a draft: ``title``, ``document_number``, ``dated``, ``reports_to``, ``sent_to``, ``narrative``.

    Args:
        seen: the digest of what the editor had before them; ``by`` becomes an author.

    Raises:
        BulletinRefused: it is no draft any more, or somebody else changed it meanwhile.
        ValidationError: the text names a figure or table that there is not, is too long, or has a sign without a glyph.
        PermissionDenied: ``by`` may not draft bulletins.
    """
    if not by.has_perm(Permission.DRAFT_BULLETINS):
        raise PermissionDenied
    stored = MonthlyBulletin.objects.select_for_update().get(pk=bulletin.pk)
    if stored.status != Status.DRAFT:
        raise BulletinRefused(
            _("Only a draft can be edited; this one is %(state)s.") % {"state": stored.get_status_display()}
        )
    if stored.digest != seen:
        raise BulletinRefused(
            _("Somebody else changed this draft since you opened it. Nothing was saved; open it again.")
        )
    for name, value in changes.items():
        setattr(bulletin, name, value)
    demand_sound_text(bulletin)
    bulletin.authors = stored.authors
    _store(bulletin, by)
    record("bulletins.edit", bulletin, by=by, digest=bulletin.digest)


def demand_sound_text(bulletin: MonthlyBulletin) -> None:
    """Make sure that the text can be set: its figures are in the tables, its length is kept, every sign has a glyph.

    Raises:
        ValidationError: at ``narrative``.
    """
    try:
        text = filled(bulletin.narrative, figures(bulletin))
        document = official(bulletin)
        for face in (Face.SERIF, Face.SERIF_BOLD, Face.SANS):
            demand_glyphs("".join(document.texts()), face)
    except UnknownFigures as unknown:
        names = _(", ").join(f"{{{{{name}}}}}" for name in unknown.names)
        raise ValidationError(
            {"narrative": _("The tables have no such figure: %(names)s.") % {"names": names}}
        ) from unknown
    except KeyError as unknown:
        raise ValidationError(
            {"narrative": _("There is no such table: [[%(name)s]].") % {"name": unknown.args[0]}}
        ) from unknown
    except GlyphsMissing as missing:
        raise ValidationError({"narrative": str(missing)}) from missing
    if length(text) > LONGEST_NARRATIVE:
        raise ValidationError(
            {
                "narrative": _("%(count)d signs; at most %(most)d are allowed.")
                % {"count": length(text), "most": LONGEST_NARRATIVE}
            }
        )


# --- from draft to publication ------------------------------------------------------------------------------------------


def checks(bulletin: MonthlyBulletin) -> list[Check]:
    """What must hold before a bulletin is submitted or signed, in the order in which people work it off."""
    wrong = differences(bulletin.tables)
    return [
        Check("totals", not wrong, _("The parts of every table add to the total"), _in_words(wrong)),
        Check(
            "text",
            not (fault := _fault_of(bulletin)),
            _("The text takes its figures from the tables and can be set"),
            fault,
        ),
        Check("unchanged", _still_follows(bulletin), _("The cases still give these tables")),
        Check("rankings", _lists_are_current(bulletin), _("Its lists are those of the published rankings")),
    ]


def _in_words(wrong: list[Difference]) -> str:
    return _("; ").join(
        _("%(where)s, %(measure)s: the parts give %(parts)s, the total is %(whole)s, a difference of %(difference)s")
        % {
            "where": at.where,
            "measure": at.measure,
            "parts": f"{at.parts:,f}",
            "whole": f"{at.whole:,f}",
            "difference": f"{at.parts - at.whole:+,f}",
        }
        for at in wrong
    )


def _fault_of(bulletin: MonthlyBulletin) -> str:
    try:
        demand_sound_text(bulletin)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _still_follows(bulletin: MonthlyBulletin) -> bool:
    now = compose(bulletin.of, policy_in_force(bulletin.of.halves[1]), bulletin.min_items)
    return all(_without_words(now[name]) == _without_words(bulletin.tables[name]) for name in now if name != "lists")


def _without_words(table: Any) -> Any:
    """A table without what its codes are called: a better word for a channel changes no figure."""
    if not isinstance(table, list):
        return table
    return [{name: value for name, value in row.items() if name not in ("name", "title")} for row in table]


def _lists_are_current(bulletin: MonthlyBulletin) -> bool:
    halves = [str(half) for half in bulletin.of.halves]
    current = Ranking.objects.published().filter(period__in=halves).values_list("digest", flat=True)
    return sorted(current) == sorted(row["digest"] for row in bulletin.tables["lists"])


def _demand(bulletin: MonthlyBulletin) -> None:
    for check in checks(bulletin):
        if not check.holds:
            raise BulletinRefused(
                _("This cannot be done yet: %(check)s — no. %(detail)s") % {"check": check.text, "detail": check.detail}
            )


@transaction.atomic
def submit_bulletin(bulletin: MonthlyBulletin, *, by: User, now: datetime) -> None:
    """Draft to review; ``by`` becomes an author and neither reviews nor signs it.

    Raises:
        BulletinRefused: a check does not hold; the message names the first, and the difference where sums disagree.
    """
    _demand(bulletin)
    authors = bulletin.authors if by.pk in bulletin.authors else [*bulletin.authors, by.pk]
    move(
        bulletin, Status.IN_REVIEW, moves=MonthlyBulletin.MOVES, verb="bulletins.submit", by=by,
        submitted_at=now, submitted_by=by, authors=authors,
    )  # fmt: skip


def send_back_bulletin(bulletin: MonthlyBulletin, *, by: User, reason: str) -> None:
    """Back to draft from review, with a reason that the author reads."""
    move(
        bulletin, Status.DRAFT, moves=MonthlyBulletin.MOVES, verb="bulletins.send_back", by=by, reason=demand_reason(reason),
        reviewed_at=None, reviewed_by=None,
    )  # fmt: skip


@transaction.atomic
def review_bulletin(bulletin: MonthlyBulletin, *, by: User, now: datetime) -> None:
    """Pass the review: from then on it can be signed.

    Raises:
        BulletinRefused: it is not in review, was reviewed already, or ``by`` is one of its authors.
        PermissionDenied: ``by`` may not review bulletins.
    """
    if not by.has_perm(Permission.REVIEW_BULLETINS):
        raise PermissionDenied
    _refuse_authors(bulletin, by)
    reviewed = MonthlyBulletin.objects.filter(
        pk=bulletin.pk, status=Status.IN_REVIEW, reviewed_by=None, digest=bulletin.digest
    ).update(reviewed_by=by, reviewed_at=now)
    if not reviewed:
        raise BulletinRefused(_("This bulletin does not wait for a review any more."))
    bulletin.reviewed_by, bulletin.reviewed_at = by, now
    record("bulletins.review", bulletin, by=by, digest=bulletin.digest)


@transaction.atomic
def sign_bulletin(bulletin: MonthlyBulletin, *, by: User, now: datetime) -> None:
    """Sign a reviewed bulletin: from then on nothing in it can change.

    Raises:
        BulletinRefused: nobody has reviewed it, ``by`` is one of its authors, or a check does not hold.
        PermissionDenied: ``by`` may not sign bulletins.
    """
    if not by.has_perm(Permission.SIGN_BULLETINS):
        raise PermissionDenied
    if bulletin.reviewed_by_id is None:
        raise BulletinRefused(_("Nobody has reviewed it yet."))
    _refuse_authors(bulletin, by)
    _demand(bulletin)
    move(
        bulletin, Status.SIGNED, moves=MonthlyBulletin.MOVES, verb="bulletins.sign", by=by, signed_at=now, signed_by=by
    )


def _refuse_authors(bulletin: MonthlyBulletin, person: User) -> None:
    if person.pk in bulletin.authors:
        raise BulletinRefused(_("Whoever composed, edited or submitted a bulletin neither reviews nor signs it."))


@transaction.atomic
def publish_bulletin(bulletin: MonthlyBulletin, *, by: User, now: datetime) -> None:
    """Publish a signed bulletin; the revision that it corrects, if any, is superseded in the same moment."""
    corrected = MonthlyBulletin.objects.published().filter(month=bulletin.month).first()
    if corrected is not None:
        move(
            corrected, Status.SUPERSEDED, moves=MonthlyBulletin.MOVES, verb="bulletins.supersede", by=by,
            reason=bulletin.reason,
        )  # fmt: skip
    move(
        bulletin, Status.PUBLISHED, moves=MonthlyBulletin.MOVES, verb="bulletins.publish", by=by,
        published_at=now, published_by=by,
    )  # fmt: skip
    emit(PUBLISHED, event_of(bulletin), now=now)


@transaction.atomic
def withdraw_bulletin(bulletin: MonthlyBulletin, *, by: User, now: datetime, reason: str) -> None:
    """Withdraw a published bulletin: its page stays and says why."""
    given = demand_reason(reason)
    move(
        bulletin, Status.WITHDRAWN, moves=MonthlyBulletin.MOVES, verb="bulletins.withdraw", by=by, reason=given,
        withdrawn_at=now, withdrawal_reason=given,
    )  # fmt: skip
    emit(WITHDRAWN, event_of(bulletin) | {"reason": given}, now=now)


def event_of(bulletin: MonthlyBulletin) -> dict[str, Any]:
    """What other systems are told: which bulletin, and the digest by which they know what they read."""
    return {
        "month": bulletin.month,
        "revision": bulletin.revision,
        "title": bulletin.title,
        "digest": bulletin.digest,
        "reason": bulletin.reason,
    }
