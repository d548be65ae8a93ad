"""Published bulletins in the API: read by everybody, without a token, from ready bytes. What is not published does not exist."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from bulletins import exports
from bulletins.models import MonthlyBulletin
from bulletins.official import text
from bulletins.publication import publication_version
from bulletins.views.public import bulletin_meant
from portal.api import CsvRenderer, StrictQuery, path_parameter
from portal.documents.published import IMMUTABLE, published_document
from portal.paging import Pages
from portal.problems import Gone, ProblemSerializer

Status = MonthlyBulletin.Status
FRESH = 60
"""Seconds for which a cache may answer for a document that can change."""
PINNED = "public, max-age=86400, immutable"
"""One revision's document: it never changes, and a day is how long its withdrawal may take to reach every cache."""
MAX_REVISION = 9999

published = published_document(publication_version, max_age=FRESH)


class BulletinLinksSerializer(serializers.Serializer):
    self = serializers.URLField(help_text="This revision.")
    page = serializers.URLField()
    docx = serializers.URLField(allow_null=True)
    pdf = serializers.URLField(allow_null=True)
    csv = serializers.URLField(allow_null=True)


class BulletinHeaderSerializer(serializers.Serializer):
    month = serializers.CharField(help_text="2021-10")
    revision = serializers.IntegerField()
    number = serializers.IntegerField(help_text="Number within the year.")
    serial = serializers.IntegerField(help_text="Number of all.")
    title = serializers.CharField()
    document_number = serializers.CharField(allow_blank=True)
    dated = serializers.DateField()
    status = serializers.ChoiceField([Status.PUBLISHED.value, Status.SUPERSEDED.value, Status.WITHDRAWN.value])
    digest = serializers.CharField(help_text="SHA-256 of the canonical manifest, in hexadecimal.")
    reason = serializers.CharField(allow_blank=True, help_text="What this revision corrects, and why.")
    published_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawal_reason = serializers.CharField(allow_blank=True)
    links = BulletinLinksSerializer()


class BulletinSerializer(BulletinHeaderSerializer):
    min_items = serializers.IntegerField(help_text="With fewer cases a unit is not ranked.")
    reports_to = serializers.CharField(allow_blank=True)
    sent_to = serializers.CharField(allow_blank=True)
    text = serializers.ListField(child=serializers.CharField(), help_text="The narrative, a line a paragraph.")
    tables = serializers.DictField(
        help_text="The frozen tables: city, districts, peer_groups, departments, stations, utilities, parties, channels, "
        "categories, exclusions, lists, figures. Rates in percent and scores are strings as printed."
    )


HEADER_COLUMNS = (
    "month", "revision", "number", "serial", "title", "document_number", "dated", "status", "digest", "reason",
    "published_at", "withdrawn_at", "withdrawal_reason",
)  # fmt: skip


def header(bulletin: MonthlyBulletin, request) -> dict:
    """Which bulletin it is, what became of it, and where its forms are."""
    revision = f"?revision={bulletin.revision}"

    def file(form: str) -> str | None:
        if bulletin.status == Status.WITHDRAWN:
            return None
        return reverse("public-bulletin-file", [bulletin.month, form], request=request) + revision

    return {name: getattr(bulletin, name) for name in HEADER_COLUMNS} | {
        "links": {
            "self": reverse("api-bulletin", [bulletin.month], request=request) + revision,
            "page": reverse("public-bulletin", [bulletin.month], request=request) + revision,
            **{form: file(form) for form in exports.FORMS},
        }
    }


REVISION = OpenApiParameter(
    "revision", {"type": "integer", "minimum": 1, "maximum": MAX_REVISION},
    description="An older (or the present) revision; without it the one in force.",
)  # fmt: skip
MONTH = path_parameter("month", "The month's id.", "2021-10")
FORMAT = OpenApiParameter("format", str, enum=["json", "csv"], description="Instead of `Accept`.")


class PublicView(StrictQuery, APIView):
    """Open to everybody; who asks makes no difference."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, CsvRenderer)


class BulletinList(PublicView):
    """Every bulletin that was ever published, newest first, with what became of it."""

    pagination_class = Pages

    @extend_schema(
        operation_id="bulletins_list",
        responses=BulletinHeaderSerializer(many=True),
        parameters=[FORMAT],
        tags=["bulletins"],
        auth=[],
    )
    def get(self, request):
        pages = Pages()
        rows = MonthlyBulletin.objects.readable().defer("tables", "narrative")
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([header(bulletin, request) for bulletin in page])

    def paging_order(self, request):
        return ("-month", "-revision")

    def csv_columns(self, request) -> list[str]:
        return list(HEADER_COLUMNS)


class BulletinDetail(PublicView):
    """One month's bulletin: text and frozen tables, the same numbers as on its page and in its files. CSV gives the tables."""

    query = ("revision",)

    @extend_schema(
        operation_id="bulletins_retrieve",
        responses={200: BulletinSerializer, 410: ProblemSerializer},
        parameters=[MONTH, REVISION, FORMAT],
        tags=["bulletins"],
        auth=[],
    )
    def get(self, request, month):
        revision = request.query_params.get("revision", "")
        if "revision" in request.query_params and not (
            revision.isascii() and revision.isdigit() and len(revision) < 5 and int(revision)
        ):
            raise ValidationError(
                {"revision": [_("Not a whole number from 1 to %(highest)d.") % {"highest": MAX_REVISION}]}
            )
        bulletin = bulletin_meant(month, revision)
        if bulletin.status == Status.WITHDRAWN:
            raise Gone(_("This bulletin was withdrawn: %(reason)s") % {"reason": bulletin.withdrawal_reason})
        response = Response(
            header(bulletin, request)
            | {
                "min_items": bulletin.min_items,
                "reports_to": bulletin.reports_to,
                "sent_to": bulletin.sent_to,
                "text": [line for line in text(bulletin).splitlines() if line.strip()],
                "tables": bulletin.tables,
            }
        )
        if revision:
            final = bulletin.status == Status.SUPERSEDED
            response.headers["Cache-Control"] = IMMUTABLE if final else PINNED
        return response

    def csv_columns(self, request) -> list[str]:
        return list(exports.CSV_COLUMNS)

    def csv_rows(self, data) -> list[dict]:
        return list(exports.csv_rows(data["tables"]))
