-- The control charts of the headline indicators: has something changed, or do the months only vary as they always do?

CREATE MATERIALIZED VIEW indicator_chart AS
    WITH month AS (
        -- What is drawn between events, rare_event_chart has drawn: of each month its last event.
        SELECT m.identifier, m.statistic, m.ambulance_category, m.clock, m.period_key, m.area_key, m.period_start, m.numerator, m.denominator, m.value, m.target,
               m.reason_missing, m.is_comparable, m.is_standing, m.is_mixed, m.policies, m.stretch, m.improvement_direction,
               CASE WHEN m.chart IN ('t', 'g') THEN max(e.chart) OVER stretch ELSE m.chart END AS chart, coalesce(max(e.points) OVER stretch, m.points) AS points,
               e.rule AS event_rule, e.variation AS event_variation, e.too_long_from,
               count(e.event_number) OVER (stretch ORDER BY m.period_start) AS months_with_event
        FROM charted_month m
        LEFT JOIN (SELECT DISTINCT ON (r.identifier, r.statistic, r.ambulance_category, r.clock, r.area_key, r.period_key)
                          r.identifier, r.statistic, r.ambulance_category, r.clock, r.area_key, r.period_key, r.event_number, r.chart, r.points, r.rule, r.variation, r.too_long_from
                   FROM rare_event_chart r
                   ORDER BY r.identifier, r.statistic, r.ambulance_category, r.clock, r.area_key, r.period_key, r.event_number DESC) e
             ON e.identifier = m.identifier AND e.statistic = m.statistic AND e.ambulance_category = m.ambulance_category AND e.clock = m.clock
            AND e.area_key = m.area_key AND e.period_key = m.period_key
        WINDOW stretch AS (PARTITION BY m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key, m.is_mixed, m.policies, m.stretch)
    ), chosen AS (
        -- In a month without an event it may be too long since the last one.
        SELECT m.identifier, m.statistic, m.ambulance_category, m.clock, m.period_key, m.area_key, m.period_start, m.numerator, m.denominator, m.value, m.target,
               m.reason_missing, m.is_comparable, m.is_standing, m.is_mixed, m.policies, m.stretch, m.improvement_direction, m.chart, m.points,
               m.event_rule, m.event_variation, m.period_key >= max(m.too_long_from) OVER since AS is_too_long,
               max(m.event_variation) OVER since IS NOT NULL AS has_point_before
        FROM month m
        WINDOW since AS (PARTITION BY m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key, m.is_mixed, m.policies, m.stretch, m.months_with_event)
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
           (d.point).centre AS centre, (d.point).lower_limit AS lower_limit, (d.point).upper_limit AS upper_limit,
           CASE WHEN d.chart IN ('t', 'g') AND d.value IS NOT NULL
                THEN CASE WHEN d.event_variation IS NOT NULL THEN d.event_rule WHEN d.is_too_long THEN 'above upper limit' END
                ELSE (d.point).rule END AS rule,
           CASE WHEN d.chart IN ('t', 'g') AND d.value IS NOT NULL
                THEN CASE WHEN d.event_variation IS NOT NULL THEN d.event_variation
                          WHEN d.is_too_long THEN CASE d.improvement_direction WHEN 'increase' THEN 'improvement' WHEN 'decrease' THEN 'concern' ELSE 'special cause' END
                          WHEN d.has_point_before THEN 'common cause' END
                ELSE (d.point).variation END AS variation,
           (d.point).assurance AS assurance,
           CASE WHEN NOT d.is_comparable THEN 'older months have had longer' WHEN d.is_standing THEN 'much the same are counted every month'
                WHEN d.is_mixed THEN 'policy changed in the month' WHEN d.value IS NULL THEN d.reason_missing WHEN d.chart IS NULL THEN 'too few'
                WHEN d.chart IN ('t', 'g') THEN 'drawn between events' END AS reason,
           coalesce(d.is_last AND d.chart IS NOT NULL, false) AS is_latest,
           -- How often the newest month of a series in which nothing changes is flagged, by how many points there are: doc/control_chart.md
           CASE WHEN d.is_last AND d.chart IN ('u', 'p') THEN CASE WHEN d.points < 24 THEN 0.009 WHEN d.points < 36 THEN 0.017 ELSE 0.020 END
                WHEN d.is_last AND d.chart IN ('u''', 'p''') THEN CASE WHEN d.points < 24 THEN 0.009 WHEN d.points < 36 THEN 0.013 ELSE 0.016 END
                WHEN d.is_last AND d.chart = 'XmR' THEN CASE WHEN d.points < 24 THEN 0.013 WHEN d.points < 36 THEN 0.014 ELSE 0.016 END
                WHEN d.is_last AND d.chart = 't' THEN CASE WHEN d.points < 24 THEN 0.009 ELSE 0.008 END
                WHEN d.is_last AND d.chart = 'g' THEN CASE WHEN d.points < 24 THEN 0.033 WHEN d.points < 36 THEN 0.030 ELSE 0.031 END END::float8 AS flag_by_chance
    FROM drawn d;
CREATE UNIQUE INDEX indicator_chart_key ON indicator_chart (identifier, statistic, ambulance_category, clock, period_key, area_key);

INSERT INTO refresh_step VALUES (770, 'engine_room', 'indicator_chart');

INSERT INTO object_definition VALUES
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
    ('indicator_chart', 'chart', 'the kind of control chart: u'' and p'' for rates and shares of at least 10 a month, u and p for 1 to 10, t and g below 1, XmR for what has no counts; NULL: none', 'text', false, 'by the mean count a month; of a share, of what is counted or what is not, whichever is fewer; t and g are in rare_event_chart', NULL),
    ('indicator_chart', 'points', 'how many months the chart is made of; of t and g, how many intervals between events', 'months or intervals', false, 'months in a row with a figure: a gap in the records or a change of policy begins another chart; below 12 there is none', NULL),
    ('indicator_chart', 'centre', 'the middle about which the months vary', 'as the indicator says', false, 'of all months of the chart; NULL for t and g, which rare_event_chart has', NULL),
    ('indicator_chart', 'lower_limit', 'what ordinary variation hardly ever goes below', 'as the indicator says', false, 'three standard deviations; an XmR chart''s may be below 0', NULL),
    ('indicator_chart', 'upper_limit', 'what ordinary variation hardly ever goes above', 'as the indicator says', false, 'three standard deviations', NULL),
    ('indicator_chart', 'rule', 'the rule that flags the month: beyond a limit, a trend of seven, two of three near a limit, or a run of seven on one side of the centre; NULL: none', 'text', false, 'the first of them that applies; of t and g, that of the month''s last event, or where there was none above upper limit if by the month''s end it is too long since the last', NULL),
    ('indicator_chart', 'variation', 'common cause: the month varies as it always does; improvement or concern: something changed, for better or worse; special cause: something changed, and neither way is better', 'text', false, 'a flag says that something changed, not what', NULL),
    ('indicator_chart', 'assurance', 'whether the limits meet the target: consistently passes, consistently fails, or inconsistent (sometimes one, sometimes the other); NULL without a target', 'text', false, 'NULL where neither way is better', 'target'),
    ('indicator_chart', 'reason', 'why there is no chart, or no figure to draw: drawn between events is a chart of rare events, which is in rare_event_chart; too few is fewer than 12 months, less than ten a month where only an XmR chart would do, or less than one a month where there are fewer than 12 intervals or the events have no days', 'text', false, NULL, NULL),
    ('indicator_chart', 'is_latest', 'whether it is the chart''s latest month, which the scorecard shows: 1 yes, 0 no', 'flag', false, 'the latest settled month with a figure', NULL),
    ('indicator_chart', 'flag_by_chance', 'how often such a latest month has a flag though nothing changed, 0 to 1', 'share, 0 to 1', false, 'by simulation, for charts as long and of counts as small; NULL in other months', NULL);
