-- What a control chart costs beside avg() over the same window: prints the ratio of five rounds. The goal is 3 at most.
--
--     psql -Xq -v series=100000 -f bench/control_chart.sql
--
-- in a database with the extension: so many series of 36 months, in memory, each query run once before, then in turn.
\if :{?series}
\else
\set series 100000
\endif
\pset footer off
SET search_path = public, naloxone_kpi;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';
CREATE TEMP TABLE series AS
    SELECT s AS series, m AS month, 10 + (hashint4(36 * s + m) & 15)::float8 AS value FROM generate_series(1, :series) s, generate_series(1, 36) m;
ANALYZE series;

CREATE FUNCTION pg_temp.milliseconds(call text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz := clock_timestamp();
BEGIN
    EXECUTE format('SELECT count(c) FROM (SELECT %s OVER (PARTITION BY series ORDER BY month) AS c FROM series) s', call);
    RETURN 1000 * extract(epoch FROM clock_timestamp() - started);
END $$;
CREATE TEMP TABLE call (call text);
INSERT INTO call VALUES ('avg(value)'), ('xmr_chart(value)'), ('p_prime_chart(value::bigint, 100)'), ('run_chart(value)');
CREATE TEMP TABLE measured AS
    SELECT round, call, pg_temp.milliseconds(call) AS ms FROM (SELECT round, call FROM generate_series(0, 5) AS round, call ORDER BY round, call) s;
SELECT m.call, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms)::numeric) AS ms,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.ms / a.ms)::numeric, 2) AS beside_avg,
       round(min(m.ms / a.ms)::numeric, 2) AS least, round(max(m.ms / a.ms)::numeric, 2) AS greatest
FROM measured m JOIN measured a ON a.round = m.round AND a.call = 'avg(value)' WHERE m.round > 0 GROUP BY 1 ORDER BY 3;
