-- The statistics on days and periods that a deployment creates, and what the planner makes of them.
SET search_path = public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE ROLE nkpi_test_owner;
CREATE ROLE nkpi_test_member IN ROLE nkpi_test_owner;
CREATE ROLE nkpi_test_other;
SELECT format('GRANT CREATE ON DATABASE %I TO nkpi_test_owner', current_database()) \gexec

-- What a query's plan says: its text without costs, and how many rows its topmost node is expected to return.
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END $$;
CREATE FUNCTION pg_temp.expected_rows(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
-- How many groups there are by an expression, and by how much the planner is wrong: 1 is not at all.
CREATE FUNCTION pg_temp.misjudged(expression text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    expected float8 := pg_temp.expected_rows(format('SELECT %s FROM kpi.administration GROUP BY 1', expression));
    have float8;
BEGIN
    EXECUTE format('SELECT count(DISTINCT %s) FROM kpi.administration', expression) INTO have;
    RETURN greatest(expected / have, have / expected);
END $$;

SET LOCAL ROLE nkpi_test_owner;
SELECT naloxone_kpi.deploy('kpi');
CREATE FUNCTION pg_temp.statistics(deployment text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s %s %s', e.stxname, pg_get_statisticsobjdef_expressions(e.oid), e.stxowner::regrole)
    FROM pg_catalog.pg_statistic_ext e WHERE e.stxnamespace = to_regnamespace(deployment) ORDER BY 1 $$;
SELECT results_eq($$ SELECT pg_temp.statistics('kpi') $$, $$
    SELECT format('%s_%s {"%s"} nkpi_test_owner', name, what, expression)
    FROM unnest('{administration_record,overdose_incident_record,referral_event_record}'::text[]) AS name,
         (VALUES ('day', 'naloxone_kpi.local_day(occurred_at, ''Europe/London''::text)'),
                 ('fiscal_quarter', 'naloxone_kpi.period_start(''fiscal_quarter''::text, occurred_at, ''Europe/London''::text, 4)'),
                 ('fiscal_year', 'naloxone_kpi.period_start(''fiscal_year''::text, occurred_at, ''Europe/London''::text, 4)'),
                 ('month', 'naloxone_kpi.period_start(''month''::text, occurred_at, ''Europe/London''::text)')) AS e (what, expression)
    ORDER BY 1 $$, 'a deployment has them, by day and period, on the tables whose records have a moment');
SELECT is_empty($$ SELECT stxname FROM pg_statistic_ext WHERE stxnamespace = 'kpi'::regnamespace AND obj_description(oid, 'pg_statistic_ext') IS NULL $$,
    'and each says what it is for');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.lacking_statistics('kpi') $$, 'none is lacking');

-- Six years of records.
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at)
SELECT i, i, 'D' || i % 13, timestamptz '2019-01-01 00:00+00' + i * interval '946.7 seconds' FROM generate_series(1, 200000) AS i;
ANALYZE kpi.administration_record;

SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL search_path = naloxone_kpi, public;
SELECT cmp_ok(pg_temp.misjudged(expression), '<', 1.3::float8, 'it is known how many there are of ' || expression)
FROM unnest(ARRAY['period_start(''month'', occurred_at, ''Europe/London'')', 'period_start(''month'', occurred_at, ''Europe/London'', 4)',
                  'period_start(''fiscal_quarter'', occurred_at, ''Europe/London'')', 'period_start(''fiscal_quarter'', occurred_at, ''Europe/London'', first_month => 4)',
                  'period_start(''fiscal_year'', occurred_at, ''Europe/London'')', 'local_day(occurred_at, ''Europe/London'')']) AS expression;
CREATE TEMP TABLE by_month AS SELECT $$ SELECT incident_division_code, period_start('month', occurred_at, 'Europe/London'), count(*)
    FROM kpi.administration GROUP BY 1, 2 $$ AS query;
SELECT matches(pg_temp.plan(query), 'Partial HashAggregate', 'by division and month each worker aggregates') FROM by_month;
SELECT cmp_ok(pg_temp.expected_rows(query), '<', 2000::float8, 'for about the 936 groups there are') FROM by_month;

SAVEPOINT without;
DROP STATISTICS kpi.administration_record_month;
SELECT doesnt_match(pg_temp.plan(query), 'Partial', 'without the statistics none does') FROM by_month;
SELECT cmp_ok(pg_temp.expected_rows(query), '>', 100000::float8, 'for as many groups as rows') FROM by_month;
SELECT results_eq($$ SELECT table_name, statistics_name FROM naloxone_kpi.lacking_statistics('kpi') $$,
    $$ VALUES ('administration_record'::name, 'administration_record_month'::name) $$, 'which are then lacking');
SELECT results_eq($$ SELECT object, finding, hint FROM naloxone_kpi.check_deployment('kpi') WHERE object = 'kpi.administration_record' $$,
    $$ VALUES ('kpi.administration_record', 'has no statistics on months in time zone Europe/London',
               'Queries by them do not aggregate in parallel: SELECT naloxone_kpi.create_expression_statistics(''kpi''); ANALYZE kpi.administration_record') $$, 'and found to be');
ROLLBACK TO without;

-- Again, and after a change of settings.
CREATE TEMP TABLE before AS SELECT array_agg(oid ORDER BY oid) AS oids FROM pg_statistic_ext WHERE stxnamespace = 'kpi'::regnamespace;
SELECT lives_ok($$ SELECT naloxone_kpi.create_expression_statistics('kpi') $$, 'created again');
SELECT is(array_agg(oid ORDER BY oid), (SELECT oids FROM before), 'those that are right stay') FROM pg_statistic_ext WHERE stxnamespace = 'kpi'::regnamespace;
UPDATE kpi.setting SET fiscal_first_month = 7;
SELECT is((SELECT count(*) FROM naloxone_kpi.lacking_statistics('kpi')), 6::bigint, 'years and quarters from another month are lacking');
UPDATE kpi.setting SET time_zone = 'America/New_York';
SELECT is((SELECT count(*) FROM naloxone_kpi.lacking_statistics('kpi')), 12::bigint, 'in another time zone all are');
RESET ROLE;
SET LOCAL ROLE nkpi_test_member;
SELECT lives_ok($$ SELECT naloxone_kpi.create_expression_statistics('kpi') $$, 'a member of the owner''s role makes them anew');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.lacking_statistics('kpi') $$, 'then none is lacking');
SELECT is((SELECT count(*) FROM pg_temp.statistics('kpi') AS s WHERE s LIKE '%''America/New_York''%nkpi_test_owner'), 12::bigint, 'they are the owner''s');
SELECT is((SELECT count(*) FROM pg_temp.statistics('kpi')), 12::bigint, 'and the old ones are gone');
SET LOCAL ROLE nkpi_test_owner;
SELECT cmp_ok(pg_temp.misjudged('period_start(''month'', occurred_at, ''America/New_York'')'), '>', 100::float8, 'they know nothing before the table is analysed');
ANALYZE kpi.administration_record;
SELECT cmp_ok(pg_temp.misjudged(expression), '<', 1.3::float8, 'then it is known how many there are of ' || expression)
FROM unnest(ARRAY['period_start(''month'', occurred_at, ''America/New_York'')', 'period_start(''fiscal_year'', occurred_at, ''America/New_York'', 7)']) AS expression;

-- Statistics of the owner's own that say the same will do; others are not touched.
ALTER STATISTICS kpi.administration_record_month RENAME TO mine;
CREATE STATISTICS kpi.more ON sex, age_band FROM kpi.administration_record;
SELECT is_empty($$ SELECT * FROM naloxone_kpi.lacking_statistics('kpi') $$, 'under another name they are known');
UPDATE kpi.setting SET time_zone = 'Europe/London', fiscal_first_month = 4;
SELECT lives_ok($$ SELECT naloxone_kpi.create_expression_statistics('kpi') $$, 'made anew beside the owner''s');
SELECT is((SELECT count(*) FROM pg_temp.statistics('kpi')), 14::bigint, 'which stay');

-- One slip of the keyboard must not keep a table from being analysed.
INSERT INTO kpi.administration_record (administration_id, incident_id, occurred_at) VALUES
    ('slip 1', 'slip 1', '4714-11-24 00:00:00+00 BC'), ('slip 2', 'slip 2', '294276-12-31 23:59:59+00'), ('slip 3', 'slip 3', 'infinity');
SELECT lives_ok($$ ANALYZE kpi.administration_record $$, 'moments at both ends of time are analysed');

SELECT lives_ok($$ SELECT naloxone_kpi.rename_deployment('kpi', 'it''s "9"') $$, 'the deployment is renamed');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.lacking_statistics('it''s "9"') $$, 'and keeps them');
UPDATE "it's ""9""".setting SET time_zone = 'America/Toronto';
SELECT lives_ok($$ SELECT naloxone_kpi.create_expression_statistics('it''s "9"') $$, 'they are made anew under any name');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.lacking_statistics('it''s "9"') $$, 'and are all there');

-- With an abbreviation for a time zone, ANALYZE would fail.
SELECT throws_ok($$ UPDATE "it's ""9""".setting SET time_zone = 'CET' $$, '22023', 'time zone "CET" not recognized', 'an abbreviation is no time zone');
SELECT lives_ok($$ ANALYZE "it's ""9""".administration_record $$, 'so the table can be analysed');

SELECT is(naloxone_kpi.create_expression_statistics(NULL)::text, NULL, 'NULL creates none');
SELECT throws_ok(format('SELECT naloxone_kpi.%s(''absent'')', f), '42704', NULL, f || '() of a deployment that is not there')
FROM unnest('{create_expression_statistics,lacking_statistics}'::text[]) AS f;
SET LOCAL ROLE nkpi_test_other;
SELECT throws_ok($$ SELECT naloxone_kpi.create_expression_statistics('it''s "9"') $$, '42501', NULL, 'another role may not');

SET LOCAL ROLE nkpi_test_owner;
SELECT naloxone_kpi.deploy('bare', sources => 'none');
SELECT is_empty($$ SELECT pg_temp.statistics('bare') $$, 'without tables there are none');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.lacking_statistics('bare') $$, 'nor is any lacking');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.check_deployment('bare') $$, 'nor is it found to be');
SELECT lives_ok($$ SELECT naloxone_kpi.undeploy('it''s "9"', true) $$, 'they go with the deployment');
SELECT is_empty($$ SELECT stxname FROM pg_statistic_ext WHERE stxowner = 'nkpi_test_owner'::regrole $$, 'all of them');

SELECT * FROM finish();
ROLLBACK;
