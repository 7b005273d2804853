-- How often control charts flag what is stable, and how soon they find a doubling: the figures of doc/control_chart.md, by simulation.
--
--     psql -Xq -v runs=2000 -f bench/control_chart_simulation.sql
--
-- in a database with the extension (random() is PostgreSQL 15's; another version may draw other numbers). Events are a Poisson process of 1.2, 5 or 30 a
-- month, for 36 months, which from month 25 on goes on as it was or doubles. Charts of months: counts (c, XmR, and the run chart's rules), and counts of
-- events over exposures of 0.6 to 1.4 (u). Charts of the time between events: days (g) and months (t).
--
-- stable: the first 24 months, limits from all of them. later: limits from the first 24 months, and each month, when it is over, the chart is looked at: a
-- flag on something after month 24 that says more events is an alarm.
\if :{?runs}
\else
\set runs 2000
\endif
\pset footer off
SET search_path = public, naloxone_kpi;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '512MB';
SET client_min_messages = warning;

-- Draws: how many of the cumulative probabilities of 0, 1, 2, ... are at most a random number.
CREATE TEMP TABLE poisson AS
    SELECT mean, array_agg(least(at_most, 1) ORDER BY k) AS at_most
    FROM (SELECT mean, k, sum(exp(greatest(k * ln(mean) - mean - log_factorial, -700))) OVER (PARTITION BY mean ORDER BY k) AS at_most
          FROM (SELECT DISTINCT rate * factor * exposure AS mean FROM unnest('{1.2,5,30}'::float8[]) rate, unnest('{1,2}'::float8[]) factor, unnest('{0.6,0.8,1,1.2,1.4}'::float8[]) exposure) m,
               (SELECT k, sum(ln(greatest(k, 1))) OVER (ORDER BY k)::float8 AS log_factorial FROM generate_series(0, 200) k) f) c
    GROUP BY mean;
SELECT setseed(0.20240401) \g /dev/null
CREATE TEMP TABLE drawn AS
    SELECT rate, factor, run, month, (ARRAY[0.6, 0.8, 1, 1.2, 1.4]::float8[])[1 + floor(5 * random())::int] AS exposure, random() AS u, random() AS v
    FROM unnest('{1.2,5,30}'::float8[]) rate, unnest('{1,2}'::int[]) factor, generate_series(1, :runs) run, generate_series(1, 36) month;
CREATE TEMP TABLE monthly AS
    SELECT d.rate, factor, run, month, exposure, width_bucket(u, p.at_most)::bigint AS events, width_bucket(v, q.at_most)::bigint AS events_of_exposure
    FROM (SELECT *, CASE WHEN month > 24 THEN factor ELSE 1 END AS here FROM drawn) d
    JOIN poisson p ON p.mean = d.rate * here * 1::float8 JOIN poisson q ON q.mean = d.rate * here * exposure;
-- Events at the rate of one, their times brought to the rate of the month.
CREATE TEMP TABLE between_events AS
    SELECT rate, factor, run, at, at - lag(at) OVER w AS months, floor(30.4375 * at)::bigint - lag(floor(30.4375 * at)::bigint) OVER w AS days
    FROM (SELECT rate, factor, run, CASE WHEN unit < 24 * rate THEN unit / rate ELSE 24 + (unit / rate - 24) / factor END AS at
          FROM (SELECT rate, factor, run, sum(-ln(1 - random())) OVER (PARTITION BY rate, factor, run ORDER BY i) AS unit
                FROM unnest('{1.2,5}'::float8[]) rate, unnest('{1,2}'::int[]) factor, generate_series(1, :runs) run, generate_series(1, 420) i) s
          WHERE unit < 72 * rate) t
    WHERE at < 36
    WINDOW w AS (PARTITION BY rate, factor, run ORDER BY at);
ANALYZE monthly, between_events;

\echo 'Stable: share of points flagged, of those by a limit, and share of series of 24 months with a flag, per cent'
CREATE TEMP TABLE stable AS
    SELECT rate, run, chart, rule, value FROM (
        SELECT rate, run, c_chart(events) OVER w AS c, xmr_chart(events) OVER w AS xmr, u_chart(events_of_exposure, exposure) OVER w AS u
        FROM monthly WHERE factor = 1 AND month <= 24 WINDOW w AS (PARTITION BY rate, run ORDER BY month)) s,
        LATERAL (VALUES ('c', (c).rule, (c).value), ('XmR', (xmr).rule, (xmr).value), ('u', (u).rule, (u).value)) v (chart, rule, value)
    UNION ALL
    SELECT rate, run, chart, rule, value FROM (
        SELECT rate, run, g_chart(days) OVER w AS g, t_chart(months) OVER w AS t
        FROM between_events WHERE factor = 1 AND at <= 24 WINDOW w AS (PARTITION BY rate, run ORDER BY at)) s,
        LATERAL (VALUES ('g', (g).rule, (g).value), ('t', (t).rule, (t).value)) v (chart, rule, value);
SELECT rate, chart, round(100 * avg(flagged), 1) AS points, round(100 * avg(by_limit), 1) AS by_limit, round(100 * avg(any_flag), 1) AS series
FROM (SELECT rate, chart, run, avg((rule IS NOT NULL)::int) AS flagged, avg((rule IS NOT NULL AND rule ~ 'limit$' AND rule !~ 'near')::int) AS by_limit, max((rule IS NOT NULL)::int) AS any_flag
      FROM stable WHERE value IS NOT NULL GROUP BY 1, 2, 3
      UNION ALL
      SELECT rate, 'run', run, NULL, NULL, max(((r).rule IS NOT NULL)::int)
      FROM (SELECT rate, run, run_chart(events) OVER (PARTITION BY rate, run ORDER BY month) AS r FROM monthly WHERE factor = 1 AND month <= 24) s GROUP BY 1, 2, 3) s
GROUP BY 1, 2 ORDER BY 1, array_position('{c,u,XmR,g,t,run}', chart);

\echo 'Later: share of series with an alarm within 3, 6 and 12 months, per cent, and the median month of the alarms, where the rate stays and where it doubles'
CREATE TEMP TABLE alarm AS
    SELECT rate, factor, run, chart, min(looked) AS found FROM (
        SELECT rate, factor, run, month, looked, c_chart(events, 24, improvement_direction => 'decrease') OVER w AS c,
               xmr_chart(events, 24, improvement_direction => 'decrease') OVER w AS xmr, u_chart(events_of_exposure, exposure, 24, improvement_direction => 'decrease') OVER w AS u
        FROM monthly, generate_series(1, 12) AS looked WHERE month <= 24 + looked WINDOW w AS (PARTITION BY rate, factor, run, looked ORDER BY month)) s,
        LATERAL (VALUES ('c', (c).variation), ('XmR', (xmr).variation), ('u', (u).variation)) v (chart, variation)
    WHERE month > 24 AND variation = 'concern' GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT rate, factor, run, chart, min(looked) FROM (
        SELECT rate, factor, run, at, looked, g_chart(days, baseline, improvement_direction => 'increase') OVER w AS g, t_chart(months, baseline, improvement_direction => 'increase') OVER w AS t
        FROM (SELECT *, greatest(count(months) FILTER (WHERE at <= 24) OVER (PARTITION BY rate, factor, run), 2)::int AS baseline FROM between_events) b, generate_series(1, 12) AS looked
        WHERE at <= 24 + looked WINDOW w AS (PARTITION BY rate, factor, run, looked ORDER BY at)) s,
        LATERAL (VALUES ('g', (g).variation), ('t', (t).variation)) v (chart, variation)
    WHERE at > 24 AND variation = 'concern' GROUP BY 1, 2, 3, 4;
SELECT rate, chart, factor, round(100.0 * count(*) FILTER (WHERE found <= 3) / :runs, 1) AS within_3, round(100.0 * count(*) FILTER (WHERE found <= 6) / :runs, 1) AS within_6,
       round(100.0 * count(found) / :runs, 1) AS within_12, percentile_disc(0.5) WITHIN GROUP (ORDER BY found) AS median_month
FROM alarm GROUP BY 1, 2, 3 ORDER BY 1, array_position('{c,u,XmR,g,t}', chart), 3;

\echo 'Newest: share of series in which nothing changes whose newest month is flagged, after 12, 24 and 36 months, limits from all of them, per cent'
SELECT rate, chart, months, round(100 * avg((rule IS NOT NULL)::int), 1) AS newest
FROM (SELECT rate, months, month, u_chart(events_of_exposure, exposure) OVER w AS u, u_prime_chart(events_of_exposure, exposure) OVER w AS up, xmr_chart(events) OVER w AS xmr
      FROM monthly, unnest('{12,24,36}'::int[]) AS months WHERE factor = 1 AND month <= months WINDOW w AS (PARTITION BY rate, months, run ORDER BY month)) s,
    LATERAL (VALUES ('u', (u).rule), ('u''', (up).rule), ('XmR', (xmr).rule)) v (chart, rule)
WHERE month = months
GROUP BY 1, 2, 3 ORDER BY 1, array_position('{u,u'',XmR}', chart), 3;

-- Rare events, as rare_event_chart has them: 10 cases a month (a Poisson process), of which so many are events that there are 0.3, 0.6 or 0.95 of them a
-- month. Events have days; a day's other cases come before its events. The chart is looked at at the end of every sixth month, if it is of less than one event
-- a month and has 12 gaps: the newest month is flagged if the chart flags its last event, or if it has none and the limit is passed already.
SELECT setseed(0.20240401) \g /dev/null
CREATE TEMP TABLE rare AS
    SELECT rate, run, at, floor(30.4375 * at)::integer AS day, is_event
    FROM (SELECT rate, run, sum(-ln(1 - u) / 10) OVER (PARTITION BY rate, run ORDER BY i) AS at, v < rate / 10 AS is_event
          FROM (SELECT rate, run, i, random() AS u, random() AS v
                FROM unnest('{0.3,0.6,0.95}'::float8[]) rate, generate_series(1, :runs) run, generate_series(1, (540 / rate)::integer) i) d) s
    WHERE at < 50 / rate;
CREATE TEMP TABLE rare_event AS
    SELECT rate, run, at, day, others
    FROM (SELECT rate, run, at, day, is_event, count(*) FILTER (WHERE NOT is_event) OVER (PARTITION BY rate, run ORDER BY day) AS others FROM rare) c
    WHERE is_event;
-- How many others there had been by the end of the months.
CREATE TEMP TABLE rare_look AS
    SELECT rate, month, ceil(30.4375 * month)::integer AS from_day, run, count(*) AS others
    FROM unnest('{0.3,0.6,0.95}'::float8[]) rate CROSS JOIN LATERAL generate_series(12, (50 / rate)::integer - 1, 6) month JOIN rare r USING (rate)
    WHERE r.day < ceil(30.4375 * month) AND NOT r.is_event GROUP BY 1, 2, 3, 4;
DROP TABLE rare;
CREATE INDEX ON rare_event (rate, run);
ANALYZE rare_event, rare_look;
\echo 'Rare: share of series in which nothing changes whose newest month is flagged, by the number of gaps, and share of those series with any flag, per cent'
SELECT rate, chart, 12 * (points / 12) AS gaps, count(*) AS looks, round(100 * avg(newest::int), 1) AS newest, round(100 * avg(any_flag::int), 1) AS series
FROM (SELECT l.rate, l.run, l.month, chart, count(gap) AS points, bool_or((p).rule IS NOT NULL) AS any_flag,
             CASE WHEN max(s.day) >= ceil(30.4375 * (l.month - 1)) THEN (array_agg((p).rule ORDER BY s.at DESC))[1] IS NOT NULL
                  ELSE CASE WHEN chart = 'g' THEN l.others - max(s.others) ELSE l.from_day - max(s.day) END > max((p).upper_limit) * (1 + 1e-9) END AS newest
      FROM rare_look l
      JOIN LATERAL (SELECT e.at, e.day, e.others, chart, gap,
                           CASE WHEN chart = 'g' THEN g_chart(CASE WHEN chart = 'g' THEN gap::bigint END) OVER w
                                ELSE t_chart(CASE WHEN chart <> 'g' THEN gap END) OVER w END AS p
                    FROM (SELECT at, day, others, 30.4375 * (at - lag(at) OVER w) AS time, day - lag(day) OVER w AS days, others - lag(others) OVER w AS cases
                          FROM rare_event r WHERE r.rate = l.rate AND r.run = l.run AND r.day < l.from_day WINDOW w AS (ORDER BY at)) e,
                         LATERAL (VALUES ('t', CASE WHEN days IS NOT NULL THEN greatest(days, 0.5) END::float8), ('t, whole days', days::float8), ('t, exact times', time::float8), ('g', cases::float8)) v (chart, gap)
                    WINDOW w AS (PARTITION BY chart ORDER BY e.at)) s ON true
      GROUP BY l.rate, l.run, l.month, l.from_day, l.others, chart) c
WHERE points BETWEEN 12 AND 47 AND points + 1 < month
GROUP BY 1, 2, 3 ORDER BY array_position('{t,"t, exact times","t, whole days",g}', chart), 1, 3;
