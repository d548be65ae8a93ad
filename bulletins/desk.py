"""The bulletins desk: what may be done with a bulletin and by whom, its steps, what was done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Min
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bulletins import actions
from bulletins.models import MonthlyBulletin
from bulletins.rules import Month
from evaluations.desk import Offer, Step
from evaluations.models import AppraisalCase
from portal.models import AuditEntry, User
from portal.roles import Permission

Status = MonthlyBulletin.Status
P = Permission


@dataclass(frozen=True)
class Deed:
    """Something a person may do with a bulletin. ``reason`` is the question that must be answered, empty where none is."""

    verb: str
    label: str | Promise
    done: str | Promise
    consequence: str | Promise
    icon: str
    permission: Permission
    possible_in: tuple[Status, ...]
    run: Callable[[MonthlyBulletin, User, datetime, str], MonthlyBulletin | None]
    reason: str | Promise = ""
    is_next_step: bool = False
    is_harmful: bool = False
    not_for_authors: bool = False


def _compose(bulletin: MonthlyBulletin, by: User, now: datetime, reason: str) -> MonthlyBulletin:
    return actions.compose_bulletin(bulletin.of, by=by, now=now, reason=reason, min_items=bulletin.min_items)


DEEDS = {
    deed.verb: deed
    for deed in (
        Deed(
            "compose", gettext_lazy("Compose again"), gettext_lazy("Composed again; the text stays, its figures follow the new tables."),
            gettext_lazy("The tables are replaced by what the cases give now; the text stays. You become one of its authors and cannot sign it."),
            "refresh", P.DRAFT_BULLETINS, (Status.DRAFT,), _compose,
        ),
        Deed(
            "submit", gettext_lazy("Submit for review"), gettext_lazy("Submitted for review."),
            gettext_lazy("A reviewer reads it next. You become one of its authors and cannot sign it."),
            "send", P.DRAFT_BULLETINS, (Status.DRAFT,),
            lambda bulletin, by, now, reason: actions.submit_bulletin(bulletin, by=by, now=now), is_next_step=True,
        ),
        Deed(
            "send-back", gettext_lazy("Send back"), gettext_lazy("Sent back to draft."),
            gettext_lazy("It becomes a draft again, and a review that was passed is void."),
            "arrow-back-up", P.REVIEW_BULLETINS, (Status.IN_REVIEW,),
            lambda bulletin, by, now, reason: actions.send_back_bulletin(bulletin, by=by, reason=reason),
            reason=gettext_lazy("Why it goes back (its author reads this)"), is_harmful=True,
        ),
        Deed(
            "review", gettext_lazy("Pass the review"), gettext_lazy("The review is passed."),
            gettext_lazy("You confirm that text and tables are right. It can be signed then."),
            "checks", P.REVIEW_BULLETINS, (Status.IN_REVIEW,),
            lambda bulletin, by, now, reason: actions.review_bulletin(bulletin, by=by, now=now),
            is_next_step=True, not_for_authors=True,
        ),
        Deed(
            "sign", gettext_lazy("Sign the bulletin"), gettext_lazy("Signed."),
            gettext_lazy("From now on nothing in it can change; it is published in the next step."),
            "signature", P.SIGN_BULLETINS, (Status.IN_REVIEW,),
            lambda bulletin, by, now, reason: actions.sign_bulletin(bulletin, by=by, now=now),
            is_next_step=True, not_for_authors=True,
        ),
        Deed(
            "publish", gettext_lazy("Publish the bulletin"), gettext_lazy("Published."),
            gettext_lazy("Everybody can read it from now on. It can never be changed, only corrected by a new revision."),
            "rosette", P.SIGN_BULLETINS, (Status.SIGNED,),
            lambda bulletin, by, now, reason: actions.publish_bulletin(bulletin, by=by, now=now), is_next_step=True,
        ),
        Deed(
            "correct", pgettext_lazy("bulletin", "Draft a correction"), gettext_lazy("A correction was drafted."),
            gettext_lazy("A new revision is composed from the cases as they are now. The published one stays until that is published."),
            "versions", P.DRAFT_BULLETINS, (Status.PUBLISHED, Status.WITHDRAWN), _compose,
            reason=gettext_lazy("What changed and why (this is public)"),
        ),
        Deed(
            "withdraw", pgettext_lazy("bulletin", "Withdraw the bulletin"), gettext_lazy("Withdrawn."),
            gettext_lazy("Its page stays and says why it was withdrawn; files and API no longer give it."),
            "ban", P.SIGN_BULLETINS, (Status.PUBLISHED,),
            lambda bulletin, by, now, reason: actions.withdraw_bulletin(bulletin, by=by, now=now, reason=reason),
            reason=gettext_lazy("Why it is withdrawn (this is public)"), is_harmful=True,
        ),
    )
}  # fmt: skip


def offers(bulletin: MonthlyBulletin, *, by: User, checks: Sequence[actions.Check]) -> list[Offer]:
    """What the present state allows, the next step last, each with why this person cannot do it if so."""
    possible = [deed for deed in DEEDS.values() if bulletin.status in deed.possible_in and not _is_past(deed, bulletin)]
    return [
        Offer(deed, refusal(deed, bulletin, by=by, checks=checks))
        for deed in sorted(possible, key=lambda deed: deed.is_next_step)
    ]


def _is_past(deed: Deed, bulletin: MonthlyBulletin) -> bool:
    return deed.verb == "review" and bulletin.reviewed_by_id is not None


def refusal(deed: Deed, bulletin: MonthlyBulletin, *, by: User, checks: Sequence[actions.Check]) -> str:
    """Why ``by`` cannot do this now, or an empty text."""
    if bulletin.status not in deed.possible_in or _is_past(deed, bulletin):
        return _("This is not possible from the present state: %(state)s.") % {"state": bulletin.get_status_display()}
    if not by.has_perm(deed.permission):
        return _("You do not hold the right “%(right)s”.") % {"right": deed.permission.label}
    if deed.not_for_authors and by.pk in bulletin.authors:
        return _("Whoever composed, edited or submitted a bulletin neither reviews nor signs it.")
    if deed.verb == "sign" and bulletin.reviewed_by_id is None:
        return _("Nobody has reviewed it yet.")
    if deed.verb in ("submit", "sign"):
        failing = [check.text for check in checks if not check.holds]
        return _("Not yet: %(check)s — no.") % {"check": failing[0]} if failing else ""
    if deed.verb == "correct" and _has_later(bulletin):
        return _("There is a later revision already.")
    return ""


def _has_later(bulletin: MonthlyBulletin) -> bool:
    return MonthlyBulletin.objects.filter(month=bulletin.month, revision__gt=bulletin.revision).exists()


def checks_of(bulletin: MonthlyBulletin) -> list[actions.Check]:
    """The checks of one that is not signed yet; a signed one has passed them."""
    return actions.checks(bulletin) if bulletin.status in (Status.DRAFT, Status.IN_REVIEW) else []


# --- steps and audit ----------------------------------------------------------------------------------------------------


def steps(bulletin: MonthlyBulletin) -> list[Step]:
    """The five steps with who and when."""
    done = {
        Status.DRAFT: 0,
        Status.IN_REVIEW: 2 if bulletin.reviewed_by_id else 1,
        Status.SIGNED: 3,
    }.get(Status(bulletin.status), 4)
    rows = [
        (_("Draft"), bulletin.composed_by, bulletin.composed_at),
        (_("Review"), bulletin.reviewed_by, bulletin.reviewed_at),
        (_("Signature"), bulletin.signed_by, bulletin.signed_at),
        (_("Publication"), bulletin.published_by, bulletin.published_at),
    ]

    def state(place: int) -> str:
        return "done" if place < done else "now" if place == done else "next"

    return [Step(title, state(place), str(who) if who else "", when) for place, (title, who, when) in enumerate(rows)]


VERBS = {
    "bulletins.compose": gettext_lazy("composed"),
    "bulletins.edit": gettext_lazy("edited"),
    "bulletins.submit": gettext_lazy("submitted for review"),
    "bulletins.send_back": gettext_lazy("sent back"),
    "bulletins.review": gettext_lazy("passed the review"),
    "bulletins.sign": gettext_lazy("signed"),
    "bulletins.publish": gettext_lazy("published"),
    "bulletins.supersede": gettext_lazy("superseded by a correction"),
    "bulletins.withdraw": gettext_lazy("withdrew"),
}


def audit_trail(bulletin: MonthlyBulletin) -> list[AuditEntry]:
    """What was done with this bulletin, newest first; each with its verb in words."""
    entries = AuditEntry.objects.filter(subject_type="monthlybulletin", subject=str(bulletin)).select_related("by")
    found = list(entries[:50])
    for entry in found:
        entry.deed = VERBS.get(entry.verb, entry.verb)
    return found


def authors_of(bulletin: MonthlyBulletin) -> list[User]:
    return list(User.objects.filter(pk__in=bulletin.authors).order_by("pk"))


_MONTHS_WITH_CASES = """
SELECT place FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS span (start, past, place),
    LATERAL (SELECT 1 FROM evaluations_appraisalcase WHERE reported_at >= start AND reported_at < past LIMIT 1) reported
ORDER BY place
"""


def months_to_compose(now: datetime, most: int = 24) -> list[Month]:
    """Ended months in which a case was reported and that have no bulletin, newest first, at most ``most``. Three queries."""
    first = AppraisalCase.objects.aggregate(first=Min("reported_at"))["first"]
    if first is None:
        return []
    known = set(MonthlyBulletin.objects.values_list("month", flat=True))
    month, oldest, unknown = Month.containing(now).shift(-1), Month.containing(first), []
    while month >= oldest:
        if str(month) not in known:
            unknown.append(month)
        month = month.shift(-1)
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS_WITH_CASES, [[month.start for month in unknown], [month.end for month in unknown]])
        return [unknown[place - 1] for (place,) in cursor.fetchmany(most)]
