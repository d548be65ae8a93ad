"""What may be done with a row beyond editing it: each deed declared by its app, one form for all."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils.functional import Promise

from portal.models import User
from portal.registers.declaration import Register, register
from portal.registers.fields import RegisterField
from portal.registers.forms import ReasonForm, ReferenceField, TakesErrors, dress, form_field
from portal.roles import Permission
from portal.templatetags.portal import place


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
