"""The upload of a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import StyledWidgets
from portal.spreadsheets.files import MOST_BYTES


class UploadForm(StyledWidgets, forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("An Excel workbook (.xlsx) or a CSV file (UTF-8 or GB18030)."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)d MB: split it.") % {"most": MOST_BYTES // 2**20}
            )
        return file
