"""Pages of notices: a person's own, and the outbox with what could not be sent."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.listing import ROWS
from portal.notices import actions
from portal.notices.models import Notice
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused

OUTBOX = "outbox"
MANY = 99
"""The bell counts no further."""


def unread_count(user) -> int:
    """How many notices ``user`` has not read, at most one more than :data:`MANY`."""
    return Notice.objects.unread(user)[: MANY + 1].count() if user.is_authenticated else 0


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """What this person was told, unread first."""
    page = Paginator(Notice.objects.of(request.user), ROWS).get_page(request.GET.get("page"))
    return render(request, "notices/list.html", {"section": "notices", "page": page})


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one of this person's notices as read and go to the page that it is about."""
    notice = get_object_or_404(Notice.objects.of(request.user), pk=pk)
    actions.mark_read(request.user, now=timezone.now(), pk=notice.pk)
    if notice.url and url_has_allowed_host_and_scheme(notice.url, allowed_hosts={request.get_host()}):
        return redirect(notice.url)
    return redirect("notices")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    actions.mark_read(request.user, now=timezone.now())
    return redirect("notices")


@require_safe
@permission_required(Permission.KEEP_NOTICES, raise_exception=True)
def outbox(request: HttpRequest) -> HttpResponse:
    """What left the portal or could not, newest first; of one state where ``?status=`` says so."""
    rows = Notice.objects.outgoing()
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    chosen = request.GET.get("status", "")
    if chosen in Notice.Status:
        rows = rows.filter(status=chosen)
    page = Paginator(rows.select_related("user"), ROWS).get_page(request.GET.get("page"))
    for notice in page.object_list:
        notice.may_be_sent_again = (notice.status, Notice.Status.QUEUED) in Notice.MOVES
    states = [(value, label, counts.get(value, 0)) for value, label in Notice.Status.choices]
    context = {"section": OUTBOX, "page": page, "states": states, "chosen": chosen, "total": sum(counts.values())}
    return render(request, "notices/outbox.html", context)


@require_POST
@permission_required(Permission.KEEP_NOTICES, raise_exception=True)
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a notice that failed."""
    notice = get_object_or_404(Notice.objects.outgoing(), pk=pk)
    try:
        actions.send_again(notice, by=request.user, now=timezone.now())
    except (LostRace, MoveRefused):
        messages.warning(request, _("It is queued or sent already; nothing was changed."))
    else:
        messages.success(request, _("Queued; it is sent within a minute."))
    return redirect("outbox")
