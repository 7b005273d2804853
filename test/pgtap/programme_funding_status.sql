-- The KPI programme_funding_status: a handful of sums of money, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(15);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_funding');

INSERT INTO test_funding.division_record (division_code, division_name, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'North', '2020-01-01', '2022-05-31');
INSERT INTO test_funding.source_coverage_record (source, division_code, covered_from) VALUES ('administration', 'A', '2021-04-01');
INSERT INTO test_funding.administration_record (administration_id, incident_id, incident_division_code, occurred_at) VALUES ('a', 'i', 'A', '2021-04-01 12:00+00');

INSERT INTO test_funding.programme_funding_record (division_code, fiscal_year, strand, funder, allocated, spent) VALUES
    -- Before the first period: it is in what remains to date.
    (NULL, '2020/21', 'initial_rollout', 'f1', 100.10, 40.05),
    (NULL, '2021/22', 'initial_rollout', 'f1', 1000, 1200.55),
    -- Parts of the force's total; and, with no total, all there is.
    ('A', '2021/22', 'initial_rollout', 'f1', 600, 500),
    ('A', '2021/22', 'ongoing_training', 'f2', 60, 10),
    ('B', '2021/22', 'ongoing_training', 'f2', 30, 20),
    -- B ends within the next year, and does not hold in the one after; nobody knows Z.
    ('B', '2022/23', 'ongoing_training', 'f2', 7, 7),
    ('B', '2023/24', 'ongoing_training', 'f2', 5, 1),
    ('Z', '2023/24', 'ongoing_training', 'f2', 3, 1),
    -- Not recorded, and no number.
    (NULL, '2022/23', 'initial_rollout', 'f1', 500, NULL),
    (NULL, '2022/23', 'monitoring_and_supply', 'f1', 'NaN', 3),
    -- Nothing spent.
    (NULL, '2022/23', 'initial_rollout', 'f3', 400, 0),
    (NULL, '2023/24', 'monitoring_and_supply', 'f3', 0, 0),
    (NULL, '2021/22', 'initial_rollout', 'f0', 0, 5),
    -- Later years, and strands and funders called ALL.
    (NULL, '2024/25', 'initial_rollout', 'f3', 50, NULL),
    (NULL, '2021/22', 'ALL', 'ALL', 1, 0.50),
    -- Of another fiscal year: that in which it begins.
    (NULL, '2022 (January)', 'monitoring_and_supply', 'f4', 8, 2),
    -- As much as there can be.
    (NULL, '2021/22', 'big', 'f5', 999999999999.99, 0),
    (NULL, '2021/22', 'bigger', 'f5', 999999999999.99, 0);

CALL refresh('test_funding', '2022-06-12');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_funding.refresh_log WHERE mode = 'failed';
SELECT is(count(*), 0::bigint, 'nothing is wrong with what BI tools see') FROM bi_check('test_funding');

CREATE FUNCTION pg_temp.money(period text, area text, of_strand text, of_funder text) RETURNS numeric[] LANGUAGE sql AS $$
    SELECT ARRAY[allocated, spent, remaining, remaining_to_date, allocated_later] FROM test_funding_bi.kpi_programme_funding_status_period
    WHERE period_key = period AND area_key = area AND strand = of_strand AND funder = of_funder $$;
SELECT is(pg_temp.money(period, area, strand, funder), figures, format('%s, %s, %s, %s: %s', period, area, strand, funder, what))
FROM (VALUES
    ('fiscal_year 2021-04', 'force', 'initial_rollout', 'f1', '{1000,1200.55,-200.55,-140.50,500}'::numeric[], 'overspent; a year before is left over'),
    ('fiscal_year 2021-04', 'division A', 'initial_rollout', 'f1', '{600,500,100,100,0}', 'a part of it'),
    ('fiscal_year 2021-04', 'force', 'ongoing_training', 'f2', '{90,30,60,60,15}', 'divisions add up'),
    ('fiscal_year 2022-04', 'division B', 'ongoing_training', 'f2', '{7,7,0,10,0}', 'a division in the year in which it ends'),
    ('fiscal_year 2022-04', 'force', 'initial_rollout', 'f1', '{500,NULL,NULL,NULL,0}', 'not recorded is not nothing'),
    ('fiscal_year 2022-04', 'force', 'ALL', 'ALL', '{NULL,NULL,NULL,NULL,58}', 'nor in a sum'),
    ('fiscal_year 2021-04', 'force', 'UNKNOWN', 'UNKNOWN', '{1,0.50,0.50,0.50,0}', 'ALL is no strand'),
    ('fiscal_year 2021-04', 'force', 'monitoring_and_supply', 'f4', '{8,2,6,6,0}', 'a calendar year, where it begins'),
    ('fiscal_year 2021-04', 'force', 'ALL', 'f5', '{1999999999999.98,0,1999999999999.98,1999999999999.98,0}', 'more than a record can hold')
) AS expected (period, area, strand, funder, figures, what);

-- Every pound once.
SELECT results_eq($$ SELECT period_key::text, sum(allocated) FROM test_funding_bi.kpi_programme_funding_status WHERE funder <> 'f5' GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('fiscal_year 2021-04', 1000 + 90 + 1 + 8.00), ('fiscal_year 2022-04', 7 + 500 + 400.00) $$, 'any sum is right: each part once');

SELECT is(years_to_run, NULL, 'what is left is not known: no years, not none') FROM test_funding_bi.kpi_programme_funding_status_period
WHERE period_key = 'fiscal_year 2022-04' AND strand = 'monitoring_and_supply' AND funder = 'f1';
SELECT is(years_to_run, 0::float8, 'spent more than there is: none') FROM test_funding_bi.kpi_programme_funding_status_period
WHERE period_key = 'fiscal_year 2021-04' AND strand = 'initial_rollout' AND funder = 'f0';

-- A year on: 73 of the 366 days of 2023/24. f2's money of divisions that do not hold is UNKNOWN's, and the force's. Of it 90 + 7 + 8 were
-- allocated and 30 + 7 + 2 spent, the 2 in those 73 days.
UPDATE test_funding.programme_funding_record SET spent = 30 WHERE funder = 'f3' AND fiscal_year = '2022/23';
CALL refresh('test_funding', '2023-06-12');
SELECT results_eq($$ SELECT period_key::text, area_key::text, spent, remaining_to_date, years_to_run::numeric(10, 6) FROM test_funding_bi.kpi_programme_funding_status_period
    WHERE funder IN ('f2', 'f3') AND strand <> 'ALL' AND period_key >= 'fiscal_year 2022' AND area_key IN ('force', 'division UNKNOWN') ORDER BY 1, 2, funder $$,
    $$ VALUES ('fiscal_year 2022-04', 'force', 7::numeric, 60::numeric, ((60 + 8) / 7.0)::numeric(10, 6)),
              ('fiscal_year 2022-04', 'force', 30, 370, ((370 + 50) / 30.0)::numeric(10, 6)),
              ('fiscal_year 2023-04', 'division UNKNOWN', 2, 6, (6 / (2 / (73 / 366.0)))::numeric(10, 6)),
              ('fiscal_year 2023-04', 'force', 2, 66, (66 / (2 / (73 / 366.0)))::numeric(10, 6)),
              ('fiscal_year 2023-04', 'force', 0, 0, NULL) $$,
    'years to run, at the rate of the year so far; none where nothing was spent');

SELECT * FROM finish();
ROLLBACK;
