"""A resident's rating: the invitation, the rating itself, and what becomes of one that bears a sign of not being theirs.

A round is rated once. A rating that is held counts from the moment of its release; it writes nothing before, so that what is
published stays what it was. Assumption: the moment of a released rating is that of its release.
"""

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from casedesk import notices, parties, signs
from casedesk.actions.deeds import begin, put, refuse
from casedesk.events import tell
from casedesk.models import CaseEvent, CaseFile, Dispatch, Handling, JointHandler, OutcomeRating, RatingLink
from casedesk.watching import rules
from evaluations.models import AppraisalCase
from portal.models import User
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused, demand_reason, move, record

Status, Hold, Channel = OutcomeRating.Status, OutcomeRating.Hold, OutcomeRating.Channel
DISSATISFIED = AppraisalCase.Rating.DISSATISFIED
LONGEST_REMARK = 500


class LinkRefused(MoveRefused):
    """A link that rates nothing: unknown, used or expired. The page then offers the way by tracking code."""


# --- invitation ---------------------------------------------------------------------------------------------------------


def invite_rating(file: CaseFile, *, now: datetime) -> str:
    """Invite the reporter to rate the present round: a link that works once, until ``rating_until``; its path.

    A link given out before is void from then on. Who left no address gets none (the empty text); the tracking code rates too.
    """
    until = file.rating_until
    if until is None or until <= now or not (file.phone or file.email):
        return ""
    _void_links(file, now)
    token = secrets.token_urlsafe(16)
    link = RatingLink.objects.create(
        case=file.case, round=file.round, token_hash=token_hash(token), made_at=now, until=until
    )
    path = reverse("rating-by-link", args=[token])
    notices.invited(file, path, until, key=_key_of(link.pk), now=now)
    return path


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _void_links(file: CaseFile, now: datetime) -> None:
    """Nothing is rated by a link of this round any more, and the outbox forgets it."""
    links = RatingLink.objects.filter(case=file.case, round=file.round, used_at=None)
    notices.forget_links([_key_of(pk) for pk in links.values_list("pk", flat=True)])
    links.update(used_at=now)


def _key_of(link: int) -> str:
    return f"rating-invited:{link}"


def link_of(token: str, *, now: datetime) -> RatingLink:
    """The link with ``token``, which still rates at ``now``.

    Raises:
        LinkRefused: it does not, and why.
    """
    link = RatingLink.objects.select_related("case").filter(token_hash=token_hash(token)).first()
    if link is None:
        raise LinkRefused(_("This link is not known here."))
    if link.used_at is not None:
        raise LinkRefused(_("This link has been used already; it works once."))
    if now >= link.until:
        raise LinkRefused(_("The time for this link is over."))
    return link


# --- rating -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def rate_by_link(
    token: str,
    *,
    level: int,
    resolved: str,
    text: str,
    now: datetime,
    device: str = "",
    network: str = "",
    staff_device: bool = False,
) -> OutcomeRating:
    """Rate by a link, which is used up by that.

    Raises:
        LinkRefused: unknown, used or expired.
        MoveRefused, ValidationError: as :func:`rate`.
    """
    _one_at_a_time()
    link = link_of(token, now=now)
    file = CaseFile.objects.get(pk=link.case_id)
    if file.round != link.round:
        raise LinkRefused(_("This link belongs to an earlier round of the case."))
    return rate(
        file, level=level, resolved=resolved, text=text, channel=Channel.LINK, device=device, network=network,
        staff_device=staff_device, now=now,
    )  # fmt: skip


@transaction.atomic
def rate(
    file: CaseFile,
    *,
    level: int,
    resolved: str,
    channel: str,
    now: datetime,
    text: str = "",
    by: User | None = None,
    device: str = "",
    network: str = "",
    staff_device: bool = False,
    recording_ref: str = "",
) -> OutcomeRating:
    """Take the rating of the present round. It counts at once, or is held where it bears a sign of not being a resident's.

    ``device`` and ``network`` are keyed hashes; ``staff_device``: somebody in office or service has signed in on the device.
    ``by`` is who called back, on the telephone only, with the reference of the recording.

    Raises:
        MoveRefused: nothing is to be rated now, or the round was rated.
        ValidationError: no such level or answer, the remark is too long, or a callback names no recording.
        PermissionDenied: ``by`` may not call back for this case.
    """
    _one_at_a_time()
    situation = begin(file, by=by, permission=Permission.CALL_BACK, seen=None)
    file = situation.file
    _check_answer(level, resolved, text, channel, by, recording_ref)
    if by is not None:
        refuse(obstacle_to_call_back(file, by))
    refuse(obstacle_to_rate(file, now=now))
    rating = OutcomeRating(
        case=file.case, round=file.round, level=level, resolved=resolved, text=text.strip(), channel=channel, at=now, by=by,
        recording_ref=recording_ref.strip(), device_hash=device, network_hash=network, status_changed_at=now,
    )  # fmt: skip
    rating.hold_reason = _personal_sign(file, rating, staff_device)
    rating.status = Status.HELD if rating.hold_reason else Status.COUNTED
    rating.save(force_insert=True)
    _void_links(file, now)
    record("cases.rate", file.case, by=by, round=file.round, level=level, resolved=resolved, channel=channel)
    tell(
        file.case, CaseEvent.Kind.RATED, at=now, by=by, text=rating.text, round=file.round, level=level, resolved=resolved,
        channel=str(channel),
    )  # fmt: skip
    if rating.status == Status.HELD:
        tell(file.case, CaseEvent.Kind.RATING_HELD, at=now, round=file.round, sign=rating.hold_reason)
    _hold_burst(rating, now)
    if rating.status == Status.COUNTED:
        _counts(file, rating, now)
    return rating


def obstacle_to_rate(file: CaseFile, *, now: datetime) -> str:
    """Why the present round cannot be rated at ``now``; empty where it can."""
    if OutcomeRating.objects.filter(case=file.case, round=file.round).exists():
        return _("This case has been rated; each round is rated once.")
    if file.status in (CaseFile.Status.SUBMITTED, CaseFile.Status.DISPATCHED, *CaseFile.OPEN):
        return _("The case has not been handled yet; it can be rated afterwards.")
    if file.status != CaseFile.Status.HANDLED or (file.rating_until is not None and now >= file.rating_until):
        return _("The time for rating this case is over.")
    return ""


def obstacle_to_call_back(file: CaseFile, by: User) -> str:
    """Why ``by`` cannot call the reporter back about this case; empty where they can."""
    if handled_by(file, by):
        return _("Whoever handled the case, or works for the rated party, does not call back.")
    return ""


def handled_by(file: CaseFile, user: User) -> bool:
    """Whether ``user`` handled the case or belongs to a party that is rated by it."""
    if Handling.objects.filter(case=file.case, by=user).exists():
        return True
    if Dispatch.objects.filter(case=file.case, accepted_by=user).exists():
        return True
    joint = JointHandler.objects.filter(dispatch__case=file.case, dispatch__status__in=Dispatch.STANDING)
    rated = [rated_party(file), *(one.party for one in joint.select_related("enterprise", "agency", "street"))]
    return any(parties.acts_for(user, party, Permission.HANDLE_CASES) for party in rated)


def rated_party(file: CaseFile) -> parties.Party | None:
    """Who answers for the case: its lead."""
    dispatch = parties.standing_dispatch(file.case)
    return dispatch.party if dispatch else file.case.responsible


def _check_answer(level: int, resolved: str, text: str, channel: str, by: User | None, recording_ref: str) -> None:
    errors = {}
    if level not in AppraisalCase.Rating.values:
        errors["level"] = [_("Choose one of the five levels.")]
    if resolved not in AppraisalCase.Resolved.values:
        errors["resolved"] = [_("Say whether the matter is solved.")]
    if len(text) > LONGEST_REMARK:
        errors["text"] = [_("At most %(count)d signs.") % {"count": LONGEST_REMARK}]
    if channel == Channel.TELEPHONE and not recording_ref.strip():
        errors["recording_ref"] = [_("Name the recording of the call.")]
    if errors:
        raise ValidationError(errors)
    if (channel == Channel.TELEPHONE) != (by is not None):
        raise PermissionDenied


def _one_at_a_time() -> None:
    """Ratings are taken one after the other, so that two of a burst see each other, and a round is rated once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('casedesk.rate'))")


# --- signs --------------------------------------------------------------------------------------------------------------


def _personal_sign(file: CaseFile, rating: OutcomeRating, staff_device: bool) -> str:
    """The sign that this rating bears by itself, if any."""
    if file.phone and signs.is_staff_phone(file.phone):
        return Hold.STAFF_PHONE
    if file.contact_changed_at is not None:
        return Hold.CONTACT_CHANGED
    if rating.channel == Channel.CODE and file.entered_by and handled_by(file, file.entered_by):
        return Hold.ENTERED_BY_RATED  # whoever took the case in knows its code
    rule = signs.burst_rule()
    if staff_device or (rating.device_hash and rules.shared_device(_reporters_on(file, rating, rule), rule)):
        return Hold.SHARED_DEVICE
    return ""


def _reporters_on(file: CaseFile, rating: OutcomeRating, rule: rules.BurstRule) -> set[str]:
    """Who was rated for on the device of ``rating`` in the days that the rule looks back, its own reporter among them."""
    earlier = OutcomeRating.objects.filter(
        device_hash=rating.device_hash, at__gte=rating.at - timedelta(days=rule.device_days)
    )
    files = CaseFile.objects.filter(case__in=earlier.values("case")).values_list("phone_hash", "pk")
    return {_reporter(file.phone_hash, file.pk)} | {_reporter(phone, pk) for phone, pk in files}


def _reporter(phone: str, case: int) -> str:
    return phone or f"case {case}"


def _hold_burst(rating: OutcomeRating, now: datetime) -> None:
    """Hold all ratings of the burst that ``rating`` completes, those counted minutes ago too.

    A callback is no part of one: an official answers for it, with the recording.
    """
    if rating.channel == Channel.TELEPHONE:
        return
    rule = signs.burst_rule()
    recent = list(
        OutcomeRating.objects.filter(at__gt=now - rule.window, at__lte=now)
        .exclude(channel=Channel.TELEPHONE)
        .select_related("case")
    )
    given = {one.pk: one for one in _given(recent)}
    found = rules.burst(given[rating.pk], given.values(), rule)
    for one in recent:
        if one.pk in found and one.status == Status.COUNTED:
            held = rating if one.pk == rating.pk else one
            with suppress(LostRace):  # somebody decides on it at this moment
                _hold(held, Hold.BURST, by=None, reason="", now=now)


def _given(ratings: list[OutcomeRating]) -> list[rules.Given]:
    cases = [rating.case_id for rating in ratings]
    phones = dict(CaseFile.objects.filter(pk__in=cases).values_list("pk", "phone_hash"))
    sent = Dispatch.objects.filter(case__in=cases, status__in=Dispatch.STANDING)
    party = {case: f"{body} {agency} {street}" for case, body, agency, street in sent.values_list(
        "case", "enterprise", "agency", "street"
    )}  # fmt: skip
    return [
        rules.Given(
            pk=one.pk, at=one.at, level=one.level, reporter=_reporter(phones.get(one.case_id, ""), one.case_id),
            estate=one.case.estate_id, device=one.device_hash, network=one.network_hash, party=party.get(one.case_id, ""),
        )
        for one in ratings
    ]  # fmt: skip


def _hold(rating: OutcomeRating, sign: str, *, by: User | None, reason: str, now: datetime) -> None:
    counted_at = rating.status_changed_at
    move(
        rating, Status.HELD, moves=OutcomeRating.MOVES, verb="ratings.hold", by=by, reason=reason,
        status_changed_at=now, hold_reason=sign,
    )  # fmt: skip
    _take_facts_back(rating, counted_at)
    tell(rating.case, CaseEvent.Kind.RATING_HELD, at=now, by=by, text=reason, round=rating.round, sign=str(sign))


# --- what it counts -----------------------------------------------------------------------------------------------------


def is_bad(rating: OutcomeRating) -> bool:
    """Whether a rating asks for a second handling: dissatisfied, or not solved though the feedback did not say that it cannot
    be solved now.
    """
    if rating.level <= DISSATISFIED or rating.resolved != AppraisalCase.Resolved.NO:
        return bool(rating.level <= DISSATISFIED)
    told = Handling.objects.filter(case=rating.case, round=rating.round).values_list("result", flat=True).first()
    return told != Handling.Result.NOT_NOW


BAD = Q(level__lte=DISSATISFIED) | Q(resolved=AppraisalCase.Resolved.NO)
"""Ratings among which all bad ones are; one that counts and whose round still waits is bad, or the case would be closed."""


def _counts(file: CaseFile, rating: OutcomeRating, now: datetime) -> None:
    """A rating counts: the facts of the first round are written, and one that is not bad closes the case."""
    if rating.round == 1:
        AppraisalCase.objects.filter(pk=file.pk, rating=None, resolved="", rated_at=None).update(
            rating=rating.level, resolved=rating.resolved, rated_at=now
        )
    if not is_bad(rating) and rating.round == file.round and file.status == CaseFile.Status.HANDLED:
        put(
            file, CaseFile.Status.CLOSED, verb="cases.close", by=None, now=now, closed_at=now,
            close_reason=CaseFile.CloseReason.RATED,
        )  # fmt: skip
        tell(file.case, CaseEvent.Kind.CLOSED, at=now, reason=str(CaseFile.CloseReason.RATED))


def _take_facts_back(rating: OutcomeRating, counted_at: datetime) -> None:
    """What a rating wrote when it counted is not there while it is held."""
    if rating.round == 1:
        AppraisalCase.objects.filter(pk=rating.case_id, rated_at=counted_at, rating=rating.level).update(
            rating=None, resolved="", rated_at=None, rating_withdrawn=False
        )


# --- checking what is held ----------------------------------------------------------------------------------------------


@transaction.atomic
def hold(rating: OutcomeRating, *, by: User, reason: str, now: datetime) -> None:
    """Hold a counted rating that an official doubts. A bad one cannot be held: it is reviewed, at the rated party's request.

    Raises:
        PermissionDenied, MoveRefused, LostRace, ValidationError: as :func:`check`.
    """
    file, rating = _locked(rating, by)
    refuse(obstacle_to_check(file, rating, by, hold=True))
    _hold(rating, Hold.BY_HAND, by=by, reason=demand_reason(reason), now=now)


@transaction.atomic
def check(rating: OutcomeRating, *, release: bool, by: User, reason: str, now: datetime) -> None:
    """Decide on a held rating: released it counts from now on, rejected it stays readable and never counts.

    Raises:
        PermissionDenied: ``by`` decides nothing for this case.
        MoveRefused, LostRace: ``by`` belongs to the rated party or held it, or it is not held, any more.
        ValidationError: no reason was given.
    """
    file, rating = _locked(rating, by)
    refuse(obstacle_to_check(file, rating, by))
    reason = demand_reason(reason)
    to = Status.COUNTED if release else Status.REJECTED
    move(
        rating, to, moves=OutcomeRating.MOVES, verb="ratings.release" if release else "ratings.reject", by=by, reason=reason,
        status_changed_at=now, checked_by=by, check_reason=reason,
    )  # fmt: skip
    tell(
        rating.case, CaseEvent.Kind.RATING_RELEASED if release else CaseEvent.Kind.NOTE, at=now, by=by, text=reason,
        is_public=release, round=rating.round, rejected=not release,
    )  # fmt: skip
    if release:
        _counts(file, rating, now)


def _locked(rating: OutcomeRating, by: User) -> tuple[CaseFile, OutcomeRating]:
    """The rating as it is now; its case's file and the row are locked, and ``by`` may decide on it."""
    file = begin(CaseFile(pk=rating.case_id), by=by, permission=Permission.DECIDE_CASES, seen=None).file
    return file, OutcomeRating.objects.select_for_update(of=("self",)).select_related("case").get(pk=rating.pk)


def obstacle_to_decide(file: CaseFile, by: User) -> str:
    """Why ``by`` cannot decide on a rating of this case; empty where they can."""
    return _("Nobody decides on a rating of their own work or body.") if handled_by(file, by) else ""


def obstacle_to_check(file: CaseFile, rating: OutcomeRating, by: User, *, hold: bool = False) -> str:
    """Why ``by`` cannot decide on a held rating, or hold one that counts; empty where they can."""
    if hold and rating.status != Status.COUNTED:
        return _("Only a rating that counts can be held.")
    if hold and is_bad(rating):
        return _("A bad rating is not held; the rated party may ask for a review of it.")
    if not hold and rating.status != Status.HELD:
        return _("This rating is not held.")
    held = CaseEvent.objects.filter(case=rating.case, kind=CaseEvent.Kind.RATING_HELD).order_by("-at", "-pk").first()
    if not hold and held is not None and held.by_id == by.pk:
        return _("Somebody else than who held the rating decides on it.")
    if not hold and rating.by_id == by.pk:
        return _("Somebody else than who wrote the rating down decides on it.")
    changes = CaseEvent.objects.filter(case=rating.case, kind=CaseEvent.Kind.CONTACT_CHANGED, by=by)
    if not hold and changes.exists():
        return _("Somebody else than who changed the contact decides on it.")
    return obstacle_to_decide(file, by)
