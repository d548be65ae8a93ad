"""What waits on the desk: as duties for the home page and the daily digest, and as a figure for whoever handles cases."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casedesk.desk import queues
from portal.duties import Duty
from portal.home import HomeFigure
from portal.models import User


def duties(user: User) -> list[Duty]:
    """The queues of ``user`` with their counts, and how many of each are late. What has a page of its own tells itself."""
    mine = _queues_of(user)
    counted = queues.counts_with_late(user, mine, timezone.now())
    return [_duty(queue, *counted[queue.name]) for queue in mine]


def _duty(queue: queues.Queue, count: int, late: int) -> Duty:
    note = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late} if late else ""
    return Duty(queue.title, queue.icon, count, queue.url, note=note, note_url=queue.url)


def figures(user: User) -> list[HomeFigure]:
    """How much waits on the desk for ``user``, and how much of it is late; nothing for whoever works on no cases."""
    mine = _queues_of(user)
    if not mine:
        return []
    pairs = queues.counts_with_late(user, mine, timezone.now()).values()
    total, late = (sum(column) for column in zip(*pairs, strict=True))
    url = reverse("my-work")
    told = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late}
    return [HomeFigure(_("My work"), total, url, [(told, url)] if late else [])]


def _queues_of(user: User) -> list[queues.Queue]:
    return [queue for queue in queues.queues_for(user) if queue.is_duty]
