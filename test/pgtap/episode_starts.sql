-- episode_starts(), by hand and against a recursive query.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
SET TimeZone = 'Europe/London';
BEGIN;
SELECT no_plan();

SELECT is(episode_starts('{2024-03-01 12:00+00,2024-01-01 12:00+00,2024-03-31 12:00+00,2024-03-31 11:59:59+00}', 90),
          '{2024-01-01 12:00+00,2024-03-31 12:00+00}'::timestamptz[], 'in any order; the next begins when 90 days of 24 hours have passed');
SELECT is(episode_starts('{}', 90), '{}'::timestamptz[], 'no times, no episode');
SELECT is(episode_starts('{NULL,infinity,-infinity}', 90), '{}'::timestamptz[], 'NULL and infinite times are left out');
SELECT is(episode_starts('{{2024-01-01,2024-01-02}}', 1), '{2024-01-01,2024-01-02}'::timestamptz[], 'of an array of any shape');
SELECT is(episode_starts(ARRAY['4713-01-01 BC'::timestamptz, '294276-01-01'], 90), ARRAY['4713-01-01 BC'::timestamptz, '294276-01-01'],
          'times farthest apart');
SELECT is(episode_starts(NULL, 90), NULL, 'NULL times');
SELECT throws_ok($$ SELECT episode_starts('{}', 0) $$, '22023', NULL, 'no length');
SELECT throws_ok($$ SELECT episode_starts('{}', 36526) $$, '22023', NULL, 'too great a length');

CREATE TEMP TABLE event AS
    SELECT p AS person, timestamptz '2020-01-01' + make_interval(secs => (('x' || substr(md5(p || '-' || e), 1, 7))::bit(28)::integer % 100000000)) AS at
    FROM generate_series(1, 60) AS p, generate_series(1, 30) AS e;
SELECT results_eq(
    'SELECT person, unnest(episode_starts(array_agg(at), 45)) FROM event GROUP BY person ORDER BY 1, 2',
    $$ WITH RECURSIVE episode AS (
           SELECT person, min(at) AS at FROM event GROUP BY person
           UNION ALL
           SELECT n.person, n.at FROM (
               SELECT e.person, e.at, row_number() OVER (PARTITION BY e.person ORDER BY e.at) AS nth
               FROM episode JOIN event e ON e.person = episode.person AND e.at >= episode.at + interval '1080 hours') n
           WHERE n.nth = 1
       ) SELECT person, at FROM episode ORDER BY 1, 2 $$,
    'sixty people with thirty events each');

SELECT * FROM finish();
ROLLBACK;
