-- The KPI ambulance_response where the ambulance service's own records are there too: what they replace, what of all calls was
-- reached, and intervals. Every figure is worked out by hand, or by Aalen and Johansen's estimate on the plain times.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(53);
SET LOCAL TimeZone = 'Pacific/Kiritimati';

SELECT deploy('test_activation');
INSERT INTO test_activation.division_record (division_code, division_name, valid_from) VALUES ('A', 'Alpha', '2020-01-01'), ('B', 'Beta', '2020-01-01');
-- Of activations none is said to be covered: a response counts where its incident does.
INSERT INTO test_activation.source_coverage_record (source, division_code, covered_from) VALUES
    ('administration', 'A', '2024-05-01'), ('administration', 'B', '2024-05-01');

-- The form of each case, unless it says otherwise: Amber, ten minutes from the assignment of the acuity. The case's name stands in
-- call_source, which the activations leave open.
CREATE TEMP TABLE form (
    name text, arrived timestamptz DEFAULT '2024-05-10 10:10Z', stood_down timestamptz, attended boolean, person_left timestamptz, mins smallint,
    category_first text DEFAULT 'Amber', category_last text, started timestamptz DEFAULT '2024-05-10 10:00Z', counted text
);
INSERT INTO form (name, attended, stood_down, person_left, category_last, counted) VALUES
    ('no activation',            NULL,  NULL, NULL, NULL, 'acuity_assigned Amber arrivals 10'),
    ('replaced',                 NULL,  NULL, NULL, NULL, 'call Amber arrivals 7'),
    ('a fraction of a second',   NULL,  NULL, NULL, NULL, 'call Amber arrivals 7'),
    ('clock not said',           NULL,  NULL, NULL, NULL, 'UNKNOWN Amber arrivals 7'),
    ('stood down',               true,  NULL, NULL, NULL, 'call Amber stood_down -'),
    ('before the clock',         true,  NULL, NULL, NULL, 'call Amber invalid -'),
    ('over a day',               true,  NULL, NULL, NULL, 'call Amber invalid -'),
    ('of another age',           true,  NULL, NULL, NULL, 'call Amber invalid -'),
    ('never',                    true,  NULL, NULL, NULL, 'call Amber not_known -'),
    ('no end',                   NULL,  NULL, NULL, NULL, 'call Amber not_known -'),
    ('no end, attended',         true,  NULL, '2024-05-10 10:05Z', NULL, 'call Amber not_known -'),
    ('no end, not attended',     false, NULL, NULL, NULL, 'call Amber not_attended -'),
    ('no end, left',             NULL,  NULL, '2024-05-10 10:05Z', NULL, 'call Amber person_left -'),
    ('no end, left never',       NULL,  NULL, 'infinity', NULL, 'call Amber not_known -'),
    ('no end, stood down',       NULL,  '2024-05-10 10:05Z', NULL, NULL, 'call Amber stood_down -'),
    ('no end, stood down never', NULL,  'infinity', NULL, NULL, 'call Amber not_known -'),
    ('two arrived',              NULL,  NULL, NULL, NULL, 'call Amber arrivals 5'),
    ('one of two arrived',       NULL,  NULL, NULL, NULL, 'call Amber arrivals 20'),
    ('one impossible',           NULL,  NULL, NULL, NULL, 'call Amber stood_down -'),
    ('category',                 NULL,  NULL, NULL, 'Yellow', 'call Purple arrivals 7'),
    ('category called ALL',      NULL,  NULL, NULL, NULL, 'call Amber arrivals 7');
INSERT INTO form (name, arrived, started, mins, category_first, counted) VALUES
    ('nothing on the form',      NULL,  NULL, NULL, NULL, 'call Red arrivals 7'),
    ('nothing but minutes',      NULL,  NULL, 30, 'Amber', 'call Amber arrivals 7'),
    ('an activation and no more', NULL, NULL, NULL, NULL, 'call UNKNOWN not_known -');
INSERT INTO test_activation.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, call_source, ambulance_clock_started_at, clock, ambulance_arrived_at,
     ambulance_stood_down_at, ambulance_attended, person_left_at, ambulance_response_mins, ambulance_category_first, ambulance_category_last)
SELECT 'case ' || name, 'case ' || name, 'A', '2024-05-10 10:00Z', name, started, CASE WHEN started IS NOT NULL THEN 'acuity_assigned' END, arrived,
       stood_down, attended, person_left, mins, category_first, category_last
FROM form;
INSERT INTO test_activation.ambulance_activation_record (activation_id, incident_id, clock, clock_started_at, arrived_at, stood_down_at, category_first)
SELECT 'v' || row_number() OVER (), 'case ' || name, clock, started, arrived, stood_down, category
FROM (VALUES
    ('replaced', 'call', timestamptz '2024-05-10 10:01Z', timestamptz '2024-05-10 10:08Z', NULL::timestamptz, NULL),
    ('a fraction of a second', 'call', '2024-05-10 10:01Z', '2024-05-10 10:08:00.9Z', NULL, NULL),
    ('clock not said', NULL, '2024-05-10 10:01Z', '2024-05-10 10:08Z', NULL, NULL),
    ('stood down', 'call', '2024-05-10 10:01Z', NULL, '2024-05-10 10:05Z', NULL),
    ('before the clock', 'call', '2024-05-10 10:01Z', '2024-05-10 10:00:59Z', NULL, NULL),
    ('over a day', 'call', '2024-05-10 10:01Z', '2024-05-11 10:01:01Z', NULL, NULL),
    ('of another age', 'call', '2024-05-10 10:01Z', '1850-05-10 10:08Z', NULL, NULL),
    ('never', 'call', '2024-05-10 10:01Z', 'infinity', 'infinity', NULL),
    ('no end', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL), ('no end, attended', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL),
    ('no end, not attended', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL), ('no end, left', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL),
    ('no end, left never', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL), ('no end, stood down', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL),
    ('no end, stood down never', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL),
    -- The first to arrive took longer to be sent.
    ('two arrived', 'call', '2024-05-10 10:00Z', '2024-05-10 10:20Z', NULL, NULL), ('two arrived', 'call', '2024-05-10 10:10Z', '2024-05-10 10:15Z', NULL, NULL),
    ('one of two arrived', 'call', '2024-05-10 10:00Z', NULL, '2024-05-10 10:02Z', NULL), ('one of two arrived', 'call', '2024-05-10 10:00Z', '2024-05-10 10:20Z', NULL, NULL),
    ('one impossible', 'call', '2024-05-10 10:00Z', '2024-05-10 09:00Z', NULL, NULL), ('one impossible', 'call', '2024-05-10 10:00Z', NULL, '2024-05-10 10:02Z', NULL),
    ('category', 'call', '2024-05-10 10:01Z', '2024-05-10 10:08Z', NULL, 'Purple'),
    ('category called ALL', 'call', '2024-05-10 10:01Z', '2024-05-10 10:08Z', NULL, 'ALL'),
    ('nothing on the form', 'call', '2024-05-10 10:01Z', '2024-05-10 10:08Z', NULL, 'Red'),
    ('nothing but minutes', 'call', '2024-05-10 10:01Z', '2024-05-10 10:08Z', NULL, NULL),
    ('an activation and no more', 'call', '2024-05-10 10:01Z', NULL, NULL, NULL)
) AS v (name, clock, started, arrived, stood_down, category);

INSERT INTO test_activation.ambulance_activation_record
    (activation_id, incident_id, division_code, clock, clock_started_at, arrived_at, category_first, category_last, call_source) VALUES
    -- Of no incident, and of one without naloxone: in this KPI they are nothing. Of no day at all: it counts where its incident does.
    ('w1', NULL, 'A', 'call', '2024-05-10 10:00Z', '2024-05-10 10:07Z', 'Purple', NULL, 'public'),
    ('w2', 'no naloxone', 'A', 'call', '2024-05-10 10:00Z', '2024-05-10 10:07Z', 'Purple', NULL, 'public'),
    ('w3', 'endless', 'B', 'call', '-infinity', '2024-05-10 10:07Z', 'Purple', NULL, 'public'),
    -- Two people over the end of a month; the activation is of another division.
    ('w4', 'two', 'B', 'call', '2024-05-31 23:01Z', '2024-05-31 23:15Z', 'Purple', 'Red', 'police_on_scene');
INSERT INTO test_activation.administration_record
    (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, naloxone_first_at, police_first_on_scene, call_source,
     ambulance_category_first, ambulance_category_last, ambulance_clock_started_at, clock, ambulance_arrived_at) VALUES
    ('endless', 'endless', 1, 'B', '2024-05-10 10:00Z', NULL, NULL, 'form', 'Amber', NULL, NULL, NULL, NULL),
    ('two 1', 'two', 1, 'A', '2024-05-31 22:59Z', '2024-05-31 23:05Z', true, 'form', 'Yellow', 'Red', '2024-05-31 22:50Z', 'acuity_assigned', '2024-05-31 23:06Z'),
    ('two 2', 'two', 2, 'B', '2024-05-31 23:08Z', '2024-05-31 23:08Z', false, 'form', 'Yellow', 'Red', '2024-05-31 22:50Z', 'acuity_assigned', '2024-05-31 23:07Z');

-- Of 13 calls 8 arrive, one is stood down, one person leaves, one is not attended; of two nobody can say. In seconds, from the acuity.
CREATE TEMP TABLE call (number integer, seconds integer, how text);
INSERT INTO call VALUES (1, 0, 'arrived'), (2, 300, 'arrived'), (3, 420, 'arrived'), (4, 480, 'arrived'), (5, 481, 'arrived'), (6, 900, 'arrived'),
    (7, 1800, 'arrived'), (8, 3601, 'arrived'), (9, 200, 'stood down'), (10, 600, 'left'), (11, NULL, 'not attended'), (12, NULL, 'not known'), (13, -1, 'arrived');
INSERT INTO test_activation.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, call_source, ambulance_category_first, ambulance_clock_started_at, clock,
     ambulance_arrived_at, ambulance_stood_down_at, person_left_at, ambulance_attended)
SELECT 'call ' || number, 'call ' || number, 'B', '2024-06-10 10:00Z', 'share', 'Purple', '2024-06-10 10:00Z', 'acuity_assigned',
       CASE how WHEN 'arrived' THEN t END, CASE how WHEN 'stood down' THEN t END, CASE how WHEN 'left' THEN t END, CASE how WHEN 'not attended' THEN false END
FROM call CROSS JOIN LATERAL (SELECT '2024-06-10 10:00Z'::timestamptz + seconds * interval '1 second' AS t) s;
-- Twenty minutes, one each.
INSERT INTO test_activation.administration_record
    (administration_id, incident_id, incident_division_code, occurred_at, call_source, ambulance_category_first, ambulance_called_at, ambulance_arrived_at)
SELECT 'minute ' || n, 'minute ' || n, 'B', '2024-07-10 10:00Z', 'minutes', 'Amber', '2024-07-10 10:00Z', '2024-07-10 10:00Z'::timestamptz + n * interval '1 minute'
FROM generate_series(1, 20) AS n;

-- No numbers of minutes. The table refuses those that are no numbers at all, and is no contract that a view could replace; but it is
-- its owner's, who can take the constraint away: then whatever is in it, nothing is made of it.
SELECT throws_ok(format($$ INSERT INTO test_activation.target (indicator, ambulance_category, clock, valid_from, statistic, value)
                           VALUES ('ambulance_response', 'Amber', 'call', '2020-01-01', 'median', %L) $$, value), '23514', NULL, value || ' is refused as a target')
FROM unnest(ARRAY['NaN', 'infinity', '-infinity']) AS value;
SELECT throws_ok($$ CREATE OR REPLACE VIEW test_activation.target AS SELECT 'NaN'::float8 AS value $$, '42809', NULL, 'the targets cannot be replaced by a view');
ALTER TABLE test_activation.target DROP CONSTRAINT target_value_check;
INSERT INTO test_activation.target (indicator, ambulance_category, clock, valid_from, statistic, value) VALUES
    ('ambulance_response', 'Amber', 'call', '2020-01-01', 'median', 'NaN'), ('ambulance_response', 'Amber', 'call', '2020-01-01', 'percentile_95', 'infinity'),
    ('ambulance_response', 'Purple', 'call', '2020-01-01', 'median', -1), ('ambulance_response', 'Purple', 'call', '2020-01-01', 'percentile_95', '-infinity'),
    ('ambulance_response', 'Red', 'call', '2020-01-01', 'median', 1e300), ('drug_deaths', NULL, NULL, '2020-01-01', 'rate', 'NaN');
-- An area's own does not hide everywhere's, 7 minutes, either.
INSERT INTO test_activation.target (indicator, area_key, ambulance_category, clock, valid_from, statistic, value) VALUES
    ('ambulance_response', 'division A', 'Purple', 'acuity_assigned', '2020-01-01', 'median', 'NaN'),
    ('ambulance_response', 'division B', 'Purple', 'acuity_assigned', '2020-01-01', 'median', -1);

CALL refresh('test_activation', '2024-07-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_activation.refresh_log WHERE mode = 'failed';

-- What counts.
SELECT is(found.counted, form.counted || ' 1', name)
FROM form
LEFT JOIN LATERAL (
    SELECT string_agg(format('%s %s %s %s %s', k.clock, k.ambulance_category,
               (SELECT string_agg(o.key, ' ') FROM jsonb_each_text(to_jsonb(k)) AS o
                WHERE o.key IN ('arrivals', 'stood_down', 'person_left', 'not_attended', 'not_known', 'invalid') AND o.value <> '0'),
               coalesce(k.mean_mins::text, '-'), k.calls), ' and ') AS counted
    FROM test_activation_bi.kpi_ambulance_response_period k
    WHERE k.call_source = name AND k.ambulance_category <> 'ALL' AND k.period_key = 'month 2024-05' AND k.area_key = 'division A' AND k.incidents > 0
) found ON true;
SELECT is(sum(from_activation)::integer, (SELECT count(DISTINCT v.incident_id)::integer FROM test_activation.ambulance_activation v
                                          JOIN test_activation.administration a USING (incident_id)), 'whose times are the ambulance service''s own is counted')
FROM test_activation_bi.kpi_ambulance_response;
SELECT is((SELECT sum(incidents)::bigint FROM test_activation_bi.kpi_ambulance_response),
          (SELECT count(DISTINCT incident_id) FROM test_activation.administration), 'every incident counts once, and no activation without one');
SELECT results_eq($$ SELECT ambulance_category::text, clock::text, outcome FROM test_activation_bi.kpi_ambulance_response
                     CROSS JOIN LATERAL (SELECT CASE WHEN not_known = 1 THEN 'not_known' ELSE '?' END AS outcome) o
                     WHERE call_source = 'public' AND incidents > 0 $$, $$ VALUES ('Purple', 'call', 'not_known') $$, 'a clock that started never gives no time');
SELECT is(format('%s: %s of %s changed, %s down', ambulance_category, upgraded, category_known_at_both_ends, downgraded), 'Purple: 0 of 0 changed, 0 down',
          'the first category of an activation and the last of a form are no change')
FROM test_activation_bi.kpi_ambulance_response WHERE call_source = 'category' AND incidents > 0;

-- An incident over the end of a month, of which the activation says more than the forms.
SELECT results_eq($$ SELECT period_key::text, area_key::text, ambulance_category::text, clock::text, call_source::text, incidents, arrivals, downgraded, upgraded,
                            police_first_recorded, police_first, naloxone_to_ambulance_known, ambulance_before_naloxone
                     FROM test_activation_bi.kpi_ambulance_response
                     WHERE call_source IN ('police_on_scene', 'form') AND incidents > 0 AND area_key <> 'division B' $$,
    $$ VALUES ('month 2024-05', 'division A', 'Purple', 'call', 'police_on_scene', 1::bigint, 1::bigint, 1::bigint, 0::bigint, 1::bigint, 1::bigint, 2::bigint, 0::bigint) $$,
    'it counts where it began, as the activation says; naloxone of both people');
SELECT is(format('%s %s', mean_mins, naloxone_to_ambulance_median_mins), '14 8.5', '14 minutes from the clock; 10 and 7 from each naloxone')
FROM test_activation_bi.kpi_ambulance_response_period
WHERE call_source = 'police_on_scene' AND ambulance_category = 'Purple' AND clock = 'call' AND period_key = 'month 2024-05' AND area_key = 'force';

-- Of calls: 11 have a known end.
CREATE TEMP VIEW share AS
    SELECT k.*, at.mins, at.found, at.lower, at.upper
    FROM test_activation_bi.kpi_ambulance_response_period k
    CROSS JOIN LATERAL (VALUES
        (8, reached_by_8_mins_share, reached_by_8_mins_share_lower, reached_by_8_mins_share_upper),
        (15, reached_by_15_mins_share, reached_by_15_mins_share_lower, reached_by_15_mins_share_upper),
        (30, reached_by_30_mins_share, reached_by_30_mins_share_lower, reached_by_30_mins_share_upper),
        (60, reached_by_60_mins_share, reached_by_60_mins_share_lower, reached_by_60_mins_share_upper),
        (7, reached_by_median_target_share, reached_by_median_target_share_lower, reached_by_median_target_share_upper),
        (20, reached_by_p95_target_share, reached_by_p95_target_share_lower, reached_by_p95_target_share_upper)) AS at (mins, found, lower, upper)
    WHERE k.call_source = 'share' AND k.ambulance_category = 'Purple' AND k.clock = 'acuity_assigned' AND k.area_key = 'division B';
-- Wilson's limits from their formula, with z = 1.959963984540054.
SELECT results_eq($$ SELECT mins, calls, calls_with_known_end, round(found::numeric, 12), round(lower::numeric, 12), round(upper::numeric, 12)
                     FROM share WHERE period_key = 'month 2024-06' ORDER BY mins $$,
    $$ SELECT mins, 13::bigint, 11::bigint, round((reached / 11)::numeric, 12),
              round(((reached / 11 + z * z / 22 - z * sqrt(reached / 11 * (1 - reached / 11) / 11 + z * z / 484)) / (1 + z * z / 11))::numeric, 12),
              round(((reached / 11 + z * z / 22 + z * sqrt(reached / 11 * (1 - reached / 11) / 11 + z * z / 484)) / (1 + z * z / 11))::numeric, 12)
       FROM (VALUES (7, 3::float8), (8, 4), (15, 6), (20, 6), (30, 7), (60, 7)) AS v (mins, reached), (VALUES (1.959963984540054::float8)) AS c (z) ORDER BY mins $$,
    'the share of calls that an ambulance had reached, by hand, and Wilson''s limits');
-- Aalen and Johansen's estimate from the times, wherever the end without a time is put.
SELECT is(count(*) FILTER (WHERE abs(i.value - found) <= 1e-12), 6::bigint,
          format('it is what Aalen and Johansen estimate if the call not attended ended after %s seconds', ended))
FROM (VALUES (0), (700), (86400)) AS e (ended)
CROSS JOIN LATERAL (SELECT life_table(coalesce(seconds, ended), CASE how WHEN 'arrived' THEN 1 WHEN 'not attended' THEN 3 ELSE 2 END) AS ends
                    FROM call WHERE how <> 'not known' AND seconds IS DISTINCT FROM -1) l
JOIN share ON period_key = 'month 2024-06'
CROSS JOIN LATERAL incidence(ends, 1, mins * 60) AS i
GROUP BY ended;
SELECT is(count(*) FILTER (WHERE found IS NOT NULL OR lower IS NOT NULL OR upper IS NOT NULL), 0::bigint, 'of no calls there is no share') FROM share WHERE period_key = 'month 2024-07';

-- Percentiles: of 20 values the median is between the 6th and the 15th with 95.9 % (binomial), the 90th percentile above the 15th.
SELECT is(format('%s %s %s, %s %s %s', round(median_mins::numeric, 9), median_mins_lower, median_mins_upper, round(p90_mins::numeric, 9), p90_mins_lower, coalesce(p90_mins_upper::text, '-')),
          '10.500000000 6 15, 18.100000000 15 -', 'percentiles with limits that occurred, or none where there are too few')
FROM test_activation_bi.kpi_ambulance_response_period
WHERE call_source = 'minutes' AND ambulance_category = 'Amber' AND clock = 'call' AND period_key = 'month 2024-07' AND area_key = 'force';

-- Targets that are no numbers of minutes.
SELECT is(string_agg(DISTINCT format('%s %s %s', ambulance_category, coalesce(median_target_mins::text, '-'), coalesce(p95_target_mins::text, '-')), ', '),
          'Amber - -, Purple - -, Red 1e+300 -', 'a target below 0, infinite or not a number is none')
FROM test_activation_bi.kpi_ambulance_response_period WHERE clock = 'call' AND ambulance_category IN ('Amber', 'Purple', 'Red');
SELECT is(string_agg(DISTINCT format('%s %s %s', area_key, coalesce(median_target_mins::text, '-'), coalesce(p95_target_mins::text, '-')), ', '),
          'division A 7 20, division B 7 20', 'where an area''s own is none, everywhere''s holds')
FROM test_activation_bi.kpi_ambulance_response_period WHERE clock = 'acuity_assigned' AND ambulance_category = 'Purple' AND area_key IN ('division A', 'division B');
SELECT is(count(*) FILTER (WHERE target_met IS NOT NULL), 0::bigint, 'and none is met or missed')
FROM test_activation_bi.kpi_ambulance_response_period WHERE clock = 'call' AND ambulance_category IN ('Amber', 'Purple');
-- The scorecard sees them as well; of 1e300 minutes it would make no readable number.
SELECT is(string_agg(DISTINCT format('%s %s %s %s', clock, ambulance_category, coalesce(target::text, '-'), coalesce(target_met::text, '-')), ', '),
          'acuity_assigned Purple 7 -, acuity_assigned Purple 7 0, call Amber - -, call Purple - -, call Red - -', 'nor is there one on the scorecard')
FROM test_activation_bi.kpi_scorecard WHERE indicator_key = 'ambulance_response median' AND ambulance_category <> 'ALL';
-- Every view for analysts, as text: a number between commas.
CREATE FUNCTION pg_temp.without_number() RETURNS TABLE (view_name text, num_rows bigint, num_without bigint) LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'test_activation_bi'::regnamespace AND relkind = 'v' AND relname <> 'kpi_dictionary' LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, count(*), count(*) FILTER (WHERE k::text ~* ''[(,]"?(nan|-?infinity)"?[,)]'') FROM test_activation_bi.%1$I k', name);
    END LOOP;
END $$;
SELECT is(string_agg(view_name, ', ') FILTER (WHERE num_without > 0), NULL, 'no view for analysts says NaN or infinite') FROM pg_temp.without_number();
SELECT cmp_ok(count(*) FILTER (WHERE num_rows > 0), '>=', 20::bigint, 'of many with rows') FROM pg_temp.without_number();
SELECT is_empty($$ SELECT * FROM bi_check('test_activation') $$, 'as bi_check() says');

SELECT is(count(reached_by_median_target_share) || ' ' || count(reached_by_p95_target_share), count(median_target_mins) FILTER (WHERE calls_with_known_end > 0) || ' '
          || count(p95_target_mins) FILTER (WHERE calls_with_known_end > 0), 'nor is there a share within a target that there is not')
FROM test_activation_bi.kpi_ambulance_response_period;

-- The order of categories.
SELECT is(string_agg(ambulance_category, ' ' ORDER BY ambulance_category_sort), 'ALL Purple Red Amber UNKNOWN', 'categories have an order')
FROM (SELECT DISTINCT ambulance_category, ambulance_category_sort FROM test_activation_bi.kpi_ambulance_response_period) c;

-- Bucket by bucket it is what it is in full.
SELECT results_eq($$ SELECT s.* FROM (SELECT DISTINCT day, division_code FROM test_activation.dated_administration) d
                     CROSS JOIN LATERAL (SELECT * FROM test_activation.ambulance_response_day_source s
                                         WHERE s.day = d.day AND s.division_code = d.division_code OFFSET 0) s ORDER BY 1, 2, 3, 4, 5 $$,
    $$ SELECT * FROM test_activation.ambulance_response_day ORDER BY 1, 2, 3, 4, 5 $$, 'computed bucket by bucket the rollup is the same');

-- A corrected and a deleted activation change history; a second refresh does not.
DELETE FROM test_activation.ambulance_activation_record WHERE incident_id = 'two';
UPDATE test_activation.ambulance_activation_record SET arrived_at = '2024-05-10 10:03Z' WHERE incident_id = 'case replaced';
CALL refresh('test_activation', '2024-07-31');
SELECT results_eq($$ SELECT call_source::text, ambulance_category::text, clock::text, mean_mins, naloxone_to_ambulance_known FROM test_activation_bi.kpi_ambulance_response_period
                     WHERE call_source IN ('form', 'replaced') AND ambulance_category <> 'ALL' AND period_key = 'month 2024-05' AND area_key = 'division A' AND arrivals > 0 ORDER BY 1 $$,
    $$ VALUES ('form', 'Yellow', 'acuity_assigned', 16::float8, 1::bigint), ('replaced', 'Amber', 'call', 2, 0) $$, 'without its activation the form''s times count again');
CREATE TEMP TABLE before AS SELECT * FROM test_activation.ambulance_response;
CALL refresh('test_activation', '2024-07-31');
SELECT results_eq($$ SELECT count(*) FROM (TABLE before EXCEPT TABLE test_activation.ambulance_response) d $$, $$ VALUES (0::bigint) $$, 'refreshed again it is the same');

SELECT * FROM finish();
ROLLBACK;
