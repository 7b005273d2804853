-- The KPI published_figure: totals by hand, of which each is shown as it is, under what it was published for, or not at all.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(12);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_figures');
INSERT INTO test_figures.division_record (division_code, division_name, region, valid_from) VALUES ('A', 'Alpha', 'North', '2020-01-01'), ('B', 'Beta', 'North', '2020-01-01');

INSERT INTO test_figures.published_count_record (indicator, division_code, period_from, period_to, cumulative_since, value, source, recorded_at) VALUES
    ('days', NULL, '2024-01-05', '2024-01-05', NULL, 1, 'one day, no period of any calendar', NULL),
    ('days', 'A', '2023-11-07', '2024-02-01', NULL, 2, 'days of a division', NULL),
    ('days', 'UNKNOWN', '2024-01-01', '2024-01-31', NULL, 3, 'of no known division', NULL),
    ('days', NULL, '2024-01-01', '2024-01-31', NULL, 0, 'none is a figure', NULL),
    ('days', NULL, '2024-01-01', '2024-01-31', NULL, 9223372036854775807, 'as much as there can be', NULL),
    -- Running totals: since a day; nobody knows since when; since a day that is none.
    ('so far', NULL, '2021-03-01', '2024-03-31', '2021-03-01', 40, 'since a day', NULL),
    ('so far', 'B', '-infinity', '2024-03-31', '-infinity', 41, 'nobody knows since when', NULL),
    ('so far', NULL, '0202-03-01', '2024-03-31', '0202-03-01', 42, 'since a year mistyped', NULL),
    ('so far', NULL, '2021-03-01', '2024-03-31', 'infinity', 43, 'since a day that does not come', NULL),
    -- The day of the refresh, the one after, and what ends never or before it begins, or ended before there was anything.
    ('ends', NULL, '2024-06-01', '2024-06-20', NULL, 50, 'that day', NULL),
    ('ends', NULL, '2024-06-01', '2024-06-21', NULL, 51, 'the next', NULL),
    ('ends', NULL, '2024-06-01', 'infinity', NULL, 52, 'never', NULL),
    ('ends', NULL, '2024-06-02', '2024-06-01', NULL, 53, 'before it begins', NULL),
    ('ends', NULL, '0202-04-01', '0203-03-31', NULL, 54, 'long ago', NULL),
    ('ends', 'Z', '2024-06-01', '2024-06-02', NULL, 55, 'of a division that there is not', NULL);
CALL refresh('test_figures', '2024-06-20');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_figures.refresh_log WHERE mode = 'failed';

CREATE TEMP VIEW shown AS
    SELECT indicator::text, area_key::text, period_from, period_to, is_running_total::integer, cumulative_since, value, source::text FROM test_figures_bi.kpi_published_figure;
PREPARE expected AS VALUES
    ('days', 'division A', date '2023-11-07', date '2024-02-01', 0, NULL::date, 2::bigint, 'days of a division'),
    ('days', 'division UNKNOWN', '2024-01-01', '2024-01-31', 0, NULL, 3, 'of no known division'),
    ('days', 'force', '2024-01-05', '2024-01-05', 0, NULL, 1, 'one day, no period of any calendar'),
    ('days', 'force', '2024-01-01', '2024-01-31', 0, NULL, 0, 'none is a figure'),
    ('days', 'force', '2024-01-01', '2024-01-31', 0, NULL, 9223372036854775807, 'as much as there can be'),
    ('so far', 'force', '2021-03-01', '2024-03-31', 1, '2021-03-01', 40, 'since a day'),
    ('so far', 'division B', NULL, '2024-03-31', 1, NULL, 41, 'nobody knows since when'),
    ('so far', 'force', NULL, '2024-03-31', 1, NULL, 42, 'since a year mistyped'),
    ('so far', 'force', '2021-03-01', '2024-03-31', 1, NULL, 43, 'since a day that does not come'),
    ('ends', 'force', '2024-06-01', '2024-06-20', 0, NULL, 50, 'that day');
SELECT bag_eq('TABLE shown', 'expected', 'each as it was published, those whose last day has come');
SELECT is(count(*), 0::bigint, 'none is of the region, nor the divisions'' added up') FROM shown WHERE area_key = 'region North';
SELECT is(count(*), 0::bigint, 'nothing is wrong with what BI tools see') FROM bi_check('test_figures');

CALL refresh('test_figures', '2024-06-21');
SELECT results_eq($$ SELECT value FROM shown WHERE indicator = 'ends' ORDER BY 1 $$, '{50,51}'::bigint[], 'the next day the next is shown');
CALL refresh('test_figures', '2024-06-20');
SELECT bag_eq('TABLE shown', 'expected', 'and yesterday is as it was');

-- A contract of a force's own keeps no key: of several figures under one the last recorded counts, and what is not there is no figure.
CREATE OR REPLACE VIEW test_figures.published_count AS
    SELECT indicator, division_code, period_from, period_to, cumulative_since, value, source, recorded_at FROM test_figures.published_count_record
    UNION ALL
    SELECT 'days', d, date '2024-01-05', date '2024-01-05', NULL::date, v, s, t
    FROM (VALUES (NULL, 7::bigint, 'one day, no period of any calendar', timestamptz '2024-02-02 12:00Z'), (NULL, 8, 'one day, no period of any calendar', '2024-02-01 12:00Z'),
                 ('A', NULL, 'no figure', NULL), ('B', 5, NULL, NULL), ('B', 6, NULL, NULL)) f (d, v, s, t)
    UNION ALL SELECT NULL, 'A', '2024-01-05', '2024-01-05', NULL, 9, 'no name', NULL
    UNION ALL SELECT 'days', 'A', NULL, '2024-01-05', NULL, 9, 'no first day', NULL
    UNION ALL SELECT 'days', 'A', '2024-01-05', NULL, NULL, 9, 'no last day', NULL;
CALL refresh('test_figures', '2024-06-20');
SELECT is(count(*), 0::bigint, 'no refresh fails of it') FROM test_figures.refresh_log WHERE mode = 'failed';
SELECT results_eq($$ SELECT indicator, area_key, value, source FROM shown WHERE period_to = '2024-01-05' ORDER BY area_key COLLATE "C" $$,
    $$ VALUES ('UNKNOWN', 'division A', 9::bigint, 'no name'), ('days', 'division B', 5, 'UNKNOWN'), ('days', 'force', 7, 'one day, no period of any calendar') $$,
    'the last recorded of several under one name; what has no value or days is not shown');
SELECT is(count(*), 0::bigint, 'of what is there nothing else changed') FROM shown WHERE value = 9 AND source <> 'no name';

-- It stands beside, and nowhere else.
SELECT is(value, 40::bigint, 'a running total that a month ends with is here') FROM shown WHERE source = 'since a day';
SELECT is(count(*), 0::bigint, 'and is no total of a period') FROM test_figures.published_total WHERE indicator = 'so far';
SELECT is(count(*) FILTER (WHERE additive), 0::bigint, 'nothing here may be summed') FROM test_figures.dictionary WHERE kpi = 'published_figure';

SELECT * FROM finish();
ROLLBACK;
