-- Are Recorded Police Warnings rising: for analysts. What was published elsewhere is shown only at the grain that it covers.

CREATE VIEW kpi_recorded_police_warning_trend WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.disposals::bigint, k.warnings_offered::bigint, k.warnings::bigint,
           k.warnings_refused::bigint, k.warnings_withdrawn::bigint, k.fixed_penalty_notices::bigint,
           k.reports_to_prosecutor::bigint, k.diversions_requested::bigint, k.other_disposals::bigint,
           k.possession_crimes::bigint, k.warnings_class_a::bigint, k.warnings_class_b::bigint,
           k.warnings_class_c::bigint, k.warnings_class_multiple::bigint, k.warnings_class_unknown::bigint
    FROM recorded_police_warning_trend k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_recorded_police_warning_trend_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.disposals::bigint, k.warnings_offered::bigint, k.warnings::bigint,
           k.warnings_refused::bigint, k.warnings_withdrawn::bigint, k.fixed_penalty_notices::bigint,
           k.reports_to_prosecutor::bigint, k.diversions_requested::bigint, k.other_disposals::bigint,
           k.warnings_share::float8, k.warnings_share_lower::float8, k.warnings_share_upper::float8,
           k.possession_crimes::bigint, k.warnings_per_1000_crimes::float8, k.warnings_per_1000_crimes_lower::float8,
           k.warnings_per_1000_crimes_upper::float8, k.warnings_class_a::bigint, k.warnings_class_b::bigint,
           k.warnings_class_c::bigint, k.warnings_class_multiple::bigint, k.warnings_class_unknown::bigint,
           k.people_warned::bigint, k.people_warned_repeatedly::bigint, k.warnings_year_before::bigint,
           k.ratio_to_year_before::float8, k.ratio_to_year_before_lower::float8, k.ratio_to_year_before_upper::float8,
           k.ratio_to_year_before_dispersed_lower::float8, k.ratio_to_year_before_dispersed_upper::float8, k.dispersion::float8,
           k.policy_marker::varchar(255) AS policy_marker, k.phase::smallint,
           k.published_warnings::bigint, k.published_warnings_source::varchar(255) AS published_warnings_source,
           k.published_ratio_to_year_before::float8, k.published_possession_warnings::bigint,
           k.published_possession_warnings_source::varchar(255) AS published_possession_warnings_source,
           k.published_possession_ratio_to_year_before::float8, k.published_possession_crimes::bigint,
           k.sources_differ::integer::smallint AS sources_differ
    FROM recorded_police_warning_trend k
    JOIN visible_area v USING (area_key);
