-- The type time_series and the tests for trend, against figures made with R (test/oracle/trend.R), and with those in the shared folder where
-- it is there. Closed forms within 1e-10, fits by iteration within 1e-6 (R's own stop at about 1e-8).
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT (have IS NULL AND want IS NULL) OR coalesce(have = want OR abs(have - want) <= tolerance * greatest(abs(want), 1e-9), false) $$;

-- Every figure of a series by name.
CREATE FUNCTION pg_temp.figures(series time_series) RETURNS TABLE (method text, figure text, value float8) LANGUAGE sql AS $$
    SELECT 'mann_kendall', key, value::float8 FROM mann_kendall(series) r, jsonb_each_text(to_jsonb(r)) UNION ALL
    SELECT 'sen_slope', key, value::float8 FROM sen_slope(series) r, jsonb_each_text(to_jsonb(r)) UNION ALL
    SELECT 'poisson', key, value::float8 FROM poisson_trend(series) r, jsonb_each_text(to_jsonb(r))
    WHERE NOT series::text LIKE '%:-%' UNION ALL
    SELECT 'negative_binomial', key, value::float8 FROM negative_binomial_trend(series) r, jsonb_each_text(to_jsonb(r))
    WHERE NOT series::text LIKE '%:-%' UNION ALL
    SELECT 'percent_change', key, value::float8 FROM annual_percent_change(series) r, jsonb_each_text(to_jsonb(r))
    WHERE NOT series::text LIKE '%:-%' UNION ALL
    SELECT 'joinpoint', key, value::float8 FROM joinpoint(series) r, jsonb_each_text(to_jsonb(r))
    WHERE NOT series::text LIKE '%:-%' AND num_values(series) <= 20 $$;

-- Figures from R ------------------------------------------------------------

CREATE TEMP TABLE point (case_id text, "time" float8, value float8, exposure float8);
CREATE TEMP TABLE expected (case_id text, method text, figure text, value float8);
\copy point FROM 'test/oracle/trend_inputs.csv' CSV HEADER
\copy expected FROM 'test/oracle/trend_expected.csv' CSV HEADER
CREATE TEMP TABLE series AS SELECT case_id, time_series("time", value, exposure) AS s FROM point GROUP BY case_id;
CREATE TEMP TABLE have AS
    SELECT case_id, f.* FROM series, pg_temp.figures(s) f UNION ALL
    SELECT case_id, 'seasonal_mann_kendall', key, value::float8 FROM series, seasonal_mann_kendall(s) r, jsonb_each_text(to_jsonb(r)) WHERE case_id LIKE 'monthly%' UNION ALL
    SELECT case_id, 'seasonal_sen_slope', j.key, j.value::float8 FROM series, seasonal_sen_slope(s) r, jsonb_each_text(to_jsonb(r)) j WHERE case_id LIKE 'monthly%';

SELECT cmp_ok((SELECT count(*) FROM expected), '>', 600::bigint, 'the reference figures are there');
SELECT is_empty(format($$
    SELECT e.case_id, figure, h.value AS have, e.value AS want FROM expected e LEFT JOIN have h USING (case_id, method, figure)
    WHERE e.method = %L AND figure <> 'p_value' AND NOT pg_temp.is_close(h.value, e.value, %L)
    UNION ALL
    SELECT e.case_id, figure, h.value, e.value FROM expected e LEFT JOIN have h USING (case_id, method, figure)
    WHERE e.method = %L AND figure = 'p_value' AND method <> 'joinpoint' AND NOT pg_temp.is_close(h.value, e.value, %L) $$,
    method, tolerance, method, tolerance), format('%s: %s figures of R, within %s', method, (SELECT count(*) FROM expected e WHERE e.method = v.method), tolerance))
FROM (VALUES ('mann_kendall', 1e-10), ('sen_slope', 1e-10), ('poisson', 1e-6), ('negative_binomial', 1e-6), ('percent_change', 1e-10), ('joinpoint', 1e-8),
             ('seasonal_mann_kendall', 1e-10), ('seasonal_sen_slope', 1e-10)) AS v (method, tolerance);
SELECT is((SELECT count(*) FROM expected WHERE method NOT IN (SELECT method FROM have)), 0::bigint, 'no figure of R was left out');
-- What R has no figures of has none here.
SELECT is_empty($$ SELECT case_id, method FROM have WHERE value IS NOT NULL AND (case_id, method) NOT IN (SELECT case_id, method FROM expected) $$,
                'where R says nothing, nothing is said');
-- R's p is over every permutation of up to seven points, and over 5,000 else: two draws differ by chance.
SELECT is_empty($$
    SELECT e.case_id, h.value, e.value FROM expected e JOIN have h USING (case_id, method, figure)
    WHERE method = 'joinpoint' AND figure = 'p_value' AND abs(h.value - e.value) > 5 * sqrt(greatest(e.value * (1 - e.value), 1e-3) * (1 / 4500.0 + 1 / 5000.0)) + 1 / 4500.0 $$,
    'joinpoint: p by permutation is that of R as far as draws can be');

-- Figures in the shared folder ----------------------------------------------

\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
\set oracles :shared '/oracles/'
CREATE TEMP TABLE mk_in (case_id text, t float8, y float8);
CREATE TEMP TABLE mk (case_id text, n integer, s float8, var_s float8, tau_a float8, tau_b float8, z float8, p_value float8, sen_slope float8,
                      intercept_median_resid float8, intercept_conover float8, lower float8, upper float8);
CREATE TEMP TABLE seasonal_in (case_id text, year integer, season integer, y float8);
CREATE TEMP TABLE seasonal (case_id text, s float8, var_s float8, z float8, p_value float8, slope float8);
CREATE TEMP TABLE poisson_in (case_id text, t float8, y float8, pop float8);
CREATE TEMP TABLE poisson (case_id text, intercept float8, slope float8, se_intercept float8, se_slope float8, z float8, p_wald float8, rr float8,
                           rr_lower_wald float8, rr_upper_wald float8, rr_lower_profile float8, rr_upper_profile float8, apc float8, deviance float8,
                           null_deviance float8, lrt_chisq float8, lrt_p float8, pearson_dispersion float8, df_resid integer, quasi_se_slope float8,
                           quasi_t float8, quasi_p float8, quasi_rr_lower_t float8, quasi_rr_upper_t float8);
CREATE TEMP TABLE apc (case_id text, slope float8, intercept float8, se float8, df integer, apc float8, apc_lower float8, apc_upper float8, t float8,
                       p_value float8, sse float8);
CREATE TEMP TABLE joinpoint_in (case_id text, t float8, y float8);
CREATE TEMP TABLE joinpoint_grid (case_id text, joinpoint float8, sse float8, b1 float8, b2 float8, apc1 float8, apc2 float8, sse0 float8, f_stat float8,
                                  bic0 float8, bic1 float8, best boolean);
\set file :oracles 'mk_sen_inputs.csv'
COPY mk_in FROM :'file' CSV HEADER;
\set file :oracles 'mk_sen_expected.csv'
COPY mk FROM :'file' CSV HEADER;
\set file :oracles 'seasonal_mk_inputs.csv'
COPY seasonal_in FROM :'file' CSV HEADER;
\set file :oracles 'seasonal_mk_expected.csv'
COPY seasonal FROM :'file' CSV HEADER;
\set file :oracles 'poisson_trend_inputs.csv'
COPY poisson_in FROM :'file' CSV HEADER;
\set file :oracles 'poisson_trend_expected.csv'
COPY poisson FROM :'file' CSV HEADER;
\set file :oracles 'apc_loglinear_expected.csv'
COPY apc FROM :'file' CSV HEADER;
\set file :oracles 'joinpoint_inputs.csv'
COPY joinpoint_in FROM :'file' CSV HEADER;
\set file :oracles 'joinpoint_grid_expected.csv'
COPY joinpoint_grid FROM :'file' CSV HEADER;
INSERT INTO poisson_in SELECT 'const', t, 12, 1 FROM generate_series(0, 4) AS t;    -- apc's case of five equal rates

CREATE TEMP TABLE shared_figure AS
    SELECT 'mann_kendall' AS method, case_id, key AS figure, want, (to_jsonb(r) ->> key)::float8 AS have, 1e-10 AS tolerance
    FROM mk JOIN (SELECT case_id, time_series(t, y) AS s FROM mk_in GROUP BY case_id) i USING (case_id) CROSS JOIN LATERAL mann_kendall(i.s) r
    CROSS JOIN LATERAL (VALUES ('s', mk.s), ('variance', var_s), ('tau', tau_b), ('z', mk.z), ('p_value', mk.p_value)) v (key, want)
    UNION ALL
    SELECT 'sen_slope', case_id, key, want, (to_jsonb(r) ->> key)::float8, 1e-10
    FROM mk JOIN (SELECT case_id, time_series(t, y) AS s FROM mk_in GROUP BY case_id) i USING (case_id) CROSS JOIN LATERAL sen_slope(i.s) r
    CROSS JOIN LATERAL (VALUES ('slope', sen_slope), ('intercept', intercept_conover), ('lower', mk.lower), ('upper', mk.upper)) v (key, want)
    UNION ALL
    SELECT 'seasonal', case_id, key, want, (to_jsonb(r) || jsonb_build_object('slope', q.value) ->> key)::float8, 1e-10
    FROM seasonal e JOIN (SELECT case_id, time_series(12 * year + season, y) AS s FROM seasonal_in GROUP BY case_id) i USING (case_id)
    CROSS JOIN LATERAL seasonal_mann_kendall(i.s) r CROSS JOIN LATERAL seasonal_sen_slope(i.s) q
    CROSS JOIN LATERAL (VALUES ('s', e.s), ('variance', var_s), ('z', e.z), ('p_value', e.p_value), ('slope', e.slope)) v (key, want)
    UNION ALL
    SELECT 'poisson', case_id, key, want, (to_jsonb(r) ->> key)::float8, 1e-6
    FROM poisson e JOIN (SELECT case_id, time_series(t, y, pop) AS s FROM poisson_in GROUP BY case_id) i USING (case_id) CROSS JOIN LATERAL poisson_trend(i.s) r
    CROSS JOIN LATERAL (VALUES ('rate_ratio', rr), ('wald_lower', rr_lower_wald), ('wald_upper', rr_upper_wald), ('wald_p_value', p_wald),
        ('dispersion', pearson_dispersion), ('quasi_lower', quasi_rr_lower_t), ('quasi_upper', quasi_rr_upper_t), ('quasi_p_value', quasi_p)) v (key, want)
    UNION ALL
    SELECT 'annual_percent_change', case_id, key, want, (to_jsonb(r) ->> key)::float8, 1e-10
    FROM apc e JOIN (SELECT case_id, time_series(t, y, pop) AS s FROM poisson_in GROUP BY case_id) i USING (case_id) CROSS JOIN LATERAL annual_percent_change(i.s) r
    CROSS JOIN LATERAL (VALUES ('percent_change', apc), ('lower', apc_lower), ('upper', apc_upper), ('p_value', e.p_value)) v (key, want)
    UNION ALL
    SELECT 'joinpoint', case_id, key, want, (to_jsonb(r) ->> key)::float8, 1e-8
    FROM joinpoint_grid e JOIN (SELECT case_id, time_series(t, y) AS s FROM joinpoint_in GROUP BY case_id) i USING (case_id) CROSS JOIN LATERAL joinpoint(i.s, 1) r
    CROSS JOIN LATERAL (VALUES ('joinpoint', e.joinpoint), ('percent_change_before', apc1), ('percent_change_after', apc2), ('f_statistic', f_stat)) v (key, want)
    WHERE best;
SELECT is((SELECT count(DISTINCT case_id) FROM shared_figure f WHERE f.method = v.method), cases, format('%s: every case of the shared figures', method))
FROM (VALUES ('mann_kendall', 7::bigint), ('sen_slope', 7), ('seasonal', 1), ('poisson', 4), ('annual_percent_change', 3), ('joinpoint', 2)) v (method, cases);
SELECT is_empty(format('SELECT case_id, figure, have, want FROM shared_figure WHERE method = %L AND NOT pg_temp.is_close(have, want, tolerance)', method),
                format('%s: %s shared figures', method, count(*)))
FROM shared_figure GROUP BY method ORDER BY method;
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the shared figures are not here', 1);
\endif

-- What can be said, and when ------------------------------------------------

SELECT is(f, NULL, what) FROM (VALUES
    ('mann_kendall of one point', mann_kendall('{1:2}')::text), ('of none', mann_kendall('{}')::text), ('of NULL', mann_kendall(NULL)::text),
    ('sen_slope of one point', sen_slope('{1:2}')::text), ('of one moment', sen_slope('{1:2, 1:3}')::text),
    ('seasonal_mann_kendall of one point', seasonal_mann_kendall('{1:2}')::text),
    ('seasonal_sen_slope of no season with two', seasonal_sen_slope('{1:2, 2:3, 3:4}')::text),
    ('poisson_trend of two points', poisson_trend('{1:2, 2:3}')::text), ('of one moment', poisson_trend('{1:2, 1:3, 1:4}')::text),
    ('of no events', poisson_trend('{1:0, 2:0, 3:0}')::text), ('of events at the end only', poisson_trend('{1:0, 2:0, 3:9}')::text),
    ('of exposures of 0', poisson_trend('{1:2/0, 2:3/0, 3:4/0}')::text),
    ('negative_binomial_trend of 23 points', (SELECT negative_binomial_trend(time_series(i, 1 + i % 5 * 4))::text FROM generate_series(1, 23) AS i)),
    ('annual_percent_change of two points', annual_percent_change('{1:2, 2:3}')::text), ('of a rate of 0', annual_percent_change('{1:2, 2:0, 3:3}')::text),
    ('joinpoint of four points', joinpoint('{1:2, 2:3, 3:7, 4:2}')::text), ('of a rate of 0', joinpoint('{1:2, 2:0, 3:3, 4:5, 5:8, 6:2}')::text)) v (what, f);
SELECT is(m::text, '(8,0,0,,,)', 'all the same: no test') FROM mann_kendall('{1:3, 2:3, 3:3, 4:3, 5:3, 6:3, 7:3, 8:3}') m;
SELECT is((SELECT (round(rate_ratio::numeric, 12), dispersion, quasi_lower, quasi_p_value)::text FROM poisson_trend('{1:2, 2:4, 3:8, 4:16}')), '(2.000000000000,0,,)', 'an exact fit has no quasi-Poisson interval');
SELECT is((SELECT (percent_change, lower, upper, p_value)::text FROM annual_percent_change('{1:5, 2:5, 3:5, 4:5}')), '(0,0,0,)', 'equal rates: no test');
SELECT is((SELECT (percent_change_before, percent_change_after, p_value)::text FROM joinpoint('{1:5, 2:5, 3:5, 4:5, 5:5, 6:5}')), '(0,0,)', 'no line to permute');
SELECT is((SELECT (joinpoint, round(percent_change_before::numeric, 9), round(percent_change_after::numeric, 9), f_statistic)::text
           FROM joinpoint('{1:1, 2:2, 3:4, 4:8, 5:4, 6:2, 7:1}')), '(4,100.000000000,-50.000000000,)', 'an exact joinpoint');
SELECT is(joinpoint(s), joinpoint(s), 'the same seed, the same p') FROM series WHERE case_id = 'seven';
SELECT isnt((joinpoint(s, 999, 1)).p_value, (joinpoint(s, 999, 2)).p_value, 'another seed, another') FROM series WHERE case_id = 'no_bend';
-- An exposure of 0 leaves a point out; a common factor of exposures changes no trend.
SELECT is(mann_kendall('{1:2, 2:3, 3:9/0, 4:8}'), mann_kendall('{1:2, 2:3, 4:8}'), 'a point without a rate is left out');
SELECT ok(pg_temp.is_close((a).rate_ratio, (b).rate_ratio, 1e-12) AND pg_temp.is_close((a).quasi_lower, (b).quasi_lower, 1e-12), case_id || ': per person or per 100,000')
FROM (SELECT case_id, poisson_trend(time_series("time", value, exposure)) a, poisson_trend(time_series("time", value, exposure * 1e5)) b
      FROM point WHERE case_id IN ('monthly', 'warnings_of_people') GROUP BY case_id) v;
-- Time that runs backwards turns the sign; a shift of time changes nothing.
SELECT ok(a.s = -b.s AND a.variance = b.variance AND a.p_value = b.p_value, i.case_id || ': backwards')
FROM (SELECT case_id, time_series("time", value) f, time_series(-"time", value) r FROM point WHERE case_id IN ('monthly', 'ties_in_both', 'daily') GROUP BY case_id) i,
     mann_kendall(f) a, mann_kendall(r) b;
SELECT ok(pg_temp.is_close((poisson_trend(time_series("time", value))).rate_ratio, (poisson_trend(time_series("time" + 1e6, value))).rate_ratio, 1e-9), 'a million years later')
FROM point WHERE case_id = 'monthly';
-- Huge counts, steep trends.
SELECT ok(p.rate_ratio > 0 AND p.dispersion > 1e17, 'counts as large as bigint') FROM poisson_trend('{1:9223372036854775807, 2:0, 3:9223372036854775807, 4:1}') p;
SELECT ok(p IS NULL OR p.rate_ratio IS DISTINCT FROM 'NaN', 'extremes: ' || s) FROM unnest('{"{0:1, 1e-100:1e100, 1e100:0}","{1:1e100, 2:1e-100, 3:1e100}","{-1e100:5, 0:6, 1e100:7}"}'::time_series[]) s, poisson_trend(s) p;
SELECT ok(f::text !~ 'NaN|Infinity', 'extremes: no NaN: ' || s::text) FROM unnest('{"{0:1, 1e-100:1e100, 1e100:0}","{1:1e100/1e-100, 2:1e-100/1e100, 3:1e100, 4:4, 5:5, 6:1e99}",
    "{-1e100:5, 0:6, 1e100:7, 2e-100:9, 3:4, 5:6}"}'::time_series[]) s,
    LATERAL (SELECT mann_kendall(s), sen_slope(s), poisson_trend(s), annual_percent_change(s), joinpoint(s, 99)) f;

-- The series ----------------------------------------------------------------

SELECT is(time_series(t, v)::text, '{1:-1, 1:0, 1:7, 3:2.5}', 'in order of time, then of value; minus zero is zero; NULLs are skipped')
FROM (VALUES (3, 2.5::float8), (1, 7), (1, '-0'), (1, -1), (NULL, 4), (2, NULL)) x (t, v);
SELECT is((SELECT time_series(1, NULL))::text, NULL, 'nothing but NULLs gives NULL');
SELECT is(time_series(d, v, e)::text, '{2000:1/10, 2001.0020533880904:2/20}', 'dates become years of 365.25 days from 2000')
FROM (VALUES (date '2001-01-01', 2, 20), ('2000-01-01', 1, 10), ('2002-01-01', 3, NULL)) x (d, v, e);
SELECT is(t::time_series::text, '{1:2, 2:3/4}', 'text in any order, with any space') FROM unnest(ARRAY['{2:3/4,1:2}', E' { 1 : 2.0 ,\n2:3/ 4 } ', '{1:2/1, 2:3e0/4}']) t;
SELECT is('{}'::time_series::text, '{}', 'a series without points');
SELECT throws_ok(format('SELECT %L::time_series', t), '22P02', NULL, 'not a series: ' || t)
FROM unnest(ARRAY['', '{', '}', '{1}', '{1:}', '{:1}', '{1:2', '{1:2}}', '{1:2,}', '{,}', '{1:2/}', '{1:2/-1}', '{1:NaN}', '{Infinity:1}', '{1:0x10}', '{1:1e101}', '{1e999:1}', '{1:2/1e-101}',
                  '{1:2 3:4}', '{1:2/3/4}']) t;
SELECT throws_ok(format('SELECT time_series(%s)', a), '22023', NULL, 'refused: ' || a)
FROM unnest(ARRAY['''NaN''::float8, 1', '''Infinity''::float8, 1', '1, ''-Infinity''::float8', '1, 1, -1', '1, 1, ''NaN''', '1, 1e200', '1, 1, 1e-200']) a;
SELECT throws_ok($$ SELECT time_series('infinity'::date, 1) $$, '22008', NULL, 'an infinite date');
SELECT throws_ok(format('SELECT %s', c), '22023', NULL, 'refused: ' || c)
FROM unnest(ARRAY['poisson_trend(''{1:2, 2:-1, 3:4}'')', 'annual_percent_change(''{1:2, 2:-1, 3:4}'')', 'joinpoint(''{1:-2}'')', 'negative_binomial_trend(''{1:-2}'')',
                  'sen_slope(''{1:2}'', 95)', 'sen_slope(''{1:2}'', ''NaN'')', 'poisson_trend(''{1:2}'', 0)', 'annual_percent_change(''{1:2}'', 1)', 'seasonal_sen_slope(''{1:2}'', 12, -1)',
                  'seasonal_mann_kendall(''{1.5:2, 2:3}'')', 'seasonal_mann_kendall(''{1:2, 2:3}'', 0)', 'seasonal_sen_slope(''{1:2, 2:3}'', -1)',
                  'seasonal_mann_kendall(''{1e60:2, 2:3}'')', 'joinpoint(''{1:2}'', 0)', 'joinpoint(''{1:2}'', 2000000)', 'negative_binomial_trend(''{1:2}'', 2)']) c;
SELECT throws_ok($$ SELECT sen_slope(time_series(i, i)) FROM generate_series(1, 10001) i $$, '54000', NULL, 'too many pairs');
-- Order does not matter, nor parts.
SELECT is(time_series("time", value, exposure ORDER BY random()), s, case_id || ': in any order') FROM point JOIN series USING (case_id) GROUP BY case_id, s;
SELECT is(rollup(part), (SELECT s FROM series WHERE case_id = 'daily'), 'rolled up') FROM (SELECT time_series("time", value, exposure) part FROM point WHERE case_id = 'daily' GROUP BY value) p;
SELECT is('{1:2, 5:6}'::time_series + '{3:4/2}', '{1:2, 3:4/2, 5:6}', 'added');
SELECT is((SELECT string_agg(s::text, ' ' ORDER BY s) FROM unnest('{"{2:1}","{1:1, 2:2}","{1:1}","{}","{1:1/0.5}"}'::time_series[]) s), '{} {1:1/0.5} {1:1} {1:1, 2:2} {2:1}', 'sorted');
SELECT is((SELECT count(DISTINCT s) FROM unnest('{"{2:1}","{1:1, 2:2}","{2:2, 1:1}"}'::time_series[]) s), 2::bigint, 'equal, and hashed alike');
SELECT is((SELECT count(*) FROM (SELECT s FROM unnest('{"{2:1}","{1:1, 2:2}","{2:2, 1:1}"}'::time_series[]) s GROUP BY s) g), 2::bigint, 'grouped');
SELECT is((SELECT array_agg(num_values(w)) FROM (SELECT time_series(i, i) OVER (ORDER BY i) w FROM generate_series(1, 30) i) x), (SELECT array_agg(i::bigint) FROM generate_series(1, 30) i),
          'over a window the state may grow on');

SELECT * FROM finish();
ROLLBACK;
