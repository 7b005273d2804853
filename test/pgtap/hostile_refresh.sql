-- What a hostile role puts where a search could find it is never run by a refresh, which has the owner's rights: operators, functions,
-- types, tables and views of the names that the model and the server use, in the schema of PostGIS, in a schema that the caller has on
-- its search path, and among the caller's temporary objects.
SET search_path = pg_catalog, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE ROLE nkpi_test_owner;
CREATE ROLE nkpi_test_hostile;
CREATE SCHEMA hostile AUTHORIZATION nkpi_test_hostile;
SELECT pg_catalog.format('GRANT CREATE, TEMPORARY ON DATABASE %I TO nkpi_test_owner', current_database()) \gexec
SET LOCAL ROLE nkpi_test_owner;
SELECT naloxone_kpi.deploy('kpi');
INSERT INTO kpi.division_record (division_code, division_name, region, valid_from) VALUES ('G', 'Glasgow', 'West', '2013-04-01'), ('A', 'North East', 'North', '2013-04-01');
INSERT INTO kpi.population_record (area_type, area_code, year, people) VALUES ('division', 'G', 2024, 826400), ('division', 'A', 2024, 582000);
INSERT INTO kpi.source_coverage_record (source, division_code, covered_from)
SELECT s, d, '2025-07-01' FROM unnest(ARRAY['administration', 'referral_event', 'direct_measure', 'recorded_crime']) s, unnest(ARRAY['G', 'A']) d;
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key, doses, survival, call_source,
    ambulance_category_first, clock, ambulance_clock_started_at, ambulance_attended, ambulance_arrived_at)
SELECT 'a' || n, 'i' || n, CASE n % 3 WHEN 0 THEN 'A' ELSE 'G' END, t, 'p' || n % 20, '{2 x 1800 mcg intranasal}', 'survived', 'public', 'Purple', 'acuity_assigned', t, true,
       t + n * interval '20 s'
FROM generate_series(1, 60) n, LATERAL (SELECT timestamptz '2025-07-02 10:00+00' + n * interval '2 days') o (t);
INSERT INTO kpi.referral_event_record (person_key, administration_id, stage, occurred_at)
SELECT person_key, administration_id, 'referred', occurred_at + interval '1 day' FROM kpi.administration_record;
INSERT INTO kpi.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class)
SELECT 'm' || n, 'G', date '2025-07-01' + n, 'drug_possession', 'recorded_police_warning', 'B' FROM generate_series(1, 90) n;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SELECT naloxone_kpi.grant_refresh('kpi', 'nkpi_test_hostile');

-- What changed since is what the next refresh computes.
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key, doses)
SELECT 'b' || n, 'j' || n, 'A', timestamptz '2025-11-02 10:00+00' + n * interval '1 day', 'p' || n, '{2 x 1800 mcg intranasal}' FROM generate_series(1, 5) n;
DELETE FROM kpi.direct_measure_record WHERE measure_id < 'm2';
CREATE FUNCTION pg_temp.figures() RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    relation regclass;
    digest text;
    found jsonb := '{}';
BEGIN
    FOR relation IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'kpi_bi'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname <> 'kpi_refresh_status' LOOP
        EXECUTE format('SELECT count(*) || '' '' || md5(string_agg(t::text, '';'' ORDER BY t::text COLLATE "C")) FROM %s t', relation) INTO digest;
        found := found || jsonb_build_object(relation, digest);
    END LOOP;
    RETURN found;
END $$;
CREATE TEMP TABLE figures AS SELECT pg_temp.figures() AS stale;
SAVEPOINT peaceful;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SELECT quote_literal(pg_temp.figures()) AS fresh \gset
ROLLBACK TO peaceful;
ALTER TABLE figures ADD COLUMN fresh jsonb;
UPDATE figures SET fresh = :fresh;
SELECT isnt(fresh, stale, 'a refresh would change figures') FROM figures;

-- The traps ------------------------------------------------------------------------------

RESET ROLE;
SELECT nspname AS postgis_schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'postgis' \gset
GRANT USAGE, CREATE ON SCHEMA :"postgis_schema", public TO nkpi_test_hostile;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
SET LOCAL ROLE nkpi_test_hostile;
-- A sequence, for what it counts stays when a step is rolled back. It begins anew before everything that is looked at.
CREATE SEQUENCE hostile.sprung;
GRANT ALL ON SEQUENCE hostile.sprung TO PUBLIC;
CREATE TEMP TABLE trap (kind text, made bigint);
CREATE FUNCTION hostile.spring() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM nextval('hostile.sprung');
    RETURN NULL;
END $$;

-- Makes what it can of a list of statements; how many those were.
CREATE FUNCTION pg_temp.lay(kind text, statements text[]) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    statement text;
    made bigint := 0;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        BEGIN
            EXECUTE statement;
            made := made + 1;
        EXCEPTION WHEN OTHERS THEN
            NULL;    -- there already, or of a type that no function may have
        END;
    END LOOP;
    INSERT INTO pg_temp.trap VALUES (kind, made);
END $$;
CREATE FUNCTION pg_temp.trap_schema() RETURNS SETOF name LANGUAGE sql SET search_path = pg_catalog AS
    $$ SELECT 'hostile'::name UNION SELECT 'public' UNION SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis' $$;

-- The server's operators, on the types that records and figures have.
SELECT pg_temp.lay('operator function', array_agg(DISTINCT format('CREATE FUNCTION %I.%I(%s, %s) RETURNS %s LANGUAGE plpgsql AS ''BEGIN PERFORM hostile.spring(); RETURN NULL; END''',
    s, 'op' || o.oprresult, l.typname, r.typname, res.typname)))
FROM pg_operator o JOIN pg_type l ON l.oid = o.oprleft JOIN pg_type r ON r.oid = o.oprright JOIN pg_type res ON res.oid = o.oprresult CROSS JOIN pg_temp.trap_schema() s
WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND l.typname IN ('text', 'name', 'date', 'int4', 'int8', 'float8', 'numeric', 'timestamptz', 'timestamp', 'interval', 'bool', 'oid', 'daterange', 'datemultirange')
  AND r.typname IN ('text', 'name', 'date', 'int4', 'int8', 'float8', 'numeric', 'timestamptz', 'timestamp', 'interval', 'bool', 'oid', 'daterange', 'datemultirange');
SELECT pg_temp.lay('operator', array_agg(format('CREATE OPERATOR %1$I.%2$s (FUNCTION = %1$I.%3$I, LEFTARG = %4$s, RIGHTARG = %5$s)', s, o.oprname, 'op' || o.oprresult, l.typname, r.typname)))
FROM pg_operator o JOIN pg_type l ON l.oid = o.oprleft JOIN pg_type r ON r.oid = o.oprright CROSS JOIN pg_temp.trap_schema() s
WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND to_regprocedure(format('%I.%I(%s,%s)', s, 'op' || o.oprresult, l.typname, r.typname)) IS NOT NULL;
-- And on arguments of which the server has no operator, so that it would convert them: the better match.
SELECT pg_temp.lay('better match', array_agg(x)) FROM pg_temp.trap_schema() s
CROSS JOIN LATERAL unnest(ARRAY[
    format('CREATE FUNCTION %I.matched(varchar, text) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN PERFORM hostile.spring(); RETURN NULL; END''', s),
    format('CREATE FUNCTION %I.matched(text, varchar) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN PERFORM hostile.spring(); RETURN NULL; END''', s),
    format('CREATE FUNCTION %I.matched(name, varchar) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN PERFORM hostile.spring(); RETURN NULL; END''', s),
    format('CREATE FUNCTION %I.matched(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN PERFORM hostile.spring(); RETURN NULL; END''', s),
    format('CREATE FUNCTION %I.matched(smallint, bigint) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN PERFORM hostile.spring(); RETURN NULL; END''', s),
    format('CREATE OPERATOR %I.= (FUNCTION = %1$I.matched, LEFTARG = varchar, RIGHTARG = text)', s),
    format('CREATE OPERATOR %I.= (FUNCTION = %1$I.matched, LEFTARG = text, RIGHTARG = varchar)', s),
    format('CREATE OPERATOR %I.= (FUNCTION = %1$I.matched, LEFTARG = name, RIGHTARG = varchar)', s),
    format('CREATE OPERATOR %I.= (FUNCTION = %1$I.matched, LEFTARG = varchar, RIGHTARG = varchar)', s),
    format('CREATE OPERATOR %I.= (FUNCTION = %1$I.matched, LEFTARG = smallint, RIGHTARG = bigint)', s)]) x;

-- Functions of the names and arguments of the model's, the extension's, and the server's.
SELECT pg_temp.lay('function', array_agg(format('CREATE FUNCTION %I.%I(%s) RETURNS %s LANGUAGE plpgsql AS ''BEGIN PERFORM hostile.spring(); RETURN%s; END''',
    s, p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), CASE WHEN p.proretset OR p.prorettype = 'void'::regtype THEN '' ELSE ' NULL' END)))
FROM pg_proc p CROSS JOIN pg_temp.trap_schema() s
WHERE p.pronamespace IN ('kpi'::regnamespace, 'naloxone_kpi'::regnamespace)
   OR p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN ('lower', 'upper', 'sum', 'count', 'min', 'max', 'avg', 'to_char', 'date_part', 'extract', 'generate_series', 'unnest',
       'format', 'quote_ident', 'date_trunc', 'make_date', 'range_agg', 'daterange', 'set_config', 'to_regclass', 'replace', 'concat', 'clock_timestamp', 'now', 'pg_backend_pid',
       'text', 'date', 'timezone', 'isfinite', 'array_position', 'split_part', 'length', 'octet_length', 'abs', 'row_number', 'string_agg', 'array_agg', 'has_table_privilege', 'pg_has_role');

-- Types: domains whose check is a trap.
SELECT pg_temp.lay('domain', array_agg(format('CREATE DOMAIN %I.%I AS pg_catalog.%s CHECK (hostile.spring() IS NULL)', s, t, CASE WHEN t = ANY (ARRAY['duration_dist', 'life_table', 'naloxone_dose', 'first_aid', 'estimate', 'fiscal_year']) THEN 'text' ELSE t END)))
FROM unnest(ARRAY['text', 'date', 'int4', 'int8', 'int2', 'float8', 'numeric', 'bool', 'name', 'oid', 'regclass', 'timestamptz', 'timestamp', 'interval', 'daterange', 'datemultirange',
                  'duration_dist', 'life_table', 'naloxone_dose', 'first_aid', 'estimate', 'fiscal_year']) t CROSS JOIN pg_temp.trap_schema() s;

-- Views of the names of the model's tables and views, and the server's.
SELECT pg_temp.lay('view', array_agg(format('CREATE VIEW %I.%I AS SELECT hostile.spring()', s, c.relname)))
FROM pg_class c CROSS JOIN pg_temp.trap_schema() s
WHERE c.relkind IN ('r', 'v', 'm')
  AND (c.relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'naloxone_kpi') OR c.relname IN ('pg_class', 'pg_namespace', 'pg_attribute', 'pg_proc', 'pg_extension', 'pg_trigger'));
-- And temporary ones of the caller's own, which a search finds before all schemas where it does not look for them last.
SELECT pg_temp.lay('temporary view', array_agg(format('CREATE TEMP VIEW %I AS SELECT hostile.spring()', c.relname)))
FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm')
  AND (c.relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'naloxone_kpi') OR c.relname IN ('pg_class', 'pg_namespace', 'pg_attribute', 'pg_proc', 'pg_extension', 'pg_trigger'))
  AND c.relname <> 'trap';
SELECT pg_temp.lay('temporary domain', array_agg(format('CREATE DOMAIN pg_temp.%I AS pg_catalog.text CHECK (hostile.spring() IS NULL)', t)))
FROM unnest(ARRAY['text', 'date', 'int4', 'int8', 'float8', 'bool', 'name', 'regclass', 'duration_dist', 'life_table', 'naloxone_dose', 'first_aid', 'estimate', 'fiscal_year']) t;
SELECT cmp_ok(made, '>=', CASE kind WHEN 'better match' THEN 20 WHEN 'temporary domain' THEN 10 ELSE 40 END::bigint, format('there are traps of the kind %s: %s', kind, made))
FROM pg_temp.trap ORDER BY kind;

-- They spring where they are found. (pgTAP itself finds some.)
SELECT setval('hostile.sprung', 1, false);
SET LOCAL search_path = hostile, pg_catalog;
SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text AS operator, 1::pg_catalog.int8 + 1::pg_catalog.int8 AS sum, hostile.lower('x'::pg_catalog.text) AS function \gset
SELECT last_value AS sprung FROM hostile.sprung \gset
SET LOCAL search_path = pg_catalog, public;
SELECT is(:sprung, 3, 'they spring where they are found');

-- The refresh ----------------------------------------------------------------------------

RESET ROLE;
CREATE FUNCTION pg_temp.refreshed(OUT sprung text, OUT fresh boolean, OUT failed text) LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN is_called THEN last_value || ' sprung' ELSE 'none sprung' END, pg_temp.figures() = (SELECT f.fresh FROM pg_temp.figures f),
           (SELECT string_agg(step || ': ' || error, ', ') FROM kpi.refresh_log WHERE run = (SELECT max(run) FROM kpi.refresh_run) AND error_code IS NOT NULL)
    FROM hostile.sprung $$;
SAVEPOINT laid;
SELECT setval('hostile.sprung', 1, false);
SET LOCAL ROLE nkpi_test_owner;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
RESET ROLE;
SELECT is(r::text, '("none sprung",t,)', 'the owner refreshes beside all of them: none springs, and the figures are right') FROM pg_temp.refreshed() r;
ROLLBACK TO laid;
SELECT setval('hostile.sprung', 1, false);

SET LOCAL ROLE nkpi_test_owner;
SET LOCAL search_path = hostile, public, pg_catalog;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SET LOCAL search_path = pg_catalog, public;
RESET ROLE;
SELECT is(r::text, '("none sprung",t,)', 'with a search path that leads to them: the same') FROM pg_temp.refreshed() r;
ROLLBACK TO laid;
SELECT setval('hostile.sprung', 1, false);

SET LOCAL ROLE nkpi_test_hostile;
SET LOCAL search_path = pg_temp, hostile, public, pg_catalog;
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SET LOCAL search_path = pg_catalog, public;
RESET ROLE;
SELECT is(r::text, '("none sprung",t,)', 'the hostile role itself, which may refresh and owns what is temporary: the same') FROM pg_temp.refreshed() r;
ROLLBACK TO laid;
SELECT setval('hostile.sprung', 1, false);

-- Everything of every rollup, and what else an owner does, on a search path that leads to them.
SET LOCAL ROLE nkpi_test_owner;
SET LOCAL search_path = hostile, public, pg_catalog;
CALL naloxone_kpi.refresh('kpi', '2025-12-31'::pg_catalog.date, true);
SET LOCAL search_path = pg_catalog, public;
RESET ROLE;
SELECT is(r::text, '("none sprung",t,)', 'a full refresh: the same') FROM pg_temp.refreshed() r;
SELECT setval('hostile.sprung', 1, false);
SET LOCAL ROLE nkpi_test_owner;
SET LOCAL search_path = hostile, public, pg_catalog;
SELECT FROM naloxone_kpi.check_deployment('kpi');
SELECT FROM naloxone_kpi.bi_check('kpi');
SELECT FROM naloxone_kpi.verify('kpi');
SELECT naloxone_kpi.comment_deployment('kpi'), naloxone_kpi.create_expression_statistics('kpi'), naloxone_kpi.upgrade_deployment('kpi');
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at) VALUES ('late', 'late', 'G', '2025-12-01 10:00+00');
SET LOCAL search_path = pg_catalog, public;
RESET ROLE;
SELECT is((pg_temp.refreshed()).sprung, 'none sprung', 'nor do checks, comments, statistics, or the marks of a load spring any');

SELECT * FROM finish();
ROLLBACK;
