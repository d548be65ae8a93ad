"""A city made by SQL, as fast as the disk: places, neighbourhoods, who serves them, and cases as many as asked for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle

from django.conf import settings
from django.db import connection

from portal.models import Region
from portal.rules import CHINA, HalfMonth

OUTLINES = settings.BASE_DIR / "data" / "wuhan" / "districts.geojson"


@dataclass(frozen=True)
class Size:
    """How many of each; the defaults are Wuhan's."""

    districts: int = 15
    streets: int = 193
    communities: int = 3495
    enterprises: int = 480
    residential: int = 5249
    non_residential: int = 1931


_REGIONS = """
INSERT INTO portal_region (level, code, name, pinyin, initials, path, kind, peer_group)
SELECT 'city', 'city', '某市', 'moushi', 'ms', 'city/', '', ''
WHERE NOT EXISTS (SELECT 1 FROM portal_region WHERE level = 'city');
INSERT INTO portal_region (level, code, name, pinyin, initials, path, kind, peer_group, parent_id)
SELECT 'district', 'D' || lpad(n::text, 3, '0'), '第' || n || '区', 'di' || n || 'qu', 'd' || n || 'q', top.path || 'D' || lpad(n::text, 3, '0') || '/',
       'administrative', 'central', top.id
FROM generate_series(1, {districts}) n JOIN portal_region top ON top.level = 'city';
INSERT INTO portal_region (level, code, name, pinyin, initials, path, kind, peer_group, parent_id)
SELECT 'street', 'S' || lpad(n::text, 4, '0'), '第' || n || '街道', 'di' || n || 'jiedao', 'd' || n || 'jd', p.path || 'S' || lpad(n::text, 4, '0') || '/', '', '', p.id
FROM generate_series(1, {streets}) n JOIN portal_region p ON p.code = 'D' || lpad((1 + n % {districts})::text, 3, '0');
INSERT INTO portal_region (level, code, name, pinyin, initials, path, kind, peer_group, parent_id)
SELECT 'community', 'C' || lpad(n::text, 5, '0'), '第' || n || '社区', 'di' || n || 'shequ', 'd' || n || 'sq', p.path || 'C' || lpad(n::text, 5, '0') || '/', '', '', p.id
FROM generate_series(1, {communities}) n JOIN portal_region p ON p.code = 'S' || lpad((1 + n % {streets})::text, 4, '0');
"""

_REGISTERS = """
INSERT INTO enterprises_enterprise (uscc, name, pinyin, initials, origin, is_public_benefit, status, is_branch,
                                    formation_method, parent_company, legal_representative, phone)
SELECT '91420100MA' || lpad(n::text, 8, '0'), '样例物业' || n || '公司', 'yangliwuye' || n, 'ylwy' || n, 'local', false,
       'active', false, '', '', '', ''
FROM generate_series(1, {enterprises}) n;
INSERT INTO estates_estate (code, name, pinyin, initials, kind, community_id, households, floor_area_m2, use_class, address,
                            has_fire_equipment)
SELECT 'E' || lpad(n::text, 6, '0'), '样例小区' || n, 'yanglixiaoqu' || lpad(n::text, 6, '0'), 'ylxq' || n,
       CASE WHEN n > {residential} THEN 'non_residential' WHEN n % 5 < 3 THEN 'professional' ELSE 'old' END,
       c.id, 300 + n % 2000, 20000 + n * 7, CASE WHEN n > {residential} THEN 'other' ELSE 'residential' END, '', false
FROM generate_series(1, {residential} + {non_residential}) n
JOIN portal_region c ON c.code = 'C' || lpad((1 + n % {communities})::text, 5, '0');
INSERT INTO estates_serviceassignment (estate_id, enterprise_id, valid)
SELECT e.id, p.id, '[2010-01-01,)'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM estates_estate WHERE code LIKE 'E______') e
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM enterprises_enterprise) p ON p.n = 1 + e.n % {enterprises};
INSERT INTO portal_cityprofile (region_id, name_en, bureau, bureau_en, map_approval)
SELECT id, 'Somecity', '某市住建局', 'Housing Bureau', '' FROM portal_region WHERE level = 'city'
ON CONFLICT DO NOTHING;
"""

# Volumes are uneven (the exponent), so that some neighbourhoods miss the gates. One in twenty cases is never accepted,
# one in ten never handled, six in ten are answered; a few answers are withdrawn and a few cases excluded.
_CASES = """
INSERT INTO evaluations_appraisalcase (source, case_no, estate_id, category, enterprise_id, reported_at, accept_due_at,
    accepted_at, handle_due_at, handled_at, rating, resolved, rated_at, rating_withdrawn, excluded)
SELECT 'bench', %(prefix)s || lpad(i::text, 9, '0'), estate_id,
       (ARRAY['fees', 'lift', 'parking', 'cleaning', 'security', 'greening'])[1 + i %% 6], enterprise_id,
       reported, reported + interval '24 hours', accepted, reported + interval '7 days', handled,
       CASE WHEN answered THEN (ARRAY[5, 5, 5, 4, 4, 4, 3, 3, 2, 1])[1 + floor(10 * mood)::int] END,
       CASE WHEN answered THEN (ARRAY['yes', 'yes', 'yes', 'partly', 'no'])[1 + floor(5 * mood)::int] ELSE '' END,
       CASE WHEN answered THEN handled + interval '36 hours' END, answered AND i %% 97 = 0,
       CASE WHEN i %% 53 = 0 THEN 'duplicate' ELSE '' END
FROM (
    SELECT i, e.id AS estate_id, e.enterprise_id, reported, mood, accepted, handled, handled IS NOT NULL AND chance < 0.6 AS answered
    FROM (
        SELECT i, 1 + floor(%(estates)s * power(random(), 1.4))::int AS estate_n, random() AS mood, random() AS chance,
               reported, accepted, CASE WHEN random() < 0.95 THEN accepted + random() * interval '9 days' END AS handled
        FROM (
            SELECT i, reported, CASE WHEN random() < 0.95 THEN reported + random() * interval '27 hours' END AS accepted
            FROM (
                SELECT i, %(start)s::timestamptz + (%(end)s::timestamptz - %(start)s::timestamptz) * ((i - 0.5) / %(count)s::float8) AS reported
                FROM generate_series(1, %(count)s) i
            ) moments
        ) stages
    ) drawn
    JOIN (
        SELECT s.id, a.enterprise_id, row_number() OVER (ORDER BY s.id) AS n
        FROM estates_estate s LEFT JOIN estates_serviceassignment a ON a.estate_id = s.id AND upper_inf(a.valid)
        WHERE s.kind <> 'non_residential'
    ) e ON e.n = estate_n
) rows
ORDER BY reported
"""


def build(size: Size) -> None:
    """Places, registers and who serves whom."""
    with connection.cursor() as cursor:
        for statements in (_REGIONS, _REGISTERS):
            cursor.execute(statements.format(**size.__dict__))
    # Boundaries as heavy as real ones: a list that reads them by accident shows it.
    outlines = json.loads(OUTLINES.read_bytes())["features"]
    for district, feature in zip(Region.objects.districts(), cycle(outlines), strict=False):
        Region.objects.filter(pk=district.pk).update(boundary=feature | {"id": district.code})


def add_cases(count: int, start: datetime, end: datetime, *, prefix: str) -> None:
    """Add ``count`` cases of residential neighbourhoods, reported evenly over ``[start, end)``, numbered from ``prefix``.

    Drawn with a fixed seed: the same call on the same city gives the same cases.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM estates_estate WHERE kind <> 'non_residential'")
        (estates,) = cursor.fetchone()
        cursor.execute("SET max_parallel_workers_per_gather = 0; SELECT setseed(0.2021)")
        cursor.execute(_CASES, {"count": count, "start": start, "end": end, "prefix": prefix, "estates": estates})
        cursor.execute("RESET max_parallel_workers_per_gather")


def add_history(period: HalfMonth, count: int, window: int) -> None:
    """``count`` cases since 2017, of which ``window`` were reported in the three half months that end with ``period``."""
    start = period.shift(-2).start
    with bulk():
        add_cases(count - window, datetime(2017, 1, 1, tzinfo=CHINA), start, prefix="H")
        add_cases(window, start, period.end, prefix="W")


@contextmanager
def bulk() -> Iterator[None]:
    """Within it, rows go in without foreign-key checks and without secondary indexes; both are back afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
               WHERE i.indrelid = 'evaluations_appraisalcase'::regclass
                 AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)"""
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")
        for _, definition in indexes:
            cursor.execute(definition)
        tidy()


def tidy() -> None:
    """Statistics and visibility as autovacuum leaves them."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
