"""List filters of cases, shared by pages and API."""

import django_filters as filters
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from evaluations.models import AppraisalCase
from portal.filters import LONGEST
from portal.models import Agency, Region
from portal.rules import HalfMonth


def validate_half_month(value: str) -> None:
    try:
        HalfMonth.parse(value)
    except ValueError as error:
        raise ValidationError(_("Not a half month such as 2021-10-H2.")) from error


PERIOD = {
    "type": "string",
    "pattern": "^((19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-H[12])?$",
    "description": "The half month of the report, such as 2021-10-H2.",
}
"""The filter by period in the API's description."""

STAGES = [
    ("open", _("Open")),
    ("overdue", _("Overdue")),
    ("handled", _("Handled")),
    ("rated", _("Rated")),
    ("excluded", _("Excluded")),
]


class CaseFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", max_length=LONGEST, label=_("Search"))
    estate = filters.CharFilter(
        field_name="estate__code", label=_("Neighbourhood"), help_text=_("Code of the neighbourhood.")
    )
    district = filters.ModelChoiceFilter(
        queryset=lambda request: Region.objects.districts(), to_field_name="code", method="inside",
        label=_("District"), empty_label=_("All districts"), help_text=_("Code of the managing district."),
    )  # fmt: skip
    street = filters.ModelChoiceFilter(
        queryset=lambda request: Region.objects.filter(level=Region.Level.STREET), to_field_name="code", method="inside",
        label=_("Street"), empty_label=_("All streets"), help_text=_("Code of the street."),
    )  # fmt: skip
    period = filters.CharFilter(
        method="reported_in", validators=[validate_half_month], label=_("Reported in"),
    )  # fmt: skip
    stage = filters.ChoiceFilter(choices=STAGES, method="in_stage", label=_("Stage"), empty_label=_("Any stage"))
    category = filters.CharFilter()
    source = filters.CharFilter()
    agency = filters.ModelChoiceFilter(
        queryset=Agency.objects.all(), to_field_name="code", label=_("Responsible agency"), empty_label=_("Any party"),
        help_text=_("Code of the responsible agency."),
    )  # fmt: skip

    class Meta:
        model = AppraisalCase
        fields = ()

    @extend_schema_field({"type": "string", "maxLength": LONGEST, "description": "The beginning of a case number."})
    def search(self, rows, name, value):
        return rows.filter(case_no__startswith=value.strip())

    def inside(self, rows, name, value: Region):
        return rows.filter(estate__community__path__startswith=value.path)

    @extend_schema_field(PERIOD)
    def reported_in(self, rows, name, value):
        period = HalfMonth.parse(value)
        return rows.filter(reported_at__gte=period.start, reported_at__lt=period.end)

    def in_stage(self, rows, name, value):
        if value == "overdue":
            return rows.overdue()
        if value == "excluded":
            return rows.exclude(excluded="")
        rows = rows.filter(excluded="")
        if value == "open":
            return rows.filter(handled_at=None)
        if value == "handled":
            return rows.exclude(handled_at=None)
        return rows.filter(rating__isnull=False, rating_withdrawn=False)
