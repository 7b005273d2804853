-- The KPI survived_after_naloxone: a handful of administrations and deaths, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(31);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_survived');

INSERT INTO test_survived.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30');
-- Deaths are recorded a month later than administrations.
INSERT INTO test_survived.source_coverage_record (source, division_code, covered_from) VALUES
    ('administration', 'A', '2024-01-01'), ('administration', 'B', '2024-01-01'),
    ('drug_death', 'A', '2024-02-01'), ('drug_death', 'B', '2024-02-01');

INSERT INTO test_survived.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, believed_dead_on_arrival, survival, survival_as_at) VALUES
    ('s01', 'i01', 'A', '2024-01-10 12:00+00', NULL, 'survived', 'handover'),
    ('s02', 'i02', 'A', '2024-02-10 12:00+00', false, 'survived', '24_hours'),
    ('s03', 'i03', 'A', '2024-02-11 12:00+00', NULL, 'survived', '30_days'),
    ('s04', 'i04', 'A', '2024-02-12 12:00+00', false, 'died', 'handover'),
    ('s05', 'i05', 'A', '2024-02-13 12:00+00', NULL, 'died', '24_hours'),
    ('s06', 'i06', 'A', '2024-02-14 12:00+00', NULL, 'died', '30_days'),
    -- Not known, not recorded, and what no form has.
    ('s07', 'i07', 'A', '2024-02-15 12:00+00', NULL, 'not_known', 'handover'),
    ('s08', 'i08', 'A', '2024-02-16 12:00+00', NULL, NULL, NULL),
    ('s19', 'i19', 'A', '2024-02-16 13:00+00', NULL, 'perhaps', NULL),
    -- Believed dead, and two of them were not.
    ('s09', 'i09', 'A', '2024-02-17 12:00+00', true, 'died', 'handover'),
    ('s10', 'i10', 'A', '2024-02-18 12:00+00', true, 'survived', '24_hours'),
    ('s20', 'i20', 'A', '2024-02-18 13:00+00', true, NULL, NULL),
    ('s11', 'i11', 'A', '2024-02-19 12:00+00', NULL, 'survived', NULL),
    -- The last second of March and the first of April, in summer time.
    ('s12', 'i12', 'A', '2024-03-31 22:59:59+00', NULL, 'survived', 'handover'),
    ('s13', 'i13', 'A', '2024-03-31 23:00:00+00', NULL, 'died', 'handover'),
    -- A division the day after it ended, and none.
    ('s14', 'i14', 'B', '2024-05-01 12:00+00', NULL, 'survived', 'handover'),
    ('s15', 'i15', NULL, '2024-06-01 12:00+00', NULL, 'not_known', NULL),
    -- After the day of the refresh, never, and before coverage.
    ('s16', 'i16', 'A', '2024-07-15 23:00+00', NULL, 'survived', 'handover'),
    ('s17', 'i17', 'A', 'infinity', NULL, 'survived', 'handover'),
    ('s18', 'i18', 'A', '2023-12-31 12:00+00', NULL, 'survived', 'handover');

INSERT INTO test_survived.drug_death_record (death_id, division_code, died_on, status, administration_id) VALUES
    -- Of an administration from before deaths were recorded.
    ('d01', 'A', '2024-02-20', 'suspected', 's01'),
    -- Two deaths of one administration are one; the first counts, and one that was excluded never does.
    ('d02', 'A', '2024-04-20', 'confirmed', 's02'),
    ('d03', 'A', '2024-02-11', 'suspected', 's02'),
    ('d04', 'A', '2024-02-10', 'excluded', 's02'),
    -- 30 days later, over the leap day; 31 days later.
    ('d05', 'A', '2024-03-12', 'confirmed', 's03'),
    ('d06', 'A', '2024-03-21', 'suspected', 's11'),
    -- Of one not known, on the same day; of one recorded as dead; excluded; before the administration; without a day.
    ('d07', 'A', '2024-02-15', 'suspected', 's07'),
    ('d08', 'A', '2024-02-12', 'confirmed', 's04'),
    ('d09', 'A', '2024-02-14', 'excluded', 's05'),
    ('d10', 'A', '2024-02-01', 'suspected', 's08'),
    ('d11', 'A', 'infinity', 'suspected', 's06'),
    -- After the day of the refresh; of one believed dead who lived then.
    ('d12', 'A', '2024-07-16', 'suspected', 's12'),
    ('d13', 'A', '2024-03-01', 'suspected', 's10'),
    -- Deaths in no division, and in one that nobody knows.
    ('d14', NULL, '2024-06-01', 'suspected', 's14'),
    ('d15', 'ZZ', '2024-04-02', 'suspected', 's13'),
    -- Linked to nothing, and to what is not there.
    ('d16', 'A', '2024-03-03', 'suspected', NULL),
    ('d17', 'A', '2024-03-03', 'suspected', 'nobody');

CALL refresh('test_survived', '2024-07-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_survived.refresh_log WHERE mode = 'failed';

-- In columns: administrations, believed dead, of them survived, survived, died, not known, survived to 24 hours, to 30 days, died
-- by 24 hours, by 30 days.
CREATE FUNCTION pg_temp.counts(period text, area text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[administrations, believed_dead_on_arrival, believed_dead_survived, survived, died, not_known, survived_to_24_hours,
                 survived_to_30_days, died_by_24_hours, died_by_30_days]
    FROM test_survived_bi.kpi_survived_after_naloxone_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.counts(period, area), counts, format('%s, %s%s', period, area, coalesce(': ' || what, '')))
FROM (VALUES
    ('month 2024-01', 'division A', '{1,0,0,1,0,0,0,0,0,0}'::bigint[], NULL),
    ('month 2024-02', 'division A', '{12,3,1,3,3,3,1,1,1,1}', 'believed dead is apart; whatever is not survived or died is not known'),
    ('month 2024-02', 'division B', '{0,0,0,0,0,0,0,0,0,0}', 'nothing happened'),
    ('month 2024-03', 'division A', '{1,0,0,1,0,0,0,0,0,0}', 'the last second of March'),
    ('month 2024-04', 'division A', '{1,0,0,0,1,0,0,0,0,0}', 'the first of April'),
    ('month 2024-05', 'division UNKNOWN', '{1,0,0,1,0,0,0,0,0,0}', 'a division the day after it ended'),
    ('month 2024-06', 'division UNKNOWN', '{1,0,0,0,0,1,0,0,0,0}', 'no division'),
    ('month 2024-07', 'division A', '{0,0,0,0,0,0,0,0,0,0}', 'not after the day of the refresh'),
    ('fiscal_year 2023-04', 'force', '{14,3,1,5,3,3,1,1,1,1}', 'not before coverage'),
    ('fiscal_year 2024-04', 'force', '{3,0,0,1,1,1,0,0,0,0}', NULL),
    ('fiscal_year 2024-04', 'region North', '{1,0,0,0,1,0,0,0,0,0}', 'UNKNOWN is in no region')
) AS expected (period, area, counts, what);
SELECT is(pg_temp.counts('month 2023-12', 'division A'), array_fill(NULL::bigint, ARRAY[10]), 'a month before coverage has its row, and no count');
SELECT is(pg_temp.counts('month 2024-06', 'division B'), NULL, 'a month after a division ended has no row');

-- Shares: 3 of 6 known, 3 to 6 of 9 (Wilson's limits from its formula, in Python).
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
SELECT ok(survived_share = 0.5 AND pg_temp.near(survived_share_lower, 0.18761630648265057) AND pg_temp.near(survived_share_upper, 0.8123836935173494),
          'share of those known: 3 of 6, Wilson')
FROM test_survived_bi.kpi_survived_after_naloxone_period WHERE period_key = 'month 2024-02' AND area_key = 'division A';
SELECT ok(pg_temp.near(survived_share_lowest, 3 / 9.0) AND pg_temp.near(survived_share_highest, 6 / 9.0), 'lowest and highest share: 3 and 6 of 9')
FROM test_survived_bi.kpi_survived_after_naloxone_period WHERE period_key = 'month 2024-02' AND area_key = 'division A';
SELECT ok(survived_share IS NULL AND survived_share_lower IS NULL AND survived_share_lowest = 0 AND survived_share_highest = 1,
          'where nothing is known there is no share, and it may be anything')
FROM test_survived_bi.kpi_survived_after_naloxone_period WHERE period_key = 'month 2024-06' AND area_key = 'division UNKNOWN';
SELECT ok(survived_share IS NULL AND survived_share_lowest IS NULL AND survived_share_highest IS NULL, 'nor of nobody')
FROM test_survived_bi.kpi_survived_after_naloxone_period WHERE period_key = 'month 2024-02' AND area_key = 'division B';

-- Deaths, in columns: later, within 30 days, of not known, linked of died, before.
CREATE FUNCTION pg_temp.deaths(period text, area text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[later_deaths, later_deaths_within_30_days, deaths_of_not_known, died_linked, linked_deaths_before]
    FROM test_survived_bi.kpi_survived_after_naloxone_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.deaths(period, area), deaths, format('deaths, %s, %s%s', period, area, coalesce(': ' || what, '')))
FROM (VALUES
    ('month 2024-01', 'division A', '{NULL,NULL,NULL,NULL,NULL}'::bigint[], 'not known before deaths are recorded, whatever is linked'),
    ('month 2024-02', 'division A', '{3,2,1,1,1}', '1, 30 and 31 days later; an excluded one and one without a day are none'),
    ('month 2024-03', 'division A', '{0,0,0,0,0}', 'not after the day of the refresh'),
    ('month 2024-04', 'division A', '{0,0,0,1,0}', 'a death in a division that nobody knows counts'),
    ('month 2024-05', 'division UNKNOWN', '{1,0,0,0,0}', 'and one in none'),
    ('fiscal_year 2023-04', 'force', '{3,2,1,1,1}', 'January''s is not in it'),
    ('fiscal_year 2024-04', 'force', '{1,0,0,1,0}', NULL)
) AS expected (period, area, deaths, what);

-- Months and divisions add up.
SELECT results_eq($$
    SELECT y.period_key, sum(administrations)::bigint, sum(believed_dead_on_arrival)::bigint, sum(survived)::bigint, sum(died)::bigint,
           sum(not_known)::bigint, sum(later_deaths)::bigint, sum(died_linked)::bigint
    FROM test_survived_bi.kpi_survived_after_naloxone k
    JOIN test_survived_bi.dim_period m USING (period_key)
    JOIN test_survived_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 ORDER BY 1 $$, $$
    SELECT period_key, administrations, believed_dead_on_arrival, survived, died, not_known, later_deaths, died_linked
    FROM test_survived_bi.kpi_survived_after_naloxone_period WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' ORDER BY 1 $$,
    'months and divisions add up to the force''s years');
SELECT is(count(*), 0::bigint, 'the four outcomes are all administrations, everywhere') FROM test_survived_bi.kpi_survived_after_naloxone_period
WHERE administrations <> believed_dead_on_arrival + survived + died + not_known;

-- The next day: one more administration, and one more death, of one in March. Corrections change history.
CALL refresh('test_survived', '2024-07-16');
SELECT is(pg_temp.deaths('month 2024-03', 'division A'), '{1,0,0,0,0}'::bigint[], 'the next day''s death counts the next day');
SELECT is(pg_temp.counts('month 2024-07', 'division A'), '{1,0,0,1,0,0,0,0,0,0}'::bigint[], 'and so does its administration');
UPDATE test_survived.drug_death_record SET status = 'excluded' WHERE death_id IN ('d03', 'd05');
UPDATE test_survived.administration_record SET survival = 'survived' WHERE administration_id = 's07';
DELETE FROM test_survived.administration_record WHERE administration_id = 's04';
CALL refresh('test_survived', '2024-07-15');
SELECT is(pg_temp.counts('month 2024-02', 'division A'), '{11,3,1,4,2,2,1,1,1,1}'::bigint[], 'corrected outcomes');
SELECT is(pg_temp.deaths('month 2024-02', 'division A'), '{3,1,0,0,1}'::bigint[],
          'and deaths: of the two deaths of one, the other is now first; who was not known had survived');

SELECT * FROM finish();
ROLLBACK;
