-- How long it takes until somebody from a service is in contact, with everybody's time so far.

\qecho :p'How soon a service is in contact, of all people whose episode began when referrals were recorded, those still being'
\qecho 'followed included. Who declined, died or moved away before is beside: they no longer wait. The last columns are of the'
\qecho 'episodes whose engagement is 90 days old or more, and of the share still with the service after twelve weeks.':_p
\C 'SYNTHETIC: first contact after naloxone by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.people_observed AS "People",
	coalesce(pg_temp.with_interval(100 * k.contacted_within_7_days_share, 100 * k.contacted_within_7_days_share_lower, 100 * k.contacted_within_7_days_share_upper, '990'),
		round((100 * k.contacted_within_7_days_share)::numeric)::text) AS "% in contact in 7 days",
	coalesce(pg_temp.with_interval(100 * k.contacted_within_30_days_share, 100 * k.contacted_within_30_days_share_lower, 100 * k.contacted_within_30_days_share_upper, '990'),
		round((100 * k.contacted_within_30_days_share)::numeric)::text) AS "in 30 days",
	round((100 * k.declined_within_30_days_share)::numeric, 1) AS "% declined in 30 days",
	round((100 * k.died_within_30_days_share)::numeric, 1) AS "died",
	round((100 * k.moved_away_within_30_days_share)::numeric, 1) AS "moved away",
	k.engaged_followed AS "Engaged",
	round((100 * k.engaged_retained_12_weeks_share)::numeric) AS "% of them still there"
FROM kpi_referral_conversion_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND k.route = 'ALL' AND p.grain = 'fiscal_year' AND k.people_observed > 0
ORDER BY p.sort_order;
