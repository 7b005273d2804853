-- ears(), cusum() and farrington_flexible(), against figures made with R's surveillance package (test/oracle/surveillance.R).
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT (have IS NULL AND want IS NULL) OR coalesce(abs(have - want) <= tolerance * greatest(abs(have), abs(want)), false) $$;
-- How many figures were compared, and that each is right.
CREATE FUNCTION pg_temp.all_right(what text, compared bigint, at_least bigint, wrong bigint) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT cmp_ok(compared, '>=', at_least, format('%s: %s rows compared', what, compared))
    UNION ALL SELECT is(wrong, 0::bigint, what) $$;

CREATE TEMP TABLE input (series text, t int, date date, freq int, population float8, count bigint);
\copy input FROM 'test/oracle/surveillance_inputs.csv' CSV HEADER

-- EARS --------------------------------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE ears_figure (series text, method text, baseline int, min_sigma float8, alpha float8, t int, upper_bound float8, alarm boolean,
                               score float8);
\copy ears_figure FROM 'test/oracle/surveillance_ears.csv' CSV HEADER
CREATE TEMP TABLE ears_compared AS
    SELECT f.*, o.e
    FROM ears_figure f
    JOIN (SELECT c.*, i.t, ears(i.count, method => c.method, baseline => c.baseline, min_sigma => c.min_sigma, alpha => c.alpha)
                           OVER (PARTITION BY c.series, c.method, c.baseline ORDER BY i.t) AS e
          FROM (SELECT DISTINCT series, method, baseline, min_sigma, alpha FROM ears_figure WHERE alpha IS NOT NULL) c JOIN input i USING (series)
          UNION ALL
          SELECT c.*, i.t, ears(i.count, method => c.method, baseline => c.baseline, min_sigma => c.min_sigma)
                           OVER (PARTITION BY c.series, c.method, c.baseline ORDER BY i.t)
          FROM (SELECT DISTINCT series, method, baseline, min_sigma, alpha FROM ears_figure WHERE alpha IS NULL) c JOIN input i USING (series)) o
    USING (series, method, baseline, t);
SELECT pg_temp.all_right('EARS ' || method, count(*), 700,
    count(*) FILTER (WHERE (e).reason IS NOT NULL OR (e).alarm IS DISTINCT FROM alarm
        OR (upper_bound IS NOT NULL AND NOT pg_temp.is_close((e).upper_bound, upper_bound, 1e-10))
        OR (score IS NOT NULL AND NOT pg_temp.is_close((e).score, score, 1e-10))))
FROM ears_compared GROUP BY method ORDER BY method;
SELECT is((SELECT count(*) FROM ears_compared), (SELECT count(*) FROM ears_figure), 'no figure of EARS was left out');
SELECT cmp_ok((SELECT count(*) FROM ears_compared WHERE alarm), '>', 50::bigint, 'there are alarms among them');

-- CUSUM -------------------------------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE cusum_figure (series text, transformation text, reset boolean, k float8, h float8, t int, score float8, upper_bound float8,
                                alarm boolean);
\copy cusum_figure FROM 'test/oracle/surveillance_cusum.csv' CSV HEADER
CREATE TEMP TABLE cusum_compared AS
    SELECT f.*, o.c, lag((o.c).cusum) OVER (PARTITION BY series, transformation, reset ORDER BY t) AS before
    FROM cusum_figure f
    JOIN (SELECT c.*, i.t, cusum(i.count, baseline => 30, k => c.k, h => c.h, transformation => c.transformation, reset => c.reset)
                           OVER (PARTITION BY c.series, c.transformation, c.reset ORDER BY i.t) AS c
          FROM (SELECT DISTINCT series, transformation, reset, k, h FROM cusum_figure) c JOIN input i USING (series)) o
    USING (series, transformation, reset, t);
SELECT pg_temp.all_right('CUSUM ' || transformation, count(*), 540,
    count(*) FILTER (WHERE (c).reason IS NOT NULL OR (c).alarm IS DISTINCT FROM alarm OR NOT pg_temp.is_close((c).score, score, 1e-9)))
FROM cusum_compared GROUP BY transformation ORDER BY transformation;
SELECT is((SELECT count(*) FROM cusum_compared), (SELECT count(*) FROM cusum_figure), 'no figure of CUSUM was left out');
SELECT is(count(*) FILTER (WHERE (c).cusum IS DISTINCT FROM CASE WHEN alarm AND reset THEN 0 ELSE (c).score END), 0::bigint, 'what is carried on')
FROM cusum_compared;
-- R's bound of no transformation is h less the sum with the count itself, which is no bound on the count; where the sum is so high that any count
-- raises the alarm, its bound by Rossi's transformation rises again, being the square of a negative root.
SELECT pg_temp.all_right('threshold of CUSUM', count(*), 1500, count(*) FILTER (WHERE NOT pg_temp.is_close((c).threshold, upper_bound, 1e-9)))
FROM cusum_compared
WHERE transformation <> 'none' AND (transformation <> 'rossi' OR (c).threshold > 0);
SELECT is(count(*) FILTER (WHERE (c).threshold IS DISTINCT FROM greatest(0, h + k - coalesce(before, 0))), 0::bigint, 'and of counts as they are')
FROM cusum_compared WHERE transformation = 'none';
SELECT is(count(*) FILTER (WHERE (c).alarm <> (i.count >= (c).threshold - 1e-9)), 0::bigint, 'a count from the threshold up raises the alarm')
FROM cusum_compared JOIN input i USING (series, t) WHERE (c).threshold > 0;

-- Farrington --------------------------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE farrington_figure (series text, configuration text, dated boolean, t int, expected float8, upper_bound float8, score float8,
                                     p_value float8, alarm boolean, trend boolean, slope float8, dispersion float8);
\copy farrington_figure FROM 'test/oracle/surveillance_farrington.csv' CSV HEADER
-- The parameters by the name of the configuration.
CREATE TEMP TABLE configuration (configuration text, parameters text);
INSERT INTO configuration VALUES
    ('default', 'b => 5'), ('b4_alpha', 'b => 4, alpha => 0.005'), ('b2', 'b => 2, w => 2'), ('w0', 'b => 6, w => 0'),
    ('past0', 'past_weeks_not_included => 0'),
    ('improved', 'no_periods => 10, past_weeks_not_included => 26, p_threshold_trend => 1, threshold_method => ''nbPlugin'''),
    ('improved_muan', 'no_periods => 10, past_weeks_not_included => 26, p_threshold_trend => 1, threshold_method => ''muan'''),
    ('seasons3', 'no_periods => 3, reweight => false, threshold_method => ''nbPlugin'''), ('no_limit', 'limit_cases => 0, weights_threshold => 1'),
    ('half', 'power_transformation => ''1/2'', limit_cases => 30, limit_periods => 3'), ('none', 'power_transformation => ''none'', trend => false'),
    ('classic', 'weights_threshold => 1, alpha => 0.025, standard_error => ''quasi_poisson'''),
    ('quasi_poisson', 'trend => false, standard_error => ''quasi_poisson''');
CREATE TEMP TABLE answered (series text, configuration text, dated boolean, t int, r farrington_result);
DO $$
DECLARE
    asked record;
BEGIN
    FOR asked IN SELECT DISTINCT f.series, f.configuration, f.dated, i.freq, c.parameters
                 FROM farrington_figure f JOIN input i USING (series) JOIN configuration c USING (configuration)
    LOOP
        EXECUTE format('INSERT INTO answered SELECT %L, %L, %L, t, farrington_flexible(count, %s freq => %s, %s) OVER (ORDER BY t) FROM input WHERE series = %L',
                       asked.series, asked.configuration, asked.dated,
                       CASE WHEN asked.dated THEN 'period_start => date, ' ELSE '' END
                           || CASE WHEN asked.series = 'growing' THEN 'population => population, ' ELSE '' END
                           || CASE WHEN asked.series = 'months' THEN 'w => 1, ' WHEN asked.series = 'days' THEN 'b => 2, ' ELSE '' END,
                       asked.freq, CASE WHEN asked.series = 'days' THEN replace(asked.parameters, 'b => 5', 'w => 3') ELSE asked.parameters END, asked.series);
    END LOOP;
END $$;
CREATE TEMP TABLE farrington_compared AS
    SELECT f.*, a.r, i.count, CASE WHEN configuration ~ 'improved|seasons' THEN 'nbPlugin' ELSE 'delta' END AS threshold_method
    FROM farrington_figure f JOIN answered a USING (series, configuration, dated, t) JOIN input i USING (series, t);

-- A score near 0 is a difference of two like numbers: to 1e-9 of 1.
CREATE FUNCTION pg_temp.same_score(have float8, want float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT (have IS NULL AND want IS NULL) OR coalesce(abs(have - want) <= 1e-9 + 1e-6 * abs(want), false) $$;
-- The score as R has it: with a threshold method of the negative binomial it takes the logarithm of what is expected for what is expected.
CREATE FUNCTION pg_temp.score_as_in_r(r farrington_result, count float8, threshold_method text) RETURNS float8 LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN threshold_method = 'delta' THEN r.score ELSE (count - ln(r.expected)) / (r.upper_bound - ln(r.expected)) END $$;

-- Where no case was in the windows of past years there is nothing to predict from: R's iterations stop at a mean of about 1e-9, of which we say nothing.
SELECT is((SELECT array_agg(t ORDER BY t) FROM farrington_compared WHERE series = 'sparse' AND configuration = 'w0' AND (r).dispersion IS NULL),
          (SELECT array_agg(i.t ORDER BY i.t) FROM farrington_figure f JOIN input i USING (series, t)
           WHERE series = 'sparse' AND configuration = 'w0'
             AND (SELECT sum(p.count) FROM input p WHERE p.series = 'sparse' AND p.t IN (SELECT i.t - 52 * y FROM generate_series(1, 6) y)) = 0),
          'no model where the baseline has no cases');
SELECT is(count(*) FILTER (WHERE (r).alarm OR alarm OR abs(p_value - 0.5) > 1e-5 AND p_value > 1e-9), 0::bigint, 'and R''s is of no use')
FROM farrington_compared WHERE (r).dispersion IS NULL AND series = 'sparse';

SELECT pg_temp.all_right('Farrington ' || configuration, count(*), CASE WHEN configuration = 'quasi_poisson' THEN 25 ELSE 135 END,
    count(*) FILTER (WHERE NOT (pg_temp.is_close((r).upper_bound, upper_bound, 1e-6) AND (r).alarm IS NOT DISTINCT FROM alarm)
        OR (configuration <> 'classic'
            AND NOT (pg_temp.is_close((r).expected, expected, 1e-6) AND pg_temp.is_close((r).dispersion, dispersion, 1e-6)
                     AND (r).trend IS NOT DISTINCT FROM trend))
        OR (p_value > 1e-12 AND NOT pg_temp.is_close((r).p_value, p_value, 1e-6))
        OR (configuration <> 'classic' AND (threshold_method = 'delta' OR expected IS NOT NULL)
            AND NOT pg_temp.same_score(pg_temp.score_as_in_r(r, count, threshold_method), score))
        -- R's slope of months is one of the 28 days that the first of these has.
        OR (slope IS NOT NULL
            AND NOT pg_temp.is_close((r).slope, CASE WHEN series = 'months' AND dated THEN slope / 28 * 365.2425 / 12 ELSE slope END, 1e-6))
        OR ((r).reason IS NOT NULL) <> (expected IS NULL AND configuration <> 'classic' OR upper_bound IS NULL)))
FROM farrington_compared WHERE NOT (series = 'sparse' AND (r).dispersion IS NULL) GROUP BY configuration ORDER BY configuration;
SELECT is((SELECT count(*) FROM farrington_compared WHERE (r).dispersion IS NULL), 20::bigint, 'so many are without a model');
SELECT is((SELECT count(*) FROM farrington_compared), (SELECT count(*) FROM farrington_figure), 'no figure of Farrington was left out');
SELECT cmp_ok((SELECT count(*) FROM farrington_compared WHERE alarm), '>', 60::bigint, 'there are alarms among them');
SELECT cmp_ok((SELECT count(*) FROM farrington_compared WHERE trend), '>', 500::bigint, 'there are trends among them');
SELECT cmp_ok((SELECT count(*) FROM farrington_compared WHERE (r).reason = 'fewer than 5 cases in 4 periods'), '>', 100::bigint, 'there are few cases');
-- Our score is on the scale of the counts, so that 1 is the bound itself.
SELECT is(count(*) FILTER (WHERE NOT pg_temp.same_score((r).score, (count - (r).expected) / ((r).upper_bound - (r).expected))), 0::bigint,
          'a score of 1 is the upper bound by every method')
FROM farrington_compared WHERE (r).reason IS NULL;
SELECT is(count(*) FILTER (WHERE (r).alarm <> ((r).score > 1)), 0::bigint, 'an alarm is a score above 1') FROM farrington_compared WHERE (r).reason IS NULL;

-- Rows that are not there, and rows whose count is not known, are the same to a series with dates; without dates it must have a row a period.
CREATE TEMP TABLE with_gaps AS
    SELECT t, date, count, farrington_flexible(count, date) OVER (ORDER BY date) AS dated, farrington_flexible(count) OVER (ORDER BY t) AS undated
    FROM input WHERE series = 'gaps';
SELECT is(count(*) FILTER (WHERE w.dated IS DISTINCT FROM a.dated), 0::bigint, 'weeks without a row are weeks without a count')
FROM with_gaps w JOIN (SELECT t, farrington_flexible(count, date) OVER (ORDER BY date) AS dated FROM with_gaps WHERE count IS NOT NULL) a USING (t);
SELECT is((SELECT DISTINCT dated FROM with_gaps WHERE count IS NULL), ROW(NULL, NULL, NULL, NULL, NULL, 'no count', NULL, NULL, NULL)::farrington_result,
          'no count, no result');

-- What cannot be said ----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION pg_temp.series(counts bigint[]) RETURNS TABLE (t bigint, count bigint) LANGUAGE sql IMMUTABLE
    AS $$ SELECT o, c FROM unnest(counts) WITH ORDINALITY AS u (c, o) $$;
-- Figures by hand: the mean of 1 to 7 is 4, its variance 28 / 6; with the standard normal's quantile at 0.999.
SELECT ok((e).expected = 4 AND pg_temp.is_close((e).upper_bound, 4 + 3.0902323061678132 * sqrt(28 / 6.::float8), 1e-12)
          AND pg_temp.is_close((e).score, 16 / sqrt(28 / 6.::float8), 1e-12) AND (e).alarm AND (e).reason IS NULL, 'C1 by hand')
FROM (SELECT t, ears(count) OVER (ORDER BY t) AS e FROM pg_temp.series('{1,2,3,4,5,6,7,20}')) s WHERE t = 8;
SELECT is(array_agg((e).reason ORDER BY t), array_fill('history too short'::text, ARRAY[7]) || '{flat baseline,flat baseline,no count,NULL}'::text[],
          'flat and short baselines of C1, and one with an unknown count')
FROM (SELECT t, ears(count) OVER (ORDER BY t) AS e FROM pg_temp.series('{2,2,2,2,2,2,2,2,9,NULL,5}')) s;
SELECT is(count(*) FILTER (WHERE (e).alarm IS NOT NULL OR (e).upper_bound IS NOT NULL OR (e).score IS NOT NULL OR (e).expected IS NOT NULL), 0::bigint,
          'a reason stands alone')
FROM (SELECT ears(count) OVER (ORDER BY t) AS e FROM pg_temp.series('{2,2,2,2,2,2,2,2,9,NULL,5}')) s WHERE (e).reason IS NOT NULL;
-- R gives C3 an infinite z and a false alarm two points after a flat baseline; here both points are without a result.
SELECT is(array_agg(t ORDER BY t) FILTER (WHERE (e).reason = 'flat baseline'), '{12,13,14,15}'::bigint[], 'C3 after a flat baseline')
FROM (SELECT t, ears(count, 'C3') OVER (ORDER BY t) AS e FROM pg_temp.series('{2,2,2,2,2,2,2,2,2,2,3,2,2,2,5,4,6,3,4}')) s;
SELECT is(count(*), 0::bigint, 'no alarm of a flat baseline with min_sigma') FROM (
    SELECT ears(count, min_sigma => 0.5) OVER (ORDER BY t) AS e FROM pg_temp.series('{2,2,2,2,2,2,2,2,3,2,2}')) s WHERE (e).alarm OR (e).reason = 'flat baseline';
-- A surge of one day: R's C3 says nothing of that day, Hutwagner's sum does.
SELECT results_eq($$
    SELECT m, array_agg(t ORDER BY t) FILTER (WHERE (e).alarm)
    FROM (SELECT m, t, ears(count, m) OVER (PARTITION BY m ORDER BY t) AS e
          FROM pg_temp.series('{3,5,4,3,6,4,5,3,4,5,4,3,5,4,30,4,5,3}') s, unnest('{C1,C2,C3,C3_hutwagner}'::text[]) m) s GROUP BY m ORDER BY m $$,
    $$ VALUES ('C1', '{15}'::bigint[]), ('C2', '{15}'), ('C3', '{16,17}'), ('C3_hutwagner', '{15,16,17}') $$, 'the day of a surge');

-- By hand: m = 4, z = (8 - 4) / 2 = 2, so that the sum grows by 2 - 1.04.
SELECT is(array_agg(round((c).score::numeric, 10) ORDER BY t), '{NULL,NULL,0.96,1.92,2.88,NULL,3.84}'::numeric[], 'CUSUM by hand')
FROM (SELECT t, cusum(count, baseline => 2) OVER (ORDER BY t) AS c FROM pg_temp.series('{3,5,8,8,8,NULL,8}')) s;
SELECT is(array_agg((c).alarm ORDER BY t), '{NULL,NULL,false,false,true,NULL,true}'::boolean[], 'its alarms')
FROM (SELECT t, cusum(count, baseline => 2) OVER (ORDER BY t) AS c FROM pg_temp.series('{3,5,8,8,8,NULL,8}')) s;
SELECT is(array_agg((c).reason ORDER BY t), '{in the baseline,in the baseline,NULL,NULL,NULL,no count,NULL}'::text[], 'its reasons')
FROM (SELECT t, cusum(count, baseline => 2) OVER (ORDER BY t) AS c FROM pg_temp.series('{3,5,8,8,8,NULL,8}')) s;
SELECT is(array_agg((c).score ORDER BY t), (SELECT array_agg((c).score ORDER BY t) FROM (
        SELECT t, cusum(count, baseline => 2) OVER (ORDER BY t) AS c FROM pg_temp.series('{3,5,8,8,8,NULL,8}')) s WHERE t > 2),
    'what is expected by a column')
FROM (SELECT t, cusum(count, expected => m) OVER (ORDER BY t) AS c
      FROM (SELECT t, count, 4 + t * 0::float8 AS m FROM pg_temp.series('{3,5,8,8,8,NULL,8}')) s WHERE t > 2) s;
SELECT is(array_agg(DISTINCT (c).reason), '{nothing expected}'::text[], 'a baseline without cases')
FROM (SELECT t, cusum(count, baseline => 3) OVER (ORDER BY t) AS c FROM pg_temp.series('{0,0,0,4,5}')) s WHERE t > 3;
SELECT is(array_agg(DISTINCT (c).reason), '{history too short,in the baseline}'::text[], 'a baseline without a known count')
FROM (SELECT t, cusum(count, baseline => 2) OVER (ORDER BY t) AS c FROM pg_temp.series('{NULL,NULL,4,5}')) s;

-- Farrington: the first result has five years and three weeks before it.
SELECT is(min(t) FILTER (WHERE (f).reason IS DISTINCT FROM 'history too short'), 264::bigint, 'a history of five years and three weeks')
FROM (SELECT t, farrington_flexible(5 + t % 3) OVER (ORDER BY t) AS f FROM generate_series(1, 280::bigint) t) s;
SELECT is(f, ROW(NULL, NULL, NULL, NULL, NULL, 'no cases in the baseline', NULL, NULL, NULL)::farrington_result, 'all zero, and then five cases')
FROM (SELECT t, farrington_flexible((t = 300)::int * 5) OVER (ORDER BY t) AS f FROM generate_series(1, 300::bigint) t) s WHERE t = 300;
SELECT is(array_agg(DISTINCT (f).reason), '{fewer than 5 cases in 4 periods,history too short}'::text[], 'all zero')
FROM (SELECT farrington_flexible(t * 0) OVER (ORDER BY t) AS f FROM generate_series(1, 300::bigint) t) s;
SELECT ok(bool_and((f).expected BETWEEN 9.999999 AND 10.000001 AND (f).dispersion = 1 AND NOT (f).trend AND NOT (f).alarm), 'a constant series')
FROM (SELECT t, farrington_flexible(10) OVER (ORDER BY t) AS f FROM generate_series(1, 300::bigint) t) s WHERE t >= 264;
SELECT ok(bool_and((f).reason IS NULL AND (f).upper_bound > (f).expected), 'counts of 10 million are counted')
FROM (SELECT t, farrington_flexible(10000000 + t * 1000, threshold_method => m) OVER (PARTITION BY m ORDER BY t) AS f
      FROM generate_series(1, 300::bigint) t, unnest('{delta,nbPlugin,muan}'::text[]) m) s WHERE t >= 264;
SELECT is(count(*) FILTER (WHERE (f).expected IN ('NaN', 'Infinity', '-Infinity') OR (f).upper_bound IN ('NaN', 'Infinity') OR (f).score IN ('NaN', 'Infinity', '-Infinity')
                                 OR (f).p_value = 'NaN' OR (f).dispersion IN ('NaN', 'Infinity')), 0::bigint, 'never NaN or infinite, of the largest counts')
FROM (SELECT farrington_flexible(CASE WHEN t % 5 = 0 THEN 9223372036854775807 ELSE t % 3 END, threshold_method => m, no_periods => p, w => w) OVER (PARTITION BY m, p, w ORDER BY t) AS f
      FROM generate_series(1, 300::bigint) t, unnest('{delta,nbPlugin,muan}'::text[]) m, unnest('{1,10}'::int[]) p, unnest('{0,3}'::int[]) w) s;
SELECT is(count(*) FILTER (WHERE (e).upper_bound IN ('NaN', 'Infinity') OR (c).score IN ('NaN', 'Infinity') OR (c).threshold IN ('NaN', 'Infinity')), 0::bigint, 'nor of the others')
FROM (SELECT ears(count, m) OVER w AS e, cusum(count, baseline => 3) OVER w AS c
      FROM pg_temp.series('{0,9223372036854775807,9223372036854775807,0,1,9223372036854775807,5,6,7,8,9,9223372036854775807,1,2}') s, unnest('{C1,C2,C3,C3_hutwagner}'::text[]) m
      WINDOW w AS (PARTITION BY m ORDER BY t)) s;

-- One point, no point, NULL parameters, any frame.
SELECT is((ears(5) OVER ()).reason, 'history too short', 'one point');
SELECT is((farrington_flexible(5, date '2024-01-01') OVER ()).reason, 'history too short', 'one point of Farrington');
SELECT is_empty('SELECT ears(1) OVER (), cusum(1, 3) OVER (), farrington_flexible(1) OVER () WHERE false', 'no point');
SELECT is((ears(5, NULL) OVER ())::text, NULL, 'a NULL parameter');
SELECT is((cusum(5, 3, k => NULL) OVER ())::text, NULL, 'a NULL parameter of CUSUM');
SELECT is((farrington_flexible(5, b => NULL) OVER ())::text, NULL, 'a NULL parameter of Farrington');
SELECT is(count(*) FILTER (WHERE a IS DISTINCT FROM b), 0::bigint, 'the frame does not matter')
FROM (SELECT ears(count) OVER (ORDER BY t) AS a, ears(count) OVER (ORDER BY t ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS b FROM input WHERE series = 'sparse') s;
SELECT is(array_agg((f).reason ORDER BY n), '{no date,history too short}'::text[], 'a row without a date')
FROM (SELECT n, farrington_flexible(n, d) OVER (ORDER BY n) AS f FROM (VALUES (1, NULL::date), (2, '2024-01-01')) v (n, d)) s;

-- Refused.
SELECT throws_ok(format('SELECT %s OVER () FROM generate_series(1, 20) t', call), '22023', message, call)
FROM (VALUES ('ears(-1)', 'count -1 is negative'), ('ears(1, ''C4'')', 'unknown method of EARS: "C4"'), ('ears(1, baseline => 2)', 'baseline 2 is out of range'),
             ('ears(1, alpha => 0.5)', 'alpha 0.5 is not between 0 and 0.5'), ('ears(1, alpha => ''NaN'')', 'alpha NaN is not between 0 and 0.5'),
             ('ears(1, min_sigma => -1)', 'min_sigma -1 is not a finite number from 0'), ('cusum(1)', 'cusum needs either a baseline or what is expected'),
             ('cusum(1, 5, 5)', 'cusum needs either a baseline or what is expected'), ('cusum(1, 0)', 'baseline 0 is out of range'),
             ('cusum(1, expected => -1)', 'expected count -1 is not a finite number from 0'), ('cusum(1, 5, h => ''Infinity'')', 'h Infinity is not a finite number from 0'),
             ('cusum(1, 5, transformation => ''x'')', 'unknown transformation: "x"'), ('farrington_flexible(-5)', 'count -5 is negative'),
             ('farrington_flexible(1, b => 0)', 'b 0 is out of range'), ('farrington_flexible(1, w => 53)', 'w 53 is out of range'),
             ('farrington_flexible(1, freq => 0)', 'freq 0 is out of range'), ('farrington_flexible(1, no_periods => 16)', 'no_periods 16 is out of range'),
             ('farrington_flexible(1, freq => 12, no_periods => 7)', 'no_periods 7 is too many between windows of w 3 with freq 12'),
             ('farrington_flexible(1, p_threshold_trend => 2)', 'p_threshold_trend 2 is not between 0 and 1'),
             ('farrington_flexible(1, limit_periods => 0)', 'limit_periods 0 is out of range'),
             ('farrington_flexible(1, past_weeks_not_included => -1)', 'past_weeks_not_included -1 is out of range'),
             ('farrington_flexible(1, threshold_method => ''x'')', 'unknown threshold_method: "x"'),
             ('farrington_flexible(1, power_transformation => ''3/4'')', 'unknown power_transformation: "3/4"'),
             ('farrington_flexible(1, standard_error => ''x'')', 'unknown standard_error: "x"'),
             ('farrington_flexible(1, weights_threshold => ''NaN'')', 'weights_threshold NaN is not a finite number from 0'),
             ('farrington_flexible(1, population => -1)', 'population -1 is not a finite number from 0'),
             ('farrington_flexible(1, date ''2024-01-01'', freq => 26)', 'freq 26 has no calendar'),
             ('farrington_flexible(1, date ''infinity'')', 'the start of a period is not a finite date'),
             ('farrington_flexible(1, date ''2024-01-01'')', 'two rows of a series are of one period, or not in order of time'),
             ('farrington_flexible(1, date ''2024-01-01'' - 7 * t)', 'two rows of a series are of one period, or not in order of time'),
             ('farrington_flexible(1, date ''2024-01-01'' + 10 * t)', 'weeks of a series begin on different days of the week'),
             ('farrington_flexible(1, date ''2024-01-01'' + 20 * t, freq => 12)', 'two rows of a series are of one period, or not in order of time')) v (call, message);
SELECT throws_ok($$ SELECT farrington_flexible(1, d, freq => 365) OVER (ORDER BY d) FROM (VALUES (date '0001-01-01'), ('200000-01-01')) v (d) $$, '54000', NULL,
                 'dates that are too far apart');

-- A partition computed again has no memory of the last: the inner query is executed for each of three values.
CREATE TEMP TABLE again AS
    SELECT g, s.* FROM generate_series(1, 3) AS g,
        LATERAL (SELECT t, farrington_flexible(count + g) OVER series AS f, cusum(count + g, baseline => 9) OVER series AS c
                 FROM input WHERE series = 'outbreaks' AND t < 290 WINDOW series AS (ORDER BY t)) s;
SELECT is(count(*) FILTER (WHERE a.f IS NOT DISTINCT FROM o.f AND a.c IS NOT DISTINCT FROM o.c), 3 * 289::bigint, 'executed again')
FROM again a
JOIN (SELECT g, t, farrington_flexible(count + g) OVER series AS f, cusum(count + g, baseline => 9) OVER series AS c
      FROM input, generate_series(1, 3) AS g WHERE series = 'outbreaks' AND t < 290 WINDOW series AS (PARTITION BY g ORDER BY t)) o USING (g, t);

-- Named arguments and defaults survive in a view.
CREATE TEMP VIEW watched AS SELECT t, farrington_flexible(count, period_start => date, w => 2, no_periods => 4) OVER (ORDER BY t) AS f, ears(count, min_sigma => 1) OVER (ORDER BY t) AS e
FROM input WHERE series = 'outbreaks';
SELECT is(count(*) FILTER (WHERE w.f IS DISTINCT FROM s.f), 0::bigint, 'a view of them')
FROM watched w JOIN (SELECT t, farrington_flexible(count, date, w => 2, no_periods => 4) OVER (ORDER BY t) AS f FROM input WHERE series = 'outbreaks') s USING (t);
SELECT lives_ok('CREATE TEMP VIEW written_again AS ' || pg_get_viewdef('watched'), 'and what it is written as');
SET LOCAL search_path = '';
CREATE TABLE pg_temp.no_path AS SELECT naloxone_kpi.farrington_flexible(t) OVER (ORDER BY t) AS f FROM pg_catalog.generate_series(1, 270::bigint) t;
SET LOCAL search_path = naloxone_kpi, public;
SELECT is((SELECT count(*) FROM no_path WHERE (f).reason IS NULL), 7::bigint, 'with an empty search path');

-- Figures made with R's surveillance, where the shared folder is there ------------------------------------------------
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE shared_ears_input (case_id text, t int, count bigint);
CREATE TEMP TABLE shared_ears (case_id text, method text, baseline int, min_sigma float8, alpha float8, t int, count bigint, upper_bound float8, alarm boolean);
CREATE TEMP TABLE shared_cusum_input (case_id text, t int, count bigint);
CREATE TEMP TABLE shared_cusum (case_id text, transformation text, reset boolean, k float8, h float8, m float8, t int, count bigint, cusum float8,
                                alarm boolean, upper_bound float8);
CREATE TEMP TABLE shared_farrington_input (case_id text, t int, date date, freq int, count bigint);
CREATE TEMP TABLE shared_farrington (case_id text, config text, t int, count bigint, expected float8, upper_bound float8, score float8, p_value float8,
                                     dispersion float8, trend boolean, slope float8, alarm boolean);
CREATE TEMP TABLE shared_classic (case_id text, power_transformation text, t int, count bigint, upper_bound float8, alarm boolean);
\set load '\\copy shared_ears_input FROM ' :shared '/oracles/ears_inputs.csv CSV HEADER'
:load
\set load '\\copy shared_ears FROM ' :shared '/oracles/ears_expected.csv CSV HEADER'
:load
\set load '\\copy shared_cusum_input FROM ' :shared '/oracles/cusum_inputs.csv CSV HEADER'
:load
\set load '\\copy shared_cusum FROM ' :shared '/oracles/cusum_expected.csv CSV HEADER'
:load
\set load '\\copy shared_farrington_input FROM ' :shared '/oracles/farrington_inputs.csv CSV HEADER'
:load
\set load '\\copy shared_farrington FROM ' :shared '/oracles/farrington_flexible_expected.csv CSV HEADER'
:load
\set load '\\copy shared_classic FROM ' :shared '/oracles/farrington_classic_expected.csv CSV HEADER'
:load

-- A bound that is not said in R is NaN, of a flat baseline; there is no such row among them.
SELECT pg_temp.all_right('shared EARS ' || method, count(*), 780,
    count(*) FILTER (WHERE NOT pg_temp.is_close((e).upper_bound, upper_bound, 1e-10) OR (e).alarm IS DISTINCT FROM alarm))
FROM shared_ears JOIN (SELECT o.*, i.t, ears(i.count, o.method, o.baseline, o.alpha, o.min_sigma)
                                        OVER (PARTITION BY o.case_id, o.method, o.baseline, o.min_sigma, o.alpha ORDER BY i.t) AS e
                       FROM (SELECT DISTINCT case_id, method, baseline, min_sigma, alpha FROM shared_ears) o JOIN shared_ears_input i USING (case_id)) s
     USING (case_id, method, baseline, min_sigma, alpha, t)
GROUP BY method ORDER BY method;

-- The threshold as above: R's without a transformation, and of Rossi's where any count raises the alarm, is no bound.
SELECT pg_temp.all_right('shared CUSUM ' || transformation, count(*), 880,
    count(*) FILTER (WHERE NOT pg_temp.is_close((c).cusum, cusum, 1e-10) OR (c).alarm IS DISTINCT FROM alarm OR (c).expected <> m
        OR (transformation <> 'none' AND NOT (transformation = 'rossi' AND (c).threshold = 0)
            AND NOT pg_temp.is_close((c).threshold, upper_bound, 1e-9))))
FROM shared_cusum JOIN (SELECT o.*, i.t, cusum(i.count, 20, k => o.k, h => o.h, transformation => o.transformation, reset => o.reset)
                                         OVER (PARTITION BY o.case_id, o.transformation, o.reset, o.k, o.h ORDER BY i.t) AS c
                        FROM (SELECT DISTINCT case_id, transformation, reset, k, h FROM shared_cusum) o JOIN shared_cusum_input i USING (case_id)) s
     USING (case_id, transformation, reset, k, h, t)
GROUP BY transformation ORDER BY transformation;

CREATE TEMP TABLE shared_compared AS
    WITH answered AS (
        SELECT case_id, 'default_b5_w3' AS config, t, farrington_flexible(count, freq => freq) OVER s AS r
        FROM shared_farrington_input WHERE date IS NULL WINDOW s AS (PARTITION BY case_id ORDER BY t)
        UNION ALL
        SELECT case_id, 'default_b5_w3', t, farrington_flexible(count, date, freq => freq) OVER s
        FROM shared_farrington_input WHERE date IS NOT NULL WINDOW s AS (PARTITION BY case_id ORDER BY t)
        UNION ALL
        SELECT case_id, 'b3_w3', t, farrington_flexible(count, freq => freq, b => 3) OVER s
        FROM shared_farrington_input WHERE case_id = 'agona' WINDOW s AS (PARTITION BY case_id ORDER BY t)
        UNION ALL
        SELECT case_id, 'b4_w3_p10_' || m, t, farrington_flexible(count, freq => freq, b => 4, no_periods => 10, past_weeks_not_included => 26,
                                                                  p_threshold_trend => 1, threshold_method => m) OVER s
        FROM shared_farrington_input, unnest('{delta,nbPlugin,muan}'::text[]) m WHERE case_id = 'agona' WINDOW s AS (PARTITION BY case_id, m ORDER BY t)
        UNION ALL
        SELECT case_id, 'improved_p10', t, farrington_flexible(count, freq => freq, no_periods => 10, past_weeks_not_included => 26,
                                                               p_threshold_trend => 1, threshold_method => 'nbPlugin') OVER s
        FROM shared_farrington_input WHERE case_id = 'newport' WINDOW s AS (PARTITION BY case_id ORDER BY t)
        UNION ALL
        SELECT case_id, 'noreweight', t, farrington_flexible(count, freq => freq, reweight => false) OVER s
        FROM shared_farrington_input WHERE case_id = 'newport' WINDOW s AS (PARTITION BY case_id ORDER BY t)
        UNION ALL
        SELECT case_id, 'notrend', t, farrington_flexible(count, freq => freq, trend => false) OVER s
        FROM shared_farrington_input WHERE case_id = 'newport' WINDOW s AS (PARTITION BY case_id ORDER BY t)
        UNION ALL
        SELECT case_id, CASE p WHEN 'none' THEN 'powertrans_none' ELSE 'powertrans_half' END, t,
               farrington_flexible(count, freq => freq, power_transformation => p) OVER s
        FROM shared_farrington_input, unnest('{none,1/2}'::text[]) p WHERE case_id = 'newport' WINDOW s AS (PARTITION BY case_id, p ORDER BY t))
    SELECT f.*, r, CASE WHEN config ~ 'nbPlugin|muan|improved' THEN 'nbPlugin' ELSE 'delta' END AS threshold_method
    FROM shared_farrington f LEFT JOIN answered USING (case_id, config, t);
SELECT pg_temp.all_right('shared Farrington ' || config, count(*), 21,
    count(*) FILTER (WHERE NOT (pg_temp.is_close((r).expected, expected, 1e-6) AND pg_temp.is_close((r).upper_bound, upper_bound, 1e-6)
        AND pg_temp.is_close((r).p_value, p_value, 1e-6) AND pg_temp.is_close((r).dispersion, dispersion, 1e-6)
        AND (r).trend IS NOT DISTINCT FROM trend AND pg_temp.is_close((r).slope, slope, 1e-6) AND (r).alarm IS NOT DISTINCT FROM alarm
        AND (pg_temp.same_score(pg_temp.score_as_in_r(r, count, threshold_method), score) OR (threshold_method <> 'delta' AND expected IS NULL)))))
FROM shared_compared GROUP BY config ORDER BY config;
SELECT is((SELECT count(*) FROM shared_compared), 562::bigint, 'every figure of the shared folder was compared');
-- The classic method: its alpha of 0.01 is two-sided, its bound is 0 where there are few cases.
SELECT pg_temp.all_right('shared classic Farrington', count(*), 164,
    count(*) FILTER (WHERE NOT pg_temp.is_close(coalesce((r).upper_bound, 0), upper_bound, 1e-6) OR (r).alarm IS DISTINCT FROM alarm))
FROM shared_classic
JOIN (SELECT case_id, t, p AS power_transformation, farrington_flexible(count, freq => freq, weights_threshold => 1, alpha => 0.005, power_transformation => p,
                                                                        standard_error => 'quasi_poisson') OVER (PARTITION BY case_id, p ORDER BY t) AS r
      FROM shared_farrington_input, unnest('{none,2/3}'::text[]) p) s USING (case_id, power_transformation, t);
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the figures made with R''s surveillance are not here', 29);
\endif

SELECT * FROM finish();
ROLLBACK;
