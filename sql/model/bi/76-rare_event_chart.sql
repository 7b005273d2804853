-- The control charts of indicators of less than one event a month, event by event: for analysts. Nothing here adds up.

CREATE VIEW kpi_rare_event_chart WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           (k.identifier || ' ' || k.statistic)::varchar(120) AS indicator_key, i.title::varchar(100) AS title,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock, i.better::varchar(20) AS better,
           k.event_number::bigint AS event_number, k.chart::varchar(10) AS chart, k.points::bigint AS points, k.event::varchar(20) AS event,
           k.between_events::float8, (CASE k.chart WHEN 't' THEN 'days' ELSE 'cases' END)::varchar(10) AS unit_between,
           k.centre::float8, k.lower_limit::float8, k.upper_limit::float8, k.rule::varchar(40) AS rule, k.variation::varchar(20) AS variation,
           k.too_long_from::varchar(30) AS too_long_from
    FROM rare_event_chart k
    JOIN indicator i ON i.identifier = k.identifier AND i.statistic = k.statistic
    JOIN visible_area v USING (area_key);
