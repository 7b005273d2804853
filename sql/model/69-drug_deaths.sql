-- Drug deaths, by where the person died: the outcome behind it all.

-- As they stood on the day of the refresh: what is dated later had not happened. Until it had a later status a death was
-- suspected; a review or report that is dated before the death is a slip of the pen, and shows as one.
CREATE VIEW dated_drug_death AS
    SELECT d.day, d.division_code, d.is_over_six_months_old,
           CASE WHEN d.is_status_later THEN 'suspected' WHEN d.status IN ('suspected', 'confirmed', 'excluded') THEN d.status ELSE 'not_known' END AS status,
           d.reviewed_day >= d.day AND d.reviewed_day <= d.today AS is_reviewed,
           d.reported_day >= d.day AND d.reported_day <= d.today AS is_reported,
           d.reviewed_day < d.day OR d.reported_day < d.day AS is_dated_before_death
    FROM (
        SELECT day_of(r.died_on) AS day, coalesce(r.division_code, 'UNKNOWN') AS division_code, r.status,
               day_of(r.status_on) > a.day AND day_of(r.status_on) < 'infinity' AS is_status_later,
               day_of(r.reviewed_on) AS reviewed_day,
               day_of(r.reported_to_chief_officers_on) AS reported_day,
               day_of(r.died_on) + interval '6 months' < a.day AS is_over_six_months_old,
               a.day AS today
        FROM drug_death r CROSS JOIN as_of a
    ) d;

CREATE MATERIALIZED VIEW drug_deaths AS
    WITH by_month AS (
        SELECT c.month, c.division_code,
               count(*) FILTER (WHERE d.status = 'suspected') AS suspected,
               count(*) FILTER (WHERE d.status = 'confirmed') AS confirmed,
               count(*) FILTER (WHERE d.status = 'not_known') AS status_not_known,
               count(*) FILTER (WHERE d.status = 'excluded') AS excluded,
               count(*) FILTER (WHERE d.status <> 'excluded') AS deaths,
               count(*) FILTER (WHERE d.status <> 'excluded' AND d.is_reviewed) AS reviewed,
               count(*) FILTER (WHERE d.status <> 'excluded' AND d.is_reported) AS reported_to_chief_officers,
               count(*) FILTER (WHERE d.status <> 'excluded' AND d.is_over_six_months_old) AS over_six_months_old,
               count(*) FILTER (WHERE d.status <> 'excluded' AND d.is_over_six_months_old AND d.is_reviewed) AS over_six_months_old_reviewed,
               count(*) FILTER (WHERE d.status <> 'excluded' AND d.is_over_six_months_old AND d.is_reported) AS over_six_months_old_reported,
               count(*) FILTER (WHERE d.status <> 'excluded' AND d.is_dated_before_death) AS dated_before_death
        FROM dated_drug_death d
        JOIN counted_day c ON c.source = 'drug_death' AND c.day = d.day AND c.recorded_division_code = d.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key,
               sum(m.suspected)::bigint AS suspected, sum(m.confirmed)::bigint AS confirmed, sum(m.status_not_known)::bigint AS status_not_known,
               sum(m.excluded)::bigint AS excluded, sum(m.deaths)::bigint AS deaths, sum(m.reviewed)::bigint AS reviewed,
               sum(m.reported_to_chief_officers)::bigint AS reported_to_chief_officers,
               sum(m.over_six_months_old)::bigint AS over_six_months_old,
               sum(m.over_six_months_old_reviewed)::bigint AS over_six_months_old_reviewed,
               sum(m.over_six_months_old_reported)::bigint AS over_six_months_old_reported,
               sum(m.dated_before_death)::bigint AS dated_before_death,
               coalesce(sum(m.deaths) FILTER (WHERE ad.division_type = 'territorial'), 0)::bigint AS territorial_deaths
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), counts AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days, y.person_years,
               CASE WHEN ap.is_covered THEN coalesce(s.suspected, 0) END AS suspected,
               CASE WHEN ap.is_covered THEN coalesce(s.confirmed, 0) END AS confirmed,
               CASE WHEN ap.is_covered THEN coalesce(s.status_not_known, 0) END AS status_not_known,
               CASE WHEN ap.is_covered THEN coalesce(s.excluded, 0) END AS excluded,
               CASE WHEN ap.is_covered THEN coalesce(s.deaths, 0) END AS deaths,
               CASE WHEN ap.is_covered THEN coalesce(s.reviewed, 0) END AS reviewed,
               CASE WHEN ap.is_covered THEN coalesce(s.reported_to_chief_officers, 0) END AS reported_to_chief_officers,
               CASE WHEN ap.is_covered THEN coalesce(s.over_six_months_old, 0) END AS over_six_months_old,
               CASE WHEN ap.is_covered THEN coalesce(s.over_six_months_old_reviewed, 0) END AS over_six_months_old_reviewed,
               CASE WHEN ap.is_covered THEN coalesce(s.over_six_months_old_reported, 0) END AS over_six_months_old_reported,
               CASE WHEN ap.is_covered THEN coalesce(s.dated_before_death, 0) END AS dated_before_death,
               CASE WHEN ap.is_covered THEN coalesce(s.territorial_deaths, 0) END AS territorial_deaths
        FROM area_period ap
        LEFT JOIN summed s USING (period_key, area_key)
        LEFT JOIN person_years y USING (source, period_key, area_key)
        WHERE ap.source = 'drug_death'
    )
    SELECT c.period_key, c.area_key, c.division_days, c.covered_division_days,
           c.deaths, c.suspected, c.confirmed, c.status_not_known, c.excluded,
           c.territorial_deaths, c.person_years,
           rate.value AS deaths_per_100k, rate.lower AS deaths_per_100k_lower, rate.upper AS deaths_per_100k_upper,
           c.reviewed, c.reported_to_chief_officers,
           c.over_six_months_old, c.over_six_months_old_reviewed,
           reviewed.value AS reviewed_share, reviewed.lower AS reviewed_share_lower, reviewed.upper AS reviewed_share_upper,
           c.over_six_months_old_reported,
           reported.value AS reported_share, reported.lower AS reported_share_lower, reported.upper AS reported_share_upper,
           c.dated_before_death
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL rate_interval(c.territorial_deaths, c.person_years, 100000, setting.confidence) AS rate
    CROSS JOIN LATERAL proportion_interval(c.over_six_months_old_reviewed, c.over_six_months_old, setting.confidence) AS reviewed
    CROSS JOIN LATERAL proportion_interval(c.over_six_months_old_reported, c.over_six_months_old, setting.confidence) AS reported;
CREATE UNIQUE INDEX drug_deaths_key ON drug_deaths (period_key, area_key);

INSERT INTO refresh_step VALUES (690, 'engine_room', 'drug_deaths');

INSERT INTO object_definition VALUES
    ('dated_drug_death', 'drug deaths with their day and the division that they name, as they stood on the day of the refresh'),
    ('drug_deaths', 'drug deaths by where the person died: by period and area');

INSERT INTO dictionary VALUES
    ('drug_deaths', 'deaths', 'drug deaths that are suspected or confirmed; those excluded since are not in it', 'deaths', true, 'on the day of death and in the division where the person died; deaths = suspected + confirmed + status_not_known. Not the national statistic, which counts by the day of registration and where the person lived', 'drug_death'),
    ('drug_deaths', 'suspected', 'deaths that are suspected to be drug deaths and neither confirmed nor excluded yet', 'deaths', true, 'a status dated after the day of the refresh had not been given: suspected', 'drug_death'),
    ('drug_deaths', 'confirmed', 'deaths that are confirmed to be drug deaths', 'deaths', true, NULL, 'drug_death'),
    ('drug_deaths', 'status_not_known', 'deaths whose status is not recorded, or is none of suspected, confirmed, excluded', 'deaths', true, 'counted in deaths', 'drug_death'),
    ('drug_deaths', 'excluded', 'deaths that were suspected and are excluded since', 'deaths', true, 'not counted in deaths', 'drug_death'),
    ('drug_deaths', 'territorial_deaths', 'deaths in territorial divisions: the numerator of the rate', 'deaths', true, 'specialist divisions and UNKNOWN have no population', 'drug_death'),
    ('drug_deaths', 'person_years', 'people living in the territorial divisions times years with records: the denominator of the rate', 'person-years', true, 'a year without a population figure takes the latest before it; NULL where any division has none', 'population, source_coverage'),
    ('drug_deaths', 'deaths_per_100k', 'drug deaths for every 100,000 people in a year, not standardised for age', 'per 100,000 people a year', false, 'who died there, over who lives there; exact Poisson interval below 10, Byar''s from 10', 'drug_death, population'),
    ('drug_deaths', 'deaths_per_100k_lower', 'lower confidence limit of deaths_per_100k', 'per 100,000 people a year', false, NULL, 'drug_death, population'),
    ('drug_deaths', 'deaths_per_100k_upper', 'upper confidence limit of deaths_per_100k', 'per 100,000 people a year', false, NULL, 'drug_death, population'),
    ('drug_deaths', 'reviewed', 'deaths that were reviewed by the day of the refresh', 'deaths', true, NULL, 'drug_death'),
    ('drug_deaths', 'reported_to_chief_officers', 'deaths that were reported to Chief Officers by the day of the refresh', 'deaths', true, NULL, 'drug_death'),
    ('drug_deaths', 'over_six_months_old', 'deaths that were over six months ago on the day of the refresh', 'deaths', true, 'more than six calendar months: the shares are over these, so that the newest deaths do not look neglected', 'drug_death'),
    ('drug_deaths', 'over_six_months_old_reviewed', 'of over_six_months_old, reviewed by the day of the refresh', 'deaths', true, 'whenever the review was', 'drug_death'),
    ('drug_deaths', 'reviewed_share', 'over_six_months_old_reviewed as a share of over_six_months_old', 'share, 0 to 1', false, 'Wilson interval; a death without a date of review counts as not reviewed', 'drug_death'),
    ('drug_deaths', 'reviewed_share_lower', 'lower confidence limit of reviewed_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'reviewed_share_upper', 'upper confidence limit of reviewed_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'over_six_months_old_reported', 'of over_six_months_old, reported to Chief Officers by the day of the refresh', 'deaths', true, 'whenever the report was', 'drug_death'),
    ('drug_deaths', 'reported_share', 'over_six_months_old_reported as a share of over_six_months_old', 'share, 0 to 1', false, 'Wilson interval; a death without a date of report counts as not reported', 'drug_death'),
    ('drug_deaths', 'reported_share_lower', 'lower confidence limit of reported_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'reported_share_upper', 'upper confidence limit of reported_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'dated_before_death', 'deaths with a review or report that is dated before the death', 'deaths', true, 'such a date counts as none', 'drug_death');
