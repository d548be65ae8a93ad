"""Ratings that wait for an official."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casedesk.rating.desk import lists_of
from portal.duties import Duty
from portal.roles import Permission


def duties(user) -> list[Duty]:
    """Held ratings and reviews in the scope of ``user``; reviews say how many are late."""
    if not user.has_perm(Permission.DECIDE_CASES):
        return []
    page = reverse("rating-list")
    reviews = lists_of(user, "reviews").order_by()
    counted = reviews.aggregate(waiting=Count("pk"), late=Count("pk", filter=Q(reviews__due_at__lt=timezone.now())))
    late = counted["late"]
    note = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late} if late else ""
    return [
        Duty(_("Ratings held for a check"), "star", lists_of(user, "held").count(), f"{page}?tab=held"),
        Duty(_("Reviews of ratings to decide"), "gavel", counted["waiting"], f"{page}?tab=reviews", note=note),
    ]
