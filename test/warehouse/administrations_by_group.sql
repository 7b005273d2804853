-- Every row of administrations_by_group in the sample warehouse, beside the same figures counted straight from the records.
SET search_path = public, naloxone_kpi;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(6);

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

-- Each administration's groups. The hour by the clock in London: to_char's Monday is day 1 of the ISO week.
CREATE TEMP TABLE placed AS
SELECT f.administration_id, f.day, f.division, g.kind, g.value
FROM form f
LEFT JOIN kpi.council_area_record c USING (council_code)
CROSS JOIN LATERAL (VALUES
    ('sex', f.sex), ('age_band', f.age_band), ('setting', f.setting), ('condition', f.condition_on_arrival), ('adp', c.adp_name),
    ('hour_of_week', (to_char(f.occurred_at AT TIME ZONE 'Europe/London', 'ID')::integer * 24 - 23
                      + to_char(f.occurred_at AT TIME ZONE 'Europe/London', 'HH24')::integer)::text)) AS g (kind, value)
UNION ALL
SELECT f.administration_id, f.day, f.division, 'substance', s.value
FROM form f LEFT JOIN LATERAL unnest(f.substances) AS s (value) ON true;
UPDATE placed SET value = 'UNKNOWN' WHERE value IS NULL;

CREATE TEMP TABLE expected AS
WITH counted AS (
    SELECT p.period_key, m.area_key, a.kind, a.value, count(*) AS administrations
    FROM placed a
    JOIN kpi_bi.dim_period p ON a.day BETWEEN p.period_start AND p.period_end
    JOIN member m ON m.division = a.division
    GROUP BY 1, 2, 3, 4
), total AS (
    SELECT p.period_key, m.area_key, count(*) AS administrations
    FROM form f
    JOIN kpi_bi.dim_period p ON f.day BETWEEN p.period_start AND p.period_end
    JOIN member m ON m.division = f.division
    GROUP BY 1, 2
), key AS (
    -- What ever occurs in an area; of hours, only what occurs in the period; what is not recorded always.
    SELECT k.period_key, k.area_key, g.kind, g.value
    FROM kpi_bi.kpi_survived_after_naloxone_period k
    JOIN (SELECT DISTINCT m.area_key, a.kind, a.value FROM placed a JOIN member m ON m.division = a.division WHERE a.kind <> 'hour_of_week') g
         ON g.area_key = k.area_key
    UNION
    SELECT period_key, area_key, kind, value FROM counted
    UNION
    SELECT k.period_key, k.area_key, g.kind, 'UNKNOWN' FROM kpi_bi.kpi_survived_after_naloxone_period k CROSS JOIN (SELECT DISTINCT kind FROM placed) g
), filled AS (
    SELECT k.period_key, k.area_key, k.kind, k.value,
           CASE WHEN h.source IS NOT NULL THEN coalesce(c.administrations, 0) END AS administrations,
           CASE WHEN h.source IS NOT NULL THEN coalesce(t.administrations, 0) - coalesce(u.administrations, 0) END AS recorded
    FROM key k
    LEFT JOIN heard h ON h.source = 'administration' AND h.period_key = k.period_key AND h.area_key = k.area_key
    LEFT JOIN counted c ON c.period_key = k.period_key AND c.area_key = k.area_key AND c.kind = k.kind AND c.value = k.value
    LEFT JOIN counted u ON u.period_key = k.period_key AND u.area_key = k.area_key AND u.kind = k.kind AND u.value = 'UNKNOWN'
    LEFT JOIN total t ON t.period_key = k.period_key AND t.area_key = k.area_key
)
SELECT period_key::text, area_key::text, kind, value, administrations, recorded,
       CASE WHEN value <> 'UNKNOWN' THEN pg_temp.share(administrations, recorded) END AS share,
       CASE WHEN value <> 'UNKNOWN' THEN pg_temp.wilson(administrations, recorded, -1) END AS lower,
       CASE WHEN value <> 'UNKNOWN' THEN pg_temp.wilson(administrations, recorded, 1) END AS upper
FROM filled;

CREATE TEMP TABLE found (LIKE expected);
INSERT INTO found
SELECT period_key, area_key, group_kind, group_value, administrations, administrations_recorded, round(administrations_share::numeric, 9),
       round(administrations_share_lower::numeric, 9), round(administrations_share_upper::numeric, 9)
FROM kpi_bi.kpi_administrations_by_group_period;

SELECT is(count(*), 0::bigint, 'every period, area and group is as counted from the records')
FROM ((TABLE expected EXCEPT ALL TABLE found) UNION ALL (TABLE found EXCEPT ALL TABLE expected)) x;
SELECT cmp_ok(count(*), '>', 100000::bigint, 'over all periods, areas and groups') FROM found;
SELECT results_eq('SELECT kind, count(DISTINCT value) > 2 FROM expected WHERE administrations > 0 GROUP BY 1 ORDER BY 1',
    $$ VALUES ('adp', true), ('age_band', true), ('condition', true), ('hour_of_week', true), ('setting', true), ('sex', true), ('substance', true) $$,
    'of which all kinds occur');
SELECT is(count(*), 0::bigint, 'and so is every month and division, each kind in its column')
FROM (
    (SELECT period_key::text, area_key::text, 'sex', group_value::text, administrations_by_sex FROM kpi_bi.kpi_administrations_by_group WHERE group_kind = 'sex'
     UNION ALL SELECT period_key, area_key, 'age_band', group_value, administrations_by_age_band FROM kpi_bi.kpi_administrations_by_group WHERE group_kind = 'age_band'
     UNION ALL SELECT period_key, area_key, 'setting', group_value, administrations_by_setting FROM kpi_bi.kpi_administrations_by_group WHERE group_kind = 'setting'
     UNION ALL SELECT period_key, area_key, 'substance', group_value, substance_mentions FROM kpi_bi.kpi_administrations_by_group WHERE group_kind = 'substance'
     UNION ALL SELECT period_key, area_key, 'condition', group_value, administrations_by_condition FROM kpi_bi.kpi_administrations_by_group WHERE group_kind = 'condition'
     UNION ALL SELECT period_key, area_key, 'adp', group_value, administrations_by_adp FROM kpi_bi.kpi_administrations_by_group WHERE group_kind = 'adp'
     UNION ALL SELECT period_key, area_key, 'hour_of_week', group_value, administrations_by_hour_of_week
               FROM kpi_bi.kpi_administrations_by_group WHERE group_kind = 'hour_of_week')
    EXCEPT ALL
    (SELECT period_key, area_key, kind, value, administrations FROM expected WHERE period_key LIKE 'month%' AND area_key LIKE 'division%')) x;
SELECT is((SELECT count(*) FROM kpi_bi.kpi_administrations_by_group),
          (SELECT count(*) FROM expected WHERE period_key LIKE 'month%' AND area_key LIKE 'division%'), 'of which there are as many');
-- Whatever is summed is right: every year's administrations, once a column.
SELECT results_eq($$
    SELECT y.period_key::text, sum(administrations_by_sex)::bigint, sum(administrations_by_age_band)::bigint, sum(administrations_by_setting)::bigint,
           sum(administrations_by_condition)::bigint, sum(administrations_by_adp)::bigint, sum(administrations_by_hour_of_week)::bigint
    FROM kpi_bi.kpi_administrations_by_group k
    JOIN kpi_bi.dim_period p USING (period_key)
    JOIN kpi_bi.dim_period y ON y.grain = 'fiscal_year' AND p.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 HAVING sum(administrations_by_sex) > 0 ORDER BY 1 $$, $$
    SELECT p.period_key::text, count(*), count(*), count(*), count(*), count(*), count(*)
    FROM form f JOIN kpi_bi.dim_period p ON p.grain = 'fiscal_year' AND f.day BETWEEN p.period_start AND p.period_end
    GROUP BY 1 ORDER BY 1 $$, 'a year''s sum over all rows is the year''s administrations, in every column');

SELECT * FROM finish();
ROLLBACK;
