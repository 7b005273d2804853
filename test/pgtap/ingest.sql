-- ingest(): forms by hand, and what must become of each.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, MDY';

SELECT deploy('test_ingest');

-- Rows in = rows accounted for, in columns: rows in, accepted, joined, replaced, already present, rejected.
CREATE FUNCTION pg_temp.run() RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
    CALL naloxone_kpi.ingest('test_ingest');
    RETURN (SELECT ARRAY[rows_in, accepted, joined, replaced, already_present, rejected] FROM test_ingest.ingest_run ORDER BY run DESC LIMIT 1);
END $$;
CREATE FUNCTION pg_temp.rejections() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s %s', coalesce(form_id, '?'), field, rule), ', ' ORDER BY form_id, field, rule) FROM test_ingest.rejected_row $$;
-- All that is kept, without what tells one run from another.
CREATE FUNCTION pg_temp.state() RETURNS text LANGUAGE sql AS $$
    SELECT md5(concat((SELECT string_agg(a::text, '|' ORDER BY administration_id) FROM test_ingest.administration_record a),
                      (SELECT string_agg(p::text, '|' ORDER BY administration_id) FROM test_ingest.administration_place_record p),
                      (SELECT string_agg(f::text, '|' ORDER BY form_id) FROM test_ingest.accepted_form f),
                      (SELECT string_agg(d::text, '|' ORDER BY form_id, field, rule) FROM test_ingest.form_finding d),
                      (SELECT string_agg(format('%s %s %s %s', line, form_id, field, rule), '|' ORDER BY line, field, rule) FROM test_ingest.rejected_row))) $$;

SELECT is(pg_temp.run(), '{0,0,0,0,0,0}', 'nothing staged: nothing done');

-- One form with everything, as people write it -----------------------------------------

\set secret 'a secret of 32 bytes, or longer.'
CREATE TEMP TABLE file AS TABLE test_ingest.administration_form;
INSERT INTO file (line, form_id, incident_id, person_in_incident, incident_division_code, officer_division_code, subdivision, council_code, occurred_at,
    police_arrived_at, naloxone_first_at, setting, officer_key, officer_role, person_key, sex, age, substances, doses, dose_route, condition_on_arrival,
    believed_dead_on_arrival, paraphernalia_present, woken_verbally, recovery_position, rescue_breaths, outcome, survival, survival_as_at, person_left_at,
    refused_care, call_source, police_first_on_scene, ambulance_called_at, ambulance_category_first, ambulance_category_last,
    ambulance_clock_started_at, clock, ambulance_attended, ambulance_arrived_at, ambulance_response_mins, seen_by_paramedics, kits_needed,
    officer_injured, complaint, recorded_at, easting, northing) VALUES
    (1, ' full ', 'i-full', '1', 'G', 'G', 'GA', 'Glasgow City', '2024-07-01 00:30', '2024-07-01 00:28', '2024-07-01T00:32:10', 'Suicide  Attempt', 'o1', 'response',
     pseudonym('0101701234', :'secret'), 'F', '27', 'Heroin; Street benzodiazepines ;', '2', 'Nasal', 'Not breathing', 'N', 'Y', 'yes', '1', 'not known', 'Conscious-responsive',
     'Yes', '24 hours', NULL, 'No', 'Public', 'true', '2024-07-01 00:25', 'purple', 'RED', '2024-07-01 00:26', 'Acuity assigned', 'Y', '2024-07-01 00:40 BST', '14', 'Y', 'No',
     'f', ' ', '2024-07-02 09:00', '259000', '665000.5');
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{1,1,0,0,0,0}', 'a form with everything is accepted');
SELECT is_empty('SELECT * FROM test_ingest.administration_form', 'the staging table is empty afterwards');
SELECT is(a::text, format('(full,i-full,1,1,G,G,GA,"Glasgow City","%s",suicide_attempt,o1,response,%s,female,25-29,"{heroin,""street benzodiazepines""}","{""2 x unknown intranasal""}",not_breathing,f,t,"{woken_verbally: yes, recovery_position: yes}",conscious_responsive,survived,24_hours,,f,,public,t,%s)',
        -- Three times, in the session's zone and style, as the record's are.
        concat_ws('","', timestamptz '2024-06-30 23:30+00', timestamptz '2024-06-30 23:28+00', timestamptz '2024-06-30 23:32:10+00'), pseudonym('0101701234', :'secret'),
        format('"%s",Purple,Red,"%s",acuity_assigned,t,"%s",,14,t,,,,0,f,,"%s"', timestamptz '2024-06-30 23:25+00', timestamptz '2024-06-30 23:26+00',
               timestamptz '2024-06-30 23:40+00', timestamptz '2024-07-02 08:00+00')),
        'and says what it meant, in the force''s time zone') FROM test_ingest.administration a;
SELECT is(ST_AsEWKT(location), 'SRID=27700;POINT(259000 665000.5)', 'its place is kept apart') FROM test_ingest.administration_place_record WHERE administration_id = 'full';
SELECT is_empty($$ SELECT a.attname FROM pg_attribute a WHERE a.attrelid IN ('test_ingest.accepted_form'::regclass, 'test_ingest.administration'::regclass)
                   AND a.attname ~ 'name|birth|address|easting|latitude|^age$|location' $$, 'no column for a name, an age, a birth, an address or a place');

-- Again, the same: nothing changes, not a row is written.
SELECT pg_temp.state() AS before \gset
SELECT xmin AS xmin_before FROM test_ingest.administration_record \gset
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{1,0,0,0,1,0}', 'ingested again it is already present');
SELECT is(pg_temp.state(), :'before', 'and nothing changes');
-- A correction: the same form, other content, another place.
UPDATE file SET doses = '3 x 1800 mcg intranasal', dose_route = NULL, age = '31', easting = '260000';
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{1,0,0,1,0,0}', 'corrected it replaces what it was');
SELECT results_eq('SELECT doses::text, age_band, forms FROM test_ingest.administration', $$ VALUES ('{"3 x 1800 mcg intranasal"}', '30-34', 1::smallint) $$, 'in the record too');
SELECT is(ST_X(location), 260000::float8, 'and its place') FROM test_ingest.administration_place_record;
UPDATE file SET easting = NULL, northing = NULL, latitude = '55.8642', longitude = '-4.2518';
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{1,0,0,0,1,0}', 'a place is no part of a form''s content');
-- By the formulas of Ordnance Survey's guide to coordinate systems (Helmert, then transverse Mercator), in Python: 259175.75,
-- 665739.72. A server with the grid of OSTN15 differs by a few metres.
SELECT ok(abs(ST_X(location) - 259175.75) < 10 AND abs(ST_Y(location) - 665739.72) < 10, 'yet it is corrected: latitude and longitude become metres')
FROM test_ingest.administration_place_record;
UPDATE file SET latitude = NULL, longitude = NULL;
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{1,0,0,0,1,0}', 'or taken back');
SELECT is_empty('SELECT * FROM test_ingest.administration_place_record', 'so that there is none');

-- Rejections ---------------------------------------------------------------------------

TRUNCATE file;
INSERT INTO file (line, form_id, incident_id, occurred_at) SELECT n, 'r' || lpad(n::text, 2, '0'), 'ri' || n, '2024-05-01 12:00' FROM generate_series(1, 45) AS n;
UPDATE file SET form_id = NULL WHERE line = 1;
UPDATE file SET incident_id = ' n/a ' WHERE line = 2;
UPDATE file SET occurred_at = NULL WHERE line = 3;
UPDATE file SET occurred_at = '2024-03-31 01:30' WHERE line = 4;
UPDATE file SET occurred_at = '2024-10-27 01:30' WHERE line = 5;    -- a finding
UPDATE file SET occurred_at = '01/02/2024 12:00' WHERE line = 6;
UPDATE file SET occurred_at = '2099-01-01 12:00' WHERE line = 7;
UPDATE file SET person_key = 'Jane Doe 1970-01-01' WHERE line = 8;
UPDATE file SET person_key = md5('0101701234') WHERE line = 9;
UPDATE file SET person_key = 'not known' WHERE line = 10;           -- accepted
UPDATE file SET sex = 'x' WHERE line = 11;
UPDATE file SET age = '50-59' WHERE line = 12;
UPDATE file SET age = 'Jane' WHERE line = 13;
UPDATE file SET doses = '0' WHERE line = 14;
UPDATE file SET doses = '2', dose_route = 'oral' WHERE line = 15;
UPDATE file SET doses = 'two' WHERE line = 16;
UPDATE file SET paraphernalia_present = 'perhaps' WHERE line = 17;
UPDATE file SET kits_needed = 'yes' WHERE line = 18;
UPDATE file SET kits_needed = '99' WHERE line = 19;
UPDATE file SET ambulance_category_first = 'Mauve' WHERE line = 20;
UPDATE file SET ambulance_response_mins = '7.5' WHERE line = 21;
UPDATE file SET ambulance_response_mins = '5000' WHERE line = 22;
UPDATE file SET person_in_incident = '0' WHERE line = 23;
UPDATE file SET easting = '259000' WHERE line = 24;
UPDATE file SET latitude = '40.1', longitude = '-75.4' WHERE line = 25;
UPDATE file SET setting = repeat('x', 5000000) WHERE line = 26;
UPDATE file SET subdivision = E'A\nB' WHERE line = 27;
UPDATE file SET subdivision = E'%s %1$I ''; DROP TABLE kpi.setting; -- "\\' WHERE line = 28;  -- data
UPDATE file SET doses = 'bad', age = 'bad', occurred_at = 'bad' WHERE line = 29;
UPDATE file SET ambulance_called_at = '2024-05-01 12:00', ambulance_arrived_at = '2024-05-01 11:00' WHERE line = 30;  -- a finding
UPDATE file SET ambulance_arrived_at = '14:05' WHERE line = 31;
UPDATE file SET form_id = 'r33', outcome = 'unconscious' WHERE line = 32;
UPDATE file SET form_id = 'r34', incident_id = 'ri34' WHERE line = 35;
UPDATE file SET doses = '21' WHERE line = 36;                        -- a finding
UPDATE file SET easting = '1e400', northing = '1' WHERE line = 37;
UPDATE file SET form_id = repeat('f', 1001) WHERE line = 38;
INSERT INTO test_ingest.administration_record (administration_id, incident_id, occurred_at) VALUES ('r40', 'elsewhere', '2024-01-01'), ('other', 'ri41', '2024-01-01');
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{45,11,0,0,1,33}', 'what breaks a rule is rejected, the rest is not');
SELECT is(pg_temp.rejections(), 'r02 incident_id incident_id_missing, r03 occurred_at occurred_at_missing, r04 occurred_at time_does_not_exist, '
    'r06 occurred_at ambiguous_date, r07 occurred_at occurred_in_future, r08 person_key person_key_plain, r09 person_key person_key_plain, '
    'r11 sex not_a_listed_value, r12 age not_a_listed_value, r13 age not_an_age, r14 doses no_dose_given, r15 dose_route not_a_listed_value, '
    'r16 doses not_doses, r17 paraphernalia_present not_yes_or_no, r18 kits_needed not_a_number, r19 kits_needed kits, '
    'r20 ambulance_category_first not_a_category, r21 ambulance_response_mins not_a_number, r22 ambulance_response_mins response_minutes, '
    'r23 person_in_incident person_number, r24 northing northing_missing, r25 latitude latitude_limits, r25 longitude longitude_limits, r26 setting too_long, '
    'r27 subdivision control_character, r29 age not_an_age, r29 doses not_doses, r29 occurred_at not_a_time, r31 ambulance_arrived_at not_a_time, '
    'r33 form_id form_id_twice, r33 form_id form_id_twice, r37 easting not_a_decimal, r40 form_id records_without_forms, '
    'r41 incident_id records_without_forms, ? form_id form_id_missing, ? form_id too_long', 'each for its reasons');
SELECT is(count(*), 0::bigint, 'no value is shown') FROM test_ingest.rejected_row WHERE value IS NOT NULL;
SELECT is_empty($$ SELECT * FROM test_ingest.rejected_row r WHERE r::text ~* 'jane|1970|perhaps|mauve' $$, 'nor is one in a reason');
SELECT results_eq($$ SELECT line, day, reason FROM test_ingest.rejected_row WHERE form_id = 'r08' $$,
    $$ VALUES (8::bigint, date '2024-05-01', 'is not 64 hexadecimal digits, as pseudonym() makes them') $$, 'the row, the day and why');
SELECT results_eq('SELECT form_id, field, rule FROM test_ingest.form_finding ORDER BY 1',
    $$ VALUES ('r05', 'occurred_at', 'hour_occurs_twice'), ('r30', 'ambulance_arrived_at', 'came_before_call'), ('r36', 'doses', 'many_doses') $$, 'what is no more than odd is a finding');
SELECT is(subdivision, E'%s %1$I ''; DROP TABLE kpi.setting; -- "\\', 'a hostile value is a value') FROM test_ingest.administration_record WHERE administration_id = 'r28';
SELECT is_empty('SELECT * FROM test_ingest.rejected_form', 'rejected forms are not kept');

SELECT pg_temp.state() AS before \gset
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{45,0,0,0,12,33}', 'the same file again');
SELECT is(pg_temp.state(), :'before', 'changes nothing');
UPDATE file SET occurred_at = '2024-05-01 12:01', doses = '1', age = '1' WHERE line = 29;
INSERT INTO test_ingest.administration_form SELECT * FROM file WHERE line = 29;
SELECT is(pg_temp.run(), '{1,1,0,0,0,0}', 'mended, a form is accepted');
SELECT is_empty($$ SELECT * FROM test_ingest.rejected_row WHERE form_id = 'r29' $$, 'and no longer stands rejected');
SELECT is(count(*) FILTER (WHERE form_id IS NULL), 0::bigint, 'nor do those without a number: only the last load''s do') FROM test_ingest.rejected_row;
SELECT is(count(DISTINCT form_id), 29::bigint, 'the others do') FROM test_ingest.rejected_row;

-- Rules are rows.
UPDATE test_ingest.setting SET form_date_order = 'DMY';
DELETE FROM test_ingest.form_rule WHERE rule = 'person_key_plain';
INSERT INTO test_ingest.form_value VALUES ('sex', 'x', 'other'), ('ambulance_category_first', 'mauve', 'no use here'), ('officer_role', 'response', 'response');
INSERT INTO test_ingest.form_rule (rule, field, kind, allowed, when_field, when_value, reason)
    VALUES ('dead_and_talking', 'outcome', 'one_of', '{unconscious,non_responsive}', 'survival', 'died', 'is not an outcome of who died');
UPDATE test_ingest.form_field SET show_value = true WHERE field IN ('ambulance_category_first', 'age');
TRUNCATE test_ingest.administration_form;
INSERT INTO test_ingest.administration_form SELECT * FROM file WHERE line IN (6, 8, 11, 13, 20);
INSERT INTO test_ingest.administration_form (form_id, incident_id, occurred_at, officer_role, outcome, survival) VALUES
    ('own1', 'own1', '2024-05-01 12:00', 'Chief', 'conscious responsive', 'died'), ('own2', 'own2', '2024-05-01 12:00', NULL, 'conscious responsive', 'survived');
SELECT is(pg_temp.run(), '{7,4,0,0,0,3}', 'with other rules, other forms are accepted');
SELECT is(string_agg(form_id || ' ' || rule || coalesce(' ' || value, ''), ', ' ORDER BY form_id, rule), 'own1 dead_and_talking, own1 not_a_listed_value, r13 not_an_age Jane, r20 not_a_category Mauve',
          'a list and a rule of one''s own; a value where the field says to show it') FROM test_ingest.rejected_row WHERE form_id IN ('own1', 'own2', 'r06', 'r08', 'r11', 'r13', 'r20');
SELECT is(occurred_at, timestamptz '2024-02-01 12:00+00', 'the first of February, day first') FROM test_ingest.administration_record WHERE administration_id = 'r06';
SAVEPOINT misfit;
INSERT INTO test_ingest.form_rule (rule, field, kind, lower, reason) VALUES ('misfit', 'sex', 'between', 1, 'is odd');
SELECT throws_ok($$ CALL naloxone_kpi.ingest('test_ingest') $$, '22023', 'rule "misfit" of form_rule is of kind "between", which does not suit its field', 'a rule that does not suit its field is named');
ROLLBACK TO misfit;
SELECT throws_ok($$ INSERT INTO test_ingest.form_rule (rule, field, kind, reason) VALUES ('empty', 'sex', 'matches', 'is odd') $$, '23514', NULL, 'one without what it needs is refused');

DELETE FROM test_ingest.form_rule WHERE rule = 'dead_and_talking';

-- Forms about one person ----------------------------------------------------------------

TRUNCATE file, test_ingest.administration_form;
INSERT INTO file (line, form_id, incident_id, person_in_incident, occurred_at, doses, officer_key, person_key, sex, age, outcome, survival, survival_as_at,
                  recovery_position, naloxone_first_at, kits_needed, substances, recorded_at, ambulance_attended) VALUES
    -- Two officers, the same number.
    (1, 'j1', 'j', '1', '2024-06-01 12:05', '1 x 1800 mcg intranasal', 'o1', 'pa', 'm', '30', 'unconscious', 'survived', 'handover', 'no', '2024-06-01 12:06', '1', 'heroin', '2024-06-02 12:00', NULL),
    (2, 'j2', 'j', '1', '2024-06-01 12:00', '2 x 1800 mcg intranasal; 1 x 400 mcg intramuscular', 'o2', NULL, 'm', '31', 'conscious responsive', 'died', '30 days', 'yes', '2024-06-01 12:02', '1', 'alcohol; heroin', '2024-06-01 13:00', 'no'),
    -- By the key; a person of whom nothing is known but the key; and one who may be either.
    (3, 'j3', 'j', NULL, '2024-06-01 12:00', '1 x 1800 mcg intranasal', 'o3', 'pa', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'yes'),
    (4, 'j4', 'j', NULL, '2024-06-01 12:00', '1', 'o1', 'pb', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (5, 'j5', 'j', NULL, '2024-06-01 12:00', '1', 'o4', NULL, 'm', '30', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    -- The number that the form gives is not given to another.
    (6, 'j6', 'j', '2', '2024-06-01 12:00', '1', 'o1', 'pc', 'f', '60', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO test_ingest.administration_form SELECT * FROM file;
SELECT is(pg_temp.run(), '{6,6,3,0,0,0}', 'six forms, three of them about one person');
CREATE FUNCTION pg_temp.people(incident text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', administration_id, person_in_incident, forms, doses::text, coalesce(person_key, '-')) FROM test_ingest.administration_record WHERE incident_id = incident ORDER BY person_in_incident $$;
SELECT results_eq($$ SELECT pg_temp.people('j') $$, ARRAY['j1 1 3 {"4 x 1800 mcg intranasal","1 x 400 mcg intramuscular"} pa', 'j6 2 1 {"1 x unknown"} pc', 'j4 3 1 {"1 x unknown"} pb', 'j5 4 1 {"1 x unknown"} -'],
    'joined by number and by key; doses added; the others numbered');
SELECT results_eq($$ SELECT occurred_at, naloxone_first_at, outcome, survival, survival_as_at, technique_done(first_aid, 'recovery_position'), kits_needed, substances, recorded_at, ambulance_attended, officer_key
                     FROM test_ingest.administration_record WHERE administration_id = 'j1' $$,
    $$ VALUES (timestamptz '2024-06-01 11:00+00', timestamptz '2024-06-01 11:02+00', 'unconscious', 'died', '30_days', true, 2::smallint, '{alcohol,heroin}'::text[], timestamptz '2024-06-01 12:00+00', true, 'o1') $$,
    'the first times, the last known survival, yes where any says yes, kits added, the rest as the first form says');
SELECT results_eq('SELECT administration_id, field FROM test_ingest.form_contradiction ORDER BY 2', $$ VALUES ('j1', 'ambulance_attended'), ('j1', 'outcome') $$,
    'what the forms say differently; died by 30 days is not against survived at handover');
SELECT results_eq('SELECT form_id FROM test_ingest.unresolved_form WHERE incident_id = ''j''', ARRAY['j5'], 'who may be another form''s person is not joined, and found');

SELECT pg_temp.state() AS before \gset
INSERT INTO test_ingest.administration_form SELECT * FROM file WHERE line = 2;
SELECT is(pg_temp.run(), '{1,0,0,0,1,0}', 'one of the joined forms again');
SELECT is(pg_temp.state(), :'before', 'does not add its doses again');
INSERT INTO test_ingest.administration_form SELECT * FROM file ORDER BY line DESC;
SELECT is(pg_temp.run(), '{6,0,0,0,6,0}', 'all again, the other way round');
SELECT is(pg_temp.state(), :'before', 'change nothing');
UPDATE file SET doses = '5 x 1800 mcg intranasal' WHERE line = 2;
INSERT INTO test_ingest.administration_form SELECT * FROM file WHERE line = 2;
SELECT is(pg_temp.run(), '{1,0,1,1,0,0}', 'one of them corrected');
SELECT results_eq($$ SELECT pg_temp.people('j') LIMIT 1 $$, ARRAY['j1 1 3 {"7 x 1800 mcg intranasal"} pa'], 'only its part changes');
-- Two people become one, and one two.
INSERT INTO test_ingest.administration_form (form_id, incident_id, person_in_incident, occurred_at, person_key, doses) VALUES ('j7', 'j', '2', '2024-06-01 12:30', 'pb', '1');
SELECT is(pg_temp.run(), '{1,1,1,0,0,0}', 'a form that links two people');
SELECT results_eq($$ SELECT pg_temp.people('j') $$, ARRAY['j1 1 3 {"7 x 1800 mcg intranasal"} pa', 'j4 2 3 {"3 x unknown"} -', 'j5 3 1 {"1 x unknown"} -'], 'makes them one; on whose key the forms differ, nobody is known');
UPDATE file SET person_in_incident = '9', person_key = NULL WHERE line = 1;
INSERT INTO test_ingest.administration_form SELECT * FROM file WHERE line = 1;
SELECT is(pg_temp.run(), '{1,0,0,1,0,0}', 'a form that turns out to be about another person');
SELECT results_eq($$ SELECT pg_temp.people('j') $$, ARRAY['j2 1 1 {"5 x 1800 mcg intranasal"} -', 'j4 2 3 {"3 x unknown"} -', 'j3 3 1 {"1 x 1800 mcg intranasal"} pa', 'j5 4 1 {"1 x unknown"} -', 'j1 9 1 {"1 x 1800 mcg intranasal"} -'],
    'leaves the others');
-- To another incident.
UPDATE file SET incident_id = 'k' WHERE line = 1;
INSERT INTO test_ingest.administration_form SELECT * FROM file WHERE line = 1;
SELECT is(pg_temp.run(), '{1,0,0,1,0,0}', 'or about another incident');
SELECT results_eq($$ SELECT pg_temp.people('k') $$, ARRAY['j1 9 1 {"1 x 1800 mcg intranasal"} -'], 'goes there');
SELECT is(count(*), 4::bigint, 'and leaves the first') FROM test_ingest.administration_record WHERE incident_id = 'j';
SELECT results_eq('SELECT administration_id, forms::bigint FROM test_ingest.administration_record WHERE administration_id IN (SELECT administration_id FROM test_ingest.accepted_form) ORDER BY 1',
                  'SELECT administration_id, count(*) FROM test_ingest.accepted_form GROUP BY 1 ORDER BY 1', 'forms and records agree');

-- A place follows the form that gave it.
INSERT INTO test_ingest.administration_form (form_id, incident_id, person_in_incident, occurred_at, easting, northing) VALUES
    ('p1', 'p', '1', '2024-06-01 12:30', NULL, NULL), ('p2', 'p', '1', '2024-06-01 12:30', '200000', '600000'), ('p3', 'p', '1', '2024-06-01 12:30', '300000', '600000');
SELECT is(pg_temp.run(), '{3,3,3,0,0,0}', 'three forms, two with a place');
SELECT results_eq($$ SELECT administration_id, ST_X(location) FROM test_ingest.administration_place_record $$, $$ VALUES ('p1', 200000::float8) $$, 'the first is taken');
INSERT INTO test_ingest.administration_form (form_id, incident_id, person_in_incident, occurred_at, easting, northing) VALUES ('p2', 'p', '2', '2024-06-01 12:30', '200000', '600000');
SELECT is(pg_temp.run(), '{1,0,0,1,0,0}', 'its form turns out to be about another person');
SELECT results_eq($$ SELECT administration_id, ST_X(location) FROM test_ingest.administration_place_record $$, $$ VALUES ('p2', 200000::float8) $$, 'and takes it along');

-- One value for every incident is no incident.
INSERT INTO test_ingest.administration_form (form_id, incident_id, occurred_at) SELECT 'same' || n, 'unidentified', '2024-06-01 12:30' FROM generate_series(1, 1001) AS n;
SELECT is(pg_temp.run(), '{1001,0,0,0,0,1001}', 'a thousand forms are not about one incident');
DELETE FROM test_ingest.rejected_row WHERE form_id LIKE 'same%';

-- Who may ---------------------------------------------------------------------------------

CREATE ROLE nkpi_test_ingester;
CREATE ROLE nkpi_test_steward;
CREATE ROLE nkpi_test_nobody;
SELECT lives_ok($$ SELECT grant_ingest('test_ingest', 'nkpi_test_ingester') $$, 'grant_ingest()');
SELECT lives_ok($$ SELECT grant_steward('test_ingest', 'nkpi_test_steward') $$, 'grant_steward()');
UPDATE test_ingest.setting SET keep_rejected_rows = true;
SET LOCAL ROLE nkpi_test_ingester;
SELECT lives_ok($$ INSERT INTO test_ingest.administration_form (form_id, incident_id, person_in_incident, occurred_at, easting, northing)
    VALUES ('g1', 'g', '1', '2024-06-01 12:30', '200000', '600000'), ('g2', 'g', '1', 'noon, says Jane', NULL, NULL) $$, 'the role stages forms');
SELECT lives_ok($$ CALL naloxone_kpi.ingest('test_ingest') $$, 'and ingests them');
SELECT lives_ok($$ INSERT INTO test_ingest.administration_form (form_id, incident_id, person_in_incident, occurred_at, easting, northing)
    VALUES ('g1', 'g', '2', '2024-06-01 12:30', '200001', '600000'), ('g0', 'g', '2', '2024-06-01 12:30', '200005', '600000') $$, 'again');
SELECT lives_ok($$ CALL naloxone_kpi.ingest('test_ingest') $$, 'with corrections of places that it cannot read');
SELECT throws_ok($$ SELECT location FROM test_ingest.administration_place_record $$, '42501', NULL, 'it cannot');
SELECT throws_ok($$ SELECT occurred_at FROM test_ingest.rejected_form $$, '42501', NULL, 'nor read rejected forms');
SELECT throws_ok($$ UPDATE test_ingest.form_rule SET is_rejected = false $$, '42501', NULL, 'nor change a rule');
SET LOCAL ROLE nkpi_test_steward;
SELECT results_eq('SELECT form_id, occurred_at FROM test_ingest.rejected_form', $$ VALUES ('g2', 'noon, says Jane') $$, 'the steward reads what was kept');
SELECT lives_ok($$ INSERT INTO test_ingest.administration_form (form_id, incident_id, person_in_incident, occurred_at)
                   SELECT form_id, incident_id, person_in_incident, '2024-06-01 12:00' FROM test_ingest.rejected_form WHERE form_id = 'g2' $$, 'and puts it back mended');
SELECT throws_ok($$ SELECT * FROM test_ingest.administration_record $$, '42501', NULL, 'but not the records');
SET LOCAL ROLE nkpi_test_nobody;
SELECT throws_ok($$ CALL naloxone_kpi.ingest('test_ingest') $$, '42501', NULL, 'another role may not ingest');
RESET ROLE;
SELECT is(ST_X(location), 200001::float8, 'the place was corrected') FROM test_ingest.administration_place_record WHERE administration_id = 'g1';
SELECT is(pg_temp.run(), '{1,1,0,0,0,0}', 'the mended form is accepted');
UPDATE test_ingest.rejected_form SET rejected_at = now() - interval '29 days 23 hours';
SELECT pg_temp.run();
SELECT is(count(*), 1::bigint, 'what was kept is there for 30 days') FROM test_ingest.rejected_form;
UPDATE test_ingest.rejected_form SET rejected_at = now() - interval '30 days 1 hour';
SELECT pg_temp.run();
SELECT is_empty('SELECT * FROM test_ingest.rejected_form', 'and no longer');

-- What cannot be -------------------------------------------------------------------------
SELECT throws_ok($$ CALL naloxone_kpi.ingest('absent') $$, '42704', NULL, 'no deployment');
SELECT deploy('test_ingest_none', sources => 'none');
SELECT throws_ok($$ CALL naloxone_kpi.ingest('test_ingest_none') $$, '55000', 'deployment "test_ingest_none" has no table administration_record', 'no tables');
SELECT is(sum((rows_in <> accepted + replaced + already_present + rejected)::integer), 0::bigint, 'every load: rows in = rows accounted for') FROM test_ingest.ingest_run;
CALL refresh('test_ingest', '2024-12-31');
SELECT is(count(*), 0::bigint, 'what was ingested refreshes') FROM test_ingest.refresh_log WHERE mode = 'failed';

SELECT * FROM finish();
ROLLBACK;
