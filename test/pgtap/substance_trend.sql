-- The KPI substance_trend: a handful of signals, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(33);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_substance');

INSERT INTO test_substance.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30'),
    ('C', 'Gamma', 'territorial', 'North', '2020-01-01', NULL);
INSERT INTO test_substance.source_coverage_record (source, division_code, covered_from) VALUES
    ('substance_signal', 'A', '2024-01-01'), ('substance_signal', 'B', '2024-02-01'), ('substance_signal', 'C', '2024-01-01');

INSERT INTO test_substance.substance_signal_record (signal_id, division_code, observed_on, kind, basis, substances) VALUES
    -- Three names for two substances; spaces and capitals are no difference, spellings are.
    ('s01', 'A', '2024-01-10', 'seizure', 'suspected', E'{Heroin,"  heroin ",Street\tBenzo,NULL,""}'),
    ('s02', 'A', '2024-01-11', 'toxicology', 'tested', '{heroin,etizolam}'),
    ('s03', 'A', '2024-01-12', 'drug_check', 'tested', '{etizolam}'),
    -- Nothing was found; nothing is said; nothing readable is said; words that are not a substance's are lower case too.
    ('s04', 'A', '2024-01-13', 'pathology', 'tested', '{}'),
    ('s05', 'A', '2024-01-14', 'toxicology', 'tested', NULL),
    ('s06', 'A', '2024-01-15', 'intelligence', 'suspected', '{NULL,"  "}'),
    ('s07', 'A', '2024-01-16', 'rumour', 'hearsay', '{UNKNOWN,"NONE"}'),
    -- Later, by a test; on a division's last day and after it; without one; after the refresh; before coverage; never.
    ('s08', 'A', '2024-03-31', 'seizure', 'tested', '{"street benzo"}'),
    ('s09', 'B', '2024-04-30', 'seizure', 'tested', '{etizolam}'),
    ('s10', 'B', '2024-05-01', 'seizure', 'tested', '{etizolam}'),
    ('s11', NULL, '2024-05-02', 'seizure', 'suspected', '{etizolam}'),
    ('s12', 'A', '2024-06-16', 'seizure', 'suspected', '{etizolam}'),
    ('s13', 'B', '2024-01-31', 'seizure', 'tested', '{etizolam}'),
    ('s14', 'A', 'infinity', 'seizure', 'tested', '{etizolam}'),
    ('s15', 'A', '-infinity', 'seizure', 'tested', '{etizolam}'),
    -- A name that nobody could read.
    ('s16', 'A', '2024-02-01', 'seizure', 'suspected', ARRAY[repeat('x', 99) || ' y' || repeat('z', 5000)]);

CALL refresh('test_substance', '2024-06-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere, infinite days or not') FROM test_substance.refresh_log WHERE mode = 'failed';

-- In columns: signals, suspected, tested, seizure, toxicology, pathology, drug check, intelligence, other, of suspected and of tested
-- those that say what, without.
CREATE FUNCTION pg_temp.signals(period text, area text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[signals, signals_suspected, signals_tested, signals_seizure, signals_toxicology, signals_pathology, signals_drug_check,
                 signals_intelligence, signals_other, named_suspected, named_tested, without_substances]
    FROM test_substance_bi.kpi_substance_signals_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.signals('month 2024-01', 'division A'), '{7,2,4,1,2,1,1,1,1,1,3,2}'::bigint[], 'a month''s signals');
SELECT is(pg_temp.signals('month 2024-04', 'division B'), '{1,0,1,1,0,0,0,0,0,0,1,0}'::bigint[], 'on a division''s last day');
SELECT is(pg_temp.signals('month 2024-05', 'division UNKNOWN'), '{2,1,1,2,0,0,0,0,0,1,1,0}'::bigint[], 'the day after it, and without a division');
SELECT is(pg_temp.signals('month 2024-05', 'division A'), array_fill(0::bigint, ARRAY[12]), 'no signal is 0');
SELECT is(pg_temp.signals('month 2024-01', 'division B'), array_fill(NULL::bigint, ARRAY[12]), 'before coverage there is no count');
SELECT is(pg_temp.signals('month 2024-06', 'division A'), array_fill(0::bigint, ARRAY[12]), 'after the day of the refresh there is nothing');
SELECT is(pg_temp.signals('fiscal_year 2023-04', 'force'), '{9,3,5,3,2,1,1,1,1,2,4,2}'::bigint[], 'the force''s year');

-- In columns: mentions, suspected, tested, seizure, toxicology, pathology, drug check, intelligence, other.
CREATE FUNCTION pg_temp.mentions(period text, area text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_object_agg(substance, ARRAY[mentions, mentions_suspected, mentions_tested, mentions_seizure, mentions_toxicology, mentions_pathology,
                                             mentions_drug_check, mentions_intelligence, mentions_other])
    FROM test_substance_bi.kpi_substance_trend_period WHERE period_key = period AND area_key = area AND substance NOT LIKE 'xxx%' $$;
SELECT is(pg_temp.mentions('month 2024-01', 'division A'), '{
    "heroin":       [2, 1, 1, 1, 1, 0, 0, 0, 0],
    "street benzo": [1, 1, 0, 1, 0, 0, 0, 0, 0],
    "etizolam":     [2, 0, 2, 0, 1, 0, 1, 0, 0],
    "NONE":         [1, 0, 1, 0, 0, 1, 0, 0, 0],
    "UNKNOWN":      [2, 1, 1, 0, 1, 0, 0, 1, 0],
    "unknown":      [1, 0, 0, 0, 0, 0, 0, 0, 1],
    "none":         [1, 0, 0, 0, 0, 0, 0, 0, 1]}', 'a signal mentions a substance once, however it is written');
SELECT is(pg_temp.mentions('month 2024-03', 'division A')->'street benzo', '[1, 0, 1, 1, 0, 0, 0, 0, 0]', 'the last day of a month');
SELECT is(pg_temp.mentions('month 2024-03', 'division A')->'heroin', '[0, 0, 0, 0, 0, 0, 0, 0, 0]', 'what an area names once has a row ever after, of 0');
SELECT is(pg_temp.mentions('month 2024-03', 'division C'), NULL, 'what it never names has none');
SELECT is(pg_temp.mentions('month 2024-01', 'division B')->'etizolam', '[null, null, null, null, null, null, null, null, null]', 'before coverage there is no count');
SELECT is(pg_temp.mentions('month 2024-05', 'division UNKNOWN'), '{"etizolam": [2, 1, 1, 2, 0, 0, 0, 0, 0]}', 'UNKNOWN');
SELECT is(pg_temp.mentions('fiscal_year 2024-04', 'force')->'etizolam', '[3, 1, 2, 3, 0, 0, 0, 0, 0]', 'the force''s year');
SELECT is(max(length(substance)), 99, 'a name is cut at 100 characters, and no space is left at its end') FROM test_substance_bi.kpi_substance_trend WHERE substance LIKE 'xxx%';

-- Shares: over the signals of the basis that say what they name. Wilson's limits of 2 of 3 with 95 %.
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
SELECT ok(named_tested = 3 AND pg_temp.near(tested_share, 2 / 3.0::float8) AND pg_temp.near(tested_share_lower, 0.2076596008020477) AND pg_temp.near(tested_share_upper, 0.9385080552796037)
          AND named_suspected = 1 AND suspected_share = 0, 'share of the tests that name etizolam: 2 of 3')
FROM test_substance_bi.kpi_substance_trend_period WHERE period_key = 'month 2024-01' AND area_key = 'division A' AND substance = 'etizolam';
SELECT ok(pg_temp.near(tested_share, 1 / 3.0::float8), 'a test that found nothing is a result')
FROM test_substance_bi.kpi_substance_trend_period WHERE period_key = 'month 2024-01' AND area_key = 'division A' AND substance = 'NONE';
SELECT ok(tested_share IS NULL AND suspected_share IS NULL AND named_tested IS NULL, 'of what is not said there is no share')
FROM test_substance_bi.kpi_substance_trend_period WHERE period_key = 'month 2024-01' AND area_key = 'division A' AND substance = 'UNKNOWN';
SELECT ok(tested_share IS NULL AND mentions = 0, 'nor where nothing was tested')
FROM test_substance_bi.kpi_substance_trend_period WHERE period_key = 'month 2024-05' AND area_key = 'division A' AND substance = 'etizolam';

-- First seen: by area, over all periods, within coverage.
SELECT results_eq($$ SELECT DISTINCT area_key::text, substance::text, to_char(first_seen_on, 'YYYY-MM-DD'), to_char(first_tested_on, 'YYYY-MM-DD')
                     FROM test_substance_bi.kpi_substance_trend_period WHERE substance IN ('street benzo', 'etizolam') ORDER BY 1, 2 $$,
    $$ VALUES ('division A', 'etizolam', '2024-01-11', '2024-01-11'), ('division A', 'street benzo', '2024-01-10', '2024-03-31'),
              ('division B', 'etizolam', '2024-04-30', '2024-04-30'), ('division UNKNOWN', 'etizolam', '2024-05-01', '2024-05-01'),
              ('force', 'etizolam', '2024-01-11', '2024-01-11'), ('force', 'street benzo', '2024-01-10', '2024-03-31'),
              ('region North', 'etizolam', '2024-01-11', '2024-01-11'), ('region North', 'street benzo', '2024-01-10', '2024-03-31') $$,
    'first seen, and first tested, in each area');

SELECT results_eq($$
    SELECT y.period_key, k.substance, sum(mentions)::bigint
    FROM test_substance_bi.kpi_substance_trend k
    JOIN test_substance_bi.dim_period m USING (period_key)
    JOIN test_substance_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1, 2 ORDER BY 1, 2 $$, $$
    SELECT period_key, substance, mentions FROM test_substance_bi.kpi_substance_trend_period WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' ORDER BY 1, 2 $$,
    'months and divisions, UNKNOWN among them, add up to the force''s years');
SELECT results_eq($$ SELECT records, counted_in_division, counted_unknown, after_as_of, outside_coverage, day_not_known
                     FROM test_substance.record_accounting WHERE source = 'substance_signal' $$,
    $$ VALUES (16::bigint, 10::bigint, 2::bigint, 1::bigint, 1::bigint, 2::bigint) $$, 'where every record was counted, or why not');

-- Corrections and deletions; refreshed twice.
UPDATE test_substance.substance_signal_record SET substances = '{bromazolam}' WHERE signal_id = 's03';
DELETE FROM test_substance.substance_signal_record WHERE signal_id = 's01';
CALL refresh('test_substance', '2024-06-15');
CALL refresh('test_substance', '2024-06-15');
SELECT is(pg_temp.mentions('month 2024-01', 'division A') - '{NONE,UNKNOWN,none,unknown}'::text[],
    '{"heroin": [1, 0, 1, 0, 1, 0, 0, 0, 0], "etizolam": [1, 0, 1, 0, 1, 0, 0, 0, 0], "bromazolam": [1, 0, 1, 0, 0, 0, 1, 0, 0], "street benzo": [0, 0, 0, 0, 0, 0, 0, 0, 0]}',
    'a corrected and a deleted record leave where they were');
SELECT ok(bool_and(first_seen_on = '2024-03-31'), 'and the substance was first seen later')
FROM test_substance_bi.kpi_substance_trend_period WHERE area_key = 'division A' AND substance = 'street benzo';

-- More than usual. Months from January 2022 on, numbered from 0. Heroin 2 and 4 times by turns, so that of any 12 months the mean is 3 and the standard
-- deviation the root of 12/11: the limit is 3 + 3.0902 * 1.0445 = 6.2276. Etizolam once a month. In month 20, September 2023, 14 of each; in month 22
-- 8 of heroin. B's records begin in the middle of January.
SELECT deploy('test_usual');
INSERT INTO test_usual.division_record (division_code, division_name, valid_from) VALUES ('A', 'Alpha', '2020-01-01'), ('B', 'Beta', '2020-01-01');
INSERT INTO test_usual.source_coverage_record (source, division_code, covered_from) VALUES ('substance_signal', 'A', '2022-01-01'), ('substance_signal', 'B', '2022-01-15');
INSERT INTO test_usual.substance_signal_record (signal_id, division_code, observed_on, kind, basis, substances)
SELECT concat_ws('-', d, m, s, n), d, (timestamp '2022-01-20' + m * interval '1 month')::date, 'seizure', 'tested', ARRAY[s]
FROM unnest('{A,B,UNKNOWN}'::text[]) AS d, generate_series(0, 24) AS m, unnest('{heroin,etizolam}'::text[]) AS s,
     generate_series(1, CASE WHEN m = 20 THEN 14 WHEN s = 'etizolam' THEN 1 WHEN m = 22 THEN 8 ELSE 2 + 2 * (m % 2) END) AS n;
INSERT INTO test_usual.substance_signal_record (signal_id, division_code, observed_on, kind, basis) VALUES ('blank', 'A', '2023-09-01', 'seizure', 'tested');
CALL refresh('test_usual', '2024-02-13');
CREATE TEMP VIEW usual AS
    SELECT (extract(year FROM p.period_start)::integer - 2022) * 12 + extract(month FROM p.period_start)::integer - 1 AS number, k.*
    FROM test_usual_bi.kpi_substance_trend_period k JOIN test_usual_bi.dim_period p USING (period_key) WHERE p.grain = 'month';
SELECT results_eq($$ SELECT number, mentions, expected, round(upper_bound::numeric, 4), alarm::integer, reason::text FROM usual WHERE area_key = 'division A' AND substance = 'heroin' AND number IN (0, 13, 14, 19, 20, 21, 22, 23) ORDER BY 1 $$,
    $$ VALUES (0, 2::bigint, NULL::float8, NULL::numeric, NULL::integer, 'history too short'), (13, 4, NULL, NULL, NULL, 'history too short'), (14, 2, 3, 6.2276, 0, NULL), (19, 4, 3, 6.2276, 0, NULL),
              (20, 14, 3, 6.2276, 1, NULL), (21, 4, 3, 6.2276, 0, NULL), (22, 8, 3, 6.2276, 0, NULL), (23, 4, NULL, NULL, NULL, 'not settled') $$,
    'the month with more than usual, beside one that is above the limit, but no more than chance makes of small counts');
SELECT ok(bool_and(reason = 'flat baseline' AND alarm IS NULL AND expected IS NULL), 'where every month had one, nothing shows how much counts vary')
FROM usual WHERE area_key = 'division A' AND substance = 'etizolam' AND number IN (20, 22);
SELECT results_eq($$ SELECT number, reason::text, alarm::integer FROM usual WHERE area_key = 'division B' AND substance = 'heroin' AND number IN (-1, 0, 1, 14, 15, 20) ORDER BY 1 $$,
    $$ VALUES (-1, 'no records', NULL::integer), (0, 'no records', NULL), (1, 'history too short', NULL), (14, 'history too short', NULL), (15, NULL, 0), (20, NULL, 1) $$,
    'history begins with the first month all of whose days have records');
SELECT results_eq($$ SELECT number, mentions, expected, alarm::integer FROM usual WHERE area_key = 'force' AND substance = 'heroin' AND number IN (20, 21) ORDER BY 1 $$,
    $$ VALUES (20, 42::bigint, 9::float8, 1), (21, 12, 9, 0) $$, 'the force, what is of no division in it');
SELECT results_eq($$ SELECT DISTINCT area_key::text, substance::text, reason::text FROM usual WHERE number = 20 AND (area_key = 'division UNKNOWN' OR substance = 'UNKNOWN') ORDER BY 1, 2 $$,
    $$ VALUES ('division A', 'UNKNOWN', 'not a substance'), ('division UNKNOWN', 'etizolam', 'not a place'), ('division UNKNOWN', 'heroin', 'not a place'), ('force', 'UNKNOWN', 'not a substance') $$,
    'UNKNOWN is neither a substance nor a place');
SELECT ok(bool_and(reason = 'months only' AND alarm IS NULL), 'only months are watched') FROM test_usual_bi.kpi_substance_trend_period WHERE period_key NOT LIKE 'month%';

SELECT is_empty($$ SELECT * FROM bi_check('test_substance') $$, 'BI tools can read it all');
SELECT is_empty($$ SELECT view_name, column_name FROM test_substance_bi.kpi_dictionary WHERE definition IS NULL $$, 'and the dictionary defines it all');
SELECT * FROM finish();
ROLLBACK;
