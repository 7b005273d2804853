-- Officers who may carry naloxone, and their training. 12,506 carry once carriage is national (12,500 is the published order of
-- magnitude: Scottish Government, 2023), 962 in each division, and 50 in each division could and do not; the division of each, who
-- leaves or moves, the days and the scores are invented. The keys are those of the officers on the forms of administrations.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT source, division_code, carriage_from, reference_recorded_at
FROM place, known, (VALUES ('officer_carriage'), ('officer_training')) AS coverage(source)
ORDER BY source, division_code;

-- Everybody may from the day on which the division begins, or joins later; most are trained and carry within months.
WITH officer AS MATERIALIZED (
	SELECT n, 'synthetic-officer-' || lpad(n::text, 5, '0') AS officer_key, divisions[1 + (n - 1) % 13] AS division_code,
		divisions[1 + (n + 4) % 13] AS next_division_code,
		CASE WHEN pg_temp.uniform('joined later', n) < 0.12 THEN floor(900 * pg_temp.uniform('joined', n))::integer ELSE 0 END AS joined_after,
		CASE WHEN n <= 12506 THEN floor(-50 * ln(pg_temp.uniform('carries', n)))::integer END AS carries_after,
		pg_temp.pick('leaves', n, '{left,moved}', '{0.07,0.09}') AS leaves,
		floor(300 + 1400 * pg_temp.uniform('leaves after', n))::integer AS leaves_after
	FROM generate_series(1, 13156) AS n, crime_share
), posted AS MATERIALIZED (
	SELECT n, officer_key, division_code, next_division_code, leaves, carriage_from + joined_after AS eligible_from,
		carriage_from + joined_after + carries_after AS carries_from, carriage_from + joined_after + leaves_after AS left_on
	FROM officer JOIN place USING (division_code)
)
INSERT INTO officer_carriage_record (officer_key, division_code, role, eligible_from, eligible_to, carries_from, carries_to, recorded_at)
SELECT officer_key, division_code, pg_temp.pick('officer role', n, '{response,community,roads,other}', '{0.74,0.90,0.94,1}'),
	eligible_from, eligible_to, CASE WHEN carries_from <= coalesce(eligible_to, date '9999-12-31') THEN carries_from END, NULL,
	(eligible_from + time '09:00') AT TIME ZONE 'Europe/London'
FROM (SELECT n, officer_key, division_code, eligible_from, CASE WHEN leaves IS NOT NULL THEN left_on END AS eligible_to, carries_from
	  FROM posted
	  UNION ALL
	  -- Who moves carries on in the new division.
	  SELECT n, officer_key, next_division_code, greatest(left_on + 1, carriage_from), NULL, greatest(left_on + 1, carriage_from, carries_from)
	  FROM posted JOIN place ON place.division_code = next_division_code
	  WHERE leaves = 'moved') o,
	known
WHERE (eligible_from + time '09:00') AT TIME ZONE 'Europe/London' < before
ORDER BY n, eligible_from, division_code;

-- Naloxone before they carry, for nearly all of them, and again after two years for some; the other courses on any day.
WITH first_day AS (
	SELECT officer_key, substr(officer_key, 19)::bigint AS n, min(eligible_from) AS eligible_from, min(carries_from) AS carries_from
	FROM officer_carriage_record GROUP BY officer_key
), completed AS (
	SELECT n, officer_key, 'naloxone' AS course, 1 AS time, carries_from - floor(15 * pg_temp.uniform('trained before', n))::integer AS completed_on
	FROM first_day WHERE carries_from IS NOT NULL AND pg_temp.uniform('trained', n) >= 0.015
	UNION ALL
	SELECT n, officer_key, 'naloxone', 2, carries_from + 600 + floor(260 * pg_temp.uniform('trained again after', n))::integer
	FROM first_day WHERE carries_from IS NOT NULL AND pg_temp.uniform('trained', n) >= 0.015 AND pg_temp.uniform('trained again', n) < 0.35
	UNION ALL
	SELECT n, officer_key, 'first_aid', 1, eligible_from + floor(700 * pg_temp.uniform('first aid after', n))::integer
	FROM first_day WHERE pg_temp.uniform('first aid course', n) < 0.90
	UNION ALL
	SELECT n, officer_key, 'trauma_informed', 1, date '2024-01-15' + floor(1100 * pg_temp.uniform('trauma-informed after', n))::integer
	FROM first_day WHERE pg_temp.uniform('trauma-informed course', n) < 0.75
)
INSERT INTO officer_training_record (officer_key, course, completed_on, score_before, score_after, recorded_at)
SELECT officer_key, course, completed_on, score_before,
	CASE WHEN pg_temp.uniform('score after ' || course || time, n) >= 0.04
		THEN least(20, score_before + 2 + floor(5 * pg_temp.uniform('score gained ' || course || time, n))) END,
	(completed_on + time '17:00') AT TIME ZONE 'Europe/London'
FROM completed, known,
	LATERAL (SELECT CASE WHEN course <> 'first_aid' AND pg_temp.uniform('scored ' || course || time, n) < 0.80
		THEN 8 + time + floor(8 * pg_temp.uniform('score before ' || course || time, n)) END AS score_before) s
WHERE (completed_on + time '17:00') AT TIME ZONE 'Europe/London' < before
ORDER BY n, course, time;
