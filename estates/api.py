"""Neighbourhoods in the API."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from estates.models import Estate, ServiceAssignment
from estates.registers import Estates
from portal.api import RegisterList, RegisterRow, path_parameter
from portal.registers import register
from portal.registers.filters import filter_of
from portal.roles import Permission


class EstateSerializer(serializers.ModelSerializer):
    community_code = serializers.CharField(source="community.code")
    street_code = serializers.CharField(source="community.parent.code")
    district_code = serializers.CharField(source="community.parent.parent.code", help_text="The managing district.")
    enterprise_uscc = serializers.SerializerMethodField(help_text="The enterprise in charge now.")
    enterprise_name = serializers.SerializerMethodField()

    class Meta:
        model = Estate
        fields = (
            "code", "name", "kind", "community_code", "street_code", "district_code", "households", "floor_area_m2",
            "enterprise_uscc", "enterprise_name", "use_class", "address", "longitude", "latitude", "built_year",
            "delivered_on", "buildings", "lifts", "has_fire_equipment",
        )  # fmt: skip

    @extend_schema_field({"type": ["string", "null"]})
    def get_enterprise_uscc(self, estate) -> str | None:
        return estate.serving[0].enterprise.uscc if estate.serving else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_enterprise_name(self, estate) -> str | None:
        return estate.serving[0].enterprise.name if estate.serving else None


ESTATES = Estate.objects.select_related("community__parent__parent").prefetch_related(
    Prefetch("assignments", ServiceAssignment.objects.current().select_related("enterprise"), to_attr="serving")
)


@extend_schema(tags=["registers"])
class EstateList(RegisterList):
    """Neighbourhoods and other projects in the caller's scope, by name."""

    permission = Permission.VIEW_ESTATES
    queryset = ESTATES
    serializer_class = EstateSerializer
    filterset_class = filter_of(register(Estates.slug))
    order = ("pinyin", "code")


@extend_schema(tags=["registers"], parameters=[path_parameter("code", "The neighbourhood's code.", "E00043")])
class EstateDetail(RegisterRow):
    """One neighbourhood, by its code."""

    permission = Permission.VIEW_ESTATES
    queryset = ESTATES
    serializer_class = EstateSerializer
    lookup_field = "code"
