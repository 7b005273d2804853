-- Every row and column of doses_by_division in the sample warehouse, beside the same figures worked out from the records: people by
-- count(DISTINCT), exposure day by day, Wilson's limits from the quadratic equation, Poisson limits from the sum of its terms.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(12);
\ir preamble/records.psql

-- Each administration that counts, once; doses as written: "2 x 1800 mcg intranasal".
CREATE TEMP TABLE form ON COMMIT DROP AS
SELECT r.administration_id, r.incident_id, r.occurred_at, r.occurred_at::date AS day, s.division_code, coalesce(r.forms, 1) AS forms, r.person_key,
       d.doses, CASE WHEN d.all_known THEN d.micrograms END AS micrograms
FROM kpi.administration_record r
LEFT JOIN LATERAL (
    SELECT sum(m[1]::integer) AS doses, sum(m[1]::integer * m[2]::integer) AS micrograms, bool_and(m[2] IS NOT NULL) AS all_known
    FROM unnest(r.doses) AS d, regexp_match(d::text, '^(\d+) x (?:(\d+) mcg|unknown)') AS m) d ON true
JOIN since s ON s.source = 'administration' AND s.division_code = coalesce(r.incident_division_code, 'UNKNOWN')
     AND r.occurred_at::date BETWEEN s.covered_from AND '2025-12-31';
SELECT is(count(*), 0::bigint, 'every division that a form names is one, and every dose is read')
FROM kpi.administration_record r
WHERE NOT EXISTS (SELECT FROM territory t WHERE t.division_code = coalesce(r.incident_division_code, 'UNKNOWN'))
   OR EXISTS (SELECT FROM unnest(r.doses) AS d WHERE d::text !~ '^\d+ x (\d+ mcg|unknown)');

-- People living in each division on each day with records: that year's figure.
SELECT is(count(*), 5::bigint * 13, 'a figure of the population for every division and year')
FROM kpi.population_record WHERE area_type = 'division' AND age_band IS NULL AND people > 0 AND year BETWEEN 2021 AND 2025;
CREATE TEMP TABLE lived ON COMMIT DROP AS
SELECT s.division_code, day::date, p.people
FROM since s
CROSS JOIN LATERAL generate_series(s.covered_from::timestamp, timestamp '2025-12-31', interval '1 day') AS day
JOIN kpi.population_record p ON p.area_type = 'division' AND p.area_code = s.division_code AND p.year = extract(year FROM day) AND p.age_band IS NULL
WHERE s.source = 'administration';

-- Officers who carry while they are eligible, from the day on which both kinds of record exist; no two records of an officer overlap.
CREATE TEMP TABLE carrier ON COMMIT DROP AS
SELECT o.division_code, greatest(o.carries_from, o.eligible_from, s.covered_from, a.covered_from) AS first_day,
       least(o.carries_to, o.eligible_to, '2025-12-31') AS last_day
FROM kpi.officer_carriage_record o
JOIN since s ON s.source = 'officer_carriage' AND s.division_code = o.division_code
JOIN since a ON a.source = 'administration' AND a.division_code = o.division_code
WHERE o.carries_from IS NOT NULL;
SELECT is(count(*), 0::bigint, 'no officer is counted twice') FROM kpi.officer_carriage_record a JOIN kpi.officer_carriage_record b
  ON a.officer_key = b.officer_key AND a.eligible_from < b.eligible_from AND coalesce(a.eligible_to, 'infinity') >= b.eligible_from;

CREATE TEMP TABLE expected ON COMMIT DROP AS
WITH counted AS (
    SELECT c.period_key, t.area_key, count(*) AS administrations, sum(f.forms) AS forms, count(DISTINCT f.person_key) AS people,
           count(*) FILTER (WHERE f.person_key IS NULL) AS without_person_key, count(f.doses) AS with_doses_recorded, coalesce(sum(f.doses), 0) AS doses,
           count(*) FILTER (WHERE f.doses > 2) AS over_two_doses, count(f.micrograms) AS with_strength_known, coalesce(sum(f.micrograms), 0) AS micrograms,
           count(*) FILTER (WHERE f.division_code <> 'UNKNOWN') AS territorial_administrations
    FROM form f JOIN calendar c ON f.day BETWEEN c.first_day AND c.last_day JOIN territory t USING (division_code)
    GROUP BY 1, 2
), incident AS (
    -- An incident is where and when its first administration is.
    SELECT c.period_key, t.area_key, count(*) AS incidents
    FROM (SELECT DISTINCT ON (incident_id) day, division_code FROM form ORDER BY incident_id, occurred_at, administration_id) f
    JOIN calendar c ON f.day BETWEEN c.first_day AND c.last_day JOIN territory t USING (division_code)
    GROUP BY 1, 2
), exposure AS (
    SELECT c.period_key, t.area_key, sum(l.people) / 365.25 AS person_years
    FROM (SELECT division_code, date_trunc('month', day)::date AS month, sum(people) AS people FROM lived GROUP BY 1, 2) l
    JOIN calendar c ON l.month BETWEEN c.first_day AND c.last_day JOIN territory t USING (division_code)
    GROUP BY 1, 2
), given AS (
    SELECT c.period_key, t.area_key, count(*) AS administrations
    FROM kpi.administration_record r
    JOIN since a ON a.source = 'administration' AND a.division_code = coalesce(r.officer_division_code, 'UNKNOWN')
    JOIN since s ON s.source = 'officer_carriage' AND s.division_code = a.division_code
    JOIN calendar c ON r.occurred_at::date BETWEEN greatest(c.first_day, a.covered_from, s.covered_from) AND c.last_day
    JOIN territory t ON t.division_code = a.division_code
    GROUP BY 1, 2
), carried AS (
    SELECT c.period_key, t.area_key, sum(least(c.last_day, o.last_day) - greatest(c.first_day, o.first_day) + 1) / 365.25 AS officer_years
    FROM carrier o JOIN calendar c ON o.first_day <= c.last_day AND o.last_day >= c.first_day AND o.first_day <= o.last_day JOIN territory t USING (division_code)
    GROUP BY 1, 2
), filled AS (
    SELECT k.period_key, k.area_key, k.division_days, k.covered_division_days, x.*, e.person_years,
           CASE WHEN k.is_covered AND o.is_covered THEN coalesce(g.administrations, 0) END AS by_officer,
           CASE WHEN k.is_covered AND o.is_covered THEN coalesce(y.officer_years, 0) END AS officer_years
    FROM cover k
    JOIN cover o ON o.source = 'officer_carriage' AND o.period_key = k.period_key AND o.area_key = k.area_key
    LEFT JOIN counted n ON n.period_key = k.period_key AND n.area_key = k.area_key
    LEFT JOIN incident i ON i.period_key = k.period_key AND i.area_key = k.area_key
    LEFT JOIN exposure e ON e.period_key = k.period_key AND e.area_key = k.area_key
    LEFT JOIN given g ON g.period_key = k.period_key AND g.area_key = k.area_key
    LEFT JOIN carried y ON y.period_key = k.period_key AND y.area_key = k.area_key
    LEFT JOIN LATERAL (
        SELECT coalesce(i.incidents, 0) AS incidents, coalesce(n.administrations, 0) AS administrations, coalesce(n.forms, 0) AS forms, coalesce(n.people, 0) AS people,
               coalesce(n.without_person_key, 0) AS without_person_key, coalesce(n.with_doses_recorded, 0) AS with_doses_recorded, coalesce(n.doses, 0) AS doses,
               coalesce(n.over_two_doses, 0) AS over_two_doses, coalesce(n.with_strength_known, 0) AS with_strength_known, coalesce(n.micrograms, 0) AS micrograms,
               coalesce(n.territorial_administrations, 0) AS territorial_administrations) x ON k.is_covered
    WHERE k.source = 'administration'
)
SELECT f.period_key, f.area_key, f.division_days, f.covered_division_days, f.incidents, f.administrations, f.forms, f.people, f.without_person_key,
       f.with_doses_recorded, f.doses, f.doses::float8 / nullif(f.with_doses_recorded, 0) AS doses_per_administration, f.over_two_doses,
       f.over_two_doses::float8 / nullif(f.with_doses_recorded, 0) AS over_two_doses_share,
       pg_temp.wilson(f.over_two_doses, f.with_doses_recorded, -1) AS over_two_doses_share_lower,
       pg_temp.wilson(f.over_two_doses, f.with_doses_recorded, 1) AS over_two_doses_share_upper,
       f.with_strength_known, f.micrograms, f.territorial_administrations, f.person_years,
       1e5 * f.territorial_administrations / f.person_years AS administrations_per_100k,
       1e5 * pg_temp.poisson_limit(f.territorial_administrations, -1) / f.person_years AS administrations_per_100k_lower,
       1e5 * pg_temp.poisson_limit(f.territorial_administrations, 1) / f.person_years AS administrations_per_100k_upper,
       f.by_officer AS administrations_by_officer_division, f.officer_years AS officer_years_carrying,
       1e3 * f.by_officer / nullif(f.officer_years, 0) AS administrations_per_1000_officer_years,
       1e3 * pg_temp.poisson_limit(f.by_officer, -1) / nullif(f.officer_years, 0) AS administrations_per_1000_officer_years_lower,
       1e3 * pg_temp.poisson_limit(f.by_officer, 1) / nullif(f.officer_years, 0) AS administrations_per_1000_officer_years_upper
FROM filled f;

-- What charts and funnels say of it is in test/warehouse/indicator_funnel.sql.
CREATE TEMP TABLE found ON COMMIT DROP AS TABLE kpi_bi.kpi_doses_by_division_period;
ALTER TABLE found DROP chart, DROP chart_flag, DROP funnel_verdict;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key'), 0::bigint, 'every period and area');
SELECT cmp_ok(count(*), '>=', 3000::bigint, 'of which there are thousands') FROM found JOIN expected USING (period_key, area_key);
SELECT ok(bool_or(incidents < administrations) AND bool_or(people < administrations - without_person_key) AND bool_or(without_person_key > 0)
          AND bool_or(forms > administrations) AND bool_or(with_doses_recorded < administrations) AND bool_or(with_strength_known < with_doses_recorded)
          AND bool_or(over_two_doses > 0) AND bool_or(territorial_administrations < administrations), 'in which no count is another''s')
FROM expected WHERE area_key = 'force';
SELECT ok(bool_or(administrations IS NULL) AND bool_or(administrations = 0) AND bool_or(territorial_administrations BETWEEN 1 AND 9)
          AND bool_or(territorial_administrations > 9) AND bool_or(administrations_by_officer_division <> administrations),
          'and there are records to come, none, few and many, and officers away from home')
FROM expected WHERE area_key LIKE 'division %';

CREATE TEMP TABLE found_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_doses_by_division;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, division_days, covered_division_days, incidents, administrations, forms, without_person_key, with_doses_recorded, doses, over_two_doses,
       with_strength_known, micrograms, territorial_administrations, person_years, administrations_by_officer_division, officer_years_carrying
FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %';
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key'), 0::bigint, 'every month and division');
SELECT cmp_ok(count(*), '>=', 1000::bigint, 'of which there are many') FROM found_by_month;

-- Whatever the formula, beyond each limit lie 2.5 per cent of the Poisson distribution: exactly for few events, nearly for many.
CREATE TEMP TABLE tail ON COMMIT DROP AS
SELECT n, 1 - pg_temp.poisson(n - 1, lower) AS at_lower, pg_temp.poisson(n, upper) AS at_upper
FROM (SELECT DISTINCT ON (territorial_administrations) territorial_administrations AS n, administrations_per_100k_lower * person_years / 1e5 AS lower,
             administrations_per_100k_upper * person_years / 1e5 AS upper
      FROM kpi_bi.kpi_doses_by_division_period WHERE person_years > 0 ORDER BY territorial_administrations, period_key, area_key) k;
SELECT is(count(*), 10::bigint, 'limits of few events leave exactly 2.5 per cent')
FROM tail WHERE n < 10 AND abs(at_upper - 0.025) < 1e-9 AND (n = 0 AND abs(at_lower - 1) < 1e-9 OR abs(at_lower - 0.025) < 1e-9);
SELECT is(count(*), 0::bigint, 'and those of many nearly that')
FROM tail WHERE n >= 10 AND (at_upper NOT BETWEEN 0.0245 AND 0.0255 OR at_lower NOT BETWEEN 0.0245 AND 0.0255);
SELECT cmp_ok(count(*), '>=', 50::bigint, 'of tens of counts') FROM tail WHERE n >= 10;

SELECT * FROM finish();
ROLLBACK;
