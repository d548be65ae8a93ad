"""Input shapes of the bulletins desk."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletins.models import MonthlyBulletin
from bulletins.rules import MIN_ITEMS, Month
from portal.documents.official import NUMBER_FORM
from portal.forms import StyledWidgets


class ComposeForm(StyledWidgets, forms.Form):
    """Which month, and with how few cases a unit is not ranked."""

    month = forms.CharField(max_length=7)
    min_items = forms.IntegerField(
        label=gettext_lazy("Fewest cases of a ranked unit"), min_value=1, max_value=10_000, initial=MIN_ITEMS
    )

    def clean_month(self) -> Month:
        try:
            return Month.parse(self.cleaned_data["month"])
        except ValueError as error:
            raise forms.ValidationError(
                _("“%(text)s” is not a month such as 2021-10.") % {"text": self.cleaned_data["month"]}
            ) from error


class BulletinForm(StyledWidgets, forms.ModelForm):
    """The texts of a draft. ``seen`` is the digest of what the editor has before them."""

    seen = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = MonthlyBulletin
        fields = ("title", "document_number", "dated", "reports_to", "sent_to", "narrative")
        widgets = {
            "dated": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "narrative": forms.Textarea(attrs={"rows": 26, "lang": "zh-CN"}),
        }

    def validate_constraints(self):
        """The database holds them; a form that changes texts breaks none."""

    def clean_document_number(self) -> str:
        number = self.cleaned_data["document_number"].strip()
        if number and not re.fullmatch(NUMBER_FORM, number):
            raise forms.ValidationError(
                _(
                    "Not a document number such as 〔2021〕11号 after the office's short name: hexagonal brackets, no leading zero."
                )
            )
        return number

    def clean_narrative(self) -> str:
        return self.cleaned_data["narrative"].replace("\r\n", "\n").strip()


class DeedForm(StyledWidgets, forms.Form):
    """Confirms a deed: what the person saw when they decided, and a reason where the deed asks for one."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}), max_length=2000, required=False
    )

    def __init__(self, *args, deed, **kwargs):
        self.deed = deed
        super().__init__(*args, **kwargs)

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if self.deed.reason and not reason:
            raise forms.ValidationError(_("A reason is needed."))
        return reason
