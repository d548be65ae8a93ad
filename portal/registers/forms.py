"""Forms of registers, made from their declarations: what one person enters for one row."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.models import Region
from portal.persons import PHONE
from portal.registers.actions import version
from portal.registers.declaration import Register, register_of
from portal.registers.fields import Kind, RegisterField
from portal.rules import is_id_number
from portal.templatetags.portal import place

FEW = 40
"""So many rows to refer to are offered as a list; more are typed, with suggestions."""


class ReferenceField(forms.CharField):
    """Another row by its code; the browser suggests codes with their names."""

    def __init__(self, declared: Register, field: RegisterField, user, **kwargs):
        self.field, self.rows = field, declared.resolvable(field, user)
        slug = "places" if field.target is Region else getattr(register_of(field.target), "slug", "")
        attrs = {"autocomplete": "off", "spellcheck": "false", "placeholder": _("Code, or part of the name")}
        if slug:
            attrs |= {"data-suggest": reverse("register-suggest", args=[slug])}
        super().__init__(max_length=60, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value):
        code = super().clean(value).strip()
        if not code:
            return None
        found = self.rows.filter(**{self.field.target_code: code}).first()
        if found is None:
            raise ValidationError(
                _("There is no %(what)s with the code “%(code)s” here. Type a part of the name to choose one.")
                % {"what": self.field.target._meta.verbose_name, "code": code[:60]}
            )
        return found

    def tell(self, code) -> None:
        """Say beneath the field what the row with ``code`` is called."""
        found = self.rows.filter(**{self.field.target_code: code}).first() if code else None
        if found is not None:
            self.help_text = place(str(found))


class FewField(forms.ModelChoiceField):
    """Another row, chosen from a short list."""


class TakesErrors:
    """A form that shows what an action refused, beside the fields that it is about."""

    def take(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(self._form_name(name), errors)

    def _form_name(self, name: str) -> str | None:
        if name == "id_hash":
            name = "id_number"
        return next((one for one in (name, f"{name}_from", f"{name}_to") if one in self.fields), None)


class RegisterForm(TakesErrors, forms.Form):
    """The fields of ``register`` that ``user`` may enter, filled from ``row``. ``seen`` carries the version they saw."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, register: Register, user, row: models.Model | None = None, **kwargs):
        self.register, self.row = register, row
        initial = kwargs.pop("initial", {})
        if row is not None and row.pk:
            initial = {field.name: _initial(field, row) for field in register.all_fields} | {
                "seen": version(register, row)
            }
        super().__init__(*args, initial=initial, **kwargs)
        for field in register.writable_for(user):
            made = self.fields[field.name] = form_field(register, field, user)
            if isinstance(made, ReferenceField):
                made.tell(initial.get(field.name))
        dress(self)

    def values(self) -> dict:
        """Field name → value, as :func:`portal.registers.actions.put` takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


def _initial(field: RegisterField, row: models.Model):
    if field.kind is Kind.REFERENCE:
        return field.value(row)
    return "" if field.kind is Kind.ID_NUMBER else field.value(row)


def form_field(register: Register, field: RegisterField, user) -> forms.Field:
    """The form field for one value."""
    common = {"label": field.title, "required": field.required, "help_text": field.help}
    match field.kind:
        case Kind.REFERENCE:
            return _reference(register, field, user, common)
        case Kind.DATE | Kind.FIRST_DAY | Kind.LAST_DAY:
            return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **common)
        case Kind.MOMENT:
            widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
            return forms.DateTimeField(widget=widget, **common)
        case Kind.PHONE:
            return MaskedPhoneField(max_length=20, **common)
        case Kind.ID_NUMBER:
            return IdNumberField(max_length=18, **common)
        case Kind.LONG_TEXT:
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **common)
        case Kind.CHOICES:
            return forms.MultipleChoiceField(
                choices=field.choices, widget=forms.CheckboxSelectMultiple, **(common | {"required": False})
            )
        case Kind.TRUTH:
            return forms.BooleanField(**(common | {"required": False}))
    made = field.source.formfield(**common)
    made.required = field.required
    if field.kind is Kind.CHOICE:
        made.choices = [("", _("Choose …") if field.required else "—"), *field.choices]
    return made


def _reference(register: Register, field: RegisterField, user, common) -> forms.Field:
    rows = register.resolvable(field, user)
    if field.target is not Region and len(rows.values_list("pk")[: FEW + 1]) <= FEW:
        empty = _("Choose …") if field.required else "—"
        return FewField(rows, to_field_name=field.target_code, empty_label=empty, **common)
    return ReferenceField(register, field, user, **common)


class MaskedPhoneField(forms.CharField):
    """A telephone number; sent back masked it means "unchanged"."""

    def clean(self, value):
        value = super().clean(value).strip()
        if value and "*" not in value:
            PHONE(value)
        return value


class IdNumberField(forms.CharField):
    def clean(self, value):
        value = super().clean(value).strip().upper()
        if value and not is_id_number(value):
            raise ValidationError(_("Not an identity card number: 18 signs, the last one a check sign."))
        return value


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Reason")
        dress(self)


def dress(form: forms.Form) -> None:
    """Give every widget the look's class, and point a faulty field at its message."""
    faulty = form.errors if form.is_bound and form.prefix is None else {}
    for bound in form:
        widget = bound.field.widget
        match widget:
            case forms.CheckboxInput() | forms.CheckboxSelectMultiple():
                css = "form-check-input"
            case forms.Select():
                css = "form-select"
            case _:
                css = "form-control"
        widget.attrs.setdefault("class", css)
        described = [f"{bound.id_for_label}-hint"] if bound.field.help_text else []
        if bound.name in faulty:
            widget.attrs["aria-invalid"] = "true"
            described.append(f"{bound.id_for_label}-error")
        if described:
            widget.attrs["aria-describedby"] = " ".join(described)
