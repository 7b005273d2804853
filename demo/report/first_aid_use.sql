\qecho :h2'Is naloxone replacing first aid':_h2
\qecho :p'Naloxone takes minutes to work, and who is not breathing needs breaths until it does. Look at the last line first. What'
\qecho 'a form leaves blank is not counted as not done. A person may need one technique and not another: most shares should not be 100.':_p
\C 'SYNTHETIC: first aid beside naloxone, whole force, ':year
SELECT CASE k.technique WHEN 'any_technique' THEN 'any of the eight'
		WHEN 'breaths_or_airway_if_not_breathing' THEN 'not breathing: rescue breaths or airway cleared'
		ELSE replace(k.technique, '_', ' ') END AS "Technique",
	k.administrations AS "Administrations",
	k.times_done AS "Done",
	k.times_not_done AS "Not done",
	k.times_not_recorded AS "Not recorded",
	pg_temp.with_interval(100 * k.done_share, 100 * k.done_share_lower, 100 * k.done_share_upper, '990') AS "% done",
	trim(to_char(100 * k.done_share_lowest, '990')) || ' to ' || trim(to_char(100 * k.done_share_highest, '990')) AS "% at lowest and highest"
FROM kpi_first_aid_use_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force'
ORDER BY array_position(ARRAY['woken_verbally', 'head_tilted', 'breathing_checked', 'recovery_position', 'chest_compressions', 'rescue_breaths',
	'airway_cleared', 'pulse_checked', 'any_technique', 'breaths_or_airway_if_not_breathing'], k.technique::text);
