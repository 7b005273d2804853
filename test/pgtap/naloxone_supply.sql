-- The KPI naloxone_supply: a handful of movements, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(44);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_supply');

INSERT INTO test_supply.division_record (division_code, division_name, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'North', '2020-01-01', '2024-04-30'),
    ('C', 'Gamma', NULL, '2020-01-01', NULL);
INSERT INTO test_supply.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    ('kit_movement', 'A', '2024-01-01', NULL), ('kit_movement', 'B', '2024-01-01', NULL),
    ('kit_movement', 'C', '2024-01-01', '2024-02-29'), ('kit_movement', 'C', '2024-04-01', NULL),
    ('administration', 'A', '2024-01-01', NULL), ('administration', 'B', '2024-02-01', NULL);

INSERT INTO test_supply.kit_movement_record (division_code, moved_at, movement, kits, batch, expires_on, officer_key) VALUES
    -- A: known from its first count, on the third of January; what is before is counted but says nothing of the balance.
    ('A', '2024-01-02 09:00+00', 'received', 50, 'b1', '2024-06-30', NULL),
    ('A', '2024-01-03 08:00+00', 'counted', 100, 'b1', '2024-06-30', NULL),
    ('A', '2024-01-03 08:30+00', 'counted', 12, 'b1', NULL, 'o1'),
    ('A', '2024-01-03 09:00+00', 'counted', 8, 'b2', '2024-03-31', 'o2'),
    -- On the day of a count, before it and after it.
    ('A', '2024-01-03 08:59:59+00', 'used', 1, 'b1', NULL, 'o1'),
    ('A', '2024-01-03 10:00+00', 'used', 1, 'b1', NULL, NULL),
    ('A', '2024-01-10 12:00+00', 'issued', 30, 'b1', NULL, NULL),
    ('A', '2024-01-20 12:00+00', 'used', 4, NULL, NULL, 'o1'),
    ('A', '2024-01-21 12:00+00', 'used', -1, NULL, NULL, NULL),
    ('A', '2024-01-25 12:00+00', 'returned', 2, 'b1', NULL, NULL),
    ('A', '2024-02-05 12:00+00', 'lost', 3, 'b1', NULL, 'o3'),
    ('A', '2024-02-06 12:00+00', 'lost', 5, 'b1', NULL, NULL),
    -- 23:30 UTC in winter is the same day, in summer the next.
    ('A', '2024-02-29 23:30+00', 'expired', 1, 'b2', NULL, 'o2'),
    ('A', '2024-03-01 12:00+00', 'expired', 2, 'b1', NULL, NULL),
    -- The second count: 12 + 8 - 1 + 30 - 3 - 2 - 3 - 1 = 40 in hand, 38 found; 100 - 30 + 2 - 5 - 2 = 65 in store, 66 found.
    ('A', '2024-03-10 08:00+00', 'counted', 38, 'b1', NULL, 'all'),
    ('A', '2024-03-10 08:00+00', 'counted', 66, 'b1', NULL, NULL),
    ('A', '2024-03-31 23:30+00', 'received', 40, 'b3', '2024-08-15', NULL),
    ('A', '2024-04-02 12:00+00', 'transferred', -10, 'b1', NULL, NULL),
    ('B', '2024-04-02 12:00+00', 'transferred', 10, 'b1', NULL, NULL),
    ('A', '2024-04-03 12:00+00', 'transferred', 1, 'b1', NULL, 'o9'),
    -- More go out than there are: shown below 0.
    ('A', '2024-05-01 12:00+00', 'issued', 100, 'b3', NULL, NULL),
    -- What makes no sense is left out and counted.
    ('A', '2024-05-02 12:00+00', 'mislaid', 7, NULL, NULL, NULL),
    ('A', '2024-05-03 12:00+00', 'counted', -1, NULL, NULL, NULL),
    -- The year 20240 is no expiry.
    ('A', '2024-05-04 12:00+00', 'received', 5, 'b9', '20240-01-01', NULL),
    -- B: never counted in hand.
    ('B', '2024-01-05 12:00+00', 'counted', 0, NULL, NULL, NULL),
    ('B', '2024-01-06 12:00+00', 'received', 20, 'b1', '2024-07-01', NULL),
    ('B', '2024-01-07 12:00+00', 'issued', 6, 'b1', NULL, NULL),
    ('B', '2024-01-08 12:00+00', 'used', 2, 'b1', NULL, NULL),
    -- B's last minutes, and the first after them.
    ('B', '2024-04-30 22:30+00', 'used', 1, NULL, NULL, NULL),
    ('B', '2024-04-30 23:30+00', 'used', 1, NULL, NULL, NULL),
    -- C: counted before a month without records, which the balance does not outlive.
    ('C', '2024-02-01 12:00+00', 'counted', 10, NULL, NULL, NULL),
    ('C', '2024-02-01 12:00+00', 'counted', 0, NULL, NULL, 'all'),
    ('C', '2024-03-15 12:00+00', 'received', 99, NULL, NULL, NULL),
    ('C', '2024-04-15 12:00+00', 'received', 4, NULL, NULL, NULL),
    ('C', '2024-05-15 12:00+00', 'counted', 30, NULL, NULL, NULL),
    -- No division, before coverage, after the day of the refresh, and never.
    (NULL, '2024-02-10 12:00+00', 'used', 2, NULL, NULL, NULL),
    ('A', '2023-12-31 12:00+00', 'received', 1000, NULL, NULL, NULL),
    ('A', '2024-06-10 23:30+00', 'received', 1000, NULL, NULL, NULL),
    ('A', 'infinity', 'received', 1000, NULL, NULL, NULL),
    ('A', '-infinity', 'counted', 1000, NULL, NULL, NULL);

INSERT INTO test_supply.administration_record
    (administration_id, incident_id, incident_division_code, officer_division_code, occurred_at, doses, kits_needed) VALUES
    -- The officer's division counts, not the incident's.
    ('a1', 'i1', 'B', 'A', '2024-01-19 12:00+00', '{3 x 1800 mcg intranasal}', 2),
    ('a2', 'i2', 'A', 'A', '2024-01-20 12:00+00', '{1 x 1800 mcg intranasal}', 0),
    ('a3', 'i3', 'A', 'A', '2024-01-20 13:00+00', NULL, NULL),
    ('a4', 'i4', 'A', 'A', '2024-01-21 13:00+00', '{2 x unknown}', -3),
    -- No administrations of B are recorded in January; C's never are.
    ('a5', 'i5', 'A', 'B', '2024-01-21 13:00+00', '{2 x unknown}', 1),
    ('a6', 'i6', 'A', 'B', '2024-02-21 13:00+00', '{2 x unknown}', 1),
    ('a7', 'i7', 'A', 'C', '2024-02-21 13:00+00', '{2 x unknown}', 1),
    ('a8', 'i8', 'A', NULL, '2024-02-21 13:00+00', '{4 x unknown}', NULL);

CALL refresh('test_supply', '2024-06-10');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_supply.refresh_log WHERE mode = 'failed';

-- received, issued, used, returned, transferred, transferred in hand, expired, expired in hand, lost, lost in hand, invalid.
CREATE FUNCTION pg_temp.flows(period text, area text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[received, issued, used, returned, transferred, transferred_in_hand, expired, expired_in_hand, lost, lost_in_hand, invalid_movements]
    FROM test_supply_bi.kpi_naloxone_supply_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.flows(period, area), flows, format('what moved: %s, %s, %s', period, area, what))
FROM (VALUES
    ('month 2024-01', 'division A', '{50,30,5,2,0,0,0,0,0,0,0}'::bigint[], 'a correction takes one use back'),
    ('month 2024-02', 'division A', '{0,0,0,0,0,0,1,1,8,3,0}', 'in hand and in store, up to midnight in winter'),
    ('month 2024-04', 'division A', '{40,0,0,0,-9,1,0,0,0,0,0}', 'half past midnight in summer'),
    ('month 2024-05', 'division A', '{5,100,0,0,0,0,0,0,0,0,2}', 'what makes no sense'),
    ('month 2024-04', 'division B', '{0,0,1,0,10,0,0,0,0,0,0}', 'on its last day'),
    ('month 2024-05', 'division UNKNOWN', '{0,0,1,0,0,0,0,0,0,0,0}', 'the day after a division ended'),
    ('month 2024-02', 'division UNKNOWN', '{0,0,2,0,0,0,0,0,0,0,0}', 'no division'),
    ('month 2024-04', 'force', '{44,0,1,0,1,1,0,0,0,0,0}', 'a transfer with both sides cancels'),
    ('month 2024-06', 'division A', '{0,0,0,0,0,0,0,0,0,0,0}', 'after the day of the refresh nothing moved')
) AS expected (period, area, flows, what);
SELECT is(pg_temp.flows('month 2024-03', 'division C'), array_fill(NULL::bigint, ARRAY[11]), 'a month without records has no movements, not none');

-- opening in store and in hand, unaccounted for in store and in hand, in store and in hand at the end, on hand.
CREATE FUNCTION pg_temp.balance(period text, area text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[opening_in_store, opening_in_hand, unaccounted_in_store, unaccounted_in_hand, in_store, in_hand, on_hand]
    FROM test_supply_bi.kpi_naloxone_supply_period WHERE period_key = period AND area_key = area $$;
SELECT is(pg_temp.balance(period, area), balance, format('what there is: %s, %s, %s', period, area, what))
FROM (VALUES
    -- In hand: 20 counted, of which the use before the count is no more, less the one after it, + 30 - 4 + 1 - 2.
    ('month 2024-01', 'division A', '{NULL,NULL,NULL,NULL,72,44,116}'::bigint[], 'from the first count on'),
    ('month 2024-02', 'division A', '{72,44,NULL,NULL,67,40,107}', 'no count'),
    ('month 2024-03', 'division A', '{67,40,-1,2,66,38,104}', 'what the second count did not find, and what it found too many'),
    ('month 2024-04', 'division A', '{66,38,NULL,NULL,96,39,135}', 'with an officer went a kit'),
    ('month 2024-05', 'division A', '{96,39,NULL,NULL,1,139,140}', 'issued more than are left of the batch'),
    ('fiscal_quarter 2024-01', 'division A', '{NULL,NULL,-1,2,66,38,104}', 'a quarter'),
    ('month 2024-01', 'division B', '{NULL,NULL,NULL,NULL,14,NULL,NULL}', 'what officers hold was never counted'),
    ('month 2024-02', 'division C', '{NULL,NULL,NULL,NULL,10,0,10}', 'a count of none is a count'),
    ('month 2024-04', 'division C', '{NULL,NULL,NULL,NULL,NULL,NULL,NULL}', 'not across days without records'),
    ('month 2024-05', 'division C', '{NULL,NULL,NULL,NULL,30,NULL,NULL}', 'counted again, with nothing to compare'),
    ('month 2024-02', 'division UNKNOWN', '{NULL,NULL,NULL,NULL,NULL,NULL,NULL}', 'UNKNOWN is no place'),
    ('month 2024-02', 'region North', '{86,NULL,NULL,NULL,81,NULL,NULL}', 'one division not known is the region not known'),
    ('month 2024-05', 'region North', '{120,NULL,NULL,NULL,1,139,140}', 'B has ended: it has no kits any more')
) AS expected (period, area, balance, what);

-- The identities, wherever both ends are known and a division has records all the while.
CREATE FUNCTION pg_temp.off_balance() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM test_supply_bi.kpi_naloxone_supply_period k
    WHERE area_key IN ('division A', 'division B')
      AND (opening_in_hand + issued + transferred_in_hand - used - returned - expired_in_hand - lost_in_hand - coalesce(unaccounted_in_hand, 0) <> in_hand
           OR opening_in_store + received + (transferred - transferred_in_hand) - issued + returned - (expired - expired_in_hand)
              - (lost - lost_in_hand) - coalesce(unaccounted_in_store, 0) <> in_store
           OR in_store + in_hand <> on_hand) $$;
SELECT is(pg_temp.off_balance(), 0::bigint, 'what there was, came, went and was not found is what there is');
SELECT cmp_ok(count(*), '>=', 5::bigint, 'in several periods') FROM test_supply_bi.kpi_naloxone_supply_period
WHERE opening_in_hand IS NOT NULL AND area_key = 'division A';

-- Counts: all of a day and place together.
SELECT results_eq($$ SELECT period_key::text, counts_of_store, counts_in_hand, counted_in_store, counted_in_hand FROM test_supply_bi.kpi_naloxone_supply_period
    WHERE area_key = 'division A' AND period_key IN ('month 2024-01', 'month 2024-02', 'month 2024-03', 'fiscal_year 2023-04', 'month 2024-05') ORDER BY 1 $$,
    $$ VALUES ('fiscal_year 2023-04', 2::bigint, 2::bigint, 66::bigint, 38::bigint), ('month 2024-01', 1, 1, 100, 20), ('month 2024-02', 0, 0, NULL, NULL),
              ('month 2024-03', 1, 1, 66, 38), ('month 2024-05', 0, 0, NULL, NULL) $$,
    'two officers'' counts of a day are one; a period has its last one');

-- Expiry. A in January: b2 of 31 March has 8; b1, by its batch 30 June, 72 in store and 8 + ... ; uses without a batch are of no known expiry.
SELECT results_eq($$ SELECT period_key::text, past_expiry, expiring_in_30_days, expiring_in_90_days, expiry_not_known, on_hand FROM test_supply_bi.kpi_naloxone_supply_period
    WHERE area_key = 'division A' AND period_key IN ('month 2024-01', 'month 2024-02', 'month 2024-03', 'month 2024-05', 'month 2024-06') ORDER BY 1 $$,
    $$ VALUES -- 31 January: b2 in 60 days; b1 in 151.
              ('month 2024-01', 0::bigint, 0::bigint, 8::bigint, -3::bigint, 116::bigint),
              -- 29 February: 31 days to the end of March; b2 has 7 left.
              ('month 2024-02', 0, 0, 7, -3, 107),
              -- 31 March: the count found none of b2. 30 June is 91 days away.
              ('month 2024-03', 0, 0, 0, 0, 104),
              -- 31 May: b1 in 30 days, 66 - 10 and 38 + 1; b3 in 76 days, 40 - 100 and 100; b9 has no year.
              ('month 2024-05', 0, 95, 135, 5, 140),
              ('month 2024-06', 0, 95, 135, 5, 140) $$,
    'kits by expiry: by the batch where the record has only that');
SELECT results_eq($$ SELECT past_expiry, past_expiry_in_store FROM test_supply.naloxone_supply WHERE area_key = 'division A' AND period_key = 'month 2024-06' $$,
    $$ VALUES (0::bigint, 0::bigint) $$, 'none is past its expiry yet');

-- Use and supply: 5 in 31 days; and of the force each division by its own days.
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
SELECT ok(pg_temp.near(used_a_day, 5 / 31.0) AND pg_temp.near(days_of_supply, 116 * 31 / 5.0) AND pg_temp.near(days_of_supply_in_store, 72 * 31 / 5.0),
          'how long 116 kits last at 5 in 31 days, and how long the 72 in store')
FROM test_supply_bi.kpi_naloxone_supply_period WHERE area_key = 'division A' AND period_key = 'month 2024-01';
SELECT ok(used_a_day = 0 AND days_of_supply IS NULL, 'nothing used: nothing to reckon by')
FROM test_supply_bi.kpi_naloxone_supply_period WHERE area_key = 'division A' AND period_key = 'month 2024-02';
SELECT ok(used_a_day > 0 AND days_of_supply IS NULL AND days_of_supply_in_store IS NOT NULL, 'kits not known: no days that they last, not none')
FROM test_supply_bi.kpi_naloxone_supply_period WHERE area_key = 'division B' AND period_key = 'month 2024-01';
SELECT is(count(*), 0::bigint, 'nor of UNKNOWN') FROM test_supply_bi.kpi_naloxone_supply_period
WHERE area_key = 'division UNKNOWN' AND (days_of_supply IS NOT NULL OR days_of_supply_in_store IS NOT NULL);
-- Of the quarter to June so far: B used 1 in its 30 days, UNKNOWN 1 in 71.
SELECT ok(pg_temp.near(used_a_day, 1 / 30.0 + 1 / 71.0), 'a division that ended, by the days that it had')
FROM test_supply_bi.kpi_naloxone_supply_period WHERE area_key = 'force' AND period_key = 'fiscal_quarter 2024-04';

-- Beside the forms: administrations, with doses, doses, with kits needed, kits needed.
SELECT results_eq($$ SELECT period_key || ', ' || area_key, administrations, with_doses_recorded, doses_on_forms, kits_on_forms, with_kits_needed_recorded, kits_needed
    FROM test_supply_bi.kpi_naloxone_supply_period WHERE (period_key, area_key) IN (('month 2024-01', 'division A'), ('month 2024-01', 'division B'),
        ('month 2024-02', 'division B'), ('month 2024-02', 'division C'), ('month 2024-02', 'division UNKNOWN'), ('month 2024-02', 'force')) ORDER BY 1 $$,
    $$ VALUES ('month 2024-01, division A', 4::bigint, 3::bigint, 6::bigint, 3::float8, 2::bigint, 2::bigint), ('month 2024-01, division B', NULL, NULL, NULL, NULL, NULL, NULL),
              ('month 2024-02, division B', 1, 1, 2, 1, 1, 1), ('month 2024-02, division C', NULL, NULL, NULL, NULL, NULL, NULL),
              ('month 2024-02, division UNKNOWN', 1, 1, 4, 2, 0, 0), ('month 2024-02, force', 2, 2, 6, 3, 1, 1) $$,
    'forms of the division''s officers, where they are recorded');
SELECT results_eq($$ SELECT used_per_kit_on_forms, issued_per_kit_needed FROM test_supply_bi.kpi_naloxone_supply_period WHERE period_key = 'month 2024-01' AND area_key = 'division A' $$,
    $$ VALUES (5 / 3::float8, 15::float8) $$, 'used and issued against the forms');
SELECT is(count(used_per_kit_on_forms), 0::bigint, 'no ratio where a division has kits but no forms') FROM test_supply_bi.kpi_naloxone_supply_period
WHERE area_key = 'force' OR (area_key = 'division B' AND period_key IN ('month 2024-01', 'fiscal_quarter 2024-01'));

-- Another kit: doses come to more kits.
UPDATE test_supply.setting SET kit_contents = '1 x 1800 mcg intranasal';
-- A later count, as it is recorded, changes what went before: on 10 March there were 40.
UPDATE test_supply.kit_movement_record SET kits = 40 WHERE officer_key = 'all' AND kits = 38;
CALL refresh('test_supply', '2024-06-10');
SELECT is(kits_on_forms, 6::float8, 'the doses in a kit are a setting') FROM test_supply_bi.kpi_naloxone_supply_period WHERE period_key = 'month 2024-01' AND area_key = 'division A';
SELECT is(pg_temp.balance('month 2024-03', 'division A'), '{67,40,-1,0,66,40,106}'::bigint[], 'a corrected count, nothing unaccounted for');
SELECT is(pg_temp.off_balance(), 0::bigint, 'and all balances still');

-- As of an earlier day: what came later is not there yet; of the running month the balance is of that day.
CALL refresh('test_supply', '2024-01-19');
SELECT is(pg_temp.balance('month 2024-01', 'division A'), '{NULL,NULL,NULL,NULL,70,49,119}'::bigint[], 'as of the nineteenth');

-- Kits expire on the day after their last.
UPDATE test_supply.kit_movement_record SET expires_on = '2024-01-19' WHERE batch = 'b2';
CALL refresh('test_supply', '2024-01-19');
SELECT results_eq($$ SELECT past_expiry, expiring_in_30_days FROM test_supply.naloxone_supply WHERE area_key = 'division A' AND period_key = 'month 2024-01' $$,
    $$ VALUES (0::bigint, 8::bigint) $$, 'usable on the day on which they expire');
CALL refresh('test_supply', '2024-01-20');
SELECT results_eq($$ SELECT past_expiry, expiring_in_30_days FROM test_supply.naloxone_supply WHERE area_key = 'division A' AND period_key = 'month 2024-01' $$,
    $$ VALUES (8::bigint, 0::bigint) $$, 'and not after it');

-- Only what changed need be computed again: a day and division is found by the index.
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$;
SELECT matches((SELECT string_agg(line, E'\n') FROM pg_temp.plan_of($$
    SELECT s.* FROM (VALUES (date '2024-01-03', 'A')) d (day, division_code)
    CROSS JOIN LATERAL (SELECT * FROM test_supply.kit_movement_day_source s WHERE s.day = d.day AND s.division_code = d.division_code OFFSET 0) s $$) AS line),
    'Index Scan using kit_movement_record.*Index Cond', 'one day of one division is read through the index');

SELECT * FROM finish();
ROLLBACK;
