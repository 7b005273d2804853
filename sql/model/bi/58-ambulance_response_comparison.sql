-- Are calls from police on the scene answered later: for analysts. By month and division only counts: a comparison cannot be summed.

CREATE VIEW kpi_ambulance_response_comparison WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock,
           k.urban_rural::varchar(60) AS urban_rural, coalesce(o.sort_order, 32766)::smallint AS ambulance_category_sort,
           k.police_activations::bigint, k.police_arrivals::bigint, k.police_stood_down::bigint,
           k.public_activations::bigint, k.public_arrivals::bigint, k.public_stood_down::bigint,
           k.other_activations::bigint
    FROM ambulance_response_comparison k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    LEFT JOIN ambulance_category_order o USING (ambulance_category)
    WHERE p.grain = 'month' AND a.area_type = 'division'
      AND k.ambulance_category <> 'ALL';

CREATE VIEW kpi_ambulance_response_comparison_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock,
           k.urban_rural::varchar(60) AS urban_rural, coalesce(o.sort_order, 32766)::smallint AS ambulance_category_sort,
           k.division_days::bigint, k.covered_division_days::bigint,
           k.police_activations::bigint, k.police_arrivals::bigint, k.police_stood_down::bigint,
           k.public_activations::bigint, k.public_arrivals::bigint, k.public_stood_down::bigint,
           k.other_activations::bigint, k.police_median_mins::float8, k.public_median_mins::float8,
           k.difference_mins::float8, k.difference_mins_lower::float8, k.difference_mins_upper::float8,
           k.p_value::float8, k.q_value::float8
    FROM ambulance_response_comparison k
    JOIN visible_area v USING (area_key)
    LEFT JOIN ambulance_category_order o USING (ambulance_category);
