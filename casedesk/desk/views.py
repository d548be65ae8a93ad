"""My work, and dispatching many at once."""

from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from casedesk.actions.dispatch import dispatch_many
from casedesk.desk import queues
from casedesk.models import CaseFile
from portal.roles import Permission

MOST_AT_ONCE = 100


@require_safe
@permission_required(Permission.VIEW_CASES, raise_exception=True)
def my_work(request: HttpRequest) -> HttpResponse:
    """The queues of this person with their counts, and one of them: the one asked for, else the first that has rows."""
    mine = queues.queues_for(request.user)
    found = queues.counts(request.user, mine)
    listed = [queue for queue in mine if not queue.url_name]
    asked = next((queue for queue in listed if queue.name == request.GET.get("queue")), None)
    shown = asked or next((queue for queue in listed if found[queue.name]), listed[0] if listed else None)
    now = timezone.now()
    context = {
        "section": "my-work",
        "tabs": [(queue, found[queue.name]) for queue in mine if queue.url],
        "queue": shown,
        "page": queues.page_of(shown, request.user, request.GET.get("page"), now) if shown else None,
        "now": now,
    }
    return render(request, "casedesk/desk/my_work.html", context)


class Chosen(NamedTuple):
    """A case ticked for dispatch, with the version seen."""

    file: CaseFile
    seen: int

    @property
    def key(self) -> str:
        return f"{self.file.pk}:{self.seen}"


@require_POST
@permission_required(Permission.DISPATCH_CASES, raise_exception=True)
def bulk_dispatch(request: HttpRequest) -> HttpResponse:
    """First show to whom the catalogue sends the ticked cases; once confirmed, send them and tell what became of each."""
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("Tick the cases to dispatch first."))
        return redirect("my-work")
    if "confirmed" not in request.POST:
        proposed = queues.proposed_parties(one.file for one in chosen)
        rows = [(one, proposed[one.file.pk]) for one in chosen]
        ready = sum(party is not None for _one, party in rows)
        return render(
            request, "casedesk/desk/bulk.html", {"section": "my-work", "rows": rows, "ready": ready}
        )  # fmt: skip
    outcomes = dispatch_many(chosen, by=request.user, now=timezone.now())
    done = sum(not one.refusal for one in outcomes)
    told = ngettext("%(count)d case dispatched.", "%(count)d cases dispatched.", done) % {"count": done}
    refused = [one for one in outcomes if one.refusal]
    if not refused:
        messages.success(request, told)
        return redirect("my-work")
    context = {"section": "my-work", "outcomes": outcomes, "told": told}
    return render(request, "casedesk/desk/bulk_done.html", context, status=207 if done else 409)


def _chosen(request: HttpRequest) -> list[Chosen]:
    """The ticked cases that this person may dispatch; others are as if they did not exist."""
    seen: dict[int, int] = {}
    for text in request.POST.getlist("case")[:MOST_AT_ONCE]:
        pk, _sign, version = text.partition(":")
        if pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10:
            seen[int(pk)] = int(version)
    files = CaseFile.objects.for_user(request.user, Permission.DISPATCH_CASES).with_case().filter(pk__in=seen)
    return [Chosen(file, seen[file.pk]) for file in files.order_by("case__accept_due_at", "pk")]
