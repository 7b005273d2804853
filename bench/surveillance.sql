-- farrington_flexible(), ears() and cusum() of many series of 520 weeks, beside R's surveillance package (surveillance.R) on the same series.
--
--     createdb naloxone_surveillance && psql -d naloxone_surveillance -v series=1000 -f bench/surveillance.sql
--     SERIES=5 Rscript bench/surveillance.R weeks.csv
--
-- writes weeks.csv, which both read, and prints milliseconds a series. The counts are made by arithmetic alone, the same in every run.
\set ON_ERROR_STOP 1
\if :{?series}
\else
\set series 1000
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS naloxone_kpi CASCADE;
SET search_path = naloxone_kpi, public;
SET jit = off;
SET max_parallel_workers_per_gather = 0;

CREATE TEMP TABLE weeks AS
    SELECT series, week, floor((2 + series % 17) * (1 + 0.4 * sin(week * pi() / 26)) * (0.4 + 1.2 * (hashint8(series * 1000 + week) & 1023) / 1023))::bigint
                         + CASE WHEN (hashint8(week * 7919 + series) & 127) = 0 THEN 12 ELSE 0 END AS count
    FROM generate_series(1, :series::bigint) AS series, generate_series(1, 520::bigint) AS week;
ANALYZE weeks;
\copy (SELECT * FROM weeks WHERE series <= 20 ORDER BY series, week) TO 'weeks.csv' CSV HEADER

CREATE FUNCTION pg_temp.milliseconds(what text, series bigint, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz;
    times float8[];
    points bigint;
BEGIN
    FOR round IN 0 .. 3 LOOP
        started := clock_timestamp();
        EXECUTE query INTO points;
        IF round > 0 THEN
            times := times || extract(epoch FROM clock_timestamp() - started)::float8 * 1000;
        END IF;
    END LOOP;
    RETURN format('%s: %s ms a series, %s points with a result', what,
                  round((SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FROM unnest(times) t)::numeric / series, 3), points);
END $$;

\pset tuples_only on
\pset format unaligned
SELECT pg_temp.milliseconds('Farrington, flexible', :series,
    'SELECT count((f).upper_bound) FROM (SELECT farrington_flexible(count) OVER (PARTITION BY series ORDER BY week) AS f FROM weeks) s');
SELECT pg_temp.milliseconds('Farrington, improved', :series,
    'SELECT count((f).upper_bound) FROM (SELECT farrington_flexible(count, no_periods => 10, past_weeks_not_included => 26, p_threshold_trend => 1,
         threshold_method => ''nbPlugin'') OVER (PARTITION BY series ORDER BY week) AS f FROM weeks) s');
SELECT pg_temp.milliseconds('EARS C2', :series,
    'SELECT count((e).upper_bound) FROM (SELECT ears(count, ''C2'') OVER (PARTITION BY series ORDER BY week) AS e FROM weeks) s');
SELECT pg_temp.milliseconds('CUSUM', :series,
    'SELECT count((c).score) FROM (SELECT cusum(count, baseline => 52) OVER (PARTITION BY series ORDER BY week) AS c FROM weeks) s');
SELECT pg_temp.milliseconds('avg() over the same window', :series,
    'SELECT count(a) FROM (SELECT avg(count) OVER (PARTITION BY series ORDER BY week) AS a FROM weeks) s');
