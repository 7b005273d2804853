-- What needs a call: figures beyond thresholds that the owner set, kits past their expiry, and ambulances that come later when
-- the police call.

-- None by default: a force decides at what figure somebody is called.
CREATE TABLE alert_threshold (
    identifier          text NOT NULL,       -- as indicator has it
    statistic           text NOT NULL,
    grain               text NOT NULL DEFAULT 'month' CHECK (grain IN ('month', 'fiscal_quarter', 'fiscal_year', 'rolling_12_months')),
    ambulance_category  text NOT NULL DEFAULT 'NONE',
    area_key            text,                -- NULL: everywhere
    at_least            float8,              -- alerts at this figure and above
    at_most             float8,              -- alerts at this figure and below
    CHECK (num_nonnulls(at_least, at_most) = 1)
);
CREATE UNIQUE INDEX alert_threshold_key ON alert_threshold
    (identifier, statistic, grain, ambulance_category, coalesce(area_key, ''), (at_least IS NULL));

CREATE VIEW harm_alert AS
    -- A period that is not over has no figure yet that a threshold could be held against; and while records may still come late,
    -- that little has come says nothing. An area's own threshold goes before everywhere's.
    SELECT x.alert_kind, x.alert, x.ambulance_category, x.clock, x.urban_rural, x.period_key, x.area_key, x.value, x.threshold, x.q_value, x.is_raised
    FROM (
        SELECT DISTINCT ON (s.identifier, s.statistic, s.ambulance_category, s.clock, s.period_key, s.area_key, t.at_least IS NULL)
               'threshold' AS alert_kind, s.identifier || ' ' || s.statistic || CASE WHEN t.at_least IS NULL THEN ' low' ELSE ' high' END AS alert,
               s.ambulance_category, s.clock, 'NONE' AS urban_rural, s.period_key, s.area_key, s.value, coalesce(t.at_least, t.at_most) AS threshold, NULL::float8 AS q_value,
               CASE WHEN t.at_least IS NULL THEN s.value <= t.at_most ELSE s.value >= t.at_least END AS is_raised
        FROM alert_threshold t
        JOIN scorecard s ON s.identifier = t.identifier AND s.statistic = t.statistic AND s.ambulance_category = t.ambulance_category
                        AND s.area_key = coalesce(t.area_key, s.area_key)
        JOIN period p ON p.period_key = s.period_key AND p.grain = t.grain AND (p.is_settled OR p.is_complete AND t.at_least IS NOT NULL)
        ORDER BY s.identifier, s.statistic, s.ambulance_category, s.clock, s.period_key, s.area_key, t.at_least IS NULL, t.area_key NULLS LAST
    ) x
    UNION ALL
    SELECT 'kits_past_expiry', 'naloxone_supply past_expiry', 'NONE', 'NONE', 'NONE', n.period_key, n.area_key, n.past_expiry, NULL, NULL, n.past_expiry > 0
    FROM naloxone_supply n
    JOIN period p ON p.period_key = n.period_key AND p.grain = 'month'
    JOIN area a ON a.area_key = n.area_key AND a.area_type = 'division'
    UNION ALL
    -- Only where chance hardly explains it, all divisions considered.
    SELECT 'police_calls_answered_later', 'ambulance_response_comparison', c.ambulance_category, c.clock, c.urban_rural, c.period_key, c.area_key, c.difference_mins, NULL,
           c.q_value, c.q_value < 0.05 AND c.difference_mins > 0
    FROM ambulance_response_comparison c
    JOIN period p ON p.period_key = c.period_key AND p.grain IN ('fiscal_year', 'rolling_12_months') AND p.is_settled
    JOIN area a ON a.area_key = c.area_key AND a.area_type = 'division';

CREATE MATERIALIZED VIEW harm_alerts AS
    WITH numbered AS (
        -- Periods of a grain one after the other have numbers one after the other.
        SELECT period_key, grain, period_start, elapsed_to, row_number() OVER (PARTITION BY grain ORDER BY period_start) AS number
        FROM period
    ), looked_at AS (
        SELECT h.alert_kind, h.alert, h.ambulance_category, h.clock, h.urban_rural, h.period_key, h.area_key, h.value, h.threshold, h.q_value,
               h.is_raised, n.grain, n.period_start, n.elapsed_to, n.number,
               -- The last period of which the figure is known.
               max(n.number) FILTER (WHERE h.is_raised IS NOT NULL) OVER (PARTITION BY h.alert_kind, h.alert, n.grain) AS last_number
        FROM harm_alert h JOIN numbered n USING (period_key)
    ), raised AS (
        SELECT l.*, l.number - row_number() OVER (PARTITION BY l.alert_kind, l.alert, l.ambulance_category, l.clock, l.urban_rural, l.area_key, l.grain
                                                  ORDER BY l.number) AS spell
        FROM looked_at l WHERE l.is_raised
    )
    SELECT r.period_key, r.area_key, r.alert_kind, r.alert, r.ambulance_category, r.clock, r.urban_rural, r.value, r.threshold, r.q_value,
           min(r.period_start) OVER spell AS first_seen,
           max(r.elapsed_to) OVER spell AS last_seen,
           r.number = r.last_number AS is_current
    FROM raised r
    WINDOW spell AS (PARTITION BY r.alert_kind, r.alert, r.ambulance_category, r.clock, r.urban_rural, r.area_key, r.grain, r.spell);
CREATE UNIQUE INDEX harm_alerts_key ON harm_alerts (period_key, area_key, alert_kind, alert, ambulance_category, clock, urban_rural);

INSERT INTO refresh_step VALUES (760, 'engine_room', 'harm_alerts');

INSERT INTO object_definition VALUES
    ('alert_threshold', 'the figures of indicators at which somebody is to be called; none by default'),
    ('harm_alert', 'everything that could be an alert, by period and area, and whether it is'),
    ('harm_alerts', 'what needs a call: figures beyond thresholds, kits past their expiry, ambulances that come later when the police call');

INSERT INTO dictionary VALUES
    ('harm_alerts', 'alert_kind', 'threshold: a figure beyond a threshold that the force set; kits_past_expiry: kits on hand that are past their expiry; police_calls_answered_later: ambulances come later when the police call', 'key', false, NULL, NULL),
    ('harm_alerts', 'alert', 'which indicator or KPI it is about', 'key', false, NULL, 'alert_threshold, indicator'),
    ('harm_alerts', 'alerts', 'alerts of the month and division', 'alerts', true, 'an alert that lasts counts in every month', NULL),
    ('harm_alerts', 'urban_rural', 'urban or rural, where calls are compared; else NONE', 'key', false, NULL, 'ambulance_activation'),
    ('harm_alerts', 'value', 'the figure: of the indicator, kits past their expiry, or minutes later', 'as the alert says', false, NULL, NULL),
    ('harm_alerts', 'threshold', 'the threshold that it is beyond', 'as the alert says', false, NULL, 'alert_threshold'),
    ('harm_alerts', 'q_value', 'how often chance alone would do this, allowing for how many divisions were looked at; below 0.05', 'probability', false, 'only where a test was made', NULL),
    ('harm_alerts', 'first_seen', 'first day of the first of the periods without a break in which it was so', 'date', false, NULL, NULL),
    ('harm_alerts', 'last_seen', 'last day of the last of them', 'date', false, NULL, NULL),
    ('harm_alerts', 'is_current', 'whether it is so in the last period that can say: 1 yes, 0 no', 'flag', false, NULL, 'as_of');
