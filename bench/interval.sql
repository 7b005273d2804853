-- A million Wilson intervals by proportion_interval() beside the same by the formula in plain SQL, in turn, which of them is first changing from
-- round to round, after one round that is not counted. bench/README.md
--
--     psql -v rows=1000000 -v runs=5 -f bench/interval.sql
--
-- It leaves nothing behind. Results are compared to 1e-12; where one differs the last column says WRONG.
\set ON_ERROR_STOP 1
\if :{?rows} \else \set rows 1000000 \endif
\if :{?runs} \else \set runs 5 \endif
SET client_min_messages = warning;
SET search_path = naloxone_kpi, public;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';

CREATE TEMP TABLE share AS
    SELECT n, (('x' || substr(md5(n::text || i), 1, 7))::bit(28)::bigint % (n + 1))::bigint AS x
    FROM generate_series(1, :rows) AS i, LATERAL (SELECT 1 + ('x' || substr(md5(i::text), 1, 7))::bit(28)::bigint % 2000 AS n) AS n;
VACUUM ANALYZE share;

-- Every limit is computed and looked at; of neither is more than a sum returned.
CREATE TEMP TABLE contestant (who text, query text);
INSERT INTO contestant VALUES
    ('count', 'SELECT sum(n), sum(x), NULL::float8 FROM (SELECT n::float8, x::float8 FROM share OFFSET 0) AS s'),
    ('ours', 'SELECT sum((e).value), sum((e).lower), sum((e).upper) FROM (SELECT proportion_interval(x, n) AS e FROM share OFFSET 0) AS s'),
    ('lateral', 'SELECT sum(e.value), sum(e.lower), sum(e.upper) FROM share CROSS JOIN LATERAL proportion_interval(x, n) AS e'),
    -- A quantile of the normal distribution is not in plain SQL: it is written out.
    ('plain', 'SELECT sum(value), sum(lower), sum(upper) FROM (
                   SELECT x / n AS value, (2 * x + 3.8414588206941227 - half) / (2 * (n + 3.8414588206941227)) AS lower,
                          (2 * x + 3.8414588206941227 + half) / (2 * (n + 3.8414588206941227)) AS upper
                   FROM (SELECT n, x, 1.9599639845400536 * sqrt(3.8414588206941227 + 4 * x * (1 - x / n)) AS half
                         FROM (SELECT n::float8, x::float8 FROM share) AS f OFFSET 0) AS h OFFSET 0) AS s');
CREATE TEMP TABLE round (who text, round integer, ms float8, sums float8[]);

CREATE FUNCTION pg_temp.measure(runs integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c contestant;
    started timestamptz;
    a float8;
    b float8;
    d float8;
BEGIN
    FOR i IN 0 .. runs LOOP
        FOR c IN SELECT * FROM contestant ORDER BY CASE WHEN i % 2 = 0 THEN who END, who DESC LOOP
            started := clock_timestamp();
            EXECUTE c.query INTO a, b, d;
            INSERT INTO round VALUES (c.who, i, extract(epoch FROM clock_timestamp() - started) * 1000, ARRAY[a, b, d]);
        END LOOP;
    END LOOP;
END $$;
SELECT pg_temp.measure(:runs) \g /dev/null

CREATE TEMP VIEW wrong AS
    SELECT count(*) AS n FROM (SELECT x::float8, n::float8, proportion_interval(x, n) AS e FROM share OFFSET 0) AS s,
        LATERAL (SELECT 1.9599639845400536 * sqrt(3.8414588206941227 + 4 * x * (1 - x / n)) AS half) AS h
    WHERE abs((e).lower - (2 * x + 3.8414588206941227 - half) / (2 * (n + 3.8414588206941227))) > 1e-12
       OR abs((e).upper - (2 * x + 3.8414588206941227 + half) / (2 * (n + 3.8414588206941227))) > 1e-12 OR (e).value <> x / n;
SELECT what, goal, format('%s (%s..%s)', round(median, 2), round(least, 2), round(greatest, 2)) AS ratio, round(ours) || ' ms' AS ours, round(peer) || ' ms' AS peer,
       wrong.n AS differences, CASE WHEN wrong.n > 0 THEN 'WRONG' WHEN goal = '' THEN '' WHEN median <= 2 THEN 'met' ELSE 'MISSED' END AS verdict
FROM (SELECT m.what, m.goal, percentile_cont(0.5) WITHIN GROUP (ORDER BY o.ms / p.ms)::numeric AS median, min(o.ms / p.ms)::numeric AS least,
             max(o.ms / p.ms)::numeric AS greatest, percentile_cont(0.5) WITHIN GROUP (ORDER BY o.ms) AS ours, percentile_cont(0.5) WITHIN GROUP (ORDER BY p.ms) AS peer
      FROM (VALUES ('Wilson intervals beside plain SQL', '<= 2', 'ours', 'plain'), ('the same in FROM', '', 'lateral', 'plain'),
                   ('reading the counts beside plain SQL', '', 'count', 'plain')) AS m (what, goal, ours, peer)
      JOIN round o ON o.who = m.ours JOIN round p ON p.who = m.peer AND p.round = o.round WHERE o.round > 0 GROUP BY m.what, m.goal) AS r, wrong
ORDER BY what DESC;
