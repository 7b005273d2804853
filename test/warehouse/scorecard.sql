-- The scorecard on the demonstration's warehouse: every row against the KPI that it comes from, targets and directions by formulas written another
-- way, and of some periods every indicator against the records.
SET search_path = kpi_bi, naloxone_kpi, public;
BEGIN;
-- Of views over views the planner expects few rows, and would join them row by row.
SET LOCAL enable_nestloop = off;
SET LOCAL enable_mergejoin = off;
SELECT plan(15);

SELECT is(count(*), (SELECT count(*) FROM dim_period) * (SELECT count(*) FROM dim_area) * (SELECT count(DISTINCT (indicator_key, ambulance_category, clock)) FROM kpi_scorecard),
          'a row for every indicator, period and area') FROM kpi_scorecard;
SELECT cmp_ok(count(DISTINCT indicator_key), '>=', 16::bigint, 'with figures for many') FROM kpi_scorecard WHERE value IS NOT NULL;

-- Value, limits, numerator and denominator as the KPIs' own views have them.
CREATE TEMP TABLE expected AS
SELECT 'doses_by_division rate' AS indicator_key, 'NONE' AS ambulance_category, 'NONE' AS clock, period_key, area_key, territorial_administrations::float8 AS numerator, person_years AS denominator,
	administrations_per_100k AS value, administrations_per_100k_lower AS lower, administrations_per_100k_upper AS upper FROM kpi_doses_by_division_period
UNION ALL SELECT 'ambulance_response median', ambulance_category, clock, period_key, area_key, NULL, arrivals, median_mins, NULL, NULL
FROM kpi_ambulance_response_period WHERE call_source = 'ALL' AND (ambulance_category = 'ALL' OR median_target_mins IS NOT NULL)
UNION ALL SELECT 'ambulance_response percentile_95', ambulance_category, clock, period_key, area_key, NULL, arrivals, p95_mins, NULL, NULL
FROM kpi_ambulance_response_period WHERE call_source = 'ALL' AND (ambulance_category = 'ALL' OR median_target_mins IS NOT NULL)
UNION ALL SELECT 'ambulance_downgraded share', ambulance_category, clock, period_key, area_key, downgraded, category_known_at_both_ends, downgraded_share, downgraded_share_lower, downgraded_share_upper
FROM kpi_ambulance_response_period WHERE call_source = 'ALL' AND ambulance_category = 'ALL'
UNION ALL SELECT 'naloxone_to_ambulance_over_40_mins share', ambulance_category, clock, period_key, area_key, waiting_over_40_mins, naloxone_to_ambulance_known,
	waiting_over_40_mins_share, waiting_over_40_mins_share_lower, waiting_over_40_mins_share_upper FROM kpi_ambulance_response_period WHERE call_source = 'ALL' AND ambulance_category = 'ALL'
UNION ALL SELECT 'reviewed_within_72_hours share', 'NONE', 'NONE', period_key, area_key, reviewed_within_72_hours, episodes_followed,
	CASE WHEN episodes_followed > 0 THEN reviewed_within_72_hours / episodes_followed::float8 END, NULL, NULL FROM kpi_referral_conversion_period WHERE route = 'ALL'
UNION ALL SELECT 'service_notified_within_72_hours share', 'NONE', 'NONE', period_key, area_key, service_notified_within_72_hours, episodes_followed,
	CASE WHEN episodes_followed > 0 THEN service_notified_within_72_hours / episodes_followed::float8 END, NULL, NULL FROM kpi_referral_conversion_period WHERE route = 'ALL'
UNION ALL SELECT 'people_referred share', 'NONE', 'NONE', period_key, area_key, people_referred, people_followed, people_referred_share, people_referred_share_lower, people_referred_share_upper
FROM kpi_referral_conversion_period WHERE route = 'ALL'
UNION ALL SELECT 'people_contacted share', 'NONE', 'NONE', period_key, area_key, people_contacted, people_followed, people_contacted_share, people_contacted_share_lower, people_contacted_share_upper
FROM kpi_referral_conversion_period WHERE route = 'ALL'
UNION ALL SELECT 'people_engaged share', 'NONE', 'NONE', period_key, area_key, people_engaged, people_followed, people_engaged_share, people_engaged_share_lower, people_engaged_share_upper
FROM kpi_referral_conversion_period WHERE route = 'ALL'
UNION ALL SELECT 'recorded_police_warning share', 'NONE', 'NONE', period_key, area_key, warnings, disposals, warnings_share, warnings_share_lower, warnings_share_upper FROM kpi_recorded_police_warning_trend_period
UNION ALL SELECT 'drug_deaths rate', 'NONE', 'NONE', period_key, area_key, territorial_deaths, person_years, deaths_per_100k, deaths_per_100k_lower, deaths_per_100k_upper FROM kpi_drug_deaths_period
UNION ALL SELECT 'drug_deaths_reviewed share', 'NONE', 'NONE', period_key, area_key, over_six_months_old_reviewed, over_six_months_old, reviewed_share, reviewed_share_lower, reviewed_share_upper FROM kpi_drug_deaths_period
UNION ALL SELECT 'drug_deaths_reported share', 'NONE', 'NONE', period_key, area_key, over_six_months_old_reported, over_six_months_old, reported_share, reported_share_lower, reported_share_upper FROM kpi_drug_deaths_period
UNION ALL SELECT 'attitudes share', 'NONE', 'NONE', period_key, area_key, favourable, scored, favourable_share, favourable_share_lower, favourable_share_upper
FROM kpi_attitudes_period k
WHERE question = 'I am willing to give naloxone' AND respondent_group = 'ALL'
  AND wave = (SELECT min(w.wave) FILTER (WHERE w.wave = 'follow_up') FROM kpi_attitudes_period w
			  WHERE w.period_key = k.period_key AND w.area_key = k.area_key AND w.question = k.question HAVING bool_or(w.wave = 'follow_up')
			  UNION ALL SELECT min(w.wave) FROM kpi_attitudes_period w
			  WHERE w.period_key = k.period_key AND w.area_key = k.area_key AND w.question = k.question HAVING NOT bool_or(w.wave = 'follow_up'));
INSERT INTO expected
SELECT 'substance_signals_tested share', 'NONE', 'NONE', period_key, area_key, signals_tested, n, signals_tested / nullif(n, 0)::float8,
	(2 * signals_tested + z * z - z * sqrt(z * z + 4 * signals_tested * (1 - signals_tested / n::float8))) / (2 * (n + z * z)),
	(2 * signals_tested + z * z + z * sqrt(z * z + 4 * signals_tested * (1 - signals_tested / n::float8))) / (2 * (n + z * z))
FROM (SELECT *, nullif(signals_tested + signals_suspected, 0) AS n, 1.959963984540054::float8 AS z FROM kpi_substance_signals_period) s;
INSERT INTO expected
SELECT 'survived_after_naloxone share', 'NONE', 'NONE', period_key, area_key, survived, survived + died, survived_share, survived_share_lower, survived_share_upper FROM kpi_survived_after_naloxone_period
UNION ALL SELECT 'repeat_administrations share', 'NONE', 'NONE', period_key, area_key, NULL, people, repeated_within_90_days_share, repeated_within_90_days_share_lower, repeated_within_90_days_share_upper
FROM kpi_repeat_administrations_period
UNION ALL SELECT 'first_aid_use share', 'NONE', 'NONE', period_key, area_key, times_done, times_done + times_not_done, done_share, done_share_lower, done_share_upper
FROM kpi_first_aid_use_period WHERE technique = 'any_technique'
UNION ALL SELECT 'overdoses_attended share', 'NONE', 'NONE', period_key, area_key, naloxone_given, naloxone_given + naloxone_not_at_hand, available_share, available_share_lower, available_share_upper
FROM kpi_overdoses_attended_period WHERE why_not = 'ALL'
UNION ALL SELECT 'naloxone_supply share', 'NONE', 'NONE', period_key, area_key, unaccounted_in_store + unaccounted_in_hand, issued,
	CASE WHEN issued > 0 THEN (unaccounted_in_store + unaccounted_in_hand)::float8 / issued END, NULL, NULL FROM kpi_naloxone_supply_period
UNION ALL SELECT 'carriage_and_training share', 'NONE', 'NONE', period_key, area_key, carrying, eligible, carrying_share, carrying_share_lower, carrying_share_upper FROM kpi_carriage_and_training_period
UNION ALL SELECT 'programme_funding_status share', 'NONE', 'NONE', period_key, area_key, spent::float8, allocated::float8, spent::float8 / nullif(allocated::float8, 0), NULL, NULL
FROM kpi_programme_funding_status_period WHERE strand = 'ALL' AND funder = 'ALL'
UNION ALL SELECT 'agency_information_sharing share', 'NONE', 'NONE', period_key, area_key, shared_on_time, due - shared_time_not_known, on_time_share, on_time_share_lower, on_time_share_upper
FROM kpi_agency_information_sharing_period WHERE agency = 'ALL';
-- Shares whose KPI has no interval: Wilson's formula. How long training lasts is not set in the sample.
INSERT INTO expected
SELECT key, 'NONE', 'NONE', period_key, area_key, x, d, x / nullif(d, 0)::float8,
	CASE WHEN d > 0 AND x IS NOT NULL THEN greatest(0, (2 * x + z * z - z * sqrt(z * z + 4 * x * (1 - x / d::float8))) / (2 * (d + z * z))) END,
	CASE WHEN d > 0 AND x IS NOT NULL THEN least(1, (2 * x + z * z + z * sqrt(z * z + 4 * x * (1 - x / d::float8))) / (2 * (d + z * z))) END
FROM (SELECT 'late_records share' AS key, period_key, area_key, found AS x, examined AS d, 1.959963984540054::float8 AS z FROM kpi_data_quality_finding_period WHERE source = 'administration' AND finding = 'late'
	  UNION ALL SELECT 'refresher_in_date share', period_key, area_key, in_date, trained, 1.959963984540054 FROM kpi_carriage_and_training_course_period WHERE course = 'naloxone') s;
SELECT cmp_ok(count(*), '>', 30000::bigint, 'tens of thousands of figures are compared') FROM expected WHERE value IS NOT NULL;

-- Equal but for rounding, NULL and NULL too.
CREATE FUNCTION pg_temp.differ(a float8, b float8) RETURNS boolean IMMUTABLE
	RETURN (a IS NULL) <> (b IS NULL) OR coalesce(abs(a - b) > 1e-12 * greatest(1, abs(a)), false);
SELECT is_empty($$
	SELECT indicator_key, k.ambulance_category, k.clock, period_key, area_key
	FROM kpi_scorecard k LEFT JOIN expected e USING (indicator_key, ambulance_category, clock, period_key, area_key)
	WHERE pg_temp.differ(k.value, e.value) OR pg_temp.differ(k.lower, e.lower) OR pg_temp.differ(k.upper, e.upper) OR pg_temp.differ(k.numerator, e.numerator)
	   OR pg_temp.differ(k.denominator, CASE WHEN indicator_key = 'substance_signals_tested share' THEN coalesce(e.denominator, k.denominator) ELSE e.denominator END)
$$, 'every figure and interval is its KPI''s');
SELECT is_empty($$
	SELECT indicator_key, ambulance_category, clock, period_key, area_key FROM expected
	EXCEPT SELECT indicator_key, ambulance_category, clock, period_key, area_key FROM kpi_scorecard
$$, 'and none is left out');

-- Targets: what the ambulance's own view says, and the demonstration's.
SELECT is_empty($$
	SELECT indicator_key, ambulance_category, clock, period_key, area_key, k.target, aim
	FROM kpi_scorecard k JOIN dim_period p USING (period_key)
	LEFT JOIN (SELECT ambulance_category, clock, period_key, area_key, unnest('{ambulance_response median,ambulance_response percentile_95}'::text[]) AS indicator_key,
				unnest(ARRAY[median_target_mins, p95_target_mins]) AS mins FROM kpi_ambulance_response_period WHERE call_source = 'ALL') a
		USING (indicator_key, ambulance_category, clock, period_key, area_key),
	LATERAL (SELECT CASE indicator_key
		WHEN 'people_referred share' THEN CASE WHEN p.period_start >= '2023-04-01' THEN 0.5 END
		WHEN 'people_contacted share' THEN CASE WHEN p.period_start >= '2023-04-01' THEN 0.4 END
		WHEN 'reviewed_within_72_hours share' THEN CASE WHEN p.period_start >= '2023-04-01' THEN 0.8 END
		WHEN 'drug_deaths_reviewed share' THEN CASE WHEN p.period_start >= '2024-04-01' AND area_key = 'division D' THEN 0.95 WHEN p.period_start >= '2022-04-01' THEN 0.9 END
		WHEN 'drug_deaths_reported share' THEN CASE WHEN p.period_start >= '2022-04-01' THEN 0.95 END
		WHEN 'attitudes share' THEN CASE WHEN p.period_start >= '2022-04-01' THEN 0.6 END
		ELSE a.mins END::float8 AS aim) t
	WHERE k.target IS DISTINCT FROM aim
	   OR k.target_met IS DISTINCT FROM (CASE k.better WHEN 'lower' THEN aim - k.value WHEN 'higher' THEN k.value - aim END >= 0)::integer
	   OR pg_temp.differ(k.pct_of_target, 100 * (k.value / aim) ^ CASE k.better WHEN 'lower' THEN -1 ELSE 1 END)
$$, 'every target, and whether it is met');

-- Directions: the interval of the difference from the two intervals; nothing from a period that is not settled or that began without
-- records, nor across 22 September 2021 for warnings.
CREATE TEMP TABLE compared AS
SELECT k.*, b.value AS before,
	k.value - b.value - |/ ((k.value - k.lower) ^ 2 + (b.upper - b.value) ^ 2) AS least, k.value - b.value + |/ ((k.upper - k.value) ^ 2 + (b.value - b.lower) ^ 2) AS most
FROM kpi_scorecard k
JOIN dim_period p USING (period_key)
LEFT JOIN kpi_scorecard b ON (b.indicator_key, b.ambulance_category, b.clock, b.area_key) = (k.indicator_key, k.ambulance_category, k.clock, k.area_key)
	AND b.period_key = p.grain || ' ' || to_char(p.period_start - interval '1 year', 'YYYY-MM')
	AND p.is_settled = 1 AND k.area_key <> 'division UNKNOWN' AND k.value IS NOT NULL AND b.value IS NOT NULL
	AND NOT (k.indicator_key LIKE 'recorded_police_warning%' AND p.period_end >= '2021-09-22' AND p.period_start - interval '1 year' < '2021-09-22')
	AND p.period_start - interval '1 year' >= (
		SELECT coalesce(max(c.covered_from), '-infinity') FROM kpi.source_coverage_record c
		WHERE c.source = CASE WHEN k.indicator_key LIKE 'naloxone_supply%' THEN 'kit_movement' ELSE CASE split_part(k.indicator_key, '_', 1)
				WHEN 'agency' THEN 'information_share' WHEN 'overdoses' THEN 'overdose_incident' WHEN 'carriage' THEN 'officer_carriage'
				WHEN 'refresher' THEN 'officer_training' WHEN 'programme' THEN 'money has no coverage' WHEN 'recorded' THEN 'direct_measure' WHEN 'drug' THEN 'drug_death' WHEN 'substance' THEN 'substance_signal'
				WHEN 'attitudes share' THEN 'survey_response' ELSE 'administration' END END
		  AND (k.area_key = 'force' OR k.area_key = 'division ' || c.division_code
			   OR c.division_code IN (SELECT d.division_code FROM kpi.division_record d WHERE 'region ' || d.region = k.area_key)));
SELECT cmp_ok(count(*) FILTER (WHERE direction <> 'no clear change'), '>', 100::bigint, 'hundreds of rows say that something changed') FROM kpi_scorecard;
SELECT is_empty($$
	SELECT indicator_key, ambulance_category, clock, period_key, area_key, direction, before, value_year_before
	FROM compared
	WHERE pg_temp.differ(value_year_before, before)
	   OR direction IS DISTINCT FROM CASE
			-- The older year has had longer.
			WHEN indicator_key IN ('drug_deaths_reviewed share', 'drug_deaths_reported share') THEN NULL
			WHEN least > 0 THEN CASE better WHEN 'higher' THEN 'better' WHEN 'lower' THEN 'worse' ELSE 'different' END
			WHEN most < 0 THEN CASE better WHEN 'higher' THEN 'worse' WHEN 'lower' THEN 'better' ELSE 'different' END
			WHEN least IS NOT NULL THEN 'no clear change' END
$$, 'every direction');
-- Against the records -----------------------------------------------------------
--
-- Of the last fiscal year and the last month that are over, and of the last quarter with a survey, in every area.
\ir preamble/records.psql
\ir preamble/kits.psql
SET LOCAL enable_nestloop = on;
SET LOCAL enable_mergejoin = on;
CREATE TEMP TABLE looked_at ON COMMIT DROP AS SELECT * FROM calendar WHERE period_key IN ('fiscal_year 2024-04', 'month 2025-12', 'fiscal_quarter 2025-04');
CREATE TEMP TABLE form ON COMMIT DROP AS
SELECT r.*, r.occurred_at::date AS day, coalesce(r.incident_division_code, 'UNKNOWN') AS division_code FROM kpi.administration_record r;

-- A row for everything that is counted in a share: 1 where it is of the numerator.
CREATE TEMP TABLE said (indicator_key text, division_code text, day date, x bigint) ON COMMIT DROP;
INSERT INTO said
SELECT 'survived_after_naloxone share', division_code, day, (survival = 'survived')::integer FROM form
WHERE survival IN ('survived', 'died') AND believed_dead_on_arrival IS NOT TRUE
UNION ALL
SELECT 'first_aid_use share', division_code, day, (first_aid::text ~ ': yes')::integer FROM form
WHERE first_aid::text ~ ': yes' OR (SELECT count(*) FROM regexp_matches(first_aid::text, ': no', 'g')) = 8
UNION ALL
SELECT 'late_records share', division_code, day, (recorded_at >= occurred_at + interval '72 hours 1 second')::integer FROM form WHERE recorded_at IS NOT NULL
UNION ALL
SELECT 'overdoses_attended share', coalesce(incident_division_code, 'UNKNOWN'), occurred_at::date, naloxone_given::integer FROM kpi.overdose_incident_record
WHERE naloxone_given OR why_not IN ('not_carried', 'none_left', 'expired')
UNION ALL
SELECT 'recorded_police_warning share', coalesce(division_code, 'UNKNOWN'), issued_on,
       (kind = 'recorded_police_warning' AND refused IS NOT TRUE AND withdrawn_on IS NULL)::integer FROM kpi.direct_measure_record WHERE offence = 'drug_possession'
UNION ALL
SELECT i.key, coalesce(d.division_code, 'UNKNOWN'), d.died_on, coalesce(i.done BETWEEN d.died_on AND '2025-12-31', false)::integer
FROM kpi.drug_death_record d, LATERAL (VALUES ('drug_deaths_reviewed share', d.reviewed_on), ('drug_deaths_reported share', d.reported_to_chief_officers_on)) AS i (key, done)
WHERE d.status <> 'excluded' AND d.died_on <= '2025-06-30'
UNION ALL
SELECT 'substance_signals_tested share', coalesce(division_code, 'UNKNOWN'), observed_on, (basis = 'tested')::integer FROM kpi.substance_signal_record
WHERE basis IN ('tested', 'suspected')
UNION ALL
SELECT 'agency_information_sharing share', coalesce(f.division_code, 'UNKNOWN'), i.due_by::date, (i.shared_at <= i.due_by OR coalesce(i.acknowledged_at <= i.due_by, false))::integer
FROM kpi.information_share_record i LEFT JOIN form f USING (administration_id)
-- Shared at a time that nobody knows is neither on time nor late, unless it was heard in time.
WHERE NOT coalesce(i.shared_at IS NULL AND i.acknowledged_at > i.due_by, false);
-- Not shared at all is not on time.
UPDATE said SET x = 0 WHERE x IS NULL;

-- Ambulances: an incident's activation, or else its forms, which say the same in the sample; each administration's wait.
CREATE TEMP TABLE ambulance ON COMMIT DROP AS
SELECT f.incident_id, f.administration_id, f.occurred_at, f.day, f.division_code, f.naloxone_first_at, v.activation_id IS NOT NULL AS is_activation,
       coalesce(v.category_first, f.ambulance_category_first, 'UNKNOWN') AS category,
       CASE WHEN v.activation_id IS NOT NULL THEN coalesce(v.clock, 'UNKNOWN')
            WHEN f.clock IS NULL AND f.ambulance_called_at IS NOT NULL THEN 'call' ELSE coalesce(f.clock, 'UNKNOWN') END AS clock,
       CASE WHEN v.activation_id IS NOT NULL THEN v.arrived_at ELSE f.ambulance_arrived_at END AS arrived_at,
       CASE WHEN v.activation_id IS NOT NULL THEN extract(epoch FROM v.arrived_at - v.clock_started_at)
            ELSE coalesce(extract(epoch FROM f.ambulance_arrived_at - f.ambulance_clock_started_at), 60 * f.ambulance_response_mins) END AS seconds,
       array_position('{Purple,Red,Amber,Yellow,Green}', CASE WHEN v.category_first IS NOT NULL THEN v.category_last ELSE f.ambulance_category_last END)
       - array_position('{Purple,Red,Amber,Yellow,Green}', coalesce(v.category_first, f.ambulance_category_first)) AS less_urgent
FROM form f
LEFT JOIN (SELECT DISTINCT ON (incident_id) * FROM kpi.ambulance_activation_record WHERE incident_id IS NOT NULL
           ORDER BY incident_id, arrived_at BETWEEN clock_started_at AND clock_started_at + interval '24 hours' DESC NULLS LAST, stood_down_at IS NULL, arrived_at, activation_id) v
     USING (incident_id);
-- An incident's: where and when its first administration is.
CREATE TEMP TABLE response ON COMMIT DROP AS
SELECT i.clock, v.category, i.day, i.division_code, i.less_urgent, i.seconds
FROM (SELECT incident_id, min(clock) AS clock, min(category) AS category, min(less_urgent) AS less_urgent,
             min(seconds) FILTER (WHERE seconds BETWEEN 0 AND 86400) AS seconds,
             (array_agg(day ORDER BY occurred_at, administration_id))[1] AS day,
             (array_agg(division_code ORDER BY occurred_at, administration_id))[1] AS division_code
      FROM ambulance GROUP BY incident_id) i
CROSS JOIN LATERAL (VALUES ('ALL'), (i.category)) AS v (category);

-- Episodes: an administration 90 days or more after its person's last episode began begins another. Those followed to their end, and how soon
-- what came; the first of each person in a period and area.
CREATE TEMP TABLE alive ON COMMIT DROP AS
SELECT administration_id, person_key, occurred_at, day, division_code, false AS begins FROM form
WHERE person_key IS NOT NULL AND NOT (survival IS NOT DISTINCT FROM 'died' AND coalesce(survival_as_at, 'handover') = 'handover');
DO $$
DECLARE
    a record;
    person text := '';
    began timestamptz;
BEGIN
    FOR a IN SELECT * FROM alive ORDER BY person_key, occurred_at, administration_id LOOP
        IF a.person_key <> person OR a.occurred_at - began >= interval '2160 hours' THEN
            UPDATE alive SET begins = true WHERE administration_id = a.administration_id;
            began := a.occurred_at;
            person := a.person_key;
        END IF;
    END LOOP;
END $$;
CREATE TEMP TABLE episode ON COMMIT DROP AS
SELECT e.person_key, e.occurred_at, e.day, e.division_code, s.*
FROM alive e
JOIN since r ON r.source = 'referral_event' AND r.division_code = e.division_code AND e.day >= r.covered_from
CROSS JOIN LATERAL (
    SELECT coalesce(min(s.occurred_at - e.occurred_at) FILTER (WHERE s.stage IN ('reviewed', 'offered', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks'))
                    <= interval '72 hours', false) AS reviewed,
           coalesce(min(s.occurred_at - e.occurred_at) FILTER (WHERE s.stage = 'service_notified') <= interval '72 hours', false) AS notified,
           count(*) FILTER (WHERE s.stage IN ('referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) > 0 AS referred,
           count(*) FILTER (WHERE s.stage IN ('contacted', 'assessed', 'engaged', 'retained_12_weeks')) > 0 AS contacted,
           count(*) FILTER (WHERE s.stage IN ('engaged', 'retained_12_weeks')) > 0 AS engaged
    FROM kpi.referral_event_record s
    WHERE s.person_key = e.person_key AND s.occurred_at >= e.occurred_at AND s.occurred_at < e.occurred_at + interval '2160 hours') s
WHERE e.begins AND e.day + 90 <= '2025-12-31';

CREATE TEMP TABLE of_records (indicator_key text, ambulance_category text DEFAULT 'NONE', clock text DEFAULT 'NONE', period_key text, area_key text,
                              numerator float8, denominator float8, value float8, lower float8, upper float8) ON COMMIT DROP;
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT p.period_key, p.first_day, p.last_day, t.area_key, array_agg(t.division_code) AS divisions FROM looked_at p, territory t GROUP BY 1, 2, 3, 4;
INSERT INTO of_records
SELECT i.indicator_key, 'NONE', 'NONE', p.period_key, p.area_key, n.x, n.n, n.x / nullif(n.n, 0)::float8, pg_temp.wilson(n.x, n.n, -1), pg_temp.wilson(n.x, n.n, 1)
FROM (SELECT DISTINCT indicator_key FROM said) i CROSS JOIN place p
CROSS JOIN LATERAL (SELECT coalesce(sum(s.x), 0)::bigint AS x, count(*) AS n FROM said s
                    WHERE s.indicator_key = i.indicator_key AND s.day BETWEEN p.first_day AND p.last_day AND s.division_code = ANY (p.divisions)) n
UNION ALL
SELECT i.key, 'ALL', i.clock, p.period_key, p.area_key, i.x, i.n, i.x / nullif(i.n, 0)::float8, pg_temp.wilson(i.x, i.n, -1), pg_temp.wilson(i.x, i.n, 1)
FROM place p CROSS JOIN LATERAL (
    SELECT 'ambulance_downgraded share' AS key, c.clock, count(r.less_urgent) FILTER (WHERE r.less_urgent > 0) AS x, count(r.less_urgent) AS n
    FROM (SELECT DISTINCT clock FROM response) c
    LEFT JOIN response r ON r.clock = c.clock AND r.category = 'ALL' AND r.day BETWEEN p.first_day AND p.last_day AND r.division_code = ANY (p.divisions) GROUP BY c.clock
    UNION ALL
    SELECT 'naloxone_to_ambulance_over_40_mins share', c.clock, count(a.wait) FILTER (WHERE a.wait > 2400), count(a.wait)
    FROM (SELECT DISTINCT clock FROM response) c
    LEFT JOIN (SELECT *, extract(epoch FROM arrived_at - naloxone_first_at) AS wait FROM ambulance) a
         ON a.clock = c.clock AND a.wait BETWEEN 0 AND 86400 AND a.day BETWEEN p.first_day AND p.last_day AND a.division_code = ANY (p.divisions) GROUP BY c.clock) i
UNION ALL
-- Of arrivals; all categories together on every clock, and Purple and Red, which have a target, on the one that it is of.
SELECT 'ambulance_response ' || v.statistic, k.category, k.clock, p.period_key, p.area_key, NULL, r.n, v.seconds / 60, NULL, NULL
FROM place p
CROSS JOIN (SELECT DISTINCT category, clock FROM response WHERE category = 'ALL' OR category IN ('Purple', 'Red') AND clock = 'acuity_assigned') k
CROSS JOIN LATERAL (SELECT count(seconds) AS n, percentile_cont('{0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY seconds::float8) AS at FROM response r
                    WHERE r.category = k.category AND r.clock = k.clock AND r.day BETWEEN p.first_day AND p.last_day AND r.division_code = ANY (p.divisions)) r
CROSS JOIN LATERAL (VALUES ('median', r.at[1]), ('percentile_95', r.at[2])) AS v (statistic, seconds)
UNION ALL
SELECT v.key || ' share', 'NONE', 'NONE', p.period_key, p.area_key, v.x, v.n, v.x / nullif(v.n, 0)::float8,
       CASE WHEN v.key LIKE 'people%' THEN pg_temp.wilson(v.x, v.n, -1) END, CASE WHEN v.key LIKE 'people%' THEN pg_temp.wilson(v.x, v.n, 1) END
FROM place p
CROSS JOIN LATERAL (
    SELECT count(*) AS episodes, count(*) FILTER (WHERE reviewed) AS reviewed, count(*) FILTER (WHERE notified) AS notified, count(*) FILTER (WHERE is_first) AS people,
           count(*) FILTER (WHERE is_first AND referred) AS referred, count(*) FILTER (WHERE is_first AND contacted) AS contacted,
           count(*) FILTER (WHERE is_first AND engaged) AS engaged
    FROM (SELECT e.*, e.occurred_at = min(e.occurred_at) OVER (PARTITION BY e.person_key) AS is_first FROM episode e
          WHERE e.day BETWEEN p.first_day AND p.last_day AND e.division_code = ANY (p.divisions)) e) e
CROSS JOIN LATERAL (VALUES ('reviewed_within_72_hours', e.reviewed, e.episodes), ('service_notified_within_72_hours', e.notified, e.episodes),
                           ('people_referred', e.referred, e.people), ('people_contacted', e.contacted, e.people), ('people_engaged', e.engaged, e.people)) AS v (key, x, n)
UNION ALL
-- Rates: by the people of each day's year.
SELECT i.key, 'NONE', 'NONE', p.period_key, p.area_key, i.events, y.years, 1e5 * i.events / y.years, 1e5 * pg_temp.poisson_limit(i.events, -1) / y.years,
       1e5 * pg_temp.poisson_limit(i.events, 1) / y.years
FROM place p
CROSS JOIN LATERAL (
    SELECT 'doses_by_division rate' AS key, count(*) AS events FROM form f
    WHERE f.day BETWEEN p.first_day AND p.last_day AND f.division_code = ANY (p.divisions) AND f.division_code <> 'UNKNOWN'
    UNION ALL
    SELECT 'drug_deaths rate', count(*) FROM kpi.drug_death_record d
    WHERE d.status <> 'excluded' AND d.died_on BETWEEN p.first_day AND p.last_day AND d.division_code = ANY (p.divisions)) i
CROSS JOIN LATERAL (
    SELECT sum(n.people) / 365.25 AS years FROM generate_series(p.first_day, p.last_day, interval '1 day') AS day
    JOIN kpi.population_record n ON n.area_type = 'division' AND n.year = extract(year FROM day) AND n.age_band IS NULL AND n.area_code = ANY (p.divisions)) y
UNION ALL
SELECT 'carriage_and_training share', 'NONE', 'NONE', p.period_key, p.area_key, o.carrying, o.eligible, o.carrying / nullif(o.eligible, 0)::float8,
       pg_temp.wilson(o.carrying, o.eligible, -1), pg_temp.wilson(o.carrying, o.eligible, 1)
FROM place p
CROSS JOIN LATERAL (SELECT count(*) AS eligible, count(*) FILTER (WHERE p.last_day BETWEEN o.carries_from AND coalesce(o.carries_to, 'infinity')) AS carrying
                    FROM kpi.officer_carriage_record o
                    WHERE p.last_day BETWEEN o.eligible_from AND coalesce(o.eligible_to, 'infinity') AND o.division_code = ANY (p.divisions)) o
UNION ALL
SELECT 'refresher_in_date share', 'NONE', 'NONE', p.period_key, p.area_key, NULL, o.trained, NULL, NULL, NULL
FROM place p
CROSS JOIN LATERAL (SELECT count(*) AS trained FROM kpi.officer_carriage_record o
                    WHERE p.last_day BETWEEN o.eligible_from AND coalesce(o.eligible_to, 'infinity') AND o.division_code = ANY (p.divisions)
                      AND EXISTS (SELECT FROM kpi.officer_training_record t WHERE t.officer_key = o.officer_key AND t.course = 'naloxone' AND t.completed_on <= p.last_day)) o
UNION ALL
SELECT 'programme_funding_status share', 'NONE', 'NONE', 'fiscal_year 2024-04', 'force', sum(spent), sum(allocated), sum(spent) / sum(allocated), NULL, NULL
FROM kpi.programme_funding_record WHERE left(fiscal_year::text, 4) = '2024'
UNION ALL
SELECT 'naloxone_supply share', 'NONE', 'NONE', p.period_key, p.area_key, u.kits, m.issued, u.kits::float8 / nullif(m.issued, 0), NULL, NULL
FROM place p
CROSS JOIN LATERAL (SELECT sum(unaccounted) FILTER (WHERE place = 'store') + sum(unaccounted) FILTER (WHERE place = 'hand') AS kits FROM found_less
                    WHERE day BETWEEN p.first_day AND p.last_day AND division_code = ANY (p.divisions)) u
CROSS JOIN LATERAL (SELECT coalesce(sum(kits) FILTER (WHERE movement = 'issued'), 0) AS issued FROM movement
                    WHERE day BETWEEN p.first_day AND p.last_day AND division_code = ANY (p.divisions)) m
UNION ALL
-- In the latest wave of the period; a share of fewer than ten is hidden.
SELECT 'attitudes share', 'NONE', 'NONE', p.period_key, p.area_key, CASE WHEN a.n >= 10 THEN a.x END, nullif(a.n, 0), CASE WHEN a.n >= 10 THEN a.x / a.n::float8 END,
       CASE WHEN a.n >= 10 THEN pg_temp.wilson(a.x, a.n, -1) END, CASE WHEN a.n >= 10 THEN pg_temp.wilson(a.x, a.n, 1) END
FROM place p
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE score >= 4) AS x, count(score) AS n
    FROM (SELECT r.score, rank() OVER (ORDER BY array_position('{follow_up,after,before}', r.wave)) = 1 AS is_latest FROM kpi.survey_response_record r
          WHERE r.question = 'I am willing to give naloxone' AND r.answered_on BETWEEN p.first_day AND p.last_day AND coalesce(r.division_code, 'UNKNOWN') = ANY (p.divisions)) r
    WHERE is_latest) a
UNION ALL
-- Again within 90 days, anywhere in the force. Of December nobody has been followed for so long; else everybody, so it is a plain share.
SELECT 'repeat_administrations share', 'NONE', 'NONE', p.period_key, p.area_key, NULL, r.n, s.share,
       CASE WHEN s.share > 0 AND s.share < 1 THEN s.share ^ exp(-1.959963984540054 * sqrt(s.share * (1 - s.share) / r.n) / (s.share * ln(s.share))) END,
       CASE WHEN s.share > 0 AND s.share < 1 THEN s.share ^ exp(1.959963984540054 * sqrt(s.share * (1 - s.share) / r.n) / (s.share * ln(s.share))) END
FROM place p
CROSS JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE EXISTS (SELECT FROM form g WHERE g.person_key = f.person_key AND g.day <= f.day + 90
                                                         AND (g.occurred_at, g.administration_id) > (f.occurred_at, f.administration_id))) AS again
    FROM (SELECT DISTINCT ON (person_key) * FROM form
          WHERE person_key IS NOT NULL AND day BETWEEN p.first_day AND p.last_day AND division_code = ANY (p.divisions)
          ORDER BY person_key, occurred_at, administration_id) f) r
CROSS JOIN LATERAL (SELECT CASE WHEN p.last_day + 90 <= '2025-12-31' THEN r.again / nullif(r.n, 0)::float8 END AS share) s;

CREATE TEMP TABLE of_scorecard ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, period_key, area_key, numerator, denominator, value, lower, upper
FROM kpi_bi.kpi_scorecard WHERE period_key IN (SELECT period_key FROM looked_at);
CREATE TEMP TABLE difference ON COMMIT DROP AS
SELECT s.indicator_key, ambulance_category, clock, period_key, area_key, v.what, v.found, v.expected
FROM of_scorecard s FULL JOIN of_records r USING (indicator_key, ambulance_category, clock, period_key, area_key)
CROSS JOIN LATERAL (VALUES ('numerator', s.numerator, r.numerator), ('denominator', s.denominator, r.denominator), ('value', s.value, r.value), ('lower', s.lower, r.lower),
                           ('upper', s.upper, r.upper)) AS v (what, found, expected)
WHERE (v.found IS NULL) <> (v.expected IS NULL) OR abs(v.found - v.expected) > 1e-9 * greatest(1, abs(v.expected));
SELECT is_empty('SELECT * FROM difference WHERE indicator_key !~ ''^(ambulance|naloxone_to)''', 'every indicator but the ambulance''s, from the records');
SELECT is_empty('SELECT * FROM difference WHERE indicator_key ~ ''^(ambulance|naloxone_to)''', 'the ambulance''s too');
SELECT cmp_ok(count(DISTINCT indicator_key), '=', (SELECT count(*) FROM kpi.indicator), 'of every indicator in the catalogue') FROM of_records WHERE denominator IS NOT NULL;
SELECT cmp_ok(count(*) FILTER (WHERE value > 0 AND area_key LIKE 'division %'), '>', 300::bigint, 'hundreds of them of divisions') FROM of_records;

-- What is written beside figures: limits with as many decimals as the catalogue says, and a reason exactly where there is none.
SELECT is(count(*), 0::bigint, 'a reason where there is no figure, and only there')
FROM kpi_bi.kpi_scorecard WHERE (value IS NULL) <> (reason_missing IS NOT NULL) OR reason_missing = '';
SELECT is(count(*), 0::bigint, 'intervals as people write them, titles and units')
FROM kpi_bi.kpi_scorecard k JOIN kpi.indicator i ON i.identifier || ' ' || i.statistic = k.indicator_key
CROSS JOIN LATERAL (SELECT CASE i.decimals WHEN 0 THEN 'FM999999990' ELSE 'FM999999990.' || repeat('0', i.decimals) END AS pattern) f
WHERE (k.title, k.unit) IS DISTINCT FROM (i.title::varchar, i.unit::varchar)
   OR k.interval_text IS DISTINCT FROM to_char(k.lower::numeric, f.pattern) || ' to ' || to_char(k.upper::numeric, f.pattern);
SELECT cmp_ok(count(interval_text), '>', 10000::bigint, 'of which there are many') FROM kpi_bi.kpi_scorecard;

SELECT * FROM finish();
ROLLBACK;
