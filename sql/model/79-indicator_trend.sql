-- The trends of the headline indicators: do their months rise or fall, how fast, and is it more than chance?

CREATE MATERIALIZED VIEW indicator_trend AS
    WITH placed AS (
        SELECT m.*, first_value(m.is_mixed) OVER newest AS newest_is_mixed, first_value(m.policies) OVER newest AS newest_policies,
               first_value(m.stretch) OVER newest AS newest_stretch
        FROM indicator_month m
        WINDOW newest AS (PARTITION BY m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key ORDER BY m.period_start DESC)
    ), month AS (
        -- Of the latest stretch. Of warnings beside their share of disposals also how many they are, in months made equally long.
        SELECT p.identifier, i.statistic, p.ambulance_category, p.clock, p.area_key, p.period_start, p.month_number, p.is_mixed, p.is_comparable, p.is_standing,
               i.title, i.unit, i.better, f.numerator, f.denominator, f.value, f.kind
        FROM placed p
        CROSS JOIN LATERAL (
            SELECT p.statistic AS statistic, p.numerator AS numerator, p.denominator AS denominator, p.value AS value, p.kind AS kind
            UNION ALL
            SELECT 'count' AS statistic, p.numerator AS numerator, (p.period_end - p.period_start + 1)::float8 AS denominator,
                   p.numerator / (p.period_end - p.period_start + 1) * 365.25 / 12 AS value, 'rate' AS kind
            WHERE p.identifier = 'recorded_police_warning' AND p.statistic = 'share'
              -- Unless the owner has one of that name.
              AND NOT EXISTS (SELECT FROM indicator o WHERE o.identifier = p.identifier AND o.statistic = 'count')
        ) f
        JOIN trend_indicator i ON i.identifier = p.identifier AND i.statistic = f.statistic
        WHERE p.is_mixed = p.newest_is_mixed AND p.policies = p.newest_policies AND p.stretch = p.newest_stretch
    ), series AS (
        -- A series of figures for the ranks, one of counts and what they are of for the model: in both a year is 1.
        SELECT m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key, m.title, m.unit, m.better,
               min(m.period_start) AS first_month, max(m.period_start) AS last_month, count(m.value) AS points,
               CASE WHEN NOT m.is_comparable THEN 'older months have had longer' WHEN m.is_standing THEN 'much the same are counted every month'
                    WHEN m.is_mixed THEN 'policy changed in the month' WHEN count(m.value) < 8 THEN 'too few' END AS reason,
               time_series(m.month_number::float8, m.value) AS figures,
               coalesce(bool_and(m.kind IS NOT DISTINCT FROM 'rate') FILTER (WHERE m.value IS NOT NULL), false) AS is_rate,
               sum(m.numerator) FILTER (WHERE m.value IS NOT NULL) AS events,
               time_series(m.month_number / 12.0::float8, m.numerator, m.denominator) FILTER (WHERE m.kind = 'rate') AS counts
        FROM month m
        GROUP BY m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key, m.title, m.unit, m.better, m.is_comparable, m.is_standing, m.is_mixed
    ), tested AS (
        -- Months have a season: from two years on each is beside the same month of other years only.
        SELECT s.*, a.area_type = 'division' AS is_division, setting.confidence,
               CASE WHEN s.reason IS NULL THEN CASE WHEN s.points < 24 THEN 'Mann-Kendall' ELSE 'seasonal Mann-Kendall' END END AS method,
               CASE WHEN s.reason IS NULL THEN CASE WHEN s.points < 24 THEN mann_kendall(s.figures) ELSE seasonal_mann_kendall(s.figures) END END AS test,
               CASE WHEN s.reason IS NULL AND s.points < 24 THEN sen_slope(s.figures, setting.confidence) END AS slope,
               CASE WHEN s.reason IS NULL AND s.points >= 24 THEN seasonal_sen_slope(s.figures, 12, setting.confidence) END AS seasonal_slope,
               CASE WHEN s.reason IS NULL AND s.is_rate AND s.events >= 10 THEN poisson_trend(s.counts, setting.confidence) END AS model
        FROM series s
        JOIN area a USING (area_key)
        CROSS JOIN setting
    )
    SELECT t.identifier, t.statistic, t.ambulance_category, t.clock, t.area_key, t.title, t.unit, t.better, t.first_month, t.last_month, t.points, t.method,
           CASE WHEN (t.test).p_value < 1 - t.confidence THEN CASE WHEN (t.test).s > 0 THEN 'rising' ELSE 'falling' END
                WHEN (t.test).p_value IS NOT NULL THEN 'no clear trend' END AS trend,
           (t.test).p_value AS p_value,
           benjamini_hochberg(CASE WHEN t.is_division THEN (t.test).p_value END)
               OVER (PARTITION BY t.identifier, t.statistic, t.ambulance_category, t.clock) AS q_value,
           (t.test).tau AS tau,
           coalesce(12 * (t.slope).slope, (t.seasonal_slope).value) AS slope_per_year,
           coalesce(12 * (t.slope).lower, (t.seasonal_slope).lower) AS slope_lower,
           coalesce(12 * (t.slope).upper, (t.seasonal_slope).upper) AS slope_upper,
           CASE WHEN t.is_rate THEN t.events END AS events,
           (t.model).rate_ratio AS rate_ratio, (t.model).quasi_lower AS rate_ratio_lower, (t.model).quasi_upper AS rate_ratio_upper,
           (t.model).dispersion AS dispersion,
           CASE WHEN t.reason IS NOT NULL THEN t.reason WHEN (t.test).p_value IS NULL THEN 'always the same'
                WHEN t.is_rate AND t.events < 10 THEN 'too few events' WHEN t.is_rate AND (t.model).rate_ratio IS NULL THEN 'no rate ratio' END AS reason
    FROM tested t;
CREATE UNIQUE INDEX indicator_trend_key ON indicator_trend (identifier, statistic, ambulance_category, clock, area_key);

INSERT INTO refresh_step VALUES (790, 'engine_room', 'indicator_trend');

INSERT INTO object_definition VALUES
    ('indicator_trend', 'the trend of every headline indicator and area, in the latest months without a gap or a change of policy');

INSERT INTO dictionary VALUES
    ('indicator_trend', 'identifier', 'the indicator', 'key', false, NULL, 'indicator'),
    ('indicator_trend', 'period_key', 'the last month of the trend', 'key', false, 'the latest settled month with records for all of the area', NULL),
    ('indicator_trend', 'indicator_key', 'the indicator and its statistic; of recorded_police_warning count, the number of warnings, there is a trend only', 'key', false, NULL, 'indicator'),
    ('indicator_trend', 'statistic', 'which of the indicator''s figures; count is the number of Recorded Police Warnings', 'key', false, NULL, 'indicator'),
    ('indicator_trend', 'ambulance_category', 'the category first given to the call; ALL is all of them together; NONE where the indicator is not about ambulances', 'key', false, 'as the scorecard has them', 'scorecard'),
    ('indicator_trend', 'clock', 'what started the clock: the call, or the assignment of the acuity; NONE where the indicator is not about ambulances', 'key', false, NULL, 'scorecard'),
    ('indicator_trend', 'title', 'the indicator''s title', 'text', false, NULL, 'indicator'),
    ('indicator_trend', 'unit', 'what the slope is measured in, a year', 'text', false, NULL, 'indicator'),
    ('indicator_trend', 'better', 'which way is better: higher, lower, or neutral where neither is', 'text', false, NULL, 'indicator'),
    ('indicator_trend', 'first_month', 'the first day of the trend''s first month', 'date', false, 'months in a row, settled and with records for all of the area, since policy last changed; the month of the change is left out', NULL),
    ('indicator_trend', 'last_month', 'the first day of the trend''s last month', 'date', false, 'the latest settled month with records for all of the area', NULL),
    ('indicator_trend', 'points', 'how many of these months have a figure', 'months', false, 'below 8 there is no trend', NULL),
    ('indicator_trend', 'method', 'the test that p_value is of: Mann-Kendall, or, from 24 months on, seasonal Mann-Kendall, which sets each month beside the same month of other years only', 'text', false, 'with fewer than 24 months a season may look like a trend', NULL),
    ('indicator_trend', 'trend', 'rising, falling, or no clear trend: which is not the same as no trend', 'text', false, 'rising or falling where p_value is below 1 - kpi.setting.confidence; says nothing of better or worse', NULL),
    ('indicator_trend', 'p_value', 'how often months in a random order would rise or fall as steadily as these', 'share, 0 to 1', false, 'two-sided, by normal approximation with correction for continuity and ties; months that depend on each other make it too small', NULL),
    ('indicator_trend', 'q_value', 'of divisions with a q as small as this, the share with a trend by chance alone (at most)', 'share, 0 to 1', false, 'Benjamini and Hochberg, 1995, over the divisions of the indicator; NULL of regions and the force', NULL),
    ('indicator_trend', 'tau', 'how steadily it rises or falls: 1 always rises, -1 always falls, 0 neither', 'number', false, 'Kendall''s tau-b; from 24 months on within each month of the year', NULL),
    ('indicator_trend', 'slope_per_year', 'by how much the figure rises (below 0: falls) a year', 'as the indicator says, a year', false, 'Sen''s slope, the median of the slopes of all pairs of months; of the same month of the year where the method is seasonal', NULL),
    ('indicator_trend', 'slope_lower', 'lower confidence limit of slope_per_year', 'as the indicator says, a year', false, NULL, NULL),
    ('indicator_trend', 'slope_upper', 'upper confidence limit of slope_per_year', 'as the indicator says, a year', false, NULL, NULL),
    ('indicator_trend', 'events', 'how many are counted in these months; only of rates', 'as the indicator says', false, 'below 10 there is no rate_ratio', 'scorecard'),
    ('indicator_trend', 'rate_ratio', 'how many times as high the rate is from each year to the next: 1.05 is 5 % more each year; only of rates', 'ratio', false, 'log-linear regression of the counts on time', NULL),
    ('indicator_trend', 'rate_ratio_lower', 'lower confidence limit of rate_ratio', 'ratio', false, 'quasi-Poisson: allows for the dispersion', NULL),
    ('indicator_trend', 'rate_ratio_upper', 'upper confidence limit of rate_ratio', 'ratio', false, 'quasi-Poisson: allows for the dispersion', NULL),
    ('indicator_trend', 'dispersion', 'how many times as much as by chance alone the months vary about the line: near 1 is chance alone', 'number', false, 'Pearson''s chi-squared over its degrees of freedom', NULL),
    ('indicator_trend', 'reason', 'why there is no trend (too few is fewer than 8 months), or only no rate_ratio (too few events is fewer than 10)', 'text', false, NULL, NULL);
