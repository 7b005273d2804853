
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

\qecho :p'A control chart of each indicator asks whether its latest settled month is more than its months vary anyway. Of many charts some are'
\qecho 'flagged by chance: where no more are than expected, the flags show nothing.':_p
\C 'SYNTHETIC: flags on the control charts, settled months up to ':data_through
SELECT a.area_name AS "Area",
	count(*) AS "Charts",
	max(k.flags_shown) AS "Flagged",
	round(max(k.flags_expected_by_chance)::numeric, 1) AS "Expected by chance",
	string_agg(k.title || ': ' || k.variation || ' (' || k.chart_flag || ')', '; ' ORDER BY k.title COLLATE "C") FILTER (WHERE k.chart_flag IS NOT NULL) AS "Which"
FROM kpi_scorecard k
JOIN dim_area a USING (area_key)
WHERE k.flags_shown IS NOT NULL AND a.area_type IN ('region', 'force')
GROUP BY a.area_key, a.area_name, a.sort_order
ORDER BY a.sort_order;

\qecho :p'And a funnel plot of each indicator asks whether a division differs from all the others together by more than its size explains: in a'
\qecho 'table of divisions the smallest are always first and last. One in five hundred is outside by chance. Where the spread is well above 1,'
\qecho 'divisions differ for many reasons, and that one of them is outside says little.':_p
\C 'SYNTHETIC: divisions unlike the others, ':year
SELECT k.title AS "Indicator",
	a.area_name AS "Division",
	CASE WHEN k.unit = 'share, 0 to 1' THEN round(100 * k.value::numeric) || ' %' ELSE round(k.value::numeric, 1) || ' ' || k.unit END AS "Figure",
	CASE WHEN k.unit = 'share, 0 to 1' THEN round(100 * k.value_of_others::numeric) || ' %' ELSE round(k.value_of_others::numeric, 1)::text END AS "Others",
	k.verdict AS "Verdict",
	round(k.dispersion_ratio::numeric, 1) AS "Spread"
FROM kpi_indicator_funnel k
JOIN dim_area a USING (area_key)
WHERE k.period_key = :'year_key' AND k.verdict IN ('better', 'worse', 'different') AND k.ambulance_category IN ('NONE', 'ALL') AND k.clock IN ('NONE', 'acuity_assigned')
ORDER BY k.title COLLATE "C", a.sort_order;
