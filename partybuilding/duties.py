"""What waits for those who keep Party building: coverage, mentors and supervisors' visits that are missing."""

from datetime import date

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from partybuilding.models import CrossAppointment, GraduateRecruit
from portal.duties import Duty
from portal.integrity.checks import check
from portal.registers import register
from portal.roles import Permission

MINUTE = 60


def duties(user) -> list[Duty]:
    """What ``user`` has to do in their scope, at most a minute old; nothing for who keeps nothing of Party building."""
    if not user.has_perm(Permission.KEEP_PARTY):
        return []
    counts = cache.get_or_set(f"duties_party_{user.pk}", lambda: _counts(user, timezone.localdate()), MINUTE)
    uncovered, recruits, supervisors = counts
    return [
        Duty(
            _("Enterprises without Party coverage"),
            "shield-x",
            uncovered,
            reverse("integrity-check", args=["enterprises-uncovered"]),
        ),
        Duty(
            _("Recruits without both mentors"),
            "user-heart",
            recruits,
            register("graduate-recruits").list_url(mentors="yes"),
        ),
        Duty(
            _("Supervisors whose visit is overdue"),
            "walk",
            supervisors,
            register("cross-appointments").list_url(visit="yes"),
        ),
    ]


def _counts(user, today: date) -> list[int]:
    view = Permission.VIEW_PARTY
    found = [
        check("enterprises-uncovered").findings(user),
        GraduateRecruit.objects.for_user(user, view).lacking_mentors(today),
        CrossAppointment.objects.for_user(user, view).visit_overdue(today),
    ]
    return [rows.order_by().count() for rows in found]
