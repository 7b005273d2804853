\qecho :h2'Are calls from police on the scene answered later':_h2
\qecho :p'All ambulance responses to suspected overdoses, not only those with naloxone from an officer. Calls are compared within'
\qecho 'one category, in town or country: above 0 minutes, calls from police were answered later. This is a comparison, not an'
\qecho 'effect: the calls may differ in more than who made them. Where the interval holds 0, chance alone may be enough.':_p
\C 'SYNTHETIC: response to police on the scene and to the public, whole force, ':year
SELECT k.ambulance_category AS "Category",
	k.urban_rural AS "Where",
	k.police_arrivals AS "Police",
	k.public_arrivals AS "Public",
	round(k.police_median_mins::numeric, 1) AS "Median, police",
	round(k.public_median_mins::numeric, 1) AS "Median, public",
	pg_temp.with_interval(round(k.difference_mins::numeric, 1)::float8, k.difference_mins_lower, k.difference_mins_upper, '990.0') AS "Minutes later",
	CASE WHEN k.p_value < 0.001 THEN 'under 0.001' ELSE round(k.p_value::numeric, 3)::text END AS "p"
FROM kpi_ambulance_response_comparison_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.difference_mins IS NOT NULL
ORDER BY k.ambulance_category_sort, k.urban_rural DESC, k.clock;

\qecho :p'With many divisions some differ by chance: q allows for how many were looked at. Below 0.05, look closer.':_p
\C 'SYNTHETIC: the divisions with at least 20 of each in a category, ':year
SELECT a.area_name AS "Division",
	k.ambulance_category AS "Category",
	k.urban_rural AS "Where",
	k.police_arrivals AS "Police",
	k.public_arrivals AS "Public",
	pg_temp.with_interval(round(k.difference_mins::numeric, 1)::float8, k.difference_mins_lower, k.difference_mins_upper, '990.0') AS "Minutes later",
	round(k.p_value::numeric, 3) AS "p",
	round(k.q_value::numeric, 3) AS "q"
FROM kpi_ambulance_response_comparison_period k JOIN dim_area a USING (area_key)
WHERE k.period_key = :'year_key' AND a.area_type = 'division' AND k.p_value IS NOT NULL
ORDER BY k.p_value, a.sort_order, k.ambulance_category_sort, k.urban_rural;
