-- The KPI agency_information_sharing: a handful of reports, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(22);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_sharing');

INSERT INTO test_sharing.division_record (division_code, division_name, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'North', '2020-01-01', '2024-04-30');
INSERT INTO test_sharing.source_coverage_record (source, division_code, covered_from) VALUES
    ('administration', 'A', '2024-01-01'), ('information_share', 'A', '2024-01-01'), ('information_share', 'B', '2024-02-01');
INSERT INTO test_sharing.administration_record (administration_id, incident_id, incident_division_code, occurred_at) VALUES
    ('a1', 'i1', 'A', '2024-01-10 12:00+00'), ('a2', 'i2', 'A', '2024-01-30 12:00+00'), ('b1', 'i3', 'B', '2024-01-30 12:00+00'),
    ('b2', 'i4', 'B', '2024-04-29 12:00+00'), ('n1', 'i5', NULL, '2024-01-30 12:00+00'), ('t1', 'i6', 'A', 'infinity'), ('o1', 'i7', 'A', '1901-01-01 12:00+00');

INSERT INTO test_sharing.information_share_record (administration_id, signal_id, agency, due_by, shared_at, acknowledged_at) VALUES
    -- January in A: to the second in time, a second late, acknowledged in time, too late to tell, never, and with no agency to speak of.
    ('a1', NULL, 'adp', '2024-01-13 12:00+00', '2024-01-13 12:00+00', '2024-01-14 12:00+00'),
    ('a1', NULL, 'adp', '2024-01-13 12:00+00', '2024-01-13 12:00:01+00', NULL),
    ('a1', NULL, 'adp', '2024-01-13 12:00+00', NULL, '2024-01-12 12:00+00'),
    ('a1', NULL, 'adp', '2024-01-13 12:00+00', NULL, '2024-01-20 12:00+00'),
    ('a1', NULL, 'ambulance', '2024-01-13 12:00+00', NULL, NULL),
    ('a1', NULL, 'ALL', '2024-01-13 12:00+00', '2024-01-11 12:00+00', NULL),
    -- The month of due_by, not of the incident: half past eleven at night, in winter and in summer.
    ('a2', NULL, 'adp', '2024-01-31 23:30+00', '2024-01-30 13:00+00', NULL),
    ('a2', NULL, 'adp', '2024-05-31 23:30+00', '2024-02-01 12:00+00', NULL),
    -- Before the incident, and never in any calendar.
    ('a2', NULL, 'radar', '2024-02-10 12:00+00', '2024-01-30 11:59:59+00', NULL),
    ('a2', NULL, 'radar', '2024-02-10 12:00+00', '-infinity', 'infinity'),
    ('a2', NULL, 'radar', 'infinity', '2024-02-01 12:00+00', NULL),
    -- The incident's time is not known; no incident; an incident nobody knows, or without a division.
    ('t1', NULL, 'radar', '2024-02-11 12:00+00', '2024-02-11 12:00+00', '2024-02-11 12:00+00'),
    (NULL, 's1', 'radar', '2024-02-10 12:00+00', '2024-02-10 11:00+00', NULL),
    ('zz', NULL, 'radar', '2024-02-10 12:00+00', '2024-02-10 13:00+00', NULL),
    ('n1', NULL, 'radar', '2024-02-10 12:00+00', '2024-02-01 12:00+00', NULL),
    -- B: before its records; in them; the day after it ended.
    ('b1', NULL, 'adp', '2024-01-31 12:00+00', '2024-01-31 12:00+00', NULL),
    ('b1', NULL, 'adp', '2024-02-01 00:00+00', '2024-01-31 12:00+00', NULL),
    ('b2', NULL, 'adp', '2024-04-30 23:30+00', '2024-04-30 12:00+00', NULL),
    -- Due before the day of the refresh, shared after it; due after it.
    ('a2', NULL, 'health_board', '2024-06-09 12:00+00', '2024-06-11 12:00+00', '2024-06-12 12:00+00'),
    ('a2', NULL, 'health_board', '2024-06-11 12:00+00', '2024-06-01 12:00+00', NULL),
    -- More seconds than an integer holds.
    ('o1', NULL, 'ldis', '2024-06-09 12:00+00', '2024-06-01 12:00+00', NULL);

CALL refresh('test_sharing', '2024-06-10');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_sharing.refresh_log WHERE mode = 'failed';
SELECT is(count(*), 0::bigint, 'nothing is wrong with what BI tools see') FROM bi_check('test_sharing');

-- due, shared, on time, late, time not known, not shared, acknowledged, with delay known, before the incident
CREATE FUNCTION pg_temp.counts(period text, area text, to_agency text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[due, shared, shared_on_time, shared_late, shared_time_not_known, not_shared, acknowledged, with_delay_known, shared_before_incident]
    FROM test_sharing_bi.kpi_agency_information_sharing_period WHERE period_key = period AND area_key = area AND agency = to_agency $$;
SELECT is(pg_temp.counts(period, area, agency), counts, format('%s, %s, %s: %s', period, area, agency, what))
FROM (VALUES
    ('month 2024-01', 'division A', 'adp', '{5,5,3,1,1,0,3,3,0}'::bigint[], 'on time, late, and not known which'),
    ('month 2024-01', 'division A', 'ambulance', '{1,0,0,0,0,1,0,0,0}', 'not shared'),
    ('month 2024-01', 'division A', 'UNKNOWN', '{1,1,1,0,0,0,0,1,0}', 'ALL is no agency'),
    ('month 2024-01', 'division A', 'ALL', '{7,6,4,1,1,1,3,4,0}', 'all of them'),
    ('month 2024-06', 'division A', 'adp', '{1,1,1,0,0,0,0,1,0}', 'due after midnight in summer'),
    ('month 2024-02', 'division A', 'radar', '{3,2,2,0,0,1,1,0,1}', 'times that cannot be'),
    ('month 2024-02', 'division UNKNOWN', 'radar', '{3,3,2,1,0,0,0,1,0}', 'no division to be had'),
    ('month 2024-01', 'division B', 'adp', '{NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL}', 'before B''s records'),
    ('month 2024-02', 'division B', 'adp', '{1,1,1,0,0,0,0,1,0}', 'on their first day'),
    ('month 2024-05', 'division UNKNOWN', 'adp', '{1,1,1,0,0,0,0,1,0}', 'due the day after B ended'),
    ('month 2024-06', 'division A', 'health_board', '{1,0,0,0,0,1,0,0,0}', 'shared after the day of the refresh: not yet'),
    ('month 2024-06', 'division A', 'ldis', '{1,1,1,0,0,0,0,0,0}', 'after more than a century'),
    ('fiscal_year 2023-04', 'force', 'ALL', '{14,12,9,2,1,2,4,6,1}', 'a year')
) AS expected (period, area, agency, counts, what);

-- Delays of January in A: 72 hours, a second more, and one hour; with the one called ALL 24 hours too.
SELECT results_eq($$ SELECT agency::text, median_hours, median_hours_lower, on_time_share, acknowledged_share FROM test_sharing_bi.kpi_agency_information_sharing_period
    WHERE period_key = 'month 2024-01' AND area_key = 'division A' AND agency IN ('adp', 'ALL', 'ambulance') ORDER BY agency COLLATE "C" $$,
    $$ VALUES ('ALL', 48::float8, NULL::float8, 4 / 6::float8, 3 / 6::float8), ('adp', 72, NULL, 3 / 4::float8, 3 / 5::float8), ('ambulance', NULL, NULL, 0, NULL) $$,
    'medians of what was shared; shares of what is known');
-- Wilson, of 3 in 4 (from R).
SELECT ok(abs(on_time_share_lower - 0.3006418) < 1e-7 AND abs(on_time_share_upper - 0.9544127) < 1e-7, 'the share''s interval')
FROM test_sharing_bi.kpi_agency_information_sharing_period WHERE period_key = 'month 2024-01' AND area_key = 'division A' AND agency = 'adp';

-- Six of one to six hours: the median's limits are the first and the last, with 1 - 2 / 64 of confidence.
INSERT INTO test_sharing.information_share_record (administration_id, agency, due_by, shared_at)
SELECT 'b2', 'six', '2024-04-30 12:00+00', timestamptz '2024-04-29 12:00+00' + n * interval '1 hour' FROM generate_series(1, 6) AS n;
-- A correction: shared a second earlier.
UPDATE test_sharing.information_share_record SET shared_at = '2024-01-13 12:00+00' WHERE shared_at = '2024-01-13 12:00:01+00';
CALL refresh('test_sharing', '2024-06-10');
SELECT results_eq($$ SELECT median_hours, median_hours_lower, median_hours_upper FROM test_sharing_bi.kpi_agency_information_sharing_period
    WHERE period_key = 'month 2024-04' AND area_key = 'division B' AND agency = 'six' $$, $$ VALUES (3.5::float8, 1::float8, 6::float8) $$, 'a median and its limits');
SELECT is(pg_temp.counts('month 2024-01', 'division A', 'adp'), '{5,5,4,0,1,0,3,3,0}'::bigint[], 'a correction changes what was');
-- Months, divisions and agencies add up to the force and the year.
SELECT results_eq($$ SELECT sum(due)::bigint, sum(shared)::bigint, sum(shared_on_time)::bigint, sum(not_shared)::bigint, sum(with_delay_known)::bigint
                     FROM test_sharing_bi.kpi_agency_information_sharing WHERE period_key <= 'month 2024-03' $$,
    $$ SELECT due, shared, shared_on_time, not_shared, with_delay_known FROM test_sharing_bi.kpi_agency_information_sharing_period
       WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force' AND agency = 'ALL' $$, 'what may be summed is the force''s year');
SELECT is(count(*), 0::bigint, 'and has no ALL') FROM test_sharing_bi.kpi_agency_information_sharing WHERE agency = 'ALL';

CALL refresh('test_sharing', '2024-01-12');
SELECT is(pg_temp.counts('month 2024-01', 'division A', 'ALL'), '{0,0,0,0,0,0,0,0,0}'::bigint[], 'as of an earlier day none was due yet');

SELECT * FROM finish();
ROLLBACK;
