-- Who is given naloxone again.

\qecho :h2'Who is at risk again':_h2
\qecho :p'Naloxone reverses an overdose and leaves the danger. The share given naloxone again is of people who can be recognised;'
\qecho 'who has not been followed for so long yet counts for the time so far, so that this year can be read beside last. A year'
\qecho 'in which more people can be recognised shows more repeats: look first at how many cannot.':_p
\C 'SYNTHETIC: people given naloxone again, by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.administrations AS "Administrations",
	k.without_person_key AS "Not recognised",
	k.people AS "People",
	k.people_with_two AS "Twice",
	k.people_with_three AS "3 times",
	k.people_with_four_or_more AS "4 or more",
	coalesce(pg_temp.with_interval(100 * k.repeated_within_30_days_share, 100 * k.repeated_within_30_days_share_lower, 100 * k.repeated_within_30_days_share_upper, '990'),
		round((100 * k.repeated_within_30_days_share)::numeric)::text) AS "% again in 30 days",
	coalesce(pg_temp.with_interval(100 * k.repeated_within_90_days_share, 100 * k.repeated_within_90_days_share_lower, 100 * k.repeated_within_90_days_share_upper, '990'),
		round((100 * k.repeated_within_90_days_share)::numeric)::text) AS "in 90 days",
	coalesce(pg_temp.with_interval(100 * k.repeated_within_365_days_share, 100 * k.repeated_within_365_days_share_lower, 100 * k.repeated_within_365_days_share_upper, '990'),
		round((100 * k.repeated_within_365_days_share)::numeric)::text) AS "in a year",
	round((100 * k.died_within_365_days_share)::numeric, 1) AS "% died in a year"
FROM kpi_repeat_administrations_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year'
ORDER BY p.sort_order;
