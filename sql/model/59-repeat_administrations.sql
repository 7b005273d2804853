-- Who is at risk again: another administration to the same person.

-- What followed an administration that is its person's first of a month in the area, and may so be the first of a period: another
-- one, 1, or the person's death, 2, in days. Nobody is followed for longer than a year, nor beyond the records of the division. On one
-- day the administration comes first; a death before the administration is a slip, for another person's key perhaps.
CREATE VIEW area_repeat AS
    SELECT f.person_key, f.day, f.area_key, f.months_since, least(f.days, f.last_day) AS days, CASE WHEN f.days <= f.last_day THEN f.event ELSE 0 END AS event
    FROM (
        SELECT a.person_key, a.day, a.area_key, a.since_1st AS months_since,
               least(a.followed_before, a.day + 366) - a.day - 1 AS last_day,
               coalesce(least(a.next_day, CASE WHEN a.died_on >= a.day THEN a.died_on END) - a.day, 2147483647) AS days,
               CASE WHEN a.next_day <= a.died_on OR a.died_on IS NULL OR a.died_on < a.day THEN 1 ELSE 2 END AS event
        FROM area_administration a
        WHERE a.since_1st > 0
    ) f;

CREATE VIEW repeat_day_part AS
    SELECT person_key, day, area_key, months_since, life_table(days, event, 'day'::text) AS until_next
    FROM area_repeat
    GROUP BY person_key, day, area_key, months_since;

CREATE VIEW repeat_day_source AS
    SELECT day, area_key, months_since, life_table(days, event, 'day'::text) AS until_next
    FROM area_repeat
    GROUP BY day, area_key, months_since;

CREATE TABLE repeat_day AS TABLE repeat_day_source WITH NO DATA;
ALTER TABLE repeat_day ADD PRIMARY KEY (day, area_key, months_since);

CREATE MATERIALIZED VIEW repeat_administrations AS
    WITH by_month AS (
        SELECT c.month, c.division_code, sum(a.administrations) AS administrations, sum(a.without_person_key) AS without_person_key
        FROM administration_day a
        JOIN counted_day c ON c.source = 'administration' AND c.day = a.day AND c.recorded_division_code = a.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key, sum(m.administrations)::bigint AS administrations, sum(m.without_person_key)::bigint AS without_person_key
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), first_by_month AS (
        -- Known by the end of the day of the refresh: as of a past one, what came later has not been seen.
        SELECT period_start('month', r.day) AS month, r.area_key, r.months_since,
               rollup(censor_after(r.until_next, least(as_of.day - r.day, 365))) AS until_next
        FROM repeat_day r
        CROSS JOIN as_of
        WHERE r.day <= as_of.day
        GROUP BY 1, 2, 3
    ), first_of_period AS (
        SELECT n.period_key, m.area_key, rollup(m.until_next) AS until_next
        FROM first_by_month m
        JOIN period_month_number n ON n.month = m.month AND m.months_since > n.months_before
        GROUP BY 1, 2
    ), counts AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN coalesce(s.administrations, 0) END AS administrations,
               CASE WHEN ap.is_covered THEN coalesce(s.without_person_key, 0) END AS without_person_key,
               CASE WHEN ap.is_covered THEN coalesce(p.repeats_within_30_days, 0) END AS repeats_within_30_days,
               CASE WHEN ap.is_covered THEN coalesce(p.repeats_within_90_days, 0) END AS repeats_within_90_days,
               CASE WHEN ap.is_covered THEN coalesce(p.repeats_within_365_days, 0) END AS repeats_within_365_days,
               CASE WHEN ap.is_covered THEN coalesce(p.people, 0) END AS people,
               CASE WHEN ap.is_covered THEN coalesce(p.people_with_two_or_more - p.people_with_three_or_more, 0) END AS people_with_two,
               CASE WHEN ap.is_covered THEN coalesce(p.people_with_three_or_more - p.people_with_four_or_more, 0) END AS people_with_three,
               CASE WHEN ap.is_covered THEN coalesce(p.people_with_four_or_more, 0) END AS people_with_four_or_more,
               CASE WHEN ap.is_covered THEN coalesce(num_events(f.until_next, 1), 0) END AS people_repeated,
               CASE WHEN ap.is_covered THEN coalesce(num_events(f.until_next, 2), 0) END AS people_died,
               CASE WHEN ap.is_covered THEN coalesce(num_censored(f.until_next), 0) END AS people_not_repeated,
               CASE WHEN ap.is_covered THEN f.until_next END AS until_next
        FROM area_period ap
        LEFT JOIN summed s USING (period_key, area_key)
        LEFT JOIN people_in_period p USING (period_key, area_key)
        LEFT JOIN first_of_period f USING (period_key, area_key)
        WHERE ap.source = 'administration'
    )
    SELECT c.period_key, c.area_key, c.division_days, c.covered_division_days, c.administrations, c.without_person_key,
           c.repeats_within_30_days, c.repeats_within_90_days, c.repeats_within_365_days,
           c.people, c.people_with_two, c.people_with_three, c.people_with_four_or_more,
           c.people_repeated, c.people_died, c.people_not_repeated,
           days_30.value AS repeated_within_30_days_share, days_30.lower AS repeated_within_30_days_share_lower,
           days_30.upper AS repeated_within_30_days_share_upper,
           days_90.value AS repeated_within_90_days_share, days_90.lower AS repeated_within_90_days_share_lower,
           days_90.upper AS repeated_within_90_days_share_upper,
           days_365.value AS repeated_within_365_days_share, days_365.lower AS repeated_within_365_days_share_lower,
           days_365.upper AS repeated_within_365_days_share_upper,
           died.value AS died_within_365_days_share, died.lower AS died_within_365_days_share_lower, died.upper AS died_within_365_days_share_upper
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL incidence(c.until_next, 1, 30, confidence => setting.confidence) AS days_30
    CROSS JOIN LATERAL incidence(c.until_next, 1, 90, confidence => setting.confidence) AS days_90
    CROSS JOIN LATERAL incidence(c.until_next, 1, 365, confidence => setting.confidence) AS days_365
    CROSS JOIN LATERAL incidence(c.until_next, 2, 365, confidence => setting.confidence) AS died;
CREATE UNIQUE INDEX repeat_administrations_key ON repeat_administrations (period_key, area_key);

INSERT INTO refresh_step VALUES
    (225, 'engine_room', 'repeat_day'),
    (590, 'engine_room', 'repeat_administrations');
INSERT INTO rollup (name, key, parts_of) VALUES ('repeat_day', '{day,area_key,months_since}', 'administration_person_day');
INSERT INTO rollup_source VALUES
    ('repeat_day', 'division', 'everything'),
    ('repeat_day', 'source_coverage', 'everything');

INSERT INTO object_definition VALUES
    ('area_repeat', 'what followed an administration that is the first of its person and month in an area'),
    ('repeat_day_part', 'what each person gives to repeat_day'),
    ('repeat_day_source', 'what a refresh fills repeat_day with'),
    ('repeat_day', 'what followed an administration, and when, by day, area and the months since the person''s before'),
    ('repeat_administrations', 'who is at risk again: by period and area');

INSERT INTO dictionary VALUES
    ('repeat_administrations', 'administrations', 'people given naloxone: one person in one incident is one administration', 'administrations', true, 'by the incident''s division; a division not given or not held counts as UNKNOWN', 'administration'),
    ('repeat_administrations', 'without_person_key', 'administrations to a person who is not known: whether it was a repeat cannot be said, so they are in none of the figures that follow', 'administrations', true, NULL, 'administration'),
    ('repeat_administrations', 'repeats_within_30_days', 'administrations to a known person who had been given naloxone in the 30 days before, in whatever division', 'administrations', true, 'the earlier one is looked for in the days with records only: too few where they have just begun', 'administration'),
    ('repeat_administrations', 'repeats_within_90_days', 'administrations to a known person who had been given naloxone in the 90 days before, in whatever division', 'administrations', true, 'as for 30 days', 'administration'),
    ('repeat_administrations', 'repeats_within_365_days', 'administrations to a known person who had been given naloxone in the 365 days before, in whatever division', 'administrations', true, 'as for 30 days', 'administration'),
    ('repeat_administrations', 'people', 'different people given naloxone, of those who are known', 'people', false, 'a person counts once in every period and area; people = people_repeated + people_died + people_not_repeated', 'administration'),
    ('repeat_administrations', 'people_with_two', 'of people, those with two administrations in the period and area', 'people', false, NULL, 'administration'),
    ('repeat_administrations', 'people_with_three', 'of people, those with three administrations in the period and area', 'people', false, NULL, 'administration'),
    ('repeat_administrations', 'people_with_four_or_more', 'of people, those with four administrations or more in the period and area', 'people', false, NULL, 'administration'),
    ('repeat_administrations', 'people_repeated', 'of people, those who have had another administration so far, within 365 days of their first in the period and area, in whatever division', 'people', false, 'grows until all have been followed for 365 days: compare the shares', 'administration'),
    ('repeat_administrations', 'people_died', 'of people, those who died before any other administration, within 365 days', 'people', false, 'where a drug death is linked to the administration, or the form says that the person died before handover: other deaths are not known here', 'administration, drug_death'),
    ('repeat_administrations', 'people_not_repeated', 'of people, those of whom neither is known: in 365 days, or in the time so far', 'people', false, NULL, 'administration'),
    ('repeat_administrations', 'repeated_within_30_days_share', 'share of people with another administration within 30 days of their first in the period and area', 'share, 0 to 1', false, 'Aalen and Johansen, death the other end: who has not been followed for 30 days yet counts for the days so far. NULL where nobody has', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_30_days_share_lower', 'lower confidence limit of repeated_within_30_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, had another', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_30_days_share_upper', 'upper confidence limit of repeated_within_30_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, had another', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_90_days_share', 'share of people with another administration within 90 days of their first in the period and area', 'share, 0 to 1', false, 'Aalen and Johansen, death the other end: who has not been followed for 90 days yet counts for the days so far. NULL where nobody has', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_90_days_share_lower', 'lower confidence limit of repeated_within_90_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, had another', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_90_days_share_upper', 'upper confidence limit of repeated_within_90_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, had another', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_365_days_share', 'share of people with another administration within 365 days of their first in the period and area', 'share, 0 to 1', false, 'Aalen and Johansen, death the other end: who has not been followed for 365 days yet counts for the days so far. NULL where nobody has', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_365_days_share_lower', 'lower confidence limit of repeated_within_365_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, had another', 'administration, drug_death'),
    ('repeat_administrations', 'repeated_within_365_days_share_upper', 'upper confidence limit of repeated_within_365_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, had another', 'administration, drug_death'),
    ('repeat_administrations', 'died_within_365_days_share', 'share of people who died within 365 days of their first administration in the period and area, before any other', 'share, 0 to 1', false, 'Aalen and Johansen; only deaths that are linked, so the least that it can be', 'administration, drug_death'),
    ('repeat_administrations', 'died_within_365_days_share_lower', 'lower confidence limit of died_within_365_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, died', 'administration, drug_death'),
    ('repeat_administrations', 'died_within_365_days_share_upper', 'upper confidence limit of died_within_365_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, died', 'administration, drug_death');
