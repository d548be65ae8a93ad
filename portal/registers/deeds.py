"""What may be done with a row beyond editing it: each deed declared by its app, one form, one confirmation, one page for all."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.models import User
from portal.registers.declaration import Register, register
from portal.registers.fields import RegisterField
from portal.registers.forms import ReasonForm, ReferenceField, TakesErrors, dress, form_field
from portal.registers.lists import section
from portal.roles import Permission
from portal.templatetags.portal import place
from portal.workflow import LostRace, MoveRefused


class Deed:
    """One deed on the rows of a register. Subclasses are declarations that call an action of their app.

    ``verb`` is its address. ``fields`` are asked for as the register ``source`` has them (empty: the row's own register);
    ``labels`` name them where the deed has a better word. A ``reason`` is asked for besides where ``asks_reason``.
    """

    verb: ClassVar[str]
    title: ClassVar[str | Promise]
    icon: ClassVar[str] = "arrow-right"
    permission: ClassVar[Permission]
    source: ClassVar[str] = ""
    fields: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[Mapping[str, str | Promise]] = {}
    asks_reason: ClassVar[bool] = False
    is_harmful: ClassVar[bool] = False

    def applies(self, row: Model) -> bool:
        """Whether there is such a deed for ``row`` at all."""
        return True

    def obstacle(self, row: Model) -> str:
        """Why it cannot be done now, in the person's language; empty when it can."""
        return ""

    def initial(self, row: Model) -> dict[str, Any]:
        """What the form is filled with: field name → value."""
        return {}

    def notes(self, row: Model) -> list[str]:
        """What the person should know before filling in the form."""
        return []

    def consequences(self, row: Model, values: Mapping[str, Any]) -> list[str]:
        """What will follow, for the confirmation."""
        return []

    def perform(self, row: Model, values: Mapping[str, Any], *, by: User) -> str:
        """Do it; what is told then. Raises what its action raises."""
        raise NotImplementedError

    def register_of_fields(self, own: Register) -> Register:
        return (register(self.source) if self.source else own) or own


class DeedForm(TakesErrors, forms.Form):
    """What a deed asks for."""

    def __init__(self, *args, deed: Deed, own: Register, row: Model, user: User, **kwargs):
        super().__init__(*args, initial=deed.initial(row), **kwargs)
        source = deed.register_of_fields(own)
        self.asked: dict[str, RegisterField] = {field.name: field for field in source.all_fields}
        for name in deed.fields:
            made = form_field(source, self.asked[name], user)
            made.required = name in deed.required
            if name in deed.labels:
                made.label, made.help_text = deed.labels[name], ""
            if isinstance(made, ReferenceField):
                made.tell(self.initial.get(name))
            self.fields[name] = made
        if deed.asks_reason:
            self.fields["reason"] = ReasonForm().fields["reason"]
        dress(self)

    def lines(self) -> list[tuple[str, str]]:
        """Label and text of what was filled in, for the confirmation."""
        return [
            (str(self.fields[name].label), self._text(name, value))
            for name, value in self.cleaned_data.items()
            if value not in (None, "", [])
        ]

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, Model):
            return place(str(value))
        return self.asked[name].text_of(value) if name in self.asked else str(value)


def deeds_of(own: Register, row: Model, user: User) -> list[tuple[Deed, str]]:
    """The deeds on ``row`` that ``user`` may do, each with why it cannot be done now (empty when it can)."""
    allowed = {permission: user.has_perm(permission, row) for permission in {deed.permission for deed in own.deeds}}
    return [
        (deed, deed.obstacle(row))
        for deed in own.deeds
        if allowed[deed.permission] and deed.applies(row)
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def deed_page(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """Ask for what the deed needs, show it with its consequences, and do it when that is confirmed."""
    from portal.registers.views import facts, register_or_404, row_or_404

    own = register_or_404(request, slug)
    deed = next((one for one in own.deeds if one.verb == verb), None)
    if deed is None:
        raise Http404
    row = row_or_404(request, own, pk)
    if not deed.applies(row):
        raise Http404
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
        "section": section(own),
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
