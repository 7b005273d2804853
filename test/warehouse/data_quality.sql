-- Every row of data_quality on the sample warehouse, beside the same figure counted from the records as JSON: no rollup, no counted_day,
-- plain dates. Every division of the sample holds throughout.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
SET TimeZone = 'Europe/London';
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(9);

CREATE TEMP TABLE record_seen AS
    SELECT 'administration' AS source, occurred_at::date AS day, coalesce(incident_division_code, 'UNKNOWN') AS division_code, to_jsonb(a) AS said,
           recorded_at - occurred_at AS delay, forms FROM kpi.administration_record a
    UNION ALL SELECT 'overdose_incident', occurred_at::date, coalesce(incident_division_code, 'UNKNOWN'), to_jsonb(o), recorded_at - occurred_at, NULL FROM kpi.overdose_incident_record o
    UNION ALL SELECT 'ambulance_activation', clock_started_at::date, coalesce(division_code, 'UNKNOWN'), to_jsonb(v), recorded_at - clock_started_at, NULL FROM kpi.ambulance_activation_record v
    UNION ALL SELECT 'direct_measure', issued_on, coalesce(division_code, 'UNKNOWN'), to_jsonb(m), (recorded_at::date - issued_on) * interval '24 hours', NULL FROM kpi.direct_measure_record m;
-- Only days on which records exist; of no division, those on which they do of any.
CREATE TEMP TABLE record_counted AS
    SELECT * FROM record_seen r
    WHERE day <= date '2025-12-31'
      AND EXISTS (SELECT FROM kpi.source_coverage_record c WHERE c.source = r.source AND r.division_code IN (c.division_code, 'UNKNOWN')
                    AND r.day >= c.covered_from AND r.day <= coalesce(c.covered_to, 'infinity'));
CREATE TEMP TABLE field_day AS
    SELECT r.source, r.day, r.division_code, f.field, count(*) AS records,
           count(*) FILTER (WHERE CASE
               WHEN f.field = ANY (first_aid_techniques()) THEN r.said ->> 'first_aid' LIKE '%' || f.field || ': %'
               ELSE coalesce(r.said ->> f.field, '') NOT IN ('', '[]', 'not_known', 'unknown') END) AS filled
    FROM record_counted r JOIN (SELECT DISTINCT source, field FROM kpi_bi.kpi_data_quality) f USING (source)
    GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE finding_day AS
    SELECT source, day, division_code, 'late' AS finding, count(delay) AS examined, count(*) FILTER (WHERE delay >= interval '72 hours 1 second') AS found
    FROM record_counted GROUP BY 1, 2, 3
    UNION ALL SELECT source, day, division_code, 'joined_forms', sum(forms), sum(forms - 1) FROM record_counted WHERE source = 'administration' GROUP BY 1, 2, 3;
-- Which division is in which area, and when records of it exist.
CREATE TEMP TABLE part AS
    SELECT a.area_key, d.division_code
    FROM kpi_bi.dim_area a
    CROSS JOIN (SELECT division_code, region FROM kpi.division_record UNION ALL SELECT 'UNKNOWN', NULL) d
    WHERE a.area_key IN ('force', 'division ' || d.division_code, 'region ' || d.region);
CREATE TEMP TABLE covered AS
    SELECT DISTINCT c.source, p.period_key, part.area_key
    FROM kpi.source_coverage_record c
    JOIN part ON part.division_code IN (c.division_code, 'UNKNOWN')
    JOIN kpi_bi.dim_period p ON c.covered_from <= least(p.period_end, date '2025-12-31') AND coalesce(c.covered_to, 'infinity') >= p.period_start;

CREATE TEMP TABLE field_expected AS
    SELECT p.period_key, part.area_key, d.source, d.field, sum(d.records) AS records, sum(d.filled) AS filled
    FROM field_day d JOIN part USING (division_code) JOIN kpi_bi.dim_period p ON d.day BETWEEN p.period_start AND p.period_end
    WHERE p.grain <> 'rolling_12_months'
    GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE compared AS
    SELECT k.period_key, k.area_key, k.source, k.field, k.records, k.filled, k.filled_share,
           CASE WHEN c.source IS NOT NULL THEN coalesce(e.records, 0) END AS expected_records,
           CASE WHEN c.source IS NOT NULL THEN coalesce(e.filled, 0) END AS expected_filled
    FROM kpi_bi.kpi_data_quality_period k
    LEFT JOIN field_expected e USING (period_key, area_key, source, field)
    LEFT JOIN covered c USING (period_key, area_key, source);
SELECT cmp_ok(count(*), '>', 10000::bigint, 'there are rows to compare') FROM compared WHERE records > 0;
SELECT is_empty($$ SELECT * FROM compared WHERE records IS DISTINCT FROM expected_records OR filled IS DISTINCT FROM expected_filled
                     OR filled_share IS DISTINCT FROM expected_filled / nullif(expected_records, 0)::float8 $$, 'kpi_data_quality_period: every row');
SELECT is_empty($$ SELECT * FROM field_expected e WHERE NOT EXISTS (SELECT FROM compared c WHERE (c.period_key, c.area_key, c.source, c.field) = (e.period_key, e.area_key, e.source, e.field)) $$,
                'and no row is missing');
SELECT is_empty($$ SELECT period_key, area_key, source, field, records, filled FROM kpi_bi.kpi_data_quality
                   EXCEPT SELECT period_key, area_key, source, field, expected_records, expected_filled FROM compared $$, 'kpi_data_quality: every row');

CREATE TEMP TABLE finding_compared AS
    SELECT k.*, CASE WHEN c.source IS NOT NULL THEN coalesce(e.examined, 0) END AS expected_examined, CASE WHEN c.source IS NOT NULL THEN coalesce(e.found, 0) END AS expected_found
    FROM kpi_bi.kpi_data_quality_finding_period k
    LEFT JOIN (SELECT p.period_key, part.area_key, d.source, d.finding, sum(d.examined) AS examined, sum(d.found) AS found
               FROM finding_day d JOIN part USING (division_code) JOIN kpi_bi.dim_period p ON d.day BETWEEN p.period_start AND p.period_end
               GROUP BY 1, 2, 3, 4) e USING (period_key, area_key, source, finding)
    LEFT JOIN covered c USING (period_key, area_key, source)
    WHERE k.finding IN ('late', 'joined_forms');
SELECT cmp_ok(count(*), '>', 500::bigint, 'there are findings to compare') FROM finding_compared WHERE found > 0;
SELECT is_empty($$ SELECT * FROM finding_compared WHERE examined IS DISTINCT FROM expected_examined OR found IS DISTINCT FROM expected_found $$, 'late and joined: every row');
SELECT is(count(*), 0::bigint, 'of every finding, the share of what was examined')
FROM kpi_bi.kpi_data_quality_finding_period WHERE found_share IS DISTINCT FROM found / nullif(examined, 0)::float8;
SELECT is_empty($$ SELECT period_key, area_key, source, finding, k.examined, k.found
                   FROM kpi_bi.kpi_data_quality_finding k
                   FULL JOIN (SELECT * FROM finding_compared WHERE period_key LIKE 'month %' AND area_key LIKE 'division %') c USING (period_key, area_key, source, finding)
                   WHERE finding IN ('late', 'joined_forms') AND (k.examined, k.found) IS DISTINCT FROM (c.expected_examined, c.expected_found) $$,
                'late and joined: every month and division');
SELECT results_eq($$ SELECT found FROM kpi_bi.kpi_data_quality_finding_period WHERE period_key = 'fiscal_year 2024-04' AND area_key = 'force' AND source = 'administration' AND finding = 'months_without_record' $$,
    $$ SELECT count(*) FROM kpi.division_record d, generate_series(timestamp '2024-04-01', timestamp '2025-03-01', interval '1 month') AS m
       WHERE NOT EXISTS (SELECT FROM record_counted r WHERE r.source = 'administration' AND r.division_code = d.division_code AND date_trunc('month', r.day::timestamp) = m) $$,
    'months of divisions without an administration, in the year in which all carry');

SELECT * FROM finish();
ROLLBACK;
