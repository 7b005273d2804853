-- The scorecard on the demonstration's warehouse: every row against the KPI that it comes from, and targets and directions by
-- formulas written another way.
SET search_path = kpi_bi, naloxone_kpi, public;
BEGIN;
-- Of views over views the planner expects few rows, and would join them row by row.
SET LOCAL enable_nestloop = off;
SET LOCAL enable_mergejoin = off;
SELECT plan(8);

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
SELECT * FROM finish();
ROLLBACK;
