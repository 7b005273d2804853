-- How long until an ambulance: for analysts. What may be summed has no ALL, or a sum would count twice.

CREATE VIEW kpi_ambulance_response WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock,
           k.call_source::varchar(30) AS call_source, coalesce(o.sort_order, 32766)::smallint AS ambulance_category_sort,
           k.incidents::bigint, k.calls::bigint, k.from_activation::bigint, k.arrivals::bigint, k.stood_down::bigint,
           k.person_left::bigint, k.not_attended::bigint, k.not_known::bigint, k.invalid::bigint,
           k.calls_with_known_end::bigint, k.arrivals_within_8_mins::bigint, k.arrivals_within_15_mins::bigint,
           k.arrivals_within_30_mins::bigint, k.arrivals_within_60_mins::bigint,
           k.category_known_at_both_ends::bigint, k.downgraded::bigint, k.upgraded::bigint,
           k.police_first_recorded::bigint, k.police_first::bigint,
           k.naloxone_to_ambulance_known::bigint, k.ambulance_before_naloxone::bigint, k.waiting_over_40_mins::bigint
    FROM ambulance_response k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    LEFT JOIN ambulance_category_order o USING (ambulance_category)
    WHERE p.grain = 'month' AND a.area_type = 'division'
      AND k.ambulance_category <> 'ALL' AND k.call_source <> 'ALL';

CREATE VIEW kpi_ambulance_response_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock,
           k.call_source::varchar(30) AS call_source,
           coalesce(o.sort_order, 32766)::smallint AS ambulance_category_sort, k.division_days::bigint,
           k.covered_division_days::bigint, k.incidents::bigint, k.calls::bigint, k.from_activation::bigint,
           k.arrivals::bigint, k.stood_down::bigint, k.person_left::bigint, k.not_attended::bigint,
           k.not_known::bigint, k.invalid::bigint, k.arrivals_within_8_mins::bigint,
           k.arrivals_within_15_mins::bigint, k.arrivals_within_30_mins::bigint, k.arrivals_within_60_mins::bigint,
           k.mean_mins::float8, k.median_mins::float8, k.median_mins_lower::float8, k.median_mins_upper::float8,
           k.p75_mins::float8, k.p75_mins_lower::float8, k.p75_mins_upper::float8, k.p90_mins::float8,
           k.p90_mins_lower::float8, k.p90_mins_upper::float8, k.p95_mins::float8, k.p95_mins_lower::float8,
           k.p95_mins_upper::float8, k.median_target_mins::float8, k.p95_target_mins::float8,
           k.target_met::integer::smallint AS target_met, k.calls_with_known_end::bigint,
           k.reached_by_8_mins_share::float8, k.reached_by_8_mins_share_lower::float8,
           k.reached_by_8_mins_share_upper::float8, k.reached_by_15_mins_share::float8,
           k.reached_by_15_mins_share_lower::float8, k.reached_by_15_mins_share_upper::float8,
           k.reached_by_30_mins_share::float8, k.reached_by_30_mins_share_lower::float8,
           k.reached_by_30_mins_share_upper::float8, k.reached_by_60_mins_share::float8,
           k.reached_by_60_mins_share_lower::float8, k.reached_by_60_mins_share_upper::float8,
           k.reached_by_median_target_share::float8, k.reached_by_median_target_share_lower::float8,
           k.reached_by_median_target_share_upper::float8, k.reached_by_p95_target_share::float8,
           k.reached_by_p95_target_share_lower::float8, k.reached_by_p95_target_share_upper::float8,
           k.category_known_at_both_ends::bigint, k.downgraded::bigint, k.upgraded::bigint,
           k.downgraded_share::float8, k.downgraded_share_lower::float8, k.downgraded_share_upper::float8,
           k.police_first_recorded::bigint, k.police_first::bigint, k.naloxone_to_ambulance_known::bigint,
           k.ambulance_before_naloxone::bigint, k.naloxone_to_ambulance_median_mins::float8,
           k.waiting_over_40_mins::bigint, k.waiting_over_40_mins_share::float8,
           k.waiting_over_40_mins_share_lower::float8, k.waiting_over_40_mins_share_upper::float8
    FROM ambulance_response k
    JOIN visible_area v USING (area_key)
    LEFT JOIN ambulance_category_order o USING (ambulance_category);

CREATE VIEW kpi_ambulance_response_histogram WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock,
           coalesce(o.sort_order, 32766)::smallint AS ambulance_category_sort, k.band,
           b.label::varchar(30) AS band_label, b.from_mins::integer AS band_from_mins, k.arrivals::bigint
    FROM ambulance_response_histogram k
    JOIN visible_area v USING (area_key)
    JOIN minutes_band b USING (band)
    LEFT JOIN ambulance_category_order o USING (ambulance_category)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division'
      AND k.ambulance_category <> 'ALL';

CREATE VIEW kpi_ambulance_response_histogram_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key,
           k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock,
           coalesce(o.sort_order, 32766)::smallint AS ambulance_category_sort, k.band,
           b.label::varchar(30) AS band_label, b.from_mins::integer AS band_from_mins, k.arrivals::bigint
    FROM ambulance_response_histogram k
    JOIN visible_area v USING (area_key)
    JOIN minutes_band b USING (band)
    LEFT JOIN ambulance_category_order o USING (ambulance_category);
