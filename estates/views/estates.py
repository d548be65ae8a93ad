"""Pages of neighbourhoods: one neighbourhood, and what an enterprise serves; the register's list is the registers' own."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enterprises.models import Enterprise
from estates.models import Estate, ServiceAssignment
from estates.places import with_places
from estates.portfolio import ending_contracts, portfolio
from estates.profile import profile
from portal.integrity.views import to_successor_or_404
from portal.listing import ROWS
from portal.registers import register
from portal.registers.views import row_context
from portal.roles import Permission


@require_safe
def estate_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One neighbourhood: its facts, who serves it how and when, its path, committee and funds. Upper floors add by URL."""
    scope = Estate.objects.for_user(request.user, Permission.VIEW_ESTATES)
    estate = with_places(scope).filter(code=code).first()
    if estate is None:
        return to_successor_or_404(register("estates"), scope, code)
    context = row_context(request, register("estates"), estate)
    return render(
        request, "estates/detail.html", context | {"estate": estate} | profile(estate, timezone.localdate())
    )  # fmt: skip


@require_safe
def enterprise_estates(request: HttpRequest, uscc: str) -> HttpResponse:
    """What an enterprise serves in this person's scope, weighed, and its contracts that run out: a part of its page, and a
    page of its own.
    """
    enterprises = Enterprise.objects.for_user(request.user, Permission.VIEW_ENTERPRISES)
    enterprise = get_object_or_404(enterprises, uscc=uscc)
    served = ServiceAssignment.objects.current().filter(enterprise=enterprise)
    scope = Estate.objects.for_user(request.user, Permission.VIEW_ESTATES).filter(pk__in=served.values("estate_id"))
    page = Paginator(with_places(scope).order_by("pinyin", "code"), ROWS).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "section": "enterprises",
        "enterprise": enterprise,
        "page": page,
        "portfolio": portfolio(scope),
        "ending": ending_contracts(enterprise, request.user, today),
        "today": today,
    }
    template = "estates/_served.html" if request.headers.get("X-Fragment") else "estates/served.html"
    return render(request, template, context)
