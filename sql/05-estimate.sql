-- A value with its confidence interval. src/estimate.c, src/comparison.c, doc/estimate.md

CREATE TYPE estimate AS (value float8, lower float8, upper float8);
COMMENT ON TYPE estimate IS 'a value with the lower and upper limit of its confidence interval';

-- One sample ----------------------------------------------------------------

CREATE FUNCTION proportion_interval(events bigint, trials bigint, confidence float8 DEFAULT 0.95, method text DEFAULT 'wilson',
                                    multiplier float8 DEFAULT 1) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_proportion_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION proportion_interval(bigint, bigint, float8, text, float8) IS
    'events / trials * multiplier with its interval: wilson (score) or clopper_pearson (exact); NULL where there were no trials';

CREATE FUNCTION count_interval(events bigint, confidence float8 DEFAULT 0.95, method text DEFAULT 'automatic') RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_count_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION count_interval(bigint, float8, text) IS
    'a count of events with the interval of its Poisson mean: exact, byar, or automatic, which is exact below 10 events and byar from 10';

CREATE FUNCTION rate_interval(events bigint, exposure float8, multiplier float8 DEFAULT 1, confidence float8 DEFAULT 0.95,
                              method text DEFAULT 'automatic') RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_rate_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_interval(bigint, float8, float8, float8, text) IS
    'events / exposure * multiplier with its interval by the methods of count_interval(); NULL where exposure is 0';

CREATE FUNCTION mean_interval(n bigint, mean float8, standard_deviation float8, confidence float8 DEFAULT 0.95) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_mean_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mean_interval(bigint, float8, float8, float8) IS
    'the mean of n values with its interval by Student''s t, which a single value has not; NULL where there are none';

-- Two samples ---------------------------------------------------------------

CREATE FUNCTION proportion_difference_interval(events1 bigint, trials1 bigint, events2 bigint, trials2 bigint, confidence float8 DEFAULT 0.95,
                                               multiplier float8 DEFAULT 1) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_proportion_difference_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION proportion_difference_interval(bigint, bigint, bigint, bigint, float8, float8) IS
    'the first proportion less the second, times a multiplier, with its interval: Newcombe''s method 10; NULL where one had no trials';

CREATE FUNCTION proportion_ratio_interval(events1 bigint, trials1 bigint, events2 bigint, trials2 bigint, confidence float8 DEFAULT 0.95,
                                          method text DEFAULT 'koopman') RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_proportion_ratio_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION proportion_ratio_interval(bigint, bigint, bigint, bigint, float8, text) IS
    'the first proportion over the second with its interval: koopman (score) or katz (logarithms); NULL where one had no trials or both no events';

CREATE TYPE rate_ratio_result AS (value float8, lower float8, upper float8, p_value float8);
COMMENT ON TYPE rate_ratio_result IS 'the ratio of two rates, the limits of its exact interval, and the two-sided exact test that it is 1';

CREATE FUNCTION rate_ratio(events1 bigint, exposure1 float8, events2 bigint, exposure2 float8, confidence float8 DEFAULT 0.95)
    RETURNS rate_ratio_result
    AS 'MODULE_PATHNAME', 'nkpi_rate_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION rate_ratio(bigint, float8, bigint, float8, float8) IS
    'the first rate over the second, exact given how many events there were in all; NULL where an exposure is 0 or there was no event';

CREATE TYPE dispersed_rate_ratio_result AS (value float8, exact_lower float8, exact_upper float8, dispersed_lower float8, dispersed_upper float8);
COMMENT ON TYPE dispersed_rate_ratio_result IS
    'the ratio of two rates with two intervals: of chance alone, and of counts that vary more (or less) than by chance';

CREATE FUNCTION dispersed_rate_ratio(events1 bigint, exposure1 float8, events2 bigint, exposure2 float8, dispersion float8,
                                     degrees_of_freedom float8 DEFAULT 'infinity', confidence float8 DEFAULT 0.95)
    RETURNS dispersed_rate_ratio_result
    AS 'MODULE_PATHNAME', 'nkpi_dispersed_rate_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION dispersed_rate_ratio(bigint, float8, bigint, float8, float8, float8, float8) IS
    'the first rate over the second with the exact interval of chance alone and the quasi-Poisson one of a given dispersion';
