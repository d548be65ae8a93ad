"""What the API's views share, its root, its places, and its description."""

import csv
import io
from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext as _
from django_filters import ChoiceFilter, ModelChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import translate_validation
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from portal.backends import HasPermission
from portal.filters import RegionFilter
from portal.models import Region
from portal.paging import Pages
from portal.registers import registers
from portal.roles import Permission


class CsvRenderer(BaseRenderer):
    """Rows as CSV with a header, UTF-8. What a spreadsheet would run as a formula gets a quote before it."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        view = renderer_context["view"]
        rows = view.csv_rows(data) if hasattr(view, "csv_rows") else data["results"]
        return csv_text(view.csv_columns(renderer_context["request"]), rows).encode()


def path_parameter(name: str, description: str, example: str) -> OpenApiParameter:
    """A code in an address, for the description."""
    return OpenApiParameter(name, str, "path", description=description, examples=[OpenApiExample(example, example)])


def csv_text(columns: list[str], rows: Iterable[dict]) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return lines.getvalue()


def _cell(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    risky = text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not isinstance(value, int))
    return f"'{text}" if risky else text


class StrictQuery:
    """A query parameter that the view does not know is refused: a misspelt filter must not answer with all rows."""

    query: tuple[str, ...] = ()
    http_method_names = ("get", "head", "post")

    def query_names(self) -> set[str]:
        names = {"format", *self.query}
        if getattr(self, "pagination_class", None):
            names |= set(self.pagination_class.parameters)
        if getattr(self, "filterset_class", None):
            names |= set(self.filterset_class.base_filters)
        return names

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.query_params.get("format") == "":
            raise NotFound
        broken = [name for name, value in request.query_params.items() if "\x00" in value]
        if broken:
            raise ValidationError({name[:60]: [_("has a NUL character.")] for name in broken})
        unknown = set(request.query_params) - self.query_names()
        if unknown:
            raise ValidationError({name[:60]: [_("There is no such parameter.")] for name in sorted(unknown)})


class Filters(DjangoFilterBackend):
    """An unknown code in a filter is no error but nothing found: whether a code exists is not for a filter to say."""

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        empty = [
            name for name, field in filterset.filters.items()
            if isinstance(field, ChoiceFilter) and not isinstance(field, ModelChoiceFilter) and filterset.data.get(name) == ""
        ]  # fmt: skip
        if empty:
            raise ValidationError({name: [_("is empty.")] for name in empty})
        if filterset.is_valid():
            return filterset.qs
        codes = {name for name, field in filterset.filters.items() if isinstance(field, ModelChoiceFilter)}
        if set(filterset.errors) <= codes:
            return queryset.none()
        raise translate_validation(filterset.errors)


class RegisterList(StrictQuery, generics.ListAPIView):
    """A register's rows in the caller's scope, filtered and paged. A subclass says model, serializer, filters, order."""

    permission: Permission
    permission_classes = (HasPermission,)
    renderer_classes = (JSONRenderer, CsvRenderer)
    pagination_class = Pages
    filter_backends = (Filters,)
    order: tuple[str, str]

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.queryset.for_user(self.request.user, self.permission)

    def paging_order(self, request) -> tuple[str, str]:
        return self.order

    def csv_columns(self, request) -> list[str]:
        return list(self.get_serializer().fields)


class RegisterRow(StrictQuery, generics.RetrieveAPIView):
    """One row of a register; one out of scope does not exist."""

    permission: Permission
    permission_classes = (HasPermission,)

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.queryset.for_user(self.request.user, self.permission)


# --- root -----------------------------------------------------------------------------------------------------------------

ROOT = {
    "regions": "api-regions",
    "enterprises": "api-enterprises",
    "estates": "api-estates",
    "cases": "api-cases",
    "rankings": "api-rankings",
    "latest_ranking": "api-ranking-latest",
    "events": "api-events",
    "schema": "api-schema",
    "docs": "api-docs",
}


def root() -> dict[str, str]:
    """What the root lists, with the name of its address: the portal's own, and every register."""
    others = {one.slug: f"api-{one.slug}" for one in registers() if one.slug not in ROOT}
    return ROOT | {slug.replace("-", "_"): name for slug, name in others.items()}


class RootSerializer(serializers.Serializer):
    def get_fields(self):
        return {name: serializers.URLField() for name in root()}


class Root(StrictQuery, APIView):
    """Where everything is."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=RootSerializer, tags=["api"], auth=[])
    def get(self, request):
        return Response({name: reverse(url_name, request=request) for name, url_name in root().items()})


# --- places ---------------------------------------------------------------------------------------------------------------


class RegionSerializer(serializers.ModelSerializer):
    parent_code = serializers.CharField(
        source="parent.code", default=None, allow_null=True, help_text="The managing parent."
    )

    class Meta:
        model = Region
        fields = ("code", "name", "level", "parent_code", "kind", "peer_group")


@extend_schema(tags=["registers"])
class RegionList(RegisterList):
    """Places in the caller's scope: the city, its districts, streets and communities."""

    permission = Permission.VIEW_ESTATES
    queryset = Region.objects.select_related("parent")
    serializer_class = RegionSerializer
    filterset_class = RegionFilter
    order = ("code", "id")


# --- description ----------------------------------------------------------------------------------------------------------


class Schema(SpectacularAPIView):
    """Always in English: programs and their authors read it, and names in it are English anyway."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request, *args, **kwargs):
        with translation.override("en"):
            return super().get(request, *args, **kwargs)


class Docs(SpectacularSwaggerSplitView):
    """The description as a page; its script is a request of its own, because the pages' policy forbids inline scripts."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    url_name = "api-schema"
