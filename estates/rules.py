"""Rules of neighbourhoods, as plain functions of plain values: filings, contracts, modes and the development path."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

# --- contracts --------------------------------------------------------------------------------------------------------

EMERGENCY_CONTRACT_MAX_DAYS = 183
"""Days that an emergency contract may run. Source: Beijing's regulation, art. 77: six months."""

CONTRACT_NOTICE_MONTHS = 6
"""Months ahead in which a contract counts as running out. Source: Beijing's regulation, art. 75."""


def months_later(day: date, months: int) -> date:
    """The same day of the month ``months`` (0 or more) later, or the last day of a shorter month."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), after - timedelta(days=1))


def is_running_out(last_day: date, today: date) -> bool:
    """Whether a contract whose last day is ``last_day`` ends within the notice, today included; an ended one does not."""
    return today <= last_day <= months_later(today, CONTRACT_NOTICE_MONTHS)


# --- filings ----------------------------------------------------------------------------------------------------------

AREA, TENDER, PRELIMINARY_CONTRACT = "area", "tender", "preliminary_contract"
HANDOVER, SERVICE_CONTRACT = "handover", "service_contract"

FILING_DUE_DAYS = {AREA: 30, TENDER: 15, PRELIMINARY_CONTRACT: 15, HANDOVER: 15, SERVICE_CONTRACT: 15}
"""Calendar days from the trigger to the filing.

Assumption: the city's own limits are not published; Hangzhou's regulation has 30 days for the area (art. 10) and 15 for the
service contract (art. 49).
"""

AGREEMENT_APPROVAL = "agreement_approval"

REQUIRED_DOCUMENTS: dict[str, frozenset[str]] = {
    AREA: frozenset({"application", "planning_permit", "area_plan", "residents_committee_opinion"}),
    TENDER: frozenset({"application", "tender_notice", "tender_documents", "bid_evaluation", "award_notice"}),
    PRELIMINARY_CONTRACT: frozenset({"application", "contract", "interim_rules"}),
    HANDOVER: frozenset({"application", "handover_agreement", "inspection_record", "handover_list"}),
    SERVICE_CONTRACT: frozenset({"application", "contract", "owners_resolution"}),
}
"""Kinds of documents without which a filing cannot be accepted.

Assumption, after the national regulation on property management (art. 24-37): the city's own lists are not published.
"""


def due_on(kind: str, triggered_on: date) -> date:
    """The last day on which a filing of ``kind`` is in time."""
    return triggered_on + timedelta(days=FILING_DUE_DAYS[kind])


def days_late(due: date, submitted_on: date | None, today: date) -> int:
    """Days after ``due`` on which it was submitted, or ``today`` while it was not; 0 when in time."""
    return max(0, ((submitted_on or today) - due).days)


DECISION_DAYS = 14
"""Calendar days from the submission to the decision.

Assumption for all five: Hangzhou's regulation has 10 working days for the area (art. 10).
"""


def decision_due_on(submitted_on: date) -> date:
    """The last day on which a submitted filing is decided in time."""
    return submitted_on + timedelta(days=DECISION_DAYS)


def missing_documents(kind: str, held: Collection[str]) -> list[str]:
    """The required kinds of documents that are not among ``held``, in alphabetical order."""
    return sorted(REQUIRED_DOCUMENTS[kind] - set(held))


class Obstacle(StrEnum):
    """Why a filing cannot be accepted, or what its keeper should know."""

    AREA_FIRST = "area_first"
    TENDER_OR_APPROVAL_FIRST = "tender_or_approval_first"
    HANDOVER_FIRST = "handover_first"


def order_obstacles(kind: str, accepted: Collection[str], documents: Collection[str]) -> list[Obstacle]:
    """What the order of the five filings demands before one of ``kind`` can be accepted.

    ``accepted`` are the kinds of the neighbourhood's accepted filings, ``documents`` the kinds handed in with this one.
    Source: national regulation on property management, art. 24 (tender, or approval to choose by agreement); area first:
    Hangzhou's regulation, art. 10.
    """
    found = []
    if kind != AREA and AREA not in accepted:
        found.append(Obstacle.AREA_FIRST)
    if kind == PRELIMINARY_CONTRACT and TENDER not in accepted and AGREEMENT_APPROVAL not in documents:
        found.append(Obstacle.TENDER_OR_APPROVAL_FIRST)
    return found


def assignment_warnings(starts_on: date, handover_accepted_on: date | None) -> list[Obstacle]:
    """A handover filing should be accepted before the enterprise starts to serve; only a warning, as service must go on."""
    late = handover_accepted_on is None or handover_accepted_on > starts_on
    return [Obstacle.HANDOVER_FIRST] if late else []


# --- development path -------------------------------------------------------------------------------------------------

STAGES = ("none", "self_managed", "professional", "red")
"""From the lowest up. Source: 2021 report, section 7.3."""


def goes_down(before: str, after: str) -> bool:
    """Whether the change loses ground, so that a reason is due."""
    return STAGES.index(after) < STAGES.index(before)


class Criterion(NamedTuple):
    """One condition of a stage and whether the neighbourhood meets it."""

    name: str
    met: bool


class StageFacts(NamedTuple):
    """What the stages are judged by."""

    self_managed: bool
    """The current mode is resident self-management."""
    served_under_contract: bool
    """An enterprise serves now, and a contract of it is in force."""
    party_covered: bool
    """The serving enterprise has a Party organisation or instructor."""
    committee_in_enterprise: bool
    """A member of the community's committees has a post in the enterprise (voluntary quality supervisor)."""
    enterprise_in_committee: bool
    """The enterprise's head sits on a committee of the community."""


STAGE_CRITERIA: dict[str, tuple[str, ...]] = {
    "none": (),
    "self_managed": ("self_managed",),
    "professional": ("served_under_contract",),
    "red": ("served_under_contract", "party_covered", "committee_in_enterprise", "enterprise_in_committee"),
}
"""Assumption: the report names the stages without criteria."""


def criteria(stage: str, facts: StageFacts) -> list[Criterion]:
    """The conditions of ``stage``, each with whether it is met: the explanation that is shown beside the stage."""
    return [Criterion(name, getattr(facts, name)) for name in STAGE_CRITERIA[stage]]


def stage_by_rule(facts: StageFacts) -> str:
    """The highest stage whose conditions are all met."""
    return next(stage for stage in reversed(STAGES) if all(one.met for one in criteria(stage, facts)))


# --- plausibility -----------------------------------------------------------------------------------------------------

M2_PER_HOUSEHOLD = (20, 500)
"""Least and most floor area (m²) per household that a record may have without question. Assumption."""
