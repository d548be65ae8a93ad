"""What waits for those who keep Party building: coverage, mentors and supervisors' visits that are missing."""

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
    """What ``user`` has to do in their scope; nothing for who keeps nothing of Party building. Three queries at most."""
    if not user.has_perm(Permission.KEEP_PARTY):
        return []
    today, view = timezone.localdate(), Permission.VIEW_PARTY
    uncovered = cache.get_or_set(f"uncovered_{user.pk}", lambda: _uncovered(user), MINUTE)
    recruits = GraduateRecruit.objects.for_user(user, view).lacking_mentors(today).order_by().count()
    supervisors = CrossAppointment.objects.for_user(user, view).visit_overdue(today).order_by().count()
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


def _uncovered(user) -> int:
    return check("enterprises-uncovered").findings(user).count()
