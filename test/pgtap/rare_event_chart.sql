-- Charts of rare events: deaths and shares by hand. Intervals are counted from the calendar, limits worked out from the formulas in plain SQL.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(39);
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, DMY';

SELECT deploy('test_rare');

INSERT INTO test_rare.division_record (division_code, division_name, division_type, region, valid_from)
SELECT d, d, CASE d WHEN 'S' THEN 'specialist' ELSE 'territorial' END, CASE WHEN d IN ('A', 'S') THEN 'North' END, '2020-01-01' FROM unnest('{A,B,C,D,E,F,G,S}'::text[]) AS d;
INSERT INTO test_rare.population_record (area_type, area_code, year, people) SELECT 'division', d, 2022, 100000 FROM unnest('{A,B,C,D,E,F,G}'::text[]) AS d;
-- D's records of deaths stop in the middle of September 2022 and go on in the middle of October. As of 15 June 2024 April is the latest settled month:
-- 37 months from April 2021.
INSERT INTO test_rare.source_coverage_record (source, division_code, covered_from, covered_to)
SELECT 'drug_death', d, date '2021-04-01', CASE d WHEN 'D' THEN date '2022-09-15' END FROM unnest('{A,B,C,D,E,F,G,S}'::text[]) AS d
UNION ALL SELECT 'drug_death', 'D', '2022-10-10', NULL
UNION ALL SELECT s, 'A', '2021-04-01', NULL FROM unnest('{administration,direct_measure,information_share}'::text[]) AS s;

-- Deaths. A's are at known days, two of them on one; one is excluded, and what was in S, no territory, or in no division, is in no rate.
CREATE FUNCTION pg_temp.deaths(division text, days date[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO test_rare.drug_death_record (death_id, division_code, died_on, status)
    SELECT division || n, division, died_on, 'confirmed' FROM unnest(days) WITH ORDINALITY AS u (died_on, n) $$;
SELECT pg_temp.deaths('A', '{2021-06-10,2021-08-20,2021-09-20,2021-12-31,2022-02-10,2022-05-21,2022-06-10,2022-09-18,2022-09-18,2022-12-27,2023-01-31,2023-06-20,2023-07-20,2024-03-01}');
INSERT INTO test_rare.drug_death_record (death_id, division_code, died_on, status) VALUES
    ('excluded', 'A', '2022-07-01', 'excluded'), ('specialist', 'S', '2022-07-02', 'confirmed'), ('nowhere', NULL, '2022-07-03', 'confirmed');
-- B: 12 of them. C: 13, and then no more. E: 30.
SELECT pg_temp.deaths('B', array_agg(date '2021-04-11' + 80 * i)) FROM generate_series(0, 11) AS i;
SELECT pg_temp.deaths('C', array_agg(date '2021-04-11' + 37 * i)) FROM generate_series(0, 12) AS i;
SELECT pg_temp.deaths('E', array_agg(date '2021-04-10' + 37 * i)) FROM generate_series(0, 29) AS i;
-- D: 13 before the gap, the last in August 2022; one in the month in which records stop, and one in that in which they begin again; 13 after, by turns 30 and 40 days.
SELECT pg_temp.deaths('D', array_agg(d)) FROM (SELECT date '2021-05-01' + 37 * i AS d FROM generate_series(0, 12) AS i UNION ALL VALUES (date '2022-09-10'), (date '2022-10-20')
    UNION ALL SELECT date '2022-11-05' + 35 * i + i % 2 * -5 FROM generate_series(0, 12) AS i) s;
-- F: at last shorter and shorter, to 20 April 2024. G: hardly any.
SELECT pg_temp.deaths('F', array_agg((date '2024-04-20' - before)::date)) FROM unnest('{615,525,505,415,395,305,285,225,175,130,90,55,25,0}'::int[]) AS before;
SELECT pg_temp.deaths('G', '{2022-03-03,2022-05-05}');
-- Shares, in A. Survivors between deaths, of those handed over alive or dead: half of them on the day of the death, half in between; and more at last.
CREATE TEMP TABLE died AS
SELECT n, date '2021-04-15' + 70 * i AS day, survivors
FROM (VALUES (1, 0, 5), (2, 1, 3), (3, 2, 6), (4, 3, 0), (5, 4, 8), (6, 4, 0), (7, 5, 2), (8, 6, 4), (9, 7, 1), (10, 8, 6), (11, 9, 3), (12, 10, 7), (13, 11, 2), (14, 12, 5)) AS v (n, i, survivors);
INSERT INTO test_rare.administration_record (administration_id, incident_id, incident_division_code, occurred_at, survival, believed_dead_on_arrival)
SELECT 'died' || n, 'died' || n, 'A', (day + time '01:00') AT TIME ZONE 'UTC', 'died', false FROM died
UNION ALL SELECT 'survived' || n || ' ' || k, 'survived' || n || ' ' || k, 'A', (day - CASE WHEN k % 2 = 0 THEN 3 ELSE 0 END + time '20:00') AT TIME ZONE 'UTC', 'survived', NULL
FROM died CROSS JOIN generate_series(1, survivors) AS k
-- Of whom it is not known, or who was believed dead, are in no share. After the last death, on 3 August 2023, two a month from September on.
UNION ALL SELECT 'not known', 'not known', 'A', '2022-01-01 12:00+00', 'not_known', NULL
UNION ALL SELECT 'believed dead', 'believed dead', 'A', '2022-01-02 12:00+00', 'died', true
UNION ALL SELECT 'last' || m || k, 'last' || m || k, 'A', (timestamp '2023-09-02 12:00' + m * interval '1 month') AT TIME ZONE 'UTC', 'survived', false FROM generate_series(0, 7) AS m, generate_series(1, 2) AS k;
-- Warnings among reports to the prosecutor, of which neither is better; and hardly any of what other agencies are told is in time, which would be better.
INSERT INTO test_rare.direct_measure_record (measure_id, division_code, issued_on, offence, kind)
SELECT 'm' || i, 'A', date '2021-04-02' + 15 * i, 'drug_possession', CASE WHEN i % 4 = 0 THEN 'recorded_police_warning' ELSE 'report_to_prosecutor' END FROM generate_series(0, 74) AS i;
INSERT INTO test_rare.information_share_record (administration_id, agency, due_by, shared_at)
SELECT 'not known', 'ambulance', d, d + CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END * interval '1 hour'
FROM generate_series(0, 55) AS i, LATERAL (SELECT (timestamp '2021-04-02 12:00' + CASE WHEN i < 42 THEN 15 * i ELSE 630 + 2 * (i - 42) END * interval '1 day') AT TIME ZONE 'UTC' AS d) s
UNION ALL SELECT 'not known', 'ambulance', (timestamp '2023-08-02 12:00' + i * interval '1 month') AT TIME ZONE 'UTC', NULL FROM generate_series(0, 8) AS i;
CALL refresh('test_rare', '2024-06-15');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_rare.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.events(area text, key text DEFAULT 'drug_deaths rate') RETURNS SETOF test_rare_bi.kpi_rare_event_chart LANGUAGE sql AS $$
    SELECT * FROM test_rare_bi.kpi_rare_event_chart WHERE indicator_key = key AND area_key = area ORDER BY event_number $$;
CREATE FUNCTION pg_temp.months(area text, key text DEFAULT 'drug_deaths rate') RETURNS SETOF test_rare_bi.kpi_indicator_chart LANGUAGE sql AS $$
    SELECT * FROM test_rare_bi.kpi_indicator_chart WHERE indicator_key = key AND area_key = area ORDER BY period_key $$;
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$ SELECT abs(found - expected) <= 1e-9 * abs(expected) $$;
-- Nelson's t chart of gaps: the mean and three times the average moving range / 1.128 of their powers of 1 / 3.6, and back.
CREATE FUNCTION pg_temp.t_lines(gaps float8[], OUT centre float8, OUT lower_limit float8, OUT upper_limit float8) LANGUAGE sql AS $$
    SELECT avg(x) ^ 3.6, greatest(avg(x) - 3 * avg(abs(x - before)) / 1.128, 0) ^ 3.6, (avg(x) + 3 * avg(abs(x - before)) / 1.128) ^ 3.6
    FROM (SELECT x, lag(x) OVER (ORDER BY n) AS before FROM (SELECT n, gap ^ (1 / 3.6::float8) AS x FROM unnest(gaps) WITH ORDINALITY AS u (gap, n)) p) q $$;

-- A: days from one to the next by the calendar; two on one day are half a day apart.
SELECT results_eq($$ SELECT between_events FROM pg_temp.events('division A') $$,
    $$ SELECT unnest('{NULL,71,31,102,41,100,20,100,0.5,100,35,140,30,225}'::float8[]) $$, 'the days from death to death');
SELECT results_eq($$ SELECT event_number, period_key::text FROM pg_temp.events('division A') $$,
    $$ SELECT n, 'month ' || m FROM unnest('{2021-06,2021-08,2021-09,2021-12,2022-02,2022-05,2022-06,2022-09,2022-09,2022-12,2023-01,2023-06,2023-07,2024-03}'::text[]) WITH ORDINALITY AS u (m, n) $$,
    'in their months and in order');
SELECT ok(bool_and(k.chart = 't' AND k.points = 13 AND k.event = 'counted' AND k.unit_between = 'days' AND k.better = 'lower'
          AND CASE WHEN k.event_number = 1 THEN num_nonnulls(k.centre, k.lower_limit, k.upper_limit, k.rule, k.variation) = 0
                   ELSE pg_temp.near(k.centre, t.centre) AND k.lower_limit = 0 AND t.lower_limit = 0 AND pg_temp.near(k.upper_limit, t.upper_limit) AND k.variation = 'common cause' AND k.rule IS NULL END),
          'a t chart of 13 intervals, by its formula')
FROM pg_temp.events('division A') k, pg_temp.t_lines('{71,31,102,41,100,20,100,0.5,100,35,140,30,225}') t;
SELECT results_eq($$ SELECT period_key::text, event_number, between_events, points FROM pg_temp.events('region North') $$,
    $$ SELECT period_key::text, event_number, between_events, points FROM pg_temp.events('division A') $$, 'the region''s are A''s: S is no territory');
SELECT ok(count(*) = 37 AND bool_and(chart = 't' AND points = 13 AND num_nonnulls(centre, lower_limit, upper_limit, assurance) = 0 AND reason = 'drawn between events')
          AND sum(is_latest) = 1 AND max(period_key) FILTER (WHERE is_latest = 1) = 'month 2024-04' AND min(flag_by_chance) = 0.009 AND count(flag_by_chance) = 1,
          'its months have the chart, and no lines') FROM pg_temp.months('division A');
SELECT results_eq($$ SELECT variation::text, count(*), count(rule), min(period_key)::text FROM pg_temp.months('division A') GROUP BY 1 ORDER BY 4 $$,
    $$ VALUES (NULL, 4::bigint, 0::bigint, 'month 2021-04'), ('common cause', 33, 0, 'month 2021-08') $$, 'nothing can be said before the second death');

-- B has 11 intervals, C 12, all the same: the limits are on the centre.
SELECT is_empty($$ SELECT * FROM pg_temp.events('division B') $$, '12 deaths are too few');
SELECT ok(count(*) = 37 AND bool_and(chart IS NULL AND reason = 'too few' AND rule IS NULL AND variation IS NULL AND is_latest = 0), 'and its months say so') FROM pg_temp.months('division B');
SELECT ok(count(*) = 37 AND bool_and(chart IS NULL AND reason = 'too few'), 'two are too') FROM pg_temp.months('division G');
SELECT ok(count(*) = 13 AND bool_and(points = 12) AND count(*) FILTER (WHERE between_events = 37 AND pg_temp.near(centre, 37) AND pg_temp.near(lower_limit, 37) AND pg_temp.near(upper_limit, 37)) = 12
          AND count(rule) = 0, '13 are enough') FROM pg_temp.events('division C');
-- The 13th is on 29 June 2022. By the end of July that is 33 days ago, by the end of August 64. (At the end of January 2022 it is 37, which is on the limit.)
SELECT results_eq($$ SELECT event_number, period_key::text, too_long_from::text FROM pg_temp.events('division C') WHERE too_long_from IS NOT NULL $$,
    $$ VALUES (13::bigint, 'month 2022-06', 'month 2022-08') $$, 'after the last it is too long');
SELECT results_eq($$ SELECT coalesce(rule::text, 'none'), coalesce(variation::text, 'none'), min(period_key)::text, count(*) FROM pg_temp.months('division C') GROUP BY 1, 2 ORDER BY 3 $$,
    $$ VALUES ('none', 'none', 'month 2021-04', 1::bigint), ('none', 'common cause', 'month 2021-05', 15), ('above upper limit', 'improvement', 'month 2022-08', 21) $$,
    'and every month from then on is flagged, for fewer deaths are better');
SELECT results_eq($$ SELECT chart_flag::text, variation::text FROM test_rare_bi.kpi_scorecard WHERE indicator_key = 'drug_deaths rate' AND area_key = 'division C' AND period_key = 'month 2024-04' $$,
    $$ VALUES ('above upper limit', 'improvement') $$, 'so the scorecard shows it');
SELECT is(count(*), 0::bigint, 'where there is no administration there is no chart of them') FROM test_rare_bi.kpi_rare_event_chart
WHERE indicator_key IN ('doses_by_division rate', 'survived_after_naloxone share') AND area_key NOT IN ('division A', 'region North');

-- D: two charts, numbered through.
SELECT results_eq($$ SELECT points, count(*), min(event_number), max(event_number), min(period_key)::text, max(period_key)::text, min(between_events), max(between_events), count(between_events)
                     FROM pg_temp.events('division D') GROUP BY points, event_number > 13 ORDER BY 3 $$,
    $$ VALUES (12::bigint, 13::bigint, 1::bigint, 13::bigint, 'month 2021-05', 'month 2022-07', 37::float8, 37::float8, 12::bigint),
              (12, 13, 14, 26, 'month 2022-11', 'month 2023-12', 30, 40, 12) $$, 'a gap in the records makes two charts, neither of which has the deaths of its months');
SELECT ok(bool_and(pg_temp.near(k.centre, t.centre) AND pg_temp.near(k.lower_limit, t.lower_limit) AND pg_temp.near(k.upper_limit, t.upper_limit)) AND min(t.lower_limit) > 0, 'each with lines of its own')
FROM pg_temp.events('division D') k, pg_temp.t_lines('{30,40,30,40,30,40,30,40,30,40,30,40}') t WHERE k.event_number > 14;
SELECT results_eq($$ SELECT period_key::text FROM pg_temp.months('division D') WHERE period_key BETWEEN 'month 2022-08' AND 'month 2022-11' $$, $$ VALUES ('month 2022-08'), ('month 2022-11') $$,
    'the months of the gap have no row');

-- F: seven intervals from 60 down to 25 are a trend, of more and more deaths.
SELECT results_eq($$ SELECT between_events, rule::text, variation::text FROM pg_temp.events('division F') WHERE event_number > 1 $$,
    $$ SELECT gap, CASE WHEN n >= 7 THEN 'decreasing trend' END, CASE WHEN n >= 7 THEN 'concern' ELSE 'common cause' END
       FROM unnest('{90,20,90,20,90,20,60,50,45,40,35,30,25}'::float8[]) WITH ORDINALITY AS u (gap, n) $$, 'shorter and shorter is a concern');
SELECT results_eq($$ SELECT period_key::text, rule::text, variation::text FROM pg_temp.months('division F') WHERE is_latest = 1 $$, $$ VALUES ('month 2024-04', 'decreasing trend', 'concern') $$,
    'the latest month has the flag of its last death');
-- The first of them ends on 8 September 2023; in November there is no death.
SELECT results_eq($$ SELECT rule::text, variation::text, count(*), min(period_key)::text FROM pg_temp.months('division F') WHERE period_key >= 'month 2023-09' GROUP BY 1, 2 ORDER BY 4 $$,
    $$ VALUES ('decreasing trend', 'concern', 7::bigint, 'month 2023-09'), (NULL, 'common cause', 1, 'month 2023-11') $$, 'every month with one of them, and none without');

-- The force's deaths, all together, are not rare.
SELECT ok(count(*) FILTER (WHERE chart IN ('t', 'g')) = 0 AND count(*) > 0, 'what is rare in each division is not in the force') FROM pg_temp.months('force');

-- A change of policy: E's 30 become 15 and 14, without the one of its month. Of all together there are 29 intervals of 37 days.
SELECT results_eq($$ SELECT DISTINCT points, too_long_from::text FROM pg_temp.events('division E') ORDER BY 2 $$, $$ VALUES (29::bigint, 'month 2024-04'), (29, NULL) $$, 'before a change of policy E has one chart');
INSERT INTO test_rare.policy_marker VALUES ('drug_deaths', '2022-10-15', 'another way');
CALL refresh('test_rare', '2024-06-15');
SELECT results_eq($$ SELECT points, count(*), min(event_number), min(period_key)::text, max(period_key)::text, count(between_events) FROM pg_temp.events('division E') GROUP BY 1 ORDER BY 3 $$,
    $$ VALUES (14::bigint, 15::bigint, 1::bigint, 'month 2021-04', 'month 2022-09', 14::bigint), (13, 14, 16, 'month 2022-11', 'month 2024-03', 13) $$, 'after one, two, and its month is in neither');
SELECT results_eq($$ SELECT reason::text, points FROM pg_temp.months('division E') WHERE period_key IN ('month 2022-09', 'month 2022-10', 'month 2022-11') $$,
    $$ VALUES ('drawn between events', 14::bigint), ('policy changed in the month', 1), ('drawn between events', 13) $$, 'as its months say');

SELECT results_eq($$ SELECT between_events::integer FROM pg_temp.events('division A', 'survived_after_naloxone share') $$,
    $$ SELECT CASE WHEN n > 1 THEN survivors END FROM died ORDER BY n $$, 'the survivors between deaths, those of its day among them; of two deaths on one day none is between');
-- 47 of 13 intervals; the median of 0, 0, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 8 is 3.
SELECT ok(bool_and(chart = 'g' AND points = 13 AND event = 'not counted' AND unit_between = 'cases' AND better = 'higher'
          AND (event_number = 1 OR centre = 3 AND lower_limit = 0 AND pg_temp.near(upper_limit, 47 / 13.0 + 3 * sqrt(47 / 13.0 * (47 / 13.0 + 1))) AND rule IS NULL AND variation = 'common cause')),
          'a g chart, by its formula: as nearly all survive, of the deaths') FROM pg_temp.events('division A', 'survived_after_naloxone share');
-- The limit is 15.9: of two a month from September on the 16th is in April.
SELECT results_eq($$ SELECT event_number, too_long_from::text FROM pg_temp.events('division A', 'survived_after_naloxone share') WHERE too_long_from IS NOT NULL $$,
    $$ VALUES (14::bigint, 'month 2024-04') $$, 'since the last, more have survived than ever before');
SELECT results_eq($$ SELECT period_key::text, rule::text, variation::text, flag_by_chance FROM pg_temp.months('division A', 'survived_after_naloxone share') WHERE rule IS NOT NULL OR is_latest = 1 $$,
    $$ VALUES ('month 2024-04', 'above upper limit', 'improvement', 0.033::float8) $$, 'which is better');
SELECT results_eq($$ SELECT reason::text, count(variation) FROM pg_temp.months('division A', 'survived_after_naloxone share') WHERE value IS NULL GROUP BY 1 $$,
    $$ VALUES ('nothing to count it of', 0::bigint) $$, 'a month of nobody says nothing');

-- Warnings every 60 days, three reports between each. The list of policies has one of 22 September 2021: of those from October on 15 are left.
SELECT results_eq($$ SELECT chart::text, event::text, points, between_events, centre, count(*) FROM pg_temp.events('division A', 'recorded_police_warning share') GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 $$,
    $$ VALUES ('g', 'counted', 14::bigint, NULL::float8, NULL::float8, 1::bigint), ('g', 'counted', 14, 3, 3, 14) $$, 'where what is counted is the rarer, it is the event');
-- On time: every third until July 2022, with two others between; the last is followed by ten that are not, and by the end of April by nine more that were not shared at all.
SELECT results_eq($$ SELECT DISTINCT event::text, points, between_events FROM pg_temp.events('division A', 'agency_information_sharing share') ORDER BY 3 $$,
    $$ VALUES ('counted', 18::bigint, 2::float8), ('counted', 18, NULL) $$, 'a report that is not shared is not on time');
SELECT results_eq($$ SELECT rule::text, variation::text FROM pg_temp.months('division A', 'agency_information_sharing share') WHERE is_latest = 1 $$, $$ VALUES ('above upper limit', 'concern') $$,
    'where more of them would be better, longer between them is worse');

SELECT is_empty($$ SELECT * FROM verify('test_rare') $$, 'a rebuild gives the same');
SELECT is_empty($$ SELECT * FROM bi_check('test_rare') $$, 'and nothing that other tools would misread');

-- The events and the others of every month and area are the scorecard's counts, for every indicator that has them: in records of every source.
CREATE FUNCTION pg_temp.sums_that_differ(schema name, OUT identifier text, OUT compared bigint, OUT different bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT s.identifier, sum(s.numerator)::bigint,
               count(*) FILTER (WHERE coalesce(n.events, 0) <> s.numerator OR s.statistic = 'share' AND coalesce(n.others, 0) <> s.denominator - s.numerator OR n.events > 0 AND s.numerator IS NULL)
        FROM %1$I.scorecard s
        JOIN %1$I.period p USING (period_key)
        LEFT JOIN (SELECT d.identifier, d.statistic, d.ambulance_category, d.clock, date_trunc('month', d.day)::date AS period_start, ad.area_key, sum(d.events) AS events, sum(d.others) AS others
                   FROM %1$I.indicator_event_day d JOIN %1$I.area_division ad USING (division_code) GROUP BY 1, 2, 3, 4, 5, 6) n
             USING (identifier, statistic, ambulance_category, clock, period_start, area_key)
        WHERE p.grain = 'month' AND (s.identifier, s.statistic) IN (SELECT d.identifier, d.statistic FROM %1$I.indicator_event_day d)
        GROUP BY 1$q$, schema);
END $$;
SELECT results_eq($$ SELECT identifier, different FROM pg_temp.sums_that_differ('test_rare') ORDER BY 1 $$,
    $$ SELECT i, 0::bigint FROM unnest('{agency_information_sharing,ambulance_downgraded,doses_by_division,drug_deaths,first_aid_use,late_records,naloxone_to_ambulance_over_40_mins,
                                recorded_police_warning,survived_after_naloxone}'::text[]) AS i $$,
    'the days of every indicator here add up to the scorecard''s counts');
SELECT deploy('kpi');
INSERT INTO kpi.division_record (division_code, division_name, division_type, region, valid_from)
VALUES ('A', 'Aside', 'territorial', 'North', '2013-04-01'), ('B', 'Beside', 'territorial', 'North', '2013-04-01'), ('D', 'Dogs', 'specialist', NULL, '2013-04-01');
INSERT INTO kpi.population_record (area_type, area_code, year, people) SELECT 'division', d, 2024, 100000 FROM unnest(ARRAY['A', 'B']) d;
\ir ../every_source.sql
-- And episodes that were followed to their end.
UPDATE kpi.setting SET episode_days = 30;
CALL refresh('kpi', '2025-12-31');
SELECT results_eq($$ SELECT identifier, different FROM pg_temp.sums_that_differ('kpi') ORDER BY 1 $$,
    $$ SELECT i, 0::bigint FROM unnest('{agency_information_sharing,ambulance_downgraded,doses_by_division,drug_deaths,first_aid_use,late_records,naloxone_to_ambulance_over_40_mins,overdoses_attended,
                                recorded_police_warning,reviewed_within_72_hours,service_notified_within_72_hours,substance_signals_tested,survived_after_naloxone}'::text[]) AS i $$,
    'and of every one that there is, in records of every source');
SELECT cmp_ok(count(*) FILTER (WHERE compared > 0), '>=', 7::bigint, 'of which most count something') FROM pg_temp.sums_that_differ('kpi');
SELECT results_eq($$ SELECT DISTINCT area_key::text FROM kpi_bi.kpi_rare_event_chart ORDER BY 1 $$, $$ VALUES ('division A'), ('division B') $$, 'deaths that are rare in A and B are not in North');

SELECT * FROM finish();
ROLLBACK;
