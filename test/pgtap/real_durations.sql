-- Distributions of durations in real records, against core's aggregates and plain SQL on the rows, to the bit: the times between
-- one overdose response and the next in each county of Pennsylvania, and the seconds of the day. (pennsylvania/overdose_responses.csv of
-- ../shared; skipped where that is not there.)
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE response (incident_id text, incident_date text, incident_time time, county text, county_lat text, county_lon text, person_id text,
                            gender text, age_range text, naloxone_administered text, revival_time text, survived text, suspected_drugs text);
\set load '\\copy response FROM ' :shared '/data/pennsylvania/overdose_responses.csv CSV HEADER'
:load
CREATE TEMP TABLE duration AS
    WITH moment AS (SELECT DISTINCT county, to_date(incident_date, 'MM/DD/YYYY') + incident_time AS at FROM response)
    SELECT 'between' AS kind, county, date_trunc('month', at)::date AS month, extract(epoch FROM at - lag(at) OVER (PARTITION BY county ORDER BY at))::integer AS seconds
    FROM moment
    UNION ALL
    SELECT 'of day', county, date_trunc('month', at)::date, extract(epoch FROM at::time)::integer FROM moment;
CREATE TEMP TABLE held AS SELECT kind, county, duration_dist(seconds) AS dist FROM duration GROUP BY 1, 2;
CREATE TEMP TABLE monthly AS SELECT kind, county, month, duration_dist(seconds) AS dist FROM duration GROUP BY 1, 2, 3;

SELECT cmp_ok((SELECT count(*) FROM held WHERE dist IS NOT NULL), '>', 100::bigint, 'there are counties');
SELECT cmp_ok((SELECT max(seconds) FROM duration), '>', 65536, 'some durations are long');
SELECT is_empty($$
    SELECT kind, county FROM held h WHERE
        percentile(dist, '{0,0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99,1}'::float8[]) IS DISTINCT FROM
            (SELECT percentile_cont('{0,0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99,1}'::float8[]) WITHIN GROUP (ORDER BY seconds::float8)
             FROM duration d WHERE (d.kind, d.county) = (h.kind, h.county)) $$, 'percentiles are percentile_cont''s');
SELECT is_empty($$
    SELECT kind, county FROM held h WHERE
        percentile(dist, '{0,0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99,1}'::float8[], 'discrete') IS DISTINCT FROM
            (SELECT percentile_disc('{0,0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99,1}'::float8[]) WITHIN GROUP (ORDER BY seconds::float8)
             FROM duration d WHERE (d.kind, d.county) = (h.kind, h.county)) $$, 'and percentile_disc''s');
SELECT is_empty($$
    SELECT kind, county FROM held h JOIN
        (SELECT kind, county, count(seconds) AS n, sum(seconds) AS total, min(seconds) AS least, max(seconds) AS most, sum(seconds)::float8 / count(seconds) AS mean,
                count(*) FILTER (WHERE seconds <= 86400) AS within,
                ARRAY[count(*) FILTER (WHERE seconds < 3600), count(*) FILTER (WHERE seconds >= 3600 AND seconds < 43200), count(*) FILTER (WHERE seconds >= 43200)] AS histogram
         FROM duration GROUP BY 1, 2) d USING (kind, county)
    WHERE dist IS NOT NULL AND
        (num_values(dist), total(dist), minimum(dist), maximum(dist), mean(dist), num_within(dist, 86400), histogram(dist, '{3600,43200}'))
            IS DISTINCT FROM (n, d.total, least, most, d.mean, within, d.histogram) $$, 'counts, sums, ends, means, shares and histograms are the rows''');
SELECT is_empty($$
    SELECT kind, county FROM held LEFT JOIN (SELECT kind, county, rollup(dist) AS dist FROM monthly GROUP BY 1, 2) m USING (kind, county)
    WHERE held.dist IS DISTINCT FROM m.dist $$, 'months roll up to the whole');
SELECT is_empty($$
    SELECT m.kind, m.county, m.month FROM monthly m JOIN held h USING (kind, county)
    WHERE (h.dist - m.dist) + m.dist <> h.dist
       OR num_values(h.dist - m.dist) <> (SELECT count(seconds) FROM duration d WHERE (d.kind, d.county) = (m.kind, m.county) AND d.month <> m.month) $$,
    'a month taken away leaves the others, and added again gives the whole');
SELECT is_empty($$
    WITH moved AS (SELECT kind, county, month, moving_percentile(dist, 0.9) OVER (PARTITION BY kind, county ORDER BY month RANGE interval '11 months' PRECEDING) AS p90 FROM monthly)
    SELECT * FROM moved m WHERE p90 IS DISTINCT FROM
        (SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds::float8) FROM duration d
         WHERE (d.kind, d.county) = (m.kind, m.county) AND d.month BETWEEN m.month - interval '11 months' AND m.month) $$, 'twelve months to every month');
\else
SELECT skip('../shared is not there: real durations were not compared', 8);
\endif
SELECT * FROM finish();
ROLLBACK;
