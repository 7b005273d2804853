\qecho :h2'Can the rest be believed':_h2
\qecho :p'A figure is as good as the forms behind it. The first table shows how often each field of the form says something, worst first:'
\qecho 'what is seldom filled cannot carry a KPI. The second shows what was found, and the third which forms were not accepted, and why.':_p
\C 'SYNTHETIC: fields of the form least often filled, whole force, ':year
SELECT k.field AS "Field",
	k.records AS "Records",
	k.filled AS "Filled",
	round(100 * k.filled_share::numeric, 1) AS "% filled"
FROM kpi_data_quality_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.source = 'administration' AND k.filled > 0
	-- What does not apply to most is not left out by anybody.
	AND k.field NOT IN ('person_left_at', 'ambulance_stood_down_at', 'ambulance_response_mins')
ORDER BY k.filled_share, k.field_order
LIMIT 10;

\C 'SYNTHETIC: what was found of administrations, whole force, by fiscal year'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	replace(k.finding, '_', ' ') AS "Finding",
	k.examined AS "Of",
	k.found AS "Found"
FROM kpi_data_quality_finding_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND k.source = 'administration' AND p.grain = 'fiscal_year' AND k.examined > 0
	AND p.sort_order >= (SELECT sort_order FROM dim_period WHERE period_key = :'year_key')
ORDER BY p.sort_order, k.finding;

\C 'SYNTHETIC: forms that stand rejected'
SELECT a.area_name AS "Division",
	k.field AS "Field",
	k.reason AS "Why",
	k.forms AS "Forms"
FROM kpi_data_quality_rejection k JOIN dim_area a USING (area_key)
ORDER BY a.sort_order, k.field, k.rule;
