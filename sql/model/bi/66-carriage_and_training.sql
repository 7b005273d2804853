-- Who carries naloxone, and whose training is current: for analysts. Officers on a day are no sum: they are in the views by period.

CREATE VIEW kpi_carriage_and_training WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.officer_years_eligible::float8, k.officer_years_carrying::float8
    FROM carriage_and_training k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_carriage_and_training_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.eligible::bigint, k.carrying::bigint, k.carrying_share::float8,
           k.carrying_share_lower::float8, k.carrying_share_upper::float8, k.officer_years_eligible::float8,
           k.officer_years_carrying::float8
    FROM carriage_and_training k
    JOIN visible_area v USING (area_key);

CREATE VIEW kpi_carriage_and_training_course WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.course::varchar(60) AS course,
           k.completions::bigint, k.with_both_scores::bigint
    FROM carriage_and_training_course k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_carriage_and_training_course_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.course::varchar(60) AS course,
           k.division_days::bigint, k.covered_division_days::bigint, k.eligible::bigint, k.trained::bigint, k.trained_share::float8,
           k.trained_share_lower::float8, k.trained_share_upper::float8, k.in_date::bigint, k.overdue::bigint,
           k.in_date_share::float8, k.in_date_share_lower::float8, k.in_date_share_upper::float8, k.carrying::bigint,
           k.carrying_not_trained::bigint, k.completions::bigint, k.with_both_scores::bigint, k.mean_score_before::float8,
           k.mean_score_after::float8, k.mean_score_change::float8
    FROM carriage_and_training_course k
    JOIN visible_area v USING (area_key);
