-- Drug deaths: SYNTHETIC. Invented, of the order of the 1,000 to 1,300 a year that National Records of Scotland publish.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT 'drug_death', division_code, date '2021-04-01', reference_recorded_at FROM place, known ORDER BY division_code;

WITH stretch AS (
	SELECT *, sum(deaths) OVER (ORDER BY first_day) AS upto
	FROM (VALUES
		(date '2021-04-01', date '2022-01-01',  930),
		(date '2022-01-01', date '2023-01-01', 1040),
		(date '2023-01-01', date '2024-01-01', 1150),
		(date '2024-01-01', date '2025-01-01', 1010),
		(date '2025-01-01', date '2026-01-01', 1120)
	) AS stretches(first_day, next_day, deaths)
), share AS (
	SELECT array_agg(division_code ORDER BY division_code) AS divisions, array_agg(upto ORDER BY division_code) AS upto
	FROM (SELECT division_code, sum(people / 50000.0 + administration_weight) OVER (ORDER BY division_code)
			/ sum(people / 50000.0 + administration_weight) OVER () AS upto
		  FROM place) s
), died AS MATERIALIZED (
	-- Most after no administration by police; the others are those that the administrations and referrals say of.
	SELECT k, first_day + floor(pg_temp.uniform('died on', k) * (next_day - first_day))::integer AS died_on,
		CASE WHEN pg_temp.uniform('death, no division', k) >= 0.005
			THEN pg_temp.pick('death division', k, divisions, share.upto::float8[]) END AS division_code,
		CASE WHEN pg_temp.uniform('death, no sex', k) >= 0.005 THEN pg_temp.pick('death sex', k, '{male,female}', '{0.72}') END AS sex,
		CASE WHEN pg_temp.uniform('death, no age', k) >= 0.01
			THEN (20 + floor(15 * (pg_temp.uniform('death age 1', k) + pg_temp.uniform('death age 2', k) + pg_temp.uniform('death age 3', k))))::integer
				/ 5 * 5 END AS age,
		NULL AS administration_id
	FROM stretch, share, LATERAL generate_series(stretch.upto - deaths + 1, stretch.upto) AS k
	UNION ALL
	SELECT 100000 + substr(a.administration_id, 11)::bigint, (coalesce(e.occurred_at, a.occurred_at) AT TIME ZONE 'Europe/London')::date,
		a.incident_division_code, a.sex, split_part(a.age_band, '-', 1)::integer, a.administration_id
	FROM administration_record a
	LEFT JOIN (SELECT administration_id, min(occurred_at) AS occurred_at FROM referral_event_record WHERE stage = 'died' GROUP BY 1) e
		USING (administration_id)
	WHERE a.survival = 'died' OR e.administration_id IS NOT NULL
)
INSERT INTO drug_death_record (death_id, division_code, residence_division_code, died_on, status, status_on, sex, age_band, substances,
	administration_id, reviewed_on, reported_to_chief_officers_on, recorded_at)
SELECT 'synthetic-death-' || lpad(k::text, 6, '0'), division_code,
	CASE WHEN pg_temp.uniform('residence', k) < 0.92 THEN division_code
		WHEN pg_temp.uniform('residence known', k) < 0.75 THEN pg_temp.pick('residence division', k, divisions, upto::float8[]) END,
	died_on,
	CASE WHEN status_on < before::date THEN later_status ELSE 'suspected' END,
	CASE WHEN status_on < before::date THEN status_on END,
	sex, age || '-' || age + 4,
	CASE WHEN pg_temp.uniform('death, no substances', k) >= 0.10 THEN nullif(array_remove(ARRAY[
		CASE WHEN pg_temp.uniform('death heroin', k) < 0.45 THEN 'heroin' END,
		CASE WHEN pg_temp.uniform('death benzodiazepines', k) < 0.60 THEN 'benzodiazepines' END,
		CASE WHEN pg_temp.uniform('death cocaine', k) < 0.38 THEN 'cocaine' END,
		CASE WHEN pg_temp.uniform('death methadone', k) < 0.40 THEN 'methadone' END,
		CASE WHEN pg_temp.uniform('death pregabalin', k) < 0.33 THEN 'pregabalin' END,
		CASE WHEN pg_temp.uniform('death nitazenes', k) < CASE WHEN died_on < date '2023-03-01' THEN 0 ELSE 0.08 END THEN 'nitazenes' END],
		NULL), '{}') END,
	administration_id,
	CASE WHEN pg_temp.uniform('death reviewed', k) < 0.84 AND reviewed_on < before::date THEN reviewed_on END,
	CASE WHEN pg_temp.uniform('death reported', k) < 0.93 AND reported_on < before::date THEN reported_on END,
	death_recorded_at
FROM died, share, known,
	LATERAL (SELECT
		(died_on + time '12:00') AT TIME ZONE 'Europe/London' + pg_temp.wait('death recorded', k, 1.5) AS death_recorded_at,
		died_on + (40 + extract(epoch FROM pg_temp.wait('death status', k, 70)) / 86400)::integer AS status_on,
		pg_temp.pick('death status', k, '{confirmed,excluded,suspected}', '{0.93,0.98}') AS later_status,
		died_on + (14 + extract(epoch FROM pg_temp.wait('death review', k, 75)) / 86400)::integer AS reviewed_on,
		died_on + (1 + extract(epoch FROM pg_temp.wait('death report', k, 12)) / 86400)::integer AS reported_on) f
WHERE death_recorded_at < before
ORDER BY k;
ANALYZE drug_death_record;
