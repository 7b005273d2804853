-- The KPI drug_deaths: a handful of deaths, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(29);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_deaths');

INSERT INTO test_deaths.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30'),
    ('T', 'Transport', 'specialist', NULL, '2020-01-01', NULL);
INSERT INTO test_deaths.source_coverage_record (source, division_code, covered_from) VALUES
    ('drug_death', 'A', '2023-10-01'), ('drug_death', 'B', '2024-01-01'), ('drug_death', 'T', '2024-01-01');
INSERT INTO test_deaths.population_record (area_type, area_code, year, people) VALUES
    ('division', 'A', 2024, 100000), ('division', 'B', 2024, 50000);

INSERT INTO test_deaths.drug_death_record (death_id, division_code, residence_division_code, died_on, status, status_on, reviewed_on, reported_to_chief_officers_on) VALUES
    -- Every status; where the person lived does not matter. A status that is none of the three, and one of a day to come.
    ('d01', 'A', 'B', '2024-01-10', 'confirmed', '2024-04-01', '2024-03-01', '2024-01-12'),
    ('d02', 'A', NULL, '2024-01-11', 'suspected', NULL, NULL, NULL),
    ('d03', 'A', NULL, '2024-01-12', 'excluded', '2024-06-01', '2024-03-01', '2024-01-20'),
    ('d04', 'A', NULL, '2024-01-13', 'under enquiry', NULL, NULL, NULL),
    ('d05', 'A', NULL, '2024-02-01', 'excluded', '2024-08-30', NULL, NULL),
    ('d06', 'A', NULL, '2024-02-02', 'confirmed', 'infinity', NULL, NULL),
    ('d07', 'A', NULL, '2024-02-29', 'confirmed', '2024-08-29', '2024-08-29', '2024-08-29'),
    -- Six months before the day of the refresh, 29 August 2024: on the last of February, which is six months, and a day later.
    ('d08', 'A', NULL, '2024-03-01', 'confirmed', '2024-08-01', '2024-08-30', 'infinity'),
    -- Dated before the death.
    ('d09', 'A', NULL, '2024-02-03', 'confirmed', '2020-01-01', '2024-02-02', NULL),
    ('d10', 'A', NULL, '2024-02-04', 'confirmed', NULL, '2024-02-04', '2024-01-01'),
    -- The last day of a division, and the first without it; none; one that nobody knows; a specialist one.
    ('d11', 'B', NULL, '2024-04-30', 'confirmed', NULL, NULL, NULL),
    ('d12', 'B', NULL, '2024-05-01', 'confirmed', NULL, NULL, NULL),
    ('d13', NULL, 'A', '2024-05-02', 'suspected', NULL, NULL, NULL),
    ('d14', 'ZZ', 'A', '2024-05-03', 'suspected', NULL, NULL, NULL),
    ('d15', 'T', 'A', '2024-05-04', 'confirmed', NULL, NULL, NULL),
    -- After the day of the refresh, on it, before coverage, on its first day, and never.
    ('d16', 'A', NULL, '2024-08-30', 'suspected', NULL, NULL, NULL),
    ('d17', 'A', NULL, '2024-08-29', 'suspected', NULL, '2024-08-29', NULL),
    ('d18', 'A', NULL, '2023-09-30', 'confirmed', NULL, NULL, NULL),
    ('d19', 'A', NULL, '2023-10-01', 'confirmed', '-infinity', '2023-11-01', '-infinity'),
    ('d20', 'A', NULL, 'infinity', 'confirmed', NULL, NULL, NULL),
    ('d21', 'A', NULL, '-infinity', 'confirmed', 'infinity', 'infinity', 'infinity');

CALL refresh('test_deaths', '2024-08-29');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere, infinite days or not') FROM test_deaths.refresh_log WHERE mode = 'failed';

-- In columns: deaths, suspected, confirmed, status not known, excluded, in territorial divisions, reviewed, reported, over six months
-- old, of those reviewed, of those reported, dated before the death.
CREATE FUNCTION pg_temp.counts(period text, area text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[deaths, suspected, confirmed, status_not_known, excluded, territorial_deaths, reviewed, reported_to_chief_officers,
                 over_six_months_old, over_six_months_old_reviewed, over_six_months_old_reported, dated_before_death]
    FROM test_deaths_bi.kpi_drug_deaths_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.counts(period, area), counts, format('%s, %s%s', period, area, coalesce(': ' || what, '')))
FROM (VALUES
    ('month 2023-10', 'division A', '{1,0,1,0,0,1,1,0,1,1,0,0}'::bigint[], 'the first day of coverage; a report of a day that is none'),
    ('month 2023-11', 'division A', '{0,0,0,0,0,0,0,0,0,0,0,0}', 'nobody died'),
    ('month 2024-01', 'division A', '{3,1,1,1,1,3,1,1,3,1,1,0}', 'what is excluded is in no other count'),
    ('month 2024-02', 'division A', '{5,1,4,0,0,5,2,1,4,1,0,2}', 'excluded tomorrow is suspected today; six months are not over six months'),
    ('month 2024-03', 'division A', '{1,0,1,0,0,1,0,0,0,0,0,0}', 'a review tomorrow is none'),
    ('month 2024-04', 'division B', '{1,0,1,0,0,1,0,0,0,0,0,0}', 'on its last day'),
    ('month 2024-05', 'division UNKNOWN', '{3,2,1,0,0,0,0,0,0,0,0,0}', 'the day after a division ended; none; one that nobody knows'),
    ('month 2024-05', 'division T', '{1,0,1,0,0,0,0,0,0,0,0,0}', 'nobody lives in a specialist division'),
    ('month 2024-08', 'division A', '{1,1,0,0,0,1,1,0,0,0,0,0}', 'up to the day of the refresh'),
    ('fiscal_year 2023-04', 'force', '{10,2,7,1,1,10,4,2,8,3,1,2}', NULL),
    ('fiscal_year 2024-04', 'region North', '{2,1,1,0,0,2,1,0,0,0,0,0}', 'the divisions of a region'),
    ('fiscal_year 2024-04', 'force', '{6,3,3,0,0,2,1,0,0,0,0,0}', NULL)
) AS expected (period, area, counts, what);
SELECT is(pg_temp.counts('month 2023-11', 'division B'), array_fill(NULL::bigint, ARRAY[12]), 'a month before coverage has its row, and no count');
SELECT is(pg_temp.counts('month 2024-06', 'division B'), NULL, 'a month after a division ended has no row');

CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
-- 5 deaths in 100,000 people and 29 days; the exact limits of 5 with 95 %, from sums of Poisson probabilities to 40 digits.
SELECT ok(pg_temp.near(person_years, 100000 * 29 / 365.25) AND pg_temp.near(deaths_per_100k, 5 * 365.25 / 29)
          AND pg_temp.near(deaths_per_100k_lower, 1.6234863901184204 * 365.25 / 29)
          AND pg_temp.near(deaths_per_100k_upper, 11.668332079322669 * 365.25 / 29), 'rate of a division and month')
FROM test_deaths_bi.kpi_drug_deaths_period WHERE period_key = 'month 2024-02' AND area_key = 'division A';
SELECT ok(deaths_per_100k = 0 AND deaths_per_100k_lower = 0 AND pg_temp.near(deaths_per_100k_upper, 3.6888794541139354 * 365.25 / 30), 'a rate of none has an upper limit')
FROM test_deaths_bi.kpi_drug_deaths_period WHERE period_key = 'month 2023-11' AND area_key = 'division A';
SELECT is(count(deaths_per_100k), 0::bigint, 'no rate where nobody lives, and none outside coverage') FROM test_deaths_bi.kpi_drug_deaths_period
WHERE area_key IN ('division T', 'division UNKNOWN') OR (area_key = 'division B' AND period_key = 'month 2023-11');
-- Wilson's limits of 1 of 4 with 95 %.
SELECT ok(reviewed_share = 0.25 AND pg_temp.near(reviewed_share_lower, 0.04558726080970055) AND pg_temp.near(reviewed_share_upper, 0.6993581574175981),
          'share reviewed: of those over six months old')
FROM test_deaths_bi.kpi_drug_deaths_period WHERE period_key = 'month 2024-02' AND area_key = 'division A';
SELECT ok(reported_share = 0 AND reported_share_lower = 0 AND reported_share_upper < 0.5, 'share reported: none of four')
FROM test_deaths_bi.kpi_drug_deaths_period WHERE period_key = 'month 2024-02' AND area_key = 'division A';
SELECT ok(reviewed_share IS NULL AND reported_share IS NULL, 'of none over six months old there is no share')
FROM test_deaths_bi.kpi_drug_deaths_period WHERE period_key = 'month 2024-03' AND area_key = 'division A';

SELECT results_eq($$
    SELECT y.period_key, sum(deaths)::bigint, sum(excluded)::bigint, sum(territorial_deaths)::bigint, sum(over_six_months_old_reviewed)::bigint, sum(k.division_days)::bigint, sum(covered_division_days)::bigint
    FROM test_deaths_bi.kpi_drug_deaths k
    JOIN test_deaths_bi.dim_period m USING (period_key)
    JOIN test_deaths_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 ORDER BY 1 $$, $$
    SELECT period_key, deaths, excluded, territorial_deaths, over_six_months_old_reviewed, division_days, covered_division_days
    FROM test_deaths_bi.kpi_drug_deaths_period WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' ORDER BY 1 $$,
    'months and divisions, UNKNOWN among them, add up to the force''s years');
SELECT results_eq($$ SELECT records, counted_in_division, counted_unknown, division_not_held, after_as_of, outside_coverage, day_not_known
                     FROM test_deaths.record_accounting WHERE source = 'drug_death' $$,
    $$ VALUES (21::bigint, 14::bigint, 3::bigint, 2::bigint, 1::bigint, 1::bigint, 2::bigint) $$, 'where every record was counted, or why not');

-- A day later: what was to come has come.
CALL refresh('test_deaths', '2024-08-30');
SELECT is(pg_temp.counts('month 2024-02', 'division A'), '{4,0,4,0,1,4,2,1,4,2,1,2}'::bigint[], 'the exclusion counts, and the leap day''s death is over six months old');
SELECT is(pg_temp.counts('month 2024-03', 'division A'), '{1,0,1,0,0,1,1,0,0,0,0,0}'::bigint[], 'the review counts; its death is not over six months old on the first of the month');

-- Corrections and deletions; refreshed twice.
UPDATE test_deaths.drug_death_record SET division_code = 'B', status = 'suspected' WHERE death_id = 'd06';
DELETE FROM test_deaths.drug_death_record WHERE death_id IN ('d09', 'd10');
CALL refresh('test_deaths', '2024-08-30');
CALL refresh('test_deaths', '2024-08-30');
SELECT is(pg_temp.counts('month 2024-02', 'division A'), '{1,0,1,0,1,1,1,1,1,1,1,0}'::bigint[], 'corrected and deleted records leave where they were');
SELECT is(pg_temp.counts('month 2024-02', 'division B'), '{1,1,0,0,0,1,0,0,1,0,0,0}'::bigint[], 'and come where they belong');
DELETE FROM test_deaths.population_record WHERE area_code = 'B';
CALL refresh('test_deaths', '2024-08-30');
SELECT ok(person_years IS NULL AND deaths_per_100k IS NULL AND deaths IS NOT NULL, 'without the population of a division there is no rate of the force')
FROM test_deaths_bi.kpi_drug_deaths_period WHERE area_key = 'force' AND period_key = 'month 2024-02';

SELECT is_empty($$ SELECT * FROM bi_check('test_deaths') $$, 'BI tools can read it all');
SELECT * FROM finish();
ROLLBACK;
