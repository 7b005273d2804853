-- The trends of the headline indicators: for analysts. Nothing here adds up.

CREATE VIEW kpi_indicator_trend WITH (security_barrier) AS
    SELECT p.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           (k.identifier || ' ' || k.statistic)::varchar(120) AS indicator_key, k.title::varchar(110) AS title,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock, k.unit::varchar(100) AS unit,
           k.better::varchar(20) AS better, k.first_month::date AS first_month, k.last_month::date AS last_month, k.points::bigint AS points,
           k.method::varchar(30) AS method, k.trend::varchar(20) AS trend, k.p_value::float8, k.q_value::float8, k.tau::float8,
           k.slope_per_year::float8, k.slope_lower::float8, k.slope_upper::float8, k.events::float8, k.rate_ratio::float8,
           k.rate_ratio_lower::float8, k.rate_ratio_upper::float8, k.dispersion::float8, k.reason::varchar(100) AS reason
    FROM indicator_trend k
    JOIN period p ON p.grain = 'month' AND p.period_start = k.last_month
    JOIN visible_area v USING (area_key);
