"""The page of one enterprise; the register's list is the registers' own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enterprises.models import AwardGrant, Enterprise, HeadcountReturn, ProjectManager
from portal.integrity.views import to_successor_or_404
from portal.persons import masked_phone
from portal.registers import register
from portal.registers.views import row_context
from portal.roles import Permission

MANAGERS = 12
"""So many project managers are shown; the register's list has all."""


@require_safe
def enterprise_detail(request: HttpRequest, uscc: str) -> HttpResponse:
    """One enterprise: facts, honours, headcount, managers. What it serves in this person's scope, and how Party building
    covers it, come from the floors above, by URL.
    """
    scope = Enterprise.objects.for_user(request.user, Permission.VIEW_ENTERPRISES)
    enterprise = scope.select_related("registered_district", "formed_by").filter(uscc=uscc).first()
    if enterprise is None:
        return to_successor_or_404(register("enterprises"), scope, uscc)
    managers = ProjectManager.objects.filter(enterprise=enterprise).order_by("pinyin", "code")
    context = {
        "enterprise": enterprise,
        "phone": masked_phone(enterprise.phone),
        "honours": AwardGrant.objects.filter(enterprise=enterprise).select_related("round").order_by("-granted_on"),
        "headcounts": HeadcountReturn.objects.filter(enterprise=enterprise).order_by("-year"),
        "managers": managers[:MANAGERS],
        "sees_party": request.user.has_perm(Permission.VIEW_PARTY, enterprise),
    }
    row = row_context(request, register("enterprises"), enterprise)
    return render(request, "enterprises/detail.html", row | context)
