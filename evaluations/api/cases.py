"""Cases in the API: taken from other systems, and read back in the caller's scope."""

import re
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from estates.models import Estate
from evaluations import intake
from evaluations.filters import CaseFilter
from evaluations.models import AppraisalCase
from portal.api import CsvRenderer, RegisterList
from portal.integrity.merging import successors
from portal.models import Agency, User
from portal.paging import CursorPages
from portal.problems import ProblemSerializer, Unprocessable
from portal.roles import Permission
from portal.workflow import record

MAX_CASES = 1000
"""Cases of one request; more come in several."""

# --- shapes ---------------------------------------------------------------------------------------------------------------

_RESPONSIBLE = "`enterprise` (the one in charge on the day of the report), an agency's code, or the code of the neighbourhood's street."
_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"


def _text(longest: int, about: str = "") -> dict:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": _NO_CONTROLS, "description": about}


def _time(about: str = "") -> dict:
    return {"type": "string", "format": "date-time", "description": about}


def _optional(schema: dict) -> dict:
    """Null and the empty text mean unknown or not yet."""
    about = {"description": schema.pop("description")}
    return {"anyOf": [schema, {"type": "string", "maxLength": 0}, {"type": "null"}]} | about


CASE = {
    "type": "object",
    "description": "Empty and null mean unknown or not yet. Times carry an offset, and stand in their order.",
    "additionalProperties": False,
    "required": [
        "case_no", "source", "estate_code", "category", "responsible", "reported_at", "accept_due_at", "handle_due_at",
    ],
    "properties": {
        "case_no": _text(60, "Number in the source system; with `source` it names the case."),
        "source": _text(40, "The system or channel that the case comes from."),
        "estate_code": _text(40, "Code of the neighbourhood."),
        "category": _text(60),
        "responsible": _text(50, _RESPONSIBLE),
        "reported_at": _time(),
        "accept_due_at": _time("An approved extension is written here."),
        "accepted_at": _optional(_time()),
        "handle_due_at": _time("An approved extension is written here."),
        "handled_at": _optional(_time()),
        "rating": {"enum": [1, 2, 3, 4, 5, "1", "2", "3", "4", "5", "", None], "description": "5 is very satisfied."},
        "resolved": {"enum": [*AppraisalCase.Resolved.values, "", None], "description": "The resident's answer."},
        "rated_at": _optional(_time("When rating or answer was given.")),
        "rating_withdrawn": {
            "enum": [True, False, "true", "false", "", None], "description": "Whether the answer was withdrawn on review.",
        },
        "excluded": _optional(_text(40, "Reason code of a case that counts nowhere: duplicate, out of scope, malicious, …")),
    },
}  # fmt: skip
"""JSON Schema of a case as it comes in: the columns of ``cases.csv``, each a text or JSON's own type."""

ONE_OR_MANY = {"oneOf": [CASE, {"type": "array", "items": CASE, "minItems": 1, "maxItems": MAX_CASES}]}


class CaseReadSerializer(serializers.ModelSerializer):
    """A case as it is stored."""

    estate_code = serializers.CharField(source="estate.code")
    responsible = serializers.SerializerMethodField(help_text=_RESPONSIBLE)
    enterprise_uscc = serializers.CharField(
        source="enterprise.uscc",
        default=None,
        allow_null=True,
        help_text="The enterprise in charge, if it is responsible.",
    )

    class Meta:
        model = AppraisalCase
        fields = (*intake.COLUMNS, "enterprise_uscc")

    def get_responsible(self, case) -> str:
        party = case.agency or case.street
        return party.code if party else intake.ENTERPRISE


class RowErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(allow_blank=True, help_text="JSON pointer into this case.")
    detail = serializers.CharField()


class RowResultSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="Place in the request, from 0.")
    source = serializers.CharField(allow_blank=True)
    case_no = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(["created", "updated", "unchanged", "rejected"])
    errors = RowErrorSerializer(many=True)


class IntakeSerializer(serializers.Serializer):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = RowResultSerializer(many=True, help_text="One for each case, in the order of the request.")


class RejectedSerializer(ProblemSerializer):
    results = RowResultSerializer(many=True)


# --- from JSON to the rows that intake checks -----------------------------------------------------------------------------

_KNOWN = frozenset(intake.COLUMNS)
_RATING = "rating"
_WITHDRAWN = "rating_withdrawn"
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

Row = list[str]
Errors = list[tuple[str, str]]


def row_of(item: Any) -> Row | Errors:
    """The texts of one case in the order of ``intake.COLUMNS``, or ``(field, reason)`` of what cannot be one."""
    if type(item) is not dict:
        return [("", _("A case is an object."))]
    errors: Errors = [(_printable(name), _("There is no such field.")) for name in item if name not in _KNOWN]
    values = []
    for name in intake.COLUMNS:
        value = item.get(name)
        if type(value) is str:
            values.append(value)
        elif value is None:
            values.append("")
        elif type(value) is bool and name == _WITHDRAWN:
            values.append("true" if value else "false")
        elif type(value) is int and name == _RATING and 1 <= value <= 5:
            values.append(str(value))
        else:
            errors.append((name, _("is not of its type.")))
    if errors:
        return errors
    if _NO_TEXT.search("".join(values)):
        return [
            (name, _("has a character that is none of a text."))
            for name, value in zip(intake.COLUMNS, values, strict=True)
            if _NO_TEXT.search(value)
        ]
    return values


def _printable(name: str) -> str:
    """A field's name as part of a JSON pointer that can be printed."""
    name = name[:60].encode("utf-8", "replace").decode()
    return name.replace("~", "~0").replace("/", "~1")


# --- taking them in -------------------------------------------------------------------------------------------------------


class Taken:
    """What becomes of the cases of one request, row by row."""

    def __init__(self, items: list) -> None:
        self.rows = [row_of(item) for item in items]
        self.results: list[dict] = []
        for index, row in enumerate(self.rows):
            source, case_no = (row[1], row[0]) if _is_row(row) else ("", "")
            self.results.append({"index": index, "source": source, "case_no": case_no, "status": "", "errors": []})
            if not _is_row(row):
                self.reject(index, row)

    def reject(self, index: int, errors: Errors) -> None:
        self.results[index]["status"] = "rejected"
        self.results[index]["errors"] = [
            {"pointer": f"/{name}" if name else "", "detail": reason} for name, reason in errors
        ]

    @property
    def tally(self) -> dict[str, int]:
        counted = Counter(result["status"] for result in self.results)
        return {status: counted[status] for status in ("created", "updated", "unchanged", "rejected")}


def _is_row(row: Row | Errors) -> bool:
    return len(row) == len(intake.COLUMNS) and type(row[0]) is str


@transaction.atomic
def take_in(items: list, *, by: User) -> Taken:
    """Check and store the cases of one request in the scope of ``by``; good ones are stored though others are not."""
    taken = Taken(items)
    rows = {index: row for index, row in enumerate(taken.rows) if _is_row(row)}
    references = _references(rows.values(), by)
    staged: dict[tuple[str, str], intake.StagedCase] = {}
    for index, row in rows.items():
        checked = intake.check(index, row, references)
        if not isinstance(checked, intake.StagedCase):
            taken.reject(index, checked)
            continue
        if checked.source == intake.OF_THE_PORTAL:
            taken.reject(index, [("source", _("“%(source)s” is this portal's own.") % {"source": checked.source})])
            continue
        first = staged.setdefault((checked.source, checked.case_no), checked)
        if first is not checked:
            reason = _("“%(code)s” stands already in this request, at index %(index)d.")
            taken.reject(index, [("case_no", reason % {"code": checked.case_no, "index": first.line})])
    for key in _of_others(staged, by):
        taken.reject(staged.pop(key).line, [("case_no", _("This number of this source is taken."))])
    outcome = intake.submit(list(staged.values())) if staged else {}
    for key, status in outcome.items():
        taken.results[staged[key].line]["status"] = status
    record("cases.submit", by, by=by, **taken.tally)
    return taken


def _references(rows, by: User) -> intake.References:
    """The estates in scope and the agencies that the rows name: a request looks up what it needs, not the whole register."""
    estate_codes, agency_codes = {row[2] for row in rows}, {row[4] for row in rows}
    merged = {code: pk for code, pk in successors(Estate).items() if code in estate_codes}
    scope = Estate.objects.for_user(by, Permission.SUBMIT_CASES).order_by()
    found = dict(scope.filter(Q(code__in=estate_codes) | Q(pk__in=merged.values())).values_list("code", "pk"))
    merged = {code: pk for code, pk in merged.items() if pk in found.values()}
    agencies = Agency.objects.filter(code__in=agency_codes - {intake.ENTERPRISE})
    streets = intake.streets_of(Estate.objects.filter(pk__in=set(found.values())))
    return intake.References(merged | found, dict(agencies.order_by().values_list("code", "pk")), streets)


def _of_others(staged: dict, by: User) -> list[tuple[str, str]]:
    """Keys of cases that exist outside the scope of ``by``: they are not this account's to change."""
    if "" in by.reach(Permission.SUBMIT_CASES):
        return []
    by_source: dict[str, list[str]] = {}
    for source, case_no in staged:
        by_source.setdefault(source, []).append(case_no)
    named = Q(pk__in=[])
    for source, numbers in by_source.items():
        named |= Q(source=source, case_no__in=numbers)
    own = AppraisalCase.objects.for_user(by, Permission.SUBMIT_CASES)
    others = AppraisalCase.objects.filter(named).exclude(pk__in=own.filter(named).values("pk"))
    return list(others.order_by().values_list("source", "case_no"))


# --- views ----------------------------------------------------------------------------------------------------------------

EXAMPLE = {
    "case_no": "C20211018-000001",
    "source": "hotline",
    "estate_code": "E00043",
    "category": "lift",
    "responsible": "enterprise",
    "reported_at": "2021-10-18T09:30:00+08:00",
    "accept_due_at": "2021-10-19T09:30:00+08:00",
    "accepted_at": "2021-10-18T10:05:00+08:00",
    "handle_due_at": "2021-10-25T09:30:00+08:00",
    "handled_at": None,
    "rating": None,
    "resolved": "",
    "rated_at": None,
    "rating_withdrawn": False,
    "excluded": "",
}


@extend_schema(tags=["cases"])
class Cases(RegisterList):
    """Cases in the caller's scope, the latest report first."""

    queryset = AppraisalCase.objects.select_related("estate", "enterprise", "agency", "street").defer(
        "street__boundary"
    )
    serializer_class = CaseReadSerializer
    filterset_class = CaseFilter
    pagination_class = CursorPages
    renderer_classes = (JSONRenderer, CsvRenderer)
    order = ("-reported_at", "-id")

    @property
    def permission(self) -> Permission:
        return Permission.SUBMIT_CASES if self.request.method == "POST" else Permission.VIEW_CASES

    def get_renderers(self):
        return [JSONRenderer()] if self.request and self.request.method == "POST" else super().get_renderers()

    @extend_schema(
        summary="Submit cases",
        description=(
            f"One case or a list of up to {MAX_CASES}. Idempotent: a case is named by `source` and `case_no`; the same again "
            "is `unchanged`, another content is an update. Good cases are taken though others are rejected.\n\n"
            "201: something was created, nothing rejected · 200: nothing new, nothing rejected · "
            "207: some were rejected · 422: all were."
        ),
        request={"application/json": ONE_OR_MANY},
        responses={
            200: IntakeSerializer,
            201: IntakeSerializer,
            207: IntakeSerializer,
            422: OpenApiResponse(RejectedSerializer, description="Every case was rejected."),
        },
        examples=[OpenApiExample("one case", EXAMPLE, request_only=True)],
    )
    def post(self, request):
        items = _items(request.data)
        taken = take_in(items, by=request.user)
        tally = taken.tally
        if tally["rejected"] == len(items):
            raise Refused(taken, is_list=isinstance(request.data, list))
        status = 207 if tally["rejected"] else 201 if tally["created"] else 200
        return Response(tally | {"results": taken.results}, status=status)


class Refused(Unprocessable):
    """Every case of a request was rejected; the problem carries the result per row."""

    def __init__(self, taken: Taken, *, is_list: bool) -> None:
        errors = [
            error | {"pointer": f"/{result['index']}{error['pointer']}" if is_list else error["pointer"]}
            for result in taken.results
            for error in result["errors"]
        ]
        super().__init__(errors=errors, results=taken.results)


def _items(data: Any) -> list:
    items = data if isinstance(data, list) else [data]
    if not 1 <= len(items) <= MAX_CASES:
        raise ValidationError([_("A request holds 1 to %(most)d cases.") % {"most": MAX_CASES}])
    return items
