"""List filters of places, and the search by name that all registers share."""

import django_filters as filters
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from portal.models import Region

LONGEST = 100
"""Characters of a search text; longer ones are refused."""

SEARCH = {"type": "string", "maxLength": LONGEST, "description": "Name, code, or the name's pinyin or initials."}
"""The search field in the API's description."""


def search_by_name(rows: models.QuerySet, text: str, code: str) -> models.QuerySet:
    """Rows whose name contains ``text``, whose code (field ``code``) begins with it, or whose name is spelt so in pinyin.

    Pinyin matches by its initials (``dhhy``) or in full, with or without spaces (``donghu``); letter case does not matter.
    """
    text = text.strip()
    if not text:
        return rows
    found = Q(name__icontains=text) | Q(**{f"{code}__istartswith": text})
    latin = text.lower().replace(" ", "").replace("'", "")
    if latin.isascii() and latin.isalnum():
        rows = rows.alias(spelt=Replace(F("pinyin"), Value(" "), Value("")))
        found |= Q(initials__contains=latin) | Q(spelt__contains=latin)
    return rows.filter(found)


class RegionFilter(filters.FilterSet):
    q = filters.CharFilter(
        method="search",
        max_length=LONGEST,
        label=_("Search"),
        help_text=_("Name, code, or the name's pinyin or initials."),
    )
    level = filters.ChoiceFilter(choices=Region.Level.choices)
    parent = filters.CharFilter(field_name="parent__code", help_text=_("Code of the managing parent."))

    class Meta:
        model = Region
        fields = ()

    @extend_schema_field(SEARCH)
    def search(self, rows, name, value):
        return search_by_name(rows, value, "code")
