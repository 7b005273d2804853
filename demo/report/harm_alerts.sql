\qecho :h2'What needs a call today':_h2
\qecho :p'Kits past their expiry, figures beyond thresholds that the force set (one is invented here), ambulances that come later when the'
\qecho 'police call, divisions worse than all others by more than their size explains, and weeks with more deaths, overdoses or signals than usual, where chance hardly explains it. No row: nobody needs to call.':_p
\C 'SYNTHETIC: alerts that stand as of ':data_through
SELECT replace(k.alert_kind, '_', ' ') AS "Alert",
	a.area_name AS "Area",
	i.title AS "Indicator",
	p.label AS "Period",
	CASE WHEN i.unit LIKE 'share%' THEN round(100 * k.value::numeric, 1) || ' %' ELSE round(k.value::numeric, 1)::text END AS "Figure",
	CASE WHEN i.unit LIKE 'share%' THEN round(100 * k.threshold::numeric, 1) || ' %' ELSE round(k.threshold::numeric, 1)::text END AS "Threshold or limit",
	k.first_seen AS "Since"
FROM kpi_harm_alerts_period k
JOIN dim_area a USING (area_key)
JOIN dim_period p USING (period_key)
LEFT JOIN kpi_indicator i ON k.alert || ' ' LIKE i.indicator_key || ' %'
WHERE k.is_current = 1
ORDER BY k.alert_kind, a.sort_order, p.sort_order;

\qecho :p'Weeks of the last twelve months with more than the half year before explains. Divisions and substances are many: some are chance.':_p
\C 'SYNTHETIC: weeks with more than usual, to ':data_through
SELECT a.area_name AS "Area",
	CASE k.alert WHEN 'drug_deaths deaths' THEN 'drug deaths' WHEN 'overdoses_attended incidents_attended' THEN 'overdoses attended'
		WHEN 'doses_by_division administrations' THEN 'people given naloxone' ELSE replace(k.alert, 'substance_trend', 'signals of') END AS "What",
	k.evidence AS "Evidence",
	to_char(k.first_seen, 'FMDD Mon YYYY') AS "Since",
	to_char(k.last_seen, 'FMDD Mon YYYY') AS "Until"
FROM kpi_harm_alerts_period k
JOIN dim_area a USING (area_key)
JOIN dim_period p USING (period_key)
WHERE k.alert_kind = 'more_than_usual' AND p.period_start > (SELECT max(m.period_start) FROM dim_period m WHERE m.grain = 'month') - interval '1 year'
ORDER BY k.first_seen DESC, a.sort_order, k.alert;
