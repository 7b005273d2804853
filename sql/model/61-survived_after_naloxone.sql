-- How many people lived until they were handed over or left. That naloxone was what saved them, no form can say.

-- Who was believed dead when the police came is apart: that was so before any naloxone.
CREATE VIEW survival_day_source AS
    SELECT day, division_code,
           count(*) AS administrations,
           count(*) FILTER (WHERE believed_dead_on_arrival) AS believed_dead_on_arrival,
           count(*) FILTER (WHERE believed_dead_on_arrival AND survival = 'survived') AS believed_dead_survived,
           count(*) FILTER (WHERE believed_dead_on_arrival IS NOT TRUE AND survival = 'survived') AS survived,
           count(*) FILTER (WHERE believed_dead_on_arrival IS NOT TRUE AND survival = 'died') AS died,
           count(*) FILTER (WHERE believed_dead_on_arrival IS NOT TRUE AND (survival IS NULL OR survival NOT IN ('survived', 'died'))) AS not_known,
           count(*) FILTER (WHERE believed_dead_on_arrival IS NOT TRUE AND survival = 'survived' AND survival_as_at = '24_hours') AS survived_to_24_hours,
           count(*) FILTER (WHERE believed_dead_on_arrival IS NOT TRUE AND survival = 'survived' AND survival_as_at = '30_days') AS survived_to_30_days,
           count(*) FILTER (WHERE believed_dead_on_arrival IS NOT TRUE AND survival = 'died' AND survival_as_at = '24_hours') AS died_by_24_hours,
           count(*) FILTER (WHERE believed_dead_on_arrival IS NOT TRUE AND survival = 'died' AND survival_as_at = '30_days') AS died_by_30_days
    FROM dated_administration
    GROUP BY day, division_code;

CREATE TABLE survival_day AS TABLE survival_day_source WITH NO DATA;
ALTER TABLE survival_day ADD PRIMARY KEY (day, division_code);

-- Administrations after which a drug death is on record, with the death's own day and division: whether that death counts
-- depends on the day of the refresh and on coverage, and is for later. Of several deaths the first.
CREATE VIEW linked_death_day_source AS
    SELECT a.day, a.division_code,
           CASE WHEN a.believed_dead_on_arrival THEN 'believed_dead_on_arrival'
                WHEN a.survival IN ('survived', 'died') THEN a.survival
                ELSE 'not_known' END AS survival,
           day_of(d.died_on) AS died_on, coalesce(d.division_code, 'UNKNOWN') AS death_division_code,
           count(*) AS administrations
    FROM dated_administration a
    JOIN drug_death d ON d.administration_id = a.administration_id AND d.status IS DISTINCT FROM 'excluded'
    WHERE NOT EXISTS (SELECT FROM drug_death b
                      WHERE b.administration_id = d.administration_id AND b.status IS DISTINCT FROM 'excluded'
                        AND (b.died_on, b.death_id) < (d.died_on, d.death_id))
    GROUP BY 1, 2, 3, 4, 5;

CREATE TABLE linked_death_day AS TABLE linked_death_day_source WITH NO DATA;
ALTER TABLE linked_death_day ADD PRIMARY KEY (day, division_code, survival, died_on, death_division_code);

CREATE MATERIALIZED VIEW survived_after_naloxone AS
    WITH by_month AS (
        SELECT c.month, c.division_code,
               sum(s.administrations) AS administrations, sum(s.believed_dead_on_arrival) AS believed_dead_on_arrival,
               sum(s.believed_dead_survived) AS believed_dead_survived,
               sum(s.survived) AS survived, sum(s.died) AS died, sum(s.not_known) AS not_known,
               sum(s.survived_to_24_hours) AS survived_to_24_hours, sum(s.survived_to_30_days) AS survived_to_30_days,
               sum(s.died_by_24_hours) AS died_by_24_hours, sum(s.died_by_30_days) AS died_by_30_days
        FROM survival_day s
        JOIN counted_day c ON c.source = 'administration' AND c.day = s.day AND c.recorded_division_code = s.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key,
               sum(m.administrations)::bigint AS administrations, sum(m.believed_dead_on_arrival)::bigint AS believed_dead_on_arrival,
               sum(m.believed_dead_survived)::bigint AS believed_dead_survived,
               sum(m.survived)::bigint AS survived, sum(m.died)::bigint AS died, sum(m.not_known)::bigint AS not_known,
               sum(m.survived_to_24_hours)::bigint AS survived_to_24_hours, sum(m.survived_to_30_days)::bigint AS survived_to_30_days,
               sum(m.died_by_24_hours)::bigint AS died_by_24_hours, sum(m.died_by_30_days)::bigint AS died_by_30_days
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), death_by_month AS (
        SELECT c.month, c.division_code,
               sum(l.administrations) FILTER (WHERE l.survival = 'survived' AND l.died_on >= l.day) AS later_deaths,
               sum(l.administrations) FILTER (WHERE l.survival = 'survived' AND l.died_on >= l.day AND l.died_on - l.day <= 30) AS later_deaths_within_30_days,
               sum(l.administrations) FILTER (WHERE l.survival = 'not_known' AND l.died_on >= l.day) AS deaths_of_not_known,
               sum(l.administrations) FILTER (WHERE l.survival = 'died' AND l.died_on >= l.day) AS died_linked,
               sum(l.administrations) FILTER (WHERE l.died_on < l.day) AS linked_deaths_before
        FROM linked_death_day l
        JOIN counted_day c ON c.source = 'administration' AND c.day = l.day AND c.recorded_division_code = l.division_code
        -- The death is one that counts, and when and where naloxone was given deaths were being recorded.
        JOIN counted_day death ON death.source = 'drug_death' AND death.day = l.died_on AND death.recorded_division_code = l.death_division_code
        JOIN counted recorded ON recorded.source = 'drug_death' AND recorded.division_code = c.division_code AND recorded.days @> l.day
        GROUP BY 1, 2
    ), death AS (
        SELECT pm.period_key, ad.area_key,
               sum(m.later_deaths)::bigint AS later_deaths, sum(m.later_deaths_within_30_days)::bigint AS later_deaths_within_30_days,
               sum(m.deaths_of_not_known)::bigint AS deaths_of_not_known, sum(m.died_linked)::bigint AS died_linked,
               sum(m.linked_deaths_before)::bigint AS linked_deaths_before
        FROM death_by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), counts AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN coalesce(s.administrations, 0) END AS administrations,
               CASE WHEN ap.is_covered THEN coalesce(s.believed_dead_on_arrival, 0) END AS believed_dead_on_arrival,
               CASE WHEN ap.is_covered THEN coalesce(s.believed_dead_survived, 0) END AS believed_dead_survived,
               CASE WHEN ap.is_covered THEN coalesce(s.survived, 0) END AS survived,
               CASE WHEN ap.is_covered THEN coalesce(s.died, 0) END AS died,
               CASE WHEN ap.is_covered THEN coalesce(s.not_known, 0) END AS not_known,
               CASE WHEN ap.is_covered THEN coalesce(s.survived_to_24_hours, 0) END AS survived_to_24_hours,
               CASE WHEN ap.is_covered THEN coalesce(s.survived_to_30_days, 0) END AS survived_to_30_days,
               CASE WHEN ap.is_covered THEN coalesce(s.died_by_24_hours, 0) END AS died_by_24_hours,
               CASE WHEN ap.is_covered THEN coalesce(s.died_by_30_days, 0) END AS died_by_30_days,
               CASE WHEN ap.is_covered AND dp.is_covered THEN coalesce(d.later_deaths, 0) END AS later_deaths,
               CASE WHEN ap.is_covered AND dp.is_covered THEN coalesce(d.later_deaths_within_30_days, 0) END AS later_deaths_within_30_days,
               CASE WHEN ap.is_covered AND dp.is_covered THEN coalesce(d.deaths_of_not_known, 0) END AS deaths_of_not_known,
               CASE WHEN ap.is_covered AND dp.is_covered THEN coalesce(d.died_linked, 0) END AS died_linked,
               CASE WHEN ap.is_covered AND dp.is_covered THEN coalesce(d.linked_deaths_before, 0) END AS linked_deaths_before
        FROM area_period ap
        LEFT JOIN area_period dp ON dp.source = 'drug_death' AND dp.period_key = ap.period_key AND dp.area_key = ap.area_key
        LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key
        LEFT JOIN death d ON d.period_key = ap.period_key AND d.area_key = ap.area_key
        WHERE ap.source = 'administration'
    )
    SELECT c.period_key, c.area_key, c.division_days, c.covered_division_days,
           c.administrations, c.believed_dead_on_arrival, c.believed_dead_survived, c.survived, c.died, c.not_known,
           share.value AS survived_share, share.lower AS survived_share_lower, share.upper AS survived_share_upper,
           c.survived::float8 / nullif(c.survived + c.died + c.not_known, 0) AS survived_share_lowest,
           (c.survived + c.not_known)::float8 / nullif(c.survived + c.died + c.not_known, 0) AS survived_share_highest,
           c.survived_to_24_hours, c.survived_to_30_days, c.died_by_24_hours, c.died_by_30_days,
           c.later_deaths, c.later_deaths_within_30_days, c.deaths_of_not_known, c.died_linked, c.linked_deaths_before
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.survived, c.survived + c.died, setting.confidence) AS share;
CREATE UNIQUE INDEX survived_after_naloxone_key ON survived_after_naloxone (period_key, area_key);

INSERT INTO refresh_step VALUES
    (240, 'engine_room', 'survival_day'),
    (241, 'engine_room', 'linked_death_day'),
    (610, 'engine_room', 'survived_after_naloxone');
INSERT INTO rollup VALUES
    ('survival_day', '{day,division_code}'),
    ('linked_death_day', '{day,division_code}');
INSERT INTO rollup_source VALUES
    ('survival_day', 'administration', 'marked_day'),
    ('linked_death_day', 'administration', 'marked_day'),
    ('linked_death_day', 'drug_death', 'marked_administration_day');

INSERT INTO object_definition VALUES
    ('survival_day_source', 'what a refresh fills survival_day with'),
    ('survival_day', 'administrations by day, division and what became of the person'),
    ('linked_death_day_source', 'what a refresh fills linked_death_day with'),
    ('linked_death_day', 'administrations after which a drug death is on record, by day and division of both'),
    ('survived_after_naloxone', 'how many people lived until they were handed over or left: by period and area');

INSERT INTO dictionary VALUES
    ('survived_after_naloxone', 'administrations', 'people given naloxone: one person in one incident is one administration', 'administrations', true, 'administrations = believed_dead_on_arrival + survived + died + not_known', 'administration'),
    ('survived_after_naloxone', 'believed_dead_on_arrival', 'people whom the police believed dead when they came, naloxone given all the same', 'administrations', true, 'apart from survived, died and not_known, and in no share; where the form does not say, the person is not taken to have been', 'administration'),
    ('survived_after_naloxone', 'believed_dead_survived', 'of believed_dead_on_arrival, those who survived', 'administrations', true, 'not in survived', 'administration'),
    ('survived_after_naloxone', 'survived', 'people alive when they were handed over or left. It does not say that naloxone saved them: some would have lived without it', 'administrations', true, 'who was alive after 24 hours or 30 days was alive at handover too', 'administration'),
    ('survived_after_naloxone', 'died', 'people who died, by the time as at which the form says so', 'administrations', true, 'at handover for most; died_by_24_hours and died_by_30_days are among them, and may have been alive at handover', 'administration'),
    ('survived_after_naloxone', 'not_known', 'people of whom it is not known, or not recorded, whether they survived', 'administrations', true, 'not known is neither survived nor died', 'administration'),
    ('survived_after_naloxone', 'survived_share', 'survived as a share of those of whom it is known: not the share that naloxone saved', 'share, 0 to 1', false, 'of survived + died; Wilson interval', 'administration'),
    ('survived_after_naloxone', 'survived_share_lower', 'lower confidence limit of survived_share', 'share, 0 to 1', false, 'chance alone: for what is not known see survived_share_lowest', 'administration'),
    ('survived_after_naloxone', 'survived_share_upper', 'upper confidence limit of survived_share', 'share, 0 to 1', false, 'chance alone: for what is not known see survived_share_highest', 'administration'),
    ('survived_after_naloxone', 'survived_share_lowest', 'what the share would be if everybody in not_known had died', 'share, 0 to 1', false, 'of survived + died + not_known; no confidence limit', 'administration'),
    ('survived_after_naloxone', 'survived_share_highest', 'what the share would be if everybody in not_known had survived', 'share, 0 to 1', false, 'of survived + died + not_known; no confidence limit', 'administration'),
    ('survived_after_naloxone', 'survived_to_24_hours', 'of survived, those known to be alive after 24 hours', 'administrations', true, 'only where the form says that it is as at 24 hours', 'administration'),
    ('survived_after_naloxone', 'survived_to_30_days', 'of survived, those known to be alive after 30 days', 'administrations', true, 'only where the form says that it is as at 30 days', 'administration'),
    ('survived_after_naloxone', 'died_by_24_hours', 'of died, those recorded as dead as at 24 hours', 'administrations', true, 'whether before handover is not recorded', 'administration'),
    ('survived_after_naloxone', 'died_by_30_days', 'of died, those recorded as dead as at 30 days', 'administrations', true, 'whether before handover is not recorded', 'administration'),
    ('survived_after_naloxone', 'later_deaths', 'of survived, those whom a later drug death, suspected or confirmed, is linked to', 'administrations', true, 'by the day of the administration, so older periods have had longer; NULL where drug deaths are not recorded, and none from days before they were', 'administration, drug_death'),
    ('survived_after_naloxone', 'later_deaths_within_30_days', 'of later_deaths, those within 30 days', 'administrations', true, 'compare periods by this one, and only settled ones', 'administration, drug_death'),
    ('survived_after_naloxone', 'deaths_of_not_known', 'of not_known, those whom a drug death from that day on is linked to', 'administrations', true, 'they stay in not_known; NULL where drug deaths are not recorded', 'administration, drug_death'),
    ('survived_after_naloxone', 'died_linked', 'of died, those whom a drug death is linked to', 'administrations', true, 'where it is far below died, deaths are seldom linked, and later_deaths misses as many; NULL where drug deaths are not recorded', 'administration, drug_death'),
    ('survived_after_naloxone', 'linked_deaths_before', 'administrations to which a death is linked that was before them: one of the two records is wrong', 'administrations', true, 'not in later_deaths', 'administration, drug_death');
