-- What the measurements of refresh() read: the same invented administrations as bench/data.sql made, as records of a deployment of 13
-- divisions over six years. Six in ten are of a known person, one incident in twenty has two people.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT naloxone_kpi.deploy('refresh_bench');

INSERT INTO refresh_bench.division_record (division_code, division_name, region, valid_from)
SELECT 'D' || d, 'Division ' || d, 'Region ' || d % 3, '2018-01-01' FROM generate_series(1, 13) AS d;
INSERT INTO refresh_bench.population_record (area_type, area_code, year, people)
SELECT 'division', 'D' || d, 2019, 400000 FROM generate_series(1, 13) AS d;
INSERT INTO refresh_bench.source_coverage_record (source, division_code, covered_from)
SELECT source, 'D' || d, '2019-01-01' FROM unnest(ARRAY['administration', 'referral_event']) AS source, generate_series(1, 13) AS d;

INSERT INTO refresh_bench.administration_record (administration_id, incident_id, person_in_incident, forms, incident_division_code,
	officer_division_code, occurred_at, naloxone_first_at, person_key, sex, age_band, substances, doses, condition_on_arrival, survival,
	survival_as_at, call_source, ambulance_category_first, clock, ambulance_attended, ambulance_clock_started_at, ambulance_arrived_at, recorded_at)
SELECT 'a' || k, 'i' || k - second::integer, 1 + second::integer, 1, 'D' || division, 'D' || division, occurred_at, occurred_at,
	CASE WHEN uniform(k, 21) < 0.6 THEN 'p' || person_id END,
	('{male,female}'::text[])[1 + floor(2 * uniform(k, 22))], ('{20-24,25-29,30-34,35-39,40-44}'::text[])[1 + floor(5 * uniform(k, 23))],
	ARRAY[('{heroin,cocaine,benzodiazepines}'::text[])[1 + floor(3 * uniform(k, 24))]],
	ARRAY[('{1 x 1800 mcg intranasal,2 x 1800 mcg intranasal,3 x 1800 mcg intranasal}'::naloxone_dose[])[least(doses, 3)]],
	'unconscious', ('{survived,died,not_known}'::text[])[1 + floor(3 * uniform(k, 25) * uniform(k, 26))], 'handover',
	('{police_on_scene,public}'::text[])[1 + floor(2 * uniform(k, 27))], ('{Purple,Red,Amber}'::text[])[1 + floor(3 * uniform(k, 28))],
	'acuity_assigned', response_s IS NOT NULL, occurred_at, occurred_at + response_s * interval '1 second', occurred_at + interval '1 day'
FROM (SELECT a.*, incident_id AS k, uniform(incident_id, 20) < 0.05 AND incident_id % 2 = 0 AS second FROM administration a) AS a;

INSERT INTO refresh_bench.referral_event_record (person_key, origin, route, stage, occurred_at)
SELECT 'p' || person_id, 'overdose', 'overdose_coordinator', ('{offered,referred,contacted,engaged}'::text[])[stage], at FROM referral;
VACUUM (ANALYZE) refresh_bench.administration_record;
VACUUM (ANALYZE) refresh_bench.referral_event_record;
