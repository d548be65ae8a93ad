"""Published rankings in the API: read by everybody, without a token, from ready bytes.

What is not published does not exist here. Numbers come from the stored rows as they are.
"""

from decimal import Decimal

from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from evaluations import rules
from evaluations.models import Ranking, RankingEntry
from evaluations.publication import publication_version
from evaluations.snapshots import policy_of
from portal.api import CsvRenderer, StrictQuery, path_parameter
from portal.documents.published import IMMUTABLE, published_document
from portal.paging import Pages, in_order
from portal.problems import Gone, ProblemSerializer

FRESH = 60
"""Seconds for which a cache may answer for a document that can change."""

MAX_REVISION = 32_767

PINNED = "public, max-age=86400, immutable"
"""One revision's document: its rows never change, and a day is how long its withdrawal may take to reach every cache."""

ENTRY_COLUMNS = (
    "estate_code", "estate_name", "estate_kind", "district_code", "district_name", "street_code", "street_name",
    "enterprise_uscc", "enterprise_name", "accept_due", "accept_on_time", "handle_due", "handle_on_time", "ratings",
    "satisfied_weight", "eligible", "score", "rank", "from_bottom", "district_rank", "list", "previous_rank",
    "previous_score", "change", "streak",
)  # fmt: skip

Status = Ranking.Status

published = published_document(publication_version, max_age=FRESH)


# --- shapes ---------------------------------------------------------------------------------------------------------------


EXAMPLE = {
    "estate_code": "E00010", "estate_name": "样例小区010", "estate_kind": "old",
    "district_code": "990190", "district_name": "丙功能区", "street_code": "990190002", "street_name": "丙功能区第2街道",
    "enterprise_uscc": "91420100MA0000007L", "enterprise_name": "样例物业07公司",
    "accept_due": 40, "accept_on_time": 40, "handle_due": 42, "handle_on_time": 41, "ratings": 19,
    "satisfied_weight": "17.8", "eligible": True, "score": "96.7594", "rank": 1, "from_bottom": 50, "district_rank": 1,
    "list": "top", "previous_rank": None, "previous_score": None, "change": None, "streak": 1,
}  # fmt: skip


@extend_schema_serializer(examples=[OpenApiExample("a ranked neighbourhood", EXAMPLE)])
class EntrySerializer(serializers.ModelSerializer):
    """One neighbourhood in a ranking, with its names as they were at the cut-off."""

    list = serializers.ChoiceField([rules.TOP, rules.BOTTOM], allow_null=True, help_text="The list it stands on.")
    score = serializers.DecimalField(8, 4, allow_null=True, help_text="Four decimals; empty where it is not ranked.")
    satisfied_weight = serializers.CharField(help_text="Sum of the ratings' level weights, exact.")
    change = serializers.IntegerField(
        allow_null=True,
        help_text="Places won since the previous published ranking; in the last ten counted from the bottom.",
    )

    class Meta:
        model = RankingEntry
        fields = ENTRY_COLUMNS
        extra_kwargs = {
            "eligible": {"help_text": "Whether it has enough cases to be ranked."},
            "from_bottom": {"help_text": "Rank counted from the end."},
            "streak": {"help_text": "How many rankings in a row it stands on this list."},
        }


@extend_schema_serializer(examples=[OpenApiExample("a ranked neighbourhood", EXAMPLE)])
class EntryRowSerializer(EntrySerializer):
    """One neighbourhood in a ranking; with `fields` only what was asked for."""

    def get_fields(self):
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class CountsSerializer(serializers.Serializer):
    accept_due = serializers.IntegerField()
    accept_on_time = serializers.IntegerField()
    handle_due = serializers.IntegerField()
    handle_on_time = serializers.IntegerField()
    ratings = serializers.IntegerField()
    satisfied_weight = serializers.CharField()


class WindowSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(help_text="The cut-off: facts dated at or after it are ignored.")


class LinksSerializer(serializers.Serializer):
    self = serializers.URLField(help_text="This revision.")
    entries = serializers.URLField()
    period = serializers.URLField(help_text="The revision of this period that is in force.")


class HeaderSerializer(serializers.Serializer):
    period = serializers.CharField(help_text="A half month: 2021-10-H2 is the 16th to the end of October 2021.")
    revision = serializers.IntegerField()
    status = serializers.ChoiceField([Status.PUBLISHED.value, Status.SUPERSEDED.value, Status.WITHDRAWN.value])
    digest = serializers.CharField(help_text="SHA-256 of the canonical manifest, in hexadecimal.")
    published_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True, help_text="What this revision corrects, and why.")
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawal_reason = serializers.CharField(allow_blank=True)
    window = WindowSerializer()
    policy = serializers.DictField(help_text="The policy record as it was applied.")
    eligible = serializers.IntegerField(help_text="How many neighbourhoods are ranked.")
    not_ranked = serializers.IntegerField(help_text="How many have too few cases.")
    counts = CountsSerializer(help_text="The six counts of all neighbourhoods together.")
    previous_period = serializers.CharField(allow_null=True, help_text="The ranking it is compared with.")
    links = LinksSerializer()


class LatestSerializer(HeaderSerializer):
    top = EntrySerializer(many=True)
    bottom = EntrySerializer(many=True)


class HistoryRowSerializer(EntrySerializer):
    period = serializers.CharField()
    revision = serializers.IntegerField()
    digest = serializers.CharField()

    class Meta(EntrySerializer.Meta):
        fields = ("period", "revision", "digest", *ENTRY_COLUMNS)


class HistorySerializer(serializers.Serializer):
    estate_code = serializers.CharField()
    results = HistoryRowSerializer(many=True, help_text="Newest period first.")


HEADER_COLUMNS = ["period", "revision", "status", "digest", "published_at", "eligible", "not_ranked"]


def header(ranking: Ranking, request) -> dict:
    """What stands above a ranking's rows: which one it is, its rule, its totals, its digest."""

    def url(name: str) -> str:
        return reverse(name, [ranking.period], request=request)

    revision = f"?revision={ranking.revision}"
    return {
        "period": ranking.period,
        "revision": ranking.revision,
        "status": ranking.status,
        "digest": ranking.digest,
        "published_at": ranking.published_at,
        "reason": ranking.reason,
        "withdrawn_at": ranking.withdrawn_at,
        "withdrawal_reason": ranking.withdrawal_reason,
        "window": {"start": ranking.window_start, "end": ranking.window_end},
        "policy": ranking.policy_snapshot,
        "eligible": ranking.eligible,
        "not_ranked": ranking.not_ranked,
        "counts": ranking.counts._asdict() | {"satisfied_weight": _weight(ranking.satisfied_weight, ranking)},
        "previous_period": ranking.previous.period if ranking.previous else None,
        "links": {
            "self": url("api-ranking") + revision,
            "entries": url("api-ranking-entries") + revision,
            "period": url("api-ranking"),
        },
    }


def _weight(value: Decimal, ranking: Ranking) -> str:
    """With the decimals that the policy's level weights need, as in every file."""
    return f"{value:.{policy_of(ranking).level_decimals}f}"


def _readable(row: dict, places: int) -> dict:
    """An entry's stored values as the API writes them."""
    for name in ("score", "previous_score"):
        if row.get(name) is not None:
            row[name] = f"{row[name]:.4f}"
    if "satisfied_weight" in row:
        row["satisfied_weight"] = f"{row['satisfied_weight']:.{places}f}"
    if row.get("list") == rules.NO_LIST:
        row["list"] = None
    return row


# --- which ranking is meant -----------------------------------------------------------------------------------------------

READABLE = Ranking.objects.readable().select_related("previous")


def latest_published() -> Ranking:
    ranking = Ranking.objects.published().select_related("previous").latest_first().first()
    if ranking is None:
        raise Http404
    return ranking


def ranking_meant(period: str, request) -> Ranking:
    """The revision that ``?revision=`` names; without it the one in force, else the newest that ever was.

    Raises:
        ValidationError: the revision is no number.
        Http404: the public has never seen such a ranking.
    """
    rankings = READABLE.filter(period=period)
    revision = request.query_params.get("revision")
    if revision is not None:
        if not (revision.isascii() and revision.isdigit() and len(revision) < 6 and 1 <= int(revision) <= MAX_REVISION):
            raise ValidationError(
                {"revision": [_("Not a whole number from 1 to %(highest)d.") % {"highest": MAX_REVISION}]}
            )
        rankings = rankings.filter(revision=int(revision))
    found = sorted(rankings, key=lambda ranking: (ranking.status == Status.PUBLISHED, ranking.revision))
    if not found:
        raise Http404
    return found[-1]


def cached_as(response: Response, ranking: Ranking, request) -> Response:
    """How long caches may keep one revision: for good once nothing can happen to it any more, a day until then."""
    if "revision" in request.query_params:
        final = ranking.status in (Status.SUPERSEDED, Status.WITHDRAWN)
        response.headers["Cache-Control"] = IMMUTABLE if final else PINNED
    return response


# --- views ----------------------------------------------------------------------------------------------------------------

REVISION = OpenApiParameter(
    "revision", {"type": "integer", "minimum": 1, "maximum": MAX_REVISION},
    description="An older (or the present) revision; without it the one in force.",
)  # fmt: skip
PERIOD = path_parameter("period", "The half month's id.", "2021-10-H2")
CODE = path_parameter("code", "The neighbourhood's code.", "E00043")
FIELDS = OpenApiParameter(
    "fields", {"type": "array", "items": {"type": "string", "enum": list(ENTRY_COLUMNS)}, "minItems": 1},
    style="form", explode=False, description="Comma-separated names: only these fields.",
)  # fmt: skip
FORMAT = OpenApiParameter("format", str, enum=["json", "csv"], description="Instead of `Accept`.")


class PublicView(StrictQuery, APIView):
    """Open to everybody; who asks makes no difference, so credentials are not even looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, CsvRenderer)

    def csv_columns(self, request) -> list[str]:
        return HEADER_COLUMNS


class RankingList(PublicView):
    """Every ranking that was ever published, newest first, with what became of it."""

    pagination_class = Pages

    @extend_schema(
        operation_id="rankings_list",
        responses=HeaderSerializer(many=True),
        parameters=[FORMAT],
        tags=["rankings"],
        auth=[],
    )
    def get(self, request):
        pages = Pages()
        rankings = pages.paginate_queryset(READABLE, request, view=self)
        return pages.get_paginated_response([header(ranking, request) for ranking in rankings])

    def paging_order(self, request):
        return ("-period", "-revision")


class LatestRanking(PublicView):
    """The latest published ranking: its header, the top list and the bottom list."""

    @extend_schema(responses=LatestSerializer, parameters=[FORMAT], tags=["rankings"], auth=[])
    def get(self, request):
        ranking = latest_published()
        places = policy_of(ranking).level_decimals
        listed = ranking.entries.exclude(list=rules.NO_LIST).listed().values(*ENTRY_COLUMNS)
        rows = [_readable(row, places) for row in listed]
        lists = {name: [row for row in rows if row["list"] == name] for name in (rules.TOP, rules.BOTTOM)}
        return Response(header(ranking, request) | lists)

    def csv_columns(self, request):
        return list(ENTRY_COLUMNS)

    def csv_rows(self, data):
        return data["top"] + data["bottom"]


class RankingDetail(PublicView):
    """One period's ranking: its header. A withdrawn one says so, and why."""

    query = ("revision",)

    @extend_schema(responses=HeaderSerializer, parameters=[PERIOD, REVISION, FORMAT], tags=["rankings"], auth=[])
    def get(self, request, period):
        ranking = ranking_meant(period, request)
        return cached_as(Response(header(ranking, request)), ranking, request)

    def csv_rows(self, data):
        return [data]


ORDERINGS = (
    "rank", "score", "district_rank", "change", "estate_code", "district_code", "accept_due", "handle_due", "ratings",
)  # fmt: skip


class RankingEntries(PublicView):
    """The rows of one ranking. As CSV without paging parameters it is the whole ranking in one file."""

    query = ("revision", "district", "list", "eligible", "ordering", "fields")
    pagination_class = Pages

    @extend_schema(
        operation_id="rankings_entries_list",
        responses={200: EntryRowSerializer(many=True), 410: ProblemSerializer},
        parameters=[
            PERIOD,
            REVISION,
            OpenApiParameter("district", str, description="Code of the managing district."),
            OpenApiParameter("list", str, enum=["top", "bottom", "none"]),
            OpenApiParameter("eligible", bool, description="Ranked ones, or those with too few cases."),
            OpenApiParameter(
                "ordering", str, enum=[*ORDERINGS, *(f"-{name}" for name in ORDERINGS)], default="rank",
                description="Equal values are ordered by code; rows without a value come last.",
            ),
            FIELDS,
            FORMAT,
        ],
        tags=["rankings"],
        auth=[],
    )  # fmt: skip
    def get(self, request, period):
        ranking = ranking_meant(period, request)
        names = self.csv_columns(request)
        order = self.paging_order(request)
        rows = _filtered(ranking.entries.all(), request.query_params)
        if ranking.status == Status.WITHDRAWN:
            raise Gone(_("This ranking was withdrawn: %(reason)s") % {"reason": ranking.withdrawal_reason})
        places = policy_of(ranking).level_decimals
        rows = rows.values(*dict.fromkeys([*names, *(name.lstrip("-") for name in order)]))
        whole = request.accepted_renderer.format == "csv" and not set(Pages.parameters) & set(request.query_params)
        if whole:
            response = Response({"results": [_readable(row, places) for row in in_order(rows, order)]})
        else:
            pages = Pages()
            page = pages.paginate_queryset(rows, request, view=self)
            response = pages.get_paginated_response(
                [_readable({name: row[name] for name in names}, places) for row in page]
            )
        return cached_as(response, ranking, request)

    def paging_order(self, request):
        ordering = request.query_params.get("ordering", "rank")
        if ordering.removeprefix("-") not in ORDERINGS:
            raise ValidationError({"ordering": [_("None of: %(choices)s.") % {"choices": ", ".join(ORDERINGS)}]})
        return (ordering, "estate_code")

    def csv_columns(self, request):
        asked = request.query_params.get("fields")
        if asked is None:
            return list(ENTRY_COLUMNS)
        names = list(dict.fromkeys(asked.split(",")))
        if not set(names) <= set(ENTRY_COLUMNS):
            raise ValidationError({"fields": [_("None of: %(choices)s.") % {"choices": ", ".join(ENTRY_COLUMNS)}]})
        return names


def _filtered(entries, query):
    """The entries that the query asks for."""
    if "district" in query:
        entries = entries.filter(district_code=query["district"])
    if "list" in query:
        lists = {"top": rules.TOP, "bottom": rules.BOTTOM, "none": rules.NO_LIST}
        if query["list"] not in lists:
            raise ValidationError({"list": [_("None of: %(choices)s.") % {"choices": ", ".join(lists)}]})
        entries = entries.filter(list=lists[query["list"]])
    if "eligible" in query:
        truths = {"true": True, "false": False}
        if query["eligible"] not in truths:
            raise ValidationError({"eligible": [_("None of: %(choices)s.") % {"choices": ", ".join(truths)}]})
        entries = entries.filter(eligible=truths[query["eligible"]])
    return entries


class EstateRankings(PublicView):
    """One neighbourhood in every published ranking, newest first, with its names as they were."""

    @extend_schema(responses=HistorySerializer, parameters=[CODE, FORMAT], tags=["rankings"], auth=[])
    def get(self, request, code):
        entries = RankingEntry.objects.filter(estate_code=code, ranking__status=Status.PUBLISHED)
        rows = entries.order_by("-ranking__period").values(
            *ENTRY_COLUMNS,
            period=F("ranking__period"),
            revision=F("ranking__revision"),
            digest=F("ranking__digest"),
            policy=F("ranking__policy_snapshot"),
        )
        results = [_readable(row, rules.Policy.parse(row.pop("policy")).level_decimals) for row in rows]
        if not results:
            raise Http404
        return Response({"estate_code": code, "results": results})

    def csv_columns(self, request):
        return ["period", "revision", "digest", *ENTRY_COLUMNS]
