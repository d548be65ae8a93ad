"""How a case stands against its due times, and what it counts in the rankings. Nothing is stored here.

Source: ranking policy, "Which cases count, and when".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from evaluations.models import AppraisalCase
from portal.rules import HalfMonth

ON_TIME, LATE, RUNNING, OVERDUE = "on_time", "late", "running", "overdue"


@dataclass(frozen=True)
class Clock:
    """One stage against its due time. ``span`` is what it took, what is left, or by how much it is over."""

    stage: str
    due: datetime
    done: datetime | None
    state: str
    span: timedelta
    share: int
    """Per cent of the time allowed that has been used, at most 100."""

    @property
    def is_late(self) -> bool:
        return self.state in (LATE, OVERDUE)


def clock(stage: str, begun: datetime, due: datetime, done: datetime | None, now: datetime) -> Clock:
    """The clock of a stage that began at ``begun``, as it stands at ``now``."""
    until = done or now
    allowed = due - begun
    share = min(100, int((until - begun) / allowed * 100)) if allowed else 100
    if done is None:
        return Clock(stage, due, None, OVERDUE if now > due else RUNNING, abs(due - now), max(share, 0))
    return Clock(stage, due, done, ON_TIME if done <= due else LATE, done - begun, max(share, 0))


def clocks(case: AppraisalCase, now: datetime) -> list[Clock]:
    """Acceptance and handling; both times run from the report."""
    return [
        clock("acceptance", case.reported_at, case.accept_due_at, case.accepted_at, now),
        clock("handling", case.reported_at, case.handle_due_at, case.handled_at, now),
    ]


def pressing(case: AppraisalCase, now: datetime) -> Clock | None:
    """The clock that somebody should look at: what is overdue the longest, else what runs out first; none once handled."""
    if case.excluded or case.handled_at:
        return None
    open_ones = [clock for clock in clocks(case, now) if clock.done is None]
    return min(open_ones, key=lambda clock: clock.due)


@dataclass(frozen=True)
class Counting:
    """What one stage of a case counts: from when, in the rankings of which half months (both included), as good or not.

    ``spoilt_at`` is set where a resident answered "unresolved": in every ranking cut off after it the handling is not on time.
    """

    stage: str
    counted_at: datetime
    is_good: bool | None
    first: HalfMonth
    last: HalfMonth
    is_future: bool
    spoilt_at: datetime | None = None


def counting(case: AppraisalCase, now: datetime, window_periods: int) -> list[Counting]:
    """The stages of a case that count, each in ``window_periods`` rankings; none where the case is excluded.

    ``is_good`` is ``None`` for a rating: its level has a weight between 0 and 1 that the policy names.
    """
    if case.excluded:
        return []
    accept_at = min(filter(None, (case.accepted_at, case.accept_due_at)))
    handle_at = min(filter(None, (case.handled_at, case.handle_due_at)))
    spoilt_at = case.rated_at if case.resolved == AppraisalCase.Resolved.NO and not case.rating_withdrawn else None
    stages = [
        ("acceptance", accept_at, bool(case.accepted_at and case.accepted_at <= case.accept_due_at), None),
        ("handling", handle_at, bool(case.handled_at and case.handled_at <= case.handle_due_at), spoilt_at),
    ]
    if case.rating is not None and not case.rating_withdrawn and case.rated_at is not None:
        stages.append(("satisfaction", case.rated_at, None, None))
    found = []
    for stage, at, is_good, spoilt in stages:
        first = HalfMonth.containing(at)
        found.append(
            Counting(stage, at, is_good, first, first.shift(window_periods - 1), at > now, spoilt if is_good else None)
        )
    return found
