-- The KPI data_quality: a handful of records and forms, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_quality');

-- A is a square of 10 km; B's boundary is not known; C ended on 29 February.
INSERT INTO test_quality.division_record (division_code, division_name, region, valid_from, valid_to, boundary) VALUES
    ('A', 'Alpha', 'North', '2020-01-01', NULL, ST_Multi(ST_MakeEnvelope(0, 0, 10000, 10000, 27700))),
    ('B', 'Beta', 'North', '2020-01-01', NULL, NULL),
    ('C', 'Gamma', NULL, '2020-01-01', '2024-02-29', NULL);
INSERT INTO test_quality.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    -- A: 20 days of January, and none of 21 January to 10 February: 11 + 10 days.
    ('administration', 'A', '2024-01-01', '2024-01-20'), ('administration', 'A', '2024-02-11', NULL),
    ('administration', 'B', '2024-01-01', NULL), ('administration', 'C', '2024-01-01', NULL),
    ('direct_measure', 'A', '2024-01-01', NULL), ('ambulance_activation', 'A', '2024-01-01', NULL), ('overdose_incident', 'A', '2024-01-01', NULL);

INSERT INTO test_quality.administration_record (administration_id, incident_id, incident_division_code, occurred_at, recorded_at, sex, doses, substances, first_aid,
                                                survival, forms, officer_injured) VALUES
    ('a1', 'i1', 'A', '2024-01-05 12:00+00', '2024-01-08 12:00:00+00', 'male', '{2 x unknown}', '{heroin}', '{rescue_breaths: no}', 'survived', 3, false),   -- 72 hours
    ('a2', 'i2', 'A', '2024-01-06 12:00+00', '2024-01-09 12:00:01+00', 'female', '{}', '{}', '{}', 'not_known', 1, NULL),                                    -- and a second
    ('a3', 'i3', 'A', '2024-01-07 12:00+00', '2024-01-07 11:00:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL),                                               -- before it
    ('a4', 'i4', 'A', '2024-01-08 12:00+00', NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL),
    ('a5', 'i5', 'A', '2024-01-09 12:00+00', 'infinity', NULL, NULL, NULL, NULL, NULL, 1, NULL),
    ('a6', 'i6', 'A', '2024-01-10 12:00+00', '9999-01-01 00:00+00', NULL, NULL, NULL, NULL, NULL, 1, NULL),                                                  -- late for ever
    ('a7', 'i7', 'A', '2024-01-25 12:00+00', '2024-01-25 13:00+00', 'male', NULL, NULL, NULL, NULL, 1, NULL),                                                -- not covered
    ('a8', 'i8', NULL, '2024-01-11 12:00+00', '2024-01-11 13:00+00', 'male', NULL, NULL, NULL, NULL, 1, NULL),
    ('a9', 'i9', 'C', '2024-03-01 12:00+00', '2024-03-01 13:00+00', 'male', NULL, NULL, NULL, NULL, 1, NULL),                                                -- no longer held
    ('b1', 'i10', 'B', '2024-03-02 12:00+00', '2024-03-02 13:00+00', 'male', NULL, NULL, NULL, NULL, 1, NULL),
    ('b2', 'i11', 'B', '2024-04-30 22:59:59+00', '2024-04-30 23:00+00', 'male', NULL, NULL, NULL, NULL, 1, NULL),                                            -- on the day of the refresh
    ('b3', 'i12', 'B', '2024-04-30 23:00+00', '2024-05-01 00:00+00', 'male', NULL, NULL, NULL, NULL, 1, NULL),                                               -- after it
    ('b4', 'i13', 'B', 'infinity', '2024-05-01 00:00+00', 'male', NULL, NULL, NULL, NULL, 1, NULL);
-- Within, on the edge, outside; in a division without a boundary; where nobody is.
INSERT INTO test_quality.administration_place_record VALUES
    ('a1', ST_SetSRID(ST_MakePoint(5000, 5000), 27700)), ('a2', ST_SetSRID(ST_MakePoint(10000, 5000), 27700)), ('a3', ST_SetSRID(ST_MakePoint(10001, 5000), 27700)),
    ('b1', ST_SetSRID(ST_MakePoint(5000, 5000), 27700)), ('nobody', ST_SetSRID(ST_MakePoint(5000, 5000), 27700));
INSERT INTO test_quality.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class, refused, recorded_at) VALUES
    ('m1', 'A', '2024-02-01', 'drug_possession', 'recorded_police_warning', 'B', false, '2024-02-04 23:59+00'),        -- 3 days
    ('m2', 'A', '2024-02-01', 'drug_possession', 'recorded_police_warning', 'unknown', NULL, '2024-02-05 00:00+00'),   -- 4
    ('m3', 'A', '2024-02-02', 'other', 'recorded_police_warning', NULL, NULL, '-infinity');
INSERT INTO test_quality.ambulance_activation_record (activation_id, division_code, clock_started_at, arrived_at, recorded_at) VALUES
    ('v1', 'A', '2024-02-01 12:00+00', '2024-02-01 12:10+00', '2024-02-01 13:00+00'), ('v2', NULL, '2024-02-01 12:00+00', NULL, NULL);
INSERT INTO test_quality.overdose_incident_record (incident_id, incident_division_code, occurred_at, why_not) VALUES ('o1', 'A', '2024-02-03 12:00+00', 'none carried');
-- In March, in B: one person of three forms that contradict one another, and two that may be one.
INSERT INTO test_quality.administration_form (form_id, incident_id, person_in_incident, incident_division_code, occurred_at, outcome, officer_key, doses) VALUES
    ('f1', 'fi', '1', 'B', '2024-03-10 12:00', 'unconscious', 'o1', '30'), ('f2', 'fi', '1', 'B', '2024-03-10 12:01', 'conscious responsive', 'o2', '1'),
    ('f3', 'fi', '1', 'B', '2024-03-10 12:01', NULL, 'o3', '1'), ('f4', 'fj', NULL, 'B', '2024-03-11 12:00', NULL, 'o1', '1'), ('f5', 'fj', NULL, 'B', '2024-03-11 12:00', NULL, 'o2', '1'),
    -- Nobody else was there.
    ('f6', 'fk', NULL, 'B', '2024-03-12 12:00', NULL, 'o1', '1'),
    ('f7', 'fl', NULL, 'B', '2024-03-13', 'x', 'o1', '1'), ('f8', 'fl', NULL, 'ZZ', '2024-03-13', NULL, 'o1', '1'), ('f9', 'fl', NULL, NULL, '2024-03-13 12:00', 'x', 'o1', '1');
CALL ingest('test_quality');
CALL refresh('test_quality', '2024-04-30');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_quality.refresh_log WHERE mode = 'failed';

-- What is filled.
CREATE FUNCTION pg_temp.filled(in_period text, in_area text, of_source text, in_field text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('/', coalesce(filled::text, '-'), coalesce(records::text, '-')) FROM test_quality_bi.kpi_data_quality_period
    WHERE period_key = in_period AND area_key = in_area AND source = of_source AND field = in_field $$;
SELECT is(pg_temp.filled(period, area, source, field), expected, format('%s, %s, %s, %s', source, field, period, area))
FROM (VALUES
    -- a1 to a6: a7 is outside coverage.
    ('month 2024-01', 'division A', 'administration', 'sex', '2/6'),
    ('month 2024-01', 'division A', 'administration', 'doses', '1/6'),
    ('month 2024-01', 'division A', 'administration', 'substances', '1/6'),
    ('month 2024-01', 'division A', 'administration', 'rescue_breaths', '1/6'),
    ('month 2024-01', 'division A', 'administration', 'recovery_position', '0/6'),
    ('month 2024-01', 'division A', 'administration', 'survival', '1/6'),
    ('month 2024-01', 'division A', 'administration', 'officer_injured', '1/6'),
    ('month 2024-01', 'division A', 'administration', 'recorded_at', '5/6'),
    ('month 2024-01', 'division UNKNOWN', 'administration', 'incident_division_code', '0/1'),
    ('month 2024-01', 'force', 'administration', 'incident_division_code', '6/7'),
    -- A division that no longer holds is named all the same.
    ('month 2024-03', 'division UNKNOWN', 'administration', 'incident_division_code', '1/1'),
    ('month 2024-02', 'division A', 'administration', 'sex', '0/0'),
    ('month 2024-04', 'division B', 'administration', 'sex', '1/1'),
    ('fiscal_year 2023-04', 'region North', 'administration', 'sex', '3/11'),
    ('month 2024-02', 'division A', 'direct_measure', 'drug_class', '1/3'),
    ('month 2024-02', 'division A', 'direct_measure', 'refused', '1/3'),
    ('month 2024-02', 'division A', 'direct_measure', 'division_code', '3/3'),
    ('month 2024-02', 'force', 'ambulance_activation', 'division_code', '1/2'),
    ('month 2024-02', 'division A', 'ambulance_activation', 'arrived_at', '1/1'),
    ('month 2024-02', 'division B', 'ambulance_activation', 'arrived_at', '-/-'),
    ('month 2024-02', 'division A', 'overdose_incident', 'why_not', '1/1')
) AS e (period, area, source, field, expected);
SELECT is(filled_share, 2 / 6::float8, 'the share') FROM test_quality_bi.kpi_data_quality_period WHERE period_key = 'month 2024-01' AND area_key = 'division A' AND source = 'administration' AND field = 'sex';
SELECT is(filled_share, NULL, 'of no record there is none') FROM test_quality_bi.kpi_data_quality_period WHERE period_key = 'month 2024-02' AND area_key = 'division A' AND source = 'administration' AND field = 'sex';
-- Every field of the contract, but those that a record must have and those that count or join.
SELECT set_eq($$ SELECT DISTINCT field FROM test_quality_bi.kpi_data_quality WHERE source = 'administration' $$,
    $$ SELECT attname::text FROM pg_attribute WHERE attrelid = 'test_quality.administration'::regclass AND attnum > 0
         AND attname NOT IN ('administration_id', 'incident_id', 'person_in_incident', 'forms', 'occurred_at', 'first_aid')
       UNION SELECT unnest(first_aid_techniques()) $$, 'every field of an administration is looked at');

-- What is found.
CREATE FUNCTION pg_temp.found(in_period text, in_area text, of_source text, of_finding text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('/', coalesce(found::text, '-'), coalesce(examined::text, '-')) FROM test_quality_bi.kpi_data_quality_finding_period
    WHERE period_key = in_period AND area_key = in_area AND source = of_source AND finding = of_finding $$;
SELECT is(pg_temp.found(period, area, source, finding), expected, format('%s, %s, %s, %s', finding, source, period, area))
FROM (VALUES
    -- a2 and a6 of a1, a2, a3, a6.
    ('month 2024-01', 'division A', 'administration', 'late', '2/4'),
    ('month 2024-02', 'division A', 'direct_measure', 'late', '1/2'),
    ('month 2024-02', 'division A', 'overdose_incident', 'late', '0/0'),
    -- Forms: 3 + 1 + 1 (none is one) + 1 + 1 + 1; b1, and 3 + 1 + 1 + 1 ingested.
    ('month 2024-01', 'division A', 'administration', 'joined_forms', '2/8'),
    ('month 2024-03', 'division B', 'administration', 'joined_forms', '2/7'),
    ('month 2024-03', 'division B', 'administration', 'unresolved_forms', '2/3'),
    ('month 2024-03', 'division B', 'administration', 'contradictory_administrations', '1/1'),
    ('month 2024-03', 'division B', 'administration', 'forms_with_finding', '1/6'),
    ('month 2024-01', 'division A', 'administration', 'point_outside_division', '1/3'),
    ('month 2024-03', 'division B', 'administration', 'point_outside_division', '0/0'),
    ('month 2024-01', 'division A', 'administration', 'days_not_covered', '11/31'),
    ('month 2024-02', 'division A', 'administration', 'days_not_covered', '10/29'),
    ('fiscal_year 2023-04', 'division A', 'administration', 'days_not_covered', '21/91'),
    ('month 2024-02', 'division C', 'administration', 'days_not_covered', '0/29'),
    -- B had none in January and February, one in March; April ends with the day of the refresh.
    ('month 2024-01', 'division B', 'administration', 'months_without_record', '1/1'),
    ('month 2024-03', 'division B', 'administration', 'months_without_record', '0/1'),
    ('month 2024-01', 'division A', 'administration', 'months_without_record', '0/0'),
    -- A: March; B: January, February; C: January, February; of these and of B in March.
    ('fiscal_quarter 2024-01', 'force', 'administration', 'months_without_record', '5/6'),
    ('month 2024-02', 'division A', 'direct_measure', 'months_without_record', '0/1'),
    ('month 2024-01', 'division A', 'direct_measure', 'months_without_record', '1/1')
) AS e (period, area, source, finding, expected);
UPDATE test_quality.setting SET late_record_hours = 73;
CALL refresh('test_quality', '2024-04-30');
SELECT is(pg_temp.found('month 2024-01', 'division A', 'administration', 'late'), '1/4', 'late is what the setting says');

-- Which forms stand rejected.
SELECT results_eq($$ SELECT area_key::text, field::text, rule::text, forms FROM test_quality_bi.kpi_data_quality_rejection ORDER BY 1, 2 $$,
    $$ VALUES ('division B', 'occurred_at', 'no_time_of_day', 1::bigint), ('division B', 'outcome', 'not_a_listed_value', 1),
              ('division UNKNOWN', 'occurred_at', 'no_time_of_day', 1), ('division UNKNOWN', 'outcome', 'not_a_listed_value', 1) $$,
    'rejected forms by division and reason');

-- Months and divisions add up.
SELECT results_eq($$ SELECT source::text, field::text, sum(records)::bigint, sum(filled)::bigint FROM test_quality_bi.kpi_data_quality
                     WHERE period_key >= 'month 2023-04' AND period_key <= 'month 2024-03' GROUP BY 1, 2 ORDER BY 1, 2 $$,
    $$ SELECT source::text, field::text, records, filled FROM test_quality_bi.kpi_data_quality_period WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force' ORDER BY 1, 2 $$,
    'months and divisions add up to the force''s year in every field');
SELECT results_eq($$ SELECT source::text, finding::text, sum(examined)::bigint, sum(found)::bigint FROM test_quality_bi.kpi_data_quality_finding
                     WHERE period_key >= 'month 2023-04' AND period_key <= 'month 2024-03' GROUP BY 1, 2 ORDER BY 1, 2 $$,
    $$ SELECT source::text, finding::text, examined, found FROM test_quality_bi.kpi_data_quality_finding_period WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force' ORDER BY 1, 2 $$,
    'and in every finding');

-- Who sees it: one division, the region and the force, never UNKNOWN; no place, no form.
CREATE ROLE nkpi_test_quality_reader;
SELECT grant_reader('test_quality', 'nkpi_test_quality_reader', '{B}');
SET LOCAL ROLE nkpi_test_quality_reader;
SELECT set_eq('SELECT DISTINCT area_key::text FROM test_quality_bi.kpi_data_quality_period', ARRAY['division B', 'region North', 'force'], 'an entitled role sees its division');
SELECT set_eq('SELECT DISTINCT area_key::text FROM test_quality_bi.kpi_data_quality_rejection', ARRAY['division B'], 'of rejections too');
RESET ROLE;
SELECT is_empty($$ SELECT * FROM bi_check('test_quality') $$, 'BI tools misread nothing');
SELECT is_empty($$ SELECT view_name, column_name FROM test_quality_bi.kpi_dictionary WHERE definition IS NULL $$, 'every column is defined');

-- A changed bucket is computed again by the index of its contract.
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(rollup text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('EXPLAIN (COSTS OFF) SELECT s.* FROM (VALUES (date ''2024-01-01'', ''A'')) d(day, division_code)
        CROSS JOIN LATERAL (SELECT * FROM test_quality.%I s WHERE s.day = d.day AND s.division_code = d.division_code OFFSET 0) s', rollup || '_source');
END $$;
SELECT ok((SELECT string_agg(line, ' ') FROM pg_temp.plan(name) AS line) LIKE '%Index Cond: ((%', name || ': by an index')
FROM unnest('{administration_quality_day,overdose_quality_day,activation_quality_day,measure_quality_day}'::text[]) AS name;

SELECT * FROM finish();
ROLLBACK;
