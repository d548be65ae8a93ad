"""List filters of registers, made from their declarations; shared by pages, exports and API."""

from functools import cache

import django_filters as filters
from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from portal.filters import LONGEST, SEARCH, search_by_name
from portal.models import Region
from portal.registers.declaration import Register
from portal.registers.fields import Kind, RegisterField, code_field

YES_NO = [("true", _("Yes")), ("false", _("No"))]


class RegisterFilter(filters.FilterSet):
    """Search text, facets, district and street, and ``<reference>=<code>`` for every reference of the register."""

    declared: Register

    @extend_schema_field(SEARCH)
    def search(self, rows, name, value):
        return search_rows(self.declared, rows, value)

    def inside(self, rows, name, value: Region):
        return rows.filter(**{f"{self.declared.path_lookup}__startswith": value.path})

    def by_expression(self, rows, name, value):
        facet = next(facet for facet in self.declared.computed_facets if facet.name == name)
        return rows.alias(**{f"facet_{name}": facet.expression()}).filter(**{f"facet_{name}": value})

    def yes_no(self, rows, name, value):
        return rows.filter(**{name: value == "true"})


def search_rows(register: Register, rows: QuerySet, text: str) -> QuerySet:
    """Rows with ``text`` in one of the register's search fields, or that its name is spelt so in pinyin or initials."""
    text = text.strip().replace("\x00", "")
    if not text:
        return rows
    found = Q(pk__in=[])
    for lookup in register.search:
        found |= Q(**{f"{lookup}__icontains": text})
    if _has_pinyin(register.model):
        named = search_by_name(register.model._default_manager.all(), text, code_field(register.model))
        found |= Q(pk__in=named.order_by().values("pk"))
    return rows.filter(found)


def _has_pinyin(model) -> bool:
    return any(field.name == "pinyin" for field in model._meta.concrete_fields)


@extend_schema_field({"type": "string", "maxLength": 60})
class CodeFilter(filters.CharFilter):
    """Rows that refer to the row with this code."""


@extend_schema_field({"type": "string", "enum": ["true", "false"]})
class YesNoFilter(filters.ChoiceFilter):
    """Rows of which something holds, or does not."""


@extend_schema_field({"type": "integer", "minimum": 1000, "maximum": 9999})
class YearFilter(filters.Filter):
    """Rows of a year, in four digits."""

    field_class = forms.RegexField


@cache
def filter_of(register: Register) -> type[RegisterFilter]:
    """The register's filter class."""
    declared: dict[str, object] = {
        "declared": register,
        "q": filters.CharFilter(method="search", max_length=LONGEST, label=_("Search")),
    }
    for field in register.all_fields:
        if field.name in register.restricted or field.kind is Kind.ID_NUMBER:
            continue
        if field.kind is Kind.REFERENCE:
            lookup = f"{field.source.name}__{field.target_code}"
            declared[field.name] = CodeFilter(field_name=lookup, max_length=60, label=field.title)
        elif field.name in register.facets:
            declared[field.name] = _facet_filter(field)
    for facet in register.computed_facets:
        declared[facet.name] = filters.ChoiceFilter(
            choices=facet.labels, method="by_expression", label=facet.title, empty_label=_("All")
        )
    if register.is_placed:
        declared["district"] = _place_filter(
            lambda request: Region.objects.districts(), _("District"), _("Code of the managing district.")
        )
        streets = Region.objects.filter(level=Region.Level.STREET)
        declared["street"] = _place_filter(lambda request: streets.all(), _("Street"), _("Code of the street."))
    declared["Meta"] = type("Meta", (), {"model": register.model, "fields": ()})
    return type(f"{register.model.__name__}RegisterFilter", (RegisterFilter,), declared)


def _facet_filter(field: RegisterField):
    if field.kind is Kind.TRUTH:
        return YesNoFilter(
            field_name=field.name, choices=YES_NO, method="yes_no", label=field.title, empty_label=_("All")
        )
    if field.kind is Kind.CHOICE:
        return filters.ChoiceFilter(choices=field.choices, label=field.title, empty_label=_("All"))
    if isinstance(field.source, ArrayField):
        return filters.ChoiceFilter(
            field_name=field.name,
            lookup_expr="contains",
            choices=field.choices,
            label=field.title,
            empty_label=_("All"),
        )
    return YearFilter(field_name=field.name, regex=r"^[1-9][0-9]{3}$", label=field.title)


def _place_filter(queryset, label, help_text):
    return filters.ModelChoiceFilter(
        queryset=queryset, to_field_name="code", method="inside", label=label, empty_label=_("All"), help_text=help_text
    )
