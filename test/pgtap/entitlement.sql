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
INSERT INTO kpi.source_coverage_record (source, division_code, covered_from)
SELECT DISTINCT a.source, d, date '2025-07-01' FROM kpi.area_period_source a CROSS JOIN unnest(ARRAY['A', 'B', 'C', 'D']) d;
INSERT INTO kpi.source_coverage_record (source, division_code, covered_from)
SELECT s, d, '2025-07-01' FROM unnest(ARRAY['administration', 'overdose_incident', 'ambulance_activation', 'referral_event', 'direct_measure', 'recorded_crime',
    'kit_movement', 'officer_carriage', 'officer_training', 'information_share', 'drug_death', 'substance_signal', 'survey_response']) s
CROSS JOIN unnest(ARRAY['A', 'B', 'C', 'D']) d
WHERE NOT EXISTS (SELECT FROM kpi.source_coverage c WHERE c.source = s);
-- A record of every source in every division, and one without.
CREATE TEMP TABLE place AS SELECT d AS division_code, row_number() OVER () AS n FROM unnest(ARRAY['A', 'B', 'C', 'D', NULL]) d;
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, officer_division_code, occurred_at, person_key, doses, survival, call_source,
    ambulance_category_first, clock, ambulance_clock_started_at, ambulance_attended, ambulance_arrived_at)
SELECT 'a' || n, 'i' || n, division_code, division_code, t, 'p' || n, '{2 x 1800 mcg intranasal}', 'survived', 'public', 'Purple', 'acuity_assigned', t, true, t + interval '8 min'
FROM place, LATERAL (SELECT timestamptz '2025-10-01 12:00+00' + n * interval '1 day') o (t);
INSERT INTO kpi.referral_event_record (person_key, administration_id, stage, occurred_at, route, service)
SELECT person_key, administration_id, 'referred', occurred_at + interval '1 day', 'concern_report', 'service' FROM kpi.administration_record;
INSERT INTO kpi.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class)
SELECT 'm' || n, division_code, '2025-10-05', 'drug_possession', 'recorded_police_warning', 'B' FROM place;
INSERT INTO kpi.recorded_crime_record (division_code, recorded_on, kind, crimes) SELECT division_code, '2025-10-05', 'possession', 5 FROM place;
INSERT INTO kpi.overdose_incident_record (incident_id, incident_division_code, occurred_at, notified_by, naloxone_given, why_not)
SELECT 'o' || n || g, division_code, '2025-10-05 12:00+00', 'police', g, CASE WHEN NOT g THEN 'no kit' END FROM place CROSS JOIN unnest(ARRAY[true, false]) g;
INSERT INTO kpi.ambulance_activation_record (activation_id, incident_id, division_code, urban_rural, category_first, category_last, clock, clock_started_at, arrived_at, call_source)
SELECT 'v' || n || s, NULL, division_code, 'urban', 'Purple', 'Red', 'acuity_assigned', t, t + interval '9 min', s
FROM place CROSS JOIN unnest(ARRAY['police_on_scene', 'public']) s CROSS JOIN (VALUES (timestamptz '2025-10-05 12:00+00')) AS o (t);
INSERT INTO kpi.kit_movement_record (division_code, moved_at, movement, kits, batch, expires_on)
SELECT division_code, '2025-10-05 12:00+00', m, 3, 'batch', '2026-12-31' FROM place CROSS JOIN unnest(ARRAY['received', 'issued', 'used', 'returned', 'expired', 'lost', 'counted']) m;
INSERT INTO kpi.officer_carriage_record (officer_key, division_code, role, eligible_from, carries_from) SELECT 'f' || n, division_code, 'constable', '2025-07-01', '2025-08-01' FROM place;
INSERT INTO kpi.officer_training_record (officer_key, course, completed_on, score_before, score_after) SELECT 'f' || n, 'naloxone', '2025-10-05', 5, 8 FROM place;
INSERT INTO kpi.programme_funding_record (division_code, fiscal_year, strand, funder, allocated, spent) SELECT division_code, '2025/26', 'ongoing_training', 'funder', 100, 50 FROM place;
INSERT INTO kpi.information_share_record (administration_id, agency, due_by, shared_at, acknowledged_at)
SELECT administration_id, 'ambulance', occurred_at + interval '3 days', occurred_at + interval '2 days', occurred_at + interval '2 days' FROM kpi.administration_record;
INSERT INTO kpi.survey_response_record (survey, wave, respondent_group, respondent_key, division_code, answered_on, question, score, theme)
SELECT 'survey', 'before', 'officers', 'r' || n || i, division_code, '2025-10-05', 'question', 3, 'theme' FROM place CROSS JOIN generate_series(1, 12) i;
INSERT INTO kpi.drug_death_record (death_id, division_code, died_on, status, sex, age_band, substances) SELECT 'd' || n, division_code, '2025-10-05', 'confirmed', 'female', '35-39', '{heroin}' FROM place;
INSERT INTO kpi.substance_signal_record (signal_id, division_code, observed_on, kind, basis, substances) SELECT 's' || n, division_code, '2025-10-05', 'seizure', 'tested', '{heroin}' FROM place;
INSERT INTO kpi.published_count_record (indicator, division_code, period_from, period_to, value, source) SELECT 'figure', division_code, '2025-10-01', '2025-10-31', n, 'publisher' FROM place;
-- A form that is rejected, and figures at which somebody is called.
INSERT INTO kpi.administration_form (form_id, incident_id, incident_division_code, occurred_at) SELECT 'f' || n, 'f' || n, division_code, 'never' FROM place;
CALL naloxone_kpi.ingest('kpi');
INSERT INTO kpi.alert_threshold (identifier, statistic, at_least) VALUES ('people_referred', 'share', 0), ('overdoses_attended', 'share', 0), ('drug_deaths_reviewed', 'share', 0);
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
