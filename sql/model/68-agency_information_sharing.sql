-- Did the other services hear, and in time?

-- A report counts where it is due: in the month of due_by, in the division of the administration that it is about. What happened after
-- the day of the refresh has not happened yet. A report that was acknowledged was shared, whether or not it is recorded when.
CREATE VIEW information_share_due AS
    SELECT s.month, s.due_on, s.division_code, s.agency,
           s.shared_at IS NOT NULL OR s.acknowledged_at IS NOT NULL AS is_shared,
           -- Acknowledged in time is shared in time.
           coalesce(least(s.shared_at, s.acknowledged_at) <= s.due_by, false) AS is_on_time,
           s.shared_at > s.due_by AS is_late,
           s.acknowledged_at IS NOT NULL AS is_acknowledged,
           CASE WHEN day_of(s.occurred_at) < 'infinity' THEN floor(extract(epoch FROM s.shared_at - s.occurred_at)) END AS seconds
    FROM (
        SELECT period_start('month', r.due_on) AS month, r.due_on, c.division_code, r.agency, r.due_by, r.occurred_at,
               CASE WHEN day_of(r.shared_at) <= as_of.day THEN r.shared_at END AS shared_at,
               CASE WHEN day_of(r.acknowledged_at) <= as_of.day THEN r.acknowledged_at END AS acknowledged_at
        FROM (SELECT coalesce(nullif(i.agency, 'ALL'), 'UNKNOWN') AS agency, i.due_by, day_of(i.due_by) AS due_on, i.shared_at, i.acknowledged_at,
                     a.incident_division_code, a.occurred_at
              FROM information_share i
              LEFT JOIN administration a ON a.administration_id = i.administration_id) r
        CROSS JOIN as_of
        LEFT JOIN division_day d ON d.division_code = r.incident_division_code AND d.held @> r.due_on
        JOIN counted c ON c.source = 'information_share' AND c.division_code = coalesce(d.division_code, 'UNKNOWN') AND c.days @> r.due_on
    ) s;

CREATE MATERIALIZED VIEW agency_information_sharing AS
    WITH by_month AS MATERIALIZED (
        SELECT month, division_code, agency, count(*) AS due,
               count(*) FILTER (WHERE is_shared) AS shared,
               count(*) FILTER (WHERE is_on_time) AS shared_on_time,
               count(*) FILTER (WHERE is_late AND NOT is_on_time) AS shared_late,
               count(*) FILTER (WHERE is_acknowledged) AS acknowledged,
               count(*) FILTER (WHERE seconds < 0) AS shared_before_incident,
               coalesce(duration_dist(seconds::integer) FILTER (WHERE seconds BETWEEN 0 AND 2147483647), '{}') AS delay
        FROM information_share_due
        GROUP BY month, division_code, agency
    ), summed AS (
        SELECT pm.period_key, ad.area_key, CASE WHEN grouping(m.agency) = 1 THEN 'ALL' ELSE m.agency END AS agency,
               sum(m.due)::bigint AS due, sum(m.shared)::bigint AS shared, sum(m.shared_on_time)::bigint AS shared_on_time,
               sum(m.shared_late)::bigint AS shared_late, sum(m.acknowledged)::bigint AS acknowledged,
               sum(m.shared_before_incident)::bigint AS shared_before_incident, rollup(m.delay) AS delay
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY GROUPING SETS ((pm.period_key, ad.area_key, m.agency), (pm.period_key, ad.area_key))
    ), key AS (
        SELECT DISTINCT agency FROM by_month
        UNION ALL SELECT 'ALL' AS agency
    ), counts AS (
        SELECT ap.period_key, ap.area_key, k.agency, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN coalesce(s.due, 0) END AS due,
               CASE WHEN ap.is_covered THEN coalesce(s.shared, 0) END AS shared,
               CASE WHEN ap.is_covered THEN coalesce(s.shared_on_time, 0) END AS shared_on_time,
               CASE WHEN ap.is_covered THEN coalesce(s.shared_late, 0) END AS shared_late,
               CASE WHEN ap.is_covered THEN coalesce(s.acknowledged, 0) END AS acknowledged,
               CASE WHEN ap.is_covered THEN coalesce(s.shared_before_incident, 0) END AS shared_before_incident,
               s.delay
        FROM area_period ap
        CROSS JOIN key k
        LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key AND s.agency = k.agency
        WHERE ap.source = 'information_share'
    )
    SELECT c.period_key, c.area_key, c.agency, c.division_days, c.covered_division_days,
           c.due, c.shared, c.shared_on_time, c.shared_late, c.shared - c.shared_on_time - c.shared_late AS shared_time_not_known,
           c.due - c.shared AS not_shared, c.acknowledged,
           on_time.value AS on_time_share, on_time.lower AS on_time_share_lower, on_time.upper AS on_time_share_upper,
           acknowledged.value AS acknowledged_share, acknowledged.lower AS acknowledged_share_lower, acknowledged.upper AS acknowledged_share_upper,
           CASE WHEN c.due IS NOT NULL THEN coalesce(num_values(c.delay), 0) END AS with_delay_known,
           c.shared_before_incident,
           median.value / 3600 AS median_hours, median.lower / 3600.0 AS median_hours_lower, median.upper / 3600.0 AS median_hours_upper
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.shared_on_time, c.due - (c.shared - c.shared_on_time - c.shared_late), setting.confidence) AS on_time
    CROSS JOIN LATERAL proportion_interval(c.acknowledged, c.shared, setting.confidence) AS acknowledged
    CROSS JOIN LATERAL percentile_interval(c.delay, 0.5, setting.confidence) AS median;
CREATE UNIQUE INDEX agency_information_sharing_key ON agency_information_sharing (period_key, area_key, agency);

INSERT INTO refresh_step VALUES (680, 'engine_room', 'agency_information_sharing');

INSERT INTO object_definition VALUES
    ('information_share_due', 'reports due to other agencies on counted days, and what became of them by the day of the refresh'),
    ('agency_information_sharing', 'did the other services hear, and in time: by period, area and agency');

INSERT INTO dictionary VALUES
    ('agency_information_sharing', 'agency', 'the agency to which the report is due; ALL is all of them', 'text', false, NULL, 'information_share'),
    ('agency_information_sharing', 'due', 'reports that were due in the period', 'reports', true, 'by due_by, in the division of the incident; a report about no administration counts as UNKNOWN', 'information_share, administration'),
    ('agency_information_sharing', 'shared', 'of due, reports shared by the day of the refresh, in time or not', 'reports', true, 'what was acknowledged was shared; shared = shared_on_time + shared_late + shared_time_not_known', 'information_share'),
    ('agency_information_sharing', 'shared_on_time', 'of due, reports shared, or acknowledged, by when they were due', 'reports', true, NULL, 'information_share'),
    ('agency_information_sharing', 'shared_late', 'of due, reports shared after they were due', 'reports', true, NULL, 'information_share'),
    ('agency_information_sharing', 'shared_time_not_known', 'of due, reports acknowledged after they were due, of which it is not recorded when they were shared', 'reports', true, 'neither on time nor late', 'information_share'),
    ('agency_information_sharing', 'not_shared', 'of due, reports not shared by the day of the refresh', 'reports', true, 'due = shared + not_shared', 'information_share'),
    ('agency_information_sharing', 'acknowledged', 'of shared, reports that the agency acknowledged', 'reports', true, NULL, 'information_share'),
    ('agency_information_sharing', 'on_time_share', 'shared_on_time as a share of due, without shared_time_not_known', 'share, 0 to 1', false, 'Wilson interval', 'information_share'),
    ('agency_information_sharing', 'on_time_share_lower', 'lower confidence limit of on_time_share', 'share, 0 to 1', false, NULL, 'information_share'),
    ('agency_information_sharing', 'on_time_share_upper', 'upper confidence limit of on_time_share', 'share, 0 to 1', false, NULL, 'information_share'),
    ('agency_information_sharing', 'acknowledged_share', 'acknowledged as a share of shared', 'share, 0 to 1', false, 'Wilson interval', 'information_share'),
    ('agency_information_sharing', 'acknowledged_share_lower', 'lower confidence limit of acknowledged_share', 'share, 0 to 1', false, NULL, 'information_share'),
    ('agency_information_sharing', 'acknowledged_share_upper', 'upper confidence limit of acknowledged_share', 'share, 0 to 1', false, NULL, 'information_share'),
    ('agency_information_sharing', 'with_delay_known', 'of shared, reports about an administration whose time is recorded, as is when they were shared', 'reports', true, 'not those shared before the incident', 'information_share, administration'),
    ('agency_information_sharing', 'shared_before_incident', 'reports recorded as shared before the incident that they are about: one of the times is wrong', 'reports', true, NULL, 'information_share, administration'),
    ('agency_information_sharing', 'median_hours', 'half of the reports were shared within so many hours of the incident', 'hours', false, 'exact; of with_delay_known only: what was not shared has no time, and is counted in not_shared', 'information_share, administration'),
    ('agency_information_sharing', 'median_hours_lower', 'lower confidence limit of median_hours', 'hours', false, 'distribution-free; NULL of too few', 'information_share, administration'),
    ('agency_information_sharing', 'median_hours_upper', 'upper confidence limit of median_hours', 'hours', false, 'distribution-free; NULL of too few', 'information_share, administration');
