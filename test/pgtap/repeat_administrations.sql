-- The KPI repeat_administrations: a handful of people, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(38);
SET LOCAL TimeZone = 'Pacific/Kiritimati';

SELECT deploy('test_repeat');
INSERT INTO test_repeat.division_record (division_code, division_name, region, valid_from) VALUES ('A', 'Alpha', 'North', '2020-01-01'), ('B', 'Beta', 'North', '2020-01-01');
INSERT INTO test_repeat.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    ('administration', 'A', '2024-01-01', 'infinity'), ('administration', 'B', '2024-01-01', '2024-12-31');

INSERT INTO test_repeat.administration_record (administration_id, incident_id, incident_division_code, person_key, occurred_at, survival, survival_as_at)
SELECT n, n, division, person, at::timestamptz, survival, survival_as_at
FROM (VALUES
    -- Ten people of 10 January, and what came after: 30 and 31 days, 90, 365 and 366.
    (1, 'A', 'r1', '2024-01-10 12:00Z', NULL, NULL), (2, 'A', 'r1', '2024-02-09 12:00Z', NULL, NULL),
    (3, 'A', 'r2', '2024-01-10 12:00Z', NULL, NULL), (4, 'A', 'r2', '2024-02-10 12:00Z', NULL, NULL),
    (5, 'A', 'r3', '2024-01-10 12:00Z', NULL, NULL), (6, 'A', 'r3', '2024-04-09 12:00Z', NULL, NULL),
    (7, 'A', 'r4', '2024-01-10 12:00Z', NULL, NULL), (8, 'A', 'r4', '2025-01-09 12:00Z', NULL, NULL),
    (9, 'A', 'r5', '2024-01-10 12:00Z', NULL, NULL), (10, 'A', 'r5', '2025-01-10 12:00Z', NULL, NULL),
    -- On the same day; a death that is linked, one that was excluded, one before handover, one later on the form; in another division.
    (11, 'A', 'r6', '2024-01-10 12:00Z', NULL, NULL), (12, 'A', 'r6', '2024-01-10 13:00Z', NULL, NULL),
    (13, 'A', 'r7', '2024-01-10 12:00Z', NULL, NULL), (14, 'A', 'r8', '2024-01-10 12:00Z', 'died', '30_days'),
    (15, 'A', 'r9', '2024-01-10 12:00Z', 'died', NULL),
    (16, 'A', 'r10', '2024-01-10 12:00Z', NULL, NULL), (17, 'B', 'r10', '2024-01-25 12:00Z', NULL, NULL),
    -- Not known who.
    (18, 'A', NULL, '2024-01-10 12:00Z', NULL, NULL), (19, 'A', NULL, '2024-01-11 12:00Z', NULL, NULL),
    -- Four times, two of them on one day; the last is a death.
    (20, 'A', 'r12', '2024-02-05 12:00Z', NULL, NULL), (21, 'A', 'r12', '2024-02-05 12:00Z', NULL, NULL), (22, 'A', 'r12', '2024-03-01 12:00Z', NULL, NULL),
    (23, 'A', 'r12', '2024-03-02 12:00Z', 'died', 'handover'),
    -- At the end of the records of B: again in B, which nobody knows, and again in A.
    (24, 'B', 'b1', '2024-12-01 12:00Z', NULL, NULL), (25, 'B', 'b1', '2025-02-01 12:00Z', NULL, NULL),
    (26, 'B', 'b2', '2024-12-01 12:00Z', NULL, NULL), (27, 'A', 'b2', '2024-12-20 12:00Z', NULL, NULL),
    -- In no division; 1 and 30 July in London; never, and before there are records.
    (28, NULL, 'u', '2024-03-05 12:00Z', NULL, NULL), (29, 'A', 's', '2024-06-30 23:30Z', NULL, NULL), (30, 'A', 's', '2024-07-30 22:59:59Z', NULL, NULL),
    (31, 'A', 'r3', 'infinity', NULL, NULL), (32, 'A', 'r8', '-infinity', NULL, NULL), (33, 'A', 'r2', '2023-12-31 12:00Z', NULL, NULL)
) AS t (n, division, person, at, survival, survival_as_at);

INSERT INTO test_repeat.drug_death_record (death_id, died_on, status, administration_id) VALUES
    ('d1', '2024-01-20', 'confirmed', '13'), ('d2', '2024-03-20', 'suspected', '13'), ('d3', '2024-01-20', 'excluded', '14'),
    -- No day of death: before the administration, never, in no year, and of nobody here.
    ('d4', '2024-01-09', 'confirmed', '9'), ('d5', 'infinity', 'confirmed', '7'), ('d6', '5000000-01-01', 'confirmed', '5'), ('d7', '2024-01-20', 'confirmed', 'nobody'),
    ('d8', '2024-01-20', 'confirmed', NULL), ('d9', '2024-01-20', 'confirmed', '18');

CALL refresh('test_repeat', '2025-06-30');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_repeat.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.values(period text, area text, variadic columns text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(round((to_jsonb(k) ->> c)::numeric, 10)::float8::text, '-'), ' ' ORDER BY n)
    FROM test_repeat_bi.kpi_repeat_administrations_period k, unnest(columns) WITH ORDINALITY AS u (c, n)
    WHERE period_key = period AND area_key = area $$;
CREATE FUNCTION pg_temp.people(period text, area text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.values(period, area, 'people', 'people_with_two', 'people_with_three', 'people_with_four_or_more') $$;
CREATE FUNCTION pg_temp.followed(period text, area text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.values(period, area, 'people_repeated', 'people_died', 'people_not_repeated') $$;
CREATE FUNCTION pg_temp.shares(period text, area text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.values(period, area, 'repeated_within_30_days_share', 'repeated_within_90_days_share', 'repeated_within_365_days_share', 'died_within_365_days_share') $$;

-- People.
SELECT is(pg_temp.people(period, area), expected, format('%s, %s: %s', period, area, what))
FROM (VALUES
    ('month 2024-01', 'division A', '10 1 0 0', 'r6 twice'), ('month 2024-01', 'division B', '1 0 0 0', 'r10'), ('month 2024-01', 'region North', '10 2 0 0', 'in both, r10 twice'),
    ('month 2024-02', 'division A', '3 1 0 0', 'r1, r2, and r12 twice'), ('fiscal_year 2023-04', 'division A', '11 3 0 1', 'r1, r2, r6; r12 four times; what was before the records is not there'),
    ('fiscal_quarter 2024-01', 'force', '12 4 0 1', 'and r10, and u once'), ('rolling_12_months 2024-01', 'division A', '13 5 0 1', 'r1, r2, r3, r6, s; r12; and b2'), ('rolling_12_months 2024-02', 'division A', '8 1 0 1', 'from February: s twice, r12 four times, and r1 to r5 and b2 once'),
    ('month 2024-03', 'division UNKNOWN', '1 0 0 0', 'in no division'), ('month 2024-05', 'division A', '0 0 0 0', 'nobody'), ('month 2023-12', 'division A', '- - - -', 'before there are records')
) AS t (period, area, expected, what);

-- Administrations that are repeats.
SELECT is(pg_temp.values(period, area, 'administrations', 'without_person_key', 'repeats_within_30_days', 'repeats_within_90_days', 'repeats_within_365_days'), expected, format('%s, %s: %s', period, area, what))
FROM (VALUES
    ('month 2024-01', 'division A', '13 2 1 1 1', 'r6''s second'), ('month 2024-01', 'division B', '1 0 1 1 1', 'whatever the division of the first'), ('month 2024-02', 'division A', '4 0 2 3 3', '30 days and 31'),
    ('month 2025-01', 'division A', '2 0 0 0 1', '365 days and 366'), ('month 2025-02', 'division B', '- - - - -', 'records have ended'), ('fiscal_year 2023-04', 'force', '21 2 6 7 7', 'the year')
) AS t (period, area, expected, what);

-- What followed the first. All ten of January have been followed for a year, so that shares are tenths of counts.
SELECT is(pg_temp.followed('month 2024-01', 'division A'), '6 2 2', 'six again, in up to 365 days; r7 and r9 died; r5 and r8 not');
SELECT is(pg_temp.shares('month 2024-01', 'division A'), '0.3 0.5 0.6 0.2', 'r1, r6, r10 within 30 days; r2, r3 within 90; r4 within 365');
SELECT is(pg_temp.followed('month 2024-02', 'division A'), '1 0 2', 'r12 on the same day; r1 and r2 not for a year');
SELECT is(pg_temp.followed('month 2024-03', 'division A'), '1 0 0', 'again first, then the death');
SELECT is(pg_temp.shares('month 2024-07', 'division A'), '1 1 1 0', 'days in London: 1 and 30 July');
SELECT is(pg_temp.shares('month 2024-05', 'division A'), '- - - -', 'of nobody no shares');
-- As of June 2025 u has been followed for a year, b2 had another, b1 was followed to the end of the records.
SELECT is(pg_temp.followed('month 2024-12', 'division B'), '1 0 1', 'beyond the end of records nothing is known');
SELECT is(pg_temp.shares('month 2024-12', 'division B'), '0.5 - - -', 'nor anybody followed');
SELECT is(pg_temp.followed('rolling_12_months 2024-01', 'force'),
    -- Again: r1 to r4, r6, r10, r12, b2, s; died: r7, r9; neither: r5, r8, u, b1.
    '9 2 4', 'over a year each by the first');
SELECT ok(repeated_within_30_days_share_lower > 0 AND repeated_within_30_days_share_lower < 0.3 AND repeated_within_30_days_share_upper > 0.3
          AND repeated_within_30_days_share_lower = l AND repeated_within_30_days_share_upper = u, 'with the limits of incidence() of that life table')
FROM test_repeat_bi.kpi_repeat_administrations_period,
     (SELECT lower AS l, upper AS u FROM incidence('{unit: day, censored: {365:2}, 1: {0:1, 15:1, 30:1, 31:1, 90:1, 365:1}, 2: {0:1, 10:1}}', 1, 30)) i
WHERE period_key = 'month 2024-01' AND area_key = 'division A';

-- As of past days.
CALL refresh('test_repeat', '2024-02-09');
SELECT is(pg_temp.followed('month 2024-01', 'division A') || ', ' || pg_temp.shares('month 2024-01', 'division A'), '3 2 5, 0.3 - - -', 'on the 30th day');
CALL refresh('test_repeat', '2024-02-08');
SELECT is(pg_temp.followed('month 2024-01', 'division A') || ', ' || pg_temp.shares('month 2024-01', 'division A'), '2 2 6, - - - -', 'on the day before');
CALL refresh('test_repeat', '2024-01-19');
SELECT is(pg_temp.followed('month 2024-01', 'division A') || ', ' || pg_temp.people('month 2024-01', 'region North'), '1 1 8, 10 1 0 0', 'before the death, and before r10 came again');
CALL refresh('test_repeat', '2024-06-02');
SELECT is(pg_temp.shares('fiscal_year 2023-04', 'force'),
    -- Twelve: ten of 10 January, r12 of 5 February, u of 5 March. Again at 0 days r6 and r12, at 15 r10, at 30 r1, at 31 r2; dead at 0 r9, at 10 r7.
    -- Five are left when u has been followed for 89 days and no longer, and four at 90 days, of whom r3 comes again.
    (SELECT round(4 / 12::numeric, 10)::float8 || ' ' || round(5 / 12::numeric + 5 / 12::numeric / 4, 10)::float8 || ' - -'), 'who is not followed for 90 days counts for 89');

-- A correction and a deletion change history; a second refresh nothing.
CALL refresh('test_repeat', '2025-06-30');
DELETE FROM test_repeat.administration_record WHERE administration_id = '2';
UPDATE test_repeat.administration_record SET person_key = 'r8' WHERE administration_id = '4';
DELETE FROM test_repeat.drug_death_record WHERE death_id = 'd1';
UPDATE test_repeat.drug_death_record SET status = 'confirmed' WHERE death_id = 'd3';
CALL refresh('test_repeat', '2025-06-30');
SELECT is(pg_temp.followed('month 2024-01', 'division A') || ', ' || pg_temp.shares('month 2024-01', 'division A'),
    -- Again: r3, r4, r6, r10; died: r7 in March, r8 on 20 January, before what is now the second administration, r9; not: r1, r2, r5.
    '4 3 3, 0.2 0.3 0.4 0.3', 'corrected records');
CREATE TEMP TABLE before AS SELECT * FROM test_repeat_bi.kpi_repeat_administrations_period;
CALL refresh('test_repeat', '2025-06-30');
SELECT set_eq('SELECT * FROM test_repeat_bi.kpi_repeat_administrations_period', 'SELECT * FROM before', 'refreshed twice is the same');

-- Months and divisions add up.
SELECT results_eq($$
    SELECT y.period_key, sum(administrations)::bigint, sum(without_person_key)::bigint, sum(repeats_within_30_days)::bigint, sum(repeats_within_90_days)::bigint, sum(repeats_within_365_days)::bigint
    FROM test_repeat_bi.kpi_repeat_administrations k
    JOIN test_repeat_bi.dim_period m USING (period_key)
    JOIN test_repeat_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 ORDER BY 1 $$, $$
    SELECT period_key, administrations, without_person_key, repeats_within_30_days, repeats_within_90_days, repeats_within_365_days
    FROM test_repeat_bi.kpi_repeat_administrations_period WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' ORDER BY 1 $$,
    'months and divisions add up to the force''s years');
SELECT is_empty('SELECT * FROM test_repeat_bi.kpi_repeat_administrations_period WHERE people <> people_repeated + people_died + people_not_repeated', 'everybody had another, or died, or neither');
SELECT is_empty($$ SELECT * FROM bi_check('test_repeat') $$, 'nor with what analysts see');
SELECT is(count(*), 0::bigint, 'no refresh has failed') FROM test_repeat.refresh_log WHERE mode = 'failed';

SELECT * FROM finish();
ROLLBACK;
