"""How Party building reaches one enterprise and one neighbourhood. Names of persons are the caller's to leave out."""

from django.db.models import Count, Q
from django.utils import timezone

from enterprises.models import Enterprise
from estates.models import Estate
from partybuilding.models import CrossAppointment, GraduateRecruit, PartyCoverage


def stage_facts(estate: Estate, enterprise_id: int) -> dict[str, bool]:
    """What the development path's rule asks of Party building, for the enterprise that serves ``estate``. Two queries."""
    today = timezone.localdate()
    directions = set(
        CrossAppointment.objects.on(today)
        .filter(Q(estate=None) | Q(estate=estate), enterprise=enterprise_id)
        .filter(region__in=[estate.community_id, estate.community.parent_id])
        .values_list("direction", flat=True)
    )
    return {
        "party_covered": PartyCoverage.objects.on(today).filter(enterprise=enterprise_id).exists(),
        "committee_in_enterprise": CrossAppointment.Direction.COMMITTEE_TO_ENTERPRISE in directions,
        "enterprise_in_committee": CrossAppointment.Direction.ENTERPRISE_TO_COMMITTEE in directions,
    }


def coverages(enterprise: Enterprise) -> list[PartyCoverage]:
    """All ways in which ``enterprise`` is or was covered, latest first. One query."""
    rows = PartyCoverage.objects.filter(enterprise=enterprise)
    return list(rows.select_related("organisation", "instructor").order_by("-valid"))


def cross_posts(enterprise: Enterprise) -> dict[str, int]:
    """How many people hold a post across today: in the enterprise, and of the enterprise on committees. One query."""
    directions = CrossAppointment.Direction
    return CrossAppointment.objects.on(timezone.localdate()).filter(enterprise=enterprise).aggregate(
        inwards=Count("pk", filter=Q(direction=directions.COMMITTEE_TO_ENTERPRISE)),
        outwards=Count("pk", filter=Q(direction=directions.ENTERPRISE_TO_COMMITTEE)),
    )  # fmt: skip


def recruits_at_work(enterprise: Enterprise) -> int:
    """Graduate recruits who work for ``enterprise`` now."""
    return GraduateRecruit.objects.filter(enterprise=enterprise, left_on=None).count()
