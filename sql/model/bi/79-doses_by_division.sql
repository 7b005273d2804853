-- How much naloxone is used, and where: for analysts. By month and division what may be summed; by every period and area the rest.

CREATE VIEW kpi_doses_by_division WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.incidents::bigint, k.administrations::bigint, k.forms::bigint,
           k.without_person_key::bigint, k.with_doses_recorded::bigint, k.doses::bigint, k.over_two_doses::bigint,
           k.with_strength_known::bigint, k.micrograms::bigint, k.territorial_administrations::bigint,
           k.person_years::float8, k.administrations_by_officer_division::bigint, k.officer_years_carrying::float8
    FROM doses_by_division k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_doses_by_division_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.incidents::bigint, k.administrations::bigint, k.forms::bigint,
           k.people::bigint, k.without_person_key::bigint, k.with_doses_recorded::bigint, k.doses::bigint,
           k.doses_per_administration::float8, k.over_two_doses::bigint, k.over_two_doses_share::float8,
           k.over_two_doses_share_lower::float8, k.over_two_doses_share_upper::float8, k.with_strength_known::bigint,
           k.micrograms::bigint, k.territorial_administrations::bigint, k.person_years::float8,
           k.administrations_per_100k::float8, k.administrations_per_100k_lower::float8,
           k.administrations_per_100k_upper::float8, k.administrations_by_officer_division::bigint,
           k.officer_years_carrying::float8, k.administrations_per_1000_officer_years::float8,
           k.administrations_per_1000_officer_years_lower::float8, k.administrations_per_1000_officer_years_upper::float8,
           chart.chart::varchar(10) AS chart, chart.rule::varchar(40) AS chart_flag, funnel.verdict::varchar(20) AS funnel_verdict
    FROM doses_by_division k
    JOIN visible_area v USING (area_key)
    LEFT JOIN indicator_chart chart ON chart.identifier = 'doses_by_division' AND chart.statistic = 'rate' AND chart.period_key = k.period_key AND chart.area_key = k.area_key
    LEFT JOIN indicator_funnel funnel ON funnel.identifier = 'doses_by_division' AND funnel.statistic = 'rate' AND funnel.period_key = k.period_key AND funnel.area_key = k.area_key;
