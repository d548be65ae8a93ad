"""One statement counts a month's cases for the city, its districts, who answers, channels and kinds, by the ranking's rule."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from bulletins.rules import Month, Tally
from evaluations import counting, rules

_TALLIES = f"""
WITH concerned AS (
    SELECT c.source, c.category, c.excluded, c.agency_id, d.code AS district,
        CASE WHEN a.id IS NOT NULL THEN a.kind WHEN c.street_id IS NOT NULL THEN 'street'
             WHEN c.enterprise_id IS NOT NULL THEN 'enterprise' ELSE 'nobody' END AS party,
        c.reported_at >= %(start)s AND c.reported_at < %(end)s AS is_received,
        CASE WHEN c.excluded = '' THEN c.accept_counted_at END AS accept_counted_at, c.accepted_at, c.accept_due_at,
        CASE WHEN c.excluded = '' THEN c.handle_counted_at END AS handle_counted_at, c.handled_at, c.handle_due_at,
        CASE WHEN c.excluded = '' THEN c.rated_at END AS rated_at, c.rating, c.rating_withdrawn, c.resolved
    FROM evaluations_appraisalcase c
    JOIN estates_estate e ON e.id = c.estate_id AND e.kind <> 'non_residential'
    JOIN portal_region community ON community.id = e.community_id
    JOIN portal_region street ON street.id = community.parent_id
    JOIN portal_region d ON d.id = street.parent_id
    LEFT JOIN portal_agency a ON a.id = c.agency_id
    WHERE c.reported_at >= %(start)s AND c.reported_at < %(end)s
       OR c.accept_counted_at >= %(start)s AND c.accept_counted_at < %(end)s AND c.excluded = ''
       OR c.handle_counted_at >= %(start)s AND c.handle_counted_at < %(end)s AND c.excluded = ''
       OR c.rated_at >= %(start)s AND c.rated_at < %(end)s AND c.rating IS NOT NULL
)
SELECT grouping(district, party, agency_id, source, category, excluded) AS grouped,
    district, party, agency_id, source, category, excluded,
    count(*) FILTER (WHERE is_received) AS received,
    count(*) FILTER (WHERE is_received AND excluded <> '') AS all_excluded,
    {counting.STAGE_COUNTS},
    count(*) FILTER (WHERE handle_counted_at >= %(start)s AND handle_counted_at < %(end)s
                       AND (handled_at IS NULL OR handled_at > handle_due_at)) AS late,
    count(*) FILTER (WHERE handle_counted_at >= %(start)s AND handle_counted_at < %(end)s AND handled_at <= handle_due_at
                       AND resolved = 'no' AND NOT rating_withdrawn AND rated_at < %(end)s) AS unresolved,
    count(*) FILTER (WHERE rating IS NOT NULL AND rated_at >= %(start)s AND rated_at < %(end)s) AS rated,
    count(*) FILTER (WHERE rating IS NOT NULL AND rating_withdrawn
                       AND rated_at >= %(start)s AND rated_at < %(end)s) AS rated_withdrawn,
    count(*) FILTER (WHERE rating <= 2 AND rated_at >= %(start)s AND rated_at < %(end)s) AS bad,
    count(*) FILTER (WHERE rating <= 2 AND rating_withdrawn
                       AND rated_at >= %(start)s AND rated_at < %(end)s) AS bad_withdrawn
FROM concerned
GROUP BY GROUPING SETS ((), (district), (party), (agency_id), (source), (category), (excluded))
"""

_RECEIVED = """
SELECT c.source, count(*)
FROM evaluations_appraisalcase c JOIN estates_estate e ON e.id = c.estate_id AND e.kind <> 'non_residential'
WHERE c.reported_at >= %s AND c.reported_at < %s
GROUP BY c.source
"""

_SETS = {63: "city", 31: "district", 47: "party", 55: "agency", 59: "channel", 61: "category", 62: "exclusion"}
"""What ``grouping()`` says of each set: a bit for every column that was not grouped by, the first column the highest."""


class Tallies(NamedTuple):
    """A month's tallies: of the city, and by the code (or id) of what they were grouped by. Codes without a case are absent."""

    city: Tally
    districts: Mapping[str, Tally]
    parties: Mapping[str, Tally]
    agencies: Mapping[int, Tally]
    channels: Mapping[str, Tally]
    categories: Mapping[str, Tally]
    exclusions: Mapping[str, int]


def tally(month: Month, policy: rules.Policy) -> Tallies:
    """Count the cases of residential neighbourhoods: what was received in ``month``, and each stage that is counted in it.

    Facts dated at or after the month's end are ignored. A case counts once per stage, in the month in which that stage can no
    longer change for the better. Source: ranking policy, "Which cases count, and when".
    """
    with connection.cursor() as cursor:
        cursor.execute(_TALLIES, counting.window_parameters(month.start, month.end, policy))
        rows = cursor.fetchall()
    groups: dict[str, dict] = {name: {} for name in _SETS.values()}
    for grouped, *keys in rows:
        labels, numbers = keys[:6], keys[6:]
        group = _SETS[grouped]
        key = next((label for label in labels if label is not None), None)
        if group == "agency" and key is None:
            continue  # cases that no agency answers for
        groups[group][key] = _tally_of(numbers, policy)
    exclusions = {code: its.excluded for code, its in groups["exclusion"].items() if code}
    return Tallies(
        groups["city"][None], groups["district"], groups["party"], groups["agency"], groups["channel"],
        groups["category"], {code: count for code, count in exclusions.items() if count},
    )  # fmt: skip


def _tally_of(numbers: list[int], policy: rules.Policy) -> Tally:
    received, excluded, *six = numbers[:8]
    weight = Decimal(six.pop()).scaleb(-policy.level_decimals)
    return Tally(received, excluded, rules.Counts(*six, weight), *numbers[8:])


def received(month: Month) -> dict[str, int]:
    """How many cases were reported in ``month``, by channel."""
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED, [month.start, month.end])
        return dict(cursor.fetchall())
