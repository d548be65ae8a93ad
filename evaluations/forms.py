"""Input shapes of the rankings desk and of the annual overview."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluations.desk import Deed
from portal.forms import StyledWidgets


class DeedForm(StyledWidgets, forms.Form):
    """Confirms a deed: what the person saw when they decided, and a reason where the deed asks for one."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}), max_length=2000, required=False
    )

    def __init__(self, *args, deed: Deed, **kwargs):
        self.deed = deed
        super().__init__(*args, **kwargs)

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if self.deed.reason and not reason:
            raise forms.ValidationError(_("A reason is needed."))
        return reason


class OverviewForm(StyledWidgets, forms.Form):
    """The day on which the overview counts; the place is looked up among those of the person."""

    as_of = forms.DateField(
        required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), input_formats=["%Y-%m-%d"]
    )

    def clean_as_of(self) -> date | None:
        day = self.cleaned_data["as_of"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is yet to come."))
        return day

    def day(self, otherwise: date) -> date:
        """The day given, or ``otherwise`` where none or a wrong one was."""
        return (self.is_valid() and self.cleaned_data["as_of"]) or otherwise
