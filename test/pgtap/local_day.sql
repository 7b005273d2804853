-- local_day(), hour_of_week() and plausible_day(), beside PostgreSQL's own timezone(): for moments in order and out of it, near every change of
-- the clocks and far from any, and where no record has a day.
BEGIN;
SET LOCAL search_path = public, naloxone_kpi;
SELECT plan(15);

CREATE FUNCTION pg_temp.hour_by_calendar(at timestamptz, zone text) RETURNS smallint LANGUAGE sql AS $$
    SELECT (24 * (extract(isodow FROM timezone(zone, at)) - 1) + extract(hour FROM timezone(zone, at)) + 1)::smallint $$;

-- Places whose clocks change at midnight, by half an hour, in winter, never, by a day, or did so in wars.
CREATE TEMP TABLE zone ON COMMIT DROP AS
SELECT unnest('{Europe/London,Europe/Dublin,America/New_York,America/Havana,Asia/Beirut,Asia/Kathmandu,Australia/Lord_Howe,Pacific/Apia,Africa/Casablanca,UTC}'::text[]) AS name;

CREATE TEMP TABLE moment ON COMMIT DROP AS
SELECT 'a century, not in order' AS kind, at FROM generate_series(timestamptz '1900-01-01 00:00+00', '2037-12-31 00:00+00', interval '23 hours 13 minutes 7.3 seconds') AS at
UNION ALL
SELECT 'every half hour of a year, and a microsecond around it', at + d * interval '1 microsecond'
FROM generate_series(timestamptz '2024-01-01 00:00+00', '2025-01-01 00:00+00', interval '30 minutes') AS at, generate_series(-1, 1) AS d
UNION ALL
SELECT 'far in the future', at FROM generate_series(timestamptz '2095-01-01 00:00+00', '2110-12-31 00:00+00', interval '2 days 5 hours') AS at
UNION ALL
SELECT 'the last years', at FROM generate_series(timestamptz '9990-01-01 00:00+00', '9999-12-30 23:00+00', interval '2 days 5 hours') AS at;
CREATE TEMP TABLE shuffled ON COMMIT DROP AS SELECT kind, at FROM moment ORDER BY hashtextextended(at::text, 1);

SELECT is(count(*) FILTER (WHERE local_day(m.at, z.name) IS DISTINCT FROM timezone(z.name, m.at)::date), 0::bigint, format('days: %s, %s moments', kind, count(*)))
FROM shuffled m CROSS JOIN zone z GROUP BY kind ORDER BY kind;
SELECT is(count(*) FILTER (WHERE hour_of_week(m.at, z.name) IS DISTINCT FROM pg_temp.hour_by_calendar(m.at, z.name)), 0::bigint, format('hours: %s', kind))
FROM shuffled m CROSS JOIN zone z GROUP BY kind ORDER BY kind;
-- One call site, another zone in every row.
SELECT is(count(*) FILTER (WHERE local_day(m.at, z.name) IS DISTINCT FROM timezone(z.name, m.at)::date), 0::bigint, 'zones that change from row to row')
FROM (SELECT at, row_number() OVER () AS n FROM shuffled) m
JOIN (SELECT name, row_number() OVER () - 1 AS n FROM zone) z ON z.n = m.n % (SELECT count(*) FROM zone);

-- 1 January 1900 was a Monday, 1 July 2024 too.
SELECT is(ARRAY[hour_of_week('1900-01-01 00:00+00', 'UTC'), hour_of_week('2024-06-30 23:00+00', 'Europe/London'), hour_of_week('2024-06-30 22:59:59.999999+00', 'Europe/London')],
          '{1,1,168}'::smallint[], 'hours by hand');
SELECT is(ARRAY[local_day('1899-12-31 23:59:59.999999+00', 'UTC'), local_day('9999-12-31 00:00+00', 'UTC'), local_day('-infinity', 'UTC'), local_day('infinity', 'UTC'),
                local_day(NULL, 'UTC'), local_day('2024-01-01 00:00+00', NULL)], array_fill(NULL::date, ARRAY[6]), 'no day of a record');
SELECT is(ARRAY[hour_of_week('1899-12-31 23:59:59.999999+00', 'UTC'), hour_of_week('9999-12-31 00:00+00', 'UTC'), hour_of_week('-infinity', 'UTC'), hour_of_week(NULL, 'UTC')],
          array_fill(NULL::smallint, ARRAY[4]), 'nor an hour');
SELECT is(ARRAY[plausible_day('1900-01-01'), plausible_day('9999-12-31'), plausible_day('1899-12-31'), plausible_day('10000-01-01'), plausible_day('infinity'), plausible_day(NULL)],
          '{1900-01-01,9999-12-31,NULL,NULL,NULL,NULL}'::date[], 'plausible days');
SELECT throws_ok($$SELECT local_day('2024-01-01', 'Europe/Atlantis')$$, '22023', 'time zone "Europe/Atlantis" not recognized', 'an unknown zone');
SELECT throws_ok($$SELECT hour_of_week('2024-01-01', 'CET')$$, '22023', 'time zone "CET" not recognized', 'an abbreviation');

SELECT * FROM finish();
ROLLBACK;
