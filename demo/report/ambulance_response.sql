\qecho :h2'How many calls an ambulance reached':_h2
\qecho :p'Of all calls of which it is known how they ended, not of arrivals: a call that was stood down, that the person did not'
\qecho 'wait for or that nobody attended was not reached. Calls of unknown end are left out, and counted beside. Where the'
\qecho 'ambulance service has a record of the call, its times replace those on the form.':_p
\C 'SYNTHETIC: calls reached by an ambulance (from urgency), whole force, ':year
SELECT CASE k.ambulance_category WHEN 'ALL' THEN 'All' WHEN 'UNKNOWN' THEN 'Unknown' ELSE k.ambulance_category END AS "Category",
	k.calls AS "Calls",
	k.from_activation AS "Timed by the service",
	k.calls - k.calls_with_known_end AS "End not known",
	pg_temp.with_interval(100 * k.reached_by_8_mins_share, 100 * k.reached_by_8_mins_share_lower, 100 * k.reached_by_8_mins_share_upper, '990')
		AS "% by 8 minutes",
	pg_temp.with_interval(100 * k.reached_by_15_mins_share, 100 * k.reached_by_15_mins_share_lower, 100 * k.reached_by_15_mins_share_upper, '990')
		AS "% by 15 minutes",
	pg_temp.with_interval(100 * k.reached_by_60_mins_share, 100 * k.reached_by_60_mins_share_lower, 100 * k.reached_by_60_mins_share_upper, '990')
		AS "% by 60 minutes",
	k.median_target_mins AS "Target median",
	pg_temp.with_interval(100 * k.reached_by_median_target_share, 100 * k.reached_by_median_target_share_lower,
		100 * k.reached_by_median_target_share_upper, '990') AS "% within it"
FROM kpi_ambulance_response_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.call_source = 'ALL' AND k.clock = 'acuity_assigned' AND k.calls > 0
ORDER BY k.ambulance_category = 'ALL', k.ambulance_category_sort;
