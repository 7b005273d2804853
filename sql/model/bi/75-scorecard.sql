-- Every headline indicator beside its target and the year before: for analysts. Nothing here adds up.

CREATE VIEW kpi_scorecard WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           (k.identifier || ' ' || k.statistic)::varchar(120) AS indicator_key, i.title::varchar(100) AS title,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock, i.unit::varchar(100) AS unit,
           i.better::varchar(20) AS better, k.numerator::float8, k.denominator::float8, k.value::float8, k.lower::float8,
           k.upper::float8, k.interval_text::varchar(100) AS interval_text, k.target::float8, k.pct_of_target::float8,
           k.target_met::integer::smallint AS target_met, k.value_year_before::float8, k.direction::varchar(20) AS direction,
           k.reason_missing::varchar(100) AS reason_missing
    FROM scorecard k
    JOIN indicator i ON i.identifier = k.identifier AND i.statistic = k.statistic
    JOIN visible_area v USING (area_key);
