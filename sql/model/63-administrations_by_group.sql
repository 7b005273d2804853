-- Who is given naloxone, and when: administrations by one thing at a time, never by two.

-- The council is what a record names; which Alcohol and Drug Partnership is its own is for later.
CREATE VIEW administration_group_day_source AS
    SELECT g.day, g.division_code, g.group_kind, left(coalesce(nullif(g.group_value, ''), 'UNKNOWN'), 100) AS group_value, count(*) AS administrations
    FROM (
        SELECT a.day, a.division_code,
               unnest(ARRAY['sex', 'age_band', 'setting', 'condition', 'council', 'hour_of_week'] || array_fill('substance'::text, ARRAY[cardinality(s.substances)])) AS group_kind,
               unnest(ARRAY[a.sex, a.age_band, a.setting, a.condition_on_arrival, a.council_code, hour_of_week(a.occurred_at)::text] || s.substances) AS group_value
        FROM dated_administration a
        CROSS JOIN LATERAL (
            -- A substance named twice is one. A list with nothing in it says that none was suspected; no list says nothing.
            SELECT CASE WHEN cardinality(a.substances) = 1 AND a.substances[1] <> '' THEN a.substances
                        WHEN cardinality(a.substances) = 0 THEN ARRAY['NONE']
                        ELSE coalesce((SELECT array_agg(DISTINCT left(n.substance, 100)) FROM unnest(a.substances) AS n (substance) WHERE n.substance <> ''),
                                      ARRAY['UNKNOWN']) END AS substances
        ) s
    ) g
    GROUP BY g.day, g.division_code, g.group_kind, left(coalesce(nullif(g.group_value, ''), 'UNKNOWN'), 100);

CREATE TABLE administration_group_day AS TABLE administration_group_day_source WITH NO DATA;
ALTER TABLE administration_group_day ADD PRIMARY KEY (day, division_code, group_kind, group_value);

CREATE VIEW administration_group_month_source AS
    SELECT c.month, c.division_code, g.group_kind, g.group_value, sum(g.administrations)::bigint AS administrations
    FROM counted_day c
    JOIN administration_group_day g ON g.day = c.day AND g.division_code = c.recorded_division_code
    WHERE c.source = 'administration'
    GROUP BY c.month, c.division_code, g.group_kind, g.group_value;

CREATE TABLE administration_group_month AS TABLE administration_group_month_source WITH NO DATA;
ALTER TABLE administration_group_month ADD PRIMARY KEY (month, division_code, group_kind, group_value);

CREATE MATERIALIZED VIEW administrations_by_group AS
    WITH by_month AS MATERIALIZED (
        SELECT g.month, ad.area_key,
               CASE g.group_kind WHEN 'council' THEN 'adp' ELSE g.group_kind END AS group_kind,
               CASE g.group_kind WHEN 'council' THEN coalesce(council.adp_name, 'UNKNOWN') ELSE g.group_value END AS group_value,
               sum(g.administrations) AS administrations
        FROM administration_group_month g
        JOIN area_division ad USING (division_code)
        LEFT JOIN (SELECT council_code, min(nullif(adp_name, '')) AS adp_name FROM council_area GROUP BY council_code) council
             ON g.group_kind = 'council' AND council.council_code = g.group_value
        GROUP BY 1, 2, 3, 4
    ), area_group AS MATERIALIZED (
        -- Numbered, so that a sum's key is short and the planner does not take sums for as many as the rows that they are of.
        SELECT row_number() OVER () AS number, g.area_key, g.group_kind, g.group_value
        FROM (SELECT area_key, group_kind, group_value FROM by_month
              UNION
              -- What is not recorded has a row too, so that no area is without.
              SELECT a.area_key, k.group_kind, 'UNKNOWN' AS group_value
              FROM area a CROSS JOIN unnest(ARRAY['sex', 'age_band', 'setting', 'substance', 'condition', 'adp', 'hour_of_week']) AS k (group_kind)) g
    ), summed AS (
        SELECT l.period_key, l.number, sum(l.administrations)::bigint AS administrations
        FROM (SELECT pm.period_key, g.number, m.administrations
              FROM by_month m
              JOIN area_group g USING (area_key, group_kind, group_value)
              JOIN period_month pm USING (month)
              UNION ALL
              -- What occurs in an area has a row in each of its periods. But hours are many, and most of them empty: they have a row only
              -- where something happened.
              SELECT ap.period_key, g.number, 0
              FROM area_period ap JOIN area_group g USING (area_key)
              WHERE ap.source = 'administration' AND (g.group_kind <> 'hour_of_week' OR g.group_value = 'UNKNOWN')) l
        GROUP BY l.period_key, l.number
    ), counts AS (
        SELECT s.period_key, g.area_key, g.group_kind, g.group_value, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN s.administrations END AS administrations
        FROM summed s
        JOIN area_group g USING (number)
        JOIN area_period ap ON ap.source = 'administration' AND ap.period_key = s.period_key AND ap.area_key = g.area_key
    ), compared AS (
        -- Every administration has one sex or none recorded, so these are all; of substances it may have several.
        SELECT c.period_key, c.area_key, c.group_kind, c.group_value, c.division_days, c.covered_division_days, c.administrations,
               (sum(c.administrations) FILTER (WHERE c.group_kind = 'sex') OVER (PARTITION BY c.period_key, c.area_key)
                - sum(c.administrations) FILTER (WHERE c.group_value = 'UNKNOWN') OVER (PARTITION BY c.period_key, c.area_key, c.group_kind))::bigint AS administrations_recorded
        FROM counts c
    )
    SELECT c.period_key, c.area_key, c.group_kind, c.group_value,
           CASE WHEN c.group_value = 'UNKNOWN' THEN 'not recorded'
                WHEN c.group_value = 'NONE' AND c.group_kind = 'substance' THEN 'none suspected'
                WHEN c.group_kind = 'hour_of_week'
                THEN (ARRAY['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])[(c.group_value::integer - 1) / 24 + 1]
                     || ' ' || lpad(((c.group_value::integer - 1) % 24)::text, 2, '0') || ':00'
                ELSE c.group_value END AS group_label,
           -- By the number that a value begins with, where it does; not recorded is last.
           CASE WHEN c.group_value = 'UNKNOWN' THEN 9999 ELSE coalesce(substring(c.group_value FROM '^\d{1,3}')::integer, 0) END::smallint AS sort_order,
           c.division_days, c.covered_division_days, c.administrations, c.administrations_recorded,
           share.value AS administrations_share, share.lower AS administrations_share_lower, share.upper AS administrations_share_upper
    FROM compared c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(CASE WHEN c.group_value <> 'UNKNOWN' THEN c.administrations END, c.administrations_recorded, setting.confidence) AS share;
CREATE UNIQUE INDEX administrations_by_group_key ON administrations_by_group (period_key, area_key, group_kind, group_value);

INSERT INTO refresh_step VALUES
    (243, 'engine_room', 'administration_group_day'),
    (246, 'engine_room', 'administration_group_month'),
    (630, 'engine_room', 'administrations_by_group');
INSERT INTO rollup VALUES ('administration_group_day', '{day,division_code}');
INSERT INTO rollup (name, key, months_of) VALUES ('administration_group_month', '{month,division_code}', 'administration_group_day');
INSERT INTO rollup_source VALUES ('administration_group_day', 'administration', 'marked_day');

INSERT INTO object_definition VALUES
    ('administration_group_day_source', 'what a refresh fills administration_group_day with'),
    ('administration_group_day', 'administrations by day, division and one thing about the person, the place or the hour'),
    ('administration_group_month_source', 'what a refresh fills administration_group_month with'),
    ('administration_group_month', 'administration_group_day by month and the division counted in'),
    ('administrations_by_group', 'who is given naloxone, and when: by period, area and one group at a time');

INSERT INTO dictionary VALUES
    ('administrations_by_group', 'group_kind', 'what the row is by: sex, age_band, setting, substance (suspected), condition (when the police came), adp (the Alcohol and Drug Partnership of the council area) or hour_of_week', 'key', false, 'one kind at a time, never two', 'administration, council_area'),
    ('administrations_by_group', 'group_value', 'the sex, the age band, ...; UNKNOWN: not recorded; NONE: no substance suspected', 'key', false, 'hour_of_week: 1 from Monday midnight to 168, local time, of when the police met the person; an hour without a row had none where the row UNKNOWN is 0, and no records where it is NULL', 'administration, council_area'),
    ('administrations_by_group', 'group_label', 'group_value as people read it; an hour of the week by its day and start', 'text', false, NULL, 'administration, council_area'),
    ('administrations_by_group', 'administrations', 'administrations in the group', 'administrations', true, 'of one kind the values add up to all administrations, but not of substance, of which a person may have several; never sum over kinds', 'administration'),
    ('administrations_by_group', 'administrations_recorded', 'administrations for which the kind is recorded: the denominator of the share', 'administrations', false, 'the same in every row of a period, area and kind', 'administration'),
    ('administrations_by_group', 'administrations_share', 'administrations as a share of administrations_recorded', 'share, 0 to 1', false, 'Wilson interval; of what is not recorded there is no share; shares of substances add up to more than 1', 'administration'),
    ('administrations_by_group', 'administrations_share_lower', 'lower confidence limit of administrations_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('administrations_by_group', 'administrations_share_upper', 'upper confidence limit of administrations_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('administrations_by_group', 'administrations_by_sex', 'administrations, by sex', 'administrations', true, 'on rows of the kind sex alone, so that a sum over all rows counts nobody twice', 'administration'),
    ('administrations_by_group', 'administrations_by_age_band', 'administrations, by age band', 'administrations', true, 'on rows of the kind age_band alone, so that a sum over all rows counts nobody twice', 'administration'),
    ('administrations_by_group', 'administrations_by_setting', 'administrations, by setting', 'administrations', true, 'on rows of the kind setting alone, so that a sum over all rows counts nobody twice', 'administration'),
    ('administrations_by_group', 'administrations_by_condition', 'administrations, by the person''s condition when the police came', 'administrations', true, 'on rows of the kind condition alone, so that a sum over all rows counts nobody twice', 'administration'),
    ('administrations_by_group', 'administrations_by_adp', 'administrations, by Alcohol and Drug Partnership', 'administrations', true, 'on rows of the kind adp alone, so that a sum over all rows counts nobody twice', 'administration, council_area'),
    ('administrations_by_group', 'administrations_by_hour_of_week', 'administrations, by hour of the week', 'administrations', true, 'on rows of the kind hour_of_week alone, so that a sum over all rows counts nobody twice', 'administration'),
    ('administrations_by_group', 'substance_mentions', 'times that a substance was suspected; for UNKNOWN and NONE, administrations without one', 'mentions', true, 'on rows of the kind substance alone; a person may have several, so a sum over substances is of mentions, not of people', 'administration');
