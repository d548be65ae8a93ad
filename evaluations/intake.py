"""How cases come in, by file or by API: checked row by row, staged by COPY, merged by one statement.

Both ways share every check. Merging is idempotent by ``(source, case_no)``: the same row again changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from estates.models import Estate
from evaluations.models import AppraisalCase
from portal.citypackage import Tally
from portal.integrity.merging import successors
from portal.models import Agency

COLUMNS = (
    "case_no",
    "source",
    "estate_code",
    "category",
    "responsible",
    "reported_at",
    "accept_due_at",
    "accepted_at",
    "handle_due_at",
    "handled_at",
    "rating",
    "resolved",
    "rated_at",
    "rating_withdrawn",
    "excluded",
)
"""A case as text, in the order of ``cases.csv``. Empty means unknown or not yet."""

ENTERPRISE = "enterprise"
"""The responsible party "the enterprise in charge of the neighbourhood on the day of the report"."""

OF_THE_PORTAL = "portal"
"""The source of cases that the portal carries itself: no other system writes these."""

_LENGTHS = {"case_no": 60, "source": 40, "category": 60, "excluded": 40}
_TIMES = ("reported_at", "accept_due_at", "accepted_at", "handle_due_at", "handled_at", "rated_at")
_TIME_PLACES = tuple(COLUMNS.index(name) for name in _TIMES)
# What PostgreSQL reads as we do. Python reads more forms of ISO 8601 (weeks, commas), which are written anew.
_plain_time = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}").fullmatch
_RATINGS = frozenset({"", "1", "2", "3", "4", "5"})
_RESOLVED = frozenset({"", *AppraisalCase.Resolved.values})
_FALSE = frozenset({"", "false", "False", "FALSE"})
_TRUE = frozenset({"true", "True", "TRUE"})

type_of_problems = list[tuple[str, str]]
"""``(column, reason)`` of each thing wrong with a row."""


@dataclass(frozen=True)
class References:
    """What a row may refer to, by code: the estates in the submitter's scope, the agencies, each estate's own street.

    Other systems go on sending the code of an estate that was merged into another: it means that one.
    """

    estates: Mapping[str, int]
    agencies: Mapping[str, int]
    streets: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    """Code and id of the street office, by the id of the estate."""

    @classmethod
    def of(cls, estates=None) -> "References":
        """References to ``estates`` (a queryset; default all) and every agency."""
        estates = Estate.objects.all() if estates is None else estates
        known = dict(estates.order_by().values_list("code", "pk"))
        ids = set(known.values())
        merged = {code: pk for code, pk in successors(Estate).items() if pk in ids}
        return cls(
            merged | known,
            dict(Agency.objects.order_by().values_list("code", "pk")),
            streets_of(estates),
        )


def streets_of(estates) -> dict[int, tuple[str, int]]:
    """Code and id of the street of each of ``estates`` (a queryset), by the id of the estate."""
    rows = estates.order_by().values_list("pk", "community__parent__code", "community__parent")
    return {pk: (code, street) for pk, code, street in rows}


class StagedCase(NamedTuple):
    """A checked row, ready for COPY. Times are ISO text with an offset; ``agency_id`` and
    ``street_id`` are empty for the enterprise in charge.
    """

    line: int
    case_no: str
    source: str
    estate_id: int
    category: str
    agency_id: int | str
    street_id: int | str
    reported_at: str
    accept_due_at: str
    accepted_at: str
    handle_due_at: str
    handled_at: str
    rating: str
    resolved: str
    rated_at: str
    rating_withdrawn: str
    excluded: str


def check(line: int, values: list[str], references: References) -> StagedCase | type_of_problems:
    """The checked row, or everything that is wrong with it."""
    case_no, source, estate_code, category, responsible, *_times, excluded = values
    rating, resolved, withdrawn = values[10], values[11], values[13]
    problems: type_of_problems = []
    if (
        not case_no
        or not source
        or not category
        or len(case_no) > 60
        or len(source) > 40
        or len(category) > 60
        or len(excluded) > 40
    ):
        problems += _length_problems(values)
    estate_id = references.estates.get(estate_code)
    if estate_id is None:
        problems.append(("estate_code", _("unknown code “%(code)s”.") % {"code": estate_code[:60]}))
    agency_id: int | str | None = "" if responsible == ENTERPRISE else references.agencies.get(responsible)
    street_id: int | str = ""
    if agency_id is None:
        street = references.streets.get(estate_id) if estate_id is not None else None
        if street is not None and street[0] == responsible:
            agency_id, street_id = "", street[1]
        else:
            reason = _("“%(code)s” is neither “enterprise” nor the code of an agency or of the neighbourhood's street.")
            problems.append(("responsible", reason % {"code": responsible[:60]}))
    if rating not in _RATINGS:
        problems.append(("rating", _("“%(value)s” is not a whole number from 1 to 5.") % {"value": rating[:30]}))
    if resolved not in _RESOLVED:
        problems.append(
            (
                "resolved",
                _("“%(value)s” is none of: %(choices)s.") % {"value": resolved[:30], "choices": "yes, partly, no"},
            )
        )
    is_withdrawn = withdrawn in _TRUE
    if not is_withdrawn and withdrawn not in _FALSE:
        problems.append(("rating_withdrawn", _("“%(value)s” is neither true nor false.") % {"value": withdrawn[:30]}))
    times = _times_of(values, problems)
    if problems:
        return problems
    problems = _order_problems(*times, bool(rating or resolved), is_withdrawn)
    if problems:
        return problems
    reported, accept_due, accepted, handle_due, handled, rated = [
        value if _plain_time(value) else moment.isoformat() if moment else ""
        for value, moment in zip([values[place] for place in _TIME_PLACES], times, strict=True)
    ]
    return StagedCase(
        line, case_no, source, estate_id, category, agency_id, street_id, reported, accept_due, accepted, handle_due,
        handled, rating, resolved, rated, "t" if is_withdrawn else "f", excluded,
    )  # fmt: skip


def _length_problems(values: list[str]) -> type_of_problems:
    problems = []
    for name, longest in _LENGTHS.items():
        value = values[COLUMNS.index(name)]
        if len(value) > longest:
            problems.append((name, _("is longer than %(longest)d characters.") % {"longest": longest}))
        elif not value and name != "excluded":
            problems.append((name, _("is empty.")))
    return problems


def _times_of(values: list[str], problems: type_of_problems) -> list[datetime | None]:
    times: list[datetime | None] = []
    for place in _TIME_PLACES:
        value = values[place]
        moment = None
        if value:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                problems.append(
                    (
                        COLUMNS[place],
                        _("“%(value)s” is not a time such as 2021-10-18T09:30:00+08:00.") % {"value": value[:40]},
                    )
                )
            else:
                if moment.tzinfo is None:
                    problems.append(
                        (COLUMNS[place], _("“%(value)s” has no offset such as +08:00.") % {"value": value[:40]})
                    )
                elif not 1990 <= moment.year <= 2100:
                    problems.append(
                        (COLUMNS[place], _("“%(value)s” is outside the years 1990 to 2100.") % {"value": value[:40]})
                    )
        elif place in _REQUIRED_TIMES:
            problems.append((COLUMNS[place], _("is empty.")))
        times.append(moment)
    return times


_REQUIRED_TIMES = frozenset(COLUMNS.index(name) for name in ("reported_at", "accept_due_at", "handle_due_at"))


def _order_problems(
    reported, accept_due, accepted, handle_due, handled, rated, answered, withdrawn
) -> type_of_problems:
    """What the database also refuses (constraints of :class:`AppraisalCase`), said in words."""
    problems = []
    if accept_due < reported:
        problems.append(("accept_due_at", _("lies before the report.")))
    if handle_due < reported:
        problems.append(("handle_due_at", _("lies before the report.")))
    if accepted and accepted < reported:
        problems.append(("accepted_at", _("lies before the report.")))
    if handled:
        if handled < reported:
            problems.append(("handled_at", _("lies before the report.")))
        elif not accepted:
            problems.append(("handled_at", _("is given, but the case was never accepted.")))
    if rated and rated < reported:
        problems.append(("rated_at", _("lies before the report.")))
    if answered and not rated:
        problems.append(("rated_at", _("is empty although there is an answer.")))
    if rated and not answered:
        problems.append(("rated_at", _("is given without a rating or an answer.")))
    if withdrawn and not answered:
        problems.append(("rating_withdrawn", _("there is no answer that could be withdrawn.")))
    return problems


# --- storing ------------------------------------------------------------------------------------------------------------

_STAGE = """
CREATE TEMP TABLE case_staging (
    line integer, case_no text, source text, estate_id bigint, category text, agency_id bigint, street_id bigint,
    reported_at timestamptz, accept_due_at timestamptz, accepted_at timestamptz,
    handle_due_at timestamptz, handled_at timestamptz,
    rating smallint, resolved text, rated_at timestamptz, rating_withdrawn boolean, excluded text
) ON COMMIT DROP
"""

_TAKEN_OVER = (
    "estate_id", "category", "agency_id", "street_id", "reported_at", "accept_due_at", "accepted_at", "handle_due_at", "handled_at",
    "rating", "resolved", "rated_at", "rating_withdrawn", "excluded",
)  # fmt: skip

_MERGE = f"""
INSERT INTO evaluations_appraisalcase AS old (case_no, source, {", ".join(_TAKEN_OVER)}, enterprise_id)
SELECT case_no, source, {", ".join(f"staged.{name}" for name in _TAKEN_OVER)}, served.enterprise_id
FROM case_staging staged
LEFT JOIN estates_serviceassignment served
    ON staged.agency_id IS NULL AND staged.street_id IS NULL AND served.estate_id = staged.estate_id
   AND served.valid @> (staged.reported_at AT TIME ZONE 'Asia/Shanghai')::date
ORDER BY {{order}}
ON CONFLICT (source, case_no) DO UPDATE SET
    ({", ".join(_TAKEN_OVER)}, enterprise_id)
    = ROW({", ".join(f"excluded.{name}" for name in _TAKEN_OVER)},
       CASE WHEN excluded.agency_id IS NULL AND excluded.street_id IS NULL AND old.estate_id = excluded.estate_id
            THEN coalesce(old.enterprise_id, excluded.enterprise_id) ELSE excluded.enterprise_id END)
WHERE ({", ".join(f"old.{name}" for name in _TAKEN_OVER)})
      IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _TAKEN_OVER)})
RETURNING case_no, source, xmax = 0 AS created
"""


def stage(rows: Iterable[StagedCase]) -> int:
    """Copy checked rows into the staging table of the current transaction; how many."""
    source = _CopySource(rows)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.case_staging")
        cursor.execute(_STAGE)
        cursor.copy_expert(
            "COPY case_staging FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (resolved, excluded))", source
        )
    return source.count


def staged_twice() -> Iterator[tuple[int, int, str]]:
    """``(line, first line, case_no)`` of each staged row whose source and number stand in an earlier one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT line, first, case_no FROM (
                   SELECT line, case_no, min(line) OVER (PARTITION BY source, case_no) AS first FROM case_staging
               ) numbered WHERE line <> first ORDER BY line"""
        )
        yield from cursor.fetchall()


def merge_staged(count: int) -> Tally:
    """Merge the ``count`` staged rows into the cases; what became of them."""
    with connection.cursor() as cursor:
        # A whole city may have come in with this very transaction: without figures the planner takes it for empty.
        cursor.execute("ANALYZE case_staging, estates_serviceassignment")
        merge = _MERGE.format(order="staged.reported_at")  # neighbours in time are neighbours on disk
        cursor.execute(f"WITH merged AS ({merge}) SELECT count(*) FILTER (WHERE created), count(*) FROM merged")
        created, touched = cursor.fetchone()
    return Tally(created, touched - created, count - touched)


@transaction.atomic
def submit(rows: list[StagedCase]) -> dict[tuple[str, str], str]:
    """Store checked rows, each named once, and say of each ``(source, case_no)``: created, updated or unchanged."""
    outcome = {(row.source, row.case_no): "unchanged" for row in rows}
    stage(rows)
    with connection.cursor() as cursor:
        # Two requests that share cases take them in the same order, so neither waits for the other in a circle.
        cursor.execute(_MERGE.format(order="staged.source, staged.case_no"))
        for case_no, source, created in cursor.fetchall():
            outcome[source, case_no] = "created" if created else "updated"
    return outcome


class _CopySource:
    """What COPY reads from: rows as CSV, made as they are asked for, so that memory stays flat."""

    def __init__(self, rows: Iterable[StagedCase]) -> None:
        self.count = 0
        self._lines = self._csv(rows)
        self._rest = ""

    def _csv(self, rows: Iterable[StagedCase]) -> Iterator[str]:
        for row in rows:
            self.count += 1
            line = ",".join(map(str, row))
            if '"' in line or "\n" in line or "\r" in line or line.count(",") >= len(row):
                line = ",".join([_quoted(str(value)) for value in row])
            yield line + "\n"

    def read(self, size: int) -> str:
        parts, length = [self._rest], len(self._rest)
        for line in self._lines:
            parts.append(line)
            length += len(line)
            if length >= size:
                break
        whole = "".join(parts)
        self._rest = whole[size:]
        return whole[:size]


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if value else ""


ProblemSink = Callable[[int, str, str], None]


def checked(
    rows: Iterable[tuple[int, list[str]]], references: References, problem: ProblemSink
) -> Iterator[StagedCase]:
    """The good rows; each thing wrong with the others goes to ``problem(line, column, reason)``."""
    for line, values in rows:
        row = check(line, values, references)
        if isinstance(row, StagedCase):
            yield row
        else:
            for column, reason in row:
                problem(line, column, reason)
