-- Is naloxone replacing first aid? Each of the eight techniques of the form: done, not done, not recorded.

-- Beside the eight: any of them; and, of people who were not breathing, rescue breaths or a cleared airway. The second is
-- done if one of the two was, not done if neither was, and not recorded if that cannot be said.
CREATE VIEW first_aid_day_source AS
    SELECT a.day, a.division_code, t.technique,
           sum(a.administrations)::bigint AS administrations,
           coalesce(sum(a.administrations) FILTER (WHERE t.done), 0)::bigint AS times_done,
           coalesce(sum(a.administrations) FILTER (WHERE NOT t.done), 0)::bigint AS times_not_done
    -- Of a day many are alike.
    FROM (SELECT day, division_code, first_aid, condition_on_arrival, count(*) AS administrations
          FROM dated_administration GROUP BY day, division_code, first_aid, condition_on_arrival) a
    CROSS JOIN LATERAL (
        SELECT n.technique, technique_done(a.first_aid, n.technique) AS done
        FROM unnest(first_aid_techniques()) AS n (technique)
        UNION ALL
        SELECT 'any_technique' AS technique, any_technique_done(a.first_aid) AS done
        UNION ALL
        SELECT 'breaths_or_airway_if_not_breathing' AS technique,
               technique_done(a.first_aid, 'rescue_breaths') OR technique_done(a.first_aid, 'airway_cleared') AS done
        WHERE a.condition_on_arrival = 'not_breathing'
    ) t
    GROUP BY a.day, a.division_code, t.technique;

CREATE TABLE first_aid_day AS TABLE first_aid_day_source WITH NO DATA;
ALTER TABLE first_aid_day ADD PRIMARY KEY (day, division_code, technique);

CREATE MATERIALIZED VIEW first_aid_use AS
    WITH by_month AS (
        SELECT c.month, c.division_code, f.technique,
               sum(f.administrations) AS administrations, sum(f.times_done) AS times_done, sum(f.times_not_done) AS times_not_done
        FROM first_aid_day f
        JOIN counted_day c ON c.source = 'administration' AND c.day = f.day AND c.recorded_division_code = f.division_code
        GROUP BY 1, 2, 3
    ), summed AS (
        SELECT pm.period_key, ad.area_key, m.technique,
               sum(m.administrations)::bigint AS administrations, sum(m.times_done)::bigint AS times_done,
               sum(m.times_not_done)::bigint AS times_not_done
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2, 3
    ), counts AS (
        SELECT ap.period_key, ap.area_key, k.technique, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN coalesce(s.administrations, 0) END AS administrations,
               CASE WHEN ap.is_covered THEN coalesce(s.times_done, 0) END AS times_done,
               CASE WHEN ap.is_covered THEN coalesce(s.times_not_done, 0) END AS times_not_done
        FROM area_period ap
        CROSS JOIN unnest(first_aid_techniques() || ARRAY['any_technique', 'breaths_or_airway_if_not_breathing']) AS k (technique)
        LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key AND s.technique = k.technique
        WHERE ap.source = 'administration'
    )
    SELECT c.period_key, c.area_key, c.technique, c.division_days, c.covered_division_days,
           c.administrations, c.times_done, c.times_not_done,
           c.administrations - c.times_done - c.times_not_done AS times_not_recorded,
           share.value AS done_share, share.lower AS done_share_lower, share.upper AS done_share_upper,
           c.times_done::float8 / nullif(c.administrations, 0) AS done_share_lowest,
           (c.administrations - c.times_not_done)::float8 / nullif(c.administrations, 0) AS done_share_highest
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.times_done, c.times_done + c.times_not_done, setting.confidence) AS share;
CREATE UNIQUE INDEX first_aid_use_key ON first_aid_use (period_key, area_key, technique);

INSERT INTO refresh_step VALUES
    (242, 'engine_room', 'first_aid_day'),
    (620, 'engine_room', 'first_aid_use');
INSERT INTO rollup VALUES ('first_aid_day', '{day,division_code}');
INSERT INTO rollup_source VALUES ('first_aid_day', 'administration', 'marked_day');

INSERT INTO object_definition VALUES
    ('first_aid_day_source', 'what a refresh fills first_aid_day with'),
    ('first_aid_day', 'administrations by day, division and first-aid technique: done, not done'),
    ('first_aid_use', 'which first aid was given beside naloxone: by period, area and technique');

INSERT INTO dictionary VALUES
    ('first_aid_use', 'technique', 'one of the eight techniques of the form; with every period and area also any_technique, and breaths_or_airway_if_not_breathing: rescue breaths or a cleared airway, of people who were not breathing', 'key', false, 'by month and division the eight techniques alone', 'administration'),
    ('first_aid_use', 'administrations', 'people given naloxone; for breaths_or_airway_if_not_breathing those who were not breathing when the police came', 'administrations', true, 'the same people are under every technique: never sum over techniques', 'administration'),
    ('first_aid_use', 'times_done', 'times that the technique was used: one person and one technique is one time', 'times', true, 'over techniques a sum is of techniques used, not of people', 'administration'),
    ('first_aid_use', 'times_not_done', 'times that the form says that the technique was not used', 'times', true, 'for any_technique: all eight recorded as not used; over techniques a sum is not of people', 'administration'),
    ('first_aid_use', 'times_not_recorded', 'times that the form does not say whether the technique was used', 'times', true, 'for any_technique: none recorded as used and not all eight recorded; over techniques a sum is not of people', 'administration'),
    ('first_aid_use', 'done_share', 'times_done as a share of what was recorded', 'share, 0 to 1', false, 'of times_done + times_not_done; Wilson interval. For any_technique one Yes is enough and a No takes eight, so where forms are half filled in it is too high: use done_share_lowest', 'administration'),
    ('first_aid_use', 'done_share_lower', 'lower confidence limit of done_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('first_aid_use', 'done_share_upper', 'upper confidence limit of done_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('first_aid_use', 'done_share_lowest', 'what the share would be if the technique was used nowhere where that is not recorded', 'share, 0 to 1', false, 'of administrations; no confidence limit', 'administration'),
    ('first_aid_use', 'done_share_highest', 'what the share would be if the technique was used wherever that is not recorded', 'share, 0 to 1', false, 'of administrations; no confidence limit', 'administration');
