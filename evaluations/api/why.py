"""Why a neighbourhood stands where it stands, in the API: for published rankings, from ready bytes."""

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from evaluations import rules
from evaluations.api.rankings import (
    CODE,
    REVISION,
    CountsSerializer,
    PublicView,
    Status,
    WindowSerializer,
    cached_as,
    latest_published,
    ranking_meant,
)
from evaluations.evidence.rules import INSUFFICIENT, MODERATE, PARTIES, RATES, SUFFICIENT
from evaluations.why.reading import why
from evaluations.why.rules import ONE_MORE
from portal.problems import Gone, ProblemSerializer

PERIOD = OpenApiParameter(
    "period", {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-H[12]$"},
    description="The half month's id, such as `2021-10-H2`; without it the latest published one.",
)  # fmt: skip


class GateSerializer(serializers.Serializer):
    name = serializers.ChoiceField(RATES)
    needed = serializers.IntegerField()
    counted = serializers.IntegerField()
    met = serializers.BooleanField()


class RateSerializer(serializers.Serializer):
    name = serializers.ChoiceField(RATES)
    weight = serializers.CharField(help_text="Its share of the score.")
    successes = serializers.CharField(help_text="On time, or the sum of the ratings' level weights.")
    counted = serializers.IntegerField()
    points = serializers.CharField(allow_null=True, help_text="100 x weight x successes / counted, to ten decimals.")
    interval = serializers.ListField(
        child=serializers.CharField(), allow_null=True, min_length=2, max_length=2,
        help_text="95 % interval of the rate (Wilson), in percent.",
    )  # fmt: skip


class MovedSerializer(serializers.Serializer):
    acceptance = serializers.CharField(allow_null=True)
    handling = serializers.CharField(allow_null=True)
    ratings = serializers.CharField(allow_null=True)


class PreviousSerializer(serializers.Serializer):
    period = serializers.CharField()
    revision = serializers.IntegerField()
    score = serializers.CharField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    ranked = serializers.IntegerField()
    same_policy = serializers.BooleanField()
    counts = CountsSerializer()
    moved = MovedSerializer(help_text="By how many points each rate has moved the score.")


class OneMoreSerializer(serializers.Serializer):
    what = serializers.ChoiceField(ONE_MORE)
    score = serializers.CharField(allow_null=True, help_text="Empty where it would still have too few cases.")
    rank = serializers.IntegerField(allow_null=True)


class EvidenceSerializer(serializers.Serializer):
    label = serializers.ChoiceField([SUFFICIENT, MODERATE, INSUFFICIENT], allow_null=True)
    score = serializers.CharField(help_text="The shrunk score, beside the policy score.")
    deviation = serializers.CharField(help_text="Its standard deviation.")
    ranks = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, min_length=2, max_length=2,
        help_text="Ranks that cannot be told apart from its own, compared one by one at 95 %.",
    )  # fmt: skip


class PartySerializer(CountsSerializer):
    party = serializers.ChoiceField(PARTIES)


class WhyLinksSerializer(serializers.Serializer):
    page = serializers.URLField()
    pdf = serializers.URLField()
    ranking = serializers.URLField()


class WhySerializer(serializers.Serializer):
    """One neighbourhood in one ranking: the counts, the formula with its numbers, the gates, its place, what changed, what
    one more matter would do, how certain it is and who answers for the cases."""

    estate_code = serializers.CharField()
    estate_name = serializers.CharField()
    estate_kind = serializers.CharField()
    district_code = serializers.CharField()
    district_name = serializers.CharField()
    street_code = serializers.CharField()
    street_name = serializers.CharField()
    enterprise_uscc = serializers.CharField(allow_blank=True)
    enterprise_name = serializers.CharField(allow_blank=True)
    period = serializers.CharField()
    revision = serializers.IntegerField()
    status = serializers.ChoiceField([Status.PUBLISHED.value, Status.SUPERSEDED.value])
    digest = serializers.CharField()
    policy = serializers.CharField(help_text="The policy record's document number.")
    window = WindowSerializer()
    eligible = serializers.BooleanField()
    gates = GateSerializer(many=True)
    rates = RateSerializer(many=True)
    score = serializers.CharField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    ranked = serializers.IntegerField()
    higher = serializers.IntegerField(allow_null=True, help_text="How many have a higher score.")
    sharing = serializers.IntegerField(allow_null=True, help_text="How many others share the rank.")
    district_rank = serializers.IntegerField(allow_null=True)
    ranked_in_district = serializers.IntegerField()
    list = serializers.ChoiceField([rules.TOP, rules.BOTTOM], allow_null=True)
    previous = PreviousSerializer(allow_null=True)
    one_more = OneMoreSerializer(many=True)
    evidence = EvidenceSerializer(allow_null=True, help_text="Empty where none was taken with the ranking.")
    parties = PartySerializer(many=True, help_text="The same cases by who answers for them; empty where not recorded.")
    links = WhyLinksSerializer()


class EstateWhy(PublicView):
    """Why one neighbourhood stands where it stands in a published ranking; the same object as its page and PDF."""

    query = ("period", "revision")
    renderer_classes = (JSONRenderer,)

    @extend_schema(
        responses={200: WhySerializer, 410: ProblemSerializer},
        parameters=[CODE, PERIOD, REVISION],
        tags=["rankings"],
        auth=[],
    )
    def get(self, request, code):
        period = request.query_params.get("period")
        ranking = latest_published() if period is None else ranking_meant(period, request)
        if period is None and "revision" in request.query_params:  # of the latest period then
            ranking = ranking_meant(ranking.period, request)
        if ranking.status == Status.WITHDRAWN:
            raise Gone(_("This ranking was withdrawn: %(reason)s") % {"reason": ranking.withdrawal_reason})
        found = why(ranking, code)
        if found is None:
            raise Http404
        content = found.to_dict()
        content["links"] = {name: request.build_absolute_uri(path) for name, path in content["links"].items()}
        response = Response(content)
        return response if period is None else cached_as(response, ranking, request)
