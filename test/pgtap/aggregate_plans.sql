-- Every mergeable aggregate gives the same, to the byte, by whatever plan: hashed, sorted, spilled, in parallel, partition by
-- partition, for several grouping sets at once. And each is aggregated in the workers where workers aggregate.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE TABLE record (kind text, g integer, seconds integer, n bigint, event integer, day date, at timestamptz, stage integer,
                     dist duration_dist, durations life_table, course funnel,
                     series time_series) PARTITION BY LIST (kind);
CREATE TABLE record_a PARTITION OF record FOR VALUES IN ('a');
CREATE TABLE record_b PARTITION OF record FOR VALUES IN ('b', 'c');
INSERT INTO record
SELECT kind, h % 40, seconds, h % 4, h % 3, '2024-01-01'::date + h % 100, '2024-01-01 00:00+00'::timestamptz + h * interval '7 minutes', 1 + h % 3,
       ('{' || seconds || ':2, 2000000:1}')::duration_dist,
       CASE WHEN i % 5 > 0 THEN ('{unit: day, censored: {' || h % 50 || ':1}, 1: {' || h % 70 || ':1}}')::life_table END,
       CASE WHEN i % 7 > 0 THEN funnel(1 + h % 3, '2024-01-01 00:00+00'::timestamptz + h * interval '1 hour', '30 days') END,
       CASE WHEN i % 7 > 0 THEN ('{' || h % 50 || ':' || h % 9 || '}')::time_series END
FROM unnest('{a,b,c}'::text[]) AS kind, generate_series(1, 3000) AS i,
     LATERAL (SELECT ('x' || substr(md5(kind || i), 1, 4))::bit(16)::integer AS h) h,
     LATERAL (SELECT CASE kind WHEN 'a' THEN 100 + h % 900 WHEN 'b' THEN h * 30 ELSE nullif(h % 3, 1) END AS seconds) s
GROUP BY kind, i, h, seconds;
ANALYZE record;

CREATE TEMP TABLE aggregate (signature regprocedure, call text);
INSERT INTO aggregate VALUES
    ('duration_dist(integer)', 'duration_dist(seconds)'),
    ('duration_dist(interval)', 'duration_dist(make_interval(secs => seconds))'),
    ('duration_dist(integer, bigint)', 'duration_dist(seconds, n)'),
    ('rollup(duration_dist)', 'rollup(dist)'),
    ('life_table(integer, integer)', 'life_table(seconds, event)'),
    ('life_table(integer, integer, bigint)', 'life_table(seconds, event, n)'),
    ('life_table(integer, integer, text)', 'life_table(seconds, event, ''minute'')'),
    ('life_table(integer, integer, bigint, text)', 'life_table(seconds, event, n, ''minute'')'),
    ('life_table(date, date, integer)', 'life_table(day, CASE WHEN event < 2 THEN day + 5 END, CASE WHEN event < 2 THEN event END)'),
    ('life_table(timestamptz, timestamptz, integer, text)', 'life_table(at, at + coalesce(seconds, 60) * interval ''1 minute'', event, ''hour'')'),
    ('rollup(life_table)', 'rollup(durations)'),
    ('log_rank(life_table)', 'log_rank(CASE WHEN g IN (3, 17) AND kind <> ''c'' AND event = 0 THEN durations END)'),
    ('funnel(integer, timestamptz, interval)', 'funnel(stage, at, ''30 days'')'),
    ('funnel(text, timestamptz, interval, text[])', 'funnel(stage::text, at, ''30 days'', ''{1,2,3}'')'),
    ('rollup(funnel)', 'rollup(course)'),
    ('proportion_counts(boolean)', 'proportion_counts(event = 1)'),
    ('proportion_counts(bigint, bigint)', 'proportion_counts(least(n, stage), n)'),
    ('rollup(proportion_counts)', 'rollup(CASE WHEN stage > 1 THEN ROW(event, 10)::proportion_counts END)'),
    ('rate_counts(bigint, float8)', 'rate_counts(n, seconds / 365.25::float8)'),
    ('rollup(rate_counts)', 'rollup(CASE WHEN stage > 1 THEN ROW(n, ARRAY[coalesce(seconds, 0), 1e-20 / stage])::rate_counts END)'),
    ('sample_sums(float8)', 'sample_sums(seconds / 7::float8)'),
    ('rollup(sample_sums)', 'rollup(CASE WHEN stage > 1 THEN ROW(1, ARRAY[coalesce(seconds, 0), 1e-20 / stage], ARRAY[coalesce(seconds, 0) * 1e9])::sample_sums END)'),
    ('direct_standardisation(bigint, float8, float8)', 'direct_standardisation(n, seconds, g)'),
    ('direct_standardisation(bigint, bigint, float8, float8)', 'direct_standardisation(n, n * n, seconds, g)'),
    ('indirect_standardisation(bigint, float8, bigint, float8)', 'indirect_standardisation(n, seconds, event, g)'),
    ('time_series(float8, float8)', 'time_series(n, seconds)'),
    ('time_series(float8, float8, float8)', 'time_series(event, seconds, n)'),
    ('time_series(date, float8)', 'time_series(day, seconds)'),
    ('time_series(date, float8, float8)', 'time_series(day, seconds, n)'),
    ('rollup(time_series)', 'rollup(series)');
SELECT is_empty($$
    SELECT a.aggfnoid::regprocedure FROM pg_aggregate a JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = a.aggfnoid AND d.deptype = 'e'
    JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
    WHERE e.extname = 'naloxone_kpi' AND a.aggcombinefn <> 0
    EXCEPT SELECT signature FROM aggregate $$, 'every mergeable aggregate is tried here');

CREATE FUNCTION pg_temp.run(query text, settings text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM set_config(split_part(s, '=', 1), split_part(s, '=', 2), true) FROM unnest(string_to_array(settings, ' ')) AS s;
    EXECUTE query INTO result;
    PERFORM set_config(split_part(s, '=', 1), reset_val, true)
    FROM unnest(string_to_array(settings, ' ')) AS s JOIN pg_settings p ON p.name = split_part(s, '=', 1);
    RETURN result;
END $$;
CREATE FUNCTION pg_temp.plan(query text, settings text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    PERFORM set_config(split_part(s, '=', 1), split_part(s, '=', 2), true) FROM unnest(string_to_array(settings, ' ')) AS s;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    PERFORM set_config(split_part(s, '=', 1), reset_val, true)
    FROM unnest(string_to_array(settings, ' ')) AS s JOIN pg_settings p ON p.name = split_part(s, '=', 1);
    RETURN lines;
END $$;
-- One row for all groups.
CREATE FUNCTION pg_temp.grouped(call text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT md5(string_agg(concat_ws('' '', kind, g, state::text), E''\n'' ORDER BY kind COLLATE "C", g)) FROM (SELECT kind, g, %s AS state FROM record GROUP BY kind, g) s', call)
$$;
CREATE FUNCTION pg_temp.sets(call text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT md5(string_agg(concat_ws('' '', kind, g, state::text), E''\n'' ORDER BY kind COLLATE "C", g))
                   FROM (SELECT kind, g, %s AS state FROM record GROUP BY GROUPING SETS ((kind, g), (kind), (g), ())) s', call)
$$;

CREATE TEMP TABLE plan (name text, settings text, sign text);
INSERT INTO plan VALUES
    ('sorted', 'enable_hashagg=off max_parallel_workers_per_gather=0', 'GroupAggregate'),
    ('spilled', 'work_mem=64kB hash_mem_multiplier=1 enable_sort=off max_parallel_workers_per_gather=0', 'HashAggregate'),
    ('parallel', 'max_parallel_workers_per_gather=2 parallel_setup_cost=0 parallel_tuple_cost=0 min_parallel_table_scan_size=0', 'Partial (Hash|Group)Aggregate'),
    ('parallel and sorted', 'enable_hashagg=off max_parallel_workers_per_gather=2 parallel_setup_cost=0 parallel_tuple_cost=0 min_parallel_table_scan_size=0', 'Partial GroupAggregate'),
    ('by partition', 'enable_partitionwise_aggregate=on max_parallel_workers_per_gather=0', 'Append\n.*Aggregate'),
    ('by partition in parallel', 'enable_partitionwise_aggregate=on max_parallel_workers_per_gather=2 parallel_setup_cost=0 parallel_tuple_cost=0 min_parallel_table_scan_size=0', 'Append'),
    ('compiled', 'jit=on jit_above_cost=0 jit_inline_above_cost=0 jit_optimize_above_cost=0 max_parallel_workers_per_gather=0', 'Aggregate');
CREATE TEMP TABLE serial AS
    SELECT signature, call, pg_temp.run(pg_temp.grouped(call), 'jit=off enable_sort=on max_parallel_workers_per_gather=0') AS result,
           pg_temp.run(pg_temp.sets(call), 'jit=off enable_hashagg=off max_parallel_workers_per_gather=0') AS result_of_sets
    FROM aggregate;
SELECT is((SELECT count(DISTINCT result) FROM serial WHERE result IS NOT NULL), (SELECT count(*) FROM aggregate WHERE call !~ '::text') - 1,
          'the results are not all the same, and none is missing');
SELECT matches(pg_temp.plan(pg_temp.grouped(call), settings), sign, call || ' can be ' || name) FROM serial, plan WHERE name !~ 'compiled';
SELECT is(pg_temp.run(pg_temp.grouped(call), settings), result, call || ' is the same ' || name) FROM serial, plan;
SELECT is(pg_temp.run(pg_temp.sets(call), settings), result_of_sets, call || ' in grouping sets is the same ' || name) FROM serial, plan WHERE name IN ('spilled', 'compiled');
SELECT is(pg_temp.run(pg_temp.sets(call), 'max_parallel_workers_per_gather=0'), result_of_sets, call || ' in grouping sets is the same hashed') FROM serial;
-- What accessors get is the same state, several times over, above a sort and in a subquery.
SELECT is_empty($$
    SELECT kind FROM (SELECT kind, duration_dist(seconds) AS d FROM record GROUP BY kind) s
    WHERE num_values(d) <> num_values(d + '{}') OR percentile(d, 0.5) IS DISTINCT FROM percentile(d::text::duration_dist, 0.5)
       OR num_values(d) <> (SELECT count(seconds) FROM record r WHERE r.kind = s.kind) $$, 'a state is read again and again');
SELECT is((SELECT array_agg(maximum(d) ORDER BY maximum(d)) FROM (SELECT duration_dist(seconds) AS d FROM record GROUP BY kind ORDER BY num_values(duration_dist(seconds)) DESC, kind) s),
          (SELECT array_agg(m ORDER BY m) FROM (SELECT max(seconds) AS m FROM record GROUP BY kind) t), 'also above a sort by it');

SELECT * FROM finish();
ROLLBACK;
