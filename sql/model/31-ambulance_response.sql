-- How long until an ambulance. A response is one incident's first-arriving ambulance.

CREATE VIEW ambulance_response_day_source AS
    WITH form AS (
        SELECT a.administration_id, a.incident_id, a.incident_day, a.incident_division_counted, a.occurred_at,
               coalesce(nullif(a.ambulance_category_first, 'ALL'), 'UNKNOWN') AS ambulance_category,
               coalesce(nullif(a.call_source, 'ALL'), 'UNKNOWN') AS call_source,
               CASE WHEN t.from_call THEN 'call' ELSE coalesce(a.clock, 'UNKNOWN') END AS clock,
               CASE WHEN t.seconds BETWEEN 0 AND 86400 THEN 'arrived'
                    WHEN t.seconds IS NOT NULL THEN 'invalid'
                    WHEN a.ambulance_stood_down_at IS NOT NULL THEN 'stood_down'
                    WHEN a.ambulance_attended THEN 'not_known'
                    -- That the person left says nothing about an ambulance where nothing else does.
                    WHEN coalesce(a.ambulance_called_at, a.ambulance_clock_started_at, a.ambulance_arrived_at) IS NULL
                         AND a.ambulance_category_first IS NULL AND a.ambulance_attended IS NULL THEN 'not_recorded'
                    WHEN a.person_left_at IS NOT NULL THEN 'person_left'
                    WHEN NOT a.ambulance_attended THEN 'not_attended'
                    ELSE 'not_known' END AS outcome,
               t.seconds,
               a.ambulance_arrived_at,
               CASE WHEN local_day(a.naloxone_first_at, 'UTC') IS NOT NULL AND local_day(a.ambulance_arrived_at, 'UTC') IS NOT NULL
                    THEN floor(extract(epoch FROM a.ambulance_arrived_at - a.naloxone_first_at)) END AS naloxone_to_ambulance,
               sign(last.urgency - first.urgency) AS category_change
        FROM attributed_administration a
        LEFT JOIN ambulance_category first ON first.ambulance_category = a.ambulance_category_first
        LEFT JOIN ambulance_category last ON last.ambulance_category = a.ambulance_category_last AND last.service = first.service
        CROSS JOIN LATERAL (
            SELECT a.ambulance_clock_started_at IS NULL AND isfinite(a.ambulance_called_at)
                   AND (a.ambulance_arrived_at IS NOT NULL OR a.clock IS NULL) AS from_call,
                   -- From times where there are two, else from the minutes on the form.
                   CASE WHEN local_day(a.ambulance_arrived_at, 'UTC') IS NOT NULL AND local_day(clock_from.at, 'UTC') IS NOT NULL
                        THEN floor(extract(epoch FROM a.ambulance_arrived_at - clock_from.at))
                        -- Times of another age are as impossible as an arrival before the call.
                        WHEN isfinite(a.ambulance_arrived_at) AND isfinite(clock_from.at) THEN -1
                        ELSE a.ambulance_response_mins * 60 END AS seconds
            FROM (SELECT coalesce(a.ambulance_clock_started_at, a.ambulance_called_at) AS at) clock_from
        ) t
    ), ranked AS (
        SELECT f.*, row_number() OVER incident AS choice,
               first_value(f.ambulance_category) OVER incident AS incident_category,
               first_value(f.clock) OVER incident AS incident_clock,
               first_value(f.call_source) OVER incident AS incident_call_source
        FROM form f
        WINDOW incident AS (
            PARTITION BY f.incident_id
            ORDER BY array_position(ARRAY['arrived', 'stood_down', 'person_left', 'not_attended', 'invalid', 'not_known', 'not_recorded'], f.outcome),
                     f.ambulance_arrived_at, f.seconds, f.occurred_at, f.administration_id)
    )
    SELECT incident_day AS day, incident_division_counted AS division_code, incident_category AS ambulance_category,
           incident_clock AS clock, incident_call_source AS call_source,
           count(*) FILTER (WHERE choice = 1) AS incidents,
           count(*) FILTER (WHERE choice = 1 AND outcome <> 'not_recorded') AS calls,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'arrived') AS arrivals,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'stood_down') AS stood_down,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'person_left') AS person_left,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'not_attended') AS not_attended,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'not_known') AS not_known,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'invalid') AS invalid,
           count(*) FILTER (WHERE choice = 1 AND category_change IS NOT NULL) AS category_known_at_both_ends,
           count(*) FILTER (WHERE choice = 1 AND category_change > 0) AS downgraded,
           count(*) FILTER (WHERE choice = 1 AND category_change < 0) AS upgraded,
           coalesce(duration_dist(seconds::integer) FILTER (WHERE choice = 1 AND outcome = 'arrived'), '{}') AS response,
           count(*) FILTER (WHERE naloxone_to_ambulance < 0) AS ambulance_before_naloxone,
           coalesce(duration_dist(naloxone_to_ambulance::integer) FILTER (WHERE naloxone_to_ambulance BETWEEN 0 AND 86400), '{}') AS naloxone_to_ambulance
    FROM ranked
    GROUP BY 1, 2, 3, 4, 5;

CREATE TABLE ambulance_response_day AS TABLE ambulance_response_day_source WITH NO DATA;
ALTER TABLE ambulance_response_day ADD PRIMARY KEY (day, division_code, ambulance_category, clock, call_source);

-- By month and division, with ALL categories and ALL call sources; clocks measure different things and are never pooled.
CREATE VIEW ambulance_response_month AS
    SELECT c.month, c.division_code,
           CASE WHEN grouping(r.ambulance_category) = 1 THEN 'ALL' ELSE r.ambulance_category END AS ambulance_category,
           r.clock,
           CASE WHEN grouping(r.call_source) = 1 THEN 'ALL' ELSE r.call_source END AS call_source,
           sum(r.incidents) AS incidents, sum(r.calls) AS calls, sum(r.arrivals) AS arrivals, sum(r.stood_down) AS stood_down,
           sum(r.person_left) AS person_left, sum(r.not_attended) AS not_attended, sum(r.not_known) AS not_known, sum(r.invalid) AS invalid,
           sum(r.category_known_at_both_ends) AS category_known_at_both_ends, sum(r.downgraded) AS downgraded, sum(r.upgraded) AS upgraded,
           rollup(r.response) AS response, sum(r.ambulance_before_naloxone) AS ambulance_before_naloxone,
           rollup(r.naloxone_to_ambulance) AS naloxone_to_ambulance
    FROM ambulance_response_day r
    JOIN counted_day c ON c.source = 'administration' AND c.day = r.day AND c.recorded_division_code = r.division_code
    GROUP BY GROUPING SETS ((c.month, c.division_code, r.clock, r.ambulance_category, r.call_source),
                            (c.month, c.division_code, r.clock, r.ambulance_category),
                            (c.month, c.division_code, r.clock, r.call_source),
                            (c.month, c.division_code, r.clock));

CREATE MATERIALIZED VIEW ambulance_response AS
    WITH by_month AS MATERIALIZED (
        SELECT * FROM ambulance_response_month
    ), summed AS (
        SELECT pm.period_key, ad.area_key, m.ambulance_category, m.clock, m.call_source,
               sum(m.incidents)::bigint AS incidents, sum(m.calls)::bigint AS calls, sum(m.arrivals)::bigint AS arrivals,
               sum(m.stood_down)::bigint AS stood_down, sum(m.person_left)::bigint AS person_left,
               sum(m.not_attended)::bigint AS not_attended, sum(m.not_known)::bigint AS not_known, sum(m.invalid)::bigint AS invalid,
               sum(m.category_known_at_both_ends)::bigint AS category_known_at_both_ends,
               sum(m.downgraded)::bigint AS downgraded, sum(m.upgraded)::bigint AS upgraded,
               rollup(m.response) AS response, sum(m.ambulance_before_naloxone)::bigint AS ambulance_before_naloxone,
               rollup(m.naloxone_to_ambulance) AS naloxone_to_ambulance
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2, 3, 4, 5
    ), key AS (
        SELECT DISTINCT ambulance_category, clock, call_source FROM by_month
    ), filled AS (
        SELECT ap.period_key, ap.area_key, k.ambulance_category, k.clock, k.call_source,
               ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN coalesce(s.incidents, 0) END AS incidents,
               CASE WHEN ap.is_covered THEN coalesce(s.calls, 0) END AS calls,
               CASE WHEN ap.is_covered THEN coalesce(s.arrivals, 0) END AS arrivals,
               CASE WHEN ap.is_covered THEN coalesce(s.stood_down, 0) END AS stood_down,
               CASE WHEN ap.is_covered THEN coalesce(s.person_left, 0) END AS person_left,
               CASE WHEN ap.is_covered THEN coalesce(s.not_attended, 0) END AS not_attended,
               CASE WHEN ap.is_covered THEN coalesce(s.not_known, 0) END AS not_known,
               CASE WHEN ap.is_covered THEN coalesce(s.invalid, 0) END AS invalid,
               CASE WHEN ap.is_covered THEN coalesce(s.category_known_at_both_ends, 0) END AS category_known_at_both_ends,
               CASE WHEN ap.is_covered THEN coalesce(s.downgraded, 0) END AS downgraded,
               CASE WHEN ap.is_covered THEN coalesce(s.upgraded, 0) END AS upgraded,
               CASE WHEN ap.is_covered THEN coalesce(s.ambulance_before_naloxone, 0) END AS ambulance_before_naloxone,
               CASE WHEN ap.is_covered THEN coalesce(s.response, '{}') END AS response,
               CASE WHEN ap.is_covered THEN coalesce(s.naloxone_to_ambulance, '{}') END AS naloxone_to_ambulance,
               target_mins.median AS median_target_mins, target_mins.p95 AS p95_target_mins
        FROM area_period ap
        JOIN period p USING (period_key)
        CROSS JOIN key k
        LEFT JOIN summed s USING (period_key, area_key, ambulance_category, clock, call_source)
        -- A target holds for the whole period or not at all; an area's own goes before everywhere's.
        CROSS JOIN LATERAL (
            SELECT (array_agg(t.value ORDER BY t.area_key NULLS LAST, t.valid_from DESC) FILTER (WHERE t.statistic = 'median'))[1] AS median,
                   (array_agg(t.value ORDER BY t.area_key NULLS LAST, t.valid_from DESC) FILTER (WHERE t.statistic = 'percentile_95'))[1] AS p95
            FROM target t
            WHERE t.indicator = 'ambulance_response' AND t.ambulance_category = k.ambulance_category AND t.clock = k.clock
              AND (t.area_key IS NULL OR t.area_key = ap.area_key)
              AND t.valid_from <= p.period_start AND (t.valid_to IS NULL OR t.valid_to >= p.period_end)
        ) target_mins
        WHERE ap.source = 'administration'
    )
    SELECT f.period_key, f.area_key, f.ambulance_category, f.clock, f.call_source, f.division_days, f.covered_division_days,
           f.incidents, f.calls, f.arrivals, f.stood_down, f.person_left, f.not_attended, f.not_known, f.invalid,
           num_within(f.response, 480) AS arrivals_within_8_mins,
           num_within(f.response, 900) AS arrivals_within_15_mins,
           num_within(f.response, 1800) AS arrivals_within_30_mins,
           num_within(f.response, 3600) AS arrivals_within_60_mins,
           mean(f.response) / 60 AS mean_mins,
           minutes[1] AS median_mins, minutes[2] AS p75_mins, minutes[3] AS p90_mins, minutes[4] AS p95_mins,
           f.median_target_mins, f.p95_target_mins,
           minutes[1] <= f.median_target_mins AND minutes[4] <= f.p95_target_mins AS target_met,
           f.category_known_at_both_ends, f.downgraded, f.upgraded,
           downgraded.value AS downgraded_share, downgraded.lower AS downgraded_share_lower, downgraded.upper AS downgraded_share_upper,
           num_values(f.naloxone_to_ambulance) AS naloxone_to_ambulance_known, f.ambulance_before_naloxone,
           percentile(f.naloxone_to_ambulance, 0.5) / 60 AS naloxone_to_ambulance_median_mins,
           num_values(f.naloxone_to_ambulance) - num_within(f.naloxone_to_ambulance, 2400) AS waiting_over_40_mins,
           waiting.value AS waiting_over_40_mins_share, waiting.lower AS waiting_over_40_mins_share_lower,
           waiting.upper AS waiting_over_40_mins_share_upper
    FROM filled f
    CROSS JOIN setting
    CROSS JOIN LATERAL (SELECT ARRAY(SELECT s / 60 FROM unnest(percentile(f.response, '{0.5,0.75,0.9,0.95}'::float8[])) WITH ORDINALITY AS u (s, n) ORDER BY n) AS minutes) m
    CROSS JOIN LATERAL proportion_interval(f.downgraded, f.category_known_at_both_ends, setting.confidence) AS downgraded
    CROSS JOIN LATERAL proportion_interval(num_values(f.naloxone_to_ambulance) - num_within(f.naloxone_to_ambulance, 2400),
                                           num_values(f.naloxone_to_ambulance), setting.confidence) AS waiting;
CREATE UNIQUE INDEX ambulance_response_key ON ambulance_response (period_key, area_key, ambulance_category, clock, call_source);

CREATE VIEW minutes_band AS
    SELECT band, from_mins, to_mins,
           CASE WHEN to_mins IS NULL THEN from_mins || ' and over' ELSE from_mins || ' to under ' || to_mins END AS label
    FROM (SELECT row_number() OVER (ORDER BY from_mins)::smallint AS band, from_mins, lead(from_mins) OVER (ORDER BY from_mins) AS to_mins
          FROM unnest(ARRAY[0, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60]) AS from_mins) b;

CREATE MATERIALIZED VIEW ambulance_response_histogram AS
    WITH summed AS (
        SELECT pm.period_key, ad.area_key, m.ambulance_category, m.clock, rollup(m.response) AS response
        FROM ambulance_response_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        WHERE m.call_source = 'ALL'
        GROUP BY 1, 2, 3, 4
    ), key AS (
        SELECT DISTINCT ambulance_category, clock FROM summed
    )
    SELECT ap.period_key, ap.area_key, k.ambulance_category, k.clock, b.band,
           CASE WHEN ap.is_covered THEN
               coalesce(coalesce(num_within(s.response, b.to_mins * 60 - 1), num_values(s.response))
                        - CASE WHEN b.from_mins = 0 THEN 0 ELSE num_within(s.response, b.from_mins * 60 - 1) END, 0)
           END AS arrivals
    FROM area_period ap
    CROSS JOIN key k
    CROSS JOIN minutes_band b
    LEFT JOIN summed s USING (period_key, area_key, ambulance_category, clock)
    WHERE ap.source = 'administration';
CREATE UNIQUE INDEX ambulance_response_histogram_key ON ambulance_response_histogram (period_key, area_key, ambulance_category, clock, band);

INSERT INTO refresh_step VALUES
    (210, 'engine_room', 'ambulance_response_day'),
    (410, 'engine_room', 'ambulance_response'),
    (411, 'engine_room', 'ambulance_response_histogram');

INSERT INTO object_definition VALUES
    ('ambulance_response_day_source', 'what a refresh fills ambulance_response_day with'),
    ('ambulance_response_day', 'ambulance responses by day, division, category, clock and call source, with the exact distribution of their times'),
    ('ambulance_response_month', 'ambulance_response_day by month, with all categories and all call sources together'),
    ('ambulance_response', 'how long until an ambulance: by period, area, category, clock and call source'),
    ('minutes_band', 'the bands of ambulance_response_histogram'),
    ('ambulance_response_histogram', 'how many ambulances arrived within each band of minutes');

INSERT INTO dictionary VALUES
    (NULL, 'ambulance_category', 'the category first given to the call; ALL is all of them together and has no target', 'key', false, NULL, 'administration'),
    (NULL, 'clock', 'what started the clock: the call, or the assignment of the acuity. They are never pooled', 'key', false, 'of a call without a time it is what the form says, else the call', 'administration'),
    (NULL, 'call_source', 'who called: police on the scene, the public, other; ALL is all of them together', 'key', false, NULL, 'administration'),
    ('ambulance_response', 'division_days', 'days of the period so far, of all the area''s divisions together', 'days', false, 'the same in every category, clock and call source', 'division'),
    ('ambulance_response', 'covered_division_days', 'of division_days, those on which records exist', 'days', false, 'the same in every category, clock and call source', 'source_coverage'),
    ('ambulance_response', 'incidents', 'incidents in which an officer gave naloxone', 'incidents', true, 'an incident counts once; where its forms differ, the one with the first arrival counts', 'administration'),
    ('ambulance_response', 'calls', 'incidents of which anything about an ambulance is recorded', 'incidents', true, 'calls = arrivals + stood_down + person_left + not_attended + not_known + invalid', 'administration'),
    ('ambulance_response', 'arrivals', 'calls of which the response time is known', 'incidents', true, 'first-arriving ambulance; from times to the whole second, else from the minutes on the form', 'administration'),
    ('ambulance_response', 'stood_down', 'calls whose ambulance was stood down', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'person_left', 'calls where the person left before an ambulance came', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'not_attended', 'calls that no ambulance attended', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'not_known', 'calls of which it is not known whether or when an ambulance came', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'invalid', 'calls with impossible times: an arrival before the call, or over 24 hours', 'incidents', true, 'counted, but in no time', 'administration'),
    ('ambulance_response', 'arrivals_within_8_mins', 'arrivals within 8 minutes', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'arrivals_within_15_mins', 'arrivals within 15 minutes', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'arrivals_within_30_mins', 'arrivals within 30 minutes', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'arrivals_within_60_mins', 'arrivals within 60 minutes', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'mean_mins', 'mean response time, of arrivals', 'minutes', false, 'of arrivals only: who waited in vain is not in it', 'administration'),
    ('ambulance_response', 'median_mins', 'median response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration'),
    ('ambulance_response', 'p75_mins', '75th percentile of the response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration'),
    ('ambulance_response', 'p90_mins', '90th percentile of the response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration'),
    ('ambulance_response', 'p95_mins', '95th percentile of the response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration'),
    ('ambulance_response', 'median_target_mins', 'the target for the median', 'minutes', false, 'by category and clock, for a whole period', 'target'),
    ('ambulance_response', 'p95_target_mins', 'the target for the 95th percentile', 'minutes', false, 'by category and clock, for a whole period', 'target'),
    ('ambulance_response', 'target_met', 'whether median and 95th percentile are both within their targets: 1 yes, 0 no', 'flag', false, 'NULL where there is no target or no arrival', 'administration, target'),
    ('ambulance_response', 'category_known_at_both_ends', 'calls whose first and last category are both known', 'incidents', true, 'both of one service', 'administration'),
    ('ambulance_response', 'downgraded', 'calls whose last category is less urgent than the first', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'upgraded', 'calls whose last category is more urgent than the first', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'downgraded_share', 'downgraded as a share of category_known_at_both_ends', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('ambulance_response', 'downgraded_share_lower', 'lower confidence limit of downgraded_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('ambulance_response', 'downgraded_share_upper', 'upper confidence limit of downgraded_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('ambulance_response', 'naloxone_to_ambulance_known', 'administrations with naloxone given before the ambulance came and both times known', 'administrations', true, 'up to 24 hours', 'administration'),
    ('ambulance_response', 'ambulance_before_naloxone', 'administrations where the ambulance had come before naloxone was given', 'administrations', true, NULL, 'administration'),
    ('ambulance_response', 'naloxone_to_ambulance_median_mins', 'median time from the first naloxone to the ambulance', 'minutes', false, 'over naloxone_to_ambulance_known', 'administration'),
    ('ambulance_response', 'waiting_over_40_mins', 'administrations waiting over 40 minutes from naloxone to ambulance: by then it may wear off', 'administrations', true, NULL, 'administration'),
    ('ambulance_response', 'waiting_over_40_mins_share', 'waiting_over_40_mins as a share of naloxone_to_ambulance_known', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('ambulance_response', 'waiting_over_40_mins_share_lower', 'lower confidence limit of waiting_over_40_mins_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('ambulance_response', 'waiting_over_40_mins_share_upper', 'upper confidence limit of waiting_over_40_mins_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('ambulance_response_histogram', 'band', 'which band of minutes, ascending', 'key', false, NULL, NULL),
    ('ambulance_response_histogram', 'band_label', 'the band in words', 'text', false, NULL, NULL),
    ('ambulance_response_histogram', 'band_from_mins', 'the shortest time in the band', 'minutes', false, NULL, NULL),
    ('ambulance_response_histogram', 'arrivals', 'arrivals within the band', 'incidents', true, NULL, 'administration');
