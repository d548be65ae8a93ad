"""Enterprises in the API."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from enterprises.models import Enterprise
from enterprises.registers import Enterprises
from portal.api import RegisterList, RegisterRow, path_parameter
from portal.registers import register
from portal.registers.filters import filter_of
from portal.roles import Permission


class EnterpriseSerializer(serializers.ModelSerializer):
    """What is public record of an enterprise; its telephone number is not given."""

    registered_district_code = serializers.CharField(
        source="registered_district.code", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = Enterprise
        fields = (
            "uscc", "name", "origin", "is_public_benefit", "registered_district_code", "is_branch", "parent_company",
            "founded_on", "legal_representative", "formation_method", "status", "status_since",
        )  # fmt: skip


ENTERPRISES = Enterprise.objects.select_related("registered_district").defer("registered_district__boundary")


@extend_schema(tags=["registers"])
class EnterpriseList(RegisterList):
    """Property service enterprises in the caller's scope, by name."""

    permission = Permission.VIEW_ENTERPRISES
    queryset = ENTERPRISES
    serializer_class = EnterpriseSerializer
    filterset_class = filter_of(register(Enterprises.slug))
    order = ("pinyin", "uscc")


@extend_schema(
    tags=["registers"], parameters=[path_parameter("uscc", "Unified social credit code.", "91420100MA00000012")]
)
class EnterpriseDetail(RegisterRow):
    """One enterprise, by its unified social credit code."""

    permission = Permission.VIEW_ENTERPRISES
    queryset = ENTERPRISES
    serializer_class = EnterpriseSerializer
    lookup_field = "uscc"
