\qecho :h2'Did the other services hear':_h2
\qecho :p'Reports count in the month in which they were due. The median is of the reports that were shared: those that never were have'
\qecho 'no time, and are counted beside.':_p
\C 'SYNTHETIC: reports to other agencies, whole force, ':year
SELECT CASE k.agency WHEN 'ALL' THEN 'All' ELSE replace(k.agency, '_', ' ') END AS "Agency",
	k.due AS "Due",
	k.shared_on_time AS "On time",
	k.shared_late AS "Late",
	k.not_shared AS "Not shared",
	pg_temp.with_interval(100 * k.on_time_share, 100 * k.on_time_share_lower, 100 * k.on_time_share_upper, '990') AS "% on time",
	k.acknowledged AS "Acknowledged",
	pg_temp.with_interval(k.median_hours, k.median_hours_lower, k.median_hours_upper, '990.0') AS "Median hours from the incident"
FROM kpi_agency_information_sharing_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.due > 0
ORDER BY k.agency = 'ALL', k.agency;
