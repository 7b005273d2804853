-- The KPI doses_by_division: a handful of administrations, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(46);
-- Neither the session's zone nor its DateStyle may matter to a day.
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_doses');

INSERT INTO test_doses.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30'),
    ('T', 'Transport', 'specialist', NULL, '2020-01-01', NULL);
INSERT INTO test_doses.source_coverage_record (source, division_code, covered_from) VALUES
    ('administration', 'A', '2023-10-01'), ('administration', 'B', '2024-01-01'), ('administration', 'T', '2024-01-01');
INSERT INTO test_doses.population_record (area_type, area_code, year, sex, people) VALUES
    ('division', 'A', 2021, NULL, 100000), ('division', 'A', 2024, NULL, 120000), ('division', 'B', 2026, NULL, 50000),
    ('division', 'A', 2024, 'male', 59000), ('council_area', 'A', 2024, NULL, 7);

INSERT INTO test_doses.administration_record
    (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, forms, person_key, doses) VALUES
    -- One incident, two people, across midnight and the end of a month; two officers wrote about the first.
    ('a01', 'i01', 1, 'A', '2024-01-31 23:50:00+00', 2, 'p1', '{2 x 1800 mcg intranasal}'),
    ('a02', 'i01', 2, 'A', '2024-02-01 00:05:00+00', 1, NULL, '{1 x 1800 mcg intranasal,2 x 400 mcg intramuscular}'),
    -- Doses not recorded; of unknown strength; an empty list, which records none either. No form at all is one form.
    ('a03', 'i02', 1, 'A', '2024-02-10 12:00:00+00', 1, 'p1', NULL),
    ('a04', 'i03', 1, 'A', '2024-02-11 12:00:00+00', 1, 'p2', '{1 x unknown}'),
    ('a05', 'i04', 1, 'A', '2024-02-12 12:00:00+00', 0, 'p1', '{}'),
    -- The last minutes of a division that ended on 30 April, and the first after them, in summer time.
    ('a06', 'i05', 1, 'B', '2024-04-30 22:30:00+00', 1, 'p3', '{4 x 1800 mcg intranasal}'),
    ('a07', 'i06', 1, 'B', '2024-04-30 23:30:00+00', 1, 'p3', '{1 x 1800 mcg intranasal}'),
    -- No division, and one that nobody knows; 23:30 UTC on 30 June is 1 July.
    ('a08', 'i07', 1, NULL, '2024-06-30 23:30:00+00', 1, NULL, '{3 x 1800 mcg intranasal}'),
    ('a09', 'i08', 1, 'ZZ', '2024-06-30 22:59:59+00', 1, 'p4', NULL),
    -- A specialist division, on the last second of a leap day.
    ('a10', 'i09', 1, 'T', '2024-02-29 23:59:59+00', 1, 'p5', '{2 x 1800 mcg intranasal}'),
    -- The clocks go forward on 31 March 2024: the day has 23 hours, and ends the fiscal year an hour before midnight UTC.
    ('a11', 'i10', 1, 'A', '2024-03-31 00:59:59+00', 1, 'p6', NULL),
    ('a12', 'i11', 1, 'A', '2024-03-31 01:00:00+00', 1, 'p7', NULL),
    ('a13', 'i12', 1, 'A', '2024-03-31 22:59:59+00', 1, 'p8', NULL),
    ('a14', 'i13', 1, 'A', '2024-03-31 23:00:00+00', 1, 'p8', NULL),
    -- After the day of the refresh, before coverage, and never.
    ('a15', 'i14', 1, 'A', '2024-07-16 12:00:00+00', 1, 'p1', NULL),
    ('a16', 'i15', 1, 'A', '2023-09-30 12:00:00+00', 1, 'p1', NULL),
    ('a17', 'i16', 1, 'A', 'infinity', 1, 'p1', NULL),
    ('a18', 'i17', 1, 'A', '-infinity', 1, 'p1', NULL),
    -- Incidents with administrations in two divisions: the first one's; of two at the same moment the first identifier's.
    ('a19', 'i18', 1, 'T', '2024-05-10 10:00:00+00', 1, 'p9', NULL),
    ('a20', 'i18', 2, 'A', '2024-05-10 10:05:00+00', 1, 'p10', NULL),
    ('a21', 'i19', 2, 'T', '2024-05-11 10:00:00+00', 1, NULL, NULL),
    ('a22', 'i19', 1, 'A', '2024-05-11 10:00:00+00', 1, NULL, NULL),
    -- The clocks go back on 29 October 2023; 31 October ends at midnight UTC again.
    ('a23', 'i20', 1, 'A', '2023-10-28 23:30:00+00', 1, 'p1', NULL),
    ('a24', 'i21', 1, 'A', '2023-10-31 23:30:00+00', 1, 'p1', NULL),
    -- The last second of the day of the refresh, and the first after it.
    ('a25', 'i22', 1, 'A', '2024-07-15 22:59:59+00', 1, NULL, NULL),
    ('a26', 'i23', 1, 'A', '2024-07-15 23:00:00+00', 1, NULL, NULL);

CALL refresh('test_doses', '2024-07-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere, infinite times or not') FROM test_doses.refresh_log WHERE mode = 'failed';

-- Local days.
SELECT results_eq($$ SELECT to_char(day, 'YYYY-MM-DD'), division_code, administrations FROM test_doses.administration_day WHERE day < 'infinity' ORDER BY 1, 2 $$,
    $$ VALUES ('2023-09-30', 'A', 1::bigint), ('2023-10-29', 'A', 1), ('2023-10-31', 'A', 1), ('2024-01-31', 'A', 1), ('2024-02-01', 'A', 1),
              ('2024-02-10', 'A', 1), ('2024-02-11', 'A', 1), ('2024-02-12', 'A', 1), ('2024-02-29', 'T', 1), ('2024-03-31', 'A', 3),
              ('2024-04-01', 'A', 1), ('2024-04-30', 'B', 1), ('2024-05-01', 'B', 1), ('2024-05-10', 'A', 1), ('2024-05-10', 'T', 1),
              ('2024-05-11', 'A', 1), ('2024-05-11', 'T', 1), ('2024-06-30', 'ZZ', 1), ('2024-07-01', 'UNKNOWN', 1),
              ('2024-07-15', 'A', 1), ('2024-07-16', 'A', 2) $$,
    'days are days in London, over the changes of the clocks and the leap day');

-- Counts, in columns: incidents, administrations, forms, people, without a key, with doses recorded, doses, over two doses, with
-- strength known, micrograms, in territorial divisions.
CREATE FUNCTION pg_temp.counts(period text, area text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[incidents, administrations, forms, people, without_person_key, with_doses_recorded, doses, over_two_doses,
                 with_strength_known, micrograms, territorial_administrations]
    FROM test_doses_bi.kpi_doses_by_division_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.counts(period, area), counts, format('%s, %s%s', period, area, coalesce(': ' || what, '')))
FROM (VALUES
    ('month 2023-10', 'division A', '{2,2,2,1,0,0,0,0,0,0,2}'::bigint[], 'both sides of a clock change; one person twice'),
    ('month 2023-11', 'division A', '{0,0,0,0,0,0,0,0,0,0,0}', 'nothing happened'),
    ('month 2024-01', 'division A', '{1,1,2,1,0,1,2,0,1,3600,1}', 'the first person of an incident, on two forms'),
    ('month 2024-02', 'division A', '{3,4,4,2,1,2,4,1,1,2600,4}', 'the incident''s second person is an administration, not another incident'),
    ('month 2024-02', 'division T', '{1,1,1,1,0,1,2,0,1,3600,0}', 'a leap day; nobody lives in a specialist division'),
    ('month 2024-03', 'division A', '{3,3,3,3,0,0,0,0,0,0,3}', 'the day of 23 hours'),
    ('month 2024-04', 'division A', '{1,1,1,1,0,0,0,0,0,0,1}', 'an hour before midnight UTC'),
    ('month 2024-04', 'division B', '{1,1,1,1,0,1,4,1,1,7200,1}', 'on its last day'),
    ('month 2024-05', 'division UNKNOWN', '{1,1,1,1,0,1,1,0,1,1800,0}', 'a division the day after it ended'),
    ('month 2024-05', 'division T', '{2,2,2,1,1,0,0,0,0,0,0}', 'incidents count where they began'),
    ('month 2024-05', 'division A', '{0,2,2,1,1,0,0,0,0,0,2}', 'and only there'),
    ('month 2024-06', 'division UNKNOWN', '{1,1,1,1,0,0,0,0,0,0,0}', 'a division that nobody knows'),
    ('month 2024-07', 'division UNKNOWN', '{1,1,1,0,1,1,3,1,1,5400,0}', 'no division'),
    ('month 2024-07', 'division A', '{1,1,1,0,1,0,0,0,0,0,1}', 'up to the last second of the day of the refresh'),
    ('fiscal_quarter 2024-01', 'force', '{8,9,10,6,1,4,8,1,3,9800,8}', NULL),
    ('fiscal_year 2023-04', 'force', '{10,11,12,6,1,4,8,1,3,9800,10}', NULL),
    ('fiscal_year 2024-04', 'region North', '{3,5,5,3,2,1,4,1,1,7200,5}', 'the divisions of a region'),
    ('fiscal_year 2024-04', 'force', '{8,10,10,5,4,3,8,2,3,14400,5}', 'a person in a division and in UNKNOWN is one person')
) AS expected (period, area, counts, what);
SELECT is(pg_temp.counts('month 2023-11', 'division B'), array_fill(NULL::bigint, ARRAY[11]), 'a month before coverage has its row, and no count');
SELECT is(pg_temp.counts('month 2024-06', 'division B'), NULL, 'a month after a division ended has no row');

-- What is made of the counts.
SELECT is(doses_per_administration, 2::float8, 'mean number of doses: 8 over the 4 recorded') FROM test_doses_bi.kpi_doses_by_division_period
WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force';
SELECT is(doses_per_administration, NULL, 'none where none is recorded') FROM test_doses_bi.kpi_doses_by_division_period
WHERE period_key = 'month 2023-10' AND area_key = 'division A';
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
SELECT ok(over_two_doses_share = 0.25 AND pg_temp.near(over_two_doses_share_lower, 0.04558726080970055)
          AND pg_temp.near(over_two_doses_share_upper, 0.6993581574175981), 'share with more than two doses: 1 of 4, Wilson')
FROM test_doses_bi.kpi_doses_by_division_period WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force';
SELECT is(over_two_doses_share, NULL, 'of none recorded there is no share') FROM test_doses_bi.kpi_doses_by_division_period
WHERE period_key = 'month 2023-10' AND area_key = 'division A';

-- Person-years: people times days with records / 365.25. A has 100,000 people until the end of 2023 (the latest figure before, not
-- the nearer one after) and 120,000 from then on; B has 50,000 (the first figure after) and records from 2024; nobody lives in T.
SELECT ok(pg_temp.near(y.person_years, expected.person_days / 365.25), format('person-years of %s, %s', period, area))
FROM (VALUES
    ('month 2023-10', 'division A', 100000 * 31::float8),
    ('month 2024-02', 'division A', 120000 * 29),
    ('month 2024-02', 'region North', (120000 + 50000) * 29),
    ('month 2023-10', 'force', 100000 * 31),
    ('fiscal_year 2023-04', 'division A', 100000 * 92 + 120000 * 91),
    ('fiscal_year 2023-04', 'force', 100000 * 92 + 120000 * 91 + 50000 * 91),
    ('fiscal_year 2024-04', 'division B', 50000 * 30),
    ('month 2024-07', 'division A', 120000 * 15)
) AS expected (period, area, person_days)
LEFT JOIN test_doses_bi.kpi_doses_by_division_period y ON y.period_key = period AND y.area_key = area;
SELECT is(count(person_years), 0::bigint, 'no person-years outside coverage, in a specialist division or in UNKNOWN')
FROM test_doses_bi.kpi_doses_by_division_period
WHERE area_key IN ('division T', 'division UNKNOWN') OR (area_key = 'division B' AND period_key < 'month 2024-01' AND period_key LIKE 'month%');

-- Limits of a Poisson count with 95 %: of 4, Garwood's; of 10, Byar's (from R).
SELECT ok(pg_temp.near(administrations_per_100k, 4 / person_years * 100000)
          AND pg_temp.near(administrations_per_100k_lower, 1.0898653736263253 / person_years * 100000)
          AND pg_temp.near(administrations_per_100k_upper, 10.241588675403698 / person_years * 100000)
          AND pg_temp.near(administrations_per_100k, 41.98275862068966), 'rate of a division and month: 4 in 120,000 people and 29 days')
FROM test_doses_bi.kpi_doses_by_division_period WHERE period_key = 'month 2024-02' AND area_key = 'division A';
SELECT ok(pg_temp.near(administrations_per_100k, 10 / person_years * 100000)
          AND pg_temp.near(administrations_per_100k_lower, 4.7874499139675644 / person_years * 100000)
          AND pg_temp.near(administrations_per_100k_upper, 18.391458605756473 / person_years * 100000), 'rate of the force: 10 of its 11 administrations are territorial')
FROM test_doses_bi.kpi_doses_by_division_period WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force';
SELECT ok(administrations_per_100k = 0 AND administrations_per_100k_lower = 0 AND pg_temp.near(administrations_per_100k_upper, 3.6888794541139354 / person_years * 100000),
          'a rate of none has an upper limit')
FROM test_doses_bi.kpi_doses_by_division_period WHERE period_key = 'month 2023-11' AND area_key = 'division A';

-- Divisions and months add up to the force and the year.
SELECT results_eq($$
    SELECT y.period_key, sum(incidents)::bigint, sum(administrations)::bigint, sum(forms)::bigint, sum(doses)::bigint, sum(micrograms)::bigint, sum(k.division_days)::bigint, sum(covered_division_days)::bigint
    FROM test_doses_bi.kpi_doses_by_division k
    JOIN test_doses_bi.dim_period m USING (period_key)
    JOIN test_doses_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 ORDER BY 1 $$, $$
    SELECT period_key, incidents, administrations, forms, doses, micrograms, division_days, covered_division_days
    FROM test_doses_bi.kpi_doses_by_division_period WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' ORDER BY 1 $$,
    'months and divisions, UNKNOWN among them, add up to the force''s years');
SELECT results_eq($$ SELECT division_days, covered_division_days FROM test_doses_bi.kpi_doses_by_division_period
                     WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' ORDER BY period_key $$,
    -- Three divisions and 366 days, with records for 183, 91 and 91; then 106, 30 and 106 days, all with records.
    $$ VALUES (1098::bigint, 365::bigint), (242, 242) $$, 'days of divisions, and days with records');

-- Rows in = rows accounted for.
SELECT results_eq($$ SELECT records, counted_in_division, counted_unknown, division_not_held, after_as_of, outside_coverage, day_not_known
                     FROM test_doses.record_accounting WHERE source = 'administration' $$,
    $$ VALUES (26::bigint, 18::bigint, 3::bigint, 2::bigint, 2::bigint, 1::bigint, 2::bigint) $$, 'where every record was counted, or why not');

-- A division without a population: not a smaller exposure but none.
DELETE FROM test_doses.population_record WHERE area_code = 'B';
CALL refresh('test_doses', '2024-07-15');
SELECT is(count(person_years), 0::bigint, 'without the population of one division there are no person-years of the force')
FROM test_doses_bi.kpi_doses_by_division_period WHERE area_key IN ('force', 'region North') AND period_key IN ('month 2024-02', 'fiscal_year 2023-04');
SELECT is(count(person_years), 2::bigint, 'but there are where that division has no records')
FROM test_doses_bi.kpi_doses_by_division_period WHERE area_key IN ('force', 'region North') AND period_key = 'month 2023-10';

-- A correction changes history; a deletion too.
UPDATE test_doses.administration_record SET incident_division_code = 'B', doses = '{9 x 400 mcg intramuscular}' WHERE administration_id = 'a03';
DELETE FROM test_doses.administration_record WHERE administration_id IN ('a05', 'a10');
CALL refresh('test_doses', '2024-07-15');
SELECT is(pg_temp.counts('month 2024-02', 'division A'), '{1,2,2,1,1,2,4,1,1,2600,2}'::bigint[], 'a corrected and a deleted record leave where they were');
SELECT is(pg_temp.counts('month 2024-02', 'division B'), '{1,1,1,1,0,1,9,1,1,3600,1}'::bigint[], 'and come where they belong');
SELECT is(pg_temp.counts('month 2024-02', 'division T'), '{0,0,0,0,0,0,0,0,0,0,0}'::bigint[], 'nothing is left of a bucket''s only record');

SELECT * FROM finish();
ROLLBACK;
