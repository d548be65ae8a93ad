"""Input shapes of the rankings desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.desk import Deed
from portal.forms import StyledWidgets


class DeedForm(StyledWidgets, forms.Form):
    """Confirms a deed: what the person saw when they decided, and a reason where the deed asks for one."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}), max_length=2000)

    def __init__(self, *args, deed: Deed, **kwargs):
        super().__init__(*args, **kwargs)
        if deed.reason:
            self.fields["reason"].label = deed.reason
            self.fields["reason"].error_messages["required"] = _("A reason is needed.")
        else:
            del self.fields["reason"]
