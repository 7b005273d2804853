-- Drug deaths, by where the person died: the outcome behind it all.

-- The ages of a band as records write it: 30-34, 85+, or a single year such as 0. NULL where it is written otherwise.
CREATE FUNCTION ages_of(age_band text) RETURNS int4range
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN substring(age_band, '^([0-9]{1,3})-[0-9]{1,3}$')::integer <= substring(age_band, '^[0-9]{1,3}-([0-9]{1,3})$')::integer
                THEN int4range(substring(age_band, '^([0-9]{1,3})-')::integer, substring(age_band, '-([0-9]{1,3})$')::integer, '[]')
                WHEN age_band ~ '^[0-9]{1,3}[+]$' THEN int4range(substring(age_band, '^([0-9]{1,3})')::integer, NULL)
                WHEN age_band ~ '^[0-9]{1,3}$' THEN int4range(substring(age_band, '^([0-9]{1,3})$')::integer, substring(age_band, '^([0-9]{1,3})$')::integer, '[]') END;

-- Ages are standardised in bands of five years up to 85 and over, where the bands of the records end: so all areas and years are in the
-- same bands, whether a population stops there or goes on with 85-89 and 90+. NULL of ages that are not within one of them.
CREATE FUNCTION standard_age_band(ages int4range) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN lower(ages) >= 85 THEN '85+'
                WHEN upper(ages) <= lower(ages) / 5 * 5 + 5 THEN (lower(ages) / 5 * 5)::text || '-' || (lower(ages) / 5 * 5 + 4)::text END;

-- The people of a division and year in those bands: of the rows by age alone, or where there is none of the rows by sex and age. A row in
-- a band that is not within one of the standard's is left out. It is complete where what is left has every age once, of both sexes.
CREATE VIEW population_by_age AS
    WITH banded AS (
        SELECT n.area_code AS division_code, n.year, n.sex, n.people, b.ages, standard_age_band(b.ages) AS age_band,
               bool_or(n.sex IS NULL) OVER (PARTITION BY n.area_code, n.year) AS has_age_alone
        FROM population n
        CROSS JOIN LATERAL ages_of(n.age_band) AS b (ages)
        WHERE n.area_type = 'division' AND n.deprivation_quintile IS NULL AND n.people >= 0 AND standard_age_band(b.ages) IS NOT NULL
    ), chosen AS (
        SELECT division_code, year, sex, people, ages, age_band, has_age_alone
        FROM banded WHERE (sex IS NULL) = has_age_alone
    ), of_sex AS (
        -- With one open band, all ages covered and as many years in the others as the open one begins with, no two bands overlap.
        SELECT division_code, year, has_age_alone,
               count(*) FILTER (WHERE upper_inf(ages)) = 1 AND range_agg(ages) = int4multirange(int4range(0, NULL))
               AND sum(upper(ages) - lower(ages)) = max(lower(ages)) FILTER (WHERE upper_inf(ages)) AS is_complete
        FROM chosen
        GROUP BY division_code, year, has_age_alone, sex
    ), of_year AS (
        SELECT division_code, year, bool_and(is_complete) AND (has_age_alone OR count(*) > 1) AS is_complete
        FROM of_sex
        GROUP BY division_code, year, has_age_alone
    )
    SELECT c.division_code, c.year, c.age_band, sum(c.people) AS people, y.is_complete
    FROM chosen c JOIN of_year y USING (division_code, year)
    GROUP BY c.division_code, c.year, c.age_band, y.is_complete;

-- People times years in each band over the days with records, by area and period of twelve months, like person_years. Where a division has
-- no figures by age at all there is a row without a band.
CREATE VIEW person_years_by_age AS
    WITH figure AS MATERIALIZED (
        SELECT division_code, year, age_band, people, is_complete FROM population_by_age
    ), covered AS MATERIALIZED (
        SELECT y.period_key, y.division_code, y.calendar_year, sum(y.days) AS days
        FROM covered_year y JOIN period p USING (period_key)
        WHERE y.source = 'drug_death' AND p.grain IN ('fiscal_year', 'rolling_12_months')
        GROUP BY y.period_key, y.division_code, y.calendar_year
    ), taken AS MATERIALIZED (
        -- A year without figures takes the latest before it, or the first after it.
        SELECT DISTINCT ON (c.division_code, c.calendar_year) c.division_code, c.calendar_year, f.year
        FROM (SELECT DISTINCT division_code, calendar_year FROM covered) c
        LEFT JOIN (SELECT DISTINCT division_code, year FROM figure) f USING (division_code)
        ORDER BY c.division_code, c.calendar_year, f.year > c.calendar_year, abs(f.year::bigint - c.calendar_year)
    )
    SELECT c.period_key, ad.area_key, f.age_band, sum(c.days * f.people)::float8 / 365.25 AS person_years, bool_and(f.is_complete) AS is_complete
    FROM covered c
    JOIN taken t USING (division_code, calendar_year)
    LEFT JOIN figure f ON f.division_code = t.division_code AND f.year = t.year
    JOIN area_division ad ON ad.division_code = c.division_code
    GROUP BY c.period_key, ad.area_key, f.age_band;

-- As they stood on the day of the refresh: what is dated later had not happened. Until it had a later status a death was
-- suspected; a review or report that is dated before the death is a slip of the pen, and shows as one.
CREATE VIEW dated_drug_death AS
    SELECT d.day, d.division_code, standard_age_band(d.ages) AS age_band, d.is_over_six_months_old,
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
               a.day AS today, ages_of(r.age_band) AS ages
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
               count(d.age_band) FILTER (WHERE d.status <> 'excluded') AS deaths_of_known_age,
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
               coalesce(sum(m.deaths) FILTER (WHERE ad.division_type = 'territorial'), 0)::bigint AS territorial_deaths,
               coalesce(sum(m.deaths_of_known_age) FILTER (WHERE ad.division_type = 'territorial'), 0)::bigint AS deaths_of_known_age
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), by_age AS (
        SELECT c.month, c.division_code, d.age_band, count(*) AS deaths
        FROM dated_drug_death d
        JOIN counted_day c ON c.source = 'drug_death' AND c.day = d.day AND c.recorded_division_code = d.division_code
        WHERE d.status <> 'excluded' AND d.age_band IS NOT NULL
        GROUP BY 1, 2, 3
    ), summed_by_age AS (
        SELECT pm.period_key, ad.area_key, m.age_band, sum(m.deaths)::bigint AS deaths
        FROM by_age m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        WHERE ad.division_type = 'territorial'
        GROUP BY 1, 2, 3
    ), standardised AS (
        SELECT y.period_key, y.area_key, bool_and(y.age_band IS NOT NULL) AS is_known, bool_and(y.is_complete) AS is_complete,
               direct_standardisation(coalesce(m.deaths, 0), y.person_years, s.population::float8) AS bands
        FROM person_years_by_age y
        LEFT JOIN european_standard_population_2013(85) s USING (age_band)
        LEFT JOIN summed_by_age m USING (period_key, area_key, age_band)
        GROUP BY y.period_key, y.area_key
    ), counts AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days, y.person_years, z.bands,
               -- Why no rate is standardised, as far as the period and the population say.
               CASE WHEN NOT ap.is_covered THEN 'no records'
                    WHEN p.grain NOT IN ('fiscal_year', 'rolling_12_months') THEN 'of twelve months only'
                    WHEN z.area_key IS NULL THEN 'no resident population'
                    WHEN NOT z.is_known THEN 'no population by age'
                    WHEN NOT z.is_complete THEN 'population by age not complete' END AS reason,
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
               CASE WHEN ap.is_covered THEN coalesce(s.territorial_deaths, 0) END AS territorial_deaths,
               CASE WHEN ap.is_covered THEN coalesce(s.deaths_of_known_age, 0) END AS deaths_of_known_age
        FROM area_period ap
        JOIN period p USING (period_key)
        LEFT JOIN summed s USING (period_key, area_key)
        LEFT JOIN person_years y USING (source, period_key, area_key)
        LEFT JOIN standardised z USING (period_key, area_key)
        WHERE ap.source = 'drug_death'
    )
    SELECT c.period_key, c.area_key, c.division_days, c.covered_division_days,
           c.deaths, c.suspected, c.confirmed, c.status_not_known, c.excluded,
           c.territorial_deaths, c.person_years,
           rate.value AS deaths_per_100k, rate.lower AS deaths_per_100k_lower, rate.upper AS deaths_per_100k_upper,
           c.deaths_of_known_age,
           standardised.value AS age_standardised_per_100k, standardised.lower AS age_standardised_per_100k_lower,
           standardised.upper AS age_standardised_per_100k_upper,
           coalesce(why.reason, CASE standardised.reason WHEN 'too few events' THEN 'too few deaths' WHEN 'band without population' THEN 'nobody of some age'
                                                         ELSE standardised.reason END) AS age_standardised_reason,
           c.reviewed, c.reported_to_chief_officers,
           c.over_six_months_old, c.over_six_months_old_reviewed,
           reviewed.value AS reviewed_share, reviewed.lower AS reviewed_share_lower, reviewed.upper AS reviewed_share_upper,
           c.over_six_months_old_reported,
           reported.value AS reported_share, reported.lower AS reported_share_lower, reported.upper AS reported_share_upper,
           c.dated_before_death
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL rate_interval(c.territorial_deaths, c.person_years, 100000, setting.confidence) AS rate
    -- Leaving out deaths makes the rate too low by their share. Up to a twentieth that is less than chance makes of up to 1,500 deaths.
    CROSS JOIN LATERAL (
        SELECT coalesce(c.reason, CASE WHEN c.territorial_deaths < 10 THEN 'too few deaths'
                                       WHEN 20 * (c.territorial_deaths - c.deaths_of_known_age) > c.territorial_deaths THEN 'too many ages not known' END) AS reason
    ) why
    CROSS JOIN LATERAL directly_standardised_rate(CASE WHEN why.reason IS NULL THEN c.bands END, 100000, setting.confidence, 10) AS standardised
    CROSS JOIN LATERAL proportion_interval(c.over_six_months_old_reviewed, c.over_six_months_old, setting.confidence) AS reviewed
    CROSS JOIN LATERAL proportion_interval(c.over_six_months_old_reported, c.over_six_months_old, setting.confidence) AS reported;
CREATE UNIQUE INDEX drug_deaths_key ON drug_deaths (period_key, area_key);

INSERT INTO refresh_step VALUES (690, 'engine_room', 'drug_deaths');

INSERT INTO object_definition VALUES
    ('population_by_age', 'people of a division and year in the age bands that rates are standardised by, and whether every age is among them'),
    ('person_years_by_age', 'people times years over the days with records of drug deaths, by age band, in periods of twelve months'),
    ('dated_drug_death', 'drug deaths with their day, the division that they name and their age band, as they stood on the day of the refresh'),
    ('drug_deaths', 'drug deaths by where the person died: by period and area');

INSERT INTO dictionary VALUES
    ('drug_deaths', 'deaths', 'drug deaths that are suspected or confirmed; those excluded since are not in it', 'deaths', true, 'on the day of death and in the division where the person died; deaths = suspected + confirmed + status_not_known. Not the national statistic, which counts by the day of registration and where the person lived', 'drug_death'),
    ('drug_deaths', 'suspected', 'deaths that are suspected to be drug deaths and neither confirmed nor excluded yet', 'deaths', true, 'a status dated after the day of the refresh had not been given: suspected', 'drug_death'),
    ('drug_deaths', 'confirmed', 'deaths that are confirmed to be drug deaths', 'deaths', true, NULL, 'drug_death'),
    ('drug_deaths', 'status_not_known', 'deaths whose status is not recorded, or is none of suspected, confirmed, excluded', 'deaths', true, 'counted in deaths', 'drug_death'),
    ('drug_deaths', 'excluded', 'deaths that were suspected and are excluded since', 'deaths', true, 'not counted in deaths', 'drug_death'),
    ('drug_deaths', 'territorial_deaths', 'deaths in territorial divisions: the numerator of the rate', 'deaths', true, 'specialist divisions and UNKNOWN have no population', 'drug_death'),
    ('drug_deaths', 'person_years', 'people living in the territorial divisions times years with records: the denominator of the rate', 'person-years', true, 'a year without a population figure takes the latest before it; NULL where any division has none', 'population, source_coverage'),
    ('drug_deaths', 'deaths_per_100k', 'drug deaths for every 100,000 people in a year, however young or old they are', 'per 100,000 people a year', false, 'who died there, over who lives there; exact Poisson interval below 10, Byar''s from 10', 'drug_death, population'),
    ('drug_deaths', 'deaths_per_100k_lower', 'lower confidence limit of deaths_per_100k', 'per 100,000 people a year', false, NULL, 'drug_death, population'),
    ('drug_deaths', 'deaths_per_100k_upper', 'upper confidence limit of deaths_per_100k', 'per 100,000 people a year', false, NULL, 'drug_death, population'),
    ('drug_deaths', 'deaths_of_known_age', 'of territorial_deaths, those of people whose age is recorded: what the age-standardised rate is made of', 'deaths', true, 'an age band that lies within one of five years (85 and over is one): 30-34, 85+, 90+, not 25-34; the others are territorial_deaths - deaths_of_known_age', 'drug_death'),
    ('drug_deaths', 'age_standardised_per_100k', 'drug deaths that there would be for every 100,000 people in a year, if as many lived here of every age as in the European Standard Population 2013, and each age died at this area''s rate: for comparing areas and years of younger and older people', 'per 100,000 people a year', false, 'direct standardisation in 18 age bands; of fiscal years and twelve months only, from 10 deaths, for the force too; deaths without an age are left out; otherwise NULL, and age_standardised_reason says why', 'drug_death, population'),
    ('drug_deaths', 'age_standardised_per_100k_lower', 'lower confidence limit of age_standardised_per_100k', 'per 100,000 people a year', false, 'Dobson, Kuulasmaa, Eberle and Scherer 1991, on Byar''s limits of the number of deaths', 'drug_death, population'),
    ('drug_deaths', 'age_standardised_per_100k_upper', 'upper confidence limit of age_standardised_per_100k', 'per 100,000 people a year', false, 'Dobson, Kuulasmaa, Eberle and Scherer 1991, on Byar''s limits of the number of deaths', 'drug_death, population'),
    ('drug_deaths', 'age_standardised_reason', 'why there is no age_standardised_per_100k; empty where there is one', 'text', false, 'no records; of twelve months only; no resident population; no population by age; population by age not complete; nobody of some age; too few deaths (under 10); too many ages not known (over a twentieth)', 'drug_death, population'),
    ('drug_deaths', 'reviewed', 'deaths that were reviewed by the day of the refresh', 'deaths', true, NULL, 'drug_death'),
    ('drug_deaths', 'reported_to_chief_officers', 'deaths that were reported to Chief Officers by the day of the refresh', 'deaths', true, NULL, 'drug_death'),
    ('drug_deaths', 'over_six_months_old', 'deaths that were over six months ago on the day of the refresh', 'deaths', true, 'more than six calendar months: the shares are over these, so that the newest deaths do not look neglected', 'drug_death'),
    ('drug_deaths', 'over_six_months_old_reviewed', 'of over_six_months_old, reviewed by the day of the refresh', 'deaths', true, 'whenever the review was: older deaths have had longer', 'drug_death'),
    ('drug_deaths', 'reviewed_share', 'over_six_months_old_reviewed as a share of over_six_months_old', 'share, 0 to 1', false, 'Wilson interval; a death without a date of review counts as not reviewed', 'drug_death'),
    ('drug_deaths', 'reviewed_share_lower', 'lower confidence limit of reviewed_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'reviewed_share_upper', 'upper confidence limit of reviewed_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'over_six_months_old_reported', 'of over_six_months_old, reported to Chief Officers by the day of the refresh', 'deaths', true, 'whenever the report was: older deaths have had longer', 'drug_death'),
    ('drug_deaths', 'reported_share', 'over_six_months_old_reported as a share of over_six_months_old', 'share, 0 to 1', false, 'Wilson interval; a death without a date of report counts as not reported', 'drug_death'),
    ('drug_deaths', 'reported_share_lower', 'lower confidence limit of reported_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'reported_share_upper', 'upper confidence limit of reported_share', 'share, 0 to 1', false, NULL, 'drug_death'),
    ('drug_deaths', 'dated_before_death', 'deaths with a review or report that is dated before the death', 'deaths', true, 'such a date counts as none', 'drug_death');
