"""The rankings desk: what may be done with a ranking and by whom, and what its reviewer looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from evaluations import actions, rules, snapshots, summaries
from evaluations.models import Ranking, RankingEntry
from portal.models import AuditEntry, User
from portal.roles import Permission
from portal.workflow import MoveRefused

Status = Ranking.Status

BIG_CHANGE = 100
"""Places gained or lost since the previous ranking that a reviewer should look at."""
LONG_STREAK = 3
"""Periods in a row on the same list that a reviewer should look at."""


# --- deeds ---------------------------------------------------------------------------------------------------------------


def _submit(ranking: Ranking, by: User, now: datetime, reason: str) -> Ranking:
    actions.submit_for_review(ranking, by=by, now=now)
    return ranking


def _send_back(ranking: Ranking, by: User, now: datetime, reason: str) -> Ranking:
    actions.send_back(ranking, by=by, reason=reason)
    return ranking


def _start_notice(ranking: Ranking, by: User, now: datetime, reason: str) -> Ranking:
    actions.start_notice(ranking, by=by, now=now)
    return ranking


def _publish(ranking: Ranking, by: User, now: datetime, reason: str) -> Ranking:
    actions.publish(ranking, by=by, now=now)
    return ranking


def _withdraw(ranking: Ranking, by: User, now: datetime, reason: str) -> Ranking:
    actions.withdraw(ranking, by=by, now=now, reason=reason)
    return ranking


def _recompute(ranking: Ranking, by: User, now: datetime, reason: str) -> Ranking:
    computed = actions.compute_ranking(ranking.half_month, now=now, by=by)
    if not computed.is_new:
        raise MoveRefused(_("The cases still give this ranking; nothing was changed."))
    return computed.ranking


def _correct(ranking: Ranking, by: User, now: datetime, reason: str) -> Ranking:
    computed = actions.compute_ranking(ranking.half_month, now=now, by=by, reason=reason)
    if not computed.is_new:
        raise MoveRefused(_("The cases still give the published ranking; there is nothing to correct."))
    return computed.ranking


@dataclass(frozen=True)
class Deed:
    """Something a person may do with a ranking. ``reason`` is the question that must be answered, empty where none is."""

    verb: str
    label: str | Promise
    done: str | Promise
    consequence: str | Promise
    icon: str
    permission: Permission
    possible_in: tuple[Status, ...]
    run: Callable[[Ranking, User, datetime, str], Ranking]
    reason: str | Promise = ""
    is_next_step: bool = False
    is_harmful: bool = False


P = Permission
DEEDS = {
    deed.verb: deed
    for deed in (
        Deed(
            "recompute", gettext_lazy("Compute again"), gettext_lazy("Computed again; the draft was replaced."),
            gettext_lazy("The draft is replaced by what the cases give now. You become one of its authors and cannot sign it."),
            "refresh", P.COMPUTE_RANKINGS, (Status.DRAFT,), _recompute,
        ),
        Deed(
            "submit", gettext_lazy("Submit for review"), gettext_lazy("Submitted for review."),
            gettext_lazy("A reviewer checks it next. You become one of its authors and cannot sign it."),
            "send", P.COMPUTE_RANKINGS, (Status.DRAFT,), _submit, is_next_step=True,
        ),
        Deed(
            "send-back", gettext_lazy("Send back"), gettext_lazy("Sent back to draft."),
            gettext_lazy("It becomes a draft again, and a public notice that has begun is void."),
            "arrow-back-up", P.REVIEW_RANKINGS, (Status.IN_REVIEW, Status.NOTICE), _send_back,
            reason=gettext_lazy("Why it goes back (its author reads this)"), is_harmful=True,
        ),
        Deed(
            "start-notice", gettext_lazy("Pass and start the public notice"), gettext_lazy("The public notice has begun."),
            gettext_lazy("The scores are settled and the days of notice begin now. It can be published when they are over."),
            "speakerphone", P.REVIEW_RANKINGS, (Status.IN_REVIEW,), _start_notice, is_next_step=True,
        ),
        Deed(
            "publish", gettext_lazy("Publish the ranking"), gettext_lazy("Published."),
            gettext_lazy("Everybody can read it from now on. It can never be changed, only corrected by a new revision."),
            "rosette", P.SIGN_RANKINGS, (Status.NOTICE,), _publish, is_next_step=True,
        ),
        Deed(
            "correct", pgettext_lazy("ranking", "Draft a correction"), gettext_lazy("A correction was drafted."),
            gettext_lazy("A new revision is computed from the cases as they are now. The published one stays until that is published."),
            "versions", P.COMPUTE_RANKINGS, (Status.PUBLISHED, Status.WITHDRAWN), _correct,
            reason=gettext_lazy("What changed and why (public)"),
        ),
        Deed(
            "withdraw", gettext_lazy("Withdraw"), gettext_lazy("Withdrawn."),
            gettext_lazy("Its page stays and shows the reason instead of the lists. This cannot be taken back."),
            "ban", P.WITHDRAW_RANKINGS, (Status.PUBLISHED,), _withdraw,
            reason=gettext_lazy("Why it is withdrawn (public)"), is_harmful=True,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A deed as offered to one person: possible now, or refused with the reason that stands beside the grey button."""

    deed: Deed
    refusal: str

    @property
    def is_open(self) -> bool:
        return not self.refusal


def offers(ranking: Ranking, *, by: User, checks: list[actions.Check]) -> list[Offer]:
    """What the present state allows, the next step last, each with why this person cannot do it if so."""
    possible = [deed for deed in DEEDS.values() if ranking.status in deed.possible_in]
    return [
        Offer(deed, refusal(deed, ranking, by=by, checks=checks))
        for deed in sorted(possible, key=lambda d: d.is_next_step)
    ]


def refusal(deed: Deed, ranking: Ranking, *, by: User, checks: list[actions.Check]) -> str:
    """Why ``by`` cannot do this now, or an empty text."""
    if ranking.status not in deed.possible_in:
        return _("This is not possible from the present state: %(state)s.") % {"state": ranking.get_status_display()}
    if not by.has_perm(deed.permission):
        return _("You do not hold the right “%(right)s”.") % {"right": deed.permission.label}
    if deed.verb == "publish":
        failing = [check.text for check in checks if not check.holds]
        return _("Not yet: %(check)s — no.") % {"check": failing[0]} if failing else ""
    if deed.verb == "start-notice":
        changed = [check for check in checks if check.name == "unchanged" and not check.holds]
        return _("Cases were corrected since this was computed; send it back and compute again.") if changed else ""
    if deed.verb == "correct":
        later = Ranking.objects.filter(period=ranking.period, revision__gt=ranking.revision).exists()
        return _("There is a later revision already.") if later else ""
    return ""


def checks_of(ranking: Ranking, *, by: User, now: datetime) -> list[actions.Check]:
    """The publication checks of an open ranking; a published one has passed them."""
    return actions.publication_checks(ranking, by=by, now=now) if ranking.status in Ranking.OPEN else []


# --- steps and audit -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One of the four steps, with who and when; ``state`` is ``done``, ``now`` or ``next``."""

    title: str
    state: str
    who: str
    when: datetime | None
    note: str = ""


def steps(ranking: Ranking) -> list[Step]:
    """Calculated, reviewed, on notice, published: where it stands, who did it and when."""
    at = {Status.DRAFT: 0, Status.IN_REVIEW: 1, Status.NOTICE: 2}.get(ranking.status, 4)

    def state(place: int) -> str:
        return "done" if place < at else "now" if place == at else "next"

    def name(person: User | None) -> str:
        return str(person) if person else ""

    computed_by = name(ranking.computed_by) or _("automatically")
    if at == 0:
        review_who, review_when, review_note = "", None, ""
    elif at == 1:
        review_who, review_when, review_note = name(ranking.submitted_by), ranking.submitted_at, _("submitted")
    else:
        review_who, review_when, review_note = name(ranking.reviewed_by), ranking.notice_from, ""
    return [
        Step(_("Calculation"), state(0), computed_by, ranking.computed_at),
        Step(_("Review"), state(1), review_who, review_when, review_note),
        Step(_("Public notice"), state(2), "", ranking.notice_until, _("until") if ranking.notice_until else ""),
        Step(
            _("Publication"), state(3), name(ranking.signed_by), ranking.published_at,
            "" if at > 2 else _("signed by another person"),
        ),
    ]  # fmt: skip


VERBS = {
    "rankings.compute": gettext_lazy("computed"),
    "rankings.submit": gettext_lazy("submitted for review"),
    "rankings.send_back": gettext_lazy("sent back"),
    "rankings.start_notice": gettext_lazy("started the public notice"),
    "rankings.publish": gettext_lazy("signed and published"),
    "rankings.supersede": gettext_lazy("superseded by a correction"),
    "rankings.withdraw": gettext_lazy("withdrew"),
}


def audit_trail(ranking: Ranking) -> list[AuditEntry]:
    """What was done with this ranking, newest first; each with its verb in words."""
    entries = list(AuditEntry.objects.filter(subject_type="ranking", subject=str(ranking)).select_related("by")[:50])
    for entry in entries:
        entry.deed = VERBS.get(entry.verb, entry.verb)
    return entries


# --- rows ----------------------------------------------------------------------------------------------------------------


def decorated(entries: list[RankingEntry], ranking: Ranking) -> list[RankingEntry]:
    """Each entry with its points per part, what it lacks, and what a reviewer should look at."""
    policy = snapshots.policy_of(ranking)
    ties = tied_ranks(ranking) if any(entry.eligible for entry in entries) else set()
    for entry in entries:
        entry.parts = summaries.worked_out(entry.counts, policy) if entry.eligible else None
        entry.lacks = summaries.missing(entry.counts, policy)
        entry.is_tied = entry.rank in ties
        entry.is_big_change = entry.change is not None and abs(entry.change) > BIG_CHANGE
        entry.is_long_streak = entry.streak >= LONG_STREAK
    return entries


def tied_ranks(ranking: Ranking) -> set[int]:
    """Ranks that more than one neighbourhood holds."""
    shared = ranking.entries.filter(eligible=True).values("rank").annotate(holders=Count("id")).filter(holders__gt=1)
    return set(shared.values_list("rank", flat=True))


def newcomers(ranking: Ranking) -> dict[str, int]:
    """How many of each list were not on it in the previous published ranking."""
    return ranking.entries.aggregate(
        top=Count("id", filter=Q(list=rules.TOP, streak=1)), bottom=Count("id", filter=Q(list=rules.BOTTOM, streak=1))
    )


_COMPARED = (
    "estate_code", "estate_name", "district_name", "accept_due", "accept_on_time", "handle_due", "handle_on_time",
    "ratings", "satisfied_weight", "score", "rank", "list",
)  # fmt: skip


def corrected_revision(ranking: Ranking) -> Ranking | None:
    """The revision that this one corrects: the latest earlier one of its period."""
    return Ranking.objects.filter(period=ranking.period, revision__lt=ranking.revision).order_by("-revision").first()


def changes(ranking: Ranking, corrected: Ranking) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Neighbourhoods whose counts, score, rank or list differ: ``(before, now)``, the largest change of score first."""
    before = {row["estate_code"]: row for row in corrected.entries.values(*_COMPARED)}
    now = {row["estate_code"]: row for row in ranking.entries.values(*_COMPARED)}
    absent = dict.fromkeys(_COMPARED)
    found = [
        (before.get(code, absent), now.get(code, absent))
        for code in before.keys() | now.keys()
        if before.get(code) != now.get(code)
    ]

    def size(pair) -> tuple:
        old, new = (row["score"] or Decimal(0) for row in pair)
        return -abs(new - old), pair[1]["estate_code"] or pair[0]["estate_code"]

    return sorted(found, key=size)
