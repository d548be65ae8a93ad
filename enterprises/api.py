"""Enterprises in the API."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from enterprises.filters import EnterpriseFilter
from enterprises.models import Enterprise
from portal.api import RegisterList, RegisterRow, path_parameter
from portal.roles import Permission


class EnterpriseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Enterprise
        fields = ("uscc", "name", "origin", "is_public_benefit")


@extend_schema(tags=["registers"])
class EnterpriseList(RegisterList):
    """Property service enterprises in the caller's scope, by name."""

    permission = Permission.VIEW_ENTERPRISES
    queryset = Enterprise.objects.all()
    serializer_class = EnterpriseSerializer
    filterset_class = EnterpriseFilter
    order = ("pinyin", "uscc")


@extend_schema(
    tags=["registers"], parameters=[path_parameter("uscc", "Unified social credit code.", "91420100MA00000012")]
)
class EnterpriseDetail(RegisterRow):
    """One enterprise, by its unified social credit code."""

    permission = Permission.VIEW_ENTERPRISES
    queryset = Enterprise.objects.all()
    serializer_class = EnterpriseSerializer
    lookup_field = "uscc"
