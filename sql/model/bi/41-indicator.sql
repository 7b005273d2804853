-- The catalogue of the headline indicators, and of what there is a trend of besides: for analysts.

CREATE VIEW kpi_indicator AS
    SELECT (i.identifier || ' ' || i.statistic)::varchar(120) AS indicator_key, i.identifier::varchar(60) AS indicator,
           i.statistic::varchar(40) AS statistic, i.kpi::varchar(60) AS kpi, i.title::varchar(110) AS title,
           i.question::varchar(255) AS question, i.numerator::varchar(255) AS numerator, i.denominator::varchar(255) AS denominator,
           i.unit::varchar(100) AS unit, i.better::varchar(20) AS better, i.owner::varchar(100) AS owner,
           i.purpose::varchar(255) AS purpose, i.asked_for_by::varchar(255) AS asked_for_by
    FROM trend_indicator i;
