"""Rules of the case desk as plain functions of plain values: likeness of replies, posts of supervision, what raises one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

COPIED = 0.8
"""Likeness from which a reply is taken for a copy of another. Assumption."""

PASSES_WITHOUT_LEAD = 3
"""Dispatches without a lead after which the superior decides. Source: the rule for orders passed among three units."""
OVERDUE_AFTER = timedelta(hours=24)
DISSATISFIED_ROUNDS = 2
REOPENINGS = 3

OVERDUE, DISSATISFIED_TWICE, REOPENED_THRICE, NO_LEAD = "overdue", "dissatisfied_twice", "reopened_thrice", "no_lead"

DISSATISFIED = 2
"""The highest level of a rating that is dissatisfied; 5 is very satisfied."""


# --- replies ------------------------------------------------------------------------------------------------------------


def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1: the share of pairs of neighbouring signs that both have (Jaccard).

    White space and digits do not count, so that a changed number or line break hides no copy.
    """
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return 0.0
    return len(first & second) / len(first | second)


def _pairs(text: str) -> set[str]:
    signs = "".join(sign for sign in text.casefold() if not sign.isspace() and not sign.isdigit())
    return {signs[place : place + 2] for place in range(len(signs) - 1)}


def most_alike(text: str, earlier: Iterable[str]) -> float:
    """The likeness of ``text`` to the one of ``earlier`` that it is most like; 0 where there is none."""
    return max((likeness(text, one) for one in earlier), default=0.0)


# --- supervision --------------------------------------------------------------------------------------------------------


def ladder(places: Sequence[str], lead: str) -> Sequence[str]:
    """The posts that may supervise, lowest first: those above the lead's, of the ``places`` from street to city.

    ``lead`` is ``enterprise`` (whose post above is the street), ``street`` or ``agency`` (the district), or empty where nobody
    leads: what then is late is the district's desk, and the post above it the city.
    """
    above = {"enterprise": 0, "street": 1, "agency": 1, "": 2}[lead]
    return places[min(above, len(places) - 1) :]


def post_above(posts: Sequence[str], held: Collection[str]) -> str:
    """The lowest of ``posts`` that somebody holds; the topmost where nobody holds any, so that it is never nobody's."""
    return next((post for post in posts if post in held), posts[-1])


@dataclass(frozen=True)
class Standing:
    """What the rules of supervision look at. ``due`` is the due time of the step that is waited for, ``None`` where nobody has
    to act; ``bad_rounds`` are the moments of the counted dissatisfied ratings, oldest first; ``raised`` is, for each trigger,
    when it last raised a supervision.
    """

    due: datetime | None
    bad_rounds: Sequence[datetime]
    round: int
    round_opened_at: datetime | None
    passes: int
    has_lead: bool
    raised: dict[str, datetime]


def triggers(standing: Standing, now: datetime) -> list[str]:
    """What raises a supervision at ``now``. Each cause raises one: a due time, a second bad round, a third reopening."""
    found = []
    if standing.due and now > standing.due + OVERDUE_AFTER and _is_new(standing, OVERDUE, standing.due):
        found.append(OVERDUE)
    if len(standing.bad_rounds) >= DISSATISFIED_ROUNDS and _is_new(
        standing, DISSATISFIED_TWICE, standing.bad_rounds[-1]
    ):
        found.append(DISSATISFIED_TWICE)
    if standing.round > REOPENINGS and _is_new(standing, REOPENED_THRICE, standing.round_opened_at):
        found.append(REOPENED_THRICE)
    if not standing.has_lead and standing.passes >= PASSES_WITHOUT_LEAD and NO_LEAD not in standing.raised:
        found.append(NO_LEAD)
    return found


def _is_new(standing: Standing, trigger: str, cause: datetime | None) -> bool:
    raised = standing.raised.get(trigger)
    return raised is None or cause is None or raised < cause
