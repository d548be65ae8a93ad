"""A register as its app declares it: which model, who may see and keep it, and in which fields, columns and facets."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from portal.models import CityWideQuerySet, Region, ScopedQuerySet
from portal.registers.fields import Computed, ComputedFacet, Kind, RegisterField, code_field, fields_of
from portal.roles import Permission


class Register:
    """One register. Subclasses are declarations; :func:`register` gives the one instance of each.

    ``fields`` are model fields in the order of form, workbook, API and detail page. ``key`` are those that name a row: an
    import matches on them. ``columns`` are shown in the list until a person chooses others. ``facets`` are choices, yes/no
    values or years, counted beside the list; district and street come by themselves where rows lie in a place.
    ``fixed`` fields are shown and exported but written by actions only. ``restricted`` fields need a further permission.
    """

    slug: ClassVar[str]
    model: ClassVar[type[models.Model]]
    view: ClassVar[Permission]
    keep: ClassVar[Permission]
    icon: ClassVar[str] = "list-details"
    key: ClassVar[tuple[str, ...]]
    fields: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[str, ...]]
    facets: ClassVar[tuple[str, ...]] = ()
    computed: ClassVar[tuple[Computed, ...]] = ()
    computed_facets: ClassVar[tuple[ComputedFacet, ...]] = ()
    search: ClassVar[tuple[str, ...]] = ()
    order: ClassVar[tuple[str, ...]] = ("pk",)
    fixed: ClassVar[tuple[str, ...]] = ()
    restricted: ClassVar[Mapping[str, Permission]] = {}
    aliases: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """Further words that an import takes for a choice: field name → word → value."""
    sample: ClassVar[Mapping[str, str]] = {}
    """Values of the sample row in the template workbook."""
    deeds: ClassVar[tuple[Any, ...]] = ()
    """What may be done with a row beyond editing it (``portal.registers.deeds.Deed``)."""
    section: ClassVar[str] = "registers"
    """The menu's entry under which its pages stand."""
    has_own_api: ClassVar[bool] = False
    """Whether its app writes its part of the API by hand."""
    is_public_record: ClassVar[bool] = False
    """Whether whoever knows a row's code may refer to it, in scope or not."""
    list_url_name: ClassVar[str] = ""
    """Where the list has an address of its own."""
    detail_url_name: ClassVar[str] = ""
    """Where a row has a page of its own rather than the registers' common one; its argument is the row's code."""

    @property
    def title(self):
        return self.model._meta.verbose_name_plural

    @property
    def singular(self):
        return self.model._meta.verbose_name

    @cached_property
    def all_fields(self) -> tuple[RegisterField, ...]:
        """Every field, spans as two."""
        return tuple(fields_of(self.model, self.fields))

    @cached_property
    def key_fields(self) -> tuple[RegisterField, ...]:
        """What names a row; of a span its first day, because its end is what changes."""
        return tuple(field for field in fields_of(self.model, self.key) if field.kind is not Kind.LAST_DAY)

    @cached_property
    def is_placed(self) -> bool:
        """Whether rows lie in a place, so that district and street are facets."""
        queryset = self.model._default_manager.all()
        placed = isinstance(queryset, ScopedQuerySet) and not hasattr(queryset, "enterprise_lookup")
        return placed and queryset.path_lookup != ""

    @property
    def path_lookup(self) -> str:
        return self.model._default_manager.all().path_lookup

    def place_lookup(self, name: str) -> str:
        """The lookup from a row to the code of its ``district`` or ``street``."""
        return f"{self.path_lookup.removesuffix('path')}{name}_code"

    def fields_for(self, user) -> list[RegisterField]:
        """The fields that ``user`` may read."""
        return [field for field in self.all_fields if self._open(field, user)]

    def writable_for(self, user) -> list[RegisterField]:
        """The fields that ``user`` may enter."""
        return [field for field in self.fields_for(user) if field.name not in self.fixed]

    def _open(self, field: RegisterField, user) -> bool:
        permission = self.restricted.get(field.name)
        return permission is None or self._held_throughout(permission, user)

    def _held_throughout(self, permission: Permission, user) -> bool:
        """Whether ``user`` holds ``permission`` wherever they see rows: a column has no rows in which it may be read and others."""
        if not user.has_perm(permission):
            return False
        reach = user.reach(permission)
        if "" in reach:
            return True
        by_membership = any(
            config.member_has_perm(user, self.view) and not config.member_has_perm(user, permission)
            for config in apps.get_app_configs()
            if hasattr(config, "member_has_perm")
        )
        return reach == user.reach(self.view) and not by_membership

    def may_enter(self, user) -> bool:
        """Whether a new row could lie within reach of ``user``: rows of the whole city are the city's to keep."""
        if not user.has_perm(self.keep):
            return False
        city_wide = isinstance(self.model._default_manager.all(), CityWideQuerySet)
        return not city_wide or "" in user.reach(self.keep)

    def scoped(self, user, permission: Permission | None = None) -> QuerySet:
        """The rows within reach of ``user``: to view them, unless another permission is named."""
        return self.model._default_manager.for_user(user, permission or self.view)

    def rows(self, user, permission: Permission | None = None) -> QuerySet:
        """The rows of :meth:`scoped` with what they refer to."""
        return self.with_references(self.scoped(user, permission))

    def with_references(self, rows: QuerySet) -> QuerySet:
        """Rows with the rows that their fields refer to, and those that these are called by (``called_by``), in one statement."""
        fields = [field for field in self.all_fields if field.kind is Kind.REFERENCE]
        references = [field.source.name for field in fields]
        references += [
            f"{field.source.name}__{name}" for field in fields for name in getattr(field.target, "called_by", ())
        ]
        places = [
            field.source.name for field in self.all_fields if field.kind is Kind.REFERENCE and field.target is Region
        ]
        return rows.select_related(*references).defer(*(f"{name}__boundary" for name in places)) if references else rows

    def prepare(self, rows: QuerySet) -> QuerySet:
        """A page's rows with what the computed columns read, beyond references."""
        return rows

    def detail_url(self, row: models.Model) -> str:
        if self.detail_url_name:
            return reverse(self.detail_url_name, args=[getattr(row, code_field(self.model))])
        return reverse("register-row", args=[self.slug, row.pk])

    def list_url(self, **query: str) -> str:
        if self.list_url_name:
            return reverse(self.list_url_name, query=query or None)
        return reverse("register-list", args=[self.slug], query=query or None)

    def warnings(self, row: models.Model) -> list[str]:
        """What a keeper should know about a valid row, in the person's language; shown after saving and on the row's page."""
        return []

    def obstacle_to_change(self, row: models.Model) -> str:
        """Why ``row``, as it is kept, may be neither edited nor removed, in the person's language; empty when it may."""
        return ""

    def obstacle_to_removal(self, row: models.Model) -> str:
        """Why ``row`` may not be removed; empty when it may."""
        return self.obstacle_to_change(row)

    def check(self, row: models.Model) -> None:
        """Rules of a row beyond its model's; raises ``ValidationError`` with a message per field."""

    def children(self) -> list[tuple["Register", str]]:
        """The registers whose rows refer to this one's, with the field that does; upper floors included, by declaration."""
        return [
            (other, field.name)
            for other in registers()
            for field in other.all_fields
            if field.kind is Kind.REFERENCE and field.target is self.model and other is not self
        ]

    def resolvable(self, field: RegisterField, user) -> QuerySet:
        """The rows to which ``user`` may refer in ``field``.

        Places and enterprises are public record and may be referred to by whoever knows the code; of everything else what
        this person may see, and what the rows that they see here refer to already: a head of enterprise who lives elsewhere
        is named in the appointment, and the appointment must stay editable.
        """
        target = field.target
        queryset = target._default_manager.all()
        other = register_of(target)
        if target is Region:
            return queryset.plain()
        if other is None or other.is_public_record:
            return queryset
        if not isinstance(queryset, ScopedQuerySet):
            return queryset
        seen = queryset.scope(user, other.view)
        if not seen:
            return queryset  # everything; or'ed with more, an empty condition would vanish
        named = self.scoped(user).exclude(**{field.source.name: None})
        return queryset.filter(seen | Q(pk__in=named.order_by().values(field.source.attname)))


@cache
def registers() -> list[Register]:
    """The registers of all installed apps, ground floor first (``AppConfig.registers``)."""
    return [declared() for config in apps.get_app_configs() for declared in getattr(config, "registers", ())]


def register(slug: str) -> Register | None:
    return next((one for one in registers() if one.slug == slug), None)


def register_of(model: type[models.Model]) -> Register | None:
    """The register that keeps ``model``; none where it is no register."""
    return next((one for one in registers() if one.model is model), None)


def registers_for(user, permission: str = "view") -> list[Register]:
    """The registers that ``user`` may ``view`` or ``keep``."""
    return [one for one in registers() if user.has_perm(getattr(one, permission))]


def by_group(found: Iterable[Register]) -> dict[str, list[Register]]:
    """Registers under the titles of the apps that keep them."""
    groups: dict[str, list[Register]] = {}
    for one in found:
        groups.setdefault(str(apps.get_app_config(one.model._meta.app_label).verbose_name), []).append(one)
    return groups


def by_need(found: Iterable[Register]) -> list[Register]:
    """Registers in an order in which each one's references come before it; otherwise as they were."""
    waiting, ordered = list(found), []
    while waiting:
        models_waiting = {one.model for one in waiting}
        ready = [one for one in waiting if not _needs(one) & (models_waiting - {one.model})] or waiting[:1]
        ordered.append(ready[0])
        waiting.remove(ready[0])
    return ordered


def _needs(register: Register) -> set[type[models.Model]]:
    return {field.target for field in register.all_fields if field.kind is Kind.REFERENCE}


def values_of(register: Register, row: models.Model, fields: Sequence[RegisterField] | None = None) -> dict[str, Any]:
    """Field name → value of a row."""
    return {field.name: field.value(row) for field in fields or register.all_fields}
