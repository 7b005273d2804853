-- percentile() by every method, percentile_interval() and moving_percentile(), against figures made with NumPy and SciPy
-- (test/oracle/percentile.csv), and against core's percentile_cont() on the rows.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE oracle_sample (sample integer, seconds integer, n bigint);
\copy oracle_sample FROM 'test/oracle/percentile_sample.csv' CSV HEADER
CREATE TEMP TABLE sample AS SELECT sample, duration_dist(seconds, n) AS dist FROM oracle_sample GROUP BY sample;
CREATE TEMP TABLE oracle (sample integer, fraction float8, method text, confidence float8, value float8, lower float8, upper float8,
                          coverage float8);
\copy oracle FROM 'test/oracle/percentile.csv' CSV HEADER
CREATE FUNCTION pg_temp.is_close(have float8, want float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT have = want OR abs(have - want) <= 1e-10 * abs(want) $$;

SELECT cmp_ok((SELECT count(*) FROM oracle WHERE method = m), '>', 30::bigint, m || ': the reference figures are there')
FROM unnest('{type 1,type 2,type 3,type 4,type 5,type 6,type 7,type 8,type 9,harrell-davis,interval}'::text[]) AS m;
SELECT is_empty($$
    SELECT o.*, percentile(dist, fraction, method) FROM oracle o JOIN sample USING (sample)
    WHERE method <> 'interval' AND pg_temp.is_close(percentile(dist, fraction, method), value) IS NOT TRUE $$,
    'each method gives NumPy''s or SciPy''s figure to 1e-10');
SELECT is_empty($$
    SELECT o.*, i FROM oracle o JOIN sample USING (sample), percentile_interval(dist, fraction, confidence) i
    WHERE method = 'interval'
      AND (i.lower IS DISTINCT FROM o.lower OR i.upper IS DISTINCT FROM o.upper OR pg_temp.is_close(i.coverage, o.coverage) IS NOT TRUE
           OR i.value <> percentile(dist, fraction)) $$,
    'the limits are those of SciPy''s binomial ranks, with its coverage');
-- Several at once, in any order and one of them NULL, are what each is by itself.
SELECT is_empty($$
    SELECT o.sample, o.method, o.confidence, several.estimates
    FROM (SELECT sample, method, confidence, array_agg(fraction ORDER BY fraction DESC) || NULL AS fractions
          FROM (SELECT o.sample, m.method, o.confidence, o.fraction
                FROM oracle o CROSS JOIN unnest('{continuous,type 4,harrell-davis}'::text[]) AS m (method) WHERE o.method = 'interval') o
          GROUP BY sample, method, confidence) o
    JOIN sample USING (sample),
         percentile_interval(dist, fractions, confidence, o.method) AS several (estimates)
    WHERE several.estimates IS DISTINCT FROM (SELECT array_agg(percentile_interval(dist, f, confidence, o.method) ORDER BY i)
                                              FROM unnest(o.fractions) WITH ORDINALITY AS f (f, i)) $$,
    'several with their intervals: each as by itself');
SELECT is(percentile_interval('{}', '{0.5,NULL}'::float8[])::text, '{NULL,NULL}', 'several of an empty distribution: NULL each');
SELECT is(percentile_interval('{1:1}', '{}'::float8[])::text, '{}', 'none asked for');
SELECT is(array_dims(percentile_interval('{1:1}', '{{0.1,0.5},{0.9,NULL}}'::float8[])), '[1:2][1:2]', 'of the shape that was asked for');
SELECT throws_ok($$SELECT percentile_interval('{1:1}', '{0.5,1.1}'::float8[])$$, '22003', NULL, 'one that is no fraction');
SELECT throws_ok($$SELECT percentile_interval('{1:1}', '{0.5}'::float8[], 95)$$, '22023', NULL, 'several, with no confidence');
SELECT is(percentile('{3:1, 8:2, 20:4, 31:1}'::duration_dist, 0.37, a), percentile('{3:1, 8:2, 20:4, 31:1}'::duration_dist, 0.37, b), a || ' is ' || b)
FROM (VALUES ('type 1', 'discrete'), ('type 7', 'continuous')) v (a, b);
-- By hand: 0.9 of 35 values has no upper limit at 95 per cent, since 0.9 ^ 35 is above 0.025; of 36 it has.
SELECT is((percentile_interval(duration_dist(i), 0.9)).upper, NULL, 'too few values for an upper limit') FROM generate_series(1, 35) AS i;
SELECT is((percentile_interval(duration_dist(i), 0.9)).upper, 36::float8, 'just enough values for one') FROM generate_series(1, 36) AS i;
SELECT is((percentile_interval(duration_dist(i), 0.5, method => 'discrete')).value, 2::float8, 'the value is by the method asked for')
FROM generate_series(1, 4) AS i;
SELECT is((percentile_interval('{1:1, 2:9}', 0.5, 0.5, 'harrell-davis')).value, percentile('{1:1, 2:9}'::duration_dist, 0.5, 'harrell-davis'),
          'also by Harrell and Davis''s');

SELECT is((percentile_interval('{1:9223372036854775807}', 0.5)).upper, 1::float8, 'as many values as can be');
SELECT is(percentile_interval('{}', 0.5)::text, NULL, 'an empty distribution: NULL');
SELECT is(percentile_interval(NULL, 0.5)::text, NULL, 'no distribution: NULL');
SELECT is(percentile('{1:1, 2:9}'::duration_dist, f, 'harrell-davis'), NULL, 'Harrell-Davis has no percentile ' || f)
FROM unnest('{0,1}'::float8[]) AS f;
SELECT is(percentile('{1:1, 2:9}'::duration_dist, '{0,1}'::float8[], 'harrell-davis'), '{NULL,NULL}', 'nor in an array');
SELECT throws_ok(format('SELECT percentile(''{1:1}''::duration_dist, 0.5, %L)', bad), '22023',
                 format('percentile method "%s" is not known', bad), bad || ' is no method')
FROM unnest('{type 0,type 10,type,median,"",Continuous}'::text[]) AS bad;
SELECT throws_ok(format('SELECT percentile_interval(''{1:1}'', 0.5, %L)', bad), '22023', NULL, 'confidence ' || bad)
FROM unnest('{0,1,95,NaN}'::text[]) AS bad;
SELECT throws_ok(format('SELECT percentile_interval(''{}'', %L::float8)', bad), '22003', NULL, 'fraction ' || bad) FROM unnest('{-0.1,1.1,NaN}'::text[]) AS bad;

-- Along a window: daily states, some days without one, read as they move, against the rows themselves.
CREATE TEMP TABLE response AS
    SELECT day, ('x' || substr(md5('response' || day || i), 1, 4))::bit(16)::integer % 1800 + (day % 7 = 0)::integer * 70000 AS seconds
    FROM generate_series(1, 120) AS day, generate_series(1, 1 + day % 5) AS i WHERE day % 11 > 1;
CREATE TEMP TABLE daily AS
    SELECT day, duration_dist(seconds) AS dist FROM generate_series(1, 120) AS d (day) LEFT JOIN response USING (day) GROUP BY day;
CREATE TEMP TABLE expected AS
    SELECT d.day, frame, (SELECT percentile_cont('{0.5,0.9}'::float8[]) WITHIN GROUP (ORDER BY seconds::float8) FROM response r
                          WHERE r.day BETWEEN d.day - frame + 1 AND d.day) AS percentiles,
           (SELECT duration_dist(seconds) FROM response r WHERE r.day BETWEEN d.day - frame + 1 AND d.day) AS dist
    FROM daily d, unnest('{1,2,30}'::integer[]) AS frame;
CREATE TEMP TABLE moved AS
    SELECT day, 1 AS frame, moving_percentile(dist, '{0.5,0.9}'::float8[]) OVER w AS percentiles, moving_percentile(dist, 0.9) OVER w AS p90,
           rollup(dist) OVER w AS dist
    FROM daily WINDOW w AS (ORDER BY day ROWS 0 PRECEDING)
    UNION ALL
    SELECT day, 2, moving_percentile(dist, '{0.5,0.9}'::float8[]) OVER w, moving_percentile(dist, 0.9) OVER w, rollup(dist) OVER w
    FROM daily WINDOW w AS (ORDER BY day ROWS 1 PRECEDING)
    UNION ALL
    SELECT day, 30, moving_percentile(dist, '{0.5,0.9}'::float8[]) OVER w, moving_percentile(dist, 0.9) OVER w, rollup(dist) OVER w
    FROM daily WINDOW w AS (ORDER BY day ROWS 29 PRECEDING);
SELECT cmp_ok((SELECT count(*) FROM expected WHERE percentiles IS NULL), '>', 10::bigint, 'there are frames with nothing in them');
SELECT results_eq('SELECT day, frame, percentiles, percentiles[2], dist FROM expected ORDER BY 1, 2',
                  'SELECT day, frame, percentiles, p90, dist FROM moved ORDER BY 1, 2',
                  'what moves along is what the rows of every frame give, to the bit');
-- The rows themselves moving in and out, of both kinds, small and large.
CREATE TEMP TABLE row_moved AS
    SELECT i, seconds, duration_dist(seconds) OVER w AS dist, duration_dist(make_interval(secs => seconds)) OVER w AS of_intervals
    FROM (SELECT row_number() OVER (ORDER BY day, seconds) AS i, nullif(seconds, 7) AS seconds FROM response) r
    WINDOW w AS (ORDER BY i ROWS BETWEEN 3 PRECEDING AND 5 FOLLOWING);
SELECT is_empty($$
    SELECT m.* FROM row_moved m
    WHERE dist IS DISTINCT FROM (SELECT duration_dist(seconds) FROM row_moved r WHERE r.i BETWEEN m.i - 3 AND m.i + 5)
       OR dist IS DISTINCT FROM of_intervals $$, 'rows that move in and out leave what is in the frame');
SELECT ok((SELECT aggminvtransfn <> 0 FROM pg_aggregate WHERE aggfnoid = a::regprocedure), a || ' has an inverse transition')
FROM unnest('{duration_dist(integer),duration_dist(interval),rollup(duration_dist),"moving_percentile(duration_dist,float8)","moving_percentile(duration_dist,float8[])"}'::text[]) AS a;
SELECT is(moving_percentile(dist, 0.5), percentile(rollup(dist), 0.5), 'without a window it is the percentile of all') FROM daily;
SELECT is(moving_percentile(dist, NULL::float8), NULL, 'no fraction: NULL') FROM daily;
SELECT throws_ok('SELECT moving_percentile(dist, day / 120.0) FROM daily', '22023', 'percentile fraction changes from row to row',
                 'a fraction that changes');
SELECT throws_ok('SELECT moving_percentile(dist, ARRAY[day / 120.0]) FROM daily', '22023', NULL, 'an array that changes');
SELECT throws_ok('SELECT moving_percentile(dist, 90) OVER (ORDER BY day) FROM daily', '22003', NULL, 'a fraction in per cent');

-- Figures made with R, where the shared folder is there. Its samples have three decimals, and one is below zero: percentiles
-- move and stretch with the values.
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE r_sample (case_id text, i int, x numeric);
CREATE TEMP TABLE r_percentile (case_id text, p float8, type1 float8, type2 float8, type3 float8, type4 float8, type5 float8, type6 float8,
                                type7 float8, type8 float8, type9 float8, harrell_davis float8, pg_cont float8, pg_disc float8);
CREATE TEMP TABLE r_interval (case_id text, p float8, conf float8, n bigint, l_rank int, u_rank int, lower float8, upper float8,
                              coverage float8, lower_tail float8, upper_tail float8);
\set load '\\copy r_sample FROM ' :shared '/oracles/quantile_inputs.csv CSV HEADER'
:load
\set load '\\copy r_percentile FROM ' :shared '/oracles/quantile_expected.csv CSV HEADER'
:load
\set load '\\copy r_interval FROM ' :shared '/oracles/quantile_ci_expected.csv CSV HEADER'
:load
CREATE TEMP TABLE r_dist AS
    SELECT case_id, duration_dist((round(x * 1000) + 1000000)::integer) AS dist FROM r_sample GROUP BY case_id;
CREATE FUNCTION pg_temp.back(seconds float8) RETURNS float8 LANGUAGE sql AS $$ SELECT (seconds - 1000000) / 1000 $$;
SELECT cmp_ok((SELECT count(*) FROM r_percentile JOIN r_dist USING (case_id)), '>', 40::bigint, 'R''s percentiles are there');
SELECT is_empty($$
    SELECT case_id, p, method, expected, pg_temp.back(percentile(dist, p, method))
    FROM r_percentile JOIN r_dist USING (case_id),
         LATERAL (VALUES ('type 1', type1), ('type 2', type2), ('type 3', type3), ('type 4', type4), ('type 5', type5), ('type 6', type6),
                         ('type 7', type7), ('type 8', type8), ('type 9', type9), ('harrell-davis', harrell_davis),
                         ('continuous', pg_cont), ('discrete', pg_disc)) AS v (method, expected)
    WHERE (pg_temp.back(percentile(dist, p, method)) IS NULL) <> (expected IS NULL) AND NOT (method = 'harrell-davis' AND case_id = 'n1')
       OR abs(pg_temp.back(percentile(dist, p, method)) - expected) > 1e-10 * greatest(abs(expected), 1) $$,
    'every method gives R''s figure to 1e-10 (Hmisc''s Harrell-Davis has none of a single value, which is its own percentile here)');
SELECT is_empty($$
    SELECT r.*, i FROM r_interval r JOIN r_dist USING (case_id), percentile_interval(dist, p, conf) i
    WHERE abs(pg_temp.back(i.lower) - r.lower) > 1e-10 * greatest(abs(r.lower), 1) OR (i.lower IS NULL) <> (r.lower IS NULL)
       OR abs(pg_temp.back(i.upper) - r.upper) > 1e-10 * greatest(abs(r.upper), 1) OR (i.upper IS NULL) <> (r.upper IS NULL)
       OR abs(i.coverage - r.coverage) > 1e-10 $$, 'every interval is R''s, with its coverage');
\else
SELECT skip('../shared is not there: R''s figures of percentiles were not compared', 3);
\endif

SELECT * FROM finish();
ROLLBACK;
