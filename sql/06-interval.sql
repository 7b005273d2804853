-- Intervals over rows: counts and sums that are stored and added, and many tests at once. src/proportion_counts.c, src/rate_counts.c,
-- src/sample_sums.c, src/interval_state.c, src/multiple_testing.c, doc/interval.md

-- proportion_counts ----------------------------------------------------------

CREATE TYPE proportion_counts AS (events bigint, trials bigint);
COMMENT ON TYPE proportion_counts IS
    'how many events there were in how many trials';

CREATE FUNCTION proportion_counts_add(bigint[], event boolean) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'nkpi_proportion_counts_add_event' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION proportion_counts_add(bigint[], boolean) IS 'transition function of proportion_counts(boolean)';
CREATE FUNCTION proportion_counts_add(bigint[], events bigint, trials bigint) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'nkpi_proportion_counts_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION proportion_counts_add(bigint[], bigint, bigint) IS 'transition function of proportion_counts(bigint, bigint)';
CREATE FUNCTION proportion_counts_add(bigint[], counts proportion_counts) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'nkpi_proportion_counts_add_counts' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION proportion_counts_add(bigint[], proportion_counts) IS 'transition function of rollup(proportion_counts)';
CREATE FUNCTION proportion_counts_combine(bigint[], bigint[]) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'nkpi_proportion_counts_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION proportion_counts_combine(bigint[], bigint[]) IS 'combine function of the proportion_counts aggregates';
CREATE FUNCTION proportion_counts_final(bigint[]) RETURNS proportion_counts
    AS 'MODULE_PATHNAME', 'nkpi_proportion_counts_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION proportion_counts_final(bigint[]) IS 'final function of the proportion_counts aggregates';

CREATE AGGREGATE proportion_counts(event boolean) (
    SFUNC = proportion_counts_add, STYPE = bigint[], COMBINEFUNC = proportion_counts_combine, FINALFUNC = proportion_counts_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE proportion_counts(boolean) IS
    'how many of the rows are true, of those that are true or false; NULL where none is';

CREATE AGGREGATE proportion_counts(events bigint, trials bigint) (
    SFUNC = proportion_counts_add, STYPE = bigint[], COMBINEFUNC = proportion_counts_combine, FINALFUNC = proportion_counts_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE proportion_counts(bigint, bigint) IS
    'the sums of events and of trials; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE rollup(counts proportion_counts) (
    SFUNC = proportion_counts_add, STYPE = bigint[], COMBINEFUNC = proportion_counts_combine, FINALFUNC = proportion_counts_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(proportion_counts) IS
    'the counts of several together; NULLs are skipped, no counts give NULL';

CREATE FUNCTION proportion_counts_plus(proportion_counts, proportion_counts) RETURNS proportion_counts
    AS 'MODULE_PATHNAME', 'nkpi_proportion_counts_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION proportion_counts_plus(proportion_counts, proportion_counts) IS 'implementation of + operator';
CREATE OPERATOR + (FUNCTION = proportion_counts_plus, LEFTARG = proportion_counts, RIGHTARG = proportion_counts, COMMUTATOR = +);
COMMENT ON OPERATOR + (proportion_counts, proportion_counts) IS 'of the rows of both';

CREATE FUNCTION proportion_interval(counts proportion_counts, confidence float8 DEFAULT 0.95, method text DEFAULT 'wilson',
                                    multiplier float8 DEFAULT 1) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_proportion_counts_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION proportion_interval(proportion_counts, float8, text, float8) IS
    'events / trials * multiplier with its interval, as of the counts themselves';

-- rate_counts ----------------------------------------------------------------

CREATE TYPE rate_counts AS (events bigint, exposure float8[]);
COMMENT ON TYPE rate_counts IS
    'how many events there were over which exposure, the exact sum being that of the array: the nearest float8 first, then what is left';

CREATE FUNCTION rate_counts_add(float8[], events bigint, exposure float8) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_rate_counts_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rate_counts_add(float8[], bigint, float8) IS 'transition function of rate_counts(bigint, float8)';
CREATE FUNCTION rate_counts_add(float8[], counts rate_counts) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_rate_counts_add_counts' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rate_counts_add(float8[], rate_counts) IS 'transition function of rollup(rate_counts)';
CREATE FUNCTION rate_counts_combine(float8[], float8[]) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_rate_counts_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rate_counts_combine(float8[], float8[]) IS 'combine function of the rate_counts aggregates';
CREATE FUNCTION rate_counts_final(float8[]) RETURNS rate_counts
    AS 'MODULE_PATHNAME', 'nkpi_rate_counts_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_counts_final(float8[]) IS 'final function of the rate_counts aggregates';

CREATE AGGREGATE rate_counts(events bigint, exposure float8) (
    SFUNC = rate_counts_add, STYPE = float8[], COMBINEFUNC = rate_counts_combine, FINALFUNC = rate_counts_final, SSPACE = 128, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rate_counts(bigint, float8) IS
    'the sums of events and of exposures, exact in any order; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE rollup(counts rate_counts) (
    SFUNC = rate_counts_add, STYPE = float8[], COMBINEFUNC = rate_counts_combine, FINALFUNC = rate_counts_final, SSPACE = 128, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(rate_counts) IS
    'the counts and exposures of several together; NULLs are skipped, no counts give NULL';

CREATE FUNCTION rate_counts_plus(rate_counts, rate_counts) RETURNS rate_counts
    AS 'MODULE_PATHNAME', 'nkpi_rate_counts_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_counts_plus(rate_counts, rate_counts) IS 'implementation of + operator';
CREATE OPERATOR + (FUNCTION = rate_counts_plus, LEFTARG = rate_counts, RIGHTARG = rate_counts, COMMUTATOR = +);
COMMENT ON OPERATOR + (rate_counts, rate_counts) IS 'of the rows of both';

CREATE FUNCTION rate_interval(counts rate_counts, multiplier float8 DEFAULT 1, confidence float8 DEFAULT 0.95, method text DEFAULT 'automatic')
    RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_rate_counts_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_interval(rate_counts, float8, float8, text) IS
    'events / exposure * multiplier with its interval, as of the counts themselves';

-- sample_sums ----------------------------------------------------------------

CREATE TYPE sample_sums AS (n bigint, total float8[], total_of_squares float8[]);
COMMENT ON TYPE sample_sums IS
    'how many values there were, their exact sum and that of their squares: of each the nearest float8 first, then what is left';

CREATE FUNCTION sample_sums_add(float8[], value float8) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_sample_sums_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sample_sums_add(float8[], float8) IS 'transition function of sample_sums(float8)';
CREATE FUNCTION sample_sums_add(float8[], sums sample_sums) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_sample_sums_add_sums' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sample_sums_add(float8[], sample_sums) IS 'transition function of rollup(sample_sums)';
CREATE FUNCTION sample_sums_combine(float8[], float8[]) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'nkpi_sample_sums_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sample_sums_combine(float8[], float8[]) IS 'combine function of the sample_sums aggregates';
CREATE FUNCTION sample_sums_final(float8[]) RETURNS sample_sums
    AS 'MODULE_PATHNAME', 'nkpi_sample_sums_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sample_sums_final(float8[]) IS 'final function of the sample_sums aggregates';

CREATE AGGREGATE sample_sums(value float8) (
    SFUNC = sample_sums_add, STYPE = float8[], COMBINEFUNC = sample_sums_combine, FINALFUNC = sample_sums_final, SSPACE = 128, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sample_sums(float8) IS
    'what mean_interval() needs of values, exact in any order; NULLs are skipped, no values give NULL';

CREATE AGGREGATE rollup(sums sample_sums) (
    SFUNC = sample_sums_add, STYPE = float8[], COMBINEFUNC = sample_sums_combine, FINALFUNC = sample_sums_final, SSPACE = 128, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(sample_sums) IS
    'the sums of several samples together; NULLs are skipped, no sums give NULL';

CREATE FUNCTION sample_sums_plus(sample_sums, sample_sums) RETURNS sample_sums
    AS 'MODULE_PATHNAME', 'nkpi_sample_sums_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sample_sums_plus(sample_sums, sample_sums) IS 'implementation of + operator';
CREATE OPERATOR + (FUNCTION = sample_sums_plus, LEFTARG = sample_sums, RIGHTARG = sample_sums, COMMUTATOR = +);
COMMENT ON OPERATOR + (sample_sums, sample_sums) IS 'of the rows of both';

CREATE FUNCTION mean_interval(sums sample_sums, confidence float8 DEFAULT 0.95) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_sample_sums_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mean_interval(sample_sums, float8) IS 'the mean with its interval by Student''s t, which a single value has not';

-- Many tests at once --------------------------------------------------------

CREATE FUNCTION benjamini_hochberg(p_value float8) RETURNS float8
    AS 'MODULE_PATHNAME', 'nkpi_benjamini_hochberg' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION benjamini_hochberg(float8) IS
    'Benjamini and Hochberg''s q of each p-value of a family of tests, the window partition; NULL for NULL, which is no test';
