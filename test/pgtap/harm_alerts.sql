-- Alerts: thresholds, kits past their expiry, ambulances later to the police, a division worse than the other; every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(31);

SELECT deploy('test_alerts');
INSERT INTO test_alerts.division_record (division_code, division_name, valid_from) VALUES ('A', 'Alpha', '2022-01-01'), ('B', 'Beta', '2022-01-01');
INSERT INTO test_alerts.source_coverage_record (source, division_code, covered_from)
SELECT source, d, '2023-04-01' FROM unnest(ARRAY['administration', 'referral_event', 'kit_movement', 'ambulance_activation']) AS source, unnest(ARRAY['A', 'B']) AS d;

-- Shares of those who survived. A: 1 of 2 in April, 2 of 2 in May, 1 of 2 in June, 1 of 2 in July; B: 2 of 2 in April, 1 of 4 in July.
INSERT INTO test_alerts.administration_record (administration_id, incident_id, incident_division_code, occurred_at, survival, survival_as_at)
SELECT d || month || n, d || month || n, d, make_timestamptz(2023, month, 10, 12, 0, 0, 'UTC'), survival, 'handover'
FROM (VALUES ('A', 4, 1, 'survived'), ('A', 4, 2, 'died'), ('A', 5, 1, 'survived'), ('A', 5, 2, 'survived'), ('A', 6, 1, 'survived'), ('A', 6, 2, 'died'),
             ('A', 7, 1, 'survived'), ('A', 7, 2, 'died'), ('B', 4, 1, 'survived'), ('B', 4, 2, 'survived'), ('B', 7, 1, 'survived'), ('B', 7, 2, 'died'), ('B', 7, 3, 'died'), ('B', 7, 4, 'died'))
     AS a (d, month, n, survival);
CALL refresh('test_alerts', '2023-08-10');
SELECT is_empty($$ SELECT * FROM test_alerts_bi.kpi_harm_alerts_period $$, 'without thresholds there are no alerts');

-- Half or fewer anywhere, but in B only a quarter or fewer; and, from above, all.
INSERT INTO test_alerts.alert_threshold (identifier, statistic, area_key, at_most) VALUES ('survived_after_naloxone', 'share', NULL, 0.5), ('survived_after_naloxone', 'share', 'division B', 0.25);
INSERT INTO test_alerts.alert_threshold (identifier, statistic, area_key, at_least) VALUES ('survived_after_naloxone', 'share', 'division A', 1);
CALL refresh('test_alerts', '2023-10-31');
SELECT results_eq($$ SELECT period_key::text, alert::text, value, threshold, to_char(first_seen, 'MM-DD'), to_char(last_seen, 'MM-DD'), is_current::integer
                     FROM test_alerts_bi.kpi_harm_alerts_period WHERE area_key = 'division A' ORDER BY 2, 1 $$,
    $$ VALUES ('month 2023-05', 'survived_after_naloxone share high', 1::float8, 1::float8, '05-01', '05-31', 0),
              ('month 2023-04', 'survived_after_naloxone share low', 0.5, 0.5, '04-01', '04-30', 0),
              ('month 2023-06', 'survived_after_naloxone share low', 0.5, 0.5, '06-01', '07-31', 0),
              ('month 2023-07', 'survived_after_naloxone share low', 0.5, 0.5, '06-01', '07-31', 1) $$,
    'each spell of months has its first and last day, and a break ends it');
SELECT results_eq($$ SELECT period_key::text, value, threshold FROM test_alerts_bi.kpi_harm_alerts_period WHERE area_key = 'division B' ORDER BY 1 $$,
    $$ VALUES ('month 2023-07', 0.25::float8, 0.25::float8) $$, 'an area''s own threshold goes before everywhere''s');
SELECT is_empty($$ SELECT * FROM test_alerts_bi.kpi_harm_alerts_period WHERE period_key NOT LIKE 'month%' $$, 'a threshold holds for its grain');
SELECT is((SELECT is_current FROM test_alerts_bi.kpi_harm_alerts_period WHERE area_key = 'force' AND period_key = 'month 2023-07'), 1::smallint, 'the force has its own alerts: 2 of 6 in July');

-- Low figures of months that are not settled are not held against a threshold; high ones are, once the month has ended.
CALL refresh('test_alerts', '2023-08-10');
SELECT results_eq($$ SELECT period_key::text FROM test_alerts_bi.kpi_harm_alerts_period WHERE area_key = 'division A' AND alert LIKE '%low' ORDER BY 1 $$, $$ VALUES ('month 2023-04') $$,
    'as of 10 August neither June nor July is settled');
DELETE FROM test_alerts.alert_threshold WHERE at_most IS NOT NULL;
UPDATE test_alerts.alert_threshold SET at_least = 0.5;
CALL refresh('test_alerts', '2023-07-30');
SELECT is((SELECT string_agg(period_key, ' ' ORDER BY period_key) FROM test_alerts_bi.kpi_harm_alerts_period WHERE area_key = 'division A'), 'month 2023-04 month 2023-05 month 2023-06', 'a month that has not ended has no alert');
CALL refresh('test_alerts', '2023-07-31');
SELECT is((SELECT string_agg(period_key, ' ' ORDER BY period_key) FROM test_alerts_bi.kpi_harm_alerts_period WHERE area_key = 'division A'), 'month 2023-04 month 2023-05 month 2023-06 month 2023-07', 'one that has ended may');
SELECT results_eq($$ SELECT period_key::text, area_key::text, alert_kind::text, alerts FROM test_alerts_bi.kpi_harm_alerts ORDER BY 1, 2 $$,
    $$ VALUES ('month 2023-04', 'division A', 'threshold', 1::bigint), ('month 2023-05', 'division A', 'threshold', 1), ('month 2023-06', 'division A', 'threshold', 1), ('month 2023-07', 'division A', 'threshold', 1) $$,
    'by month and division they are counted');

-- What a threshold may be.
SELECT throws_ok($$ INSERT INTO test_alerts.alert_threshold (identifier, statistic) VALUES ('x', 'share') $$, '23514', NULL, 'a threshold without a figure');
SELECT throws_ok($$ INSERT INTO test_alerts.alert_threshold (identifier, statistic, at_least, at_most) VALUES ('x', 'share', 1, 2) $$, '23514', NULL, 'one with two');
SELECT throws_ok($$ INSERT INTO test_alerts.alert_threshold (identifier, statistic, grain, at_least) VALUES ('x', 'share', 'week', 1) $$, '23514', NULL, 'one for weeks');
SELECT throws_ok($$ INSERT INTO test_alerts.alert_threshold (identifier, statistic, area_key, at_least) VALUES ('survived_after_naloxone', 'share', 'division A', 2) $$, '23505', NULL, 'a second one for the same');

-- Kits: 10 are counted in A's store in April, of which 4 expire on 15 May; in June they are taken out.
INSERT INTO test_alerts.kit_movement_record (division_code, moved_at, movement, kits, batch, expires_on) VALUES
    ('A', '2023-04-03 12:00+00', 'counted', 6, 'new', '2026-01-01'), ('A', '2023-04-03 12:00+00', 'counted', 4, 'old', '2023-05-15'),
    ('A', '2023-06-20 12:00+00', 'expired', 4, 'old', '2023-05-15');
INSERT INTO test_alerts.kit_movement_record (division_code, moved_at, movement, kits, officer_key) VALUES ('A', '2023-04-03 12:00+00', 'counted', 0, 'officer');
CALL refresh('test_alerts', '2023-07-31');
SELECT results_eq($$ SELECT period_key::text, area_key::text, value, first_seen, last_seen, is_current::integer FROM test_alerts_bi.kpi_harm_alerts_period WHERE alert_kind = 'kits_past_expiry' $$,
    $$ VALUES ('month 2023-05', 'division A', 4::float8, date '2023-05-01', date '2023-05-31', 0) $$, 'kits past their expiry, until they are taken out');

-- Ambulances: in A ten minutes later to each of 30 calls of the police than to the public's, in B the same.
INSERT INTO test_alerts.ambulance_activation_record (activation_id, division_code, urban_rural, category_first, clock, clock_started_at, arrived_at, call_source)
SELECT d || s || i, d, 'urban', 'Red', 'acuity_assigned', timestamptz '2023-05-01 00:00+00' + i * interval '1 day',
       timestamptz '2023-05-01 00:00+00' + i * interval '1 day' + i * interval '11 seconds' + CASE WHEN d = 'A' AND s = 'police_on_scene' THEN interval '15 minutes' ELSE interval '5 minutes' END, s
FROM unnest(ARRAY['A', 'B']) AS d, unnest(ARRAY['police_on_scene', 'public']) AS s, generate_series(1, 30) AS i;
CALL refresh('test_alerts', '2024-06-30');
SELECT results_eq($$ SELECT period_key::text, area_key::text, ambulance_category::text, clock::text, urban_rural::text, value, q_value < 0.05
                     FROM test_alerts_bi.kpi_harm_alerts_period WHERE alert_kind = 'police_calls_answered_later' AND period_key LIKE 'fiscal%' $$,
    $$ VALUES ('fiscal_year 2023-04', 'division A', 'Red', 'acuity_assigned', 'urban', 10::float8, true) $$, 'later by ten minutes where the police called, and only there');
-- Overdoses attended, with naloxone at hand: in A 50 of 100, in B 120 of 150. At B's four in five A would have 80 with a standard deviation of 4, and one
-- division in a thousand fewer than some 67 or 68. B is better, which is no alert.
INSERT INTO test_alerts.source_coverage_record (source, division_code, covered_from) SELECT 'overdose_incident', d, '2023-04-01' FROM unnest(ARRAY['A', 'B']) AS d;
INSERT INTO test_alerts.overdose_incident_record (incident_id, incident_division_code, occurred_at, naloxone_given, why_not)
SELECT 'o' || d || n, d, timestamptz '2023-04-10 12:00+00' + n * interval '2 days', n <= given, CASE WHEN n > given THEN 'not_carried' END
FROM (VALUES ('A', 100, 50), ('B', 150, 120)) AS o (d, attended, given), generate_series(1, attended) AS n;
CALL refresh('test_alerts', '2024-06-30');
SELECT results_eq($$ SELECT period_key::text, area_key::text, alert::text, value, threshold BETWEEN 0.66 AND 0.69, q_value < 1e-6, is_current::integer
                     FROM test_alerts_bi.kpi_harm_alerts_period WHERE alert_kind = 'worse_than_others' AND period_key LIKE 'fiscal%' $$,
    $$ VALUES ('fiscal_year 2023-04', 'division A', 'overdoses_attended share', 0.5::float8, true, true, 1) $$, 'worse than the other by more than its size explains, and only there');
SELECT is((SELECT failed_steps FROM test_alerts.refresh_run ORDER BY run DESC LIMIT 1), 0, 'no step failed');
SELECT is_empty($$ SELECT * FROM bi_check('test_alerts') $$, 'BI tools will misread nothing');

-- Weeks from Monday, 2 January 2023 on, numbered from 0; week 35 is from 4 September. In A and B 2 and 4 cases by turns, so that of any 26 weeks the
-- mean is 3 and the standard deviation the root of 26/25: the limit is 3 + 3.0902 * 1.0198 = 6.15. C has one a week, D only from July on, E
-- only until June. C has 6 in week 35, and D 12.
SELECT deploy('test_watch');
INSERT INTO test_watch.division_record (division_code, division_name, region, valid_from)
SELECT d, d, CASE WHEN d IN ('A', 'B') THEN 'South' ELSE 'North' END, '2022-01-01' FROM unnest('{A,B,C,D,E}'::text[]) AS d;
INSERT INTO test_watch.source_coverage_record (source, division_code, covered_from, covered_to)
SELECT s, d, CASE d WHEN 'D' THEN date '2023-07-03' ELSE '2023-01-02' END, CASE d WHEN 'E' THEN date '2023-07-02' END
FROM unnest('{overdose_incident,administration,drug_death,substance_signal}'::text[]) AS s, unnest('{A,B,C,D,E}'::text[]) AS d
WHERE s = 'overdose_incident' OR d = 'A';
CREATE FUNCTION pg_temp.cases(d text, w integer) RETURNS integer LANGUAGE sql AS $$
    SELECT CASE WHEN d IN ('A', 'D') AND w = 35 THEN 12 WHEN d = 'A' AND w = 36 THEN 11 WHEN d = 'A' AND w = 39 THEN 50 WHEN d = 'B' AND w = 35 THEN 9
                WHEN d = 'C' AND w = 35 THEN 6 WHEN d = 'C' THEN 1 ELSE 2 + 2 * (w % 2) END $$;
INSERT INTO test_watch.overdose_incident_record (incident_id, incident_division_code, occurred_at, naloxone_given)
SELECT d || w || '-' || n, d, timestamptz '2023-01-02 12:00+00' + w * interval '7 days' + n % 7 * interval '1 day', true
FROM unnest('{A,B,C,D,E}'::text[]) AS d, generate_series(0, 39) AS w, generate_series(1, pg_temp.cases(d, w)) AS n;
-- On Sunday by the clock of Greenwich, on Monday by that of the force: it is of week 36.
UPDATE test_watch.overdose_incident_record SET occurred_at = '2023-09-10 23:30+00' WHERE incident_id = 'A36-1';
-- One that another service told of is not attended, and does not count.
INSERT INTO test_watch.overdose_incident_record (incident_id, incident_division_code, occurred_at, notified_by)
SELECT 'told' || n, 'B', '2023-08-30 12:00+00', 'health_board' FROM generate_series(1, 20) AS n;
-- Week 39 ends on Sunday, 8 October.
CALL refresh('test_watch', '2023-10-07');
CREATE TEMP VIEW watch AS
    SELECT (week_start - date '2023-01-02') / 7 AS number, * FROM test_watch_bi.kpi_harm_watch WHERE alert = 'overdoses_attended incidents_attended';
-- By Python's fractions: of all cases of the week and of the 26, each fell to the week with the chance 1 in 27; how likely is what is no likelier than this.
SELECT results_eq($$ SELECT number, cases, expected, round(upper_bound::numeric, 4), round(p_value::numeric, 6), round(q_value::numeric, 6), alarm::integer FROM watch WHERE area_key = 'division A' AND number BETWEEN 34 AND 37 ORDER BY 1 $$,
    $$ VALUES (34, 2::bigint, 3::float8, 6.1514, 1.0, 1.0, 0), (35, 12, 3, 6.1514, 0.000124, 0.000248, 1), (36, 11, 3, 6.1514, 0.000457, 0.000915, 1), (37, 4, 3, 6.1514, 0.549318, 0.549318, 0) $$,
    'the planted outbreak is found, in its weeks and no others');
SELECT results_eq($$ SELECT cases, alarm, p_value > 0.001, round(q_value::numeric, 6) FROM watch WHERE area_key = 'division B' AND number = 35 $$,
    $$ VALUES (9::bigint, 1::smallint, true, 0.004981) $$, 'the second of two divisions by q');
SELECT results_eq($$ SELECT area_key::text, period_key::text, alert::text, value, round(threshold::numeric, 2), first_seen, last_seen, is_current::integer, evidence::text
                     FROM test_watch_bi.kpi_harm_alerts_period WHERE alert_kind = 'more_than_usual' ORDER BY 1 $$,
    $$ VALUES ('division A', 'month 2023-09', 'overdoses_attended incidents_attended', 11::float8, 6.15, date '2023-09-04', date '2023-09-17', 0, 'week from 2023-09-11: 11 where 3.0 were expected, limit 6.2'),
              ('division B', 'month 2023-09', 'overdoses_attended incidents_attended', 9::float8, 6.15, '2023-09-04', '2023-09-10', 0, 'week from 2023-09-04: 9 where 3.0 were expected, limit 6.2'),
              ('region South', 'month 2023-09', 'overdoses_attended incidents_attended', 21::float8, 12.30, '2023-09-04', '2023-09-10', 0, 'week from 2023-09-04: 21 where 6.0 were expected, limit 12.3') $$,
    'what was seen, in words, and from when to when');
SELECT results_eq($$ SELECT period_key::text, area_key::text, alerts FROM test_watch_bi.kpi_harm_alerts ORDER BY 2 $$,
    $$ VALUES ('month 2023-09', 'division A', 1::bigint), ('month 2023-09', 'division B', 1) $$, 'an alert a month and division');
SELECT results_eq($$ SELECT number, reason::text, alarm IS NULL AND expected IS NULL AND upper_bound IS NULL AND p_value IS NULL AND q_value IS NULL FROM watch WHERE area_key = 'division C' AND number IN (27, 28, 35) ORDER BY 1 $$,
    $$ VALUES (27, 'history too short', true), (28, 'flat baseline', true), (35, 'flat baseline', true) $$, 'of a flat baseline nothing can be said, of 26 weeks at the earliest');
SELECT results_eq($$ SELECT min(number), max(number), min(reason)::text, max(reason)::text, max(cases) FROM watch WHERE area_key = 'division D' $$,
    $$ VALUES (26, 38, 'history too short', 'history too short', 12::bigint) $$, 'weeks begin where the records do; a history that is too short says so');
SELECT results_eq($$ SELECT count(cases), min(number) FILTER (WHERE cases IS NULL), bool_and(reason = 'no records' AND cases IS NULL) FILTER (WHERE number > 25) FROM watch WHERE area_key = 'division E' $$,
    $$ VALUES (26::bigint, 26, true) $$, 'where they end there is no count, though there are records');
SELECT is_empty($$ SELECT * FROM watch WHERE area_key IN ('force', 'region North', 'division UNKNOWN') $$, 'where never all divisions have records nothing is said, nor of UNKNOWN');
SELECT is((SELECT max(number) FROM watch), 38, 'a week that is not over is none');

SELECT results_eq($$ SELECT DISTINCT alert::text, area_key::text FROM test_watch_bi.kpi_harm_watch WHERE alert NOT LIKE 'over%' ORDER BY 1 $$,
    $$ VALUES ('doses_by_division administrations', 'division A'), ('drug_deaths deaths', 'division A') $$, 'none is a count too, where there are records');

-- The other series, of A. Excluded deaths do not count; a signal that says nothing names no substance; three in four weeks are no outbreak.
INSERT INTO test_watch.drug_death_record (death_id, division_code, died_on, status)
SELECT s || w || '-' || n, 'A', date '2023-01-02' + w * 7 + n % 7, s FROM unnest('{suspected,excluded}'::text[]) AS s, generate_series(0, 39) AS w,
     generate_series(1, CASE WHEN s = 'suspected' THEN pg_temp.cases('A', w) ELSE 30 * (w % 2) END) AS n;
INSERT INTO test_watch.administration_record (administration_id, incident_id, incident_division_code, occurred_at)
SELECT w || '-' || n, w || '-' || n, 'A', timestamptz '2023-01-02 12:00+00' + w * interval '7 days' + n % 7 * interval '1 day' FROM generate_series(0, 39) AS w, generate_series(1, pg_temp.cases('A', w)) AS n;
INSERT INTO test_watch.substance_signal_record (signal_id, division_code, observed_on, kind, basis, substances)
SELECT k || w || '-' || n, 'A', date '2023-01-02' + w * 7 + n % 7, 'seizure', 'tested', CASE k WHEN 'heroin' THEN '{heroin}'::text[] WHEN 'xylazine' THEN '{xylazine}' END
FROM unnest('{heroin,xylazine,unknown}'::text[]) AS k, generate_series(0, 39) AS w,
     generate_series(1, CASE WHEN k <> 'xylazine' THEN pg_temp.cases('A', w) WHEN w = 10 THEN 1 WHEN w = 38 THEN 4 ELSE 0 END) AS n;
-- And on the Sunday.
CALL refresh('test_watch', '2023-10-08');
SELECT results_eq($$ SELECT alert::text, period_key::text, value, first_seen, last_seen, is_current::integer FROM test_watch_bi.kpi_harm_alerts_period WHERE area_key = 'division A' AND alert_kind = 'more_than_usual' ORDER BY 1, 2 $$,
    $$ SELECT a, m, v, f, l, c FROM unnest('{doses_by_division administrations,drug_deaths deaths,overdoses_attended incidents_attended,substance_trend heroin}'::text[]) AS a,
           (VALUES ('month 2023-09', 11::float8, date '2023-09-04', date '2023-09-17', 0), ('month 2023-10', 50, '2023-10-02', '2023-10-08', 1)) AS x (m, v, f, l, c) ORDER BY 1, 2 $$,
    'administrations, deaths, overdoses and each substance are watched; that of the last week is current');
SELECT results_eq($$ SELECT cases, cases > upper_bound AND p_value < 0.001, alarm FROM test_watch_bi.kpi_harm_watch WHERE alert = 'substance_trend xylazine' AND area_key = 'division A' AND week_start = '2023-09-25' $$,
    $$ VALUES (4::bigint, true, 0::smallint) $$, 'four in four weeks are no alarm, however unlikely');
SELECT ok((SELECT failed_steps = 0 FROM test_watch.refresh_run ORDER BY run DESC LIMIT 1)
          AND NOT EXISTS (SELECT FROM bi_check('test_watch')) AND NOT EXISTS (SELECT FROM test_watch_bi.kpi_dictionary WHERE definition IS NULL),
          'no step failed, BI tools will misread nothing, and the dictionary defines it all');

SELECT * FROM finish();
ROLLBACK;
