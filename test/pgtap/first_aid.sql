-- The type first_aid.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- Text.
SELECT is('{recovery_position: yes, rescue_breaths: no}'::first_aid::text, '{recovery_position: yes, rescue_breaths: no}', 'one done, one not');
SELECT is(E' { Rescue_Breaths:NO ,\n\trecovery_position : Yes}'::first_aid::text, '{recovery_position: yes, rescue_breaths: no}',
          'in any order, white space and letter case ignored');
SELECT is('{ }'::text::first_aid::text, '{}', 'nothing recorded, cast from text');
SELECT is(NULL::first_aid::text, NULL, 'NULL stays NULL');

CREATE TEMP TABLE bad_text(value text);
INSERT INTO bad_text VALUES
    (''), ('{'), ('}'), ('{}}'), ('{,}'), ('head_tilted: yes'), ('{head_tilted}'), ('{head_tilted: yes'), ('{head_tilted: yes,}'),
    ('{head_tilted: true}'), ('{head_tilted: }'), ('{head tilted: yes}'), ('{checked_for_response: yes}'),
    ('{head_tilted: yes, head_tilted: yes}'), ('{"head_tilted": "yes"}'), ('{head_tilted: yes; pulse_checked: no}'),
    (repeat('{', 100000));
SELECT throws_ok(format('SELECT %L::first_aid', value), '22P02', NULL, format('"%s" is refused', left(value, 40))) FROM bad_text;
SELECT throws_ok($$ SELECT '{cpr: yes}'::first_aid $$, '22P02', 'invalid input syntax for type first_aid: "{cpr: yes}"',
                 'the error quotes the text');

-- From 16 on a text can be tried without an error.
SELECT current_setting('server_version_num')::int >= 160000 AS soft_errors \gset
\if :soft_errors
SELECT is(pg_input_is_valid('{}', 'first_aid'), true, 'a valid text can be tried');
SELECT is(pg_input_is_valid('{', 'first_aid'), false, 'an invalid text can be tried');
\endif

-- Binary: techniques recorded, techniques done; recovery_position is bit 3 (08), rescue_breaths bit 5 (20).
SELECT is(encode(first_aid_send('{recovery_position: yes, rescue_breaths: no}'), 'hex'), '2808', 'sent');
SELECT is(encode(first_aid_send('{}'), 'hex'), '0000', 'nothing recorded');
SELECT is(encode(first_aid_send('{pulse_checked: yes}'), 'hex'), '8080', 'the last technique');

-- Puts bytes before first_aid_recv as a client would: in a binary COPY of one column, from a file beside the server's data.
CREATE TEMP TABLE received(value first_aid);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    -- The signature, no flags, no further header; one row of one column of so many bytes; the end.
    copied oid := lo_from_bytea(0, bytea '\x5047434f50590aff0d0a00' || '\x0000000000000000' || '\x0001'
                                   || int4send(length(bytes)) || bytes || '\xffff');
BEGIN
    PERFORM lo_export(copied, 'first_aid.test');
    TRUNCATE received;
    COPY received FROM 'first_aid.test' (FORMAT binary);
    RETURN (SELECT value FROM received);
END $$;
SELECT is(pg_temp.receive('\x2808'), '{recovery_position: yes, rescue_breaths: no}', 'received');
SELECT is(pg_temp.receive('\x0000'), '{}', 'nothing recorded is received');
SELECT is(pg_temp.receive('\xff00'), '{woken_verbally: no, head_tilted: no, breathing_checked: no, recovery_position: no, '
          'chest_compressions: no, rescue_breaths: no, airway_cleared: no, pulse_checked: no}', 'all not done are received');
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', bytes), '22P03', NULL, format('binary %s is refused', bytes))
  FROM (VALUES ('\x'::bytea), ('\x28'), ('\x280800'), ('\x0001'), ('\x0080'), ('\xfe01'), ('\x00ff'), ('\x7f80')) AS bad(bytes);
COPY (SELECT) TO PROGRAM 'rm -f first_aid.test';

-- Constructor.
SELECT is(first_aid(), '{}', 'nothing recorded is a value, not NULL');
SELECT is(first_aid(recovery_position => true, rescue_breaths => false), '{recovery_position: yes, rescue_breaths: no}', 'by name');
SELECT is(first_aid(true, false, NULL, true, false, NULL, true, false),
          '{woken_verbally: yes, head_tilted: no, recovery_position: yes, chest_compressions: no, airway_cleared: yes, pulse_checked: no}',
          'by position');
SELECT is(first_aid(NULL, NULL, true, NULL, NULL, true, NULL, NULL), '{breathing_checked: yes, rescue_breaths: yes}', 'the other two by position');

-- Accessors.
SELECT is(first_aid_techniques(), '{woken_verbally,head_tilted,breathing_checked,recovery_position,chest_compressions,rescue_breaths,airway_cleared,pulse_checked}'::text[],
          'the eight techniques in order');
SELECT is(technique_done('{recovery_position: yes, rescue_breaths: no}'::first_aid, 'recovery_position'), true, 'done');
SELECT is(technique_done('{recovery_position: yes, rescue_breaths: no}'::first_aid, 'Rescue_Breaths'), false, 'not done, letter case ignored');
SELECT is(technique_done('{recovery_position: yes, rescue_breaths: no}'::first_aid, 'pulse_checked'), NULL, 'not recorded');
SELECT is(technique_done(NULL, 'pulse_checked'), NULL, 'of NULL');
SELECT is(technique_done('{}'::first_aid, NULL), NULL, 'of no technique');
SELECT throws_ok($$ SELECT technique_done('{}'::first_aid, 'cpr') $$, '22023', 'unrecognized first-aid technique: "cpr"', 'no such technique');
SELECT throws_ok($$ SELECT technique_done('{}'::first_aid, '') $$, '22023', NULL, 'an empty name');
SELECT is(count(*), 0::bigint, 'technique_done reads each technique and no other')
  FROM unnest(first_aid_techniques()) given, unnest(first_aid_techniques()) asked
 WHERE technique_done(format('{%s: yes}', given)::first_aid, asked) IS DISTINCT FROM CASE WHEN given = asked THEN true END
    OR technique_done(format('{%s: no}', given)::first_aid, asked) IS DISTINCT FROM CASE WHEN given = asked THEN false END;
SELECT is(any_technique_done('{recovery_position: yes, rescue_breaths: no}'::first_aid), true, 'any: one done');
SELECT is(any_technique_done('{rescue_breaths: no}'::first_aid), NULL, 'any: one not done, the rest not recorded');
SELECT is(any_technique_done('{}'::first_aid), NULL, 'any: nothing recorded');
SELECT is(any_technique_done(first_aid(false, false, false, false, false, false, false, false)), false, 'any: all recorded as not done');
SELECT is(any_technique_done(first_aid(false, false, false, false, false, false, false, NULL)), NULL, 'any: all but one');
SELECT is(any_technique_done(first_aid(false, false, false, false, false, false, false, true)), true, 'any: the last');
SELECT is(any_technique_done(NULL), NULL, 'any: NULL');

-- Every value there is: three answers to eight questions.
CREATE TEMP TABLE every_value AS
SELECT first_aid(a, b, c, d, e, f, g, h) AS value, ARRAY[a, b, c, d, e, f, g, h] AS answers
  FROM (VALUES (true), (false), (NULL)) a(a), (VALUES (true), (false), (NULL)) b(b), (VALUES (true), (false), (NULL)) c(c),
       (VALUES (true), (false), (NULL)) d(d), (VALUES (true), (false), (NULL)) e(e), (VALUES (true), (false), (NULL)) f(f),
       (VALUES (true), (false), (NULL)) g(g), (VALUES (true), (false), (NULL)) h(h);
SELECT is(count(DISTINCT value), 6561::bigint, '3^8 answers are as many values') FROM every_value;
SELECT is(count(DISTINCT value::text), 6561::bigint, 'and as many texts') FROM every_value;
SELECT is(count(*), 0::bigint, 'each read back from its text') FROM every_value WHERE value::text::first_aid <> value;
SELECT is(count(*), 0::bigint, 'each holding the answers it was made of')
  FROM every_value WHERE answers <> (SELECT array_agg(technique_done(value, name) ORDER BY n) FROM unnest(first_aid_techniques()) WITH ORDINALITY t(name, n));

-- Comparison.
SELECT is('{head_tilted: yes}'::first_aid = '{head_tilted: no}'::first_aid, false, 'yes is not no');
SELECT is('{head_tilted: no}'::first_aid = '{}'::first_aid, false, 'no is not not recorded');
SELECT is('{head_tilted: no}'::first_aid <> '{}'::first_aid, true, 'they differ');
SELECT is('{head_tilted: no, pulse_checked: yes}'::first_aid = '{pulse_checked: yes, head_tilted: no}'::first_aid, true, 'the order of writing does not matter');
SELECT is('{}'::first_aid = NULL, NULL, 'compared with NULL');
SELECT is(count(*), 0::bigint, 'the operators and the comparison agree, and one of <, = and > holds')
  FROM (SELECT value AS a, lag(value, 40) OVER (ORDER BY value::text) AS b FROM every_value) pairs
 WHERE (a < b)::int + (a = b)::int + (a > b)::int <> 1
    OR (a <= b) <> (a < b OR a = b) OR (a >= b) <> (a > b OR a = b) OR (a <> b) = (a = b) OR (a < b) <> (b > a)
    OR (first_aid_cmp(a, b) < 0) <> (a < b) OR (first_aid_cmp(a, b) > 0) <> (a > b);
SELECT ok(amvalidate(c.oid), format('operator class for %s', amname))
  FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod WHERE opcintype = 'first_aid'::regtype;
SELECT is(count(*), 2::bigint, 'a default btree and a default hash operator class')
  FROM pg_opclass WHERE opcintype = 'first_aid'::regtype AND opcdefault;
SELECT is(count(*), 0::bigint, 'the 64-bit hash without a seed holds the 32-bit one')
  FROM every_value WHERE first_aid_hash_extended(value, 0) & 4294967295 <> first_aid_hash(value)::bigint & 4294967295;

-- Indexes, sorts, hashes.
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
    RETURN plan;
END $$;
CREATE INDEX ON every_value (value);
ANALYZE every_value;
SET LOCAL enable_seqscan = off;
SELECT matches(pg_temp.plan($$ SELECT * FROM every_value WHERE value = '{pulse_checked: yes}' $$), 'Index Cond: \(value = ''\{pulse', 'equality uses the index');
SELECT is(answers, '{NULL,NULL,NULL,NULL,NULL,NULL,NULL,t}', 'and finds the value') FROM every_value WHERE value = '{pulse_checked: yes}';
SELECT matches(pg_temp.plan('SELECT value FROM every_value ORDER BY value'), 'Index (Only )?Scan', 'an order uses the index');
DROP INDEX every_value_value_idx;
CREATE INDEX ON every_value USING hash (value);
SELECT matches(pg_temp.plan($$ SELECT * FROM every_value WHERE value = '{pulse_checked: no}' $$), 'Index Cond: \(value = ''\{pulse', 'equality uses a hash index too');
SELECT is(answers, '{NULL,NULL,NULL,NULL,NULL,NULL,NULL,f}', 'and finds the value') FROM every_value WHERE value = '{pulse_checked: no}';
RESET enable_seqscan;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;
SELECT matches(pg_temp.plan('SELECT FROM every_value a JOIN every_value b USING (value)'), 'Hash Join', 'it can be joined by hash');
SELECT is(count(*), 6561::bigint, 'every one once') FROM every_value a JOIN every_value b USING (value);
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_hashjoin = off;
SELECT matches(pg_temp.plan('SELECT FROM every_value a JOIN every_value b USING (value)'), 'Merge Join', 'and by merging');
SELECT is(count(*), 6561::bigint, 'with the same result') FROM every_value a JOIN every_value b USING (value);

SELECT * FROM finish();
ROLLBACK;
