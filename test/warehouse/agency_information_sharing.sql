-- agency_information_sharing in the sample warehouse, row by row, beside the same counted from the reports, medians by percentile_cont.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(5);
\ir preamble/records.psql

-- Limits of a median are values that occurred: below the lower and above the upper one no more than 2.5 per cent of the binomial
-- distribution with a half. Its sum is made term by term; of the upper limit, the same number from the top.
CREATE FUNCTION pg_temp.rank_of_limit(n bigint) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    log_term float8 := -n * ln(2::float8);
    total float8 := 0;
BEGIN
    FOR k IN 0 .. n LOOP
        total := total + CASE WHEN log_term > -700 THEN exp(log_term) ELSE 0 END;
        IF total > 0.025 THEN
            RETURN nullif(k, 0);
        END IF;
        log_term := log_term + ln((n - k)::float8 / (k + 1));
    END LOOP;
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
           percentile_cont(0.5) WITHIN GROUP (ORDER BY r.hours) FILTER (WHERE r.hours >= 0) AS median_hours,
           array_agg(r.hours ORDER BY r.hours) FILTER (WHERE r.hours >= 0) AS hours
    FROM report r JOIN calendar c ON r.day BETWEEN c.first_day AND c.last_day JOIN territory t USING (division_code) GROUP BY 1, 2, 3
)
SELECT k.period_key, k.area_key, a.agency, k.division_days, k.covered_division_days, q.due, q.shared, q.shared_on_time, q.shared_late,
       q.shared - q.shared_on_time - q.shared_late AS shared_time_not_known, q.due - q.shared AS not_shared, q.acknowledged,
       q.shared_on_time::float8 / nullif(q.due - (q.shared - q.shared_on_time - q.shared_late), 0) AS on_time_share,
       pg_temp.wilson(q.shared_on_time, q.due - (q.shared - q.shared_on_time - q.shared_late), -1) AS on_time_share_lower,
       pg_temp.wilson(q.shared_on_time, q.due - (q.shared - q.shared_on_time - q.shared_late), 1) AS on_time_share_upper,
       q.acknowledged::float8 / nullif(q.shared, 0) AS acknowledged_share, pg_temp.wilson(q.acknowledged, q.shared, -1) AS acknowledged_share_lower,
       pg_temp.wilson(q.acknowledged, q.shared, 1) AS acknowledged_share_upper, q.with_delay_known, q.shared_before_incident, q.median_hours,
       n.hours[pg_temp.rank_of_limit(q.with_delay_known)] AS median_hours_lower,
       n.hours[q.with_delay_known + 1 - pg_temp.rank_of_limit(q.with_delay_known)] AS median_hours_upper
FROM key k
CROSS JOIN (SELECT DISTINCT agency FROM report) a
LEFT JOIN counts n ON n.period_key = k.period_key AND n.area_key = k.area_key AND n.agency = a.agency
CROSS JOIN LATERAL (SELECT CASE WHEN k.is_covered THEN coalesce(n.due, 0) END AS due, CASE WHEN k.is_covered THEN coalesce(n.shared, 0) END AS shared,
                           CASE WHEN k.is_covered THEN coalesce(n.shared_on_time, 0) END AS shared_on_time, CASE WHEN k.is_covered THEN coalesce(n.shared_late, 0) END AS shared_late,
                           CASE WHEN k.is_covered THEN coalesce(n.acknowledged, 0) END AS acknowledged, CASE WHEN k.is_covered THEN coalesce(n.with_delay_known, 0) END AS with_delay_known,
                           CASE WHEN k.is_covered THEN coalesce(n.shared_before_incident, 0) END AS shared_before_incident, n.median_hours) q;
CREATE TEMP TABLE found ON COMMIT DROP AS TABLE kpi_bi.kpi_agency_information_sharing_period;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key, agency'), 0::bigint, 'every period, area and agency');
SELECT cmp_ok(count(*), '>=', 3000::bigint, 'of which there are thousands') FROM found WHERE due > 0;
CREATE TEMP TABLE found_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_agency_information_sharing;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, agency, due, shared, shared_on_time, shared_late, shared_time_not_known, not_shared, acknowledged, with_delay_known, shared_before_incident
FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' AND agency <> 'ALL';
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key, agency'), 0::bigint, 'every month, division and agency');
SELECT cmp_ok(sum(due), '>', 1000::numeric, 'of which there are many') FROM found_by_month;
SELECT ok(count(median_hours_lower) > 1000 AND count(*) FILTER (WHERE median_hours IS NOT NULL AND median_hours_lower IS NULL) > 100, 'with medians of many and of too few for limits')
FROM found;

SELECT * FROM finish();
ROLLBACK;
