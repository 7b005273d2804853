-- The demonstration report: the four KPIs that a chief inspector asks for first and all the others, from the views for analysts and
-- nothing else.
--
--     psql -Xq -d DATABASE -f demo/report.sql                      as text
--     psql -Xq -d DATABASE -v html=on -o FILE -f demo/report.sql   as the inside of an HTML page
--
-- Text and page come from the same queries. It reads the deployment 'kpi'; another one: -v kpi_bi=NAME_bi

\set ON_ERROR_STOP on
\if :{?kpi_bi}
\else
	\set kpi_bi kpi_bi
\endif
SET search_path = :"kpi_bi", pg_temp;
\pset footer off
\pset pager off
\if :{?html}
	\pset format html
	\pset border 0
	\pset null '–'
	\set bar '█'
	\set h2 '<h2>'
	\set _h2 '</h2>'
	\set p '<p>'
	\set _p '</p>'
	\set warn '<p class="warn">'
\else
	\pset format aligned
	\pset null '-'
	\set bar '#'
	\set h2 '\n\n'
	\set _h2 '\n'
	\set p ''
	\set _p '\n'
	\set warn ''
\endif

-- A figure with its confidence interval, as people write it; NULL where there is no figure.
CREATE FUNCTION pg_temp.with_interval(value float8, lower float8, upper float8, format text) RETURNS text IMMUTABLE
	RETURN trim(to_char(value, format)) || ' (' || trim(to_char(lower, format)) || ' to ' || trim(to_char(upper, format)) || ')';

-- The last fiscal year that is over and fully reported, and the day that the figures are as of.
SELECT label AS year, period_key AS year_key FROM dim_period
WHERE grain = 'fiscal_year' AND is_settled = 1 ORDER BY sort_order DESC LIMIT 1 \gset
SELECT to_char(max(data_through), 'FMDD FMMonth YYYY') AS data_through FROM kpi_refresh_status \gset

\qecho :warn'SYNTHETIC: the records behind this report are invented. They describe no person, officer or event'
\qecho 'that exists, and say nothing about any police force. Only the table headed PUBLISHED holds real counts.':_p
\qecho :p'Figures as of ':data_through'. A fiscal year runs from April to March. A dash means that no records exist (or'
\qecho 'that there is no target, no population or no year before): it never means 0. In brackets after a figure is its 95 %'
\qecho 'confidence interval: where two of them overlap widely, do not make much of the difference.':_p

\qecho :h2'1. How much naloxone is used, and where':_h2
\qecho :p'Each administration is one person given naloxone in one incident. Compare divisions by the rate, which allows'
\qecho 'for how many people live there; more than two doses is more than the kit an officer carries.':_p
\C 'SYNTHETIC: naloxone by division, ':year
SELECT a.area_name AS "Division",
	k.incidents AS "Incidents",
	k.administrations AS "Administrations",
	k.people AS "People known",
	k.doses AS "Doses",
	round(k.doses_per_administration::numeric, 1) AS "Doses each",
	k.over_two_doses AS "Over two doses",
	pg_temp.with_interval(k.administrations_per_100k, k.administrations_per_100k_lower, k.administrations_per_100k_upper, '990.0')
		AS "A year per 100,000 people"
FROM kpi_doses_by_division_period k JOIN dim_area a USING (area_key)
WHERE k.period_key = :'year_key' AND a.area_type IN ('division', 'force')
ORDER BY a.area_type = 'force', a.sort_order;

\qecho :p'Officers carry naloxone in a few pilot areas from March 2021, and everywhere from March 2023. The last column says'
\qecho 'for how much of the force records exist, so that a year of pilots is not read as a year of few overdoses.':_p
\C 'SYNTHETIC: naloxone by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.incidents AS "Incidents",
	k.administrations AS "Administrations",
	k.people AS "People known",
	k.doses AS "Doses",
	pg_temp.with_interval(k.administrations_per_100k, k.administrations_per_100k_lower, k.administrations_per_100k_upper, '990.0')
		AS "A year per 100,000 people",
	round(100.0 * k.covered_division_days / k.division_days) AS "% of force recorded"
FROM kpi_doses_by_division_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year'
ORDER BY p.sort_order;

\qecho :h2'2. How long until an ambulance':_h2
\qecho :p'Half of the ambulances came within the median; one in twenty took longer than the 95th percentile. Times are in'
\qecho 'minutes from when the ambulance service set the urgency, or else from the call: the two are never mixed. Who left,'
\qecho 'or waited in vain, has no time, and is counted beside. A call is downgraded if it ended less urgent than it began.':_p
\C 'SYNTHETIC: ambulance response by category, whole force, ':year
SELECT CASE k.ambulance_category WHEN 'ALL' THEN 'All' WHEN 'UNKNOWN' THEN 'Unknown' ELSE k.ambulance_category END AS "Category",
	CASE k.clock WHEN 'acuity_assigned' THEN 'urgency' ELSE k.clock END AS "Clock from",
	k.calls AS "Calls",
	k.calls - k.arrivals AS "Without a time",
	round(k.median_mins::numeric, 1) AS "Median",
	k.median_target_mins AS "Target median",
	round(k.p90_mins::numeric, 1) AS "90th",
	round(k.p95_mins::numeric, 1) AS "95th",
	k.p95_target_mins AS "Target 95th",
	CASE k.target_met WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS "Both met",
	pg_temp.with_interval(100 * k.downgraded_share, 100 * k.downgraded_share_lower, 100 * k.downgraded_share_upper, '990')
		AS "% downgraded"
FROM kpi_ambulance_response_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.call_source = 'ALL' AND k.calls > 0
ORDER BY k.clock, array_position(ARRAY['Purple', 'Red', 'Amber', 'Yellow', 'UNKNOWN', 'ALL'], k.ambulance_category::text);

\C 'SYNTHETIC: minutes until the ambulance (from urgency), whole force, ':year
SELECT k.band_label AS "Minutes",
	k.arrivals AS "Ambulances",
	repeat(:'bar', round(40.0 * k.arrivals / nullif(max(k.arrivals) OVER (), 0))::integer) AS "Longest bar: most ambulances"
FROM kpi_ambulance_response_histogram_period k
WHERE k.period_key = :'year_key' AND k.area_key = 'force' AND k.ambulance_category = 'ALL' AND k.clock = 'acuity_assigned'
ORDER BY k.band;

\qecho :h2'3. Who is referred, and who reaches help':_h2
\qecho :p'An episode begins when a known person is given naloxone, and is followed for 90 days; the shares are of people'
\qecho 'whose 90 days are over, so that this year is not made to look worse than last. Who could not be identified cannot'
\qecho 'be referred, and is counted beside. Referrals are recorded from 2023 on.':_p
\C 'SYNTHETIC: referral by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.administrations AS "Administrations",
	k.not_identifiable AS "Not identified",
	k.episodes AS "Episodes",
	k.people_followed AS "People followed",
	pg_temp.with_interval(100 * k.people_referred_share, 100 * k.people_referred_share_lower, 100 * k.people_referred_share_upper, '990')
		AS "% referred",
	pg_temp.with_interval(100 * k.people_contacted_share, 100 * k.people_contacted_share_lower, 100 * k.people_contacted_share_upper, '990')
		AS "% contacted",
	pg_temp.with_interval(100 * k.people_engaged_share, 100 * k.people_engaged_share_lower, 100 * k.people_engaged_share_upper, '990')
		AS "% engaged"
FROM kpi_referral_conversion_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND k.route = 'ALL' AND p.grain = 'fiscal_year'
ORDER BY p.sort_order;
\ir report/referral_conversion.sql

\qecho :h2'4. Are Recorded Police Warnings rising':_h2
\qecho :p'Look at the share first: more warnings mean a change of practice only where they replace something else. From'
\qecho '22 September 2021 a warning could be given for Class A drugs too: do not compare years across that day. The interval of'
\qecho 'times year before allows for how much the months vary, which is more than chance alone.':_p
\C 'SYNTHETIC: disposals for drug possession by fiscal year, whole force'
SELECT p.label || CASE p.is_complete WHEN 0 THEN ' so far' ELSE '' END AS "Fiscal year",
	k.disposals AS "Disposals",
	k.warnings AS "Warnings",
	pg_temp.with_interval(100 * k.warnings_share, 100 * k.warnings_share_lower, 100 * k.warnings_share_upper, '990.0') AS "% warnings",
	pg_temp.with_interval(k.warnings_per_1000_crimes, k.warnings_per_1000_crimes_lower, k.warnings_per_1000_crimes_upper, '990')
		AS "Per 1,000 crimes",
	pg_temp.with_interval(k.ratio_to_year_before, k.ratio_to_year_before_dispersed_lower, k.ratio_to_year_before_dispersed_upper, '990.00') AS "Times year before",
	k.people_warned_repeatedly AS "Warned twice or more"
FROM kpi_recorded_police_warning_trend_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year'
ORDER BY p.sort_order;

\qecho :p'The real figures. Two official series of Recorded Police Warnings do not agree, and the first does not say what it'
\qecho 'counts: quote neither as a rise without the other beside it.':_p
\C 'PUBLISHED, not synthetic: warnings by fiscal year, Scotland'
SELECT p.label AS "Fiscal year",
	to_char(k.published_warnings, 'FM999,999') AS "Series 1",
	round(k.published_ratio_to_year_before::numeric, 2) AS "Times year before",
	to_char(k.published_possession_warnings, 'FM999,999') AS "Series 2",
	round(k.published_possession_ratio_to_year_before::numeric, 2) AS "Times year before",
	CASE k.sources_differ WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS "Differ"
FROM kpi_recorded_police_warning_trend_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year' AND (k.published_warnings IS NOT NULL OR k.published_possession_warnings IS NOT NULL)
ORDER BY p.sort_order;

\C 'Who published them'
SELECT s.series AS "Series", string_agg(DISTINCT s.label, ', ' ORDER BY s.label) AS "Fiscal years", s.source AS "Source"
FROM (
	SELECT 1 AS series, p.label, k.published_warnings_source AS source
	FROM kpi_recorded_police_warning_trend_period k JOIN dim_period p USING (period_key)
	WHERE k.area_key = 'force' AND p.grain = 'fiscal_year'
	UNION ALL
	SELECT 2, p.label, k.published_possession_warnings_source
	FROM kpi_recorded_police_warning_trend_period k JOIN dim_period p USING (period_key)
	WHERE k.area_key = 'force' AND p.grain = 'fiscal_year') s
WHERE s.source IS NOT NULL
GROUP BY 1, 3
ORDER BY 1, 2;

\ir report/ambulance_response.sql
\ir report/ambulance_response_comparison.sql
\ir report/survived_after_naloxone.sql
\ir report/repeat_administrations.sql
\ir report/first_aid_use.sql
\ir report/overdoses_attended.sql
\ir report/naloxone_supply.sql
\ir report/carriage_and_training.sql
\ir report/programme_funding_status.sql
\ir report/agency_information_sharing.sql
\ir report/drug_deaths.sql
\ir report/substance_trend.sql
\ir report/attitudes.sql
\ir report/administrations_by_group.sql
\ir report/published_figure.sql
\ir report/data_quality.sql
\ir report/harm_alerts.sql
\ir report/scorecard.sql
