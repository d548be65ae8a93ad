"""Pages of Party building: the overview, and how one enterprise is covered. Figures for everybody, persons for few."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from enterprises.models import Enterprise
from partybuilding import aggregates, coverage, rules
from partybuilding.registers import PartyRegister
from portal.registers import register, registers_for
from portal.roles import Permission


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """Coverage, organisations, cross-appointments and recruits of this person's scope, as figures."""
    party = request.user.has_perm(Permission.VIEW_PARTY)
    context = {
        "section": "party",
        "tables": aggregates.figures(request.user),
        "registers": [one for one in registers_for(request.user) if isinstance(one, PartyRegister)] if party else [],
        "least": rules.LEAST_CELL,
        "is_exact": aggregates.is_exact(request.user),
        "today": timezone.localdate(),
    }
    return render(request, "partybuilding/overview.html", context)


@require_safe
def enterprise_party(request: HttpRequest, uscc: str) -> HttpResponse:
    """How one enterprise is covered: the way and the organisation for everybody, persons only for those who may see them."""
    scope = Enterprise.objects.for_user(request.user, Permission.VIEW_ENTERPRISES)
    enterprise = get_object_or_404(scope, uscc=uscc)
    sees_persons = request.user.has_perm(Permission.VIEW_PARTY, enterprise)
    found = coverage.coverages(enterprise)
    today = timezone.localdate()
    posts, recruits = coverage.cross_posts(enterprise), coverage.recruits_at_work(enterprise)
    context = {
        "section": "enterprises",
        "enterprise": enterprise,
        "now": next((one for one in found if today in one.valid), None),
        "before": [one for one in found if today not in one.valid],
        "sees_persons": sees_persons,
        "figures": [
            _few(posts["inwards"], sees_persons),
            _few(posts["outwards"], sees_persons),
            _few(recruits, sees_persons),
        ],
        "register": register("party-coverage"),
        "may_keep": request.user.has_perm(Permission.KEEP_PARTY, enterprise),
    }
    part = bool(request.headers.get("X-Fragment"))
    return render(request, "partybuilding/_enterprise.html" if part else "partybuilding/enterprise.html", context)


def _few(count: int, sees_persons: bool) -> str:
    """A number of persons; a few are not counted out to those who may not see persons."""
    return f"< {rules.LEAST_CELL}" if 0 < count < rules.LEAST_CELL and not sees_persons else str(count)
