-- The KPI administrations_by_group: a handful of administrations, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(45);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_group');

-- The hour of the week, by the clock in London.
SELECT is(test_group.hour_of_week(moment), hour::smallint, what)
FROM (VALUES
    (timestamptz '2024-01-01 00:00:00+00', 1, 'Monday midnight'),
    ('2024-01-01 00:59:59.999999+00', 1, 'to the end of the hour'),
    ('2024-01-07 23:59:59+00', 168, 'the last second of Sunday'),
    ('2024-03-31 00:59:59+00', 146 - 1, 'before the clocks go forward: Sunday, midnight to 1'),
    ('2024-03-31 01:00:00+00', 146 + 1, 'after: from 2, and from 1 to 2 there is nothing'),
    ('2024-03-31 22:59:59+00', 168, 'Sunday, 11 in the evening, in summer time'),
    ('2024-03-31 23:00:00+00', 1, 'Monday midnight in summer time'),
    ('2024-10-27 00:30:00+00', 146, 'before the clocks go back: Sunday, half past 1'),
    ('2024-10-27 01:30:00+00', 146, 'and half past 1 again'),
    ('2024-10-27 02:30:00+00', 147, 'then half past 2'),
    ('infinity', NULL, 'never'),
    ('-infinity', NULL, 'nor ever'),
    ('294276-12-31 23:59:59+00', NULL, 'the last time of all has none, and is no error'),
    ('4714-11-24 00:00:00+00 BC', NULL, 'nor the first'),
    (NULL, NULL, 'none of nothing')
) AS expected (moment, hour, what);
SELECT is(count(DISTINCT test_group.hour_of_week(h)), 168::bigint, 'a week without a change of the clocks has 168')
FROM generate_series(timestamptz '2024-06-03 12:00+00', '2024-06-10 11:00+00', interval '1 hour') AS h;

INSERT INTO test_group.division_record (division_code, division_name, division_type, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'territorial', 'North', '2020-01-01', NULL),
    ('B', 'Beta', 'territorial', 'North', '2020-01-01', '2024-04-30');
INSERT INTO test_group.source_coverage_record (source, division_code, covered_from) VALUES
    ('administration', 'A', '2024-02-01'), ('administration', 'B', '2024-02-01');
-- One partnership of two council areas; one council area without.
INSERT INTO test_group.council_area_record (council_code, council_name, division_code, adp_name) VALUES
    ('c1', 'One', 'A', 'North ADP'), ('c2', 'Two', 'A', 'North ADP'), ('c3', 'Three', 'A', NULL), ('c4', 'Four', 'B', 'South ADP');

INSERT INTO test_group.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, sex, age_band, setting, condition_on_arrival, council_code, substances) VALUES
    -- Monday; a substance twice, and nothing beside it.
    ('g01', 'i01', 'A', '2024-02-05 00:10+00', 'female', '25-29', 'patrol', 'unconscious', 'c1', '{heroin,heroin,NULL,alcohol}'),
    ('g02', 'i02', 'A', '2024-02-05 00:20+00', 'male', '85+', 'custody', 'unconscious', 'c2', '{heroin}'),
    -- Nothing recorded; nothing but blanks; a list with nothing in it says that none was suspected.
    ('g03', 'i03', 'A', '2024-02-06 12:00+00', NULL, NULL, NULL, NULL, NULL, NULL),
    ('g04', 'i04', 'A', '2024-02-06 12:59+00', '', '', '', '', '', '{"",NULL}'),
    ('g05', 'i05', 'A', '2024-02-06 13:00+00', 'male', '5-9', 'patrol', 'conscious', 'c3', '{}'),
    -- A council area that is not known, and a list of lists; both sides of the end of the fiscal year, in summer time.
    ('g06', 'i06', 'A', '2024-03-31 22:59:59+00', 'male', '25-29', 'patrol', 'conscious', 'c9', '{{heroin,cocaine},{alcohol,heroin}}'),
    ('g07', 'i07', 'A', '2024-03-31 23:00:00+00', 'male', '25-29', 'patrol', 'conscious', 'c1', '{unknown}'),
    -- A division the day after it ended; after the day of the refresh, before coverage, and never.
    ('g08', 'i08', 'B', '2024-05-01 12:00+00', 'female', '25-29', 'patrol', 'conscious', 'c4', '{heroin}'),
    ('g09', 'i09', 'A', '2024-05-31 23:00:00+00', 'male', '90-94', 'patrol', 'conscious', 'c1', '{heroin}'),
    ('g10', 'i10', 'A', '2024-01-31 23:59:59+00', 'male', '90-94', 'patrol', 'conscious', 'c1', '{heroin}'),
    ('g11', 'i11', 'A', 'infinity', 'male', '90-94', 'patrol', 'conscious', 'c1', '{heroin}');

CALL refresh('test_group', '2024-05-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_group.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.groups(period text, area text, kind text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s: %s of %s', group_value, administrations, administrations_recorded), ', ' ORDER BY sort_order, group_value COLLATE "C")
    FROM test_group_bi.kpi_administrations_by_group_period WHERE period_key = period AND area_key = area AND group_kind = kind $$;
SELECT is(pg_temp.groups(period, area, kind), groups, format('%s, %s, %s%s', period, area, kind, coalesce(': ' || what, '')))
FROM (VALUES
    ('month 2024-02', 'division A', 'sex', 'female: 1 of 3, male: 2 of 3, UNKNOWN: 2 of 3', 'blank is not recorded'),
    ('month 2024-02', 'division A', 'age_band', '5-9: 1 of 3, 25-29: 1 of 3, 85+: 1 of 3, UNKNOWN: 2 of 3', 'in order of age; nothing of who is not counted'),
    ('month 2024-02', 'division A', 'setting', 'custody: 1 of 3, patrol: 2 of 3, UNKNOWN: 2 of 3', NULL),
    ('month 2024-02', 'division A', 'condition', 'conscious: 1 of 3, unconscious: 2 of 3, UNKNOWN: 2 of 3', NULL),
    ('month 2024-02', 'division A', 'substance', 'NONE: 1 of 3, alcohol: 1 of 3, cocaine: 0 of 3, heroin: 2 of 3, unknown: 0 of 3, UNKNOWN: 2 of 3', 'a person may have several, each once'),
    ('month 2024-02', 'division A', 'adp', 'North ADP: 2 of 2, UNKNOWN: 3 of 2', 'two council areas are one partnership, one has none'),
    ('month 2024-02', 'division A', 'hour_of_week', '1: 2 of 5, 37: 2 of 5, 38: 1 of 5, UNKNOWN: 0 of 5', 'hours only where something happened'),
    ('month 2024-03', 'division A', 'substance', 'NONE: 0 of 1, alcohol: 1 of 1, cocaine: 1 of 1, heroin: 1 of 1, unknown: 0 of 1, UNKNOWN: 0 of 1', 'a list of lists is a list'),
    ('month 2024-03', 'division A', 'adp', 'North ADP: 0 of 0, UNKNOWN: 1 of 0', 'a council area that is not known'),
    ('month 2024-03', 'division A', 'hour_of_week', '168: 1 of 1, UNKNOWN: 0 of 1', 'Sunday evening'),
    ('month 2024-04', 'division A', 'hour_of_week', '1: 1 of 1, UNKNOWN: 0 of 1', 'Monday midnight'),
    ('month 2024-04', 'division A', 'substance', 'NONE: 0 of 1, alcohol: 0 of 1, cocaine: 0 of 1, heroin: 0 of 1, unknown: 1 of 1, UNKNOWN: 0 of 1', 'somebody who could not tell has recorded something'),
    ('month 2024-02', 'division B', 'sex', 'UNKNOWN: 0 of 0', 'nothing ever happened, and there is a row that says so'),
    ('month 2024-02', 'division B', 'hour_of_week', 'UNKNOWN: 0 of 0', 'of hours too'),
    ('month 2023-12', 'division A', 'sex', 'female:  of , male:  of , UNKNOWN:  of ', 'a month before coverage has its rows, and no count'),
    ('month 2023-12', 'division A', 'hour_of_week', 'UNKNOWN:  of ', 'and one of hours'),
    ('month 2024-05', 'division UNKNOWN', 'adp', 'South ADP: 1 of 1, UNKNOWN: 0 of 1', 'a division the day after it ended: the partnership is known all the same'),
    ('fiscal_year 2023-04', 'force', 'sex', 'female: 1 of 4, male: 3 of 4, UNKNOWN: 2 of 4', NULL),
    ('fiscal_year 2024-04', 'force', 'age_band', '5-9: 0 of 2, 25-29: 2 of 2, 85+: 0 of 2, UNKNOWN: 0 of 2', NULL)
) AS expected (period, area, kind, groups, what);

SELECT results_eq($$ SELECT group_value::text, group_label::text, sort_order::integer FROM test_group_bi.kpi_administrations_by_group_period
                     WHERE period_key = 'fiscal_year 2023-04' AND area_key = 'force' AND group_kind IN ('hour_of_week', 'substance') ORDER BY sort_order, group_value COLLATE "C" $$,
    $$ VALUES ('NONE', 'none suspected', 0), ('alcohol', 'alcohol', 0), ('cocaine', 'cocaine', 0), ('heroin', 'heroin', 0), ('unknown', 'unknown', 0),
              ('1', 'Mon 00:00', 1), ('37', 'Tue 12:00', 37), ('38', 'Tue 13:00', 38), ('168', 'Sun 23:00', 168),
              ('UNKNOWN', 'not recorded', 9999), ('UNKNOWN', 'not recorded', 9999) $$, 'labels, and the order of them');

CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$
    SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
-- Wilson's limits of 1 of 3 from its formula, in Python.
SELECT ok(pg_temp.near(administrations_share, 1 / 3.0) AND pg_temp.near(administrations_share_lower, 0.06149194472039629)
          AND pg_temp.near(administrations_share_upper, 0.7923403991979523), 'share: 1 of the 3 recorded, Wilson')
FROM test_group_bi.kpi_administrations_by_group_period
WHERE period_key = 'month 2024-02' AND area_key = 'division A' AND group_kind = 'sex' AND group_value = 'female';
SELECT is(count(administrations_share), 0::bigint, 'of what is not recorded there is no share, nor of nobody')
FROM test_group_bi.kpi_administrations_by_group_period WHERE group_value = 'UNKNOWN' OR administrations_recorded = 0;

-- Whatever is summed is right: over all rows of all kinds, the administrations that count, once a column.
SELECT results_eq($$ SELECT sum(administrations_by_sex)::bigint, sum(administrations_by_age_band)::bigint, sum(administrations_by_setting)::bigint,
                            sum(administrations_by_condition)::bigint, sum(administrations_by_adp)::bigint, sum(administrations_by_hour_of_week)::bigint,
                            sum(substance_mentions)::bigint FROM test_group_bi.kpi_administrations_by_group $$,
    -- Mentions: 2, 1, 1, 1, 1, 3, 1, 1 of the eight that count.
    'VALUES (8::bigint, 8::bigint, 8::bigint, 8::bigint, 8::bigint, 8::bigint, 11::bigint)', 'the sum of each column over everything');
SELECT is(count(*), 0::bigint, 'every row has one of the columns at most') FROM test_group_bi.kpi_administrations_by_group
WHERE num_nonnulls(administrations_by_sex, administrations_by_age_band, administrations_by_setting, substance_mentions, administrations_by_condition,
                   administrations_by_adp, administrations_by_hour_of_week) > 1;
SELECT results_eq($$
    SELECT y.period_key, group_kind, group_value,
           sum(coalesce(administrations_by_sex, administrations_by_age_band, administrations_by_setting, substance_mentions, administrations_by_condition,
                        administrations_by_adp, administrations_by_hour_of_week))::bigint
    FROM test_group_bi.kpi_administrations_by_group k
    JOIN test_group_bi.dim_period m USING (period_key)
    JOIN test_group_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1, 2, 3 HAVING sum(coalesce(administrations_by_sex, administrations_by_age_band, administrations_by_setting, substance_mentions,
                                         administrations_by_condition, administrations_by_adp, administrations_by_hour_of_week)) > 0 ORDER BY 1, 2, 3 $$, $$
    SELECT period_key, group_kind, group_value, administrations
    FROM test_group_bi.kpi_administrations_by_group_period
    WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' AND administrations > 0 ORDER BY 1, 2, 3 $$,
    'months and divisions add up to the force''s years');

-- A partnership that changes its name changes every period; the rollup of councils does not change.
CREATE TEMP TABLE before AS SELECT * FROM test_group.administration_group_day;
UPDATE test_group.council_area_record SET adp_name = 'Northern ADP' WHERE adp_name = 'North ADP';
DELETE FROM test_group.administration_record WHERE administration_id = 'g05';
CALL refresh('test_group', '2024-05-31');
SELECT is(pg_temp.groups('month 2024-02', 'division A', 'adp'), 'Northern ADP: 2 of 2, UNKNOWN: 2 of 2', 'another name, and one administration less');
SELECT is(pg_temp.groups('month 2024-02', 'division A', 'age_band'), '25-29: 1 of 2, 85+: 1 of 2, UNKNOWN: 2 of 2', 'an age band that nobody has any more is gone');
SELECT results_eq('SELECT group_kind, group_value, administrations FROM (TABLE before EXCEPT TABLE test_group.administration_group_day) gone ORDER BY 1, 2',
    $$ VALUES ('age_band', '5-9', 1::bigint), ('condition', 'conscious', 1), ('council', 'c3', 1), ('hour_of_week', '38', 1), ('setting', 'patrol', 1),
              ('sex', 'male', 1), ('substance', 'NONE', 1) $$, 'in the rollup nothing changes but the day of the record that was deleted');

SELECT * FROM finish();
ROLLBACK;
