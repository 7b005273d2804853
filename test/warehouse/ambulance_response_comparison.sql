-- Every row of ambulance_response_comparison beside the same figure worked out from the sample warehouse's records: plain dates, the
-- median of all differences one by one where there are few enough, Benjamini and Hochberg's q by comparing every p with every other.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(12);
SET LOCAL TimeZone = 'Europe/London';

CREATE TEMP TABLE span AS
SELECT period_key, to_date(split_part(period_key, ' ', 2), 'YYYY-MM') AS first_day,
       (to_date(split_part(period_key, ' ', 2), 'YYYY-MM') + CASE split_part(period_key, ' ', 1) WHEN 'month' THEN interval '1 month'
        WHEN 'fiscal_quarter' THEN interval '3 months' ELSE interval '1 year' END)::date AS next_day
FROM (SELECT DISTINCT period_key::text FROM kpi_bi.kpi_ambulance_response_comparison_period) p;

CREATE TEMP TABLE place AS
SELECT area_key, division_code, covered_from
FROM (SELECT division_code, region, covered_from FROM kpi.division_record JOIN kpi.source_coverage_record USING (division_code) WHERE source = 'ambulance_activation'
      UNION ALL SELECT 'UNKNOWN', NULL, min(covered_from) FROM kpi.source_coverage_record WHERE source = 'ambulance_activation') d
CROSS JOIN LATERAL unnest(ARRAY['force', 'division ' || division_code, 'region ' || region]) AS area_key
WHERE area_key IS NOT NULL;

CREATE TEMP TABLE worked AS
SELECT period_key, area_key, ambulance_category, clock, coalesce(urban_rural, 'UNKNOWN') AS urban_rural,
       ARRAY[count(*) FILTER (WHERE call_source = 'police_on_scene'), count(seconds) FILTER (WHERE call_source = 'police_on_scene'),
             count(*) FILTER (WHERE call_source = 'police_on_scene' AND arrived_at IS NULL AND stood_down_at IS NOT NULL),
             count(*) FILTER (WHERE call_source = 'public'), count(seconds) FILTER (WHERE call_source = 'public'),
             count(*) FILTER (WHERE call_source = 'public' AND arrived_at IS NULL AND stood_down_at IS NOT NULL),
             count(*) FILTER (WHERE call_source IS NULL OR call_source NOT IN ('police_on_scene', 'public'))] AS counts,
       array_agg(seconds) FILTER (WHERE call_source = 'police_on_scene' AND seconds IS NOT NULL) AS police,
       array_agg(seconds) FILTER (WHERE call_source = 'public' AND seconds IS NOT NULL) AS public
FROM (SELECT *, CASE WHEN arrived_at >= clock_started_at THEN extract(epoch FROM arrived_at - clock_started_at)::integer END AS seconds,
             clock_started_at::date AS day, coalesce(division_code, 'UNKNOWN') AS division
      FROM kpi.ambulance_activation_record) v
JOIN place ON place.division_code = division
JOIN span ON day >= first_day AND day < next_day
CROSS JOIN LATERAL unnest(ARRAY['ALL', coalesce(category_first, 'UNKNOWN')]) AS ambulance_category
WHERE day >= covered_from AND day <= date '2025-12-31'
GROUP BY 1, 2, 3, 4, 5;

CREATE TEMP TABLE beside AS
SELECT k.*, w.police, w.public,
       CASE WHEN covered THEN coalesce(w.counts, '{0,0,0,0,0,0,0}') ELSE array_fill(NULL::bigint, ARRAY[7]) END AS expected,
       ARRAY[k.police_activations, k.police_arrivals, k.police_stood_down, k.public_activations, k.public_arrivals, k.public_stood_down, k.other_activations] AS found,
       k.ambulance_category IN ('Purple', 'Red', 'Amber', 'Yellow') AND k.urban_rural <> 'UNKNOWN' AND w.police IS NOT NULL AND w.public IS NOT NULL AS comparable
FROM kpi_bi.kpi_ambulance_response_comparison_period k
LEFT JOIN worked w USING (period_key, area_key, ambulance_category, clock, urban_rural)
JOIN span USING (period_key)
CROSS JOIN LATERAL (SELECT bool_or(covered_from < next_day) AS covered FROM place WHERE place.area_key = k.area_key) c;
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (found IS NULL) = (expected IS NULL) AND coalesce(abs(found - expected) <= 1e-9 * greatest(1, abs(expected)), true) $$;

SELECT cmp_ok(count(*), '>', 30000::bigint, 'rows to compare') FROM beside;
SELECT is(count(*), 0::bigint, 'every count') FROM beside WHERE found IS DISTINCT FROM expected;
SELECT is(count(*), 0::bigint, 'no row of the records is missing')
FROM worked LEFT JOIN beside USING (period_key, area_key, ambulance_category, clock, urban_rural) WHERE beside.period_key IS NULL;
SELECT is(count(*), count(DISTINCT period_key) * count(DISTINCT area_key) * count(DISTINCT (ambulance_category, clock, urban_rural)), 'a row for every period, area and key') FROM beside;
SELECT is(count(*), 0::bigint, 'compared is what has both, within one category, in town or country')
FROM beside WHERE (difference_mins IS NOT NULL) IS DISTINCT FROM coalesce(comparable, false);
SELECT is(count(*), 0::bigint, 'medians') FROM beside
WHERE NOT pg_temp.near(police_median_mins, CASE WHEN comparable THEN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) / 60 FROM unnest(police) AS t) END)
   OR NOT pg_temp.near(public_median_mins, CASE WHEN comparable THEN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) / 60 FROM unnest(public) AS t) END);

-- The median of all differences, each of them made, where they are at most 400.
CREATE TEMP TABLE pair AS
SELECT difference_mins, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x - y) / 60 FROM unnest(police) AS x, unnest(public) AS y) AS expected
FROM beside WHERE comparable AND cardinality(police) * cardinality(public) <= 400;
SELECT cmp_ok(count(*), '>', 3000::bigint, 'differences to compare') FROM pair;
SELECT is(count(*), 0::bigint, 'the median of all differences') FROM pair WHERE NOT pg_temp.near(difference_mins, expected);
-- The others, limits and tests by the functions, from the rows.
SELECT is(count(*), 0::bigint, 'differences with limits, and tests from twenty of each on')
FROM (SELECT b.*, h.*, m.p_value AS expected_p
      FROM beside b, LATERAL (SELECT duration_dist(t) AS a FROM unnest(police) AS t) x, LATERAL (SELECT duration_dist(t) AS b FROM unnest(public) AS t) y,
           LATERAL hodges_lehmann(x.a, y.b, 0.95) AS h, LATERAL mann_whitney(x.a, y.b) AS m
      WHERE comparable) c
WHERE NOT pg_temp.near(difference_mins, value / 60) OR NOT pg_temp.near(difference_mins_lower, lower / 60) OR NOT pg_temp.near(difference_mins_upper, upper / 60)
   OR NOT pg_temp.near(p_value, CASE WHEN cardinality(police) >= 20 AND cardinality(public) >= 20 THEN expected_p END);

-- q: of all p no smaller, the smallest p times how many there are over how many are no larger.
CREATE TEMP TABLE family AS
SELECT period_key, area_key, ambulance_category, clock, urban_rural, p_value, q_value FROM beside
WHERE p_value IS NOT NULL AND area_key LIKE 'division %' AND area_key <> 'division UNKNOWN';
SELECT is(count(*) FILTER (WHERE pg_temp.near(f.q_value, CASE WHEN tests > 1 THEN expected END)), count(*), 'q of ' || count(f.q_value) || ' divisions')
FROM family f
CROSS JOIN LATERAL (
    SELECT count(*) AS tests, least(1, min(g.p_value * (SELECT count(*) FROM family n WHERE (n.period_key, n.ambulance_category, n.clock, n.urban_rural)
                                                                             = (f.period_key, f.ambulance_category, f.clock, f.urban_rural))
                                  / (SELECT count(*) FROM family h WHERE (h.period_key, h.ambulance_category, h.clock, h.urban_rural)
                                                                  = (f.period_key, f.ambulance_category, f.clock, f.urban_rural) AND h.p_value <= g.p_value))
                              FILTER (WHERE g.p_value >= f.p_value)) AS expected
    FROM family g WHERE (g.period_key, g.ambulance_category, g.clock, g.urban_rural) = (f.period_key, f.ambulance_category, f.clock, f.urban_rural)) e;
SELECT is(count(*), (SELECT count(q_value) FROM family), 'and of nothing else') FROM beside WHERE q_value IS NOT NULL;

-- The view that may be summed has the months and divisions of the other, without ALL.
SELECT is(count(*), 0::bigint, 'month by division, the same counts')
FROM kpi_bi.kpi_ambulance_response_comparison k
FULL JOIN (SELECT * FROM beside WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' AND ambulance_category <> 'ALL') b
     USING (period_key, area_key, ambulance_category, clock, urban_rural)
WHERE ARRAY[k.police_activations, k.police_arrivals, k.police_stood_down, k.public_activations, k.public_arrivals, k.public_stood_down, k.other_activations] IS DISTINCT FROM b.expected;

SELECT * FROM finish();
ROLLBACK;
