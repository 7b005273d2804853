-- The months that the charts and trends of the headline indicators are made of, and which chart each stretch of them is to have.

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

-- A stretch is a chart of its own, which the mean count a month chooses. Below one it is of what lies between events, if they have days: t of the time, g of the
-- other cases.
CREATE VIEW charted_month AS
    WITH kind AS (
        SELECT p.identifier, p.statistic, p.ambulance_category, p.clock, p.period_key, p.area_key, p.period_start, p.period_end, p.numerator, p.denominator, p.value,
               p.target, p.reason_missing, p.is_comparable, p.is_standing, p.is_mixed, p.policies, p.stretch, i.better,
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
        SELECT k.identifier, k.statistic, k.ambulance_category, k.clock, k.period_key, k.area_key, k.period_start, k.period_end, k.numerator, k.denominator, k.value,
               k.target, k.reason_missing, k.is_comparable, k.is_standing, k.is_mixed, k.policies, k.stretch, k.better, k.points, k.is_share, k.is_rate,
               k.is_share AND k.mean_numerator > k.mean_denominator - k.mean_numerator AS is_mostly_counted,
               CASE WHEN k.is_share THEN least(k.mean_numerator, k.mean_denominator - k.mean_numerator) WHEN k.is_rate THEN k.mean_numerator
                    ELSE coalesce(k.mean_denominator, k.mean_numerator) END AS mean_count
        FROM kind k
    ), chosen AS (
        SELECT s.identifier, s.statistic, s.ambulance_category, s.clock, s.period_key, s.area_key, s.period_start, s.period_end, s.numerator, s.denominator, s.value,
               s.target, s.reason_missing, s.is_comparable, s.is_standing, s.is_mixed, s.policies, s.stretch, s.better, s.points, s.is_mostly_counted,
               CASE WHEN s.is_mixed OR NOT s.is_comparable OR s.is_standing OR s.points < 12 THEN NULL
                    WHEN s.is_share THEN CASE WHEN s.mean_count >= 10 THEN 'p''' WHEN s.mean_count >= 1 THEN 'p' ELSE 'g' END
                    WHEN s.is_rate THEN CASE WHEN s.mean_count >= 10 THEN 'u''' WHEN s.mean_count >= 1 THEN 'u' ELSE 't' END
                    -- What has no counts, such as a median, or a share that may be below 0. Of a handful an XmR chart flags too much.
                    WHEN s.mean_count < 10 THEN NULL
                    ELSE 'XmR' END AS chart
        FROM sized s
    )
    SELECT c.identifier, c.statistic, c.ambulance_category, c.clock, c.period_key, c.area_key, c.period_start, c.period_end, c.numerator, c.denominator, c.value,
           c.target, c.reason_missing, c.is_comparable, c.is_standing, c.is_mixed, c.policies, c.stretch, c.points, c.is_mostly_counted, c.chart,
           -- Of what is drawn: the longer between events the fewer they are, which is better where fewer of them would be.
           CASE WHEN c.better NOT IN ('higher', 'lower') THEN 'neutral'
                WHEN c.chart IN ('t', 'g') THEN CASE WHEN (c.better = 'lower') <> c.is_mostly_counted THEN 'increase' ELSE 'decrease' END
                WHEN c.better = 'higher' THEN 'increase' ELSE 'decrease' END AS improvement_direction
    FROM chosen c;

INSERT INTO object_definition VALUES
    ('indicator_month', 'the settled months that a headline indicator''s chart and trend are made of'),
    ('charted_month', 'those months with the chart that each is to be drawn on');
