\qecho :h2'Who carries, and whose training is current':_h2
\qecho :p'Officers on the last day of the year. The rate sets the administrations that a division''s officers gave against the'
\qecho 'time that they carried: where few carry, few can give. No figure here is about one officer.':_p
\C 'SYNTHETIC: officers carrying naloxone by division, ':year
SELECT a.area_name AS "Division",
	k.eligible AS "Eligible",
	k.carrying AS "Carrying",
	pg_temp.with_interval(100 * k.carrying_share, 100 * k.carrying_share_lower, 100 * k.carrying_share_upper, '990.0') AS "% carrying",
	c.carrying_not_trained AS "Of them not trained",
	pg_temp.with_interval(d.administrations_per_1000_officer_years, d.administrations_per_1000_officer_years_lower,
		d.administrations_per_1000_officer_years_upper, '990.0') AS "Administrations per 1,000 officer-years"
FROM kpi_carriage_and_training_period k
JOIN kpi_carriage_and_training_course_period c USING (period_key, area_key)
JOIN kpi_doses_by_division_period d USING (period_key, area_key)
JOIN dim_area a USING (area_key)
WHERE k.period_key = :'year_key' AND c.course = 'naloxone' AND a.area_type IN ('division', 'force') AND k.eligible > 0
ORDER BY a.area_type = 'force', a.sort_order;

\qecho :p'In date and overdue are dashes until the force sets after how many months training lapses. Scores before and after are of'
\qecho 'the same officers: a comparison, not proof that the course made the difference.':_p
\C 'SYNTHETIC: training of eligible officers, whole force, ':year
SELECT k.course AS "Course",
	k.eligible AS "Eligible",
	k.trained AS "Trained",
	k.in_date AS "In date",
	k.overdue AS "Overdue",
	k.completions AS "Completed in the year",
	k.with_both_scores AS "With both scores",
	round(k.mean_score_before::numeric, 1) AS "Mean before",
	round(k.mean_score_after::numeric, 1) AS "Mean after"
FROM kpi_carriage_and_training_course_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force'
ORDER BY array_position(ARRAY['naloxone', 'first_aid', 'trauma_informed'], k.course::text), k.course;
