-- One ambulance response, from the service's own feed.

CREATE TABLE ambulance_activation_record (
    activation_id     text PRIMARY KEY,
    incident_id       text,              -- the police incident, where there was one
    division_code     text,
    urban_rural       text,
    category_first    text,
    category_last     text,
    clock             text,              -- call, acuity_assigned: what started clock_started_at
    clock_started_at  timestamptz NOT NULL,
    arrived_at        timestamptz,
    stood_down_at     timestamptz,
    call_source       text,              -- police_on_scene, public, other
    naloxone_given    boolean,
    recorded_at       timestamptz
);
CREATE INDEX ON ambulance_activation_record (day_of(clock_started_at), coalesce(division_code, 'UNKNOWN'));
CREATE INDEX ON ambulance_activation_record (incident_id) WHERE incident_id IS NOT NULL;
