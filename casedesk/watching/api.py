"""The integrity of the appraisal in the API: rates of exclusion and extension, of withdrawn, held and rejected ratings."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from casedesk.watching import counting
from casedesk.watching.views import periods, published
from portal.api import StrictQuery
from portal.rules import HalfMonth


class ShareSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    of = serializers.IntegerField(help_text="The cohort: cases reported, or ratings given, in the half month.")


class SharesSerializer(serializers.Serializer):
    cases = serializers.IntegerField(help_text="Cases reported in the half month.")
    ratings = serializers.IntegerField(help_text="Ratings given in the half month.")
    excluded = ShareSerializer(help_text="Of all cases reported.")
    extended = ShareSerializer(help_text="Of the cases that the portal carries.")
    withdrawn = ShareSerializer(help_text="Ratings withdrawn on review, of those dissatisfied or not solved.")
    held = ShareSerializer(help_text="Ratings that were ever held for a check.")
    rejected = ShareSerializer(help_text="Ratings rejected after a check.")


class UnitSharesSerializer(SharesSerializer):
    name = serializers.CharField()


class DistrictSharesSerializer(UnitSharesSerializer):
    code = serializers.CharField()


class IntegritySerializer(serializers.Serializer):
    period = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="When it was counted: a later deed changes the figures of its cohort.")
    least_cases = serializers.IntegerField(help_text="Places and units with fewer cases are left out.")
    small_units = serializers.IntegerField(help_text="How many units were left out.")
    city = SharesSerializer()
    districts = DistrictSharesSerializer(many=True)
    units = UnitSharesSerializer(many=True)


def as_json(row: counting.Row) -> dict[str, Any]:
    """A row's counts and public shares."""
    shares = {one.measure.key: dict(zip(("count", "of"), one.pair, strict=True)) for one in row.public_shares}
    return {"cases": row.counts.get("cases", 0), "ratings": row.counts.get("ratings", 0), **shares}


class Integrity(StrictQuery, APIView):
    """How much of an ended half month was excluded, extended, withdrawn, held and rejected. Open to everybody."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)
    query = ("period",)

    @extend_schema(
        operation_id="appraisal_integrity",
        summary="Rates of exclusion, extension and withdrawal",
        responses=IntegritySerializer,
        parameters=[
            OpenApiParameter(
                "period",
                {"type": "string", "pattern": "^2[0-9]{3}-(0[1-9]|1[0-2])-H[12]$"},
                description="A half month that has ended; without it the latest one.",
            )
        ],
        tags=["appraisal"],
        auth=[],
    )
    def get(self, request):
        latest = periods(timezone.now(), ended=True)[0]
        period = _asked(request.query_params.get("period"), latest)
        found = published(period)
        body = {
            "period": str(period),
            "as_of": found["as_of"],
            "least_cases": counting.LEAST,
            "small_units": found["small"],
            "city": as_json(found["city"]),
            "districts": [{"code": row.key, "name": row.name, **as_json(row)} for row in found["districts"]],
            "units": [{"name": row.name, **as_json(row)} for row in found["units"]],
        }
        return Response(body, headers={"Cache-Control": "public, max-age=60"})


def _asked(text: str | None, latest: HalfMonth) -> HalfMonth:
    if text is None:
        return latest
    try:
        period = HalfMonth.parse(text)
    except ValueError as error:
        raise ValidationError({"period": [_("Not a half month such as 2021-10-H2.")]}) from error
    if period > latest or period.year < 2000:
        raise Http404
    return period
