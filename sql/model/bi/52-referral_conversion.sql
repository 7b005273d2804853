-- Who is referred after an administration, and who reaches help: for analysts. An episode may have several routes, so only
-- ALL routes may be summed.

CREATE VIEW kpi_referral_conversion WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.administrations::bigint, k.died_before_handover::bigint,
           k.not_identifiable::bigint, k.episodes::bigint, k.administrations_in_episodes::bigint,
           k.already_known_to_service::bigint, k.episodes_followed::bigint, k.reviewed::bigint,
           k.reviewed_within_72_hours::bigint, k.screened::bigint, k.screened_within_72_hours::bigint,
           k.service_notified::bigint, k.service_notified_within_72_hours::bigint, k.offered::bigint, k.consented::bigint,
           k.declined::bigint, k.referred::bigint, k.contacted::bigint, k.assessed::bigint, k.engaged::bigint,
           k.retained_12_weeks::bigint, k.engaged_followed::bigint, k.engaged_retained_12_weeks::bigint,
           k.contacted_without_basis::bigint
    FROM referral_conversion k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division'
      AND k.route = 'ALL';

CREATE VIEW kpi_referral_conversion_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.route::varchar(40) AS route,
           k.division_days::bigint, k.covered_division_days::bigint, k.administrations::bigint,
           k.died_before_handover::bigint, k.not_identifiable::bigint, k.people::bigint, k.episodes::bigint,
           k.administrations_in_episodes::bigint, k.already_known_to_service::bigint, k.episodes_followed::bigint,
           k.reviewed::bigint, k.reviewed_within_72_hours::bigint, k.screened::bigint, k.screened_within_72_hours::bigint,
           k.service_notified::bigint, k.service_notified_within_72_hours::bigint, k.offered::bigint, k.consented::bigint,
           k.declined::bigint, k.referred::bigint, k.contacted::bigint, k.assessed::bigint, k.engaged::bigint,
           k.retained_12_weeks::bigint, k.engaged_followed::bigint, k.engaged_retained_12_weeks::bigint,
           k.contacted_without_basis::bigint, k.people_followed::bigint, k.people_referred::bigint,
           k.people_contacted::bigint, k.people_engaged::bigint, k.referred_share::float8, k.contacted_share::float8,
           k.engaged_share::float8, k.engaged_retained_12_weeks_share::float8, k.people_referred_share::float8,
           k.people_referred_share_lower::float8, k.people_referred_share_upper::float8, k.people_contacted_share::float8,
           k.people_contacted_share_lower::float8, k.people_contacted_share_upper::float8, k.people_engaged_share::float8,
           k.people_engaged_share_lower::float8, k.people_engaged_share_upper::float8, k.people_observed::bigint,
           k.contacted_within_72_hours_share::float8, k.contacted_within_72_hours_share_lower::float8,
           k.contacted_within_72_hours_share_upper::float8, k.declined_within_72_hours_share::float8,
           k.died_within_72_hours_share::float8, k.moved_away_within_72_hours_share::float8,
           k.contacted_within_7_days_share::float8, k.contacted_within_7_days_share_lower::float8,
           k.contacted_within_7_days_share_upper::float8, k.declined_within_7_days_share::float8,
           k.died_within_7_days_share::float8, k.moved_away_within_7_days_share::float8,
           k.contacted_within_30_days_share::float8, k.contacted_within_30_days_share_lower::float8,
           k.contacted_within_30_days_share_upper::float8, k.declined_within_30_days_share::float8,
           k.died_within_30_days_share::float8, k.moved_away_within_30_days_share::float8
    FROM referral_conversion k
    JOIN visible_area v USING (area_key);
