-- Who sees which rows, in every view for analysts that has areas, whichever there are: by the role itself, by membership, after SET ROLE.
SET search_path = public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE ROLE nkpi_test_owner;
CREATE ROLE nkpi_test_division;                        -- entitled to A
CREATE ROLE nkpi_test_team;                            -- to nothing itself, a member of the role above
CREATE ROLE nkpi_test_member;                          -- a member of the team
CREATE ROLE nkpi_test_gateway NOINHERIT;               -- a member of A's role that has its rights after SET ROLE only
CREATE ROLE nkpi_test_two;                             -- entitled to B, and a member of A's role
CREATE ROLE nkpi_test_all;                             -- to *
CREATE ROLE nkpi_test_unknown;                         -- to the code UNKNOWN, which entitles to nothing
CREATE ROLE nkpi_test_elsewhere;                       -- to a division that is not there
CREATE ROLE nkpi_test_none;                            -- may read the views, and is entitled to nothing
CREATE ROLE nkpi_test_stranger;
GRANT nkpi_test_division TO nkpi_test_team, nkpi_test_gateway, nkpi_test_two;
GRANT nkpi_test_team TO nkpi_test_member;
SELECT format('GRANT CREATE, TEMPORARY ON DATABASE %I TO nkpi_test_owner', current_database()) \gexec

SET LOCAL ROLE nkpi_test_owner;
SELECT naloxone_kpi.deploy('kpi');
-- Two divisions of a region, one of another, one of none; and records without a division.
INSERT INTO kpi.division_record (division_code, division_name, division_type, region, valid_from)
VALUES ('A', 'Aside', 'territorial', 'North', '2013-04-01'), ('B', 'Beside', 'territorial', 'North', '2013-04-01'),
       ('C', 'Central', 'territorial', 'South', '2013-04-01'), ('D', 'Dogs', 'specialist', NULL, '2013-04-01');
INSERT INTO kpi.population_record (area_type, area_code, year, people) SELECT 'division', d, 2024, 100000 FROM unnest(ARRAY['A', 'B', 'C']) d;
\ir ../every_source.sql
CALL naloxone_kpi.refresh('kpi', '2025-12-31');
SELECT is((SELECT failed_steps FROM kpi.refresh_run), 0, 'it is refreshed');
SELECT naloxone_kpi.grant_reader('kpi', r::name, codes)
FROM (VALUES ('nkpi_test_division', '{A}'::text[]), ('nkpi_test_team', '{}'), ('nkpi_test_member', '{}'), ('nkpi_test_gateway', '{}'), ('nkpi_test_two', '{B}'),
             ('nkpi_test_all', '{*}'), ('nkpi_test_unknown', '{UNKNOWN}'), ('nkpi_test_elsewhere', '{Z}'), ('nkpi_test_none', '{}')) g (r, codes);

-- The views ------------------------------------------------------------------------------

RESET ROLE;
CREATE TEMP VIEW view_with_area AS
    SELECT c.oid::regclass AS view, c.relname, c.reloptions
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area_key'
    WHERE c.relnamespace = 'kpi_bi'::regnamespace AND c.relkind = 'v';
SELECT cmp_ok(count(*), '>=', 8::bigint, 'there are views with areas') FROM view_with_area;
SELECT is_empty($$ SELECT view FROM view_with_area WHERE NOT reloptions @> '{security_barrier=true}' $$, 'each is a security barrier');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area_key'
    WHERE c.relnamespace = 'kpi_bi'::regnamespace AND c.relkind <> 'v' AND c.oid <> 'kpi_bi.dim_area'::regclass AND c.relkind IN ('r', 'p', 'm') $$,
    'of the tables only the dimension has areas');
SELECT is_empty($$ SELECT view FROM view_with_area WHERE NOT EXISTS (SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE r.ev_class = view AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'kpi.visible_area'::regclass) $$, 'and reads which areas are visible');
-- What is not by area holds nothing by division: no code, name or key of one.
SELECT is_empty($$ SELECT a.attrelid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'kpi_bi'::regnamespace AND c.relkind = 'v' AND c.oid NOT IN (SELECT view FROM view_with_area)
      AND (a.attname ~ '(division|area|region)' AND c.relname <> 'division_entitlement') $$, 'a view without areas has no column of one');

-- The areas of which a role sees rows in a view, of those that rows are there of: D is the division, S its region's sisters, and so on.
CREATE FUNCTION pg_temp.seen(as_role text, view regclass, then_role text DEFAULT NULL) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    areas text[];
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', as_role);
    IF then_role IS NOT NULL THEN
        EXECUTE format('SET LOCAL ROLE %I', then_role);
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT area_key::text ORDER BY area_key::text), ''{}'') FROM %s', view) INTO areas;
    RESET ROLE;
    RETURN areas;
EXCEPTION WHEN insufficient_privilege THEN
    RESET ROLE;
    RETURN ARRAY['refused'];
END $$;
-- What is there to see: the owner sees it, who is entitled to everything.
CREATE TEMP TABLE there AS SELECT view, relname, pg_temp.seen('nkpi_test_owner', view) AS areas FROM view_with_area;
SELECT is_empty($$ SELECT view FROM there WHERE areas = '{}' $$, 'each view has rows: where one has none, a record that it counts is to be added above');
CREATE FUNCTION pg_temp.of(areas text[], wanted text[]) RETURNS text[] LANGUAGE sql AS
    $$ SELECT coalesce(array_agg(a ORDER BY a), '{}') FROM unnest(areas) a WHERE a = ANY (wanted) $$;

CREATE TEMP TABLE role_sees (who text, wanted text[], what text);
INSERT INTO role_sees VALUES
    ('nkpi_test_division', '{division A,region North,region South,force}', 'A: A, the regions and the force'),
    ('nkpi_test_team', '{division A,region North,region South,force}', 'A member of that role: the same'),
    ('nkpi_test_member', '{division A,region North,region South,force}', 'A member of the member: the same'),
    ('nkpi_test_two', '{division A,division B,region North,region South,force}', 'B and a member of A: both'),
    ('nkpi_test_all', '{division A,division B,division C,division D,division UNKNOWN,region North,region South,force}', '*: all'),
    ('nkpi_test_unknown', '{region North,region South,force}', 'UNKNOWN: no division'),
    ('nkpi_test_elsewhere', '{region North,region South,force}', 'a division that is not there: no division'),
    ('nkpi_test_none', '{}', 'nothing: nothing'),
    ('nkpi_test_stranger', NULL, 'no grant: refused');
SELECT is(pg_temp.seen(who, view), CASE WHEN wanted IS NULL THEN '{refused}' ELSE pg_temp.of(areas, wanted) END, format('%s: %s', relname, what))
FROM there CROSS JOIN role_sees ORDER BY relname, who;
SELECT is(pg_temp.seen('nkpi_test_gateway', view), '{}', format('%s: who does not inherit sees nothing', relname)) FROM there ORDER BY relname;
-- SET ROLE in this session is a superuser's: the gateway's own right to it is asked for apart.
SELECT is(pg_temp.seen('nkpi_test_gateway', view, 'nkpi_test_division'), pg_temp.of(areas, '{division A,region North,region South,force}'),
          format('%s: and after SET ROLE what that role sees', relname)) FROM there ORDER BY relname;
SELECT ok(pg_has_role('nkpi_test_gateway', 'nkpi_test_division', 'MEMBER') AND NOT pg_has_role('nkpi_test_gateway', 'nkpi_test_division', 'USAGE'),
          'which it may, and has not without');
-- The divisions' rows are in each view of which the others' were: else nothing was shown.
SELECT cmp_ok(count(*) FILTER (WHERE areas @> '{division A,division B,division UNKNOWN}'), '>=', 8::bigint, 'the views hold rows of several divisions') FROM there;
SELECT cmp_ok(count(*) FILTER (WHERE areas @> '{region North,region South,force}'), '>=', 4::bigint, 'some hold regions and the force') FROM there;

-- Rows, not only areas: what A sees of A is all of it.
CREATE FUNCTION pg_temp.digest(as_role text, view regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', as_role);
    EXECUTE format('SELECT count(*) || '' '' || md5(string_agg(v::text, '';'' ORDER BY v::text COLLATE "C")) FROM %s v WHERE area_key = ''division A''', view) INTO found;
    RESET ROLE;
    RETURN found;
END $$;
SELECT is(pg_temp.digest('nkpi_test_division', view), pg_temp.digest('nkpi_test_owner', view), format('%s: of A, A sees every row', relname)) FROM there ORDER BY relname;

-- A view of a role's own, and a function with its maker's rights, show what the reader may see, and the maker.
GRANT USAGE, CREATE ON SCHEMA public TO nkpi_test_all, nkpi_test_division;
SET LOCAL ROLE nkpi_test_all;
CREATE VIEW public.of_all AS SELECT area_key FROM kpi_bi.kpi_doses_by_division;
GRANT SELECT ON public.of_all TO nkpi_test_division;
RESET ROLE;
SELECT is(pg_temp.seen('nkpi_test_division', 'public.of_all'), '{division A}', 'a view of one who sees all, over them, does not lend its maker''s eyes');

-- Settings -------------------------------------------------------------------------------

UPDATE kpi.setting SET region_rows_visible = false;
SELECT is(pg_temp.seen('nkpi_test_division', view), pg_temp.of(areas, '{division A,force}'), format('%s: regions hidden', relname)) FROM there ORDER BY relname;
SELECT is(pg_temp.seen('nkpi_test_all', view), areas, format('%s: not from *', relname)) FROM there ORDER BY relname;
UPDATE kpi.setting SET region_rows_visible = true, force_rows_visible = false;
SELECT is(pg_temp.seen('nkpi_test_division', view), pg_temp.of(areas, '{division A,region North,region South}'), format('%s: the force hidden', relname)) FROM there ORDER BY relname;
SELECT is(pg_temp.seen('nkpi_test_owner', view), areas, format('%s: not from the owner', relname)) FROM there ORDER BY relname;
UPDATE kpi.setting SET region_rows_visible = false;
SELECT is(pg_temp.seen('nkpi_test_division', view), pg_temp.of(areas, '{division A}'), format('%s: both hidden', relname)) FROM there ORDER BY relname;
SELECT is(pg_temp.seen('nkpi_test_elsewhere', view), '{}', format('%s: both hidden, nothing is left', relname)) FROM there ORDER BY relname;
UPDATE kpi.setting SET region_rows_visible = true, force_rows_visible = true;

-- An entitlement that ends, ends at once.
DELETE FROM kpi.entitlement WHERE role_name = 'nkpi_test_division';
SELECT is(pg_temp.seen('nkpi_test_team', view), '{}', format('%s: taken away, members see nothing', relname)) FROM there ORDER BY relname;
INSERT INTO kpi.entitlement VALUES ('nkpi_test_division', 'A');
REVOKE nkpi_test_division FROM nkpi_test_team;
SELECT is(pg_temp.seen('nkpi_test_member', view), '{}', format('%s: nor does who is no member any more', relname)) FROM there ORDER BY relname;

-- The engine room ------------------------------------------------------------------------

SELECT cmp_ok(count(*) FILTER (WHERE relkind = 'm'), '>=', 4::bigint, 'there are materialised views to look at') FROM pg_class WHERE relnamespace = 'kpi'::regnamespace;
SELECT is_empty($$ SELECT c.oid::regclass, r FROM pg_class c CROSS JOIN unnest(ARRAY['nkpi_test_division', 'nkpi_test_all', 'nkpi_test_none', 'nkpi_test_stranger']) r
    WHERE c.relnamespace = 'kpi'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND (has_table_privilege(r, c.oid, 'SELECT') OR has_any_column_privilege(r, c.oid, 'SELECT')) $$,
    'nobody but the owner may read a materialised view, a rollup, or anything beneath the views');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
    WHERE c.relnamespace = 'kpi'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND g.grantee <> c.relowner $$, 'nothing there is granted to anybody');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
    WHERE c.relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public') AND g.grantee = 0 $$, 'and nothing at all to everybody');

SELECT * FROM finish();
ROLLBACK;
