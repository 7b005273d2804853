-- Deploying, and what a deployment refuses, tells and grants. As a role that is no superuser, unless it says otherwise.
SET search_path = public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE ROLE nkpi_test_owner;
CREATE ROLE nkpi_test_other;
CREATE ROLE nkpi_test_none;
GRANT CREATE ON SCHEMA public TO nkpi_test_none;
REVOKE CREATE ON SCHEMA public FROM nkpi_test_none;
SELECT format('GRANT CREATE ON DATABASE %I TO nkpi_test_owner, nkpi_test_other', current_database()) \gexec

-- What is in the three schemas of a deployment, as one text.
CREATE FUNCTION pg_temp.contents(deployment name) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s.%s %s %s', c.relnamespace::regnamespace, c.relname, c.relkind, c.oid), ' ' ORDER BY c.oid)
    FROM pg_catalog.pg_class c WHERE c.relnamespace::regnamespace::text IN (deployment::text, deployment || '_bi', deployment || '_public') $$;

-- Deploying --------------------------------------------------------------------

SET LOCAL ROLE nkpi_test_owner;
SELECT lives_ok($$ SELECT naloxone_kpi.deploy('kpi') $$, 'a role that may create schemas can deploy');
SELECT is((SELECT string_agg(DISTINCT nspowner::regrole::text, ' ') FROM pg_namespace WHERE nspname IN ('kpi', 'kpi_bi', 'kpi_public')),
          'nkpi_test_owner', 'the schemas are its own');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public') AND relowner <> 'nkpi_test_owner'::regrole),
          0::bigint, 'so is all that is in them');
SELECT is((SELECT s::text FROM naloxone_kpi.deployment_schemas('kpi') s), '(kpi,kpi_bi,kpi_public,nkpi_test_owner)', 'and it knows');
SELECT is_empty($$ SELECT relname FROM pg_class WHERE relkind = 'm' AND NOT relispopulated $$, 'every materialised view is populated from the first');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.check_deployment('kpi') $$, 'nothing is wrong with a new one');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.bi_check('kpi') $$, 'nor with its views');
SELECT is(current_setting('search_path'), 'public', 'the search path is as it was');

CREATE TEMP TABLE before AS SELECT pg_temp.contents('kpi') AS contents, (SELECT to_jsonb(d) FROM kpi.deployment d) AS deployment;
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('kpi') $$, '42P06', 'deployment "kpi" exists already', 'the same name again is refused');
SELECT is(pg_temp.contents('kpi'), contents, 'and changes nothing') FROM before;
SELECT is(to_jsonb(d), before.deployment, 'in what it knows of itself either') FROM kpi.deployment d, before;

SELECT throws_ok(format('SELECT naloxone_kpi.deploy(%L)', name), '3F000', NULL, format('"%s" cannot name a deployment', name))
  FROM (VALUES (''), ('pg_kpi'), (repeat('x', 57)), (repeat('é', 29))) AS bad (name);
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('more', sources => 'views') $$, '22023', NULL, 'sources are tables or none');
SELECT is(naloxone_kpi.deploy(NULL) IS NULL AND to_regnamespace('more') IS NULL, true, 'NULL deploys nothing');

-- Schemas that are there already.
RESET ROLE;
CREATE SCHEMA alien;
CREATE SCHEMA half_alien_bi AUTHORIZATION nkpi_test_other;
SET LOCAL ROLE nkpi_test_owner;
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('alien') $$, '42501', 'schema "alien" belongs to another role', 'a schema of another role is refused');
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('half_alien') $$, '42501', 'schema "half_alien_bi" belongs to another role', 'as one of three');
SELECT is(to_regnamespace('half_alien'), NULL, 'and then none is made');
CREATE SCHEMA used;
CREATE TABLE used.mine (i integer);
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('used') $$, '42P06', 'schema "used" exists already and is not empty', 'an own schema with a table is refused');
DROP TABLE used.mine;
CREATE FUNCTION used.mine() RETURNS integer LANGUAGE sql RETURN 1;
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('used') $$, '42P06', NULL, 'one with a function is');
DROP FUNCTION used.mine();
CREATE DOMAIN used.mine AS integer;
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('used') $$, '42P06', NULL, 'one with a type is');
DROP DOMAIN used.mine;
CREATE OPERATOR used.@@@ (FUNCTION = pg_catalog.int4eq, LEFTARG = integer, RIGHTARG = integer);
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('used') $$, '42P06', NULL, 'one with an operator is');
DROP OPERATOR used.@@@ (integer, integer);
SELECT lives_ok($$ SELECT naloxone_kpi.deploy('used') $$, 'an own empty schema is taken');
SELECT lives_ok($$ SELECT naloxone_kpi.undeploy('used') $$, 'and dropped with the deployment');

-- Rights.
SET LOCAL ROLE nkpi_test_none;
SELECT throws_like($$ SELECT naloxone_kpi.deploy('unallowed') $$, 'permission denied to create schema "unallowed"%', 'who may not create schemas may not deploy');
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('unallowed') $$, '42501', NULL, 'with the SQLSTATE of that');
RESET ROLE;
-- Where PostGIS is, others must not be able to put what a view would find first.
SELECT nspname AS postgis_schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'postgis' \gset
GRANT CREATE ON SCHEMA :"postgis_schema" TO PUBLIC;
SET LOCAL ROLE nkpi_test_owner;
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('trusting') $$, '42501', format('other roles may create objects in schema "%s": PUBLIC', :'postgis_schema'),
                 'PUBLIC with CREATE where PostGIS is, is refused');
RESET ROLE;
REVOKE CREATE ON SCHEMA :"postgis_schema" FROM PUBLIC;
GRANT CREATE ON SCHEMA naloxone_kpi TO nkpi_test_other;
SET LOCAL ROLE nkpi_test_owner;
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('trusting') $$, '42501', 'other roles may create objects in schema "naloxone_kpi": nkpi_test_other',
                 'so is a role with CREATE in the schema of the extension');
RESET ROLE;
REVOKE CREATE ON SCHEMA naloxone_kpi FROM nkpi_test_other;
SET LOCAL ROLE nkpi_test_owner;
CREATE SCHEMA trusting;
GRANT CREATE ON SCHEMA trusting TO nkpi_test_other;
SELECT throws_ok($$ SELECT naloxone_kpi.deploy('trusting') $$, '42501', NULL, 'and one with CREATE in the schema to be');
DROP SCHEMA trusting;

-- Without tables -----------------------------------------------------------------

SELECT lives_ok($$ SELECT naloxone_kpi.deploy('bare', sources => 'none') $$, 'it deploys without tables');
SELECT is_empty($$ SELECT relname FROM pg_class WHERE relnamespace = 'bare'::regnamespace AND relname LIKE '%\_record' $$, 'then there are none');
CREATE FUNCTION pg_temp.contract_columns(deployment text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s.%s %s', v.relname, a.attname, format_type(a.atttypid, a.atttypmod))
    FROM pg_catalog.pg_class t
    JOIN pg_catalog.pg_class v ON v.relname = left(t.relname, -length('_record')) AND v.relnamespace = deployment::regnamespace AND v.relkind = 'v'
    JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
    WHERE t.relnamespace = 'kpi'::regnamespace AND t.relname LIKE '%\_record' ORDER BY v.relname, a.attnum $$;
SELECT cmp_ok((SELECT count(DISTINCT split_part(c, '.', 1)) FROM pg_temp.contract_columns('kpi') c), '>=', 9::bigint, 'there are contracts to compare');
SELECT results_eq($$ SELECT pg_temp.contract_columns('bare') $$, $$ SELECT pg_temp.contract_columns('kpi') $$, 'the contracts have the same columns and types');
SELECT is((SELECT count(*) FROM bare.administration), 0::bigint, 'and no rows');
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.crime (area text, day date, offence text, number integer);
INSERT INTO warehouse.crime VALUES ('G', '2025-11-30', 'possession', 7);
SELECT lives_ok($$ CREATE OR REPLACE VIEW bare.recorded_crime AS
    SELECT area AS division_code, day AS recorded_on, offence AS kind, number::bigint AS crimes, NULL::timestamptz AS recorded_at FROM warehouse.crime $$,
    'a contract is replaced by a view of the same columns');
SELECT throws_ok($$ CREATE OR REPLACE VIEW bare.recorded_crime AS
    SELECT area AS division_code, day AS recorded_on, offence AS kind, number::bigint AS crimes FROM warehouse.crime $$, '42P16', NULL,
    'not by one without a column');
SELECT throws_ok($$ CREATE OR REPLACE VIEW bare.recorded_crime AS
    SELECT area AS division_code, day AS recorded_on, offence AS kind, number AS crimes, NULL::timestamptz AS recorded_at FROM warehouse.crime $$, '42P16', NULL,
    'nor by one with another type');
CREATE OR REPLACE VIEW bare.division AS SELECT 'G'::text AS division_code, 'Glasgow'::text AS division_name, 'territorial'::text AS division_type,
    'West'::text AS region, date '2013-04-01' AS valid_from, NULL::date AS valid_to, NULL::public.geometry(MultiPolygon, 27700) AS boundary, NULL::timestamptz AS recorded_at;
CREATE OR REPLACE VIEW bare.source_coverage AS SELECT 'recorded_crime'::text AS source, 'G'::text AS division_code, date '2025-11-01' AS covered_from,
    NULL::date AS covered_to, NULL::timestamptz AS recorded_at UNION ALL SELECT 'direct_measure', 'G', '2025-11-01', NULL, NULL;
CALL naloxone_kpi.refresh('bare', '2025-12-31');
SELECT is((SELECT sum(possession_crimes) FROM bare_bi.kpi_recorded_police_warning_trend WHERE area_key = 'division G'), 7::numeric,
          'what it shows is counted');
SELECT lives_ok($$ SELECT naloxone_kpi.undeploy('bare') $$, 'it is undeployed without being told to drop records, for it has none');
SELECT is((SELECT count(*) FROM warehouse.crime), 1::bigint, 'and the warehouse keeps its own');

-- Settings ---------------------------------------------------------------------------

SELECT throws_ok(format('UPDATE kpi.setting SET %s', change), state, NULL, format('refused: %s', change))
  FROM (VALUES ('time_zone = ''Europe/Nowhere''', '22023'), ('fiscal_first_month = 0', '23514'), ('fiscal_first_month = 13', '23514'),
               ('confidence = 1', '23514'), ('confidence = 0', '23514'), ('confidence = ''NaN''', '23514'), ('episode_days = 0', '23514'),
               ('reporting_delay_days = -1', '23514'), ('reporting_delay_days = 3651', '23514'), ('is_only = false', '23514'),
               ('time_zone = NULL', '23502')) AS bad (change, state);
SELECT throws_ok($$ INSERT INTO kpi.setting DEFAULT VALUES $$, '23505', NULL, 'there is one row of settings');
SELECT lives_ok($$ UPDATE kpi.setting SET time_zone = 'Pacific/Kiritimati', fiscal_first_month = 12, confidence = 0.99, episode_days = 1, reporting_delay_days = 0 $$,
                'what is within its limits is taken');
UPDATE kpi.setting SET time_zone = DEFAULT, fiscal_first_month = DEFAULT, confidence = DEFAULT, episode_days = DEFAULT, reporting_delay_days = DEFAULT;

-- Checks -----------------------------------------------------------------------------

INSERT INTO kpi.division_record (division_code, division_name, region, valid_from) VALUES ('G', 'Glasgow', 'West', '2013-04-01');
INSERT INTO kpi.population_record (area_type, area_code, year, people) VALUES ('division', 'G', 2024, 826400);
INSERT INTO kpi.source_coverage_record (source, division_code, covered_from)
SELECT source, 'G', '2025-10-01' FROM unnest(ARRAY['administration', 'referral_event', 'direct_measure', 'recorded_crime']) source;
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at)
SELECT 'a' || n, 'i' || n, 'G', timestamptz '2025-10-01 12:00+00' + n * interval '1 day' FROM generate_series(1, 10) n;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.check_deployment('kpi') $$, 'nothing is wrong with one that has records');
SELECT is_empty($$ SELECT * FROM naloxone_kpi.bi_check('kpi') $$, 'nor with its views');
RESET ROLE;

-- What is found after a change, which is undone again.
CREATE FUNCTION pg_temp.findings_after(change text, checked text DEFAULT 'check_deployment(''kpi'')') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE change;
    EXECUTE format('SELECT string_agg(%s, ''; '' ORDER BY 1) FROM naloxone_kpi.%s AS f',
                   CASE WHEN checked LIKE 'bi_check%' THEN 'concat_ws('' '', view_name, column_name, finding)' ELSE 'object || '' '' || finding' END, checked) INTO found;
    RAISE SQLSTATE 'ZZ999';
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
    RETURN found;
END $$;
SELECT is(pg_temp.findings_after('SELECT 1'), NULL, 'without a change nothing is found');
SELECT is(pg_temp.findings_after('DROP VIEW kpi_bi.kpi_doses_by_division'), 'kpi_bi.kpi_doses_by_division is missing', 'found: a view that is gone');
SELECT is(pg_temp.findings_after('ALTER VIEW kpi_bi.kpi_doses_by_division RENAME TO mine'), 'kpi_bi.kpi_doses_by_division is missing', 'found: one that was renamed');
SELECT is(pg_temp.findings_after('ALTER MATERIALIZED VIEW kpi.doses_by_division OWNER TO nkpi_test_other'), 'kpi.doses_by_division belongs to nkpi_test_other',
          'found: a relation of another role');
SELECT is(pg_temp.findings_after($$ INSERT INTO kpi.entitlement VALUES ('nkpi_test_gone', 'G') $$), 'kpi.entitlement names the role "nkpi_test_gone", which does not exist',
          'found: an entitlement of a role that is not there');
SELECT is(pg_temp.findings_after($$ UPDATE kpi.administration_record SET occurred_at = '2025-09-30 12:00+00' WHERE administration_id IN ('a1', 'a2'); CALL naloxone_kpi.refresh('kpi') $$),
          'kpi.source_coverage 2 of 10 records of administration lie outside it and are not counted', 'found: records outside coverage');
SELECT is(pg_temp.findings_after($$ UPDATE kpi.administration_record SET incident_division_code = 'Z' WHERE administration_id = 'a1'; CALL naloxone_kpi.refresh('kpi') $$),
          'kpi.administration 1 records name a division that division does not hold on their day', 'found: records of a division that is not there');
SELECT is(pg_temp.findings_after($$ UPDATE kpi.administration_record SET occurred_at = 'infinity' WHERE administration_id IN ('a1', 'a2', 'a3'); CALL naloxone_kpi.refresh('kpi') $$),
          'kpi.administration 3 records have no day and are not counted', 'found: records without a day');
SELECT is(pg_temp.findings_after('DELETE FROM kpi.population_record'), 'kpi.population has no total for territorial division G', 'found: a division without population');
SELECT is(pg_temp.findings_after($$ UPDATE kpi.population_record SET sex = 'female' $$), 'kpi.population has no total for territorial division G', 'found: one without a total');
SELECT is(pg_temp.findings_after($$ UPDATE kpi.deployment SET model_version = '0.0.1' $$),
          format('kpi.deployment is of model 0.0.1, the extension of %s', extversion), 'found: another version') FROM pg_extension WHERE extname = 'naloxone_kpi';
SELECT is(pg_temp.findings_after(format('GRANT CREATE ON SCHEMA %s TO %s', schema, role)), format('schema %s %s may create objects in it', schema, role),
          format('found: CREATE in %s for %s', schema, role))
  FROM (VALUES ('kpi', 'nkpi_test_other'), ('kpi_bi', 'PUBLIC'), ('kpi_public', 'nkpi_test_other'), ('naloxone_kpi', 'PUBLIC')) AS g (schema, role);
SELECT is(pg_temp.findings_after(format('GRANT CREATE ON SCHEMA %I TO PUBLIC', :'postgis_schema')), format('schema %s PUBLIC may create objects in it', :'postgis_schema'),
          'found: CREATE where PostGIS is, which deploy() refuses');
SELECT is(pg_temp.findings_after(format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database())),
          format('role nkpi_test_owner may not create temporary tables in database "%s"', current_database()), 'found: an owner without TEMPORARY');

SELECT is(pg_temp.findings_after(format('CREATE VIEW kpi_bi.mine AS SELECT %s AS x', value), 'bi_check(''kpi'')'), 'kpi_bi.mine x ' || finding, format('found: %s', value))
  FROM (VALUES ('true', 'is of type boolean, which BI tools read as text or not at all'),
               ('text ''a''', 'is of type text, which BI tools read as text or not at all'),
               ('''a''::varchar', 'is of type character varying, which BI tools read as text or not at all'),
               ('1::numeric', 'is of type numeric, which BI tools read as text or not at all'),
               ('now()', 'is of type timestamp with time zone, which BI tools read as text or not at all'),
               ('ARRAY[1]', 'is of type integer[], which BI tools read as text or not at all'),
               ('interval ''1 day''', 'is of type interval, which BI tools read as text or not at all'),
               ('''NaN''::float8', 'holds NaN or an infinite value'),
               ('''-infinity''::float8', 'holds NaN or an infinite value'),
               ('''NaN''::numeric(5, 2)', 'holds NaN or an infinite value'),
               ('''infinity''::date', 'holds an infinite date, which reads as an ordinary one'),
               ('''-infinity''::timestamp(0)', 'holds an infinite date, which reads as an ordinary one'),
               ('''abc''::varchar(3)', 'holds a value that fills all 3 characters: it may have been cut')) AS bad (value, finding);
SELECT is(pg_temp.findings_after('CREATE VIEW kpi_bi.mine AS SELECT 1::smallint AS a, 1 AS b, 1::bigint AS c, 1::float8 AS d, 1::numeric(5, 2) AS e, ''ab''::varchar(3) AS f, '
          'date ''2025-01-01'' AS g, ''2025-01-01''::timestamp(0) AS h, NULL::float8 AS i', 'bi_check(''kpi'')'), NULL, 'nothing is found in plain types');
SELECT is(pg_temp.findings_after('CREATE TABLE kpi_public.mine (x text)', 'bi_check(''kpi'')'), 'kpi_public.mine x is of type text, which BI tools read as text or not at all',
          'what is published is looked at too');
SELECT throws_ok(format('SELECT * FROM naloxone_kpi.%s(''absent'')', f), '42704', 'there is no deployment "absent" in this database', f || '() of one that is not there')
  FROM unnest(ARRAY['check_deployment', 'bi_check', 'undeploy', 'deployment_schemas', 'comment_deployment']) f;

-- Comments ---------------------------------------------------------------------------

SELECT is_empty($$ SELECT pg_describe_object(classid, objid, 0) FROM pg_depend
    WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'naloxone_kpi') AND deptype = 'e'
      AND classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass)
      AND coalesce(obj_description(objid, classid::regclass::text::name), '') = '' $$, 'everything of the extension has a comment');
SELECT is_empty($$ SELECT oid::regclass FROM pg_class WHERE relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public') AND relkind IN ('r', 'v', 'm')
      AND coalesce(obj_description(oid, 'pg_class'), '') = '' $$, 'every relation of a deployment has a comment');
SELECT is_empty($$ SELECT a.attrelid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE (c.relnamespace = 'kpi_bi'::regnamespace AND c.relkind IN ('r', 'v') OR c.relnamespace = 'kpi'::regnamespace AND c.relkind = 'm')
      AND coalesce(col_description(a.attrelid, a.attnum), '') = '' $$, 'every column of its views has a comment');

-- Grants -----------------------------------------------------------------------------

CREATE ROLE nkpi_test_reader;
CREATE ROLE nkpi_test_loader;
CREATE ROLE nkpi_test_scheduler;
SET LOCAL ROLE nkpi_test_owner;
SELECT lives_ok($$ SELECT naloxone_kpi.grant_reader('kpi', 'nkpi_test_reader', ARRAY['G']) $$, 'grant_reader()');
SELECT lives_ok($$ SELECT naloxone_kpi.grant_reader('kpi', 'nkpi_test_reader', ARRAY['G', 'A']) $$, 'and again, with one more division');
SELECT lives_ok($$ SELECT naloxone_kpi.grant_loader('kpi', 'nkpi_test_loader') $$, 'grant_loader()');
SELECT lives_ok($$ SELECT naloxone_kpi.grant_refresh('kpi', 'nkpi_test_scheduler') $$, 'grant_refresh()');
SELECT throws_ok($$ SELECT naloxone_kpi.grant_reader('kpi', 'nkpi_test_gone') $$, '42704', NULL, 'to a role that is not there: refused');
SELECT throws_ok($$ SELECT naloxone_kpi.grant_loader('absent', 'nkpi_test_loader') $$, '42704', NULL, 'of a deployment that is not there: refused');
SELECT results_eq($$ SELECT division_code FROM kpi.entitlement WHERE role_name = 'nkpi_test_reader' ORDER BY 1 $$, ARRAY['A', 'G'], 'the reader is entitled to both');
SELECT is_empty($$ SELECT s, c.oid::regclass, p
    FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
    CROSS JOIN unnest(ARRAY['nkpi_test_reader', 'nkpi_test_loader', 'nkpi_test_scheduler', 'nkpi_test_none']) s
    WHERE c.relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public') AND c.relkind IN ('r', 'v', 'm')
      AND has_table_privilege(s, c.oid, p)
          IS DISTINCT FROM CASE s WHEN 'nkpi_test_reader' THEN c.relnamespace = 'kpi_bi'::regnamespace AND p = 'SELECT'
                                  WHEN 'nkpi_test_loader' THEN c.relname LIKE '%\_record' AND (p = 'INSERT' OR p IN ('SELECT', 'UPDATE', 'DELETE') AND c.relname <> 'administration_place_record')
                                  WHEN 'nkpi_test_scheduler' THEN c.oid = 'kpi.refresh_run'::regclass AND p = 'INSERT'
                                  ELSE false END $$, 'each is granted what it needs and nothing else');
SELECT is_empty($$ SELECT s, n FROM unnest(ARRAY['kpi', 'kpi_bi', 'kpi_public']) n
    CROSS JOIN unnest(ARRAY['nkpi_test_reader', 'nkpi_test_loader', 'nkpi_test_scheduler', 'nkpi_test_none']) s
    WHERE has_schema_privilege(s, n, 'CREATE') OR has_schema_privilege(s, n, 'USAGE') <> ((s, n) IN (('nkpi_test_reader', 'kpi_bi'), ('nkpi_test_loader', 'kpi'))) $$,
    'nor another schema');
SET LOCAL ROLE nkpi_test_loader;
SELECT lives_ok($$ INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at)
    VALUES ('loaded', 'loaded', 'G', '2025-12-30 12:00+00') $$, 'the loader loads');
SELECT throws_ok($$ SELECT * FROM kpi.entitlement $$, '42501', NULL, 'and reads nothing else');
SET LOCAL ROLE nkpi_test_scheduler;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SET LOCAL ROLE nkpi_test_reader;
SELECT is((SELECT sum(administrations) FROM kpi_bi.kpi_doses_by_division), 11::numeric, 'the reader reads what the scheduler refreshed');
SET LOCAL ROLE nkpi_test_other;
SELECT throws_ok(format('SELECT naloxone_kpi.%s', call), '42501', NULL, format('another role may not %s', call))
  FROM (VALUES ('grant_reader(''kpi'', ''nkpi_test_other'', ARRAY[''*''])'), ('grant_loader(''kpi'', ''nkpi_test_other'')'), ('grant_refresh(''kpi'', ''nkpi_test_other'')'),
               ('undeploy(''kpi'', true)'), ('rename_deployment(''kpi'', ''mine'')'), ('comment_deployment(''kpi'')')) AS c (call);

-- Renaming ---------------------------------------------------------------------------

SET LOCAL ROLE nkpi_test_owner;
SELECT throws_ok($$ SELECT naloxone_kpi.rename_deployment('kpi', 'warehouse') $$, '42P06', 'schema "warehouse" exists already', 'to a name that is taken: refused');
SELECT throws_ok($$ SELECT naloxone_kpi.rename_deployment('kpi', 'half_alien') $$, '42P06', 'schema "half_alien_bi" exists already', 'even one of three');
SELECT throws_ok(format('SELECT naloxone_kpi.rename_deployment(''kpi'', %L)', name), '3F000', NULL, format('to "%s": refused', name))
  FROM (VALUES (''), ('pg_kpi'), (repeat('x', 57))) AS bad (name);
SELECT throws_ok($$ SELECT naloxone_kpi.rename_deployment('absent', 'mine') $$, '42704', NULL, 'of what is not there: refused');
SELECT lives_ok($$ SELECT naloxone_kpi.rename_deployment('kpi', 'O''Neill "9"') $$, 'a name may need quotes of both kinds');
SELECT is((SELECT s::text FROM naloxone_kpi.deployment_schemas('O''Neill "9"') s),
          '("O''Neill ""9""","O''Neill ""9""_bi","O''Neill ""9""_public",nkpi_test_owner)', 'the schemas have it');
CALL naloxone_kpi.refresh('O''Neill "9"', '2025-12-31');
SELECT is((SELECT max(failed_steps) FROM "O'Neill ""9""".refresh_run), 0, 'it refreshes');
SELECT lives_ok($$ SELECT naloxone_kpi.grant_reader('O''Neill "9"', 'nkpi_test_reader', ARRAY['G']), naloxone_kpi.grant_loader('O''Neill "9"', 'nkpi_test_loader'),
    naloxone_kpi.grant_refresh('O''Neill "9"', 'nkpi_test_scheduler'), naloxone_kpi.comment_deployment('O''Neill "9"') $$, 'grants');
SELECT lives_ok($$ SELECT * FROM naloxone_kpi.bi_check('O''Neill "9"') $$, 'and is checked');
SELECT lives_ok($$ SELECT * FROM naloxone_kpi.check_deployment('O''Neill "9"') $$, 'in every way');
SELECT throws_ok($$ SELECT naloxone_kpi.undeploy('O''Neill "9"') $$, '55000', NULL, 'with its records it is not undeployed unasked');
SELECT lives_ok($$ SELECT naloxone_kpi.rename_deployment('O''Neill "9"', 'kpi') $$, 'and renamed back');
SELECT is(pg_temp.contents('kpi'), contents, 'it is what it was') FROM before;

-- Undeploying --------------------------------------------------------------------------

SELECT throws_ok($$ SELECT naloxone_kpi.undeploy('kpi') $$, '55000', 'table kpi.administration_record holds rows', 'records are not dropped unasked');
TRUNCATE kpi.administration_record, kpi.division_record, kpi.population_record, kpi.source_coverage_record;
CREATE TABLE kpi_bi.mine AS SELECT 1 AS i;
SELECT throws_ok($$ SELECT naloxone_kpi.undeploy('kpi') $$, '55000', 'table kpi_bi.mine holds rows', 'nor is a table of the user''s own');
TRUNCATE kpi_bi.mine;

-- What is outside and would be dropped with it.
CREATE FUNCTION pg_temp.undeploy_after(change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE change;
    BEGIN
        PERFORM naloxone_kpi.undeploy('kpi', true);
    EXCEPTION WHEN OTHERS THEN
        RAISE SQLSTATE 'ZZ999' USING MESSAGE = SQLSTATE;
    END;
    RAISE SQLSTATE 'ZZ999' USING MESSAGE = 'undeployed';
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
    RETURN SQLERRM;
END $$;
SELECT is(pg_temp.undeploy_after(change), '2BP01', format('it is refused while it is used by: %s', change))
  FROM (VALUES ('CREATE VIEW warehouse.report AS SELECT * FROM kpi_bi.dim_area'),
               ('CREATE MATERIALIZED VIEW warehouse.report AS SELECT * FROM kpi_bi.kpi_doses_by_division'),
               ('CREATE TABLE warehouse.note (area_key varchar(60) REFERENCES kpi_bi.dim_area, note text)'),
               ('CREATE TABLE warehouse.note (area kpi_bi.dim_area, note text)'),
               ('CREATE FUNCTION warehouse.report() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM kpi_bi.dim_area)')) AS c (change);
SELECT is(pg_temp.undeploy_after('CREATE VIEW kpi.own_view AS SELECT * FROM kpi_bi.dim_area'), 'undeployed', 'what is inside it is no reason');
RESET ROLE;
SELECT throws_ok($$ DROP EXTENSION naloxone_kpi $$, '2BP01', NULL, 'the extension stays while one is deployed');
SET LOCAL ROLE nkpi_test_owner;
INSERT INTO kpi.division_record (division_code, division_name, valid_from) VALUES ('G', 'Glasgow', '2013-04-01');
SELECT lives_ok($$ SELECT naloxone_kpi.undeploy('kpi', drop_records => true) $$, 'told to, it drops records too');
SELECT is_empty($$ SELECT nspname FROM pg_namespace WHERE nspname IN ('kpi', 'kpi_bi', 'kpi_public') $$, 'and nothing is left');
RESET ROLE;
SELECT lives_ok($$ DROP EXTENSION naloxone_kpi $$, 'then the extension can go');

SELECT * FROM finish();
ROLLBACK;
