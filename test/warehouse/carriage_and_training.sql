-- carriage_and_training and carriage_and_training_course in the sample warehouse, row by row, beside the same counted officer by officer on
-- the last day of every period, and officer-days span by span.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(8);
\ir preamble/records.psql

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
       pg_temp.wilson(s.carrying::bigint, s.eligible::bigint, -1) AS carrying_share_lower, pg_temp.wilson(s.carrying::bigint, s.eligible::bigint, 1) AS carrying_share_upper,
       CASE WHEN k.is_covered THEN coalesce(s.eligible_days, 0) / 365.25 END AS officer_years_eligible,
       CASE WHEN k.is_covered THEN coalesce(s.carrying_days, 0) / 365.25 END AS officer_years_carrying
FROM key k
LEFT JOIN LATERAL (SELECT sum(eligible) AS eligible, sum(carrying) AS carrying, sum(eligible_days) AS eligible_days, sum(carrying_days) AS carrying_days
                   FROM standing s WHERE s.period_key = k.period_key AND s.division_code = ANY (k.divisions)) s ON true;
CREATE TEMP TABLE found ON COMMIT DROP AS TABLE kpi_bi.kpi_carriage_and_training_period;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key'), 0::bigint, 'carriage: every period and area');
SELECT cmp_ok(count(*), '>=', 1000::bigint, 'of which there are many') FROM found WHERE eligible > 0;
CREATE TEMP TABLE found_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_carriage_and_training;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, division_days, covered_division_days, officer_years_eligible, officer_years_carrying
FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %';
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key'), 0::bigint, 'carriage: every month and division');

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
SELECT e.period_key, e.area_key, c.course, h.division_days, h.covered_division_days, e.eligible, CASE WHEN k.is_covered THEN coalesce(t.trained, 0) END AS trained,
       coalesce(t.trained, 0)::float8 / nullif(e.eligible, 0) AS trained_share, pg_temp.wilson(coalesce(t.trained, 0)::bigint, e.eligible::bigint, -1) AS trained_share_lower,
       pg_temp.wilson(coalesce(t.trained, 0)::bigint, e.eligible::bigint, 1) AS trained_share_upper,
       -- How long training lasts is not set in the sample.
       NULL::bigint AS in_date, NULL::bigint AS overdue, NULL::float8 AS in_date_share, NULL::float8 AS in_date_share_lower, NULL::float8 AS in_date_share_upper,
       e.carrying, CASE WHEN k.is_covered THEN e.carrying - coalesce(t.carrying_trained, 0) END AS carrying_not_trained,
       CASE WHEN k.is_covered THEN coalesce(d.completions, 0) END AS completions, CASE WHEN k.is_covered THEN coalesce(d.with_both_scores, 0) END AS with_both_scores,
       CASE WHEN d.with_both_scores >= 10 THEN d.mean_before END AS mean_score_before, CASE WHEN d.with_both_scores >= 10 THEN d.mean_after END AS mean_score_after,
       CASE WHEN d.with_both_scores >= 10 THEN d.mean_change END AS mean_score_change
FROM key k JOIN expected e USING (period_key, area_key)
JOIN cover h ON h.source = 'officer_training' AND h.period_key = k.period_key AND h.area_key = k.area_key
CROSS JOIN (VALUES ('naloxone'), ('first_aid'), ('trauma_informed')) AS c (course)
LEFT JOIN LATERAL (SELECT sum(trained) AS trained, sum(carrying_trained) AS carrying_trained FROM trained t
                   WHERE t.period_key = k.period_key AND t.course = c.course AND t.division_code = ANY (k.divisions)) t ON true
LEFT JOIN (
    SELECT p.period_key, a.area_key, f.course, count(*) AS completions, count(*) FILTER (WHERE score_before IS NOT NULL AND score_after IS NOT NULL) AS with_both_scores,
           avg(score_before) FILTER (WHERE score_after IS NOT NULL) AS mean_before, avg(score_after) FILTER (WHERE score_before IS NOT NULL) AS mean_after,
           avg(score_after - score_before) AS mean_change
    FROM completion f JOIN calendar p ON f.completed_on BETWEEN p.first_day AND p.last_day JOIN territory a USING (division_code) GROUP BY 1, 2, 3) d
  ON d.period_key = k.period_key AND d.area_key = k.area_key AND d.course = c.course;
CREATE TEMP TABLE found_course ON COMMIT DROP AS TABLE kpi_bi.kpi_carriage_and_training_course_period;
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
