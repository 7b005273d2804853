-- With whose rights a refresh runs what the owner of a deployment has put on its own tables, when a superuser calls it.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
BEGIN;
SELECT no_plan();

CREATE ROLE refresh_rights_owner;
SELECT format('GRANT CREATE, TEMPORARY ON DATABASE %I TO refresh_rights_owner', current_database()) \gexec
CREATE TABLE public.rights_seen (how text, who text, superuser text);
GRANT INSERT ON public.rights_seen TO PUBLIC;
SET LOCAL ROLE refresh_rights_owner;
SELECT deploy('refresh_rights');
CREATE FUNCTION refresh_rights.note_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.rights_seen VALUES (TG_NAME, current_user, current_setting('is_superuser'));
    RETURN NULL;
END $$;
CREATE TRIGGER at_once AFTER INSERT ON refresh_rights.area FOR EACH STATEMENT EXECUTE FUNCTION refresh_rights.note_rights();
RESET ROLE;

SELECT is(current_setting('is_superuser'), 'on', 'a superuser calls');
SELECT lives_ok($$ CALL refresh('refresh_rights') $$, 'a trigger of the owner''s does no harm');
SELECT results_eq('SELECT who FROM public.rights_seen', ARRAY['refresh_rights_owner'], 'it ran as the owner');
SELECT is(current_user, session_user, 'the caller is itself again');
SELECT is(current_setting('search_path'), 'naloxone_kpi, public', 'and its search path');

-- Put off until the transaction ends, a trigger would run when the caller's rights are back.
DELETE FROM public.rights_seen;
SET LOCAL ROLE refresh_rights_owner;
CREATE CONSTRAINT TRIGGER put_off AFTER INSERT ON refresh_rights.area DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refresh_rights.note_rights();
RESET ROLE;
SELECT throws_ok($$ CALL refresh('refresh_rights') $$, '38000', NULL, 'a deferred trigger makes its step fail');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is_empty($$ SELECT * FROM public.rights_seen WHERE who <> 'refresh_rights_owner' $$, 'it never ran as the caller');

-- A contract that another role has come to own.
DROP TRIGGER put_off ON refresh_rights.area;
CREATE ROLE refresh_rights_other;
GRANT CREATE ON SCHEMA refresh_rights TO refresh_rights_other;
ALTER VIEW refresh_rights.administration OWNER TO refresh_rights_other;
SELECT throws_ok($$ CALL refresh('refresh_rights') $$, '42501', 'view refresh_rights.administration does not belong to the deployment''s owner',
                 'another role''s view is not run');
ALTER VIEW refresh_rights.administration OWNER TO refresh_rights_owner;
SELECT lives_ok($$ CALL refresh('refresh_rights') $$, 'its own is');

SELECT throws_ok($$ CALL refresh('refresh_rights', 'infinity') $$, '22023', NULL, 'as of no day');
SELECT throws_ok($$ CALL refresh('refresh_rights', current_date + 5) $$, '22023', NULL, 'as of a day to come');
SELECT throws_ok($$ CALL refresh(NULL) $$, '22004', NULL, 'no deployment named');

SELECT * FROM finish();
ROLLBACK;
