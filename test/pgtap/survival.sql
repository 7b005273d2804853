-- The statistics of a life_table, against figures made with R's survival and cmprsk (test/oracle/survival_*.csv), a published example,
-- and, where the shared folder is there, the figures in it.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- The same to a relative error, both zero but for rounding (by which R, or we, may miss an error of 0), or both NULL.
CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8 DEFAULT 1e-10) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT have IS NOT DISTINCT FROM want OR coalesce(abs(have - want) <= greatest(tolerance * abs(want), 1e-16), false) $$;

CREATE TEMP TABLE input (case_id text, grp text, "time" integer, cause integer, n bigint);
CREATE TEMP TABLE km (case_id text, "time" integer, at_risk bigint, events bigint, survival float8, std_error float8, hazard float8, hazard_error float8,
                      lower_log_log float8, upper_log_log float8, lower_log float8, upper_log float8, lower_plain float8, upper_plain float8);
CREATE TEMP TABLE quantile (case_id text, scale text, confidence float8, fraction float8, value float8, lower float8, upper float8);
CREATE TEMP TABLE mean_read (case_id text, until numeric, mean float8, std_error float8);
CREATE TEMP TABLE cif (case_id text, cause integer, "time" integer, incidence float8, jackknife_error float8, aalen_error float8,
                       lower_log_log float8, upper_log_log float8, lower_log float8, upper_log float8, lower_plain float8, upper_plain float8);
CREATE TEMP TABLE rank (case_id text, statistic float8, degrees_of_freedom integer);
\copy input FROM 'test/oracle/survival_inputs.csv' CSV HEADER
\copy km FROM 'test/oracle/survival_km.csv' CSV HEADER
\copy quantile FROM 'test/oracle/survival_quantile.csv' CSV HEADER
\copy mean_read FROM 'test/oracle/survival_mean.csv' CSV HEADER
\copy cif FROM 'test/oracle/survival_incidence.csv' CSV HEADER
\copy rank FROM 'test/oracle/survival_log_rank.csv' CSV HEADER
CREATE TEMP TABLE mean AS SELECT case_id, until::integer, mean, std_error FROM mean_read WHERE until = trunc(until);
CREATE TEMP TABLE grouped AS SELECT case_id, grp, life_table("time", cause, n, 'day') AS t FROM input GROUP BY case_id, grp;
CREATE TEMP TABLE followed AS SELECT case_id, rollup(t) AS t FROM grouped GROUP BY case_id;
CREATE TEMP TABLE scale (scale text);
INSERT INTO scale VALUES ('log-log'), ('log'), ('plain');

SELECT cmp_ok((SELECT count(*) FROM km), '>', 500::bigint, 'the reference figures are there');
SELECT is((SELECT count(*) FROM followed, curve(t)), (SELECT count(*) FROM km), 'a row for each time');
SELECT is_empty($$
    SELECT * FROM followed f CROSS JOIN scale s CROSS JOIN curve(t, s.scale) c LEFT JOIN km k USING (case_id, "time")
    WHERE c.at_risk IS DISTINCT FROM k.at_risk OR c.events IS DISTINCT FROM k.events
       OR c.censored <> (SELECT coalesce(sum(n), 0) FROM input i WHERE (i.case_id, i."time", i.cause) = (f.case_id, c."time", 0))
       OR NOT (pg_temp.is_close(c.survival, k.survival) AND pg_temp.is_close(c.std_error, k.std_error)
               AND pg_temp.is_close(c.cumulative_hazard, k.hazard) AND pg_temp.is_close(c.cumulative_hazard_std_error, k.hazard_error)
               AND pg_temp.is_close(c.lower, CASE s.scale WHEN 'log-log' THEN lower_log_log WHEN 'log' THEN lower_log ELSE lower_plain END)
               AND pg_temp.is_close(c.upper, CASE s.scale WHEN 'log-log' THEN upper_log_log WHEN 'log' THEN upper_log ELSE upper_plain END)) $$,
    'curves are survfit''s');
SELECT is_empty($$
    SELECT q.*, e FROM quantile q JOIN followed USING (case_id) CROSS JOIN percentile(t, fraction, scale, confidence) e
    WHERE NOT (pg_temp.is_close(e.value, q.value) AND pg_temp.is_close(e.lower, q.lower) AND pg_temp.is_close(e.upper, q.upper)) $$,
    'percentiles and their limits are quantile.survfit''s');
SELECT is_empty($$
    SELECT m.*, e FROM mean m JOIN followed USING (case_id) CROSS JOIN restricted_mean(t, until, 0.9) e
    WHERE e IS NOT NULL AND NOT (pg_temp.is_close(e.value, m.mean) AND pg_temp.is_close(e.lower, m.mean - 1.6448536269514722 * m.std_error)
                                 AND pg_temp.is_close(e.upper, m.mean + 1.6448536269514722 * m.std_error)) $$,
    'restricted means are survfit''s, their limits so many standard errors away');
SELECT is_empty($$ SELECT * FROM mean JOIN followed USING (case_id), LATERAL (SELECT * FROM curve(t) ORDER BY "time" DESC LIMIT 1) last
                   WHERE (restricted_mean(t, until) IS NULL) <> (until > last."time" AND last.survival > 0) $$, 'and NULL exactly where nobody was followed so long');
SELECT is_empty($$
    SELECT * FROM cif k JOIN followed USING (case_id) CROSS JOIN scale s CROSS JOIN unnest('{jackknife,aalen}'::text[]) AS v
    LEFT JOIN LATERAL incidence_curve(t, cause, s.scale, v) c ON c."time" = k."time"
    WHERE NOT (pg_temp.is_close(c.incidence, k.incidence) AND pg_temp.is_close(c.std_error, CASE v WHEN 'aalen' THEN aalen_error ELSE jackknife_error END)
               AND (v = 'aalen' OR pg_temp.is_close(c.lower, CASE s.scale WHEN 'log-log' THEN lower_log_log WHEN 'log' THEN lower_log ELSE lower_plain END)
                                   AND pg_temp.is_close(c.upper, CASE s.scale WHEN 'log-log' THEN upper_log_log WHEN 'log' THEN upper_log ELSE upper_plain END))) $$,
    'incidences are survfit''s, their variances survfit''s or cmprsk''s');
SELECT is_empty($$
    SELECT r.*, l FROM rank r JOIN (SELECT case_id, log_rank(t ORDER BY md5(grp)) AS l FROM grouped GROUP BY case_id) g USING (case_id)
    WHERE CASE WHEN r.degrees_of_freedom > 0 THEN NOT (pg_temp.is_close((l).statistic, r.statistic) AND (l).degrees_of_freedom = r.degrees_of_freedom)
               WHEN r.degrees_of_freedom <= 0 THEN l IS NOT NULL END $$,
    'log-rank tests are survdiff''s; where it has no degree of freedom nothing is said');

-- At a time: what the curve has at the last time up to it.
CREATE TEMP TABLE asked AS
    SELECT case_id, t, at, last."time" AS last_time, last.survival AS last_survival FROM followed
    CROSS JOIN LATERAL (SELECT "time", survival FROM curve(t) ORDER BY "time" DESC LIMIT 1) last CROSS JOIN LATERAL generate_series(0, last."time" + 2, 1 + last."time" / 40) AS at;
SELECT is_empty($$
    SELECT case_id, at FROM asked LEFT JOIN LATERAL (SELECT * FROM curve(t, 'log', 0.9) c WHERE c."time" <= at ORDER BY c."time" DESC LIMIT 1) c ON true
    WHERE survival(t, at, 'log', 0.9) IS DISTINCT FROM CASE WHEN at > last_time AND last_survival > 0 THEN NULL
              ELSE (coalesce(c.survival, 1), CASE WHEN c IS NULL THEN 1 ELSE c.lower END, CASE WHEN c IS NULL THEN 1 ELSE c.upper END)::estimate END $$, 'survival at a time is the curve''s');
SELECT is_empty($$
    SELECT case_id, at FROM asked LEFT JOIN LATERAL (SELECT * FROM curve(t) c WHERE c."time" <= at ORDER BY c."time" DESC LIMIT 1) c ON true CROSS JOIN LATERAL cumulative_hazard(t, at, 0.9) e
    WHERE CASE WHEN at > last_time AND last_survival > 0 THEN e IS NOT NULL
               WHEN coalesce(c.cumulative_hazard, 0) = 0 THEN (e.value, e.lower, e.upper) IS DISTINCT FROM (0::float8, NULL::float8, NULL::float8)
               ELSE NOT (pg_temp.is_close(e.value, c.cumulative_hazard)
                         AND pg_temp.is_close(e.lower, c.cumulative_hazard * exp(-1.6448536269514722 * c.cumulative_hazard_std_error / c.cumulative_hazard))
                         AND pg_temp.is_close(e.upper, c.cumulative_hazard * exp(1.6448536269514722 * c.cumulative_hazard_std_error / c.cumulative_hazard))) END $$,
    'so is the cumulative hazard, with limits that are symmetric as logarithms');
SELECT is_empty($$
    SELECT case_id, at, cause, v FROM asked CROSS JOIN generate_series(1, 3) AS cause CROSS JOIN unnest('{jackknife,aalen}'::text[]) AS v
    LEFT JOIN LATERAL (SELECT * FROM incidence_curve(t, cause, 'plain', v, 0.9) c WHERE c."time" <= at ORDER BY c."time" DESC LIMIT 1) c ON true
    WHERE incidence(t, cause, at, 'plain', v, 0.9) IS DISTINCT FROM CASE WHEN at > last_time AND last_survival > 0 THEN NULL
              ELSE (coalesce(c.incidence, 0), CASE WHEN c IS NULL THEN 0 ELSE c.lower END, CASE WHEN c IS NULL THEN 0 ELSE c.upper END)::estimate END $$, 'and the incidence of a cause');
SELECT is_empty($$ SELECT case_id, at FROM asked CROSS JOIN LATERAL (SELECT sum((incidence(t, cause, at)).value) AS total FROM generate_series(1, 32) AS cause) i
                   WHERE NOT coalesce(abs(total + (survival(t, at)).value - 1) < 1e-12, survival(t, at) IS NULL) $$, 'the incidences of all causes and survival make 1');

-- The remission of leukaemia (E. J. Freireich et al., Blood 21, 1963), as D. G. Kleinbaum and M. Klein have it (Survival Analysis, 2nd edition,
-- 2005, chapters 1 and 2): 6-MP with S and the log-rank statistic printed to so many digits, the placebo group without censoring.
CREATE TEMP TABLE leukaemia (grp text, t life_table);
INSERT INTO leukaemia VALUES
    ('6-MP', '{unit: day, censored: {6:1, 9:1, 10:1, 11:1, 17:1, 19:1, 20:1, 25:1, 32:2, 34:1, 35:1}, 1: {6:3, 7:1, 10:1, 13:1, 16:1, 22:1, 23:1}}'),
    ('placebo', '{unit: day, 1: {1:2, 2:2, 3:1, 4:2, 5:2, 8:4, 11:2, 12:2, 15:1, 17:1, 22:1, 23:1}}');
SELECT results_eq($$ SELECT "time", round(survival::numeric, 4) FROM leukaemia, curve(t) WHERE grp = '6-MP' AND events > 0 $$,
    $$ VALUES (6, 0.8571), (7, 0.8067), (10, 0.7529), (13, 0.6902), (16, 0.6275), (22, 0.5378), (23, 0.4482) $$, 'remission under 6-MP, as printed');
SELECT results_eq($$ SELECT "time", round(survival::numeric, 2) FROM leukaemia, curve(t) WHERE grp = 'placebo' $$,
    $$ VALUES (1, 0.90), (2, 0.81), (3, 0.76), (4, 0.67), (5, 0.57), (8, 0.38), (11, 0.29), (12, 0.19), (15, 0.14), (17, 0.10), (22, 0.05), (23, 0.00) $$, 'and under a placebo');
SELECT is((SELECT (percentile(t, 0.5)).value FROM leukaemia WHERE grp = '6-MP'), 23::float8, 'its median of 23 weeks');
SELECT is((SELECT (percentile(t, 0.5)).value FROM leukaemia WHERE grp = 'placebo'), 8::float8, 'and of 8 weeks');
SELECT is((SELECT round((log_rank(t)).statistic::numeric, 2) FROM leukaemia), 16.79, 'and the log-rank statistic, as printed');
SELECT ok(pg_temp.is_close((log_rank(t)).p_value, 4.16880910933453e-05), 'with the probability that R''s pchisq gives it') FROM leukaemia;

-- Nothing can be said, nothing is said.
SELECT is(ARRAY[survival(t, 0)::text, percentile(t, 0.5::float8)::text, restricted_mean(t, 0)::text, cumulative_hazard(t, 0)::text, incidence(t, 1, 0)::text],
          '{NULL,NULL,NULL,NULL,NULL}'::text[], 'of nobody: NULL as a whole') FROM (SELECT '{unit: day}'::life_table AS t) s;
SELECT is_empty($$ SELECT * FROM curve('{unit: day}') $$, 'no curve of nobody');
SELECT is_empty($$ SELECT * FROM incidence_curve('{unit: day}', 1) $$, 'nor of incidence');
SELECT is(ARRAY[survival(t, 6)::text, restricted_mean(t, 6)::text, cumulative_hazard(t, 6)::text, incidence(t, 1, 6)::text],
          '{NULL,NULL,NULL,NULL}'::text[], 'after the last time while some are left: NULL') FROM (SELECT '{unit: day, censored: {5:1}, 1: {2:1}}'::life_table AS t) s;
SELECT is(survival(t, 6)::text, '(0,,)', 'all have had the event: none are left, without limits') FROM (SELECT '{unit: day, 1: {2:1}, 2: {5:1}}'::life_table AS t) s;
SELECT is((restricted_mean(t, 6)).value, 3.5::float8, 'and the mean is that of all') FROM (SELECT '{unit: day, 1: {2:1}, 2: {5:1}}'::life_table AS t) s;
SELECT is((cumulative_hazard(t, 6)).value, 1.5::float8, 'and the hazard 1/2 + 1/1') FROM (SELECT '{unit: day, 1: {2:1}, 2: {5:1}}'::life_table AS t) s;
SELECT is((incidence(t, 1, 6)).value, 0.5::float8, 'and the incidence one of two') FROM (SELECT '{unit: day, 1: {2:1}, 2: {5:1}}'::life_table AS t) s;
SELECT is(survival('{unit: day, 1: {2:1}}', 1)::text, '(1,,)', 'before the first: all, without log-log limits');
SELECT is(incidence('{unit: day, 1: {2:1}}', 2, 5)::text, '(0,,)', 'a cause that nobody had');
SELECT is(cumulative_hazard('{unit: day, 1: {2:1}}', 1)::text, '(0,,)', 'no hazard before the first');
SELECT is(restricted_mean('{unit: day, 1: {2:1}}', 0)::text, '(0,0,0)', 'a mean up to nothing');
SELECT is(percentile('{unit: day, censored: {5:1}}'::life_table, 0.5)::text, NULL, 'a median that is not reached');
SELECT is_empty($$ SELECT * FROM followed, curve(t) c WHERE num_nulls(c.survival, c.cumulative_hazard, c.cumulative_hazard_std_error) > 0 OR 'NaN' IN (c.std_error, c.lower, c.upper)
                   OR 'Infinity' IN (c.std_error, c.lower, c.upper) $$, 'no NaN and no infinity');
SELECT is(ARRAY[survival(NULL, 1)::text, survival('{unit: day}', NULL)::text, percentile(NULL::life_table, 0.5)::text, incidence('{unit: day}', NULL, 1)::text], '{NULL,NULL,NULL,NULL}'::text[], 'NULL for NULL');
SELECT is((SELECT log_rank(t) FROM leukaemia WHERE false)::text, NULL, 'no groups');
SELECT is((SELECT log_rank(t) FROM leukaemia WHERE grp = '6-MP')::text, NULL, 'one group');
SELECT is((SELECT log_rank(NULL::life_table) FROM leukaemia)::text, NULL, 'groups that are NULL');
SELECT is((SELECT log_rank(t) FROM (SELECT t FROM leukaemia UNION ALL VALUES (NULL::life_table), ('{unit: day}')) g)::text, (SELECT log_rank(t)::text FROM leukaemia), 'NULL groups and groups of nobody change nothing');
SELECT is((SELECT log_rank(t) FROM unnest('{"{unit: day, censored: {3:2}}","{unit: day, censored: {4:2}}"}'::life_table[]) AS t)::text, NULL, 'no events');
SELECT is((SELECT array_agg(DISTINCT l::text) FROM (SELECT log_rank(t ORDER BY md5(grp || i)) AS l FROM grouped, generate_series(1, 20) AS i WHERE case_id = 'heavy_ties' GROUP BY i) x),
          (SELECT ARRAY[log_rank(t)::text] FROM grouped WHERE case_id = 'heavy_ties'), 'the same to the bit in any order of rows');

-- What is refused.
SELECT throws_ok(format('SELECT %s FROM (SELECT ''{unit: day, 1: {2:1}, open: {2024-01-01:3}}''::life_table AS t) s', call), '55000', 'life_table has 3 open durations', call || ' of what is open')
FROM unnest(ARRAY['survival(t, 1)', 'percentile(t, 0.5::float8)', 'restricted_mean(t, 1)', 'cumulative_hazard(t, 1)', 'incidence(t, 1, 1)', 'curve(t)', 'incidence_curve(t, 1)', 'log_rank(t)']) AS call;
SELECT throws_ok(format('SELECT %s FROM (SELECT ''{unit: day, 1: {2:1}}''::life_table AS t) s', call), state, NULL, call)
FROM (VALUES ('survival(t, -1)', '22023'), ('survival(t, 1, ''loglog'')', '22023'), ('survival(t, 1, confidence => 95)', '22023'), ('survival(t, 1, confidence => ''NaN'')', '22023'),
             ('percentile(t, 0::float8)', '22003'), ('percentile(t, 1.1::float8)', '22003'), ('percentile(t, ''NaN''::float8)', '22003'), ('percentile(t, 0.5::float8, '''')', '22023'),
             ('percentile(t, 0.5::float8, confidence => 0)', '22023'), ('restricted_mean(t, -1)', '22023'), ('restricted_mean(t, 1, 1)', '22023'), ('cumulative_hazard(t, -1)', '22023'),
             ('cumulative_hazard(t, 1, 1)', '22023'), ('incidence(t, 0, 1)', '22023'), ('incidence(t, 33, 1)', '22023'), ('incidence(t, 1, -1)', '22023'), ('incidence(t, 1, 1, ''none'')', '22023'),
             ('incidence(t, 1, 1, variance => ''greenwood'')', '22023'), ('incidence(t, 1, 1, confidence => 2)', '22023'), ('curve(t, ''arcsin'')', '22023'), ('curve(t, confidence => 1)', '22023'),
             ('incidence_curve(t, 0)', '22023'), ('incidence_curve(t, 1, ''x'')', '22023'), ('incidence_curve(t, 1, variance => ''x'')', '22023'), ('incidence_curve(t, 1, confidence => 1)', '22023')) AS v (call, state);
SELECT throws_ok($$ SELECT log_rank(t) FROM unnest('{"{unit: day}","{unit: hour}"}'::life_table[]) AS t $$, '22023', 'life tables have different units, day and hour', 'groups of different units');
SELECT throws_ok($$ SELECT log_rank('{unit: day, 1: {2:1}}') FROM generate_series(1, 1001) $$, '54000', NULL, 'too many groups');
SELECT lives_ok($$ SELECT log_rank('{unit: day, 1: {2:1}}') FROM generate_series(1, 1000) $$, 'as many groups as there may be');
SELECT throws_ok($$ SELECT log_rank('{unit: day, 1: {2:9223372036854775807}}') FROM generate_series(1, 2) $$, '22003', NULL, 'more than 2^63 - 1 in all groups');

-- Without a search path, and in parallel.
SET LOCAL search_path = '';
SELECT (naloxone_kpi.log_rank(t)).degrees_of_freedom AS degrees_of_freedom FROM pg_temp.leukaemia \gset
SELECT count(*) AS curve_rows FROM pg_temp.leukaemia, naloxone_kpi.curve(t) \gset
SET LOCAL search_path = naloxone_kpi, public;
SELECT is(:degrees_of_freedom, 1, 'a test under an empty search path');
SELECT is(:curve_rows, 28, 'a curve too');
CREATE TABLE parallel_group AS SELECT * FROM grouped;
ANALYZE parallel_group;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $$;
SELECT matches(pg_temp.plan('SELECT log_rank(t) FROM parallel_group'), 'Partial .*Aggregate', 'a log-rank test is partial');
CREATE TEMP TABLE parallel_rank AS SELECT log_rank(t) AS l FROM parallel_group;
SELECT is((SELECT l::text FROM parallel_rank), (SELECT log_rank(t)::text FROM grouped), 'parallel and serial agree to the bit');

-- Figures made with R, where the shared folder is there. Times are in hundredths of theirs.
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE km_inputs (case_id text, "time" numeric, status integer);
CREATE TEMP TABLE km_expected (case_id text, conf_type text, "time" numeric, n_risk bigint, n_event bigint, n_censor bigint, surv float8, std_err float8, std_err_cumhaz_scale float8,
                               lower float8, upper float8, cumhaz_na float8, cumhaz_se float8);
CREATE TEMP TABLE km_quantiles_expected (case_id text, conf_type text, prob float8, quantile float8, lower float8, upper float8);
CREATE TEMP TABLE km_rmst_expected (case_id text, tau numeric, rmst float8, se float8);
CREATE TEMP TABLE aj_inputs (case_id text, "time" integer, ev integer);
CREATE TEMP TABLE aj_expected (case_id text, cause integer, "time" integer, n_risk bigint, cif float8, std_err float8, lower_log float8, upper_log float8, lower_loglog float8, upper_loglog float8,
                               event_free float8);
CREATE TEMP TABLE aj_cmprsk_expected (case_id text, cause integer, "time" integer, cif float8, var_aalen float8);
CREATE TEMP TABLE logrank_inputs (case_id text, "time" integer, status integer, grp text);
CREATE TEMP TABLE logrank_expected (case_id text, n_groups integer, chisq float8, df integer, p_value float8);
\set load '\\copy km_inputs FROM ' :shared '/oracles/km_inputs.csv CSV HEADER'
:load
\set load '\\copy km_expected FROM ' :shared '/oracles/km_expected.csv CSV HEADER'
:load
\set load '\\copy km_quantiles_expected FROM ' :shared '/oracles/km_quantiles_expected.csv CSV HEADER'
:load
\set load '\\copy km_rmst_expected FROM ' :shared '/oracles/km_rmst_expected.csv CSV HEADER'
:load
\set load '\\copy aj_inputs FROM ' :shared '/oracles/aj_inputs.csv CSV HEADER'
:load
\set load '\\copy aj_expected FROM ' :shared '/oracles/aj_expected.csv CSV HEADER'
:load
\set load '\\copy aj_cmprsk_expected FROM ' :shared '/oracles/aj_cmprsk_expected.csv CSV HEADER'
:load
\set load '\\copy logrank_inputs FROM ' :shared '/oracles/logrank_inputs.csv CSV HEADER'
:load
\set load '\\copy logrank_expected FROM ' :shared '/oracles/logrank_expected.csv CSV HEADER'
:load
CREATE TEMP TABLE km_table AS SELECT case_id, life_table(round("time" * 100)::integer, status) AS t FROM km_inputs GROUP BY case_id;
SELECT is_empty($$
    SELECT k.*, c FROM km_expected k JOIN km_table USING (case_id) LEFT JOIN LATERAL curve(t, conf_type) c ON c."time" = round(k."time" * 100)
    WHERE (c.at_risk, c.events, c.censored) IS DISTINCT FROM (n_risk, n_event, n_censor)
       OR NOT (pg_temp.is_close(c.survival, surv) AND pg_temp.is_close(c.lower, k.lower) AND pg_temp.is_close(c.upper, k.upper) AND pg_temp.is_close(c.cumulative_hazard, cumhaz_na)
               AND pg_temp.is_close(c.cumulative_hazard_std_error, cumhaz_se) AND pg_temp.is_close(c.std_error, CASE WHEN surv > 0 THEN std_err END)) $$,
    'every curve of the shared figures');
SELECT is((SELECT count(*) FROM km_table, curve(t)), (SELECT count(DISTINCT (case_id, "time")) FROM km_expected), 'and no other row');
SELECT is_empty($$
    SELECT k.*, e FROM km_quantiles_expected k JOIN km_table USING (case_id) CROSS JOIN percentile(t, prob, conf_type) e
    WHERE NOT (pg_temp.is_close(e.value / 100, quantile) AND pg_temp.is_close(e.lower / 100, k.lower) AND pg_temp.is_close(e.upper / 100, k.upper)) $$, 'every quantile');
SELECT is_empty($$
    SELECT k.*, e FROM km_rmst_expected k JOIN km_table USING (case_id) CROSS JOIN restricted_mean(t, round(tau * 100)::integer, 0.95) e
    WHERE (case_id, tau) <> ('event_and_cens_tie', 8)  -- after the last time, while some are left, there is none
      AND NOT (pg_temp.is_close(e.value / 100, rmst) AND pg_temp.is_close((e.upper - e.value) / 100, 1.959963984540054 * se, 1e-9) AND pg_temp.is_close((e.value - e.lower) / 100, 1.959963984540054 * se, 1e-9)) $$,
    'every restricted mean');
CREATE TEMP TABLE aj_table AS SELECT case_id, life_table("time", ev, 'day') AS t FROM aj_inputs GROUP BY case_id;
SELECT is_empty($$
    SELECT a.*, c, d FROM aj_expected a JOIN aj_table USING (case_id) LEFT JOIN LATERAL incidence_curve(t, cause) c ON c."time" = a."time" LEFT JOIN LATERAL incidence_curve(t, cause, 'log') d ON d."time" = a."time"
    WHERE c.at_risk IS DISTINCT FROM n_risk
       OR NOT (pg_temp.is_close(c.incidence, cif) AND pg_temp.is_close(c.std_error, std_err) AND pg_temp.is_close((survival(t, a."time")).value, event_free)
               AND pg_temp.is_close(c.lower, lower_loglog) AND pg_temp.is_close(c.upper, upper_loglog) AND pg_temp.is_close(d.lower, lower_log) AND pg_temp.is_close(d.upper, upper_log)) $$,
    'every incidence');
SELECT is_empty($$
    SELECT a.*, c FROM aj_cmprsk_expected a JOIN aj_table USING (case_id) LEFT JOIN LATERAL incidence_curve(t, cause, variance => 'aalen') c ON c."time" = a."time"
    WHERE NOT (pg_temp.is_close(c.incidence, cif) AND pg_temp.is_close(c.std_error ^ 2, var_aalen)) $$, 'every incidence with Aalen''s variance');
SELECT is_empty($$ SELECT c.* FROM aj_table, incidence_curve(t, 1) c WHERE case_id = 'no_events' AND (c.incidence, c.std_error, c.lower) IS DISTINCT FROM (0::float8, 0::float8, NULL::float8) $$, 'and no events at all');
SELECT is_empty($$
    SELECT e.*, l FROM logrank_expected e JOIN (SELECT case_id, log_rank(t) AS l FROM (SELECT case_id, grp, life_table("time", status, 'day') AS t FROM logrank_inputs GROUP BY case_id, grp) g GROUP BY case_id) x USING (case_id)
    WHERE NOT (pg_temp.is_close((l).statistic, chisq) AND (l).degrees_of_freedom = df AND df = n_groups - 1 AND pg_temp.is_close((l).p_value, e.p_value)) $$, 'every log-rank test');
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the figures made with R are not here', 8);
\endif

SELECT * FROM finish();
ROLLBACK;
