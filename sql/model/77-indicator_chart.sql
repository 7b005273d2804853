-- The control charts of the headline indicators: has something changed, or do the months only vary as they always do?

-- The settled months with records for all of the area, of every indicator, and which of them are one stretch: months one after the other, without a
-- gap in the records or a change of policy. UNKNOWN is no place. In the month in which policy changes there is some of the old and some of the new.
CREATE VIEW indicator_month AS
    WITH settled AS (
        SELECT s.identifier, s.statistic, s.ambulance_category, s.clock, s.period_key, s.area_key, p.period_start, p.period_end, s.numerator, s.denominator, s.value,
               s.target, s.reason_missing, i.is_comparable, i.is_standing,
               (12 * extract(year FROM p.period_start) + extract(month FROM p.period_start))::integer AS month_number,
               count(m.day) FILTER (WHERE m.day > p.period_start) > 0 AS is_mixed,
               count(m.day) FILTER (WHERE m.day <= p.period_start) AS policies
        FROM scorecard s
        JOIN indicator i ON i.identifier = s.identifier AND i.statistic = s.statistic
        JOIN period p ON p.period_key = s.period_key AND p.grain = 'month' AND p.is_settled
        LEFT JOIN policy_marker m ON m.indicator = s.identifier AND m.day <= p.period_end
        WHERE s.is_whole AND s.area_key <> 'division UNKNOWN'
        GROUP BY s.identifier, s.statistic, s.ambulance_category, s.clock, s.period_key, s.area_key, p.period_start, p.period_end, s.numerator, s.denominator,
                 s.value, s.target, s.reason_missing, i.is_comparable, i.is_standing
    )
    SELECT s.identifier, s.statistic, s.ambulance_category, s.clock, s.period_key, s.area_key, s.period_start, s.period_end, s.numerator, s.denominator, s.value,
           s.target, s.reason_missing, s.is_comparable, s.is_standing, s.month_number, s.is_mixed, s.policies,
           s.month_number - row_number() OVER (PARTITION BY s.identifier, s.statistic, s.ambulance_category, s.clock, s.area_key, s.is_mixed
                                               ORDER BY s.period_start) AS stretch,
           kind_of_count(s.statistic, s.numerator, s.denominator, s.value) AS kind
    FROM settled s;

CREATE MATERIALIZED VIEW indicator_chart AS
    WITH kind AS (
        -- A stretch is a chart of its own.
        SELECT p.*,
               CASE i.better WHEN 'higher' THEN 'increase' WHEN 'lower' THEN 'decrease' ELSE 'neutral' END AS improvement_direction,
               count(p.value) OVER stretch AS points,
               coalesce(bool_and(p.kind IS NOT DISTINCT FROM 'share') FILTER (WHERE p.value IS NOT NULL) OVER stretch, false) AS is_share,
               coalesce(bool_and(p.kind IS NOT DISTINCT FROM 'rate') FILTER (WHERE p.value IS NOT NULL) OVER stretch, false) AS is_rate,
               avg(p.numerator) FILTER (WHERE p.value IS NOT NULL) OVER stretch AS mean_numerator,
               avg(p.denominator) FILTER (WHERE p.value IS NOT NULL) OVER stretch AS mean_denominator
        FROM indicator_month p
        JOIN indicator i ON i.identifier = p.identifier AND i.statistic = p.statistic
        WINDOW stretch AS (PARTITION BY p.identifier, p.statistic, p.ambulance_category, p.clock, p.area_key, p.is_mixed, p.policies, p.stretch)
    ), sized AS (
        -- A share is as hard to judge where nearly all are counted as where hardly any is: the smaller of the two counts.
        SELECT k.*,
               CASE WHEN k.is_share THEN least(k.mean_numerator, k.mean_denominator - k.mean_numerator) WHEN k.is_rate THEN k.mean_numerator
                    ELSE coalesce(k.mean_denominator, k.mean_numerator) END AS mean_count
        FROM kind k
    ), chosen AS (
        SELECT s.*,
               CASE WHEN s.is_mixed OR NOT s.is_comparable OR s.is_standing OR s.points < 12 OR s.mean_count < 1 THEN NULL
                    WHEN s.is_share THEN CASE WHEN s.mean_count >= 10 THEN 'p''' ELSE 'p' END
                    WHEN s.is_rate THEN CASE WHEN s.mean_count >= 10 THEN 'u''' ELSE 'u' END
                    -- What has no counts, such as a median, or a share that may be below 0. Of a handful an XmR chart flags too much.
                    WHEN s.mean_count < 10 THEN NULL
                    ELSE 'XmR' END AS chart
        FROM sized s
    ), drawn AS (
        SELECT c.*,
               CASE c.chart
                   WHEN 'p''' THEN p_prime_chart(CASE WHEN c.chart = 'p''' THEN c.numerator::bigint END, CASE WHEN c.chart = 'p''' THEN c.denominator::bigint END,
                                                 target => c.target, improvement_direction => c.improvement_direction) OVER stretch
                   WHEN 'p' THEN p_chart(CASE WHEN c.chart = 'p' THEN c.numerator::bigint END, CASE WHEN c.chart = 'p' THEN c.denominator::bigint END,
                                         target => c.target, improvement_direction => c.improvement_direction) OVER stretch
                   WHEN 'u''' THEN u_prime_chart(CASE WHEN c.chart = 'u''' THEN c.numerator::bigint END, CASE WHEN c.chart = 'u''' THEN c.denominator END,
                                                 target => c.target, improvement_direction => c.improvement_direction, multiplier => 100000) OVER stretch
                   WHEN 'u' THEN u_chart(CASE WHEN c.chart = 'u' THEN c.numerator::bigint END, CASE WHEN c.chart = 'u' THEN c.denominator END,
                                         target => c.target, improvement_direction => c.improvement_direction, multiplier => 100000) OVER stretch
                   WHEN 'XmR' THEN xmr_chart(CASE WHEN c.chart = 'XmR' THEN c.value END, target => c.target, improvement_direction => c.improvement_direction) OVER stretch
               END AS point,
               c.period_start = max(c.period_start) FILTER (WHERE c.value IS NOT NULL AND NOT c.is_mixed)
                                    OVER (PARTITION BY c.identifier, c.statistic, c.ambulance_category, c.clock, c.area_key) AS is_last
        FROM chosen c
        WINDOW stretch AS (PARTITION BY c.identifier, c.statistic, c.ambulance_category, c.clock, c.area_key, c.is_mixed, c.policies, c.stretch ORDER BY c.period_start)
    )
    SELECT d.identifier, d.statistic, d.ambulance_category, d.clock, d.period_key, d.area_key, d.numerator, d.denominator, d.value, d.target, d.chart, d.points,
           (d.point).centre AS centre, (d.point).lower_limit AS lower_limit, (d.point).upper_limit AS upper_limit, (d.point).rule AS rule,
           (d.point).variation AS variation, (d.point).assurance AS assurance,
           CASE WHEN NOT d.is_comparable THEN 'older months have had longer' WHEN d.is_standing THEN 'much the same are counted every month'
                WHEN d.is_mixed THEN 'policy changed in the month' WHEN d.value IS NULL THEN d.reason_missing WHEN d.chart IS NULL THEN 'too few' END AS reason,
           coalesce(d.is_last AND d.chart IS NOT NULL, false) AS is_latest,
           -- How often the newest month of a series in which nothing changes is flagged, after 12, 24 and 36 months: doc/control_chart.md
           CASE WHEN d.is_last AND d.chart IN ('u', 'p') THEN CASE WHEN d.points < 24 THEN 0.009 WHEN d.points < 36 THEN 0.017 ELSE 0.020 END
                WHEN d.is_last AND d.chart IN ('u''', 'p''') THEN CASE WHEN d.points < 24 THEN 0.009 WHEN d.points < 36 THEN 0.013 ELSE 0.016 END
                WHEN d.is_last AND d.chart = 'XmR' THEN CASE WHEN d.points < 24 THEN 0.013 WHEN d.points < 36 THEN 0.014 ELSE 0.016 END END::float8 AS flag_by_chance
    FROM drawn d;
CREATE UNIQUE INDEX indicator_chart_key ON indicator_chart (identifier, statistic, ambulance_category, clock, period_key, area_key);

INSERT INTO refresh_step VALUES (770, 'engine_room', 'indicator_chart');

INSERT INTO object_definition VALUES
    ('indicator_month', 'the settled months that a headline indicator''s chart and trend are made of'),
    ('indicator_chart', 'the control chart of every headline indicator and area: a row a settled month');

INSERT INTO dictionary VALUES
    ('indicator_chart', 'identifier', 'the indicator', 'key', false, NULL, 'indicator'),
    ('indicator_chart', 'statistic', 'which of the indicator''s figures', 'key', false, NULL, 'indicator'),
    ('indicator_chart', 'ambulance_category', 'the category first given to the call; ALL is all of them together; NONE where the indicator is not about ambulances', 'key', false, 'as the scorecard has them', 'scorecard'),
    ('indicator_chart', 'clock', 'what started the clock: the call, or the assignment of the acuity; NONE where the indicator is not about ambulances', 'key', false, NULL, 'scorecard'),
    ('indicator_chart', 'title', 'the indicator''s title', 'text', false, NULL, 'indicator'),
    ('indicator_chart', 'unit', 'what value, centre, limits and target are measured in', 'text', false, NULL, 'indicator'),
    ('indicator_chart', 'better', 'which way is better: higher, lower, or neutral where neither is', 'text', false, NULL, 'indicator'),
    ('indicator_chart', 'numerator', 'what is counted; NULL for a percentile', 'as the indicator says', false, NULL, 'scorecard'),
    ('indicator_chart', 'denominator', 'what it is counted of', 'as the indicator says', false, NULL, 'scorecard'),
    ('indicator_chart', 'value', 'the month''s figure', 'as the indicator says', false, 'settled months only, with records for all of the area', 'scorecard'),
    ('indicator_chart', 'target', 'the target that holds for the month', 'as the indicator says', false, NULL, 'target'),
    ('indicator_chart', 'chart', 'the kind of control chart: u'' and p'' for rates and shares of at least 10 a month, u and p for 1 to 10, XmR for what has no counts; NULL: none', 'text', false, 'by the mean count a month; of a share, of what is counted or what is not, whichever is fewer', NULL),
    ('indicator_chart', 'points', 'how many months the chart is made of', 'months', false, 'months in a row with a figure: a gap in the records or a change of policy begins another chart; below 12 there is none', NULL),
    ('indicator_chart', 'centre', 'the middle about which the months vary', 'as the indicator says', false, 'of all months of the chart', NULL),
    ('indicator_chart', 'lower_limit', 'what ordinary variation hardly ever goes below', 'as the indicator says', false, 'three standard deviations; an XmR chart''s may be below 0', NULL),
    ('indicator_chart', 'upper_limit', 'what ordinary variation hardly ever goes above', 'as the indicator says', false, 'three standard deviations', NULL),
    ('indicator_chart', 'rule', 'the rule that flags the month: beyond a limit, a trend of seven, two of three near a limit, or a run of seven on one side of the centre; NULL: none', 'text', false, 'the first of them that applies', NULL),
    ('indicator_chart', 'variation', 'common cause: the month varies as it always does; improvement or concern: something changed, for better or worse; special cause: something changed, and neither way is better', 'text', false, 'a flag says that something changed, not what', NULL),
    ('indicator_chart', 'assurance', 'whether the limits meet the target: consistently passes, consistently fails, or inconsistent (sometimes one, sometimes the other); NULL without a target', 'text', false, 'NULL where neither way is better', 'target'),
    ('indicator_chart', 'reason', 'why there is no chart, or no figure to draw: too few is fewer than 12 months, or less than one a month to count (ten where only an XmR chart would do)', 'text', false, NULL, NULL),
    ('indicator_chart', 'is_latest', 'whether it is the chart''s latest month, which the scorecard shows: 1 yes, 0 no', 'flag', false, 'the latest settled month with a figure', NULL),
    ('indicator_chart', 'flag_by_chance', 'how often such a latest month has a flag though nothing changed, 0 to 1', 'share, 0 to 1', false, 'by simulation, for charts as long and of counts as small; NULL in other months', NULL);
