-- A value with its confidence interval. src/estimate.c, doc/estimate.md

CREATE TYPE estimate AS (value float8, lower float8, upper float8);
COMMENT ON TYPE estimate IS 'a value with the lower and upper limit of its confidence interval';

CREATE FUNCTION proportion_interval(events bigint, trials bigint, confidence float8 DEFAULT 0.95) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_proportion_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION proportion_interval(bigint, bigint, float8) IS
    'events / trials with its Wilson score interval; NULL where there were no trials';

CREATE FUNCTION rate_interval(events bigint, exposure float8, multiplier float8 DEFAULT 1, confidence float8 DEFAULT 0.95)
    RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_rate_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_interval(bigint, float8, float8, float8) IS
    'events / exposure * multiplier with its interval: exact Poisson below 10 events, Byar from 10; NULL where exposure is 0';
