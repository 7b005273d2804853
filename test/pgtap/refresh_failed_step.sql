-- A step that fails: what it would have computed, and what others computed from what it left behind, the next refresh computes.
-- No transaction is around this, so that a refresh commits its steps, the failed run's too; what is made here is dropped at the end.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
SELECT plan(16);

SELECT deploy('test_failed');
INSERT INTO test_failed.division_record (division_code, division_name, region, valid_from) VALUES
    ('A', 'Alpha', 'North', '2020-01-01'), ('B', 'Beta', 'North', '2020-01-01'), ('C', 'Gamma', 'South', '2020-01-01');
INSERT INTO test_failed.source_coverage_record (source, division_code, covered_from)
SELECT source, division_code, '2024-01-01' FROM unnest(ARRAY['administration', 'referral_event', 'direct_measure']) AS source, unnest(ARRAY['A', 'B', 'C']) AS division_code;
-- One person in Alpha and in Beta, one in Gamma; warned likewise.
INSERT INTO test_failed.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key) VALUES
    ('a1', 'a1', 'A', '2024-03-01 12:00Z', 'p'), ('b1', 'b1', 'B', '2024-03-02 12:00Z', 'p'), ('c1', 'c1', 'C', '2024-03-03 12:00Z', 'q');
INSERT INTO test_failed.direct_measure_record (measure_id, division_code, issued_on, offence, kind, measure_person_key) VALUES
    (1, 'A', '2024-03-01', 'drug_possession', 'recorded_police_warning', 'm'), (2, 'B', '2024-03-02', 'drug_possession', 'recorded_police_warning', 'm'),
    (3, 'C', '2024-03-03', 'drug_possession', 'recorded_police_warning', 'n');
CALL refresh('test_failed', '2024-06-30');

-- Different people, repeats, people in episodes and people warned in March, counted on the fingers in the first line of each test.
CREATE VIEW pg_temp.counted AS
    SELECT string_agg(format('%s %s %s %s %s', replace(area_key, 'region ', ''), r.people, r.repeats_within_30_days, e.people, w.people_warned), ', ' ORDER BY area_key) AS counted
    FROM test_failed.repeat_administrations r
    JOIN test_failed.referral_conversion e USING (period_key, area_key)
    JOIN test_failed.recorded_police_warning_trend w USING (period_key, area_key)
    WHERE period_key = 'month 2024-03' AND area_key ~ 'region' AND e.route = 'ALL';
SELECT is(counted, 'North 1 1 1 1, South 1 0 1 1', 'before') FROM pg_temp.counted;
SELECT is_empty('SELECT * FROM test_failed.rollup_due', 'nothing is due');

-- Beta moves to the South while the areas cannot be computed, and the person in Gamma is given naloxone there once more.
ALTER TABLE test_failed.area_division ADD CONSTRAINT broken CHECK (false) NOT VALID;
UPDATE test_failed.division_record SET region = 'South' WHERE division_code = 'B';
INSERT INTO test_failed.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key) VALUES ('c2', 'c2', 'C', '2024-03-04 12:00Z', 'q');
\set ON_ERROR_STOP 0
\set VERBOSITY sqlstate
CALL refresh('test_failed', '2024-06-30');
\set refreshed :LAST_ERROR_SQLSTATE
\set ON_ERROR_STOP 1
\set VERBOSITY default
SELECT is(:'refreshed'::text, '38000', 'the refresh says that it failed');
SELECT results_eq('SELECT step FROM test_failed.refresh_log WHERE mode = ''failed''', ARRAY['area_division'], 'in the areas alone');
SELECT is(counted, 'North 1 1 1 1, South 1 1 1 1', 'what was given is counted, in the areas as they were') FROM pg_temp.counted;
SELECT set_has('SELECT rollup FROM test_failed.rollup_due',
               $$ VALUES ('people_day'), ('repeat_day'), ('episode_people_day'), ('warned_people_day'), ('incident_day'), ('administration_person_day') $$,
               'what was computed from them stays due, and what was computed beside it');
SELECT is_empty('SELECT * FROM test_failed.rollup_due WHERE rollup = ''source_day''', 'what came before does not');

-- As long as it fails, so it stays, and nothing is counted twice.
\set ON_ERROR_STOP 0
\set VERBOSITY sqlstate
CALL refresh('test_failed', '2024-06-30');
\set refreshed :LAST_ERROR_SQLSTATE
\set ON_ERROR_STOP 1
\set VERBOSITY default
SELECT is(:'refreshed'::text, '38000', 'it fails again');
SELECT is(counted, 'North 1 1 1 1, South 1 1 1 1', 'nothing is counted twice') FROM pg_temp.counted;
SELECT is_empty('SELECT * FROM verify(''test_failed'') WHERE finding <> ''pending''', 'verify knows what is due');

ALTER TABLE test_failed.area_division DROP CONSTRAINT broken;
CALL refresh('test_failed', '2024-06-30');
-- The person of Beta is one of the South as well: given naloxone the day after Alpha, which is a repeat wherever that was.
SELECT is(counted, 'North 1 0 1 1, South 2 2 1 2', 'when it no longer fails all is in the areas as they are') FROM pg_temp.counted;
SELECT is_empty('SELECT * FROM verify(''test_failed'')', 'verify is clean');
SELECT is_empty('SELECT * FROM test_failed.rollup_due', 'nothing is due any more');

-- A step that nothing is computed from keeps nothing due.
INSERT INTO test_failed.refresh_step VALUES (999, 'engine_room', 'nothing');
INSERT INTO test_failed.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key) VALUES ('c3', 'c3', 'C', '2024-03-05 12:00Z', 'q');
\set ON_ERROR_STOP 0
\set VERBOSITY sqlstate
CALL refresh('test_failed', '2024-06-30');
\set refreshed :LAST_ERROR_SQLSTATE
\set ON_ERROR_STOP 1
\set VERBOSITY default
SELECT is(:'refreshed'::text, '38000', 'another step fails');
SELECT is_empty('SELECT * FROM test_failed.rollup_due', 'and nothing is due of those before it');
SELECT is(counted, 'North 1 0 1 1, South 2 3 1 2', 'they are up to date') FROM pg_temp.counted;

SELECT * FROM finish();
DROP SCHEMA test_failed, test_failed_bi, test_failed_public CASCADE;
