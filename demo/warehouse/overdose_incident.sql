-- Overdoses that the police attended, with and without naloxone, and near-fatal ones that the ambulance service told of. Invented;
-- recorded from April 2023, when officers carry everywhere.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT 'overdose_incident', division_code, date '2023-04-01', reference_recorded_at
FROM place, known
ORDER BY division_code;

-- Those with an administration. A few are missing, and of a few the record does not agree with the form.
INSERT INTO overdose_incident_record (incident_id, incident_division_code, occurred_at, naloxone_given, recorded_at)
SELECT incident_id, incident_division_code, occurred_at,
	CASE WHEN pg_temp.uniform('overdose agrees', k) >= 0.02 THEN pg_temp.yes_no('overdose given', k, 0.99, 0) END,
	recorded_at
FROM administration_record,
	LATERAL (SELECT substr(incident_id, 20)::bigint AS k) i
WHERE person_in_incident = 1 AND occurred_at >= timestamptz '2023-04-01 00:00 Europe/London'
	AND pg_temp.uniform('overdose listed', k) >= 0.04
ORDER BY k;

-- Those without, and those that the police were only told of.
WITH overdose AS (
	SELECT k, k > 900 AS is_notified,
		date '2023-04-01' + floor(pg_temp.uniform('overdose day', k) * (date '2026-01-01' - date '2023-04-01'))::integer AS day,
		pg_temp.seconds('overdose time', k, 0, 86400) AS time_of_day
	FROM generate_series(1, 1700) AS k
), located AS MATERIALIZED (
	SELECT o.k, w.division_code
	FROM overdose o, LATERAL (
		SELECT division_code
		FROM (SELECT division_code, sum(administration_weight) OVER (ORDER BY division_code) AS upto,
				sum(administration_weight) OVER () AS total
			  FROM place) p
		WHERE upto > total * pg_temp.uniform('overdose division', o.k)
		ORDER BY upto
		LIMIT 1) w
)
INSERT INTO overdose_incident_record (incident_id, incident_division_code, occurred_at, notified_by, naloxone_given, why_not, recorded_at)
SELECT 'synthetic-overdose-' || lpad(k::text, 6, '0'),
	CASE WHEN pg_temp.uniform('overdose, no division', k) >= 0.02 THEN division_code END,
	occurred_at,
	CASE WHEN is_notified THEN pg_temp.pick('notified by', k, '{ambulance_service,health_board}', '{0.85,1}') END,
	given,
	CASE WHEN NOT given THEN pg_temp.pick('why not', k,
		'{not_needed,ambulance_gave_it,person_declined,opioid_not_suspected,not_carried,none_left,expired}',
		CASE WHEN occurred_at < timestamptz '2024-01-01 00:00 Europe/London' THEN '{0.34,0.60,0.66,0.78,0.88,0.90,0.90}'
			ELSE '{0.36,0.64,0.71,0.84,0.89,0.91,0.915}' END::float8[]) END,
	overdose_recorded_at
FROM overdose
JOIN located USING (k)
CROSS JOIN known
CROSS JOIN LATERAL (SELECT (day + time_of_day) AT TIME ZONE 'Europe/London' AS occurred_at,
	CASE WHEN NOT is_notified THEN pg_temp.yes_no('overdose without', k, 0, 0.05) END AS given) o
CROSS JOIN LATERAL (SELECT occurred_at + pg_temp.seconds('overdose recorded', k, 3600, 5 * 86400) AS overdose_recorded_at) r
WHERE overdose_recorded_at < before
ORDER BY k;
