"""The forms of ratings. Two questions, apart: is it solved, and how satisfied are you."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casedesk.actions.ratings import LONGEST_REMARK
from casedesk.models import RatingReview
from casedesk.reporting.forms import PhotosField
from casedesk.reporting.wording import clean_line, clean_phone, clean_text
from evaluations.models import AppraisalCase
from portal.forms import StyledWidgets


class RatingForm(forms.Form):
    """What a resident answers; radios, so that nothing is chosen beforehand."""

    resolved = forms.ChoiceField(
        label=_("Is the matter solved?"),
        choices=AppraisalCase.Resolved.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        error_messages={
            "required": _("Say whether the matter is solved."),
            "invalid_choice": _("Choose one of the three."),
        },
    )
    level = forms.TypedChoiceField(
        label=_("How satisfied are you with how it was handled?"),
        choices=AppraisalCase.Rating.choices,
        coerce=int,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        error_messages={
            "required": _("Choose one of the five levels."),
            "invalid_choice": _("Choose one of the five levels."),
        },
    )
    text = forms.CharField(
        label=_("Remark"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        help_text=_("At most 500 signs. No names or numbers of other people."),
    )

    def clean_text(self):
        text = clean_text(self.cleaned_data["text"])
        if len(text) > LONGEST_REMARK:
            raise forms.ValidationError(
                _("The remark has %(count)d signs; at most %(most)d can be taken.")
                % {"count": len(text), "most": LONGEST_REMARK}
            )
        return text


class CallbackForm(RatingForm):
    """What the resident said on the telephone, and where that can be heard again."""

    recording_ref = forms.CharField(
        label=_("Reference of the recording"), max_length=100, widget=forms.TextInput(attrs={"class": "form-control"})
    )

    def clean_recording_ref(self):
        return clean_line(self.cleaned_data["recording_ref"], 100)


class ReasonForm(StyledWidgets, forms.Form):
    """A decision that needs a reason."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the record."),
        error_messages={"required": _("Give a reason; it stays in the record.")},
    )

    def clean_reason(self):
        return clean_text(self.cleaned_data["reason"])


class ReviewForm(StyledWidgets, forms.Form):
    """Why the rated party doubts a bad rating, and what shows it."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=RatingReview.Ground.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What shows it: dates, records, recordings. Whoever decides reads this and the photographs."),
    )
    photos = PhotosField(label=_("Photographs"), required=False)

    def clean_evidence(self):
        return clean_text(self.cleaned_data["evidence"])


class ContactForm(StyledWidgets, forms.Form):
    """Another way to reach a reporter."""

    phone = forms.CharField(label=_("New telephone number"), required=False, max_length=40)
    email = forms.CharField(label=_("New e-mail address"), required=False, max_length=254)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How the reporter asked for it. It stays in the record, and the old contact is told."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    def clean_email(self):
        return clean_line(self.cleaned_data["email"], 254)

    def clean_reason(self):
        return clean_text(self.cleaned_data["reason"])
