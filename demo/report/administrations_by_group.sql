\qecho :h2'Who is given naloxone, and when':_h2
\qecho :p'One thing at a time, never two: a table by age and sex and place would soon be a list of people. Shares are of the'
\qecho 'administrations for which it is recorded. A person may have several substances, so those shares add up to more than 100.':_p
\C 'SYNTHETIC: administrations by sex, age and suspected substance, whole force, ':year
SELECT CASE k.group_kind WHEN 'sex' THEN 'sex' WHEN 'age_band' THEN 'age' ELSE 'substance' END AS "By",
	k.group_label AS "Group",
	k.administrations AS "Administrations",
	pg_temp.with_interval(100 * k.administrations_share, 100 * k.administrations_share_lower, 100 * k.administrations_share_upper, '990') AS "% of recorded"
FROM kpi_administrations_by_group_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.group_kind IN ('sex', 'age_band', 'substance') AND k.administrations > 0
ORDER BY array_position(ARRAY['sex', 'age_band', 'substance'], k.group_kind::text), k.sort_order,
	CASE k.group_kind WHEN 'age_band' THEN 0 ELSE -k.administrations END, k.group_label;

\C 'SYNTHETIC: administrations by day of the week and part of the day, whole force, all years'
SELECT (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[(k.sort_order - 1) / 24 + 1] AS "Day",
	sum(k.administrations_by_hour_of_week) FILTER (WHERE (k.sort_order - 1) % 24 BETWEEN 0 AND 5) AS "Midnight to 6",
	sum(k.administrations_by_hour_of_week) FILTER (WHERE (k.sort_order - 1) % 24 BETWEEN 6 AND 11) AS "6 to noon",
	sum(k.administrations_by_hour_of_week) FILTER (WHERE (k.sort_order - 1) % 24 BETWEEN 12 AND 17) AS "Noon to 6",
	sum(k.administrations_by_hour_of_week) FILTER (WHERE (k.sort_order - 1) % 24 BETWEEN 18 AND 23) AS "6 to midnight"
FROM kpi_administrations_by_group k
WHERE k.group_kind = 'hour_of_week' AND k.group_value <> 'UNKNOWN'
GROUP BY (k.sort_order - 1) / 24
ORDER BY (k.sort_order - 1) / 24;
