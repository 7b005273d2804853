-- Every row of ambulance_response and its histogram beside the same figure worked out from the sample warehouse's records: each
-- incident's forms and activations in arrays, plain dates, percentile_cont, Wilson's formula, and binomial ranks summed term by term.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(20);
SET LOCAL TimeZone = 'Europe/London';

-- One row an incident --------------------------------------------------------

-- The activation that counts: by when it arrived, else stood down before impossible before unknown.
CREATE TEMP TABLE activation AS
SELECT DISTINCT ON (incident_id) *
FROM (SELECT incident_id, category_first, category_last, call_source, clock, clock_started_at, arrived_at, stood_down_at,
             floor(extract(epoch FROM arrived_at) - extract(epoch FROM clock_started_at)) AS seconds, activation_id
      FROM kpi.ambulance_activation_record) v
WHERE incident_id IS NOT NULL
ORDER BY incident_id, seconds BETWEEN 0 AND 86400 DESC NULLS LAST, stood_down_at IS NULL, arrived_at, activation_id;

CREATE TEMP TABLE person AS
SELECT a.incident_id, a.administration_id, a.occurred_at, a.incident_division_code, a.police_first_on_scene, v.incident_id IS NOT NULL AS from_activation,
       coalesce(v.category_first, a.ambulance_category_first, 'UNKNOWN') AS category,
       coalesce(v.call_source, a.call_source, 'UNKNOWN') AS call_source,
       -- Every time in the sample runs from the acuity; a form without a clock has a call, or says nothing of one.
       CASE WHEN v.incident_id IS NOT NULL THEN v.clock ELSE coalesce(a.clock, CASE WHEN a.ambulance_called_at IS NOT NULL THEN 'call' ELSE 'UNKNOWN' END) END AS clock,
       CASE WHEN v.incident_id IS NOT NULL THEN v.clock_started_at ELSE a.ambulance_clock_started_at END AS clock_from,
       CASE WHEN v.incident_id IS NOT NULL THEN v.seconds
            WHEN a.ambulance_arrived_at IS NOT NULL THEN floor(extract(epoch FROM a.ambulance_arrived_at) - extract(epoch FROM a.ambulance_clock_started_at))
            ELSE 60 * a.ambulance_response_mins END AS seconds,
       CASE WHEN v.incident_id IS NOT NULL THEN v.arrived_at ELSE a.ambulance_arrived_at END AS arrived_at,
       coalesce(v.stood_down_at, a.ambulance_stood_down_at) AS stood_down_at, a.person_left_at, a.ambulance_attended, a.naloxone_first_at,
       CASE WHEN v.category_first IS NOT NULL THEN ARRAY[v.category_first, v.category_last]
            ELSE ARRAY[a.ambulance_category_first, a.ambulance_category_last] END AS categories
FROM kpi.administration_record a LEFT JOIN activation v USING (incident_id);

-- Forms of one incident say the same of its ambulance in the sample, but for what is only on one: any with an end will do.
CREATE TEMP TABLE incident AS
SELECT incident_id, (array_agg(occurred_at::date ORDER BY occurred_at, administration_id))[1] AS day,
       (array_agg(coalesce(incident_division_code, 'UNKNOWN') ORDER BY occurred_at, administration_id))[1] AS division_code,
       min(category) AS category, min(clock) AS clock, min(call_source) AS call_source, bool_or(from_activation) AS from_activation,
       CASE WHEN bool_or(seconds BETWEEN 0 AND 86400) THEN 'arrived' WHEN bool_or(seconds IS NOT NULL) THEN 'invalid'
            WHEN bool_or(stood_down_at IS NOT NULL) THEN 'stood_down' WHEN bool_or(ambulance_attended) THEN 'not_known'
            WHEN bool_or(person_left_at IS NOT NULL) THEN 'person_left' WHEN bool_or(NOT ambulance_attended) THEN 'not_attended' ELSE 'not_known' END AS outcome,
       min(seconds) FILTER (WHERE seconds BETWEEN 0 AND 86400) AS seconds,
       min(array_position('{Purple,Red,Amber,Yellow,Green}'::text[], categories[2]) - array_position('{Purple,Red,Amber,Yellow,Green}'::text[], categories[1])) AS change,
       (array_agg(police_first_on_scene ORDER BY occurred_at, administration_id))[1] AS police_first,
       array_agg(floor(extract(epoch FROM arrived_at) - extract(epoch FROM naloxone_first_at))) AS waits,
       -- For Aalen and Johansen: when those ended whom no ambulance reached; a day after where nobody knows.
       greatest(0, coalesce(max(floor(extract(epoch FROM coalesce(stood_down_at, person_left_at)) - extract(epoch FROM clock_from))), 86400))::integer AS ended
FROM person GROUP BY incident_id;
SELECT is(count(*) FILTER (WHERE several), 0::bigint, 'forms of an incident agree on category, clock and source')
FROM (SELECT count(DISTINCT (category, clock, call_source)) > 1 AS several FROM person GROUP BY incident_id) p;

-- Its periods, areas and keys -------------------------------------------------

CREATE TEMP TABLE span AS
SELECT period_key, split_part(period_key, ' ', 1) AS grain, to_date(split_part(period_key, ' ', 2), 'YYYY-MM') AS first_day,
       (to_date(split_part(period_key, ' ', 2), 'YYYY-MM') + CASE split_part(period_key, ' ', 1) WHEN 'month' THEN interval '1 month'
        WHEN 'fiscal_quarter' THEN interval '3 months' ELSE interval '1 year' END)::date AS next_day
FROM (SELECT DISTINCT period_key FROM kpi_bi.kpi_ambulance_response_period) p;

CREATE TEMP TABLE place AS
SELECT area_key, division_code, covered_from
FROM (SELECT division_code, region, covered_from FROM kpi.division_record JOIN kpi.source_coverage_record USING (division_code) WHERE source = 'administration'
      UNION ALL SELECT 'UNKNOWN', NULL, min(covered_from) FROM kpi.source_coverage_record WHERE source = 'administration') d
CROSS JOIN LATERAL unnest(ARRAY['force', 'division ' || division_code, 'region ' || region]) AS area_key
WHERE area_key IS NOT NULL;

CREATE TEMP TABLE counted AS
SELECT period_key, area_key, ambulance_category, i.clock, source AS call_source,
       from_activation, outcome, seconds, change, police_first, waits, ended
FROM incident i
JOIN place USING (division_code)
JOIN span ON i.day >= first_day AND i.day < next_day
CROSS JOIN LATERAL unnest(ARRAY['ALL', category]) AS ambulance_category
CROSS JOIN LATERAL unnest(ARRAY['ALL', i.call_source]) AS source
WHERE i.day >= covered_from AND i.day <= date '2025-12-31';

CREATE TEMP TABLE worked AS
SELECT period_key, area_key, ambulance_category, clock, call_source,
       count(*) AS incidents, count(*) FILTER (WHERE from_activation) AS from_activation,
       count(*) FILTER (WHERE outcome = 'arrived') AS arrivals, count(*) FILTER (WHERE outcome = 'stood_down') AS stood_down,
       count(*) FILTER (WHERE outcome = 'person_left') AS person_left, count(*) FILTER (WHERE outcome = 'not_attended') AS not_attended,
       count(*) FILTER (WHERE outcome = 'not_known') AS not_known, count(*) FILTER (WHERE outcome = 'invalid') AS invalid,
       count(*) FILTER (WHERE change IS NOT NULL) AS changes, count(*) FILTER (WHERE change > 0) AS downgraded, count(*) FILTER (WHERE change < 0) AS upgraded,
       count(police_first) AS police_first_recorded, count(*) FILTER (WHERE police_first) AS police_first,
       coalesce(array_agg(seconds::float8 ORDER BY seconds) FILTER (WHERE outcome = 'arrived'), '{}') AS seconds,
       percentile_cont('{0.5,0.75,0.9,0.95}'::float8[]) WITHIN GROUP (ORDER BY seconds::float8) FILTER (WHERE outcome = 'arrived') AS percentiles,
       avg(seconds) FILTER (WHERE outcome = 'arrived') / 60 AS mean,
       life_table(CASE WHEN outcome = 'arrived' THEN seconds::integer ELSE ended END, CASE outcome WHEN 'arrived' THEN 1 WHEN 'not_attended' THEN 3 ELSE 2 END)
           FILTER (WHERE outcome NOT IN ('not_known', 'invalid')) AS ends
FROM counted
GROUP BY 1, 2, 3, 4, 5;
CREATE TEMP TABLE waited AS
SELECT period_key, area_key, ambulance_category, clock, call_source,
       count(*) FILTER (WHERE wait BETWEEN 0 AND 86400) AS known, count(*) FILTER (WHERE wait < 0) AS before, count(*) FILTER (WHERE wait BETWEEN 2401 AND 86400) AS over_40,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY wait::float8) FILTER (WHERE wait BETWEEN 0 AND 86400) / 60 AS median
FROM counted, unnest(waits) AS wait GROUP BY 1, 2, 3, 4, 5;

CREATE TEMP TABLE beside AS
SELECT k.*, w.seconds, w.percentiles, w.mean, w.ends,
       -- What the records give; nothing where no division of the area is covered by then.
       covered, ARRAY(SELECT CASE WHEN covered THEN coalesce(n, 0) END FROM unnest(ARRAY[w.incidents,
           w.incidents, w.from_activation, w.arrivals, w.stood_down, w.person_left, w.not_attended, w.not_known, w.invalid, w.arrivals + w.stood_down + w.person_left + w.not_attended,
           (SELECT count(*) FROM unnest(w.seconds) AS t WHERE t <= 8 * 60), (SELECT count(*) FROM unnest(w.seconds) AS t WHERE t <= 15 * 60),
           (SELECT count(*) FROM unnest(w.seconds) AS t WHERE t <= 30 * 60), (SELECT count(*) FROM unnest(w.seconds) AS t WHERE t <= 60 * 60),
           w.changes, w.downgraded, w.upgraded, w.police_first_recorded, w.police_first, n.known, n.before, n.over_40]) WITH ORDINALITY AS u (n, i) ORDER BY i) AS expected,
       ARRAY[k.incidents, k.calls, k.from_activation, k.arrivals, k.stood_down, k.person_left, k.not_attended, k.not_known, k.invalid, k.calls_with_known_end,
           k.arrivals_within_8_mins, k.arrivals_within_15_mins, k.arrivals_within_30_mins, k.arrivals_within_60_mins,
           k.category_known_at_both_ends, k.downgraded, k.upgraded, k.police_first_recorded, k.police_first,
           k.naloxone_to_ambulance_known, k.ambulance_before_naloxone, k.waiting_over_40_mins] AS found,
       n.median AS waited_median
FROM kpi_bi.kpi_ambulance_response_period k
JOIN span USING (period_key)
LEFT JOIN worked w USING (period_key, area_key, ambulance_category, clock, call_source)
LEFT JOIN waited n USING (period_key, area_key, ambulance_category, clock, call_source)
CROSS JOIN LATERAL (SELECT bool_or(covered_from < next_day) AS covered FROM place WHERE place.area_key = k.area_key) c;
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (found IS NULL) = (expected IS NULL) AND coalesce(abs(found - expected) <= 1e-9 * greatest(1, abs(expected)), true) $$;

SELECT cmp_ok(count(*), '>', 50000::bigint, 'rows to compare') FROM beside;
SELECT cmp_ok(count(*) FILTER (WHERE incidents > 0), '>', 10000::bigint, 'with something in them') FROM beside;
SELECT is(count(*) FILTER (WHERE incidents IS NULL) > 0, true, 'and some before coverage') FROM beside;
SELECT is(count(*), 0::bigint, 'every count') FROM beside WHERE found IS DISTINCT FROM expected;
SELECT is(count(*), 0::bigint, 'no row of the records is missing')
FROM worked w LEFT JOIN kpi_bi.kpi_ambulance_response_period k USING (period_key, area_key, ambulance_category, clock, call_source) WHERE k.incidents IS NULL;
SELECT is(count(*), count(DISTINCT period_key) * count(DISTINCT area_key) * count(DISTINCT (ambulance_category, clock, call_source)), 'a row for every period, area and key') FROM beside;
SELECT is(count(*), 0::bigint, 'mean and percentiles')
FROM beside WHERE NOT pg_temp.near(mean_mins, mean) OR NOT pg_temp.near(median_mins, percentiles[1] / 60) OR NOT pg_temp.near(p75_mins, percentiles[2] / 60)
               OR NOT pg_temp.near(p90_mins, percentiles[3] / 60) OR NOT pg_temp.near(p95_mins, percentiles[4] / 60) OR NOT pg_temp.near(naloxone_to_ambulance_median_mins, waited_median);

-- Limits of percentiles: ranks from the binomial distribution, summed term by term. The lower one is the largest rank with at most
-- 2.5 % before it, the upper one the smallest with at least 97.5 %.
CREATE TEMP TABLE rank AS
WITH RECURSIVE size AS (SELECT DISTINCT cardinality(seconds) AS n FROM worked WHERE seconds <> '{}'),
term AS (
    SELECT n, p, 0 AS k, n * ln(1 - p) AS log_term FROM size, unnest('{0.5,0.75,0.9,0.95}'::float8[]) AS p
    UNION ALL SELECT n, p, k + 1, log_term + ln((n - k)::float8 / (k + 1)) + ln(p / (1 - p)) FROM term WHERE k < n
), cumulative AS (
    SELECT n, p, k, sum(CASE WHEN log_term > -700 THEN exp(log_term) ELSE 0 END) OVER (PARTITION BY n, p ORDER BY k) AS at_most FROM term
)
SELECT n, p, max(k + 1) FILTER (WHERE at_most <= 0.025) AS lower, min(k + 1) FILTER (WHERE at_most >= 0.975 AND k < n) AS upper FROM cumulative GROUP BY n, p;
SELECT is(count(*) FILTER (WHERE pg_temp.near(lower_found, seconds[rank.lower] / 60) AND pg_temp.near(upper_found, seconds[rank.upper] / 60)), count(*), 'limits of percentiles')
FROM beside
CROSS JOIN LATERAL (VALUES (0.5::float8, median_mins_lower, median_mins_upper), (0.75, p75_mins_lower, p75_mins_upper), (0.9, p90_mins_lower, p90_mins_upper),
                           (0.95, p95_mins_lower, p95_mins_upper)) AS v (p, lower_found, upper_found)
JOIN rank ON rank.n = cardinality(seconds) AND rank.p = v.p;
SELECT is(count(*), 0::bigint, 'and none without arrivals') FROM beside
WHERE coalesce(arrivals, 0) = 0 AND coalesce(median_mins, median_mins_lower, median_mins_upper, p75_mins_lower, p90_mins_lower, p95_mins_lower, p75_mins_upper) IS NOT NULL;

-- Targets: Purple 7 and 20, Red 8 and 24 minutes.
SELECT is(count(*), 0::bigint, 'targets, and whether they are met') FROM beside
WHERE (median_target_mins, p95_target_mins) IS DISTINCT FROM (CASE clock || ambulance_category WHEN 'acuity_assignedPurple' THEN 7::float8 WHEN 'acuity_assignedRed' THEN 8 END,
                                                            CASE clock || ambulance_category WHEN 'acuity_assignedPurple' THEN 20::float8 WHEN 'acuity_assignedRed' THEN 24 END)
   OR target_met IS DISTINCT FROM CASE WHEN clock = 'acuity_assigned' AND ambulance_category IN ('Purple', 'Red') AND arrivals > 0
           THEN (percentiles[1] / 60 <= median_target_mins AND percentiles[4] / 60 <= p95_target_mins)::integer END;

-- Shares, as Aalen and Johansen estimate them from the ends and their times; limits by Wilson's formula.
CREATE TEMP TABLE share AS
SELECT v.*, calls_with_known_end AS of, ends FROM beside
CROSS JOIN LATERAL (VALUES
    (8::float8, reached_by_8_mins_share, reached_by_8_mins_share_lower, reached_by_8_mins_share_upper), (15, reached_by_15_mins_share, reached_by_15_mins_share_lower, reached_by_15_mins_share_upper),
    (30, reached_by_30_mins_share, reached_by_30_mins_share_lower, reached_by_30_mins_share_upper), (60, reached_by_60_mins_share, reached_by_60_mins_share_lower, reached_by_60_mins_share_upper),
    (median_target_mins, reached_by_median_target_share, reached_by_median_target_share_lower, reached_by_median_target_share_upper),
    (p95_target_mins, reached_by_p95_target_share, reached_by_p95_target_share_lower, reached_by_p95_target_share_upper)) AS v (mins, value, lower, upper);
SELECT cmp_ok(count(value), '>', 50000::bigint, 'shares to compare') FROM share;
SELECT is(count(*), 0::bigint, 'shares of calls') FROM share CROSS JOIN LATERAL incidence(ends, 1, (60 * mins)::integer) AS i WHERE NOT pg_temp.near(share.value, i.value);
SELECT is(count(*), 0::bigint, 'and their limits') FROM share, (VALUES (1.959963984540054::float8)) AS c (z)
WHERE value IS NOT NULL AND (NOT pg_temp.near(lower, (value + z * z / (2 * of) - z * sqrt(value * (1 - value) / of + z * z / (4 * of * of))) / (1 + z * z / of))
                          OR NOT pg_temp.near(upper, (value + z * z / (2 * of) + z * sqrt(value * (1 - value) / of + z * z / (4 * of * of))) / (1 + z * z / of)))
   OR value IS NULL AND (lower IS NOT NULL OR upper IS NOT NULL);
SELECT is(count(*), 0::bigint, 'other shares') FROM beside
WHERE NOT pg_temp.near(downgraded_share, downgraded / nullif(category_known_at_both_ends, 0)::float8)
   OR NOT pg_temp.near(waiting_over_40_mins_share, waiting_over_40_mins / nullif(naloxone_to_ambulance_known, 0)::float8);

-- The view that may be summed has the months and divisions of the other, without ALL.
SELECT is(count(*), 0::bigint, 'month by division, the same counts')
FROM (SELECT * FROM kpi_bi.kpi_ambulance_response) k
FULL JOIN (SELECT * FROM beside WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' AND ambulance_category <> 'ALL' AND call_source <> 'ALL') b
     USING (period_key, area_key, ambulance_category, clock, call_source)
WHERE ARRAY[k.incidents, k.calls, k.from_activation, k.arrivals, k.stood_down, k.person_left, k.not_attended, k.not_known, k.invalid, k.calls_with_known_end,
            k.arrivals_within_8_mins, k.arrivals_within_15_mins, k.arrivals_within_30_mins, k.arrivals_within_60_mins,
            k.category_known_at_both_ends, k.downgraded, k.upgraded, k.police_first_recorded, k.police_first,
            k.naloxone_to_ambulance_known, k.ambulance_before_naloxone, k.waiting_over_40_mins] IS DISTINCT FROM b.expected;

-- The histogram.
CREATE TEMP TABLE band AS
SELECT w.period_key::text, w.area_key::text, w.ambulance_category, w.clock, b.band, count(*) FILTER (WHERE width_bucket(t / 60, '{2,4,6,8,10,12,15,20,25,30,40,60}'::float8[]) + 1 = b.band) AS arrivals
FROM worked w, unnest(seconds) AS t, generate_series(1, 13) AS b (band) WHERE w.call_source = 'ALL' GROUP BY 1, 2, 3, 4, 5;
SELECT results_eq('SELECT period_key::text, area_key::text, ambulance_category::text, clock::text, band::integer, arrivals FROM kpi_bi.kpi_ambulance_response_histogram_period ORDER BY 1, 2, 3, 4, 5',
                  'SELECT * FROM band ORDER BY 1, 2, 3, 4, 5', 'every band of minutes');
SELECT results_eq('SELECT period_key::text, area_key::text, ambulance_category::text, clock::text, band::integer, arrivals FROM kpi_bi.kpi_ambulance_response_histogram ORDER BY 1, 2, 3, 4, 5',
                  $$ SELECT * FROM band WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' AND ambulance_category <> 'ALL' ORDER BY 1, 2, 3, 4, 5 $$, 'and of months and divisions');
SELECT cmp_ok(count(*), '>', 10000::bigint, 'of which there were many') FROM band;
SELECT results_eq('SELECT DISTINCT band::integer, band_from_mins::float8 FROM (SELECT band, band_from_mins FROM kpi_bi.kpi_ambulance_response_histogram
                   UNION ALL SELECT band, band_from_mins FROM kpi_bi.kpi_ambulance_response_histogram_period) b ORDER BY 1',
                  'SELECT band::integer, mins FROM unnest(''{0,2,4,6,8,10,12,15,20,25,30,40,60}''::float8[]) WITH ORDINALITY AS b (mins, band)', 'and where each begins');

SELECT * FROM finish();
ROLLBACK;
