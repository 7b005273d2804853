
\qecho :h2'Drug deaths':_h2
\qecho :p'Where people died, not where they lived, by the day of death. Some that are suspected are excluded later. The rate is'
\qecho 'an outcome of much more than policing, and says nothing of what naloxone does. Standardised by age it is the one that there would'
\qecho 'be among people as young and as old as in the European Standard Population: compare years and divisions by that. It needs 10'
\qecho 'deaths. Reviewed and reported are shares of the deaths over six months ago.':_p
\C 'SYNTHETIC: drug deaths by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.deaths AS "Deaths",
	k.confirmed AS "Confirmed",
	k.suspected AS "Suspected",
	k.excluded AS "Excluded since",
	pg_temp.with_interval(k.deaths_per_100k, k.deaths_per_100k_lower, k.deaths_per_100k_upper, '990.0') AS "A year per 100,000 people",
	pg_temp.with_interval(k.age_standardised_per_100k, k.age_standardised_per_100k_lower, k.age_standardised_per_100k_upper, '990.0') AS "Standardised by age",
	pg_temp.with_interval(100 * k.reviewed_share, 100 * k.reviewed_share_lower, 100 * k.reviewed_share_upper, '990') AS "% reviewed",
	pg_temp.with_interval(100 * k.reported_share, 100 * k.reported_share_lower, 100 * k.reported_share_upper, '990') AS "% reported"
FROM kpi_drug_deaths_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year' AND k.deaths IS NOT NULL
ORDER BY p.sort_order;

\C 'SYNTHETIC: drug deaths by division, ':year
SELECT a.area_name AS "Division",
	k.deaths AS "Deaths",
	pg_temp.with_interval(k.deaths_per_100k, k.deaths_per_100k_lower, k.deaths_per_100k_upper, '990.0') AS "A year per 100,000 people",
	pg_temp.with_interval(k.age_standardised_per_100k, k.age_standardised_per_100k_lower, k.age_standardised_per_100k_upper, '990.0') AS "Standardised by age",
	pg_temp.with_interval(100 * k.reviewed_share, 100 * k.reviewed_share_lower, 100 * k.reviewed_share_upper, '990') AS "% reviewed"
FROM kpi_drug_deaths_period k JOIN dim_area a USING (area_key)
WHERE k.period_key = :'year_key' AND a.area_type IN ('division', 'force')
ORDER BY a.area_type = 'force', a.sort_order;
