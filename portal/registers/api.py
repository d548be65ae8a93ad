"""Registers in the API: per register a list and a row, made from its declaration; read only, in the caller's scope."""

from functools import cache, cached_property

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from portal.api import RegisterList, RegisterRow
from portal.registers.declaration import Register, registers
from portal.registers.fields import Kind, RegisterField
from portal.registers.filters import filter_of


def serializer_field(field: RegisterField) -> serializers.Field:
    """The read-only serializer field of one value."""
    common = {"read_only": True, "help_text": str(field.help or "")}
    match field.kind:
        case Kind.DATE | Kind.FIRST_DAY | Kind.LAST_DAY:
            return serializers.DateField(allow_null=True, **common)
        case Kind.MOMENT:
            return serializers.DateTimeField(allow_null=True, **common)
        case Kind.TRUTH:
            return serializers.BooleanField(**common)
        case Kind.WHOLE:
            return serializers.IntegerField(allow_null=True, **common)
        case Kind.DECIMAL:
            source = field.source
            return serializers.DecimalField(source.max_digits, source.decimal_places, allow_null=True, **common)
        case Kind.CHOICE:
            values = [*field.choices, *([("", "")] if field.source.blank else [])]
            return serializers.ChoiceField(values, allow_null=True, **common)
        case Kind.CHOICES:
            return serializers.ListField(child=serializers.ChoiceField(field.choices), **common)
    return serializers.CharField(allow_null=True, **common)


class RowSerializer(serializers.Serializer):
    """A row by the register's fields; those that need a further permission are left out for others."""

    declared: Register

    def get_fields(self):
        return super().get_fields() | {field.name: serializer_field(field) for field in self._shown}

    @cached_property
    def _shown(self) -> list[RegisterField]:
        fields = [field for field in self.declared.all_fields if field.kind is not Kind.ID_NUMBER]
        request = self.context.get("request")
        if request is None or not request.user.is_authenticated:
            return [field for field in fields if field.name not in self.declared.restricted]
        allowed = {field.name for field in self.declared.fields_for(request.user)}
        return [field for field in fields if field.name in allowed]

    def to_representation(self, row):
        shown = {}
        for field in self._shown:
            value = field.value(row)
            shown[field.name] = None if value is None else self.fields[field.name].to_representation(value)
        return {"id": row.pk} | shown


@cache
def serializer_of(register: Register) -> type[RowSerializer]:
    declared = {"declared": register, "id": serializers.IntegerField(read_only=True)}
    return type(f"{register.model.__name__}RowSerializer", (RowSerializer,), declared)


def register_views(register: Register):
    """The list view and the row view of a register."""
    title = str(register.model._meta.verbose_name_plural)
    common = {
        "permission": register.view,
        "queryset": register.with_references(register.model._default_manager.all()),
        "serializer_class": serializer_of(register),
    }
    listing = type(
        f"{register.model.__name__}ApiList", (RegisterList,),
        common | {"filterset_class": filter_of(register), "order": ("id", "id"), "__doc__": f"{title.capitalize()} in the caller's scope."},
    )  # fmt: skip
    row = type(
        f"{register.model.__name__}ApiRow", (RegisterRow,),
        common | {"lookup_field": "pk", "__doc__": f"One row of: {title}."},
    )  # fmt: skip
    described = extend_schema(tags=["registers"])
    return described(listing), described(row)


def urlpatterns_of_registers():
    """Addresses of every register's API."""
    found = []
    for register in registers():
        if register.has_own_api:
            continue
        listing, row = register_views(register)
        found += [
            path(f"{register.slug}/", listing.as_view(), name=f"api-{register.slug}"),
            path(f"{register.slug}/<int:pk>/", row.as_view(), name=f"api-{register.slug}-row"),
        ]
    return found
