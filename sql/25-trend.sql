-- Points in time with a value and an exposure, and whether they rise or fall. src/time_series.c, src/trend.c,
-- src/core/{time_series,mann_kendall,poisson_trend,negative_binomial_trend,joinpoint}.c, doc/trend.md

CREATE TYPE time_series;

CREATE FUNCTION time_series_in(cstring) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_out(time_series) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_time_series_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_recv(internal) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_send(time_series) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_time_series_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION time_series_in(cstring) IS 'text input of time_series';
COMMENT ON FUNCTION time_series_out(time_series) IS 'text output of time_series';
COMMENT ON FUNCTION time_series_recv(internal) IS 'binary input of time_series';
COMMENT ON FUNCTION time_series_send(time_series) IS 'binary output of time_series';

CREATE TYPE time_series (
    INPUT = time_series_in, OUTPUT = time_series_out, RECEIVE = time_series_recv, SEND = time_series_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE time_series IS 'points in time, each with a value and what it was counted over: {time:value, time:value/exposure, ...}';

-- Aggregates ----------------------------------------------------------------

CREATE FUNCTION time_series_add(time_series, "time" float8, value float8) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION time_series_add(time_series, "time" float8, value float8, exposure float8) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION time_series_add(time_series, day date, value float8) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION time_series_add(time_series, day date, value float8, exposure float8) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION time_series_combine(time_series, time_series) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION time_series_final(time_series) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION time_series_add(time_series, float8, float8) IS 'transition function of time_series(float8, float8)';
COMMENT ON FUNCTION time_series_add(time_series, float8, float8, float8) IS 'transition function of time_series(float8, float8, float8)';
COMMENT ON FUNCTION time_series_add(time_series, date, float8) IS 'transition function of time_series(date, float8)';
COMMENT ON FUNCTION time_series_add(time_series, date, float8, float8) IS 'transition function of time_series(date, float8, float8)';
COMMENT ON FUNCTION time_series_combine(time_series, time_series) IS
    'combine function of the time_series aggregates and transition function of rollup(time_series)';
COMMENT ON FUNCTION time_series_final(time_series) IS 'final function of the time_series aggregates: the points in order';

CREATE AGGREGATE time_series("time" float8, value float8) (
    SFUNC = time_series_add, STYPE = time_series, COMBINEFUNC = time_series_combine, FINALFUNC = time_series_final,
    FINALFUNC_MODIFY = READ_ONLY, SSPACE = 256, PARALLEL = SAFE
);
COMMENT ON AGGREGATE time_series(float8, float8) IS
    'values at times, which are numbers in a unit of your own; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE time_series("time" float8, value float8, exposure float8) (
    SFUNC = time_series_add, STYPE = time_series, COMBINEFUNC = time_series_combine, FINALFUNC = time_series_final,
    FINALFUNC_MODIFY = READ_ONLY, SSPACE = 256, PARALLEL = SAFE
);
COMMENT ON AGGREGATE time_series(float8, float8, float8) IS
    'values at times with what they were counted over; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE time_series(day date, value float8) (
    SFUNC = time_series_add, STYPE = time_series, COMBINEFUNC = time_series_combine, FINALFUNC = time_series_final,
    FINALFUNC_MODIFY = READ_ONLY, SSPACE = 256, PARALLEL = SAFE
);
COMMENT ON AGGREGATE time_series(date, float8) IS
    'values at dates, in years of 365.25 days; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE time_series(day date, value float8, exposure float8) (
    SFUNC = time_series_add, STYPE = time_series, COMBINEFUNC = time_series_combine, FINALFUNC = time_series_final,
    FINALFUNC_MODIFY = READ_ONLY, SSPACE = 256, PARALLEL = SAFE
);
COMMENT ON AGGREGATE time_series(date, float8, float8) IS
    'values at dates, in years of 365.25 days, with what they were counted over; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE rollup(series time_series) (
    SFUNC = time_series_combine, STYPE = time_series, COMBINEFUNC = time_series_combine, FINALFUNC = time_series_final,
    FINALFUNC_MODIFY = READ_ONLY, SSPACE = 256, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(time_series) IS 'all points of several time series; NULLs are skipped, no series give NULL';

-- Operators -----------------------------------------------------------------

CREATE FUNCTION time_series_plus(time_series, time_series) RETURNS time_series
    AS 'MODULE_PATHNAME', 'nkpi_time_series_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_eq(time_series, time_series) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_time_series_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_ne(time_series, time_series) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_time_series_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_lt(time_series, time_series) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_time_series_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_le(time_series, time_series) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_time_series_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_ge(time_series, time_series) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_time_series_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_gt(time_series, time_series) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_time_series_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_cmp(time_series, time_series) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_time_series_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_hash(time_series) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_time_series_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION time_series_hash_extended(time_series, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_time_series_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION time_series_plus(time_series, time_series) IS 'implementation of + operator';
COMMENT ON FUNCTION time_series_eq(time_series, time_series) IS 'implementation of = operator';
COMMENT ON FUNCTION time_series_ne(time_series, time_series) IS 'implementation of <> operator';
COMMENT ON FUNCTION time_series_lt(time_series, time_series) IS 'implementation of < operator';
COMMENT ON FUNCTION time_series_le(time_series, time_series) IS 'implementation of <= operator';
COMMENT ON FUNCTION time_series_ge(time_series, time_series) IS 'implementation of >= operator';
COMMENT ON FUNCTION time_series_gt(time_series, time_series) IS 'implementation of > operator';
COMMENT ON FUNCTION time_series_cmp(time_series, time_series) IS 'less than, equal to, greater than, for btree indexes';
COMMENT ON FUNCTION time_series_hash(time_series) IS 'hash';
COMMENT ON FUNCTION time_series_hash_extended(time_series, bigint) IS '64-bit hash with a seed';

CREATE OPERATOR + (FUNCTION = time_series_plus, LEFTARG = time_series, RIGHTARG = time_series, COMMUTATOR = +);
CREATE OPERATOR = (
    FUNCTION = time_series_eq, LEFTARG = time_series, RIGHTARG = time_series,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
    FUNCTION = time_series_ne, LEFTARG = time_series, RIGHTARG = time_series,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
    FUNCTION = time_series_lt, LEFTARG = time_series, RIGHTARG = time_series, COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    FUNCTION = time_series_le, LEFTARG = time_series, RIGHTARG = time_series, COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR >= (
    FUNCTION = time_series_ge, LEFTARG = time_series, RIGHTARG = time_series, COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
CREATE OPERATOR > (
    FUNCTION = time_series_gt, LEFTARG = time_series, RIGHTARG = time_series, COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR + (time_series, time_series) IS 'all points of both';
COMMENT ON OPERATOR = (time_series, time_series) IS 'the same points';
COMMENT ON OPERATOR <> (time_series, time_series) IS 'not the same points';
COMMENT ON OPERATOR < (time_series, time_series) IS 'before, point by point';
COMMENT ON OPERATOR <= (time_series, time_series) IS 'before or the same, point by point';
COMMENT ON OPERATOR >= (time_series, time_series) IS 'after or the same, point by point';
COMMENT ON OPERATOR > (time_series, time_series) IS 'after, point by point';

CREATE OPERATOR CLASS time_series_ops DEFAULT FOR TYPE time_series USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 time_series_cmp(time_series, time_series);
COMMENT ON OPERATOR FAMILY time_series_ops USING btree IS 'order of time series';
COMMENT ON OPERATOR CLASS time_series_ops USING btree IS 'order of time series: point by point, by time, value and exposure; then the shorter first';
CREATE OPERATOR CLASS time_series_hash_ops DEFAULT FOR TYPE time_series USING hash AS
    OPERATOR 1 =, FUNCTION 1 time_series_hash(time_series), FUNCTION 2 time_series_hash_extended(time_series, bigint);
COMMENT ON OPERATOR FAMILY time_series_hash_ops USING hash IS 'equality of time series';
COMMENT ON OPERATOR CLASS time_series_hash_ops USING hash IS 'equality of time series';

-- Accessors -----------------------------------------------------------------

CREATE FUNCTION num_values(series time_series) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_time_series_num_values' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_values(time_series) IS 'how many points there are';

CREATE TYPE mann_kendall_result AS (n bigint, s bigint, variance float8, z float8, p_value float8, tau float8);
COMMENT ON TYPE mann_kendall_result IS
    'points, rising pairs less falling pairs, its variance corrected for ties, the two-sided test by normal approximation with continuity correction, tau-b';

CREATE FUNCTION mann_kendall(series time_series) RETURNS mann_kendall_result
    AS 'MODULE_PATHNAME', 'nkpi_mann_kendall' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION mann_kendall(time_series) IS
    'Mann-Kendall test of whether a rate rises or falls; no test where all are the same, NULL below two points';

CREATE FUNCTION seasonal_mann_kendall(series time_series, seasons integer DEFAULT 12) RETURNS mann_kendall_result
    AS 'MODULE_PATHNAME', 'nkpi_seasonal_mann_kendall' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION seasonal_mann_kendall(time_series, integer) IS
    'Mann-Kendall test within seasons, added up (Hirsch and Slack); times are whole numbers of periods, a season a remainder';

CREATE TYPE sen_slope_result AS (n bigint, slope float8, lower float8, upper float8, intercept float8);
COMMENT ON TYPE sen_slope_result IS 'points, the median slope of all pairs for each unit of time, its limits, and where the line is at time 0';

CREATE FUNCTION sen_slope(series time_series, confidence float8 DEFAULT 0.95) RETURNS sen_slope_result
    AS 'MODULE_PATHNAME', 'nkpi_sen_slope' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION sen_slope(time_series, float8) IS
    'Sen''s slope for each unit of time with its interval; limits NULL where points are too few, NULL below two times';

CREATE FUNCTION seasonal_sen_slope(series time_series, seasons integer DEFAULT 12, confidence float8 DEFAULT 0.95) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_seasonal_sen_slope' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION seasonal_sen_slope(time_series, integer, float8) IS
    'Sen''s slope within seasons, for each cycle of seasons (a year of months), with its interval';

CREATE TYPE poisson_trend_result AS (
    n bigint, rate_ratio float8, wald_lower float8, wald_upper float8, wald_p_value float8,
    dispersion float8, quasi_lower float8, quasi_upper float8, quasi_p_value float8);
COMMENT ON TYPE poisson_trend_result IS
    'points, rate ratio for each unit of time, interval and p-value if counts are Poisson, how many times as variable they are, and both by quasi-Poisson';

CREATE FUNCTION poisson_trend(series time_series, confidence float8 DEFAULT 0.95) RETURNS poisson_trend_result
    AS 'MODULE_PATHNAME', 'nkpi_poisson_trend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION poisson_trend(time_series, float8) IS
    'log-linear trend of counts with exposure: rate ratio by Poisson regression, with its dispersion; NULL below three points';

CREATE TYPE negative_binomial_trend_result AS (n bigint, rate_ratio float8, lower float8, upper float8, p_value float8, theta float8);
COMMENT ON TYPE negative_binomial_trend_result IS
    'points, rate ratio for each unit of time, its limits and two-sided p-value by Wald, and theta: the variance is mean + mean^2 / theta, NULL where it is the mean';

CREATE FUNCTION negative_binomial_trend(series time_series, confidence float8 DEFAULT 0.95) RETURNS negative_binomial_trend_result
    AS 'MODULE_PATHNAME', 'nkpi_negative_binomial_trend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION negative_binomial_trend(time_series, float8) IS
    'log-linear trend of counts that vary more than Poisson''s, with exposure, by maximum likelihood; NULL below 24 points';

CREATE TYPE annual_percent_change_result AS (n bigint, percent_change float8, lower float8, upper float8, p_value float8);
COMMENT ON TYPE annual_percent_change_result IS
    'points, per cent by which the rate changes with each unit of time, its limits, and the two-sided test by t with n - 2 degrees of freedom';

CREATE FUNCTION annual_percent_change(series time_series, confidence float8 DEFAULT 0.95) RETURNS annual_percent_change_result
    AS 'MODULE_PATHNAME', 'nkpi_annual_percent_change' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION annual_percent_change(time_series, float8) IS
    'annual percent change by least squares on the logarithm of the rate; NULL below three points, or where a rate is 0';

CREATE TYPE joinpoint_result AS (
    n bigint, joinpoint float8, percent_change_before float8, percent_change_after float8,
    f_statistic float8, p_value float8, permutations integer);
COMMENT ON TYPE joinpoint_result IS
    'points, the time at which the trend changes most, per cent a unit of time before and after it, and the permutation test of whether it does at all';

CREATE FUNCTION joinpoint(series time_series, permutations integer DEFAULT 4499, seed bigint DEFAULT 1) RETURNS joinpoint_result
    AS 'MODULE_PATHNAME', 'nkpi_joinpoint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION joinpoint(time_series, integer, bigint) IS
    'one joinpoint by grid search, with its permutation test (Kim and others); NULL below five points, or where a rate is 0';
