-- Drug deaths by where the person died: for analysts. By month and division what may be summed; by every period and area the rest.

CREATE VIEW kpi_drug_deaths WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.deaths::bigint, k.suspected::bigint, k.confirmed::bigint,
           k.status_not_known::bigint, k.excluded::bigint, k.territorial_deaths::bigint, k.person_years::float8,
           k.deaths_of_known_age::bigint, k.reviewed::bigint, k.reported_to_chief_officers::bigint, k.over_six_months_old::bigint,
           k.over_six_months_old_reviewed::bigint, k.over_six_months_old_reported::bigint, k.dated_before_death::bigint
    FROM drug_deaths k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_drug_deaths_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.deaths::bigint, k.suspected::bigint, k.confirmed::bigint,
           k.status_not_known::bigint, k.excluded::bigint, k.territorial_deaths::bigint, k.person_years::float8,
           k.deaths_per_100k::float8, k.deaths_per_100k_lower::float8, k.deaths_per_100k_upper::float8,
           k.deaths_of_known_age::bigint, k.age_standardised_per_100k::float8, k.age_standardised_per_100k_lower::float8,
           k.age_standardised_per_100k_upper::float8, k.age_standardised_reason::varchar(40), k.reviewed::bigint,
           k.reported_to_chief_officers::bigint, k.over_six_months_old::bigint, k.over_six_months_old_reviewed::bigint,
           k.reviewed_share::float8, k.reviewed_share_lower::float8, k.reviewed_share_upper::float8,
           k.over_six_months_old_reported::bigint, k.reported_share::float8, k.reported_share_lower::float8,
           k.reported_share_upper::float8, k.dated_before_death::bigint
    FROM drug_deaths k
    JOIN visible_area v USING (area_key);
