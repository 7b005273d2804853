-- Ambulance responses to suspected overdoses, as the ambulance service would send them: SYNTHETIC, all of them invented. Most are of
-- calls with no officer and no naloxone from one; some belong to an incident with an administration, and are then like its form,
-- to the seconds that a form does not have. How many there are, how urgent, how long they take and how often one is stood down are
-- invented too, near what the forms are made after; calls from officers on the scene are answered a little later, as there.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT 'ambulance_activation', division_code, date '2021-04-01', reference_recorded_at
FROM place, known
ORDER BY division_code;

WITH country(division_code, rural_share) AS (
	VALUES ('A', 0.35::float8), ('C', 0.15), ('D', 0.20), ('E', 0.03), ('G', 0.02), ('J', 0.40), ('K', 0.08), ('L', 0.45), ('N', 0.65),
	       ('P', 0.20), ('Q', 0.10), ('U', 0.25), ('V', 0.60)
), form AS (
	-- One person's form an incident: the others' say the same of the ambulance.
	SELECT a.*, substr(a.incident_id, 20)::bigint AS k, coalesce(a.incident_division_code, a.officer_division_code) AS division,
		coalesce(a.ambulance_clock_started_at,
			a.ambulance_called_at + pg_temp.seconds('acuity', substr(a.incident_id, 20)::bigint, 30, 150)) AS clock_from
	FROM administration_record a
	WHERE a.person_in_incident = 1 AND a.ambulance_arrived_at IS DISTINCT FROM a.ambulance_called_at - interval '5 minutes'
), of_incident AS (
	SELECT k, incident_id, division, ambulance_category_first AS category_first, ambulance_category_last AS category_last, clock_from,
		CASE WHEN ambulance_arrived_at IS NOT NULL
				THEN greatest(clock_from, ambulance_arrived_at + pg_temp.seconds('feed', k, -20, 21))
			WHEN ambulance_response_mins IS NOT NULL
				THEN greatest(clock_from, clock_from + make_interval(mins => ambulance_response_mins) + pg_temp.seconds('feed', k, -29, 30))
			-- What the form did not know, the service does.
			WHEN ambulance_attended IS NULL THEN clock_from + pg_temp.seconds('feed', k, 240, 1200) END AS arrived_at,
		CASE WHEN person_left_at IS NOT NULL THEN person_left_at + pg_temp.seconds('feed', k, 60, 300)
			WHEN NOT ambulance_attended THEN coalesce(ambulance_stood_down_at, clock_from + pg_temp.seconds('feed', k, 120, 900)) END
			AS stood_down_at,
		call_source
	FROM form
	-- Of some no response is found that belongs to the incident; where none came there was seldom one.
	WHERE pg_temp.uniform('feed has it', k) < CASE WHEN NOT ambulance_attended AND ambulance_stood_down_at IS NULL AND person_left_at IS NULL
		THEN 0.35 ELSE 0.92 END
), call AS (
	SELECT n, c.*, division_code IS NOT NULL AND pg_temp.uniform('feed country', n) < rural_share AS is_rural,
		(date '2021-04-01' + floor(pg_temp.uniform('feed day', n) * (date '2026-01-01' - date '2021-04-01'))::integer
			+ make_interval(hours => width_bucket(pg_temp.uniform('feed hour', n), '{0.045,0.08,0.105,0.125,0.14,0.152,0.165,0.183,0.208,0.243,
				0.285,0.333,0.385,0.44,0.498,0.558,0.62,0.683,0.745,0.805,0.863,0.916,0.961}'::float8[]),
				secs => floor(3600 * pg_temp.uniform('feed second', n)))) AT TIME ZONE 'Europe/London' AS clock_from,
		pg_temp.pick('feed category', n, '{Purple,Red,Amber,Yellow}', '{0.25,0.65,0.93,0.98}') AS category_first,
		pg_temp.pick('feed caller', n, '{public,police_on_scene,other}', '{0.70,0.94,0.99}') AS call_source,
		pg_temp.pick('feed change', n, '{downgraded,upgraded,unchanged}', '{0.08,0.10,0.98}') AS change,
		pg_temp.pick('feed end', n, '{stood down,no end,impossible,arrived}', '{0.035,0.045,0.048}') AS ending
	FROM generate_series(1, 18000) AS n
	CROSS JOIN LATERAL (
		SELECT division_code, median_mins, longest_mins, rural_share
		FROM (SELECT place.division_code, median_mins, longest_mins, rural_share,
				sum(administration_weight) OVER (ORDER BY place.division_code) AS upto, sum(administration_weight) OVER () AS total
			  FROM place JOIN country USING (division_code)) w
		WHERE upto > total * pg_temp.uniform('feed division', n)
		ORDER BY upto
		LIMIT 1) c
), of_no_incident AS (
	-- Seconds from clock to arrival: log-logistic, from 2 minutes to twice the longest with an officer there.
	SELECT n, division_code, is_rural, category_first, clock_from, call_source, ending,
		CASE change WHEN 'unchanged' THEN category_first
			WHEN 'downgraded' THEN ('{Red,Amber,Yellow,Yellow}'::text[])[array_position('{Purple,Red,Amber,Yellow}', category_first)]
			WHEN 'upgraded' THEN ('{Purple,Purple,Red,Amber}'::text[])[array_position('{Purple,Red,Amber,Yellow}', category_first)]
		END AS category_last,
		make_interval(secs => floor(least(120 * longest_mins, greatest(120, 60 * median_mins
			* CASE category_first WHEN 'Purple' THEN 0.9 WHEN 'Amber' THEN 1.3 WHEN 'Yellow' THEN 1.6 ELSE 1 END
			* CASE call_source WHEN 'police_on_scene' THEN 1.08 ELSE 1 END
			* CASE WHEN is_rural THEN 1.3 ELSE 0.95 END
			* exp(ln(p / (1 - p)) / 3.2))))) AS response
	FROM (SELECT *, pg_temp.uniform('feed response', n) AS p FROM call) c
), activation AS (
	SELECT incident_id, CASE WHEN pg_temp.uniform('feed no division', k) >= 0.01 THEN division END AS division_code,
		CASE WHEN pg_temp.uniform('feed place', k) >= 0.02
			THEN CASE WHEN pg_temp.uniform('feed country', -k) < rural_share THEN 'rural' ELSE 'urban' END END AS urban_rural,
		category_first, category_last, clock_from, arrived_at, stood_down_at, call_source,
		-- By the crew, beside what the officer gave.
		pg_temp.yes_no('feed naloxone', -k, 0.35, 0.05) AS naloxone_given,
		clock_from + pg_temp.seconds('feed recorded', -k, 3600, 2 * 86400) AS recorded_at
	FROM of_incident LEFT JOIN country ON country.division_code = of_incident.division
	UNION ALL
	SELECT NULL, CASE WHEN pg_temp.uniform('feed no division', -n) >= 0.01 THEN division_code END,
		CASE WHEN pg_temp.uniform('feed place', -n) >= 0.02 THEN CASE WHEN is_rural THEN 'rural' ELSE 'urban' END END,
		category_first, category_last, clock_from,
		CASE ending WHEN 'arrived' THEN clock_from + response WHEN 'impossible' THEN clock_from - response END,
		CASE ending WHEN 'stood down' THEN clock_from + response * 0.6 END,
		call_source,
		pg_temp.yes_no('feed naloxone', n, 0.45, 0.05),
		clock_from + pg_temp.seconds('feed recorded', n, 3600, 2 * 86400)
	FROM of_no_incident
)
INSERT INTO ambulance_activation_record (activation_id, incident_id, division_code, urban_rural, category_first, category_last, clock,
	clock_started_at, arrived_at, stood_down_at, call_source, naloxone_given, recorded_at)
SELECT 'synthetic-activation-' || lpad((row_number() OVER (ORDER BY clock_from, incident_id, category_first, arrived_at, recorded_at))::text, 6, '0'),
	incident_id, division_code, urban_rural, category_first, category_last, 'acuity_assigned', clock_from, arrived_at,
	date_trunc('second', stood_down_at), call_source, naloxone_given, activation.recorded_at
FROM activation, known
WHERE clock_from >= timestamptz '2021-04-01 00:00 Europe/London' AND activation.recorded_at < before
ORDER BY clock_from, incident_id, category_first, arrived_at, activation.recorded_at;

ANALYZE ambulance_activation_record;
