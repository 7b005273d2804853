-- The KPI overdoses_attended: a handful of overdoses and administrations, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(29);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_overdose');

INSERT INTO test_overdose.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30');
-- Overdoses are recorded from February, administrations from January, and in B from March.
INSERT INTO test_overdose.source_coverage_record (source, division_code, covered_from) VALUES
    ('overdose_incident', 'A', '2024-02-01'), ('overdose_incident', 'B', '2024-02-01'),
    ('administration', 'A', '2024-01-01'), ('administration', 'B', '2024-03-01');

INSERT INTO test_overdose.overdose_incident_record (incident_id, incident_division_code, occurred_at, notified_by, naloxone_given, why_not) VALUES
    ('o01', 'A', '2024-02-01 12:00+00', NULL, true, NULL),
    -- A reason beside a Yes says nothing.
    ('o02', 'A', '2024-02-02 12:00+00', NULL, true, 'not_carried'),
    ('o03', 'A', '2024-02-03 12:00+00', NULL, false, 'not_carried'),
    ('o04', 'A', '2024-02-04 12:00+00', NULL, false, 'expired'),
    ('o05', 'A', '2024-02-05 12:00+00', NULL, false, 'not_needed'),
    -- No reason; blank; words that mean something else here.
    ('o06', 'A', '2024-02-06 12:00+00', NULL, false, NULL),
    ('o07', 'A', '2024-02-07 12:00+00', NULL, false, ''),
    ('o08', 'A', '2024-02-08 12:00+00', NULL, false, 'ALL'),
    ('o09', 'A', '2024-02-09 12:00+00', NULL, false, 'NONE'),
    -- Not recorded whether it was given, with a reason why not and without.
    ('o10', 'A', '2024-02-10 12:00+00', NULL, NULL, NULL),
    ('o11', 'A', '2024-02-11 12:00+00', 'police', NULL, 'not_carried'),
    -- Told of by others: alone; and attended all the same, for somebody knows about the naloxone.
    ('o12', 'A', '2024-02-12 12:00+00', 'ambulance_service', NULL, NULL),
    ('o13', 'A', '2024-02-13 12:00+00', 'ambulance_service', false, 'not_needed'),
    ('o14', 'A', '2024-02-29 23:59:59+00', 'health_board', true, NULL),
    -- Midnight in summer time; a division the day after it ended, and none; after the day of the refresh; never; before coverage.
    ('o15', 'A', '2024-03-31 22:59:59+00', NULL, true, NULL),
    ('o16', 'A', '2024-03-31 23:00:00+00', NULL, false, 'none_left'),
    ('o17', 'B', '2024-05-01 12:00+00', NULL, true, NULL),
    ('o18', NULL, '2024-05-02 12:00+00', NULL, false, 'own code'),
    ('o19', 'A', '2024-05-31 23:00:00+00', NULL, true, NULL),
    ('o20', 'A', 'infinity', NULL, true, NULL),
    ('o21', 'A', '2024-01-31 23:59:59+00', NULL, true, NULL);

INSERT INTO test_overdose.administration_record (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at) VALUES
    -- Two people in one incident are one incident, where and when the first was, whatever the overdose's record says.
    ('a01', 'o01', 1, 'A', '2024-02-01 12:05+00'),
    ('a02', 'o01', 2, 'A', '2024-03-01 12:05+00'),
    ('a03', 'o17', 1, 'A', '2024-05-01 12:05+00'),
    -- Recorded as not given; as not recorded; not among the overdoses; before overdoses were recorded, though listed.
    ('a04', 'o05', 1, 'A', '2024-02-05 12:05+00'),
    ('a05', 'o10', 1, 'A', '2024-02-10 12:05+00'),
    ('a06', 'i06', 1, 'A', '2024-02-11 12:05+00'),
    ('a07', 'o21', 1, 'A', '2024-01-31 12:00+00'),
    ('a08', 'i08', 1, 'A', '2024-01-15 12:00+00'),
    -- Where administrations are not recorded yet; in no division; after the day of the refresh.
    ('a09', 'i09', 1, 'B', '2024-02-11 12:00+00'),
    ('a10', 'i10', 1, NULL, '2024-05-11 12:00+00'),
    ('a11', 'i11', 1, 'A', '2024-05-31 23:00:00+00');

CALL refresh('test_overdose', '2024-05-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_overdose.refresh_log WHERE mode = 'failed';

-- In columns: attended, given, not given, not recorded, not at hand, notified, administered, of them not listed, recorded as not given.
CREATE FUNCTION pg_temp.counts(period text, area text, reason text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[incidents_attended, naloxone_given, naloxone_not_given, naloxone_not_recorded, naloxone_not_at_hand, incidents_notified,
                 administered, administered_not_listed, administered_recorded_not_given]
    FROM test_overdose_bi.kpi_overdoses_attended_period WHERE period_key = period AND area_key = area AND why_not = reason $$;
SELECT is(pg_temp.counts(period, area, reason), counts, format('%s, %s, %s%s', period, area, reason, coalesce(': ' || what, '')))
FROM (VALUES
    ('month 2024-02', 'division A', 'ALL', '{13,3,8,2,2,1,4,1,1}'::bigint[], 'not recorded is not No; only told of is not attended'),
    ('month 2024-02', 'division A', 'NONE', '{5,3,0,2,0,1,4,1,1}', 'given, or not recorded whether'),
    ('month 2024-02', 'division A', 'UNKNOWN', '{4,0,4,0,0,0,0,0,0}', 'no reason, or a word that is none'),
    ('month 2024-02', 'division A', 'not_carried', '{1,0,1,0,1,0,0,0,0}', 'not where it was given after all'),
    ('month 2024-02', 'division A', 'expired', '{1,0,1,0,1,0,0,0,0}', NULL),
    ('month 2024-02', 'division A', 'not_needed', '{2,0,2,0,0,0,0,0,0}', NULL),
    ('month 2024-02', 'division A', 'none_left', '{0,0,0,0,0,0,0,0,0}', 'every reason has its row'),
    ('month 2024-02', 'division B', 'ALL', '{0,0,0,0,0,0,NULL,NULL,NULL}', 'where administrations are not recorded nothing is said of them'),
    ('month 2024-03', 'division A', 'ALL', '{1,1,0,0,0,0,0,0,0}', 'before midnight in summer time; an incident''s second person is no incident'),
    ('month 2024-04', 'division A', 'none_left', '{1,0,1,0,1,0,0,0,0}', 'after it'),
    ('month 2024-05', 'division UNKNOWN', 'ALL', '{2,1,1,0,0,0,1,1,0}', 'a division the day after it ended, and none'),
    ('month 2024-05', 'division A', 'ALL', '{0,0,0,0,0,0,1,0,0}', 'an administration is where it says that it was'),
    ('month 2024-01', 'division A', 'ALL', '{NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL}', 'a month before coverage has its row, and no count'),
    ('fiscal_year 2023-04', 'force', 'ALL', '{14,4,8,2,2,1,4,1,1}', NULL),
    ('fiscal_year 2024-04', 'force', 'ALL', '{3,1,2,0,1,0,2,1,0}', NULL),
    ('fiscal_year 2024-04', 'force', 'own code', '{1,0,1,0,0,0,0,0,0}', 'a code of the force''s own'),
    ('fiscal_year 2024-04', 'region North', 'ALL', '{1,0,1,0,1,0,1,0,0}', 'UNKNOWN is in no region')
) AS expected (period, area, reason, counts, what);

CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
-- Wilson's limits from its formula, in Python.
SELECT ok(pg_temp.near(given_share, 1 / 3.0) AND pg_temp.near(given_share_lower, 0.06149194472039629) AND pg_temp.near(given_share_upper, 0.7923403991979523),
          'share given: 1 of 3 recorded')
FROM test_overdose_bi.kpi_overdoses_attended_period WHERE period_key = 'fiscal_year 2024-04' AND area_key = 'force' AND why_not = 'ALL';
SELECT ok(pg_temp.near(available_share, 3 / 5.0) AND pg_temp.near(available_share_lower, 0.230724281276013)
          AND pg_temp.near(available_share_upper, 0.882379225767352), 'share available: given in 3, missing in 2')
FROM test_overdose_bi.kpi_overdoses_attended_period WHERE period_key = 'month 2024-02' AND area_key = 'division A' AND why_not = 'ALL';
SELECT is(count(given_share) + count(available_share), 0::bigint, 'no share of one reason')
FROM test_overdose_bi.kpi_overdoses_attended_period WHERE why_not <> 'ALL';
SELECT ok(given_share IS NULL AND available_share IS NULL, 'nor of nothing')
FROM test_overdose_bi.kpi_overdoses_attended_period WHERE period_key = 'month 2024-02' AND area_key = 'division B' AND why_not = 'ALL';

-- Whatever is summed is right.
SELECT is(count(*), 0::bigint, 'what may be summed has no ALL') FROM test_overdose_bi.kpi_overdoses_attended WHERE why_not = 'ALL';
SELECT results_eq($$
    SELECT y.period_key, sum(incidents_attended)::bigint, sum(naloxone_given)::bigint, sum(naloxone_not_given)::bigint, sum(naloxone_not_recorded)::bigint,
           sum(naloxone_not_at_hand)::bigint, sum(incidents_notified)::bigint, sum(administered)::bigint, sum(administered_not_listed)::bigint
    FROM test_overdose_bi.kpi_overdoses_attended k
    JOIN test_overdose_bi.dim_period m USING (period_key)
    JOIN test_overdose_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 ORDER BY 1 $$, $$
    SELECT period_key, incidents_attended, naloxone_given, naloxone_not_given, naloxone_not_recorded, naloxone_not_at_hand, incidents_notified,
           administered, administered_not_listed
    FROM test_overdose_bi.kpi_overdoses_attended_period WHERE area_key = 'force' AND why_not = 'ALL' AND period_key LIKE 'fiscal_year%' ORDER BY 1 $$,
    'months, divisions and reasons add up to the force''s years');
SELECT results_eq($$ SELECT records, counted_in_division, counted_unknown, division_not_held, after_as_of, outside_coverage, day_not_known
                     FROM test_overdose.record_accounting WHERE source = 'overdose_incident' $$,
    $$ VALUES (21::bigint, 16::bigint, 2::bigint, 1::bigint, 1::bigint, 1::bigint, 1::bigint) $$, 'where every record was counted, or why not');
SELECT is(sum(incidents_attended + incidents_notified)::bigint, 18::bigint, 'and all that are counted are attended or notified')
FROM test_overdose_bi.kpi_overdoses_attended;

-- The owner's own reason; corrections; an incident that comes to be listed.
INSERT INTO test_overdose.naloxone_not_at_hand VALUES ('own code');
UPDATE test_overdose.overdose_incident_record SET naloxone_given = true WHERE incident_id = 'o03';
DELETE FROM test_overdose.overdose_incident_record WHERE incident_id = 'o05';
INSERT INTO test_overdose.overdose_incident_record (incident_id, incident_division_code, occurred_at, naloxone_given) VALUES
    ('i06', 'A', '2024-02-11 12:00+00', true);
CALL refresh('test_overdose', '2024-05-31');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'ALL'), '{13,5,6,2,1,1,4,1,0}'::bigint[], 'a correction, a deletion and an addition');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'not_carried'), NULL, 'a reason that nobody gives any more is gone');
SELECT is(pg_temp.counts('fiscal_year 2024-04', 'force', 'ALL'), '{3,1,2,0,2,0,2,1,0}'::bigint[], 'the force''s own reason means that there was none at hand');

SELECT * FROM finish();
ROLLBACK;
