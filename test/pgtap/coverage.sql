-- On which days records exist: counts outside them are NULL and never 0; periods, areas and days by hand; no record, whatever
-- its time, makes a refresh fail.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(65);

SELECT deploy('test_coverage');
INSERT INTO test_coverage.division_record (division_code, division_name, region, valid_from, valid_to) VALUES
    ('P', 'Partly covered', 'R', '2020-01-01', NULL), ('G', 'With a gap', 'R', '2020-01-01', NULL), ('O', 'Overlapping', NULL, '2020-01-01', NULL),
    ('N', 'Never covered', NULL, '2020-01-01', NULL),
    -- Dissolved for a month; and a spell that ends before it begins, which is none.
    ('S', 'Old name', NULL, '2024-01-01', '2024-01-31'), ('S', 'New name', NULL, '2024-03-01', NULL), ('S', 'Not yet', NULL, '2024-02-10', '2024-02-09');
INSERT INTO test_coverage.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    ('administration', 'P', '2024-01-15', '2024-03-20'),
    ('administration', 'G', '2024-01-01', '2024-01-10'), ('administration', 'G', '2024-01-21', NULL),
    ('administration', 'O', '2024-01-01', '2024-02-15'), ('administration', 'O', '2024-02-01', '2024-03-31'), ('administration', 'O', '2024-01-05', '2024-01-06'),
    ('administration', 'O', '2024-06-01', '2024-05-01'),    -- ends before it begins: none
    ('administration', 'S', '2024-01-01', NULL),            -- though S did not hold in February
    ('direct_measure', 'N', '2024-01-01', NULL),            -- another source's
    ('administratoin', 'N', '2024-01-01', NULL);            -- nobody's
INSERT INTO test_coverage.administration_record (administration_id, incident_id, incident_division_code, occurred_at)
SELECT row_number() OVER (), row_number() OVER (), division, occurred_at::timestamptz
FROM (VALUES
    ('P', '2024-01-14 23:59:59Z'), ('P', '2024-01-15 00:00Z'), ('P', '2024-03-20 12:00Z'), ('P', '2024-03-20 23:59:59.999999Z'), ('P', '2024-03-21 00:00Z'),
    ('G', '2024-01-10 12:00Z'), ('G', '2024-01-11 12:00Z'), ('G', '2024-01-20 12:00Z'), ('G', '2024-01-21 12:00Z'),
    -- In summer time the last day of March ends an hour before midnight UTC.
    ('O', '2024-01-01 00:00Z'), ('O', '2024-02-10 12:00Z'), ('O', '2024-03-31 22:59:59Z'), ('O', '2024-03-31 23:00Z'), ('O', '2024-05-15 12:00Z'),
    ('S', '2024-01-31 12:00Z'), ('S', '2024-02-01 12:00Z'), ('S', '2024-03-01 12:00Z'),
    ('N', '2024-02-02 12:00Z'),
    (NULL, '2023-12-31 23:59:59Z'), (NULL, '2024-01-05 12:00Z'), (NULL, '2024-06-20 22:59:59Z'), (NULL, '2024-06-20 23:00Z')
) AS t (division, occurred_at);

CALL refresh('test_coverage', '2024-06-20');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_coverage.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.days_and_count(period text, area text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', division_days, covered_division_days, coalesce(administrations::text, '-'))
    FROM test_coverage_bi.kpi_doses_by_division_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.days_and_count(period, area), expected, format('%s, %s: %s', period, area, what))
FROM (VALUES
    ('month 2024-01', 'division P', '31 17 1', 'records from the 15th'), ('month 2024-02', 'division P', '29 29 0', 'records, of nothing'),
    ('month 2024-03', 'division P', '31 20 2', 'records up to the 20th'), ('month 2024-04', 'division P', '30 0 -', 'records no more'),
    ('fiscal_quarter 2024-01', 'division P', '91 66 3', 'what there is of the quarter'), ('fiscal_quarter 2023-10', 'division P', '92 0 -', 'nothing of it'),
    ('fiscal_year 2023-04', 'division P', '366 66 3', 'what there is of the year'), ('fiscal_year 2024-04', 'division P', '81 0 -', 'nothing of its 81 days so far'),
    ('month 2024-01', 'division G', '31 21 2', 'days on both sides of a gap'), ('month 2024-06', 'division G', '20 20 0', 'up to the day of the refresh'),
    ('month 2024-01', 'division O', '31 31 1', 'a day covered twice is one day'), ('month 2024-02', 'division O', '29 29 1', 'and its record one record'),
    ('month 2024-03', 'division O', '31 31 1', 'the last second of March'), ('month 2024-04', 'division O', '30 0 -', 'the first of April is outside'),
    ('month 2024-05', 'division O', '31 0 -', 'coverage that ends before it begins is none'),
    ('month 2024-01', 'division S', '31 31 1', 'the first spell'), ('month 2024-02', 'division S', NULL, 'no row between the spells'), ('month 2024-03', 'division S', '31 31 1', 'the second spell'),
    ('fiscal_year 2023-04', 'division S', '62 62 2', 'the days on which it held'),
    ('month 2024-02', 'division N', '29 0 -', 'another source''s coverage is not this one''s'),
    ('month 2023-12', 'division UNKNOWN', '0 0 -', 'before there are records of any division'), ('month 2024-01', 'division UNKNOWN', '0 0 1', 'no division'),
    ('month 2024-02', 'division UNKNOWN', '0 0 1', 'a division between its spells'), ('month 2024-03', 'division UNKNOWN', '0 0 0', 'nothing, but there would have been a record'),
    ('month 2024-06', 'division UNKNOWN', '0 0 1', 'up to midnight in London'), ('fiscal_year 2023-04', 'division UNKNOWN', '0 0 2', 'the year'),
    ('month 2024-01', 'region R', '62 38 3', 'the divisions of a region'), ('month 2024-04', 'region R', '60 30 0', 'covered in part is covered'),
    ('month 2023-12', 'force', '124 0 -', 'nothing of the force'), ('month 2024-01', 'force', '155 100 6', 'all divisions and UNKNOWN'), ('month 2024-02', 'force', '116 87 2', 'without the division between its spells')
) AS t (period, area, expected, what);

-- The same in every KPI on the source: nothing is 0 where nothing is known, and everything has a count where something is.
SELECT is(count(*), 0::bigint, 'doses_by_division has counts where, and only where, records exist')
FROM test_coverage_bi.kpi_doses_by_division_period k
JOIN test_coverage_bi.dim_period p USING (period_key)
WHERE (area_key = 'division UNKNOWN' AND (incidents IS NOT NULL) <> (period_end >= '2024-01-01'))
   OR (area_key <> 'division UNKNOWN' AND area_key <> 'force' AND (incidents IS NOT NULL) <> (covered_division_days > 0))
   OR num_nulls(incidents, administrations, forms, people, without_person_key, with_doses_recorded, doses, over_two_doses, with_strength_known, micrograms, territorial_administrations) NOT IN (0, 11);
SELECT is(count(*), 0::bigint, 'ambulance_response too')
FROM test_coverage_bi.kpi_ambulance_response_period a JOIN test_coverage_bi.kpi_doses_by_division_period d USING (period_key, area_key)
WHERE (d.incidents IS NULL) <> (a.incidents IS NULL) OR (a.clock = 'UNKNOWN' AND a.ambulance_category = 'ALL' AND a.call_source = 'ALL' AND a.incidents <> d.incidents)
   OR num_nulls(a.incidents, a.calls, a.arrivals, a.stood_down, a.person_left, a.not_attended, a.not_known, a.invalid, a.arrivals_within_8_mins, a.downgraded, a.naloxone_to_ambulance_known) NOT IN (0, 11);
SELECT is(count(*), 0::bigint, 'referral_conversion too, and without records of referral nobody is followed')
FROM test_coverage_bi.kpi_referral_conversion_period r JOIN test_coverage_bi.kpi_doses_by_division_period d USING (period_key, area_key)
WHERE r.administrations IS DISTINCT FROM d.administrations OR num_nulls(r.administrations, r.died_before_handover, r.not_identifiable, r.episodes) NOT IN (0, 4)
   OR num_nonnulls(r.episodes_followed, r.referred, r.engaged, r.already_known_to_service) > 0;
SELECT results_eq($$ SELECT area_key::text, disposals FROM test_coverage_bi.kpi_recorded_police_warning_trend_period
                     WHERE period_key = 'month 2024-01' AND area_key IN ('division N', 'division P', 'division UNKNOWN', 'force') ORDER BY 1 $$,
    $$ VALUES ('division N', 0::bigint), ('division P', NULL), ('division UNKNOWN', 0), ('force', 0) $$, 'each source has its own days');

-- Periods and areas.
SELECT results_eq($$ SELECT period_key::text, label::text, to_char(period_start, 'YYYY-MM-DD'), to_char(period_end, 'YYYY-MM-DD'), is_complete::integer, is_settled::integer
                     FROM test_coverage_bi.dim_period WHERE period_key IN ('month 2024-02', 'month 2024-04', 'month 2024-05', 'month 2024-06', 'fiscal_quarter 2024-01', 'fiscal_quarter 2024-04',
                         'fiscal_year 2023-04', 'fiscal_year 2024-04') ORDER BY sort_order $$,
    $$ VALUES ('month 2024-02', 'Feb 2024', '2024-02-01', '2024-02-29', 1, 1), ('month 2024-04', 'Apr 2024', '2024-04-01', '2024-04-30', 1, 1), ('month 2024-05', 'May 2024', '2024-05-01', '2024-05-31', 1, 0),
              ('month 2024-06', 'Jun 2024', '2024-06-01', '2024-06-30', 0, 0), ('fiscal_quarter 2024-01', '2023/24 Q4', '2024-01-01', '2024-03-31', 1, 1),
              ('fiscal_quarter 2024-04', '2024/25 Q1', '2024-04-01', '2024-06-30', 0, 0), ('fiscal_year 2023-04', '2023/24', '2023-04-01', '2024-03-31', 1, 1),
              ('fiscal_year 2024-04', '2024/25', '2024-04-01', '2025-03-31', 0, 0) $$, 'periods: ended, and settled 45 days after');
SELECT results_eq($$ SELECT to_char(min(period_start), 'YYYY-MM-DD'), to_char(max(period_start), 'YYYY-MM-DD'), count(*) FROM test_coverage_bi.dim_period WHERE grain = 'month' $$,
    $$ VALUES ('2023-04-01', '2024-06-01', 15::bigint) $$, 'from the fiscal year of the first record within coverage to the day of the refresh');
SELECT results_eq($$ SELECT area_name::text, to_char(valid_from, 'YYYY-MM-DD'), valid_to FROM test_coverage_bi.dim_area WHERE area_key = 'division S' $$,
    $$ VALUES ('New name', '2024-01-01', NULL::date) $$, 'a division bears its last name');

-- Rows in = rows accounted for.
SELECT results_eq($$ SELECT records, counted_in_division, counted_unknown, division_not_held, after_as_of, outside_coverage, day_not_known
                     FROM test_coverage.record_accounting WHERE source = 'administration' $$,
    $$ VALUES (22::bigint, 10::bigint, 3::bigint, 1::bigint, 1::bigint, 8::bigint, 0::bigint) $$, 'every record is accounted for');
SELECT is((SELECT sum(administrations)::bigint FROM test_coverage_bi.kpi_doses_by_division), 13::bigint, 'and those that were counted are in the KPI');
SELECT is((SELECT string_agg(finding, '; ') FROM check_deployment('test_coverage') WHERE object LIKE '%.source_coverage'), '8 of 22 records of administration lie outside it and are not counted',
    'check_deployment tells of the others');

-- Other days.
CALL refresh('test_coverage', '2024-01-12');
SELECT is(pg_temp.days_and_count(period, area), expected, format('as of 12 January, %s, %s', period, area))
FROM (VALUES ('month 2024-01', 'division P', '12 0 -'), ('month 2024-01', 'division G', '12 10 1'), ('month 2024-01', 'division UNKNOWN', '0 0 1'), ('month 2024-01', 'force', '60 34 3'),
             ('month 2024-02', 'force', NULL)) AS t (period, area, expected);
CALL refresh('test_coverage', '2022-01-01');
SELECT is((SELECT count(*) FROM test_coverage_bi.kpi_doses_by_division_period), 0::bigint, 'as of a day before all records there is no period');
CALL refresh('test_coverage', '2024-06-20');
SELECT is(pg_temp.days_and_count('month 2024-01', 'force'), '155 100 6', 'and as of the first day everything is as it was');

-- Somebody says of UNKNOWN itself since when there are records, or that it is a division.
INSERT INTO test_coverage.source_coverage_record (source, division_code, covered_from) VALUES ('administration', 'UNKNOWN', '2024-01-01');
CALL refresh('test_coverage', '2024-06-20');
SELECT is(pg_temp.days_and_count('month 2024-01', 'division UNKNOWN'), '0 0 1', 'coverage stated of UNKNOWN does not count its records twice');
SELECT is(pg_temp.days_and_count('month 2024-01', 'force'), '155 100 6', 'nor the force''s');
SELECT is((SELECT records FROM test_coverage.record_accounting WHERE source = 'administration'), 22::bigint, 'nor the records accounted for');
DELETE FROM test_coverage.source_coverage_record WHERE division_code = 'UNKNOWN';
INSERT INTO test_coverage.division_record (division_code, division_name, valid_from) VALUES ('UNKNOWN', 'Nowhere', '2020-01-01');
CALL refresh('test_coverage', '2024-06-20');
SELECT is(pg_temp.days_and_count('month 2024-01', 'division UNKNOWN'), '0 0 1', 'a division called UNKNOWN is UNKNOWN');
SELECT is(pg_temp.days_and_count('month 2024-01', 'force'), '155 100 6', 'and adds no days');
DELETE FROM test_coverage.division_record WHERE division_code = 'UNKNOWN';

-- Always and for ever.
INSERT INTO test_coverage.division_record (division_code, division_name, valid_from, valid_to) VALUES ('I', 'Infinite', '-infinity', 'infinity');
INSERT INTO test_coverage.source_coverage_record (source, division_code, covered_from, covered_to) VALUES ('administration', 'I', '-infinity', 'infinity');
INSERT INTO test_coverage.population_record (area_type, area_code, year, people) VALUES ('division', 'I', 2024, 1000);
INSERT INTO test_coverage.published_count_record (indicator, period_from, period_to, value, source) VALUES
    ('recorded_police_warnings', '-infinity', 'infinity', 1, 'nobody'), ('recorded_police_warnings', '2024-01-01', 'infinity', 1, 'nobody');
INSERT INTO test_coverage.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key) VALUES
    ('i1', 'i1', 'I', '2024-02-29 12:00Z', 'i'), ('i2', 'i2', 'I', 'infinity', 'i'), ('i3', 'i3', 'I', '-infinity', 'i');
CALL refresh('test_coverage', '2024-06-20');
SELECT is(pg_temp.days_and_count('month 2024-02', 'division I'), '29 29 1', 'a division and coverage without beginning or end');
SELECT is(pg_temp.days_and_count('fiscal_year 2023-04', 'division I'), '366 366 1', 'over a year');
SELECT is((SELECT person_years FROM test_coverage_bi.kpi_doses_by_division_period WHERE period_key = 'month 2024-02' AND area_key = 'division I'), 1000 * 29 / 365.25::float8, 'with its exposure');
SELECT is((SELECT day_not_known FROM test_coverage.record_accounting WHERE source = 'administration'), 2::bigint, 'infinite times are no days, and accounted for');
SELECT is((SELECT count(*) FROM bi_check('test_coverage')), 0::bigint, 'nothing infinite is shown');
-- A year mistyped must not make a month of every month since.
INSERT INTO test_coverage.published_count_record (indicator, period_from, period_to, value, source) VALUES ('recorded_police_warnings', '0202-04-01', '2020-03-31', 1, 'mistyped');
INSERT INTO test_coverage.administration_record (administration_id, incident_id, incident_division_code, occurred_at) VALUES ('i4', 'i4', 'I', '0024-02-29 12:00Z');
CALL refresh('test_coverage', '2024-06-20');
SELECT is((SELECT min(period_start) FROM test_coverage_bi.dim_period), date '2023-04-01', 'no period begins with a year mistyped as 24 or 202');
DELETE FROM test_coverage.published_count_record;

-- The first and the last moment that the server knows, which few zones and no window can be added to.
INSERT INTO test_coverage.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key) VALUES ('e1', 'e1', 'P', '4714-11-24 00:00:00Z BC', 'e');
SELECT lives_ok($$ CALL refresh('test_coverage', '2024-06-20') $$, 'a record of 4714 BC makes no refresh fail');
DELETE FROM test_coverage.administration_record WHERE administration_id = 'e1';
INSERT INTO test_coverage.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key) VALUES ('e2', 'e2', 'P', '294276-12-31 23:59:59Z', 'e');
SELECT lives_ok($$ CALL refresh('test_coverage', '2024-06-20') $$, 'nor does one of 294276');
DELETE FROM test_coverage.administration_record WHERE administration_id = 'e2';
INSERT INTO test_coverage.administration_record (administration_id, incident_id, incident_division_code, occurred_at, ambulance_called_at, naloxone_first_at, ambulance_arrived_at, ambulance_response_mins) VALUES
    ('e3', 'e3', 'P', '2024-02-02 12:00Z', '4714-11-24 00:00:00Z BC', '4714-11-24 00:00:00Z BC', '294276-12-31 23:59:59Z', 32767), ('e4', 'e4', 'P', '2024-02-02 12:00Z', '294276-12-31 23:59:59Z', '294276-12-31 23:59:59Z', '4714-11-24 00:00:00Z BC', -32768);
SELECT lives_ok($$ CALL refresh('test_coverage', '2024-06-20') $$, 'nor an ambulance that took from the one to the other');
SELECT is((SELECT sum(invalid)::bigint FROM test_coverage_bi.kpi_ambulance_response WHERE period_key = 'month 2024-02'), 2::bigint, 'whose time is invalid, and counted');
DELETE FROM test_coverage.administration_record WHERE administration_id IN ('e3', 'e4');
INSERT INTO test_coverage.referral_event_record (person_key, stage, occurred_at) VALUES ('i', 'engaged', '4714-11-24 00:00:00Z BC'), ('i', 'engaged', '294276-12-31 23:59:59Z');
INSERT INTO test_coverage.direct_measure_record (measure_id, division_code, issued_on, offence, kind) VALUES ('e5', 'N', '5874897-12-31', 'drug_possession', 'other');
INSERT INTO test_coverage.recorded_crime_record (division_code, recorded_on, kind, crimes) VALUES ('N', '5874897-12-31', 'possession', 1), ('N', '4714-11-24 BC', 'possession', 1);
SELECT lives_ok($$ CALL refresh('test_coverage', '2024-06-20') $$, 'nor any other source''s');

SELECT * FROM finish();
ROLLBACK;
