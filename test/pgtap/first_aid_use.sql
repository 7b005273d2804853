-- The KPI first_aid_use: a handful of administrations, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(24);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_first_aid');

INSERT INTO test_first_aid.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30');
INSERT INTO test_first_aid.source_coverage_record (source, division_code, covered_from) VALUES
    ('administration', 'A', '2024-02-01'), ('administration', 'B', '2024-02-01');

INSERT INTO test_first_aid.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, condition_on_arrival, first_aid) VALUES
    ('f01', 'i01', 'A', '2024-02-01 00:00+00', 'not_breathing', '{recovery_position: yes, rescue_breaths: no, airway_cleared: no}'),
    -- No list, and a list of nothing, say the same: not recorded.
    ('f02', 'i02', 'A', '2024-02-02 12:00+00', 'not_breathing', NULL),
    ('f03', 'i03', 'A', '2024-02-03 12:00+00', 'unconscious', '{}'),
    ('f04', 'i04', 'A', '2024-02-04 12:00+00', 'not_breathing', first_aid(false, false, false, false, false, false, false, false)),
    -- One of the two is enough; one No is not.
    ('f05', 'i05', 'A', '2024-02-05 12:00+00', 'not_breathing', '{rescue_breaths: yes}'),
    ('f06', 'i06', 'A', '2024-02-06 12:00+00', 'not_breathing', '{airway_cleared: no}'),
    -- Breathing, or nobody says.
    ('f07', 'i07', 'A', '2024-02-07 12:00+00', 'conscious', '{airway_cleared: yes}'),
    ('f08', 'i08', 'A', '2024-02-29 23:59:59+00', NULL, '{pulse_checked: yes, airway_cleared: yes}'),
    -- Midnight in summer time; a division the day after it ended; after the day of the refresh; never; before coverage.
    ('f09', 'i09', 'A', '2024-03-31 22:59:59+00', 'not_breathing', '{airway_cleared: yes}'),
    ('f10', 'i10', 'A', '2024-03-31 23:00:00+00', 'not_breathing', '{airway_cleared: no, rescue_breaths: no}'),
    ('f11', 'i11', 'B', '2024-05-01 12:00+00', 'not_breathing', '{woken_verbally: yes}'),
    ('f12', 'i12', 'A', '2024-05-31 23:00:00+00', 'not_breathing', '{woken_verbally: yes}'),
    ('f13', 'i13', 'A', '-infinity', 'not_breathing', '{woken_verbally: yes}'),
    ('f14', 'i14', 'A', '2024-01-31 23:59:59+00', 'not_breathing', '{woken_verbally: yes}');

CALL refresh('test_first_aid', '2024-05-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_first_aid.refresh_log WHERE mode = 'failed';

-- In columns: administrations, done, not done, not recorded.
CREATE FUNCTION pg_temp.counts(period text, area text, of_technique text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[administrations, times_done, times_not_done, times_not_recorded]
    FROM test_first_aid_bi.kpi_first_aid_use_period WHERE period_key = period AND area_key = area AND technique = of_technique $$;
SELECT is(pg_temp.counts(period, area, technique), counts, format('%s, %s, %s%s', period, area, technique, coalesce(': ' || what, '')))
FROM (VALUES
    ('month 2024-02', 'division A', 'recovery_position', '{8,1,1,6}'::bigint[], NULL),
    ('month 2024-02', 'division A', 'rescue_breaths', '{8,1,2,5}', NULL),
    ('month 2024-02', 'division A', 'airway_cleared', '{8,2,3,3}', NULL),
    ('month 2024-02', 'division A', 'pulse_checked', '{8,1,1,6}', 'the last second of February'),
    ('month 2024-02', 'division A', 'chest_compressions', '{8,0,1,7}', NULL),
    ('month 2024-02', 'division A', 'any_technique', '{8,4,1,3}', 'a No takes all eight'),
    ('month 2024-02', 'division A', 'breaths_or_airway_if_not_breathing', '{5,1,2,2}', 'one Yes is enough, one No is not'),
    ('month 2024-02', 'division B', 'breaths_or_airway_if_not_breathing', '{0,0,0,0}', 'nothing happened'),
    ('month 2024-03', 'division A', 'breaths_or_airway_if_not_breathing', '{1,1,0,0}', 'before midnight in summer time'),
    ('month 2024-04', 'division A', 'breaths_or_airway_if_not_breathing', '{1,0,1,0}', 'after it'),
    ('month 2024-05', 'division UNKNOWN', 'woken_verbally', '{1,1,0,0}', 'a division the day after it ended'),
    ('month 2024-05', 'division A', 'woken_verbally', '{0,0,0,0}', 'not after the day of the refresh'),
    ('fiscal_year 2023-04', 'force', 'breaths_or_airway_if_not_breathing', '{6,2,2,2}', 'not before coverage'),
    ('fiscal_year 2024-04', 'force', 'any_technique', '{2,1,0,1}', 'two of eight recorded as not done is not none'),
    ('month 2023-12', 'division A', 'any_technique', '{NULL,NULL,NULL,NULL}', 'a month before coverage has its row, and no count')
) AS expected (period, area, technique, counts, what);

CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
-- Wilson's limits of 1 of 3 from its formula, in Python.
SELECT ok(pg_temp.near(done_share, 1 / 3.0) AND pg_temp.near(done_share_lower, 0.06149194472039629) AND pg_temp.near(done_share_upper, 0.7923403991979523)
          AND done_share_lowest = 0.2 AND done_share_highest = 0.6, 'share: 1 of the 3 recorded; from 1 to 3 of all 5')
FROM test_first_aid_bi.kpi_first_aid_use_period
WHERE period_key = 'month 2024-02' AND area_key = 'division A' AND technique = 'breaths_or_airway_if_not_breathing';
SELECT ok(done_share IS NULL AND done_share_lowest IS NULL AND done_share_highest IS NULL, 'of nobody there is no share')
FROM test_first_aid_bi.kpi_first_aid_use_period WHERE period_key = 'month 2024-02' AND area_key = 'division B' AND technique = 'any_technique';

SELECT results_eq('SELECT DISTINCT technique::text FROM test_first_aid_bi.kpi_first_aid_use ORDER BY 1',
                  'SELECT technique FROM unnest(first_aid_techniques()) AS technique ORDER BY 1', 'what may be summed has the eight techniques alone');
SELECT results_eq('SELECT sum(times_done)::bigint, sum(times_not_done)::bigint, sum(times_not_recorded)::bigint FROM test_first_aid_bi.kpi_first_aid_use',
    -- By hand, over the eleven that count: techniques used, not used, and what is left of eight each.
    'VALUES (7::bigint, 13::bigint, 11 * 8 - 20::bigint)', 'a sum over everything is of techniques');
SELECT results_eq($$
    SELECT y.period_key, k.technique, sum(times_done)::bigint, sum(times_not_done)::bigint, sum(times_not_recorded)::bigint
    FROM test_first_aid_bi.kpi_first_aid_use k
    JOIN test_first_aid_bi.dim_period m USING (period_key)
    JOIN test_first_aid_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1, 2 ORDER BY 1, 2 $$, $$
    SELECT period_key, technique, times_done, times_not_done, times_not_recorded
    FROM test_first_aid_bi.kpi_first_aid_use_period
    WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' AND technique = ANY (first_aid_techniques()) ORDER BY 1, 2 $$,
    'months and divisions add up to the force''s years');

-- A correction changes history.
UPDATE test_first_aid.administration_record SET condition_on_arrival = 'unconscious', first_aid = NULL WHERE administration_id = 'f05';
DELETE FROM test_first_aid.administration_record WHERE administration_id = 'f10';
CALL refresh('test_first_aid', '2024-05-31');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'breaths_or_airway_if_not_breathing'), '{4,0,2,2}'::bigint[], 'a corrected record');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'rescue_breaths'), '{8,0,2,6}'::bigint[], 'in every technique');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'any_technique'), '{0,0,0,0}'::bigint[], 'nothing is left of a deleted one');

SELECT * FROM finish();
ROLLBACK;
