"""List filters of enterprises, shared by pages and API."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from enterprises.models import Enterprise
from portal.filters import LONGEST, SEARCH, search_by_name


class EnterpriseFilter(filters.FilterSet):
    q = filters.CharFilter(
        method="search",
        max_length=LONGEST,
        label=_("Search"),
        help_text=_("Name, code, or the name's pinyin or initials."),
    )
    origin = filters.ChoiceFilter(choices=Enterprise.Origin.choices, empty_label=_("Any origin"))
    is_public_benefit = filters.ChoiceFilter(
        choices=[("true", _("Public-benefit")), ("false", _("Not public-benefit"))], method="of_public_benefit",
        label=_("Public-benefit"),
    )  # fmt: skip

    class Meta:
        model = Enterprise
        fields = ()

    @extend_schema_field(SEARCH)
    def search(self, rows, name, value):
        return search_by_name(rows, value, "uscc")

    def of_public_benefit(self, rows, name, value: str):
        return rows.filter(is_public_benefit=value == "true")
