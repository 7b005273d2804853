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
CREATE FUNCTION duration_dist_add(duration_dist, seconds integer, n bigint) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_add_counted' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_combine(duration_dist, duration_dist) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_final(duration_dist) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_dist_add(duration_dist, integer) IS 'transition function of duration_dist(integer)';
COMMENT ON FUNCTION duration_dist_add(duration_dist, interval) IS 'transition function of duration_dist(interval)';
COMMENT ON FUNCTION duration_dist_add(duration_dist, integer, bigint) IS 'transition function of duration_dist(integer, bigint)';
COMMENT ON FUNCTION duration_dist_combine(duration_dist, duration_dist) IS
    'combine function of the duration_dist aggregates and transition function of rollup(duration_dist)';
COMMENT ON FUNCTION duration_dist_final(duration_dist) IS 'final function of the duration_dist aggregates';

-- In a window whose frame moves, rows are taken out again.
CREATE FUNCTION duration_dist_move_in(internal, seconds integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_move_in_seconds' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_move_out(internal, seconds integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_move_out_seconds' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_move_in(internal, duration interval) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_move_in_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_move_out(internal, duration interval) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_move_out_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_move_in(internal, duration_dist) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_move_in' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_move_out(internal, duration_dist) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_move_out' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION duration_dist_moving_final(internal) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_moving_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION duration_dist_move_in(internal, integer) IS 'forward transition function of duration_dist(integer) in a moving frame';
COMMENT ON FUNCTION duration_dist_move_out(internal, integer) IS 'inverse transition function of duration_dist(integer)';
COMMENT ON FUNCTION duration_dist_move_in(internal, interval) IS 'forward transition function of duration_dist(interval) in a moving frame';
COMMENT ON FUNCTION duration_dist_move_out(internal, interval) IS 'inverse transition function of duration_dist(interval)';
COMMENT ON FUNCTION duration_dist_move_in(internal, duration_dist) IS 'forward transition function of rollup(duration_dist) in a moving frame';
COMMENT ON FUNCTION duration_dist_move_out(internal, duration_dist) IS 'inverse transition function of rollup(duration_dist)';
COMMENT ON FUNCTION duration_dist_moving_final(internal) IS 'final function of the duration_dist aggregates in a moving frame';

CREATE AGGREGATE duration_dist(seconds integer) (
    SFUNC = duration_dist_add, STYPE = duration_dist, COMBINEFUNC = duration_dist_combine, FINALFUNC = duration_dist_final,
    SSPACE = 8192, PARALLEL = SAFE,
    MSFUNC = duration_dist_move_in, MINVFUNC = duration_dist_move_out, MSTYPE = internal, MFINALFUNC = duration_dist_moving_final,
    MSSPACE = 8192
);
COMMENT ON AGGREGATE duration_dist(integer) IS 'exact distribution of durations in seconds; NULLs are skipped, no durations give NULL';

CREATE AGGREGATE duration_dist(duration interval) (
    SFUNC = duration_dist_add, STYPE = duration_dist, COMBINEFUNC = duration_dist_combine, FINALFUNC = duration_dist_final,
    SSPACE = 8192, PARALLEL = SAFE,
    MSFUNC = duration_dist_move_in, MINVFUNC = duration_dist_move_out, MSTYPE = internal, MFINALFUNC = duration_dist_moving_final,
    MSSPACE = 8192
);
COMMENT ON AGGREGATE duration_dist(interval) IS
    'exact distribution of durations given as intervals of whole seconds; NULLs are skipped, no durations give NULL';

CREATE AGGREGATE duration_dist(seconds integer, n bigint) (
    SFUNC = duration_dist_add, STYPE = duration_dist, COMBINEFUNC = duration_dist_combine, FINALFUNC = duration_dist_final,
    SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE duration_dist(integer, bigint) IS
    'exact distribution of durations in seconds, each so many times; NULLs are skipped, no rows give NULL';

CREATE AGGREGATE rollup(dist duration_dist) (
    SFUNC = duration_dist_combine, STYPE = duration_dist, COMBINEFUNC = duration_dist_combine, FINALFUNC = duration_dist_final,
    SSPACE = 8192, PARALLEL = SAFE,
    MSFUNC = duration_dist_move_in, MINVFUNC = duration_dist_move_out, MSTYPE = internal, MFINALFUNC = duration_dist_moving_final,
    MSSPACE = 8192
);
COMMENT ON AGGREGATE rollup(duration_dist) IS 'all durations of several distributions; NULLs are skipped, no distributions give NULL';

-- Operators -----------------------------------------------------------------

CREATE FUNCTION duration_dist_plus(duration_dist, duration_dist) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_minus(duration_dist, duration_dist) RETURNS duration_dist
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_minus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_eq(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_ne(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_lt(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_le(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_ge(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_gt(duration_dist, duration_dist) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_cmp(duration_dist, duration_dist) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_hash(duration_dist) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION duration_dist_hash_extended(duration_dist, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_dist_plus(duration_dist, duration_dist) IS 'implementation of + operator';
COMMENT ON FUNCTION duration_dist_minus(duration_dist, duration_dist) IS 'implementation of - operator';
COMMENT ON FUNCTION duration_dist_eq(duration_dist, duration_dist) IS 'implementation of = operator';
COMMENT ON FUNCTION duration_dist_ne(duration_dist, duration_dist) IS 'implementation of <> operator';
COMMENT ON FUNCTION duration_dist_lt(duration_dist, duration_dist) IS 'implementation of < operator';
COMMENT ON FUNCTION duration_dist_le(duration_dist, duration_dist) IS 'implementation of <= operator';
COMMENT ON FUNCTION duration_dist_ge(duration_dist, duration_dist) IS 'implementation of >= operator';
COMMENT ON FUNCTION duration_dist_gt(duration_dist, duration_dist) IS 'implementation of > operator';
COMMENT ON FUNCTION duration_dist_cmp(duration_dist, duration_dist) IS 'less-equal-greater';
COMMENT ON FUNCTION duration_dist_hash(duration_dist) IS 'hash';
COMMENT ON FUNCTION duration_dist_hash_extended(duration_dist, bigint) IS 'hash';

CREATE OPERATOR + (FUNCTION = duration_dist_plus, LEFTARG = duration_dist, RIGHTARG = duration_dist, COMMUTATOR = +);
CREATE OPERATOR - (FUNCTION = duration_dist_minus, LEFTARG = duration_dist, RIGHTARG = duration_dist);
CREATE OPERATOR = (
    FUNCTION = duration_dist_eq, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
    FUNCTION = duration_dist_ne, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
    FUNCTION = duration_dist_lt, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    FUNCTION = duration_dist_le, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR >= (
    FUNCTION = duration_dist_ge, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
CREATE OPERATOR > (
    FUNCTION = duration_dist_gt, LEFTARG = duration_dist, RIGHTARG = duration_dist,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR + (duration_dist, duration_dist) IS 'all durations of both';
COMMENT ON OPERATOR - (duration_dist, duration_dist) IS 'the durations of the first without those of the second, which it must have';
COMMENT ON OPERATOR < (duration_dist, duration_dist) IS 'before, as the sorted durations in order';
COMMENT ON OPERATOR <= (duration_dist, duration_dist) IS 'before or the same, as the sorted durations in order';
COMMENT ON OPERATOR >= (duration_dist, duration_dist) IS 'after or the same, as the sorted durations in order';
COMMENT ON OPERATOR > (duration_dist, duration_dist) IS 'after, as the sorted durations in order';
COMMENT ON OPERATOR = (duration_dist, duration_dist) IS 'the same durations, each as often';
COMMENT ON OPERATOR <> (duration_dist, duration_dist) IS 'not the same durations, each as often';

CREATE OPERATOR CLASS duration_dist_ops DEFAULT FOR TYPE duration_dist USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 duration_dist_cmp(duration_dist, duration_dist);
COMMENT ON OPERATOR FAMILY duration_dist_ops USING btree IS 'order of distributions';
COMMENT ON OPERATOR CLASS duration_dist_ops USING btree IS 'order of distributions: as the sorted durations in order';
CREATE OPERATOR CLASS duration_dist_hash_ops DEFAULT FOR TYPE duration_dist USING hash AS
    OPERATOR 1 =, FUNCTION 1 duration_dist_hash(duration_dist), FUNCTION 2 duration_dist_hash_extended(duration_dist, bigint);
COMMENT ON OPERATOR FAMILY duration_dist_hash_ops USING hash IS 'equality of distributions';
COMMENT ON OPERATOR CLASS duration_dist_hash_ops USING hash IS 'equality of distributions';

-- Accessors -----------------------------------------------------------------

CREATE FUNCTION num_values(dist duration_dist) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_num_values' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION num_values(duration_dist) IS 'how many durations there are';

CREATE FUNCTION total(dist duration_dist) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION total(duration_dist) IS 'sum of the durations, in seconds';

CREATE FUNCTION mean(dist duration_dist) RETURNS float8
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION mean(duration_dist) IS 'mean duration in seconds; NULL where there are none';

CREATE FUNCTION standard_deviation(dist duration_dist) RETURNS float8
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_standard_deviation' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION standard_deviation(duration_dist) IS
    'sample standard deviation of the durations in seconds; NULL where there are fewer than two';

CREATE FUNCTION minimum(dist duration_dist) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_minimum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minimum(duration_dist) IS 'shortest duration in seconds; NULL where there are none';

CREATE FUNCTION maximum(dist duration_dist) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_maximum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION maximum(duration_dist) IS 'longest duration in seconds; NULL where there are none';

CREATE FUNCTION percentile(dist duration_dist, fraction float8, method text DEFAULT 'continuous') RETURNS float8
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_percentile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION percentile(duration_dist, float8, text) IS
    'percentile in seconds, to the bit what percentile_cont (or percentile_disc, where the method is ''discrete'') gives on the rows';

CREATE FUNCTION percentile(dist duration_dist, fractions float8[], method text DEFAULT 'continuous') RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_percentiles' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION percentile(duration_dist, float8[], text) IS 'several percentiles in seconds, in one reading';

CREATE TYPE percentile_estimate AS (value float8, lower float8, upper float8, coverage float8);
COMMENT ON TYPE percentile_estimate IS
    'a percentile with the limits of its distribution-free interval, NULL where there are too few values for one, and the coverage that they achieve';

CREATE FUNCTION percentile_interval(dist duration_dist, fraction float8, confidence float8 DEFAULT 0.95,
                                    method text DEFAULT 'continuous') RETURNS percentile_estimate
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_percentile_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION percentile_interval(duration_dist, float8, float8, text) IS
    'percentile in seconds with its distribution-free interval, by order statistics, and the coverage that it achieves; NULL where there are none';

CREATE FUNCTION percentile_interval(dist duration_dist, fractions float8[], confidence float8 DEFAULT 0.95,
                                    method text DEFAULT 'continuous') RETURNS percentile_estimate[]
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_percentile_intervals' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION percentile_interval(duration_dist, float8[], float8, text) IS 'several percentiles in seconds with their intervals, in one reading';

CREATE FUNCTION num_within(dist duration_dist, seconds integer) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_num_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION num_within(duration_dist, integer) IS 'how many durations are at most so many seconds';

CREATE FUNCTION num_within(dist duration_dist, seconds integer[]) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_nums_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION num_within(duration_dist, integer[]) IS 'how many durations are at most so many seconds, for several limits in one reading';

CREATE FUNCTION share_within(dist duration_dist, seconds integer, confidence float8 DEFAULT 0.95) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_share_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION share_within(duration_dist, integer, float8) IS
    'share of the durations that are at most so many seconds, with its Wilson interval; NULL where there are none';

CREATE FUNCTION histogram(dist duration_dist, edges integer[]) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_histogram' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION histogram(duration_dist, integer[]) IS
    'how many durations lie below the first edge, from each edge to below the next, and from the last edge on';

CREATE FUNCTION buckets(dist duration_dist) RETURNS TABLE (seconds integer, n bigint)
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_buckets' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 500;
COMMENT ON FUNCTION buckets(duration_dist) IS 'a row for each distinct duration: its seconds, and how many there are';

CREATE FUNCTION cumulative_shares(dist duration_dist) RETURNS TABLE (seconds integer, num_within bigint, share float8)
    AS 'MODULE_PATHNAME', 'nkpi_duration_dist_cumulative_shares' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 500;
COMMENT ON FUNCTION cumulative_shares(duration_dist) IS
    'a row for each distinct duration: how many durations are at most so long, and what share of all that is';

-- Along a window --------------------------------------------------------------

CREATE FUNCTION moving_percentile_in(internal, duration_dist, fraction float8) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_moving_percentile_in' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION moving_percentile_in(internal, duration_dist, fractions float8[]) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_moving_percentiles_in' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION moving_percentile_out(internal, duration_dist, fraction float8) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_moving_percentile_out' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION moving_percentile_out(internal, duration_dist, fractions float8[]) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_moving_percentile_out' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION moving_percentile_final(internal) RETURNS float8
    AS 'MODULE_PATHNAME', 'nkpi_moving_percentile_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION moving_percentiles_final(internal) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_moving_percentile_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION moving_percentile_in(internal, duration_dist, float8) IS 'forward transition function of moving_percentile(duration_dist, float8)';
COMMENT ON FUNCTION moving_percentile_in(internal, duration_dist, float8[]) IS 'forward transition function of moving_percentile(duration_dist, float8[])';
COMMENT ON FUNCTION moving_percentile_out(internal, duration_dist, float8) IS 'inverse transition function of moving_percentile(duration_dist, float8)';
COMMENT ON FUNCTION moving_percentile_out(internal, duration_dist, float8[]) IS 'inverse transition function of moving_percentile(duration_dist, float8[])';
COMMENT ON FUNCTION moving_percentile_final(internal) IS 'final function of moving_percentile(duration_dist, float8)';
COMMENT ON FUNCTION moving_percentiles_final(internal) IS 'final function of moving_percentile(duration_dist, float8[])';

-- For windows, of which there is never a part elsewhere: the state need not travel.
CREATE AGGREGATE moving_percentile(dist duration_dist, fraction float8) (
    SFUNC = moving_percentile_in, STYPE = internal, FINALFUNC = moving_percentile_final, SSPACE = 8192, PARALLEL = SAFE,
    MSFUNC = moving_percentile_in, MINVFUNC = moving_percentile_out, MSTYPE = internal, MFINALFUNC = moving_percentile_final,
    MSSPACE = 8192
);
COMMENT ON AGGREGATE moving_percentile(duration_dist, float8) IS
    'percentile of all durations of the distributions in a window''s frame, as percentile(rollup(dist), fraction), at less cost';

CREATE AGGREGATE moving_percentile(dist duration_dist, fractions float8[]) (
    SFUNC = moving_percentile_in, STYPE = internal, FINALFUNC = moving_percentiles_final, SSPACE = 8192, PARALLEL = SAFE,
    MSFUNC = moving_percentile_in, MINVFUNC = moving_percentile_out, MSTYPE = internal, MFINALFUNC = moving_percentiles_final,
    MSSPACE = 8192
);
COMMENT ON AGGREGATE moving_percentile(duration_dist, float8[]) IS
    'percentiles of all durations of the distributions in a window''s frame, as percentile(rollup(dist), fractions), at less cost';
