"""Objections and replies in the API: numbers and replies for everybody, from ready bytes; rows for officials with a token."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluations.api.rankings import PERIOD, ranking_meant
from evaluations.models import RankingObjection
from evaluations.objections import summing
from portal.api import CsvRenderer, RegisterList, StrictQuery
from portal.roles import Permission

FORMAT = OpenApiParameter("format", str, enum=["json", "csv"], description="Instead of `Accept`.")


class EntryMarkSerializer(serializers.Serializer):
    estate_code = serializers.CharField()
    mark = serializers.ChoiceField(["pending", "upheld", "dismissed"])


class ObjectionNumbersSerializer(serializers.Serializer):
    period = serializers.CharField()
    received = serializers.IntegerField(help_text="To all revisions of the period, withdrawn ones included.")
    undecided = serializers.IntegerField()
    upheld = serializers.IntegerField()
    dismissed = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    entries = EntryMarkSerializer(many=True, help_text="The marks that stand beside entries.")


class _Public(StrictQuery, APIView):
    """Open to everybody; who asks makes no difference, so credentials are not even looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)


class ObjectionNumbers(_Public):
    """How many objections a period's published ranking met and what became of them."""

    @extend_schema(responses=ObjectionNumbersSerializer, parameters=[PERIOD], tags=["rankings"], auth=[])
    def get(self, request, period):
        ranking_meant(period, request)
        numbers = summing.numbers_of(period)
        marks = [{"estate_code": code, "mark": mark} for code, mark in sorted(summing.marks_of(period).items())]
        return Response({"period": period, **numbers.__dict__, "entries": marks})


class ReplySerializer(serializers.Serializer):
    estate_code = serializers.CharField()
    revision = serializers.IntegerField(help_text="The revision for which it was written.")
    party = serializers.CharField(help_text="enterprise, agency, street or district")
    party_code = serializers.CharField()
    party_name = serializers.CharField()
    text = serializers.CharField()
    written_at = serializers.DateTimeField()


class RepliesSerializer(serializers.Serializer):
    period = serializers.CharField()
    results = ReplySerializer(many=True)


class Replies(_Public):
    """What the parties in charge say beside entries of a period's ranking, once the city has checked it."""

    @extend_schema(responses=RepliesSerializer, parameters=[PERIOD], tags=["rankings"], auth=[])
    def get(self, request, period):
        ranking_meant(period, request)
        rows = [reply for replies in summing.replies_of(period).values() for reply in replies]
        results = [
            {
                "estate_code": reply.estate_code, "revision": reply.ranking.revision, "party": reply.party,
                "party_code": reply.party_code, "party_name": reply.party_name, "text": reply.text,
                "written_at": reply.written_at,
            }
            for reply in rows
        ]  # fmt: skip
        return Response({"period": period, "results": results})


class ObjectionSerializer(serializers.ModelSerializer):
    period = serializers.CharField(source="ranking.period")
    revision = serializers.IntegerField(source="ranking.revision")
    led_to_revision = serializers.IntegerField(source="led_to.revision", default=None, allow_null=True)

    class Meta:
        model = RankingObjection
        fields = (
            "number", "period", "revision", "estate_code", "estate_name", "party", "party_name", "ground", "text",
            "case_numbers", "received_at", "was_published", "mark_due_at", "decide_due_at", "status", "marked_at",
            "decided_at", "decision_reason", "effect", "led_to_revision",
        )  # fmt: skip


@extend_schema(tags=["rankings"])
class Objections(RegisterList):
    """Objections to rankings, oldest due first; without telephone numbers."""

    permission = Permission.VIEW_RANKINGS
    renderer_classes = (JSONRenderer, CsvRenderer)
    queryset = RankingObjection.objects.select_related("ranking", "led_to")
    serializer_class = ObjectionSerializer
    filterset_fields = ("status", "estate_code", "ground")
    order = ("decide_due_at", "id")
