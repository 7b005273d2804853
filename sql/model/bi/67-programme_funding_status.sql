-- Is the money there: for analysts. In the first view every pound is once, in the force's record or else in the divisions', so that any
-- sum over it is right; its periods are fiscal years, for money is not spread over months.

CREATE VIEW kpi_programme_funding_status WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.strand::varchar(60) AS strand,
           k.funder::varchar(100) AS funder, k.allocated::numeric(18,2) AS allocated, k.spent::numeric(18,2) AS spent,
           k.remaining::numeric(18,2) AS remaining
    FROM programme_funding_status k
    JOIN visible_area v USING (area_key)
    WHERE k.is_in_total AND k.strand <> 'ALL' AND k.funder <> 'ALL';

CREATE VIEW kpi_programme_funding_status_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.strand::varchar(60) AS strand,
           k.funder::varchar(100) AS funder, k.allocated::numeric(18,2) AS allocated, k.spent::numeric(18,2) AS spent,
           k.remaining::numeric(18,2) AS remaining, k.remaining_to_date::numeric(18,2) AS remaining_to_date,
           k.allocated_later::numeric(18,2) AS allocated_later, k.years_to_run::float8
    FROM programme_funding_status k
    JOIN visible_area v USING (area_key);
