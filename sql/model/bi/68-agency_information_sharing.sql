-- Did the other services hear, and in time: for analysts. What may be summed has no ALL, or a sum would count twice.

CREATE VIEW kpi_agency_information_sharing WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.agency::varchar(60) AS agency,
           k.due::bigint, k.shared::bigint, k.shared_on_time::bigint, k.shared_late::bigint, k.shared_time_not_known::bigint,
           k.not_shared::bigint, k.acknowledged::bigint, k.with_delay_known::bigint, k.shared_before_incident::bigint
    FROM agency_information_sharing k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division' AND k.agency <> 'ALL';

CREATE VIEW kpi_agency_information_sharing_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.agency::varchar(60) AS agency,
           k.division_days::bigint, k.covered_division_days::bigint, k.due::bigint, k.shared::bigint, k.shared_on_time::bigint,
           k.shared_late::bigint, k.shared_time_not_known::bigint, k.not_shared::bigint, k.acknowledged::bigint,
           k.on_time_share::float8, k.on_time_share_lower::float8, k.on_time_share_upper::float8, k.acknowledged_share::float8,
           k.acknowledged_share_lower::float8, k.acknowledged_share_upper::float8, k.with_delay_known::bigint,
           k.shared_before_incident::bigint, k.median_hours::float8, k.median_hours_lower::float8, k.median_hours_upper::float8
    FROM agency_information_sharing k
    JOIN visible_area v USING (area_key);
