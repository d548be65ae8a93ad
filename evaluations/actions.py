"""Every write with a consequence on rankings. Atomic, audited; the actor is named ``by`` (``None`` is the system)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from evaluations import counting, events, rules, snapshots
from evaluations.evidence.computing import take_evidence
from evaluations.models import Ranking, RankingObjection, RankingPolicy
from portal.models import User
from portal.roles import Permission
from portal.rules import HalfMonth
from portal.workflow import MoveRefused, move, record

Status = Ranking.Status


class RankingRefused(MoveRefused):
    """What was asked of a ranking cannot be done; the message says why and what to do."""


@dataclass(frozen=True)
class Computed:
    """A ranking as computed, and whether that wrote anything."""

    ranking: Ranking
    is_new: bool


@dataclass(frozen=True)
class Outcome:
    """A ranking as it follows from the cases now, before it is stored."""

    policy: RankingPolicy
    start: datetime
    counted: list[counting.Counted]
    placed: list[rules.Placed]
    digest: str


def policy_in_force(period: HalfMonth, document: str | None = None) -> RankingPolicy:
    """The approved policy record in force when ``period`` begins; with ``document``, that record if it is in force by then.

    Raises:
        RankingRefused: there is none.
    """
    approved = RankingPolicy.objects.approved()
    records = approved.filter(effective_from__lte=period.start.date()).order_by("-effective_from")
    if document is not None:
        records = records.filter(document=document)
    policy: RankingPolicy | None = records.first()
    if policy is None and document is not None:
        raise RankingRefused(
            _("There is no policy record “%(document)s” in force by %(period)s.")
            % {"document": document, "period": period}
        )
    if policy is None:
        raise RankingRefused(
            _("No policy record is in force by %(period)s; load a policy.json first.") % {"period": period}
        )
    return policy


def outcome_now(period: HalfMonth, policy: RankingPolicy) -> Outcome:
    """Count, score and place every neighbourhood from the cases as they are now."""
    rule = policy.rule
    start = period.shift(1 - rule.window_periods).start
    counted = counting.count(start, period.end, (period.end - timedelta(days=1)).date(), rule)
    placed = rules.place([(row.district_code, row.counts) for row in counted], rule)
    manifest = snapshots.manifest(
        str(period), (start, period.end), policy.as_manifest(), rule, snapshots.manifest_rows(counted, placed)
    )
    return Outcome(policy, start, counted, placed, rules.digest(manifest))


@transaction.atomic
def compute_ranking(
    period: HalfMonth, *, now: datetime, by: User | None = None, reason: str = "", document: str | None = None
) -> Computed:
    """Compute the ranking of ``period`` into a draft. Nothing is written when the cases give what is already there.

    A period whose latest ranking was published gets a new revision, which needs a ``reason``: what changed and why.

    Raises:
        RankingRefused: the period has not ended, there are no cases, no policy; the ranking is under review or on notice
            and the cases now give another one; or a correction has no reason.
        PermissionDenied: ``by`` may not compute rankings.
    """
    if by is not None and not by.has_perm(Permission.COMPUTE_RANKINGS):
        raise PermissionDenied
    if now < period.end:
        raise RankingRefused(_("%(period)s has not ended yet.") % {"period": period})
    policy = policy_in_force(period, document)
    if not counting.has_cases_before(period.end):
        raise RankingRefused(_("There are no cases before the end of %(period)s.") % {"period": period})
    lock_period(period)
    latest = Ranking.objects.filter(period=str(period)).order_by("-revision").first()
    outcome = outcome_now(period, policy)
    if latest and latest.digest == outcome.digest and latest.status != Status.WITHDRAWN:
        return Computed(latest, is_new=False)
    ranking = _revision_to_write(latest, period, reason)
    _store(ranking, outcome, now=now, by=by)
    record("rankings.compute", ranking, by=by, reason=reason, digest=outcome.digest)
    return Computed(ranking, is_new=True)


def lock_period(period: HalfMonth) -> None:
    """Whoever computes the same period at the same time waits here, and then finds the work done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ranking'), hashtext(%s))", [str(period)])


def _revision_to_write(latest: Ranking | None, period: HalfMonth, reason: str) -> Ranking:
    if latest is None:
        return Ranking(period=str(period), revision=1, reason=reason)
    if latest.status == Status.DRAFT:
        latest.reason = reason or latest.reason
        return latest
    if latest.status in Ranking.OPEN:
        raise RankingRefused(
            _("The cases now give another ranking, but %(ranking)s is %(state)s; send it back to draft first.")
            % {"ranking": latest, "state": latest.get_status_display()}
        )
    if not reason:
        raise RankingRefused(
            _("%(ranking)s was published. A correction is a new revision and needs a reason: what changed and why.")
            % {"ranking": latest}
        )
    return Ranking(period=str(period), revision=latest.revision + 1, reason=reason)


def _store(ranking: Ranking, outcome: Outcome, *, now: datetime, by: User | None) -> None:
    previous = previous_published(ranking)
    for name, value in _pooled(outcome).items():
        setattr(ranking, name, value)
    ranking.policy, ranking.policy_snapshot = outcome.policy, outcome.policy.as_manifest()
    ranking.window_start, ranking.window_end = outcome.start, HalfMonth.parse(ranking.period).end
    ranking.digest, ranking.previous = outcome.digest, previous
    ranking.computed_at, ranking.computed_by, ranking.status_changed_at = now, by, now
    ranking.submitted_at = ranking.submitted_by = ranking.reviewed_by = None
    ranking.notice_from = ranking.notice_until = ranking.evidence = None
    ranking.save()
    snapshots.write_entries(ranking, outcome.counted, outcome.placed, snapshots.standing_in(previous))


def _pooled(outcome: Outcome) -> dict[str, Any]:
    counts = [row.counts for row in outcome.counted]
    sums = {name: sum(column) for name, column in zip(rules.Counts._fields, zip(*counts, strict=True), strict=False)}
    eligible = sum(at.score is not None for at in outcome.placed)
    return sums | {"eligible": eligible, "not_ranked": len(counts) - eligible}


def previous_published(ranking: Ranking) -> Ranking | None:
    """The newest published ranking of an earlier period."""
    earlier: Ranking | None = Ranking.objects.published().filter(period__lt=ranking.period).order_by("-period").first()
    return earlier


# --- from draft to publication -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One condition of publication: a name for the page's text, whether it holds, and what to say when it does not."""

    name: str
    holds: bool
    text: str


def publication_checks(ranking: Ranking, *, by: User, now: datetime) -> list[Check]:
    """What must hold before ``by`` may publish a ranking, in the order in which people work it off."""
    rule_rows_agree = not snapshots.differences(ranking)
    previous = previous_published(ranking)
    over = ranking.notice_until is not None and now >= ranking.notice_until
    return [
        Check("verified", rule_rows_agree, _("Scores, ranks and digest follow from the stored counts")),
        Check("unchanged", _still_follows(ranking), _("The cases still give this ranking")),
        Check(
            "compared",
            ranking.previous_id == (previous.pk if previous else None),
            _("Compared with the latest published ranking"),
        ),
        Check("notice", over, _("The public notice is over")),
        _objections_check(ranking),
        Check("signer", not _is_author(ranking, by), _("The signer neither computed nor submitted it")),
    ]


def _objections_check(ranking: Ranking) -> Check:
    """Whoever objected before the publication gets an answer before it; a later objection can only lead to a correction."""
    waiting = RankingObjection.objects.undecided().filter(ranking=ranking, was_published=False)
    names = list(waiting.order_by("received_at").values_list("number", flat=True))
    if not names:
        return Check("objections", True, _("Every objection is decided"))
    text = _("Every objection is decided; still open: %(numbers)s") % {"numbers": ", ".join(names[:10])}
    return Check("objections", False, text)


def _still_follows(ranking: Ranking) -> bool:
    return outcome_now(ranking.half_month, ranking.policy).digest == ranking.digest


def _is_author(ranking: Ranking, person: User) -> bool:
    return person.pk in (ranking.computed_by_id, ranking.submitted_by_id)


@transaction.atomic
def submit_for_review(ranking: Ranking, *, by: User, now: datetime) -> None:
    """Draft to review; ``by`` becomes an author and cannot sign. The evidence beside the scores is taken for the reviewer."""
    move(
        ranking, Status.IN_REVIEW, moves=Ranking.MOVES, verb="rankings.submit", by=by, submitted_at=now, submitted_by=by
    )
    take_evidence(ranking)


def send_back(ranking: Ranking, *, by: User, reason: str) -> None:
    """Back to draft from review or notice, with a reason that the author reads."""
    if not reason.strip():
        raise RankingRefused(_("Say why it goes back."))
    move(
        ranking, Status.DRAFT, moves=Ranking.MOVES, verb="rankings.send_back", by=by, reason=reason,
        notice_from=None, notice_until=None, reviewed_by=None,
    )  # fmt: skip


@transaction.atomic
def start_notice(ranking: Ranking, *, by: User, now: datetime) -> None:
    """Review to public notice: comparison with the previous published ranking and evidence are fixed, the days of notice begin.

    Raises:
        RankingRefused: the cases have been corrected since it was computed.
    """
    if not _still_follows(ranking):
        raise RankingRefused(_("Cases were corrected since this was computed; send it back and compute again."))
    previous = previous_published(ranking)
    if ranking.previous_id != (previous.pk if previous else None):
        snapshots.refresh_comparison(ranking, previous)
    take_evidence(ranking)
    until = now + timedelta(days=ranking.policy.notice_days)
    move(
        ranking, Status.NOTICE, moves=Ranking.MOVES, verb="rankings.start_notice", by=by,
        notice_from=now, notice_until=until, reviewed_by=by, previous=previous,
    )  # fmt: skip


@transaction.atomic
def publish(ranking: Ranking, *, by: User, now: datetime) -> None:
    """Sign and publish; the revision that it corrects, if any, is superseded in the same moment.

    Raises:
        RankingRefused: a publication check does not hold; the message names the first.
        PermissionDenied: ``by`` may not sign.
    """
    if not by.has_perm(Permission.SIGN_RANKINGS):
        raise PermissionDenied
    Ranking.objects.select_for_update().get(
        pk=ranking.pk
    )  # an objection that comes in now waits, and finds it published
    for check in publication_checks(ranking, by=by, now=now):
        if not check.holds:
            raise RankingRefused(_("Cannot be published yet: %(check)s — no.") % {"check": check.text})
    corrected = Ranking.objects.published().filter(period=ranking.period).first()
    if corrected is not None:
        move(corrected, Status.SUPERSEDED, moves=Ranking.MOVES, verb="rankings.supersede", by=by, reason=ranking.reason)
        events.tell(events.CORRECTED, corrected)
    move(ranking, Status.PUBLISHED, moves=Ranking.MOVES, verb="rankings.publish", by=by, published_at=now, signed_by=by)
    events.tell(events.PUBLISHED, ranking)


@transaction.atomic
def withdraw(ranking: Ranking, *, by: User, now: datetime, reason: str) -> None:
    """Withdraw a published ranking: its page stays and says why."""
    if not reason.strip():
        raise RankingRefused(_("Say why it is withdrawn; the reason is public."))
    move(
        ranking, Status.WITHDRAWN, moves=Ranking.MOVES, verb="rankings.withdraw", by=by, reason=reason,
        withdrawn_at=now, withdrawal_reason=reason,
    )  # fmt: skip
    events.tell(events.WITHDRAWN, ranking)


# --- the half-monthly job ------------------------------------------------------------------------------------------------


def missed_periods(now: datetime) -> list[HalfMonth]:
    """Ended half months with reported cases and no ranking of any state, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(reported_at) FROM evaluations_appraisalcase")
        (first,) = cursor.fetchone()
    if first is None:
        return []
    known = set(Ranking.objects.values_list("period", flat=True))
    period, unknown = HalfMonth.containing(first), []
    while period.end <= now:
        if str(period) not in known:
            unknown.append(period)
        period = period.shift(1)
    return _with_cases(unknown)


def _with_cases(periods: list[HalfMonth]) -> list[HalfMonth]:
    """Those in which a case was reported; one query for many years of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT place FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS span (start, past, place),
                   LATERAL (SELECT 1 FROM evaluations_appraisalcase WHERE reported_at >= start AND reported_at < past LIMIT 1) reported
               ORDER BY place""",
            [[period.start for period in periods], [period.end for period in periods]],
        )
        return [periods[place - 1] for (place,) in cursor.fetchall()]
