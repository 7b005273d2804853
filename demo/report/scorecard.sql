
\qecho :h2'All of it on one page':_h2
\qecho :p'100 % of a target and over is as good as the target or better. The last column compares with the year before, by the'
\qecho 'interval of the difference; of twenty that did not change about one will say that it did. The targets are invented too,'
\qecho 'except those of the ambulance.':_p
\C 'SYNTHETIC: the scorecard, whole force, ':year
SELECT k.title || CASE WHEN k.ambulance_category NOT IN ('NONE', 'ALL') THEN ', ' || k.ambulance_category ELSE '' END AS "Indicator",
	CASE WHEN k.unit = 'share, 0 to 1' THEN coalesce(pg_temp.with_interval(100 * k.value, 100 * k.lower, 100 * k.upper, '990'), trim(to_char(100 * k.value, '990'))) ELSE
		coalesce(pg_temp.with_interval(k.value, k.lower, k.upper, '990.0'), trim(to_char(k.value, '990.0'))) END AS "Figure",
	CASE k.unit WHEN 'share, 0 to 1' THEN '%' ELSE k.unit END AS "Unit",
	round(k.pct_of_target) AS "% of target",
	CASE k.target_met WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS "Met",
	coalesce(k.direction, k.reason_missing) AS "Against the year before"
FROM kpi_scorecard k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.clock IN ('NONE', 'acuity_assigned') AND k.reason_missing IS DISTINCT FROM 'no figure is given'
ORDER BY k.title COLLATE "C", array_position(ARRAY['ALL', 'Purple', 'Red'], k.ambulance_category::text);
