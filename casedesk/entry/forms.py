"""What is written down while a resident calls or stands at the counter."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casedesk import limits
from casedesk.models import CaseFile
from casedesk.reporting import links, wording
from casedesk.reporting.forms import TypedField
from estates.models import Estate
from portal.forms import StyledWidgets
from portal.persons import PHONE
from portal.roles import Permission
from portal.rules import CHINA

NEW = "new"
"""The answer "another matter" to the question about likely cases."""


def _kinds() -> list[tuple[str, str]]:
    items = limits.items_in_force(timezone.now().astimezone(CHINA).date())
    kinds = [(item.category, wording.name_of(item)) for item in items]
    return kinds if wording.OTHER in dict(kinds) else [*kinds, (wording.OTHER, _("Something else"))]


class EntryForm(StyledWidgets, forms.Form):
    estate = TypedField(
        label=gettext_lazy("Neighbourhood"),
        max_length=200,
        help_text=gettext_lazy("Type a name; choose from the list."),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"), choices=_kinds, widget=forms.Select(attrs={"class": "form-select"})
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"),
        choices=CaseFile.Urgency.choices,
        initial=CaseFile.Urgency.NORMAL,
        widget=forms.Select(attrs={"class": "form-select"}),
        help_text=gettext_lazy(
            "An emergency is a danger to people or a loss of water, power or gas; hours count then."
        ),
    )
    text = TypedField(
        label=gettext_lazy("What happened"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("In the caller's words. No names of other people."),
    )
    place = TypedField(label=gettext_lazy("Building, unit or spot"), required=False, max_length=100)
    phone = TypedField(label=gettext_lazy("Caller's telephone"), required=False, max_length=40)
    name = TypedField(label=gettext_lazy("Caller's name"), required=False, max_length=60)
    form = TypedField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)
        self.fields["estate"].widget.attrs |= {
            "data-suggest": reverse("register-suggest", args=["estates"]),
            "autocomplete": "off",
        }
        self.initial.setdefault("form", links.new_form())

    def clean_estate(self) -> Estate:
        given = wording.clean_line(self.cleaned_data["estate"], 200)
        scope = Estate.objects.for_user(self.user, Permission.ENTER_CASES).select_related("community__parent")
        found = list(scope.filter(code=given)) or list(scope.filter(name=given)[:2])
        if not found:
            raise ValidationError(
                _("There is no such neighbourhood in your scope. Type its name and choose from the list.")
            )
        if len(found) > 1:
            raise ValidationError(_("Several neighbourhoods have this name. Type its code, or choose from the list."))
        return found[0]

    def clean_text(self):
        text = self.cleaned_data["text"]
        if len(text) > wording.LONGEST:
            raise ValidationError(
                _("The text has %(count)d characters; at most %(most)d can be taken. Shorten it.")
                % {"count": len(text), "most": wording.LONGEST}
            )
        return text

    def clean_place(self):
        return wording.clean_line(self.cleaned_data["place"], 100)

    def clean_name(self):
        return wording.clean_line(self.cleaned_data["name"], 60)

    def clean_phone(self):
        phone = wording.clean_phone(self.cleaned_data["phone"])
        if phone:
            PHONE(phone)
        return phone

    def clean_form(self):
        return self.cleaned_data["form"] or links.new_form()
