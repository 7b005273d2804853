
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

\qecho :p'And do the months rise or fall? Those since policy last changed are compared, from two years on each with the same month of other years only. What'
\qecho 'rises has not risen for one reason, nor through the police; and no clear trend does not mean that nothing changes.':_p
\C 'SYNTHETIC: what rises or falls, whole force, settled months up to ':data_through
SELECT k.title || CASE WHEN k.ambulance_category NOT IN ('NONE', 'ALL') THEN ', ' || k.ambulance_category ELSE '' END AS "Indicator",
	k.trend || ', by about ' || trim(to_char(f.slope, '990.0')) || ' a year; between ' || trim(to_char(least(f.lower, f.upper), '990.0')) || ' and '
		|| trim(to_char(greatest(f.lower, f.upper), '990.0')) AS "Trend",
	CASE k.unit WHEN 'share, 0 to 1' THEN 'points of 100' ELSE k.unit END AS "Unit",
	pg_temp.with_interval(k.rate_ratio, k.rate_ratio_lower, k.rate_ratio_upper, '990.00') AS "Times a year",
	to_char(k.first_month, 'FMMon YYYY') || ' to ' || to_char(k.last_month, 'FMMon YYYY') AS "Months"
FROM kpi_indicator_trend k
CROSS JOIN LATERAL (SELECT CASE k.trend WHEN 'falling' THEN -1 ELSE 1 END * CASE k.unit WHEN 'share, 0 to 1' THEN 100 ELSE 1 END AS factor) s
CROSS JOIN LATERAL (SELECT s.factor * k.slope_per_year AS slope, s.factor * k.slope_lower AS lower, s.factor * k.slope_upper AS upper) f
WHERE k.area_key = 'force' AND k.trend IN ('rising', 'falling')
ORDER BY k.title COLLATE "C", array_position(ARRAY['ALL', 'Purple', 'Red'], k.ambulance_category::text);

SELECT count(k.trend) AS judged, round(count(k.trend) / 20.0, 1) AS by_chance FROM kpi_indicator_trend k WHERE k.area_key = 'force' \gset
\qecho :p'These are clear, of ':judged' trends that could be judged. If nothing rose or fell, about ':by_chance' would still seem to.':_p
