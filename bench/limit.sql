-- The limit: our ranking as the best single statement by hand, from cases to stored entries.
-- Same rule as evaluations/rules.py and evaluations/counting.py, written a second time and on its own: rows must agree.
-- What it leaves out is what a statement cannot do: lock, manifest, digest, audit, header.
INSERT INTO bench_limit (
    ranking_id, estate_code, estate_name, estate_kind, district_code, district_name, street_code, street_name,
    enterprise_uscc, enterprise_name, accept_due, accept_on_time, handle_due, handle_on_time, ratings, satisfied_weight,
    eligible, score, rank, from_bottom, district_rank, list, streak)
WITH counts AS (
    SELECT estate_id,
        count(*) FILTER (WHERE accept_counted_at >= %(start)s AND accept_counted_at < %(end)s) AS accept_due,
        count(*) FILTER (WHERE accepted_at <= accept_due_at AND accepted_at >= %(start)s AND accepted_at < %(end)s) AS accept_on_time,
        count(*) FILTER (WHERE handle_counted_at >= %(start)s AND handle_counted_at < %(end)s) AS handle_due,
        count(*) FILTER (WHERE handled_at <= handle_due_at AND handled_at >= %(start)s AND handled_at < %(end)s
            AND (resolved <> 'no' OR rating_withdrawn OR rated_at >= %(end)s)) AS handle_on_time,
        count(rating) FILTER (WHERE NOT rating_withdrawn AND rated_at >= %(start)s AND rated_at < %(end)s) AS ratings,
        -- level weights as whole ten-thousandths: exact, and cheaper than numeric for each case
        sum((%(weights)s::integer[])[rating])
            FILTER (WHERE NOT rating_withdrawn AND rated_at >= %(start)s AND rated_at < %(end)s) / 10000.0 AS satisfied
    FROM evaluations_appraisalcase
    WHERE excluded = '' AND (
           accept_counted_at >= %(start)s AND accept_counted_at < %(end)s
        OR handle_counted_at >= %(start)s AND handle_counted_at < %(end)s
        OR rated_at >= %(start)s AND rated_at < %(end)s AND rating IS NOT NULL AND NOT rating_withdrawn)
    GROUP BY estate_id
),
gated AS (
    SELECT *, accept_due >= %(gate_acceptance)s AND handle_due >= %(gate_handling)s AND ratings >= %(gate_ratings)s AS eligible,
        accept_due::numeric * handle_due * ratings AS denominator
    FROM counts
),
scored AS (
    SELECT *, CASE WHEN eligible THEN div(
        2 * 1000000 * (%(wa)s * accept_on_time * handle_due * ratings + %(wh)s * handle_on_time * accept_due * ratings
            + %(ws)s * satisfied * accept_due * handle_due) + denominator, 2 * denominator) / 10000 END AS score
    FROM gated
),
named AS (
    SELECT e.code AS estate_code, e.name AS estate_name, e.kind, d.code AS district_code, d.name AS district_name,
        s.code AS street_code, s.name AS street_name, coalesce(p.uscc, '') AS uscc, coalesce(p.name, '') AS enterprise_name,
        coalesce(accept_due, 0) AS accept_due, coalesce(accept_on_time, 0) AS accept_on_time, coalesce(handle_due, 0) AS handle_due,
        coalesce(handle_on_time, 0) AS handle_on_time, coalesce(ratings, 0) AS ratings, coalesce(satisfied, 0) AS satisfied,
        coalesce(eligible, false) AS eligible, score
    FROM estates_estate e
    JOIN portal_region c ON c.id = e.community_id
    JOIN portal_region s ON s.id = c.parent_id
    JOIN portal_region d ON d.id = s.parent_id
    LEFT JOIN estates_serviceassignment a ON a.estate_id = e.id AND a.valid @> (%(end)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date - 1
    LEFT JOIN enterprises_enterprise p ON p.id = a.enterprise_id
    LEFT JOIN scored ON scored.estate_id = e.id
    WHERE e.kind <> 'non_residential'
),
placed AS (
    SELECT *,
        CASE WHEN eligible THEN rank() OVER (PARTITION BY eligible ORDER BY score DESC) END AS rank,
        CASE WHEN eligible THEN rank() OVER (PARTITION BY eligible ORDER BY score) END AS from_bottom,
        CASE WHEN eligible THEN rank() OVER (PARTITION BY eligible, district_code ORDER BY score DESC) END AS district_rank,
        least(%(list_size)s, count(*) FILTER (WHERE eligible) OVER () / 2) AS length
    FROM named
)
SELECT %(ranking)s, estate_code, estate_name, kind, district_code, district_name, street_code, street_name, uscc, enterprise_name,
    accept_due, accept_on_time, handle_due, handle_on_time, ratings, satisfied, eligible, score, rank, from_bottom, district_rank,
    CASE WHEN rank <= length AND from_bottom > length THEN 'top'
         WHEN from_bottom <= length AND rank > length THEN 'bottom' ELSE '' END, 0
FROM placed
