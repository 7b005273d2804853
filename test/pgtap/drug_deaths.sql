-- The KPI drug_deaths: a handful of deaths, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(46);
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
-- Rates standardised by age. Every division has its own kind of population; the standard's bands are of 5,000 to 7,000 of 100,000 people.
SELECT deploy('test_ages');
INSERT INTO test_ages.division_record (division_code, division_name, division_type, region, valid_from)
SELECT d, 'Division ' || d, CASE d WHEN 'T' THEN 'specialist' ELSE 'territorial' END, CASE WHEN d IN ('A', 'B') THEN 'North' END, '2020-01-01'
FROM unnest('{A,B,C,D,E,F,G,H,I,J,K,L,T}'::text[]) AS d;
-- Of B there are records for half of 2024/25.
INSERT INTO test_ages.source_coverage_record (source, division_code, covered_from)
SELECT 'drug_death', division_code, CASE division_code WHEN 'B' THEN date '2024-10-01' ELSE '2023-04-01' END FROM test_ages.division_record;

CREATE TEMP TABLE five_years AS SELECT n, n || '-' || n + 4 AS age_band FROM generate_series(0, 80, 5) AS n;
INSERT INTO test_ages.population_record (area_type, area_code, year, people) SELECT 'division', division_code, 2023, 170000 FROM test_ages.division_record;
INSERT INTO test_ages.population_record (area_type, area_code, year, sex, age_band, deprivation_quintile, people)
-- A: by age alone up to 90+; by sex, by quintile and for all ages as well, which must not be added; and a year to come that is not needed.
SELECT 'division', 'A', 2021, NULL, age_band, NULL::integer, 10000 FROM five_years
UNION ALL VALUES ('division', 'A', 2021, NULL, '85-89', NULL::integer, 2000), ('division', 'A', 2021, NULL, '90+', NULL, 1000),
                 ('division', 'A', 2021, NULL, 'All ages', NULL, 173000)
UNION ALL SELECT 'division', 'A', 2021, sex, age_band, NULL, 5500 FROM five_years, unnest('{male,female}'::text[]) AS sex
UNION ALL SELECT 'division', 'A', 2021, NULL, age_band, 1, 700 FROM five_years
UNION ALL SELECT 'division', 'A', 2026, NULL, age_band, NULL, 99000 FROM five_years UNION ALL VALUES ('division', 'A', 2026, NULL, '85+', NULL::integer, 99000)
-- B: by sex and age up to 85+; broad ages alone, which are not of the standard's bands.
UNION ALL SELECT 'division', 'B', 2022, sex, age_band, NULL, CASE sex WHEN 'male' THEN 4000 ELSE 6000 END
          FROM (TABLE five_years UNION ALL VALUES (85, '85+')) b, unnest('{male,female}'::text[]) AS sex
UNION ALL VALUES ('division', 'B', 2022, NULL, '0-19', NULL::integer, 40000), ('division', 'B', 2022, NULL, '20-64', NULL, 90000),
                 ('division', 'B', 2022, NULL, '65+', NULL, 50000)
-- C lacks a band, D has only a total.
UNION ALL SELECT 'division', 'C', 2022, NULL, age_band, NULL, 10000 FROM five_years WHERE n <> 60
UNION ALL VALUES ('division', 'C', 2022, NULL, '85+', NULL::integer, 10000)
-- E: the youngest by single years; twice as many in 2024.
UNION ALL SELECT 'division', 'E', year, NULL, age_band, NULL, 10000 * (year - 2022) FROM five_years, unnest('{2023,2024}'::integer[]) AS year WHERE n > 0
UNION ALL SELECT 'division', 'E', year, NULL, age_band, NULL, 5000 * (year - 2022) FROM unnest('{0,1-4}'::text[]) AS age_band, unnest('{2023,2024}'::integer[]) AS year
UNION ALL SELECT 'division', 'E', year, NULL, '85+', NULL, 10000 * (year - 2022) FROM unnest('{2023,2024}'::integer[]) AS year
-- F: only years after.
UNION ALL SELECT 'division', 'F', year, NULL, age_band, NULL, CASE year WHEN 2030 THEN 10000 ELSE 30000 END
          FROM (TABLE five_years UNION ALL VALUES (85, '85+')) b, unnest('{2030,2031,2147483647}'::integer[]) AS year
-- G: 90 and over twice, L: those of 42; H: women alone; I: nobody over 84; J: a number of people that cannot be.
UNION ALL SELECT 'division', 'G', 2022, NULL, age_band, NULL, 10000 FROM five_years
UNION ALL VALUES ('division', 'G', 2022, NULL, '85+', NULL::integer, 10000), ('division', 'G', 2022, NULL, '90+', NULL, 3000)
UNION ALL SELECT 'division', 'H', 2022, 'female', age_band, NULL, 10000 FROM (TABLE five_years UNION ALL VALUES (85, '85+')) b
UNION ALL SELECT 'division', 'I', 2022, NULL, age_band, NULL, CASE WHEN n < 85 THEN 10000 ELSE 0 END FROM (TABLE five_years UNION ALL VALUES (85, '85+')) b
UNION ALL SELECT 'division', 'J', 2022, NULL, age_band, NULL, CASE WHEN n < 85 THEN 10000 ELSE -1 END FROM (TABLE five_years UNION ALL VALUES (85, '85+')) b
UNION ALL SELECT 'division', 'L', 2022, NULL, age_band, NULL, 10000 FROM five_years
UNION ALL VALUES ('division', 'L', 2022, NULL, '85+', NULL::integer, 10000), ('division', 'L', 2022, NULL, '42', NULL, 2000)
-- K: men as A, women of other bands: each complete.
UNION ALL SELECT 'division', 'K', 2022, sex, age_band, NULL, 5000 FROM five_years, unnest('{male,female}'::text[]) AS sex
UNION ALL VALUES ('division', 'K', 2022, 'male', '85+', NULL::integer, 5000), ('division', 'K', 2022, 'female', '85-89', NULL, 4000),
                 ('division', 'K', 2022, 'female', '90-94', NULL, 900),
                 ('division', 'K', 2022, 'female', '95+', NULL, 100);

INSERT INTO test_ages.drug_death_record (death_id, division_code, died_on, status, age_band)
SELECT format('%s %s %s %s', d.division, d.day, d.age_band, k), d.division, d.day::date, d.status, d.age_band
FROM (VALUES
    -- Written in each way; one that is excluded, one elsewhere, and one before there are records.
    ('A', '2024-06-01', '30-34', 8, 'confirmed'), ('A', '2024-06-01', '40-44', 5, 'suspected'), ('A', '2024-06-02', '42', 1, 'under enquiry'),
    ('A', '2024-06-01', '85+', 1, 'confirmed'), ('A', '2024-06-01', '85-89', 1, 'confirmed'), ('A', '2024-06-01', '90+', 1, 'confirmed'),
    ('A', '2024-06-03', '40-44', 4, 'excluded'), ('UNKNOWN', '2024-06-01', '40-44', 3, 'confirmed'), ('T', '2024-06-01', '40-44', 12, 'confirmed'),
    ('B', '2025-01-15', '35-39', 10, 'confirmed'), ('B', '2025-01-15', '20-24', 2, 'confirmed'), ('B', '2024-09-30', '20-24', 3, 'confirmed'),
    ('C', '2024-06-01', '40-44', 12, 'confirmed'), ('D', '2024-06-01', '40-44', 12, 'confirmed'), ('G', '2024-06-01', '40-44', 12, 'confirmed'),
    ('L', '2024-06-01', '40-44', 12, 'confirmed'), ('H', '2024-06-01', '40-44', 12, 'confirmed'), ('I', '2024-06-01', '40-44', 12, 'confirmed'), ('J', '2024-06-01', '40-44', 12, 'confirmed'),
    -- Of 20 one without an age; of 20 two, a band that is too broad and one that is none.
    ('E', '2024-06-01', '30-34', 15, 'confirmed'), ('E', '2024-12-01', '0', 4, 'confirmed'), ('E', '2024-12-01', NULL, 1, 'confirmed'),
    ('E', '2023-06-01', '30-34', 18, 'confirmed'), ('E', '2023-06-01', '25-34', 1, 'confirmed'), ('E', '2023-06-01', '34-30', 1, 'confirmed'),
    ('F', '2024-06-01', '50-54', 9, 'confirmed'), ('F', '2023-06-01', '50-54', 10, 'confirmed'),
    ('K', '2024-06-01', '50-54', 20, 'confirmed')) AS d (division, day, age_band, n, status), generate_series(1, d.n) AS k;
CALL refresh('test_ages', '2025-03-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere, whatever the population is said to be') FROM test_ages.refresh_log WHERE mode = 'failed';

-- By Dobson: rate = sum(w x / n) and variance = sum(w^2 x / n^2), n in people times years, and limits rate + sqrt(variance / deaths) * (limit - deaths),
-- from Byar's limits of so many deaths: in R, o * (1 - 1 / (9 * o) - z / (3 * sqrt(o)))^3 and (o + 1) * (1 - 1 / (9 * (o + 1)) + z / (3 * sqrt(o + 1)))^3,
-- z = qnorm(0.975).
CREATE TEMP TABLE byar (deaths, lower, upper) AS VALUES
    (10, 4.78744991396756::float8, 18.3914586057565::float8), (12, 6.19350984307903::float8, 20.9628580536167::float8),
    (15, 8.38926401321405::float8, 24.7416313432392::float8),
    (17, 9.89747710919047::float8, 27.2201094049044::float8), (19, 11.4339805561908::float8, 29.6723462653181::float8),
    (20, 12.2114288348759::float8, 30.8898803691971::float8), (29, 19.4177351862796::float8, 41.6503477911752::float8);
CREATE TEMP TABLE rate (period_key, area_key, deaths, value, variance, what) AS VALUES
    ('fiscal_year 2024-04', 'division A', 17, (6500 * 8 / 10000.0 + 7000 * 6 / 10000.0 + 2500 * 3 / 3000.0) * 365.25 / 365,
     (0.65 ^ 2 * 8 + 0.7 ^ 2 * 6 + (2500 / 3000.0) ^ 2 * 3) * (365.25 / 365) ^ 2, 'by age alone: 85 and over is 85-89 and 90 and over together'),
    ('fiscal_year 2024-04', 'division B', 12, (0.7 * 10 + 0.6 * 2) * 365.25 / 182, (0.49 * 10 + 0.36 * 2) * (365.25 / 182) ^ 2,
     'both sexes together, over half a year with records'),
    ('fiscal_year 2024-04', 'region North', 29, 365.25 * ((6500 * 8 + 7000 * 6 + 7000 * 10 + 6000 * 2) / 5470000.0 + 2500 * 3 / 2915000.0),
     365.25 ^ 2 * ((6500.0 ^ 2 * 8 + 7000.0 ^ 2 * 6 + 7000.0 ^ 2 * 10 + 6000.0 ^ 2 * 2) / 5470000.0 ^ 2 + 2500.0 ^ 2 * 3 / 2915000.0 ^ 2),
     'two divisions, band by band'),
    ('fiscal_year 2024-04', 'division E', 19, (0.65 * 15 + 0.5 * 4) / 2 * 365.25 / 365, (0.65 ^ 2 * 15 + 0.5 ^ 2 * 4) / 4 * (365.25 / 365) ^ 2,
     'the latest year before; one of 20 without an age'),
    ('rolling_12_months 2024-01', 'division E', 19, 365.25 * (6500 * 15 + 5000 * 4) / (20000 * 366.0),
     365.25 ^ 2 * (6500.0 ^ 2 * 15 + 5000.0 ^ 2 * 4) / (20000 * 366.0) ^ 2, 'twelve months of a leap year'),
    ('rolling_12_months 2023-07', 'division E', 15, 365.25 * 6500 * 15 / (10000 * 184 + 20000 * 182), 365.25 ^ 2 * 6500.0 ^ 2 * 15 / (10000 * 184 + 20000 * 182.0) ^ 2,
     'days of 2023 by its people, and of 2024 by theirs'),
    ('rolling_12_months 2023-07', 'division K', 20, 0.7 * 20 * 365.25 / 366, 0.49 * 20 * (365.25 / 366) ^ 2, 'each sex in bands of its own'),
    ('fiscal_year 2023-04', 'division F', 10, 0.7 * 10 * 365.25 / 366, 0.49 * 10 * (365.25 / 366) ^ 2, 'ten are enough; the first year after');
SELECT ok(k.age_standardised_reason IS NULL AND k.deaths_of_known_age = r.deaths AND pg_temp.near(k.age_standardised_per_100k, r.value::float8)
          AND pg_temp.near(k.age_standardised_per_100k_lower, r.value::float8 + sqrt(r.variance::float8 / r.deaths) * (b.lower - r.deaths))
          AND pg_temp.near(k.age_standardised_per_100k_upper, r.value::float8 + sqrt(r.variance::float8 / r.deaths) * (b.upper - r.deaths)),
          format('%s, %s: %s', r.period_key, r.area_key, r.what))
FROM rate r JOIN byar b USING (deaths) LEFT JOIN test_ages_bi.kpi_drug_deaths_period k USING (period_key, area_key)
ORDER BY r.period_key, r.area_key;
-- The same twelve months in both grains.
SELECT is_empty($$
    SELECT y.area_key FROM test_ages_bi.kpi_drug_deaths_period y JOIN test_ages_bi.kpi_drug_deaths_period r USING (area_key)
    WHERE y.period_key = 'fiscal_year 2024-04' AND r.period_key = 'rolling_12_months 2024-04'
      AND (y.age_standardised_per_100k, y.age_standardised_per_100k_lower, y.age_standardised_per_100k_upper, y.age_standardised_reason)
          IS DISTINCT FROM (r.age_standardised_per_100k, r.age_standardised_per_100k_lower, r.age_standardised_per_100k_upper, r.age_standardised_reason) $$,
    'a fiscal year is what its twelve months are');

SELECT results_eq($$
    SELECT period_key::text, area_key::text, deaths_of_known_age, age_standardised_reason::text FROM test_ages_bi.kpi_drug_deaths_period
    JOIN unnest('{fiscal_year 2023-04,fiscal_year 2024-04,month 2024-06,fiscal_quarter 2024-04,month 2024-09}'::text[]) WITH ORDINALITY AS p (period_key, n) USING (period_key)
    WHERE area_key IN ('force', 'division UNKNOWN') OR age_standardised_reason <> 'of twelve months only' AND NOT (p.n = 1 AND age_standardised_reason = 'too few deaths')
    ORDER BY p.n, area_key $$, $$ VALUES
    ('fiscal_year 2023-04', 'division B', NULL::bigint, 'no records'),
    ('fiscal_year 2023-04', 'division C', 0, 'population by age not complete'),
    ('fiscal_year 2023-04', 'division D', 0, 'no population by age'),
    ('fiscal_year 2023-04', 'division E', 18, 'too many ages not known'),
    ('fiscal_year 2023-04', 'division G', 0, 'population by age not complete'),
    ('fiscal_year 2023-04', 'division H', 0, 'population by age not complete'),
    ('fiscal_year 2023-04', 'division J', 0, 'population by age not complete'),
    ('fiscal_year 2023-04', 'division L', 0, 'population by age not complete'),
    ('fiscal_year 2023-04', 'division T', 0, 'no resident population'),
    ('fiscal_year 2023-04', 'division UNKNOWN', 0, 'no resident population'),
    ('fiscal_year 2023-04', 'force', 28, 'no population by age'),
    ('fiscal_year 2024-04', 'division C', 12, 'population by age not complete'),
    ('fiscal_year 2024-04', 'division D', 12, 'no population by age'),
    ('fiscal_year 2024-04', 'division F', 9, 'too few deaths'),
    ('fiscal_year 2024-04', 'division G', 12, 'population by age not complete'),
    ('fiscal_year 2024-04', 'division H', 12, 'population by age not complete'),
    ('fiscal_year 2024-04', 'division I', 12, 'nobody of some age'),
    ('fiscal_year 2024-04', 'division J', 12, 'population by age not complete'),
    ('fiscal_year 2024-04', 'division L', 12, 'population by age not complete'),
    ('fiscal_year 2024-04', 'division T', 0, 'no resident population'),
    ('fiscal_year 2024-04', 'division UNKNOWN', 0, 'no resident population'),
    ('fiscal_year 2024-04', 'force', 161, 'no population by age'),
    ('month 2024-06', 'division B', NULL, 'no records'),
    ('month 2024-06', 'division UNKNOWN', 0, 'of twelve months only'),
    ('month 2024-06', 'force', 145, 'of twelve months only'),
    ('fiscal_quarter 2024-04', 'division B', NULL, 'no records'),
    ('fiscal_quarter 2024-04', 'division UNKNOWN', 0, 'of twelve months only'),
    ('fiscal_quarter 2024-04', 'force', 145, 'of twelve months only'),
    ('month 2024-09', 'division B', NULL, 'no records'),
    ('month 2024-09', 'division UNKNOWN', 0, 'of twelve months only'),
    ('month 2024-09', 'force', 0, 'of twelve months only') $$, 'why there is no rate');
SELECT is_empty($$ SELECT period_key, area_key FROM test_ages_bi.kpi_drug_deaths_period
                   WHERE num_nulls(age_standardised_per_100k, age_standardised_per_100k_lower, age_standardised_per_100k_upper) 
                         <> CASE WHEN age_standardised_reason IS NULL THEN 0 ELSE 3 END $$,
    'a rate has limits and no reason, or there is a reason');
SELECT is((SELECT sum(deaths_of_known_age) FROM test_ages_bi.kpi_drug_deaths WHERE period_key BETWEEN 'month 2024-04' AND 'month 2025-03'), 161::numeric,
          'by month and division they add up to the force''s year');

-- With all divisions known the force has a rate.
DELETE FROM test_ages.division_record WHERE division_code IN ('C', 'D', 'G', 'H', 'I', 'J', 'L');
CALL refresh('test_ages', '2025-03-31');
SELECT ok(k.age_standardised_reason IS NULL AND k.deaths_of_known_age = 77 AND pg_temp.near(k.age_standardised_per_100k,
              365.25 * ((6500 * 8 + 7000 * 6 + 6500 * 15 + 5000 * 4 + 7000 * 10 + 6000 * 2 + 7000 * 9 + 7000 * 20) / (10000 * 365 * 5 + 10000 * 182.0::float8)
                        + 2500 * 3 / (3000 * 365 + 20000 * 365 + 2 * 10000 * 365 + 10000 * 182.0::float8))), 'the force')
FROM test_ages_bi.kpi_drug_deaths_period k WHERE period_key = 'fiscal_year 2024-04' AND area_key = 'force';
DELETE FROM test_ages.drug_death_record WHERE NOT (division_code = 'F' AND died_on > '2024-04-01');
-- And people whom nobody could mean.
INSERT INTO test_ages.population_record (area_type, area_code, year, age_band, people) VALUES
    ('division', 'F', -2147483648, NULL, 5), ('division', 'F', 2147483647, NULL, 5), ('division', 'F', 2024, NULL, -5),
    ('division', 'A', 2024, NULL, 9223372036854775807),
    ('division', 'F', -2147483648, '99999999999', 5), ('division', 'B', 2024, '', 5);
CALL refresh('test_ages', '2025-03-31');
SELECT ok(deaths_of_known_age = 9 AND age_standardised_reason = 'too few deaths', 'nine are too few for the force too')
FROM test_ages_bi.kpi_drug_deaths_period k WHERE period_key = 'fiscal_year 2024-04' AND area_key = 'force';
SELECT ok((SELECT count(*) = 0 FROM test_ages.refresh_log WHERE mode = 'failed') AND pg_temp.near(person_years, 170000 * 365 / 365.25),
          'people that cannot be: the refresh fails nowhere')
FROM test_ages_bi.kpi_drug_deaths_period k WHERE period_key = 'fiscal_year 2024-04' AND area_key = 'division F';
SELECT is_empty($$ SELECT * FROM bi_check('test_ages') $$, 'BI tools can read that too');
SELECT * FROM finish();
ROLLBACK;
