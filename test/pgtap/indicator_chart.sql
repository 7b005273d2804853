-- Control charts of the indicators: short series of an owner's own, every line and flag worked out by hand from the formulas of each chart.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(28);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_chart');

INSERT INTO test_chart.division_record (division_code, division_name, division_type, valid_from) VALUES
    ('A', 'Alpha', 'territorial', '2020-01-01'), ('B', 'Beta', 'territorial', '2020-01-01');
-- B's records begin in the middle of January 2022.
INSERT INTO test_chart.source_coverage_record (source, division_code, covered_from) VALUES
    ('drug_death', 'A', '2021-04-01'), ('drug_death', 'B', '2022-01-15'), ('administration', 'A', '2021-04-01');
INSERT INTO test_chart.population_record (area_type, area_code, year, people) VALUES ('division', 'A', 2022, 100000), ('division', 'B', 2022, 100000);
-- Four deaths a month in A and in B, on the 1st or 20th; of none is the review known.
INSERT INTO test_chart.drug_death_record (death_id, division_code, died_on, status)
SELECT code || m || n, code, (date '2021-04-20' + m * interval '1 month')::date, 'confirmed' FROM unnest('{A,B}'::text[]) AS code, generate_series(0, 36) AS m, generate_series(1, 4) AS n;

INSERT INTO test_chart.indicator (identifier, statistic, kpi, title, question, unit, better) VALUES
    ('shift', 'share', 'own', 'A shift', '?', 'share, 0 to 1', 'higher'), ('shift', 'lower', 'own', 'The same, lower is better', '?', 'share, 0 to 1', 'lower'),
    ('shift', 'neutral', 'own', 'The same, neither is better', '?', 'share, 0 to 1', 'neutral'),
    ('twos', 'rate', 'own', 'Rates by turns', '?', 'per 100,000', 'lower'), ('small', 'rate', 'own', 'Small rates', '?', 'per 100,000', 'lower'),
    ('turns', 'median', 'own', 'Medians by turns', '?', 'minutes', 'lower'), ('constant', 'median', 'own', 'Always the same', '?', 'minutes', 'lower'),
    ('same', 'share', 'own', 'Always the same share', '?', 'share, 0 to 1', 'higher'), ('eleven', 'share', 'own', 'Eleven months', '?', 'share, 0 to 1', 'higher'),
    ('rare', 'share', 'own', 'Rare', '?', 'share, 0 to 1', 'lower'), ('handful', 'median', 'own', 'A handful', '?', 'minutes', 'lower'),
    ('gap', 'median', 'own', 'With a gap in the records', '?', 'minutes', 'lower'), ('hole', 'share', 'own', 'A month of nothing', '?', 'share, 0 to 1', 'higher'),
    ('policy', 'share', 'own', 'A change of policy', '?', 'share, 0 to 1', 'higher'), ('odd', 'share', 'own', 'More than all', '?', 'share, 0 to 1', 'higher'),
    ('ten', 'share', 'own', 'Ten', '?', 'share, 0 to 1', 'higher'), ('nearly_ten', 'share', 'own', 'Nearly ten', '?', 'share, 0 to 1', 'higher'),
    ('standing', 'share', 'own', 'The same officers', '?', 'share, 0 to 1', 'higher');
UPDATE test_chart.indicator SET is_standing = true WHERE identifier = 'standing';
INSERT INTO test_chart.target (indicator, valid_from, valid_to, statistic, value) VALUES
    ('shift', '2021-04-01', NULL, 'share', 0.05), ('turns', '2021-04-01', '2021-09-30', 'median', 1), ('turns', '2021-10-01', NULL, 'median', 12);
INSERT INTO test_chart.policy_marker VALUES ('policy', '2022-04-10', 'another way'), ('policy', '2023-05-01', 'a third');

CREATE TABLE test_chart.own_figures AS SELECT * FROM test_chart.own_indicator_value;
CREATE OR REPLACE VIEW test_chart.own_indicator_value AS SELECT * FROM test_chart.own_figures;
-- Month 0 is April 2021.
INSERT INTO test_chart.own_figures
SELECT v.identifier, v.statistic, 'month ' || to_char(date '2021-04-01' + m * interval '1 month', 'YYYY-MM'), 'force', v.numerator, v.denominator, v.value, NULL, NULL, v.is_whole, NULL
FROM generate_series(0, 37) AS m
CROSS JOIN LATERAL (VALUES
    -- 4 of 20 for a year, then 12 of 20.
    ('shift', 'share', CASE WHEN m < 12 THEN 4 ELSE 12 END, 20, CASE WHEN m < 12 THEN 0.2 ELSE 0.6 END, m < 24),
    ('shift', 'lower', CASE WHEN m < 12 THEN 4 ELSE 12 END, 20, CASE WHEN m < 12 THEN 0.2 ELSE 0.6 END, m < 24),
    ('shift', 'neutral', CASE WHEN m < 12 THEN 4 ELSE 12 END, 20, CASE WHEN m < 12 THEN 0.2 ELSE 0.6 END, m < 24),
    -- 16 and 24 by turns in 100,000; 3 and 5 by turns, but 12 at last.
    ('twos', 'rate', 16 + 8 * (m % 2), 100000, 16 + 8 * (m % 2), m < 12),
    ('small', 'rate', CASE WHEN m = 12 THEN 17 ELSE 3 + 2 * (m % 2) END, 50000, CASE WHEN m = 12 THEN 34 ELSE 6 + 4 * (m % 2) END, m < 13),
    ('turns', 'median', NULL, 30, 10 + 4 * (m % 2), m < 12),
    ('constant', 'median', NULL, 30, 5, m < 12),
    ('same', 'share', 20, 20, 1, m < 12),
    ('eleven', 'share', 10, 30, 1 / 3.0, m < 11),
    ('rare', 'share', (m = 3)::integer, 30, (m = 3)::integer / 30.0, true),
    ('handful', 'median', NULL, 9, 10, true),
    -- Months 12 and 13 are without all records: 10 and 14 by turns before, 110 and 114 after.
    ('gap', 'median', NULL, 30, CASE WHEN m > 13 THEN 110 ELSE 10 END + 4 * (m % 2), m NOT IN (12, 13) AND m < 26),
    ('hole', 'share', CASE WHEN m = 6 THEN 0 ELSE 4 END, CASE WHEN m = 6 THEN 0 ELSE 20 END, CASE WHEN m <> 6 THEN 0.2 END, m < 13),
    -- April 2022 is month 12, May 2023 month 25.
    ('policy', 'share', CASE WHEN m <= 12 THEN 4 WHEN m < 25 THEN 12 ELSE 8 END, 20, CASE WHEN m <= 12 THEN 0.2 WHEN m < 25 THEN 0.6 ELSE 0.4 END, true),
    ('odd', 'share', CASE WHEN m % 2 = 0 THEN 40 ELSE -40 END, 20, CASE WHEN m % 2 = 0 THEN 2 ELSE -2 END, m < 12),
    -- 10 of 30 and 20 of 30 are 10 on the smaller side; one less in one month.
    ('ten', 'share', 20, 30, 20 / 30.0, m < 12),
    ('nearly_ten', 'share', 10 - (m = 0)::integer, 30, (10 - (m = 0)::integer) / 30.0, m < 12),
    ('standing', 'share', 10, 20, 0.5, true)) AS v (identifier, statistic, numerator, denominator, value, is_whole);
CALL refresh('test_chart', '2024-06-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_chart.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.chart(key text, area text DEFAULT 'force') RETURNS SETOF test_chart_bi.kpi_indicator_chart LANGUAGE sql AS $$
    SELECT * FROM test_chart_bi.kpi_indicator_chart WHERE indicator_key = key AND area_key = area ORDER BY period_key $$;
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$ SELECT abs(found - expected) <= 1e-9 * abs(expected) $$;

-- A real shift. Of 24 months 192 of 480: 0.4, with 3 sqrt(0.4 x 0.6 / 20) either side. Nothing is beyond a limit, nor beyond two deviations (0.181 to 0.619).
SELECT ok(count(*) = 24 AND bool_and(chart = 'p' AND points = 24 AND pg_temp.near(centre, 0.4) AND pg_temp.near(lower_limit, 0.4 - 3 * sqrt(0.012)) AND pg_temp.near(upper_limit, 0.4 + 3 * sqrt(0.012))
          AND reason IS NULL), 'a p chart, as 8 a month are counted') FROM pg_temp.chart('shift share');
SELECT results_eq($$ SELECT rule::text, variation::text, assurance::text, count(*) FROM pg_temp.chart('shift share') GROUP BY 1, 2, 3 ORDER BY 1 $$,
    $$ VALUES ('run above centre', 'improvement', 'consistently passes', 12::bigint), ('run below centre', 'concern', 'consistently passes', 12) $$, 'a shift: two runs, for worse and for better; a target below the limits is passed');
SELECT results_eq($$ SELECT rule::text, variation::text, assurance::text FROM pg_temp.chart('shift lower') WHERE is_latest = 1 $$, $$ VALUES ('run above centre', 'concern', NULL) $$,
    'where lower is better it is a concern; no target');
SELECT results_eq($$ SELECT DISTINCT variation::text FROM pg_temp.chart('shift neutral') $$, $$ VALUES ('special cause') $$, 'where neither way is, a special cause');
SELECT results_eq($$ SELECT period_key::text, flag_by_chance FROM pg_temp.chart('shift share') WHERE is_latest = 1 OR flag_by_chance IS NOT NULL $$, $$ VALUES ('month 2023-03', 0.017::float8) $$,
    'the latest month is the last with records in full');

-- 16 and 24 about 20: every moving range of (x - 20) / sqrt(20) is 8 / sqrt(20), so 3 sigma is 3 x 8 / 1.128. The lower limit stops at 0.
SELECT ok(count(*) = 12 AND bool_and(chart = 'u''' AND pg_temp.near(centre, 20) AND lower_limit = 0 AND pg_temp.near(upper_limit, 20 + 24 / 1.128) AND rule IS NULL AND variation = 'common cause'),
          'a u'' chart from 10 a month') FROM pg_temp.chart('twos rate');
-- Six of 3, six of 5 and 17: 65 in 13 x 50,000, or 10 in 100,000. The limits are 10 +- 3 sqrt(10 x 100,000 / 50,000).
SELECT ok(count(*) = 13 AND bool_and(chart = 'u' AND pg_temp.near(centre, 10) AND lower_limit = 0 AND pg_temp.near(upper_limit, 10 + 3 * sqrt(20.0))), 'a u chart below') FROM pg_temp.chart('small rate');
SELECT results_eq($$ SELECT period_key::text, rule::text, variation::text FROM pg_temp.chart('small rate') WHERE rule IS NOT NULL $$, $$ VALUES ('month 2022-04', 'above upper limit', 'concern') $$,
    '34 is above 23.4, and nothing else is flagged');

SELECT results_eq($$ SELECT DISTINCT chart::text, pg_temp.near(centre, 2 / 3.0), pg_temp.near(lower_limit, 2 / 3.0), pg_temp.near(upper_limit, 2 / 3.0) FROM pg_temp.chart('ten share')
                     UNION ALL SELECT DISTINCT chart::text, pg_temp.near(centre, 119 / 360.0), pg_temp.near(lower_limit, 119 / 360.0 - 3 * sqrt(119 / 360.0 * 241 / 360 / 30)),
                                               pg_temp.near(upper_limit, 119 / 360.0 + 3 * sqrt(119 / 360.0 * 241 / 360 / 30)) FROM pg_temp.chart('nearly_ten share') $$,
    $$ VALUES ('p''', true, true, true), ('p', true, true, true) $$, 'p'' from ten a month of the fewer, p below');

-- 10 and 14: the mean is 12, all ranges are 4.
SELECT ok(count(*) = 12 AND bool_and(chart = 'XmR' AND centre = 12 AND pg_temp.near(lower_limit, 12 - 2.66 * 4) AND pg_temp.near(upper_limit, 12 + 2.66 * 4) AND rule IS NULL), 'an XmR chart of medians')
FROM pg_temp.chart('turns median');
SELECT results_eq($$ SELECT target, assurance::text, count(*) FROM pg_temp.chart('turns median') GROUP BY 1, 2 ORDER BY 1 $$,
    $$ VALUES (1::float8, 'consistently fails', 6::bigint), (12, 'inconsistent', 6) $$, 'the target that holds for the month');
SELECT ok(count(*) = 12 AND bool_and(centre = 5 AND lower_limit = 5 AND upper_limit = 5 AND rule IS NULL AND variation = 'common cause'), 'a constant has its limits on it, and no flag')
FROM pg_temp.chart('constant median');
SELECT ok(count(*) = 12 AND bool_and(centre IS NULL AND rule IS NULL AND variation IS NULL AND reason = 'too few'), '20 of 20 every month: of those not counted there are none') FROM pg_temp.chart('same share');
SELECT ok(count(*) = 11 AND bool_and(centre IS NULL AND chart IS NULL AND points = 11 AND reason = 'too few' AND is_latest = 0), 'eleven months are too few') FROM pg_temp.chart('eleven share');
SELECT ok(count(*) = 37 AND bool_and(centre IS NULL AND reason = 'too few'), 'so is less than one a month, for 37 months') FROM pg_temp.chart('rare share');
SELECT ok(count(*) = 37 AND bool_and(centre IS NULL AND reason = 'too few'), 'and medians of nine') FROM pg_temp.chart('handful median');
SELECT is(max(period_key)::text, 'month 2024-04', 'May 2024 is not settled on 15 June, 45 days after its end') FROM pg_temp.chart('rare share');

-- No chart spans a gap in the records.
SELECT results_eq($$ SELECT points, centre, count(*), count(rule), max(is_latest) FROM pg_temp.chart('gap median') GROUP BY 1, 2 ORDER BY 2 $$,
    $$ VALUES (12::bigint, 12::float8, 12::bigint, 0::bigint, 0::smallint), (12, 112, 12, 0, 1::smallint) $$, 'a gap makes two charts, in neither of which anything is flagged');
SELECT ok(count(*) = 37 AND bool_and(chart = 'u' AND points = 37), 'A''s deaths are charted from the first month') FROM pg_temp.chart('drug_deaths rate', 'division A');
SELECT ok(count(*) = 27 AND min(period_key) = 'month 2022-02' AND bool_and(chart = 'u' AND points = 27), 'B''s from the first month with records on all days') FROM pg_temp.chart('drug_deaths rate', 'division B');
SELECT ok(count(*) = 27 AND min(period_key) = 'month 2022-02', 'the force''s not before B''s') FROM pg_temp.chart('drug_deaths rate');
SELECT is(count(*), 0::bigint, 'UNKNOWN is not charted') FROM test_chart_bi.kpi_indicator_chart WHERE area_key = 'division UNKNOWN';

SELECT results_eq($$ SELECT points, rule::text, centre, reason::text, count(*) FROM pg_temp.chart('hole share') GROUP BY 1, 2, 3, 4 ORDER BY 5 $$,
    $$ VALUES (12::bigint, NULL, NULL::float8, 'nothing to count it of', 1::bigint), (12, NULL, 0.2, NULL, 12) $$, 'a month of nothing has no point, and the others are a chart');
SELECT results_eq($$ SELECT centre, points, reason::text, count(*), count(rule) FROM pg_temp.chart('policy share') GROUP BY 1, 2, 3 ORDER BY min(period_key) $$,
    $$ VALUES (0.2::float8, 12::bigint, NULL, 12::bigint, 0::bigint), (NULL, 1, 'policy changed in the month', 1, 0), (0.6, 12, NULL, 12, 0), (0.4, 12, NULL, 12, 0) $$,
    'a change of policy begins another chart, and leaves the month out that it falls in');
-- Not a share: of ranges of 4 each the limits are 2.66 x 4 either side of 0.
SELECT ok(count(*) = 12 AND bool_and(chart = 'XmR' AND centre = 0 AND pg_temp.near(upper_limit, 2.66 * 4) AND pg_temp.near(lower_limit, -2.66 * 4)), 'what is no share is not charted as one') FROM pg_temp.chart('odd share');
SELECT ok((SELECT count(*) = 37 AND bool_and(centre IS NULL AND reason = 'much the same are counted every month') FROM pg_temp.chart('standing share'))
          AND (SELECT count(*) = 37 AND bool_and(centre IS NULL AND reason = 'older months have had longer') FROM pg_temp.chart('drug_deaths_reviewed share', 'division A')),
          'neither the same officers month after month nor what has had longer to come about');

-- The force's charts: shift thrice (24 months, p), twos (12, u'), small (13, u), turns, constant, gap's second and odd (12, XmR), hole, policy's third and nearly_ten (12, p),
-- ten (12, p') and drug deaths (27, u). Flagged are the latest months of shift and small, and of nearly_ten: eleven months lie above its centre.
SELECT results_eq($$ SELECT DISTINCT flags_shown, round(flags_expected_by_chance::numeric, 9) FROM test_chart_bi.kpi_scorecard WHERE area_key = 'force' AND flags_shown IS NOT NULL $$,
    $$ VALUES (5::bigint, 3 * 0.017 + 0.009 + 0.009 + 4 * 0.013 + 3 * 0.009 + 0.009 + 0.017) $$, 'the flags of an area, and those that chance alone would show');

SELECT * FROM finish();
ROLLBACK;
