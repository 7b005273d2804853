-- Alerts: thresholds, kits past their expiry, ambulances later to the police; every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(17);

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
SELECT is((SELECT failed_steps FROM test_alerts.refresh_run ORDER BY run DESC LIMIT 1), 0, 'no step failed');
SELECT is_empty($$ SELECT * FROM bi_check('test_alerts') $$, 'BI tools will misread nothing');

SELECT * FROM finish();
ROLLBACK;
