"""One case in the API, by its source and number: where it stands, its clocks and its timeline. No personal data."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from casedesk import limits
from casedesk.models import CaseEvent, CaseFile
from evaluations import clocks
from evaluations.models import AppraisalCase
from evaluations.views.cases import with_parties
from portal.api import StrictQuery, path_parameter
from portal.backends import HasPermission
from portal.roles import Permission
from portal.workdays.calendar import explain


class StageSerializer(serializers.Serializer):
    stage = serializers.ChoiceField(["acceptance", "handling"])
    due_at = serializers.DateTimeField(help_text="An extension that was granted is included.")
    done_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField([clocks.ON_TIME, clocks.LATE, clocks.RUNNING, clocks.OVERDUE])
    limit = serializers.CharField(allow_blank=True, help_text="How the due time was counted, in words.")


class CaseEventSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(CaseEvent.Kind.choices)
    party = serializers.CharField(allow_blank=True, help_text="The body that acted or was named, as called then.")


class CaseDetailSerializer(serializers.Serializer):
    source = serializers.CharField()
    case_no = serializers.CharField()
    estate_code = serializers.CharField()
    category = serializers.CharField()
    responsible = serializers.CharField(allow_blank=True, help_text="Name of the leading party, empty before dispatch.")
    status = serializers.ChoiceField(
        CaseFile.Status.choices, allow_null=True, help_text="Null where another system carries the case."
    )
    urgency = serializers.ChoiceField(CaseFile.Urgency.choices, allow_null=True)
    round = serializers.IntegerField(help_text="1, and one more for each time the resident was not satisfied.")
    round_due_at = serializers.DateTimeField(allow_null=True, help_text="Due time of a later round.")
    reported_at = serializers.DateTimeField()
    stages = StageSerializer(many=True)
    rating = serializers.IntegerField(allow_null=True)
    resolved = serializers.CharField(allow_blank=True)
    excluded = serializers.CharField(allow_blank=True)
    events = CaseEventSerializer(
        many=True, help_text="What the reporter may read too, oldest first; without the texts."
    )


@extend_schema(tags=["cases"])
class CaseDetail(StrictQuery, APIView):
    """A case in the caller's scope; one out of scope does not exist."""

    permission = Permission.VIEW_CASES
    permission_classes = (HasPermission,)
    http_method_names = ("get", "head")

    @extend_schema(
        summary="One case",
        parameters=[
            path_parameter("source", "The system that the case comes from.", "portal"),
            path_parameter("case_no", "Its number there.", "PY-20211108-003126"),
        ],
        responses={200: CaseDetailSerializer},
    )
    def get(self, request, source: str, case_no: str):
        scope = AppraisalCase.objects.for_user(request.user, self.permission)
        case = get_object_or_404(with_parties(scope), source=source, case_no=case_no)
        file = CaseFile.objects.filter(pk=case.pk).first()
        return Response(CaseDetailSerializer(_as_data(case, file)).data)


def _as_data(case: AppraisalCase, file: CaseFile | None) -> dict:
    clock_data = {"acceptance": file.accept_clock, "handling": file.handle_clock} if file else {}
    stages = [
        {
            "stage": one.stage,
            "due_at": one.due,
            "done_at": one.done,
            "state": one.state,
            "limit": explain(limits.from_data(data)) if (data := clock_data.get(one.stage)) else "",
        }
        for one in clocks.clocks(case, timezone.now())
    ]
    events = CaseEvent.objects.filter(case=case, is_public=True).order_by("at", "id").values("at", "kind", "party")
    return {
        "source": case.source,
        "case_no": case.case_no,
        "estate_code": case.estate.code,
        "category": case.category,
        "responsible": str(case.responsible or ""),
        "status": file.status if file else None,
        "urgency": file.urgency if file else None,
        "round": file.round if file else 1,
        "round_due_at": file.round_due_at if file else None,
        "reported_at": case.reported_at,
        "stages": stages,
        "rating": case.rating,
        "resolved": case.resolved,
        "excluded": case.excluded,
        "events": list(events),
    }
