"""Input shapes of objections, decisions and replies."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from estates.models import Estate
from evaluations.models import AppraisalCase, EntryReply, RankingObjection
from evaluations.objections import evidence
from evaluations.objections.raising import Claim
from portal.forms import StyledWidgets
from portal.persons import PHONE

MAX_CASES = 10


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, looked into; their cleaned copies."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[evidence.Clean]:
        given = data if isinstance(data, list | tuple) else [data]
        return evidence.checked(one for one in given if one)


class ObjectionForm(StyledWidgets, forms.Form):
    """What is wrong, for everybody: at most five fields. A party needs no telephone: it is signed in.

    ``website`` is a field that no person sees; what fills it in is no person.
    """

    ground = forms.ChoiceField(label=gettext_lazy("What is wrong?"), choices=RankingObjection.Ground.choices)
    text = forms.CharField(
        label=gettext_lazy("In a few words"), widget=forms.Textarea(attrs={"rows": 5}), min_length=5, max_length=2000,
        help_text=gettext_lazy("What stands there, and how it was in fact. Name no other person."),
    )  # fmt: skip
    case_numbers = forms.CharField(
        label=gettext_lazy("Case numbers, if you have them"), max_length=400, required=False,
        help_text=gettext_lazy("One after the other, with a space between."),
    )  # fmt: skip
    files = FilesField(
        label=gettext_lazy("Photos or PDF"), required=False,
        help_text=gettext_lazy("At most four, 8 MB each. Place and device are removed from photos."),
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("Your telephone"), max_length=20, validators=[PHONE],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        help_text=gettext_lazy("Only for questions and to tell you the answer. It is never shown."),
    )  # fmt: skip
    website = forms.CharField(required=False, max_length=200)

    def __init__(self, *args, as_party: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ground"].widget.attrs["class"] = "form-select"
        if as_party:
            del self.fields["phone"]

    def clean_text(self) -> str:
        return _without_nul(self.cleaned_data["text"])

    def clean_case_numbers(self) -> list[str]:
        return case_numbers(self.cleaned_data["case_numbers"])

    @property
    def is_of_a_machine(self) -> bool:
        return bool(self.data.get("website"))

    @property
    def claim(self) -> Claim:
        said = self.cleaned_data
        return Claim(said["ground"], said["text"], said["case_numbers"], said["files"])


def case_numbers(text: str) -> list[str]:
    """The case numbers in a text that separates them by spaces, commas or lines.

    Raises:
        ValidationError: too many of them, or one too long.
    """
    numbers = [number for number in re.split(r"[\s,，、;；]+", _without_nul(text)) if number]
    if len(numbers) > MAX_CASES:
        raise ValidationError(_("At most %(count)d case numbers.") % {"count": MAX_CASES})
    if any(len(number) > 60 for number in numbers):
        raise ValidationError(_("A case number has at most 60 signs."))
    return list(dict.fromkeys(numbers))


def _without_nul(text: str) -> str:
    return text.replace("\x00", "")


def add_errors(form: forms.Form, error: ValidationError) -> None:
    """Show what an action refused at the fields that it names, and above the form what it names none for."""
    by_name = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, errors in by_name.items():
        form.add_error(name if name in form.fields else None, errors)


class StatusForm(StyledWidgets, forms.Form):
    """Number and the last four digits of the telephone."""

    number = forms.CharField(label=gettext_lazy("Number of the objection"), max_length=20)
    tail = forms.RegexField(
        r"^[0-9]{4}$", label=gettext_lazy("Last four digits of your telephone"),
        error_messages={"invalid": gettext_lazy("Four digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4, "autocomplete": "off"}),
    )  # fmt: skip


class ReasonForm(StyledWidgets, forms.Form):
    """A reason that stays in the record."""

    reason = forms.CharField(
        label=pgettext_lazy("form", "Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )


class ReplyForm(StyledWidgets, forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Reply"), widget=forms.Textarea(attrs={"rows": 6, "maxlength": EntryReply.LONGEST}),
        max_length=EntryReply.LONGEST,
        help_text=gettext_lazy("At most 500 signs. It is public once the city has checked it: name no person."),
    )  # fmt: skip

    def clean_text(self) -> str:
        return _without_nul(self.cleaned_data["text"])


class DecisionForm(StyledWidgets, forms.Form):
    """Upheld or dismissed, with a reason that whoever raised it reads and that is public with a corrected revision."""

    seen = forms.CharField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"), widget=forms.RadioSelect,
        choices=[("upheld", gettext_lazy("Upheld: something is put right")), ("dismissed", gettext_lazy("Dismissed: it stands"))],
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason of the decision"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000,
        help_text=gettext_lazy("Public with a corrected revision: name no person and no telephone."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].widget.attrs["class"] = "form-check-input"


class CorrectionForm(StyledWidgets, forms.ModelForm):
    """The facts of one case that count. What is left as it is, is no correction."""

    estate = forms.CharField(label=gettext_lazy("Neighbourhood (code)"), max_length=40)

    class Meta:
        model = AppraisalCase
        fields = (
            "estate", "excluded", "accept_due_at", "accepted_at", "handle_due_at", "handled_at", "rating", "resolved",
            "rated_at", "rating_withdrawn",
        )  # fmt: skip

    def __init__(self, *args, instance: AppraisalCase, **kwargs):
        kwargs["initial"] = {"estate": instance.estate.code}
        super().__init__(*args, instance=instance, prefix=f"case-{instance.pk}", **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.DateTimeField):
                field.widget = forms.DateTimeInput(
                    format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": 1, "class": "form-control"}
                )
            elif isinstance(field.widget, forms.Select):
                field.widget.attrs["class"] = "form-select"
            elif name == "rating_withdrawn":
                field.widget.attrs["class"] = "form-check-input"

    def clean_estate(self) -> Estate:
        estate = Estate.objects.filter(code=self.cleaned_data["estate"]).first()
        if estate is None:
            raise ValidationError(_("There is no neighbourhood with this code."))
        return estate

    def _post_clean(self) -> None:
        """Whether the facts agree is asked when they are put right, all of them together."""

    @property
    def changes(self) -> dict[str, Any]:
        """Fields that were given another value."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def correction_forms(cases: Iterable[AppraisalCase], data: Any = None) -> list[CorrectionForm]:
    """One form per case that is looked at."""
    return [CorrectionForm(data, instance=case) for case in cases]
