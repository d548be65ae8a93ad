"""List filters of neighbourhoods, shared by pages and API."""

import django_filters as filters
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from estates.models import Estate, ServiceAssignment
from portal.filters import LONGEST, SEARCH, search_by_name
from portal.models import Region


class EstateFilter(filters.FilterSet):
    q = filters.CharFilter(
        method="search",
        max_length=LONGEST,
        label=_("Search"),
        help_text=_("Name, code, or the name's pinyin or initials."),
    )
    kind = filters.ChoiceFilter(choices=Estate.Kind.choices, empty_label=_("Any kind"))
    district = filters.ModelChoiceFilter(
        queryset=lambda request: Region.objects.districts(), to_field_name="code", method="inside",
        label=_("District"), empty_label=_("All districts"), help_text=_("Code of the managing district."),
    )  # fmt: skip
    street = filters.ModelChoiceFilter(
        queryset=lambda request: Region.objects.filter(level=Region.Level.STREET), to_field_name="code", method="inside",
        label=_("Street"), empty_label=_("All streets"), help_text=_("Code of the street."),
    )  # fmt: skip
    served = filters.ChoiceFilter(
        choices=[("yes", _("Served")), ("no", _("Not served"))], method="served_now", label=_("Served by an enterprise"),
        empty_label=_("Served or not"),
    )  # fmt: skip

    class Meta:
        model = Estate
        fields = ()

    @extend_schema_field(SEARCH)
    def search(self, rows, name, value):
        return search_by_name(rows, value, "code")

    def inside(self, rows, name, value: Region):
        return rows.filter(community__path__startswith=value.path)

    def served_now(self, rows, name, value):
        serving = Exists(ServiceAssignment.objects.current().filter(estate=OuterRef("pk")))
        return rows.filter(serving if value == "yes" else ~serving)
