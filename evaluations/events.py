"""What other systems are told of rankings (``portal.webhooks``). All of it is published anyway."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluations.models import Ranking
from portal.webhooks.actions import emit

PUBLISHED, CORRECTED, WITHDRAWN = "ranking.published", "ranking.corrected", "ranking.withdrawn"

EVENT_KINDS = {
    PUBLISHED: _("A ranking was published"),
    CORRECTED: _("A published ranking was replaced by a corrected one"),
    WITHDRAWN: _("A published ranking was withdrawn"),
}


def tell(kind: str, ranking: Ranking) -> None:
    """Tell of ``ranking`` as it stands now, in the caller's transaction; for ``corrected`` it is the revision replaced."""
    payload = {
        "period": ranking.period,
        "revision": ranking.revision,
        "status": ranking.status,
        "digest": ranking.digest,
        "published_at": ranking.published_at.isoformat() if ranking.published_at else None,
        "reason": ranking.withdrawal_reason if kind == WITHDRAWN else ranking.reason,
        "url": reverse("api-ranking", args=[ranking.period]),
    }
    emit(kind, payload, key=f"{ranking.period}/{ranking.revision}")
