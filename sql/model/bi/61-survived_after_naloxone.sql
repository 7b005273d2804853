-- How many people lived until they were handed over or left: for analysts.

CREATE VIEW kpi_survived_after_naloxone WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.administrations::bigint, k.believed_dead_on_arrival::bigint,
           k.believed_dead_survived::bigint, k.survived::bigint, k.died::bigint, k.not_known::bigint,
           k.survived_to_24_hours::bigint, k.survived_to_30_days::bigint, k.died_by_24_hours::bigint,
           k.died_by_30_days::bigint, k.later_deaths::bigint, k.later_deaths_within_30_days::bigint,
           k.deaths_of_not_known::bigint, k.died_linked::bigint, k.linked_deaths_before::bigint
    FROM survived_after_naloxone k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_survived_after_naloxone_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.administrations::bigint, k.believed_dead_on_arrival::bigint,
           k.believed_dead_survived::bigint, k.survived::bigint, k.died::bigint, k.not_known::bigint,
           k.survived_share::float8, k.survived_share_lower::float8, k.survived_share_upper::float8,
           k.survived_share_lowest::float8, k.survived_share_highest::float8, k.survived_to_24_hours::bigint,
           k.survived_to_30_days::bigint, k.died_by_24_hours::bigint, k.died_by_30_days::bigint,
           k.later_deaths::bigint, k.later_deaths_within_30_days::bigint, k.deaths_of_not_known::bigint,
           k.died_linked::bigint, k.linked_deaths_before::bigint
    FROM survived_after_naloxone k
    JOIN visible_area v USING (area_key);
