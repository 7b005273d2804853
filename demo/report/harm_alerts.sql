\qecho :h2'What needs a call today':_h2
\qecho :p'Kits past their expiry, figures beyond thresholds that the force set (one is invented here), and ambulances that come later when'
\qecho 'the police call, where chance hardly explains it. No row: nobody needs to call.':_p
\C 'SYNTHETIC: alerts that stand as of ':data_through
SELECT replace(k.alert_kind, '_', ' ') AS "Alert",
	a.area_name AS "Area",
	i.title AS "Indicator",
	p.label AS "Period",
	round(k.value::numeric, 1) AS "Figure",
	round(k.threshold::numeric, 1) AS "Threshold",
	k.first_seen AS "Since"
FROM kpi_harm_alerts_period k
JOIN dim_area a USING (area_key)
JOIN dim_period p USING (period_key)
LEFT JOIN kpi_indicator i ON k.alert LIKE i.indicator_key || ' %'
WHERE k.is_current = 1
ORDER BY k.alert_kind, a.sort_order, p.sort_order;

