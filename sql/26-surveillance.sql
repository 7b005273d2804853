-- Watching series of counts for outbreaks. src/surveillance.c, src/farrington.c, doc/surveillance.md

CREATE TYPE ears_result AS (expected float8, upper_bound float8, score float8, alarm boolean, reason text);
COMMENT ON TYPE ears_result IS
    'the baseline''s mean, the bound above which a count raises the alarm, how far the count is from the mean, and why there is no result';

CREATE FUNCTION ears(count bigint, method text DEFAULT 'C1', baseline integer DEFAULT 7, alpha float8 DEFAULT NULL, min_sigma float8 DEFAULT 0)
    RETURNS ears_result
    AS 'MODULE_PATHNAME', 'nkpi_ears' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ears(bigint, text, integer, float8, float8) IS
    'EARS: whether a count is above a baseline of the points shortly before, by method C1, C2, C3 or C3_hutwagner';

CREATE TYPE cusum_result AS (expected float8, score float8, cusum float8, threshold float8, alarm boolean, reason text);
COMMENT ON TYPE cusum_result IS
    'what was expected, the cumulative sum with this count, the sum carried on, the count from which the alarm is raised, and why there is no result';

CREATE FUNCTION cusum(count bigint, baseline integer DEFAULT NULL, expected float8 DEFAULT NULL, k float8 DEFAULT 1.04, h float8 DEFAULT 2.26,
                      transformation text DEFAULT 'standard', reset boolean DEFAULT false)
    RETURNS cusum_result
    AS 'MODULE_PATHNAME', 'nkpi_cusum' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION cusum(bigint, integer, float8, float8, float8, text, boolean) IS
    'CUSUM: whether counts have been above what is expected, summed over time, which finds a small lasting rise';

CREATE TYPE farrington_result AS (expected float8, upper_bound float8, score float8, p_value float8, alarm boolean, reason text,
                                  trend boolean, slope float8, dispersion float8);
COMMENT ON TYPE farrington_result IS
    'what past years predict, the bound above which a count raises the alarm, the score, why there is no result, and the model: trend, dispersion';

CREATE FUNCTION farrington_flexible(count bigint, period_start date DEFAULT NULL, population float8 DEFAULT NULL, freq integer DEFAULT 52,
                                    b integer DEFAULT 5, w integer DEFAULT 3, reweight boolean DEFAULT true,
                                    weights_threshold float8 DEFAULT 2.58, alpha float8 DEFAULT 0.05, trend boolean DEFAULT true,
                                    p_threshold_trend float8 DEFAULT 0.05, limit_cases integer DEFAULT 5, limit_periods integer DEFAULT 4,
                                    power_transformation text DEFAULT '2/3', no_periods integer DEFAULT 1,
                                    past_weeks_not_included integer DEFAULT NULL, threshold_method text DEFAULT 'delta',
                                    standard_error text DEFAULT 'surveillance')
    RETURNS farrington_result
    AS 'MODULE_PATHNAME', 'nkpi_farrington_flexible' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION farrington_flexible(bigint, date, float8, integer, integer, integer, boolean, float8, float8, boolean, float8, integer, integer,
                                        text, integer, integer, text, text) IS
    'Farrington''s method, and its improved version by parameters: whether a count is above what the same season of past years predicts';
