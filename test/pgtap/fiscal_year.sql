-- The type fiscal_year.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- Text.
SELECT is('2024/25'::fiscal_year::text, '2024/25', 'a year from April');
SELECT is('2024/25 (october)'::fiscal_year::text, '2024/25 (October)', 'a year from October, letter case ignored');
SELECT is(E' \t2024 (January)\n'::fiscal_year::text, '2024 (January)', 'a calendar year, white space around ignored');
SELECT is('1999/00'::text::fiscal_year::text, '1999/00', 'the turn of a century, cast from text');
SELECT is(format('%s', '9998/99 (September)'::fiscal_year), '9998/99 (September)', 'the longest text');
SELECT is(NULL::fiscal_year::text, NULL, 'NULL stays NULL');

CREATE TEMP TABLE bad_text(value text);
INSERT INTO bad_text VALUES
    (''), ('  '), ('2024'), ('24/25'), ('2024/2025'), ('2024/26'), ('2024/25 (April)'), ('2024/25 (January)'),
    ('2024/25 (Oct)'), ('2024 (October)'), ('2024/25(October)'), ('2024/25 October'), ('0000/01'), ('9999/00'),
    ('-024/25'), ('2024/25;'), ('infinity'), ('2024/25 ('), (repeat('2', 100000));
SELECT throws_ok(format('SELECT %L::fiscal_year', value), '22P02', NULL, format('"%s" is refused', left(value, 30))) FROM bad_text;
SELECT throws_ok($$ SELECT '2024/26'::fiscal_year $$, '22P02', 'invalid input syntax for type fiscal_year: "2024/26"',
                 'the error quotes the text');

-- From 16 on a text can be tried without an error.
SELECT current_setting('server_version_num')::int >= 160000 AS soft_errors \gset
\if :soft_errors
SELECT is(pg_input_is_valid('2024/25', 'fiscal_year'), true, 'a valid text can be tried');
SELECT is(pg_input_is_valid('2024/26', 'fiscal_year'), false, 'an invalid text can be tried');
\endif

-- Binary.
SELECT is(encode(fiscal_year_send('2024/25'), 'hex'), '00005ee3', '2024/25 is sent as 2024 * 12 + 3');
SELECT is(encode(fiscal_year_send('0001 (January)'), 'hex'), '0000000c', 'the first is sent as 12');
SELECT is(encode(fiscal_year_send('9998/99 (December)'), 'hex'), '0001d4b3', 'the last is sent as 119987');

-- Puts bytes before fiscal_year_recv as a client would: in a binary COPY of one column, from a file beside the server's data.
CREATE TEMP TABLE received(value fiscal_year);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    -- The signature, no flags, no further header; one row of one column of so many bytes; the end.
    copied oid := lo_from_bytea(0, bytea '\x5047434f50590aff0d0a00' || '\x0000000000000000' || '\x0001'
                                   || int4send(length(bytes)) || bytes || '\xffff');
BEGIN
    PERFORM lo_export(copied, 'fiscal_year.test');
    TRUNCATE received;
    COPY received FROM 'fiscal_year.test' (FORMAT binary);
    RETURN (SELECT value FROM received);
END $$;
SELECT is(pg_temp.receive('\x00005ee3'), '2024/25', '2024/25 is received');
SELECT is(pg_temp.receive('\x0001d4b3'), '9998/99 (December)', 'the last is received');
SELECT is(pg_temp.receive('\x0000000c'), '0001 (January)', 'the first is received');
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', bytes), '22P03', NULL, format('binary %s is refused', bytes))
  FROM (VALUES ('\x'::bytea), ('\x00'), ('\x005ee3'), ('\x00005ee300'), ('\x0000000b'), ('\x0001d4b4'), ('\x00000000'),
               ('\xffffffff'), ('\x80000000'), ('\x7fffffff')) AS bad(bytes);
COPY (SELECT) TO PROGRAM 'rm -f fiscal_year.test';

-- From dates.
SELECT is(fiscal_year(date '2024-03-31'), '2023/24', 'the last day of March is in the old year');
SELECT is(fiscal_year(date '2024-04-01'), '2024/25', 'the first of April is in the new one');
SELECT is(fiscal_year(date '2024-09-30', 10), '2023/24 (October)', 'the last day before an October year');
SELECT is(fiscal_year(day => date '2024-10-01', first_month => 10), '2024/25 (October)', 'the first day of one');
SELECT is(fiscal_year(date '2024-12-31', 1), '2024 (January)', 'the last day of a calendar year');
SELECT is(fiscal_year(date '0001-04-01'), '0001/02', 'the earliest from April');
SELECT is(fiscal_year(date '9999-03-31'), '9998/99', 'the latest from April');
SELECT is(fiscal_year(NULL::date), NULL, 'no date, no year');
SELECT is(fiscal_year(date '2024-04-01', NULL), NULL, 'no first month, no year');
SELECT throws_ok($$ SELECT fiscal_year(date '2024-04-01', 0) $$, '22023', NULL, 'month 0');
SELECT throws_ok($$ SELECT fiscal_year(date '2024-04-01', 13) $$, '22023', NULL, 'month 13');
SELECT throws_ok($$ SELECT fiscal_year(date '2024-04-01', -2147483648) $$, '22023', NULL, 'the least month');
SELECT throws_ok($$ SELECT fiscal_year(date 'infinity') $$, '22008', 'an infinite date is in no fiscal year', 'infinity');
SELECT throws_ok($$ SELECT fiscal_year(date '-infinity', 1) $$, '22008', NULL, 'minus infinity');
SELECT throws_ok($$ SELECT fiscal_year(date '0001-03-31') $$, '22008', NULL, 'the day before the earliest');
SELECT throws_ok($$ SELECT fiscal_year(date '9999-04-01') $$, '22008', NULL, 'the day after the latest');
SELECT throws_ok($$ SELECT fiscal_year(date '4713-11-24 BC') $$, '22008', NULL, 'the first date there is');
SELECT throws_ok($$ SELECT fiscal_year(date '5874897-12-31') $$, '22008', NULL, 'the last date there is');

-- Every day of a leap cycle, for every first month: the year holds the day and begins as it should.
SELECT is(count(*), 0::bigint, 'a day is in its fiscal year')
  FROM (SELECT date '1999-01-01' + i AS day, m, fiscal_year(date '1999-01-01' + i, m) AS year
          FROM generate_series(0, 1826) i, generate_series(1, 12) m) days
 WHERE NOT (day BETWEEN first_day(year) AND last_day(year))
    OR first_day(year) <> make_date(extract(year FROM first_day(year))::int, m, 1)
    OR last_day(year) <> (first_day(year) + interval '1 year' - interval '1 day')::date;

-- Casts.
SELECT is((date '2024-05-01')::fiscal_year, '2024/25', 'a date is cast on request');
CREATE TEMP TABLE kept(year fiscal_year);
SELECT throws_ok($$ INSERT INTO kept VALUES (date '2024-05-01') $$, '42804', NULL, 'but not by assignment');
SELECT is('2024/25'::fiscal_year::daterange, daterange('2024-04-01', '2025-04-01'), 'the days of a year');
SELECT is(daterange('2023/24 (March)'::fiscal_year), daterange('2023-03-01', '2024-03-01'), 'the same as a function');
SELECT is(daterange('9998/99 (December)'::fiscal_year), daterange('9998-12-01', '9999-12-01'), 'the days of the last year');
SELECT is(daterange(NULL::fiscal_year), NULL, 'no year, no days (not all days)');

-- Accessors.
SELECT is(first_day('2024/25'::fiscal_year), date '2024-04-01', 'first_day');
SELECT is(last_day('2024/25'::fiscal_year), date '2025-03-31', 'last_day');
SELECT is(last_day('2023/24 (March)'::fiscal_year), date '2024-02-29', 'last_day in a leap year');
SELECT is(first_day('0001 (January)'::fiscal_year), date '0001-01-01', 'the first first_day');
SELECT is(last_day('9998/99 (December)'::fiscal_year), date '9999-11-30', 'the last last_day');
SELECT is(first_month('2024/25'::fiscal_year), 4, 'first_month');
SELECT is(first_month('2024/25 (December)'::fiscal_year), 12, 'first_month in December');
SELECT is(first_day(NULL::fiscal_year), NULL, 'first_day of NULL');

-- Arithmetic.
SELECT is('2024/25'::fiscal_year + 1, '2025/26'::fiscal_year, 'the next year');
SELECT is('2024/25 (October)'::fiscal_year - 25, '1999/00 (October)'::fiscal_year, '25 years before');
SELECT is('2024/25'::fiscal_year - -1, '2025/26'::fiscal_year, 'less minus one');
SELECT is('2024/25'::fiscal_year - '2019/20'::fiscal_year, 5, 'years between');
SELECT is('2019/20'::fiscal_year - '2024/25', -5, 'years between, backwards, from a literal');
SELECT is('2024/25'::fiscal_year + NULL, NULL, 'NULL years later');
SELECT throws_ok($$ SELECT '2024/25'::fiscal_year + 7975 $$, '22008', NULL, 'past the last year');
SELECT throws_ok($$ SELECT '2024/25'::fiscal_year - 2024 $$, '22008', NULL, 'before the first year');
SELECT throws_ok($$ SELECT '2024/25'::fiscal_year + 2147483647 $$, '22008', NULL, 'the largest sum');
SELECT throws_ok($$ SELECT '2024/25'::fiscal_year - (-2147483648) $$, '22008', NULL, 'the negative of the least integer');
SELECT throws_ok($$ SELECT '2024/25'::fiscal_year - '2024/25 (May)' $$, '22023', NULL, 'different first months');

-- Comparison: by first day, which is another order than the text's.
CREATE TEMP TABLE in_order(position int, year fiscal_year);
INSERT INTO in_order VALUES (1, '0001 (January)'), (2, '2023/24'), (3, '2023/24 (October)'), (4, '2024 (January)'),
                            (5, '2024/25 (February)'), (6, '2024/25'), (7, '2025 (January)'), (8, '9998/99');
SELECT is(array_agg(position ORDER BY year), ARRAY[1, 2, 3, 4, 5, 6, 7, 8], 'sorted by first day') FROM in_order;
SELECT is(array_agg(position ORDER BY year DESC), ARRAY[8, 7, 6, 5, 4, 3, 2, 1], 'and backwards') FROM in_order;
SELECT is(count(*), 0::bigint, 'the six operators and the comparison agree with the order')
  FROM in_order a, in_order b
 WHERE (a.year < b.year) <> (a.position < b.position) OR (a.year <= b.year) <> (a.position <= b.position)
    OR (a.year = b.year) <> (a.position = b.position) OR (a.year <> b.year) <> (a.position <> b.position)
    OR (a.year >= b.year) <> (a.position >= b.position) OR (a.year > b.year) <> (a.position > b.position)
    OR fiscal_year_cmp(a.year, b.year) <> sign(a.position - b.position);
SELECT is('2024/25'::fiscal_year < NULL, NULL, 'compared with NULL');
SELECT ok(amvalidate(c.oid), format('operator class for %s', amname))
  FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod WHERE opcintype = 'fiscal_year'::regtype;
SELECT is(count(*), 2::bigint, 'a default btree and a default hash operator class')
  FROM pg_opclass WHERE opcintype = 'fiscal_year'::regtype AND opcdefault;

-- Indexes, sorts, hashes.
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
    RETURN plan;
END $$;
CREATE TEMP TABLE recorded AS SELECT fiscal_year(date '2004-01-01' + i) AS year FROM generate_series(0, 7304) i;
CREATE INDEX ON recorded (year);
ANALYZE recorded;
SELECT is(count(DISTINCT year), 21::bigint, '2003/04 to 2023/24 are 21 years') FROM recorded;
SELECT is(count(*), 91::bigint, 'of 2003/04 there are January to March') FROM recorded WHERE year = '2003/04';
SET LOCAL enable_seqscan = off;
SELECT matches(pg_temp.plan($$ SELECT * FROM recorded WHERE year = '2019/20' $$), 'Index Cond: \(year = ''2019/20''', 'equality uses the index');
SELECT matches(pg_temp.plan($$ SELECT * FROM recorded WHERE year > '2019/20' ORDER BY year $$), 'Index Cond: \(year > ''2019/20''', 'so does an order');
SELECT is(count(*), 366::bigint, 'and finds 2019/20, which holds a 29 February') FROM recorded WHERE year = '2019/20';
DROP INDEX recorded_year_idx;
CREATE INDEX ON recorded USING hash (year);
SELECT matches(pg_temp.plan($$ SELECT * FROM recorded WHERE year = '2018/19' $$), 'Index Cond: \(year = ''2018/19''', 'equality uses a hash index too');
SELECT is(count(*), 365::bigint, 'and finds 2018/19') FROM recorded WHERE year = '2018/19';
RESET enable_seqscan;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;
SELECT matches(pg_temp.plan('SELECT FROM recorded a JOIN recorded b USING (year)'), 'Hash Join', 'it can be joined by hash');
SELECT is(count(*), 7305::bigint, 'every day once') FROM recorded JOIN (SELECT DISTINCT year FROM recorded) years USING (year);
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_hashjoin = off;
SELECT matches(pg_temp.plan('SELECT FROM recorded a JOIN recorded b USING (year)'), 'Merge Join', 'and by merging');

SELECT * FROM finish();
ROLLBACK;
