-- The control charts of the headline indicators: for analysts. Nothing here adds up.

CREATE VIEW kpi_indicator_chart WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           (k.identifier || ' ' || k.statistic)::varchar(120) AS indicator_key, i.title::varchar(100) AS title,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock, i.unit::varchar(100) AS unit,
           i.better::varchar(20) AS better, k.numerator::float8, k.denominator::float8, k.value::float8, k.target::float8,
           k.chart::varchar(10) AS chart, k.points::bigint AS points, k.centre::float8, k.lower_limit::float8, k.upper_limit::float8,
           k.rule::varchar(40) AS rule, k.variation::varchar(20) AS variation, k.assurance::varchar(30) AS assurance,
           k.reason::varchar(100) AS reason, k.is_latest::integer::smallint AS is_latest, k.flag_by_chance::float8
    FROM indicator_chart k
    JOIN indicator i ON i.identifier = k.identifier AND i.statistic = k.statistic
    JOIN visible_area v USING (area_key);
