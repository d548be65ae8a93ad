"""What can be wrong with Party building. Where a finding tells Party data, only those who may see it get it."""

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from enterprises.models import AwardRound
from estates.models import ServiceAssignment
from partybuilding import rules
from partybuilding.models import CrossAppointment, PartyCoverage
from portal.integrity.checks import Check, duplicates
from portal.integrity.likeness import Likeness, plain_name
from portal.roles import Permission

_Direction = CrossAppointment.Direction


def uncovered(rows: QuerySet, today: date) -> QuerySet:
    """Enterprises of ``rows`` that serve somewhere on ``today`` and are covered in no way."""
    serving = ServiceAssignment.objects.on(today).filter(enterprise=OuterRef("pk"))
    covered = PartyCoverage.objects.on(today).filter(enterprise=OuterRef("pk"))
    return rows.filter(Exists(serving), ~Exists(covered))


def _too_few_members(rows: QuerySet, today: date) -> QuerySet:
    alone = PartyCoverage.objects.on(today).filter(organisation=OuterRef("pk"), way=PartyCoverage.Way.STANDALONE)
    return rows.standing().filter(Exists(alone), members__lt=rules.STANDALONE_MIN_MEMBERS)


def _award_without_organisation(rows: QuerySet, today: date) -> QuerySet:
    covered = PartyCoverage.objects.on(today).by_organisation().filter(enterprise=OuterRef("enterprise"))
    return rows.standing(today).filter(~Exists(covered), round__award=AwardRound.Award.DEMO_PROJECT)


def _conflicts(rows: QuerySet, today: date) -> QuerySet:
    own_enterprise = Q(person__enterprise=F("enterprise"))
    supervises_own = Q(direction=_Direction.COMMITTEE_TO_ENTERPRISE) & own_enterprise
    elsewhere = Q(person__enterprise=None) | ~own_enterprise
    not_of_enterprise = Q(direction=_Direction.ENTERPRISE_TO_COMMITTEE) & elsewhere
    return rows.on(today).filter(supervises_own | not_of_enterprise)


CHECKS = [
    Check(
        "enterprises-uncovered",
        _("Enterprises that serve without Party coverage"),
        _(
            "Every enterprise that serves should have an organisation of its own, a joint or attached one, or an instructor."
        ),
        _("Enter the coverage in force under Party coverage."),
        "enterprises",
        uncovered,
        Permission.VIEW_PARTY,
    ),
    Check(
        "organisation-too-small",
        _("Organisations of one enterprise with fewer than three members"),
        _("From three Party members on an enterprise builds an organisation of its own; below, it joins another."),
        _("Correct the number of members, or enter another way of coverage."),
        "party-organisations",
        _too_few_members,
    ),
    Check(
        "award-without-organisation",
        _("Demonstration projects of enterprises without a Party organisation"),
        _("A demonstration project presupposes a Party organisation of the enterprise."),
        _("Enter the coverage by an organisation, or revoke the award."),
        "award-grants",
        _award_without_organisation,
        Permission.VIEW_PARTY,
    ),
    Check(
        "appointment-conflict",
        _("Cross-appointments in conflict with where the person works"),
        _("Nobody supervises the own employer, and only people of the enterprise are sent from it to a committee."),
        _("End the appointment, or correct where the person works."),
        "cross-appointments",
        _conflicts,
    ),
    Check(
        "mentors-missing",
        _("Recruits without both mentors after 30 days"),
        _("Each recruit has a Party-building mentor and a property mentor."),
        _("Enter the missing mentor under mentor assignments."),
        "graduate-recruits",
        lambda rows, today: rows.lacking_mentors(today),
    ),
    duplicates(
        "duplicate-persons",
        _("Persons who may be entered twice"),
        _("Compare the two. If they are one, choose which record stays; everything that refers to the other moves."),
        "persons",
        Likeness(_("Name and telephone number are the same."), plain_name(), ("phone",), ~Q(phone="")),
    ),
]
