-- Every aggregate can be computed in parts, on other servers too, with states travelling instead of rows: what it must be declared
-- as for that, and that the parts, shipped as text and as binary, give the direct result.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- Declarations --------------------------------------------------------------

-- Aggregates that need every row in one place, and why. All the others must pass.
CREATE TEMP TABLE gathered (aggregate name, reason text);
INSERT INTO gathered VALUES
    ('moving_percentile', 'for windows only, which no server computes in parts: its state is internal');

-- What keeps an aggregate from being computed in parts, one line each.
CREATE FUNCTION pg_temp.obstacles(aggregate regprocedure) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT obstacle
    FROM pg_aggregate a
    JOIN pg_proc p ON p.oid = a.aggfnoid
    JOIN pg_type t ON t.oid = a.aggtranstype
    CROSS JOIN LATERAL (VALUES
        (a.aggkind <> 'n', 'not a plain aggregate'),
        (p.pronargs = 0, 'no argument'),
        (a.aggcombinefn = 0, 'no combine function'),
        (t.typtype = 'p', 'the state is a pseudo-type'),
        (t.typtype <> 'p' AND (t.typsend = 0 OR t.typreceive = 0), 'the state has no binary form'),
        (p.provariadic <> 0, 'variadic'),
        (EXISTS (SELECT 1 FROM unnest(p.proargtypes) AS argument JOIN pg_type ON pg_type.oid = argument WHERE typtype = 'p'),
            'polymorphic'),
        (EXISTS (SELECT 1 FROM pg_proc f
                 WHERE f.oid IN (a.aggfnoid, a.aggtransfn, a.aggcombinefn, a.aggfinalfn) AND f.proparallel <> 's'), 'not parallel safe')
        ) AS rule (broken, obstacle)
    WHERE a.aggfnoid = aggregate AND broken $$;

-- The rules see what they are for.
CREATE AGGREGATE pg_temp.in_parts(integer) (SFUNC = int4pl, STYPE = integer, COMBINEFUNC = int4pl, PARALLEL = SAFE);
CREATE AGGREGATE pg_temp.no_argument(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE);
CREATE AGGREGATE pg_temp.no_combine(integer) (SFUNC = int4pl, STYPE = integer, PARALLEL = SAFE);
CREATE AGGREGATE pg_temp.internal_state(float8 ORDER BY anyelement) (
    SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA, PARALLEL = SAFE);
CREATE AGGREGATE pg_temp.not_safe(integer) (SFUNC = int4pl, STYPE = integer, COMBINEFUNC = int4pl);
CREATE FUNCTION pg_temp.add_unsafe(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE pg_temp.part_not_safe(integer) (SFUNC = int4pl, STYPE = integer, COMBINEFUNC = pg_temp.add_unsafe, PARALLEL = SAFE);
CREATE FUNCTION pg_temp.add_several(integer, VARIADIC integer[]) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT $1';
CREATE AGGREGATE pg_temp.several(VARIADIC integer[]) (
    SFUNC = pg_temp.add_several, STYPE = integer, COMBINEFUNC = int4pl, PARALLEL = SAFE);
SELECT is((SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM pg_temp.obstacles(('pg_temp.' || aggregate)::regprocedure) AS o),
          expected, format('the rules on %s', aggregate))
FROM (VALUES
    ('in_parts(integer)', NULL),
    ('no_argument()', 'no argument'),
    ('no_combine(integer)', 'no combine function'),
    ('internal_state(float8, anyelement)', 'no combine function, not a plain aggregate, polymorphic, the state is a pseudo-type'),
    ('not_safe(integer)', 'not parallel safe'),
    ('part_not_safe(integer)', 'not parallel safe'),
    ('several(integer[])', 'variadic')) AS v (aggregate, expected);
SELECT is((SELECT string_agg(o, ', ') FROM pg_temp.obstacles('pg_catalog.string_agg(text, text)') AS o WHERE o LIKE '%state%'),
          'the state is a pseudo-type', 'the rules on an internal state');

CREATE TEMP TABLE own AS
    SELECT p.oid::regprocedure AS aggregate, p.proname
    FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
        AND e.extname = 'naloxone_kpi' AND p.prokind = 'a';
SELECT is((SELECT string_agg(o, ', ') FROM pg_temp.obstacles(aggregate) AS o), NULL, aggregate || ' can be computed in parts')
FROM own WHERE proname NOT IN (SELECT gathered.aggregate FROM gathered);
SELECT isnt((SELECT string_agg(o, ', ') FROM pg_temp.obstacles(own.aggregate) AS o), NULL, format('%s cannot be: %s', own.aggregate, reason))
FROM own JOIN gathered ON gathered.aggregate = proname;

-- Parts ---------------------------------------------------------------------

-- Rows that say little, much and nothing, the same on every machine.
CREATE TEMP TABLE record AS
    SELECT i, CASE WHEN h % 17 <> 0 THEN seconds END AS seconds, CASE WHEN h % 13 <> 0 THEN make_interval(secs => seconds) END AS duration,
           (h % 3)::integer AS event, h % 5 + 1 AS n,
           date '2024-01-01' + i % 500 AS started_on, CASE WHEN h % 7 <> 0 THEN date '2024-01-01' + (i + h % 300)::integer END AS ended_on,
           timestamptz '2024-01-01 00:00Z' + make_interval(secs => i) AS started_at,
           CASE WHEN h % 7 <> 0 THEN timestamptz '2024-01-01 00:00Z' + make_interval(secs => i + h % 30000) END AS ended_at,
           CASE WHEN h % 11 <> 0 THEN (h % 4 + 1)::integer END AS stage
    FROM generate_series(1, 20000) AS i
    CROSS JOIN LATERAL (SELECT ('x' || substr(md5(i::text), 1, 8))::bit(32)::bigint & 2147483647 AS h) AS h
    CROSS JOIN LATERAL (SELECT (CASE WHEN i % 100 < 98 THEN 120 + h % 1300 ELSE h END)::integer AS seconds) AS s;
-- A person's events, some at the same time.
CREATE TEMP TABLE step AS
    SELECT i, stage, date_trunc('minute', started_at) AS at, interval '1 hour' AS within, 'stage ' || stage AS name,
           '{stage 1,stage 2,stage 3,stage 4}'::text[] AS stages
    FROM record WHERE i <= 500;
CREATE TEMP TABLE stored AS SELECT i / 10 AS i, duration_dist(seconds) AS dist FROM record GROUP BY i / 10;
INSERT INTO stored VALUES (2001, NULL), (2002, '{}');

-- One case a line: an aggregate, its arguments, what they are columns of, and a number of each row that decides which part it falls
-- into. The test at the end finds the aggregates that have none.
CREATE TEMP TABLE parts_case (aggregate regprocedure, arguments text, relation text, divided_by text);
INSERT INTO parts_case SELECT aggregate::regprocedure, arguments, relation, divided_by FROM (VALUES
    ('duration_dist(integer)', 'seconds', 'record', 'i'),
    ('duration_dist(integer)', 'seconds', 'record', 'coalesce(seconds, i)'),    -- no value in two parts
    ('duration_dist(interval)', 'duration', 'record', 'i'),
    ('duration_dist(integer, bigint)', 'seconds, n', 'record', 'i'),
    ('rollup(duration_dist)', 'dist', 'stored', 'i'),
    ('life_table(integer, integer)', 'seconds, event', 'record', 'i'),
    ('life_table(integer, integer, bigint)', 'seconds, event, n', 'record', 'i'),
    ('life_table(integer, integer, text)', 'seconds, event, ''minute''', 'record', 'i'),
    ('life_table(integer, integer, bigint, text)', 'seconds, event, n, ''day''', 'record', 'event'),
    ('life_table(date, date, integer)', 'started_on, ended_on, CASE WHEN ended_on IS NOT NULL THEN event END', 'record', 'i'),
    ('life_table(timestamptz, timestamptz, integer, text)',
        'started_at, ended_at, CASE WHEN ended_at IS NOT NULL THEN event END, ''second''', 'record', 'i'),
    ('rollup(life_table)', 'CASE WHEN i % 7 > 0 THEN durations END',
        '(SELECT i / 10 AS i, life_table(seconds, event) AS durations FROM record GROUP BY i / 10) AS s', 'i'),
    ('log_rank(life_table)', 'durations',
        '(SELECT i % 12 AS i, life_table(seconds, event) AS durations FROM record WHERE seconds < 1500 GROUP BY i % 12) AS s', 'i'),
    ('funnel(integer, timestamptz, interval)', 'stage, at, within', 'step', 'i'),
    ('funnel(text, timestamptz, interval, text[])', 'name, at, within, stages', 'step', 'i'),
    ('rollup(funnel)', 'CASE WHEN i % 7 > 0 THEN state END',
        '(SELECT i / 10 AS i, funnel(stage, at, within) AS state FROM step GROUP BY i / 10) AS s', 'i'),
    ('proportion_counts(boolean)', 'CASE WHEN stage > 1 THEN event > 0 END', 'record', 'i'),
    ('proportion_counts(bigint, bigint)', 'event::bigint, n + 2', 'record', 'i'),
    ('rollup(proportion_counts)', 'CASE WHEN i % 7 > 0 THEN state END',
        '(SELECT i / 10 AS i, proportion_counts(event > 0) AS state FROM record GROUP BY i / 10) AS s', 'i'),
    ('rate_counts(bigint, float8)', 'event::bigint, (seconds / 365.25)::float8', 'record', 'i'),
    ('rollup(rate_counts)', 'CASE WHEN i % 7 > 0 THEN state END',
        '(SELECT i / 10 AS i, rate_counts(event, seconds / 365.25) AS state FROM record GROUP BY i / 10) AS s', 'i'),
    ('sample_sums(float8)', '(seconds / 7.0 - 1000)::float8', 'record', 'i'),
    ('rollup(sample_sums)', 'CASE WHEN i % 7 > 0 THEN state END',
        '(SELECT i / 10 AS i, sample_sums(seconds / 7.0 - 1000) AS state FROM record GROUP BY i / 10) AS s', 'i'),
    ('direct_standardisation(bigint, float8, float8)', 'n, seconds::float8, 5500::float8', 'record', 'i'),
    ('direct_standardisation(bigint, bigint, float8, float8)', 'n, n * n, seconds::float8, i / 7.0::float8', 'record', 'i'),
    ('indirect_standardisation(bigint, float8, bigint, float8)', 'n, seconds::float8, event::bigint, i::float8', 'record', 'i'),
    ('time_series(float8, float8)', 'event::float8, seconds::float8', 'record', 'i'),
    ('time_series(float8, float8, float8)', 'i::float8, seconds::float8, n::float8', 'record', 'i'),
    ('time_series(date, float8)', 'ended_on, seconds', 'record', 'i'),
    ('time_series(date, float8, float8)', 'started_on, seconds, n', 'record', 'event'),
    ('rollup(time_series)', 'CASE WHEN i % 7 > 0 THEN state END',
        '(SELECT i / 10 AS i, time_series(event, seconds) AS state FROM record GROUP BY i / 10) AS s', 'i')
    ) AS v (aggregate, arguments, relation, divided_by);

-- The direct result and what parts give, as text and in the type's binary form.
CREATE TEMP TABLE result (parts integer, shipped text, reversed boolean, as_text text, as_binary bytea);

CREATE FUNCTION pg_temp.compute_in_parts(aggregate regprocedure, arguments text, relation text, divided_by text, number integer[])
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    a pg_aggregate;
    argument_types text;
    null_arguments text;
    state text;
    initial text;
    final text;
    send regproc;
    parts integer;
    file text := current_setting('data_directory') || '/naloxone_kpi_parts';
BEGIN
    SELECT * INTO STRICT a FROM pg_aggregate WHERE aggfnoid = aggregate;
    SELECT string_agg(format_type(type, NULL), ', ' ORDER BY position), string_agg('NULL::' || format_type(type, NULL), ', ' ORDER BY position)
    INTO argument_types, null_arguments
    FROM pg_proc p, unnest(p.proargtypes) WITH ORDINALITY AS u (type, position) WHERE p.oid = aggregate;
    SELECT typsend INTO send FROM pg_type t JOIN pg_proc p ON p.prorettype = t.oid WHERE p.oid = aggregate;
    state := format_type(a.aggtranstype, NULL);
    initial := coalesce(', INITCOND = ' || quote_literal(a.agginitval), '');
    final := CASE WHEN a.aggfinalfn <> 0 THEN format(', FINALFUNC = %s', a.aggfinalfn::regproc) ELSE '' END;

    -- What another server computes from its rows, and what is made of the states that come from there.
    EXECUTE format('CREATE AGGREGATE pg_temp.partial(%s) (SFUNC = %s, STYPE = %s%s)', argument_types, a.aggtransfn::regproc, state, initial);
    EXECUTE format('CREATE AGGREGATE pg_temp.combined(%1$s) (SFUNC = %2$s, STYPE = %1$s%3$s)', state, a.aggcombinefn::regproc, initial || final);
    EXECUTE format('CREATE TEMP TABLE partial_state (part integer, state %s)', state);
    EXECUTE format('CREATE TEMP TABLE shipped (shipped text, part integer, state %s)', state);

    DELETE FROM result;
    EXECUTE format('INSERT INTO result SELECT 0, ''direct'', NULL, r::text, %s(r) FROM (SELECT %s(%s) AS r FROM %s) AS s',
                   send, aggregate::oid::regproc, arguments, relation);
    FOREACH parts IN ARRAY number LOOP
        TRUNCATE partial_state, shipped;
        -- Of two parts more than asked for, the first has no rows and the second only NULLs.
        EXECUTE format(
            'INSERT INTO partial_state
             SELECT part, pg_temp.partial(%1$s) FILTER (WHERE present)
             FROM generate_series(0, %2$s) AS part
             LEFT JOIN (SELECT *, mod(%3$s, %2$s) AS in_part, true AS present FROM %4$s) AS r ON in_part = part
             GROUP BY part
             UNION ALL
             SELECT %2$s + 1, pg_temp.partial(%5$s) FROM generate_series(1, 3)', arguments, parts, divided_by, relation, null_arguments);
        INSERT INTO shipped SELECT 'by the server itself', * FROM partial_state;
        EXECUTE format('INSERT INTO shipped SELECT ''as text'', part, (state::text)::%s FROM partial_state', state);
        EXECUTE format('COPY (SELECT ''as binary'', * FROM partial_state) TO %L (FORMAT binary)', file);
        EXECUTE format('COPY shipped FROM %L (FORMAT binary)', file);
        EXECUTE format(
            'INSERT INTO result
             SELECT %s, shipped, reversed, r::text, %s(r)
             FROM (SELECT shipped, reversed, pg_temp.combined(state ORDER BY CASE WHEN reversed THEN -part ELSE part END) AS r
                   FROM shipped, unnest(''{false,true}''::boolean[]) AS reversed GROUP BY shipped, reversed) AS s', parts, send);
    END LOOP;
    EXECUTE format('DROP AGGREGATE pg_temp.partial(%s), pg_temp.combined(%s)', argument_types, state);
    DROP TABLE partial_state, shipped;
END $$;

CREATE FUNCTION pg_temp.check_parts(c parts_case) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.compute_in_parts(c.aggregate, c.arguments, c.relation, c.divided_by, '{1,2,16,1000}');
    RETURN NEXT isnt((SELECT as_text FROM result WHERE shipped = 'direct'), NULL,
                     format('%s of %s: there is a result', c.aggregate, c.arguments));
    RETURN QUERY
        SELECT ok(count(*) = 2 AND bool_and((r.as_text, r.as_binary) = (d.as_text, d.as_binary)),
                  format('%s of %s by %s: %s parts, shipped %s, in order and reversed, give the direct result',
                         c.aggregate, c.arguments, c.divided_by, r.parts, r.shipped))
        FROM result r, result d WHERE r.shipped <> 'direct' AND d.shipped = 'direct' GROUP BY r.parts, r.shipped;
END $$;
SELECT t.* FROM parts_case c, pg_temp.check_parts(c) AS t;
SELECT is((SELECT string_agg(aggregate::text, ', ') FROM own
           WHERE proname NOT IN (SELECT gathered.aggregate FROM gathered) AND aggregate NOT IN (SELECT c.aggregate FROM parts_case c)),
          NULL, 'every aggregate was computed in parts');

-- The comparison sees a state that does not survive: parts that add up to something else.
CREATE FUNCTION pg_temp.lossy(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT greatest($1, $2)';
CREATE AGGREGATE pg_temp.lossy_sum(integer) (SFUNC = int4_sum, STYPE = bigint, COMBINEFUNC = pg_temp.lossy, PARALLEL = SAFE);
SELECT pg_temp.compute_in_parts('pg_temp.lossy_sum(integer)', 'i', 'record', 'i', '{1,2}');
SELECT is((SELECT array_agg(DISTINCT r.as_text = d.as_text ORDER BY r.as_text = d.as_text) FROM result r, result d
           WHERE d.shipped = 'direct' AND r.parts = number), ARRAY[number = 1], format('an aggregate that combines wrongly, in %s', number))
FROM unnest('{1,2}'::integer[]) AS number;
COPY (SELECT 1) TO PROGRAM 'rm -f naloxone_kpi_parts';

-- The same by a simulation of Citus, where the shared folder is there.
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE SCHEMA citus;
SET LOCAL search_path = citus, naloxone_kpi, public;
SET LOCAL client_min_messages = warning;
\set simulation :shared '/citus_sim.sql'
\i :simulation
SELECT ok(distributes AND why = 'worker_partial_agg / coord_combine_agg', format('Citus computes %s on its workers: %s', agg, why))
FROM citus_lint('naloxone_kpi') WHERE agg::oid NOT IN (SELECT own.aggregate FROM own JOIN gathered ON gathered.aggregate = proname);
SELECT ok(s.same AND s.single IS NOT NULL, format('%s of %s: what Citus would compute is the direct result', c.aggregate, c.arguments))
FROM parts_case c, citus_sim(c.aggregate, c.arguments, c.relation, format('mod(%s, 16)', c.divided_by)) AS s;
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the simulation of Citus is not here', 1);
\endif

SELECT * FROM finish();
ROLLBACK;
