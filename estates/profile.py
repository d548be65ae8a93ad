"""What the page of one neighbourhood shows beyond its own columns. Every function is a fixed number of queries."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.apps import apps
from django.db.models import Count, F, Q
from django.utils import timezone

from estates import rules
from estates.compliance import CalendarRow, compliance_calendar, dues
from estates.models import (
    EmergencyRepairPlatform,
    Estate,
    FeePolicy,
    Filing,
    ManagerAppointment,
    ModeAssignment,
    OwnersCommittee,
    RenovationItem,
    ServiceAssignment,
    ServiceContract,
    Stage,
    StageChange,
)
from estates.reasons import CRITERIA
from estates.rules import StageFacts


@dataclass(frozen=True)
class Serving:
    """Who serves and on what terms, as of one day."""

    assignments: list[ServiceAssignment]
    """All there ever were, latest first."""
    manager: ManagerAppointment | None
    contract: ServiceContract | None
    filing: Filing | None
    """The accepted filing of the contract's kind."""
    fee: FeePolicy | None

    @property
    def current(self) -> ServiceAssignment | None:
        return next((one for one in self.assignments if one.valid.upper_inf), None)


def serving(estate: Estate, today: date) -> Serving:
    """Who serves ``estate``. Five queries."""
    contract = ServiceContract.objects.on(today).filter(estate=estate).select_related("grade", "enterprise").first()
    kinds = {ServiceContract.Kind.PRELIMINARY: Filing.Kind.PRELIMINARY_CONTRACT}
    filed_as = kinds.get(contract.kind, Filing.Kind.SERVICE_CONTRACT) if contract else Filing.Kind.SERVICE_CONTRACT
    accepted = Filing.objects.filter(estate=estate, kind=filed_as, status=Filing.Status.ACCEPTED)
    if contract is not None:
        accepted = accepted.filter(enterprise=contract.enterprise_id)
    return Serving(
        list(estate.assignments.select_related("enterprise").order_by(F("valid").desc())),
        ManagerAppointment.objects.on(today).filter(estate=estate).select_related("manager").first(),
        contract,
        accepted.order_by("-decided_on").first(),
        FeePolicy.objects.on(today).filter(estate=estate).first(),
    )


@dataclass(frozen=True)
class Modes:
    """The modes of service of an old neighbourhood: all there ever were, latest first; "now" is another question."""

    history: list[ModeAssignment]

    @property
    def now(self) -> ModeAssignment | None:
        return next((one for one in self.history if one.valid.upper_inf), None)

    @property
    def ever(self) -> list[str]:
        """The labels of all modes, in the order in which they were first used."""
        return list(dict.fromkeys(str(one.get_mode_display()) for one in reversed(self.history)))


def modes(estate: Estate) -> Modes:
    rows = ModeAssignment.objects.filter(estate=estate).select_related("enterprise", "partner_community")
    return Modes(list(rows.defer("partner_community__boundary").order_by("-valid")))


@dataclass(frozen=True)
class Step:
    """One stage of the development path: its latest time, and what the rule demands of it (text, whether met)."""

    stage: Stage
    since: date | None
    until: date | None
    """The day of the change that ended it."""
    reason: str
    is_now: bool
    criteria: list[tuple[str, bool]]


@dataclass(frozen=True)
class Path:
    """The development path as recorded, and the stage that the rule would give."""

    steps: list[Step]
    recorded: Stage
    by_rule: Stage

    @property
    def is_red(self) -> bool:
        return self.recorded == Stage.RED


def path(estate: Estate, who: Serving, mode: ModeAssignment | None) -> Path:
    """The path of ``estate``. One query here, and those of the floors above for the facts that they know."""
    changes = list(StageChange.objects.filter(estate=estate).order_by("changed_on"))
    facts = _stage_facts(estate, who, mode)
    recorded = Stage(changes[-1].stage) if changes else Stage.NONE
    steps = []
    for stage in Stage:
        number = next((place for place in range(len(changes) - 1, -1, -1) if changes[place].stage == stage), None)
        begun = changes[number] if number is not None else None
        after = changes[(number if number is not None else -1) + 1 :] if begun or stage == Stage.NONE else []
        steps.append(
            Step(
                stage,
                begun.changed_on if begun else None,
                after[0].changed_on if after else None,
                begun.reason if begun else "",
                stage == recorded,
                [(str(CRITERIA[one.name]), one.met) for one in rules.criteria(stage, facts)],
            )
        )
    return Path(steps, recorded, Stage(rules.stage_by_rule(facts)))


def _stage_facts(estate: Estate, who: Serving, mode: ModeAssignment | None) -> StageFacts:
    """What the stages are judged by; installed apps add theirs (``AppConfig.stage_facts(estate, enterprise_id)``)."""
    current = who.current
    known = {"party_covered": False, "committee_in_enterprise": False, "enterprise_in_committee": False}
    if current is not None:
        for config in apps.get_app_configs():
            if hasattr(config, "stage_facts"):
                known |= config.stage_facts(estate, current.enterprise_id)
    contracted = who.contract is not None and current is not None
    return StageFacts(
        self_managed=mode is not None and mode.mode == "resident_self_management",
        served_under_contract=contracted and who.contract.enterprise_id == current.enterprise_id,
        **known,
    )


def disclosures(estate: Estate, today: date) -> list[CalendarRow]:
    """What was owed last in each category, and whether it was posted. Four queries."""
    latest = {}
    for due in dues(today):
        latest.setdefault(due.category.pk, due)
    return list(compliance_calendar(Estate.objects.filter(pk=estate.pk), today, list(latest.values())))


def committee(estate: Estate, today: date) -> OwnersCommittee | None:
    """The committee in office, else the last one, with what "red" is judged by and its last meeting."""
    rows = OwnersCommittee.objects.filter(estate=estate).order_by("-valid")
    return rows.with_members(today).with_last_meeting().first()


def platforms(estate: Estate, today: date) -> list[EmergencyRepairPlatform]:
    """The repair platforms of the district, each with ``orders_this_year`` of this neighbourhood."""
    year = timezone.make_aware(datetime(today.year, 1, 1))
    counted = Count("orders", filter=Q(orders__estate=estate, orders__reported_at__gte=year))
    district = estate.community.parent.parent_id
    return list(EmergencyRepairPlatform.objects.on(today).filter(district=district).annotate(orders_this_year=counted))


@dataclass(frozen=True)
class Funds:
    """Public money that went into a neighbourhood, latest year first."""

    items: list[RenovationItem]

    @property
    def total_yuan(self) -> Decimal:
        return sum((item.cost_yuan or Decimal(0) for item in self.items), Decimal(0))


def funds(estate: Estate) -> Funds:
    items = RenovationItem.objects.filter(estate=estate).select_related("funding")
    return Funds(list(items.order_by("-funding__year", "funding__kind", "pk")))


def profile(estate: Estate, today: date) -> dict:
    """All of it, for the page's template."""
    who, how = serving(estate, today), modes(estate)
    is_old = estate.kind == Estate.Kind.OLD or bool(how.history)
    return {
        "who": who,
        "modes": how if is_old else None,
        "path": path(estate, who, how.now) if is_old else None,
        "disclosures": disclosures(estate, today),
        "committee": committee(estate, today),
        "platforms": platforms(estate, today),
        "funds": funds(estate),
        "today": today,
    }
