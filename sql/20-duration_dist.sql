-- An exact distribution of whole seconds. src/duration_dist.c, src/core/tally.c, doc/duration_dist.md

CREATE TYPE duration_dist;

CREATE FUNCTION duration_dist_in(cstring) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_out(duration_dist) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_recv(internal) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_send(duration_dist) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_dist_in(cstring) IS 'text input of duration_dist';
COMMENT ON FUNCTION duration_dist_out(duration_dist) IS 'text output of duration_dist';
COMMENT ON FUNCTION duration_dist_recv(internal) IS 'binary input of duration_dist';
COMMENT ON FUNCTION duration_dist_send(duration_dist) IS 'binary output of duration_dist';

-- Rice-coded bytes do not compress further, so they are not tried.
CREATE TYPE duration_dist (
    INPUT = duration_dist_in, OUTPUT = duration_dist_out, RECEIVE = duration_dist_recv, SEND = duration_dist_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = external
);
COMMENT ON TYPE duration_dist IS 'exact distribution of durations in whole seconds: {seconds:how many, ...}';

-- Aggregates ----------------------------------------------------------------

CREATE FUNCTION duration_dist_add(duration_dist, seconds integer) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_add_seconds' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_add(duration_dist, duration interval) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_add_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_combine(duration_dist, duration_dist) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION duration_dist_add(duration_dist, integer) IS 'transition function of duration_dist(integer)';
COMMENT ON FUNCTION duration_dist_add(duration_dist, interval) IS 'transition function of duration_dist(interval)';
COMMENT ON FUNCTION duration_dist_combine(duration_dist, duration_dist) IS
    'combine function of the duration_dist aggregates and transition function of rollup(duration_dist)';

CREATE AGGREGATE duration_dist(seconds integer) (
    SFUNC = duration_dist_add, STYPE = duration_dist, COMBINEFUNC = duration_dist_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE duration_dist(integer) IS 'exact distribution of durations in seconds; NULLs are skipped, no durations give NULL';

CREATE AGGREGATE duration_dist(duration interval) (
    SFUNC = duration_dist_add, STYPE = duration_dist, COMBINEFUNC = duration_dist_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE duration_dist(interval) IS
    'exact distribution of durations given as intervals of whole seconds; NULLs are skipped, no durations give NULL';

CREATE AGGREGATE rollup(dist duration_dist) (
    SFUNC = duration_dist_combine, STYPE = duration_dist, COMBINEFUNC = duration_dist_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(duration_dist) IS 'all durations of several distributions; NULLs are skipped, no distributions give NULL';

-- Operators -----------------------------------------------------------------

CREATE FUNCTION duration_dist_plus(duration_dist, duration_dist) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_eq(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_ne(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_hash(duration_dist) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_hash_extended(duration_dist, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_dist_plus(duration_dist, duration_dist) IS 'implementation of + operator';
COMMENT ON FUNCTION duration_dist_eq(duration_dist, duration_dist) IS 'implementation of = operator';
COMMENT ON FUNCTION duration_dist_ne(duration_dist, duration_dist) IS 'implementation of <> operator';
COMMENT ON FUNCTION duration_dist_hash(duration_dist) IS 'hash';
COMMENT ON FUNCTION duration_dist_hash_extended(duration_dist, bigint) IS 'hash';

CREATE OPERATOR + (FUNCTION = duration_dist_plus, LEFTARG = duration_dist, RIGHTARG = duration_dist, COMMUTATOR = +);
CREATE OPERATOR = (
    FUNCTION = duration_dist_eq, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
CREATE OPERATOR <> (
    FUNCTION = duration_dist_ne, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR + (duration_dist, duration_dist) IS 'all durations of both';
COMMENT ON OPERATOR = (duration_dist, duration_dist) IS 'the same durations, each as often';
COMMENT ON OPERATOR <> (duration_dist, duration_dist) IS 'not the same durations, each as often';

CREATE OPERATOR CLASS duration_dist_hash_ops DEFAULT FOR TYPE duration_dist USING hash AS
    OPERATOR 1 =, FUNCTION 1 duration_dist_hash(duration_dist), FUNCTION 2 duration_dist_hash_extended(duration_dist, bigint);
COMMENT ON OPERATOR CLASS duration_dist_hash_ops USING hash IS 'equality of distributions';

-- Accessors -----------------------------------------------------------------

CREATE FUNCTION num_values(dist duration_dist) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_num_values' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_values(duration_dist) IS 'how many durations there are';

CREATE FUNCTION total(dist duration_dist) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION total(duration_dist) IS 'sum of the durations, in seconds';

CREATE FUNCTION mean(dist duration_dist) RETURNS float8
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mean(duration_dist) IS 'mean duration in seconds; NULL where there are none';

CREATE FUNCTION minimum(dist duration_dist) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_minimum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION minimum(duration_dist) IS 'shortest duration in seconds; NULL where there are none';

CREATE FUNCTION maximum(dist duration_dist) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_maximum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION maximum(duration_dist) IS 'longest duration in seconds; NULL where there are none';

CREATE FUNCTION percentile(dist duration_dist, fraction float8, method text DEFAULT 'continuous') RETURNS float8
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_percentile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION percentile(duration_dist, float8, text) IS
    'percentile in seconds, to the bit what percentile_cont (or percentile_disc, where the method is ''discrete'') gives on the rows';

CREATE FUNCTION percentile(dist duration_dist, fractions float8[], method text DEFAULT 'continuous') RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_percentiles' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION percentile(duration_dist, float8[], text) IS 'several percentiles in seconds, in one reading';

CREATE FUNCTION num_within(dist duration_dist, seconds integer) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_num_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_within(duration_dist, integer) IS 'how many durations are at most so many seconds';

CREATE FUNCTION share_within(dist duration_dist, seconds integer, confidence float8 DEFAULT 0.95) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_share_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION share_within(duration_dist, integer, float8) IS
    'share of the durations that are at most so many seconds, with its Wilson interval; NULL where there are none';
