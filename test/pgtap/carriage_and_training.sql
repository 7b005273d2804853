-- The KPIs carriage_and_training and carriage_and_training_course, and the rate of administrations by officers: a handful of officers,
-- every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(41);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_carriage');

INSERT INTO test_carriage.division_record (division_code, division_name, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'North', '2020-01-01', '2024-04-30'),
    ('C', 'Gamma', NULL, '2020-01-01', NULL);
INSERT INTO test_carriage.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    ('officer_carriage', 'A', '2024-01-01', NULL), ('officer_carriage', 'B', '2024-01-01', NULL),
    ('officer_carriage', 'C', '2024-02-01', '2024-03-10'),
    ('officer_training', 'A', '2024-01-01', NULL), ('officer_training', 'B', '2024-02-10', NULL), ('officer_training', 'C', '2024-01-01', NULL),
    ('administration', 'A', '2024-01-11', NULL), ('administration', 'B', '2024-01-01', NULL), ('administration', 'C', '2024-01-01', NULL);
-- One administration in January: periods begin with the data that are counted.
INSERT INTO test_carriage.administration_record (administration_id, incident_id, incident_division_code, officer_division_code, occurred_at) VALUES
    ('a1', 'i1', 'B', 'A', '2024-01-10 12:00+00'),     -- A's forms are not recorded yet
    ('a2', 'i2', 'B', 'A', '2024-01-11 00:00+00'),     -- wherever the incident is
    ('a3', 'i3', 'A', 'B', '2024-04-30 22:59:59+00'),
    ('a4', 'i4', 'A', 'B', '2024-04-30 23:00:00+00'),  -- B has ended: UNKNOWN
    ('a5', 'i5', 'A', 'C', '2024-01-31 12:00+00'),     -- who carries in C is not recorded yet
    ('a6', 'i6', 'A', 'C', '2024-02-01 12:00+00'),
    ('a7', 'i7', 'A', NULL, '2024-02-01 12:00+00'),
    ('a8', 'i8', 'A', 'A', '2024-06-20 12:00+00'),     -- later than the day of the refresh
    ('a9', 'i9', NULL, 'A', 'infinity');

INSERT INTO test_carriage.officer_carriage_record (officer_key, division_code, eligible_from, eligible_to, carries_from, carries_to, recorded_at) VALUES
    -- All the time, and before the records; carried for eleven days of February.
    ('o1', 'A', '2019-01-01', NULL, '2024-02-10', '2024-02-20', NULL),
    -- From the second half of January, carrying from before: it begins with eligibility; until the leap day, and it ends with it.
    ('o2', 'A', '2024-01-16', '2024-02-29', '2020-01-01', NULL, NULL),
    -- Moves from A to B: the two records overlap, and the later holds; afterwards the first again. Recorded twice.
    ('o3', 'A', '2024-01-01', NULL, '2024-01-01', NULL, NULL),
    ('o3', 'B', '2024-03-01', '2024-03-31', '2024-03-01', NULL, NULL),
    ('o3', 'B', '2024-03-01', '2024-03-31', '2024-03-01', NULL, NULL),
    -- Never carries. In a division that ends: UNKNOWN's from then on. No division.
    ('o4', 'B', '2024-01-01', NULL, NULL, NULL, NULL),
    ('o5', NULL, '2024-02-01', NULL, '2024-02-01', NULL, NULL),
    -- C's records exist for 39 days only.
    ('o6', 'C', '2023-01-01', NULL, '2023-01-01', NULL, NULL),
    -- What makes no sense.
    ('x1', 'A', '2024-02-01', '2024-01-01', '2024-01-01', NULL, NULL),
    ('x2', 'A', 'infinity', NULL, '2024-01-01', NULL, NULL),
    ('x3', 'A', '2024-01-01', '-infinity', '2024-01-01', NULL, NULL),
    -- Carriage that ends before it begins; dates that nobody means.
    ('o7', 'A', '2024-06-01', '5874897-12-31', '2024-06-10', '2024-06-05', NULL),
    ('o8', 'A', '2024-06-15', 'infinity', '-infinity', '5874897-12-31', NULL);

INSERT INTO test_carriage.officer_training_record (officer_key, course, completed_on, score_before, score_after, recorded_at) VALUES
    ('o1', 'naloxone', '2020-02-29', 10, 15, NULL),      -- before the records: not a completion in them, but trained
    ('o1', 'naloxone', '2024-03-15', 11, 15, NULL),
    ('o1', 'first_aid', '2024-01-31', NULL, 9, NULL),
    ('o2', 'naloxone', '2024-01-20', 'NaN', 15, NULL),
    -- Twice on a day is once; the scores are those recorded last.
    ('o3', 'naloxone', '2024-03-01', 1, 2, '2024-03-02 12:00+00'),
    ('o3', 'naloxone', '2024-03-01', 8, 18, '2024-03-03 12:00+00'),
    ('o3', 'first_aid', '2024-02-01', 'Infinity', 1e300, NULL),
    ('o4', 'naloxone', '2024-02-09', 5, 6, NULL),        -- the last day before B's records
    ('o4', 'other', '2024-02-10', 5, 6, NULL),
    ('o9', 'naloxone', '2024-02-10', 5, 6, NULL),        -- nobody knows the officer
    ('o1', 'naloxone', '2024-06-17', 5, 6, NULL),        -- later than the day of the refresh
    ('o1', 'naloxone', 'infinity', 5, 6, NULL),
    ('o1', 'naloxone', '5874897-12-31', 5, 6, NULL);

CALL refresh('test_carriage', '2024-06-16');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_carriage.refresh_log WHERE mode = 'failed';
SELECT is(count(*), 0::bigint, 'nothing is wrong with what BI tools see') FROM bi_check('test_carriage');

SELECT is(ARRAY[eligible, carrying], officers, format('eligible and carrying: %s, %s, %s', period, area, what))
FROM (VALUES
    ('month 2024-01', 'division A', '{3,2}'::bigint[], 'o1, o2 and o3'),
    ('month 2024-02', 'division A', '{3,2}', 'on the leap day o2 is still there; o1 has stopped carrying'),
    ('month 2024-03', 'division A', '{1,0}', 'o2 has left, o3 has moved'),
    ('month 2024-03', 'division B', '{2,1}', 'o4, and o3 once'),
    ('month 2024-04', 'division A', '{2,1}', 'o3 is back'),
    ('month 2024-04', 'division B', '{1,0}', 'on its last day'),
    ('month 2024-05', 'division UNKNOWN', '{2,1}', 'o4 after that, and o5'),
    ('month 2024-02', 'division C', '{1,1}', 'C with records'),
    ('month 2024-02', 'force', '{6,4}', 'everybody in one place'),
    ('month 2024-03', 'force', '{4,2}', 'C has no records any more'),
    ('month 2024-06', 'division A', '{4,2}', 'of the running month on the day of the refresh: o7 does not carry, o8 does'),
    ('fiscal_year 2023-04', 'region North', '{3,1}', 'a year ends as its last month does')
) AS expected (period, area, officers, what)
LEFT JOIN test_carriage_bi.kpi_carriage_and_training_period k ON k.period_key = period AND k.area_key = area;
SELECT is(ARRAY[eligible, carrying], '{NULL,NULL}'::bigint[], 'no records on the last day: not known') FROM test_carriage_bi.kpi_carriage_and_training_period
WHERE period_key = 'month 2024-03' AND area_key = 'division C';

CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT coalesce(abs(found - expected) <= 1e-12 * abs(expected), false) $$;
SELECT ok(pg_temp.near(officer_years_eligible, eligible_days / 365.25) AND pg_temp.near(officer_years_carrying, carrying_days / 365.25),
          format('officer-years: %s, %s', period, area))
FROM (VALUES
    ('month 2024-01', 'division A', 31 + 16 + 31, 16 + 31),
    ('month 2024-02', 'division A', 29 + 29 + 29, 11 + 29 + 29),
    ('month 2024-03', 'division A', 31, 0),
    ('month 2024-03', 'division C', 10, 10),
    ('month 2024-05', 'division UNKNOWN', 31 + 31, 31),
    ('month 2024-06', 'division A', 16 + 16 + 16 + 2, 16 + 2)
) AS expected (period, area, eligible_days, carrying_days)
LEFT JOIN test_carriage_bi.kpi_carriage_and_training_period k ON k.period_key = period AND k.area_key = area;
-- By another way: every officer and day, one at a time.
SELECT ok(pg_temp.near(officer_years_carrying, (
    SELECT count(*) FROM generate_series(date '2024-01-01', date '2024-03-31', interval '1 day') AS day
    CROSS JOIN (VALUES (date '2024-02-10', date '2024-02-20'), ('2024-01-16', '2024-02-29'), ('2024-01-01', '2024-03-31'), ('2024-02-01', '2024-03-31'),
                       ('2024-02-01', '2024-03-10')) AS carried (first_day, last_day)
    WHERE day BETWEEN first_day AND last_day) / 365.25), 'officer-years of the force, day by day')
FROM test_carriage_bi.kpi_carriage_and_training_period WHERE period_key = 'fiscal_quarter 2024-01' AND area_key = 'force';
SELECT ok(pg_temp.near(y.officer_years_carrying, m.officer_years), 'months and divisions add up to the force''s year')
FROM test_carriage_bi.kpi_carriage_and_training_period y,
     (SELECT sum(officer_years_carrying) AS officer_years FROM test_carriage_bi.kpi_carriage_and_training WHERE period_key <= 'month 2024-03') m
WHERE y.period_key = 'fiscal_year 2023-04' AND y.area_key = 'force';
-- Wilson, of 2 in 3 (from R).
SELECT ok(pg_temp.near(carrying_share, 2 / 3.0) AND abs(carrying_share_lower - 0.2076596) < 1e-7 AND abs(carrying_share_upper - 0.9385081) < 1e-7, 'share carrying, with its interval')
FROM test_carriage_bi.kpi_carriage_and_training_period WHERE period_key = 'month 2024-01' AND area_key = 'division A';

-- eligible, trained, in date, overdue, carrying, carrying and not trained, completions, with both scores
CREATE FUNCTION pg_temp.course(period text, area text, of_course text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[eligible, trained, in_date, overdue, carrying, carrying_not_trained, completions, with_both_scores]
    FROM test_carriage_bi.kpi_carriage_and_training_course_period WHERE period_key = period AND area_key = area AND course = of_course $$;
SELECT is(pg_temp.course(period, area, course), figures, format('training: %s, %s, %s: %s', period, area, course, what))
FROM (VALUES
    ('month 2024-01', 'division A', 'naloxone', '{3,2,NULL,NULL,2,1,1,0}'::bigint[], 'o1 and o2 are trained; a score that is no number is none'),
    ('month 2024-01', 'division A', 'first_aid', '{3,1,NULL,NULL,2,2,1,0}', 'one score is not two'),
    ('month 2024-03', 'division A', 'naloxone', '{1,1,NULL,NULL,0,0,1,1}', NULL),
    ('month 2024-03', 'division B', 'naloxone', '{2,2,NULL,NULL,1,0,1,1}', 'o3 on the first day in B, once; o4 before the records'),
    ('month 2024-02', 'division UNKNOWN', 'naloxone', '{1,0,NULL,NULL,1,1,1,1}', 'an officer that nobody knows'),
    ('month 2024-02', 'division B', 'other', '{1,1,NULL,NULL,0,0,1,1}', 'another course'),
    ('month 2024-01', 'division B', 'naloxone', '{NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL}', 'before B''s records'),
    ('fiscal_year 2023-04', 'force', 'naloxone', '{4,3,NULL,NULL,2,1,4,3}', NULL)
) AS expected (period, area, course, figures, what);
SELECT is(count(mean_score_before), 0::bigint, 'no mean of fewer than ten') FROM test_carriage_bi.kpi_carriage_and_training_course_period;

-- A refresher after twelve months: in date on the day, overdue after it.
UPDATE test_carriage.setting SET refresher_months = 12;
UPDATE test_carriage.officer_training_record SET completed_on = '2023-06-16' WHERE officer_key = 'o3' AND course = 'first_aid';
INSERT INTO test_carriage.officer_training_record (officer_key, course, completed_on, score_before, score_after)
SELECT 'n' || n, 'naloxone', '2024-04-10', n, n + 3 FROM generate_series(1, 10) AS n;
CALL refresh('test_carriage', '2024-06-16');
SELECT is(pg_temp.course('month 2024-06', 'division A', 'first_aid'), '{4,2,2,0,2,1,0,0}'::bigint[], 'in date on the day twelve months after');
SELECT is(pg_temp.course('month 2024-02', 'division A', 'naloxone'), '{3,2,1,1,2,1,0,0}'::bigint[], 'trained on 29 February 2020, so overdue');
SELECT results_eq($$ SELECT completions, with_both_scores, mean_score_before, mean_score_after, mean_score_change FROM test_carriage_bi.kpi_carriage_and_training_course_period
    WHERE period_key = 'month 2024-04' AND area_key = 'force' AND course = 'naloxone' $$,
    $$ VALUES (10::bigint, 10::bigint, 5.5::float8, 8.5::float8, 3::float8) $$, 'means of ten');
CALL refresh('test_carriage', '2024-06-17');
SELECT is(pg_temp.course('month 2024-06', 'division A', 'first_aid'), '{4,2,1,1,2,1,0,0}'::bigint[], 'overdue the day after');

-- The rate by officers. Of A's administrations one is before its forms are recorded; 16 + 21 days of officers carrying are after.
SELECT results_eq($$ SELECT period_key || ', ' || area_key, administrations_by_officer_division, round((officer_years_carrying * 365.25)::numeric, 6)
    FROM test_carriage_bi.kpi_doses_by_division_period WHERE (period_key, area_key) IN (('month 2024-01', 'division A'), ('month 2024-01', 'division C'), ('month 2024-02', 'division C'),
        ('month 2024-02', 'division UNKNOWN'), ('month 2024-04', 'division B'), ('month 2024-04', 'division UNKNOWN'), ('month 2024-05', 'division UNKNOWN'), ('month 2024-02', 'force')) ORDER BY 1 $$,
    $$ VALUES ('month 2024-01, division A', 1::bigint, 37::numeric), ('month 2024-01, division C', NULL, NULL), ('month 2024-02, division C', 1, 29),
              ('month 2024-02, division UNKNOWN', 1, 29), ('month 2024-02, force', 2, 11 + 29 + 29 + 29 + 29), ('month 2024-04, division B', 1, 0),
              ('month 2024-04, division UNKNOWN', 0, 30), ('month 2024-05, division UNKNOWN', 1, 31) $$,
    'administrations by officers and officer-days carrying, on the days with both');
-- Garwood's limits of 2 (from R).
SELECT ok(pg_temp.near(administrations_per_1000_officer_years, 2 / officer_years_carrying * 1000)
          AND abs(administrations_per_1000_officer_years_lower * officer_years_carrying / 1000 - 0.242209278543) < 1e-9
          AND abs(administrations_per_1000_officer_years_upper * officer_years_carrying / 1000 - 7.224687667) < 1e-8, 'the rate, with its interval')
FROM test_carriage_bi.kpi_doses_by_division_period WHERE period_key = 'month 2024-02' AND area_key = 'force';
SELECT is(administrations_per_1000_officer_years, NULL, 'nobody carries: no rate') FROM test_carriage_bi.kpi_doses_by_division_period
WHERE period_key = 'month 2024-04' AND area_key = 'division B';

SELECT is(count(*), 0::bigint, 'no view shows who an officer is') FROM test_carriage_bi.kpi_dictionary WHERE column_name LIKE '%officer_key%';

SELECT * FROM finish();
ROLLBACK;
