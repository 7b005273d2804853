\qecho :h2'Was there naloxone when it was needed':_h2
\qecho :p'Not every overdose needs naloxone, so the share in which it was given has no target. The share in which it was at hand is of'
\qecho 'those in which it was given or was missing: other reasons do not say. Overdoses are recorded from April 2023 on.':_p
\C 'SYNTHETIC: overdoses attended by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.incidents_attended AS "Attended",
	k.naloxone_given AS "Naloxone given",
	k.naloxone_not_given AS "Not given",
	k.naloxone_not_recorded AS "Not recorded",
	pg_temp.with_interval(100 * k.given_share, 100 * k.given_share_lower, 100 * k.given_share_upper, '990') AS "% given",
	k.naloxone_not_at_hand AS "None at hand",
	pg_temp.with_interval(100 * k.available_share, 100 * k.available_share_lower, 100 * k.available_share_upper, '990') AS "% at hand",
	k.administered_not_listed AS "Form, but not on record as overdose"
FROM kpi_overdoses_attended_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND k.why_not = 'ALL' AND p.grain = 'fiscal_year' AND k.incidents_attended IS NOT NULL
ORDER BY p.sort_order;

\C 'SYNTHETIC: why naloxone was not given, whole force, ':year
SELECT CASE k.why_not WHEN 'UNKNOWN' THEN 'no reason recorded' ELSE replace(k.why_not, '_', ' ') END AS "Reason",
	k.naloxone_not_given AS "Overdoses"
FROM kpi_overdoses_attended_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.naloxone_not_given > 0 AND k.why_not <> 'ALL'
ORDER BY k.why_not = 'UNKNOWN', k.naloxone_not_given DESC, k.why_not;
