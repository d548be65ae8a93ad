"""What a person enters for a target."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.forms import StyledWidgets
from portal.webhooks.client import AddressRefused, check_url
from portal.webhooks.kinds import event_kinds
from portal.webhooks.models import WebhookTarget


class TargetForm(StyledWidgets, forms.ModelForm):
    url = forms.CharField(label=_("Address"), max_length=500, help_text=_("Begins with https://."))
    kinds = forms.MultipleChoiceField(
        label=_("Events"), choices=lambda: list(event_kinds().items()), widget=forms.SelectMultiple
    )

    class Meta:
        model = WebhookTarget
        fields = ("name", "url", "kinds", "is_active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["is_active"].widget.attrs["class"] = "form-check-input d-block"
        self.fields["kinds"].widget.attrs |= {"class": "form-select", "size": max(len(event_kinds()), 2)}

    def clean_url(self) -> str:
        try:
            check_url(self.cleaned_data["url"])
        except AddressRefused as error:
            raise ValidationError(str(error)) from error
        return self.cleaned_data["url"]
