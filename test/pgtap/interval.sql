-- Intervals by every method, of one and of two samples; their aggregates; benjamini_hochberg(). Against figures made with R
-- (test/oracle/comparison.csv, mean.csv, benjamini_hochberg.csv) and in arithmetic of 40 digits (koopman.csv), and with those in the
-- shared folder where it is there.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- The same to a relative error, both nearly 0, or both NULL.
CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8 DEFAULT 1e-10) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT have IS NOT DISTINCT FROM want OR coalesce(abs(have - want) <= greatest(tolerance * abs(want), 1e-15), false) $$;

CREATE TEMP TABLE oracle (method text, a float8, b float8, c float8, d float8, e float8, f float8, confidence float8,
                          value float8, lower float8, upper float8, p_value float8);
CREATE TEMP TABLE koopman (events1 bigint, trials1 bigint, events2 bigint, trials2 bigint, confidence float8, lower float8, upper float8);
CREATE TEMP TABLE mean (sample integer, i integer, value float8, confidence float8, n bigint, mean float8, standard_deviation float8,
                        lower float8, upper float8);
CREATE TEMP TABLE adjusted (family integer, i integer, p_value float8, q_value float8);
\copy oracle FROM 'test/oracle/comparison.csv' CSV HEADER
\copy koopman FROM 'test/oracle/koopman.csv' CSV HEADER
\copy mean FROM 'test/oracle/mean.csv' CSV HEADER
\copy adjusted FROM 'test/oracle/benjamini_hochberg.csv' CSV HEADER

-- Against the project's own figures -------------------------------------------

CREATE TEMP VIEW had AS
    SELECT o.*, r.value AS have, r.lower AS have_lower, r.upper AS have_upper, NULL::float8 AS have_p
    FROM oracle o, LATERAL (SELECT * FROM proportion_interval(a::bigint, b::bigint, confidence, 'clopper_pearson') WHERE method = 'clopper_pearson'
        UNION ALL SELECT * FROM count_interval(a::bigint, confidence, 'exact') WHERE method = 'exact'
        UNION ALL SELECT * FROM proportion_difference_interval(a::bigint, b::bigint, c::bigint, d::bigint, confidence) WHERE method = 'difference'
        UNION ALL SELECT * FROM proportion_ratio_interval(a::bigint, b::bigint, c::bigint, d::bigint, confidence, 'katz') WHERE method = 'katz') r
    UNION ALL
    SELECT o.*, r.value, r.lower, r.upper, r.p_value FROM oracle o, rate_ratio(a::bigint, b, c::bigint, d, confidence) r WHERE method = 'rate_ratio'
    UNION ALL
    SELECT o.*, r.value, r.dispersed_lower, r.dispersed_upper, NULL FROM oracle o, dispersed_rate_ratio(a::bigint, b, c::bigint, d, e, f, confidence) r
    WHERE method = 'dispersed';
SELECT is((SELECT count(*) FROM had), (SELECT count(*) FROM oracle), 'every figure is compared');
-- A limit of R's that a count of 0 makes certain or infinite is in the file as 0 or empty. Katz and dispersed need both counts.
SELECT is_empty(format($$ SELECT * FROM had WHERE method = %L
    AND NOT (pg_temp.is_close(have, value) AND pg_temp.is_close(have_p, p_value)
             AND pg_temp.is_close(have_lower, CASE WHEN method <> 'dispersed' OR (a > 0 AND c > 0) THEN lower END)
             AND pg_temp.is_close(have_upper, CASE WHEN method <> 'dispersed' OR (a > 0 AND c > 0) THEN upper END)) $$, method),
    format('%s: %s figures of R to 1e-10', method, n))
FROM (SELECT method, count(*) AS n FROM oracle GROUP BY method) m;
SELECT is_empty($$ SELECT * FROM oracle, dispersed_rate_ratio(a::bigint, b, c::bigint, d, e, f, confidence) r, rate_ratio(a::bigint, b, c::bigint, d, confidence) x
    WHERE method = 'dispersed' AND (r.value, r.exact_lower, r.exact_upper) IS DISTINCT FROM (x.value, x.lower, x.upper) $$, 'beside it stands the exact interval');
SELECT is_empty($$ SELECT * FROM koopman k, proportion_ratio_interval(events1, trials1, events2, trials2, confidence) r
    WHERE NOT (pg_temp.is_close(r.lower, k.lower) AND pg_temp.is_close(r.upper, k.upper)
               AND pg_temp.is_close(r.value, (events1::float8 / trials1) / nullif(events2::float8 / trials2, 0), 1e-15)) $$,
    format('koopman: %s figures to 1e-10', (SELECT count(*) FROM koopman)));
SELECT cmp_ok((SELECT count(*) FROM koopman), '>', 40::bigint, 'and they are there');
-- R's mean and standard deviation are themselves rounded: far from 0, where the variance is small, to 1e-10 of the mean's last digits.
SELECT is_empty($$ SELECT m.sample, m.confidence, s FROM (SELECT sample, confidence, n, mean, standard_deviation, lower, upper, sample_sums(value ORDER BY md5(i::text)) AS s
                       FROM mean GROUP BY sample, confidence, n, mean, standard_deviation, lower, upper) m, mean_interval(s, confidence) r, mean_interval(n, mean, standard_deviation, confidence) x
    WHERE NOT ((m.s).n = m.n AND pg_temp.is_close(r.value, m.mean, 1e-15) AND pg_temp.is_close(r.lower, m.lower) AND pg_temp.is_close(r.upper, m.upper)
               AND pg_temp.is_close(x.lower, m.lower) AND pg_temp.is_close(x.upper, m.upper)) $$,
    format('means: %s samples'' figures of R to 1e-10', (SELECT count(DISTINCT (sample, confidence)) FROM mean)));
SELECT is_empty($$ SELECT * FROM (SELECT *, benjamini_hochberg(p_value) OVER (PARTITION BY family) AS q FROM adjusted) a
    WHERE NOT coalesce(q IS NOT DISTINCT FROM q_value OR abs(q - q_value) <= 4e-16 * q_value, false) $$,
    format('benjamini_hochberg: %s figures of R''s p.adjust', (SELECT count(*) FROM adjusted)));
SELECT cmp_ok((SELECT count(q_value) FROM adjusted), '>', 700::bigint, 'and they are there');
SELECT is_empty($$ SELECT * FROM (SELECT *, benjamini_hochberg(p_value) OVER (PARTITION BY family ORDER BY i DESC ROWS 2 PRECEDING) AS q,
                                         benjamini_hochberg(p_value) OVER (PARTITION BY family) AS p FROM adjusted) a WHERE q IS DISTINCT FROM p $$,
    'the family is the partition, whatever the order and the frame');

-- What must hold ----------------------------------------------------------------

SELECT is(count_interval(events, c, 'automatic'), count_interval(events, c, CASE WHEN events < 10 THEN 'exact' ELSE 'byar' END), 'automatic, ' || events)
FROM unnest('{0,1,9,10,11,5738}'::bigint[]) AS events, unnest('{0.9,0.998}'::float8[]) AS c;
SELECT is(rate_interval(events, 250, 1000, c, method)::text,
          (SELECT ROW((e).value / 250 * 1000, (e).lower / 250 * 1000, (e).upper / 250 * 1000)::text FROM count_interval(events, c, method) AS e), 'a rate is a count over its exposure, ' || method)
FROM unnest('{0,3,40}'::bigint[]) AS events, unnest('{0.9,0.998}'::float8[]) AS c, unnest('{automatic,exact,byar}'::text[]) AS method;
SELECT is(proportion_interval(15, 148, multiplier => 100), (SELECT ROW(value * 100, lower * 100, upper * 100)::estimate FROM proportion_interval(15, 148)), 'in per cent');
SELECT is(proportion_difference_interval(15, 148, 81, 263, multiplier => 100),
          (SELECT ROW(value * 100, lower * 100, upper * 100)::estimate FROM proportion_difference_interval(15, 148, 81, 263)), 'a difference in percentage points');
SELECT is(proportion_interval(15, 148), proportion_interval(15, 148, 0.95, 'wilson', 1), 'the defaults of a proportion');
SELECT is(rate_interval(15, 148), rate_interval(15, 148, 1, 0.95, 'automatic'), 'the defaults of a rate');
SELECT is(count_interval(0, method => 'byar')::text, '(0,,3.6680118321737507)', 'Byar''s formula has no lower limit of 0 events: NULL');
SELECT is((count_interval(1, 0.998, 'byar')).lower, NULL, 'nor of few at a high confidence');
SELECT is(rate_ratio(0, 1, 1000000, 1), (0, 0, (rate_ratio(0, 1, 1000000, 1)).upper, 4.9406564584124654e-324)::rate_ratio_result, 'a p-value is never 0');

-- Nothing can be said, nothing is said.
SELECT is(f, NULL, 'nothing: ' || name) FROM (VALUES
    ('a difference without trials', proportion_difference_interval(0, 0, 1, 2)::text), ('and of the second', proportion_difference_interval(1, 2, 0, 0)::text),
    ('a ratio without trials', proportion_ratio_interval(0, 0, 1, 2)::text), ('a ratio of none to none', proportion_ratio_interval(0, 3, 0, 2)::text),
    ('rates without exposure', rate_ratio(1, 0, 1, 2)::text), ('rates of none', rate_ratio(0, 3, 0, 2)::text), ('dispersed', dispersed_rate_ratio(0, 3, 0, 2, 3)::text),
    ('a mean of nothing', mean_interval(0, 3, 4)::text), ('a mean that is NULL', mean_interval(3, NULL, 4)::text), ('a deviation that is NULL', mean_interval(3, 1, NULL)::text),
    ('NULL events', count_interval(NULL)::text), ('NULL method', count_interval(3, method => NULL)::text), ('NULL trials', proportion_difference_interval(1, 2, 3, NULL)::text),
    ('NULL counts', proportion_interval(NULL::proportion_counts)::text), ('counts of NULL', proportion_interval(ROW(NULL, 3)::proportion_counts)::text),
    ('no exposure', rate_interval('(3,{0})'::rate_counts)::text), ('no exposure at all', rate_interval('(3,{})'::rate_counts)::text), ('exposure of NULL', rate_interval(ROW(3, NULL)::rate_counts)::text),
    ('no values', mean_interval('(0,{0},{0})'::sample_sums)::text), ('values of NULL', mean_interval(ROW(2, NULL, NULL)::sample_sums)::text)) v (name, f);
SELECT is(proportion_ratio_interval(0, 10, 3, 20)::text, '(0,0,' || (proportion_ratio_interval(0, 10, 3, 20)).upper || ')', 'a ratio of none to some has an upper limit');
SELECT is((proportion_ratio_interval(3, 10, 0, 20)).value, NULL, 'of some to none it has no value');
SELECT is((proportion_ratio_interval(3, 10, 0, 20)).upper, NULL, 'and no upper limit');
SELECT cmp_ok((proportion_ratio_interval(3, 10, 0, 20)).lower, '>', 0::float8, 'but a lower');
SELECT is(proportion_ratio_interval(3, 10, 0, 20, method => 'katz')::text, '(,,)', 'by Katz neither');
SELECT is(mean_interval(1, 3, NULL)::text, '(3,,)', 'a single value is the mean, without limits');

-- Impossible input.
SELECT throws_ok('SELECT ' || call, '22023', NULL, call) FROM unnest(ARRAY[
    'count_interval(-1)', 'count_interval(1, 95)', 'count_interval(1, method => ''Exact'')', 'count_interval(1, method => '''')',
    'rate_interval(1, 1, method => ''garwood'')', 'proportion_interval(1, 2, method => ''wald'')', 'proportion_interval(1, 2, multiplier => 0)',
    'proportion_interval(1, 2, multiplier => ''NaN'')', 'proportion_interval(3, 2, method => ''clopper_pearson'')',
    'proportion_interval(''(3,2)''::proportion_counts)', 'proportion_interval(''(-3,2)''::proportion_counts)',
    'proportion_difference_interval(3, 2, 1, 2)', 'proportion_difference_interval(1, 2, 3, 2)', 'proportion_difference_interval(1, 2, 1, 2, 1)',
    'proportion_ratio_interval(-1, 2, 1, 2)', 'proportion_ratio_interval(1, 2, 1, 2, method => ''score'')', 'proportion_ratio_interval(1, 2, 1, 2, ''NaN'')',
    'rate_ratio(-1, 1, 1, 1)', 'rate_ratio(1, -1, 1, 1)', 'rate_ratio(1, 1, 1, ''NaN'')', 'rate_ratio(1, 1, 1, ''infinity'')', 'rate_ratio(1, 1, 1, 1, 0)',
    'dispersed_rate_ratio(1, 1, 1, 1, 0)', 'dispersed_rate_ratio(1, 1, 1, 1, ''NaN'')', 'dispersed_rate_ratio(1, 1, 1, 1, 2, 0)', 'dispersed_rate_ratio(1, 1, 1, 1, 2, ''NaN'')',
    'mean_interval(-1, 1, 1)', 'mean_interval(3, ''NaN'', 1)', 'mean_interval(3, 1, -1)', 'mean_interval(3, 1, ''infinity'')', 'mean_interval(3, 1, 1, 95)',
    'rate_interval(''(3,{-1})''::rate_counts)', 'rate_interval(''(-3,{1})''::rate_counts)', 'rate_interval(''(3,{NaN})''::rate_counts)', 'rate_interval(''(3,{NULL})''::rate_counts)',
    'rate_interval(''(3,{Infinity})''::rate_counts)', 'rate_interval(ROW(3, ''{{1,2}}'')::rate_counts)', 'mean_interval(''(2,{3},{1})''::sample_sums)', 'mean_interval(''(-2,{3},{10})''::sample_sums)',
    'mean_interval(''(9223372036854775807,{3},{10})''::sample_sums)', 'mean_interval(''(2,{1e300},{1e300})''::sample_sums)',
    'sample_sums(v) FROM unnest(''{1,NaN}''::float8[]) v', 'sample_sums(v) FROM unnest(''{1,-Infinity}''::float8[]) v', 'rate_counts(1, v) FROM unnest(''{1,-1}''::float8[]) v',
    'rate_counts(-1, 1)', 'rate_counts(1, ''NaN'')', 'proportion_counts(3, 2)', 'proportion_counts(-1, 2)', 'rollup(''(3,2)''::proportion_counts)',
    'benjamini_hochberg(v) OVER () FROM unnest(''{0.5,1.1}''::float8[]) v', 'benjamini_hochberg(v) OVER () FROM unnest(''{0.5,-0.1}''::float8[]) v',
    'benjamini_hochberg(v) OVER () FROM unnest(''{0.5,NaN}''::float8[]) v']) AS call;
SELECT throws_ok('SELECT ' || call, '22003', NULL, call) FROM unnest(ARRAY[
    'rate_interval(1, 1e-300, 1e300)', 'rate_ratio(1, 1e-300, 1, 1e300)', 'rate_ratio(9223372036854775807, 1, 1, 1)',
    'sample_sums(1e200)', 'sample_sums(-1e-200)', 'rate_counts(1, 1e-200)',
    'proportion_counts(n, n) FROM unnest(''{9223372036854775807,1}''::bigint[]) n', 'rate_counts(n, 1) FROM unnest(''{9223372036854775807,1}''::bigint[]) n',
    '''(1,9223372036854775807)''::proportion_counts + ''(0,1)''', '''(9223372036854775807,{1})''::rate_counts + ''(1,{1})''',
    '''(9007199254740991,{1},{1})''::sample_sums + ''(1,{1},{1})''']) AS call;
SELECT is(rate_counts(n, 1)::text, '(9223372036854775807,{2})', 'as many events as bigint holds') FROM unnest('{9223372036854775806,1}'::bigint[]) n;
SELECT throws_ok('SELECT ' || call, '0A000', NULL, call) FROM unnest(ARRAY[
    'proportion_counts_add(NULL, 1, 2)', 'proportion_counts_add(NULL, true)', 'proportion_counts_combine(NULL, ''{1,2}'')', 'rate_counts_add(NULL, 1, 2)',
    'rate_counts_combine(''{0,0,0,0}'', ''{0,0,0,0}'')', 'sample_sums_add(NULL, 3::float8)', 'sample_sums_add(''{}'', ''(1,{1},{1})''::sample_sums)', 'sample_sums_combine(NULL, NULL)']) AS call;
-- A state that is none, by an aggregate that is not ours.
SELECT throws_ok(format('SELECT %s(%L)', f, state), '22023', NULL, f || ' of ' || state) FROM unnest('{rate_counts_final,sample_sums_final}'::text[]) AS f,
    unnest(ARRAY['{}', '{1,2,3}', '{1,2,3,NULL}', '{1,5,0,5}', '{0,-1,0,0}', '{0,NaN,0,0}', '{1,1,0,1,Infinity}', '{1,1,0,1,NaN}', '{1,0,1,0}', '{-1,0,0,0}', '{{0,0,0,0}}', '{1,1,1,1,1e300,1}']) AS state;
SELECT throws_ok(format('SELECT proportion_counts_final(%L)', state), '22023', NULL, 'proportion_counts_final of ' || state) FROM unnest('{"{}","{1}","{1,NULL}","{1,2,3}","{{1,2}}"}'::text[]) AS state;

-- Aggregates ----------------------------------------------------------------------

CREATE TEMP TABLE record AS SELECT i, h % 7 AS g, CASE WHEN h % 11 > 0 THEN h % 3 = 0 END AS event, nullif(h % 5, 0)::bigint AS events, (h % 5 + h % 13)::bigint AS trials,
        (h % 9973) / 365.25 AS exposure, CASE WHEN h % 17 > 0 THEN (h % 99991) / 60::float8 - 500 END AS value
    FROM generate_series(1, 5000) AS i, LATERAL (SELECT ('x' || substr(md5(i::text), 1, 7))::bit(28)::integer AS h) h;
SELECT is_empty($$ SELECT g FROM record GROUP BY g HAVING proportion_counts(event) IS DISTINCT FROM (count(*) FILTER (WHERE event), count(event))::proportion_counts $$, 'events counted');
SELECT is_empty($$ SELECT g FROM record GROUP BY g
    HAVING proportion_counts(events, trials) IS DISTINCT FROM (sum(events)::bigint, sum(trials) FILTER (WHERE events IS NOT NULL)::bigint)::proportion_counts $$, 'events and trials added');
-- Exact sums by numeric: what is written as text with 17 digits is not the number, so by whole numbers, divided at the end.
SELECT is_empty($$ SELECT g FROM record GROUP BY g
    HAVING rate_counts(events, trials) IS DISTINCT FROM (sum(events)::bigint, ARRAY[sum(trials) FILTER (WHERE events IS NOT NULL)::float8])::rate_counts $$, 'events and exposures added');
SELECT is_empty($$ SELECT g FROM record GROUP BY g HAVING sample_sums(trials) IS DISTINCT FROM (count(trials), ARRAY[sum(trials)::float8], ARRAY[sum(trials * trials)::float8])::sample_sums $$,
    'values and squares added');
-- By core's own aggregates, to what these round.
SELECT is_empty($$ SELECT g FROM record GROUP BY g
    HAVING NOT (pg_temp.is_close((mean_interval(sample_sums(value))).value, avg(value), 1e-12)
                AND pg_temp.is_close((mean_interval(sample_sums(value))).upper, (mean_interval(count(value), avg(value), stddev_samp(value))).upper, 1e-12)
                AND pg_temp.is_close((rate_interval(rate_counts(events, exposure))).lower, (rate_interval(sum(events)::bigint, sum(exposure) FILTER (WHERE events IS NOT NULL))).lower, 1e-12)) $$,
    'means and rates as by avg, stddev_samp and sum');
SELECT is_empty($$ SELECT g FROM record GROUP BY g HAVING proportion_interval(proportion_counts(event), 0.9, 'clopper_pearson', 100)
    IS DISTINCT FROM proportion_interval(count(*) FILTER (WHERE event), count(event), 0.9, 'clopper_pearson', 100) $$, 'the interval is the same read from a state');
SELECT is(count(DISTINCT s::text), 1::bigint, 'in any order the same')
FROM (SELECT ROW(sample_sums(value ORDER BY md5(k || i::text)), rate_counts(events, exposure ORDER BY md5(k || i::text))) AS s FROM record, generate_series(1, 20) AS k GROUP BY k) x;
SELECT is((SELECT ROW(rollup(p), rollup(r), rollup(s))::text FROM (SELECT proportion_counts(event) AS p, rate_counts(events, exposure) AS r, sample_sums(value) AS s FROM record GROUP BY i % k) x),
          (SELECT ROW(proportion_counts(event), rate_counts(events, exposure), sample_sums(value))::text FROM record), format('of %s parts the same', k)) FROM unnest('{1,2,7,900}'::integer[]) AS k;
SELECT is((SELECT ROW(a.p + b.p, a.r + b.r, a.s + b.s)::text
           FROM (SELECT proportion_counts(event) AS p, rate_counts(events, exposure) AS r, sample_sums(value) AS s FROM record WHERE i < 77) a,
                (SELECT proportion_counts(event) AS p, rate_counts(events, exposure) AS r, sample_sums(value) AS s FROM record WHERE i >= 77) b),
          (SELECT ROW(proportion_counts(event), rate_counts(events, exposure), sample_sums(value))::text FROM record), 'and of two with +');
SELECT is((proportion_counts(event), rate_counts(events, exposure), sample_sums(value), rollup(NULL::proportion_counts), rollup(NULL::rate_counts), rollup(NULL::sample_sums))::text, '(,,,,,)', 'no rows: NULL')
FROM record WHERE i < 0;
SELECT is((proportion_counts(NULL), rate_counts(NULL, 1), rate_counts(1, NULL), sample_sums(NULL), proportion_counts(1, NULL))::text, '(,,,,)', 'NULLs only: NULL') FROM record;
SELECT is(rollup(c)::text, '(4,6)', 'rollup skips NULL and counts of NULL') FROM unnest('{"(1,2)",NULL,"(3,4)","(,4)"}'::proportion_counts[]) AS c;
-- By Python's fractions, rounded part by part.
SELECT is(rollup(s)::text, '(5,"{2,1e-100}","{2e+200,1.2414532001401895e+184,2,1e-200,5.788353720612301e-217}")', 'large, small and what went')
FROM (SELECT sample_sums(v) AS s FROM unnest('{1e100,1,1e-100,-1e100,1}'::float8[]) AS v) x;
-- Over a moving frame and in a window.
SELECT is_empty($$ SELECT i FROM (SELECT i, proportion_counts(event) OVER w AS p, sample_sums(value) OVER w AS s, count(event) OVER w AS n, count(value) OVER w AS m FROM record WHERE i <= 200
    WINDOW w AS (ORDER BY i ROWS 11 PRECEDING)) x WHERE (p).trials IS DISTINCT FROM n OR (s).n IS DISTINCT FROM m $$, 'in a moving frame');

-- Figures of R's packages, where the shared folder is there ---------------------------

\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE clopper_pearson (case_id int, x bigint, n bigint, conf float8, lower float8, upper float8);
CREATE TEMP TABLE poisson_count (case_id int, x bigint, conf float8, byar_lower float8, byar_upper float8, garwood_lower float8, garwood_upper float8);
CREATE TEMP TABLE phe_rate (case_id int, x bigint, n float8, conf float8, multiplier float8, value float8, method text, lower float8, upper float8);
CREATE TEMP TABLE mean_input (case_id text, i int, x float8);
CREATE TEMP TABLE mean_expected (case_id text, conf float8, n bigint, value float8, sd float8, lower float8, upper float8);
CREATE TEMP TABLE rate_ratio_exact (case_id int, x1 bigint, t1 float8, x2 bigint, t2 float8, rate_ratio float8, lower float8, upper float8, p_value float8);
CREATE TEMP TABLE newcombe (case_id int, x1 bigint, n1 bigint, x2 bigint, n2 bigint, diff float8, lower float8, upper float8);
\set load '\\copy clopper_pearson FROM ' :shared '/oracles/clopper_pearson.csv CSV HEADER'
:load
\set load '\\copy poisson_count FROM ' :shared '/oracles/poisson_count_ci.csv CSV HEADER'
:load
\set load '\\copy phe_rate FROM ' :shared '/oracles/phe_rate.csv CSV HEADER'
:load
\set load '\\copy mean_input FROM ' :shared '/oracles/mean_t_inputs.csv CSV HEADER'
:load
\set load '\\copy mean_expected FROM ' :shared '/oracles/mean_t_expected.csv CSV HEADER'
:load
\set load '\\copy rate_ratio_exact FROM ' :shared '/oracles/rate_ratio_exact.csv CSV HEADER'
:load
\set load '\\copy newcombe FROM ' :shared '/oracles/prop_diff_newcombe.csv CSV HEADER'
:load
SELECT is_empty($$ SELECT * FROM clopper_pearson o, proportion_interval(x, n, conf, 'clopper_pearson') e
    WHERE NOT (pg_temp.is_close(e.lower, o.lower) AND pg_temp.is_close(e.upper, o.upper)) $$, format('clopper_pearson: %s figures of binom.test', (SELECT count(*) FROM clopper_pearson)));
SELECT cmp_ok((SELECT count(*) FROM clopper_pearson), '>', 40::bigint, 'and they are there');
SELECT is_empty($$ SELECT * FROM poisson_count o, count_interval(x, conf, 'exact') e, count_interval(x, conf, 'byar') b
    WHERE NOT (pg_temp.is_close(e.lower, garwood_lower) AND pg_temp.is_close(e.upper, garwood_upper)
               AND pg_temp.is_close(b.lower, byar_lower) AND pg_temp.is_close(b.upper, byar_upper)) $$,
    format('poisson_count_ci: %s figures each of Garwood''s and Byar''s limits, NULL where Byar has none', (SELECT count(*) FROM poisson_count)));
SELECT cmp_ok((SELECT count(*) FROM poisson_count), '>', 40::bigint, 'and they are there');
SELECT is_empty($$ SELECT * FROM phe_rate o, rate_interval(x, n, multiplier, conf) e, rate_interval(x, n, multiplier, conf, CASE method WHEN 'Exact' THEN 'exact' ELSE 'byar' END) m
    WHERE e IS DISTINCT FROM m OR NOT (pg_temp.is_close(e.value, o.value) AND pg_temp.is_close(e.lower, o.lower) AND pg_temp.is_close(e.upper, o.upper)) $$,
    format('phe_rate: %s figures, by the method that it names', (SELECT count(*) FROM phe_rate)));
SELECT cmp_ok((SELECT count(*) FROM phe_rate), '>', 200::bigint, 'and they are there');
SELECT is_empty($$ SELECT * FROM mean_expected o LEFT JOIN (SELECT case_id, sample_sums(x) AS s FROM mean_input GROUP BY case_id) i USING (case_id), mean_interval(s, conf) e
    WHERE NOT ((s).n = o.n AND pg_temp.is_close(e.value, o.value) AND pg_temp.is_close(e.lower, o.lower) AND pg_temp.is_close(e.upper, o.upper)) $$,
    format('mean_t: %s figures', (SELECT count(*) FROM mean_expected)));
SELECT cmp_ok((SELECT count(*) FROM mean_expected), '>', 5::bigint, 'and they are there');
-- R's p-value of 4.9e-324 is what it has left of far smaller tails, as ours is: the probability is 3.8e-440 by arithmetic of 40 digits.
SELECT is_empty($$ SELECT * FROM rate_ratio_exact o, rate_ratio(x1, t1, x2, t2) e
    WHERE NOT (pg_temp.is_close(e.value, nullif(o.rate_ratio, 'infinity')) AND pg_temp.is_close(e.lower, o.lower) AND pg_temp.is_close(e.upper, nullif(o.upper, 'infinity'))
               AND pg_temp.is_close(e.p_value, o.p_value)) $$, format('rate_ratio_exact: %s figures of poisson.test', (SELECT count(*) FROM rate_ratio_exact)));
SELECT cmp_ok((SELECT count(*) FROM rate_ratio_exact), '>=', 4::bigint, 'and they are there');
SELECT is_empty($$ SELECT * FROM newcombe o, proportion_difference_interval(x1, n1, x2, n2) e
    WHERE NOT (pg_temp.is_close(e.value, o.diff) AND pg_temp.is_close(e.lower, o.lower) AND pg_temp.is_close(e.upper, o.upper)) $$,
    format('prop_diff_newcombe: %s figures', (SELECT count(*) FROM newcombe)));
SELECT cmp_ok((SELECT count(*) FROM newcombe), '>', 4::bigint, 'and they are there');
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the figures made with R''s packages are not here', 12);
\endif

SELECT * FROM finish();
ROLLBACK;
