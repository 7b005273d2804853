-- Who is given naloxone, and when: for analysts. What may be summed has a column a kind, for whoever sums all rows would
-- otherwise count every administration once for its sex, once more for its age band, and so on.

CREATE VIEW kpi_administrations_by_group WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.group_kind::varchar(20) AS group_kind,
           k.group_value::varchar(100) AS group_value, k.group_label::varchar(100) AS group_label, k.sort_order::smallint,
           CASE k.group_kind WHEN 'sex' THEN k.administrations END::bigint AS administrations_by_sex,
           CASE k.group_kind WHEN 'age_band' THEN k.administrations END::bigint AS administrations_by_age_band,
           CASE k.group_kind WHEN 'setting' THEN k.administrations END::bigint AS administrations_by_setting,
           CASE k.group_kind WHEN 'substance' THEN k.administrations END::bigint AS substance_mentions,
           CASE k.group_kind WHEN 'condition' THEN k.administrations END::bigint AS administrations_by_condition,
           CASE k.group_kind WHEN 'adp' THEN k.administrations END::bigint AS administrations_by_adp,
           CASE k.group_kind WHEN 'hour_of_week' THEN k.administrations END::bigint AS administrations_by_hour_of_week
    FROM administrations_by_group k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_administrations_by_group_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.group_kind::varchar(20) AS group_kind,
           k.group_value::varchar(100) AS group_value, k.group_label::varchar(100) AS group_label, k.sort_order::smallint,
           k.division_days::bigint, k.covered_division_days::bigint, k.administrations::bigint, k.administrations_recorded::bigint,
           k.administrations_share::float8, k.administrations_share_lower::float8, k.administrations_share_upper::float8
    FROM administrations_by_group k
    JOIN visible_area v USING (area_key);
