-- The KPI ambulance_response_comparison: a few hundred activations, every figure worked out by hand or on the plain rows.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(22);
SET LOCAL TimeZone = 'Pacific/Kiritimati';

SELECT deploy('test_comparison');
INSERT INTO test_comparison.division_record (division_code, division_name, region, valid_from) VALUES
    ('A', 'Alpha', 'North', '2020-01-01'), ('B', 'Beta', 'North', '2020-01-01'), ('C', 'Gamma', NULL, '2020-01-01'), ('D', 'Delta', NULL, '2020-01-01');
INSERT INTO test_comparison.source_coverage_record (source, division_code, covered_from)
    SELECT 'ambulance_activation', unnest(ARRAY['A', 'B', 'C', 'D']), '2024-05-01';

CREATE TEMP TABLE plain (division_code text, urban_rural text, category text, clock text, call_source text, day date, seconds integer);
INSERT INTO plain
-- In A calls from police wait 300 + 20 i seconds, from the public 240 + 20 i: sixty seconds less.
SELECT 'A', 'urban', 'Red', 'acuity_assigned', 'police_on_scene', date '2024-05-01' + i, 300 + 20 * i FROM generate_series(1, 30) AS i UNION ALL
SELECT 'A', 'urban', 'Red', 'acuity_assigned', 'public', date '2024-05-01' + i, 240 + 20 * i FROM generate_series(1, 30) AS i UNION ALL
-- In B far more; in C the same; in D 19 calls from police are too few for a test.
SELECT 'B', 'urban', 'Red', 'acuity_assigned', 'police_on_scene', date '2024-05-01' + i, 900 + 20 * i FROM generate_series(1, 20) AS i UNION ALL
SELECT 'B', 'urban', 'Red', 'acuity_assigned', 'public', date '2024-05-01' + i, 240 + 20 * i FROM generate_series(1, 20) AS i UNION ALL
SELECT 'C', 'urban', 'Red', 'acuity_assigned', 'police_on_scene', date '2024-05-01' + i, 245 + 20 * i FROM generate_series(1, 25) AS i UNION ALL
SELECT 'C', 'urban', 'Red', 'acuity_assigned', 'public', date '2024-05-01' + i, 240 + 20 * i FROM generate_series(1, 25) AS i UNION ALL
SELECT 'D', 'urban', 'Red', 'acuity_assigned', 'police_on_scene', date '2024-05-01' + i, 900 + 20 * i FROM generate_series(1, 19) AS i UNION ALL
SELECT 'D', 'urban', 'Red', 'acuity_assigned', 'public', date '2024-05-01' + i, 240 + 20 * i FROM generate_series(1, 30) AS i UNION ALL
-- Of no division, and where category, clock, or urban or rural is not known: each like A.
SELECT d, u, c, k, s, date '2024-05-01' + i, CASE s WHEN 'public' THEN 240 ELSE 300 END + 20 * i
FROM (VALUES (NULL, 'urban', 'Red', 'acuity_assigned'), ('A', NULL, 'Red', 'acuity_assigned'), ('A', 'rural', NULL, 'acuity_assigned'), ('A', 'rural', 'ALL', 'acuity_assigned'),
             ('A', 'rural', 'Red', NULL)) AS v (d, u, c, k), (VALUES ('public'), ('police_on_scene')) AS w (s), generate_series(1, 30) AS i;
INSERT INTO test_comparison.ambulance_activation_record
    (activation_id, division_code, urban_rural, category_first, clock, call_source, clock_started_at, arrived_at)
SELECT 'p' || row_number() OVER (), division_code, urban_rural, category, clock, call_source, day + time '12:00', day + time '12:00' + seconds * interval '1 second'
FROM plain;
UPDATE plain SET urban_rural = coalesce(urban_rural, 'UNKNOWN'), clock = coalesce(clock, 'UNKNOWN'), category = coalesce(nullif(category, 'ALL'), 'UNKNOWN'),
                 division_code = coalesce(division_code, 'UNKNOWN');

-- Rural, Purple, from the call: what is an arrival and what is not, in a summer month and at its edges.
INSERT INTO test_comparison.ambulance_activation_record
    (activation_id, incident_id, division_code, urban_rural, category_first, category_last, clock, call_source, clock_started_at, arrived_at, stood_down_at) VALUES
    ('a01', NULL, 'A', 'rural', 'Purple', 'Red', 'call', 'police_on_scene', '2024-06-10 10:00Z', '2024-06-10 10:10:00.9Z', NULL),
    ('a02', 'i01', 'A', 'rural', 'Purple', NULL, 'call', 'police_on_scene', '2024-06-10 10:00Z', '2024-06-10 10:30Z', '2024-06-10 10:05Z'),
    ('a03', 'i01', 'A', 'rural', 'Purple', NULL, 'call', 'police_on_scene', '2024-06-10 10:00Z', NULL, '2024-06-10 10:05Z'),
    ('a04', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'police_on_scene', '2024-06-10 10:00Z', NULL, NULL),
    ('a05', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'police_on_scene', '2024-06-10 10:00Z', '2024-06-10 09:59Z', '2024-06-10 10:05Z'),
    ('a06', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'police_on_scene', '2024-06-10 10:00Z', 'infinity', '-infinity'),
    ('a07', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'public', '2024-06-10 10:00Z', '2024-06-11 10:00Z', NULL),
    ('a08', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'public', '2024-06-10 10:00Z', '2024-06-11 10:00:01Z', NULL),
    ('a09', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'public', '2024-06-10 10:00Z', NULL, '2024-06-10 10:05Z'),
    ('a10', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'other', '2024-06-10 10:00Z', '2024-06-10 10:05Z', NULL),
    ('a11', NULL, 'A', 'rural', 'Purple', NULL, 'call', NULL, '2024-06-10 10:00Z', '2024-06-10 10:05Z', NULL),
    ('a12', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'odd', '2024-06-10 10:00Z', '2024-06-10 10:05Z', NULL),
    -- 23:30 UTC on 30 June is 1 July; a division that nobody knows; before coverage, after the day of the refresh, never.
    ('a13', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'public', '2024-06-30 23:30Z', '2024-06-30 23:40Z', NULL),
    ('a14', NULL, 'ZZ', 'rural', 'Purple', NULL, 'call', 'public', '2024-06-30 22:59:59Z', '2024-06-30 23:40Z', NULL),
    ('a15', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'public', '2024-04-30 22:59:59Z', '2024-04-30 23:40Z', NULL),
    ('a16', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'public', '2024-07-31 23:00Z', '2024-07-31 23:40Z', NULL),
    ('a17', NULL, 'A', 'rural', 'Purple', NULL, 'call', 'public', 'infinity', '2024-07-31 23:40Z', NULL);

CALL refresh('test_comparison', '2024-07-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_comparison.refresh_log WHERE mode = 'failed';

-- Counts: activations, arrivals and stood down of police, of the public; others.
CREATE FUNCTION pg_temp.counts(period text, area text, category text DEFAULT 'Purple') RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[police_activations, police_arrivals, police_stood_down, public_activations, public_arrivals, public_stood_down, other_activations]
    FROM test_comparison_bi.kpi_ambulance_response_comparison_period
    WHERE period_key = period AND area_key = area AND ambulance_category = category AND clock = 'call' AND urban_rural = 'rural' $$;
SELECT is(pg_temp.counts(period, area), counts, format('%s, %s: %s', period, area, what))
FROM (VALUES
    ('month 2024-06', 'division A', '{6,2,1,3,1,1,3}'::bigint[], 'each activation by what came of it'),
    ('month 2024-07', 'division A', '{0,0,0,1,1,0,0}', 'a local day, and nothing after the day of the refresh'),
    ('month 2024-06', 'division UNKNOWN', '{0,0,0,1,1,0,0}', 'a division that nobody knows'),
    ('month 2024-05', 'division A', '{0,0,0,0,0,0,0}', 'nothing happened'),
    ('month 2024-04', 'division A', NULL, 'before coverage there is no count'),
    ('fiscal_year 2024-04', 'force', '{6,2,1,5,3,1,3}', 'the force''s year')
) AS expected (period, area, counts, what)
WHERE counts IS NOT NULL
UNION ALL
SELECT ok(count(*) > 0 AND count(police_activations) = 0 AND count(other_activations) = 0 AND count(difference_mins) = 0, 'before coverage there are rows and no counts')
FROM test_comparison_bi.kpi_ambulance_response_comparison_period WHERE period_key = 'month 2024-04';
SELECT is(pg_temp.counts('fiscal_year 2024-04', 'force', 'ALL'), '{6,2,1,5,3,1,3}'::bigint[], 'ALL is all categories');

-- In A: the 900 differences are 60 + 20 (i - j) seconds, so their median is 60; the test and the limits are those that R and SciPy give of the same numbers
-- (doc/two_sample.md): u 535.5, p 0.2087, -40 to 160 seconds.
SELECT results_eq($$ SELECT police_median_mins * 60, public_median_mins * 60, difference_mins * 60, difference_mins_lower * 60, difference_mins_upper * 60, round(p_value::numeric, 4)
                     FROM test_comparison_bi.kpi_ambulance_response_comparison_period
                     WHERE period_key = 'month 2024-05' AND area_key = 'division A' AND ambulance_category = 'Red' AND clock = 'acuity_assigned' AND urban_rural = 'urban' $$,
    $$ VALUES (610::float8, 550::float8, 60::float8, -40::float8, 160::float8, 0.2087) $$, 'a minute later, or 40 seconds sooner to 160 later');

-- In every period and area the difference is the median of all pairs of the plain rows.
CREATE TEMP TABLE found AS
    SELECT * FROM test_comparison_bi.kpi_ambulance_response_comparison_period
    WHERE ambulance_category = 'Red' AND clock = 'acuity_assigned' AND urban_rural = 'urban';
SELECT results_eq($$ SELECT period_key::text, area_key::text, round((difference_mins * 60)::numeric, 9) FROM found WHERE difference_mins IS NOT NULL ORDER BY 1, 2 $$, $$
    SELECT p.period_key::text, a.area_key::text, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY x.seconds - y.seconds))::numeric, 9)
    FROM plain x JOIN plain y USING (urban_rural, category, clock)
    JOIN test_comparison_bi.dim_period p ON x.day BETWEEN p.period_start AND p.period_end AND y.day BETWEEN p.period_start AND p.period_end
    JOIN test_comparison_bi.dim_area a ON (a.area_key IN ('force', 'division ' || x.division_code) OR a.area_key = 'region North' AND x.division_code IN ('A', 'B'))
                                      AND (a.area_key IN ('force', 'division ' || y.division_code) OR a.area_key = 'region North' AND y.division_code IN ('A', 'B'))
    WHERE x.call_source = 'police_on_scene' AND y.call_source = 'public' AND x.urban_rural = 'urban' AND x.category = 'Red' AND x.clock = 'acuity_assigned'
    GROUP BY 1, 2 ORDER BY 1, 2 $$, 'the difference is the median of all differences, in every period and area');
SELECT is(count(difference_mins), 21::bigint, 'in three periods, five divisions, a region and the force') FROM found;
SELECT results_eq($$ SELECT area_key::text, police_arrivals, p_value IS NOT NULL FROM found WHERE period_key = 'month 2024-05' ORDER BY 1 $$,
    $$ VALUES ('division A', 30::bigint, true), ('division B', 20, true), ('division C', 25, true), ('division D', 19, false), ('division UNKNOWN', 30, true),
              ('force', 124, true), ('region North', 50, true) $$, 'tested from twenty of each on');
-- Benjamini and Hochberg over A, B and C, with p from smallest: B, A, C. q of B is 3 p, of A the smaller of 3/2 p and C's, of C its p.
SELECT is(count(*) FILTER (WHERE c.p_value > a.p_value AND a.p_value > b.p_value), 3::bigint, 'C differs less than A, and A less than B')
FROM found a JOIN found b USING (period_key) JOIN found c USING (period_key)
WHERE a.area_key = 'division A' AND b.area_key = 'division B' AND c.area_key = 'division C';
SELECT results_eq($$ SELECT area_key::text, round(q_value::numeric, 12) FROM found WHERE period_key = 'month 2024-05' ORDER BY 1 $$, $$
    SELECT area_key::text, CASE area_key WHEN 'division A' THEN round(least(1.5 * p_value, (SELECT p_value FROM found WHERE area_key = 'division C' AND period_key = 'month 2024-05'))::numeric, 12)
                                   WHEN 'division B' THEN round((3 * p_value)::numeric, 12) WHEN 'division C' THEN round(p_value::numeric, 12) END
    FROM found WHERE period_key = 'month 2024-05' ORDER BY 1 $$, 'q over the divisions that were tested; none of UNKNOWN and of larger areas');

-- Like with like, or nothing.
SELECT is(count(*) FILTER (WHERE difference_mins IS NOT NULL OR police_median_mins IS NOT NULL OR public_median_mins IS NOT NULL OR p_value IS NOT NULL), 0::bigint,
          'nothing is compared for all categories, or where category, clock, or urban or rural is not known')
FROM test_comparison_bi.kpi_ambulance_response_comparison_period WHERE 'UNKNOWN' IN (ambulance_category, clock, urban_rural) OR ambulance_category = 'ALL';
SELECT ok(count(*) = 3 AND bool_and(police_arrivals >= 30 AND public_arrivals >= 30), 'though there would be enough')
FROM test_comparison_bi.kpi_ambulance_response_comparison_period
WHERE period_key = 'month 2024-05' AND area_key = 'division A' AND (ambulance_category, clock, urban_rural) IN
      (('Red', 'acuity_assigned', 'UNKNOWN'), ('UNKNOWN', 'acuity_assigned', 'rural'), ('Red', 'UNKNOWN', 'rural'));

-- What may be summed.
SELECT results_eq($$ SELECT sum(police_activations)::bigint, sum(police_arrivals)::bigint, sum(police_stood_down)::bigint, sum(public_activations)::bigint,
                            sum(public_arrivals)::bigint, sum(public_stood_down)::bigint, sum(other_activations)::bigint FROM test_comparison_bi.kpi_ambulance_response_comparison $$,
    $$ SELECT sum(police_activations)::bigint, sum(police_arrivals)::bigint, sum(police_stood_down)::bigint, sum(public_activations)::bigint,
              sum(public_arrivals)::bigint, sum(public_stood_down)::bigint, sum(other_activations)::bigint FROM test_comparison_bi.kpi_ambulance_response_comparison_period
       WHERE period_key = 'fiscal_year 2024-04' AND area_key = 'force' AND ambulance_category = 'ALL' $$, 'months and divisions add up to the force''s year');
SELECT is((SELECT sum(police_activations + public_activations + other_activations)::bigint FROM test_comparison_bi.kpi_ambulance_response_comparison),
          (SELECT count(*) - 3 FROM test_comparison.ambulance_activation), 'and to every activation but the one before coverage, the one after the day of the refresh and the one of no day');

-- Bucket by bucket it is what it is in full.
SELECT results_eq($$ SELECT s.* FROM (SELECT DISTINCT day, division_code FROM test_comparison.dated_activation) d
                     CROSS JOIN LATERAL (SELECT * FROM test_comparison.activation_day_source s
                                         WHERE s.day = d.day AND s.division_code = d.division_code OFFSET 0) s ORDER BY 1, 2, 3, 4, 5, 6 $$,
    $$ SELECT * FROM test_comparison.activation_day ORDER BY 1, 2, 3, 4, 5, 6 $$, 'computed bucket by bucket the rollup is the same');

-- A correction changes history; a second refresh does not.
UPDATE test_comparison.ambulance_activation_record SET call_source = 'public' WHERE activation_id = 'a01';
DELETE FROM test_comparison.ambulance_activation_record WHERE activation_id = 'a13';
CALL refresh('test_comparison', '2024-07-31');
SELECT is(pg_temp.counts('fiscal_year 2024-04', 'division A'), '{5,1,1,4,2,1,3}'::bigint[], 'a corrected and a deleted activation');
CREATE TEMP TABLE before AS SELECT * FROM test_comparison.ambulance_response_comparison;
CALL refresh('test_comparison', '2024-07-31');
SELECT is(count(*), 0::bigint, 'refreshed again it is the same') FROM (TABLE before EXCEPT TABLE test_comparison.ambulance_response_comparison) d;

-- One division alone has no family.
DELETE FROM test_comparison.ambulance_activation_record WHERE division_code IN ('B', 'C');
CALL refresh('test_comparison', '2024-07-31');
SELECT is(count(p_value) || ' ' || count(q_value), '1 0', 'of a single division tested there is no q')
FROM test_comparison_bi.kpi_ambulance_response_comparison_period
WHERE period_key = 'month 2024-05' AND area_key LIKE 'division _' AND urban_rural = 'urban';

SELECT * FROM finish();
ROLLBACK;
