-- In the deployment kpi, a record or a few of every source in each division that there is, and of none: so that every view for analysts has
-- rows of each area that it is about. For tests of whatever must hold of all views. They are of October 2025, in coverage since July where
-- there was none, and deaths also every 37 days from May 2024 on, in coverage since April; their keys begin with "each-". As of 2025-12-31 the month is settled,
-- and a fiscal year of deaths; and of less than one death a month there are enough to draw the time between them.
INSERT INTO kpi.source_coverage_record (source, division_code, covered_from)
SELECT s, d.division_code, CASE s WHEN 'drug_death' THEN date '2024-04-01' ELSE '2025-07-01' END
FROM unnest(ARRAY['administration', 'overdose_incident', 'ambulance_activation', 'referral_event', 'direct_measure', 'recorded_crime', 'kit_movement',
    'officer_carriage', 'officer_training', 'information_share', 'drug_death', 'substance_signal', 'survey_response']) s
CROSS JOIN (SELECT DISTINCT division_code FROM kpi.division) d
WHERE NOT EXISTS (SELECT FROM kpi.source_coverage c WHERE c.source = s AND c.division_code = d.division_code);

CREATE TEMP TABLE place AS
SELECT division_code, row_number() OVER (ORDER BY division_code) AS n FROM (SELECT DISTINCT division_code FROM kpi.division UNION ALL VALUES (NULL)) p;
INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, officer_division_code, occurred_at, person_key, doses, survival, call_source,
    ambulance_category_first, clock, ambulance_clock_started_at, ambulance_attended, ambulance_arrived_at)
SELECT 'each-' || n, 'each-' || n, division_code, division_code, t, 'each-' || n, '{2 x 1800 mcg intranasal}', 'survived', 'public', 'Purple', 'acuity_assigned', t, true, t + interval '8 min'
FROM place, LATERAL (SELECT timestamptz '2025-10-01 12:00+00' + n * interval '1 day') o (t);
INSERT INTO kpi.referral_event_record (person_key, administration_id, stage, occurred_at, route, service)
SELECT person_key, administration_id, 'referred', occurred_at + interval '1 day', 'concern_report', 'service' FROM kpi.administration_record WHERE administration_id LIKE 'each-%';
INSERT INTO kpi.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class)
SELECT 'each-' || n, division_code, '2025-10-05', 'drug_possession', 'recorded_police_warning', 'B' FROM place;
INSERT INTO kpi.recorded_crime_record (division_code, recorded_on, kind, crimes) SELECT division_code, '2025-10-05', 'possession', 5 FROM place;
INSERT INTO kpi.overdose_incident_record (incident_id, incident_division_code, occurred_at, notified_by, naloxone_given, why_not)
SELECT 'each-o' || n || g, division_code, '2025-10-05 12:00+00', 'police', g, CASE WHEN NOT g THEN 'no kit' END FROM place CROSS JOIN unnest(ARRAY[true, false]) g;
INSERT INTO kpi.ambulance_activation_record (activation_id, incident_id, division_code, urban_rural, category_first, category_last, clock, clock_started_at, arrived_at, call_source)
SELECT 'each-' || n || s, NULL, division_code, 'urban', 'Purple', 'Red', 'acuity_assigned', t, t + interval '9 min', s
FROM place CROSS JOIN unnest(ARRAY['police_on_scene', 'public']) s CROSS JOIN (VALUES (timestamptz '2025-10-05 12:00+00')) AS o (t);
INSERT INTO kpi.kit_movement_record (division_code, moved_at, movement, kits, batch, expires_on)
SELECT division_code, '2025-10-05 12:00+00', m, 3, 'batch', '2026-12-31' FROM place CROSS JOIN unnest(ARRAY['received', 'issued', 'used', 'returned', 'expired', 'lost', 'counted']) m;
INSERT INTO kpi.officer_carriage_record (officer_key, division_code, role, eligible_from, carries_from) SELECT 'each-' || n, division_code, 'constable', '2025-07-01', '2025-08-01' FROM place;
INSERT INTO kpi.officer_training_record (officer_key, course, completed_on, score_before, score_after) SELECT 'each-' || n, 'naloxone', '2025-10-05', 5, 8 FROM place;
-- Money of a division, of one that is not there, and of the force as a whole.
INSERT INTO kpi.programme_funding_record (division_code, fiscal_year, strand, funder, allocated, spent)
SELECT coalesce(division_code, 'each-gone'), naloxone_kpi.fiscal_year '2025/26', 'ongoing_training', 'funder', 100, 50 FROM place
UNION ALL VALUES (NULL, naloxone_kpi.fiscal_year '2025/26', 'initial_rollout', 'funder', 100, 50);
INSERT INTO kpi.information_share_record (administration_id, agency, due_by, shared_at, acknowledged_at)
SELECT administration_id, 'ambulance', occurred_at + interval '3 days', occurred_at + interval '2 days', occurred_at + interval '2 days'
FROM kpi.administration_record WHERE administration_id LIKE 'each-%';
INSERT INTO kpi.survey_response_record (survey, wave, respondent_group, respondent_key, division_code, answered_on, question, score, theme)
SELECT 'survey', 'before', 'officers', 'each-' || n || ' ' || i, division_code, '2025-10-05', 'question', 3, 'theme' FROM place CROSS JOIN generate_series(1, 12) i;
INSERT INTO kpi.drug_death_record (death_id, division_code, died_on, status, sex, age_band, substances)
SELECT 'each-' || n || ' ' || died_on, division_code, died_on, 'confirmed', 'female', '35-39', '{heroin}' FROM place, (SELECT date '2024-05-05' + 37 * i AS died_on FROM generate_series(0, 14) i) death;
INSERT INTO kpi.substance_signal_record (signal_id, division_code, observed_on, kind, basis, substances) SELECT 'each-' || n, division_code, '2025-10-05', 'seizure', 'tested', '{heroin}' FROM place;
INSERT INTO kpi.published_count_record (indicator, division_code, period_from, period_to, value, source) SELECT 'figure', division_code, '2025-10-01', '2025-10-31', n, 'publisher' FROM place;
-- A form that is rejected, and figures at which somebody is called.
INSERT INTO kpi.administration_form (form_id, incident_id, incident_division_code, occurred_at) SELECT 'each-' || n, 'each-' || n, division_code, 'never' FROM place;
CALL naloxone_kpi.ingest('kpi');
INSERT INTO kpi.alert_threshold (identifier, statistic, at_least) VALUES ('people_referred', 'share', 0), ('overdoses_attended', 'share', 0), ('drug_deaths_reviewed', 'share', 0);
DROP TABLE place;
