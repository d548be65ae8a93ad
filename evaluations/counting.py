"""One statement turns cases into six counts per neighbourhood, with the names of the day beside them."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from evaluations import rules

WINDOW_CONDITION = """excluded = '' AND (
       accept_counted_at >= %(start)s AND accept_counted_at < %(end)s
    OR handle_counted_at >= %(start)s AND handle_counted_at < %(end)s
    OR rated_at >= %(start)s AND rated_at < %(end)s AND rating IS NOT NULL AND NOT rating_withdrawn)"""
"""Which cases take part in a window: those with a stage that is counted in it. Each part has its index."""

STAGE_COUNTS = """
    count(*) FILTER (WHERE accept_counted_at >= %(start)s AND accept_counted_at < %(end)s) AS accept_due,
    count(*) FILTER (WHERE accept_counted_at >= %(start)s AND accept_counted_at < %(end)s
                       AND accepted_at <= accept_due_at) AS accept_on_time,
    count(*) FILTER (WHERE handle_counted_at >= %(start)s AND handle_counted_at < %(end)s) AS handle_due,
    count(*) FILTER (WHERE handle_counted_at >= %(start)s AND handle_counted_at < %(end)s
                       AND handled_at <= handle_due_at
                       AND (resolved <> 'no' OR rating_withdrawn OR rated_at >= %(end)s)) AS handle_on_time,
    count(*) FILTER (WHERE rating IS NOT NULL AND NOT rating_withdrawn
                       AND rated_at >= %(start)s AND rated_at < %(end)s) AS ratings,
    coalesce(sum((%(level_units)s::integer[])[rating])
        FILTER (WHERE NOT rating_withdrawn AND rated_at >= %(start)s AND rated_at < %(end)s), 0) AS satisfied_units
"""
"""The six counts as columns of a statement over cases; each case counts once per stage."""

COUNTS = f"""
SELECT estate_id, {STAGE_COUNTS}
FROM evaluations_appraisalcase
WHERE {WINDOW_CONDITION}
GROUP BY estate_id
"""

_BY_PARTY = f"""
SELECT e.code, party, accept_due, accept_on_time, handle_due, handle_on_time, ratings, satisfied_units
FROM (SELECT estate_id, {STAGE_COUNTS},
          CASE WHEN enterprise_id IS NOT NULL THEN 'enterprise'
               WHEN coalesce(agency_id, street_id) IS NOT NULL THEN 'authorities' ELSE 'nobody' END AS party
      FROM evaluations_appraisalcase WHERE {WINDOW_CONDITION} GROUP BY estate_id, party) counted
JOIN estates_estate e ON e.id = counted.estate_id
"""

_NEIGHBOURHOODS = f"""
SELECT e.code, e.name, e.kind, d.code, d.name, s.code, s.name, coalesce(p.uscc, ''), coalesce(p.name, ''),
       coalesce(n.accept_due, 0), coalesce(n.accept_on_time, 0), coalesce(n.handle_due, 0), coalesce(n.handle_on_time, 0),
       coalesce(n.ratings, 0), coalesce(n.satisfied_units, 0)
FROM estates_estate e
JOIN portal_region c ON c.id = e.community_id
JOIN portal_region s ON s.id = c.parent_id
JOIN portal_region d ON d.id = s.parent_id
LEFT JOIN estates_serviceassignment a ON a.estate_id = e.id AND a.valid @> %(last_day)s
LEFT JOIN enterprises_enterprise p ON p.id = a.enterprise_id
LEFT JOIN ({COUNTS}) n ON n.estate_id = e.id
WHERE e.kind <> 'non_residential'
ORDER BY e.code COLLATE "C"
"""


class Counted(NamedTuple):
    """A residential neighbourhood with its names on the window's last day, and its six counts."""

    estate_code: str
    estate_name: str
    estate_kind: str
    district_code: str
    district_name: str
    street_code: str
    street_name: str
    enterprise_uscc: str
    enterprise_name: str
    counts: rules.Counts


def window_parameters(start: datetime, end: datetime, policy: rules.Policy) -> dict:
    """Parameters of :data:`COUNTS`: the window ``[start, end)`` and the level weights as whole units, level 1 first."""
    unit = 10**policy.level_decimals
    return {
        "start": start,
        "end": end,
        "level_units": [int(policy.level_weights[level] * unit) for level in range(1, 6)],
    }


def count(start: datetime, end: datetime, last_day: date, policy: rules.Policy) -> list[Counted]:
    """Every residential neighbourhood, by code, with what its cases count in ``[start, end)``.

    Facts dated at or after ``end`` are ignored. Source: ranking policy, "Which cases count, and when".
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURHOODS, window_parameters(start, end, policy) | {"last_day": last_day})
        rows = cursor.fetchall()
    places = -policy.level_decimals
    weight_of = {units: Decimal(units).scaleb(places) for units in {row[14] for row in rows}}
    return [Counted(*row[:9], rules.Counts(*row[9:14], weight_of[row[14]])) for row in rows]


def count_by_party(start: datetime, end: datetime, policy: rules.Policy) -> dict[str, dict[str, rules.Counts]]:
    """The same counts for each neighbourhood (by code) and who answers for its cases: ``enterprise`` in charge,
    ``authorities`` (a department, station, utility or street), ``nobody`` named.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_PARTY, window_parameters(start, end, policy))
        rows = cursor.fetchall()
    found: dict[str, dict[str, rules.Counts]] = {}
    for code, party, *counts, units in rows:
        weight = Decimal(units).scaleb(-policy.level_decimals)
        found.setdefault(code, {})[party] = rules.Counts(*counts, weight)
    return found


def has_cases_before(moment: datetime) -> bool:
    """Whether any case was reported before ``moment``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM evaluations_appraisalcase WHERE reported_at < %s)", [moment])
        return cursor.fetchone()[0]
