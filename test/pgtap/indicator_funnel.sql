-- Funnel plots of the indicators: figures of an owner's own in four divisions, every centre and verdict worked out by hand or with R 4.2.2.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(16);
SET LOCAL TimeZone = 'Pacific/Kiritimati';

SELECT deploy('test_funnel');
INSERT INTO test_funnel.division_record (division_code, division_name, division_type, region, valid_from)
SELECT code, code, 'territorial', 'North', '2020-01-01' FROM unnest('{A,B,C,D}'::text[]) AS code;
INSERT INTO test_funnel.source_coverage_record (source, division_code, covered_from)
SELECT 'administration', code, '2021-04-01' FROM unnest('{A,B,C,D}'::text[]) AS code;
-- Periods begin with the first record.
INSERT INTO test_funnel.administration_record (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at) VALUES ('1', '1', 1, 'A', '2021-04-20 12:00+00');
INSERT INTO test_funnel.indicator (identifier, statistic, kpi, title, question, unit, better)
SELECT i, s, 'own', i, '?', 'unit', b
FROM (VALUES ('help', 'share', 'higher'), ('harm', 'share', 'lower'), ('use', 'share', 'neutral'), ('rate', 'rate', 'lower'), ('alone', 'share', 'higher'), ('large', 'share', 'higher'),
             ('six', 'rate', 'lower'), ('nearly_all', 'share', 'higher'), ('bound', 'share', 'higher'), ('median', 'median', 'lower'), ('part', 'share', 'higher')) AS v (i, s, b);
CREATE TABLE test_funnel.own_figures AS SELECT * FROM test_funnel.own_indicator_value;
CREATE OR REPLACE VIEW test_funnel.own_indicator_value AS SELECT * FROM test_funnel.own_figures;
INSERT INTO test_funnel.own_figures
SELECT v.identifier, v.statistic, p.period_key, a.area_key, v.x, v.n, CASE v.statistic WHEN 'rate' THEN 1e5 * x / n WHEN 'share' THEN x / n ELSE 5 END, CASE WHEN v.identifier <> 'bound' THEN 0 END, 1,
       NOT (v.identifier = 'part' AND v.area = 'B'), NULL
FROM (VALUES ('fiscal_year 2022-04'), ('rolling_12_months 2022-07'), ('month 2022-04'), ('fiscal_quarter 2022-04'), ('fiscal_year 2023-04')) AS p (period_key),
     (VALUES ('division '), ('region '), ('force')) AS kind (prefix),
     -- 60 of 100 beside 120 of 300 (0.4): beyond what one in a thousand has; 50 of 100 beside 130: beyond one in forty.
     LATERAL (SELECT * FROM (VALUES
         ('help', 'share', 'A', 60, 100::float8), ('help', 'share', 'B', 40, 100), ('help', 'share', 'C', 40, 100), ('help', 'share', 'D', 40, 100),
         ('harm', 'share', 'A', 60, 100), ('harm', 'share', 'B', 40, 100), ('harm', 'share', 'C', 40, 100), ('harm', 'share', 'D', 40, 100),
         ('use', 'share', 'A', 60, 100), ('use', 'share', 'B', 50, 100), ('use', 'share', 'C', 40, 100), ('use', 'share', 'D', 40, 100),
         ('bound', 'share', 'A', 60, 100), ('bound', 'share', 'B', 40, 100),
         ('part', 'share', 'A', 60, 100), ('part', 'share', 'B', 10, 100), ('part', 'share', 'C', 30, 100),
         -- 40 in 50,000 beside 60 in 150,000, or 40 in 100,000; 40 where 20 are expected.
         ('rate', 'rate', 'A', 40, 50000), ('rate', 'rate', 'B', 20, 50000), ('rate', 'rate', 'C', 20, 50000), ('rate', 'rate', 'D', 20, 50000),
         ('alone', 'share', 'A', 60, 100), ('large', 'share', 'A', 100, 201), ('large', 'share', 'B', 100, 100), ('large', 'share', 'C', 50, 100),
         -- Of B the others have 21 in 30,000, so 7 are expected in 10,000; of C 15 in 27,500, so 6.8 in 12,500.
         ('six', 'rate', 'A', 2, 7500), ('six', 'rate', 'B', 7, 10000), ('six', 'rate', 'C', 13, 12500), ('six', 'rate', 'D', 6, 10000),
         -- Of A 99 of 100 are expected, so one without.
         ('nearly_all', 'share', 'A', 80, 100), ('nearly_all', 'share', 'B', 99, 100), ('nearly_all', 'share', 'C', 99, 100),
         ('median', 'median', 'A', NULL, 50), ('median', 'median', 'B', NULL, 50)) AS f (identifier, statistic, area, x, n)) v,
     LATERAL (SELECT CASE kind.prefix WHEN 'division ' THEN 'division ' || v.area WHEN 'region ' THEN 'region North' ELSE 'force' END AS area_key) a
WHERE kind.prefix = 'division ' OR v.area = 'A';
INSERT INTO test_funnel.own_figures SELECT identifier, statistic, period_key, 'division UNKNOWN', 90, 100, 0.9, 0, 1, true, NULL FROM test_funnel.own_figures WHERE identifier = 'help' AND area_key = 'division A';
-- Fiscal 2023 ended on 31 March, and is settled from 15 May.
CALL refresh('test_funnel', '2024-05-14');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_funnel.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.funnel(key text, period text DEFAULT 'fiscal_year 2022-04') RETURNS SETOF test_funnel_bi.kpi_indicator_funnel LANGUAGE sql AS $$
    SELECT * FROM test_funnel_bi.kpi_indicator_funnel WHERE indicator_key = key AND period_key = period ORDER BY area_key $$;
SELECT set_eq($$ SELECT DISTINCT period_key::text, area_key::text FROM test_funnel_bi.kpi_indicator_funnel WHERE indicator_key = 'help share' AND value IS NOT NULL $$,
    $$ SELECT p, 'division ' || a FROM unnest('{fiscal_year 2022-04,rolling_12_months 2022-07}'::text[]) AS p, unnest('{A,B,C,D}'::text[]) AS a $$,
    'settled years and twelve months, of divisions but UNKNOWN');

-- Of A the others have 120 of 300; of B, C and D 140 of 300. R: 2 * pbinom(59, 100, 0.4, lower.tail = FALSE) is 0.0000849, 2 * pbinom(40, 100, 140 / 300) 0.2158.
SELECT results_eq($$ SELECT area_key::text, value_of_others::numeric(8, 6), verdict::text FROM pg_temp.funnel('help share') $$,
    $$ VALUES ('division A', 0.4, 'better'), ('division B', 0.466667, 'as the others'), ('division C', 0.466667, 'as the others'), ('division D', 0.466667, 'as the others') $$,
    'better, where higher is');
SELECT results_eq($$ SELECT verdict::text FROM pg_temp.funnel('harm share') $$, $$ VALUES ('worse'), ('as the others'), ('as the others'), ('as the others') $$, 'worse, where lower is better');
-- A beside 130 of 300: 2 * pbinom(59, 100, 130 / 300, lower.tail = FALSE) is 0.00117; C beside 150 of 300: 2 * pbinom(40, 100, 0.5) 0.0569.
SELECT results_eq($$ SELECT verdict::text FROM pg_temp.funnel('use share') $$, $$ VALUES ('different'), ('as the others'), ('as the others'), ('as the others') $$,
    'different, where neither is');
-- 2 * ppois(39, 20, lower.tail = FALSE) is 0.000106; of the others 20 where 26.7 are expected: 2 * ppois(20, 80 / 3) is 0.226.
SELECT results_eq($$ SELECT value_of_others::numeric(6, 3), verdict::text FROM pg_temp.funnel('rate rate') $$,
    $$ VALUES (40, 'worse'), (53.333, 'as the others'), (53.333, 'as the others'), (53.333, 'as the others') $$, 'rates');
-- qbinom(c(0.001, 0.025, 0.975, 0.999), 100, 0.4) is 25, 31, 50, 55: the first that is not outside. Limits go smoothly through whole numbers, so lie at most one away.
SELECT ok(outer_lower_limit BETWEEN 0.24 AND 0.25 AND inner_lower_limit BETWEEN 0.30 AND 0.31 AND inner_upper_limit BETWEEN 0.50 AND 0.51 AND outer_upper_limit BETWEEN 0.55 AND 0.56,
          'limits lie where the binomial of 100 at 0.4 has its tails') FROM pg_temp.funnel('help share') WHERE area_key = 'division A';
-- p.adjust(c(8.493277e-05, 0.2157836, 0.2157836, 0.2157836), "BH"): four times the first, and the others as they are.
SELECT ok(abs((array_agg(q_value ORDER BY area_key))[1] / (4 * 8.493277e-05) - 1) < 1e-6 AND abs((array_agg(q_value ORDER BY area_key))[2] - 0.2157836) < 1e-7, 'q over the divisions') FROM pg_temp.funnel('help share');

SELECT results_eq($$ SELECT reason::text, verdict::text FROM pg_temp.funnel('alone share') WHERE area_key = 'division A' $$, $$ VALUES ('no other division', NULL) $$, 'one division has no others');
SELECT results_eq($$ SELECT area_key::text, reason::text FROM pg_temp.funnel('large share') WHERE value IS NOT NULL $$,
    $$ VALUES ('division A', 'most of it is the division''s own'), ('division B', NULL), ('division C', NULL) $$, 'most of all is beside what is less than itself');
SELECT results_eq($$ SELECT area_key::text, reason::text FROM pg_temp.funnel('six rate') $$,
    $$ VALUES ('division A', 'too few'), ('division B', NULL), ('division C', 'too few'), ('division D', NULL) $$, '6.8 expected are too few, 7 are not');
SELECT ok(bool_and(reason = 'too few' AND verdict IS NULL AND inner_upper_limit IS NULL AND q_value IS NULL), 'of what nearly all have, those without are too few') FROM pg_temp.funnel('nearly_all share') WHERE area_key = 'division A';
SELECT ok(count(*) = 4 AND bool_and(reason = 'not a count of what happens independently'), 'not what has no interval, nor a median')
FROM (SELECT * FROM pg_temp.funnel('bound share') WHERE value IS NOT NULL UNION ALL SELECT * FROM pg_temp.funnel('median median') WHERE value IS NOT NULL) s;
SELECT results_eq($$ SELECT area_key::text, value_of_others::numeric(3, 2) FROM pg_temp.funnel('part share') WHERE value IS NOT NULL $$, $$ VALUES ('division A', 0.3), ('division C', 0.6) $$,
    'a division without all records is in nobody''s average');

-- Dispersion: on the scale of the arcsine of the root z is 3.02 and three times -1.01 about 0.45; the outer tenths are drawn in to the 10th and 90th percentile. In R:
-- z <- (asin(sqrt(c(.6, .4, .4, .4))) - asin(sqrt(.45))) * 20; q <- quantile(z, c(.1, .9)); mean(pmin(pmax(z, q[1]), q[2])^2) is 1.584372.
UPDATE test_funnel.setting SET funnel_dispersion = 'multiplicative';
CALL refresh('test_funnel', '2024-05-15');
SELECT results_eq($$ SELECT DISTINCT dispersion_allowed_for::text, round(dispersion_ratio::numeric, 6) FROM pg_temp.funnel('help share') $$,
    $$ VALUES ('multiplicative', 1.584372) $$,
    'what divisions usually differ by, and that it is allowed for');
SELECT ok(count(*) = 4, 'the next day the year is settled') FROM pg_temp.funnel('help share', 'fiscal_year 2023-04') WHERE value IS NOT NULL;
SELECT * FROM finish();
ROLLBACK;
