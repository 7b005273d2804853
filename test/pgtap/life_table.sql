-- The type life_table: text and bytes, aggregates, operators and accessors, against counts of the rows themselves.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- Rows of several kinds, the same on every machine: a duration, what ended it, a division.
CREATE TEMP TABLE spell AS
    SELECT kind, i, h % 10 AS part,
           CASE kind WHEN 'days' THEN h / 7 % 400 WHEN 'few' THEN h / 7 % 3 WHEN 'wide' THEN h
               ELSE (ARRAY[0, 65535, 65536, 2147483647])[h / 7 % 4 + 1] END AS duration,
           CASE WHEN h / 11 % 3 = 0 THEN 0 WHEN kind = 'wide' THEN h / 13 % 33 ELSE h / 13 % 3 END AS event,
           date '2023-01-01' + h / 17 % 500 AS started
    FROM unnest('{days,few,wide,edge}'::text[]) AS kind
    CROSS JOIN generate_series(1, 3000) AS i
    CROSS JOIN LATERAL (SELECT (('x' || substr(md5(kind || i), 1, 8))::bit(32)::bigint & 2147483647)::integer AS h) h;

-- Text: what is written is what was read.
SELECT is(value::life_table::text, value, value || ' is written as it was read') FROM unnest(ARRAY[
    '{unit: second}', '{unit: day}', '{unit: day, censored: {3:2, 9:1}, 1: {2:5}, 2: {4:1}, open: {2024-01-03:2}}',
    '{unit: day, 32: {0:1, 2147483647:9223372036854775806}}', '{unit: hour, open: {1900-01-01T00Z:1, 9999-12-31T23Z:1}}',
    '{unit: minute, open: {2024-01-03T05:07Z:1, 2024-02-29T23:59Z:3}}', '{unit: second, open: {2000-01-01T00:00:00Z:1, 2068-01-19T03:14:07Z:1}}',
    '{unit: day, open: {1900-01-01:1, 2000-02-29:1, 9999-12-31:1}}']) AS value;
SELECT is(E'\t{unit :day ,\n1: { 2 :5 },open:{2024-01-03:2 }} '::life_table::text, '{unit: day, 1: {2:5}, open: {2024-01-03:2}}', 'white space is free');
SELECT throws_ok(format('SELECT %L::life_table', value), '22P02', NULL, format('"%s" is refused', left(value, 60))) FROM unnest(ARRAY[
    '', ' ', '{}', 'unit: day', '{unit: days}', '{unit: Day}', '{unit: }', '{unit: day', '{unit: day,}', '{unit: day}}', '{unit: day} x', '{1: {2:5}}',
    '{unit: day 1: {2:5}}', '{unit: day, 0: {2:5}}', '{unit: day, 33: {2:5}}', '{unit: day, 01: {2:5}}', '{unit: day, -1: {2:5}}', '{unit: day, 1: {}}',
    '{unit: day, open: {}}', '{unit: day, 1: {2:0}}', '{unit: day, 1: {2:-1}}', '{unit: day, 1: {-2:1}}', '{unit: day, 1: {2147483648:1}}',
    '{unit: day, 1: {2:9223372036854775808}}', '{unit: day, 1: {3:1, 2:1}}', '{unit: day, 1: {2:1, 2:1}}', '{unit: day, 2: {2:1}, 1: {2:1}}',
    '{unit: day, 1: {2:1}, 1: {2:1}}', '{unit: day, 1: {2:1}, censored: {2:1}}', '{unit: day, open: {2024-01-03:2}, 1: {2:1}}', '{unit: day, open: {3:1}}',
    '{unit: day, open: {2024-02-30:1}}', '{unit: day, open: {1899-12-31:1}}', '{unit: day, open: {2024-1-3:1}}', '{unit: day, open: {2024-01-04:1, 2024-01-03:1}}',
    '{unit: hour, open: {2024-01-03:1}}', '{unit: hour, open: {2024-01-03T24Z:1}}', '{unit: second, open: {2068-01-19T03:14:08Z:1}}',
    '{unit: second, open: {1999-12-31T23:59:59Z:1}}', repeat('{unit: day, 1: ', 10000)]) AS value;
SELECT throws_ok($$ SELECT '{unit: day, 1: {1:9223372036854775807}, 2: {1:1}}'::life_table $$, '22003', NULL, 'more than 2^63 - 1 in all parts');
SELECT throws_ok($$ SELECT '{unit: day, 1: {1:1'::life_table $$, '22P02', 'invalid input syntax for type life_table: "{unit: day, 1: {1:1"', 'the error quotes the text');
-- Whatever is changed in a valid text is refused so, or another valid text.
CREATE FUNCTION pg_temp.mutate_text(tries integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    valid constant text := '{unit: day, censored: {3:2, 9:1}, 1: {2:5}, 12: {4:1}, open: {2024-01-03:2, 2024-02-29:1}}';
    alphabet constant text := '{}:, 0123456789-TZ';
    changed text;
    refused integer := 0;
    at integer;
BEGIN
    FOR try IN 1 .. tries LOOP
        at := ('x' || substr(md5('at' || try), 1, 7))::bit(28)::integer % length(valid) + 1;
        changed := overlay(valid PLACING CASE WHEN try % 3 > 0 THEN substr(alphabet, ('x' || substr(md5('char' || try), 1, 7))::bit(28)::integer % length(alphabet) + 1, 1) ELSE '' END
                           FROM at FOR try % 2);
        BEGIN
            IF changed::life_table::text::life_table <> changed::life_table THEN
                RETURN 'not itself: ' || changed;
            END IF;
        EXCEPTION WHEN invalid_text_representation THEN
            refused := refused + 1;
        END;
    END LOOP;
    RETURN CASE WHEN refused > tries / 3 AND refused < tries THEN 'sane' ELSE format('refused %s of %s', refused, tries) END;
END $$;
SELECT is(pg_temp.mutate_text(500), 'sane', 'changed text is refused or valid');

-- What is added is what is held: durations with their events.
CREATE FUNCTION pg_temp.written(unit text, kind text) RETURNS text LANGUAGE sql AS $$
    SELECT '{unit: ' || $1 || coalesce(string_agg(', ' || CASE event WHEN 0 THEN 'censored' ELSE event::text END || ': {' || durations || '}', '' ORDER BY event), '') || '}'
    FROM (SELECT event, string_agg(duration || ':' || n, ', ' ORDER BY duration) AS durations
          FROM (SELECT event, duration, count(*) AS n FROM spell s WHERE s.kind = $2 GROUP BY event, duration) c GROUP BY event) e $$;
SELECT is(life_table(duration, event)::text, pg_temp.written('second', kind), kind || ': every duration with its event and count') FROM spell GROUP BY kind;
SELECT is(life_table(duration, event, u)::text, pg_temp.written(u, kind), kind || ': in ' || u) FROM spell, unnest('{second,minute,hour,day}'::text[]) AS u GROUP BY kind, u;
SELECT is((SELECT life_table(duration, event, n) FROM (SELECT duration, event, count(*) AS n FROM spell s WHERE s.kind = k GROUP BY 1, 2) c)::text,
          pg_temp.written('second', k), k || ': counted before') FROM unnest('{days,few,wide,edge}'::text[]) AS k;
SELECT is((SELECT life_table(duration, event, n, 'hour') FROM (SELECT duration, event, count(*) AS n FROM spell s WHERE s.kind = k GROUP BY 1, 2) c)::text,
          pg_temp.written('hour', k), k || ': counted before, in hours') FROM unnest('{days,few,wide,edge}'::text[]) AS k;
SELECT is(life_table(1, 1, n)::text, '{unit: second, 1: {1:9223372036854775807}}', 'as many as 2^63 - 1') FROM unnest('{9223372036854775806,0,1}'::bigint[]) AS n;
SELECT is(life_table(1, 1, 0)::text, '{unit: second}', 'none of a duration: nothing, but not NULL');
-- Dates and times.
SELECT is(life_table(started, started + duration, event)::text, pg_temp.written('day', 'days'), 'from a date to a date') FROM spell WHERE kind = 'days';
SELECT is(life_table(started, NULL, event)::text,
          (SELECT '{unit: day, open: {' || string_agg(to_char(started, 'YYYY-MM-DD') || ':' || n, ', ' ORDER BY started) || '}}'
           FROM (SELECT started, count(*) AS n FROM spell WHERE event = 0 GROUP BY started) c), 'dates without an end, as PostgreSQL writes them')
FROM spell WHERE event = 0;
SELECT is(life_table(at, NULL, NULL, u)::text, format('{unit: %s, open: {%s:1}}', u, to_char(at AT TIME ZONE 'UTC', f)), u || ': a time without an end')
FROM (VALUES ('second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ('minute', 'YYYY-MM-DD"T"HH24:MI"Z"'), ('hour', 'YYYY-MM-DD"T"HH24"Z"')) AS v (u, f),
     unnest('{2024-02-29 05:07:09.999999Z,2000-01-01 00:00Z,2024-10-27 01:30:00+01}'::timestamptz[]) AS at GROUP BY u, f, at;
SELECT is(life_table(at, NULL, 0, u)::text, format('{unit: %s, open: {%s:1}}', u, to_char(at AT TIME ZONE 'UTC', f)), u || ': before 2000, cut towards the past')
FROM (VALUES ('minute', 'YYYY-MM-DD"T"HH24:MI"Z"'), ('hour', 'YYYY-MM-DD"T"HH24"Z"')) AS v (u, f),
     unnest('{1900-01-01 00:00Z,1999-12-31 23:59:59.5Z,1970-06-01 12:34:56Z}'::timestamptz[]) AS at GROUP BY u, f, at;
SELECT is(life_table(s, e, 1, u)::text, format('{unit: %s, 1: {%s:1}}', u, d), u || ': both times are cut, then subtracted')
FROM (VALUES ('second', 3601), ('minute', 61), ('hour', 2)) AS v (u, d),
     LATERAL (SELECT timestamptz '1999-12-31 22:59:59.75Z' AS s, timestamptz '2000-01-01 00:00:00.25Z' AS e) t GROUP BY u, d, s, e;
SELECT is(life_table(s, s + interval '59 seconds', 1, 'hour')::text, '{unit: hour, 1: {0:1}}', 'an end within the same hour') FROM (SELECT timestamptz '2024-01-01 05:00Z' AS s) t;

-- NULLs.
SELECT is((SELECT life_table(1, 1) FROM spell WHERE false)::text, NULL, 'no rows give NULL');
SELECT is((SELECT life_table(d, e) FROM (VALUES (NULL::integer, 1), (1, NULL)) v (d, e))::text, NULL, 'rows with a NULL alone give NULL');
SELECT is((SELECT life_table(d, e, n, u) FROM (VALUES (NULL::integer, 1, 1::bigint, 'day'), (1, NULL, 1, 'day'), (1, 1, NULL, 'day'), (1, 1, 1, NULL), (7, 1, 2, 'day')) v (d, e, n, u))::text,
          '{unit: day, 1: {7:2}}', 'and are skipped among others');
SELECT is((SELECT life_table(d, e, n) FROM (VALUES (NULL::integer, 1, 1::bigint), (1, NULL, 1), (1, 1, NULL), (7, 1, 2)) v (d, e, n))::text, '{unit: second, 1: {7:2}}', 'counted too');
SELECT is((SELECT life_table(d, e, u) FROM (VALUES (NULL::integer, 1, 'day'), (1, NULL, 'day'), (1, 1, NULL), (7, 1, 'day')) v (d, e, u))::text, '{unit: day, 1: {7:1}}', 'with a unit too');
SELECT is((SELECT life_table(s, e, x) FROM (VALUES (NULL::date, NULL::date, NULL::integer), (NULL, '2024-01-02', 1), ('2024-01-01', '2024-01-02', NULL), ('2024-01-01', '2024-01-05', 2)) v (s, e, x))::text,
          '{unit: day, 2: {4:1}}', 'dates: a start and, with an end, an event are needed');
SELECT is((SELECT life_table(s, e, x, u) FROM (VALUES (NULL::timestamptz, NULL::timestamptz, NULL::integer, 'hour'), (NULL, '2024-01-02', 1, 'hour'), ('2024-01-01', '2024-01-02', NULL, 'hour'),
              ('2024-01-01', '2024-01-02', 1, NULL), ('2024-01-01', '2024-01-02', 2, 'hour')) v (s, e, x, u))::text, '{unit: hour, 2: {24:1}}', 'times too, and a unit');
SELECT is((SELECT rollup(t) FROM (VALUES (NULL::life_table), (NULL)) v (t))::text, NULL, 'only NULLs rolled up give NULL');
SELECT is((SELECT rollup(t) FROM (VALUES (NULL), ('{unit: day, 1: {1:1}}'::life_table), (NULL), ('{unit: day, 1: {1:2}, open: {2024-01-01:1}}')) v (t))::text,
          '{unit: day, 1: {1:3}, open: {2024-01-01:1}}', 'NULLs are skipped');
SELECT is(('{unit: day}'::life_table + NULL)::text, NULL, 'NULL stays NULL');

-- What is refused.
SELECT throws_ok('SELECT life_table(-1, 1)', '22023', 'duration of -1 seconds is negative', 'a negative duration');
SELECT throws_ok($$ SELECT life_table(-1, 1, 'day') $$, '22023', 'duration of -1 days is negative', 'in its unit');
SELECT throws_ok(format('SELECT life_table(1, %s)', bad), '22023', format('event %s is not between 0 and 32', bad), 'event ' || bad) FROM unnest('{-1,33,2147483647}'::integer[]) AS bad;
SELECT throws_ok('SELECT life_table(1, 1, -1)', '22023', 'number of durations -1 is negative', 'a negative number');
SELECT throws_ok('SELECT life_table(1, 33, 0)', '22023', NULL, 'none of an event that cannot be');
SELECT throws_ok($$ SELECT life_table(1, 1, 'days') $$, '22023', 'unit "days" is not known', 'a unit that is not known');
SELECT throws_ok($$ SELECT life_table(1, 1, 2, '') $$, '22023', NULL, 'no unit');
SELECT throws_ok($$ SELECT life_table(1, 1, u) FROM unnest('{day,hour}'::text[]) AS u $$, '22023', 'life tables have different units, day and hour', 'units that differ');
SELECT throws_ok($$ SELECT rollup(t) FROM (VALUES ('{unit: day}'::life_table), ('{unit: minute}')) v (t) $$, '22023', NULL, 'units that differ rolled up');
SELECT throws_ok($$ SELECT '{unit: day}'::life_table + '{unit: minute}' $$, '22023', 'life tables have different units, day and minute', 'units that differ added');
SELECT throws_ok($$ SELECT '{unit: day}'::life_table - '{unit: minute}' $$, '22023', NULL, 'units that differ subtracted');
SELECT throws_ok('SELECT life_table(1, 1, n) FROM unnest(ARRAY[9223372036854775807, 1]) AS n', '22003', NULL, 'more than 2^63 - 1');
SELECT throws_ok('SELECT life_table(1, e, n) FROM (VALUES (1, 9223372036854775807), (2, 1)) AS v (e, n)', '22003', NULL, 'in all parts');
SELECT throws_ok($$ SELECT '{unit: day, 1: {1:9223372036854775807}}'::life_table + '{unit: day, 2: {1:1}}' $$, '22003', NULL, 'a sum of more than 2^63 - 1');
SELECT throws_ok($$ SELECT life_table(date '2024-01-02', date '2024-01-01', 1) $$, '22023', 'duration ends before it starts', 'an end before the start');
SELECT throws_ok($$ SELECT life_table(timestamptz '2024-01-02 05:00:01Z', '2024-01-02 05:00:00Z', 1, 'hour') $$, '22023', NULL, 'though within the hour');
SELECT throws_ok($$ SELECT life_table(date '2024-01-02', NULL, 1) $$, '22023', 'event 1 has no end', 'an event without an end');
SELECT throws_ok($$ SELECT life_table(date '2024-01-02', NULL, -1) $$, '22023', NULL, 'or what is none');
SELECT throws_ok($$ SELECT life_table(date '2024-01-02', '2024-01-03', 33) $$, '22023', NULL, 'an event that cannot be');
SELECT throws_ok($$ SELECT life_table(timestamptz '2024-01-02', '2024-01-03', 1, 'day') $$, '22023', NULL, 'days of times');
SELECT throws_ok(format('SELECT life_table(%s, 1)', bad), '22008', NULL, bad) FROM unnest(ARRAY['date ''infinity'', date ''2024-01-01''', 'date ''-infinity'', date ''2024-01-01''',
    'date ''2024-01-01'', date ''infinity''']) AS bad;
SELECT throws_ok($$ SELECT life_table(date '-infinity', NULL, 0) $$, '22008', NULL, 'open since ever');
SELECT throws_ok(format('SELECT life_table(%s, 1, ''hour'')', bad), '22008', NULL, bad) FROM unnest(ARRAY['timestamptz ''-infinity'', timestamptz ''2024-01-01''',
    'timestamptz ''2024-01-01'', timestamptz ''infinity''']) AS bad;
SELECT throws_ok($$ SELECT life_table(date '1899-12-31', NULL, 0) $$, '22008', 'start of what is open is out of range for unit day', 'open since before 1900');
SELECT throws_ok($$ SELECT life_table(date '10000-01-01', NULL, 0) $$, '22008', NULL, 'open from after 9999');
SELECT throws_ok(format('SELECT life_table(timestamptz %L, NULL, 0, %L)', at, u), '22008', NULL, format('open from %s in %ss', at, u))
FROM (VALUES ('1999-12-31 23:59:59Z', 'second'), ('2068-01-19 03:14:08Z', 'second'), ('1899-12-31 23:59:59Z', 'minute'), ('5983-01-24 02:08Z', 'minute'),
      ('1899-12-31 23:59:59Z', 'hour'), ('10000-01-01 00:00Z', 'hour'), ('294276-12-31 23:59:59Z', 'hour')) AS v (at, u);
SELECT is(life_table(date '4714-11-24 BC', date '2024-01-01', 1)::text, '{unit: day, 1: {' || date '2024-01-01' - date '4714-11-24 BC' || ':1}}', 'a start long ago is none of an open duration');
SELECT throws_ok($$ SELECT life_table(timestamptz '1900-01-01Z', '2024-01-01Z', 1, 'second') $$, '22003', NULL, 'longer than 2^31 - 1 seconds');
SELECT throws_ok($$ SELECT life_table_add(NULL, 1, 1) $$, '0A000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT life_table_add(NULL, NULL::integer, 1) $$, '0A000', NULL, 'with a NULL too');
SELECT throws_ok($$ SELECT life_table_combine('{unit: day}', '{unit: day}') $$, '0A000', NULL, 'a combine function outside an aggregate');

-- Accessors.
SELECT is(ARRAY[num_values(t), num_events(t), num_censored(t), num_open(t), num_events(t, 1), num_events(t, 2), num_events(t, 32)],
          ARRAY[n, n - c, c, 0, one, two, thirtytwo], kind || ': how many')
FROM (SELECT kind, life_table(duration, event) AS t, count(*) AS n, count(*) FILTER (WHERE event = 0) AS c, count(*) FILTER (WHERE event = 1) AS one,
             count(*) FILTER (WHERE event = 2) AS two, count(*) FILTER (WHERE event = 32) AS thirtytwo FROM spell GROUP BY kind) s;
SELECT is(ARRAY[num_values(t), num_events(t), num_censored(t), num_open(t)], '{12,6,3,3}'::bigint[], 'open ones are among the values')
FROM (SELECT '{unit: day, censored: {3:2, 9:1}, 1: {2:5}, 2: {4:1}, open: {2024-01-03:2, 2024-01-04:1}}'::life_table AS t) s;
SELECT is(ARRAY[num_values(t), num_events(t), num_censored(t), num_open(t), num_events(t, 7)], '{0,0,0,0,0}'::bigint[], 'nothing of nothing') FROM (SELECT '{unit: day}'::life_table AS t) s;
SELECT is(unit(format('{unit: %s}', u)::life_table), u, u) FROM unnest('{second,minute,hour,day}'::text[]) AS u;
SELECT throws_ok(format($$ SELECT num_events('{unit: day}', %s) $$, bad), '22023', format('cause %s is not between 1 and 32', bad), 'cause ' || bad) FROM unnest('{0,-1,33}'::integer[]) AS bad;
SELECT results_eq(format($$ SELECT b.* FROM (SELECT life_table(duration, event) AS t FROM spell WHERE kind = %L) s, buckets(t) AS b $$, k),
                  format($$ SELECT duration, event, count(*) FROM spell WHERE kind = %L GROUP BY duration, event ORDER BY event, duration $$, k), k || ': buckets')
FROM unnest('{days,few,wide,edge}'::text[]) AS k;
SELECT is_empty($$ SELECT * FROM buckets('{unit: day, open: {2024-01-01:3}}'::life_table) $$, 'what is open has no duration yet');
SELECT is((SELECT life_table(duration, event, n, unit(t)) FROM buckets(t)), t, kind || ': built again of its buckets') FROM (SELECT kind, life_table(duration, event, 'day') AS t FROM spell GROUP BY kind) s;

-- Closing: as if every duration had been added closed.
SELECT is(close_open(life_table(started, NULL, NULL), date '2024-12-31'), life_table(started, date '2024-12-31', 0), 'closed at a date') FROM spell;
SELECT is(close_open(life_table(started, CASE WHEN event > 0 THEN started + duration END, nullif(event, 0)), date '2024-12-31'),
          life_table(started, CASE WHEN event > 0 THEN started + duration ELSE date '2024-12-31' END, event), 'with what has ended kept') FROM spell WHERE kind = 'days';
SELECT is(close_open(life_table(at, NULL, NULL, u), end_at), life_table(at, end_at, 0, u), u || ': closed at a time')
FROM (SELECT timestamptz '2024-01-01 05:07:09.5Z' + i * interval '1 hour 7 minutes 0.4 seconds' AS at, timestamptz '2024-06-01 11:59:59.9Z' AS end_at FROM generate_series(1, 500) AS i) t,
     unnest('{second,minute,hour}'::text[]) AS u GROUP BY u, end_at;
SELECT is(close_open('{unit: day, 1: {2:1}}', d)::text, '{unit: day, 1: {2:1}}', 'nothing open: nothing changes, at ' || d) FROM unnest('{1800-01-01,2024-01-01,5874897-12-31}'::date[]) AS d;
SELECT is(close_open('{unit: day, open: {2024-01-01:2}}', date '2024-01-01')::text, '{unit: day, censored: {0:2}}', 'on the first day');
SELECT is(close_open('{unit: day}', NULL::date)::text, NULL, 'at no time');
SELECT throws_ok($$ SELECT close_open('{unit: day, open: {2024-01-01:2, 2024-02-01:1}}', date '2024-01-31') $$, '22023', NULL, 'a start after the date');
SELECT throws_ok($$ SELECT close_open('{unit: hour, open: {2024-01-01T05Z:2}}', timestamptz '2024-01-01 04:59:59Z') $$, '22023', NULL, 'a start after the time');
SELECT throws_ok($$ SELECT close_open('{unit: day}', timestamptz '2024-01-31') $$, '22023', 'life_table with unit day cannot be closed at a time', 'days at a time');
SELECT throws_ok($$ SELECT close_open('{unit: hour}', date '2024-01-31') $$, '22023', 'life_table with unit hour cannot be closed at a date', 'hours at a date');
SELECT throws_ok($$ SELECT close_open('{unit: day}', date 'infinity') $$, '22008', NULL, 'at infinity');
SELECT throws_ok($$ SELECT close_open('{unit: hour}', timestamptz '-infinity') $$, '22008', NULL, 'at minus infinity');
SELECT throws_ok($$ SELECT close_open('{unit: second, open: {2000-01-01T00:00:00Z:1}}', timestamptz '2069-01-01Z') $$, '22003', NULL, 'closed after more than 2^31 - 1 seconds');

-- Censoring: as if every duration had been added cut short.
SELECT is(censor_after(t, at), cut, format('%s: censored after %s', kind, at))
FROM (SELECT kind, at, life_table(duration, event) AS t,
             life_table(least(duration, at), CASE WHEN duration <= at THEN event ELSE 0 END) AS cut
      FROM spell, unnest('{0,1,180,65535,65536,2147483646,2147483647}'::integer[]) AS at GROUP BY kind, at) s;
SELECT is(censor_after('{unit: minute}', 5)::text, '{unit: minute}', 'nothing censored');
SELECT is(censor_after('{unit: day}', NULL)::text, NULL, 'after no time');
SELECT throws_ok($$ SELECT censor_after('{unit: day, open: {2024-01-01:1}}', 5) $$, '55000', 'life_table has 1 open duration', 'what is open cannot be censored after a time');
SELECT throws_ok($$ SELECT censor_after('{unit: day}', -1) $$, '22023', 'time -1 is negative', 'after a negative time');

-- Laws: any split merged in any order is the whole, to the byte, and what was added can be taken away.
CREATE TEMP TABLE part AS
    SELECT kind, part, life_table(duration, event) + life_table(duration, event, 0) AS t FROM spell GROUP BY kind, part;
SELECT is((SELECT life_table_send(rollup(t ORDER BY md5(part::text))) FROM part p WHERE p.kind = s.kind), life_table_send(life_table(duration, event)),
          kind || ': parts rolled up in another order are the whole') FROM spell s GROUP BY kind;
SELECT ok(bool_and(w - t = r AND r + t = w AND (r + t) - r = t AND t + r = w), kind || ': a + b - b = a, and a + b = b + a')
FROM (SELECT kind, life_table(duration, event) AS w FROM spell GROUP BY kind) whole JOIN part USING (kind),
     LATERAL (SELECT rollup(p.t) AS r FROM part p WHERE p.kind = part.kind AND p.part <> part.part) rest GROUP BY kind;
SELECT is((t - t)::text, '{unit: second}', kind || ': nothing is left of itself') FROM part WHERE part = 3;
SELECT is(('{unit: day, 1: {1:2}, open: {2024-01-01:2}}'::life_table - '{unit: day, 1: {1:2}, open: {2024-01-01:1}}')::text, '{unit: day, open: {2024-01-01:1}}', 'open ones are taken away too');
SELECT throws_ok(format('SELECT %L::life_table - %L', '{unit: day, 1: {1:2}}', bad), '22023', 'life_table to be subtracted has durations that the other does not have', bad || ' is not among it')
FROM unnest(ARRAY['{unit: day, 1: {1:3}}', '{unit: day, 1: {2:1}}', '{unit: day, 2: {1:1}}', '{unit: day, censored: {1:1}}', '{unit: day, open: {2024-01-01:1}}']) AS bad;

-- Order and equality.
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $$;
CREATE TEMP TABLE ordered AS SELECT value::life_table AS t, n FROM unnest(ARRAY['{unit: second}', '{unit: second, open: {2024-01-01T00:00:00Z:1}}', '{unit: second, 2: {1:1}}', '{unit: second, 1: {1:1}}',
    '{unit: second, 1: {1:2}}', '{unit: second, 1: {1:1, 2:1}}', '{unit: second, 1: {2:1}}', '{unit: second, censored: {1:1}}', '{unit: minute}', '{unit: hour}', '{unit: day}', '{unit: day, 1: {1:1}}'])
    WITH ORDINALITY AS u (value, n);
SELECT results_eq('SELECT n FROM ordered ORDER BY t', 'SELECT n FROM ordered ORDER BY n', 'by unit, then censored, causes, open, a part that has less first');
SELECT ok(bool_and((a.t < b.t) = (a.n < b.n) AND (a.t <= b.t) = (a.n <= b.n) AND (a.t = b.t) = (a.n = b.n) AND (a.t <> b.t) = (a.n <> b.n) AND (a.t >= b.t) = (a.n >= b.n)
                   AND (a.t > b.t) = (a.n > b.n) AND sign(life_table_cmp(a.t, b.t)) = sign(a.n - b.n)), 'every operator agrees') FROM ordered a, ordered b;
SELECT is((SELECT count(*) FROM (SELECT DISTINCT t FROM (SELECT t FROM part UNION ALL SELECT t::text::life_table FROM part) u) d), (SELECT count(DISTINCT t::text) FROM part), 'equal values are one, however they were made');
SELECT is(count(*), count(*) FILTER (WHERE life_table_hash(t) = life_table_hash(t::text::life_table) AND life_table_hash_extended(t, 7) = life_table_hash_extended(t::text::life_table, 7)
                                           AND (life_table_hash_extended(t, 0) & 4294967295) = (life_table_hash(t)::bigint & 4294967295)), 'equal values hash alike') FROM part;
CREATE TABLE indexed AS SELECT t, part FROM part UNION ALL SELECT t::text::life_table, part + 10 FROM part WHERE kind = 'few';
CREATE INDEX ON indexed (t) WHERE length(life_table_send(t)) < 2000;
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off;
SELECT matches(pg_temp.plan('SELECT * FROM indexed a JOIN indexed b USING (t)'), 'Merge Join', 'tables can be joined by merging');
SELECT is((SELECT count(*) FROM indexed a JOIN indexed b USING (t) WHERE length(life_table_send(t)) < 2000), (SELECT sum(n * n)::bigint FROM (SELECT count(*) AS n FROM indexed WHERE length(life_table_send(t)) < 2000 GROUP BY t::text) c),
    'a merge join finds the equal ones');
RESET enable_seqscan; RESET enable_hashjoin; RESET enable_nestloop;

-- The state is shared, and read without being changed; over a window each row has its own.
SELECT is(array[num_values(t), num_values(t + '{unit: second, 1: {1:1}}'), num_values(t)], array[3000, 3001, 3000]::bigint[], 'an accessor changes nothing')
FROM (SELECT life_table(duration, event) AS t FROM spell WHERE kind = 'days') s;
SELECT is_empty(format($$
    SELECT * FROM (SELECT i, life_table(CASE WHEN i %% 5 > 0 THEN duration END, event) OVER w AS t, array_agg(CASE WHEN i %% 5 > 0 THEN (duration, event)::text END) OVER w AS rows FROM spell
                   WHERE kind = 'days' AND i <= 200 WINDOW w AS (ORDER BY i %s)) x
    WHERE t::text IS DISTINCT FROM (SELECT life_table(split_part(btrim(r, '()'), ',', 1)::integer, split_part(btrim(r, '()'), ',', 2)::integer) FROM unnest(rows) AS r WHERE r IS NOT NULL)::text $$, frame),
    'a life table of each frame: ' || frame)
FROM unnest(ARRAY['', 'ROWS 9 PRECEDING', 'ROWS BETWEEN 3 FOLLOWING AND 20 FOLLOWING', 'ROWS BETWEEN CURRENT ROW AND CURRENT ROW', 'ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING EXCLUDE CURRENT ROW']) AS frame;
SELECT is_empty(format($$
    SELECT * FROM (SELECT n, rollup(t) OVER w AS r, array_agg(t) OVER w AS tables FROM (SELECT row_number() OVER (ORDER BY kind, part) AS n, CASE WHEN part <> 4 THEN t END AS t FROM part) p
                   WINDOW w AS (ORDER BY n %s)) x
    WHERE r IS DISTINCT FROM (SELECT rollup(u) FROM unnest(tables) AS u) $$, frame), 'rolled up over each frame: ' || frame)
FROM unnest(ARRAY['', 'ROWS 3 PRECEDING', 'ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING', 'ROWS BETWEEN CURRENT ROW AND CURRENT ROW']) AS frame;
SELECT results_eq($$ SELECT rollup(format('{unit: %s, 1: {1:1}}', u)::life_table) OVER (ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW) FROM unnest('{day,hour,day}'::text[]) WITH ORDINALITY AS v (u, n) $$,
    $$ SELECT format('{unit: %s, 1: {1:1}}', u)::life_table FROM unnest('{day,hour,day}'::text[]) AS u $$, 'frames of different units');
SELECT results_eq($$ SELECT rollup(t) OVER (ORDER BY n ROWS 1 PRECEDING) FROM unnest('{day,NULL,NULL,hour,NULL}'::text[]) WITH ORDINALITY AS v (u, n),
                         LATERAL (SELECT ('{unit: ' || u || ', 1: {1:1}}')::life_table) t (t) $$,
    $$ SELECT u::life_table FROM unnest(ARRAY['{unit: day, 1: {1:1}}', '{unit: day, 1: {1:1}}', NULL, '{unit: hour, 1: {1:1}}', '{unit: hour, 1: {1:1}}']) AS u $$, 'another unit after a frame of NULLs alone');
SELECT throws_ok($$ SELECT rollup(format('{unit: %s, 1: {1:1}}', u)::life_table) OVER (ORDER BY n ROWS 1 PRECEDING) FROM unnest('{day,hour,day}'::text[]) WITH ORDINALITY AS v (u, n) $$, '22023', NULL,
    'a frame with two units');
SELECT throws_ok($$ SELECT life_table(d, 1) OVER (ORDER BY d DESC ROWS 1 PRECEDING) FROM unnest('{-1,1}'::integer[]) AS d $$, '22023', NULL, 'a negative duration in a frame');
SELECT throws_ok($$ SELECT life_table(1, d) OVER (ORDER BY d ROWS 1 PRECEDING) FROM unnest('{33,1}'::integer[]) AS d $$, '22023', NULL, 'an event that cannot be in a frame');

-- Binary and stored.
SELECT is(encode(life_table_send('{unit: second}'), 'hex'), '1000021100021100', 'the empty life table is sent as eight bytes');
SELECT is(encode(life_table_send('{unit: day, 2: {5:1}}'), 'hex'), '13020211000211000411010138021100', 'one event, as worked out by hand');
CREATE TEMP TABLE stored AS SELECT kind, rollup(t) AS t FROM part GROUP BY kind
    UNION ALL SELECT 'open', life_table(started, CASE WHEN event > 0 THEN started + part END, event) FROM spell UNION ALL SELECT 'empty', '{unit: hour}';
SELECT ok((SELECT t FROM stored s WHERE s.kind = d.kind) = life_table(duration, event), kind || ': read back from a table') FROM spell d GROUP BY kind;
CREATE TEMP TABLE received (t life_table);
-- A client's bytes, in a binary COPY from a file beside the server's data.
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    large_object oid := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea || '\x0001'::bytea
                                        || int4send(length(bytes)) || bytes || '\xffff'::bytea);
    file text := current_setting('data_directory') || '/naloxone_kpi_receive_life_table';
    result text;
BEGIN
    PERFORM lo_export(large_object, file), lo_unlink(large_object);
    DELETE FROM received;
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    SELECT t::text INTO result FROM received;
    RETURN result;
END $$;
SELECT is(pg_temp.receive(life_table_send(t)), t::text, kind || ': what is sent is received') FROM stored;
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', bad), '22P03', NULL, format('%s is refused', bad))
FROM unnest(ARRAY['\x'::bytea, '\x13', '\x1300', '\x1000021100', '\x100002110002110000', '\x2000021100021100', '\x1400021100021100', '\x1f00021100021100', '\x10000211000211',
                  -- a last cause that is empty, too many causes, numbers that are not the shortest, an empty part of no bytes, a part longer than there is
                  '\x1001021100021100021100', '\x1021021100021100', '\x108000021100021100', '\x1000820011000211', '\x100000021100', '\x1000021100031100', '\x1000ffffffffffffffff7f1100021100',
                  -- a part that is no tally's canonical bytes
                  '\x13020211000211000411010800021100']) AS bad;
SELECT throws_ok($$ SELECT pg_temp.receive(overlay(life_table_send('{unit: second, open: {2068-01-19T03:14:07Z:1}}') PLACING '\x13' FROM 1)) $$, '22P03', NULL, 'a start after the year 9999');
CREATE FUNCTION pg_temp.mutate(tries integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    bytes bytea;
    sent bytea;
    received_text text;
    refused integer := 0;
BEGIN
    FOR try IN 1 .. tries LOOP
        SELECT life_table_send(t) INTO bytes FROM ordered ORDER BY md5(try::text || n) LIMIT 1;
        IF try % 4 = 0 THEN
            SELECT life_table_send(t) INTO bytes FROM stored ORDER BY md5(try || kind) LIMIT 1;
        END IF;
        bytes := set_bit(bytes, ('x' || substr(md5('bit' || try), 1, 7))::bit(28)::integer % (8 * length(bytes)), try % 2);
        IF try % 3 = 0 THEN
            bytes := substr(bytes, 1, ('x' || substr(md5('cut' || try), 1, 7))::bit(28)::integer % (length(bytes) + 1));
        END IF;
        BEGIN
            received_text := pg_temp.receive(bytes);
            SELECT life_table_send(received_text::life_table) INTO sent;
            IF sent <> bytes THEN
                RETURN 'accepted what is not canonical: ' || encode(bytes, 'hex');
            END IF;
        EXCEPTION WHEN invalid_binary_representation THEN
            refused := refused + 1;
        END;
    END LOOP;
    RETURN CASE WHEN refused > tries / 3 AND refused < tries THEN 'sane' ELSE format('refused %s of %s', refused, tries) END;
END $$;
SELECT is(pg_temp.mutate(300), 'sane', 'mutated bytes are refused or valid');
COPY (SELECT 1) TO PROGRAM 'rm -f naloxone_kpi_receive_life_table';

-- Parallel: partial aggregates, and the same bytes.
CREATE TABLE parallel_spell AS SELECT * FROM spell;
ANALYZE parallel_spell;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT matches(pg_temp.plan(query), 'Partial .*Aggregate', query || ' is partial')
FROM unnest(ARRAY['SELECT life_table(duration, event) FROM parallel_spell', 'SELECT kind, life_table(duration, event, 2) FROM parallel_spell GROUP BY kind',
                  'SELECT life_table(duration, event, ''day'') FROM parallel_spell', 'SELECT life_table(duration, event, 2, ''day'') FROM parallel_spell',
                  'SELECT life_table(started, started + 3, event) FROM parallel_spell', 'SELECT life_table(started::timestamptz, NULL, 0, ''hour'') FROM parallel_spell',
                  'SELECT rollup(CASE WHEN i > 0 THEN ''{unit: day}''::life_table END) FROM parallel_spell']) AS query;
CREATE TEMP TABLE parallel_result AS SELECT kind, life_table(duration, event) AS t FROM parallel_spell GROUP BY kind;
SELECT is(p.t::text, s.t::text, kind || ': parallel and serial agree') FROM parallel_result p JOIN stored s USING (kind);
-- With so little memory that states are written out and read again.
SET LOCAL work_mem = '64kB'; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL enable_sort = off;
CREATE TEMP TABLE spilled AS SELECT kind, i % 500 AS g, life_table(duration, event) AS t FROM parallel_spell GROUP BY kind, g;
SELECT is((SELECT rollup(t) FROM spilled p WHERE p.kind = s.kind), s.t, kind || ': spilled states too') FROM stored s WHERE kind NOT IN ('open', 'empty');

SELECT * FROM finish();
ROLLBACK;
