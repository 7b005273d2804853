-- A person's steps through ordered stages within a window. src/funnel.c, src/core/funnel.c, doc/funnel.md

CREATE TYPE funnel;

CREATE FUNCTION funnel_in(cstring) RETURNS funnel
    AS 'MODULE_PATHNAME', 'nkpi_funnel_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_out(funnel) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_funnel_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_recv(internal) RETURNS funnel
    AS 'MODULE_PATHNAME', 'nkpi_funnel_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_send(funnel) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_funnel_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_in(cstring) IS 'text input of funnel';
COMMENT ON FUNCTION funnel_out(funnel) IS 'text output of funnel';
COMMENT ON FUNCTION funnel_recv(internal) IS 'binary input of funnel';
COMMENT ON FUNCTION funnel_send(funnel) IS 'binary output of funnel';

CREATE TYPE funnel (
    INPUT = funnel_in, OUTPUT = funnel_out, RECEIVE = funnel_recv, SEND = funnel_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE funnel IS 'one person''s events in ordered stages, and the window in which they count: {within: window, events: {time stage, ...}}';

-- Aggregates ----------------------------------------------------------------

CREATE FUNCTION funnel_add(funnel, stage integer, at timestamptz, within interval) RETURNS funnel
    AS 'MODULE_PATHNAME', 'nkpi_funnel_add_number' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION funnel_add(funnel, stage text, at timestamptz, within interval, stages text[]) RETURNS funnel
    AS 'MODULE_PATHNAME', 'nkpi_funnel_add_name' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION funnel_combine(funnel, funnel) RETURNS funnel
    AS 'MODULE_PATHNAME', 'nkpi_funnel_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION funnel_final(funnel) RETURNS funnel
    AS 'MODULE_PATHNAME', 'nkpi_funnel_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_add(funnel, integer, timestamptz, interval) IS 'transition function of funnel(integer, timestamptz, interval)';
COMMENT ON FUNCTION funnel_add(funnel, text, timestamptz, interval, text[]) IS
    'transition function of funnel(text, timestamptz, interval, text[])';
COMMENT ON FUNCTION funnel_combine(funnel, funnel) IS
    'combine function of the funnel aggregates and transition function of rollup(funnel)';
COMMENT ON FUNCTION funnel_final(funnel) IS 'final function of the funnel aggregates: the events in order, none twice';

-- Up to five events of a person take 64 bytes, up to twelve 128.
CREATE AGGREGATE funnel(stage integer, at timestamptz, within interval) (
    SFUNC = funnel_add, STYPE = funnel, COMBINEFUNC = funnel_combine, FINALFUNC = funnel_final, FINALFUNC_MODIFY = READ_ONLY,
    SSPACE = 128, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(integer, timestamptz, interval) IS
    'a person''s events in stages numbered from 1; NULL stages and times are skipped, no events give NULL';

CREATE AGGREGATE funnel(stage text, at timestamptz, within interval, stages text[]) (
    SFUNC = funnel_add, STYPE = funnel, COMBINEFUNC = funnel_combine, FINALFUNC = funnel_final, FINALFUNC_MODIFY = READ_ONLY,
    SSPACE = 128, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(text, timestamptz, interval, text[]) IS
    'a person''s events in stages named in order; other stages and NULLs are skipped, no events give NULL';

CREATE AGGREGATE rollup(funnel funnel) (
    SFUNC = funnel_combine, STYPE = funnel, COMBINEFUNC = funnel_combine, FINALFUNC = funnel_final, FINALFUNC_MODIFY = READ_ONLY,
    SSPACE = 128, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(funnel) IS 'all events of several funnels; NULLs are skipped, no funnels give NULL';

-- Operators -----------------------------------------------------------------

CREATE FUNCTION funnel_plus(funnel, funnel) RETURNS funnel
    AS 'MODULE_PATHNAME', 'nkpi_funnel_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_eq(funnel, funnel) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_funnel_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_ne(funnel, funnel) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_funnel_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_lt(funnel, funnel) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_funnel_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_le(funnel, funnel) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_funnel_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_ge(funnel, funnel) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_funnel_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_gt(funnel, funnel) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_funnel_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_cmp(funnel, funnel) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_funnel_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_hash(funnel) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_funnel_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_hash_extended(funnel, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_funnel_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_plus(funnel, funnel) IS 'implementation of + operator';
COMMENT ON FUNCTION funnel_eq(funnel, funnel) IS 'implementation of = operator';
COMMENT ON FUNCTION funnel_ne(funnel, funnel) IS 'implementation of <> operator';
COMMENT ON FUNCTION funnel_lt(funnel, funnel) IS 'implementation of < operator';
COMMENT ON FUNCTION funnel_le(funnel, funnel) IS 'implementation of <= operator';
COMMENT ON FUNCTION funnel_ge(funnel, funnel) IS 'implementation of >= operator';
COMMENT ON FUNCTION funnel_gt(funnel, funnel) IS 'implementation of > operator';
COMMENT ON FUNCTION funnel_cmp(funnel, funnel) IS 'less-equal-greater';
COMMENT ON FUNCTION funnel_hash(funnel) IS 'hash';
COMMENT ON FUNCTION funnel_hash_extended(funnel, bigint) IS 'hash';

CREATE OPERATOR + (FUNCTION = funnel_plus, LEFTARG = funnel, RIGHTARG = funnel, COMMUTATOR = +);
CREATE OPERATOR = (
    FUNCTION = funnel_eq, LEFTARG = funnel, RIGHTARG = funnel,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
    FUNCTION = funnel_ne, LEFTARG = funnel, RIGHTARG = funnel,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
    FUNCTION = funnel_lt, LEFTARG = funnel, RIGHTARG = funnel, COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    FUNCTION = funnel_le, LEFTARG = funnel, RIGHTARG = funnel, COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR >= (
    FUNCTION = funnel_ge, LEFTARG = funnel, RIGHTARG = funnel, COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
CREATE OPERATOR > (
    FUNCTION = funnel_gt, LEFTARG = funnel, RIGHTARG = funnel, COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR + (funnel, funnel) IS 'all events of both';
COMMENT ON OPERATOR = (funnel, funnel) IS 'the same events within the same window';
COMMENT ON OPERATOR <> (funnel, funnel) IS 'not the same events, or not within the same window';

COMMENT ON OPERATOR < (funnel, funnel) IS 'before, by window and then event by event';
COMMENT ON OPERATOR <= (funnel, funnel) IS 'before or the same, by window and then event by event';
COMMENT ON OPERATOR >= (funnel, funnel) IS 'after or the same, by window and then event by event';
COMMENT ON OPERATOR > (funnel, funnel) IS 'after, by window and then event by event';

CREATE OPERATOR CLASS funnel_ops DEFAULT FOR TYPE funnel USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 funnel_cmp(funnel, funnel);
COMMENT ON OPERATOR FAMILY funnel_ops USING btree IS 'order of funnels';
COMMENT ON OPERATOR CLASS funnel_ops USING btree IS 'order of funnels: by window and then event by event';
CREATE OPERATOR CLASS funnel_hash_ops DEFAULT FOR TYPE funnel USING hash AS
    OPERATOR 1 =, FUNCTION 1 funnel_hash(funnel), FUNCTION 2 funnel_hash_extended(funnel, bigint);
COMMENT ON OPERATOR FAMILY funnel_hash_ops USING hash IS 'equality of funnels';
COMMENT ON OPERATOR CLASS funnel_hash_ops USING hash IS 'equality of funnels';

-- Accessors -----------------------------------------------------------------

CREATE FUNCTION num_values(funnel funnel) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_funnel_num_values' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_values(funnel) IS 'how many events there are, the same stage at the same moment being one';

CREATE FUNCTION furthest_stage(funnel funnel) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_funnel_furthest_stage' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION furthest_stage(funnel) IS
    'the last stage, counted without a gap, that was reached within the window from the first event of stage 1; 0 where there is no such event';

CREATE FUNCTION reached_at(funnel funnel, stage integer) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'nkpi_funnel_reached_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION reached_at(funnel, integer) IS
    'when a stage was reached within the window from the first event of stage 1; NULL where it was not';

CREATE FUNCTION episodes(funnel funnel, OUT episode integer, OUT furthest_stage integer, OUT reached_at timestamptz[]) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'nkpi_funnel_episodes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 2;
COMMENT ON FUNCTION episodes(funnel) IS
    'a row for each episode with an event of stage 1: its number, the furthest stage reached, and when each stage up to it was';
