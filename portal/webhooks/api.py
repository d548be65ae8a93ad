"""The published events in the API, so that whoever missed a webhook, or wants none, catches up."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiWebhook, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from portal.api import StrictQuery
from portal.webhooks.delivery import TOLERANCE, envelope
from portal.webhooks.models import WebhookEvent

PAGE_SIZE = 100
HIGHEST = 2**53 - 1

EXAMPLE = {
    "number": 17,
    "id": "0b6f4f3e-6a4c-4f0e-9a57-2d6f0a3f2f11",
    "kind": "ranking.published",
    "at": "2021-11-05T09:00:00+08:00",
    "data": {"period": "2021-10-H2", "revision": 1, "status": "published"},
}


class EventSerializer(serializers.Serializer):
    """Something that was published, corrected or withdrawn."""

    number = serializers.IntegerField(min_value=1, help_text="Grows from event to event; the value for `after`.")
    id = serializers.UUIDField(help_text="The same in every delivery of the event, and here.")
    kind = serializers.CharField(help_text="What happened: `ranking.published`, `ranking.corrected`, …")
    at = serializers.DateTimeField()
    data = serializers.DictField(help_text="What it is about; its members depend on the kind.")


class EventPageSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True, help_text="More, if there is more now.")
    last = serializers.IntegerField(min_value=0, help_text="The number to ask `after` next time.")
    results = EventSerializer(many=True)


_AFTER = OpenApiParameter(
    "after",
    {"type": "integer", "minimum": 0, "maximum": HIGHEST},
    description="Only events with a greater number: the `last` of the previous answer. Without it, from the first.",
)


class EventList(StrictQuery, APIView):
    """Published events, oldest first: what webhooks tell, for catching up. Numbers follow the order of commits."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    query = ("after",)

    @extend_schema(
        responses=EventPageSerializer, parameters=[_AFTER], tags=["events"], auth=[],
        examples=[OpenApiExample("one event", {"next": None, "last": 17, "results": [EXAMPLE]}, response_only=True)],
    )  # fmt: skip
    def get(self, request):
        after = _number(request.query_params.get("after", "0"))
        found = list(WebhookEvent.objects.filter(pk__gt=after).order_by("pk")[: PAGE_SIZE + 1])
        page = found[:PAGE_SIZE]
        last = page[-1].pk if page else after
        more = replace_query_param(request.build_absolute_uri(), "after", last) if len(found) > PAGE_SIZE else None
        return Response({"next": more, "last": last, "results": [envelope(event) for event in page]})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= HIGHEST):
        raise ValidationError({"after": [_("Not a whole number from 0 to %(highest)d.") % {"highest": HIGHEST}]})
    return int(text)


published_event = OpenApiWebhook(
    "published-event",
    extend_schema(
        summary="Something was published, corrected or withdrawn",
        description=(
            "The portal sends this to the addresses that the city's office entered, for the kinds chosen there. "
            "`Portal-Signature: t=<Unix seconds>,v1=<hex>` is HMAC-SHA256, keyed with the address's secret, of the text "
            f"`<t>.<body>` over the body's bytes; compare in constant time and refuse a `t` more than {TOLERANCE} seconds "
            "off. `Portal-Event-Id` is the event's `id`, the same in every attempt: handle an id once. Answer 2xx within "
            "10 seconds; anything else is tried again at 1, 3, 9, 27, 81, 243 minutes and then every 6 hours for a day. "
            "Redirects are not followed. What was missed is at `/api/v1/events/?after=`."
        ),
        request=EventSerializer,
        responses={200: None},
    ),
)
