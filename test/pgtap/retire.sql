-- Retiring records: the figures of the years before stay as they were counted, whatever happens to the records. What may change
-- is named, column by column and period by period, as doc/refresh.md says; all else is compared.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
-- Whole views are compared.
SET work_mem = '256MB';
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(32);

SELECT deploy('test_retire');
-- Every place of this test is in Alpha.
INSERT INTO test_retire.division_record (division_code, division_name, region, valid_from, boundary) VALUES
    ('A', 'Alpha', 'North', '2020-01-01', ST_Multi(ST_MakeEnvelope(200000, 600000, 400000, 800000, 27700))),
    ('B', 'Beta', 'North', '2020-01-01', ST_Multi(ST_MakeEnvelope(400001, 600000, 500000, 800000, 27700)));
INSERT INTO test_retire.population_record (area_type, area_code, year, people) VALUES ('division', 'A', 2022, 100000), ('division', 'B', 2022, 50000);
INSERT INTO test_retire.source_coverage_record (source, division_code, covered_from)
SELECT source, d, '2021-04-01' FROM unnest(ARRAY['administration', 'referral_event', 'ambulance_activation', 'overdose_incident', 'direct_measure', 'recorded_crime']) AS source, unnest(ARRAY['A', 'B']) AS d;

-- An administration every 53 hours over four fiscal years, to twelve people; every tenth incident has two people, one of them a day
-- later. From October 2023 to the middle of January 2024, for longer than an episode's 90 days, nobody's key is known. Nobody is
-- known to have died, other than in the case below.
INSERT INTO test_retire.administration_record (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, person_key, doses, survival, ambulance_called_at, ambulance_arrived_at, recorded_at)
SELECT 'a' || i, 'i' || CASE WHEN i % 10 = 0 THEN i - 1 ELSE i END, 1 + (i % 10 = 0)::integer, (ARRAY['A', 'B', NULL])[1 + i % 3],
       timestamptz '2021-04-01 12:00+00' + i * interval '53 hours', CASE WHEN is_known THEN 'p' || i * i % 23 END,
       ARRAY[(1 + i % 3 || ' x 1800 mcg intranasal')::naloxone_dose], CASE WHEN is_known THEN (ARRAY['survived', 'not_known'])[1 + i % 2] ELSE (ARRAY['survived', 'died', 'not_known'])[1 + i % 7 % 3] END,
       timestamptz '2021-04-01 12:00+00' + i * interval '53 hours', timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' + i % 40 * interval '1 minute', timestamptz '2021-04-01 12:00+00' + i * interval '60 hours'
FROM generate_series(0, 650) AS i
CROSS JOIN LATERAL (SELECT i % 5 > 0 AND (timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' NOT BETWEEN '2023-10-01' AND '2024-01-15') AS is_known) k;
-- Two deaths of one person, on either side of the day before which records go.
INSERT INTO test_retire.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key, survival) VALUES
    ('twice1', 'twice1', 'A', '2022-05-10 12:00+00', 'twice', 'died'), ('twice2', 'twice2', 'A', '2023-09-10 12:00+00', 'twice', 'died');
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

-- What may change by retiring administrations, by doc/refresh.md. Across: how many people a period had that begins before and ends after.
CREATE FUNCTION pg_temp.is_across(begins date, ends date) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN begins < '2023-04-01' AND ends >= '2023-04-01';
-- A person's first episode after the day may begin earlier than it did, and so those that follow, until the keys are not known for
-- longer than an episode: the last that may be another began in September.
CREATE FUNCTION pg_temp.has_moved_episode(begins date, ends date) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN begins < '2023-10-01' AND ends >= '2023-04-01';
-- A repeat within so many days of what was given on the day before, or earlier.
CREATE FUNCTION pg_temp.has_lost_repeat(begins date, ends date, days integer) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN begins <= date '2023-03-31' + days AND ends >= '2023-04-01';
-- The person's second death, of 10 September, no longer looks like a slip.
CREATE FUNCTION pg_temp.has_second_death(begins date, ends date, area_key text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN begins <= '2023-09-10' AND ends >= '2023-09-10' AND area_key IN ('division A', 'region North', 'force');
CREATE FUNCTION pg_temp.has_moved_indicator(k jsonb, begins date, ends date) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN k ->> 'indicator_key' ~ '^(reviewed_within_72_hours|service_notified_within_72_hours|people_referred|people_contacted|people_engaged) '
                THEN pg_temp.has_moved_episode(begins, ends)
                WHEN k ->> 'indicator_key' ~ '^repeat_administrations '
                THEN pg_temp.is_across(begins, ends) OR pg_temp.has_second_death(begins, ends, k ->> 'area_key')
                ELSE false END;

-- The indicators of which some months may move: a control chart's lines are of all its months.
CREATE FUNCTION pg_temp.has_moved_chart(k jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN k ->> 'indicator_key' ~ '^(reviewed_within_72_hours|service_notified_within_72_hours|people_referred|people_contacted|people_engaged|repeat_administrations) ';

-- A row without the columns that may change. Of episodes those are few that may not: what is counted of administrations, and how
-- the row is found; of an indicator on the scorecard, what the catalogue and the targets say.
CREATE FUNCTION pg_temp.what_stays(view_name text, k jsonb, begins date, ends date) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN view_name ~ '^kpi_doses_by_division' AND pg_temp.is_across(begins, ends) THEN k - 'people'
        WHEN view_name ~ '^kpi_referral_conversion' AND pg_temp.has_moved_episode(begins, ends)
        THEN (SELECT jsonb_object_agg(c, k -> c)
              FROM unnest('{period_key,area_key,route,division_days,covered_division_days,administrations,died_before_handover,not_identifiable}'::text[]) AS c)
        WHEN view_name ~ '^kpi_repeat_administrations'
        THEN k - CASE WHEN pg_temp.has_lost_repeat(begins, ends, 30) THEN '{repeats_within_30_days}'::text[] ELSE '{}' END
               - CASE WHEN pg_temp.has_lost_repeat(begins, ends, 90) THEN '{repeats_within_90_days}'::text[] ELSE '{}' END
               - CASE WHEN pg_temp.has_lost_repeat(begins, ends, 365) THEN '{repeats_within_365_days}'::text[] ELSE '{}' END
               - CASE WHEN pg_temp.is_across(begins, ends)
                      THEN '{people,people_with_two,people_with_three,people_with_four_or_more,people_repeated}'::text[] ELSE '{}' END
               - CASE WHEN pg_temp.is_across(begins, ends) OR pg_temp.has_second_death(begins, ends, k ->> 'area_key')
                      THEN '{people_died,people_not_repeated,
                             repeated_within_30_days_share,repeated_within_30_days_share_lower,repeated_within_30_days_share_upper,
                             repeated_within_90_days_share,repeated_within_90_days_share_lower,repeated_within_90_days_share_upper,
                             repeated_within_365_days_share,repeated_within_365_days_share_lower,repeated_within_365_days_share_upper,
                             died_within_365_days_share,died_within_365_days_share_lower,died_within_365_days_share_upper}'::text[] ELSE '{}' END
        WHEN view_name = 'kpi_scorecard'
        THEN k - CASE WHEN pg_temp.has_moved_indicator(k, begins, ends)
                      THEN '{numerator,denominator,value,lower,upper,interval_text,value_year_before,direction,funnel_verdict,reason_missing}'::text[] ELSE '{}' END
               - CASE WHEN pg_temp.has_moved_indicator(k, (begins - interval '1 year')::date, (ends - interval '1 year')::date)
                      THEN '{value_year_before,direction}'::text[] ELSE '{}' END
               - CASE WHEN pg_temp.has_moved_chart(k) THEN '{chart_flag,variation}'::text[] ELSE '{}' END
               - '{flags_shown,flags_expected_by_chance}'::text[]
        WHEN view_name = 'kpi_indicator_chart' AND pg_temp.has_moved_chart(k)
        THEN k - '{chart,points,centre,lower_limit,upper_limit,rule,variation,assurance,reason,is_latest,flag_by_chance}'::text[]
               - CASE WHEN pg_temp.has_moved_indicator(k, begins, ends) THEN '{numerator,denominator,value}'::text[] ELSE '{}' END
        -- With an event more or less, all rows of the events are other ones.
        WHEN view_name = 'kpi_rare_event_chart' AND pg_temp.has_moved_chart(k) THEN NULL
        -- q is of all divisions' trends.
        WHEN view_name = 'kpi_indicator_trend' AND pg_temp.has_moved_chart(k)
        THEN (SELECT jsonb_object_agg(c, k -> c) FROM unnest('{period_key,area_key,indicator_key,title,ambulance_category,clock,unit,better,first_month,last_month}'::text[]) AS c)
        -- A division's funnel is of all the others too.
        WHEN view_name = 'kpi_indicator_funnel' AND pg_temp.has_moved_indicator(k, begins, ends)
        THEN (SELECT jsonb_object_agg(c, k -> c) FROM unnest('{period_key,area_key,indicator_key,ambulance_category,clock,dispersion_allowed_for}'::text[]) AS c)
        WHEN view_name ~ '^kpi_data_quality_finding' AND begins < '2023-04-01' AND k ->> 'source' = 'administration'
             AND k ->> 'finding' IN ('unresolved_forms', 'contradictory_administrations', 'forms_with_finding', 'point_outside_division')
        THEN k - '{examined,found,found_share}'::text[]
        ELSE k END
$$;
-- Every view for analysts, row by row: all of it, and a digest of what stays of it.
CREATE FUNCTION pg_temp.seen() RETURNS TABLE (view_name text, period_key text, area_key text, is_rolling boolean, seen text, stays text) LANGUAGE plpgsql AS $$
DECLARE
    seen_view name;
BEGIN
    FOR seen_view IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area_key' JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'period_key'
        WHERE c.relnamespace = 'test_retire_bi'::regnamespace AND c.relkind = 'v' ORDER BY 1
    LOOP
        RETURN QUERY EXECUTE format(
            CASE WHEN seen_view ~ 'doses|referral|repeat|scorecard|indicator_chart|rare_event_chart|indicator_funnel|indicator_trend|finding|warning'
                 THEN 'SELECT %L::text, k.period_key::text, k.area_key::text, k.period_key LIKE ''rolling%%'', to_jsonb(k)::text,
                              md5(pg_temp.what_stays(%1$L, to_jsonb(k), p.period_start, p.period_end)::text)
                       FROM test_retire_bi.%1$I k LEFT JOIN test_retire_bi.dim_period p USING (period_key)'
                 -- Of these all stays, and a row's text is made sooner.
                 ELSE 'SELECT %L::text, k.period_key::text, k.area_key::text, k.period_key LIKE ''rolling%%'', k::text, md5(k::text) FROM test_retire_bi.%1$I k' END,
            seen_view);
    END LOOP;
END $$;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.seen();
CREATE TEMP TABLE after (LIKE before);
SELECT cmp_ok(count(DISTINCT view_name), '>=', 20::bigint, 'all the views are looked at') FROM before;
SELECT cmp_ok(sum((seen ~ ': [1-9]')::integer), '>', 1000::bigint, 'and they show figures') FROM before;

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
INSERT INTO after SELECT * FROM pg_temp.seen();
SELECT is_empty($$ (SELECT view_name, stays FROM before WHERE stays IS NOT NULL EXCEPT ALL SELECT view_name, stays FROM after)
                   UNION ALL (SELECT view_name, stays FROM after WHERE stays IS NOT NULL EXCEPT ALL SELECT view_name, stays FROM before) $$,
    'every figure that is not said to change is as it was');
SELECT results_eq($$ SELECT DISTINCT view_name FROM (SELECT view_name, md5(seen) FROM before EXCEPT ALL SELECT view_name, md5(seen) FROM after) c ORDER BY 1 $$,
    ARRAY['kpi_data_quality_finding', 'kpi_data_quality_finding_period', 'kpi_doses_by_division_period', 'kpi_indicator_chart', 'kpi_indicator_funnel', 'kpi_indicator_trend', 'kpi_rare_event_chart', 'kpi_referral_conversion', 'kpi_referral_conversion_period',
          'kpi_repeat_administrations', 'kpi_repeat_administrations_period', 'kpi_scorecard'], 'and some of those that are do change');
SELECT is(format('%s %s, %s %s', b.seen::jsonb ->> 'people_died', b.seen::jsonb ->> 'people_not_repeated', k.people_died, k.people_not_repeated),
          format('0 %s, 1 %s', k.people_not_repeated + 1, k.people_not_repeated), 'of a person with two deaths the second counts where the first is retired')
FROM before b JOIN test_retire_bi.kpi_repeat_administrations_period k USING (period_key, area_key)
WHERE b.view_name = 'kpi_repeat_administrations_period' AND period_key = 'month 2023-09' AND area_key = 'division A';
SELECT is(string_agg(DISTINCT coalesce((period_start >= '2023-04-01')::integer || ' ' || (examined > 0)::integer || ' ' || (found > 0)::integer, (period_start < '2023-04-01')::integer || ' unknown'), ', '),
          '1 1 0, 1 unknown', 'where places were is not known any more, rather than nowhere')
FROM test_retire_bi.kpi_data_quality_finding_period JOIN test_retire_bi.dim_period USING (period_key)
WHERE finding = 'point_outside_division' AND area_key = 'division A' AND (grain = 'fiscal_year' OR period_start < '2023-04-01');
SELECT is_empty($$ SELECT period_key, area_key FROM test_retire_bi.kpi_doses_by_division_period
                   WHERE period_key LIKE 'rolling%' AND people IS NOT NULL AND period_key > 'rolling_12_months 2022-04' AND period_key < 'rolling_12_months 2023-04' $$,
    'how many people twelve months across the day had is not known any more');
SELECT is_empty($$ SELECT b.period_key FROM before b JOIN test_retire_bi.kpi_doses_by_division_period k USING (period_key, area_key)
                   WHERE b.view_name = 'kpi_doses_by_division_period' AND (k.people IS NULL) <> (b.is_rolling AND b.period_key > 'rolling_12_months 2022-04' AND b.period_key < 'rolling_12_months 2023-04') $$,
    'and everywhere else it is');

-- A rebuild, a late record and a correction of the years before change nothing; one after does.
CALL refresh('test_retire', '2025-01-31', full => true);
CREATE TEMP TABLE rebuilt AS SELECT * FROM pg_temp.seen();
SELECT is_empty($$ (SELECT view_name, md5(seen) FROM after EXCEPT ALL SELECT view_name, md5(seen) FROM rebuilt)
                   UNION ALL (SELECT view_name, md5(seen) FROM rebuilt EXCEPT ALL SELECT view_name, md5(seen) FROM after) $$, 'a rebuild changes nothing at all');
INSERT INTO test_retire.administration_record (administration_id, incident_id, incident_division_code, occurred_at) VALUES
    ('late', 'late', 'A', '2022-06-01 12:00+00'), ('new', 'new', 'A', '2023-06-01 12:00+00');
CALL refresh('test_retire', '2025-01-31');
SELECT is(k.administrations - b.n, 0::bigint, 'a late record of a sealed year is not counted')
FROM test_retire_bi.kpi_doses_by_division_period k, LATERAL (SELECT count(*) AS n FROM generate_series(0, 650) i WHERE timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' >= '2022-03-31 23:00+00'
     AND timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' < '2023-03-31 23:00+00') b0, LATERAL (SELECT b0.n + 2 AS n) b
WHERE k.period_key = 'fiscal_year 2022-04' AND k.area_key = 'force';
SELECT is(k.administrations - b.n, 3::bigint, 'one of a year that is open is, beside two written out above')
FROM test_retire_bi.kpi_doses_by_division_period k, LATERAL (SELECT count(*) AS n FROM generate_series(0, 650) i WHERE timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' >= '2023-03-31 23:00+00'
     AND timestamptz '2021-04-01 12:00+00' + i * interval '53 hours' < '2024-03-31 23:00+00') b
WHERE k.period_key = 'fiscal_year 2023-04' AND k.area_key = 'force';
SELECT is_empty($$ SELECT * FROM verify('test_retire') $$, 'verify is clean');

-- The other sources: how many people were warned in a period across the day is not known any more, and nothing else changes anywhere.
CREATE FUNCTION pg_temp.seen_apart_from_people() RETURNS TABLE (view_name text, seen text) LANGUAGE sql AS $$
    SELECT s.view_name, md5(CASE WHEN s.view_name ~ 'warning' AND pg_temp.is_across(p.period_start, p.period_end)
                                 THEN (s.seen::jsonb - '{people_warned,people_warned_repeatedly}'::text[])::text ELSE s.seen END)
    FROM pg_temp.seen() s LEFT JOIN test_retire_bi.dim_period p USING (period_key)
$$;
CREATE TEMP TABLE before_others AS SELECT * FROM pg_temp.seen_apart_from_people();
SELECT is(retire('test_retire', 'direct_measure', '2023-04-01') + retire('test_retire', 'recorded_crime', '2023-04-01'), 2 * 730::bigint, 'disposals and crimes of two years are retired');
CALL refresh('test_retire', '2025-01-31', full => true);
CREATE TEMP TABLE after_others AS SELECT * FROM pg_temp.seen_apart_from_people();
SELECT is_empty($$ (TABLE before_others EXCEPT ALL TABLE after_others) UNION ALL (TABLE after_others EXCEPT ALL TABLE before_others) $$, 'old years of warnings do not sink');
SELECT is(string_agg(DISTINCT coalesce(people_warned > 0, false)::integer || ' ' || pg_temp.is_across(period_start, period_end)::integer, ', '), '0 1, 1 0',
          'how many people were warned in twelve months across the day is not known any more')
FROM test_retire_bi.kpi_recorded_police_warning_trend_period JOIN test_retire_bi.dim_period USING (period_key) WHERE area_key = 'force';
-- Of referrals the administrations have taken away already what reaches across.
SELECT cmp_ok(retire('test_retire', 'referral_event', '2023-04-01'), '>', 0::bigint, 'steps of referral are retired');
CALL refresh('test_retire', '2025-01-31', full => true);
CREATE TEMP TABLE after_referrals AS SELECT * FROM pg_temp.seen_apart_from_people();
SELECT is_empty($$ (TABLE after_others EXCEPT ALL TABLE after_referrals) UNION ALL (TABLE after_referrals EXCEPT ALL TABLE after_others) $$, 'and nothing else changes');
SELECT is_empty($$ SELECT * FROM verify('test_retire') $$, 'verify is clean');

SELECT * FROM finish();
ROLLBACK;
