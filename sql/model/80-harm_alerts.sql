-- What needs a call: figures beyond thresholds that the owner set, kits past their expiry, ambulances that come later when the
-- police call, divisions worse than all others, and weeks with more deaths, administrations, overdoses or signals of a substance than usual.

-- What is watched week by week: what the day's records count, under the division that they name.
CREATE VIEW watched_count AS
    SELECT 'administration' AS source, 'doses_by_division administrations' AS alert, day, division_code, administrations AS cases
    FROM administration_day
    UNION ALL
    SELECT 'overdose_incident', 'overdoses_attended incidents_attended', day, division_code, incidents_attended
    FROM overdose_incident_day
    UNION ALL
    SELECT 'drug_death', 'drug_deaths deaths', day, division_code, count(*)
    FROM dated_drug_death WHERE status <> 'excluded' GROUP BY day, division_code
    UNION ALL
    SELECT 'substance_signal', 'substance_trend ' || n.substance, s.day, s.division_code, count(*)
    FROM dated_substance_signal s CROSS JOIN LATERAL unnest(s.substances) AS n (substance)
    WHERE n.substance <> 'NONE' AND n.substance <> 'UNKNOWN'
    GROUP BY n.substance, s.day, s.division_code;

-- Weeks from Monday to Sunday that are over, from the first of which all days of the area have records. The baseline is that of EARS C2,
-- but of half a year: of seven weeks a standard deviation is too uncertain. Counts are small and skewed, so that a limit by the normal
-- distribution alone is passed by chance up to once in 75 weeks where once in a thousand is meant: the exact test of this week's
-- count against the baseline's must agree. As in Farrington's method, fewer than five in four weeks are never an alarm. Records that come late make the newest weeks low, which raises no alarm.
CREATE MATERIALIZED VIEW harm_watch AS
    WITH by_week AS MATERIALIZED (
        SELECT ad.area_key, w.source, w.alert, w.day - extract(isodow FROM w.day)::integer + 1 AS week_start, sum(w.cases)::bigint AS cases
        FROM watched_count w
        JOIN counted_day c ON c.source = w.source AND c.day = w.day AND c.recorded_division_code = w.division_code
        JOIN area_division ad ON ad.division_code = c.division_code
        WHERE ad.area_key <> 'division UNKNOWN'
        GROUP BY 1, 2, 3, 4
    ), covered AS (
        -- On which days the area was there, and on which any of its divisions had no records.
        SELECT s.source, ad.area_key, range_agg(d.held) AS held, range_agg(d.held - coalesce(c.covered, datemultirange())) AS uncovered
        FROM (VALUES ('administration'), ('overdose_incident'), ('drug_death'), ('substance_signal')) AS s (source)
        CROSS JOIN area_division ad
        JOIN division_day d ON d.division_code = ad.division_code AND ad.division_code <> 'UNKNOWN'
        LEFT JOIN coverage c ON c.source = s.source AND c.division_code = ad.division_code
        GROUP BY 1, 2
    ), week AS (
        SELECT b.first_monday + 7 * n AS week_start, daterange(b.first_monday + 7 * n, b.first_monday + 7 * n + 7) AS span
        FROM (SELECT min(p.period_start) + (8 - extract(isodow FROM min(p.period_start))::integer) % 7 AS first_monday, max(a.day) AS last_day
              FROM period p CROSS JOIN as_of a WHERE p.grain = 'month') b
        CROSS JOIN generate_series(0, (b.last_day - b.first_monday + 1) / 7 - 1) AS n
    ), known AS (
        SELECT k.source, k.area_key, k.week_start, k.is_known
        FROM (SELECT c.source, c.area_key, w.week_start, i.is_known,
                     min(w.week_start) FILTER (WHERE i.is_known) OVER (PARTITION BY c.source, c.area_key) AS first_known
              FROM covered c CROSS JOIN week w CROSS JOIN LATERAL (SELECT c.held @> w.span AND NOT c.uncovered && w.span AS is_known) i) k
        WHERE k.week_start >= k.first_known
    ), watched AS (
        SELECT s.area_key, s.alert, k.week_start, CASE WHEN k.is_known THEN coalesce(b.cases, 0) END AS cases
        -- Of a substance, where it was ever named; of the others everywhere, since none is a count too.
        FROM (SELECT area_key, source, alert FROM by_week
              UNION SELECT c.area_key, o.source, o.alert
              FROM covered c
              JOIN (VALUES ('administration', 'doses_by_division administrations'), ('overdose_incident', 'overdoses_attended incidents_attended'),
                           ('drug_death', 'drug_deaths deaths')) AS o (source, alert) ON o.source = c.source) s
        JOIN known k USING (source, area_key)
        LEFT JOIN by_week b USING (area_key, source, alert, week_start)
    ), judged AS (
        SELECT w.area_key, w.alert, w.week_start, w.cases,
               ears(w.cases, 'C2', 26) OVER (PARTITION BY w.area_key, w.alert ORDER BY w.week_start) AS ears,
               sum(w.cases) OVER baseline AS baseline_cases, count(w.cases) OVER baseline AS baseline_weeks,
               sum(w.cases) OVER (PARTITION BY w.area_key, w.alert ORDER BY w.week_start ROWS 3 PRECEDING) AS four_weeks_cases
        FROM watched w
        WINDOW baseline AS (PARTITION BY w.area_key, w.alert ORDER BY w.week_start ROWS BETWEEN 28 PRECEDING AND 3 PRECEDING)
    ), reasoned AS (
        SELECT j.area_key, j.alert, j.week_start, j.cases, j.four_weeks_cases, j.ears, j.baseline_cases::bigint AS baseline_cases,
               CASE WHEN j.cases IS NULL THEN 'no records' WHEN j.baseline_weeks < 26 THEN 'history too short' ELSE (j.ears).reason END AS reason
        FROM judged j
    ), tested AS MATERIALIZED (
        -- What is not more than expected is no sign of an outbreak, however rarely chance makes it so little.
        SELECT r.area_key, r.alert, r.week_start, r.cases, r.four_weeks_cases, r.reason,
               CASE WHEN r.reason IS NULL THEN (r.ears).expected END AS expected,
               CASE WHEN r.reason IS NULL THEN (r.ears).upper_bound END AS upper_bound,
               CASE WHEN r.reason IS NULL THEN CASE WHEN r.cases > (r.ears).expected THEN (rate_ratio(r.cases, 1, r.baseline_cases, 26)).p_value ELSE 1 END END AS p_value,
               a.area_type = 'division' AS is_division
        FROM reasoned r JOIN area a USING (area_key)
    ), compared AS (
        SELECT t.area_key, t.alert, t.week_start, t.cases, t.four_weeks_cases, t.reason, t.expected, t.upper_bound, t.p_value,
               CASE WHEN t.is_division AND count(t.p_value) OVER family > 1 THEN benjamini_hochberg(t.p_value) OVER family END AS q_value
        FROM tested t
        WINDOW family AS (PARTITION BY t.alert, t.week_start, t.is_division)
    )
    SELECT 'month ' || to_char(c.week_start + 6, 'YYYY-MM') AS period_key, c.area_key, c.alert, c.week_start, c.cases, c.expected, c.upper_bound, c.p_value, c.q_value,
           CASE WHEN c.reason IS NULL THEN c.cases > c.upper_bound AND c.four_weeks_cases >= 5 AND (c.p_value < 0.001 OR coalesce(c.q_value < 0.05, false)) END AS alarm, c.reason
    FROM compared c;
CREATE UNIQUE INDEX harm_watch_key ON harm_watch (area_key, alert, week_start);

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
    JOIN area a ON a.area_key = c.area_key AND a.area_type = 'division'
    UNION ALL
    -- Beyond the limit on the funnel plot that one in a thousand would be beyond by its size alone.
    SELECT 'worse_than_others', f.identifier || ' ' || f.statistic, f.ambulance_category, f.clock, 'NONE', f.period_key, f.area_key, f.value,
           CASE WHEN f.value > f.value_of_others THEN f.outer_upper_limit ELSE f.outer_lower_limit END, f.q_value, f.verdict = 'worse'
    FROM indicator_funnel f;

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
           r.number = r.last_number AS is_current, NULL::text AS evidence
    FROM raised r
    WINDOW spell AS (PARTITION BY r.alert_kind, r.alert, r.ambulance_category, r.clock, r.urban_rural, r.area_key, r.grain, r.spell)
    UNION ALL
    -- Of weeks, a month has the last that ends in it with an alarm.
    SELECT u.period_key, u.area_key, 'more_than_usual', u.alert, 'NONE', 'NONE', 'NONE', u.cases, u.upper_bound, u.q_value,
           u.first_seen, u.last_seen, u.last_seen = u.last_known + 6,
           'week from ' || to_char(u.week_start, 'YYYY-MM-DD') || ': ' || u.cases || ' where ' || round(u.expected::numeric, 1) || ' were expected, limit '
           || round(u.upper_bound::numeric, 1)
    FROM (
        SELECT s.period_key, s.area_key, s.alert, s.week_start, s.cases, s.expected, s.upper_bound, s.q_value, s.last_known,
               min(s.week_start) OVER spell AS first_seen, max(s.week_start) OVER spell + 6 AS last_seen,
               row_number() OVER (PARTITION BY s.period_key, s.area_key, s.alert ORDER BY s.week_start DESC) AS from_last
        FROM (
            SELECT h.period_key, h.area_key, h.alert, h.week_start, h.cases, h.expected, h.upper_bound, h.q_value, h.last_known,
                   h.week_start - 7 * row_number() OVER (PARTITION BY h.area_key, h.alert ORDER BY h.week_start)::integer AS spell
            FROM (SELECT w.*, max(w.week_start) FILTER (WHERE w.alarm IS NOT NULL) OVER (PARTITION BY w.alert) AS last_known FROM harm_watch w) h
            WHERE h.alarm
        ) s
        WINDOW spell AS (PARTITION BY s.area_key, s.alert, s.spell)
    ) u
    WHERE u.from_last = 1;
CREATE UNIQUE INDEX harm_alerts_key ON harm_alerts (period_key, area_key, alert_kind, alert, ambulance_category, clock, urban_rural);

INSERT INTO refresh_step VALUES
    (800, 'engine_room', 'harm_watch'),
    (801, 'engine_room', 'harm_alerts');

INSERT INTO object_definition VALUES
    ('alert_threshold', 'the figures of indicators at which somebody is to be called; none by default'),
    ('watched_count', 'what is watched week by week, by day and the division that records name'),
    ('harm_watch', 'the weeks of drug deaths, administrations, overdoses and signals of each substance, beside what is usual'),
    ('harm_alert', 'everything that could be an alert but weeks with more than usual, by period and area, and whether it is'),
    ('harm_alerts', 'what needs a call: figures beyond thresholds, kits past their expiry, ambulances that come later when the police call, divisions worse than the others, weeks with more than usual');

INSERT INTO dictionary VALUES
    ('harm_alerts', 'alert_kind', 'threshold: a figure beyond a threshold that the force set; kits_past_expiry: kits on hand that are past their expiry; police_calls_answered_later: ambulances come later when the police call; worse_than_others: a division is worse than all others by more than its size explains; more_than_usual: a week with more deaths, administrations, overdoses or signals of a substance than the half year before it explains', 'key', false, NULL, NULL),
    ('harm_alerts', 'alert', 'which indicator or KPI it is about, and which of its counts', 'key', false, NULL, 'alert_threshold, indicator'),
    ('harm_alerts', 'alerts', 'alerts of the month and division', 'alerts', true, 'an alert that lasts counts in every month', NULL),
    ('harm_alerts', 'urban_rural', 'urban or rural, where calls are compared; else NONE', 'key', false, NULL, 'ambulance_activation'),
    ('harm_alerts', 'value', 'the figure: of the indicator, kits past their expiry, minutes later, or the week''s count', 'as the alert says', false, NULL, NULL),
    ('harm_alerts', 'threshold', 'the threshold, the limit of what is usual, or the limit on the funnel plot that it is beyond', 'as the alert says', false, NULL, 'alert_threshold'),
    ('harm_alerts', 'q_value', 'how often chance alone would do this, allowing for how many divisions were looked at', 'probability', false, 'only where divisions were compared with each other by a test; below 0.05, but for what is outside the limits of one in a thousand: a week with more than usual, or a division worse than the others', NULL),
    ('harm_alerts', 'first_seen', 'first day of the first of the periods, or weeks, without a break in which it was so', 'date', false, NULL, NULL),
    ('harm_alerts', 'last_seen', 'last day of the last of them', 'date', false, NULL, NULL),
    ('harm_alerts', 'is_current', 'whether it is so in the last period, or week, that can say: 1 yes, 0 no', 'flag', false, NULL, 'as_of'),
    ('harm_alerts', 'evidence', 'in words, the week with more than usual: how many there were, how many were expected, and the limit of what is usual', 'text', false, 'the last such week that ends in the month; harm_watch has them all', NULL),
    ('harm_watch', 'period_key', 'the month in which the week ends', 'key', false, NULL, NULL),
    ('harm_watch', 'alert', 'which KPI it is about, and which of its counts', 'key', false, 'a substance has a series where signals ever name it; NONE and UNKNOWN are no substance', NULL),
    ('harm_watch', 'week_start', 'the Monday on which the week begins', 'date', false, 'weeks that are over on the day of the refresh, from the first of which all days of the area have records', 'as_of'),
    ('harm_watch', 'cases', 'how many there were in the week: deaths, administrations, incidents, or signals that name the substance', 'cases', false, '0: none recorded; empty: some days of the week have no records. A record of no known division is in the force''s row alone', NULL),
    ('harm_watch', 'expected', 'how many are usual: the mean of 26 weeks, which end two weeks before', 'cases', false, 'EARS C2; the two weeks are left out so that the beginning of an outbreak does not hide it', NULL),
    ('harm_watch', 'upper_bound', 'the limit of what is usual: expected, and 3.09 standard deviations of those 26 weeks', 'cases', false, NULL, NULL),
    ('harm_watch', 'p_value', 'how often chance alone would do this, if nothing had changed since the 26 weeks', 'probability', false, 'exact test of the week against the 26, of counts that come singly; 1 where there are no more than expected', NULL),
    ('harm_watch', 'q_value', 'the same, allowing for how many divisions were looked at in the week', 'probability', false, 'Benjamini and Hochberg; of divisions only', NULL),
    ('harm_watch', 'alarm', 'whether the week has more than usual: 1 yes, 0 no; empty: see reason', 'flag', false, 'above upper_bound, and either p_value below 0.001 or q_value below 0.05; never with fewer than five in four weeks', NULL),
    ('harm_watch', 'reason', 'why nothing can be said: no records: some days of the week have none; history too short: nor have some of the 26 weeks; flat baseline: all 26 have the same count, so nothing shows how much counts vary', 'text', false, 'a first case after half a year without any is a flat baseline: look at it yourself', NULL);
