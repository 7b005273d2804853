-- The KPI ambulance_response: what each form counts as, whose clock it is on, and figures worked out by hand or on plain rows.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(75);

SELECT deploy('test_ambulance');
INSERT INTO test_ambulance.division_record (division_code, division_name, valid_from) VALUES
    ('A', 'Alpha', '2020-01-01'), ('B', 'Beta', '2020-01-01');
INSERT INTO test_ambulance.source_coverage_record (source, division_code, covered_from) VALUES
    ('administration', 'A', '2024-05-01'), ('administration', 'B', '2024-05-01');

-- What a form counts as. The name of each case stands in call_source, where any text has rows of its own.
CREATE TEMP TABLE form_case (
    name text, called timestamptz, started timestamptz, clock text, arrived timestamptz, stood_down timestamptz, attended boolean,
    person_left timestamptz, mins smallint, category text, outcome text, counted_clock text
);
INSERT INTO form_case VALUES
    ('called and arrived',        '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, 'Amber', 'arrivals', 'call'),
    ('arrived at once',           '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, 'Amber', 'arrivals', 'call'),
    ('arrived after a day',       '2024-05-10 10:00Z', NULL, NULL, '2024-05-11 10:00Z', NULL, NULL, NULL, NULL, 'Amber', 'arrivals', 'call'),
    ('arrived after over a day',  '2024-05-10 10:00Z', NULL, NULL, '2024-05-11 10:00:01Z', NULL, true, NULL, NULL, 'Amber', 'invalid', 'call'),
    ('arrived before the call',   '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 09:59:59Z', NULL, true, NULL, NULL, 'Amber', 'invalid', 'call'),
    ('a fraction of a second before', '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 09:59:59.9Z', NULL, true, NULL, NULL, 'Amber', 'invalid', 'call'),
    ('arrived and stood down',    '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 10:10Z', '2024-05-10 10:05Z', false, NULL, NULL, 'Amber', 'arrivals', 'call'),
    ('stood down',                '2024-05-10 10:00Z', NULL, NULL, NULL, '2024-05-10 10:05Z', NULL, NULL, NULL, 'Amber', 'stood_down', 'call'),
    ('stood down, so not attended', '2024-05-10 10:00Z', NULL, NULL, NULL, '2024-05-10 10:05Z', false, NULL, NULL, 'Amber', 'stood_down', 'call'),
    ('stood down, person left',   '2024-05-10 10:00Z', NULL, NULL, NULL, '2024-05-10 10:05Z', NULL, '2024-05-10 10:04Z', NULL, 'Amber', 'stood_down', 'call'),
    ('not attended',              '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, false, NULL, NULL, 'Amber', 'not_attended', 'call'),
    ('not attended and nothing else', NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, 'not_attended', 'UNKNOWN'),
    ('not attended, person left', '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, false, '2024-05-10 10:05Z', NULL, 'Amber', 'person_left', 'call'),
    ('person left',               '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, NULL, '2024-05-10 10:05Z', NULL, 'Amber', 'person_left', 'call'),
    ('attended, no times',        NULL, NULL, NULL, NULL, NULL, true, NULL, NULL, NULL, 'not_known', 'UNKNOWN'),
    ('attended, person left',     NULL, NULL, NULL, NULL, NULL, true, '2024-05-10 10:05Z', NULL, NULL, 'not_known', 'UNKNOWN'),
    ('called only',               '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'not_known', 'call'),
    ('clock only',                NULL, '2024-05-10 10:00Z', 'acuity_assigned', NULL, NULL, NULL, NULL, NULL, NULL, 'not_known', 'acuity_assigned'),
    ('arrival only',              NULL, NULL, NULL, '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, NULL, 'not_known', 'UNKNOWN'),
    ('category only',             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'Amber', 'not_known', 'UNKNOWN'),
    ('nothing',                   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'UNKNOWN'),
    ('person left, and nothing else', NULL, NULL, NULL, NULL, NULL, NULL, '2024-05-10 10:05Z', NULL, NULL, NULL, 'UNKNOWN'),
    -- Only minutes: what they were counted from is what the form says, else the call if there was one.
    ('minutes',                   NULL, NULL, 'call', NULL, NULL, true, NULL, 12, 'Amber', 'arrivals', 'call'),
    ('minutes from the acuity',   '2024-05-10 10:00Z', NULL, 'acuity_assigned', NULL, NULL, true, NULL, 12, 'Amber', 'arrivals', 'acuity_assigned'),
    ('minutes and a call',        '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, true, NULL, 12, 'Amber', 'arrivals', 'call'),
    ('minutes from who knows',    NULL, NULL, NULL, NULL, NULL, true, NULL, 12, 'Amber', 'arrivals', 'UNKNOWN'),
    ('minutes below zero',        NULL, NULL, 'call', NULL, NULL, true, NULL, -5, 'Amber', 'invalid', 'call'),
    ('minutes over a day',        NULL, NULL, 'call', NULL, NULL, true, NULL, 1441, 'Amber', 'invalid', 'call'),
    ('minutes beside times',      '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 10:10Z', NULL, true, NULL, 99, 'Amber', 'arrivals', 'call'),
    -- With two times the clock is the one they were taken from, whatever the form calls it.
    ('times from the call',       '2024-05-10 10:00Z', NULL, 'acuity_assigned', '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, 'Amber', 'arrivals', 'call'),
    ('times from the acuity',     '2024-05-10 10:00Z', '2024-05-10 10:02Z', 'acuity_assigned', '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, 'Amber', 'arrivals', 'acuity_assigned'),
    ('times from who knows',      NULL, '2024-05-10 10:02Z', NULL, '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, 'Amber', 'arrivals', 'UNKNOWN'),
    -- Infinite times are no times.
    ('arrived never',             '2024-05-10 10:00Z', NULL, NULL, 'infinity', NULL, NULL, NULL, NULL, NULL, 'not_known', 'call'),
    ('called never',              'infinity', NULL, 'call', '2024-05-10 10:00Z', NULL, NULL, NULL, NULL, NULL, 'not_known', 'call'),
    ('clock never',               '2024-05-10 10:00Z', '-infinity', 'call', '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, NULL, 'not_known', 'call'),
    -- Categories that nobody has heard of.
    ('odd category',              '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, 'Chartreuse 3!', 'arrivals', 'call'),
    ('no letter of a category',   '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, '', 'arrivals', 'call'),
    ('category called ALL',       '2024-05-10 10:00Z', NULL, NULL, '2024-05-10 10:10Z', NULL, NULL, NULL, NULL, 'ALL', 'arrivals', 'call');
INSERT INTO test_ambulance.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, call_source, ambulance_called_at, ambulance_clock_started_at, clock,
     ambulance_arrived_at, ambulance_stood_down_at, ambulance_attended, person_left_at, ambulance_response_mins, ambulance_category_first)
SELECT 'case ' || name, 'case ' || name, 'A', '2024-05-10 10:00Z', name, called, started, clock, arrived, stood_down, attended, person_left, mins, category
FROM form_case;

-- Plain seconds, in two divisions and three months, on both clocks, for what is compared with percentile_cont.
CREATE TEMP TABLE plain (number integer, division_code text, day date, category text, clock text, call_source text, seconds float8);
INSERT INTO plain
SELECT n, CASE WHEN n % 3 = 0 THEN 'B' ELSE 'A' END, date '2024-05-05' + n, 'Green', CASE WHEN n % 5 = 0 THEN 'acuity_assigned' ELSE 'call' END,
       'spread', n * 7919 % 4001
FROM generate_series(1, 85) AS n;
INSERT INTO plain VALUES
    -- Against targets of 7 and 20 minutes: missed by a second in May, met to the second in June.
    (100, 'A', '2024-05-06', 'Purple', 'acuity_assigned', 'police_on_scene', 300), (101, 'A', '2024-05-06', 'Purple', 'acuity_assigned', 'police_on_scene', 420),
    (102, 'A', '2024-05-06', 'Purple', 'acuity_assigned', 'police_on_scene', 421), (103, 'A', '2024-05-06', 'Purple', 'acuity_assigned', 'police_on_scene', 1200),
    (104, 'A', '2024-05-06', 'Purple', 'acuity_assigned', 'police_on_scene', 1201.9), -- counts as 1201
    (105, 'A', '2024-06-06', 'Purple', 'acuity_assigned', 'police_on_scene', 420), (106, 'A', '2024-06-06', 'Purple', 'acuity_assigned', 'police_on_scene', 420),
    (107, 'A', '2024-06-06', 'Purple', 'acuity_assigned', 'public', 1200),
    -- The same category on the other clock has no target. Red: the median of 8 minutes met, the 95th percentile (27.8, by 24) not.
    (108, 'A', '2024-05-06', 'Purple', 'call', 'police_on_scene', 60),
    (109, 'A', '2024-05-06', 'Red', 'acuity_assigned', 'public', 60), (110, 'A', '2024-05-06', 'Red', 'acuity_assigned', 'public', 1800),
    (111, 'A', '2024-05-06', 'Red', 'acuity_assigned', 'public', 480),
    -- The edges of the bands of the histogram.
    (120, 'A', '2024-05-07', 'Yellow', 'call', 'public', 119), (121, 'A', '2024-05-07', 'Yellow', 'call', 'public', 120),
    (122, 'A', '2024-05-07', 'Yellow', 'call', 'public', 479), (123, 'A', '2024-05-07', 'Yellow', 'call', 'public', 480),
    (124, 'A', '2024-05-07', 'Yellow', 'call', 'public', 481), (125, 'A', '2024-05-07', 'Yellow', 'call', 'public', 3599),
    (126, 'A', '2024-05-07', 'Yellow', 'call', 'public', 3600), (127, 'A', '2024-05-07', 'Yellow', 'call', 'public', 3601),
    (128, 'A', '2024-05-07', 'Yellow', 'call', 'public', 86400), (129, 'A', '2024-05-07', 'Yellow', 'call', 'public', 0);
INSERT INTO test_ambulance.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, call_source, ambulance_category_first, clock,
     ambulance_clock_started_at, ambulance_arrived_at)
SELECT 'plain ' || number, 'plain ' || number, division_code, day + time '12:00', call_source, category, clock,
       day + time '12:00', day + time '12:00' + seconds * interval '1 second'
FROM plain;
UPDATE plain SET seconds = floor(seconds);

INSERT INTO test_ambulance.target (indicator, area_key, ambulance_category, clock, valid_from, statistic, value) VALUES
    ('ambulance_response', NULL, 'Green', 'call', '2024-05-15', 'median', 100), ('ambulance_response', NULL, 'Green', 'call', '2024-05-15', 'percentile_95', 100),
    ('ambulance_response', 'division A', 'Purple', 'acuity_assigned', '2024-07-01', 'median', 5);

-- From naloxone to the ambulance, one administration an incident: 40 minutes to the second, a second more, at once, over a day,
-- before, a fraction before, never, and not recorded.
INSERT INTO test_ambulance.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, call_source, ambulance_category_first, ambulance_called_at, naloxone_first_at, ambulance_arrived_at)
SELECT 'naloxone ' || n, 'naloxone ' || n, 'A', '2024-05-20 10:00Z', 'naloxone', 'Amber', '2024-05-20 09:59Z', given::timestamptz, arrived::timestamptz
FROM (VALUES (1, '2024-05-20 10:00Z', '2024-05-20 10:40:00Z'), (2, '2024-05-20 10:00Z', '2024-05-20 10:40:01Z'), (3, '2024-05-20 10:00Z', '2024-05-20 10:00Z'),
             (4, '2024-05-20 10:00Z', '2024-05-21 10:00:01Z'), (5, '2024-05-20 10:01Z', '2024-05-20 10:00Z'), (6, '2024-05-20 10:00Z', '2024-05-20 09:59:59.9Z'),
             (7, 'infinity', '2024-05-20 10:00Z'), (8, NULL, '2024-05-20 10:00Z')) AS t (n, given, arrived);

-- Categories changed: down, up, not, to another service's, to none, from one that nobody has heard of.
INSERT INTO test_ambulance.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, call_source, ambulance_category_first, ambulance_category_last)
SELECT 'change ' || n, 'change ' || n, 'B', '2024-05-21 10:00Z', 'change', first, last
FROM (VALUES (1, 'Purple', 'Yellow'), (2, 'Red', 'Purple'), (3, 'Amber', 'Amber'), (4, 'Purple', 'C2'), (5, 'Purple', NULL), (6, 'Chartreuse 3!', 'Red'), (7, 'C3', 'C1')) AS t (n, first, last);

-- Incidents with two people. The first's form has no ambulance, the second's is of the next month: one incident, under what the
-- arrival's form says, in the month and division where it began.
INSERT INTO test_ambulance.administration_record
    (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, call_source, ambulance_category_first, ambulance_called_at, ambulance_attended,
     naloxone_first_at, ambulance_arrived_at) VALUES
    ('two 1', 'two', 1, 'A', '2024-05-31 22:50Z', 'two', 'Amber', '2024-05-31 22:40Z', false, '2024-05-31 22:51Z', NULL),
    ('two 2', 'two', 2, 'B', '2024-05-31 23:10Z', 'two', 'Red', '2024-05-31 23:00Z', true, '2024-05-31 23:05Z', '2024-05-31 23:10Z'),
    -- Two ambulances: the one that came first, though it took longer.
    ('both 1', 'both', 1, 'A', '2024-05-22 10:00Z', 'both', 'Amber', '2024-05-22 10:10Z', true, NULL, '2024-05-22 10:20Z'),
    ('both 2', 'both', 2, 'A', '2024-05-22 10:00Z', 'both', 'Amber', '2024-05-22 10:00Z', true, NULL, '2024-05-22 10:15Z');

CALL refresh('test_ambulance', '2024-07-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_ambulance.refresh_log WHERE mode = 'failed';

-- Every case counts once, as one thing, on one clock.
SELECT is(found.counted, expected.counted, format('%s: %s, clock %s', c.name, coalesce(c.outcome, 'no call'), c.counted_clock))
FROM form_case c
CROSS JOIN LATERAL (SELECT format('%s 1 %s %s', c.counted_clock, (c.outcome IS NOT NULL)::integer, coalesce(c.outcome || ' 1', '')) AS counted) expected
LEFT JOIN LATERAL (
    SELECT string_agg(format('%s %s %s %s', k.clock, k.incidents, k.calls,
               (SELECT string_agg(o.key || ' ' || o.value, ', ') FROM jsonb_each_text(to_jsonb(k)) AS o
                WHERE o.key IN ('arrivals', 'stood_down', 'person_left', 'not_attended', 'not_known', 'invalid') AND o.value <> '0')), ' and ') AS counted
    FROM test_ambulance_bi.kpi_ambulance_response_period k
    WHERE k.call_source = c.name AND k.ambulance_category = 'ALL' AND k.period_key = 'month 2024-05' AND k.area_key = 'division A' AND k.incidents > 0
) found ON true;
SELECT is(count(*), 0::bigint, 'calls are arrivals, stood down, left, not attended, not known and invalid, in every row')
FROM test_ambulance_bi.kpi_ambulance_response_period
WHERE calls <> arrivals + stood_down + person_left + not_attended + not_known + invalid OR calls > incidents;
SELECT is(mean_mins, expected, call_source) FROM test_ambulance_bi.kpi_ambulance_response_period
JOIN (VALUES ('minutes', 12::float8), ('minutes beside times', 10), ('times from the acuity', 8), ('times from the call', 10), ('arrived after a day', 1440),
             ('arrived at once', 0), ('both', 15), ('two', 10)) AS e (source, expected) ON call_source = source
WHERE ambulance_category = 'ALL' AND period_key = 'month 2024-05' AND area_key = 'division A' AND arrivals > 0;

-- Odd categories have rows of their own; ALL as a category is not one.
SELECT results_eq($$ SELECT ambulance_category::text, call_source::text, arrivals FROM test_ambulance_bi.kpi_ambulance_response_period
                     WHERE call_source IN ('odd category', 'no letter of a category', 'category called ALL') AND ambulance_category <> 'ALL'
                       AND period_key = 'month 2024-05' AND area_key = 'force' AND arrivals > 0 ORDER BY 2 $$,
    $$ VALUES ('UNKNOWN', 'category called ALL', 1::bigint), ('', 'no letter of a category', 1), ('Chartreuse 3!', 'odd category', 1) $$,
    'a category of whatever text is counted, and one that is called ALL is not known');

-- Incidents with several people.
SELECT results_eq($$ SELECT period_key::text, area_key::text, ambulance_category::text, clock::text, incidents, calls, arrivals, naloxone_to_ambulance_known
                     FROM test_ambulance_bi.kpi_ambulance_response_period
                     WHERE call_source = 'two' AND ambulance_category <> 'ALL' AND incidents > 0 AND period_key LIKE 'month%' AND area_key LIKE 'division%' $$,
    $$ VALUES ('month 2024-05', 'division A', 'Red', 'call', 1::bigint, 1::bigint, 1::bigint, 1::bigint) $$,
    'an incident with two people over the end of a month counts once, where it began, by the form with the arrival');

-- Targets.
SELECT is(format('%s %s %s', coalesce(k.median_target_mins::text, '-'), coalesce(k.p95_target_mins::text, '-'), coalesce(k.target_met::text, '-')), expected, what)
FROM (VALUES
    ('month 2024-05', 'division A', 'Purple', 'acuity_assigned', '7 20 0', 'a median a second over its target is not met'),
    ('month 2024-06', 'division A', 'Purple', 'acuity_assigned', '7 20 1', 'a median to the second, and a 95th percentile within, are met'),
    ('month 2024-05', 'force', 'Red', 'acuity_assigned', '8 24 0', 'the median met and the 95th percentile not is not met'),
    ('month 2024-07', 'force', 'Purple', 'acuity_assigned', '7 20 -', 'with no arrival a target is neither met nor not'),
    ('month 2024-07', 'division A', 'Purple', 'acuity_assigned', '5 20 -', 'an area''s own target goes before everywhere''s'),
    ('fiscal_quarter 2024-07', 'division A', 'Purple', 'acuity_assigned', '5 20 -', 'for every period that it holds for'),
    ('fiscal_year 2024-04', 'division A', 'Purple', 'acuity_assigned', '7 20 0', 'but not for one that it does not hold for from the start'),
    ('month 2024-05', 'force', 'Purple', 'call', '- - -', 'a clock without a target'),
    ('month 2024-05', 'force', 'ALL', 'acuity_assigned', '- - -', 'all categories together have none'),
    ('month 2024-05', 'force', 'Green', 'call', '- - -', 'a target holds for a whole month or not at all'),
    ('month 2024-06', 'force', 'Green', 'call', '100 100 1', 'from the next month on it does')
) AS t (period, area, category, clock, expected, what)
LEFT JOIN test_ambulance_bi.kpi_ambulance_response_period k
     ON k.period_key = period AND k.area_key = area AND k.ambulance_category = category AND k.clock = t.clock AND k.call_source = 'ALL';
SELECT results_eq($$ SELECT median_mins, p95_mins, mean_mins, arrivals FROM test_ambulance_bi.kpi_ambulance_response_period
                     WHERE period_key LIKE 'month%' AND area_key = 'division A' AND ambulance_category = 'Purple' AND clock = 'acuity_assigned'
                       AND call_source = 'ALL' AND arrivals > 0 ORDER BY period_key $$,
    -- May: 300, 420, 421, 1200, 1201 seconds. June: 420, 420, 1200.
    $$ VALUES (421 / 60::float8, (1200 + 0.8::float8 * 1) / 60, (3542 / 5::float8) / 60, 5::bigint), (7::float8, (420 + 0.9::float8 * 780) / 60, (2040 / 3::float8) / 60, 3) $$,
    'median, 95th percentile and mean by hand, floored to the second');

-- Percentiles are those of the plain rows, in every month, area and clock, merged over days, divisions and periods.
CREATE TEMP VIEW plain_area AS
    SELECT p.*, period_key, area_key
    FROM plain p
    JOIN test_ambulance_bi.dim_period d ON p.day BETWEEN d.period_start AND d.period_end
    JOIN test_ambulance_bi.dim_area a ON a.area_key IN ('force', 'division ' || p.division_code);
SELECT results_eq($$
    SELECT period_key::text, area_key::text, clock::text, arrivals, median_mins, p75_mins, p90_mins, p95_mins
    FROM test_ambulance_bi.kpi_ambulance_response_period
    WHERE ambulance_category = 'Green' AND call_source = 'ALL' AND arrivals > 0 ORDER BY 1, 2, 3 $$, $$
    SELECT period_key::text, area_key::text, clock, count(*),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) / 60, percentile_cont(0.75) WITHIN GROUP (ORDER BY seconds) / 60,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) / 60, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) / 60
    FROM plain_area WHERE category = 'Green' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$,
    'percentiles are, to the bit, percentile_cont on the plain rows');
SELECT results_eq($$
    SELECT period_key::text, area_key::text, arrivals_within_8_mins, arrivals_within_15_mins, arrivals_within_30_mins, arrivals_within_60_mins
    FROM test_ambulance_bi.kpi_ambulance_response_period
    WHERE ambulance_category = 'Green' AND call_source = 'ALL' AND clock = 'call' AND arrivals > 0 ORDER BY 1, 2 $$, $$
    SELECT period_key::text, area_key::text, count(*) FILTER (WHERE seconds <= 480), count(*) FILTER (WHERE seconds <= 900),
           count(*) FILTER (WHERE seconds <= 1800), count(*) FILTER (WHERE seconds <= 3600)
    FROM plain_area WHERE category = 'Green' AND clock = 'call' GROUP BY 1, 2 ORDER BY 1, 2 $$, 'so are the arrivals within so many minutes');

-- The histogram.
SELECT results_eq($$ SELECT band_label::text, arrivals FROM test_ambulance_bi.kpi_ambulance_response_histogram
                     WHERE period_key = 'month 2024-05' AND area_key = 'division A' AND ambulance_category = 'Yellow' AND clock = 'call' ORDER BY band $$,
    $$ VALUES ('0 to under 2', 2::bigint), ('2 to under 4', 1), ('4 to under 6', 0), ('6 to under 8', 1), ('8 to under 10', 2), ('10 to under 12', 0),
              ('12 to under 15', 0), ('15 to under 20', 0), ('20 to under 25', 0), ('25 to under 30', 0), ('30 to under 40', 0), ('40 to under 60', 1),
              ('60 and over', 3) $$, 'bands of minutes, by their edges');
SELECT results_eq($$ SELECT period_key, area_key, ambulance_category, clock, sum(arrivals)::bigint FROM test_ambulance_bi.kpi_ambulance_response_histogram_period
                     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 $$,
    $$ SELECT period_key, area_key, ambulance_category, clock, arrivals FROM test_ambulance_bi.kpi_ambulance_response_period
       WHERE call_source = 'ALL' AND arrivals > 0 ORDER BY 1, 2, 3, 4 $$, 'the bands hold every arrival once, and nothing else has any');

-- Naloxone to ambulance, and changes of category.
SELECT is(format('%s %s %s %s %s %s %s', naloxone_to_ambulance_known, ambulance_before_naloxone, waiting_over_40_mins, naloxone_to_ambulance_median_mins,
                 round(waiting_over_40_mins_share::numeric, 12), round(waiting_over_40_mins_share_lower::numeric, 12), round(waiting_over_40_mins_share_upper::numeric, 12)),
          '3 2 1 40 0.333333333333 0.061491944720 0.792340399198', 'naloxone to ambulance: 0, 40 minutes, a second more; two after the ambulance came (share with Wilson limits)')
FROM test_ambulance_bi.kpi_ambulance_response_period
WHERE call_source = 'naloxone' AND ambulance_category = 'ALL' AND clock = 'call' AND area_key = 'division A' AND period_key = 'month 2024-05';
SELECT is(format('%s %s %s %s %s %s', category_known_at_both_ends, downgraded, upgraded,
                 round(downgraded_share::numeric, 12), round(downgraded_share_lower::numeric, 12), round(downgraded_share_upper::numeric, 12)),
          '4 1 2 0.250000000000 0.045587260810 0.699358157418', 'one downgraded and two upgraded of four: another service''s category cannot be compared')
FROM test_ambulance_bi.kpi_ambulance_response_period
WHERE call_source = 'change' AND ambulance_category = 'ALL' AND clock = 'UNKNOWN' AND area_key = 'division B' AND period_key = 'month 2024-05';

-- ALL, and clocks.
SELECT set_eq($$ SELECT DISTINCT clock::text FROM test_ambulance_bi.kpi_ambulance_response_period $$,
    $$ VALUES ('acuity_assigned'), ('call'), ('UNKNOWN') $$, 'clocks are never pooled');
SELECT is(count(*), 0::bigint, 'ALL is the sum of what it is all of, on every clock')
FROM (SELECT period_key, area_key, clock, ambulance_category = 'ALL' AS all_categories, call_source = 'ALL' AS all_sources,
             sum(incidents) AS incidents, sum(calls) AS calls, sum(arrivals) AS arrivals, sum(invalid) AS invalid, sum(downgraded) AS downgraded,
             sum(arrivals_within_8_mins) AS within_8, sum(naloxone_to_ambulance_known) AS known, sum(waiting_over_40_mins) AS waiting
      FROM test_ambulance_bi.kpi_ambulance_response_period GROUP BY 1, 2, 3, 4, 5) s
JOIN (SELECT * FROM test_ambulance_bi.kpi_ambulance_response_period WHERE ambulance_category = 'ALL' AND call_source = 'ALL') a USING (period_key, area_key, clock)
WHERE (s.incidents, s.calls, s.arrivals, s.invalid, s.downgraded, s.within_8, s.known, s.waiting)
      IS DISTINCT FROM (a.incidents, a.calls, a.arrivals, a.invalid, a.downgraded, a.arrivals_within_8_mins, a.naloxone_to_ambulance_known, a.waiting_over_40_mins);
SELECT results_eq($$ SELECT sum(incidents)::bigint, sum(calls)::bigint, sum(arrivals)::bigint, sum(naloxone_to_ambulance_known)::bigint
                     FROM test_ambulance_bi.kpi_ambulance_response WHERE period_key BETWEEN 'month 2024-05' AND 'month 2024-07' $$,
    $$ SELECT sum(incidents)::bigint, sum(calls)::bigint, sum(arrivals)::bigint, sum(naloxone_to_ambulance_known)::bigint
       FROM test_ambulance_bi.kpi_ambulance_response_period
       WHERE period_key = 'fiscal_year 2024-04' AND area_key = 'force' AND ambulance_category = 'ALL' AND call_source = 'ALL' $$,
    'without ALL, months and divisions add up to the force''s year');
SELECT is((SELECT sum(incidents)::bigint FROM test_ambulance_bi.kpi_ambulance_response),
          (SELECT count(DISTINCT incident_id) FROM test_ambulance.administration), 'and to every incident');
SELECT is(count(*), 0::bigint, 'the view that may be summed has no ALL')
FROM test_ambulance_bi.kpi_ambulance_response WHERE ambulance_category = 'ALL' OR call_source = 'ALL';

-- Outside coverage: rows, and nothing in them.
SELECT ok(count(*) > 0 AND count(incidents) = 0 AND count(calls) = 0 AND count(arrivals) = 0 AND count(arrivals_within_8_mins) = 0 AND count(mean_mins) = 0
          AND count(naloxone_to_ambulance_known) = 0 AND count(target_met) = 0 AND count(downgraded_share) = 0, 'before coverage no count is 0')
FROM test_ambulance_bi.kpi_ambulance_response_period WHERE period_key = 'month 2024-04';
SELECT is(count(*), 0::bigint, 'nor is anything in the histogram') FROM test_ambulance_bi.kpi_ambulance_response_histogram_period WHERE period_key = 'month 2024-04';

SELECT * FROM finish();
ROLLBACK;
