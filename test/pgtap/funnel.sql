-- The type funnel, its aggregates and accessors: cases worked out by hand, and random persons against plain SQL.
SET search_path = naloxone_kpi, public;
SET TimeZone = 'UTC';
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- Text.
SELECT is('{within: 30 days, events: {}}'::funnel::text, '{within: 30 days, events: {}}', 'a funnel without events');
SELECT is(E' {within :30  days,events:{2024-01-03\t10:00:00.25+00 1 ,\n2024-01-09 14:30:00+00 2 } }\n'::funnel::text,
          '{within: 30 days, events: {2024-01-03 10:00:00.25+00 1, 2024-01-09 14:30:00+00 2}}', 'white space is free');
-- The server writes times as ISO, in UTC, by itself: the calendar and the clock here must be its own.
SELECT is_empty($$
    SELECT at FROM (SELECT timestamptz '4714-11-24 00:00+00 BC' + i * interval '36501 days 05:13:07.123451' AS at FROM generate_series(0, 2990) AS i
                    UNION ALL SELECT timestamptz '0001-12-01 00:00+00 BC' + i * interval '1 day' FROM generate_series(0, 60) AS i
                    UNION ALL SELECT timestamptz '1899-12-01 00:00+00' + i * interval '1 day 00:00:00.1' FROM generate_series(0, 73100) AS i
                    UNION ALL VALUES (timestamptz '294276-12-31 23:59:59.999999+00')) t
    GROUP BY at HAVING funnel(7, at, '1 day')::text <> '{within: 1 day, events: {' || at || ' 7}}' $$, 'times are written as the server writes them');
SELECT is_empty($$
    SELECT at FROM (SELECT timestamptz '4714-11-24 00:00+00 BC' + i * interval '36501 days 05:13:07.123451' AS at FROM generate_series(0, 2990) AS i
                    UNION ALL SELECT timestamptz '1999-12-01 00:00+00' + i * interval '1 day 00:00:00.1' FROM generate_series(0, 3000) AS i) t
    WHERE reached_at(('{within: 1 day, events: {' || at || ' 1}}')::funnel, 1) <> at $$, 'and read as it reads them');
-- Windows as the server writes intervals.
SELECT is(funnel(1, '2024-01-01', within)::text, '{within: ' || within || ', events: {2024-01-01 00:00:00+00 1}}', within || ' is written so')
FROM unnest('{0,1 microsecond,00:00:01.5,1 day,1 day 02:30:00,30 days,106751991 days 04:00:54.775807}'::interval[]) AS within GROUP BY within;
SELECT is((SELECT funnel(1, '2024-01-01', '49:00:00'))::text, '{within: 2 days 01:00:00, events: {2024-01-01 00:00:00+00 1}}',
          'a window of 49 hours is two days of 24 hours, and one hour');
CREATE TEMP TABLE bad_text (value text);
INSERT INTO bad_text VALUES
    (''), (' '), ('{}'), ('{within: 30 days}'), ('{within: 30 days, events: {}'), ('{within: 30 days, events: {}}x'), ('{within: 1 mon, events: {}}'),
    ('{within: -1 days, events: {}}'), ('{within: 106751992 days, events: {}}'), ('{within: 30 days, events: {2024-01-01 1}}'),
    ('{within: 30 days, events: {2023-02-29 00:00:00+00 1}}'), ('{within: 30 days, events: {2024-01-01 00:00:00+01 1}}'),
    ('{within: 30 days, events: {2024-01-01 00:00:00+00 0}}'), ('{within: 30 days, events: {2024-01-01 00:00:00+00 65}}'),
    ('{within: 30 days, events: {infinity 1}}'), ('{within: 30 days, events: {294277-01-01 00:00:00+00 1}}'),
    ('{within: 30 days, events: {2024-01-02 00:00:00+00 1, 2024-01-01 00:00:00+00 1}}'),
    ('{within: 30 days, events: {2024-01-01 00:00:00+00 1, 2024-01-01 00:00:00+00 1}}'), (repeat('{', 100000));
SELECT throws_ok(format('SELECT %L::funnel', value), '22P02', NULL, format('"%s" is refused', left(value, 80))) FROM bad_text;
SELECT throws_ok($$ SELECT '{within'::funnel $$, '22P02', 'invalid input syntax for type funnel: "{within"', 'the error quotes the text');
CREATE FUNCTION pg_temp.shown() RETURNS text LANGUAGE sql AS $$ SELECT '{within: 1 day 02:00:00, events: {2024-07-01 00:00:00+00 1}}'::funnel::text $$;
SET LOCAL TimeZone = 'Australia/Eucla'; SET LOCAL DateStyle = 'German'; SET LOCAL IntervalStyle = 'sql_standard';
SELECT is(pg_temp.shown(), '{within: 1 day 02:00:00, events: {2024-07-01 00:00:00+00 1}}', 'no setting changes the text');
SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres';

-- Case by case, by hand: day and stage of each event, window in days, furthest stage, and the days when stages were reached in each episode.
CREATE TEMP TABLE hand (what text, events text, within integer, furthest integer, reached text);
INSERT INTO hand VALUES
    ('one event of stage 1',                                '1:1',                          30, 1, '{1}'),
    ('no stage 1 is no entry',                              '1:2 2:3',                      30, 0, NULL),
    ('every step in turn',                                  '1:1 2:2 3:3 4:4',              30, 4, '{1,2,3,4}'),
    ('a step left out ends it',                             '1:1 2:3 3:4',                  30, 1, '{1}'),
    ('steps in the wrong order',                            '1:2 2:1',                      30, 1, '{2}'),
    ('what came before the entry does not count',           '1:2 2:1 3:3 4:2',              30, 2, '{2,4}'),
    ('a step before the one it follows does not count',     '1:1 2:3 3:2',                  30, 2, '{1,3}'),
    ('but may come again',                                  '1:1 2:3 3:2 4:3',              30, 3, '{1,3,4}'),
    ('the first of several is taken',                       '1:1 2:2 3:2 4:3 5:3',          30, 3, '{1,2,4}'),
    ('at the end of the window is in it',                   '1:1 31:2',                     30, 2, '{1,31}'),
    ('a day after is not',                                  '1:1 32:2',                     30, 1, '{1}'),
    ('the window is from the entry, not from the last step','1:1 20:2 40:3',                30, 2, '{1,20}'),
    ('the first entry decides, not the best',               '1:1 20:1 40:2',                30, 1, '{1}'),
    ('the same moment counts, in order of stage',           '1:3 1:2 1:1',                  30, 3, '{1,1,1}'),
    ('so with a window of nothing',                         '1:1 1:2 2:3',                  0,  2, '{1,1}'),
    ('the same event twice is one',                         '1:1 1:1 2:2 2:2',              30, 2, '{1,2}'),
    ('a gap as long as the window does not end an episode', '1:1 31:1 61:1 91:2',           30, 1, '{1}'),
    ('a longer one does',                                   '1:1 2:2 33:1 34:2 35:3',       30, 2, '{1,2} {33,34,35}'),
    ('any event, useful or not, keeps an episode open',     '1:1 25:4 50:4 75:1 76:2',      30, 1, '{1}'),
    ('an episode without an entry is not counted',          '1:2 2:3 40:1 41:2 80:3 120:1', 30, 2, '{40,41} {120}'),
    ('an episode has one entry',                            '1:1 2:1 3:2',                  30, 2, '{1,3}');
CREATE FUNCTION pg_temp.hand_funnel(events text, within integer) RETURNS funnel LANGUAGE sql AS $$
    SELECT funnel(split_part(e, ':', 2)::integer, timestamptz '2023-12-31 00:00+00' + split_part(e, ':', 1)::integer * interval '24 hours',
                  make_interval(days => within)) FROM string_to_table(events, ' ') AS e $$;
SELECT is(furthest_stage(pg_temp.hand_funnel(events, within)), furthest, what) FROM hand;
SELECT is((SELECT string_agg((SELECT array_agg(extract(day FROM at - '2023-12-31 00:00+00') ORDER BY o) FROM unnest(reached_at) WITH ORDINALITY AS u (at, o))::text,
                             ' ' ORDER BY episode) FROM episodes(pg_temp.hand_funnel(events, within))), reached, what || ': episodes') FROM hand;
SELECT is((SELECT array_agg(episode ORDER BY episode) FROM episodes(pg_temp.hand_funnel(events, within))),
          (SELECT array_agg(i) FROM generate_series(1, array_length(string_to_array(reached, ' '), 1)) AS i), what || ': episodes are numbered') FROM hand;
SELECT is((SELECT array_agg(reached_at(pg_temp.hand_funnel(events, within), stage) ORDER BY stage) FROM generate_series(1, 5) AS stage),
          (SELECT array_agg(timestamptz '2023-12-31 00:00+00' + (split_part(reached, ' ', 1)::integer[])[stage] * interval '24 hours' ORDER BY stage)
           FROM generate_series(1, 5) AS stage), what || ': when') FROM hand;
SELECT is(num_values(pg_temp.hand_funnel('1:1 1:1 1:2 3:1', 30)), 3::bigint, 'the same event twice is one value');

-- Nothing, NULL, and what cannot be.
SELECT is(num_values('{within: 30 days, events: {}}'::funnel), 0::bigint, 'empty: no events');
SELECT is(furthest_stage('{within: 30 days, events: {}}'), 0, 'empty: no stage');
SELECT is(reached_at('{within: 30 days, events: {}}', 1), NULL, 'empty: never reached');
SELECT is_empty($$ SELECT * FROM episodes('{within: 30 days, events: {}}') $$, 'empty: no episodes');
SELECT is_empty($$ SELECT * FROM episodes(NULL) $$, 'NULL: no episodes');
SELECT is(furthest_stage(NULL::funnel), NULL, 'NULL: no furthest stage');
SELECT is(reached_at('{within: 30 days, events: {}}', NULL), NULL, 'a stage that is NULL');
SELECT is((SELECT funnel(1, at, '30 days') FROM (SELECT now() WHERE false) v (at))::text, NULL, 'no rows give NULL');
SELECT is((SELECT funnel(s, at, within) FROM (VALUES (NULL::integer, now(), interval '1 day'), (1, NULL, '1 day'), (0 + NULL, NULL, NULL)) v (s, at, within))::text,
          NULL, 'only NULL stages and times give NULL, whatever the window');
SELECT is((SELECT funnel(s, at, '1 day') FROM (VALUES (1, timestamptz '2024-01-01'), (NULL, '2024-01-02'), (2, NULL)) v (s, at))::text,
          '{within: 1 day, events: {2024-01-01 00:00:00+00 1}}', 'NULL stages and times are skipped');
SELECT is((SELECT rollup(f) FROM (VALUES (NULL::funnel), ('{within: 1 day, events: {2024-01-01 00:00:00+00 1}}'), (NULL)) v (f))::text,
          '{within: 1 day, events: {2024-01-01 00:00:00+00 1}}', 'NULL funnels are skipped');
SELECT is((SELECT rollup(f) FROM (VALUES (NULL::funnel), (NULL)) v (f))::text, NULL, 'nothing but NULL funnels give NULL');
SELECT is(('{within: 1 day, events: {}}'::funnel + NULL)::text, NULL, 'NULL stays NULL');

SELECT throws_ok(format('SELECT funnel(%s, now(), interval ''1 day'')', stage), '22023',
                 format('stage %s of a funnel is not between 1 and 64', stage), 'there is no stage ' || stage)
FROM unnest('{0,-1,65,2147483647,-2147483648}'::integer[]) AS stage;
SELECT lives_ok($$ SELECT funnel(64, now(), '1 day') $$, 'there is a stage 64');
SELECT throws_ok(format('SELECT reached_at(''{within: 30 days, events: {}}'', %s)', stage), '22023', NULL, 'nor can stage ' || stage || ' be asked for')
FROM unnest('{0,65}'::integer[]) AS stage;
SELECT throws_ok(format('SELECT funnel(1, %L::timestamptz, interval ''1 day'')', at), '22008', 'time of a stage is infinite', at || ' is no time')
FROM unnest('{infinity,-infinity}'::text[]) AS at;
SELECT throws_ok('SELECT funnel(1, now(), NULL)', '22023', 'window of a funnel must not be NULL', 'no window');
SELECT throws_ok(format('SELECT funnel(1, now(), interval %L)', within), '22023', NULL, 'no window of ' || within)
FROM unnest('{-1 microsecond,-30 days,1 month,2 years,1 year -360 days,2147483647 days,106751991 days 04:00:54.775808}'::text[]) AS within;
SELECT throws_ok($$ SELECT funnel(s, now(), w) FROM (VALUES (1, interval '30 days'), (2, '1 day 00:00:01')) v (s, w) $$, '22023',
                 'funnels within 30 days and within 1 day 00:00:01 cannot be added', 'two windows in a group');
SELECT lives_ok($$ SELECT funnel(s, now(), w) FROM (VALUES (1, interval '1 day'), (2, '24 hours')) v (s, w) $$, 'a day is 24 hours');
SELECT throws_ok($$ SELECT rollup(f) FROM (VALUES ('{within: 30 days, events: {}}'::funnel), ('{within: 14 days, events: {}}')) v (f) $$, '22023',
                 'funnels within 30 days and within 14 days cannot be added', 'two windows to roll up');
SELECT throws_ok($$ SELECT '{within: 30 days, events: {}}'::funnel + '{within: 14 days, events: {}}' $$, '22023',
                 'funnels within 30 days and within 14 days cannot be added', 'two windows to add');
SELECT throws_ok($$ SELECT funnel_add(NULL, 1, now(), '1 day') $$, '0A000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT funnel_add(NULL, 'a', now(), '1 day', '{a}') $$, '0A000', NULL, 'the other one');
SELECT throws_ok($$ SELECT funnel_combine(NULL, '{within: 30 days, events: {}}') $$, '0A000', NULL, 'a combine function outside an aggregate');

-- Stages by name.
CREATE TYPE pg_temp.referral_stage AS ENUM ('offered', 'accepted', 'attended', 'engaged');
CREATE TEMP TABLE named (stage text, at timestamptz);
INSERT INTO named VALUES ('attended', '2024-01-05'), ('offered', '2024-01-01'), ('letter sent', '2024-01-02'), (NULL, '2024-01-02'), ('accepted', '2024-01-03');
SELECT is(funnel(stage, at, '30 days', '{offered,accepted,attended,engaged}')::text,
          '{within: 30 days, events: {2024-01-01 00:00:00+00 1, 2024-01-03 00:00:00+00 2, 2024-01-05 00:00:00+00 3}}',
          'names stand for their places; another name is skipped') FROM named;
SELECT is(funnel(stage, at, '30 days', '[5:6]={attended,offered}'::text[])::text,
          '{within: 30 days, events: {2024-01-01 00:00:00+00 2, 2024-01-05 00:00:00+00 1}}', 'places count from the beginning of the array') FROM named;
SELECT is(funnel(stage, at, '30 days', '{Offered,"accepted ",a}')::text, NULL, 'names are compared byte by byte; none gives NULL') FROM named;
SELECT is(funnel(stage::text, at, '30 days', (SELECT enum_range(NULL::pg_temp.referral_stage)::text[]))::text,
          (SELECT funnel(stage, at, '30 days', '{offered,accepted,attended,engaged}')::text FROM named), 'an enum has names too')
FROM (SELECT stage::pg_temp.referral_stage, at FROM named WHERE stage <> 'letter sent') e;
SELECT is((SELECT array_agg(furthest_stage(f) ORDER BY k) FROM
              (SELECT k, funnel(stage, at, '30 days', CASE k WHEN 1 THEN '{offered,accepted}'::text[] WHEN 2 THEN '{accepted,attended,engaged}'
                                                             ELSE array_agg_names.names END) AS f
               FROM named, generate_series(1, 3) AS k, (SELECT array_agg(s ORDER BY o) AS names
                   FROM unnest('{offered,accepted,attended}'::text[]) WITH ORDINALITY AS u (s, o)) AS array_agg_names
               GROUP BY k, array_agg_names.names) g), '{2,2,3}', 'the names may differ from row to row, and come from a table');
SELECT is((SELECT funnel(i::text, timestamptz '2024-01-01' + i * interval '1 second', '1 day', (SELECT array_agg(n::text ORDER BY n) FROM generate_series(1, 64) AS n))
           FROM generate_series(1, 70) AS i), (SELECT funnel(i, timestamptz '2024-01-01' + i * interval '1 second', '1 day') FROM generate_series(1, 64) AS i),
          'there may be 64 names');
SELECT throws_ok(format('SELECT funnel(''a'', now(), interval ''1 day'', %L::text[])', stages), '22023', NULL, left(coalesce(stages, 'NULL'), 20) || ' are no stages')
FROM unnest(ARRAY['{}', NULL, '{NULL}', '{a,NULL}', '{a,b,a}', '{{a,b}}', (SELECT array_agg(i)::text FROM generate_series(1, 65) AS i)]) AS stages;
SELECT throws_ok($$ SELECT funnel(s, now(), interval '1 day', n) FROM (VALUES ('a', '{a,b}'::text[]), ('a', '{b,b}')) v (s, n) $$, '22023',
                 'stages 1 and 2 of a funnel have the same name, "b"', 'names are looked at again when they change');

-- Random persons, the same on every machine: up to 12 events, at whole days for odd persons so that many are at one moment.
CREATE TABLE referral AS
    SELECT person, i, 1 + (h >> 8) % 4 AS stage, within, timestamptz '2019-01-01 00:00+00' +
               CASE WHEN person % 2 = 1 THEN (h >> 12) % 90 * interval '1 day' ELSE (h >> 12) % 7776000 * interval '1 second' END AS at
    FROM generate_series(1, 4000) AS person,
         LATERAL generate_series(1, 1 + ('x' || substr(md5('n' || person), 1, 4))::bit(16)::integer % 12) AS i,
         LATERAL (SELECT ('x' || substr(md5(person || ':' || i), 1, 8))::bit(32)::bigint & 2147483647) AS r (h),
         LATERAL (SELECT (ARRAY[0, 3, 10, 30])[1 + person / 2 % 4] * interval '1 day') AS w (within);
CREATE TEMP TABLE person_funnel AS SELECT person, within, funnel(stage::integer, at, within) AS f FROM referral GROUP BY person, within;
-- Nested window minima: the best plain SQL for the first entry.
CREATE TEMP TABLE plain AS
    SELECT DISTINCT person, t1, t2, t3, t4 FROM
        (SELECT *, min(at) FILTER (WHERE stage = 4 AND at >= t3 AND at <= t1 + within) OVER p AS t4 FROM
            (SELECT *, min(at) FILTER (WHERE stage = 3 AND at >= t2 AND at <= t1 + within) OVER p AS t3 FROM
                (SELECT *, min(at) FILTER (WHERE stage = 2 AND at >= t1 AND at <= t1 + within) OVER p AS t2 FROM
                    (SELECT *, min(at) FILTER (WHERE stage = 1) OVER p AS t1 FROM referral WINDOW p AS (PARTITION BY person)) a
                 WINDOW p AS (PARTITION BY person)) b
             WINDOW p AS (PARTITION BY person)) c
         WINDOW p AS (PARTITION BY person)) d;
SELECT is((SELECT count(*) FROM plain), 4000::bigint, 'plain SQL has a row for each person');
SELECT is_empty($$ SELECT person FROM plain FULL JOIN person_funnel USING (person)
                   WHERE furthest_stage(f) IS DISTINCT FROM num_nonnulls(t1, t2, t3, t4) OR reached_at(f, 1) IS DISTINCT FROM t1
                      OR reached_at(f, 2) IS DISTINCT FROM t2 OR reached_at(f, 3) IS DISTINCT FROM t3 OR reached_at(f, 4) IS DISTINCT FROM t4
                      OR reached_at(f, 5) IS NOT NULL $$, 'furthest stage and times of 4,000 persons are plain SQL''s');
SELECT ok(count(*) = 5 AND min(n) > 50, 'every furthest stage, from none to the last, is there often') FROM
    (SELECT count(*) AS n FROM person_funnel GROUP BY furthest_stage(f)) c;
-- The same in every episode, cut where a gap is longer than the window.
CREATE TEMP TABLE plain_episode AS
    SELECT DISTINCT person, row_number() OVER (PARTITION BY person ORDER BY cut) AS episode, array_remove(ARRAY[t1, t2, t3, t4], NULL) AS reached FROM
        (SELECT DISTINCT person, cut, t1, t2, t3, t4 FROM
            (SELECT *, min(at) FILTER (WHERE stage = 4 AND at >= t3 AND at <= t1 + within) OVER p AS t4 FROM
                (SELECT *, min(at) FILTER (WHERE stage = 3 AND at >= t2 AND at <= t1 + within) OVER p AS t3 FROM
                    (SELECT *, min(at) FILTER (WHERE stage = 2 AND at >= t1 AND at <= t1 + within) OVER p AS t2 FROM
                        (SELECT *, min(at) FILTER (WHERE stage = 1) OVER p AS t1 FROM
                            (SELECT *, count(*) FILTER (WHERE gap > within) OVER (PARTITION BY person ORDER BY at) AS cut FROM
                                (SELECT *, at - lag(at) OVER (PARTITION BY person ORDER BY at, stage) AS gap FROM referral) g) h
                         WINDOW p AS (PARTITION BY person, cut)) a
                     WINDOW p AS (PARTITION BY person, cut)) b
                 WINDOW p AS (PARTITION BY person, cut)) c
             WINDOW p AS (PARTITION BY person, cut)) d
         WHERE t1 IS NOT NULL) e;
SELECT set_eq('SELECT person, e.episode::bigint, e.reached_at FROM person_funnel, episodes(f) AS e', 'SELECT person, episode, reached FROM plain_episode',
              'episodes are plain SQL''s');
SELECT is_empty('SELECT 1 FROM person_funnel, episodes(f) AS e WHERE cardinality(reached_at) <> e.furthest_stage', 'as many times as stages');
SELECT cmp_ok((SELECT count(*) FROM plain_episode WHERE episode > 1), '>', 1000::bigint, 'many persons have more than one');
SELECT is_empty($$ SELECT person FROM person_funnel JOIN (SELECT person, count(DISTINCT (stage, at)) AS n FROM referral GROUP BY person) c USING (person)
                   WHERE num_values(f) <> n $$, 'events are counted once');

-- Laws: any order, any split, any merge is the whole, to the byte.
SELECT is_empty($$ SELECT person FROM person_funnel JOIN
                   (SELECT person, funnel(stage::integer, at, within ORDER BY md5(i || 'order')) AS f FROM referral GROUP BY person) o USING (person)
                   WHERE funnel_send(o.f) <> funnel_send(person_funnel.f) $$, 'another order of the rows is the same funnel');
SELECT is_empty($$ SELECT person FROM person_funnel JOIN
                   (SELECT person, funnel(stage::integer, at, within ORDER BY at, stage) AS f FROM referral GROUP BY person) o USING (person)
                   WHERE funnel_send(o.f) <> funnel_send(person_funnel.f) $$, 'so is the order of time');
CREATE TEMP TABLE part AS SELECT person, i % 3 AS part, funnel(stage::integer, at, within) AS f FROM referral GROUP BY person, part;
SELECT is_empty($$ SELECT person FROM person_funnel JOIN (SELECT person, rollup(f ORDER BY md5(part::text)) AS f FROM part GROUP BY person) r USING (person)
                   WHERE funnel_send(r.f) <> funnel_send(person_funnel.f) $$, 'parts rolled up are the whole');
-- Everybody has a part 1.
SELECT is_empty($$ SELECT p.person FROM person_funnel p JOIN part a ON a.person = p.person AND a.part = 1
                   LEFT JOIN part b ON b.person = p.person AND b.part = 2 LEFT JOIN part c ON c.person = p.person AND c.part = 0
                   CROSS JOIN LATERAL (SELECT format('{within: %s, events: {}}', within)::funnel AS none) n
                   WHERE (a.f + coalesce(b.f, none)) + coalesce(c.f, none) <> p.f OR coalesce(c.f, none) + (coalesce(b.f, none) + a.f) <> p.f $$,
                'parts added in any order are the whole');
SELECT is_empty('SELECT person FROM person_funnel WHERE f + f <> f', 'a funnel added to itself is itself');
SELECT ok('{within: 1 day, events: {}}'::funnel <> '{within: 2 days, events: {}}', 'another window is another funnel');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT f FROM (SELECT f FROM person_funnel UNION ALL SELECT f::text::funnel FROM person_funnel
                                 UNION ALL SELECT f + f FROM person_funnel) t) u),
          (SELECT count(DISTINCT f::text) FROM person_funnel), 'equal values hash alike, however they were made');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT funnel_hash_extended(f, 1), funnel_hash(f) FROM person_funnel) h),
          (SELECT count(DISTINCT f::text) FROM person_funnel), 'and others otherwise');

-- Many events of one person: the state grows, is stored compressed, and is the same.
CREATE TEMP TABLE long AS SELECT i, 1 + i % 5 AS stage, timestamptz '2000-01-01 00:00+00' + (i * 7919 % 20011) * interval '1 hour' AS at FROM generate_series(1, 20010) AS i;
CREATE TEMP TABLE stored AS SELECT funnel(stage, at, '30 days') AS f FROM long UNION ALL SELECT funnel(stage, at, '30 days' ORDER BY at) FROM long;
SELECT is((SELECT count(*) FROM (SELECT DISTINCT f FROM stored) d), 1::bigint, '20,010 events in two orders are one funnel');
SELECT is((SELECT f::text FROM stored LIMIT 1), (SELECT '{within: 30 days, events: {' || string_agg(at || ' ' || stage, ', ' ORDER BY at) || '}}' FROM long), 'and are all there');
SELECT is(num_values(f), 20010::bigint, 'counted') FROM stored;
SELECT is(rollup(f)::text, (SELECT f::text FROM stored LIMIT 1), 'rolled up, each is there once') FROM stored;
-- A value of up to 126 bytes after its first is stored behind one byte instead of four.
CREATE TEMP TABLE sized AS SELECT n, funnel(1, timestamptz '2024-01-01 00:00+00' + i * interval '1 second', '1 day') AS f
    FROM generate_series(1, 30) AS n, generate_series(1, n) AS i GROUP BY n;
SELECT is(pg_column_size(f), CASE WHEN n <= 12 THEN 13 ELSE 16 END + 9 * n, n || ' events take 9 bytes each, and the header') FROM sized;

-- The state is shared, and read without being changed.
SELECT is(array[num_values(f), num_values(f + '{within: 30 days, events: {1999-01-01 00:00:00+00 1}}'), num_values(f)], array[20010, 20011, 20010]::bigint[],
          'an accessor changes nothing') FROM (SELECT funnel(stage, at, '30 days') AS f FROM long) s;
SELECT is_empty($$ SELECT i FROM (SELECT i, funnel(stage, at, '30 days') OVER (ORDER BY i) AS f FROM long WHERE i <= 60) w
                   WHERE f <> (SELECT funnel(stage, at, '30 days') FROM long WHERE long.i <= w.i) $$, 'a growing window gives each row its own funnel');
SELECT is_empty($$ SELECT i FROM (SELECT i, funnel(stage, at, '30 days') OVER (ORDER BY i ROWS BETWEEN 4 PRECEDING AND 1 FOLLOWING) AS f FROM long WHERE i <= 60) w
                   WHERE f <> (SELECT funnel(stage, at, '30 days') FROM long WHERE long.i BETWEEN w.i - 4 AND least(w.i + 1, 60)) $$, 'so does a moving one');
-- An aggregate of someone's own on the same functions, with a beginning and without a final function, gives values that have room left.
CREATE AGGREGATE pg_temp.rough(stage integer, at timestamptz, within interval) (
    SFUNC = funnel_add, STYPE = funnel, INITCOND = '{within: 30 days, events: {2000-01-01 00:00:00+00 5}}');
CREATE TEMP TABLE rough AS SELECT pg_temp.rough(stage, at, '30 days') AS f FROM (SELECT * FROM long WHERE i <= 8 ORDER BY i LIMIT 8) l;
CREATE TEMP TABLE smooth AS SELECT funnel(stage, at, '30 days') + '{within: 30 days, events: {2000-01-01 00:00:00+00 5}}' AS f FROM long WHERE i <= 8;
SELECT cmp_ok(pg_column_size(rough.f), '>', pg_column_size(smooth.f), 'such a value is larger') FROM rough, smooth;
SELECT ok(rough.f = smooth.f AND NOT rough.f <> smooth.f, 'and equal') FROM rough, smooth;
SELECT is(rough.f::text, smooth.f::text, 'with the same text') FROM rough, smooth;
SELECT is(funnel_send(rough.f), funnel_send(smooth.f), 'the same binary form') FROM rough, smooth;
SELECT is(funnel_hash(rough.f), funnel_hash(smooth.f), 'the same hash') FROM rough, smooth;
SELECT is(funnel_hash_extended(rough.f, 7), funnel_hash_extended(smooth.f, 7), 'and the other') FROM rough, smooth;
SELECT is(furthest_stage(rough.f), furthest_stage(smooth.f), 'the same furthest stage') FROM rough, smooth;
SELECT is(num_values(rough.f), num_values(smooth.f), 'as many events') FROM rough, smooth;
SELECT ok(rough.f + smooth.f = smooth.f AND funnel_final(rough.f) = smooth.f, 'added, the same events') FROM rough, smooth;
SELECT ok(rollup(f) = (SELECT f FROM smooth), 'rolled up, the same funnel') FROM rough;

-- Binary.
SELECT is(encode(funnel_send('{within: 00:00:00.000258, events: {2000-01-01 00:00:00.000513+00 1, 2000-01-01 00:00:00.000513+00 64}}'), 'hex'),
          '01' || '0000000000000102' || '00000002' || '0000000000000201' || '01' || '0000000000000201' || '40', 'two events, as worked out by hand');
CREATE TEMP TABLE received (f funnel);
-- A client's bytes, in a binary COPY from a file beside the server's data.
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    large_object oid := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea || '\x0001'::bytea
                                        || int4send(length(bytes)) || bytes || '\xffff'::bytea);
    file text := current_setting('data_directory') || '/naloxone_kpi_receive';
    result text;
BEGIN
    PERFORM lo_export(large_object, file), lo_unlink(large_object);
    DELETE FROM received;
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    SELECT f::text INTO result FROM received;
    RETURN result;
END $$;
SELECT is(pg_temp.receive(funnel_send(f)), f::text, 'what is sent is received') FROM person_funnel WHERE person <= 20;
SELECT is(pg_temp.receive(funnel_send(f)), f::text, 'much, too') FROM stored LIMIT 1;
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', bad), '22P03', NULL, format('%s is refused', bad))
FROM (SELECT decode(replace(bad, ' ', ''), 'hex') FROM unnest(ARRAY[
    '', '01', '01 0000000000000000 000000', '02 0000000000000000 00000000', '01 8000000000000000 00000000', '01 0000000000000000 00000000 00',
    -- more events than there are, than there can be, and fewer
    '01 0000000000000000 00000001', '01 0000000000000000 ffffffff', '01 0000000000000000 1fffffff', '01 0000000000000000 00000001 0000000000000000 01 00',
    -- stages, times and orders that cannot be
    '01 0000000000000000 00000001 0000000000000000 00', '01 0000000000000000 00000001 0000000000000000 41',
    '01 0000000000000000 00000001 7fffffffffffffff 01', '01 0000000000000000 00000001 8000000000000000 01',
    '01 0000000000000000 00000002 0000000000000000 01 0000000000000000 01', '01 0000000000000000 00000002 0000000000000000 02 0000000000000000 01',
    '01 0000000000000000 00000002 0000000000000001 01 0000000000000000 01']) AS bad) AS b (bad);
-- Whatever is changed in a valid form is either refused so, or another valid form.
CREATE FUNCTION pg_temp.mutate(tries integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    bytes bytea;
    sent bytea;
    received_text text;
    refused integer := 0;
BEGIN
    FOR try IN 1 .. tries LOOP
        SELECT funnel_send(f) INTO bytes FROM person_funnel WHERE person = try;
        bytes := set_bit(bytes, ('x' || substr(md5('bit' || try), 1, 7))::bit(28)::integer % (8 * length(bytes)), try % 2);
        IF try % 3 = 0 THEN
            bytes := substr(bytes, 1, ('x' || substr(md5('cut' || try), 1, 7))::bit(28)::integer % (length(bytes) + 1));
        END IF;
        BEGIN
            received_text := pg_temp.receive(bytes);
            SELECT funnel_send(received_text::funnel) INTO sent;
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
COPY (SELECT 1) TO PROGRAM 'rm -f naloxone_kpi_receive';

-- Stored bytes that nobody wrote: every function refuses them as damaged, or answers. They are made by a cast that only this test has.
CREATE CAST (bytea AS funnel) WITHOUT FUNCTION;
CREATE CAST (funnel AS bytea) WITHOUT FUNCTION;
CREATE TEMP TABLE reading (query text);
INSERT INTO reading VALUES
    ('SELECT $1::funnel::text'), ('SELECT funnel_send($1::funnel)::text'), ('SELECT furthest_stage($1::funnel)::text'), ('SELECT reached_at($1::funnel, 2)::text'),
    ('SELECT num_values($1::funnel)::text'), ('SELECT count(*)::text FROM episodes($1::funnel)'), ('SELECT ($1::funnel + $1::funnel)::text'),
    ('SELECT ($1::funnel = $1::funnel)::text'), ('SELECT funnel_hash($1::funnel)::text'), ('SELECT funnel_hash_extended($1::funnel, 1)::text'),
    ('SELECT rollup(f)::text FROM (VALUES ($1::funnel), ($1::funnel)) v (f)'), ('SELECT funnel_final($1::funnel)::text');
CREATE FUNCTION pg_temp.read_damaged(query text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE query INTO result USING bytes;
    RETURN 'read';
EXCEPTION WHEN data_corrupted THEN
    RETURN 'damaged';
END $$;
SELECT is(pg_temp.read_damaged(query, bytes), 'damaged', format('%s of %s', query, bytes))
FROM reading, (SELECT f::bytea AS whole FROM person_funnel WHERE num_values(f) > 3 ORDER BY person LIMIT 1) w,
     LATERAL unnest(ARRAY['', '\x00', substr(whole, 1, 11), substr(whole, 1, length(whole) - 1), set_byte(whole, 20, 0), set_byte(whole, 20, 65),
                          overlay(whole PLACING '\xffffffff' FROM 1)]) AS bytes;
SELECT is((SELECT count(*) FROM reading, generate_series(1, 200) AS try, LATERAL
               (SELECT set_bit(f::bytea, ('x' || substr(md5('stored' || try), 1, 7))::bit(28)::integer % (8 * length(f::bytea)), try % 2) AS bytes
                FROM person_funnel WHERE person = try) m
           WHERE pg_temp.read_damaged(query, bytes) IN ('read', 'damaged')), 12 * 200::bigint, 'a bit changed in what is stored is survived');

-- Parallel: partial aggregates, and the same bytes.
-- Of eight persons in a row each has another window or another kind of time, so every eighth can be rolled up.
CREATE TEMP TABLE serial_result AS SELECT person % 8 AS person, rollup(f) AS f FROM person_funnel GROUP BY person % 8;
ANALYZE referral;
CREATE TABLE parallel_part AS SELECT person % 8 AS person, f FROM part;
ANALYZE parallel_part;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL enable_sort = off;
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
CREATE TEMP TABLE query AS SELECT * FROM (VALUES
    ('SELECT person, funnel(stage::integer, at, within) AS f FROM referral GROUP BY person'),
    ('SELECT person, funnel(stage::text, at, within, ''{1,2,3,4}'') AS f FROM referral GROUP BY person'),
    ('SELECT person, rollup(f) AS f FROM parallel_part GROUP BY person')) AS q (query);
SELECT matches(pg_temp.plan(query), 'Partial .*Aggregate', query || ' is partial') FROM query;
CREATE FUNCTION pg_temp.differences(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('CREATE TEMP TABLE parallel_result AS %s', query);
    SELECT count(*) INTO result FROM (SELECT * FROM person_funnel WHERE query !~ 'rollup' UNION ALL SELECT person, NULL, f FROM serial_result WHERE query ~ 'rollup') s
        FULL JOIN parallel_result r USING (person) WHERE funnel_send(s.f) IS DISTINCT FROM funnel_send(r.f);
    DROP TABLE parallel_result;
    RETURN result;
END $$;
SELECT is(pg_temp.differences(query), 0::bigint, query || ': parallel and serial agree') FROM query;
SELECT throws_ok($$ SELECT funnel(stage::integer, at, within) FROM referral $$, '22023', NULL, 'windows that differ between workers are found');

-- Order: by window, then event by event.
CREATE TEMP TABLE ascending AS
    SELECT f::funnel AS f, i FROM unnest(ARRAY[
        '{within: 1 day, events: {}}', '{within: 1 day, events: {2024-01-01 00:00:00+00 1}}',
        '{within: 1 day, events: {2024-01-01 00:00:00+00 1, 2024-01-01 00:00:00+00 2}}', '{within: 1 day, events: {2024-01-01 00:00:00+00 2}}',
        '{within: 1 day, events: {2024-01-02 00:00:00+00 1}}', '{within: 2 days, events: {}}', '{within: 2 days, events: {2023-01-01 00:00:00+00 1}}'])
        WITH ORDINALITY AS u (f, i);
SELECT is_empty($$
    SELECT a.f, b.f FROM ascending a, ascending b
    WHERE (a.f < b.f, a.f <= b.f, a.f = b.f, a.f >= b.f, a.f > b.f, a.f <> b.f, sign(funnel_cmp(a.f, b.f))::integer)
       <> (a.i < b.i, a.i <= b.i, a.i = b.i, a.i >= b.i, a.i > b.i, a.i <> b.i, sign(a.i - b.i)::integer) $$, 'every comparison is that of the order');
SELECT is((SELECT array_agg(i ORDER BY f) FROM ascending), ARRAY[1, 2, 3, 4, 5, 6, 7]::bigint[], 'and sorts by it');
SELECT is((SELECT count(DISTINCT f) FROM (SELECT f FROM ascending UNION ALL SELECT f FROM ascending) d), 7::bigint, 'DISTINCT aggregates know them apart');
CREATE TEMP TABLE keyed_funnel (f funnel PRIMARY KEY);
INSERT INTO keyed_funnel SELECT f FROM ascending;
SELECT throws_ok('INSERT INTO keyed_funnel SELECT f FROM ascending LIMIT 1', '23505', NULL, 'a funnel can be a key');

SELECT * FROM finish();
ROLLBACK;
