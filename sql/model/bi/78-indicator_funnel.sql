-- The funnel plots of the headline indicators: for analysts. Nothing here adds up.

CREATE VIEW kpi_indicator_funnel WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           (k.identifier || ' ' || k.statistic)::varchar(120) AS indicator_key, i.title::varchar(100) AS title,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock, i.unit::varchar(100) AS unit,
           i.better::varchar(20) AS better, k.numerator::float8, k.denominator::float8, k.value::float8, k.value_of_others::float8,
           k.inner_lower_limit::float8, k.inner_upper_limit::float8, k.outer_lower_limit::float8, k.outer_upper_limit::float8,
           k.dispersion_ratio::float8, k.dispersion_allowed_for::varchar(20) AS dispersion_allowed_for, k.q_value::float8,
           k.verdict::varchar(20) AS verdict, k.reason::varchar(100) AS reason
    FROM indicator_funnel k
    JOIN indicator i ON i.identifier = k.identifier AND i.statistic = k.statistic
    JOIN visible_area v USING (area_key);
