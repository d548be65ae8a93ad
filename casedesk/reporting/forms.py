"""The form of a resident's report. What was typed is kept through every error."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casedesk import photos
from casedesk.models import CaseFile
from casedesk.reporting import links, wording
from portal.persons import PHONE

SHORTEST = 4
"""Signs that say something: "电梯坏了"."""


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])


class PhotosField(forms.Field):
    """Up to nine photographs, read and encoded anew; an empty choice is no photograph."""

    widget = ManyFiles

    def clean(self, value):
        return photos.read_photos([upload for upload in value or [] if upload])


class TypedField(forms.CharField):
    """What people type or paste: signs that no text holds are taken out rather than complained about."""

    def to_python(self, value):
        return super().to_python(wording.clean_text(value) if isinstance(value, str) else value)


class ReportForm(forms.Form):
    """What happened, the kind, a telephone number, photographs; and three fields that only scripts get wrong."""

    text = TypedField(
        label=gettext_lazy("What happened?"),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": wording.LONGEST}),
        error_messages={"required": gettext_lazy("Say what happened and where.")},
    )
    category = TypedField(required=False)
    phone = TypedField(label=gettext_lazy("Telephone"), required=False, max_length=40)
    photos = PhotosField(label=gettext_lazy("Photos"), required=False)
    form = TypedField(required=False)
    website = TypedField(required=False)
    via = TypedField(required=False)

    def __init__(self, *args, items=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.items = items

    def clean_text(self):
        text = self.cleaned_data["text"]
        if len(text) < SHORTEST:
            raise ValidationError(_("Say what happened and where, in a few words."))
        if len(text) > wording.LONGEST:
            raise ValidationError(
                _("The text has %(count)d characters; at most %(most)d can be taken. Shorten it.")
                % {"count": len(text), "most": wording.LONGEST}
            )
        return text

    def clean_category(self):
        chosen = self.cleaned_data["category"]
        known = {item.category for item in self.items} | {wording.OTHER}
        return chosen if chosen in known else ""

    def clean_phone(self):
        phone = wording.clean_phone(self.cleaned_data["phone"])
        if phone:
            PHONE(phone)
        return phone

    def clean_via(self):
        return CaseFile.Channel.QR if self.cleaned_data["via"] == "qr" else CaseFile.Channel.WEB

    def clean(self):
        state = links.form_state(self.cleaned_data.get("form", ""))
        if self.cleaned_data.get("website") or state == "quick":
            raise ValidationError(_("This came faster than people write. Check the text and send it again."))
        if state:
            raise ValidationError(_("This form was open for too long. Your text is still here: send it again."))
        return super().clean()

    @property
    def chosen_category(self) -> str:
        return self.data.get("category", "") if self.is_bound else ""
