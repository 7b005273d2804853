-- The README's quick start, with a handful of records whose figures can be counted by hand.
\set SHOW_CONTEXT never
SELECT naloxone_kpi.deploy('quick');
INSERT INTO quick.division_record (division_code, division_name, valid_from) VALUES ('A', 'North', '2013-04-01'), ('B', 'South', '2013-04-01');
INSERT INTO quick.population_record (area_type, area_code, year, people) VALUES ('division', 'A', 2024, 146100), ('division', 'B', 2024, 292200);
INSERT INTO quick.source_coverage_record (source, division_code, covered_from) VALUES ('administration', 'A', '2024-04-01'), ('administration', 'B', '2024-05-01');
INSERT INTO quick.administration_record
    (administration_id, incident_id, person_in_incident, incident_division_code, occurred_at, person_key, doses, call_source,
     ambulance_category_first, ambulance_clock_started_at, clock, ambulance_arrived_at)
VALUES
    ('1', 'i1', 1, 'A', '2024-04-10 12:00+01', 'p1', '{2 x 1800 mcg intranasal}', 'police_on_scene', 'Red', '2024-04-10 12:01+01', 'acuity_assigned', '2024-04-10 12:08+01'),
    ('2', 'i1', 2, 'A', '2024-04-10 12:02+01', NULL, '{1 x 1800 mcg intranasal,2 x 400 mcg intramuscular}', 'police_on_scene', 'Red', '2024-04-10 12:01+01', 'acuity_assigned', '2024-04-10 12:08+01'),
    ('3', 'i2', 1, 'B', '2024-05-31 23:30+01', 'p1', NULL, 'public', NULL, NULL, NULL, NULL),
    ('4', 'i3', 1, NULL, '2024-06-01 00:10+01', 'p2', '{1 x unknown}', NULL, NULL, NULL, NULL, NULL);
SET client_min_messages = warning; -- without the notice for each step and its time
CALL naloxone_kpi.refresh('quick', '2024-06-30');
RESET client_min_messages;
SELECT * FROM naloxone_kpi.check_deployment('quick');
SELECT * FROM naloxone_kpi.bi_check('quick');
-- A month by division: April before B's records begin is NULL, not 0; the fourth has no division.
SELECT period_key, area_key, incidents, administrations, forms, with_doses_recorded, doses, over_two_doses, micrograms
FROM quick_bi.kpi_doses_by_division ORDER BY period_key, area_key;
-- The force's quarter: 91 days of A and 61 of B are (146100 * 91 + 292200 * 61) / 365.25 = 85200 person-years; three administrations are A's or B's.
SELECT period_key, incidents, administrations, people, without_person_key, doses, round(doses_per_administration::numeric, 4) AS doses_per_administration,
       division_days, covered_division_days, person_years, round(administrations_per_100k::numeric, 4) AS administrations_per_100k
FROM quick_bi.kpi_doses_by_division_period WHERE area_key = 'force' AND period_key LIKE 'fiscal%' ORDER BY period_key;
SELECT clock, call_source, incidents, calls, arrivals, median_mins, median_target_mins, target_met
FROM quick_bi.kpi_ambulance_response_period
WHERE area_key = 'force' AND period_key = 'fiscal_year 2024-04' AND ambulance_category IN ('Red') AND call_source = 'police_on_scene' AND clock = 'acuity_assigned';
SELECT naloxone_kpi.undeploy('quick');
-- Records are not dropped unless that is said.
SELECT naloxone_kpi.undeploy('quick', drop_records => true);
