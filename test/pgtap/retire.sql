-- Retiring records: the figures of the years before stay as they were counted, whatever happens to the records.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(26);

SELECT deploy('test_retire');
INSERT INTO test_retire.division_record (division_code, division_name, region, valid_from) VALUES
    ('A', 'Alpha', 'North', '2020-01-01'), ('B', 'Beta', 'North', '2020-01-01');
INSERT INTO test_retire.population_record (area_type, area_code, year, people) VALUES ('division', 'A', 2022, 100000), ('division', 'B', 2022, 50000);
INSERT INTO test_retire.source_coverage_record (source, division_code, covered_from)
SELECT source, d, '2021-04-01' FROM unnest(ARRAY['administration', 'referral_event', 'ambulance_activation', 'overdose_incident', 'direct_measure', 'recorded_crime']) AS source, unnest(ARRAY['A', 'B']) AS d;

-- An administration every 53 hours over four fiscal years, to 23 people; every tenth incident has two people, one of them a day later.
INSERT INTO test_retire.administration_record (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, person_key, doses, survival, ambulance_called_at, ambulance_arrived_at, recorded_at)
SELECT 'a' || i, 'i' || CASE WHEN i % 10 = 0 THEN i - 1 ELSE i END, 1 + (i % 10 = 0)::integer, (ARRAY['A', 'B', NULL])[1 + i % 3],
       timestamptz '2021-04-01 12:00+00' + i * interval '53 hours', CASE WHEN i % 5 > 0 THEN 'p' || i * i % 23 END,
       ARRAY[(1 + i % 3 || ' x 1800 mcg intranasal')::naloxone_dose], (ARRAY['survived', 'died', 'not_known'])[1 + i % 7 % 3],
       timestamptz '2021-04-01 12:00+00' + i * interval '53 hours', timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' + i % 40 * interval '1 minute', timestamptz '2021-04-01 12:00+00' + i * interval '60 hours'
FROM generate_series(0, 650) AS i;
INSERT INTO test_retire.referral_event_record (person_key, stage, route, occurred_at)
SELECT person_key, (ARRAY['offered', 'referred', 'contacted', 'engaged', 'declined'])[1 + n % 5], 'mash', occurred_at + n % 9 * interval '5 days'
FROM (SELECT *, row_number() OVER (ORDER BY occurred_at) AS n FROM test_retire.administration_record WHERE person_key IS NOT NULL) a;
INSERT INTO test_retire.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class, measure_person_key)
SELECT i, (ARRAY['A', 'B'])[1 + i % 2], date '2021-04-01' + i, 'drug_possession', (ARRAY['recorded_police_warning', 'report_to_prosecutor'])[1 + i % 3 % 2], 'B', 'm' || i % 50
FROM generate_series(0, 1400) AS i;
INSERT INTO test_retire.recorded_crime_record (division_code, recorded_on, kind, crimes) SELECT 'A', date '2021-04-01' + i, 'possession', i % 4 FROM generate_series(0, 1400) AS i;
-- On either side of midnight of the day before which records go: one incident.
INSERT INTO test_retire.administration_record (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, person_key) VALUES
    ('edge1', 'edge', 1, 'A', '2023-03-31 22:55+00', 'p1'), ('edge2', 'edge', 2, 'A', '2023-03-31 23:05+00', 'p2');
INSERT INTO test_retire.administration_place_record (administration_id, location)
SELECT administration_id, ST_SetSRID(ST_MakePoint(300000, 700000), 27700) FROM test_retire.administration_record;

-- What is refused.
SELECT throws_ok($$ SELECT retire('test_retire', 'administration', '2023-04-01') $$, '55000', NULL, 'what no refresh has counted cannot be sealed');
CALL refresh('test_retire', '2025-01-31');
SELECT throws_ok($$ SELECT retire('test_retire', 'administration', '2023-04-02') $$, '22023', NULL, 'a day that no fiscal year begins with');
SELECT throws_ok($$ SELECT retire('test_retire', 'administration', '2024-04-01') $$, '22023', NULL, 'a day less than a year ago');
SELECT throws_ok($$ SELECT retire('test_retire', 'drug_death', '2023-04-01') $$, '0A000', NULL, 'deaths are read as they are');
SELECT throws_ok($$ SELECT retire('test_retire', 'weather', '2023-04-01') $$, '22023', NULL, 'what is no source');
SELECT throws_ok($$ SELECT retire('nowhere', 'administration', '2023-04-01') $$, '42704', NULL, 'what is no deployment');
CREATE ROLE nkpi_test_stranger;
GRANT USAGE ON SCHEMA naloxone_kpi TO nkpi_test_stranger;
GRANT SELECT ON test_retire.deployment TO nkpi_test_stranger;
GRANT USAGE ON SCHEMA test_retire TO nkpi_test_stranger;
SET LOCAL ROLE nkpi_test_stranger;
SELECT throws_ok($$ SELECT naloxone_kpi.retire('test_retire', 'administration', '2023-04-01') $$, '42501', NULL, 'somebody else''s deployment');
RESET ROLE;
SELECT is(retire('test_retire', NULL, '2023-04-01'), NULL, 'NULL does nothing');

-- Every view for analysts, row by row, as text. What is of records not yet retired may be told apart later, so of months, quarters and years.
CREATE FUNCTION pg_temp.seen() RETURNS TABLE (view_name text, period_key text, area_key text, is_rolling boolean, seen text) LANGUAGE plpgsql AS $$
DECLARE
    seen_view name;
BEGIN
    FOR seen_view IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area_key' JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'period_key'
        WHERE c.relnamespace = 'test_retire_bi'::regnamespace AND c.relkind = 'v' ORDER BY 1
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, k.period_key::text, k.area_key::text, k.period_key LIKE ''rolling%%'', k::text FROM test_retire_bi.%1$I k', seen_view);
    END LOOP;
END $$;
-- Whether an episode or a repeat continues something retired is not known any more, so of these what came later may be another figure.
CREATE TEMP TABLE before AS
    SELECT s.*, NOT s.is_rolling AND s.view_name !~ 'data_quality' AND (s.view_name !~ 'referral|repeat|scorecard' OR p.period_end < '2023-04-01') AS stays
    FROM pg_temp.seen() s JOIN test_retire_bi.dim_period p USING (period_key);
SELECT cmp_ok(count(DISTINCT view_name), '>=', 20::bigint, 'all the views are looked at') FROM before;
SELECT cmp_ok(sum((seen ~ '[1-9]')::integer), '>', 1000::bigint, 'and they show figures') FROM before;

-- Retiring administrations.
SELECT count(*) AS records_before FROM test_retire.administration_record WHERE occurred_at < '2023-03-31 23:00+00' \gset
SELECT is(retire('test_retire', 'administration', '2023-04-01'), :records_before - 1::bigint, 'as many are deleted as lay before, in summer time, but one');
SELECT results_eq($$ SELECT administration_id FROM test_retire.administration_record WHERE occurred_at < '2023-03-31 23:00+00' $$, $$ VALUES ('edge1') $$,
    'that of an incident that goes on after');
SELECT is_empty($$ SELECT administration_id FROM test_retire.administration_place_record EXCEPT SELECT administration_id FROM test_retire.administration_record $$, 'where they were goes with them');
SELECT is_empty($$ SELECT person_key FROM test_retire.administration_person_day WHERE day < '2023-04-01' UNION ALL SELECT person_key FROM test_retire.person_course WHERE day < '2023-04-01' $$,
    'and so does every key');
SELECT is_empty($$ SELECT * FROM verify('test_retire') WHERE finding <> 'pending' $$, 'verify is clean');
CALL refresh('test_retire', '2025-01-31');
SELECT is_empty($$ SELECT * FROM verify('test_retire') $$, 'after a refresh too');
SELECT is_empty($$ SELECT view_name, seen FROM before WHERE stays EXCEPT SELECT view_name, seen FROM pg_temp.seen() $$,
    'every figure of months, quarters and years is as it was');
SELECT is_empty($$ SELECT period_key, area_key FROM test_retire_bi.kpi_doses_by_division_period
                   WHERE period_key LIKE 'rolling%' AND people IS NOT NULL AND period_key > 'rolling_12_months 2022-04' AND period_key < 'rolling_12_months 2023-04' $$,
    'how many people twelve months across the day had is not known any more');
SELECT is_empty($$ SELECT b.period_key FROM before b JOIN test_retire_bi.kpi_doses_by_division_period k USING (period_key, area_key)
                   WHERE b.view_name = 'kpi_doses_by_division_period' AND (k.people IS NULL) <> (b.is_rolling AND b.period_key > 'rolling_12_months 2022-04' AND b.period_key < 'rolling_12_months 2023-04') $$,
    'and everywhere else it is');

-- A rebuild, a late record and a correction of the years before change nothing; one after does.
CALL refresh('test_retire', '2025-01-31', full => true);
SELECT is_empty($$ SELECT view_name, seen FROM before WHERE stays EXCEPT SELECT view_name, seen FROM pg_temp.seen() $$, 'a rebuild keeps them');
INSERT INTO test_retire.administration_record (administration_id, incident_id, incident_division_code, occurred_at) VALUES
    ('late', 'late', 'A', '2022-06-01 12:00+00'), ('new', 'new', 'A', '2023-06-01 12:00+00');
CALL refresh('test_retire', '2025-01-31');
SELECT is(k.administrations - b.n, 0::bigint, 'a late record of a sealed year is not counted')
FROM test_retire_bi.kpi_doses_by_division_period k, LATERAL (SELECT count(*) AS n FROM generate_series(0, 650) i WHERE timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' >= '2022-03-31 23:00+00'
     AND timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' < '2023-03-31 23:00+00') b0, LATERAL (SELECT b0.n + 1 AS n) b
WHERE k.period_key = 'fiscal_year 2022-04' AND k.area_key = 'force';
SELECT is(k.administrations - b.n, 2::bigint, 'one of a year that is open is')
FROM test_retire_bi.kpi_doses_by_division_period k, LATERAL (SELECT count(*) AS n FROM generate_series(0, 650) i WHERE timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' >= '2023-03-31 23:00+00'
     AND timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' < '2024-03-31 23:00+00') b
WHERE k.period_key = 'fiscal_year 2023-04' AND k.area_key = 'force';
SELECT is_empty($$ SELECT * FROM verify('test_retire') $$, 'verify is clean');

-- The other sources.
CREATE TEMP TABLE before_warnings AS SELECT * FROM pg_temp.seen() WHERE view_name LIKE '%warning%';
SELECT is(retire('test_retire', 'direct_measure', '2023-04-01') + retire('test_retire', 'recorded_crime', '2023-04-01'), 2 * 730::bigint, 'disposals and crimes of two years are retired');
CALL refresh('test_retire', '2025-01-31', full => true);
SELECT is_empty($$ SELECT seen FROM before_warnings WHERE NOT is_rolling EXCEPT SELECT seen FROM pg_temp.seen() $$, 'old years of warnings do not sink');
SELECT cmp_ok(retire('test_retire', 'referral_event', '2023-04-01'), '>', 0::bigint, 'steps of referral are retired');

SELECT * FROM finish();
ROLLBACK;
