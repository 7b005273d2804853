-- Comparing two distributions of durations. src/two_sample.c, doc/two_sample.md

CREATE TYPE mann_whitney_result AS (u float8, probability_larger float8, z float8, p_value float8);
COMMENT ON TYPE mann_whitney_result IS
    'U of the first sample, the probability that its durations are larger (ties half), and the two-sided test by normal approximation';

CREATE FUNCTION mann_whitney(first duration_dist, second duration_dist) RETURNS mann_whitney_result
    AS 'MODULE_PATHNAME', 'nkpi_mann_whitney' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION mann_whitney(duration_dist, duration_dist) IS
    'Mann-Whitney test of whether durations tend to be larger in one than in the other, corrected for ties and continuity; NULL where one is empty';

CREATE FUNCTION hodges_lehmann(first duration_dist, second duration_dist, confidence float8 DEFAULT 0.95) RETURNS estimate
    AS 'MODULE_PATHNAME', 'nkpi_hodges_lehmann' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION hodges_lehmann(duration_dist, duration_dist, float8) IS
    'by how many seconds the first are longer: the median of all differences, with its interval; NULL where one is empty';

CREATE TYPE kolmogorov_smirnov_result AS (d float8, p_value float8);
COMMENT ON TYPE kolmogorov_smirnov_result IS 'the largest distance between two distribution functions, and the two-sided test by the limiting distribution';

CREATE FUNCTION kolmogorov_smirnov(first duration_dist, second duration_dist) RETURNS kolmogorov_smirnov_result
    AS 'MODULE_PATHNAME', 'nkpi_kolmogorov_smirnov' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION kolmogorov_smirnov(duration_dist, duration_dist) IS
    'Kolmogorov-Smirnov test of whether two distributions differ at all; NULL where one is empty';
