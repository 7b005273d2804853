-- How long until an ambulance. A response is one incident's first-arriving ambulance.

-- An activation with what came of it. Times of another age are as impossible as an arrival before the clock started.
CREATE VIEW dated_activation AS
    SELECT v.activation_id, v.incident_id, day_of(v.clock_started_at) AS day, coalesce(v.division_code, 'UNKNOWN') AS division_code,
           v.urban_rural, v.category_first, v.category_last, v.clock, v.call_source, v.arrived_at, t.seconds,
           CASE WHEN t.seconds BETWEEN 0 AND 86400 THEN 'arrived'
                WHEN t.seconds IS NOT NULL THEN 'invalid'
                WHEN isfinite(v.stood_down_at) THEN 'stood_down'
                ELSE 'not_known' END AS outcome
    FROM ambulance_activation v
    CROSS JOIN LATERAL (
        SELECT CASE WHEN local_day(v.arrived_at, 'UTC') IS NOT NULL AND local_day(v.clock_started_at, 'UTC') IS NOT NULL
                    THEN floor(date_part('epoch', v.arrived_at - v.clock_started_at))
                    WHEN isfinite(v.arrived_at) AND isfinite(v.clock_started_at) THEN -1 END AS seconds
    ) t;

-- Of several activations of an incident the one that counts: the first to arrive.
CREATE VIEW incident_activation AS
    SELECT v.incident_id, v.activation_id, v.category_first, v.category_last, v.clock, v.call_source, v.arrived_at, v.seconds, v.outcome
    FROM dated_activation v
    WHERE v.incident_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM dated_activation b
                      WHERE b.incident_id = v.incident_id
                        AND (array_position(ARRAY['arrived', 'stood_down', 'invalid', 'not_known'], b.outcome),
                             coalesce(b.arrived_at, 'infinity'), b.activation_id)
                          < (array_position(ARRAY['arrived', 'stood_down', 'invalid', 'not_known'], v.outcome),
                             coalesce(v.arrived_at, 'infinity'), v.activation_id));

-- The incident's bucket is that of its first administration. Every form of the incident is looked at there, beside the activation
-- if there is one: then all times are the activation's, and a form says only what the activation does not.
CREATE VIEW ambulance_response_day_source AS
    WITH form AS (
        SELECT i.day, i.division_code, i.incident_id, a.administration_id, a.occurred_at, a.police_first_on_scene,
               v.activation_id IS NOT NULL AS from_activation,
               left(coalesce(nullif(v.category_first, 'ALL'), nullif(a.ambulance_category_first, 'ALL'), 'UNKNOWN'), 100) AS ambulance_category,
               left(coalesce(nullif(v.call_source, 'ALL'), nullif(a.call_source, 'ALL'), 'UNKNOWN'), 100) AS call_source,
               -- What a form says of a clock is not of the activation's.
               CASE WHEN v.activation_id IS NOT NULL THEN left(coalesce(v.clock, 'UNKNOWN'), 100)
                    WHEN t.from_call THEN 'call'
                    ELSE left(coalesce(a.clock, 'UNKNOWN'), 100) END AS clock,
               CASE WHEN t.seconds BETWEEN 0 AND 86400 THEN 'arrived'
                    WHEN t.seconds IS NOT NULL THEN 'invalid'
                    WHEN v.outcome = 'stood_down' OR isfinite(a.ambulance_stood_down_at) THEN 'stood_down'
                    WHEN a.ambulance_attended THEN 'not_known'
                    -- That the person left says nothing about an ambulance where nothing else does.
                    WHEN coalesce(a.ambulance_called_at, a.ambulance_clock_started_at, a.ambulance_arrived_at) IS NULL
                         AND a.ambulance_category_first IS NULL AND a.ambulance_attended IS NULL
                         AND v.activation_id IS NULL THEN 'not_recorded'
                    WHEN isfinite(a.person_left_at) THEN 'person_left'
                    WHEN NOT a.ambulance_attended THEN 'not_attended'
                    ELSE 'not_known' END AS outcome,
               t.seconds,
               t.arrived_at,
               CASE WHEN local_day(a.naloxone_first_at, 'UTC') IS NOT NULL AND local_day(t.arrived_at, 'UTC') IS NOT NULL
                    THEN floor(date_part('epoch', t.arrived_at - a.naloxone_first_at)) END AS naloxone_to_ambulance,
               sign(last.urgency - first.urgency) AS category_change
        FROM first_administration i
        JOIN administration a ON a.incident_id = i.incident_id AND day_of(a.occurred_at) < 'infinity'
        LEFT JOIN incident_activation v ON v.incident_id = i.incident_id
        -- Both ends of a change of category from one record.
        LEFT JOIN ambulance_category first ON first.ambulance_category = coalesce(v.category_first, a.ambulance_category_first)
        LEFT JOIN ambulance_category last ON last.service = first.service AND last.ambulance_category
            = CASE WHEN v.category_first IS NOT NULL THEN v.category_last ELSE a.ambulance_category_last END
        CROSS JOIN LATERAL (
            SELECT a.ambulance_clock_started_at IS NULL AND isfinite(a.ambulance_called_at)
                   AND (a.ambulance_arrived_at IS NOT NULL OR a.clock IS NULL) AS from_call,
                   CASE WHEN v.activation_id IS NOT NULL THEN v.seconds
                        -- From times where there are two, else from the minutes on the form.
                        WHEN local_day(a.ambulance_arrived_at, 'UTC') IS NOT NULL AND local_day(clock_from.at, 'UTC') IS NOT NULL
                        THEN floor(date_part('epoch', a.ambulance_arrived_at - clock_from.at))
                        -- Times of another age are as impossible as an arrival before the call.
                        WHEN isfinite(a.ambulance_arrived_at) AND isfinite(clock_from.at) THEN -1
                        ELSE a.ambulance_response_mins * 60 END AS seconds,
                   CASE WHEN v.activation_id IS NOT NULL THEN v.arrived_at ELSE a.ambulance_arrived_at END AS arrived_at
            FROM (SELECT coalesce(a.ambulance_clock_started_at, a.ambulance_called_at) AS at) clock_from
        ) t
    ), ranked AS (
        SELECT f.*, row_number() OVER incident AS choice,
               first_value(f.ambulance_category) OVER incident AS incident_category,
               first_value(f.clock) OVER incident AS incident_clock,
               first_value(f.call_source) OVER incident AS incident_call_source
        FROM form f
        -- An incident is in one bucket. Naming the bucket too lets a refresh look at nothing else.
        WINDOW incident AS (
            PARTITION BY f.day, f.division_code, f.incident_id
            ORDER BY array_position(ARRAY['arrived', 'stood_down', 'person_left', 'not_attended', 'invalid', 'not_known', 'not_recorded'], f.outcome),
                     f.arrived_at, f.seconds, f.occurred_at, f.administration_id)
    )
    SELECT day, division_code, incident_category AS ambulance_category, incident_clock AS clock, incident_call_source AS call_source,
           count(*) FILTER (WHERE choice = 1) AS incidents,
           count(*) FILTER (WHERE choice = 1 AND outcome <> 'not_recorded') AS calls,
           count(*) FILTER (WHERE choice = 1 AND from_activation) AS from_activation,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'arrived') AS arrivals,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'stood_down') AS stood_down,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'person_left') AS person_left,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'not_attended') AS not_attended,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'not_known') AS not_known,
           count(*) FILTER (WHERE choice = 1 AND outcome = 'invalid') AS invalid,
           count(*) FILTER (WHERE choice = 1 AND category_change IS NOT NULL) AS category_known_at_both_ends,
           count(*) FILTER (WHERE choice = 1 AND category_change > 0) AS downgraded,
           count(*) FILTER (WHERE choice = 1 AND category_change < 0) AS upgraded,
           count(*) FILTER (WHERE choice = 1 AND police_first_on_scene IS NOT NULL) AS police_first_recorded,
           count(*) FILTER (WHERE choice = 1 AND police_first_on_scene) AS police_first,
           coalesce(duration_dist(seconds::integer) FILTER (WHERE choice = 1 AND outcome = 'arrived'), '{}') AS response,
           count(*) FILTER (WHERE naloxone_to_ambulance < 0) AS ambulance_before_naloxone,
           coalesce(duration_dist(naloxone_to_ambulance::integer) FILTER (WHERE naloxone_to_ambulance BETWEEN 0 AND 86400), '{}') AS naloxone_to_ambulance
    FROM ranked
    GROUP BY day, division_code, incident_category, incident_clock, incident_call_source;

CREATE TABLE ambulance_response_day AS TABLE ambulance_response_day_source WITH NO DATA;
ALTER TABLE ambulance_response_day ADD PRIMARY KEY (day, division_code, ambulance_category, clock, call_source);

-- By month and the division counted in. Clocks measure different things and are never pooled.
CREATE VIEW ambulance_response_month_source AS
    SELECT c.month, c.division_code, r.ambulance_category, r.clock, r.call_source,
           sum(r.incidents)::bigint AS incidents, sum(r.calls)::bigint AS calls, sum(r.from_activation)::bigint AS from_activation,
           sum(r.arrivals)::bigint AS arrivals, sum(r.stood_down)::bigint AS stood_down, sum(r.person_left)::bigint AS person_left,
           sum(r.not_attended)::bigint AS not_attended, sum(r.not_known)::bigint AS not_known, sum(r.invalid)::bigint AS invalid,
           sum(r.category_known_at_both_ends)::bigint AS category_known_at_both_ends, sum(r.downgraded)::bigint AS downgraded,
           sum(r.upgraded)::bigint AS upgraded, sum(r.police_first_recorded)::bigint AS police_first_recorded,
           sum(r.police_first)::bigint AS police_first, rollup(r.response) AS response,
           sum(r.ambulance_before_naloxone)::bigint AS ambulance_before_naloxone, rollup(r.naloxone_to_ambulance) AS naloxone_to_ambulance
    FROM counted_day c
    JOIN ambulance_response_day r ON r.day = c.day AND r.division_code = c.recorded_division_code
    WHERE c.source = 'administration'
    GROUP BY c.month, c.division_code, r.ambulance_category, r.clock, r.call_source;

CREATE TABLE ambulance_response_month AS TABLE ambulance_response_month_source WITH NO DATA;
ALTER TABLE ambulance_response_month ADD PRIMARY KEY (month, division_code, ambulance_category, clock, call_source);

CREATE MATERIALIZED VIEW ambulance_response AS
    -- By area, with ALL categories and ALL call sources.
    WITH by_month AS MATERIALIZED (
        SELECT m.month, ad.area_key,
               CASE WHEN grouping(m.ambulance_category) = 1 THEN 'ALL' ELSE m.ambulance_category END AS ambulance_category,
               m.clock,
               CASE WHEN grouping(m.call_source) = 1 THEN 'ALL' ELSE m.call_source END AS call_source,
               sum(m.incidents)::bigint AS incidents, sum(m.calls)::bigint AS calls, sum(m.from_activation)::bigint AS from_activation,
               sum(m.arrivals)::bigint AS arrivals, sum(m.stood_down)::bigint AS stood_down, sum(m.person_left)::bigint AS person_left,
               sum(m.not_attended)::bigint AS not_attended, sum(m.not_known)::bigint AS not_known, sum(m.invalid)::bigint AS invalid,
               sum(m.category_known_at_both_ends)::bigint AS category_known_at_both_ends, sum(m.downgraded)::bigint AS downgraded,
               sum(m.upgraded)::bigint AS upgraded, sum(m.police_first_recorded)::bigint AS police_first_recorded,
               sum(m.police_first)::bigint AS police_first, rollup(m.response) AS response,
               sum(m.ambulance_before_naloxone)::bigint AS ambulance_before_naloxone, rollup(m.naloxone_to_ambulance) AS naloxone_to_ambulance
        FROM ambulance_response_month m
        JOIN area_division ad USING (division_code)
        GROUP BY GROUPING SETS ((m.month, ad.area_key, m.clock, m.ambulance_category, m.call_source),
                                (m.month, ad.area_key, m.clock, m.ambulance_category),
                                (m.month, ad.area_key, m.clock, m.call_source),
                                (m.month, ad.area_key, m.clock))
    ), listed AS (
        SELECT pm.period_key, m.area_key, m.ambulance_category, m.clock, m.call_source,
               m.incidents, m.calls, m.from_activation, m.arrivals, m.stood_down, m.person_left, m.not_attended, m.not_known, m.invalid,
               m.category_known_at_both_ends, m.downgraded, m.upgraded, m.police_first_recorded, m.police_first, m.response,
               m.ambulance_before_naloxone, m.naloxone_to_ambulance
        FROM by_month m JOIN period_month pm USING (month)
        UNION ALL
        -- What occurs anywhere has a row everywhere. Grouped with the rest, it needs no join on five columns, of which the planner, who
        -- cannot know how many sums there will be, would make a merge on three.
        SELECT ap.period_key, ap.area_key, k.ambulance_category, k.clock, k.call_source,
               0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}'::duration_dist, 0, '{}'::duration_dist
        FROM area_period ap
        CROSS JOIN (SELECT DISTINCT ambulance_category, clock, call_source FROM by_month) k
        WHERE ap.source = 'administration'
    ), summed AS (
        SELECT m.period_key, m.area_key, m.ambulance_category, m.clock, m.call_source,
               sum(m.incidents)::bigint AS incidents, sum(m.calls)::bigint AS calls, sum(m.from_activation)::bigint AS from_activation,
               sum(m.arrivals)::bigint AS arrivals, sum(m.stood_down)::bigint AS stood_down, sum(m.person_left)::bigint AS person_left,
               sum(m.not_attended)::bigint AS not_attended, sum(m.not_known)::bigint AS not_known, sum(m.invalid)::bigint AS invalid,
               sum(m.category_known_at_both_ends)::bigint AS category_known_at_both_ends, sum(m.downgraded)::bigint AS downgraded,
               sum(m.upgraded)::bigint AS upgraded, sum(m.police_first_recorded)::bigint AS police_first_recorded,
               sum(m.police_first)::bigint AS police_first, rollup(m.response) AS response,
               sum(m.ambulance_before_naloxone)::bigint AS ambulance_before_naloxone, rollup(m.naloxone_to_ambulance) AS naloxone_to_ambulance
        FROM listed m
        GROUP BY 1, 2, 3, 4, 5
    ), filled AS (
        SELECT s.period_key, s.area_key, s.ambulance_category, s.clock, s.call_source, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN s.incidents END AS incidents,
               CASE WHEN ap.is_covered THEN s.calls END AS calls,
               CASE WHEN ap.is_covered THEN s.from_activation END AS from_activation,
               CASE WHEN ap.is_covered THEN s.arrivals END AS arrivals,
               CASE WHEN ap.is_covered THEN s.stood_down END AS stood_down,
               CASE WHEN ap.is_covered THEN s.person_left END AS person_left,
               CASE WHEN ap.is_covered THEN s.not_attended END AS not_attended,
               CASE WHEN ap.is_covered THEN s.not_known END AS not_known,
               CASE WHEN ap.is_covered THEN s.invalid END AS invalid,
               CASE WHEN ap.is_covered THEN s.category_known_at_both_ends END AS category_known_at_both_ends,
               CASE WHEN ap.is_covered THEN s.downgraded END AS downgraded,
               CASE WHEN ap.is_covered THEN s.upgraded END AS upgraded,
               CASE WHEN ap.is_covered THEN s.police_first_recorded END AS police_first_recorded,
               CASE WHEN ap.is_covered THEN s.police_first END AS police_first,
               CASE WHEN ap.is_covered THEN s.arrivals + s.stood_down + s.person_left + s.not_attended END AS calls_with_known_end,
               CASE WHEN ap.is_covered THEN s.ambulance_before_naloxone END AS ambulance_before_naloxone,
               CASE WHEN ap.is_covered THEN s.response END AS response,
               CASE WHEN ap.is_covered THEN s.naloxone_to_ambulance END AS naloxone_to_ambulance,
               target_mins.median AS median_target_mins, target_mins.p95 AS p95_target_mins
        FROM summed s
        JOIN area_period ap ON ap.source = 'administration' AND ap.period_key = s.period_key AND ap.area_key = s.area_key
        JOIN period p ON p.period_key = s.period_key
        -- A target holds for the whole period or not at all; an area's own goes before everywhere's.
        CROSS JOIN LATERAL (
            SELECT (array_agg(t.value ORDER BY t.area_key NULLS LAST, t.valid_from DESC) FILTER (WHERE t.statistic = 'median'))[1] AS median,
                   (array_agg(t.value ORDER BY t.area_key NULLS LAST, t.valid_from DESC) FILTER (WHERE t.statistic = 'percentile_95'))[1] AS p95
            FROM target t
            WHERE t.indicator = 'ambulance_response' AND t.ambulance_category = s.ambulance_category AND t.clock = s.clock
              AND (t.area_key IS NULL OR t.area_key = ap.area_key)
              -- What is no number of minutes is no target.
              AND t.value >= 0 AND t.value < 'infinity'
              AND t.valid_from <= p.period_start AND (t.valid_to IS NULL OR t.valid_to >= p.period_end)
        ) target_mins
    )
    SELECT e.period_key, e.area_key, e.ambulance_category, e.clock, e.call_source, e.division_days, e.covered_division_days,
           e.incidents, e.calls, e.from_activation, e.arrivals, e.stood_down, e.person_left, e.not_attended, e.not_known, e.invalid,
           e.arrivals_within[1] AS arrivals_within_8_mins, e.arrivals_within[2] AS arrivals_within_15_mins,
           e.arrivals_within[3] AS arrivals_within_30_mins, e.arrivals_within[4] AS arrivals_within_60_mins,
           mean(e.response) / 60 AS mean_mins,
           (e.percentiles[1]).value / 60 AS median_mins, (e.percentiles[1]).lower / 60 AS median_mins_lower, (e.percentiles[1]).upper / 60 AS median_mins_upper,
           (e.percentiles[2]).value / 60 AS p75_mins, (e.percentiles[2]).lower / 60 AS p75_mins_lower, (e.percentiles[2]).upper / 60 AS p75_mins_upper,
           (e.percentiles[3]).value / 60 AS p90_mins, (e.percentiles[3]).lower / 60 AS p90_mins_lower, (e.percentiles[3]).upper / 60 AS p90_mins_upper,
           (e.percentiles[4]).value / 60 AS p95_mins, (e.percentiles[4]).lower / 60 AS p95_mins_lower, (e.percentiles[4]).upper / 60 AS p95_mins_upper,
           e.median_target_mins, e.p95_target_mins,
           (e.percentiles[1]).value / 60 <= e.median_target_mins AND (e.percentiles[4]).value / 60 <= e.p95_target_mins AS target_met,
           e.calls_with_known_end,
           (e.by_8).value AS reached_by_8_mins_share, (e.by_8).lower AS reached_by_8_mins_share_lower,
           (e.by_8).upper AS reached_by_8_mins_share_upper,
           (e.by_15).value AS reached_by_15_mins_share, (e.by_15).lower AS reached_by_15_mins_share_lower,
           (e.by_15).upper AS reached_by_15_mins_share_upper,
           (e.by_30).value AS reached_by_30_mins_share, (e.by_30).lower AS reached_by_30_mins_share_lower,
           (e.by_30).upper AS reached_by_30_mins_share_upper,
           (e.by_60).value AS reached_by_60_mins_share, (e.by_60).lower AS reached_by_60_mins_share_lower,
           (e.by_60).upper AS reached_by_60_mins_share_upper,
           (e.by_median_target).value AS reached_by_median_target_share, (e.by_median_target).lower AS reached_by_median_target_share_lower,
           (e.by_median_target).upper AS reached_by_median_target_share_upper,
           (e.by_p95_target).value AS reached_by_p95_target_share, (e.by_p95_target).lower AS reached_by_p95_target_share_lower,
           (e.by_p95_target).upper AS reached_by_p95_target_share_upper,
           e.category_known_at_both_ends, e.downgraded, e.upgraded,
           (e.downgraded_estimate).value AS downgraded_share, (e.downgraded_estimate).lower AS downgraded_share_lower,
           (e.downgraded_estimate).upper AS downgraded_share_upper,
           e.police_first_recorded, e.police_first,
           e.naloxone_to_ambulance_known, e.ambulance_before_naloxone,
           percentile(e.naloxone_to_ambulance, 0.5) / 60 AS naloxone_to_ambulance_median_mins, e.waiting_over_40_mins,
           (e.waiting_estimate).value AS waiting_over_40_mins_share, (e.waiting_estimate).lower AS waiting_over_40_mins_share_lower,
           (e.waiting_estimate).upper AS waiting_over_40_mins_share_upper
    -- Once a row: OFFSET 0 keeps each estimate from being computed for every field of it.
    FROM (
        SELECT f.*,
               -- Every call here has ended, so nothing is censored: the estimate of Aalen and Johansen is the plain share, whenever
               -- those that no ambulance reached ended, and Wilson's interval holds where theirs has no limits, at 0 and at 1.
               proportion_interval(f.arrivals_within[1], f.calls_with_known_end, setting.confidence) AS by_8,
               proportion_interval(f.arrivals_within[2], f.calls_with_known_end, setting.confidence) AS by_15,
               proportion_interval(f.arrivals_within[3], f.calls_with_known_end, setting.confidence) AS by_30,
               proportion_interval(f.arrivals_within[4], f.calls_with_known_end, setting.confidence) AS by_60,
               proportion_interval(f.arrivals_within[5], f.calls_with_known_end, setting.confidence) AS by_median_target,
               proportion_interval(f.arrivals_within[6], f.calls_with_known_end, setting.confidence) AS by_p95_target,
               proportion_interval(f.downgraded, f.category_known_at_both_ends, setting.confidence) AS downgraded_estimate,
               proportion_interval(f.waiting_over_40_mins, f.naloxone_to_ambulance_known, setting.confidence) AS waiting_estimate
        FROM (
            -- What is read off a distribution, in as few readings as can be.
            SELECT f.*,
                   num_within(f.response, ARRAY[
                       480, 900, 1800, 3600,
                       CASE WHEN f.median_target_mins IS NOT NULL THEN floor(60 * least(f.median_target_mins, 1440))::integer END,
                       CASE WHEN f.p95_target_mins IS NOT NULL THEN floor(60 * least(f.p95_target_mins, 1440))::integer END]) AS arrivals_within,
                   percentile_interval(f.response, '{0.5,0.75,0.9,0.95}'::double precision[], setting.confidence) AS percentiles,
                   num_values(f.naloxone_to_ambulance) AS naloxone_to_ambulance_known,
                   num_values(f.naloxone_to_ambulance) - num_within(f.naloxone_to_ambulance, 2400) AS waiting_over_40_mins
            FROM filled f
            CROSS JOIN setting
            OFFSET 0
        ) f
        CROSS JOIN setting
        OFFSET 0
    ) e;
CREATE UNIQUE INDEX ambulance_response_key ON ambulance_response (period_key, area_key, ambulance_category, clock, call_source);

-- In which order people list categories: within a service the most urgent first.
CREATE VIEW ambulance_category_order AS
    SELECT ambulance_category, row_number() OVER (ORDER BY service COLLATE "C", urgency, ambulance_category COLLATE "C")::smallint AS sort_order
    FROM ambulance_category
    WHERE ambulance_category <> 'ALL' AND ambulance_category <> 'UNKNOWN'
    UNION ALL
    SELECT 'ALL', 0::smallint
    UNION ALL
    SELECT 'UNKNOWN', 32767::smallint;

CREATE VIEW minutes_band AS
    SELECT band, from_mins, to_mins,
           CASE WHEN to_mins IS NULL THEN from_mins || ' and over' ELSE from_mins || ' to under ' || to_mins END AS label
    FROM (SELECT row_number() OVER (ORDER BY from_mins)::smallint AS band, from_mins, lead(from_mins) OVER (ORDER BY from_mins) AS to_mins
          FROM unnest(ARRAY[0, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60]) AS from_mins) b;

-- Only what has arrivals, and then all its bands: no arrivals have no shape. Whether none arrived, or none is recorded, is in
-- ambulance_response.
CREATE MATERIALIZED VIEW ambulance_response_histogram AS
    WITH summed AS (
        SELECT pm.period_key, m.area_key, m.ambulance_category, m.clock, rollup(m.response) AS response
        FROM (SELECT m.month, ad.area_key, coalesce(m.ambulance_category, 'ALL') AS ambulance_category, m.clock, rollup(m.response) AS response
              FROM ambulance_response_month m JOIN area_division ad USING (division_code)
              WHERE m.arrivals > 0
              GROUP BY GROUPING SETS ((m.month, ad.area_key, m.clock, m.ambulance_category), (m.month, ad.area_key, m.clock))) m
        JOIN period_month pm USING (month)
        GROUP BY pm.period_key, m.area_key, m.ambulance_category, m.clock
    )
    SELECT s.period_key, s.area_key, s.ambulance_category, s.clock, b.band, counts.arrivals
    FROM summed s
    CROSS JOIN (SELECT array_agg(from_mins * 60 ORDER BY band) AS edges FROM minutes_band) bands
    -- The first count is of what lies below the first band: nothing does.
    CROSS JOIN LATERAL unnest(histogram(s.response, bands.edges)) WITH ORDINALITY AS counts (arrivals, number)
    JOIN minutes_band b ON b.band = counts.number - 1;
CREATE UNIQUE INDEX ambulance_response_histogram_key ON ambulance_response_histogram (period_key, area_key, ambulance_category, clock, band);

INSERT INTO refresh_step VALUES
    (210, 'engine_room', 'ambulance_response_day'),
    (212, 'engine_room', 'ambulance_response_month'),
    (410, 'engine_room', 'ambulance_response'),
    (411, 'engine_room', 'ambulance_response_histogram');

INSERT INTO rollup VALUES ('ambulance_response_day', '{day,division_code}');
INSERT INTO rollup (name, key, months_of) VALUES ('ambulance_response_month', '{month,division_code}', 'ambulance_response_day');
INSERT INTO rollup_source VALUES
    ('ambulance_response_day', 'administration', 'marked_day'),
    ('ambulance_response_day', 'ambulance_activation', 'marked_administration_day'),
    ('ambulance_response_day', 'ambulance_category', 'everything');

INSERT INTO object_definition VALUES
    ('dated_activation', 'ambulance activations with their local day, the division that they name and what came of them'),
    ('incident_activation', 'the activation of every incident that counts: the first to arrive'),
    ('ambulance_response_day_source', 'what a refresh fills ambulance_response_day with'),
    ('ambulance_response_day', 'ambulance responses by day, division, category, clock and call source, with the exact distribution of their times'),
    ('ambulance_response_month_source', 'what a refresh fills ambulance_response_month with'),
    ('ambulance_response_month', 'ambulance_response_day by month and the division counted in'),
    ('ambulance_response', 'how long until an ambulance: by period, area, category, clock and call source'),
    ('ambulance_category_order', 'in which order ambulance categories are listed'),
    ('minutes_band', 'the bands of ambulance_response_histogram'),
    ('ambulance_response_histogram', 'how many ambulances arrived within each band of minutes');

INSERT INTO dictionary VALUES
    (NULL, 'ambulance_category', 'the category first given to the call; ALL is all of them together and has no target', 'key', false, 'the ambulance service''s own where it gives one, else the form''s', 'administration, ambulance_activation'),
    (NULL, 'clock', 'what started the clock: the call, or the assignment of the acuity. They are never pooled', 'key', false, 'of an activation it is what the ambulance service says; of a form without a time what the form says, else the call', 'administration, ambulance_activation'),
    (NULL, 'call_source', 'who called: police on the scene, the public, other; ALL is all of them together', 'key', false, 'the ambulance service''s own where it gives one, else the form''s', 'administration, ambulance_activation'),
    (NULL, 'ambulance_category_sort', 'sort ambulance_category by this: ALL, then the most urgent first, UNKNOWN last', 'number', false, NULL, 'ambulance_category'),
    ('ambulance_response', 'division_days', 'days of the period so far, of all the area''s divisions together', 'days', false, 'the same in every category, clock and call source', 'division'),
    ('ambulance_response', 'covered_division_days', 'of division_days, those on which records exist', 'days', false, 'the same in every category, clock and call source', 'source_coverage'),
    ('ambulance_response', 'incidents', 'incidents in which an officer gave naloxone', 'incidents', true, 'an incident counts once, on the day and in the division of its first administration; where its forms differ, the one with the first arrival counts', 'administration'),
    ('ambulance_response', 'calls', 'incidents of which anything about an ambulance is recorded', 'incidents', true, 'calls = arrivals + stood_down + person_left + not_attended + not_known + invalid', 'administration, ambulance_activation'),
    ('ambulance_response', 'from_activation', 'calls whose times are the ambulance service''s own: they replace all those on the forms', 'incidents', true, 'of several activations of the incident the first to arrive; a form then says only how a call ended that the activation does not', 'ambulance_activation'),
    ('ambulance_response', 'arrivals', 'calls of which the response time is known', 'incidents', true, 'first-arriving ambulance; from times to the whole second, else from the minutes on the form', 'administration, ambulance_activation'),
    ('ambulance_response', 'stood_down', 'calls whose ambulance was stood down', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'person_left', 'calls where the person left before an ambulance came', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'not_attended', 'calls that no ambulance attended', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'not_known', 'calls of which it is not known whether or when an ambulance came', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'invalid', 'calls with impossible times: an arrival before the call, or over 24 hours', 'incidents', true, 'counted, but in no time', 'administration, ambulance_activation'),
    ('ambulance_response', 'arrivals_within_8_mins', 'arrivals within 8 minutes', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'arrivals_within_15_mins', 'arrivals within 15 minutes', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'arrivals_within_30_mins', 'arrivals within 30 minutes', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'arrivals_within_60_mins', 'arrivals within 60 minutes', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'mean_mins', 'mean response time, of arrivals', 'minutes', false, 'of arrivals only: who waited in vain is not in it', 'administration, ambulance_activation'),
    ('ambulance_response', 'median_mins', 'median response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration, ambulance_activation'),
    ('ambulance_response', 'median_mins_lower', 'lower confidence limit of median_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'median_mins_upper', 'upper confidence limit of median_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'p75_mins', '75th percentile of the response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration, ambulance_activation'),
    ('ambulance_response', 'p75_mins_lower', 'lower confidence limit of p75_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'p75_mins_upper', 'upper confidence limit of p75_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'p90_mins', '90th percentile of the response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration, ambulance_activation'),
    ('ambulance_response', 'p90_mins_lower', 'lower confidence limit of p90_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'p90_mins_upper', 'upper confidence limit of p90_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'p95_mins', '95th percentile of the response time, of arrivals', 'minutes', false, 'of arrivals only; exact, as percentile_cont', 'administration, ambulance_activation'),
    ('ambulance_response', 'p95_mins_lower', 'lower confidence limit of p95_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'p95_mins_upper', 'upper confidence limit of p95_mins', 'minutes', false, 'distribution-free, by order statistics: covers with at least the confidence that is set. NULL where there are too few arrivals', 'administration, ambulance_activation'),
    ('ambulance_response', 'median_target_mins', 'the target for the median', 'minutes', false, 'by category and clock, for a whole period', 'target'),
    ('ambulance_response', 'p95_target_mins', 'the target for the 95th percentile', 'minutes', false, 'by category and clock, for a whole period', 'target'),
    ('ambulance_response', 'target_met', 'whether median and 95th percentile are both within their targets: 1 yes, 0 no', 'flag', false, 'NULL where there is no target or no arrival', 'administration, ambulance_activation, target'),
    ('ambulance_response', 'calls_with_known_end', 'calls of which it is known how they ended: an arrival with its time, stood down, left, or not attended', 'incidents', true, 'calls without not_known and invalid', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_8_mins_share', 'share of calls that an ambulance had reached 8 minutes after the clock started: stood down, left and not attended are not reached', 'share, 0 to 1', false, 'over calls_with_known_end: all of them have ended, so nothing is censored, and Aalen and Johansen''s estimate is the plain share; Wilson interval. Calls of unknown end are left out as if they were like the others; at worst the share is arrivals_within_8_mins / calls, at best (arrivals_within_8_mins + not_known + invalid) / calls', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_8_mins_share_lower', 'lower confidence limit of reached_by_8_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_8_mins_share_upper', 'upper confidence limit of reached_by_8_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_15_mins_share', 'share of calls that an ambulance had reached 15 minutes after the clock started: stood down, left and not attended are not reached', 'share, 0 to 1', false, 'over calls_with_known_end: all of them have ended, so nothing is censored, and Aalen and Johansen''s estimate is the plain share; Wilson interval. Calls of unknown end are left out as if they were like the others; at worst the share is arrivals_within_15_mins / calls, at best (arrivals_within_15_mins + not_known + invalid) / calls', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_15_mins_share_lower', 'lower confidence limit of reached_by_15_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_15_mins_share_upper', 'upper confidence limit of reached_by_15_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_30_mins_share', 'share of calls that an ambulance had reached 30 minutes after the clock started: stood down, left and not attended are not reached', 'share, 0 to 1', false, 'over calls_with_known_end: all of them have ended, so nothing is censored, and Aalen and Johansen''s estimate is the plain share; Wilson interval. Calls of unknown end are left out as if they were like the others; at worst the share is arrivals_within_30_mins / calls, at best (arrivals_within_30_mins + not_known + invalid) / calls', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_30_mins_share_lower', 'lower confidence limit of reached_by_30_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_30_mins_share_upper', 'upper confidence limit of reached_by_30_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_60_mins_share', 'share of calls that an ambulance had reached 60 minutes after the clock started: stood down, left and not attended are not reached', 'share, 0 to 1', false, 'over calls_with_known_end: all of them have ended, so nothing is censored, and Aalen and Johansen''s estimate is the plain share; Wilson interval. Calls of unknown end are left out as if they were like the others; at worst the share is arrivals_within_60_mins / calls, at best (arrivals_within_60_mins + not_known + invalid) / calls', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_60_mins_share_lower', 'lower confidence limit of reached_by_60_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_60_mins_share_upper', 'upper confidence limit of reached_by_60_mins_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation'),
    ('ambulance_response', 'reached_by_median_target_share', 'share of calls that an ambulance had reached within the target for the median', 'share, 0 to 1', false, 'over calls_with_known_end, as reached_by_8_mins_share; NULL where there is no target', 'administration, ambulance_activation, target'),
    ('ambulance_response', 'reached_by_median_target_share_lower', 'lower confidence limit of reached_by_median_target_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation, target'),
    ('ambulance_response', 'reached_by_median_target_share_upper', 'upper confidence limit of reached_by_median_target_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation, target'),
    ('ambulance_response', 'reached_by_p95_target_share', 'share of calls that an ambulance had reached within the target for the 95th percentile', 'share, 0 to 1', false, 'over calls_with_known_end, as reached_by_8_mins_share; NULL where there is no target', 'administration, ambulance_activation, target'),
    ('ambulance_response', 'reached_by_p95_target_share_lower', 'lower confidence limit of reached_by_p95_target_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation, target'),
    ('ambulance_response', 'reached_by_p95_target_share_upper', 'upper confidence limit of reached_by_p95_target_share', 'share, 0 to 1', false, 'Wilson interval: of chance alone', 'administration, ambulance_activation, target'),
    ('ambulance_response', 'category_known_at_both_ends', 'calls whose first and last category are both known', 'incidents', true, 'both of one service and from one record, the activation or the form', 'administration, ambulance_activation'),
    ('ambulance_response', 'downgraded', 'calls whose last category is less urgent than the first', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'upgraded', 'calls whose last category is more urgent than the first', 'incidents', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'downgraded_share', 'downgraded as a share of category_known_at_both_ends', 'share, 0 to 1', false, 'Wilson interval', 'administration, ambulance_activation'),
    ('ambulance_response', 'downgraded_share_lower', 'lower confidence limit of downgraded_share', 'share, 0 to 1', false, 'Wilson interval', 'administration, ambulance_activation'),
    ('ambulance_response', 'downgraded_share_upper', 'upper confidence limit of downgraded_share', 'share, 0 to 1', false, 'Wilson interval', 'administration, ambulance_activation'),
    ('ambulance_response', 'police_first_recorded', 'incidents of which it is recorded whether police were first on the scene', 'incidents', true, NULL, 'administration'),
    ('ambulance_response', 'police_first', 'of police_first_recorded, those where police were first on the scene', 'incidents', true, 'counted only: who is first depends on how long the ambulance takes, so response times must not be compared by it', 'administration'),
    ('ambulance_response', 'naloxone_to_ambulance_known', 'administrations with naloxone given before the ambulance came and both times known', 'administrations', true, 'up to 24 hours', 'administration, ambulance_activation'),
    ('ambulance_response', 'ambulance_before_naloxone', 'administrations where the ambulance had come before naloxone was given', 'administrations', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'naloxone_to_ambulance_median_mins', 'median time from the first naloxone to the ambulance', 'minutes', false, 'over naloxone_to_ambulance_known', 'administration, ambulance_activation'),
    ('ambulance_response', 'waiting_over_40_mins', 'administrations waiting over 40 minutes from naloxone to ambulance: by then it may wear off', 'administrations', true, NULL, 'administration, ambulance_activation'),
    ('ambulance_response', 'waiting_over_40_mins_share', 'waiting_over_40_mins as a share of naloxone_to_ambulance_known', 'share, 0 to 1', false, 'Wilson interval', 'administration, ambulance_activation'),
    ('ambulance_response', 'waiting_over_40_mins_share_lower', 'lower confidence limit of waiting_over_40_mins_share', 'share, 0 to 1', false, 'Wilson interval', 'administration, ambulance_activation'),
    ('ambulance_response', 'waiting_over_40_mins_share_upper', 'upper confidence limit of waiting_over_40_mins_share', 'share, 0 to 1', false, 'Wilson interval', 'administration, ambulance_activation'),
    ('ambulance_response_histogram', 'band', 'which band of minutes, ascending', 'key', false, NULL, NULL),
    ('ambulance_response_histogram', 'band_label', 'the band in words', 'text', false, NULL, NULL),
    ('ambulance_response_histogram', 'band_from_mins', 'the shortest time in the band', 'minutes', false, NULL, NULL),
    ('ambulance_response_histogram', 'arrivals', 'arrivals within the band', 'incidents', true, 'only what has arrivals in the period and area has rows, and then for every band', 'administration, ambulance_activation');
