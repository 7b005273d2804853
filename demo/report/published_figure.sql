\qecho :h2'What others have published':_h2
\qecho :p'These figures are real: not from the records above, set against none of them, and never added up. A running total counts all there was'
\qecho 'up to its last day, so a later one holds the earlier. Which sources count alike is for the reader to judge.':_p
\C 'PUBLISHED, not synthetic: running totals'
SELECT replace(k.indicator, '_', ' ') AS "What",
	coalesce(to_char(k.cumulative_since, 'FMDD Mon YYYY'), 'not known') AS "Since",
	to_char(k.period_to, 'FMDD Mon YYYY') AS "Up to",
	to_char(k.value, 'FM999,999,990') AS "Published",
	k.source AS "Source"
FROM kpi_published_figure k
WHERE k.area_key = 'force' AND k.is_running_total = 1
ORDER BY k.indicator, k.period_to;
