-- Trends of the indicators: short series of an owner's own and of warnings, worked out by hand from the formulas of each test, or with R 4.2.2.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(31);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_trend');

INSERT INTO test_trend.division_record (division_code, division_name, division_type, region, valid_from)
SELECT code, code, 'territorial', 'North', '2020-01-01' FROM unnest('{A,B,C}'::text[]) AS code;
INSERT INTO test_trend.source_coverage_record (source, division_code, covered_from)
SELECT source, code, '2021-04-01' FROM unnest('{direct_measure,drug_death}'::text[]) AS source, unnest('{A,B,C}'::text[]) AS code;
INSERT INTO test_trend.population_record (area_type, area_code, year, people) SELECT 'division', code, 2022, 100000 FROM unnest('{A,B,C}'::text[]) AS code;
-- Ten warnings in April 2021, which is month 0, one more each month, and three more in every other; all in A.
INSERT INTO test_trend.direct_measure_record (measure_id, division_code, issued_on, offence, kind)
SELECT m || ' ' || n, 'A', (date '2021-04-10' + m * interval '1 month')::date, 'drug_possession', 'recorded_police_warning'
FROM generate_series(0, 37) AS m, generate_series(1, 10 + m + CASE WHEN m % 2 = 0 THEN 3 ELSE 0 END) AS n;
INSERT INTO test_trend.drug_death_record (death_id, division_code, died_on, status, reviewed_on)
SELECT m::text, 'A', (date '2021-04-10' + m * interval '1 month')::date, 'confirmed', '2024-01-01' FROM generate_series(0, 36) AS m;

INSERT INTO test_trend.indicator (identifier, statistic, kpi, title, question, unit, better)
SELECT v.i, v.s, 'own', v.i, '?', 'unit', v.b
FROM (VALUES ('eight', 'rate', 'lower'), ('seven', 'rate', 'lower'), ('fewer', 'share', 'higher'), ('flat', 'rate', 'lower'), ('twenty_three', 'median', 'neutral'),
             ('twenty_four', 'median', 'neutral'), ('marker', 'median', 'lower'), ('first_day', 'median', 'lower'), ('mixed', 'median', 'lower'), ('not_yet', 'median', 'lower'),
             ('gap', 'median', 'lower'), ('hole', 'rate', 'lower'), ('zero', 'rate', 'lower'), ('nine', 'rate', 'lower'), ('ten', 'rate', 'lower'), ('last', 'rate', 'lower'),
             ('standing', 'share', 'higher'), ('divided', 'rate', 'lower'), ('huge', 'median', 'lower')) AS v (i, s, b);
UPDATE test_trend.indicator SET is_standing = true WHERE identifier = 'standing';
-- April 2022 is month 12, May 2022 month 13, April 2024 month 36; May 2024 is not settled.
INSERT INTO test_trend.policy_marker VALUES ('marker', '2022-04-10', 'another way'), ('first_day', '2022-05-01', 'from the first day on'), ('mixed', '2024-04-15', 'at last'),
    ('not_yet', '2024-05-10', 'too new to see');

CREATE TABLE test_trend.own_figures AS SELECT * FROM test_trend.own_indicator_value;
CREATE OR REPLACE VIEW test_trend.own_indicator_value AS SELECT * FROM test_trend.own_figures;
INSERT INTO test_trend.own_figures
SELECT v.identifier, v.statistic, 'month ' || to_char(date '2021-04-01' + m * interval '1 month', 'YYYY-MM'), v.area_key,
       CASE WHEN v.statistic <> 'median' THEN v.x END, CASE v.statistic WHEN 'rate' THEN 1e5 ELSE 30 END, CASE v.statistic WHEN 'share' THEN v.x / 30.0 ELSE v.x END, NULL, NULL,
       v.is_whole, NULL
FROM generate_series(0, 37) AS m
CROSS JOIN LATERAL (SELECT (ARRAY[10, 12, 11, 15, 14, 18, 17, 21])[m + 1] AS rise) r
CROSS JOIN LATERAL (VALUES
    ('eight', 'rate', 'force', rise::float8, m < 8), ('seven', 'rate', 'force', rise, m < 7), ('fewer', 'share', 'force', 30 - rise, m < 8), ('flat', 'rate', 'force', 4 + 2 * (m % 2), m < 12),
    -- Falling by 2 from month to month, but higher by 1 than a year before.
    ('twenty_three', 'median', 'force', 32 - 2 * (m % 12) + m / 12, m < 23), ('twenty_four', 'median', 'force', 32 - 2 * (m % 12) + m / 12, m < 24),
    -- Rising up to a change of policy, or a gap, and falling afterwards.
    ('marker', 'median', 'force', CASE WHEN m <= 12 THEN m ELSE 100 - m END, m < 25), ('first_day', 'median', 'force', CASE WHEN m <= 12 THEN m ELSE 100 - m END, m < 25),
    ('mixed', 'median', 'force', m, true), ('not_yet', 'median', 'force', m, m > 24),
    ('gap', 'median', 'force', CASE WHEN m <= 12 THEN m ELSE 100 - m END, m NOT IN (12, 13) AND m < 26),
    ('hole', 'rate', 'force', CASE WHEN m <> 3 THEN m END, m < 13), ('zero', 'rate', 'force', 0, m < 12),
    ('nine', 'rate', 'force', (m NOT IN (0, 6, 11))::integer, m < 12), ('ten', 'rate', 'force', (m NOT IN (0, 6))::integer, m < 12), ('last', 'rate', 'force', CASE m WHEN 11 THEN 10 ELSE 0 END, m < 12),
    ('standing', 'share', 'force', m / 2, true), ('huge', 'median', 'force', CASE WHEN m % 2 = 0 THEN 1e30 ELSE -1e30 END * (m + 1) / 99, m < 9),
    -- Rising, flat, and the same in the region; UNKNOWN is no place.
    ('divided', 'rate', 'division A', rise, m < 8), ('divided', 'rate', 'division B', 4 + 2 * (m % 2), m < 12), ('divided', 'rate', 'division C', rise, m < 7),
    ('divided', 'rate', 'region North', rise, m < 8), ('divided', 'rate', 'division UNKNOWN', rise, m < 8)) AS v (identifier, statistic, area_key, x, is_whole);
CALL refresh('test_trend', '2024-06-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_trend.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.trend(key text, area text DEFAULT 'force') RETURNS SETOF test_trend_bi.kpi_indicator_trend LANGUAGE sql AS $$
    SELECT * FROM test_trend_bi.kpi_indicator_trend WHERE indicator_key = key AND area_key = area $$;
-- R's dispersion is of its last step but one, and right to 1e-7.
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$ SELECT coalesce(abs(found - expected) <= 1e-7 * abs(expected), false) $$;

-- Of 28 pairs three fall: S is 22, its variance 8 x 7 x 21 / 18, and z 21 over its root, 2.598; cor.test() has p 0.00937476846. Of the sorted slopes the
-- middle is 18 a year, the 6th 8 and the 23rd 24. glm(quasipoisson) has the rest.
SELECT ok(count(*) = 1 AND bool_and(points = 8 AND first_month = '2021-04-01' AND last_month = '2021-11-01' AND period_key = 'month 2021-11' AND method = 'Mann-Kendall'
          AND trend = 'rising' AND pg_temp.near(tau, 22 / 28.0) AND pg_temp.near(p_value, 0.00937476846) AND reason IS NULL), 'eight months rise') FROM pg_temp.trend('eight rate');
SELECT ok(pg_temp.near(slope_per_year, 18) AND pg_temp.near(slope_lower, 8) AND pg_temp.near(slope_upper, 24), 'by Sen''s slope') FROM pg_temp.trend('eight rate');
SELECT ok(pg_temp.near(rate_ratio, 3.300984441260) AND pg_temp.near(rate_ratio_lower, 2.220786720437) AND pg_temp.near(rate_ratio_upper, 4.906593767498)
          AND pg_temp.near(dispersion, 0.109336859646) AND events = 118, 'and by the quasi-Poisson model') FROM pg_temp.trend('eight rate');
SELECT ok(count(*) = 1 AND bool_and(points = 7 AND num_nonnulls(trend, method, p_value, q_value, tau, slope_per_year, slope_lower, slope_upper, rate_ratio, dispersion) = 0
          AND reason = 'too few'), 'seven months are too few') FROM pg_temp.trend('seven rate');
-- Those without instead of those with.
SELECT ok(trend = 'falling' AND pg_temp.near(tau, -22 / 28.0) AND pg_temp.near(p_value, 0.00937476846) AND pg_temp.near(slope_per_year, -18 / 30.0)
          AND pg_temp.near(slope_lower, -24 / 30.0) AND pg_temp.near(slope_upper, -8 / 30.0) AND num_nonnulls(events, rate_ratio, dispersion) = 0 AND reason IS NULL,
          'a share falls, in shares a year, and has no rate ratio') FROM pg_temp.trend('fewer share');
SELECT ok(trend = 'no clear trend' AND pg_temp.near(p_value, 0.688920556) AND pg_temp.near(tau, 0.123091490979) AND slope_per_year = 0 AND reason IS NULL, 'by turns there is no clear trend')
FROM pg_temp.trend('flat rate');

-- 23 months: of year one to year two 77 pairs rise and 55 fall, within the years 121 fall: S is -99. With 24 each month is beside its own a year later: 12 of 12 rise,
-- of a variance of 1 each: z is 11 / sqrt(12), p 0.00149617.
SELECT ok(method = 'Mann-Kendall' AND trend = 'falling' AND pg_temp.near(tau, -99 / 253.0) AND pg_temp.near(p_value, 0.00964720199196) AND slope_per_year = -9
          AND pg_temp.near(slope_lower, -24) AND pg_temp.near(slope_upper, -18 / 7.0), '23 months are of one season') FROM pg_temp.trend('twenty_three median');
SELECT ok(method = 'seasonal Mann-Kendall' AND trend = 'rising' AND tau = 1 AND abs(p_value / 0.00149617 - 1) < 1e-5 AND slope_per_year = 1 AND slope_lower = 1 AND slope_upper = 1,
          'of 24 each is beside the same month of the year before') FROM pg_temp.trend('twenty_four median');

SELECT results_eq($$ SELECT indicator_key::text, first_month, last_month, points, trend::text, round(tau::numeric, 9) FROM test_trend_bi.kpi_indicator_trend
                     WHERE indicator_key IN ('marker median', 'first_day median', 'gap median', 'not_yet median') ORDER BY 1 $$,
    $$ VALUES ('first_day median', date '2022-05-01', date '2023-04-01', 12::bigint, 'falling', -1::numeric), ('gap median', '2022-06-01', '2023-05-01', 12, 'falling', -1),
              ('marker median', '2022-05-01', '2023-04-01', 12, 'falling', -1), ('not_yet median', '2023-05-01', '2024-04-01', 12, 'rising', 1) $$,
    'since policy last changed, or since a gap; a change of which no month is settled changes nothing yet');
SELECT results_eq($$ SELECT first_month, last_month, trend::text, reason::text FROM pg_temp.trend('mixed median') $$,
    $$ VALUES (date '2024-04-01', date '2024-04-01', NULL, 'policy changed in the month') $$, 'where policy changed in the latest month there is none yet');
-- Times are the months' own: 0 to 12 but 3.
SELECT ok(points = 12 AND first_month = '2021-04-01' AND last_month = '2022-04-01' AND pg_temp.near(tau, 1) AND pg_temp.near(slope_per_year, 12) AND events = 75, 'a month of nothing has no point') FROM pg_temp.trend('hole rate');
SELECT ok(points = 12 AND trend IS NULL AND p_value IS NULL AND rate_ratio IS NULL AND events = 0 AND reason = 'always the same', 'of twelve times nothing there is nothing to test')
FROM pg_temp.trend('zero rate');
SELECT ok(trend = 'no clear trend' AND p_value = 1 AND events = 9 AND num_nonnulls(rate_ratio, rate_ratio_lower, rate_ratio_upper, dispersion) = 0 AND reason = 'too few events',
          'nine events are ranked, and are too few for a ratio') FROM pg_temp.trend('nine rate');
SELECT ok(events = 10 AND reason IS NULL AND pg_temp.near(rate_ratio, 1.658068119560) AND pg_temp.near(rate_ratio_lower, 0.551991670747) AND pg_temp.near(rate_ratio_upper, 4.980491617531)
          AND pg_temp.near(dispersion, 0.199078701599), 'ten are enough') FROM pg_temp.trend('ten rate');
SELECT ok(events = 10 AND rate_ratio IS NULL AND dispersion IS NULL AND reason = 'no rate ratio' AND trend = 'no clear trend', 'from nothing to ten there is no ratio') FROM pg_temp.trend('last rate');
SELECT ok((SELECT count(*) = 1 AND bool_and(trend IS NULL AND p_value IS NULL AND points = 37 AND reason = 'much the same are counted every month') FROM pg_temp.trend('standing share'))
          AND (SELECT count(*) = 1 AND bool_and(trend IS NULL AND p_value IS NULL AND reason = 'older months have had longer') FROM pg_temp.trend('drug_deaths_reviewed share')),
          'neither of the same officers month after month, nor of what has had longer to come about');
SELECT ok(p_value IS NOT NULL AND slope_per_year IS NOT NULL, 'figures as large as any have a trend too') FROM pg_temp.trend('huge median');

-- Of two p-values, 0.00937 and 0.689 (12 months by turns), the larger is its own q, and the smaller twice.
SELECT results_eq($$ SELECT area_key::text, trend::text, round((q_value / p_value)::numeric, 6), reason::text FROM test_trend_bi.kpi_indicator_trend WHERE indicator_key = 'divided rate' ORDER BY 1 $$,
    $$ VALUES ('division A', 'rising', 2.000000, NULL), ('division B', 'no clear trend', 1.000000, NULL), ('division C', NULL, NULL, 'too few'), ('region North', 'rising', NULL, NULL) $$,
    'q is over the divisions that have a trend; UNKNOWN is no place');

-- The warnings. October 2021 to April 2024: 31 months, of which seven months of the year come thrice and five twice, all rising: S is 7 x 3 + 5, its variance 7 x 11 / 3 + 5.
-- 12 more a year: of the 26 pairs one slope is lower than those of 31 days, of which there are 15.
SELECT ok(points = 31 AND first_month = '2021-10-01' AND method = 'seasonal Mann-Kendall' AND trend = 'rising' AND tau = 1 AND abs(p_value / 6.346e-6 - 1) < 1e-3 AND events = 1009
          AND pg_temp.near(slope_per_year, 12 * 365.25 / 12 / 31) AND unit = 'warnings a month' AND title = 'Recorded Police Warnings, number' AND better = 'neutral', 'how many warnings')
FROM pg_temp.trend('recorded_police_warning count', 'division A');
-- glm(w ~ t + offset(log(days)), family = quasipoisson), t being month / 12.
SELECT ok(pg_temp.near(rate_ratio, 1.454747558156) AND pg_temp.near(rate_ratio_lower, 1.403365577709) AND pg_temp.near(rate_ratio_upper, 1.508010807430) AND pg_temp.near(dispersion, 0.165287298652),
          'and by how much more from year to year, days being what they are counted over') FROM pg_temp.trend('recorded_police_warning count', 'division A');
SELECT results_eq($$ SELECT area_key::text, reason::text FROM test_trend_bi.kpi_indicator_trend WHERE indicator_key IN ('recorded_police_warning share', 'recorded_police_warning count')
                     AND area_key IN ('division A', 'division B') AND reason IS NOT NULL ORDER BY 1, 2 $$,
    $$ VALUES ('division A', 'always the same'), ('division B', 'always the same'), ('division B', 'too few') $$, 'all disposals of A are warnings, and B has neither');

-- 492 warnings after 348. R: poisson.test(c(492, 348))$conf.int, and exp(log(492 / 348) -+ qt(0.975, 29) * sqrt(0.165287298652 * (1 / 492 + 1 / 348))).
CREATE FUNCTION pg_temp.warned(period text, area text) RETURNS SETOF test_trend_bi.kpi_recorded_police_warning_trend_period LANGUAGE sql AS $$
    SELECT * FROM test_trend_bi.kpi_recorded_police_warning_trend_period WHERE period_key = period AND area_key = area $$;
SELECT ok(warnings = 492 AND warnings_year_before = 348 AND pg_temp.near(ratio_to_year_before_lower, 1.2299252451426) AND pg_temp.near(ratio_to_year_before_upper, 1.6265373480967),
          'the ratio to the year before, by chance alone') FROM pg_temp.warned('fiscal_year 2023-04', 'division A');
SELECT ok(pg_temp.near(dispersion, 0.165287298652) AND pg_temp.near(ratio_to_year_before_dispersed_lower, 1.3338042188520) AND pg_temp.near(ratio_to_year_before_dispersed_upper, 1.4985789601702),
          'and by how much the months vary') FROM pg_temp.warned('fiscal_year 2023-04', 'division A');
-- The year from April 2021 begins in the phase before: five months of it.
SELECT ok(dispersion IS NULL AND policy_marker IS NOT NULL AND phase = 1, 'of a phase of five months nobody knows by how much they vary') FROM pg_temp.warned('fiscal_year 2021-04', 'division A');
SELECT ok(ratio_to_year_before IS NOT NULL AND ratio_to_year_before_lower < ratio_to_year_before AND ratio_to_year_before_upper > ratio_to_year_before AND phase = 2
          AND pg_temp.near(ratio_to_year_before, 348 / 204.0), 'across the change the ratio stands') FROM pg_temp.warned('fiscal_year 2022-04', 'division A');
SELECT ok(num_nonnulls(ratio_to_year_before, ratio_to_year_before_lower, ratio_to_year_before_upper, ratio_to_year_before_dispersed_lower, ratio_to_year_before_dispersed_upper, dispersion) = 0,
          'of nothing there is no ratio, and no limits') FROM pg_temp.warned('fiscal_year 2023-04', 'division B');
SELECT ok(count(*) > 0 AND bool_and(dispersion IS NULL AND ratio_to_year_before_dispersed_lower IS NULL), 'UNKNOWN has no series') FROM test_trend_bi.kpi_recorded_police_warning_trend_period
WHERE area_key = 'division UNKNOWN';

-- An indicator of that name of the owner's own, another confidence, another change of policy in the middle of December 2023, and no records of A in July 2022.
UPDATE test_trend.source_coverage_record SET covered_to = '2022-06-30' WHERE source = 'direct_measure' AND division_code = 'A';
INSERT INTO test_trend.source_coverage_record (source, division_code, covered_from) VALUES ('direct_measure', 'A', '2022-08-01');
INSERT INTO test_trend.policy_marker VALUES ('recorded_police_warning', '2023-12-15', 'another change');
INSERT INTO test_trend.indicator (identifier, statistic, kpi, title, question, unit, better) VALUES ('recorded_police_warning', 'count', 'own', 'Our own', '?', 'unit', 'lower');
INSERT INTO test_trend.own_figures
SELECT 'recorded_police_warning', 'count', 'month ' || to_char(date '2021-10-01' + m * interval '1 month', 'YYYY-MM'), 'force', NULL, 30, 50 - m, NULL, NULL, true, NULL FROM generate_series(0, 9) AS m;
UPDATE test_trend.setting SET confidence = 0.995;
CALL refresh('test_trend', '2024-06-15');
SELECT results_eq($$ SELECT title::text, points, trend::text FROM pg_temp.trend('recorded_police_warning count') $$, $$ VALUES ('Our own', 10::bigint, 'falling') $$, 'an owner''s own goes before');
-- p is 0.0094, above 0.005. Of the slopes the 3rd and the 26th.
SELECT ok(trend = 'no clear trend' AND pg_temp.near(rate_ratio_lower, 1.640442765823) AND pg_temp.near(rate_ratio_upper, 6.642412956098) AND pg_temp.near(slope_lower, -12) AND pg_temp.near(slope_upper, 48),
          'the confidence of the setting holds') FROM pg_temp.trend('eight rate');

-- From August 2022 to November 2023: 16 months, of which glm() has the dispersion. The year from April 2024 is of a phase of four settled months.
SELECT results_eq($$ SELECT period_key::text, phase::integer, round(dispersion::numeric, 7) FROM test_trend_bi.kpi_recorded_police_warning_trend_period
                     WHERE area_key = 'division A' AND period_key IN ('month 2021-11', 'month 2023-12', 'month 2024-01') ORDER BY 1 $$,
    $$ VALUES ('month 2021-11', 2, 0.1138054), ('month 2023-12', 2, 0.1138054), ('month 2024-01', 3, NULL::numeric) $$, 'a gap in the records or a change of policy divides what months vary by');

SELECT * FROM finish();
ROLLBACK;
