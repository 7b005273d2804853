-- Every headline indicator beside its target, the year before and what its control chart says: for analysts. Nothing here adds up.

CREATE VIEW kpi_scorecard WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           (k.identifier || ' ' || k.statistic)::varchar(120) AS indicator_key, i.title::varchar(100) AS title,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock, i.unit::varchar(100) AS unit,
           i.better::varchar(20) AS better, k.numerator::float8, k.denominator::float8, k.value::float8, k.lower::float8,
           k.upper::float8, k.interval_text::varchar(100) AS interval_text, k.target::float8, k.pct_of_target::float8,
           k.target_met::integer::smallint AS target_met, k.value_year_before::float8, k.direction::varchar(20) AS direction,
           f.rule::varchar(40) AS chart_flag, f.variation::varchar(20) AS variation, f.flags_shown::bigint AS flags_shown,
           f.flags_expected_by_chance::float8 AS flags_expected_by_chance, funnel.verdict::varchar(20) AS funnel_verdict, k.reason_missing::varchar(100) AS reason_missing
    FROM scorecard k
    JOIN indicator i ON i.identifier = k.identifier AND i.statistic = k.statistic
    JOIN visible_area v USING (area_key)
    -- The latest month of each chart, and how many of the area's charts are flagged in theirs.
    LEFT JOIN (
        SELECT c.identifier, c.statistic, c.ambulance_category, c.clock, c.period_key, c.area_key, c.rule, c.variation,
               count(c.rule) OVER area AS flags_shown, sum(c.flag_by_chance) OVER area AS flags_expected_by_chance
        FROM indicator_chart c
        WHERE c.is_latest
        WINDOW area AS (PARTITION BY c.area_key)
    ) f ON f.identifier = k.identifier AND f.statistic = k.statistic AND f.ambulance_category = k.ambulance_category AND f.clock = k.clock
       AND f.period_key = k.period_key AND f.area_key = k.area_key
    LEFT JOIN indicator_funnel funnel ON funnel.identifier = k.identifier AND funnel.statistic = k.statistic AND funnel.ambulance_category = k.ambulance_category
         AND funnel.clock = k.clock AND funnel.period_key = k.period_key AND funnel.area_key = k.area_key;
