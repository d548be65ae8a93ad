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
    return [_duty(queue, *pair) for queue, pair in _counted(user)]


def _duty(queue: queues.Queue, count: int, late: int) -> Duty:
    note = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late} if late else ""
    return Duty(queue.title, queue.icon, count, queue.url, note=note, note_url=queue.url)


def figures(user: User) -> list[HomeFigure]:
    """How much waits on the desk for ``user``, and how much of it is late; nothing for whoever works on no cases."""
    counted = _counted(user)
    if not counted:
        return []
    total, late = (sum(column) for column in zip(*(pair for _queue, pair in counted), strict=True))
    url = reverse("my-work")
    told = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late}
    return [HomeFigure(_("My work"), total, url, [(told, url)] if late else [])]


def _counted(user: User) -> list[tuple[queues.Queue, tuple[int, int]]]:
    """Each queue with its counts, kept with ``user`` as its grants are: the home page asks for the figure and the duties."""
    if not hasattr(user, "_desk_counts"):
        mine = [queue for queue in queues.queues_for(user) if queue.is_duty]
        counts = queues.counts_with_late(user, mine, timezone.now())
        user._desk_counts = [(queue, counts[queue.name]) for queue in mine]
    return user._desk_counts
