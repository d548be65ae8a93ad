"""What waits for the city's officials in the evaluations: objections, replies and proposals that are theirs to decide."""

from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from evaluations.models import EntryReply, RankingObjection, RankingPolicy
from portal.duties import Duty
from portal.models import User
from portal.roles import Permission

Status = RankingObjection.Status


def duties(user: User, now: datetime) -> list[Duty]:
    """Objections to mark and to decide (not those that this person marked), replies to check, policies to approve."""
    found = []
    if user.has_perm(Permission.HANDLE_OBJECTIONS):
        late = Q(status=Status.RECEIVED, mark_due_at__lt=now) | Q(status=Status.MARKED, decide_due_at__lt=now)
        open_ones = RankingObjection.objects.undecided().exclude(status=Status.MARKED, marked_by=user)
        counts = open_ones.aggregate(all=Count("pk"), late=Count("pk", filter=late))
        note = ngettext("%(count)d overdue", "%(count)d overdue", counts["late"]) % {"count": counts["late"]}
        page = reverse("ranking-objection-list")
        found.append(
            Duty(
                gettext_lazy("Objections to rankings"), "message-circle", counts["all"], page,
                note if counts["late"] else "", f"{page}?state=late",
            )
        )  # fmt: skip
        waiting = EntryReply.objects.filter(status=EntryReply.Status.SUBMITTED).exclude(written_by=user)
        found.append(Duty(_("Replies to be checked"), "message-report", waiting.count(), f"{page}#h-replies"))
    if user.has_perm(Permission.APPROVE_POLICIES):
        proposals = RankingPolicy.objects.filter(status=RankingPolicy.Status.PROPOSED).exclude(proposed_by=user)
        found.append(
            Duty(_("Ranking policies to be approved"), "adjustments", proposals.count(), reverse("policy-list"))
        )
    return found
