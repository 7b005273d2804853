-- Indicators of less than one event a month: has the time between events, or the number of cases, changed? Months that mostly have none say little.

-- The events of an indicator by the day and division that they count in, and the others that it is a share of: as its KPI counts them, so that the days of a month
-- add up to the scorecard's numerator and the rest of its denominator. What counts people once a period, or is not of single events, has no such days.
CREATE VIEW indicator_event_day AS
    SELECT 'doses_by_division' AS identifier, 'rate' AS statistic, 'NONE' AS ambulance_category, 'NONE' AS clock, c.month, c.day, c.division_code,
           a.administrations AS events, 0::bigint AS others
    FROM administration_day a
    JOIN counted_day c ON c.source = 'administration' AND c.day = a.day AND c.recorded_division_code = a.division_code
    JOIN area d ON d.division_code = c.division_code AND d.division_type = 'territorial'
    UNION ALL
    SELECT 'drug_deaths', 'rate', 'NONE', 'NONE', c.month, c.day, c.division_code, 1, 0
    FROM dated_drug_death r
    JOIN counted_day c ON c.source = 'drug_death' AND c.day = r.day AND c.recorded_division_code = r.division_code
    JOIN area d ON d.division_code = c.division_code AND d.division_type = 'territorial'
    WHERE r.status <> 'excluded'
    UNION ALL
    SELECT x.identifier, 'share', 'ALL', r.clock, c.month, c.day, c.division_code, x.events, x.others
    FROM ambulance_response_day r
    JOIN counted_day c ON c.source = 'administration' AND c.day = r.day AND c.recorded_division_code = r.division_code
    CROSS JOIN LATERAL (SELECT num_values(r.naloxone_to_ambulance) AS known, num_within(r.naloxone_to_ambulance, 2400) AS within_40_mins) wait
    CROSS JOIN LATERAL (VALUES
        ('ambulance_downgraded', r.downgraded, r.category_known_at_both_ends - r.downgraded),
        ('naloxone_to_ambulance_over_40_mins', wait.known - wait.within_40_mins, wait.within_40_mins)
    ) AS x (identifier, events, others)
    UNION ALL
    -- Of episodes that were followed to their end.
    SELECT x.identifier, 'share', 'NONE', 'NONE', c.month, c.day, c.division_code, x.events, e.episodes - x.events
    FROM episode_day e
    CROSS JOIN setting
    JOIN counted_day c ON c.source = 'administration' AND c.day = e.day AND c.recorded_division_code = e.division_code
    JOIN counted r ON r.source = 'referral_event' AND r.division_code = c.division_code
    JOIN LATERAL (SELECT upper(span) - 1 AS last_day FROM unnest(r.days) AS span WHERE span @> e.day) f ON f.last_day >= e.day + setting.episode_days
    CROSS JOIN LATERAL (VALUES
        ('reviewed_within_72_hours', e.reviewed_within_72_hours),
        ('service_notified_within_72_hours', e.service_notified_within_72_hours)
    ) AS x (identifier, events)
    WHERE e.route = 'ALL'
    UNION ALL
    SELECT 'recorded_police_warning', 'share', 'NONE', 'NONE', c.month, c.day, c.division_code, m.warnings, m.disposals - m.warnings
    FROM direct_measure_day m
    JOIN counted_day c ON c.source = 'direct_measure' AND c.day = m.day AND c.recorded_division_code = m.division_code
    UNION ALL
    SELECT 'substance_signals_tested', 'share', 'NONE', 'NONE', c.month, c.day, c.division_code,
           (s.basis = 'tested')::integer, (s.basis = 'suspected')::integer
    FROM dated_substance_signal s
    JOIN counted_day c ON c.source = 'substance_signal' AND c.day = s.day AND c.recorded_division_code = s.division_code
    UNION ALL
    SELECT 'survived_after_naloxone', 'share', 'NONE', 'NONE', c.month, c.day, c.division_code, s.survived, s.died
    FROM survival_day s
    JOIN counted_day c ON c.source = 'administration' AND c.day = s.day AND c.recorded_division_code = s.division_code
    UNION ALL
    SELECT 'first_aid_use', 'share', 'NONE', 'NONE', c.month, c.day, c.division_code, f.times_done, f.times_not_done
    FROM first_aid_day f
    JOIN counted_day c ON c.source = 'administration' AND c.day = f.day AND c.recorded_division_code = f.division_code
    WHERE f.technique = 'any_technique'
    UNION ALL
    SELECT 'overdoses_attended', 'share', 'NONE', 'NONE', c.month, c.day, c.division_code,
           o.naloxone_given, CASE WHEN h.why_not IS NOT NULL THEN o.naloxone_not_given ELSE 0 END
    FROM overdose_incident_day o
    JOIN counted_day c ON c.source = 'overdose_incident' AND c.day = o.day AND c.recorded_division_code = o.division_code
    LEFT JOIN naloxone_not_at_hand h ON h.why_not = o.why_not
    UNION ALL
    -- A report that was shared nobody knows when is neither on time nor late.
    SELECT 'agency_information_sharing', 'share', 'NONE', 'NONE', s.month, s.due_on, s.division_code,
           s.is_on_time::integer, (NOT s.is_on_time AND (NOT s.is_shared OR coalesce(s.is_late, false)))::integer
    FROM information_share_due s
    UNION ALL
    SELECT 'late_records', 'share', 'NONE', 'NONE', c.month, c.day, c.division_code, delay.known - delay.within_limit, delay.within_limit
    FROM administration_quality_day q
    CROSS JOIN setting
    JOIN counted_day c ON c.source = 'administration' AND c.day = q.day AND c.recorded_division_code = q.division_code
    CROSS JOIN LATERAL (SELECT num_values(q.delay) AS known, num_within(q.delay, 3600 * setting.late_record_hours) AS within_limit) delay;

-- A row an event, of every stretch of settled months that is long enough and has enough of them. The event is the rarer of what is counted and what is not.
CREATE MATERIALIZED VIEW rare_event_chart AS
    WITH month AS (
        SELECT m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key, m.period_key, m.period_start, m.period_end, m.chart, m.is_mostly_counted,
               m.improvement_direction,
               dense_rank() OVER (ORDER BY m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key, m.policies, m.stretch) AS series
        FROM charted_month m
        WHERE m.chart IN ('t', 'g')
    ), by_day AS (
        SELECT m.series, m.period_start, d.day,
               sum(CASE WHEN m.is_mostly_counted THEN d.others ELSE d.events END)::bigint AS events,
               sum(CASE WHEN m.is_mostly_counted THEN d.events ELSE d.others END)::bigint AS others
        FROM month m
        JOIN area_division ad ON ad.area_key = m.area_key
        JOIN indicator_event_day d ON d.identifier = m.identifier AND d.statistic = m.statistic AND d.ambulance_category = m.ambulance_category AND d.clock = m.clock
             AND d.month = m.period_start AND d.division_code = ad.division_code
        GROUP BY m.series, m.period_start, d.day
    ), day AS (
        -- Which came first on a day is not known: its other cases are taken to come before its events.
        SELECT b.series, b.period_start, b.day, b.events, sum(b.others) OVER (PARTITION BY b.series ORDER BY b.day)::bigint AS others_so_far
        FROM by_day b
    ), event AS (
        SELECT d.series, d.period_start, d.day, d.others_so_far,
               row_number() OVER stretch AS event_number,
               d.day - lag(d.day) OVER stretch AS days,
               d.others_so_far - lag(d.others_so_far) OVER stretch AS others,
               count(*) OVER (PARTITION BY d.series) - 1 AS points
        FROM day d
        CROSS JOIN LATERAL generate_series(1, d.events) AS n (number)
        WINDOW stretch AS (PARTITION BY d.series ORDER BY d.day, n.number)
    ), measured AS (
        -- Two events on one day are taken to be half a day apart: with days in whole numbers that flags as often as the exact times would (doc/control_chart.md).
        SELECT e.series, s.chart, s.is_mostly_counted, s.improvement_direction, e.period_start, e.day, e.others_so_far, e.event_number, e.points,
               CASE WHEN e.event_number > 1 THEN CASE s.chart WHEN 't' THEN greatest(e.days, 0.5)::float8 ELSE e.others::float8 END END AS between_events
        FROM event e
        JOIN (SELECT DISTINCT m.series, m.chart, m.is_mostly_counted, m.improvement_direction FROM month m) s ON s.series = e.series
        WHERE e.points >= 12
    ), drawn AS (
        SELECT e.series, e.chart, e.is_mostly_counted, e.period_start, e.day, e.others_so_far, e.event_number, e.points, e.between_events,
               CASE e.chart
                   WHEN 't' THEN t_chart(CASE WHEN e.chart = 't' THEN e.between_events END, improvement_direction => e.improvement_direction) OVER stretch
                   WHEN 'g' THEN g_chart(CASE WHEN e.chart = 'g' THEN e.between_events::bigint END, improvement_direction => e.improvement_direction) OVER stretch
               END AS point
        FROM measured e
        WINDOW stretch AS (PARTITION BY e.series ORDER BY e.event_number)
    ), month_end AS (
        -- How many events and others there had been by the end of each month.
        SELECT m.series, m.period_key, m.period_start, m.period_end, coalesce(t.events, 0) AS events,
               sum(t.events) OVER stretch AS events_so_far, max(t.others_so_far) OVER stretch AS others_so_far
        FROM month m
        LEFT JOIN (SELECT d.series, d.period_start, sum(d.events) AS events, max(d.others_so_far) AS others_so_far FROM day d GROUP BY d.series, d.period_start) t
             ON t.series = m.series AND t.period_start = m.period_start
        WINDOW stretch AS (PARTITION BY m.series ORDER BY m.period_start)
    ), silence AS (
        -- The first month at whose end the next event could only come beyond the limit.
        SELECT d.series, d.event_number, min(m.period_key) AS too_long_from
        FROM drawn d
        JOIN month_end m ON m.series = d.series AND m.events_so_far = d.event_number
        -- A limit that should be a whole number may be a rounding error less.
        WHERE m.events = 0 AND d.event_number > 1
          AND CASE WHEN d.chart = 't' THEN m.period_end + 1 - d.day ELSE m.others_so_far - d.others_so_far END > (d.point).upper_limit * (1 + 1e-9)
        GROUP BY d.series, d.event_number
    )
    SELECT m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key, m.period_key,
           row_number() OVER (PARTITION BY m.identifier, m.statistic, m.ambulance_category, m.clock, m.area_key ORDER BY m.period_start, d.event_number) AS event_number,
           d.chart, d.points, CASE WHEN d.is_mostly_counted THEN 'not counted' ELSE 'counted' END AS event,
           d.between_events, (d.point).centre AS centre, (d.point).lower_limit AS lower_limit, (d.point).upper_limit AS upper_limit,
           (d.point).rule AS rule, (d.point).variation AS variation, s.too_long_from
    FROM drawn d
    JOIN month m ON m.series = d.series AND m.period_start = d.period_start
    LEFT JOIN silence s ON s.series = d.series AND s.event_number = d.event_number;
CREATE UNIQUE INDEX rare_event_chart_key ON rare_event_chart (identifier, statistic, ambulance_category, clock, area_key, event_number);

INSERT INTO refresh_step VALUES (765, 'engine_room', 'rare_event_chart');

INSERT INTO object_definition VALUES
    ('indicator_event_day', 'the events of the headline indicators that have days, and what they are a share of: by day and division counted in'),
    ('rare_event_chart', 'the control chart of every headline indicator and area of less than one event a month: a row an event');

INSERT INTO dictionary VALUES
    ('rare_event_chart', 'identifier', 'the indicator', 'key', false, NULL, 'indicator'),
    ('rare_event_chart', 'statistic', 'which of the indicator''s figures', 'key', false, NULL, 'indicator'),
    ('rare_event_chart', 'period_key', 'the month of the event; joins to dim_period', 'key', false, 'the day is not shown', NULL),
    ('rare_event_chart', 'ambulance_category', 'the category first given to the call; ALL is all of them together; NONE where the indicator is not about ambulances', 'key', false, 'as the scorecard has them', 'scorecard'),
    ('rare_event_chart', 'clock', 'what started the clock: the call, or the assignment of the acuity; NONE where the indicator is not about ambulances', 'key', false, NULL, 'scorecard'),
    ('rare_event_chart', 'title', 'the indicator''s title', 'text', false, NULL, 'indicator'),
    ('rare_event_chart', 'better', 'which way is better for the indicator: higher, lower, or neutral where neither is', 'text', false, NULL, 'indicator'),
    ('rare_event_chart', 'event_number', 'the events of the indicator and area, in their order', 'key', false, 'from 1; only those that are on a chart', NULL),
    ('rare_event_chart', 'chart', 'the kind of control chart: t of the days between events where the indicator is a rate, g of the cases between them where it is a share', 'text', false, 'where less than one a month is counted, or of a share is not counted', NULL),
    ('rare_event_chart', 'points', 'how many intervals between events the chart is made of', 'intervals', false, 'of months in a row with records: a gap in the records or a change of policy begins another chart; below 12 there is none', NULL),
    ('rare_event_chart', 'event', 'what an event is: counted is what the indicator counts; not counted is what it does not, where that is the rarer', 'text', false, 'where nearly everybody survives, the events are deaths', NULL),
    ('rare_event_chart', 'between_events', 'how long before this event the one before it was, or how many cases came between the two; NULL for the first', 'as unit_between says', false, 'two on one day count as half a day apart; of one day''s cases the events are taken to be the last', NULL),
    ('rare_event_chart', 'unit_between', 'what between_events, centre and limits are measured in: days or cases', 'text', false, NULL, NULL),
    ('rare_event_chart', 'centre', 'the middle about which the intervals vary', 'as unit_between says', false, 'of all intervals of the chart', NULL),
    ('rare_event_chart', 'lower_limit', 'what ordinary variation hardly ever goes below', 'as unit_between says', false, 'three standard deviations; not below 0', NULL),
    ('rare_event_chart', 'upper_limit', 'what ordinary variation hardly ever goes above', 'as unit_between says', false, 'three standard deviations', NULL),
    ('rare_event_chart', 'rule', 'the rule that flags the interval: beyond a limit, a trend of seven, two of three near a limit, or a run of seven on one side of the centre; NULL: none', 'text', false, 'above is longer between events, so fewer of them; the first rule that applies', NULL),
    ('rare_event_chart', 'variation', 'common cause: the intervals vary as they always do; improvement or concern: something changed, for better or worse; special cause: something changed, and neither way is better', 'text', false, 'a flag says that something changed, not what', NULL),
    ('rare_event_chart', 'too_long_from', 'the month at whose end nothing had followed the event for longer than upper_limit; NULL: it was not so long', 'text', false, 'a period_key; until the next event, which then has the flag itself', NULL);
