-- Are calls from police on the scene answered later. Who called is fixed before the clock starts, so call sources can be compared;
-- who was first on the scene is not, for it depends on how long the ambulance takes.

CREATE VIEW activation_day_source AS
    SELECT day, division_code,
           left(coalesce(nullif(category_first, 'ALL'), 'UNKNOWN'), 100) AS ambulance_category,
           left(coalesce(clock, 'UNKNOWN'), 100) AS clock,
           left(coalesce(urban_rural, 'UNKNOWN'), 100) AS urban_rural,
           CASE WHEN call_source IN ('police_on_scene', 'public') THEN call_source ELSE 'other' END AS call_source,
           count(*) AS activations,
           count(*) FILTER (WHERE outcome = 'arrived') AS arrivals,
           count(*) FILTER (WHERE outcome = 'stood_down') AS stood_down,
           coalesce(duration_dist(seconds::integer) FILTER (WHERE outcome = 'arrived'), '{}') AS response
    FROM dated_activation
    GROUP BY 1, 2, 3, 4, 5, 6;

CREATE TABLE activation_day AS TABLE activation_day_source WITH NO DATA;
ALTER TABLE activation_day ADD PRIMARY KEY (day, division_code, ambulance_category, clock, urban_rural, call_source);

CREATE MATERIALIZED VIEW ambulance_response_comparison AS
    WITH by_month AS MATERIALIZED (
        SELECT c.month, c.division_code,
               CASE WHEN grouping(r.ambulance_category) = 1 THEN 'ALL' ELSE r.ambulance_category END AS ambulance_category,
               r.clock, r.urban_rural,
               sum(r.activations) FILTER (WHERE r.call_source = 'police_on_scene') AS police_activations,
               sum(r.arrivals) FILTER (WHERE r.call_source = 'police_on_scene') AS police_arrivals,
               sum(r.stood_down) FILTER (WHERE r.call_source = 'police_on_scene') AS police_stood_down,
               sum(r.activations) FILTER (WHERE r.call_source = 'public') AS public_activations,
               sum(r.arrivals) FILTER (WHERE r.call_source = 'public') AS public_arrivals,
               sum(r.stood_down) FILTER (WHERE r.call_source = 'public') AS public_stood_down,
               sum(r.activations) FILTER (WHERE r.call_source = 'other') AS other_activations,
               rollup(r.response) FILTER (WHERE r.call_source = 'police_on_scene') AS police_response,
               rollup(r.response) FILTER (WHERE r.call_source = 'public') AS public_response
        FROM activation_day r
        JOIN counted_day c ON c.source = 'ambulance_activation' AND c.day = r.day AND c.recorded_division_code = r.division_code
        GROUP BY GROUPING SETS ((c.month, c.division_code, r.clock, r.urban_rural, r.ambulance_category),
                                (c.month, c.division_code, r.clock, r.urban_rural))
    ), summed AS (
        SELECT pm.period_key, ad.area_key, m.ambulance_category, m.clock, m.urban_rural,
               sum(m.police_activations)::bigint AS police_activations, sum(m.police_arrivals)::bigint AS police_arrivals,
               sum(m.police_stood_down)::bigint AS police_stood_down,
               sum(m.public_activations)::bigint AS public_activations, sum(m.public_arrivals)::bigint AS public_arrivals,
               sum(m.public_stood_down)::bigint AS public_stood_down,
               sum(m.other_activations)::bigint AS other_activations,
               rollup(m.police_response) AS police_response, rollup(m.public_response) AS public_response
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY pm.period_key, ad.area_key, m.ambulance_category, m.clock, m.urban_rural
    ), key AS (
        SELECT DISTINCT ambulance_category, clock, urban_rural FROM by_month
    ), filled AS (
        SELECT ap.period_key, ap.area_key, k.ambulance_category, k.clock, k.urban_rural, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN coalesce(s.police_activations, 0) END AS police_activations,
               CASE WHEN ap.is_covered THEN coalesce(s.police_arrivals, 0) END AS police_arrivals,
               CASE WHEN ap.is_covered THEN coalesce(s.police_stood_down, 0) END AS police_stood_down,
               CASE WHEN ap.is_covered THEN coalesce(s.public_activations, 0) END AS public_activations,
               CASE WHEN ap.is_covered THEN coalesce(s.public_arrivals, 0) END AS public_arrivals,
               CASE WHEN ap.is_covered THEN coalesce(s.public_stood_down, 0) END AS public_stood_down,
               CASE WHEN ap.is_covered THEN coalesce(s.other_activations, 0) END AS other_activations,
               -- Like with like, or nothing: within one category, on one clock, in town or country.
               CASE WHEN k.ambulance_category <> 'ALL' AND k.ambulance_category <> 'UNKNOWN' AND k.clock <> 'UNKNOWN'
                         AND k.urban_rural <> 'UNKNOWN' THEN s.police_response END AS police_response,
               s.public_response
        FROM area_period ap
        CROSS JOIN key k
        LEFT JOIN summed s USING (period_key, area_key, ambulance_category, clock, urban_rural)
        WHERE ap.source = 'ambulance_activation'
    ), compared AS (
        SELECT f.*,
               difference.value / 60 AS difference_mins, difference.lower / 60 AS difference_mins_lower,
               difference.upper / 60 AS difference_mins_upper,
               CASE WHEN f.police_arrivals >= 20 AND f.public_arrivals >= 20 THEN test.p_value END AS p_value,
               a.area_type = 'division' AND a.division_code <> 'UNKNOWN' AS is_division
        FROM filled f
        CROSS JOIN setting
        JOIN area a USING (area_key)
        CROSS JOIN LATERAL hodges_lehmann(f.police_response, f.public_response, setting.confidence) AS difference
        CROSS JOIN LATERAL mann_whitney(f.police_response, f.public_response) AS test
    )
    SELECT c.period_key, c.area_key, c.ambulance_category, c.clock, c.urban_rural, c.division_days, c.covered_division_days,
           c.police_activations, c.police_arrivals, c.police_stood_down,
           c.public_activations, c.public_arrivals, c.public_stood_down, c.other_activations,
           CASE WHEN c.difference_mins IS NOT NULL THEN percentile(c.police_response, 0.5) / 60 END AS police_median_mins,
           CASE WHEN c.difference_mins IS NOT NULL THEN percentile(c.public_response, 0.5) / 60 END AS public_median_mins,
           c.difference_mins, c.difference_mins_lower, c.difference_mins_upper, c.p_value,
           CASE WHEN c.is_division AND count(c.p_value) OVER family > 1 THEN benjamini_hochberg(c.p_value) OVER family END AS q_value
    FROM compared c
    WINDOW family AS (PARTITION BY c.period_key, c.ambulance_category, c.clock, c.urban_rural, c.is_division);
CREATE UNIQUE INDEX ambulance_response_comparison_key ON ambulance_response_comparison
    (period_key, area_key, ambulance_category, clock, urban_rural);

INSERT INTO refresh_step VALUES
    (211, 'engine_room', 'activation_day'),
    (580, 'engine_room', 'ambulance_response_comparison');
INSERT INTO rollup VALUES ('activation_day', '{day,division_code}');
INSERT INTO rollup_source VALUES ('activation_day', 'ambulance_activation', 'marked_day');

INSERT INTO object_definition VALUES
    ('activation_day_source', 'what a refresh fills activation_day with'),
    ('activation_day', 'ambulance activations by day, division, category, clock, urban or rural, and who called, with the exact distribution of their times'),
    ('ambulance_response_comparison', 'are calls from police on the scene answered later: by period, area, category, clock, and urban or rural');

INSERT INTO dictionary VALUES
    (NULL, 'urban_rural', 'whether the place is urban or rural, as the ambulance service says', 'key', false, NULL, 'ambulance_activation'),
    ('ambulance_response_comparison', 'division_days', 'days of the period so far, of all the area''s divisions together', 'days', false, 'the same in every category, clock, and urban or rural', 'division'),
    ('ambulance_response_comparison', 'covered_division_days', 'of division_days, those on which the ambulance service''s records exist', 'days', false, 'the same in every category, clock, and urban or rural', 'source_coverage'),
    ('ambulance_response_comparison', 'police_activations', 'ambulance responses to a call from police on the scene', 'activations', true, 'each response counts, on the day when its clock started and in its own division, whether or not officers gave naloxone', 'ambulance_activation'),
    ('ambulance_response_comparison', 'police_arrivals', 'of police_activations, those with a valid time of arrival: from 0 to 24 hours', 'activations', true, NULL, 'ambulance_activation'),
    ('ambulance_response_comparison', 'police_stood_down', 'of police_activations, those stood down before arriving', 'activations', true, 'the rest of police_activations has no end on record, or impossible times', 'ambulance_activation'),
    ('ambulance_response_comparison', 'public_activations', 'ambulance responses to a call from the public', 'activations', true, 'as police_activations', 'ambulance_activation'),
    ('ambulance_response_comparison', 'public_arrivals', 'of public_activations, those with a valid time of arrival: from 0 to 24 hours', 'activations', true, NULL, 'ambulance_activation'),
    ('ambulance_response_comparison', 'public_stood_down', 'of public_activations, those stood down before arriving', 'activations', true, 'the rest of public_activations has no end on record, or impossible times', 'ambulance_activation'),
    ('ambulance_response_comparison', 'other_activations', 'ambulance responses to a call from others, or with the caller not recorded: not compared', 'activations', true, NULL, 'ambulance_activation'),
    ('ambulance_response_comparison', 'police_median_mins', 'median response time to calls from police on the scene, of arrivals', 'minutes', false, 'where the two are compared', 'ambulance_activation'),
    ('ambulance_response_comparison', 'public_median_mins', 'median response time to calls from the public, of arrivals', 'minutes', false, 'where the two are compared', 'ambulance_activation'),
    ('ambulance_response_comparison', 'difference_mins', 'by how many minutes calls from police on the scene were answered later than calls from the public; below 0: sooner', 'minutes', false, 'median of all differences between one of each (Hodges and Lehmann), of arrivals. A comparison, not an effect: the calls may differ in more than who made them. NULL for all categories together and where category, clock, or urban or rural is not known', 'ambulance_activation'),
    ('ambulance_response_comparison', 'difference_mins_lower', 'lower confidence limit of difference_mins', 'minutes', false, 'large-sample limit; NULL where there are too few arrivals', 'ambulance_activation'),
    ('ambulance_response_comparison', 'difference_mins_upper', 'upper confidence limit of difference_mins', 'minutes', false, 'large-sample limit; NULL where there are too few arrivals', 'ambulance_activation'),
    ('ambulance_response_comparison', 'p_value', 'how often chance alone would set the two at least so far apart', 'probability', false, 'Mann and Whitney''s test, two-sided; only from 20 arrivals of each. Read difference_mins first: with many calls a difference of seconds has a small p_value', 'ambulance_activation'),
    ('ambulance_response_comparison', 'q_value', 'p_value allowing for how many divisions were looked at', 'probability', false, 'Benjamini and Hochberg''s, over the divisions with a p_value in the same period, category, clock, and urban or rural; NULL where that is only one, for UNKNOWN and for larger areas', 'ambulance_activation');
