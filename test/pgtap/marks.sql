-- What changes of records mark, whoever makes them and however, and that a refresh of what is marked alone gives what a refresh of
-- everything gives. test/specs/refresh_marks.spec has what only several sessions can show.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;
SET TimeZone = 'UTC';
BEGIN;
SELECT no_plan();

SELECT deploy('marks');
INSERT INTO marks.division_record (division_code, division_name, region, valid_from) VALUES ('A', 'North East', 'North', '2013-04-01'), ('G', 'Greater Glasgow', 'West', '2013-04-01');
INSERT INTO marks.source_coverage_record (source, division_code, covered_from)
SELECT source, code, '2025-05-01' FROM marks.source_mark, unnest(ARRAY['A', 'G']) AS d (code) WHERE days IS NOT NULL;

-- Helpers ---------------------------------------------------------------------

-- The marks of a deployment, as text: source, day and division; or source and key; or source and "everything". Each must be there once.
CREATE FUNCTION pg_temp.marks(deployment name DEFAULT 'marks') RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    found text[];
BEGIN
    EXECUTE format($q$ SELECT array_agg(mark ORDER BY mark COLLATE "C")
        FROM (SELECT concat_ws(' ', source, day, division_code, key_kind,
                               CASE WHEN key IS NULL AND day IS NULL THEN CASE WHEN key_kind IS NULL THEN 'everything' ELSE 'all' END ELSE left(key, 30) END) AS mark
              FROM %I.mark) m $q$, deployment) INTO found;
    RETURN coalesce(found, '{}');
END $$;

-- To see what one statement marks, the marks before are put aside; a refresh gets them all.
CREATE TEMP TABLE aside (deployment name, source text, day date, division_code text, key_kind text, key text);
CREATE FUNCTION pg_temp.clear(of_deployment name DEFAULT 'marks') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('WITH gone AS (DELETE FROM %I.mark RETURNING *) INSERT INTO aside SELECT $1, source, day, division_code, key_kind, key FROM gone', of_deployment) USING of_deployment;
END $$;

CREATE FUNCTION pg_temp.refresh(of_deployment name DEFAULT 'marks', as_of date DEFAULT '2025-06-30') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO %I.mark (source, day, division_code, key_kind, key) SELECT source, day, division_code, key_kind, key FROM aside WHERE deployment = $1
                    ON CONFLICT DO NOTHING', of_deployment) USING of_deployment;
    DELETE FROM aside WHERE deployment = of_deployment;
    CALL naloxone_kpi.refresh(of_deployment, as_of);
END $$;

-- The marks that one statement leaves.
CREATE FUNCTION pg_temp.marks_of(statement text, deployment name DEFAULT 'marks') RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.clear(deployment);
    EXECUTE statement;
    RETURN pg_temp.marks(deployment);
END $$;

-- Sorted, each once.
CREATE FUNCTION pg_temp.sorted(VARIADIC texts text[]) RETURNS text[] LANGUAGE sql AS
$$ SELECT coalesce(array_agg(DISTINCT t COLLATE "C" ORDER BY t COLLATE "C"), '{}') FROM unnest(texts) AS t $$;

-- Every figure for analysts.
CREATE FUNCTION pg_temp.figures(deployment name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    view regclass;
    digest text;
    all_digests text := '';
BEGIN
    FOR view IN
        SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = (SELECT d.bi FROM naloxone_kpi.deployment_schemas(deployment) d) AND c.relkind IN ('r', 'v', 'm')
          AND c.relname <> 'kpi_refresh_status' ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT md5(coalesce(string_agg(t::text, '';'' ORDER BY t::text COLLATE "C"), '''')) FROM %s t', view) INTO digest;
        all_digests := all_digests || view || ' ' || digest || E'\n';
    END LOOP;
    RETURN all_digests;
END $$;

-- After a refresh of what is marked nothing differs.
CREATE FUNCTION pg_temp.settled(what text, deployment name DEFAULT 'marks', as_of date DEFAULT '2025-06-30') RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.refresh(deployment, as_of);
    RETURN NEXT is_empty(format('SELECT * FROM naloxone_kpi.verify(%L)', deployment), what || ': nothing differs after a refresh');
END $$;

-- And every view is what a refresh of everything makes of it. (That follows, since every refresh makes all views anew of rollups in which
-- nothing differs: once for each kind of thing is enough.)
CREATE FUNCTION pg_temp.settled_whole(what text, deployment name DEFAULT 'marks', as_of date DEFAULT '2025-06-30') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    figures text;
BEGIN
    RETURN QUERY SELECT * FROM pg_temp.settled(what, deployment, as_of);
    figures := pg_temp.figures(deployment);
    CALL naloxone_kpi.refresh(deployment, as_of, full => true);
    RETURN NEXT is(pg_temp.figures(deployment), figures, what || ': every view is as made of all records');
END $$;

-- How the last refresh brought the rollups of a source up to date.
CREATE FUNCTION pg_temp.modes(of_source text, deployment name DEFAULT 'marks') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    modes text;
BEGIN
    EXECUTE format('SELECT string_agg(DISTINCT l.mode, '' '' ORDER BY l.mode) FROM %1$I.refresh_log l JOIN %1$I.rollup_source s ON s.rollup = l.step
                    WHERE s.source = $1 AND l.run = (SELECT max(run) FROM %1$I.refresh_run)', deployment) INTO modes USING of_source;
    RETURN modes;
END $$;

-- The SQLSTATE, message and hint of what fails.
CREATE FUNCTION public.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    message text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'succeeded';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, nullif(hint, ''));
END $$;

-- Text of so many bytes that no compression shortens much.
CREATE FUNCTION pg_temp.noise(bytes integer, seed integer) RETURNS text LANGUAGE sql AS
$$ SELECT left(string_agg(md5(seed || ' ' || n), ''), bytes) FROM generate_series(0, bytes / 32) n $$;

-- Every kind of change of every source -------------------------------------------

-- One record of each source, as it is and as it becomes; what marks the one and the other.
CREATE TEMP TABLE example (source text PRIMARY KEY, id text, before jsonb, after jsonb, marks_before text[], marks_after text[]);
INSERT INTO example VALUES
    ('administration', 'administration_id',
     '{"administration_id": "a1", "incident_id": "i1", "person_in_incident": 1, "incident_division_code": "G", "officer_division_code": "A", "occurred_at": "2025-05-01 12:00+00", "person_key": "p1"}',
     '{"administration_id": "a1", "incident_id": "i2", "person_in_incident": 1, "occurred_at": "2025-05-03 23:30+00", "person_key": "p2"}',
     '{administration 2025-05-01 G,administration 2025-05-01 A,administration incident i1,administration person p1}',
     '{administration 2025-05-04 UNKNOWN,administration incident i2,administration person p2}'),
    ('overdose_incident', 'incident_id', '{"incident_id": "i1", "incident_division_code": "G", "occurred_at": "2025-05-01 12:00+00"}',
     '{"incident_id": "i1", "occurred_at": "2025-05-03 12:00+00"}', '{overdose_incident 2025-05-01 G,overdose_incident incident i1}', '{overdose_incident 2025-05-03 UNKNOWN,overdose_incident incident i1}'),
    ('ambulance_activation', 'activation_id', '{"activation_id": "v1", "incident_id": "i1", "division_code": "G", "clock_started_at": "2025-05-01 12:00+00"}',
     '{"activation_id": "v1", "division_code": "A", "clock_started_at": "2025-05-03 12:00+00"}',
     '{ambulance_activation 2025-05-01 G,ambulance_activation incident i1}', '{ambulance_activation 2025-05-03 A}'),
    ('referral_event', NULL, '{"person_key": "p1", "stage": "offered", "occurred_at": "2025-05-01 12:00+00"}',
     '{"person_key": "p2", "stage": "offered", "occurred_at": "2025-05-03 12:00+00"}', '{referral_event person p1}', '{referral_event person p2}'),
    ('direct_measure', 'measure_id', '{"measure_id": "m1", "division_code": "G", "issued_on": "2025-05-01", "offence": "drug_possession", "kind": "recorded_police_warning", "measure_person_key": "w1"}',
     '{"measure_id": "m1", "issued_on": "2025-05-03", "offence": "drug_possession", "kind": "recorded_police_warning", "measure_person_key": "w2"}',
     '{direct_measure 2025-05-01 G,direct_measure person w1}', '{direct_measure 2025-05-03 UNKNOWN,direct_measure person w2}'),
    ('recorded_crime', NULL, '{"division_code": "G", "recorded_on": "2025-05-01", "kind": "possession", "crimes": 1}',
     '{"division_code": "A", "recorded_on": "2025-05-03", "kind": "possession", "crimes": 1}', '{recorded_crime 2025-05-01 G}', '{recorded_crime 2025-05-03 A}'),
    ('kit_movement', NULL, '{"division_code": "G", "moved_at": "2025-05-01 12:00+00", "movement": "issued", "kits": 1}',
     '{"division_code": "A", "moved_at": "2025-05-03 12:00+00", "movement": "issued", "kits": 1}', '{kit_movement 2025-05-01 G}', '{kit_movement 2025-05-03 A}'),
    ('drug_death', 'death_id', '{"death_id": "d1", "division_code": "G", "died_on": "2025-05-01", "status": "suspected", "administration_id": "a1"}',
     '{"death_id": "d1", "division_code": "A", "died_on": "2025-05-03", "status": "suspected"}',
     '{drug_death 2025-05-01 G,drug_death administration a1}', '{drug_death 2025-05-03 A}'),
    ('substance_signal', 'signal_id', '{"signal_id": "s1", "division_code": "G", "observed_on": "2025-05-01", "kind": "seizure", "basis": "tested"}',
     '{"signal_id": "s1", "division_code": "A", "observed_on": "2025-05-03", "kind": "seizure", "basis": "tested"}',
     '{substance_signal 2025-05-01 G}', '{substance_signal 2025-05-03 A}'),
    ('survey_response', NULL, '{"survey": "s", "wave": "before", "division_code": "G", "answered_on": "2025-05-01", "question": "q"}',
     '{"survey": "s", "wave": "before", "division_code": "A", "answered_on": "2025-05-03", "question": "q"}',
     '{survey_response 2025-05-01 G}', '{survey_response 2025-05-03 A}'),
    ('division', 'division_code, valid_from', '{"division_code": "N", "division_name": "North", "division_type": "territorial", "valid_from": "2025-05-01"}',
     '{"division_code": "N", "division_name": "Far north", "division_type": "territorial", "valid_from": "2025-05-01"}', '{division everything}', '{division everything}'),
    ('source_coverage', 'source, division_code, covered_from', '{"source": "kit_movement", "division_code": "N", "covered_from": "2025-05-01"}',
     '{"source": "kit_movement", "division_code": "N", "covered_from": "2025-05-01", "covered_to": "2025-05-09"}', '{source_coverage everything}', '{source_coverage everything}');
SELECT results_eq('SELECT source FROM example ORDER BY 1', $$ SELECT source FROM marks.source_mark WHERE to_regclass(format('marks.%I', source || '_record')) IS NOT NULL ORDER BY 1 $$,
                  'there is an example of every source whose changes are marked');

CREATE FUNCTION pg_temp.every_change(e example) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    target text := format('marks.%I', e.source || '_record');
    columns text := (SELECT string_agg(quote_ident(c), ', ') FROM (SELECT DISTINCT c FROM jsonb_object_keys(e.before || e.after) AS c) k);
    row_before text := format('SELECT %s FROM jsonb_populate_record(NULL::%s, %L)', columns, target, e.before);
    row_after text := format('SELECT %s FROM jsonb_populate_record(NULL::%s, %L)', columns, target, e.after);
    assigned text := format('(%s) = (%s)', columns, row_after);
    nothing text[] := '{}';
    marks_both text[] := pg_temp.sorted(VARIADIC e.marks_before || e.marks_after);
    marks_before text[] := pg_temp.sorted(VARIADIC e.marks_before);
    marks_after text[] := pg_temp.sorted(VARIADIC e.marks_after);
    everything text[] := ARRAY[e.source || ' everything'];
    same_id text := (SELECT string_agg(format('t.%I = n.%1$I', trim(c)), ' AND ') FROM unnest(string_to_array(e.id, ',')) AS c);
    merge text := format('MERGE INTO %s t USING (%%s) n ON %s %%s', target, coalesce(same_id, 'true'));
    added text := format('INSERT (%s) VALUES (%s)', columns, (SELECT string_agg('n.' || trim(c), ', ') FROM unnest(string_to_array(columns, ',')) AS c));
BEGIN
    IF e.source IN ('division', 'source_coverage') THEN
        -- There are rows already: only the example's are meant.
        target := target || ' t';
    ELSE
        EXECUTE 'DELETE FROM ' || target;
        target := target || ' t';
        same_id := coalesce(same_id, 'true');
    END IF;
    RETURN NEXT is(pg_temp.marks_of(format('INSERT INTO marks.%I (%s) %s', e.source || '_record', columns, row_before)), marks_before, e.source || ': INSERT');
    RETURN NEXT is(pg_temp.marks_of(format('UPDATE %s SET %s FROM (%s) n WHERE %s', target, assigned, row_before, same_id)), marks_both, e.source || ': UPDATE marks what was and what is');
    RETURN NEXT is(pg_temp.marks_of(format('UPDATE %s SET recorded_at = now() FROM (%s) n WHERE %s', target, row_before, same_id)), marks_after, e.source || ': UPDATE of another column');
    RETURN NEXT is(pg_temp.marks_of(format('DELETE FROM %s USING (%s) n WHERE %s', target, row_before, same_id)), marks_after, e.source || ': DELETE');
    RETURN NEXT is(pg_temp.marks_of(format(merge, row_before, 'WHEN NOT MATCHED THEN ' || added)), marks_before, e.source || ': MERGE that adds');
    RETURN NEXT is(pg_temp.marks_of(format(merge, row_after, 'WHEN MATCHED THEN UPDATE SET ' || format('(%s) = (SELECT %s)', columns,
                                           (SELECT string_agg('n.' || trim(c), ', ') FROM unnest(string_to_array(columns, ',')) AS c)))), marks_both, e.source || ': MERGE that changes');
    RETURN NEXT is(pg_temp.marks_of(format(merge, row_after, 'WHEN MATCHED AND false THEN DELETE WHEN NOT MATCHED AND false THEN ' || added)), nothing, e.source || ': MERGE that does nothing');
    RETURN NEXT is(pg_temp.marks_of(format(merge, row_after, 'WHEN MATCHED THEN DELETE')), marks_after, e.source || ': MERGE that deletes');
    RETURN NEXT is(pg_temp.marks_of(format('INSERT INTO marks.%I (%s) %s WHERE false', e.source || '_record', columns, row_before)), nothing, e.source || ': INSERT of no row');
    RETURN NEXT is(pg_temp.marks_of(format('UPDATE %s SET recorded_at = now() WHERE false', target)), nothing, e.source || ': UPDATE of no row');
    RETURN NEXT is(pg_temp.marks_of(format('DELETE FROM %s WHERE false', target)), nothing, e.source || ': DELETE of no row');
    IF e.id IS NOT NULL THEN
        EXECUTE format('INSERT INTO marks.%I (%s) %s', e.source || '_record', columns, row_before);
        RETURN NEXT is(pg_temp.marks_of(format('INSERT INTO marks.%I (%s) %s ON CONFLICT DO NOTHING', e.source || '_record', columns, row_before)), nothing,
                       e.source || ': an upsert that does nothing');
        RETURN NEXT is(pg_temp.marks_of(format('INSERT INTO marks.%I (%s) %s ON CONFLICT (%s) DO UPDATE SET %s', e.source || '_record', columns, row_after, e.id,
                                               format('(%s) = (SELECT %s)', columns, (SELECT string_agg('excluded.' || trim(c), ', ') FROM unnest(string_to_array(columns, ',')) AS c)))),
                       marks_both, e.source || ': an upsert that changes');
        RETURN NEXT is(pg_temp.marks_of(format('WITH gone AS (DELETE FROM %s USING (%s) n WHERE %s RETURNING 1) SELECT 1', target, row_before, same_id)), marks_after,
                       e.source || ': DELETE within a query');
        EXECUTE format('INSERT INTO marks.%I (%s) %s', e.source || '_record', columns, row_before);
    END IF;
    IF e.source NOT IN ('division', 'source_coverage') THEN
        RETURN NEXT is(pg_temp.marks_of(format('TRUNCATE marks.%I', e.source || '_record')), everything, e.source || ': TRUNCATE');
        EXECUTE format('INSERT INTO marks.%I (%s) %s', e.source || '_record', columns, row_before);
    END IF;
END $$;
SELECT pg_temp.every_change(e) FROM example e ORDER BY e.source;
SELECT pg_temp.settled_whole('changes of every kind');

PREPARE copied AS SELECT pg_temp.marks();
SELECT pg_temp.clear();
COPY marks.kit_movement_record (division_code, moved_at, movement, kits) FROM stdin;
G	2025-05-04 12:00+00	issued	5
G	2025-05-04 13:00+00	issued	5
\N	2025-05-05 13:00+00	issued	5
\.
SELECT results_eq('copied', $$ VALUES ('{kit_movement 2025-05-04 G,kit_movement 2025-05-05 UNKNOWN}'::text[]) $$, 'COPY marks each day and division once');

-- Every own table has what marks it, of every event.
SELECT is_empty($$
    SELECT s.source, e.bit FROM marks.source_mark s LEFT JOIN marks.tracked_table k USING (source) CROSS JOIN (VALUES (4), (8), (16), (32)) AS e (bit)
    WHERE NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                      WHERE t.tgrelid = k.relation AND starts_with(p.proname, 'mark_' || s.source)
                        AND t.tgtype::integer & e.bit > 0 AND t.tgtype::integer & 1 = 0 AND t.tgenabled = 'O') $$, 'every own table has its four triggers, by statement');
SELECT is_empty($$ SELECT * FROM untracked_tables('marks') $$, 'none is untracked');

-- Once a transaction --------------------------------------------------------------

SELECT pg_temp.clear();
INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-06 12:00+00', 'issued', 1);
INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-06 13:00+00', 'issued', 1);
UPDATE marks.kit_movement_record SET kits = 2 WHERE moved_at >= '2025-05-06';
SELECT results_eq('SELECT day, division_code, writer = pg_current_xact_id() FROM marks.mark', $$ VALUES (date '2025-05-06', 'G', true) $$,
                  'a transaction marks a day once, as its own');
INSERT INTO marks.mark (source, day, division_code, writer) SELECT source, day, division_code, (writer::text::bigint - 1)::text::xid8 FROM marks.mark;
SELECT is((SELECT count(*) FROM marks.mark), 2::bigint, 'another''s mark of the same day is another mark');
SELECT pg_temp.clear();
INSERT INTO marks.mark (source, day, division_code, writer) VALUES ('kit_movement', '2025-05-06', 'G', (pg_current_xact_id()::text::bigint - 1)::text::xid8);
UPDATE marks.kit_movement_record SET kits = 3 WHERE moved_at >= '2025-05-06';
SELECT is((SELECT count(*) FROM marks.mark WHERE writer = pg_current_xact_id()), 1::bigint, 'and does not stand for one''s own');

SELECT pg_temp.clear();
SAVEPOINT s;
INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('A', '2025-05-07 12:00+00', 'issued', 1);
ROLLBACK TO SAVEPOINT s;
SELECT is(pg_temp.marks(), '{}', 'what a savepoint undoes is not marked');
SAVEPOINT s;
INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('A', '2025-05-07 12:00+00', 'issued', 1);
ROLLBACK TO SAVEPOINT s;
INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('A', '2025-05-07 12:00+00', 'issued', 1);
SELECT is(pg_temp.marks(), '{kit_movement 2025-05-07 A}', 'done again, it is');
SAVEPOINT s;
INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('A', '2025-05-07 13:00+00', 'issued', 1);
RELEASE SAVEPOINT s;
SELECT is(pg_temp.marks(), '{kit_movement 2025-05-07 A}', 'a savepoint kept adds nothing to what its transaction has marked');
SELECT pg_temp.settled('repeats and savepoints');

-- Who may -----------------------------------------------------------------------

CREATE ROLE marks_loader;
CREATE ROLE marks_half;
CREATE ROLE marks_reader;
SELECT grant_loader('marks', 'marks_loader');
GRANT USAGE ON SCHEMA marks TO marks_half;
GRANT INSERT, SELECT, UPDATE, DELETE ON marks.kit_movement_record TO marks_half;
SELECT pg_temp.clear();
SET LOCAL ROLE marks_loader;
SELECT lives_ok($$ INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-08 12:00+00', 'issued', 1) $$, 'a loader loads');
SELECT lives_ok($$ UPDATE marks.kit_movement_record SET kits = 9 WHERE moved_at = '2025-05-08 12:00+00' $$, 'and corrects');
SELECT throws_ok($$ SELECT count(*) FROM marks.mark $$, '42501', NULL, 'it does not see marks');
SELECT throws_ok($$ DELETE FROM marks.mark $$, '42501', NULL, 'nor takes them away');
SET LOCAL ROLE marks_half;
SELECT is(public.failure($$ INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-09 12:00+00', 'issued', 1) $$),
          '42501 | permission denied to mark changes of marks.kit_movement_record | Whoever loads it also marks what is to be computed again: SELECT naloxone_kpi.grant_loader(''marks'', ''marks_half'')',
          'who may load but not mark is told what lacks');
SELECT alike(public.failure($$ DELETE FROM marks.kit_movement_record $$), '42501 | permission denied to mark%', 'and cannot delete');
RESET ROLE;
SELECT is_empty($$ SELECT FROM marks.kit_movement_record WHERE moved_at >= '2025-05-09' $$, 'nothing of it is loaded');
SELECT isnt_empty($$ SELECT FROM marks.kit_movement_record $$, 'or deleted');
SELECT is(pg_temp.marks(), '{kit_movement 2025-05-08 G}', 'what the loader changed is marked');
SELECT isnt_empty($$ SELECT FROM check_deployment('marks') WHERE object = 'marks.kit_movement_record' AND finding LIKE '%"marks_half"%' $$, 'check_deployment() names the other');
SELECT pg_temp.settled('what a loader loaded');

-- What is out of the ordinary -------------------------------------------------------

SELECT is(pg_temp.marks_of($$ INSERT INTO marks.administration_record (administration_id, incident_id, occurred_at) VALUES ('never', 'i9', 'infinity'), ('always', 'i9b', '-infinity') $$),
          '{administration incident i9,administration incident i9b,administration infinity UNKNOWN}', 'a time that is no day');
SELECT is(pg_temp.marks_of($$ INSERT INTO marks.direct_measure_record (measure_id, issued_on, offence, kind) VALUES ('never', 'infinity', 'drug_possession', 'recorded_police_warning') $$),
          '{direct_measure infinity UNKNOWN}', 'a day that is none');
SELECT pg_temp.settled('days that are none');
SELECT is(pg_temp.marks_of($$ UPDATE marks.administration_record SET occurred_at = '2025-05-10 12:00+00' WHERE administration_id = 'never' $$),
          '{administration 2025-05-10 UNKNOWN,administration incident i9,administration infinity UNKNOWN}', 'a time that is corrected to one');
SELECT pg_temp.settled('a day that becomes one');

SELECT is(pg_temp.marks_of($$ INSERT INTO marks.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key)
                              VALUES (repeat('a', 5000), repeat('i', 5000), repeat('d', 5000), '2025-05-11 12:00+00', repeat('p', 5000)) $$),
          '{administration 2025-05-11 UNKNOWN,administration everything,administration incident all,administration person all}',
          'a division or key of 5,000 bytes stands for all');
SELECT pg_temp.settled('keys of 5,000 bytes');
SELECT is(pg_temp.marks_of($$ INSERT INTO marks.drug_death_record (death_id, division_code, died_on, status, administration_id) VALUES ('long', repeat('d', 1000), '2025-05-11', 'suspected', repeat('a', 1000)) $$),
          pg_temp.sorted('drug_death 2025-05-11 ' || repeat('d', 1000), 'drug_death administration ' || repeat('a', 30)), 'one of 1,000 bytes is marked as it is');
DELETE FROM marks.administration_record WHERE length(incident_id) = 5000;
DELETE FROM marks.drug_death_record WHERE death_id = 'long';
SELECT pg_temp.settled('long keys gone');
SAVEPOINT s;
-- Either it is refused when it is loaded, or a refresh bears it.
DO $$ BEGIN
    INSERT INTO marks.direct_measure_record (measure_id, division_code, issued_on, offence, kind, measure_person_key)
    VALUES ('noise', 'G', '2025-05-11', 'drug_possession', 'recorded_police_warning', pg_temp.noise(5000, 1));
EXCEPTION WHEN program_limit_exceeded THEN NULL; END $$;
SELECT lives_ok($$ CALL refresh('marks', '2025-06-30') $$, 'a person''s key of 5,000 bytes at random does not make a refresh fail');
ROLLBACK TO SAVEPOINT s;
DO $$ BEGIN
    INSERT INTO marks.administration_record (administration_id, incident_id, incident_division_code, occurred_at, ambulance_attended, ambulance_category_first, clock, ambulance_clock_started_at, ambulance_arrived_at)
    VALUES ('noise', 'noise', 'G', '2025-05-11 12:00+00', true, pg_temp.noise(5000, 2), 'call', '2025-05-11 12:00+00', '2025-05-11 12:05+00');
EXCEPTION WHEN program_limit_exceeded THEN NULL; END $$;
SELECT lives_ok($$ CALL refresh('marks', '2025-06-30') $$, 'nor an ambulance category of 5,000 bytes at random');
ROLLBACK TO SAVEPOINT s;

-- So many keys at once that all are meant.
SELECT is(pg_temp.marks_of($$ INSERT INTO marks.referral_event_record (person_key, stage, occurred_at) SELECT 'many' || n, 'offered', '2025-05-12 12:00+00' FROM generate_series(1, 100001) n $$),
          '{referral_event incident all,referral_event person all}', 'of more than 100,000 records at once not every key is marked');
DELETE FROM marks.referral_event_record WHERE person_key LIKE 'many%';
SELECT pg_temp.settled('many keys at once');

-- Renamed -------------------------------------------------------------------------

SELECT pg_temp.refresh();
SELECT rename_deployment('marks', 'marks two');
SELECT is(pg_temp.marks_of($$ INSERT INTO "marks two".kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-13 12:00+00', 'issued', 1) $$, 'marks two'),
          '{kit_movement 2025-05-13 G}', 'renamed, a deployment marks');
SELECT pg_temp.settled('renamed', 'marks two');
ALTER SCHEMA "marks two" RENAME TO marks;
ALTER SCHEMA "marks two_bi" RENAME TO analysts;
SELECT is(pg_temp.marks_of($$ DELETE FROM marks.kit_movement_record WHERE moved_at = '2025-05-13 12:00+00' $$), '{kit_movement 2025-05-13 G}', 'its schemas renamed one by one, it marks');
SELECT pg_temp.settled_whole('renamed one by one');
ALTER SCHEMA analysts RENAME TO marks_bi;
ALTER SCHEMA "marks two_public" RENAME TO marks_public;

-- Invalidated ----------------------------------------------------------------------

ALTER TABLE marks.direct_measure_record DISABLE TRIGGER USER;
SELECT is_empty($$ SELECT * FROM marks.mark $$, 'there are no marks');
SELECT is((SELECT reason FROM untracked_tables('marks') WHERE relation = 'marks.direct_measure_record'::regclass), 'lacks a trigger that marks changes, or has it disabled', 'a disabled trigger is noticed');
INSERT INTO marks.direct_measure_record (measure_id, division_code, issued_on, offence, kind) VALUES ('m7', 'A', '2025-05-14', 'drug_possession', 'recorded_police_warning');
SELECT pg_temp.settled('triggers disabled');
SELECT is(pg_temp.modes('direct_measure'), 'rebuilt', 'then a refresh computes all of it again');
UPDATE marks.direct_measure_record SET issued_on = '2025-05-16', division_code = 'G' WHERE measure_id = 'm7';
ALTER TABLE marks.direct_measure_record ENABLE TRIGGER USER;
SELECT pg_temp.refresh();
SELECT isnt_empty($$ SELECT FROM verify('marks') WHERE finding <> 'pending' $$, 'what came before they are enabled is lost, and verify() finds it');
SELECT invalidate('marks', 'direct_measure', '2025-05-14', '2025-05-16');
SELECT is(pg_temp.marks(), '{direct_measure 2025-05-14 A,direct_measure 2025-05-16 G,direct_measure incident all,direct_measure person all}',
          'invalidate() marks what days had and have');
SELECT is_empty($$ SELECT FROM verify('marks') WHERE finding <> 'pending' $$, 'which is then pending');
SELECT pg_temp.settled('invalidated days');
SELECT is(pg_temp.marks_of($$ SELECT invalidate('marks', 'direct_measure', from_day => '2025-05-15') $$),
          '{direct_measure 2025-05-16 G,direct_measure incident all,direct_measure infinity UNKNOWN,direct_measure person all}', 'invalidate() from a day on');
SELECT is(pg_temp.marks_of($$ SELECT invalidate('marks', 'direct_measure') $$), '{direct_measure everything}', 'invalidate() of all');
SELECT is(pg_temp.marks_of($$ SELECT invalidate('marks', 'division', '2025-05-01') $$), '{division everything}', 'invalidate() of what has no days');
SELECT throws_ok($$ SELECT invalidate('marks', 'no source') $$, '22023', NULL, 'invalidate() of no source');
SELECT throws_ok($$ SELECT invalidate('marks', NULL) $$, '22004', NULL, 'invalidate() of NULL');
SELECT throws_ok($$ SELECT invalidate('no deployment', 'division') $$, '42704', NULL, 'invalidate() in no deployment');
SELECT pg_temp.settled_whole('all invalidated');

-- The force's own tables -------------------------------------------------------------

-- The contract of administrations over any query that gives id, at, division.
CREATE SCHEMA force;
CREATE FUNCTION pg_temp.replace_administration(query text, deployment name DEFAULT 'marks') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW %I.administration AS SELECT %s FROM (%s) q', deployment,
        (SELECT string_agg(CASE a.attname WHEN 'administration_id' THEN 'q.id' WHEN 'incident_id' THEN 'q.id' WHEN 'person_key' THEN 'q.person'
                                          WHEN 'incident_division_code' THEN 'q.division' WHEN 'occurred_at' THEN 'q.at'
                                          ELSE format('NULL::%s', format_type(a.atttypid, a.atttypmod)) END || ' AS ' || quote_ident(a.attname), ', ' ORDER BY a.attnum)
         FROM pg_attribute a WHERE a.attrelid = format('%I.administration', deployment)::regclass AND a.attnum > 0 AND NOT a.attisdropped), query);
END $$;
CREATE FUNCTION pg_temp.days() RETURNS text LANGUAGE sql AS
$$ SELECT 'SELECT day_of(at) AS day, coalesce(division, ''UNKNOWN'') AS division_code FROM changed' $$;
CREATE FUNCTION pg_temp.keys() RETURNS text LANGUAGE sql AS
$$ SELECT 'SELECT ''incident'' AS key_kind, id AS key FROM changed UNION ALL SELECT ''person'', person FROM changed' $$;

CREATE TABLE force.administered (id text, at timestamptz, division text, person text) PARTITION BY RANGE (at);
CREATE TABLE force.may PARTITION OF force.administered FOR VALUES FROM ('2025-05-01') TO ('2025-06-01');
CREATE TABLE force.june PARTITION OF force.administered FOR VALUES FROM ('2025-06-01') TO ('2025-07-01') PARTITION BY LIST (division);
CREATE TABLE force.june_a PARTITION OF force.june FOR VALUES IN ('A');
CREATE TABLE force.june_rest PARTITION OF force.june DEFAULT;
INSERT INTO force.administered SELECT 'f' || n, timestamptz '2025-05-01 12:00+00' + n * interval '1 day', CASE n % 2 WHEN 0 THEN 'A' ELSE 'G' END, 'p' || n % 7 FROM generate_series(0, 59) n;
SELECT pg_temp.replace_administration('SELECT * FROM force.administered');
SELECT results_eq($$ SELECT relation::text, reason FROM untracked_tables('marks') ORDER BY 1 $$, $$ VALUES ('force.administered', 'is not tracked') $$, 'a table that is not tracked is named');
SELECT isnt_empty($$ SELECT FROM check_deployment('marks') WHERE object = 'marks.administration' AND finding LIKE '%force.administered%is not tracked' $$, 'by check_deployment() too');
SELECT pg_temp.settled('a table that is not tracked');
SELECT is(pg_temp.modes('administration'), 'rebuilt', 'all of its source is computed again');
UPDATE force.administered SET division = 'A' WHERE id = 'f1';
SELECT is(pg_temp.marks(), '{}', 'without marks');
SELECT pg_temp.settled('changes of a table that is not tracked');

SELECT is(pg_temp.marks_of(format('SELECT track_changes(''marks'', ''administration'', ''force.administered'', %L, %L)', pg_temp.days(), pg_temp.keys())), '{administration everything}',
          'tracking a table marks all that was before');
SELECT is_empty($$ SELECT * FROM untracked_tables('marks') $$, 'then it is tracked');
SELECT pg_temp.settled('tracked');
SELECT is(pg_temp.marks_of($$ INSERT INTO force.administered VALUES ('x1', '2025-05-20 12:00+00', 'G', 'p1'), ('x2', '2025-06-20 12:00+00', 'A', NULL) $$),
          '{administration 2025-05-20 G,administration 2025-06-20 A,administration incident x1,administration incident x2,administration person p1}', 'INSERT into the partitioned table');
SELECT pg_temp.settled('a partitioned table');
SELECT isnt(pg_temp.modes('administration'), 'rebuilt', 'only what changed is computed again');
SELECT is(pg_temp.marks_of($$ INSERT INTO force.may VALUES ('x3', '2025-05-21 12:00+00', 'G', NULL) $$), '{administration 2025-05-21 G,administration incident x3}', 'INSERT into a partition');
SELECT is(pg_temp.marks_of($$ UPDATE force.june_a SET at = '2025-06-21 12:00+00' WHERE id = 'x2' $$),
          '{administration 2025-06-20 A,administration 2025-06-21 A,administration incident x2}', 'UPDATE of a partition of a partition');
SELECT is(pg_temp.marks_of($$ UPDATE force.june SET division = 'G' WHERE id = 'x2' $$),
          '{administration 2025-06-21 A,administration 2025-06-21 G,administration incident x2}', 'UPDATE of a partitioned partition that moves a row');
SELECT is(pg_temp.marks_of($$ UPDATE force.administered SET at = '2025-05-22 12:00+00' WHERE id = 'x2' $$),
          '{administration 2025-05-22 G,administration 2025-06-21 G,administration incident x2}', 'UPDATE that moves a row from one partition to another');
SELECT is(pg_temp.marks_of($$ DELETE FROM force.may WHERE id = 'x2' $$), '{administration 2025-05-22 G,administration incident x2}', 'DELETE from a partition');
SELECT pg_temp.settled('partitions by name');
SELECT * FROM todo_start('PostgreSQL shows statement triggers nothing of a row that MERGE moves to another partition');
SAVEPOINT s;
SELECT is(pg_temp.marks_of($$ MERGE INTO force.administered t USING (VALUES ('x3')) n (id) ON t.id = n.id WHEN MATCHED THEN UPDATE SET at = '2025-06-22 12:00+00' $$),
          '{administration 2025-05-21 G,administration 2025-06-22 G,administration incident x3}', 'MERGE that moves a row from one partition to another');
SELECT pg_temp.settled('MERGE that moved a row');
ROLLBACK TO SAVEPOINT s;
SELECT * FROM todo_end();
SELECT is(pg_temp.marks_of('TRUNCATE force.june_a'), '{administration everything}', 'TRUNCATE of a partition');
SELECT pg_temp.settled('a truncated partition');

CREATE TABLE force.july (LIKE force.administered);
INSERT INTO force.july VALUES ('j1', '2025-07-01 12:00+00', 'G', 'p1');
SELECT is(pg_temp.marks_of($$ ALTER TABLE force.administered ATTACH PARTITION force.july FOR VALUES FROM ('2025-07-01') TO ('2025-08-01') $$), '{}', 'attaching a partition marks nothing');
SELECT is((SELECT relation::text FROM untracked_tables('marks')), 'force.july', 'but is noticed');
SELECT pg_temp.settled('a partition attached');
SELECT is(pg_temp.modes('administration'), 'rebuilt', 'all is computed again');
SELECT track_changes('marks', 'administration', 'force.administered', pg_temp.days(), pg_temp.keys());
SELECT is_empty($$ SELECT * FROM untracked_tables('marks') $$, 'tracked once more, the new partition is');
SELECT is(pg_temp.marks_of($$ UPDATE force.july SET at = at + interval '1 day' $$),
          pg_temp.sorted('administration 2025-07-01 G', 'administration 2025-07-02 G', 'administration incident j1', 'administration person p1'), 'and marks by its own name');
CREATE TABLE force.august PARTITION OF force.administered FOR VALUES FROM ('2025-08-01') TO ('2025-09-01');
SELECT is((SELECT relation::text FROM untracked_tables('marks')), 'force.august', 'a partition created later lacks triggers');
SELECT track_changes('marks', 'administration', 'force.administered', pg_temp.days(), pg_temp.keys());
SELECT pg_temp.settled_whole('partitions added');
SELECT is(pg_temp.marks_of('ALTER TABLE force.administered DETACH PARTITION force.may'), '{}', 'detaching a partition marks nothing');
SELECT pg_temp.refresh();
SELECT isnt_empty($$ SELECT FROM verify('marks') WHERE finding <> 'pending' $$, 'what was in it remains counted');
SELECT invalidate('marks', 'administration', '2025-05-01', '2025-05-31');
SELECT pg_temp.settled('a detached partition invalidated');
SELECT isnt_empty($$ SELECT FROM marks.administration_day $$, 'there is something left to count');
DROP TABLE force.june_a;
SELECT invalidate('marks', 'administration');
SELECT pg_temp.settled('a dropped partition invalidated');

-- Inheritance.
CREATE TABLE force.old (id text, at timestamptz, division text, person text);
CREATE TABLE force.older () INHERITS (force.old);
SELECT pg_temp.replace_administration('SELECT * FROM force.old');
SELECT track_changes('marks', 'administration', 'force.old', pg_temp.days(), pg_temp.keys());
SELECT pg_temp.settled('another table beneath the contract');
SELECT is(pg_temp.marks_of($$ INSERT INTO force.older VALUES ('o1', '2025-05-20 12:00+00', 'G', NULL) $$), '{administration 2025-05-20 G,administration incident o1}', 'INSERT into a table that inherits');
SELECT is(pg_temp.marks_of($$ UPDATE force.old SET division = 'A' $$), '{administration 2025-05-20 A,administration 2025-05-20 G,administration incident o1}', 'UPDATE of the one it inherits from');
SELECT pg_temp.settled('a table that inherits');

-- The day in one table and the division in another. Who deletes a row in both looks for the other in vain: LEFT JOIN, and all is marked.
CREATE TABLE force.incident (id text PRIMARY KEY, at timestamptz);
CREATE TABLE force.dose (id text REFERENCES force.incident ON UPDATE CASCADE ON DELETE CASCADE, division text, person text);
INSERT INTO force.incident SELECT 'c' || n, timestamptz '2025-05-01 12:00+00' + n * interval '1 day' FROM generate_series(0, 29) n;
INSERT INTO force.dose SELECT id, 'G', 'p' || right(id, 1) FROM force.incident;
SELECT pg_temp.replace_administration('SELECT i.id, i.at, d.division, d.person FROM force.incident i JOIN force.dose d USING (id)');
SELECT track_changes('marks', 'administration', 'force.incident',
    $$ SELECT day_of(c.at) AS day, d.division AS division_code FROM changed c LEFT JOIN force.dose d USING (id) $$,
    $$ SELECT 'incident' AS key_kind, id AS key FROM changed UNION ALL SELECT 'person', d.person FROM changed JOIN force.dose d USING (id) $$);
SELECT track_changes('marks', 'administration', 'force.dose',
    $$ SELECT day_of(i.at) AS day, c.division AS division_code FROM changed c LEFT JOIN force.incident i USING (id) $$,
    $$ SELECT 'incident' AS key_kind, id AS key FROM changed UNION ALL SELECT 'person', person FROM changed $$);
SELECT pg_temp.settled('two tables');
SELECT is_empty($$ SELECT * FROM untracked_tables('marks') $$, 'both are tracked');
SELECT is(pg_temp.marks_of($$ UPDATE force.incident SET at = '2025-06-01 12:00+00' WHERE id = 'c3' $$), '{administration 2025-05-04 G,administration 2025-06-01 G,administration incident c3,administration person p3}', 'a day changes in one');
SELECT pg_temp.settled('a day in one of two tables');
SELECT is(pg_temp.marks_of($$ UPDATE force.dose SET division = 'A' WHERE id = 'c3' $$),
          '{administration 2025-06-01 A,administration 2025-06-01 G,administration incident c3,administration person p3}', 'the division in the other');
SELECT pg_temp.settled('a division in the other');
UPDATE force.incident SET id = 'c3b', at = '2025-06-02 12:00+00' WHERE id = 'c3';
SELECT pg_temp.settled('a key that changes in both');
DELETE FROM force.dose WHERE id = 'c5';
SELECT pg_temp.settled('a row deleted in one');
DELETE FROM force.incident WHERE id = 'c6';
SELECT pg_temp.settled_whole('a row deleted in both');
CREATE TABLE force.note (id text, division text, person text);
INSERT INTO force.note SELECT * FROM force.dose;
SELECT pg_temp.replace_administration('SELECT i.id, i.at, d.division, d.person FROM force.incident i JOIN force.note d USING (id)');
SELECT track_changes('marks', 'administration', 'force.note', keys => $$ SELECT 'incident' AS key_kind, id AS key FROM changed $$);
SELECT pg_temp.refresh();
DELETE FROM force.note WHERE id = 'c7';
SELECT pg_temp.settled('tracked by keys alone, a row deleted');

-- One table beneath two contracts.
SAVEPOINT s;
CREATE TABLE force.call (id text, at timestamptz, division text, person text, gave boolean);
SELECT pg_temp.replace_administration('SELECT * FROM force.call WHERE gave');
CREATE OR REPLACE VIEW marks.overdose_incident AS
    SELECT id AS incident_id, division AS incident_division_code, at AS occurred_at, NULL::text AS notified_by, gave AS naloxone_given, NULL::text AS why_not, NULL::timestamptz AS recorded_at FROM force.call;
SELECT track_changes('marks', 'administration', 'force.call', pg_temp.days(), pg_temp.keys());
SELECT is((SELECT array_agg(source) FROM untracked_tables('marks')), ARRAY['overdose_incident'], 'a table beneath two contracts, tracked for one, is not tracked for the other');
SELECT pg_temp.refresh();
INSERT INTO force.call VALUES ('k1', '2025-05-20 12:00+00', 'G', NULL, false);
SELECT pg_temp.settled('one table beneath two contracts');
ROLLBACK TO SAVEPOINT s;
CREATE TABLE force.call (id text, at timestamptz, division text, person text, gave boolean);
SELECT pg_temp.replace_administration('SELECT * FROM force.call WHERE gave');
CREATE OR REPLACE VIEW marks.overdose_incident AS
    SELECT id AS incident_id, division AS incident_division_code, at AS occurred_at, NULL::text AS notified_by, gave AS naloxone_given, NULL::text AS why_not, NULL::timestamptz AS recorded_at FROM force.call;
SELECT track_changes('marks', 'administration', 'force.call', pg_temp.days(), pg_temp.keys());
SELECT track_changes('marks', 'overdose_incident', 'force.call', pg_temp.days());
SELECT pg_temp.refresh();
SELECT is(pg_temp.marks_of($$ INSERT INTO force.call VALUES ('k1', '2025-05-20 12:00+00', 'G', NULL, false) $$),
          '{administration 2025-05-20 G,administration incident k1,overdose_incident 2025-05-20 G}', 'tracked for both, a change of it marks both');
SELECT pg_temp.settled('one table tracked for two sources');

-- A contract over what no trigger sees.
CREATE MATERIALIZED VIEW force.copied AS SELECT * FROM force.call;
SELECT pg_temp.replace_administration('SELECT * FROM force.copied');
INSERT INTO force.call VALUES ('k2', '2025-05-21 12:00+00', 'G', NULL, true);
REFRESH MATERIALIZED VIEW force.copied;
SELECT pg_temp.settled('a materialised view beneath a contract');
CREATE TABLE force.unseen (id text, at timestamptz, division text, person text);
CREATE FUNCTION force.called() RETURNS TABLE (id text, at timestamptz, division text, person text) LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN QUERY SELECT u.* FROM force.unseen u; END $$;
SELECT pg_temp.replace_administration('SELECT * FROM force.called()');
CALL refresh('marks', '2025-06-30', full => true);
INSERT INTO force.unseen VALUES ('u1', '2025-05-22 12:00+00', 'G', NULL);
SELECT pg_temp.settled('a function beneath a contract');

-- Two deployments ---------------------------------------------------------------------

SELECT deploy('marks_too');
INSERT INTO marks_too.division_record (division_code, division_name, valid_from) VALUES ('G', 'Greater Glasgow', '2013-04-01');
INSERT INTO marks_too.source_coverage_record (source, division_code, covered_from) VALUES ('administration', 'G', '2025-05-01'), ('kit_movement', 'G', '2025-05-01');
SELECT pg_temp.replace_administration('SELECT id, at, division, person FROM force.call');
SELECT pg_temp.replace_administration('SELECT id, at, division, person FROM force.call', 'marks_too');
SELECT track_changes('marks_too', 'administration', 'force.call', pg_temp.days(), pg_temp.keys());
SELECT track_changes('marks_too', 'kit_movement', 'marks.kit_movement_record',
    $$ SELECT day_of(moved_at) AS day, coalesce(division_code, 'UNKNOWN') AS division_code FROM changed $$);
SELECT is(pg_temp.marks_of($$ INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-23 12:00+00', 'issued', 1) $$, 'marks_too'),
          '{kit_movement 2025-05-23 G}', 'another deployment''s own table marks for this one');
SELECT is(pg_temp.marks_of($$ INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-23 12:00+00', 'issued', 1) $$),
          '{kit_movement 2025-05-23 G}', 'and for its own');
SELECT is(pg_temp.marks_of($$ INSERT INTO force.call VALUES ('k4', '2025-05-23 12:00+00', 'G', NULL, true) $$) @> ARRAY['administration 2025-05-23 G'], true, 'a table that two deployments track marks for the one');
SELECT pg_temp.settled('the one of two deployments');
SELECT is(pg_temp.marks_of($$ INSERT INTO force.call VALUES ('k5', '2025-05-23 12:00+00', 'G', NULL, true) $$, 'marks_too'), '{administration 2025-05-23 G,administration incident k5}', 'and for the other');
SELECT pg_temp.settled('the other', 'marks_too');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'marks.kit_movement_record'::regclass AND NOT tgisinternal), 8::bigint, 'both have their triggers on a table');
SELECT undeploy('marks_too', true);
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'marks.kit_movement_record'::regclass AND NOT tgisinternal), 4::bigint, 'undeploying one removes its own');
SELECT is(pg_temp.marks_of($$ DELETE FROM marks.kit_movement_record WHERE moved_at = '2025-05-23 12:00+00' $$), '{kit_movement 2025-05-23 G}', 'and the other goes on marking');
SELECT lives_ok($$ INSERT INTO force.call VALUES ('k6', '2025-05-23 12:00+00', 'G', NULL, true) $$, 'the force''s own table can be loaded');
SELECT track_changes('marks', 'administration', 'force.call', pg_temp.days(), pg_temp.keys());
SELECT pg_temp.settled_whole('one of two deployments left');

-- A trigger without its deployment ------------------------------------------------------

SAVEPOINT s;
ALTER TABLE marks.mark RENAME TO gone;
SET LOCAL client_min_messages = error;
SELECT lives_ok($$ INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-24 12:00+00', 'issued', 1) $$, 'without marks a load goes through');
SELECT isnt_empty($$ SELECT FROM marks.kit_movement_record WHERE moved_at = '2025-05-24 12:00+00' $$, 'and is there');
ROLLBACK TO SAVEPOINT s;

-- Settings -------------------------------------------------------------------------------

INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-24 23:30+00', 'issued', 1);
SELECT pg_temp.settled('before the zone changes');
SELECT is((SELECT array_agg(day) FROM marks.source_day WHERE source = 'kit_movement' AND day >= '2025-05-24'), ARRAY[date '2025-05-25'], 'a record late in the evening, in London');
SELECT is(pg_temp.marks_of($$ UPDATE marks.setting SET time_zone = 'America/New_York' $$), (SELECT array_agg(source || ' everything' ORDER BY source COLLATE "C") FROM marks.source_mark),
          'another time zone marks everything');
SELECT pg_temp.settled_whole('another time zone');
SELECT is((SELECT array_agg(day) FROM marks.source_day WHERE source = 'kit_movement' AND day >= '2025-05-24'), ARRAY[date '2025-05-24'], 'it counts on the day there');
SELECT is(pg_temp.marks_of($$ INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-26 02:00+00', 'issued', 1) $$), '{kit_movement 2025-05-25 G}', 'and is marked there');
SELECT pg_temp.settled('a record in another time zone');
UPDATE marks.setting SET time_zone = 'Europe/London';
SELECT is(pg_temp.marks_of($$ UPDATE marks.setting SET confidence = 0.9, episode_days = 30, fiscal_first_month = 1 $$), '{setting everything}', 'other days of an episode mark what depends on settings');
SELECT pg_temp.settled_whole('other settings');
SELECT is(pg_temp.marks_of($$ UPDATE marks.setting SET confidence = 0.95, fiscal_first_month = 4 $$), '{}', 'what no rollup depends on marks nothing');
UPDATE marks.setting SET episode_days = 90;
SELECT pg_temp.settled_whole('settings as they were');

-- As of another day -------------------------------------------------------------------------

CREATE TEMP TABLE seen AS SELECT pg_temp.figures('marks') AS figures;
SELECT pg_temp.settled_whole('as of a day before', as_of => '2025-05-15');
SELECT isnt(pg_temp.figures('marks'), (SELECT figures FROM seen), 'as of a day before, figures are other ones');
INSERT INTO marks.kit_movement_record (division_code, moved_at, movement, kits) VALUES ('G', '2025-06-26 02:00+00', 'issued', 1);
SELECT pg_temp.refresh('marks', '2025-05-15');
SELECT is(pg_temp.marks(), '{}', 'a mark of a later day is taken');
DELETE FROM marks.kit_movement_record WHERE moved_at = '2025-06-26 02:00+00';
SELECT pg_temp.settled_whole('as of the later day again');
SELECT is(pg_temp.figures('marks'), (SELECT figures FROM seen), 'as of the later day again they are as they were');

-- What a refresh leaves ------------------------------------------------------------------------

SELECT is((SELECT count(*) FROM marks.mark) + (SELECT count(*) FROM marks.rollup_due) + (SELECT count(*) FROM marks.taken_mark), 0::bigint, 'no mark is left, and nothing due');
SELECT pg_temp.refresh();
SELECT is_empty($$ SELECT step, mode FROM marks.refresh_log JOIN marks.rollup ON name = step WHERE run = (SELECT max(run) FROM marks.refresh_run) AND mode <> 'unchanged'
                   AND NOT EXISTS (SELECT FROM marks.rollup_source s WHERE s.rollup = name AND s.source IN (SELECT source FROM untracked_tables('marks'))) $$,
                'another refresh finds nothing to do');
SELECT is_empty($$ SELECT * FROM marks.refresh_run WHERE failed_steps <> 0 $$, 'no refresh failed');

SELECT * FROM finish();
ROLLBACK;
