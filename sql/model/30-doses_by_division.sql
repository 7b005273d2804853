-- How much naloxone is used, and where.

CREATE MATERIALIZED VIEW doses_by_division AS
    WITH by_month AS (
        SELECT c.month, c.division_code,
               sum(i.incidents) AS incidents, sum(a.administrations) AS administrations, sum(a.forms) AS forms,
               sum(a.without_person_key) AS without_person_key, sum(a.with_doses_recorded) AS with_doses_recorded,
               sum(a.doses) AS doses, sum(a.over_two_doses) AS over_two_doses,
               sum(a.with_strength_known) AS with_strength_known, sum(a.micrograms) AS micrograms
        -- Every incident's first administration is one of its day and division.
        FROM administration_day a
        LEFT JOIN incident_day i USING (day, division_code)
        JOIN counted_day c ON c.source = 'administration' AND c.day = a.day AND c.recorded_division_code = a.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key,
               sum(m.incidents)::bigint AS incidents, sum(m.administrations)::bigint AS administrations, sum(m.forms)::bigint AS forms,
               sum(m.without_person_key)::bigint AS without_person_key,
               sum(m.with_doses_recorded)::bigint AS with_doses_recorded, sum(m.doses)::bigint AS doses,
               sum(m.over_two_doses)::bigint AS over_two_doses, sum(m.with_strength_known)::bigint AS with_strength_known,
               sum(m.micrograms)::bigint AS micrograms,
               coalesce(sum(m.administrations) FILTER (WHERE ad.division_type = 'territorial'), 0)::bigint AS territorial_administrations
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), counts AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days, y.person_years,
               CASE WHEN ap.is_covered THEN coalesce(s.incidents, 0) END AS incidents,
               CASE WHEN ap.is_covered THEN coalesce(s.administrations, 0) END AS administrations,
               CASE WHEN ap.is_covered THEN coalesce(s.forms, 0) END AS forms,
               CASE WHEN ap.is_covered AND NOT ap.is_across_seal THEN coalesce(p.people, 0) END AS people,
               CASE WHEN ap.is_covered THEN coalesce(s.without_person_key, 0) END AS without_person_key,
               CASE WHEN ap.is_covered THEN coalesce(s.with_doses_recorded, 0) END AS with_doses_recorded,
               CASE WHEN ap.is_covered THEN coalesce(s.doses, 0) END AS doses,
               CASE WHEN ap.is_covered THEN coalesce(s.over_two_doses, 0) END AS over_two_doses,
               CASE WHEN ap.is_covered THEN coalesce(s.with_strength_known, 0) END AS with_strength_known,
               CASE WHEN ap.is_covered THEN coalesce(s.micrograms, 0) END AS micrograms,
               CASE WHEN ap.is_covered THEN coalesce(s.territorial_administrations, 0) END AS territorial_administrations,
               o.administrations AS administrations_by_officer_division, o.officer_years AS officer_years_carrying
        FROM area_period ap
        LEFT JOIN summed s USING (period_key, area_key)
        LEFT JOIN people_in_period p USING (period_key, area_key)
        LEFT JOIN person_years y USING (source, period_key, area_key)
        LEFT JOIN administration_by_officer o USING (period_key, area_key)
        WHERE ap.source = 'administration'
    )
    SELECT c.period_key, c.area_key, c.division_days, c.covered_division_days,
           c.incidents, c.administrations, c.forms, c.people, c.without_person_key, c.with_doses_recorded, c.doses,
           c.doses::float8 / nullif(c.with_doses_recorded, 0) AS doses_per_administration,
           c.over_two_doses,
           over_two.value AS over_two_doses_share, over_two.lower AS over_two_doses_share_lower, over_two.upper AS over_two_doses_share_upper,
           c.with_strength_known, c.micrograms,
           c.territorial_administrations, c.person_years,
           rate.value AS administrations_per_100k, rate.lower AS administrations_per_100k_lower, rate.upper AS administrations_per_100k_upper,
           c.administrations_by_officer_division, c.officer_years_carrying,
           officer_rate.value AS administrations_per_1000_officer_years,
           officer_rate.lower AS administrations_per_1000_officer_years_lower,
           officer_rate.upper AS administrations_per_1000_officer_years_upper
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.over_two_doses, c.with_doses_recorded, setting.confidence) AS over_two
    CROSS JOIN LATERAL rate_interval(c.territorial_administrations, c.person_years, 100000, setting.confidence) AS rate
    CROSS JOIN LATERAL rate_interval(c.administrations_by_officer_division, c.officer_years_carrying, 1000, setting.confidence) AS officer_rate;
CREATE UNIQUE INDEX doses_by_division_key ON doses_by_division (period_key, area_key);

INSERT INTO refresh_step VALUES (400, 'engine_room', 'doses_by_division');

INSERT INTO object_definition VALUES
    ('doses_by_division', 'how much naloxone is used, and where: by period and area');

INSERT INTO dictionary VALUES
    (NULL, 'period_key', 'the month, fiscal quarter, fiscal year or twelve months to the end of a month; joins to dim_period', 'key', false, NULL, NULL),
    (NULL, 'area_key', 'the division, region or force; joins to dim_area', 'key', false, NULL, NULL),
    (NULL, 'division_days', 'days of the period so far, of all the area''s divisions together', 'days', true, NULL, 'division'),
    (NULL, 'covered_division_days', 'of division_days, those on which records exist: where it is smaller, the counts are of a part of the period or area only', 'days', true, NULL, 'source_coverage'),
    ('doses_by_division', 'incidents', 'incidents in which an officer gave naloxone', 'incidents', true, 'an incident counts once, on the day and in the division of its first administration', 'administration'),
    ('doses_by_division', 'administrations', 'people given naloxone: one person in one incident is one administration', 'administrations', true, 'by the incident''s division; a division not given or not held counts as UNKNOWN', 'administration'),
    ('doses_by_division', 'forms', 'officers'' forms: two officers may report one administration', 'forms', true, NULL, 'administration'),
    ('doses_by_division', 'people', 'different people given naloxone, of those who are known', 'people', false, 'a person counts once in every period and area, so people do not add up', 'administration'),
    ('doses_by_division', 'without_person_key', 'administrations to a person who is not known: they are not in people', 'administrations', true, NULL, 'administration'),
    ('doses_by_division', 'with_doses_recorded', 'administrations of which the number of doses is recorded', 'administrations', true, 'not recorded is not none', 'administration'),
    ('doses_by_division', 'doses', 'doses given, where recorded', 'doses', true, NULL, 'administration'),
    ('doses_by_division', 'doses_per_administration', 'mean number of doses, over the administrations with doses recorded', 'doses per administration', false, NULL, 'administration'),
    ('doses_by_division', 'over_two_doses', 'administrations that needed more than two doses: more than one kit holds', 'administrations', true, NULL, 'administration'),
    ('doses_by_division', 'over_two_doses_share', 'over_two_doses as a share of with_doses_recorded', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('doses_by_division', 'over_two_doses_share_lower', 'lower confidence limit of over_two_doses_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('doses_by_division', 'over_two_doses_share_upper', 'upper confidence limit of over_two_doses_share', 'share, 0 to 1', false, 'Wilson interval', 'administration'),
    ('doses_by_division', 'with_strength_known', 'administrations of which the strength of every dose is known', 'administrations', true, NULL, 'administration'),
    ('doses_by_division', 'micrograms', 'naloxone given, over with_strength_known', 'micrograms', true, NULL, 'administration'),
    ('doses_by_division', 'territorial_administrations', 'administrations in territorial divisions: the numerator of the rate', 'administrations', true, 'specialist divisions and UNKNOWN have no population', 'administration'),
    ('doses_by_division', 'person_years', 'people living in the territorial divisions times years with records: the denominator of the rate', 'person-years', true, 'a year without a population figure takes the latest before it; NULL where any division has none', 'population, source_coverage'),
    ('doses_by_division', 'administrations_per_100k', 'administrations for every 100,000 people in a year', 'per 100,000 people a year', false, 'exact Poisson interval below 10, Byar''s from 10', 'administration, population'),
    ('doses_by_division', 'administrations_per_100k_lower', 'lower confidence limit of administrations_per_100k', 'per 100,000 people a year', false, NULL, 'administration, population'),
    ('doses_by_division', 'administrations_per_100k_upper', 'upper confidence limit of administrations_per_100k', 'per 100,000 people a year', false, NULL, 'administration, population'),
    ('doses_by_division', 'administrations_by_officer_division', 'administrations by officers of the division, wherever the incident was: the numerator of the rate by officers', 'administrations', true, 'by the officer''s own division; only on days on which both administrations and carriage are recorded', 'administration, source_coverage'),
    ('doses_by_division', 'officer_years_carrying', 'officers carrying naloxone times years, on the same days: the denominator of the rate by officers', 'officer-years', true, 'an officer is in one division at a time', 'officer_carriage, source_coverage'),
    ('doses_by_division', 'administrations_per_1000_officer_years', 'administrations for every 1,000 officers carrying for a year', 'per 1,000 officer-years', false, 'exact Poisson interval below 10, Byar''s from 10', 'administration, officer_carriage'),
    ('doses_by_division', 'administrations_per_1000_officer_years_lower', 'lower confidence limit of administrations_per_1000_officer_years', 'per 1,000 officer-years', false, NULL, 'administration, officer_carriage'),
    ('doses_by_division', 'administrations_per_1000_officer_years_upper', 'upper confidence limit of administrations_per_1000_officer_years', 'per 1,000 officer-years', false, NULL, 'administration, officer_carriage'),
    ('doses_by_division', 'chart', 'the kind of control chart on which administrations_per_100k is drawn; NULL: none', 'text', false, 'settled months only; the chart is in indicator_chart', 'indicator_chart'),
    ('doses_by_division', 'chart_flag', 'the rule by which the chart says that something changed; NULL: nothing that chance does not explain, or no chart', 'text', false, 'a flag says that something changed, not what', 'indicator_chart'),
    ('doses_by_division', 'funnel_verdict', 'the division''s administrations_per_100k beside all others'': as the others, not clear, or different; NULL: nothing can be said', 'text', false, 'settled fiscal years and twelve months only; the plot is in indicator_funnel', 'indicator_funnel');
