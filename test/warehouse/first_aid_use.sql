-- Every row of first_aid_use in the sample warehouse, beside the same figures counted from the text of the records.
SET search_path = public, naloxone_kpi;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(5);

-- Each administration that counts, with the division that it counts in: plain dates, no rollup.
CREATE TEMP TABLE span AS
SELECT source, division_code AS division, covered_from, least(coalesce(covered_to, 'infinity'), date '2025-12-31') AS covered_to
FROM kpi.source_coverage_record;
CREATE TEMP TABLE form AS
SELECT f.*
FROM (
    SELECT r.*, (r.occurred_at AT TIME ZONE 'Europe/London')::date AS day, coalesce(d.division_code, 'UNKNOWN') AS division
    FROM kpi.administration_record r
    LEFT JOIN kpi.division_record d ON d.division_code = r.incident_division_code
         AND (r.occurred_at AT TIME ZONE 'Europe/London')::date BETWEEN d.valid_from AND coalesce(d.valid_to, 'infinity')) f
WHERE EXISTS (SELECT FROM span s WHERE s.source = 'administration' AND f.division IN (s.division, 'UNKNOWN') AND f.day BETWEEN s.covered_from AND s.covered_to);

-- Which division is in which area, and in which periods an area has records.
CREATE TEMP TABLE member AS
SELECT a.area_key, d.division_code AS division
FROM kpi_bi.dim_area a
JOIN (SELECT DISTINCT ON (division_code) division_code, region FROM kpi.division_record ORDER BY division_code, valid_from DESC) d
     ON a.area_key IN ('division ' || d.division_code, 'region ' || d.region, 'force')
UNION ALL VALUES ('division UNKNOWN', 'UNKNOWN'), ('force', 'UNKNOWN');
CREATE TEMP TABLE heard AS
SELECT DISTINCT p.period_key, m.area_key, s.source
FROM kpi_bi.dim_period p JOIN span s ON s.covered_from <= p.period_end AND s.covered_to >= p.period_start
JOIN member m ON m.division IN (s.division, 'UNKNOWN');

-- Wilson's limits are the roots of a quadratic equation in the share.
CREATE FUNCTION pg_temp.wilson(x bigint, n bigint, sign integer) RETURNS numeric LANGUAGE sql AS $$
    SELECT CASE WHEN n > 0 THEN round((((2 * x + 3.841458820694124::float8) / n
           + sign * sqrt(greatest(((2 * x + 3.841458820694124::float8) / n) ^ 2 - 4 * (1 + 3.841458820694124::float8 / n) * (x::float8 / n) ^ 2, 0)))
           / (2 * (1 + 3.841458820694124::float8 / n)))::numeric, 9) END $$;
CREATE FUNCTION pg_temp.share(x bigint, n bigint) RETURNS numeric LANGUAGE sql AS $$ SELECT round((x::float8 / nullif(n, 0))::numeric, 9) $$;

-- The techniques as the form's text has them, looked for one by one.
CREATE TEMP TABLE answer AS
SELECT f.day, f.division, f.condition_on_arrival, t.technique, substring(f.first_aid::text FROM t.technique || ': (yes|no)') AS said, f.administration_id
FROM form f
CROSS JOIN (VALUES ('woken_verbally'), ('head_tilted'), ('breathing_checked'), ('recovery_position'), ('chest_compressions'), ('rescue_breaths'),
                   ('airway_cleared'), ('pulse_checked')) AS t (technique);
INSERT INTO answer
SELECT day, division, condition_on_arrival, 'any_technique',
       CASE WHEN count(*) FILTER (WHERE said = 'yes') > 0 THEN 'yes' WHEN count(*) FILTER (WHERE said = 'no') = 8 THEN 'no' END, administration_id
FROM answer GROUP BY 1, 2, 3, administration_id;
INSERT INTO answer
SELECT day, division, condition_on_arrival, 'breaths_or_airway_if_not_breathing',
       CASE WHEN count(*) FILTER (WHERE said = 'yes') > 0 THEN 'yes' WHEN count(*) FILTER (WHERE said = 'no') = 2 THEN 'no' END, administration_id
FROM answer WHERE technique IN ('rescue_breaths', 'airway_cleared') AND condition_on_arrival = 'not_breathing' GROUP BY 1, 2, 3, administration_id;

CREATE TEMP TABLE expected AS
WITH counted AS (
    SELECT p.period_key, m.area_key, a.technique, count(*) AS administrations, count(*) FILTER (WHERE said = 'yes') AS done,
           count(*) FILTER (WHERE said = 'no') AS not_done, count(*) FILTER (WHERE said IS NULL) AS not_recorded
    FROM answer a
    JOIN kpi_bi.dim_period p ON a.day BETWEEN p.period_start AND p.period_end
    JOIN member m ON m.division = a.division
    GROUP BY 1, 2, 3
), filled AS (
    SELECT h.period_key, h.area_key, t.technique, coalesce(c.administrations, 0) AS administrations, coalesce(c.done, 0) AS done,
           coalesce(c.not_done, 0) AS not_done, coalesce(c.not_recorded, 0) AS not_recorded
    FROM heard h
    CROSS JOIN (SELECT DISTINCT technique FROM answer) t
    LEFT JOIN counted c ON c.period_key = h.period_key AND c.area_key = h.area_key AND c.technique = t.technique
    WHERE h.source = 'administration'
)
SELECT k.period_key::text, k.area_key::text, k.technique::text, f.administrations, f.done, f.not_done, f.not_recorded,
       pg_temp.share(f.done, f.done + f.not_done) AS share, pg_temp.wilson(f.done, f.done + f.not_done, -1) AS lower,
       pg_temp.wilson(f.done, f.done + f.not_done, 1) AS upper,
       pg_temp.share(f.done, f.administrations) AS lowest, pg_temp.share(f.done + f.not_recorded, f.administrations) AS highest
FROM kpi_bi.kpi_first_aid_use_period k
LEFT JOIN filled f ON f.period_key = k.period_key AND f.area_key = k.area_key AND f.technique = k.technique;

CREATE TEMP TABLE found (LIKE expected);
INSERT INTO found
SELECT period_key, area_key, technique, administrations, times_done, times_not_done, times_not_recorded, round(done_share::numeric, 9),
       round(done_share_lower::numeric, 9), round(done_share_upper::numeric, 9), round(done_share_lowest::numeric, 9), round(done_share_highest::numeric, 9)
FROM kpi_bi.kpi_first_aid_use_period;

SELECT is(count(*), 0::bigint, 'every period, area and technique is as counted from the records')
FROM ((TABLE expected EXCEPT ALL TABLE found) UNION ALL (TABLE found EXCEPT ALL TABLE expected)) x;
SELECT cmp_ok(count(*), '>', 30000::bigint, 'over all periods, areas and techniques') FROM found;
SELECT ok(bool_and(done > 100 AND not_recorded > 10), 'all of which occur') FROM (
    SELECT technique, sum(done) AS done, sum(not_recorded) AS not_recorded FROM expected
    WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' AND technique NOT IN ('rescue_breaths', 'breaths_or_airway_if_not_breathing') GROUP BY 1) t;
SELECT is(count(*), 0::bigint, 'and so is every month and division')
FROM (
    (SELECT period_key::text, area_key::text, technique::text, times_done, times_not_done, times_not_recorded FROM kpi_bi.kpi_first_aid_use)
    EXCEPT ALL
    (SELECT period_key, area_key, technique, done, not_done, not_recorded FROM expected
     WHERE period_key LIKE 'month%' AND area_key LIKE 'division%' AND technique NOT LIKE 'any%' AND technique NOT LIKE '%if%')) x;
SELECT is((SELECT count(*) FROM kpi_bi.kpi_first_aid_use),
          (SELECT count(*) FROM expected WHERE period_key LIKE 'month%' AND area_key LIKE 'division%') / 10 * 8, 'of which there are eight for every ten');

SELECT * FROM finish();
ROLLBACK;
