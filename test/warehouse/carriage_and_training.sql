-- carriage_and_training and carriage_and_training_course in the sample warehouse, row by row, beside the same counted officer by officer on
-- the last day of every period, and officer-days span by span.
SET search_path = pg_catalog, public, pg_temp;
SET client_min_messages = warning;
SET jit = off;
SET TimeZone = 'Europe/London';
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(9);

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

-- In the sample an officer's records follow one another, name a division that holds, and end carriage with eligibility.
SELECT is(count(*), 0::bigint, 'no two records of an officer overlap')
FROM kpi.officer_carriage_record a JOIN kpi.officer_carriage_record b ON a.officer_key = b.officer_key AND a.ctid <> b.ctid
     AND a.eligible_from <= coalesce(b.eligible_to, 'infinity') AND b.eligible_from <= coalesce(a.eligible_to, 'infinity');
CREATE TEMP TABLE served ON COMMIT DROP AS
SELECT o.officer_key, o.division_code, greatest(o.eligible_from, s.covered_from) AS eligible_from, coalesce(o.eligible_to, '2025-12-31') AS eligible_to,
       greatest(o.carries_from, o.eligible_from, s.covered_from) AS carries_from, o.carries_from IS NOT NULL AS carries
FROM kpi.officer_carriage_record o JOIN since s ON s.source = 'officer_carriage' AND s.division_code = o.division_code
WHERE coalesce(o.eligible_to, '2025-12-31') >= greatest(o.eligible_from, s.covered_from);
-- Officers on the last days, and their days, by division.
CREATE TEMP TABLE standing ON COMMIT DROP AS
SELECT c.period_key, o.division_code, count(*) FILTER (WHERE c.last_day BETWEEN o.eligible_from AND o.eligible_to) AS eligible,
       count(*) FILTER (WHERE o.carries AND c.last_day BETWEEN o.carries_from AND o.eligible_to) AS carrying,
       sum(greatest(least(c.last_day, o.eligible_to) - greatest(c.first_day, o.eligible_from) + 1, 0)) AS eligible_days,
       sum(greatest(least(c.last_day, o.eligible_to) - greatest(c.first_day, o.carries_from) + 1, 0)) FILTER (WHERE o.carries) AS carrying_days
FROM calendar c JOIN served o ON o.eligible_from <= c.last_day AND o.eligible_to >= c.first_day
GROUP BY 1, 2;
CREATE TEMP TABLE key ON COMMIT DROP AS
SELECT c.period_key, t.area_key, c.first_day, c.last_day, array_agg(t.division_code) AS divisions,
       coalesce(sum(c.last_day - c.first_day + 1) FILTER (WHERE t.division_code <> 'UNKNOWN'), 0) AS division_days,
       coalesce(sum(greatest(c.last_day - greatest(c.first_day, s.covered_from) + 1, 0)) FILTER (WHERE t.division_code <> 'UNKNOWN'), 0) AS covered_division_days,
       bool_or(s.covered_from <= c.last_day) AS is_covered
FROM calendar c CROSS JOIN territory t JOIN since s ON s.source = 'officer_carriage' AND s.division_code = t.division_code
GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE expected ON COMMIT DROP AS
SELECT k.period_key, k.area_key, k.division_days, k.covered_division_days, CASE WHEN k.is_covered THEN coalesce(s.eligible, 0) END AS eligible,
       CASE WHEN k.is_covered THEN coalesce(s.carrying, 0) END AS carrying, s.carrying::float8 / nullif(s.eligible, 0) AS carrying_share,
       CASE WHEN k.is_covered THEN coalesce(s.eligible_days, 0) / 365.25 END AS officer_years_eligible,
       CASE WHEN k.is_covered THEN coalesce(s.carrying_days, 0) / 365.25 END AS officer_years_carrying
FROM key k
LEFT JOIN LATERAL (SELECT sum(eligible) AS eligible, sum(carrying) AS carrying, sum(eligible_days) AS eligible_days, sum(carrying_days) AS carrying_days
                   FROM standing s WHERE s.period_key = k.period_key AND s.division_code = ANY (k.divisions)) s ON true;
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT period_key, area_key, division_days, covered_division_days, eligible, carrying, carrying_share, officer_years_eligible, officer_years_carrying
FROM kpi_bi.kpi_carriage_and_training_period;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key'), 0::bigint, 'carriage: every period and area');
SELECT cmp_ok(count(*), '>=', 1000::bigint, 'of which there are many') FROM found WHERE eligible > 0;
CREATE TEMP TABLE found_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_carriage_and_training;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, division_days, covered_division_days, officer_years_eligible, officer_years_carrying
FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %';
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key'), 0::bigint, 'carriage: every month and division');

-- Wilson's limits, from the formula.
SELECT cmp_ok(count(*), '>=', 1000::bigint, 'limits of shares, by the formula')
FROM kpi_bi.kpi_carriage_and_training_period k
CROSS JOIN LATERAL (SELECT 1.959963984540054::float8 AS z, k.carrying::float8 AS x, k.eligible::float8 AS n) v
WHERE k.eligible > 0 AND abs(k.carrying_share_lower - (x + z * z / 2 - z * sqrt(x * (n - x) / n + z * z / 4)) / (n + z * z)) < 1e-9
  AND abs(k.carrying_share_upper - (x + z * z / 2 + z * sqrt(x * (n - x) / n + z * z / 4)) / (n + z * z)) < 1e-9;

-- Training: the first completion of each officer and course; completions by the division on the day.
CREATE TEMP TABLE first_completion ON COMMIT DROP AS
SELECT officer_key, course, min(completed_on) AS completed_on FROM kpi.officer_training_record GROUP BY 1, 2;
CREATE TEMP TABLE trained ON COMMIT DROP AS
SELECT c.period_key, o.division_code, f.course, count(*) AS trained, count(*) FILTER (WHERE o.carries AND c.last_day >= o.carries_from) AS carrying_trained
FROM calendar c JOIN served o ON c.last_day BETWEEN o.eligible_from AND o.eligible_to
JOIN first_completion f ON f.officer_key = o.officer_key AND f.completed_on <= c.last_day
GROUP BY 1, 2, 3;
CREATE TEMP TABLE completion ON COMMIT DROP AS
SELECT t.course, t.completed_on, d.division_code, t.score_before, t.score_after
FROM kpi.officer_training_record t
LEFT JOIN kpi.officer_carriage_record o ON o.officer_key = t.officer_key AND t.completed_on BETWEEN o.eligible_from AND coalesce(o.eligible_to, 'infinity')
CROSS JOIN LATERAL (SELECT coalesce(o.division_code, 'UNKNOWN') AS division_code) d
JOIN since s ON s.source = 'officer_training' AND s.division_code = d.division_code AND t.completed_on BETWEEN s.covered_from AND '2025-12-31';
CREATE TEMP TABLE expected_course ON COMMIT DROP AS
SELECT e.period_key, e.area_key, c.course, e.eligible, CASE WHEN k.is_covered THEN coalesce(t.trained, 0) END AS trained, NULL::bigint AS in_date, NULL::bigint AS overdue,
       e.carrying, CASE WHEN k.is_covered THEN e.carrying - coalesce(t.carrying_trained, 0) END AS carrying_not_trained,
       CASE WHEN k.is_covered THEN coalesce(d.completions, 0) END AS completions, CASE WHEN k.is_covered THEN coalesce(d.with_both_scores, 0) END AS with_both_scores,
       CASE WHEN d.with_both_scores >= 10 THEN d.mean_before END AS mean_score_before, CASE WHEN d.with_both_scores >= 10 THEN d.mean_after END AS mean_score_after
FROM key k JOIN expected e USING (period_key, area_key)
CROSS JOIN (VALUES ('naloxone'), ('first_aid'), ('trauma_informed')) AS c (course)
LEFT JOIN LATERAL (SELECT sum(trained) AS trained, sum(carrying_trained) AS carrying_trained FROM trained t
                   WHERE t.period_key = k.period_key AND t.course = c.course AND t.division_code = ANY (k.divisions)) t ON true
LEFT JOIN (
    SELECT p.period_key, a.area_key, f.course, count(*) AS completions, count(*) FILTER (WHERE score_before IS NOT NULL AND score_after IS NOT NULL) AS with_both_scores,
           avg(score_before) FILTER (WHERE score_after IS NOT NULL) AS mean_before, avg(score_after) FILTER (WHERE score_before IS NOT NULL) AS mean_after
    FROM completion f JOIN calendar p ON f.completed_on BETWEEN p.first_day AND p.last_day JOIN territory a USING (division_code) GROUP BY 1, 2, 3) d
  ON d.period_key = k.period_key AND d.area_key = k.area_key AND d.course = c.course;
CREATE TEMP TABLE found_course ON COMMIT DROP AS
SELECT period_key, area_key, course, eligible, trained, in_date, overdue, carrying, carrying_not_trained, completions, with_both_scores, mean_score_before, mean_score_after
FROM kpi_bi.kpi_carriage_and_training_course_period;
SELECT is(pg_temp.differences('found_course', 'expected_course', 'period_key, area_key, course'), 0::bigint, 'training: every period, area and course');
SELECT cmp_ok(count(*), '>=', 3000::bigint, 'of which there are thousands') FROM found_course WHERE trained > 0;
CREATE TEMP TABLE found_course_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_carriage_and_training_course;
CREATE TEMP TABLE expected_course_by_month ON COMMIT DROP AS
SELECT period_key, area_key, course, completions, with_both_scores FROM expected_course WHERE period_key LIKE 'month %' AND area_key LIKE 'division %';
SELECT is(pg_temp.differences('found_course_by_month', 'expected_course_by_month', 'period_key, area_key, course'), 0::bigint, 'training: every month, division and course');

-- The rate by officers, of the force and every fiscal year: administrations and carriage are recorded from the same days on.
SELECT results_eq($$
    SELECT period_key::text, administrations_by_officer_division, round(officer_years_carrying::numeric, 9) FROM kpi_bi.kpi_doses_by_division_period
    WHERE area_key = 'force' AND period_key LIKE 'fiscal_year %' AND period_key > 'fiscal_year 2020' ORDER BY 1 $$, $$
    SELECT e.period_key, (SELECT count(*) FROM kpi.administration_record a JOIN since s ON s.source = 'administration' AND s.division_code = coalesce(a.officer_division_code, 'UNKNOWN')
                          JOIN calendar c ON c.period_key = e.period_key AND a.occurred_at::date BETWEEN greatest(c.first_day, s.covered_from) AND c.last_day),
           round(e.officer_years_carrying::numeric, 9)
    FROM expected e WHERE e.area_key = 'force' AND e.period_key LIKE 'fiscal_year %' AND e.period_key > 'fiscal_year 2020' ORDER BY 1 $$, 'administrations by officers');

SELECT * FROM finish();
ROLLBACK;
