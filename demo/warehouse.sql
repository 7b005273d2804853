-- The demonstration warehouse: SYNTHETIC records, invented by this script, for the 13 territorial divisions of Police
-- Scotland from 2021 to the end of 2025. No row is about a person, an officer or an event that exists, which is why every
-- key begins with 'synthetic-'. Real are only the names of the divisions, the rounded populations and the published totals,
-- each with its source beside it; the invented rows are made so that their totals come out near the published ones.
--
--     psql -d DATABASE -f demo/warehouse.sql              fills the deployment 'kpi'
--     psql -d DATABASE -v kpi=NAME -f demo/warehouse.sql  fills the deployment NAME
--
-- Run it once, on empty record tables; then refresh as of 2025-12-31, the last day of the data. Chance comes from a hash of
-- the seed, never from random(), and nothing asks what day it is: every run on every machine writes the same rows.

\set ON_ERROR_STOP on
\set seed 'naloxone_kpi demonstration 1'
\if :{?kpi}
\else
	\set kpi kpi
\endif

BEGIN;
SET LOCAL search_path = :"kpi", naloxone_kpi, public, pg_temp;
-- Days are days in Scotland, whatever the session's zone.
SET LOCAL TimeZone = 'Europe/London';
-- Compiling these statements takes far longer than running them.
SET LOCAL jit = off;

-- What is used only while loading.

-- A number between 0 and 1, ends excluded, for the k-th thing in one respect: 52 bits of md5, so the same on any machine.
CREATE FUNCTION pg_temp.uniform(respect text, k bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE
	RETURN (('x' || substr(md5(:'seed' || '/' || respect || '/' || k::text), 1, 13))::bit(52)::bigint + 0.5::float8)
		/ 4503599627370496::float8;

-- One of the choices; upto holds the cumulative share at which each ends. A share beyond the last choice is not recorded.
CREATE FUNCTION pg_temp.pick(respect text, k bigint, choices text[], upto float8[]) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN choices[1 + width_bucket(pg_temp.uniform(respect, k), upto)];

-- Yes, no, or not recorded.
CREATE FUNCTION pg_temp.yes_no(respect text, k bigint, yes float8, not_recorded float8) RETURNS boolean IMMUTABLE PARALLEL SAFE
	RETURN ('{yes,no}'::boolean[])[1 + width_bucket(pg_temp.uniform(respect, k), ARRAY[yes, 1 - not_recorded])];

-- A waiting time in whole seconds, exponential with a mean in days.
CREATE FUNCTION pg_temp.wait(respect text, k bigint, mean_days float8) RETURNS interval IMMUTABLE PARALLEL SAFE
	RETURN make_interval(secs => floor(-86400 * mean_days * ln(pg_temp.uniform(respect, k))));

-- A time in whole seconds, even between two numbers of seconds.
CREATE FUNCTION pg_temp.seconds(respect text, k bigint, shortest float8, longest float8) RETURNS interval IMMUTABLE PARALLEL SAFE
	RETURN make_interval(secs => floor(shortest + (longest - shortest) * pg_temp.uniform(respect, k)));

-- People: Scotland's Census 2022, rounded, summed from the councils of each division.
-- carriage_from: pilots in parts of Glasgow, Dundee (D) and Falkirk (C) from March 2021, then Caithness (N) and Stirling
-- (C, covered already), everywhere else from August 2022 to March 2023; the days outside the first pilots are invented.
-- The two weights (of administrations, of possession crimes) and the ambulance's minutes are invented.
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT * FROM (VALUES
	('A', 'North East',                     'North', 582000, date '2022-12-01',  5,  95,  9.5::float8, 20::float8),
	('C', 'Forth Valley',                   'East',  302900, date '2021-03-01',  6,  55,  7.5, 16),
	('D', 'Tayside',                        'North', 413900, date '2021-03-01', 12,  80,  7.2, 16),
	('E', 'Edinburgh',                      'East',  512700, date '2022-08-01', 10, 105,  7.0, 14),
	('G', 'Greater Glasgow',                'West',  826400, date '2021-03-01', 30, 230,  6.6, 14),
	('J', 'Lothians and Scottish Borders',  'East',  507000, date '2023-01-01',  4,  65,  8.5, 18),
	('K', 'Renfrewshire and Inverclyde',    'West',  262400, date '2022-10-01',  8,  60,  7.2, 15),
	('L', 'Argyll and West Dunbartonshire', 'West',  174400, date '2022-11-01',  3,  30,  9.5, 22),
	('N', 'Highlands and Islands',          'North', 306600, date '2021-07-01',  2,  45, 11.0, 24),
	('P', 'Fife',                           'East',  371800, date '2023-02-01',  5,  65,  7.8, 16),
	('Q', 'Lanarkshire',                    'West',  668200, date '2022-09-01', 10, 110,  7.2, 15),
	('U', 'Ayrshire',                       'West',  365400, date '2022-10-01',  5,  60,  7.8, 16),
	('V', 'Dumfries and Galloway',          'West',  145900, date '2023-03-01',  2,  25, 10.5, 24)
) AS place(division_code, division_name, region, people, carriage_from, administration_weight, crime_weight,
	median_mins, longest_mins);

-- For width_bucket: the divisions in order, and where each one's share of possession crimes ends.
CREATE TEMP TABLE crime_share ON COMMIT DROP AS
SELECT array_agg(division_code ORDER BY division_code) AS divisions,
	array_agg(upto ORDER BY division_code) AS upto
FROM (SELECT division_code, sum(crime_weight) OVER (ORDER BY division_code) / (sum(crime_weight) OVER ())::float8 AS upto
	  FROM place) s;

-- Records that reached the force by the end of the last day are there, later ones not yet.
CREATE TEMP TABLE known ON COMMIT DROP AS
SELECT timestamptz '2026-01-01 00:00+00' AS before, timestamptz '2025-12-31 12:00+00' AS reference_recorded_at;

-- Where and when.

INSERT INTO division_record (division_code, division_name, division_type, region, valid_from, recorded_at)
SELECT division_code, division_name, 'territorial', region, date '2013-04-01', reference_recorded_at
FROM place, known
ORDER BY division_code;

-- One census figure for every year: no growth is invented.
INSERT INTO population_record (area_type, area_code, year, people, recorded_at)
SELECT 'division', division_code, year, people, reference_recorded_at
FROM place, known, generate_series(2021, 2025) AS year
ORDER BY division_code, year;

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT source, division_code, covered_from, reference_recorded_at
FROM place, known, LATERAL (VALUES
	('administration', carriage_from),
	('direct_measure', date '2021-04-01'),
	('recorded_crime', date '2021-04-01'),
	('referral_event', date '2023-01-01')
) AS coverage(source, covered_from)
ORDER BY source, division_code;

-- Published totals: real figures, real sources. Two series of warnings that differ; neither is corrected here.

INSERT INTO published_count_record (indicator, period_from, period_to, cumulative_since, value, source, recorded_at)
SELECT indicator, period_from, period_to, cumulative_since, value, source, reference_recorded_at
FROM known, (
	SELECT 'recorded_police_warnings' AS indicator, make_date(year, 4, 1) AS period_from, make_date(year + 1, 3, 31) AS period_to,
		NULL::date AS cumulative_since, value,
		'HMICS, Thematic inspection of the police response to drug harm reduction, December 2025, figure 3' AS source
	FROM (VALUES (2019, 1901), (2020, 1862), (2021, 2451), (2022, 5411), (2023, 5814), (2024, 5738)) AS hmics(year, value)
	UNION ALL
	SELECT 'drug_possession_warnings', make_date(year, 4, 1), make_date(year + 1, 3, 31), NULL, value, source
	FROM (VALUES
		(2020, 6444, 'Scottish Parliament answer S6W-23447 (Criminal Proceedings in Scotland)'),
		(2021, 5558, 'Scottish Parliament answer S6W-23447 (Criminal Proceedings in Scotland)'),
		(2022, 6610, 'Criminal Proceedings in Scotland 2022-23 (section 11)'),
		(2023, 6805, 'Criminal Proceedings in Scotland 2023-24 (section 11)')) AS proceedings(year, value, source)
	UNION ALL
	SELECT 'drug_possession_crimes', make_date(year, 4, 1), make_date(year + 1, 3, 31), NULL, value,
		'Scottish Parliament answer S6W-23447'
	FROM (VALUES (2020, 30344), (2021, 23747), (2022, 22356)) AS crimes(year, value)
	UNION ALL
	SELECT 'administrations', date '2021-03-01', as_of, date '2021-03-01', value, source
	FROM (VALUES
		(date '2022-12-07',  91, 'Scottish Police Authority Policing Performance Committee 7 December 2022'),
		(date '2023-03-01', 128, 'Police Scotland Fife Division announcement 1 March 2023'),
		(date '2023-05-17', 201, 'Scottish Parliament answer S6O-02241 17 May 2023'),
		(date '2023-08-30', 325, 'Scottish Police Authority Policing Performance Committee 12 September 2023 (published as incidents)'),
		(date '2025-12-01', 900, 'HMICS thematic inspection December 2025 (published as more than 900)')) AS cumulative(as_of, value, source)
) AS published
ORDER BY indicator, period_to;

-- Administrations. Rows are numbered k in order of time. An incident carries the number of its first person.

WITH published_pace(first_day, next_day, administrations) AS (
	-- How many between one published total and the next: 91, 128, 201, 325, then a little over 900 by 1 December 2025.
	VALUES (date '2021-03-01', date '2022-12-08',  91),
	       (date '2022-12-08', date '2023-03-02',  37),
	       (date '2023-03-02', date '2023-05-18',  73),
	       (date '2023-05-18', date '2023-08-31', 124),
	       (date '2023-08-31', date '2025-12-02', 585),
	       (date '2025-12-02', date '2026-01-01',  21)
), drawn AS (
	-- Independent days within each stretch, so that counts vary from month to month as counts do; more in the evening.
	SELECT n, first_day + floor(pg_temp.uniform('day', n) * (next_day - first_day))::integer AS day,
		make_interval(
			hours => width_bucket(pg_temp.uniform('hour', n), '{0.045,0.08,0.105,0.125,0.14,0.152,0.165,0.183,0.208,0.243,0.285,
				0.333,0.385,0.44,0.498,0.558,0.62,0.683,0.745,0.805,0.863,0.916,0.961}'::float8[]),
			secs => floor(3600 * pg_temp.uniform('second', n))) AS time_of_day
	FROM (SELECT *, sum(administrations) OVER (ORDER BY first_day) AS upto FROM published_pace) p,
		LATERAL generate_series(upto - administrations + 1, upto) AS n
), numbered AS MATERIALIZED (
	SELECT row_number() OVER (ORDER BY day, time_of_day, n) AS k, day, time_of_day FROM drawn
), linked AS MATERIALIZED (
	-- Now and then a second person in the incident before; and about one in eight has been given naloxone before: every eighth
	-- row can be the first time of someone who comes back.
	SELECT k, day, time_of_day,
		CASE WHEN second_person THEN k - 1 ELSE k END AS incident,
		CASE WHEN NOT second_person AND k % 8 <> 0 AND earlier >= 8 AND pg_temp.uniform('repeat', k) < 0.15 THEN earlier END AS earlier
	FROM (SELECT *, k % 116 = 58 AS second_person,
			8 * floor((k - 3 - floor(240 * pg_temp.uniform('gap', k) * pg_temp.uniform('gap', k))) / 8)::bigint AS earlier
		  FROM numbered) n
), located AS MATERIALIZED (
	-- A division that carries naloxone by that day.
	SELECT l.k, w.division_code
	FROM linked l, LATERAL (
		SELECT division_code
		FROM (SELECT division_code, sum(administration_weight) OVER (ORDER BY division_code) AS upto,
				sum(administration_weight) OVER () AS total
			  FROM place
			  WHERE carriage_from <= l.day) c
		WHERE upto > total * pg_temp.uniform('division', l.k)
		ORDER BY upto
		LIMIT 1) w
), incident AS MATERIALIZED (
	-- Who comes back does so in the same division.
	SELECT i.k AS incident, i.day, place.*,
		(i.day + i.time_of_day) AT TIME ZONE 'Europe/London' AS occurred_at,
		array_position(divisions, place.division_code) AS division_number,
		pg_temp.pick('setting', i.k, '{patrol,custody,warrant,suicide_attempt,public_order,other}', '{0.78,0.84,0.89,0.93,0.94,0.97}')
			AS setting,
		pg_temp.pick('call source', i.k, '{public,police_on_scene,other}', '{0.55,0.93,0.98}') AS call_source,
		CASE WHEN i.k IN (333, 666) THEN 'impossible arrival'
			ELSE pg_temp.pick('ambulance', i.k, '{stood down,person left,not attended,not known,minutes only,arrived}',
				'{0.02,0.04,0.06,0.09,0.19}') END AS ambulance,
		pg_temp.pick('category', i.k, '{Purple,Red,Amber,Yellow}', '{0.45,0.75,0.94,0.97}') AS category_first
	FROM linked i
	JOIN located ON located.k = coalesce(i.earlier, i.k)
	JOIN place USING (division_code), crime_share
	WHERE i.incident = i.k
), called AS MATERIALIZED (
	SELECT *,
		-- The caller rang before the police came; where the police rang, they had met the person.
		CASE WHEN call_source = 'police_on_scene' THEN occurred_at + pg_temp.seconds('call', incident, 20, 180)
			ELSE occurred_at - pg_temp.seconds('call', incident, 60, 480) END AS called_at,
		pg_temp.seconds('acuity', incident, 30, 150) AS acuity_after,
		CASE pg_temp.pick('recategorised', incident, '{downgraded,upgraded,unchanged}',
				CASE WHEN call_source = 'police_on_scene' THEN '{0.16,0.18,0.98}' ELSE '{0.08,0.10,0.98}' END::float8[])
			WHEN 'unchanged' THEN category_first
			WHEN 'downgraded' THEN ('{Red,Amber,Yellow,Yellow}'::text[])[array_position('{Purple,Red,Amber,Yellow}', category_first)]
			WHEN 'upgraded' THEN ('{Purple,Purple,Red,Amber}'::text[])[array_position('{Purple,Red,Amber,Yellow}', category_first)]
		END AS category_last
	FROM incident
), answered AS MATERIALIZED (
	-- Seconds from clock to arrival: log-logistic, cut off below 2 minutes and above the division's longest.
	SELECT *, called_at + acuity_after AS clock_started_at,
		make_interval(secs => floor(60 * middle * exp(ln(p / (1 - p)) / 3.2))) AS response
	FROM (SELECT *, shortest_p + (longest_p - shortest_p) * pg_temp.uniform('response', incident) AS p
		  FROM (SELECT *, 1 / (1 + exp(3.2 * ln(middle / 2))) AS shortest_p,
				1 / (1 + exp(3.2 * ln(middle / longest_mins))) AS longest_p
			  FROM (SELECT *, median_mins
						* CASE coalesce(category_last, category_first) WHEN 'Purple' THEN 0.9 WHEN 'Amber' THEN 1.3 WHEN 'Yellow' THEN 1.6
							ELSE 1 END
						* CASE call_source WHEN 'police_on_scene' THEN 1.08 ELSE 1 END AS middle
				  FROM called) m) c) r
), person AS MATERIALIZED (
	-- What belongs to one person of the incident.
	SELECT k, linked.incident, (k - linked.incident + 1)::smallint AS person_in_incident, day AS met_on,
		coalesce(earlier, k) AS person,
		earlier IS NOT NULL OR k % 8 = 0 OR pg_temp.uniform('key', k) >= 0.27 AS has_key,
		-- Who comes back has lived.
		CASE WHEN earlier IS NULL AND k % 8 <> 0 AND pg_temp.uniform('died', k) < 0.053 THEN 'died'
			ELSE pg_temp.pick('survival', k, '{not_known,survived}', '{0.05,0.98}') END AS survival,
		pg_temp.pick('condition', k, '{unconscious,not_breathing,conscious}', '{0.52,0.80,0.97}') AS condition,
		(1 + width_bucket(pg_temp.uniform('doses', k), '{0.55,0.85,0.93,0.97,0.98,0.988,0.994}'::float8[]))::integer AS num_doses
	FROM linked
), officer AS MATERIALIZED (
	-- 12,506 officers carry, the same number in each division; a few act across a border once all divisions carry.
	SELECT k, 1 + 13 * floor(962 * pg_temp.uniform('officer', k))::integer + home - 1 AS officer_number,
		divisions[home] AS officer_division_code
	FROM (SELECT k, CASE WHEN met_on >= date '2023-04-01' AND pg_temp.uniform('border', k) < 0.04
				THEN 1 + floor(13 * pg_temp.uniform('home', k))::integer ELSE division_number END AS home
		  FROM person JOIN incident USING (incident)) h, crime_share
)
INSERT INTO administration_record (administration_id, incident_id, person_in_incident, forms, incident_division_code,
	officer_division_code, occurred_at, police_arrived_at, naloxone_first_at, setting, officer_key, officer_role, person_key, sex,
	age_band, substances, doses, condition_on_arrival, believed_dead_on_arrival, paraphernalia_present, first_aid, outcome, survival,
	survival_as_at, person_left_at, refused_care, relapsed_before_ambulance, call_source, police_first_on_scene,
	ambulance_called_at, ambulance_category_first, ambulance_category_last, ambulance_clock_started_at, clock, ambulance_attended,
	ambulance_arrived_at, ambulance_stood_down_at, ambulance_response_mins, seen_by_paramedics, further_care_given,
	handover_given, taken_to_hospital, kits_needed, officer_injured, complaint, recorded_at)
SELECT 'synthetic-' || lpad(k::text, 6, '0'),
	'synthetic-incident-' || lpad(incident::text, 6, '0'),
	person_in_incident,
	CASE WHEN pg_temp.uniform('forms', k) < 0.03 THEN 2 ELSE 1 END,
	CASE WHEN pg_temp.uniform('no division', incident) >= 0.03 THEN division_code END,
	officer_division_code,
	occurred_at,
	CASE WHEN pg_temp.uniform('no police arrival', k) >= 0.10 THEN occurred_at - pg_temp.seconds('police arrival', incident, 0, 180) END,
	CASE WHEN pg_temp.uniform('no first time', k) >= 0.12 THEN occurred_at + pg_temp.seconds('first time', k, 30, 300) END,
	setting,
	'synthetic-officer-' || lpad(officer_number::text, 5, '0'),
	CASE setting WHEN 'custody' THEN 'custody'
		ELSE pg_temp.pick('role', k, '{response,community,roads,other}', '{0.74,0.90,0.94,0.98}') END,
	CASE WHEN has_key THEN 'synthetic-person-' || lpad(person::text, 4, '0') END,
	CASE WHEN pg_temp.uniform('no sex', k) >= 0.02 THEN pg_temp.pick('sex', person, '{male,female}', '{0.69}') END,
	CASE WHEN pg_temp.uniform('no age', k) >= CASE WHEN has_key THEN 0.02 ELSE 0.15 END THEN age / 5 * 5 || '-' || age / 5 * 5 + 4 END,
	CASE WHEN pg_temp.uniform('no substances', k) >= 0.12 THEN nullif(array_remove(ARRAY[
		CASE WHEN pg_temp.uniform('heroin', k) < 0.72 THEN 'heroin' END,
		CASE WHEN pg_temp.uniform('benzodiazepines', k) < 0.46 THEN 'benzodiazepines' END,
		CASE WHEN pg_temp.uniform('cocaine', k) < 0.24 THEN 'cocaine' END,
		CASE WHEN pg_temp.uniform('methadone', k) < 0.15 THEN 'methadone' END,
		CASE WHEN pg_temp.uniform('pregabalin', k) < 0.12 THEN 'pregabalin' END,
		CASE WHEN pg_temp.uniform('alcohol', k) < 0.22 THEN 'alcohol' END,
		CASE WHEN pg_temp.uniform('nitazenes', k) < CASE WHEN met_on < date '2023-06-01' THEN 0 ELSE 0.07 END THEN 'nitazenes' END],
		NULL), '{}') END,
	CASE pg_temp.pick('kind of dose', k, '{not recorded,unknown,two kinds,intranasal}', '{0.01,0.03,0.06}')
		WHEN 'unknown' THEN ARRAY[num_doses || ' x unknown']
		WHEN 'two kinds' THEN ARRAY[num_doses || ' x 1800 mcg intranasal', '1 x 400 mcg intramuscular']
		WHEN 'intranasal' THEN ARRAY[num_doses || ' x 1800 mcg intranasal']
	END::naloxone_dose[],
	condition,
	CASE WHEN survival = 'died' THEN pg_temp.yes_no('believed dead', k, 0.30, 0.05) ELSE pg_temp.yes_no('believed dead', k, 0, 0.05) END,
	pg_temp.yes_no('paraphernalia', k, 0.45, 0.10),
	CASE WHEN pg_temp.uniform('no first aid', k) >= 0.05 THEN techniques END::first_aid,
	CASE survival WHEN 'died' THEN pg_temp.pick('outcome', k, '{non_responsive,unconscious}', '{0.85}')
		ELSE pg_temp.pick('outcome', k, '{conscious_responsive,unconscious,non_responsive}', '{0.82,0.94,0.97}') END,
	survival,
	CASE WHEN survival IN ('survived', 'died') THEN pg_temp.pick('as at', k, '{handover,24_hours,30_days}', '{0.82,0.95}') END,
	CASE WHEN ambulance = 'person left' THEN date_trunc('second', greatest(occurred_at, clock_started_at) + response * 0.7) END,
	CASE WHEN ambulance = 'person left' THEN true WHEN survival <> 'died' THEN pg_temp.yes_no('refused', k, 0.07, 0.06) END,
	pg_temp.yes_no('relapsed', k, 0.04, 0.08),
	call_source,
	CASE
		WHEN call_source = 'police_on_scene' THEN true
		WHEN pg_temp.uniform('no police first', incident) < 0.06 THEN NULL
		WHEN ambulance = 'arrived' THEN occurred_at <= clock_started_at + response
		ELSE pg_temp.yes_no('police first', incident, 0.80, 0.06)
	END,
	called_at,
	category_first,
	category_last,
	CASE WHEN ambulance NOT IN ('minutes only', 'not attended', 'not known') THEN clock_started_at END,
	CASE WHEN ambulance <> 'not known' THEN 'acuity_assigned' END,
	attended,
	CASE ambulance WHEN 'arrived' THEN clock_started_at + response WHEN 'impossible arrival' THEN called_at - interval '5 minutes' END,
	CASE WHEN ambulance = 'stood down' THEN date_trunc('second', clock_started_at + response * 0.6) END,
	CASE WHEN ambulance = 'minutes only' THEN round(extract(epoch FROM response) / 60) END,
	CASE WHEN attended THEN pg_temp.yes_no('paramedics', k, 0.95, 0.02) WHEN NOT attended THEN false END,
	CASE WHEN attended THEN pg_temp.yes_no('further care', k, 0.60, 0.12) WHEN NOT attended THEN false END,
	CASE WHEN attended THEN pg_temp.yes_no('handover', k, 0.88, 0.07) WHEN NOT attended THEN false END,
	CASE WHEN attended AND survival IS DISTINCT FROM 'died' THEN pg_temp.yes_no('hospital', k, 0.62, 0.05)
		WHEN NOT attended THEN false END,
	CASE WHEN pg_temp.uniform('no kits', k) >= 0.05
		THEN CASE WHEN pg_temp.uniform('kits', k) < 0.18 THEN 0 ELSE (num_doses + 1) / 2 END END,
	pg_temp.yes_no('injured', k, 0.006, 0.03),
	pg_temp.yes_no('complaint', k, 0.003, 0.03),
	recorded_at
FROM person
JOIN answered USING (incident)
JOIN officer USING (k)
CROSS JOIN known
CROSS JOIN LATERAL (SELECT
	CASE WHEN ambulance IN ('arrived', 'minutes only', 'impossible arrival') THEN true WHEN ambulance <> 'not known' THEN false END
		AS attended,
	18 + floor(17 * (pg_temp.uniform('age 1', person) + pg_temp.uniform('age 2', person) + pg_temp.uniform('age 3', person)))::integer
		+ extract(year FROM met_on)::integer - 2023 AS age,
	occurred_at + CASE WHEN pg_temp.uniform('late', k) < 0.06 THEN pg_temp.seconds('recorded', k, 3 * 86400, 12 * 86400)
		ELSE pg_temp.seconds('recorded', k, 3600, 60 * 3600) END AS recorded_at) f
CROSS JOIN LATERAL (
	SELECT '{' || coalesce(string_agg(technique || ': ' || CASE WHEN done THEN 'yes' ELSE 'no' END, ', ' ORDER BY position), '') || '}'
		AS techniques
	FROM (SELECT position, technique, pg_temp.yes_no(technique, k,
				CASE WHEN condition = 'not_breathing' THEN if_not_breathing ELSE otherwise END, 0.08) AS done
		  FROM (VALUES
			(1, 'woken_verbally', 0.70, 0.75),
			(2, 'head_tilted', 0.70, 0.45),
			(3, 'breathing_checked', 0.85, 0.80),
			(4, 'recovery_position', 0.40, 0.70),
			(5, 'chest_compressions', 0.60, 0.03),
			(6, 'rescue_breaths', 0.22, 0.02),
			(7, 'airway_cleared', 0.45, 0.28),
			(8, 'pulse_checked', 0.60, 0.45)) AS t(position, technique, if_not_breathing, otherwise)) d
	WHERE done IS NOT NULL) t
WHERE recorded_at < before
ORDER BY k;

-- Ways into support, from 2023, of people with a key who lived. Each step needs the one before.

WITH started AS MATERIALIZED (
	SELECT administration_id, person_key, occurred_at, substr(administration_id, 11)::bigint AS k,
		count(*) OVER (PARTITION BY person_key) = 1 AS only_time,
		'synthetic-service-' || officer_division_code AS service
	FROM administration_record
	WHERE person_key IS NOT NULL AND survival IS DISTINCT FROM 'died' AND occurred_at >= timestamptz '2023-01-01 00:00+00'
), reached AS MATERIALIZED (
	SELECT *,
		pg_temp.uniform('reviewed', k) < 0.85 AS reviewed,
		pg_temp.pick('answer', k, '{consented,declined}', '{0.53,0.80}') AS answer,
		-- Without consent: to save life, or for an adult at risk.
		pg_temp.pick('other basis', k, '{vital_interests,adult_protection}', '{0.05,0.08}') AS other_basis,
		pg_temp.uniform('referred', k) < 0.92 AS referred,
		pg_temp.uniform('contacted', k) < 0.78 AS contacted,
		pg_temp.uniform('assessed', k) < 0.76 AS assessed,
		pg_temp.uniform('engaged', k) < 0.72 AS engaged,
		pg_temp.uniform('retained', k) < 0.55 AS retained,
		pg_temp.pick('route', k,
			'{harm_reduction_lead,concern_report,overdose_coordinator,ambulance_service,arrest_referral,blood_borne_virus,other}',
			'{0.32,0.54,0.74,0.89,0.94,0.97}') AS route,
		-- What ended it, where that is known, for people who are not met again.
		CASE WHEN only_time THEN pg_temp.pick('end', k, '{died,moved_away}', '{0.02,0.04}') END AS ending,
		occurred_at + pg_temp.wait('end wait', k, 120) AS ended_at,
		occurred_at + pg_temp.wait('review wait', k, 1.4) AS reviewed_at
	FROM started
), asked AS MATERIALIZED (
	SELECT *, reviewed_at + pg_temp.wait('offer wait', k, 2.5) AS offered_at,
		CASE WHEN answer = 'consented' THEN 'consent' ELSE other_basis END AS basis
	FROM reached
	WHERE reviewed
), answered AS MATERIALIZED (
	SELECT *, offered_at + pg_temp.wait('answer wait', k, 1.5) AS answered_at FROM asked
), sent AS MATERIALIZED (
	SELECT *, answered_at + pg_temp.wait('referral wait', k, 1.5) AS referred_at FROM answered
), met AS MATERIALIZED (
	-- Most hear within days; some not for months.
	SELECT *, referred_at + pg_temp.wait('contact wait', k, CASE WHEN pg_temp.uniform('slow', k) < 0.12 THEN 75 ELSE 6 END) AS contacted_at
	FROM sent
), seen AS MATERIALIZED (
	SELECT *, contacted_at + pg_temp.wait('assessment wait', k, 11) AS assessed_at FROM met
), joined AS MATERIALIZED (
	SELECT *, assessed_at + pg_temp.wait('engagement wait', k, 9) AS engaged_at FROM seen
)
INSERT INTO referral_event_record (person_key, administration_id, origin, route, stage, basis, occurred_at, service, recorded_at)
SELECT person_key, administration_id, 'overdose',
	CASE WHEN position BETWEEN 7 AND 12 THEN route END,
	stage, step_basis, at,
	CASE WHEN position = 3 OR position BETWEEN 7 AND 12 THEN service END,
	step_recorded_at
FROM joined, known,
	LATERAL (VALUES
		(1, 'reviewed', true, NULL, reviewed_at),
		(2, 'known_to_service', pg_temp.uniform('known', k) < 0.28, NULL, reviewed_at + pg_temp.seconds('known wait', k, 600, 14400)),
		(3, 'service_notified', pg_temp.uniform('notified', k) < 0.66, coalesce(other_basis, 'vital_interests'),
			reviewed_at + pg_temp.wait('notice wait', k, 0.7)),
		(4, 'offered', answer IS NOT NULL OR pg_temp.uniform('offered', k) < 0.50, NULL, offered_at),
		(5, 'consented', answer = 'consented', 'consent', answered_at),
		(6, 'declined', answer = 'declined' AND other_basis IS NULL, NULL, answered_at),
		(7, 'referred', basis IS NOT NULL AND referred, basis, referred_at),
		-- A few are contacted with no basis on record.
		(8, 'contacted', basis IS NOT NULL AND referred AND contacted,
			CASE WHEN pg_temp.uniform('no basis', k) < 0.05 THEN 'not_recorded' ELSE basis END, contacted_at),
		(9, 'assessed', basis IS NOT NULL AND referred AND contacted AND assessed, basis, assessed_at),
		(10, 'engaged', basis IS NOT NULL AND referred AND contacted AND assessed AND engaged, basis, engaged_at),
		(11, 'retained_12_weeks', basis IS NOT NULL AND referred AND contacted AND assessed AND engaged AND retained, basis,
			engaged_at + interval '84 days'),
		(12, 'disengaged', basis IS NOT NULL AND referred AND contacted AND assessed AND engaged AND NOT retained, NULL,
			engaged_at + pg_temp.wait('disengaged', k, 30)),
		(13, ending, ending IS NOT NULL, NULL, ended_at)
	) AS step(position, stage, happened, step_basis, at),
	LATERAL (SELECT at + pg_temp.wait('recorded ' || position, k, 1) AS step_recorded_at) r
WHERE happened AND (ending IS NULL OR position = 13 OR at < ended_at) AND step_recorded_at < before
ORDER BY k, position;

-- Disposals for drug possession: how many of each kind in each stretch. Invented, near the order of the published figures: more
-- warnings since Class A could be warned for (22 September 2021), fewer reports to the prosecutor.

WITH stretch AS (
	SELECT *, sum(disposals) OVER (ORDER BY kind, first_day) AS upto
	FROM (VALUES
		('recorded_police_warning', date '2021-04-01', date '2021-09-22',   850),
		('recorded_police_warning', date '2021-09-22', date '2022-04-01',  1600),
		('recorded_police_warning', date '2022-04-01', date '2023-04-01',  5400),
		('recorded_police_warning', date '2023-04-01', date '2024-04-01',  5800),
		('recorded_police_warning', date '2024-04-01', date '2025-04-01',  5750),
		('recorded_police_warning', date '2025-04-01', date '2026-01-01',  4300),
		('report_to_prosecutor',    date '2021-04-01', date '2022-04-01', 20000),
		('report_to_prosecutor',    date '2022-04-01', date '2023-04-01', 15900),
		('report_to_prosecutor',    date '2023-04-01', date '2024-04-01', 15300),
		('report_to_prosecutor',    date '2024-04-01', date '2025-04-01', 15000),
		('report_to_prosecutor',    date '2025-04-01', date '2026-01-01', 11200),
		('fixed_penalty_notice',    date '2021-04-01', date '2026-01-01',   600),
		('diversion_requested',     date '2021-04-01', date '2026-01-01',  3800)
	) AS stretches(kind, first_day, next_day, disposals)
), disposal AS MATERIALIZED (
	SELECT k, kind, first_day + floor(pg_temp.uniform('issued', k) * (next_day - first_day))::integer AS issued_on
	FROM stretch, LATERAL generate_series(upto - disposals + 1, upto) AS k
)
INSERT INTO direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class, refused, withdrawn_on,
	measure_person_key, recorded_at)
SELECT 'synthetic-measure-' || lpad(k::text, 6, '0'),
	CASE WHEN pg_temp.uniform('measure, no division', k) >= 0.01 THEN pg_temp.pick('measure division', k, divisions, upto) END,
	issued_on, 'drug_possession', kind,
	CASE
		WHEN kind = 'recorded_police_warning' AND issued_on < date '2021-09-22'
			THEN pg_temp.pick('class', k, '{B,C,unknown}', '{0.56,0.57}')
		WHEN kind = 'recorded_police_warning'
			THEN pg_temp.pick('class', k, '{B,A,C,multiple,unknown}', '{0.54,0.63,0.65,0.67}')
		ELSE pg_temp.pick('class', k, '{A,B,multiple,C,unknown}', '{0.38,0.76,0.81,0.86}')
	END,
	CASE kind WHEN 'recorded_police_warning' THEN pg_temp.yes_no('measure refused', k, 0.03, 0.02) END,
	withdrawn_on,
	-- Most people once or twice, the first four thousand again and again.
	CASE WHEN pg_temp.uniform('measure key', k) >= 0.08
		THEN 'synthetic-justice-' || lpad((1 + floor(pg_temp.uniform('measure person', k)
			* CASE WHEN pg_temp.uniform('measured often', k) < 0.12 THEN 4000 ELSE 90000 END))::text, 5, '0') END,
	measure_recorded_at
FROM disposal, crime_share, known,
	LATERAL (SELECT (issued_on + time '09:00') AT TIME ZONE 'Europe/London' + pg_temp.seconds('measure recorded', k, 0, 6 * 86400)
		AS measure_recorded_at) r,
	LATERAL (SELECT CASE WHEN pg_temp.uniform('withdrawn', k) < 0.012
		THEN issued_on + (3 + floor(40 * pg_temp.uniform('withdrawn after', k)))::integer END AS withdraw_on) w,
	-- A withdrawal still to come is not on record.
	LATERAL (SELECT CASE WHEN withdraw_on < before::date THEN withdraw_on END AS withdrawn_on) x
WHERE measure_recorded_at < before
ORDER BY k;

-- Crimes, a row a month, division and kind. Possession is near the published 23,747 (2021/22) and 22,356 (2022/23); what follows
-- them, and supply, is invented.

INSERT INTO recorded_crime_record (division_code, recorded_on, kind, crimes, recorded_at)
SELECT division_code, last_day, kind,
	round(a_year * (last_day - month + 1) / 365.25::float8 * crime_weight / (SELECT sum(crime_weight) FROM place)
		* (0.90 + 0.20 * pg_temp.uniform('crimes ' || kind || ' ' || division_code, (last_day - date '2021-01-01')::bigint))),
	(last_day + time '12:00') AT TIME ZONE 'Europe/London'
FROM place,
	LATERAL (SELECT (date '2021-04-01' + make_interval(months => m))::date AS month,
				(date '2021-04-01' + make_interval(months => m + 1))::date - 1 AS last_day
			 FROM generate_series(0, 56) AS m) months,
	(VALUES
		('possession', date '2021-04-01', date '2022-04-01', 23747::float8),
		('possession', date '2022-04-01', date '2023-04-01', 22356),
		('possession', date '2023-04-01', date '2024-04-01', 22100),
		('possession', date '2024-04-01', date '2025-04-01', 21900),
		('possession', date '2025-04-01', date '2026-04-01', 21800),
		('supply',     date '2021-04-01', date '2026-04-01',  4600)
	) AS pace(kind, first_day, next_day, a_year)
WHERE month >= first_day AND month < next_day
ORDER BY last_day, division_code, kind;

\ir warehouse/ambulance_activation.sql
\ir warehouse/council_area.sql
\ir warehouse/overdose_incident.sql
\ir warehouse/officer.sql
\ir warehouse/kit_movement.sql
\ir warehouse/programme_funding.sql
\ir warehouse/information_share.sql
\ir warehouse/population.sql
\ir warehouse/drug_death.sql
\ir warehouse/substance_signal.sql
\ir warehouse/survey_response.sql
\ir warehouse/target.sql
\ir warehouse/form.sql

DROP FUNCTION pg_temp.seconds, pg_temp.wait, pg_temp.yes_no, pg_temp.pick, pg_temp.uniform;
COMMIT;

-- Names qualified anew: the search path went with the transaction.
ANALYZE :"kpi".division_record, :"kpi".population_record, :"kpi".source_coverage_record, :"kpi".published_count_record,
	:"kpi".administration_record, :"kpi".referral_event_record, :"kpi".direct_measure_record, :"kpi".recorded_crime_record,
	:"kpi".officer_carriage_record, :"kpi".officer_training_record, :"kpi".kit_movement_record, :"kpi".information_share_record;
