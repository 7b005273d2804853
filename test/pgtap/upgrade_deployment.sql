-- Moving a deployment that is in use to a newer model. The newer model is made here: a column more in doses_by_division and the view
-- for analysts over it, a new source, a view more, and a view less.
SET search_path = public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE ROLE nkpi_test_owner;
CREATE ROLE nkpi_test_member;
CREATE ROLE nkpi_test_reader;
CREATE ROLE nkpi_test_other;
GRANT nkpi_test_owner TO nkpi_test_member;
SELECT format('GRANT CREATE, TEMPORARY ON DATABASE %I TO nkpi_test_owner, nkpi_test_other', current_database()) \gexec
SET LOCAL ROLE nkpi_test_owner;
SELECT naloxone_kpi.deploy('kpi');
INSERT INTO kpi.division_record (division_code, division_name, region, valid_from) VALUES ('G', 'Glasgow', 'West', '2013-04-01');
INSERT INTO kpi.population_record (area_type, area_code, year, people) VALUES ('division', 'G', 2024, 826400);
INSERT INTO kpi.source_coverage_record (source, division_code, covered_from) VALUES ('administration', 'G', '2025-10-01');
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at, doses)
SELECT 'a' || n, 'i' || n, 'G', timestamptz '2025-10-01 12:00+00' + n * interval '1 day', '{2 x 1800 mcg intranasal}' FROM generate_series(1, 10) n;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SELECT naloxone_kpi.grant_reader('kpi', 'nkpi_test_reader', ARRAY['G']);

-- Nothing to do, nobody to do it -------------------------------------------------------

CREATE FUNCTION pg_temp.contents() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s.%s %s %s', c.relnamespace::regnamespace, c.relname, c.relkind, c.oid), ' ' ORDER BY c.oid)
    FROM pg_catalog.pg_class c WHERE c.relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public') $$;
CREATE TEMP TABLE before AS SELECT pg_temp.contents() AS contents;
SELECT lives_ok($$ SELECT naloxone_kpi.upgrade_deployment('kpi') $$, 'one of the newest model is upgraded');
SELECT is(pg_temp.contents(), contents, 'and nothing changes') FROM before;
SELECT throws_ok($$ SELECT naloxone_kpi.upgrade_deployment('absent') $$, '42704', 'there is no deployment "absent" in this database', 'one that is not there: refused');
SELECT is(naloxone_kpi.upgrade_deployment(NULL) IS NULL, true, 'NULL upgrades nothing');
RESET ROLE;
GRANT USAGE ON SCHEMA kpi TO nkpi_test_other;
GRANT SELECT ON kpi.deployment TO nkpi_test_other;
SELECT extversion AS newest FROM pg_extension WHERE extname = 'naloxone_kpi' \gset
SELECT throws_ok($$ SELECT naloxone_kpi.upgrade_deployment('kpi') $$, '42501', 'must be owner of deployment "kpi"', 'a superuser does not lend it its rights');
SET LOCAL ROLE nkpi_test_other;
SELECT throws_ok($$ SELECT naloxone_kpi.upgrade_deployment('kpi') $$, '42501', 'must be owner of deployment "kpi"', 'another role may not');
SET LOCAL ROLE nkpi_test_member;
SELECT throws_ok($$ SELECT naloxone_kpi.upgrade_deployment('kpi') $$, '42501', NULL, 'a member becomes the owner first: what is made is the owner''s');

-- The newer model ------------------------------------------------------------------------

-- Of what is shipped, in two versions. A step's names are not qualified, for it does not know the deployment's.
RESET ROLE;
UPDATE kpi.deployment SET model_version = 'older';
INSERT INTO naloxone_kpi.deployment_upgrade
SELECT 'older', 'old', 1, 'engine_room', format('SELECT replace_materialized_view(%L, %L)', 'doses_by_division',
    format('SELECT q.*, q.doses * 2 AS twice_the_doses FROM (%s) q', substring(sql FROM 'CREATE MATERIALIZED VIEW doses_by_division AS\s(.*?);')))
FROM naloxone_kpi.deployment_part WHERE floor = 'engine_room' AND name LIKE '%-doses_by_division';
INSERT INTO naloxone_kpi.deployment_upgrade
SELECT 'older', 'old', 2, 'bi', 'CREATE OR REPLACE VIEW kpi_doses_by_division'
    || replace(substring(sql FROM 'CREATE VIEW kpi_doses_by_division( WITH.*?);'), 'FROM doses_by_division k', ', k.twice_the_doses::bigint FROM doses_by_division k')
FROM naloxone_kpi.deployment_part WHERE floor = 'bi' AND name LIKE '%-doses_by_division';
SELECT is(count(*) FILTER (WHERE sql LIKE '%twice_the_doses%'), 2::bigint, 'the newer model is made of the one that is shipped') FROM naloxone_kpi.deployment_upgrade;
INSERT INTO naloxone_kpi.deployment_upgrade VALUES
    ('old', :'newest', 10, 'engine_room', $step$
CREATE TABLE dog_record (dog_key text, division_code text);
INSERT INTO source_mark (source, days, keys) VALUES ('dog', NULL, NULL);
INSERT INTO dictionary VALUES ('doses_by_division', 'twice_the_doses', 'doses, twice', 'doses', true, NULL, 'administration');
INSERT INTO object_definition VALUES ('dog', 'contract: dogs'), ('dog_record', 'records beneath the contract dog'), ('dogs', 'how many dogs');
DROP VIEW record_of_old;
$step$),
    ('old', :'newest', 20, 'bi', 'CREATE VIEW kpi_dogs WITH (security_barrier) AS SELECT count(*)::bigint AS dogs FROM dog'),
    ('old', :'newest', 30, 'public', '');

SET LOCAL ROLE nkpi_test_owner;
-- A view that the newer model has no more.
CREATE VIEW kpi.record_of_old AS SELECT 1 AS i;
INSERT INTO kpi.deployment_object VALUES ('engine_room', 'record_of_old', 'v');

-- What belongs to the owner, to others, and to other views, hangs on what is replaced.
CREATE SCHEMA reports;
GRANT USAGE ON SCHEMA reports TO nkpi_test_other;
CREATE VIEW reports.by_month AS SELECT period_key, sum(administrations) AS administrations FROM kpi_bi.kpi_doses_by_division GROUP BY 1;
CREATE VIEW reports.by_year AS SELECT left(period_key, 10) AS year, sum(administrations) AS administrations FROM reports.by_month GROUP BY 1;
CREATE VIEW reports.of_the_room WITH (security_invoker = true, security_barrier) AS SELECT period_key AS "the Period", doses FROM kpi.doses_by_division WHERE area_key = 'force';
CREATE MATERIALIZED VIEW reports.kept AS SELECT r."the Period", d.doses FROM reports.of_the_room r JOIN kpi.doses_by_division d ON d.period_key = r."the Period" AND d.area_key = 'force';
CREATE UNIQUE INDEX kept_key ON reports.kept ("the Period", doses) WITH (fillfactor = 80);
COMMENT ON INDEX reports.kept_key IS 'the key';
COMMENT ON COLUMN reports.kept.doses IS 'my doses';
CREATE INDEX mine ON kpi.doses_by_division (administrations) WHERE area_key <> 'force';
CREATE STATISTICS kpi.of_mine ON period_key, area_key FROM kpi.doses_by_division;
ALTER MATERIALIZED VIEW kpi.doses_by_division SET (fillfactor = 70);
ALTER MATERIALIZED VIEW kpi.doses_by_division ALTER area_key SET STATISTICS 17;
ALTER MATERIALIZED VIEW kpi.doses_by_division CLUSTER ON doses_by_division_key;
GRANT SELECT ON kpi.doses_by_division TO nkpi_test_other;
GRANT SELECT (doses, area_key) ON kpi.doses_by_division TO PUBLIC;
CREATE VIEW kpi_bi.of_mine AS SELECT area_key FROM kpi_bi.kpi_doses_by_division;
RESET ROLE;
GRANT USAGE ON SCHEMA kpi_bi TO nkpi_test_other;
GRANT SELECT ON kpi_bi.kpi_doses_by_division TO nkpi_test_other;
CREATE SCHEMA others AUTHORIZATION nkpi_test_other;
SET LOCAL ROLE nkpi_test_other;
CREATE VIEW others.report AS SELECT * FROM kpi_bi.kpi_doses_by_division;
CREATE MATERIALIZED VIEW others.copied AS SELECT * FROM others.report;

-- What is refused ------------------------------------------------------------------------

SET LOCAL ROLE nkpi_test_owner;
CREATE TEMP TABLE pretended AS SELECT pg_temp.contents() AS contents;
CREATE FUNCTION pg_temp.upgrade_after(change text, as_role text DEFAULT 'nkpi_test_owner') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', as_role);
    EXECUTE change;
    SET LOCAL ROLE nkpi_test_owner;
    BEGIN
        PERFORM naloxone_kpi.upgrade_deployment('kpi');
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        RAISE SQLSTATE 'ZZ999' USING MESSAGE = SQLSTATE || ' ' || SQLERRM || CASE WHEN detail <> '' THEN ' (' || detail || ')' ELSE '' END;
    END;
    RAISE SQLSTATE 'ZZ999' USING MESSAGE = 'upgraded';
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
    RETURN SQLERRM;
END $$;
SELECT is(pg_temp.upgrade_after('SELECT 1'), 'upgraded', 'it can be upgraded');
SELECT is(pg_temp.upgrade_after('CREATE VIEW others.direct AS SELECT doses FROM kpi.doses_by_division', 'nkpi_test_other'),
          '2BP01 materialized view kpi.doses_by_division is used by what cannot be moved to a new one (rule _RETURN on view others.direct)',
          'refused: a view of another role over a materialised view');
SELECT is(pg_temp.upgrade_after('CREATE FUNCTION reports.f() RETURNS bigint LANGUAGE sql RETURN (SELECT sum(doses) FROM kpi.doses_by_division)'),
          '2BP01 materialized view kpi.doses_by_division is used by what cannot be moved to a new one (function reports.f())', 'a function that reads one');
SELECT is(pg_temp.upgrade_after('CREATE TABLE reports.t (d kpi.doses_by_division[])'),
          '2BP01 materialized view kpi.doses_by_division is used by what cannot be moved to a new one (column d of table reports.t)', 'a column of its row type');
SELECT is(pg_temp.upgrade_after('CREATE TABLE reports.t (i integer); CREATE RULE r AS ON INSERT TO reports.t DO SELECT doses FROM kpi.doses_by_division'),
          '2BP01 materialized view kpi.doses_by_division is used by what cannot be moved to a new one (rule r on table reports.t)', 'a rule that reads one');
SELECT is(pg_temp.upgrade_after('CREATE TABLE kpi.mine_record (i integer)'),
          '55000 table kpi.mine_record would be taken for the records of a contract', 'an own table that reads as the records of a contract');
SELECT is(pg_temp.upgrade_after('CREATE VIEW kpi_bi.kpi_dogs AS SELECT 1 AS i'), '42P07 relation "kpi_dogs" already exists', 'an own view of the name of a new one');
SELECT is(pg_temp.upgrade_after('GRANT CREATE ON SCHEMA kpi_bi TO nkpi_test_other'), '42501 other roles may create objects in schema "kpi_bi": nkpi_test_other',
          'another role that may create what the model would find');
SELECT is(pg_temp.upgrade_after($$ UPDATE kpi.deployment SET model_version = 'foreign' $$),
          format('0A000 there is no way from model foreign, which deployment "kpi" is of, to %s', :'newest'), 'a model of which nothing is known');
-- A newer query without a column that views use.
RESET ROLE;
SAVEPOINT without;
UPDATE naloxone_kpi.deployment_upgrade SET sql = $$ SELECT replace_materialized_view('doses_by_division', 'SELECT period_key, area_key FROM area_period') $$
WHERE position = 1;
SET LOCAL ROLE nkpi_test_owner;
SELECT is(pg_temp.upgrade_after('SELECT 1'), '2BP01 kpi.indicator_value does not work over the new materialized view kpi.doses_by_division: '
          'column k.territorial_administrations does not exist', 'a newer query without a column that views use');
ROLLBACK TO without;
SET LOCAL ROLE nkpi_test_owner;
SELECT is(pg_temp.contents(), contents, 'refused, it is what it was') FROM pretended;
SELECT is((SELECT model_version FROM kpi.deployment), 'older', 'and of the version that it was');

-- Upgraded -------------------------------------------------------------------------------

-- A temporary table of a name that the steps use does not get in the way.
CREATE TEMP TABLE doses_by_division (i integer);
CREATE TEMP TABLE area_period (i integer);
CREATE TABLE reports.seen AS
    SELECT (SELECT jsonb_agg(v ORDER BY v.period_key, v.area_key) FROM kpi_bi.kpi_doses_by_division v) AS view,
           (SELECT jsonb_agg(v ORDER BY v.period_key, v.area_key) FROM kpi_bi.kpi_doses_by_division_period v) AS period_view,
           (SELECT jsonb_agg(v ORDER BY v.period_key) FROM reports.by_month v) AS by_month,
           (SELECT jsonb_agg(v ORDER BY v."the Period") FROM reports.of_the_room v) AS of_the_room,
           ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN ('kpi.doses_by_division'::regclass, 'reports.kept'::regclass) ORDER BY 1) AS indexes,
           ARRAY(SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = 'kpi.doses_by_division'::regclass) AS statistics,
           (SELECT relacl FROM pg_class WHERE oid = 'kpi.doses_by_division'::regclass) AS relacl,
           (SELECT jsonb_agg(jsonb_build_object('name', attname, 'acl', attacl, 'target', attstattarget, 'comment', col_description(attrelid, attnum)) ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = 'kpi.doses_by_division'::regclass AND attnum > 0 AND attname <> 'twice_the_doses') AS columns,
           (SELECT reloptions FROM pg_class WHERE oid = 'kpi.doses_by_division'::regclass) AS options,
           (SELECT array_agg(format('%s %s %s', oid::regclass, oid, reloptions) ORDER BY oid) FROM pg_class
            WHERE relkind = 'v' AND relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public', 'reports', 'others') AND relname <> 'record_of_old') AS views;
SELECT lives_ok($$ SELECT naloxone_kpi.upgrade_deployment('kpi') $$, 'the owner upgrades');
SELECT is((SELECT model_version FROM kpi.deployment), :'newest', 'over both versions to the newest');
SELECT is((SELECT jsonb_agg(to_jsonb(v) - 'twice_the_doses' ORDER BY v.period_key, v.area_key) FROM kpi_bi.kpi_doses_by_division v), view,
          'the view shows what it showed') FROM reports.seen;
SELECT is((SELECT jsonb_agg(v ORDER BY v.period_key, v.area_key) FROM kpi_bi.kpi_doses_by_division_period v), period_view, 'so does the one that has no new column') FROM reports.seen;
SELECT cmp_ok((SELECT sum(twice_the_doses) FROM kpi_bi.kpi_doses_by_division), '=', 40::numeric, 'and the new column, filled: twice the doses of ten administrations');
SELECT is((SELECT attname FROM pg_attribute WHERE attrelid = 'kpi_bi.kpi_doses_by_division'::regclass ORDER BY attnum DESC LIMIT 1)::text, 'twice_the_doses', 'at the end');
SELECT is((SELECT jsonb_agg(v ORDER BY v.period_key) FROM reports.by_month v), by_month, 'own views over the view for analysts stay') FROM reports.seen;
SELECT is((SELECT sum(administrations) FROM reports.by_year WHERE year LIKE 'month%'), 10::numeric, 'and those over them');
SELECT is((SELECT jsonb_agg(v ORDER BY v."the Period") FROM reports.of_the_room v), of_the_room, 'an own view over the materialised view reads the new one') FROM reports.seen;
SELECT is((SELECT sum(doses) FROM reports.kept), (SELECT sum(doses) FROM reports.of_the_room), 'an own materialised view was filled again');
SELECT is(ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN ('kpi.doses_by_division'::regclass, 'reports.kept'::regclass) ORDER BY 1), indexes,
          'indexes came along') FROM reports.seen;
SELECT is(obj_description('reports.kept_key'::regclass, 'pg_class') || ', ' || col_description('reports.kept'::regclass, 2), 'the key, my doses', 'with their comments');
SELECT is((SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'kpi.doses_by_division'::regclass AND indisclustered), 'kpi.doses_by_division_key', 'clustered by the same');
SELECT is(ARRAY(SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = 'kpi.doses_by_division'::regclass), statistics, 'so did statistics') FROM reports.seen;
SELECT is((SELECT reloptions FROM pg_class WHERE oid = 'kpi.doses_by_division'::regclass), options, 'options') FROM reports.seen;
SELECT is((SELECT relacl FROM pg_class WHERE oid = 'kpi.doses_by_division'::regclass), relacl, 'grants') FROM reports.seen;
SELECT is((SELECT jsonb_agg(jsonb_build_object('name', attname, 'acl', attacl, 'target', attstattarget, 'comment', col_description(attrelid, attnum)) ORDER BY attnum)
           FROM pg_attribute WHERE attrelid = 'kpi.doses_by_division'::regclass AND attnum > 0 AND attname <> 'twice_the_doses'), columns,
          'and what was set for columns') FROM reports.seen;
SELECT is((SELECT array_agg(format('%s %s %s', oid::regclass, oid, reloptions) ORDER BY oid) FROM pg_class
           WHERE relkind = 'v' AND relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public', 'reports', 'others')
             AND relname NOT IN ('dog', 'kpi_dogs')), views,
          'every view is the view that it was, with its options') FROM reports.seen;
SELECT is(col_description('kpi_bi.kpi_doses_by_division'::regclass, (SELECT attnum FROM pg_attribute
          WHERE attrelid = 'kpi_bi.kpi_doses_by_division'::regclass AND attname = 'twice_the_doses')), 'doses, twice', 'the new column has the dictionary''s comment');
SELECT is_empty($$ SELECT oid::regclass FROM pg_class WHERE relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public', 'reports')
      AND (relowner <> 'nkpi_test_owner'::regrole OR relname LIKE 'repla%' OR relpersistence <> 'p') $$, 'all of it belongs to the owner, and nothing is left over');
SELECT results_eq($$ SELECT floor || '.' || name FROM kpi.deployment_object WHERE name IN ('dog', 'dog_record', 'kpi_dogs', 'record_of_old', 'of_mine', 'doses_by_division') ORDER BY 1 $$,
                  ARRAY['bi.kpi_dogs', 'engine_room.dog', 'engine_room.dog_record', 'engine_room.doses_by_division'], 'it knows what is its own now');
SELECT is((SELECT count(*) FROM kpi.dog), 0::bigint, 'a new source has its contract');
SELECT is((SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'kpi.dog_record'::regclass),
          'mark_dog_delete mark_dog_insert mark_dog_truncate mark_dog_update', 'whose changes are marked');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.check_deployment('kpi') WHERE object NOT LIKE 'schema %' $$, 'nothing is wrong with it');
SELECT lives_ok($$ SELECT naloxone_kpi.upgrade_deployment('kpi') $$, 'there is nothing more to do');

-- It goes on.
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at, doses)
VALUES ('new', 'new', 'G', '2025-12-01 12:00+00', '{2 x 1800 mcg intranasal}');
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SELECT is((SELECT sum(twice_the_doses) FROM kpi_bi.kpi_doses_by_division), 44::numeric, 'it refreshes');
SELECT is((SELECT sum(doses) FROM reports.of_the_room WHERE "the Period" LIKE 'month%'), 22::numeric, 'and own views show it');
SET LOCAL ROLE nkpi_test_reader;
SELECT is((SELECT sum(twice_the_doses) FROM kpi_bi.kpi_doses_by_division), 44::numeric, 'a reader reads the new column');
SELECT throws_ok('SELECT * FROM kpi_bi.kpi_dogs', '42501', NULL, 'a new view when it is granted');
SET LOCAL ROLE nkpi_test_owner;
SELECT naloxone_kpi.grant_reader('kpi', 'nkpi_test_reader');
SET LOCAL ROLE nkpi_test_reader;
SELECT is((SELECT dogs FROM kpi_bi.kpi_dogs), 0::bigint, 'again');
SET LOCAL ROLE nkpi_test_other;
SELECT is((SELECT count(*) FROM others.report), 0::bigint, 'another role''s view over the view for analysts works, and shows it what it is entitled to');
SELECT lives_ok('REFRESH MATERIALIZED VIEW others.copied', 'so does its copy');

-- Without tables, a new source has a contract without one; an own table stays.
SET LOCAL ROLE nkpi_test_owner;
SELECT naloxone_kpi.deploy('bare', sources => 'none');
UPDATE bare.deployment SET model_version = 'old';
CREATE VIEW bare.record_of_old AS SELECT 1 AS i;
SELECT lives_ok($$ SELECT naloxone_kpi.upgrade_deployment('bare') $$, 'one without tables is upgraded');
SELECT is((SELECT string_agg(relname || ' ' || relkind::text, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'bare'::regnamespace AND relname LIKE 'dog%' AND relkind IN ('r', 'v')),
          'dog v', 'and the new source is a contract without a table');

-- The function that steps use, by itself.
SELECT throws_ok($$ SELECT naloxone_kpi.replace_materialized_view('kpi.period', 'SELECT 1') $$, '42809', '"kpi.period" is not a materialized view', 'a table is not replaced');
SET LOCAL ROLE nkpi_test_other;
SELECT throws_ok($$ SELECT naloxone_kpi.replace_materialized_view('kpi.doses_by_division', 'SELECT 1') $$, '42501', 'must be owner of materialized view kpi.doses_by_division',
                 'nor what is another''s');
RESET ROLE;
SELECT throws_ok($$ INSERT INTO naloxone_kpi.deployment_upgrade VALUES ('a', 'a', 1, 'bi', '') $$, '23514', NULL, 'no version leads to itself');
SELECT is_empty($$ SELECT from_version FROM naloxone_kpi.deployment_upgrade GROUP BY 1 HAVING count(DISTINCT to_version) > 1 $$, 'every version leads to one other');

SELECT * FROM finish();
ROLLBACK;
