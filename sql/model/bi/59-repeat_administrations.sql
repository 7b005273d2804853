-- Who is at risk again: for analysts. By month and division administrations that were repeats; by every period and area people.

CREATE VIEW kpi_repeat_administrations WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.administrations::bigint, k.without_person_key::bigint,
           k.repeats_within_30_days::bigint, k.repeats_within_90_days::bigint, k.repeats_within_365_days::bigint
    FROM repeat_administrations k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_repeat_administrations_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.administrations::bigint, k.without_person_key::bigint,
           k.repeats_within_30_days::bigint, k.repeats_within_90_days::bigint, k.repeats_within_365_days::bigint,
           k.people::bigint, k.people_with_two::bigint, k.people_with_three::bigint, k.people_with_four_or_more::bigint,
           k.people_repeated::bigint, k.people_died::bigint, k.people_not_repeated::bigint,
           k.repeated_within_30_days_share::float8, k.repeated_within_30_days_share_lower::float8,
           k.repeated_within_30_days_share_upper::float8, k.repeated_within_90_days_share::float8,
           k.repeated_within_90_days_share_lower::float8, k.repeated_within_90_days_share_upper::float8,
           k.repeated_within_365_days_share::float8, k.repeated_within_365_days_share_lower::float8,
           k.repeated_within_365_days_share_upper::float8, k.died_within_365_days_share::float8,
           k.died_within_365_days_share_lower::float8, k.died_within_365_days_share_upper::float8
    FROM repeat_administrations k
    JOIN visible_area v USING (area_key);
