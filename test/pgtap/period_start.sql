-- period_start(), against date_trunc() on days moved by the months before the fiscal start, and of moments against AT TIME ZONE.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

SELECT is(period_start('month', '2024-02-29'), '2024-02-01'::date, 'a month');
SELECT is(period_start('fiscal_quarter', '2024-03-31'), '2024-01-01'::date, 'the last fiscal quarter');
SELECT is(period_start('fiscal_year', '2024-03-31'), '2023-04-01'::date, 'the last day of 2023/24');
SELECT is(period_start('fiscal_year', '2024-04-01'), '2024-04-01'::date, 'the first day of 2024/25');
SELECT is(period_start('fiscal_year', '2024-04-01', 7), '2023-07-01'::date, 'a fiscal year from July');
SELECT is(period_start('fiscal_year', '2024-04-01', first_month => 1), '2024-01-01'::date, 'a calendar year');
SELECT is(period_start('month', 'infinity'), 'infinity'::date, 'infinity stays');
SELECT is(period_start('fiscal_year', '-infinity'), '-infinity'::date, '-infinity stays');
SELECT is(period_start('fiscal_year', '0001-03-31 BC'), '0002-04-01 BC'::date, 'before the first year there are years too');
SELECT is(period_start(NULL, '2024-04-01'), NULL, 'NULL grain');
SELECT is(period_start('month', NULL), NULL, 'NULL day');

SELECT is_empty($$
    SELECT day, first_month FROM generate_series('1996-01-01'::date, '2004-12-31', '1 day') AS d (t), LATERAL (SELECT t::date) x (day),
           generate_series(1, 12) AS first_month
    WHERE period_start('month', day, first_month) <> date_trunc('month', day)::date
       OR period_start('fiscal_quarter', day, first_month)
              <> (date_trunc('quarter', date_trunc('month', day) - make_interval(months => first_month - 1)) + make_interval(months => first_month - 1))::date
       OR period_start('fiscal_year', day, first_month)
              <> (date_trunc('year', date_trunc('month', day) - make_interval(months => first_month - 1)) + make_interval(months => first_month - 1))::date $$,
    'every day of nine years, from every first month');
SELECT is(period_start('fiscal_year', day), first_day(fiscal_year(day)), 'it agrees with fiscal_year on ' || day)
FROM unnest('{2024-03-31,2024-04-01,1900-02-28,2000-02-29}'::date[]) AS day;

SELECT throws_ok($$ SELECT period_start('year', '2024-04-01') $$, '22023', 'period grain "year" is not known', 'another grain');
SELECT throws_ok($$ SELECT period_start('month', '2024-04-01', 0) $$, '22023', NULL, 'month 0');
SELECT throws_ok($$ SELECT period_start('month', '2024-04-01', 13) $$, '22023', NULL, 'month 13');
SELECT is(period_start('fiscal_year', '4714-11-24 BC'), NULL, 'a start before the first date is none');

-- Moments -----------------------------------------------------------------------------

SELECT is(period_start('month', timestamptz '2024-06-30 23:30+00', 'Europe/London'), '2024-07-01'::date, 'in London it is July already');
SELECT is(period_start('month', timestamptz '2024-06-30 23:30+00', 'America/New_York'), '2024-06-01'::date, 'in New York it is June still');
SELECT is(period_start('fiscal_year', timestamptz '2024-03-31 23:30+00', 'Europe/London'), '2024-04-01'::date, 'a fiscal year from April, by summer time');
SELECT is(period_start('fiscal_quarter', timestamptz '2024-03-31 22:59:59.999999+00', 'Europe/London', 4), '2024-01-01'::date, 'and the quarter before it');
SELECT is(period_start('fiscal_year', timestamptz '2024-04-01', 'UTC', first_month => 7), '2023-07-01'::date, 'from July');
SELECT is(period_start('month', timestamptz 'infinity', 'UTC'), 'infinity'::date, 'infinity stays');
SELECT is(period_start('fiscal_year', timestamptz '-infinity', 'Europe/London'), '-infinity'::date, '-infinity stays');
SELECT is(period_start(NULL, timestamptz '2024-04-01 00:00+00', 'UTC'), NULL, 'NULL grain');
SELECT is(period_start('month', NULL::timestamptz, 'UTC'), NULL, 'NULL moment');
SELECT is(period_start('month', timestamptz '2024-04-01 00:00+00', NULL::text), NULL, 'NULL zone');
SELECT is(period_start('month', timestamptz '2024-04-01 00:00+00', 'UTC', NULL), NULL, 'NULL first month');

-- About the first of every month of 140 years, to a microsecond, and where clocks changed then.
CREATE TEMP TABLE ascending AS
    SELECT (month + away) AT TIME ZONE 'UTC' AS at
    FROM generate_series('1900-01-01'::timestamp, '2040-12-01', '1 month') AS month,
         unnest('{-26:00,-14:00,-13:00,-12:00,-10:00,-8:00,-5:30,-4:00,-3:00,-2:00,-1:00,-0:30,-0:00:00.000001,
                  0:00,0:15,0:59:59.999999,1:30,2:00,3:00,4:00,5:00,6:00,9:00,10:30,11:00,12:00,26:00,200:00}'::interval[]) AS away
    ORDER BY 1;
CREATE TEMP TABLE shuffled AS SELECT at FROM ascending ORDER BY md5(at::text);
SELECT cmp_ok((SELECT count(*) FROM ascending), '>', 40000::bigint, 'there are moments to compare');

-- How many moments of a table fall into another period than date_trunc() puts the local day into. All but the moment is constant.
CREATE FUNCTION pg_temp.wrong(moments regclass, grain text, zone text, first_month integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    EXECUTE format($q$ SELECT count(*) FROM %s
                       WHERE period_start(%L, at, %L, %s) IS DISTINCT FROM
                             (date_trunc(%L, (at AT TIME ZONE %3$L)::date - interval '%6$s months') + interval '%6$s months')::date $q$,
                   moments, grain, zone, first_month, replace(grain, 'fiscal_', ''), CASE grain WHEN 'month' THEN 0 ELSE first_month - 1 END)
    INTO wrong;
    RETURN wrong;
END $$;
CREATE TEMP TABLE zone AS
    SELECT name FROM unnest('{Europe/London,America/Toronto,America/New_York,Pacific/Apia,America/Asuncion,Africa/Cairo,Atlantic/Azores,Asia/Beirut,
        America/Scoresbysund,Antarctica/Troll,Antarctica/Casey,Asia/Kathmandu,Africa/Monrovia,Asia/Manila,America/St_Johns,Australia/Lord_Howe,UTC,+05:00}'::text[]) AS name
    UNION ALL VALUES ('EST5EDT,M3.2.0,M11.1.0'), ('X-160Y,J60/0,J300/0');
SELECT is(pg_temp.wrong('ascending', 'month', name, 4), 0::bigint, format('months in %s, in order', name)) FROM zone;
SELECT is(pg_temp.wrong('shuffled', 'month', name, 4), 0::bigint, format('months in %s, in no order', name)) FROM zone;
SELECT is(pg_temp.wrong('shuffled', 'fiscal_quarter', name, 12), 0::bigint, format('quarters in %s', name)) FROM zone;
SELECT is(pg_temp.wrong('shuffled', 'fiscal_year', 'America/Scoresbysund', first_month), 0::bigint, format('years from month %s', first_month))
FROM generate_series(1, 12) AS first_month;
SELECT is(pg_temp.wrong('shuffled', 'fiscal_quarter', 'Pacific/Apia', first_month), 0::bigint, format('quarters from month %s', first_month))
FROM generate_series(1, 12) AS first_month;

-- Clocks that changed at a month's start, minute by minute for two days on each side of it.
CREATE TEMP TABLE midnight (zone text, month date);
INSERT INTO midnight VALUES
    ('America/St_Johns', '2009-11-01'), ('America/Goose_Bay', '2009-11-01'), ('America/Havana', '2015-11-01'), ('America/Havana', '2012-04-01'),
    ('Africa/Cairo', '1945-11-01'), ('Africa/Cairo', '2024-11-01'), ('Africa/Freetown', '1933-04-01'), ('Africa/Monrovia', '1919-03-01'),
    ('America/Asuncion', '2000-10-01'), ('America/Asuncion', '1989-04-01'), ('America/Montevideo', '1924-04-01'), ('Asia/Beirut', '1984-05-01'),
    ('Pacific/Kiritimati', '1995-01-01'), ('Pacific/Kanton', '1995-01-01'), ('Pacific/Apia', '2012-01-01'), ('Atlantic/Azores', '1916-11-01'), ('Antarctica/Vostok', '1994-02-01');
CREATE TEMP TABLE minute AS
    SELECT zone, local AT TIME ZONE 'UTC' AS at
    FROM midnight, generate_series(month::timestamp - interval '2 days', month::timestamp + interval '2 days', '1 minute') AS local
    ORDER BY zone, md5(local::text);
SELECT is_empty($$ SELECT zone, at FROM minute WHERE period_start('month', at, zone) IS DISTINCT FROM date_trunc('month', at AT TIME ZONE zone)::date $$,
    'every minute where clocks changed about the first of a month');

-- Parameters that change from row to row, out of a table.
SELECT is_empty($$
    SELECT * FROM (SELECT at, zone.name, first_month, grain
                   FROM (SELECT at FROM shuffled LIMIT 300) s, zone, generate_series(1, 12, 3) AS first_month,
                        unnest('{month,fiscal_quarter,fiscal_year}'::text[]) AS grain
                   ORDER BY md5(concat(at, zone.name, first_month, grain))) AS row
    WHERE period_start(grain, at, name, first_month) IS DISTINCT FROM period_start(grain, (at AT TIME ZONE name)::date, first_month) $$,
    'where every row has another zone, grain and first month');
SELECT is_empty($$
    SELECT * FROM (SELECT at, first_month FROM (SELECT at FROM shuffled LIMIT 2000) s, generate_series(1, 12) AS first_month ORDER BY md5(concat(at, first_month))) AS row
    WHERE period_start('fiscal_year', at, 'Europe/London', first_month) IS DISTINCT FROM period_start('fiscal_year', (at AT TIME ZONE 'Europe/London')::date, first_month) $$,
    'where only the first month changes');
SELECT is_empty($$
    SELECT * FROM (SELECT at, grain FROM (SELECT at FROM shuffled LIMIT 5000) s, unnest('{month,fiscal_quarter,fiscal_year}'::text[]) AS grain ORDER BY md5(concat(at, grain))) AS row
    WHERE period_start(grain, at, 'Europe/London') IS DISTINCT FROM period_start(grain, (at AT TIME ZONE 'Europe/London')::date) $$,
    'where only the grain changes');
SELECT is_empty($$ SELECT at FROM ascending WHERE period_start('month', at, 'Europe/London', 1) <> period_start('month', at, 'europe/london', 12) $$,
    'a zone''s name is in capitals or not, and months do not depend on the first');

-- From the first to the last moment that there is.
SELECT is(period_start('month', timestamptz '294276-12-31 23:59:59.999999+00', 'UTC'), '294276-12-01'::date, 'the last moment');
SELECT is(period_start('fiscal_year', timestamptz '294276-12-31 23:59:59.999999+00', 'America/New_York', 12), '294276-12-01'::date, 'in New York');
SELECT is(period_start('month', timestamptz '294276-12-31 23:59:59.999999+00', 'Asia/Tokyo'), NULL, 'in Tokyo it is too late');
SELECT throws_ok($$ SELECT timestamptz '294276-12-31 23:59:59.999999+00' AT TIME ZONE 'Asia/Tokyo' $$, '22008', NULL, 'as it is for AT TIME ZONE');
SELECT is(period_start('month', timestamptz '4714-11-24 00:00+00 BC', 'America/New_York'), NULL, 'and in New York too early');
SELECT is(period_start('month', timestamptz '4714-11-24 00:00+00 BC', 'UTC'), NULL, 'a start before the first date is none');
SELECT is(period_start('month', timestamptz '4714-12-01 00:00+00 BC', 'UTC'), '4714-12-01 BC'::date, 'the first month that has all its days');
SELECT is_empty($$
    SELECT year, zone.name
    FROM generate_series(1, 290000, 500) AS year, zone, LATERAL (SELECT make_timestamptz(year, 3, 1, 0, 30, 0, 'UTC')) AS t (at)
    WHERE period_start('fiscal_year', at, zone.name, 3) <> period_start('fiscal_year', (at AT TIME ZONE zone.name)::date, 3) $$,
    'years that no record is of');

SELECT throws_ok($$ SELECT period_start('year', timestamptz '2024-04-01 00:00+00', 'UTC') $$, '22023', 'period grain "year" is not known', 'another grain');
SELECT throws_ok($$ SELECT period_start('month', timestamptz '2024-04-01 00:00+00', 'UTC', 0) $$, '22023', NULL, 'month 0');
SELECT throws_ok($$ SELECT period_start('month', timestamptz '2024-04-01 00:00+00', 'UTC', 13) $$, '22023', NULL, 'month 13');
SELECT throws_ok(format($$ SELECT period_start('month', timestamptz '2024-04-01 00:00+00', %L) $$, name), '22023', NULL, format('no zone: %s', left(name, 20)))
FROM unnest(ARRAY['', 'Europe/Nowhere', 'right/Europe/London', '../Europe/London', repeat('x', 300), repeat('x', 100000)]) AS name;
-- What they mean is up to settings.
SELECT throws_ok(format($$ SELECT period_start('month', timestamptz '2024-04-01 00:00+00', %L) $$, name), '22023', format('time zone "%s" not recognized', name),
    format('no abbreviation: %s', name)) FROM unnest('{BST,est,CET,MSK}'::text[]) AS name;
-- Every name that is of a zone and of an abbreviation is refused, or means UTC.
SELECT is_empty($$
    SELECT name FROM pg_timezone_names n WHERE EXISTS (SELECT FROM pg_timezone_abbrevs a WHERE lower(a.abbrev) = lower(n.name))
       AND name NOT IN ('CET', 'EET', 'EST', 'HST', 'MET', 'MST', 'WET', 'GMT', 'UCT', 'UTC', 'Zulu') $$, 'no other name means a zone or an abbreviation');

-- The session's settings are nothing to it.
CREATE TEMP TABLE of_session AS SELECT at, period_start('month', at, 'America/Toronto') AS month FROM ascending;
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL timezone_abbreviations = 'Australia';
SELECT is_empty($$ SELECT at FROM of_session WHERE month <> period_start('month', at, 'America/Toronto') $$, 'in whatever zone the session is');

-- An index on it is used, and finds what there is.
CREATE INDEX of_session_month ON of_session (period_start('month', at, 'America/Toronto'));
ANALYZE of_session;
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END $$;
SELECT matches(pg_temp.plan($$ SELECT at FROM of_session WHERE period_start('month', at, 'America/Toronto', 4) = '1987-04-01' $$), 'of_session_month', 'an index on it is used');
SELECT set_eq($$ SELECT at FROM of_session WHERE period_start('month', at, 'America/Toronto', 4) = '1987-04-01' $$,
              $$ SELECT at FROM of_session WHERE month = '1987-04-01' $$, 'and finds what there is');

-- In parallel. Temporary tables are read by no worker.
CREATE TABLE parallel_moment AS TABLE ascending;
ANALYZE parallel_moment;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_leader_participation = off;
PREPARE grouped AS SELECT period_start('fiscal_quarter', at, 'Europe/London', 4), count(*) FROM parallel_moment GROUP BY 1;
SELECT matches(pg_temp.plan('EXECUTE grouped'), 'Gather', 'it runs in parallel');
SELECT set_eq('EXECUTE grouped', $$ SELECT date_trunc('quarter', at AT TIME ZONE 'Europe/London')::date, count(*) FROM ascending GROUP BY 1 $$,
    'with the same result');

SELECT * FROM finish();
ROLLBACK;
