"""Pages of webhooks: targets, events, what became of each delivery, and sending again."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.listing import ROWS
from portal.roles import Permission
from portal.webhooks import actions
from portal.webhooks.delivery import envelope
from portal.webhooks.forms import TargetForm
from portal.webhooks.kinds import event_kinds
from portal.webhooks.models import WebhookDelivery, WebhookEvent, WebhookTarget
from portal.workflow import LostRace, MoveRefused

SECTION = "webhooks"

keeps_webhooks = permission_required(Permission.KEEP_WEBHOOKS, raise_exception=True)


@require_safe
@keeps_webhooks
def index(request: HttpRequest) -> HttpResponse:
    """The targets with what failed at each, and the events, newest first."""
    failed = Count("deliveries", filter=Q(deliveries__status__in=["failed", "given_up"]))
    targets = WebhookTarget.objects.annotate(
        sent=Count("deliveries", filter=Q(deliveries__status="sent")), failed=failed
    ).order_by("name")
    page = Paginator(WebhookEvent.objects.annotate(told=Count("deliveries")).order_by("-pk"), ROWS).get_page(
        request.GET.get("page")
    )
    _with_titles(page.object_list)
    return render(request, "webhooks/index.html", {"section": SECTION, "targets": targets, "page": page})


def _with_titles(events) -> None:
    titles = event_kinds()
    for one in events:
        one.title = titles.get(one.kind, one.kind)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_webhooks
def new(request: HttpRequest) -> HttpResponse:
    """Enter a target; its secret is shown in the answer, and never again."""
    form = TargetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        target = actions.keep_target(form.save(commit=False), by=request.user)
        return _secret_shown(request, target)
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_webhooks
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(WebhookTarget, pk=pk)
    form = TargetForm(request.POST or None, instance=target)
    if request.method == "POST" and form.is_valid():
        actions.keep_target(form.save(commit=False), by=request.user)
        messages.success(request, _("Saved."))
        return redirect("webhook", pk)
    return _form(request, form, target)


def _form(request: HttpRequest, form: TargetForm, target: WebhookTarget | None) -> HttpResponse:
    context = {"section": SECTION, "form": form, "target": target}
    return render(request, "webhooks/form.html", context, status=422 if form.errors else 200)


@require_safe
@keeps_webhooks
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """A target and the log of its deliveries."""
    found = get_object_or_404(WebhookTarget, pk=pk)
    page = Paginator(found.deliveries.select_related("event"), ROWS).get_page(request.GET.get("page"))
    _with_titles([delivery.event for delivery in page.object_list])
    titles = event_kinds()
    context = {
        "section": SECTION,
        "target": found,
        "kinds": [titles.get(kind, kind) for kind in found.kinds],
        "page": page,
    }
    return render(request, "webhooks/target.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_webhooks
def renew_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then give the target another secret."""
    found = get_object_or_404(WebhookTarget, pk=pk)
    if request.method == "POST":
        actions.renew_secret(found, by=request.user)
        return _secret_shown(request, found)
    return render(request, "webhooks/renew_secret.html", {"section": SECTION, "target": found})


def _secret_shown(request: HttpRequest, target: WebhookTarget) -> HttpResponse:
    response = render(request, "webhooks/secret.html", {"section": SECTION, "target": target})
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
@keeps_webhooks
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """What was told, and to whom."""
    found = get_object_or_404(WebhookEvent, pk=pk)
    _with_titles([found])
    context = {
        "section": SECTION,
        "event": found,
        "told": json.dumps(envelope(found), ensure_ascii=False, indent=2),
        "deliveries": found.deliveries.select_related("target").order_by("target__name"),
        "wanted": WebhookTarget.objects.filter(is_active=True, kinds__contains=[found.kind]).exists(),
    }
    return render(request, "webhooks/event.html", context)


@require_POST
@keeps_webhooks
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an event again to everybody who wants it."""
    found = get_object_or_404(WebhookEvent, pk=pk)
    try:
        count = actions.replay(found, by=request.user, now=timezone.now())
    except (LostRace, MoveRefused):
        messages.warning(request, _("It is being sent just now; nothing was changed."))
    else:
        messages.success(request, _("Queued for %(count)d targets.") % {"count": count})
    return redirect("webhook-event", pk)


@require_POST
@keeps_webhooks
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("event", "target"), pk=pk)
    try:
        actions.send_again(delivery, by=request.user, now=timezone.now())
    except (LostRace, MoveRefused):
        messages.warning(request, _("It is queued or sent already; nothing was changed."))
    else:
        messages.success(request, _("Queued; it is sent within a minute."))
    return redirect("webhook", delivery.target_id)
