"""One case as its page shows it: six steps, clocks that explain themselves, who is concerned, the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from casedesk import limits
from casedesk.models import CaseEvent, CaseFile, CasePhoto, Dispatch, Supervision
from casedesk.situation import Situation
from evaluations import clocks
from evaluations.models import AppraisalCase, Ranking, RankingEntry
from portal.models import User
from portal.roles import Permission
from portal.templatetags.portal import period
from portal.workdays.calendar import explain

SAME_MATTER = timedelta(days=60)
Status = CaseFile.Status


# --- steps ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One of the six steps: when it was done, or what it waits for. ``is_now``: the case stands here."""

    title: str
    at: datetime | None = None
    note: str = ""
    is_now: bool = False
    is_bad: bool = False


def steps(case: AppraisalCase, situation: Situation | None, sent_at: datetime | None, counted: Sequence) -> list[Step]:
    """Reported, dispatched, handled, rated, supervised, ranked. ``counted``: what its stages count in rankings."""
    file = situation.file if situation else None
    open_ones = situation.supervisions if situation else []
    now = _now(case, file, bool(open_ones))
    bad = case.rating is not None and case.rating <= AppraisalCase.Rating.DISSATISFIED
    first = min((line.first for line in counted if not line.is_future), default=None)
    titles = (
        (_("Online appraisal"), case.reported_at, "", False),
        (_("Online dispatch"), sent_at if file else case.accepted_at, _dispatch_note(case, file), False),
        (_("Handling and feedback"), case.handled_at, _("in hand") if now == 2 else "", False),
        (_("Outcome rating"), case.rated_at, case.get_rating_display() or "", bad),
        (_("Supervision"), None, open_ones[0].number if open_ones else _("none"), bool(open_ones)),
        (_("Ranking"), None, period(first) if first else _("not counted yet"), False),
    )
    return [Step(title, at, note, place == now, is_bad) for place, (title, at, note, is_bad) in enumerate(titles)]


def _dispatch_note(case: AppraisalCase, file: CaseFile | None) -> str:
    if file and file.status == Status.SUBMITTED:
        return _("waiting for dispatch")
    return _("waiting for acceptance") if case.accepted_at is None else ""


def _now(case: AppraisalCase, file: CaseFile | None, is_supervised: bool) -> int:
    if case.excluded or (file and file.status == Status.CLOSED) or (file is None and case.rated_at):
        return 5
    if is_supervised and case.handled_at:
        return 4
    if file and file.status == Status.REOPENED:
        return 2
    if case.handled_at:
        return 3
    return 2 if case.accepted_at else 1


# --- clocks ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExplainedClock:
    """A clock with its title and how its due time was counted; ``base`` is the clock itself."""

    title: str
    base: clocks.Clock
    limit: str = ""


def explained_clocks(case: AppraisalCase, situation: Situation | None, now: datetime) -> list[ExplainedClock]:
    """Acceptance and handling of the first round, then what runs besides: a later round, a supervision, the rating."""
    accept, handle = clocks.clocks(case, now)
    file = situation.file if situation else None
    found = [
        ExplainedClock(_("Acceptance"), accept, _limit(file.accept_clock if file else None)),
        ExplainedClock(_("Handling"), handle, _limit(file.handle_clock if file else None)),
    ]
    return found + (_further(file, situation.supervisions, now) if file and situation else [])


def _further(file: CaseFile, supervisions: Sequence[Supervision], now: datetime) -> list[ExplainedClock]:
    if file.status == Status.REOPENED and file.round_due_at and file.round_opened_at:
        base = clocks.clock("round", file.round_opened_at, file.round_due_at, None, now)
        return [ExplainedClock(_("Handling, round %(round)d") % {"round": file.round}, base)]
    if supervisions:
        row = supervisions[0]
        done = row.status_changed_at if row.status == Supervision.Status.ANSWERED else None
        base = clocks.clock("supervision", row.raised_at, row.due_at, done, now)
        return [ExplainedClock(_("Answer to the supervision"), base, row.number)]
    if file.status == Status.HANDLED and file.rating_until:
        base = clocks.clock("rating", file.status_changed_at, file.rating_until, None, now)
        return [ExplainedClock(_("Rating by the resident"), base, _("7 days; without a rating the case closes"))]
    return []


def _limit(data: dict | None) -> str:
    """How a due time was counted, in words; with the extension that was granted."""
    if not data:
        return ""
    told = explain(limits.from_data(data))
    if "extension" in data:
        told += _("; extended by %(more)s") % {"more": explain(limits.from_data(data["extension"]))}
    return told


# --- the rest -------------------------------------------------------------------------------------------------------------


def timeline(case: AppraisalCase) -> list[CaseEvent]:
    """What happened, newest first, each with its icon and, of a report or a feedback, its photographs."""
    events = list(CaseEvent.objects.filter(case=case).select_related("by").order_by("-at", "-id"))
    photos = list(CasePhoto.objects.filter(case=case))
    for event in events:
        event.icon = ICONS.get(event.kind, "point")
        event.level = AppraisalCase.Rating(event.data["level"]).label if "level" in event.data else ""
        event.photos = [one for one in photos if _belongs(one, event)]
        event.due = _moment(event.data.get("new_due_at") or event.data.get("due_at"))
        event.handling_due = [_moment(data.get("handle_due_at")) for data in (event.data.get("was", {}), event.data)]
    return events


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _belongs(photo: CasePhoto, event: CaseEvent) -> bool:
    if event.kind == CaseEvent.Kind.REPORTED:
        return photo.kind == CasePhoto.Kind.REPORTED
    handled = event.kind == CaseEvent.Kind.HANDLED and photo.kind == CasePhoto.Kind.HANDLED
    return handled and photo.round == event.data.get("round", 1)


ICONS = {
    "reported": "message-report", "linked": "link", "unlinked": "unlink", "dispatched": "arrow-right",
    "objected": "arrow-back-up", "objection_upheld": "gavel", "objection_dismissed": "gavel", "recalled": "arrow-back-up",
    "accepted": "circle-check", "joint_answered": "message-2", "extension_asked": "clock-plus", "extended": "clock-check",
    "extension_refused": "clock-x", "handled": "message-2", "rated": "mood-smile", "rating_held": "lock",
    "rating_released": "lock-open", "review_asked": "scale", "review_upheld": "scale", "review_withdrawn": "scale",
    "reopened": "refresh", "supervised": "gavel", "supervision_answered": "message-2", "supervision_closed": "circle-check",
    "excluded": "ban", "included": "arrow-back-up", "contact_changed": "phone", "reclassified": "category", "note": "note",
    "closed": "flag",
}  # fmt: skip


def masked_name(name: str) -> str:
    """The family name only: 张**."""
    return f"{name[0]}**" if name else ""


def alike(case: AppraisalCase, scope: QuerySet[AppraisalCase]) -> QuerySet[AppraisalCase]:
    """Cases of the same neighbourhood and category reported within the sixty days around, newest first."""
    near = scope.filter(
        estate=case.estate_id,
        category=case.category,
        reported_at__gte=case.reported_at - SAME_MATTER,
        reported_at__lte=case.reported_at + SAME_MATTER,
    )
    return near.exclude(pk=case.pk).order_by("-reported_at", "-pk")


def first_sent(case: AppraisalCase) -> datetime | None:
    """When the case was dispatched first."""
    return Dispatch.objects.filter(case=case).order_by("seq").values_list("sent_at", flat=True).first()


def standing_in_ranking(case: AppraisalCase, user: User) -> RankingEntry | None:
    """The neighbourhood's place in the newest ranking that ``user`` may read: drafts only who may see rankings."""
    rows = RankingEntry.objects.filter(estate_code=case.estate.code).select_related("ranking")
    if not user.has_perm(Permission.VIEW_RANKINGS):
        rows = rows.filter(ranking__status=Ranking.Status.PUBLISHED)
    return (
        rows.exclude(ranking__status=Ranking.Status.WITHDRAWN)
        .order_by("-ranking__period", "-ranking__revision")
        .first()
    )
