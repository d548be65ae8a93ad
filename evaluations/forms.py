"""Input shapes of the rankings desk."""

from django import forms
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
