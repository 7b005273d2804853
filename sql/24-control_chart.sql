-- Control charts and run charts of a series, as window functions. src/control_chart.c, doc/control_chart.md

CREATE TYPE control_chart_point AS (value float8, centre float8, lower_limit float8, upper_limit float8, lower_two_sigma float8, upper_two_sigma float8,
    rule text, variation text, assurance text, points_in_phase bigint);
COMMENT ON TYPE control_chart_point IS
    'a point of a control chart: its value, centre line, limits at three and two sigma, the rule that flags it, what that means, and whether the limits meet the target';

CREATE TYPE run_chart_point AS (value float8, centre float8, rule text, longest_run bigint, longest_run_limit bigint, crossings bigint, crossings_limit bigint,
    useful_points bigint, points_in_phase bigint);
COMMENT ON TYPE run_chart_point IS
    'a point of a run chart: its value, the median, and by Anhoej''s rules whether the phase is random: its longest run and its crossings of the median, with their limits';

CREATE FUNCTION xmr_chart(value float8, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral', two_sigma_variant text DEFAULT 'between', screen_moving_ranges boolean DEFAULT false)
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_xmr_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION xmr_chart(float8, integer, text, boolean, float8, text, text, boolean) IS
    'XmR chart of single values: limits 2.66 average moving ranges from the mean; NULL where the value is';

CREATE FUNCTION moving_range_chart(value float8, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL)
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_moving_range_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION moving_range_chart(float8, integer, text) IS
    'moving range chart: how far each value is from the one before, upper limit 3.267 averages; NULL where either value is missing';

CREATE FUNCTION c_chart(events bigint, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral', two_sigma_variant text DEFAULT 'between')
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_c_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION c_chart(bigint, integer, text, boolean, float8, text, text) IS
    'c chart of counts of rare events in equal periods: Poisson limits; NULL where the count is';

CREATE FUNCTION p_chart(events bigint, trials bigint, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral', two_sigma_variant text DEFAULT 'between')
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_p_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION p_chart(bigint, bigint, integer, text, boolean, float8, text, text) IS
    'p chart of the share of trials that were events: binomial limits by the number of trials; NULL where there were none';

CREATE FUNCTION p_prime_chart(events bigint, trials bigint, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral', two_sigma_variant text DEFAULT 'between', screen_moving_ranges boolean DEFAULT false)
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_p_prime_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION p_prime_chart(bigint, bigint, integer, text, boolean, float8, text, text, boolean) IS
    'Laney''s p'' chart: a p chart whose limits allow for variation beyond the binomial; NULL where there were no trials';

CREATE FUNCTION u_chart(events bigint, exposure float8, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral', two_sigma_variant text DEFAULT 'between', multiplier float8 DEFAULT 1)
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_u_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION u_chart(bigint, float8, integer, text, boolean, float8, text, text, float8) IS
    'u chart of the rate of events by exposure, times the multiplier: Poisson limits by the exposure; NULL where there was none';

CREATE FUNCTION u_prime_chart(events bigint, exposure float8, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral', two_sigma_variant text DEFAULT 'between', screen_moving_ranges boolean DEFAULT false,
        multiplier float8 DEFAULT 1)
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_u_prime_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION u_prime_chart(bigint, float8, integer, text, boolean, float8, text, text, boolean, float8) IS
    'Laney''s u'' chart: a u chart whose limits allow for variation beyond the Poisson; NULL where there was no exposure';

CREATE FUNCTION g_chart(number_between bigint, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral')
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_g_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION g_chart(bigint, integer, text, boolean, float8, text) IS
    'g chart of the number of cases, or days, between two rare events: geometric limits about the mean, runs about the median; NULL where the number is';

CREATE FUNCTION t_chart(time_between float8, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false,
        target float8 DEFAULT NULL, improvement_direction text DEFAULT 'neutral', two_sigma_variant text DEFAULT 'between', screen_moving_ranges boolean DEFAULT false)
    RETURNS control_chart_point AS 'MODULE_PATHNAME', 'nkpi_t_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION t_chart(float8, integer, text, boolean, float8, text, text, boolean) IS
    't chart of the time between two rare events: limits of single values on the scale of its power 1 / 3.6; NULL where the time is';

CREATE FUNCTION run_chart(value float8, baseline_points integer DEFAULT NULL, phase text DEFAULT NULL, excluded boolean DEFAULT false, centre float8 DEFAULT NULL)
    RETURNS run_chart_point AS 'MODULE_PATHNAME', 'nkpi_run_chart' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION run_chart(float8, integer, text, boolean, float8) IS
    'run chart about the median, or a centre that is given: Anhoej''s rules of the longest run and the number of crossings; NULL where the value is';
