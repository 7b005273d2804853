
\qecho :h2'What is in the supply':_h2
\qecho :p'How often signals (seizures, toxicology, pathology, drug checking, intelligence) name a substance, as it is written in'
\qecho 'them. What is tested is chosen, so the shares are not those of the supply; toxicology says what was in a person.':_p
\C 'SYNTHETIC: substances named by tests, whole force, ':year
SELECT k.substance AS "Substance",
	k.mentions_tested AS "Tests that name it",
	pg_temp.with_interval(100 * k.tested_share, 100 * k.tested_share_lower, 100 * k.tested_share_upper, '990') AS "% of tests",
	pg_temp.with_interval(100 * b.tested_share, 100 * b.tested_share_lower, 100 * b.tested_share_upper, '990') AS "% a year before",
	k.mentions_suspected AS "Suspected, not tested",
	to_char(k.first_seen_on, 'FMDD Mon YYYY') AS "First seen"
FROM kpi_substance_trend_period k
JOIN dim_period p USING (period_key)
LEFT JOIN kpi_substance_trend_period b ON b.period_key = p.year_before_key AND b.area_key = k.area_key AND b.substance = k.substance
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.substance NOT IN ('NONE', 'UNKNOWN')
ORDER BY k.mentions_tested DESC, k.substance COLLATE "C";

\qecho :p'Months in which signals named a substance more often than the year before explains. It says where to look, not why: more testing is one cause.':_p
\C 'SYNTHETIC: months with more mentions than usual'
SELECT p.label AS "Month",
	a.area_name AS "Area",
	k.substance AS "Substance",
	k.mentions AS "Mentions",
	round(k.expected::numeric, 1) AS "Expected",
	round(k.upper_bound::numeric, 1) AS "Limit"
FROM kpi_substance_trend_period k
JOIN dim_period p USING (period_key)
JOIN dim_area a USING (area_key)
WHERE k.alarm = 1
ORDER BY p.sort_order DESC, a.sort_order, k.substance COLLATE "C";
