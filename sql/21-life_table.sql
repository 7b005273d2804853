-- Durations that may be unfinished. src/life_table.c, src/survival.c, src/core/life_table.c, src/core/survival.c,
-- doc/life_table.md

CREATE TYPE life_table;

CREATE FUNCTION life_table_in(cstring) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_out(life_table) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_life_table_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_recv(internal) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_send(life_table) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_life_table_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION life_table_in(cstring) IS 'text input of life_table';
COMMENT ON FUNCTION life_table_out(life_table) IS 'text output of life_table';
COMMENT ON FUNCTION life_table_recv(internal) IS 'binary input of life_table';
COMMENT ON FUNCTION life_table_send(life_table) IS 'binary output of life_table';

-- Rice-coded bytes do not compress further, so they are not tried.
CREATE TYPE life_table (
    INPUT = life_table_in, OUTPUT = life_table_out, RECEIVE = life_table_recv, SEND = life_table_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = external
);
COMMENT ON TYPE life_table IS
    'durations that may be unfinished: {unit: day, censored: {duration:how many, ...}, 1: {...}, open: {start:how many, ...}}';

-- Aggregates ----------------------------------------------------------------

CREATE FUNCTION life_table_add(life_table, duration integer, event integer) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_add(life_table, duration integer, event integer, n bigint) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_add_many' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_add(life_table, duration integer, event integer, unit text) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_add_in_unit' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_add(life_table, duration integer, event integer, n bigint, unit text) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_add_many_in_unit' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_add(life_table, started date, ended date, event integer) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_add_dates' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_add(life_table, started timestamptz, ended timestamptz, event integer, unit text) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_add_times' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_combine(life_table, life_table) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION life_table_add(life_table, integer, integer) IS 'transition function of life_table(integer, integer)';
COMMENT ON FUNCTION life_table_add(life_table, integer, integer, bigint) IS
    'transition function of life_table(integer, integer, bigint)';
COMMENT ON FUNCTION life_table_add(life_table, integer, integer, text) IS
    'transition function of life_table(integer, integer, text)';
COMMENT ON FUNCTION life_table_add(life_table, integer, integer, bigint, text) IS
    'transition function of life_table(integer, integer, bigint, text)';
COMMENT ON FUNCTION life_table_add(life_table, date, date, integer) IS 'transition function of life_table(date, date, integer)';
COMMENT ON FUNCTION life_table_add(life_table, timestamptz, timestamptz, integer, text) IS
    'transition function of life_table(timestamptz, timestamptz, integer, text)';
COMMENT ON FUNCTION life_table_combine(life_table, life_table) IS
    'combine function of the life_table aggregates and transition function of rollup(life_table)';

-- Over window frames whose start moves: exact, since counts are taken away.
CREATE FUNCTION life_table_move_in(internal, duration integer, event integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_life_table_move_in_duration' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_move_out(internal, duration integer, event integer) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_life_table_move_out_duration' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_move_in(internal, life_table) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_life_table_move_in' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_move_out(internal, life_table) RETURNS internal
    AS 'MODULE_PATHNAME', 'nkpi_life_table_move_out' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION life_table_moving_final(internal) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_moving_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION life_table_move_in(internal, integer, integer) IS
    'forward transition function of life_table(integer, integer) in a moving frame';
COMMENT ON FUNCTION life_table_move_out(internal, integer, integer) IS
    'inverse transition function of life_table(integer, integer)';
COMMENT ON FUNCTION life_table_move_in(internal, life_table) IS
    'forward transition function of rollup(life_table) in a moving frame';
COMMENT ON FUNCTION life_table_move_out(internal, life_table) IS 'inverse transition function of rollup(life_table)';
COMMENT ON FUNCTION life_table_moving_final(internal) IS
    'final function of life_table(integer, integer) and rollup(life_table) in a moving frame';

CREATE AGGREGATE life_table(duration integer, event integer) (
    SFUNC = life_table_add, STYPE = life_table, COMBINEFUNC = life_table_combine, SSPACE = 8192, PARALLEL = SAFE,
    MSFUNC = life_table_move_in, MINVFUNC = life_table_move_out, MSTYPE = internal, MSSPACE = 8192,
    MFINALFUNC = life_table_moving_final
);
COMMENT ON AGGREGATE life_table(integer, integer) IS
    'durations in seconds, each with its event: 0 censored, 1 to 32 the cause; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE life_table(duration integer, event integer, n bigint) (
    SFUNC = life_table_add, STYPE = life_table, COMBINEFUNC = life_table_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE life_table(integer, integer, bigint) IS
    'durations in seconds, each with its event, n of each; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE life_table(duration integer, event integer, unit text) (
    SFUNC = life_table_add, STYPE = life_table, COMBINEFUNC = life_table_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE life_table(integer, integer, text) IS
    'durations in a unit (second, minute, hour, day), each with its event; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE life_table(duration integer, event integer, n bigint, unit text) (
    SFUNC = life_table_add, STYPE = life_table, COMBINEFUNC = life_table_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE life_table(integer, integer, bigint, text) IS
    'durations in a unit, each with its event, n of each; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE life_table(started date, ended date, event integer) (
    SFUNC = life_table_add, STYPE = life_table, COMBINEFUNC = life_table_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE life_table(date, date, integer) IS
    'durations in days from start to end, each with its event; what has no end is open';

CREATE AGGREGATE life_table(started timestamptz, ended timestamptz, event integer, unit text) (
    SFUNC = life_table_add, STYPE = life_table, COMBINEFUNC = life_table_combine, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE life_table(timestamptz, timestamptz, integer, text) IS
    'durations in seconds, minutes or hours from start to end, each with its event; what has no end is open';

CREATE AGGREGATE rollup(durations life_table) (
    SFUNC = life_table_combine, STYPE = life_table, COMBINEFUNC = life_table_combine, SSPACE = 8192, PARALLEL = SAFE,
    MSFUNC = life_table_move_in, MINVFUNC = life_table_move_out, MSTYPE = internal, MSSPACE = 8192,
    MFINALFUNC = life_table_moving_final
);
COMMENT ON AGGREGATE rollup(life_table) IS 'all durations of several life tables; NULLs are skipped, no life tables give NULL';

-- Operators -----------------------------------------------------------------

CREATE FUNCTION life_table_plus(life_table, life_table) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_minus(life_table, life_table) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_minus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_eq(life_table, life_table) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_life_table_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_ne(life_table, life_table) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_life_table_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_lt(life_table, life_table) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_life_table_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_le(life_table, life_table) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_life_table_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_ge(life_table, life_table) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_life_table_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_gt(life_table, life_table) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_life_table_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_cmp(life_table, life_table) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_life_table_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_hash(life_table) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_life_table_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION life_table_hash_extended(life_table, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_life_table_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION life_table_plus(life_table, life_table) IS 'implementation of + operator';
COMMENT ON FUNCTION life_table_minus(life_table, life_table) IS 'implementation of - operator';
COMMENT ON FUNCTION life_table_eq(life_table, life_table) IS 'implementation of = operator';
COMMENT ON FUNCTION life_table_ne(life_table, life_table) IS 'implementation of <> operator';
COMMENT ON FUNCTION life_table_lt(life_table, life_table) IS 'implementation of < operator';
COMMENT ON FUNCTION life_table_le(life_table, life_table) IS 'implementation of <= operator';
COMMENT ON FUNCTION life_table_ge(life_table, life_table) IS 'implementation of >= operator';
COMMENT ON FUNCTION life_table_gt(life_table, life_table) IS 'implementation of > operator';
COMMENT ON FUNCTION life_table_cmp(life_table, life_table) IS 'less than, equal to, greater than, for btree indexes';
COMMENT ON FUNCTION life_table_hash(life_table) IS 'hash';
COMMENT ON FUNCTION life_table_hash_extended(life_table, bigint) IS '64-bit hash with a seed';

CREATE OPERATOR + (FUNCTION = life_table_plus, LEFTARG = life_table, RIGHTARG = life_table, COMMUTATOR = +);
CREATE OPERATOR - (FUNCTION = life_table_minus, LEFTARG = life_table, RIGHTARG = life_table);
CREATE OPERATOR = (
    FUNCTION = life_table_eq, LEFTARG = life_table, RIGHTARG = life_table,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
    FUNCTION = life_table_ne, LEFTARG = life_table, RIGHTARG = life_table,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
    FUNCTION = life_table_lt, LEFTARG = life_table, RIGHTARG = life_table,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    FUNCTION = life_table_le, LEFTARG = life_table, RIGHTARG = life_table,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR >= (
    FUNCTION = life_table_ge, LEFTARG = life_table, RIGHTARG = life_table,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
CREATE OPERATOR > (
    FUNCTION = life_table_gt, LEFTARG = life_table, RIGHTARG = life_table,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR + (life_table, life_table) IS 'all durations of both';
COMMENT ON OPERATOR - (life_table, life_table) IS 'the durations of the first without those of the second';
COMMENT ON OPERATOR = (life_table, life_table) IS 'the same durations with the same events, each as often';
COMMENT ON OPERATOR <> (life_table, life_table) IS 'not the same durations with the same events, each as often';
COMMENT ON OPERATOR < (life_table, life_table) IS 'sorts before';
COMMENT ON OPERATOR <= (life_table, life_table) IS 'sorts before or equals';
COMMENT ON OPERATOR >= (life_table, life_table) IS 'sorts after or equals';
COMMENT ON OPERATOR > (life_table, life_table) IS 'sorts after';

-- Equal values have equal bytes, so btree indexes may keep duplicates once (support function 4).
CREATE OPERATOR CLASS life_table_ops DEFAULT FOR TYPE life_table USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 life_table_cmp(life_table, life_table),
    FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS life_table_ops USING btree IS 'order by unit, then by durations: censored, each cause, open';
COMMENT ON OPERATOR FAMILY life_table_ops USING btree IS 'order by unit, then by durations: censored, each cause, open';

CREATE OPERATOR CLASS life_table_ops DEFAULT FOR TYPE life_table USING hash AS
    OPERATOR 1 =, FUNCTION 1 life_table_hash(life_table), FUNCTION 2 life_table_hash_extended(life_table, bigint);
COMMENT ON OPERATOR CLASS life_table_ops USING hash IS 'equality of life tables';
COMMENT ON OPERATOR FAMILY life_table_ops USING hash IS 'equality of life tables';

-- Accessors -----------------------------------------------------------------

CREATE FUNCTION close_open(durations life_table, at date) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_close_open_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION close_open(life_table, date) IS 'what is open becomes censored at a date; unit day';

CREATE FUNCTION close_open(durations life_table, at timestamptz) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_close_open_time' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION close_open(life_table, timestamptz) IS
    'what is open becomes censored at a time; unit second, minute or hour';

CREATE FUNCTION censor_after(durations life_table, "time" integer) RETURNS life_table
    AS 'MODULE_PATHNAME', 'nkpi_life_table_censor_after' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION censor_after(life_table, integer) IS
    'the durations as they were when nobody had been followed for longer: what lasted longer becomes censored at that time';

CREATE FUNCTION unit(durations life_table) RETURNS text
    AS 'MODULE_PATHNAME', 'nkpi_life_table_unit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION unit(life_table) IS 'unit of the durations: second, minute, hour or day';

CREATE FUNCTION num_values(durations life_table) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_life_table_num_values' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_values(life_table) IS 'how many durations there are, open ones included';

CREATE FUNCTION num_events(durations life_table) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_life_table_num_events' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_events(life_table) IS 'how many durations ended with an event of any cause';

CREATE FUNCTION num_events(durations life_table, cause integer) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_life_table_num_events_of_cause' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_events(life_table, integer) IS 'how many durations ended with an event of this cause (1 to 32)';

CREATE FUNCTION num_censored(durations life_table) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_life_table_num_censored' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_censored(life_table) IS 'how many durations were last seen without an event, open ones not included';

CREATE FUNCTION num_open(durations life_table) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_life_table_num_open' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_open(life_table) IS 'how many durations are open: begun and not ended';

CREATE FUNCTION buckets(durations life_table) RETURNS TABLE (duration integer, event integer, n bigint)
    AS 'MODULE_PATHNAME', 'nkpi_life_table_buckets' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION buckets(life_table) IS
    'each duration with its event (0 censored) and how many there are, by event and duration; open ones are not among them';

-- Statistics ----------------------------------------------------------------

CREATE FUNCTION survival(durations life_table, at integer, scale text DEFAULT 'log-log', confidence float8 DEFAULT 0.95)
    RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_life_table_survival' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION survival(life_table, integer, text, float8) IS
    'share that has not had the event by a time, by Kaplan and Meier, with its interval; NULL where nobody was followed so long';

CREATE FUNCTION percentile(durations life_table, fraction float8, scale text DEFAULT 'log-log', confidence float8 DEFAULT 0.95)
    RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_life_table_percentile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION percentile(life_table, float8, text, float8) IS
    'time by which a fraction has had the event, by Kaplan and Meier, with its interval; NULL where it is not reached';

CREATE FUNCTION restricted_mean(durations life_table, until integer, confidence float8 DEFAULT 0.95)
    RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_life_table_restricted_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION restricted_mean(life_table, integer, float8) IS
    'mean time to the event or to a limit, whichever is first, with its interval; NULL where nobody was followed so long';

CREATE FUNCTION cumulative_hazard(durations life_table, at integer, confidence float8 DEFAULT 0.95)
    RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_life_table_cumulative_hazard' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cumulative_hazard(life_table, integer, float8) IS
    'cumulative hazard at a time, by Nelson and Aalen, with its interval; NULL where nobody was followed so long';

CREATE FUNCTION incidence(durations life_table, cause integer, at integer, scale text DEFAULT 'log-log',
                          variance text DEFAULT 'jackknife', confidence float8 DEFAULT 0.95)
    RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_life_table_incidence' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION incidence(life_table, integer, integer, text, text, float8) IS
    'share that has had the event of a cause by a time, by Aalen and Johansen, with its interval; NULL beyond what was followed';

CREATE FUNCTION curve(durations life_table, scale text DEFAULT 'log-log', confidence float8 DEFAULT 0.95)
    RETURNS TABLE ("time" integer, at_risk bigint, events bigint, censored bigint, survival float8, lower float8, upper float8,
                   std_error float8, cumulative_hazard float8, cumulative_hazard_std_error float8)
    AS 'MODULE_PATHNAME', 'nkpi_life_table_curve' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION curve(life_table, text, float8) IS
    'survival with its interval and cumulative hazard just after each time at which anything happened';

CREATE FUNCTION incidence_curve(durations life_table, cause integer, scale text DEFAULT 'log-log',
                                variance text DEFAULT 'jackknife', confidence float8 DEFAULT 0.95)
    RETURNS TABLE ("time" integer, at_risk bigint, events bigint, incidence float8, lower float8, upper float8, std_error float8)
    AS 'MODULE_PATHNAME', 'nkpi_life_table_incidence_curve' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION incidence_curve(life_table, integer, text, text, float8) IS
    'incidence of a cause with its interval just after each time at which anything happened';

CREATE TYPE chi_squared_result AS (statistic float8, degrees_of_freedom integer, p_value float8);
COMMENT ON TYPE chi_squared_result IS
    'a chi-squared statistic with its degrees of freedom and the probability of one as large by chance';

CREATE FUNCTION life_table_log_rank(life_table[]) RETURNS chi_squared_result
    AS 'MODULE_PATHNAME', 'nkpi_life_table_log_rank' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION life_table_log_rank(life_table[]) IS 'final function of log_rank(life_table)';

CREATE AGGREGATE log_rank(durations life_table) (
    SFUNC = pg_catalog.array_append, STYPE = life_table[], INITCOND = '{}', COMBINEFUNC = pg_catalog.array_cat,
    FINALFUNC = life_table_log_rank, SSPACE = 8192, PARALLEL = SAFE
);
COMMENT ON AGGREGATE log_rank(life_table) IS
    'log-rank test of whether survival differs between groups, a row a group; NULLs are skipped, NULL where nothing can be said';
