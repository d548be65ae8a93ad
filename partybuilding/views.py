"""The overview of Party building: figures for everybody, registers for those who may see persons."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from partybuilding import aggregates, rules
from portal.registers import registers_for
from portal.roles import Permission


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """Coverage, organisations, cross-appointments and recruits of this person's scope, as figures."""
    party = request.user.has_perm(Permission.VIEW_PARTY)
    context = {
        "section": "party",
        "tables": aggregates.figures(request.user),
        "registers": [one for one in registers_for(request.user) if one.group == "party"] if party else [],
        "least": rules.LEAST_CELL,
        "is_exact": aggregates.is_exact(request.user),
        "today": timezone.localdate(),
    }
    return render(request, "partybuilding/overview.html", context)
