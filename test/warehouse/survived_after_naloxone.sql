-- Every row of survived_after_naloxone in the sample warehouse, beside the same figures counted straight from the records.
SET search_path = public, naloxone_kpi;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(5);

-- Each administration with the division that it counts in, and each division's days of records: plain dates, no rollup.
CREATE TEMP TABLE form AS
SELECT r.administration_id, (r.occurred_at AT TIME ZONE 'Europe/London')::date AS day, coalesce(d.division_code, 'UNKNOWN') AS division, r.survival,
       r.survival_as_at, coalesce(r.believed_dead_on_arrival, false) AS dead_before
FROM kpi.administration_record r
LEFT JOIN kpi.division_record d ON d.division_code = r.incident_division_code
     AND (r.occurred_at AT TIME ZONE 'Europe/London')::date BETWEEN d.valid_from AND coalesce(d.valid_to, 'infinity');
CREATE TEMP TABLE span AS
SELECT c.source, c.division_code AS division, c.covered_from, least(coalesce(c.covered_to, 'infinity'), date '2025-12-31') AS covered_to
FROM kpi.source_coverage_record c;
DELETE FROM form f WHERE NOT EXISTS (
    SELECT FROM span s WHERE s.source = 'administration' AND f.division IN (s.division, 'UNKNOWN') AND f.day BETWEEN s.covered_from AND s.covered_to);

-- The first death of each that was not excluded, where deaths were recorded on both days.
CREATE TEMP TABLE death AS
SELECT f.administration_id, f.day, x.died_on, f.survival, f.dead_before
FROM form f
CROSS JOIN LATERAL (
    SELECT died_on, division_code FROM kpi.drug_death_record
    WHERE administration_id = f.administration_id AND status <> 'excluded' ORDER BY died_on, death_id LIMIT 1) x
LEFT JOIN kpi.division_record d ON d.division_code = x.division_code AND x.died_on BETWEEN d.valid_from AND coalesce(d.valid_to, 'infinity')
WHERE EXISTS (SELECT FROM span s WHERE s.source = 'drug_death' AND f.division IN (s.division, 'UNKNOWN') AND f.day BETWEEN s.covered_from AND s.covered_to)
  AND EXISTS (SELECT FROM span s WHERE s.source = 'drug_death' AND coalesce(d.division_code, 'UNKNOWN') IN (s.division, 'UNKNOWN')
                                   AND x.died_on BETWEEN s.covered_from AND s.covered_to);

-- Which division is in which area, and whether any of them has records of a source within a period.
CREATE TEMP TABLE member AS
SELECT a.area_key, d.division_code AS division
FROM kpi_bi.dim_area a
JOIN (SELECT DISTINCT ON (division_code) division_code, region FROM kpi.division_record ORDER BY division_code, valid_from DESC) d
     ON a.area_key IN ('division ' || d.division_code, 'region ' || d.region, 'force')
UNION ALL VALUES ('division UNKNOWN', 'UNKNOWN'), ('force', 'UNKNOWN');
CREATE TEMP TABLE heard AS
SELECT p.period_key, m.area_key, s.source
FROM kpi_bi.dim_period p JOIN span s ON s.covered_from <= p.period_end AND s.covered_to >= p.period_start
JOIN member m ON m.division IN (s.division, 'UNKNOWN')
GROUP BY 1, 2, 3;

CREATE TEMP TABLE expected AS
WITH counted AS (
    SELECT p.period_key, m.area_key, count(*) AS administrations,
           sum(f.dead_before::integer) AS dead_before,
           sum((f.dead_before AND f.survival IS NOT DISTINCT FROM 'survived')::integer) AS dead_survived,
           sum((NOT f.dead_before AND f.survival IS NOT DISTINCT FROM 'survived')::integer) AS survived,
           sum((NOT f.dead_before AND f.survival IS NOT DISTINCT FROM 'died')::integer) AS died,
           sum((NOT f.dead_before AND coalesce(f.survival, 'not_known') = 'not_known')::integer) AS not_known,
           sum((NOT f.dead_before AND (f.survival, f.survival_as_at) IN (('survived', '24_hours')))::integer) AS s24,
           sum((NOT f.dead_before AND (f.survival, f.survival_as_at) IN (('survived', '30_days')))::integer) AS s30,
           sum((NOT f.dead_before AND (f.survival, f.survival_as_at) IN (('died', '24_hours')))::integer) AS d24,
           sum((NOT f.dead_before AND (f.survival, f.survival_as_at) IN (('died', '30_days')))::integer) AS d30,
           count(d.died_on) FILTER (WHERE NOT d.dead_before AND d.survival = 'survived' AND d.died_on >= d.day) AS later,
           count(d.died_on) FILTER (WHERE NOT d.dead_before AND d.survival = 'survived' AND d.died_on - d.day BETWEEN 0 AND 30) AS later_30,
           count(d.died_on) FILTER (WHERE NOT d.dead_before AND coalesce(d.survival, 'not_known') = 'not_known' AND d.died_on >= d.day) AS not_known_died,
           count(d.died_on) FILTER (WHERE NOT d.dead_before AND d.survival = 'died' AND d.died_on >= d.day) AS linked,
           count(d.died_on) FILTER (WHERE d.died_on < d.day) AS before
    FROM form f
    JOIN kpi_bi.dim_period p ON f.day BETWEEN p.period_start AND p.period_end
    JOIN member m ON m.division = f.division
    LEFT JOIN death d ON d.administration_id = f.administration_id
    GROUP BY 1, 2
), filled AS (
    SELECT h.period_key, h.area_key, b.source IS NOT NULL AS deaths_heard,
           coalesce(administrations, 0) AS administrations, coalesce(dead_before, 0) AS dead_before, coalesce(dead_survived, 0) AS dead_survived,
           coalesce(survived, 0) AS survived, coalesce(died, 0) AS died, coalesce(not_known, 0) AS not_known, coalesce(s24, 0) AS s24, coalesce(s30, 0) AS s30,
           coalesce(d24, 0) AS d24, coalesce(d30, 0) AS d30, coalesce(later, 0) AS later, coalesce(later_30, 0) AS later_30,
           coalesce(not_known_died, 0) AS not_known_died, coalesce(linked, 0) AS linked, coalesce(before, 0) AS before
    FROM heard h
    LEFT JOIN heard b ON b.period_key = h.period_key AND b.area_key = h.area_key AND b.source = 'drug_death'
    LEFT JOIN counted c ON c.period_key = h.period_key AND c.area_key = h.area_key
    WHERE h.source = 'administration'
)
SELECT k.period_key::text, k.area_key::text, f.administrations, f.dead_before, f.dead_survived, f.survived, f.died, f.not_known,
       -- Wilson's limits are the roots of a quadratic equation in the share.
       round((f.survived::float8 / nullif(f.survived + f.died, 0))::numeric, 9) AS share,
       round(((b - sqrt(greatest(b * b - 4 * a * c, 0))) / (2 * a))::numeric, 9) AS lower,
       round(((b + sqrt(greatest(b * b - 4 * a * c, 0))) / (2 * a))::numeric, 9) AS upper,
       round((f.survived::float8 / nullif(f.survived + f.died + f.not_known, 0))::numeric, 9) AS lowest,
       round((1 - f.died::float8 / nullif(f.survived + f.died + f.not_known, 0))::numeric, 9) AS highest,
       s24, s30, d24, d30,
       CASE WHEN deaths_heard THEN later END AS later, CASE WHEN deaths_heard THEN later_30 END AS later_30,
       CASE WHEN deaths_heard THEN not_known_died END AS not_known_died, CASE WHEN deaths_heard THEN linked END AS linked,
       CASE WHEN deaths_heard THEN before END AS before
FROM kpi_bi.kpi_survived_after_naloxone_period k
LEFT JOIN filled f ON f.period_key = k.period_key AND f.area_key = k.area_key
LEFT JOIN LATERAL (
    SELECT 1 + 3.841458820694124 / nullif(f.survived + f.died, 0) AS a,
           (2 * f.survived + 3.841458820694124) / nullif(f.survived + f.died, 0)::float8 AS b,
           (f.survived::float8 / nullif(f.survived + f.died, 0)) ^ 2 AS c) q ON true;

CREATE TEMP TABLE found (LIKE expected);
INSERT INTO found
SELECT period_key::text, area_key::text, administrations, believed_dead_on_arrival, believed_dead_survived, survived, died, not_known,
       round(survived_share::numeric, 9), round(survived_share_lower::numeric, 9), round(survived_share_upper::numeric, 9),
       round(survived_share_lowest::numeric, 9), round(survived_share_highest::numeric, 9), survived_to_24_hours, survived_to_30_days,
       died_by_24_hours, died_by_30_days, later_deaths, later_deaths_within_30_days, deaths_of_not_known, died_linked, linked_deaths_before
FROM kpi_bi.kpi_survived_after_naloxone_period;

SELECT is(count(*), 0::bigint, 'every period and area is as counted from the records')
FROM ((TABLE expected EXCEPT ALL TABLE found) UNION ALL (TABLE found EXCEPT ALL TABLE expected)) x;
SELECT cmp_ok(count(*), '>', 3000::bigint, 'over all periods and areas') FROM found;
SELECT ok(sum(survived) > 700 AND sum(died) > 20 AND sum(not_known) > 40 AND sum(dead_before) > 5, 'with outcomes of every kind')
FROM expected WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%';
SELECT is(count(*), 0::bigint, 'and so is every month and division')
FROM (
    (SELECT period_key::text, area_key::text, administrations, believed_dead_on_arrival, believed_dead_survived, survived, died, not_known, survived_to_24_hours,
            survived_to_30_days, died_by_24_hours, died_by_30_days, later_deaths, later_deaths_within_30_days, deaths_of_not_known, died_linked, linked_deaths_before
     FROM kpi_bi.kpi_survived_after_naloxone)
    EXCEPT ALL
    (SELECT period_key, area_key, administrations, dead_before, dead_survived, survived, died, not_known, s24, s30, d24, d30, later, later_30, not_known_died, linked, before
     FROM expected WHERE period_key LIKE 'month%' AND area_key LIKE 'division%')) x;
SELECT is((SELECT count(*) FROM kpi_bi.kpi_survived_after_naloxone),
          (SELECT count(*) FROM expected WHERE period_key LIKE 'month%' AND area_key LIKE 'division%'), 'of which there are as many');

SELECT * FROM finish();
ROLLBACK;
