-- Can the rest be believed: what is filled, what came late, what contradicts, what is missing.

-- Where two times are known, how long after the event a record reached the force, in seconds; at once where it says before. Times of another
-- age are brought to the edges of this one, so that their difference is one.
CREATE FUNCTION recording_delay(recorded_at timestamptz, happened_at timestamptz) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN isfinite(recorded_at) AND isfinite(happened_at)
                THEN least(greatest(floor(date_part('epoch', least(recorded_at, '9999-12-31 00:00+00') - greatest(happened_at, '1900-01-01 00:00+00'))), 0), 400000000)::integer END;

-- Of what has a day and no time, in whole days.
CREATE FUNCTION recording_delay(recorded_on date, happened_on date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN recorded_on < date 'infinity' AND happened_on < date 'infinity'
                THEN 86400 * least(greatest(recorded_on - happened_on, 0), 4000) END;

CREATE VIEW administration_quality_day_source AS
    SELECT day_of(a.occurred_at) AS day, coalesce(a.incident_division_code, 'UNKNOWN') AS division_code, count(*) AS records,
           count(a.incident_division_code) AS incident_division_code_filled, count(a.officer_division_code) AS officer_division_code_filled,
           count(a.subdivision) AS subdivision_filled, count(a.council_code) AS council_code_filled,
           count(a.police_arrived_at) AS police_arrived_at_filled, count(a.naloxone_first_at) AS naloxone_first_at_filled,
           count(a.setting) AS setting_filled, count(a.officer_key) AS officer_key_filled, count(a.officer_role) AS officer_role_filled,
           count(a.person_key) AS person_key_filled, count(a.sex) AS sex_filled, count(a.age_band) AS age_band_filled,
           count(nullif(a.substances, '{}')) AS substances_filled, count(num_doses(a.doses)) AS doses_filled,
           count(a.condition_on_arrival) AS condition_on_arrival_filled, count(a.believed_dead_on_arrival) AS believed_dead_on_arrival_filled,
           count(a.paraphernalia_present) AS paraphernalia_present_filled,
           count(technique_done(a.first_aid, 'woken_verbally')) AS woken_verbally_filled,
           count(technique_done(a.first_aid, 'head_tilted')) AS head_tilted_filled,
           count(technique_done(a.first_aid, 'breathing_checked')) AS breathing_checked_filled,
           count(technique_done(a.first_aid, 'recovery_position')) AS recovery_position_filled,
           count(technique_done(a.first_aid, 'chest_compressions')) AS chest_compressions_filled,
           count(technique_done(a.first_aid, 'rescue_breaths')) AS rescue_breaths_filled,
           count(technique_done(a.first_aid, 'airway_cleared')) AS airway_cleared_filled,
           count(technique_done(a.first_aid, 'pulse_checked')) AS pulse_checked_filled, count(a.outcome) AS outcome_filled,
           count(nullif(a.survival, 'not_known')) AS survival_filled, count(a.survival_as_at) AS survival_as_at_filled,
           count(a.person_left_at) AS person_left_at_filled, count(a.refused_care) AS refused_care_filled,
           count(a.relapsed_before_ambulance) AS relapsed_before_ambulance_filled, count(a.call_source) AS call_source_filled,
           count(a.police_first_on_scene) AS police_first_on_scene_filled, count(a.ambulance_called_at) AS ambulance_called_at_filled,
           count(a.ambulance_category_first) AS ambulance_category_first_filled, count(a.ambulance_category_last) AS ambulance_category_last_filled,
           count(a.ambulance_clock_started_at) AS ambulance_clock_started_at_filled, count(a.clock) AS clock_filled,
           count(a.ambulance_attended) AS ambulance_attended_filled, count(a.ambulance_arrived_at) AS ambulance_arrived_at_filled,
           count(a.ambulance_stood_down_at) AS ambulance_stood_down_at_filled, count(a.ambulance_response_mins) AS ambulance_response_mins_filled,
           count(a.seen_by_paramedics) AS seen_by_paramedics_filled, count(a.further_care_given) AS further_care_given_filled,
           count(a.handover_given) AS handover_given_filled, count(a.taken_to_hospital) AS taken_to_hospital_filled,
           count(a.kits_needed) AS kits_needed_filled, count(a.officer_injured) AS officer_injured_filled, count(a.complaint) AS complaint_filled,
           count(a.recorded_at) AS recorded_at_filled,
           coalesce(duration_dist(recording_delay(a.recorded_at, a.occurred_at)) FILTER (WHERE recording_delay(a.recorded_at, a.occurred_at) IS NOT NULL), '{}') AS delay
    FROM administration a
    GROUP BY day_of(a.occurred_at), coalesce(a.incident_division_code, 'UNKNOWN');

CREATE TABLE administration_quality_day AS TABLE administration_quality_day_source WITH NO DATA;
ALTER TABLE administration_quality_day ADD PRIMARY KEY (day, division_code);

CREATE VIEW overdose_quality_day_source AS
    SELECT day_of(a.occurred_at) AS day, coalesce(a.incident_division_code, 'UNKNOWN') AS division_code, count(*) AS records,
           count(a.incident_division_code) AS incident_division_code_filled, count(a.notified_by) AS notified_by_filled,
           count(a.naloxone_given) AS naloxone_given_filled, count(a.why_not) AS why_not_filled, count(a.recorded_at) AS recorded_at_filled,
           coalesce(duration_dist(recording_delay(a.recorded_at, a.occurred_at)) FILTER (WHERE recording_delay(a.recorded_at, a.occurred_at) IS NOT NULL), '{}') AS delay
    FROM overdose_incident a
    GROUP BY day_of(a.occurred_at), coalesce(a.incident_division_code, 'UNKNOWN');

CREATE TABLE overdose_quality_day AS TABLE overdose_quality_day_source WITH NO DATA;
ALTER TABLE overdose_quality_day ADD PRIMARY KEY (day, division_code);

CREATE VIEW activation_quality_day_source AS
    SELECT day_of(a.clock_started_at) AS day, coalesce(a.division_code, 'UNKNOWN') AS division_code, count(*) AS records,
           count(a.incident_id) AS incident_id_filled, count(a.division_code) AS division_code_filled, count(a.urban_rural) AS urban_rural_filled,
           count(a.category_first) AS category_first_filled, count(a.category_last) AS category_last_filled, count(a.clock) AS clock_filled,
           count(a.arrived_at) AS arrived_at_filled, count(a.stood_down_at) AS stood_down_at_filled, count(a.call_source) AS call_source_filled,
           count(a.naloxone_given) AS naloxone_given_filled, count(a.recorded_at) AS recorded_at_filled,
           coalesce(duration_dist(recording_delay(a.recorded_at, a.clock_started_at)) FILTER (WHERE recording_delay(a.recorded_at, a.clock_started_at) IS NOT NULL), '{}') AS delay
    FROM ambulance_activation a
    GROUP BY day_of(a.clock_started_at), coalesce(a.division_code, 'UNKNOWN');

CREATE TABLE activation_quality_day AS TABLE activation_quality_day_source WITH NO DATA;
ALTER TABLE activation_quality_day ADD PRIMARY KEY (day, division_code);

CREATE VIEW measure_quality_day_source AS
    SELECT day_of(a.issued_on) AS day, coalesce(a.division_code, 'UNKNOWN') AS division_code, count(*) AS records,
           count(a.division_code) AS division_code_filled, count(nullif(a.drug_class, 'unknown')) AS drug_class_filled,
           count(a.refused) AS refused_filled, count(a.measure_person_key) AS measure_person_key_filled, count(a.recorded_at) AS recorded_at_filled,
           coalesce(duration_dist(recording_delay(day_of(a.recorded_at), day_of(a.issued_on))) FILTER (WHERE recording_delay(day_of(a.recorded_at), day_of(a.issued_on)) IS NOT NULL), '{}') AS delay
    FROM direct_measure a
    GROUP BY day_of(a.issued_on), coalesce(a.division_code, 'UNKNOWN');

CREATE TABLE measure_quality_day AS TABLE measure_quality_day_source WITH NO DATA;
ALTER TABLE measure_quality_day ADD PRIMARY KEY (day, division_code);

-- Of sources of which records exist at all. No twelve months: how well a form is filled is not a matter of seasons.
CREATE VIEW quality_period AS
    SELECT ap.period_key, ap.area_key, ap.source, ap.division_days, ap.covered_division_days, ap.is_covered
    FROM area_period ap
    JOIN period p USING (period_key)
    WHERE p.grain <> 'rolling_12_months' AND EXISTS (SELECT FROM coverage c WHERE c.source = ap.source);

-- A row a period, area and field of each source; summed before that, while it is one wide row.
CREATE VIEW administration_quality AS
    WITH by_month AS (
        SELECT c.month, c.division_code, sum(q.records) AS records,
               sum(q.incident_division_code_filled) AS incident_division_code_filled,
               sum(q.officer_division_code_filled) AS officer_division_code_filled, sum(q.subdivision_filled) AS subdivision_filled,
               sum(q.council_code_filled) AS council_code_filled, sum(q.police_arrived_at_filled) AS police_arrived_at_filled,
               sum(q.naloxone_first_at_filled) AS naloxone_first_at_filled, sum(q.setting_filled) AS setting_filled,
               sum(q.officer_key_filled) AS officer_key_filled, sum(q.officer_role_filled) AS officer_role_filled,
               sum(q.person_key_filled) AS person_key_filled, sum(q.sex_filled) AS sex_filled, sum(q.age_band_filled) AS age_band_filled,
               sum(q.substances_filled) AS substances_filled, sum(q.doses_filled) AS doses_filled,
               sum(q.condition_on_arrival_filled) AS condition_on_arrival_filled,
               sum(q.believed_dead_on_arrival_filled) AS believed_dead_on_arrival_filled,
               sum(q.paraphernalia_present_filled) AS paraphernalia_present_filled, sum(q.woken_verbally_filled) AS woken_verbally_filled,
               sum(q.head_tilted_filled) AS head_tilted_filled, sum(q.breathing_checked_filled) AS breathing_checked_filled,
               sum(q.recovery_position_filled) AS recovery_position_filled, sum(q.chest_compressions_filled) AS chest_compressions_filled,
               sum(q.rescue_breaths_filled) AS rescue_breaths_filled, sum(q.airway_cleared_filled) AS airway_cleared_filled,
               sum(q.pulse_checked_filled) AS pulse_checked_filled, sum(q.outcome_filled) AS outcome_filled,
               sum(q.survival_filled) AS survival_filled, sum(q.survival_as_at_filled) AS survival_as_at_filled,
               sum(q.person_left_at_filled) AS person_left_at_filled, sum(q.refused_care_filled) AS refused_care_filled,
               sum(q.relapsed_before_ambulance_filled) AS relapsed_before_ambulance_filled, sum(q.call_source_filled) AS call_source_filled,
               sum(q.police_first_on_scene_filled) AS police_first_on_scene_filled, sum(q.ambulance_called_at_filled) AS ambulance_called_at_filled,
               sum(q.ambulance_category_first_filled) AS ambulance_category_first_filled,
               sum(q.ambulance_category_last_filled) AS ambulance_category_last_filled,
               sum(q.ambulance_clock_started_at_filled) AS ambulance_clock_started_at_filled, sum(q.clock_filled) AS clock_filled,
               sum(q.ambulance_attended_filled) AS ambulance_attended_filled, sum(q.ambulance_arrived_at_filled) AS ambulance_arrived_at_filled,
               sum(q.ambulance_stood_down_at_filled) AS ambulance_stood_down_at_filled,
               sum(q.ambulance_response_mins_filled) AS ambulance_response_mins_filled,
               sum(q.seen_by_paramedics_filled) AS seen_by_paramedics_filled, sum(q.further_care_given_filled) AS further_care_given_filled,
               sum(q.handover_given_filled) AS handover_given_filled, sum(q.taken_to_hospital_filled) AS taken_to_hospital_filled,
               sum(q.kits_needed_filled) AS kits_needed_filled, sum(q.officer_injured_filled) AS officer_injured_filled,
               sum(q.complaint_filled) AS complaint_filled, sum(q.recorded_at_filled) AS recorded_at_filled
        FROM administration_quality_day q
        JOIN counted_day c ON c.source = 'administration' AND c.day = q.day AND c.recorded_division_code = q.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key, sum(m.records) AS records,
               sum(m.incident_division_code_filled) AS incident_division_code_filled,
               sum(m.officer_division_code_filled) AS officer_division_code_filled, sum(m.subdivision_filled) AS subdivision_filled,
               sum(m.council_code_filled) AS council_code_filled, sum(m.police_arrived_at_filled) AS police_arrived_at_filled,
               sum(m.naloxone_first_at_filled) AS naloxone_first_at_filled, sum(m.setting_filled) AS setting_filled,
               sum(m.officer_key_filled) AS officer_key_filled, sum(m.officer_role_filled) AS officer_role_filled,
               sum(m.person_key_filled) AS person_key_filled, sum(m.sex_filled) AS sex_filled, sum(m.age_band_filled) AS age_band_filled,
               sum(m.substances_filled) AS substances_filled, sum(m.doses_filled) AS doses_filled,
               sum(m.condition_on_arrival_filled) AS condition_on_arrival_filled,
               sum(m.believed_dead_on_arrival_filled) AS believed_dead_on_arrival_filled,
               sum(m.paraphernalia_present_filled) AS paraphernalia_present_filled, sum(m.woken_verbally_filled) AS woken_verbally_filled,
               sum(m.head_tilted_filled) AS head_tilted_filled, sum(m.breathing_checked_filled) AS breathing_checked_filled,
               sum(m.recovery_position_filled) AS recovery_position_filled, sum(m.chest_compressions_filled) AS chest_compressions_filled,
               sum(m.rescue_breaths_filled) AS rescue_breaths_filled, sum(m.airway_cleared_filled) AS airway_cleared_filled,
               sum(m.pulse_checked_filled) AS pulse_checked_filled, sum(m.outcome_filled) AS outcome_filled,
               sum(m.survival_filled) AS survival_filled, sum(m.survival_as_at_filled) AS survival_as_at_filled,
               sum(m.person_left_at_filled) AS person_left_at_filled, sum(m.refused_care_filled) AS refused_care_filled,
               sum(m.relapsed_before_ambulance_filled) AS relapsed_before_ambulance_filled, sum(m.call_source_filled) AS call_source_filled,
               sum(m.police_first_on_scene_filled) AS police_first_on_scene_filled, sum(m.ambulance_called_at_filled) AS ambulance_called_at_filled,
               sum(m.ambulance_category_first_filled) AS ambulance_category_first_filled,
               sum(m.ambulance_category_last_filled) AS ambulance_category_last_filled,
               sum(m.ambulance_clock_started_at_filled) AS ambulance_clock_started_at_filled, sum(m.clock_filled) AS clock_filled,
               sum(m.ambulance_attended_filled) AS ambulance_attended_filled, sum(m.ambulance_arrived_at_filled) AS ambulance_arrived_at_filled,
               sum(m.ambulance_stood_down_at_filled) AS ambulance_stood_down_at_filled,
               sum(m.ambulance_response_mins_filled) AS ambulance_response_mins_filled,
               sum(m.seen_by_paramedics_filled) AS seen_by_paramedics_filled, sum(m.further_care_given_filled) AS further_care_given_filled,
               sum(m.handover_given_filled) AS handover_given_filled, sum(m.taken_to_hospital_filled) AS taken_to_hospital_filled,
               sum(m.kits_needed_filled) AS kits_needed_filled, sum(m.officer_injured_filled) AS officer_injured_filled,
               sum(m.complaint_filled) AS complaint_filled, sum(m.recorded_at_filled) AS recorded_at_filled
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    )
    SELECT ap.period_key, ap.area_key, ap.source, f.field, f.field_order, ap.division_days, ap.covered_division_days,
           CASE WHEN ap.is_covered THEN coalesce(s.records, 0) END::bigint AS records, CASE WHEN ap.is_covered THEN coalesce(f.filled, 0) END::bigint AS filled
    FROM quality_period ap
    LEFT JOIN summed s USING (period_key, area_key)
    CROSS JOIN LATERAL (VALUES
        (1, 'incident_division_code', s.incident_division_code_filled), (2, 'officer_division_code', s.officer_division_code_filled),
        (3, 'subdivision', s.subdivision_filled), (4, 'council_code', s.council_code_filled), (5, 'police_arrived_at', s.police_arrived_at_filled),
        (6, 'naloxone_first_at', s.naloxone_first_at_filled), (7, 'setting', s.setting_filled), (8, 'officer_key', s.officer_key_filled),
        (9, 'officer_role', s.officer_role_filled), (10, 'person_key', s.person_key_filled), (11, 'sex', s.sex_filled),
        (12, 'age_band', s.age_band_filled), (13, 'substances', s.substances_filled), (14, 'doses', s.doses_filled),
        (15, 'condition_on_arrival', s.condition_on_arrival_filled), (16, 'believed_dead_on_arrival', s.believed_dead_on_arrival_filled),
        (17, 'paraphernalia_present', s.paraphernalia_present_filled), (18, 'woken_verbally', s.woken_verbally_filled),
        (19, 'head_tilted', s.head_tilted_filled), (20, 'breathing_checked', s.breathing_checked_filled),
        (21, 'recovery_position', s.recovery_position_filled), (22, 'chest_compressions', s.chest_compressions_filled),
        (23, 'rescue_breaths', s.rescue_breaths_filled), (24, 'airway_cleared', s.airway_cleared_filled),
        (25, 'pulse_checked', s.pulse_checked_filled), (26, 'outcome', s.outcome_filled), (27, 'survival', s.survival_filled),
        (28, 'survival_as_at', s.survival_as_at_filled), (29, 'person_left_at', s.person_left_at_filled),
        (30, 'refused_care', s.refused_care_filled), (31, 'relapsed_before_ambulance', s.relapsed_before_ambulance_filled),
        (32, 'call_source', s.call_source_filled), (33, 'police_first_on_scene', s.police_first_on_scene_filled),
        (34, 'ambulance_called_at', s.ambulance_called_at_filled), (35, 'ambulance_category_first', s.ambulance_category_first_filled),
        (36, 'ambulance_category_last', s.ambulance_category_last_filled), (37, 'ambulance_clock_started_at', s.ambulance_clock_started_at_filled),
        (38, 'clock', s.clock_filled), (39, 'ambulance_attended', s.ambulance_attended_filled),
        (40, 'ambulance_arrived_at', s.ambulance_arrived_at_filled), (41, 'ambulance_stood_down_at', s.ambulance_stood_down_at_filled),
        (42, 'ambulance_response_mins', s.ambulance_response_mins_filled), (43, 'seen_by_paramedics', s.seen_by_paramedics_filled),
        (44, 'further_care_given', s.further_care_given_filled), (45, 'handover_given', s.handover_given_filled),
        (46, 'taken_to_hospital', s.taken_to_hospital_filled), (47, 'kits_needed', s.kits_needed_filled),
        (48, 'officer_injured', s.officer_injured_filled), (49, 'complaint', s.complaint_filled), (50, 'recorded_at', s.recorded_at_filled)
    ) AS f (field_order, field, filled)
    WHERE ap.source = 'administration';

CREATE VIEW overdose_quality AS
    WITH by_month AS (
        SELECT c.month, c.division_code, sum(q.records) AS records,
               sum(q.incident_division_code_filled) AS incident_division_code_filled, sum(q.notified_by_filled) AS notified_by_filled,
               sum(q.naloxone_given_filled) AS naloxone_given_filled, sum(q.why_not_filled) AS why_not_filled,
               sum(q.recorded_at_filled) AS recorded_at_filled
        FROM overdose_quality_day q
        JOIN counted_day c ON c.source = 'overdose_incident' AND c.day = q.day AND c.recorded_division_code = q.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key, sum(m.records) AS records,
               sum(m.incident_division_code_filled) AS incident_division_code_filled, sum(m.notified_by_filled) AS notified_by_filled,
               sum(m.naloxone_given_filled) AS naloxone_given_filled, sum(m.why_not_filled) AS why_not_filled,
               sum(m.recorded_at_filled) AS recorded_at_filled
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    )
    SELECT ap.period_key, ap.area_key, ap.source, f.field, f.field_order, ap.division_days, ap.covered_division_days,
           CASE WHEN ap.is_covered THEN coalesce(s.records, 0) END::bigint AS records, CASE WHEN ap.is_covered THEN coalesce(f.filled, 0) END::bigint AS filled
    FROM quality_period ap
    LEFT JOIN summed s USING (period_key, area_key)
    CROSS JOIN LATERAL (VALUES
        (1, 'incident_division_code', s.incident_division_code_filled), (2, 'notified_by', s.notified_by_filled),
        (3, 'naloxone_given', s.naloxone_given_filled), (4, 'why_not', s.why_not_filled), (5, 'recorded_at', s.recorded_at_filled)
    ) AS f (field_order, field, filled)
    WHERE ap.source = 'overdose_incident';

CREATE VIEW activation_quality AS
    WITH by_month AS (
        SELECT c.month, c.division_code, sum(q.records) AS records,
               sum(q.incident_id_filled) AS incident_id_filled, sum(q.division_code_filled) AS division_code_filled,
               sum(q.urban_rural_filled) AS urban_rural_filled, sum(q.category_first_filled) AS category_first_filled,
               sum(q.category_last_filled) AS category_last_filled, sum(q.clock_filled) AS clock_filled,
               sum(q.arrived_at_filled) AS arrived_at_filled, sum(q.stood_down_at_filled) AS stood_down_at_filled,
               sum(q.call_source_filled) AS call_source_filled, sum(q.naloxone_given_filled) AS naloxone_given_filled,
               sum(q.recorded_at_filled) AS recorded_at_filled
        FROM activation_quality_day q
        JOIN counted_day c ON c.source = 'ambulance_activation' AND c.day = q.day AND c.recorded_division_code = q.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key, sum(m.records) AS records,
               sum(m.incident_id_filled) AS incident_id_filled, sum(m.division_code_filled) AS division_code_filled,
               sum(m.urban_rural_filled) AS urban_rural_filled, sum(m.category_first_filled) AS category_first_filled,
               sum(m.category_last_filled) AS category_last_filled, sum(m.clock_filled) AS clock_filled,
               sum(m.arrived_at_filled) AS arrived_at_filled, sum(m.stood_down_at_filled) AS stood_down_at_filled,
               sum(m.call_source_filled) AS call_source_filled, sum(m.naloxone_given_filled) AS naloxone_given_filled,
               sum(m.recorded_at_filled) AS recorded_at_filled
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    )
    SELECT ap.period_key, ap.area_key, ap.source, f.field, f.field_order, ap.division_days, ap.covered_division_days,
           CASE WHEN ap.is_covered THEN coalesce(s.records, 0) END::bigint AS records, CASE WHEN ap.is_covered THEN coalesce(f.filled, 0) END::bigint AS filled
    FROM quality_period ap
    LEFT JOIN summed s USING (period_key, area_key)
    CROSS JOIN LATERAL (VALUES
        (1, 'incident_id', s.incident_id_filled), (2, 'division_code', s.division_code_filled), (3, 'urban_rural', s.urban_rural_filled),
        (4, 'category_first', s.category_first_filled), (5, 'category_last', s.category_last_filled), (6, 'clock', s.clock_filled),
        (7, 'arrived_at', s.arrived_at_filled), (8, 'stood_down_at', s.stood_down_at_filled), (9, 'call_source', s.call_source_filled),
        (10, 'naloxone_given', s.naloxone_given_filled), (11, 'recorded_at', s.recorded_at_filled)
    ) AS f (field_order, field, filled)
    WHERE ap.source = 'ambulance_activation';

CREATE VIEW measure_quality AS
    WITH by_month AS (
        SELECT c.month, c.division_code, sum(q.records) AS records,
               sum(q.division_code_filled) AS division_code_filled, sum(q.drug_class_filled) AS drug_class_filled,
               sum(q.refused_filled) AS refused_filled, sum(q.measure_person_key_filled) AS measure_person_key_filled,
               sum(q.recorded_at_filled) AS recorded_at_filled
        FROM measure_quality_day q
        JOIN counted_day c ON c.source = 'direct_measure' AND c.day = q.day AND c.recorded_division_code = q.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key, sum(m.records) AS records,
               sum(m.division_code_filled) AS division_code_filled, sum(m.drug_class_filled) AS drug_class_filled,
               sum(m.refused_filled) AS refused_filled, sum(m.measure_person_key_filled) AS measure_person_key_filled,
               sum(m.recorded_at_filled) AS recorded_at_filled
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    )
    SELECT ap.period_key, ap.area_key, ap.source, f.field, f.field_order, ap.division_days, ap.covered_division_days,
           CASE WHEN ap.is_covered THEN coalesce(s.records, 0) END::bigint AS records, CASE WHEN ap.is_covered THEN coalesce(f.filled, 0) END::bigint AS filled
    FROM quality_period ap
    LEFT JOIN summed s USING (period_key, area_key)
    CROSS JOIN LATERAL (VALUES
        (1, 'division_code', s.division_code_filled), (2, 'drug_class', s.drug_class_filled), (3, 'refused', s.refused_filled),
        (4, 'measure_person_key', s.measure_person_key_filled), (5, 'recorded_at', s.recorded_at_filled)
    ) AS f (field_order, field, filled)
    WHERE ap.source = 'direct_measure';

CREATE MATERIALIZED VIEW data_quality AS
    SELECT q.period_key, q.area_key, q.source, q.field, q.field_order, q.division_days, q.covered_division_days, q.records, q.filled,
           q.filled::float8 / nullif(q.records, 0) AS filled_share
    FROM (
        SELECT period_key, area_key, source, field, field_order, division_days, covered_division_days, records, filled FROM administration_quality
        UNION ALL SELECT period_key, area_key, source, field, field_order, division_days, covered_division_days, records, filled FROM overdose_quality
        UNION ALL SELECT period_key, area_key, source, field, field_order, division_days, covered_division_days, records, filled FROM activation_quality
        UNION ALL SELECT period_key, area_key, source, field, field_order, division_days, covered_division_days, records, filled FROM measure_quality
    ) q;
CREATE UNIQUE INDEX data_quality_key ON data_quality (period_key, area_key, source, field);

-- Findings, by month and division: of how many examined it is true.

-- A record is late by the setting, so its delay is kept whole and the limit is set against it here.
CREATE VIEW late_arrival AS
    SELECT d.source, c.month, c.division_code, sum(num_values(d.delay))::bigint AS examined,
           sum(num_values(d.delay) - num_within(d.delay, 3600 * setting.late_record_hours))::bigint AS found
    FROM (
        SELECT 'administration' AS source, day, division_code, delay FROM administration_quality_day
        UNION ALL SELECT 'overdose_incident' AS source, day, division_code, delay FROM overdose_quality_day
        UNION ALL SELECT 'ambulance_activation' AS source, day, division_code, delay FROM activation_quality_day
        UNION ALL SELECT 'direct_measure' AS source, day, division_code, delay FROM measure_quality_day
    ) d
    JOIN counted_day c ON c.source = d.source AND c.day = d.day AND c.recorded_division_code = d.division_code
    CROSS JOIN setting
    GROUP BY d.source, c.month, c.division_code;

CREATE VIEW joined_form AS
    SELECT c.month, c.division_code, sum(a.forms)::bigint AS examined, sum(a.forms - a.administrations)::bigint AS found
    FROM administration_day a
    JOIN counted_day c ON c.source = 'administration' AND c.day = a.day AND c.recorded_division_code = a.division_code
    GROUP BY c.month, c.division_code;

-- Administrations whose forms were ingested, with what was found of the forms.
CREATE VIEW form_quality AS
    SELECT c.month, c.division_code,
           count(*) AS administrations,
           sum(f.forms)::bigint AS forms,
           count(*) FILTER (WHERE f.forms > 1) AS joined_administrations,
           sum(f.forms_with_finding)::bigint AS forms_with_finding,
           sum(f.forms_not_identified)::bigint AS forms_not_identified,
           sum(f.unresolved_forms)::bigint AS unresolved_forms,
           count(*) FILTER (WHERE f.is_contradictory) AS contradictory_administrations
    FROM (
        SELECT a.administration_id, count(*) AS forms,
               count(*) FILTER (WHERE EXISTS (SELECT FROM form_finding d WHERE d.form_id = a.form_id)) AS forms_with_finding,
               count(*) FILTER (WHERE a.person_in_incident IS NULL AND a.person_key IS NULL) AS forms_not_identified,
               count(u.form_id) AS unresolved_forms,
               bool_or(k.administration_id IS NOT NULL) AS is_contradictory
        FROM accepted_form a
        LEFT JOIN unresolved_form u ON u.form_id = a.form_id
        LEFT JOIN (SELECT DISTINCT administration_id FROM form_contradiction) k ON k.administration_id = a.administration_id
        GROUP BY a.administration_id
    ) f
    JOIN administration r ON r.administration_id = f.administration_id
    JOIN counted_day c ON c.source = 'administration' AND c.day = day_of(r.occurred_at)
                      AND c.recorded_division_code = coalesce(r.incident_division_code, 'UNKNOWN')
    GROUP BY c.month, c.division_code;

-- Points of administrations in divisions whose boundary is known, and those of them outside it. Only counts come out.
CREATE VIEW point_quality AS
    SELECT c.month, c.division_code, count(*) AS examined, count(*) FILTER (WHERE NOT ST_Covers(d.boundary, p.location)) AS found
    FROM administration_place p
    JOIN administration a ON a.administration_id = p.administration_id
    JOIN counted_day c ON c.source = 'administration' AND c.day = day_of(a.occurred_at)
                      AND c.recorded_division_code = coalesce(a.incident_division_code, 'UNKNOWN')
    JOIN division d ON d.division_code = c.division_code AND d.boundary IS NOT NULL
                   AND day_of(a.occurred_at) >= d.valid_from AND (d.valid_to IS NULL OR day_of(a.occurred_at) <= d.valid_to)
    GROUP BY c.month, c.division_code;

-- Days without records between days with records, of each division while it held; and of months with records possible on every day,
-- those without one.
CREATE VIEW coverage_gap AS
    SELECT c.source, m.period_start AS month, c.division_code,
           (SELECT sum(upper(r) - lower(r)) FROM unnest(spanned.days) AS r)::bigint AS examined,
           coalesce((SELECT sum(upper(r) - lower(r)) FROM unnest(spanned.days - c.covered) AS r), 0)::bigint AS found
    FROM coverage c
    JOIN division_day h ON h.division_code = c.division_code
    JOIN period m ON m.grain = 'month'
    CROSS JOIN LATERAL (SELECT datemultirange(range_merge(c.covered)) * datemultirange(daterange(m.period_start, m.elapsed_to, '[]')) * h.held AS days) spanned
    WHERE NOT isempty(spanned.days);

CREATE VIEW empty_month AS
    SELECT ap.source, m.period_start AS month, a.division_code, 1::bigint AS examined, (n.month IS NULL)::integer::bigint AS found
    FROM area_period ap
    JOIN period m ON m.period_key = ap.period_key AND m.grain = 'month' AND m.is_complete
    JOIN area a ON a.area_key = ap.area_key AND a.division_code IS NOT NULL AND a.division_code <> 'UNKNOWN'
    LEFT JOIN (SELECT DISTINCT source, month, division_code FROM counted_day) n
           ON n.source = ap.source AND n.month = m.period_start AND n.division_code = a.division_code
    WHERE ap.is_fully_covered AND ap.division_days > 0;

CREATE TABLE quality_finding (
    finding   text PRIMARY KEY,
    examined  text NOT NULL,      -- what is counted as examined
    found     text NOT NULL,      -- and what as found
    sources   text[] NOT NULL,
    is_kept   boolean NOT NULL DEFAULT true   -- whether it stays when the records are retired
);
INSERT INTO quality_finding VALUES
    ('late', 'records with both times', 'records that reached the force later than setting.late_record_hours after the event',
     '{administration,overdose_incident,ambulance_activation,direct_measure}'),
    ('joined_forms', 'officers'' forms', 'forms of these that were joined to another form about the same person', '{administration}'),
    ('unresolved_forms', 'forms ingested that say neither a number of person nor a key', 'forms of these that may be about the person of another officer''s form, and were not joined', '{administration}'),
    ('contradictory_administrations', 'administrations of several forms', 'administrations of these whose forms contradict one another', '{administration}'),
    ('forms_with_finding', 'forms ingested', 'forms of these that break a rule, though not one for which they are rejected', '{administration}'),
    ('point_outside_division', 'points in divisions whose boundary is known', 'points of these outside the boundary of the incident''s division', '{administration}'),
    ('days_not_covered', 'days of divisions from their first to their last day of coverage', 'days of these that are not covered',
     '{administration,overdose_incident,ambulance_activation,direct_measure,recorded_crime,kit_movement,drug_death,substance_signal,survey_response}'),
    ('months_without_record', 'months of divisions that have ended and are wholly covered', 'months of these without one record',
     '{administration,overdose_incident,ambulance_activation,direct_measure,recorded_crime,kit_movement,drug_death,substance_signal,survey_response}');
-- These are looked for in the records themselves.
UPDATE quality_finding SET is_kept = false
WHERE finding IN ('unresolved_forms', 'contradictory_administrations', 'forms_with_finding', 'point_outside_division');

CREATE MATERIALIZED VIEW data_quality_finding AS
    WITH by_month AS (
        SELECT source, 'late' AS finding, month, division_code, examined, found FROM late_arrival
        UNION ALL SELECT 'administration' AS source, 'joined_forms' AS finding, month, division_code, examined, found FROM joined_form
        UNION ALL SELECT 'administration' AS source, 'unresolved_forms' AS finding, month, division_code, forms_not_identified, unresolved_forms FROM form_quality
        UNION ALL SELECT 'administration' AS source, 'contradictory_administrations' AS finding, month, division_code, joined_administrations, contradictory_administrations FROM form_quality
        UNION ALL SELECT 'administration' AS source, 'forms_with_finding' AS finding, month, division_code, forms, forms_with_finding FROM form_quality
        UNION ALL SELECT 'administration' AS source, 'point_outside_division' AS finding, month, division_code, examined, found FROM point_quality
        UNION ALL SELECT source, 'days_not_covered' AS finding, month, division_code, examined, found FROM coverage_gap
        UNION ALL SELECT source, 'months_without_record' AS finding, month, division_code, examined, found FROM empty_month
    ), summed AS (
        SELECT pm.period_key, ad.area_key, m.source, m.finding, sum(m.examined)::bigint AS examined, sum(m.found)::bigint AS found
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2, 3, 4
    )
    -- Where nothing is covered nothing can be found, except that it is not covered; and nothing in records that are retired.
    SELECT ap.period_key, ap.area_key, ap.source, f.finding, ap.division_days, ap.covered_division_days,
           CASE WHEN z.source IS NULL THEN coalesce(s.examined, CASE WHEN ap.is_covered THEN 0 END) END AS examined,
           CASE WHEN z.source IS NULL THEN coalesce(s.found, CASE WHEN ap.is_covered THEN 0 END) END AS found,
           CASE WHEN z.source IS NULL THEN s.found::float8 / nullif(s.examined, 0) END AS found_share
    FROM quality_period ap
    JOIN period p USING (period_key)
    JOIN quality_finding f ON ap.source = ANY (f.sources)
    LEFT JOIN sealed_source z ON z.source = ap.source AND p.period_start < z.sealed_before AND NOT f.is_kept
    LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key AND s.source = ap.source AND s.finding = f.finding;
CREATE UNIQUE INDEX data_quality_finding_key ON data_quality_finding (period_key, area_key, source, finding);

-- Forms that stand rejected, by why: a form that breaks several rules is in several rows.
CREATE VIEW rejected_form_reason AS
    SELECT coalesce('division ' || d.division_code, 'division UNKNOWN') AS area_key, r.field, r.rule, min(r.reason) AS reason,
           count(DISTINCT (r.run, r.line)) AS forms, max(i.started_at) AS last_loaded_at
    FROM rejected_row r
    JOIN ingest_run i USING (run)
    LEFT JOIN (SELECT DISTINCT division_code FROM division) d ON d.division_code = r.division_code
    GROUP BY 1, 2, 3;

INSERT INTO refresh_step VALUES
    (290, 'engine_room', 'administration_quality_day'),
    (291, 'engine_room', 'overdose_quality_day'),
    (292, 'engine_room', 'activation_quality_day'),
    (293, 'engine_room', 'measure_quality_day'),
    (720, 'engine_room', 'data_quality'),
    (721, 'engine_room', 'data_quality_finding');
INSERT INTO rollup VALUES
    ('administration_quality_day', '{day,division_code}'),
    ('overdose_quality_day', '{day,division_code}'),
    ('activation_quality_day', '{day,division_code}'),
    ('measure_quality_day', '{day,division_code}');
INSERT INTO rollup_source VALUES
    ('administration_quality_day', 'administration', 'marked_day'),
    ('overdose_quality_day', 'overdose_incident', 'marked_day'),
    ('activation_quality_day', 'ambulance_activation', 'marked_day'),
    ('measure_quality_day', 'direct_measure', 'marked_day');

INSERT INTO object_definition VALUES
    ('administration_quality_day_source', 'what a refresh fills administration_quality_day with'),
    ('administration_quality_day', 'administrations with each field filled, by day and division'),
    ('overdose_quality_day_source', 'what a refresh fills overdose_quality_day with'),
    ('overdose_quality_day', 'overdose incidents with each field filled, by day and division'),
    ('activation_quality_day_source', 'what a refresh fills activation_quality_day with'),
    ('activation_quality_day', 'ambulance activations with each field filled, by day and division'),
    ('measure_quality_day_source', 'what a refresh fills measure_quality_day with'),
    ('measure_quality_day', 'direct measures with each field filled, by day and division'),
    ('quality_period', 'the periods, areas and sources that data_quality looks at'),
    ('administration_quality', 'administrations with each field filled, by period, area and field'),
    ('overdose_quality', 'overdose incidents with each field filled, by period, area and field'),
    ('activation_quality', 'ambulance activations with each field filled, by period, area and field'),
    ('measure_quality', 'direct measures with each field filled, by period, area and field'),
    ('quality_finding', 'the findings of data_quality_finding, and what of'),
    ('late_arrival', 'records that came late, by month and division'),
    ('joined_form', 'officers'' forms and those of them that were joined to others, by month and division'),
    ('form_quality', 'what was found of the forms of administrations, by month and division'),
    ('point_quality', 'points outside their incident''s division, by month and division: counts only'),
    ('coverage_gap', 'days without coverage between days with coverage, by month and division'),
    ('empty_month', 'months of divisions, wholly covered, without one record'),
    ('data_quality', 'can the rest be believed: how often each field is filled, by period and area'),
    ('data_quality_finding', 'can the rest be believed: what was found, by period and area'),
    ('rejected_form_reason', 'forms that stand rejected, by division and reason'),
    ('data_quality_rejection', 'forms that stand rejected, by division and reason');

INSERT INTO dictionary VALUES
    ('data_quality', 'source', 'the contract that the records are of', 'text', false, 'sum within one source', NULL),
    ('data_quality', 'field', 'the column of the contract, or the technique of first aid', 'text', false, 'sum within one field', NULL),
    ('data_quality', 'field_order', 'the place of the field in its contract: sort by it', 'number', false, NULL, NULL),
    ('data_quality', 'records', 'records of the source', 'records', true, 'each record is in the row of every field: sum within one field', NULL),
    ('data_quality', 'filled', 'records in which the field says something', 'records', true, 'survival not known and drug class unknown are not filled; a field that does not apply, such as stood down, is not either', NULL),
    ('data_quality', 'filled_share', 'filled as a share of records', 'share, 0 to 1', false, 'a description of these very records: no interval', NULL),
    ('data_quality_finding', 'source', 'the contract that the records are of', 'text', false, 'sum within one source', NULL),
    ('data_quality_finding', 'finding', 'what was found: late, joined_forms, unresolved_forms, contradictory_administrations, forms_with_finding, point_outside_division, days_not_covered, months_without_record', 'text', false, 'sum within one finding', NULL),
    ('data_quality_finding', 'examined_what', 'what is counted in examined', 'text', false, NULL, NULL),
    ('data_quality_finding', 'found_what', 'what is counted in found', 'text', false, NULL, NULL),
    ('data_quality_finding', 'examined', 'records, forms, points, days or months that were looked at: see examined_what', 'as examined_what says', true, 'sum within one finding; of forms and points NULL where records were retired', NULL),
    ('data_quality_finding', 'found', 'those of which the finding is true: see found_what', 'as found_what says', true, 'sum within one finding; of forms and points NULL where records were retired', NULL),
    ('data_quality_finding', 'found_share', 'found as a share of examined', 'share, 0 to 1', false, NULL, NULL),
    ('data_quality_rejection', 'field', 'the field of the form', 'text', false, NULL, 'rejected_row'),
    ('data_quality_rejection', 'rule', 'the rule that it breaks', 'text', false, NULL, 'form_rule'),
    ('data_quality_rejection', 'reason', 'what is wrong, to be read after the field''s name', 'text', false, NULL, 'form_rule'),
    ('data_quality_rejection', 'forms', 'forms that stand rejected for this', 'forms', false, 'a form that breaks several rules is in several rows; one that came again accepted is in none; by the division that the form names', 'rejected_row'),
    ('data_quality_rejection', 'last_loaded', 'the last load with one of them, local time', 'time', false, NULL, 'ingest_run');
