-- Can the rest be believed: for analysts. Within one source and field, or finding, months and divisions may be summed.

CREATE VIEW kpi_data_quality WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.source::varchar(40) AS source, k.field::varchar(63) AS field,
           k.field_order::integer AS field_order, k.division_days::bigint, k.covered_division_days::bigint, k.records::bigint, k.filled::bigint
    FROM data_quality k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_data_quality_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.source::varchar(40) AS source, k.field::varchar(63) AS field,
           k.field_order::integer AS field_order, k.division_days::bigint, k.covered_division_days::bigint, k.records::bigint, k.filled::bigint,
           k.filled_share::float8
    FROM data_quality k
    JOIN visible_area v USING (area_key);

CREATE VIEW kpi_data_quality_finding WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.source::varchar(40) AS source, k.finding::varchar(63) AS finding,
           f.examined::varchar(200) AS examined_what, f.found::varchar(200) AS found_what,
           k.division_days::bigint, k.covered_division_days::bigint, k.examined::bigint, k.found::bigint
    FROM data_quality_finding k
    JOIN quality_finding f USING (finding)
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_data_quality_finding_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.source::varchar(40) AS source, k.finding::varchar(63) AS finding,
           f.examined::varchar(200) AS examined_what, f.found::varchar(200) AS found_what,
           k.division_days::bigint, k.covered_division_days::bigint, k.examined::bigint, k.found::bigint, k.found_share::float8
    FROM data_quality_finding k
    JOIN quality_finding f USING (finding)
    JOIN visible_area v USING (area_key);

-- As of the last load, not of the last refresh: what stands to be mended is what one wants to see.
CREATE VIEW kpi_data_quality_rejection WITH (security_barrier) AS
    SELECT r.area_key::varchar(60) AS area_key, r.field::varchar(63) AS field, r.rule::varchar(63) AS rule, r.reason::varchar(200) AS reason,
           r.forms::bigint AS forms, (r.last_loaded_at AT TIME ZONE setting.time_zone)::timestamp(0) AS last_loaded
    FROM rejected_form_reason r
    CROSS JOIN setting
    JOIN visible_area v USING (area_key);
