-- The KPI attitudes: a few answers, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(33);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_attitudes');

INSERT INTO test_attitudes.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30');
INSERT INTO test_attitudes.source_coverage_record (source, division_code, covered_from) VALUES
    ('survey_response', 'A', '2024-01-01'), ('survey_response', 'B', '2024-02-01');
INSERT INTO test_attitudes.survey_question (survey, question, lowest, highest, favourable_from, is_reversed) VALUES
    ('s', 'reversed', 1, 5, 2, true), ('s', 'ten', 0, 10, 7, false), ('other', '*', 1, 7, 6, false);

-- Before: twelve people in two groups, in January; eleven answered a second time, one of them twice, in April.
INSERT INTO test_attitudes.survey_response_record (survey, wave, respondent_group, respondent_key, division_code, answered_on, question, score)
SELECT 's', 'before', CASE WHEN n <= 10 THEN 'response' ELSE 'custody' END, 'r' || n, 'A', date '2024-01-10', 'plain', (ARRAY[1,1,2,2,2,3,3,3,4,4,5,5])[n]
FROM generate_series(1, 12) AS n
UNION ALL
SELECT 's', 'after', CASE WHEN n <= 10 THEN 'response' ELSE 'custody' END, 'r' || n, 'A', date '2024-04-10', 'plain', (ARRAY[3,3,3,3,3,4,4,4,4,4,3])[n]
FROM generate_series(1, 11) AS n
UNION ALL VALUES
    -- The first answer of the later wave counts in the pair, the second one in the month's answers.
    ('s', 'after', 'response', 'r1', 'A', date '2024-04-11', 'plain', 5),
    -- Not paired: an answer after nothing, one after which the "before" comes, another question.
    ('s', 'after', 'response', 'new', 'A', '2024-04-12', 'plain', 4),
    ('s', 'after', 'response', 'late', 'A', '2024-04-12', 'plain', 4),
    ('s', 'before', 'response', 'late', 'A', '2024-04-13', 'plain', 4),
    ('s', 'after', 'response', 'r1', 'A', '2024-04-10', 'unpaired', 4),
    -- The last of two before counts in the pair; on one day, what came before is before.
    ('s', 'before', 'response', 'r1', 'A', '2024-01-20', 'twice', 1),
    ('s', 'before', 'response', 'r1', 'A', '2024-01-21', 'twice', 2),
    ('s', 'follow_up', 'response', 'r1', 'A', '2024-01-21', 'twice', 5);
-- Ten people each on other scales; without keys; in no group, and in one that says ALL.
INSERT INTO test_attitudes.survey_response_record (survey, wave, respondent_group, division_code, answered_on, question, score)
SELECT 's', 'before', nullif(g, 'none'), 'B', date '2024-02-01', q, s
FROM (VALUES ('reversed', 'none', '{1,1,2,2,2,3,3,4,5,5}'::smallint[]), ('ten', 'ALL', '{0,5,7,10,11,-1,NULL,7,7,6,10,10}'), ('plain', 'x', '{9}')) AS v (q, g, scores), unnest(scores) AS s;
INSERT INTO test_attitudes.survey_response_record (survey, wave, respondent_group, division_code, answered_on, question, score)
SELECT 'other', 'pilot', 'x', 'A', date '2024-02-01', repeat('q', 3000), s FROM unnest('{1,2,3,4,5,6,7,6,7,5}'::smallint[]) AS s;
-- The day after a division ended; without one; after the refresh; before coverage; never.
INSERT INTO test_attitudes.survey_response_record (survey, wave, respondent_group, respondent_key, division_code, answered_on, question, score) VALUES
    ('t', 'before', 'x', 'k', 'B', '2024-05-01', 'plain', 3), ('t', 'before', 'x', 'k', NULL, '2024-05-02', 'plain', 4),
    ('t', 'before', 'x', 'k', 'A', '2024-06-16', 'plain', 3), ('t', 'before', 'x', 'k', 'B', '2024-01-31', 'plain', 3),
    ('t', 'before', 'x', 'k', 'A', 'infinity', 'plain', 3), ('t', 'before', 'x', 'k', 'A', '-infinity', 'plain', 3);
-- Themes: of twelve people, and of three.
INSERT INTO test_attitudes.survey_response_record (survey, wave, respondent_group, respondent_key, division_code, answered_on, question, theme)
SELECT 's', 'before', 'x', 'w' || n, 'A', date '2024-02-10', 'open', CASE WHEN n <= 8 THEN 'training' ELSE 'time' END FROM generate_series(1, 12) AS n
UNION ALL
SELECT 's', 'before', 'x', 'w' || n, 'B', date '2024-03-10', 'open', CASE n WHEN 1 THEN 'stigma' ELSE 'time' END FROM generate_series(1, 3) AS n;

CALL refresh('test_attitudes', '2024-06-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere, infinite days or not') FROM test_attitudes.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.row_of(period text, area text, s text, q text, w text, g text) RETURNS test_attitudes_bi.kpi_attitudes_period LANGUAGE sql AS $$
    SELECT k FROM test_attitudes_bi.kpi_attitudes_period k
    WHERE period_key = period AND area_key = area AND survey = s AND question = q AND wave = w AND respondent_group = g $$;
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;

-- Before: scores of 1,1,2,2,2,3,3,3,4,4,5,5: their sum is 35, of squares 123; favourable are 4 and 5.
SELECT ok(k.responses = 12 AND k.respondents = 12 AND k.scored = 12 AND k.out_of_scale = 0 AND pg_temp.near(k.mean_score, 35 / 12.0::float8)
          AND pg_temp.near(k.score_sd, sqrt((123 - 35 * 35 / 12.0::float8) / 11)) AND k.favourable = 4 AND k.better_score = 'higher'
          AND k.paired IS NULL AND k.mean_change IS NULL AND k.reason_hidden IS NULL, 'before: all groups')
FROM pg_temp.row_of('month 2024-01', 'division A', 's', 'plain', 'before', 'ALL') k;
SELECT ok(k.respondents = 10 AND pg_temp.near(k.mean_score, 2.5) AND k.favourable = 2 AND pg_temp.near(k.favourable_share, 0.2)
          AND pg_temp.near(k.favourable_share_lower, 0.05668215145437507) AND pg_temp.near(k.favourable_share_upper, 0.5098375284633543),
          'ten people are shown: 2 of 10 favourable, with Wilson''s interval')
FROM pg_temp.row_of('month 2024-01', 'division A', 's', 'plain', 'before', 'response') k;
SELECT ok(k.responses = 2 AND k.respondents = 2 AND k.mean_score IS NULL AND k.score_sd IS NULL AND k.favourable IS NULL AND k.favourable_share IS NULL
          AND k.reason_hidden = 'fewer than 10 respondents', 'what two people said is hidden, not that they did')
FROM pg_temp.row_of('month 2024-01', 'division A', 's', 'plain', 'before', 'custody') k;

-- After: 14 answers of 13 people. Pairs of 11: changes 2,2,1,1,1,1,1,1,0,0,-2, whose sum is 8, of squares 18.
SELECT ok(k.responses = 14 AND k.respondents = 13 AND pg_temp.near(k.mean_score, 51 / 14.0::float8) AND k.favourable = 8,
          'after: answers are counted, people once')
FROM pg_temp.row_of('month 2024-04', 'division A', 's', 'plain', 'after', 'ALL') k;
SELECT ok(k.paired = 11 AND pg_temp.near(k.mean_change, 8 / 11.0::float8) AND pg_temp.near(k.change_sd, sqrt((18 - 64 / 11.0::float8) / 10)),
          'paired: the first later answer against the last before it')
FROM pg_temp.row_of('month 2024-04', 'division A', 's', 'plain', 'after', 'ALL') k;
SELECT ok(k.paired = 10 AND pg_temp.near(k.mean_change, 1) AND k.reason_hidden IS NULL, 'ten pairs of a group are shown')
FROM pg_temp.row_of('month 2024-04', 'division A', 's', 'plain', 'after', 'response') k;
SELECT ok(k.paired = 1 AND k.mean_change IS NULL, 'one is not')
FROM pg_temp.row_of('month 2024-04', 'division A', 's', 'plain', 'after', 'custody') k;
SELECT ok(k.paired = 11 AND k.responses = 14, 'in the force''s year too') FROM pg_temp.row_of('fiscal_year 2024-04', 'force', 's', 'plain', 'after', 'ALL') k;
SELECT results_eq($$ SELECT change FROM test_attitudes.survey_pair WHERE question = 'twice' $$, ARRAY[3],
                  'two answers before: the last, even on the same day');
SELECT is(k.paired, 0::bigint, 'an answer that has none before it is no pair') FROM pg_temp.row_of('month 2024-04', 'division A', 's', 'unpaired', 'after', 'ALL') k;

-- Scales.
SELECT ok(k.favourable = 5 AND pg_temp.near(k.mean_score, 2.8) AND k.better_score = 'lower' AND k.respondents = 10, 'reversed: 1 and 2 are favourable; scores stay as they were given; no group')
FROM pg_temp.row_of('month 2024-02', 'division B', 's', 'reversed', 'before', 'UNKNOWN') k;
SELECT ok(k.responses = 12 AND k.scored = 9 AND k.out_of_scale = 2 AND k.mean_score IS NULL AND k.reason_hidden = 'fewer than 10 respondents',
          'scores off the scale, and none, are none: nine are left')
FROM pg_temp.row_of('month 2024-02', 'division B', 's', 'ten', 'before', 'ALL') k;
SELECT is(k.responses, 12::bigint, 'a group that says ALL is in UNKNOWN') FROM pg_temp.row_of('month 2024-02', 'division B', 's', 'ten', 'before', 'UNKNOWN') k;
SELECT ok(k.scored = 0 AND k.out_of_scale = 1 AND k.reason_hidden IS NULL, 'where there is no score there is nothing to hide')
FROM pg_temp.row_of('month 2024-02', 'division B', 's', 'plain', 'before', 'ALL') k;
SELECT ok(k.favourable = 4 AND k.paired IS NULL, 'a survey''s own scale; a wave that is none of the three; a question of 3,000 characters')
FROM pg_temp.row_of('month 2024-02', 'division A', 'other', repeat('q', 250), 'UNKNOWN', 'x') k;

-- Where and when.
SELECT ok(k.responses = 2 AND k.respondents = 1, 'a division the day after it ended, and none: UNKNOWN') FROM pg_temp.row_of('month 2024-05', 'division UNKNOWN', 't', 'plain', 'before', 'ALL') k;
SELECT is(count(*), 1::bigint, 'nothing is counted after the refresh, before coverage or without a day') FROM test_attitudes_bi.kpi_attitudes WHERE survey = 't';
SELECT is(count(*), 0::bigint, 'where nobody answered there is no row') FROM test_attitudes_bi.kpi_attitudes_period WHERE period_key = 'month 2024-03' AND question = 'plain';
SELECT results_eq($$ SELECT records, counted_in_division, counted_unknown, after_as_of, outside_coverage, day_not_known FROM test_attitudes.record_accounting WHERE source = 'survey_response' $$,
    $$ VALUES (85::bigint, 79::bigint, 2::bigint, 1::bigint, 1::bigint, 2::bigint) $$, 'where every record was counted, or why not');
SELECT results_eq($$
    SELECT y.period_key, k.question, k.wave, sum(responses)::bigint, sum(scored)::bigint, sum(out_of_scale)::bigint
    FROM test_attitudes_bi.kpi_attitudes k
    JOIN test_attitudes_bi.dim_period m USING (period_key)
    JOIN test_attitudes_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$, $$
    SELECT period_key, question, wave, sum(responses)::bigint, sum(scored)::bigint, sum(out_of_scale)::bigint FROM test_attitudes_bi.kpi_attitudes_period
    WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' AND respondent_group = 'ALL' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$,
    'months, divisions and groups add up to the force''s years');

-- Themes.
SELECT results_eq($$ SELECT theme::text, coded, respondents_coded, mentions, reason_hidden::text FROM test_attitudes_bi.kpi_attitudes_theme
                     WHERE period_key = 'month 2024-02' AND area_key = 'division A' ORDER BY 1 $$,
    $$ VALUES ('time', 12::bigint, 12::bigint, 4::bigint, NULL), ('training', 12, 12, 8, NULL) $$, 'themes of twelve people');
SELECT results_eq($$ SELECT theme::text, coded, respondents_coded, mentions, reason_hidden::text FROM test_attitudes_bi.kpi_attitudes_theme
                     WHERE period_key = 'month 2024-03' AND area_key = 'division B' $$,
    $$ VALUES ('HIDDEN', 3::bigint, 3::bigint, NULL::bigint, 'fewer than 10 respondents') $$, 'of three not even the themes');
SELECT results_eq($$ SELECT theme::text, coded, respondents_coded, mentions FROM test_attitudes_bi.kpi_attitudes_theme
                     WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force' ORDER BY 1 $$,
    $$ VALUES ('stigma', 15::bigint, 12::bigint, 1::bigint), ('time', 15, 12, 6), ('training', 15, 12, 8) $$, 'over the year twelve people wrote fifteen answers');
SELECT ok(k.scored = 0 AND k.mean_score IS NULL AND k.reason_hidden IS NULL, 'an open question has no score') FROM pg_temp.row_of('month 2024-02', 'division A', 's', 'open', 'before', 'ALL') k;

-- Another scale, a correction, a deletion; refreshed twice.
UPDATE test_attitudes.survey_question SET favourable_from = 3 WHERE survey = '*';
UPDATE test_attitudes.survey_response_record SET score = 1 WHERE respondent_key = 'r11' AND wave = 'before' AND question = 'plain';
DELETE FROM test_attitudes.survey_response_record WHERE respondent_key = 'r1' AND answered_on = '2024-04-10' AND question = 'plain';
CALL refresh('test_attitudes', '2024-06-15');
CALL refresh('test_attitudes', '2024-06-15');
SELECT is(k.favourable, 6::bigint, 'three and over are favourable now, of one score fewer') FROM pg_temp.row_of('month 2024-01', 'division A', 's', 'plain', 'before', 'ALL') k;
-- The changes are 4,2,1,1,1,1,1,1,0,0,2 now: without their first answer r1 has the second.
SELECT ok(k.paired = 11 AND pg_temp.near(k.mean_change, 14 / 11.0::float8), 'a pair follows its records') FROM pg_temp.row_of('month 2024-04', 'division A', 's', 'plain', 'after', 'ALL') k;
DELETE FROM test_attitudes.survey_question;
CALL refresh('test_attitudes', '2024-06-15');
SELECT ok(k.favourable IS NULL AND k.favourable_share IS NULL AND k.better_score IS NULL AND pg_temp.near(k.mean_score, 31 / 12.0::float8), 'without a scale nothing is favourable')
FROM pg_temp.row_of('month 2024-01', 'division A', 's', 'plain', 'before', 'ALL') k;

SELECT throws_ok($$ INSERT INTO test_attitudes.survey_question VALUES ('s', 'plain', 1, 5, 6) $$, '23514', NULL, 'what is favourable is on the scale');
SELECT throws_ok($$ INSERT INTO test_attitudes.survey_question VALUES ('s', 'plain', 5, 1, 3) $$, '23514', NULL, 'and the scale goes up');
SELECT throws_ok($$ INSERT INTO test_attitudes.survey_question VALUES ('s', 'plain', 1, 5, 4, false, true), ('s', 'ten', 0, 10, 7, false, true) $$, '23505', NULL, 'there is one headline');
SELECT is_empty($$ SELECT * FROM bi_check('test_attitudes') $$, 'BI tools can read it all');
SELECT is_empty($$ SELECT view_name, column_name FROM test_attitudes_bi.kpi_dictionary WHERE definition IS NULL $$, 'and the dictionary defines it all');
SELECT * FROM finish();
ROLLBACK;
