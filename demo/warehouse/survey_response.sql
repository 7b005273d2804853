-- Officers' answers before carriage, after it and two years on: SYNTHETIC. Questions, answers and their drift are all invented.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT 'survey_response', division_code, date '2022-04-01', reference_recorded_at FROM place, known ORDER BY division_code;

INSERT INTO survey_question (survey, question, lowest, highest, favourable_from, is_reversed, is_headline) VALUES
	('synthetic naloxone survey', 'I am willing to give naloxone', 1, 5, 4, false, true),
	('synthetic naloxone survey', 'Naloxone encourages people to take more risks', 1, 5, 2, true, false);

WITH wave(wave, position, first_day, answering) AS (
	VALUES ('before', 0, date '2022-05-09', 0.80::float8), ('after', 1, date '2023-05-15', 0.60), ('follow_up', 2, date '2025-05-12', 0.40)
), asked(question, position, middle, drift) AS (
	-- Where answers lie on the scale before, and how they drift from wave to wave.
	VALUES ('I am willing to give naloxone', 1, 3.2::float8, 0.40::float8),
	       ('I can recognise an opioid overdose', 2, 3.0, 0.35),
	       ('People who use drugs deserve the same care as anybody', 3, 3.5, 0.15),
	       ('Naloxone encourages people to take more risks', 4, 3.1, -0.25),
	       ('What would help most?', 5, NULL, NULL)
), answer AS MATERIALIZED (
	SELECT wave, question, 10 * officer + w.position * 100000 + a.position AS k, officer, w.position AS wave_position, middle, drift,
		first_day + floor(28 * pg_temp.uniform('answered', 10 * officer + w.position))::integer AS answered_on
	FROM generate_series(1, 900) AS officer, wave w, asked a
	WHERE pg_temp.uniform('answers wave', 10 * officer + w.position) < answering
)
INSERT INTO survey_response_record (survey, wave, respondent_group, respondent_key, division_code, answered_on, question, score, theme, recorded_at)
SELECT 'synthetic naloxone survey', wave,
	CASE WHEN pg_temp.uniform('no group', officer) >= 0.03
		THEN pg_temp.pick('group', officer, '{response,community,custody,special constable,other}', '{0.55,0.75,0.88,0.90}') END,
	CASE WHEN pg_temp.uniform('survey key', officer) >= 0.20 THEN 'synthetic-respondent-' || lpad(officer::text, 3, '0') END,
	CASE WHEN pg_temp.uniform('survey, no division', officer) >= 0.02 THEN pg_temp.pick('survey division', officer, divisions, upto) END,
	answered_on, question,
	-- Somebody's inclination, a little of the day's, and the drift; one in fifty does not answer.
	CASE WHEN middle IS NOT NULL AND pg_temp.uniform('no score', k) >= 0.02
		THEN least(5, greatest(1, round(middle + drift * wave_position + 2.4 * (pg_temp.uniform('inclination', officer) - 0.5)
			+ 2.0 * (pg_temp.uniform('answer', k) - 0.5)))) END,
	CASE WHEN middle IS NULL THEN pg_temp.pick('theme', k,
		'{training,what happens afterwards,ambulance delays,support for officers,time,other}', '{0.26,0.48,0.66,0.80,0.92}') END,
	(answered_on + time '17:00') AT TIME ZONE 'Europe/London'
FROM answer, crime_share
-- Not everybody writes something.
WHERE middle IS NOT NULL OR pg_temp.uniform('writes', k) < 0.45
ORDER BY wave_position, officer, k;
ANALYZE survey_response_record;
