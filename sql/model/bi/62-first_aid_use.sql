-- First aid beside naloxone: for analysts. What may be summed holds the eight techniques alone: any of them would count twice.

CREATE VIEW kpi_first_aid_use WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.technique::varchar(40) AS technique,
           k.times_done::bigint, k.times_not_done::bigint, k.times_not_recorded::bigint
    FROM first_aid_use k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division'
      AND k.technique NOT IN ('any_technique', 'breaths_or_airway_if_not_breathing');

CREATE VIEW kpi_first_aid_use_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.technique::varchar(40) AS technique,
           k.division_days::bigint, k.covered_division_days::bigint, k.administrations::bigint, k.times_done::bigint,
           k.times_not_done::bigint, k.times_not_recorded::bigint, k.done_share::float8, k.done_share_lower::float8,
           k.done_share_upper::float8, k.done_share_lowest::float8, k.done_share_highest::float8
    FROM first_aid_use k
    JOIN visible_area v USING (area_key);
