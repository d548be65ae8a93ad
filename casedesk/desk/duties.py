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
    found = []
    for queue in queues.queues_for(user):
        if queue.is_duty:
            count, late = _counts(queue, user)
            note = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late} if late else ""
            found.append(Duty(queue.title, queue.icon, count, queue.url, note=note, note_url=queue.url))
    return found


def figures(user: User) -> list[HomeFigure]:
    """How much waits on the desk for ``user``, and how much of it is late; nothing for whoever works on no cases."""
    mine = [queue for queue in queues.queues_for(user) if queue.is_duty]
    if not mine:
        return []
    pairs = [_counts(queue, user) for queue in mine]
    total, late = (sum(column) for column in zip(*pairs, strict=True))
    url = reverse("my-work")
    told = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late}
    return [HomeFigure(_("My work"), total, url, [(told, url)] if late else [])]


def _counts(queue: queues.Queue, user: User) -> tuple[int, int]:
    found = queue.found(user).order_by()
    return found.count(), found.filter(due__lt=timezone.now()).count()
