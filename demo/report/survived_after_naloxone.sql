\qecho :h2'Who survived':_h2
\qecho :p'Survived is not saved by naloxone: some people would have lived without it, and no form can say who. The share is of'
\qecho 'those of whom it is known; the column after it says how low and how high it could be, whatever became of the others.':_p
\C 'SYNTHETIC: survival to handover or departure by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.administrations AS "Administrations",
	k.believed_dead_on_arrival AS "Believed dead on arrival",
	k.survived AS "Survived",
	k.died AS "Died",
	k.not_known AS "Not known",
	pg_temp.with_interval(100 * k.survived_share, 100 * k.survived_share_lower, 100 * k.survived_share_upper, '990.0') AS "% survived",
	trim(to_char(100 * k.survived_share_lowest, '990.0')) || ' to ' || trim(to_char(100 * k.survived_share_highest, '990.0'))
		AS "% at lowest and highest",
	k.later_deaths AS "Died later, as far as known"
FROM kpi_survived_after_naloxone_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year' AND k.administrations > 0
ORDER BY p.sort_order;
