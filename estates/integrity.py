"""What can be wrong with neighbourhoods and with what hangs on them, where no constraint of the database can see it."""

from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Mod
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from estates import rules
from estates.models import (
    CommitteeMember,
    Estate,
    Filing,
    Mode,
    ModeAssignment,
    ServiceAssignment,
    ServiceContract,
)
from portal.integrity.checks import Check, duplicates
from portal.integrity.likeness import Likeness, plain_name

_DECIDED = [Filing.Status.ACCEPTED, Filing.Status.SUPERSEDED]


def _on(rows: QuerySet, today: date) -> QuerySet:
    return rows.filter(valid__contains=today)


# --- neighbourhoods ---------------------------------------------------------------------------------------------------


def _old_without_mode(rows: QuerySet, today: date) -> QuerySet:
    modes = _on(ModeAssignment.objects.filter(estate=OuterRef("pk")), today)
    return rows.filter(~Exists(modes), kind=Estate.Kind.OLD)


def _professional_unserved(rows: QuerySet, today: date) -> QuerySet:
    serving = _on(ServiceAssignment.objects.filter(estate=OuterRef("pk")), today)
    return rows.filter(~Exists(serving), kind=Estate.Kind.PROFESSIONAL)


def _area_implausible(rows: QuerySet, today: date) -> QuerySet:
    least, most = rules.M2_PER_HOUSEHOLD
    too_small, too_large = Q(floor_area_m2__lt=F("households") * least), Q(floor_area_m2__gt=F("households") * most)
    return rows.residential().filter(too_small | too_large, households__gt=0)


def _measures_missing(rows: QuerySet, today: date) -> QuerySet:
    no_households = Q(households=None) | Q(households=0)
    return rows.filter(Q(floor_area_m2=None) | (no_households & ~Q(kind=Estate.Kind.NON_RESIDENTIAL)))


# --- service ----------------------------------------------------------------------------------------------------------


def _without_contract(rows: QuerySet, today: date) -> QuerySet:
    contracts = ServiceContract.objects.filter(estate=OuterRef("estate"), enterprise=OuterRef("enterprise"))
    return _on(rows, today).filter(~Exists(_on(contracts, today)))


def _without_contract_filing(rows: QuerySet, today: date) -> QuerySet:
    filings = Filing.objects.filter(
        estate=OuterRef("estate"),
        enterprise=OuterRef("enterprise"),
        kind__in=[Filing.Kind.PRELIMINARY_CONTRACT, Filing.Kind.SERVICE_CONTRACT],
        status=Filing.Status.ACCEPTED,
    )
    return _on(rows, today).filter(~Exists(filings))


def _before_handover(rows: QuerySet, today: date) -> QuerySet:
    """As ``rules.assignment_warnings``: where the first day is unknown, nothing can be said."""
    accepted = Filing.objects.filter(
        estate=OuterRef("estate"),
        enterprise=OuterRef("enterprise"),
        kind=Filing.Kind.HANDOVER,
        status__in=_DECIDED,
        decided_on__lte=OuterRef("valid__startswith"),
    )
    return _on(rows, today).filter(~Exists(accepted), valid__startswith__isnull=False)


def _out_of_business(rows: QuerySet, today: date) -> QuerySet:
    return _on(rows, today).filter(enterprise__status=Enterprise.Status.DEREGISTERED)


def _managed_from_outside(rows: QuerySet, today: date) -> QuerySet:
    serving = _on(ServiceAssignment.objects.filter(estate=OuterRef("estate")), today)
    other = serving.exclude(enterprise=OuterRef("manager__enterprise"))
    return _on(rows, today).filter(Exists(other))


def _contracts_overlap(rows: QuerySet, today: date) -> QuerySet:
    others = ServiceContract.objects.filter(estate=OuterRef("estate"), valid__overlap=OuterRef("valid"))
    return rows.filter(Exists(others.exclude(pk=OuterRef("pk"))))


# --- old neighbourhoods -----------------------------------------------------------------------------------------------


def _registered_though_not_old(rows: QuerySet, today: date) -> QuerySet:
    return rows.filter(registered__contains=today).exclude(estate__kind=Estate.Kind.OLD)


def _mode_contradicts(rows: QuerySet, today: date) -> QuerySet:
    serving = _on(ServiceAssignment.objects.filter(estate=OuterRef("estate")), today)
    by_another = Exists(serving.exclude(enterprise=OuterRef("enterprise")))
    self_managed = Q(mode=Mode.RESIDENT_SELF_MANAGEMENT)
    return _on(rows, today).filter(
        ~Q(estate__kind=Estate.Kind.OLD)
        | Q(mode=Mode.PUBLIC_BENEFIT_CUSTODY, enterprise__is_public_benefit=False)
        | (self_managed & Exists(serving))
        | (~self_managed & Q(by_another))
    )


# --- committees and money ---------------------------------------------------------------------------------------------


def _even_committee(rows: QuerySet, today: date) -> QuerySet:
    seated = (
        CommitteeMember.objects.filter(committee=OuterRef("pk"), valid__contains=today)
        .order_by()
        .values("committee")
        .annotate(seats=Count("pk"))
        .annotate(rest=Mod("seats", 2))
    )
    return _on(rows, today).filter(Exists(seated.filter(rest=0)))


def _outside_the_term(rows: QuerySet, today: date) -> QuerySet:
    return rows.exclude(valid__contained_by=F("committee__valid"))


def _spent_too_much(rows: QuerySet, today: date) -> QuerySet:
    return rows.filter(spent_yuan__gt=F("allocated_yuan"))


CHECKS = [
    Check(
        "old-without-mode",
        _("Old neighbourhoods without a present mode"),
        _("Full coverage means that each of them is served in one of the four modes."),
        _("Enter the mode in force, or correct the kind of the neighbourhood."),
        "estates",
        _old_without_mode,
    ),
    Check(
        "professional-unserved",
        _("Professionally served neighbourhoods that nobody serves"),
        _("Such a neighbourhood has no enterprise to answer for its cases."),
        _("Enter who serves it, or correct the kind of the neighbourhood."),
        "estates",
        _professional_unserved,
    ),
    Check(
        "area-implausible",
        _("Floor area and households do not fit"),
        _("Less than 20 or more than 500 m² per household is hardly possible: one of the two is wrong."),
        _("Correct the floor area (in m², not in 10,000 m²) or the number of households."),
        "estates",
        _area_implausible,
    ),
    Check(
        "measures-missing",
        _("Floor area or households are missing"),
        _("Sums of floor area and households leave these neighbourhoods out."),
        _("Enter the floor area; for a residential neighbourhood also the households."),
        "estates",
        _measures_missing,
    ),
    duplicates(
        "duplicate-estates",
        _("Neighbourhoods that may be entered twice"),
        _("Compare the two. If they are one, choose which record stays; everything that refers to the other moves."),
        "estates",
        Likeness(
            _("The names read the same but for signs and the ending 小区, in one community."),
            plain_name("小区"),
            ("community_id",),
        ),
    ),
    Check(
        "service-without-contract",
        _("Service without a contract in force"),
        _("An enterprise serves without a contract on record; fee and grade are unknown."),
        _("Enter the contract, or end the service assignment."),
        "service-assignments",
        _without_contract,
    ),
    Check(
        "service-without-contract-filing",
        _("Service whose contract was not filed"),
        _("No accepted filing of a contract is on record for who serves now."),
        _("Ask for the filing, or decide the one that waits."),
        "service-assignments",
        _without_contract_filing,
    ),
    Check(
        "service-before-handover",
        _("Service that began before the handover inspection was accepted"),
        _("The handover filing should be accepted before an enterprise begins to serve."),
        _("Enter and decide the handover filing, or correct the first day of service."),
        "service-assignments",
        _before_handover,
    ),
    Check(
        "service-out-of-business",
        _("Service by an enterprise that is deregistered"),
        _("An enterprise that no longer exists cannot serve."),
        _("Hand the neighbourhood over, or correct the enterprise's status."),
        "service-assignments",
        _out_of_business,
    ),
    Check(
        "manager-of-another-enterprise",
        _("Project managers of an enterprise that does not serve"),
        _("The manager's employer is not the enterprise that serves the neighbourhood."),
        _("End the appointment, or correct the manager's employer."),
        "manager-appointments",
        _managed_from_outside,
    ),
    Check(
        "contracts-overlap",
        _("Contracts of one neighbourhood that overlap"),
        _("Two contracts are in force on one day; a new contract ends the one before it."),
        _("Correct the last day of the earlier contract."),
        "contracts",
        _contracts_overlap,
    ),
    Check(
        "registered-though-not-old",
        _("In the register of old neighbourhoods, but of another kind"),
        _("Counts by kind and counts by register differ by these neighbourhoods."),
        _("Correct the kind of the neighbourhood, or end its registration."),
        "old-neighbourhoods",
        _registered_though_not_old,
    ),
    Check(
        "mode-contradicts",
        _("Modes that contradict kind or service"),
        _(
            "The neighbourhood is not old, a custodian is no public-benefit enterprise, another enterprise serves than the "
            "mode names, or one serves although residents manage themselves."
        ),
        _("Correct the mode, or the record that contradicts it."),
        "mode-assignments",
        _mode_contradicts,
    ),
    Check(
        "committee-even",
        _("Committees with an even number of members"),
        _("A committee votes, so an odd number of members must be in office."),
        _("Enter the missing member, or the last day of whoever has left."),
        "owners-committees",
        _even_committee,
    ),
    Check(
        "member-outside-term",
        _("Committee members in office outside the committee's term"),
        _("Nobody is a member of a committee that does not exist yet or any more."),
        _("Correct the member's days, or the committee's term."),
        "committee-members",
        _outside_the_term,
    ),
    Check(
        "spent-too-much",
        _("More spent than allocated"),
        _("No more can be spent than was allocated: one of the amounts is wrong, or it must be explained."),
        _("Correct the amounts, in yuan."),
        "fundings",
        _spent_too_much,
    ),
]
