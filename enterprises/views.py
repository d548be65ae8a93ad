"""The page of one enterprise; the register's list is the registers' own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from enterprises.models import Enterprise
from portal.registers import register
from portal.registers.views import row_context
from portal.roles import Permission


@require_safe
def enterprise_detail(request: HttpRequest, uscc: str) -> HttpResponse:
    """One enterprise. What it serves in this person's scope comes from the floor above, by URL."""
    scope = Enterprise.objects.for_user(request.user, Permission.VIEW_ENTERPRISES)
    enterprise = get_object_or_404(scope.select_related("registered_district", "formed_by"), uscc=uscc)
    context = row_context(request, register("enterprises"), enterprise)
    return render(request, "enterprises/detail.html", context | {"enterprise": enterprise})
