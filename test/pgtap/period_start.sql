-- period_start(), against date_trunc() on days moved by the months before the fiscal start.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

SELECT is(period_start('month', '2024-02-29'), '2024-02-01'::date, 'a month');
SELECT is(period_start('fiscal_quarter', '2024-03-31'), '2024-01-01'::date, 'the last fiscal quarter');
SELECT is(period_start('fiscal_year', '2024-03-31'), '2023-04-01'::date, 'the last day of 2023/24');
SELECT is(period_start('fiscal_year', '2024-04-01'), '2024-04-01'::date, 'the first day of 2024/25');
SELECT is(period_start('fiscal_year', '2024-04-01', 7), '2023-07-01'::date, 'a fiscal year from July');
SELECT is(period_start('fiscal_year', '2024-04-01', first_month => 1), '2024-01-01'::date, 'a calendar year');
SELECT is(period_start('month', 'infinity'), 'infinity'::date, 'infinity stays');
SELECT is(period_start('fiscal_year', '-infinity'), '-infinity'::date, '-infinity stays');
SELECT is(period_start('fiscal_year', '0001-03-31 BC'), '0002-04-01 BC'::date, 'before the first year there are years too');
SELECT is(period_start(NULL, '2024-04-01'), NULL, 'NULL grain');
SELECT is(period_start('month', NULL), NULL, 'NULL day');

SELECT is_empty($$
    SELECT day, first_month FROM generate_series('1996-01-01'::date, '2004-12-31', '1 day') AS d (t), LATERAL (SELECT t::date) x (day),
           generate_series(1, 12) AS first_month
    WHERE period_start('month', day, first_month) <> date_trunc('month', day)::date
       OR period_start('fiscal_quarter', day, first_month)
              <> (date_trunc('quarter', date_trunc('month', day) - make_interval(months => first_month - 1)) + make_interval(months => first_month - 1))::date
       OR period_start('fiscal_year', day, first_month)
              <> (date_trunc('year', date_trunc('month', day) - make_interval(months => first_month - 1)) + make_interval(months => first_month - 1))::date $$,
    'every day of nine years, from every first month');
SELECT is(period_start('fiscal_year', day), first_day(fiscal_year(day)), 'it agrees with fiscal_year on ' || day)
FROM unnest('{2024-03-31,2024-04-01,1900-02-28,2000-02-29}'::date[]) AS day;

SELECT throws_ok($$ SELECT period_start('year', '2024-04-01') $$, '22023', 'period grain "year" is not known', 'another grain');
SELECT throws_ok($$ SELECT period_start('month', '2024-04-01', 0) $$, '22023', NULL, 'month 0');
SELECT throws_ok($$ SELECT period_start('month', '2024-04-01', 13) $$, '22023', NULL, 'month 13');
SELECT throws_ok($$ SELECT period_start('fiscal_year', '4714-11-24 BC') $$, '22008', NULL, 'a start before the first date');

SELECT * FROM finish();
ROLLBACK;
