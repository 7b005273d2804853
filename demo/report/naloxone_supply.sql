\qecho :h2'Are there kits, and are they in date':_h2
\qecho :p'What officers hold is reckoned from the last stock count and what was issued, used, returned, expired and lost since. A'
\qecho 'kit unaccounted for should have been found by a count and was not: below 0, more were found than there should be.'
\qecho 'Kits of which one dose is given are used up too: more kits used than the doses on the forms come to need not be wrong.':_p
\C 'SYNTHETIC: kits of naloxone by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.opening_in_hand AS "In hand at first",
	k.issued AS "Issued",
	k.used AS "Used",
	k.returned AS "Returned",
	k.expired_in_hand AS "Expired in hand",
	k.lost_in_hand AS "Lost in hand",
	k.unaccounted_in_hand AS "Unaccounted for",
	k.in_hand AS "In hand at last",
	k.in_store AS "In store",
	round(k.kits_on_forms::numeric) AS "Used by the forms"
FROM kpi_naloxone_supply_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year' AND k.issued IS NOT NULL
ORDER BY p.sort_order;

\C 'SYNTHETIC: kits there and their expiry by division, at the end of the last month'
SELECT a.area_name AS "Division",
	k.on_hand AS "Kits",
	k.past_expiry AS "Past expiry",
	k.expiring_in_30_days AS "Expire in 30 days",
	k.expiring_in_90_days AS "In 90 days",
	y.unaccounted_in_hand AS "Unaccounted for this year",
	round(y.days_of_supply_in_store::numeric) AS "Days that the store can replace use"
FROM kpi_naloxone_supply_period k
JOIN dim_area a USING (area_key)
JOIN kpi_naloxone_supply_period y ON y.area_key = k.area_key
	AND y.period_key = (SELECT period_key FROM dim_period WHERE grain = 'fiscal_year' ORDER BY sort_order DESC LIMIT 1)
WHERE k.period_key = (SELECT period_key FROM dim_period WHERE grain = 'month' ORDER BY sort_order DESC LIMIT 1)
	AND a.area_type IN ('division', 'force') AND a.division_code IS DISTINCT FROM 'UNKNOWN'
ORDER BY a.area_type = 'force', a.sort_order;
