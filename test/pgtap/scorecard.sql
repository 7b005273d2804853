-- The scorecard: few deaths and an owner's own indicators, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(41);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_scorecard');

INSERT INTO test_scorecard.division_record (division_code, division_name, division_type, valid_from) VALUES
    ('A', 'Alpha', 'territorial', '2020-01-01'), ('B', 'Beta', 'territorial', '2020-01-01');
INSERT INTO test_scorecard.source_coverage_record (source, division_code, covered_from) VALUES
    ('drug_death', 'A', '2021-04-01'), ('drug_death', 'B', '2022-07-01'), ('direct_measure', 'A', '2020-04-01'), ('administration', 'A', '2023-04-01');
INSERT INTO test_scorecard.population_record (area_type, area_code, year, people) VALUES ('division', 'A', 2022, 100000);
-- 40 deaths in 2021/22, of which 30 reviewed; 20 in 2022/23, all reviewed; 20 in 2023/24, 19 reviewed; in the division A. One in B.
INSERT INTO test_scorecard.drug_death_record (death_id, division_code, died_on, status, reviewed_on)
SELECT 'd' || n, 'A', date '2021-05-01', 'confirmed', CASE WHEN n <= 30 THEN date '2021-06-01' END FROM generate_series(1, 40) AS n
UNION ALL SELECT 'e' || n, 'A', '2022-05-01', 'confirmed', '2022-06-01' FROM generate_series(1, 20) AS n
UNION ALL SELECT 'f' || n, 'A', '2023-05-01', 'confirmed', CASE WHEN n <= 19 THEN date '2023-06-01' END FROM generate_series(1, 20) AS n
UNION ALL SELECT 'g', 'B', '2023-05-01', 'confirmed', NULL;
-- Warnings: 10 of 20 disposals before class A could be warned for, 19 of 20 in the year after, 10 of 20 then.
INSERT INTO test_scorecard.direct_measure_record (measure_id, division_code, issued_on, offence, kind)
SELECT 'm' || y || ' ' || n, 'A', make_date(y, 5, 1), 'drug_possession',
       CASE WHEN n <= CASE y WHEN 2022 THEN 19 ELSE 10 END THEN 'recorded_police_warning' ELSE 'report_to_prosecutor' END
FROM unnest('{2020,2022,2023}'::integer[]) AS y, generate_series(1, 20) AS n;
-- A response of exactly 7 minutes of 1, in a category with a target.
INSERT INTO test_scorecard.administration_record (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, ambulance_category_first,
    clock, ambulance_called_at, ambulance_clock_started_at, ambulance_attended, ambulance_arrived_at)
VALUES ('a1', 'i1', 1, 'A', '2023-05-01 12:00:00+00', 'Purple', 'acuity_assigned', '2023-05-01 12:00:00+00', '2023-05-01 12:01:00+00', true, '2023-05-01 12:08:00+00');
INSERT INTO test_scorecard.target (indicator, area_key, valid_from, valid_to, statistic, value) VALUES
    ('drug_deaths_reviewed', NULL, '2021-01-01', NULL, 'share', 0.9),
    ('drug_deaths_reviewed', 'division A', '2022-04-01', '2023-03-31', 'share', 0.5),
    ('drug_deaths_reviewed', 'division A', '2023-05-01', NULL, 'share', 0.7),
    ('drug_deaths', NULL, '2021-01-01', NULL, 'rate', 30),
    ('recorded_police_warning', NULL, '2020-01-01', NULL, 'share', 0.8);

-- Of deaths reviewed the older year has had longer, so by default it is not compared; here it may be.
CALL refresh('test_scorecard', '2024-06-15');
SELECT is(count(k.direction), 0::bigint, 'what has had longer to come about is not compared') FROM test_scorecard_bi.kpi_scorecard k WHERE k.indicator_key = 'drug_deaths_reviewed share';
UPDATE test_scorecard.indicator SET is_comparable = true;
CALL refresh('test_scorecard', '2024-06-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_scorecard.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.row_of(key text, year integer, area text, category text DEFAULT 'NONE') RETURNS test_scorecard_bi.kpi_scorecard LANGUAGE sql AS $$
    SELECT k FROM test_scorecard_bi.kpi_scorecard k
    WHERE indicator_key = key AND period_key = format('fiscal_year %s-04', year) AND area_key = area AND ambulance_category = category $$;
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;

-- The catalogue.
SELECT is(count(*), 0::bigint, 'every indicator has a row in every period and area') FROM test_scorecard.indicator i CROSS JOIN test_scorecard.area_period ap
WHERE ap.source = 'administration' AND NOT EXISTS (SELECT FROM test_scorecard.scorecard s
    WHERE s.identifier = i.identifier AND s.statistic = i.statistic AND s.period_key = ap.period_key AND s.area_key = ap.area_key);
SELECT is_empty($$ SELECT identifier FROM test_scorecard.indicator_value EXCEPT SELECT identifier FROM test_scorecard.indicator $$, 'every figure is in the catalogue');
SELECT is_empty($$ SELECT indicator_key, period_key, area_key FROM test_scorecard_bi.kpi_scorecard WHERE (value IS NULL) <> (reason_missing IS NOT NULL) $$,
                'there is a figure or a reason');

-- A share, higher is better: 30 of 40 against 90 %.
SELECT ok(k.title = 'Drug deaths reviewed' AND k.numerator = 30 AND k.denominator = 40 AND k.value = 0.75 AND k.interval_text = '0.598 to 0.858' AND k.target = 0.9
          AND pg_temp.near(k.pct_of_target, 75 / 0.9) AND k.target_met = 0 AND k.value_year_before IS NULL AND k.direction IS NULL, 'a share below its target; no year before')
FROM pg_temp.row_of('drug_deaths_reviewed share', 2021, 'division A') k;
SELECT ok(k.value = 1 AND k.target = 0.5 AND k.pct_of_target = 200 AND k.target_met = 1 AND k.value_year_before = 0.75, 'an area''s own target goes first')
FROM pg_temp.row_of('drug_deaths_reviewed share', 2022, 'division A') k;
-- Wilson: 20 of 20 is 0.8389 to 1; 30 of 40 is 0.5981 to 0.8581. The difference of 0.25 is at least 0.25 - sqrt(0.1611^2 + 0.1081^2) = 0.056.
SELECT is(k.direction::text, 'better', 'clearly better than the year before') FROM pg_temp.row_of('drug_deaths_reviewed share', 2022, 'division A') k;
-- 19 of 20 is 0.7639 to 0.9911: the difference of -0.05 may be 0.07 upwards.
SELECT ok(k.direction = 'no clear change' AND k.value_year_before = 1, '19 of 20 after 20 of 20 is no clear change') FROM pg_temp.row_of('drug_deaths_reviewed share', 2023, 'division A') k;
SELECT is(k.target::float8, 0.9::float8, 'a target that begins in the period does not hold for it') FROM pg_temp.row_of('drug_deaths_reviewed share', 2023, 'division A') k;
SELECT ok(k.value_year_before IS NULL AND k.direction IS NULL AND k.value = 0, 'nothing is compared with a year without records for all of it')
FROM pg_temp.row_of('drug_deaths_reviewed share', 2023, 'division B') k;
SELECT ok(k.value IS NULL AND k.reason_missing = 'nothing to count it of' AND k.target = 0.9 AND k.target_met IS NULL, 'of nothing there is no share')
FROM pg_temp.row_of('drug_deaths_reviewed share', 2022, 'division B') k;
SELECT is(k.reason_missing::text, 'no records', 'without records none') FROM pg_temp.row_of('drug_deaths_reviewed share', 2021, 'division B') k;
SELECT ok(k.value IS NULL AND k.reason_missing = 'nothing to count it of' AND k.direction IS NULL, 'a period that is not settled is compared with nothing')
FROM pg_temp.row_of('drug_deaths_reviewed share', 2024, 'division A') k;

-- A rate, lower is better: 40 deaths in 100,000 people and 365 days, against 30; then 20.
SELECT ok(pg_temp.near(k.value, 40 * 365.25 / 365) AND pg_temp.near(k.pct_of_target, 3000 / (40 * 365.25 / 365)) AND k.target_met = 0, 'a rate above its target, where lower is better')
FROM pg_temp.row_of('drug_deaths rate', 2021, 'division A') k;
SELECT ok(k.target_met = 1 AND k.pct_of_target > 100 AND k.direction = 'better', 'half as many deaths: better') FROM pg_temp.row_of('drug_deaths rate', 2022, 'division A') k;
SELECT ok(k.direction = 'no clear change' AND pg_temp.near(k.value_year_before, 20 * 365.25 / 365), 'as many deaths: no clear change') FROM pg_temp.row_of('drug_deaths rate', 2023, 'division A') k;
SELECT is(k.reason_missing::text, 'what to count it of is not known', 'without a population there is no rate') FROM pg_temp.row_of('drug_deaths rate', 2023, 'division B') k;
SELECT is(count(*), 0::bigint, 'UNKNOWN gets neither better nor worse') FROM test_scorecard_bi.kpi_scorecard WHERE area_key = 'division UNKNOWN' AND direction IS NOT NULL;

-- Neither way is better: no target is met, and what differs is different.
SELECT ok(k.value = 0.5 AND k.target_met IS NULL AND pg_temp.near(k.pct_of_target, 62.5) AND k.direction = 'different', 'neutral: different')
FROM pg_temp.row_of('recorded_police_warning share', 2023, 'division A') k;
SELECT ok(k.value = 0.95 AND k.value_year_before IS NULL AND k.direction IS NULL, 'after a year of nothing there is nothing to compare') FROM pg_temp.row_of('recorded_police_warning share', 2022, 'division A') k;
INSERT INTO test_scorecard.direct_measure_record (measure_id, division_code, issued_on, offence, kind)
SELECT 'n' || n, 'A', date '2021-05-01', 'drug_possession', 'report_to_prosecutor' FROM generate_series(1, 20) AS n;
CALL refresh('test_scorecard', '2024-06-15');
SELECT ok(k.value = 0 AND k.value_year_before IS NULL AND k.direction IS NULL, 'nothing is compared across a change of policy in the later year')
FROM pg_temp.row_of('recorded_police_warning share', 2021, 'division A') k;
SELECT ok(k.value = 0.95 AND k.value_year_before IS NULL AND k.direction IS NULL, 'nor in the earlier') FROM pg_temp.row_of('recorded_police_warning share', 2022, 'division A') k;

-- Ambulances: by category and clock, as their targets are.
SELECT ok(k.value = 7 AND k.target = 7 AND k.pct_of_target = 100 AND k.target_met = 1 AND k.clock = 'acuity_assigned' AND k.denominator = 1 AND k.numerator IS NULL AND k.lower IS NULL,
          'a median as long as its target meets it') FROM pg_temp.row_of('ambulance_response median', 2023, 'division A', 'Purple') k;
SELECT ok(k.value = 7 AND k.target = 20 AND pg_temp.near(k.pct_of_target, 2000 / 7.0), 'the 95th percentile has its own') FROM pg_temp.row_of('ambulance_response percentile_95', 2023, 'division A', 'Purple') k;
SELECT ok(k.value = 7 AND k.target IS NULL, 'all categories together have none') FROM pg_temp.row_of('ambulance_response median', 2023, 'division A', 'ALL') k;

-- The headline question.
INSERT INTO test_scorecard.source_coverage_record (source, division_code, covered_from) VALUES ('survey_response', 'A', '2021-04-01');
INSERT INTO test_scorecard.survey_question VALUES ('s', 'q', 1, 5, 4, false, true);
INSERT INTO test_scorecard.survey_response_record (survey, wave, division_code, answered_on, question, score)
SELECT 's', w, 'A', make_date(2023, 5, 1), q, CASE WHEN w = 'after' AND n <= 7 THEN 5 ELSE 1 END
FROM unnest('{before,after}'::text[]) AS w, unnest('{q,another}'::text[]) AS q, generate_series(1, 10) AS n
UNION ALL SELECT 's', 'follow_up', 'A', '2022-05-01', 'q', 5 FROM generate_series(1, 9);
CALL refresh('test_scorecard', '2024-06-15');
SELECT ok(k.value = 0.7 AND k.numerator = 7 AND k.denominator = 10, 'the headline question in the latest wave: 7 of 10') FROM pg_temp.row_of('attitudes share', 2023, 'division A') k;
SELECT is(k.reason_missing::text, 'fewer than 10 respondents', 'what nine said is not told') FROM pg_temp.row_of('attitudes share', 2022, 'division A') k;
SELECT is(k.reason_missing::text, 'no figure is given', 'where nobody was asked there is nothing to tell') FROM pg_temp.row_of('attitudes share', 2021, 'division A') k;
SELECT is(k.reason_missing::text, 'no figure is given', 'nor of what no view speaks of') FROM pg_temp.row_of('programme_funding_status share', 2023, 'force') k;

-- The owner's own: figures good and bad.
INSERT INTO test_scorecard.indicator (identifier, statistic, kpi, title, question, unit, better, decimals) VALUES
    ('families', 'share', 'families', 'Families supported', 'Are families helped?', 'share, 0 to 1', 'higher', 2),
    ('drug_deaths', 'count', 'own', 'Deaths counted elsewhere', 'How many?', 'deaths', 'lower', 0);
INSERT INTO test_scorecard.target (indicator, valid_from, statistic, value) VALUES ('families', '2020-01-01', 'share', 0.5);
SELECT throws_ok($$ INSERT INTO test_scorecard.target (indicator, valid_from, statistic, value) VALUES ('drug_deaths', '2020-01-01', 'count', 'NaN') $$, '23514', NULL, 'NaN is no target');
CREATE TABLE test_scorecard.own_figures AS SELECT * FROM test_scorecard.own_indicator_value;
CREATE OR REPLACE VIEW test_scorecard.own_indicator_value AS SELECT * FROM test_scorecard.own_figures;
INSERT INTO test_scorecard.own_figures VALUES
    ('families', 'share', 'fiscal_year 2022-04', 'force', 20, 100, 0.2, 0.15, 0.25, true, NULL),
    ('families', 'share', 'fiscal_year 2023-04', 'force', 60, 100, 0.6, 0.55, 0.65, true, NULL),
    -- Twice; nothing that can be counted with; a reason; a place, period and indicator that nobody knows.
    ('families', 'share', 'fiscal_year 2023-04', 'division A', 1, 2, 0.5, 0.1, 0.9, true, NULL),
    ('families', 'share', 'fiscal_year 2023-04', 'division A', 1, 2, 0.5, 0.1, 0.9, true, NULL),
    ('families', 'share', 'fiscal_year 2022-04', 'division A', 'NaN', 'Infinity', '-Infinity', 1e300, 1e-300, true, NULL),
    ('families', 'share', 'fiscal_year 2021-04', 'force', NULL, NULL, NULL, NULL, NULL, NULL, 'not asked yet'),
    ('families', 'share', 'fiscal_year 2023-04', 'division ZZ', 1, 2, 0.5, 0.1, 0.9, true, NULL),
    ('families', 'share', 'fiscal_year 1823-04', 'force', 1, 2, 0.5, 0.1, 0.9, true, NULL),
    ('nobody''s', 'share', 'fiscal_year 2023-04', 'force', 1, 2, 0.5, 0.1, 0.9, true, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('drug_deaths', 'count', 'fiscal_year 2023-04', 'force', NULL, NULL, 0, NULL, NULL, true, NULL),
    ('drug_deaths', 'rate', 'fiscal_year 2023-04', 'division A', NULL, NULL, 1, NULL, NULL, true, NULL);
CALL refresh('test_scorecard', '2024-06-15');
SELECT is(count(*), 0::bigint, 'no figure makes the refresh fail') FROM test_scorecard.refresh_log WHERE mode = 'failed';
SELECT ok(k.value = 0.6 AND k.interval_text = '0.55 to 0.65' AND k.target_met = 1 AND pg_temp.near(k.pct_of_target, 120) AND k.value_year_before = 0.2 AND k.direction = 'better',
          'the owner''s figures follow the same rules') FROM pg_temp.row_of('families share', 2023, 'force') k;
SELECT ok(k.value IS NULL AND k.lower IS NULL AND k.numerator IS NULL AND k.reason_missing = 'given more than once', 'of two figures neither is shown') FROM pg_temp.row_of('families share', 2023, 'division A') k;
SELECT ok(k.value IS NULL AND k.lower IS NULL AND k.upper IS NULL AND k.numerator IS NULL AND k.reason_missing = 'no records', 'what is no number is no figure') FROM pg_temp.row_of('families share', 2022, 'division A') k;
SELECT is(k.reason_missing::text, 'not asked yet', 'the owner''s own reason') FROM pg_temp.row_of('families share', 2021, 'force') k;
SELECT is(count(*), 0::bigint, 'what nobody knows has no row') FROM test_scorecard.scorecard WHERE identifier = 'nobody''s' OR area_key = 'division ZZ' OR period_key = 'fiscal_year 1823-04';
SELECT ok(k.value = 0 AND k.target IS NULL AND k.target_met IS NULL AND k.pct_of_target IS NULL AND k.interval_text IS NULL, 'another statistic of an indicator; a target that is no number')
FROM pg_temp.row_of('drug_deaths count', 2023, 'force') k;
SELECT is(k.reason_missing::text, 'given more than once', 'whoever gives a shipped indicator''s figure again loses both') FROM pg_temp.row_of('drug_deaths rate', 2023, 'division A') k;

SELECT is_empty($$ SELECT * FROM bi_check('test_scorecard') $$, 'BI tools can read it all');
SELECT is_empty($$ SELECT view_name, column_name FROM test_scorecard_bi.kpi_dictionary WHERE definition IS NULL $$, 'and the dictionary defines it all');
SELECT * FROM finish();
ROLLBACK;
