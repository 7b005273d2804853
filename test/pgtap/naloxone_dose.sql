-- The type naloxone_dose.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- Text.
SELECT is('2 x 1800 mcg intranasal'::naloxone_dose::text, '2 x 1800 mcg intranasal', 'number, strength and route');
SELECT is(E'\n2 X 1800 MCG Intranasal '::naloxone_dose::text, '2 x 1800 mcg intranasal', 'letter case and white space around ignored');
SELECT is('2 x 400 mcg'::text::naloxone_dose::text, '2 x 400 mcg', 'unknown route, cast from text');
SELECT is('1 x unknown'::naloxone_dose::text, '1 x unknown', 'unknown strength and route');
SELECT is('1 x unknown intramuscular'::naloxone_dose::text, '1 x unknown intramuscular', 'unknown strength');
SELECT is('1000 x 100000 mcg intramuscular'::naloxone_dose::text, '1000 x 100000 mcg intramuscular', 'the longest text');
SELECT is('{2 x 1800 mcg intranasal,NULL,1 x unknown}'::naloxone_dose[]::text, '{"2 x 1800 mcg intranasal",NULL,"1 x unknown"}', 'an array');
SELECT is(NULL::naloxone_dose::text, NULL, 'NULL stays NULL');

CREATE TEMP TABLE bad_text(value text);
INSERT INTO bad_text VALUES
    (''), ('2'), ('2 x'), ('2x1800mcg'), ('2 x 1800'), ('2 x 1.8 mg'), ('2  x 1800 mcg'), ('02 x 1800 mcg'), ('-1 x 1800 mcg'),
    ('0 x 1800 mcg'), ('1001 x 1800 mcg'), ('4294967297 x 1800 mcg'), ('2 x 0 mcg'), ('2 x 100001 mcg'), ('2 x 01800 mcg'),
    ('2 x 1800 mcg oral'), ('2 x 1800 mcg unknown'), ('2 x unknown unknown'), ('2 x 1800 mcg intranasal;'), (repeat('2', 100000));
SELECT throws_ok(format('SELECT %L::naloxone_dose', value), '22P02', NULL, format('"%s" is refused', left(value, 30))) FROM bad_text;
SELECT throws_ok($$ SELECT '2 x 1800 mg'::naloxone_dose $$, '22P02', 'invalid input syntax for type naloxone_dose: "2 x 1800 mg"',
                 'the error quotes the text');

-- From 16 on a text can be tried without an error.
SELECT current_setting('server_version_num')::int >= 160000 AS soft_errors \gset
\if :soft_errors
SELECT is(pg_input_is_valid('1 x unknown', 'naloxone_dose'), true, 'a valid text can be tried');
SELECT is(pg_input_is_valid('1 x', 'naloxone_dose'), false, 'an invalid text can be tried');
\endif

-- Binary.
SELECT is(encode(naloxone_dose_send('2 x 1800 mcg intranasal'), 'hex'), '0000070800020100', 'sent as strength, number, route, zero');
SELECT is(encode(naloxone_dose_send('1 x unknown'), 'hex'), '0000000000010000', 'unknown is sent as 0');
SELECT is(encode(naloxone_dose_send('1000 x 100000 mcg subcutaneous'), 'hex'), '000186a003e80400', 'the largest');

-- Puts bytes before naloxone_dose_recv as a client would: in a binary COPY of one column, from a file beside the server's data.
CREATE TEMP TABLE received(value naloxone_dose);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    -- The signature, no flags, no further header; one row of one column of so many bytes; the end.
    copied oid := lo_from_bytea(0, bytea '\x5047434f50590aff0d0a00' || '\x0000000000000000' || '\x0001'
                                   || int4send(length(bytes)) || bytes || '\xffff');
BEGIN
    PERFORM lo_export(copied, 'naloxone_dose.test');
    TRUNCATE received;
    COPY received FROM 'naloxone_dose.test' (FORMAT binary);
    RETURN (SELECT value FROM received);
END $$;
SELECT is(pg_temp.receive('\x0000070800020100'), '2 x 1800 mcg intranasal', 'received');
SELECT is(pg_temp.receive('\x0000000000010000'), '1 x unknown', 'unknown is received');
SELECT is(pg_temp.receive('\x000186a003e80400'), '1000 x 100000 mcg subcutaneous', 'the largest is received');
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', bytes), '22P03', NULL, format('binary %s is refused', bytes))
  FROM (VALUES ('\x'::bytea), ('\x00000708000201'), ('\x000007080002010000'), ('\x0000070800000100'), ('\x0000070803e90100'),
               ('\x00000708ffff0100'), ('\x000186a100020100'), ('\xffffffff00020100'), ('\x0000070800020500'),
               ('\x000007080002ff00'), ('\x0000070800020101'), ('\xffffffffffffffff')) AS bad(bytes);
COPY (SELECT) TO PROGRAM 'rm -f naloxone_dose.test';

-- Constructor.
SELECT is(naloxone_dose(2, 1800, 'intranasal'), '2 x 1800 mcg intranasal', 'from number, strength and route');
SELECT is(naloxone_dose(2, 1800, 'INTRANASAL'), '2 x 1800 mcg intranasal', 'letter case ignored');
SELECT is(naloxone_dose(2), '2 x unknown', 'from a number');
SELECT is(naloxone_dose(2, 400), '2 x 400 mcg', 'from number and strength');
SELECT is(naloxone_dose(2, NULL, 'intramuscular'), '2 x unknown intramuscular', 'from number and route');
SELECT is(naloxone_dose(number => 2, route => 'subcutaneous'), '2 x unknown subcutaneous', 'the same by name');
SELECT is(naloxone_dose(2, 400, 'unknown'), '2 x 400 mcg', 'a route may be called unknown');
SELECT is(naloxone_dose(NULL), NULL, 'no number, no dose');
SELECT is(naloxone_dose(NULL, 1800, 'intranasal'), NULL, 'whatever the rest');
SELECT throws_ok($$ SELECT naloxone_dose(0) $$, '22023', NULL, 'no doses');
SELECT throws_ok($$ SELECT naloxone_dose(1001) $$, '22023', NULL, '1001 doses');
SELECT throws_ok($$ SELECT naloxone_dose(65537) $$, '22023', NULL, 'what would be 1 in 16 bits');
SELECT throws_ok($$ SELECT naloxone_dose(-2147483648) $$, '22023', NULL, 'the least integer');
SELECT throws_ok($$ SELECT naloxone_dose(1, 0) $$, '22023', NULL, 'strength 0, which would pass for unknown');
SELECT throws_ok($$ SELECT naloxone_dose(1, -1) $$, '22023', NULL, 'a negative strength');
SELECT throws_ok($$ SELECT naloxone_dose(1, 100001) $$, '22023', NULL, 'too great a strength');
SELECT throws_ok($$ SELECT naloxone_dose(1, 1800, 'oral') $$, '22023', 'unrecognized route of naloxone: "oral"', 'no such route');
SELECT throws_ok($$ SELECT naloxone_dose(1, 1800, '') $$, '22023', NULL, 'an empty route');

-- Accessors.
SELECT is(num_doses('2 x 1800 mcg intranasal'::naloxone_dose), 2, 'num_doses');
SELECT is(strength_mcg('2 x 1800 mcg intranasal'::naloxone_dose), 1800, 'strength_mcg');
SELECT is(route('2 x 1800 mcg intranasal'::naloxone_dose), 'intranasal', 'route');
SELECT is(total_mcg('2 x 1800 mcg intranasal'::naloxone_dose), 3600, 'total_mcg');
SELECT is(total_mcg('1000 x 100000 mcg'::naloxone_dose), 100000000, 'the largest total_mcg');
SELECT is(num_doses('3 x unknown'::naloxone_dose), 3, 'num_doses of unknown strength');
SELECT is(strength_mcg('3 x unknown intranasal'::naloxone_dose), NULL, 'unknown strength is NULL');
SELECT is(total_mcg('3 x unknown intranasal'::naloxone_dose), NULL, 'and so is its total');
SELECT is(route('3 x 400 mcg'::naloxone_dose), NULL, 'unknown route is NULL');
SELECT is(num_doses(NULL::naloxone_dose), NULL, 'num_doses of NULL');

-- Arrays.
SELECT is(num_doses('{2 x 1800 mcg intranasal,1 x 400 mcg intramuscular}'::naloxone_dose[]), 3::bigint, 'doses in all');
SELECT is(total_mcg('{2 x 1800 mcg intranasal,1 x 400 mcg intramuscular}'::naloxone_dose[]), 4000::bigint, 'micrograms in all');
SELECT is(num_doses('{2 x 1800 mcg,1 x unknown}'::naloxone_dose[]), 3::bigint, 'doses of unknown strength count');
SELECT is(total_mcg('{2 x 1800 mcg,1 x unknown}'::naloxone_dose[]), NULL, 'but leave the micrograms unknown');
SELECT is(num_doses('{NULL,2 x 1800 mcg,NULL}'::naloxone_dose[]), 2::bigint, 'NULL elements are left out');
SELECT is(total_mcg('{NULL,2 x 1800 mcg,NULL}'::naloxone_dose[]), 3600::bigint, 'of the micrograms too');
SELECT is(num_doses('{}'::naloxone_dose[]), NULL, 'no dose recorded is not 0 doses');
SELECT is(num_doses('{NULL}'::naloxone_dose[]), NULL, 'nor is only NULL');
SELECT is(num_doses(NULL::naloxone_dose[]), NULL, 'nor is a NULL array');
SELECT is(total_mcg('{}'::naloxone_dose[]), NULL, 'nor are they 0 micrograms');
SELECT is(total_mcg('{NULL}'::naloxone_dose[]), NULL, 'nor with only NULL');
SELECT is(num_doses('{{1 x unknown,2 x unknown},{3 x unknown,4 x unknown}}'::naloxone_dose[]), 10::bigint, 'every dimension counts');
SELECT is(total_mcg(array_fill('1000 x 100000 mcg'::naloxone_dose, ARRAY[1000])), 100000000000, 'a total beyond 32 bits');

-- Comparison: by route, strength, number; unknown first.
CREATE TEMP TABLE in_order(position int, dose naloxone_dose);
INSERT INTO in_order VALUES
    (1, '1 x unknown'), (2, '1000 x unknown'), (3, '1 x 1 mcg'), (4, '1 x 65536 mcg'), (5, '1000 x 100000 mcg'),
    (6, '1 x unknown intranasal'), (7, '1 x 1800 mcg intranasal'), (8, '2 x 1800 mcg intranasal'), (9, '10 x 1800 mcg intranasal'),
    (10, '1 x 400 mcg intramuscular'), (11, '1 x 400 mcg intravenous'), (12, '1 x unknown subcutaneous');
SELECT is(array_agg(position ORDER BY dose), array_agg(position ORDER BY position), 'sorted') FROM in_order;
SELECT is(count(*), 0::bigint, 'the six operators and the comparison agree with the order')
  FROM in_order a, in_order b
 WHERE (a.dose < b.dose) <> (a.position < b.position) OR (a.dose <= b.dose) <> (a.position <= b.position)
    OR (a.dose = b.dose) <> (a.position = b.position) OR (a.dose <> b.dose) <> (a.position <> b.position)
    OR (a.dose >= b.dose) <> (a.position >= b.position) OR (a.dose > b.dose) <> (a.position > b.position)
    OR naloxone_dose_cmp(a.dose, b.dose) <> sign(a.position - b.position);
SELECT is('1 x unknown'::naloxone_dose = NULL, NULL, 'compared with NULL');
SELECT ok(amvalidate(c.oid), format('operator class for %s', amname))
  FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod WHERE opcintype = 'naloxone_dose'::regtype;
SELECT is(count(*), 2::bigint, 'a default btree and a default hash operator class')
  FROM pg_opclass WHERE opcintype = 'naloxone_dose'::regtype AND opcdefault;

-- The hash is that of the bytes route (2), strength (4), number (2), for ever.  The server's own type of eight bytes shows it.
SELECT is(naloxone_dose_hash('2 x 1800 mcg intranasal'), hashmacaddr8('00:01:00:00:07:08:00:02'), 'hash');
SELECT is(naloxone_dose_hash_extended('2 x 1800 mcg intranasal', 0), hashmacaddr8extended('00:01:00:00:07:08:00:02', 0), '64-bit hash');
SELECT is(naloxone_dose_hash_extended('2 x 1800 mcg intranasal', 42), hashmacaddr8extended('00:01:00:00:07:08:00:02', 42), 'with a seed');
SELECT is(count(DISTINCT naloxone_dose_hash(dose)), 12::bigint, 'different doses, different hashes') FROM in_order;

-- Indexes, sorts, hashes.
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
    RETURN plan;
END $$;
CREATE TEMP TABLE given AS
SELECT naloxone_dose(1 + i % 4, 400 * (1 + i % 5), 'intranasal') AS dose FROM generate_series(0, 1999) i;
CREATE INDEX ON given (dose);
ANALYZE given;
SELECT is(count(DISTINCT dose), 20::bigint, '4 numbers of 5 strengths are 20 kinds') FROM given;
SET LOCAL enable_seqscan = off;
SELECT matches(pg_temp.plan($$ SELECT * FROM given WHERE dose = '1 x 400 mcg intranasal' $$), 'Index Cond: \(dose = ''1 x 400', 'equality uses the index');
SELECT matches(pg_temp.plan($$ SELECT * FROM given WHERE dose > '1 x 2000 mcg intranasal' ORDER BY dose $$), 'Index Cond: \(dose > ''1 x 2000', 'so does an order');
SELECT is(count(*), 100::bigint, 'equality by index') FROM given WHERE dose = '1 x 400 mcg intranasal';
SELECT is(count(*), 300::bigint, 'a range by index') FROM given WHERE dose > '1 x 2000 mcg intranasal';
DROP INDEX given_dose_idx;
CREATE INDEX ON given USING hash (dose);
SELECT matches(pg_temp.plan($$ SELECT * FROM given WHERE dose = '2 x 800 mcg intranasal' $$), 'Index Cond: \(dose = ''2 x 800', 'equality uses a hash index too');
SELECT is(count(*), 100::bigint, 'equality by hash index') FROM given WHERE dose = '2 x 800 mcg intranasal';
RESET enable_seqscan;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;
SELECT matches(pg_temp.plan('SELECT FROM given a JOIN given b USING (dose)'), 'Hash Join', 'it can be joined by hash');
SELECT is(count(*), 2000::bigint, 'every one once') FROM given JOIN (SELECT DISTINCT dose FROM given) kinds USING (dose);
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_hashjoin = off;
SELECT matches(pg_temp.plan('SELECT FROM given a JOIN given b USING (dose)'), 'Merge Join', 'and by merging');
SELECT is(count(*), 2000::bigint, 'with the same result') FROM given JOIN (SELECT DISTINCT dose FROM given) kinds USING (dose);

SELECT * FROM finish();
ROLLBACK;
