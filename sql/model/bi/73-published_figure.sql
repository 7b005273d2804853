-- What was published elsewhere: for analysts. There is one view, for nothing here may be summed and the days that a figure covers need
-- be no period of dim_period.

CREATE VIEW kpi_published_figure WITH (security_barrier) AS
    SELECT k.indicator::varchar(60) AS indicator, k.area_key::varchar(60) AS area_key,
           CASE WHEN k.period_from >= '1900-01-01' THEN k.period_from END AS period_from, k.period_to,
           (k.cumulative_since IS NOT NULL)::integer::smallint AS is_running_total,
           CASE WHEN k.cumulative_since BETWEEN '1900-01-01' AND k.period_to THEN k.cumulative_since END AS cumulative_since,
           k.value::bigint, k.source::varchar(255) AS source
    FROM published_figure k
    JOIN visible_area v USING (area_key);
