"""The page of a deed: the form, the confirmation with its consequences, and the deed itself. One for all of them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.registers.declaration import Register
from portal.registers.deeds import Deed, DeedForm
from portal.registers.views import facts, register_or_404, row_or_404
from portal.workflow import LostRace, MoveRefused


@require_http_methods(["GET", "HEAD", "POST"])
def deed_page(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """Ask for what the deed needs, show it with its consequences, and do it when that is confirmed."""
    own = register_or_404(request, slug)
    row = row_or_404(request, own, pk)
    deed = _deed_or_404(own, row, verb)
    if not request.user.has_perm(deed.permission, row):
        raise PermissionDenied
    obstacle = deed.obstacle(row)
    form = DeedForm(request.POST or None, deed=deed, own=own, row=row, user=request.user)
    confirming, status = False, 200
    if request.method == "POST" and obstacle:
        status = 409
    elif request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST" and "confirmed" in request.POST:
        done, status = _perform(request, deed, row, form)
        if done:
            return redirect(own.detail_url(row))
    else:
        confirming = request.method == "POST" and "change" not in request.POST
    context = {
        "section": own.section,
        "register": own,
        "row": row,
        "facts": facts(own, row, request.user),
        "deed": deed,
        "form": form,
        "obstacle": obstacle,
        "notes": deed.notes(row),
        "confirming": confirming,
        "consequences": deed.consequences(row, form.cleaned_data) if confirming else [],
    }
    return render(request, "registers/deed.html", context, status=status)


def _deed_or_404(own: Register, row: Model, verb: str) -> Deed:
    deed = next((one for one in own.deeds if one.verb == verb), None)
    if deed is None or not deed.applies(row):
        raise Http404
    return deed


def _perform(request: HttpRequest, deed: Deed, row: Model, form: DeedForm) -> tuple[bool, int]:
    """Whether it was done, and the status of the answer where it was not."""
    try:
        told = deed.perform(row, form.cleaned_data, by=request.user)
    except ValidationError as error:
        form.take(error)
        return False, 422
    except MoveRefused as refused:
        form.add_error(None, str(refused))
        return False, 409
    except LostRace:
        form.add_error(None, _("Somebody else changed this record meanwhile. Nothing was done; open it again."))
        return False, 409
    messages.success(request, told)
    return True, 302
