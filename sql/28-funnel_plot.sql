-- Which units of a set differ from it by more than chance. src/funnel_plot.c, src/core/funnel_plot.c, doc/funnel_plot.md

CREATE TYPE funnel_plot_point AS (
    value float8, centre float8, inner_lower_limit float8, inner_upper_limit float8, outer_lower_limit float8, outer_upper_limit float8,
    z_score float8, p_value float8, dispersion_ratio float8, between_variance float8, verdict text
);
COMMENT ON TYPE funnel_plot_point IS
    'a unit on a funnel plot: its value, the centre, the limits for its size, z and its p-value, how much the units are dispersed, and the verdict';

CREATE FUNCTION funnel_plot_proportion(events bigint, trials bigint, inner_confidence float8 DEFAULT 0.95,
                                       outer_confidence float8 DEFAULT 0.998, dispersion text DEFAULT 'none', target float8 DEFAULT NULL,
                                       limits text DEFAULT 'exact', centre text DEFAULT 'all')
    RETURNS funnel_plot_point
    AS 'MODULE_PATHNAME', 'nkpi_funnel_plot_proportion' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION funnel_plot_proportion(bigint, bigint, float8, float8, text, float8, text, text) IS
    'window function: events / trials of a unit beside all units of the partition, with limits for its size';

CREATE FUNCTION funnel_plot_rate(events bigint, exposure float8, multiplier float8 DEFAULT 1, inner_confidence float8 DEFAULT 0.95,
                                 outer_confidence float8 DEFAULT 0.998, dispersion text DEFAULT 'none', target float8 DEFAULT NULL,
                                 centre text DEFAULT 'all')
    RETURNS funnel_plot_point
    AS 'MODULE_PATHNAME', 'nkpi_funnel_plot_rate' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION funnel_plot_rate(bigint, float8, float8, float8, float8, text, float8, text) IS
    'window function: events / exposure * multiplier of a unit beside all units of the partition, with limits for its size';

CREATE FUNCTION funnel_plot_ratio(observed bigint, expected float8, inner_confidence float8 DEFAULT 0.95,
                                  outer_confidence float8 DEFAULT 0.998, dispersion text DEFAULT 'none', target float8 DEFAULT 1,
                                  centre text DEFAULT 'all')
    RETURNS funnel_plot_point
    AS 'MODULE_PATHNAME', 'nkpi_funnel_plot_ratio' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION funnel_plot_ratio(bigint, float8, float8, float8, text, float8, text) IS
    'window function: observed / expected of a unit beside all units of the partition, with limits for its size';
