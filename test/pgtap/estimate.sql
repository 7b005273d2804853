-- proportion_interval() and rate_interval(), against figures made with SciPy (test/oracle/interval.csv).
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE oracle (method text, events bigint, trials bigint, confidence float8, lower float8, upper float8);
\copy oracle FROM 'test/oracle/interval.csv' CSV HEADER

-- The same to a relative error, or both zero.
CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT have = want OR abs(have - want) <= tolerance * abs(want) $$;

SELECT cmp_ok((SELECT count(*) FROM oracle), '>', 400::bigint, 'the reference figures are there');
SELECT is_empty($$
    SELECT o.*, e FROM oracle o, proportion_interval(events, trials, confidence) e
    WHERE method = 'wilson'
      AND NOT (pg_temp.is_close(e.value, events::float8 / trials, 1e-15)
               AND pg_temp.is_close(e.lower, o.lower, 1e-10) AND pg_temp.is_close(e.upper, o.upper, 1e-10)) $$,
    'Wilson''s limits are SciPy''s to 1e-10');
SELECT is_empty($$
    SELECT o.*, e FROM oracle o, rate_interval(events, 250, 1000, confidence) e
    WHERE method IN ('exact', 'byar')
      AND NOT (pg_temp.is_close(e.value, events * 4, 1e-15)
               AND pg_temp.is_close(e.lower, o.lower * 4, 1e-10) AND pg_temp.is_close(e.upper, o.upper * 4, 1e-10)) $$,
    'exact and Byar''s limits are SciPy''s to 1e-10, over an exposure');

-- Nothing can be said, nothing is said.
SELECT is((proportion_interval(0, 0)).value, NULL, 'no trials: NULL');
SELECT is(proportion_interval(0, 0)::text, NULL, 'as a whole, not as a row of NULLs');
SELECT is(rate_interval(3, 0)::text, NULL, 'no exposure: NULL');
SELECT is(proportion_interval(NULL, 5)::text, NULL, 'NULL events: NULL');
SELECT is(rate_interval(NULL, 5)::text, NULL, 'NULL events: NULL');
SELECT is((SELECT count(*) FROM (VALUES (1)) x CROSS JOIN LATERAL proportion_interval(0, 0) e), 1::bigint, 'a join on it keeps its row');

SELECT throws_ok('SELECT proportion_interval(3, 2)', '22023', '3 of 2 is not a proportion', 'more events than trials');
SELECT throws_ok('SELECT proportion_interval(-1, 2)', '22023', NULL, 'fewer events than none');
SELECT throws_ok('SELECT proportion_interval(-1, -1)', '22023', NULL, 'fewer trials than none');
SELECT throws_ok('SELECT rate_interval(-1, 2)', '22023', NULL, 'fewer events than none over an exposure');
SELECT throws_ok(format('SELECT rate_interval(1, %L)', bad), '22023', NULL, 'exposure ' || bad)
FROM unnest('{-1,NaN,Infinity}'::text[]) AS bad;
SELECT throws_ok(format('SELECT rate_interval(1, 1, %L)', bad), '22023', NULL, 'multiplier ' || bad)
FROM unnest('{0,-1,NaN,Infinity}'::text[]) AS bad;
SELECT throws_ok(format('SELECT proportion_interval(1, 2, confidence => %L)', bad), '22023', NULL, 'confidence ' || bad)
FROM unnest('{0,1,95,-0.5,NaN}'::text[]) AS bad;
SELECT throws_ok('SELECT rate_interval(1, 1, confidence => 95)', '22023', NULL, 'confidence in per cent of a rate');

-- Figures made with R's PHEindicatormethods, where the shared folder is there.
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE phe_wilson (case_id int, x bigint, n bigint, conf float8, value float8, lower float8, upper float8,
                              prop_test_lower float8, prop_test_upper float8);
CREATE TEMP TABLE phe_rate (case_id int, x bigint, n float8, conf float8, multiplier float8, value float8, method text, lower float8, upper float8);
\set load_wilson '\\copy phe_wilson FROM ' :shared '/oracles/wilson.csv CSV HEADER'
:load_wilson
\set load_rate '\\copy phe_rate FROM ' :shared '/oracles/phe_rate.csv CSV HEADER'
:load_rate
SELECT cmp_ok((SELECT count(*) FROM phe_wilson), '>', 40::bigint, 'PHEindicatormethods'' proportions are there');
SELECT is_empty($$
    SELECT * FROM phe_wilson, proportion_interval(x, n, conf) e
    WHERE abs(e.lower - phe_wilson.lower) > 1e-12 OR abs(e.upper - phe_wilson.upper) > 1e-12 $$,
    'Wilson''s limits are those of PHEindicatormethods');
SELECT cmp_ok((SELECT count(*) FROM phe_rate), '>', 50::bigint, 'PHEindicatormethods'' rates are there');
SELECT is_empty($$
    SELECT * FROM phe_rate, rate_interval(x, n, multiplier, conf) e
    WHERE NOT (pg_temp.is_close(e.value, phe_rate.value, 1e-12) AND pg_temp.is_close(e.lower, phe_rate.lower, 1e-10)
               AND pg_temp.is_close(e.upper, phe_rate.upper, 1e-10)) $$,
    'rates and their limits are those of PHEindicatormethods, exact below 10 events and Byar''s from there');
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the figures made with R are not here', 4);
\endif

SELECT * FROM finish();
ROLLBACK;
