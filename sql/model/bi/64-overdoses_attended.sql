-- Overdoses attended: for analysts. What may be summed has no ALL, or a sum would count twice.

CREATE VIEW kpi_overdoses_attended WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.why_not::varchar(60) AS why_not,
           k.incidents_attended::bigint, k.naloxone_given::bigint, k.naloxone_not_given::bigint, k.naloxone_not_recorded::bigint,
           k.naloxone_not_at_hand::bigint, k.incidents_notified::bigint, k.administered::bigint, k.administered_not_listed::bigint,
           k.administered_recorded_not_given::bigint
    FROM overdoses_attended k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division'
      AND k.why_not <> 'ALL';

CREATE VIEW kpi_overdoses_attended_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.why_not::varchar(60) AS why_not,
           k.division_days::bigint, k.covered_division_days::bigint, k.incidents_attended::bigint, k.naloxone_given::bigint,
           k.naloxone_not_given::bigint, k.naloxone_not_recorded::bigint, k.given_share::float8, k.given_share_lower::float8,
           k.given_share_upper::float8, k.naloxone_not_at_hand::bigint, k.available_share::float8, k.available_share_lower::float8,
           k.available_share_upper::float8, k.incidents_notified::bigint, k.administered::bigint, k.administered_not_listed::bigint,
           k.administered_recorded_not_given::bigint
    FROM overdoses_attended k
    JOIN visible_area v USING (area_key);
