-- One person given naloxone in one incident: the standard form, with its place held apart for the owner alone.

CREATE TABLE administration_record (
    administration_id           text PRIMARY KEY,
    incident_id                 text NOT NULL,
    person_in_incident          smallint NOT NULL DEFAULT 1,
    forms                       smallint NOT NULL DEFAULT 1,
    incident_division_code      text,
    officer_division_code       text,
    subdivision                 text,
    council_code                text,
    occurred_at                 timestamptz NOT NULL,    -- police met the person
    police_arrived_at           timestamptz,
    naloxone_first_at           timestamptz,
    setting                     text,    -- patrol, custody, warrant, public_order, suicide_attempt, other
    officer_key                 text,
    officer_role                text,
    person_key                  text,
    sex                         text,
    age_band                    text,    -- five years wide, 85+ the last
    substances                  text[],  -- suspected
    doses                       naloxone_dose[],
    condition_on_arrival        text,    -- conscious, unconscious, not_breathing
    believed_dead_on_arrival    boolean,
    paraphernalia_present       boolean,
    first_aid                   first_aid,
    outcome                     text,    -- conscious_responsive, unconscious, non_responsive
    survival                    text,    -- survived, died, not_known
    survival_as_at              text,    -- handover, 24_hours, 30_days
    person_left_at              timestamptz,
    refused_care                boolean,
    relapsed_before_ambulance   boolean,
    call_source                 text,    -- police_on_scene, public, other
    police_first_on_scene       boolean,
    ambulance_called_at         timestamptz,
    ambulance_category_first    text,
    ambulance_category_last     text,
    ambulance_clock_started_at  timestamptz,
    clock                       text,    -- call, acuity_assigned: what started ambulance_clock_started_at
    ambulance_attended          boolean,
    ambulance_arrived_at        timestamptz,
    ambulance_stood_down_at     timestamptz,
    ambulance_response_mins     smallint, -- where the form has only minutes
    seen_by_paramedics          boolean,
    further_care_given          boolean,
    handover_given              boolean,
    taken_to_hospital           boolean,
    kits_needed                 smallint, -- 0 is No
    officer_injured             boolean,
    complaint                   boolean,
    recorded_at                 timestamptz,
    UNIQUE (incident_id, person_in_incident)
);
CREATE INDEX ON administration_record (day_of(occurred_at), coalesce(incident_division_code, 'UNKNOWN'));
CREATE INDEX ON administration_record (person_key, occurred_at);

CREATE TABLE administration_place_record (
    administration_id  text PRIMARY KEY,
    location           geometry(Point, 27700) NOT NULL,
    recorded_at        timestamptz
);
