-- Forms as officers write them, slips included: SYNTHETIC, of no person, officer or event that exists. They are staged as text and
-- ingested: five are rejected, two are about one person, one comes twice, and two may be about one person or not.

UPDATE setting SET form_date_order = 'DMY';

INSERT INTO administration_form (form_id, incident_id, person_in_incident, incident_division_code, officer_division_code, occurred_at, naloxone_first_at,
	setting, officer_key, officer_role, person_key, sex, age, substances, doses, dose_route, condition_on_arrival, outcome, survival,
	survival_as_at, call_source, ambulance_attended, recovery_position, rescue_breaths, kits_needed, easting, northing, recorded_at)
SELECT 'synthetic-form-' || form, 'synthetic-form-incident-' || incident, person_in_incident, division, division, occurred_at, first_at,
	setting, 'synthetic-officer-form-' || officer, 'response',
	-- The key is made in the loading statement. A real secret is kept outside the database.
	naloxone_kpi.pseudonym('synthetic identity ' || person, 'synthetic secret, for show only'),
	sex, age, substances, doses, route, condition, outcome, survival, 'handover', 'public', attended, recovery, breaths, kits, easting, northing, recorded_at
FROM (VALUES
	('01', '1', '1', 'G', '06/12/2025 21:40', '06/12/2025 21:43', 'Patrol', '1', '1', 'M', '34', 'heroin; street benzodiazepines', '2', 'nasal',
		'not breathing', 'Conscious responsive', 'Yes', 'Y', 'yes', 'yes', '1', '259200', '665300', '07/12/2025 09:00'),
	-- The second officer at the same person's side.
	('02', '1', '1', 'G', '06/12/2025 21:41', '06/12/2025 21:49', 'Patrol', '2', '1', 'male', '30-34', 'heroin', '1', 'nasal',
		'not breathing', 'Conscious responsive', 'Yes', 'Yes', 'yes', 'no', '1', NULL, NULL, '07/12/2025 09:30'),
	('03', '2', NULL, 'E', '07/12/2025 02:10', NULL, 'Public order', '3', NULL, 'F', '27', 'not known', '1 x 1800 mcg intranasal', NULL,
		'Unconscious', 'Conscious responsive', 'Yes', 'N', 'yes', 'no', 'No', '325700', '673500', '08/12/2025 14:00'),
	-- Of another officer, with neither a number nor a key: the same person or not.
	('04', '2', NULL, 'E', '07/12/2025 02:12', NULL, 'Public order', '4', NULL, 'F', '25-29', NULL, '1', 'nasal',
		'Unconscious', 'Unconscious', 'not known', 'N', NULL, NULL, '1', NULL, NULL, '12/12/2025 18:00'),
	('05', '3', '1', 'D', '09/12/2025 14:05 GMT', '09/12/2025 14:07', 'Custody', '5', '2', 'M', '41', 'methadone', '2 x 1800 mcg intranasal; 1 x 400 mcg intramuscular', NULL,
		'conscious', 'Conscious responsive', 'Yes', '1', 'no', 'no', '2', '340300', '730400', '09/12/2025 17:00'),
	('05', '3', '1', 'D', '09/12/2025 14:05 GMT', '09/12/2025 14:07', 'Custody', '5', '2', 'M', '41', 'methadone', '2 x 1800 mcg intranasal; 1 x 400 mcg intramuscular', NULL,
		'conscious', 'Conscious responsive', 'Yes', '1', 'no', 'no', '2', '340300', '730400', '09/12/2025 17:00'),
	-- Slips: a year of two digits, no time of day, the American order, no dose, an age that is none.
	('06', '4', '1', 'P', '10/12/25 19:20', NULL, 'Patrol', '6', '3', 'M', '52', 'heroin', '1', 'nasal',
		'Unconscious', 'Unconscious', 'Yes', 'Y', 'yes', 'no', '1', NULL, NULL, '11/12/2025 08:00'),
	('07', '5', '1', 'Q', '11/12/2025', NULL, 'Patrol', '7', '4', 'F', '38', 'cocaine', '2', 'nasal',
		'Unconscious', 'Conscious responsive', 'Yes', 'Y', 'yes', 'no', '1', NULL, NULL, '12/12/2025 08:00'),
	('08', '6', '1', 'U', '12/13/2025 11:15', NULL, 'Patrol', '8', '5', 'M', '45', 'heroin', '2', 'nasal',
		'Unconscious', 'Conscious responsive', 'Yes', 'Y', 'yes', 'no', '1', NULL, NULL, '14/12/2025 08:00'),
	('09', '7', '1', 'L', '14/12/2025 23:50', NULL, 'Patrol', '9', NULL, 'M', '29', NULL, '0', 'nasal',
		'conscious', 'Conscious responsive', 'Yes', 'N', 'no', 'no', 'No', NULL, NULL, '15/12/2025 08:00'),
	('10', '8', '1', 'K', '15/12/2025 16:30', NULL, 'Patrol', '10', NULL, 'F', 'thirties', 'alcohol', '1', 'nasal',
		'Unconscious', 'Conscious responsive', 'Yes', 'maybe', 'yes', 'no', '1', NULL, NULL, '15/12/2025 19:00')
) AS form(form, incident, person_in_incident, division, occurred_at, first_at, setting, officer, person, sex, age, substances, doses, route,
	condition, outcome, survival, attended, recovery, breaths, kits, easting, northing, recorded_at);

CALL naloxone_kpi.ingest(:'kpi');
