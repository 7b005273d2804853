\qecho :h2'Is the money there':_h2
\qecho :p'What is left to date counts all years so far, as if it could be carried over; years to run are at the year''s rate of spending.':_p
\C 'SYNTHETIC: money for the programme by fiscal year, in pounds'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	CASE k.strand WHEN 'ALL' THEN 'All' ELSE replace(k.strand, '_', ' ') END AS "Strand",
	to_char(k.allocated, 'FM999,999,990') AS "Allocated",
	to_char(k.spent, 'FM999,999,990') AS "Spent",
	to_char(k.remaining, 'FM999,999,990') AS "Left of the year",
	to_char(k.remaining_to_date, 'FM999,999,990') AS "Left to date",
	CASE WHEN p.is_complete = 0 THEN round(k.years_to_run::numeric, 1) END AS "Years to run"
FROM kpi_programme_funding_status_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND k.funder = 'ALL'
ORDER BY p.sort_order, k.strand = 'ALL', k.strand;
