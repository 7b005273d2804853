-- agency_information_sharing in the sample warehouse, row by row, beside the same counted from the reports, medians by percentile_cont.
SET search_path = pg_catalog, public, pg_temp;
SET client_min_messages = warning;
SET jit = off;
SET TimeZone = 'Europe/London';
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(5);

-- Periods and areas by the calendar and by the divisions, none of which ends.
CREATE TEMP TABLE calendar ON COMMIT DROP AS
SELECT grain || ' ' || to_char(first_day, 'YYYY-MM') AS period_key, first_day, least((first_day + length)::date - 1, date '2025-12-31') AS last_day
FROM (VALUES ('month', interval '1 month', interval '1 month'), ('fiscal_quarter', interval '3 months', interval '3 months'),
             ('fiscal_year', interval '1 year', interval '1 year'), ('rolling_12_months', interval '1 month', interval '1 year')) AS g (grain, step, length),
     LATERAL (SELECT f::date AS first_day FROM generate_series(timestamp '2019-04-01', timestamp '2025-12-31', step) AS f) s
WHERE grain <> 'rolling_12_months' OR first_day + length <= date '2026-01-01';
CREATE TEMP TABLE territory ON COMMIT DROP AS
SELECT 'division ' || division_code AS area_key, division_code FROM kpi.division_record
UNION ALL SELECT 'region ' || region, division_code FROM kpi.division_record
UNION ALL SELECT 'force', division_code FROM kpi.division_record
UNION ALL VALUES ('division UNKNOWN', 'UNKNOWN'), ('force', 'UNKNOWN');
-- From when on records of a source exist; of UNKNOWN, since they do of any division.
CREATE TEMP TABLE since ON COMMIT DROP AS
SELECT source, division_code, covered_from FROM kpi.source_coverage_record
UNION ALL SELECT source, 'UNKNOWN', min(covered_from) FROM kpi.source_coverage_record GROUP BY source;

-- How many rows and columns of two tables differ by more than rounding.
CREATE FUNCTION pg_temp.differences(here regclass, there regclass, keys text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format($q$
        SELECT count(*)
        FROM (SELECT to_jsonb(f) AS j, %3$s FROM %1$s f) f FULL JOIN (SELECT to_jsonb(e) AS j, %3$s FROM %2$s e) e USING (%3$s)
        CROSS JOIN LATERAL (
            SELECT FROM jsonb_each_text(f.j) a FULL JOIN jsonb_each_text(e.j) b USING (key)
            WHERE a.value IS DISTINCT FROM b.value
              AND NOT coalesce(CASE WHEN a.value ~ '^-?[0-9.]+(e[-+0-9]+)?$' AND b.value ~ '^-?[0-9.]+(e[-+0-9]+)?$'
                                    THEN abs(a.value::float8 - b.value::float8) <= 1e-9 * abs(b.value::float8) END, false)) d
        $q$, here, there, keys) INTO n;
    RETURN n;
END
$$;

CREATE TEMP TABLE report ON COMMIT DROP AS
SELECT v.agency, d.division_code, i.due_by::date AS day, i.due_by, i.shared_at, i.acknowledged_at, extract(epoch FROM i.shared_at - a.occurred_at) / 3600 AS hours
FROM kpi.information_share_record i
LEFT JOIN kpi.administration_record a USING (administration_id)
CROSS JOIN LATERAL (SELECT coalesce(a.incident_division_code, 'UNKNOWN') AS division_code) d
JOIN since s ON s.source = 'information_share' AND s.division_code = d.division_code AND i.due_by::date BETWEEN s.covered_from AND '2025-12-31'
CROSS JOIN LATERAL (VALUES (i.agency), ('ALL')) AS v (agency);
CREATE TEMP TABLE expected ON COMMIT DROP AS
WITH key AS (
    SELECT c.period_key, t.area_key,
           coalesce(sum(c.last_day - c.first_day + 1) FILTER (WHERE t.division_code <> 'UNKNOWN'), 0) AS division_days,
           coalesce(sum(greatest(c.last_day - greatest(c.first_day, s.covered_from) + 1, 0)) FILTER (WHERE t.division_code <> 'UNKNOWN'), 0) AS covered_division_days,
           bool_or(s.covered_from <= c.last_day) AS is_covered
    FROM calendar c CROSS JOIN territory t JOIN since s ON s.source = 'information_share' AND s.division_code = t.division_code GROUP BY 1, 2
), counts AS (
    SELECT c.period_key, t.area_key, r.agency, count(*) AS due, count(coalesce(r.shared_at, r.acknowledged_at)) AS shared,
           count(*) FILTER (WHERE r.shared_at <= r.due_by OR r.acknowledged_at <= r.due_by) AS shared_on_time,
           count(*) FILTER (WHERE r.shared_at > r.due_by AND (r.acknowledged_at > r.due_by) IS NOT FALSE) AS shared_late,
           count(r.acknowledged_at) AS acknowledged, count(r.hours) FILTER (WHERE r.hours >= 0) AS with_delay_known, count(*) FILTER (WHERE r.hours < 0) AS shared_before_incident,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY r.hours) FILTER (WHERE r.hours >= 0) AS median_hours
    FROM report r JOIN calendar c ON r.day BETWEEN c.first_day AND c.last_day JOIN territory t USING (division_code) GROUP BY 1, 2, 3
)
SELECT k.period_key, k.area_key, a.agency, k.division_days, k.covered_division_days, q.due, q.shared, q.shared_on_time, q.shared_late,
       q.shared - q.shared_on_time - q.shared_late AS shared_time_not_known, q.due - q.shared AS not_shared, q.acknowledged,
       q.shared_on_time::float8 / nullif(q.due - (q.shared - q.shared_on_time - q.shared_late), 0) AS on_time_share,
       q.acknowledged::float8 / nullif(q.shared, 0) AS acknowledged_share, q.with_delay_known, q.shared_before_incident, q.median_hours
FROM key k
CROSS JOIN (SELECT DISTINCT agency FROM report) a
LEFT JOIN counts n ON n.period_key = k.period_key AND n.area_key = k.area_key AND n.agency = a.agency
CROSS JOIN LATERAL (SELECT CASE WHEN k.is_covered THEN coalesce(n.due, 0) END AS due, CASE WHEN k.is_covered THEN coalesce(n.shared, 0) END AS shared,
                           CASE WHEN k.is_covered THEN coalesce(n.shared_on_time, 0) END AS shared_on_time, CASE WHEN k.is_covered THEN coalesce(n.shared_late, 0) END AS shared_late,
                           CASE WHEN k.is_covered THEN coalesce(n.acknowledged, 0) END AS acknowledged, CASE WHEN k.is_covered THEN coalesce(n.with_delay_known, 0) END AS with_delay_known,
                           CASE WHEN k.is_covered THEN coalesce(n.shared_before_incident, 0) END AS shared_before_incident, n.median_hours) q;
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT period_key, area_key, agency, division_days, covered_division_days, due, shared, shared_on_time, shared_late, shared_time_not_known, not_shared, acknowledged,
       on_time_share, acknowledged_share, with_delay_known, shared_before_incident, median_hours
FROM kpi_bi.kpi_agency_information_sharing_period;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key, agency'), 0::bigint, 'every period, area and agency');
SELECT cmp_ok(count(*), '>=', 3000::bigint, 'of which there are thousands') FROM found WHERE due > 0;
CREATE TEMP TABLE found_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_agency_information_sharing;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, agency, due, shared, shared_on_time, shared_late, shared_time_not_known, not_shared, acknowledged, with_delay_known, shared_before_incident
FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' AND agency <> 'ALL';
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key, agency'), 0::bigint, 'every month, division and agency');
SELECT cmp_ok(sum(due), '>', 1000::numeric, 'of which there are many') FROM found_by_month;
-- The limits of a median are values that occurred, by rank: below and above them lie no more than confidence allows.
SELECT is(count(*), 0::bigint, 'a median lies between its limits')
FROM kpi_bi.kpi_agency_information_sharing_period WHERE NOT (median_hours_lower <= median_hours AND median_hours <= median_hours_upper);

SELECT * FROM finish();
ROLLBACK;
