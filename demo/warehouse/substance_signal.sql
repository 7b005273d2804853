-- What seizures, toxicology, pathology, drug checking and intelligence name: SYNTHETIC. How the substances come and go is invented
-- after what RADAR reports: street benzodiazepines change, nitazenes come from 2023.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT 'substance_signal', division_code, date '2022-04-01', reference_recorded_at FROM place, known ORDER BY division_code;

WITH signal AS MATERIALIZED (
	SELECT k, date '2022-04-01' + floor(pg_temp.uniform('observed', k) * 1371)::integer AS observed_on,
		pg_temp.pick('signal kind', k, '{seizure,toxicology,pathology,drug_check,intelligence}', '{0.45,0.73,0.83,0.94}') AS kind
	FROM generate_series(1, 3600) AS k
)
INSERT INTO substance_signal_record (signal_id, division_code, observed_on, kind, basis, substances, quantity, recorded_at)
SELECT 'synthetic-signal-' || lpad(k::text, 4, '0'),
	CASE WHEN pg_temp.uniform('signal, no division', k) >= 0.03 THEN pg_temp.pick('signal division', k, divisions, upto) END,
	observed_on, kind, basis,
	CASE
		WHEN pg_temp.uniform('signal, no substances', k) < 0.03 THEN NULL
		WHEN basis = 'tested' AND pg_temp.uniform('nothing found', k) < 0.03 THEN '{}'
		ELSE nullif(array_remove(ARRAY[
			CASE WHEN pg_temp.uniform('signal heroin', k) < 0.38
				THEN CASE WHEN pg_temp.uniform('capital', k) < 0.15 THEN 'Heroin ' ELSE 'heroin' END END,
			CASE WHEN pg_temp.uniform('signal cocaine', k) < 0.36 THEN 'cocaine' END,
			CASE WHEN pg_temp.uniform('signal etizolam', k) < 0.30 - 0.26 * since THEN 'etizolam' END,
			CASE WHEN pg_temp.uniform('signal bromazolam', k) < 0.05 + 0.30 * since THEN 'bromazolam' END,
			CASE WHEN pg_temp.uniform('signal pregabalin', k) < 0.20 THEN 'pregabalin' END,
			CASE WHEN pg_temp.uniform('signal methadone', k) < CASE WHEN kind IN ('toxicology', 'pathology') THEN 0.35 ELSE 0.03 END
				THEN 'methadone' END,
			CASE WHEN observed_on >= date '2023-05-01' AND pg_temp.uniform('signal nitazene', k) < 0.10
				THEN pg_temp.pick('which nitazene', k, '{metonitazene,protonitazene,n-desethyl isotonitazene,nitazenes}', '{0.45,0.70,0.85}') END,
			CASE WHEN observed_on >= date '2024-02-01' AND pg_temp.uniform('signal xylazine', k) < 0.03 THEN 'xylazine' END], NULL), '{}')
	END,
	CASE WHEN kind = 'seizure' THEN floor(1 + 400 * pg_temp.uniform('tablets', k) * pg_temp.uniform('wraps', k)) || ' tablets or wraps' END,
	signal_recorded_at
FROM signal, crime_share, known,
	LATERAL (SELECT
		CASE WHEN kind IN ('toxicology', 'pathology', 'drug_check') OR kind = 'seizure' AND pg_temp.uniform('tested', k) < 0.45
			THEN 'tested' ELSE 'suspected' END AS basis,
		(observed_on - date '2022-04-01') / 1371.0::float8 AS since,
		(observed_on + time '15:00') AT TIME ZONE 'Europe/London'
			+ pg_temp.wait('signal recorded', k, CASE WHEN kind IN ('toxicology', 'pathology') THEN 25 ELSE 2 END) AS signal_recorded_at) f
WHERE signal_recorded_at < before
ORDER BY k;
ANALYZE substance_signal_record;
