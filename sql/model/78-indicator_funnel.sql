-- The funnel plots of the headline indicators: does a division differ from the others by more than its size explains?

CREATE MATERIALIZED VIEW indicator_funnel AS
    WITH figure AS (
        -- Divisions beside one another, in settled years with records for all of each. UNKNOWN is no place. What has no interval is not of
        -- counts that are independent of one another.
        SELECT s.identifier, s.statistic, s.ambulance_category, s.clock, s.period_key, s.area_key, s.numerator, s.denominator, s.value, s.lower, s.reason_missing,
               kind.kind, i.better, setting.funnel_dispersion
        FROM scorecard s
        JOIN indicator i ON i.identifier = s.identifier AND i.statistic = s.statistic
        JOIN period p ON p.period_key = s.period_key AND p.grain IN ('fiscal_year', 'rolling_12_months') AND p.is_settled
        JOIN area a ON a.area_key = s.area_key AND a.area_type = 'division' AND a.division_code <> 'UNKNOWN'
        CROSS JOIN setting
        CROSS JOIN LATERAL (SELECT CASE WHEN s.lower IS NOT NULL THEN kind_of_count(s.statistic, s.numerator, s.denominator, s.value) END AS kind) kind
        WHERE s.is_whole
    ), placed AS (
        SELECT f.*,
               CASE f.kind
                   WHEN 'share' THEN funnel_plot_proportion(CASE WHEN f.kind = 'share' THEN f.numerator::bigint END, CASE WHEN f.kind = 'share' THEN f.denominator::bigint END,
                                                            dispersion => f.funnel_dispersion, centre => 'others') OVER plot
                   WHEN 'rate' THEN funnel_plot_rate(CASE WHEN f.kind = 'rate' THEN f.numerator::bigint END, CASE WHEN f.kind = 'rate' THEN f.denominator END, 100000,
                                                     dispersion => f.funnel_dispersion, centre => 'others') OVER plot
               END AS point,
               f.denominator > sum(f.denominator) FILTER (WHERE f.kind IS NOT NULL) OVER plot / 2 AS is_most_of_all
        FROM figure f
        WINDOW plot AS (PARTITION BY f.identifier, f.statistic, f.ambulance_category, f.clock, f.period_key, f.kind)
    ), judged AS (
        -- Of a share as many must be expected with as without, or the verdict would hang on which of the two is counted.
        SELECT p.*,
               CASE WHEN p.value IS NULL THEN p.reason_missing
                    WHEN p.kind IS NULL THEN 'not a count of what happens independently'
                    WHEN (p.point).centre IS NULL THEN 'no other division'
                    WHEN p.is_most_of_all THEN 'most of it is the division''s own'
                    WHEN least((p.point).centre, CASE p.kind WHEN 'share' THEN 1 - (p.point).centre END) * p.denominator < 7 * CASE p.kind WHEN 'rate' THEN 100000 ELSE 1 END
                    THEN 'too few'
                    -- Of two or three that differ nobody can say how much they usually do.
                    WHEN (p.point).verdict IS NULL THEN 'too few divisions' END AS reason
        FROM placed p
    )
    SELECT j.identifier, j.statistic, j.ambulance_category, j.clock, j.period_key, j.area_key, j.numerator, j.denominator, j.value,
           (j.point).centre AS value_of_others,
           limits.inner_lower_limit, limits.inner_upper_limit, limits.outer_lower_limit, limits.outer_upper_limit,
           (j.point).dispersion_ratio AS dispersion_ratio, j.funnel_dispersion AS dispersion_allowed_for,
           benjamini_hochberg(limits.p_value) OVER (PARTITION BY j.identifier, j.statistic, j.ambulance_category, j.clock, j.period_key) AS q_value,
           CASE WHEN limits.verdict IS NULL THEN NULL
                WHEN limits.verdict = 'within limits' THEN 'as the others'
                WHEN limits.verdict LIKE '%inner limit' THEN 'not clear'
                WHEN j.better = 'neutral' THEN 'different'
                WHEN (limits.verdict = 'above outer limit') = (j.better = 'higher') THEN 'better'
                ELSE 'worse' END AS verdict,
           j.reason
    FROM judged j
    CROSS JOIN LATERAL (
        SELECT CASE WHEN j.reason IS NULL THEN (j.point).inner_lower_limit END AS inner_lower_limit,
               CASE WHEN j.reason IS NULL THEN (j.point).inner_upper_limit END AS inner_upper_limit,
               CASE WHEN j.reason IS NULL THEN (j.point).outer_lower_limit END AS outer_lower_limit,
               CASE WHEN j.reason IS NULL THEN (j.point).outer_upper_limit END AS outer_upper_limit,
               CASE WHEN j.reason IS NULL THEN (j.point).p_value END AS p_value,
               CASE WHEN j.reason IS NULL THEN (j.point).verdict END AS verdict
    ) limits;
CREATE UNIQUE INDEX indicator_funnel_key ON indicator_funnel (identifier, statistic, ambulance_category, clock, period_key, area_key);

INSERT INTO refresh_step VALUES (780, 'engine_room', 'indicator_funnel');

INSERT INTO object_definition VALUES
    ('indicator_funnel', 'the funnel plot of every headline indicator: a row a settled fiscal year or twelve months, and division');

INSERT INTO dictionary VALUES
    ('indicator_funnel', 'identifier', 'the indicator', 'key', false, NULL, 'indicator'),
    ('indicator_funnel', 'statistic', 'which of the indicator''s figures', 'key', false, NULL, 'indicator'),
    ('indicator_funnel', 'ambulance_category', 'the category first given to the call; ALL is all of them together; NONE where the indicator is not about ambulances', 'key', false, 'as the scorecard has them', 'scorecard'),
    ('indicator_funnel', 'clock', 'what started the clock: the call, or the assignment of the acuity; NONE where the indicator is not about ambulances', 'key', false, NULL, 'scorecard'),
    ('indicator_funnel', 'title', 'the indicator''s title', 'text', false, NULL, 'indicator'),
    ('indicator_funnel', 'unit', 'what value and limits are measured in', 'text', false, NULL, 'indicator'),
    ('indicator_funnel', 'better', 'which way is better: higher, lower, or neutral where neither is', 'text', false, NULL, 'indicator'),
    ('indicator_funnel', 'numerator', 'what is counted', 'as the indicator says', false, NULL, 'scorecard'),
    ('indicator_funnel', 'denominator', 'what it is counted of: the division''s size', 'as the indicator says', false, NULL, 'scorecard'),
    ('indicator_funnel', 'value', 'the division''s figure', 'as the indicator says', false, 'settled fiscal years and twelve months only, with records for all of the division', 'scorecard'),
    ('indicator_funnel', 'value_of_others', 'the figure of all other divisions together', 'as the indicator says', false, 'the division itself is left out, so each division has another', NULL),
    ('indicator_funnel', 'inner_lower_limit', 'below this is one in forty of divisions of this size that are like the others', 'as the indicator says', false, 'exact binomial or Poisson limits of 95 %, unless dispersion is allowed for (Spiegelhalter, 2005)', NULL),
    ('indicator_funnel', 'inner_upper_limit', 'above this is one in forty of divisions of this size that are like the others', 'as the indicator says', false, 'as inner_lower_limit', NULL),
    ('indicator_funnel', 'outer_lower_limit', 'below this is one in a thousand of divisions of this size that are like the others', 'as the indicator says', false, 'limits of 99.8 %', NULL),
    ('indicator_funnel', 'outer_upper_limit', 'above this is one in a thousand of divisions of this size that are like the others', 'as the indicator says', false, 'limits of 99.8 %', NULL),
    ('indicator_funnel', 'dispersion_ratio', 'how many times as much as by chance the divisions differ: about 1 is chance alone; well above it many will be outside limits of chance alone', 'number', false, 'of all divisions of the plot; the outermost tenths are drawn in first', NULL),
    ('indicator_funnel', 'dispersion_allowed_for', 'whether the limits allow for what divisions usually differ by: none, multiplicative or additive', 'text', false, 'kpi.setting.funnel_dispersion', NULL),
    ('indicator_funnel', 'q_value', 'of divisions with a q as small as this, the share that differ by chance alone (at most)', 'share, 0 to 1', false, 'Benjamini and Hochberg, 1995, over the divisions of the indicator and period', NULL),
    ('indicator_funnel', 'verdict', 'as the others; not clear (outside the inner limits); or outside the outer limits: better, worse, or different where neither way is better', 'text', false, 'a reason to ask about records, people and work, in this order; not an answer', NULL),
    ('indicator_funnel', 'reason', 'why there is no verdict: too few is fewer than 7 expected, of a share with or without', 'text', false, NULL, NULL);
